import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Account } from "./account.ts";

/** What a client signs with. */
export interface ApiKey {
  readonly apiKey: string;
  readonly secret: string;
}

/** A key, and whose it is. */
export interface HeldKey extends ApiKey {
  readonly account: Account;
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  readonly isIpRestricted: boolean;
}

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Bytes at or above this would make some characters likelier than others. */
const EVEN = 256 - (256 % CHARACTERS.length);

/**
 * Makes a key and a secret of 64 letters and digits each, from this machine's randomness: good for rehearsals here, and
 * nowhere else.
 */
export function generateApiKey(): ApiKey {
  return { apiKey: randomText(64), secret: randomText(64) };
}

function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < EVEN && text.length < length) text += CHARACTERS[byte % CHARACTERS.length];
    }
  }
  return text;
}

/** Whether a signature is the one of this payload: HMAC SHA-256 in hexadecimal, in either case. */
export function isSigned(payload: string, signature: string, secret: string): boolean {
  if (!/^[0-9a-fA-F]{64}$/.test(signature)) return false;
  const expected = createHmac("sha256", secret).update(payload).digest();
  return timingSafeEqual(expected, Buffer.from(signature, "hex"));
}
