import { describe, expect, it } from "vitest";
import { AUDIT_FRAME, type AuditChain, type AuditEntry, type AuditRecord } from "../../src/audit/index.ts";
import { type Disk, verifyAuditFolder } from "../../src/host/index.ts";
import type { Snapshot } from "../../src/journal/index.ts";
import type { KernelRisk } from "../../src/kernel/index.ts";
import {
  DepthBlock,
  LAST,
  MESSAGE_FIELD,
  MESSAGE_STRIDE,
  REASON,
  REPORT,
  ROW,
} from "../../src/model/index.ts";
import { FIRM_SCOPE, KillLatch, KillScopes } from "../../src/risk/index.ts";
import {
  type AuditNote,
  SessionAudit,
  type SessionAuditOptions,
  type SessionOptions,
  TradingSession,
} from "../../src/run/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { KEY } from "../fixtures/audit-trail.ts";
import { AuditedWorld, auditOptions, madeOf, openTrail, readTrail } from "../fixtures/audited-world.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { INSTRUMENTS, RequestDoor, sessionOptions } from "../fixtures/session-desk.ts";

const BASE = 1_700_000_000_000_000_000n;
const MS = 1_000_000;

/** Does on each timer what the test says next. */
class ScriptedStrategy implements Strategy {
  readonly name = "scripted";
  readonly params = { colour: "red" };
  next: (ctx: StrategyContext) => void = () => {};

  onStart(ctx: StrategyContext): void {
    ctx.clock.every(MS);
  }

  onTimer(_timer: number, ctx: StrategyContext): void {
    const { next } = this;
    this.next = () => {};
    next(ctx);
  }

  onSave(): { version: number; state: null } {
    return { version: 1, state: null };
  }

  onLoad(): void {}
}

class SnapshotJournal extends MemoryJournal {
  readonly snapshots: Snapshot[] = [];

  saveSnapshot(snapshot: Snapshot): void {
    this.snapshots.push(snapshot);
  }
}

/** A session with a trail in memory, and somebody to drive it. */
class Desk {
  readonly strategy = new ScriptedStrategy();
  readonly journal = new SnapshotJournal();
  readonly disk: TortureDisk;
  readonly session: TradingSession;
  readonly chain: AuditChain;
  readonly audit: SessionAudit;
  readonly left: string[] = [];
  readonly #cells = new Float64Array(MESSAGE_STRIDE);
  ms = 0;

  constructor(
    more: Partial<SessionAuditOptions> = {},
    session: Partial<SessionOptions> = {},
    disk = new TortureDisk({}),
  ) {
    this.disk = disk;
    this.session = new TradingSession(
      sessionOptions({ strategies: [this.strategy], ...session }),
      this.journal,
    );
    this.chain = openTrail(disk, "append").chain;
    this.audit = new SessionAudit(this.session, auditOptions(this.chain, disk, more));
    for (const i of INSTRUMENTS.keys()) {
      this.session.connect(
        i,
        new RequestDoor(i, ({ what, id }) => {
          this.left.push(`${what} ${id}`);
        }),
      );
    }
  }

  get nowNs(): number {
    return this.ms * MS;
  }

  /** Lets the strategy do something on its next timer. */
  act(next: (ctx: StrategyContext) => void): void {
    this.strategy.next = next;
    this.ms += 1;
    this.session.idle(this.nowNs);
  }

  submit(lots: number, priceTicks = 1000): void {
    this.act((ctx) => {
      ctx.submit({ instrument: "ABC@sim", side: "buy", lots, priceTicks, timeInForce: "DAY" });
    });
  }

  row(kind: number, tick: number, lots: number, station = 0): void {
    const block = new DepthBlock(1);
    block.kind[0] = kind | LAST;
    block.tick[0] = tick;
    block.lots[0] = lots;
    block.exch[0] = this.nowNs;
    block.local[0] = this.nowNs;
    this.session.row(station, block, 0, this.nowNs);
  }

  tell(fields: Partial<Record<keyof typeof MESSAGE_FIELD, number>>): void {
    const cells = this.#cells.fill(0);
    for (const [field, value] of Object.entries(fields)) {
      cells[MESSAGE_FIELD[field as keyof typeof MESSAGE_FIELD]] = value;
    }
    cells[MESSAGE_FIELD.exchNs] = this.nowNs - 1;
    const { orders } = this.session.kernel;
    if (fields.row === undefined) cells[MESSAGE_FIELD.row] = orders.id.indexOf(fields.id ?? -1);
    this.session.report(0, cells, 0, this.nowNs);
  }

  begin(): void {
    this.session.start(0);
    this.row(ROW.bid, 1000, 10);
    this.row(ROW.ask, 1002, 10);
  }

  records(isSigned = true): AuditRecord[] {
    return readTrail(this.disk, isSigned);
  }

  /** The payload of the last record of a type. */
  last(type: AuditRecord["type"]): AuditRecord {
    this.session.idle(this.nowNs);
    const found = this.records(false).findLast((record) => record.type === type);
    if (found === undefined) throw new Error(`no ${type}`);
    return found;
  }
}

const NOTE: AuditNote = {
  type: "userAction",
  payload: { action: "command", outcome: "done", command: "limits.raise", reason: "asked for by the desk" },
  actor: { kind: "user", id: "mara", role: "risk" },
};

describe("what a session's trail tells", () => {
  it("begins with the session, its configuration, its limits and its strategies", () => {
    const desk = new Desk({
      ...{ author: "mara", approver: "ines", reason: "launch", versions: { scripted: "1.4.0" } },
    });
    desk.begin();
    desk.session.idle(0);
    const records = desk.records(false);
    expect(records.map(({ type }) => type)).toEqual([
      "systemEvent",
      "configChange",
      "configChange",
      "strategyStart",
    ]);
    const [begun, whole, limits, strategy] = records as [AuditRecord, AuditRecord, AuditRecord, AuditRecord];
    expect(begun).toMatchObject({ seq: 1, tsNs: BASE, node: "ldn-1", epoch: 1, cfgHash: whole.cfgHash });
    expect(begun.payload).toEqual({ component: "session", event: "started", detail: "test" });
    expect(whole.payload).toMatchObject({
      path: "session",
      author: "mara",
      approver: "ines",
      reason: "launch",
    });
    expect((limits.payload as { after: string }).after).toContain('"maxOrderLots":50');
    expect(strategy).toMatchObject({ strategy: "scripted", payload: { version: "1.4.0" } });
  });

  it("an order, its change and its cancel, each behind the decision on it; what was refused", () => {
    const desk = new Desk();
    desk.begin();
    desk.submit(5);
    const id = desk.session.kernel.orders.nextId - 1;
    desk.tell({ kind: REPORT.accepted, id, priceTicks: 1000, lots: 5, leavesLots: 5 });
    const mine = (ctx: StrategyContext) => ctx.openOrders()[0] as OrderTicket;
    desk.act((ctx) => void ctx.replace(mine(ctx), { lots: 7 }));
    desk.tell({ kind: REPORT.replaced, id, requestId: 1, priceTicks: 1000, lots: 7, leavesLots: 7 });
    desk.act((ctx) => void ctx.cancel(mine(ctx)));
    desk.submit(1000);
    const records = madeOf(desk.records(false)).slice(4);
    expect(records.map(({ type }) => type)).toEqual([
      ...["riskDecision", "orderNew", "venueResponse", "riskDecision", "orderModify", "venueResponse"],
      ...["riskDecision", "orderCancel", "riskDecision"],
    ]);
    const order = String(id);
    expect(records[1]).toMatchObject({ order, strategy: "scripted", venue: "sim", tsNs: BASE + 1_000_000n });
    expect(records[1]?.payload).toMatchObject({ side: "buy", lots: 5, priceTicks: 1000, timeInForce: "DAY" });
    expect(records[2]).toMatchObject({ order, actor: { kind: "venue", id: "sim" } });
    expect(records[2]?.payload).toMatchObject({ response: "accepted", venueNs: BASE + 999_999n });
    expect(records[4]?.payload).toEqual({ requestId: 1, priceTicks: 1000, lots: 7 });
    expect(records[6]?.payload).toMatchObject({ kind: "cancel" });
    expect(records[7]?.payload).toEqual({ requestId: 2 });
    expect(records[8]?.payload).toMatchObject({
      verdict: "refused",
      rule: "RISK_QUANTITY_EXCEEDED",
      lots: 1000,
    });
    expect(desk.left).toEqual([`order ${id}`, `replace ${id}`, `cancel ${id}`]);
  });

  it("executions, what became of them, and what no order explains", () => {
    const desk = new Desk();
    desk.begin();
    desk.submit(5);
    const id = desk.session.kernel.orders.nextId - 1;
    const order = String(id);
    desk.tell({ kind: REPORT.trade, id, execId: 90, priceTicks: 1000, lots: 2, leavesLots: 3, maker: 1 });
    expect(desk.last("fill")).toMatchObject({ order, strategy: "scripted", venue: "sim" });
    expect(desk.last("fill").payload).toMatchObject({
      execId: "90",
      lots: 2,
      liquidity: "maker",
      leavesLots: 3,
    });
    desk.tell({ kind: REPORT.corrected, id, execId: 91, requestId: 90, priceTicks: 999, lots: 2 });
    expect(desk.last("fillCorrection").payload).toMatchObject({ execId: "91", refExecId: "90", side: "buy" });
    desk.tell({ kind: REPORT.busted, id, execId: 92, requestId: 91, reason: REASON.reconciled as number });
    expect(desk.last("fillBust")).toMatchObject({ actor: { kind: "service", id: "reconciliation" }, order });
    expect(desk.last("fillBust").payload).toMatchObject({ refExecId: "91", reason: "reconciled" });
    desk.tell({ kind: REPORT.status, id, lots: 2, leavesLots: 3, reason: 2 });
    expect(desk.last("venueResponse").payload).toMatchObject({
      response: "status",
      cumLots: 2,
      reasonCode: 2,
    });
    desk.tell({ kind: REPORT.foreign, row: 0, id: -1, execId: 93, priceTicks: 1001, lots: -4 });
    expect(desk.last("fill")).toMatchObject({ order: "", strategy: "scripted", actor: { kind: "service" } });
    expect(desk.last("fill").payload).toMatchObject({ execId: "93", side: "sell", lots: 4 });
    desk.tell({ kind: REPORT.trade, id: 777, row: -1, execId: 94, priceTicks: 1001, lots: 1 });
    expect(desk.last("systemEvent").payload).toMatchObject({ event: "executionOfUnknownOrder" });
    desk.tell({ kind: REPORT.rejected, id, reason: REASON.notSent as number });
    expect(desk.last("systemEvent")).toMatchObject({
      order,
      payload: { component: "door", event: "notSent" },
    });
  });

  it("the latch, a connection that was lost, payments on what is held", () => {
    const scopes = new KillScopes({});
    const latch = new KillLatch(scopes.size);
    const base = sessionOptions();
    const desk = new Desk({}, { risk: { ...base.risk, kill: { latch, scopes } } as KernelRisk });
    desk.begin();
    latch.set(FIRM_SCOPE, 2);
    const payload = { step: "seen", scope: String(FIRM_SCOPE), detail: "level 2", isDrill: false };
    expect(desk.last("killStep").payload).toMatchObject(payload);
    latch.clear(FIRM_SCOPE);
    expect(desk.last("killStep").payload).toMatchObject({ detail: "level 0" });
    const events = (): unknown => desk.last("systemEvent").payload;
    desk.session.disconnected(1, desk.nowNs);
    expect(events()).toMatchObject({ event: "disconnected", detail: '{"instrument":"XYZ@sim"}' });
    desk.session.dividend(0, 12, desk.nowNs);
    expect(events()).toMatchObject({
      event: "dividend",
      detail: '{"instrument":"ABC@sim","minorPerLot":12}',
    });
    desk.session.split(0, 3, 2, desk.nowNs);
    expect(events()).toMatchObject({ event: "split" });
    desk.row(ROW.funding, 0, 100);
    expect(events()).toMatchObject({ event: "funding", detail: '{"instrument":"ABC@sim","rate":100}' });
  });

  it("what an order met at the door after its decision", () => {
    const scopes = new KillScopes({});
    const latch = new KillLatch(scopes.size);
    const base = sessionOptions();
    const desk = new Desk({}, { risk: { ...base.risk, kill: { latch, scopes } } as KernelRisk });
    desk.begin();
    desk.act((ctx) => {
      ctx.submit({ instrument: "ABC@sim", side: "buy", lots: 1, priceTicks: 1000 });
      latch.set(FIRM_SCOPE, 2);
    });
    expect(desk.left).toEqual([]);
    desk.session.idle(desk.nowNs);
    const told = madeOf(desk.records(false)).slice(-4);
    expect(told.map(({ type }) => type)).toEqual(["riskDecision", "orderNew", "killStep", "systemEvent"]);
    expect(told[3]?.payload).toMatchObject({ component: "door", event: "stoppedAtDoor" });
  });

  it("snapshots with the hash of the state, the end with that of the session, and what people did", () => {
    const desk = new Desk();
    desk.begin();
    const { state: _state, ...clock } = { state: "locked", source: "ptp", offsetNs: -20, uncertaintyNs: 250 };
    expect(desk.audit.clockIs({ ...clock, state: "locked" })).toBe(5);
    expect(desk.audit.note(NOTE)).toBe(6);
    desk.ms = 30;
    desk.session.idle(desk.nowNs);
    const [snapshot] = desk.journal.snapshots as [Snapshot];
    const bytes = snapshot.sections.reduce((sum, section) => sum + section.bytes.length, 0);
    expect(desk.last("snapshot").payload).toEqual({
      ...{ sequence: snapshot.seq, stateHash: snapshot.stateHash, byteLength: bytes },
    });
    const part = snapshot.sections.find(({ name }) => name === "part audit")?.bytes;
    expect(JSON.parse(new TextDecoder().decode(part))).toMatchObject({ version: 1, seq: 7 });
    const runHash = desk.session.stop(desk.nowNs);
    const records = desk.records();
    expect(records.at(-2)).toMatchObject({
      type: "strategyStop",
      strategy: "scripted",
      payload: { openOrders: 0 },
    });
    expect(records.at(-1)?.payload).toEqual({ component: "session", event: "stopped", detail: runHash });
    expect(records[4]).toMatchObject({
      clockUncertaintyNs: 250,
      payload: { state: "locked", offsetNs: -20 },
    });
    expect(records[5]).toMatchObject({ actor: NOTE.actor, payload: NOTE.payload, clockUncertaintyNs: 250 });
  });

  it("that a strategy threw and was stopped, what it threw, and that its orders are asked for", () => {
    const desk = new Desk();
    desk.begin();
    desk.submit(1, 990);
    desk.act(() => {
      throw new Error("the strategy is broken");
    });
    desk.session.stop(desk.nowNs);
    const about = { strategy: "scripted" };
    const records = desk.records();
    const from = records.findIndex(({ type }) => type === "strategyStop");
    expect(records.slice(from)).toMatchObject([
      {
        ...about,
        type: "strategyStop",
        payload: { reason: "onTimer threw", openOrders: 1, isFault: true },
        actor: { role: "" },
      },
      {
        ...about,
        type: "error",
        payload: { component: "scripted.onTimer", severity: "error", code: "Error" },
        actor: { id: "session", role: "strategies" },
      },
      { ...about, type: "riskDecision" },
      { ...about, type: "orderCancel" },
      // Stopped once: the session's end does not stop it again.
      { type: "systemEvent", payload: { event: "stopped" } },
    ]);
  });

  it("why it takes no more inputs", () => {
    const desk = new Desk();
    desk.begin();
    desk.session.watch({
      sending: () => {
        throw new Error("the desk is broken");
      },
    });
    expect(() => desk.submit(1)).toThrow("the desk is broken");
    expect(desk.records().at(-1)).toMatchObject({ type: "error", payload: { severity: "critical" } });
  });
});

describe("a session's trail", () => {
  it.each([
    ["colour", { colour: "red" }],
    ["chain", { chain: {} }],
    ["trail", { trail: 5 }],
    ["node", { node: "" }],
    ["buildHash", { buildHash: "00" }],
    ["cfgHash", { cfgHash: "XY" }],
    ["author", { author: 5 }],
    ["versions.scripted", { versions: { scripted: 2 } }],
    ["flush", { flush: "never" }],
    ["bufferBytes", { bufferBytes: 1000 }],
    ["clockUncertaintyNs", { clockUncertaintyNs: Number.NaN }],
  ])("refuses the option %s", (name, more) => {
    expect(() => new Desk(more as Partial<SessionAuditOptions>)).toThrowError(
      expect.objectContaining({ code: "FAULT_CONFIG", path: expect.stringContaining(name) }),
    );
  });

  it("takes notes of somebody with a role only", () => {
    const desk = new Desk();
    desk.begin();
    const nobody = { ...NOTE, actor: { ...NOTE.actor, role: "" } };
    expect(() => desk.audit.note(nobody)).toThrowError(
      expect.objectContaining({ code: "FAULT_INPUT", path: "sessionAudit.note.actor.role" }),
    );
    desk.session.recorder.isPaused = true;
    expect(() => desk.audit.note(NOTE)).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
  });

  it.each(["block", "turn"] as const)("has nothing the journal has not (%s)", (flush) => {
    const desk = new Desk({ flush });
    const { journal, disk } = desk;
    const told: string[] = [];
    const before = journal.commit.bind(journal);
    journal.commit = () => {
      told.push("journal");
      return before();
    };
    desk.begin();
    told.length = 0;
    desk.tell({ kind: REPORT.cancelRejected, id: 5, row: -1 });
    expect(journal.durableSeq).toBeLessThan(journal.lastSeq);
    const writes = disk.operations;
    desk.audit.note(NOTE);
    expect(disk.operations).toBeGreaterThan(writes);
    expect(journal.durableSeq).toBe(journal.lastSeq);
    expect(told).toEqual(["journal"]);
  });

  it("is on the disk before an order leaves, where every turn is flushed", () => {
    const desk = new Desk({ flush: "turn" });
    desk.begin();
    const { disk } = desk;
    let before = 0;
    const seen = desk.left;
    const push = seen.push.bind(seen);
    seen.push = (...items: string[]) => {
      before = readTrail(disk, false).filter(({ type }) => type === "orderNew").length;
      return push(...items);
    };
    desk.submit(3);
    expect(before).toBe(1);
  });

  it("stops the session where it cannot be written", () => {
    for (const flush of ["block", "turn"] as const) {
      const desk = new Desk({ flush });
      desk.begin();
      desk.session.idle(0);
      desk.disk.faults.syncErrors = 1;
      expect(() => desk.submit(3)).toThrowError(expect.objectContaining({ code: "FAULT_IO" }));
      expect(desk.left).toHaveLength(flush === "turn" ? 0 : 1);
      expect(desk.session.isRunning).toBe(false);
      expect(() => desk.submit(3)).toThrowError(expect.objectContaining({ code: "FAULT_INPUT" }));
    }
  });

  it("keeps what a full buffer holds", () => {
    const desk = new Desk({ bufferBytes: 131_072 });
    desk.begin();
    for (let i = 0; i < 1500; i++) desk.tell({ kind: REPORT.cancelRejected, id: 5, row: -1, requestId: i });
    desk.session.stop(0);
    const requests = desk
      .records()
      .flatMap((record) => (record.type === "venueResponse" ? [record.payload.requestId] : []));
    expect(requests).toEqual(Array.from({ length: 1500 }, (_, i) => i));
  });
});

/** Trades with a trail, and loses power. */
function traded(
  seed: number,
  steps = 120,
  snapshotEveryNs = 2_000_000,
): { readonly world: AuditedWorld; readonly disk: TortureDisk } {
  const made = () => sessionOptions({ name: `test ${seed}`, snapshotEveryNs });
  const world = new AuditedWorld(seed, made, { sync: "append", flush: "block" });
  const disk = new TortureDisk({});
  const session = world.go(world.open(disk));
  world.run(session, steps);
  session.idle(world.nowNs);
  return { world, disk: disk.afterPowerLoss(1, "all") };
}

/** Puts another disk's trail in the place of this one's, `edited`. */
function putTrail(
  from: TortureDisk,
  to: TortureDisk,
  edited = (_name: string, bytes: Uint8Array) => bytes,
): void {
  for (const name of to.list("/audit") ?? []) to.remove(`/audit/${name}`);
  for (const name of from.list("/audit") ?? []) {
    if (name === "audit.lock") continue;
    const file = to.open(`/audit/${name}`, "create");
    file.write(edited(name, from.bytes(`/audit/${name}`)), 0);
    file.sync();
    file.close();
  }
  to.syncFolder("/audit");
}

const otherTrail = expect.objectContaining({
  code: "FAULT_JOURNAL_FORMAT",
  path: expect.stringContaining("sessionAudit.trail record"),
});

describe("a trail that is not the session's", () => {
  it("is refused: of another session, an older copy, or ahead of the journal", () => {
    const [one, other] = [traded(1), traded(2)];
    const [mine, long] = [one.disk, traded(1, 200)];
    putTrail(other.disk, mine);
    expect(() => one.world.open(mine)).toThrowError(otherTrail);
    const early = traded(1, 40);
    const again = traded(1);
    putTrail(early.disk, again.disk);
    expect(() => again.world.open(again.disk)).toThrowError(otherTrail);
    const behind = traded(1);
    putTrail(long.disk, behind.disk);
    const opened = behind.world.open(behind.disk);
    expect(() => behind.world.go(opened)).toThrowError(otherTrail);
  });

  it("is refused where one record says something else, or is missing", () => {
    const { world, disk } = traded(3, 120, 0);
    const records = readTrail(disk, false);
    const own = records.flatMap(({ seq, actor }) => (actor.role === "" ? [seq] : []));
    const from = records.findIndex(({ type }) => type === "fill");
    const changes: ((record: AuditRecord) => AuditRecord | undefined)[] = [
      (record) => ({ ...record, payload: { ...record.payload, lots: 99 } }) as AuditRecord,
      (record) => ({ ...record, tsNs: record.tsNs + 1n }),
      (record) => ({ ...record, strategy: "another" }),
      () => undefined,
    ];
    for (const change of changes) {
      const other = new TortureDisk({});
      const { folder, chain } = openTrail(other, "append");
      for (const [i, record] of records.entries()) {
        const put = i === from ? change(record) : record;
        if (put === undefined) continue;
        const { seq: _seq, ...entry } = put;
        chain.append(entry as AuditEntry);
      }
      chain.seal();
      folder.close();
      const left = disk.afterPowerLoss(1, "all");
      putTrail(other, left);
      expect(() => world.open(left)).toThrowError(otherTrail);
    }
    expect(own.length).toBeGreaterThan(from);
    const opened = world.open(disk);
    expect(world.audit?.skipped).toBe(own.length);
    opened.journal.close();
  });

  it("goes on with time where notes were later than the session's last input", () => {
    const { world, disk } = traded(4);
    const opened = world.open(disk);
    const session = world.go(opened);
    session.idle(world.nowNs + 20 * MS);
    world.audit?.note(NOTE);
    const left = disk.afterPowerLoss(1, "all");
    const last = world.open(left);
    expect(world.nowNs).toBeLessThan(20 * MS);
    world.go(last).stop(0);
    world.seal();
    const records = readTrail(left);
    expect(records.filter(({ type }) => type === "recovery")).toHaveLength(2);
    expect(records.filter(({ type }) => type === "userAction")).toHaveLength(1);
  });
});

describe("a session's trail that was changed", () => {
  const { world, disk } = traded(5, 200);
  const session = world.go(world.open(disk));
  session.stop(world.nowNs);
  world.seal();
  const names = (disk.list("/audit") ?? []).filter((name) => name.startsWith("segment"));
  const verify = (of: Disk) => verifyAuditFolder("/audit", { key: KEY.verifierKey, disk: of });

  it("is found, whichever bit it is", () => {
    expect(verify(disk)).toMatchObject({ ok: true, unproved: null });
    for (let i = 0; i < 300; i++) {
      const path = `/audit/${names[i % names.length]}`;
      const bytes = disk.bytes(path);
      const at = (i * 7919) % bytes.length;
      const copy = disk.afterPowerLoss(1, "all");
      copy.flipBit(path, at, i % 8);
      let isFound = false;
      try {
        isFound = !verify(copy).ok;
      } catch {
        isFound = true;
      }
      expect(isFound, `${path} byte ${at}`).toBe(true);
    }
  });

  it("is found, whichever block is dropped", () => {
    const path = `/audit/${names[0]}`;
    const bytes = disk.bytes(path);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let blocks = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = at + 8 + view.getUint32(at + 4, true);
      if (view.getUint32(at, true) === AUDIT_FRAME.block) {
        const copy = disk.afterPowerLoss(1, "all");
        const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
        putTrail(disk, copy, (name, own) => (path.endsWith(name) ? shorter : own));
        expect(verify(copy).ok).toBe(false);
        blocks += 1;
      }
      at = end;
    }
    expect(blocks).toBeGreaterThan(3);
  });
});
