import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { BarTapeBuilder, DepthTapeBuilder, type MemoryTape } from "../../src/feed/index.ts";
import { type BarBlock, DepthBlock, LAST, NANOS_PER_DAY, ROW } from "../../src/model/index.ts";
import { type ParquetTape, readParquetBars, readParquetTicks, writeParquet } from "../../src/store/index.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-parquet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const instrument = {
  symbol: "ABC",
  venue: 'it\'s "here"',
  tickSize: "0.05",
  lotSize: "0.01",
  bookLotSize: "0.0001",
  quote: { code: "USD", decimals: 8 },
} as const;
const HEAD = { instrument, baseNs: 1_700_000_000_123_456_789n, source: "made up, ünïcode", simulated: true };

const tick = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
const lots = fc.nat({ max: 99_999_999_999 });
const step = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 1_000_000_007 }));

const depthTape = fc
  .array(fc.record({ step, kind: fc.constantFrom(...Object.values(ROW)), tick, lots }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rows) => {
    const tape = new DepthTapeBuilder(HEAD);
    let ns = 0;
    for (const [i, row] of rows.entries()) {
      ns += row.step;
      const rate = row.kind === ROW.funding ? -row.lots : row.lots;
      tape.push(ns - 3, ns, row.kind | (i % 2 === 0 || i === rows.length - 1 ? LAST : 0), row.tick, rate);
    }
    tape.count("strange", 3);
    return tape.build();
  });

const barTape = fc
  .array(
    fc.record({
      days: fc.nat({ max: 900 }),
      prices: fc.tuple(tick, tick, tick, tick),
      volume: lots,
      kind: fc.constantFrom(0, 0, 1, 2),
      factor: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => {
    const tape = new BarTapeBuilder(HEAD);
    let day = 0;
    for (const { days, prices, volume, kind, factor } of rows) {
      day += days;
      const [low, open, close, high] = [...prices].sort((left, right) => left - right) as [
        number,
        number,
        number,
        number,
      ];
      const openNs = day * NANOS_PER_DAY;
      tape.push({ openNs, closeNs: openNs + 1_000_000_000, open, high, low, close, volume, kind, factor });
      day += 1;
    }
    return tape.build();
  });

const numbers = fc.constantFrom("steps" as const, "decimals" as const);
const compression = fc.constantFrom("zstd" as const, "snappy" as const, "none" as const);

async function loaded<Block extends DepthBlock | BarBlock>(
  reading: Promise<ParquetTape<Block>>,
): Promise<MemoryTape<Block>> {
  const tape = await reading;
  try {
    return await tape.load();
  } finally {
    tape.close();
  }
}

describe("a tape written to Parquet and read back", () => {
  test("is the same tape of depth", async () => {
    const path = join(folder, "depth.parquet");
    await fc.assert(
      fc.asyncProperty(depthTape, numbers, compression, async (tape, how, codec) => {
        await writeParquet(tape, path, { numbers: how, compression: codec, overwrite: true });
        expect((await loaded(readParquetTicks(path))).meta).toEqual(tape.meta);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test("is the same tape where a rate is -0", async () => {
    const path = join(folder, "zero.parquet");
    const builder = new DepthTapeBuilder(HEAD);
    builder.push(1, 4, ROW.funding | LAST, 5, -0);
    const tape = builder.build();
    await writeParquet(tape, path, { numbers: "steps", overwrite: true });
    expect((await loaded(readParquetTicks(path))).meta).toEqual(tape.meta);
  });

  test("is the same tape of bars", async () => {
    const path = join(folder, "bars.parquet");
    await fc.assert(
      fc.asyncProperty(barTape, numbers, compression, async (tape, how, codec) => {
        await writeParquet(tape, path, { numbers: how, compression: codec, overwrite: true });
        expect((await loaded(readParquetBars(path))).meta).toEqual(tape.meta);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test("keeps its blocks, over several of them, more than once", async () => {
    const path = join(folder, "long.parquet");
    const builder = new DepthTapeBuilder(HEAD);
    const rows = 150_001;
    for (let i = 0; i < rows; i++) builder.push(i * 1_000, i * 1_000 + (i % 7), (i % 2) | LAST, i % 999, i);
    const tape = builder.build();
    await writeParquet(tape, path);
    const reading = await readParquetTicks(path);
    expect(reading.rows).toBe(rows);
    for (let round = 0; round < 2; round++) {
      const [mine, theirs] = [new DepthBlock(), new DepthBlock()];
      let index = 0;
      for await (const block of reading.blocks()) {
        tape.read(index, mine);
        theirs.local.set(block.local);
        expect(block.n).toBe(mine.n);
        expect(block.tick.subarray(0, block.n)).toEqual(mine.tick.subarray(0, mine.n));
        expect(theirs.local.subarray(0, block.n)).toEqual(mine.local.subarray(0, mine.n));
        index += 1;
      }
      expect(index).toBe(tape.blockCount);
    }
    reading.close();
  }, 60_000);
});
