import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type AuditVerdict, type Checkpoint, encodeRecord, openCheckpoint } from "../../src/audit/index.ts";
import { forge, kindOf, recordsOf } from "../fixtures/audit-forger.ts";
import {
  BASE_NS,
  fill,
  header,
  KEY,
  keptChain,
  NEXT_KEY,
  ORIGIN,
  OTHER_KEY,
  verify,
} from "../fixtures/audit-trail.ts";

type Frames = readonly (readonly Uint8Array[])[];

/** A log with the last checkpoint that somebody else kept. */
interface Trail {
  readonly name: string;
  readonly frames: Frames;
  readonly anchor: Checkpoint;
  /** The records, as bytes, and how many the anchor covers. */
  readonly records: readonly Uint8Array[];
  readonly anchored: number;
  /** The frame of the last checkpoint: its segment and place. */
  readonly last: readonly [number, number];
}

interface Shape {
  readonly sizes: readonly number[];
  readonly blockRecords: number;
  readonly checkpointBlocks: number;
  readonly leaves?: "block" | "record";
  /** Records behind the last checkpoint, in an open segment. */
  readonly tail?: number;
  readonly rotates?: boolean;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "one block": { sizes: [3], blockRecords: 64, checkpointBlocks: 64 },
  "many blocks": { sizes: [14], blockRecords: 2, checkpointBlocks: 3 },
  "a record a block": { sizes: [7], blockRecords: 1, checkpointBlocks: 1 },
  segments: { sizes: [6, 5, 4], blockRecords: 3, checkpointBlocks: 1 },
  "an empty segment": { sizes: [4, 0, 4], blockRecords: 2, checkpointBlocks: 9 },
  "an open tail": { sizes: [6, 6], blockRecords: 2, checkpointBlocks: 5, tail: 7 },
  "leaves of records": { sizes: [9, 5], blockRecords: 4, checkpointBlocks: 3, leaves: "record", tail: 5 },
  "another key": { sizes: [5, 5], blockRecords: 3, checkpointBlocks: 2, rotates: true, tail: 2 },
};

function build(name: string, shape: Shape): Trail {
  const { sizes, blockRecords, checkpointBlocks, leaves = "block", tail = 0, rotates = false } = shape;
  const frames: Uint8Array[][] = [];
  let state: ReturnType<ReturnType<typeof keptChain>["chain"]["seal"]> | undefined;
  for (const [i, size] of sizes.entries()) {
    const signers = rotates && i > 0 ? [NEXT_KEY] : [KEY];
    const salt = new Uint8Array(32).fill(i + 1);
    const options = { blockRecords, checkpointBlocks, leaves, signers, salt, checkpointNs: 1e15 };
    const kept = keptChain(state === undefined ? options : { ...options, state });
    fill(kept.chain, size);
    if (rotates && i === 0) kept.chain.rotate(NEXT_KEY, "yearly", header(BASE_NS + BigInt(size) * 1_000n));
    const isLast = i === sizes.length - 1;
    if (tail > 0 && isLast) {
      kept.chain.checkpoint();
      fill(kept.chain, tail);
      kept.chain.flush();
    } else {
      state = kept.chain.seal();
    }
    frames.push(kept.frames);
  }
  const places = frames.flatMap((each, segment) =>
    each.flatMap((frame, place) => (kindOf(frame) === "checkpoint" ? [[segment, place] as const] : [])),
  );
  const last = places.at(-1) as readonly [number, number];
  const note = ((frames[last[0]] as Uint8Array[])[last[1]] as Uint8Array).subarray(8);
  const opened = openCheckpoint(note, ORIGIN, [KEY.verifierKey, NEXT_KEY.verifierKey]);
  if (!opened.ok) throw new Error(opened.message);
  const covered = recordsIn(
    frames.flatMap((each, i) => (i < last[0] ? each : i === last[0] ? each.slice(0, last[1]) : [])),
  );
  return {
    name,
    frames,
    anchor: opened.checkpoint,
    records: recordsIn(frames.flat()),
    anchored: covered.length,
    last,
  };
}

function recordsIn(frames: readonly Uint8Array[]): Uint8Array[] {
  return frames.filter((frame) => kindOf(frame) === "block").flatMap(recordsOf);
}

const TRAILS = Object.entries(SHAPES).map(([name, shape]) => build(name, shape));
const trail = named(TRAILS);
const place = fc.nat({ max: 2 ** 31 - 1 });
let mutations = 0;

/** One of some trails, which a counterexample names and does not print. */
function named(trails: readonly Trail[]): fc.Arbitrary<Trail> {
  const byName = new Map(
    trails.map((each) => [each.name, { ...each, [fc.toStringMethod]: () => each.name }]),
  );
  return fc.constantFrom(...byName.keys()).map((name) => byName.get(name) as Trail);
}

/** Reads what was made of a trail, together with the records that were seen. */
function read(from: Trail, segments: readonly Uint8Array[]): AuditVerdict {
  mutations += 1;
  const seen: Uint8Array[] = [];
  const onRecord = (record: Parameters<typeof encodeRecord>[0]): void => void seen.push(encodeRecord(record));
  const verdict = verify(segments, { anchors: [from.anchor], onRecord }, 4096);
  // Whatever was done: what is proved is what was written, and nothing is both good and short.
  const { proved } = verdict;
  if (proved !== null) {
    expect(proved.toSeq).toBeLessThanOrEqual(from.anchored);
    for (let i = 0; i < proved.toSeq; i++)
      expect(Buffer.compare(seen[i] as Uint8Array, from.records[i] as Uint8Array)).toBe(0);
  }
  if (verdict.ok) expect(proved).toEqual({ fromSeq: 1, toSeq: from.anchored });
  expect(verdict.ok).toBe(verdict.problem === null);
  return verdict;
}

function bytesOf(frames: Frames): Uint8Array[] {
  return frames.map((each) => new Uint8Array(Buffer.concat(each)));
}

/** Where each frame of a segment begins, and the segment's length. */
function startsOf(frames: readonly Uint8Array[]): number[] {
  const starts = [0];
  for (const frame of frames) starts.push((starts.at(-1) as number) + frame.length);
  return starts;
}

function edit<Item>(items: readonly Item[], at: number, gone: number, ...added: Item[]): Item[] {
  return items.toSpliced(at, gone, ...added);
}

/** Frames whose change must be seen: all up to the last checkpoint. */
function coveredPlaces(from: Trail): (readonly [number, number])[] {
  const [lastSegment, lastPlace] = from.last;
  return from.frames.flatMap((frames, segment) =>
    frames.flatMap((_, at) =>
      segment < lastSegment || (segment === lastSegment && at <= lastPlace) ? [[segment, at] as const] : [],
    ),
  );
}

describe("a trail that was not changed", () => {
  it.each(TRAILS)("$name is proved up to the anchor", (each) => {
    const verdict = read(each, bytesOf(each.frames));
    const rest = each.records.length - each.anchored;
    const unproved = rest === 0 ? null : { fromSeq: each.anchored + 1, toSeq: each.records.length };
    expect(verdict).toMatchObject({ ok: true, anchorsMet: 1, records: each.records.length, unproved });
  });

  it.each(TRAILS)("$name: the forger of these tests knows its trade", (each) => {
    expect(bytesOf(forge(each.frames)).map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(
      bytesOf(each.frames).map((bytes) => Buffer.from(bytes).toString("hex")),
    );
  });
});

describe("a changed bit", () => {
  it("is found wherever it is, and where it is", () => {
    fc.assert(
      fc.property(trail, place, fc.nat({ max: 7 }), (each, where, bit) => {
        const segments = bytesOf(each.frames);
        const total = segments.reduce((sum, { length }) => sum + length, 0);
        let offset = where % total;
        let segment = 0;
        for (; offset >= (segments[segment] as Uint8Array).length; segment++)
          offset -= (segments[segment] as Uint8Array).length;
        const changed = segments.map((bytes) => bytes.slice());
        const bytes = changed[segment] as Uint8Array;
        bytes[offset] = (bytes[offset] as number) ^ (1 << bit);
        const verdict = read(each, changed);
        const frames = each.frames[segment] as readonly Uint8Array[];
        const starts = startsOf(frames);
        const at = starts.findLastIndex((start) => start <= offset);
        expectPlace(verdict, segment, offset, frames, starts, at);
      }),
      { numRuns: 6_000 },
    );
  });
});

/** The problem is placed at the record that holds the changed byte, or at the frame. */
function expectPlace(
  verdict: AuditVerdict,
  segment: number,
  offset: number,
  frames: readonly Uint8Array[],
  starts: readonly number[],
  at: number,
): void {
  const frame = frames[at] as Uint8Array;
  const start = starts[at] as number;
  const { problem } = verdict;
  if (problem === null)
    throw new Error(`byte ${offset} of ${kindOf(frame)} ${at} of segment ${segment} went unseen`);
  expect(problem.segment).toBe(segment);
  if (kindOf(frame) === "header") {
    // What a header says is bound to the first link behind it.
    expect([0, starts[1]]).toContain(problem.offset);
    return;
  }
  const records = kindOf(frame) === "block" ? recordsOf(frame) : [];
  let from = start + 24;
  const seq = Number(Buffer.from(frame).readBigUInt64LE(8));
  const checks = from + records.reduce((sum, { length }) => sum + length, 0);
  for (const [i, record] of records.entries()) {
    const inRecord = offset >= from && offset < from + record.length;
    const inCheck = offset >= checks + 4 * i && offset < checks + 4 * i + 4;
    if (inRecord || inCheck)
      expect(problem).toMatchObject({ offset: from, fromSeq: seq + i, toSeq: seq + i });
    if (inRecord || inCheck) return;
    from += record.length;
  }
  expect(problem.offset).toBe(start);
}

describe("bytes that are cut off", () => {
  it("are found before the last anchor; behind it what is left is unproved, or torn", () => {
    fc.assert(
      fc.property(trail, place, (each, where) => {
        const segments = bytesOf(each.frames);
        const segment = where % segments.length;
        const bytes = segments[segment] as Uint8Array;
        const cut = 1 + (Math.floor(where / segments.length) % bytes.length);
        const starts = startsOf(each.frames[segment] as readonly Uint8Array[]);
        const verdict = read(each, [...segments.slice(0, segment), bytes.subarray(0, cut)]);
        const isBoundary = starts.includes(cut);
        const [lastSegment, lastPlace] = each.last;
        const isBehind =
          segment > lastSegment || (segment === lastSegment && cut >= (starts[lastPlace] as number));
        if (!isBoundary) {
          const offset = starts.findLast((start) => start <= cut);
          expect(verdict).toMatchObject({ ok: false, problem: { code: "AUDIT_TORN", segment, offset } });
        } else if (isBehind) {
          const first = recordsIn([
            ...each.frames.slice(0, segment).flat(),
            ...(each.frames[segment] as Uint8Array[]).slice(0, starts.indexOf(cut)),
          ]);
          const unproved =
            first.length > each.anchored ? { fromSeq: each.anchored + 1, toSeq: first.length } : null;
          expect(verdict).toMatchObject({ ok: true, unproved });
        } else {
          expect(verdict).toMatchObject({
            ok: false,
            problem: { code: "AUDIT_TRUNCATED", fromSeq: verdict.records + 1 },
          });
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

describe("frames that are moved", () => {
  const operation = fc.constantFrom("drop", "repeat", "swap", "splice", "graft", "insert");

  it("are found, in the segment where they are", () => {
    fc.assert(
      fc.property(trail, operation, place, place, (each, how, a, b) => {
        const places = coveredPlaces(each);
        const [segment, at] = places[a % places.length] as readonly [number, number];
        const [lastSegment, lastPlace] = each.last;
        const isLastCheckpoint = segment === lastSegment && at === lastPlace;
        const frames = each.frames[segment] as readonly Uint8Array[];
        const frame = frames[at] as Uint8Array;
        const other = TRAILS[b % TRAILS.length] as Trail;
        const foreign = other.frames.flat()[b % other.frames.flat().length] as Uint8Array;
        const own = each.frames.flat()[b % each.frames.flat().length] as Uint8Array;
        const junk = Buffer.alloc(1 + (b % 40), b);
        const next = frames[at + 1];
        const made =
          how === "drop"
            ? edit(frames, at, 1)
            : how === "repeat"
              ? edit(frames, at, 1, frame, frame)
              : how === "swap"
                ? edit(frames, at, 2, ...(next === undefined ? [] : [next]), frame)
                : how === "splice"
                  ? edit(frames, at, 1, own)
                  : how === "graft"
                    ? edit(frames, at, 1, foreign)
                    : edit(frames, at, 0, junk);
        const changed = each.frames.map((all, i) => (i === segment ? made : all));
        const isSame = bytesOf(changed).every(
          (bytes, i) => Buffer.compare(bytes, bytesOf(each.frames)[i] as Uint8Array) === 0,
        );
        const verdict = read(each, bytesOf(changed));
        // Without the last checkpoint the anchor still proves the same records.
        const isSpared = isSame || (isLastCheckpoint && (how === "drop" || how === "swap"));
        if (isSpared) return;
        expect(verdict.ok).toBe(false);
        const problem = verdict.problem as NonNullable<AuditVerdict["problem"]>;
        const starts = startsOf(frames);
        // A missing checkpoint or end shows where the next segment names it.
        const isChecked = [frame, own, foreign].some(
          (one) => kindOf(one) === "checkpoint" || kindOf(one) === "end",
        );
        expect(problem.segment).toBeGreaterThanOrEqual(segment);
        if (!isChecked) expect(problem.segment).toBe(segment);
        if (problem.segment === segment) expect(problem.offset).toBeGreaterThanOrEqual(starts[at] as number);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are found where whole segments are dropped, repeated or swapped", () => {
    fc.assert(
      fc.property(trail, fc.constantFrom("drop", "repeat", "swap"), place, (each, how, a) => {
        const segments = bytesOf(each.frames);
        const at = a % segments.length;
        const segment = segments[at] as Uint8Array;
        const next = segments[at + 1];
        if (how === "swap" && next === undefined) return;
        if (how === "drop" && at > each.last[0]) return;
        const made =
          how === "drop"
            ? edit(segments, at, 1)
            : how === "repeat"
              ? edit(segments, at, 1, segment, segment)
              : edit(segments, at, 2, next as Uint8Array, segment);
        mutations += 1;
        const verdict = verify(made, { anchors: [each.anchor] });
        // A log may be read from any segment on; then what lies before it is not proved, and is said so.
        const isLater = (how === "drop" || how === "swap") && at === 0;
        if (isLater && verdict.ok) expect(verdict.proved?.fromSeq).not.toBe(1);
        else expect(verdict.ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe("records that are forged by somebody without the key", () => {
  const operation = fc.constantFrom("drop", "repeat", "swap", "edit", "insert", "regroup", "resign");

  it("are found, within the records up to the next checkpoint", () => {
    fc.assert(
      fc.property(trail, operation, place, place, (each, how, a, b) => {
        const blocks = coveredPlaces(each).filter(
          ([segment, at]) => kindOf(each.frames[segment]?.[at] as Uint8Array) === "block",
        );
        const [segment, at] = blocks[a % blocks.length] as readonly [number, number];
        const frames = each.frames[segment] as readonly Uint8Array[];
        const records = recordsOf(frames[at] as Uint8Array);
        const i = b % records.length;
        const record = records[i] as Uint8Array;
        const seq = Number(Buffer.from(record).readBigUInt64LE(8));
        const stranger = recordsIn((TRAILS[b % TRAILS.length] as Trail).frames.flat())[0] as Uint8Array;
        const made = changedRecords(how, records, i, stranger, b);
        if (made === undefined) return;
        const withRecords = made.length === 0 ? edit(frames, at, 1) : edit(frames, at, 1, blockWith(made));
        const resigned =
          how === "resign"
            ? resign(each, segment)
            : each.frames.map((all, k) => (k === segment ? withRecords : all));
        const verdict = read(each, bytesOf(forge(resigned)));
        if (how === "resign") {
          expect(verdict).toMatchObject({ ok: false, problem: { code: "AUDIT_CHECKPOINT_UNSIGNED" } });
          return;
        }
        expect(verdict.ok).toBe(false);
        const problem = verdict.problem as NonNullable<AuditVerdict["problem"]>;
        expect(problem.fromSeq).toBeLessThanOrEqual(seq + 1);
        expect(problem.toSeq).toBeGreaterThanOrEqual(seq - 1);
      }),
      { numRuns: 2_500 },
    );
  });

  it("leave the records behind the last checkpoint unproved, whatever is made of them", () => {
    const tails = TRAILS.filter((each) => each.anchored < each.records.length);
    fc.assert(
      fc.property(named(tails), place, place, (each, a, b) => {
        const segment = each.last[0];
        const frames = each.frames[segment] as readonly Uint8Array[];
        const at = each.last[1] + 1 + (a % (frames.length - each.last[1] - 1));
        const records = recordsOf(frames[at] as Uint8Array);
        const made = changedRecords("edit", records, b % records.length, records[0] as Uint8Array, b);
        if (made === undefined) return;
        const changed = each.frames.map((all, k) =>
          k === segment ? edit(frames, at, 1, blockWith(made)) : all,
        );
        const verdict = read(each, bytesOf(forge(changed)));
        const unproved = { fromSeq: each.anchored + 1, toSeq: each.records.length };
        expect(verdict).toMatchObject({ ok: true, unproved });
      }),
      { numRuns: 300 },
    );
  });
});

function changedRecords(
  how: string,
  records: readonly Uint8Array[],
  i: number,
  stranger: Uint8Array,
  turn: number,
): Uint8Array[] | undefined {
  const record = records[i] as Uint8Array;
  const next = records[i + 1];
  if (how === "drop" || how === "regroup") return edit(records, i, 1);
  if (how === "repeat") return edit(records, i, 1, record, record);
  if (how === "insert") return edit(records, i, 0, retimed(stranger, record));
  if (how === "swap")
    return next === undefined ? undefined : edit(records, i, 2, retimed(next, record), retimed(record, next));
  const edited = record.slice();
  // A digit of the clock's uncertainty, or of a hash: a record all the same.
  const at = turn % 2 === 0 ? 24 + (turn % 4) : 32 + (turn % 64);
  edited[at] = (edited[at] as number) ^ (1 + (turn % 200));
  return edit(records, i, 1, edited);
}

/** A record at another's time, so that only the order is wrong. */
function retimed(record: Uint8Array, like: Uint8Array): Uint8Array {
  const bytes = record.slice();
  bytes.set(like.subarray(16, 24), 16);
  return bytes;
}

/** A block's frame that `forge` takes its records from. */
function blockWith(records: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(24);
  head.write("BLK1", 0);
  head.writeUInt32LE(records.length, 16);
  head.writeUInt32LE(
    records.reduce((sum, { length }) => sum + length, 0),
    20,
  );
  return Buffer.concat([head, ...records]);
}

/** Checkpoints of a segment signed anew, with a key of one's own. */
function resign(each: Trail, segment: number): Frames {
  return each.frames.map((frames, i) =>
    i < segment
      ? frames
      : frames.map((frame) => (kindOf(frame) === "checkpoint" ? foreignSigned(frame) : frame)),
  );
}

function foreignSigned(frame: Uint8Array): Uint8Array {
  const note = Buffer.from(frame.subarray(8)).toString();
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const signature = Buffer.concat([Buffer.from(OTHER_KEY.keyId, "hex"), OTHER_KEY.sign(Buffer.from(text))]);
  const body = Buffer.from(`${text}\n\u2014 ${ORIGIN} ${signature.toString("base64")}\n`);
  const head = Buffer.from("CHK1\0\0\0\0", "latin1");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

afterAll(() => {
  expect(mutations).toBeGreaterThanOrEqual(10_000);
});
