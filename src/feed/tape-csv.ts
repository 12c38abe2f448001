import {
  checkChoice,
  checkKeys,
  formatScaled,
  normalizeScaled,
  parseScaled,
  type Scaled,
} from "../base/index.ts";
import {
  BAR_ROW,
  BarBlock,
  DepthBlock,
  formatNanos,
  KIND_MASK,
  LAST,
  ROW,
  SNAPSHOT,
} from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";

/** How a tape is written as text. */
export interface TapeCsvOptions {
  /** `iso` (unless given) with nine decimals of a second, or `ns`, epoch ns. */
  readonly times?: "iso" | "ns";
}

const DEPTH_HEAD = "local_time,exch_time,kind,snapshot,last,price,quantity,tick,lots\n";
const BAR_HEAD = "open_time,close_time,kind,open,high,low,close,volume,factor\n";
const DEPTH_WORDS = wordsOf(ROW);
const BAR_WORDS = wordsOf(BAR_ROW);
/** Kinds whose tick is a price, and those whose lots are a quantity. */
const PRICED = new Set<number>([0, 1, 2, 3, 4, 6, 7, ROW.mark]);

/**
 * Writes a tape as comma-separated values, a head and then the text of block after block.
 *
 * Depth: `local_time exch_time kind snapshot last price quantity tick lots`; price and quantity are empty where a row has
 * none (clear, gap, funding, validity), tick and lots are the row's own. Bars: `open_time close_time kind open high low
 * close volume factor`; a split's new and old units stand in open and high, a dividend's minor units in volume.
 *
 * @invariant Prices and quantities are exact decimals, never rounded.
 * @throws `FAULT_CONFIG` naming the option
 * @cost About 1 us a row, most of it the times (`ns`: half); the text of one block in memory.
 * @example
 * ```ts
 * import { BarTapeBuilder, tapeCsv } from "tickwright/feed";
 * const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "0.5", quote: "USDT" };
 * const tape = new BarTapeBuilder({ instrument, baseNs: 0n, source: "by hand", simulated: true });
 * tape.push({ openNs: 0, closeNs: 60, open: 101, high: 103, low: 99, close: 100, volume: 3 });
 * [...tapeCsv(tape.build(), { times: "ns" })][1]; // => "0,60,bar,1.01,1.03,0.99,1,1.5,1\n"
 * ```
 */
export function* tapeCsv(
  source: TapeSource<DepthBlock> | TapeSource<BarBlock>,
  options: TapeCsvOptions = {},
): Generator<string> {
  checkKeys("csv", options, ["times"]);
  const times = checkChoice("csv.times", options.times ?? "iso", ["iso", "ns"]);
  const { schema, instrument } = source.meta;
  const text = new RowText(
    BigInt(source.meta.baseNs),
    times === "iso",
    new Steps(instrument.tickSize),
    new Steps(instrument.bookLotSize ?? instrument.lotSize),
  );
  yield schema === "depth" ? DEPTH_HEAD : BAR_HEAD;
  const block = schema === "depth" ? new DepthBlock() : new BarBlock();
  for (let b = 0; b < source.blockCount; b++) {
    (source as TapeSource).read(b, block);
    let lines = "";
    for (let i = 0; i < block.n; i++) {
      lines += block instanceof DepthBlock ? text.depth(block, i) : text.bar(block, i);
    }
    yield lines;
  }
}

class RowText {
  readonly #baseNs: bigint;
  readonly #isIso: boolean;
  readonly #prices: Steps;
  readonly #quantities: Steps;

  constructor(baseNs: bigint, isIso: boolean, prices: Steps, quantities: Steps) {
    this.#baseNs = baseNs;
    this.#isIso = isIso;
    this.#prices = prices;
    this.#quantities = quantities;
  }

  depth(block: DepthBlock, i: number): string {
    const kind = block.kind[i] as number;
    const [tick, lots] = [block.tick[i] as number, block.lots[i] as number];
    const what = kind & KIND_MASK;
    const price = PRICED.has(what) ? this.#prices.text(tick) : "";
    const quantity = PRICED.has(what) && what !== ROW.mark ? this.#quantities.text(lots) : "";
    const flags = `${(kind & SNAPSHOT) === 0 ? 0 : 1},${(kind & LAST) === 0 ? 0 : 1}`;
    const at = `${this.#time(block.local[i] as number)},${this.#time(block.exch[i] as number)}`;
    return `${at},${DEPTH_WORDS.get(what)},${flags},${price},${quantity},${tick},${lots}\n`;
  }

  bar(block: BarBlock, i: number): string {
    const kind = block.kind[i] as number;
    const [open, high, low, close] = [block.open[i], block.high[i], block.low[i], block.close[i]] as number[];
    const volume = block.volume[i] as number;
    const prices = this.#prices;
    const isSplit = kind === BAR_ROW.split;
    const cells = [
      this.#time(block.openNs[i] as number),
      this.#time(block.closeNs[i] as number),
      BAR_WORDS.get(kind),
      isSplit ? open : prices.text(open as number),
      isSplit ? high : prices.text(high as number),
      prices.text(low as number),
      prices.text(close as number),
      kind === BAR_ROW.bar ? this.#quantities.text(volume) : volume,
      block.factor[i],
    ];
    return `${cells.join(",")}\n`;
  }

  #time(offsetNs: number): string {
    const ns = this.#baseNs + BigInt(offsetNs);
    return this.#isIso ? formatNanos(ns) : ns.toString();
  }
}

/** Whole steps as decimals; those of the last 4,096 prices are remembered. */
class Steps {
  readonly #step: Scaled;
  readonly #known = new Map<number, string>();

  constructor(step: string) {
    this.#step = parseScaled(step) ?? { digits: 1n, scale: 0 };
  }

  text(steps: number): string {
    const known = this.#known.get(steps);
    if (known !== undefined) return known;
    const exact = normalizeScaled({ digits: BigInt(steps) * this.#step.digits, scale: this.#step.scale });
    const text = formatScaled(exact.digits, exact.scale);
    if (this.#known.size >= 4_096) this.#known.clear();
    this.#known.set(steps, text);
    return text;
  }
}

function wordsOf(kinds: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(kinds).map(([word, kind]) => [kind, word]));
}
