import { describe, expect, it } from "vitest";
import { MerkleFrontier } from "../../src/audit/merkle-frontier.ts";
import { merkleEmptyRoot, merkleLeafHash, merkleNodeHash } from "../../src/audit/merkle-hash.ts";
import { rootFromInclusion, verifyConsistency, verifyInclusion } from "../../src/audit/merkle-proof.ts";
import { MerkleTree } from "../../src/audit/merkle-tree.ts";
import { slowLeaf, slowPath, slowProof, slowRoot } from "../fixtures/merkle-oracle.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

/** The inputs and roots of Certificate Transparency's reference tests. */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(bytes);
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

function treeOf(size: number): { tree: MerkleTree; leaves: Uint8Array[] } {
  const tree = new MerkleTree();
  const leaves = Array.from({ length: size }, (_, i) => slowLeaf(Uint8Array.of(i % 256, i / 256)));
  for (const leaf of leaves) tree.appendHash(leaf);
  return { tree, leaves };
}

describe("the hashes", () => {
  it("are those of the published vectors", () => {
    const tree = new MerkleTree();
    const frontier = new MerkleFrontier();
    const seen = [hex(tree.root())];
    for (const leaf of LEAVES) {
      expect(frontier.append(leaf)).toBe(tree.append(leaf));
      seen.push(hex(tree.root()));
      expect(hex(frontier.root())).toBe(hex(tree.root()));
    }
    expect(seen).toEqual(ROOTS);
    expect(ROOTS.map((_, size) => hex(tree.rootAt(size)))).toEqual(ROOTS);
    expect([tree.size, frontier.size]).toEqual([8, 8]);
  });

  it("tell leaves from nodes", () => {
    const [left, right] = [merkleLeafHash(bytes("00")), merkleLeafHash(bytes("10"))];
    const forged = new Uint8Array([...left, ...right]);
    expect(hex(merkleLeafHash(forged))).not.toBe(hex(merkleNodeHash(left, right)));
    expect(hex(merkleEmptyRoot())).toBe(ROOTS[0]);
  });

  it.each([4_095, 4_096, 4_097, 100_000])("take leaves of %i bytes", (length) => {
    const leaf = new Uint8Array(length).fill(0xa5);
    expect(hex(merkleLeafHash(leaf))).toBe(hex(slowLeaf(leaf)));
    expect(hex(merkleLeafHash(bytes("00")))).toBe(hex(slowLeaf(bytes("00"))));
  });

  it("stay as they were given", () => {
    const { tree } = treeOf(5);
    const before = hex(tree.root());
    tree.root().fill(0);
    tree.leafHash(2).fill(0);
    for (const each of [...tree.inclusionProof(2), ...tree.consistencyProof(3)]) each.fill(0);
    expect([hex(tree.root()), hex(tree.rootAt(5))]).toEqual([before, before]);
    const single = treeOf(1);
    const claim = { index: 0, size: 1, leafHash: single.leaves[0]!, proof: [] };
    (rootFromInclusion(claim) as Uint8Array).fill(0);
    expect(hex(single.leaves[0]!)).toBe(hex(single.tree.root()));
  });
});

describe("every size and index up to 300", () => {
  const MOST = 300;
  const { tree, leaves } = treeOf(MOST);
  const known = new Map<string, Uint8Array>();
  const roots = Array.from({ length: MOST + 1 }, (_, size) => slowRoot(leaves.slice(0, size), known));

  it("gives the roots of the definition", () => {
    const frontier = new MerkleFrontier();
    const grown = new MerkleTree();
    for (let size = 0; size <= MOST; size++) {
      expect(hex(tree.rootAt(size))).toBe(hex(roots[size]!));
      expect(hex(grown.root())).toBe(hex(roots[size]!));
      expect(hex(frontier.root())).toBe(hex(roots[size]!));
      if (size === MOST) break;
      grown.appendHash(leaves[size]!);
      frontier.appendHash(leaves[size]!);
    }
  });

  it("gives its inclusion proofs, and they hold", () => {
    for (let size = 1; size <= MOST; size++) {
      const first = leaves.slice(0, size);
      for (let index = 0; index < size; index++) {
        const proof = tree.inclusionProof(index, size);
        const path = slowPath(index, first, known);
        if (!sameList(proof, path)) expect(proof.map(hex), `${index} of ${size}`).toEqual(path.map(hex));
        const claim = { index, size, leafHash: leaves[index]!, proof, root: roots[size]! };
        if (!verifyInclusion(claim).ok)
          expect(verifyInclusion(claim), `${index} of ${size}`).toEqual({ ok: true });
      }
    }
  });

  it("gives its consistency proofs, and they hold", () => {
    for (let second = 1; second <= MOST; second++) {
      const all = leaves.slice(0, second);
      for (let first = 1; first <= second; first++) {
        const proof = tree.consistencyProof(first, second);
        const slow = slowProof(first, all, known);
        if (!sameList(proof, slow)) expect(proof.map(hex), `${first} to ${second}`).toEqual(slow.map(hex));
        const claim = { first, second, firstRoot: roots[first]!, secondRoot: roots[second]!, proof };
        if (!verifyConsistency(claim).ok)
          expect(verifyConsistency(claim), `${first} to ${second}`).toBe("held");
      }
    }
  });
});

function sameList(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((each, i) => Buffer.compare(each, b[i]!) === 0);
}

describe("what a tree refuses to be asked", () => {
  const { tree } = treeOf(5);

  it.each([
    ["an index at the size", () => tree.inclusionProof(5), "index"],
    ["a negative index", () => tree.inclusionProof(-1, 3), "index"],
    ["half an index", () => tree.inclusionProof(0.5, 3), "index"],
    ["a size that never was", () => tree.inclusionProof(0, 6), "size"],
    ["a size of 0", () => tree.inclusionProof(0, 0), "size"],
    ["a root of the future", () => tree.rootAt(6), "size"],
    ["a root of a negative size", () => tree.rootAt(-1), "size"],
    ["a root of NaN leaves", () => tree.rootAt(Number.NaN), "size"],
    ["consistency with nothing", () => tree.consistencyProof(0, 3), "first"],
    ["consistency backwards", () => tree.consistencyProof(4, 3), "first"],
    ["consistency with the future", () => tree.consistencyProof(1, 6), "second"],
    ["a leaf hash of none", () => tree.leafHash(5), "index"],
    ["a hash of 31 bytes", () => tree.appendHash(new Uint8Array(31)), "leafHash"],
    ["a text for a leaf", () => tree.append("abc" as never), "leafBytes"],
    ["a text for a leaf of an edge", () => new MerkleFrontier().append("abc" as never), "leafBytes"],
    ["a hash of 33 bytes on an edge", () => new MerkleFrontier().appendHash(new Uint8Array(33)), "leafHash"],
    ["a left child of 0 bytes", () => merkleNodeHash(new Uint8Array(0), tree.root()), "left"],
    ["a right child that is none", () => merkleNodeHash(tree.root(), undefined as never), "right"],
  ])("%s", (_what, call, path) => {
    expect(call).toThrow(`FAULT_INPUT ${path}`);
    expect(tree.size).toBe(5);
  });

  it("more leaves than it may hold", () => {
    const small = new MerkleTree({ leavesMax: 3 });
    for (let i = 0; i < 3; i++) small.append(Uint8Array.of(i));
    const root = hex(small.root());
    expect(() => small.append(Uint8Array.of(3))).toThrow("FAULT_CAPACITY leavesMax: found 4");
    expect(() => small.appendHash(new Uint8Array(32))).toThrow("FAULT_CAPACITY");
    expect([small.size, hex(small.root())]).toEqual([3, root]);
  });

  it.each([
    [{ leavesMax: 0 }, "options.leavesMax"],
    [{ leavesMax: 1.5 }, "options.leavesMax"],
    [{ leafsMax: 1 }, "options.leafsMax"],
  ])("the options %j", (options, path) => {
    expect(() => new MerkleTree(options as never)).toThrow(`FAULT_CONFIG ${path}`);
  });
});

describe("saving and loading", () => {
  it.each([0, 1, 2, 63, 64, 65, 129])("a tree of %i leaves", (size) => {
    const { tree } = treeOf(size);
    const later = MerkleTree.load(JSON.parse(JSON.stringify(tree.save())));
    expect(later.save()).toEqual(tree.save());
    later.append(bytes("ff"));
    tree.append(bytes("ff"));
    expect(hex(later.root())).toBe(hex(tree.root()));
  });

  it.each([0, 1, 2, 63, 64, 65, 129])("an edge of %i leaves", (size) => {
    const { tree, leaves } = treeOf(size);
    const frontier = new MerkleFrontier();
    for (const leaf of leaves) frontier.appendHash(leaf);
    const later = MerkleFrontier.load(JSON.parse(JSON.stringify(frontier.save())));
    expect(later.save()).toEqual(frontier.save());
    expect(hex(later.root())).toBe(hex(tree.root()));
    expect(later.append(bytes("ff"))).toBe(size);
    tree.append(bytes("ff"));
    expect(hex(later.root())).toBe(hex(tree.root()));
  });

  const saved = treeOf(3).tree.save();
  it.each([
    ["another version", { ...saved, version: 2 }, "state.version"],
    ["a size that is none", { ...saved, size: -3 }, "state.size"],
    ["a size too large", { ...saved, size: 4 }, "state.leaves"],
    ["upper-case digits", { ...saved, leaves: saved.leaves.toUpperCase() }, "state.leaves"],
    [
      "a leaf that changed",
      { ...saved, leaves: `${"00".repeat(32)}${saved.leaves.slice(64)}` },
      "state.root",
    ],
    ["a root that changed", { ...saved, root: "ff".repeat(32) }, "state.root"],
    ["no root", { ...saved, root: undefined }, "state.root"],
  ])("refuses %s", (_what, state, path) => {
    expect(() => MerkleTree.load(state as never)).toThrow(`FAULT_INPUT ${path}`);
  });

  it.each([
    ["another version", { version: 0, size: 0, peaks: [] }, "state.version"],
    ["half a size", { version: 1, size: 0.5, peaks: [] }, "state.size"],
    ["a hash too few", { version: 1, size: 3, peaks: ["00".repeat(32)] }, "state.peaks:"],
    ["a hash too many", { version: 1, size: 1, peaks: ["00".repeat(32), "00".repeat(32)] }, "state.peaks:"],
    ["no list", { version: 1, size: 1, peaks: "00".repeat(32) }, "state.peaks"],
    ["a hash too short", { version: 1, size: 3, peaks: ["00".repeat(32), "00"] }, "state.peaks[1]"],
  ])("refuses of an edge %s", (_what, state, path) => {
    expect(() => MerkleFrontier.load(state as never)).toThrow(`FAULT_INPUT ${path}`);
  });

  it("loads no more leaves than it may hold", () => {
    expect(() => MerkleTree.load(saved, { leavesMax: 2 })).toThrow("FAULT_CAPACITY leavesMax");
  });

  it("takes the last leaf there can be, and no other", () => {
    const peaks = Array.from({ length: 52 }, (_, i) => i.toString(16).padStart(64, "0"));
    const frontier = MerkleFrontier.load({ version: 1, size: Number.MAX_SAFE_INTEGER - 1, peaks });
    expect(frontier.append(bytes("00"))).toBe(Number.MAX_SAFE_INTEGER - 1);
    let root = merkleLeafHash(bytes("00"));
    for (const peak of peaks.toReversed()) root = merkleNodeHash(bytes(peak), root);
    expect(hex(frontier.root())).toBe(hex(root));
    expect(() => frontier.append(bytes("00"))).toThrow("FAULT_CAPACITY size");
  });
});
