import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import { DeadMan } from "../../src/risk/dead-man.ts";
import { KillLatch } from "../../src/risk/kill-latch.ts";
import { KILL_REFUSAL_CODES } from "../../src/risk/kill-refusal.ts";
import type { KillRequest } from "../../src/risk/kill-request.ts";
import type { KillScope } from "../../src/risk/kill-scopes.ts";
import { DESK, KillDesk, order, STRATEGY } from "../fixtures/kill-desk.ts";

const FIRM = 0;
const GRID = 4;

function settle(desk: KillDesk, nowNs: number): void {
  desk.kill.step(nowNs);
  for (const venue of [desk.a, desk.b]) {
    for (const id of venue.queries.splice(0)) desk.kill.onOpenOrders(venue.name, id, [], nowNs);
  }
  desk.kill.step(nowNs);
}

describe("activating a kill", () => {
  it("latches, saves, records, in this order", () => {
    const seen: string[] = [];
    const latch = new KillLatch(9);
    const desk = new KillDesk({
      latch,
      store: { save: (record) => seen.push(`save ${record.latched.length} latched ${latch.levelOf(FIRM)}`) },
      onRecord: ({ step }) => seen.push(step),
    });
    expect(desk.press(null, 2, 7)).toEqual({
      ok: true,
      run: 1,
      level: 2,
      fresh: true,
      persisted: true,
      epoch: 1,
    });
    expect(seen).toEqual(["save 1 latched 2", "persisted", "activated"]);
    expect(KillLatch.isFirmLatched(latch.read())).toBe(true);
  });

  it("saves what it takes to come back", () => {
    const desk = new KillDesk();
    desk.press(STRATEGY, 1, 5);
    desk.kill.activate({ who: "watch", channel: "agent", scope: null, level: 3, reason: "" }, 6);
    expect(desk.store.saved.at(-1)).toEqual(desk.kill.snapshot());
    expect(desk.store.saved.at(-1)).toEqual({
      version: 1,
      epoch: 2,
      latched: [
        {
          scope: STRATEGY,
          level: 1,
          atNs: 5,
          who: "rob",
          role: "riskManager",
          channel: "gui",
          reason: "test",
        },
        { scope: null, level: 3, atNs: 6, who: "watch", role: "machine", channel: "agent", reason: "" },
      ],
    });
    expect(desk.records.at(-1)).toEqual({
      version: 1,
      atNs: 6,
      step: "activated",
      run: 2,
      drill: false,
      who: "watch",
      role: "machine",
      channel: "agent",
      scope: null,
      level: 3,
      reason: "",
      epoch: 2,
      venue: null,
      detail: { fresh: true },
    });
  });

  it("stays latched when it cannot be saved, says so once, and saves at a later step", () => {
    const desk = new KillDesk();
    desk.store.broken = true;
    expect(desk.press(STRATEGY, 2, 1)).toMatchObject({ ok: true, persisted: false });
    expect([desk.latch.levelOf(GRID), desk.kill.report(STRATEGY)?.persisted]).toEqual([2, false]);
    desk.kill.step(2);
    expect(desk.a.told).toEqual(["query"]);
    expect(desk.press(null, 2, 3)).toMatchObject({ persisted: false });
    desk.kill.step(4);
    expect(desk.records.filter(({ step }) => step === "notPersisted")).toMatchObject([
      { run: 1, detail: { error: "Error: disk full" } },
      { run: 2 },
    ]);
    expect(desk.steps()).not.toContain("persisted");
    desk.store.broken = false;
    desk.kill.step(5);
    desk.kill.step(6);
    expect(desk.store.saved.map(({ latched }) => latched.length)).toEqual([2]);
    expect(desk.kill.reports().map(({ persisted }) => persisted)).toEqual([true, true]);
    expect(desk.records.filter(({ step }) => step === "persisted")).toMatchObject([{ atNs: 5, run: 2 }]);
    expect(desk.press(null, 2, 7)).toMatchObject({ persisted: true, fresh: false });
  });

  it("finds the same run again, raises it, and never lowers it", () => {
    const desk = new KillDesk();
    desk.press(null, 2, 1);
    const saved = desk.store.saved.length;
    expect(desk.press(null, 2, 2)).toEqual({
      ok: true,
      run: 1,
      level: 2,
      fresh: false,
      persisted: true,
      epoch: 1,
    });
    expect(desk.press(null, 1, 3)).toMatchObject({ run: 1, level: 2, fresh: false });
    expect([desk.store.saved.length, desk.latch.levelOf(FIRM)]).toEqual([saved, 2]);
    expect(desk.press(null, 4, 4)).toEqual({
      ok: true,
      run: 1,
      level: 4,
      fresh: true,
      persisted: true,
      epoch: 2,
    });
    expect([desk.latch.levelOf(FIRM), desk.kill.report(null)?.level]).toEqual([4, 4]);
    expect(desk.store.saved.at(-1)?.latched).toMatchObject([{ level: 4, atNs: 1 }]);
    expect(
      desk.records
        .filter(({ step }) => !step.includes("ersisted"))
        .map(({ step, level, detail }) => [step, level, detail]),
    ).toEqual([
      ["activated", 2, { fresh: true }],
      ["repeated", 2, { fresh: false }],
      ["repeated", 1, { fresh: false }],
      ["raised", 4, { fresh: true }],
    ]);
  });

  it("sets the latch again if somebody else has cleared it", () => {
    const desk = new KillDesk();
    desk.press(null, 3, 1);
    desk.latch.clear(FIRM);
    desk.press(null, 2, 2);
    expect(desk.latch.levelOf(FIRM)).toBe(3);
  });

  it("keeps a kill for every scope, wide or narrow", () => {
    const desk = new KillDesk();
    desk.press(STRATEGY, 1, 1);
    expect(desk.press(null, 2, 2)).toMatchObject({ run: 2, fresh: true });
    expect(desk.press(DESK, 2, 3)).toMatchObject({ run: 3, fresh: true });
    expect(desk.kill.reports().map(({ run, scope }) => [run, scope])).toEqual([
      [1, STRATEGY],
      [2, null],
      [3, DESK],
    ]);
    expect(desk.kill.report({ kind: "strategy", name: "pairs" })).toBeNull();
  });

  it("counts from the press of the button, if that can be", () => {
    for (const [pressedNs, t0Ns] of [
      [40, 40],
      [50, 50],
      [51, 50],
      [0, 0],
      [-1, 50],
      [Number.NaN, 50],
      [undefined, 50],
    ] as const) {
      const desk = new KillDesk();
      const request = { who: "rob", channel: "hardware", scope: null, level: 2, reason: "" } as const;
      desk.kill.activate(pressedNs === undefined ? request : { ...request, pressedNs }, 50);
      expect(desk.kill.report(null)?.t0Ns).toBe(t0Ns);
    }
    const desk = new KillDesk();
    desk.press(null, 1, 10);
    desk.kill.activate({ who: "rob", channel: "gui", scope: null, level: 2, reason: "", pressedNs: 30 }, 50);
    expect(desk.kill.report(null)?.t0Ns).toBe(30);
  });

  it.each<[string, KillScope | null, string | null]>([
    ["tom", STRATEGY, null],
    ["tom", { kind: "strategy", name: "pairs" }, "RISK_KILL_FORBIDDEN"],
    ["tom", null, "RISK_KILL_FORBIDDEN"],
    ["sue", null, null],
    ["sue", STRATEGY, "RISK_KILL_FORBIDDEN"],
    ["rob", DESK, null],
    ["ghost", null, "RISK_KILL_FORBIDDEN"],
    ["ghost", { kind: "desk", name: "x" }, "RISK_KILL_UNKNOWN_SCOPE"],
    ["rob", { kind: "desk", name: "x" }, "RISK_KILL_UNKNOWN_SCOPE"],
  ])("lets %s kill %j: %s", (who, scope, code) => {
    const desk = new KillDesk();
    const result = desk.kill.activate({ who, channel: "api", scope, level: 2, reason: "r" }, 3);
    expect(isRefusal(result) ? result.code : null).toBe(code);
    expect(KillLatch.isOpen(desk.latch.read())).toBe(code !== null);
    if (code === null) return;
    expect(desk.store.saved).toEqual([]);
    expect(desk.records).toMatchObject([
      {
        step: "refused",
        run: 0,
        who,
        role: desk.authority.roleOf(who),
        level: 2,
        scope,
        atNs: 3,
        detail: { code },
      },
    ]);
  });

  it("names the field that was refused", () => {
    const desk = new KillDesk();
    expect(
      desk.kill.activate({ who: "sue", channel: "api", scope: STRATEGY, level: 2, reason: "r" }, 3),
    ).toMatchObject({
      field: "who",
      value: "sue",
      expected: "somebody with authority over the scope",
    });
    expect(desk.press({ kind: "desk", name: "x" }, 2, 3)).toMatchObject({
      field: "scope",
      value: { kind: "desk", name: "x" },
      expected: "a scope that is configured",
    });
  });

  it.each<[Partial<Record<keyof KillRequest, unknown>>, string]>([
    [{ who: "" }, "killRequest.who"],
    [{ who: " rob" }, "killRequest.who"],
    [
      { channel: "fax" },
      'killRequest.channel: found "fax", expected one of gui, api, cli, telephone, hardware, deadMan, agent',
    ],
    [{ scope: undefined }, "killScope"],
    [{ scope: { kind: "desk", name: "" } }, "killScope.name"],
    [{ reason: undefined }, "killRequest.reason: found undefined, expected a string"],
    [{ level: 0 }, "killRequest.level: found 0, expected 1, 2, 3 or 4"],
    [{ level: 5 }, "killRequest.level"],
    [{ level: "2" }, "killRequest.level"],
  ])("throws for a request with %j", (wrong, message) => {
    const desk = new KillDesk();
    const request = {
      who: "rob",
      channel: "gui",
      scope: null,
      level: 2,
      reason: "r",
      ...wrong,
    } as KillRequest;
    expect(() => desk.kill.activate(request, 1)).toThrow(message);
    expect(() => desk.kill.activate(request, 1)).toThrow("FAULT_INPUT");
    expect(desk.latch.read()).toBe(0);
  });

  it("goes on although records are lost, and counts them", () => {
    const desk = new KillDesk({
      onRecord: () => {
        throw new Error("audit broke");
      },
    });
    expect(desk.press(null, 2, 1)).toMatchObject({ ok: true });
    expect(desk.kill.report(null)?.recordsLost).toBe(2);
    desk.kill.step(2);
    expect(desk.a.told).toEqual(["massCancel", "query"]);
  });

  it("is not stopped by a clock that breaks", () => {
    const desk = new KillDesk();
    desk.orders = [1, 2, 3].map((ref) => order("A", ref));
    desk.press(null, 2, 100);
    for (const nowNs of [99, Number.NaN, Number.POSITIVE_INFINITY]) desk.kill.step(nowNs);
    expect(desk.a.cancels).toEqual([1, 2, 3]);
    expect(new Set(desk.records.map(({ atNs }) => atNs))).toEqual(new Set([100]));
    desk.kill.step(101);
    expect(desk.kill.report(null)).toMatchObject({ t1Ns: 0 });
  });

  it("throws for a venue that is not configured", () => {
    const desk = new KillDesk();
    const message = 'FAULT_INPUT killSwitch.venue: found "C", expected one of A, B';
    expect(() => desk.kill.onAck("C", 1, 1)).toThrow(message);
    expect(() => desk.kill.onVenueUp("C", 1)).toThrow(message);
    expect(() => desk.kill.onVenueDown("C", 1)).toThrow(message);
    expect(() => desk.kill.onFilled("C", 1, 1)).toThrow(message);
    expect(() => desk.kill.onCancelConfirmed("C", 1, 1)).toThrow(message);
    expect(() => desk.kill.onCancelRejected("C", 1, 1)).toThrow(message);
    expect(() => desk.kill.onOpenOrders("C", 1, [], 1)).toThrow(message);
  });
});

describe("the dead man", () => {
  it("kills once when the heart is lost, again only after another beat", () => {
    const heart = new DeadMan({ timeoutNs: 10 });
    const desk = new KillDesk({ deadMan: { heart, who: "watch", scope: null, level: 2 } });
    desk.kill.step(1_000);
    heart.beat(1_000);
    desk.kill.step(1_010);
    expect(desk.latch.read()).toBe(0);
    desk.kill.step(1_011);
    expect(desk.kill.report(null)).toMatchObject({
      channel: "deadMan",
      who: "watch",
      role: "machine",
      reason: "no heartbeat for more than 10 ns",
      t0Ns: 1_011,
      t1Ns: 0,
    });
    desk.kill.step(1_012);
    heart.beat(1_013);
    desk.kill.step(1_030);
    expect(desk.steps().filter((step) => step === "activated" || step === "repeated")).toEqual([
      "activated",
      "repeated",
    ]);
  });

  it("takes a present that is no number for a loss", () => {
    const heart = new DeadMan({ timeoutNs: 10 });
    const desk = new KillDesk({ deadMan: { heart, who: "watch", scope: STRATEGY, level: 1 } });
    heart.arm(5);
    desk.kill.step(Number.NaN);
    expect(desk.latch.levelOf(GRID)).toBe(1);
  });
});

describe("lifting a scope", () => {
  function latched(level: 1 | 2 = 1, scope: KillScope | null = null) {
    const desk = new KillDesk();
    desk.press(scope, level, 1);
    desk.records.length = 0;
    return desk;
  }
  const code = (result: { ok: boolean; code?: string }) => (result.ok ? "ok" : result.code);

  it("takes a request and another person, one of the two from risk", () => {
    const desk = latched();
    expect(desk.ask("sue", null, 10)).toEqual({ ok: true, expiresNs: 510 });
    expect(KillLatch.isOpen(desk.latch.read())).toBe(false);
    const lifted = desk.confirm("rob", null, 20);
    expect(lifted).toMatchObject({ ok: true, epoch: 2, report: { run: 1, scope: null, level: 1 } });
    expect([KillLatch.isOpen(desk.latch.read()), desk.kill.report(null), desk.kill.reports()]).toEqual([
      true,
      null,
      [],
    ]);
    expect(desk.store.saved.at(-1)).toEqual({ version: 1, epoch: 1, latched: [] });
    expect(
      desk.records.map(({ step, who, role, channel, reason, run, level, epoch, detail }) => ({
        step,
        who,
        role,
        channel,
        reason,
        run,
        level,
        epoch,
        detail,
      })),
    ).toEqual([
      {
        step: "reenableRequested",
        who: "sue",
        role: "seniorManagement",
        channel: "cli",
        reason: "mended",
        run: 1,
        level: 1,
        epoch: 1,
        detail: { override: null, unknown: 0 },
      },
      {
        step: "reenabled",
        who: "rob",
        role: "riskManager",
        channel: "telephone",
        reason: "checked",
        run: 1,
        level: 1,
        epoch: 2,
        detail: { requestedBy: "sue", override: null, unknown: 0 },
      },
    ]);
    expect(desk.press(null, 1, 30)).toMatchObject({ run: 2, fresh: true, epoch: 3 });
  });

  it("opens the egress again", () => {
    const opened: unknown[] = [];
    const desk = new KillDesk({ controls: { openEgress: (scope) => opened.push(scope) } });
    desk.press(STRATEGY, 2, 1);
    settle(desk, 60);
    desk.ask("tom", STRATEGY, 70);
    expect(desk.confirm("rob", STRATEGY, 71)).toMatchObject({ ok: true });
    expect(opened).toEqual([STRATEGY]);
    expect(desk.steps().slice(-2)).toEqual(["egressOpened", "reenabled"]);
  });

  it("never lifts a wider scope with a narrower one, nor the reverse", () => {
    const desk = new KillDesk();
    desk.press(null, 1, 1);
    desk.press(STRATEGY, 1, 1);
    desk.ask("tom", STRATEGY, 2);
    desk.confirm("rob", STRATEGY, 3);
    expect([desk.latch.levelOf(FIRM), desk.latch.levelOf(GRID)]).toEqual([1, 0]);
    desk.press(STRATEGY, 1, 4);
    desk.ask("sue", null, 5);
    desk.confirm("rob", null, 6);
    expect([desk.latch.levelOf(FIRM), desk.latch.levelOf(GRID), KillLatch.isOpen(desk.latch.read())]).toEqual(
      [0, 1, false],
    );
  });

  it.each<[string, (desk: KillDesk) => { ok: boolean; code?: string }, string]>([
    [
      "a scope that is not configured",
      (desk) => desk.ask("ghost", { kind: "desk", name: "x" }, 2),
      "RISK_KILL_UNKNOWN_SCOPE",
    ],
    ["a stranger", (desk) => desk.ask("ghost", DESK, 2), "RISK_KILL_FORBIDDEN"],
    ["a machine", (desk) => desk.ask("watch", null, 2), "RISK_KILL_FORBIDDEN"],
    ["a scope that is open", (desk) => desk.ask("rob", DESK, 2), "RISK_KILL_NOT_ACTIVE"],
    ["unknown orders", (desk) => desk.ask("rob", null, 2), "RISK_KILL_UNKNOWN_ORDERS"],
    [
      "no request (unknown scope)",
      (desk) => desk.confirm("ghost", { kind: "desk", name: "x" }, 2),
      "RISK_KILL_UNKNOWN_SCOPE",
    ],
    ["no request (stranger)", (desk) => desk.confirm("ghost", DESK, 2), "RISK_KILL_FORBIDDEN"],
    ["no request (machine)", (desk) => desk.confirm("watch", null, 2), "RISK_KILL_FORBIDDEN"],
    ["no request (open)", (desk) => desk.confirm("rob", DESK, 2), "RISK_KILL_NOT_ACTIVE"],
    ["no request", (desk) => desk.confirm("rob", null, 2), "RISK_KILL_NOT_REQUESTED"],
  ])("refuses %s", (_what, act, expected) => {
    const desk = latched(2);
    expect(code(act(desk))).toBe(expected);
    expect(desk.latch.levelOf(FIRM)).toBe(2);
    expect(desk.records).toMatchObject([{ step: "refused", detail: { code: expected } }]);
  });

  it("has a precedence of refusals: everything wrong, mended one at a time", () => {
    const desk = new KillDesk();
    const wrong: KillScope = { kind: "strategy", name: "grind" };
    const codes = [
      code(desk.ask("ghost", wrong, 1)),
      code(desk.ask("ghost", STRATEGY, 1)),
      code(desk.ask("tom", STRATEGY, 1)),
    ];
    desk.orders = [order("A", "a1")];
    desk.press(STRATEGY, 2, 1);
    desk.kill.step(1);
    codes.push(code(desk.confirm("tom", STRATEGY, 1)));
    desk.ask("tom", STRATEGY, 1, "phoned");
    codes.push(code(desk.confirm("tom", STRATEGY, 502)));
    desk.ask("tom", STRATEGY, 502, "phoned");
    codes.push(code(desk.confirm("tom", STRATEGY, 503)), code(desk.confirm("tia", STRATEGY, 503)));
    codes.push(code(desk.ask("rob", STRATEGY, 503)));
    desk.store.broken = true;
    codes.push(code(desk.confirm("rob", STRATEGY, 503)));
    desk.store.broken = false;
    expect(codes).toEqual(KILL_REFUSAL_CODES.slice(0, 9));
    expect(
      desk.records.filter(
        ({ step, detail }) => step === "refused" && detail.code === "RISK_KILL_SAME_PERSON",
      ),
    ).toMatchObject([{ level: 2, scope: STRATEGY }]);
    expect(code(desk.confirm("rob", STRATEGY, 503))).toBe("ok");
  });

  it("says what each refusal to confirm measured", () => {
    const desk = latched();
    expect(desk.confirm("rob", null, 2)).toMatchObject({
      field: "scope",
      value: null,
      expected: "a request to lift it",
    });
    desk.ask("sue", null, 10);
    expect(desk.confirm("sue", null, 11)).toMatchObject({
      field: "who",
      value: "sue",
      expected: "a second person",
    });
    expect(desk.confirm("sam", null, 11)).toMatchObject({
      field: "who",
      value: "sam",
      expected: "one of the two from risk",
    });
    expect(desk.confirm("rob", null, 511)).toMatchObject({
      field: "requestAgeNs",
      value: 501,
      expected: "at most 500 ns",
    });
    desk.ask("sue", null, 512);
    desk.store.broken = true;
    expect(desk.confirm("rob", null, 513)).toMatchObject({
      field: "store",
      value: "Error: disk full",
      expected: "a store that saves",
    });
    expect(desk.kill.report(DESK)).toBeNull();
    expect(desk.ask("rob", DESK, 513)).toMatchObject({
      field: "scope",
      value: DESK,
      expected: "a scope that is latched",
    });
    const open = latched(2);
    expect(open.ask("rob", null, 2)).toMatchObject({
      field: "unknown",
      value: 0,
      expected: "every venue verified empty, or an override",
    });
  });

  it("takes a confirmation up to the last moment", () => {
    const desk = latched();
    desk.ask("rob", null, 10);
    expect(code(desk.confirm("ria", null, 510))).toBe("ok");
  });

  it("takes the newest request only", () => {
    const desk = latched();
    desk.ask("sue", null, 10);
    desk.ask("rob", null, 11);
    expect(code(desk.confirm("rob", null, 12))).toBe("RISK_KILL_SAME_PERSON");
    expect(code(desk.confirm("sue", null, 12))).toBe("ok");
  });

  it.each([1, 2] as const)("voids a request when somebody kills again at level %s", (level) => {
    const desk = latched(1);
    desk.ask("sue", null, 10);
    desk.press(null, level, 11);
    expect(code(desk.confirm("rob", null, 12))).toBe("RISK_KILL_NOT_REQUESTED");
  });

  it("looks for unknown orders again when it is confirmed", () => {
    const desk = latched(2);
    settle(desk, 60);
    expect(code(desk.ask("sue", null, 61))).toBe("ok");
    desk.kill.onAck("A", "late", 62);
    expect(code(desk.confirm("rob", null, 63))).toBe("RISK_KILL_UNKNOWN_ORDERS");
    desk.kill.onFilled("A", "late", 64);
    settle(desk, 120);
    expect(code(desk.confirm("rob", null, 121))).toBe("ok");
  });

  it("opens over unknown orders only with a reason that both have seen", () => {
    const desk = latched(2);
    desk.orders = [order("A", "a1")];
    desk.kill.step(2);
    desk.ask("rob", null, 3, "venue confirmed by telephone");
    expect(desk.confirm("sue", null, 4)).toMatchObject({ ok: true, report: { unknown: 1, complete: false } });
    expect(
      desk.records.filter(({ step }) => step.startsWith("reenable")).map(({ detail }) => detail),
    ).toEqual([
      { override: "venue confirmed by telephone", unknown: 1 },
      { requestedBy: "rob", override: "venue confirmed by telephone", unknown: 1 },
    ]);
  });

  it("stays latched when the store cannot be told, and tells it the truth later", () => {
    const desk = latched();
    desk.ask("sue", null, 10);
    desk.store.broken = true;
    expect(code(desk.confirm("rob", null, 11))).toBe("RISK_KILL_NOT_PERSISTED");
    expect([desk.latch.levelOf(FIRM), desk.kill.report(null)?.persisted]).toEqual([1, false]);
    desk.store.broken = false;
    desk.kill.step(12);
    expect(desk.store.saved.at(-1)?.latched.length).toBe(1);
    expect(code(desk.confirm("rob", null, 13))).toBe("ok");
    const saves = desk.store.saved.length;
    desk.kill.step(14);
    expect(desk.store.saved.length).toBe(saves);
  });

  it("needs no later save after a lift that the store took", () => {
    const desk = latched();
    desk.ask("sue", null, 10);
    desk.store.broken = true;
    desk.confirm("rob", null, 11);
    desk.store.broken = false;
    desk.confirm("rob", null, 12);
    const saves = desk.store.saved.length;
    desk.kill.step(13);
    expect([desk.store.saved.length, desk.store.saved.at(-1)?.latched]).toEqual([saves, []]);
  });

  it.each<[object, string]>([
    [{ who: "" }, "who"],
    [{ channel: "x" }, "channel"],
    [{ reason: "" }, "reason"],
    [{ reason: " " }, "reason"],
    [{ reason: 1 }, "reason"],
    [{ scope: undefined }, "killScope"],
  ])("throws for %j", (wrong, field) => {
    const desk = latched();
    const request = { who: "rob", channel: "gui", scope: null, reason: "r", ...wrong } as never;
    const path =
      field === "killScope"
        ? ["killScope", "killScope"]
        : [`reenableRequest.${field}`, `reenableConfirmation.${field}`];
    expect(() => desk.kill.requestReenable(request, 1)).toThrow(`FAULT_INPUT ${path[0]}`);
    expect(() => desk.kill.confirmReenable(request, 1)).toThrow(`FAULT_INPUT ${path[1]}`);
  });

  it("throws for an override without words", () => {
    expect(() => latched().ask("rob", null, 1, " ")).toThrow(
      'FAULT_INPUT reenableRequest.override: found " ", expected a reason in words',
    );
  });
});
