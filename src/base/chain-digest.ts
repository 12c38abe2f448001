import { createHash } from "node:crypto";
import { Fault } from "./fault.ts";

const HASH_BYTES = 32;
const BLOCK_BYTES = 4_096;

/** The whole state of a {@link ChainDigest}, JSON-safe. */
export interface SavedChainDigest {
  /** The hash of all whole blocks so far. @shape 64 hex digits */
  readonly chain: string;
  /** What came after them, in base64. */
  readonly rest: string;
}

/**
 * A running digest that can be saved and gone on with: SHA-256 over blocks of 4 KiB, each behind the hash of those
 * before it.
 *
 * @invariant Equal bytes give an equal digest, however they were cut into pieces and wherever they were saved between.
 * @cost A copy of the bytes, and SHA-256 of each block.
 * @example
 * ```ts
 * import { ChainDigest } from "tickwright/base";
 * const digest = new ChainDigest().update(Uint8Array.of(1, 2));
 * const again = ChainDigest.from(digest.save()).update(Uint8Array.of(3));
 * again.hex() === digest.update(Uint8Array.of(3)).hex(); // => true
 * ```
 */
export class ChainDigest {
  /** The hash of the blocks before, then this block. */
  readonly #bytes = new Uint8Array(HASH_BYTES + BLOCK_BYTES);
  #at = HASH_BYTES;

  /** Goes on from a state that {@link ChainDigest.save} gave. @throws `FAULT_INPUT` for anything else */
  static from(saved: SavedChainDigest): ChainDigest {
    const digest = new ChainDigest();
    digest.load(saved);
    return digest;
  }

  /** Takes in the next piece. */
  update(piece: Uint8Array): this {
    let from = 0;
    while (from < piece.length) {
      const to = Math.min(piece.length, from + this.#bytes.length - this.#at);
      this.#bytes.set(from === 0 && to === piece.length ? piece : piece.subarray(from, to), this.#at);
      this.#at += to - from;
      from = to;
      if (this.#at === this.#bytes.length) this.#turn();
    }
    return this;
  }

  /** The digest so far as 64 lower-case hex digits; more pieces may follow. */
  hex(): string {
    return createHash("sha256").update(this.#bytes.subarray(0, this.#at)).digest("hex");
  }

  /** The state now. */
  save(): SavedChainDigest {
    const { buffer } = this.#bytes;
    return {
      chain: Buffer.from(buffer, 0, HASH_BYTES).toString("hex"),
      rest: Buffer.from(buffer, HASH_BYTES, this.#at - HASH_BYTES).toString("base64"),
    };
  }

  /** Takes a saved state in place of its own. @throws `FAULT_INPUT` for anything else, and nothing changes */
  load(saved: SavedChainDigest): void {
    const chain = Buffer.from(String(saved?.chain), "hex");
    const rest = Buffer.from(String(saved?.rest), "base64");
    // Node reads past what is no digit: only text that these bytes would have been written as is good.
    const isWhole = chain.toString("hex") === saved?.chain && rest.toString("base64") === saved.rest;
    if (!isWhole || chain.length !== HASH_BYTES || rest.length >= BLOCK_BYTES) {
      const expected = "a chain of 64 hex digits and less than 4 KiB behind it";
      throw new Fault("FAULT_INPUT", { path: "chainDigest", value: saved, expected });
    }
    this.#bytes.set(chain);
    this.#bytes.set(rest, HASH_BYTES);
    this.#at = HASH_BYTES + rest.length;
  }

  #turn(): void {
    this.#bytes.set(createHash("sha256").update(this.#bytes).digest());
    this.#at = HASH_BYTES;
  }
}
