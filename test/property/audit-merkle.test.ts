import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MerkleFrontier } from "../../src/audit/merkle-frontier.ts";
import { merkleLeafHash } from "../../src/audit/merkle-hash.ts";
import { type ConsistencyClaim, verifyConsistency, verifyInclusion } from "../../src/audit/merkle-proof.ts";
import { MerkleTree } from "../../src/audit/merkle-tree.ts";
import { slowLeaf, slowPath, slowProof, slowRoot } from "../fixtures/merkle-oracle.ts";

const MOST = 400;
const leafBytes = (i: number): Uint8Array => Uint8Array.of(i % 256, Math.floor(i / 256));
const shared = new MerkleTree();
for (let i = 0; i < MOST; i++) shared.append(leafBytes(i));

type Step =
  | { readonly kind: "append"; readonly bytes: Uint8Array }
  | { readonly kind: "reload" }
  | { readonly kind: "prove"; readonly a: number; readonly b: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("append"), bytes: fc.uint8Array({ maxLength: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reload") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("prove"), a: fc.nat(), b: fc.nat() }) },
) as fc.Arbitrary<Step>;

describe("a tree and an edge beside a list of leaves", () => {
  it("agree whatever happens", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        let tree = new MerkleTree();
        let frontier = new MerkleFrontier();
        const leaves: Uint8Array[] = [];
        for (const each of steps) {
          if (each.kind === "append") {
            expect([tree.append(each.bytes), frontier.append(each.bytes)]).toEqual([
              leaves.length,
              leaves.length,
            ]);
            leaves.push(slowLeaf(each.bytes));
          } else if (each.kind === "reload") {
            tree = MerkleTree.load(JSON.parse(JSON.stringify(tree.save())));
            frontier = MerkleFrontier.load(JSON.parse(JSON.stringify(frontier.save())));
          } else if (leaves.length > 0) {
            const size = 1 + (each.a % leaves.length);
            const index = each.b % size;
            const first = leaves.slice(0, size);
            expect(tree.inclusionProof(index, size)).toEqual(slowPath(index, first));
            expect(tree.consistencyProof(index + 1, size)).toEqual(slowProof(index + 1, first));
            expect(tree.leafHash(index)).toEqual(leaves[index]);
          }
        }
        const root = slowRoot(leaves);
        expect([tree.size, frontier.size]).toEqual([leaves.length, leaves.length]);
        expect([tree.root(), frontier.root()]).toEqual([root, root]);
      }),
      { numRuns: 150 },
    );
  });
});

/** What may be done to a proof: a bit, a hash removed, doubled, put in or swapped with its neighbour. */
const damage = fc.record({
  how: fc.constantFrom("bit", "remove", "double", "insert", "swap"),
  at: fc.nat(),
  bit: fc.nat({ max: 255 }),
});

function flip(hash: Uint8Array, bit: number): Uint8Array {
  const at = Math.floor(bit / 8) % 32;
  return hash.with(at, (hash[at] as number) ^ (1 << (bit % 8)));
}

/** A damaged proof, or `undefined` where the damage changes nothing. */
function damaged(
  proof: readonly Uint8Array[],
  { how, at, bit }: { how: string; at: number; bit: number },
): Uint8Array[] | undefined {
  const place = proof.length === 0 ? 0 : at % proof.length;
  if (how === "insert") return proof.toSpliced(at % (proof.length + 1), 0, new Uint8Array(32).fill(bit));
  if (proof.length === 0) return undefined;
  const item = proof[place] as Uint8Array;
  if (how === "bit") return proof.with(place, flip(item, bit));
  if (how === "remove") return proof.toSpliced(place, 1);
  if (how === "double") return proof.toSpliced(place, 0, item);
  const next = proof[place + 1];
  return next === undefined ? undefined : proof.with(place, next).with(place + 1, item);
}

const sizes = fc
  .tuple(fc.integer({ min: 1, max: MOST }), fc.nat())
  .map(([size, seed]) => ({ size, index: seed % size }));

describe("a proof of inclusion", () => {
  it("fails after any damage", () => {
    fc.assert(
      fc.property(sizes, damage, ({ size, index }, harm) => {
        const proof = damaged(shared.inclusionProof(index, size), harm);
        fc.pre(proof !== undefined);
        const claim = { index, size, leafHash: merkleLeafHash(leafBytes(index)), root: shared.rootAt(size) };
        expect(verifyInclusion({ ...claim, proof: proof as Uint8Array[] }).ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("fails for another leaf, another root and another index", () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: MOST - 1 }), fc.nat({ max: 255 }), ({ size, index }, other, bit) => {
        const claim = {
          index,
          size,
          leafHash: merkleLeafHash(leafBytes(index)),
          proof: shared.inclusionProof(index, size),
          root: shared.rootAt(size),
        };
        expect(verifyInclusion(claim)).toEqual({ ok: true });
        expect(verifyInclusion({ ...claim, leafHash: flip(claim.leafHash, bit) }).ok).toBe(false);
        expect(verifyInclusion({ ...claim, root: flip(claim.root, bit) }).ok).toBe(false);
        fc.pre(other !== index);
        expect(verifyInclusion({ ...claim, index: other }).ok).toBe(false);
        expect(verifyInclusion({ ...claim, leafHash: merkleLeafHash(leafBytes(other)) }).ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a proof of consistency", () => {
  it("fails after any damage", () => {
    fc.assert(
      fc.property(sizes, damage, ({ size, index }, harm) => {
        const first = index + 1;
        const proof = damaged(shared.consistencyProof(first, size), harm);
        fc.pre(proof !== undefined);
        const roots = { firstRoot: shared.rootAt(first), secondRoot: shared.rootAt(size) };
        expect(verifyConsistency({ first, second: size, ...roots, proof: proof as Uint8Array[] }).ok).toBe(
          false,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("fails for other roots, swapped roots and a rewritten past", () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: 255 }), fc.nat(), ({ size, index }, bit, where) => {
        const first = index + 1;
        const claim: ConsistencyClaim = {
          first,
          second: size,
          firstRoot: shared.rootAt(first),
          secondRoot: shared.rootAt(size),
          proof: shared.consistencyProof(first, size),
        };
        expect(verifyConsistency(claim)).toEqual({ ok: true });
        expect(verifyConsistency({ ...claim, firstRoot: flip(claim.firstRoot, bit) }).ok).toBe(false);
        expect(verifyConsistency({ ...claim, secondRoot: flip(claim.secondRoot, bit) }).ok).toBe(false);
        const rewritten = new MerkleTree();
        for (let i = 0; i < size; i++) rewritten.append(leafBytes(i === where % first ? i + MOST : i));
        const forged = { secondRoot: rewritten.root(), proof: rewritten.consistencyProof(first, size) };
        expect(verifyConsistency({ ...claim, ...forged }).ok).toBe(false);
        fc.pre(first < size);
        const swapped = { firstRoot: claim.secondRoot, secondRoot: claim.firstRoot };
        expect(verifyConsistency({ ...claim, ...swapped }).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
