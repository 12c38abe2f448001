import { checkArray, Fault, sha256Hex } from "../base/index.ts";

/** Numbers of texts that are no decimals begin here; those a reconciliation desk makes itself begin at 2^52. */
const HASHED = 2 ** 51;
const KEPT = 20_000;

/** The numbers of texts that no rule gives back: JSON-safe. */
export interface SavedExecutionNumbers {
  readonly texts: readonly (readonly [number, string])[];
}

/** Options of {@link ExecutionNumbers}. */
export interface ExecutionNumbersOptions {
  /** Words that stand before a decimal, as in `BTCUSDT:4711`: always the same in the same order. */
  readonly scopes: readonly string[];
  /** Hashed texts remembered; 20,000 unless given. */
  readonly kept?: number;
  /** A text got a number that only a table gives back: keep it where it outlives the process. */
  readonly learned?: (number: number, text: string) => void;
}

/**
 * Whole numbers for a venue's execution ids, which are texts: `scope:decimal` and decimals by arithmetic, both ways and
 * without a table; other texts by a hash of 51 bits and a bounded table.
 *
 * @invariant A text has the same number for ever, at every start; two texts never share one: a hash that another text
 * has taken is refused (NaN).
 * @cost O(length).
 * @example
 * ```ts
 * import { ExecutionNumbers } from "tickwright/venue";
 * const numbers = new ExecutionNumbers({ scopes: ["BTCUSDT", "ETHUSDT"] });
 * numbers.numberOf("ETHUSDT:41"); // => 125
 * numbers.textOf(125); // => "ETHUSDT:41"
 * numbers.textOf(numbers.numberOf("7f3a-c0")); // => "7f3a-c0"
 * ```
 */
export class ExecutionNumbers {
  readonly #scopes: readonly string[];
  readonly #kept: number;
  /** Told of a text that got a number which only a table gives back, before anything else hears of it. */
  onLearned: (number: number, text: string) => void;
  readonly #texts = new Map<number, string>();

  constructor(options: ExecutionNumbersOptions) {
    this.#scopes = ["", ...checkArray("executionNumbers.scopes", options.scopes)];
    if (new Set(this.#scopes).size < this.#scopes.length) {
      const expected = "each word once";
      throw new Fault("FAULT_CONFIG", { path: "executionNumbers.scopes", value: options.scopes, expected });
    }
    this.#kept = options.kept ?? KEPT;
    this.onLearned = options.learned ?? (() => {});
  }

  /** The number of an execution id; NaN where it is empty, or where another text has its number. */
  numberOf(text: string): number {
    if (text === "") return Number.NaN;
    const plain = this.#plain(text);
    if (plain !== undefined) return plain;
    const number =
      HASHED + Number(BigInt(`0x${sha256Hex(new TextEncoder().encode(text)).slice(0, 16)}`) % BigInt(HASHED));
    const other = this.#texts.get(number);
    if (other !== undefined) return other === text ? number : Number.NaN;
    this.learn(number, text);
    this.onLearned(number, text);
    return number;
  }

  /** The execution id of a number; its decimals where it is not known any more. */
  textOf(number: number): string {
    if (number >= HASHED || !(number > 0)) return this.#texts.get(number) ?? String(number);
    const count = this.#scopes.length;
    const scope = this.#scopes[number % count] as string;
    const digits = String((number - (number % count)) / count);
    return scope === "" ? digits : `${scope}:${digits}`;
  }

  /** Takes a number that `learned` told before. */
  learn(number: number, text: string): void {
    this.#texts.set(number, text);
    if (this.#texts.size <= this.#kept) return;
    for (const first of this.#texts.keys()) {
      this.#texts.delete(first);
      break;
    }
  }

  save(): SavedExecutionNumbers {
    return { texts: [...this.#texts] };
  }

  load(saved: SavedExecutionNumbers): void {
    this.#texts.clear();
    for (const [number, text] of saved.texts) this.#texts.set(number, text);
  }

  #plain(text: string): number | undefined {
    const colon = text.lastIndexOf(":");
    const scope = this.#scopes.indexOf(colon < 0 ? "" : text.slice(0, colon));
    const digits = text.slice(colon + 1);
    if (scope < 0 || (scope === 0 && colon >= 0) || !/^(0|[1-9]\d{0,15})$/.test(digits)) return undefined;
    const number = Number(digits) * this.#scopes.length + scope;
    return number > 0 && number < HASHED ? number : undefined;
  }
}
