import { Fault, type Refusal, refuse } from "../base/index.ts";
import { decodeBase64, encodeBase64, isKeyName, KEY_NAME, VerifierKey } from "./verifier-key.ts";

/** Every code a note or its key can be refused with, in order of precedence. */
export const NOTE_REFUSALS = [
  "NOTE_KEY_INVALID",
  "NOTE_MALFORMED",
  "NOTE_SIGNATURE_INVALID",
  "NOTE_UNVERIFIED",
] as const;

/** A code a note is refused with. */
export type NoteRefusalCode = (typeof NOTE_REFUSALS)[number];

/** One signature line of a note, checked or not. */
export interface NoteSignature {
  readonly name: string;
  /** @shape 8 hex digits */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A note taken apart: nothing in it is to be believed yet. */
export interface ParsedNote {
  readonly ok: true;
  /** What was signed, up to and with its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note that at least one known key signed. */
export interface OpenedNote {
  readonly ok: true;
  readonly text: string;
  /** Signatures of known keys, all good, one for each key. */
  readonly verified: readonly NoteSignature[];
  /** Signatures of other keys, of which nothing is known. */
  readonly unknown: readonly NoteSignature[];
}

/** Whoever signs: a key in this process, or a device that holds one. */
export interface Signer {
  readonly verifierKey: VerifierKey;
  /** The Ed25519 signature of a message. @shape 64 bytes */
  sign(message: Uint8Array): Uint8Array;
}

const SIGNATURES_MAX = 100;
const NOTE_BYTES_MAX = 1_000_000;
const MARK = "\u2014 ";
const KEY_ID_BYTES = 4;

/**
 * Signs a text and gives the note: the text, a blank line and a line for each signer.
 *
 * @throws `FAULT_INPUT` for a text no note may have (empty, without a newline at its end, control characters,
 * half of a surrogate pair), no signer, or two of the same name and id; `FAULT_INVARIANT` where a signer's
 * signature is not one of its key.
 * @example
 * ```ts
 * import { AuditKey, openNote, signNote } from "tickwright/audit";
 * const key = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * const note = signNote("limits reviewed\n", [key]);
 * note.split("\n")[0]; // => 'limits reviewed'
 * openNote(note, [key.verifierKey]).ok; // => true
 * openNote(note.replace("reviewed", "ignored"), [key.verifierKey]).ok; // => false
 * ```
 * @source C2SP signed-note
 */
export function signNote(text: string, signers: readonly Signer[]): string {
  const message = noteMessage(text);
  const signatures = signers.map((signer) => {
    const { name, keyId } = signer.verifierKey;
    const signature = signer.sign(message);
    if (signer.verifierKey.verify(message, signature)) return { name, keyId, signature };
    const expected = `a signature by ${name}+${keyId}`;
    throw new Fault("FAULT_INVARIANT", { path: "signer.sign", value: "another", expected });
  });
  return composeNote(text, signatures);
}

/**
 * The bytes that a signer of a text signs; for signers that answer later, together with {@link composeNote}.
 *
 * @throws `FAULT_INPUT` for a text no note may have.
 */
export function noteMessage(text: string): Uint8Array {
  const wrong = findTextTrouble(text);
  if (wrong !== undefined) throw new Fault("FAULT_INPUT", { path: "text", value: text, expected: wrong });
  return new TextEncoder().encode(text);
}

/**
 * Puts a text and signatures of it together; also adds those of witnesses to a note taken apart.
 *
 * @throws `FAULT_INPUT` for a text or a signature no note may have, none, more than 100, or two of one key.
 */
export function composeNote(text: string, signatures: readonly NoteSignature[]): string {
  noteMessage(text);
  const keys = new Set<string>();
  const lines = signatures.map((each, i) => {
    const path = `signatures[${i}]`;
    if (!isKeyName(each.name)) {
      throw new Fault("FAULT_INPUT", { path: `${path}.name`, value: each.name, expected: KEY_NAME });
    }
    if (!/^[0-9a-f]{8}$/.test(each.keyId) || keys.has(keyOf(each))) {
      const expected = "8 hex digits, of every key once";
      throw new Fault("FAULT_INPUT", { path: `${path}.keyId`, value: each.keyId, expected });
    }
    if (each.signature.length === 0) {
      throw new Fault("FAULT_INPUT", {
        path: `${path}.signature`,
        value: "0 bytes",
        expected: "a signature",
      });
    }
    keys.add(keyOf(each));
    return `${MARK}${each.name} ${encodeBase64(Buffer.concat([Buffer.from(each.keyId, "hex"), each.signature]))}\n`;
  });
  if (lines.length < 1 || lines.length > SIGNATURES_MAX) {
    const expected = `1 to ${SIGNATURES_MAX}`;
    throw new Fault("FAULT_INPUT", { path: "signatures.length", value: lines.length, expected });
  }
  return `${text}\n${lines.join("")}`;
}

/**
 * Takes a note apart without believing anything in it.
 *
 * @refuses `NOTE_MALFORMED` with the line, and where it helps the column, both from 1: bytes that are no UTF-8,
 * control characters, no blank line before the signatures, a signature line of another form, base64 that is not
 * exact, more than 100 signatures, more than 1 000 000 bytes.
 */
export function parseNote(note: string | Uint8Array): ParsedNote | Refusal<"NOTE_MALFORMED"> {
  const whole = decodeNote(note);
  if (typeof whole !== "string") return whole;
  const blank = whole.lastIndexOf("\n\n");
  if (blank < 0) return refuseNote("note", "no blank line", "a text, a blank line and signature lines");
  const text = whole.slice(0, blank + 1);
  const below = whole.slice(blank + 2);
  const firstLine = text.split("\n").length + 1;
  if (below === "") return refuseNote(`line ${firstLine}`, "the end", "a signature line");
  const lines = below.split("\n");
  const last = lines.pop();
  if (last !== "")
    return refuseNote(`line ${firstLine + lines.length}`, last, "a line that ends with a newline");
  if (lines.length > SIGNATURES_MAX) {
    return refuseNote(
      `line ${firstLine + SIGNATURES_MAX}`,
      lines.length,
      `at most ${SIGNATURES_MAX} signatures`,
    );
  }
  const signatures: NoteSignature[] = [];
  for (const [i, line] of lines.entries()) {
    const signature = parseSignature(line, firstLine + i);
    if ("ok" in signature) return signature;
    signatures.push(signature);
  }
  return { ok: true, text, signatures };
}

/**
 * Opens a note with the keys that are trusted. Signatures of other keys are passed over; one bad signature of a
 * trusted key refuses the whole note. Of several signatures of one key the first counts.
 *
 * @refuses In this order: `NOTE_MALFORMED`, `NOTE_SIGNATURE_INVALID`, `NOTE_UNVERIFIED`.
 * @throws `FAULT_INPUT` for no keys, or two of one name and id.
 * @cost One Ed25519 verification for each known key that signed.
 * @source C2SP signed-note
 */
export function openNote(
  note: string | Uint8Array,
  keys: readonly VerifierKey[],
): OpenedNote | Refusal<NoteRefusalCode> {
  const known = keyTable(keys);
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const message = new TextEncoder().encode(parsed.text);
  const verified: NoteSignature[] = [];
  const unknown: NoteSignature[] = [];
  const seen = new Set<string>();
  for (const each of parsed.signatures) {
    const key = known.get(keyOf(each));
    if (key === undefined) {
      unknown.push(each);
    } else if (!seen.has(keyOf(each))) {
      seen.add(keyOf(each));
      if (!key.verify(message, each.signature)) {
        return refuse(
          "NOTE_SIGNATURE_INVALID",
          "signature",
          keyOf(each),
          "a signature of this text by that key",
        );
      }
      verified.push(each);
    }
  }
  if (verified.length > 0) return { ok: true, text: parsed.text, verified, unknown };
  const expected = `one by ${keys.map((key) => keyOf(key)).join(" or ")}`;
  return refuse("NOTE_UNVERIFIED", "signatures", unknown.map((each) => keyOf(each)).join(", "), expected);
}

function keyTable(keys: readonly VerifierKey[]): Map<string, VerifierKey> {
  const known = new Map<string, VerifierKey>();
  for (const [i, key] of keys.entries()) {
    if (!(key instanceof VerifierKey) || known.has(keyOf(key))) {
      const expected = "a VerifierKey, every name and id once";
      throw new Fault("FAULT_INPUT", { path: `keys[${i}]`, value: String(key), expected });
    }
    known.set(keyOf(key), key);
  }
  if (known.size > 0) return known;
  throw new Fault("FAULT_INPUT", { path: "keys", value: [], expected: "at least one trusted key" });
}

function keyOf(key: { readonly name: string; readonly keyId: string }): string {
  return `${key.name}+${key.keyId}`;
}

function decodeNote(note: string | Uint8Array): string | Refusal<"NOTE_MALFORMED"> {
  // A character takes at least one byte, so a longer text needs no counting.
  const bytes =
    typeof note === "string" && note.length <= NOTE_BYTES_MAX ? Buffer.byteLength(note) : note.length;
  if (bytes > NOTE_BYTES_MAX) return refuseNote("note", `${bytes} bytes`, `at most ${NOTE_BYTES_MAX}`);
  const text = typeof note === "string" ? note : decodeUtf8(note);
  if (!text?.isWellFormed()) return refuseNote("note", "bytes that are not", "UTF-8");
  for (let i = 0, line = 1, start = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0a) {
      line++;
      start = i + 1;
    } else if (code < 0x20) {
      return refuseNote(`line ${line} column ${i - start + 1}`, text[i], "no control character");
    }
  }
  return text;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is wrong with a text that is to become a note, as what was expected of it. */
function findTextTrouble(text: unknown): string | undefined {
  if (typeof text !== "string" || !text.endsWith("\n")) return "a text that ends with a newline";
  if (!text.isWellFormed()) return "well-formed Unicode";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return "no control character but newlines";
  }
  return Buffer.byteLength(text) <= NOTE_BYTES_MAX / 2 ? undefined : `at most ${NOTE_BYTES_MAX / 2} bytes`;
}

function parseSignature(line: string, lineNo: number): NoteSignature | Refusal<"NOTE_MALFORMED"> {
  if (!line.startsWith(MARK)) return refuseNote(`line ${lineNo} column 1`, line, "an em dash and a space");
  const gap = line.indexOf(" ", MARK.length);
  const name = line.slice(MARK.length, gap);
  if (gap < 0 || !isKeyName(name)) {
    return refuseNote(`line ${lineNo} column ${MARK.length + 1}`, line, `${KEY_NAME}, and a space`);
  }
  const bytes = decodeBase64(line.slice(gap + 1));
  if (bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    const expected = "exact base64 of a key id and a signature";
    return refuseNote(`line ${lineNo} column ${gap + 2}`, line.slice(gap + 1), expected);
  }
  const keyId = Buffer.from(bytes.subarray(0, KEY_ID_BYTES)).toString("hex");
  return { name, keyId, signature: bytes.slice(KEY_ID_BYTES) };
}

function refuseNote(place: string, value: unknown, expected: string): Refusal<"NOTE_MALFORMED"> {
  return refuse("NOTE_MALFORMED", place, value, expected);
}
