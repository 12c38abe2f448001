import { Fault } from "../base/index.ts";

/** Bytes of a record before its payload: length, checksum, sequence number, time, type, place, epoch. */
export const RECORD_HEADER_BYTES = 32;

/** The longest payload of a record, 16 MiB. */
export const PAYLOAD_BYTES_MAX = 16 * 1024 * 1024;

/** The highest type of a record: types are the caller's, 0 to this. */
export const RECORD_TYPE_MAX = 0xffff;

/** The highest place: as many records may wait for one sync of the disk, less one. */
export const PLACE_MAX = 0xffff;

/** The highest epoch. */
export const EPOCH_MAX = 0xffff_ffff;

/** Where the fields of a record lie, in bytes from its start. */
export const RECORD_AT = { length: 0, crc: 4, seq: 8, tsNs: 16, type: 24, place: 26, epoch: 28 } as const;

/**
 * How many bytes a record takes, with its padding to a multiple of 8.
 *
 * @example
 * ```ts
 * import { recordBytes } from "tickwright/journal";
 * recordBytes(200); // => 232
 * recordBytes(201); // => 240
 * ```
 */
export function recordBytes(payloadBytes: number): number {
  return (RECORD_HEADER_BYTES + payloadBytes + 7) & ~7;
}

/** Reads an unsigned 64-bit integer as a number; NaN where it is above 2^53 - 1. */
export function readSafe64(view: DataView, at: number): number {
  const high = view.getUint32(at + 4, true);
  return high > 0x1f_ffff ? Number.NaN : high * 0x1_0000_0000 + view.getUint32(at, true);
}

/** Writes a safe integer of at least 0 as an unsigned 64-bit integer. */
export function writeSafe64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

/** The bytes of 64 hex digits. @throws `FAULT_INPUT` naming `path` where they are none */
export function hashBytes(path: string, hex: string): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new Fault("FAULT_INPUT", { path, value: hex, expected: "64 lower-case hex digits" });
  }
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Bytes as lower-case hex digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
