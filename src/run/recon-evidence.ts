import { type AuditActor, auditText } from "../audit/index.ts";
import { canonicalJson, checkKeys, checkText } from "../base/index.ts";
import type { Break } from "../recon/index.ts";
import type { CarryResult } from "./recon-moment.ts";
import { nameOfBreak } from "./recon-notes.ts";
import type { RemarkSaying } from "./session-remark.ts";

/** What a human decided about a break or a halt, for the records. */
export interface ReconApproval {
  /** Who answers for it. */
  readonly approver: string;
  readonly reason: string;
}

/** Checks who decided, and why. @throws `FAULT_CONFIG` */
export function checkApproval(approval: ReconApproval): ReconApproval {
  checkKeys("approval", approval, ["approver", "reason"]);
  checkText("approval.approver", approval.approver);
  checkText("approval.reason", approval.reason);
  return approval;
}

/** What a desk found or did, for whoever keeps records; `note` is for its `replayingRemark`. JSON-safe. */
export interface ReconRemark {
  readonly says: readonly RemarkSaying[];
  readonly note?: string;
}

/** Room for a name in a record's header. */
const NAME_BYTES = 255;
const DESK: AuditActor = { kind: "service", id: "reconciliation", role: "" };
/** Results that say nothing new. */
const SILENT: ReadonlySet<CarryResult> = new Set(["waiting", "approval"]);

/** What a desk finds and does in words of the audit trail, told once a comparison. */
export class ReconEvidence {
  readonly #venue: string;
  readonly #tell: ((remark: ReconRemark) => void) | undefined;
  #says: RemarkSaying[] = [];

  constructor(venue: string, tell: ((remark: ReconRemark) => void) | undefined) {
    this.#venue = auditText(venue, NAME_BYTES);
    this.#tell = tell;
  }

  /** A break was confirmed. */
  found(each: Break): void {
    if (this.#tell === undefined) return;
    const { kind, key, local, venue, mark, severity } = each;
    const payload = {
      breakId: idOf(each),
      ...{ subject: auditText(key), field: kind },
      ...{ local: textOf(local), remote: textOf({ mark, ...venue }), severity },
    };
    this.#says.push({ type: "reconciliationBreak", payload, actor: DESK, about: this.#about });
  }

  /** An action was carried out, or could not be. */
  carried(each: Break, result: CarryResult, isApproved: boolean): void {
    if (SILENT.has(result)) return;
    this.#act(idOf(each), each.action.type, isApproved ? `${result}, approved` : result);
  }

  /** A human was called. */
  told(each: Break | null, reason: string, detail: string): void {
    this.#act(each === null ? "" : idOf(each), "alert", `${reason}: ${detail}`);
  }

  /** A break is gone. */
  resolved(each: Break): void {
    this.#act(idOf(each), "resolved", `after ${each.ageNs} ns`);
  }

  /** A human approved an action, or let an instrument go on. */
  decided(subject: string, action: string, { approver, reason }: ReconApproval, note?: string): void {
    this.#act(auditText(subject), action, reason, auditText(approver, NAME_BYTES));
    this.tell(note);
  }

  /** Hands on what was said since the last time. */
  tell(note?: string): void {
    const says = this.#says;
    if (says.length === 0) return;
    this.#says = [];
    this.#tell?.({ says, ...(note === undefined ? {} : { note }) });
  }

  get #about(): { readonly venue: string } {
    return { venue: this.#venue };
  }

  #act(breakId: string, action: string, reason: string, approver?: string): void {
    if (this.#tell === undefined) return;
    const payload = {
      ...{ breakId, action, reason: auditText(reason) },
      ...(approver === undefined ? {} : { approver }),
    };
    const actor: AuditActor =
      approver === undefined ? DESK : { kind: "user", id: approver, role: "approver" };
    this.#says.push({ type: "reconciliationAction", payload, actor, about: this.#about });
  }
}

function idOf(each: Break): string {
  return auditText(nameOfBreak(each));
}

function textOf(facts: unknown): string {
  return auditText(canonicalJson(facts));
}
