import { checkArray, checkInteger, checkKeys, checkMethods, Fault } from "../base/index.ts";
import {
  type VenueClient,
  VenueLink,
  type VenueLinkOptions,
  type VenueOrderTerms,
  venueIdPrefix,
} from "../venue/index.ts";
import { checkKillBoard, KillBoardFeed, type KillBoardOptions } from "./kill-board.ts";
import type { LinkKillVenue } from "./link-kill-venue.ts";
import type { ReconDesk } from "./recon-desk.ts";
import type { ReconAlert } from "./recon-hands.ts";
import { openOrdersOf } from "./trader-status.ts";
import type { TraderTime } from "./trader-time.ts";
import type { TraderVenue, VenueWatch } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";
import { VenueDesk, type VenueDeskOptions } from "./venue-desk.ts";

/** What a {@link LinkedVenue} is made from. */
export interface LinkedVenueOptions {
  readonly client: VenueClient;
  /** The places of its instruments in the session. */
  readonly stations: readonly number[];
  /** Timeouts, policy for orphans, tolerances of reconciliation. */
  readonly rules: VenueDeskOptions["rules"];
  /** When everything is compared: each five minutes unless given. */
  readonly schedule?: VenueDeskOptions["schedule"];
  /** Other options of the desk. */
  readonly desk?: Partial<
    Omit<VenueDeskOptions, "link" | "clock" | "hands" | "watch" | "rules" | "schedule">
  >;
  /** Timeouts and bounds of the link. */
  readonly link?: Partial<
    Omit<VenueLinkOptions, "client" | "clock" | "instruments" | "stations" | "prefix" | "learned">
  >;
  /** The session took over an account that it had before: all of its executions from then on are compared. */
  readonly fillsFromNs?: number;
  /** Where open orders are published for a `KillAgent`, before they leave. */
  readonly killBoard?: KillBoardOptions;
  /** The way of a `KillSwitch` to this venue. */
  readonly kill?: LinkKillVenue;
}

/**
 * A real venue behind the doors of a trader: a link, and the desk that compares what we hold with what the venue says.
 *
 * @invariant No order leaves an instrument before everything there was compared, after each connection anew.
 * @throws `FAULT_CONFIG` naming the option
 */
export class LinkedVenue implements TraderVenue {
  readonly name: string;
  readonly stations: readonly number[];
  readonly #options: LinkedVenueOptions;
  #session: TradingSession | undefined = undefined;
  #desk: VenueDesk | undefined = undefined;
  #watch: VenueWatch | undefined = undefined;
  #settled: (() => void) | undefined = undefined;
  #board: KillBoardFeed | undefined = undefined;

  constructor(options: LinkedVenueOptions) {
    checkKeys("linkedVenue", options, [
      ...["client", "stations", "rules", "schedule", "desk", "link", "fillsFromNs", "killBoard", "kill"],
    ]);
    if (options.killBoard !== undefined) checkKillBoard("linkedVenue.killBoard", options.killBoard);
    if (options.kill !== undefined) checkMethods("linkedVenue.kill", options.kill, ["prepare"]);
    for (const [i, station] of checkArray("linkedVenue.stations", options.stations).entries())
      checkInteger(`linkedVenue.stations[${i}]`, station, 0);
    this.#options = options;
    this.name = `${options.client.venue} ${options.client.account}`;
    this.stations = [...options.stations];
  }

  prepare(session: TradingSession, time: TraderTime): void {
    const { client, stations, rules, schedule, desk, link, fillsFromNs } = this.#options;
    const { kernel } = session;
    const made = new VenueLink({
      ...link,
      ...{ client, clock: time, stations, prefix: venueIdPrefix(session.making.name, kernel.baseNs) },
      instruments: stations.map((station) => instrumentOf(session, station)),
    });
    this.#session = session;
    const { killBoard, kill } = this.#options;
    if (killBoard !== undefined) {
      const idOf = (id: number, requestId: number): string => made.ids.text(id, requestId);
      const { account } = client;
      this.#board = new KillBoardFeed({ ...killBoard, session, account, stations, idOf });
    }
    kill?.prepare(session, made, time);
    this.#desk = new VenueDesk(session, {
      ...(fillsFromNs === undefined ? {} : { fillsFromNs }),
      ...desk,
      ...{ link: made, clock: time, rules, schedule: schedule ?? { startNs: 0 } },
      hands: {
        hold: (station, isHeld) => this.#watch?.halt(station, isHeld),
        alert: (alert) => this.#watch?.alert(this.name, wordsOf(alert)),
        halt: (station, { kind, key }) =>
          this.#watch?.alert(this.name, `${instrumentOf(session, station).key} is halted: ${kind} ${key}`),
      },
      watch: {
        changed: (_state, cause) => {
          if (cause !== undefined) this.#watch?.trouble(this.name, cause);
          this.#watch?.changed();
        },
        trouble: (trouble) => this.#watch?.trouble(this.name, trouble),
        refused: (_station, _id, _requestId, cause) => this.#watch?.trouble(this.name, cause),
        compared: () => {
          this.#watch?.changed();
          this.#settled?.();
        },
        failed: (cause) => this.#watch?.failed(cause),
      },
    });
  }

  connect(watch: VenueWatch): void {
    this.#watch = watch;
    this.#made.connect();
  }

  /** Orders of a recovered session are published here. */
  begun(): void {
    this.#board?.sync();
  }

  async open(): Promise<void> {
    await this.#made.open();
  }

  nextNs(): number {
    return Number.POSITIVE_INFINITY;
  }

  step(): void {}

  isReady(station: number): boolean {
    const desk = this.#desk;
    return desk !== undefined && desk.link.state === "live" && !desk.desk.isInDoubt(station);
  }

  isQuiet(): boolean {
    const isOpen = this.stations.some((station) => openOrdersOf(this.#session, station) > 0);
    return !isOpen && this.#made.link.counts.inFlight === 0;
  }

  cancelOpen(_nowNs: number, stations?: readonly number[], strategy?: number): void {
    const { link } = this.#made;
    if (strategy !== undefined) return this.#cancelEach(stations ?? this.stations, strategy);
    for (const station of stations ?? [null])
      void link.cancelAll(station).catch((cause) => this.#troubled(cause));
    // What the venue says of the cancels may be lost: the comparison tells.
    if (stations === undefined) this.#made.compare();
  }

  async abandon(): Promise<void> {
    const { link } = this.#made;
    const outcomes = await Promise.allSettled(this.stations.map((station) => link.cancelAll(station)));
    for (const outcome of outcomes) if (outcome.status === "rejected") this.#troubled(outcome.reason);
  }

  rehearse(order: VenueOrderTerms): void {
    this.#options.client.rehearse?.(order);
  }

  /** Compares with the venue until no difference is left. */
  settle(): Promise<boolean> {
    return new Promise((done) => {
      this.#settled = () => {
        if (this.#made.desk.breaks().length > 0) return this.#made.compare();
        this.#settled = undefined;
        done(true);
      };
      this.#made.compare();
    });
  }

  figures(): Readonly<Record<string, unknown>> {
    const desk = this.#desk;
    if (desk === undefined) return { state: "closed" };
    return { state: desk.link.state, breaks: desk.desk.breaks().length, ...desk.link.counts };
  }

  async close(): Promise<void> {
    await this.#desk?.close();
  }

  /** Each by the names it has: nobody knows the venue's id of one that was not answered. */
  #cancelEach(stations: readonly number[], strategy: number): void {
    const { link } = this.#made;
    const { orders } = (this.#session as TradingSession).kernel;
    const ids: number[] = [];
    for (const station of stations) {
      for (let row = orders.firstOfInstrument(station); row >= 0; row = orders.nextOfInstrument(row)) {
        if (orders.strategy[row] === strategy) ids.push(orders.id[row] as number);
      }
    }
    for (const id of ids) void link.cancelHeld(id).catch((cause) => this.#troubled(cause));
  }

  #troubled(cause: unknown): void {
    const words = cause instanceof Error ? cause.message : String(cause);
    this.#watch?.trouble(this.name, { code: "VENUE_UNREACHABLE", words });
  }

  /** The desk, for a human who approves what it asks for, or lets an instrument go on. Once the trader was started. */
  get desk(): ReconDesk {
    return this.#made.desk;
  }

  get #made(): VenueDesk {
    if (this.#desk !== undefined) return this.#desk;
    throw new Fault("FAULT_INVARIANT", { path: "linkedVenue", expected: "a session that was prepared" });
  }
}

function instrumentOf({ kernel }: TradingSession, station: number) {
  const instrument = kernel.instruments[station];
  if (instrument !== undefined) return instrument;
  const expected = `an instrument below ${kernel.instruments.length}`;
  throw new Fault("FAULT_CONFIG", { path: "linkedVenue.stations", value: station, expected });
}

function wordsOf({ reason, detail, break: found }: ReconAlert): string {
  return [reason, found === null ? "" : `${found.kind} ${found.key}`, detail].filter(Boolean).join(": ");
}
