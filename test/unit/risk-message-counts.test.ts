import { describe, expect, it } from "vitest";
import { NODE, NODE_STRIDE } from "../../src/risk/exposure-rows.ts";
import { MessageCounts } from "../../src/risk/message-counts.ts";

/** Two paths of seven nodes that share the first. */
const PATHS = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12);

function make(capacity = 4) {
  const nodes = new Float64Array(13 * NODE_STRIDE);
  const counts = new MessageCounts(nodes, PATHS, 100, capacity);
  const sent = (...at: number[]) => at.map((node) => nodes[node * NODE_STRIDE + NODE.sent]);
  return { nodes, counts, sent };
}

describe("counts of messages", () => {
  it("are kept for every node of a path, and of no other figure", () => {
    const { nodes, counts, sent } = make();
    expect([...counts.isCounted]).toEqual([1, 1]);
    counts.add(0, 0);
    counts.add(7, 1);
    expect(sent(...new Array(13).keys())).toEqual([2, ...new Array(12).fill(1)]);
    expect(nodes.filter((each) => each !== 0).length).toBe(13);
    counts.advance(99);
    expect(sent(0, 1, 7)).toEqual([2, 1, 1]);
    counts.advance(100);
    expect(sent(0, 1, 7)).toEqual([1, 0, 1]);
    counts.advance(101);
    expect(nodes.every((each) => each === 0)).toBe(true);
  });

  it("lose the oldest only where every place is taken, wherever the oldest stands", () => {
    for (let gone = 0; gone < 9; gone++) {
      const { counts, sent } = make();
      for (let i = 0; i < gone; i++) counts.add(7, i);
      counts.advance(1_000);
      expect(sent(0)).toEqual([0]);
      for (let i = 1; i <= 6; i++) {
        counts.add(0, 1_000 + i);
        expect(sent(0, 1)).toEqual([Math.min(i, 4), Math.min(i, 4)]);
      }
      counts.advance(1_103);
      expect(sent(0)).toEqual([3]);
      counts.advance(1_106);
      expect(sent(0)).toEqual([0]);
    }
  });

  it("take a time before the newest for the newest, and the first one as it is", () => {
    const { counts, sent } = make();
    counts.add(0, 50);
    counts.add(0, 20);
    counts.advance(149);
    expect(sent(0)).toEqual([2]);
    counts.advance(150);
    expect(sent(0)).toEqual([0]);
    counts.add(0, 10);
    counts.advance(110);
    expect(sent(0)).toEqual([0]);
  });

  it("move to a log with more room as they are", () => {
    const { nodes, counts, sent } = make();
    const larger = new MessageCounts(nodes, PATHS, 100, 8);
    for (let i = 0; i < 6; i++) counts.add(i % 2 === 0 ? 0 : 7, i);
    expect(sent(0, 1, 7)).toEqual([4, 2, 2]);
    counts.moveTo(larger);
    expect(sent(0, 1, 7)).toEqual([4, 2, 2]);
    counts.advance(1_000);
    expect(sent(0)).toEqual([4]);
    larger.advance(103);
    expect(sent(0, 1, 7)).toEqual([2, 1, 1]);
    larger.advance(105);
    expect(nodes.every((each) => each === 0)).toBe(true);
  });

  it("leave a path alone that is not counted", () => {
    const { nodes, counts, sent } = make();
    counts.isCounted[1] = 0;
    counts.add(7, 0);
    expect(nodes.every((each) => each === 0)).toBe(true);
    counts.add(0, 0);
    expect(sent(0, 7)).toEqual([1, 0]);
  });
});
