import { describe, expect, it } from "vitest";
import { canonicalJson, Fault } from "../../src/base/index.ts";
import { kernelStateHash, saveKernel } from "../../src/kernel/index.ts";
import {
  CONTROL_TERMS,
  type ControlCall,
  type ControlRequest,
  type LimitOverride,
} from "../../src/risk/index.ts";
import {
  Backtester,
  readStory,
  replaySession,
  SESSION,
  type SessionOptions,
  TradingSession,
} from "../../src/run/index.ts";
import type { Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { controlledOptions, OTHER, RISK, TRADER } from "../fixtures/random-control.ts";
import { wanderingTape } from "../fixtures/run-tapes.ts";
import { INSTRUMENTS, RequestDoor, sessionOptions } from "../fixtures/session-desk.ts";

const MS = 1_000_000;
const NARROW: ControlRequest = {
  call: "change",
  args: [[{ level: "firm", limits: { maxOrderLots: 5 } }], RISK, "a nervous market"],
};
const WIDER: LimitOverride = {
  ...{ level: "firm", limits: { maxOrderLots: 90 }, reason: "a client's order" },
  ...{ requestedBy: TRADER, approvedBy: RISK, untilNs: 50 * MS },
};

/** A session in memory that has begun. */
function begun(options: SessionOptions = controlledOptions()) {
  const journal = new MemoryJournal();
  const session = new TradingSession(options, journal);
  for (const i of INSTRUMENTS.keys()) session.connect(i, new RequestDoor(i, () => {}));
  session.start(0);
  return { session, journal, gate: session.kernel.gate };
}

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("no fault");
}

const asked = (call: ControlCall, ...args: readonly unknown[]): ControlRequest =>
  ({ call, args }) as unknown as ControlRequest;

describe("a change of the gate in a session", () => {
  it("is in the journal, durably, before it takes effect", () => {
    const { session, journal, gate } = begun();
    const seen: unknown[] = [];
    journal.commit = () => {
      journal.durableSeq = journal.lastSeq;
      const { type, payload } = journal.records.at(-1) ?? { type: 0, payload: new Uint8Array(0) };
      seen.push([
        type,
        JSON.parse(new TextDecoder().decode(payload)),
        gate.parts.limits.of(0, "maxOrderLots"),
      ]);
      return journal.durableSeq;
    };
    expect(session.control(NARROW, 7)).toEqual({ ok: true });
    expect(seen).toEqual([[SESSION.control, { ns: 7, ...NARROW }, 50]]);
    expect([gate.parts.limits.of(0, "maxOrderLots"), gate.control.version]).toEqual([5, 2]);
  });

  it("takes no effect where the journal does not take it, and the session ends", () => {
    const { session, journal, gate } = begun();
    journal.commit = () => {
      throw new Fault("FAULT_IO", { path: "disk" });
    };
    expect(faultOf(() => session.control(NARROW, 7)).code).toBe("FAULT_IO");
    expect([gate.parts.limits.of(0, "maxOrderLots"), session.isRunning]).toEqual([50, false]);
    expect(faultOf(() => session.control(NARROW, 8)).code).toBe("FAULT_INPUT");
  });

  it("is durable only with what it lets out where it is word from a market", () => {
    const { session, journal } = begun();
    const commits = journal.commits;
    expect(session.control({ call: "status.set", args: [0, 4] }, 1)).toEqual({ ok: true });
    expect([journal.commits, journal.records.at(-1)?.type]).toEqual([commits, SESSION.control]);
  });

  it("is done as it was recorded: later changes of the request's objects change nothing", () => {
    const { session, gate } = begun();
    const limits = { maxOrderLots: 5 };
    session.control({ call: "change", args: [[{ level: "firm", limits }], RISK, "x"] }, 1);
    limits.maxOrderLots = 6;
    expect(gate.parts.limits.of(0, "maxOrderLots")).toBe(5);
  });

  it("fires the timers before it, and is put at the session's time", () => {
    const { session, journal, gate } = begun();
    session.control({ call: "override", args: [WIDER] }, 10 * MS);
    session.control(NARROW, 5 * MS);
    const times = journal.records
      .filter(({ type }) => type === SESSION.control)
      .map(({ payload }) => JSON.parse(new TextDecoder().decode(payload)).ns);
    expect(times).toEqual([10 * MS, 10 * MS]);
    expect(gate.control.version).toBe(3);
  });

  it("is refused where the session has not begun, has ended, or a callback asks", () => {
    const options = controlledOptions();
    const early = new TradingSession(options, new MemoryJournal());
    expect(faultOf(() => early.control(NARROW, 1)).message).toContain("a session that is running");
    let told: unknown;
    const curious: Strategy = {
      name: "curious",
      onStart: () => {
        told = faultOf(() => session.control(NARROW, 1)).message;
      },
    };
    const session = new TradingSession(controlledOptions({ strategies: [curious] }), new MemoryJournal());
    session.start(0);
    expect(told).toContain("no call from a callback");
    expect(session.control(NARROW, 1)).toEqual({ ok: true });
    session.stop(2);
    expect(faultOf(() => session.control(NARROW, 3)).message).toContain("a session that is running");
  });

  it.each([
    ["an unknown call", { call: "newDay", args: [1] }, "session.control.call"],
    ["a misspelt field", { ...NARROW, why: "x" }, "session.control.why"],
    ["too few arguments", { call: "change", args: [[]] }, "session.control.args"],
    ["no arguments", { call: "change" }, "session.control.args"],
    ["another kind of argument", asked("change", {}, RISK, "x"), "session.control.args[0]"],
    ["a list of nothing", asked("change", [null], RISK, "x"), "session.control.args[0]"],
    ["nobody", asked("change", [], null, "x"), "session.control.args[1]"],
    ["a number in place of a text", asked("change", [], RISK, 5), "session.control.args[2]"],
    ["NaN", asked("close", 0, Number.NaN), "session.control.args[1]"],
    [
      "infinity within",
      asked("override", { ...WIDER, untilNs: Infinity }),
      "session.control.args[0].untilNs",
    ],
    ["somebody without a role", { ...NARROW, by: { name: "x" } }, "session.control.by.role"],
    ["an empty reason", { ...NARROW, reason: "" }, "session.control.reason"],
    ["nothing", null, "session.control"],
  ])("with %s is a fault, and nothing is recorded", (_, request, path) => {
    const { session, journal, gate } = begun();
    const records = journal.lastSeq;
    const fault = faultOf(() => session.control(request as ControlRequest, 5));
    expect([["FAULT_CONFIG", "FAULT_INPUT"].includes(fault.code), fault.path]).toEqual([true, path]);
    expect([journal.lastSeq, gate.control.version, session.isRunning]).toEqual([records, 1, true]);
  });

  const REFUSED: readonly (readonly [string, ControlRequest, string, string])[] = [
    [
      "a trader",
      { ...NARROW, args: [NARROW.args[0] as never, TRADER, "x"] } as never,
      "OVERRIDE_FORBIDDEN",
      "by.role",
    ],
    ["no limits", asked("change", [], RISK, "x"), "CONTROL_INVALID", "limits"],
    [
      "an unknown limit",
      asked("change", [{ level: "firm", limits: { maxOrder: 1 } }], RISK, "x"),
      "CONTROL_INVALID",
      "limits[0].limits.maxOrder",
    ],
    [
      "a misspelt node",
      asked("change", [{ level: "firm", nam: "x", limits: {} }], RISK, "x"),
      "CONTROL_INVALID",
      "limits[0].nam",
    ],
    [
      "a second node that is none",
      asked(
        "change",
        [
          { level: "firm", limits: { maxOrderLots: 1 } },
          { level: "user", name: "x", limits: {} },
        ],
        RISK,
        "x",
      ),
      "CONTROL_INVALID",
      "limits[1]",
    ],
    [
      "a loss past 2^50",
      asked(
        "change",
        [{ level: "firm", limits: { maxOrderLots: 1, maxWindowLoss: "90071992547409.91" } }],
        RISK,
        "x",
      ),
      "CONTROL_INVALID",
      "limits[0].limits.maxWindowLoss",
    ],
    [
      "no reason",
      asked("change", [{ level: "firm", limits: { maxOrderLots: 1 } }], RISK, ""),
      "CONTROL_INVALID",
      "reason",
    ],
    [
      "a role that is none",
      asked("change", [], { name: "x", role: "boss" }, "x"),
      "CONTROL_INVALID",
      "by.role",
    ],
    [
      "one person for both",
      asked("override", { ...WIDER, requestedBy: RISK }),
      "OVERRIDE_FORBIDDEN",
      "approvedBy",
    ],
    [
      "consent of a trader",
      asked("override", { ...WIDER, approvedBy: { ...TRADER, name: "y" } }),
      "OVERRIDE_FORBIDDEN",
      "approvedBy.role",
    ],
    ["an end in the past", asked("override", { ...WIDER, untilNs: 4 }), "OVERRIDE_FORBIDDEN", "untilNs"],
    [
      "two limits",
      asked("override", { ...WIDER, limits: { maxOrderLots: 1, maxLongLots: 1 } }),
      "CONTROL_INVALID",
      "override.limits",
    ],
    [
      "no person",
      asked("override", { ...WIDER, requestedBy: null }),
      "CONTROL_INVALID",
      "override.requestedBy",
    ],
    [
      "capital that is none",
      asked("setCapital", { level: "firm", amount: "-1" }, RISK, "x"),
      "CONTROL_INVALID",
      "capital.amount",
    ],
    [
      "capital of nobody's word",
      asked("setCapital", { level: "firm", amount: "1" }, {}, "x"),
      "CONTROL_INVALID",
      "by.role",
    ],
    ["a reset by a trader", asked("resetLosses", "firm", "", TRADER, "x"), "OVERRIDE_FORBIDDEN", "by.role"],
    ["a reset of no node", asked("resetLosses", "floor", "1", RISK, "x"), "CONTROL_INVALID", "node"],
    [
      "a risk of too few instruments",
      asked("setValueAtRisk", "firm", "", 1, [1]),
      "CONTROL_INVALID",
      "valueAtRisk.marginals.length",
    ],
    ["a close of no instrument", asked("close", 2, 5), "CONTROL_INVALID", "instrument"],
    ["a status that is none", asked("status.set", 0, 9), "CONTROL_INVALID", "marketStatus.status"],
    [
      "a class that is none",
      asked("permissions.allow", 0, 32),
      "CONTROL_INVALID",
      "productPermissions.productClass",
    ],
    [
      "a restriction that is none",
      asked("restricted.restrict", { instrument: 0, restriction: "some", reason: "x" }),
      "CONTROL_INVALID",
      "restriction.restriction",
    ],
    [
      "a way to borrow that is none",
      asked("locates.setBorrow", 0, "soon"),
      "CONTROL_INVALID",
      "locates.borrow",
    ],
    ["a locate that is over", asked("locates.grant", 0, 0, 5, 4), "CONTROL_INVALID", "locates.untilNs"],
    [
      "a strategy that is none",
      asked("repeats.enable", 1, "x"),
      "CONTROL_INVALID",
      "repeatThrottle.strategy",
    ],
    ["a breaker that is none", asked("breakers.trip", 1, "manual"), "CONTROL_INVALID", "breakers"],
    ["a cause that is none", asked("breakers.trip", 0, "mood"), "CONTROL_INVALID", "breakers.cause"],
    ["nobody's reset", asked("breakers.reset", 0, ""), "CONTROL_INVALID", "circuitBreaker.by"],
    ["a rule that is not there", asked("bands.pause", 0), "CONTROL_INVALID", "rules.bands"],
  ];

  it.each(REFUSED)(
    "by %s is refused by name: recorded whole, and nothing has changed",
    (_, request, code, field) => {
      const { session, journal } = begun();
      const state = () => kernelStateHash(saveKernel(session.kernel));
      session.idle(5);
      const before = state();
      const records = journal.lastSeq;
      expect(session.control(request, 5)).toMatchObject({ ok: false, code: `RISK_${code}`, field });
      expect([journal.lastSeq, state(), session.isRunning]).toEqual([records + 1, before, true]);
      const runHash = session.stop(6);
      expect(replaySession(journal.records, controlledOptions())).toMatchObject({
        isIdentical: true,
        runHash,
      });
    },
  );

  it("of a status that the gate does not ask for is refused", () => {
    const { session } = begun(sessionOptions());
    expect(session.control({ call: "status.set", args: [0, 2] }, 5)).toMatchObject({ field: "status" });
  });

  it("that a full list does not take is refused, and one that is taken tells its number", () => {
    const { session } = begun();
    const entry = { instrument: 0, restriction: "noBuy", reason: "news" } as const;
    const answers = [1, 2, 3, 4, 5].map((ns) =>
      session.control({ call: "restricted.restrict", args: [entry] }, ns),
    );
    expect(answers.slice(0, 4)).toEqual([1, 2, 3, 4].map((value) => ({ ok: true, value })));
    expect(answers[4]).toMatchObject({ code: "RISK_CONTROL_INVALID", field: "restrictedList.entries" });
    expect(session.control({ call: "restricted.lift", args: [2] }, 6)).toEqual({ ok: true, value: true });
    expect(session.control({ call: "restricted.lift", args: [2] }, 7)).toEqual({ ok: true, value: false });
  });

  it("has a row for every call", () => {
    for (const [call, { takes, section }] of Object.entries(CONTROL_TERMS)) {
      expect([call, takes.length <= 4, section !== ""]).toEqual([call, true, true]);
    }
  });
});

describe("a session whose gate was changed", () => {
  it("says so in its story: what comes of it is no market's doing", () => {
    const { session, journal } = begun();
    session.control(NARROW, 7);
    session.stop(9);
    const { events, endNs } = readStory(journal.records);
    expect(events).toEqual([{ ns: 7, what: `the gate was asked for ${canonicalJson(NARROW)}` }]);
    expect(endNs).toBe(9);
  });
});

describe("a gate whose changes are recorded", () => {
  it("cannot be changed past the record", () => {
    const { session, gate } = begun();
    const { control } = gate;
    const firm = [{ level: "firm", limits: { maxOrderLots: 1 } }] as const;
    for (const [name, call] of Object.entries({
      change: () => control.change(firm, RISK, "x", 1),
      override: () => control.override(WIDER, 1),
      newDay: () => control.newDay(1, 1),
      setCapital: () => control.setCapital({ level: "firm", amount: "1" }, RISK, "x", 1),
      setValueAtRisk: () => control.setValueAtRisk("firm", "", 1, [1, 1], 1),
      resetLosses: () => control.resetLosses("firm", "", OTHER, "x", 1),
      expire: () => control.expire(1),
      reserve: () => control.reserve("me"),
    })) {
      const fault = faultOf(call);
      expect([fault.code, fault.path]).toEqual(["FAULT_INPUT", `gate.control.${name}`]);
      expect(fault.message).toContain("`control` of the session");
    }
    expect([control.version, session.isRunning]).toEqual([1, true]);
    expect(session.control(NARROW, 1).ok).toBe(true);
    expect(faultOf(() => control.change(firm, RISK, "x", 1)).path).toBe("gate.control.change");
  });

  it("begins its days and ends its overrides by itself", () => {
    const DAY = 86_400_000_000_000;
    let ctx: StrategyContext | undefined;
    const idle: Strategy = {
      name: "idle",
      onStart: (given) => {
        ctx = given;
      },
    };
    const { session, gate } = begun(controlledOptions({ strategies: [idle] }));
    expect(session.control({ call: "override", args: [WIDER] }, 1).ok).toBe(true);
    session.idle(2 * DAY);
    ctx?.submit({ instrument: "ABC@sim", side: "buy", lots: 1, priceTicks: 1000 });
    expect([gate.parts.day, gate.parts.limits.of(0, "maxOrderLots")]).toEqual([19_677, 50]);
  });
});

describe("the backtester's journal", () => {
  it("has changes of the gate that are made while it runs", () => {
    const rows = 150_000;
    const make = () => ({
      markets: [{ tape: wanderingTape(3, rows, {}) }],
      strategies: [new BusyStrategy(400_000_000)],
      cash: { USD: "1000000" },
      seed: 3,
      risk: { ...sessionOptions().risk, capital: [] } as never,
    });
    const journal = new MemoryJournal();
    const backtester = new Backtester({ ...make(), journal });
    expect(faultOf(() => backtester.kernel.control(NARROW)).message).toContain("a session that has begun");
    const run = backtester.run();
    let answers = 0;
    let result = run.next();
    for (; result.done !== true; result = run.next()) {
      const limits = { maxOrderLots: answers % 2, maxOpenOrders: 1 };
      const request = { call: "change", args: [[{ level: "firm", limits }], RISK, "x"] } as const;
      expect(backtester.kernel.control(request)).toEqual({ ok: true });
      answers += 1;
    }
    expect(answers).toBeGreaterThan(1);
    const { runHash, orders } = result.value;
    expect(orders.refusals).toHaveProperty("RISK_QUANTITY_EXCEEDED");
    const replay = replaySession(journal.records, { strategies: make().strategies, risk: make().risk });
    expect(replay).toMatchObject({ isIdentical: true, runHash });
    const without = journal.records.filter(({ type }) => type !== SESSION.control);
    expect(replaySession(without, { strategies: make().strategies, risk: make().risk }).isIdentical).toBe(
      false,
    );
    expect(new Backtester(make()).runToEnd().runHash).not.toBe(runHash);
  }, 30_000);
});

describe("a record of a change that is none", () => {
  it.each([
    ["no JSON", "x"],
    ["an unknown call", JSON.stringify({ ns: 1, call: "x", args: [] })],
    ["no time", JSON.stringify(NARROW)],
    ["a misspelt field", JSON.stringify({ ns: 1, ...NARROW, x: 1 })],
  ])("(%s) is a fault of the journal that names it", (_, text) => {
    const { session, journal } = begun();
    session.control(NARROW, 1);
    session.stop(2);
    const at = journal.records.findIndex(({ type }) => type === SESSION.control);
    const seq = journal.records[at]?.seq as number;
    journal.records[at] = { seq, type: SESSION.control, payload: new TextEncoder().encode(text) };
    const fault = faultOf(() => replaySession(journal.records, controlledOptions()));
    expect([fault.code, fault.path]).toEqual(["FAULT_JOURNAL_FORMAT", `session.record ${seq}`]);
  });
});
