import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  crc32c,
  crc32cOf,
  crc32cOfCells,
  crc32cOfView,
  Digest,
  sha256Hex,
} from "../../src/base/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("CRC-32C over a range", () => {
  it.each([
    ["123456789", 0xe3069283],
    ["", 0],
  ])("%j", (text, expected) => {
    expect(crc32cOf(Buffer.from(text), 0, text.length)).toBe(expected);
  });

  it("32 zero bytes", () => {
    expect(crc32cOf(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
  });

  /** The definition: the remainder, a bit at a time. */
  const slow = (bytes: Uint8Array): number => {
    let word = -1;
    for (const byte of bytes) {
      word ^= byte;
      for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0x82f63b78 : word >>> 1;
    }
    return ~word >>> 0;
  };

  it("is the remainder, for every length and offset, in pieces and of cells", () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 167 + 13) & 255);
    for (let from = 0; from < 16; from++) {
      for (let to = from; to <= 64; to++) {
        const expected = slow(bytes.subarray(from, to));
        expect(crc32cOf(bytes, from, to)).toBe(expected);
        expect(crc32cOfView(new DataView(bytes.buffer), from, to)).toBe(expected);
        expect(crc32c(bytes.subarray(from + 3, to), crc32c(bytes.subarray(from, from + 3)))).toBe(
          slow(bytes.subarray(from, Math.max(to, Math.min(from + 3, 64)))),
        );
      }
    }
    const cells = new Float64Array(bytes.buffer);
    for (let at = 0; at < 8; at++)
      expect(crc32cOfCells(cells, at, 1)).toBe(slow(bytes.subarray(8 * at, 8 * at + 8)));
    expect(crc32cOfCells(cells, 2, 5)).toBe(slow(bytes.subarray(16, 56)));
  });
});

describe("crc32c", () => {
  it.each([
    ["123456789", bytes("123456789"), 0xe3069283],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ["nothing", new Uint8Array(0), 0],
  ])("%s, as RFC 3720 has it", (_what, data, expected) => {
    expect(crc32c(data)).toBe(expected);
  });

  it("is the same in pieces", () => {
    const data = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) & 255);
    for (const cut of [0, 1, 7, 500, 999, 1000]) {
      expect(crc32c(data.subarray(cut), crc32c(data.subarray(0, cut)))).toBe(crc32c(data));
    }
  });

  it("sees each flipped bit, and is not the CRC of zip files", () => {
    const data = Uint8Array.from({ length: 64 }, (_, i) => i);
    const whole = crc32c(data);
    for (let bit = 0; bit < 512; bit++) {
      const flipped = Uint8Array.from(data);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(crc32c(flipped)).not.toBe(whole);
    }
    expect(crc32(data)).not.toBe(whole);
  });
});

describe("Digest", () => {
  it("is SHA-256, however the bytes are cut", () => {
    const text = "the quick brown fox, fünf Mal";
    const expected = createHash("sha256").update(text).digest("hex");
    expect(sha256Hex(text)).toBe(expected);
    expect(sha256Hex(bytes(text))).toBe(expected);
    const digest = new Digest();
    for (const letter of text) digest.update(letter);
    expect(digest.hex()).toBe(expected);
    expect(digest.hex(), "reading changes nothing").toBe(expected);
    expect(digest.update("!").hex()).toBe(sha256Hex(`${text}!`));
  });

  it("of nothing", () => {
    expect(sha256Hex("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("canonicalJson", () => {
  it.each(
    [
      [null, "null"],
      [true, "true"],
      [-0, "0"],
      [1e21, "1e+21"],
      [0.000001, "0.000001"],
      [1e-7, "1e-7"],
      [12n, '"12"'],
      ['a"\n\u0007', '"a\\"\\n\\u0007"'],
      [[], "[]"],
      [{}, "{}"],
      [[1, [2, { b: 1, a: 2 }]], '[1,[2,{"a":2,"b":1}]]'],
      [
        { "\u20ac": 1, "\r": 2, "1": 3, "\ud83d\ude02": 4, "\ufb33": 5 },
        '{"\\r":2,"1":3,"€":1,"😂":4,"\ufb33":5}',
      ],
      [{ a: undefined, b: 1 }, '{"b":1}'],
      [Object.create(null), "{}"],
    ].map(([value, expected]) => [expected, value]),
  )("%s", (expected, value) => {
    expect(canonicalJson(value)).toBe(expected);
  });

  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;

  it.each([
    ["NaN", { a: [1, Number.NaN] }, "$.a[1]"],
    ["an infinity", { a: { b: Number.NEGATIVE_INFINITY } }, "$.a.b"],
    ["a function", { f: () => 1 }, "$.f"],
    ["a symbol", [Symbol("s")], "$[0]"],
    ["undefined alone", undefined, "$"],
    ["undefined in an array", [undefined], "$[0]"],
    ["a hole in an array", new Array(2), "$[0]"],
    ["a Date", { at: new Date(0) }, "$.at"],
    ["a Map", { map: new Map([[1, 2]]) }, "$.map"],
    ["a typed array", { xs: new Float64Array(2) }, "$.xs"],
    ["half of a surrogate pair", { text: "\ud83d" }, "$.text"],
    ["half of a pair in a key", { a: { "\udc00": 1 } }, "$.a"],
    ["a cycle", cycle, "$.self.self"],
  ])("refuses %s by its path", (_what, value, path) => {
    expect(() => canonicalJson(value)).toThrow(`FAULT_INPUT ${path}`);
  });

  const archive = new URL("jcs/jcs-testdata.tar.gz", dataFolder());
  const absent = existsSync(archive) ? "" : `: skipped, ${fileURLToPath(archive)} is absent`;

  it.skipIf(absent !== "")(`gives the reference bytes of RFC 8785's test data${absent}`, () => {
    const files = untar(gunzipSync(readFileSync(archive)));
    const names = [...files.keys()].filter((name) => name.startsWith("testdata/input/"));
    expect(names.length).toBe(6);
    for (const name of names) {
      const input: unknown = JSON.parse(files.get(name) ?? "");
      const hex = files.get(name.replace("input", "outhex").replace(".json", ".txt")) ?? "";
      expect(Buffer.from(canonicalJson(input)).toString("hex"), name).toBe(hex.replace(/\s/g, ""));
    }
  });
});

function dataFolder(): URL {
  const given = process.env.TICKWRIGHT_DATA;
  return given === undefined
    ? new URL("../../../shared/data/", import.meta.url)
    : new URL(`file://${given}/`);
}

/** The plain files of a tar archive, as text. */
function untar(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const field = (at: number, length: number): string =>
    archive.toString("latin1", at, at + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12), 8);
    const isFile = field(at + 156, 1) === "0" || field(at + 156, 1) === "";
    if (isFile) files.set(field(at, 100), archive.toString("utf8", at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
