import { createHash, type Hash } from "node:crypto";

/**
 * A running SHA-256 over pieces of bytes.
 *
 * @invariant Equal bytes give an equal digest, however they were cut into pieces.
 */
export class Digest {
  readonly #hash: Hash = createHash("sha256");

  /** Takes in the next piece; a text as UTF-8. */
  update(piece: Uint8Array | string): this {
    this.#hash.update(piece);
    return this;
  }

  /** The digest so far as 64 lower-case hex digits; more pieces may follow. */
  hex(): string {
    return this.#hash.copy().digest("hex");
  }
}

/** The SHA-256 of some bytes or of a text in UTF-8, as 64 lower-case hex digits. */
export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
