import { describe, expect, it } from "vitest";
import { isCovered } from "../../src/recon/break-coverage.ts";
import type { Break, BreakKind, LocalView, VenueSnapshot } from "../../src/recon/index.ts";
import { ReconBook } from "../../src/recon/index.ts";
import { breaksOf, fill, localOrder, localView, OPTIONS, S, snapshot, venueOrder } from "./recon-rows.ts";

function breakOf(kind: BreakKind, key: string): Break {
  return {
    kind,
    key,
    account: "main",
    instrument: null,
    local: null,
    venue: { venueNs: 50 * S },
    mark: "",
    severity: "info",
    action: { type: "closeUnknown", clientOrderId: "c1" },
    isAutomatic: true,
    firstSeenNs: 0,
    lastSeenNs: 0,
    ageNs: 0,
    mismatches: 1,
    isConfirmed: false,
  };
}

const others = [fill({ execId: "e8" }), fill({ execId: "e9" })];
const mine = [...others, fill()];
const through = (fillsThroughNs: number) => ({ fills: others, fillsThroughNs });

const rows: readonly (readonly [BreakKind, string, Partial<LocalView>, Partial<VenueSnapshot>, boolean])[] = [
  ["orphanOrder", "v1", {}, {}, false],
  ["orphanOrder", "v1", {}, { orders: [] }, true],
  ["ghostOrder", "c1", { orders: [localOrder()] }, {}, false],
  ["ghostOrder", "c1", { orders: [localOrder()] }, { orders: [] }, true],
  ["ghostOrder", "c1", { orders: [localOrder({ clientOrderIds: ["c2"] })] }, {}, true],
  ["orderMismatch", "c1", { orders: [localOrder({ clientOrderIds: ["c2"] }), localOrder()] }, {}, false],
  ["orderMismatch", "c1", {}, {}, true],
  ["stuckPending", "c1", {}, {}, true],
  ["unknownFill", "e1", {}, {}, false],
  ["unknownFill", "e1", { fills: mine }, {}, true],
  ["unknownFill", "e1", { fills: others }, {}, false],
  ["unknownFill", "e1", {}, { fillsThroughNs: 99 * S }, false],
  ["unknownFill", "e1", {}, { fills: others }, false],
  ["unknownFill", "e1", {}, { fills: mine }, true],
  ["unknownFill", "e1", {}, through(50 * S - 1), false],
  ["unknownFill", "e1", {}, through(50 * S), true],
  ["unknownFill", "e1", {}, { ...through(99 * S), fillsFromNs: 50 * S + 1 }, false],
  ["unknownFill", "e1", {}, { ...through(99 * S), fillsFromNs: 50 * S }, true],
  ...(["missingFill", "conflictingFill", "feeDrift"] as const).flatMap((kind) => [
    [kind, "e1", { fills: mine }, {}, false] as const,
    [kind, "e1", { fills: mine }, { fills: others }, false] as const,
    [kind, "e1", { fills: mine }, { fills: mine }, true] as const,
    [kind, "e1", { fills: others }, {}, true] as const,
  ]),
  ["positionDrift", "ABC", {}, {}, false],
  ["positionDrift", "ABC", {}, { positions: [] }, true],
  ["cashDrift", "USD", {}, {}, false],
  ["cashDrift", "USD", {}, { cash: [] }, true],
];

describe("a break that is not seen again", () => {
  it.each(rows)("%s %s, ours %j, the venue's %j: gone is %s", (kind, key, local, venue, isGone) => {
    expect(isCovered(breakOf(kind, key), localView(local), snapshot(venue))).toBe(isGone);
  });
});

describe("what a break says", () => {
  it("of a position and of cash, beside what fills explain", () => {
    const cash = { currency: "USD", minor: -400n };
    const fee = { currency: "USD", minor: 3n };
    const [, position, money] = breaksOf(
      { positions: [{ instrument: "ABC", lots: 1 }], cash: [{ currency: "USD", minor: 9n }] },
      {
        fills: [fill({ cash, fee })],
        positions: [{ instrument: "ABC", lots: 7 }],
        cash: [{ currency: "USD", minor: 0n }],
      },
    );
    expect([position?.local, position?.venue, position?.severity]).toEqual([
      { lots: 1, explainedLots: 4 },
      { lots: 7 },
      "warning",
    ]);
    expect([money?.local, money?.venue, money?.severity]).toEqual([
      { minor: "9", explainedMinor: "-403" },
      { minor: "0" },
      "critical",
    ]);
  });

  it("of fills", () => {
    const [unknown] = breaksOf({ orders: [localOrder()] }, { fills: [fill()] });
    expect(unknown).toMatchObject({
      local: null,
      venue: { instrument: "ABC", side: "buy", priceTicks: 100, lots: 4, venueNs: 50 * S, orderId: "v1" },
      action: { type: "bookFill", fill: fill(), clientOrderId: "c1", isSynthetic: false },
      severity: "warning",
      isAutomatic: true,
    });
    const [busted] = breaksOf({ fills: [fill()] }, { fills: [fill({ isBusted: true })] });
    expect([busted?.venue, busted?.isAutomatic]).toEqual([{ isBusted: true }, true]);
    const [missing] = breaksOf({ fills: [fill()] }, { fills: [], fillsThroughNs: 99 * S });
    expect([missing?.venue, missing?.isAutomatic]).toEqual([null, false]);
  });

  it("of an order in another instrument: a human decides", () => {
    const [found] = breaksOf({ orders: [localOrder()] }, { orders: [venueOrder({ instrument: "XYZ" })] });
    expect([found?.venue?.["fields"], found?.isAutomatic]).toEqual([["instrument"], false]);
  });

  it.each([
    ["no fills", {}],
    ["no end of the list", { fills: [] }],
    ["a list that ends before the snapshot", { fills: [], fillsThroughNs: 99 * S - 1 }],
    ["an end without a list", { fillsThroughNs: 99 * S }],
  ])("of a position with %s: the fills first", (_what, part) => {
    const [found] = breaksOf({}, { positions: [{ instrument: "ABC", lots: 1 }], ...part });
    expect(found?.action).toEqual({ type: "queryFills", instrument: "ABC", fromNs: null });
  });

  it("of a fee that one side does not tell: nothing", () => {
    const fee = { currency: "USD", minor: 1n };
    expect(breaksOf({ fills: [fill({ fee })] }, { fills: [fill()] })).toEqual([]);
    expect(breaksOf({ fills: [fill()] }, { fills: [fill({ fee })] })).toEqual([]);
  });

  it("begins to be a fill that was busted where it was missing", () => {
    const book = new ReconBook(OPTIONS);
    const local = localView({ fills: [fill()] });
    book.update(local, snapshot({ fills: [], fillsThroughNs: 99 * S }));
    const report = book.update(local, snapshot({ asOfNs: 100 * S, fills: [fill({ isBusted: true })] }));
    expect("ok" in report ? report : [report.due, book.breaks()[0]?.mismatches]).toEqual([[], 1]);
  });
});

describe("breaks are told by kind, then by key", () => {
  it("in UTF-16 code units", () => {
    const orders = ["b", "a", "B", "ä"].map((id) => venueOrder({ orderId: id, clientOrderId: id }));
    expect(breaksOf({}, { orders }).map((each) => each.key)).toEqual(["B", "a", "b", "ä"]);
  });
});
