import { Fault } from "../base/index.ts";
import { type BarBlock, DepthBlock, type TapeSchema } from "../model/index.ts";
import { checkExact, loadTimes, storeTimes, type TimeBase } from "./tape-time.ts";

/** Layout bit: the lots (or volume) column is Int32, since every value of the block fits. */
export const NARROW_LOTS = 1;

/** A block's columns as bytes, before any codec. */
export interface RawColumns {
  readonly layout: number;
  readonly bytes: Uint8Array;
}

/**
 * Lays a block's columns out as bytes.
 *
 * Depth: local and exchange time (int64 epoch ns), lots (float64, or int32 under `NARROW_LOTS`), tick
 * (int32), kind (uint8). Bars: close and open time, factor (float64), volume, open, high, low, close (int32),
 * kind. Little-endian, widest first, without padding.
 *
 * @invariant Equal rows and bases give equal bytes: the content hash is taken over these.
 * @throws `FAULT_TIME` where a time is no whole number of ns.
 */
export function encodeColumns(block: DepthBlock | BarBlock, base: TimeBase): RawColumns {
  checkEndian();
  return block instanceof DepthBlock ? encodeDepth(block, base) : encodeBars(block, base);
}

/**
 * Fills a block from bytes that {@link encodeColumns} laid out, and seals it.
 *
 * @shape `bytes` starts at a multiple of 8 in its buffer
 * @throws `FAULT_TIME` where an offset from the base is not exact; `FAULT_CAPACITY` where the block is too
 * small.
 */
export function decodeColumns(
  bytes: Uint8Array,
  rows: number,
  layout: number,
  base: TimeBase,
  into: DepthBlock | BarBlock,
): void {
  checkEndian();
  const capacity = into.kind.length - 1;
  if (rows > capacity) {
    throw new Fault("FAULT_CAPACITY", { path: "block", value: capacity, expected: `room for ${rows} rows` });
  }
  if (into instanceof DepthBlock) decodeDepth(bytes, rows, layout, base, into);
  else decodeBars(bytes, rows, layout, base, into);
  into.seal(rows);
}

/** The schema a block's columns belong to. */
export function schemaOf(block: DepthBlock | BarBlock): TapeSchema {
  return block instanceof DepthBlock ? "depth" : "bars";
}

/** Bytes that `rows` rows take before any codec. */
export function rawLengthOf(schema: TapeSchema, rows: number, layout: number): number {
  const lots = layout === NARROW_LOTS ? 4 : 8;
  return rows * (schema === "depth" ? 21 + lots : 41 + lots);
}

function encodeDepth(block: DepthBlock, base: TimeBase): RawColumns {
  const n = block.n;
  const layout = allInt32(block.lots, n) ? NARROW_LOTS : 0;
  const buffer = new ArrayBuffer(rawLengthOf("depth", n, layout));
  storeTimes(block.local, n, base, new Uint32Array(buffer, 0, 2 * n));
  storeTimes(block.exch, n, base, new Uint32Array(buffer, 8 * n, 2 * n));
  let at = 16 * n;
  at += storeLots(block.lots, n, layout, buffer, at);
  new Int32Array(buffer, at, n).set(block.tick.subarray(0, n));
  new Uint8Array(buffer, at + 4 * n, n).set(block.kind.subarray(0, n));
  return { layout, bytes: new Uint8Array(buffer) };
}

function decodeDepth(bytes: Uint8Array, n: number, layout: number, base: TimeBase, into: DepthBlock): void {
  const { buffer, byteOffset } = bytes;
  loadTimes(new Uint32Array(buffer, byteOffset, 2 * n), n, base, into.local);
  loadTimes(new Uint32Array(buffer, byteOffset + 8 * n, 2 * n), n, base, into.exch);
  let at = byteOffset + 16 * n;
  at += loadLots(buffer, at, n, layout, into.lots);
  into.tick.set(new Int32Array(buffer, at, n));
  into.kind.set(new Uint8Array(buffer, at + 4 * n, n));
}

function encodeBars(block: BarBlock, base: TimeBase): RawColumns {
  const n = block.n;
  const layout = allInt32(block.volume, n) ? NARROW_LOTS : 0;
  const buffer = new ArrayBuffer(rawLengthOf("bars", n, layout));
  storeTimes(block.closeNs, n, base, new Uint32Array(buffer, 0, 2 * n));
  storeTimes(block.openNs, n, base, new Uint32Array(buffer, 8 * n, 2 * n));
  new Float64Array(buffer, 16 * n, n).set(block.factor.subarray(0, n));
  let at = 24 * n;
  at += storeLots(block.volume, n, layout, buffer, at);
  for (const column of [block.open, block.high, block.low, block.close]) {
    new Int32Array(buffer, at, n).set(column.subarray(0, n));
    at += 4 * n;
  }
  new Uint8Array(buffer, at, n).set(block.kind.subarray(0, n));
  return { layout, bytes: new Uint8Array(buffer) };
}

function decodeBars(bytes: Uint8Array, n: number, layout: number, base: TimeBase, into: BarBlock): void {
  const { buffer, byteOffset } = bytes;
  loadTimes(new Uint32Array(buffer, byteOffset, 2 * n), n, base, into.closeNs);
  const open = new Uint32Array(buffer, byteOffset + 8 * n, 2 * n);
  loadTimes(open, n, base, into.openNs);
  checkExact(open, n, base, into.openNs);
  into.factor.set(new Float64Array(buffer, byteOffset + 16 * n, n));
  let at = byteOffset + 24 * n;
  at += loadLots(buffer, at, n, layout, into.volume);
  for (const column of [into.open, into.high, into.low, into.close]) {
    column.set(new Int32Array(buffer, at, n));
    at += 4 * n;
  }
  into.kind.set(new Uint8Array(buffer, at, n));
}

function allInt32(column: Float64Array, rows: number): boolean {
  for (let i = 0; i < rows; i++) {
    const value = column[i] as number;
    if ((value | 0) !== value || Object.is(value, -0)) return false;
  }
  return true;
}

function storeLots(column: Float64Array, n: number, layout: number, buffer: ArrayBuffer, at: number): number {
  if (layout === NARROW_LOTS) {
    new Int32Array(buffer, at, n).set(column.subarray(0, n));
    return 4 * n;
  }
  new Float64Array(buffer, at, n).set(column.subarray(0, n));
  return 8 * n;
}

function loadLots(
  buffer: ArrayBufferLike,
  at: number,
  n: number,
  layout: number,
  into: Float64Array,
): number {
  if (layout === NARROW_LOTS) {
    into.set(new Int32Array(buffer, at, n));
    return 4 * n;
  }
  into.set(new Float64Array(buffer, at, n));
  return 8 * n;
}

function checkEndian(): void {
  if (LITTLE_ENDIAN) return;
  throw new Fault("FAULT_CONFIG", { path: "host", value: "big-endian", expected: "a little-endian machine" });
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
