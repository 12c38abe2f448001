import { describe, expect, it } from "vitest";
import { guardedTicks, referenceTicks, stopFires, TRIGGER } from "../../src/order/index.ts";

describe("the trigger of a stop", () => {
  it.each([
    // side, stop, reference, fires
    [1, 100, 99, false],
    [1, 100, 100, true],
    [1, 100, 101, true],
    [-1, 100, 101, false],
    [-1, 100, 100, true],
    [-1, 100, 99, true],
    [1, -5, -6, false],
    [1, -5, -5, true],
    [1, 0, -0, true],
    [1, 100, NaN, false],
    [-1, 100, NaN, false],
    [1, NaN, 100, false],
    [-1, NaN, 100, false],
    [1, 100, Infinity, true],
    [-1, 100, -Infinity, true],
  ] as const)("side %d, stop %d, price %d: %s, and never again", (side, stop, reference, fires) => {
    expect(stopFires(false, side, stop, reference)).toBe(fires);
    expect(stopFires(true, side, stop, reference)).toBe(false);
  });

  it("fires once over a path of prices", () => {
    let fired = false;
    const times: number[] = [];
    for (const [i, price] of [90, 100, 95, 105].entries()) {
      if (!stopFires(fired, 1, 100, price)) continue;
      fired = true;
      times.push(i);
    }
    expect(times).toEqual([1]);
  });

  it("watches the price that was asked for; of bid and ask the one it would trade at", () => {
    const prices = { lastTicks: 1, bidTicks: 2, askTicks: 3, markTicks: 4, indexTicks: 5 };
    const watched = Object.values(TRIGGER).map((code) => [
      referenceTicks(code, 1, prices),
      referenceTicks(code, -1, prices),
    ]);
    expect(watched).toEqual([
      [1, 1],
      [3, 2],
      [4, 4],
      [5, 5],
    ]);
  });

  it("bounds what a triggered stop may trade at", () => {
    expect([guardedTicks(1, 100, 5), guardedTicks(-1, 100, 5), guardedTicks(1, -3, 0)]).toEqual([
      105, 95, -3,
    ]);
    expect([guardedTicks(1, 100, Infinity), guardedTicks(-1, 100, Infinity)]).toEqual([Infinity, -Infinity]);
  });
});
