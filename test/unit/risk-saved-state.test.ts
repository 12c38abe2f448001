import { describe, expect, it } from "vitest";
import { savedFields, savedList, savedNumber, savedTimes } from "../../src/risk/saved-state.ts";

const hole: unknown[] = [1];
hole[2] = 3;

describe("saved state", () => {
  it("gives back what it was asked for", () => {
    const data = { b: 1, a: [2] };
    expect(savedFields<{ a: unknown; b: unknown }>("x", data, ["a", "b"])).toBe(data);
    expect(savedList("x", [1, "2"], 0, 2)).toEqual([1, "2"]);
    expect(savedList("x", [], 0, 0)).toEqual([]);
    expect([savedNumber("x", 1, 1, 2), savedNumber("x", 2, 1, 2), savedNumber("x", -1.5)]).toEqual([
      1, 2, -1.5,
    ]);
    expect(savedTimes("x", [-1, 0, 0, 5], 4)).toEqual([-1, 0, 0, 5]);
  });

  it.each([
    [
      "null",
      () => savedFields("x", null, []),
      "FAULT_INPUT x: found null, expected an object with the fields ",
    ],
    ["a text", () => savedFields("x", "a", []), 'FAULT_INPUT x: found "a"'],
    [
      "a field too few",
      () => savedFields<{ a: 1; b: 1 }>("x", { a: 1 }, ["b", "a"]),
      "expected an object with the fields a, b",
    ],
    ["a field too many", () => savedFields<{ a: 1 }>("x", { a: 1, b: 2 }, ["a"]), "FAULT_INPUT x"],
    ["another field", () => savedFields<{ a: 1 }>("x", { b: 1 }, ["a"]), "FAULT_INPUT x"],
    ["no array", () => savedList("x", { length: 1 }, 0, 2), "expected an array of 0 to 2 items"],
    ["too short", () => savedList("x", [1], 2, 3), "FAULT_INPUT x"],
    ["too long", () => savedList("x", [1, 2, 3, 4], 2, 3), "FAULT_INPUT x"],
    ["a number as text", () => savedNumber("x", "1"), 'FAULT_INPUT x: found "1", expected a number within'],
    ["below", () => savedNumber("x", 0, 1, 2), "expected a number within 1 and 2"],
    ["above", () => savedNumber("x", 3, 1, 2), "FAULT_INPUT x"],
    ["NaN", () => savedNumber("x", Number.NaN), "FAULT_INPUT x"],
    ["Infinity", () => savedNumber("x", Number.POSITIVE_INFINITY), "FAULT_INPUT x"],
    ["-Infinity", () => savedNumber("x", Number.NEGATIVE_INFINITY), "FAULT_INPUT x"],
    ["a hole", () => savedTimes("x", hole, 3), "FAULT_INPUT x[1]: found undefined"],
    ["times that fall", () => savedTimes("x", [1, 2, 1], 3), "FAULT_INPUT x[2]: found 1"],
    ["a time of -Infinity", () => savedTimes("x", [Number.NEGATIVE_INFINITY], 3), "FAULT_INPUT x[0]"],
    ["too many times", () => savedTimes("x", [1, 2], 1), "FAULT_INPUT x: found [1,2]"],
  ])("refuses %s", (_what, read, message) => {
    expect(read).toThrow(message);
  });
});
