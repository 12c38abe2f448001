import { describe, expect, it } from "vitest";
import { merkleLeafHash, merkleNodeHash } from "../../src/audit/merkle-hash.ts";
import {
  MERKLE_REFUSALS,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from "../../src/audit/merkle-proof.ts";
import { MerkleTree } from "../../src/audit/merkle-tree.ts";
import { readArchive } from "../fixtures/audit-archive.ts";

const { files, absent } = readArchive("merkle/transparency-dev-merkle-testdata.tar.gz");
if (absent !== "") console.warn(absent);

interface PublishedCase {
  readonly desc: string;
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
}

interface PublishedInclusion extends PublishedCase {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
}

interface PublishedConsistency extends PublishedCase {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
}

function cases<Case>(kind: string): [string, Case][] {
  return [...files]
    .filter(([name]) => name.startsWith(`testdata/${kind}/`) && name.endsWith(".json"))
    .map(([name, text]) => [name, JSON.parse(text) as Case]);
}

const decode = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

/** Good there, refused here: its two equal roots are 12 bytes of text, not hashes. */
const STRICTER = "testdata/consistency/additional/sizes-are-equal-one-and-proof-is-empty.json";

describe.skipIf(absent !== "")("the published cases", () => {
  it("decide on inclusion as published", () => {
    const all = cases<PublishedInclusion>("inclusion");
    expect(all.length).toBe(98);
    for (const [name, each] of all) {
      const proof = (each.proof ?? []).map(decode);
      const { leafIdx: index, treeSize: size } = each;
      const answer = verifyInclusion({
        index,
        size,
        leafHash: decode(each.leafHash),
        proof,
        root: decode(each.root),
      });
      expect(answer.ok, `${name}: ${each.desc}`).toBe(!each.wantErr);
    }
  });

  it("decide on consistency as published, but for roots that are no hashes", () => {
    const all = cases<PublishedConsistency>("consistency");
    expect(all.length).toBe(98);
    for (const [name, each] of all) {
      const proof = (each.proof ?? []).map(decode);
      const roots = { firstRoot: decode(each.root1), secondRoot: decode(each.root2) };
      const answer = verifyConsistency({ first: each.size1, second: each.size2, ...roots, proof });
      expect(answer.ok, `${name}: ${each.desc}`).toBe(!each.wantErr && name !== STRICTER);
      if (name === STRICTER)
        expect(answer).toMatchObject({ code: "MERKLE_HASH_INVALID", field: "firstRoot" });
    }
  });
});

const tree = new MerkleTree();
for (let i = 0; i < 7; i++) tree.append(Uint8Array.of(i));
const inclusion = {
  index: 4,
  size: 7,
  leafHash: merkleLeafHash(Uint8Array.of(4)),
  proof: tree.inclusionProof(4, 7),
  root: tree.root(),
};
const consistency = {
  first: 3,
  second: 7,
  firstRoot: tree.rootAt(3),
  secondRoot: tree.root(),
  proof: tree.consistencyProof(3, 7),
};
const short = new Uint8Array(31);

describe("a refusal says what is wrong", () => {
  it.each([
    ["a size of 0", { size: 0 }, "MERKLE_SIZE_INVALID", "size"],
    ["half a size", { size: 6.5 }, "MERKLE_SIZE_INVALID", "size"],
    ["a size past 2^53 - 1", { size: 2 ** 53 }, "MERKLE_SIZE_INVALID", "size"],
    ["a size in text", { size: "7" }, "MERKLE_SIZE_INVALID", "size"],
    ["an index at the size", { index: 7 }, "MERKLE_INDEX_INVALID", "index"],
    ["a negative index", { index: -1 }, "MERKLE_INDEX_INVALID", "index"],
    ["an index of NaN", { index: Number.NaN }, "MERKLE_INDEX_INVALID", "index"],
    ["a short leaf hash", { leafHash: short }, "MERKLE_HASH_INVALID", "leafHash"],
    ["no leaf hash", { leafHash: undefined }, "MERKLE_HASH_INVALID", "leafHash"],
    [
      "a short hash in the proof",
      { proof: [...inclusion.proof.slice(1), short] },
      "MERKLE_HASH_INVALID",
      "proof[2]",
    ],
    ["no proof", { proof: undefined }, "MERKLE_PROOF_LENGTH", "proof"],
    ["a hash too few", { proof: inclusion.proof.slice(1) }, "MERKLE_PROOF_LENGTH", "proof"],
    ["a hash too many", { proof: [...inclusion.proof, tree.root()] }, "MERKLE_PROOF_LENGTH", "proof"],
    ["another leaf", { leafHash: merkleLeafHash(Uint8Array.of(5)) }, "MERKLE_ROOT_DIFFERS", "root"],
    ["another index", { index: 5 }, "MERKLE_ROOT_DIFFERS", "root"],
    ["another root", { root: tree.rootAt(6) }, "MERKLE_ROOT_DIFFERS", "root"],
    ["a short root", { root: short }, "MERKLE_HASH_INVALID", "root"],
  ])("of an inclusion: %s", (_what, change, code, field) => {
    expect(verifyInclusion({ ...inclusion, ...change } as never)).toMatchObject({ ok: false, code, field });
  });

  it.each([
    ["nothing at first", { first: 0 }, "MERKLE_SIZE_INVALID", "first"],
    ["a shrinking log", { first: 7, second: 3 }, "MERKLE_SIZE_INVALID", "second"],
    ["half a size", { second: 7.5 }, "MERKLE_SIZE_INVALID", "second"],
    ["a short first root", { firstRoot: short }, "MERKLE_HASH_INVALID", "firstRoot"],
    ["a short second root", { secondRoot: short }, "MERKLE_HASH_INVALID", "secondRoot"],
    ["a short hash in the proof", { proof: [short] }, "MERKLE_HASH_INVALID", "proof[0]"],
    ["a text for a proof", { proof: "no" }, "MERKLE_PROOF_LENGTH", "proof"],
    ["a hash too few", { proof: consistency.proof.slice(1) }, "MERKLE_PROOF_LENGTH", "proof"],
    [
      "a hash too many",
      { proof: [...consistency.proof, short.with(0, 1)] },
      "MERKLE_HASH_INVALID",
      "proof[4]",
    ],
    ["a proof for equal trees", { second: 3, secondRoot: tree.rootAt(3) }, "MERKLE_PROOF_LENGTH", "proof"],
    ["another first root", { firstRoot: tree.rootAt(2) }, "MERKLE_ROOT_DIFFERS", "firstRoot"],
    ["another second root", { secondRoot: tree.rootAt(6) }, "MERKLE_ROOT_DIFFERS", "secondRoot"],
  ])("of a consistency: %s", (_what, change, code, field) => {
    expect(verifyConsistency({ ...consistency, ...change } as never)).toMatchObject({
      ok: false,
      code,
      field,
    });
  });

  it("by codes that are all listed", () => {
    expect(new Set(MERKLE_REFUSALS).size).toBe(5);
    expect([verifyInclusion(inclusion), verifyConsistency(consistency)]).toEqual([
      { ok: true },
      { ok: true },
    ]);
    expect(rootFromInclusion(inclusion)).toEqual(tree.root());
  });

  it("prints the two roots", () => {
    const answer = verifyInclusion({ ...inclusion, root: new Uint8Array(32) });
    const found = Buffer.from(tree.root()).toString("hex");
    expect(!answer.ok && answer.message).toBe(
      `MERKLE_ROOT_DIFFERS root: found "${"0".repeat(64)}", expected ${found}, which the proof leads to`,
    );
  });
});

describe("trees of up to 2^53 - 1 leaves", () => {
  const leafHash = merkleLeafHash(Uint8Array.of(1));
  const size = Number.MAX_SAFE_INTEGER;

  it("are climbed to their last leaf", () => {
    const proof = Array.from({ length: 52 }, (_, i) => merkleLeafHash(Uint8Array.of(i)));
    let root = leafHash;
    for (const each of proof) root = merkleNodeHash(each, root);
    expect(verifyInclusion({ index: size - 1, size, leafHash, proof, root })).toEqual({ ok: true });
  });

  it("are climbed to their first leaf", () => {
    const proof = Array.from({ length: 53 }, (_, i) => merkleLeafHash(Uint8Array.of(i)));
    let root = leafHash;
    for (const each of proof) root = merkleNodeHash(root, each);
    expect(verifyInclusion({ index: 0, size, leafHash, proof, root })).toEqual({ ok: true });
    expect(verifyInclusion({ index: 0, size, leafHash, proof: proof.slice(1), root }).ok).toBe(false);
  });

  it("grow by one leaf", () => {
    const [first, second] = [2 ** 52, 2 ** 52 + 1];
    const firstRoot = merkleLeafHash(Uint8Array.of(9));
    const secondRoot = merkleNodeHash(firstRoot, leafHash);
    const claim = { first, second, firstRoot, secondRoot, proof: [leafHash] };
    expect(verifyConsistency(claim)).toEqual({ ok: true });
  });
});
