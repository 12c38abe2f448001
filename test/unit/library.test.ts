import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { BarTapeBuilder, DepthTapeBuilder, type MemoryTape } from "../../src/feed/index.ts";
import { openTape, writeTape } from "../../src/host/index.ts";
import {
  exportTape,
  mergeTapeFiles,
  sliceTapeFile,
  surveyTapes,
  TapeLibrary,
} from "../../src/library/index.ts";
import { type BarBlock, type DepthBlock, LAST, NANOS_PER_DAY, ROW } from "../../src/model/index.ts";

const root = mkdtempSync(join(tmpdir(), "tickwright-library-"));
afterAll(() => rmSync(root, { recursive: true }));

const BASE = 1_723_075_200_000_000_000n;
const instrument = { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" };

function bars(day = 0, symbol = "ABC", close = 11): MemoryTape<BarBlock> {
  const tape = new BarTapeBuilder({
    ...{ instrument: { ...instrument, symbol }, source: `day ${day}`, simulated: true },
    baseNs: BASE + BigInt(day * NANOS_PER_DAY),
  });
  tape.push({ openNs: 0, closeNs: 60, open: 10, high: 12, low: 9, close, volume: day });
  tape.push({ openNs: 60, closeNs: 120, open: 10, high: 12, low: 9, close, volume: day });
  return tape.build();
}

function depth(): MemoryTape<DepthBlock> {
  const tape = new DepthTapeBuilder({ instrument, baseNs: BASE, source: "ticks", simulated: true });
  tape.push(1, 10, ROW.bid, 99, 5);
  tape.push(1, 10, ROW.ask | LAST, 101, 7);
  tape.push(2, 20, ROW.buy | LAST, 101, 1);
  return tape.build();
}

let turn = 0;
let folder = "";
beforeEach(() => {
  turn += 1;
  folder = join(root, `library ${turn}`);
});

describe("TapeLibrary", () => {
  test("keeps tapes by date and symbol, lists and opens them in the order of time", () => {
    const library = new TapeLibrary({ folder, create: true });
    library.add(bars(1));
    const first = library.add(bars(0), { codec: "zstd" });
    library.add(bars(0, "BTC/USDT:USDT"));
    library.add(depth());
    expect(first.path).toMatch(/^date=2024-08-08\/symbol=ABC\/bars-[0-9a-f]{12}\.tape$/);
    expect(library.list().map(({ symbol, schema, source }) => `${symbol} ${schema} ${source}`)).toEqual([
      "ABC bars day 0",
      "ABC bars day 1",
      "ABC depth ticks",
      "BTC/USDT:USDT bars day 0",
    ]);
    expect(library.list({ symbol: "BTC/USDT:USDT" })[0]?.path).toContain("symbol=BTC%2FUSDT%3AUSDT/");
    const opened = library.open({ symbol: "ABC", schema: "bars" });
    expect(opened.map((tape) => tape.meta.source)).toEqual(["day 0", "day 1"]);
    for (const tape of opened) tape.close();
    const day = { fromNs: BASE + BigInt(NANOS_PER_DAY), toNs: BASE + BigInt(2 * NANOS_PER_DAY) };
    expect(library.list({ schema: "bars", ...day }).map(({ source }) => source)).toEqual(["day 1"]);
    expect(library.list({ toNs: BASE + 60n, schema: "bars" })).toEqual([]);
    expect(library.verify()).toEqual([]);
    const text = readFileSync(join(folder, "manifest.json"), "utf8");
    expect(new TapeLibrary({ folder }).list()).toEqual(library.list());
    library.remove(first.path);
    expect(existsSync(join(folder, first.path))).toBe(false);
    library.add(bars(0), { codec: "zstd" });
    expect(readFileSync(join(folder, "manifest.json"), "utf8")).toBe(text);
  });

  test("verify names what is missing, altered and stray", () => {
    const library = new TapeLibrary({ folder, create: true });
    const [lost, flipped, longer] = [bars(0), bars(1), bars(2)].map((tape) => library.add(tape).path) as [
      string,
      string,
      string,
    ];
    rmSync(join(folder, lost));
    const bytes = readFileSync(join(folder, flipped));
    bytes[40] = (bytes[40] as number) ^ 1;
    writeFileSync(join(folder, flipped), bytes);
    appendFileSync(join(folder, longer), "x");
    writeFileSync(join(folder, "date=2024-08-08", "note.txt"), "stray");
    expect(library.verify().map(({ kind, path, code }) => [kind, path, code])).toEqual([
      ["missing", lost, "FAULT_IO"],
      ["altered", flipped, "FAULT_TAPE_CORRUPT"],
      ["altered", longer, "FAULT_TAPE_CORRUPT"],
      ["stray", "date=2024-08-08/note.txt", "FAULT_INPUT"],
    ]);
  });

  test("verify reads the manifest's own fields against the files, and open the content", () => {
    const library = new TapeLibrary({ folder, create: true });
    const { path, contentSha256 } = library.add(bars(0));
    const manifest = join(folder, "manifest.json");
    const text = readFileSync(manifest, "utf8");
    writeFileSync(manifest, text.replace('"rows":2', '"rows":3'));
    expect(library.verify()).toMatchObject([{ kind: "altered", path, code: "FAULT_TAPE_CORRUPT" }]);
    writeFileSync(manifest, text.replace(contentSha256, "0".repeat(64)));
    expect(() => library.open({})).toThrow("FAULT_TAPE_CORRUPT");
  });

  test("a crash before the manifest leaves a stray file, which the same add takes over", () => {
    const library = new TapeLibrary({ folder, create: true });
    const manifest = join(folder, "manifest.json");
    const before = readFileSync(manifest);
    const { path } = library.add(bars(0));
    writeFileSync(manifest, before);
    writeFileSync(join(folder, `${path}.partial`), "torn");
    expect(library.list()).toEqual([]);
    expect(library.verify().map(({ kind }) => kind)).toEqual(["stray", "stray"]);
    library.add(bars(0));
    expect(library.verify()).toEqual([]);
  });

  test("a manifest that cannot be written leaves the library as it was", () => {
    const library = new TapeLibrary({ folder, create: true });
    library.add(bars(0));
    mkdirSync(join(folder, "manifest.json.partial"));
    expect(() => library.add(bars(1))).toThrow("FAULT_IO");
    expect(library.list().map(({ source }) => source)).toEqual(["day 0"]);
  });

  test.each([
    ["not JSON", "{", "FAULT_TAPE_CORRUPT"],
    ["of another format", '{"format":2,"entries":[]}', "FAULT_TAPE_CORRUPT"],
    ["null", "null", "FAULT_TAPE_CORRUPT"],
    ["with an entry that is none", '{"format":1,"entries":[null]}', /entries\[0\]\.path/],
    ["that leaves the folder", '{"format":1,"entries":[{"path":"../../x.tape"}]}', /entries\[0\]\.path/],
  ])("refuses a manifest %s", (_, text, says) => {
    mkdirSync(folder);
    writeFileSync(join(folder, "manifest.json"), text);
    expect(() => new TapeLibrary({ folder })).toThrow(says);
  });

  test("refuses every field of an entry that is of a wrong kind, and a path twice", () => {
    const library = new TapeLibrary({ folder, create: true });
    const entry = library.add(bars(0)) as unknown as Record<string, unknown>;
    const write = (entries: unknown) =>
      writeFileSync(join(folder, "manifest.json"), JSON.stringify({ format: 1, entries }));
    for (const key of Object.keys(entry)) {
      write([{ ...entry, [key]: key === "simulated" ? 1 : {} }]);
      expect(() => library.list()).toThrow(`entries[0].${key}`);
    }
    write([entry, entry]);
    expect(() => library.list()).toThrow("entries[1].path");
  });

  test("refuses folders that are none, tapes twice and filters that mean nothing", () => {
    expect(() => new TapeLibrary({ folder })).toThrow("FAULT_IO");
    expect(() => new TapeLibrary({ folder: "" })).toThrow("FAULT_CONFIG library.folder");
    expect(() => new TapeLibrary({ folder, made: true } as never)).toThrow("FAULT_CONFIG library");
    const library = new TapeLibrary({ folder, create: true });
    library.add(bars(0));
    expect(() => library.add(bars(0))).toThrow("FAULT_INPUT tape");
    expect(() => library.add(bars(1), { codec: "gzip" as "zstd" })).toThrow("FAULT_CONFIG add.codec");
    library.add(depth());
    expect(() => library.open({ symbol: "ABC" })).toThrow("FAULT_INPUT filter");
    expect(() => library.open({ symbol: "XYZ" })).toThrow("FAULT_INPUT filter");
    expect(() => library.list({ fromNs: 1 as unknown as bigint })).toThrow("FAULT_CONFIG filter.fromNs");
    expect(() => library.list({ schema: "ticks" as "depth" })).toThrow("FAULT_CONFIG filter.schema");
    expect(() => library.remove("x.tape")).toThrow("FAULT_INPUT path");
  });
});

describe("files of tapes", () => {
  test("surveys any folder, and tells which files are no tapes", () => {
    mkdirSync(join(folder, "deep", "er"), { recursive: true });
    writeTape(join(folder, "deep", "er", "a.tape"), bars(0));
    writeFileSync(join(folder, "b.tape"), "no tape");
    const { tapes, faults } = surveyTapes(folder);
    expect(tapes.map(({ path, rows }) => [path, rows])).toEqual([["deep/er/a.tape", 2]]);
    expect(faults.map(({ code }) => code)).toEqual(["FAULT_TAPE_CORRUPT"]);
    expect(() => surveyTapes(join(folder, "none"))).toThrow("FAULT_IO");
    expect(() => surveyTapes(join(folder, "b.tape"))).toThrow("FAULT_IO");
  });

  test("slices and merges files; a fault leaves nothing behind", () => {
    mkdirSync(folder);
    const path = (name: string) => join(folder, name);
    const whole = writeTape(path("whole.tape"), depth());
    sliceTapeFile(path("whole.tape"), path("a.tape"), { toNs: BASE + 15n });
    sliceTapeFile(path("whole.tape"), path("b.tape"), { fromNs: BASE + 15n }, { codec: "zstd" });
    const merged = mergeTapeFiles([path("b.tape"), path("a.tape")], path("c.tape"));
    expect(merged.contentSha256).toBe(whole.contentSha256);
    expect(() => mergeTapeFiles([path("a.tape"), path("whole.tape")], path("d.tape"))).toThrow("overlap");
    expect(() => sliceTapeFile(path("whole.tape"), path("d.tape"), { fromNs: BASE + 99n })).toThrow(
      "no rows",
    );
    expect(() => mergeTapeFiles([path("a.tape"), path("none.tape")], path("d.tape"))).toThrow("FAULT_IO");
    expect(() => mergeTapeFiles([path("a.tape"), path("b.tape")], path("c.tape"))).toThrow("FAULT_IO");
    expect(existsSync(path("d.tape"))).toBe(false);
    expect(existsSync(path("d.tape.partial"))).toBe(false);
  });

  test("exports CSV, whole or not at all", async () => {
    mkdirSync(folder);
    const out = join(folder, "abc.csv");
    await exportTape(depth(), out, { times: "ns" });
    expect(readFileSync(out, "utf8").split("\n")).toHaveLength(5);
    await expect(exportTape(depth(), out)).rejects.toThrow("FAULT_IO");
    await exportTape(bars(0), out, { overwrite: true });
    expect(readFileSync(out, "utf8")).toMatch(/^open_time,/);
    await expect(exportTape(depth(), join(folder, "abc.txt"))).rejects.toThrow("FAULT_CONFIG path");
    await expect(exportTape(depth(), join(folder, "no", "abc.csv"))).rejects.toThrow("FAULT_IO");
    await expect(exportTape(depth(), out, { numbers: "steps", overwrite: true })).rejects.toThrow(
      "FAULT_CONFIG export",
    );
    writeTape(join(folder, "torn.tape"), depth());
    const bytes = readFileSync(join(folder, "torn.tape"));
    bytes[60] = (bytes[60] as number) ^ 1;
    writeFileSync(join(folder, "torn.tape"), bytes);
    const torn = openTape(join(folder, "torn.tape")) as unknown as MemoryTape<DepthBlock>;
    await expect(exportTape(torn, join(folder, "torn.csv"))).rejects.toThrow("FAULT_TAPE_CORRUPT");
    torn.close();
    expect(existsSync(join(folder, "torn.csv.partial"))).toBe(false);
  });
});
