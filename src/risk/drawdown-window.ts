import { checkInteger, checkKeys, checkNumber, checkText } from "../base/index.ts";
import { ceilBps } from "./basis-points.ts";
import { ExtremeWindow, type SavedExtremes } from "./extreme-window.ts";
import type { LossVerdict } from "./loss-window.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields } from "./saved-state.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const SIZE_MAX = 65_536;
const BUCKETS_MAX = 65_535;
const BPS_MAX = 10_000;
const CENTS_MAX = 1_125_899_906_842_624; // 2^50
const SAMPLES_MAX = 30;
const NO_LIMIT = Number.POSITIVE_INFINITY;
/** Stands for an index without a limit. */
const OFF = 0;

/** A limit of the fall from the peak: an amount, a share of the peak, or both, of which the first breached wins. */
export interface DrawdownLimit {
  /** How long a peak counts; a day, and `newDay` at the session's boundary, is usual. */
  readonly lookbackNs: number;
  readonly drawdownCents?: number;
  /** Basis points of the peak. */
  readonly drawdownBps?: number;
  /** Samples that must break the limit, of the last `samples`: 1 unless given. */
  readonly confirm?: number;
  /** At most 30; `confirm` unless given, so that they must follow one another. */
  readonly samples?: number;
}

/** Options of a {@link DrawdownWindow}. */
export interface DrawdownWindowOptions {
  /** Indices there are, within 1 and 65,536. */
  readonly size: number;
  /** Steps of each lookback, 64 unless given, at most 65,535. */
  readonly buckets?: number;
}

/** What a {@link DrawdownWindow} keeps over a restart. */
export interface SavedDrawdownWindow {
  readonly breached: readonly number[];
  readonly equityCents: readonly number[];
  readonly drawdownCents: readonly number[];
  /** The last samples as bits, 1 for one that broke the limit, the newest lowest. */
  readonly broken: readonly number[];
  readonly peaks: readonly SavedExtremes[];
}

/**
 * Drawdown over a lookback, per dense index: the fall of equity from its peak, which breaches at the limit and stays
 * breached until a person resets it. Equity of 0 or less breaks any limit.
 *
 * The lookback is cut into `buckets` steps as {@link LossWindow} cuts its window: a peak counts for at least the
 * lookback and less than a step longer. With `confirm` m of `samples` k, a breach needs m of the last k samples to
 * break the limit, so that one phantom low (a missing mark, a late fill) stops nobody; until then such a sample is
 * a `warning`. A phantom high is a peak like any other: guard the marks against those.
 *
 * @units money in whole minor units ("cents") within 2^50; times in ns from the session's base
 * @invariant The drawdown is never understated; a sample that is no finite number breaks the limit.
 * @cost `sample` O(1) amortised, nothing allocated; 16 (buckets + 1) + 70 bytes an index. `newDay` O(size).
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { DrawdownWindow } from "tickwright/risk";
 * const drawdown = new DrawdownWindow({ size: 1 });
 * drawdown.configure(0, { lookbackNs: 86_400_000_000_000, drawdownBps: 500, confirm: 2, samples: 3 });
 * [drawdown.sample(0, 100_000, 0), drawdown.sample(0, 96_001, 1)]; // => ["within", "within"]
 * [drawdown.sample(0, 0, 2), drawdown.sample(0, 96_000, 3)]; // => ["warning", "warning"]
 * [drawdown.sample(0, 95_000, 4), drawdown.isBreached(0), drawdown.drawdownCents(0)]; // => ["breached", true, 5000]
 * ```
 */
export class DrawdownWindow implements StatePart {
  readonly size: number;
  readonly #buckets: number;
  readonly #window: ExtremeWindow;
  readonly #cents: Float64Array;
  /** Of the peak; 0 for none. */
  readonly #bps: Float64Array;
  /** 0 for an index without a limit. */
  readonly #confirm: Int32Array;
  readonly #mask: Int32Array;
  readonly #broken: Int32Array;
  readonly #breached: Uint8Array;
  readonly #equity: Float64Array;
  readonly #drawdown: Float64Array;

  constructor(options: DrawdownWindowOptions) {
    checkKeys("drawdownWindow", options, ["size", "buckets"]);
    this.size = checkInteger("drawdownWindow.size", options.size, 1, SIZE_MAX);
    this.#buckets = checkInteger("drawdownWindow.buckets", options.buckets ?? 64, 1, BUCKETS_MAX);
    this.#window = new ExtremeWindow({ lanes: this.size, depth: this.#buckets + 1 });
    this.#cents = new Float64Array(this.size);
    this.#bps = new Float64Array(this.size);
    this.#confirm = new Int32Array(this.size);
    this.#mask = new Int32Array(this.size);
    this.#broken = new Int32Array(this.size);
    this.#breached = new Uint8Array(this.size);
    this.#equity = new Float64Array(this.size);
    this.#drawdown = new Float64Array(this.size);
  }

  /**
   * Gives an index a limit, or none, and forgets its peaks; a breach stays.
   *
   * @throws `FAULT_CONFIG` naming the field; a limit needs `drawdownCents` or `drawdownBps`.
   */
  configure(index: number, limit: DrawdownLimit | undefined): void {
    this.#check(index);
    if (limit === undefined) {
      this.#confirm[index] = OFF;
      return;
    }
    const { cents, bps, confirm, samples } = termsOf(limit);
    const lookbackNs = checkInteger("drawdownWindow.lookbackNs", limit.lookbackNs, 1);
    this.#window.configure(index, lookbackNs, Math.ceil(lookbackNs / this.#buckets));
    this.#cents[index] = cents;
    this.#bps[index] = bps;
    this.#confirm[index] = confirm;
    this.#mask[index] = (1 << samples) - 1;
    this.#broken[index] = 0;
  }

  /** Takes the equity of now and says how it stands. */
  sample(index: number, equityCents: number, nowNs: number): LossVerdict {
    const confirm = this.#confirm[index] as number;
    if (confirm === OFF) return "within";
    if (this.#breached[index] === 1) return "breached";
    const verdict = this.#measure(index, equityCents, nowNs);
    const isBroken = verdict === "breached" ? 1 : 0;
    const broken = (((this.#broken[index] as number) << 1) | isBroken) & (this.#mask[index] as number);
    this.#broken[index] = broken;
    if (isBroken === 0) return verdict;
    if (bitsOf(broken) < confirm) return "warning";
    this.#breached[index] = 1;
    return "breached";
  }

  /** Whether a breach was confirmed and not reset; true for an index that is not there. */
  isBreached(index: number): boolean {
    return this.#breached[index] !== 0;
  }

  /** The fall from the peak at the last finite sample; once breached, that of the breach. @units cents */
  drawdownCents(index: number): number {
    return this.#drawdown[index] as number;
  }

  /** That fall as a share of the peak; 0 before the first sample. */
  drawdownShare(index: number): number {
    const fall = this.drawdownCents(index);
    return fall === 0 ? 0 : fall / ((this.#equity[index] as number) + fall);
  }

  /** Begins a day: every peak is the last equity seen. A breach stays. @throws `FAULT_CONFIG` for no finite time */
  newDay(nowNs: number): void {
    checkNumber("drawdownWindow.nowNs", nowNs);
    for (const [index, equityCents] of this.#equity.entries()) {
      this.#window.clear(index);
      this.#window.push(index, equityCents, nowNs);
    }
  }

  /**
   * Lifts a breach and forgets the peaks. Says whether anything changed.
   *
   * @throws `FAULT_CONFIG` when `by` is no name, or the index is not there.
   */
  reset(index: number, by: string): boolean {
    checkText("drawdownWindow.by", by);
    if (!this.isBreached(this.#check(index))) return false;
    this.#breached[index] = 0;
    this.#broken[index] = 0;
    this.#drawdown[index] = 0;
    this.#window.clear(index);
    return true;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedDrawdownWindow {
    return {
      breached: [...this.#breached],
      equityCents: [...this.#equity],
      drawdownCents: [...this.#drawdown],
      broken: [...this.#broken],
      peaks: this.#window.save(),
    };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "drawdownWindow";
    const fields = ["breached", "equityCents", "drawdownCents", "broken", "peaks"] as const;
    const saved = savedFields<SavedDrawdownWindow>(path, data, fields);
    const most = Number.MAX_SAFE_INTEGER;
    const breached = readColumn(`${path}.breached`, saved.breached, this.size, 0, 1);
    const equity = readColumn(`${path}.equityCents`, saved.equityCents, this.size, -most, most, false);
    const drawdown = readColumn(`${path}.drawdownCents`, saved.drawdownCents, this.size, 0, most, false);
    const broken = readColumn(`${path}.broken`, saved.broken, this.size, 0, (1 << SAMPLES_MAX) - 1);
    this.#window.load(`${path}.peaks`, saved.peaks);
    this.#breached.set(breached);
    this.#equity.set(equity);
    this.#drawdown.set(drawdown);
    this.#broken.set(broken);
  }

  /** The state, for the snapshot of a gate; limits are configuration and are not in it. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
    // What an index without a limit holds is forgotten before it counts again.
    this.#window.saveInto(to, (index) => this.#confirm[index] !== OFF);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const [apply, applyWindow] = [from.columns(this.#saved()), this.#window.loadFrom(from)];
    return () => {
      apply();
      applyWindow();
    };
  }

  #measure(index: number, equityCents: number, nowNs: number): LossVerdict {
    if (!Number.isFinite(equityCents) || !Number.isFinite(nowNs)) return "breached";
    this.#window.push(index, equityCents, nowNs);
    const peak = this.#window.highest(index, nowNs);
    const drawdown = peak - equityCents;
    this.#equity[index] = equityCents;
    this.#drawdown[index] = drawdown;
    const bps = this.#bps[index] as number;
    const limit = Math.min(this.#cents[index] as number, bps === 0 ? NO_LIMIT : ceilBps(peak, bps));
    if (equityCents <= 0 || drawdown >= limit) return "breached";
    return drawdown * 5 >= limit * 4 ? "warning" : "within";
  }

  #check(index: number): number {
    return checkInteger("drawdownWindow.index", index, 0, this.size - 1);
  }

  #saved(): readonly StateColumn[] {
    return [
      ["breached", this.#breached, 0, 0, 1],
      ["equityCents", this.#equity, 0],
      ["drawdownCents", this.#drawdown, 0],
      ["broken", this.#broken, 0, 0, (1 << SAMPLES_MAX) - 1],
    ];
  }
}

function termsOf(limit: DrawdownLimit): { cents: number; bps: number; confirm: number; samples: number } {
  const { drawdownCents, drawdownBps, confirm = 1, samples = confirm } = limit;
  const known = ["lookbackNs", "drawdownCents", "drawdownBps", "confirm", "samples"];
  checkKeys("drawdownWindow.limit", limit, known);
  checkInteger("drawdownWindow.samples", samples, 1, SAMPLES_MAX);
  checkInteger("drawdownWindow.confirm", confirm, 1, samples);
  const cents =
    drawdownCents === undefined
      ? NO_LIMIT
      : checkInteger("drawdownWindow.drawdownCents", drawdownCents, 1, CENTS_MAX);
  if (drawdownBps === undefined && drawdownCents !== undefined) return { cents, bps: 0, confirm, samples };
  const bps = checkInteger("drawdownWindow.drawdownBps", drawdownBps, 1, BPS_MAX);
  return { cents, bps, confirm, samples };
}

function bitsOf(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
