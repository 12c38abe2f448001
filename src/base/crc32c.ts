/** Eight tables of 256 words: table k takes a byte that k more bytes follow. */
const TABLES = makeTables();
/** One cell and its two halves: written and read within one call. */
const CELL = new Float64Array(1);
const HALVES = new Int32Array(CELL.buffer);

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let word = byte;
    for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0x82f63b78 : word >>> 1;
    tables[byte] = word;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256] as number;
    tables[i] = (tables[before & 255] as number) ^ (before >>> 8);
  }
  return tables;
}

/**
 * The CRC-32C (Castagnoli) checksum of some bytes, as an unsigned 32-bit integer.
 *
 * @param seed - the checksum so far, to go on over several pieces.
 * @cost O(bytes), eight at a time.
 * @source RFC 3720, appendix B.4
 */
export function crc32c(bytes: Uint8Array, seed: number = 0): number {
  return ~advance(~seed, bytes, 0, bytes.length) >>> 0;
}

/**
 * The CRC-32C of the bytes from `from` up to `to`.
 *
 * @cost O(bytes), eight at a time; nothing allocated. A range outside of the bytes reads as zeros: callers check.
 * @source RFC 3720, appendix B.4; Kounavis and Berry 2008 (slicing by 8)
 */
export function crc32cOf(bytes: Uint8Array, from: number, to: number): number {
  return ~advance(-1, bytes, from, to) >>> 0;
}

/**
 * The CRC-32C of the bytes of a view from `from` up to `to`: for short ranges of bytes that have a view anyway, two
 * thirds of the cost of {@link crc32cOf}.
 *
 * @cost O(bytes), eight at a time; nothing allocated.
 * @throws `RangeError` for a range outside of the view.
 */
export function crc32cOfView(view: DataView, from: number, to: number): number {
  const t = TABLES;
  let word = -1;
  let i = from;
  for (const last = to - 8; i <= last; i += 8) {
    const low = view.getInt32(i, true) ^ word;
    const high = view.getInt32(i + 4, true);
    word =
      (t[1792 + (low & 255)] as number) ^
      (t[1536 + ((low >>> 8) & 255)] as number) ^
      (t[1280 + ((low >>> 16) & 255)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (high & 255)] as number) ^
      (t[512 + ((high >>> 8) & 255)] as number) ^
      (t[256 + ((high >>> 16) & 255)] as number) ^
      (t[high >>> 24] as number);
  }
  for (; i < to; i++) word = (t[(word ^ view.getUint8(i)) & 255] as number) ^ (word >>> 8);
  return ~word >>> 0;
}

/**
 * The CRC-32C of the bytes of some cells, as they lie in the memory of a little-endian machine.
 *
 * @cost O(count), eight bytes at a time; nothing allocated.
 */
export function crc32cOfCells(cells: Float64Array, offset: number, count: number): number {
  const t = TABLES;
  let word = -1;
  for (let i = offset; i < offset + count; i++) {
    CELL[0] = cells[i] as number;
    const low = (HALVES[0] as number) ^ word;
    const high = HALVES[1] as number;
    word =
      (t[1792 + (low & 255)] as number) ^
      (t[1536 + ((low >>> 8) & 255)] as number) ^
      (t[1280 + ((low >>> 16) & 255)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (high & 255)] as number) ^
      (t[512 + ((high >>> 8) & 255)] as number) ^
      (t[256 + ((high >>> 16) & 255)] as number) ^
      (t[high >>> 24] as number);
  }
  return ~word >>> 0;
}

function advance(state: number, bytes: Uint8Array, from: number, to: number): number {
  const t = TABLES;
  let word = state;
  let i = from;
  for (const last = to - 8; i <= last; i += 8) {
    word ^=
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    word =
      (t[1792 + (word & 255)] as number) ^
      (t[1536 + ((word >>> 8) & 255)] as number) ^
      (t[1280 + ((word >>> 16) & 255)] as number) ^
      (t[1024 + (word >>> 24)] as number) ^
      (t[768 + (bytes[i + 4] as number)] as number) ^
      (t[512 + (bytes[i + 5] as number)] as number) ^
      (t[256 + (bytes[i + 6] as number)] as number) ^
      (t[bytes[i + 7] as number] as number);
  }
  for (; i < to; i++) word = (t[(word ^ (bytes[i] as number)) & 255] as number) ^ (word >>> 8);
  return word;
}
