import type { Prng } from "../base/index.ts";
import { LAST, ROW, type SideSign, SNAPSHOT, VALIDITY } from "../model/index.ts";
import type { MarketSettings } from "./market-generator-options.ts";

/**
 * Takes in the rows of a tape.
 *
 * @units `exchNs`, `localNs`: whole ns from the tape's base; `tick`: ticks; `lots`: book lots
 */
export type DepthRowSink = (
  exchNs: number,
  localNs: number,
  kind: number,
  tick: number,
  lots: number,
) => void;

/**
 * What a feed tells of one side of a book.
 *
 * @units keys in ticks times the side's sign; order lots
 */
export interface FeedLevels {
  /** NaN where nothing is shown. */
  readonly best: number;
  lotsAt(key: number): number;
  /** The levels that hold lots, best first. */
  keys(): Iterable<number>;
}

const NO_KEY = 0x7fff_ffff;

/** The levels of one side that changed since they were last told. */
class Changes {
  count = 0;
  #keys = new Int32Array(256);
  readonly #seen: Int32Array;
  readonly #mask: number;

  constructor(reach: number) {
    let size = 64;
    while (size < 2 * (reach + 1)) size *= 2;
    this.#seen = new Int32Array(size).fill(NO_KEY);
    this.#mask = size - 1;
  }

  /** Notes a level; one whose place in the table went to another level meanwhile is noted twice. */
  add(key: number): void {
    const at = key & this.#mask;
    if (this.#seen[at] === key) return;
    this.#seen[at] = key;
    if (this.count === this.#keys.length) {
      const more = new Int32Array(2 * this.count);
      more.set(this.#keys);
      this.#keys = more;
    }
    this.#keys[this.count] = key;
    this.count += 1;
  }

  keyAt(i: number): number {
    return this.#keys[i] as number;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.#seen[(this.#keys[i] as number) & this.#mask] = NO_KEY;
    this.count = 0;
  }
}

/**
 * Tells a simulated market in messages: snapshot, diffs, trades, quotes, each with its latency.
 *
 * @invariant A diff tells removals before additions, so a book that follows it row by row is never crossed.
 * Local times never fall.
 */
export class MarketFeed {
  rows = 0;
  messages = 0;
  /** Nothing is told, and no change noted, before the market is live. */
  live = false;
  readonly #sink: DepthRowSink;
  readonly #rng: Prng;
  readonly #perLot: number;
  readonly #bids: FeedLevels;
  readonly #asks: FeedLevels;
  readonly #bidChanges: Changes;
  readonly #askChanges: Changes;
  readonly #floorNs: number;
  readonly #medianNs: number;
  readonly #sigma: number;
  readonly #quotes: boolean;
  /** Exchange and local time of the message at hand. */
  readonly #times = new Float64Array(2);
  /** Best bid, its lots, best ask, its lots, as last told. */
  readonly #quoted = new Float64Array(4).fill(Number.NaN);

  constructor(
    settings: Pick<MarketSettings, "feed" | "reachTicks" | "bookLotsPerLot">,
    bids: FeedLevels,
    asks: FeedLevels,
    rng: Prng,
    sink: DepthRowSink,
  ) {
    const { feed, reachTicks } = settings;
    this.#sink = sink;
    this.#rng = rng;
    this.#perLot = settings.bookLotsPerLot;
    this.#bids = bids;
    this.#asks = asks;
    this.#bidChanges = new Changes(reachTicks);
    this.#askChanges = new Changes(reachTicks);
    this.#floorNs = feed.latencyFloorNs;
    this.#medianNs = feed.latencyMedianNs;
    this.#sigma = feed.latencySigma;
    this.#quotes = feed.quotes;
  }

  /** Whether levels have changed that no diff has told yet. */
  get pending(): boolean {
    return this.#bidChanges.count + this.#askChanges.count > 0;
  }

  /** A level of a side changed. */
  changed(side: SideSign, key: number): void {
    if (!this.live) return;
    if (side > 0) this.#bidChanges.add(key);
    else this.#askChanges.add(key);
  }

  /** The whole book, best levels first. */
  snapshot(exchNs: number): void {
    const bids = [...this.#bids.keys()];
    const asks = [...this.#asks.keys()];
    let left = bids.length + asks.length;
    this.#open(exchNs);
    this.#put(ROW.clear | SNAPSHOT | (left === 0 ? LAST : 0), 0, 0);
    for (const key of bids) {
      left -= 1;
      this.#put(ROW.bid | SNAPSHOT | (left === 0 ? LAST : 0), key, this.#bids.lotsAt(key));
    }
    for (const key of asks) {
      left -= 1;
      this.#put(ROW.ask | SNAPSHOT | (left === 0 ? LAST : 0), -key, this.#asks.lotsAt(key));
    }
    this.#told();
  }

  /** What can be said of the data from here on: a code of `VALIDITY`. Where it is not valid the book is empty. */
  validity(exchNs: number, state: number): void {
    if (!this.live) return;
    this.#open(exchNs);
    this.#put(ROW.validity | LAST, state, 0);
    if (state === VALIDITY.valid) return;
    this.#open(exchNs);
    this.#put(ROW.clear | SNAPSHOT | LAST, 0, 0);
    this.#told();
  }

  /** A trade; of a side that took, or 0 where none did. */
  trade(exchNs: number, side: SideSign | 0, tick: number, lots: number): void {
    if (!this.live) return;
    this.#open(exchNs);
    this.#put((side > 0 ? ROW.buy : side < 0 ? ROW.sell : ROW.trade) | LAST, tick, lots);
  }

  /** What the levels that changed hold now. */
  diff(exchNs: number): void {
    if (!this.pending) return;
    const [bids, asks] = [this.#bidChanges, this.#askChanges];
    this.#open(exchNs);
    let left = bids.count + asks.count;
    for (let pass = 0; pass < 2; pass++) {
      left = this.#levels(bids, this.#bids, ROW.bid, 1, pass, left);
      left = this.#levels(asks, this.#asks, ROW.ask, -1, pass, left);
    }
    this.#told();
  }

  /** The best bid and ask, where they are not as last told. */
  quote(exchNs: number): void {
    if (!this.#quotes) return;
    const [bids, asks, told] = [this.#bids, this.#asks, this.#quoted];
    if (Number.isNaN(bids.best) || Number.isNaN(asks.best)) return;
    const bidLots = bids.lotsAt(bids.best);
    const askLots = asks.lotsAt(asks.best);
    if (told[0] === bids.best && told[1] === bidLots && told[2] === asks.best && told[3] === askLots) return;
    told[0] = bids.best;
    told[1] = bidLots;
    told[2] = asks.best;
    told[3] = askLots;
    this.#open(exchNs);
    this.#put(ROW.quoteBid, bids.best, bidLots);
    this.#put(ROW.quoteAsk | LAST, -asks.best, askLots);
  }

  /**
   * The removals in pass 0, the levels that hold lots in pass 1. Returns how many rows are left to tell.
   */
  #levels(
    changes: Changes,
    ladder: FeedLevels,
    kind: number,
    sign: number,
    pass: number,
    rows: number,
  ): number {
    let left = rows;
    for (let i = 0; i < changes.count; i++) {
      const key = changes.keyAt(i);
      const lots = ladder.lotsAt(key);
      if ((lots === 0) !== (pass === 0)) continue;
      left -= 1;
      this.#put(left === 0 ? kind | LAST : kind, sign * key, lots);
    }
    return left;
  }

  #told(): void {
    this.#bidChanges.clear();
    this.#askChanges.clear();
  }

  /** Begins a message. */
  #open(exchNs: number): void {
    const jitter = this.#sigma === 0 ? 1 : Math.exp(this.#sigma * this.#rng.normal());
    const local = exchNs + this.#floorNs + Math.round(this.#medianNs * Math.min(jitter, 1000));
    this.#times[0] = exchNs;
    if (local > (this.#times[1] as number)) this.#times[1] = local;
    this.messages += 1;
  }

  #put(kind: number, tick: number, lots: number): void {
    this.rows += 1;
    this.#sink(this.#times[0] as number, this.#times[1] as number, kind, tick, lots * this.#perLot);
  }
}
