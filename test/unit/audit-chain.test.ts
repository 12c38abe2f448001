import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type AnchoredCheckpoint,
  AUDIT_UNCERTAINTY_UNKNOWN,
  AuditBuffer,
  AuditChain,
  type AuditChainOptions,
  AuditKey,
  AuditWriter,
  encodeRecord,
  MerkleTree,
  merkleLeafHash,
  openCheckpoint,
  scanRecords,
} from "../../src/audit/index.ts";
import {
  BASE_NS,
  fill,
  header,
  KEY,
  keptChain,
  keptLog,
  NEXT_KEY,
  ORIGIN,
  sampleEntry,
  verify,
} from "../fixtures/audit-trail.ts";

const SALT = new Uint8Array(32).fill(5);

function frameList(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => Buffer.from(frame.subarray(0, 4)).toString());
}

describe("a chain", () => {
  it("numbers records and closes blocks of 64", () => {
    const { chain, frames, bytes } = keptChain();
    fill(chain, 130);
    expect(chain.nextSeq).toBe(131);
    expect(chain.pending).toBe(2);
    expect(frameList(frames)).toEqual(["AUD1", "BLK1", "BLK1"]);
    chain.flush();
    chain.flush();
    expect(frameList(frames)).toEqual(["AUD1", "BLK1", "BLK1", "BLK1"]);
    chain.seal();
    expect(frameList(frames).slice(4)).toEqual(["CHK1", "END1"]);
    expect(verify([bytes()])).toMatchObject({ ok: true, records: 130, isSealed: true });
  });

  it("makes links and leaves as they are specified", () => {
    const { chain, frames } = keptChain({ blockRecords: 2 });
    fill(chain, 5);
    const note = chain.checkpoint() as string;
    const hash = (...parts: (Uint8Array | string)[]): Buffer =>
      parts.reduce((running, part) => running.update(part), createHash("sha256")).digest();
    let tip = hash("TE-AUD-G", (frames[0] as Uint8Array).subarray(8));
    const tree = new MerkleTree();
    const blocks = frames.slice(1).filter((frame) => Buffer.from(frame.subarray(0, 4)).toString() === "BLK1");
    expect(blocks.length).toBe(3);
    for (const frame of blocks) {
      const block = Buffer.from(frame.subarray(8));
      const [count, length] = [block.readUInt32LE(8), block.readUInt32LE(12)];
      const records = block.subarray(16, 16 + length);
      tip = hash("TE-AUD-1", tip, block.subarray(0, 8), block.subarray(12, 16), records);
      expect(block.subarray(16 + length + 4 * count).equals(tip)).toBe(true);
      tree.appendHash(hash(Uint8Array.of(0), records));
    }
    const opened = openCheckpoint(note, ORIGIN, [KEY.verifierKey]);
    if (isRefusalLike(opened)) throw new Error(opened.message);
    expect(opened.checkpoint).toMatchObject({
      size: 3,
      tsNs: BASE_NS + 5_000n,
      previous: null,
      clock: "unknown",
    });
    expect(Buffer.from(opened.checkpoint.root).equals(tree.root())).toBe(true);
    expect(Buffer.from(opened.checkpoint.chainHead).equals(tip)).toBe(true);
    expect(Buffer.from(chain.tip).equals(tip)).toBe(true);
  });

  it("may have a leaf for each record", () => {
    const { chain, bytes } = keptChain({ leaves: "record" });
    fill(chain, 70);
    const opened = openCheckpoint(chain.checkpoint() as string, ORIGIN, [KEY.verifierKey]);
    if (isRefusalLike(opened)) throw new Error(opened.message);
    const tree = new MerkleTree();
    for (const { record } of scanRecords(bytes())) tree.appendHash(merkleLeafHash(encodeRecord(record)));
    expect(opened.checkpoint.size).toBe(70);
    expect(Buffer.from(opened.checkpoint.root).equals(tree.root())).toBe(true);
  });

  it("signs every so many blocks, and every so long", () => {
    const often = keptChain({ blockRecords: 2, checkpointBlocks: 3, checkpointNs: 1e15 });
    fill(often.chain, 13);
    expect(frameList(often.frames).filter((tag) => tag === "CHK1").length).toBe(2);
    const timed = keptChain({ checkpointNs: 1_000_000_000 });
    fill(timed.chain, 5, 400_000_000n);
    // Records at 0.4, 0.8, 1.2, 1.6 and 2.0 s: the fourth is the first a second after the first.
    expect(frameList(timed.frames)).toEqual(["AUD1", "BLK1", "CHK1"]);
    expect(timed.chain.pending).toBe(1);
    expect(timed.chain.checkpoint()).toContain(ORIGIN);
    expect(timed.chain.checkpoint()).toBeUndefined();
  });

  it("says in checkpoints what is known of the clock", () => {
    const { chain } = keptChain();
    chain.clockIs("locked", 90);
    fill(chain, 1);
    expect(chain.checkpoint()?.split("\n")[4]).toBe("clock locked 90");
    expect(() => chain.clockIs("fine" as "locked", 90)).toThrowError(/clock/);
    expect(() => chain.clockIs("locked", AUDIT_UNCERTAINTY_UNKNOWN + 1)).toThrowError(/clockUncertaintyNs/);
  });

  it("closes a block before it grows past its bytes", () => {
    const { chain, bytes } = keptChain();
    const payload = { component: "x", event: "y", detail: "z".repeat(60_000) };
    for (let i = 0; i < 7; i++) chain.append({ ...header(BASE_NS), type: "systemEvent", payload });
    expect(chain.pending).toBe(1);
    chain.seal();
    expect(verify([bytes()], {}, 1000)).toMatchObject({ ok: true, records: 7, blocks: 4 });
  });

  it("takes the records of a writer in place, and those of a ring", () => {
    const instruments = [{ symbol: "ABC@XNAS", venue: "XNAS" }];
    const seats = [{ strategy: "pairs", account: "A1" }];
    const { node, epoch, cfgHash, buildHash } = header(BASE_NS);
    const writer = new AuditWriter({ node, epoch, cfgHash, buildHash, baseNs: BASE_NS, seats, instruments });
    const request = { id: 1, requestId: 1, parentId: 0, seat: 0, instrument: 0 };
    const { chain, bytes } = keptChain();
    writer.cancelSent(chain.buffer, request, 1);
    expect(chain.admit()).toBe(1);
    const ring = new AuditBuffer(100_000);
    for (let i = 0; i < 100; i++) writer.cancelSent(ring, { ...request, id: i }, 2);
    expect(chain.admitBytes(ring.bytes, 0, ring.length)).toBe(101);
    expect(() => chain.admitBytes(ring.bytes, 0, ring.length - 1)).toThrowError(/whole records/);
    expect(chain.nextSeq).toBe(201);
    chain.seal();
    expect(verify([bytes()])).toMatchObject({ ok: true, records: 200 });
  });
});

describe("what a chain does not take", () => {
  it("is a record of an earlier time; it can go on", () => {
    const { chain, bytes } = keptChain();
    chain.append(sampleEntry("error", 0, -5n));
    chain.append(sampleEntry("error", 0, 5n));
    expect(() => chain.append(sampleEntry("error", 1, 4n))).toThrowError(
      expect.objectContaining({ code: "FAULT_TIME", value: 4n }),
    );
    expect(chain.append(sampleEntry("error", 1, 5n))).toBe(3);
    chain.seal();
    expect(verify([bytes()])).toMatchObject({ ok: true, records: 3 });
  });

  it("is what is no record; it can go on", () => {
    const { chain, bytes } = keptChain();
    expect(() => chain.admit()).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
    chain.buffer.raw(new Uint8Array(200));
    expect(() => chain.admit()).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
    const entry = { ...sampleEntry("error"), node: 5 };
    expect(() => chain.append(entry as never)).toThrowError(expect.objectContaining({ path: "node" }));
    fill(chain, 3);
    chain.seal();
    expect(verify([bytes()])).toMatchObject({ ok: true, records: 3 });
  });

  it("is anything after its end", () => {
    const { chain } = keptChain();
    const sealed = chain.seal();
    expect(sealed).toMatchObject({ isSealed: true, nextSeq: 1, segment: 0, checkpointHash: null });
    expect(chain.save()).toEqual(sealed);
    for (const call of [
      () => fill(chain, 1),
      () => chain.flush(),
      () => chain.checkpoint(),
      () => chain.seal(),
    ]) {
      expect(call).toThrowError(/sealed/);
    }
  });

  it("is anything after its sink failed", () => {
    let room = 2;
    const sink = {
      append: () => {
        room -= 1;
        if (room < 0) throw new Error("disk full");
      },
      seal: () => undefined,
    };
    const chain = new AuditChain({ origin: ORIGIN, sink, signers: [KEY], salt: SALT, blockRecords: 2 });
    fill(chain, 3);
    const failure = expect.objectContaining({
      code: "FAULT_IO",
      path: "auditChain.sink.append",
      value: "disk full",
    });
    expect(() => fill(chain, 1)).toThrowError(failure);
    room = 100;
    expect(chain.failure).toMatchObject({ code: "FAULT_IO" });
    for (const call of [() => fill(chain, 1), () => chain.save(), () => chain.seal()])
      expect(call).toThrowError(failure);
    expect(room).toBe(100);
  });

  it("is anything after a signer failed", () => {
    const broken = { verifierKey: KEY.verifierKey, sign: () => new Uint8Array(64) };
    const { chain } = keptChain({ signers: [broken] });
    fill(chain, 1);
    expect(() => chain.checkpoint()).toThrowError(expect.objectContaining({ code: "FAULT_IO" }));
    expect(() => fill(chain, 1)).toThrowError(expect.objectContaining({ code: "FAULT_IO" }));
  });

  it.each([
    ["origin", ""],
    ["origin", "another"],
    ["signers", []],
    ["salt", new Uint8Array(31)],
    ["leaves", "both"],
    ["blockRecords", 0],
    ["blockRecords", 65],
    ["checkpointBlocks", 0],
    ["checkpointNs", 0],
    ["anchorNs", Number.NaN],
    ["sink", {}],
    ["anchor", {}],
    ["colour", "red"],
  ])("are wrong options: %s", (field, value) => {
    const sink = { append: () => undefined, seal: () => undefined };
    const options = { origin: ORIGIN, sink, signers: [KEY], salt: SALT, [field]: value };
    expect(() => new AuditChain(options as AuditChainOptions)).toThrowError(
      expect.objectContaining({ code: "FAULT_CONFIG" }),
    );
  });
});

describe("a log of several segments", () => {
  it("goes on where the one before ended", () => {
    const { segments, state } = keptLog([70, 0, 5], { blockRecords: 16 });
    expect(state).toMatchObject({ segment: 2, nextSeq: 76, isSealed: true });
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    const verdict = verify(segments, {}, 97);
    expect(verdict).toMatchObject({ ok: true, segments: 3, records: 75, proved: { fromSeq: 1, toSeq: 75 } });
    expect(verdict.state).toEqual(state);
    const late = segments.slice(2);
    expect(verify(late, { part: true })).toMatchObject({ ok: true, proved: { fromSeq: 71, toSeq: 75 } });
    expect(verify(late)).toMatchObject({
      ok: false,
      beginning: "missing",
      problem: { code: "AUDIT_BEGINNING_MISSING", segment: 0, offset: 0, fromSeq: 1, toSeq: 70 },
      proved: { fromSeq: 71, toSeq: 75 },
    });
  });

  it.each([
    ["version", 2],
    ["origin", "another"],
    ["leaves", "record"],
    ["segment", -1],
    ["nextSeq", 0],
    ["tip", "00"],
    ["checkpointHash", "x"],
    ["lastTsNs", 5],
    ["rotations", "none"],
    ["isSealed", 1],
    ["tornBytes", -1],
    ["tree", { version: 1, size: 1, peaks: [] }],
  ])("does not go on from a state with another %s", (field, value) => {
    const { state } = keptLog([3]);
    expect(() => keptChain({ state: { ...state, [field]: value } as never })).toThrowError(
      expect.objectContaining({ code: "FAULT_INPUT" }),
    );
  });

  it("changes its key", () => {
    for (const leaves of ["block", "record"] as const) {
      const { chain, bytes } = keptChain({ blockRecords: 4, leaves });
      fill(chain, 6);
      const statement = chain.rotate(NEXT_KEY, "yearly", header(BASE_NS + 6_000n));
      fill(chain, 6);
      const state = chain.seal();
      expect(state.rotations).toEqual([statement]);
      const second = keptChain({ blockRecords: 4, leaves, state, signers: [NEXT_KEY], salt: SALT });
      fill(second.chain, 6);
      second.chain.seal();
      expect(verify([bytes(), second.bytes()])).toMatchObject({ ok: true, rotations: 1, records: 19 });
      const part = { rotations: [statement], part: true };
      expect(verify([second.bytes()], part)).toMatchObject({ ok: true, rotations: 1 });
      expect(verify([second.bytes()])).toMatchObject({
        ok: false,
        problem: { code: "AUDIT_CHECKPOINT_UNSIGNED" },
      });
    }
  });

  it("keeps its key where the change fails", () => {
    const { chain, bytes } = keptChain();
    fill(chain, 2);
    const elsewhere = AuditKey.fromSeed("example.com/other", new Uint8Array(32).fill(4));
    expect(() => chain.rotate(elsewhere, "no", header(BASE_NS + 9_000n))).toThrowError(/key named/);
    expect(() => chain.rotate(NEXT_KEY, "no", header(0n))).toThrowError(
      expect.objectContaining({ code: "FAULT_TIME" }),
    );
    fill(chain, 2);
    chain.seal();
    expect(verify([bytes()])).toMatchObject({ ok: true, rotations: 0, records: 4 });
  });
});

describe("an anchor", () => {
  const kept = (publish: (checkpoint: AnchoredCheckpoint) => Uint8Array | null) => {
    const anchor = { name: "tsa", publish };
    return keptChain({ anchor, anchorNs: 10_000, checkpointNs: 4_000 });
  };

  it("gets a checkpoint every so long, and its receipts are recorded", () => {
    const seen: AnchoredCheckpoint[] = [];
    const { chain, bytes } = kept((checkpoint) => {
      seen.push(checkpoint);
      return Uint8Array.of(7);
    });
    fill(chain, 30);
    chain.seal();
    const receipts = Array.from(
      scanRecords(bytes(), { types: ["anchorReceipt"], actor: "audit" }),
      ({ record }) => record.payload,
    );
    expect(receipts).toEqual(
      seen.map(({ treeSize, checkpointHash }) => ({
        treeSize,
        checkpointHash,
        anchor: "tsa",
        receipt: Uint8Array.of(7),
      })),
    );
    expect(seen.length).toBe(3);
    expect(verify([bytes()])).toMatchObject({ ok: true, unproved: null });
  });

  it("that fails is recorded, and stops nothing", () => {
    const { chain, bytes } = kept(() => {
      throw new Error("no route");
    });
    fill(chain, 6);
    chain.seal();
    const failures = Array.from(
      scanRecords(bytes(), { types: ["anchorFailed"], actor: "audit" }),
      ({ record }) => record.payload,
    );
    expect(failures).toMatchObject([{ message: "no route" }]);
    expect(verify([bytes()])).toMatchObject({ ok: true, unproved: null });
  });

  it("that answers later leaves the receipt to the caller; one too long is a failure", () => {
    const later = kept(() => null);
    fill(later.chain, 6);
    later.chain.seal();
    expect(
      Array.from(scanRecords(later.bytes(), { types: ["anchorReceipt", "anchorFailed"], actor: "audit" })),
    ).toEqual([]);
    const long = kept(() => new Uint8Array(40_000));
    fill(long.chain, 6);
    long.chain.seal();
    expect(Array.from(scanRecords(long.bytes(), { types: ["anchorFailed"], actor: "audit" })).length).toBe(1);
  });
});

function isRefusalLike(value: { readonly ok: boolean }): value is { ok: false; message: string } {
  return !value.ok;
}
