import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ALICE, BTCUSDT, type Json, KEY, Rehearsal } from "../fixtures/exchange.ts";

const BOB_KEY = { apiKey: "B".repeat(64), secret: "t".repeat(64) };
const BOB = { name: "bob", balances: { USDT: "100000", BTC: "2" }, keys: [BOB_KEY] };
const ORDER = "/api/v3/order";

let here: Rehearsal;

beforeEach(async () => {
  const markets = [{ instrument: BTCUSDT, matching: true, rules: { maxNumAlgoOrders: 8 } }];
  here = (await new Rehearsal({ markets, accounts: [ALICE, BOB] }).start()).book();
});

afterEach(async () => {
  expect(here.server.conservation()).toEqual([]);
  await here.close();
});

type Terms = Readonly<Record<string, string | number>>;

/** A request of alice's or bob's; the body. */
async function ask(who: typeof KEY, method: string, path: string, terms: Terms = {}): Promise<Json> {
  return (await here.send(method, path, { symbol: "BTCUSDT", ...terms }, { key: who })).body;
}

async function limit(
  who: typeof KEY,
  side: "BUY" | "SELL",
  price: string,
  quantity: string,
  more: Terms = {},
): Promise<Json> {
  return await ask(who, "POST", ORDER, {
    ...{ side, type: "LIMIT", timeInForce: "GTC", price, quantity, newOrderRespType: "FULL" },
    ...more,
  });
}

async function depth(): Promise<{ bids: string[][]; asks: string[][] }> {
  const { body } = await here.send("GET", "/api/v3/depth", { symbol: "BTCUSDT" }, { sign: false });
  const short = (levels: string[][]) => levels.map((level) => level.map((text) => text.slice(0, -6)));
  return { bids: short(body.bids), asks: short(body.asks) };
}

const balances = (name: string): Json => here.server.truth(name).balances;
const status = async (who: typeof KEY, orderId: number): Promise<Json> =>
  await ask(who, "GET", ORDER, { orderId });
const market = () => here.server.market("BTCUSDT");

describe("one book", () => {
  test("a client's order is in depth and best prices, and goes from them", async () => {
    const { orderId } = await limit(KEY, "BUY", "100.50", "1");
    expect((await depth()).bids).toEqual([
      ["100.50", "1.00"],
      ["100.00", "5.00"],
      ["99.00", "7.00"],
    ]);
    const best = await here.send("GET", "/api/v3/ticker/bookTicker", { symbol: "BTCUSDT" }, { sign: false });
    expect(best.body).toMatchObject({ bidPrice: "100.50000000", bidQty: "1.00000000" });
    await ask(KEY, "DELETE", ORDER, { orderId });
    expect((await depth()).bids[0]).toEqual(["100.00", "5.00"]);
  });

  test("two clients meet: one public trade, a fill each, nothing for the market", async () => {
    await limit(KEY, "BUY", "100.50", "1");
    const sold = await limit(BOB_KEY, "SELL", "100.50", "0.4");
    expect(sold).toMatchObject({ status: "FILLED", fills: [{ price: "100.50000000", tradeId: 1 }] });
    const trades = await here.send("GET", "/api/v3/trades", { symbol: "BTCUSDT" }, { sign: false });
    expect(trades.body).toMatchObject([{ id: 1, qty: "0.40000000", isBuyerMaker: true }]);
    const [mine, theirs] = [here.server.truth("alice").fills, here.server.truth("bob").fills];
    expect(mine).toMatchObject([{ id: 1, isMaker: true, isBuyer: true, commission: "0.00040000" }]);
    expect(theirs).toMatchObject([{ id: 1, isMaker: false, isBuyer: false, commissionAsset: "USDT" }]);
    expect(balances("alice")).toMatchObject({ BTC: { free: "2.39960000" }, USDT: { locked: "60.30000000" } });
    expect(balances("bob")).toMatchObject({ BTC: { free: "1.60000000" }, USDT: { free: "100040.15980000" } });
  });

  test("of two clients at one price who came first trades first", async () => {
    await limit(BOB_KEY, "SELL", "100.50", "1");
    await limit(KEY, "SELL", "100.50", "1");
    market().trade("buy", "100.50", "1.5");
    expect(here.server.truth("bob").fills).toMatchObject([{ qty: "1.00000000" }]);
    expect(here.server.truth("alice").fills).toMatchObject([{ qty: "0.50000000" }]);
  });

  test("what a level gains stands behind a client, what it loses goes from behind", async () => {
    await limit(KEY, "BUY", "100.00", "1");
    market().setLevel("bid", "100.00", "8");
    expect((await depth()).bids[0]).toEqual(["100.00", "9.00"]);
    market().setLevel("bid", "100.00", "4");
    // The newest three go whole, then one of the five before the client: four stand before it.
    market().trade("sell", "100.00", "4");
    expect(here.server.truth("alice").fills).toEqual([]);
    market().trade("sell", "100.00", "0.25");
    expect(here.server.truth("alice").fills).toMatchObject([{ qty: "0.25000000", isMaker: true }]);
  });

  test("a level that grows behind a client stays behind it when its newest part has gone", async () => {
    await limit(KEY, "BUY", "100.00", "1");
    for (const quantity of ["8", "5", "9"]) market().setLevel("bid", "100.00", quantity);
    market().trade("sell", "100.00", "5.5");
    expect(here.server.truth("alice").fills).toMatchObject([{ qty: "0.50000000" }]);
  });

  test("what clients took stays taken until the source says the level again", async () => {
    await limit(KEY, "BUY", "101.00", "1");
    expect((await depth()).asks[0]).toEqual(["101.00", "3.00"]);
    market().setLevel("ask", "101.00", "4");
    expect((await depth()).asks[0]).toEqual(["101.00", "4.00"]);
  });

  test("a source that moves across a client's order trades with it, and with nothing of its own", async () => {
    await limit(KEY, "SELL", "100.50", "1");
    market().setBook([["101.00", "3"]], [["102.00", "6"]]);
    expect(here.server.truth("alice").fills).toMatchObject([{ price: "100.50000000", qty: "1.00000000" }]);
    expect(await depth()).toEqual({ bids: [["101.00", "2.00"]], asks: [["102.00", "6.00"]] });
    const trades = await here.send("GET", "/api/v3/trades", { symbol: "BTCUSDT" }, { sign: false });
    expect(trades.body).toHaveLength(1);
  });

  test("a book told anew leaves clients their places", async () => {
    await limit(KEY, "BUY", "100.00", "1");
    here.book();
    market().trade("sell", "100.00", "5");
    expect(here.server.truth("alice").fills).toEqual([]);
    market().setBook([], [["101.00", "4"]]);
    expect(await depth()).toEqual({ bids: [["100.00", "1.00"]], asks: [["101.00", "4.00"]] });
  });

  test("a stranger's trade takes better prices first, and what is not there is not traded", async () => {
    await limit(KEY, "SELL", "100.50", "1");
    market().trade("buy", "101.00", "2");
    market().trade("buy", "101.00", "9");
    const trades = await here.send("GET", "/api/v3/trades", { symbol: "BTCUSDT" }, { sign: false });
    expect(trades.body.map(({ price, qty }: Json) => [Number(price), Number(qty)])).toEqual([
      [100.5, 1],
      [101, 1],
      [101, 3],
      [101, 6],
    ]);
    market().trade("sell", "101.50", "1");
    expect(here.server.conservation()).toEqual([]);
  });

  test("an amended order keeps its place, one that is canceled and replaced goes behind", async () => {
    const first = await limit(KEY, "SELL", "100.50", "1");
    await limit(BOB_KEY, "SELL", "100.50", "1");
    const amended = await ask(KEY, "PUT", "/api/v3/order/amend/keepPriority", {
      ...{ orderId: first.orderId, newQty: "0.5" },
    });
    expect(amended.amendedOrder).toMatchObject({ qty: "0.50000000", status: "NEW" });
    market().trade("buy", "100.50", "0.5");
    expect(here.server.truth("alice").fills).toMatchObject([{ qty: "0.50000000" }]);
    const second = await limit(KEY, "SELL", "100.40", "0.5");
    await limit(BOB_KEY, "SELL", "100.40", "0.5");
    await ask(KEY, "POST", "/api/v3/order/cancelReplace", {
      ...{ side: "SELL", type: "LIMIT", timeInForce: "GTC", price: "100.40", quantity: "0.5" },
      ...{ cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: second.orderId },
    });
    market().trade("buy", "100.40", "0.5");
    expect(here.server.truth("alice").fills).toHaveLength(1);
    expect(here.server.truth("bob").fills).toMatchObject([{ price: "100.40000000" }]);
  });

  test.each([
    ["IOC", "PARTIALLY EXPIRED", "EXPIRED", "4.00000000"],
    ["FOK", "WHOLE OR NOT", "EXPIRED", "0.00000000"],
  ])("%s", async (timeInForce, _name, wanted, executedQty) => {
    const told = await limit(KEY, "BUY", "101.00", "5", { timeInForce });
    expect(told).toMatchObject({ status: wanted, executedQty });
  });

  test("a market order by sum, and one that finds less than it wants", async () => {
    const terms = { side: "BUY", type: "MARKET" };
    const bySum = await ask(KEY, "POST", ORDER, { ...terms, quoteOrderQty: "505" });
    expect(bySum).toMatchObject({ status: "FILLED", executedQty: "4.99019000" });
    await ask(BOB_KEY, "POST", ORDER, { ...terms, quantity: "5" });
    const late = await ask(KEY, "POST", ORDER, { ...terms, quantity: "1" });
    expect(late).toMatchObject({ status: "EXPIRED", executedQty: "0.00981000" });
    expect(balances("alice").USDT.locked).toBe("0.00000000");
  });

  test("a stop is sent by another client's trade, in the turn of its price", async () => {
    market().trade("buy", "101.00", "1");
    const stop = { side: "SELL", type: "STOP_LOSS_LIMIT", timeInForce: "GTC", quantity: "1" };
    const low = await ask(KEY, "POST", ORDER, { ...stop, price: "99.00", stopPrice: "99.50" });
    const high = await ask(KEY, "POST", ORDER, { ...stop, price: "99.00", stopPrice: "100.00" });
    expect(low.orderId).toBeLessThan(high.orderId);
    await ask(BOB_KEY, "POST", ORDER, { side: "SELL", type: "MARKET", quantity: "1" });
    expect((await status(KEY, high.orderId)).status).toBe("FILLED");
    expect((await status(KEY, low.orderId)).isWorking).toBe(false);
  });

  test("a stop that buys at the market and is not paid for ends when it is sent", async () => {
    market().trade("buy", "101.00", "1");
    const placed = await ask(BOB_KEY, "POST", ORDER, {
      ...{ side: "BUY", type: "STOP_LOSS", quantity: "2", stopPrice: "101.50" },
    });
    await limit(BOB_KEY, "BUY", "50.00", "1990");
    market().setBook([["100.00", "5"]], [["50000.00", "9"]]);
    market().trade("buy", "101.60", "1");
    expect((await status(BOB_KEY, placed.orderId)).status).toBe("EXPIRED");
  });
});

describe("what only a matching book offers", () => {
  test("an iceberg shows its part, trades whole, and goes behind with each new part", async () => {
    const iceberg = await limit(KEY, "SELL", "100.50", "1", { icebergQty: "0.4" });
    expect(iceberg).toMatchObject({ icebergQty: "0.40000000", status: "NEW" });
    await limit(BOB_KEY, "SELL", "100.50", "0.5");
    expect((await depth()).asks[0]).toEqual(["100.50", "0.90"]);
    market().trade("buy", "100.50", "0.9");
    expect(here.server.truth("alice").fills).toMatchObject([{ qty: "0.40000000" }]);
    expect(here.server.truth("bob").fills).toMatchObject([{ qty: "0.50000000" }]);
    expect((await depth()).asks[0]).toEqual(["100.50", "0.40"]);
    const { USDT } = balances("bob");
    const bought = await ask(BOB_KEY, "POST", ORDER, { side: "BUY", type: "MARKET", quantity: "0.6" });
    expect(bought).toMatchObject({ status: "FILLED", cummulativeQuoteQty: "60.30000000" });
    expect(Number(USDT.free) - Number(balances("bob").USDT.free)).toBeCloseTo(60.3, 8);
  });

  test.each([
    ["more than the order", { icebergQty: "2" }, -2010, "IcebergQty exceeds QTY."],
    ["of an order that does not rest", { icebergQty: "0.5", timeInForce: "IOC" }, -2010, "Unsupported order"],
    ["too many parts", { icebergQty: "0.05" }, -1013, "Filter failure: ICEBERG_PARTS"],
    ["off the grid", { icebergQty: "0.000001" }, -1013, "Filter failure: LOT_SIZE"],
    ["nothing", { icebergQty: "0" }, -1013, "Invalid quantity."],
    ["no number", { icebergQty: "much" }, -1100, "Illegal characters found in parameter 'icebergQty'"],
  ])("an iceberg of %s is refused", async (_name, more, code, msg) => {
    const before = here.server.truth("alice");
    const refused = await limit(KEY, "SELL", "105.00", "1", more as Terms);
    expect(refused).toMatchObject({ code, msg: expect.stringContaining(msg) });
    expect(here.server.truth("alice")).toEqual(before);
  });

  test("no more icebergs than may be", async () => {
    for (let i = 0; i < 5; i++) await limit(KEY, "SELL", "105.00", "0.1", { icebergQty: "0.05" });
    const refused = await limit(KEY, "SELL", "105.00", "0.1", { icebergQty: "0.05" });
    expect(refused).toEqual({ code: -1013, msg: "Filter failure: MAX_NUM_ICEBERG_ORDERS" });
  });

  describe("trailing stops", () => {
    /** The scenarios of the protocol's own description, a hundredth of its prices: trades before, and the last. */
    const SCENARIOS: [string, Terms, number[], number][] = [
      [
        "A: a stop loss that buys",
        { side: "BUY", type: "STOP_LOSS_LIMIT", price: "450", stopPrice: "440", trailingDelta: 500 },
        [370, 440, 450, 460, 420, 440.9],
        441,
      ],
      [
        "B: a stop loss that sells",
        { side: "SELL", type: "STOP_LOSS_LIMIT", price: "380", stopPrice: "390", trailingDelta: 1_000 },
        [415, 390, 370, 410, 369.01],
        369,
      ],
      [
        "C: a take profit that buys",
        { side: "BUY", type: "TAKE_PROFIT_LIMIT", price: "385", stopPrice: "380", trailingDelta: 850 },
        [420, 380, 370, 390, 380, 401.44],
        401.45,
      ],
      [
        "D: a take profit that sells",
        { side: "SELL", type: "TAKE_PROFIT_LIMIT", price: "410", stopPrice: "420", trailingDelta: 750 },
        [415, 390, 420, 450, 440, 465, 430.13],
        430.12,
      ],
      [
        "E: without a stop price",
        { side: "SELL", type: "STOP_LOSS_LIMIT", price: "390", trailingDelta: 700 },
        [420, 395, 455, 423.16],
        423.15,
      ],
    ];

    test.each(SCENARIOS)("%s", async (_name, terms, before, last) => {
      market().setBook([["1.00", "1"]], [["900.00", "1"]]);
      const trade = (price: number): void => market().trade("buy", price.toFixed(2), "1");
      trade(400);
      const placed = await ask(KEY, "POST", ORDER, { ...terms, timeInForce: "GTC", quantity: "1" });
      for (const price of before) {
        trade(price);
        expect((await status(KEY, placed.orderId)).isWorking, `${price}`).toBe(false);
      }
      trade(last);
      const told = await status(KEY, placed.orderId);
      expect(told).toMatchObject({ isWorking: true, trailingDelta: Number(terms["trailingDelta"]) });
      expect(told.trailingTime).toBe(here.clock.ms);
    });

    test.each([
      [{ trailingDelta: 9 }, -1013, "Filter failure: TRAILING_DELTA"],
      [{ trailingDelta: 2_001 }, -1013, "Filter failure: TRAILING_DELTA"],
      [{ trailingDelta: 0 }, -1013, "Filter failure: TRAILING_DELTA"],
      [{ trailingDelta: "1.5" }, -1100, "Illegal characters found in parameter 'trailingDelta'"],
      [{}, -1102, "Param 'stopPrice' or 'trailingDelta' must be sent"],
    ])("%j is refused", async (more, code, msg) => {
      const refused = await ask(KEY, "POST", ORDER, {
        ...{ side: "SELL", type: "STOP_LOSS", quantity: "1" },
        ...more,
      });
      expect(refused).toMatchObject({ code, msg: expect.stringContaining(msg) });
    });
  });

  describe("self-trade prevention", () => {
    const orders = async (mode: string, quantity = "3"): Promise<{ taker: Json; makers: Json[] }> => {
      const makers: Json[] = [];
      for (const [price, size] of [
        ["100.70", "0.5"],
        ["100.60", "0.4"],
        ["100.50", "0.6"],
      ] as const)
        makers.push(await limit(KEY, "BUY", price, size));
      const taker = await limit(KEY, "SELL", "100.50", quantity, { selfTradePreventionMode: mode });
      const told = [];
      for (const { orderId } of makers) told.push(await status(KEY, orderId));
      return { taker, makers: told };
    };

    test("NONE trades with itself", async () => {
      const { taker, makers } = await orders("NONE", "1");
      expect(taker).toMatchObject({ status: "FILLED", selfTradePreventionMode: "NONE" });
      expect(makers.map((each) => each.status)).toEqual(["FILLED", "FILLED", "PARTIALLY_FILLED"]);
      expect(here.server.truth("alice").fills).toHaveLength(6);
    });

    test("EXPIRE_TAKER: what stands there stays", async () => {
      const { taker, makers } = await orders("EXPIRE_TAKER", "1");
      expect(taker).toMatchObject({
        ...{ status: "EXPIRED_IN_MATCH", preventedQuantity: "1.00000000", preventedMatchId: 1 },
        preventedMatches: [{ makerOrderId: makers[0].orderId, takerPreventedQuantity: "1.00000000" }],
      });
      expect(makers.map((each) => each.status)).toEqual(["NEW", "NEW", "NEW"]);
    });

    test("EXPIRE_MAKER: what it meets ends, and it rests", async () => {
      const { taker, makers } = await orders("EXPIRE_MAKER", "1");
      expect(taker).toMatchObject({ status: "NEW", selfTradePreventionMode: "EXPIRE_MAKER" });
      expect(taker.preventedMatches).toMatchObject([
        { preventedMatchId: 1, price: "100.70000000", makerPreventedQuantity: "0.50000000" },
        { preventedMatchId: 2, price: "100.60000000", makerPreventedQuantity: "0.40000000" },
        { preventedMatchId: 3, price: "100.50000000", makerPreventedQuantity: "0.60000000" },
      ]);
      expect(makers.map((each) => each.status)).toEqual(Array(3).fill("EXPIRED_IN_MATCH"));
      expect(balances("alice").USDT.locked).toBe("0.00000000");
    });

    test("EXPIRE_BOTH", async () => {
      const { taker, makers } = await orders("EXPIRE_BOTH", "1");
      expect([taker, ...makers].map((each) => each.status)).toEqual([
        ...["EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH", "NEW", "NEW"],
      ]);
      const asked = await ask(KEY, "GET", "/api/v3/myPreventedMatches", { orderId: taker.orderId });
      expect(asked).toEqual([
        {
          ...{ symbol: "BTCUSDT", preventedMatchId: 1, takerOrderId: taker.orderId, makerSymbol: "BTCUSDT" },
          ...{ makerOrderId: makers[0].orderId, tradeGroupId: -1, selfTradePreventionMode: "EXPIRE_BOTH" },
          ...{ price: "100.70000000", takerPreventedQuantity: "1.00000000" },
          ...{ makerPreventedQuantity: "0.50000000", transactTime: here.clock.ms },
        },
      ]);
    });

    test("DECREMENT: both become smaller, the smaller ends", async () => {
      const { taker, makers } = await orders("DECREMENT", "0.7");
      expect(taker).toMatchObject({
        ...{ status: "EXPIRED_IN_MATCH", origQty: "0.70000000", preventedQuantity: "0.70000000" },
      });
      expect(makers.map((each) => [each.status, each.preventedQuantity])).toEqual([
        ["EXPIRED_IN_MATCH", "0.50000000"],
        ["NEW", "0.20000000"],
        ["NEW", undefined],
      ]);
      // 0.2 of the second and 0.6 of the third are left.
      expect(balances("alice").USDT.locked).toBe("80.42000000");
      const amended = await ask(KEY, "PUT", "/api/v3/order/amend/keepPriority", {
        ...{ orderId: makers[1].orderId, newQty: "0.3" },
      });
      expect(amended.amendedOrder).toMatchObject({ qty: "0.30000000", preventedQty: "0.20000000" });
      expect((await depth()).bids[0]).toEqual(["100.60", "0.10"]);
      const nothing = { orderId: makers[1].orderId, newQty: "0.2" };
      expect(await ask(KEY, "PUT", "/api/v3/order/amend/keepPriority", nothing)).toMatchObject({
        code: -2038,
      });
    });

    test("a market order is paid for what is behind its own orders", async () => {
      await limit(BOB_KEY, "SELL", "100.50", "1");
      const bought = await ask(BOB_KEY, "POST", ORDER, {
        ...{ side: "BUY", type: "MARKET", quantity: "1", selfTradePreventionMode: "EXPIRE_MAKER" },
      });
      expect(bought).toMatchObject({ status: "FILLED", cummulativeQuoteQty: "101.00000000" });
    });

    test.each([["SOME", -1130, "Data sent for parameter 'selfTradePreventionMode' is not valid."]])(
      "%s is refused",
      async (selfTradePreventionMode, code, msg) => {
        expect(await limit(KEY, "BUY", "99.00", "1", { selfTradePreventionMode })).toEqual({ code, msg });
      },
    );
  });

  describe("pegs", () => {
    const peg = async (who: typeof KEY, side: string, more: Terms): Promise<Json> =>
      await ask(who, "POST", ORDER, { side, type: "LIMIT", timeInForce: "GTC", quantity: "1", ...more });

    test("the price is the book's when the order enters, and stays", async () => {
      const primary = await peg(KEY, "BUY", { pegPriceType: "PRIMARY_PEG" });
      expect(primary).toMatchObject({ price: "0.00000000", peggedPrice: "100.00000000", status: "NEW" });
      const behind = { pegPriceType: "PRIMARY_PEG", pegOffsetType: "PRICE_LEVEL", pegOffsetValue: 1 };
      expect(await peg(KEY, "SELL", behind)).toMatchObject({
        peggedPrice: "102.00000000",
        pegOffsetValue: 1,
      });
      const taking = await peg(BOB_KEY, "BUY", { pegPriceType: "MARKET_PEG", timeInForce: "IOC" });
      expect(taking).toMatchObject({ status: "FILLED", cummulativeQuoteQty: "101.00000000" });
      market().setBook([["99.50", "1"]], [["101.00", "1"]]);
      expect((await status(KEY, primary.orderId)).peggedPrice).toBe("100.00000000");
    });

    test("a stop-limit is pegged when it is sent, and no further than its own limit", async () => {
      market().trade("buy", "100.90", "1");
      const stop = { type: "STOP_LOSS_LIMIT", stopPrice: "100.50", pegPriceType: "PRIMARY_PEG" };
      const placed = await peg(KEY, "SELL", stop);
      const bounded = await peg(KEY, "SELL", { ...stop, price: "104.00" });
      market().setBook([["100.20", "5"]], [["103.00", "1"]]);
      market().trade("sell", "100.40", "1");
      market().trade("sell", "100.20", "1");
      expect((await status(KEY, placed.orderId)).peggedPrice).toBe("103.00000000");
      expect((await status(KEY, bounded.orderId)).peggedPrice).toBe("104.00000000");
    });

    test.each([
      [{ pegPriceType: "MID" }, -1130],
      [{ pegPriceType: "PRIMARY_PEG", timeInForce: "IOC" }, -2010],
      [{ pegPriceType: "PRIMARY_PEG", pegOffsetValue: 1 }, -1130],
      [{ pegPriceType: "PRIMARY_PEG", pegOffsetType: "PRICE_LEVEL", pegOffsetValue: 101 }, -1130],
      [{ pegPriceType: "PRIMARY_PEG", pegOffsetType: "PRICE_LEVEL", pegOffsetValue: 7 }, -2010],
      [{ pegPriceType: "MARKET_PEG", type: "MARKET", timeInForce: "" }, -1106],
    ])("%j is refused", async (more, code) => {
      expect(await peg(KEY, "BUY", more as Terms)).toMatchObject({ code });
    });
  });
});

test("on a market that is no matching one all of this is refused by name", async () => {
  const plain = (await new Rehearsal({ accounts: [ALICE] }).start()).book();
  const refused = async (more: Readonly<Record<string, string>>): Promise<Json> =>
    (await plain.limit("BUY", "99.00", "1", more)).body;
  for (const name of ["icebergQty", "pegPriceType", "trailingDelta"]) {
    expect(await refused({ [name]: "1" })).toEqual({
      ...{ code: -1106, msg: `Parameter '${name}' sent when not required.` },
    });
  }
  expect(await refused({ selfTradePreventionMode: "EXPIRE_MAKER" })).toMatchObject({ code: -1013 });
  expect(await refused({ selfTradePreventionMode: "NONE" })).toMatchObject({ status: "NEW" });
  const list = { symbol: "BTCUSDT", side: "SELL" };
  expect((await plain.send("POST", "/api/v3/orderList/oco", list)).body).toEqual({
    ...{ code: -2010, msg: "OCO orders are not supported for this symbol" },
  });
  await plain.close();
});
