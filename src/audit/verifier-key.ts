import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { Fault, type Refusal, refuse } from "../base/index.ts";

/** The byte that stands for Ed25519 in keys and key ids. */
const ED25519 = 0x01;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** What DER puts before the 32 bytes of an Ed25519 public key (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

/**
 * The public half of a key that signs notes: a name, an id made of the name and the key, and the key.
 *
 * @invariant `text` parses to an equal key, and `keyId` follows from name and key.
 * @source C2SP signed-note, "Signatures"; golang.org/x/mod/sumdb/note for the text
 */
export class VerifierKey {
  readonly name: string;
  /** The first four bytes of SHA-256 over name, newline, type and key. @shape 8 hex digits */
  readonly keyId: string;
  /** `name+id+base64`, as it stands in configuration. */
  readonly text: string;
  readonly #publicKey: Uint8Array;
  readonly #keyObject: KeyObject;

  /** @throws `FAULT_INPUT` for a name that is none, or a key that is not 32 bytes long. */
  constructor(name: string, publicKey: Uint8Array) {
    if (!isKeyName(name)) {
      throw new Fault("FAULT_INPUT", { path: "name", value: name, expected: KEY_NAME });
    }
    if (!(publicKey instanceof Uint8Array) || publicKey.length !== PUBLIC_KEY_BYTES) {
      const value = publicKey instanceof Uint8Array ? `${publicKey.length} bytes` : typeof publicKey;
      throw new Fault("FAULT_INPUT", { path: "publicKey", value, expected: "32 bytes" });
    }
    this.name = name;
    this.#publicKey = publicKey.slice();
    const typed = Buffer.concat([Uint8Array.of(ED25519), publicKey]);
    this.keyId = hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), typed])).slice(0, 8);
    this.text = `${name}+${this.keyId}+${typed.toString("base64")}`;
    const key = Buffer.concat([SPKI_HEAD, publicKey]);
    this.#keyObject = createPublicKey({ key, format: "der", type: "spki" });
  }

  /** The key itself, as RFC 8032 writes it. @shape 32 bytes */
  get publicKey(): Uint8Array {
    return this.#publicKey.slice();
  }

  /** Says whether this key made a signature of a message. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return signature.length === SIGNATURE_BYTES && verify(null, message, this.#keyObject, signature);
  }

  /** The same as `text`. */
  toString(): string {
    return this.text;
  }

  /** The same as `text`. */
  toJSON(): string {
    return this.text;
  }
}

/**
 * Reads a verifier key such as `example.com/log+0a1b2c3d+AQ...`.
 *
 * @refuses `NOTE_KEY_INVALID`: no three parts, a name that is none, another type than Ed25519, base64 that is not
 * exact, an id that does not follow from name and key.
 */
export function parseVerifierKey(text: string): VerifierKey | Refusal<"NOTE_KEY_INVALID"> {
  const parts = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text);
  const [, name = "", keyId = "", encoded = ""] = parts ?? [];
  if (parts === null || !isKeyName(name)) return refuseKey(text, "name+id+base64, the id of 8 hex digits");
  const typed = decodeBase64(encoded);
  if (typed?.length !== 1 + PUBLIC_KEY_BYTES || typed[0] !== ED25519) {
    return refuseKey(text, "base64 of the byte 01 and an Ed25519 public key of 32 bytes");
  }
  const key = new VerifierKey(name, typed.subarray(1));
  return key.keyId === keyId ? key : refuseKey(text, `the id ${key.keyId} for that name and key`);
}

/** What a key may be called, for messages. */
export const KEY_NAME = "a name without white space, control characters and +";

/** Tells whether a key may have this name: not empty, well-formed, no white space, no control character, no plus. */
export function isKeyName(name: unknown): name is string {
  if (typeof name !== "string" || name === "" || !name.isWellFormed()) return false;
  return !/[\p{White_Space}+]/u.test(name) && !hasControl(name);
}

/** Tells whether a text holds a control character below U+0020 (a newline too). */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}

/** The bytes of exact base64: padded, nothing between, no bits left over; `undefined` for any other text. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}

/** Bytes as padded base64. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function refuseKey(text: string, expected: string): Refusal<"NOTE_KEY_INVALID"> {
  return refuse("NOTE_KEY_INVALID", "verifierKey", text, expected);
}
