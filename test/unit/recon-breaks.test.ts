import { describe, expect, it } from "vitest";
import type { LocalView, RequestRow, VenueSnapshot } from "../../src/recon/index.ts";
import { BREAK_KINDS, BREAK_MEANING } from "../../src/recon/index.ts";
import { breaksOf, fill, linesOf, localOrder, pendingOrder, S, snapshot, venueOrder } from "./recon-rows.ts";

const whole = { fillsThroughNs: 99 * S } as const;
const usd = (minor: bigint | string) => ({ currency: "USD", minor });
const paid = fill({ cash: usd(-400n), fee: usd(3n) });

/** Our order, filled, with a request that nobody answered. */
const overOrder = (request: RequestRow) => localOrder({ state: "filled", cumLots: 10, requests: [request] });

type Row = readonly [
  what: string,
  local: Partial<LocalView>,
  venue: Partial<VenueSnapshot>,
  ...breaks: string[],
];

const rows: readonly Row[] = [
  ["nothing on either side", {}, { orders: [], fills: [], positions: [], cash: [], ...whole }],
  [
    "the same on both",
    {
      orders: [localOrder({ cumLots: 4 })],
      fills: [paid],
      positions: [{ instrument: "ABC", lots: 4 }],
      cash: [usd(5n)],
    },
    {
      orders: [venueOrder({ cumLots: 4 })],
      fills: [fill({ cash: usd("-400"), fee: usd("3") })],
      positions: [{ instrument: "ABC", lots: 4 }],
      cash: [usd("5")],
      ...whole,
    },
  ],
  ["a position of nothing", { positions: [{ instrument: "ABC", lots: 0 }] }, { positions: [] }],
  // Fills.
  ["a fill of a known order", { orders: [localOrder()] }, { fills: [fill()] }, "unknownFill e1: bookFill"],
  [
    "a fill that explains quantity, position and cash",
    { orders: [localOrder()], cash: [usd(1000n)] },
    {
      orders: [venueOrder({ cumLots: 4 })],
      fills: [paid],
      positions: [{ instrument: "ABC", lots: 4 }],
      cash: [usd(597n)],
    },
    "unknownFill e1: bookFill",
  ],
  [
    "a fill that explains how an order ended",
    { orders: [localOrder()] },
    { orders: [venueOrder({ cumLots: 10, state: "filled" })], fills: [fill({ lots: 10 })] },
    "unknownFill e1: bookFill",
  ],
  ["a busted fill we never had", {}, { fills: [fill({ isBusted: true })] }],
  ["a fill of ours, no list", { fills: [fill()] }, {}],
  ["a fill of ours, a list nobody vouches for", { fills: [fill()] }, { fills: [] }],
  [
    "a fill of ours, a list that ends before it",
    { fills: [fill()] },
    { fills: [], fillsThroughNs: 50 * S - 1 },
  ],
  [
    "a fill of ours, a list that ends with it",
    { fills: [fill()] },
    { fills: [], fillsThroughNs: 50 * S },
    "missingFill e1: quarantineFill",
  ],
  [
    "a fill of ours, a list that begins with it",
    { fills: [fill()] },
    { fills: [], fillsFromNs: 50 * S, ...whole },
    "missingFill e1: quarantineFill",
  ],
  [
    "a fill of ours, a list that begins after it",
    { fills: [fill()] },
    { fills: [], fillsFromNs: 50 * S + 1, ...whole },
  ],
  [
    "a fill of ours that the venue busted",
    { fills: [fill()], positions: [{ instrument: "ABC", lots: 4 }] },
    { fills: [fill({ isBusted: true })], positions: [] },
    "missingFill e1: bustFill",
  ],
  [
    "other lots in one execution",
    { fills: [fill()], positions: [{ instrument: "ABC", lots: 4 }] },
    { fills: [fill({ lots: 5 })], positions: [{ instrument: "ABC", lots: 5 }] },
    "conflictingFill e1: quarantineFill",
  ],
  [
    "another price in one execution",
    { fills: [fill()] },
    { fills: [fill({ priceTicks: 101 })] },
    "conflictingFill e1: quarantineFill",
  ],
  [
    "another side in one execution",
    { fills: [fill()] },
    { fills: [fill({ side: "sell" })] },
    "conflictingFill e1: quarantineFill",
  ],
  [
    "a fee in another currency",
    { fills: [fill({ fee: usd(3n) })] },
    { fills: [fill({ fee: { currency: "EUR", minor: 3n } })] },
    "feeDrift e1: rechargeFee",
  ],
  [
    "no fee, in another currency",
    { fills: [fill({ fee: usd(0n) })] },
    { fills: [fill({ fee: { currency: "EUR", minor: 0n } })] },
  ],
  ["a fee that one side does not know", { fills: [paid] }, { fills: [fill()] }],
  [
    "another fee",
    { fills: [paid], cash: [usd(597n)] },
    { fills: [fill({ cash: usd(-400n), fee: usd(5n) })], cash: [usd(595n)] },
    "feeDrift e1: adjustCash",
  ],
  // Orders.
  ["orders that nobody asked for", { orders: [localOrder()] }, {}],
  [
    "an order the venue does not list",
    { orders: [localOrder()] },
    { orders: [] },
    "ghostOrder c1: queryHistory",
  ],
  [
    "an order the venue does not know",
    { orders: [pendingOrder()] },
    { orders: [], notFound: ["c1"] },
    "ghostOrder c1: closeUnknown",
  ],
  [
    "a chain of which the venue does not know one id",
    { orders: [localOrder({ clientOrderIds: ["c1", "c2"] })] },
    { orders: [], notFound: ["c2"] },
    "ghostOrder c1: queryHistory",
  ],
  [
    "an order the venue canceled",
    { orders: [localOrder()] },
    { orders: [venueOrder({ state: "canceled" })] },
    "ghostOrder c1: applyTerminal",
  ],
  [
    "an order the venue filled, no fills asked for",
    { orders: [localOrder()] },
    { orders: [venueOrder({ state: "filled", cumLots: 10 })] },
    "ghostOrder c1: queryFills",
  ],
  [
    "an order the venue filled without fills",
    { orders: [localOrder()] },
    { orders: [venueOrder({ state: "filled", cumLots: 10 })], fills: [], ...whole },
    "ghostOrder c1: applyTerminal",
  ],
  ["an order of nobody", {}, { orders: [venueOrder()] }, "orphanOrder v1: cancelOrder"],
  ["an ended order of nobody", {}, { orders: [venueOrder({ state: "expired" })] }],
  [
    "an order that ended with us only",
    { orders: [localOrder({ state: "canceled" })] },
    { orders: [venueOrder()] },
    "orphanOrder v1: cancelOrder",
  ],
  [
    "an order that ended in two ways",
    { orders: [localOrder({ state: "canceled" })] },
    { orders: [venueOrder({ state: "expired" })] },
    "orderMismatch c1: applyTerminal",
  ],
  [
    "an ended order with another quantity",
    { orders: [localOrder({ state: "canceled" })] },
    { orders: [venueOrder({ state: "canceled", cumLots: 1 })] },
    "orderMismatch c1: queryFills",
  ],
  [
    "another price",
    { orders: [localOrder()] },
    { orders: [venueOrder({ priceTicks: 99 })] },
    "orderMismatch c1: takeVenueTerms",
  ],
  [
    "another quantity",
    { orders: [localOrder()] },
    { orders: [venueOrder({ lots: 9 })] },
    "orderMismatch c1: takeVenueTerms",
  ],
  [
    "another side",
    { orders: [localOrder()] },
    { orders: [venueOrder({ side: "sell" })] },
    "orderMismatch c1: takeVenueTerms",
  ],
  [
    "more filled, no fills asked for",
    { orders: [localOrder()] },
    { orders: [venueOrder({ cumLots: 4 })] },
    "orderMismatch c1: queryFills",
  ],
  [
    "more filled than the fills say",
    { orders: [localOrder()] },
    { orders: [venueOrder({ cumLots: 4 })], fills: [], ...whole },
    "orderMismatch c1: takeVenueTerms",
  ],
  [
    "a list of fills that begins after the order",
    { orders: [localOrder()] },
    { orders: [venueOrder({ cumLots: 4 })], fills: [], fillsFromNs: 10 * S + 1, ...whole },
    "orderMismatch c1: queryFills",
  ],
  [
    "an order known by a later id of its chain",
    { orders: [localOrder({ clientOrderIds: ["c1", "c2"] })] },
    { orders: [venueOrder({ orderId: "v9", clientOrderId: "c2" })] },
  ],
  [
    "an order known by the id its last one replaced",
    { orders: [localOrder()] },
    { orders: [venueOrder({ orderId: "v9", clientOrderId: "c7", originalClientOrderId: "c1" })] },
  ],
  [
    "an order that got a new id of the venue, the old one ended",
    { orders: [localOrder({ clientOrderIds: ["c1", "c2"] })] },
    { orders: [venueOrder({ state: "canceled" }), venueOrder({ orderId: "v2", clientOrderId: "c2" })] },
  ],
  [
    "an order that is there twice",
    { orders: [localOrder()] },
    { orders: [venueOrder({ orderId: "v2" }), venueOrder()] },
    "orphanOrder v2: cancelOrder",
  ],
  // Requests.
  [
    "a new order without an answer, nothing asked",
    { orders: [pendingOrder()] },
    {},
    "stuckPending c1: requestStatus",
  ],
  [
    "a new order without an answer that the venue has",
    { orders: [pendingOrder()] },
    { orders: [venueOrder()] },
    "stuckPending c1: answerRequest",
  ],
  [
    "a cancel without an answer",
    { orders: [localOrder({ requests: [{ kind: "cancel", clientOrderId: "c2", sentNs: 20 * S }] })] },
    { orders: [venueOrder()] },
    "stuckPending c2: requestStatus",
  ],
  [
    "a cancel the venue never got",
    { orders: [localOrder({ requests: [{ kind: "cancel", clientOrderId: "c2", sentNs: 20 * S }] })] },
    { orders: [venueOrder()], notFound: ["c2"] },
    "stuckPending c2: answerRequest",
  ],
  [
    "a replace in force",
    {
      orders: [
        localOrder({ requests: [{ kind: "replace", clientOrderId: "c2", sentNs: 20 * S, priceTicks: 99 }] }),
      ],
    },
    { orders: [venueOrder({ priceTicks: 99 })] },
    "stuckPending c2: answerRequest",
  ],
  [
    "a replace, and terms nobody asked for",
    {
      orders: [
        localOrder({ requests: [{ kind: "replace", clientOrderId: "c2", sentNs: 20 * S, priceTicks: 99 }] }),
      ],
    },
    { orders: [venueOrder({ priceTicks: 98 })] },
    "stuckPending c2: requestStatus",
    "orderMismatch c1: takeVenueTerms",
  ],
  [
    "a cancel that its order's end has overtaken",
    { orders: [overOrder({ kind: "cancel", clientOrderId: "c2", sentNs: 20 * S })] },
    { orders: [] },
    "stuckPending c2: answerRequest",
  ],
  [
    "a replace that its order's end has overtaken, nothing asked",
    { orders: [overOrder({ kind: "replace", clientOrderId: "c2", sentNs: 20 * S, lots: 12 })] },
    { orders: [] },
    "stuckPending c2: requestStatus",
  ],
  [
    "a replace that its order's end has overtaken and the venue never got",
    { orders: [overOrder({ kind: "replace", clientOrderId: "c2", sentNs: 20 * S, lots: 12 })] },
    { orders: [], notFound: ["c2"] },
    "stuckPending c2: answerRequest",
  ],
  [
    "a replace that its order's end has overtaken, a moment ago",
    { orders: [overOrder({ kind: "replace", clientOrderId: "c2", sentNs: 99 * S, lots: 12 })] },
    { orders: [], notFound: ["c2"] },
  ],
  [
    "a replace that its order's end has overtaken, where orders were not asked for",
    { orders: [overOrder({ kind: "replace", clientOrderId: "c2", sentNs: 20 * S, lots: 12 })] },
    {},
  ],
  // Positions and cash.
  [
    "another position, fills not compared",
    {},
    { positions: [{ instrument: "ABC", lots: -2 }] },
    "positionDrift ABC: queryFills",
  ],
  [
    "another position, fills agreed",
    {},
    { positions: [{ instrument: "ABC", lots: -2 }], fills: [], ...whole },
    "positionDrift ABC: haltSymbol",
  ],
  [
    "another position beside a fill that differs",
    {},
    { positions: [{ instrument: "ABC", lots: 9 }], fills: [fill()], ...whole },
    "unknownFill e1: bookFill",
    "positionDrift ABC: queryFills",
  ],
  ["other cash", { cash: [usd(10n)] }, { cash: [usd(11n)] }, "cashDrift USD: adjustCash"],
  [
    "other cash beside a fill that does not say what it moved",
    {},
    { cash: [usd(11n)], fills: [fill()] },
    "unknownFill e1: bookFill",
  ],
];

describe("reconcile", () => {
  it.each(rows.map((row) => [row[0], row] as const))("%s", (_what, [, local, venue, ...breaks]) => {
    expect(linesOf(local, venue)).toEqual(breaks);
  });

  it("has every kind in the table, and a meaning for it", () => {
    const seen = new Set(rows.flatMap(([, , , ...breaks]) => breaks.map((line) => line.split(" ")[0])));
    expect([...seen].sort()).toEqual([...BREAK_KINDS].sort());
    expect(Object.keys(BREAK_MEANING)).toEqual([...BREAK_KINDS]);
  });

  it("gives plain data, with money as text", () => {
    const breaks = rows.flatMap((each) => breaksOf(each[1], each[2]));
    expect(JSON.parse(JSON.stringify(breaks))).toEqual(breaks);
  });

  it("says what it compared", () => {
    const [each] = breaksOf(
      { orders: [localOrder({ cumLots: 1 })] },
      { orders: [venueOrder({ priceTicks: 99, cumLots: 1 })] },
    );
    expect(each).toEqual({
      kind: "orderMismatch",
      key: "c1",
      account: "main",
      instrument: "ABC",
      local: { orderId: "v1", side: "buy", priceTicks: 100, lots: 10, cumLots: 1, state: "open" },
      venue: {
        fields: ["priceTicks"],
        orderId: "v1",
        side: "buy",
        priceTicks: 99,
        lots: 10,
        cumLots: 1,
        state: "open",
      },
      mark: each?.mark,
      severity: "warning",
      action: {
        type: "takeVenueTerms",
        clientOrderId: "c1",
        order: venueOrder({ priceTicks: 99, cumLots: 1 }),
      },
      isAutomatic: true,
      firstSeenNs: 100 * S,
      lastSeenNs: 100 * S,
      ageNs: 0,
      mismatches: 1,
      isConfirmed: false,
    });
  });
});

describe("what may be done without a human", () => {
  const drift = (lots: number, positionToleranceLots: number) =>
    breaksOf(
      {},
      { positions: [{ instrument: "ABC", lots }], fills: [], ...whole },
      { positionToleranceLots },
    )[0];

  it.each([
    [3, 3, "correctPosition", "info"],
    [-3, 3, "correctPosition", "info"],
    [4, 3, "haltSymbol", "critical"],
    [-4, 3, "haltSymbol", "critical"],
  ] as const)("a position drift of %i with a tolerance of %i: %s", (lots, tolerance, type, severity) => {
    const found = drift(lots, tolerance);
    expect([found?.action, found?.severity, found?.isAutomatic]).toEqual([
      { type, instrument: "ABC", lots },
      severity,
      true,
    ]);
  });

  it.each([
    [5n, "5", true],
    [-5n, "5", true],
    [6n, 5n, false],
    [-6n, 5n, false],
  ] as const)("a cash drift of %s with a tolerance of %s: %s", (minor, cashToleranceMinor, isAutomatic) => {
    const [found] = breaksOf({}, { cash: [usd(minor)] }, { cashToleranceMinor });
    expect([found?.isAutomatic, found?.action]).toEqual([
      isAutomatic,
      { type: "adjustCash", currency: "USD", minor: String(minor), execId: null },
    ]);
  });

  it("a fee: what we paid too little goes out of our cash", () => {
    const venue = { fills: [fill({ cash: usd(-400n), fee: usd(5n) })] };
    const [found] = breaksOf({ fills: [paid] }, venue);
    expect(found?.action).toEqual({ type: "adjustCash", currency: "USD", minor: "-2", execId: "e1" });
    expect([
      found?.isAutomatic,
      breaksOf({ fills: [paid] }, venue, { cashToleranceMinor: 2n })[0]?.isAutomatic,
    ]).toEqual([false, true]);
  });

  it("no end of an order that had been acknowledged and is not known, no change of a side", () => {
    const lost = breaksOf({ orders: [localOrder()] }, { orders: [], notFound: ["c1"] })[0];
    expect([lost?.action.type, lost?.isAutomatic, lost?.severity]).toEqual([
      "closeUnknown",
      false,
      "critical",
    ]);
    const never = breaksOf({ orders: [pendingOrder()] }, { orders: [], notFound: ["c1"] })[0];
    expect([never?.action.type, never?.isAutomatic, never?.severity]).toEqual([
      "closeUnknown",
      true,
      "warning",
    ]);
    const turned = breaksOf({ orders: [localOrder()] }, { orders: [venueOrder({ side: "sell" })] })[0];
    expect([turned?.isAutomatic, turned?.severity]).toEqual([false, "critical"]);
  });

  it("adopts by policy, with the quantity beside the fills that are booked on their own", () => {
    const venue = { orders: [venueOrder({ cumLots: 7 })], fills: [fill()], ...whole };
    const [orphan, unknown] = breaksOf({}, venue, { orphans: "adopt" });
    expect(orphan?.action).toEqual({
      type: "adoptOrder",
      order: venueOrder({ cumLots: 7 }),
      clientOrderId: "c1",
      cumLots: 3,
    });
    expect(unknown?.action).toMatchObject({ type: "bookFill", isSynthetic: false });
    expect(breaksOf({}, venue)[1]?.action).toMatchObject({ type: "bookFill", isSynthetic: true });
    const unsure = { ...venue, fillsThroughNs: 99 * S - 1 };
    expect(breaksOf({}, unsure, { orphans: "adopt" })[0]?.action).toMatchObject({ cumLots: 0 });
    const held = {
      fills: [fill({ execId: "e2", lots: 2 }), fill({ execId: "e3", lots: 1, venueNs: 99 * S + 1 })],
    };
    expect(breaksOf(held, unsure, { orphans: "adopt" })[0]?.action).toMatchObject({ cumLots: 3 });
    expect(breaksOf(held, venue, { orphans: "adopt" })[0]?.action).toMatchObject({ cumLots: 7 - 4 + 2 + 1 });
  });

  it("leaves the quantity alone where not every fill was compared", () => {
    const local = { orders: [localOrder({ cumLots: 1 })] };
    const venue = { orders: [venueOrder({ priceTicks: 99, cumLots: 6 })], fills: [fill()] };
    const cumOf = (part: Partial<VenueSnapshot>) => breaksOf(local, { ...venue, ...part })[1]?.action;
    expect(cumOf({})).toMatchObject({ type: "takeVenueTerms", order: { priceTicks: 99, cumLots: 1 } });
    expect(cumOf(whole)).toMatchObject({ type: "takeVenueTerms", order: { priceTicks: 99, cumLots: 2 } });
  });

  it("needs a synthetic order for a fill of an ended order that we never had", () => {
    const venue = { orders: [venueOrder({ cumLots: 4, state: "canceled" })], fills: [fill()] };
    expect(breaksOf({}, venue, { orphans: "adopt" })[0]?.action).toMatchObject({ isSynthetic: true });
  });
});

describe("views", () => {
  it("are not changed", () => {
    const local = { orders: Object.freeze([Object.freeze(localOrder())]) };
    const venue = snapshot({ orders: Object.freeze([Object.freeze(venueOrder({ lots: 3 }))]) });
    expect(linesOf(local, venue)).toHaveLength(1);
  });
});
