import { Fault, Prng } from "../base/index.ts";
import { Instrument } from "../model/index.ts";
import { KillLatch, KillScopes } from "../risk/index.ts";
import type { SessionOptions } from "../run/index.ts";
import type { Strategy } from "../strategy/index.ts";
import { Connection } from "./connection.ts";
import type { Coverage } from "./coverage.ts";
import type { CrashPoint } from "./crash-points.ts";
import type { Survival } from "./disk-faults.ts";
import { isDiskTrouble } from "./disk-trouble.ts";
import type { EngineEstate, EngineVenue } from "./engine-parts.ts";
import { FaultHands } from "./fault-hands.ts";
import { FAULT_CODE, type FaultName } from "./fault-kinds.ts";
import { type FaultPlan, faultEdges, type PlannedFault } from "./fault-plan.ts";
import { FEED } from "./feed-record.ts";
import { GateLimits } from "./gate-limits.ts";
import { Oracles, type Violation } from "./oracles.ts";
import { type Actor, Scheduler } from "./scheduler.ts";
import { TortureDisk } from "./torture-disk.ts";
import { TortureEngine } from "./torture-engine.ts";
import { TortureStrategy } from "./torture-strategy.ts";
import { TortureVenue } from "./torture-venue.ts";
import { VenueSession } from "./venue-session.ts";
import { ORDER_LOTS, worldSession } from "./world-session.ts";

const MS = 1_000_000;
const EVENT = { edge: 1, check: 2, boot: 3, settle: 4 } as const;
const SURVIVALS: readonly Survival[] = ["none", "all", "any"];
/** How often the oracles look at everything. @units ns */
/**
 * Venues take no order that was sent longer ago, as many do: one that hung in a line and was given up meanwhile would
 * execute on top of what took its place. @units ns
 */
const RECV_WINDOW_NS = 500 * MS;
/** A process that ends within so long is started again after twice the time. @units ns */
const YOUNG_NS = 3_000_000_000;
const WAIT_NS_MIN = 200 * MS;
const WAIT_NS_MAX = 5_000_000_000;
/** Trading goes on to the end: a moment when nothing is on its way is waited for so often, and so long each time. */
const REST_LOOKS = 40;
const REST_LOOK_NS = 50 * MS;
const CHECK_NS = 200 * MS;

/** What a torture run is made of, beside its seed and plan. */
export interface WorldOptions {
  /** Venues, with one instrument each; 5 unless given. */
  readonly venues?: number;
  /** Rows of all feeds a second; 1,000 unless given. */
  readonly rowsPerSecond?: number;
  /** Makes the strategies of one life of the process; a {@link TortureStrategy} unless given. */
  readonly strategies?: () => readonly Strategy[];
  /** Whether strategies may throw: else one that does breaks the rule `noFault`. The session stops it either way. */
  readonly mayThrow?: boolean;
  /** The largest position in each instrument; 60 unless given. @units lots */
  readonly positionLotsMax?: number;
  /** Snapshots of the session so often; 5 s unless given. @units ns */
  readonly snapshotEveryNs?: number;
  /** The whole journal is kept, to be replayed at the end; else what no snapshot needs is removed. */
  readonly keepsJournal?: boolean;
  /** Counts what the run hits. */
  readonly coverage?: Coverage;
}

/** How a run ended. */
export interface WorldOutcome {
  readonly violations: readonly Violation[];
  /** The hash of everything that happened. */
  readonly traceHash: string;
  readonly events: number;
  readonly orders: number;
  readonly lives: number;
  /** Detected damage of the disk that no process may go on from: the run ended there. */
  readonly halted: string | undefined;
}

/**
 * One run: venues, networks, a disk and a clock that a plan breaks, and the production engine that has to come through.
 *
 * @invariant Equal seeds, plans and options give equal trace hashes.
 */
export class TortureWorld implements Actor {
  readonly scheduler: Scheduler;
  readonly plan: FaultPlan;
  readonly venues: readonly EngineVenue[];
  readonly venueSessions: readonly VenueSession[];
  readonly instruments: readonly Instrument[];
  readonly oracles: Oracles;
  readonly hands: FaultHands;
  readonly estate: EngineEstate;
  disk: TortureDisk;
  engine: TortureEngine | undefined = undefined;
  lives = 0;
  /** The host's clock: how far it is off, and how fast it goes wrong since when. */
  clockOffsetNs = 0;
  clockPpm = 0;
  clockSinceNs = 0;
  #bootedNs = 0;
  #waitNs = WAIT_NS_MIN;
  /** The latest time the host's clock ever showed. @units ns */
  #latestNs = 0;
  /** What of the next send the process dies at: before it, after it, or not at all. */
  dieAtSend: "before" | "after" | undefined = undefined;
  sendsToSkip = 0;
  /** The kill switch is pulled behind the next send, in the middle of a turn. */
  killAtSend = false;
  /** The kill is to be lifted as soon as a process is there to do it. */
  liftAtBoot = false;
  /** How a dead process leaves its disk: 0 the process alone, 1 to 3 the machine. */
  lossOnDeath = 0;
  halted: string | undefined = undefined;
  /** Where the process is to die next. */
  crashPoint: CrashPoint | undefined = undefined;
  readonly coverage: Coverage | undefined;
  readonly #found = new Map<FaultName, number>();
  readonly seed: number;
  readonly positionLotsMax: number;
  readonly limits: GateLimits;
  readonly #rng: Prng;
  readonly #options: WorldOptions;
  readonly #self: number;
  readonly #edges: ReturnType<typeof faultEdges>;

  constructor(seed: number, plan: FaultPlan, options: WorldOptions = {}) {
    const { venues = 5, rowsPerSecond = 1000, positionLotsMax = 60 } = options;
    this.seed = seed;
    this.plan = plan;
    this.positionLotsMax = positionLotsMax;
    this.#options = options;
    this.coverage = options.coverage;
    this.#rng = new Prng(seed);
    this.scheduler = new Scheduler({ rng: this.#rng.fork("scheduler") });
    this.#self = this.scheduler.actor(this);
    this.disk = new TortureDisk({ seed: this.#rng.fork("disk").uint32() });
    this.instruments = Array.from(
      { length: venues },
      (_, i) =>
        new Instrument({ symbol: `S${i}`, venue: `V${i}`, tickSize: "0.01", lotSize: "1", quote: "USD" }),
    );
    const sessions: VenueSession[] = [];
    this.venues = this.instruments.map((instrument, i) => {
      const made = this.#makeVenue(i, instrument, rowsPerSecond / venues);
      sessions.push(made.session);
      return made.venue;
    });
    this.venueSessions = sessions;
    const scopes = new KillScopes({});
    this.estate = { latch: new KillLatch(scopes.size), scopes, killRecord: undefined, sequences: [] };
    const usual = { positionLots: positionLotsMax, orderLots: ORDER_LOTS };
    this.limits = new GateLimits(venues, usual, this.#rng.fork("limits"));
    this.oracles = new Oracles(this);
    this.hands = new FaultHands(this, this.#rng.fork("hands"));
    this.#edges = faultEdges(plan);
    for (const [i, { ns }] of this.#edges.entries()) this.scheduler.at(ns, this.#self, EVENT.edge, i);
    this.scheduler.at(plan.safetyUntilNs, this.#self, EVENT.settle);
    this.scheduler.at(CHECK_NS, this.#self, EVENT.check);
  }

  /** Runs to the plan's end, then looks at everything once more. */
  run(): WorldOutcome {
    const { scheduler, plan, oracles } = this;
    for (const { venue } of this.venues) venue.start();
    this.boot();
    scheduler.run(plan.durationNs);
    oracles.check();
    for (let i = 1; i <= REST_LOOKS && this.halted === undefined && !oracles.isAtRest(); i++) {
      scheduler.run(plan.durationNs + i * REST_LOOK_NS);
    }
    if (this.halted === undefined) oracles.atRest();
    return {
      violations: oracles.violations,
      traceHash: scheduler.traceHash(),
      events: scheduler.fired,
      orders: this.venues.reduce((sum, { venue }) => sum + venue.truth.orders.count, 0),
      lives: this.lives,
      halted: this.halted,
    };
  }

  fire(kind: number, a: number): void {
    if (kind === EVENT.edge) this.#edge(a);
    else if (kind === EVENT.boot) this.boot();
    else if (kind === EVENT.settle) this.hands.healAll();
    else {
      this.oracles.check();
      this.scheduler.at(this.nowNs + CHECK_NS, this.#self, EVENT.check);
    }
  }

  get nowNs(): number {
    return this.scheduler.nowNs[0] as number;
  }

  /** How far the host's clock is off. @units ns */
  clockErrorNs(): number {
    const errorNs = this.clockOffsetNs + ((this.nowNs - this.clockSinceNs) * this.clockPpm) / 1e6;
    this.#latestNs = Math.max(this.#latestNs, this.nowNs + errorNs);
    return errorNs;
  }

  /** The clock runs evenly from now on, from the latest time that it ever showed: a session's time never falls. */
  mendClock(): void {
    const errorNs = this.clockErrorNs();
    this.clockOffsetNs = Math.max(0, errorNs, this.#latestNs - this.nowNs);
    this.clockPpm = 0;
    this.clockSinceNs = this.nowNs;
  }

  /** Starts a process on the disk as it is. */
  boot(): void {
    if (this.engine?.isAlive === true || this.halted !== undefined) return;
    this.lives += 1;
    this.#bootedNs = this.nowNs;
    try {
      const engine = new TortureEngine({
        scheduler: this.scheduler,
        rng: this.#rng.fork(`life ${this.lives}`),
        disk: this.disk,
        venues: this.venues,
        estate: this.estate,
        options: this.sessionOptions(),
        retires: this.#options.keepsJournal !== true,
        mayCreate: !this.oracles.hasSeenOrders,
        clockErrorNs: () => this.clockErrorNs(),
        atSend: (isAfter, kind, id, lots) => this.#atSend(isAfter, kind, id, lots),
        disconnected: (stations) => this.oracles.disconnected(stations),
        threw: (error) => {
          if (this.#options.mayThrow !== true) this.oracles.crashed(error);
        },
        died: (error) => this.#died(error),
        positionLotsMax: this.positionLotsMax,
        coverage: this.coverage,
        found: (name, count) => this.found(name, count),
        drifted: (about) => this.oracles.drifted(about),
      });
      this.engine = engine;
      this.oracles.booted(engine);
      engine.boot();
      if (this.liftAtBoot) this.hands.lift();
      this.limits.apply(engine);
    } catch (error) {
      this.engine = undefined;
      this.#notBooted(error);
    }
  }

  /** Ends the process from outside. */
  kill(loss: number, point: CrashPoint): void {
    if (this.engine?.isAlive !== true) return;
    this.crashPoint = point;
    this.lossOnDeath = loss;
    this.engine?.die(new Error("killed"), loss > 0);
  }

  #edge(index: number): void {
    const edge = this.#edges[index];
    if (edge === undefined) return;
    const fault = this.plan.faults[edge.index] as PlannedFault;
    this.scheduler.note(FAULT_CODE[fault.fault], edge.isOn ? 1 : 0, fault.target);
    if (edge.isOn) this.hands.begin(fault);
    else this.hands.end(fault);
  }

  #atSend(isAfter: boolean, kind: number, id: number, lots: number): void {
    this.oracles.sending(isAfter);
    if (!isAfter) this.oracles.leaving(kind, id, lots);
    if (isAfter && this.killAtSend) {
      this.killAtSend = false;
      this.hands.killNow();
    }
    if (this.dieAtSend === undefined || (this.dieAtSend === "after") !== isAfter) return;
    this.sendsToSkip -= 1;
    if (this.sendsToSkip >= 0) return;
    this.dieAtSend = undefined;
    throw new Error("killed at a send");
  }

  #died(error: unknown): void {
    const isKilled = error instanceof Error && error.message.startsWith("killed");
    if (!isKilled && !isDiskTrouble(error)) this.oracles.crashed(error);
    this.scheduler.note(-1, this.lives, this.lossOnDeath);
    if (!isKilled) this.#noticed(error);
    const point = this.crashPoint;
    if (point !== undefined) this.coverage?.crashed(this.coverage.crashPoint(point));
    this.crashPoint = undefined;
    this.disk.faults.crashAt = -1;
    if (this.lossOnDeath === 0) this.disk.loseProcess();
    else this.disk.losePower(this.#rng.uint32(), SURVIVALS[this.lossOnDeath - 1]);
    this.lossOnDeath = 0;
    this.#bootLater();
  }

  /** A process that could not start: trouble of the disk is tried again, damage that was found ends the run. */
  #notBooted(error: unknown): void {
    this.disk.faults.crashAt = -1;
    const isGone = this.hands.hasDamagedDisk && error instanceof Fault && error.value === "no journal";
    if (isDiskTrouble(error) && !isGone) {
      this.disk.loseProcess();
      this.#bootLater();
      return;
    }
    if (this.hands.hasDamagedDisk) this.#noticed(error);
    if (this.hands.hasDamagedDisk) this.halted = error instanceof Error ? error.message : String(error);
    else this.oracles.crashed(error);
  }

  /** Trouble of the disk that made the process stop is trouble it has noticed. */
  #noticed(error: unknown): void {
    for (const name of this.hands.diskFaultsOn) this.found(name);
    void error;
  }

  /** The engine has noticed a fault of a class. */
  found(name: FaultName, count = 1): void {
    this.#found.set(name, (this.#found.get(name) ?? 0) + count);
  }

  /** What the engine has noticed, by class. */
  detected(): ReadonlyMap<FaultName, number> {
    return this.#found;
  }

  /** Starts the next process after a while, a longer one where the last ones did not live long. */
  #bootLater(): void {
    const isYoung = this.nowNs - this.#bootedNs < YOUNG_NS;
    this.#waitNs = isYoung ? Math.min(2 * this.#waitNs, WAIT_NS_MAX) : WAIT_NS_MIN;
    this.scheduler.at(this.nowNs + this.#waitNs + this.#rng.below(500 * MS), this.#self, EVENT.boot);
  }

  /** What every life of the session is made from. */
  sessionOptions(): SessionOptions {
    const { strategies = () => [new TortureStrategy()], snapshotEveryNs = 5000 * MS } = this.#options;
    const { instruments, seed, positionLotsMax, estate } = this;
    const parts = { instruments, seed, positionLotsMax, snapshotEveryNs, estate };
    return worldSession({ ...parts, strategies: strategies() });
  }

  #makeVenue(
    i: number,
    instrument: Instrument,
    rowsPerSecond: number,
  ): { readonly venue: EngineVenue; readonly session: VenueSession } {
    const { scheduler } = this;
    const connection = new Connection({
      scheduler,
      rng: this.#rng.fork(`connection ${i}`),
      latencyNs: 100_000 + 50_000 * i,
      jitterNs: 20_000,
      capacity: 1024,
    });
    let session: VenueSession | undefined;
    const venue = new TortureVenue({
      scheduler,
      rng: this.#rng.fork(`venue ${i}`),
      venue: `V${i}`,
      account: "main",
      instruments: [{ index: i, instrument, startTicks: 10_000 }],
      market: { rowsPerSecond, tradesPerSecond: Math.max(1, rowsPerSecond / 20), rowsPerPacket: 5 },
      recvWindowNs: RECV_WINDOW_NS,
      onReport: (cells, offset) => void session?.send(cells, offset),
      onFeedA: (cells) => this.engine?.packet(cells[FEED.instrument] as number, cells),
      onFeedB: (cells) => this.engine?.packet(cells[FEED.instrument] as number, cells),
      onDisconnect: () => session?.disconnect(),
    });
    session = new VenueSession({
      scheduler,
      rng: this.#rng.fork(`session ${i}`),
      connection,
      onMessage: (cells, offset) => {
        this.oracles.received(cells, offset);
        venue.receive(cells, offset);
        this.oracles.checkLimits(i);
      },
      onUp: () => venue.sessionUp(),
      onDown: () => venue.sessionDown(),
    });
    return { venue: { name: `V${i}`, stations: [i], connection, venue }, session };
  }
}
