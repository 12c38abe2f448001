import { checkChoice, checkKeys, Fault, formatScaled, normalizeScaled, parseScaled } from "../base/index.ts";
import { OrderBook } from "../book/index.ts";
import {
  type BarBlock,
  DepthBlock,
  Instrument,
  type InstrumentOptions,
  KIND_MASK,
  LAST,
  ROW,
} from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { BarBuilder } from "./bars-builder.ts";
import { BAR_RULE_KEYS, type BarRule, checkBarRule } from "./bars-options.ts";
import { applyBookRow } from "./book-row.ts";
import { BarTapeBuilder } from "./tape-builder.ts";
import type { MemoryTape } from "./tape-memory.ts";

/** How {@link buildBars} makes bars. Periods begin at whole multiples since 1970, moved by `alignNs`. */
export interface BuildBarsOptions extends BarRule {
  /**
   * Whose prices: `trades` unless given. `mid` is halfway between best bid and ask after each message; its tape
   * has half the tick, so that no mid is rounded, and the volume of the trades.
   */
  readonly prices?: "trades" | "mid";
  /** Which of the tape's times: `exchange` unless given. By `local` a bar ends when we could know it. */
  readonly clock?: "exchange" | "local";
}

/**
 * Makes a bar tape out of a depth tape, block by block.
 *
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` where the tape has no trade, or no two-sided book.
 * @cost One pass; 10 ns to 20 ns a row for trades, a book update a row for mids.
 * @example
 * ```ts
 * import { buildBars, DepthTapeBuilder } from "tickwright/feed";
 * import { BarBlock, LAST, NANOS_PER_MINUTE, ROW } from "tickwright/model";
 * const ticks = new DepthTapeBuilder({
 *   instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
 *   baseNs: 0n,
 *   source: "two trades by hand",
 *   simulated: true,
 * });
 * ticks.push(1_000, 1_000, ROW.buy | LAST, 500, 3);
 * ticks.push(2_000, 2_000, ROW.sell | LAST, 499, 4);
 * const bars = buildBars(ticks.build(), { periodNs: NANOS_PER_MINUTE });
 * const block = new BarBlock();
 * bars.read(0, block);
 * [block.open[0], block.close[0], block.volume[0]]; // => [500, 499, 7]
 * ```
 */
export function buildBars(source: TapeSource<DepthBlock>, options: BuildBarsOptions): MemoryTape<BarBlock> {
  checkKeys("bars", options, [...BAR_RULE_KEYS, "prices", "clock"]);
  const { prices = "trades", clock = "exchange", ...rule } = options;
  checkChoice("bars.prices", prices, ["trades", "mid"]);
  checkChoice("bars.clock", clock, ["exchange", "local"]);
  const { alignNs } = checkBarRule("bars", rule);
  const { meta } = source;
  if (meta.schema !== "depth") {
    throw new Fault("FAULT_INPUT", { path: "tape", value: meta.schema, expected: "a depth tape" });
  }
  const baseNs = BigInt(meta.baseNs);
  const isMid = prices === "mid";
  const tape = new BarTapeBuilder({
    instrument: isMid ? halved(meta.instrument) : meta.instrument,
    baseNs,
    source: `${meta.source}: ${named(rule)} of ${prices}`,
    simulated: meta.simulated,
  });
  const { periodNs } = rule;
  const aligned = periodNs === undefined ? {} : { alignNs: alignNs - Number(baseNs % BigInt(periodNs)) };
  const builder = new BarBuilder({ ...rule, ...aligned, onBar: (bar) => tape.push(bar) });
  const feed = isMid ? new MidPrices(builder) : new TradePrices(builder);
  const block = new DepthBlock();
  for (let i = 0; i < source.blockCount; i++) {
    source.read(i, block);
    feed.take(block, clock === "exchange" ? block.exch : block.local);
  }
  builder.end();
  for (const [name, count] of Object.entries({ ...builder.counts, gaps: feed.gaps })) {
    if (name !== "bars") tape.count(name, count);
  }
  return tape.build();
}

/** Hands the trades of a tape to a builder. */
class TradePrices {
  gaps = 0;
  readonly #builder: BarBuilder;

  constructor(builder: BarBuilder) {
    this.#builder = builder;
  }

  take(block: DepthBlock, times: Float64Array): void {
    const { kind, tick, lots, n } = block;
    for (let i = 0; i < n; i++) {
      const what = (kind[i] as number) & KIND_MASK;
      if (what === ROW.buy || what === ROW.sell || what === ROW.trade) {
        this.#builder.add(times[i] as number, tick[i] as number, lots[i] as number);
      } else if (what === ROW.gap) this.gaps += 1;
    }
  }
}

/** Hands the mids of a tape's book, in half ticks, and the volume of its trades to a builder. */
class MidPrices {
  gaps = 0;
  readonly #builder: BarBuilder;
  readonly #book = new OrderBook();
  #twice = Number.NaN;

  constructor(builder: BarBuilder) {
    this.#builder = builder;
  }

  take(block: DepthBlock, times: Float64Array): void {
    const book = this.#book;
    for (let i = 0; i < block.n; i++) {
      const kind = block.kind[i] as number;
      const tick = block.tick[i] as number;
      const lots = block.lots[i] as number;
      const what = kind & KIND_MASK;
      if (what === ROW.gap) this.gaps += 1;
      else if (!applyBookRow(book, kind, tick, lots) && what <= ROW.trade)
        this.#builder.volume(times[i] as number, lots);
      if ((kind & LAST) !== 0) this.#tell(times[i] as number);
    }
  }

  #tell(ns: number): void {
    const book = this.#book;
    if (!book.hasBid || !book.hasAsk) return;
    const twice = book.bestBid + book.bestAsk;
    if (twice === this.#twice) return;
    this.#twice = twice;
    this.#builder.price(ns, twice);
  }
}

function named(rule: BarRule): string {
  if (rule.periodNs !== undefined) return `bars of ${rule.periodNs / 1e9} s`;
  if (rule.tradesPerBar !== undefined) return `bars of ${rule.tradesPerBar} trades`;
  return `bars of ${rule.lotsPerBar} lots`;
}

/** The instrument with half the tick, its currency one decimal finer where half a tick needs it. */
function halved(options: InstrumentOptions): InstrumentOptions {
  const { quote } = new Instrument(options);
  const tick = parseScaled(options.tickSize) ?? { digits: 1n, scale: 0 };
  const half = normalizeScaled({ digits: tick.digits * 5n, scale: tick.scale + 1 });
  const tickSize = formatScaled(half.digits, half.scale);
  const finer = { ...quote, decimals: Math.min(quote.decimals + 1, 18) };
  return { ...options, tickSize, quote: finer };
}
