import { describe, expect, it } from "vitest";
import { AuditKey } from "../../src/audit/audit-key.ts";
import {
  CHECKPOINT_REFUSALS,
  type Checkpoint,
  CLOCK_STATUSES,
  checkpointHash,
  checkpointText,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseTreeHead,
  signCheckpoint,
} from "../../src/audit/checkpoint.ts";
import { verifyGrowth, verifySuccession } from "../../src/audit/checkpoint-succession.ts";
import { merkleEmptyRoot } from "../../src/audit/merkle-hash.ts";
import { MerkleTree } from "../../src/audit/merkle-tree.ts";
import { signNote } from "../../src/audit/signed-note.ts";
import { sha256Hex } from "../../src/base/index.ts";
import { GO_HEAD } from "../fixtures/published-notes.ts";

const ORIGIN = "example.com/desk";
const key = AuditKey.fromSeed(ORIGIN, new Uint8Array(32).fill(7));
const witness = AuditKey.fromSeed("witness.example", new Uint8Array(32).fill(9));
const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

const tree = new MerkleTree();
for (let i = 0; i < 20; i++) tree.append(Uint8Array.of(i));

const FIRST: Checkpoint = {
  origin: ORIGIN,
  size: 5,
  root: tree.rootAt(5),
  tsNs: 1_732_187_000_123_456_789n,
  clock: "locked",
  clockUncertaintyNs: 250,
  previous: null,
  chainHead: fill(5),
};
const TEXT = checkpointText(FIRST);
const LINES = TEXT.split("\n");

/** The text with one line in another's place. */
function withLine(line: number, text: string): string {
  return LINES.with(line - 1, text).join("\n");
}

describe("the text of a checkpoint", () => {
  it("has three lines for everybody and four of ours", () => {
    expect(LINES).toEqual([
      "example.com/desk",
      "5",
      Buffer.from(tree.rootAt(5)).toString("base64"),
      "time 1732187000123456789",
      "clock locked 250",
      "previous none",
      `chain ${Buffer.from(fill(5)).toString("base64")}`,
      "",
    ]);
    const head = parseTreeHead(TEXT);
    expect(head).toEqual({ origin: ORIGIN, size: 5, root: tree.rootAt(5), extensions: LINES.slice(3, 7) });
  });

  it.each<Partial<Checkpoint>>([
    {},
    { size: 0, root: merkleEmptyRoot() },
    { size: Number.MAX_SAFE_INTEGER },
    { tsNs: 0n },
    { tsNs: -1n },
    { tsNs: 2n ** 63n - 1n },
    { tsNs: -(2n ** 63n) },
    { previous: fill(3) },
    { clockUncertaintyNs: 4_294_967_295 },
    ...CLOCK_STATUSES.map((clock) => ({ clock })),
  ])("is read back (%o)", (change) => {
    const checkpoint = { ...FIRST, ...change };
    expect(parseCheckpoint(checkpointText(checkpoint))).toEqual(checkpoint);
  });

  it.each([
    ["an origin with a space", { origin: "a b" }, "origin"],
    ["half a size", { size: 0.5 }, "size"],
    ["a root too short", { root: new Uint8Array(31) }, "root"],
    ["a time of 65 bits", { tsNs: 2n ** 63n }, "tsNs"],
    ["a time in a double", { tsNs: 1 }, "tsNs"],
    ["a clock that is none", { clock: "fine" }, "clock"],
    ["an uncertainty of 33 bits", { clockUncertaintyNs: 4_294_967_296 }, "clockUncertaintyNs"],
    ["a previous hash too long", { previous: new Uint8Array(33) }, "previous"],
    ["no previous hash", { previous: undefined }, "previous"],
    ["no chain", { chainHead: undefined }, "chainHead"],
  ])("is not made with %s", (_what, change, path) => {
    expect(() => checkpointText({ ...FIRST, ...change } as never)).toThrow(`FAULT_INPUT ${path}`);
  });

  it.each([
    ["an empty origin", withLine(1, ""), "line 1"],
    ["an origin with a space", withLine(1, "example desk"), "line 1"],
    ["a leading zero", withLine(2, "05"), "line 2"],
    ["a sign", withLine(2, "+5"), "line 2"],
    ["a size of 2^53", withLine(2, "9007199254740992"), "line 2"],
    ["a size in digits of another script", withLine(2, "٥"), "line 2"],
    ["a root of 31 bytes", withLine(3, Buffer.alloc(31).toString("base64")), "line 3"],
    ["a root without padding", withLine(3, (LINES[2] as string).replace("=", "")), "line 3"],
    ["no time", withLine(4, "at 5"), "line 4"],
    ["a time of 65 bits", withLine(4, "time 9223372036854775808"), "line 4"],
    ["a negative zero", withLine(4, "time -0"), "line 4"],
    ["a clock that is none", withLine(5, "clock fine 250"), "line 5"],
    ["a clock by the name of a property", withLine(5, "clock length 250"), "line 5"],
    ["another word for the clock", withLine(5, "clack locked 250"), "line 5"],
    ["no uncertainty", withLine(5, "clock locked"), "line 5"],
    ["an uncertainty of 33 bits", withLine(5, "clock locked 4294967296"), "line 5"],
    ["a word too many", withLine(5, "clock locked 250 ns"), "line 5"],
    ["another word for the link", withLine(6, "previously none"), "line 6"],
    ["another word of the same length for the link", withLine(6, `previouz ${LINES[2]}`), "line 6"],
    ["no link", withLine(6, "previous "), "line 6"],
    ["a link with a space too many", withLine(6, `previous  ${LINES[2]}`), "line 6"],
    ["no chain", withLine(7, "chain none"), "line 7"],
    ["another word for the chain", withLine(7, `chair ${LINES[2]}`), "line 7"],
    ["a line too many", `${TEXT}more\n`, "line 8"],
    ["an empty line", `${TEXT}\n`, "line 8"],
    ["a line too few", `${LINES.slice(0, 6).join("\n")}\n`, "line 7"],
    ["two lines", "a\n5\n", "line 3"],
    ["no newline at its end", TEXT.slice(0, -1), "line 7"],
    ["nothing", "", "line 1"],
  ])("is refused with %s, and the line is told", (_what, text, field) => {
    expect(parseCheckpoint(text)).toMatchObject({ ok: false, code: "CHECKPOINT_MALFORMED", field });
  });

  it("is hashed without signatures", () => {
    expect(Buffer.from(checkpointHash(TEXT)).toString("hex")).toBe(sha256Hex(TEXT));
  });

  it("of another log gives its head", () => {
    expect(parseTreeHead(`${GO_HEAD.split("\n\n")[0]}\n`)).toMatchObject({
      origin: "go.sum database tree",
      size: 30_055_305,
      extensions: [],
    });
  });
});

describe("a signed checkpoint", () => {
  const note = signCheckpoint(FIRST, [key, witness]);

  it("opens with its key, the witness known or not", () => {
    const opened = openCheckpoint(note, ORIGIN, [key.verifierKey]);
    expect(opened.ok && opened.checkpoint).toEqual(FIRST);
    expect(opened.ok && opened.hash).toEqual(checkpointHash(TEXT));
    expect(opened.ok && [opened.verified.length, opened.unknown.length]).toEqual([1, 1]);
    const both = openCheckpoint(Buffer.from(note), ORIGIN, [key.verifierKey, witness.verifierKey]);
    expect(both.ok && both.verified.length).toBe(2);
  });

  it("is refused after any change of a byte", () => {
    const bytes = new TextEncoder().encode(signCheckpoint(FIRST, [key]));
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.with(at, (bytes[at] as number) ^ 1);
      expect(openCheckpoint(changed, ORIGIN, [key.verifierKey]).ok, `byte ${at}`).toBe(false);
    }
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(openCheckpoint(bytes.subarray(0, cut), ORIGIN, [key.verifierKey]).ok, `cut at ${cut}`).toBe(
        false,
      );
    }
  });

  it.each([
    ["of another log", note, "example.com/other", [key], "CHECKPOINT_ORIGIN_DIFFERS"],
    ["by the witness alone", signNote(TEXT, [witness]), ORIGIN, [key, witness], "CHECKPOINT_SIGNER_DIFFERS"],
    ["by nobody known", note, ORIGIN, [AuditKey.fromSeed(ORIGIN, fill(1))], "NOTE_UNVERIFIED"],
    ["that is another text", signNote("5\n", [key]), ORIGIN, [key], "CHECKPOINT_MALFORMED"],
  ])("is refused %s", (_what, text, origin, keys, code) => {
    expect(
      openCheckpoint(
        text,
        origin,
        keys.map((each) => each.verifierKey),
      ),
    ).toMatchObject({ ok: false, code });
  });

  it("is signed first by its origin", () => {
    expect(() => signCheckpoint(FIRST, [witness, key])).toThrow("FAULT_INPUT signers[0].name");
    expect(() => signCheckpoint(FIRST, [])).toThrow("FAULT_INPUT signers[0].name");
  });
});

describe("one checkpoint after another", () => {
  const open = (checkpoint: Checkpoint): OpenedCheckpoint => {
    const signer = AuditKey.fromSeed(checkpoint.origin, fill(7));
    const opened = openCheckpoint(signCheckpoint(checkpoint, [signer]), checkpoint.origin, [
      signer.verifierKey,
    ]);
    if (opened.ok) return opened;
    throw new Error(opened.message);
  };
  const older = open(FIRST);
  const second: Checkpoint = {
    ...FIRST,
    size: 13,
    root: tree.rootAt(13),
    tsNs: FIRST.tsNs + 1_000_000_000n,
    previous: older.hash,
    chainHead: fill(13),
  };
  const proof = tree.consistencyProof(5, 13);

  it("holds", () => {
    const pair = { older, newer: open(second), proof };
    expect([verifyGrowth(pair), verifySuccession(pair)]).toEqual([{ ok: true }, { ok: true }]);
  });

  it("holds without new records", () => {
    const newer = open({ ...second, size: 5, root: FIRST.root, chainHead: FIRST.chainHead });
    expect(verifySuccession({ older, newer, proof: [] })).toEqual({ ok: true });
    expect(verifySuccession({ older, newer, proof })).toMatchObject({ code: "MERKLE_PROOF_LENGTH" });
  });

  it("holds after an empty log, which proves nothing", () => {
    const empty = open({ ...FIRST, size: 0, root: merkleEmptyRoot() });
    const newer = open({ ...second, previous: empty.hash });
    expect(verifySuccession({ older: empty, newer, proof: [] })).toEqual({ ok: true });
    expect(verifySuccession({ older: empty, newer, proof })).toMatchObject({ code: "MERKLE_PROOF_LENGTH" });
    const forged = open({ ...FIRST, size: 0 });
    const after = { older: forged, newer: open({ ...second, previous: forged.hash }), proof: [] };
    expect(verifySuccession(after)).toMatchObject({ code: "CHECKPOINT_FORKED", field: "root of no records" });
  });

  it.each<[string, Partial<Checkpoint>, string]>([
    ["another log", { origin: "example.com/other" }, "CHECKPOINT_ORIGIN_DIFFERS"],
    ["records cut off", { size: 4, root: tree.rootAt(4) }, "CHECKPOINT_TRUNCATED"],
    ["two roots of one size", { size: 5, root: fill(1) }, "CHECKPOINT_FORKED"],
    ["two chains of one size", { size: 5, root: FIRST.root, chainHead: fill(1) }, "CHECKPOINT_FORKED"],
    ["a record changed", { root: fill(1) }, "MERKLE_ROOT_DIFFERS"],
    ["a size of another shape", { size: 8, root: tree.rootAt(13) }, "MERKLE_PROOF_LENGTH"],
    ["another checkpoint between", { previous: fill(2) }, "CHECKPOINT_LINK_BROKEN"],
    ["no link", { previous: null }, "CHECKPOINT_LINK_BROKEN"],
    ["a time before", { tsNs: FIRST.tsNs - 501n }, "CHECKPOINT_TIME_BACKWARDS"],
  ])("is refused with %s", (_what, change, code) => {
    const answer = verifySuccession({ older, newer: open({ ...second, ...change }), proof });
    expect(answer).toMatchObject({ ok: false, code });
  });

  it.each<Partial<Checkpoint>>([
    { tsNs: FIRST.tsNs - 500n },
    { tsNs: FIRST.tsNs - 10_000n, clock: "stepped" },
    { tsNs: FIRST.tsNs - 10_000n, clock: "unknown" },
  ])("may go back in time as far as clocks are off (%o)", (change) => {
    expect(verifySuccession({ older, newer: open({ ...second, ...change }), proof })).toEqual({ ok: true });
  });

  it("may go back in time where the earlier clock was off", () => {
    const wrong = open({ ...FIRST, clock: "outOfTolerance" });
    const newer = open({ ...second, tsNs: FIRST.tsNs - 10_000n, previous: wrong.hash });
    expect(verifySuccession({ older: wrong, newer, proof })).toEqual({ ok: true });
  });

  it("grows over checkpoints between", () => {
    const last = open({ ...second, size: 20, root: tree.root(), previous: fill(4) });
    expect(verifyGrowth({ older, newer: last, proof: tree.consistencyProof(5) })).toEqual({ ok: true });
    expect(verifyGrowth({ older, newer: last, proof })).toMatchObject({ ok: false });
  });

  it("refuses by codes that are all listed", () => {
    expect(new Set(CHECKPOINT_REFUSALS).size).toBe(7);
  });
});
