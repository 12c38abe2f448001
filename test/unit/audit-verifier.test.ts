import { describe, expect, it } from "vitest";
import {
  AUDIT_PROBLEMS,
  type AuditFilter,
  AuditProver,
  type AuditRecord,
  AuditVerifier,
  type AuditVerifierOptions,
  type Checkpoint,
  decodeRecord,
  isKeyChain,
  type KeyChain,
  openCheckpoint,
  scanRecords,
  signCheckpoint,
  verifyConsistency,
  verifyKeyChain,
  verifyRecordProof,
} from "../../src/audit/index.ts";
import { forgeBlock, recordsOf, sha256 } from "../fixtures/audit-forger.ts";
import {
  BASE_NS,
  fill,
  header,
  KEY,
  keptChain,
  keptLog,
  NEXT_KEY,
  ORIGIN,
  OTHER_KEY,
  verify,
} from "../fixtures/audit-trail.ts";

const LOG = keptLog([40, 30], { blockRecords: 8, checkpointBlocks: 2 });
const keys = verifyKeyChain(KEY.verifierKey, []);
if (!isKeyChain(keys)) throw new Error("no keys");
const KEYS: KeyChain = keys;

/** The checkpoints in a segment, opened. */
function checkpointsOf(frames: readonly Uint8Array[]): Checkpoint[] {
  return frames.flatMap((frame) => {
    if (Buffer.from(frame.subarray(0, 4)).toString() !== "CHK1") return [];
    const opened = openCheckpoint(frame.subarray(8), ORIGIN, [KEY.verifierKey]);
    return opened.ok ? [opened.checkpoint] : [];
  });
}

describe("a verifier", () => {
  it.each([1, 7, 1000, 1 << 20])("reads chunks of %i bytes alike", (chunk) => {
    const verdict = verify(LOG.segments, {}, chunk);
    expect(verdict).toEqual({
      ok: true,
      problem: null,
      beginning: "here",
      proved: { fromSeq: 1, toSeq: 70 },
      unproved: null,
      isSealed: true,
      segments: 2,
      blocks: 9,
      records: 70,
      checkpoints: 5,
      rotations: 0,
      anchorsMet: 0,
      anchorsBefore: 0,
      bytes: LOG.segments.reduce((sum, { length }) => sum + length, 0),
      checkpointHash: LOG.state.checkpointHash,
      state: LOG.state,
    });
    expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
  });

  it("tells every record, with its place", () => {
    const seqs: number[] = [];
    const onRecord: AuditVerifierOptions["onRecord"] = (record, { segment, offset, leaf }) => {
      seqs.push(record.seq);
      const bytes = LOG.segments[segment] as Uint8Array;
      const length = new DataView(bytes.buffer, offset).getUint32(4, true);
      expect(decodeRecord(bytes.slice(offset, offset + length))).toEqual(record);
      expect(leaf).toBe(Math.floor((record.seq - (segment === 0 ? 1 : 41)) / 8) + (segment === 0 ? 0 : 5));
    };
    verify(LOG.segments, { onRecord });
    expect(seqs).toEqual(Array.from({ length: 70 }, (_, i) => i + 1));
  });

  it("says that nothing is proved of nothing", () => {
    const none = { ok: true, proved: null, unproved: null, records: 0, segments: 0, state: null };
    expect(new AuditVerifier({ key: KEY.verifierKey }).finish()).toMatchObject(none);
    const empty = keptChain();
    expect(verify([empty.bytes()])).toMatchObject({ ok: true, proved: null, records: 0, segments: 1 });
  });

  it("says what is not proved behind the last checkpoint", () => {
    const { chain, bytes } = keptChain({ blockRecords: 8 });
    fill(chain, 8);
    chain.flush();
    expect(verify([bytes()])).toMatchObject({ ok: true, proved: null, unproved: { fromSeq: 1, toSeq: 8 } });
    chain.checkpoint();
    fill(chain, 9);
    chain.flush();
    const verdict = verify([bytes()]);
    expect(verdict).toMatchObject({ ok: true, proved: { toSeq: 8 }, unproved: { fromSeq: 9, toSeq: 17 } });
    expect(verdict.isSealed).toBe(false);
  });

  it("goes on behind a write that was cut short, where the next segment says so", () => {
    const { chain, bytes } = keptChain({ blockRecords: 4 });
    fill(chain, 12);
    const torn = bytes().slice(0, -30);
    const verdict = verify([torn]);
    expect(verdict).toMatchObject({ ok: false, problem: { code: "AUDIT_TORN", fromSeq: 9 }, records: 8 });
    expect(verdict.problem?.offset).toBe(torn.length - (verdict.state?.tornBytes as number));
    const next = keptChain({ state: verdict.state as never, salt: new Uint8Array(32) });
    fill(next.chain, 2);
    next.chain.seal();
    expect(verify([torn, next.bytes()])).toMatchObject({
      ok: true,
      records: 10,
      proved: { fromSeq: 1, toSeq: 10 },
    });
    const problem = { code: "AUDIT_TORN", segment: 0, offset: verdict.problem?.offset };
    expect(verify([torn.slice(0, -1), next.bytes()])).toMatchObject({ ok: false, problem });
  });

  it("stops at the first problem", () => {
    const bad = (LOG.segments[0] as Uint8Array).slice();
    bad[300] = (bad[300] as number) ^ 1;
    const verifier = new AuditVerifier({ key: KEY.verifierKey });
    expect(verifier.push(bad)).toBe(false);
    expect(verifier.push(new Uint8Array(1 << 20))).toBe(false);
    expect(verifier.finish()).toMatchObject({ ok: false, problem: { segment: 0, fromSeq: 1, toSeq: 1 } });
    expect(() => verifier.push(bad)).toThrowError(/after finish/);
  });

  it("knows every code it can give", () => {
    expect(new Set(AUDIT_PROBLEMS).size).toBe(AUDIT_PROBLEMS.length);
  });

  it.each([
    ["a key that is none", { key: "x" }],
    ["rotations that do not follow", { rotations: ["x"] }],
    [
      "an anchor of another log",
      { anchors: [{ ...checkpointsOf(LOG.frames[0] as Uint8Array[])[0], origin: "b" }] },
    ],
    ["an unknown option", { colour: "red" }],
  ])("refuses %s", (_what, options) => {
    const given = { key: KEY.verifierKey, ...options } as AuditVerifierOptions;
    expect(() => new AuditVerifier(given)).toThrowError(expect.objectContaining({ code: "FAULT_CONFIG" }));
  });

  it("does not believe another key", () => {
    expect(verify(LOG.segments, { key: OTHER_KEY.verifierKey })).toMatchObject({
      ok: false,
      problem: { code: "AUDIT_CHECKPOINT_UNSIGNED", fromSeq: 1, toSeq: 16 },
      proved: null,
      unproved: { fromSeq: 1, toSeq: 16 },
    });
  });

  it("does not believe a rotation that the key before did not sign", () => {
    const { chain, frames } = keptChain({ signers: [OTHER_KEY] });
    fill(chain, 2);
    chain.rotate(NEXT_KEY, "stolen", header(BASE_NS + 9_000n));
    const blocks = frames.filter((frame) => Buffer.from(frame.subarray(0, 4)).toString() !== "CHK1");
    const problem = { code: "AUDIT_ROTATION_INVALID", fromSeq: 3, toSeq: 3 };
    expect(verify([Buffer.concat(blocks)])).toMatchObject({ ok: false, problem });
  });
});

describe("what a verifier checks by itself", () => {
  const open = keptChain({ blockRecords: 4 });
  fill(open.chain, 8);
  const [head, first] = open.frames as [Uint8Array, Uint8Array];
  const genesis = sha256("TE-AUD-G", head.subarray(8));
  const records = recordsOf(first);
  const [one, two, three, four] = records as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

  it.each([
    ["AUDIT_SEQ_GAP", [one, two, three, three], 4],
    ["AUDIT_SEQ_GAP", [one, three, three, four], 2],
    ["AUDIT_SEQ_GAP", [two, two, three, four], 1],
  ] as const)("numbers: %s", (code, made, seq) => {
    const block = forgeBlock(made, 1, genesis, false);
    const problem = { code, fromSeq: seq, toSeq: seq };
    expect(verify([Buffer.concat([head, block])])).toMatchObject({ ok: false, problem });
  });

  it("that a block holds no more records than it counts", () => {
    const block = Buffer.from(forgeBlock(records, 1, genesis));
    const end = 24 + block.readUInt32LE(20);
    const short = Buffer.concat([block.subarray(0, end + 12), block.subarray(end + 16)]);
    short.writeUInt32LE(3, 16);
    short.writeUInt32LE(short.length - 8, 4);
    const problem = { code: "AUDIT_FRAME_MALFORMED", fromSeq: 1, toSeq: 3 };
    expect(verify([Buffer.concat([head, short])])).toMatchObject({ ok: false, problem });
  });

  it("times", () => {
    const block = forgeBlock([one, three, two, four], 1, genesis);
    const problem = { code: "AUDIT_TIME_BACKWARDS", fromSeq: 3, toSeq: 3 };
    expect(verify([Buffer.concat([head, block])])).toMatchObject({ ok: false, problem });
    const later = forgeBlock([two, four], 1, genesis);
    const behind = forgeBlock([three], 3, later.subarray(-32));
    expect(verify([Buffer.concat([head, later, behind])])).toMatchObject({ ok: false, problem });
  });

  it("that a record is canonical, whoever made its check word and link", () => {
    const odd = one.slice();
    odd[1] = 99;
    const problem = {
      code: "AUDIT_RECORD_MALFORMED",
      fromSeq: 2,
      toSeq: 2,
      offset: head.length + 24 + one.length,
    };
    const block = forgeBlock([one, odd, three, four], 1, genesis);
    expect(verify([Buffer.concat([head, block])])).toMatchObject({ ok: false, problem });
  });

  it.each<[string, (checkpoint: Checkpoint) => Partial<Checkpoint>]>([
    ["nothing", () => ({})],
    ["size", ({ size }) => ({ size: size + 1 })],
    ["root", () => ({ root: new Uint8Array(32) })],
    ["chainHead", () => ({ chainHead: new Uint8Array(32) })],
    ["previous", () => ({ previous: null })],
    ["tsNs", ({ tsNs }) => ({ tsNs: tsNs + 1n })],
  ])("a well signed checkpoint of another %s", (what, change) => {
    const frames = LOG.frames[0] as Uint8Array[];
    const at = frames.findLastIndex((frame) => Buffer.from(frame.subarray(0, 4)).toString() === "CHK1");
    const checkpoint = checkpointsOf(frames).at(-1) as Checkpoint;
    const note = Buffer.from(signCheckpoint({ ...checkpoint, ...change(checkpoint) }, [KEY]));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(note.length);
    const made = frames.toSpliced(at, 1, Buffer.concat([Buffer.from("CHK1"), length, note]));
    const verdict = verify([Buffer.concat(made)]);
    if (what === "nothing") expect(verdict).toMatchObject({ ok: true });
    else
      expect(verdict).toMatchObject({ ok: false, problem: { code: "AUDIT_CHECKPOINT_DIFFERS", toSeq: 40 } });
  });

  it.each<[string, number, number]>([
    ["leaves", 10, 1],
    ["sealed", 11, 0],
    ["segment", 12, 2],
    ["first seq", 16, 43],
    ["time", 24, 1],
    ["torn bytes", 32, 1],
    ["link", 68, 1],
    ["checkpoint", 100, 1],
    ["origin", 134, 0x79],
    ["root of a subtree", 160, 1],
  ])("that a header of another %s does not follow", (_what, at, value) => {
    const { segments, state } = keptLog([41], { blockRecords: 8 });
    const next = keptChain({ state });
    const bytes = next.bytes();
    expect(verify([...segments, bytes])).toMatchObject({ ok: true, segments: 2 });
    expect(bytes[at]).not.toBe(value);
    bytes[at] = value;
    const problem = { code: "AUDIT_SEGMENT_DISCONTINUOUS", segment: 1, offset: 0 };
    expect(verify([...segments, bytes])).toMatchObject({ ok: false, problem });
  });
});

describe("an anchor", () => {
  const [first, second] = checkpointsOf(LOG.frames[0] as Uint8Array[]) as [Checkpoint, Checkpoint];
  const last = checkpointsOf(LOG.frames[1] as Uint8Array[]).at(-1) as Checkpoint;

  it("proves what it covers, whoever signed", () => {
    expect(verify(LOG.segments, { anchors: [first, second, last] })).toMatchObject({
      ok: true,
      anchorsMet: 3,
    });
    const unsigned = (LOG.frames[0] as Uint8Array[]).slice(0, 4);
    const blocks = unsigned.filter((frame) => Buffer.from(frame.subarray(0, 4)).toString() !== "CHK1");
    const verdict = verify([Buffer.concat(blocks)], { anchors: [first] });
    expect(verdict).toMatchObject({
      ok: true,
      proved: { fromSeq: 1, toSeq: 16 },
      checkpoints: 0,
      anchorsMet: 1,
    });
  });

  it("finds a log that was cut off before it", () => {
    const verdict = verify(LOG.segments.slice(0, 1), { anchors: [last] });
    expect(verdict).toMatchObject({ ok: false, problem: { code: "AUDIT_TRUNCATED", fromSeq: 41 } });
    expect(verdict.proved).toEqual({ fromSeq: 1, toSeq: 40 });
  });

  it("finds a past that whoever holds the key wrote anew", () => {
    const other = keptLog([41, 30], { blockRecords: 8, checkpointBlocks: 2, leaves: "block" });
    expect(verify(other.segments)).toMatchObject({ ok: true });
    const forged = keptChain({ blockRecords: 8, checkpointBlocks: 2, salt: new Uint8Array(32).fill(9) });
    fill(forged.chain, 40);
    forged.chain.seal();
    expect(verify([forged.bytes()])).toMatchObject({ ok: true });
    const problem = { code: "AUDIT_ANCHOR_DIFFERS", fromSeq: 1, toSeq: 16 };
    expect(verify([forged.bytes()], { anchors: [first] })).toMatchObject({ ok: false, problem });
  });

  it("is met at the beginning of a later segment, or lies before it", () => {
    const atStart = checkpointsOf(LOG.frames[0] as Uint8Array[]).at(-1) as Checkpoint;
    const later = LOG.segments.slice(1);
    expect(verify(later, { anchors: [first, atStart], part: true })).toMatchObject({
      ok: true,
      anchorsMet: 1,
      anchorsBefore: 1,
    });
    const wrong = { ...atStart, root: new Uint8Array(32) };
    const problem = { code: "AUDIT_ANCHOR_DIFFERS", offset: 0 };
    expect(verify(later, { anchors: [wrong] })).toMatchObject({ ok: false, problem });
  });
});

describe("a proof of one record", () => {
  it.each(["block", "record"] as const)(
    "with a leaf for each %s shows it to somebody without the log",
    (leaves) => {
      const { segments } = keptLog([40, 30], { blockRecords: 8, checkpointBlocks: 2, leaves });
      const prover = new AuditProver(segments);
      const wanted = new Map<number, AuditRecord>();
      verify(segments, { onRecord: (record) => void wanted.set(record.seq, record) });
      for (let seq = 1; seq <= 70; seq++) {
        for (const under of ["earliest", "last"] as const) {
          const proof = JSON.parse(JSON.stringify(prover.prove(seq, under)));
          expect(verifyRecordProof(proof, KEYS)).toMatchObject({ ok: true, record: wanted.get(seq) });
          if (leaves === "record") expect(proof.offset).toBe(0);
        }
      }
      expect(prover.prove(71)).toBeUndefined();
      expect(() => prover.prove(0)).toThrowError(/seq/);
    },
  );

  it("shows that one checkpoint grew out of another", () => {
    const prover = new AuditProver(LOG.segments);
    const all = LOG.frames.flatMap((frames) => checkpointsOf(frames));
    for (const first of all) {
      for (const second of all.filter(({ size }) => size >= first.size)) {
        const proof = prover.consistencyProof(first.size, second.size);
        const claim = {
          first: first.size,
          second: second.size,
          firstRoot: first.root,
          secondRoot: second.root,
        };
        expect(verifyConsistency({ ...claim, proof })).toEqual({ ok: true });
      }
    }
  });

  it("is refused where it was changed", () => {
    const proof = new AuditProver(LOG.segments).prove(13) as NonNullable<ReturnType<AuditProver["prove"]>>;
    const flip = (hex: string): string => (hex[0] === "0" ? "1" : "0") + hex.slice(1);
    const another = new AuditProver(LOG.segments).prove(41) as typeof proof;
    const changes: [object, string][] = [
      [{ version: 2 }, "AUDIT_PROOF_MALFORMED"],
      [{ seq: 14 }, "AUDIT_PROOF_MALFORMED"],
      [{ offset: proof.offset + 1 }, "AUDIT_PROOF_MALFORMED"],
      [{ leaf: `${proof.leaf}0` }, "AUDIT_PROOF_MALFORMED"],
      [{ leaf: proof.leaf.slice(0, 40) }, "AUDIT_PROOF_MALFORMED"],
      [{ leaf: proof.leaf.slice(0, -2) + flip(proof.leaf.slice(-2)) }, "MERKLE_ROOT_DIFFERS"],
      [{ path: proof.path.map(flip) }, "MERKLE_ROOT_DIFFERS"],
      [{ path: [] }, "MERKLE_PROOF_LENGTH"],
      [{ path: "" }, "AUDIT_PROOF_MALFORMED"],
      [{ leafIndex: 0 }, "MERKLE_ROOT_DIFFERS"],
      [{ leafIndex: -1 }, "MERKLE_INDEX_INVALID"],
      [{ checkpoint: another.checkpoint }, "MERKLE_PROOF_LENGTH"],
      [{ checkpoint: proof.checkpoint.replace("time", "tame") }, "CHECKPOINT_MALFORMED"],
    ];
    expect(verifyRecordProof(proof, KEYS).ok).toBe(true);
    for (const [change, code] of changes) {
      const result = verifyRecordProof({ ...proof, ...change }, KEYS);
      expect(result.ok, JSON.stringify(change)).toBe(false);
      if (!["CHECKPOINT_MALFORMED"].includes(code)) expect(result).toMatchObject({ code });
    }
  });

  it("needs a checkpoint that covers it, and the log from its first segment", () => {
    const { chain, bytes } = keptChain({ blockRecords: 4 });
    fill(chain, 8);
    expect(new AuditProver([bytes()]).prove(3)).toBeUndefined();
    for (const segments of [LOG.segments.slice(1), [new Uint8Array(9)], LOG.segments.toReversed()]) {
      expect(() => new AuditProver(segments)).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
    }
  });
});

describe("a scan", () => {
  const [segment] = LOG.segments as [Uint8Array];
  const seqs = (filter: AuditFilter): number[] =>
    Array.from(scanRecords(segment, filter), ({ record }) => record.seq);
  const all = Array.from(scanRecords(segment), ({ record }) => record);

  it.each<[string, AuditFilter, (record: AuditRecord) => boolean]>([
    ["everything", {}, () => true],
    ["numbers", { fromSeq: 9, toSeq: 24 }, ({ seq }) => seq >= 9 && seq <= 24],
    ["one number", { fromSeq: 17, toSeq: 17 }, ({ seq }) => seq === 17],
    ["times", { fromNs: BASE_NS + 5_000n, toNs: BASE_NS + 9_000n }, ({ seq }) => seq >= 5 && seq < 9],
    ["types", { types: ["fill", "riskDecision"] }, ({ type }) => type === "fill" || type === "riskDecision"],
    ["an order", { order: "12" }, ({ order }) => order === "12"],
    ["nobody", { actor: "nobody" }, () => false],
    ["texts", { parent: "", strategy: "pairs", venue: "XNAS", actor: "mara" }, () => true],
    ["a predicate", { where: ({ seq }) => seq % 7 === 0 }, ({ seq }) => seq % 7 === 0],
  ])("finds %s", (_what, filter, expected) => {
    expect(seqs(filter)).toEqual(all.filter(expected).map(({ seq }) => seq));
    expect(all.length).toBe(40);
  });

  it("says where the bytes are", () => {
    for (const { record, offset, byteLength } of scanRecords(segment)) {
      expect(decodeRecord(segment.slice(offset, offset + byteLength))).toEqual(record);
    }
  });

  it.each([
    ["types", { types: ["other"] }],
    ["types", { types: [] }],
    ["fromSeq", { fromSeq: 0 }],
    ["fromNs", { fromNs: 5 }],
    ["colour", { colour: 1 }],
  ])("refuses a filter with another %s", (field, filter) => {
    expect(() => Array.from(scanRecords(segment, filter as AuditFilter))).toThrowError(
      expect.objectContaining({ code: "FAULT_CONFIG", path: expect.stringContaining(field) }),
    );
  });

  it("stops at a frame that is cut short, and faults on what is none", () => {
    expect(Array.from(scanRecords(segment.subarray(0, 2000))).length).toBeLessThan(40);
    const bad = segment.slice();
    const header_ = 8 + new DataView(bad.buffer).getUint32(4, true);
    bad[header_ + 16] = 99;
    expect(() => Array.from(scanRecords(bad))).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
  });
});
