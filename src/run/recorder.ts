import type { Refusal } from "../base/index.ts";
import type { KernelObserver, Station, StrategyLine, Ticket, TradingKernel } from "../kernel/index.ts";
import { REPORT } from "../model/index.ts";
import { LatencyHistogram, Markouts, RoundTrips, Slippage } from "../stat/index.ts";
import type { FillCopy, FillView, ParentView } from "../strategy/index.ts";
import type { CostWatch } from "./cost-watch.ts";
import { KeptFills } from "./kept-fills.ts";
import { type RunStop, StopJudge, type StopReached } from "./run-stop.ts";
import { Samples } from "./samples.ts";
import type { Sampled } from "./sequencer.ts";
import type { TradeLives } from "./trade-lives.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** What a {@link Recorder} is told about the run. */
export interface RecorderOptions {
  readonly periodNs: number;
  readonly reportingDecimals: number;
  /** Whether periods without events are sampled too (markets that never close). */
  readonly fillsGaps: boolean;
  readonly markouts: boolean;
  /** Analyses what orders cost, where that was asked for. */
  readonly costs?: CostWatch;
  /** Remembers orders and fills one by one, where that was asked for. */
  readonly lives?: TradeLives;
  /** When the run ends early. */
  readonly stop?: RunStop;
}

/**
 * Watches a run and keeps what its result is made of, in bounded memory.
 *
 * @invariant Changes nothing: a run with and without it has one hash.
 */
export class Recorder implements KernelObserver, Sampled {
  readonly nextNs: Float64Array = new Float64Array([NEVER]);
  readonly samples: Samples;
  readonly entryLatency: LatencyHistogram = new LatencyHistogram();
  readonly reportLatency: LatencyHistogram = new LatencyHistogram();
  readonly slippage: Slippage = new Slippage();
  readonly trips: readonly RoundTrips[];
  readonly markouts: readonly Markouts[];
  readonly costs: CostWatch | undefined;
  readonly lives: TradeLives | undefined;
  readonly kept: KeptFills = new KeptFills();
  readonly refusals: Map<string, number> = new Map();
  /** Why fills happened, and why orders were rejected, expired or canceled by the venue. */
  readonly fillReasons: Map<string, number> = new Map();
  readonly orderReasons: Map<string, number> = new Map();
  readonly counts: Float64Array = new Float64Array(16);
  sent = 0;
  orderedQuantity = 0;
  filledQuantity = 0;
  turnover = 0;
  fills = 0;
  makers = 0;
  filledOrders = 0;
  /** Orders that ended with a part of them filled. */
  partlyFilledOrders = 0;
  initialEquityMinor = 0n;
  /** Called with a copy of every fill, where someone listens. */
  onFill: ((fill: FillCopy) => void) | undefined = undefined;
  /** Called with every line that a strategy writes, where someone listens. */
  onLine: ((line: StrategyLine) => void) | undefined = undefined;
  readonly #kernel: TradingKernel;
  readonly #midAtSubmit: Float64Array;
  readonly #fillsGaps: boolean;
  readonly #stop: RunStop | undefined;
  #judge: StopJudge | undefined;
  #boundaryNs = NEVER;

  constructor(kernel: TradingKernel, options: RecorderOptions) {
    this.#kernel = kernel;
    this.samples = new Samples(kernel, options.periodNs, options.reportingDecimals);
    this.trips = kernel.instruments.map(({ quantumMinor }) => new RoundTrips({ quantumMinor }));
    this.markouts = options.markouts ? kernel.instruments.map(() => new Markouts()) : [];
    this.#midAtSubmit = new Float64Array(kernel.orders.capacity);
    this.#fillsGaps = options.fillsGaps;
    this.costs = options.costs;
    this.lives = options.lives;
    this.#stop = options.stop;
  }

  /** What ended the run early. */
  get stopped(): StopReached | undefined {
    return this.#judge?.reached;
  }

  /** The run starts: the first sample is taken here. */
  begin(ns: number): void {
    this.initialEquityMinor = this.#kernel.portfolio.equityMinor;
    this.samples.take(ns);
    if (this.#stop !== undefined) {
      this.#judge = new StopJudge(this.#stop, ns, this.samples.equity[0] as number);
    }
    this.#boundaryNs = this.#after(ns);
    this.#settleNext();
  }

  /** The run is over: the last sample, unless the one before is of the same millisecond. */
  end(ns: number): void {
    const millisecond = (at: number): bigint => (this.#kernel.baseNs + BigInt(at)) / 1_000_000n;
    const last = this.samples.atNs[this.samples.atNs.length - 1] as number;
    if (millisecond(ns) > millisecond(last)) this.samples.take(ns, true);
    else this.samples.retake();
  }

  sample(nowNs: number, untilNs: number): void {
    for (const [i, markouts] of this.markouts.entries()) {
      if ((markouts.nextDueNs[0] as number) > nowNs) continue;
      markouts.settle(nowNs + 1, (this.#kernel.stations[i] as Station).book.midTicks);
    }
    if (this.#boundaryNs <= nowNs) {
      this.#take(this.#boundaryNs);
      this.#boundaryNs = this.#after(this.#fillsGaps ? this.#boundaryNs : untilNs);
    }
    this.#settleNext();
  }

  #take(ns: number): void {
    const { samples } = this;
    samples.take(ns);
    // Of a sample that went off the grid nothing is there.
    if (samples.atNs.at(-1) === ns) this.#judge?.judge(ns, samples.equity.at(-1) as number);
  }

  // --- the kernel tells ---

  submitted(ticket: Ticket, station: Station, nowNs: number): void {
    this.costs?.submitted(ticket, station, nowNs);
    this.lives?.submitted(ticket, station, nowNs);
    this.sent += 1;
    this.#midAtSubmit[ticket.row] = station.markTicks();
    this.orderedQuantity += ticket.lots * ticket.instrument.lotSize;
  }

  logged(line: StrategyLine): void {
    this.onLine?.(line);
  }

  parented(parent: ParentView, strategy: string, nowNs: number): void {
    this.costs?.parented(parent, strategy, nowNs);
  }

  canceling(ticket: Ticket, nowNs: number): void {
    this.lives?.canceling(ticket, nowNs);
  }

  amended(): void {
    this.costs?.amended();
  }

  refused(refusal: Refusal): void {
    this.costs?.refused(refusal);
    this.refusals.set(refusal.code, (this.refusals.get(refusal.code) ?? 0) + 1);
  }

  reported(kind: number, ticket: Ticket, reason: string, nowNs: number, exchNs: number): void {
    this.costs?.reported(kind, ticket, reason, nowNs, exchNs);
    this.lives?.reported(kind, ticket, reason, nowNs, exchNs);
    this.counts[kind] = (this.counts[kind] as number) + 1;
    if (reason !== "") this.orderReasons.set(reason, (this.orderReasons.get(reason) ?? 0) + 1);
    const ended = kind === REPORT.canceled || kind === REPORT.expired;
    if (ended && ticket.cumLots > 0) this.partlyFilledOrders += 1;
    if (kind === REPORT.accepted || kind === REPORT.rejected) {
      this.entryLatency.record(exchNs - (this.#kernel.orders.createdNs[ticket.row] as number));
    }
    this.reportLatency.record(nowNs - exchNs);
  }

  filled(fill: FillView, ticket: Ticket, station: Station): void {
    this.costs?.filled(fill, ticket, station);
    this.lives?.filled(fill, ticket, station);
    const { instrument, index } = station;
    const sign = fill.side === "buy" ? 1 : -1;
    const quantity = fill.lots * instrument.lotSize;
    this.fills += 1;
    if (fill.maker) this.makers += 1;
    this.filledQuantity += quantity;
    this.turnover += quantity * fill.priceTicks * instrument.tickSize * instrument.multiplier;
    this.fillReasons.set(fill.reason, (this.fillReasons.get(fill.reason) ?? 0) + 1);
    if (!ticket.isOpen) this.filledOrders += 1;
    this.reportLatency.record(fill.ns - fill.exchNs);
    this.slippage.record(sign, fill.priceTicks, this.#midAtSubmit[ticket.row] as number, fill.lots);
    const { feeCurrency, feeMinor, priceTicks } = fill;
    const feeQuoteMinor =
      feeCurrency === instrument.quote.code
        ? feeMinor
        : this.#kernel.ledger.inQuoteMinor(index, feeCurrency, feeMinor, priceTicks);
    (this.trips[index] as RoundTrips).fill(sign * fill.lots, priceTicks, fill.ns, feeQuoteMinor);
    const markouts = this.markouts[index];
    if (fill.priceTicks !== 0 && markouts?.record(sign, fill.priceTicks, fill.ns)) this.#settleNext();
    this.onFill?.(fill.copy());
    this.kept.put(index, sign, fill, ticket.id, feeQuoteMinor);
  }

  #after(ns: number): number {
    const period = this.samples.periodNs;
    return Math.floor(ns / period) * period + period;
  }

  #settleNext(): void {
    let next = this.#boundaryNs;
    for (const markouts of this.markouts) next = Math.min(next, markouts.nextDueNs[0] as number);
    this.nextNs[0] = next;
  }
}
