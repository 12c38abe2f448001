import { describe, expect, test } from "vitest";
import { DepthTapeBuilder } from "../../src/feed/index.ts";
import { LAST, ROW } from "../../src/model/index.ts";
import { Backtester } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";

const SECOND = 1_000_000_000;

/** Buys or sells 2.000 at 100.0 in the first second; funding of 0.01 % comes in the third. */
function run(
  side: "buy" | "sell",
  rate: number,
  mark: number | undefined,
): { funding: string; told: number } {
  const builder = new DepthTapeBuilder({
    instrument: { symbol: "PERP", venue: "test", tickSize: "0.1", lotSize: "0.001", quote: "USDT" },
    baseNs: 0n,
    source: "by hand",
    simulated: true,
  });
  const row = (second: number, kind: number, tick: number, lots: number): void => {
    builder.push(second * SECOND, second * SECOND, kind, tick, lots);
  };
  row(0, ROW.bid, 1000, 5_000);
  row(0, ROW.ask | LAST, 1000 + 1, 5_000);
  row(1, ROW.bid | LAST, 999, 5_000);
  row(2, ROW.bid | LAST, 999, 4_000);
  if (mark !== undefined) row(3, ROW.mark | LAST, mark, 0);
  row(3, ROW.funding | LAST, 0, rate);
  row(4, ROW.bid | LAST, 999, 5_000);
  let told = 0;
  let sent = false;
  const strategy: Strategy = {
    name: "once",
    onBook(_book, ctx) {
      if (!sent) sent = ctx.submit({ instrument: "PERP", side, lots: 2_000, type: "market" }).ok;
    },
    onPosition() {
      told += 1;
    },
  };
  const result = new Backtester({
    markets: [{ tape: builder.build() }],
    strategies: [strategy],
    cash: { USDT: "1000" },
  });
  const { money } = result.runToEnd();
  return { funding: money.funding, told };
}

describe("funding rows", () => {
  test("longs pay and shorts receive at a positive rate, on the venue's mark, to the minor unit", () => {
    // 2.000 at a mark of 105.0 is 210; 0.01 % of that is 0.021.
    expect(run("buy", 100_000_000, 1050)).toEqual({ funding: "-0.02100000", told: 2 });
    expect(run("sell", 100_000_000, 1050)).toEqual({ funding: "0.02100000", told: 2 });
    expect(run("buy", -100_000_000, 1050).funding).toBe("0.02100000");
  });

  test("without a mark the mid counts", () => {
    // The mid of 100.0 and 100.1 is 100.05: 0.01 % of 200.1.
    expect(run("buy", 100_000_000, undefined).funding).toBe("-0.02001000");
  });
});
