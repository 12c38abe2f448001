import { describe, expect, it } from "vitest";
import type { AuditRecord } from "../../src/audit/index.ts";
import { type Disk, readJournal } from "../../src/host/index.ts";
import { INPUT, type KernelRisk } from "../../src/kernel/index.ts";
import { MESSAGE_FIELD, REPORT } from "../../src/model/index.ts";
import { FIRM_SCOPE, KillLatch, KillScopes } from "../../src/risk/index.ts";
import {
  readSending,
  SESSION,
  type SentItem,
  type SessionRemark,
  type TradingSession,
} from "../../src/run/index.ts";
import { MachineLost } from "../../src/torture/disk-core.ts";
import type { CrashMode, Survival } from "../../src/torture/disk-faults.ts";
import { TortureDisk } from "../../src/torture/torture-disk.ts";
import { AuditedWorld, madeOf, readTrail } from "../fixtures/audited-world.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";

const MODES: readonly CrashMode[] = ["before", "partly", "after"];
const SURVIVALS: readonly Survival[] = ["none", "any", "all"];
const SEEDS = 6;
const STEPS = 40;

/** A world of a seed; its kill latch outlives its sessions. */
function worldOf(seed: number): {
  readonly world: AuditedWorld;
  readonly trade: (session: TradingSession) => void;
} {
  const scopes = new KillScopes({});
  const latch = new KillLatch(scopes.size);
  const made = () => {
    const base = sessionOptions({ snapshotEveryNs: 2_000_000 });
    return { ...base, risk: { ...base.risk, kill: { latch, scopes } } as KernelRisk };
  };
  const how = {
    sync: seed % 2 === 0 ? "append" : "checkpoint",
    flush: seed % 3 === 0 ? "turn" : "block",
  } as const;
  const world = new AuditedWorld(seed, made, how);
  const trade = (session: TradingSession): void => {
    world.run(session, STEPS);
    latch.set(FIRM_SCOPE, 2);
    world.run(session, STEPS / 4);
    latch.clear(FIRM_SCOPE);
    world.run(session, STEPS / 2);
    session.hold(0, true, world.nowNs);
    session.remark(found("drift"));
    world.run(session, STEPS / 4);
    session.adjust(1, -12_345_678_901_234_567_890n, world.nowNs);
    session.hold(0, false, world.nowNs);
    session.remark(found("gone"));
    world.run(session, STEPS / 4);
    session.disconnected(0, world.nowNs);
    world.run(session, STEPS);
  };
  return { world, trade };
}

function found(breakId: string): SessionRemark {
  const payload = { breakId, action: "told", reason: "a test", approver: "Ines" };
  const actor = { kind: "user", id: "Ines", role: "risk" } as const;
  return { says: [{ type: "reconciliationAction", payload, actor }] };
}

const RESPONSES = [
  "accepted",
  "rejected",
  "canceled",
  "expired",
  "replaced",
  "cancelRejected",
  "replaceRejected",
];

/** What a journal says has to be in the trail, line by line: an oracle without a kernel. */
function toldByJournal(disk: Disk): string[] {
  const lines: string[] = [];
  const sent = ({ kind, id, requestId }: SentItem): string =>
    `${kind === "cancel" ? "orderCancel" : requestId === 0 ? "orderNew" : "orderModify"} ${id}`;
  readJournal(
    "/session",
    ({ type, payload }) => {
      const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
      if (type === SESSION.sending) lines.push(sent(readSending(view)));
      if (type === SESSION.event) {
        const kind = view.getInt32(4, true);
        const level = `level ${view.getFloat64(16, true)}`;
        if (kind === INPUT.start) lines.push("started", "configChange", "configChange", "strategyStart");
        else if (kind === INPUT.stop) lines.push("strategyStop");
        else if (kind === INPUT.disconnected) lines.push("disconnected");
        else if (kind === INPUT.hold) lines.push(view.getFloat64(8, true) === 1 ? "stopped" : "released");
        else if (kind === INPUT.latch) lines.push(`killStep ${level}`);
      }
      if (type === SESSION.report) lines.push(reportLine((k) => view.getFloat64(16 + 8 * k, true)));
      if (type === SESSION.adjust) lines.push("cashAdjusted");
      if (type === SESSION.remark) {
        const { says } = JSON.parse(new TextDecoder().decode(payload)) as SessionRemark;
        for (const said of says) lines.push(`${said.type} ${(said.payload as { breakId: string }).breakId}`);
      }
      if (type === SESSION.recovered) {
        const { unsent } = JSON.parse(new TextDecoder().decode(payload)) as { unsent: SentItem[] };
        lines.push(...unsent.map(sent), `recovery ${unsent.length}`);
      }
    },
    { disk },
  );
  return lines;
}

function reportLine(field: (k: number) => number): string {
  const [kind, id, reason] = [MESSAGE_FIELD.kind, MESSAGE_FIELD.id, MESSAGE_FIELD.reason].map(field);
  if (reason === 20 || reason === 21) return `${reason === 20 ? "notSent" : "stoppedAtDoor"} ${id}`;
  if (kind === REPORT.trade) return `fill ${field(MESSAGE_FIELD.execId)}`;
  return `${RESPONSES[kind as number]} ${id}`;
}

/** The same of the trail's records, without the gate's decisions. */
function toldByTrail(records: readonly AuditRecord[]): string[] {
  return madeOf(records).flatMap((record): string[] => {
    const { type, order } = record;
    if (type === "riskDecision") return [];
    if (type === "venueResponse") return [`${record.payload.response} ${order}`];
    if (type === "fill") return [`fill ${record.payload.execId}`];
    if (type === "killStep") return [`killStep ${record.payload.detail}`];
    if (type === "reconciliationAction") return [`${type} ${record.payload.breakId}`];
    if (type === "recovery") return [`recovery ${JSON.parse(record.payload.detail ?? "").unsent}`];
    if (type !== "systemEvent") return [type.startsWith("order") ? `${type} ${order}` : type];
    const { component, event, detail } = record.payload;
    if (component === "orders") return [];
    if (event === "executionOfUnknownOrder") return [`fill ${JSON.parse(detail ?? "").execId}`];
    return [component === "door" ? `${event} ${order}` : event];
  });
}

/** What does not depend on which process recorded it. */
function sayingOf(record: AuditRecord): unknown {
  const { seq: _seq, epoch: _epoch, cfgHash: _cfg, buildHash: _build, ...rest } = record;
  return rest;
}

/** The trail of the run that never crashes, and the operations of its disk. */
function wholeRun(seed: number): { readonly made: readonly unknown[]; readonly operations: number } {
  const { world, trade } = worldOf(seed);
  const disk = new TortureDisk({});
  const opened = world.open(disk);
  const session = world.go(opened);
  trade(session);
  const { operations } = disk;
  session.stop(world.nowNs);
  world.seal();
  opened.journal.close();
  const records = readTrail(disk);
  expect(toldByTrail(records)).toEqual(toldByJournal(disk));
  expect(records.some(({ type }) => type === "snapshot")).toBe(true);
  return { made: madeOf(records).map(sayingOf), operations };
}

const figures = { crashes: 0, completed: 0, skipped: 0, twice: 0 };

function checkTrail(disk: Disk, made: readonly unknown[], where: string): void {
  const records = readTrail(disk);
  expect(toldByTrail(records), where).toEqual(toldByJournal(disk));
  const decisions = records.filter(({ type }) => type === "riskDecision");
  expect(
    decisions.map(({ payload }) => (payload as { decision: number }).decision),
    where,
  ).toEqual(decisions.map((_, i) => i + 1));
  // Up to the crash it is the trail of the run that did not crash.
  const own = madeOf(records);
  const end = own.findIndex(({ type }) => type === "recovery");
  const until = own.slice(0, end < 0 ? 0 : end).map(sayingOf);
  expect(until, where).toEqual(made.slice(0, until.length));
}

/** Trades until the disk dies, then from what is left of it, and dies once more while that goes on. */
function crashAt(
  seed: number,
  at: number,
  mode: CrashMode,
  survival: Survival,
  made: readonly unknown[],
): void {
  const where = `seed ${seed}, operation ${at} ${mode}, ${survival} of the rest survives`;
  const { world, trade } = worldOf(seed);
  const disk = new TortureDisk({ faults: { crashAt: at, crashMode: mode } });
  dies(() => trade(world.go(world.open(disk))));
  figures.crashes += 1;
  let left = disk.afterPowerLoss(seed * 1000 + at, survival);
  Object.assign(left.faults, { crashAt: left.operations + 3 + ((at * 7) % 60), crashMode: mode });
  if (dies(() => world.run(world.go(world.open(left)), 20))) {
    figures.twice += 1;
    left = left.afterPowerLoss(seed * 2000 + at, survival);
  } else left = left.afterProcessLoss();
  const opened = world.open(left);
  const session = world.go(opened);
  figures.completed += world.audit?.made ?? 0;
  figures.skipped += world.audit?.skipped ?? 0;
  world.run(session, 30);
  world.settle(session);
  session.stop(world.nowNs);
  world.seal();
  opened.journal.close();
  checkTrail(left, made, where);
}

/** Runs until a machine is lost; whether one was. */
function dies(run: () => void): boolean {
  try {
    run();
    return false;
  } catch (error) {
    for (let each: unknown = error; each instanceof Error; each = each.cause) {
      if (each instanceof MachineLost) return true;
    }
    throw error;
  }
}

describe("the audit trail of a session whose machine loses power", () => {
  it("has every event once, wherever it was cut off", () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { made, operations } = wholeRun(seed);
      for (let at = seed % 3; at < operations; at += 3) {
        const turn = at + seed;
        const mode = MODES[turn % 3] as CrashMode;
        const survival = SURVIVALS[Math.floor(turn / 3) % 3] as Survival;
        crashAt(seed, at, mode, survival, made);
      }
    }
    const { crashes, completed, skipped, twice } = figures;
    console.log(
      `${crashes} crashes, ${twice} of them twice; ${skipped} records passed over, ${completed} appended`,
    );
    expect(crashes).toBeGreaterThan(200);
    expect(twice).toBeGreaterThan(50);
    expect(completed).toBeGreaterThan(crashes);
    expect(skipped).toBeGreaterThan(crashes);
  }, 120_000);
});
