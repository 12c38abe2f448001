import { crc32cOf, Fault } from "../base/index.ts";
import { EPOCH_MAX, hashBytes, hexOf, readSafe64, writeSafe64 } from "./record-format.ts";
import type { JournalTrouble, JournalTroubleKind } from "./trouble.ts";

/** The first eight bytes of every segment. */
export const SEGMENT_MAGIC = "TWJRNL\r\n";
/** The version of the format that this package writes and reads. */
export const SEGMENT_VERSION = 1;
/** Bytes of a segment before its first record. */
export const SEGMENT_HEADER_BYTES = 128;
/** The previous segment's hash where there is none. */
export const NO_HASH = "0".repeat(64);

const AT = { version: 8, shard: 12, epoch: 16, baseSeq: 24, createdNs: 32, hash: 40, crc: 124 } as const;

/** What a segment says about itself before its first record. */
export interface SegmentHeader {
  /** Which of several engines this journal belongs to. */
  readonly shard: number;
  /** The owner that began the segment. */
  readonly epoch: number;
  /** The sequence number of the segment's first record. */
  readonly baseSeq: number;
  /** @units epoch ns */
  readonly createdNs: bigint;
  /** SHA-256 of the segment before, from its first byte to its last record; {@link NO_HASH} in the first one. */
  readonly prevSegmentHash: string;
}

/**
 * Writes a segment's header: 128 bytes, little-endian.
 *
 * @shape magic 8, version u32, shard u32, epoch u32, 0 u32, baseSeq u64, createdNs u64, prevSegmentHash 32, zeros,
 * CRC-32C u32 of all before
 * @throws `FAULT_INPUT` naming a field out of its range
 */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 8; i++) bytes[i] = SEGMENT_MAGIC.charCodeAt(i);
  view.setUint32(AT.version, SEGMENT_VERSION, true);
  view.setUint32(AT.shard, within("shard", header.shard, 0, 0xffff_ffff), true);
  view.setUint32(AT.epoch, within("epoch", header.epoch, 1, EPOCH_MAX), true);
  writeSafe64(view, AT.baseSeq, within("baseSeq", header.baseSeq, 1, Number.MAX_SAFE_INTEGER));
  if (header.createdNs < 0n || header.createdNs >= 1n << 64n) {
    throw new Fault("FAULT_INPUT", {
      path: "createdNs",
      value: header.createdNs,
      expected: "0 to 2^64 - 1 ns",
    });
  }
  view.setBigUint64(AT.createdNs, header.createdNs, true);
  bytes.set(hashBytes("prevSegmentHash", header.prevSegmentHash), AT.hash);
  view.setUint32(AT.crc, crc32cOf(bytes, 0, AT.crc), true);
  return bytes;
}

/** Reads a segment's header; what is none comes back as the trouble it is, under the file's name. */
export function decodeSegmentHeader(bytes: Uint8Array, name: string): SegmentHeader | JournalTrouble {
  const trouble = (
    kind: JournalTroubleKind,
    byte: number,
    found: string,
    expected: string,
  ): JournalTrouble => ({ kind, name, byte, seq: 0, found, expected });
  for (let i = 0; i < 8; i++) {
    if (bytes[i] !== SEGMENT_MAGIC.charCodeAt(i)) {
      return trouble("foreign", 0, "a file that is no journal segment", "the magic of a segment");
    }
  }
  if (bytes.length < SEGMENT_HEADER_BYTES) {
    return trouble("damaged", bytes.length, "the end of the file", `${SEGMENT_HEADER_BYTES} bytes of header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(AT.version, true);
  const isWhole = view.getUint32(AT.crc, true) === crc32cOf(bytes, 0, AT.crc);
  if (isWhole && version !== SEGMENT_VERSION) {
    const age = version > SEGMENT_VERSION ? "newer" : "older";
    return trouble(
      "version",
      AT.version,
      `version ${version}, which is ${age}`,
      `version ${SEGMENT_VERSION}`,
    );
  }
  const baseSeq = readSafe64(view, AT.baseSeq);
  if (!isWhole || !(baseSeq >= 1)) {
    return trouble("damaged", 0, "a header that does not fit its checksum", "a whole segment header");
  }
  return {
    shard: view.getUint32(AT.shard, true),
    epoch: view.getUint32(AT.epoch, true),
    baseSeq,
    createdNs: view.getBigUint64(AT.createdNs, true),
    prevSegmentHash: hexOf(bytes.subarray(AT.hash, AT.hash + 32)),
  };
}

function within(path: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new Fault("FAULT_INPUT", { path, value, expected: `an integer within ${min} and ${max}` });
}
