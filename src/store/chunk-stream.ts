import type { DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";

/**
 * The chunks of a result in order; the next is being fetched while one is worked on.
 *
 * @invariant What goes wrong is told where its chunk would have come; a fetch under way ends before `end` resolves.
 * @cost One chunk of 2,048 rows more in memory.
 */
export class ChunkStream {
  readonly #result: DuckDBResult;
  #coming: Promise<DuckDBDataChunk | null>;

  constructor(result: DuckDBResult) {
    this.#result = result;
    this.#coming = this.#fetch();
  }

  /** The next chunk; undefined at the end. */
  async next(): Promise<DuckDBDataChunk | undefined> {
    const chunk = await this.#coming;
    if (chunk === null || chunk.rowCount === 0) return undefined;
    this.#coming = this.#fetch();
    return chunk;
  }

  /** Waits for the fetch under way: before that the database behind it must not be closed. */
  async end(): Promise<void> {
    await this.#coming.catch(() => null);
  }

  #fetch(): Promise<DuckDBDataChunk | null> {
    const coming = this.#result.fetchChunk();
    // Told by `next`; nobody may ever ask.
    coming.catch(() => null);
    return coming;
  }
}
