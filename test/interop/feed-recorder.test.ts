import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importCapture, judgeQuality, LIVE_POLICIES, loadTape } from "../../src/feed/index.ts";
import { localDisk, openBarTape, openDepthTape } from "../../src/host/index.ts";
import { BarBlock, type DepthBlock, formatNanos, NANOS_PER_DAY } from "../../src/model/index.ts";
import type { TapeSource } from "../../src/port/index.ts";
import {
  FeedRecorder,
  type FeedRecorderOptions,
  makeRecordedDay,
  readRecordedDay,
  recordedDays,
  reportRecordedDay,
} from "../../src/run/index.ts";
import { readParquetTicks } from "../../src/store/index.ts";
import type { BinanceFeed, FeedClock } from "../../src/venue/binance.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { BASE_NS, FeedEar, quickFeed, spotInstrument, until } from "../fixtures/feed-ear.ts";
import { LoopbackBinance } from "../fixtures/loopback-binance.ts";
import { SimulatedMarket } from "../fixtures/played-market.ts";
import { runOver } from "../fixtures/run-tapes.ts";

const BTC = spotInstrument();
const ALL = ["depth", "trades", "quotes"] as const;

describe("FeedRecorder behind a BinanceFeed", () => {
  let folder: string;
  let market: SimulatedMarket;
  let exchange: LoopbackBinance;
  let ear: FeedEar;
  let feed: BinanceFeed;
  let recorder: FeedRecorder;
  let troubles: string[];
  /** Moves the clock of the feed on. */
  let ahead = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "recorder-"));
    market = new SimulatedMarket(5);
    exchange = new LoopbackBinance([market]);
    await exchange.open();
    ahead = 0;
  });

  afterEach(async () => {
    await feed.close();
    await recorder.stop();
    await exchange.close();
    rmSync(folder, { recursive: true });
  });

  function clock(): FeedClock {
    let ns = 0;
    return { baseNs: BASE_NS, nowNs: () => (ns += 20_000_000) + ahead };
  }

  async function record(more: Partial<FeedRecorderOptions> = {}): Promise<void> {
    ear = new FeedEar();
    troubles = [];
    recorder = new FeedRecorder({
      folder,
      instruments: [BTC],
      baseNs: BASE_NS,
      flushMs: 5,
      freeBytesMin: 0,
      onTrouble: ({ code }) => troubles.push(code),
      onDay: (instrument) => void feed.requestSnapshot(instrument),
      ...more,
    });
    recorder.start();
    feed = quickFeed(exchange, ear, {
      clock: clock(),
      onLine: (instrument, localNs, bytes, from, to) => {
        ear.line(bytes, from, to);
        recorder.line(instrument, localNs, bytes, from, to);
      },
    });
    await feed.open(ear);
    await feed.subscribe(BTC, ALL);
  }

  async function play(count: number): Promise<void> {
    exchange.play(count);
    await until("all diffs arrived", () => ear.lastDepth === market.lastId && feed.isSynced(BTC));
  }

  function onlyDay(): string {
    const days = recordedDays(folder);
    expect(days.length).toBe(1);
    return days[0]?.folder as string;
  }

  function imported(day: string): TapeSource<DepthBlock> {
    const chunks: Uint8Array[] = [];
    readRecordedDay(day, (lines) => chunks.push(lines));
    const name = `BTCUSDT ${/date=([\d-]+)/.exec(day)?.[1]}`;
    const options = { name, instrument: BTC.describe(), policies: LIVE_POLICIES, clockShiftNs: 0 } as const;
    return importCapture({ market: "spot", ...options }, () => chunks).tape;
  }

  it("counts what a validator finds in the day's report, and finds the same when it is read again", async () => {
    // Times of this market are made up.
    const far = 10 * 86_400e9;
    const validation = {
      apartNsMax: far,
      ageNsMax: far,
      latencyNsMax: far,
      clockErrorNs: far,
      futureNsMax: far,
    };
    await record({ validation });
    await play(200);
    const wrong = { e: "trade", E: 1_723_161_600_500, s: "BTCUSDT", t: 9_000_000, q: "1.00000000", m: true };
    const text = { ...wrong, p: "660000.00000000", T: 1_723_161_600_500, M: true };
    for (let i = 0; i < 3; i++) {
      const data = { ...text, t: text.t + i };
      exchange.send(JSON.stringify({ stream: "btcusdt@trade", data }));
    }
    await play(100);
    await feed.close();
    await recorder.stop();
    const day = onlyDay();
    const { flags } = reportRecordedDay(day, { validation });
    expect(flags).toEqual({ FEED_TRADE_OUTSIDE: 3 });
    expect(makeRecordedDay(day, { validation }).report.flags).toEqual(flags);
    expect(reportRecordedDay(day).flags).toEqual({});
  });

  it("records what replays bit for bit: live rows, tape, Parquet and raw lines are one", async () => {
    await record({ parquet: true, batchBytes: 4_000, segmentBytesMax: 8_000 });
    for (let i = 0; i < 10; i++) await play(60);
    exchange.disconnect();
    exchange.play(20);
    await until("it subscribed again", () => exchange.streams === 3);
    await play(50);
    await feed.close();
    await recorder.stop();
    expect(troubles).toEqual([]);
    const day = onlyDay();
    expect(readdirSync(day).filter((name) => name.startsWith("raw-")).length).toBeGreaterThan(2);
    const tape = openDepthTape(join(day, "depth.tape"));
    const again = imported(day);
    const parquet = await readParquetTicks(join(day, "depth.parquet"));
    const sha = tape.meta.contentSha256;
    expect(again.meta.contentSha256).toBe(sha);
    expect(ear.meta().contentSha256).toBe(sha);
    expect((await parquet.load()).meta.contentSha256).toBe(sha);
    parquet.close();
    const hashes = [loadTape(tape), again].map((each) => backtest(each));
    expect(hashes[0]).toBe(hashes[1]);
    tape.close();
    const bars = openBarTape(join(day, "bars-1m.tape"));
    const block = new BarBlock();
    bars.read(0, block);
    expect(block.n).toBe(bars.meta.rows);
    bars.close();
  });

  it("says what is missing, and the gate says why", async () => {
    await record();
    await play(400);
    let left = 2;
    exchange.play(100, (text) => (text.includes("depthUpdate") && left-- > 0 ? [] : [text, text]));
    await play(40);
    exchange.send('{"stream":"btcusdt@trade","data":{"e":"trade"');
    await play(5);
    await feed.close();
    await recorder.stop();
    const report = reportRecordedDay(onlyDay());
    expect(report.depth.gaps).toBe(1);
    expect(report.depth.missing).toBeGreaterThan(0);
    expect(report.depth.expected).toBe(report.depth.recorded + report.depth.missing);
    expect(report.depth.lastId - report.depth.firstId + 1).toBe(report.depth.expected);
    expect(report.gaps[0]?.channel).toBe("depth");
    expect(report.malformed).toBe(1);
    expect(report.trades.duplicates).toBeGreaterThan(0);
    const { pass, reasons } = judgeQuality(report);
    expect(pass).toBe(false);
    const codes = reasons.map(({ code }) => code);
    expect(codes).toContain("QUALITY_HOURS");
    expect(codes).toContain("QUALITY_MISSING");
    expect(codes).toContain("QUALITY_DUPLICATES");
    expect(codes).toContain("QUALITY_MALFORMED");
  });

  it("begins each day anew, so that each replays alone", async () => {
    await record();
    await play(100);
    ahead = NANOS_PER_DAY;
    // The simulated exchange's clock goes on too: its times are more than an hour off otherwise.
    await feed.close();
    await recorder.stop();
    const first = onlyDay();
    expect(imported(first).meta.contentSha256).toBe(openedSha(first));
    market = new SimulatedMarket(6, "BTCUSDT", Number(BASE_NS / 1_000_000n) + 86_400_000);
    await exchange.close();
    exchange = new LoopbackBinance([market]);
    await exchange.open();
    await record();
    await play(100);
    await feed.close();
    await recorder.stop();
    const days = recordedDays(folder);
    expect(days.map(({ date }) => date)).toEqual([BASE_NS, BASE_NS + BigInt(NANOS_PER_DAY)].map(dateOf));
    for (const day of days) expect(imported(day.folder).meta.contentSha256).toBe(openedSha(day.folder));
  });

  it("goes on with a day that it began before, and makes the files of one that was left", async () => {
    await record();
    await play(100);
    await feed.close();
    recorder.flush();
    const rowsBefore = reportRecordedDay(onlyDay()).lines;
    expect(rowsBefore).toBeGreaterThan(90);
    // As a crash leaves it: raw lines, no files. Another recorder goes on in the same day, ten minutes later.
    ahead = 600_000_000_000;
    await record();
    exchange.play(50);
    await until("diffs arrived", () => ear.lastDepth === market.lastId && feed.isSynced(BTC));
    await feed.close();
    await recorder.stop();
    const day = onlyDay();
    const report = reportRecordedDay(day);
    expect(report.lines).toBeGreaterThan(rowsBefore + 40);
    expect(imported(day).meta.contentSha256).toBe(openedSha(day));
    const sha = openedSha(day);
    rmSync(join(day, "depth.tape"));
    expect(makeRecordedDay(day).meta?.contentSha256).toBe(sha);
  });

  it("keeps lines while the disk is full, says so, and writes them later", async () => {
    let isFull = false;
    const disk = { ...localDisk, freeBytes: () => (isFull ? 0 : 1e12) };
    await record({ disk });
    await play(50);
    isFull = true;
    await play(50);
    await until("it was told", () => troubles.includes("RECORDER_DISK_FULL"));
    await play(50);
    isFull = false;
    await until("it goes on", () => troubles.includes("RECORDER_RESUMED"));
    await play(20);
    await feed.close();
    await recorder.stop();
    expect(troubles).toEqual(["RECORDER_DISK_FULL", "RECORDER_RESUMED"]);
    const report = reportRecordedDay(onlyDay());
    expect(report.depth.missing).toBe(0);
    expect(report.lines).toBe(ear.lines.length);
  });

  it("loses lines by count where the disk stays full, and trading goes on", async () => {
    const disk = { ...localDisk, freeBytes: () => 0 };
    await record({ disk, batchBytes: 1_000, pendingBytesMax: 5_000 });
    await play(10);
    await play(200);
    expect(ear.messages).toBeGreaterThan(150);
    expect(troubles).toEqual(["RECORDER_DISK_FULL", "RECORDER_LINES_LOST"]);
    expect(recorder.progress()[0]?.linesLost).toBeGreaterThan(100);
    expect(recorder.progress()[0]?.pendingBytes).toBeLessThanOrEqual(5_000);
  });

  function openedSha(day: string): string {
    const tape = openDepthTape(join(day, "depth.tape"));
    const sha = tape.meta.contentSha256;
    tape.close();
    return sha;
  }
});

function dateOf(ns: bigint): string {
  return formatNanos(ns).slice(0, 10);
}

function backtest(tape: TapeSource<DepthBlock>): string {
  const { result } = runOver([{ tape }], new BusyStrategy(500_000_000), { cash: { USDT: "1000000" } });
  expect(result.fills.count).toBeGreaterThan(5);
  return result.runHash;
}
