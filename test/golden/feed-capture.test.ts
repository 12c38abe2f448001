import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { contentSha256, importCapture, loadTape, tileTape } from "../../src/feed/index.ts";
import { checkBinanceCapture, importBinanceCapture, openDepthTape } from "../../src/host/index.ts";
import { DepthBlock, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";

const data = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tickwright-capture-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURES = [
  {
    market: "spot",
    path: join(data, "binance-raw/spot_btcusdt_20240808.gz"),
    report: {
      events: 41_249,
      snapshots: 1,
      diffs: 3_449,
      levels: 126_073,
      quotes: 28_037,
      trades: 9_756,
      gaps: 0,
      duplicates: 0,
      outOfOrder: 0,
      crossed: 0,
      bboCompared: 3_448,
      bboEqual: 3_448,
      bboWithout: 1,
      leastLatencyNs: -1_274_761_454,
      clockShiftNs: 1_275_761_454,
    },
    dropped: { diffsBeforeSnapshot: 2, quotesUnsynced: 3, tradesUnsynced: 1 },
    rows: 191_904,
    exchClamped: 2_168,
    sha256: "110993ea798358f26fde35cdb0fa9392d0d41a4c5f17967eb8d70f9db47f14ee",
  },
  {
    market: "usdm",
    path: join(data, "binance-raw/usdm_btcusdt_20240808.gz"),
    report: {
      events: 93_954,
      snapshots: 1,
      diffs: 6_547,
      levels: 445_262,
      quotes: 66_046,
      trades: 21_308,
      gaps: 0,
      duplicates: 0,
      outOfOrder: 0,
      crossed: 0,
      bboCompared: 6_545,
      bboEqual: 6_545,
      bboWithout: 2,
      leastLatencyNs: -1_272_402_468,
      clockShiftNs: 1_273_402_468,
    },
    dropped: { diffsBeforeSnapshot: 4, quotesUnsynced: 43, tradesUnsynced: 5 },
    rows: 598_663,
    exchClamped: 60_363,
    sha256: "5292df43597289bf19ceb9e0e58ed3a0ea09100aedbc73d06b3a9217af0dcce0",
  },
] as const;

const isHere = CAPTURES.every(({ path }) => existsSync(path));
if (!isHere) console.log(`skipped: the real captures are not at ${data} (set TICKWRIGHT_DATA)`);

describe.skipIf(!isHere).each(CAPTURES)("the real $market capture", (expected) => {
  const { market, path } = expected;
  const out = join(folder, `${market}.tape`);

  test("imports to the frozen counts and content", async () => {
    const phases = new Set<string>();
    const onProgress = ({ phase }: { readonly phase: string }): void => void phases.add(phase);
    const { meta, report } = await importBinanceCapture({ path, out, market, onProgress });
    expect(report).toMatchObject(expected.report);
    expect(report.counts).toMatchObject(expected.dropped);
    expect(report.firstMismatch).toBeUndefined();
    expect(meta).toMatchObject({ rows: expected.rows, simulated: false, contentSha256: expected.sha256 });
    expect(meta.counts).toMatchObject({ ...expected.dropped, exchClamped: expected.exchClamped });
    expect([...phases]).toEqual(["check", "write"]);
    const { events, bboEqual } = await checkBinanceCapture({ path, market });
    expect([events, bboEqual]).toEqual([expected.report.events, expected.report.bboEqual]);
  });

  test("the tape keeps its invariants, in memory, tiled, and from plain bytes", async () => {
    const tape = openDepthTape(out);
    expect(contentSha256(tape)).toBe(expected.sha256);
    const shape = shapeOf(tape);
    expect(shape).toMatchObject({ rows: expected.rows, falls: 0, latencyLeast: 1_000_000 });
    expect(shape.first).toEqual([ROW.clear | SNAPSHOT, ROW.bid | SNAPSHOT]);
    expect(shape.lasts).toBe(2 + expected.report.diffs - 1 + expected.report.quotes + expected.report.trades);
    expect(loadTape(tape).meta).toEqual(tape.meta);
    expect(shapeOf(tileTape(tape, 2))).toMatchObject({ rows: 2 * expected.rows, falls: 0 });
    tape.close();
    const raw = gunzipSync(readFileSync(path));
    const plain = join(folder, basename(path, ".gz"));
    writeFileSync(plain, raw);
    const other = await importBinanceCapture({ path: plain, out, market, overwrite: true, codec: "zstd" });
    expect(other.meta.contentSha256).toBe(expected.sha256);
    expect(importCapture({ market }, () => [raw]).tape.meta.contentSha256).toBe(expected.sha256);
  });
});

interface Shape {
  rows: number;
  lasts: number;
  falls: number;
  latencyLeast: number;
  first: readonly number[];
}

function shapeOf(tape: { readonly blockCount: number; read(index: number, into: DepthBlock): void }): Shape {
  const block = new DepthBlock();
  const shape: Shape = { rows: 0, lasts: 0, falls: 0, latencyLeast: Number.POSITIVE_INFINITY, first: [] };
  let [exch, local] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let b = 0; b < tape.blockCount; b++) {
    tape.read(b, block);
    if (b === 0) shape.first = [...block.kind.subarray(0, 2)];
    for (let i = 0; i < block.n; i++) {
      const [e, l] = [block.exch[i] as number, block.local[i] as number];
      if (e < exch || l < local) shape.falls += 1;
      [exch, local] = [e, l];
      const kind = block.kind[i] as number;
      if (kind & LAST) shape.lasts += 1;
      if ((kind & SNAPSHOT) === 0) shape.latencyLeast = Math.min(shape.latencyLeast, l - e);
    }
    shape.rows += block.n;
  }
  return shape;
}
