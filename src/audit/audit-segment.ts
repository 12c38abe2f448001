import { hash } from "node:crypto";
import { type Refusal, refuse } from "../base/index.ts";
import { AuditBuffer } from "./audit-buffer.ts";
import { AuditReader } from "./audit-reader.ts";
import { MERKLE_HASH_BYTES } from "./merkle-hash.ts";

/** The tags that frames of a segment begin with: four letters. */
export const AUDIT_FRAME = {
  header: 0x31445541,
  block: 0x314b4c42,
  checkpoint: 0x314b4843,
  end: 0x31444e45,
} as const;

/** Bytes of a frame before its body: the tag and the body's length. */
export const AUDIT_FRAME_HEAD_BYTES = 8;

/** Bytes of a block's body before its records: first seq, count of records, their length. */
export const AUDIT_BLOCK_HEAD_BYTES = 16;

/** A block holds at most this many records. */
export const AUDIT_BLOCK_RECORDS_MAX = 64;

/** No frame's body is longer. @units bytes */
export const AUDIT_FRAME_BYTES_MAX = 8_388_608;

const VERSION = 1;
const SEALED = 1;
const LINK = Buffer.from("TE-AUD-1");
const GENESIS = Buffer.from("TE-AUD-G");

/** What the leaves of the Merkle tree are. */
export type AuditLeaves = "block" | "record";

/** What a segment says of itself and of what came before it. */
export interface AuditSegmentHeader {
  /** The name of the log. */
  readonly origin: string;
  /** From 0. */
  readonly segment: number;
  readonly leaves: AuditLeaves;
  /** The seq of its first record. */
  readonly firstSeq: number;
  /** The time of the last record before it; 0 where there is none. @units epoch ns */
  readonly lastTsNs: bigint;
  /** The last link before it, zeros where there is none. @shape 32 bytes */
  readonly previousTip: Uint8Array;
  /** The hash of the last checkpoint before it, zeros where there is none. @shape 32 bytes */
  readonly previousCheckpoint: Uint8Array;
  /** Whether the segment before it was sealed. */
  readonly isPreviousSealed: boolean;
  /** Bytes at the end of the segment before it that are no whole frame. */
  readonly tornBytes: number;
  /** Random bytes. @shape 32 bytes */
  readonly salt: Uint8Array;
  /** Leaves of the tree before it, and the roots of its complete subtrees, the largest first. */
  readonly treeSize: number;
  readonly peaks: readonly Uint8Array[];
}

/** What ends a sealed segment. */
export interface AuditSegmentEnd {
  readonly lastSeq: number;
  readonly treeSize: number;
  /** @shape 32 bytes */
  readonly tip: Uint8Array;
}

/** Where the parts of a block stand in its frame's body. */
export interface AuditBlockParts {
  readonly firstSeq: number;
  readonly count: number;
  /** Where the records begin and end; their check words follow, then the link. */
  readonly from: number;
  readonly to: number;
}

/** Code of what is no part of a segment. */
export type AuditSegmentRefusal = Refusal<"AUDIT_SEGMENT_MALFORMED">;

/** Writes the frame of a header. */
export function encodeHeader(header: AuditSegmentHeader): Uint8Array {
  const buffer = new AuditBuffer(4096);
  buffer.u32(AUDIT_FRAME.header);
  buffer.u32(0);
  buffer.u16(VERSION);
  buffer.u8(header.leaves === "record" ? 1 : 0);
  buffer.u8(header.isPreviousSealed ? SEALED : 0);
  buffer.u32(header.segment);
  buffer.count(header.firstSeq);
  buffer.i64(header.lastTsNs);
  buffer.u32(header.tornBytes);
  for (const each of [header.salt, header.previousTip, header.previousCheckpoint]) buffer.raw(each);
  buffer.text(header.origin, "origin", 1);
  buffer.count(header.treeSize);
  buffer.u8(header.peaks.length);
  for (const peak of header.peaks) buffer.raw(peak);
  buffer.setU32(4, buffer.length - AUDIT_FRAME_HEAD_BYTES);
  return buffer.bytes.slice(0, buffer.length);
}

/** Reads the body of a header's frame. @refuses `AUDIT_SEGMENT_MALFORMED` for what `encodeHeader` does not write. */
export function decodeHeader(body: Uint8Array): AuditSegmentHeader | AuditSegmentRefusal {
  const reader = new AuditReader(body);
  const version = reader.u16();
  if (version !== VERSION) reader.refuse("version", version, String(VERSION));
  const leaves = reader.u8();
  if (leaves > 1) reader.refuse("leaves", leaves, "0 or 1");
  const flags = reader.u8();
  if (flags > SEALED) reader.refuse("flags", flags, "0 or 1");
  const segment = reader.u32();
  const firstSeq = reader.count("firstSeq");
  if (firstSeq === 0) reader.refuse("firstSeq", 0, "at least 1");
  const lastTsNs = reader.i64();
  const tornBytes = reader.u32();
  const salt = reader.raw(MERKLE_HASH_BYTES);
  const previousTip = reader.raw(MERKLE_HASH_BYTES);
  const previousCheckpoint = reader.raw(MERKLE_HASH_BYTES);
  const origin = reader.text("origin", 1);
  const treeSize = reader.count("treeSize");
  const count = reader.u8();
  if (count !== bitsOf(treeSize)) reader.refuse("peaks", count, `${bitsOf(treeSize)} for ${treeSize} leaves`);
  const peaks: Uint8Array[] = [];
  while (reader.trouble === undefined && peaks.length < count) peaks.push(reader.raw(MERKLE_HASH_BYTES));
  if (reader.rest > 0) reader.refuse("length", reader.rest, "no bytes left over");
  if (reader.trouble !== undefined) return refused("header", reader.trouble);
  return {
    origin,
    segment,
    leaves: leaves === 1 ? "record" : "block",
    firstSeq,
    lastTsNs,
    previousTip,
    previousCheckpoint,
    isPreviousSealed: flags === SEALED,
    tornBytes,
    salt,
    treeSize,
    peaks,
  };
}

/** Writes the frame that ends a sealed segment. */
export function encodeEnd(end: AuditSegmentEnd): Uint8Array {
  const buffer = new AuditBuffer(AUDIT_FRAME_HEAD_BYTES + 16 + MERKLE_HASH_BYTES);
  buffer.u32(AUDIT_FRAME.end);
  buffer.u32(16 + MERKLE_HASH_BYTES);
  buffer.count(end.lastSeq);
  buffer.count(end.treeSize);
  buffer.raw(end.tip);
  return buffer.bytes;
}

/** Reads the body of the frame that ends a segment. */
export function decodeEnd(body: Uint8Array): AuditSegmentEnd | AuditSegmentRefusal {
  const reader = new AuditReader(body);
  const lastSeq = reader.count("lastSeq");
  const treeSize = reader.count("treeSize");
  const tip = reader.raw(MERKLE_HASH_BYTES);
  if (reader.rest > 0) reader.refuse("length", reader.rest, "no bytes left over");
  return reader.trouble === undefined ? { lastSeq, treeSize, tip } : refused("end", reader.trouble);
}

/** Writes the frame of a signed checkpoint. */
export function encodeCheckpointFrame(note: string): Uint8Array {
  const body = Buffer.from(note);
  const buffer = new AuditBuffer(AUDIT_FRAME_HEAD_BYTES + body.length);
  buffer.u32(AUDIT_FRAME.checkpoint);
  buffer.u32(body.length);
  buffer.raw(body);
  return buffer.bytes;
}

/** Reads how the body of a block's frame is divided. */
export function decodeBlockParts(body: Uint8Array): AuditBlockParts | AuditSegmentRefusal {
  const reader = new AuditReader(body);
  const firstSeq = reader.count("firstSeq");
  const count = reader.u32();
  const length = reader.u32();
  if (count < 1 || count > AUDIT_BLOCK_RECORDS_MAX) {
    reader.refuse("count", count, `within 1 and ${AUDIT_BLOCK_RECORDS_MAX}`);
  }
  const expected = AUDIT_BLOCK_HEAD_BYTES + length + 4 * count + MERKLE_HASH_BYTES;
  if (body.length !== expected) reader.refuse("length", body.length, String(expected));
  if (reader.trouble !== undefined) return refused("block", reader.trouble);
  return { firstSeq, count, from: AUDIT_BLOCK_HEAD_BYTES, to: AUDIT_BLOCK_HEAD_BYTES + length };
}

/** The first link of a segment: SHA-256 of `TE-AUD-G` and the header's body. */
export function genesisOf(headerBody: Uint8Array): Uint8Array {
  return sha256(Buffer.concat([GENESIS, headerBody]));
}

/** Bytes that stand before a block's records where its link is made: domain, link before, first seq, length. */
export const LINK_HEAD_BYTES = 52;

/** Writes those bytes, which SHA-256 makes the link of together with the records behind them. */
export function writeLinkHead(
  into: AuditBuffer,
  at: number,
  tip: Uint8Array,
  firstSeq: number,
  length: number,
): void {
  const { bytes } = into;
  for (let i = 0; i < LINK.length; i++) bytes[at + i] = LINK[i] as number;
  for (let i = 0; i < MERKLE_HASH_BYTES; i++) bytes[at + LINK.length + i] = tip[i] as number;
  into.setCount(at + LINK.length + MERKLE_HASH_BYTES, firstSeq);
  into.setU32(at + LINK.length + MERKLE_HASH_BYTES + 8, length);
}

/** SHA-256 as bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}

/**
 * The check word of a record, FNV-1a over its words of 32 bits, little-endian, the last one filled up with zeros. It
 * names the record in which storage failed; what somebody changed on purpose, the links and the signatures find.
 *
 * @invariant A change within one word of 32 bits always changes it.
 */
export function checkWord(view: DataView, from: number, to: number): number {
  let word = 0x811c9dc5;
  let at = from;
  for (; at + 4 <= to; at += 4) word = Math.imul(word ^ view.getInt32(at, true), 0x01000193);
  if (at < to) {
    let last = 0;
    for (let i = to - 1; i >= at; i--) last = (last << 8) | view.getUint8(i);
    word = Math.imul(word ^ last, 0x01000193);
  }
  return word >>> 0;
}

function bitsOf(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}

function refused(
  part: string,
  trouble: { field: string; value: unknown; expected: string },
): AuditSegmentRefusal {
  return refuse("AUDIT_SEGMENT_MALFORMED", `${part}.${trouble.field}`, trouble.value, trouble.expected);
}
