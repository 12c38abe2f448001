import assert from "node:assert/strict";
import { test } from "node:test";
import { DepthTapeBuilder } from "tickwright/feed";
import { LAST, ROW } from "tickwright/model";
import { Backtester } from "tickwright/run";
import type { FillCopy, Strategy } from "tickwright/strategy";
import { backtestOf, INSTRUMENT, sampleTape } from "../src/market.ts";
import { strategy } from "../src/strategy.ts";

const STEP_NS = 100_000_000;

/** A market of one level a side, told every 100 ms. */
class Planted {
  readonly #tape = new DepthTapeBuilder({
    instrument: INSTRUMENT,
    baseNs: 0n,
    source: "by hand",
    simulated: true,
  });
  #ns = 0;
  #bid = 0;

  /** A bid a tick below `mid` and an ask a tick above it, in ticks. */
  book(mid: number): this {
    this.#ns += STEP_NS;
    if (this.#bid > 0) {
      this.#row(ROW.bid, this.#bid, 0);
      this.#row(ROW.ask, this.#bid + 2, 0);
    }
    this.#bid = mid - 1;
    this.#row(ROW.bid, mid - 1, 100);
    this.#row(ROW.ask | LAST, mid + 1, 100);
    return this;
  }

  /** Somebody else's trade. */
  trade(aggressor: "buy" | "sell", tick: number): this {
    this.#ns += STEP_NS;
    this.#row((aggressor === "buy" ? ROW.buy : ROW.sell) | LAST, tick, 1);
    return this;
  }

  run(params: Record<string, unknown>) {
    const fills: FillCopy[] = [];
    const watched: Strategy = Object.assign(strategy(params), {
      onFill: (fill: { copy(): FillCopy }) => void fills.push(fill.copy()),
    });
    const result = new Backtester(backtestOf([this.#tape.build()], watched)).runToEnd();
    return { result, fills };
  }

  #row(kind: number, tick: number, lots: number): void {
    this.#tape.push(this.#ns, this.#ns, kind, tick, lots);
  }
}

test("buys a dip at the bid and sells at the ask when the market is back", () => {
  const { result, fills } = new Planted()
    .book(10_000)
    .book(10_000)
    .book(10_000)
    .book(10_000)
    .book(9_990) // 10 ticks down: more than 4 below the average
    .trade("sell", 9_988) // beyond our bid of 9,989: it is filled
    .book(10_000)
    .trade("buy", 10_002) // beyond our ask of 10,001
    .book(10_000)
    .run({ window: 4, edgeTicks: 4, lots: 5 });
  assert.deepEqual(
    fills.map(({ side, lots, priceTicks }) => [side, lots, priceTicks]),
    [
      ["buy", 5, 9_989],
      ["sell", 5, 10_001],
    ],
  );
  // 5 SIM, 0.12 USDT more each; 0.0001 of 499.45 and of 500.05 are the fees.
  assert.equal(result.money.finalEquity, "10000.50005000");
  assert.equal(result.money.fees, "0.09995000");
});

test("does nothing before its average is there, or above it", () => {
  const { result } = new Planted()
    .book(10_000)
    .book(9_900)
    .book(10_100)
    .book(10_200)
    .book(10_300)
    .run({ window: 4 });
  assert.equal(result.orders.submitted, 0);
});

test("refuses parameters that are none, and says which", () => {
  assert.throws(() => strategy({ window: 1 }), /reversion\.params\.window/);
  assert.throws(() => strategy({ windows: 5 }), /windows/);
});

test("gives equal runs for equal inputs", () => {
  const run = () => new Backtester(backtestOf([sampleTape()], strategy())).runToEnd();
  const { runHash, fills } = run();
  assert.ok(fills.count > 0);
  assert.equal(run().runHash, runHash);
});
