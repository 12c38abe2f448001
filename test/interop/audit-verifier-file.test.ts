import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import {
  AUDIT_PROBLEMS,
  AuditChain,
  type AuditChainState,
  type AuditRecord,
  type AuditVerdict,
  type Checkpoint,
  encodeRecord,
  openCheckpoint,
  signCheckpoint,
  signRotation,
} from "../../src/audit/index.ts";
import { openAuditFolder } from "../../src/host/index.ts";
// biome-ignore lint/correctness/useImportExtensions: its types stand beside it
import { type Found, parseKey, verifyFolder, verifySegments } from "../../verifier/audit-verify.mjs";
import { forge, forgeBlock, kindOf, recordsOf, sha256 } from "../fixtures/audit-forger.ts";
import {
  BASE_NS,
  fill,
  header,
  KEY,
  keptChain,
  NEXT_KEY,
  ORIGIN,
  OTHER_KEY,
  sampleEntry,
  verify,
} from "../fixtures/audit-trail.ts";

/** The file an auditor reads beside the verifier of the package: both must say the same of every log. */
const FILE = fileURLToPath(new URL("../../verifier/audit-verify.mjs", import.meta.url));
const TRUSTED = parseKey(KEY.verifierKey.text);
const folder = mkdtempSync(join(tmpdir(), "tickwright-audit-verify-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Frames = readonly (readonly Uint8Array[])[];

interface Shape {
  readonly sizes: readonly number[];
  readonly blockRecords?: number;
  readonly checkpointBlocks?: number;
  readonly leaves?: "block" | "record";
  /** Records behind the last checkpoint, in an open segment. */
  readonly tail?: number;
  /** The key is handed over at the end of the first segment. */
  readonly rotates?: boolean;
  /** Half a frame stands at the end of the first segment, and the next one says so. */
  readonly torn?: number;
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "one block": { sizes: [3] },
  blocks: { sizes: [14], blockRecords: 2, checkpointBlocks: 3 },
  segments: { sizes: [6, 0, 4], blockRecords: 3, checkpointBlocks: 1 },
  "leaves of records": { sizes: [9, 5], blockRecords: 4, checkpointBlocks: 3, leaves: "record", tail: 5 },
  "an open tail": { sizes: [6, 6], blockRecords: 2, checkpointBlocks: 5, tail: 7 },
  "another key": { sizes: [5, 5], blockRecords: 3, checkpointBlocks: 2, rotates: true, tail: 2 },
  "a torn segment": { sizes: [5, 6], blockRecords: 2, checkpointBlocks: 1, torn: 13 },
};

function build(shape: Shape): Frames {
  const { sizes, blockRecords = 64, checkpointBlocks = 64, leaves = "block", tail = 0 } = shape;
  let state: AuditChainState | undefined;
  return sizes.map((size, i) => {
    const signers = shape.rotates === true && i > 0 ? [NEXT_KEY] : [KEY];
    const salt = new Uint8Array(32).fill(i + 1);
    const options = { blockRecords, checkpointBlocks, leaves, signers, salt, checkpointNs: 1e15 };
    const { chain, frames } = keptChain(state === undefined ? options : { ...options, state });
    fill(chain, size);
    if (shape.rotates === true && i === 0) {
      chain.rotate(NEXT_KEY, "yearly", header(BASE_NS + BigInt(size) * 1_000n));
    }
    if (tail > 0 && i === sizes.length - 1) {
      chain.checkpoint();
      fill(chain, tail);
      chain.flush();
    } else if (shape.torn !== undefined && i === 0) {
      state = { ...chain.save(), tornBytes: shape.torn };
      frames.push((frames.at(-1) as Uint8Array).slice(0, shape.torn));
    } else {
      state = chain.seal();
    }
    return frames;
  });
}

const LOGS = Object.entries(SHAPES).map(([name, shape]) => ({ name, frames: build(shape) }));

function join2(frames: Frames): Uint8Array[] {
  return frames.map((each) => new Uint8Array(Buffer.concat(each)));
}

function readBoth(segments: readonly Uint8Array[], anchors: readonly Uint8Array[] = [], part = false) {
  const named = segments.map((bytes, i) => ({ name: String(i), bytes }));
  const opened = anchors.map((note) => {
    const read = openCheckpoint(note, ORIGIN, [KEY.verifierKey, NEXT_KEY.verifierKey]);
    if (!read.ok) throw new Error(read.message);
    return read.checkpoint;
  });
  return {
    ours: verify(segments, { anchors: opened, part }),
    theirs: verifySegments(named, [TRUSTED], anchors, { part }),
  };
}

/** Both say the same: good or not, what is proved, what went wrong and where. */
function expectSame(ours: AuditVerdict, theirs: Found): void {
  const place = (problem: AuditVerdict["problem"] | Found["problem"]) => {
    if (problem === null) return null;
    const { code, segment, offset, fromSeq, toSeq } = problem;
    // Behind the last segment there is no place.
    return code === "AUDIT_TRUNCATED" ? { code } : { code, segment, offset, fromSeq, toSeq };
  };
  expect(place(theirs.problem)).toEqual(place(ours.problem));
  const { ok, beginning, proved, unproved } = theirs;
  expect({ ok, beginning, proved, unproved }).toEqual({
    ok: ours.ok,
    beginning: ours.beginning,
    proved: ours.proved,
    unproved: ours.unproved,
  });
  if (!ok) return;
  const { segments, blocks, checkpoints, rotations, bytes, isSealed } = theirs;
  expect({ segments, blocks, checkpoints, rotations, bytes, isSealed }).toEqual({
    segments: ours.segments,
    blocks: ours.blocks,
    checkpoints: ours.checkpoints,
    rotations: ours.rotations,
    bytes: ours.bytes,
    isSealed: ours.isSealed,
  });
  // Of a log that begins later the package also gives the hash that the first header names, which nobody signed yet.
  if (theirs.checkpoint === null) return;
  expect(Buffer.from(theirs.checkpoint.hash).toString("hex")).toBe(ours.checkpointHash);
}

describe.each(LOGS)("a log as it was written: $name", ({ frames }) => {
  const segments = join2(frames);

  it("is found good by both, with and without an anchor", () => {
    for (const anchors of [[], notesOf(frames), notesOf(frames).slice(-1)]) {
      const { ours, theirs } = readBoth(segments, anchors);
      expectSame(ours, theirs);
      expect(theirs).toMatchObject({ ok: true, anchors: anchors.length });
    }
  });

  it("is read from any segment on", () => {
    for (let from = 1; from < segments.length; from++) {
      for (const part of [false, true]) {
        const { ours, theirs } = readBoth(segments.slice(from), [], part);
        expectSame(ours, theirs);
      }
    }
  });

  it("is found cut short by both behind an anchor, wherever a segment is cut", () => {
    const anchors = notesOf(frames).slice(-1);
    for (const [i, bytes] of segments.entries()) {
      const starts = startsOf(frames[i] as readonly Uint8Array[]);
      for (const at of starts.flatMap((start) => [start, start + 3, start + 11])) {
        const cut = [...segments.slice(0, i), ...(at === 0 ? [] : [bytes.subarray(0, at)])];
        const { ours, theirs } = readBoth(cut, anchors);
        expectSame(ours, theirs);
      }
    }
  });
});

/** The notes of a log's checkpoints. */
function notesOf(frames: Frames): Uint8Array[] {
  return frames
    .flat()
    .filter((frame) => isFrame(frame) && kindOf(frame) === "checkpoint")
    .map((frame) => frame.subarray(8));
}

function startsOf(frames: readonly Uint8Array[]): number[] {
  let at = 0;
  return [0, ...frames.map((frame) => (at += frame.length))];
}

type Mutable = Uint8Array[][];
type Mutation = (log: Mutable, a: number, b: number) => void;

const somewhere = (log: Mutable, a: number): [Uint8Array[], number] => {
  const frames = log[a % log.length] as Uint8Array[];
  return [frames, Math.floor(a / log.length) % Math.max(1, frames.length)];
};
const anyFrame = (b: number): Uint8Array => {
  const frames = (LOGS[b % LOGS.length] as (typeof LOGS)[number]).frames.flat();
  return frames[Math.floor(b / LOGS.length) % frames.length] as Uint8Array;
};

/** What somebody does to the frames of a log, or to its segments. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip(log, a, b) {
    const [frames, at] = somewhere(log, a);
    const frame = frames[at]?.slice();
    if (frame === undefined || frame.length === 0) return;
    const place = Math.floor(b / 8) % frame.length;
    frame[place] = (frame[place] as number) ^ (1 << (b % 8));
    frames[at] = frame;
  },
  cut(log, a, b) {
    const [frames, at] = somewhere(log, a);
    const frame = frames[at] ?? new Uint8Array(0);
    frames.splice(at, frames.length, frame.subarray(0, b % (frame.length + 1)));
  },
  shorten(log, a, b) {
    const [frames, at] = somewhere(log, a);
    const frame = frames[at] ?? new Uint8Array(0);
    frames[at] = frame.subarray(0, b % (frame.length + 1));
  },
  junk(log, a, b) {
    const [frames, at] = somewhere(log, a);
    frames.splice(at, 0, new Uint8Array(1 + (b % 40)).fill(b));
  },
  drop(log, a) {
    const [frames, at] = somewhere(log, a);
    frames.splice(at, 1);
  },
  repeat(log, a) {
    const [frames, at] = somewhere(log, a);
    frames.splice(at, 0, ...frames.slice(at, at + 1));
  },
  swap(log, a, b) {
    const [frames, at] = somewhere(log, a);
    const other = b % Math.max(1, frames.length);
    const [one, two] = [frames[at], frames[other]];
    if (one !== undefined && two !== undefined) [frames[at], frames[other]] = [two, one];
  },
  splice(log, a, b) {
    const [frames, at] = somewhere(log, a);
    frames.splice(at, b % 2, anyFrame(Math.floor(b / 2)));
  },
  dropSegment: (log, a) => void log.splice(a % log.length, log.length > 1 ? 1 : 0),
  repeatSegment: (log, a) => void log.splice(a % log.length, 0, [...(log[a % log.length] as Uint8Array[])]),
  swapSegments(log, a, b) {
    const [i, j] = [a % log.length, b % log.length];
    [log[i], log[j]] = [log[j] as Uint8Array[], log[i] as Uint8Array[]];
  },
  spliceSegment(log, a, b) {
    const { frames } = LOGS[b % LOGS.length] as (typeof LOGS)[number];
    log.splice(a % log.length, b % 2, [...(frames[b % frames.length] as readonly Uint8Array[])]);
  },
  /** Somebody without the key makes words, links, headers and ends fit what was done before. */
  forge(log) {
    const isWhole = log.every((frames) => frames.length > 0 && frames.every(isFrame));
    if (isWhole) log.splice(0, log.length, ...forge(log));
  },
  /** A record is changed, and all is made to fit. */
  forgeRecord(log, a, b) {
    const [frames, at] = somewhere(log, a);
    const frame = frames[at];
    if (frame === undefined || !isFrame(frame) || kindOf(frame) !== "block") return;
    const records = recordsOf(frame).map((record) => record.slice());
    const record = records[b % records.length] as Uint8Array;
    // Its time, its hashes or its texts; the number is made to fit.
    const place = 8 + (b % 120);
    record[place] = (record[place] as number) ^ (1 << (Math.floor(b / 120) % 8));
    frames[at] = forgeBlock(records, 1, new Uint8Array(32), false);
    MUTATIONS.forge?.(log, a, b);
  },
  /** A checkpoint is signed anew, with another key. */
  resign(log, a) {
    const [frames, at] = somewhere(log, a);
    const frame = frames[at];
    if (frame === undefined || !isFrame(frame) || kindOf(frame) !== "checkpoint") return;
    const note = Buffer.from(frame.subarray(8)).toString();
    const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
    const signed = Buffer.concat([Buffer.from(OTHER_KEY.keyId, "hex"), OTHER_KEY.sign(Buffer.from(text))]);
    const body = Buffer.from(`${text}\n\u2014 ${ORIGIN} ${signed.toString("base64")}\n`);
    const head = Buffer.from("CHK1\0\0\0\0", "latin1");
    head.writeUInt32LE(body.length, 4);
    frames[at] = Buffer.concat([head, body]);
  },
};

/** A frame as `forge` takes it: whole, and a block's with its records. */
function isFrame(frame: Uint8Array): boolean {
  const bytes = Buffer.from(frame);
  if (frame.length < 8 || kindOf(frame) === undefined || bytes.readUInt32LE(4) + 8 !== frame.length)
    return false;
  if (kindOf(frame) === "header") return frame.length > 140 && 142 + (bytes[132] as number) <= frame.length;
  if (kindOf(frame) !== "block") return kindOf(frame) === "checkpoint" || frame.length === 56;
  const end = 24 + bytes.readUInt32LE(20);
  let at = 24;
  while (at + 8 <= end && end <= frame.length && bytes.readUInt32LE(at + 4) >= 96)
    at += bytes.readUInt32LE(at + 4);
  return at === end && end > 24 && recordsOf(frame).length <= 64;
}

describe("a log that was changed", () => {
  const seen = { good: 0, payloads: 0, bad: new Map<string, number>() };
  const place = fc.nat({ max: 2 ** 31 - 1 });
  const step = fc.tuple(fc.constantFrom(...Object.keys(MUTATIONS)), place, place);
  const log = fc.constantFrom(...LOGS.map(({ name }) => name));

  it("is judged the same by both: good or not, what is proved, the place and the code", () => {
    fc.assert(
      fc.property(
        log,
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (name, steps, anchored) => {
          const { frames } = LOGS.find((each) => each.name === name) as (typeof LOGS)[number];
          const changed: Mutable = frames.map((each) => [...each]);
          for (const [how, a, b] of steps) MUTATIONS[how]?.(changed, a, b);
          const segments = join2(changed).filter(({ length }) => length > 0);
          const { ours, theirs } = readBoth(segments, anchored ? notesOf(frames).slice(-1) : []);
          // A record whose payload is none is seen by the package alone: the file reads no payloads.
          const isPayload =
            ours.problem?.code === "AUDIT_RECORD_MALFORMED" && theirs.problem?.code !== ours.problem.code;
          if (isPayload) {
            seen.payloads += 1;
            expect(theirs.proved).toEqual(ours.proved);
            return;
          }
          expectSame(ours, theirs);
          if (ours.ok) seen.good += 1;
          const code = ours.problem?.code ?? "none";
          seen.bad.set(code, (seen.bad.get(code) ?? 0) + 1);
        },
      ),
      { numRuns: 6_000 },
    );
    expect(seen.good).toBeGreaterThan(50);
    expect(seen.payloads).toBeLessThan(100);
    // A rotation that does not follow takes a key to write: below.
    const codes = AUDIT_PROBLEMS.filter((code) => code !== "AUDIT_ROTATION_INVALID");
    for (const code of codes) expect(seen.bad.get(code) ?? 0, code).toBeGreaterThan(0);
  });
});

describe("a log with the key's successor", () => {
  const { frames } = LOGS.find(({ name }) => name === "another key") as (typeof LOGS)[number];
  const [first, second] = join2(frames) as [Uint8Array, Uint8Array];
  const NEXT = parseKey(NEXT_KEY.verifierKey.text);

  it("needs the first key alone from its beginning, and the successor behind the change", () => {
    const both = [first, second].map((bytes, i) => ({ name: String(i), bytes }));
    expect(verifySegments(both, [TRUSTED])).toMatchObject({ ok: true, rotations: 1 });
    expect(verifySegments(both, [TRUSTED, NEXT])).toMatchObject({ ok: true, rotations: 1 });
    const part = { part: true };
    const late = both.slice(1);
    expect(verifySegments(late, [TRUSTED], [], part).problem?.code).toBe("AUDIT_CHECKPOINT_UNSIGNED");
    for (const keys of [[NEXT], [TRUSTED, NEXT]]) {
      expect(verifySegments(late, keys, [], part)).toMatchObject({ ok: true, beginning: "part" });
      expect(verifySegments(late, keys).problem?.code).toBe("AUDIT_BEGINNING_MISSING");
    }
    expect(verifySegments(both, [NEXT]).problem?.code).toBe("AUDIT_CHECKPOINT_UNSIGNED");
  });

  it("refuses the key that was handed over, as the package does", () => {
    const kept = keptChain({ signers: [KEY] });
    fill(kept.chain, 3);
    kept.chain.rotate(NEXT_KEY, "yearly", header(BASE_NS + 4_000n));
    const state = kept.chain.seal();
    const stolen = keptChain({ signers: [KEY], state });
    fill(stolen.chain, 9);
    stolen.chain.seal();
    const { ours, theirs } = readBoth([kept.bytes(), stolen.bytes()]);
    expectSame(ours, theirs);
    expect(theirs.problem?.code).toBe("AUDIT_CHECKPOINT_UNSIGNED");
  });

  it("refuses changes of key that do not follow, as the package does", () => {
    for (const [i, how] of [
      "another number",
      "an earlier size",
      "another key",
      "unsigned",
      "back",
    ].entries()) {
      const { ours, theirs } = readBoth([rotated(i)]);
      expectSame(ours, theirs);
      expect(theirs.problem?.code, how).toBe("AUDIT_ROTATION_INVALID");
    }
  });
});

/** A segment with a record of a rotation that does not follow from the keys before it. */
function rotated(how: number): Uint8Array {
  const { chain, bytes } = keptChain();
  fill(chain, 2);
  chain.rotate(NEXT_KEY, "yearly", header(BASE_NS + 9_000n));
  const tsNs = BASE_NS + 10_000n;
  const terms = { number: how === 0 ? 3 : 2, fromSize: how === 1 ? 0 : 9, tsNs, reason: "again" };
  const made = signRotation(how === 2 ? KEY : NEXT_KEY, how === 4 ? KEY : OTHER_KEY, terms);
  const note = how === 3 ? made.slice(0, made.lastIndexOf("\u2014")) : made;
  const payload = { retiringKey: "", succeedingKey: "", statement: new TextEncoder().encode(note) };
  chain.append({ ...header(tsNs), type: "keyRotation", payload });
  chain.flush();
  return bytes();
}

describe("what takes the key to write", () => {
  const { frames } = LOGS.find(({ name }) => name === "one block") as (typeof LOGS)[number];
  const whole = frames[0] as readonly Uint8Array[];
  const at = whole.findIndex((frame) => kindOf(frame) === "checkpoint");
  const opened = openCheckpoint((whole[at] as Uint8Array).subarray(8), ORIGIN, [KEY.verifierKey]);
  if (!opened.ok) throw new Error(opened.message);
  const other = new Uint8Array(32).fill(1);
  const CHANGES: Readonly<Record<string, Partial<Checkpoint>>> = {
    size: { size: opened.checkpoint.size + 1 },
    root: { root: other },
    chain: { chainHead: other },
    previous: { previous: other },
    time: { tsNs: opened.checkpoint.tsNs + 1n },
  };

  it.each(Object.keys(CHANGES))("a checkpoint of another %s is refused by both", (name) => {
    const note = Buffer.from(signCheckpoint({ ...opened.checkpoint, ...CHANGES[name] }, [KEY]));
    const head = Buffer.from("CHK1\0\0\0\0", "latin1");
    head.writeUInt32LE(note.length, 4);
    const changed = whole.with(at, Buffer.concat([head, note]));
    const { ours, theirs } = readBoth(join2([changed]));
    expectSame(ours, theirs);
    expect(theirs.problem?.code).toBe("AUDIT_CHECKPOINT_DIFFERS");
    if (name === "previous" || name === "time") return;
    const anchored = readBoth(join2([whole]), [note]);
    expectSame(anchored.ours, anchored.theirs);
    expect(anchored.theirs.ok).toBe(false);
  });

  it("records with bytes behind them, or with a text that is not in NFC, are refused by both", () => {
    const { chain, bytes } = keptChain();
    const record = Buffer.from(encodeRecord({ ...sampleEntry("systemEvent"), seq: 1 } as AuditRecord));
    const node = record.indexOf("ldn-1");
    record.write("le\u0301-", node);
    chain.admitBytes(record);
    chain.flush();
    const texts = readBoth([bytes()]);
    expectSame(texts.ours, texts.theirs);
    expect(texts.theirs.problem?.code).toBe("AUDIT_RECORD_MALFORMED");

    const [header, block] = whole as [Uint8Array, Uint8Array];
    const records = recordsOf(block);
    const made = forgeBlock([...records, Buffer.alloc(5)], 1, sha256("TE-AUD-G", header.subarray(8)), false);
    made.writeUInt32LE(records.length, 16);
    // The last check word, of five zeros, goes; the link stays.
    const words = made.length - 32 - 4;
    const cut = Buffer.concat([made.subarray(0, words), made.subarray(words + 4)]);
    cut.writeUInt32LE(cut.length - 8, 4);
    const rest = readBoth([Buffer.concat([header, cut])]);
    expectSame(rest.ours, rest.theirs);
    expect(rest.theirs.problem).toMatchObject({
      code: "AUDIT_FRAME_MALFORMED",
      fromSeq: 1,
      toSeq: records.length,
    });
  });

  it("a frame that says it is longer than any frame is refused by both", () => {
    const long = Buffer.concat([whole[0] as Uint8Array, Buffer.from("BLK1\x01\0\x80\0........", "latin1")]);
    const { ours, theirs } = readBoth([long]);
    expectSame(ours, theirs);
    expect(theirs.problem?.code).toBe("AUDIT_FRAME_MALFORMED");
  });
});

describe("what only one of the two sees", () => {
  it("is a payload that is none, signed or not: the file proves the bytes and does not read them", () => {
    const { chain, bytes } = keptChain();
    const strange = Buffer.from(encodeRecord({ ...sampleEntry("systemEvent"), seq: 1 } as AuditRecord));
    strange.writeUInt16LE(0x7777, 2);
    chain.admitBytes(strange);
    chain.seal();
    const { ours, theirs } = readBoth([bytes()]);
    expect(ours.problem?.code).toBe("AUDIT_RECORD_MALFORMED");
    expect(theirs).toMatchObject({ ok: true, proved: { fromSeq: 1, toSeq: 1 } });
  });
});

describe("the file as a command", () => {
  const anchor = join(folder, "anchor");
  const { frames } = LOGS.find(({ name }) => name === "an open tail") as (typeof LOGS)[number];
  writeFileSync(anchor, notesOf(frames).at(-1) as Uint8Array);
  const keyFile = join(folder, "desk.vkey");
  writeFileSync(keyFile, `${KEY.verifierKey.text}\n`);

  function lay(name: string, segments: readonly Uint8Array[]): string {
    const path = join(folder, name);
    mkdirSync(path);
    for (const [i, bytes] of segments.entries()) writeFileSync(join(path, `segment-${i + 9}.twa`), bytes);
    writeFileSync(join(path, "index.jsonl"), "");
    return path;
  }

  function run(...words: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [FILE, ...words], { encoding: "utf8" });
    return { status, stdout, stderr };
  }

  it("says what is proved, what is not, and the first bad place", () => {
    const path = lay("good", join2(frames));
    const good = run(path, "--key", KEY.verifierKey.text, "--anchor", anchor);
    expect(good).toMatchObject({ status: 0, stderr: "" });
    expect(good.stdout).toContain("PROVED: records 1 to 12");
    expect(good.stdout).toContain("NOT PROVED: records 13 to 19");
    expect(good.stdout).not.toContain("WRONG");
    const [first, second] = join2(frames) as [Uint8Array, Uint8Array];
    second[400] = (second[400] as number) ^ 1;
    const bad = run(lay("bad", [first, second]), "--key", keyFile);
    expect(bad.status).toBe(1);
    expect(bad.stdout).toMatch(/WRONG: file "segment-10\.twa", byte \d+, record 7: AUDIT_RECORD_DAMAGED/);
    const json: Found = JSON.parse(run(path, "--json", "--key", keyFile).stdout);
    expect(json).toMatchObject({ ok: true, proved: { fromSeq: 1, toSeq: 12 }, isSealed: false });
    expect(json.checkpoint?.hash).toMatch(/^[0-9a-f]{64}$/);
    mkdirSync(join(path, "cold"));
    renameSync(join(path, "segment-9.twa"), join(path, "cold/segment-9.twa"));
    expect(verifyFolder(path, [TRUSTED])).toMatchObject({ ok: true, segments: 2 });
  });

  it("reads the folder that the package writes", () => {
    const path = join(folder, "trail");
    let last = 0;
    for (const turn of [0, 1, 2]) {
      const { folder: trail } = openAuditFolder(path, { key: KEY.verifierKey, create: true });
      const { state } = trail;
      const salt = new Uint8Array(32).fill(turn);
      const options = { origin: ORIGIN, sink: trail.sink(), signers: [KEY], salt };
      const chain = new AuditChain(state === undefined ? options : { ...options, state });
      fill(chain, 10);
      chain.seal();
      last = chain.nextSeq - 1;
      trail.settle();
      trail.close();
    }
    expect(verifyFolder(path, [TRUSTED])).toMatchObject({
      ok: true,
      segments: 3,
      proved: { fromSeq: 1, toSeq: last },
    });
  });

  it("ends with 1 where nothing is proved, and with 2 where it is used wrongly", () => {
    const open = lay("unsigned", [join2(frames)[0]?.subarray(0, 400) as Uint8Array]);
    expect(run(open, "--key", keyFile).status).toBe(1);
    mkdirSync(join(folder, "empty"));
    mkdirSync(join(folder, "nested/inner.twa"), { recursive: true });
    const wrong = [
      [],
      [open],
      [open, "--key"],
      [open, "--key", "nonsense"],
      [open, open, "--key", keyFile],
      [open, "--kee", keyFile],
      [join(folder, "empty"), "--key", keyFile],
      [join(folder, "nowhere"), "--key", keyFile],
      [join(folder, "nested"), "--key", keyFile],
      [open, "--key", keyFile, "--anchor", keyFile],
    ];
    for (const words of wrong) {
      const { status, stdout, stderr } = run(...words);
      expect({ status, stdout }, words.join(" ")).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(/^audit-verify: .+\nusage: /);
    }
  });

  it("exports what its types declare", async () => {
    const types = readFileSync(FILE.replace(".mjs", ".d.mts"), "utf8");
    const declared = [...types.matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
    expect(Object.keys((await import(FILE)) as object).toSorted()).toEqual(declared.toSorted());
  });

  it("needs nothing but Node: alone in a folder, with three modules", () => {
    const alone = join(folder, "alone.mjs");
    const text = readFileSync(FILE, "utf8");
    writeFileSync(alone, text);
    const modules = [...text.matchAll(/from "([^"]+)"/g)].map(([, name]) => name);
    expect(modules.toSorted()).toEqual(["node:crypto", "node:fs", "node:path", "node:url"]);
    expect(text).not.toMatch(/\brequire\(|\bimport\(/);
    const words = [alone, join(folder, "good"), "--key", keyFile];
    expect(spawnSync(process.execPath, words, { cwd: tmpdir() }).status).toBe(0);
  });

  it("holds one frame in memory: 40 MB are read with little more than Node itself takes", () => {
    const parts: Uint8Array[] = [];
    const { chain } = keptChain({
      sink: { append: (bytes) => void parts.push(bytes.slice()), seal: () => {} },
    });
    const detail = "x".repeat(60_000);
    for (let i = 0; i < 700; i++) {
      chain.append({
        ...header(BASE_NS + BigInt(i)),
        type: "systemEvent",
        payload: { component: "engine", event: "long", detail },
      });
    }
    chain.seal();
    const path = lay("large", [Buffer.concat(parts)]);
    const code = `
      import { parseKey, verifyFolder } from ${JSON.stringify(FILE)};
      const { ok, bytes } = verifyFolder(${JSON.stringify(path)}, [parseKey(${JSON.stringify(KEY.verifierKey.text)})]);
      console.log(JSON.stringify({ ok, bytes }));`;
    const heap = [
      "--max-semi-space-size=1",
      "--max-old-space-size=24",
      "--input-type=module",
      "--eval",
      code,
    ];
    const said = execFileSync(process.execPath, heap, { encoding: "utf8" });
    expect(JSON.parse(said)).toMatchObject({ ok: true });
    expect(JSON.parse(said).bytes).toBeGreaterThan(4e7);
  });
});

/** Go's own reader of signed notes, where Go and its module are at hand. */
const GO_PROGRAM = `package main

import (
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	if err != nil {
		panic(err)
	}
	for _, path := range os.Args[2:] {
		text, _ := os.ReadFile(path)
		opened, err := note.Open(text, note.VerifierList(verifier))
		fmt.Println(err == nil && len(opened.Sigs) == 1)
	}
}
`;
/** A name, not a literal: it is no dependency of the package. */
const GO: string = "go";
const GO_MODULE = "module notes\n\ngo 1.21\n\nrequire golang.org/x/mod v0.21.0\n";

/** Builds the program; says why it cannot be built. The network is asked only where TICKWRIGHT_PEERS is set. */
function goProgram(): { readonly program: string; readonly absent: string } {
  const home = join(folder, "go");
  mkdirSync(home);
  writeFileSync(join(home, "go.mod"), GO_MODULE);
  writeFileSync(join(home, "main.go"), GO_PROGRAM);
  const program = join(home, "notes");
  const proxy = process.env["TICKWRIGHT_PEERS"] === undefined ? { GOPROXY: "off" } : {};
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local", GOSUMDB: "off", ...proxy };
  const built = spawnSync(GO, ["build", "-o", program], {
    cwd: home,
    env,
    encoding: "utf8",
    timeout: 120_000,
  });
  if (built.status === 0) return { program, absent: "" };
  const why = built.error?.message ?? built.stderr.trim().split("\n").at(-1) ?? "no build";
  return { program, absent: `skipped: no Go note reader (${why}); TICKWRIGHT_PEERS=1 fetches it` };
}

describe("signatures, by Go's sumdb/note", () => {
  const { program, absent } = goProgram();
  if (absent !== "") console.warn(absent);

  it.skipIf(absent !== "")(`says the same of checkpoints, whole and changed ${absent}`, () => {
    const notes = LOGS.flatMap(({ frames }) => notesOf(frames)).map((note) => Buffer.from(note));
    const changed = notes.map((note, i) =>
      Buffer.from(note.map((byte, at) => (at === 20 + i ? byte ^ 1 : byte))),
    );
    const paths = [...notes, ...changed].map((note, i) => {
      const path = join(folder, `note-${i}`);
      writeFileSync(path, note);
      return path;
    });
    const said = execFileSync(program, [KEY.verifierKey.text, ...paths], { encoding: "utf8" })
      .trim()
      .split("\n");
    // The log whose key was handed over has notes of the second key, which Go was not given.
    const known = notes.map((note) => note.toString().includes(signatureOf(KEY.keyId)));
    expect(said).toEqual([...known, ...changed.map(() => false)].map(String));
    expect(known.filter(Boolean).length).toBeGreaterThan(10);
  });
});

/** How a signature line of a key begins: its id fills the first five characters of base64 and a part of the sixth. */
function signatureOf(keyId: string): string {
  return `${ORIGIN} ${Buffer.from(keyId, "hex").toString("base64").slice(0, 5)}`;
}
