import fc from "fast-check";
import { expect, it } from "vitest";
import { Fault, isRefusal } from "../../src/base/index.ts";
import * as signal from "../../src/signal/index.ts";
import { columnKernels, type NativeKernels, SIMD_LEVELS } from "../../src/signal/native.ts";
import { chooseLevel } from "../../src/signal/native-column-kernels.ts";
import { describeNative } from "../fixtures/native-here.ts";

const SIZE_MAX = 2 ** 51;

const ticks = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 1_000_000, -1_000_000) },
);
const rightLots = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 2, arbitrary: fc.constantFrom(2 ** 32, SIZE_MAX, SIZE_MAX - 1, 4_294_967_295, -0) },
);
const anyLots = fc.oneof(
  { weight: 200, arbitrary: rightLots },
  {
    weight: 1,
    arbitrary: fc.constantFrom(-1, 0.5, Number.NaN, Infinity, -Infinity, SIZE_MAX + 1, 2 ** 60, -1e-300),
  },
);

/** What a kernel gave, to the bit; or the code and words of its fault. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (fault) {
    if (fault instanceof Fault) return `${fault.code} ${fault.message}`;
    throw fault;
  }
}

/** A column somewhere in a larger buffer: the start is aligned to an element, not to a register. */
function float64At(offset: number, values: readonly number[]): Float64Array {
  const column = new Float64Array(new ArrayBuffer((values.length + offset) * 8), offset * 8);
  column.set(values);
  return column;
}

function int32At(offset: number, values: readonly number[]): Int32Array {
  const column = new Int32Array(new ArrayBuffer((values.length + offset) * 4), offset * 4);
  column.set(values);
  return column;
}

/** Quote by quote through the streaming signal: it knows nothing of columns. */
function slowFlows(quotes: readonly Quote[]): { flows: number[]; skipped: number } {
  const streaming = new signal.OrderFlowImbalance({ events: 1 });
  const flows = quotes.map(([bid, bidLots, ask, askLots]) => {
    const isFirst = streaming.count === 0;
    streaming.update(bid, bidLots, ask, askLots);
    return bid > ask || isFirst ? 0 : streaming.last;
  });
  return { flows, skipped: streaming.skipped };
}

type Quote = readonly [bid: number, bidLots: number, ask: number, askLots: number];

function quoteOf(lots: fc.Arbitrary<number>): fc.Arbitrary<Quote> {
  const spread = fc.integer({ min: 0, max: 9 }).map((draw) => (draw === 0 ? -1 : draw % 3));
  return fc
    .tuple(ticks, lots, spread, lots)
    .map(([bid, bidLots, above, askLots]) => [bid, bidLots, (bid + above) | 0, askLots]);
}

const columnsOf = (quotes: readonly Quote[], offset: number): signal.QuoteColumns => ({
  bid: int32At(
    offset,
    quotes.map((quote) => quote[0]),
  ),
  bidLots: float64At(
    offset,
    quotes.map((quote) => quote[1]),
  ),
  ask: int32At(
    offset,
    quotes.map((quote) => quote[2]),
  ),
  askLots: float64At(
    offset,
    quotes.map((quote) => quote[3]),
  ),
});

describeNative("the bodies of the sums over columns", () => {
  const native = SIMD_LEVELS.map((level) => columnKernels(level)).filter(
    (kernels): kernels is NativeKernels => !isRefusal(kernels),
  );
  const bodies: readonly signal.ColumnKernels[] = [signal, ...native];
  const offset = fc.integer({ min: 0, max: 3 });

  it("are all of those that this processor has", () => {
    console.log(`levels here: ${native.map(({ level }) => level).join(", ")}`);
    expect(native[0]?.level).toBe("scalar");
    const best = columnKernels();
    expect(isRefusal(best) ? undefined : best.level).toBe(native.at(-1)?.level);
  });

  it("quoteFlows: give what the streaming signal gives", () => {
    fc.assert(
      fc.property(fc.array(quoteOf(rightLots), { maxLength: 70 }), offset, (quotes, from) => {
        const { flows, skipped } = slowFlows(quotes);
        for (const body of bodies) {
          const out = float64At(
            from,
            quotes.map(() => Number.NaN),
          );
          expect(body.quoteFlows(columnsOf(quotes, from), out)).toBe(skipped);
          expect([...out]).toEqual(flows.map((flow) => flow + 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("bookImbalances: give what bookImbalance gives of exact totals", () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 37 }));
    const filled = shape.chain(([levels, count]) => {
      const column = fc.array(rightLots, { minLength: levels * count, maxLength: levels * count });
      return fc.tuple(fc.constant(levels), fc.constant(count), column, column);
    });
    fc.assert(
      fc.property(filled, offset, ([levels, count, bids, asks], from) => {
        const totalOf = (cells: number[], i: number) =>
          cells.filter((_lots, at) => at % count === i).reduce((sum, lots) => sum + BigInt(lots), 0n);
        const totals = Array.from(
          { length: count },
          (_each, i) => [totalOf(bids, i), totalOf(asks, i)] as const,
        );
        const isTooMuch = totals.some(([bid, ask]) => bid + ask > Number.MAX_SAFE_INTEGER);
        const expected = totals.map(([bid, ask]) => signal.bookImbalance(Number(bid), Number(ask)));
        const given = bodies.map((body) => {
          const out = new Float64Array(count);
          const fault = outcome(() =>
            body.bookImbalances(float64At(from, bids), float64At(from, asks), levels, out),
          );
          return fault ?? [...out];
        });
        for (const each of given) {
          if (isTooMuch) expect(each).toMatch("FAULT_ARITHMETIC");
          else expect(each).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("sumDepth: give exact sums, or say that they are not", () => {
    const level = fc.tuple(ticks, rightLots);
    const bound = fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(level, { maxLength: 70 }), bound, bound, offset, (side, levels, within, from) => {
        const bounds = {
          ...(levels === undefined ? {} : { levels }),
          ...(within === undefined ? {} : { ticks: within }),
        };
        const first = side[0]?.[0] ?? 0;
        const near = side.slice(0, levels).filter(([at]) => Math.abs(at - first) <= (within ?? Infinity));
        const sum = (of: (level: (typeof near)[number]) => bigint) =>
          near.reduce((all, each) => all + of(each), 0n);
        const lots = sum(([, own]) => BigInt(own));
        const notional = sum(([at, own]) => BigInt(at) * BigInt(own));
        const span = sum(([at, own]) => BigInt(Math.abs(at - first)) * BigInt(own));
        const limit = BigInt(Number.MAX_SAFE_INTEGER);
        const absolute = (value: bigint) => (value < 0n ? -value : value);
        const isExact = [lots, span, BigInt(first) * lots, notional].every(
          (value) => absolute(value) <= limit,
        );
        for (const body of bodies) {
          const columns = [
            int32At(
              from,
              side.map(([at]) => at),
            ),
            float64At(
              from,
              side.map(([, own]) => own),
            ),
          ] as const;
          const given = outcome(() => body.sumDepth(...columns, bounds));
          if (!isExact) {
            expect(given).toMatch("FAULT_ARITHMETIC");
            continue;
          }
          expect(given).toEqual({
            levels: near.length,
            lots: Number(lots),
            notional: Number(notional),
            vwapTicks:
              lots === 0n
                ? Number.NaN
                : signal.depthVwap([first, ...near.map(([at]) => at)], [0, ...near.map(([, own]) => own)]),
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("say the same of sizes that are none", () => {
    const wrongQuotes = fc.array(quoteOf(anyLots), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(wrongQuotes, offset, (quotes, from) => {
        const given = bodies.map((body) => {
          const columns = columnsOf(quotes, from);
          const out = new Float64Array(quotes.length);
          const half = quotes.length >> 1;
          return [
            outcome(() => body.quoteFlows(columns, out)),
            outcome(() => body.sumDepth(columns.bid, columns.bidLots)),
            outcome(() => body.sumDepth(columns.ask, columns.askLots, { ticks: 1 })),
            outcome(() =>
              body.bookImbalances(columns.bidLots, columns.askLots, 1, new Float64Array(quotes.length)),
            ),
            outcome(() =>
              body.bookImbalances(
                columns.bidLots.subarray(0, half * 2),
                columns.askLots.subarray(0, half * 2),
                2,
                new Float64Array(half),
              ),
            ),
          ];
        });
        for (const each of given) expect(each).toEqual(given[0]);
      }),
      { numRuns: 300 },
    );
  });

  it("say the same of columns that do not fit", () => {
    const shared = new Float64Array(4);
    const fine = columnsOf([[1, 2, 3, 4]], 0);
    const wrong: ((body: signal.ColumnKernels) => unknown)[] = [
      (body) => body.quoteFlows(fine, new Float64Array(2)),
      (body) =>
        body.quoteFlows({ ...fine, bid: new Float64Array(1) as unknown as Int32Array }, new Float64Array(1)),
      (body) => body.quoteFlows({ ...fine, askLots: new Float64Array(3) }, new Float64Array(1)),
      (body) => body.quoteFlows({ ...fine, bidLots: shared.subarray(0, 1) }, shared.subarray(0, 1)),
      (body) => body.bookImbalances(new Float64Array(4), new Float64Array(4), 3, new Float64Array(2)),
      (body) => body.bookImbalances(new Float64Array(4), new Float64Array(4), 0.5, new Float64Array(2)),
      (body) => body.bookImbalances(shared, new Float64Array(4), 2, shared.subarray(1, 3)),
      (body) => body.sumDepth(new Int32Array(3), new Float64Array(2)),
      (body) => body.sumDepth(new Int32Array(2), new Float64Array(2), { ticks: -1 }),
      (body) => body.sumDepth(new Int32Array(2), new Float64Array(2), { levels: Number.NaN }),
      (body) => body.sumDepth(new Int32Array(2), new Float64Array(2), { depth: 2 } as signal.DepthBounds),
    ];
    for (const call of wrong) {
      const given = bodies.map((body) => outcome(() => call(body)));
      expect(given[0]).toMatch(/^FAULT_(INPUT|CONFIG) /);
      for (const each of given) expect(each).toBe(given[0]);
    }
  });

  it("are chosen by what the processor has", () => {
    expect(chooseLevel(undefined, 1)).toBe(1);
    expect(chooseLevel("scalar", 0)).toBe(0);
    expect(chooseLevel("avx512", 1)).toMatchObject({ ok: false, code: "SIMD_LEVEL_ABSENT", value: "avx512" });
    expect(() => columnKernels("sse9" as "avx2")).toThrow("FAULT_CONFIG columnKernels.level");
  });
});
