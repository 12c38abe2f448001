import { checkInteger, checkKeys, checkText } from "../base/index.ts";
import { ceilBps } from "./basis-points.ts";
import { ExtremeWindow, type SavedExtremes } from "./extreme-window.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields } from "./saved-state.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const SIZE_MAX = 65_536;
const BUCKETS_MAX = 65_535;
const BPS_MAX = 10_000;
const CENTS_MAX = 1_125_899_906_842_624; // 2^50
const NO_LIMIT = Number.POSITIVE_INFINITY;

/** A stop-loss over a time window: an amount, a share of a capital, or both, of which the first breached wins. */
export interface LossLimit {
  readonly windowNs: number;
  readonly lossCents?: number;
  /** Basis points of `capitalCents`: both or neither. */
  readonly lossBps?: number;
  readonly capitalCents?: number;
}

/** What a sample of P&L or equity says; `warning` from 80 % of the limit on. */
export type LossVerdict = "within" | "warning" | "breached";

/** Options of a {@link LossWindow}. */
export interface LossWindowOptions {
  /** Indices there are, within 1 and 65,536. */
  readonly size: number;
  /** Steps of each window, 64 unless given, at most 65,535. */
  readonly buckets?: number;
}

/** What a {@link LossWindow} keeps over a restart. */
export interface SavedLossWindow {
  readonly breached: readonly number[];
  readonly lossCents: readonly number[];
  readonly windows: readonly SavedExtremes[];
}

/**
 * Stop-loss over a time window, per dense index: the loss is the highest P&L of the window less that of now, and a
 * loss at the limit breaches, until a person resets it.
 *
 * The window is cut into `buckets` steps of `ceil(windowNs / buckets)` ns, and a step keeps its highest P&L until
 * its end is `windowNs` old: a high counts for at least the window and less than a step longer, so the loss is never
 * understated.
 *
 * @units money in whole minor units ("cents") within 2^50; times in ns from the session's base
 * @invariant Memory is bounded by `buckets + 1` steps an index, whatever the rate of samples.
 * @invariant A P&L or a time that is no finite number breaches; without a limit nothing does.
 * @cost `sample` O(1) amortised, nothing allocated; 16 (buckets + 1) + 42 bytes an index.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { LossWindow } from "tickwright/risk";
 * const stop = new LossWindow({ size: 1 });
 * const limit = { windowNs: 60_000_000_000, lossBps: 100, capitalCents: 1_000_000, lossCents: 50_000 };
 * stop.configure(0, limit);
 * [stop.limitCents(0), stop.sample(0, 3_000, 0), stop.sample(0, -5_000, 1)]; // => [10000, "within", "warning"]
 * [stop.sample(0, -7_000, 2), stop.sample(0, 9_000, 3), stop.isBreached(0)]; // => ["breached", "breached", true]
 * [stop.reset(0, "R. Okafor"), stop.sample(0, -7_000, 4)]; // => [true, "within"]
 * ```
 */
export class LossWindow implements StatePart {
  readonly size: number;
  readonly #buckets: number;
  readonly #window: ExtremeWindow;
  readonly #limit: Float64Array;
  readonly #loss: Float64Array;
  readonly #breached: Uint8Array;

  constructor(options: LossWindowOptions) {
    checkKeys("lossWindow", options, ["size", "buckets"]);
    this.size = checkInteger("lossWindow.size", options.size, 1, SIZE_MAX);
    this.#buckets = checkInteger("lossWindow.buckets", options.buckets ?? 64, 1, BUCKETS_MAX);
    this.#window = new ExtremeWindow({ lanes: this.size, depth: this.#buckets + 1 });
    this.#limit = new Float64Array(this.size).fill(NO_LIMIT);
    this.#loss = new Float64Array(this.size);
    this.#breached = new Uint8Array(this.size);
  }

  /**
   * Gives an index a limit, or none, and forgets its highs; a breach stays.
   *
   * @throws `FAULT_CONFIG` naming the field; a limit needs `lossCents`, or `lossBps` with `capitalCents`.
   */
  configure(index: number, limit: LossLimit | undefined): void {
    this.#check(index);
    if (limit === undefined) {
      this.#limit[index] = NO_LIMIT;
      return;
    }
    const cents = limitOf(limit);
    const windowNs = checkInteger("lossWindow.windowNs", limit.windowNs, 1);
    this.#window.configure(index, windowNs, Math.ceil(windowNs / this.#buckets));
    this.#limit[index] = cents;
  }

  /** Takes the P&L of now and says how it stands. @param pnlCents whole cents; any zero, as only moves count */
  sample(index: number, pnlCents: number, nowNs: number): LossVerdict {
    const limit = this.#limit[index] as number;
    if (limit === NO_LIMIT) return "within";
    if (this.#breached[index] === 1) return "breached";
    if (!Number.isFinite(pnlCents) || !Number.isFinite(nowNs)) return this.#breach(index);
    this.#window.push(index, pnlCents, nowNs);
    const loss = this.#window.highest(index, nowNs) - pnlCents;
    this.#loss[index] = loss;
    if (loss >= limit) return this.#breach(index);
    return loss * 5 >= limit * 4 ? "warning" : "within";
  }

  /** Whether the stop has been hit and not reset; true for an index that is not there. */
  isBreached(index: number): boolean {
    return this.#breached[index] !== 0;
  }

  /** The loss over the window at the last sample; once breached, that of the breach. @units cents */
  lossCents(index: number): number {
    return this.#loss[index] as number;
  }

  /** The limit that is met first, `Infinity` without one. @units cents */
  limitCents(index: number): number {
    return this.#limit[index] as number;
  }

  /**
   * Lifts a breach and forgets the highs. Says whether anything changed.
   *
   * @throws `FAULT_CONFIG` when `by` is no name, or the index is not there.
   */
  reset(index: number, by: string): boolean {
    checkText("lossWindow.by", by);
    if (!this.isBreached(this.#check(index))) return false;
    this.#breached[index] = 0;
    this.#loss[index] = 0;
    this.#window.clear(index);
    return true;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedLossWindow {
    return { breached: [...this.#breached], lossCents: [...this.#loss], windows: this.#window.save() };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "lossWindow";
    const saved = savedFields<SavedLossWindow>(path, data, ["breached", "lossCents", "windows"]);
    const breached = readColumn(`${path}.breached`, saved.breached, this.size, 0, 1);
    const most = Number.MAX_SAFE_INTEGER;
    const loss = readColumn(`${path}.lossCents`, saved.lossCents, this.size, 0, most, false);
    this.#window.load(`${path}.windows`, saved.windows);
    this.#breached.set(breached);
    this.#loss.set(loss);
  }

  /** The state, for the snapshot of a gate; limits are configuration and are not in it. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
    // What an index without a limit holds is forgotten before it counts again.
    this.#window.saveInto(to, (index) => this.#limit[index] !== NO_LIMIT);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const [apply, applyWindow] = [from.columns(this.#saved()), this.#window.loadFrom(from)];
    return () => {
      apply();
      applyWindow();
    };
  }

  #breach(index: number): LossVerdict {
    this.#breached[index] = 1;
    return "breached";
  }

  #check(index: number): number {
    return checkInteger("lossWindow.index", index, 0, this.size - 1);
  }

  #saved(): readonly StateColumn[] {
    return [
      ["breached", this.#breached, 0, 0, 1],
      ["lossCents", this.#loss, 0],
    ];
  }
}

function limitOf(limit: LossLimit): number {
  checkKeys("lossWindow.limit", limit, ["windowNs", "lossCents", "lossBps", "capitalCents"]);
  const { lossCents, lossBps, capitalCents } = limit;
  const amount =
    lossCents === undefined ? NO_LIMIT : checkInteger("lossWindow.lossCents", lossCents, 1, CENTS_MAX);
  if (lossBps === undefined && capitalCents === undefined && lossCents !== undefined) return amount;
  const bps = checkInteger("lossWindow.lossBps", lossBps, 1, BPS_MAX);
  return Math.min(amount, ceilBps(checkInteger("lossWindow.capitalCents", capitalCents, 1, CENTS_MAX), bps));
}
