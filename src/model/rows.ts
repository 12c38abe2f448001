import { checkInteger, Fault } from "../base/index.ts";
import type { InstrumentOptions } from "./instrument.ts";

/** Rows a block holds at most. */
export const BLOCK_ROWS = 65_536;

/**
 * What a row of a depth tape says. A message of the feed is one or more rows; its last row carries
 * {@link LAST}.
 *
 * `bid`, `ask`: the level `tick` now holds `lots` (0 removes it). `buy`, `sell`, `trade`: a trade of `lots`
 * at `tick`, by the aggressor's side (`trade` where the feed does not say). `clear`: both sides of the book
 * are emptied, a snapshot follows. `quoteBid`, `quoteAsk`: best bid and offer as the feed's own quote channel
 * reports them; they do not change the book. `mark`, `funding`: mark price in ticks; `lots` holds the rate in
 * units of 1e-12 for `funding`. `gap`: rows are missing before this one. `validity`: from here on `tick` is the
 * {@link VALIDITY} of the instrument's data and `lots` the number of its reason; without such rows data is valid.
 */
export const ROW = {
  bid: 0,
  ask: 1,
  buy: 2,
  sell: 3,
  trade: 4,
  clear: 5,
  quoteBid: 6,
  quoteAsk: 7,
  mark: 8,
  funding: 9,
  gap: 10,
  validity: 11,
} as const;

/** The bits of the kind column that hold the row's kind. */
export const KIND_MASK = 0x1f;
/** Set on the last row of a feed message. */
export const LAST = 0x80;
/** Set on rows that restate the book as part of a snapshot. */
export const SNAPSHOT = 0x40;

/** The columns of a {@link DepthBlock}. */
export type DepthColumns = Pick<DepthBlock, "exch" | "local" | "kind" | "tick" | "lots">;

/** The columns of a {@link BarBlock}. */
export type BarColumns = Omit<BarBlock, "n" | "seal">;

/**
 * Up to {@link BLOCK_ROWS} rows of a depth tape, by column.
 *
 * @units `exch`, `local`: ns from the tape's base, as doubles; `tick`: ticks; `lots`: book lots
 * @shape every column has `capacity + 1` slots; slot `n` of both time columns is Infinity
 * @invariant `exch` and `local` never fall, within and across blocks.
 */
export class DepthBlock {
  n = 0;
  readonly exch: Float64Array;
  readonly local: Float64Array;
  readonly kind: Uint8Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;

  /** @param columns - stored elsewhere, such as in shared memory; `capacity + 1` slots each */
  constructor(capacity: number = BLOCK_ROWS, columns?: DepthColumns) {
    checkInteger("block.capacity", capacity, 0);
    this.exch = columns?.exch ?? new Float64Array(capacity + 1);
    this.local = columns?.local ?? new Float64Array(capacity + 1);
    this.kind = columns?.kind ?? new Uint8Array(capacity + 1);
    this.tick = columns?.tick ?? new Int32Array(capacity + 1);
    this.lots = columns?.lots ?? new Float64Array(capacity + 1);
    if (columns === undefined) this.seal(0);
  }

  /**
   * Sets the number of rows and the sentinels behind them.
   *
   * @throws `FAULT_CAPACITY` past the columns' end.
   */
  seal(rows: number): void {
    this.n = checkRows(rows, this.exch.length - 1);
    this.exch[rows] = Number.POSITIVE_INFINITY;
    this.local[rows] = Number.POSITIVE_INFINITY;
  }
}

/**
 * What a row of a bar tape says. `bar`: one bar. `split`: from `close` on, `open` new units stand for `high`
 * old ones. `dividend`: `volume` minor units of the quote currency are paid per lot held at `close`.
 */
export const BAR_ROW = { bar: 0, split: 1, dividend: 2 } as const;

/**
 * Up to {@link BLOCK_ROWS} bars, by column.
 *
 * @units `openNs`, `closeNs`: ns from the tape's base; prices: ticks, as traded (not adjusted); `volume`:
 * book lots; `factor`: multiplies a raw price into the adjusted series (1 where nothing was adjusted)
 * @shape every column has `capacity + 1` slots; slot `n` of both time columns is Infinity
 * @invariant `closeNs` never falls; low <= open, close <= high.
 */
export class BarBlock {
  n = 0;
  readonly openNs: Float64Array;
  readonly closeNs: Float64Array;
  readonly kind: Uint8Array;
  readonly open: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly close: Int32Array;
  readonly volume: Float64Array;
  readonly factor: Float64Array;

  /** @param columns - stored elsewhere, such as in shared memory; `capacity + 1` slots each */
  constructor(capacity: number = BLOCK_ROWS, columns?: BarColumns) {
    checkInteger("block.capacity", capacity, 0);
    this.openNs = columns?.openNs ?? new Float64Array(capacity + 1);
    this.closeNs = columns?.closeNs ?? new Float64Array(capacity + 1);
    this.kind = columns?.kind ?? new Uint8Array(capacity + 1);
    this.open = columns?.open ?? new Int32Array(capacity + 1);
    this.high = columns?.high ?? new Int32Array(capacity + 1);
    this.low = columns?.low ?? new Int32Array(capacity + 1);
    this.close = columns?.close ?? new Int32Array(capacity + 1);
    this.volume = columns?.volume ?? new Float64Array(capacity + 1);
    this.factor = columns?.factor ?? new Float64Array(capacity + 1);
    if (columns === undefined) this.seal(0);
  }

  /**
   * Sets the number of rows and the sentinels behind them.
   *
   * @throws `FAULT_CAPACITY` past the columns' end.
   */
  seal(rows: number): void {
    this.n = checkRows(rows, this.openNs.length - 1);
    this.openNs[rows] = Number.POSITIVE_INFINITY;
    this.closeNs[rows] = Number.POSITIVE_INFINITY;
  }
}

function checkRows(rows: number, capacity: number): number {
  if (Number.isInteger(rows) && rows >= 0 && rows <= capacity) return rows;
  throw new Fault("FAULT_CAPACITY", {
    path: "block.rows",
    value: rows,
    expected: `at most ${capacity} rows`,
  });
}

/** Which columns a tape has. */
export type TapeSchema = "depth" | "bars";

/** What was counted while a tape was made: nothing is skipped without a count. */
export type TapeCounts = Readonly<Record<string, number>>;

/** What a tape says about itself. JSON-safe. */
export interface TapeMeta {
  readonly schema: TapeSchema;
  readonly instrument: InstrumentOptions;
  /** The epoch ns, as a decimal, that the time columns count from. */
  readonly baseNs: string;
  /** First and last local time, epoch ns as decimals. */
  readonly fromNs: string;
  readonly toNs: string;
  readonly rows: number;
  /** Made by our own generator: every output says so. */
  readonly simulated: boolean;
  /** Where it came from, in words: `binance capture spot_btcusdt_20240808.gz`. */
  readonly source: string;
  /** SHA-256 over the columns of all blocks in order; independent of file codec. */
  readonly contentSha256: string;
  readonly counts: TapeCounts;
}
