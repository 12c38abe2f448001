import { crc32, inflateRawSync } from "node:zlib";
import { Fault } from "../base/index.ts";

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const COMMENT_BYTES_MAX = 0xffff;
/** Stands for a number that is too large for its field. */
const WIDE = 0xffff_ffff;
/** The most one entry may unpack to. */
const ENTRY_BYTES_MAX = 1 << 30;

/** One file inside of a {@link ZipArchive}. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes after unpacking. */
  readonly length: number;
  /** Unpacks and checks the entry. @throws `FAULT_INPUT` naming archive and entry */
  readonly unpack: () => Uint8Array;
}

/**
 * A zip archive in memory: its entries by their central directory, stored or deflated.
 *
 * @invariant `unpack` returns exactly the bytes whose length and CRC-32 the directory names.
 * @throws `FAULT_INPUT` naming the archive, and the entry where one is meant: a file cut short, no archive, a
 * directory or an entry that points outside of it, encryption, a method other than stored and deflated, an
 * archive of 4 GiB or more, a length or a checksum that does not fit.
 * @source PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16 and 4.5.3
 */
export class ZipArchive {
  readonly name: string;
  readonly entries: readonly ZipEntry[];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #directoryAt = 0;

  constructor(name: string, bytes: Uint8Array) {
    this.name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.entries = this.#directory();
  }

  #directory(): readonly ZipEntry[] {
    const view = this.#view;
    const end = this.#findEnd();
    const count = view.getUint16(end + 10, true);
    const size = view.getUint32(end + 12, true);
    this.#directoryAt = view.getUint32(end + 16, true);
    if (count === 0xffff || this.#directoryAt === WIDE) {
      throw this.#fault("", "a zip64 archive", "a zip archive of less than 4 GiB and 65,535 entries");
    }
    if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count) {
      throw this.#fault("", "an archive in several parts", "one file");
    }
    if (this.#directoryAt + size > end) throw this.#cut("", this.#directoryAt + size);
    const entries: ZipEntry[] = [];
    let at = this.#directoryAt;
    for (let i = 0; i < count; i++) {
      if (at + CENTRAL_BYTES > end) throw this.#cut("", at + CENTRAL_BYTES);
      if (view.getUint32(at, true) !== CENTRAL) {
        throw this.#fault("", `no entry at byte ${at}`, `directory entry ${i + 1} of ${count}`);
      }
      const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
        number,
        number,
        number,
      ];
      const next = at + CENTRAL_BYTES + name + extra + comment;
      if (next > end) throw this.#cut("", next);
      entries.push(this.#entry(at, name));
      at = next;
    }
    return entries;
  }

  /** The end record is the last thing in the file but for its comment. */
  #findEnd(): number {
    const { byteLength } = this.#view;
    for (let at = byteLength - END_BYTES; at >= 0 && at >= byteLength - END_BYTES - COMMENT_BYTES_MAX; at--) {
      if (this.#view.getUint32(at, true) !== END) continue;
      if (at + END_BYTES + this.#view.getUint16(at + 20, true) === byteLength) return at;
    }
    const isZip = byteLength >= 4 && this.#view.getUint32(0, true) === LOCAL;
    if (isZip)
      throw this.#fault("", `an archive cut short at byte ${byteLength}`, "its directory at the end");
    throw this.#fault("", byteLength === 0 ? "0 bytes" : "something else", "a zip archive");
  }

  #entry(at: number, nameBytes: number): ZipEntry {
    const view = this.#view;
    const nameAt = at + CENTRAL_BYTES;
    const name = new TextDecoder().decode(this.#bytes.subarray(nameAt, nameAt + nameBytes));
    const sizes = [24, 20, 42].map((field) => view.getUint32(at + field, true));
    if (sizes.includes(WIDE)) this.#widen(name, nameAt + nameBytes, view.getUint16(at + 30, true), sizes);
    const [length, packed, offset] = sizes as [number, number, number];
    const head = {
      name,
      isEncrypted: (view.getUint16(at + 8, true) & 1) !== 0,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed,
      length,
      at: offset,
    };
    return { name, length, unpack: () => this.#unpack(head) };
  }

  /** Some writers keep every size in the extra field for 64 bits, however small the entry. */
  #widen(name: string, from: number, bytes: number, sizes: number[]): void {
    const view = this.#view;
    for (let at = from; at + 4 <= from + bytes; at += 4 + view.getUint16(at + 2, true)) {
      if (view.getUint16(at, true) !== 1) continue;
      let field = at + 4;
      for (const [i, size] of sizes.entries()) {
        if (size !== WIDE) continue;
        if (field + 8 > from + bytes) break;
        sizes[i] = Number(view.getBigUint64(field, true));
        field += 8;
      }
    }
    if (sizes.includes(WIDE)) throw this.#fault(name, "no 64-bit sizes", "sizes in the extra field");
  }

  #unpack(head: EntryHead): Uint8Array {
    const { name, length, method } = head;
    if (head.isEncrypted) throw this.#fault(name, "an encrypted entry", "one that is not");
    if (length > ENTRY_BYTES_MAX) throw this.#fault(name, `${length} bytes`, `at most ${ENTRY_BYTES_MAX}`);
    const packed = this.#packed(head);
    if (method !== 0 && method !== 8)
      throw this.#fault(name, `method ${method}`, "0 (stored) or 8 (deflated)");
    const bytes = method === 0 ? packed : this.#inflate(name, packed, length);
    if (bytes.length !== length) throw this.#fault(name, `${bytes.length} bytes`, `${length} bytes`);
    const crc = crc32(bytes);
    if (crc === head.crc) return bytes;
    throw this.#fault(name, `CRC-32 ${crc.toString(16)}`, `CRC-32 ${head.crc.toString(16)}`);
  }

  #packed(head: EntryHead): Uint8Array {
    const view = this.#view;
    const limit = this.#directoryAt;
    if (head.at + LOCAL_BYTES > limit) throw this.#cut(head.name, head.at + LOCAL_BYTES);
    if (view.getUint32(head.at, true) !== LOCAL) {
      throw this.#fault(head.name, `no entry at byte ${head.at}`, "the entry's own header");
    }
    const names = view.getUint16(head.at + 26, true) + view.getUint16(head.at + 28, true);
    const from = head.at + LOCAL_BYTES + names;
    if (from + head.packed > limit) throw this.#cut(head.name, from + head.packed);
    return this.#bytes.subarray(from, from + head.packed);
  }

  #inflate(name: string, packed: Uint8Array, length: number): Uint8Array {
    try {
      return inflateRawSync(packed, { maxOutputLength: Math.max(length, 1) });
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw this.#fault(name, found, `a deflate stream of ${length} bytes`, cause);
    }
  }

  #cut(entry: string, byte: number): Fault {
    return this.#fault(entry, `an archive cut short at byte ${this.#bytes.length}`, `bytes up to ${byte}`);
  }

  #fault(entry: string, value: string, expected: string, cause?: unknown): Fault {
    const path = entry === "" ? this.name : `${this.name}/${entry}`;
    return new Fault("FAULT_INPUT", { path, value, expected, cause });
  }
}

interface EntryHead {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly length: number;
  readonly at: number;
}
