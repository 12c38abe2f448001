import { type AuditRecord, encodeRecord } from "../audit/index.ts";
import { canonicalJson, checkArray, checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import type { AuditNote } from "./session-audit-entries.ts";
import { readJson } from "./session-record.ts";

/** What a {@link SessionRemark} can say: types of audit events that no input of a kernel tells. */
export const REMARK_TYPES = [
  "reconciliationBreak",
  "reconciliationAction",
  "killActivated",
  "killStep",
  "killReenabled",
  "marketDataQuality",
  "marketDataFailover",
  "surveillanceAlert",
  "surveillanceCase",
] as const;

/** One saying of a {@link SessionRemark}: an event of the audit trail. Times and numbers come from the session. */
export type RemarkSaying = Extract<AuditNote, { readonly type: (typeof REMARK_TYPES)[number] }>;

/**
 * What was found or done beside the kernel and belongs into the records of a session: a break of reconciliation, a
 * human's approval, a kill, the state of a feed. JSON-safe.
 */
export interface SessionRemark {
  /** What the audit trail says of it. */
  readonly says: readonly RemarkSaying[];
  /** The part whose `replay` is given `note` when the session is replayed, by the name it was attached with. */
  readonly part?: string;
  readonly note?: unknown;
}

const NOBODY = {
  ...{ seq: 1, tsNs: 0n, clockUncertaintyNs: 0, node: "n", epoch: 1 },
  ...{ order: "", parent: "", strategy: "", venue: "", cfgHash: "00".repeat(32), buildHash: "00".repeat(32) },
};

/**
 * A remark as it is recorded: what its JSON says, and no event that a trail would not take.
 *
 * @throws `FAULT_CONFIG`, `FAULT_INPUT` naming the field
 */
export function checkRemark(remark: SessionRemark): SessionRemark {
  checkKeys("remark", remark, ["says", "part", "note"]);
  if (remark.part !== undefined) checkText("remark.part", remark.part);
  const said = JSON.parse(canonicalJson(remark, "remark")) as SessionRemark;
  for (const [i, saying] of checkArray("remark.says", said.says, 0).entries()) {
    const path = `remark.says[${i}]`;
    checkKeys(path, saying, ["type", "payload", "actor", "about"]);
    checkChoice(`${path}.type`, saying.type, REMARK_TYPES);
    const { about = {}, ...event } = saying;
    checkKeys(`${path}.about`, about, ["order", "parent", "strategy", "venue"]);
    encodeRecord({ ...NOBODY, ...event, ...about } as AuditRecord);
  }
  return said;
}

/** The bytes of a remark's record. */
export function remarkBytes(remark: SessionRemark, nowNs: number): Uint8Array {
  return new TextEncoder().encode(canonicalJson({ ns: nowNs, ...remark }));
}

/** Reads them. @throws `FAULT_JOURNAL_FORMAT` for anything else */
export function readRemark(
  path: string,
  payload: Uint8Array,
): { readonly remark: SessionRemark; readonly ns: number } {
  const { ns, ...rest } = readJson(path, payload);
  try {
    if (!Number.isFinite(ns)) throw new Fault("FAULT_INPUT", { path: "ns", value: ns, expected: "a time" });
    return { remark: checkRemark(rest as object as SessionRemark), ns: ns as number };
  } catch (cause) {
    const value = cause instanceof Error ? cause.message : String(cause);
    throw new Fault("FAULT_JOURNAL_FORMAT", { path, value, expected: "a remark of a session", cause });
  }
}
