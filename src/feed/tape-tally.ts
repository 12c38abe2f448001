import { checkBoolean, checkText, Digest } from "../base/index.ts";
import {
  type BarBlock,
  DepthBlock,
  Instrument,
  type InstrumentOptions,
  type TapeCounts,
  type TapeMeta,
  type TapeSchema,
} from "../model/index.ts";
import { encodeColumns, type RawColumns } from "./tape-columns.ts";
import { TimeBase } from "./tape-time.ts";

/** What is known about a tape before its first row. */
export interface TapeHead {
  readonly instrument: InstrumentOptions;
  /** The epoch ns that row times count from; see `utcDayBase`. */
  readonly baseNs: bigint;
  /** Where the rows come from, in words. */
  readonly source: string;
  /** True for rows made by a generator; false unless given. */
  readonly simulated?: boolean;
}

/** The keys of a {@link TapeHead}, for checks of option objects that extend it. */
export const TAPE_HEAD_KEYS = ["instrument", "baseNs", "source", "simulated"] as const;

/** Gathers what the meta of a tape says about its blocks: rows, first and last time, content hash, counts. */
export class TapeTally {
  readonly base: TimeBase;
  readonly schema: TapeSchema;
  readonly #head: TapeHead;
  readonly #digest = new Digest();
  readonly #counts = new Map<string, number>();
  #rows = 0;
  #firstNs = 0;
  #lastNs = 0;

  constructor(schema: TapeSchema, head: TapeHead) {
    this.schema = schema;
    this.base = new TimeBase(head.baseNs);
    this.#head = {
      instrument: new Instrument(head.instrument).describe(),
      baseNs: head.baseNs,
      source: checkText("tape.source", head.source),
      simulated: checkBoolean("tape.simulated", head.simulated ?? false),
    };
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds to a named count; counts of 0 are left out of the meta. */
  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** Takes in the next block and returns its columns as bytes. */
  add(block: DepthBlock | BarBlock): RawColumns {
    const raw = encodeColumns(block, this.base);
    this.#digest.update(Uint8Array.of(raw.layout)).update(raw.bytes);
    const times = timesOf(block);
    if (this.#rows === 0) this.#firstNs = times[0] as number;
    this.#lastNs = times[block.n - 1] as number;
    this.#rows += block.n;
    return raw;
  }

  meta(): TapeMeta {
    const counts: Record<string, number> = {};
    for (const name of [...this.#counts.keys()].sort()) {
      const value = this.#counts.get(name) ?? 0;
      if (value !== 0) counts[name] = value;
    }
    return {
      schema: this.schema,
      instrument: this.#head.instrument,
      baseNs: this.base.text,
      fromNs: this.base.epochText(this.#firstNs),
      toNs: this.base.epochText(this.#lastNs),
      rows: this.#rows,
      simulated: this.#head.simulated ?? false,
      source: this.#head.source,
      contentSha256: this.#digest.hex(),
      counts: counts satisfies TapeCounts,
    };
  }
}

/** The column a tape is sorted by: local times of depth rows, close times of bars. */
export function timesOf(block: DepthBlock | BarBlock): Float64Array {
  return block instanceof DepthBlock ? block.local : block.closeNs;
}
