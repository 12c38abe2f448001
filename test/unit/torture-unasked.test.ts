import { describe, expect, test } from "vitest";
import { TRUTH_STATE, VENUE_FAULT, type VenueFaultKind } from "../../src/torture/index.ts";
import { Rig } from "./torture-venue-rig.ts";

const on = (rig: Rig, kind: VenueFaultKind, probability = 1, delayNs = 1e6): void =>
  rig.venue.setFault({ kind, probability, delayNs });
const state = (rig: Rig, id: number): string | undefined =>
  rig.venue.snapshot({ ids: [id] }).orders?.find((each) => each.clientOrderId === `tw-${id}`)?.state;
const row = (rig: Rig, id: number): number => rig.venue.truth.orders.rowOf(id);

describe("what a venue does unasked", () => {
  test("a restatement cuts the quantity or moves the price, and is what the venue holds then", () => {
    for (let id = 1; id <= 12; id++) {
      const rig = new Rig({}, id);
      on(rig, "restate");
      rig.order({ id, lots: 20, tick: 900 }).run(5);
      const { orders } = rig.venue.truth;
      const { priceTicks, lots } = rig.last(id);
      expect([orders.priceTicks[row(rig, id)], orders.lots[row(rig, id)]]).toEqual([priceTicks, lots]);
      expect(Math.abs(priceTicks - 900) === 1 ? lots : priceTicks - 900 + 20).toBe(20);
      expect(rig.kinds(id)).toContain("restated");
      expect(state(rig, id)).toBe("open");
    }
  });

  test("a suspended order is open, does not fill, meets nobody, and takes cancels and replaces", () => {
    const rig = new Rig({}, 4);
    rig.order({ id: 1, tick: 990, lots: 5 }).run();
    on(rig, "suspendOrder", 1, 1e12);
    rig.venue.setFault({ kind: "halt" });
    rig.venue.setFault({ kind: "resume" });
    on(rig, "suspendOrder", 0, 1e12);
    expect(rig.kinds(1).slice(0, 2)).toEqual(["accepted", "suspended"]);
    const { orders } = rig.venue.truth;
    expect([orders.isOpen(row(rig, 1)), orders.isAway(row(rig, 1)), orders.resting[row(rig, 1)]]).toEqual([
      true,
      true,
      0,
    ]);
    expect(state(rig, 1)).toBe("open");
    rig.order({ id: 2, side: -1, tick: 985, lots: 3 }).run();
    expect(rig.kinds(2)).toContain("trade");
    expect(orders.cumLots[row(rig, 1)]).toBe(0);
    rig.replace(1, 1, 980, 7).run();
    expect(rig.last(1)).toMatchObject({ kind: "replaced", priceTicks: 980, lots: 7 });
    expect(orders.isAway(row(rig, 1))).toBe(true);
    rig.cancel(1, 2).run();
    expect(rig.last(1).kind).toBe("canceled");
    expect(orders.away).toEqual([]);
  });

  test("a mass cancel and a failover reach orders that are away", () => {
    for (const end of ["massCancel", "failover"] as const) {
      const rig = new Rig({}, 5);
      rig.order({ id: 1 }).run();
      on(rig, "suspendOrder", 1, 1e12);
      rig.venue.setFault({ kind: "halt" });
      rig.venue.heal();
      if (end === "massCancel") rig.massCancel().run();
      else rig.venue.setFault({ kind: "failoverCancels" });
      expect(rig.last(1).kind).toBe("canceled");
      expect([rig.venue.truth.openOrders, rig.venue.worstLeaves(3, 1)]).toEqual([0, 0]);
    }
  });

  test("a guarantee says some of the lots, and they fill", () => {
    const rig = new Rig({}, 2);
    on(rig, "stopOrder");
    for (let id = 1; id <= 20; id++) rig.order({ id, tick: 900 + id, lots: 20 }).run(5);
    const stopped = rig.reports.filter(({ kind }) => kind === "stopped");
    expect(stopped.length).toBeGreaterThan(10);
    expect(stopped.every(({ lots, leavesLots }) => lots >= 1 && lots <= leavesLots)).toBe(true);
    expect(rig.reports.filter(({ kind }) => kind === "trade").length).toBeGreaterThan(5);
  });

  test("an order expires, is rejected after all, or is back: the snapshot says the same", () => {
    const rig = new Rig({}, 3);
    on(rig, "expireOrder");
    rig.order({ id: 1 }).run(5);
    expect([rig.kinds(1).includes("expired"), state(rig, 1)]).toEqual([true, "expired"]);
    on(rig, "expireOrder", 0);
    on(rig, "rejectLate");
    rig.order({ id: 2 }).run(5);
    expect([rig.kinds(2).includes("rejected"), state(rig, 2)]).toEqual([true, "rejected"]);
    on(rig, "rejectLate", 0);
    on(rig, "reinstate");
    rig.order({ id: 3 }).run().cancel(3).run(5);
    expect([rig.last(3).kind, state(rig, 3)]).toEqual(["triggered", "open"]);
  });

  test("a cancel that was rejected is carried out after all, under its number", () => {
    const rig = new Rig();
    on(rig, "cancelAfterAll");
    rig.order({ id: 1 }).run().cancel(1, 7).run(5);
    expect(rig.kinds(1)).toEqual(["accepted", "cancelRejected", "canceled"]);
    expect(rig.last(1).requestId).toBe(7);
  });

  test("a night takes every order out of the matching; in the morning each goes on or is over", () => {
    const rig = new Rig({}, 6);
    for (let id = 1; id <= 40; id++) rig.order({ id, tick: 900 + id }).run(1);
    on(rig, "dayEnds");
    const { orders } = rig.venue.truth;
    expect(orders.away).toHaveLength(40);
    rig.run(20);
    expect(orders.away).toHaveLength(40);
    rig.venue.heal();
    rig.run(20);
    expect(orders.away).toEqual([]);
    const last = Array.from({ length: 40 }, (_, i) => rig.last(i + 1).kind);
    for (const kind of ["triggered", "expired", "calculated"]) expect(last).toContain(kind);
    for (const [i, kind] of last.entries()) {
      const ended = kind === "expired" || kind === "calculated";
      if (ended) expect(orders.state[row(rig, i + 1)]).toBe(TRUTH_STATE.expired);
    }
    expect(rig.venue.injected[VENUE_FAULT.dayEnds]).toBeGreaterThanOrEqual(40);
  });
});
