import { createHmac, hash } from "node:crypto";
import type { BinanceKeys } from "./binance-keys.ts";

const BLOCK = 64;
const PAYLOAD_MAX = 4_096;

/**
 * Signs payloads by HMAC-SHA256: two hashes of one call each over memory that is kept, which takes two thirds of the
 * time of an `Hmac` object. Prints nothing of its keys.
 *
 * @cost Nothing is allocated but the two digests.
 * @source RFC 2104
 */
export class BinanceSigner {
  readonly #keys: BinanceKeys;
  /** The key's inner block, and behind it the payload. */
  readonly #inner = Buffer.alloc(BLOCK + PAYLOAD_MAX);
  /** The key's outer block, and behind it the inner digest. */
  readonly #outer = Buffer.alloc(BLOCK + 32);

  constructor(keys: BinanceKeys) {
    this.#keys = keys;
    const secret = Buffer.from(keys.secret, "utf8");
    const key = secret.length > BLOCK ? hash("sha256", secret, "buffer") : secret;
    for (let i = 0; i < BLOCK; i++) {
      this.#inner[i] = (key[i] ?? 0) ^ 0x36;
      this.#outer[i] = (key[i] ?? 0) ^ 0x5c;
    }
  }

  get apiKey(): string {
    return this.#keys.apiKey;
  }

  /** Texts that must stand in no word. */
  get secrets(): readonly string[] {
    return [this.#keys.apiKey, this.#keys.secret];
  }

  /** The signature of a payload of ASCII, 64 hexadecimal digits. */
  sign(payload: string): string {
    if (payload.length > PAYLOAD_MAX) {
      return createHmac("sha256", this.#keys.secret).update(payload).digest("hex");
    }
    const inner = this.#inner;
    const end = BLOCK + inner.write(payload, BLOCK, "latin1");
    this.#outer.write(hash("sha256", inner.subarray(0, end), "hex"), BLOCK, "hex");
    return hash("sha256", this.#outer, "hex");
  }
}
