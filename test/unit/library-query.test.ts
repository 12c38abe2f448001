import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BarTapeBuilder, DepthTapeBuilder } from "../../src/feed/index.ts";
import { writeTape } from "../../src/host/index.ts";
import { exportTape, queryTapes } from "../../src/library/index.ts";
import { BAR_ROW, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";
import { queryParquet } from "../../src/store/index.ts";

const folder = mkdtempSync(join(tmpdir(), "tickwright-query-"));
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = 1_723_075_200_000_000_000n;
const path = (name: string): string => join(folder, name);
const [ticks, bars, steps, decimals] = ["ticks.tape", "bars.tape", "steps.parquet", "decimals.parquet"].map(
  path,
) as [string, string, string, string];

beforeAll(async () => {
  const instrument = {
    symbol: "A'B",
    venue: "x",
    tickSize: "0.25",
    lotSize: "0.001",
    quote: { code: "USD", decimals: 6 },
  };
  const depth = new DepthTapeBuilder({ instrument, baseNs: BASE, source: "ticks", simulated: true });
  depth.push(1, 10, ROW.clear | SNAPSHOT, 0, 0);
  depth.push(1, 10, ROW.bid | SNAPSHOT | LAST, 99, 5);
  depth.push(2, 20, ROW.buy | LAST, 101, 1_500);
  depth.push(3, 86_400_000_000_000, ROW.sell | LAST, 100, 2);
  const tape = depth.build();
  writeTape(ticks, tape);
  await exportTape(tape, steps, { numbers: "steps" });
  await exportTape(tape, decimals, { numbers: "decimals" });
  const other = {
    symbol: "XYZ",
    venue: "x",
    tickSize: "0.0001",
    lotSize: "1",
    quote: { code: "USD", decimals: 4 },
  };
  const built = new BarTapeBuilder({ instrument: other, baseNs: BASE, source: "bars", simulated: true });
  built.push({ openNs: 0, closeNs: 60, open: 10, high: 12, low: 9, close: 11, volume: 7 });
  built.push({
    openNs: 60,
    closeNs: 60,
    open: 2,
    high: 1,
    low: 0,
    close: 11,
    volume: 0,
    kind: BAR_ROW.split,
  });
  writeTape(bars, built.build());
});

describe("queryTapes", () => {
  test.each([ticks, steps, decimals].map((file) => [file.split("/").at(-1), () => file] as const))(
    "reads the trades of %s in decimals",
    async (_, file) => {
      const sql =
        "SELECT date, symbol, venue, side, price, quantity, local_ns, exch_time FROM trades ORDER BY local_ns";
      const { columns, rows } = await queryTapes(sql, [file()]);
      expect(columns).toEqual([
        "date",
        "symbol",
        "venue",
        "side",
        "price",
        "quantity",
        "local_ns",
        "exch_time",
      ]);
      expect(rows.map((row) => row.slice(0, 4))).toEqual([
        ["2024-08-08", "A'B", "x", "buy"],
        ["2024-08-09", "A'B", "x", "sell"],
      ]);
      expect(rows.map((row) => [Number(row[4]), Number(row[5])])).toEqual([
        [25.25, 1.5],
        [25, 0.002],
      ]);
      expect(rows[0]?.[6]).toBe("1723075200000000020");
      expect(rows[0]?.[7]).toBe("2024-08-08 00:00:00.000000002");
    },
  );

  test("has all three views over files of several instruments", async () => {
    const sql = `SELECT (SELECT count(*) FROM bars) AS bars, (SELECT count(*) FROM depth) AS depth,
      (SELECT count(*) FROM trades) AS trades, (SELECT close FROM bars) AS close,
      (SELECT string_agg(kind || snapshot::int || last::int, ' ' ORDER BY local_ns, kind DESC) FROM depth) AS kinds`;
    const { rows } = await queryTapes(sql, [ticks, bars]);
    expect(rows).toEqual([["1", "4", "2", "0.0011", "clear10 bid11 buy01 sell01"]]);
    // A view without a file is there, and empty.
    expect((await queryTapes("SELECT symbol, price FROM trades", [bars])).rows).toEqual([]);
    expect((await queryTapes("SELECT symbol, close FROM bars", [ticks])).rows).toEqual([]);
  });

  test.each([
    ["COPY (SELECT 1) TO 'OUT'", /sql: found "(COPY|Permission Error)/],
    ["ATTACH 'OUT'", /sql: found "ATTACH"/],
    ["INSTALL httpfs", /sql: found "INSTALL"/],
    ["LOAD httpfs", /sql: found "LOAD"/],
    ["SET threads = 8", /sql: found "SET"/],
    ["CREATE TABLE t (a INT)", /sql: found "CREATE"/],
    ["DROP VIEW bars", /sql: found "DROP"/],
    ["EXPORT DATABASE 'OUT'", /sql: found "/],
    ["SELECT 1; SELECT 2", /sql: found "2 statements"/],
    ["SELECT * FROM read_csv('ALIEN')", /sql: found "Permission Error/],
    ["SELECT * FROM 'ALIEN'", /FAULT_INPUT sql/],
    ["SELECT nothing FROM bars", /sql: found "Binder Error/],
    ["SELEC 1", /FAULT_INPUT sql/],
    ["-- nothing", /FAULT_INPUT sql/],
  ])("refuses %s", async (sql, says) => {
    const alien = path("alien.csv");
    writeFileSync(alien, "a,b\n1,2\n");
    const out = path("out");
    await expect(queryTapes(sql.replace("OUT", out).replace("ALIEN", alien), [decimals])).rejects.toThrow(
      says,
    );
    expect(existsSync(out)).toBe(false);
  });

  test("writes to no file it reads, and leaves no temporary one", async () => {
    const before = readFileSync(decimals);
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("tickwright-sql-"));
    const there = new Set(folders());
    await expect(queryTapes(`COPY (SELECT 1) TO '${decimals}'`, [decimals, ticks])).rejects.toThrow(
      "FAULT_INPUT",
    );
    await expect(queryTapes("SELECT 1", [ticks, path("none.tape")])).rejects.toThrow("FAULT_IO");
    expect(readFileSync(decimals).equals(before)).toBe(true);
    // Folders of other processes may come and go; ours were there before, or are gone.
    expect(folders().filter((name) => !there.has(name)).length).toBeLessThanOrEqual(1);
  });

  test.each([
    [["x.csv"], "FAULT_CONFIG path"],
    [["none.parquet"], "FAULT_IO"],
    [["*.parquet"], "FAULT_CONFIG path"],
    [["text.parquet"], /FAULT_INPUT .*text\.parquet/],
    [[], "FAULT_CONFIG paths"],
  ])("refuses the files %j", async (names, says) => {
    writeFileSync(path("text.parquet"), "PAR0");
    await expect(queryTapes("SELECT 1", names.map(path))).rejects.toThrow(says);
  });

  test("refuses a text that is none", async () => {
    await expect(queryParquet("", [])).rejects.toThrow("FAULT_CONFIG sql");
  });
});
