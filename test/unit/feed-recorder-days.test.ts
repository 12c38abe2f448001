import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CaptureLine } from "../../src/feed/index.ts";
import { localDisk } from "../../src/host/index.ts";
import type { Instrument } from "../../src/model/index.ts";
import {
  FeedRecorder,
  type FeedRecorderOptions,
  recordedDays,
  reportRecordedDay,
} from "../../src/run/index.ts";
import { BASE_NS, spotInstrument } from "../fixtures/feed-ear.ts";

const DAY = 86_400_000_000_000;
const BTC = spotInstrument();
const ETH = spotInstrument("ETHUSDT");
const line = new CaptureLine(BASE_NS);
let folder = "";
let recorder: FeedRecorder;
let troubles: string[] = [];
let asked: string[] = [];
let ids = new Map<string, number>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "days-"));
  [troubles, asked, ids] = [[], [], new Map()];
});

afterEach(async () => {
  await recorder.stop();
  rmSync(folder, { recursive: true, force: true });
});

function record(more: Partial<FeedRecorderOptions> = {}): void {
  recorder = new FeedRecorder({
    ...{ folder, instruments: [BTC, ETH], baseNs: BASE_NS, freeBytesMin: 0, periods: ["1s"] },
    onTrouble: ({ code, words }) => troubles.push(`${code} ${words}`),
    onDay: (instrument) => asked.push(instrument.symbol),
    ...more,
  });
}

function say(instrument: Instrument, ns: number, said: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(said));
  line.write(bytes, 0, bytes.length, ns);
  recorder.line(instrument, ns, line.bytes, 0, line.length);
}

function snapshot(instrument: Instrument, ns: number): void {
  const lastUpdateId = (ids.get(instrument.symbol) ?? 10) - 1;
  say(instrument, ns, { lastUpdateId, bids: [["99.00", "1.00000000"]], asks: [["101.00", "1.00000000"]] });
}

function diff(instrument: Instrument, ns: number): void {
  const id = ids.get(instrument.symbol) ?? 10;
  ids.set(instrument.symbol, id + 1);
  const s = instrument.symbol;
  const data = { e: "depthUpdate", E: Number(BASE_NS / 1_000_000n) + Math.floor(ns / 1e6), s, U: id, u: id };
  const levels = { b: [[`${90 + (id % 9)}.00`, "2.00000000"]], a: [] };
  say(instrument, ns, { stream: `${s.toLowerCase()}@depth@100ms`, data: { ...data, ...levels } });
}

/** Waits until the days before are made: the recorder does that behind everything else. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

const place = (date: string, symbol: string): string => join(folder, `date=${date}`, `symbol=${symbol}`);
const finished = (date: string, symbol: string): boolean =>
  existsSync(join(place(date, symbol), "quality.json"));

describe("a recorder at midnight", () => {
  it("ends each instrument's day with its own first line behind it, and asks for the next day's book", async () => {
    record();
    for (const each of [BTC, ETH]) {
      snapshot(each, DAY - 5e9);
      for (let i = 0; i < 40; i++) diff(each, DAY - 4e9 + i * 1e8);
    }
    diff(BTC, DAY - 1);
    expect(asked).toEqual([]);
    diff(BTC, DAY);
    await until(() => finished("2024-08-09", "BTCUSDT"));
    expect([asked, finished("2024-08-09", "ETHUSDT")]).toEqual([["BTCUSDT"], false]);
    snapshot(BTC, DAY + 1e6);
    for (let i = 1; i < 30; i++) diff(BTC, DAY + i * 1e8);
    diff(ETH, DAY + 3e9);
    await until(() => finished("2024-08-09", "ETHUSDT"));
    expect(asked).toEqual(["BTCUSDT", "ETHUSDT"]);
    await recorder.stop();
    const days = recordedDays(folder);
    expect(days.map(({ date, symbol }) => `${date} ${symbol}`)).toEqual([
      ...["2024-08-09 BTCUSDT", "2024-08-09 ETHUSDT", "2024-08-10 BTCUSDT", "2024-08-10 ETHUSDT"],
    ]);
    const lines = days.map((day) => reportRecordedDay(day.folder).lines);
    expect([lines, troubles]).toEqual([[42, 41, 31, 1], []]);
    expect(reportRecordedDay(place("2024-08-10", "BTCUSDT")).depth.missing).toBe(0);
  });
});

describe("a recorder that keeps so many bytes", () => {
  it("removes the oldest whole days at a roll, says so, and never the day that begins", async () => {
    record({ instruments: [BTC] });
    const live = async (day: number): Promise<void> => {
      snapshot(BTC, day * DAY + 1);
      for (let i = 0; i < 50; i++) diff(BTC, day * DAY + 1e9 + i * 1e8);
      recorder.flush();
    };
    for (let day = 0; day < 3; day++) await live(day);
    await recorder.stop();
    const sizes = recordedDays(folder).map(({ bytes }) => bytes);
    expect(sizes.length).toBe(3);
    // Room for two days and the raw lines of the one that begins, not for three.
    const keepBytesMax = sizes.reduce((sum, size) => sum + size, 0) - 1;
    record({ instruments: [BTC], keepBytesMax });
    await live(3);
    await until(() => troubles.length > 0);
    expect(recordedDays(folder).map(({ date }) => date)).toEqual(["2024-08-10", "2024-08-11", "2024-08-12"]);
    expect(troubles).toEqual([
      `RECORDER_DAY BTCUSDT 2024-08-09 was removed to keep within ${keepBytesMax} bytes`,
    ]);
    await recorder.stop();
    record({ instruments: [BTC], keepBytesMax: 0 });
    await live(4);
    await until(() => recordedDays(folder).length === 1);
    expect(recordedDays(folder).map(({ date }) => date)).toEqual(["2024-08-13"]);
    expect(troubles.length).toBe(4);
  });
});

describe("a recorder that leaves room on the disk", () => {
  it("writes to the last byte above it, keeps lines below it, and writes them when there is room again", async () => {
    let free = 0;
    const disk = { ...localDisk, freeBytes: () => free };
    record({ instruments: [BTC], freeBytesMin: 10_000, disk });
    snapshot(BTC, 1);
    for (let i = 0; i < 5; i++) diff(BTC, 1e9 + i * 1e8);
    const waiting = recorder.progress()[0]?.pendingBytes ?? 0;
    expect(waiting).toBeGreaterThan(100);
    free = 10_000 + waiting - 1;
    recorder.flush();
    expect([troubles.length, recorder.progress()[0]?.lines]).toEqual([1, 0]);
    expect(troubles[0]).toContain("RECORDER_DISK_FULL");
    expect(readdirSync(folder)).toEqual([]);
    free += 1;
    recorder.flush();
    expect(recorder.progress()[0]).toMatchObject({ lines: 6, pendingBytes: 0, linesLost: 0 });
    expect(troubles[1]).toContain("RECORDER_RESUMED");
  });
});
