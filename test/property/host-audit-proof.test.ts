import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MerkleFrontier, MerkleTree, merkleLeafHash } from "../../src/audit/index.ts";
import { SuffixTree } from "../../src/host/audit-suffix-tree.ts";

const leaf = (i: number): Uint8Array => merkleLeafHash(Uint8Array.of(i & 255, i >> 8));

/** Paths for every leaf that is known, held against those of the whole tree. */
function check(before: number, count: number, sizes: readonly number[]): void {
  const tree = new MerkleTree();
  const frontier = new MerkleFrontier();
  for (let i = 0; i < before; i++) {
    tree.appendHash(leaf(i));
    frontier.appendHash(leaf(i));
  }
  const suffix = new SuffixTree(frontier.save());
  for (let i = before; i < before + count; i++) {
    tree.appendHash(leaf(i));
    suffix.append(leaf(i));
  }
  expect(suffix.size).toBe(before + count);
  for (const size of sizes) {
    for (let index = before; index < size; index++) {
      expect(suffix.path(index, size), `${before} ${index} ${size}`).toEqual(
        tree.inclusionProof(index, size),
      );
    }
  }
}

describe("a tree of which only the later leaves are known", () => {
  it("proves them as the whole tree does, for all small sizes", () => {
    for (let before = 0; before < 20; before++) {
      const sizes = Array.from({ length: 18 }, (_, i) => before + 1 + i);
      check(before, 18, sizes);
    }
  });

  it("and for larger ones", () => {
    const some = fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 40 }));
    fc.assert(
      fc.property(some, ([before, count]) => check(before, count, [before + count])),
      { numRuns: 8 },
    );
    check(5, 2100, [2000]);
  });
});
