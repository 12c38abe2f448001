import { type AuditActor, auditText } from "../audit/index.ts";
import { canonicalJson } from "../base/index.ts";
import type { KillRecord } from "../risk/index.ts";
import type { RemarkSaying, SessionRemark } from "./session-remark.ts";

/** Room for a name in a record's header. */
const NAME_BYTES = 255;
const ACTIVATING: readonly string[] = ["activated", "raised"];

/**
 * What a session records of a step of its kill switch: who killed what and why, what became of it, who let it go on.
 *
 * @example
 * ```ts
 * import type { KillRecord } from "tickwright/risk";
 * import { killRemark } from "tickwright/run";
 * const record: KillRecord = {
 *   version: 1, atNs: 5, step: "activated", run: 1, drill: false, who: "ann", role: "riskManager",
 *   channel: "gui", scope: null, level: 3, reason: "a fast market", epoch: 1, venue: null, detail: {},
 * };
 * killRemark(record).says[0]?.type; // => "killActivated"
 * // new KillSwitch({ ..., onRecord: (record) => session.remark(killRemark(record)) })
 * ```
 */
export function killRemark(record: KillRecord): SessionRemark {
  const { who, role, venue } = record;
  const actor: AuditActor = { kind: "user", id: auditText(who, NAME_BYTES), role: role ?? "" };
  const about = venue === null ? {} : { about: { venue: auditText(venue, NAME_BYTES) } };
  return { says: [{ ...saying(record), actor, ...about } as RemarkSaying] };
}

function saying(record: KillRecord): Pick<RemarkSaying, "type" | "payload"> {
  const { step, scope, level, channel, run, epoch, drill, detail, atNs, reason } = record;
  const where = scope === null ? "firm" : auditText(`${scope.kind} ${scope.name}`);
  const latched = { scope: where, latchEpoch: epoch, isDrill: drill };
  if (ACTIVATING.includes(step)) {
    return { type: "killActivated", payload: { ...latched, level, channel, reason: auditText(reason) } };
  }
  if (step === "reenabled") {
    const { requestedBy, override, unknown } = detail;
    const requester = auditText(String(requestedBy ?? ""));
    const why = canonicalJson({ reason, override, unknown });
    const payload = { ...latched, requester, approver: auditText(record.who), reason: auditText(why) };
    return { type: "killReenabled", payload };
  }
  const said = canonicalJson({ atNs, level, channel, reason, ...detail });
  return { type: "killStep", payload: { ...latched, run, step, detail: auditText(said) } };
}
