import { EventEmitter } from "eventemitter3";
import { ColumnPool, Fault } from "../base/index.ts";
import type { OrderBook } from "../book/index.ts";
import { INPUT, type StrategyLine, TradingKernel } from "../kernel/index.ts";
import type { BarBlock, DepthBlock } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { MatchingVenue, SimBarVenue, SimVenue } from "../sim/index.ts";
import type { FillCopy } from "../strategy/index.ts";
import { AmbientTrap } from "./ambient-trap.ts";
import {
  type BacktestOptions,
  type BacktestPlan,
  isClosed,
  type PlannedMarket,
  planBacktest,
} from "./backtest-options.ts";
import { BarLane } from "./bar-lane.ts";
import { ClosedLane } from "./closed-lane.ts";
import { CostWatch } from "./cost-watch.ts";
import { DepthLane } from "./depth-lane.ts";
import { EndLane } from "./end-lane.ts";
import type { Lane } from "./lane.ts";
import { Recorder } from "./recorder.ts";
import type { RunResult } from "./result.ts";
import { buildResult } from "./result-builder.ts";
import { RunMemory } from "./run-memory.ts";
import { Sequencer } from "./sequencer.ts";
import { describeSession, makingOf } from "./session-begin.ts";
import { DurableDoor, SessionRecorder } from "./session-recorder.ts";
import { TradeLives } from "./trade-lives.ts";

/** Rows between two words of progress. */
const STRETCH = 65_536;

/** How far a run is. */
export interface Progress {
  readonly events: number;
  readonly totalEvents: number;
  /** Local time reached, epoch ns. */
  readonly epochNs: bigint;
}

/** A simulated venue of a backtest: of a depth tape, of bars, of a closed market. */
export type BacktestVenue = SimVenue | SimBarVenue | MatchingVenue;

/** What a {@link Backtester} tells those who listen. */
export interface BacktestEvents {
  fill: (fill: FillCopy) => void;
  /** A strategy wrote a line: `strategyLog(logger).logged` takes it. */
  log: (line: StrategyLine) => void;
}

/**
 * Runs strategies over tapes: the whole order life simulated, money exact, the result repeatable.
 *
 * @invariant Equal options and tapes give an equal `runHash`, on every supported version of Node.
 * @throws `FAULT_CONFIG` naming the option; from the run `FAULT_CALLBACK` when a strategy throws,
 * `FAULT_AMBIENT` when it reads a clock or a random number of its own, `FAULT_TAPE_CORRUPT` from a tape.
 * @cost About 50 ns to 90 ns a row of a depth tape with two books; see the room's README.
 */
export class Backtester extends EventEmitter<BacktestEvents> {
  readonly plan: BacktestPlan;
  readonly kernel: TradingKernel;
  /** The simulated venues, in the order of the markets. */
  readonly venues: readonly BacktestVenue[];
  readonly #lanes: readonly Lane[];
  readonly #session: SessionRecorder | undefined;
  readonly #trap: AmbientTrap = new AmbientTrap();
  readonly #columns: ColumnPool;
  #started = false;
  #ended = false;

  /** `memory` is what a backtest that has ended surrendered: this one need not ask the system for as much. */
  constructor(options: BacktestOptions, memory?: RunMemory) {
    super();
    const plan = planBacktest(options);
    this.plan = plan;
    const { books, columns } = memory?.take() ?? { books: [], columns: new ColumnPool() };
    this.#columns = columns;
    this.#session = plan.journal === undefined ? undefined : new SessionRecorder(plan.journal);
    const kernel = {
      instruments: plan.markets.map(({ instrument }) => instrument),
      strategies: plan.strategies,
      cash: plan.cash,
      reporting: plan.reporting,
      seed: plan.seed,
      baseNs: plan.baseNs,
      orderCapacity: plan.orderCapacity,
      lingerNs: plan.lingerNs,
      debug: plan.debug,
      ...(plan.risk === undefined ? {} : { risk: plan.risk }),
      ...(this.#session === undefined ? {} : { tap: this.#session }),
    };
    this.kernel = new TradingKernel(kernel, columns);
    this.venues = plan.markets.map((_, i) => makeVenue(plan, i, this.kernel, columns));
    const lanes = plan.markets.map((_, i) => this.#makeLane(i));
    this.#lanes = plan.toNs === undefined ? lanes : [...lanes, new EndLane(plan.toNs, this.kernel)];
    for (const [i, book] of this.#books().entries()) {
      const spare = books[i];
      if (spare !== undefined) book.adopt(spare);
    }
  }

  /**
   * Runs, yielding progress about every 65,536 rows; returns the result.
   *
   * @example
   * ```ts
   * import { BarTapeBuilder } from "tickwright/feed";
   * import { Backtester } from "tickwright/run";
   * const day = 86_400_000_000_000;
   * const tape = new BarTapeBuilder({
   *   instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
   *   baseNs: 0n, source: "by hand", simulated: true,
   * });
   * for (let i = 0; i < 3; i++) {
   *   const bar = { open: 1000, high: 1010, low: 990, close: 1005, volume: 0 };
   *   tape.push({ openNs: i * day, closeNs: (i + 1) * day - 1_000_000_000, ...bar });
   * }
   * const backtester = new Backtester({
   *   markets: [{ tape: tape.build() }],
   *   strategies: [{ name: "buy", onBar: (bar, ctx) => {
   *     if (ctx.position("ABC").lots === 0) ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" });
   *   } }],
   *   cash: { USD: "1000" },
   * });
   * const result = backtester.runToEnd();
   * result.fills.count; // => 1
   * result.money.finalEquity; // => "1000.05"
   * ```
   * @example A market that reacts, in place of a tape.
   * ```ts
   * import { Backtester } from "tickwright/run";
   * const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };
   * const costOf = (lots: number): number => {
   *   let sent = false;
   *   const result = new Backtester({
   *     markets: [{ closed: { instrument, seed: 7, durationNs: 2_000_000_000 } }],
   *     strategies: [{ name: "buyer", onBook: (_book, ctx) => {
   *       if (!sent) ctx.submit({ instrument: "ABC", side: "buy", lots, type: "market" });
   *       sent = true;
   *     } }],
   *     cash: { USD: "1000000" },
   *   }).runToEnd();
   *   return result.fills.slippageBp ?? Number.NaN;
   * };
   * costOf(400) > 2 * costOf(10); // => true
   * ```
   */
  *run(): Generator<Progress, RunResult, void> {
    if (this.#started) {
      throw new Fault("FAULT_INPUT", { path: "backtester.run", expected: "one run for each Backtester" });
    }
    this.#started = true;
    const { plan, kernel } = this;
    const began = performance.now();
    const recorder = new Recorder(kernel, {
      periodNs: plan.sampleNs,
      reportingDecimals: plan.reporting.decimals,
      fillsGaps: !plan.isBars,
      markouts: plan.markouts,
      ...(plan.tca === undefined ? {} : { costs: new CostWatch(kernel, plan.tca) }),
      ...(plan.drill === undefined ? {} : { lives: new TradeLives(kernel) }),
      ...(plan.stop === undefined ? {} : { stop: plan.stop }),
    });
    kernel.observer = recorder;
    if (this.listenerCount("log") > 0) recorder.onLine = (line) => this.emit("log", line);
    if (this.listenerCount("fill") > 0) recorder.onFill = (fill) => this.emit("fill", fill);
    const sequencer = new Sequencer(kernel, this.#lanes, recorder);
    const fromNs = plan.fromNs ?? sequencer.nextNs;
    kernel.nowNs[0] = fromNs;
    recorder.begin(fromNs);
    this.#beginSession();
    this.#guarded(() => kernel.start());
    while (this.#guarded(() => this.#stretch(sequencer, recorder))) {
      const epochNs = kernel.baseNs + BigInt(kernel.nowNs[0] as number);
      yield { events: this.#events(), totalEvents: this.#totalEvents(), epochNs };
    }
    this.#guarded(() => sequencer.finish());
    this.#guarded(() => kernel.stop());
    recorder.end(kernel.nowNs[0] as number);
    const elapsedMs = performance.now() - began;
    const result = buildResult({
      plan,
      kernel,
      venues: this.venues,
      recorder,
      fromNs,
      elapsedMs,
      events: this.#events(),
    });
    const { manifest, runHash } = result;
    this.#session?.end({ manifest, runHash }, kernel.nowNs[0] as number);
    this.#ended = true;
    return result;
  }

  /** Runs to the end in one go. */
  runToEnd(onProgress?: (progress: Progress) => void): RunResult {
    const run = this.run();
    for (;;) {
      const { done, value } = run.next();
      if (done === true) return value;
      onProgress?.(value);
    }
  }

  /**
   * What its books and orders were held in, for the next backtest of a row of them: no result changes, less is asked
   * of the system. Its result stays; its kernel and venues must not be asked any more.
   *
   * @throws `FAULT_INPUT` before its end.
   * @example
   * ```ts
   * import { Backtester } from "tickwright/run";
   * const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };
   * const make = () => ({
   *   markets: [{ closed: { instrument, seed: 7, durationNs: 1_000_000_000 } }],
   *   strategies: [{ name: "idle", onBook: () => {} }], cash: { USD: "1000" },
   * });
   * const first = new Backtester(make());
   * const { runHash } = first.runToEnd();
   * const second = new Backtester(make(), first.surrender());
   * second.runToEnd().runHash === runHash; // => true
   * ```
   */
  surrender(): RunMemory {
    if (!this.#ended) {
      throw new Fault("FAULT_INPUT", { path: "backtester.surrender", expected: "a run that has ended" });
    }
    const books = this.#books().map((book) => book.surrender());
    return new RunMemory(books, this.#columns.surrender());
  }

  /** Its books: ours of every market, and those of the venues that keep one. */
  #books(): OrderBook[] {
    const venues = this.venues.filter((venue) => venue instanceof SimVenue);
    return [...this.kernel.stations.map(({ book }) => book), ...venues.map(({ book }) => book)];
  }

  #beginSession(): void {
    const session = this.#session;
    if (session === undefined) return;
    const { kernel, plan } = this;
    session.begin(describeSession(makingOf(plan), kernel));
    // A replay's doors do not say what those of venues take.
    for (const { index, takesAuctionOrders } of kernel.stations) {
      if (takesAuctionOrders) session.event(INPUT.doorless, index, 0, 1, kernel.nowNs[0] as number);
    }
    kernel.effects.sink = (records) => session.effects(records, kernel.nowNs[0] as number);
  }

  /** Steps until it is worth telling how far the run is; false at the end. */
  #stretch(sequencer: Sequencer, recorder: Recorder): boolean {
    const until = this.#events() + STRETCH;
    const toNs = this.plan.toNs ?? Number.MAX_VALUE;
    while (this.#events() < until) {
      if (sequencer.nextNs > toNs || !sequencer.step() || recorder.stopped !== undefined) return false;
    }
    return true;
  }

  #events(): number {
    let sum = 0;
    for (let i = 0; i < this.#lanes.length; i++) sum += (this.#lanes[i] as Lane).rows;
    return sum;
  }

  #totalEvents(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.totalRows, 0);
  }

  /** Strategy code runs in here: with the trap armed, and what it throws told with when and where. */
  #guarded<Value>(work: () => Value): Value {
    this.#trap.arm();
    try {
      const value = work();
      this.#trap.checkPromises();
      return value;
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      const { thrower, baseNs, nowNs } = this.kernel;
      const at = `${baseNs + BigInt(Math.trunc(nowNs[0] as number))} ns, event ${this.#events()}`;
      const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      throw new Fault("FAULT_CALLBACK", {
        path: `${thrower === undefined ? "callback" : `strategies.${thrower.strategy}.${thrower.callback}`} at ${at}`,
        value: what,
        expected: "a callback that returns",
        cause,
      });
    } finally {
      this.#trap.disarm();
    }
  }

  #makeLane(i: number): Lane {
    const { plan, kernel } = this;
    const market = plan.markets[i] as PlannedMarket;
    const station = kernel.stations[i] as (typeof kernel.stations)[number];
    const venue = this.venues[i] as BacktestVenue;
    const session = this.#session;
    kernel.connect(i, session === undefined ? venue : new DurableDoor(venue, session, i, kernel.nowNs));
    if (isClosed(market)) return new ClosedLane(kernel, station, venue as MatchingVenue);
    const { tape, shiftNs } = market;
    if (venue instanceof SimBarVenue) {
      return new BarLane(tape as TapeSource<BarBlock>, shiftNs, kernel, station, venue);
    }
    return new DepthLane(tape as TapeSource<DepthBlock>, shiftNs, kernel, station, venue as SimVenue);
  }
}

function makeVenue(
  plan: BacktestPlan,
  i: number,
  { nowNs }: TradingKernel,
  columns: ColumnPool,
): BacktestVenue {
  const market = plan.markets[i] as PlannedMarket;
  const { instrument } = market;
  const made = { instrument, capacity: plan.orderCapacity, baseNs: plan.baseNs };
  if (isClosed(market)) {
    return new MatchingVenue({ ...market.venue, market: market.closed, ...made }, nowNs, columns);
  }
  if (market.tape.meta.schema === "bars") return new SimBarVenue({ ...market.bars, ...made }, nowNs, columns);
  return new SimVenue({ ...market.venue, ...made }, nowNs, columns);
}
