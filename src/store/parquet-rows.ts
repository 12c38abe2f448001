import type { DuckDBDataChunk } from "@duckdb/node-api";
import { Fault } from "../base/index.ts";
import { BarRows, DepthRows } from "../feed/index.ts";
import { BAR_ROW, type BarBlock, type DepthBlock, LAST, ROW, type TapeCounts } from "../model/index.ts";
import type { ChunkReader } from "./parquet-chunk.ts";
import type { ChunkRows } from "./parquet-tape.ts";

/** Rows a chunk of DuckDB holds at most. */
const CHUNK_ROWS = 2_048;

function column(): Float64Array {
  return new Float64Array(CHUNK_ROWS);
}

/** Which columns of a file of bars hold what; a single time is an open or a close. */
export interface BarColumns {
  readonly openNs: string | undefined;
  readonly closeNs: string | undefined;
  readonly lengthNs: number;
  readonly kind: string | undefined;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string | undefined;
  readonly factor: string | undefined;
}

/** Gathers rows of bars. */
export class BarChunks implements ChunkRows<BarBlock> {
  readonly #reader: ChunkReader;
  readonly #names: BarColumns;
  readonly #rows: BarRows;
  readonly #cells = {
    openNs: column(),
    closeNs: column(),
    kind: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    factor: column().fill(1),
  };
  #ready: BarBlock | undefined;

  constructor(reader: ChunkReader, names: BarColumns) {
    this.#reader = reader;
    this.#names = names;
    this.#rows = new BarRows({
      onBlock: (block) => {
        this.#ready = block;
      },
    });
  }

  *take(chunk: DuckDBDataChunk): Generator<BarBlock> {
    const rows = this.#reader.take(chunk);
    const { openNs, closeNs, lengthNs, ...names } = this.#names;
    const cells = this.#cells;
    if (openNs !== undefined) this.#reader.numbers(openNs, cells.openNs);
    if (closeNs !== undefined) this.#reader.numbers(closeNs, cells.closeNs);
    for (const [key, name] of Object.entries(names)) {
      if (name !== undefined) this.#reader.numbers(name, cells[key as keyof typeof names]);
    }
    for (let i = 0; i < rows; i++) {
      if (openNs === undefined) cells.openNs[i] = (cells.closeNs[i] as number) - lengthNs;
      if (closeNs === undefined) cells.closeNs[i] = (cells.openNs[i] as number) + lengthNs;
      try {
        this.#push(i);
      } catch (error) {
        throw placed(this.#reader, i, error);
      }
      if (this.#ready !== undefined) yield this.#ready;
      this.#ready = undefined;
    }
  }

  *rest(): Generator<BarBlock> {
    this.#rows.end();
    if (this.#ready !== undefined) yield this.#ready;
    this.#ready = undefined;
  }

  counts(): TapeCounts {
    return { numbersSnapped: this.#reader.snapped };
  }

  #push(i: number): void {
    const cells = this.#cells;
    this.#rows.push({
      openNs: cells.openNs[i] as number,
      closeNs: cells.closeNs[i] as number,
      kind: this.#names.kind === undefined ? BAR_ROW.bar : (cells.kind[i] as number),
      open: cells.open[i] as number,
      high: cells.high[i] as number,
      low: cells.low[i] as number,
      close: cells.close[i] as number,
      volume: cells.volume[i] as number,
      factor: cells.factor[i] as number,
    });
  }
}

/** Which columns of a file of ticks hold what; without `kind` every row is a trade. */
export interface TickColumns {
  readonly localNs: string;
  readonly exchNs: string;
  readonly kind: string | undefined;
  readonly tick: string;
  readonly lots: string;
  readonly side: string | undefined;
}

/** Gathers rows of depth, or of trades. */
export class TickChunks implements ChunkRows<DepthBlock> {
  readonly #reader: ChunkReader;
  readonly #names: TickColumns;
  readonly #rows: DepthRows;
  readonly #local = column();
  readonly #exch = column();
  readonly #kind = column();
  readonly #tick = column();
  readonly #lots = column();
  #ready: DepthBlock | undefined;

  constructor(reader: ChunkReader, names: TickColumns) {
    this.#reader = reader;
    this.#names = names;
    this.#rows = new DepthRows({
      onBlock: (block) => {
        this.#ready = block;
      },
    });
  }

  *take(chunk: DuckDBDataChunk): Generator<DepthBlock> {
    const rows = this.#reader.take(chunk);
    const { localNs, exchNs, kind, tick, lots, side } = this.#names;
    const [local, price, quantity] = [this.#local, this.#tick, this.#lots];
    this.#reader.numbers(localNs, local);
    const exch = exchNs === localNs ? local : this.#reader.numbers(exchNs, this.#exch);
    this.#reader.numbers(tick, price);
    this.#reader.numbers(lots, quantity);
    if (kind !== undefined) this.#reader.numbers(kind, this.#kind);
    else this.#kinds(side, rows);
    for (let i = 0; i < rows; ) {
      i = this.#pushUntilReady(i, rows, exch);
      if (this.#ready !== undefined) yield this.#ready;
      this.#ready = undefined;
    }
  }

  /** Gathers rows until a block is full or the chunk is at its end; returns the row after. */
  #pushUntilReady(from: number, rows: number, exch: Float64Array): number {
    const [local, kind, tick, lots] = [this.#local, this.#kind, this.#tick, this.#lots];
    let i = from;
    try {
      for (; i < rows && this.#ready === undefined; i++) {
        this.#rows.push(
          exch[i] as number,
          local[i] as number,
          kind[i] as number,
          tick[i] as number,
          lots[i] as number,
        );
      }
    } catch (error) {
      throw placed(this.#reader, i, error);
    }
    return i;
  }

  *rest(): Generator<DepthBlock> {
    if (this.#rows.rows > 0) this.#rows.end();
    if (this.#ready !== undefined) yield this.#ready;
    this.#ready = undefined;
  }

  counts(): TapeCounts {
    return { numbersSnapped: this.#reader.snapped, exchClamped: this.#rows.exchClamped };
  }

  #kinds(side: string | undefined, rows: number): void {
    if (side === undefined) {
      this.#kind.fill(ROW.trade | LAST);
      return;
    }
    const texts = this.#reader.texts(side);
    for (let i = 0; i < rows; i++) {
      const word = texts[i]?.toLowerCase();
      if (word !== "buy" && word !== "sell" && word !== undefined) {
        const path = `${this.#reader.place(i)} ${side}`;
        throw new Fault("FAULT_INPUT", { path, value: texts[i], expected: "buy, sell or null" });
      }
      this.#kind[i] = (word === "buy" ? ROW.buy : word === "sell" ? ROW.sell : ROW.trade) | LAST;
    }
  }
}

/** What the row's own checks threw, told with file and row. */
function placed(reader: ChunkReader, row: number, error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  const field = (error.path ?? "").replace(/^(row|bar) \d+ ?/, "");
  const path = field === "" ? reader.place(row) : `${reader.place(row)} ${field}`;
  const { code, value, expected } = error;
  return new Fault(code, { path, value, ...(expected === undefined ? {} : { expected }), cause: error });
}
