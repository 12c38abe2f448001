import { checkChoice, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import type { RequestClass } from "./route.ts";

/**
 * What can go wrong with a request. `dropRequest`, `hangRequest`: it is not executed, and the connection is closed, or
 * nothing is ever answered. `dropAck`, `hangAck`: the same after it was executed. `errorBefore`, `errorAfter`: a 5xx
 * (`status`). `timeoutBefore`, `timeoutAfter`: -1007, execution unknown. `internalBefore`, `internalAfter`: -1001.
 * `tooManyRequests`: 429; `banned`: 418; both not executed. `slowRequest`, `slowAnswer`: `delayMs` before, or after, it
 * is executed. `malformedAnswer`: executed, and the answer is cut short. `oversizedAnswer`: executed, and the answer is
 * followed by megabytes of spaces.
 */
export const REQUEST_FAULTS = [
  "dropRequest",
  "hangRequest",
  "dropAck",
  "hangAck",
  "errorBefore",
  "errorAfter",
  "timeoutBefore",
  "timeoutAfter",
  "internalBefore",
  "internalAfter",
  "tooManyRequests",
  "banned",
  "slowRequest",
  "slowAnswer",
  "malformedAnswer",
  "oversizedAnswer",
] as const;

/**
 * What can go wrong with a message of a stream. `dropMessage`: never sent. `duplicateMessage`: sent twice.
 * `reorderMessage`: sent after the next one of its sort, or after `delayMs` where none comes. `delayMessage`: it, and
 * nothing else, is sent `delayMs` later. `malformedFrame`: cut short. `oversizedFrame`: 40 MB. `halfOpen`: neither it nor
 * anything after it is sent, and the connection stays. `disconnect`: the connection is closed after it; `terminate`: it
 * is cut, without a word.
 */
export const STREAM_FAULTS = [
  "dropMessage",
  "duplicateMessage",
  "reorderMessage",
  "delayMessage",
  "malformedFrame",
  "oversizedFrame",
  "halfOpen",
  "disconnect",
  "terminate",
] as const;

/** A kind of {@link REQUEST_FAULTS}. */
export type RequestFaultKind = (typeof REQUEST_FAULTS)[number];
/** A kind of {@link STREAM_FAULTS}. */
export type StreamFaultKind = (typeof STREAM_FAULTS)[number];

/** What messages of streams are about. */
export type StreamClass =
  | "executionReport"
  | "accountPosition"
  | "listStatus"
  | "balanceUpdate"
  | "depth"
  | "bookTicker"
  | "trade"
  | "kline"
  | "ticker";

const REQUEST_CLASSES: readonly RequestClass[] = [
  "submit",
  "cancel",
  "replace",
  "massCancel",
  "queryOrder",
  "queryAccount",
  "market",
  "listenKey",
  "general",
  "status",
];
const STREAM_CLASSES: readonly StreamClass[] = [
  "executionReport",
  "accountPosition",
  "listStatus",
  "balanceUpdate",
  "depth",
  "bookTicker",
  "trade",
  "kline",
  "ticker",
];

/** A fault to come. @units `delayMs` ms */
export interface FaultRule {
  readonly kind: RequestFaultKind | StreamFaultKind;
  /** What it strikes; everything of its sort unless given. */
  readonly on?: RequestClass | StreamClass;
  /** How often it strikes; once unless given. */
  readonly count?: number;
  /** How many it lets pass first; 0. */
  readonly after?: number;
  /** How likely it strikes one that it could; 1. */
  readonly probability?: number;
  /** 50 ms unless given. */
  readonly delayMs?: number;
  /** Of `errorBefore` and `errorAfter`; 502. */
  readonly status?: number;
  /** Of `tooManyRequests` and `banned`; 1. @units s */
  readonly retryAfterS?: number;
}

/** A rule that was given, and how often it struck. */
export interface FaultInForce {
  readonly rule: FaultRule;
  struck: number;
  passed: number;
}

/** Checks a rule. @throws `FAULT_CONFIG` naming its part */
export function checkFaultRule(rule: FaultRule): FaultRule {
  const path = "fault";
  const keys = ["kind", "on", "count", "after", "probability", "delayMs", "status", "retryAfterS"];
  checkKeys(path, rule, keys);
  checkChoice(`${path}.kind`, rule.kind, [...REQUEST_FAULTS, ...STREAM_FAULTS]);
  const classes: readonly string[] = isRequestFault(rule.kind) ? REQUEST_CLASSES : STREAM_CLASSES;
  if (rule.on !== undefined && !classes.includes(rule.on)) {
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.on`,
      value: rule.on,
      expected: `one of ${classes.join(", ")}`,
    });
  }
  if (rule.count !== Number.POSITIVE_INFINITY) checkInteger(`${path}.count`, rule.count ?? 1, 1);
  checkInteger(`${path}.after`, rule.after ?? 0, 0);
  checkNumber(`${path}.probability`, rule.probability ?? 1, 0, 1);
  checkInteger(`${path}.delayMs`, rule.delayMs ?? 50, 0, 600_000);
  checkInteger(`${path}.status`, rule.status ?? 502, 500, 599);
  checkInteger(`${path}.retryAfterS`, rule.retryAfterS ?? 1, 0);
  return rule;
}

/** Whether a kind strikes requests, rather than messages of streams. */
export function isRequestFault(kind: string): kind is RequestFaultKind {
  return REQUEST_FAULTS.some((each) => each === kind);
}
