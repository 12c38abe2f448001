/** Eight tables of 256 words: table k takes a byte that k more bytes follow. */
const TABLES = makeTables();

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
 * The CRC-32C (Castagnoli) of the bytes from `from` up to `to`, as an unsigned 32-bit integer; equal to `crc32c` of
 * the room `base`.
 *
 * @cost O(bytes), eight at a time; nothing allocated. A range outside of the bytes reads as zeros: callers check.
 * @source RFC 3720, appendix B.4; Kounavis and Berry 2008 (slicing by 8)
 */
export function crc32cOf(bytes: Uint8Array, from: number, to: number): number {
  const t = TABLES;
  let word = -1;
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
  return ~word >>> 0;
}
