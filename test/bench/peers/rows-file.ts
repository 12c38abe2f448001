import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { endianness } from "node:os";
import { DepthTapeBuilder, type MemoryTape } from "../../../src/feed/index.ts";
import { DepthBlock, type InstrumentOptions, KIND_MASK, LAST, ROW } from "../../../src/model/index.ts";
import type { TapeSource } from "../../../src/port/index.ts";

/**
 * The rows file is what our side and the peers read alike: a u64 count, then five columns one after another,
 * little endian: exchange ns i64 (epoch), local ns i64 (epoch), kind u8, price tick i32, book lots f64.
 */
const ROW_BYTES = 8 + 8 + 1 + 4 + 8;
const HEADER_BYTES = 8;

/** The kinds a peer has an event for; other rows (quotes, marks, funding, gaps) are left out and counted. */
const SHARED_KINDS: readonly number[] = [ROW.bid, ROW.ask, ROW.buy, ROW.sell, ROW.clear];

/** What a rows file holds, and how many rows of the tape it leaves out. */
export interface RowsCount {
  readonly rows: number;
  readonly skipped: number;
}

class Columns {
  readonly exch: BigInt64Array;
  readonly local: BigInt64Array;
  readonly kind: Uint8Array;
  readonly tick: Int32Array;
  readonly lots: Float64Array;

  constructor(rows: number) {
    this.exch = new BigInt64Array(rows);
    this.local = new BigInt64Array(rows);
    this.kind = new Uint8Array(rows);
    this.tick = new Int32Array(rows);
    this.lots = new Float64Array(rows);
  }
}

/** Writes a depth tape as a rows file, the first `maxRows` shared rows of it. */
export function writeRows(
  source: TapeSource<DepthBlock>,
  path: string,
  maxRows = Number.POSITIVE_INFINITY,
): RowsCount {
  requireLittleEndian();
  const columns = new Columns(Math.min(source.meta.rows, maxRows));
  const base = BigInt(source.meta.baseNs);
  const block = new DepthBlock();
  let n = 0;
  let skipped = 0;
  for (let i = 0; i < source.blockCount && n < maxRows; i++) {
    source.read(i, block);
    for (let j = 0; j < block.n && n < maxRows; j++) {
      const kind = block.kind[j] as number;
      if (SHARED_KINDS.includes(kind & KIND_MASK)) {
        columns.exch[n] = base + BigInt(block.exch[j] as number);
        columns.local[n] = base + BigInt(block.local[j] as number);
        columns.kind[n] = kind;
        columns.tick[n] = block.tick[j] as number;
        columns.lots[n] = block.lots[j] as number;
        n++;
        continue;
      }
      skipped++;
      // The message ends with the last row kept of it, where any was kept.
      if ((kind & LAST) !== 0 && n > 0) columns.kind[n - 1] = (columns.kind[n - 1] as number) | LAST;
    }
  }
  write(path, columns, n);
  return { rows: n, skipped };
}

/** Reads a rows file back as a depth tape in memory, the first `maxRows` rows of it. */
export function readRows(
  path: string,
  instrument: InstrumentOptions,
  maxRows = Number.POSITIVE_INFINITY,
): MemoryTape<DepthBlock> {
  requireLittleEndian();
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const total = Number(view.getBigUint64(0, true));
  if (bytes.length !== HEADER_BYTES + total * ROW_BYTES)
    throw new Error(`${path} is no rows file of ${total} rows`);
  const localAt = HEADER_BYTES + total * 8;
  const kindAt = localAt + total * 8;
  const tickAt = kindAt + total;
  const lotsAt = tickAt + total * 4;
  const baseNs = view.getBigInt64(HEADER_BYTES, true);
  const tape = new DepthTapeBuilder({ instrument, baseNs, source: "rows file", simulated: false });
  const rows = Math.min(total, maxRows);
  for (let i = 0; i < rows; i++) {
    const kind = view.getUint8(kindAt + i);
    tape.push(
      Number(view.getBigInt64(HEADER_BYTES + i * 8, true) - baseNs),
      Number(view.getBigInt64(localAt + i * 8, true) - baseNs),
      i === rows - 1 ? kind | LAST : kind,
      view.getInt32(tickAt + i * 4, true),
      view.getFloat64(lotsAt + i * 8, true),
    );
  }
  return tape.build();
}

function write(path: string, columns: Columns, n: number): void {
  const file = openSync(path, "w");
  try {
    put(file, new BigUint64Array([BigInt(n)]), 1);
    for (const column of [columns.exch, columns.local, columns.kind, columns.tick, columns.lots])
      put(file, column, n);
  } finally {
    closeSync(file);
  }
}

function put(
  file: number,
  column: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number },
  n: number,
): void {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, n * column.BYTES_PER_ELEMENT);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}

function requireLittleEndian(): void {
  if (endianness() !== "LE") throw new Error("rows files are written on little-endian machines only");
}
