import { describe, expect, it } from "vitest";
import type { LocalOrder, VenueOrder } from "../../src/recon/index.ts";
import { DoubtBook } from "../../src/recon/index.ts";
import { Pairing } from "../../src/recon/pairing.ts";
import { localOrder, localView, S, SCOPE, snapshot, venueOrder } from "./recon-rows.ts";

const pairing = (orders: readonly LocalOrder[], rows: readonly VenueOrder[]) =>
  new Pairing(localView({ orders }), snapshot({ orders: rows }));
const { orderId: _, ...unnamed } = localOrder();
const { clientOrderId: __, ...anonymous } = venueOrder();

describe("Pairing", () => {
  it.each([
    ["by the venue's id", localOrder(), anonymous, true],
    ["by the client's id", unnamed, venueOrder({ orderId: "v9" }), true],
    ["by the original id", unnamed, { ...anonymous, originalClientOrderId: "c1" }, true],
    [
      "by the id of an unanswered request",
      { ...unnamed, requests: [{ kind: "replace", clientOrderId: "c2", sentNs: 0 }] } as const,
      venueOrder({ clientOrderId: "c2" }),
      true,
    ],
    ["not without an id", unnamed, anonymous, false],
    ["not by another id", unnamed, venueOrder({ clientOrderId: "c2", originalClientOrderId: "c3" }), false],
  ] as const)("pairs %s", (_what, order, row, isPaired) => {
    const pairs = pairing([order], [row]);
    expect(pairs.partnerOf(order)).toBe(isPaired ? row : undefined);
    expect(pairs.unpaired).toEqual(isPaired ? [] : [row]);
  });

  it("believes the venue's id before the client's, and that before the original", () => {
    const [one, two] = [localOrder(), localOrder({ orderId: "v2", clientOrderIds: ["c2"] })];
    const crossed = venueOrder({ orderId: "v2", clientOrderId: "c1" });
    expect(pairing([one, two], [crossed]).partnerOf(two)).toBe(crossed);
    const renamed = venueOrder({ orderId: "v9", clientOrderId: "c2", originalClientOrderId: "c1" });
    expect(pairing([one, two], [renamed]).partnerOf(two)).toBe(renamed);
  });

  it.each([
    ["the open one", venueOrder({ state: "canceled" }), venueOrder({ orderId: "v2" })],
    ["the one with the venue's id we know", venueOrder({ orderId: "v0" }), venueOrder()],
    [
      "of ended ones, the one we know",
      venueOrder({ orderId: "v0", state: "expired" }),
      venueOrder({ state: "canceled" }),
    ],
    ["else the first by name", venueOrder({ orderId: "v3" }), venueOrder({ orderId: "v2" })],
  ])("takes of two rows %s", (_what, other, taken) => {
    const order = taken.orderId === "v1" || other.orderId === "v1" ? localOrder() : unnamed;
    for (const rows of [
      [other, taken],
      [taken, other],
    ]) {
      const pairs = pairing([order], rows);
      expect([pairs.partnerOf(order), pairs.unpaired]).toEqual([taken, [other]]);
    }
  });

  it("finds the order of a fill", () => {
    const order = { ...unnamed, requests: [{ kind: "replace", clientOrderId: "c2", sentNs: 0 }] } as const;
    const known = localOrder({ orderId: "v7", clientOrderIds: ["c7"] });
    const stranger = venueOrder({ orderId: "v5", clientOrderId: "c5" });
    const nameless = { ...anonymous, orderId: "v6" };
    const pairs = pairing([order, known], [venueOrder(), stranger, nameless]);
    expect(pairs.localOf({ orderId: "v7" })).toBe(known);
    expect(pairs.localOf({ orderId: "v1" })).toBe(order);
    expect(pairs.localOf({ clientOrderId: "c1" })).toBe(order);
    expect(pairs.localOf({ clientOrderId: "c2" })).toBe(order);
    expect(pairs.localOf({ orderId: "zz", clientOrderId: "c1" })).toBe(order);
    expect(pairs.localOf({ orderId: "v5", clientOrderId: "c1" })).toBeUndefined();
    expect(pairs.localOf({})).toBeUndefined();
    expect(pairs.groupOf({ orderId: "v7" })).toBe(known);
    expect(pairs.groupOf({ orderId: "v5" })).toBe(stranger);
    expect(pairs.groupOf({ orderId: "zz", clientOrderId: "c5" })).toBe(stranger);
    expect(pairs.groupOf({ clientOrderId: "c5" })).toBe(stranger);
    expect(pairs.groupOf({ orderId: "v6", clientOrderId: "c5" })).toBe(nameless);
    expect(pairs.groupOf({ orderId: "zz" })).toBeUndefined();
    expect(pairs.groupOf({})).toBeUndefined();
  });

  it("gives an id of a chain to its own order, whatever requests say", () => {
    const chained = localOrder({ requests: [{ kind: "cancel", clientOrderId: "c1", sentNs: 0 }] });
    expect(pairing([chained], []).localOf({ clientOrderId: "c1" })).toBe(chained);
  });
});

describe("a doubt is told by", () => {
  const outcome = (orderId: string | undefined, ...orders: readonly VenueOrder[]) => {
    const book = new DoubtBook({ ...SCOPE, ackTimeoutNs: 2 * S });
    book.open({
      clientOrderIds: ["c1"],
      ...(orderId === undefined ? {} : { orderId }),
      instrument: "ABC",
      side: "buy",
      lots: 10,
      cumLots: 0,
      sentNs: 10 * S,
      isAcknowledged: true,
      mayBeCanceled: false,
    });
    const resolved = book.observe(snapshot({ orders }));
    return "ok" in resolved ? resolved.code : (resolved[0]?.outcomes ?? book.outcomesOf("c1"));
  };

  it.each([
    [
      "the open row of several",
      "v1",
      [venueOrder({ state: "canceled" }), venueOrder({ orderId: "v2" })],
      ["live"],
    ],
    ["a row with its venue id alone", "v1", [anonymous], ["live"]],
    ["no row of another", "v1", [{ ...anonymous, orderId: "v2" }], ["filled", "canceled"]],
    ["no row without an id of it", undefined, [anonymous], ["filled", "canceled"]],
  ] as const)("%s", (_what, orderId, rows, outcomes) => {
    expect(outcome(orderId, ...rows)).toEqual(outcomes);
  });
});
