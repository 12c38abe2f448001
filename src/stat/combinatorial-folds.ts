import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { binomial, choices } from "./combinations.ts";
import {
  checkedEmbargo,
  EMBARGO_KEYS,
  type Embargo,
  type InformationSpans,
  Observations,
} from "./information-spans.ts";
import { type Fold, groupBounds, places, placesOf, purgedMask } from "./purged-folds.ts";
import type { Series } from "./series.ts";

/** How {@link CombinatorialFolds} are cut. */
export interface CombinatorialFoldsOptions extends Embargo {
  /** Into how many contiguous groups observations are cut, at least 2. */
  readonly groups: number;
  /** How many of them are tested at a time, at least 1 and below `groups`. */
  readonly testGroups: number;
}

/** More splits than these are refused. */
const SPLITS_MOST = 1_000_000;

/**
 * Combinatorial purged cross-validation: N groups, of which every choice of k is tested once, C(N, k) splits. Every
 * group is tested in C(N - 1, k - 1) of them; as many whole backtest paths can be put together from what the splits
 * return, each over every observation once. Splits are in lexicographic order of their test groups.
 *
 * @units positions of observations; `embargoNs` in the unit of the spans
 * @invariant Every observation is tested in exactly `paths` = k / N of the splits; no train span overlaps the span and
 * embargo of any test group of its split.
 * @cost A fold is made when it is asked for: O(k n). Held are one byte an observation and group, k integers a split.
 * @source Lopez de Prado, Advances in Financial Machine Learning, 2018, 12.3 and 12.4
 * @example
 * ```ts
 * import { CombinatorialFolds } from "tickwright/stat";
 * const folds = new CombinatorialFolds(600, { groups: 6, testGroups: 2 });
 * folds.splits; // => 15
 * folds.paths; // => 5
 * folds.testGroups(5); // => Int32Array.of(1, 2)
 * ```
 */
export class CombinatorialFolds {
  /** How many splits: C(groups, testGroups). */
  readonly splits: number;
  /** How many backtest paths: splits * testGroups / groups. */
  readonly paths: number;
  /** How many observations. */
  readonly count: number;
  readonly #bounds: Int32Array;
  readonly #choices: readonly Int32Array[];
  /** For each group, 1 where an observation may not be trained on while the group is tested. */
  readonly #purged: readonly Uint8Array[];

  /**
   * @throws `FAULT_CONFIG` on an option that is none, more groups than observations or over a million splits;
   * `FAULT_INPUT` on spans that fall or end before they begin
   */
  constructor(observations: number | InformationSpans, options: CombinatorialFoldsOptions) {
    checkKeys("options", options, ["groups", "testGroups", ...EMBARGO_KEYS]);
    const embargo = checkedEmbargo("options", options);
    const seen = new Observations("observations", observations);
    const groups = checkInteger("options.groups", options.groups, 2, seen.count);
    const tested = checkInteger("options.testGroups", options.testGroups, 1, groups - 1);
    this.count = seen.count;
    this.splits = binomial(groups, tested);
    if (!(this.splits <= SPLITS_MOST)) {
      const expected = `no more than ${SPLITS_MOST} splits`;
      throw new Fault("FAULT_CONFIG", { path: "options", value: this.splits, expected });
    }
    this.paths = binomial(groups - 1, tested - 1);
    const bounds = groupBounds(seen.count, groups);
    this.#bounds = bounds;
    this.#choices = choices(groups, tested);
    this.#purged = Array.from({ length: groups }, (_, i) =>
      purgedMask(seen, bounds[i] as number, bounds[i + 1] as number, embargo),
    );
  }

  /** The groups that a split tests, rising from 0. @throws `FAULT_CONFIG` where there is no such split */
  testGroups(split: number): Int32Array {
    return this.#choice(split).slice();
  }

  /**
   * What a split trains and tests on.
   *
   * @throws `FAULT_CONFIG` where there is no such split
   */
  fold(split: number): Fold {
    const choice = this.#choice(split);
    const purged = new Uint8Array(this.count);
    const test = new Int32Array(this.#testLength(choice));
    let filled = 0;
    for (const group of choice) {
      const mask = this.#purged[group] as Uint8Array;
      for (let i = 0; i < purged.length; i++) purged[i] = (purged[i] as number) | (mask[i] as number);
      const own = places(this.#bounds[group] as number, this.#bounds[group + 1] as number);
      test.set(own, filled);
      filled += own.length;
    }
    return { train: placesOf(purged, 0), test };
  }

  /**
   * The split that a path takes a group from: the path-th, from 0, of those that test it.
   *
   * @shape one split a group
   * @throws `FAULT_CONFIG` where there is no such path
   */
  pathSplits(path: number): Int32Array {
    checkInteger("path", path, 0, this.paths - 1);
    const groups = this.#bounds.length - 1;
    const met = new Int32Array(groups);
    const found = new Int32Array(groups);
    for (const [split, choice] of this.#choices.entries()) {
      for (const group of choice) {
        if (met[group] === path) found[group] = split;
        met[group] = (met[group] as number) + 1;
      }
    }
    return found;
  }

  /**
   * The backtest paths, put together from what each split's test returned.
   *
   * @shape `results` one series a split, one value a test observation in the order of `fold(split).test`; the result
   * `paths` series of `count` values
   * @invariant Every value of every split is in exactly one path, at its own observation.
   * @throws `FAULT_INPUT` where there are not as many series as splits, or values as test observations
   * @cost O(paths * n)
   */
  assemble(results: readonly Series[]): Float64Array[] {
    if (results.length !== this.splits) {
      const expected = `one series a split (${this.splits})`;
      throw new Fault("FAULT_INPUT", { path: "results.length", value: results.length, expected });
    }
    const groups = this.#bounds.length - 1;
    const paths = Array.from({ length: this.paths }, () => new Float64Array(this.count));
    const met = new Int32Array(groups);
    for (const [split, choice] of this.#choices.entries()) {
      const values = results[split] as Series;
      if (values.length !== this.#testLength(choice)) {
        const expected = `one value a test observation (${this.#testLength(choice)})`;
        throw new Fault("FAULT_INPUT", { path: `results[${split}].length`, value: values.length, expected });
      }
      let read = 0;
      for (const group of choice) {
        const path = paths[met[group] as number] as Float64Array;
        met[group] = (met[group] as number) + 1;
        const end = this.#bounds[group + 1] as number;
        for (let i = this.#bounds[group] as number; i < end; i++) path[i] = values[read++] as number;
      }
    }
    return paths;
  }

  #choice(split: number): Int32Array {
    return this.#choices[checkInteger("split", split, 0, this.splits - 1)] as Int32Array;
  }

  #testLength(choice: Int32Array): number {
    let length = 0;
    for (const group of choice) {
      length += (this.#bounds[group + 1] as number) - (this.#bounds[group] as number);
    }
    return length;
  }
}
