import { NO_ASK, NO_BID, OrderBook } from "../book/index.ts";
import { applyBookRow } from "../feed/index.ts";
import { BLOCK_ROWS, DepthBlock, type Instrument, KIND_MASK, LAST, ROW } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { BlockWindow } from "./block-window.ts";
import type { DrilledBook, DrilledMarket, TradeDrillPlan } from "./trade-drill.ts";
import { type QueueLook, takeLook } from "./trade-queue.ts";

/** Moments of quotes and prints, a side of a fill. */
export const MOMENTS = 40;

/** Who took, by kinds of prints: +1 the buyer, -1 the seller, 0 not told. */
const AGGRESSOR: Readonly<Record<number, number>> = { [ROW.buy]: 1, [ROW.sell]: -1, [ROW.trade]: 0 };

/** A fill whose market is asked for. */
export interface WantedFill {
  readonly exchNs: number;
  readonly maker: boolean;
}

type PlacedFill = WantedFill & { readonly place: number };
type Wanted = PlacedFill | QueueLook;
type Quote = [ns: number, bid: number, ask: number];
type Print = [ns: number, tick: number, lots: number, side: number];

/** A fill that has happened, whose time after goes on. */
interface Following {
  readonly place: number;
  readonly fillNs: number;
  readonly quotes: Quote[];
  readonly prints: Print[];
  hasAllPrints: boolean;
  before: DrilledBook | null;
  after: DrilledBook | null;
  slot: number;
}

/**
 * The market around fills, from a second walk over their depth tape in exchange time.
 *
 * @invariant What is kept of a fill depends on the tape and that fill alone.
 * @cost A walk over the tape with one book, and what is kept of each fill: bounded, whatever the tape.
 */
export class TradeBooks {
  readonly #book: OrderBook = new OrderBook();
  readonly #instrument: Instrument;
  readonly #plan: TradeDrillPlan;
  readonly #baseNs: bigint;
  readonly #wanted: readonly Wanted[];
  readonly #found: Following[] = [];
  #following: Following[] = [];
  #next = 0;
  /** When the next one is, at the earliest. */
  #nextNs = Number.NEGATIVE_INFINITY;
  /** Of the past: the last quotes of equal stretches, and the last prints. */
  #quotes: Quote[] = [];
  #prints: Print[] = [];
  #changedNs = Number.NaN;

  /** @param looks - are taken while it walks: what they saw is written into them */
  constructor(
    instrument: Instrument,
    wanted: readonly WantedFill[],
    plan: TradeDrillPlan,
    baseNs: bigint,
    looks: readonly QueueLook[] = [],
  ) {
    this.#instrument = instrument;
    this.#plan = plan;
    this.#baseNs = baseNs;
    const fills = wanted.map(({ exchNs, maker }, place): Wanted => ({ exchNs, maker, place }));
    this.#wanted = [...fills, ...looks].sort(
      (a, b) => a.exchNs - b.exchNs || Number(b.maker) - Number(a.maker),
    );
  }

  /** Walks the tape; a market for each fill, in the order in which they were asked for. */
  walk(tape: TapeSource<DepthBlock>, shiftNs: number): DrilledMarket[] {
    const window = new BlockWindow(tape, () => new DepthBlock(Math.min(tape.meta.rows, BLOCK_ROWS)), shiftNs);
    let nowNs = Number.NEGATIVE_INFINITY;
    for (let nth = 0; nth < window.blockCount && !this.#isDone; nth++) {
      const block = window.take(nth);
      const { exch, kind, n } = block;
      for (let i = 0; i < n; i++) {
        // As at the venue: what falls is raised to the latest before.
        if ((exch[i] as number) > nowNs) nowNs = exch[i] as number;
        if (nowNs >= this.#nextNs) this.#settle(nowNs);
        this.#row(block, i, kind[i] as number, nowNs);
      }
      window.release(nth);
    }
    this.#settle(Number.POSITIVE_INFINITY);
    const markets: DrilledMarket[] = [];
    for (const one of this.#found) markets[one.place] = this.#marketOf(one);
    return markets;
  }

  get #isDone(): boolean {
    return this.#next === this.#wanted.length && this.#following.length === 0;
  }

  /** Fills that happened before what comes at `nowNs`; a taker met all of its own moment. */
  #settle(nowNs: number): void {
    for (; this.#next < this.#wanted.length; this.#next++) {
      const one = this.#wanted[this.#next] as Wanted;
      this.#nextNs = one.exchNs;
      if (one.maker ? one.exchNs > nowNs : one.exchNs >= nowNs) return;
      if ("place" in one) this.#meet(one);
      else takeLook(one, this.#book);
    }
    this.#nextNs = Number.POSITIVE_INFINITY;
  }

  /** A fill: the past that is shown of it, and the book that it met. */
  #meet({ exchNs, place }: PlacedFill): void {
    const fromNs = exchNs - this.#plan.beforeNs;
    const quotes = this.#quotes.filter(
      ([ns], i, all) => ns >= fromNs || (all[i + 1]?.[0] ?? Infinity) > fromNs,
    );
    const prints = this.#prints.filter(([ns]) => ns >= fromNs);
    const one: Following = {
      ...{
        place,
        fillNs: exchNs,
        quotes: quotes.map((each) => [...each] as Quote),
        prints: prints.slice(-MOMENTS),
      },
      ...{ hasAllPrints: prints.length <= MOMENTS, before: this.#ladder(), after: null, slot: Number.NaN },
    };
    this.#found.push(one);
    this.#following.push(one);
  }

  #row(block: DepthBlock, i: number, kind: number, nowNs: number): void {
    const [tick, lots] = [block.tick[i] as number, block.lots[i] as number];
    if (applyBookRow(this.#book, kind, tick, lots)) {
      if ((kind & LAST) !== 0) this.#changed(nowNs);
      return;
    }
    const side = AGGRESSOR[kind & KIND_MASK];
    if (side !== undefined) this.#print([nowNs, tick, lots, side]);
  }

  #changed(nowNs: number): void {
    this.#changedNs = nowNs;
    const { bestBid, bestAsk } = this.#book;
    const last = this.#quotes.at(-1);
    const isNew = last === undefined || last[1] !== bestBid || last[2] !== bestAsk;
    if (isNew) this.#remember([nowNs, bestBid, bestAsk]);
    if (this.#following.length === 0) return;
    const { afterNs } = this.#plan;
    let isOver = false;
    for (const one of this.#following) {
      one.after ??= this.#ladder();
      const since = nowNs - one.fillNs;
      if (since > afterNs) isOver = true;
      else if (isNew) {
        const slot = Math.floor(since / (afterNs / MOMENTS));
        if (slot === one.slot) one.quotes.pop();
        one.slot = slot;
        one.quotes.push([nowNs, bestBid, bestAsk]);
      }
    }
    if (isOver) this.#following = this.#following.filter((one) => nowNs - one.fillNs <= afterNs);
  }

  /** Keeps the last quote of each stretch; one stretch more than is shown, so that the oldest shown has a beginning. */
  #remember(quote: Quote): void {
    const stretch = this.#plan.beforeNs / MOMENTS;
    const last = this.#quotes.at(-1);
    if (last !== undefined && Math.floor(last[0] / stretch) === Math.floor(quote[0] / stretch))
      this.#quotes.pop();
    this.#quotes.push(quote);
    if (this.#quotes.length > 4 * MOMENTS) this.#quotes = this.#quotes.slice(-(MOMENTS + 3));
  }

  #print(print: Print): void {
    this.#prints.push(print);
    if (this.#prints.length > 4 * MOMENTS) this.#prints = this.#prints.slice(-(MOMENTS + 1));
    for (const one of this.#following) {
      if (print[0] - one.fillNs > this.#plan.afterNs) continue;
      const own = one.prints.reduce((sum, [ns]) => sum + (ns >= one.fillNs ? 1 : 0), 0);
      if (own < MOMENTS) one.prints.push(print);
      else one.hasAllPrints = false;
    }
  }

  #ladder(): DrilledBook | null {
    if (Number.isNaN(this.#changedNs)) return null;
    const { bids, asks } = this.#book.copy(this.#plan.levels);
    const level = ({ priceTicks, lots }: (typeof bids)[number]): [number, number] => [
      this.#price(priceTicks),
      this.#quantity(lots),
    ];
    return {
      ns: (this.#baseNs + BigInt(this.#changedNs)).toString(),
      bids: bids.map(level),
      asks: asks.map(level),
    };
  }

  #marketOf({ fillNs, before, after, quotes, prints, hasAllPrints }: Following): DrilledMarket {
    const best = (tick: number): number | null =>
      tick === NO_BID || tick === NO_ASK ? null : this.#price(tick);
    return {
      ...{ before, after, hasAllPrints, bars: [] },
      quotes: quotes.map(([ns, bid, ask]) => [ns - fillNs, best(bid), best(ask)]),
      prints: prints.map(([ns, tick, lots, side]) => [
        ...([ns - fillNs, this.#price(tick), this.#quantity(lots), side] as const),
      ]),
    };
  }

  #price(tick: number): number {
    return Number(this.#instrument.formatPrice(tick));
  }

  #quantity(bookLots: number): number {
    const { lotSize, bookLotsPerLot } = this.#instrument;
    return Number(((bookLots * lotSize) / bookLotsPerLot).toPrecision(12));
  }
}
