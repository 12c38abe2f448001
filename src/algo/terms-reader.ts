import { type Refusal, refuse } from "../base/index.ts";
import { ALGO_REFUSALS, type AlgoRefusalCode } from "./refusals.ts";

/** Reads an object's fields; of what is wrong the refusal whose code stands first is kept. */
export class TermsReader {
  refusal: Refusal<AlgoRefusalCode> | undefined = undefined;
  readonly #of: object;
  readonly #path: string;

  constructor(of: object, path = "") {
    this.#of = of;
    this.#path = path;
  }

  /** Keeps a refusal, unless one of a code before it is kept. */
  refuse(code: AlgoRefusalCode, field: string, value: unknown, expected: string): void {
    const kept = this.refusal;
    if (kept !== undefined && ALGO_REFUSALS.indexOf(kept.code) <= ALGO_REFUSALS.indexOf(code)) return;
    this.refusal = refuse(code, this.#path + field, value, expected);
  }

  /** A whole number; a default of undefined says that the field must be there. */
  integer(
    code: AlgoRefusalCode,
    field: string,
    otherwise: number | undefined,
    min: number,
    max: number,
  ): number {
    const value = this.#read(field, otherwise);
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
      return (value as number) + 0;
    this.refuse(code, field, value, `a whole number within ${min} and ${max}`);
    return min;
  }

  number(field: string, otherwise: number | undefined, min: number, max: number, isOpen = false): number {
    const value = this.#read(field, otherwise);
    if (typeof value === "number" && value >= min && value <= max && !(isOpen && value === min)) return value;
    const bounds = isOpen ? `above ${min} and at most ${max}` : `within ${min} and ${max}`;
    this.refuse("ALGO_PARAMETER", field, value, `a number ${bounds}`);
    return max;
  }

  flag(field: string, otherwise: boolean): boolean {
    const value = this.#read(field, otherwise);
    if (typeof value !== "boolean") this.refuse("ALGO_PARAMETER", field, value, "true or false");
    return value === true;
  }

  text(field: string, otherwise: string): string {
    const value = this.#read(field, otherwise);
    if (typeof value === "string") return value;
    this.refuse("ALGO_PARAMETER", field, value, "text");
    return otherwise;
  }

  choice<const Choice extends string>(
    code: AlgoRefusalCode,
    field: string,
    choices: readonly Choice[],
    otherwise: Choice | undefined,
  ): Choice {
    const value = this.#read(field, otherwise);
    if (choices.includes(value as Choice)) return value as Choice;
    this.refuse(code, field, value, `one of ${choices.join(", ")}`);
    return choices[0] as Choice;
  }

  /** A list of weights: finite, none negative, not all 0. */
  weights(field: string, most: number): readonly number[] {
    const value = this.#read(field, undefined);
    const list: readonly unknown[] = Array.isArray(value) ? value : [];
    const sound = list.every((each) => typeof each === "number" && each >= 0);
    const sum = sound ? (list as readonly number[]).reduce((total, each) => total + each, 0) : 0;
    if (list.length <= most && sum > 0 && Number.isFinite(sum)) return [...(list as readonly number[])];
    this.refuse("ALGO_PARAMETER", field, value, `at most ${most} finite weights of at least 0, not all 0`);
    return [1];
  }

  #read(field: string, otherwise: unknown): unknown {
    const value: unknown = Reflect.get(this.#of, field);
    return value === undefined ? otherwise : value;
  }
}
