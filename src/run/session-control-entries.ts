import { auditText } from "../audit/index.ts";
import { canonicalJson } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import {
  CONTROL_TERMS,
  type ControlAnswer,
  type ControlRequest,
  LIMIT_UNITS,
  type LimitChange,
  type RiskGate,
} from "../risk/index.ts";
import { type AuditNote, eventSaying, SESSION_ACTOR } from "./session-audit-entries.ts";

/** Who asked for a change and who agreed to it, and why; empty where nobody said. */
interface Signed {
  readonly author: string;
  readonly approver: string;
  readonly reason: string;
}

/** A limit has another value: what it was, what it is, and until when where it is an override. */
export function limitSayings({ baseNs, gate }: TradingKernel, change: LimitChange): readonly AuditNote[] {
  const { where, limit, before, after, version, by, untilNs } = change;
  const [author = "", approver = ""] = by.map((name) => auditText(name));
  const worded = (value: number): string => {
    if (value === Number.POSITIVE_INFINITY) return "unlimited";
    return LIMIT_UNITS[limit] === "money" ? gate.parts.money(value) : String(value);
  };
  const signed = { author, approver, reason: auditText(change.reason) };
  const of = { scope: auditText(where), limit };
  const figures = { before: worded(before), after: worded(after), version };
  const told: AuditNote = {
    type: "limitChange",
    payload: { ...of, ...figures, ...signed },
    actor: SESSION_ACTOR,
  };
  if (untilNs === undefined) return [told];
  const until = baseNs + BigInt(Math.floor(untilNs));
  return [
    told,
    { type: "limitOverride", payload: { ...of, untilNs: until, ...signed }, actor: SESSION_ACTOR },
  ];
}

/**
 * What became of a change that was asked for: the digests of what it is about, before and after, and what was asked; or
 * why it was refused. Word from markets is not recorded.
 */
export function controlSayings(
  gate: RiskGate,
  request: ControlRequest,
  answer: ControlAnswer,
  beforeHash: string,
): readonly AuditNote[] {
  const { call } = request;
  const { section, isFeed } = CONTROL_TERMS[call];
  if (!answer.ok) {
    const said = { call, message: auditText(answer.message), ...signedOf(request) };
    return [eventSaying("control", "refused", said, "")];
  }
  if (isFeed) return [];
  const payload = {
    ...{ path: `session.risk.${section}`, beforeHash, afterHash: gate.digestOf(section) },
    ...signedOf(request),
    after: auditText(canonicalJson(request)),
  };
  return [{ type: "configChange", payload, actor: SESSION_ACTOR }];
}

function signedOf(request: ControlRequest): Signed {
  const { by, reason } = request;
  const [author, approver, why] = wordsOf(request).map((word) => (typeof word === "string" ? word : ""));
  return {
    author: auditText(by?.name ?? author ?? ""),
    approver: auditText(approver ?? ""),
    reason: auditText(reason ?? why ?? ""),
  };
}

/** Who did it, who agreed, and why, as the arguments of a call say it: of a refused one they may be anything. */
function wordsOf({ call, args }: ControlRequest): readonly unknown[] {
  switch (call) {
    case "change":
    case "setCapital":
      return [nameOf(args[1]), "", args[2]];
    case "resetLosses":
      return [nameOf(args[2]), "", args[3]];
    case "override":
      return [nameOf(args[0].requestedBy), nameOf(args[0].approvedBy), args[0].reason];
    case "repeats.enable":
    case "breakers.reset":
      return [args[1]];
    case "restricted.restrict":
      return ["", "", args[0].reason];
    default:
      return [];
  }
}

function nameOf(person: unknown): unknown {
  return typeof person === "object" && person !== null ? Reflect.get(person, "name") : "";
}
