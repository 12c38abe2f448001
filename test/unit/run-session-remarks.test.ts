import { describe, expect, it } from "vitest";
import { ROW } from "../../src/model/index.ts";
import {
  type OpenedSession,
  resumeSession,
  SESSION,
  SessionAudit,
  type SessionRemark,
  type TradingSession,
} from "../../src/run/index.ts";
import { readRemark } from "../../src/run/session-remark.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { auditOptions, openTrail, readTrail } from "../fixtures/audited-world.ts";
import { NotingDoor, SmallSessions } from "../fixtures/small-session.ts";

const says = (problem: string): SessionRemark["says"][number] => ({
  type: "marketDataQuality",
  payload: { feed: "a", problem, state: "stale" },
  actor: { kind: "service", id: "validator", role: "" },
});

/** A session whose callbacks remark, on a disk that outlives it. */
class Rig {
  readonly sessions = new SmallSessions();
  opened: OpenedSession;
  session: TradingSession;
  replayed: unknown[] = [];
  readonly #snapshotEveryNs: number;
  readonly #isAudited: boolean;

  constructor(snapshotEveryNs = 0, isAudited = false) {
    this.#snapshotEveryNs = snapshotEveryNs;
    this.#isAudited = isAudited;
    this.opened = this.sessions.open(this.#options(), (session) => this.#prepare(session));
    this.session = this.opened.session;
    this.session.connect(0, new NotingDoor());
    this.session.start(0);
  }

  /** The process dies, another one goes on. */
  recover(nowNs = 1e9): void {
    this.opened = this.sessions.recover(this.#options(), (session) => this.#prepare(session));
    this.session = this.opened.session;
    expect(this.opened.recovery.difference ?? this.opened.recovery.sendDifference).toBeUndefined();
    this.session.connect(0, new NotingDoor());
    resumeSession(this.opened, nowNs);
  }

  get remarks(): readonly SessionRemark[] {
    const found: SessionRemark[] = [];
    this.session.commit();
    this.opened.journal.read(1, ({ type, payload }) => {
      if (type === SESSION.remark) found.push(readRemark("r", payload).remark);
    });
    return found;
  }

  #options() {
    const strategy: Strategy = {
      name: "s",
      onTrade: (trade) => {
        if (Number(trade.priceTicks) === 1) throw new Error("my bug");
        this.session.remark({
          says: [says(`trade at ${trade.priceTicks}`)],
          part: "p",
          note: trade.priceTicks,
        });
      },
      onSave: () => ({ version: 1, state: {} }),
      onLoad: () => {},
    };
    return { ...this.sessions.options({}), strategies: [strategy], snapshotEveryNs: this.#snapshotEveryNs };
  }

  #prepare(session: TradingSession): void {
    this.session = session;
    this.replayed = [];
    const replay = (note: unknown): void => void this.replayed.push(note);
    session.attach({ name: "p", save: () => ({}), load: () => {}, replay });
    session.onStrategyFault = ({ message }) => session.remark({ says: [says(message)] });
    if (!this.#isAudited) return;
    new SessionAudit(
      session,
      auditOptions(openTrail(this.sessions.disk, "append").chain, this.sessions.disk),
    );
  }
}

describe("remarks of callbacks", () => {
  it.each([0, 1])("are recorded once, whatever dies; a snapshot every %d ns", (snapshotEveryNs) => {
    const rig = new Rig(snapshotEveryNs, true);
    rig.sessions.trade(rig.session, 1000, 7);
    rig.sessions.trade(rig.session, 2000, 1);
    const told = [[says("trade at 7")], [says("my bug")]];
    expect(rig.remarks.map((each) => each.says)).toEqual(told);
    rig.recover();
    rig.recover(2e9);
    expect(rig.remarks.map((each) => each.says)).toEqual(told);
    // The callback that was replayed made its own part hear of it.
    expect(rig.replayed).toEqual([]);
    rig.session.idle(3e9);
    rig.session.stop(4e9);
    const trail = readTrail(rig.sessions.disk).filter(({ type }) => type === "marketDataQuality");
    expect(trail.map(({ payload }) => payload)).toEqual(told.map(([each]) => each?.payload));
  });

  it("that a crash kept from the journal are recorded when the session goes on", () => {
    const rig = new Rig();
    const { recorder } = rig.session;
    recorder.remark = () => {
      throw new Error("the process dies here");
    };
    expect(() => rig.sessions.trade(rig.session, 1000, 7)).toThrow("dies here");
    rig.opened.journal.sync();
    rig.recover();
    expect(rig.remarks).toEqual([{ says: [says("trade at 7")], part: "p", note: 7 }]);
  });

  it("are in the journal before a snapshot that they are not in", () => {
    const rig = new Rig(1);
    rig.sessions.trade(rig.session, 1000, 7);
    rig.session.commit();
    const [seq = 0] = rig.opened.journal.snapshotSeqs();
    const types: number[] = [];
    rig.opened.journal.read(1, (record) => void (record.seq <= seq && types.push(record.type)));
    expect(types).toContain(SESSION.remark);
  });
});

describe("a remark", () => {
  it("that says much is recorded in parts, the note with the last", () => {
    const rig = new Rig();
    const many = Array.from({ length: 300 }, (_, i) => says(`${i} ${"x".repeat(1000)}`));
    rig.session.remark({ says: many, part: "p", note: "done" });
    const { remarks } = rig;
    expect(remarks.length).toBeGreaterThan(10);
    expect(remarks.flatMap((each) => each.says)).toEqual(many);
    expect(remarks.map(({ note }) => note)).toEqual([...remarks.slice(1).map(() => undefined), "done"]);
    rig.recover();
    expect(rig.replayed).toEqual(["done"]);
  });

  it.each<[string, object, RegExp]>([
    ["longer than a record", { says: [says("x".repeat(40_000))] }, /FAULT_CAPACITY.*session\.remark/],
    ["with a note longer than a record", { says: [], note: "x".repeat(40_000) }, /FAULT_CAPACITY/],
    ["of another epoch", { says: [{ ...says("x"), about: { epoch: 7 } }] }, /about\.epoch/],
    ["of another node", { says: [{ ...says("x"), about: { node: "other" } }] }, /about\.node/],
  ])("%s is refused, and the session goes on", (_, wrong, message) => {
    const rig = new Rig();
    const { lastSeq } = rig.opened.journal;
    expect(() => rig.session.remark(wrong as SessionRemark)).toThrow(message);
    expect(rig.opened.journal.lastSeq).toBe(lastSeq);
    rig.sessions.row(rig.session, ROW.bid, 900, 1, 5000);
    expect(rig.session.isRunning).toBe(true);
  });

  it("is refused between a replay and the session's going on", () => {
    const rig = new Rig();
    rig.session.commit();
    const { session } = rig.sessions.recover({
      ...rig.sessions.options({
        onTrade: () => {},
        onSave: () => ({ version: 1, state: {} }),
        onLoad: () => {},
      }),
      snapshotEveryNs: 0,
    });
    expect(() => session.remark({ says: [says("x")] })).toThrow(/session\.remark/);
  });
});

describe("an instrument that is held", () => {
  it("is held durably when the call returns", () => {
    const rig = new Rig();
    rig.session.hold(0, true, 1000);
    expect(rig.opened.journal.durableSeq).toBe(rig.opened.journal.lastSeq);
    rig.sessions.disk = rig.sessions.disk.afterPowerLoss(1, "none");
    rig.recover();
    expect(rig.session.kernel.stations[0]?.isHeld).toBe(true);
  });
});
