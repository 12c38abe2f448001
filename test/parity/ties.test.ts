import { expect, it } from "vitest";
import { Backtester, resimulate, tapesOf } from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { type DepthRow, depthTape, wanderingRows } from "../fixtures/run-tapes.ts";
import { onPaper } from "./session-ways.ts";

const MILLI = 1_000_000;

it("has one order of one moment in a backtest and in a session: rows, reports, timers", () => {
  const rows = wanderingRows(71, 1_500).map(([ns, kind, tick, lots]): DepthRow => {
    const at = Math.ceil(ns / MILLI) * MILLI;
    return [at, kind, tick, lots, 0];
  });
  const tape = depthTape(rows, { symbol: "A" });
  const latency = new ConstantLatency({ entryNs: MILLI, responseNs: MILLI });
  const market = { venue: { latency } };
  const strategies = () => [new BusyStrategy(2 * MILLI)];
  const first = new MemoryJournal();
  const options = { markets: [{ tape, ...market }], strategies: strategies(), cash: { USD: "1000000" } };
  new Backtester({ ...options, journal: first, fromNs: 0 }).runToEnd();
  const seen = tapesOf(first.records);
  const paper = onPaper(seen, [market], strategies());
  const { diff } = resimulate(paper.records, { strategies: strategies(), market: () => market });
  expect(diff.lines).toEqual([]);
  expect(diff.leftOrders).toBeGreaterThan(100);
});
