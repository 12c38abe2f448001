import { describe, expect, it } from "vitest";
import { Exposure } from "../../src/risk/exposure.ts";
import { CELL, NODE } from "../../src/risk/exposure-rows.ts";
import { Hierarchy } from "../../src/risk/hierarchy.ts";
import { Worth } from "../../src/risk/worth.ts";
import { ABC, SEATS, XYZ } from "../fixtures/gate-setup.ts";

const hierarchy = new Hierarchy(SEATS, [ABC.key, XYZ.key], ["stocks", "stocks"]);
const { paths } = hierarchy;

function make() {
  const exposure = new Exposure(hierarchy, 2, new Worth({ code: "USD", decimals: 2 }, [ABC, XYZ]));
  const from = (seat: number, i: number) => (seat * 2 + i) * 7;
  const buy = (seat: number, i: number, lots: number, ticks: number) =>
    exposure.execute(paths, from(seat, i), i, 1, lots, ticks);
  const lots = (i: number) =>
    Array.from({ length: hierarchy.owners }, (_, node) => exposure.cell(node, i, CELL.positionLots));
  const sums = (node: number) =>
    [NODE.gross, NODE.long, NODE.short, NODE.margin, NODE.today].map((figure) => exposure.node(node, figure));
  return { exposure, from, buy, lots, sums };
}

/** What a position of so many lots adds to a node, valued at a price, with what it cost. */
const held = (lots: number, ticks: number, paid: number) => [
  ...[lots * ticks, lots * ticks, -lots * ticks, lots * ticks],
  lots * ticks - paid,
];
const node = (level: "class" | "symbol", name: string) => hierarchy.find(level, name) as number;

describe("a split", () => {
  it("changes one instrument alone, at every owner, class and symbol, by the lots that are lost", () => {
    const { exposure, buy, lots, sums } = make();
    buy(0, 0, 7, 100);
    buy(0, 1, 5, 200);
    buy(2, 1, 3, 200);
    exposure.marginBps[1] = 10_000;
    const other = lots(0);
    const before = sums(node("symbol", ABC.key));
    exposure.split(1, 1, 2);
    expect(lots(0)).toEqual(other);
    expect(sums(node("symbol", ABC.key))).toEqual(before);
    // 5 lots become 2 and 3 become 1, at 400 ticks: 200 of 1,000 and of 600 ticks paid are lost with the rests.
    const strategies = ["pairs", "grid", "carry"].map((name) => hierarchy.find("strategy", name) as number);
    expect(strategies.map((strategy) => lots(1)[strategy])).toEqual([2, 0, 1]);
    expect(lots(1)[0]).toBe(3);
    expect(sums(strategies[2] as number)).toEqual(held(1, 400, 600));
    expect(sums(node("symbol", XYZ.key))).toEqual(held(3, 400, 1_600));
    const all = held(3, 400, 1_600).map((each, k) => each + (held(7, 100, 700)[k] as number));
    expect(sums(0)).toEqual(all);
    expect(sums(node("class", "stocks"))).toEqual(all);
  });

  it("of an instrument without a price or a position leaves nothing behind", () => {
    const { exposure, sums } = make();
    exposure.split(0, 3, 2);
    for (let at = 0; at < hierarchy.nodes; at++) expect(sums(at)).toEqual([0, 0, 0, 0, 0]);
    expect(exposure.mark(0, 10, 11)).toBe(false);
  });

  it("of a price below 0 that is rounded is forgotten with the next price", () => {
    const { exposure, buy, sums } = make();
    buy(0, 0, 2, -5);
    exposure.split(0, 2, 1);
    // Half of 5 is 3 away from 0 and 2 towards it: exposure counts the greater of the two until there is a price.
    expect([exposure.markTicks[0], exposure.longMarkTicks[0], sums(0)[0]]).toEqual([3, -2, 12]);
    expect([exposure.mark(0, -2, -2), exposure.markTicks[0], sums(0)[0]]).toEqual([true, 2, 8]);
  });
});

describe("a price", () => {
  it("whose ask alone moved, towards 0 from below, changes what a short position made", () => {
    const { exposure, from, sums } = make();
    exposure.execute(paths, from(0, 0), 0, -1, 10, -100);
    expect([exposure.mark(0, -103, -99), sums(0)[4]]).toEqual([true, -10]);
    expect([exposure.mark(0, -103, -98), sums(0)[4]]).toEqual([true, -20]);
    expect([exposure.mark(0, -103, -98), sums(0)[4]]).toEqual([false, -20]);
  });
});

describe("a margin that changed", () => {
  it("counts for all positions of its instrument once they are settled again", () => {
    const { exposure, buy, sums } = make();
    buy(0, 0, 10, 100);
    buy(2, 1, 10, 100);
    exposure.marginBps.set([5_000, 2_000]);
    exposure.resettle(1);
    expect([sums(0)[3], sums(node("class", "stocks"))[3]]).toEqual([1_200, 1_200]);
    exposure.resettle(0);
    expect([sums(0)[3], sums(node("class", "stocks"))[3]]).toEqual([700, 700]);
    expect([sums(node("symbol", ABC.key))[3], sums(node("symbol", XYZ.key))[3]]).toEqual([500, 200]);
  });
});
