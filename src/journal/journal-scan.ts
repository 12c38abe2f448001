import { checkInteger, checkKeys, Digest } from "../base/index.ts";
import type { RecordVisitor } from "./record-view.ts";
import { NO_HASH, type SegmentHeader } from "./segment-header.ts";
import { type SegmentScan, scanSegment, type TornBatch } from "./segment-scan.ts";
import type { JournalTrouble, JournalTroubleKind } from "./trouble.ts";

/** Which journal is expected. */
export interface JournalScanOptions {
  readonly shard: number;
  /** `drop` unless given. */
  readonly tornBatch?: TornBatch;
}

/**
 * Reads a journal segment by segment, in order, and checks that each follows the one before: shard, sequence, epoch,
 * and the hash of the segment before it.
 *
 * @invariant After a trouble nothing more is read.
 * @example
 * ```ts
 * import { encodeSegmentHeader, JournalScan, NO_HASH } from "tickwright/journal";
 * const header = { shard: 0, epoch: 1, baseSeq: 1, createdNs: 0n, prevSegmentHash: NO_HASH };
 * const scan = new JournalScan({ shard: 0 });
 * scan.add(encodeSegmentHeader(header), "first", true).endByte; // => 128
 * scan.lastSeq; // => 0
 * ```
 */
export class JournalScan {
  readonly #shard: number;
  readonly #tornBatch: TornBatch;
  #segments = 0;
  #firstSeq = 1;
  #lastSeq = 0;
  #epoch = 0;
  #records = 0;
  #hash = NO_HASH;
  #hashBefore = NO_HASH;
  #trouble: JournalTrouble | undefined;

  constructor(options: JournalScanOptions) {
    checkKeys("options", options, ["shard", "tornBatch"]);
    this.#shard = checkInteger("options.shard", options.shard, 0, 0xffff_ffff);
    this.#tornBatch = options.tornBatch ?? "drop";
  }

  /** The first record the journal still holds; records before it were retired. */
  get firstSeq(): number {
    return this.#firstSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get records(): number {
    return this.#records;
  }

  /** The highest epoch seen; 0 where there is no segment. */
  get epoch(): number {
    return this.#epoch;
  }

  /** SHA-256 of the last segment up to its last record. */
  get lastHash(): string {
    return this.#hash;
  }

  /** The same of the segment before the last one. */
  get hashBeforeLast(): string {
    return this.#hashBefore;
  }

  /** The first thing that was wrong. */
  get trouble(): JournalTrouble | undefined {
    return this.#trouble;
  }

  /** Reads the next segment. Only the last one may have a torn tail: the others were synced before they were left. */
  add(bytes: Uint8Array, name: string, isLast: boolean, visit?: RecordVisitor): SegmentScan {
    const options = { name, epochMin: this.#epoch, tornBatch: this.#tornBatch };
    const begins = scanSegment(bytes.subarray(0, 128), options);
    const wrong = this.#trouble ?? begins.trouble ?? this.#misfit(begins.header, name);
    if (wrong !== undefined) {
      this.#trouble = wrong;
      return { ...begins, trouble: wrong };
    }
    const scan = scanSegment(bytes, options, visit);
    const cut =
      scan.isTorn && !isLast
        ? trouble("damaged", name, scan.endByte, scan.lastSeq + 1, "a damaged record", "a sealed segment")
        : undefined;
    this.#trouble = scan.trouble ?? cut;
    if (this.#segments === 0) this.#firstSeq = scan.lastSeq + 1 - scan.records;
    this.#segments++;
    this.#records += scan.records;
    this.#lastSeq = scan.lastSeq;
    this.#epoch = scan.epoch;
    this.#hashBefore = this.#hash;
    this.#hash = new Digest().update(bytes.subarray(0, scan.endByte)).hex();
    return cut === undefined ? scan : { ...scan, trouble: cut };
  }

  /** Why a segment does not follow the one before. */
  #misfit(header: SegmentHeader | undefined, name: string): JournalTrouble | undefined {
    if (header === undefined) return undefined;
    const isFirst = this.#segments === 0;
    const seq = isFirst ? header.baseSeq : this.#lastSeq + 1;
    if (header.shard !== this.#shard) {
      return trouble("mixed", name, 12, seq, `shard ${header.shard}`, `shard ${this.#shard}`);
    }
    if (header.baseSeq !== seq) {
      const kind = header.baseSeq > seq ? "gap" : "mixed";
      return trouble(
        kind,
        name,
        24,
        seq,
        `a segment from record ${header.baseSeq}`,
        `one from record ${seq}`,
      );
    }
    // The first one's predecessor may have been retired.
    const isHashKnown = !isFirst || header.baseSeq === 1;
    if (isHashKnown && header.prevSegmentHash !== this.#hash) {
      const found = `a segment that follows ${header.prevSegmentHash}`;
      return trouble("mixed", name, 40, seq, found, `one that follows ${this.#hash}`);
    }
    return undefined;
  }
}

function trouble(
  kind: JournalTroubleKind,
  name: string,
  byte: number,
  seq: number,
  found: string,
  expected: string,
): JournalTrouble {
  return { kind, name, byte, seq, found, expected };
}
