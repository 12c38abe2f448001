import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { CaptureMarket } from "../../src/feed/index.ts";
import { SimulatedMarket } from "../fixtures/played-market.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { bookByCcxt, bookByJson, bookByStream, type DecodeInput, parsedDiffs } from "./decode/ways.ts";
import { interleave, type Measured, ratioOf, spreadOf } from "./rounds.ts";

const DATA = process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const DIFFS_MAX = 3_000;
/** How often a round reads them: a pass alone is as short as the scheduler's slices. */
const PASSES = 1;

/**
 * From a message's bytes to rows and a book: ours (line, scanner, sequencer, rows, book), JSON.parse and objects into
 * the same book, and ccxt's binance class on the same messages.
 */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  const markets: readonly CaptureMarket[] = ["spot", "usdm"];
  for (const market of markets) {
    const path = `${DATA}/binance-raw/${market}_btcusdt_20240808.gz`;
    const isThere = existsSync(path);
    if (!isThere && market === "usdm") continue;
    if (!isThere) notes.push(`SIMULATED market: no capture at ${path} (set TICKWRIGHT_DATA)`);
    const input = isThere ? captured(market, path) : simulated();
    const result = await benchInput(isThere ? market : "simulated", input);
    rows.push(...result.rows);
    notes.push(...result.notes);
  }
  return { rows, notes };
}

async function benchInput(name: string, input: DecodeInput): Promise<BenchResult> {
  const parsed = parsedDiffs(input);
  const count = input.diffs.length - input.warm;
  const best = new Map<string, readonly number[]>();
  const way = (label: string, run: (onWarm: () => void) => readonly number[]) => ({
    name: label,
    run: () => {
      let elapsedNs = 0;
      for (let pass = 0; pass < PASSES; pass++) {
        let start = 0n;
        const touch = run(() => {
          start = process.hrtime.bigint();
        });
        elapsedNs += Number(process.hrtime.bigint() - start);
        best.set(label, touch);
      }
      return { units: PASSES * count, elapsedNs };
    },
  });
  const variants = [
    way("ours", (onWarm) => bookByStream(input, onWarm)),
    way("JSON.parse", (onWarm) => bookByJson(input, onWarm)),
    way("ccxt", (onWarm) => bookByCcxt(input, onWarm)),
    way("ccxt, parsed before", (onWarm) => bookByCcxt(input, onWarm, parsed)),
  ];
  const measured = await interleave(variants, { rounds: 5, warmUps: 1 });
  const of = (label: string): Measured => measured.get(label) as Measured;
  const ours = best.get("ours");
  for (const [label, touch] of best) {
    if (String(touch) === String(ours)) continue;
    throw new Error(`${name}: ${label} ends at ${String(touch)}, ours at ${String(ours)}`);
  }
  const row = (peer: string, what: string): BenchRow => ({
    name: `${name}: ${what}`,
    ours: spreadOf(of("ours").nsPerUnit).median,
    unit: "ns/diff",
    peer,
    peerValue: spreadOf(of(peer).nsPerUnit).median,
    ...ratioFields(ratioOf(of(peer), of("ours"))),
  });
  const per = (spreadOf(of("ours").nsPerUnit).median * count) / input.levels;
  return {
    rows: [
      row("JSON.parse", "bytes to rows to book"),
      row("ccxt", "bytes to book, ccxt's order-book path"),
      row("ccxt, parsed before", "ours from bytes, ccxt from objects"),
    ],
    notes: [
      `${name}: ${count} diffs, ${input.levels} levels after ${input.warm} to warm up; equal best bid and ask by all ways`,
      `${name}: ours ${per.toFixed(0)} ns a level, ${(1_000 / per).toFixed(1)} M levels/s`,
    ],
  };
}

function captured(market: CaptureMarket, path: string): DecodeInput {
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
  const texts = lines.filter((line) => line !== "").map((line) => line.slice(20));
  const snapshot = texts.find((text) => text.startsWith('{"lastUpdateId"')) ?? "";
  const id = Number(/\d+/.exec(snapshot)?.[0]);
  const diffs = texts.filter(
    (text) => text.includes('"depthUpdate"') && Number(/"u":(\d+)/.exec(text)?.[1]) > id,
  );
  return inputOf(market, snapshot, diffs.slice(0, DIFFS_MAX));
}

function simulated(): DecodeInput {
  const market = new SimulatedMarket(9);
  const snapshot = JSON.stringify({
    lastUpdateId: market.lastId,
    bids: [...market.bids],
    asks: [...market.asks],
  });
  const diffs: string[] = [];
  while (diffs.length < DIFFS_MAX) {
    const text = market.next();
    if (text.includes('"depthUpdate"')) diffs.push(text);
  }
  return inputOf("spot", snapshot, diffs);
}

function inputOf(market: CaptureMarket, snapshot: string, diffs: readonly string[]): DecodeInput {
  const encoder = new TextEncoder();
  const warm = Math.floor(diffs.length / 3);
  const levels = diffs.slice(warm).reduce((sum, text) => sum + text.split('["').length - 1, 0);
  const bytes = diffs.map((text) => encoder.encode(text));
  return { market, snapshot: encoder.encode(snapshot), diffs: bytes, warm, levels };
}
