import type { Account } from "./account.ts";
import { API_ERRORS, type ApiError } from "./api-error.ts";
import type { HeldKey } from "./api-keys.ts";
import type { Exchange, Listing } from "./exchange.ts";
import type { Parameters } from "./parameters.ts";

/** What requests are about: faults are asked for by these words. */
export type RequestClass =
  | "submit"
  | "cancel"
  | "replace"
  | "massCancel"
  | "queryOrder"
  | "queryAccount"
  | "market"
  | "listenKey"
  | "general"
  | "status";

/** One request, when its route runs. */
export interface Request {
  readonly exchange: Exchange;
  readonly parameters: Parameters;
  /** @units epoch ms of the exchange's time */
  readonly nowMs: number;
  /** Whose key it carries; only where the route asks for one. */
  readonly key: HeldKey | undefined;
}

/** A signed request. */
export interface SignedRequest extends Request {
  readonly key: HeldKey;
  readonly account: Account;
}

interface RouteTerms {
  readonly about: RequestClass;
  /** What it takes of the minute's weight. */
  readonly weight: number | ((parameters: Parameters) => number);
  /** How many orders it counts as. */
  readonly orders?: number;
}

/** What one endpoint does. `open` needs nothing, `key` a key, `signed` a signature, `trade` a key that may trade. */
export type Route = RouteTerms &
  (
    | { readonly security: "open" | "key"; run(request: Request): unknown }
    | { readonly security: "signed" | "trade"; run(request: SignedRequest): unknown }
  );

const SYMBOL = /^[A-Z0-9\-_.]{1,20}$/;

/** The listing a request names. */
export function listingOf(request: Request): Listing | ApiError {
  const name = request.parameters.needed("symbol");
  if (request.parameters.trouble !== undefined) return request.parameters.trouble;
  const listing = request.exchange.listings.get(name);
  if (listing !== undefined) return listing;
  return SYMBOL.test(name) ? API_ERRORS.badSymbol : API_ERRORS.noSymbol;
}
