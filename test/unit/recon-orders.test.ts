import { describe, expect, it } from "vitest";
import type { LocalOrder, LocalView, RequestRow, VenueSnapshot } from "../../src/recon/index.ts";
import { ReconBook } from "../../src/recon/index.ts";
import {
  breaksOf,
  fill,
  localOrder,
  localView,
  OPTIONS,
  pendingOrder,
  S,
  snapshot,
  venueOrder,
} from "./recon-rows.ts";

const whole = { fills: [], fillsThroughNs: 99 * S } as const;
const replace = (part: Partial<RequestRow> = {}): RequestRow => {
  return { kind: "replace", clientOrderId: "c2", sentNs: 20 * S, ...part };
};
const one = (local: Partial<LocalView>, venue: Partial<VenueSnapshot>) => breaksOf(local, venue)[0];
const facts = { orderId: "v1", side: "buy", priceTicks: 100, lots: 10, cumLots: 0, state: "open" };

describe("a request that is stuck", () => {
  const stuck = (order: LocalOrder, venue: Partial<VenueSnapshot>) =>
    breaksOf({ orders: [order] }, venue).filter((each) => each.kind === "stuckPending");

  it("tells what was sent and what the venue has", () => {
    expect(stuck(pendingOrder(), { orders: [venueOrder()] })).toMatchObject([
      {
        key: "c1",
        local: { clientOrderId: "c1", request: "new", sentNs: 10 * S, state: "pendingNew" },
        venue: { orderId: "v1", state: "open" },
        action: {
          type: "answerRequest",
          clientOrderId: "c1",
          requestId: "c1",
          isAccepted: true,
          orderId: "v1",
        },
        isAutomatic: true,
      },
    ]);
    expect(stuck(pendingOrder(), {})[0]?.venue).toBeNull();
  });

  it("is there for an order never acknowledged, whether or not its request is listed", () => {
    const listed = pendingOrder({ requests: [...pendingOrder().requests, replace()] });
    const unlisted = pendingOrder({ requests: [replace()] });
    expect(stuck(listed, {}).map((each) => each.key)).toEqual(["c1", "c2"]);
    expect(stuck(unlisted, {})).toEqual(stuck(listed, {}));
  });

  it("is moot for an order that ended", () => {
    expect(stuck(localOrder({ state: "canceled", requests: [replace()] }), {})).toEqual([]);
  });

  it("is not settled by a denial of a new order: that is a ghost's", () => {
    expect(stuck(pendingOrder(), { notFound: ["c1"] })[0]?.action.type).toBe("requestStatus");
  });

  it.each([
    ["the venue names it", { clientOrderId: "c2" }, {}, true],
    ["its price is in force", { priceTicks: 99 }, { priceTicks: 99 }, true],
    ["its quantity is in force", { lots: 9 }, { lots: 9 }, true],
    ["its price is, its quantity is not", { priceTicks: 99 }, { priceTicks: 99, lots: 9 }, false],
    ["it changes nothing", {}, {}, false],
    ["nothing of it is in force", {}, { priceTicks: 99 }, false],
  ] as const)("as a replace is in force where %s", (_what, row, terms, isAccepted) => {
    const [found] = stuck(localOrder({ requests: [replace(terms)] }), { orders: [venueOrder(row)] });
    expect(found?.action).toEqual(
      isAccepted
        ? { type: "answerRequest", clientOrderId: "c1", requestId: "c2", isAccepted, orderId: "v1" }
        : { type: "requestStatus", clientOrderId: "c2" },
    );
  });

  it("as a cancel is dropped where the venue never got it, and never in force while the order is open", () => {
    const order = localOrder({ requests: [replace({ kind: "cancel" })] });
    const answer = (venue: Partial<VenueSnapshot>) => stuck(order, venue)[0]?.action;
    expect(answer({ orders: [venueOrder()], notFound: ["c2"] })).toMatchObject({ isAccepted: false });
    expect(answer({ notFound: ["c2"] })).toMatchObject({ isAccepted: false, orderId: null });
    expect(answer({ orders: [venueOrder({ clientOrderId: "c2" })] })).toMatchObject({
      type: "requestStatus",
    });
  });

  it("does not excuse terms that neither the order nor the replace has", () => {
    const order = localOrder({ requests: [replace({ kind: "cancel", priceTicks: 99 })] });
    const found = breaksOf({ orders: [order] }, { orders: [venueOrder({ priceTicks: 99 })] });
    expect(found.map((each) => each.kind)).toEqual(["stuckPending", "orderMismatch"]);
  });
});

describe("an order that is gone", () => {
  it("tells what we hold", () => {
    expect(one({ orders: [localOrder()] }, { orders: [] })).toMatchObject({
      local: facts,
      venue: null,
      severity: "warning",
      isAutomatic: true,
      action: { type: "queryHistory", clientOrderIds: ["c1"] },
    });
    expect(one({ orders: [pendingOrder()] }, { orders: [], notFound: ["c1"] })?.venue).toEqual({
      isFound: false,
    });
    expect(one({ orders: [pendingOrder()] }, { orders: [] })?.local).not.toHaveProperty("orderId");
  });

  it("is not closed by a machine where something of it was filled", () => {
    const orders = [pendingOrder({ cumLots: 1 })];
    expect(one({ orders }, { orders: [], notFound: ["c1"] })).toMatchObject({
      isAutomatic: false,
      severity: "critical",
    });
  });

  it("was canceled after a fill that is still to be booked: both are told", () => {
    const venue = { orders: [venueOrder({ state: "canceled", cumLots: 4 })], fills: [fill()] };
    expect(breaksOf({ orders: [localOrder()] }, venue).map((each) => each.action)).toMatchObject([
      { type: "bookFill" },
      { type: "applyTerminal", state: "canceled", cumLots: 0 },
    ]);
  });

  it("was filled by less than the fills say: not explained", () => {
    const venue = {
      orders: [venueOrder({ state: "filled", cumLots: 10 })],
      fills: [fill()],
      fillsThroughNs: 99 * S,
    };
    expect(breaksOf({ orders: [localOrder()] }, venue).map((each) => each.action)).toMatchObject([
      { type: "bookFill" },
      { type: "applyTerminal", state: "filled", cumLots: 6 },
    ]);
  });

  it("keeps its count when the venue names its end", () => {
    const book = new ReconBook(OPTIONS);
    const local = localView({ orders: [localOrder()] });
    book.update(local, snapshot({ orders: [] }));
    const report = book.update(
      local,
      snapshot({ asOfNs: 100 * S, orders: [venueOrder({ state: "canceled" })] }),
    );
    expect("ok" in report ? report : report.due.map((each) => each.action.type)).toEqual(["applyTerminal"]);
  });
});

describe("an order that ended on both sides", () => {
  it("waits for its fills where these explain the quantity", () => {
    const orders = [localOrder({ state: "canceled" })];
    const venue = { orders: [venueOrder({ state: "filled", cumLots: 4 })], fills: [fill()] };
    expect(breaksOf({ orders }, venue).map((each) => each.kind)).toEqual(["unknownFill"]);
    const unexplained = {
      orders: [venueOrder({ state: "canceled", cumLots: 9 })],
      fills: [fill()],
      ...{ fillsThroughNs: 99 * S },
    };
    expect(breaksOf({ orders }, unexplained)[1]).toMatchObject({
      kind: "orderMismatch",
      action: { type: "applyTerminal", cumLots: 5 },
      isAutomatic: false,
    });
  });
});

describe("an order with other terms", () => {
  const mismatch = (part: Parameters<typeof venueOrder>[0], venue: Partial<VenueSnapshot> = whole) =>
    one({ orders: [localOrder()] }, { orders: [venueOrder(part)], ...venue });

  it.each([
    [{ priceTicks: 99 }, ["priceTicks"], "warning"],
    [{ lots: 9 }, ["lots"], "warning"],
    [{ lots: 9, priceTicks: 99 }, ["priceTicks", "lots"], "warning"],
    [{ lots: 9, cumLots: 1 }, ["lots", "cumLots"], "critical"],
    [{ cumLots: 1 }, ["cumLots"], "critical"],
  ] as const)("%j: the fields %j, %s", (part, fields, severity) => {
    const found = mismatch(part);
    expect([found?.venue?.["fields"], found?.severity, found?.action.type]).toEqual([
      fields,
      severity,
      "takeVenueTerms",
    ]);
  });

  it("takes terms even where fills are open, but no quantity", () => {
    expect(mismatch({ lots: 9, cumLots: 1 }, {})?.action).toMatchObject({
      type: "takeVenueTerms",
      order: { lots: 9, cumLots: 0 },
    });
    expect(mismatch({ cumLots: 1 }, { fillsThroughNs: 99 * S })?.action).toEqual({
      type: "queryFills",
      instrument: "ABC",
      fromNs: 10 * S,
    });
  });

  it.each([
    [10 * S - 5, "takeVenueTerms"],
    [10 * S - 4, "queryFills"],
  ] as const)("knows its fills from a list that begins at %i ns", (fillsFromNs, type) => {
    const venue = { orders: [venueOrder({ cumLots: 1 })], ...whole, fillsFromNs };
    expect(breaksOf({ orders: [localOrder()] }, venue, { clockErrorNs: 5 })[0]?.action.type).toBe(type);
  });

  it("adds what came after the snapshot to the quantity it takes", () => {
    const local = { orders: [localOrder({ cumLots: 2 })], fills: [fill({ venueNs: 99 * S + 1, lots: 2 })] };
    const [found] = breaksOf(local, { orders: [venueOrder({ cumLots: 3 })], ...whole });
    expect(found).toMatchObject({ local: { cumLots: 0 }, action: { order: { cumLots: 5 } } });
  });
});

describe("an order of nobody", () => {
  it("may be one that ended with us, filled up to the snapshot or after it", () => {
    const found = one({ orders: [localOrder({ state: "filled", cumLots: 10 })] }, { orders: [venueOrder()] });
    expect(found).toMatchObject({
      kind: "orphanOrder",
      local: { ...facts, cumLots: 10, state: "filled" },
      action: { type: "cancelOrder", orderId: "v1", clientOrderId: "c1", instrument: "ABC" },
      isAutomatic: true,
    });
    const local = {
      orders: [localOrder({ state: "filled", cumLots: 14 })],
      fills: [fill({ venueNs: 99 * S + 1 })],
    };
    expect(one(local, { orders: [venueOrder({ cumLots: 10 })] })?.kind).toBe("orphanOrder");
    const canceled = { orders: [localOrder({ state: "canceled", cumLots: 4 })], fills: local.fills };
    expect(one(canceled, { orders: [venueOrder()] })?.kind).toBe("orphanOrder");
  });

  it("that was closed here without a word of the venue is in flight while it is young", () => {
    const { updatedNs: _, ...silent } = localOrder({ state: "rejected", sentNs: 98 * S });
    expect(breaksOf({ orders: [silent] }, { orders: [venueOrder()] })).toEqual([]);
    expect(one({ orders: [{ ...silent, sentNs: 97 * S }] }, { orders: [venueOrder()] })?.kind).toBe(
      "orphanOrder",
    );
  });
});
