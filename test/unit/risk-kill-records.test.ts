import { describe, expect, it } from "vitest";
import { refuse } from "../../src/base/index.ts";
import { DeadMan } from "../../src/risk/dead-man.ts";
import { KillFlatten } from "../../src/risk/kill-flatten.ts";
import type { FlattenPlan } from "../../src/risk/kill-port.ts";
import { checkLatchRecord, type LatchRecord } from "../../src/risk/kill-record.ts";
import { answer, KillDesk, order, PACE } from "../fixtures/kill-desk.ts";
import { faultOf } from "../fixtures/run-tapes.ts";

const VENUE_A = { kind: "venue", name: "A" } as const;

/** The details of every record of a step. */
function detailsOf(desk: KillDesk, wanted: string): unknown[] {
  return desk.records.filter(({ step }) => step === wanted).map(({ detail }) => detail);
}

describe("what a kill writes down", () => {
  it("names the requests that were handed over, the answers, and what was verified", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.inScope.add("a2");
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    expect(detailsOf(desk, "massCancelHanded")).toEqual([{ requestId: 1 }]);
    expect(detailsOf(desk, "cancelsHanded")).toEqual([{ handed: 1, lastRequestId: 2 }]);
    expect(detailsOf(desk, "openOrdersAsked")).toEqual([{ requestId: 3 }]);
    desk.kill.onOpenOrders("A", 3, ["a1", "a2"], 2);
    expect(detailsOf(desk, "openOrdersAnswered")).toEqual([{ requestId: 3, listed: 2 }]);
    desk.kill.onCancelConfirmed("A", "a1", 3);
    desk.kill.onCancelConfirmed("A", "a2", 4);
    desk.kill.step(51);
    answer(desk, desk.a, 52);
    expect(detailsOf(desk, "venueVerified")).toEqual([{ requested: 2, rounds: 2 }]);
  });

  it.each([["massCancel"], ["cancel"], ["query"], ["logout"]])("names %s where that failed", (what) => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.a.broken.add(what);
    desk.press(VENUE_A, 4, 0);
    desk.kill.step(1);
    desk.kill.onCancelConfirmed("A", "a1", 2);
    desk.kill.step(60);
    answer(desk, desk.a, 61);
    desk.kill.step(62);
    const name = what === "query" ? "queryOpenOrders" : what;
    expect(detailsOf(desk, "venueFailed")).toEqual([{ what: name, error: `Error: A ${what} broke` }]);
  });
});

describe("the report of a kill", () => {
  it("says when the last order ended, whatever venues had none", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a2")];
    desk.press(null, 2, 10);
    desk.kill.step(11);
    desk.kill.onCancelConfirmed("A", "a1", 14);
    expect(desk.kill.report(null)?.t3Ns).toBe(null);
    desk.kill.onFilled("A", "a2", 17);
    const report = desk.kill.report(null);
    expect([report?.t3Ns, report?.venues.map((venue) => venue.t3Ns)]).toEqual([7, [7, null]]);
    expect(report?.t2Ns).toBe(null);
    desk.kill.step(18);
    expect(desk.kill.report(null)?.t2Ns).toBe(8);
  });
});

describe("what a kill writes down of trouble", () => {
  it("is the time from the press to the closed gate", () => {
    const desk = new KillDesk();
    const request = {
      who: "rob",
      channel: "gui",
      scope: null,
      level: 2,
      reason: "test",
      pressedNs: 70,
    } as const;
    desk.kill.activate(request, 100);
    desk.kill.step(103);
    expect(detailsOf(desk, "gateClosed")).toEqual([{ t1Ns: 33 }]);
    expect(desk.kill.report(null)).toMatchObject({ t0Ns: 70, t1Ns: 33 });
  });

  it("is why the orders could not be listed", () => {
    const desk = new KillDesk();
    desk.listerBroken = true;
    desk.press(VENUE_A, 2, 0);
    for (const nowNs of [1, 2]) desk.kill.step(nowNs);
    expect(detailsOf(desk, "listingFailed")).toEqual([{ error: "Error: lister broke" }]);
  });

  it("is that the latch was not saved, once and at once", () => {
    const desk = new KillDesk();
    desk.store.broken = true;
    desk.press(VENUE_A, 2, 5);
    const saved = (): unknown[] =>
      desk.records.flatMap(({ step, atNs }) => (step.endsWith("ersisted") ? [[step, atNs]] : []));
    expect(saved()).toEqual([["notPersisted", 5]]);
    for (const nowNs of [6, 7]) desk.kill.step(nowNs);
    expect(saved()).toEqual([["notPersisted", 5]]);
    expect(detailsOf(desk, "notPersisted")).toEqual([{ error: "Error: disk full" }]);
    desk.store.broken = false;
    for (const nowNs of [8, 9]) desk.kill.step(nowNs);
    expect(saved()).toEqual([
      ["notPersisted", 5],
      ["persisted", 8],
    ]);
  });

  it("is no trouble where there is no door to open", () => {
    const desk = new KillDesk();
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.ask("rob", VENUE_A, 2, "nothing is open");
    desk.confirm("ria", VENUE_A, 3);
    expect(desk.steps()).toContain("egressOpened");
    expect(desk.steps()).not.toContain("controlFailed");
  });
});

describe("a kill that is not complete", () => {
  function stuck(level: 1 | 2, broken: "stopStrategies" | "closeEgress"): KillDesk {
    const controls = { stopStrategies: () => undefined, closeEgress: () => undefined };
    const fail = (): never => {
      throw new Error("no door");
    };
    const desk = new KillDesk({ controls: { ...controls, [broken]: fail } });
    desk.press(VENUE_A, level, 0);
    for (const nowNs of [1, 60]) desk.kill.step(nowNs);
    answer(desk, desk.a, 61);
    desk.kill.step(62);
    return desk;
  }

  it("is one whose strategies run, at level 1 and at level 2", () => {
    expect(stuck(1, "stopStrategies").kill.report(VENUE_A)?.complete).toBe(false);
    const report = stuck(2, "stopStrategies").kill.report(VENUE_A);
    expect(report).toMatchObject({ complete: false, egressClosed: true, unknown: 0 });
    expect(report?.venues[0]?.verified).toBe(true);
  });

  it("is one whose egress is open, but for level 1, which leaves it open", () => {
    expect(stuck(2, "closeEgress").kill.report(VENUE_A)).toMatchObject({
      complete: false,
      strategiesStopped: true,
      egressClosed: false,
    });
    expect(stuck(1, "closeEgress").kill.report(VENUE_A)?.complete).toBe(true);
  });
});

describe("a kill that was lifted with orders open", () => {
  function lifted(): KillDesk {
    const desk = new KillDesk({ pace: { ...PACE, escalateNs: 100 } });
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    expect(desk.ask("sue", VENUE_A, 2, "the venue is closed")).toMatchObject({ ok: false });
    desk.ask("rob", VENUE_A, 2, "the venue is closed");
    expect(desk.confirm("ria", VENUE_A, 3)).toMatchObject({ ok: true });
    return desk;
  }

  it("asks and says nothing any more", () => {
    const desk = lifted();
    const [told, records] = [desk.a.told.length, desk.records.length];
    for (const nowNs of [60, 120, 500, 2_000]) desk.kill.step(nowNs);
    desk.kill.onVenueDown("A", 2_001);
    expect([desk.a.told.length, desk.records.length]).toEqual([told, records]);
  });

  it("leaves the kill beside it at work", () => {
    const desk = new KillDesk();
    desk.press(null, 2, 0);
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.ask("rob", null, 2, "one venue is enough");
    expect(desk.confirm("ria", null, 3)).toMatchObject({ ok: true });
    const before = [desk.a.queries.length, desk.b.queries.length];
    for (const nowNs of [60, 120]) desk.kill.step(nowNs);
    expect([
      desk.a.queries.length - (before[0] as number),
      desk.b.queries.length - (before[1] as number),
    ]).toEqual([2, 0]);
  });

  it("cancels them again when the scope is killed again", () => {
    const desk = lifted();
    desk.press(VENUE_A, 2, 10);
    desk.kill.step(11);
    expect(desk.a.cancels).toEqual(["a1", "a1"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ requested: 1, unknown: 1 });
  });
});

describe("an order that ended and was open after all", () => {
  it("is claimed by a newer kill from the answer to an older question", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.kill.onCancelRejected("A", "a1", 2);
    const [asked = 0] = desk.a.queries;
    desk.kill.onOpenOrders("A", 0, [], 2);
    desk.kill.step(60);
    answer(desk, desk.a, 61);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ confirmed: 1 });
    desk.kill.onAck("A", "a1", 62);
    desk.orders = [];
    desk.press(null, 2, 63);
    desk.kill.onOpenOrders("A", asked, ["a1"], 64);
    expect(desk.kill.report(null)).toMatchObject({ requested: 1, unknown: 1 });
  });
});

describe("a plan to flatten by", () => {
  const plan: FlattenPlan = { referenceAgeNs: () => 0, start: () => null, owns: () => true };

  it("that is missing owns nothing and is missed", () => {
    const none = new KillFlatten(undefined);
    expect(none.owns("A", 1)).toBe(false);
    expect(none.attempt(null, 1, 0)).toEqual(
      refuse("RISK_KILL_NO_PLAN", "flatten", null, "a plan to flatten by"),
    );
  });

  it("that throws owns nothing and is refused", () => {
    const broken = (): never => {
      throw new Error("no plan");
    };
    const made = new KillFlatten({ plan: { ...plan, start: broken, owns: broken }, referenceAgeNsMax: 5 });
    expect(made.owns("A", 1)).toBe(false);
    expect(made.attempt(null, 1, 0)).toEqual(
      refuse("RISK_KILL_PLAN_FAILED", "plan", "Error: no plan", "a plan that does not throw"),
    );
  });

  it.each([
    [-1, false],
    [0, true],
    [5, true],
    [6, false],
    [Number.NaN, false],
  ])("with references %d ns old: %s", (ageNs, passes) => {
    const made = new KillFlatten({ plan: { ...plan, referenceAgeNs: () => ageNs }, referenceAgeNsMax: 5 });
    expect([made.owns("A", 1), made.attempt(null, 1, 0)]).toEqual([
      true,
      passes ? null : refuse("RISK_KILL_STALE_REFERENCE", "referenceAgeNs", ageNs, "within 0 and 5 ns"),
    ]);
  });
});

describe("faults say what was found and what was expected", () => {
  it("in a saved record", () => {
    const { scopes } = new KillDesk();
    const latched = [{ scope: null, level: 5, atNs: 0, who: "rob", role: null, channel: "gui", reason: "" }];
    const wrong = [
      [{ version: 2 }, "version", 2, "1"],
      [{ epoch: -1 }, "epoch", -1, "an integer of at least 0"],
      [{ latched }, "latched[0].level", 5, "1, 2, 3 or 4"],
    ] as const;
    for (const [part, path, value, expected] of wrong) {
      const record = { version: 1, epoch: 0, latched: [], ...part } as unknown as LatchRecord;
      const fault = { code: "FAULT_INPUT", path: `latchRecord.${path}`, value, expected };
      expect(faultOf(() => checkLatchRecord(record, scopes))).toMatchObject(fault);
    }
  });

  it("in a request", () => {
    const { kill } = new KillDesk();
    const request = { who: "rob", channel: "gui", scope: null, level: 9, reason: "test" } as never;
    expect(faultOf(() => kill.activate(request, 0))).toMatchObject({
      code: "FAULT_INPUT",
      path: "killRequest.level",
      value: 9,
      expected: "1, 2, 3 or 4",
    });
  });

  it("in the options", () => {
    const { a } = new KillDesk();
    expect(faultOf(() => new KillDesk({ venues: [a, a] }))).toMatchObject({
      code: "FAULT_CONFIG",
      path: "killSwitch.venues[1].name",
      value: "A",
      expected: "a name that is new",
    });
  });

  it("in the watch of a dead man", () => {
    const deadMan = { heart: new DeadMan({ timeoutNs: 5 }), who: "tom", scope: null, level: 2 } as const;
    expect(faultOf(() => new KillDesk({ deadMan }))).toMatchObject({
      code: "FAULT_CONFIG",
      path: "killSwitch.deadMan.who",
      value: "tom",
      expected: "somebody who may kill the scope",
    });
  });
});
