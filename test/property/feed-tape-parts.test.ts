import process from "node:process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OrderBook } from "../../src/book/index.ts";
import {
  BarTapeBuilder,
  buildDraft,
  DepthTapeBuilder,
  type MemoryTape,
  mergeTapes,
  sliceTape,
} from "../../src/feed/index.ts";
import { type BarBlock, DepthBlock, KIND_MASK, LAST, ROW } from "../../src/model/index.ts";

const RUNS = Number(process.env.TAPE_PART_RUNS ?? 30);
const BASE = 1_723_075_200_000_000_000n;
const head = {
  instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
  baseNs: BASE,
  source: "drawn",
  simulated: true,
};
const KINDS = [
  ROW.bid,
  ROW.ask,
  ROW.buy,
  ROW.clear,
  ROW.quoteBid,
  ROW.mark,
  ROW.gap,
  ROW.validity,
  ROW.funding,
];

/** Messages of one local time each: how long after the one before, and the rows. */
const messages = fc.array(
  fc.record({
    waitNs: fc.integer({ min: 0, max: 9 }),
    rows: fc.array(
      fc.record({
        kind: fc.constantFrom(...KINDS, ROW.bid, ROW.ask, ROW.bid, ROW.ask),
        tick: fc.integer({ min: 1, max: 12 }),
        lots: fc.integer({ min: 0, max: 3 }),
        exchNs: fc.integer({ min: 0, max: 300 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { minLength: 1, maxLength: 40 },
);

type Messages = typeof messages extends fc.Arbitrary<infer Value> ? Value : never;

/** Sides `apart` never cross: a level hidden by a crossing is not restated by a slice. */
function depthOf(drawn: Messages, apart = false): MemoryTape<DepthBlock> {
  const tape = new DepthTapeBuilder(head);
  let at = 0;
  for (const { waitNs, rows } of drawn) {
    at += waitNs;
    for (const [i, { kind, tick, lots, exchNs }] of rows.entries()) {
      const last = i === rows.length - 1 ? LAST : 0;
      const price = apart && kind === ROW.ask ? tick + 12 : tick;
      tape.push(exchNs, at, kind | last, kind === ROW.validity ? tick % 3 : price, lots);
    }
  }
  return tape.build();
}

/** The tape cut at moments, parts without rows left out. */
function cut<Block extends DepthBlock | BarBlock>(tape: MemoryTape<Block>, cuts: readonly number[]) {
  const edges = [...new Set(cuts)].sort((a, b) => a - b).map((ns) => BASE + BigInt(ns));
  const windows = [...edges, undefined].map((toNs, i) => ({
    ...(i === 0 ? {} : { fromNs: edges[i - 1] as bigint }),
    ...(toNs === undefined ? {} : { toNs }),
  }));
  return windows.flatMap((window) => {
    try {
      return [buildDraft(sliceTape(tape as MemoryTape<DepthBlock>, window))];
    } catch (error) {
      if (String(error).includes("no rows")) return [];
      throw error;
    }
  });
}

function shown(tape: MemoryTape<DepthBlock>, untilNs: number): string {
  const book = new OrderBook();
  const block = new DepthBlock();
  for (let b = 0; b < tape.blockCount; b++) {
    tape.read(b, block);
    for (let i = 0; i < block.n && (block.local[i] as number) < untilNs; i++) {
      const what = (block.kind[i] as number) & KIND_MASK;
      if (what === ROW.bid) book.setBid(block.tick[i] as number, block.lots[i] as number);
      if (what === ROW.ask) book.setAsk(block.tick[i] as number, block.lots[i] as number);
      if (what === ROW.clear) book.clear();
    }
  }
  return book.stateHash();
}

const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 6 });

describe("slices and merges", () => {
  test("slices of a depth tape put together again are the tape", () => {
    fc.assert(
      fc.property(messages, cuts, fc.nat(), (drawn, at, turn) => {
        const tape = depthOf(drawn);
        const slices = cut(tape, at) as MemoryTape<DepthBlock>[];
        const turned = slices.map((_, i) => slices[(i + turn) % slices.length] as MemoryTape<DepthBlock>);
        const { meta } = buildDraft(mergeTapes(turned));
        expect(meta.rows).toBe(tape.meta.rows);
        expect(meta.contentSha256).toBe(tape.meta.contentSha256);
        expect(meta.counts).toEqual({});
      }),
      { numRuns: RUNS },
    );
  });

  test("a slice begins with the book that the tape had, and slices of slices are slices", () => {
    fc.assert(
      fc.property(
        messages,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        (drawn, at, by) => {
          const tape = depthOf(drawn, true);
          const from = (ns: number) => ({ fromNs: BASE + BigInt(ns) });
          if (BigInt(tape.meta.toNs) < BASE + BigInt(at + by)) return;
          const slice = buildDraft(sliceTape(tape, from(at))) as MemoryTape<DepthBlock>;
          // With rows before it, the first moment of a slice is the window's begin: its book stands a moment later.
          const isCut = (slice.meta.counts.sliceRows ?? 0) > 0;
          if (isCut) expect(BigInt(slice.meta.fromNs)).toBe(BASE + BigInt(at));
          const twice = buildDraft(sliceTape(slice, from(at + by)));
          const once = buildDraft(sliceTape(tape, from(at + by)));
          expect(shown(once as MemoryTape<DepthBlock>, at + by + 1e6)).toBe(shown(tape, at + by + 1e6));
          expect(shown(slice, at + by)).toBe(shown(tape, at + by));
          expect(twice.meta.contentSha256).toBe(once.meta.contentSha256);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("slices of bars put together again are the tape", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
        cuts,
        (lengths, at) => {
          const builder = new BarTapeBuilder(head);
          let ns = 0;
          for (const length of lengths) {
            builder.push({
              openNs: ns,
              closeNs: ns + length,
              open: 5,
              high: 9,
              low: 4,
              close: 6,
              volume: length,
            });
            ns += length;
          }
          const tape = builder.build();
          const slices = cut(tape, at) as MemoryTape<BarBlock>[];
          const { meta } = buildDraft(mergeTapes([...slices].reverse()));
          expect(meta.contentSha256).toBe(tape.meta.contentSha256);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("of tapes that overlap each moment has the rows of one, and none is lost uncounted", () => {
    fc.assert(
      fc.property(
        fc.array(messages, { minLength: 2, maxLength: 4 }),
        fc.constantFrom("first" as const, "last" as const),
        (drawn, overlap) => {
          const tapes = drawn.map((each) => depthOf(each));
          const made = buildDraft(mergeTapes(tapes, { overlap }));
          const rows = tapes.reduce((sum, { meta }) => sum + meta.rows, 0);
          const { overlapDropped = 0, seamRows = 0, seamClears = 0 } = made.meta.counts;
          expect(made.meta.rows).toBe(rows - overlapDropped + seamRows + seamClears);
          const winner = [...tapes].sort((a, b) => Number(BigInt(a.meta.fromNs) - BigInt(b.meta.fromNs)));
          expect(made.meta.fromNs).toBe(winner[0]?.meta.fromNs);
          const ends = tapes.map(({ meta }) => Number(BigInt(meta.toNs) - BASE));
          expect(Number(BigInt(made.meta.toNs) - BASE)).toBe(Math.max(...ends));
        },
      ),
      { numRuns: RUNS },
    );
  });
});
