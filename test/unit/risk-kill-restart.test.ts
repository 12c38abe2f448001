import { describe, expect, it } from "vitest";
import { DeadMan } from "../../src/risk/dead-man.ts";
import { KillLatch } from "../../src/risk/kill-latch.ts";
import type { KillSwitchOptions } from "../../src/risk/kill-options.ts";
import type { LatchRecord } from "../../src/risk/kill-record.ts";
import { KillScopes } from "../../src/risk/kill-scopes.ts";
import { KillSwitch } from "../../src/risk/kill-switch.ts";
import { DESK, KillDesk, order, PACE, STRATEGY, TextStore, ToldVenue } from "../fixtures/kill-desk.ts";

const FIRM = 0;
const GRID = 4;

describe("a restart", () => {
  const record: LatchRecord = {
    version: 1,
    epoch: 41,
    latched: [
      { scope: STRATEGY, level: 1, atNs: 5, who: "gone", role: "trader", channel: "gui", reason: "was" },
      { scope: null, level: 2, atNs: 6, who: "rob", role: "riskManager", channel: "cli", reason: "is" },
    ],
  };

  it("comes back latched, above the epochs of before, and cancels again", () => {
    const desk = new KillDesk();
    desk.orders = [order("A", "a1")];
    desk.kill.restore(record, 100);
    expect([desk.latch.levelOf(GRID), desk.latch.levelOf(FIRM)]).toEqual([1, 2]);
    expect(KillLatch.epochOf(desk.latch.read())).toBe(44);
    expect(desk.records).toMatchObject([
      { step: "restored", run: 1, who: "gone", role: "trader", scope: STRATEGY, detail: { savedAtNs: 5 } },
      { step: "restored", run: 2, who: "rob", role: "riskManager", scope: null, detail: { savedAtNs: 6 } },
    ]);
    desk.kill.step(101);
    expect(desk.a.told).toEqual(["massCancel", "cancel a1", "query"]);
    expect(desk.kill.report(null)).toMatchObject({ t0Ns: 100, t1Ns: 1, reason: "is", channel: "cli" });
    expect(desk.kill.snapshot().latched).toMatchObject([
      { scope: STRATEGY, role: "trader" },
      { scope: null, atNs: 100 },
    ]);
  });

  it("is what another switch saved", () => {
    const before = new KillDesk();
    before.press(DESK, 3, 1);
    before.press(null, 1, 1);
    const after = new KillDesk();
    after.kill.restore(before.store.saved.at(-1) as LatchRecord, 1);
    expect(after.kill.snapshot().latched).toEqual(before.kill.snapshot().latched);
    expect(after.kill.snapshot().epoch).toBeGreaterThan(before.kill.snapshot().epoch);
  });

  it("only ever adds to what is latched", () => {
    const desk = new KillDesk();
    desk.press(STRATEGY, 2, 1);
    desk.press(null, 1, 1);
    desk.kill.restore(record, 2);
    expect([desk.latch.levelOf(GRID), desk.latch.levelOf(FIRM)]).toEqual([2, 2]);
    expect(desk.kill.reports().map(({ run, level }) => [run, level])).toEqual([
      [1, 2],
      [2, 2],
    ]);
    expect(desk.records.filter(({ step }) => step === "restored").map(({ run }) => run)).toEqual([2]);
    desk.kill.restore(record, 3);
    expect(desk.records.filter(({ step }) => step === "restored").length).toBe(1);
  });

  it("of an open latch is open", () => {
    const desk = new KillDesk();
    desk.kill.restore({ version: 1, epoch: 0, latched: [] }, 1);
    expect([KillLatch.isOpen(desk.latch.read()), desk.kill.reports()]).toEqual([true, []]);
  });

  it.each<[object, string]>([
    [{ version: 2 }, "latchRecord.version: found 2, expected 1"],
    [{ epoch: -1 }, "latchRecord.epoch: found -1, expected an integer of at least 0"],
    [{ epoch: 0.5 }, "latchRecord.epoch"],
    [{ epoch: "1" }, "latchRecord.epoch"],
    [
      { latched: [record.latched[1], { ...record.latched[0], scope: { kind: "desk", name: "x" } }] },
      'latchRecord.latched[1].scope: found {"kind":"desk","name":"x"}, expected a scope that is configured',
    ],
    [
      { latched: [{ ...record.latched[0], level: 0 }] },
      "latchRecord.latched[0].level: found 0, expected 1, 2, 3 or 4",
    ],
  ])("throws for a record with %j and latches nothing of it", (wrong, message) => {
    const desk = new KillDesk();
    expect(() => desk.kill.restore({ ...record, ...wrong } as LatchRecord, 1)).toThrow(
      `FAULT_INPUT ${message}`,
    );
    expect(desk.latch.read()).toBe(0);
  });
});

describe("a drill", () => {
  it("runs everything and touches nothing real", () => {
    const desk = new KillDesk({ controls: { stopStrategies: () => expect.unreachable() } });
    const shadow = {
      venues: [new ToldVenue("A", ["A1"]), new ToldVenue("B", ["B1", "B2"])],
      orders: { open: () => [order("A", "x")], includes: () => true },
    };
    const drill = desk.kill.drill({ who: "tom", channel: "cli", reason: "monthly", shadow }, 5);
    if (!(drill instanceof KillSwitch)) return expect.unreachable();
    expect(desk.records).toMatchObject([
      { step: "drillBegun", who: "tom", drill: false, run: 0, scope: null, level: 0, atNs: 5 },
    ]);
    drill.activate({ who: "rob", channel: "cli", scope: null, level: 2, reason: "monthly" }, 10);
    drill.step(60);
    drill.onCancelConfirmed("A", "x", 61);
    for (const venue of shadow.venues) drill.onOpenOrders(venue.name, venue.queries[0] as number, [], 61);
    drill.step(62);
    expect(drill.report(null)).toMatchObject({ drill: true, complete: true, confirmed: 1, persisted: true });
    expect(shadow.venues[0]?.told).toEqual(["massCancel", "cancel x", "query"]);
    expect([desk.latch.read(), desk.a.told, desk.b.told, desk.store.saved, desk.kill.reports()]).toEqual([
      0,
      [],
      [],
      [],
      [],
    ]);
    expect(desk.records.slice(1).every((record) => record.drill)).toBe(true);
    expect(desk.press(null, 2, 70)).toMatchObject({ run: 1 });
    expect(desk.kill.report(null)?.drill).toBe(false);
  });

  it("needs leave", () => {
    const desk = new KillDesk();
    const shadow = {
      venues: [new ToldVenue("A", ["A1"]), new ToldVenue("B", ["B1", "B2"])],
      orders: desk.options.orders,
    };
    for (const who of ["ria", "sue", "ghost", "watch"]) {
      expect(desk.kill.drill({ who, channel: "gui", reason: "r", shadow }, 5)).toMatchObject({
        code: "RISK_KILL_FORBIDDEN",
      });
    }
    expect(desk.records.map(({ step, scope, reason }) => [step, scope, reason])).toEqual(
      Array(4).fill(["refused", null, "r"]),
    );
  });

  it("knows a real venue, and options that are none", () => {
    const desk = new KillDesk();
    const ask =
      (shadow: object, more: object = {}) =>
      () =>
        desk.kill.drill({ who: "rob", channel: "gui", reason: "r", shadow, ...more } as never, 5);
    const { orders } = desk.options;
    const b = new ToldVenue("B", ["B1", "B2"]);
    const a = new ToldVenue("A", ["A1"]);
    expect(ask({ venues: [a, desk.b], orders })).toThrow(
      'FAULT_INPUT drillRequest.shadow.venues: found "B", expected shadow venues only',
    );
    expect(ask({ venues: [a, b], orders, control: {} })).toThrow("FAULT_CONFIG killSwitch.control");
    expect(ask({ venues: [a, b], orders }, { who: "" })).toThrow("FAULT_INPUT drillRequest.who");
    expect(ask({ venues: [a, b], orders }, { channel: "x" })).toThrow("FAULT_INPUT drillRequest.channel");
    expect(ask({ venues: [a, b], orders }, { reason: "" })).toThrow("FAULT_INPUT drillRequest.reason");
    expect(ask({ venues: [a, b], orders })()).toBeInstanceOf(KillSwitch);
  });
});

describe("the options of a kill switch", () => {
  const desk = new KillDesk();
  const { options } = desk;
  const heart = new DeadMan({ timeoutNs: 1 });
  const fn = () => undefined;
  const plan = { referenceAgeNs: () => 0, start: () => null, owns: () => false };

  it.each<[string, object]>([
    ["killSwitch.clock", { clock: 1 }],
    ["killSwitch.onRecord", { onRecord: 1 }],
    ["killSwitch.store.save", { store: {} }],
    ["killSwitch.orders.open", { orders: { includes: fn } }],
    ["killSwitch.orders.includes", { orders: { open: fn } }],
    ["killSwitch.latch.scopes", { latch: new KillLatch(8) }],
    ["killSwitch.drill", { drill: 1 }],
    ["killSwitch.pace.tempo", { pace: { ...PACE, tempo: 1 } }],
    ...Object.keys(PACE).flatMap((key): [string, object][] => [
      [`killSwitch.pace.${key}`, { pace: { ...PACE, [key]: 0 } }],
      [`killSwitch.pace.${key}`, { pace: { ...PACE, [key]: Number.NaN } }],
    ]),
    ["killSwitch.controls.closeEgres", { controls: { closeEgres: fn } }],
    ["killSwitch.controls.closeEgress", { controls: { closeEgress: 1 } }],
    ["killSwitch.controls.openEgress", { controls: { openEgress: 1 } }],
    ["killSwitch.controls.stopStrategies", { controls: { stopStrategies: 1 } }],
    ["killSwitch.venues", { venues: [] }],
    ["killSwitch.venues[0].name", { venues: [{ name: "", cancel: fn, queryOpenOrders: fn }] }],
    ["killSwitch.venues[1].name", { venues: [desk.a, desk.a] }],
    ["killSwitch.venues[0].cancel", { venues: [{ name: "A", queryOpenOrders: fn }] }],
    ["killSwitch.venues[0].queryOpenOrders", { venues: [{ name: "A", cancel: fn }] }],
    [
      "killSwitch.venues[0].massCancel",
      { venues: [{ name: "A", cancel: fn, queryOpenOrders: fn, massCancel: 1 }] },
    ],
    ["killSwitch.venues[0].logout", { venues: [{ name: "A", cancel: fn, queryOpenOrders: fn, logout: 1 }] }],
    [
      "killSwitch.venues[0].sessions",
      { venues: [{ name: "A", cancel: fn, queryOpenOrders: fn, sessions: [""] }] },
    ],
    ["killSwitch.scopes.venue", { venues: [desk.a] }],
    ["killSwitch.scopes.session", { venues: [desk.a, new ToldVenue("B", ["B1"])] }],
    ["killSwitch.flatten.max", { flatten: { plan, referenceAgeNsMax: 1, max: 1 } }],
    ["killSwitch.flatten.referenceAgeNsMax", { flatten: { plan, referenceAgeNsMax: 0 } }],
    [
      "killSwitch.flatten.plan.referenceAgeNs",
      { flatten: { plan: { ...plan, referenceAgeNs: 1 }, referenceAgeNsMax: 1 } },
    ],
    ["killSwitch.flatten.plan.start", { flatten: { plan: { ...plan, start: 1 }, referenceAgeNsMax: 1 } }],
    ["killSwitch.flatten.plan.owns", { flatten: { plan: { ...plan, owns: 1 }, referenceAgeNsMax: 1 } }],
    ["killSwitch.deadMan.hart", { deadMan: { heart, who: "watch", scope: null, level: 2, hart: 1 } }],
    ["killSwitch.deadMan.level", { deadMan: { heart, who: "watch", scope: null, level: 0 } }],
    ["killSwitch.deadMan.level", { deadMan: { heart, who: "watch", scope: null, level: 5 } }],
    ["killSwitch.deadMan.who", { deadMan: { heart, who: "watch", scope: DESK, level: 2 } }],
    [
      "killSwitch.deadMan.who",
      { deadMan: { heart, who: "rob", scope: { kind: "desk", name: "x" }, level: 2 } },
    ],
  ])("refuse a wrong %s", (path, wrong) => {
    const build = () => new KillSwitch({ ...options, ...wrong } as KillSwitchOptions);
    expect(build).toThrow(`FAULT_CONFIG ${path}`);
  });

  it("take every option that is right", () => {
    const all = {
      ...options,
      latch: new KillLatch(desk.scopes.size),
      store: new TextStore(),
      drill: false,
      controls: { stopStrategies: fn, closeEgress: fn, openEgress: fn },
      flatten: { plan, referenceAgeNsMax: 1 },
      deadMan: { heart, who: "watch", scope: null, level: 1 },
    } as const;
    expect(new KillSwitch(all).reports()).toEqual([]);
    expect(new KillSwitch({ ...all, deadMan: { ...all.deadMan, level: 4 } }).reports()).toEqual([]);
    const scopes = new KillScopes({});
    const venues = [{ name: "V", cancel: fn, queryOpenOrders: fn }];
    const { deadMan: _, ...others } = all;
    expect(new KillSwitch({ ...others, scopes, venues, latch: new KillLatch(1) }).reports()).toEqual([]);
  });
});
