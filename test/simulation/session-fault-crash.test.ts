import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import {
  resumeSession,
  SessionAudit,
  type SessionOptions,
  type TradingSession,
} from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { MachineLost } from "../../src/torture/disk-core.ts";
import type { CrashMode, Survival } from "../../src/torture/disk-faults.ts";
import type { TortureDisk } from "../../src/torture/torture-disk.ts";
import { auditOptions, openTrail, readTrail } from "../fixtures/audited-world.ts";
import { NotingDoor, SmallSessions } from "../fixtures/small-session.ts";

const MODES: readonly CrashMode[] = ["before", "partly", "after"];
const SURVIVALS: readonly Survival[] = ["none", "any", "all"];
const TRADES = 6;

interface How {
  readonly snapshotEveryNs: number;
  readonly sync: "append" | "checkpoint";
  readonly blockRecords: number;
}

/** Buys at each trade; two of three throw at the fourth, and their owner remarks on it. */
function options(sessions: SmallSessions, snapshotEveryNs: number): SessionOptions {
  const buyer = (name: string, throwsAt: number): Strategy => {
    let trades = 0;
    return {
      name,
      onTrade: (_, ctx) => {
        trades += 1;
        ctx.submit({ instrument: "ABC@sim", side: "buy", lots: 1, priceTicks: 900 + trades });
        if (trades === throwsAt) throw new Error(`bug of ${name}`);
      },
      onSave: () => ({ version: 1, state: trades }),
      onLoad: ({ state }) => {
        trades = state as number;
      },
    };
  };
  const strategies = [buyer("a", 4), buyer("b", 4), buyer("c", 0)];
  return { ...sessions.options({ onTrade: () => {} }), strategies, snapshotEveryNs };
}

function prepare(session: TradingSession, disk: TortureDisk, { sync, blockRecords }: How): void {
  new SessionAudit(session, auditOptions(openTrail(disk, sync, blockRecords).chain, disk));
  session.onStrategyFault = ({ strategy }) => {
    const payload = { feed: strategy, problem: "threw", state: "stale" as const };
    const actor = { kind: "service", id: "owner", role: "" } as const;
    session.remark({ says: [{ type: "marketDataQuality", payload, actor }] });
  };
}

/** Trades to the end, from wherever the last process left off. */
function run(sessions: SmallSessions, how: How): void {
  const disk = sessions.disk;
  const opened = sessions.open(options(sessions, how.snapshotEveryNs), (made) => prepare(made, disk, how));
  const { session, recovery } = opened;
  expect(recovery.difference ?? recovery.sendDifference).toBeUndefined();
  session.connect(0, new NotingDoor());
  const from = session.kernel.stations[0]?.messages ?? 0;
  const now = (): number => (session.kernel.nowNs[0] as number) + 1000;
  if (recovery.isNew) session.start(0);
  else resumeSession(opened, now());
  for (let i = from; i < TRADES; i++) {
    sessions.trade(session, now());
    session.commit();
    if (i % 2 === 1) session.idle(now());
  }
  session.stop(now());
  opened.journal.close();
}

/** Another process goes on; not where the session had ended. */
function goOn(sessions: SmallSessions, how: How): boolean {
  try {
    run(sessions, how);
    return true;
  } catch (error) {
    if (error instanceof Fault && error.value === "the session's end") return false;
    throw error;
  }
}

describe("strategies that throw in one turn, and the end of power at any moment", () => {
  it.each<How>([
    { snapshotEveryNs: 0, sync: "append", blockRecords: 1 },
    { snapshotEveryNs: 1500, sync: "checkpoint", blockRecords: 64 },
  ])(
    "each stop, error and remark is in the trail once: %o",
    (how) => {
      const whole = new SmallSessions();
      run(whole, how);
      let crashes = 0;
      for (let at = 1; at <= whole.disk.operations; at++) {
        const sessions = new SmallSessions();
        Object.assign(sessions.disk.faults, { crashAt: at, crashMode: MODES[at % 3] });
        try {
          run(sessions, how);
        } catch (lost) {
          if (!(lost instanceof MachineLost) && !sessions.disk.isLost) throw lost;
          crashes += 1;
        }
        const survival = SURVIVALS[(at >> 1) % 3];
        sessions.disk = sessions.disk.afterPowerLoss(at, survival);
        if (!goOn(sessions, how)) continue;
        const records = readTrail(sessions.disk, false);
        const of = (type: string) => records.filter((each) => each.type === type);
        const stops = of("strategyStop").filter(({ payload }) => (payload as { isFault: boolean }).isFault);
        const told = [stops, of("error")].map((each) => each.map(({ strategy }) => strategy));
        expect({ at, told }).toEqual({
          at,
          told: [
            ["a", "b"],
            ["a", "b"],
          ],
        });
        expect(of("marketDataQuality")).toHaveLength(2);
      }
      expect(crashes).toBeGreaterThan(40);
    },
    120_000,
  );
});
