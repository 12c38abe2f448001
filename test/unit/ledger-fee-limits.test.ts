import { describe, expect, it } from "vitest";
import { FeeModel } from "../../src/ledger/index.ts";
import { type FeeCharge, type FeeSchedule, flatFees, Instrument, parseNanos } from "../../src/model/index.ts";
import { Backtester } from "../../src/run/index.ts";
import { tcaOfRecord } from "../../src/stat/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { depthTape } from "../fixtures/run-tapes.ts";
import { testInstrument } from "../fixtures/sim-venue-driver.ts";

const SHARES = { symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" };

function feesOf(fees: FeeSchedule, baseNs?: bigint): FeeModel {
  const instrument = new Instrument({ ...SHARES, fees });
  return new FeeModel({ instrument, ...(baseNs === undefined ? {} : { baseNs }) });
}

const nsOf = (text: string): bigint => parseNanos(text) as bigint;

describe("limits of an order", () => {
  const FIXED: FeeSchedule = { perUnit: "0.005", order: { minimum: "1.00", maximumRate: "0.01" } };

  it.each([
    // The examples that a broker publishes beside these terms (Interactive Brokers, US stocks, fixed pricing).
    [100, 25_00, 100n],
    [1_000, 25_00, 500n],
    [1_000, 25, 250n],
    [10, 20, 2n],
  ])("%i shares at %i cents cost %i cents", (lots, ticks, fee) => {
    expect(feesOf(FIXED).feeMinor(ticks, lots, 1, false, 1)).toBe(fee);
    expect(feesOf(FIXED).feeMinor(ticks, lots, 1, false)).toBe(fee);
  });

  it("hold over all its fills: the minimum is charged once, and used up before more is", () => {
    const fees = feesOf(FIXED);
    const fill = (lots: number, order: number): bigint => fees.feeMinor(25_00, lots, 1, false, order);
    expect([fill(50, 1), fill(50, 1), fill(200, 1), fill(100, 2), fill(1, 1)]).toEqual([
      ...[100n, 0n, 50n, 100n],
      // 301 * 0.5 is 150.5, half to even of what 150 were charged before.
      0n,
    ]);
  });

  it("round once over all its fills", () => {
    const fees = feesOf({ perUnit: "0.0015", order: { maximum: "100" } });
    const charged = Array.from({ length: 10 }, () => fees.feeMinor(1_000, 1, 1, false, "o"));
    expect(charged.reduce((sum, one) => sum + one, 0n)).toBe(2n);
  });

  it("cap an order whatever it is divided into", () => {
    const fees = feesOf({ ...flatFees("0.001", "0.002"), order: { maximum: "29.95" } });
    const charged = [10_000, 10_000, 10_000].map((lots) => fees.feeMinor(100, lots, -1, false, 7));
    expect(charged).toEqual([20_00n, 9_95n, 0n]);
  });

  it("leave rebates alone", () => {
    const fees = feesOf({ ...flatFees("-0.001", "0.002"), order: { minimum: "5" } });
    expect(fees.feeMinor(10_00, 100, 1, true, 1)).toBe(-100n);
    // 2.00 for taking less 1.00 for making is 1.00: raised to 5.00 in all.
    expect(fees.feeMinor(10_00, 100, 1, false, 1)).toBe(600n);
  });

  it("give back what is taken back, and the minimum with the last fill", () => {
    const fees = feesOf(FIXED);
    fees.feeMinor(25_00, 150, 1, false, 1);
    expect(fees.feeMinor(25_00, 150, 1, false, 1)).toBe(50n);
    expect(fees.undoneMinor(25_00, 150, 1, false, 1)).toBe(-50n);
    expect(fees.undoneMinor(25_00, 150, 1, false, 1)).toBe(-100n);
    expect(fees.feeMinor(25_00, 10, 1, false, 1)).toBe(100n);
    expect(feesOf(FIXED).undoneMinor(25_00, 150, 1, false, 9)).toBe(-100n);
  });

  it("are known after a save, for the last 16,384 orders", () => {
    const fees = feesOf(FIXED);
    for (let order = 0; order <= 16_384; order++) fees.feeMinor(25_00, 10, 1, false, order);
    const again = feesOf(FIXED);
    again.load(JSON.parse(JSON.stringify(fees.save())));
    expect(again.save()).toEqual(fees.save());
    expect(again.feeMinor(25_00, 10, 1, false, 1)).toBe(0n);
    expect(again.feeMinor(25_00, 10, 1, false, 0)).toBe(100n);
  });
});

describe("limits of a fill", () => {
  it("are a least, a most and a share of what it is worth", () => {
    const fees = feesOf({ ...flatFees("0.001", "0.002"), minimum: "1", maximum: "10", maximumRate: "0.01" });
    expect([100, 10_000, 100_000].map((lots) => fees.feeMinor(1_00, lots, 1, false))).toEqual([
      ...[100n, 1_000n, 1_000n],
    ]);
    expect(fees.feeMinor(1_00, 50, 1, false)).toBe(50n);
  });
});

describe("rebates a share", () => {
  it("of makers come by tier, beside the rates", () => {
    const fees = feesOf({
      tiers: [
        { maker: "0", taker: "0", makerPerUnit: "-0.0020", takerPerUnit: "0.0030" },
        { fromVolume: "10000", maker: "0", taker: "0", makerPerUnit: "-0.0032", takerPerUnit: "0.0030" },
      ],
    });
    const fill = (maker: boolean): bigint => fees.feeMinor(10_00, 1_000, 1, maker);
    expect([fill(true), fill(true), fill(false)]).toEqual([-200n, -320n, 300n]);
  });
});

describe("charges on top", () => {
  // The rates of 2025: FINRA's fee a share sold, at most 8.30 a trade; the SEC's 27.80 a million sold; clearing.
  const US: FeeSchedule = {
    perUnit: "0.0035",
    order: { minimum: "0.35", maximumRate: "0.01" },
    charges: [
      { name: "TAF", side: "sell", perUnit: "0.000166", maximum: "8.30" },
      { name: "SEC", side: "sell", rate: "0.0000278" },
      { name: "clearing", perUnit: "0.00020" },
    ],
  };

  it("are not limited with the commission, and fall on their side", () => {
    const fees = feesOf(US);
    // 10,000 shares at 50: 35 commission, 1.66 TAF, 13.90 SEC, 2 clearing.
    expect(fees.feeMinor(50_00, 10_000, 1, false, 1)).toBe(37_00n);
    expect(fees.feeMinor(50_00, 10_000, -1, false, 2)).toBe(35_00n + 1_66n + 13_90n + 2_00n);
    // 100,000 shares at 1: TAF would be 16.60.
    expect(fees.feeMinor(1_00, 100_000, -1, false, 3)).toBe(350_00n + 8_30n + 2_78n + 20_00n);
  });

  it("have a least, and a tax on buys only", () => {
    const fees = feesOf({ charges: [{ name: "stamp", side: "buy", rate: "0.005", minimum: "0.10" }] });
    expect([
      fees.feeMinor(10_00, 1, 1, false),
      fees.feeMinor(10_00, 1, -1, false),
      fees.feeMinor(10_00, 100, 1, true),
    ]).toEqual([10n, 0n, 500n]);
    expect(fees.undoneMinor(10_00, 100, 1, true)).toBe(-500n);
  });
});

describe("terms with dates", () => {
  const base = nsOf("2025-05-13T23:00:00Z");
  const hour = 3_600_000_000_000;
  const sec = (rate: string): FeeCharge[] => [{ name: "SEC", side: "sell", rate }];
  // The SEC's rate fell from 27.80 a million to 0 on 2025-05-14.
  const SCHEDULE: FeeSchedule = {
    charges: sec("0.0000278"),
    revisions: [
      { from: "2025-05-14", charges: sec("0") },
      { from: "2025-05-14T02:00:00Z", perUnit: "0.01", charges: sec("0.00001") },
    ],
  };
  const sell = (fees: FeeModel): bigint => fees.feeMinor(100_00, 10_000, -1, false);

  it("hold from their moment on, and a fill told late is charged by its own time", () => {
    const fees = feesOf(SCHEDULE, base);
    const at = (ns: number): bigint => {
      fees.advance(ns);
      return sell(fees);
    };
    expect(sell(feesOf(SCHEDULE, base))).toBe(27_80n);
    expect([at(0), at(hour - 1), at(hour), at(3 * hour - 1), at(3 * hour), at(5)]).toEqual([
      ...[27_80n, 27_80n, 0n, 0n, 110_00n, 27_80n],
    ]);
  });

  it("are those of its last fill after a save", () => {
    const fees = feesOf(SCHEDULE, base);
    fees.advance(3 * hour);
    const again = feesOf(SCHEDULE, base);
    again.load(JSON.parse(JSON.stringify(fees.save())));
    expect(sell(again)).toBe(110_00n);
    again.load(feesOf(SCHEDULE, base).save());
    expect(sell(again)).toBe(27_80n);
  });

  it("fault a base that is none", () => {
    const instrument = new Instrument(SHARES);
    expect(() => new FeeModel({ instrument, baseNs: 5 as never })).toThrow("FAULT_CONFIG feeModel.baseNs");
  });
});

describe("in a run", () => {
  const fees: FeeSchedule = {
    perUnit: "0.005",
    order: { minimum: "1.00" },
    charges: [{ name: "clearing", perUnit: "0.01" }],
  };

  it("a kernel charges an order's fills together, and gives back what a bust takes", () => {
    const idle: Strategy = { name: "idle", onBook() {} };
    const to = new KernelDriver([idle], { instruments: [testInstrument({ fees })], lingerNs: 1_000 });
    to.at(10).row("bid", 99, 50).row("ask", 101, 50);
    expect(to.ctx().submit({ instrument: "ABC", side: "buy", lots: 30, priceTicks: 101 }).ok).toBe(true);
    to.at(20).report("accepted");
    const feesNow = (): bigint => to.kernel.ledger.feesMinor(0);
    to.at(30).report("trade", 0, { lots: 10 });
    expect(feesNow()).toBe(110n);
    to.at(40).report("trade", 0, { lots: 20 });
    expect(feesNow()).toBe(130n);
    to.at(50).report("busted", 0, { requestId: 2 });
    expect(feesNow()).toBe(110n);
    to.at(60).report("busted", 0, { requestId: 1 });
    expect(feesNow()).toBe(0n);
  });

  it("a backtest charges them over the levels of its book, and its costs are the same", () => {
    const tape = depthTape([
      [1_000, "bid", 9_900, 50],
      [1_000, "ask", 10_100, 20],
      [1_100, "ask", 10_200, 50],
      [90_000_000, "bid", 9_700, 5],
    ]);
    let sent = false;
    const strategy: Strategy = {
      name: "buy",
      onBook(book, ctx) {
        if (!sent && book.hasAsk && ctx.clock.ns >= 1_100)
          sent = ctx.submit({ instrument: "ABC", side: "buy", lots: 30, type: "market" }).ok;
      },
    };
    const result = new Backtester({
      markets: [{ tape, fees }],
      strategies: [strategy],
      cash: { USD: "100000" },
    });
    const { money, fills, tca } = result.runToEnd();
    expect(fills.count).toBe(2);
    expect(money.fees).toBe("1.30");
    expect((tca ?? []).map(tcaOfRecord)[0]?.total.items.fees).toBe(130n);
  });
});
