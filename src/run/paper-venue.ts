import { Fault } from "../base/index.ts";
import type { DepthBlock } from "../model/index.ts";
import { SimVenue, type SimVenueOptions } from "../sim/index.ts";
import { type PaperFigures, PaperLane } from "./paper-lane.ts";
import { openOrdersOf } from "./trader-status.ts";
import type { TraderVenue, VenueWatch } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

/** How an instrument's venue is simulated on paper. */
export type PaperModel = Omit<SimVenueOptions, "instrument" | "capacity" | "baseNs">;

/** The simulated venues of a paper trader, one an instrument, behind one set of doors. */
export class PaperVenue implements TraderVenue {
  readonly name = "paper";
  readonly stations: readonly number[];
  readonly #models: readonly PaperModel[];
  readonly #settleNs: number | undefined;
  #lanes: readonly PaperLane[] = [];
  #session: TradingSession | undefined = undefined;
  #figures: PaperFigures = { lateRows: 0, lateReports: 0 };

  constructor(models: readonly PaperModel[], settleNs: number | undefined) {
    this.#models = models;
    this.#settleNs = settleNs;
    this.stations = models.map((_, i) => i);
  }

  prepare(session: TradingSession): void {
    const { kernel, making } = session;
    this.#session = session;
    this.#figures = { lateRows: 0, lateReports: 0 };
    this.#lanes = kernel.instruments.map((instrument, i) => {
      const made = { instrument, capacity: making.orderCapacity, baseNs: kernel.baseNs };
      const venue = new SimVenue({ ...this.#models[i], ...made }, kernel.nowNs);
      return new PaperLane(i, venue, this.#settleNs ?? responseNs(venue), this.#figures);
    });
  }

  connect(_watch: VenueWatch): void {
    const session = this.#made();
    for (const { station, venue } of this.#lanes) session.connect(station, venue);
  }

  begun(isNew: boolean, nowNs: number): void {
    if (isNew) return;
    for (const lane of this.#lanes) lane.endOrders(this.#made(), nowNs);
  }

  async open(): Promise<void> {}

  nextNs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) next = Math.min(next, lane.nextNs());
    return next;
  }

  step(): void {
    const next = this.nextNs();
    this.#lanes.find((lane) => lane.nextNs() === next)?.step(this.#made());
  }

  lived(station: number, block: DepthBlock, from: number, to: number): void {
    this.#lanes[station]?.rows(block, from, to);
  }

  hearing(station: number, exchNs: number, nowNs: number): void {
    const lane = this.#lanes[station];
    if (lane !== undefined) lane.venue.feedLatencyNs[0] = nowNs - exchNs;
  }

  isReady(): boolean {
    return true;
  }

  isQuiet(): boolean {
    return this.stations.every((station) => openOrdersOf(this.#session, station) === 0);
  }

  /** As if somebody else had asked the venue: the cancels are on their way as long as ours are. */
  cancelOpen(_nowNs: number, stations: readonly number[] = this.stations, strategy?: number): void {
    const { orders } = this.#made().kernel;
    for (const station of stations) {
      for (let row = orders.firstOfInstrument(station); row >= 0; row = orders.nextOfInstrument(row)) {
        if (strategy !== undefined && orders.strategy[row] !== strategy) continue;
        this.#lanes[station]?.venue.cancel(row, orders.id[row] as number, 0);
      }
    }
  }

  figures(): Readonly<Record<string, unknown>> {
    return { ...this.#figures, models: this.#lanes.map(({ venue }) => venue.describe()) };
  }

  async close(): Promise<void> {}

  #made(): TradingSession {
    if (this.#session !== undefined) return this.#session;
    throw new Fault("FAULT_INVARIANT", { path: "paper.session", expected: "a session that was prepared" });
  }
}

/** How long a report is on its way, where the model says one time for all. */
function responseNs(venue: SimVenue): number {
  const { model, responseNs: ns } = venue.settings.latency.describe();
  return model === "constant" && typeof ns === "number" ? ns : 0;
}
