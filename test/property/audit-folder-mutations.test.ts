import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/audit/index.ts";
import { Fault } from "../../src/base/index.ts";
import { openAuditFolder, verifyAuditFolder } from "../../src/host/index.ts";
// biome-ignore lint/correctness/useImportExtensions: its types stand beside it
import { parseKey, verifyFolder } from "../../verifier/audit-verify.mjs";
import { chainIn, DAY_NS, folderOptions, serviceEntry, writeTrail } from "../fixtures/audit-folders.ts";
import { forge, forgeBlock, kindOf, recordsOf } from "../fixtures/audit-forger.ts";
import { BASE_NS, fill, KEY, ORIGIN } from "../fixtures/audit-trail.ts";

/** Folders that somebody changed: both verifiers end with the same code and name the same place. */
const home = mkdtempSync(join(tmpdir(), "tickwright-audit-folders-"));
afterAll(() => rmSync(home, { recursive: true }));

const TRUSTED = parseKey(KEY.verifierKey.text);
const later = BASE_NS + 2n * DAY_NS;
const segmentName = (number: number): string => `segment-${String(number).padStart(10, "0")}.twa`;

/** The files of a folder by their names, those of `cold` with it. */
type Files = Map<string, Buffer>;

interface Trail {
  readonly name: string;
  readonly files: Files;
  readonly segments: number;
  readonly anchor: Buffer;
}

function filesOf(path: string): Files {
  const names = readdirSync(path, { recursive: true }).map(String);
  const kept = names.filter((name) => name.endsWith(".twa") || name === "index.jsonl");
  return new Map(kept.sort().map((name) => [name, readFileSync(join(path, name))]));
}

/** A trail of four segments and an open one, whose first ones were retired or archived, or are here. */
function build(name: string, retired: number, archived: number): Trail {
  const path = join(home, name);
  const at = folderOptions(BASE_NS, { retention: { retainDays: 1, hotDays: 1 } });
  writeTrail(path, [6, 0, 5, 4], at, { blockRecords: 3, checkpointBlocks: 1 });
  const { folder } = openAuditFolder(path, at);
  const chain = chainIn(folder, { blockRecords: 3 });
  const record = (payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1]): number => {
    const seq = chain.append(serviceEntry("retentionTombstone", payload, later));
    chain.checkpoint();
    return seq;
  };
  chain.append(serviceEntry("systemEvent", { component: "a", event: "b" }, later));
  chain.checkpoint();
  const retire = Array.from({ length: retired }, (_, i) => i);
  if (retired > 0) folder.apply({ nowNs: later, cold: [], retire }, { approver: "a", record });
  for (let each = retired; each < retired + archived; each++) {
    const { sha256 } = folder.segments[each] as { sha256: string };
    const done = folder.archived(each, { nowNs: later, location: "vault", sha256 });
    if (!done.ok) throw new Error(done.message);
  }
  const anchor = Buffer.from(chain.checkpoint() ?? lastNote(readFileSync(join(path, segmentName(4)))));
  for (let i = 0; i < 4; i++)
    chain.append(serviceEntry("systemEvent", { component: "a", event: "b" }, later + 1n));
  chain.flush();
  folder.close();
  return { name, files: filesOf(path), segments: 5, anchor };
}

function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = 8 + bytes.readUInt32LE(at + 4);
    if (at + length > bytes.length) break;
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  return frames;
}

function lastNote(bytes: Buffer): Buffer {
  const note = framesOf(bytes).findLast((frame) => kindOf(frame) === "checkpoint");
  return (note as Buffer).subarray(8);
}

const TRAILS = [build("whole", 0, 0), build("retired", 2, 0), build("archived", 1, 1)];

type Mutation = (files: Files, a: number, b: number) => void;
const twas = (files: Files): string[] => [...files.keys()].filter((name) => name.endsWith(".twa"));
const some = (files: Files, a: number): string | undefined =>
  twas(files)[a % Math.max(1, twas(files).length)];

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  dropFile: (files, a) => void files.delete(some(files, a) ?? ""),
  dropFirst(files, a) {
    for (const name of twas(files).slice(0, 1 + (a % 3))) files.delete(name);
  },
  dropLast: (files) => void files.delete(twas(files).at(-1) ?? ""),
  flip(files, a, b) {
    const name = some(files, a);
    const bytes = Buffer.from(files.get(name ?? "") ?? []);
    if (name === undefined || bytes.length === 0) return;
    const at = Math.floor(b / 8) % bytes.length;
    bytes[at] = (bytes[at] as number) ^ (1 << (b % 8));
    files.set(name, bytes);
  },
  cut(files, a, b) {
    const name = some(files, a);
    const bytes = files.get(name ?? "");
    if (name !== undefined && bytes !== undefined) files.set(name, bytes.subarray(0, 1 + (b % bytes.length)));
  },
  dropFrame(files, a, b) {
    const name = some(files, a);
    const frames = framesOf(files.get(name ?? "") ?? Buffer.alloc(0));
    if (name === undefined || frames.length < 2) return;
    files.set(name, Buffer.concat(frames.toSpliced(b % frames.length, 1)));
  },
  junk(files, a, b) {
    const name = some(files, a);
    if (name !== undefined)
      files.set(name, Buffer.concat([files.get(name) as Buffer, Buffer.alloc(1 + (b % 50), b)]));
  },
  swapFiles(files, a, b) {
    const [one, two] = [some(files, a), some(files, b)];
    if (one === undefined || two === undefined) return;
    const [first, second] = [files.get(one) as Buffer, files.get(two) as Buffer];
    files.set(one, second).set(two, first);
  },
  toCold(files, a) {
    const name = some(files, a);
    if (name === undefined || name.startsWith("cold/")) return;
    files.set(`cold/${name}`, files.get(name) as Buffer);
    files.delete(name);
  },
  copyToCold(files, a) {
    const name = some(files, a);
    if (name !== undefined && !name.startsWith("cold/")) files.set(`cold/${name}`, files.get(name) as Buffer);
  },
  /** Files move down by one: the second takes the name of the first. */
  rename(files) {
    const names = twas(files).filter((name) => !name.startsWith("cold/"));
    const all = names.map((name) => files.get(name) as Buffer);
    for (const [i, name] of names.entries()) {
      const next = all[i + 1];
      if (next === undefined) files.delete(name);
      else files.set(name, next);
    }
  },
  noIndex: (files) => void files.delete("index.jsonl"),
  /** Somebody without the key edits a record, or cuts checkpoints away, and makes all fit. */
  forge(files, a, b) {
    const names = twas(files).filter((name) => !name.startsWith("cold/"));
    if (names[0] !== segmentName(0) || names.some((name) => framesOf(files.get(name) as Buffer).length < 2))
      return;
    const all = names.map((name) => framesOf(files.get(name) as Buffer));
    const frames = all[a % all.length] as Buffer[];
    const at = frames.findIndex((frame) => kindOf(frame) === "block");
    if (at < 0) return;
    const records = recordsOf(frames[at] as Buffer).map((record) => record.slice());
    (records[b % records.length] as Uint8Array)[40] = b % 256;
    frames[at] = forgeBlock(records, 1, Buffer.alloc(32), false);
    const isCut = b % 2 === 0;
    const left = isCut ? all.map((each) => each.filter((frame) => kindOf(frame) !== "checkpoint")) : all;
    for (const [i, made] of forge(left).entries()) files.set(names[i] as string, Buffer.concat(made));
  },
  /** A tombstone that nobody signed, of what comes before the first file, behind everything. */
  tombstone(files) {
    const names = twas(files).sort();
    const [first, last] = [names[0], names.at(-1)];
    if (first === undefined || last === undefined) return;
    const header = files.get(first) as Buffer;
    const frames = framesOf(files.get(last) as Buffer);
    const blocks = frames.filter((frame) => kindOf(frame) === "block");
    const block = blocks.at(-1);
    if (header.length < 40 || block === undefined || frames.some((frame) => kindOf(frame) === "end")) return;
    const seq = Number(block.readBigUInt64LE(8)) + block.readUInt32LE(16);
    const firstSeq = Number(header.readBigUInt64LE(16));
    const isHeader = kindOf(header) === "header" && header.readUInt32LE(12) > 0;
    if (!isHeader || firstSeq < 2 || seq < 2) return;
    const payload = {
      ...{ retentionClass: "regulated", firstSeq: 1, lastSeq: firstSeq - 1, fromNs: 0n, toNs: 0n },
      ...{ segment: header.readUInt32LE(12) - 1, contentHash: "00".repeat(32), approver: "x" },
    };
    const record = tombstoneBytes(payload, seq);
    if (record === undefined) return;
    const made = forgeBlock([record], seq, block.subarray(-32));
    files.set(last, Buffer.concat([...frames, made]));
  },
};

/** The bytes of a tombstone's record with a number of our choosing. */
function tombstoneBytes(
  payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1],
  seq: number,
): Uint8Array | undefined {
  const path = join(home, "maker");
  rmSync(path, { recursive: true, force: true });
  const { folder } = openAuditFolder(path, folderOptions(later));
  const chain = chainIn(folder);
  chain.append(serviceEntry("retentionTombstone", payload, later + 1n));
  chain.flush();
  folder.close();
  const block = framesOf(readFileSync(join(path, segmentName(0)))).find((frame) => kindOf(frame) === "block");
  const record = block === undefined ? undefined : recordsOf(block)[0];
  if (record !== undefined) Buffer.from(record.buffer, record.byteOffset).writeBigUInt64LE(BigInt(seq), 8);
  return record;
}

interface Said {
  readonly exit: number;
  /** Of a problem of frames; `fault` where the folder could not be read as one trail. */
  readonly code: string;
  readonly place: string;
}

/** What the command says, by the rules of its exit code. */
function ours(path: string, anchors: readonly Buffer[], part: boolean): Said {
  const opened = anchors.map((note) => {
    const read = openCheckpoint(note, ORIGIN, [KEY.verifierKey]);
    if (!read.ok) throw new Error(read.message);
    return read.checkpoint;
  });
  try {
    const { ok, proved, problem, anchorsBefore } = verifyAuditFolder(path, {
      ...{ key: KEY.verifierKey, anchors: opened, part },
    });
    const exit = ok && proved !== null && anchorsBefore === 0 ? 0 : 1;
    if (problem === null) return { exit, code: "", place: "" };
    const { code, offset, fromSeq, toSeq } = problem;
    const where = code === "AUDIT_TRUNCATED" ? "" : `${basename(problem.path)} ${offset} ${fromSeq} ${toSeq}`;
    return { exit, code, place: where };
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault;
    return { exit: 1, code: "fault", place: "" };
  }
}

function theirs(path: string, anchors: readonly Buffer[], part: boolean): Said {
  const found = verifyFolder(path, [TRUSTED], anchors, { part });
  const exit = found.ok && found.proved !== null && found.anchors === anchors.length ? 0 : 1;
  const { problem } = found;
  if (problem === null) return { exit, code: "", place: "" };
  const { code, offset, fromSeq, toSeq } = problem;
  const where =
    code === "AUDIT_TRUNCATED" ? "" : `${basename(problem.file ?? "")} ${offset} ${fromSeq} ${toSeq}`;
  return { exit, code, place: where };
}

function lay(files: Files): string {
  const path = join(home, "changed");
  rmSync(path, { recursive: true, force: true });
  mkdirSync(join(path, "cold"), { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(path, name), bytes);
  return path;
}

/** Codes that only the package has, since it reads the index too. */
const OF_INDEX = ["AUDIT_INDEX_DIFFERS", "AUDIT_TOMBSTONE_MISSING", "fault"];

describe("folders as they were written", () => {
  it.each(TRAILS)("$name: both end alike, with an anchor and without", ({ name, files, anchor }) => {
    const path = lay(files);
    const isArchived = name === "archived";
    for (const anchors of [[], [anchor]]) {
      const code = isArchived ? "AUDIT_BEGINNING_MISSING" : "";
      for (const said of [ours(path, anchors, false), theirs(path, anchors, false)])
        expect(said).toMatchObject({ exit: isArchived ? 1 : 0, code });
      for (const said of [ours(path, anchors, true), theirs(path, anchors, true)])
        expect(said).toMatchObject({ exit: 0, code: "" });
    }
  });
});

describe("folders that were changed", () => {
  const seen = new Map<string, number>();
  const place = fc.nat({ max: 2 ** 31 - 1 });
  const step = fc.tuple(fc.constantFrom(...Object.keys(MUTATIONS)), place, place);

  it("are judged the same by both: exit code, code and first bad place; the index can only make it stricter", () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.nat({ max: 2 }), steps, fc.boolean(), fc.boolean(), (which, list, isAnchored, part) => {
        const { files, anchor } = TRAILS[which] as Trail;
        const changed = new Map(files);
        for (const [how, a, b] of list) MUTATIONS[how]?.(changed, a, b);
        if (twas(changed).length === 0) return;
        const path = lay(changed);
        const anchors = isAnchored ? [anchor] : [];
        const [one, two] = [ours(path, anchors, part), theirs(path, anchors, part)];
        seen.set(one.code, (seen.get(one.code) ?? 0) + 1);
        const isPayload = one.code === "AUDIT_RECORD_MALFORMED" && two.code !== one.code;
        if (isPayload) return;
        if (OF_INDEX.includes(one.code)) {
          expect(one.exit).toBe(1);
          // Without an index a hole, or two files of one name, is all that the package says in words of its own.
          if (!changed.has("index.jsonl")) expect(two.exit, one.code).toBe(1);
          return;
        }
        // The index stops the reading at the first file that is not the one it lists: never later than without it.
        const isSooner = changed.has("index.jsonl") && one.place.slice(0, 22) < two.place.slice(0, 22);
        if (isSooner) expect([one.exit, two.exit]).toEqual([1, 1]);
        else expect(one).toEqual(two);
      }),
      { numRuns: 1_200 },
    );
    for (const code of ["", "fault", "AUDIT_BEGINNING_MISSING", "AUDIT_INDEX_DIFFERS", "AUDIT_TORN"])
      expect(seen.get(code) ?? 0, code).toBeGreaterThan(3);
  }, 240_000);

  it("never lose a file to an opening, whatever the opening says", () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(fc.nat({ max: 2 }), steps, (which, list) => {
        const changed = new Map((TRAILS[which] as Trail).files);
        for (const [how, a, b] of list) MUTATIONS[how]?.(changed, a, b);
        if (twas(changed).length === 0) return;
        const path = lay(changed);
        try {
          openAuditFolder(path, folderOptions(later)).folder.close();
        } catch (fault) {
          if (!(fault instanceof Fault)) throw fault;
        }
        for (const name of twas(changed)) {
          const left = [readFileSync(join(path, name))];
          // What was set aside is beside it.
          const asides = readdirSync(path).filter((each) => each.startsWith(`${basename(name)}.aside-`));
          left.push(...asides.map((each) => readFileSync(join(path, each))));
          expect(Buffer.concat(left).equals(changed.get(name) as Buffer), name).toBe(true);
        }
      }),
      { numRuns: 250 },
    );
    expect(existsSync(home)).toBe(true);
  }, 240_000);
});

it("a folder with a few records more is none of the changed ones", () => {
  const path = join(home, "more");
  writeTrail(path, [5]);
  const { folder } = openAuditFolder(path, folderOptions());
  const chain = chainIn(folder);
  fill(chain, 3);
  chain.seal();
  folder.close();
  for (const said of [ours(path, [], false), theirs(path, [], false)]) expect(said.exit).toBe(0);
});
