import { checkArray, checkBoolean, checkFunction, checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import type { ReconBookOptions, ReconScheduleOptions } from "../recon/index.ts";
import { checkHands, type ReconHands, type ReconNames, reconNames } from "./recon-hands.ts";

/** What a {@link ReconDesk} is made from: one account at one venue, of a kernel that runs. */
export interface ReconDeskOptions {
  readonly venue: string;
  readonly account: string;
  readonly kernel: TradingKernel;
  /** The places of this venue's instruments in the kernel. */
  readonly stations: readonly number[];
  /** Timeouts, policy for orphans, tolerances. */
  readonly rules: Omit<ReconBookOptions, "venue" | "account">;
  readonly schedule: ReconScheduleOptions;
  readonly hands: ReconHands;
  /** How the venue names orders and executions. */
  readonly names?: Partial<ReconNames>;
  /** Executions kept for comparison; 20,000 unless given. Those before the oldest are not compared. */
  readonly fillsKept?: number;
  /** Executions before this are not compared; from ever unless given. @units ns of the venue's clock */
  readonly fillsFromNs?: number;
  /** How long until breaks are looked at again, and the same is asked again; the ack timeout unless given. @units ns */
  readonly recheckNs?: number;
  /** Compares cash: only where nobody else moves cash of the account; false unless given. */
  readonly comparesCash?: boolean;
  /** The venue may cancel what is open when a connection ends; false unless given. */
  readonly cancelsOnDisconnect?: boolean;
  /** The strategy that executions without an order and corrected positions are booked to; the first unless given. */
  readonly foreignStrategy?: number;
  /** The largest position of an instrument, for `blocks`; where it is left out any doubt blocks. @units lots */
  readonly maxPositionLots?: (station: number) => number;
}

/** {@link ReconDeskOptions} with every default in place. */
export interface ReconDeskPlan {
  readonly names: ReconNames;
  readonly hands: ReconHands;
  readonly book: ReconBookOptions;
  readonly fillsKept: number;
  readonly forgottenNs: number | null;
  readonly recheckNs: number;
  readonly comparesCash: boolean;
  readonly cancelsOnDisconnect: boolean;
  readonly foreignStrategy: number;
}

const KEYS = [
  "venue",
  "account",
  "kernel",
  "stations",
  "rules",
  "schedule",
  "hands",
  "names",
  "fillsKept",
  "fillsFromNs",
  "recheckNs",
  "comparesCash",
  "cancelsOnDisconnect",
  "foreignStrategy",
  "maxPositionLots",
] as const satisfies readonly (keyof ReconDeskOptions)[];

/** Checks options and fills in what was left out. @throws `FAULT_CONFIG` naming the option. */
export function planReconDesk(options: ReconDeskOptions): ReconDeskPlan {
  checkKeys("reconDesk", options, KEYS);
  const { kernel, rules, stations, fillsFromNs, maxPositionLots, recheckNs } = options;
  checkArray("reconDesk.stations", stations);
  const names = reconNames(options.names ?? {}, kernel.instruments);
  for (const [i, station] of stations.entries()) {
    checkInteger(`reconDesk.stations[${i}]`, station, 0, kernel.stations.length - 1);
  }
  const texts = new Set(stations.map((station) => names.instrument(station)));
  if (texts.size < stations.length) {
    const expected = "each instrument once, each with a name of its own";
    throw new Fault("FAULT_CONFIG", { path: "reconDesk.stations", value: stations, expected });
  }
  if (maxPositionLots !== undefined) checkFunction("reconDesk.maxPositionLots", maxPositionLots);
  if (fillsFromNs !== undefined) checkInteger("reconDesk.fillsFromNs", fillsFromNs);
  const rowsMax = rules?.rowsMax ?? 100_000;
  return {
    names,
    hands: checkHands(options.hands),
    book: { ...rules, venue: options.venue, account: options.account },
    fillsKept: checkInteger(
      "reconDesk.fillsKept",
      options.fillsKept ?? Math.min(20_000, rowsMax),
      1,
      rowsMax,
    ),
    forgottenNs: fillsFromNs === undefined ? null : fillsFromNs - 1,
    recheckNs:
      recheckNs === undefined ? rules?.ackTimeoutNs : checkInteger("reconDesk.recheckNs", recheckNs, 1),
    comparesCash: checkBoolean("reconDesk.comparesCash", options.comparesCash ?? false),
    cancelsOnDisconnect: checkBoolean("reconDesk.cancelsOnDisconnect", options.cancelsOnDisconnect ?? false),
    foreignStrategy: checkInteger(
      "reconDesk.foreignStrategy",
      options.foreignStrategy ?? 0,
      0,
      kernel.slots.length - 1,
    ),
  };
}
