import { describe, expect, it } from "vitest";
import { ceilBps, floorBps } from "../../src/risk/basis-points.ts";

describe("basis points", () => {
  it.each([
    [0, 10_000, 0, 0],
    [10_000, 1, 1, 1],
    [9_999, 1, 0, 1],
    [10_001, 1, 1, 2],
    [20_000, 3, 6, 6],
    [123, 0, 0, 0],
    [Number.MAX_SAFE_INTEGER, 10_000, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [Number.MAX_SAFE_INTEGER, 9_999, 9_006_298_534_815_516, 9_006_298_534_815_517],
  ])("of %d, %d: %d to %d", (amount, bps, floor, ceil) => {
    expect([floorBps(amount, bps), ceilBps(amount, bps)]).toEqual([floor, ceil]);
  });
});
