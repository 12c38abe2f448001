import { cleanWords } from "./ccxt-errors.ts";
import type { VenueTrouble, VenueTroubleCode } from "./venue-client.ts";

/** An error of the websocket API, as far as it is read. */
export interface BinanceError {
  readonly code?: unknown;
  readonly msg?: unknown;
  readonly data?: unknown;
}

/** What an error proves of the request it answers, and what it means. */
export interface BinanceMeaning {
  /** `refused`: the venue said no; `notSent`: it was not taken up; `unknown`: it may have been executed. */
  readonly proof: "refused" | "notSent" | "unknown";
  readonly code: VenueTroubleCode;
}

const UNKNOWN: BinanceMeaning = { proof: "unknown", code: "VENUE_SERVER" };
const DENIED: BinanceMeaning = { proof: "notSent", code: "VENUE_PERMISSION" };
const UNPROVEN: BinanceMeaning = { proof: "notSent", code: "VENUE_AUTHENTICATION" };
const LIMITED: BinanceMeaning = { proof: "notSent", code: "VENUE_RATE_LIMITED" };
const MAINTENANCE: BinanceMeaning = { proof: "unknown", code: "VENUE_MAINTENANCE" };

const MALFORMED: BinanceMeaning = { proof: "refused", code: "VENUE_MALFORMED" };
const NO_SYMBOL: BinanceMeaning = { proof: "refused", code: "VENUE_UNKNOWN_INSTRUMENT" };
const REJECTED: BinanceMeaning = { proof: "refused", code: "VENUE_SERVER" };

/** What codes mean, as `readCcxtError` takes them; what is not named proves nothing. */
const MEANINGS: readonly (readonly [meaning: BinanceMeaning, ...codes: number[]])[] = [
  [UNPROVEN, -1002, -1022, -1099, -1125, -2008, -2014],
  [LIMITED, -1003, -1015],
  [{ proof: "unknown", code: "VENUE_TIMEOUT" }, -1007],
  [MAINTENANCE, -1016],
  [{ proof: "notSent", code: "VENUE_CLOCK" }, -1021],
  [MALFORMED, -1013, -1020, -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1111, -1114, -1115],
  [MALFORMED, -1116, -1117, -1118, -1119, -1120, -1127, -1128, -1130, -1131, -1134, -1135, -1145],
  [NO_SYMBOL, -1121, -1151],
  [REJECTED, -1014, -2010, -2011, -2013, -2026],
  [{ proof: "unknown", code: "VENUE_MALFORMED" }, -2021, -2022],
];
const BY_CODE = new Map(MEANINGS.flatMap(([meaning, ...codes]) => codes.map((code) => [code, meaning])));

/** Words that say more than their code. */
const BY_WORDS = new Map<string, BinanceMeaning>([
  ["System is under maintenance.", MAINTENANCE],
  ["System abnormality", UNKNOWN],
  ["You are not authorized to execute this request.", DENIED],
  ["API key does not exist", UNPROVEN],
  ["Rest API trading is not enabled.", DENIED],
  ["This account may not place or cancel orders.", DENIED],
  ["You don't have permission.", DENIED],
  ["This action is disabled on this account.", DENIED],
  ["This symbol is restricted for this account.", DENIED],
  ["This symbol is not permitted for this account.", DENIED],
  ["Too many requests. Please try again later.", LIMITED],
  ["Market is closed.", { proof: "refused", code: "VENUE_MAINTENANCE" }],
]);
/** An id that is taken proves that the order arrived before: it is looked up. */
const TAKEN = /duplicate/i;
const BANNED = /banned/i;
const KEY_OR_PERMISSION = -2015;
const NS_PER_MS = 1_000_000;

/** What an answer that is no success proves. `hasProven`: whether these keys were good before. */
export function meaningOf(status: number, error: BinanceError, hasProven: boolean): BinanceMeaning {
  const code = Number(error.code);
  const words = textOf(error.msg);
  if (status === 418) return { proof: "notSent", code: "VENUE_BANNED" };
  if (status === 429) return LIMITED;
  if (status === 503) return MAINTENANCE;
  const found = BY_WORDS.get(words) ?? BY_CODE.get(code) ?? UNKNOWN;
  // A server in trouble knows nothing for certain.
  if (status >= 500 && found.proof !== "unknown") return UNKNOWN;
  if (code === KEY_OR_PERMISSION) return hasProven ? DENIED : UNPROVEN;
  if (found === LIMITED && BANNED.test(words)) return { proof: "notSent", code: "VENUE_BANNED" };
  return found.proof === "refused" && TAKEN.test(words) ? { ...found, proof: "unknown" } : found;
}

/** An error as trouble, in words without secrets; until when nothing is taken, where the venue says so. */
export function troubleOf(
  meaning: BinanceMeaning,
  error: BinanceError,
  secrets: readonly string[],
): VenueTrouble {
  const retryNs = retryOf(error.data);
  return {
    code: meaning.code,
    words: wordsOf(error, secrets),
    ...(retryNs === undefined ? {} : { retryNs }),
  };
}

/** The venue's words, without secrets. */
export function wordsOf(error: BinanceError, secrets: readonly string[]): string {
  return cleanWords(`${textOf(error.code)} ${textOf(error.msg)}`.trim(), secrets);
}

function retryOf(data: unknown): number | undefined {
  const { retryAfter, serverTime } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof retryAfter !== "number" || typeof serverTime !== "number") return undefined;
  const ms = retryAfter - serverTime;
  return Number.isFinite(ms) && ms > 0 ? ms * NS_PER_MS : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
