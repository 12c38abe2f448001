import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { checkFunction, checkInteger, checkKeys, checkText, Fault, Prng } from "../base/index.ts";
import { localDisk, readJournal } from "../host/index.ts";
import { DRILL_INSTRUMENTS, drillSession } from "./drill-desk.ts";
import { DrillEvidence } from "./drill-evidence.ts";
import { DrillLife, type DrillReady } from "./drill-life.ts";
import { type DrillOutage, type DrillReport, drillReport } from "./drill-report.ts";
import { DrillVenue } from "./drill-venue.ts";
import { replaySession } from "./session-replay.ts";

/** Options of a drill. */
export interface DrillOptions {
  /** The folder of the journal: none yet, or an empty one, on the disk the drill is about. */
  readonly folder: string;
  /** 100 unless given. */
  readonly kills?: number;
  /** A recovery that takes longer fails the drill; 60,000 unless given. @units ms */
  readonly rtoMaxMs?: number;
  /** The process trades for at most so long before it is killed; 250 unless given. @units ms */
  readonly lifeMs?: number;
  /** Rows of the market between two snapshots; 2,000 unless given. */
  readonly snapshotRows?: number;
  /** Of the market, the venue and the moments; 1 unless given. */
  readonly seed?: number;
  /** Told after each kill. */
  readonly onKill?: (done: number, all: number) => void;
}

type DrillSettings = Required<DrillOptions>;

const KEYS = ["folder", "kills", "rtoMaxMs", "lifeMs", "snapshotRows", "seed", "onKill"];
/** Every so many recoveries one is killed before it is done. */
const AGAIN_EVERY = 8;
/** A process that has not traded so long after `rtoMaxMs` is given up. @units ms */
const GRACE_MS = 10_000;

function drillSettings(options: DrillOptions): DrillSettings {
  checkKeys("drill", options, KEYS);
  const settings = {
    folder: checkText("drill.folder", options.folder),
    kills: checkInteger("drill.kills", options.kills ?? 100, 1, 100_000),
    rtoMaxMs: checkInteger("drill.rtoMaxMs", options.rtoMaxMs ?? 60_000, 1, 3_600_000),
    lifeMs: checkInteger("drill.lifeMs", options.lifeMs ?? 250, 1, 60_000),
    snapshotRows: checkInteger("drill.snapshotRows", options.snapshotRows ?? 2000, 1, 1_000_000),
    seed: checkInteger("drill.seed", options.seed ?? 1, 0),
    onKill: checkFunction("drill.onKill", options.onKill ?? (() => {})),
  };
  const [found] = filesIn(settings.folder);
  if (found === undefined) return settings;
  const expected = "no folder yet, or an empty one";
  throw new Fault("FAULT_CONFIG", {
    path: "drill.folder",
    value: `${settings.folder} with ${found}`,
    expected,
  });
}

function filesIn(folder: string): readonly string[] {
  try {
    return localDisk.list(folder) ?? [];
  } catch (cause) {
    const expected = "a folder";
    throw new Fault("FAULT_IO", { path: folder, value: String(cause), expected, cause });
  }
}

/**
 * Kills a trading process at random moments on this machine and disk, and measures how it comes back: a session of five
 * instruments trades as fast as it can with a venue in this process, `SIGKILL` ends it, another process recovers it.
 *
 * The clock of a recovery runs from the kill to the first new order at the venue. It stands still while the drill reads
 * the journal to look for losses. One recovery in eight is killed too, before it is done; that outage goes on. At the
 * end the whole session is replayed from its first record. The journal stays in the folder.
 *
 * @invariant The report's `failures` is empty only where nothing acknowledged was lost, nothing was sent twice, every
 * recovery was in time, and the whole session replays identically.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_IO` where the process ends by itself or does not trade again; what
 * the journal throws
 * @cost About 0.7 s a kill, most of it the start of a process; 4,000 records a kill.
 */
export async function drill(options: DrillOptions): Promise<DrillReport> {
  return new KillDrill(drillSettings(options)).run();
}

class KillDrill {
  readonly #settings: DrillSettings;
  readonly #rng: Prng;
  readonly #venue: DrillVenue;
  readonly #evidence = new DrillEvidence();
  readonly #outages: DrillOutage[] = [];
  #lives = 0;
  #kills = 0;
  /** How long the last life took to be ready. @units ms */
  #readyMs = 0;

  constructor(settings: DrillSettings) {
    this.#settings = settings;
    this.#rng = new Prng(settings.seed);
    this.#venue = new DrillVenue(settings.seed, DRILL_INSTRUMENTS);
  }

  async run(): Promise<DrillReport> {
    const { kills, lifeMs } = this.#settings;
    let life = this.#begin();
    try {
      await this.#ready(life);
      while (this.#kills < kills) {
        await wait(this.#rng.float() * lifeMs);
        life = await this.#outage(life, (next) => {
          life = next;
        });
      }
      return await this.#end(life);
    } finally {
      life.kill();
      await life.closed.catch(() => {});
    }
  }

  /** Kills a life and brings up the next one; `began` is told of each that is started. */
  async #outage(first: DrillLife, began: (life: DrillLife) => void): Promise<DrillLife> {
    const { kills } = this.#settings;
    const killedAt = performance.now();
    const killedMs = performance.timeOrigin + killedAt;
    let life = first;
    let pausedMs = 0;
    let exitMs = 0;
    const lost = { requestsLost: 0, executionsLost: 0, recordsLost: 0 };
    let stateAgeMs = 0;
    for (let again = 0; ; again++) {
      exitMs += await this.#kill(life);
      const from = performance.now();
      const loss = this.#evidence.check(this.#settings.folder);
      lost.requestsLost += loss.requests;
      lost.executionsLost += loss.executions;
      lost.recordsLost += Math.max(0, life.lastSeq - this.#evidence.lastSeq);
      if (again === 0) stateAgeMs = killedMs - (life.appendedMs(this.#evidence.lastSeq) ?? killedMs);
      pausedMs += performance.now() - from;
      life = this.#begin();
      began(life);
      const isAgain = this.#kills < kills && this.#rng.below(AGAIN_EVERY) === 0;
      if (isAgain) {
        await wait(this.#rng.float() * this.#readyMs);
        continue;
      }
      const ready = await this.#ready(life);
      const rtoMs = ready.readyAt - killedAt - pausedMs;
      const found = recoveryOf(ready, life, exitMs);
      const retriedMs = rtoMs - Object.values(found.parts).reduce((sum, each) => sum + each, 0);
      const parts = { ...found.parts, retriedMs };
      this.#outages.push({ ...found, rtoMs, parts, again, stateAgeMs, ...lost });
      return life;
    }
  }

  #begin(): DrillLife {
    const { folder, snapshotRows, seed } = this.#settings;
    this.#lives += 1;
    const [venue, evidence] = [this.#venue, this.#evidence];
    return new DrillLife({ folder, snapshotRows, seed: seed * 100_000 + this.#lives, venue, evidence });
  }

  /** Kills a life; returns how long it took to be gone, ms. */
  async #kill(life: DrillLife): Promise<number> {
    const from = performance.now();
    life.kill();
    await life.closed;
    this.#venue.disconnect();
    this.#kills += 1;
    this.#settings.onKill(this.#kills, this.#settings.kills);
    return performance.now() - from;
  }

  async #ready(life: DrillLife): Promise<DrillReady> {
    const { rtoMaxMs } = this.#settings;
    const giveUp = new AbortController();
    const late = wait(rtoMaxMs + GRACE_MS, undefined, { signal: giveUp.signal });
    try {
      const ready = await Promise.race([life.ready, late]);
      if (ready === undefined) {
        const value = `no order after ${rtoMaxMs + GRACE_MS} ms`;
        throw new Fault("FAULT_IO", {
          path: "drill.process",
          value,
          expected: "a process that trades again",
        });
      }
      this.#readyMs = ready.readyAt - life.spawnedAt;
      return ready;
    } finally {
      giveUp.abort();
      late.catch(() => {});
    }
  }

  /** Has the last life end its session, and looks at all of it once more. */
  async #end(life: DrillLife): Promise<DrillReport> {
    const { folder, seed, rtoMaxMs, snapshotRows } = this.#settings;
    life.stop();
    await life.closed;
    const venue = this.#venue;
    const last = this.#evidence.check(folder);
    const replay = replaySession((visit) => void readJournal(folder, visit), drillSession(snapshotRows));
    const sum = (of: (outage: DrillOutage) => number): number =>
      this.#outages.reduce((all, each) => all + of(each), 0);
    return drillReport({
      ...{ seed, rtoMaxMs, kills: this.#kills, outages: this.#outages },
      ...{ requests: venue.requests, orders: venue.orders, executions: venue.executions },
      requestsLost: last.requests + sum(({ requestsLost }) => requestsLost),
      executionsLost: last.executions + sum(({ executionsLost }) => executionsLost),
      duplicates: venue.duplicates,
      records: this.#evidence.lastSeq,
      isReplayIdentical: replay.isIdentical && replay.runHash === life.bye?.runHash,
      isPositionEqual: life.bye?.positions.every((lots, i) => lots === venue.positions[i]) ?? false,
    });
  }
}

function recoveryOf({ hello, helloAt, readyAt }: DrillReady, life: DrillLife, exitMs: number) {
  const { openMs, loadMs, replayMs, snapshotSeq, records, unsent, unusable, isDifferent } = hello;
  const startMs = helloAt - life.spawnedAt - openMs - loadMs - replayMs;
  return {
    parts: { exitMs, startMs, openMs, loadMs, replayMs, resumeMs: readyAt - helloAt },
    ...{ snapshotSeq, unsent, unusable, isDifferent, recordsReplayed: records },
  };
}
