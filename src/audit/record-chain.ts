import { checkFunction, checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { AuditBuffer } from "./audit-buffer.ts";
import type { AuditDigest } from "./audit-digest.ts";
import { checkDigest } from "./audit-digest-option.ts";
import { LinkBatch } from "./link-batch.ts";
import { checkHash, MERKLE_HASH_BYTES } from "./merkle-hash.ts";
import { plainDigest } from "./plain-digest.ts";

/** The longest record that a `RecordChain` takes. @units bytes */
const RECORD_BYTES_MAX = 65_536;
/** A batch is linked once its records pass this. @units bytes */
const BATCH_BYTES = 65_536;

/** Options of a `RecordChain`. */
export interface RecordChainOptions {
  /** The link before the first record; zeros unless given. @shape 32 bytes */
  readonly head?: Uint8Array;
  /** Records that are linked together, within 1 and 4096; 64 unless said. It changes no link. */
  readonly batchRecords?: number;
  /** Told of the links of every batch, 32 bytes each, good during the call, and of the first one's index, from 0. */
  readonly onLinks?: (links: Uint8Array, first: number) => void;
  /** What hashes; TypeScript unless given. */
  readonly digest?: AuditDigest;
}

/**
 * A link for each record: link i is SHA-256(link i-1 ‖ record i), over records of any bytes. Nothing else is in it:
 * no numbers, no frames, no signatures; an `AuditChain` has these, and links whole blocks for a tenth of the cost.
 *
 * Records enter by `append`, or are written into `buffer` and taken by `admit`. A batch is linked when it holds
 * `batchRecords` or 65,536 bytes, and by `flush`.
 *
 * @invariant The links depend on the records and their order alone, not on the batches or the body that hashes.
 * @throws `FAULT_INPUT` for a record above 65,536 bytes, which is not taken; `FAULT_IO` where a hash cannot be made:
 * the batch stays as it is.
 * @cost One hash for each record; `admit` allocates nothing before the batch is linked.
 * @example
 * ```ts
 * import { createHash } from "node:crypto";
 * import { RecordChain } from "tickwright/audit";
 * const chain = new RecordChain();
 * chain.append(new TextEncoder().encode("new"));
 * chain.append(new TextEncoder().encode("fill"));
 * chain.flush();
 * const first = createHash("sha256").update(new Uint8Array(32)).update("new").digest();
 * const second = createHash("sha256").update(first).update("fill").digest();
 * second.equals(chain.head); // => true
 * ```
 */
export class RecordChain {
  readonly #digest: AuditDigest;
  readonly #batch: LinkBatch;
  readonly #onLinks: RecordChainOptions["onLinks"];
  #end = MERKLE_HASH_BYTES;
  #size = 0;
  #pending = 0;

  /** @throws `FAULT_CONFIG` naming the option, `FAULT_INPUT` for a head that is not 32 bytes long. */
  constructor(options: RecordChainOptions = {}) {
    checkKeys("recordChain", options, ["head", "batchRecords", "onLinks", "digest"]);
    const { head, batchRecords = 64, onLinks, digest = plainDigest } = options;
    this.#digest = checkDigest("recordChain.digest", digest);
    const records = checkInteger("recordChain.batchRecords", batchRecords, 1, 4096);
    if (onLinks !== undefined) checkFunction("recordChain.onLinks", onLinks);
    this.#onLinks = onLinks;
    this.#batch = new LinkBatch(records, BATCH_BYTES + RECORD_BYTES_MAX);
    if (head !== undefined) this.#batch.hashes.set(checkHash("recordChain.head", head));
    this.#batch.buffer.length = MERKLE_HASH_BYTES;
  }

  /** Where the next record may be written, behind those that are pending. */
  get buffer(): AuditBuffer {
    return this.#batch.buffer;
  }

  /** Records that are linked. */
  get size(): number {
    return this.#size;
  }

  /** Records that were taken and are not linked yet. */
  get pending(): number {
    return this.#pending;
  }

  /** The last link. @shape 32 bytes */
  get head(): Uint8Array {
    return this.#batch.hashes.slice(0, MERKLE_HASH_BYTES);
  }

  /** Takes a record. */
  append(record: Uint8Array): void {
    this.#check(record instanceof Uint8Array ? record.length : Number.NaN);
    const { buffer } = this.#batch;
    // Room for the longest record is always left.
    buffer.bytes.set(record, this.#end);
    buffer.length = this.#end + record.length;
    this.admit();
  }

  /** Takes what was written into `buffer` behind the last record as the next one. */
  admit(): void {
    const { buffer, ends, records } = this.#batch;
    this.#check(buffer.length - this.#end);
    ends[this.#pending] = buffer.length;
    this.#end = buffer.length;
    this.#pending += 1;
    if (this.#pending === records || this.#end >= MERKLE_HASH_BYTES + BATCH_BYTES) this.flush();
  }

  /** Links the records that are pending, if there are any. */
  flush(): void {
    const count = this.#pending;
    if (count === 0) return;
    const { buffer, hashes } = this.#batch;
    this.#digest.link(this.#batch, count);
    const first = this.#size;
    this.#size += count;
    this.#pending = 0;
    this.#end = MERKLE_HASH_BYTES;
    buffer.length = MERKLE_HASH_BYTES;
    const last = MERKLE_HASH_BYTES * count;
    hashes.copyWithin(0, last, last + MERKLE_HASH_BYTES);
    this.#onLinks?.(hashes.subarray(MERKLE_HASH_BYTES, MERKLE_HASH_BYTES + last), first);
  }

  /** What is no record is forgotten. */
  #check(length: number): void {
    if (length >= 0 && length <= RECORD_BYTES_MAX) return;
    this.#batch.buffer.length = this.#end;
    const expected = `at most ${RECORD_BYTES_MAX} bytes behind the last record`;
    throw new Fault("FAULT_INPUT", { path: "recordChain.record", value: length, expected });
  }
}
