import { describe, expect, test } from "vitest";
import { DepthTapeBuilder } from "../../src/feed/index.ts";
import { loadKernel, saveKernel } from "../../src/kernel/index.ts";
import { DepthBlock, LAST, ROW, VALIDATION_CODE, VALIDITY } from "../../src/model/index.ts";
import { Backtester } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const head = {
  instrument: { symbol: "ABC", venue: "test", tickSize: "0.1", lotSize: "1", quote: "USD" },
  baseNs: 0n,
  source: "by hand",
  simulated: true,
};

/** A book, a trade and a quote while valid, and again after each row of another state. */
function run(states: readonly (readonly [state: number, reason: number])[]): {
  readonly heard: string[];
  readonly hash: string;
} {
  const built = new DepthTapeBuilder(head);
  let ns = 0;
  const row = (kind: number, tick: number, lots: number): unknown => built.push(ns, ns, kind, tick, lots);
  const market = (): void => {
    ns += 1_000;
    row(ROW.bid, 100, 5);
    row(ROW.ask | LAST, 102, 5);
    row(ROW.buy | LAST, 102, 1);
    row(ROW.quoteBid, 100, 5);
    row(ROW.quoteAsk | LAST, 102, 4);
  };
  market();
  for (const [state, reason] of states) {
    row(ROW.validity | LAST, state, reason);
    market();
  }
  const heard: string[] = [];
  const strategy: Strategy = {
    name: "listener",
    onBook: (book, ctx) => void heard.push(`book ${book.validity} ${ctx.book("ABC").validityReason}`),
    onTrade: (trade) => void heard.push(`trade ${trade.copy().validity} ${trade.validityReason}`),
    onQuote: (quote) => void heard.push(`quote ${quote.validity} ${quote.copy().validityReason}`),
  };
  const markets = [{ tape: built.build() }];
  const result = new Backtester({ markets, strategies: [strategy], cash: { USD: "1000" } }).runToEnd();
  return { heard, hash: result.runHash };
}

describe("the validity of market data in a run", () => {
  test("without a validator every event is valid", () => {
    expect(run([]).heard).toEqual(["book valid ", "trade valid ", "quote valid "]);
  });

  test("a row of it is told to those who follow the book, and each later event carries it", () => {
    const late = VALIDATION_CODE.FEED_LATENCY;
    const { heard } = run([
      [VALIDITY.suspect, late],
      [VALIDITY.halted, VALIDATION_CODE.FEED_SEQUENCE_GAP],
      [VALIDITY.valid, 0],
    ]);
    expect(heard).toEqual([
      ...["book valid ", "trade valid ", "quote valid "],
      ...["book suspect FEED_LATENCY", "book suspect FEED_LATENCY"],
      ...["trade suspect FEED_LATENCY", "quote suspect FEED_LATENCY"],
      ...["book halted FEED_SEQUENCE_GAP", "book halted FEED_SEQUENCE_GAP"],
      ...["trade halted FEED_SEQUENCE_GAP", "quote halted FEED_SEQUENCE_GAP"],
      ...["book valid ", "book valid ", "trade valid ", "quote valid "],
    ]);
  });

  test("a state nobody knows is halted, and no reason is told for a number that is none", () => {
    expect(run([[7, 999]]).heard[3]).toBe("book halted ");
  });

  test("it outlives a snapshot, and a valid one leaves nothing in it", () => {
    const block = new DepthBlock(1);
    block.kind[0] = ROW.validity | LAST;
    block.tick[0] = VALIDITY.suspect;
    block.lots[0] = VALIDATION_CODE.FEED_SILENT;
    const from = new KernelDriver([
      { name: "listener", onSave: () => ({ version: 1, state: null }), onLoad: () => {} },
    ]);
    const to = new KernelDriver([
      { name: "listener", onSave: () => ({ version: 1, state: null }), onLoad: () => {} },
    ]);
    const station = (driver: KernelDriver) => driver.kernel.stationOf("ABC");
    expect(station(from).save()).not.toHaveProperty("validity");
    station(from).row(block, 0);
    expect(station(from).save()).toMatchObject({ validity: [1, VALIDATION_CODE.FEED_SILENT], messages: 0 });
    loadKernel(to.kernel, saveKernel(from.kernel));
    expect(station(to).bookView.validityReason).toBe("FEED_SILENT");
  });
});
