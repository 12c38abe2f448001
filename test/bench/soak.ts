import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ExchangeChild } from "../fixtures/exchange-child.ts";
import { SoakDesk } from "../fixtures/soak-desk.ts";
import { SoakStrategy } from "../fixtures/soak-strategy.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";
import { MemoryWatch, type Slope, slopeOf } from "./soak/memory.ts";

const SYMBOLS = 4;
const REQUESTS_PER_SECOND = 50;
/** Turns for each request that leaves: of 20 turns one finds nothing to do. */
const TURNS_PER_REQUEST = 1.07;
const UPDATES_PER_SECOND = 1_000;
const TRADES_PER_SECOND = 10;
/** Executions kept for comparison: the caches are full when the warm-up ends. */
const FILLS_KEPT = 2_000;
const MINUTE_MS = 60_000;

/** Faults of the exchange, one a minute. */
const FAULTS = [
  { kind: "dropAck", on: "submit" },
  { kind: "disconnect", on: "executionReport" },
  { kind: "timeoutAfter", on: "cancel" },
  { kind: "duplicateMessage", on: "executionReport" },
  { kind: "errorBefore", on: "submit" },
  { kind: "dropMessage", on: "executionReport" },
  { kind: "hangAck", on: "replace" },
  { kind: "reorderMessage", on: "executionReport", delayMs: 30 },
] as const;

/**
 * A live trader on the loopback exchange over its sockets, for `SOAK_MINUTES` (60): its strategy asks for 50 orders,
 * replaces and cancels a second, the exchange in a process of its own changes 1,000 levels a second and fails once a
 * minute unless `SOAK_FAULTS=0`. The journal is `sync` on this machine's disk.
 *
 * At the end positions, cash and open orders have to be the exchange's, and the replay identical; memory of the
 * trading process stands as the slope of a line through its samples behind a warm-up of a tenth (at most 10 minutes).
 */
export async function bench(): Promise<BenchResult> {
  const minutes = Number(process.env["SOAK_MINUTES"] ?? 60);
  if (!(minutes > 0)) throw new Error(`SOAK_MINUTES: found ${minutes}, expected minutes above 0`);
  const folder = mkdtempSync(join(tmpdir(), "soak-"));
  const exchange = await ExchangeChild.start({
    ...{ symbols: SYMBOLS, updatesPerSecond: UPDATES_PER_SECOND, tradesPerSecond: TRADES_PER_SECOND },
    ordersKept: 100_000,
  });
  try {
    const desk = new SoakDesk({
      ...{ exchange, folder: join(folder, "journal"), symbols: SYMBOLS },
      strategy: () =>
        new SoakStrategy(Math.round((SYMBOLS * 1e9) / (REQUESTS_PER_SECOND * TURNS_PER_REQUEST))),
      fillsKept: FILLS_KEPT,
    });
    await desk.trader.start();
    await exchange.go();
    return await soak(desk, exchange, minutes, join(folder, "journal"));
  } finally {
    await exchange.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function soak(
  desk: SoakDesk,
  exchange: ExchangeChild,
  minutes: number,
  journal: string,
): Promise<BenchResult> {
  const watch = new MemoryWatch(Math.min(10_000, minutes * 500));
  const began = performance.now();
  const endMs = began + minutes * MINUTE_MS;
  let faults = 0;
  for (let minute = 1; performance.now() < endMs; minute++) {
    await nap(Math.min(began + minute * MINUTE_MS, endMs) - performance.now());
    if (desk.trader.state !== "running") throw desk.trader.failure;
    progress(desk, minute, minutes, performance.now() - began, folderBytes(journal));
    if (process.env["SOAK_FAULTS"] === "0" || performance.now() >= endMs - 1_000) continue;
    await exchange.fault(FAULTS[faults % FAULTS.length] as Parameters<ExchangeChild["fault"]>[0]);
    faults += 1;
  }
  const seconds = (performance.now() - began) / 1000;
  const { levels } = desk.stage;
  const counts = desk.figures();
  const lag = watch.lag();
  watch.stop();
  const warmUpHours = Math.min(minutes / 600, 1 / 6);
  const [rss, heap] = [slopeOf(watch.rss, warmUpHours), slopeOf(watch.heap, warmUpHours)];
  const later = slopeOf(watch.rss, minutes / 120);
  const memory = [
    memoryWords("RSS", rss, watch.rss),
    memoryWords("RSS, its second half", later, watch.rss),
    memoryWords("heap behind collections of all of it", heap, watch.heap),
    `event loop late: p50 ${lag.p50.toFixed(2)} ms, p99 ${lag.p99.toFixed(2)} ms, max ${lag.max.toFixed(1)} ms`,
  ];
  // Whatever the end brings: this was measured.
  for (const line of memory) console.error(line);
  await exchange.rest();
  await exchange.calm();
  const truth = await desk.settled(exchange);
  const open = truth.openOrders.length;
  const journalBytes = folderBytes(journal);
  const { snapshots } = desk.trader.session;
  const stopped = await desk.trader.stop({ deadlineNs: 30_000_000_000 });
  const { fills } = desk.trader.status();
  const ended = await exchange.truth();
  const areEqual = JSON.stringify(desk.ours()) === JSON.stringify(desk.theirs(ended));
  if (!areEqual || !stopped.isClean || ended.twice > 0 || ended.conservation.length > 0) {
    throw new Error(
      `the end is not the exchange's: ${JSON.stringify({ stopped, ours: desk.ours(), theirs: desk.theirs(ended), twice: ended.twice, conservation: ended.conservation })}`,
    );
  }
  const replayed = desk.replay();
  if (!replayed.isIdentical) throw new Error(`the replay differs: ${JSON.stringify(replayed.difference)}`);
  return {
    rows: rowsOf(counts["sent"] ?? 0, levels, seconds),
    notes: [
      `${minutes} min: ${counts["sent"]} requests sent, ${counts["notSent"]} not sent, ${counts["unknown"]} unknown for a time; ${fills} fills; ${faults} faults of the exchange`,
      `exchange: ${ended.orders} orders and ${ended.fills} fills kept, ${ended.twice} client order ids twice`,
      `positions, cash and ${open} open orders were the exchange's with the market at rest; at the end too, 0 open`,
      `replay of ${replayed.inputs} inputs and ${replayed.effects} effects: identical`,
      ...memory,
      `journal: ${mb(journalBytes)} MB, ${snapshots} snapshots`,
      `alerts: ${countAlerts(desk)}`,
      ...troubles(desk),
    ],
  };
}

function progress(desk: SoakDesk, minute: number, minutes: number, ms: number, bytes: number): void {
  const { sent = 0, inFlight = 0, unknown = 0 } = desk.figures();
  const { fills, openOrders } = desk.trader.status();
  const { rss, heapUsed } = process.memoryUsage();
  const seconds = ms / 1000;
  console.error(
    [
      `soak ${String(minute).padStart(3)}/${minutes} min`,
      `${sent} sent (${(sent / seconds).toFixed(1)}/s)`,
      `${(desk.stage.levels / seconds).toFixed(0)} levels/s`,
      `${fills} fills`,
      `${openOrders} open, ${inFlight} in flight, ${unknown} unknown so far`,
      `RSS ${mb(rss)} MB, heap ${mb(heapUsed)} MB, journal ${mb(bytes)} MB`,
    ].join("  "),
  );
}

function rowsOf(sent: number, levels: number, seconds: number): BenchRow[] {
  const row = (name: string, unit: string, rate: number, asked: number): BenchRow => {
    const ratio = rate / asked;
    return {
      ...{
        name,
        unit,
        ours: rate,
        peer: "asked for",
        peerValue: asked,
        ratio,
        ratioMin: ratio,
        ratioMax: ratio,
      },
    };
  };
  return [
    row("requests at the exchange", "per s", sent / seconds, REQUESTS_PER_SECOND),
    row("levels at the strategy", "per s", levels / seconds, UPDATES_PER_SECOND),
  ];
}

function memoryWords(
  what: string,
  slope: Slope | undefined,
  samples: readonly { readonly mb: number }[],
): string {
  const last = samples.at(-1)?.mb.toFixed(0) ?? "?";
  const first = samples[0]?.mb.toFixed(0) ?? "?";
  if (slope === undefined) return `${what}: ${first} MB to ${last} MB, too few samples for a slope`;
  const { perHour, standardError, points } = slope;
  return `${what}: ${first} MB to ${last} MB; ${perHour.toFixed(2)} MB/h, standard error ${standardError.toFixed(2)}, ${points} samples`;
}

function countAlerts({ alerts }: SoakDesk): string {
  const counts = new Map<string, number>();
  for (const { code } of alerts) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].map(([code, count]) => `${code} ${count}`).join(", ") || "none";
}

/** The first words of each kind of trouble. */
function troubles({ alerts }: SoakDesk): string[] {
  const words = new Map<string, string>();
  for (const { code, level, words: said } of alerts) {
    if (level !== "info") words.set(`${code} ${said.replace(/\d+/g, "#").slice(0, 60)}`, said);
  }
  return [...words.values()].slice(0, 12).map((each) => `  ${each.slice(0, 200)}`);
}

function folderBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce((sum, file) => sum + sizeOf(join(file.parentPath, file.name)), 0);
}

/** 0 where the file went meanwhile: a snapshot gives way to the next one. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

async function nap(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, Math.max(0, ms)));
}
