import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readLeanBars } from "../../src/host/index.ts";
import { BarBlock } from "../../src/model/index.ts";
import { zipOf } from "../fixtures/zip-bytes.ts";

const root = mkdtempSync(join(tmpdir(), "tickwright-lean-"));
afterAll(() => rmSync(root, { recursive: true }));

function put(path: string, bytes: Uint8Array | string): void {
  const place = join(root, path);
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, bytes);
}

/** One minute of one day, at 09:30. */
function minute(ticker: string, date: string, price: number): void {
  const text = `34200000,${price},${price},${price},${price},1\n`;
  const name = `${date}_${ticker}_minute_trade.csv`;
  put(`equity/usa/minute/${ticker}/${date}_trade.zip`, zipOf([{ name, text }]));
}

describe("a Lean folder", () => {
  beforeAll(() => {
    put("equity/usa/map_files/goog.csv", "20040819,goocv,Q\n20140402,goocv,Q\n20501231,goog,Q\n");
    put("equity/usa/factor_files/goog.csv", "20140402,1,0.5,1135\n20501231,1,1,0\n");
    minute("goocv", "20140402", 11_350_000);
    minute("goocv", "20140404", 1);
    minute("goog", "20140402", 2);
    minute("goog", "20140403", 5_680_000);
    minute("goog", "20140404", 5_690_000);
    put("equity/usa/minute/goog/20140403_quote.zip", "not asked for");
    put("equity/usa/minute/goog/notes.txt", "not asked for");
    const text = "20140402 10:00,1,1,1,1,1\n20140402 11:00,2,2,2,2,1\n";
    put("crypto/coinbase/hour/btcusd_trade.zip", zipOf([{ name: "btcusd.csv", text }]));
  });

  const goog = { root, market: "equity", symbol: "GOOG", resolution: "minute" } as const;

  function closes(more: object): number[] {
    const block = new BarBlock();
    readLeanBars({ ...goog, ...more }).read(0, block);
    return [...block.close.subarray(0, block.n)];
  }

  test("is read by the ticker of each day, with the split between them", () => {
    expect(closes({})).toEqual([11_350_000, 0, 5_680_000, 5_690_000]);
    expect(closes({ from: "2014-04-03", to: "2014-04-03" })).toEqual([5_680_000]);
    expect(closes({ actions: false })).toEqual([11_350_000, 5_680_000, 5_690_000]);
  });

  test("holds hours in one file, by UTC for crypto", () => {
    const { meta } = readLeanBars({ root, market: "crypto", symbol: "btcusd", resolution: "hour" });
    expect([meta.rows, meta.fromNs, meta.toNs]).toEqual([2, "1396436400000000000", "1396440000000000000"]);
  });

  test("names the zip that is damaged", () => {
    put("equity/usa/daily/goog.zip", zipOf([{ name: "goog.csv", text: "x" }]).subarray(0, 50));
    expect(() => readLeanBars({ ...goog, resolution: "daily" })).toThrow(
      /FAULT_INPUT .*goog.zip: found "an archive cut/,
    );
  });
});
