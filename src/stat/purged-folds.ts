import { checkBoolean, checkInteger, checkKeys } from "../base/index.ts";
import {
  checkedEmbargo,
  EMBARGO_KEYS,
  type Embargo,
  type InformationSpans,
  Observations,
} from "./information-spans.ts";

/** What to train on and what to test on: positions of observations, rising. */
export interface Fold {
  /** May be empty where spans or the embargo are long. */
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** How {@link walkForwardFolds} walks; lengths count observations. */
export interface WalkForwardOptions extends Embargo {
  /** Training before the first test; the length of all trainings unless `anchored`. Purging shortens it. */
  readonly train: number;
  readonly test: number;
  /** From one test to the next; `test` unless given: tests side by side. */
  readonly step?: number;
  /** Every training begins at the first observation; false unless given. */
  readonly anchored?: boolean;
}

/** How {@link purgedFolds} are cut. */
export interface PurgedFoldsOptions extends Embargo {
  /** How many folds, at least 2. */
  readonly folds: number;
}

/**
 * Walk-forward splits: each test follows its training, a window that rolls on or grows from the first observation. What
 * is trained on is known before the first test observation is decided, by an embargo: `embargo` observations before
 * the test are left out, and what is known later than `embargoNs` before it. The observations after the last whole
 * test are in none.
 *
 * @units positions of observations; `embargoNs` in the unit of the spans
 * @shape one fold a step; `test` has the given length, `train` at most the given one unless anchored
 * @invariant Every train observation comes before every test observation, and its outcome is known before the first of
 * them is decided; tests do not overlap where the step is at least their length.
 * @throws `FAULT_CONFIG` on an option that is none, or where observations are fewer than `train + test`;
 * `FAULT_INPUT` on spans that fall or end before they begin
 * @cost O(folds * train)
 * @source Pardo, The Evaluation and Optimization of Trading Strategies, 2008, ch. 11; Lopez de Prado, Advances in
 * Financial Machine Learning, 2018, 7.4 (purging), 12.2
 * @example
 * ```ts
 * import { walkForwardFolds } from "tickwright/stat";
 * const [first, second] = walkForwardFolds(10, { train: 4, test: 3, embargo: 1 });
 * first; // => { train: Int32Array.of(0, 1, 2), test: Int32Array.of(4, 5, 6) }
 * second; // => { train: Int32Array.of(3, 4, 5), test: Int32Array.of(7, 8, 9) }
 * ```
 */
export function walkForwardFolds(
  observations: number | InformationSpans,
  options: WalkForwardOptions,
): Fold[] {
  checkKeys("options", options, ["train", "test", "step", "anchored", ...EMBARGO_KEYS]);
  const { embargo, embargoNs } = checkedEmbargo("options", options);
  const seen = new Observations("observations", observations);
  const train = checkInteger("options.train", options.train, 1, seen.count - 1);
  const test = checkInteger("options.test", options.test, 1, seen.count - train);
  const step = checkInteger("options.step", options.step ?? test, 1);
  const anchored = checkBoolean("options.anchored", options.anchored ?? false);
  const folds: Fold[] = [];
  for (let start = train; start + test <= seen.count; start += step) {
    const kept: number[] = [];
    for (let i = anchored ? 0 : start - train; i < start - embargo; i++) {
      if (seen.isKnownBefore(i, start, embargoNs)) kept.push(i);
    }
    folds.push({ train: Int32Array.from(kept), test: places(start, start + test) });
  }
  return folds;
}

/**
 * K-fold splits for observations in time: contiguous tests, and of all others those to train on whose span does not
 * meet that of the test or begin within the embargo after it. Spans that touch meet.
 *
 * @units positions of observations; `embargoNs` in the unit of the spans
 * @shape `folds` folds; tests differ in length by at most one, the longer first
 * @invariant Tests part the observations; no train span overlaps the test's span and embargo.
 * @throws as {@link walkForwardFolds}; `FAULT_CONFIG` on fewer observations than folds
 * @cost O(folds * n)
 * @source Lopez de Prado, Advances in Financial Machine Learning, 2018, ch. 7 (snippets 7.1 to 7.3)
 * @example
 * ```ts
 * import { purgedFolds } from "tickwright/stat";
 * const [, second] = purgedFolds(6, { folds: 3, embargo: 1 });
 * second; // => { train: Int32Array.of(0, 1, 5), test: Int32Array.of(2, 3) }
 * ```
 */
export function purgedFolds(observations: number | InformationSpans, options: PurgedFoldsOptions): Fold[] {
  checkKeys("options", options, ["folds", ...EMBARGO_KEYS]);
  const embargo = checkedEmbargo("options", options);
  const seen = new Observations("observations", observations);
  const folds = checkInteger("options.folds", options.folds, 2, seen.count);
  const bounds = groupBounds(seen.count, folds);
  return Array.from({ length: folds }, (_, i) => {
    const [first, end] = [bounds[i] as number, bounds[i + 1] as number];
    const train = purgedMask(seen, first, end, embargo);
    return { train: placesOf(train, 0), test: places(first, end) };
  });
}

/** Where groups begin, and where the last ends: contiguous, the longer by one first. */
export function groupBounds(count: number, groups: number): Int32Array {
  const length = Math.floor(count / groups);
  const longer = count % groups;
  return Int32Array.from({ length: groups + 1 }, (_, i) => i * length + Math.min(i, longer));
}

/** 1 for each observation that may not be trained on where `[first, end)` is tested, itself included; else 0. */
export function purgedMask(
  seen: Observations,
  first: number,
  end: number,
  embargo: Required<Embargo>,
): Uint8Array {
  const block = seen.block(first, end, embargo);
  return Uint8Array.from({ length: seen.count }, (_, i) =>
    (i >= first && i < end) || seen.overlaps(i, block) ? 1 : 0,
  );
}

/** The positions that hold a value. */
export function placesOf(mask: Uint8Array, value: number): Int32Array {
  const found: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === value) found.push(i);
  return Int32Array.from(found);
}

/** The positions from one to before another. */
export function places(first: number, end: number): Int32Array {
  return Int32Array.from({ length: end - first }, (_, i) => first + i);
}
