import { canonicalJson, Fault, Prng } from "../base/index.ts";
import { type TapeHead, utcDayBase } from "../feed/index.ts";
import type { TapeCounts } from "../model/index.ts";
import { MarketFlow } from "./market-flow.ts";
import { MARKET_CAUSES, MarketBook } from "./market-generator-book.ts";
import { type DepthRowSink, MarketFeed } from "./market-generator-feed.ts";
import {
  type DepthMarketOptions,
  MARKET_NS_MAX,
  type MarketSettings,
  marketSettings,
} from "./market-generator-options.ts";

/**
 * A seeded market of ordinary orders, noise, self-exciting and informed trades, and makers, told as a feed
 * tells it: a snapshot, then trades, diffs and, where asked for, quotes.
 *
 * Orders arrive as Poisson processes whose intensity falls with the distance from the other side's best,
 * and are cancelled in proportion to what rests. A latent fundamental price moves as a random walk with
 * jumps: informed traders take whatever stands on its wrong side by more than their cost, makers quote
 * around a lagging estimate.
 *
 * @units rows as `DepthRowSink` says; parameters as {@link DepthMarketOptions} says
 * @invariant One seed, one sequence of rows. The book that the rows tell is never crossed, locked or empty
 * on a side; each trade is at the best of the true book, and the diff after it shows the lots gone; times
 * never fall, and local is not before exchange time.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_TIME` where the market outlasts 8.9e15 ns, which is 103
 * days
 * @cost About 0.3 us a row with diffs of 100 ms; nothing is allocated per row, and memory does not grow.
 * @example
 * ```ts
 * import { DepthMarket } from "tickwright/sim";
 * let trades = 0;
 * const market = new DepthMarket(
 *   {
 *     instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *     seed: 7,
 *     durationNs: 60_000_000_000,
 *   },
 *   (_exchNs, _localNs, kind) => {
 *     if ((kind & 0x1f) === 2 || (kind & 0x1f) === 3) trades += 1;
 *   },
 * );
 * while (market.next()) {}
 * trades > 20; // => true
 * ```
 * @source Smith, Farmer, Gillemot, Krishnamurthy 2003 (zero-intelligence order flow); Cont, Stoikov,
 * Talreja 2010 (rates by distance, cancellation); Ogata 1981 (thinning); Glosten, Milgrom 1985 (informed
 * traders and makers)
 */
export class DepthMarket {
  /** What a writer of this tape has to say first. */
  readonly head: TapeHead;
  readonly #settings: MarketSettings;
  readonly #book: MarketBook;
  readonly #feed: MarketFeed;
  readonly #flow: MarketFlow;
  readonly #startNs: number;
  readonly #endNs: number;
  /** The next diff in ns from the base. */
  readonly #diffNs: Float64Array;
  #done = false;

  constructor(options: DepthMarketOptions, sink: DepthRowSink) {
    const settings = marketSettings(options);
    const { seed, startNs, warmUpNs } = settings;
    const base = utcDayBase(startNs);
    const rng = new Prng(seed);
    this.#settings = settings;
    this.head = {
      instrument: settings.instrument,
      baseNs: base,
      source: `seeded market, seed ${seed}, ${describe(options)}`,
      simulated: true,
    };
    this.#startNs = Number(startNs - base);
    this.#endNs = this.#startNs + settings.durationNs;
    this.#book = new MarketBook(settings.reachTicks, settings.bookLotsPerLot);
    const { bids, asks } = this.#book;
    this.#feed = new MarketFeed(settings, bids, asks, rng.fork("latency"), sink);
    const from = this.#startNs - warmUpNs;
    this.#flow = new MarketFlow(settings, this.#book, rng, from);
    this.#diffNs = new Float64Array([this.#startNs + settings.feed.diffIntervalNs]);
    this.#flow.begin();
    this.#book.feed = this.#feed;
    this.#flow.draw();
  }

  /** Rows told so far. */
  get rows(): number {
    return this.#feed.rows;
  }

  /** The fundamental price when someone last looked. @units ticks, not rounded */
  get fundamentalTicks(): number {
    return this.#flow.fundamental.ticks;
  }

  /** The true mid price now. @units ticks */
  get midTicks(): number {
    return this.#book.midTicks;
  }

  /** How often each cause changed the book since the start, messages, and jumps of the fundamental. */
  get counts(): TapeCounts {
    const counts: Record<string, number> = {
      messages: this.#feed.messages,
      jumps: this.#flow.fundamental.jumps,
    };
    for (const [i, cause] of MARKET_CAUSES.entries())
      counts[`${cause}Events`] = this.#book.counts[i] as number;
    return counts;
  }

  /** Runs on until at least one message is told; false at the end of the tape. */
  next(): boolean {
    const { messages } = this.#feed;
    while (this.#feed.messages === messages) {
      if (this.#done) return false;
      if (this.#feed.live) this.#step();
      else this.#begin();
    }
    return true;
  }

  /** Runs the warm-up, then tells the snapshot. */
  #begin(): void {
    while ((this.#flow.nextNs[0] as number) < this.#startNs) this.#flow.event();
    this.#book.nowNs = this.#startNs;
    this.#book.witness = this.#settings.witness;
    this.#flow.fundamental.jumps = 0;
    this.#feed.live = true;
    this.#feed.snapshot(this.#startNs);
    this.#feed.quote(this.#startNs);
    this.#done = this.#feed.rows >= this.#settings.rows;
  }

  /** One event, or one diff, whichever is first. */
  #step(): void {
    const eventNs = Math.floor(this.#flow.nextNs[0] as number);
    const interval = this.#settings.feed.diffIntervalNs;
    const diffNs = interval === 0 ? Number.POSITIVE_INFINITY : (this.#diffNs[0] as number);
    const nextNs = Math.min(eventNs, diffNs);
    if (nextNs > this.#endNs) {
      this.#feed.diff(this.#endNs);
      this.#done = true;
    } else if (eventNs <= diffNs) {
      if (eventNs > MARKET_NS_MAX) throw outlasted(eventNs);
      this.#flow.event();
      this.#feed.quote(eventNs);
      if (interval === 0) this.#tell(eventNs);
    } else {
      this.#tell(diffNs);
      const skipped = Math.floor((eventNs - diffNs - 1) / interval);
      this.#diffNs[0] = diffNs + interval * (1 + Math.max(0, skipped));
    }
  }

  /** Tells what changed; the tape ends here once it has its rows. */
  #tell(exchNs: number): void {
    this.#feed.diff(exchNs);
    this.#done = this.#feed.rows >= this.#settings.rows;
  }
}

/** The options that make this market, as words of a tape's source. */
function describe(options: DepthMarketOptions): string {
  const { instrument: _instrument, seed: _seed, witness: _witness, startNs: _startNs, ...others } = options;
  return canonicalJson(others);
}

function outlasted(eventNs: number): Fault {
  return new Fault("FAULT_TIME", {
    path: "market",
    value: eventNs,
    expected: `an event within ${MARKET_NS_MAX} ns of the base: fewer rows, or higher rates`,
  });
}
