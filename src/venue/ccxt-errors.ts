import type { VenueTrouble, VenueTroubleCode } from "./venue-client.ts";

/** What an error of ccxt proves of the request it answers. */
export type CcxtProof =
  /** The venue said no: nothing of it was executed. */
  | "refused"
  /** It was not taken up: nothing of it was executed, and it was not about its terms. */
  | "notSent"
  /** It may have been executed. */
  | "unknown";

/** What an error of ccxt means. */
export interface CcxtTrouble {
  readonly proof: CcxtProof;
  readonly trouble: VenueTrouble;
  /** The venue does not know the order. */
  readonly isNotFound: boolean;
}

/** An answer that proves nothing. Errors are read by the names of their classes: these are ccxt's. */
export class BadResponse extends Error {}

/** No answer in time. */
export class RequestTimeout extends Error {}

type Meaning = readonly [proof: CcxtProof, code: VenueTroubleCode];

/**
 * Classes of ccxt's errors, the narrower before what they extend. What is not named proves nothing. An id that is taken
 * proves that the order arrived before: it is looked up. `ExchangeNotAvailable` and its kin may come after the order
 * did.
 */
const MEANINGS: readonly (readonly [name: string, meaning: Meaning])[] = [
  ["DuplicateOrderId", ["unknown", "VENUE_SERVER"]],
  ["OrderNotFound", ["refused", "VENUE_SERVER"]],
  ["InsufficientFunds", ["refused", "VENUE_SERVER"]],
  ["InvalidOrder", ["refused", "VENUE_SERVER"]],
  ["BadSymbol", ["refused", "VENUE_UNKNOWN_INSTRUMENT"]],
  ["ArgumentsRequired", ["notSent", "VENUE_UNSUPPORTED"]],
  ["BadRequest", ["refused", "VENUE_MALFORMED"]],
  ["MarketClosed", ["refused", "VENUE_MAINTENANCE"]],
  ["NotSupported", ["notSent", "VENUE_UNSUPPORTED"]],
  ["PermissionDenied", ["notSent", "VENUE_PERMISSION"]],
  ["AccountSuspended", ["notSent", "VENUE_PERMISSION"]],
  ["AccountNotEnabled", ["notSent", "VENUE_PERMISSION"]],
  ["AuthenticationError", ["notSent", "VENUE_AUTHENTICATION"]],
  ["InvalidNonce", ["notSent", "VENUE_CLOCK"]],
  ["RateLimitExceeded", ["notSent", "VENUE_RATE_LIMITED"]],
  ["DDoSProtection", ["notSent", "VENUE_BANNED"]],
  ["RequestTimeout", ["unknown", "VENUE_TIMEOUT"]],
  ["OnMaintenance", ["unknown", "VENUE_MAINTENANCE"]],
  ["ExchangeNotAvailable", ["unknown", "VENUE_SERVER"]],
  ["ExchangeClosedByUser", ["unknown", "VENUE_DISCONNECTED"]],
  ["NetworkError", ["unknown", "VENUE_UNREACHABLE"]],
  ["BadResponse", ["unknown", "VENUE_MALFORMED"]],
  // What a class throws that reads what it did not expect.
  ["SyntaxError", ["unknown", "VENUE_MALFORMED"]],
  ["TypeError", ["unknown", "VENUE_MALFORMED"]],
  ["RangeError", ["unknown", "VENUE_MALFORMED"]],
];
/** Codes by which a venue of the Binance family says that it does not know itself. */
const IN_DOUBT = /"code":\s*-100[0167]\b/;
/** Binance's word that of a cancel and a new order neither was done. */
const NEITHER = /"code":\s*-2022\b.*"newOrderResult":\s*"NOT_ATTEMPTED"/s;
/** An id that is taken, in a class that calls it an invalid order. */
const TAKEN = /duplicate/i;
const BANNED = /\b418\b|banned/i;
const LIMITED = /\b429\b/;
/** The venue is closed; what was on its way may have come before. */
const CLOSED = /"code":\s*-1016\b|server response: 503/;
/** What a key that was good before may not do: the class takes it for a ban. */
const FORBIDDEN = /"code":\s*-2015\b/;
const WORDS_MAX = 200;

/**
 * Says what an error of ccxt proves, in words without addresses and secrets.
 *
 * @param secrets - texts that must not stand in words
 */
export function readCcxtError(error: unknown, secrets: readonly string[]): CcxtTrouble {
  const names = namesOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const isNeither = NEITHER.test(message);
  const [name, [proof, code]] = meaningOf(names, message);
  const isBanned = name === "RateLimitExceeded" && BANNED.test(message);
  return {
    proof: isNeither
      ? "refused"
      : IN_DOUBT.test(message) || (proof === "refused" && TAKEN.test(message))
        ? "unknown"
        : proof,
    trouble: {
      code: isBanned ? "VENUE_BANNED" : code,
      words: `${names[0] ?? "Error"}: ${cleanWords(message, secrets)}`,
    },
    isNotFound: name === "OrderNotFound",
  };
}

function meaningOf(names: readonly string[], message: string): readonly [name: string, meaning: Meaning] {
  if (CLOSED.test(message)) return ["OnMaintenance", ["unknown", "VENUE_MAINTENANCE"]];
  const found = MEANINGS.find(([each]) => names.includes(each));
  if (found?.[0] !== "DDoSProtection" || BANNED.test(message)) {
    return found ?? ["", ["unknown", "VENUE_SERVER"]];
  }
  if (FORBIDDEN.test(message)) return ["PermissionDenied", ["notSent", "VENUE_PERMISSION"]];
  return LIMITED.test(message) ? ["DDoSProtection", ["notSent", "VENUE_RATE_LIMITED"]] : found;
}

/** A venue's words without addresses, signatures and secrets, and not too long. */
export function cleanWords(message: string, secrets: readonly string[]): string {
  let words = message.replace(/\b(https?|wss?):\/\/\S+/gi, "(address)");
  words = words.replace(
    /\b(signature|apiKey|api_key|secret|token|listenKey)["']?\s*[=:]\s*["']?[^\s&"',}]+/gi,
    "$1=(hidden)",
  );
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      if (form !== "") words = words.split(form).join("(hidden)");
    }
  }
  return words.length <= WORDS_MAX ? words : `${words.slice(0, WORDS_MAX - 3)}...`;
}

/** The class of an error and the classes it extends, by name. */
function namesOf(error: unknown): string[] {
  const names: string[] = [];
  let at: unknown = error;
  while (typeof at === "object" && at !== null && at !== Error.prototype && at !== Object.prototype) {
    const { name } = (at as { readonly constructor?: { readonly name?: string } }).constructor ?? {};
    if (typeof name === "string" && !names.includes(name)) names.push(name);
    at = Object.getPrototypeOf(at);
  }
  return names;
}
