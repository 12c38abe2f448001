import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, expect, it } from "vitest";
import type { FaultRule } from "../../src/exchange/index.ts";
import { ExchangeChild } from "../fixtures/exchange-child.ts";
import { SoakDesk } from "../fixtures/soak-desk.ts";
import { SoakStrategy } from "../fixtures/soak-strategy.ts";

/** `npm run bench -- soak` is the same for an hour, and looks at time and memory. */
const SECONDS = Number(process.env["SOAK_SECONDS"] ?? 8);
const SYMBOLS = 2;
const FAULTS: readonly FaultRule[] = [
  { kind: "dropAck", on: "submit" },
  { kind: "timeoutAfter", on: "cancel" },
  { kind: "disconnect", on: "executionReport" },
  { kind: "duplicateMessage", on: "executionReport" },
] as const;

let folder: string;
let exchange: ExchangeChild | undefined;

afterEach(async () => {
  await exchange?.close();
  rmSync(folder, { recursive: true, force: true });
});

it("trades over real sockets, struck by faults, and ends in the exchange's truth", async () => {
  folder = mkdtempSync(join(tmpdir(), "live-soak-"));
  exchange = await ExchangeChild.start({ symbols: SYMBOLS, updatesPerSecond: 500, tradesPerSecond: 20 });
  const desk = new SoakDesk({
    ...{ exchange, folder: join(folder, "journal"), symbols: SYMBOLS, fillsKept: 200 },
    strategy: () => new SoakStrategy(40_000_000),
  });
  await desk.trader.start();
  await exchange.go();
  for (const rule of FAULTS) {
    await exchange.fault(rule);
    await new Promise((done) => setTimeout(done, (SECONDS * 1000) / FAULTS.length));
  }
  await exchange.rest();
  await exchange.calm();
  let truth = await desk.settled(exchange);
  // Quotes come and go: between a cancel and the next order there may be none at a look.
  for (let looks = 0; looks < 50 && truth.openOrders.length === 0; looks++) {
    await new Promise((done) => setTimeout(done, 100));
    truth = await desk.settled(exchange);
  }
  expect(truth.openOrders.length).toBeGreaterThan(0);
  expect(truth.fills).toBeGreaterThan(0);
  expect(desk.stage.levels).toBeGreaterThan(0);
  const { isClean, openOrders } = await desk.trader.stop({ deadlineNs: 60_000_000_000 });
  expect([isClean, openOrders]).toEqual([true, 0]);
  const end = await exchange.truth();
  expect(desk.ours()).toEqual(desk.theirs(end));
  expect([end.twice, end.conservation]).toEqual([0, []]);
  expect(desk.trader.failure).toBeUndefined();
  const { isIdentical, effects } = desk.replay();
  expect([isIdentical, effects > 100]).toEqual([true, true]);
}, 300_000);
