import { createPrivateKey, createPublicKey, KeyObject, sign } from "node:crypto";
import { Fault } from "../base/index.ts";
import type { Signer } from "./signed-note.ts";
import { VerifierKey } from "./verifier-key.ts";

/** What DER puts before the 32 bytes of an Ed25519 private key (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const SEED_BYTES = 32;

/**
 * An Ed25519 private key that signs notes, under a name. Where the key stays in a device, an object with the same
 * two members stands in its place.
 *
 * @invariant No way of printing it (text, JSON, inspection, fields, errors) shows the private key.
 * @cost One Ed25519 signature for each note, and one verification by `signNote`.
 * @example
 * ```ts
 * import { AuditKey } from "tickwright/audit";
 * const key = AuditKey.fromSeed("example.com/desk", new Uint8Array(32).fill(7));
 * String(key); // => 'AuditKey(example.com/desk+378275ce)'
 * ```
 */
export class AuditKey implements Signer {
  readonly verifierKey: VerifierKey;
  readonly #privateKey: KeyObject;

  /** @throws `FAULT_INPUT` for a key that is not a private Ed25519 one, or a name that is none. */
  constructor(name: string, privateKey: KeyObject) {
    if (!(privateKey instanceof KeyObject)) throw wrongKey(typeof privateKey);
    if (privateKey.type !== "private" || privateKey.asymmetricKeyType !== "ed25519") {
      throw wrongKey(`a ${privateKey.type} key, ${privateKey.asymmetricKeyType ?? "symmetric"}`);
    }
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    this.verifierKey = new VerifierKey(name, new Uint8Array(spki.subarray(-32)));
    this.#privateKey = privateKey;
  }

  /** Reads a PKCS #8 key in PEM. @throws `FAULT_INPUT` for any other text; it never repeats what it read. */
  static fromPem(name: string, pem: string): AuditKey {
    return new AuditKey(
      name,
      importKey(() => createPrivateKey({ key: pem, format: "pem" })),
    );
  }

  /** Makes the key of a seed, as RFC 8032 calls its 32 secret bytes. @throws `FAULT_INPUT` for another length. */
  static fromSeed(name: string, seed: Uint8Array): AuditKey {
    if (!(seed instanceof Uint8Array) || seed.length !== SEED_BYTES)
      throw wrongKey("a seed of another length");
    const key = Buffer.concat([PKCS8_HEAD, seed]);
    return new AuditKey(
      name,
      importKey(() => createPrivateKey({ key, format: "der", type: "pkcs8" })),
    );
  }

  /** The name of the key. */
  get name(): string {
    return this.verifierKey.name;
  }

  /** The id of the key. @shape 8 hex digits */
  get keyId(): string {
    return this.verifierKey.keyId;
  }

  sign(message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(null, message, this.#privateKey));
  }

  /** Name and id, nothing else. */
  toString(): string {
    return `AuditKey(${this.name}+${this.keyId})`;
  }

  /** Name and id, nothing else. */
  toJSON(): string {
    return this.toString();
  }

  /** Name and id, nothing else. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A cause is left out: the library's message may quote what it was given. */
function importKey(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch {
    throw wrongKey("what cannot be read as one");
  }
}

function wrongKey(found: string): Fault {
  return new Fault("FAULT_INPUT", { path: "privateKey", value: found, expected: "a private Ed25519 key" });
}
