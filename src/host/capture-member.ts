import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const HEAD_BYTES = 20;
const TAIL_BYTES = 8;
/** Bytes of lines one member may hold. */
const MEMBER_BYTES_MAX = 64 * 1024 * 1024;

/**
 * One gzip member with its own whole length in an extra field ("TW"): any program that reads gzip reads a file of
 * members, and we go from one to the next without unpacking.
 *
 * @source RFC 1952
 */
export function encodeMember(bytes: Uint8Array, level: number): Uint8Array {
  const packed = deflateRawSync(bytes, { level });
  const length = HEAD_BYTES + packed.length + TAIL_BYTES;
  const member = new Uint8Array(length);
  const view = new DataView(member.buffer);
  member.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x54, 0x57, 4, 0]);
  view.setUint32(16, length, true);
  member.set(packed, HEAD_BYTES);
  view.setUint32(length - 8, crc32(bytes), true);
  view.setUint32(length - 4, bytes.length, true);
  return member;
}

/** The length of the member that begins at `at`, or 0 where none of ours begins there or it is cut short. */
export function memberLength(bytes: Uint8Array, at: number): number {
  const head = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x54, 0x57, 4, 0];
  if (at + HEAD_BYTES + TAIL_BYTES > bytes.length) return 0;
  for (let i = 0; i < head.length; i++) if (bytes[at + i] !== head[i]) return 0;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at + 16, true);
  return length >= HEAD_BYTES + TAIL_BYTES && at + length <= bytes.length ? length : 0;
}

/** Unpacks a member; undefined where its bytes are not those that were written. */
export function decodeMember(member: Uint8Array): Uint8Array | undefined {
  const view = new DataView(member.buffer, member.byteOffset, member.byteLength);
  const size = view.getUint32(member.length - 4, true);
  if (size > MEMBER_BYTES_MAX) return undefined;
  try {
    const packed = member.subarray(HEAD_BYTES, member.length - TAIL_BYTES);
    const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    if (bytes.length !== size || crc32(bytes) !== view.getUint32(member.length - 8, true)) return undefined;
    return bytes;
  } catch {
    return undefined;
  }
}
