import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type CaptureMarket, importCapture } from "../../src/feed/index.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { byJson, byScanner, type Columns, columns } from "./capture/columns.ts";
import { interleave, type Measured, ratioOf, spreadOf } from "./rounds.ts";

const DATA = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const FLOOR = 5;

/**
 * Reading a raw capture: the scanner against JSON.parse, both into the columns of a tape, and the whole
 * import.
 */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const market of ["usdm", "spot"] as const) {
    const path = `${DATA}/binance-raw/${market}_btcusdt_20240808.gz`;
    if (!existsSync(path)) {
      notes.push(`${market}: left out, the capture is not at ${path} (set TICKWRIGHT_DATA)`);
      continue;
    }
    const result = await benchMarket(market, readFileSync(path));
    rows.push(...result.rows);
    notes.push(...result.notes);
  }
  return { rows, notes };
}

async function benchMarket(market: CaptureMarket, packed: Buffer): Promise<BenchResult> {
  const raw = gunzipSync(packed);
  const lines = raw.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0);
  const [ours, theirs] = [columns(1_000_000), columns(1_000_000)];
  const variants = [
    { name: "scanner", run: () => ({ units: lines, rows: byScanner(market, raw, ours) }) },
    { name: "JSON.parse", run: () => ({ units: lines, rows: byJson(market, raw, theirs) }) },
    {
      name: "import",
      run: () => ({ units: lines, rows: importCapture({ market }, () => [raw]).tape.meta.rows }),
    },
    { name: "gunzip", run: () => ({ units: lines, bytes: gunzipSync(packed).length }) },
  ];
  const measured = await interleave(variants, { rounds: 7, warmUps: 2 });
  const of = (name: string): Measured => measured.get(name) as Measured;
  const row = (name: string, us: string, peer: string): BenchRow => ({
    name: `${market}: ${name}`,
    ours: spreadOf(of(us).nsPerUnit).median,
    unit: "ns/line",
    peer,
    peerValue: spreadOf(of(peer).nsPerUnit).median,
    ...ratioFields(ratioOf(of(peer), of(us))),
  });
  const count = byScanner(market, raw, ours);
  const isEqual = byJson(market, raw, theirs) === count && same(ours, theirs, count);
  if (!isEqual) throw new Error(`${market}: the scanner and JSON.parse filled different columns`);
  return {
    rows: [
      {
        ...row("bytes into columns", "scanner", "JSON.parse"),
        ...(market === "usdm" ? { floor: FLOOR } : {}),
      },
      row("whole import: check, rows, hash", "import", "JSON.parse"),
      row("bytes into columns", "scanner", "gunzip"),
    ],
    notes: [`${market}: ${lines} lines, ${count} rows, ${raw.length} bytes; equal columns by both ways`],
  };
}

function same(a: Columns, b: Columns, rows: number): boolean {
  for (let i = 0; i < rows; i++) {
    if (a.exch[i] !== b.exch[i] || a.local[i] !== b.local[i] || a.kind[i] !== b.kind[i]) return false;
    if (a.tick[i] !== b.tick[i] || a.lots[i] !== b.lots[i]) return false;
  }
  return true;
}
