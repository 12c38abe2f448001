import { describe, expect, it } from "vitest";
import type { LocalView, ReconBookOptions, ReconReport, VenueSnapshot } from "../../src/recon/index.ts";
import { ReconBook } from "../../src/recon/index.ts";
import { fill, localOrder, localView, OPTIONS, pendingOrder, S, snapshot, venueOrder } from "./recon-rows.ts";

const name = (each: { readonly kind: string; readonly key: string }) => `${each.kind} ${each.key}`;

/** A book and its rounds: each at a second of ours, the snapshot one second older. */
function rounds(options: Partial<ReconBookOptions> = {}) {
  const book = new ReconBook({ ...OPTIONS, ...options });
  const at = (second: number, local: Partial<LocalView>, venue: Partial<VenueSnapshot>): ReconReport => {
    const report = book.update(
      localView({ nowNs: second * S, ...local }),
      snapshot({ asOfNs: (second - 1) * S, ...venue }),
    );
    if ("ok" in report) throw new Error(report.message);
    return report;
  };
  return { book, at };
}

const short = (report: ReconReport) => ({
  opened: report.opened.map(name),
  confirmed: report.confirmed.map(name),
  due: report.due.map((each) => each.action.type),
  resolved: report.resolved.map(name),
  open: report.open,
});
const none = { opened: [], confirmed: [], due: [], resolved: [], open: 0 };

describe("ReconBook", () => {
  it("confirms by the second mismatch, and lets go when the views agree", () => {
    const { at, book } = rounds();
    const local = { orders: [localOrder()] };
    const other = { orders: [venueOrder({ priceTicks: 99 })] };
    expect(short(at(100, local, other))).toEqual({ ...none, opened: ["orderMismatch c1"], open: 1 });
    expect(short(at(110, local, other))).toEqual({
      ...none,
      confirmed: ["orderMismatch c1"],
      due: ["takeVenueTerms"],
      open: 1,
    });
    expect(book.breaks()[0]).toMatchObject({
      firstSeenNs: 100 * S,
      lastSeenNs: 110 * S,
      ageNs: 10 * S,
      mismatches: 2,
    });
    expect(short(at(120, local, other))).toEqual({ ...none, due: ["takeVenueTerms"], open: 1 });
    expect(short(at(130, local, { orders: [venueOrder()] }))).toEqual({
      ...none,
      resolved: ["orderMismatch c1"],
    });
    expect(short(at(140, local, other))).toEqual({ ...none, opened: ["orderMismatch c1"], open: 1 });
  });

  it("begins to count again where the difference is another one", () => {
    const { at } = rounds();
    const local = { orders: [localOrder()] };
    const priced = (priceTicks: number) => ({ orders: [venueOrder({ priceTicks })] });
    at(100, local, priced(99));
    expect(short(at(110, local, priced(98))).due).toEqual([]);
    expect(short(at(120, local, priced(98))).due).toEqual(["takeVenueTerms"]);
    expect(short(at(130, local, priced(97)))).toEqual({ ...none, open: 1 });
  });

  it.each([
    [160, []],
    [161, ["takeVenueTerms"]],
  ] as const)("confirms by age: seen at 100 s and %i s, every time another difference", (second, due) => {
    const { at } = rounds();
    const local = { orders: [localOrder()] };
    at(100, local, { orders: [venueOrder({ priceTicks: 99 })] });
    expect(short(at(second, local, { orders: [venueOrder({ priceTicks: 98 })] })).due).toEqual(due);
  });

  it("confirms by age without a snapshot, but takes no action from old data", () => {
    const { at, book } = rounds();
    at(100, { orders: [localOrder()] }, { orders: [] });
    expect(book.expire(160 * S)).toEqual([]);
    const late = book.expire(160 * S + 1);
    expect("ok" in late ? late : late.map(name)).toEqual(["ghostOrder c1"]);
    expect(book.expire(160 * S + 1)).toEqual([]);
    expect(book.expire(160 * S)).toMatchObject({ code: "RECON_CLOCK_BACKWARDS" });
    expect(book.expire(Number.NaN)).toMatchObject({ code: "RECON_CLOCK_BACKWARDS" });
    expect(short(at(170, {}, { fills: [] }))).toEqual({ ...none, resolved: ["ghostOrder c1"] });
  });

  it("follows the venue's answer without another wait", () => {
    const { at } = rounds();
    const local = { orders: [pendingOrder()] };
    at(100, local, { orders: [] });
    expect(short(at(110, local, { orders: [] })).due).toEqual(["queryHistory"]);
    expect(short(at(120, local, { orders: [], notFound: ["c1"] })).due).toEqual(["closeUnknown"]);
  });

  it("confirms at once where one mismatch is enough", () => {
    const { at } = rounds({ confirmations: 1 });
    expect(short(at(100, { orders: [localOrder()] }, { orders: [] })).due).toEqual(["queryHistory"]);
  });

  it("neither counts nor resolves what a snapshot does not cover", () => {
    const { at } = rounds();
    const venue = {
      orders: [venueOrder({ orderId: "v9", clientOrderId: "c9" })],
      fills: [fill({ execId: "e2" })],
      fillsThroughNs: 99 * S,
      positions: [{ instrument: "ABC", lots: 9 }],
      cash: [{ currency: "USD", minor: 1n }],
    };
    const cash = { currency: "USD", minor: 0n };
    const local = {
      orders: [localOrder()],
      fills: [fill({ cash, fee: cash }), fill({ execId: "e3", cash, fee: cash })],
      cash: [],
    };
    const theirs = fill({ execId: "e3", cash, fee: { currency: "USD", minor: 2n } });
    const kinds = short(at(100, local, { ...venue, fills: [...venue.fills, theirs] })).opened;
    expect(kinds).toEqual([
      "orphanOrder v9",
      "unknownFill e2",
      "missingFill e1",
      "ghostOrder c1",
      "positionDrift ABC",
      "feeDrift e3",
    ]);
    expect(short(at(110, local, {}))).toEqual({ ...none, open: 6 });
    expect(short(at(120, local, { fills: [], fillsFromNs: 51 * S, fillsThroughNs: 119 * S }))).toEqual({
      ...none,
      open: 6,
    });
    expect(
      short(at(130, local, { orders: [venueOrder()], positions: [{ instrument: "ABC", lots: 0 }] })),
    ).toEqual({
      ...none,
      resolved: ["orphanOrder v9", "ghostOrder c1", "positionDrift ABC"],
      open: 3,
    });
    const whole = { fills: [fill(), fill({ execId: "e3" })], fillsThroughNs: 139 * S };
    expect(short(at(140, local, whole))).toEqual({
      ...none,
      resolved: ["unknownFill e2", "missingFill e1", "feeDrift e3"],
    });
  });

  it("knows what became of a fill, whatever the snapshot holds", () => {
    const { at } = rounds();
    at(100, { fills: [fill({ execId: "e1" })] }, { fills: [fill({ execId: "e2" })], fillsThroughNs: 99 * S });
    expect(short(at(110, { fills: [fill({ execId: "e2" })] }, {})).resolved).toEqual([
      "unknownFill e2",
      "missingFill e1",
    ]);
    at(120, {}, { fills: [fill({ execId: "e3" })] });
    expect(short(at(130, {}, { fills: [fill({ execId: "e3", isBusted: true })] })).resolved).toEqual([
      "unknownFill e3",
    ]);
  });

  it("waits while the item is in flight", () => {
    const { at } = rounds();
    const requests = [{ kind: "cancel", clientOrderId: "c2", sentNs: 109 * S }] as const;
    at(100, { orders: [localOrder()] }, { orders: [] });
    expect(short(at(110, { orders: [localOrder({ requests })] }, { orders: [] }))).toEqual({
      ...none,
      open: 1,
    });
    expect(short(at(120, { orders: [localOrder({ requests })] }, { orders: [] })).due).toEqual([
      "queryHistory",
    ]);
  });

  it("goes on after a restart as if there had been none", () => {
    const one = rounds();
    const two = rounds();
    one.at(100, { orders: [localOrder()] }, { orders: [], asOfSeq: 4 });
    two.book.load(JSON.parse(JSON.stringify(one.book.save())));
    const next = [{ orders: [localOrder()] }, { orders: [], asOfSeq: 5 }] as const;
    expect(two.at(110, ...next)).toEqual(one.at(110, ...next));
    expect(two.book.save()).toEqual(one.book.save());
  });
});

describe("what a book refuses", () => {
  const view = (nowNs = 100 * S) => localView({ nowNs, orders: [localOrder()] });

  it.each([
    ["the same snapshot", { asOfNs: 99 * S }, "RECON_SNAPSHOT_STALE"],
    ["an older one", { asOfNs: 98 * S, asOfSeq: 6 }, "RECON_SNAPSHOT_STALE"],
    ["the same by its sequence", { asOfNs: 99 * S, asOfSeq: 7 }, "RECON_SNAPSHOT_STALE"],
    ["a later time with an older sequence", { asOfNs: 100 * S, asOfSeq: 6 }, "RECON_AS_OF_CROSSED"],
    ["an older time with a later sequence", { asOfNs: 98 * S, asOfSeq: 8 }, "RECON_AS_OF_CROSSED"],
    ["a later sequence at the same time", { asOfNs: 99 * S, asOfSeq: 8 }, undefined],
    ["a later time at the same sequence", { asOfNs: 99 * S + 1, asOfSeq: 7 }, undefined],
    ["a later time without a sequence", { asOfNs: 99 * S + 1 }, undefined],
  ] as const)("%s: %s", (_what, times, code) => {
    const book = new ReconBook(OPTIONS);
    book.update(view(), snapshot({ asOfSeq: 7, orders: [] }));
    const before = book.save();
    const report = book.update(view(), snapshot({ orders: [], ...times }));
    expect("ok" in report ? report.code : undefined).toBe(code);
    if (code !== undefined) expect(book.save()).toEqual(before);
  });

  it("our own view, as a fault; and nothing of a book that saw nothing", () => {
    const book = new ReconBook(OPTIONS);
    expect(() => book.update(localView({ account: "other" }), snapshot())).toThrow(
      "FAULT_INPUT local.account",
    );
    expect(book.expire(5)).toEqual([]);
    expect(book.save()).toEqual({ last: null, breaks: [] });
  });

  it("takes exactly as many breaks as it may hold, and tells them in order", () => {
    const book = new ReconBook({ ...OPTIONS, breaksMax: 2, confirmations: 1 });
    const rows = ["b", "a"].map((id) => venueOrder({ orderId: id, clientOrderId: id }));
    const report = book.update(localView({ fills: [] }), snapshot({ orders: rows }));
    expect("ok" in report ? report : report.confirmed.map((each) => each.key)).toEqual(["a", "b"]);
    expect(book.breaks().map((each) => each.key)).toEqual(["a", "b"]);
  });

  it("names the times that are wrong", () => {
    const book = new ReconBook(OPTIONS);
    book.update(view(), snapshot({ asOfSeq: 7 }));
    const message = (local: LocalView, venue: VenueSnapshot) => {
      const report = book.update(local, venue);
      return "ok" in report ? report.message : "";
    };
    expect(message(view(), snapshot())).toBe(
      "RECON_SNAPSHOT_STALE venue.asOfNs: found 99000000000, expected later than 99000000000",
    );
    expect(message(view(), snapshot({ asOfNs: 1, asOfSeq: 8 }))).toBe(
      'RECON_AS_OF_CROSSED venue.asOfNs: found "1 ns, sequence 8", expected time and sequence on one side of 99000000000 ns, 7',
    );
    expect(message(view(5), snapshot({ asOfNs: 100 * S }))).toBe(
      "RECON_CLOCK_BACKWARDS local.nowNs: found 5, expected at least 100000000000",
    );
    expect(book.expire(5)).toMatchObject({
      message: "RECON_CLOCK_BACKWARDS nowNs: found 5, expected a whole number of ns of at least 100000000000",
    });
  });

  it("remembers the last sequence over a snapshot without one", () => {
    const book = new ReconBook(OPTIONS);
    book.update(view(), snapshot({ asOfSeq: 7 }));
    book.update(view(), snapshot({ asOfNs: 100 * S }));
    expect(book.update(view(), snapshot({ asOfNs: 101 * S, asOfSeq: 6 }))).toMatchObject({
      code: "RECON_AS_OF_CROSSED",
    });
  });

  it("a clock of ours that goes backwards", () => {
    const book = new ReconBook(OPTIONS);
    book.update(view(), snapshot());
    expect(book.update(view(100 * S - 1), snapshot({ asOfNs: 100 * S }))).toMatchObject({
      code: "RECON_CLOCK_BACKWARDS",
      field: "local.nowNs",
    });
  });

  it("more breaks than it may hold, and keeps what it had", () => {
    const book = new ReconBook({ ...OPTIONS, breaksMax: 1 });
    const orphan = (id: string) => venueOrder({ orderId: id, clientOrderId: id });
    book.update(localView(), snapshot({ orders: [orphan("a")] }));
    const before = book.save();
    expect(
      book.update(localView(), snapshot({ asOfNs: 100 * S, orders: [orphan("a"), orphan("b")] })),
    ).toMatchObject({
      code: "RECON_BREAKS_FULL",
      message: "RECON_BREAKS_FULL breaks: found 2, expected at most 1 breaks",
    });
    expect(book.save()).toEqual(before);
  });

  it.each([
    ["another field", { last: null, breaks: [], x: 1 }],
    ["no list", { last: null, breaks: {} }],
    ["a break that is none", { last: null, breaks: [{}] }],
    ["NaN", { last: { asOfNs: Number.NaN, asOfSeq: null, nowNs: 0 }, breaks: [] }],
  ])("a saved state with %s", (_what, saved) => {
    const book = new ReconBook(OPTIONS);
    expect(() => book.load(saved as never)).toThrow("FAULT_INPUT");
  });

  it("a saved state of another account, or with a break twice", () => {
    const book = new ReconBook(OPTIONS);
    book.update(view(), snapshot({ orders: [] }));
    const saved = book.save();
    expect(() => new ReconBook({ ...OPTIONS, account: "other" }).load(saved)).toThrow("account");
    const twice = { ...saved, breaks: [...saved.breaks, ...saved.breaks] };
    expect(() => book.load(twice)).toThrow("each break once");
    expect(book.save()).toEqual(saved);
  });
});
