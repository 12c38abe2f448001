import { AuditBuffer } from "./audit-buffer.ts";
import { LINK_HEAD_BYTES } from "./audit-segment.ts";

/** The records of a block, copied to where an edge may write before them; the memory is used again and grows. */
export class BlockCopy {
  #buffer: AuditBuffer | undefined;

  /** A buffer that holds the records from byte 52 to its length. */
  of(records: Uint8Array): AuditBuffer {
    const bytes = LINK_HEAD_BYTES + records.length;
    let buffer = this.#buffer;
    if (buffer === undefined || buffer.capacity < bytes) {
      buffer = new AuditBuffer(Math.max(32_768, 2 * bytes));
      this.#buffer = buffer;
    }
    buffer.length = LINK_HEAD_BYTES;
    buffer.raw(records);
    return buffer;
  }
}
