import { describe, expect, it } from "vitest";
import { crc32c, Fault } from "../../src/base/index.ts";
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  NO_HASH,
  NO_RECORD,
  PLACE_MAX,
  RecordEncoder,
  RecordView,
  recordBytes,
} from "../../src/journal/index.ts";
import { BASE_NS, HEADER } from "../fixtures/journal-segments.ts";

const OPTIONS = { bufferBytes: 1024, nextSeq: 5, epoch: 7, baseNs: BASE_NS };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("no fault");
}

describe("a record", () => {
  it("lies in the bytes as the format says", () => {
    const encoder = new RecordEncoder(OPTIONS);
    expect(encoder.append(0x1234, Uint8Array.of(1, 2, 3), 11, 9)).toBe(5);
    const { bytes } = encoder;
    const view = new DataView(bytes.buffer);
    expect(bytes.length).toBe(40);
    expect(view.getUint32(0, true)).toBe(35);
    expect(view.getUint32(4, true)).toBe(crc32c(bytes.subarray(8, 35)));
    expect(view.getBigUint64(8, true)).toBe(5n);
    expect(view.getBigUint64(16, true)).toBe(BASE_NS + 11n);
    expect(view.getUint16(24, true)).toBe(0x1234);
    expect(view.getUint16(26, true)).toBe(9);
    expect(view.getUint32(28, true)).toBe(7);
    expect(hex(bytes.subarray(32))).toBe("0102030000000000");
  });

  it("never changes its bytes", () => {
    const encoder = new RecordEncoder({ ...OPTIONS, baseNs: 0n });
    encoder.append(1, Uint8Array.of(255), 1, 0);
    expect(hex(encoder.bytes)).toBe(
      "210000006b0d8725050000000000000001000000000000000100000007000000ff00000000000000",
    );
  });

  it.each([
    [0, 0n],
    [-1, -1n],
    [2 ** 32, 2n ** 32n],
    [-(2 ** 32) - 1, -(2n ** 32n) - 1n],
    [Number.MAX_SAFE_INTEGER, BigInt(Number.MAX_SAFE_INTEGER)],
    [4294967295 - 123456789, 4294967295n - 123456789n],
  ])("keeps a time of %d ns from the base exactly", (tsNs, offset) => {
    const encoder = new RecordEncoder(OPTIONS);
    encoder.append(1, new Uint8Array(0), tsNs, 0);
    const record = new RecordView().over(encoder.bytes);
    expect(record.read(0)).toBe(32);
    expect(record.tsNs).toBe(BASE_NS + offset);
  });

  it("goes on counting after the buffer is emptied, and leaves nothing of older records in the padding", () => {
    const encoder = new RecordEncoder(OPTIONS);
    encoder.append(1, new Uint8Array(64).fill(255), 0, 0);
    encoder.clear();
    expect(encoder.append(1, Uint8Array.of(1), 0, 0)).toBe(6);
    expect(new RecordView().over(encoder.bytes).read(0)).toBe(40);
    expect(encoder.nextSeq).toBe(7);
  });

  it.each([
    ["type", () => new RecordEncoder(OPTIONS).append(65_536, new Uint8Array(0), 0, 0)],
    ["type", () => new RecordEncoder(OPTIONS).append(Number.NaN, new Uint8Array(0), 0, 0)],
    ["tsNs", () => new RecordEncoder(OPTIONS).append(1, new Uint8Array(0), 0.5, 0)],
    ["tsNs", () => new RecordEncoder(OPTIONS).append(1, new Uint8Array(0), 2 ** 64, 0)],
    ["tsNs", () => new RecordEncoder({ ...OPTIONS, baseNs: 5n }).append(1, new Uint8Array(0), -6, 0)],
    ["place", () => new RecordEncoder(OPTIONS).append(1, new Uint8Array(0), 0, PLACE_MAX + 1)],
  ])("refuses a wrong %s", (path, work) => {
    expect(faultOf(work)).toMatchObject({ code: "FAULT_INPUT", path });
  });

  it("that does not fit changes nothing", () => {
    const encoder = new RecordEncoder({ ...OPTIONS, bufferBytes: 100 });
    expect(encoder.payloadBytesMax).toBe(64);
    expect(encoder.fits(65)).toBe(false);
    expect(faultOf(() => encoder.append(1, new Uint8Array(65), 0, 0))).toMatchObject({
      code: "FAULT_CAPACITY",
    });
    expect(encoder.append(1, new Uint8Array(64), 0, 0)).toBe(5);
    expect(encoder.length).toBe(recordBytes(64));
  });

  it.each([
    [{ bufferBytes: 63 }, "options.bufferBytes"],
    [{ nextSeq: 0 }, "options.nextSeq"],
    [{ epoch: 0 }, "options.epoch"],
    [{ baseNs: -1n }, "options.baseNs"],
    [{ size: 1 }, "options.size"],
  ])("options %o", (more, path) => {
    const options = { ...OPTIONS, ...more } as typeof OPTIONS;
    expect(faultOf(() => new RecordEncoder(options))).toMatchObject({ code: "FAULT_CONFIG", path });
  });

  it("is not read where a single bit differs", () => {
    const encoder = new RecordEncoder(OPTIONS);
    encoder.append(
      3,
      Uint8Array.from({ length: 37 }, (_, i) => i),
      5,
      2,
    );
    const good = encoder.bytes.slice();
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(new RecordView().over(bad).read(0), `bit ${bit}`).toBe(NO_RECORD);
    }
  });
});

describe("a segment's header", () => {
  it("comes back as it was", () => {
    const header = {
      ...HEADER,
      createdNs: 2n ** 64n - 1n,
      baseSeq: 2 ** 52,
      prevSegmentHash: "0f".repeat(32),
    };
    expect(decodeSegmentHeader(encodeSegmentHeader(header), "s")).toEqual(header);
  });

  it("is no header where a single bit differs", () => {
    const good = encodeSegmentHeader(HEADER);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      const kind = bit < 64 ? "foreign" : "damaged";
      expect(decodeSegmentHeader(bad, "s"), `bit ${bit}`).toMatchObject({ kind });
    }
  });

  it.each([
    [0, "older"],
    [2, "newer"],
  ])("tells version %d", (version, age) => {
    const bytes = encodeSegmentHeader(HEADER);
    const view = new DataView(bytes.buffer);
    view.setUint32(8, version, true);
    view.setUint32(124, crc32c(bytes.subarray(0, 124)), true);
    const found = `version ${version}, which is ${age}`;
    expect(decodeSegmentHeader(bytes, "s")).toMatchObject({ kind: "version", byte: 8, found });
  });

  it("that is cut short is damaged, and an empty file is foreign", () => {
    expect(decodeSegmentHeader(encodeSegmentHeader(HEADER).subarray(0, 127), "s")).toMatchObject({
      kind: "damaged",
      byte: 127,
    });
    expect(decodeSegmentHeader(new Uint8Array(0), "s")).toMatchObject({ kind: "foreign" });
  });

  it.each([
    [{ shard: -1 }, "shard"],
    [{ epoch: 0 }, "epoch"],
    [{ baseSeq: 0 }, "baseSeq"],
    [{ createdNs: -1n }, "createdNs"],
    [{ prevSegmentHash: NO_HASH.slice(1) }, "prevSegmentHash"],
    [{ prevSegmentHash: "A".repeat(64) }, "prevSegmentHash"],
  ])("%o is refused", (more, path) => {
    expect(faultOf(() => encodeSegmentHeader({ ...HEADER, ...more }))).toMatchObject({
      code: "FAULT_INPUT",
      path,
    });
  });
});
