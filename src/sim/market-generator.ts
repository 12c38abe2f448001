import { canonicalJson, Fault, Prng } from "../base/index.ts";
import { type TapeHead, utcDayBase } from "../feed/index.ts";
import { NANOS_PER_SECOND, type SideSign, type TapeCounts } from "../model/index.ts";
import { CAUSE, MARKET_CAUSES, MarketBook } from "./market-generator-book.ts";
import { type DepthRowSink, MarketFeed } from "./market-generator-feed.ts";
import { Excitement, Fundamental, Makers } from "./market-generator-latent.ts";
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
  readonly #rng: Prng;
  readonly #fundamental: Fundamental;
  readonly #makers: Makers;
  readonly #excitement: Excitement;
  readonly #startNs: number;
  readonly #endNs: number;
  /**
   * The next event and the next diff in ns from the base, events with fractions; the event's wait in
   * seconds.
   */
  readonly #times: Float64Array;
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
    this.#rng = rng.fork("flow");
    const from = this.#startNs - warmUpNs;
    this.#fundamental = new Fundamental(settings, rng.fork("fundamental"), from);
    this.#makers = new Makers(settings.makers, settings.priceTicks, from);
    this.#excitement = new Excitement(settings.excited);
    this.#times = new Float64Array([from, this.#startNs + settings.feed.diffIntervalNs, 0]);
    this.#fillBook();
    this.#book.feed = this.#feed;
    this.#draw();
  }

  /** Rows told so far. */
  get rows(): number {
    return this.#feed.rows;
  }

  /** The fundamental price when someone last looked. @units ticks, not rounded */
  get fundamentalTicks(): number {
    return this.#fundamental.ticks;
  }

  /** The true mid price now. @units ticks */
  get midTicks(): number {
    return this.#book.midTicks;
  }

  /** How often each cause changed the book since the start, messages, and jumps of the fundamental. */
  get counts(): TapeCounts {
    const counts: Record<string, number> = { messages: this.#feed.messages, jumps: this.#fundamental.jumps };
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

  /** What an empty book would hold in the long run, without trades and makers. */
  #fillBook(): void {
    const { orders, priceTicks } = this.#settings;
    const perTick = ((orders.ratePerSecond / 2) * (1 - Math.exp(-orders.decayPerTick))) / orders.within;
    for (const side of [1, -1] as const) {
      const ladder = this.#book.ladder(side);
      for (let d = 1; d <= orders.levels; d++) {
        const mean =
          (perTick * Math.exp(-orders.decayPerTick * (d - 1)) * orders.lots) / orders.cancelPerSecond;
        const lots = Math.round(mean * 2 * this.#rng.float());
        const key = side * priceTicks - d;
        if (d === 1) ladder.fill(key, Math.max(1, lots), false);
        else if (lots > 0) ladder.add(key, lots, false);
      }
    }
  }

  /** Runs the warm-up, then tells the snapshot. */
  #begin(): void {
    while ((this.#times[0] as number) < this.#startNs) this.#event();
    this.#book.nowNs = this.#startNs;
    this.#book.witness = this.#settings.witness;
    this.#fundamental.jumps = 0;
    this.#feed.live = true;
    this.#feed.snapshot(this.#startNs);
    this.#feed.quote(this.#startNs);
    this.#done = this.#feed.rows >= this.#settings.rows;
  }

  /** One event, or one diff, whichever is first. */
  #step(): void {
    const eventNs = Math.floor(this.#times[0] as number);
    const interval = this.#settings.feed.diffIntervalNs;
    const diffNs = interval === 0 ? Number.POSITIVE_INFINITY : (this.#times[1] as number);
    const nextNs = Math.min(eventNs, diffNs);
    if (nextNs > this.#endNs) {
      this.#feed.diff(this.#endNs);
      this.#done = true;
    } else if (eventNs <= diffNs) {
      if (eventNs > MARKET_NS_MAX) throw outlasted(eventNs);
      this.#event();
      this.#feed.quote(eventNs);
      if (interval === 0) this.#tell(eventNs);
    } else {
      this.#tell(diffNs);
      const skipped = Math.floor((eventNs - diffNs - 1) / interval);
      this.#times[1] = diffNs + interval * (1 + Math.max(0, skipped));
    }
  }

  /** Tells what changed; the tape ends here once it has its rows. */
  #tell(exchNs: number): void {
    this.#feed.diff(exchNs);
    this.#done = this.#feed.rows >= this.#settings.rows;
  }

  /**
   * The rate of all that may happen next: an upper bound, which only the self-exciting trades may fall
   * below.
   */
  get #rate(): number {
    const { orders, noise, informed, makers } = this.#settings;
    const { bids, asks } = this.#book;
    const cancels = ((bids.restLots + asks.restLots) / orders.lots) * orders.cancelPerSecond;
    const steady = orders.ratePerSecond + noise.ratePerSecond + informed.ratePerSecond + makers.ratePerSecond;
    return steady + cancels + this.#excitement.rate;
  }

  /** Draws the time of the next event. */
  #draw(): void {
    const seconds = -Math.log(1 - this.#rng.float()) / this.#rate;
    this.#times[0] = (this.#times[0] as number) + seconds * NANOS_PER_SECOND;
    this.#times[2] = seconds;
  }

  #event(): void {
    const { orders, noise, informed, makers } = this.#settings;
    const book = this.#book;
    book.nowNs = Math.floor(this.#times[0] as number);
    const at = this.#rng.float() * this.#rate;
    this.#excitement.pass(this.#times[2] as number);
    const cancels = ((book.bids.restLots + book.asks.restLots) / orders.lots) * orders.cancelPerSecond;
    const quotesFrom = orders.ratePerSecond + cancels;
    const looksFrom = quotesFrom + makers.ratePerSecond;
    const noiseFrom = looksFrom + informed.ratePerSecond;
    const excitedFrom = noiseFrom + noise.ratePerSecond;
    if (at < orders.ratePerSecond) this.#order();
    else if (at < quotesFrom) this.#cancel((at - orders.ratePerSecond) / cancels);
    else if (at < looksFrom) this.#requote();
    else if (at < noiseFrom) this.#look();
    else if (at < excitedFrom) this.#trade(2 * (at - noiseFrom) < noise.ratePerSecond ? 1 : -1, CAUSE.noise);
    else this.#excite(at - excitedFrom);
    this.#draw();
  }

  /** A limit order of a random side arrives some ticks from the other side's best. */
  #order(): void {
    const { decayPerTick, within, drawMean } = this.#settings.orders;
    const side = this.#rng.uint32() < 0x8000_0000 ? 1 : -1;
    const distance = Math.floor(-Math.log(1 - within * this.#rng.float()) / decayPerTick);
    this.#book.post(side, this.#book.limit(side) - distance, this.#size(drawMean), CAUSE.order);
  }

  /** A part of what rests is cancelled, each lot as likely as any other. */
  #cancel(share: number): void {
    const { bids, asks } = this.#book;
    const at = share * (bids.restLots + asks.restLots);
    const [side, ladder, within]: [SideSign, typeof bids, number] =
      at < bids.restLots ? [1, bids, at] : [-1, asks, at - bids.restLots];
    this.#book.cancel(side, ladder.levelOfRest(within), this.#size(this.#settings.orders.drawMean));
  }

  #requote(): void {
    this.#fundamental.advance(this.#book.nowNs);
    this.#makers.quote(this.#book, this.#fundamental.ticks, this.#book.nowNs);
  }

  /** An informed trader looks, and takes what gains more than the cost. */
  #look(): void {
    const { costTicks, drawMean } = this.#settings.informed;
    this.#fundamental.advance(this.#book.nowNs);
    const { ticks } = this.#fundamental;
    const { bids, asks } = this.#book;
    if (ticks - costTicks > -asks.best) {
      this.#book.take(1, this.#size(drawMean), costTicks - ticks, CAUSE.informed);
    } else if (ticks + costTicks < bids.best) {
      this.#book.take(-1, this.#size(drawMean), ticks + costTicks, CAUSE.informed);
    }
  }

  /**
   * A point under the bound of the intensity is a trade where it lies under the intensity itself
   * (thinning).
   */
  #excite(at: number): void {
    if (at >= this.#excitement.rate) return;
    const side = at < this.#excitement.buyRate ? 1 : -1;
    this.#trade(side, CAUSE.excited);
    this.#excitement.excite(side);
  }

  #trade(side: SideSign, cause: number): void {
    const { drawMean, reachTicks } = this.#settings.noise;
    const best = this.#book.ladder(side > 0 ? -1 : 1).best;
    this.#book.take(side, this.#size(drawMean), best - reachTicks, cause);
  }

  /** A size, at least 1: geometric, from an exponential draw. @units order lots */
  #size(drawMean: number): number {
    return 1 + Math.floor(-Math.log(1 - this.#rng.float()) * drawMean);
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
