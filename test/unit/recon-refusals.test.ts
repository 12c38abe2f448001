import { describe, expect, it } from "vitest";
import type { LocalView, ReconOptions, VenueSnapshot } from "../../src/recon/index.ts";
import { RECON_REFUSALS, ReconBook, reconcile } from "../../src/recon/index.ts";
import { fill, localOrder, localView, OPTIONS, S, snapshot, venueOrder } from "./recon-rows.ts";

const bad = <Row>(row: Row, part: Record<string, unknown>): Row => ({ ...row, ...part });

const snapshots: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ["a misspelt section", { order: [] }, "RECON_FIELD_UNKNOWN", "venue.order"],
  [
    "a misspelt field",
    { orders: [bad(venueOrder(), { price: 1 })] },
    "RECON_FIELD_UNKNOWN",
    "venue.orders[0].price",
  ],
  ["an inherited name", { toString: 1 }, "RECON_FIELD_UNKNOWN", "venue.toString"],
  ["NaN", { asOfNs: Number.NaN }, "RECON_FIELD_MALFORMED", "venue.asOfNs"],
  ["an infinity", { asOfNs: Infinity }, "RECON_FIELD_MALFORMED", "venue.asOfNs"],
  ["a fraction of a ns", { asOfNs: 0.5 }, "RECON_FIELD_MALFORMED", "venue.asOfNs"],
  ["a sequence of 0", { asOfSeq: 0 }, "RECON_FIELD_MALFORMED", "venue.asOfSeq"],
  ["no list", { fills: {} }, "RECON_FIELD_MALFORMED", "venue.fills"],
  ["no row", { fills: [null] }, "RECON_FIELD_MALFORMED", "venue.fills[0]"],
  ["a hole", { fills: new Array(1) }, "RECON_FIELD_MALFORMED", "venue.fills[0]"],
  ["an empty id", { fills: [fill({ execId: "" })] }, "RECON_FIELD_MALFORMED", "venue.fills[0].execId"],
  [
    "no id",
    { fills: [bad(fill(), { execId: undefined })] },
    "RECON_FIELD_MALFORMED",
    "venue.fills[0].execId",
  ],
  ["negative lots", { fills: [fill({ lots: -1 })] }, "RECON_FIELD_MALFORMED", "venue.fills[0].lots"],
  ["no lots", { orders: [venueOrder({ lots: 0 })] }, "RECON_FIELD_MALFORMED", "venue.orders[0].lots"],
  [
    "less than nothing filled",
    { orders: [venueOrder({ cumLots: -1 })] },
    "RECON_FIELD_MALFORMED",
    "venue.orders[0].cumLots",
  ],
  [
    "a fraction of a tick",
    { orders: [venueOrder({ priceTicks: 0.5 })] },
    "RECON_FIELD_MALFORMED",
    "venue.orders[0].priceTicks",
  ],
  [
    "lots as text",
    { positions: [{ instrument: "ABC", lots: "1" }] },
    "RECON_FIELD_MALFORMED",
    "venue.positions[0].lots",
  ],
  [
    "a side that is none",
    { orders: [bad(venueOrder(), { side: "long" })] },
    "RECON_FIELD_MALFORMED",
    "venue.orders[0].side",
  ],
  [
    "a state only we know",
    { orders: [bad(venueOrder(), { state: "pendingNew" })] },
    "RECON_FIELD_MALFORMED",
    "venue.orders[0].state",
  ],
  [
    "a fraction of a cent",
    { cash: [{ currency: "USD", minor: "1.5" }] },
    "RECON_FIELD_MALFORMED",
    "venue.cash[0].minor",
  ],
  [
    "money as a number",
    { cash: [{ currency: "USD", minor: 1 }] },
    "RECON_FIELD_MALFORMED",
    "venue.cash[0].minor",
  ],
  [
    "a fee of nothing",
    { fills: [bad(fill(), { fee: { currency: "USD" } })] },
    "RECON_FIELD_MALFORMED",
    "venue.fills[0].fee.minor",
  ],
  ["too many rows", { notFound: ["a", "b", "c"] }, "RECON_ROWS_EXCEEDED", "venue.notFound"],
  ["an order twice", { orders: [venueOrder(), venueOrder()] }, "RECON_KEY_REPEATED", "venue.orders"],
  ["an execution twice", { fills: [fill(), fill({ lots: 9 })] }, "RECON_KEY_REPEATED", "venue.fills"],
  ["an id denied twice", { notFound: ["a", "a"] }, "RECON_KEY_REPEATED", "venue.notFound"],
  [
    "a position twice",
    {
      positions: [
        { instrument: "A", lots: 1 },
        { instrument: "A", lots: 2 },
      ],
    },
    "RECON_KEY_REPEATED",
    "venue.positions",
  ],
  [
    "a currency twice",
    {
      cash: [
        { currency: "A", minor: 1n },
        { currency: "A", minor: 2n },
      ],
    },
    "RECON_KEY_REPEATED",
    "venue.cash",
  ],
  ["another venue", { venue: "y" }, "RECON_ACCOUNT_WRONG", "venue.venue"],
  ["another account", { account: "other" }, "RECON_ACCOUNT_WRONG", "venue.account"],
  [
    "a fill after it",
    { fills: [fill({ venueNs: 99 * S + 1 })] },
    "RECON_AS_OF_CROSSED",
    "venue.fills[0].venueNs",
  ],
  [
    "a sequence after it",
    { asOfSeq: 3, fills: [fill({ venueSeq: 4 })] },
    "RECON_AS_OF_CROSSED",
    "venue.fills[0].venueSeq",
  ],
  [
    "an order after it",
    { orders: [venueOrder({ updatedNs: 99 * S + 1 })] },
    "RECON_AS_OF_CROSSED",
    "venue.orders[0].updatedNs",
  ],
  [
    "a list beyond it",
    { fills: [], fillsThroughNs: 99 * S + 1 },
    "RECON_AS_OF_CROSSED",
    "venue.fillsThroughNs",
  ],
  [
    "a list from beyond it",
    { fills: [], fillsFromNs: 99 * S + 1 },
    "RECON_AS_OF_CROSSED",
    "venue.fillsFromNs",
  ],
  [
    "a list that ends before it begins",
    { fills: [], fillsFromNs: 5, fillsThroughNs: 4 },
    "RECON_AS_OF_CROSSED",
    "venue.fillsFromNs",
  ],
];

describe("a snapshot with", () => {
  it.each(snapshots)("%s is refused, and nothing applied", (_what, part, code, field) => {
    const venue = { ...snapshot(), ...part } as VenueSnapshot;
    const options = { ...OPTIONS, rowsMax: 2 };
    expect(reconcile(localView(), venue, options)).toMatchObject({ ok: false, code, field });
    const book = new ReconBook(options);
    expect(book.update(localView(), venue)).toMatchObject({ ok: false, code, field });
    expect(book.save()).toEqual({ last: null, breaks: [] });
  });

  it.each([
    [
      "every edge",
      {
        asOfSeq: 3,
        fills: [fill({ venueNs: 99 * S, venueSeq: 3 })],
        fillsFromNs: 99 * S,
        fillsThroughNs: 99 * S,
      },
    ],
    ["an order of its own time", { orders: [venueOrder({ updatedNs: 99 * S })] }],
    ["a sequence on one side only", { asOfSeq: 3, fills: [fill()] }],
    ["a sequence on the other side only", { fills: [fill({ venueSeq: 4 })] }],
    ["money as text", { cash: [{ currency: "USD", minor: "-12" }] }],
    ["fields that are undefined", { orders: undefined, notFound: undefined }],
  ])("%s is taken", (_what, part) => {
    expect(reconcile(localView(), { ...snapshot(), ...part } as VenueSnapshot, OPTIONS)).toBeInstanceOf(
      Array,
    );
  });

  it("lists its codes once each", () => {
    expect(new Set(RECON_REFUSALS).size).toBe(RECON_REFUSALS.length);
  });
});

describe("a view of ours with", () => {
  const request = { kind: "cancel", clientOrderId: "c2", sentNs: 0 } as const;
  it.each([
    ["a misspelt field", { nowNS: 1 }, "local.nowNS"],
    ["no time", { nowNs: undefined }, "local.nowNs"],
    [
      "an order without ids",
      { orders: [localOrder({ clientOrderIds: [] })] },
      "local.orders[0].clientOrderIds",
    ],
    [
      "a request without a time",
      { orders: [localOrder({ requests: [bad(request, { sentNs: Number.NaN })] })] },
      "local.orders[0].requests[0].sentNs",
    ],
    [
      "a client id in two orders",
      { orders: [localOrder(), localOrder({ orderId: "v2" })] },
      "local.orders.clientOrderIds",
    ],
    [
      "a request's id that is another order's",
      {
        orders: [localOrder({ requests: [request] }), localOrder({ clientOrderIds: ["c2"], orderId: "v2" })],
      },
      "local.orders.clientOrderIds",
    ],
    [
      "a request twice",
      { orders: [localOrder({ clientOrderIds: ["c1", "c2"], requests: [request, request] })] },
      "local.orders.requests",
    ],
    [
      "a venue id in two orders",
      { orders: [localOrder(), localOrder({ clientOrderIds: ["c2"] })] },
      "local.orders.orderId",
    ],
    ["an execution twice", { fills: [fill(), fill()] }, "local.fills"],
    ["a busted execution", { fills: [fill({ isBusted: true })] }, "local.fills[0].isBusted"],
    ["another account", { account: "other" }, "local.account"],
  ])("%s is the program's fault", (_what, part, path) => {
    const local = { ...localView(), ...part } as LocalView;
    expect(() => reconcile(local, snapshot(), OPTIONS)).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", path }),
    );
  });

  it("a request whose id stands in its order's chain is taken", () => {
    const orders = [localOrder({ clientOrderIds: ["c1", "c2"], requests: [request] })];
    expect(reconcile(localView({ orders }), snapshot(), OPTIONS)).toHaveLength(1);
  });
});

describe("options with", () => {
  it.each([
    ["a misspelt name", { grace: 1 }, "recon.grace"],
    ["no venue", { venue: "" }, "recon.venue"],
    ["no account", { account: undefined }, "recon.account"],
    ["no timeout", { ackTimeoutNs: 0 }, "recon.ackTimeoutNs"],
    ["no grace", { graceNs: Number.NaN }, "recon.graceNs"],
    ["no policy", { orphans: undefined }, "recon.orphans"],
    ["requests stuck before they are late", { stuckNs: 2 * S - 1 }, "recon.stuckNs"],
    ["a negative clock error", { clockErrorNs: -1 }, "recon.clockErrorNs"],
    ["no confirmation", { confirmations: 0 }, "recon.confirmations"],
    ["a negative tolerance", { positionToleranceLots: -1 }, "recon.positionToleranceLots"],
    ["a negative tolerance of cash", { cashToleranceMinor: -1n }, "recon.cashToleranceMinor"],
    ["a tolerance that is no money", { cashToleranceMinor: "1e3" }, "recon.cashToleranceMinor"],
    ["no rows", { rowsMax: 0 }, "recon.rowsMax"],
  ])("%s are refused by name", (_what, part, path) => {
    const options = { ...OPTIONS, ...part } as ReconOptions;
    const fault = expect.objectContaining({ code: "FAULT_CONFIG", path });
    expect(() => reconcile(localView(), snapshot(), options)).toThrow(fault);
    expect(() => new ReconBook(options)).toThrow(fault);
  });

  it("no room for breaks are refused by name", () => {
    expect(() => new ReconBook({ ...OPTIONS, breaksMax: 0 })).toThrow("recon.breaksMax");
  });
});
