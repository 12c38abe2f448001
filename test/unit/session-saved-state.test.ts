import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/base/index.ts";
import type { OpenedSession, SessionOptions, TradingSession } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { NotingDoor, SmallSessions } from "../fixtures/small-session.ts";

const cycle: { self?: unknown } = {};
cycle.self = cycle;

/** What JSON cannot bring back, and where it stands in it. */
const UNSAVABLE: readonly (readonly [string, unknown, string])[] = [
  ["nothing", undefined, ""],
  ["a bigint", { at: [1n] }, ".at[0]"],
  ["NaN", { deep: { rate: Number.NaN } }, ".deep.rate"],
  ["a hole", { list: [undefined] }, ".list[0]"],
  ["a map", { map: new Map() }, ".map"],
  ["a function", { call: () => {} }, ".call"],
  ["half a letter", { text: "\ud800" }, ".text"],
  ["a cycle", cycle, ".self.self"],
];

/** A session under way whose strategy and part save what the test says. */
class Saving {
  readonly sessions = new SmallSessions();
  state: unknown = {};
  part: unknown = {};
  readonly loaded: unknown[] = [];

  strategy(): Strategy {
    return {
      name: "saver",
      onTrade: () => {},
      onSave: () => ({ version: 1, state: this.state }),
      onLoad: ({ state }) => void this.loaded.push(["strategy", state]),
    };
  }

  options(more: Partial<SessionOptions> = {}): SessionOptions {
    return this.sessions.options(this.strategy(), { snapshotEveryNs: 1e9, ...more });
  }

  prepare = (session: TradingSession): void => {
    session.attach({
      name: "desk",
      save: () => this.part,
      load: (saved) => void this.loaded.push(["part", saved]),
    });
  };

  open(): OpenedSession {
    const opened = this.sessions.open(this.options(), this.prepare);
    opened.session.connect(0, new NotingDoor());
    opened.session.start(0);
    return opened;
  }

  recover(): OpenedSession {
    return this.sessions.recover(this.options(), this.prepare);
  }
}

describe("what JSON cannot bring back", () => {
  it.each(UNSAVABLE)("is not saved of a strategy: %s, by its name and place", (_, state, place) => {
    const saving = new Saving();
    const { session } = saving.open();
    saving.sessions.trade(session, 1.5e9);
    expect([session.snapshots, session.snapshotFault]).toEqual([1, undefined]);
    saving.state = state;
    saving.sessions.trade(session, 3e9);
    expect(session.isRunning).toBe(true);
    const { code, path } = session.snapshotFault as Fault;
    expect(code).toBe("FAULT_INPUT");
    expect(path?.startsWith(`strategies.saver.onSave.state${place}`)).toBe(true);
    expect(() => session.saveSnapshot()).toThrow(path as string);
    // The older snapshot is there, and the records behind it.
    session.commit();
    const { recovery } = saving.recover();
    expect([recovery.unusable, recovery.snapshotSeq > 0, recovery.runHash]).toEqual([
      [],
      true,
      session.runHash(),
    ]);
    expect(recovery.stateHash).toBeUndefined();
    saving.state = {};
    saving.sessions.trade(session, 5e9);
    expect([session.snapshots, session.snapshotFault]).toEqual([2, undefined]);
  });

  it.each(UNSAVABLE)("is not saved of a part: %s, by its name and place", (_, part, place) => {
    const saving = new Saving();
    const { session } = saving.open();
    saving.part = part;
    saving.sessions.trade(session, 1.5e9);
    expect([session.isRunning, session.snapshots]).toEqual([true, 0]);
    const { code, path } = session.snapshotFault as Fault;
    expect(code).toBe("FAULT_INPUT");
    expect(path?.startsWith(`session.parts.desk.save${place}`)).toBe(true);
    session.commit();
    const { recovery } = saving.recover();
    expect([recovery.unusable, recovery.snapshotSeq, recovery.runHash]).toEqual([[], 0, session.runHash()]);
  });

  it("a strategy whose onSave throws is named, and trades on from its records", () => {
    const saving = new Saving();
    const { session } = saving.open();
    Object.defineProperty(saving, "state", {
      get: () => {
        throw new Error("no state today");
      },
    });
    saving.sessions.trade(session, 1.5e9);
    expect(session.isRunning).toBe(true);
    expect(session.faulted).toEqual([]);
    expect(session.snapshotFault).toMatchObject({
      code: "FAULT_CALLBACK",
      path: "strategies.saver.onSave",
      value: "no state today",
      cause: { message: "no state today" },
    });
  });
});

describe("a snapshot that cannot be read", () => {
  const spoiling = (opened: OpenedSession, name: string, text: string): void => {
    const { journal } = opened;
    const { saveSnapshot } = journal;
    journal.saveSnapshot = (snapshot) => {
      const sections = snapshot.sections.map((each) =>
        each.name === name ? { name, bytes: new TextEncoder().encode(text) } : each,
      );
      saveSnapshot.call(journal, { ...snapshot, sections });
    };
  };

  it.each(["part desk", "strategies", "kernel", "latch"])(
    "in %s gives way to the one before, with a word",
    (name) => {
      const saving = new Saving();
      const opened = saving.open();
      const { session } = opened;
      saving.sessions.trade(session, 1.5e9);
      spoiling(opened, name, name === "part desk" ? "" : "{");
      saving.sessions.trade(session, 3e9);
      expect(session.snapshots).toBe(2);
      session.commit();
      const { recovery } = saving.recover();
      expect(recovery.unusable).toMatchObject([
        { reason: expect.stringMatching(/FAULT_INPUT (session\.(parts\.desk|latch)|kernelSnapshot\.)/) },
      ]);
      expect(recovery.snapshotSeq).toBeGreaterThan(0);
      expect(recovery.snapshotSeq).toBeLessThan(recovery.unusable[0]?.seq as number);
      expect(recovery.runHash).toBe(session.runHash());
      expect(saving.loaded.map((each) => (each as unknown[])[0])).toEqual(["strategy", "part"]);
    },
  );

  it("gives way to all records where it is the only one", () => {
    const saving = new Saving();
    const opened = saving.open();
    spoiling(opened, "part desk", "nonsense");
    saving.sessions.trade(opened.session, 1.5e9);
    opened.session.commit();
    const { recovery } = saving.recover();
    expect([recovery.unusable.length, recovery.snapshotSeq, recovery.runHash]).toEqual([
      1,
      0,
      opened.session.runHash(),
    ]);
    expect(saving.loaded).toEqual([]);
  });
});
