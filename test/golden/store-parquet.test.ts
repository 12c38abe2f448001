import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { buildBars, importCapture } from "../../src/feed/index.ts";
import { readLeanBars } from "../../src/host/index.ts";
import { DepthBlock, KIND_MASK, NANOS_PER_MINUTE, NANOS_PER_SECOND, ROW } from "../../src/model/index.ts";
import { readParquetBars, readParquetTicks, writeParquet } from "../../src/store/index.ts";

const data = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const capture = join(data, "binance-raw/spot_btcusdt_20240808.gz");
const lean = join(data, "lean/Data");
const absent = !existsSync(capture) || !existsSync(lean);
if (absent) console.warn("skipped: no captures and no Lean data at TICKWRIGHT_DATA");
const folder = mkdtempSync(join(tmpdir(), "tickwright-golden-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(absent)("real tapes in Parquet", () => {
  test.each(["steps", "decimals"] as const)(
    "a capture of 191,904 rows, in %s",
    async (numbers) => {
      const bytes = gunzipSync(readFileSync(capture));
      const { tape } = importCapture({ name: "spot_btcusdt_20240808.gz", market: "spot" }, () => [bytes]);
      const path = join(folder, `${numbers}.parquet`);
      await writeParquet(tape, path, { numbers });
      const reading = await readParquetTicks(path);
      const back = await reading.load();
      reading.close();
      expect(back.meta).toEqual(tape.meta);
      expect(back.meta.rows).toBe(191_904);
    },
    60_000,
  );

  test.each(["steps", "decimals"] as const)(
    "Apple's days with splits and dividends, in %s",
    async (numbers) => {
      const tape = readLeanBars({ root: lean, market: "equity", symbol: "aapl", resolution: "daily" });
      const path = join(folder, `aapl-${numbers}.parquet`);
      await writeParquet(tape, path, { numbers });
      const reading = await readParquetBars(path);
      expect((await reading.load()).meta).toEqual(tape.meta);
      reading.close();
    },
  );
});

describe.skipIf(absent)("bars of a capture", () => {
  test("hold all its trades, at their prices", () => {
    const bytes = gunzipSync(readFileSync(capture));
    const { tape } = importCapture({ name: "spot_btcusdt_20240808.gz", market: "spot" }, () => [bytes]);
    const block = new DepthBlock();
    const volumes = new Map<number, number>();
    for (let b = 0; b < tape.blockCount; b++) {
      tape.read(b, block);
      for (let i = 0; i < block.n; i++) {
        const kind = (block.kind[i] as number) & KIND_MASK;
        if (kind < ROW.buy || kind > ROW.trade) continue;
        const second = Math.floor((block.exch[i] as number) / NANOS_PER_SECOND);
        volumes.set(second, (volumes.get(second) ?? 0) + (block.lots[i] as number));
      }
    }
    expect(buildBars(tape, { periodNs: NANOS_PER_SECOND }).meta.rows).toBe(volumes.size);
    const minutes = buildBars(tape, { periodNs: NANOS_PER_MINUTE, empty: "repeat" });
    const mids = buildBars(tape, { periodNs: NANOS_PER_MINUTE, prices: "mid" });
    expect(mids.meta.rows).toBe(minutes.meta.rows);
    expect(mids.meta.instrument.tickSize).toBe("0.005");
  });
});
