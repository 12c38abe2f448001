import { crc32cOf, Digest, Fault } from "../base/index.ts";
import { EPOCH_MAX, hashBytes, hexOf, readSafe64, writeSafe64 } from "./record-format.ts";

/** The first eight bytes of every snapshot. */
export const SNAPSHOT_MAGIC = "TWSNAP\r\n";
/** The version of the snapshot format that this package writes and reads. */
export const SNAPSHOT_VERSION = 1;

const HEADER_BYTES = 128;
const SECTION_BYTES = 16;
const HASH_BYTES = 32;
const SECTIONS_MAX = 65_536;
const NAME_BYTES_MAX = 255;
const AT = {
  version: 8,
  sections: 12,
  seq: 16,
  tsNs: 24,
  epoch: 32,
  config: 40,
  state: 72,
  crc: 124,
} as const;

/** One named part of a state. */
export interface SnapshotSection {
  /** 1 to 255 bytes of UTF-8, once in a snapshot. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The state after record `seq`, in parts. */
export interface Snapshot {
  /** The last record that went into the state. */
  readonly seq: number;
  readonly epoch: number;
  /** @units epoch ns */
  readonly tsNs: bigint;
  /** SHA-256 of the configuration, as hex. */
  readonly configHash: string;
  /** Hash of the state, as hex: what a replay up to `seq` must give. */
  readonly stateHash: string;
  readonly sections: readonly SnapshotSection[];
}

/**
 * Writes a snapshot as bytes.
 *
 * @shape header of 128 bytes (magic 8, version u32, sections u32, seq u64, tsNs u64, epoch u32, 0 u32, config hash 32,
 * state hash 32, zeros, CRC-32C u32); per section name length u32, CRC-32C u32 of name and bytes, length u64, name,
 * bytes, zeros up to a multiple of 8; SHA-256 of all before
 * @throws `FAULT_INPUT` naming a field out of its range, or a section's name that is empty, too long or there twice
 */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array<ArrayBuffer> {
  const { sections } = snapshot;
  const names = sections.map(({ name }) => new TextEncoder().encode(name));
  checkSnapshot(snapshot, names);
  const sizes = sections.map(({ bytes }, i) => padded((names[i] as Uint8Array).length + bytes.length));
  const length = sizes.reduce((sum, size) => sum + SECTION_BYTES + size, HEADER_BYTES) + HASH_BYTES;
  const into = new Uint8Array(length);
  const view = new DataView(into.buffer);
  for (let i = 0; i < 8; i++) into[i] = SNAPSHOT_MAGIC.charCodeAt(i);
  view.setUint32(AT.version, SNAPSHOT_VERSION, true);
  view.setUint32(AT.sections, sections.length, true);
  writeSafe64(view, AT.seq, snapshot.seq);
  view.setBigUint64(AT.tsNs, snapshot.tsNs, true);
  view.setUint32(AT.epoch, snapshot.epoch, true);
  into.set(hashBytes("configHash", snapshot.configHash), AT.config);
  into.set(hashBytes("stateHash", snapshot.stateHash), AT.state);
  view.setUint32(AT.crc, crc32cOf(into, 0, AT.crc), true);
  let at = HEADER_BYTES;
  for (const [i, { bytes }] of sections.entries()) {
    const name = names[i] as Uint8Array;
    const body = at + SECTION_BYTES;
    view.setUint32(at, name.length, true);
    writeSafe64(view, at + 8, bytes.length);
    into.set(name, body);
    into.set(bytes, body + name.length);
    view.setUint32(at + 4, crc32cOf(into, body, body + name.length + bytes.length), true);
    at = body + (sizes[i] as number);
  }
  into.set(hashBytes("hash", new Digest().update(into.subarray(0, at)).hex()), at);
  return into;
}

/**
 * Reads a snapshot; the sections are windows on the bytes.
 *
 * @param name - names the file in faults.
 * @throws `FAULT_JOURNAL_FORMAT` on a file that is no snapshot or of another version, `FAULT_JOURNAL_CORRUPT` naming
 * the byte where anything differs from what was written
 */
export function decodeSnapshot(bytes: Uint8Array, name = "snapshot"): Snapshot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = checkHeader(bytes, view, name);
  const damaged = (byte: number, value: string, expected: string): Fault =>
    new Fault("FAULT_JOURNAL_CORRUPT", { path: `${name} byte ${byte}`, value, expected });
  const last = bytes.length - HASH_BYTES;
  const sections: SnapshotSection[] = [];
  let at = HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + SECTION_BYTES > last) throw damaged(at, "the end of the file", `section ${i}`);
    const nameBytes = view.getUint32(at, true);
    const size = readSafe64(view, at + 8);
    const body = at + SECTION_BYTES;
    const next = body + padded(nameBytes + size);
    if (!(next <= last)) throw damaged(at, "the end of the file", `${size} bytes of section ${i}`);
    if (view.getUint32(at + 4, true) !== crc32cOf(bytes, body, body + nameBytes + size)) {
      throw damaged(at, "other bytes", `section ${i} that fits its checksum`);
    }
    sections.push({
      name: new TextDecoder().decode(bytes.subarray(body, body + nameBytes)),
      bytes: bytes.subarray(body + nameBytes, body + nameBytes + size),
    });
    at = next;
  }
  if (at !== last) throw damaged(at, `${last - at} bytes more`, "the hash of the snapshot");
  const hash = new Digest().update(bytes.subarray(0, at)).hex();
  if (hash !== hexOf(bytes.subarray(at))) throw damaged(at, "another hash", `the hash ${hash}`);
  return {
    seq: readSafe64(view, AT.seq),
    epoch: view.getUint32(AT.epoch, true),
    tsNs: view.getBigUint64(AT.tsNs, true),
    configHash: hexOf(bytes.subarray(AT.config, AT.config + 32)),
    stateHash: hexOf(bytes.subarray(AT.state, AT.state + 32)),
    sections,
  };
}

/** Checks magic, version and checksum; returns the number of sections. */
function checkHeader(bytes: Uint8Array, view: DataView, name: string): number {
  for (let i = 0; i < 8; i++) {
    if (bytes[i] === SNAPSHOT_MAGIC.charCodeAt(i)) continue;
    const detail = { path: `${name} byte 0`, value: "a file that is no snapshot" };
    throw new Fault("FAULT_JOURNAL_FORMAT", { ...detail, expected: "the magic of a snapshot" });
  }
  const isWhole =
    bytes.length >= HEADER_BYTES + HASH_BYTES && view.getUint32(AT.crc, true) === crc32cOf(bytes, 0, AT.crc);
  if (!isWhole || !(readSafe64(view, AT.seq) >= 0)) {
    const detail = { path: `${name} byte 0`, value: "a header that does not fit its checksum" };
    throw new Fault("FAULT_JOURNAL_CORRUPT", { ...detail, expected: "a whole snapshot header" });
  }
  const version = view.getUint32(AT.version, true);
  if (version !== SNAPSHOT_VERSION) {
    const value = `version ${version}, which is ${version > SNAPSHOT_VERSION ? "newer" : "older"}`;
    const detail = { path: `${name} byte ${AT.version}`, value };
    throw new Fault("FAULT_JOURNAL_FORMAT", { ...detail, expected: `version ${SNAPSHOT_VERSION}` });
  }
  return view.getUint32(AT.sections, true);
}

function checkSnapshot(snapshot: Snapshot, names: readonly Uint8Array[]): void {
  const wrong = (path: string, value: unknown, expected: string): Fault =>
    new Fault("FAULT_INPUT", { path, value, expected });
  const { seq, epoch, tsNs, sections } = snapshot;
  if (!Number.isSafeInteger(seq) || seq < 0) throw wrong("seq", seq, "an integer of at least 0");
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > EPOCH_MAX) {
    throw wrong("epoch", epoch, `an integer within 0 and ${EPOCH_MAX}`);
  }
  if (tsNs < 0n || tsNs >= 1n << 64n) throw wrong("tsNs", tsNs, "0 to 2^64 - 1 ns");
  if (sections.length > SECTIONS_MAX) {
    throw wrong("sections.length", sections.length, `at most ${SECTIONS_MAX} sections`);
  }
  const seen = new Set<string>();
  for (const [i, { name }] of sections.entries()) {
    const size = (names[i] as Uint8Array).length;
    if (size >= 1 && size <= NAME_BYTES_MAX && name.isWellFormed() && !seen.has(name)) seen.add(name);
    else throw wrong(`sections[${i}].name`, name, `1 to ${NAME_BYTES_MAX} bytes, once in a snapshot`);
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
