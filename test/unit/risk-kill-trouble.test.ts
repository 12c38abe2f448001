import { describe, expect, it } from "vitest";
import { answer, KillDesk, order, PACE, STRATEGY } from "../fixtures/kill-desk.ts";

const VENUE_A = { kind: "venue", name: "A" } as const;

describe("a kill in trouble", () => {
  it("calls for people after so many rounds, once", () => {
    const desk = new KillDesk({ pace: { ...PACE, roundsMax: 2 } });
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    for (const nowNs of [0, 50, 99]) desk.kill.step(nowNs);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ rounds: 2, escalated: false });
    desk.kill.step(100);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ rounds: 3, escalated: true });
    desk.kill.step(200);
    expect(desk.records.filter(({ step }) => step === "venueEscalated")).toMatchObject([
      { venue: "A", atNs: 100, detail: { unknown: 1, rounds: 2, down: false } },
    ]);
    answer(desk, desk.a, 201, []);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      verified: true,
      escalated: false,
      unknown: 0,
    });
    // Patience begins anew with the next order.
    desk.kill.onAck("A", "late", 300);
    for (const nowNs of [300, 350]) desk.kill.step(nowNs);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ escalated: false });
    desk.kill.step(400);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ escalated: true });
  });

  it("calls for people after so much time, also where the venue is down", () => {
    const desk = new KillDesk({ pace: { ...PACE, roundsMax: 99 } });
    desk.orders = [order("A", "a1")];
    desk.kill.onVenueDown("A", 5);
    desk.kill.onVenueDown("A", 6);
    desk.press(VENUE_A, 2, 10);
    for (const nowNs of [11, 1_009]) desk.kill.step(nowNs);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ escalated: false, down: true, rounds: 0 });
    desk.kill.step(1_010);
    expect(desk.kill.report(VENUE_A)?.venues[0]?.escalated).toBe(true);
    expect(desk.a.told).toEqual([]);
    expect(desk.steps()).not.toContain("venueDown A");
    expect(desk.records.at(-1)?.detail).toEqual({ unknown: 1, rounds: 0, down: true });
  });

  it("sends nothing to a venue that is down and all of it again when it is back", () => {
    const desk = new KillDesk({ pace: { ...PACE, cancelsPerStep: 9, retryNs: 1_000, queryNs: 1_000 } });
    desk.orders = [1, 2, 3].map((ref) => order("A", ref));
    desk.press(null, 2, 0);
    desk.kill.step(1);
    desk.kill.onCancelConfirmed("A", 2, 2);
    desk.kill.onVenueDown("A", 3);
    desk.kill.onVenueDown("A", 3);
    desk.kill.step(500);
    const told = ["massCancel", "cancel 1", "cancel 2", "cancel 3", "query"];
    expect(desk.a.told).toEqual(told);
    desk.kill.onVenueUp("A", 501);
    desk.kill.onVenueUp("A", 501);
    desk.kill.step(502);
    expect(desk.a.told.slice(5)).toEqual(["massCancel", "cancel 1", "cancel 3", "query"]);
    expect(desk.steps().filter((step) => step.startsWith("venue"))).toEqual(["venueDown A", "venueUp A"]);
    expect(desk.b.told).toEqual(["query"]);
  });

  it.each([
    ["onCancelConfirmed", (desk: KillDesk) => desk.kill.onCancelConfirmed("A", "x", 3)],
    ["onCancelRejected", (desk: KillDesk) => desk.kill.onCancelRejected("A", "x", 3)],
    ["onFilled", (desk: KillDesk) => desk.kill.onFilled("A", "x", 3)],
    ["onAck", (desk: KillDesk) => desk.kill.onAck("A", "x", 3)],
    ["onOpenOrders", (desk: KillDesk) => desk.kill.onOpenOrders("A", 0, [], 3)],
  ])("takes %s for a sign of life", (_name, say) => {
    const desk = new KillDesk();
    desk.kill.onVenueDown("A", 1);
    desk.press(VENUE_A, 2, 2);
    desk.kill.step(2);
    expect(desk.kill.report(VENUE_A)?.venues[0]?.down).toBe(true);
    say(desk);
    expect(desk.kill.report(VENUE_A)?.venues[0]?.down).toBe(false);
  });

  it("stops handing over when the venue goes down in the middle", () => {
    const desk = new KillDesk({ pace: { ...PACE, cancelsPerStep: 9 } });
    desk.orders = [1, 2, 3].map((ref) => order("A", ref));
    const { a } = desk;
    a.cancel = (ref) => {
      a.cancels.push(ref);
      desk.kill.onVenueDown("A", 1);
    };
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    expect([a.cancels, a.told]).toEqual([[1], ["massCancel"]]);
  });

  it("takes answers from inside its own calls", () => {
    const desk = new KillDesk({ pace: { ...PACE, cancelsPerStep: 9 } });
    desk.orders = [1, 2, 3].map((ref) => order("A", ref));
    const { a } = desk;
    a.cancel = (ref) => {
      a.cancels.push(ref);
      if (ref === 2) throw new Error("after all");
      desk.kill.onCancelConfirmed("A", ref, 1);
    };
    a.queryOpenOrders = (id) => desk.kill.onOpenOrders("A", id, [], 1);
    desk.press(VENUE_A, 2, 0);
    for (const nowNs of [1, 2, 60]) desk.kill.step(nowNs);
    expect(a.cancels).toEqual([1, 2, 3]);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      canceled: 2,
      absent: 1,
      unknown: 0,
      verified: true,
    });
  });

  it("goes on while the lister throws: mass cancel and queries, and the list as soon as there is one", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "found")];
    desk.listerBroken = true;
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.step(61);
    answer(desk, desk.a, 62, ["found"]);
    desk.kill.step(63);
    expect(desk.a.told).toEqual(["massCancel", "query", "massCancel", "cancel found"]);
    desk.kill.onCancelConfirmed("A", "found", 64);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      listed: false,
      requested: 1,
      unknown: 0,
      t2Ns: null,
      t3Ns: null,
    });
    desk.kill.step(110);
    answer(desk, desk.a, 111, []);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ verified: false, chased: 0 });
    expect(desk.steps().filter((step) => step === "listingFailed").length).toBe(1);
    expect(desk.steps()).not.toContain("chased A");
    desk.listerBroken = false;
    desk.kill.step(112);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ listed: true, requested: 2, unknown: 1 });
    desk.kill.onCancelConfirmed("A", "a1", 113);
    desk.kill.step(160);
    answer(desk, desk.a, 161);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ verified: true, t3Ns: 113, canceled: 2 });
  });

  it("never loses an order that it cannot cancel from here", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("elsewhere", "x1"), order("B", "b1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.onCancelConfirmed("A", "a1", 61);
    answer(desk, desk.a, 62);
    desk.kill.step(63);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      unroutable: 2,
      requested: 3,
      confirmed: 1,
      unknown: 2,
      complete: false,
      t2Ns: null,
      t3Ns: null,
    });
    expect(desk.records.find(({ step }) => step === "ordersListed")?.detail).toEqual({
      orders: 3,
      unroutable: 2,
    });
    expect(desk.ask("rob", VENUE_A, 64)).toMatchObject({ code: "RISK_KILL_UNKNOWN_ORDERS", value: 2 });
  });

  it("lists an order once however often the lister gives it", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    expect([desk.a.cancels, desk.kill.report(VENUE_A)?.requested]).toEqual([["a1"], 1]);
  });

  it("counts one order for each kill that wants it gone, and cancels it once", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a2")];
    desk.inScope.add("a3");
    desk.press(STRATEGY, 2, 0);
    desk.kill.step(1);
    desk.kill.onCancelConfirmed("A", "a2", 2);
    desk.press(VENUE_A, 2, 3);
    desk.kill.step(4);
    expect(desk.a.told).toEqual(["cancel a1", "cancel a2", "query", "massCancel", "query"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ requested: 2, confirmed: 1, unknown: 1 });
    desk.kill.step(5);
    expect(desk.kill.report(VENUE_A)?.t2Ns).toBe(2);
    desk.kill.onAck("A", "a3", 6);
    desk.kill.onAck("A", "a4", 6);
    expect(desk.kill.report(STRATEGY)?.venues[0]).toMatchObject({ requested: 3, chased: 1 });
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ requested: 4, chased: 2 });
    for (const ref of ["a1", "a3", "a4"]) desk.kill.onFilled("A", ref, 7);
    expect(desk.kill.report(STRATEGY)?.venues[0]).toMatchObject({ canceled: 1, filled: 2, t3Ns: 7 });
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ canceled: 1, filled: 3, t3Ns: 4 });
  });

  it("gives an order that only a narrow kill had to a wide one as soon as a list shows it", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(STRATEGY, 2, 0);
    desk.kill.step(1);
    desk.orders = [];
    desk.press(VENUE_A, 2, 2);
    desk.kill.step(3);
    answer(desk, desk.a, 4, ["a1"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ requested: 1, unknown: 1 });
    expect(desk.kill.report(VENUE_A)?.venues[0]?.chased).toBe(1);
  });

  it("forgets the orders of a lifted kill but not those that another one wants", () => {
    const desk = new KillDesk({ pace: { ...PACE, cancelsPerStep: 1 } });
    desk.orders = [order("A", "a1"), order("A", "a2"), order("A", "a3")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.kill.onCancelConfirmed("A", "a1", 2);
    desk.orders = [order("A", "a1"), order("A", "a3")];
    desk.press(STRATEGY, 2, 2);
    desk.kill.step(3);
    desk.ask("rob", VENUE_A, 4, "phoned");
    expect(desk.confirm("ria", VENUE_A, 4)).toMatchObject({ ok: true });
    for (const nowNs of [5, 6, 150]) desk.kill.step(nowNs);
    expect(desk.a.cancels).toEqual(["a1", "a2", "a3", "a3"]);
    expect(desk.kill.report(STRATEGY)).toMatchObject({ requested: 2, confirmed: 1 });
    desk.kill.onCancelConfirmed("A", "a2", 151);
    desk.kill.onAck("A", "a2", 151);
    expect(desk.kill.report(STRATEGY)).toMatchObject({ requested: 2, confirmed: 1 });
  });

  it("tries controls that throw again, says so once, and goes on meanwhile", () => {
    let broken = true;
    const calls: string[] = [];
    const control = (name: string) => () => {
      calls.push(name);
      if (broken) throw new Error(`${name} broke`);
    };
    const desk = new KillDesk({
      controls: {
        stopStrategies: control("stop"),
        closeEgress: control("close"),
        openEgress: control("open"),
      },
    });
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.step(61);
    desk.kill.onCancelConfirmed("A", "a1", 62);
    answer(desk, desk.a, 62);
    desk.kill.step(63);
    expect(desk.a.cancels).toEqual(["a1"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      strategiesStopped: false,
      egressClosed: false,
      complete: false,
    });
    expect(desk.records.filter(({ step }) => step === "controlFailed").map(({ detail }) => detail)).toEqual([
      { step: "strategiesStopped", error: "Error: stop broke" },
      { step: "egressClosed", error: "Error: close broke" },
    ]);
    broken = false;
    desk.kill.step(64);
    desk.kill.step(65);
    expect(calls).toEqual(["stop", "close", "stop", "close", "stop", "close", "stop", "close"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({
      strategiesStopped: true,
      egressClosed: true,
      complete: true,
    });
    broken = true;
    desk.press(VENUE_A, 3, 66);
    desk.kill.step(67);
    expect(desk.records.filter(({ step }) => step === "controlFailed").length).toBe(4);
    desk.ask("rob", VENUE_A, 70);
    expect(desk.confirm("ria", VENUE_A, 71)).toMatchObject({ ok: true });
    expect(desk.steps().slice(-2)).toEqual(["controlFailed", "reenabled"]);
    expect(desk.latch.levelOf(1)).toBe(0);
  });
});
