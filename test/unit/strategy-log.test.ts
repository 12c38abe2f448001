import { describe, expect, it } from "vitest";
import { memoryLogger } from "../../src/host/index.ts";
import type { StrategyLine } from "../../src/kernel/index.ts";
import { replaySession, type SessionOptions, strategyLog, TradingSession } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { NotingDoor, SmallSessions } from "../fixtures/small-session.ts";

/** Tells each trade, as many times as `saysMore` says, and the first one as a warning. */
function teller(words = "trade"): Strategy {
  let trades = 0;
  return {
    name: "teller",
    onTrade: (_, ctx) => {
      trades += 1;
      ctx.log(`${words} ${trades}`, trades === 1 ? "warn" : undefined);
    },
    onSave: () => ({ version: 1, state: { trades } }),
    onLoad: (saved, ctx) => {
      ctx.log("never written");
      ({ trades } = saved.state as { trades: number });
    },
  };
}

const options = (sessions: SmallSessions, more: Partial<SessionOptions> = {}): SessionOptions => ({
  ...{ ...sessions.options({}), strategies: [teller()] },
  ...more,
});

function recorded(words?: string): { journal: MemoryJournal; lines: StrategyLine[]; runHash: string } {
  const [sessions, journal, lines] = [new SmallSessions(), new MemoryJournal(), [] as StrategyLine[]];
  const session = new TradingSession(options(sessions, { strategies: [teller(words)] }), journal);
  session.watch({ logged: (line) => void lines.push(line) });
  session.connect(0, new NotingDoor());
  session.start(0);
  for (const ns of [1000, 2000]) sessions.trade(session, ns);
  return { journal, lines, runHash: session.stop(5000) };
}

describe("a strategy's log", () => {
  it("is an effect of the run: other words, another level, one line less are another hash", () => {
    const hashOf = (write: (log: (words: string, level?: "debug") => void) => void): string => {
      const to = new KernelDriver([{ onBook() {} }]);
      write((words, level) => to.ctx().log(words, level));
      return to.kernel.effects.hex();
    };
    const none = hashOf(() => {});
    const all = [
      none,
      hashOf((log) => log("a")),
      hashOf((log) => log("b")),
      hashOf((log) => log("a", "debug")),
      hashOf((log) => [log("a"), log("a")]),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(hashOf((log) => log("a"))).toBe(all[1]);
    expect(hashOf(() => {})).toBe(none);
  });

  it("is told to who watches, in at most 2,000 characters; a level that is none is refused", () => {
    const lines: StrategyLine[] = [];
    const to = new KernelDriver([{ onBook() {} }]);
    const ignored = (): void => {};
    to.kernel.observer = {
      ...{ submitted: ignored, refused: ignored, reported: ignored, filled: ignored },
      logged: (line) => void lines.push(line),
    };
    to.ctx().log("x".repeat(5000), "error");
    to.ctx().log(7 as never);
    expect(lines.map(({ level, words }) => [level, words.length])).toEqual([
      ["error", 2001],
      ["info", 1],
    ]);
    expect(() => to.ctx().log("x", "loud" as never)).toThrow(/FAULT_INPUT ctx.log.level/);
  });

  it("is the same again in a replay, which finds what was written otherwise", () => {
    const { journal, lines, runHash } = recorded();
    expect(lines).toEqual([
      { strategy: "teller", level: "warn", words: "trade 1", ns: 1000 },
      { strategy: "teller", level: "info", words: "trade 2", ns: 2000 },
    ]);
    const again: StrategyLine[] = [];
    const watcher = { logged: (line: StrategyLine) => void again.push(line) };
    const same = replaySession(journal.records, { strategies: [teller()], watcher });
    expect(same).toMatchObject({ isIdentical: true, runHash });
    expect(again).toEqual(lines);
    const other = replaySession(journal.records, { strategies: [teller("Trade")] });
    expect(other).toMatchObject({
      isIdentical: false,
      difference: { recorded: { kind: "logged", ns: 1000 } },
    });
  });

  it.each([0, 1])("goes on after a recovery, from a snapshot every %d ns", (snapshotEveryNs) => {
    const sessions = new SmallSessions();
    const { session } = sessions.open(options(sessions, { snapshotEveryNs }));
    session.connect(0, new NotingDoor());
    session.start(0);
    for (const ns of [1000, 2000]) sessions.trade(session, ns);
    session.commit();
    const { logger, lines } = memoryLogger();
    const opened = sessions.recover(options(sessions, { snapshotEveryNs }), (next) => {
      next.watch(strategyLog(logger, { isReplaying: () => true }));
    });
    expect(opened.recovery.difference).toBeUndefined();
    expect(opened.recovery.runHash).toBe(session.runHash());
    const told = lines.map(({ words, fields }) => [words, fields.replayed]);
    expect(told).toEqual(
      snapshotEveryNs === 0
        ? [
            ["trade 1", true],
            ["trade 2", true],
          ]
        : [],
    );
  });
});

describe("strategyLog", () => {
  const line = { strategy: "s", level: "info", words: "token=abc", ns: 5.5 } as const;

  it("gives lines to a logger, which hides what must not be read", () => {
    const { logger, lines } = memoryLogger();
    strategyLog(logger, { baseNs: 100n }).logged(line);
    strategyLog(logger).logged({ ...line, level: "debug" });
    expect(lines).toMatchObject([{ words: "token=[redacted]", fields: { strategy: "s", ns: "105" } }]);
  });

  it("stops nothing where the logger throws", () => {
    const fails = (): never => {
      throw new Error("disk");
    };
    expect(() => strategyLog({ isEnabled: () => true, log: fails, with: fails }).logged(line)).not.toThrow();
  });
});
