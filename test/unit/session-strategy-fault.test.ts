import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import type { StrategyFault } from "../../src/kernel/index.ts";
import { REASON, REPORT } from "../../src/model/index.ts";
import {
  readStory,
  replaySession,
  resumeSession,
  SESSION,
  SessionAudit,
  type SessionOptions,
  TradingSession,
} from "../../src/run/index.ts";
import type { Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { auditOptions, openTrail } from "../fixtures/audited-world.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { NotingDoor, SmallSessions } from "../fixtures/small-session.ts";

const MS = 1e6;
const SECOND = 1e9;
const saves = { onSave: () => ({ version: 1, state: {} }), onLoad: () => {} };
const buy = (ctx: StrategyContext, priceTicks = 990) =>
  ctx.submit({ instrument: "ABC@sim", side: "buy", lots: 1, priceTicks });

/** Buys at each trade, and throws at the third; without `bug` it does not. */
function faulty(bug = true): Strategy {
  let trades = 0;
  return {
    name: "faulty",
    onTrade: (_, ctx) => {
      trades += 1;
      buy(ctx);
      if (bug && trades === 3) throw new Error("my bug");
    },
    onSave: () => ({ version: 1, state: { trades } }),
    onLoad: (saved) => {
      ({ trades } = saved.state as { trades: number });
    },
  };
}

const calm = (): Strategy => ({
  name: "calm",
  onTrade: (_, ctx) => void buy(ctx, 900),
  ...saves,
});

function options(sessions: SmallSessions, bug = true, more: Partial<SessionOptions> = {}): SessionOptions {
  return { ...sessions.options({}), strategies: [faulty(bug), calm()], ...more };
}

describe("a strategy that throws in a session", () => {
  it("is stopped, its orders are canceled, its owner is told, and the others go on", () => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(options(sessions));
    const door = new NotingDoor();
    const told: StrategyFault[] = [];
    session.connect(0, door);
    session.onStrategyFault = (fault) => void told.push(fault);
    session.start(0);
    for (const ns of [1000, 2000, 3000, 4000]) sessions.trade(session, ns);
    expect(session.isRunning).toBe(true);
    expect(told).toMatchObject([{ strategy: "faulty", callback: "onTrade", ns: 3000, openOrders: 3 }]);
    expect(told[0]?.error).toMatchObject({ message: "my bug" });
    expect(session.faulted).toEqual(told);
    expect(door.sent).toEqual([
      ...["order 1", "order 2", "order 3", "order 4", "order 5"],
      ...["cancel 1 request 1", "cancel 3 request 2", "cancel 5 request 3"],
      ...["order 6", "order 7"],
    ]);
    expect(session.stop(5000)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("ends the session, as before, where whoever is told throws", () => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(options(sessions));
    session.connect(0, new NotingDoor());
    session.onStrategyFault = () => {
      throw new Error("pager down");
    };
    session.start(0);
    for (const ns of [1000, 2000]) sessions.trade(session, ns);
    expect(() => sessions.trade(session, 3000)).toThrow("pager down");
    expect(session.isRunning).toBe(false);
  });

  it("is stopped, and no more, where what it throws answers no question", () => {
    const sessions = new SmallSessions();
    const refuses = (): never => {
      throw new Error("no answer");
    };
    const hostile = new Proxy({}, { get: refuses, getPrototypeOf: refuses });
    const thrower: Strategy = {
      name: "thrower",
      onTrade: () => {
        throw hostile;
      },
    };
    const { session } = sessions.open({ ...options(sessions), strategies: [thrower] }, (made) => {
      new SessionAudit(made, auditOptions(openTrail(sessions.disk, "append").chain, sessions.disk));
    });
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 1000);
    expect(session.isRunning).toBe(true);
    expect(session.faulted).toMatchObject([{ strategy: "thrower", message: "something that has no text" }]);
  });

  it("is stopped again by a replay; one that does not throw there is a difference", () => {
    const sessions = new SmallSessions();
    const journal = new MemoryJournal();
    const session = new TradingSession(options(sessions), journal);
    session.connect(0, new NotingDoor());
    session.start(0);
    for (const ns of [1000, 2000, 3000, 4000]) sessions.trade(session, ns);
    const runHash = session.stop(5000);
    const same = replaySession(journal.records, { strategies: [faulty(), calm()] });
    expect(same).toMatchObject({ isIdentical: true, runHash, recordedHash: runHash });
    expect(same.kernel.faulted).toMatchObject([{ strategy: "faulty", ns: 3000 }]);
    const fixed = replaySession(journal.records, { strategies: [faulty(false), calm()] });
    expect(fixed.isIdentical).toBe(false);
    expect(fixed.difference).toMatchObject({ recorded: { kind: "strategyFaulted", ns: 3000 } });
    const { events } = readStory(journal.records);
    expect(events).toEqual([{ ns: 3000, what: "strategy 0 threw and was stopped" }]);
  });

  it.each([0, 1])("is stopped after a recovery too, from a snapshot every %d ns", (snapshotEveryNs) => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(options(sessions, true, { snapshotEveryNs }));
    session.connect(0, new NotingDoor());
    session.start(0);
    for (const ns of [1000, 2000, 3000, 4000]) sessions.trade(session, ns);
    session.commit();
    const told: string[] = [];
    const opened = sessions.recover(options(sessions, true, { snapshotEveryNs }), (next) => {
      next.onStrategyFault = ({ strategy }) => void told.push(strategy);
    });
    expect(opened.recovery.difference ?? opened.recovery.sendDifference).toBeUndefined();
    expect(opened.recovery.runHash).toBe(session.runHash());
    expect(opened.session.faulted).toMatchObject([
      { strategy: "faulty", callback: "onTrade", ns: 3000, openOrders: 3, message: "my bug" },
    ]);
    expect(told).toEqual(snapshotEveryNs === 0 ? ["faulty"] : []);
    const door = new NotingDoor();
    opened.session.connect(0, door);
    resumeSession(opened, 5000);
    sessions.trade(opened.session, 6000);
    // Only the other one still buys; the cancels were sent, and are not sent again before they are answered.
    expect(door.sent).toEqual(["order 65544"]);
  });

  it("whose cancel never left has it sent by the next process, and again until it is answered", () => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(options(sessions));
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    for (const ns of [1000, 2000, 3000]) sessions.trade(session, ns);
    const row = session.kernel.orders.id.indexOf(1);
    const { cancelRejected: kind } = REPORT;
    sessions.report(session, { kind, row, id: 1, requestId: 1, reason: REASON.notSent ?? 0 }, 4000);
    door.sent.length = 0;
    session.idle(4000 + SECOND);
    expect(door.sent).toEqual(["cancel 1 request 4"]);
    session.idle(4000 + 2 * SECOND);
    expect(door.sent).toEqual(["cancel 1 request 4"]);
  });
});

describe("a journal that fails beneath a strategy", () => {
  const io = new Fault("FAULT_IO", { path: "journal" });

  /** Buys at each trade, and does not want to hear of trouble. */
  const deaf = (): Strategy => ({
    name: "deaf",
    onTrade: (_, ctx) => {
      try {
        buy(ctx);
      } catch {
        // swallowed
      }
    },
  });

  it.each([
    ["thrown on", { name: "s", onTrade: (_: unknown, ctx: StrategyContext) => void buy(ctx) }],
    ["swallowed", deaf()],
  ])("ends the session, and nobody is blamed: %s", (_, strategy) => {
    const sessions = new SmallSessions();
    const journal = new MemoryJournal();
    const { appendClosing, append } = journal;
    const session = new TradingSession({ ...sessions.options({}), strategies: [strategy, calm()] }, journal);
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    journal.append = (type, payload, ns) => {
      if (type === SESSION.sending) throw io;
      return append.call(journal, type, payload, ns);
    };
    expect(appendClosing).toBeDefined();
    expect(() => sessions.trade(session, 1000)).toThrow(io);
    expect([session.isRunning, session.faulted, door.sent]).toEqual([false, [], []]);
    journal.append = append;
    expect(() => sessions.trade(session, 2000)).toThrow(/FAULT_INPUT session\.input/);
  });

  it("also where a strategy has the session commit, and catches what that throws", () => {
    const sessions = new SmallSessions();
    const journal = new MemoryJournal();
    let session: TradingSession | undefined;
    const meddler: Strategy = {
      name: "meddler",
      onTrade: (_, ctx) => {
        buy(ctx);
        try {
          session?.commit();
        } catch {
          // swallowed
        }
      },
    };
    session = new TradingSession({ ...sessions.options({}), strategies: [meddler] }, journal);
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    const { commit } = journal;
    Object.defineProperty(journal, "durableSeq", { get: () => 0, configurable: true });
    journal.commit = () => {
      throw io;
    };
    const running = session;
    expect(() => sessions.trade(running, 1000)).toThrow(io);
    journal.commit = commit;
    expect([session.isRunning, session.faulted, door.sent]).toEqual([false, [], []]);
  });
});

describe("a repeating timer", () => {
  const ticking = (periodNs: number, fired: number[]): Strategy => ({
    name: "ticking",
    onStart: (ctx) => void ctx.clock.every(periodNs),
    onTimer: (_, ctx) => void fired.push(ctx.clock.ns),
    ...saves,
  });

  it("fires once after an outage, then at its next time", () => {
    const sessions = new SmallSessions();
    const fired: number[] = [];
    const { session } = sessions.open({ ...sessions.options({}), strategies: [ticking(MS, fired)] });
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 2.5 * MS);
    session.commit();
    expect(fired).toEqual([MS, 2 * MS]);
    const again: number[] = [];
    const resumed = sessions.recover({ ...sessions.options({}), strategies: [ticking(MS, again)] });
    again.length = 0;
    resumed.session.connect(0, new NotingDoor());
    const hour = 3600 * SECOND;
    resumeSession(resumed, hour + 0.5 * MS);
    sessions.trade(resumed.session, hour + 0.7 * MS);
    sessions.trade(resumed.session, hour + 2.1 * MS);
    const late = [hour + 0.5 * MS, hour + MS, hour + 2 * MS];
    expect(again).toEqual(late);
    resumed.session.commit();
    const third: number[] = [];
    const last = sessions.recover({ ...sessions.options({}), strategies: [ticking(MS, third)] });
    expect(last.recovery.difference).toBeUndefined();
    expect(third).toEqual([MS, 2 * MS, ...late]);
    expect(last.recovery.runHash).toBe(resumed.session.runHash());
    expect(last.session.kernel.timers.save()).toEqual(resumed.session.kernel.timers.save());
  });

  it("fires for each period while the session runs, unless it is too far behind", () => {
    const sessions = new SmallSessions();
    const journal = new MemoryJournal();
    const fired: number[] = [];
    const made = { ...sessions.options({}), strategies: [ticking(MS, fired)], timersBehindMax: 100 };
    const session = new TradingSession(made, journal);
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 100 * MS + 1);
    expect(fired.length).toBe(100);
    sessions.trade(session, 1000.5 * MS);
    expect(fired.slice(100)).toEqual([101 * MS]);
    session.idle(1001 * MS);
    expect(fired.slice(101)).toEqual([1001 * MS]);
    const runHash = session.stop(1001.5 * MS);
    const replayed: number[] = [];
    const replay = replaySession(journal.records, { strategies: [ticking(MS, replayed)] });
    expect(replay).toMatchObject({ isIdentical: true, runHash });
    expect(replayed).toEqual(fired);
  });
});

describe("numbers of requests", () => {
  it("are left out after a recovery, like ids of orders", () => {
    const sessions = new SmallSessions();
    let undo = (): void => {};
    const strategy: Partial<Strategy> = {
      onTrade: (_, ctx) => {
        const ticket = buy(ctx);
        if (ticket.ok) undo = () => void ctx.cancel(ticket as never);
      },
      onBook: () => undo(),
    };
    const made = sessions.options(strategy);
    const { session } = sessions.open(made);
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    sessions.trade(session, 1000);
    sessions.row(session, 1, 900, 1, 1500);
    session.commit();
    const opened = sessions.recover(made);
    const next = new NotingDoor();
    opened.session.connect(0, next);
    resumeSession(opened, 2000);
    sessions.trade(opened.session, 3000);
    sessions.row(opened.session, 1, 901, 1, 3500);
    expect(door.sent).toEqual(["order 1", "cancel 1 request 1"]);
    expect(next.sent).toEqual(["order 65538", "cancel 65538 request 65538"]);
    opened.session.commit();
    const last = sessions.recover(made);
    expect(last.recovery.difference ?? last.recovery.sendDifference).toBeUndefined();
    expect(last.recovery.runHash).toBe(opened.session.runHash());
  });
});
