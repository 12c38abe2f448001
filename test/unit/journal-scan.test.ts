import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  JournalScan,
  type JournalTrouble,
  journalFault,
  RecordEncoder,
  type SegmentHeader,
  scanSegment,
} from "../../src/journal/index.ts";
import { BASE_NS, HEADER, hashOf, planned, segmentOf } from "../fixtures/journal-segments.ts";

const scan = (bytes: Uint8Array, more = {}) => scanSegment(bytes, { name: "s", ...more });
/** Where the k-th record (from 0) of records with `payload` bytes begins. */
const startOf = (k: number, payload: number): number => 128 + k * (32 + payload);

describe("a segment that ends cleanly", () => {
  it.each([0, 8, 16, 500])("with %d zeros behind its records", (zeros) => {
    const bytes = segmentOf([planned(8), planned(16), planned(0)], zeros);
    const seen: string[] = [];
    const found = scanSegment(bytes, { name: "s" }, (record) => {
      seen.push(
        `${record.seq} ${record.type} ${record.epoch} ${record.payload.length} ${record.tsNs - BASE_NS}`,
      );
    });
    expect(seen).toEqual(["1 1 2 8 1000", "2 1 2 16 1000", "3 1 2 0 1000"]);
    expect(found).toEqual({
      header: HEADER,
      trouble: undefined,
      records: 3,
      lastSeq: 3,
      epoch: 2,
      endByte: 128 + 40 + 48 + 32,
      isTorn: false,
      tornRecords: 0,
    });
  });

  it("without a record", () => {
    expect(scan(segmentOf([], 64))).toMatchObject({ records: 0, lastSeq: 0, endByte: 128, isTorn: false });
  });
});

describe("a torn tail", () => {
  const five = [planned(8), planned(8), planned(8), planned(8, false), planned(8, false)];

  it("is cut off at the first bad record", () => {
    const bytes = segmentOf(five.slice(0, 3), 64);
    bytes[startOf(2, 8) + 33] = 0;
    expect(scan(bytes)).toMatchObject({
      trouble: undefined,
      lastSeq: 2,
      endByte: startOf(2, 8),
      isTorn: true,
      tornRecords: 0,
    });
  });

  it("may hold whole records of its own batch, and is cut off all the same", () => {
    const bytes = segmentOf(five, 64);
    bytes.fill(0, startOf(2, 8), startOf(3, 8));
    expect(scan(bytes)).toMatchObject({ trouble: undefined, lastSeq: 2, isTorn: true, tornRecords: 2 });
    expect(scan(bytes, { tornBatch: "refuse" })).toMatchObject({
      trouble: { kind: "damaged", seq: 3, byte: startOf(2, 8) },
      isTorn: false,
    });
  });

  it("is anything but zeros behind the end", () => {
    const bytes = segmentOf(five.slice(0, 1), 4001);
    bytes[4000] = 1;
    expect(scan(bytes)).toMatchObject({ isTorn: true, lastSeq: 1, endByte: startOf(1, 8) });
  });
});

describe("damage in the middle", () => {
  const synced = [planned(8), planned(8), planned(8), planned(8)];

  it.each([0, 1, 2])("of record %d is told, never cut off", (k) => {
    const bytes = segmentOf(synced, 64);
    bytes[startOf(k, 8) + 12] = 1;
    const { trouble, isTorn, lastSeq } = scan(bytes);
    expect({ isTorn, lastSeq }).toEqual({ isTorn: false, lastSeq: k });
    expect(trouble).toMatchObject({ kind: "damaged", name: "s", byte: startOf(k, 8), seq: k + 1 });
    expect(journalFault(trouble as JournalTrouble)).toMatchObject({
      code: "FAULT_JOURNAL_CORRUPT",
      path: `s byte ${startOf(k, 8)} seq ${k + 1}`,
    });
  });

  it("is told where the records behind it are a batch that began before the damage ended", () => {
    // Records 3 and 4 are one batch; 3 is gone with 2, 4 still says that 2 had been durable.
    const bytes = segmentOf([planned(8), planned(8), planned(8), planned(8, false)], 64);
    bytes.fill(0, startOf(1, 8), startOf(3, 8));
    expect(scan(bytes).trouble).toMatchObject({ kind: "damaged", seq: 2 });
  });

  it("is told where the length of the bad record leads nowhere", () => {
    const bytes = segmentOf(synced, 64);
    new DataView(bytes.buffer).setUint32(startOf(1, 8), 0xffff_ffff, true);
    expect(scan(bytes).trouble).toMatchObject({ kind: "damaged", seq: 2 });
  });

  it.each([
    ["gap", 9, 2, "record 9"],
    ["gap", 1, 2, "record 1"],
    ["epochBack", 2, 1, "epoch 1"],
  ])("%s: a whole record %d of epoch %d", (kind, nextSeq, epoch, found) => {
    const encoder = new RecordEncoder({ bufferBytes: 64, nextSeq, epoch, baseNs: 0n });
    encoder.append(1, new Uint8Array(0), 0, 0);
    const bytes = segmentOf([planned(8)], 64);
    bytes.set(encoder.bytes, startOf(1, 8));
    expect(scan(bytes).trouble).toMatchObject({ kind, found, byte: startOf(1, 8), seq: 2 });
  });
});

describe("a journal of several segments", () => {
  const first = segmentOf([planned(8), planned(8)], 0);
  const second = (more: Partial<SegmentHeader> = {}, zeros = 0): Uint8Array =>
    segmentOf([planned(16)], zeros, { ...HEADER, baseSeq: 3, prevSegmentHash: hashOf(first), ...more });

  it("is one sequence", () => {
    const journal = new JournalScan({ shard: 3 });
    const seen: number[] = [];
    journal.add(first, "a", false, ({ seq }) => seen.push(seq));
    journal.add(second({ epoch: 4 }, 32), "b", true, ({ seq }) => seen.push(seq));
    expect(seen).toEqual([1, 2, 3]);
    const { firstSeq, lastSeq, records, epoch, lastHash, hashBeforeLast, trouble } = journal;
    expect({ firstSeq, lastSeq, records, epoch, trouble }).toEqual({
      firstSeq: 1,
      lastSeq: 3,
      records: 3,
      epoch: 4,
      trouble: undefined,
    });
    expect([hashBeforeLast, lastHash]).toEqual([hashOf(first), hashOf(second({ epoch: 4 }))]);
  });

  it("may have lost its beginning, not its middle", () => {
    const journal = new JournalScan({ shard: 3 });
    expect(journal.add(second(), "b", true).trouble).toBeUndefined();
    expect(journal.firstSeq).toBe(3);
  });

  it.each([
    ["mixed", { shard: 4 }, 12],
    ["gap", { baseSeq: 4 }, 24],
    ["mixed", { baseSeq: 2 }, 24],
    ["mixed", { prevSegmentHash: "1".repeat(64) }, 40],
    ["epochBack", { epoch: 1 }, 0],
  ] as const)("%s: %o", (kind, more, byte) => {
    const journal = new JournalScan({ shard: 3 });
    journal.add(first, "a", false);
    const { trouble } = journal.add(second(more), "b", true);
    expect(trouble).toMatchObject({ kind, name: "b", byte });
    expect(journal.trouble).toBe(trouble);
    const code = kind === "mixed" ? "FAULT_JOURNAL_FORMAT" : "FAULT_JOURNAL_CORRUPT";
    expect(journalFault(trouble as JournalTrouble)).toMatchObject({ code });
    // Nothing is read after a trouble.
    expect(journal.add(second(), "c", true).trouble).toBe(trouble);
    expect(journal.lastSeq).toBe(2);
  });

  it("a first segment that claims a predecessor is somebody else's", () => {
    const alien = segmentOf([], 0, { ...HEADER, prevSegmentHash: "1".repeat(64) });
    expect(new JournalScan({ shard: 3 }).add(alien, "a", true).trouble).toMatchObject({ kind: "mixed" });
  });

  it("a sealed segment must be whole", () => {
    const torn = first.slice();
    torn[startOf(1, 8) + 35] = 7;
    const journal = new JournalScan({ shard: 3 });
    expect(journal.add(torn, "a", false).trouble).toMatchObject({ kind: "damaged", name: "a", seq: 2 });
  });

  it("foreign files are told", () => {
    const journal = new JournalScan({ shard: 3 });
    const { trouble } = journal.add(Buffer.from("a letter to a friend, in a file"), "a", true);
    expect(trouble).toMatchObject({ kind: "foreign" });
    expect(journalFault(trouble as JournalTrouble)).toMatchObject({ code: "FAULT_JOURNAL_FORMAT" });
  });

  it("checks its options", () => {
    expect(() => new JournalScan({ shard: -1 })).toThrow(Fault);
    expect(() => new JournalScan({ shard: 0, torn: 1 } as never)).toThrow("options.torn");
  });
});
