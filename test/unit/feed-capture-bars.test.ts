import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { type CaptureBarRule, CaptureBars } from "../../src/feed/index.ts";
import { buildBinanceBars, openBarTape } from "../../src/host/index.ts";
import { BarBlock, type TapeMeta } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import { diff, line, START_MS, snapshot, trade } from "../fixtures/capture-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-capture-bars-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());
const SPOT = { market: "spot" } as const;
const SECOND = 1_000_000_000;
const DAY_MS = 86_400_000;
/** From the capture's midnight to its script's start: a whole number of seconds. */
const START = (START_MS % DAY_MS) * 1e6;

/** The command in this process: its exit code, and what it wrote to either stream. */
async function command(...words: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => said.push(String(text)) > 0);
  }
  const code = await runCommand(words);
  vi.restoreAllMocks();
  return { code, said: said.join("") };
}

interface Bar {
  readonly second: number;
  readonly prices: readonly [open: number, high: number, low: number, close: number];
  readonly volume: number;
}

/** Trades of whole prices: when the exchange made each, and its price; they arrive in this order. */
type Trades = readonly (readonly [ms: number, price: number])[];

function capture(trades: Trades, ids = trades.map((_, i) => i + 1)): string {
  const lines = trades.map(([ms, price], i) =>
    line(9_000 + i, trade(SPOT, ms, ids[i] as number, `${price}.00`, "0.5", false)),
  );
  const book = [
    line(1, snapshot(5, [["9.00", "1"]], [["99.00", "1"]])),
    line(2, diff(SPOT, 2, { U: 5, u: 6 }, [["9.00", "2"]], [])),
  ];
  return `${[...book, ...lines].join("\n")}\n`;
}

function barsOf(source: TapeSource<BarBlock>): Bar[] {
  const found: Bar[] = [];
  const block = new BarBlock();
  for (let i = 0; i < source.blockCount; i++) {
    source.read(i, block);
    for (let k = 0; k < block.n; k++) {
      const [open, high, low, close] = [block.open, block.high, block.low, block.close].map(
        (column) => (column[k] as number) / 100,
      ) as [number, number, number, number];
      const second = ((block.openNs[k] as number) - START) / SECOND;
      found.push({
        second,
        prices: [open, high, low, close],
        volume: (block.volume[k] as number) / 50_000_000,
      });
    }
  }
  return found;
}

function built(
  text: string,
  rule: Partial<CaptureBarRule> = {},
): { readonly bars: Bar[]; readonly meta: TapeMeta } {
  const baseNs = (BigInt(START_MS - (START_MS % DAY_MS)) * 1_000_000n).toString();
  const reading = new CaptureBars(
    { market: "spot", name: "script" },
    { baseNs },
    { periodNs: SECOND, ...rule },
  );
  reading.push(new TextEncoder().encode(text));
  const tape = reading.end();
  return { bars: barsOf(tape), meta: tape.meta };
}

/** Three seconds; the trade at 900 ms arrives when the second after has begun. */
const LATE: Trades = [
  [100, 10],
  [400, 14],
  [1_100, 12],
  [900, 8],
  [1_500, 13],
  [2_000, 11],
];

describe("bars of a capture's trades", () => {
  test("a late trade is refused, dropped, carried, or waited for", () => {
    expect(() => built(capture(LATE))).toThrow("FAULT_TIME");
    const dropped = built(capture(LATE), { late: "drop" });
    expect(dropped.bars).toEqual([
      { second: 0, prices: [10, 14, 10, 14], volume: 2 },
      { second: 1, prices: [12, 13, 12, 13], volume: 2 },
      { second: 2, prices: [11, 11, 11, 11], volume: 1 },
    ]);
    expect(dropped.meta.counts).toEqual({ lateDropped: 1, partialBars: 1 });
    const carried = built(capture(LATE), { late: "carry" });
    expect(carried.bars[1]).toEqual({ second: 1, prices: [8, 13, 8, 13], volume: 3 });
    expect(carried.meta.counts).toEqual({ lateCarried: 1, partialBars: 1 });
    const waited = built(capture(LATE), { latenessNs: SECOND });
    expect(waited.bars).toEqual([
      { second: 0, prices: [10, 14, 8, 8], volume: 3 },
      { second: 1, prices: [12, 13, 12, 13], volume: 2 },
      { second: 2, prices: [11, 11, 11, 11], volume: 1 },
    ]);
    expect(waited.meta.counts).toEqual({ partialBars: 1 });
  });

  test("a trade that is told again is in one bar, and counted", () => {
    const { bars, meta } = built(
      capture(
        [
          [0, 10],
          [1, 11],
          [1, 11],
          [2, 12],
        ],
        [1, 2, 2, 3],
      ),
    );
    expect(bars).toEqual([{ second: 0, prices: [10, 12, 10, 12], volume: 3 }]);
    expect(meta.counts).toEqual({ tradesRepeated: 1, partialBars: 1 });
  });

  test("with a wait as long as any delay the bars are those of the trades, sorted into seconds", () => {
    const arrival = fc.record({
      ms: fc.integer({ min: 0, max: 9_999 }),
      delay: fc.integer({ min: 0, max: 2_999 }),
      price: fc.integer({ min: 10, max: 90 }),
    });
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 1, maxLength: 60 }), (arrivals) => {
        const inOrder = arrivals
          .map((each, i) => ({ ...each, i }))
          .sort((a, b) => a.ms + a.delay - b.ms - b.delay || a.i - b.i);
        const { bars, meta } = built(capture(inOrder.map(({ ms, price }) => [ms, price])), {
          latenessNs: 3 * SECOND,
        });
        const seconds = new Map<number, number[]>();
        for (const { ms, price } of inOrder) {
          const second = Math.floor(ms / 1_000);
          seconds.set(second, [...(seconds.get(second) ?? []), price]);
        }
        const expected = [...seconds].sort(([a], [b]) => a - b);
        expect(
          bars.map(({ second, prices: [, high, low], volume }) => [second, Math.max(high, low), low, volume]),
        ).toEqual(
          expected.map(([second, prices]) => [
            second,
            Math.max(...prices),
            Math.min(...prices),
            prices.length,
          ]),
        );
        expect(meta.counts).toEqual({ partialBars: 1 });
      }),
      { numRuns: 40 },
    );
  });

  test("from a file, and from the command line", async () => {
    const path = join(folder, "spot.log");
    writeFileSync(path, capture(LATE));
    const bars = barsOf(
      await buildBinanceBars({ path, market: "spot", bars: { periodNs: SECOND, late: "drop" } }),
    );
    const out = join(folder, "spot.tape");
    const words = ["tape", "bars", path, "--period", "1s", "--out", out];
    const refused = await command(...words);
    expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("FAULT_TIME")]);
    const made = await command(...words, "--late", "drop", "--json");
    expect([made.code, JSON.parse(made.said).counts]).toEqual([0, { lateDropped: 1, partialBars: 1 }]);
    const tape = openBarTape(out);
    expect(barsOf(tape)).toEqual(bars);
    tape.close();
    const wrong: readonly (readonly [string[], string])[] = [
      [["--late", "keep"], "--late"],
      [["--lateness", "soon"], "--lateness is such as 1s"],
      [["--clock", "local"], "--clock: bars of a capture are of its trades"],
    ];
    for (const [more, told] of wrong) {
      const { code, said } = await command(...words, ...more, "--overwrite");
      expect([code, said]).toEqual([2, expect.stringContaining(told)]);
    }
    const ofTape = await command("tape", "bars", out, "--period", "1m", "--late", "drop", "--out", `${out}2`);
    expect([ofTape.code, ofTape.said]).toEqual([2, expect.stringContaining("--late is for captures")]);
  });
});
