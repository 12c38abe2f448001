import { Fault } from "../base/index.ts";
import type { AuditBuffer } from "./audit-buffer.ts";
import type { AuditDigest, AuditEdge } from "./audit-digest.ts";
import { AUDIT_RECORD_AT } from "./audit-record.ts";
import { type AuditLeaves, LINK_HEAD_BYTES, sha256, writeLinkHead } from "./audit-segment.ts";
import type { LinkBatch } from "./link-batch.ts";
import { MerkleFrontier, type MerkleFrontierState } from "./merkle-frontier.ts";
import { MERKLE_HASH_BYTES, sameHash, writeSha256 } from "./merkle-hash.ts";

/** A record reaches past its length. @units bytes */
const RECORD_BYTES_MIN = AUDIT_RECORD_AT.length + 4;
const leaf = new Uint8Array(MERKLE_HASH_BYTES);
const kept = new Uint8Array(MERKLE_HASH_BYTES);

/** An edge whose hashes are made one by one. */
class PlainEdge implements AuditEdge {
  readonly #tree: MerkleFrontier;
  #tip: Uint8Array = new Uint8Array(MERKLE_HASH_BYTES);

  constructor(tree: MerkleFrontier) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  get tip(): Uint8Array {
    return this.#tip;
  }

  begin(tip: Uint8Array): void {
    this.#tip = tip.slice();
  }

  take(
    buffer: AuditBuffer,
    to: number,
    firstSeq: number,
    leaves: AuditLeaves,
    expected?: Uint8Array,
  ): boolean {
    checkBlock(buffer, to, leaves);
    writeLinkHead(buffer, 0, this.#tip, firstSeq, to - LINK_HEAD_BYTES);
    const link = sha256(buffer.bytes.subarray(0, to));
    if (expected !== undefined && !sameHash(link, expected)) return false;
    this.#grow(buffer, to, leaves);
    this.#tip = link;
    return true;
  }

  root(): Uint8Array {
    return this.#tree.root();
  }

  save(): MerkleFrontierState {
    return this.#tree.save();
  }

  /** Adds the block's leaf, or its records': each is hashed in place, behind a zero byte. */
  #grow(buffer: AuditBuffer, end: number, leaves: AuditLeaves): void {
    const { bytes } = buffer;
    for (let at = LINK_HEAD_BYTES; at < end; ) {
      const to = leaves === "block" ? end : at + buffer.getU32(at + AUDIT_RECORD_AT.length);
      const before = bytes[at - 1] as number;
      bytes[at - 1] = 0;
      writeSha256(bytes.subarray(at - 1, to), leaf, 0);
      this.#tree.appendHash(leaf);
      bytes[at - 1] = before;
      at = to;
    }
  }
}

/** Each record is hashed in place, behind the hash before it; what stood there is put back. */
function link({ records, buffer, ends, hashes }: LinkBatch, count: number): void {
  if (count > records) throw wrong(`${count} records`, `at most ${records}`);
  for (let i = 0, from = MERKLE_HASH_BYTES; i < count; i++) {
    const to = ends[i] as number;
    if (to < from || to > buffer.capacity)
      throw wrong(`a record from ${from} to ${to}`, "records in their order");
    from = to;
  }
  const { bytes } = buffer;
  for (let i = 0, from = MERKLE_HASH_BYTES; i < count; i++) {
    const to = ends[i] as number;
    const start = from - MERKLE_HASH_BYTES;
    const at = i * MERKLE_HASH_BYTES;
    for (let k = 0; k < MERKLE_HASH_BYTES; k++) {
      kept[k] = bytes[start + k] as number;
      bytes[start + k] = hashes[at + k] as number;
    }
    writeSha256(bytes.subarray(start, to), hashes, at + MERKLE_HASH_BYTES);
    for (let k = 0; k < MERKLE_HASH_BYTES; k++) bytes[start + k] = kept[k] as number;
    from = to;
  }
}

/** All of a block is looked at before any of it is taken. */
function checkBlock(buffer: AuditBuffer, end: number, leaves: AuditLeaves): void {
  if (!(end > LINK_HEAD_BYTES && end <= buffer.capacity))
    throw wrong(`records to ${end}`, "records in the buffer");
  for (let at = LINK_HEAD_BYTES; leaves === "record" && at < end; ) {
    const left = end - at;
    const length = left < RECORD_BYTES_MIN ? 0 : buffer.getU32(at + AUDIT_RECORD_AT.length);
    if (length < RECORD_BYTES_MIN || length > left) {
      throw wrong(`a record of ${length} in ${left} bytes`, "records that end where their block does");
    }
    at += length;
  }
}

function wrong(value: string, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path: "auditDigest.records", value, expected });
}

/** Hashes by TypeScript and `node:crypto`. */
export const plainDigest: AuditDigest = {
  edge: (tree) => new PlainEdge(tree === undefined ? new MerkleFrontier() : MerkleFrontier.load(tree)),
  link,
};
