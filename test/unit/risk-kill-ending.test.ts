import { describe, expect, it } from "vitest";
import { isRefusal, refuse } from "../../src/base/index.ts";
import { answer, KillDesk, order, STRATEGY, ToldVenue } from "../fixtures/kill-desk.ts";

const VENUE_A = { kind: "venue", name: "A" } as const;

describe("the flattening of a level 3 kill", () => {
  function flattening(ageNs: { value: number }, start: () => ReturnType<typeof refuse> | null) {
    const asked: unknown[] = [];
    const desk = new KillDesk({
      flatten: {
        referenceAgeNsMax: 10,
        plan: {
          referenceAgeNs: (scope, nowNs) => {
            asked.push([scope, nowNs]);
            return ageNs.value;
          },
          start: (scope, requestId) => {
            asked.push([scope, requestId]);
            return start();
          },
          owns: (venue, ref) => {
            if (ref === "throws") throw new Error("owns broke");
            return venue === "A" && ref === "exit";
          },
        },
      },
    });
    return { desk, asked };
  }

  it("waits until nothing is open, then hands over once", () => {
    const { desk, asked } = flattening({ value: 10 }, () => null);
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 3, 0);
    desk.kill.step(60);
    expect(asked).toEqual([]);
    desk.kill.onCancelConfirmed("A", "a1", 61);
    answer(desk, desk.a, 62);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ flatten: "waiting", complete: false });
    desk.kill.step(63);
    desk.kill.step(64);
    expect(asked).toEqual([
      [VENUE_A, 63],
      [VENUE_A, 4],
    ]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      flatten: "handed",
      flattenRefusal: null,
      complete: true,
    });
    expect(desk.records.find(({ step }) => step === "flattenHanded")?.detail).toEqual({ requestId: 4 });
  });

  it("spares the plan's own orders, at its level only", () => {
    const { desk } = flattening({ value: 0 }, () => null);
    desk.press(VENUE_A, 3, 0);
    desk.kill.step(60);
    answer(desk, desk.a, 60);
    desk.kill.step(61);
    desk.kill.onAck("A", "exit", 62);
    desk.kill.onAck("A", "throws", 62);
    desk.kill.step(63);
    expect(desk.a.cancels).toEqual(["throws"]);
    desk.press(null, 2, 64);
    desk.kill.onAck("A", "exit", 65);
    desk.kill.step(66);
    expect(desk.a.cancels).toEqual(["throws", "exit"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ requested: 1 });
    expect(desk.kill.report(null)).toMatchObject({ requested: 1 });
    desk.press(VENUE_A, 4, 67);
    desk.kill.onAck("A", "exit", 68);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ requested: 2, flatten: "handed" });
  });

  it.each([
    [10.5, "RISK_KILL_STALE_REFERENCE"],
    [-1, "RISK_KILL_STALE_REFERENCE"],
    [Number.NaN, "RISK_KILL_STALE_REFERENCE"],
    [Number.POSITIVE_INFINITY, "RISK_KILL_STALE_REFERENCE"],
  ])("never trades on a reference of age %s", (value, code) => {
    const age = { value };
    const { desk } = flattening(age, () => null);
    desk.press(VENUE_A, 3, 0);
    desk.kill.step(60);
    answer(desk, desk.a, 60);
    desk.kill.step(61);
    desk.kill.step(62);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      flatten: "refused",
      flattenRefusal: code,
      complete: false,
    });
    expect(desk.records.filter(({ step }) => step === "flattenRefused")).toMatchObject([
      { detail: { code, message: expect.stringContaining("within 0 and 10 ns") } },
    ]);
    age.value = 0;
    desk.kill.step(63);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ flatten: "handed", complete: true });
  });

  it("says why the plan did not begin, each reason once", () => {
    let result: () => ReturnType<typeof refuse> | null = () =>
      refuse("MARKET_CLOSED", "market", "closed", "open");
    const { desk } = flattening({ value: 0 }, () => result());
    desk.press(VENUE_A, 3, 0);
    desk.kill.step(60);
    answer(desk, desk.a, 60);
    desk.kill.step(61);
    desk.kill.step(62);
    result = () => {
      throw new Error("no plan");
    };
    desk.kill.step(63);
    expect(
      desk.records.filter(({ step }) => step === "flattenRefused").map(({ detail }) => detail.code),
    ).toEqual(["MARKET_CLOSED", "RISK_KILL_PLAN_FAILED"]);
    expect(desk.kill.report(VENUE_A)?.flattenRefusal).toBe("RISK_KILL_PLAN_FAILED");
  });

  it("is refused without a plan, and the kill stays on", () => {
    const desk = new KillDesk();
    desk.press(VENUE_A, 3, 0);
    desk.kill.step(60);
    answer(desk, desk.a, 60);
    desk.kill.step(61);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      flatten: "refused",
      flattenRefusal: "RISK_KILL_NO_PLAN",
    });
    expect(desk.latch.levelOf(1)).toBe(3);
    desk.kill.onAck("A", "exit", 62);
    expect(desk.kill.report(VENUE_A)?.requested).toBe(1);
    desk.press(VENUE_A, 4, 63);
    expect(desk.kill.report(VENUE_A)?.flatten).toBe("notAsked");
  });
});

describe("the logout of a level 4 kill", () => {
  it("waits for the cancels and comes once the venue is empty", () => {
    const desk = new KillDesk();
    desk.press(null, 4, 0);
    desk.kill.step(60);
    expect(desk.kill.report(null)).toMatchObject({ flatten: "notAsked" });
    expect(desk.kill.report(null)?.venues.map((venue) => venue.logout)).toEqual(["waiting", "unsupported"]);
    answer(desk, desk.b, 61);
    answer(desk, desk.a, 61);
    desk.a.broken.add("logout");
    desk.kill.step(62);
    expect(desk.kill.report(null)).toMatchObject({ complete: false });
    desk.a.broken.clear();
    desk.kill.step(63);
    desk.kill.step(64);
    expect(desk.a.told).toEqual(["massCancel", "query", "logout"]);
    expect(desk.kill.report(null)).toMatchObject({ complete: true });
    expect(desk.kill.report(null)?.venues.map((venue) => venue.logout)).toEqual(["handed", "unsupported"]);
    expect(desk.records.find(({ step }) => step === "loggedOut")).toMatchObject({
      venue: "A",
      detail: { unknown: 0 },
      atNs: 63,
    });
  });

  it("does not wait for ever: it comes when people are called", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 4, 0);
    desk.kill.step(1);
    desk.kill.step(999);
    expect(desk.a.told).not.toContain("logout");
    desk.kill.step(1_000);
    expect(desk.a.told).toContain("logout");
    expect(desk.kill.report(VENUE_A)).toMatchObject({ complete: false, unknown: 1 });
  });

  it("leaves a session alone that others share", () => {
    const desk = new KillDesk({ venues: [new ToldVenue("A", ["A1"]), new ToldVenue("B", ["B1", "B2"])] });
    for (const scope of [STRATEGY, { kind: "session", name: "B1" }] as const) {
      desk.press(scope, 4, 0);
      expect(desk.kill.report(scope)?.venues.every((venue) => venue.logout === "unsupported")).toBe(true);
    }
    expect(isRefusal(desk.press(null, 4, 0))).toBe(false);
    expect(desk.kill.report(null)?.venues.map((venue) => venue.logout)).toEqual(["waiting", "waiting"]);
  });
});
