import { API_ERRORS, ApiError } from "./api-error.ts";
import type { ExchangeFaults } from "./exchange-faults.ts";
import type { FaultRule } from "./fault-rules.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { RequestClass } from "./route.ts";

/** One request, as faults see it. */
export interface FaultyRequest {
  readonly about: RequestClass;
  /** Executes it, and gives its answer; at most once. */
  run(): void;
  /** Sends the answer of `run`. */
  answer(): void;
  /** Sends an error in its place. */
  refuse(error: ApiError): void;
  /** Sends the answer cut short, or followed by very much of nothing. */
  spoil(how: "cut" | "bloat"): void;
  /** Cuts the connection. */
  drop(): void;
}

/** Brings a request past the faults; `later` runs something after some milliseconds. */
export function passFaults(
  faults: ExchangeFaults,
  limits: RateLimits,
  request: FaultyRequest,
  later: (ms: number, work: () => void) => void,
): void {
  if (faults.maintenance && request.about !== "status") {
    request.refuse(API_ERRORS.maintenance);
    return;
  }
  const rule = faults.forRequest(request.about);
  if (rule === undefined) {
    request.run();
    request.answer();
    return;
  }
  strike(rule, limits, request, later);
}

function strike(
  rule: FaultRule,
  limits: RateLimits,
  request: FaultyRequest,
  later: (ms: number, work: () => void) => void,
): void {
  const { kind, delayMs = 50, status = 502 } = rule;
  if (
    kind.endsWith("After") ||
    ["dropAck", "hangAck", "slowAnswer", "malformedAnswer", "oversizedAnswer"].includes(kind)
  ) {
    request.run();
  }
  switch (kind) {
    case "dropRequest":
    case "dropAck":
      request.drop();
      return;
    case "errorBefore":
    case "errorAfter":
      request.refuse(new ApiError(-1000, "An unknown error occurred while processing the request.", status));
      return;
    case "timeoutBefore":
    case "timeoutAfter":
      request.refuse(API_ERRORS.timeout);
      return;
    case "internalBefore":
    case "internalAfter":
      request.refuse(API_ERRORS.internal);
      return;
    case "tooManyRequests":
    case "banned":
      request.refuse(tooMany(kind === "banned", limits, rule.retryAfterS ?? 1));
      return;
    case "slowRequest":
      later(delayMs, () => {
        request.run();
        request.answer();
      });
      return;
    case "slowAnswer":
      later(delayMs, () => request.answer());
      return;
    case "malformedAnswer":
    case "oversizedAnswer":
      request.spoil(kind === "malformedAnswer" ? "cut" : "bloat");
      return;
    default: // hangRequest, hangAck: nothing is ever said
  }
}

function tooMany(isBanned: boolean, limits: RateLimits, retryAfterS: number): ApiError {
  const { requestWeight } = limits.options;
  const words = isBanned
    ? `Way too much request weight used; IP banned until ${Date.now() + retryAfterS * 1_000}.`
    : `Too much request weight used; current limit is ${requestWeight} request weight per 1 MINUTE.`;
  return new ApiError(-1003, words, isBanned ? 418 : 429, { retryAfterS });
}
