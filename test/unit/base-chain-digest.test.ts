import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChainDigest, Prng, type SavedChainDigest } from "../../src/base/index.ts";

const BLOCK = 4_096;

/** The definition: each whole block is hashed behind the hash of those before it, and what is left at the end. */
function slow(bytes: Uint8Array): string {
  let chain: Uint8Array = new Uint8Array(32);
  let at = 0;
  const behind = (rest: Uint8Array) => createHash("sha256").update(chain).update(rest);
  for (; at + BLOCK <= bytes.length; at += BLOCK) chain = behind(bytes.subarray(at, at + BLOCK)).digest();
  return behind(bytes.subarray(at)).digest("hex");
}

function bytesOf(seed: number, length: number): Uint8Array {
  const rng = new Prng(seed);
  return Uint8Array.from({ length }, () => rng.below(256));
}

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(0, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 17),
);

describe("ChainDigest", () => {
  it("is that of its definition, however the bytes are cut, and wherever it is saved between", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(sizes, fc.boolean()), { maxLength: 8 }), fc.nat(99), (pieces, seed) => {
        const length = pieces.reduce((sum, [size]) => sum + size, 0);
        const bytes = bytesOf(seed, length);
        let digest = new ChainDigest();
        let at = 0;
        for (const [size, saves] of pieces) {
          digest.update(bytes.subarray(at, at + size));
          at += size;
          if (saves) {
            const saved = JSON.parse(JSON.stringify(digest.save())) as SavedChainDigest;
            expect(digest.hex()).toBe(slow(bytes.subarray(0, at)));
            digest = ChainDigest.from(saved);
            expect(digest.save()).toEqual(saved);
          }
        }
        expect(digest.hex()).toBe(slow(bytes));
        expect(new ChainDigest().update(bytes).save()).toEqual(digest.save());
      }),
      { numRuns: 60 },
    );
  });

  it("is known: of nothing, of three bytes, of a block and a byte", () => {
    const hex = (length: number) => new ChainDigest().update(new Uint8Array(length).fill(7)).hex();
    expect([hex(0), hex(3), hex(BLOCK + 1)].map((each) => each.slice(0, 16))).toEqual([
      "66687aadf862bd77",
      slow(new Uint8Array(3).fill(7)).slice(0, 16),
      slow(new Uint8Array(BLOCK + 1).fill(7)).slice(0, 16),
    ]);
  });

  it("is of the bytes at the time of the call: what the caller does with them after is nothing to it", () => {
    const piece = Uint8Array.of(1, 2, 3);
    const digest = new ChainDigest().update(piece);
    const saved = digest.save();
    piece.fill(9);
    expect(digest.save()).toEqual(saved);
    digest.update(piece);
    expect(saved).toEqual(new ChainDigest().update(Uint8Array.of(1, 2, 3)).save());
  });

  it("tells pieces apart that differ by one bit, by their order or by a zero at the end", () => {
    const all = [[], [0], [0, 0], [1], [1, 0], [0, 1], [1, 2], [2, 1]].map((each) =>
      new ChainDigest().update(Uint8Array.from(each)).hex(),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  const good = new ChainDigest().update(Uint8Array.of(1, 2)).save();
  const bad: readonly [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["no chain", { rest: good.rest }],
    ["no rest", { chain: good.chain }],
    ["a short chain", { ...good, chain: good.chain.slice(2) }],
    ["a long chain", { ...good, chain: `${good.chain}00` }],
    ["a chain with something behind it", { ...good, chain: `${good.chain}xyz` }],
    ["a chain that is no hex", { ...good, chain: `${good.chain.slice(0, -1)}g` }],
    ["a chain in capitals", { ...good, chain: "AB".repeat(32) }],
    ["a rest that is no base64", { ...good, rest: "A*QI=" }],
    ["a rest of a block", { ...good, rest: Buffer.alloc(BLOCK).toString("base64") }],
  ];

  it.each(bad)("refuses %s, and stays as it was", (_name, saved) => {
    const digest = new ChainDigest().update(Uint8Array.of(5));
    const before = digest.save();
    expect(() => digest.load(saved as SavedChainDigest)).toThrow("FAULT_INPUT chainDigest");
    expect(digest.save()).toEqual(before);
  });

  it("takes a rest that is one byte short of a block", () => {
    const rest = new Uint8Array(BLOCK - 1).fill(3);
    const digest = ChainDigest.from(new ChainDigest().update(rest).save()).update(Uint8Array.of(4));
    expect(digest.hex()).toBe(slow(Uint8Array.of(...rest, 4)));
  });
});
