import { barInterval } from "./bar-intervals.ts";
import type { Exchange, Recurring } from "./exchange.ts";
import type { StreamClass } from "./fault-rules.ts";
import type { PublicTrade } from "./public-trades.ts";
import type { MarketListener, SymbolMarket } from "./symbol-market.ts";
import { formatUnits } from "./units.ts";
import {
  bestLevels,
  bookUnits,
  streamTrade,
  wireAggregate,
  wireDepth,
  wireLevel,
  wireTicker24,
  worthUnits,
} from "./wire-market.ts";

/** Who hears a stream: its name, what it is about, and its event as JSON. */
export type StreamHearer = (stream: string, about: StreamClass, data: string) => void;

const TICK_NS = 100_000_000;
const TICKS_PER_SECOND = 10;
const DEPTHS = [5, 10, 20];

/** Levels that changed since a diff was last told. */
interface Diff {
  fromId: number;
  readonly bids: Set<number>;
  readonly asks: Set<number>;
}

/**
 * The public streams of one symbol. Trades and best prices are told as they come; depth every 100 ms or second; bars
 * and tickers every second.
 *
 * @invariant On one diff stream `U` is the last `u` + 1, and `u` is what the REST snapshot calls `lastUpdateId`.
 */
export class SymbolStreams implements MarketListener, Recurring {
  readonly #market: SymbolMarket;
  readonly #exchange: Exchange;
  readonly #hearers: Map<string, Set<StreamHearer>> = new Map();
  readonly #diffs: Map<string, Diff> = new Map();
  readonly #prefix: string;
  #nextTick = 0;
  #best = "";
  #bestId = -1;
  #lastAggregate = 0;
  #lastTrade = 0;

  constructor(market: SymbolMarket, exchange: Exchange) {
    this.#market = market;
    this.#exchange = exchange;
    this.#prefix = `${market.symbol.name.toLowerCase()}@`;
    market.listener = this;
    exchange.recurring.push(this);
  }

  /** Whether the part of a stream's name behind the symbol names one. */
  static isStream(name: string): boolean {
    if (/^depth(5|10|20)?(@100ms|@1000ms)?$/.test(name)) return true;
    if (["trade", "aggTrade", "bookTicker", "ticker", "miniTicker", "avgPrice"].includes(name)) return true;
    return name.startsWith("kline_") && barInterval(name.slice("kline_".length)) !== undefined;
  }

  subscribe(name: string, hearer: StreamHearer): void {
    const hearers = this.#hearers.get(name) ?? new Set();
    if (this.#hearers.size === 0) this.#nextTick = Math.floor(this.#exchange.time.nowNs / TICK_NS) + 1;
    this.#hearers.set(name, hearers.add(hearer));
    if (/^depth(@|$)/.test(name) && !this.#diffs.has(name)) {
      this.#diffs.set(name, { fromId: this.#market.updateId, bids: new Set(), asks: new Set() });
    }
    if (name === "bookTicker" && hearers.size === 1) this.#bestChanged();
    if (name === "aggTrade") this.#lastAggregate = this.#market.trades.aggregates.at(-1)?.id ?? 0;
  }

  unsubscribe(name: string, hearer: StreamHearer): void {
    const hearers = this.#hearers.get(name);
    hearers?.delete(hearer);
    if (hearers === undefined || hearers.size > 0) return;
    this.#hearers.delete(name);
    this.#diffs.delete(name);
  }

  #tell(name: string, about: StreamClass, data: object): void {
    const hearers = this.#hearers.get(name);
    if (hearers === undefined) return;
    const text = JSON.stringify(data);
    for (const hearer of hearers) hearer(this.#prefix + name, about, text);
  }

  // --- the market ---

  level(side: number, tick: number): void {
    for (const diff of this.#diffs.values()) (side > 0 ? diff.bids : diff.asks).add(tick);
  }

  trade(trade: PublicTrade): void {
    if (!this.#hearers.has("trade")) return;
    this.#tell("trade", "trade", streamTrade(this.#market.symbol, trade, this.#exchange.time.wireMs));
  }

  settled(): void {
    const { updateId } = this.#market;
    if (updateId === this.#bestId || !this.#hearers.has("bookTicker") || !this.#bestChanged()) return;
    const { bid, ask } = bestLevels(this.#market);
    const s = this.#market.symbol.name;
    this.#tell("bookTicker", "bookTicker", { u: updateId, s, b: bid[0], B: bid[1], a: ask[0], A: ask[1] });
  }

  #bestChanged(): boolean {
    const { bid, ask } = bestLevels(this.#market);
    const best = `${bid.join()} ${ask.join()}`;
    const isOther = best !== this.#best;
    this.#best = best;
    this.#bestId = this.#market.updateId;
    return isOther;
  }

  // --- the clock ---

  dueNs(): number {
    return this.#hearers.size === 0 ? Number.POSITIVE_INFINITY : this.#nextTick * TICK_NS;
  }

  run(): void {
    const isSecond = this.#nextTick % TICKS_PER_SECOND === 0;
    this.#nextTick += 1;
    this.#aggregates();
    for (const name of [...this.#hearers.keys()]) {
      const isFast = name.endsWith("@100ms");
      if (!isFast && !isSecond) continue;
      if (this.#diffs.has(name)) this.#diff(name);
      else if (name.startsWith("depth")) this.#partial(name);
      else if (isSecond) this.#second(name);
    }
    if (isSecond) this.#lastTrade = this.#market.trades.trades.at(-1)?.id ?? 0;
  }

  #diff(name: string): void {
    const diff = this.#diffs.get(name);
    const { updateId, symbol } = this.#market;
    if (diff === undefined || diff.fromId === updateId) return;
    this.#tell(name, "depth", {
      e: "depthUpdate",
      E: this.#exchange.time.wireMs,
      s: symbol.name,
      U: diff.fromId + 1,
      u: updateId,
      b: [...diff.bids].map((tick) => wireLevel(this.#market, 1, tick)),
      a: [...diff.asks].map((tick) => wireLevel(this.#market, -1, tick)),
    });
    diff.fromId = updateId;
    diff.bids.clear();
    diff.asks.clear();
  }

  #partial(name: string): void {
    const depth = DEPTHS.find((each) => name === `depth${each}` || name.startsWith(`depth${each}@`));
    if (depth !== undefined) this.#tell(name, "depth", wireDepth(this.#market, depth));
  }

  #aggregates(): void {
    if (!this.#hearers.has("aggTrade")) return;
    const { aggregates } = this.#market.trades;
    let at = aggregates.length;
    while (at > 0 && (aggregates[at - 1]?.id ?? 0) > this.#lastAggregate) at -= 1;
    const { symbol } = this.#market;
    for (const trade of aggregates.slice(at)) {
      const more = { e: "aggTrade", E: this.#exchange.time.wireMs, s: symbol.name };
      this.#tell("aggTrade", "trade", { ...more, ...wireAggregate(symbol, trade) });
      this.#lastAggregate = trade.id;
    }
  }

  #second(name: string): void {
    const { symbol, trades } = this.#market;
    const eventMs = this.#exchange.time.wireMs;
    if (name.startsWith("kline_")) {
      if ((trades.trades.at(-1)?.id ?? 0) > this.#lastTrade) this.#kline(name, eventMs);
    } else if (name === "ticker" || name === "miniTicker") {
      this.#tell(name, "ticker", this.ticker(name === "miniTicker"));
    } else if (name === "avgPrice") {
      const w = formatUnits(symbol.price(trades.averageTicks(eventMs)));
      const T = trades.trades.at(-1)?.timeMs ?? 0;
      this.#tell(name, "ticker", { e: "avgPrice", E: eventMs, s: symbol.name, i: "5m", w, T });
    }
  }

  #kline(name: string, eventMs: number): void {
    const { symbol, trades } = this.#market;
    const interval = barInterval(name.slice("kline_".length));
    if (interval === undefined) return;
    const series = interval.isSeconds ? trades.seconds : trades.minutes;
    const lastMs = trades.trades.at(-1)?.timeMs ?? eventMs;
    const bar = series.between(interval.startOf(lastMs), lastMs, interval.startOf).at(-1);
    if (bar === undefined) return;
    const closeMs = interval.endOf(bar.openMs) - 1;
    const k = {
      t: bar.openMs,
      T: closeMs,
      s: symbol.name,
      i: interval.name,
      f: bar.firstId,
      L: bar.lastId,
      o: formatUnits(symbol.price(bar.open)),
      c: formatUnits(symbol.price(bar.close)),
      h: formatUnits(symbol.price(bar.high)),
      l: formatUnits(symbol.price(bar.low)),
      v: formatUnits(bookUnits(symbol, bar.volume)),
      n: bar.trades,
      x: eventMs > closeMs,
      q: formatUnits(worthUnits(symbol, bar.worth)),
      V: formatUnits(bookUnits(symbol, bar.takerBuyVolume)),
      Q: formatUnits(worthUnits(symbol, bar.takerBuyWorth)),
      B: "0",
    };
    this.#tell(name, "kline", { e: "kline", E: eventMs, s: symbol.name, k });
  }

  /** What the ticker streams tell. */
  ticker(isMini: boolean): object {
    const eventMs = this.#exchange.time.wireMs;
    const t = wireTicker24(this.#market, eventMs);
    const mini = {
      E: eventMs,
      s: t.symbol,
      c: t.lastPrice,
      o: t.openPrice,
      h: t.highPrice,
      l: t.lowPrice,
      v: t.volume,
      q: t.quoteVolume,
    };
    if (isMini) return { e: "24hrMiniTicker", ...mini };
    return {
      e: "24hrTicker",
      ...mini,
      p: t.priceChange,
      P: t.priceChangePercent,
      w: t.weightedAvgPrice,
      x: t.prevClosePrice,
      Q: t.lastQty,
      b: t.bidPrice,
      B: t.bidQty,
      a: t.askPrice,
      A: t.askQty,
      O: t.openTime,
      C: t.closeTime,
      F: t.firstId,
      L: t.lastId,
      n: t.count,
    };
  }
}
