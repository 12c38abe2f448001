import { describe, expect, it } from "vitest";
import { answer, DESK, KillDesk, order, PACE, STRATEGY, ToldVenue } from "../fixtures/kill-desk.ts";

const VENUE_A = { kind: "venue", name: "A" } as const;

describe("the sequence of a kill", () => {
  it("goes gate, strategies, egress, list, mass cancel, cancels, query, report", () => {
    const controls: string[] = [];
    const desk = new KillDesk({
      controls: {
        stopStrategies: (scope, level) => controls.push(`stop ${scope?.name ?? "firm"} ${level}`),
        closeEgress: (scope, level) => controls.push(`close ${scope?.name ?? "firm"} ${level}`),
      },
    });
    desk.orders = [order("A", "a1"), order("B", "b1"), order("A", "a2"), order("A", "a3")];
    desk.press(null, 2, 1_000);
    expect(desk.steps()).toEqual(["persisted", "activated"]);
    expect([controls, desk.a.told, desk.b.told]).toEqual([[], [], []]);
    expect(desk.kill.report(null)).toMatchObject({
      t1Ns: null,
      t2Ns: null,
      t3Ns: null,
      listed: false,
      unknown: 0,
    });
    desk.kill.step(1_001);
    expect(controls).toEqual(["stop firm 2", "close firm 2"]);
    expect(desk.a.told).toEqual(["massCancel", "cancel a1", "cancel a2", "query"]);
    expect(desk.b.told).toEqual(["cancel b1", "query"]);
    expect(desk.steps().slice(2)).toEqual([
      "gateClosed",
      "strategiesStopped",
      "egressClosed",
      "ordersListed",
      "massCancelHanded A",
      "cancelsHanded A",
      "openOrdersAsked A",
      "cancelsHanded B",
      "openOrdersAsked B",
    ]);
    expect(desk.kill.report(null)).toMatchObject({
      t1Ns: 1,
      t2Ns: null,
      listed: true,
      requested: 4,
      confirmed: 0,
      unknown: 4,
    });
    desk.kill.step(1_002);
    expect(desk.a.told.slice(4)).toEqual(["cancel a3"]);
    expect(desk.kill.report(null)?.venues.map((venue) => venue.t2Ns)).toEqual([null, 2]);
    desk.kill.step(1_003);
    expect(desk.kill.report(null)).toMatchObject({ t2Ns: 3, t3Ns: null });
    desk.kill.onCancelConfirmed("A", "a1", 1_004);
    desk.kill.onFilled("A", "a2", 1_005);
    desk.kill.onCancelConfirmed("B", "b1", 1_006);
    expect(desk.kill.report(null)).toMatchObject({ t3Ns: null, confirmed: 3, unknown: 1 });
    desk.kill.onCancelConfirmed("A", "a3", 1_007);
    expect(desk.kill.report(null)).toMatchObject({ t3Ns: 7, confirmed: 4, unknown: 0, complete: false });
    desk.a.queries.length = 0;
    desk.b.queries.length = 0;
    desk.kill.step(1_050);
    expect([desk.a.queries.length, desk.b.queries.length]).toEqual([0, 0]);
    desk.kill.step(1_051);
    expect([desk.a.queries.length, desk.b.queries.length]).toEqual([1, 1]);
    answer(desk, desk.a, 1_052);
    desk.kill.step(1_052);
    expect(desk.kill.report(null)?.complete).toBe(false);
    answer(desk, desk.b, 1_053);
    desk.kill.step(1_053);
    const report = desk.kill.report(null);
    expect(report).toMatchObject({
      complete: true,
      strategiesStopped: true,
      egressClosed: true,
      t1Ns: 1,
      t2Ns: 3,
      t3Ns: 7,
    });
    expect(report?.venues[0]).toEqual({
      venue: "A",
      requested: 3,
      confirmed: 3,
      canceled: 2,
      filled: 1,
      absent: 0,
      unknown: 0,
      chased: 0,
      rejected: 0,
      rounds: 2,
      verified: true,
      escalated: false,
      down: false,
      logout: "notAsked",
      t2Ns: 3,
      t3Ns: 7,
    });
    expect(desk.steps().slice(-5)).toEqual([
      "openOrdersAnswered A",
      "venueVerified A",
      "openOrdersAnswered B",
      "venueVerified B",
      "completed",
    ]);
    const told = desk.a.told.length;
    desk.kill.step(9_999);
    expect(desk.a.told.length).toBe(told);
    expect(desk.records.filter(({ step }) => step === "completed")).toMatchObject([
      { detail: { sinceT0Ns: 53 }, atNs: 1_053 },
    ]);
    expect(desk.records.filter(({ step }) => step === "cancelsHanded").map(({ detail }) => detail)).toEqual([
      { handed: 2, lastRequestId: 3 },
      { handed: 1, lastRequestId: 6 },
      { handed: 1, lastRequestId: 8 },
    ]);
  });

  it("cancels the most aggressive first, then the oldest", () => {
    const desk = new KillDesk({ pace: { ...PACE, cancelsPerStep: 9 } });
    desk.orders = [
      order("A", 1, 0, 5),
      order("A", 2, 3, 9),
      order("A", 3, 3, 8),
      order("A", 4, 0, 4),
      order("A", 5, 9, 99),
    ];
    desk.press(null, 2, 0);
    desk.kill.step(1);
    expect(desk.a.cancels).toEqual([5, 3, 2, 4, 1]);
  });

  it("hands a budget of cancels to each venue in a step, whatever another venue needs", () => {
    const desk = new KillDesk();
    desk.orders = [1, 2, 3, 4, 5].flatMap((ref) => [order("A", ref), order("B", ref)]);
    desk.press(null, 2, 0);
    const counts = [1, 2, 3, 4].map((nowNs) => {
      desk.kill.step(nowNs);
      return [desk.a.cancels.length, desk.b.cancels.length];
    });
    expect(counts).toEqual([
      [2, 2],
      [4, 4],
      [5, 5],
      [5, 5],
    ]);
  });

  it("needs no cancel of an order that ended before its turn", () => {
    const desk = new KillDesk();
    desk.orders = ["a1", "a2", "a3"].map((ref) => order("A", ref));
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.kill.onFilled("A", "a3", 2);
    desk.kill.step(3);
    expect(desk.a.cancels).toEqual(["a1", "a2"]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ t2Ns: 3, confirmed: 1, unknown: 2 });
  });

  it("stops strategies and nothing more at level 1", () => {
    const controls: string[] = [];
    const desk = new KillDesk({
      controls: {
        stopStrategies: () => controls.push("stop"),
        closeEgress: () => controls.push("close"),
        openEgress: () => controls.push("open"),
      },
    });
    desk.orders = [order("A", "a1")];
    desk.press(null, 1, 10);
    desk.kill.step(11);
    desk.kill.onAck("A", "a1", 12);
    desk.kill.step(13);
    expect([controls, desk.a.told]).toEqual([["stop"], []]);
    expect(desk.kill.report(null)).toMatchObject({
      complete: true,
      egressClosed: false,
      t1Ns: 1,
      t2Ns: null,
      venues: [],
    });
    expect(desk.latch.levelOf(0)).toBe(1);
    desk.ask("rob", null, 14);
    desk.confirm("sue", null, 15);
    expect(controls).toEqual(["stop"]);
  });

  it("goes on to the cancels when the level is raised, and counts T0 from there", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(null, 1, 10);
    desk.kill.step(11);
    expect(desk.press(null, 2, 50)).toMatchObject({ run: 1, level: 2, fresh: true });
    expect(desk.kill.report(null)).toMatchObject({
      complete: false,
      t0Ns: 50,
      t1Ns: null,
      strategiesStopped: false,
    });
    desk.kill.step(53);
    expect(desk.kill.report(null)).toMatchObject({
      complete: false,
      t0Ns: 50,
      t1Ns: 3,
      strategiesStopped: true,
    });
    expect(desk.a.cancels).toEqual(["a1"]);
    desk.press(null, 3, 60);
    desk.kill.step(61);
    expect(desk.kill.report(null)).toMatchObject({ t0Ns: 50, t1Ns: 3, level: 3 });
    expect(desk.steps().filter((step) => step === "ordersListed")).toEqual(["ordersListed"]);
  });

  it("sends a cancel again when nothing came for the retry time, and not before", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a2")];
    desk.press(null, 2, 0);
    desk.kill.step(10);
    desk.kill.onCancelConfirmed("A", "a1", 20);
    desk.kill.step(109);
    expect(desk.a.cancels).toEqual(["a1", "a2"]);
    desk.kill.step(110);
    expect(desk.a.cancels).toEqual(["a1", "a2", "a2"]);
    desk.kill.step(209);
    expect(desk.a.cancels.length).toBe(3);
    desk.kill.step(210);
    expect(desk.a.cancels.length).toBe(4);
  });

  it("counts a rejected cancel and keeps the order unknown until the venue settles it", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(null, 2, 0);
    desk.kill.step(1);
    desk.kill.onCancelRejected("A", "a1", 2);
    desk.kill.onCancelRejected("A", "nobody's", 2);
    expect(desk.kill.report(null)?.venues[0]).toMatchObject({ rejected: 1, unknown: 1 });
    desk.kill.step(101);
    expect(desk.a.cancels).toEqual(["a1", "a1"]);
    answer(desk, desk.a, 102, []);
    expect(desk.kill.report(null)?.venues[0]).toMatchObject({
      absent: 1,
      confirmed: 1,
      unknown: 0,
      verified: true,
      t3Ns: 102,
    });
    desk.kill.onCancelRejected("A", "a1", 103);
    expect(desk.kill.report(null)?.venues[0]?.rejected).toBe(1);
  });

  it("holds up no venue for one that throws, and tries that one again", () => {
    const desk = new KillDesk();
    desk.orders = ["a1", "a2", "a3"]
      .map((ref) => order("A", ref))
      .concat(["b1", "b2"].map((ref) => order("B", ref)));
    for (const what of ["massCancel", "cancel", "query"]) desk.a.broken.add(what);
    desk.press(null, 2, 0);
    desk.kill.step(1);
    desk.kill.step(2);
    expect([desk.a.told, desk.b.cancels]).toEqual([[], ["b1", "b2"]]);
    expect(desk.steps().filter((step) => step === "venueFailed A").length).toBe(3);
    expect(desk.records.find(({ step }) => step === "venueFailed")?.detail).toEqual({
      what: "massCancel",
      error: "Error: A massCancel broke",
    });
    expect(desk.kill.report(null)).toMatchObject({ t2Ns: null, unknown: 5 });
    desk.kill.step(3);
    expect(desk.kill.report(null)?.venues.map((venue) => venue.t2Ns)).toEqual([null, 2]);
    desk.a.broken.clear();
    desk.kill.step(4);
    expect(desk.a.told).toEqual(["massCancel"]);
    desk.kill.step(101);
    desk.kill.step(102);
    desk.kill.step(103);
    expect(desk.kill.report(null)?.venues[0]?.t2Ns).toBe(null);
    desk.kill.step(104);
    expect(desk.a.told).toEqual(["massCancel", "cancel a1", "query", "cancel a2", "cancel a3"]);
    expect(desk.kill.report(null)?.venues[0]?.t2Ns).toBe(104);
    desk.a.broken.add("query");
    desk.kill.step(151);
    expect(desk.steps().filter((step) => step === "venueFailed A").length).toBe(4);
  });

  it("needs the mass cancel to have left for T2", () => {
    const desk = new KillDesk();
    desk.a.broken.add("massCancel");
    desk.press(null, 2, 0);
    desk.kill.step(1);
    desk.kill.step(2);
    expect(desk.kill.report(null)?.venues.map((venue) => venue.t2Ns)).toEqual([null, 2]);
    desk.a.broken.clear();
    desk.kill.step(3);
    desk.kill.step(4);
    expect(desk.kill.report(null)).toMatchObject({ t2Ns: 4, t3Ns: null });
  });

  it("sends the mass cancel again while a list shows that something is open", () => {
    const desk = new KillDesk();
    desk.press(null, 2, 0);
    desk.kill.step(1);
    answer(desk, desk.a, 2, ["stranger"]);
    desk.kill.step(3);
    expect(desk.a.told).toEqual(["massCancel", "query", "massCancel", "cancel stranger"]);
    expect(desk.kill.report(null)?.venues[0]).toMatchObject({ requested: 1, chased: 1 });
    expect(desk.records.find(({ step }) => step === "chased")).toMatchObject({
      venue: "A",
      detail: { ref: "stranger" },
    });
  });

  it("takes no mass cancel for a scope that is not all of a venue", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("B", "b1")];
    desk.press(STRATEGY, 2, 0);
    desk.kill.step(1);
    desk.kill.step(2);
    expect([desk.a.told, desk.b.told]).toEqual([
      ["cancel a1", "query"],
      ["cancel b1", "query"],
    ]);
    expect(desk.kill.report(STRATEGY)?.t2Ns).toBe(2);
    answer(desk, desk.a, 3, ["a1"]);
    desk.kill.step(4);
    expect(desk.a.told).toEqual(["cancel a1", "query"]);
  });

  it.each([
    [VENUE_A, ["massCancel", "query"], []],
    [{ kind: "session", name: "A1" }, ["massCancel", "query"], []],
    [{ kind: "session", name: "B2" }, [], ["query"]],
    [null, ["massCancel", "query"], ["query"]],
    [DESK, ["query"], ["query"]],
  ] as const)("reaches the venues of %j", (scope, a, b) => {
    const desk = new KillDesk();
    desk.press(scope, 2, 0);
    desk.kill.step(1);
    expect([desk.a.told, desk.b.told]).toEqual([a, b]);
  });

  it("leaves out of a narrow kill what its look-up says is not in it", () => {
    const desk = new KillDesk();
    desk.inScope.add("mine");
    desk.press({ kind: "session", name: "B2" }, 2, 0);
    desk.kill.step(1);
    answer(desk, desk.b, 2, ["mine", "theirs", "throws"]);
    desk.kill.onAck("B", "theirs too", 2);
    desk.kill.step(3);
    expect(desk.b.cancels).toEqual(["mine", "throws"]);
    expect(desk.kill.report({ kind: "session", name: "B2" })?.requested).toBe(2);
  });

  it("takes the absence from a list for proof only when the list was asked for late enough", () => {
    const desk = new KillDesk({ pace: { ...PACE, queryNs: 13 } });
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    for (const [nowNs, absent] of [
      [0, 0],
      [13, 0],
      [26, 0],
      [39, 0],
    ] as const) {
      desk.kill.step(nowNs);
      answer(desk, desk.a, nowNs);
      expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ absent, verified: false });
    }
    desk.kill.step(40);
    expect(desk.a.queries).toEqual([]);
    desk.kill.step(52);
    answer(desk, desk.a, 53);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ absent: 1, verified: true, rounds: 5 });
  });

  it("counts the flight time from the kill to the question, at the boundary", () => {
    for (const [askNs, absent] of [
      [139, 0],
      [140, 1],
    ] as const) {
      const desk = new KillDesk();
      desk.orders = [order("A", "a1")];
      desk.press(VENUE_A, 2, 100);
      desk.kill.step(askNs);
      answer(desk, desk.a, 1_000);
      expect(desk.kill.report(VENUE_A)?.venues[0]?.absent).toBe(absent);
    }
  });

  it("believes a late answer to an old question, and a list nobody asked for only about what it shows", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a2")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.kill.step(51);
    desk.kill.step(101);
    const [first, second, third] = desk.a.queries as [number, number, number];
    for (const id of [0, -1, third + 1, Number.NaN, first]) desk.kill.onOpenOrders("A", id, [], 102);
    expect(desk.kill.report(VENUE_A)?.unknown).toBe(2);
    desk.kill.onOpenOrders("A", second, ["a2"], 103);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ unknown: 1 });
    desk.kill.onOpenOrders("A", third, [], 104);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ unknown: 0 });
  });

  it("does not take an answer for proof about an order that was heard of after its question", () => {
    const desk = new KillDesk();
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.onAck("A", "late", 61);
    answer(desk, desk.a, 62);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      requested: 1,
      unknown: 1,
      chased: 1,
      verified: false,
    });
    desk.kill.step(110);
    answer(desk, desk.a, 111);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ absent: 1, verified: true });
  });

  it("does not take an answer for proof about an order that a list unasked for showed after its question", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a2")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.onOpenOrders("A", 0, ["new", "a1"], 61);
    answer(desk, desk.a, 62);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ absent: 1, unknown: 2 });
  });

  it("counts the flight time from the latest kill", () => {
    const desk = new KillDesk();
    desk.press(STRATEGY, 2, 0);
    desk.kill.step(60);
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 100);
    desk.kill.step(139);
    answer(desk, desk.a, 140);
    expect(desk.kill.reports().map(({ venues }) => venues[0]?.verified)).toEqual([false, false]);
    expect(desk.kill.report(VENUE_A)?.unknown).toBe(1);
  });

  it("does not take an answer for proof about an order acknowledged after its question", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.onAck("A", "a1", 61);
    answer(desk, desk.a, 62);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ unknown: 1, chased: 0 });
  });

  it("chases an order that is acknowledged after the kill: first cancels before repeated ones", () => {
    const desk = new KillDesk();
    desk.orders = [1, 2, 3, 4].map((ref) => order("A", ref));
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.kill.onAck("A", 9, 2);
    desk.kill.onAck("A", 1, 2);
    desk.kill.onAck("A", 4, 2);
    desk.kill.step(3);
    desk.kill.step(4);
    expect(desk.a.cancels).toEqual([1, 2, 9, 4, 3, 1]);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ requested: 5, t2Ns: null });
    desk.kill.step(5);
    expect(desk.kill.report(VENUE_A)?.t2Ns).toBe(5);
  });

  it("opens a finished venue again for an order that turns up", () => {
    const desk = new KillDesk({ venues: [new ToldVenue("B", ["B1", "B2", "A1"]), new ToldVenue("A")] });
    const venue = desk.options.venues[1] as ToldVenue;
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(50);
    answer(desk, venue, 50);
    desk.kill.step(51);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ complete: true, t3Ns: null });
    desk.kill.onAck("A", "late", 5_000);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({ verified: false, unknown: 1 });
    desk.kill.step(5_001);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ complete: false });
    expect(desk.kill.report(VENUE_A)?.venues[0]?.escalated).toBe(false);
    desk.kill.onCancelConfirmed("A", "late", 5_002);
    answer(desk, venue, 5_003);
    desk.kill.step(5_003);
    expect(desk.kill.report(VENUE_A)).toMatchObject({ complete: true, t3Ns: 5_002 });
    expect(desk.steps().filter((step) => step === "completed").length).toBe(2);
  });

  it("believes the venue about an order that was thought to be gone", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1"), order("A", "a2"), order("A", "a3")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(60);
    desk.kill.onCancelConfirmed("A", "a1", 61);
    desk.kill.onFilled("A", "a2", 61);
    answer(desk, desk.a, 62, ["a1", "a2"]);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      canceled: 1,
      filled: 1,
      absent: 1,
      unknown: 0,
      verified: true,
    });
    // Acknowledgements that overtook one another say nothing new about orders that the venue itself ended.
    desk.kill.onAck("A", "a1", 63);
    desk.kill.onAck("A", "a2", 63);
    expect(desk.kill.report(VENUE_A)?.unknown).toBe(0);
    // One of an order that was only missing in a list does.
    desk.kill.onAck("A", "a3", 63);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      absent: 0,
      unknown: 1,
      verified: false,
      t3Ns: null,
    });
    expect(desk.records.at(-1)).toMatchObject({ step: "chased", detail: { ref: "a3" } });
    desk.kill.step(64);
    expect(desk.a.cancels.at(-1)).toBe("a3");
    // A question asked after a1 ended lists it all the same.
    desk.kill.step(111);
    answer(desk, desk.a, 112, ["a1"]);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      canceled: 0,
      filled: 1,
      absent: 1,
      unknown: 1,
    });
    desk.kill.step(113);
    expect(desk.a.cancels.at(-1)).toBe("a1");
    // So does a list that nobody asked for.
    desk.kill.onOpenOrders("A", 0, ["a2"], 114);
    expect(desk.kill.report(VENUE_A)?.venues[0]).toMatchObject({
      filled: 0,
      unknown: 2,
      requested: 3,
      chased: 0,
    });
  });

  it("knows a list that was asked for before an order ended, to the request", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.press(VENUE_A, 2, 0);
    desk.kill.step(1);
    desk.kill.onCancelConfirmed("A", "a1", 2);
    answer(desk, desk.a, 3, ["a1"]);
    expect(desk.kill.report(VENUE_A)?.unknown).toBe(0);
    desk.kill.step(51);
    answer(desk, desk.a, 52, ["a1"]);
    expect(desk.kill.report(VENUE_A)?.unknown).toBe(1);
  });
});
