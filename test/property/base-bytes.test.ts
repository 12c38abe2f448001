import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, crc32c } from "../../src/base/index.ts";

/** Bit by bit, without a table. */
function slowCrc32c(bytes: Uint8Array): number {
  let word = 0xffffffff;
  for (const byte of bytes) {
    word ^= byte;
    for (let bit = 0; bit < 8; bit++) word = (word >>> 1) ^ (word & 1 ? 0x82f63b78 : 0);
  }
  return (word ^ 0xffffffff) >>> 0;
}

describe("crc32c", () => {
  it("is what the definition gives bit by bit", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc32c(bytes)).toBe(slowCrc32c(bytes));
      }),
    );
  });
});

describe("canonicalJson", () => {
  const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => JSON.stringify(value).isWellFormed());

  it("keeps the value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("gives equal bytes for equal values, in whatever order their fields were set", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(record));
      }),
    );
  });

  it("gives different bytes for different values", () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        const same = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
        expect(canonicalJson(left) === canonicalJson(right)).toBe(same);
      }),
    );
  });

  function sorted(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value)
      .map(([key, item]) => [key, sorted(item)])
      .sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1))
      .concat([["", "object"]]);
  }
});
