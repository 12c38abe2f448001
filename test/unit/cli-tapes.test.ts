import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { runCommand } from "../../src/cli/command.ts";
import { DepthTapeBuilder } from "../../src/feed/index.ts";
import { writeTape } from "../../src/host/index.ts";
import { LAST, ROW } from "../../src/model/index.ts";

const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tickwright-cli-tapes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const SECOND = 1_000_000_000;
const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" };
const head = { instrument, baseNs: 1_723_075_200_000_000_000n, source: "by hand", simulated: true };
const builder = new DepthTapeBuilder(head);
builder.push(0, 0, ROW.bid, 99, 5);
builder.push(0, 0, ROW.ask | LAST, 101, 7);
for (let i = 1; i <= 120; i++) builder.push(i * SECOND, i * SECOND, ROW.buy | LAST, 100 + (i % 5), 1);
const day = at("day.tape");
const { contentSha256 } = writeTape(day, builder.build());
const alien = at("alien.csv");
writeFileSync(alien, "a\n1\n");

/** Runs a command in this process, with what it wrote. */
async function tape(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const [out, err] = [process.stdout.write, process.stderr.write];
  process.stdout.write = ((text: string) => {
    said.out += text;
    return true;
  }) as typeof out;
  process.stderr.write = ((text: string) => {
    said.err += text;
    return true;
  }) as typeof err;
  try {
    return { code: await runCommand(["tape", ...args]), ...said };
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
  }
}

describe("tickwright tape", () => {
  test("slices and merges back to the tape it was", async () => {
    const [a, b, c] = [at("a.tape"), at("b.tape"), at("c.tape")];
    const cut = "2024-08-08T00:01Z";
    expect(await tape("slice", day, "--to", cut, "--out", a)).toMatchObject({ code: 0 });
    const slice = await tape("slice", day, "--from", cut, "--out", b, "--json", "--codec", "zstd");
    expect(JSON.parse(slice.out)).toMatchObject({ rows: 3 + 61, counts: { sliceRows: 3 } });
    const merged = await tape("merge", b, a, "--out", c);
    expect(merged.out).toContain(contentSha256);
    expect(await tape("merge", b, day, "--out", at("d.tape"))).toMatchObject({ code: 1 });
    expect(await tape("merge", b, day, "--out", at("d.tape"), "--overlap", "first")).toMatchObject({
      code: 0,
    });
  });

  test("exports, makes bars, and asks them in SQL", async () => {
    expect((await tape("export", day, "--out", at("day.csv"), "--times", "ns")).out).toContain("122 rows");
    expect(readFileSync(at("day.csv"), "utf8").split("\n")[1]).toContain(",bid,0,0,0.99,5,99,5");
    expect(await tape("export", day, "--out", at("day.parquet"))).toMatchObject({ code: 0 });
    const bars = await tape("bars", day, "--period", "1m", "--out", at("bars.tape"), "--json");
    expect(JSON.parse(bars.out)).toMatchObject({ schema: "bars", rows: 3 });
    const sql = "select sum(volume) as volume, max(high) as high from bars";
    const table = await tape("sql", sql, at("bars.tape"));
    expect(table.out).toBe("volume  high\n   120  1.04\n");
    expect((await tape("sql", sql, at("bars.tape"), "--json")).out).toBe('{"volume":"120","high":"1.04"}\n');
    const trades = "select count(*) as n, 'a,b' as text from trades";
    expect((await tape("sql", trades, at("day.parquet"), "--csv")).out).toBe('n,text\n120,"a,b"\n');
  });

  test("keeps a library: add, ls, info, verify, sql over the folder", async () => {
    const library = at("library");
    const [hour, next] = [at("hour.tape"), at("next.tape")];
    await tape("slice", day, "--to", "2024-08-08T00:01Z", "--out", hour);
    await tape("slice", day, "--from", "2024-08-08T00:01Z", "--out", next);
    expect(await tape("add", hour, next, "--library", library)).toMatchObject({ code: 0 });
    expect(await tape("add", hour, "--library", library)).toMatchObject({ code: 1 });
    const listed = (await tape("ls", library, "--json")).out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(listed.map(({ rows }) => rows)).toEqual([61, 64]);
    expect((await tape("ls", library, "--from", "2024-08-08T00:01Z")).out.split("\n")).toHaveLength(3);
    expect((await tape("ls", library, "--symbol", "XYZ", "--json")).out).toBe("");
    expect((await tape("info", library)).out).toMatch(/ABC@test SIMULATED +depth +2 +125 /);
    expect(await tape("verify", library)).toMatchObject({ code: 0, out: "2 tapes, 125 rows: 0 findings\n" });
    expect((await tape("sql", "select count(*) n from trades", library, "--csv")).out).toBe("n\n120\n");
    rmSync(join(library, listed[0].path));
    const found = await tape("verify", library, "--json");
    expect(found.code).toBe(1);
    expect(JSON.parse(found.out).findings).toMatchObject([{ kind: "missing", code: "FAULT_IO" }]);
  });

  test("lists any folder, a recorder's too, and says which tapes are none", async () => {
    const place = at("recorded/date=2024-08-08/symbol=ABC");
    mkdirSync(place, { recursive: true });
    writeTape(join(place, "depth.tape"), builderOf());
    expect((await tape("ls", at("recorded"))).out).toContain("date=2024-08-08/symbol=ABC/depth.tape");
    writeFileSync(join(place, "bars-1m.tape"), "torn");
    const torn = await tape("ls", at("recorded"));
    expect(torn).toMatchObject({ code: 1, err: expect.stringContaining("FAULT_TAPE_CORRUPT") });
    expect(torn.out).toContain("depth.tape");
  });

  test.each([
    [["merge", day, "--out", at("x")], /two or more/],
    [["merge", day, day], /--out which file/],
    [["merge", day, day, "--out", day], /is there already/],
    [["merge", day, day, "--out", at("x"), "--overlap", "newest"], /--overlap is first or last/],
    [["slice", day, "--out", at("x")], /--from or --to which moment/],
    [["slice", "--out", at("x")], /tape slice which file/],
    [["slice", day, day, "--out", at("x"), "--to", "2024-01-01"], /takes one file/],
    [["slice", day, "--from", "yesterday", "--out", at("x")], /--from is a moment/],
    [["slice", day, "--from", "2024-08-09", "--to", "2024-08-08", "--out", at("x")], /--to/],
    [["slice", day, "--period", "1m", "--out", at("x")], /--period does nothing in tape slice/],
    [["slice", day, "--from", "2024-08-08", "--codec", "gzip", "--out", at("x")], /--codec is none or zstd/],
    [["export", day, "--out", at("x.txt")], /--out: .*\.csv or \.parquet/],
    [["export", day, "--out", at("x.csv"), "--times", "ms"], /--times is iso or ns/],
    [["export", day, "--out", at("x.csv"), "--numbers", "steps"], /--numbers does nothing/],
    [["export", day, "--out", at("x.parquet"), "--times", "ns"], /--times does nothing/],
    [["export", day, "--out", at("x.parquet"), "--numbers", "floats"], /--numbers is steps or decimals/],
    [["bars", day, "--out", at("x")], /--period is such as 1s/],
    [["bars", day, "--period", "1y", "--out", at("x")], /--period is such as 1s/],
    [["bars", day, "--period", "8d", "--out", at("x")], /--period/],
    [["bars", day, "--period", "0s", "--out", at("x")], /--period/],
    [["bars", day, "--period", "1m", "--late", "drop", "--out", at("x")], /--late/],
    [["bars", day, "--period", "1m", "--prices", "bid", "--out", at("x")], /--prices: /],
    [["add", day], /--library which folder/],
    [["add", "--library", at("y")], /tape add which tapes/],
    [["ls"], /tape ls which folder/],
    [["ls", folder, folder], /takes one folder/],
    [["verify"], /tape verify which folder/],
    [["sql"], /tape sql which query/],
    [["sql", "select 1", day, "--json", "--csv"], /--json or --csv/],
    [["sql", "select 1", alien], /files: .*\.tape or \.parquet/],
    [["sql", "copy (select 1) to 'x'", day], /the query: found "(copy|Permission Error)/],
    [["sql", "select nothing from bars", day], /the query: .*nothing/],
  ])("%j is refused with exit code 2", async (args, says) => {
    const { code, err } = await tape(...args);
    expect(err).toMatch(says);
    expect(code).toBe(2);
    expect(existsSync(at("x"))).toBe(false);
  });

  test.each([
    [["bars", at("bars.tape"), "--period", "1h", "--out", at("x")], /FAULT_IO .*tape of bars/],
    [["verify", folder], /FAULT_IO .*manifest/],
    [["ls", at("none")], /FAULT_IO/],
    [["sql", "select 1", at("none.tape")], /FAULT_IO/],
    [["slice", day, "--from", "2030-01-01", "--out", at("x")], /FAULT_INPUT slice/],
  ])("%j is a fault with exit code 1", async (args, says) => {
    const { code, err } = await tape(...args);
    expect(err).toMatch(says);
    expect(code).toBe(1);
  });

  test("runs as a process of its own", () => {
    const child = spawnSync(
      process.execPath,
      ["--conditions=tickwright-source", MAIN, "tape", "ls", folder],
      {
        encoding: "utf8",
        timeout: 60_000,
      },
    );
    expect(child.stdout).toContain("day.tape");
  });
});

function builderOf() {
  const ticks = new DepthTapeBuilder(head);
  ticks.push(1, 1, ROW.buy | LAST, 100, 1);
  return ticks.build();
}
