import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, expect, it } from "vitest";
import { KillLatch } from "../../src/risk/kill-latch.ts";
import { OpenOrderBoard } from "../../src/risk/open-order-board.ts";
import { KillAgent, type KillAgentStatus } from "../../src/run/kill-agent.ts";
import { monotonicNs } from "../../src/run/kill-agent-control.ts";
import type { OperatorTask } from "../fixtures/kill-operator.ts";
import { KillVenues, publishOrders } from "../fixtures/kill-venues.ts";
import { runOver, wanderingTape } from "../fixtures/run-tapes.ts";

const VENUES = 5;
const EACH = 2000;
const ORDERS = VENUES * EACH;
const HANG_MS = 5000;
const OPERATOR = new URL("../fixtures/kill-operator.ts", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "tickwright-kill-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function printed(ns: number | null): string {
  return ns === null ? "never" : `${(ns / 1e6).toFixed(3)} ms`;
}

it("a strategy hangs for 5 s; all 10,000 cancels leave meanwhile, also to the venue that is dead", async () => {
  const venues = await KillVenues.start(["live", "live", "live", "live", "dead"], EACH);
  const latch = new KillLatch(8);
  const board = new OpenOrderBoard(16_384);
  publishOrders(board, VENUES, EACH);
  const reportPath = join(folder, "report.json");
  const agent = new KillAgent({ latch, board, sessions: venues.sessions(), deadlineMs: 2000, reportPath });
  await agent.ready();
  expect(agent.status.state).toBe("armed");
  expect(agent.status.venues.map(({ isHealthy }) => isHealthy)).toEqual([true, true, true, true, false]);

  const words = new Int32Array(new SharedArrayBuffer(16));
  const task: OperatorTask = {
    parts: agent.trigger,
    words: words.buffer,
    ports: venues.ports,
    orders: ORDERS,
  };
  const operator = new Worker(OPERATOR, { workerData: task });
  const isOperatorDone = new Promise<void>((done, fail) => {
    operator.once("error", fail);
    operator.once("exit", () => done());
  });

  let hung: KillAgentStatus | undefined;
  let reportInTheTurn: unknown;
  let hangsNs = 0n;
  runOver([{ tape: wanderingTape(3, 400) }], {
    onBook: () => {
      if (hung !== undefined) return;
      hangsNs = monotonicNs();
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HANG_MS);
      // Shared memory, read before anything else can have happened on this thread.
      hung = agent.status;
      hangsNs = monotonicNs() - hangsNs;
      reportInTheTurn = agent.report;
      Atomics.store(words, 0, 0);
    },
  });
  const { report } = agent;
  await isOperatorDone;

  expect(Number(hangsNs)).toBeGreaterThanOrEqual(0.99 * HANG_MS * 1e6);
  expect(hung?.state).toBe("escalated");
  expect(hung?.venues.map(({ handed }) => handed)).toEqual([EACH, EACH, EACH, EACH, EACH]);
  expect(hung?.venues.map(({ confirmed }) => confirmed)).toEqual([EACH, EACH, EACH, EACH, 0]);
  // The venues' own word: every order's cancel was there while the main thread hung.
  expect([...words].slice(1)).toEqual([1, ORDERS, 1]);
  expect(reportInTheTurn).toEqual(report);

  expect(report).toMatchObject({
    kill: 1,
    outcome: "escalated",
    reason: "trigger",
    latched: [{ scope: 0, level: 2 }],
    requested: ORDERS,
    handed: ORDERS,
    confirmed: 4 * EACH,
    unknown: EACH,
    unroutable: 0,
    unreadable: 0,
    confirmedAllNs: null,
  });
  const dead = report?.venues[4];
  expect(dead).toMatchObject({ venue: "V4", isEmpty: false, isHealthy: false, confirmed: 0, unknown: EACH });
  expect([...(dead?.unknownIds ?? [])].sort()).toEqual(
    Array.from({ length: EACH }, (_, i) => `V4-${i}`).sort(),
  );
  expect(report?.venues.slice(0, 4).map(({ isEmpty, unknownIds }) => [isEmpty, unknownIds])).toEqual(
    Array.from({ length: 4 }, () => [true, []]),
  );
  // The gate first, the cancels after it; confirmations after the cancels.
  const { closedNs = -1, handedAllNs = null } = report ?? {};
  for (const venue of report?.venues.slice(0, 4) ?? []) {
    const order = [0, closedNs, venue.handedNs.p50, venue.handedAllNs, venue.confirmedAllNs];
    expect(order).toEqual([...order].sort((a, b) => (a ?? 0) - (b ?? 0)));
  }
  expect(handedAllNs ?? Number.POSITIVE_INFINITY).toBeLessThan(Number(hangsNs));
  expect(KillLatch.isFirmLatched(latch.read())).toBe(true);

  const statistics = await Promise.all(venues.ports.map((_, i) => venues.statistics(i)));
  expect(statistics.map(({ isOldestFirst }) => isOldestFirst)).toEqual([true, true, true, true, true]);
  expect(statistics.map(({ open }) => open)).toEqual([0, 0, 0, 0, EACH]);
  expect(existsSync(`${reportPath}.partial`)).toBe(false);
  expect(JSON.parse(readFileSync(reportPath, "utf8"))).toEqual(report);
  const confirmed = report?.venues.map(({ confirmedAllNs }) => printed(confirmedAllNs)).join(", ");
  console.log(
    `kill: T1 ${printed(closedNs)}, T2 ${printed(handedAllNs)}, T3 by venue ${confirmed}; ` +
      `${report?.requested} requested, ${report?.confirmed} confirmed, ${report?.unknown} unknown`,
  );

  await agent.close();
  expect([agent.status.state, KillLatch.isOpen(latch.read())]).toEqual(["stopped", false]);
  await venues.stop();
}, 40_000);
