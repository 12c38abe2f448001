import { describe, expect, test } from "vitest";
import { ORDER_FLAG, REASON } from "../../src/model/index.ts";
import { ReconBook } from "../../src/recon/index.ts";
import {
  MAKER_FLAG,
  REPORT_CELL,
  STALE_EPOCH,
  TRUTH_LOG,
  VENUE_FAULT,
  VENUE_FAULTS,
  VENUE_REASON,
  WIRE,
} from "../../src/torture/index.ts";
import { Rig } from "./torture-venue-rig.ts";

const QUIET = { market: { rowsPerSecond: 1e-6, tradesPerSecond: 0 } };
const LIVELY = { market: { rowsPerSecond: 20_000, tradesPerSecond: 5_000 } };

describe("orders", () => {
  test("a limit order away from the market rests and is told with its terms", () => {
    const rig = new Rig(QUIET).order({ id: 7, tick: 990, lots: 5 }).run();
    const report = rig.last(7);
    expect(rig.kinds(7)).toEqual(["accepted"]);
    expect(report).toMatchObject({ instrument: 3, priceTicks: 990, lots: 5, leavesLots: 5, cumLots: 0 });
    expect(report.cells[REPORT_CELL.venueSeq]).toBe(1);
    expect(report.exchNs).toBeGreaterThanOrEqual(20_000);
    expect(report.exchNs).toBeLessThanOrEqual(50_000);
    expect(rig.venue.worstLeaves(3, 1)).toBe(5);
    expect(rig.venue.worstLeaves(3, -1)).toBe(0);
    expect(rig.venue.receivedCount(7)).toBe(1);
    expect(rig.venue.receivedCount(8)).toBe(0);
  });

  test("an order that crosses takes level by level, at the levels' prices", () => {
    const rig = new Rig(QUIET);
    const first = rig.venue.market.books[0]!.lotsAt(1, -1001);
    const second = rig.venue.market.books[0]!.lotsAt(1, -1002);
    rig.order({ id: 1, tick: 1002, lots: first + 1 }).run();
    expect(rig.kinds(1)).toEqual(["accepted", "trade", "trade"]);
    const [, one, two] = rig.reports;
    expect(one).toMatchObject({ execId: 1, priceTicks: 1001, lots: first, leavesLots: 1, cumLots: first });
    expect(two).toMatchObject({ execId: 2, priceTicks: 1002, lots: 1, leavesLots: 0 });
    expect(one!.cells[WIRE.flags]! & MAKER_FLAG).toBe(0);
    expect(rig.venue.positionLots(3)).toBe(first + 1);
    const notional = BigInt(1001 * first + 1002);
    const fees = rig.venue.snapshot().fills!.map((fill) => BigInt(fill.fee!.minor));
    expect(rig.venue.cashMinor(3)).toBe(-notional - fees.reduce((sum, fee) => sum + fee, 0n));
    expect(rig.best(1)).toBe(second === 1 ? 1003 : 1002);
    expect(rig.venue.market.books[0]!.lotsAt(1, -1002)).toBe(second - 1);
  });

  test("a resting order fills behind its queue, by trades, as a maker", () => {
    const rig = new Rig(LIVELY);
    rig.venue.start();
    rig.order({ id: 1, tick: rig.best(0), lots: 3 }).order({ id: 2, side: -1, tick: rig.best(1), lots: 3 });
    rig.run(500);
    expect(rig.kinds(1)).toContain("trade");
    expect(rig.kinds(2)).toContain("trade");
    for (const report of rig.reports.filter((each) => each.kind === "trade")) {
      expect(report.cells[WIRE.flags]! & MAKER_FLAG).toBe(MAKER_FLAG);
      expect(report.priceTicks).toBe(report.id === 1 ? 1000 : 1001);
    }
    expect(rig.last(1).cumLots).toBe(3);
  });

  test.each([
    ["an unknown instrument", { instrument: 4 }, VENUE_REASON.unknownInstrument],
    ["price 0", { tick: 0 }, VENUE_REASON.badPrice],
    ["half a tick", { tick: 10.5 }, VENUE_REASON.badPrice],
    ["no lots", { lots: 0 }, VENUE_REASON.badLots],
    ["lots below 0", { lots: -1 }, VENUE_REASON.badLots],
    ["a stop", { type: "stop" as const }, VENUE_REASON.unsupported],
    ["an opening order", { tif: "atOpen" as const }, VENUE_REASON.unsupported],
    ["a date that passed", { tif: "GTD" as const, expireNs: 1 }, REASON.gtdReached],
    ["post-only that takes", { tick: 1001, flags: ORDER_FLAG.postOnly }, REASON.postOnlyWouldTake],
    ["reduce-only without a position", { flags: ORDER_FLAG.reduceOnly }, REASON.reduceOnlyWouldOpen],
  ])("%s is rejected", (_name, terms, reason) => {
    const rig = new Rig(QUIET).order({ id: 1, ...terms }).run();
    expect(rig.kinds(1)).toEqual(["rejected"]);
    expect(rig.last(1).reason).toBe(reason);
    expect(rig.venue.truth.log.field(0, TRUTH_LOG.verdict)).toBe(reason);
    expect(rig.venue.truth.counts.rejected).toBe(1);
    expect(rig.venue.worstLeaves(3, 1)).toBe(0);
  });

  test("an id that came before is rejected and counted; the first order stays", () => {
    const rig = new Rig(QUIET).order({ id: 1 }).order({ id: 1, lots: 9 }).run();
    expect(rig.kinds(1)).toEqual(["accepted", "rejected"]);
    expect(rig.last(1).reason).toBe(VENUE_REASON.duplicateId);
    expect(rig.venue.receivedCount(1)).toBe(2);
    expect(rig.venue.truth.counts.repeatedOrders).toBe(1);
    expect(rig.venue.worstLeaves(3, 1)).toBe(5);
  });

  test("our own orders never trade with each other", () => {
    const rig = new Rig(QUIET).order({ id: 1, tick: 1000 });
    rig.order({ id: 2, side: -1, tick: 1000 }).run();
    expect(rig.last(2)).toMatchObject({ kind: "rejected", reason: VENUE_REASON.selfMatch });
  });

  test("IOC, FOK and market orders end at once", () => {
    const rig = new Rig(QUIET);
    const first = rig.venue.market.books[0]!.lotsAt(1, -1001);
    rig.order({ id: 1, tif: "FOK", tick: 1001, lots: first + 1 }).run();
    expect(rig.kinds(1)).toEqual(["accepted", "canceled"]);
    expect(rig.last(1).reason).toBe(REASON.fokNotFillable);
    rig.order({ id: 2, tif: "IOC", tick: 1001, lots: first + 1 }).run();
    expect(rig.kinds(2)).toEqual(["accepted", "trade", "canceled"]);
    expect(rig.last(2)).toMatchObject({ reason: REASON.iocRemainder, leavesLots: 0, cumLots: first });
    rig.order({ id: 3, tif: "FOK", tick: 1002, lots: 1 }).run();
    expect(rig.kinds(3)).toEqual(["accepted", "trade"]);
    rig.order({ id: 4, type: "market", lots: 1e6 }).run();
    expect(rig.last(4)).toMatchObject({ kind: "canceled", reason: REASON.noLiquidity });
  });

  test("a reduce-only order fills no further than flat", () => {
    const rig = new Rig(QUIET).order({ id: 1, type: "market", lots: 2, tif: "IOC" }).run();
    rig.order({ id: 2, side: -1, type: "market", lots: 5, tif: "IOC", flags: ORDER_FLAG.reduceOnly }).run();
    expect(rig.venue.positionLots(3)).toBe(0);
    expect(rig.last(2)).toMatchObject({ kind: "canceled", reason: REASON.reduceOnlyWouldOpen, cumLots: 2 });
  });

  test("DAY and GTD orders expire", () => {
    const rig = new Rig({ ...QUIET, dayEndsNs: [2e6] });
    rig.order({ id: 1, tif: "DAY" }).order({ id: 2, tif: "GTD", expireNs: 1e6 }).order({ id: 3 }).run(3);
    expect(rig.last(1)).toMatchObject({ kind: "expired", reason: REASON.dayEnded, exchNs: 2e6 });
    expect(rig.last(2)).toMatchObject({ kind: "expired", reason: REASON.gtdReached, exchNs: 1e6 });
    expect(rig.kinds(3)).toEqual(["accepted"]);
    expect(rig.venue.truth.openOrders).toBe(1);
  });
});

describe("the queue", () => {
  test("a trade takes what is ahead first, the better price before that, the older order before the younger", () => {
    const rig = new Rig(QUIET);
    rig.order({ id: 1, tick: 1000, lots: 5 }).order({ id: 2, tick: 1000, lots: 5 }).run();
    const ahead = rig.venue.market.books[0]!.lotsAt(0, 1000);
    const guest = rig.venue.market.guest!;
    expect(guest.traded(0, 0, 1000, ahead, ahead)).toBe(0);
    expect(guest.traded(0, 0, 1000, 2, 99)).toBe(2);
    expect([rig.last(1).cumLots, rig.kinds(2).length]).toEqual([2, 1]);
    rig.order({ id: 3, tick: 998 }).order({ id: 4, tick: 999 }).run();
    expect(guest.bestKey(0, 0)).toBe(1000);
    expect(guest.traded(0, 0, 999, 9, 1e6)).toBe(8);
    expect([rig.last(1).cumLots, rig.last(2).cumLots, rig.kinds(4).length]).toEqual([5, 5, 1]);
    expect(guest.bestKey(0, 0)).toBe(999);
    expect(guest.bestKey(0, 1)).toBe(Number.NEGATIVE_INFINITY);
  });

  test("what is ahead is never more than what is at the level", () => {
    const rig = new Rig(QUIET).order({ id: 1, tick: 1000, lots: 5 }).run();
    expect(rig.venue.market.guest!.traded(0, 0, 1000, 3, 1)).toBe(2);
  });
});

describe("requests", () => {
  test("cancel: done, too late, unknown, repeated", () => {
    const rig = new Rig(QUIET).order({ id: 1 }).cancel(1, 1).cancel(1, 2).cancel(9, 1).cancel(1, 2).run();
    expect(rig.kinds(1)).toEqual(["accepted", "canceled", "cancelRejected", "cancelRejected"]);
    expect(rig.reports[1]).toMatchObject({ requestId: 1, leavesLots: 0 });
    expect(rig.reports[2]).toMatchObject({ requestId: 2, reason: REASON.tooLate });
    expect(rig.last(9).reason).toBe(REASON.unknownOrder);
    expect(rig.last(1).reason).toBe(VENUE_REASON.duplicateId);
    expect(rig.venue.truth.counts.repeatedRequests).toBe(1);
  });

  test("replace: less keeps its place, another price begins anew and may take", () => {
    const rig = new Rig(QUIET).order({ id: 1, tick: 1000, lots: 5 }).order({ id: 2, tick: 1000, lots: 5 });
    rig.replace(1, 1, 1000, 4).run();
    const { orders } = rig.venue.truth;
    expect(orders.head(0, 0)).toBe(0);
    rig.replace(1, 2, 1000, 6).run();
    expect(orders.head(0, 0)).toBe(1);
    expect(rig.last(1)).toMatchObject({ kind: "replaced", lots: 6, leavesLots: 6, requestId: 2 });
    rig.replace(1, 3, 1001, 6).run();
    expect(rig.kinds(1).slice(-2)).toEqual(["replaced", "trade"]);
    expect(rig.last(1).priceTicks).toBe(1001);
  });

  test("a replace to what is filled already ends the order as filled", () => {
    const rig = new Rig(QUIET);
    const first = rig.venue.market.books[0]!.lotsAt(1, -1001);
    rig
      .order({ id: 1, tick: 1001, lots: first + 5 })
      .replace(1, 1, 1001, 1)
      .run();
    expect(rig.last(1)).toMatchObject({ kind: "replaced", lots: first, leavesLots: 0, cumLots: first });
    expect(rig.venue.snapshot().orders![0]!.state).toBe("filled");
    expect(rig.venue.worstLeaves(3, 1)).toBe(0);
  });

  test("a mass cancel takes an instrument, a side, or everything", () => {
    const rig = new Rig(QUIET);
    rig.order({ id: 1 }).order({ id: 2, side: -1, tick: 1010 }).order({ id: 3, instrument: 5, tick: 4900 });
    rig.massCancel(3, 1).run();
    expect([rig.last(1).kind, rig.last(2).kind, rig.last(3).kind]).toEqual([
      "canceled",
      "accepted",
      "accepted",
    ]);
    rig.massCancel().run();
    expect([rig.last(2).kind, rig.last(3).kind]).toEqual(["canceled", "canceled"]);
    expect(rig.venue.truth.openOrders).toBe(0);
  });

  test("a lower epoch is fenced off without a word", () => {
    const rig = new Rig(QUIET).order({ id: 1, epoch: 2 }).order({ id: 2, epoch: 1 }).cancel(1, 1, 1).run();
    expect(rig.reports).toHaveLength(1);
    expect(rig.venue.highestEpoch).toBe(2);
    expect(rig.venue.truth.counts.staleEpochs).toBe(2);
    expect(rig.venue.receivedCount(2)).toBe(0);
    expect(rig.venue.truth.log.field(1, TRUTH_LOG.verdict)).toBe(STALE_EPOCH);
  });

  test("more requests in a second than are taken are rejected", () => {
    const rig = new Rig({ ...QUIET, requestsPerSecond: 2 });
    rig.order({ id: 1 }).order({ id: 2 }).order({ id: 3 }).run(1000).order({ id: 4 }).run();
    expect(rig.last(3).reason).toBe(VENUE_REASON.throttled);
    expect(rig.last(4).kind).toBe("accepted");
  });

  test("every message is logged in order, with its arrival", () => {
    const rig = new Rig(QUIET).order({ id: 1 }).cancel(1, 1).run();
    const { log } = rig.venue.truth;
    expect(log.count).toBe(2);
    expect([
      log.field(0, TRUTH_LOG.ns),
      log.field(0, TRUTH_LOG.id),
      log.field(1, TRUTH_LOG.requestId),
    ]).toEqual([0, 1, 1]);
  });
});

describe("faults of orders", () => {
  const hits = (rig: Rig, kind: keyof typeof VENUE_FAULT): number => rig.venue.injected[VENUE_FAULT[kind]]!;

  test("ackLost: the order lives, nobody hears of it", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "ackLost" });
    rig.order({ id: 1 }).run();
    expect(rig.reports).toEqual([]);
    expect(rig.venue.snapshot().orders).toMatchObject([{ clientOrderId: "tw-1", state: "open" }]);
    expect(hits(rig, "ackLost")).toBe(1);
  });

  test("fillLost: only a snapshot tells", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "fillLost" });
    rig.order({ id: 1, type: "market", lots: 1 }).run();
    expect(rig.kinds(1)).toEqual(["accepted"]);
    expect(rig.venue.snapshot().fills).toHaveLength(1);
    expect(hits(rig, "fillLost")).toBe(1);
  });

  test("fillBeforeAck: the fill overtakes; without one the acknowledgement is late", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "fillBeforeAck", delayNs: 1e6 });
    rig.order({ id: 1, type: "market", lots: 1 }).order({ id: 2 }).run(3);
    expect(rig.kinds(1)).toEqual(["trade", "accepted"]);
    expect(rig.reports[1]).toMatchObject({ leavesLots: 1, cumLots: 0 });
    expect(rig.kinds(2)).toEqual(["accepted"]);
    expect(rig.last(2).atNs).toBeGreaterThan(rig.last(2).exchNs);
    expect(hits(rig, "fillBeforeAck")).toBe(1);
  });

  test("lateFill: told after the cancel, and true", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "lateFill", delayNs: 1e6 });
    rig.order({ id: 1, lots: 1 }).cancel(1).run(3);
    expect(rig.kinds(1)).toEqual(["accepted", "canceled", "trade"]);
    expect(rig.reports[1]).toMatchObject({ cumLots: 0, leavesLots: 0 });
    expect(rig.last(1)).toMatchObject({ cumLots: 1, leavesLots: 0, priceTicks: 990 });
    expect(rig.venue.positionLots(3)).toBe(1);
  });

  test("duplicateExec: one execution, two reports, equal to the last bit", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "duplicateExec", delayNs: 5e6 });
    rig.order({ id: 1, type: "market", lots: 1 }).run(10);
    expect(rig.kinds(1)).toEqual(["accepted", "trade", "trade"]);
    expect(rig.reports[2]!.cells).toEqual(rig.reports[1]!.cells);
    expect(rig.venue.positionLots(3)).toBe(1);
  });

  test("bust: the execution is undone, and what is left of the order rests or is canceled", () => {
    let returned = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const rig = new Rig(QUIET, seed);
      rig.venue.setFault({ kind: "bust", delayNs: 1e6 });
      rig.order({ id: 1, tick: 1001, lots: 1 }).run(3);
      const busted = rig.reports.find((each) => each.kind === "busted")!;
      expect(busted).toMatchObject({ refExecId: 1, execId: 0, lots: 1, cumLots: 0 });
      expect(rig.venue.positionLots(3)).toBe(0);
      expect(rig.venue.cashMinor(3)).toBe(0n);
      expect(rig.venue.snapshot().fills![0]!.isBusted).toBe(true);
      const isOpen = rig.venue.truth.openOrders === 1;
      expect(busted.leavesLots).toBe(isOpen ? 1 : 0);
      expect(rig.last(1).kind).toBe(isOpen ? "busted" : "canceled");
      expect(rig.venue.worstLeaves(3, 1)).toBe(isOpen ? 1 : 0);
      if (isOpen) returned += 1;
    }
    expect(hits(new Rig(QUIET), "bust")).toBe(0);
    expect(returned).toBeLessThan(20);
  });

  test("correct: another execution stands in", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "correct", delayNs: 1e6 });
    rig.order({ id: 1, tick: 1001, lots: 1 }).run(3);
    const report = rig.last(1);
    expect(report).toMatchObject({ kind: "corrected", refExecId: 1, execId: 2, lots: 1 });
    expect(Math.abs(report.priceTicks - 1001)).toBeLessThanOrEqual(3);
    expect(rig.venue.snapshot().fills).toMatchObject([{ isBusted: true }, { execId: "2" }]);
    expect(rig.venue.positionLots(3)).toBe(1);
  });

  test("overfill: more than was asked for", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "overfill" });
    rig.order({ id: 1, type: "market", lots: 2 }).run();
    expect(rig.last(1)).toMatchObject({ cumLots: 3, leavesLots: 0 });
    expect(rig.venue.positionLots(3)).toBe(3);
    expect(rig.venue.truth.overfilledLots).toBe(1);
  });

  test("unsolicitedCancel", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "unsolicitedCancel", delayNs: 1e6 });
    rig.order({ id: 1 }).run(3);
    expect(rig.kinds(1)).toEqual(["accepted", "canceled"]);
    expect(rig.last(1).requestId).toBe(0);
  });

  test("cancelRace: the fill was first", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "cancelRace" });
    rig.order({ id: 1 }).cancel(1).run();
    expect(rig.kinds(1)).toEqual(["accepted", "trade", "cancelRejected"]);
    expect(rig.last(1)).toMatchObject({ reason: REASON.tooLate, cumLots: 5 });
  });

  test("replaceRace: accepted after a partial fill, or too late", () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const rig = new Rig(QUIET, seed);
      rig.venue.setFault({ kind: "replaceRace" });
      rig.order({ id: 1 }).replace(1, 1, 991, 8).run();
      seen.add(rig.kinds(1).join(" "));
      expect(rig.last(1).leavesLots + rig.last(1).cumLots).toBe(rig.last(1).kind === "replaced" ? 8 : 5);
    }
    expect([...seen].sort()).toEqual(["accepted trade replaceRejected", "accepted trade replaced"]);
  });

  test("partialMassCancel: some stay", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "partialMassCancel", probability: 0.5 });
    for (let id = 1; id <= 20; id++) rig.order({ id });
    rig.massCancel().run();
    expect(rig.venue.truth.openOrders).toBe(hits(rig, "partialMassCancel"));
    expect(rig.venue.truth.openOrders).toBeGreaterThan(0);
    expect(rig.venue.truth.openOrders).toBeLessThan(20);
  });

  test("rejectStorm and throttle reject, and stop when they are switched off", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "rejectStorm" });
    rig.order({ id: 1 }).run();
    expect(rig.last(1).reason).toBe(VENUE_REASON.storm);
    rig.venue.setFault({ kind: "rejectStorm", probability: 0 });
    rig.venue.setFault({ kind: "throttle", count: 2 });
    rig.order({ id: 2 }).order({ id: 3 }).run();
    expect([rig.last(2).kind, rig.last(3).reason]).toEqual(["accepted", VENUE_REASON.throttled]);
    rig.venue.heal();
    rig.order({ id: 4 }).run();
    expect(rig.last(4).kind).toBe("accepted");
  });

  test("unknownId and wrongId: the report names somebody else, the rest is true", () => {
    const rig = new Rig(QUIET).order({ id: 1 }).run();
    rig.venue.setFault({ kind: "unknownId" });
    rig.order({ id: 2, type: "market", lots: 1 }).run();
    rig.venue.setFault({ kind: "unknownId", probability: 0 });
    rig.venue.setFault({ kind: "wrongId" });
    for (let id = 10; id < 20; id++) rig.order({ id, type: "market", lots: 1 });
    rig.run();
    expect(rig.reports[1]!.id).toBeGreaterThanOrEqual(9e15);
    expect(Number.isSafeInteger(rig.reports[1]!.id)).toBe(true);
    expect(hits(rig, "unknownId")).toBe(2);
    expect(hits(rig, "wrongId")).toBeGreaterThan(5);
    const trades = rig.reports.filter((each) => each.kind === "trade");
    expect(trades.map((each) => each.execId)).toEqual(trades.map((_, i) => i + 1));
  });
});

describe("faults of the venue", () => {
  test("disconnect with and without cancel on disconnect", () => {
    for (const cancels of [true, false]) {
      const rig = new Rig({ ...QUIET, cancelsOnDisconnect: cancels, cancelDelayNs: 1e6 });
      rig.venue.sessionUp();
      rig.order({ id: 1 }).run();
      rig.venue.setFault({ kind: "disconnect" });
      expect(rig.disconnects).toBe(1);
      rig.venue.sessionDown();
      rig.run(5);
      expect(rig.kinds(1)).toEqual(cancels ? ["accepted", "canceled"] : ["accepted"]);
      if (cancels) expect(rig.last(1).reason).toBe(VENUE_REASON.connectionLost);
    }
  });

  test("a session that is back in time keeps its orders", () => {
    const rig = new Rig({ ...QUIET, cancelDelayNs: 1e6 });
    rig.venue.sessionUp();
    rig.order({ id: 1 }).run();
    rig.venue.sessionDown();
    rig.venue.sessionUp();
    rig.run(5);
    expect(rig.kinds(1)).toEqual(["accepted"]);
  });

  test("a second loss of the session has its own delay", () => {
    const rig = new Rig({ ...QUIET, cancelDelayNs: 1e6 });
    rig.venue.sessionUp();
    rig.order({ id: 1 }).run(1);
    rig.venue.sessionDown();
    rig.venue.sessionUp();
    rig.run(0.5);
    rig.venue.sessionDown();
    rig.run(0.75);
    expect(rig.kinds(1)).toEqual(["accepted"]);
    rig.run(0.5);
    expect(rig.kinds(1)).toEqual(["accepted", "canceled"]);
  });

  test("the clock: skew, drift, leap second; a snapshot is never older than its rows", () => {
    const rig = new Rig(QUIET);
    rig.venue.setFault({ kind: "clockSkew", delayNs: -3e9 });
    rig.order({ id: 1 }).run();
    expect(rig.last(1).exchNs).toBeLessThan(-2.9e9);
    rig.venue.setFault({ kind: "clockSkew", delayNs: 1 });
    rig.venue.setFault({ kind: "clockDrift", ppm: 1000 });
    rig.run(1000);
    expect(rig.venue.clock.read()).toBe(rig.nowNs + 1 + 1_000_000);
    rig.order({ id: 2, type: "market", lots: 1 }).run();
    rig.venue.setFault({ kind: "leapSecond" });
    const told = rig.last(2).exchNs;
    expect(rig.venue.clock.read()).toBeLessThan(told);
    expect(rig.venue.snapshot().asOfNs).toBeGreaterThanOrEqual(told);
    rig.venue.heal();
    expect(rig.venue.clock.read()).toBe(rig.nowNs);
  });

  test("failovers: silent, with cancels, forgetful, rolled back", () => {
    const silent = new Rig(QUIET).order({ id: 1 }).run();
    silent.venue.setFault({ kind: "failoverSilent" });
    expect(silent.run().kinds(1)).toEqual(["accepted"]);
    expect(silent.venue.worstLeaves(3, 1)).toBe(0);
    expect(silent.venue.snapshot().orders![0]!.state).toBe("canceled");

    const forgetful = new Rig(QUIET).order({ id: 1 }).run();
    forgetful.venue.setFault({ kind: "failoverSilent", forgets: true });
    expect(forgetful.venue.snapshot({ ids: [1, 2] })).toMatchObject({
      orders: [],
      notFound: ["tw-1", "tw-2"],
    });
    expect(forgetful.cancel(1).run().last(1).reason).toBe(REASON.unknownOrder);

    const told = new Rig(QUIET).order({ id: 1 }).run();
    told.venue.setFault({ kind: "failoverCancels" });
    expect(told.last(1)).toMatchObject({ kind: "canceled", reason: VENUE_REASON.failover });

    const back = new Rig(QUIET)
      .order({ id: 1, type: "market", lots: 1 })
      .order({ id: 2, type: "market", lots: 1 });
    back.order({ id: 3 }).order({ id: 4 }).run();
    back.venue.setFault({ kind: "failoverRollback", count: 1, delayNs: 1e6 });
    expect(back.venue.positionLots(3)).toBe(1);
    expect(back.venue.truth.openOrders).toBe(1);
    expect(back.kinds(2)).toEqual(["accepted", "trade"]);
    back.run(3);
    expect(back.kinds(2)).toEqual(["accepted", "trade", "busted", "canceled"]);
    expect(back.kinds(4)).toEqual(["accepted"]);
  });

  test("a halt stops the market and takes cancels only", () => {
    const rig = new Rig(LIVELY).order({ id: 1 }).run();
    rig.venue.start();
    rig.venue.setFault({ kind: "halt", instrument: 3 });
    const before = rig.packets.filter((packet) => packet[0] === 3).length;
    rig
      .order({ id: 2 })
      .replace(1, 1, 991, 5)
      .cancel(1, 2)
      .order({ id: 3, instrument: 5, tick: 4900 })
      .run(10);
    expect(rig.packets.filter((packet) => packet[0] === 3)).toHaveLength(before);
    expect(rig.last(2).reason).toBe(VENUE_REASON.halted);
    expect(rig.kinds(1)).toEqual(["accepted", "replaceRejected", "canceled"]);
    expect(rig.last(3).kind).toBe("accepted");
    rig.venue.setFault({ kind: "resume", instrument: 3 });
    rig.order({ id: 4 }).run(10);
    expect(rig.last(4).kind).toBe("accepted");
    expect(rig.packets.filter((packet) => packet[0] === 3).length).toBeGreaterThan(before);
  });

  test("settings that cannot be are refused by name", () => {
    const { venue } = new Rig(QUIET);
    const set = (setting: object) => () => venue.setFault(setting as never);
    expect(set({ kind: "ackLost", probability: 2 })).toThrow("fault.probability");
    expect(set({ kind: "noSuch" })).toThrow("fault.kind");
    expect(set({ kind: "bust", delayNs: 0 })).toThrow("fault.delayNs");
    expect(set({ kind: "bust", odds: 1 })).toThrow("fault.odds");
    expect(set({ kind: "overfill", count: 0 })).toThrow("fault.count");
    expect(set({ kind: "halt", instrument: 4 })).toThrow("one of this venue");
    expect(() => new Rig({ account: "" })).toThrow("venue.account");
    expect(() => new Rig({ market: { depth: 12 } })).toThrow("market.depth");
    expect(VENUE_FAULTS).toHaveLength(venue.injected.length);
  });
});

test("a snapshot is accepted by reconciliation and agrees with a true view", () => {
  const rig = new Rig(LIVELY);
  rig.venue.start();
  rig.venue.setFault({ kind: "overfill", probability: 0.3, count: 4 });
  rig.venue.setFault({ kind: "bust", probability: 0.3, delayNs: 1e7 });
  rig.order({ id: 1 }).order({ id: 2, type: "market", lots: 9 }).order({ id: 3, tick: 0 }).run(50);
  for (let id = 10; id < 40; id++)
    rig.order({ id, type: "market", lots: 3, side: id % 2 === 0 ? 1 : -1 }).run(1);
  rig.venue.setFault({ kind: "leapSecond" });
  rig.run(5);
  const snapshot = rig.venue.snapshot({ ids: [1, 3, 99] });
  expect(snapshot.notFound).toEqual(["tw-99"]);
  const book = new ReconBook({
    venue: "x",
    account: "main",
    ackTimeoutNs: 1e9,
    graceNs: 1e9,
    orphans: "cancel",
  });
  const report = book.update(
    {
      venue: "x",
      account: "main",
      nowNs: snapshot.asOfNs,
      orders: [
        {
          clientOrderIds: ["tw-1"],
          instrument: "ABC@x",
          side: "buy",
          priceTicks: 990,
          lots: 5,
          cumLots: 0,
          state: "open",
          sentNs: 0,
          requests: [],
        },
      ],
      fills: snapshot.fills!.filter((fill) => fill.isBusted !== true),
      positions: snapshot.positions!,
      cash: snapshot.cash!,
    },
    snapshot,
  );
  if ("ok" in report) throw new Error(JSON.stringify(report));
  expect(report.opened.map((each) => each.kind)).toEqual([]);
});
