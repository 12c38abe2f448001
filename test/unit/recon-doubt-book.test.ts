import { describe, expect, it } from "vitest";
import type { DoubtfulOrder, DoubtOutcome, VenueSnapshot } from "../../src/recon/index.ts";
import { DOUBT_OUTCOMES, DoubtBook } from "../../src/recon/index.ts";
import { fill, S, SCOPE, snapshot, venueOrder } from "./recon-rows.ts";

const options = { ...SCOPE, ackTimeoutNs: 2 * S };

function sent(part: Partial<DoubtfulOrder> = {}): DoubtfulOrder {
  return {
    clientOrderIds: ["c1"],
    instrument: "ABC",
    side: "buy",
    lots: 10,
    cumLots: 0,
    sentNs: 10 * S,
    isAcknowledged: false,
    mayBeCanceled: false,
    ...part,
  };
}

function bookOf(...orders: readonly DoubtfulOrder[]): DoubtBook {
  const book = new DoubtBook(options);
  for (const order of orders) expect(book.open(order)).toBeUndefined();
  return book;
}

const whole = { fillsThroughNs: 99 * S };
const mine = (lots: number) => fill({ clientOrderId: "c1", lots });

describe("DoubtBook", () => {
  it.each([
    ["a new order", {}, ["notReceived", "live", "filled", "rejected"]],
    ["a new order that is canceled with the connection", { mayBeCanceled: true }, [...DOUBT_OUTCOMES]],
    ["an acknowledged order", { isAcknowledged: true }, ["live", "filled", "canceled"]],
    ["an order that was filled in part", { cumLots: 1 }, ["live", "filled", "canceled"]],
  ] as const)("begins for %s with what may be", (_what, part, outcomes) => {
    expect(bookOf(sent(part)).outcomesOf("c1")).toEqual(outcomes);
  });

  const answers: readonly (readonly [
    string,
    Partial<DoubtfulOrder>,
    Partial<VenueSnapshot>,
    readonly DoubtOutcome[],
    boolean,
  ])[] = [
    ["nothing about it", {}, {}, ["notReceived", "live", "filled", "rejected"], false],
    ["it is open", {}, { orders: [venueOrder()] }, ["live"], true],
    [
      "it is open, known by the venue's id",
      { orderId: "v1" },
      { orders: [venueOrder({ clientOrderId: "zz" })] },
      ["live"],
      true,
    ],
    [
      "it is open, known by its original id",
      {},
      { orders: [venueOrder({ clientOrderId: "zz", originalClientOrderId: "c1" })] },
      ["live"],
      true,
    ],
    ["it was filled", {}, { orders: [venueOrder({ state: "filled" })] }, ["filled"], true],
    ["it was rejected", {}, { orders: [venueOrder({ state: "rejected" })] }, ["rejected"], true],
    ["it was canceled by somebody", {}, { orders: [venueOrder({ state: "canceled" })] }, ["canceled"], true],
    ["it is not known", {}, { notFound: ["c1"] }, ["notReceived"], true],
    [
      "one id of its chain is not known",
      { clientOrderIds: ["c1", "c2"] },
      { notFound: ["c1"] },
      ["notReceived", "live", "filled", "rejected"],
      false,
    ],
    ["it is not open", {}, { orders: [] }, ["notReceived", "filled", "rejected"], false],
    [
      "it is not open, another one is",
      {},
      { orders: [venueOrder({ clientOrderId: "zz" })] },
      ["notReceived", "filled", "rejected"],
      false,
    ],
    [
      "it is not open and has no fills",
      {},
      { orders: [], fills: [], ...whole },
      ["notReceived", "rejected"],
      true,
    ],
    [
      "it is not open, fills not vouched for",
      {},
      { orders: [], fills: [] },
      ["notReceived", "filled", "rejected"],
      false,
    ],
    [
      "it is not open, fills up to shortly before",
      {},
      { orders: [], fills: [], fillsThroughNs: 99 * S - 1 },
      ["notReceived", "filled", "rejected"],
      false,
    ],
    [
      "it is not open, fills since it was sent",
      {},
      { orders: [], fills: [], fillsFromNs: 10 * S, ...whole },
      ["notReceived", "rejected"],
      true,
    ],
    [
      "it is not open, fills since after that",
      {},
      { orders: [], fills: [], fillsFromNs: 10 * S + 1, ...whole },
      ["notReceived", "filled", "rejected"],
      false,
    ],
    [
      "no fills, orders not asked for",
      {},
      { fills: [], ...whole },
      ["notReceived", "live", "filled", "rejected"],
      false,
    ],
    ["a part of it is filled", {}, { fills: [mine(4)] }, ["live", "filled", "canceled"], false],
    [
      "a part is filled, and it is not open",
      {},
      { orders: [], fills: [mine(4)], ...whole },
      ["canceled"],
      true,
    ],
    ["all of it is filled", {}, { fills: [mine(10)] }, ["filled"], true],
    [
      "a busted fill",
      {},
      { fills: [{ ...mine(10), isBusted: true }] },
      ["notReceived", "live", "filled", "rejected"],
      false,
    ],
    [
      "sent too shortly before: it is not open",
      { sentNs: 97 * S + 1 },
      { orders: [] },
      ["notReceived", "live", "filled", "rejected"],
      false,
    ],
    [
      "sent long enough before: it is not open",
      { sentNs: 97 * S },
      { orders: [] },
      ["notReceived", "filled", "rejected"],
      false,
    ],
    [
      "sent too shortly before: it is not known",
      { sentNs: 97 * S + 1 },
      { notFound: ["c1"] },
      ["notReceived", "live", "filled", "rejected"],
      false,
    ],
  ];
  it.each(answers)("is told: %s", (_what, part, venue, outcomes, isOver) => {
    const book = bookOf(sent(part));
    const resolved = book.observe(snapshot(venue));
    if ("ok" in resolved) throw new Error(resolved.message);
    expect(isOver ? resolved[0]?.outcomes : book.outcomesOf("c1")).toEqual(outcomes);
    expect([resolved.length, book.size]).toEqual(isOver ? [1, 0] : [0, 1]);
  });

  it("adds up what several answers exclude", () => {
    const book = bookOf(sent());
    book.observe(snapshot({ orders: [] }));
    book.observe(snapshot({ fills: [mine(4)] }));
    expect(book.outcomesOf("c1")).toEqual(["filled", "canceled"]);
    expect(book.observe(snapshot({ orders: [venueOrder({ state: "canceled", cumLots: 6 })] }))).toEqual([
      { clientOrderId: "c1", outcomes: ["canceled"], toldLots: 6 },
    ]);
  });

  it("refuses what contradicts it, and changes nothing", () => {
    const book = bookOf(sent({ isAcknowledged: true }), sent({ clientOrderIds: ["c2"] }));
    const before = book.save();
    const refused = book.observe(snapshot({ orders: [], notFound: ["c1", "c2"] }));
    expect(refused).toMatchObject({ code: "RECON_ANSWER_CONTRADICTS", value: "c1" });
    expect(book.answer("c1", "rejected", 0)).toMatchObject({ code: "RECON_ANSWER_CONTRADICTS" });
    expect(book.observe(snapshot({ account: "other" }))).toMatchObject({ code: "RECON_ACCOUNT_WRONG" });
    expect(book.save()).toEqual(before);
  });

  it("is told by a report", () => {
    const book = bookOf(sent(), sent({ clientOrderIds: ["c2"] }));
    expect(book.answer("c1", "live", 3)).toEqual([{ clientOrderId: "c1", outcomes: ["live"], toldLots: 3 }]);
    expect(book.answer("c2", "canceled", 0)).toEqual([
      { clientOrderId: "c2", outcomes: ["canceled"], toldLots: 0 },
    ]);
    expect(book.answer("c2", "live", 0)).toMatchObject({ code: "RECON_DOUBT_UNKNOWN" });
    expect(bookOf(sent()).answer("c1", "gone" as never, 0)).toMatchObject({ code: "RECON_FIELD_MALFORMED" });
    expect(bookOf(sent()).answer("c1", "live", -1)).toMatchObject({ code: "RECON_FIELD_MALFORMED" });
  });

  it("is told by a session that repeats everything: silence means that nothing arrived", () => {
    const book = bookOf(
      sent(),
      sent({ clientOrderIds: ["c2"], isAcknowledged: true }),
      sent({ clientOrderIds: ["c3"], sentNs: 97 * S + 1 }),
    );
    expect(book.resynced(99 * S)).toEqual([
      { clientOrderId: "c1", outcomes: ["notReceived"], toldLots: 0 },
      { clientOrderId: "c2", outcomes: ["live"], toldLots: 0 },
    ]);
    expect(book.size).toBe(1);
    expect(book.resynced(Number.NaN)).toMatchObject({ code: "RECON_FIELD_MALFORMED" });
    const gone = bookOf(sent({ isAcknowledged: true }));
    gone.observe(snapshot({ orders: [] }));
    expect(gone.resynced(99 * S)).toMatchObject({ code: "RECON_ANSWER_CONTRADICTS" });
  });

  it("keeps in the worst case what the venue told, until it is booked", () => {
    const book = bookOf(sent());
    book.observe(snapshot({ fills: [mine(4)] }));
    expect(book.worstCase()).toEqual([{ instrument: "ABC", buyLots: 10, sellLots: 0 }]);
    expect(book.booked("c1", 4)).toBeUndefined();
    expect(book.worstCase()).toEqual([{ instrument: "ABC", buyLots: 6, sellLots: 0 }]);
    expect(book.booked("c1", Number.NaN)).toMatchObject({ code: "RECON_FIELD_MALFORMED" });
    expect(book.booked("c2", 4)).toMatchObject({ code: "RECON_DOUBT_UNKNOWN" });
  });

  it("adds up the worst case by instrument and side", () => {
    const book = bookOf(
      sent({ cumLots: 3 }),
      sent({ clientOrderIds: ["c2"], side: "sell", lots: 4 }),
      sent({ clientOrderIds: ["c3"], instrument: "AAA", lots: 5 }),
      sent({ clientOrderIds: ["c4"], lots: 1, cumLots: 2 }),
    );
    expect(book.worstCase()).toEqual([
      { instrument: "AAA", buyLots: 5, sellLots: 0 },
      { instrument: "ABC", buyLots: 7, sellLots: 4 },
    ]);
  });

  it.each([
    ["buy", 1, 2, 10, undefined],
    ["buy", 2, 2, 10, "RECON_WORST_CASE"],
    ["sell", 4, -2, 10, undefined],
    ["sell", 5, -2, 10, "RECON_WORST_CASE"],
    ["sell", 8, 2, 10, undefined],
  ] as const)(
    "blocks: %s %i with a position of %i and a limit of %i: %s",
    (side, lots, positionLots, maxPositionLots, code) => {
      const book = bookOf(sent({ lots: 7 }), sent({ clientOrderIds: ["c2"], side: "sell", lots: 4 }));
      const order = { instrument: "ABC", side, lots, positionLots, maxPositionLots };
      expect(book.blocks(order)?.code).toBe(code);
      expect(book.blocks({ ...order, instrument: "AAA" })).toBeUndefined();
    },
  );

  it("refuses orders by name", () => {
    const book = new DoubtBook({ ...options, ordersMax: 1 });
    expect(book.open(sent({ lots: 0 }))).toMatchObject({
      code: "RECON_FIELD_MALFORMED",
      field: "order.lots",
    });
    expect(book.open({ ...sent(), price: 1 } as never)).toMatchObject({ code: "RECON_FIELD_UNKNOWN" });
    expect(book.open(sent())).toBeUndefined();
    expect(book.open(sent())).toMatchObject({ code: "RECON_DOUBT_REPEATED" });
    expect(book.open(sent({ clientOrderIds: ["c2"] }))).toMatchObject({ code: "RECON_DOUBT_FULL" });
    const order = {
      instrument: "ABC",
      side: "buy",
      lots: Number.NaN,
      positionLots: 0,
      maxPositionLots: 1,
    } as const;
    expect(book.blocks(order)).toMatchObject({ code: "RECON_FIELD_MALFORMED", field: "order.lots" });
    expect(() => new DoubtBook({ ...options, ackTimeoutNs: 0 })).toThrow("doubt.ackTimeoutNs");
    expect(() => new DoubtBook({ ...options, ack: 0 } as never)).toThrow("doubt.ack");
  });

  it("goes on after a restart", () => {
    const book = bookOf(sent(), sent({ clientOrderIds: ["c2"] }));
    book.observe(snapshot({ fills: [mine(4)] }));
    const again = new DoubtBook(options);
    again.load(JSON.parse(JSON.stringify(book.save())));
    expect(again.save()).toEqual(book.save());
    expect(again.worstCase()).toEqual(book.worstCase());
    const [first] = book.save();
    expect(() => again.load([first, first] as never)).toThrow("each order once");
    expect(() => again.load([{ ...first, outcomes: [] }] as never)).toThrow("saved[0].outcomes");
    expect(() => again.load([{ ...first, outcomes: ["x"] }] as never)).toThrow("saved[0].outcomes[0]");
    expect(again.save()).toEqual(book.save());
  });
});
