import { BadResponse, RequestTimeout } from "./ccxt-errors.ts";
import type { CcxtExchange } from "./ccxt-exchange.ts";
import type { VenueOrderTerms, VenueOutcome } from "./venue-client.ts";
import type { VenueClock } from "./venue-clock.ts";

/** A body that says that it is longer is not read. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const NS_PER_MS = 1_000_000;
const WORDS_MAX = 60;
const LISTS = /\/(openOrders|myTrades)(\?|$)/;

/** Whether an exchange class would send an order without its stop, or without being post-only. */
export function wouldChange({ postOnly, type }: VenueOrderTerms): boolean {
  return postOnly && type !== "limit";
}

/** What becomes of such an order. */
export const NOT_CARRIED: Promise<VenueOutcome> = Promise.resolve({
  outcome: "notSent",
  cause: { code: "VENUE_UNSUPPORTED", words: "no post-only orders but limit orders" },
});

/**
 * Makes an exchange class tell what it takes without a word: a body that is no JSON (it would be read as an order
 * without an id), one that never ends, and, in the Binance family, a list that is none (it would be an empty one).
 */
export function guardAnswers(exchange: CcxtExchange, clock: VenueClock, timeoutMs: number): void {
  guardFetch(exchange, exchange.id.startsWith("binance"));
  guardBodies(exchange, clock, timeoutMs);
}

function guardFetch(exchange: CcxtExchange, isBinance: boolean): void {
  const fetch = exchange.fetch?.bind(exchange);
  if (fetch === undefined) return;
  exchange.fetch = async (...asked) => {
    const answer = await fetch(...asked);
    if (typeof answer === "string") {
      throw new BadResponse(`an answer that is no JSON: ${answer.slice(0, WORDS_MAX)}`);
    }
    if (isBinance && LISTS.test(String(asked[0])) && asked[1] === "GET" && !Array.isArray(answer)) {
      throw new BadResponse("an answer that is no list");
    }
    return answer;
  };
}

/** The class's own timeout ends with the headers. */
function guardBodies(exchange: CcxtExchange, clock: VenueClock, timeoutMs: number): void {
  const read = exchange.undiciBody?.bind(exchange);
  if (read === undefined) return;
  exchange.undiciBody = async (answer, binary) => {
    const end = (error: Error): void => void answer.body.destroy(error);
    const takeBack = clock.after(timeoutMs * NS_PER_MS, () =>
      end(new RequestTimeout(`no whole answer within ${timeoutMs} ms`)),
    );
    if (Number(answer.headers["content-length"] ?? 0) > BODY_BYTES_MAX)
      end(new BadResponse(`an answer of more than ${BODY_BYTES_MAX} bytes`));
    try {
      return await read(answer, binary);
    } finally {
      takeBack();
    }
  };
}
