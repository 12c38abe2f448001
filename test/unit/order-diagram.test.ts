import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ORDER_README, orderDiagram, withOrderDiagram } from "../../scripts/order-diagram.ts";
import { ORDER_STATUSES, STATUS_CHANGES } from "../../src/order/index.ts";

describe("the diagram of order states", () => {
  it("in the README is the one the table gives: run `node scripts/order-diagram.ts`", () => {
    const readme = readFileSync(ORDER_README, "utf8");
    expect(withOrderDiagram(readme)).toBe(readme);
  });

  it("draws every change that is illustrated, once", () => {
    const edges = orderDiagram().match(/\w+ --> \w+/g) ?? [];
    const marks = ORDER_STATUSES.flatMap((from) => Object.values(STATUS_CHANGES[from]));
    const begins = Object.values(STATUS_CHANGES.created).filter((mark) => mark === "A");
    expect(edges).toHaveLength(marks.filter((mark) => mark === "P").length + begins.length);
    expect(new Set(edges).size).toBe(edges.length);
  });

  it("needs its marks", () => {
    expect(() => withOrderDiagram("# order")).toThrow("no marks");
  });
});
