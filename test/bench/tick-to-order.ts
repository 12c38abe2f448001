import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { setFlagsFromString } from "node:v8";
import { pinThread } from "../../src/host/native.ts";
import type { TraderIdle } from "../../src/run/index.ts";
import { BinanceOrders } from "../../src/venue/binance.ts";
import type { CcxtClient } from "../../src/venue/ccxt.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";
import { quantile } from "./rounds.ts";
import { type DeskTerms, gatesBackToBack, TickDesk } from "./tick/desk.ts";
import { hookOrders, hookWebSocket } from "./tick/hooks.ts";
import { MOMENTS, type Moment, type Sample, Stamps } from "./tick/stamps.ts";
import { KEY, type ServedAt } from "./tick/terms.ts";

/** Orders of each way that count, and those before them that do not: code is not compiled yet. */
const ORDERS = Number(process.env.TICKWRIGHT_TICK_ORDERS ?? 2_000);
const COLD = Math.ceil(ORDERS / 2);
const SECONDS_MAX = Number(process.env.TICKWRIGHT_TICK_SECONDS ?? 60);
const MEMORY = "/dev/shm";
const AWAKE: TraderIdle = { does: "spin", rehearseEveryNs: 100_000 };
const FLAGS = [
  "--invocation-count-for-maglev=40",
  "--invocation-count-for-turbofan=300",
  "--minimum-invocations-after-ic-update=50",
];

/** A stage, and the moments it is the sum of. */
const STAGES: readonly (readonly [name: string, ...moments: Moment[]])[] = [
  ["frame (ws)", "frame"],
  ["decode", "decoded"],
  ["validate", "validated"],
  ["journal, book", "strategy"],
  ["strategy", "decided"],
  ["gate", "gated"],
  ["seal, link", "left"],
  ["ccxt: terms", "signing"],
  ["ccxt: signature", "signed"],
  ["encode, write", "written"],
];
const KINDS = (["quote", "trade", "depth"] as const).flatMap(
  (kind) =>
    [
      [kind, false],
      [kind, true],
    ] as const,
);
const KERNEL: readonly Moment[] = ["validated", "strategy", "decided", "gated"];

/** A way orders go: where the journal is, who writes them, and what the thread does in between. */
interface Way {
  readonly name: string;
  readonly place: string;
  readonly isDirect: boolean;
  readonly idle: TraderIdle;
}

/** From a tick's bytes in the process to the order's bytes with the socket, stage by stage, by a live trader. */
export async function bench(): Promise<BenchResult> {
  // An hour of trading within a minute: V8 compiles after 3,000 calls of a function, here after 300.
  for (const flag of FLAGS) setFlagsFromString(flag);
  const gates = gatesBackToBack();
  const exchange = await openExchange();
  // An exchange elsewhere takes none of our processor time.
  const isAlone = availableParallelism() > 1 && isPinned(0);
  const { served } = exchange;
  const way = (isDirect: boolean, place: string, idle: TraderIdle): Way => {
    const who = isDirect ? "BinanceOrders" : "ccxt";
    const where = place === MEMORY ? "in memory" : "on disk";
    return { name: `${who}, journal ${where}${idle === AWAKE ? ", awake" : ""}`, place, isDirect, idle };
  };
  const places = existsSync(MEMORY) ? [tmpdir(), MEMORY] : [tmpdir()];
  const ways = places.flatMap((place) => [
    way(false, place, {}),
    ...[way(true, place, {}), way(true, place, AWAKE)],
  ]);
  const taken = new Map<string, readonly Sample[]>();
  const notes = [
    "market: generated, about a tick each two milliseconds; one order at a time; the exchange in a process of its own",
    isAlone ? "exchange and trader each on a core of its own" : "exchange and trader share the cores",
    "awake: the thread spins, and an order is rehearsed each 100 us",
  ];
  try {
    for (const way of ways) taken.set(way.name, await run(way, served, notes));
  } finally {
    exchange.process.disconnect();
  }
  return { rows: rowsOf(taken, gates), notes: [...notes, ...[...taken].flatMap(histogram)] };
}

async function openExchange(): Promise<{ readonly process: ChildProcess; readonly served: ServedAt }> {
  const script = new URL("./tick/exchange-process.ts", import.meta.url);
  const child = fork(script, { execArgv: ["--conditions=tickwright-source"] });
  const served = await new Promise<ServedAt>((done, fail) => {
    child.once("message", (message) => done(message as ServedAt));
    child.once("exit", (code) => fail(new Error(`the exchange's process ended with ${code}`)));
  });
  return { process: child, served };
}

async function run(
  { name, place, isDirect, idle }: Way,
  served: ServedAt,
  notes: string[],
): Promise<readonly Sample[]> {
  const stamps = new Stamps();
  const unhook = [hookWebSocket(stamps, served.stream), hookOrders(stamps)];
  const around = isDirect ? { around: direct(served.wsApi) } : {};
  const desk = await new TickDesk({ stamps, served, place, idle, every: 1, ...around }).open();
  const until = performance.now() + SECONDS_MAX * 1_000;
  while (stamps.samples.length < ORDERS + COLD && performance.now() < until) await pause(50);
  const { verdicts } = desk.validator.counts();
  await desk.close();
  for (const each of unhook) each();
  const { samples } = stamps;
  const first = samples[0];
  const clock = `a reading of the clock ${stamps.clockNs.toFixed(0)} ns`;
  notes.push(
    `${name}: ${samples.length} orders, verdicts ${JSON.stringify(verdicts)}, ${clock}` +
      (first === undefined ? "" : `, the first order ${us(wholeOf(first))} us`),
  );
  return samples.slice(Math.min(COLD, samples.length >> 1));
}

function isPinned(cpu: number): boolean {
  try {
    pinThread([cpu]);
    return true;
  } catch {
    return false;
  }
}

function direct(url: string): (client: CcxtClient, terms: DeskTerms) => BinanceOrders {
  return (client, terms) => new BinanceOrders({ ...terms, client, url, credentials: () => KEY, seed: 1 });
}

function wholeOf({ took }: Sample): number {
  return MOMENTS.reduce((sum, moment) => sum + took[moment], 0);
}

/** Without the wait for the journal's disk. */
function ownOf(sample: Sample): number {
  return wholeOf(sample) - sample.durableNs;
}

function sumOf({ took }: Sample, moments: readonly Moment[]): number {
  return moments.reduce((sum, moment) => sum + took[moment], 0);
}

function rowsOf(taken: ReadonlyMap<string, readonly Sample[]>, gates: readonly number[]): BenchRow[] {
  const rows: BenchRow[] = [];
  const row = (
    name: string,
    figures: readonly number[],
    peer: string,
    limitUs: number,
    share: number,
  ): void => {
    const all = Float64Array.from(figures);
    const found = quantile(all, share) / 1e3;
    const ratio = limitUs / found;
    rows.push({
      ...{
        name,
        ours: found,
        unit: "us",
        peer,
        peerValue: limitUs,
        ratio,
        ratioMin: ratio,
        ratioMax: ratio,
        aim: 1,
      },
      ...{ p50Ns: quantile(all, 0.5), p99Ns: quantile(all, 0.99), p999Ns: quantile(all, 0.999) },
    });
  };
  for (const [name, samples] of taken) {
    row(`${name}: p50`, samples.map(wholeOf), "100 us", 100, 0.5);
    row(`${name}: p99`, samples.map(wholeOf), "500 us", 500, 0.99);
    row(`${name}: p50 without the disk's wait`, samples.map(ownOf), "100 us", 100, 0.5);
  }
  for (const [kind, isAwake] of KINDS) {
    const ways = [...taken].filter(([name]) => name.endsWith("awake") === isAwake);
    const all = ways.flatMap(([, samples]) => samples).filter((sample) => sample.kind === kind);
    if (all.length === 0) continue;
    row(
      `in kernel, ${kind}s${isAwake ? ", awake" : ""}: p50`,
      all.map((sample) => sumOf(sample, KERNEL)),
      "5 us",
      5,
      0.5,
    );
  }
  row(`gate alone, ${gates.length} back to back: p50`, gates, "5 us", 5, 0.5);
  return rows;
}

function histogram([name, samples]: readonly [string, readonly Sample[]]): string[] {
  const line = (stage: string, figures: readonly number[]): string => {
    const all = Float64Array.from(figures);
    const cells = [0.1, 0.5, 0.99, 0.999, 1].map((share) => us(quantile(all, share)).padStart(10));
    return `  ${stage.padEnd(24)}${cells.join("")}`;
  };
  if (samples.length === 0) return [`${name}: no orders`];
  const stages = STAGES.map(([stage, ...moments]) =>
    line(
      stage,
      samples.map((each) => sumOf(each, moments)),
    ),
  );
  return [
    `${name}, us: p10, p50, p99, p99.9, max of ${samples.length}`,
    ...stages.filter((each) => !each.includes("ccxt") || !name.startsWith("BinanceOrders")),
    line(
      "(of seal: disk)",
      samples.map(({ durableNs }) => durableNs),
    ),
    line(
      "in kernel",
      samples.map((each) => sumOf(each, KERNEL)),
    ),
    line("whole", samples.map(wholeOf)),
  ];
}

function us(ns: number): string {
  return (ns / 1e3).toFixed(1);
}

async function pause(ms: number): Promise<void> {
  await new Promise((done) => setTimeout(done, ms));
}
