import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { BarTapeBuilder, DepthTapeBuilder, type MemoryTape } from "../../src/feed/index.ts";
import { BarBlock, DepthBlock, LAST, NANOS_PER_DAY, NANOS_PER_MINUTE, ROW } from "../../src/model/index.ts";
import {
  type ParquetBarOptions,
  type ParquetTickOptions,
  readParquetBars,
  readParquetTicks,
  writeParquet,
} from "../../src/store/index.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

const instrument = {
  symbol: "ABC",
  venue: "t",
  tickSize: "0.25",
  lotSize: "0.1",
  quote: { code: "USD", decimals: 4 },
};
const HEAD = { instrument, baseNs: 0n, source: "by hand", simulated: true };

/** A file written by the database itself, as others would. */
async function foreign(name: string, select: string): Promise<string> {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

async function bars(
  path: string,
  options: ParquetBarOptions = { instrument },
): Promise<MemoryTape<BarBlock>> {
  const reading = await readParquetBars(path, options);
  try {
    return await reading.load();
  } finally {
    reading.close();
  }
}

async function ticks(
  path: string,
  options: ParquetTickOptions = { instrument },
): Promise<MemoryTape<DepthBlock>> {
  const reading = await readParquetTicks(path, options);
  try {
    return await reading.load();
  } finally {
    reading.close();
  }
}

function barTape(): MemoryTape<BarBlock> {
  const tape = new BarTapeBuilder(HEAD);
  for (let i = 0; i < 5; i++) {
    const openNs = i * NANOS_PER_MINUTE;
    tape.push({
      openNs,
      closeNs: openNs + NANOS_PER_MINUTE,
      open: 5,
      high: 9,
      low: 4,
      close: 6 + (i % 3),
      volume: i,
    });
  }
  return tape.build();
}

function depthTape(): MemoryTape<DepthBlock> {
  const tape = new DepthTapeBuilder(HEAD);
  tape.push(1, 2, ROW.bid, 100, 5);
  tape.push(1, 2, ROW.ask | LAST, 101, 7);
  return tape.build();
}

const BAR =
  "1.25::DECIMAL(9,2) open, 2::DECIMAL(4,0) high, 1 low, 1.5::DECIMAL(9,3) AS close, 0.3::DECIMAL(9,2) volume";
const MINUTE = {
  columns: { time: "t" },
  bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" },
  instrument,
} as const;

describe("files by others", () => {
  test.each([
    ["TIMESTAMP", "TIMESTAMP '2024-01-02 09:30:00'"],
    ["TIMESTAMP_NS", "TIMESTAMP_NS '2024-01-02 09:30:00'"],
    ["TIMESTAMP_MS", "TIMESTAMP_MS '2024-01-02 09:30:00'"],
    ["TIMESTAMP_S", "TIMESTAMP_S '2024-01-02 09:30:00'"],
    ["TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2024-01-02 09:30:00+00'"],
    ["epoch ns", "1704187800000000000::BIGINT"],
  ])("of bars with one time as %s", async (_what, time) => {
    const path = await foreign(
      "one.parquet",
      `SELECT ${time} t, ${BAR.replace("1 low", "1.0::DECIMAL(9,1) low")}`,
    );
    const tape = await bars(path, MINUTE);
    expect([tape.meta.fromNs, tape.meta.baseNs]).toEqual(["1704187860000000000", "1704153600000000000"]);
    const block = new BarBlock();
    tape.read(0, block);
    expect([block.open[0], block.high[0], block.low[0], block.close[0], block.volume[0]]).toEqual([
      5, 8, 4, 6, 3,
    ]);
    expect(tape.meta.source).toBe("parquet one.parquet");
  });

  test("of dated bars, whole ticks and no volume", async () => {
    const select = "SELECT (DATE '2024-01-02' + i::INTEGER) d, 5 o, 6 h, 4 l, 5 c FROM range(3) r(i)";
    const path = await foreign("dated.parquet", select);
    const columns = { time: "d", open: "o", high: "h", low: "l", close: "c", volume: null };
    const tape = await bars(path, { instrument, columns, bar: { lengthNs: NANOS_PER_DAY, timeIs: "open" } });
    expect([tape.meta.rows, tape.meta.toNs]).toEqual([3, "1704412800000000000"]);
  });

  test("of floating-point prices, snapped and counted", async () => {
    const select =
      "SELECT 0::BIGINT t, 1.2500001::FLOAT open, 1.5 high, 1.25::DOUBLE low, 1.5::DOUBLE AS close, 1 volume";
    const path = await foreign("floats.parquet", select.replace("1.5 high", "1.5::DOUBLE high"));
    await expect(bars(path, MINUTE)).rejects.toThrow(
      'floats.parquet column open: found "FLOAT", expected DECIMAL, or an integer number of ticks',
    );
    const tape = await bars(path, { ...MINUTE, snapWithin: { price: "0.001" } });
    expect(tape.meta.counts).toEqual({ numbersSnapped: 1 });
    await expect(bars(path, { ...MINUTE, snapWithin: { price: "0.00000001" } })).rejects.toThrow(
      /floats.parquet row 0 open: found 1.25000\d+, expected within 1e-8 of a multiple of 25e-2/,
    );
  });

  test("of trades, with sides", async () => {
    const select = `SELECT * FROM (VALUES (1::BIGINT, 1.25::DECIMAL(9,2), 0.5::DECIMAL(9,1), 'BUY'),
      (2, 1.5, 0.1, 'sell'), (2, 1.0, 0.2, NULL)) v(time, price, quantity, side)`;
    const path = await foreign("trades.parquet", select);
    const block = new DepthBlock();
    (await ticks(path, { instrument, columns: { side: "side" } })).read(0, block);
    const rows = [0, 1, 2].map((i) => [block.local[i], block.kind[i], block.tick[i], block.lots[i]]);
    expect(rows).toEqual([
      [1, ROW.buy | LAST, 5, 5],
      [2, ROW.sell | LAST, 6, 1],
      [2, ROW.trade | LAST, 4, 2],
    ]);
    (await ticks(path)).read(0, block);
    expect([...block.kind.subarray(0, 3)]).toEqual([ROW.trade | LAST, ROW.trade | LAST, ROW.trade | LAST]);
  });
});

describe("a range", () => {
  test("takes what lies within, by close or by local time", async () => {
    const path = join(folder, "range.parquet");
    await writeParquet(barTape(), path);
    const minute = BigInt(NANOS_PER_MINUTE);
    const tape = await bars(path, { fromNs: 2n * minute, toNs: 4n * minute });
    expect([tape.meta.rows, tape.meta.fromNs]).toEqual([2, String(2n * minute)]);
    await expect(bars(path, { fromNs: 99n * minute })).rejects.toThrow('range.parquet: found "0 rows"');
  });
});

const ROWS = "SELECT * FROM (VALUES (1::BIGINT, 2::BIGINT, 4, 5, 3, 4, 9), (2, 3, 4, 5, 3, 4, 9))";
const NAMES = "v(open_ns, close_ns, open, high, low, close, volume)";

describe("bad files are refused by name", () => {
  test.each([
    ["no column", "SELECT 1::BIGINT open_ns", 'bad.parquet: found "open_ns", expected a column close_ns'],
    [
      "time as text",
      `SELECT * REPLACE ('x' AS close_ns) FROM (${ROWS} ${NAMES})`,
      'column close_ns: found "VARCHAR"',
    ],
    [
      "time as DOUBLE",
      `SELECT * REPLACE (1e18 AS close_ns) FROM (${ROWS} ${NAMES})`,
      "column close_ns: found",
    ],
    [
      "price as text",
      `SELECT * REPLACE ('1.25' AS low) FROM (${ROWS} ${NAMES})`,
      'column low: found "VARCHAR"',
    ],
    ["no price", `SELECT * REPLACE (NULL::INTEGER AS low) FROM (${ROWS} ${NAMES})`, "row 0 low: found null"],
    [
      "no time",
      `SELECT * REPLACE (nullif(close_ns, 3) AS close_ns) FROM (${ROWS} ${NAMES})`,
      "row 1 close_ns: found",
    ],
    [
      "no volume",
      `SELECT * REPLACE (NULL::DECIMAL(9,1) AS volume) FROM (${ROWS} ${NAMES})`,
      "row 0 volume: found",
    ],
    [
      "a price off the grid",
      `SELECT * REPLACE (1.3::DECIMAL(9,1) AS high) FROM (${ROWS} ${NAMES})`,
      'bad.parquet row 0 high: found "1.3", expected a multiple of 25e-2',
    ],
    ["a bar inside out", `SELECT * REPLACE (9 AS low) FROM (${ROWS} ${NAMES})`, "bad.parquet row 0: found"],
    ["times that fall", `${ROWS} ${NAMES} ORDER BY close_ns DESC`, "FAULT_TIME"],
    ["a time before 1970", `SELECT * REPLACE (-close_ns AS open_ns) FROM (${ROWS} ${NAMES})`, "found -2n"],
    [
      "a price too large",
      `SELECT * REPLACE (2000000000 AS high) FROM (${ROWS} ${NAMES})`,
      "row 0 high: found",
    ],
    ["no rows", `${ROWS} ${NAMES} WHERE false`, 'bad.parquet: found "0 rows"'],
  ])("%s", async (_what, select, message) => {
    await expect(bars(await foreign("bad.parquet", select))).rejects.toThrow(message);
  });

  test("a row beyond the first chunk", async () => {
    const select =
      "SELECT i AS time, CASE WHEN i = 3000 THEN NULL ELSE 4 END price, 1 quantity FROM range(5000) r(i)";
    await expect(ticks(await foreign("far.parquet", select))).rejects.toThrow(
      "far.parquet row 3000 price: found null",
    );
  });

  test("times too far apart for doubles are told by row, and a time that is missing", async () => {
    const far = await foreign(
      "apart.parquet",
      "SELECT CASE WHEN i = 2500 THEN 9100000000000000001 ELSE i END::BIGINT AS time, 4 price, 1 quantity FROM range(2501) r(i)",
    );
    await expect(ticks(far)).rejects.toThrow("FAULT_TIME");
    await expect(ticks(far)).rejects.toThrow("apart.parquet row 2500 time: found 9100000000000000001n");
    const none = await foreign(
      "gap.parquet",
      "SELECT CASE WHEN i = 2100 THEN NULL ELSE i END::BIGINT AS time, 4 price, 1 quantity FROM range(2500) r(i)",
    );
    await expect(ticks(none)).rejects.toThrow(
      "gap.parquet row 2100 time: found null, expected a time in every row",
    );
  });

  test("a reading that is left, or closed while it goes on, ends the database behind the fetch under way", async () => {
    const path = await foreign(
      "long.parquet",
      "SELECT i AS time, 4 price, 1 quantity FROM range(200000) r(i)",
    );
    for (const isLeft of [true, false]) {
      const reading = await readParquetTicks(path, { instrument });
      const blocks = reading.blocks();
      expect((await blocks.next()).value?.n).toBeGreaterThan(0);
      if (isLeft) await blocks.return();
      reading.close();
      if (!isLeft) await blocks.return();
    }
    expect((await ticks(path)).meta.rows).toBe(200_000);
  });

  test.each([
    ["a side", "SELECT 1::BIGINT AS time, 4 price, 1 quantity, 'up' side", 'row 0 side: found "up"'],
    [
      "a quantity below 0",
      "SELECT 1::BIGINT AS time, 4 price, -1 quantity, 'buy' side",
      "row 0 lots: found -1",
    ],
    [
      "a quantity off the grid",
      "SELECT 1::BIGINT AS time, 4 price, 0.25 quantity, 'buy' side",
      "a multiple of 1e-1",
    ],
  ])("of trades: %s", async (_what, select, message) => {
    const path = await foreign("bad.parquet", select);
    await expect(ticks(path, { instrument, columns: { side: "side" } })).rejects.toThrow(message);
  });

  test.each([
    ["is not there", () => join(folder, "none.parquet"), "FAULT_IO"],
    ["is a folder", () => folderIn("dir"), "FAULT_IO"],
    ["is a pattern", () => join(folder, "*.parquet"), "FAULT_CONFIG path"],
    ["is something else", () => text("text.parquet", "time,open\n1,2\n"), "FAULT_INPUT"],
    ["is empty", () => text("empty.parquet", ""), "FAULT_INPUT"],
  ])("a path that %s", async (_what, path, code) => {
    await expect(bars(path())).rejects.toThrow(code);
  });

  test("a file cut short", async () => {
    const path = join(folder, "whole.parquet");
    await writeParquet(barTape(), path);
    const bytes = readFileSync(path);
    const cut = join(folder, "cut.parquet");
    writeFileSync(cut, bytes.subarray(0, bytes.length - 9));
    await expect(bars(cut, {})).rejects.toThrow(`FAULT_INPUT ${cut}`);
  });

  test("bars asked for ticks, and ticks for bars", async () => {
    const [one, two] = [join(folder, "b.parquet"), join(folder, "d.parquet")];
    await writeParquet(barTape(), one);
    await writeParquet(depthTape(), two);
    await expect(ticks(one, {})).rejects.toThrow('found "a tape of bars", expected a tape of depth');
    await expect(bars(two, {})).rejects.toThrow('found "a tape of depth", expected a tape of bars');
  });

  test("rows that are not those the metadata was made from", async () => {
    const path = join(folder, "made.parquet");
    await writeParquet(barTape(), path);
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const found = await connection.runAndReadAll(`SELECT decode(value) FROM parquet_kv_metadata('${path}')`);
    const meta = String(found.getRows()[0]?.[0]).replaceAll("'", "''");
    const forged = join(folder, "forged.parquet");
    await connection.run(
      `COPY (SELECT * REPLACE (volume + 1 AS volume) FROM '${path}') TO '${forged}'
       (FORMAT parquet, KV_METADATA {'tickwright.tape': '${meta}'})`,
    );
    connection.closeSync();
    await expect(bars(forged, {})).rejects.toThrow(`FAULT_TAPE_CORRUPT ${forged}`);
  });
});

describe("options", () => {
  test.each([
    ["parquet.instrument", {}],
    ["parquet.instrumnt", { instrumnt: instrument }],
    ["instrument.tickSize", { instrument: { ...instrument, tickSize: "-1" } }],
    ["parquet.columns.opn", { instrument, columns: { opn: "o" } }],
    ["parquet.columns.open", { instrument, columns: { open: "" } }],
    ["parquet.bar", { instrument, columns: { time: "t" } }],
    ["parquet.bar", { instrument, bar: { lengthNs: 1, timeIs: "open" } }],
    ["parquet.bar.lengthNs", { instrument, columns: { time: "t" }, bar: { lengthNs: 0, timeIs: "open" } }],
    ["parquet.bar.timeIs", { instrument, columns: { time: "t" }, bar: { lengthNs: 1, timeIs: "mid" } }],
    ["parquet.snapWithin.price", { instrument, snapWithin: { price: "0" } }],
    ["parquet.snapWithin.price", { instrument, snapWithin: { price: 0.1 } }],
    ["parquet.fromNs", { instrument, fromNs: 5 }],
    ["parquet.toNs", { instrument, toNs: -1n }],
  ])("%s", async (path, options) => {
    const file = await foreign("options.parquet", `${ROWS} ${NAMES}`);
    await expect(bars(file, options as never)).rejects.toThrow(`FAULT_CONFIG ${path}: found`);
  });

  test.each([
    ["parquet.codec", { codec: "zstd" }],
    ["parquet.compression", { compression: "gzip" }],
    ["parquet.numbers", { numbers: "floats" }],
    ["parquet.overwrite", { overwrite: "yes" }],
  ])("%s of a write", async (path, options) => {
    const write = writeParquet(barTape(), join(folder, "never.parquet"), options as never);
    await expect(write).rejects.toThrow(`FAULT_CONFIG ${path}: found`);
  });
});

describe("writing", () => {
  test("leaves a file that is there, unless told otherwise", async () => {
    const path = text("there.parquet", "mine");
    await expect(writeParquet(barTape(), path)).rejects.toThrow(`FAULT_IO ${path}`);
    expect(readFileSync(path, "utf8")).toBe("mine");
    await writeParquet(barTape(), path, { overwrite: true });
    expect((await bars(path, {})).meta).toEqual(barTape().meta);
  });

  test("leaves nothing behind where the tape cannot be read, or the folder is not there", async () => {
    const broken = barTape();
    const path = join(folder, "broken.parquet");
    const read = (): void => {
      throw new RangeError("block 0 is gone");
    };
    const source = { meta: broken.meta, blockCount: 1, read, close: () => {} };
    await expect(writeParquet(source, path)).rejects.toThrow("block 0 is gone");
    expect([existsSync(path), existsSync(`${path}.partial`)]).toEqual([false, false]);
    await expect(writeParquet(broken, join(folder, "no/where.parquet"))).rejects.toThrow("FAULT_IO");
  });

  test("refuses a quantity that DECIMAL(18) cannot hold", async () => {
    const tape = new DepthTapeBuilder({
      ...HEAD,
      instrument: { ...instrument, lotSize: "123456789", quote: "X" },
    });
    tape.push(1, 2, ROW.bid | LAST, 100, 9_007_199_254_740_991);
    const path = join(folder, "wide.parquet");
    await expect(writeParquet(tape.build(), path, { numbers: "decimals" })).rejects.toThrow(
      "at most 18 digits",
    );
  });
});

describe("without DuckDB", () => {
  afterEach(() => {
    vi.doUnmock("@duckdb/node-api");
    vi.resetModules();
  });

  test("the fault says what to install", async () => {
    vi.resetModules();
    vi.doMock("@duckdb/node-api", () => {
      throw new Error("Cannot find package");
    });
    const store = await import("../../src/store/index.ts");
    await expect(store.writeParquet(barTape(), join(folder, "x.parquet"))).rejects.toThrow(
      /FAULT_PEER_MISSING @duckdb\/node-api: .*npm install @duckdb\/node-api/,
    );
  });
});

function text(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function folderIn(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}
