import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AuditChainState, AuditVerifier } from "../../src/audit/index.ts";
import { canonicalJson } from "../../src/base/index.ts";
import { runCommand } from "../../src/cli/command.ts";
import { type AuditFolder, openAuditFolder, verifyAuditFolder } from "../../src/host/index.ts";
import { chainIn, DAY_NS, folderOptions, serviceEntry, writeTrail } from "../fixtures/audit-folders.ts";
import { forge, forgeBlock, kindOf, recordsOf } from "../fixtures/audit-forger.ts";
import { BASE_NS, KEY } from "../fixtures/audit-trail.ts";

/** Nobody signs the index: whatever it says, nothing of the evidence is lost, and nothing is proved by it. */
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tickwright-audit-forged-"));
  vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const key = KEY.verifierKey;
const terms = { retainDays: 1, hotDays: 1 };
const at = folderOptions(BASE_NS, { retention: terms });
const later = BASE_NS + 2n * DAY_NS;
const file = (segment: number): string => join(folder, `segment-000000000${segment}.twa`);
const index = (): string => join(folder, "index.jsonl");
const linesOf = (text: string): string[] => text.trimEnd().split("\n");
const segments = (): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".twa"));

type Line = Record<string, unknown>;

/** Writes lines so that each names the hash of the one before. */
function writeIndex(lines: readonly Line[]): void {
  let after = "00".repeat(32);
  const written = lines.map((line) => {
    const text = canonicalJson({ ...line, after });
    after = createHash("sha256").update(text).digest("hex");
    return `${text}\n`;
  });
  writeFileSync(index(), written.join(""));
}

const readIndex = (): Line[] =>
  linesOf(readFileSync(index(), "utf8")).map((text) => JSON.parse(text) as Line);
const text = (ns: bigint): string => String(ns);

/** The exit codes of both verifiers. */
async function exits(...more: readonly string[]): Promise<readonly (number | null)[]> {
  const args = [folder, "--key", key.text, ...more];
  const alone = spawnSync(process.execPath, ["verifier/audit-verify.mjs", ...args], { encoding: "utf8" });
  return [await runCommand(["audit", "verify", ...args]), alone.status];
}

function framesOf(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const frames: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const length = 8 + bytes.readUInt32LE(from + 4);
    frames.push(bytes.subarray(from, from + length));
    from += length;
  }
  return frames;
}

function put(path: string, bytes: Uint8Array): void {
  rmSync(path, { force: true });
  writeFileSync(path, bytes);
}

/** Deletes what a rule lets go, and tells the trail. */
function retire(open: AuditFolder, numbers: readonly number[], isSigned = true) {
  const chain = chainIn(open);
  const record = (payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1]): number =>
    chain.append(serviceEntry("retentionTombstone", payload, later));
  const done = open.apply({ nowNs: later, cold: [], retire: numbers }, { approver: "mara", record });
  if (isSigned) chain.seal();
  else chain.flush();
  return done;
}

describe("a line that says that a segment is elsewhere", () => {
  const names = ["", "s3://vault/0", "../../outside", "/etc/passwd", "cold/segment-0000000000.twa", "\0"];

  it.each(names)("%j moves and deletes nothing", async (location) => {
    writeTrail(folder, [5, 5, 5], at);
    const bytes = readFileSync(file(0));
    writeIndex([...readIndex(), { kind: "cold", segment: 0, location, atNs: text(BASE_NS) }]);
    const { folder: open, recovery } = openAuditFolder(folder, at);
    expect(recovery.left).toEqual(location === "" ? [] : [0]);
    expect(readFileSync(file(0)).equals(bytes)).toBe(true);
    expect(segments().length).toBe(3);
    // It is not older for that, and no other bytes take its place.
    const { sha256 } = open.segments[1] as { sha256: string };
    const stored = { location: "s3://vault/0", sha256: open.segments[0]?.sha256 as string };
    expect(open.archived(0, { ...stored, nowNs: BASE_NS + 1_000_000n })).toMatchObject({
      code: "AUDIT_RETENTION_YOUNG",
    });
    open.close();
    expect(await exits()).toEqual([0, 0]);
    const chained = openAuditFolder(folder, at).folder;
    const chain = chainIn(chained);
    chain.append(serviceEntry("systemEvent", { component: "a", event: "b" }, later));
    chain.seal();
    chained.settle();
    expect(chained.archived(0, { ...stored, sha256, nowNs: later })).toMatchObject({
      code: "AUDIT_CONTENT_DIFFERS",
    });
    expect(existsSync(file(0))).toBe(true);
    // The explicit call, with the hash of the bytes that are here, ends it.
    expect(chained.archived(0, { ...stored, nowNs: later })).toMatchObject({ ok: true });
    expect(existsSync(file(0))).toBe(false);
    chained.close();
    expect(await exits()).toEqual([1, 1]);
    expect(await exits("--part")).toEqual([0, 0]);
  });

  it("does not hand over a file whose bytes are not those that the archive has", () => {
    writeTrail(folder, [5, 5], at);
    const open = openAuditFolder(folder, at).folder;
    const { sha256 } = open.segments[0] as { sha256: string };
    const bytes = readFileSync(file(0));
    bytes.writeUInt8((bytes.at(-1) as number) ^ 1, bytes.length - 1);
    put(file(0), bytes);
    const asked = { nowNs: BASE_NS + DAY_NS + 1_000_000n, location: "x", sha256 };
    expect(open.archived(0, asked)).toMatchObject({ code: "AUDIT_CONTENT_DIFFERS" });
    expect(existsSync(file(0))).toBe(true);
    open.close();
  });
});

describe("a line that says that a segment was retired", () => {
  it("deletes nothing, whatever its moment and its record", async () => {
    writeTrail(folder, [5, 5, 5], at);
    const line = { kind: "retired", segment: 0, approver: "x", recordSeq: 7, atNs: text(later) };
    writeIndex([...readIndex(), line]);
    const { folder: open, recovery } = openAuditFolder(folder, at);
    expect([recovery.left, segments().length]).toEqual([[0], 3]);
    expect(open.plan(BASE_NS + 1_000_000n).retire).toEqual([]);
    open.close();
    expect(await exits()).toEqual([0, 0]);
    rmSync(file(0));
    expect(await exits()).toEqual([1, 1]);
  });

  it("is not made true by times that are not those of the records", () => {
    writeTrail(folder, [5, 5, 5], at);
    const old = text(BASE_NS - 90n * DAY_NS);
    const young = { retention: { retainDays: 30, hotDays: 1 } };
    const aged = readIndex().map((line) =>
      line["segment"] === 0 ? { ...line, fromNs: old, toNs: old, atNs: old, retainUntilNs: old } : line,
    );
    writeIndex(aged);
    const { folder: open } = openAuditFolder(folder, folderOptions(BASE_NS, young));
    const now = BASE_NS + 1_000_000n;
    expect(open.plan(now).retire).toEqual([0]);
    const work = { approver: "x", record: (): number => expect.unreachable() };
    expect(() => open.apply({ nowNs: now, cold: [], retire: [0] }, work)).toThrow(
      /FAULT_JOURNAL_CORRUPT .*index.jsonl segment 0/,
    );
    expect(segments().length).toBe(3);
    open.close();
  });
});

describe("a tombstone", () => {
  it("that was signed tells of the beginning, with an index and without; one that nobody signed does not", async () => {
    for (const isSigned of [true, false]) {
      rmSync(folder, { recursive: true, force: true });
      writeTrail(folder, [5, 5, 5], at);
      const { folder: open } = openAuditFolder(folder, at);
      expect(retire(open, [0, 1], isSigned)).toMatchObject({ ok: true });
      if (isSigned) open.settle();
      open.close();
      const code = isSigned ? 0 : 1;
      expect(await exits()).toEqual([code, code]);
      const beginning = isSigned ? "retired" : "missing";
      expect(verifyAuditFolder(folder, { key })).toMatchObject({ ok: isSigned, beginning });
      rmSync(index());
      expect(await exits()).toEqual([code, code]);
      expect(verifyAuditFolder(folder, { key })).toMatchObject({ ok: isSigned, beginning });
      // One segment more than was told is missing.
      rmSync(file(2));
      expect(await exits()).toEqual([1, 1]);
    }
  });
});

describe("an index as the only witness", () => {
  /** The trail without its checkpoints, made to fit, and where it ends. */
  function unsigned(): { forged: Buffer[]; state: AuditChainState } {
    const frames = [0, 1].map((i) => framesOf(file(i)).filter((frame) => kindOf(frame) !== "checkpoint"));
    const forged = forge(frames).map((each) => Buffer.concat(each));
    const verifier = new AuditVerifier({ key });
    for (const bytes of forged) {
      verifier.push(bytes);
      verifier.endSegment();
    }
    return { forged, state: verifier.finish().state as AuditChainState };
  }

  it("proves no record that nobody signed", async () => {
    writeTrail(folder, [5, 5], at);
    const { forged, state } = unsigned();
    const [first] = readIndex();
    rmSync(file(0));
    put(file(1), forged[1] as Buffer);
    writeIndex([
      { ...first, checkpoint: null, state: { ...state, segment: 0 } },
      { kind: "cold", segment: 0, location: "vault", atNs: text(later) },
    ]);
    const verdict = verifyAuditFolder(folder, { key, part: true });
    expect(verdict).toMatchObject({ proved: null, unproved: { fromSeq: 6, toSeq: 10 } });
    expect(await exits("--part")).toEqual([1, 1]);
  });

  it("does not make the writer sign what somebody put in place of the trail", () => {
    writeTrail(folder, [5, 5], at);
    const lines = readIndex();
    const { forged, state } = unsigned();
    forged.forEach((bytes, i) => {
      put(file(i), bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const changed = { sha256, byteLength: bytes.length, checkpoint: null };
      lines[i] = { ...lines[i], ...changed, ...(i === 1 ? { state } : {}) };
    });
    writeIndex(lines);
    expect(() => openAuditFolder(folder, at)).toThrow(/FAULT_JOURNAL_CORRUPT .*not signed/);
    rmSync(index());
    expect(() => openAuditFolder(folder, at)).toThrow(/FAULT_JOURNAL_CORRUPT .*not signed/);
  });

  it("does not make the writer go on from another state, nor behind other bytes", () => {
    writeTrail(folder, [5, 5], at);
    const lines = readIndex();
    const { state } = unsigned();
    writeIndex(lines.with(1, { ...lines[1], state }));
    expect(() => openAuditFolder(folder, at)).toThrow(/FAULT_JOURNAL_CORRUPT .*index.jsonl/);
    writeIndex(lines);
    const bytes = readFileSync(file(1));
    const block = framesOf(file(1))[1] as Buffer;
    const records = recordsOf(block).map((record) => record.slice());
    (records[0] as Uint8Array)[40] = 77;
    const made = forgeBlock(records, 6, bytes.subarray(0, 32), false);
    put(file(1), Buffer.concat([framesOf(file(1))[0] as Buffer, made, ...framesOf(file(1)).slice(2)]));
    expect(() => openAuditFolder(folder, at)).toThrow("FAULT_JOURNAL_CORRUPT");
  });
});

describe("a hold that the trail tells of", () => {
  const hold = { id: "H1", subject: "case 7", reason: "an inquiry", approver: "cco" };
  /** The second segment, and no other. */
  const range = { fromNs: BASE_NS + 6_000n, toNs: BASE_NS + 10_000n };

  function held(type: "legalHold" | "legalHoldRange" = "legalHoldRange"): void {
    writeTrail(folder, [5, 5, 5], at);
    const { folder: open } = openAuditFolder(folder, at);
    const placed = open.hold({ ...hold, ...range });
    if (!("event" in placed)) throw new Error("not held");
    expect(placed).toMatchObject({ type: "legalHoldRange", event: range });
    const { fromNs: _, toNs: __, ...event } = placed.event;
    const chain = chainIn(open);
    chain.append(serviceEntry(type, type === "legalHold" ? event : placed.event, BASE_NS + DAY_NS));
    chain.seal();
    open.settle();
    open.close();
  }

  /** What becomes of an attempt to delete the first two segments: a code, or `gone`. */
  function attempt(): string {
    let open: AuditFolder | undefined;
    try {
      open = openAuditFolder(folder, at).folder;
      const done = retire(open, [0, 1]);
      return "code" in done ? done.code : "gone";
    } catch (fault) {
      return (fault as { code?: string }).code ?? String(fault);
    } finally {
      open?.close();
    }
  }

  const isHold = ({ kind }: Line): boolean => kind === "hold";
  const released = { kind: "release", id: "H1", reason: "x", approver: "x", atNs: text(BASE_NS) };
  const CHANGES: Readonly<Record<string, () => void>> = {
    "as it was": () => undefined,
    "no index": () => rmSync(index()),
    "no line of it": () => writeIndex(readIndex().filter((line) => !isHold(line))),
    "another id": () => writeIndex(readIndex().map((line) => (isHold(line) ? { ...line, id: "H2" } : line))),
    "another range": () =>
      writeIndex(readIndex().map((line) => (isHold(line) ? { ...line, toNs: text(BASE_NS + 1n) } : line))),
    "a release that the trail knows nothing of": () => writeIndex([...readIndex(), released]),
    "a line cut": () => writeFileSync(index(), readFileSync(index()).subarray(0, -40)),
    "two lines cut": () => writeIndex(readIndex().slice(0, -2)),
  };

  it.each(Object.keys(CHANGES))("stays in force with %s", (name) => {
    held();
    CHANGES[name]?.();
    expect(attempt()).toBe("AUDIT_RETENTION_HELD");
    expect(segments().length).toBeGreaterThanOrEqual(4);
    // Taken up again, with its range: only what it covers is held, and it can be ended.
    const { folder: open } = openAuditFolder(folder, at);
    if (name === "another id") {
      open.release({ id: "H2", reason: "unknown", approver: "cco" });
      open.close();
      expect(attempt()).toBe("AUDIT_RETENTION_HELD");
      return;
    }
    const known = open.holds.find(({ id }) => id === "H1");
    expect(known).toMatchObject({ ...hold, ...range });
    expect(open.plan(later)).toMatchObject({ retire: [0], stays: { code: "AUDIT_RETENTION_HELD" } });
    open.close();
    expect(verifyAuditFolder(folder, { key }).holds).toEqual([
      { id: "H1", subject: "case 7", seq: 16, fromNs: text(range.fromNs), toNs: text(range.toNs) },
    ]);
  });

  it("is not released by any bit of the index, nor by an index that is cut anywhere", () => {
    held();
    const bytes = readFileSync(index());
    const files = segments().map((name) => [name, readFileSync(join(folder, name))] as const);
    const codes = new Map<string, number>();
    const check = (changed: Buffer): void => {
      writeFileSync(index(), changed);
      const code = attempt();
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect(["AUDIT_RETENTION_HELD", "FAULT_JOURNAL_CORRUPT"]).toContain(code);
      for (const [name, whole] of files) expect(readFileSync(join(folder, name)).equals(whole)).toBe(true);
      for (const name of segments()) if (!files.some(([each]) => each === name)) rmSync(join(folder, name));
    };
    for (let bit = 5; bit < bytes.length * 8; bit += 397) {
      const changed = Buffer.from(bytes);
      const byte = Math.floor(bit / 8);
      changed[byte] = (changed[byte] as number) ^ (1 << (bit % 8));
      check(changed);
    }
    for (let length = 0; length < bytes.length; length += 211) check(bytes.subarray(0, length));
    expect(codes.get("AUDIT_RETENTION_HELD")).toBeGreaterThan(10);
    expect(codes.get("FAULT_JOURNAL_CORRUPT")).toBeGreaterThan(50);
  }, 60_000);

  it("covers all where an older record does not say what, and the index is lost", () => {
    held("legalHold");
    expect(attempt()).toBe("AUDIT_RETENTION_HELD");
    const { folder: kept } = openAuditFolder(folder, at);
    expect(kept.holds).toMatchObject([{ ...hold, ...range }]);
    kept.close();
    rmSync(index());
    const { folder: open } = openAuditFolder(folder, at);
    expect(open.holds).toMatchObject([{ ...hold, fromNs: null, toNs: null }]);
    open.close();
  });

  it("ends with a release that is signed, and not with one that is not", () => {
    held();
    const { folder: open } = openAuditFolder(folder, at);
    const over = open.release({ id: "H1", reason: "closed", approver: "cco" });
    if (!("event" in over)) throw new Error("not released");
    expect(over).toMatchObject({ event: { action: "released", ...range } });
    const chain = chainIn(open);
    chain.append(serviceEntry(over.type, over.event, BASE_NS + DAY_NS));
    chain.flush();
    open.close();
    rmSync(index());
    expect(attempt()).toBe("AUDIT_RETENTION_HELD");
    // Now it is signed. The index, made anew before that, has to be told again.
    const { folder: next } = openAuditFolder(folder, at);
    const signed = chainIn(next);
    signed.append(serviceEntry("systemEvent", { component: "a", event: "b" }, BASE_NS + DAY_NS));
    signed.seal();
    expect(next.release({ id: "H1", reason: "closed", approver: "cco" })).toMatchObject({ ok: true });
    next.close();
    expect(attempt()).toBe("gone");
    expect(segments()).not.toContain("segment-0000000000.twa");
  });

  it("keeps the segment in which its own record stands", () => {
    const { folder: open } = openAuditFolder(folder, at);
    const chain = chainIn(open);
    const placed = open.hold({ ...hold, fromNs: later * 2n });
    if (!("event" in placed)) throw new Error("not held");
    chain.append(serviceEntry(placed.type, placed.event, BASE_NS));
    chain.seal();
    open.settle();
    open.close();
    writeTrail(folder, [5], at);
    const { folder: next } = openAuditFolder(folder, at);
    const done = next.apply(
      { nowNs: BASE_NS + DAY_NS + 10_000_000n, cold: [], retire: [0] },
      { approver: "x", record: () => expect.unreachable() },
    );
    expect(done).toMatchObject({ code: "AUDIT_RETENTION_HELD" });
    next.close();
  });
});

it("a folder whose oldest segment was retired behind an empty one is opened again after a crash", () => {
  writeTrail(folder, [5, 0], at);
  const { folder: open } = openAuditFolder(folder, at);
  const chain = chainIn(open);
  const record = (payload: Parameters<typeof serviceEntry<"retentionTombstone">>[1]): number => {
    const seq = chain.append(serviceEntry("retentionTombstone", payload, later));
    chain.checkpoint();
    return seq;
  };
  expect(open.apply({ nowNs: later, cold: [], retire: [0] }, { approver: "a", record })).toMatchObject({
    ok: true,
  });
  open.close();
  const { folder: next, recovery } = openAuditFolder(folder, at);
  expect([recovery.listed, recovery.left, existsSync(file(0))]).toEqual([[2], [], false]);
  next.close();
  expect(verifyAuditFolder(folder, { key })).toMatchObject({ ok: true, beginning: "retired" });
});
