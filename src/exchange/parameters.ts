import { ApiError, mandatory } from "./api-error.ts";
import { parseUnits, type Units } from "./units.ts";

/**
 * The parameters of one request, read by name. The first thing that is wrong stays in `trouble`; readers after it still
 * answer something, so that a route asks once, at its end.
 */
export class Parameters {
  trouble: ApiError | undefined;
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** A parameter that may be left out; empty is wrong. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === "") this.trouble ??= new ApiError(-1105, `Parameter '${name}' was empty.`);
    return value === "" ? undefined : value;
  }

  /** A parameter that must be there. */
  needed(name: string): string {
    const value = this.#values.get(name);
    if (value !== undefined && value !== "") return value;
    this.trouble ??= mandatory(name);
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
        `Illegal characters found in parameter '${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
      );
      return 0n;
    }
    if (units === "tooPrecise") {
      this.trouble ??= new ApiError(-1111, `Parameter '${name}' has too much precision.`);
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
      `Illegal characters found in parameter '${name}'; legal range is '^[0-9]{1,20}$'.`,
    );
    return fallback;
  }
}
