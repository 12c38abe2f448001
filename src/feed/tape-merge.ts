import { canonicalJson, checkArray, checkChoice, checkKeys, Fault } from "../base/index.ts";
import { type BarBlock, type DepthBlock, formatNanos, type TapeMeta } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { BarCopy, DepthCopy, SLICE_ROWS, type TapePart } from "./tape-copy.ts";
import type { TapeDraft, TapeOutlet } from "./tape-draft.ts";
import { TimeBase } from "./tape-time.ts";

/** How tapes are merged. */
export interface MergeOptions {
  /**
   * What to do where tapes have the same time: `fail` unless given; the tape that begins `first`, or `last`, has it
   * alone.
   */
  readonly overlap?: "fail" | "first" | "last";
  /** The new tape's source, in words; those of the tapes unless given. */
  readonly source?: string;
}

/** A tape's place in time. @units epoch ns; both belong to it */
interface Span {
  readonly source: TapeSource;
  readonly meta: TapeMeta;
  readonly fromNs: bigint;
  readonly toNs: bigint;
}

/**
 * Puts tapes of one instrument and schema together, in the order of their times (local times, close times of bars),
 * in whatever order they are given.
 *
 * The counts of all tapes are added. A tape whose part begins within it begins with a snapshot of its book; a
 * snapshot made by a slice is left out where it says what the rows before have said already, else it stays
 * (`seamRows`). A tape that begins without a clear inherits no book: one is put before it (`seamClears`). Rows left out
 * for an overlap are `overlapDropped`.
 *
 * @throws `FAULT_CONFIG` naming the option, or no tape; `FAULT_INPUT` naming the tape: another instrument or schema, or a time that
 * another tape has too (`overlap: "fail"`); `FAULT_TIME` where times are too far from the first tape's base
 * @cost One pass over each tape; a book update a row.
 * @example
 * ```ts
 * import { BarTapeBuilder, buildDraft, mergeTapes } from "tickwright/feed";
 * const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" };
 * const hour = (baseNs: bigint) => {
 *   const tape = new BarTapeBuilder({ instrument, baseNs, source: `from ${baseNs}`, simulated: true });
 *   tape.push({ openNs: 0, closeNs: 60, open: 1, high: 3, low: 1, close: 2, volume: 4 });
 *   return tape.build();
 * };
 * const { meta } = buildDraft(mergeTapes([hour(3_600n), hour(0n)]));
 * [meta.rows, meta.fromNs, meta.toNs]; // => [2, "60", "3660"]
 * ```
 */
export function mergeTapes(
  sources: readonly (TapeSource<DepthBlock> | TapeSource<BarBlock>)[],
  options: MergeOptions = {},
): TapeDraft {
  checkArray("tapes", sources);
  checkKeys("merge", options, ["overlap", "source"]);
  const overlap = checkChoice("merge.overlap", options.overlap ?? "fail", ["fail", "first", "last"]);
  const first = sources[0] as TapeSource;
  const { schema, instrument } = first.meta;
  for (const [i, { meta }] of sources.entries()) checkLike(first.meta, meta, i);
  const spans = sources.map((source) => spanOf(source as TapeSource)).sort(byTime);
  if (overlap === "fail") checkApart(spans);
  const parts = partsOf(spans, overlap === "last" ? -1 : 1);
  const base = new TimeBase(BigInt((spans[0] as Span).meta.baseNs));
  const names = [...new Set(spans.map(({ meta }) => meta.source))].join(" + ");
  return {
    head: {
      ...{ schema, instrument, baseNs: base.epochNs, source: options.source ?? names },
      simulated: spans.some(({ meta }) => meta.simulated),
    },
    writeTo: (outlet) => {
      const copy =
        schema === "depth" ? new DepthCopy(outlet, base, true) : new BarCopy(outlet, base, "closeNs");
      for (const part of parts) copy.copy(part as TapePart<DepthBlock> & TapePart<BarBlock>);
      copy.end();
      addCounts(outlet, spans, copy.rows);
    },
  };
}

/** Counts of the tapes, but for the rows of slices: where those went is counted as they go. */
function addCounts(outlet: TapeOutlet, spans: readonly Span[], rows: number): void {
  let own = 0;
  for (const { meta } of spans) {
    own += meta.rows - (meta.counts[SLICE_ROWS] ?? 0);
    for (const [name, count] of Object.entries(meta.counts)) {
      if (name !== SLICE_ROWS) outlet.count(name, count);
    }
  }
  outlet.count("overlapDropped", own - rows);
}

function spanOf(source: TapeSource): Span {
  const { meta } = source;
  return { source, meta, fromNs: BigInt(meta.fromNs), toNs: BigInt(meta.toNs) };
}

function byTime(a: Span, b: Span): number {
  return Number(a.fromNs - b.fromNs) || Number(a.toNs - b.toNs);
}

function checkLike(first: TapeMeta, meta: TapeMeta, i: number): void {
  const expected = `as the first tape's: ${first.schema} of ${canonicalJson(first.instrument)}`;
  if (meta.schema !== first.schema) {
    throw new Fault("FAULT_INPUT", { path: `tapes[${i}] schema`, value: meta.schema, expected });
  }
  const instrument = canonicalJson(meta.instrument);
  if (instrument === canonicalJson(first.instrument)) return;
  throw new Fault("FAULT_INPUT", { path: `tapes[${i}] instrument`, value: instrument, expected });
}

function checkApart(spans: readonly Span[]): void {
  let before = spans[0] as Span;
  for (const span of spans.slice(1)) {
    if (span.fromNs <= before.toNs) {
      throw new Fault("FAULT_INPUT", {
        path: `tape ${span.meta.source}`,
        value: `from ${formatNanos(span.fromNs)}`,
        expected: `a time after ${formatNanos(before.toNs)}, the end of ${before.meta.source}; or overlap first or last`,
      });
    }
    before = span;
  }
}

/** Who has which time: of the tapes that hold a moment the first (`turn` 1) or the last (-1) of the list. */
function partsOf(spans: readonly Span[], turn: 1 | -1): TapePart[] {
  const edges = [...new Set(spans.flatMap(({ fromNs, toNs }) => [fromNs, toNs + 1n]))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const ranked = turn === 1 ? spans : [...spans].reverse();
  const owned: { readonly span: Span; readonly fromNs: bigint; toNs: bigint }[] = [];
  for (const [i, fromNs] of edges.entries()) {
    const toNs = edges[i + 1];
    const span = ranked.find((each) => each.fromNs <= fromNs && each.toNs >= fromNs);
    if (toNs === undefined || span === undefined) continue;
    const last = owned.at(-1);
    if (last?.span === span && last.toNs === fromNs) last.toNs = toNs;
    else owned.push({ span, fromNs, toNs });
  }
  return owned.map(({ span, fromNs, toNs }) => ({
    source: span.source,
    window: {
      ...(fromNs === span.fromNs ? {} : { fromNs }),
      ...(toNs > span.toNs ? {} : { toNs }),
    },
  }));
}
