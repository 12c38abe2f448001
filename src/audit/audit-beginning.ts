import type { AuditRecord } from "./audit-record.ts";
import type { AuditSegmentHeader } from "./audit-segment.ts";
import type { AuditProblem } from "./audit-verdict.ts";

/**
 * What became of the records before the first one that was read: `here` where there are none before it, `retired` where a
 * proved `retentionTombstone` tells of the last of them, `part` where the caller said that they verify a part,
 * `missing` else.
 */
export type AuditBeginning = "here" | "retired" | "part" | "missing";

/** Looks among the records for the tombstone of what came before the first of them. */
export class BeginningSearch {
  readonly #isPart: boolean;
  #first: AuditSegmentHeader | undefined;
  /** The number of the first tombstone that tells of the segment before. */
  #tombstoneSeq = Number.POSITIVE_INFINITY;

  constructor(isPart: boolean) {
    this.#isPart = isPart;
  }

  /** Takes the header of the first segment that is read. */
  start(header: AuditSegmentHeader): void {
    this.#first = header;
  }

  hear({ type, seq, payload }: AuditRecord): void {
    const first = this.#first;
    if (type !== "retentionTombstone" || first === undefined || seq > this.#tombstoneSeq) return;
    const { lastSeq, segment = first.segment - 1 } = payload;
    // The oldest go first: who could delete the last of them had deleted those before it.
    if (lastSeq === first.firstSeq - 1 && segment === first.segment - 1) this.#tombstoneSeq = seq;
  }

  /** What is known behind the last record that was read. */
  found(provedSeq: number): AuditBeginning | null {
    if (this.#first === undefined) return null;
    if (this.#first.firstSeq === 1 && this.#first.treeSize === 0) return "here";
    if (this.#tombstoneSeq <= provedSeq) return "retired";
    return this.#isPart ? "part" : "missing";
  }

  /** What is wrong with a log whose beginning is missing. */
  problem(provedSeq: number): AuditProblem | null {
    if (this.found(provedSeq) !== "missing" || this.#first === undefined) return null;
    const { firstSeq } = this.#first;
    const message =
      `the beginning is missing: the first record here is ${firstSeq}, ` +
      "and no proved record says that a rule deleted those before it";
    return {
      code: "AUDIT_BEGINNING_MISSING",
      segment: 0,
      offset: 0,
      fromSeq: Math.min(1, firstSeq - 1),
      toSeq: firstSeq - 1,
      message,
    };
  }
}
