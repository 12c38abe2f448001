import { checkInteger, checkKeys, checkText, type Refusal, refuse } from "../base/index.ts";
import type { AuditIndex, AuditSegmentEntry, LegalHold } from "./audit-index.ts";
import type { AuditFolderRefusalCode } from "./audit-refusals.ts";

const DAY_NS = 86_400_000_000_000n;

/** How long an audit trail is kept. */
export interface AuditRetention {
  /** The name of the rule, as it stands in tombstones; `regulated` unless given. */
  readonly retentionClass?: string;
  /** Days of 24 hours until a segment may be deleted; 2557 unless given, 7 years with their leap days. */
  readonly retainDays?: number;
  /** Days it stays in place; 731 unless given, 2 years. */
  readonly hotDays?: number;
  /** How many days the clock may be ahead of the newest record; 7 unless given. */
  readonly idleDaysMax?: number;
}

/** {@link AuditRetention} with everything said. */
export type RetentionTerms = Required<AuditRetention>;

/** What a refusal of the retention looks like. */
export type RetentionRefusal = Refusal<AuditFolderRefusalCode>;

/**
 * What may be done at a moment. Plain numbers of segments, oldest first: whoever approves it may strike
 * out the last.
 */
export interface RetentionPlan {
  /** @units epoch ns */
  readonly nowNs: bigint;
  /** Segments that may leave for the subfolder, or for an archive. */
  readonly cold: readonly number[];
  /** Segments that may be deleted. */
  readonly retire: readonly number[];
  /** Why the first segment that stays may not be deleted; `undefined` where there is none. */
  readonly stays: RetentionRefusal | undefined;
}

/** Checks a retention and fills in what was left out. @throws `FAULT_CONFIG` naming the term */
export function retentionTerms(retention: AuditRetention): RetentionTerms {
  checkKeys("options.retention", retention, ["retentionClass", "retainDays", "hotDays", "idleDaysMax"]);
  const { retentionClass = "regulated", retainDays = 2557, hotDays = 731, idleDaysMax = 7 } = retention;
  return {
    retentionClass: checkText("options.retention.retentionClass", retentionClass),
    retainDays: checkInteger("options.retention.retainDays", retainDays, 1, 36_525),
    hotDays: checkInteger("options.retention.hotDays", hotDays, 0, retainDays),
    idleDaysMax: checkInteger("options.retention.idleDaysMax", idleDaysMax, 0, 36_525),
  };
}

/** Until when a segment stays: by its last record, or by when it was listed, whichever is later. */
export function retainUntil(toNs: bigint, atNs: bigint, terms: RetentionTerms): bigint {
  return (toNs > atNs ? toNs : atNs) + BigInt(terms.retainDays) * DAY_NS;
}

/** When something is asked for, and what the index does not know. */
export interface RetentionMoment {
  readonly nowNs: bigint;
  /** The time of the last checkpoint of the segment that is written. @units epoch ns */
  readonly openNs: bigint;
  /** Segments that the index says are gone, and that are here. */
  readonly left: ReadonlySet<number>;
}

/** What a folder's index allows at a moment. */
export class RetentionRule {
  readonly #index: AuditIndex;
  readonly #terms: RetentionTerms;
  readonly #nowNs: bigint;
  /** The time of the newest record, and the newest moment of all that the folder knows of. */
  readonly #recordNs: bigint;
  readonly #newestNs: bigint;
  /** Segments that the index says are gone, and that are here. */
  readonly #left: ReadonlySet<number>;

  constructor(index: AuditIndex, terms: RetentionTerms, at: RetentionMoment) {
    const { nowNs, openNs, left } = at;
    this.#index = index;
    this.#terms = terms;
    this.#nowNs = nowNs;
    this.#left = left;
    const lastNs = index.last?.toNs ?? 0n;
    this.#recordNs = lastNs > openNs ? lastNs : openNs;
    this.#newestNs = index.latestNs > this.#recordNs ? index.latestNs : this.#recordNs;
  }

  /** All that is allowed. */
  plan(): RetentionPlan {
    const entries = [...this.#index.segments.values()];
    const cold = entries.flatMap((entry) =>
      entry.place === "hot" && this.coldRefusal(entry.segment) === undefined ? [entry.segment] : [],
    );
    const retire: number[] = [];
    let stays: RetentionRefusal | undefined;
    let group: number[] = [];
    for (const { segment, place, isSealed } of entries) {
      if (place === "retired" && !this.#left.has(segment)) continue;
      group.push(segment);
      if (!isSealed) continue;
      stays = this.retireRefusal([...retire, ...group]);
      if (stays !== undefined) break;
      retire.push(...group);
      group = [];
    }
    if (group.length > 0) stays ??= this.retireRefusal([...retire, ...group]);
    return { nowNs: this.#nowNs, cold, retire, stays };
  }

  /** Why a segment may not leave its place; `undefined` where it may. */
  coldRefusal(segment: number): RetentionRefusal | undefined {
    const entry = this.#index.segments.get(segment);
    if (entry === undefined) return unknown(segment);
    if (entry.place !== "hot") return refuse("AUDIT_RETENTION_ORDER", name(segment), entry.place, "hot");
    return this.#clock() ?? this.#held(entry) ?? this.#young(entry, this.#hotUntil(entry));
  }

  /** Why a segment that is here may not leave for an archive; `undefined` where it may. */
  leaveRefusal(segment: number): RetentionRefusal | undefined {
    const entry = this.#index.segments.get(segment);
    if (entry === undefined) return unknown(segment);
    const { place } = entry;
    const isHere = place === "hot" || place === "cold" || (place === "elsewhere" && this.#left.has(segment));
    if (!isHere) return refuse("AUDIT_RETENTION_ORDER", name(segment), place, "one that is here");
    return this.#clock() ?? this.#held(entry) ?? this.#young(entry, this.#hotUntil(entry));
  }

  #hotUntil({ toNs, atNs }: AuditSegmentEntry): bigint {
    return (toNs > atNs ? toNs : atNs) + BigInt(this.#terms.hotDays) * DAY_NS;
  }

  /** Why these segments may not be deleted together, oldest first; `undefined` where they may. */
  retireRefusal(segments: readonly number[]): RetentionRefusal | undefined {
    const left = [...this.#index.segments.values()].filter(
      ({ place, segment }) => place !== "retired" || this.#left.has(segment),
    );
    for (const [i, segment] of segments.entries()) {
      const entry = this.#index.segments.get(segment);
      if (entry === undefined) return unknown(segment);
      const dueNs = retainUntil(entry.toNs, entry.atNs, this.#terms);
      const untilNs = dueNs > entry.retainUntilNs ? dueNs : entry.retainUntilNs;
      const no = this.#clock() ?? this.#held(entry) ?? this.#young(entry, untilNs);
      if (no !== undefined) return no;
      const next = left[i]?.segment;
      if (next !== segment)
        return refuse("AUDIT_RETENTION_ORDER", name(segment), segment, `${next}, the oldest`);
    }
    const last = this.#index.segments.get(segments.at(-1) ?? -1);
    if (last === undefined) return undefined;
    if (!last.isSealed) {
      const expected = "one that was sealed, and the torn ones before it";
      return refuse("AUDIT_SEGMENT_UNSEALED", name(last.segment), "not sealed", expected);
    }
    if (segments.length < left.length) return undefined;
    return refuse("AUDIT_RETENTION_ORDER", name(last.segment), "the last one", "one that others follow");
  }

  #clock(): RetentionRefusal | undefined {
    const { idleDaysMax } = this.#terms;
    const latestNs = this.#recordNs + BigInt(idleDaysMax) * DAY_NS;
    if (this.#nowNs < this.#newestNs) {
      return refuse(
        "AUDIT_RETENTION_CLOCK",
        "nowNs",
        this.#nowNs,
        `at least ${this.#newestNs}, the newest moment known`,
      );
    }
    if (this.#nowNs <= latestNs) return undefined;
    const expected = `at most ${idleDaysMax} days behind the newest record: record something, then ask again`;
    return refuse("AUDIT_RETENTION_CLOCK", "nowNs", this.#nowNs, expected);
  }

  #held(entry: AuditSegmentEntry): RetentionRefusal | undefined {
    const hold = holdOver(this.#index, entry);
    if (hold === undefined) return undefined;
    return refuse("AUDIT_RETENTION_HELD", name(entry.segment), `the hold ${hold.id}`, "no hold");
  }

  #young(entry: AuditSegmentEntry, dueNs: bigint): RetentionRefusal | undefined {
    if (this.#nowNs >= dueNs) return undefined;
    return refuse("AUDIT_RETENTION_YOUNG", name(entry.segment), this.#nowNs, `at least ${dueNs}`);
  }
}

/** A hold that covers a record of a segment. */
export function holdOver(index: AuditIndex, entry: AuditSegmentEntry): LegalHold | undefined {
  for (const hold of index.holds.values()) {
    const begins = hold.fromNs === null || hold.fromNs <= entry.toNs;
    if (begins && (hold.toNs === null || hold.toNs >= entry.fromNs)) return hold;
  }
  return undefined;
}

function unknown(segment: number): RetentionRefusal {
  return refuse("AUDIT_SEGMENT_UNKNOWN", "segment", segment, "one that is complete and listed");
}

function name(segment: number): string {
  return `segment ${segment}`;
}
