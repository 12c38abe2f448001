import {
  checkArray,
  checkFunction,
  checkInteger,
  checkKeys,
  checkMethods,
  checkNumber,
  checkText,
  Fault,
} from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { VenueCapabilities, VenueClient, VenueReport, VenueTrouble } from "./venue-client.ts";
import type { VenueClock } from "./venue-clock.ts";

/**
 * Where a link stands. `resyncing`: the venue is heard, and what was missed is still to be compared; new orders leave in
 * `live` alone, cancels whenever the client is open.
 */
export type VenueLinkState = "closed" | "opening" | "resyncing" | "live" | "lost";

/** An order that is held where the reports go. */
export interface VenueHeldOrder {
  readonly row: number;
  readonly station: number;
  /** The venue said that it has it. */
  readonly isAcknowledged: boolean;
  /** It may still fill. */
  readonly isOpen: boolean;
  /** What was executed of it. @units lots */
  readonly cumLots: number;
  /** The number of the replace whose terms are in force; 0 for the order's own. */
  readonly termsRequestId: number;
}

/**
 * Who a link tells: a session that trades, through its glue. Nothing is told from within a call of a door, so each call
 * may be an input of its own.
 */
export interface VenueLinkHost {
  /**
   * A report about an order that is held: a record of `MESSAGE_FIELD`, reused; who keeps it copies it. With an execution
   * comes what it cost, where the venue told it.
   */
  report(station: number, cells: Float64Array, offset: number, fee?: VenueReport["fee"]): void;
  /** The order of an id; undefined where it is not held any more. */
  order(id: number): VenueHeldOrder | undefined;
  /** Nothing is heard of an instrument's orders. */
  disconnected(station: number): void;
  /** The link's state is another one; at `resyncing` it waits for `resynced`. */
  changed(state: VenueLinkState, cause: VenueTrouble | undefined): void;
  /** The venue's own id of an order became known. */
  named(id: number, orderId: string): void;
  /** Something is unknown or unexplained: the venue should be compared with soon. */
  doubtful(station: number, why: string): void;
  /** An order, cancel or replace did not leave, and why; its report is told too. */
  refused(station: number, id: number, requestId: number, cause: VenueTrouble): void;
  /** Something is wrong that ends nothing. */
  trouble(cause: VenueTrouble): void;
  /** What the host threw: it takes no more, and the link lets nothing new out. */
  failed(cause: unknown): void;
  /** Whether what is in doubt forbids a new order. */
  isBlocked?(station: number, sideSign: -1 | 1, lots: number): boolean;
  /** A report about an order of which this session knows nothing. */
  foreign?(report: VenueReport): void;
}

/** What a `VenueLink` is made from. */
export interface VenueLinkOptions {
  readonly client: VenueClient;
  readonly clock: VenueClock;
  readonly instruments: readonly Instrument[];
  /** The place of each instrument where the reports go; 0, 1, 2, ... unless given. */
  readonly stations?: readonly number[];
  /** What all client order ids of this session begin with: `venueIdPrefix`. */
  readonly prefix: string;
  /** The longest client order ids and their characters; 32 lower-case letters and digits unless given. */
  readonly ids?: Pick<VenueCapabilities["clientOrderIds"], "lengthMax" | "characters">;
  /** A request without an answer for so long is unknown; 5 s unless given. @units ns */
  readonly requestTimeoutNs?: number;
  /** The share of every budget that is kept for cancels; 0.25 unless given. */
  readonly cancelShare?: number;
  /** Cancels that wait for a budget at one time; 1,024 unless given. */
  readonly cancelsQueued?: number;
  /** Orders and replaces that wait for their answer at one time; 256 unless given. */
  readonly inFlightMax?: number;
  /** Executions remembered so that none is told twice; 20,000 unless given. */
  readonly fillsKept?: number;
  /** Orders remembered by their ids at the venue; 20,000 unless given. */
  readonly ordersKept?: number;
  /** An execution id got a number that only a table gives back: see `ExecutionNumbers`. */
  readonly learned?: (number: number, text: string) => void;
}

/** {@link VenueLinkOptions} with every default in place. */
export interface VenueLinkPlan {
  readonly client: VenueClient;
  readonly clock: VenueClock;
  readonly instruments: readonly Instrument[];
  readonly stations: readonly number[];
  readonly ids: Pick<VenueCapabilities["clientOrderIds"], "lengthMax" | "characters">;
  readonly requestTimeoutNs: number;
  readonly cancelShare: number;
  readonly cancelsQueued: number;
  readonly inFlightMax: number;
  readonly fillsKept: number;
  readonly ordersKept: number;
}

const KEYS = [
  "client",
  "clock",
  "instruments",
  "stations",
  "prefix",
  "ids",
  "requestTimeoutNs",
  "cancelShare",
  "cancelsQueued",
  "inFlightMax",
  "fillsKept",
  "ordersKept",
  "learned",
] as const satisfies readonly (keyof VenueLinkOptions)[];

/** Checks options and fills in what was left out. @throws `FAULT_CONFIG` naming the option. */
export function planVenueLink(options: VenueLinkOptions): VenueLinkPlan {
  checkKeys("venueLink", options, KEYS);
  const { client, clock, instruments, learned } = options;
  checkMethods("venueLink.client", client, ["submit"]);
  checkMethods("venueLink.clock", clock, ["nowNs", "after"]);
  checkText("venueLink.prefix", options.prefix);
  checkArray("venueLink.instruments", instruments);
  if (learned !== undefined) checkFunction("venueLink.learned", learned);
  const stations = options.stations ?? instruments.map((_, i) => i);
  for (const [i, station] of stations.entries()) checkInteger(`venueLink.stations[${i}]`, station, 0);
  const isPaired = stations.length === instruments.length && new Set(stations).size === stations.length;
  const keys = new Set(instruments.map(({ key }) => key));
  if (!isPaired || keys.size < instruments.length) {
    const expected = "each instrument once, and a place of its own for each";
    throw new Fault("FAULT_CONFIG", { path: "venueLink.stations", value: stations, expected });
  }
  const whole = (name: keyof VenueLinkOptions, usual: number): number =>
    checkInteger(`venueLink.${name}`, options[name] ?? usual, 1);
  return {
    ...{ client, clock, instruments, stations },
    ids: options.ids ?? { lengthMax: 32, characters: "[0-9a-z]" },
    requestTimeoutNs: whole("requestTimeoutNs", 5_000_000_000),
    cancelShare: checkNumber("venueLink.cancelShare", options.cancelShare ?? 0.25, 0, 1),
    cancelsQueued: whole("cancelsQueued", 1024),
    inFlightMax: whole("inFlightMax", 256),
    fillsKept: whole("fillsKept", 20_000),
    ordersKept: whole("ordersKept", 20_000),
  };
}
