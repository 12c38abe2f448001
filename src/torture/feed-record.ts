import { LAST } from "../model/index.ts";

/**
 * Where the fields of a feed packet stand in its record of doubles: a head of four, then `count` rows of
 * three (see {@link FEED_ROW}).
 *
 * @units `exchNs` ns of the venue's clock from the session's base; `instrument` the engine's index;
 * `packetSeq` rises by 1 with every packet of an instrument, from 1
 */
export const FEED = { instrument: 0, packetSeq: 1, exchNs: 2, count: 3, rows: 4 } as const;

/** Where the fields of one row stand. @units `kind` of `ROW` with its bits, `tick` ticks, `lots` book lots */
export const FEED_ROW = { kind: 0, tick: 1, lots: 2 } as const;

/** Doubles in one row of a packet. */
export const FEED_ROW_STRIDE = 3;

/** Rows a packet holds at most. */
export const FEED_ROWS_MAX = 512;

const CELLS = FEED.rows + FEED_ROWS_MAX * FEED_ROW_STRIDE;
/** Rows that faults may add to a packet that is full otherwise. */
const SPARE = 16;

/**
 * One feed packet under construction: rows are added, then the head is set.
 *
 * @shape `cells` holds `4 + 3 * count` doubles that count
 * @cost Nothing is allocated after construction.
 */
export class FeedPacket {
  readonly cells: Float64Array = new Float64Array(CELLS);
  /** Rows so far. */
  count = 0;

  /** Doubles that count. */
  get length(): number {
    return FEED.rows + this.count * FEED_ROW_STRIDE;
  }

  /** True where the market must close the packet and begin another. */
  get isFull(): boolean {
    return this.count >= FEED_ROWS_MAX - SPARE;
  }

  /** Adds a row. */
  row(kind: number, tick: number, lots: number): void {
    const at = FEED.rows + this.count * FEED_ROW_STRIDE;
    const { cells } = this;
    cells[at] = kind;
    cells[at + 1] = tick;
    cells[at + 2] = lots;
    this.count += 1;
  }

  /** Sets the head and the flag of the last row; {@link FeedPacket.clear} begins the next packet. */
  close(instrument: number, packetSeq: number, exchNs: number): void {
    const { cells } = this;
    cells[FEED.instrument] = instrument;
    cells[FEED.packetSeq] = packetSeq;
    cells[FEED.exchNs] = exchNs;
    cells[FEED.count] = this.count;
    const last = FEED.rows + (this.count - 1) * FEED_ROW_STRIDE;
    cells[last] = (cells[last] as number) | LAST;
  }

  /** Becomes a copy of another packet. */
  copy(other: FeedPacket): void {
    this.count = other.count;
    const { length } = this;
    for (let i = 0; i < length; i++) this.cells[i] = other.cells[i] as number;
  }

  /** Drops all rows. */
  clear(): void {
    this.count = 0;
  }
}
