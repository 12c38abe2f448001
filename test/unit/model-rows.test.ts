import { describe, expect, it } from "vitest";
import {
  addLots,
  addTicks,
  asBookLots,
  asLots,
  asTicks,
  BarBlock,
  BLOCK_ROWS,
  DepthBlock,
  KIND_MASK,
  LAST,
  MESSAGE_FIELD,
  MESSAGE_STRIDE,
  MODEL_REFUSALS,
  opposite,
  REASON,
  REASONS,
  ROW,
  type Side,
  SNAPSHOT,
  sideOf,
  sideSign,
} from "../../src/model/index.ts";

describe.each([
  ["DepthBlock", (capacity?: number) => new DepthBlock(capacity), ["exch", "local"]],
  ["BarBlock", (capacity?: number) => new BarBlock(capacity), ["openNs", "closeNs"]],
] as const)("%s", (_name, make, times) => {
  it("starts empty and has one slot more than rows in every column", () => {
    const block = make(4);
    expect(block.n).toBe(0);
    for (const column of Object.values(block)) {
      if (ArrayBuffer.isView(column)) expect((column as Float64Array).length).toBe(5);
    }
    expect(make().seal(BLOCK_ROWS)).toBeUndefined();
  });

  it("keeps infinity behind its last row", () => {
    const block = make(4);
    for (const rows of [0, 3, 4, 1]) {
      block.seal(rows);
      expect(block.n).toBe(rows);
      for (const time of times) {
        const column = (block as unknown as Record<string, Float64Array>)[time];
        expect(column?.[rows]).toBe(Number.POSITIVE_INFINITY);
      }
    }
  });

  it.each([5, -1, 0.5, Number.NaN])("refuses %d rows of 4", (rows) => {
    expect(() => make(4).seal(rows)).toThrow("FAULT_CAPACITY block.rows");
  });

  it.each([-1, 0.5, Number.NaN, "8" as unknown as number])("refuses a capacity of %s", (capacity) => {
    expect(() => make(capacity)).toThrow("FAULT_CONFIG block.capacity");
  });
});

describe("codes", () => {
  it("of rows fit below the flags, and the flags into one byte", () => {
    const kinds = Object.values(ROW);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const kind of kinds) expect(kind & KIND_MASK).toBe(kind);
    expect([LAST & KIND_MASK, SNAPSHOT & KIND_MASK, LAST & SNAPSHOT]).toEqual([0, 0, 0]);
    expect(LAST | SNAPSHOT | KIND_MASK).toBeLessThan(256);
  });

  it("of reasons are their places, for ever", () => {
    for (const [code, word] of REASONS.entries()) expect(REASON[word === "" ? "none" : word]).toBe(code);
    expect([REASON.none, REASON.taken, REASON.crossed, REASON.queueReached]).toEqual([0, 1, 2, 3]);
  });

  it("of messages fill their record", () => {
    const places = Object.values(MESSAGE_FIELD).sort((a, b) => a - b);
    expect(places).toEqual(Array.from({ length: MESSAGE_STRIDE }, (_, i) => i));
  });

  it("of refusals are told once", () => {
    expect(new Set(MODEL_REFUSALS).size).toBe(MODEL_REFUSALS.length);
    for (const code of MODEL_REFUSALS) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
  });
});

describe("sides", () => {
  it("have signs and opposites", () => {
    expect([sideSign("buy"), sideSign("sell")]).toEqual([1, -1]);
    expect([sideOf(1), sideOf(-1), sideOf(12), sideOf(-0.5)]).toEqual(["buy", "sell", "buy", "sell"]);
    expect([opposite("buy"), opposite("sell")]).toEqual(["sell", "buy"]);
  });

  it.each(["BUY", "Sell", "", "b", 1, undefined, null])("refuse %s: a misspelt buy must not sell", (side) => {
    expect(() => sideSign(side as Side)).toThrow("FAULT_INPUT side");
    expect(() => opposite(side as Side)).toThrow("FAULT_INPUT side");
  });
});

describe("units", () => {
  it("are plain numbers", () => {
    expect(addTicks(asTicks(100), -2)).toBe(98);
    expect(addLots(asLots(3), asLots(4))).toBe(7);
    expect(asBookLots(5)).toBe(5);
  });
});
