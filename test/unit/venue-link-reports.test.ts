import { beforeEach, describe, expect, it } from "vitest";
import { MESSAGE_FIELD as FIELD, REASON, REPORT } from "../../src/model/index.ts";
import { ExecutionNumbers, type VenueReport, type VenueReportKind } from "../../src/venue/index.ts";
import { type LinkOrder, LinkOrders } from "../../src/venue/link-orders.ts";
import { LinkReports, pendingOf } from "../../src/venue/link-reports.ts";
import type { VenueHeldOrder, VenueLinkHost } from "../../src/venue/venue-link-options.ts";
import { VenueOrderIds } from "../../src/venue/venue-order-ids.ts";

const WORDS = new Map(Object.entries(REPORT).map(([word, code]) => [code as number, word]));
const ids = new VenueOrderIds("12", { lengthMax: 36, characters: "[0-9a-z]" });

/** Reports of one order, number 7, and everything its host is told. */
class Ear {
  readonly told: string[] = [];
  readonly doubts: string[] = [];
  readonly troubles: string[] = [];
  readonly cells: number[][] = [];
  readonly orders = new LinkOrders(16, () => false);
  readonly order: LinkOrder = this.orders.open(7, 0);
  held: VenueHeldOrder | undefined = {
    ...{ row: 3, station: 0, isAcknowledged: false, isOpen: true, cumLots: 0, termsRequestId: 0 },
  };
  splits = true;
  readonly reports = new LinkReports({
    ...{ ids, executions: new ExecutionNumbers({ scopes: ["X"] }), orders: this.orders, fillsKept: 16 },
    stationOf: (instrument) => (instrument === "X" ? 0 : undefined),
    host: () => this.#host,
    nowNs: () => 5,
    answered: (order, requestId) => void order.requests.delete(requestId),
    splitsReplaces: () => this.splits,
  });
  readonly #host: VenueLinkHost = {
    report: (_station, cells, offset) => {
      const at = (field: number): number => cells[offset + field] as number;
      this.told.push(`${WORDS.get(at(FIELD.kind))} ${at(FIELD.requestId)}`);
      this.cells.push([...cells.slice(offset, offset + 12)]);
    },
    order: (id) => (id === 7 ? this.held : undefined),
    doubtful: (_station, why) => void this.doubts.push(why),
    trouble: ({ code, words }) => void this.troubles.push(`${code} ${words}`),
    ...{ disconnected() {}, changed() {}, named() {}, refused() {}, failed() {} },
  };

  is(more: Partial<VenueHeldOrder>): void {
    if (this.held !== undefined) this.held = { ...this.held, ...more };
  }

  wait(requestId: number, kind: "cancel" | "replace"): void {
    this.order.requests.set(requestId, { kind, isUnknown: false });
  }

  hear(kind: VenueReportKind, requestId = 0, more: Partial<VenueReport> = {}): void {
    this.reports.hear({ kind, instrument: "X", clientOrderId: ids.text(7, requestId), venueNs: 1, ...more });
  }

  trade(execId: string, more: Partial<VenueReport> = {}): void {
    this.hear("trade", 0, { execId, priceTicks: 100, lots: 2, ...more });
  }
}

let ear: Ear;

beforeEach(() => {
  ear = new Ear();
});

describe("what a link tells of executions", () => {
  it("is each of them once, with its terms", () => {
    ear.trade("X:41", { isMaker: true });
    ear.trade("X:41", { isMaker: true });
    ear.trade("X:42");
    expect(ear.told).toEqual(["trade 0", "trade 0"]);
    expect(ear.reports.counts).toMatchObject({ told: 2, repeated: 1 });
    const of = (field: number) => ear.cells.map((cells) => cells[field]);
    expect([of(FIELD.maker), of(FIELD.execId)]).toEqual([
      [1, 0],
      [83, 85],
    ]);
    expect([of(FIELD.priceTicks), of(FIELD.lots), of(FIELD.reason)]).toEqual([
      [100, 100],
      [2, 2],
      [REASON.reported, REASON.reported],
    ]);
  });

  it("is a doubt where the order is not held, unless it was told before", () => {
    ear.trade("X:41");
    ear.held = undefined;
    ear.trade("X:41");
    expect(ear.doubts).toEqual([]);
    ear.trade("X:42");
    expect([ear.doubts.length, ear.reports.counts.late, ear.told.length]).toEqual([1, 2, 1]);
  });

  it.each([
    ["no lots", { lots: undefined }],
    ["lots of nothing", { lots: 0 }],
    ["no price", { priceTicks: undefined }],
    ["no number", { execId: undefined }],
    ["an empty number", { execId: "" }],
  ])("is trouble and a doubt where it has %s", (_name, more) => {
    ear.trade("X:41", more as Partial<VenueReport>);
    expect(ear.told).toEqual([]);
    expect([ear.doubts.length, ear.troubles[0]?.split(" ")[0]]).toEqual([1, "VENUE_MALFORMED"]);
    // What was not told is not remembered.
    ear.trade("X:41");
    expect(ear.told).toEqual(["trade 0"]);
  });
});

describe("what a link tells of an order's state", () => {
  it("is an acceptance once, by its own count and by what is held", () => {
    ear.hear("accepted");
    ear.hear("accepted");
    expect(ear.told).toEqual(["accepted 0"]);
    const other = new Ear();
    other.is({ isAcknowledged: true });
    other.hear("accepted");
    expect([other.told, other.reports.counts.repeated]).toEqual([[], 1]);
  });

  it("is one end: what ended does not end again in another way", () => {
    ear.hear("canceled");
    ear.is({ isOpen: false });
    ear.hear("canceled");
    ear.hear("expired");
    expect([ear.told, ear.reports.counts.repeated]).toEqual([["canceled 0"], 2]);
  });

  it("is the cancel that ended it: the youngest that waits", () => {
    ear.wait(5, "cancel");
    ear.wait(3, "cancel");
    expect(pendingOf(ear.order, "cancel")).toBe(5);
    expect(pendingOf(ear.order, "replace")).toBe(0);
    ear.hear("canceled");
    expect(ear.told).toEqual(["canceled 5"]);
    const other = new Ear();
    other.wait(5, "cancel");
    other.hear("expired");
    expect(other.told).toEqual(["expired 0"]);
  });

  it("is the venue's own words for a no, where it has some", () => {
    ear.hear("replaceRejected", 1, { words: "too far away" });
    ear.hear("cancelRejected", 2);
    ear.hear("rejected", 0, { words: "too poor" });
    expect(ear.told).toEqual(["replaceRejected 1", "cancelRejected 2", "rejected 0"]);
    expect(ear.troubles).toEqual([
      "VENUE_REJECTED replaceRejected, order 7: too far away",
      "VENUE_REJECTED rejected, order 7: too poor",
    ]);
    expect(ear.doubts).toHaveLength(1);
  });

  it("is nothing of a stranger's order, and a doubt", () => {
    ear.hear("accepted", 0, { clientOrderId: "someone" });
    ear.hear("accepted", 0, { instrument: "Y" });
    expect([ear.told, ear.doubts.length, ear.reports.counts.foreign]).toEqual([[], 1, 2]);
  });
});

describe("a replace that is a cancel and a new order at the venue", () => {
  it("holds the old half's end until it is answered, and drops it once it is in force", () => {
    ear.wait(1, "replace");
    ear.hear("canceled", 0);
    expect(ear.told).toEqual([]);
    ear.hear("accepted", 1, { priceTicks: 101, lots: 4 });
    expect(ear.told).toEqual(["replaced 1"]);
    ear.wait(2, "replace");
    ear.hear("replaceRejected", 2);
    expect(ear.told).toEqual(["replaced 1", "replaceRejected 2"]);
    // The old half's end comes again, and later than all: it is none of the order's.
    ear.hear("canceled", 0);
    expect(ear.told).toHaveLength(2);
    ear.hear("canceled", 1);
    expect(ear.told.at(-1)).toBe("canceled 0");
  });

  it("lets the end out where the venue says no, or the replace never left", () => {
    ear.wait(1, "replace");
    ear.hear("canceled", 0);
    ear.hear("replaceRejected", 1);
    expect(ear.told).toEqual(["replaceRejected 1", "canceled 0"]);
    const other = new Ear();
    other.wait(1, "replace");
    other.hear("expired", 0);
    other.order.requests.delete(1);
    other.reports.notSent(other.order, 1, "replace");
    expect(other.told).toEqual(["replaceRejected 1", "expired 0"]);
    expect(other.cells[0]?.[FIELD.reason]).toBe(REASON.notSent);
  });

  it("tells the end at once where a replace is one step", () => {
    ear.splits = false;
    ear.wait(1, "replace");
    ear.hear("canceled", 0);
    expect(ear.told).toEqual(["canceled 0"]);
  });

  it("never falls back to an older one", () => {
    ear.hear("replaced", 2);
    ear.hear("replaced", 1);
    expect([ear.order.replacedId, ear.told]).toEqual([2, ["replaced 2", "replaced 1"]]);
    ear.hear("canceled", 1);
    expect(ear.told).toHaveLength(2);
  });
});
