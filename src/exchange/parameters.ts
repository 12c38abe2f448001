import { ApiError, mandatory } from "./api-error.ts";
import { parseUnits, type Units } from "./units.ts";

/**
 * The parameters of one request, read by name. The first thing that is wrong stays in `trouble`; readers after it still
 * answer something, so that a route asks once, at its end.
 */
export class Parameters {
  trouble: ApiError | undefined;
  readonly #values: ReadonlyMap<string, string>;
  readonly #called: (name: string) => string;

  /** `called` says what a parameter is called in this request: an order of a list has names of its own. */
  constructor(values: ReadonlyMap<string, string>, called: (name: string) => string = (name) => name) {
    this.#values = values;
    this.#called = called;
  }

  /** The same request, read by other names. */
  under(called: (name: string) => string): Parameters {
    return new Parameters(this.#values, called);
  }

  /** What a parameter is called in this request. */
  called(name: string): string {
    return this.#called(name);
  }

  has(name: string): boolean {
    return this.#values.has(this.#called(name));
  }

  /** A parameter that may be left out; empty is wrong. */
  text(name: string): string | undefined {
    const value = this.#values.get(this.#called(name));
    if (value === "") this.trouble ??= new ApiError(-1105, `Parameter '${this.#called(name)}' was empty.`);
    return value === "" ? undefined : value;
  }

  /** A parameter that must be there. */
  needed(name: string): string {
    const value = this.#values.get(this.#called(name));
    if (value !== undefined && value !== "") return value;
    this.trouble ??= mandatory(this.#called(name));
    return "";
  }

  /** A decimal that must be there. */
  decimal(name: string): Units {
    const text = this.needed(name);
    if (text === "") return 0n;
    const units = parseUnits(text);
    if (units === "malformed") {
      this.trouble ??= new ApiError(
        -1100,
        `Illegal characters found in parameter '${this.#called(name)}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
      );
      return 0n;
    }
    if (units === "tooPrecise") {
      this.trouble ??= new ApiError(-1111, `Parameter '${this.#called(name)}' has too much precision.`);
      return 0n;
    }
    return units;
  }

  /** A whole number within bounds; `fallback` where it is left out. */
  integer(name: string, fallback: number, min: number, max: number): number;
  integer(name: string, fallback: undefined, min: number, max: number): number | undefined;
  integer(name: string, fallback: number | undefined, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^[0-9]{1,20}$/.test(text) && Number.isSafeInteger(value)) {
      return Math.min(Math.max(value, min), max);
    }
    this.trouble ??= new ApiError(
      -1100,
      `Illegal characters found in parameter '${this.#called(name)}'; legal range is '^[0-9]{1,20}$'.`,
    );
    return fallback;
  }
}
