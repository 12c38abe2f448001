import { describe, expect, it } from "vitest";
import type { Account, FeeAsset } from "../../src/exchange/account.ts";
import { Bank } from "../../src/exchange/bank.ts";
import { ClientOrder } from "../../src/exchange/client-order.ts";
import { ExchangeSymbol } from "../../src/exchange/exchange-symbol.ts";
import type { OrderTerms } from "../../src/exchange/order-terms.ts";
import { needed, neededAt, settle } from "../../src/exchange/settlement.ts";
import { ONE } from "../../src/exchange/units.ts";
import { BTCUSDT } from "../fixtures/exchange.ts";

const SYMBOL = new ExchangeSymbol(BTCUSDT);
/** 0.2 % for makers, more than for takers: the worst of both is held. */
const RATES = { makerRate: 200_000n, takerRate: 100_000n };
const TICKS = 10_000;
/** 1 BTC at 100.00. */
const LOTS = 100_000;
const WORTH = 100n * ONE;

function world(payIn: FeeAsset, buys: boolean, symbol = SYMBOL) {
  const bank = new Bank();
  const account = bank.open("a", { ...RATES, payIn });
  for (const asset of ["USDT", "BTC", "BNB"]) bank.deposit(account, asset, 1_000n * ONE);
  const terms: OrderTerms = {
    ...{ buys, type: "LIMIT", timeInForce: "GTC", ticks: TICKS, stopTicks: 0, lots: LOTS, quoteUnits: 0n },
    ...{
      clientOrderId: "x",
      response: "ACK",
      displayLots: 0,
      trailingBps: 0,
      selfTrade: "NONE",
      peg: undefined,
    },
  };
  const order = new ClientOrder(account, symbol, 1, terms, 0);
  order.locked = needed(account, symbol, buys, WORTH, LOTS);
  account.lock(order.lockedAsset, order.locked);
  return { bank, account, order };
}

const totals = (account: Account) =>
  Object.fromEntries(
    [...account.balances].map(([asset, { free, locked }]) => [asset, free + locked - 1_000n * ONE]),
  );

describe("what an order holds", () => {
  it.each([
    ["quote", true, WORTH + WORTH / 500n],
    ["received", true, WORTH],
    ["BNB", true, WORTH],
    ["quote", false, ONE],
    ["received", false, ONE],
  ] as const)("paying in %s, buying %s", (payIn, buys, expected) => {
    const { account, order } = world(payIn, buys);
    expect(needed(account, SYMBOL, buys, WORTH, LOTS)).toBe(expected);
    expect(neededAt(order, LOTS)).toBe(expected);
    const stop = new ClientOrder(account, SYMBOL, 2, { ...order.terms, ticks: 0, stopTicks: TICKS }, 0);
    expect(neededAt(stop, LOTS)).toBe(expected);
  });

  it("is the worse of both rates, whichever that is", () => {
    const bank = new Bank();
    const account = bank.open("b", { makerRate: 100_000n, takerRate: 300_000n, payIn: "quote" });
    expect(needed(account, SYMBOL, true, WORTH, LOTS)).toBe(WORTH + (WORTH * 3n) / 1_000n);
  });
});

describe("what an execution moves", () => {
  const BNB = new Map([["USDT", 500n * ONE]]);

  it.each([
    // [pays in, buys, is maker, asset of the commission, commission, what is left locked]
    ["quote", true, true, "USDT", WORTH / 500n, 0n],
    ["quote", true, false, "USDT", WORTH / 1_000n, WORTH / 1_000n],
    ["quote", false, true, "USDT", WORTH / 500n, 0n],
    ["received", true, true, "BTC", ONE / 500n, 0n],
    ["received", true, false, "BTC", ONE / 1_000n, 0n],
    ["received", false, false, "USDT", WORTH / 1_000n, 0n],
    ["BNB", true, true, "BNB", ONE / 2_500n, 0n],
    ["BNB", false, false, "BNB", ONE / 5_000n, 0n],
  ] as const)("pays in %s, buys %s, is maker %s", (payIn, buys, isMaker, asset, commission, locked) => {
    const { bank, account, order } = world(payIn, buys);
    const fill = settle(bank, BNB, order, { tradeId: 1, ticks: TICKS, lots: LOTS, isMaker, timeMs: 5 });
    expect([fill.commissionAsset, fill.commission]).toEqual([asset, commission]);
    const moved: Record<string, bigint> = { USDT: buys ? -WORTH : WORTH, BTC: buys ? ONE : -ONE, BNB: 0n };
    moved[asset] = (moved[asset] ?? 0n) - commission;
    expect(totals(account)).toEqual(moved);
    expect([order.locked, account.of(order.lockedAsset).locked]).toEqual([locked, locked]);
    for (const each of bank.sums()) {
      expect(each.market, each.asset).toBe(
        each.asset === "BNB" ? 0n : -moved[each.asset]! - (each.asset === asset ? commission : 0n),
      );
      expect(each.commission).toBe(each.asset === asset ? commission : 0n);
      expect(each.free + each.locked + each.market + each.commission).toBe(each.deposited);
    }
  });

  it("sums up over the executions of an order", () => {
    const { bank, order } = world("received", true);
    const half = { ticks: TICKS, lots: LOTS / 2, isMaker: true, timeMs: 5 };
    settle(bank, BNB, order, { ...half, tradeId: 1 });
    settle(bank, BNB, order, { ...half, tradeId: 2 });
    expect([order.filledLots, order.quoteUnits, order.locked, order.fills.length]).toEqual([
      LOTS,
      WORTH,
      0n,
      2,
    ]);
  });

  it("takes the last BNB there is, and else what the fill brings; never where BNB is traded", () => {
    const owed = ONE / 2_500n;
    for (const [has, asset] of [
      [owed, "BNB"],
      [owed - 1n, "BTC"],
    ] as const) {
      const { bank, account, order } = world("BNB", true);
      bank.deposit(account, "BNB", has - account.free("BNB"));
      const execution = { tradeId: 1, ticks: TICKS, lots: LOTS, isMaker: true, timeMs: 5 };
      expect(settle(bank, BNB, order, execution).commissionAsset).toBe(asset);
    }
    const prices = new Map([...BNB, ["BNB", ONE]]);
    for (const [base, quote, asset] of [
      ["BNB", "USDT", "USDT"],
      ["BTC", "BNB", "BNB"],
    ] as const) {
      const symbol = new ExchangeSymbol({ ...BTCUSDT, symbol: `${base}${quote}`, base, quote });
      const { bank, order } = world("BNB", false, symbol);
      const execution = { tradeId: 1, ticks: TICKS, lots: LOTS, isMaker: true, timeMs: 5 };
      const fill = settle(bank, prices, order, execution);
      expect([fill.commissionAsset, fill.commission]).toEqual([asset, WORTH / 500n]);
    }
  });
});
