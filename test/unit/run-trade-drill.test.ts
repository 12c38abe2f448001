import { describe, expect, it } from "vitest";
import { Backtester, type BacktestOptions, type TradeDrillOptions } from "../../src/run/index.ts";
import { evenly, groupTrades } from "../../src/run/trade-groups.ts";
import type { LivedFill } from "../../src/run/trade-lives.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import type { OrderTicket, Strategy } from "../../src/strategy/index.ts";
import { type DepthRow, depthTape, runOver } from "../fixtures/run-tapes.ts";

const MILLI = 1_000_000;

/** Bids 1 below the best ask of 101 at 1 ms, asks for its cancel at 9 ms, and buys at the market at 20 ms. */
class Scripted implements Strategy {
  readonly name = "scripted";
  #ticket: OrderTicket | undefined;

  onStart(ctx: Parameters<NonNullable<Strategy["onStart"]>>[0]): void {
    for (const ms of [2, 9, 20]) ctx.clock.at(ms * MILLI);
  }

  onTimer(_timer: number, ctx: Parameters<NonNullable<Strategy["onTimer"]>>[1]): void {
    const ms = Math.round(ctx.clock.ns / MILLI);
    const order = { instrument: "ABC", side: "buy", lots: 4 } as const;
    if (ms === 2) {
      const sent = ctx.submit({ ...order, priceTicks: 100 });
      if (sent.ok) this.#ticket = sent;
    } else if (ms === 9 && this.#ticket !== undefined) ctx.cancel(this.#ticket);
    else ctx.submit({ ...order, type: "market" });
  }
}

const ROWS: readonly DepthRow[] = [
  [1 * MILLI, "bid", 100, 6, 0],
  [1 * MILLI, "ask", 101, 9, 0],
  [5 * MILLI, "sell", 100, 8, 0],
  [30 * MILLI, "ask", 102, 5, 0],
];

function scripted(drill: boolean | TradeDrillOptions = true) {
  const venue = {
    latency: new ConstantLatency({ entryNs: MILLI, responseNs: MILLI / 2 }),
    queue: { model: "riskAverse" },
  } as const;
  return runOver([{ tape: depthTape(ROWS), venue }], new Scripted(), { drill });
}

describe("what a drill keeps of a run by hand", () => {
  it("is its one trade, two fills, two orders with their times, and the book that each met", () => {
    const { drill } = scripted().result;
    const ms = (ns: string | null): number | null => (ns === null ? null : Number(ns) / MILLI);
    expect(drill?.trades).toEqual([
      {
        ...{ number: 1, instrument: "ABC@test", side: "buy", openedNs: String(5 * MILLI), closedNs: null },
        ...{ quantity: 6, realized: 0, fees: 0, fillCount: 2, fills: [0, 1] },
      },
    ]);
    expect(
      drill?.fills.map(({ exchNs, ns, quantity, maker, price }) => [
        ms(exchNs),
        ms(ns),
        quantity,
        maker,
        price,
      ]),
    ).toEqual([
      [5, 5.5, 2, true, 1],
      [21, 21.5, 4, false, 1.01],
    ]);
    expect(
      drill?.orders.map((one) =>
        [one.submittedNs, one.arrivedNs, one.ackNs, one.firstFillNs, one.cancelNs, one.endNs].map(ms),
      ),
    ).toEqual([
      [2, 3, 3.5, 5.5, 9, 10.5],
      [20, 21, 21.5, 21.5, null, 21.5],
    ]);
    expect(drill?.orders.map(({ end, filled, price }) => [end, filled, price])).toEqual([
      ["canceled", 2, 1],
      ["filled", 4, null],
    ]);
    const [rested, took] = drill?.fills ?? [];
    expect(rested?.market).toEqual({
      before: { ns: String(MILLI), bids: [[1, 6]], asks: [[1.01, 9]] },
      after: {
        ns: String(30 * MILLI),
        bids: [[1, 6]],
        asks: [
          [1.01, 9],
          [1.02, 5],
        ],
      },
      quotes: [[-4 * MILLI, 1, 1.01]],
      prints: [[0, 1, 8, -1]],
      ...{ hasAllPrints: true, bars: [] },
    });
    expect(took?.market?.prints).toEqual([[-16 * MILLI, 1, 8, -1]]);
  });

  it("is how long each part of its orders took, and the queue that one of them joined", () => {
    const { drill } = scripted().result;
    const times = Object.fromEntries(
      (drill?.timings ?? []).map(({ key, minNs, maxNs, count }) => [key, [count, minNs, maxNs]]),
    );
    expect(times).toEqual({
      entry: [2, MILLI, MILLI],
      response: [2, MILLI / 2, MILLI / 2],
      ack: [2, 1.5 * MILLI, 1.5 * MILLI],
      firstFill: [2, 1.5 * MILLI, 3.5 * MILLI],
      cancelAck: [1, 1.5 * MILLI, 1.5 * MILLI],
      ageFilled: [1, 0, 0],
      ageEnded: [1, 7 * MILLI, 7 * MILLI],
    });
    // 6 stood before its 4 lots; 8 traded, so that 2 of them filled 2 ms after it came.
    expect(drill?.queue).toEqual({
      orders: 1,
      classes: [
        {
          ...{ place: "best", from: 1, to: 3, orders: 1, filled: 1, fillRate: 0.5 },
          ...{ ahead: 1.5, toFillNs: 2 * MILLI, atFill: 1.5 },
        },
      ],
      leftOut: { marketable: 0, replaced: 0, unseen: 0 },
    });
  });

  it("is no more than was asked for", () => {
    const { drill } = scripted({ fillsMax: 1, levels: 1, beforeNs: 1, afterNs: 1 }).result;
    expect(drill?.fills.map(({ market }) => market === null)).toEqual([false, true]);
    expect(drill?.fills[0]?.market).toMatchObject({ after: { asks: [[1.01, 9]] }, prints: [[0, 1, 8, -1]] });
  });

  it("is nothing of the market where nobody wrote it down", () => {
    const closed = {
      instrument: { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" },
      ...{ seed: 7, durationNs: 1_000_000_000 },
    };
    let isSent = false;
    const strategy: Strategy = {
      name: "buyer",
      onBook(_book, ctx) {
        if (!isSent) ctx.submit({ instrument: "ABC", side: "buy", lots: 5, type: "market" });
        isSent = true;
      },
    };
    const { drill } = new Backtester({
      ...{ markets: [{ closed }], strategies: [strategy], cash: { USD: "100000" }, drill: true },
    }).runToEnd();
    expect(drill?.fills.length).toBeGreaterThan(0);
    expect(drill?.fills.every(({ market }) => market === null)).toBe(true);
  });

  it.each<[unknown, RegExp]>([
    [{ levels: 0 }, /FAULT_CONFIG backtest\.drill\.levels/],
    [{ levels: 21 }, /FAULT_CONFIG backtest\.drill\.levels/],
    [{ beforeNs: 0 }, /FAULT_CONFIG backtest\.drill\.beforeNs/],
    [{ afterNs: Number.NaN }, /FAULT_CONFIG backtest\.drill\.afterNs/],
    [{ fillsMax: 1_001 }, /FAULT_CONFIG backtest\.drill\.fillsMax/],
    [{ depth: 5 }, /FAULT_CONFIG backtest\.drill\.depth/],
    [7, /FAULT_CONFIG backtest\.drill/],
  ])("refuses %j", (drill, says) => {
    const options = {
      markets: [{ tape: depthTape(ROWS) }],
      strategies: [new Scripted()],
      cash: { USD: "1" },
      drill,
    };
    expect(() => new Backtester(options as BacktestOptions)).toThrow(says);
  });
});

describe("fills as trades", () => {
  const fill = (station: number, sign: number, positionLots: number, realized = 0): LivedFill => ({
    ...{ orderId: 1, station, exchNs: 0, ns: 0, sign, priceTicks: 1, lots: 1, maker: false, reason: "" },
    ...{ fee: 0.5, positionLots, realized },
  });

  it("end at nothing; one that turns a position ends a trade and begins the next", () => {
    const trades = groupTrades([
      fill(0, 1, 2),
      fill(1, -1, -1),
      fill(0, 1, 5),
      fill(0, -1, -3, 7),
      fill(0, 1, 0, 2),
      fill(0, 1, 1),
    ]);
    expect(
      trades.map(({ station, sign, fills, isClosed, mostLots, realized, fees }) => [
        station,
        sign,
        fills,
        isClosed,
        mostLots,
        realized,
        fees,
      ]),
    ).toEqual([
      [0, 1, [0, 2, 3], true, 5, 7, 1.5],
      [1, -1, [1], false, 1, 0, 0.5],
      [0, -1, [3, 4], true, 3, 2, 0.5],
      [0, 1, [5], false, 1, 0, 0.5],
    ]);
  });

  it("are chosen evenly, the first and the last among them", () => {
    expect(evenly(3, 5)).toEqual([0, 1, 2]);
    expect(evenly(9, 1)).toEqual([0]);
    expect(evenly(9, 3)).toEqual([0, 4, 8]);
  });
});
