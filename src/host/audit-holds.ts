import type { AuditPayload, AuditRecord } from "../audit/index.ts";
import type { HoldLine } from "./audit-lines.ts";

/** A legal hold as the trail itself tells of it. */
export interface TrailHold extends Omit<HoldLine, "kind"> {
  /** The record that placed it, and the segment where that stands. */
  readonly seq: number;
  readonly segment: number;
  /** Whether it says what it covers; one that does not covers all. */
  readonly hasRange: boolean;
}

interface Told {
  readonly hold: TrailHold;
  readonly releases: number[];
}

/** The holds that the records of a trail place and release, whatever an index says. */
export class TrailHolds {
  readonly #told = new Map<string, Told>();
  readonly #last = new Map<string, AuditRecord<"legalHold" | "legalHoldRange">>();

  hear(record: AuditRecord, segment: number): void {
    if (record.type !== "legalHold" && record.type !== "legalHoldRange") return;
    const { holdId, action } = record.payload;
    this.#last.set(holdId, record);
    const before = this.#told.get(holdId);
    if (action === "released") {
      before?.releases.push(record.seq);
      return;
    }
    const hold = holdOf(record, segment);
    // A second placing, which somebody may have made up, can make a hold wider only.
    const widest = before === undefined ? hold : { ...hold, ...widened(before.hold, hold) };
    this.#told.set(holdId, { hold: widest, releases: [] });
  }

  /** Those in force. A release counts where it is proved, a hold wherever it stands. */
  inForce(provedSeq: number): TrailHold[] {
    const told = [...this.#told.values()];
    return told.filter(({ releases }) => !releases.some((seq) => seq <= provedSeq)).map(({ hold }) => hold);
  }

  /** Ids with a proved release, with what it says. */
  released(provedSeq: number): AuditRecord<"legalHold" | "legalHoldRange">[] {
    const last = [...this.#last.values()];
    return last.filter(({ seq, payload }) => payload.action === "released" && seq <= provedSeq);
  }
}

/** From the earlier beginning to the later end. */
export function widened(
  a: Pick<HoldLine, "fromNs" | "toNs">,
  b: Pick<HoldLine, "fromNs" | "toNs">,
): Pick<HoldLine, "fromNs" | "toNs"> {
  const isFrom = a.fromNs === null || b.fromNs === null;
  const isTo = a.toNs === null || b.toNs === null;
  return {
    fromNs: isFrom ? null : minOf(a.fromNs as bigint, b.fromNs as bigint),
    toNs: isTo ? null : -minOf(-(a.toNs as bigint), -(b.toNs as bigint)),
  };
}

function holdOf(record: AuditRecord<"legalHold" | "legalHoldRange">, segment: number): TrailHold {
  const { holdId, subject, reason, approver } = record.payload;
  const hasRange = record.type === "legalHoldRange";
  const { fromNs = null, toNs = null } = hasRange ? record.payload : {};
  return {
    id: holdId,
    ...{ fromNs, toNs, subject, reason, approver },
    ...{ atNs: record.tsNs, seq: record.seq, segment, hasRange },
  };
}

const minOf = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** A hold placed or released, as the caller appends it to the trail under its type. */
export interface HoldDone {
  readonly ok: true;
  readonly type: "legalHoldRange";
  readonly event: AuditPayload<"legalHoldRange">;
}

/** What the trail is told of a hold. */
export function holdDone(
  holdId: string,
  action: "placed" | "released",
  hold: Pick<HoldLine, "fromNs" | "toNs" | "subject" | "reason" | "approver">,
): HoldDone {
  const { fromNs, toNs, subject, reason, approver } = hold;
  const range = { ...(fromNs === null ? {} : { fromNs }), ...(toNs === null ? {} : { toNs }) };
  return {
    ok: true,
    type: "legalHoldRange",
    event: { holdId, action, subject, approver, reason, ...range },
  };
}
