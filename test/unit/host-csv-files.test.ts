import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readCsvBars } from "../../src/feed/index.ts";
import { importCsvBars, importCsvTicks, openBarTape, openDepthTape } from "../../src/host/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const instrument = {
  symbol: "ABC",
  venue: "t",
  tickSize: "0.05",
  lotSize: "1",
  bookLotSize: "0.5",
  quote: { code: "USD", decimals: 4 },
} as const;
const folder = mkdtempSync(join(tmpdir(), "tickwright-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = "time,open,high,low,close,volume\n";
const DAY = "2024-01-02,10,10.5,9.75,10.25,100\n";
const NEXT = "2024-01-03,10,10.5,9.75,10.25,100\n";

describe("CSV files", () => {
  test("become tape files, plain or gzipped", async () => {
    const [barFile, tickFile] = [join(folder, "a.csv"), join(folder, "t.csv.gz")];
    writeFileSync(barFile, HEADER + DAY + NEXT);
    writeFileSync(tickFile, gzipSync("time,price,quantity\n1704153600,10,1\n"));
    const [barTape, tickTape] = [join(folder, "a.tape"), join(folder, "t.tape")];
    const meta = await importCsvBars({ path: barFile, out: barTape }, { instrument });
    expect(meta).toEqual(readCsvBars(bytes(HEADER + DAY + NEXT), { name: "a.csv", instrument }).meta);
    const opened = openBarTape(barTape);
    expect(opened.meta.rows).toBe(2);
    opened.close();
    const seen: number[] = [];
    await importCsvTicks(
      { path: tickFile, out: tickTape, onProgress: ({ bytesRead }) => seen.push(bytesRead) },
      { instrument, holds: "trades" },
    );
    expect(seen.length).toBeGreaterThan(0);
    const depth = openDepthTape(tickTape);
    expect(depth.meta).toMatchObject({ rows: 1, source: "t.csv.gz" });
    depth.close();
  });

  test("leave no tape behind where a line is bad, the file is cut short or the tape is there", async () => {
    const path = join(folder, "bad.csv");
    const out = join(folder, "bad.tape");
    const options = { instrument, holds: "trades" } as const;
    writeFileSync(path, `time,price,quantity\n${"1704153600,10,1\n".repeat(70_000)}x,10,1\n`);
    await expect(importCsvTicks({ path, out }, options)).rejects.toThrow('bad.csv:70002: found "x"');
    writeFileSync(path, gzipSync(HEADER + DAY).subarray(0, 40));
    await expect(importCsvBars({ path, out }, { instrument })).rejects.toThrow("a gzip stream cut short");
    expect(() => openBarTape(out)).toThrow("FAULT_IO");
    expect(() => openBarTape(`${out}.partial`)).toThrow("FAULT_IO");
    writeFileSync(out, "mine");
    await expect(importCsvBars({ path, out }, { instrument })).rejects.toThrow(
      "a file that is there already",
    );
    await expect(
      importCsvTicks({ path: join(folder, "none"), out: join(folder, "n.tape") }, options),
    ).rejects.toThrow("FAULT_IO");
  });
});
