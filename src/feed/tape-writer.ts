import { checkChoice, checkFunction, checkKeys, Fault } from "../base/index.ts";
import {
  type BarBlock,
  BLOCK_ROWS,
  type DepthBlock,
  type TapeMeta,
  type TapeSchema,
} from "../model/index.ts";
import { schemaOf } from "./tape-columns.ts";
import {
  type BlockEntry,
  encodeBlock,
  encodeFooter,
  magicBytes,
  TAPE_MAGIC,
  type TapeCodec,
} from "./tape-format.ts";
import { TAPE_HEAD_KEYS, type TapeHead, TapeTally, timesOf } from "./tape-tally.ts";

/** What a {@link TapeWriter} is made from. */
export interface TapeWriterOptions extends TapeHead {
  readonly schema: TapeSchema;
  /** Receives the file's bytes in order; each piece is handed over, not reused. */
  readonly sink: (bytes: Uint8Array) => void;
  /** `none` unless given: replays decode three times faster; `zstd` files are about seven times smaller. */
  readonly codec?: TapeCodec;
}

/**
 * Writes a tape as bytes in one streaming pass: magic, blocks, footer.
 *
 * @invariant Equal blocks give equal bytes; `contentSha256` does not depend on the codec.
 * @throws `FAULT_INPUT` on an empty block, one of another schema, or one that starts before the last ended.
 * @cost One block's bytes in memory.
 */
export class TapeWriter {
  readonly #tally: TapeTally;
  readonly #sink: (bytes: Uint8Array) => void;
  readonly #codec: TapeCodec;
  readonly #entries: BlockEntry[] = [];
  #at = 0;
  #lastNs = Number.NEGATIVE_INFINITY;
  #finished = false;

  constructor(options: TapeWriterOptions) {
    checkKeys("tape", options, [...TAPE_HEAD_KEYS, "schema", "sink", "codec"]);
    this.#tally = new TapeTally(checkChoice("tape.schema", options.schema, ["depth", "bars"]), options);
    this.#sink = checkFunction("tape.sink", options.sink);
    this.#codec = checkChoice("tape.codec", options.codec ?? "none", ["none", "zstd"]);
    this.#put(magicBytes(TAPE_MAGIC));
  }

  /** Writes one block; its arrays may be reused afterwards. */
  write(block: DepthBlock | BarBlock): void {
    this.#check(block);
    const times = timesOf(block);
    const raw = this.#tally.add(block);
    const framed = encodeBlock(raw, block.n, this.#entries.length, this.#codec);
    this.#lastNs = times[block.n - 1] as number;
    this.#entries.push({
      at: this.#at,
      bytes: framed.length,
      rows: block.n,
      fromNs: this.#tally.base.epochText(times[0] as number),
      toNs: this.#tally.base.epochText(this.#lastNs),
    });
    this.#put(framed);
  }

  /** Adds to a named count of the meta. */
  count(name: string, by = 1): void {
    this.#tally.count(name, by);
  }

  /**
   * Writes the footer and returns the meta.
   *
   * @throws `FAULT_INPUT` where no block was written.
   */
  finish(): TapeMeta {
    if (this.#finished || this.#entries.length === 0) {
      throw new Fault("FAULT_INPUT", {
        path: "tape",
        value: this.#tally.rows,
        expected: "at least one row, once",
      });
    }
    this.#finished = true;
    const meta = this.#tally.meta();
    this.#put(encodeFooter({ format: 1, codec: this.#codec, meta, blocks: this.#entries }));
    return meta;
  }

  #check(block: DepthBlock | BarBlock): void {
    const schema = schemaOf(block);
    if (this.#finished || schema !== this.#tally.schema || block.n < 1 || block.n > BLOCK_ROWS) {
      throw new Fault("FAULT_INPUT", {
        path: `block ${this.#entries.length}`,
        value: `${schema}, ${block.n} rows`,
        expected: `${this.#tally.schema}, 1 to ${BLOCK_ROWS} rows, before finish()`,
      });
    }
    if ((timesOf(block)[0] as number) < this.#lastNs) {
      throw new Fault("FAULT_TIME", {
        path: `block ${this.#entries.length}`,
        value: timesOf(block)[0],
        expected: `a time not before ${this.#lastNs}, the last of the block before`,
      });
    }
  }

  #put(bytes: Uint8Array): void {
    this.#at += bytes.length;
    this.#sink(bytes);
  }
}
