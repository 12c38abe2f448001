import { describe, expect, it } from "vitest";
import type { LocalView, ReconOptions, VenueSnapshot } from "../../src/recon/index.ts";
import { ReconBook } from "../../src/recon/index.ts";
import { fill, localOrder, localView, OPTIONS, pendingOrder, S, snapshot, venueOrder } from "./recon-rows.ts";

/** What is a break, and what is in flight and why. */
function states(
  local: Partial<LocalView>,
  venue: Partial<VenueSnapshot>,
  options: Partial<ReconOptions> = {},
): readonly string[] {
  const report = new ReconBook({ ...OPTIONS, ...options }).update(localView(local), snapshot(venue));
  if ("ok" in report) throw new Error(report.message);
  return [
    ...report.opened.map((each) => each.kind),
    ...report.inFlight.map((each) => `${each.kind} ${each.why}`),
  ];
}

const asOfNs = 99 * S;
const nowNs = 100 * S;

describe("the same logical time", () => {
  const position = (lots: number) => ({ positions: [{ instrument: "ABC", lots }] });

  it.each([
    ["at the snapshot counts", asOfNs, 4, []],
    ["at the snapshot counts", asOfNs, 0, ["positionDrift"]],
    ["one ns later does not", asOfNs + 1, 0, []],
    ["one ns later does not", asOfNs + 1, 4, ["positionDrift"]],
  ] as const)("a fill of ours %s (%i ns, venue holds %i)", (_what, venueNs, lots, expected) => {
    expect(states({ fills: [fill({ venueNs })], ...position(4) }, position(lots))).toEqual(expected);
  });

  it("goes by sequence where both sides have one", () => {
    const fills = [fill({ venueNs: asOfNs + 5, venueSeq: 7 })];
    expect(states({ fills, ...position(4) }, { asOfSeq: 7, ...position(4) })).toEqual([]);
    expect(states({ fills, ...position(4) }, { asOfSeq: 6, ...position(0) })).toEqual([]);
    expect(states({ fills, ...position(4) }, { asOfSeq: 6, ...position(4) })).toEqual(["positionDrift"]);
  });

  it("takes later fills out of an order, and out of its end", () => {
    const fills = [fill({ venueNs: asOfNs + 1, lots: 10 })];
    const orders = [localOrder({ cumLots: 10, state: "filled" })];
    expect(states({ orders, fills }, { orders: [venueOrder()] })).toEqual([]);
    expect(states({ orders, fills }, { orders: [venueOrder({ cumLots: 1 })] })).toEqual(["orderMismatch"]);
    expect(
      states({ orders: [localOrder({ cumLots: 10, state: "filled" })] }, { orders: [venueOrder()] }),
    ).toEqual(["orphanOrder"]);
  });

  it("takes later fills out of cash, or does not compare it where they do not say what they moved", () => {
    const cash = { currency: "USD", minor: -400n };
    const fee = { currency: "USD", minor: 3n };
    const told = fill({ venueNs: asOfNs + 1, cash, fee });
    const usd = (minor: bigint) => ({ cash: [{ currency: "USD", minor }] });
    expect(states({ fills: [told], ...usd(597n) }, usd(1000n))).toEqual([]);
    expect(states({ fills: [told], ...usd(597n) }, usd(597n))).toEqual(["cashDrift"]);
    expect(states({ fills: [fill({ venueNs: asOfNs + 1 })], ...usd(597n) }, usd(1000n))).toEqual([
      "cashDrift fillsOpen",
    ]);
  });

  it.each([
    ["ended at the snapshot", asOfNs, ["orphanOrder"]],
    ["ended later", asOfNs + 1, ["orphanOrder localAhead"]],
  ] as const)("an order of ours that %s", (_what, updatedNs, expected) => {
    const orders = [localOrder({ state: "canceled", updatedNs })];
    expect(states({ orders }, { orders: [venueOrder()] })).toEqual(expected);
  });

  it("an order whose first word is a fill after the snapshot is ahead", () => {
    const order = { ...pendingOrder({ state: "open", cumLots: 4, requests: [] }) };
    const fills = [fill({ clientOrderId: "c1", venueNs: asOfNs + 1 })];
    expect(states({ orders: [order], fills }, { orders: [] })).toEqual(["ghostOrder localAhead"]);
  });
});

describe("the window of what is in flight", () => {
  it.each([
    [2 * S, ["ghostOrder", "stuckPending requestSent"]],
    [2 * S - 1, ["ghostOrder requestSent", "stuckPending requestSent"]],
  ] as const)("an order sent %i ns before the snapshot", (agoNs, expected) => {
    const sentNs = asOfNs - agoNs;
    const requests = [{ kind: "new", clientOrderId: "c1", sentNs }] as const;
    const orders = [pendingOrder({ sentNs, requests })];
    expect(states({ orders, nowNs: asOfNs }, { orders: [] })).toEqual(expected);
  });

  it("is wider by what the clocks may be apart", () => {
    const sentNs = asOfNs - 2 * S;
    const orders = [pendingOrder({ sentNs, requests: [] })];
    expect(states({ orders, nowNs: asOfNs }, { orders: [] }, { clockErrorNs: 1 })[0]).toBe(
      "ghostOrder requestSent",
    );
  });

  it("an order that the venue denies is not believed within it", () => {
    const orders = [pendingOrder({ sentNs: asOfNs - 1, requests: [] })];
    expect(states({ orders }, { orders: [], notFound: ["c1"] })[0]).toBe("ghostOrder requestSent");
  });

  it.each([
    [2 * S, ["unknownFill"]],
    [2 * S - 1, ["unknownFill reportComing"]],
  ] as const)("a fill of the venue %i ns ago", (agoNs, expected) => {
    const venueNs = nowNs - agoNs;
    const venue = { fills: [fill({ venueNs })], positions: [{ instrument: "ABC", lots: 4 }] };
    expect(states({ orders: [localOrder()] }, venue)).toEqual(expected);
  });

  it.each([
    [2 * S, ["orphanOrder"]],
    [2 * S - 1, ["orphanOrder reportComing"]],
  ] as const)("an order of nobody that changed %i ns ago", (agoNs, expected) => {
    expect(states({}, { orders: [venueOrder({ updatedNs: nowNs - agoNs })] })).toEqual(expected);
  });

  it.each([
    [2 * S, ["orderMismatch"]],
    [2 * S - 1, ["orderMismatch reportComing"]],
  ] as const)("an order with another price that changed %i ns ago", (agoNs, expected) => {
    const orders = [venueOrder({ priceTicks: 99, updatedNs: nowNs - agoNs })];
    expect(states({ orders: [localOrder()] }, { orders })).toEqual(expected);
  });

  it.each([
    [5 * S, ["stuckPending requestSent"]],
    [5 * S + 1, ["stuckPending"]],
  ] as const)("a cancel that waits %i ns", (agoNs, expected) => {
    const requests = [{ kind: "cancel", clientOrderId: "c2", sentNs: nowNs - agoNs }] as const;
    expect(
      states({ orders: [localOrder({ requests })] }, { orders: [venueOrder()] }, { stuckNs: 5 * S }),
    ).toEqual(expected);
  });

  it("a request denied by a snapshot that is too old for it is asked for again", () => {
    const requests = [{ kind: "cancel", clientOrderId: "c2", sentNs: asOfNs - 1 }] as const;
    const orders = [localOrder({ requests })];
    const venue = snapshot({ orders: [venueOrder()], notFound: ["c2"] });
    const report = new ReconBook(OPTIONS).update(localView({ orders, nowNs: 200 * S }), venue);
    expect("ok" in report ? report : report.opened.map((each) => each.action)).toEqual([
      { type: "requestStatus", clientOrderId: "c2" },
    ]);
  });
});

describe("orders in doubt", () => {
  it("are told when they agree, and only then", () => {
    const agreed = (order: Parameters<typeof localOrder>[0], venue: Partial<VenueSnapshot>) => {
      const orders = [localOrder({ isUnknown: true, ...order })];
      const report = new ReconBook(OPTIONS).update(localView({ orders }), snapshot(venue));
      return "ok" in report ? report : report.agreed;
    };
    expect(agreed({}, { orders: [venueOrder()] })).toEqual(["c1"]);
    expect(agreed({ isUnknown: false }, { orders: [venueOrder()] })).toEqual([]);
    expect(agreed({}, {})).toEqual([]);
    expect(agreed({}, { orders: [] })).toEqual([]);
    expect(agreed({}, { orders: [venueOrder({ lots: 3 })] })).toEqual([]);
    expect(agreed({ updatedNs: asOfNs + 1 }, { orders: [venueOrder()] })).toEqual([]);
  });
});
