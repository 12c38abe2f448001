import type { Account } from "./account.ts";
import { API_ERRORS, ApiError, mandatory } from "./api-error.ts";
import { type HeldKey, isSigned } from "./api-keys.ts";
import type { Exchange } from "./exchange.ts";
import { Parameters } from "./parameters.ts";
import type { Route } from "./route.ts";

/** A request as it came off a socket. */
export interface RawRequest {
  readonly route: Route;
  readonly values: ReadonlyMap<string, string>;
  readonly apiKey: string | undefined;
  /** What the signature is over. */
  readonly payload: string;
}

/** What a request is answered, and whose it was. */
export interface Answer {
  /** An `ApiError`, or what becomes JSON. */
  readonly result: unknown;
  readonly account: Account | undefined;
}

const RECV_WINDOW_DEFAULT = 5_000;
const RECV_WINDOW_MAX = 60_000;

/** Runs one request: limits, key, time, signature, and then what it asks for. */
export function runRequest(exchange: Exchange, raw: RawRequest): Answer {
  exchange.advance();
  const nowMs = exchange.time.wireMs;
  const parameters = new Parameters(raw.values);
  const weight = typeof raw.route.weight === "number" ? raw.route.weight : raw.route.weight(parameters);
  const limited = exchange.limits.request(nowMs, weight);
  if (limited !== undefined) return { result: limited, account: undefined };
  const key = keyOf(exchange, raw, parameters, nowMs);
  if (key instanceof ApiError) return { result: key, account: undefined };
  const { route } = raw;
  const request = { exchange, parameters, nowMs, key };
  let result: unknown;
  if (route.security === "open" || route.security === "key") result = route.run(request);
  else if (key !== undefined) result = route.run({ ...request, key, account: key.account });
  for (const { market, desk } of exchange.listings.values()) {
    desk.trigger();
    market.listener?.settled();
  }
  exchange.tellBalances();
  return { result: parameters.trouble ?? result, account: key?.account };
}

function keyOf(
  exchange: Exchange,
  raw: RawRequest,
  parameters: Parameters,
  nowMs: number,
): HeldKey | undefined | ApiError {
  const { security } = raw.route;
  if (security === "open") return undefined;
  const { apiKey } = raw;
  if (apiKey === undefined || !/^[A-Za-z0-9]{1,128}$/.test(apiKey)) return API_ERRORS.badKeyFormat;
  const key = exchange.keys.get(apiKey);
  if (key === undefined) return API_ERRORS.badKey;
  if (security === "key") return key;
  const wrong = checkSigned(raw, parameters, key, nowMs);
  if (wrong !== undefined) return wrong;
  return security === "trade" && !key.canTrade ? API_ERRORS.badKey : key;
}

function checkSigned(
  raw: RawRequest,
  parameters: Parameters,
  key: HeldKey,
  nowMs: number,
): ApiError | undefined {
  const signature = raw.values.get("signature");
  if (signature === undefined || signature === "") return mandatory("signature");
  const timestamp = parameters.needed("timestamp");
  const recvText = parameters.text("recvWindow") ?? `${RECV_WINDOW_DEFAULT}`;
  if (parameters.trouble !== undefined) return parameters.trouble;
  if (!/^[0-9]{1,16}$/.test(timestamp)) return mandatory("timestamp");
  const recvWindow = Number(recvText);
  if (!/^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(recvText) || recvWindow > RECV_WINDOW_MAX) {
    return new ApiError(-1131, `recvWindow must be less than ${RECV_WINDOW_MAX}.`);
  }
  if (!isSigned(raw.payload, signature, key.secret)) return API_ERRORS.badSignature;
  const sentMs = Number(timestamp);
  if (sentMs > nowMs + 1_000) {
    return new ApiError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  return nowMs - sentMs > recvWindow ? API_ERRORS.badTimestamp : undefined;
}
