import { AuditBuffer } from "./audit-buffer.ts";
import { MERKLE_HASH_BYTES } from "./merkle-hash.ts";

/** Records that are linked together, and their links: memory that is made once. */
export class LinkBatch {
  /** Records at most. */
  readonly records: number;
  /** The records, one behind the other from `MERKLE_HASH_BYTES` on; what is before them a digest may write. */
  readonly buffer: AuditBuffer;
  /** Where in `buffer` each record ends. */
  readonly ends: Uint32Array;
  /** The hash before the first record, then the link of each. @shape 32 bytes each */
  readonly hashes: Uint8Array;
  /** What `hashes` stands in, and `ends` behind them. */
  readonly memory: ArrayBuffer;

  constructor(records: number, bytes: number) {
    const hashBytes = MERKLE_HASH_BYTES * (records + 1);
    this.records = records;
    this.buffer = new AuditBuffer(MERKLE_HASH_BYTES + bytes);
    this.memory = new ArrayBuffer(hashBytes + Uint32Array.BYTES_PER_ELEMENT * records);
    this.hashes = new Uint8Array(this.memory, 0, hashBytes);
    this.ends = new Uint32Array(this.memory, hashBytes, records);
  }
}
