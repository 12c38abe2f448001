import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BarTapeBuilder,
  bytesInMemory,
  contentSha256,
  DepthTapeBuilder,
  type MemoryTape,
  TapeReader,
  TapeWriter,
  TimeBase,
} from "../../src/feed/index.ts";
import { BarBlock, DepthBlock, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";

const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "0.001", quote: "USDT" };

interface Row {
  readonly exch: number;
  readonly step: number;
  readonly kind: number;
  readonly tick: number;
  readonly lots: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  exch: fc.integer({ min: -1_000_000, max: 2 ** 50 }),
  step: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 33 })),
  kind: fc
    .tuple(fc.integer({ min: 0, max: 10 }), fc.boolean())
    .map(([kind, isSnap]) => kind | (isSnap ? SNAPSHOT : 0)),
  tick: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
  lots: fc.oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
});
const base = fc.bigInt({ min: 2n ** 40n, max: 2n ** 62n });
const codec = fc.constantFrom("none" as const, "zstd" as const);

function tapeOf(rows: readonly Row[], baseNs: bigint): MemoryTape<DepthBlock> {
  const tape = new DepthTapeBuilder({ instrument, baseNs, source: "made up", simulated: true });
  let local = 0;
  for (const { exch, step, kind, tick, lots } of rows) {
    local += step;
    tape.push(exch, local, kind | LAST, tick, lots);
  }
  return tape.build();
}

function bytesOf(tape: MemoryTape<DepthBlock>, how: "none" | "zstd"): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  const { schema, source, simulated, baseNs } = tape.meta;
  const sink = (bytes: Uint8Array): void => void pieces.push(bytes);
  const head = { instrument, baseNs: BigInt(baseNs), source, simulated, schema };
  const writer = new TapeWriter({ ...head, sink, codec: how });
  const block = new DepthBlock();
  for (let i = 0; i < tape.blockCount; i++) {
    tape.read(i, block);
    writer.write(block);
  }
  for (const [name, count] of Object.entries(tape.meta.counts)) writer.count(name, count);
  writer.finish();
  return Uint8Array.from(Buffer.concat(pieces));
}

function readAll(bytes: Uint8Array): unknown[] {
  const reader = new TapeReader<DepthBlock>(bytesInMemory(bytes));
  return Array.from({ length: reader.blockCount }, (_, i) => {
    const block = new DepthBlock(70);
    reader.read(i, block);
    return block;
  });
}

describe("tape", () => {
  test("encoding and decoding give the same rows and hash, by either codec", () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), base, codec, (rows, baseNs, how) => {
        const tape = tapeOf(rows, baseNs);
        const reader = new TapeReader<DepthBlock>(bytesInMemory(bytesOf(tape, how)));
        const [a, b] = [new DepthBlock(), new DepthBlock()];
        tape.read(0, a);
        reader.read(0, b);
        expect(b).toEqual(a);
        expect(reader.meta).toEqual(tape.meta);
        expect(contentSha256(reader)).toBe(tape.meta.contentSha256);
        let local = 0;
        let exch = Number.NEGATIVE_INFINITY;
        rows.forEach((each, i) => {
          local += each.step;
          exch = Math.max(exch, each.exch);
          expect([b.local[i], b.exch[i], b.tick[i], b.lots[i]]).toEqual([local, exch, each.tick, each.lots]);
          expect(b.kind[i]).toBe(each.kind | LAST);
        });
        expect([b.local[rows.length], b.exch[rows.length]]).toEqual([Infinity, Infinity]);
      }),
    );
  });

  test("any flipped bit, cut or appended byte is found", () => {
    const bytes = [bytesOf(tapeOf(fc.sample(row, { numRuns: 60, seed: 7 }), 2n ** 60n), "none")];
    bytes.push(bytesOf(tapeOf(fc.sample(row, { numRuns: 60, seed: 7 }), 2n ** 60n), "zstd"));
    for (const good of bytes) expect(readAll(good)).toHaveLength(1);
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 7 }), fc.constantFrom(...bytes), (at, bit, good) => {
        const bad = Uint8Array.from(good);
        const place = at % bad.length;
        bad[place] = (bad[place] as number) ^ (1 << bit);
        expect(() => readAll(bad)).toThrow("FAULT_TAPE_CORRUPT");
        expect(() => readAll(good.subarray(0, place))).toThrow("FAULT_TAPE_CORRUPT");
        expect(() => readAll(Buffer.concat([good, Uint8Array.of(at & 255)]))).toThrow("FAULT_TAPE_CORRUPT");
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["a block elsewhere", (text: string) => text.replace('"at":8', '"at":9')],
    ["a block longer than it is", (text: string) => text.replace(/"bytes":(\d+)/, '"bytes":1$1')],
    ["other rows", (text: string) => text.replace(/"rows":(\d)/, '"rows":1$1')],
    ["no blocks", (text: string) => text.replace(/"blocks":\[.*?\]/, '"blocks":[]')],
    ["a later format", (text: string) => text.replace('"format":1', '"format":2')],
  ])("a footer that says %s does not fit the file", (_name, edit) => {
    const good = bytesOf(tapeOf(fc.sample(row, { numRuns: 20, seed: 3 }), 2n ** 60n), "none");
    expect(readAll(refooted(good, (text) => text))).toHaveLength(1);
    expect(() => readAll(refooted(good, edit))).toThrow("FAULT_TAPE_CORRUPT");
  });

  test("bars survive the round trip", () => {
    const bar = fc.record({
      span: fc.integer({ min: 0, max: 2 ** 40 }),
      low: fc.integer({ min: -1000, max: 1000 }),
      up: fc.integer({ min: 0, max: 50 }),
      volume: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      factor: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 40 }), base, codec, (bars, baseNs, how) => {
        const tape = new BarTapeBuilder({ instrument, baseNs, source: "made up" });
        let ns = 0;
        for (const { span, low, up, volume, factor } of bars) {
          const [openNs, closeNs] = [ns, ns + span];
          ns += span;
          tape.push({ openNs, closeNs, open: low, high: low + up, low, close: low + up, volume, factor });
        }
        const built = tape.build();
        const pieces: Uint8Array[] = [];
        const sink = (bytes: Uint8Array): void => void pieces.push(bytes);
        const writer = new TapeWriter({
          instrument,
          baseNs,
          source: "made up",
          schema: "bars",
          sink,
          codec: how,
        });
        const [a, b] = [new BarBlock(), new BarBlock()];
        built.read(0, a);
        writer.write(a);
        expect(writer.finish()).toEqual(built.meta);
        new TapeReader<BarBlock>(bytesInMemory(Buffer.concat(pieces))).read(0, b);
        expect(b).toEqual(a);
      }),
      { numRuns: 50 },
    );
  });

  test("an offset is measured exactly or is a fault", () => {
    const moment = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(moment, moment, (baseNs, epochNs) => {
        const from = new TimeBase(baseNs);
        const exact = BigInt(Number(epochNs - baseNs)) === epochNs - baseNs;
        if (exact) expect(BigInt(from.offsetOf(epochNs))).toBe(epochNs - baseNs);
        else expect(() => from.offsetOf(epochNs)).toThrow("FAULT_TIME");
      }),
    );
  });

  test("a tape read from another base is exact or a fault", () => {
    const far = fc.bigInt({ min: 2n ** 54n, max: 2n ** 61n });
    fc.assert(
      fc.property(fc.array(far, { minLength: 1, maxLength: 8 }), (moments) => {
        const sorted = [...moments].sort((a, b) => (a < b ? -1 : 1));
        const first = sorted[0] as bigint;
        const tape = new DepthTapeBuilder({ instrument, baseNs: first, source: "made up" });
        const near = sorted.filter((ns) => ns - first <= 2n ** 53n);
        for (const ns of near) tape.push(Number(ns - first), Number(ns - first), ROW.buy | LAST, 1, 1);
        const good = bytesOf(tape.build(), "none");
        const epochOffsets = near.every((ns) => BigInt(Number(ns)) === ns);
        const moved = rebased(good);
        if (epochOffsets) expect(readAll(moved)).toHaveLength(1);
        else expect(() => readAll(moved)).toThrow("FAULT_TIME");
      }),
    );
  });
});

/** The same file with the base of its meta set to 0. */
function rebased(bytes: Uint8Array): Uint8Array {
  return refooted(bytes, (text) => text.replace(/"baseNs":"\d+"/, '"baseNs":"0"'));
}

/** The same file with its footer edited, and the footer's checksum made to fit. */
function refooted(bytes: Uint8Array, edit: (text: string) => string): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = bytes.length - 16 - view.getUint32(bytes.length - 16, true);
  const json = new TextEncoder().encode(
    edit(new TextDecoder().decode(bytes.subarray(at, bytes.length - 16))),
  );
  const trailer = Uint8Array.from(bytes.subarray(bytes.length - 16));
  const end = new DataView(trailer.buffer);
  end.setUint32(0, json.length, true);
  end.setUint32(4, crc32(json), true);
  return Buffer.concat([bytes.subarray(0, at), json, trailer]);
}
