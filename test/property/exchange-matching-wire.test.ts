import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ALICE, BTCUSDT, KEY, Rehearsal } from "../fixtures/exchange.ts";
import { fuzz } from "../fixtures/fuzz.ts";

const BOB_KEY = { apiKey: "B".repeat(64), secret: "t".repeat(64) };
let here: Rehearsal;

beforeAll(async () => {
  here = new Rehearsal({
    markets: [{ instrument: BTCUSDT, matching: true, rules: { minNotional: "0" } }],
    accounts: [ALICE, { name: "bob", balances: { USDT: "1000", BTC: "3" }, keys: [BOB_KEY] }],
    // Few: what is compared before and after each request stays small.
    ordersKept: 20,
    rateLimits: { requestWeight: 1e9, ordersPer10s: 1e9, ordersPerDay: 1e9 },
  });
  (await here.start()).book();
  here.server.market("BTCUSDT").trade("buy", "101.00", "0.5");
});

afterAll(async () => {
  await here.close();
});

const ORDER = {
  ...{ side: "BUY", type: "LIMIT", timeInForce: "GTC", price: "100.50", quantity: "1" },
};
const OCO = {
  ...{ side: "SELL", quantity: "0.5", aboveType: "LIMIT_MAKER", abovePrice: "103" },
  ...{ belowType: "STOP_LOSS_LIMIT", belowStopPrice: "99.50", belowPrice: "99", belowTimeInForce: "GTC" },
};
const WORKING = {
  ...{ workingType: "LIMIT", workingSide: "BUY", workingPrice: "100.50", workingQuantity: "0.5" },
  workingTimeInForce: "GTC",
};
const OTO = {
  ...{ ...WORKING, pendingType: "LIMIT", pendingSide: "SELL", pendingPrice: "105", pendingQuantity: "0.4" },
  pendingTimeInForce: "GTC",
};
const OTOCO = {
  ...{ ...WORKING, pendingSide: "SELL", pendingQuantity: "0.4", pendingAboveType: "TAKE_PROFIT" },
  ...{ pendingAboveStopPrice: "104", pendingBelowType: "STOP_LOSS", pendingBelowStopPrice: "98" },
};
/** Routes, and what a whole request of each is. */
const ROUTES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["POST order", ORDER],
  ["POST order", { ...ORDER, side: "SELL", icebergQty: "0.2" }],
  ["POST order", { ...ORDER, selfTradePreventionMode: "EXPIRE_BOTH", side: "SELL" }],
  ["POST order", { side: "SELL", type: "STOP_LOSS", quantity: "0.1", trailingDelta: "50" }],
  [
    "POST order",
    { side: "SELL", type: "LIMIT", timeInForce: "GTC", quantity: "0.1", pegPriceType: "PRIMARY_PEG" },
  ],
  ["POST order", { side: "BUY", type: "MARKET", quantity: "0.1" }],
  ["POST orderList/oco", OCO],
  ["POST orderList/oto", OTO],
  ["POST orderList/otoco", OTOCO],
  ["DELETE orderList", { orderListId: "1" }],
  ["GET orderList", { orderListId: "2" }],
  ["GET allOrderList", {}],
  ["GET openOrderList", {}],
  ["GET myPreventedMatches", { preventedMatchId: "1" }],
  ["PUT order/amend/keepPriority", { orderId: "3", newQty: "0.05" }],
  ["POST order/cancelReplace", { ...ORDER, cancelReplaceMode: "STOP_ON_FAILURE", cancelOrderId: "4" }],
  ["DELETE order", { orderId: "5" }],
  ["DELETE openOrders", {}],
];
const NAMES = [
  ...new Set(ROUTES.flatMap(([, whole]) => Object.keys(whole))),
  ...["pegOffsetType", "pegOffsetValue", "listClientOrderId", "aboveIcebergQty", "belowTrailingDelta"],
  ...["workingIcebergQty", "pendingTrailingDelta", "newClientOrderId", "aboveClientOrderId", "stopPrice"],
  ...["fromPreventedMatchId", "fromId", "limit", "strategyId", "__proto__"],
];
const VALUES = [
  ...["BUY", "SELL", "LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "TAKE_PROFIT", "STOP_LOSS_LIMIT", "GTC"],
  ...["IOC", "FOK", "PRIMARY_PEG", "MARKET_PEG", "PRICE_LEVEL", "DECREMENT", "EXPIRE_TAKER", "TRANSFER"],
  ...["98", "99.00", "100.50", "101.00", "103", "0.1", "0.5", "1", "2", "50", "500", "x1", "x2"],
  ...["", "0", "-1", "1e9", "NaN", "9".repeat(20), "9".repeat(400), "0.000000001", "9007199254740993"],
  ...["__proto__", "[]", "{}", "\0", "\u{1F600}", "x".repeat(300), "0.00001", "1000000", "670000.01"],
];
const request = fc.record({
  route: fc.constantFrom(...ROUTES),
  changes: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { maxLength: 3 }),
  isBob: fc.boolean(),
  trade: fc.option(
    fc.tuple(fc.constantFrom("buy" as const, "sell" as const), fc.integer({ min: 97, max: 105 })),
  ),
});

async function state(): Promise<unknown> {
  const depth = await here.send("GET", "/api/v3/depth", { symbol: "BTCUSDT" }, { sign: false });
  const lists = await here.send("GET", "/api/v3/openOrderList");
  return [here.server.truth("alice"), here.server.truth("bob"), depth.body, lists.body];
}

test("a refused request has a code and changes nothing; whatever is asked, money is conserved", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (all) => {
      here.book();
      for (const { route, changes, isBob, trade } of all) {
        const [name, whole] = route;
        const [method = "", path = ""] = name.split(" ");
        const before = await state();
        const parameters = { symbol: "BTCUSDT", ...whole, ...Object.fromEntries(changes) };
        const { status, body } = await here.send(method, `/api/v3/${path}`, parameters, {
          key: isBob ? BOB_KEY : KEY,
        });
        seen.add(`${name} ${status === 200 ? "yes" : "no"}`);
        if (status !== 200) {
          expect(body).toMatchObject({ code: expect.any(Number), msg: expect.any(String) });
          expect([-1000, -1001, -1006, -1007]).not.toContain(body.code);
          // Of a cancel-replace one half may have been done, and says so.
          if (body.code !== -2021) expect(await state()).toEqual(before);
        }
        if (trade !== null) here.server.market("BTCUSDT").trade(trade[0], `${trade[1]}.00`, "0.3");
        expect(here.server.conservation()).toEqual([]);
      }
    }),
    fuzz(20),
  );
  // Nearly every endpoint has said both yes and no.
  expect(seen.size).toBeGreaterThan(9);
}, 60_000);
