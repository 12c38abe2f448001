import { describe, expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { MESSAGE_FIELD, MESSAGE_STRIDE, REPORT, ROW } from "../../src/model/index.ts";
import { FIRM_SCOPE } from "../../src/risk/index.ts";
import {
  readSending,
  replaySession,
  resumeSession,
  SESSION,
  type SessionRecord,
  type TradingSession,
} from "../../src/run/index.ts";
import type { OrderView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { NotingDoor, newLatch, SmallSessions, underLatch } from "../fixtures/small-session.ts";

const buy = (ctx: StrategyContext, priceTicks: number) =>
  ctx.submit({ instrument: "ABC@sim", side: "buy", lots: 1, priceTicks });
const saves = { onSave: () => ({ version: 1, state: {} }), onLoad: () => {} };

describe("a kill", () => {
  it("that was on when the process ended is on when the next one goes on", () => {
    const sessions = new SmallSessions();
    const strategy = { onTrade: (_: unknown, ctx: StrategyContext) => void buy(ctx, 990) };
    const latch = newLatch();
    const { session } = sessions.open(sessions.options(strategy, underLatch(latch)));
    session.connect(0, new NotingDoor());
    session.start(0);
    latch.set(FIRM_SCOPE, 4);
    sessions.trade(session, 1000);
    session.commit();
    const fresh = newLatch();
    const opened = sessions.recover(sessions.options(strategy, underLatch(fresh)));
    const door = new NotingDoor();
    opened.session.connect(0, door);
    resumeSession(opened, 2000);
    expect(fresh.levelOf(FIRM_SCOPE)).toBe(4);
    sessions.trade(opened.session, 3000);
    expect(door.sent).toEqual([]);
    fresh.clear(FIRM_SCOPE);
    sessions.trade(opened.session, 4000);
    expect(door.sent.length).toBe(1);
  });

  it("within a turn ends what a strategy tries again and again", () => {
    const sessions = new SmallSessions();
    let tries = 0;
    const strategy = {
      onTrade: (_: unknown, ctx: StrategyContext) => void buy(ctx, 900),
      onOrder: (order: OrderView, ctx: StrategyContext) => {
        if (order.kind === "rejected") tries += buy(ctx, 900 + tries) === undefined ? 0 : 1;
      },
    };
    const latch = newLatch();
    const { session } = sessions.open(sessions.options(strategy, underLatch(latch)));
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    session.watch({ sending: () => void latch.set(FIRM_SCOPE, 2) });
    sessions.trade(session, 1000);
    expect([tries, session.isRunning, door.sent]).toEqual([1, true, []]);
  });
});

describe("what leaves a recovered session", () => {
  const strategy = { onTrade: (_: unknown, ctx: StrategyContext) => void buy(ctx, 990) };

  it("leaves by the door that was connected before it was opened", () => {
    const sessions = new SmallSessions();
    let door = new NotingDoor();
    const prepare = (session: TradingSession): void => {
      door = new NotingDoor();
      session.connect(0, door);
    };
    const { session } = sessions.open(sessions.options(strategy), prepare);
    session.start(0);
    sessions.trade(session, 1000);
    session.commit();
    const opened = sessions.recover(sessions.options(strategy), prepare);
    resumeSession(opened, 2000);
    sessions.trade(opened.session, 3000);
    expect(door.sent).toEqual(["order 65538"]);
  });

  it("needs a door where there are orders", () => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(sessions.options(strategy));
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 1000);
    session.commit();
    const opened = sessions.recover(sessions.options(strategy));
    expect(() => resumeSession(opened, 2000)).toThrow(/session\.resume.*a door for ABC@sim/);
    opened.session.connect(0, new NotingDoor());
    resumeSession(opened, 2000);
    expect(() => resumeSession(opened, 3000)).toThrow(/session\.resume/);
  });

  it("is told where the replay does not send what was sent, and then it goes on only if told to", () => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(sessions.options(strategy));
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 1000);
    session.commit();
    const opened = sessions.recover(sessions.options({ onTrade: () => {} }));
    expect(opened.recovery.sendDifference).toMatchObject({ recorded: { kind: "order", id: 1 } });
    opened.session.connect(0, new NotingDoor());
    expect(() => resumeSession(opened, 2000)).toThrow(/FAULT_JOURNAL_FORMAT.*session\.recovery/);
    resumeSession(opened, 2000, { evenIfDifferent: true });
    expect(opened.session.isRunning).toBe(true);
  });

  it("ends the session where a door throws, and is not sent again", () => {
    const sessions = new SmallSessions();
    const two = {
      onDisconnect: (_: string, ctx: StrategyContext) => void [buy(ctx, 990), buy(ctx, 989)],
    };
    const { session } = sessions.open(sessions.options(two));
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 1000);
    session.commit();
    const opened = sessions.recover(sessions.options(two));
    const door = new NotingDoor();
    opened.session.connect(0, door);
    door.hook = () => {
      if (door.sent.length === 2) throw new Error("socket closed");
    };
    expect(() => resumeSession(opened, 2000)).toThrow("socket closed");
    expect(opened.session.isRunning).toBe(false);
    expect(() => sessions.trade(opened.session, 3000)).toThrow(/FAULT_INPUT/);
    expect(door.sent).toEqual(["order 65537", "order 65538"]);
  });

  it("goes on under ids that were not used, from the first answer on", () => {
    const sessions = new SmallSessions();
    const again = {
      ...strategy,
      onDisconnect: (_: string, ctx: StrategyContext) => void buy(ctx, 980),
    };
    const { session } = sessions.open(sessions.options(again));
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 1000);
    session.commit();
    const opened = sessions.recover(sessions.options(again));
    const door = new NotingDoor();
    opened.session.connect(0, door);
    resumeSession(opened, 2000);
    expect(door.sent).toEqual(["order 65538"]);
  });
});

describe("a call from a callback or a door", () => {
  it("is refused, and nothing leaves twice", () => {
    const sessions = new SmallSessions();
    let isFirst = true;
    const strategy = {
      onTrade(_: unknown, ctx: StrategyContext) {
        const [open] = ctx.openOrders();
        buy(ctx, isFirst ? 990 : 989);
        if (open !== undefined) ctx.cancel(open);
        isFirst = false;
      },
    };
    const { session, journal } = sessions.open(sessions.options(strategy));
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    sessions.trade(session, 1000);
    sessions.report(session, { kind: REPORT.accepted, row: 0, id: 1, lots: 1, priceTicks: 990 }, 1001);
    door.hook = (what, { row, id, requestId }) => {
      if (what === "cancel") sessions.report(session, { kind: REPORT.canceled, row, id, requestId }, 2000);
    };
    expect(() => sessions.trade(session, 2000)).toThrow(/session\.input/);
    expect(door.sent).toEqual(["order 1", "order 2", "cancel 1 request 1"]);
    const recorded: string[] = [];
    journal.read(1, ({ type, payload }) => {
      if (type !== SESSION.sending) return;
      const { kind, id } = readSending(new DataView(payload.buffer, payload.byteOffset, payload.byteLength));
      recorded.push(`${kind} ${id}`);
    });
    expect(recorded).toEqual(["order 1", "order 2", "cancel 1"]);
  });
});

function busted(
  sessions: SmallSessions,
  session: TradingSession,
  of: Partial<Record<"execId" | "requestId" | "exchNs" | "reason", number>>,
): void {
  sessions.report(session, { kind: REPORT.busted, row: 0, id: 1, requestId: 1, ...of }, 2000);
}

function worded(session: TradingSession, note: string): void {
  const cells = new Float64Array(MESSAGE_STRIDE);
  cells[MESSAGE_FIELD.kind] = REPORT.accepted;
  session.report(0, cells, 0, 2000, note);
}

function buysOnce(): Partial<Strategy> {
  let hasBought = false;
  return {
    onTrade: (_: unknown, ctx: StrategyContext) => {
      if (!hasBought) buy(ctx, 990);
      hasBought = true;
    },
  };
}

describe("an input that no recovery could settle", () => {
  it.each<[string, (sessions: SmallSessions, session: TradingSession) => void]>([
    ["half a minor unit", (_, session) => session.dividend(0, 0.5, 2000)],
    ["a split by nothing", (_, session) => session.split(0, 0, 1, 2000)],
    ["half a lot", (sessions, session) => sessions.row(session, ROW.bid, 1000, 0.5, 2000)],
    [
      "lots that are no number",
      (sessions, session) => sessions.row(session, ROW.bid, 1000, Number.NaN, 2000),
    ],
    ["a price beyond all", (sessions, session) => sessions.row(session, ROW.bid, 2_147_483_647, 1, 2000)],
    [
      "a report of nobody's strategy",
      (sessions, session) =>
        sessions.report(session, { kind: REPORT.foreign, row: 7, lots: 5, priceTicks: 1000 }, 2000),
    ],
    [
      "a report of half a lot",
      (sessions, session) =>
        sessions.report(session, { kind: REPORT.foreign, row: 0, lots: 0.5, priceTicks: 1000 }, 2000),
    ],
    ["a dividend beyond all money", (_, session) => session.dividend(0, 2 ** 50, 2000)],
    ["a split of more than a million", (_, session) => session.split(0, 2_000_000, 1, 2000)],
    ["a time that is no number", (sessions, session) => sessions.trade(session, Number.NaN)],
    ["a time without end", (_, session) => session.idle(Number.POSITIVE_INFINITY)],
    ["a time beyond what records hold", (_, session) => session.idle(1e19)],
    ["an execution id without end", (sessions, session) => busted(sessions, session, { execId: 1 / 0 })],
    ["a request id without end", (sessions, session) => busted(sessions, session, { requestId: 1 / 0 })],
    [
      "a venue's time that is no number",
      (sessions, session) => busted(sessions, session, { exchNs: Number.NaN }),
    ],
    ["half a reason", (sessions, session) => busted(sessions, session, { reason: 0.5 })],
    ["an instrument that is a method", (_, session) => session.hold("at" as never, true, 2000)],
    ["words that are none", (_, session) => session.adjust(0, 1n, 2000, Symbol("x") as never)],
    ["words of half a character", (_, session) => session.adjust(0, 1n, 2000, "\ud800")],
    ["words longer than a record", (_, session) => session.adjust(0, 1n, 2000, "x".repeat(1 << 16))],
    ["a report with words that are none", (_, session) => worded(session, {} as never)],
    ["a report with words longer than a record", (_, session) => worded(session, "x".repeat(1 << 16))],
  ])("%s is refused before it is recorded", (_, bad) => {
    const sessions = new SmallSessions();
    const { session, journal } = sessions.open(sessions.options(buysOnce()));
    session.connect(0, new NotingDoor());
    session.start(0);
    sessions.trade(session, 1000);
    sessions.report(
      session,
      { kind: REPORT.trade, row: 0, id: 1, execId: 1, lots: 1, priceTicks: 990 },
      1500,
    );
    const { lastSeq } = journal;
    expect(() => bad(sessions, session)).toThrow(/FAULT_(INPUT|CONFIG|CAPACITY)/);
    sessions.trade(session, 2000);
    expect([journal.lastSeq, session.isRunning]).toEqual([lastSeq + 1, true]);
    session.commit();
    const opened = sessions.recover(sessions.options(buysOnce()));
    expect(opened.recovery.difference).toBeUndefined();
  });
});

describe("a full disk", () => {
  it("still lets a session cancel and end", () => {
    const sessions = new SmallSessions();
    const strategy = {
      onTrade(_: unknown, ctx: StrategyContext) {
        if (ctx.openOrders().length === 0) buy(ctx, 990);
      },
      onStop(ctx: StrategyContext) {
        for (const each of ctx.openOrders()) ctx.cancel(each);
      },
    };
    const small = { segmentBytes: 1 << 14, bufferBytes: 1 << 13, bytesMax: 1 << 16, reserveBytes: 1 << 16 };
    const { session } = sessions.open(sessions.options(strategy), undefined, small);
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    sessions.trade(session, 1000);
    sessions.report(session, { kind: REPORT.accepted, row: 0, id: 1, lots: 1, priceTicks: 990 }, 1001);
    const fill = (): void => {
      for (let ns = 2000; ns < 20_000; ns++) {
        sessions.trade(session, ns, 1001);
        if (ns % 50 === 0) session.commit();
      }
    };
    expect(fill).toThrow(/FAULT_DISK_FULL/);
    expect(session.isRunning).toBe(true);
    session.stop(1e6);
    expect(door.sent).toEqual(["order 1", "cancel 1 request 1"]);
  });

  it("lets no order out that a strategy sends in answer to a report, and the session goes on", () => {
    const sessions = new SmallSessions();
    const told: string[] = [];
    const strategy = {
      onTrade(_: unknown, ctx: StrategyContext) {
        const terms = { instrument: "ABC@sim", side: "buy", lots: 10, priceTicks: 990 } as const;
        if (ctx.openOrders().length === 0) ctx.submit(terms);
      },
      onFill(_: unknown, ctx: StrategyContext) {
        buy(ctx, 980);
      },
      onOrder({ kind, reason }: OrderView) {
        told.push(`${kind} ${reason}`);
      },
      onStop(ctx: StrategyContext) {
        for (const each of ctx.openOrders()) ctx.cancel(each);
      },
    };
    const small = { segmentBytes: 1 << 14, bufferBytes: 1 << 13, bytesMax: 1 << 16, reserveBytes: 1 << 16 };
    const { session, journal } = sessions.open(sessions.options(strategy), undefined, small);
    const door = new NotingDoor();
    session.connect(0, door);
    session.start(0);
    sessions.trade(session, 1000);
    const terms = { row: 0, id: 1, lots: 10, priceTicks: 990 };
    sessions.report(session, { kind: REPORT.accepted, ...terms }, 1001);
    for (let ns = 2000, isFull = false; !isFull; ns++) {
      try {
        sessions.trade(session, ns, 1001);
        if (ns % 50 === 0) session.commit();
      } catch {
        isFull = true;
      }
    }
    for (let execId = 1; execId < 9; execId++)
      sessions.report(session, { kind: REPORT.trade, ...terms, execId, lots: 1 }, 30_000 + execId);
    expect(session.isRunning).toBe(true);
    expect(told).toContain("rejected approvalLate");
    const runHash = session.stop(1e6);
    journal.close();
    expect(door.sent).toEqual(["order 1", "cancel 1 request 1"]);
    const records: SessionRecord[] = [];
    const keep = ({ seq, type, payload }: SessionRecord): void => {
      records.push({ seq, type, payload: payload.slice() });
    };
    readJournal("/journal", keep, { disk: sessions.disk });
    const replayed = replaySession(records, sessions.options(strategy));
    expect(replayed).toMatchObject({ isIdentical: true, runHash });
  });
});

describe("snapshots and parts", () => {
  it("are taken of a session that runs, between two inputs", () => {
    const sessions = new SmallSessions();
    const options = sessions.options({ ...saves }, { snapshotEveryNs: 1e9 });
    const { session } = sessions.open(options);
    expect(() => session.saveSnapshot()).toThrow(/session\.saveSnapshot/);
    session.connect(0, new NotingDoor());
    session.start(0);
    session.saveSnapshot();
    session.stop(2000);
    expect(() => session.saveSnapshot()).toThrow(/session\.saveSnapshot/);
    expect(() => sessions.recover(options)).toThrow(/FAULT_JOURNAL_FORMAT/);
  });

  it("are attached in time, or refused", () => {
    const sessions = new SmallSessions();
    const part = { name: "desk", save: () => ({}), load: () => {} };
    const options = sessions.options({ ...saves }, { snapshotEveryNs: 1e9 });
    const { session } = sessions.open(options, (made) => made.attach(part));
    expect(() => session.attach(part)).toThrow(/session\.attach/);
    session.connect(0, new NotingDoor());
    session.start(0);
    expect(() => session.attach({ ...part, name: "other" })).toThrow(/session\.attach/);
  });

  it.each([Number.NaN, 1e300, 0.5])("a session does not begin or go on at %d", (wrong) => {
    const sessions = new SmallSessions();
    const options = sessions.options({ onTrade: () => {} });
    const { session, journal } = sessions.open(options);
    expect(() => session.start(wrong)).toThrow(/session\.nowNs/);
    expect([journal.lastSeq, session.isRunning]).toEqual([0, false]);
    session.start(0);
    sessions.trade(session, 1000);
    session.commit();
    const opened = sessions.recover(options);
    const { lastSeq } = opened.journal;
    opened.session.connect(0, new NotingDoor());
    expect(() => resumeSession(opened, wrong)).toThrow(/session\.nowNs/);
    expect(opened.journal.lastSeq).toBe(lastSeq);
    resumeSession(opened, 2000);
    expect(opened.session.isRunning).toBe(true);
  });

  it("a new session is started, not resumed", () => {
    const sessions = new SmallSessions();
    const opened = sessions.open(sessions.options({ onTrade: () => {} }));
    expect(() => resumeSession(opened, 0)).toThrow(/session\.resume/);
    expect(opened.session.isRunning).toBe(false);
  });
});

describe("an instrument without a door", () => {
  it("refuses orders in every replay too, until a session goes on that has one", () => {
    const sessions = new SmallSessions();
    const codes: string[] = [];
    const strategy = {
      onTrade(_: unknown, ctx: StrategyContext) {
        const sent = buy(ctx, 990);
        codes.push(sent.ok ? "sent" : sent.code);
      },
    };
    const first = sessions.open(sessions.options(strategy));
    first.session.start(0);
    sessions.trade(first.session, 1000);
    first.session.commit();
    const again = sessions.recover(sessions.options(strategy));
    expect(again.recovery.runHash).toBe(first.session.runHash());
    expect([again.recovery.difference, again.recovery.sendDifference]).toEqual([undefined, undefined]);
    const door = new NotingDoor();
    again.session.connect(0, door);
    resumeSession(again, 2000);
    sessions.trade(again.session, 3000);
    const runHash = again.session.stop(4000);
    again.journal.close();
    expect(codes).toEqual(["ORDER_NO_VENUE", "ORDER_NO_VENUE", "sent"]);
    expect(door.sent).toHaveLength(1);
    const records: SessionRecord[] = [];
    const keep = ({ seq, type, payload }: SessionRecord): void => {
      records.push({ seq, type, payload: payload.slice() });
    };
    readJournal("/journal", keep, { disk: sessions.disk });
    expect(replaySession(records, sessions.options(strategy))).toMatchObject({ isIdentical: true, runHash });
  });
});
