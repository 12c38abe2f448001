import { connect, type Socket } from "node:net";
import { FIRM_SCOPE, KillLatch } from "../../src/risk/kill-latch.ts";
import { OpenOrderBoard } from "../../src/risk/open-order-board.ts";
import { KillAgent } from "../../src/run/kill-agent.ts";
import type { KillAgentReport } from "../../src/run/kill-agent-report.ts";
import { KillVenues, publishOrders, until } from "../fixtures/kill-venues.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { quantile, spreadOf } from "./rounds.ts";

const VENUES = 5;
const DEAD = 4;
const EACH = 2000;
const ORDERS = VENUES * EACH;
const KILLS = 24;
/** Cancels the peer sends and awaits each round; it is charged per order. */
const AWAITED = 250;

/** What one kill took, ns since it was asked for. */
interface Shot {
  readonly closedNs: number;
  readonly noticedNs: number;
  readonly handedNs: number;
  readonly confirmedNs: number;
  /** The peer's time for each order. */
  readonly awaitedNs: number;
  readonly report: KillAgentReport;
}

/**
 * Kills of 10,000 orders at 5 venues over TCP, one of which accepts everything and answers nothing; the main thread
 * is blocked all the while. T1: the gate is closed. T2: every cancel of every venue is given to the wire, the dead
 * one's too. T3: the 8,000 orders of the living venues are confirmed, and their lists are empty.
 *
 * T1 and T2 stand against their bounds; T3, for each order, against cancels awaited one by one over the same wire.
 */
export async function bench(): Promise<BenchResult> {
  const venues = await KillVenues.start(["live", "live", "live", "live", "dead"], EACH);
  const latch = new KillLatch(64);
  const board = new OpenOrderBoard(16_384);
  const agent = new KillAgent({ latch, board, sessions: venues.sessions(), deadlineMs: 1500 });
  await agent.ready();
  const shots: Shot[] = [];
  for (let kill = 0; kill < KILLS; kill++) shots.push(await once(venues, latch, board, agent));
  await agent.close();
  await venues.stop();
  const confirmed = shots.map(({ confirmedNs }) => confirmedNs);
  const t3 = spreadOf(shots.map(({ awaitedNs, confirmedNs }) => awaitedNs / (confirmedNs / (ORDERS - EACH))));
  const rows: BenchRow[] = [
    bounded(
      "T1, gate closed",
      shots.map(({ closedNs }) => closedNs),
      1e6,
      "the bound, 1 ms",
    ),
    bounded(
      "T2, 10,000 cancels handed to the wire",
      shots.map(({ handedNs }) => handedNs),
      1e9,
      "the bound, 1 s",
    ),
    {
      name: "T3, 8,000 confirmed, per order",
      ours: spreadOf(confirmed).median / (ORDERS - EACH),
      unit: "ns",
      peer: "awaited one by one",
      peerValue: spreadOf(shots.map(({ awaitedNs }) => awaitedNs)).median,
      ...ratioFields(t3),
    },
  ];
  return { rows, notes: notesOf(shots) };
}

async function once(
  venues: KillVenues,
  latch: KillLatch,
  board: OpenOrderBoard,
  agent: KillAgent,
): Promise<Shot> {
  await Promise.all(venues.ports.map((_, i) => venues.tell(i, "A")));
  const awaitedNs = await awaitOneByOne(venues.ports[0] as number);
  await venues.tell(0, "A");
  publishOrders(board, VENUES, EACH);
  await until("the agent is armed", () => {
    const { state, venues: lanes } = agent.status;
    return state === "armed" && lanes.every(({ isHealthy }, i) => isHealthy || i === DEAD);
  });
  agent.activate();
  const nap = new Int32Array(new SharedArrayBuffer(4));
  // Blocked: nothing of this thread runs until the agent has come to its verdict.
  while (agent.status.state !== "escalated") Atomics.wait(nap, 0, 0, 20);
  const { report } = agent;
  const live = report?.venues.slice(0, DEAD) ?? [];
  const isWhole = live.every(({ isEmpty, confirmed }) => isEmpty && confirmed === EACH);
  if (report === undefined || !isWhole || report.handed !== ORDERS || report.unknown !== EACH) {
    throw new Error(`a kill fell short: ${JSON.stringify({ ...report, venues: live.map(brief) })}`);
  }
  latch.clear(FIRM_SCOPE);
  return {
    closedNs: report.closedNs,
    noticedNs: report.noticedNs,
    handedNs: report.handedAllNs ?? Number.POSITIVE_INFINITY,
    confirmedNs: Math.max(...live.map(({ confirmedAllNs }) => confirmedAllNs ?? Number.POSITIVE_INFINITY)),
    awaitedNs,
    report,
  };
}

function brief(venue: KillAgentReport["venues"][number]): object {
  const { requested, handed, confirmed, isEmpty, trouble } = venue;
  return { requested, handed, confirmed, isEmpty, trouble };
}

/** The design that lost: each cancel sent when the answer to the one before has come. Ns for each order. */
async function awaitOneByOne(port: number): Promise<number> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const began = process.hrtime.bigint();
  for (let i = 0; i < AWAITED; i++) await answerTo(socket, `C V0-${i}\n`);
  const ns = Number(process.hrtime.bigint() - began);
  socket.destroy();
  return ns / AWAITED;
}

async function answerTo(socket: Socket, line: string): Promise<void> {
  const answer = new Promise<void>((done) => {
    socket.once("data", () => done());
  });
  socket.write(line, "latin1");
  await answer;
}

function bounded(name: string, figures: readonly number[], bound: number, peer: string): BenchRow {
  const sorted = Float64Array.from(figures);
  return {
    name,
    ours: spreadOf(figures).median,
    unit: "ns",
    peer,
    peerValue: bound,
    ...ratioFields(spreadOf(figures.map((ns) => bound / ns))),
    floor: 1,
    p50Ns: quantile(sorted, 0.5),
    p99Ns: quantile(sorted, 0.99),
  };
}

function notesOf(shots: readonly Shot[]): string[] {
  const of = (what: string, figures: readonly number[]): string => {
    const sorted = Float64Array.from(figures);
    const [p50, p99, max] = [quantile(sorted, 0.5), quantile(sorted, 0.99), Math.max(...figures)].map(
      (ns) => `${(ns / 1e6).toFixed(3)} ms`,
    );
    return `${what}: p50 ${p50}, p99 ${p99}, max ${max}; ${histogram(figures)}`;
  };
  const lives = shots.flatMap(({ report }) => report.venues.slice(0, DEAD));
  const dead = shots.map(({ report }) => report.venues[DEAD]);
  return [
    `${shots.length} kills of ${ORDERS} orders, the main thread blocked; each: ${ORDERS - EACH} confirmed, ${EACH} unknown at the dead venue`,
    of(
      "T1 gate closed",
      shots.map(({ closedNs }) => closedNs),
    ),
    of(
      "agent took it up",
      shots.map(({ noticedNs }) => noticedNs),
    ),
    of(
      "T2 all handed to the wire",
      shots.map(({ handedNs }) => handedNs),
    ),
    of(
      "T2 of the dead venue alone",
      dead.map((venue) => venue?.handedAllNs ?? Number.POSITIVE_INFINITY),
    ),
    of(
      "T3 all confirmed at the living venues",
      shots.map(({ confirmedNs }) => confirmedNs),
    ),
    of(
      "an order's confirmation, p99 of each venue",
      lives.map(({ confirmedNs }) => confirmedNs.p99 ?? 0),
    ),
    `the first kill of the thread's life: T2 ${((shots[0]?.handedNs ?? 0) / 1e6).toFixed(3)} ms`,
  ];
}

/** Counts by powers of two. */
function histogram(figures: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const ns of figures) {
    const power = Math.ceil(Math.log2(ns / 1000));
    counts.set(power, (counts.get(power) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([power, count]) => `<= ${2 ** power / 1000} ms: ${count}`)
    .join(", ");
}
