import { expect, it } from "vitest";
import { MatchingBook, type MatchOrder } from "../../src/match/index.ts";

const PLAIN = { id: "n", side: "buy", lots: 5, priceTicks: 90 };
const STOP = { id: "n", side: "buy", lots: 5, type: "stop", stopTicks: 110 };

/** A book in which something stands. */
function standing(): MatchingBook {
  const book = new MatchingBook({ ordersMax: 4, ownersMax: 2, lowestTicks: 1, highestTicks: 200 });
  book.submit({ id: "a", side: "sell", lots: 5, priceTicks: 100 });
  book.submit({ id: "b", side: "buy", lots: 5, priceTicks: 95 });
  return book;
}

it.each([
  ["id", { ...PLAIN, id: "" }],
  ["id", { ...PLAIN, id: 1.5 }],
  ["id", { ...PLAIN, id: undefined }],
  ["side", { ...PLAIN, side: "" }],
  ["side", { ...PLAIN, side: undefined }],
  ["lots", { ...PLAIN, lots: 0 }],
  ["lots", { ...PLAIN, lots: -1 }],
  ["lots", { ...PLAIN, lots: 0.1 }],
  ["lots", { ...PLAIN, lots: Number.NaN }],
  ["lots", { ...PLAIN, lots: Number.POSITIVE_INFINITY }],
  ["lots", { ...PLAIN, lots: 2 ** 53 }],
  ["lots", { ...PLAIN, lots: "5" }],
  ["type", { ...PLAIN, type: "limited" }],
  ["type", { ...PLAIN, type: "toString" }],
  ["priceTicks", { ...PLAIN, priceTicks: 0 }],
  ["priceTicks", { ...PLAIN, priceTicks: 201 }],
  ["priceTicks", { ...PLAIN, priceTicks: 90.5 }],
  ["priceTicks", { ...PLAIN, priceTicks: Number.NaN }],
  ["priceTicks", { ...PLAIN, priceTicks: 1e300 }],
  ["priceTicks", { ...PLAIN, priceTicks: undefined }],
  ["priceTicks", { ...PLAIN, type: "market" }],
  ["stopTicks", { ...PLAIN, stopTicks: 100 }],
  ["stopTicks", { ...STOP, stopTicks: undefined }],
  ["stopTicks", { ...STOP, stopTicks: Number.NaN }],
  ["trailTicks", { ...STOP, type: "trailingStop" }],
  ["trailTicks", { ...STOP, trailTicks: 1 }],
  ["trailStepTicks", { ...STOP, type: "trailingStop", trailTicks: 1, trailStepTicks: 0 }],
  ["guardTicks", { ...PLAIN, guardTicks: 1 }],
  ["guardTicks", { ...STOP, guardTicks: -1 }],
  ["timeInForce", { ...PLAIN, timeInForce: "gtc" }],
  ["timeInForce", { ...STOP, timeInForce: "atClose" }],
  ["timeInForce", { id: "n", side: "buy", lots: 5, type: "market", timeInForce: "GTC" }],
  ["expireNs", { ...PLAIN, timeInForce: "GTD" }],
  ["expireNs", { ...PLAIN, timeInForce: "GTD", expireNs: 0 }],
  ["expireNs", { ...PLAIN, expireNs: 10 }],
  ["hidden", { ...PLAIN, hidden: 1 }],
  ["hidden", { ...PLAIN, hidden: true, timeInForce: "IOC" }],
  ["reduceOnly", { ...PLAIN, reduceOnly: "yes" }],
  ["postOnly", { ...PLAIN, postOnly: "slide" }],
  ["postOnly", { ...PLAIN, postOnly: true, timeInForce: "FOK" }],
  ["displayLots", { ...PLAIN, displayLots: 6 }],
  ["displayLots", { ...PLAIN, displayLots: 0 }],
  ["displayLots", { ...PLAIN, displayLots: 2, hidden: true }],
  ["displayJitterLots", { ...PLAIN, displayLots: 2, displayJitterLots: 2 }],
  ["displayJitterLots", { ...PLAIN, displayJitterLots: 0 }],
  ["minLots", { ...PLAIN, minLots: 2 }],
  ["minLots", { ...PLAIN, minLots: 6, timeInForce: "IOC" }],
  ["allOrNone", { ...PLAIN, allOrNone: true, hidden: true }],
  ["allOrNone", { ...PLAIN, allOrNone: true, displayLots: 1 }],
  ["peg.to", { ...PLAIN, peg: {} }],
  ["peg.to", { ...PLAIN, peg: null }],
  ["peg.offset", { ...PLAIN, peg: { to: "mid", offset: 1 } }],
  ["peg.offsetTicks", { ...PLAIN, peg: { to: "market" } }],
  ["peg.offsetTicks", { ...PLAIN, peg: { to: "mid", offsetTicks: -1 } }],
  ["peg", { ...STOP, peg: { to: "mid" } }],
  ["trigger", { ...STOP, trigger: "lasts" }],
  ["selfMatch", { ...PLAIN, selfMatch: "both" }],
  ["price", { ...PLAIN, price: 90 }],
  ["order", null],
  ["order", undefined],
  ["order", "an order"],
])("refuses a fault of %s: %j", (field, order) => {
  const book = standing();
  const before = book.stateHash();
  const refused = book.submit(order as MatchOrder);
  expect([refused?.code, refused?.field]).toEqual(["MATCH_ORDER_INVALID", field]);
  const list = book.submitList({ orders: [order as MatchOrder, { ...PLAIN, id: "o" } as MatchOrder] });
  expect(list?.code).toBe("MATCH_ORDER_INVALID");
  expect(book.events.count).toBe(0);
  expect(book.stateHash()).toBe(before);
});

it.each([
  ["MATCH_DUPLICATE_ID", "id", { ...PLAIN, id: "a" }],
  ["MATCH_OWNER_UNKNOWN", "owner", { ...PLAIN, owner: 2 }],
  ["MATCH_OWNER_UNKNOWN", "owner", { ...PLAIN, owner: -1 }],
  ["MATCH_OWNER_UNKNOWN", "owner", { ...PLAIN, owner: Number.NaN }],
  ["MATCH_PHASE", "timeInForce", { ...PLAIN, timeInForce: "atOpen" }],
  ["MATCH_POST_ONLY_WOULD_TAKE", "priceTicks", { ...PLAIN, postOnly: true, priceTicks: 100 }],
  ["MATCH_REDUCE_ONLY_WOULD_OPEN", "reduceOnly", { ...PLAIN, reduceOnly: true }],
  [
    "MATCH_POST_ONLY_WOULD_TAKE",
    "priceTicks",
    { ...PLAIN, postOnly: true, reduceOnly: true, priceTicks: 100 },
  ],
  ["MATCH_DUPLICATE_ID", "id", { ...PLAIN, id: "a", owner: 7 }],
])("refuses with %s, of several faults the first: %s", (code, field, order) => {
  const book = standing();
  const before = book.stateHash();
  const refused = book.submit(order as MatchOrder);
  expect([refused?.code, refused?.field]).toEqual([code, field]);
  expect(book.stateHash()).toBe(before);
});

it("refuses other commands by their field, and changes nothing", () => {
  const book = standing();
  const before = book.stateHash();
  const fields = [
    book.cancel("none"),
    book.replace("none", { lots: 1 }),
    book.replace("a", { lots: 0 }),
    book.replace("a", { priceTicks: Number.NaN }),
    book.replace("a", { stopTicks: 5 }),
    book.replace("a", { owner: 5 } as never),
    book.replace("a", null as never),
    book.submitLimit("x", 0 as never, 90, 1),
    book.submitLimit("x", 1, 90.5, 1),
    book.submitLimit("x", 1, 90, 0),
    book.submitLimit("x", 1, 90, 1, 9),
    book.submitLimit("x", 1, 90, 1, 0, 3),
    book.submitLimit("a", 1, 90, 1),
    book.submitList({ orders: [] }),
    book.submitList({} as never),
    book.submitList(null as never),
    book.submitList({ orders: [PLAIN as MatchOrder, PLAIN as MatchOrder] }),
    book.submitList({ orders: [PLAIN as MatchOrder], onTrade: "end", parent: PLAIN } as never),
    book.tell("last" as never, 5),
    book.tell("mark", 0),
    book.advance(-1),
    book.advance(Number.NaN),
    book.turn("open" as never),
    book.setBands({ lowerTicks: 5, upperTicks: 4 }),
    book.setBands(null as never),
  ].map((refused) => refused?.field);
  expect(fields).toEqual([
    ...["id", "id", "lots", "priceTicks", "stopTicks", "owner", "terms"],
    ...["side", "priceTicks", "lots", "owner", "timeInForce", "id"],
    ...["orders", "orders", "list", "id", "onTrade"],
    ...["trigger", "ticks", "nowNs", "nowNs", "phase", "upperTicks", "bands"],
  ]);
  expect(book.stateHash()).toBe(before);
});

it("takes no more orders than it has room for, lists whole or not at all", () => {
  const book = standing();
  expect(book.submitLimit("c", 1, 90, 1)).toBeUndefined();
  const before = book.stateHash();
  const list = book.submitList({ orders: [PLAIN as MatchOrder, { ...PLAIN, id: "o" } as MatchOrder] });
  expect(list?.code).toBe("MATCH_CAPACITY");
  expect(book.stateHash()).toBe(before);
  expect(book.submitLimit("d", 1, 90, 1)).toBeUndefined();
  expect(book.submitLimit("e", 1, 90, 1)?.code).toBe("MATCH_CAPACITY");
});
