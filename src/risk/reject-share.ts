import { checkInteger, checkKeys } from "../base/index.ts";
import { readColumn } from "./saved-column.ts";
import { savedFields, savedList } from "./saved-state.ts";

const SAMPLES_MAX = 65_536;
const WHOLE_BPS = 10_000;

/** Options of a {@link RejectShare}. */
export interface RejectShareOptions {
  /** The share of rejects that still passes, in basis points within 0 and 9,999. */
  readonly limitBps: number;
  /** The last outcomes that count, within 1 and 65,536. */
  readonly samples: number;
  /** Outcomes there must be before the share says anything; at most `samples`. */
  readonly minSamples: number;
}

/** What a {@link RejectShare} keeps over a restart: 1 for a reject, oldest first. */
export interface SavedRejectShare {
  readonly outcomes: readonly number[];
}

/**
 * Trips when more than a share of the last outcomes were rejects.
 *
 * @invariant The share is of the last `samples` outcomes exactly, or of all there are when fewer.
 * @cost O(1), nothing allocated; a byte a sample.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { RejectShare } from "tickwright/risk";
 * const rejects = new RejectShare({ limitBps: 5_000, samples: 100, minSamples: 3 });
 * [true, true, false, true].map((rejected) => rejects.add(rejected)); // => [false, false, true, true]
 * ```
 */
export class RejectShare {
  readonly #limitBps: number;
  readonly #minSamples: number;
  readonly #outcomes: Uint8Array;
  #count = 0;
  #next = 0;
  #rejects = 0;

  constructor(options: RejectShareOptions) {
    checkKeys("rejectShare", options, ["limitBps", "samples", "minSamples"]);
    const { limitBps, samples, minSamples } = options;
    this.#limitBps = checkInteger("rejectShare.limitBps", limitBps, 0, WHOLE_BPS - 1);
    this.#outcomes = new Uint8Array(checkInteger("rejectShare.samples", samples, 1, SAMPLES_MAX));
    this.#minSamples = checkInteger("rejectShare.minSamples", minSamples, 1, samples);
  }

  /** Takes an outcome; true when the share is above the limit. */
  add(rejected: boolean): boolean {
    const outcomes = this.#outcomes;
    const outcome = rejected ? 1 : 0;
    this.#rejects += outcome - (outcomes[this.#next] as number);
    outcomes[this.#next] = outcome;
    this.#next = (this.#next + 1) % outcomes.length;
    if (this.#count < outcomes.length) this.#count++;
    return this.#count >= this.#minSamples && this.#rejects * WHOLE_BPS > this.#limitBps * this.#count;
  }

  /** Forgets every outcome. */
  clear(): void {
    this.#outcomes.fill(0);
    this.#count = 0;
    this.#next = 0;
    this.#rejects = 0;
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedRejectShare {
    const first = this.#next + this.#outcomes.length - this.#count;
    const at = (i: number) => this.#outcomes[(first + i) % this.#outcomes.length] as number;
    return { outcomes: Array.from({ length: this.#count }, (_, i) => at(i)) };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const path = "rejectShare";
    const { outcomes } = savedFields<SavedRejectShare>(path, data, ["outcomes"]);
    const list = savedList<number>(`${path}.outcomes`, outcomes, 0, this.#outcomes.length);
    const column = readColumn(`${path}.outcomes`, list, list.length, 0, 1);
    this.clear();
    for (const outcome of column) this.add(outcome === 1);
  }
}
