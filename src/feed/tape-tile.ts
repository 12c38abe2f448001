import { checkInteger, Fault } from "../base/index.ts";
import { DepthBlock, KIND_MASK, NANOS_PER_MILLI, ROW, type TapeMeta } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { copyOf, MemoryTape } from "./tape-memory.ts";
import { TapeTally } from "./tape-tally.ts";

/**
 * Repeats a depth tape: tile `k` is the tape again, its times shifted by `k * (span + 1 ms)`. Nothing is
 * copied; blocks are shifted as they are read.
 *
 * The span is the longer of the tape's local and exchange spans, so that neither time falls at a seam. The
 * tape must start with a clear (and its snapshot): a tile inherits no book from the one before.
 *
 * @throws `FAULT_INPUT` where the tape does not start with a clear; `FAULT_CONFIG` where `times` is below 1;
 * `FAULT_TIME` where the tiles reach further than a double measures exactly.
 * @cost One pass over all tiles at the start, for the content hash; 1 ns a row more at each read.
 */
export function tileTape(source: TapeSource<DepthBlock>, times: number): TapeSource<DepthBlock> {
  checkInteger("times", times, 1, 1_000_000);
  return new TiledTape(source, times, stepNs(source));
}

/** Copies any depth tape into memory, for runs that read it many times. */
export function loadTape(source: TapeSource<DepthBlock>): MemoryTape<DepthBlock> {
  const blocks: DepthBlock[] = [];
  const room = new DepthBlock();
  for (let i = 0; i < source.blockCount; i++) {
    source.read(i, room);
    blocks.push(copyOf(room));
  }
  return new MemoryTape(source.meta, blocks);
}

/**
 * The SHA-256 over the columns of a tape as they are read now; equals `meta.contentSha256` on a sound tape.
 */
export function contentSha256(source: TapeSource<DepthBlock>): string {
  return tallyOf(source, source.meta).contentSha256;
}

class TiledTape implements TapeSource<DepthBlock> {
  readonly meta: TapeMeta;
  readonly blockCount: number;
  readonly #source: TapeSource<DepthBlock>;
  readonly #stepNs: number;

  constructor(source: TapeSource<DepthBlock>, times: number, stepNs: number) {
    this.#source = source;
    this.#stepNs = stepNs;
    this.blockCount = source.blockCount * times;
    this.meta = tallyOf(this, source.meta, ` x${times}`);
  }

  read(index: number, into: DepthBlock): void {
    const per = this.#source.blockCount;
    this.#source.read(index % per, into);
    const shift = Math.floor(index / per) * this.#stepNs;
    if (shift !== 0) shiftTimes(into, shift);
  }

  close(): void {
    this.#source.close();
  }
}

function shiftTimes(block: DepthBlock, shiftNs: number): void {
  const { exch, local, n } = block;
  for (let i = 0; i < n; i++) {
    exch[i] = (exch[i] as number) + shiftNs;
    local[i] = (local[i] as number) + shiftNs;
  }
  const end = Math.max(exch[n - 1] as number, local[n - 1] as number);
  if (end <= Number.MAX_SAFE_INTEGER) return;
  throw new Fault("FAULT_TIME", { path: "tile", value: end, expected: "times within 2^53 ns of the base" });
}

function stepNs(source: TapeSource<DepthBlock>): number {
  const room = new DepthBlock();
  source.read(0, room);
  if (((room.kind[0] as number) & KIND_MASK) !== ROW.clear) {
    throw new Fault("FAULT_INPUT", {
      path: "row 0",
      value: room.kind[0],
      expected: "a clear row: a tape that is tiled starts with its snapshot",
    });
  }
  const [exch, local] = [room.exch[0] as number, room.local[0] as number];
  source.read(source.blockCount - 1, room);
  const last = room.n - 1;
  const span = Math.max((room.exch[last] as number) - exch, (room.local[last] as number) - local);
  return span + NANOS_PER_MILLI;
}

function tallyOf(source: TapeSource<DepthBlock>, meta: TapeMeta, suffix = ""): TapeMeta {
  const tally = new TapeTally("depth", {
    instrument: meta.instrument,
    baseNs: BigInt(meta.baseNs),
    source: `${meta.source}${suffix}`,
    simulated: meta.simulated,
  });
  const room = new DepthBlock();
  for (let i = 0; i < source.blockCount; i++) {
    source.read(i, room);
    tally.add(room);
  }
  for (const [name, count] of Object.entries(meta.counts)) tally.count(name, count);
  return tally.meta();
}
