import { Fault, type Refusal, refuse } from "../base/index.ts";
import {
  type CheckpointRefusalCode,
  type OpenedCheckpoint,
  openCheckpoint,
  parseTreeHead,
} from "./checkpoint.ts";
import { checkCount } from "./merkle-hash.ts";
import { type NoteRefusalCode, openNote, parseNote, type Signer, signNote } from "./signed-note.ts";
import { hasControl, parseVerifierKey, VerifierKey } from "./verifier-key.ts";

/** Every code a change of keys can be refused with, beside those of its note, in order of precedence. */
export const KEY_REFUSALS = [
  "KEY_ROTATION_MALFORMED",
  "KEY_ROTATION_OUT_OF_ORDER",
  "KEY_ROTATION_UNSIGNED",
  "KEY_REUSED",
] as const;

/** A code a change of keys is refused with. */
export type KeyRefusalCode = (typeof KEY_REFUSALS)[number];

/** What a rotation says, apart from its two keys. */
export interface RotationTerms {
  /** Which rotation of the log this is, from 1. */
  readonly number: number;
  /** Checkpoints of at least this many records bear the new key's signature, smaller ones the old key's. */
  readonly fromSize: number;
  /** @units ns since the Unix epoch */
  readonly tsNs: bigint;
  /** Why, on one line. */
  readonly reason: string;
}

/** A rotation as it was signed. */
export interface Rotation extends RotationTerms {
  readonly from: VerifierKey;
  readonly to: VerifierKey;
}

const TITLE = "tickwright audit key rotation v1";

/**
 * Hands a log over from one key to the next: a note that the old key signs as the authority, and the new one to
 * show that it exists. It belongs into the log as a record.
 *
 * @throws `FAULT_INPUT` for keys of two names, one key twice, or a term that is none.
 * @example
 * ```ts
 * import { AuditKey, isKeyChain, signRotation, verifyKeyChain } from "tickwright/audit";
 * const old = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const next = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(8));
 * const terms = { number: 1, fromSize: 5_000, tsNs: 1_732_187_000_000_000_000n, reason: "yearly" };
 * const chain = verifyKeyChain(old.verifierKey, [signRotation(old, next, terms)]);
 * isKeyChain(chain) && chain.keyAt(4_999).keyId === old.keyId; // => true
 * isKeyChain(chain) && chain.keyAt(5_000).keyId === next.keyId; // => true
 * ```
 */
export function signRotation(from: Signer, to: Signer, terms: RotationTerms): string {
  const { number, fromSize, tsNs, reason } = terms;
  const [old, next] = [from.verifierKey, to.verifierKey];
  if (old.name !== next.name || old.text === next.text) {
    throw new Fault("FAULT_INPUT", {
      path: "to",
      value: next.text,
      expected: `another key named ${old.name}`,
    });
  }
  checkCount("number", number, 1, Number.MAX_SAFE_INTEGER);
  checkCount("fromSize", fromSize, 0, Number.MAX_SAFE_INTEGER);
  if (typeof tsNs !== "bigint" || BigInt.asIntN(64, tsNs) !== tsNs) {
    throw new Fault("FAULT_INPUT", { path: "tsNs", value: tsNs, expected: "a bigint of 64 bits" });
  }
  if (typeof reason !== "string" || reason === "" || hasControl(reason)) {
    throw new Fault("FAULT_INPUT", { path: "reason", value: reason, expected: "one line that is not empty" });
  }
  const lines = [`number ${number}`, `from ${old.text}`, `to ${next.text}`];
  lines.push(`size ${fromSize}`, `time ${tsNs}`, `reason ${reason}`);
  return signNote(`${TITLE}\n${lines.join("\n")}\n`, [from, to]);
}

/**
 * Reads the text of a rotation; nothing in it is to be believed before {@link verifyKeyChain}.
 *
 * @refuses `KEY_ROTATION_MALFORMED`, `NOTE_KEY_INVALID`.
 */
export function parseRotation(text: string): Rotation | Refusal<KeyRefusalCode | NoteRefusalCode> {
  const match = ROTATION.exec(text);
  if (match === null) return refuse("KEY_ROTATION_MALFORMED", "text", text, `the seven lines of "${TITLE}"`);
  const [, numberText, fromText = "", toText = "", sizeText, timeText = "", reason = ""] = match;
  const from = parseVerifierKey(fromText);
  if (!(from instanceof VerifierKey)) return from;
  const to = parseVerifierKey(toText);
  if (!(to instanceof VerifierKey)) return to;
  const [number, fromSize, tsNs] = [Number(numberText), Number(sizeText), BigInt(timeText)];
  if (!Number.isSafeInteger(number) || !Number.isSafeInteger(fromSize) || BigInt.asIntN(64, tsNs) !== tsNs) {
    return refuse("KEY_ROTATION_MALFORMED", "text", text, "number and size below 2^53, time in 64 bits");
  }
  return { number, fromSize, tsNs, reason, from, to };
}

const ROTATION = new RegExp(
  `^${TITLE}\nnumber ([1-9][0-9]*)\nfrom ([^\n]+)\nto ([^\n]+)\nsize (0|[1-9][0-9]*)\n` +
    "time (0|-?[1-9][0-9]{0,18})\nreason ([^\n]+)\n$",
);

/**
 * Follows a log's keys from the first, which is trusted, through its rotations in their order.
 *
 * What it cannot find: a rotation signed by whoever stole the key that was current. Anchor rotations like
 * checkpoints.
 *
 * @refuses For each rotation in this order: `NOTE_MALFORMED`, `KEY_ROTATION_MALFORMED`, `NOTE_KEY_INVALID`,
 * `KEY_ROTATION_OUT_OF_ORDER` (number, old key, name or size do not follow), `KEY_REUSED`,
 * `NOTE_SIGNATURE_INVALID`, `NOTE_UNVERIFIED`, `KEY_ROTATION_UNSIGNED` (one of both signatures is missing).
 */
export function verifyKeyChain(
  first: VerifierKey,
  rotations: readonly (string | Uint8Array)[],
): KeyChain | Refusal<KeyRefusalCode | NoteRefusalCode> {
  const terms: KeyTerm[] = [{ key: first, fromSize: 0 }];
  for (const [i, note] of rotations.entries()) {
    const current = terms[terms.length - 1] as KeyTerm;
    const parsed = parseNote(note);
    if (!parsed.ok) return parsed;
    const rotation = parseRotation(parsed.text);
    if ("code" in rotation) return rotation;
    const { from, to, number, fromSize } = rotation;
    const follows = number === i + 1 && from.text === current.key.text && fromSize >= current.fromSize;
    if (!follows || to.name !== first.name) {
      const expected = `number ${i + 1} from ${current.key.text} at size ${current.fromSize} or later`;
      return refuse("KEY_ROTATION_OUT_OF_ORDER", `rotations[${i}]`, parsed.text, expected);
    }
    if (terms.some(({ key }) => key.text === to.text)) {
      return refuse("KEY_REUSED", `rotations[${i}]`, to.text, "a key that was not used before");
    }
    const opened = openNote(note, [from, to]);
    if (!opened.ok) return opened;
    if (opened.verified.length !== 2) {
      const expected = `signatures of ${from.keyId} and ${to.keyId}`;
      const found = opened.verified.map((each) => each.keyId).join(", ");
      return refuse("KEY_ROTATION_UNSIGNED", `rotations[${i}]`, found, expected);
    }
    terms.push({ key: to, fromSize });
  }
  return new KeyChain(terms);
}

/** A key and the size of the log from which it signs. */
export interface KeyTerm {
  readonly key: VerifierKey;
  readonly fromSize: number;
}

/**
 * The keys of one log, each with the sizes it signs for. {@link verifyKeyChain} makes it.
 *
 * @invariant A key that was handed over opens no checkpoint from the size of its successor on.
 */
export class KeyChain {
  /** Oldest first. */
  readonly terms: readonly KeyTerm[];

  constructor(terms: readonly KeyTerm[]) {
    if (terms.length === 0 || terms[0]?.fromSize !== 0) {
      throw new Fault("FAULT_INPUT", {
        path: "terms",
        value: terms.length,
        expected: "a first key from size 0",
      });
    }
    this.terms = Object.freeze(terms.map((term) => Object.freeze({ ...term })));
  }

  /** The key that signs now. */
  get current(): VerifierKey {
    return (this.terms[this.terms.length - 1] as KeyTerm).key;
  }

  /** The key that signs checkpoints of this many records. */
  keyAt(size: number): VerifierKey {
    checkCount("size", size, 0, Number.MAX_SAFE_INTEGER);
    const term = this.terms.findLast(({ fromSize }) => size >= fromSize);
    return (term as KeyTerm).key;
  }

  /**
   * Opens a checkpoint of this log with the key of its size.
   *
   * @refuses What {@link openCheckpoint} does; a key that is not the size's is one that is not known.
   */
  openCheckpoint(
    note: string | Uint8Array,
  ): OpenedCheckpoint | Refusal<NoteRefusalCode | CheckpointRefusalCode> {
    const parsed = parseNote(note);
    if (!parsed.ok) return parsed;
    const head = parseTreeHead(parsed.text);
    if ("code" in head) return head;
    const key = this.keyAt(head.size);
    return openCheckpoint(note, key.name, [key]);
  }
}

/** Tells a chain of keys from the refusal of one. */
export function isKeyChain(value: unknown): value is KeyChain {
  return value instanceof KeyChain;
}
