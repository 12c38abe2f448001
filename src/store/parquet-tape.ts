import type { DuckDBDataChunk } from "@duckdb/node-api";
import { Fault } from "../base/index.ts";
import { BarTapeBuilder, DepthTapeBuilder, type MemoryTape, type TapeHead } from "../feed/index.ts";
import { type BarBlock, DepthBlock, KIND_MASK, type TapeCounts, type TapeMeta } from "../model/index.ts";
import { ChunkStream } from "./chunk-stream.ts";
import { type DuckDbSession, onFile } from "./duckdb.ts";

/** Turns chunks of a file into blocks of a tape. */
export interface ChunkRows<Block> {
  /** Takes in the next chunk, row by row; yields every block that fills up. */
  take(chunk: DuckDBDataChunk): Generator<Block>;
  /** Yields what is left. */
  rest(): Generator<Block>;
  /** What was counted on the way. */
  counts(): TapeCounts;
}

/** What a {@link ParquetTape} is made from. */
export interface ParquetTapeParts<Block> {
  readonly path: string;
  readonly head: TapeHead;
  readonly rows: number;
  /** What the file's own metadata says, where nothing was asked for that changes it. */
  readonly recorded: TapeMeta | undefined;
  readonly session: DuckDbSession;
  readonly sql: string;
  readonly makeRows: () => ChunkRows<Block>;
}

/**
 * A Parquet file being read as a tape. Its blocks come one after another, in bounded memory; it can be read more
 * than once, and must be closed.
 *
 * @invariant Blocks are checked as those of a tape are: times that do not fall, whole ticks and lots.
 * @throws `FAULT_INPUT` and `FAULT_TIME` naming file and row; `FAULT_TAPE_CORRUPT` from `load`, where a file of
 * ours does not hold the rows its metadata was made from.
 */
export class ParquetTape<Block extends DepthBlock | BarBlock> {
  readonly path: string;
  /** What a tape file of these rows begins with. */
  readonly head: TapeHead;
  /** Rows to come. */
  readonly rows: number;
  readonly #parts: ParquetTapeParts<Block>;
  readonly #readings = new Set<ChunkStream>();
  #counts: TapeCounts = {};

  /** @internal */
  constructor(parts: ParquetTapeParts<Block>) {
    this.path = parts.path;
    this.head = parts.head;
    this.rows = parts.rows;
    this.#parts = parts;
  }

  /** What the file's own metadata counted, and with it what the last full reading did. */
  get counts(): TapeCounts {
    const sum: Record<string, number> = { ...this.#parts.recorded?.counts };
    for (const [name, count] of Object.entries(this.#counts)) {
      if (count !== 0) sum[name] = (sum[name] ?? 0) + count;
    }
    return sum;
  }

  /** The blocks in order. A block is used again for the next: copy what is kept. */
  async *blocks(): AsyncGenerator<Block, void, void> {
    const { path, session, sql } = this.#parts;
    const rows = this.#parts.makeRows();
    const chunks = new ChunkStream(await onFile(path, () => session.connection.stream(sql)));
    this.#readings.add(chunks);
    try {
      for (;;) {
        const chunk = await onFile(path, () => chunks.next());
        if (chunk === undefined) break;
        yield* rows.take(chunk);
      }
    } finally {
      await chunks.end();
      this.#readings.delete(chunks);
    }
    yield* rows.rest();
    this.#counts = rows.counts();
  }

  /** The whole file as a tape in memory. */
  async load(): Promise<MemoryTape<Block>> {
    const builder = new TapeGatherer(this.head);
    for await (const block of this.blocks()) builder.add(block);
    const tape = builder.build(this.counts) as MemoryTape<Block>;
    const { recorded } = this.#parts;
    if (recorded === undefined || recorded.contentSha256 === tape.meta.contentSha256) return tape;
    throw new Fault("FAULT_TAPE_CORRUPT", {
      path: this.path,
      value: `SHA-256 ${tape.meta.contentSha256}`,
      expected: `SHA-256 ${recorded.contentSha256}, as its metadata says`,
    });
  }

  /** Closes the database behind it, as soon as no chunk is being fetched. */
  close(): void {
    const { session } = this.#parts;
    if (this.#readings.size === 0) session.close();
    else void Promise.all([...this.#readings].map((chunks) => chunks.end())).then(() => session.close());
  }
}

/** Copies blocks into a tape of their schema. */
class TapeGatherer {
  readonly #head: TapeHead;
  #depth: DepthTapeBuilder | undefined;
  #bars: BarTapeBuilder | undefined;

  constructor(head: TapeHead) {
    this.#head = head;
  }

  add(block: DepthBlock | BarBlock): void {
    if (block instanceof DepthBlock) this.#addDepth(block);
    else this.#addBars(block);
  }

  build(counts: TapeCounts): MemoryTape<DepthBlock> | MemoryTape<BarBlock> {
    const builder = this.#depth ?? this.#bars ?? new BarTapeBuilder(this.#head);
    for (const [name, count] of Object.entries(counts)) builder.count(name, count);
    return builder.build();
  }

  #addDepth(block: DepthBlock): void {
    this.#depth ??= new DepthTapeBuilder(this.#head);
    const { exch, local, kind, tick, lots } = block;
    for (let i = 0; i < block.n; i++) {
      const [exchNs, localNs] = [exch[i] as number, local[i] as number];
      this.#depth.push(exchNs, localNs, kind[i] as number, tick[i] as number, lots[i] as number);
    }
  }

  #addBars(block: BarBlock): void {
    this.#bars ??= new BarTapeBuilder(this.#head);
    for (let i = 0; i < block.n; i++) {
      this.#bars.push({
        openNs: block.openNs[i] as number,
        closeNs: block.closeNs[i] as number,
        open: block.open[i] as number,
        high: block.high[i] as number,
        low: block.low[i] as number,
        close: block.close[i] as number,
        volume: block.volume[i] as number,
        kind: (block.kind[i] as number) & KIND_MASK,
        factor: block.factor[i] as number,
      });
    }
  }
}
