import { Fault } from "../base/index.ts";
import type { SavedTouchCheck } from "./touch-check.ts";
import type { ValidationParameters } from "./validation-options.ts";
import type { SavedHysteresis } from "./validity-hysteresis.ts";

/** What a `MarketDataValidator` keeps over a restart, JSON-safe. */
export interface SavedValidator {
  readonly hysteresis: SavedHysteresis;
  /** Messages until levels are counted, and crossings of the book that were seen. */
  readonly numbers: readonly number[];
  /** Lost, incomplete, crossed. */
  readonly states: readonly [isLost: boolean, isIncomplete: boolean, isCrossed: boolean];
  /** Now, and the volume of the day. */
  readonly cells: readonly number[];
  readonly taken: readonly number[];
  readonly verdicts: readonly number[];
  readonly reasons: readonly number[];
  readonly times: { readonly cells: readonly number[]; readonly isLate: boolean };
  readonly sequence: readonly number[];
  readonly touch: SavedTouchCheck;
  readonly book: readonly number[];
}

/** Lists that are as long as what came: at most this, by name. */
function longest(name: string, parameters: ValidationParameters): number | undefined {
  if (name === "validator.book") return Number.MAX_SAFE_INTEGER;
  if (name === "validator.touch.spreads") return parameters.spreadSamples;
  if (name === "validator.touch.reference.prices") return parameters.priceSamples;
  return undefined;
}

/**
 * Reads saved state: the shape of `like`, finite numbers and truths where it has them.
 *
 * @throws `FAULT_INPUT` naming the place
 */
export function readValidator(
  data: unknown,
  like: SavedValidator,
  parameters: ValidationParameters,
): SavedValidator {
  compare("validator", data, like, parameters);
  return data as SavedValidator;
}

function compare(path: string, value: unknown, like: unknown, parameters: ValidationParameters): void {
  if (Array.isArray(like)) {
    const most = longest(path, parameters);
    const isList =
      Array.isArray(value) && (most === undefined ? value.length === like.length : value.length <= most);
    if (!isList)
      throw wrong(path, value, `a list of ${most === undefined ? "" : "at most "}${most ?? like.length}`);
    const list: readonly unknown[] = value;
    for (const [i, each] of list.entries()) compare(`${path}[${i}]`, each, like[i] ?? 0, parameters);
    return;
  }
  if (typeof like === "object" && like !== null) {
    const keys = Object.keys(like).sort().join(", ");
    const isSame =
      typeof value === "object" && value !== null && Object.keys(value).sort().join(", ") === keys;
    if (!isSame) throw wrong(path, value, `an object with the fields ${keys}`);
    for (const [key, each] of Object.entries(like)) {
      compare(`${path}.${key}`, Reflect.get(value, key), each, parameters);
    }
    return;
  }
  if (typeof value !== typeof like || (typeof value === "number" && !Number.isFinite(value))) {
    throw wrong(path, value, `a ${typeof like}`);
  }
}

function wrong(path: string, value: unknown, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path, value, expected });
}
