import process from "node:process";
import type { KillAgentReport } from "../../src/run/index.ts";
import { KillDeskWorld } from "../fixtures/kill-desk-world.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { quantile, spreadOf } from "./rounds.ts";

const SYMBOLS = 4;
const KILLS = Number(process.env["KILLS"] ?? 6);
const BUSY_MS = 2_000;
const SIZES = [100, 400] as const;

/**
 * Kills of a live trader's resting orders at the loopback exchange, over the websocket API of Binance's protocol with
 * signed requests; the exchange runs in a process of its own. Half of them with the main thread busy in a loop of 2 s.
 * T1: the gate is closed. T2: every order's cancel is given to the wire, behind a mass cancel for each symbol. T3: all
 * are confirmed, and the exchange's own list is empty.
 *
 * After each kill the session has to know of it, without an order that is unknown.
 */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const orders of SIZES) {
    const world = await KillDeskWorld.start({ symbols: SYMBOLS, orders: orders / SYMBOLS });
    try {
      const running: KillAgentReport[] = [];
      const blocked: KillAgentReport[] = [];
      for (let kill = 0; kill < 2 * KILLS; kill++) {
        await world.full();
        if (kill % 2 === 0) running.push(await world.killRunning());
        else blocked.push(world.killBlocked(BUSY_MS));
        progress(orders, kill, (kill % 2 === 0 ? running : blocked).at(-1));
        check((kill % 2 === 0 ? running : blocked).at(-1), orders);
        await world.learned();
        world.lift();
      }
      for (const [how, reports] of [
        ["running", running],
        ["blocked", blocked],
      ] as const) {
        const what = `${orders} orders, main thread ${how}`;
        rows.push(
          bounded(
            `T1, ${what}`,
            reports.map(({ closedNs }) => closedNs),
            1e6,
            "the bound, 1 ms",
          ),
          bounded(`T2, ${what}`, reports.map(handedNs), 1e9, "the bound, 1 s"),
          bounded(`T3, ${what}`, reports.map(confirmedNs), 5e9, "the deadline, 5 s"),
        );
        notes.push(
          words(`T2, ${what}`, reports.map(handedNs)),
          words(`T3, ${what}`, reports.map(confirmedNs)),
        );
      }
    } finally {
      await world.close();
    }
  }
  notes.push(`${KILLS} kills of each kind; after each the session and the exchange agreed, none unknown`);
  return { rows, notes };
}

function progress(orders: number, kill: number, report: KillAgentReport | undefined): void {
  const ms = (ns: number | null | undefined): string => `${((ns ?? Number.NaN) / 1e6).toFixed(1)} ms`;
  const { closedNs, handedAllNs, confirmedAllNs } = report ?? {};
  const how = kill % 2 === 0 ? "running" : "blocked";
  console.error(
    `kill ${kill + 1} of ${orders} orders, ${how}: T1 ${ms(closedNs)}, T2 ${ms(handedAllNs)}, T3 ${ms(confirmedAllNs)}`,
  );
}

function check(report: KillAgentReport | undefined, orders: number): void {
  if (report?.outcome === "complete" && report.confirmed === orders && report.unknown === 0) return;
  const { outcome, requested, handed, confirmed, unknown, venues } = report ?? {};
  const trouble = venues?.[0]?.trouble;
  throw new Error(
    `a kill fell short: ${JSON.stringify({ outcome, requested, handed, confirmed, unknown, trouble })}`,
  );
}

function handedNs({ handedAllNs }: KillAgentReport): number {
  return handedAllNs ?? Number.POSITIVE_INFINITY;
}

function confirmedNs({ confirmedAllNs }: KillAgentReport): number {
  return confirmedAllNs ?? Number.POSITIVE_INFINITY;
}

function bounded(name: string, figures: readonly number[], bound: number, peer: string): BenchRow {
  const sorted = Float64Array.from(figures);
  return {
    ...{ name, ours: spreadOf(figures).median, unit: "ns", peer, peerValue: bound },
    ...ratioFields(spreadOf(figures.map((ns) => bound / ns))),
    ...{ floor: 1, p50Ns: quantile(sorted, 0.5), p99Ns: quantile(sorted, 0.99) },
  };
}

function words(what: string, figures: readonly number[]): string {
  const { median, min, max } = spreadOf(figures);
  const ms = (ns: number): string => `${(ns / 1e6).toFixed(1)} ms`;
  return `${what}: median ${ms(median)}, least ${ms(min)}, worst ${ms(max)}`;
}
