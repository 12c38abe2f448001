import { describe, expect, it } from "vitest";
import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkNumber,
  checkPositive,
  checkText,
} from "../../src/base/index.ts";

/** One value of every kind the language has. */
const KINDS: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  zero: 0,
  one: 1,
  negative: -1,
  fraction: 0.5,
  huge: 2 ** 53,
  nan: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  bigint: 1n,
  empty: "",
  digits: "1",
  symbol: Symbol("s"),
  function: () => 1,
  array: [],
  filled: [1],
  object: {},
  date: new Date(0),
};

const CHECKS: readonly (readonly [string, (value: unknown) => unknown, readonly string[]])[] = [
  ["checkInteger", (value) => checkInteger("x", value), ["zero", "one", "negative"]],
  ["checkInteger from 1", (value) => checkInteger("x", value, 1), ["one"]],
  ["checkInteger to 0", (value) => checkInteger("x", value, -5, 0), ["zero", "negative"]],
  ["checkNumber", (value) => checkNumber("x", value), ["zero", "one", "negative", "fraction", "huge"]],
  ["checkNumber within", (value) => checkNumber("x", value, 0, 1), ["zero", "one", "fraction"]],
  ["checkPositive", (value) => checkPositive("x", value), ["one", "fraction", "huge"]],
  ["checkText", (value) => checkText("x", value), ["digits"]],
  ["checkBoolean", (value) => checkBoolean("x", value), ["true"]],
  ["checkChoice", (value) => checkChoice("x", value, ["1", "2"]), ["digits"]],
  ["checkArray", (value) => checkArray("x", value as unknown[]), ["filled"]],
  ["checkArray from 0", (value) => checkArray("x", value as unknown[], 0), ["array", "filled"]],
  ["checkFunction", (value) => checkFunction("x", value), ["function"]],
];

describe.each(CHECKS)("%s", (_name, check, accepted) => {
  it.each(Object.keys(KINDS))("%s", (kind) => {
    const value = KINDS[kind];
    if (accepted.includes(kind)) expect(check(value)).toBe(value);
    else expect(() => check(value)).toThrow(/^FAULT_CONFIG x: found .+, expected \S.*\S$/);
  });
});

describe("checkKeys", () => {
  it.each(Object.keys(KINDS))("takes an object of options alone: %s", (kind) => {
    const check = (): void => checkKeys("x", KINDS[kind], ["a"]);
    if (kind === "object" || kind === "date") expect(check).not.toThrow();
    else expect(check).toThrow("FAULT_CONFIG x: found");
  });

  it("refuses a misspelt option by its name", () => {
    expect(() => checkKeys("book", { dept: 5 }, ["depth", "side"])).toThrow(
      "FAULT_CONFIG book.dept: found 5, expected one of the options depth, side",
    );
    expect(() => checkKeys("book", { depth: 5, side: undefined }, ["depth", "side"])).not.toThrow();
  });
});

describe("messages", () => {
  it.each([
    [() => checkInteger("n", 0.5), "FAULT_CONFIG n: found 0.5, expected an integer"],
    [() => checkInteger("n", 0, 1), "FAULT_CONFIG n: found 0, expected an integer of at least 1"],
    [() => checkInteger("n", 9, 1, 8), "FAULT_CONFIG n: found 9, expected an integer within 1 and 8"],
    [() => checkNumber("n", Number.NaN), "FAULT_CONFIG n: found NaN, expected a finite number"],
    [() => checkNumber("n", -1, 0), "FAULT_CONFIG n: found -1, expected a finite number of at least 0"],
    [() => checkNumber("n", 2, 0, 1), "FAULT_CONFIG n: found 2, expected a finite number within 0 and 1"],
    [
      () => checkChoice("s", "hold", ["buy", "sell"]),
      'FAULT_CONFIG s: found "hold", expected one of buy, sell',
    ],
  ])("%s", (check, message) => {
    expect(check).toThrow(expect.objectContaining({ message }));
  });
});
