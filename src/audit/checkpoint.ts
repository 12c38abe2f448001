import { hash } from "node:crypto";
import { Fault, isRefusal, type Refusal, refuse } from "../base/index.ts";
import { checkCount, checkHash, MERKLE_HASH_BYTES } from "./merkle-hash.ts";
import { type NoteRefusalCode, type NoteSignature, openNote, type Signer, signNote } from "./signed-note.ts";
import { decodeBase64, encodeBase64, isKeyName, KEY_NAME, type VerifierKey } from "./verifier-key.ts";

/** What a clock can say of itself at a checkpoint. */
export const CLOCK_STATUSES = [
  "locked",
  "degraded",
  "holdover",
  "outOfTolerance",
  "unsynchronized",
  "stepped",
  "unknown",
] as const;

/** What a clock says of itself. */
export type ClockStatus = (typeof CLOCK_STATUSES)[number];

/** Every code the text of a checkpoint can be refused with, beside those of its note, in order of precedence. */
export const CHECKPOINT_REFUSALS = [
  "CHECKPOINT_MALFORMED",
  "CHECKPOINT_ORIGIN_DIFFERS",
  "CHECKPOINT_SIGNER_DIFFERS",
  "CHECKPOINT_TRUNCATED",
  "CHECKPOINT_FORKED",
  "CHECKPOINT_LINK_BROKEN",
  "CHECKPOINT_TIME_BACKWARDS",
] as const;

/** A code a checkpoint is refused with. */
export type CheckpointRefusalCode = (typeof CHECKPOINT_REFUSALS)[number];

/** The head of any transparency log: its name, its size and its root. */
export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  /** @shape 32 bytes */
  readonly root: Uint8Array;
  /** Lines after the root, of which the format says nothing. */
  readonly extensions: readonly string[];
}

/** The head of an audit log and when it was made. */
export interface Checkpoint {
  /** The name of the log; also the name of the key that signs it. */
  readonly origin: string;
  /** How many records the tree holds. */
  readonly size: number;
  /** The Merkle root over them. @shape 32 bytes */
  readonly root: Uint8Array;
  /** @units ns since the Unix epoch */
  readonly tsNs: bigint;
  readonly clock: ClockStatus;
  /** How far `tsNs` may be off. @units ns */
  readonly clockUncertaintyNs: number;
  /** {@link checkpointHash} of the checkpoint before, `null` for the first. @shape 32 bytes */
  readonly previous: Uint8Array | null;
  /** The hash of the last record's link in the chain. @shape 32 bytes */
  readonly chainHead: Uint8Array;
}

/** A checkpoint whose signature by its origin is good. */
export interface OpenedCheckpoint {
  readonly ok: true;
  readonly checkpoint: Checkpoint;
  /** {@link checkpointHash} of its text. @shape 32 bytes */
  readonly hash: Uint8Array;
  readonly verified: readonly NoteSignature[];
  readonly unknown: readonly NoteSignature[];
}

const UNCERTAINTY_NS_MAX = 4_294_967_295;
const DECIMAL = /^(?:0|[1-9][0-9]*)$/;
const SIGNED_DECIMAL = /^(?:0|-?[1-9][0-9]{0,18})$/;

/**
 * Writes a checkpoint as the text that is signed: origin, size, root, then our four lines `time`, `clock`,
 * `previous` and `chain`.
 *
 * @throws `FAULT_INPUT` naming the field that no checkpoint has.
 * @source C2SP tlog-checkpoint, "Note text"
 */
export function checkpointText(checkpoint: Checkpoint): string {
  const { origin, size, root, tsNs, clock, clockUncertaintyNs, previous, chainHead } = checkpoint;
  if (!isKeyName(origin))
    throw new Fault("FAULT_INPUT", { path: "origin", value: origin, expected: KEY_NAME });
  if (typeof tsNs !== "bigint" || BigInt.asIntN(64, tsNs) !== tsNs) {
    throw new Fault("FAULT_INPUT", { path: "tsNs", value: tsNs, expected: "a bigint of 64 bits" });
  }
  if (!CLOCK_STATUSES.includes(clock)) {
    const expected = `one of ${CLOCK_STATUSES.join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "clock", value: clock, expected });
  }
  checkCount("size", size, 0, Number.MAX_SAFE_INTEGER);
  checkCount("clockUncertaintyNs", clockUncertaintyNs, 0, UNCERTAINTY_NS_MAX);
  const link = previous === null ? "none" : encodeBase64(checkHash("previous", previous));
  return [
    origin,
    size,
    encodeBase64(checkHash("root", root)),
    `time ${tsNs}`,
    `clock ${clock} ${clockUncertaintyNs}`,
    `previous ${link}`,
    `chain ${encodeBase64(checkHash("chainHead", chainHead))}`,
    "",
  ].join("\n");
}

/**
 * The hash that the next checkpoint names as its `previous`: SHA-256 of the text, without signatures, so that
 * witnesses may add theirs later.
 */
export function checkpointHash(text: string): Uint8Array {
  return Uint8Array.from(hash("sha256", text, "binary"), (character) => character.charCodeAt(0));
}

/**
 * Signs a checkpoint; the first signer bears the name of the origin, others may be witnesses.
 *
 * @throws `FAULT_INPUT` for a field that no checkpoint has, or a first signer of another name.
 * @example
 * ```ts
 * import { AuditKey, merkleEmptyRoot, openCheckpoint, signCheckpoint } from "tickwright/audit";
 * const key = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const root = merkleEmptyRoot();
 * const at = { tsNs: 1_732_187_000_000_000_000n, clock: "locked", clockUncertaintyNs: 250 } as const;
 * const note = signCheckpoint({ origin: key.name, size: 0, root, ...at, previous: null, chainHead: root }, [key]);
 * note.split("\n")[4]; // => 'clock locked 250'
 * const opened = openCheckpoint(note, "example.com/desk", [key.verifierKey]);
 * opened.ok && opened.checkpoint.size; // => 0
 * ```
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[]): string {
  const text = checkpointText(checkpoint);
  const name = signers[0]?.verifierKey.name;
  if (name === checkpoint.origin) return signNote(text, signers);
  throw new Fault("FAULT_INPUT", { path: "signers[0].name", value: name, expected: checkpoint.origin });
}

/**
 * Opens a signed checkpoint of one log with the keys that are trusted.
 *
 * @refuses In this order: `NOTE_MALFORMED`, `NOTE_SIGNATURE_INVALID`, `NOTE_UNVERIFIED`, `CHECKPOINT_MALFORMED`,
 * `CHECKPOINT_ORIGIN_DIFFERS`, `CHECKPOINT_SIGNER_DIFFERS` (no good signature by a key of the origin's name).
 * @throws `FAULT_INPUT` for no keys, or two of one name and id.
 */
export function openCheckpoint(
  note: string | Uint8Array,
  origin: string,
  keys: readonly VerifierKey[],
): OpenedCheckpoint | Refusal<NoteRefusalCode | CheckpointRefusalCode> {
  const opened = openNote(note, keys);
  if (!opened.ok) return opened;
  const { text, verified, unknown } = opened;
  const checkpoint = parseCheckpoint(text);
  if (isRefusal(checkpoint)) return checkpoint as Refusal<CheckpointRefusalCode>;
  if (checkpoint.origin !== origin) {
    return refuse("CHECKPOINT_ORIGIN_DIFFERS", "origin", checkpoint.origin, origin);
  }
  if (verified.every((each) => each.name !== origin)) {
    const names = verified.map((each) => each.name).join(", ");
    return refuse("CHECKPOINT_SIGNER_DIFFERS", "signatures", names, `one by a key named ${origin}`);
  }
  return { ok: true, checkpoint, hash: checkpointHash(text), verified, unknown };
}

/**
 * Reads the head of any transparency log, its further lines as they stand.
 *
 * @refuses `CHECKPOINT_MALFORMED` with the line, from 1.
 * @source C2SP tlog-checkpoint, "Note text"
 */
export function parseTreeHead(text: string): TreeHead | Refusal<"CHECKPOINT_MALFORMED"> {
  const lines = text.split("\n");
  if (lines.pop() !== "") return refuseLine(lines.length + 1, text.slice(-20), "a newline at its end");
  const [origin = "", sizeText = "", rootText = "", ...extensions] = lines;
  const empty = [origin, sizeText, rootText, ...extensions].indexOf("");
  if (empty >= 0) return refuseLine(empty + 1, "", "a line that is not empty");
  const size = Number(sizeText);
  if (!DECIMAL.test(sizeText) || !Number.isSafeInteger(size)) {
    return refuseLine(2, sizeText, "a decimal size up to 2^53 - 1 without leading zeros");
  }
  const root = decodeHash(rootText);
  if (root === undefined) return refuseLine(3, rootText, "exact base64 of 32 bytes");
  return { origin, size, root, extensions };
}

/**
 * Reads the text of a checkpoint of ours; nothing in it is to be believed before its note was opened.
 *
 * @invariant `checkpointText` of what it gives is the same text again.
 * @refuses `CHECKPOINT_MALFORMED` with the line, from 1.
 */
export function parseCheckpoint(text: string): Checkpoint | Refusal<"CHECKPOINT_MALFORMED"> {
  const head = parseTreeHead(text);
  if ("code" in head) return head;
  const { origin, size, root, extensions } = head;
  if (!isKeyName(origin)) return refuseLine(1, origin, KEY_NAME);
  const [timeLine = "", clockLine = "", previousLine = "", chainLine = "", extra] = extensions;
  const time = timeLine.startsWith("time ") ? timeLine.slice(5) : "";
  const tsNs = SIGNED_DECIMAL.test(time) ? BigInt(time) : undefined;
  if (tsNs === undefined || BigInt.asIntN(64, tsNs) !== tsNs) {
    return refuseLine(4, timeLine, "time and the nanoseconds since 1970 in 64 bits");
  }
  const [word, clock = "", uncertainty = "", more] = clockLine.split(" ");
  const clockUncertaintyNs = Number(uncertainty);
  const isNs = DECIMAL.test(uncertainty) && clockUncertaintyNs <= UNCERTAINTY_NS_MAX;
  if (word !== "clock" || !isClockStatus(clock) || !isNs || more !== undefined) {
    return refuseLine(5, clockLine, "clock, its status and its uncertainty in nanoseconds");
  }
  const previous = previousLine === "previous none" ? null : decodeHash(previousLine.slice(9));
  if (!previousLine.startsWith("previous ") || previous === undefined) {
    return refuseLine(6, previousLine, "previous and none, or exact base64 of 32 bytes");
  }
  const chainHead = decodeHash(chainLine.slice(6));
  if (!chainLine.startsWith("chain ") || chainHead === undefined) {
    return refuseLine(7, chainLine, "chain and exact base64 of 32 bytes");
  }
  if (extra !== undefined) return refuseLine(8, extra, "the end");
  return { origin, size, root, tsNs, clock, clockUncertaintyNs, previous, chainHead };
}

function isClockStatus(word: string): word is ClockStatus {
  return (CLOCK_STATUSES as readonly string[]).includes(word);
}

function decodeHash(text: string): Uint8Array | undefined {
  const bytes = decodeBase64(text);
  return bytes?.length === MERKLE_HASH_BYTES ? bytes : undefined;
}

function refuseLine(line: number, value: unknown, expected: string): Refusal<"CHECKPOINT_MALFORMED"> {
  return refuse("CHECKPOINT_MALFORMED", `line ${line}`, value, expected);
}
