import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../src/base/index.ts";
import { type RecordVisitor, scanSegment } from "../../src/journal/index.ts";
import { BASE_NS, type Planned, segmentOf } from "../fixtures/journal-segments.ts";

const record: fc.Arbitrary<Planned> = fc.record({
  type: fc.integer({ min: 0, max: 65_535 }),
  payload: fc.uint8Array({ maxLength: 90 }),
  tsNs: fc.integer({ min: -1_000_000, max: 2 ** 40 }),
  isSyncedBefore: fc.boolean(),
});
const records = fc.array(record, { maxLength: 12 });

interface Seen {
  readonly seq: number;
  readonly place: number;
  readonly text: string;
}

function collector(): { readonly seen: Seen[]; readonly visit: RecordVisitor } {
  const seen: Seen[] = [];
  const visit: RecordVisitor = ({ seq, place, type, tsNs, payload }) => {
    seen.push({ seq, place, text: `${type} ${tsNs - BASE_NS} ${payload.join()}` });
  };
  return { seen, visit };
}

const textOf = ({ type, tsNs, payload }: Planned): string => `${type} ${tsNs} ${payload.join()}`;

/** Reads slowly, with the byte-wise checksum and fresh objects: the record at a byte, or nothing. */
function slowRecord(bytes: Uint8Array, at: number): { seq: number; place: number; next: number } | undefined {
  if (at + 32 > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const length = view.getUint32(0, true);
  if (length < 32 || length > 32 + 2 ** 24 || at + length > bytes.length) return undefined;
  const next = at + Math.ceil(length / 8) * 8;
  if (next > bytes.length || bytes.subarray(at + length, next).some((byte) => byte !== 0)) return undefined;
  if (crc32c(bytes.subarray(at + 8, at + length)) !== view.getUint32(4, true)) return undefined;
  return { seq: Number(view.getBigUint64(8, true)), place: view.getUint16(26, true), next };
}

/** What the rules say of a segment: every byte behind the first bad one is tried as the start of a record. */
function slowScan(bytes: Uint8Array): {
  lastSeq: number;
  endByte: number;
  verdict: "clean" | "torn" | "damaged";
} {
  let at = 128;
  let lastSeq = 0;
  for (
    let one = slowRecord(bytes, at);
    one !== undefined && one.seq === lastSeq + 1;
    one = slowRecord(bytes, at)
  ) {
    lastSeq++;
    at = one.next;
  }
  if (bytes.subarray(at).every((byte) => byte === 0)) return { lastSeq, endByte: at, verdict: "clean" };
  let verdict: "torn" | "damaged" = "torn";
  for (let from = at + 8; from < bytes.length; from += 8) {
    const one = slowRecord(bytes, from);
    if (one !== undefined && one.seq > lastSeq && one.seq - one.place > lastSeq + 1) verdict = "damaged";
  }
  return { lastSeq, endByte: at, verdict };
}

describe("scanSegment", () => {
  it("tells every record that was written, in order", () => {
    fc.assert(
      fc.property(records, fc.integer({ min: 0, max: 100 }), (planned, zeros) => {
        const { seen, visit } = collector();
        const found = scanSegment(segmentOf(planned, zeros), { name: "s" }, visit);
        expect(seen.map(({ text }) => text)).toEqual(planned.map(textOf));
        expect(found).toMatchObject({ trouble: undefined, isTorn: false, lastSeq: planned.length });
      }),
    );
  });

  it("yields a beginning of what was written and says that it is torn, wherever the bytes end", () => {
    fc.assert(
      fc.property(records, fc.nat(), (planned, cut) => {
        const whole = segmentOf(planned);
        const bytes = whole.subarray(0, 128 + (cut % (whole.length - 127)));
        const { seen, visit } = collector();
        const found = scanSegment(bytes, { name: "s" }, visit);
        expect(found.trouble).toBeUndefined();
        expect(seen.map(({ text }) => text)).toEqual(planned.slice(0, seen.length).map(textOf));
        const rest = bytes.subarray(found.endByte);
        expect(found.isTorn).toBe(rest.some((byte) => byte !== 0));
      }),
    );
  });

  it("notices any single bit that turned, and never tells a record that was not written", () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 0, max: 64 }), (planned, place, zeros) => {
        const bytes = segmentOf(planned, zeros);
        const bit = place % (bytes.length * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        const { seen, visit } = collector();
        const found = scanSegment(bytes, { name: "s" }, visit);
        expect(found.trouble !== undefined || found.isTorn).toBe(true);
        expect(seen.map(({ text }) => text)).toEqual(planned.slice(0, seen.length).map(textOf));
      }),
      { numRuns: 500 },
    );
  });

  it("agrees with the slow scan on segments with several damaged places", () => {
    const damage = fc.record({
      at: fc.nat(),
      length: fc.integer({ min: 1, max: 80 }),
      value: fc.constantFrom(0, 255, 7),
    });
    const verdicts = new Set<string>();
    fc.assert(
      fc.property(records, fc.array(damage, { maxLength: 3 }), (planned, damages) => {
        const bytes = segmentOf(planned, 48);
        for (const { at, length, value } of damages) {
          const from = 128 + (at % (bytes.length - 128));
          bytes.fill(value, from, Math.min(bytes.length, from + length));
        }
        const slow = slowScan(bytes);
        const fast = scanSegment(bytes, { name: "s" });
        const verdict = fast.trouble?.kind ?? (fast.isTorn ? "torn" : "clean");
        expect({ lastSeq: fast.lastSeq, endByte: fast.endByte, verdict }).toEqual(slow);
        verdicts.add(verdict);
      }),
      { numRuns: 1000 },
    );
    expect([...verdicts].sort()).toEqual(["clean", "damaged", "torn"]);
  });

  it("what is lost of one unsynced batch is never taken for damage, whichever sectors arrived", () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 6 }),
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.boolean()),
        (before, batch, arrives) => {
          const planned = [...before, ...batch.map((each, i) => ({ ...each, isSyncedBefore: i === 0 }))];
          const synced = segmentOf(before);
          const bytes = segmentOf(planned, 64);
          for (let at = synced.length; at < bytes.length; ) {
            const to = Math.min(bytes.length, (Math.floor(at / 64) + 1) * 64);
            if (!arrives.next().value) bytes.fill(0, at, to);
            at = to;
          }
          const found = scanSegment(bytes, { name: "s" });
          expect(found.trouble).toBeUndefined();
          expect(found.lastSeq).toBeGreaterThanOrEqual(before.length);
        },
      ),
    );
  });
});
