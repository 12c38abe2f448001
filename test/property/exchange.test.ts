import fc from "fast-check";
import { expect, test } from "vitest";
import { ApiError } from "../../src/exchange/api-error.ts";
import { Exchange } from "../../src/exchange/exchange.ts";
import { conservationTroubles } from "../../src/exchange/exchange-truth.ts";
import { readTerms } from "../../src/exchange/order-terms.ts";
import { Parameters } from "../../src/exchange/parameters.ts";
import { SymbolStreams } from "../../src/exchange/symbol-streams.ts";
import { formatUnits, parseUnits } from "../../src/exchange/units.ts";
import { wireDepth } from "../../src/exchange/wire-market.ts";
import { BTCUSDT, HandClock, type Json } from "../fixtures/exchange.ts";

const SMALL = { ...BTCUSDT, tickSize: "0.5", lotSize: "0.01", bookLotSize: "0.001" };
const RULES = { minNotional: "0", bidMultiplierUp: "100", askMultiplierDown: "0" };

function exchangeOf(payIn: "received" | "quote" | "BNB"): Exchange {
  const clock = new HandClock();
  const accounts = ["a", "b"].map((name) => ({
    name,
    balances: { USDT: "500", BTC: "5", BNB: "0.01" },
    payIn,
    makerRate: "0.00075",
    takerRate: "0.0013",
  }));
  const markets = [{ instrument: SMALL, rules: RULES }];
  return new Exchange({ markets, accounts, bnbPrices: { USDT: "3" }, clock: clock.read });
}

const level = { ticks: fc.integer({ min: 190, max: 210 }), lots: fc.integer({ min: 0, max: 4000 }) };
const order = {
  account: fc.constantFrom("a", "b"),
  side: fc.constantFrom("BUY", "SELL"),
  type: fc.constantFrom(
    "LIMIT",
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "TAKE_PROFIT",
    "STOP_LOSS_LIMIT",
  ),
  ticks: fc.integer({ min: 190, max: 210 }),
  stop: fc.integer({ min: 190, max: 210 }),
  lots: fc.integer({ min: 1, max: 300 }),
  timeInForce: fc.constantFrom("GTC", "GTC", "IOC", "FOK"),
};
const command = fc.oneof(
  fc.record({ do: fc.constant("bid" as const), ...level }),
  fc.record({ do: fc.constant("ask" as const), ...level }),
  fc.record({ do: fc.constantFrom("buy" as const, "sell" as const), ...level }),
  fc.record({ do: fc.constant("order" as const), ...order }),
  fc.record({ do: fc.constant("order" as const), ...order }),
  fc.record({ do: fc.constant("cancel" as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant("amend" as const), which: fc.nat(20), lots: fc.integer({ min: 1, max: 300 }) }),
);
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

const price = (ticks: number): string => formatUnits(BigInt(ticks) * 50_000_000n);
const bookQuantity = (lots: number): string => formatUnits(BigInt(lots) * 100_000n);

function place(exchange: Exchange, given: Extract<Command, { do: "order" }>): void {
  const { desk, market } = exchange.listings.get("BTCUSDT")!;
  const values = new Map([
    ["side", given.side],
    ["type", given.type],
    ["quantity", formatUnits(BigInt(given.lots) * 1_000_000n)],
  ]);
  const limit = given.type.includes("LIMIT");
  if (limit) values.set("price", price(given.ticks));
  if (limit && given.type !== "LIMIT_MAKER") values.set("timeInForce", given.timeInForce);
  if (given.type.includes("_LOSS") || given.type.includes("_PROFIT"))
    values.set("stopPrice", price(given.stop));
  const terms = readTerms(new Parameters(values), market.symbol, () => exchange.nextFreshId());
  if (terms instanceof ApiError) throw new Error(terms.msg);
  desk.place(exchange.bank.accounts.get(given.account)!, terms);
}

function perform(exchange: Exchange, given: Command): void {
  const { desk, market } = exchange.listings.get("BTCUSDT")!;
  if (given.do === "order") place(exchange, given);
  else if (given.do === "cancel" || given.do === "amend") {
    const open = [...exchange.bank.accounts.values()].flatMap((account) => [...desk.orders.open(account)]);
    const one = open[given.which % Math.max(open.length, 1)];
    if (one !== undefined && given.do === "cancel") desk.cancel(one);
    else if (one !== undefined && given.do === "amend") desk.amend(one, given.lots, undefined);
  } else if (given.do === "buy" || given.do === "sell") {
    if (given.lots > 0) market.trade(given.do, price(given.ticks), bookQuantity(given.lots));
  } else {
    // A market's own book is never crossed.
    const { bestBid, bestAsk } = market;
    if (given.do === "bid" ? given.ticks >= bestAsk : given.ticks <= bestBid) return;
    market.setLevel(given.do, price(given.ticks), bookQuantity(given.lots));
  }
  desk.trigger();
}

test("money is conserved, and open orders hold exactly what is locked, after every command", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("received" as const, "quote" as const, "BNB" as const),
      fc.array(command, { minLength: 1, maxLength: 60 }),
      (payIn, commands) => {
        const exchange = exchangeOf(payIn);
        for (const given of commands) {
          perform(exchange, given);
          expect(conservationTroubles(exchange)).toEqual([]);
        }
        const { desk } = exchange.listings.get("BTCUSDT")!;
        for (const one of desk.orders.all.values()) {
          const filled = one.fills.reduce((sum, fill) => sum + fill.lots, 0);
          expect(one.filledLots).toBe(filled);
          expect(filled).toBeLessThanOrEqual(one.lots);
          expect(one.status === "FILLED").toBe(filled === one.lots && one.lots > 0);
          if (!one.isOpen) expect(one.locked).toBe(0n);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("the balances are the deposits and what the fills say", () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 60 }), (commands) => {
      const exchange = exchangeOf("BNB");
      for (const given of commands) perform(exchange, given);
      const { desk } = exchange.listings.get("BTCUSDT")!;
      for (const account of exchange.bank.accounts.values()) {
        const expected: Record<string, bigint> = {
          USDT: 50_000_000_000n,
          BTC: 500_000_000n,
          BNB: 1_000_000n,
        };
        for (const one of desk.orders.all.values()) {
          if (one.account !== account) continue;
          for (const fill of one.fills) {
            const sign = fill.buys ? 1n : -1n;
            expected["BTC"]! += sign * BigInt(fill.lots) * 1_000_000n;
            expected["USDT"]! -= sign * BigInt(fill.ticks) * BigInt(fill.lots) * 500_000n;
            expected[fill.commissionAsset]! -= fill.commission;
          }
        }
        for (const [asset, amount] of Object.entries(expected)) {
          const { free, locked } = account.of(asset);
          expect(free + locked, asset).toBe(amount);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("a snapshot at any time and the diffs after it rebuild the exchange's book", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 3_000 }), (seed, atMs) => {
      const clock = new HandClock();
      const seeded = { instrument: { ...SMALL, venue: "sim" }, seed, durationNs: 4_000_000_000 };
      const exchange = new Exchange({ markets: [{ seeded }], accounts: [], clock: clock.read });
      const { market } = exchange.listings.get("BTCUSDT")!;
      const streams = new SymbolStreams(market, exchange);
      const diffs: Json[] = [];
      streams.subscribe("depth@100ms", (_stream, _about, data) => diffs.push(JSON.parse(data)));
      clock.move(atMs);
      while (!exchange.advance()) {}
      const snapshot = wireDepth(market, 5_000) as Json;
      // The market ends on the way: everything is told.
      clock.move(6_000);
      while (!exchange.advance()) {}
      const sides = [new Map<string, string>(snapshot.bids), new Map<string, string>(snapshot.asks)] as const;
      let last: number = snapshot.lastUpdateId;
      for (const [i, { U, u, b, a }] of diffs.entries()) {
        if (i > 0) expect(U).toBe(diffs[i - 1].u + 1);
        if (u <= last) continue;
        expect(U).toBeLessThanOrEqual(last + 1);
        last = u;
        for (const [side, changes] of [b, a].entries()) {
          for (const [at, quantity] of changes) {
            if (parseUnits(quantity) === 0n) sides[side as 0 | 1].delete(at);
            else sides[side as 0 | 1].set(at, quantity);
          }
        }
      }
      const now = wireDepth(market, 5_000) as Json;
      expect(last).toBe(now.lastUpdateId);
      const sorted = (side: Iterable<[string, string]>): unknown => [...side].sort();
      expect(sorted(sides[0])).toEqual(sorted(now.bids));
      expect(sorted(sides[1])).toEqual(sorted(now.asks));
    }),
    { numRuns: 20 },
  );
});

test("amounts as text and back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 24n }), (units) => {
      expect(parseUnits(formatUnits(units))).toBe(units);
    }),
  );
  expect(["1", "0.1", "1.", ".5", "-1", "1e3", "0.123456780", "0.123456789", ""].map(parseUnits)).toEqual([
    100_000_000n,
    10_000_000n,
    "malformed",
    "malformed",
    "malformed",
    "malformed",
    12_345_678n,
    "tooPrecise",
    "malformed",
  ]);
});
