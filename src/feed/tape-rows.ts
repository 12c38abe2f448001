import { checkChoice, checkFunction, checkKeys, Fault } from "../base/index.ts";
import {
  BAR_ROW,
  BarBlock,
  BLOCK_ROWS,
  DepthBlock,
  KIND_MASK,
  LAST,
  MAX_TICKS,
  ROW,
  SNAPSHOT,
} from "../model/index.ts";

/** What to do with a row whose local time lies before the row before it. */
export type LocalFalls = "fail" | "clamp" | "drop";

/** What a {@link DepthRows} is made from. */
export interface DepthRowsOptions {
  /** Receives each full block, and the rest at the end; the block is reused afterwards. */
  readonly onBlock: (block: DepthBlock) => void;
  /** `fail` unless given. */
  readonly localFalls?: LocalFalls;
}

/**
 * Checks depth rows one by one and gathers them into blocks.
 *
 * @invariant What `onBlock` receives never falls in either time, holds whole ticks and lots, and ends with a
 * row that carries LAST.
 * @throws `FAULT_TIME` on a local time that falls (policy `fail`) or is none; `FAULT_INPUT` on a tick, lots
 * or kind that no tape holds.
 */
export class DepthRows {
  /**
   * Rows whose exchange time was raised to the latest seen before, and whose local time was (policy `clamp`).
   */
  exchClamped = 0;
  localClamped = 0;
  /** Rows left out for a falling local time (policy `drop`). */
  localDropped = 0;
  rows = 0;
  readonly #onBlock: (block: DepthBlock) => void;
  readonly #localFalls: LocalFalls;
  readonly #block = new DepthBlock();
  readonly #last = new Float64Array([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  #n = 0;
  #lastKind = LAST;

  constructor(options: DepthRowsOptions) {
    checkKeys("rows", options, ["onBlock", "localFalls"]);
    this.#onBlock = checkFunction("rows.onBlock", options.onBlock);
    this.#localFalls = checkChoice("rows.localFalls", options.localFalls ?? "fail", [
      "fail",
      "clamp",
      "drop",
    ]);
  }

  /**
   * Takes in one row.
   *
   * @units `exchNs`, `localNs`: whole ns from the base; `tick`: ticks; `lots`: book lots
   */
  push(exchNs: number, localNs: number, kind: number, tick: number, lots: number): void {
    const last = this.#last;
    let exch = exchNs;
    let local = localNs;
    if (!(local >= (last[0] as number))) {
      if (this.#localFalls === "drop" && local < (last[0] as number)) {
        this.localDropped += 1;
        return;
      }
      local = this.#clampLocal(local);
    }
    if (!(exch >= (last[1] as number))) exch = this.#clampExch(exch);
    if ((tick | 0) !== tick || tick > MAX_TICKS || tick < -MAX_TICKS) throw badRow(this.rows, "tick", tick);
    if (!(lots >= 0 && lots <= Number.MAX_SAFE_INTEGER && Math.floor(lots) === lots))
      checkRate(this.rows, kind, lots);
    if ((kind & ~(KIND_MASK | SNAPSHOT | LAST)) !== 0 || (kind & KIND_MASK) > ROW.validity) {
      throw badRow(this.rows, "kind", kind);
    }
    const block = this.#block;
    const n = this.#n;
    block.exch[n] = exch;
    block.local[n] = local;
    block.kind[n] = kind;
    block.tick[n] = tick;
    block.lots[n] = lots + 0; // a rate of -0 is 0, here and in every other format
    last[0] = local;
    last[1] = exch;
    this.rows += 1;
    this.#lastKind = kind;
    this.#n = n + 1;
    if (n + 1 === BLOCK_ROWS) this.#flush();
  }

  /** Hands over the rest. @throws `FAULT_INPUT` where the last row does not end its message. */
  end(): void {
    if ((this.#lastKind & LAST) === 0) {
      throw new Fault("FAULT_INPUT", {
        path: `row ${this.rows - 1}`,
        value: this.#lastKind,
        expected: "kind with LAST",
      });
    }
    if (this.#n > 0) this.#flush();
  }

  #flush(): void {
    this.#block.seal(this.#n);
    this.#n = 0;
    this.#onBlock(this.#block);
  }

  #clampLocal(local: number): number {
    const last = this.#last[0] as number;
    if (this.#localFalls === "clamp" && local < last) {
      this.localClamped += 1;
      return last;
    }
    throw new Fault("FAULT_TIME", {
      path: `row ${this.rows} local`,
      value: local,
      expected: `at least ${last}`,
    });
  }

  #clampExch(exch: number): number {
    if (Number.isNaN(exch))
      throw new Fault("FAULT_TIME", { path: `row ${this.rows} exch`, value: exch, expected: "ns" });
    this.exchClamped += 1;
    return this.#last[1] as number;
  }
}

/** One bar as {@link BarRows} takes it in; `kind` is `BAR_ROW.bar` and `factor` 1 unless given. */
export interface BarRow {
  readonly openNs: number;
  readonly closeNs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly kind?: number;
  readonly factor?: number;
}

/**
 * Checks bars one by one and gathers them into blocks.
 *
 * @throws `FAULT_TIME` on a close time that falls or lies before its open time; `FAULT_INPUT` on a bar whose
 * prices are no whole ticks, or whose low and high do not enclose open and close.
 */
export class BarRows {
  rows = 0;
  readonly #onBlock: (block: BarBlock) => void;
  readonly #block = new BarBlock();
  #n = 0;
  #lastNs = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly onBlock: (block: BarBlock) => void }) {
    checkKeys("rows", options, ["onBlock"]);
    this.#onBlock = checkFunction("rows.onBlock", options.onBlock);
  }

  push(bar: BarRow): void {
    const { openNs, closeNs, open, high, low, close, volume, kind = BAR_ROW.bar, factor = 1 } = bar;
    if (!(closeNs >= this.#lastNs && openNs <= closeNs)) {
      throw new Fault("FAULT_TIME", {
        path: `bar ${this.rows}`,
        value: { openNs, closeNs },
        expected: `closeNs at least openNs and ${this.#lastNs}`,
      });
    }
    checkBar(this.rows, bar, kind, factor);
    const block = this.#block;
    const n = this.#n;
    block.openNs[n] = openNs;
    block.closeNs[n] = closeNs;
    block.kind[n] = kind;
    block.open[n] = open;
    block.high[n] = high;
    block.low[n] = low;
    block.close[n] = close;
    block.volume[n] = volume + 0;
    block.factor[n] = factor;
    this.#lastNs = closeNs;
    this.rows += 1;
    this.#n = n + 1;
    if (n + 1 === BLOCK_ROWS) this.end();
  }

  /** Hands over the rest. */
  end(): void {
    if (this.#n === 0) return;
    this.#block.seal(this.#n);
    this.#n = 0;
    this.#onBlock(this.#block);
  }
}

function checkBar(row: number, bar: BarRow, kind: number, factor: number): void {
  const { open, high, low, close, volume } = bar;
  for (const [field, tick] of Object.entries({ open, high, low, close })) {
    if ((tick | 0) !== tick || Math.abs(tick) > MAX_TICKS) throw badRow(row, field, tick);
  }
  if (kind !== BAR_ROW.bar && kind !== BAR_ROW.split && kind !== BAR_ROW.dividend)
    throw badRow(row, "kind", kind);
  if (kind === BAR_ROW.bar && (low > open || low > close || high < open || high < close)) {
    throw new Fault("FAULT_INPUT", {
      path: `bar ${row}`,
      value: bar,
      expected: "low <= open, close <= high",
    });
  }
  if (!Number.isSafeInteger(volume) || volume < 0) throw badRow(row, "volume", volume);
  if (!Number.isFinite(factor) || factor <= 0) throw badRow(row, "factor", factor);
}

function checkRate(row: number, kind: number, lots: number): void {
  if ((kind & KIND_MASK) === ROW.funding && Number.isSafeInteger(lots)) return;
  throw badRow(row, "lots", lots);
}

function badRow(row: number, field: string, value: unknown): Fault {
  const expected =
    field === "kind"
      ? "a row kind"
      : field === "factor"
        ? "above 0"
        : `a whole number (ticks within ${MAX_TICKS})`;
  return new Fault("FAULT_INPUT", { path: `row ${row} ${field}`, value, expected });
}
