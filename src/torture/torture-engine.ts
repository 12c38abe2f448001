import { MESSAGE_FIELD as FIELD } from "../model/index.ts";
import type { KillSwitch } from "../risk/index.ts";
import {
  type OpenedSession,
  openSession,
  type ReconDesk,
  resumeSession,
  type SessionRecovery,
  type TradingSession,
} from "../run/index.ts";
import { ClientSession } from "./client-session.ts";
import { answerOf, type Question } from "./engine-answer.ts";
import { engineDesk } from "./engine-desk.ts";
import { tellFound } from "./engine-found.ts";
import { engineKillSwitch, tellKillSwitch } from "./engine-kill-switch.ts";
import type { EngineParts, EngineVenue, Unsent } from "./engine-parts.ts";
import { FeedClient } from "./feed-client.ts";
import { OrderCoverage } from "./order-coverage.ts";
import type { Actor } from "./scheduler.ts";
import type { SavedSession } from "./session-options.ts";
import { TortureGateway } from "./torture-gateway.ts";

/** How often the engine looks at its timers, its switch and its schedule. @units ns */
const TICK_NS = 20_000_000;
const MS = 1_000_000;
const EVENT = { tick: 1, answer: 2, unsent: 3, book: 4, asked: 5 } as const;
/** A book that is missing is asked for again after so many ticks. */
const ASK_TICKS = 25;
/** What is no longer needed is let go after so many. */
const TIDY_TICKS = 50;

const JOURNAL = {
  policy: "sync",
  segmentBytes: 1 << 19,
  snapshotsKept: 2,
  bufferBytes: 1 << 18,
  preallocate: false,
  reserveBytes: 4096,
  freeBytesMin: 0,
} as const;

/** The venues' day: a short one. @units ns */
const DAY_NS = 20_000_000_000;

/** A disk holds a process up for so long at most. @units ns */
const PAUSE_NS_MAX = 2_000_000_000;

/**
 * One life of a trading process: the production session over its journal, gateways, feeds, a kill switch and a
 * reconciliation desk for each venue. It ends when something throws.
 *
 * @invariant After its death nothing of it calls anybody.
 */
export class TortureEngine implements Actor {
  readonly session: TradingSession;
  readonly recovery: SessionRecovery;
  readonly gateways: readonly TortureGateway[];
  readonly feeds: readonly FeedClient[];
  readonly killSwitch: KillSwitch;
  readonly coverage: OrderCoverage | undefined;
  isAlive = true;
  /** Breaks that a human would have been called for. */
  alerts = 0;
  readonly #parts: EngineParts;
  readonly #opened: OpenedSession;
  readonly #clients: ClientSession[] = [];
  readonly #venueOf: Int32Array;
  readonly #unsent: Unsent[] = [];
  readonly #questions: Question[] = [];
  readonly #asked: ((session: TradingSession, nowNs: number) => void)[] = [];
  #desks: ReconDesk[] = [];
  readonly #self: number;
  #ticks = 0;
  #diskCostNs = 0;

  /** Opens the session of the disk; throws what opening throws. */
  constructor(parts: EngineParts) {
    this.#parts = parts;
    const { scheduler, venues, options } = parts;
    this.#venueOf = new Int32Array(options.instruments.length);
    for (const [v, { stations }] of venues.entries())
      for (const station of stations) this.#venueOf[station] = v;
    this.#opened = openSession(
      "/journal",
      options,
      { ...JOURNAL, create: parts.mayCreate, disk: parts.disk, nowNs: () => 0n },
      (session) => {
        this.#desks = venues.map((venue, v) =>
          engineDesk(venue, {
            session,
            settle: (station, cells, offset, note) => {
              this.coverage?.before(cells);
              session.report(station, cells, offset, this.nowNs(), note);
              this.coverage?.look(cells[FIELD.row] as number);
            },
            cancelNow: (station, id) => this.gateways[v]?.cancelNow(station, id),
            alerted: ({ break: about }) => {
              this.alerts += 1;
              if (about?.kind === "positionDrift") parts.drifted(about);
            },
          }),
        );
        session.onStrategyFault = ({ error }) => {
          if (!session.recorder.isPaused) parts.threw(error);
        };
      },
    );
    this.session = this.#opened.session;
    this.recovery = this.#opened.recovery;
    const { coverage } = parts;
    this.coverage =
      coverage === undefined ? undefined : new OrderCoverage(this.session.kernel.orders, coverage);
    this.gateways = venues.map(({ stations }, v) => this.#makeGateway(stations, v));
    for (const [v, { stations }] of venues.entries()) {
      for (const station of stations)
        this.session.connect(station, (this.gateways[v] as TortureGateway).doorFor(station));
    }
    this.feeds = this.session.kernel.stations.map(
      (_, i) => new FeedClient(i, () => this.#at(MS, EVENT.book, i)),
    );
    this.killSwitch = engineKillSwitch({
      session: this.session,
      estate: parts.estate,
      venues,
      massCancel: (v) => this.gateways[v]?.massCancel(),
      cancelNow: (v, station, id) => this.gateways[v]?.cancelNow(station, id),
      queryOpenOrders: (v) => this.desks[v]?.dropCopied(this.#now()),
    });
    this.#self = scheduler.actor(this);
    this.#diskCostNs = parts.disk.costNs();
  }

  /** The reconciliation desk of each venue. */
  get desks(): readonly ReconDesk[] {
    return this.#desks;
  }

  /** Begins or goes on, connects, and ticks from then on. */
  boot(): void {
    try {
      const now = this.nowNs();
      if (this.recovery.isNew) this.session.start(now);
      else resumeSession(this.#opened, now);
      const { killRecord, sequences } = this.#parts.estate;
      if (killRecord !== undefined)
        this.killSwitch.restore(killRecord, this.session.kernel.nowNs[0] as number);
      for (const [v] of this.#parts.venues.entries()) this.#dial(v, sequences[v]);
      for (const desk of this.desks) {
        desk.promoted(this.#now());
        desk.planEndOfDay(endOfDay(this.#now()));
      }
      for (const i of this.feeds.keys()) this.#at(MS, EVENT.book, i);
      this.#at(TICK_NS, EVENT.tick);
    } catch (error) {
      this.die(error);
    }
  }

  /** Ends this life; `isSilent` where the machine died with it. */
  die(error: unknown, isSilent = true): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    tellFound(this.#parts.found, this.feeds, this.#clients, this.session);
    this.#parts.scheduler.stopActor(this.#self);
    for (const client of this.#clients) client.stop(isSilent);
    this.#parts.died(error);
  }

  /** Stalls the whole process. */
  pause(untilNs: number): void {
    this.#parts.scheduler.pauseActor(this.#self, untilNs);
    for (const client of this.#clients) client.pause(untilNs);
  }

  /** Somebody asks the process for something: done when it runs next, not at all if it dies before. */
  ask(work: (session: TradingSession, nowNs: number) => void): void {
    if (!this.isAlive) return;
    this.#asked.push(work);
    this.#at(0, EVENT.asked);
  }

  /** A packet of an instrument's feed. */
  packet(station: number, cells: Float64Array): void {
    if (!this.isAlive) return;
    try {
      this.feeds[station]?.take(cells, this.session, this.nowNs());
    } catch (error) {
      this.die(error);
    }
  }

  /** Time by the host's clock. */
  nowNs(): number {
    const { scheduler, clockErrorNs } = this.#parts;
    return Math.max(0, Math.floor((scheduler.nowNs[0] as number) + clockErrorNs()));
  }

  fire(kind: number, a: number, b: number): void {
    try {
      if (kind === EVENT.tick) this.#tick();
      else if (kind === EVENT.answer) this.#answer(a, b === 1);
      else if (kind === EVENT.book) this.#askBook(a);
      else if (kind === EVENT.asked) this.#asked.shift()?.(this.session, this.nowNs());
      else this.#tellUnsent();
    } catch (error) {
      this.die(error);
    }
  }

  /** Whether every venue is connected and every book whole. */
  get isUp(): boolean {
    return (
      this.isAlive && this.#clients.every((client) => client.isUp) && this.feeds.every((feed) => feed.isWhole)
    );
  }

  #tick(): void {
    this.#waitForDisk();
    const now = this.nowNs();
    this.session.idle(now);
    const last = this.#now();
    this.killSwitch.step(last);
    this.#ticks += 1;
    for (let v = 0; v < this.#desks.length; v++) {
      const desk = this.#desks[v] as ReconDesk;
      if (last < desk.nextNs()) continue;
      const ask = desk.due(last);
      if (ask === undefined) continue;
      if (ask.causes.includes("endOfDay")) desk.planEndOfDay(endOfDay(last));
      const isReachable = this.#parts.venues[v]?.connection.isReachable === true;
      this.#questions[v] = ask;
      this.#at(2 * MS, EVENT.answer, v, isReachable ? 1 : 0);
    }
    if (this.#ticks % ASK_TICKS === 0) for (const i of this.feeds.keys()) this.#askBook(i);
    if (this.#ticks % TIDY_TICKS === 0) this.#tidy();
    const { sequences } = this.#parts.estate;
    for (let v = 0; v < this.#clients.length; v++) sequences[v] = (this.#clients[v] as ClientSession).saved();
    this.#at(TICK_NS, EVENT.tick);
  }

  /** A slow disk holds up whoever waits for it: the next messages are heard that much later. */
  #waitForDisk(): void {
    const { disk, scheduler } = this.#parts;
    const costNs = disk.costNs();
    const lateNs = costNs - this.#diskCostNs;
    this.#diskCostNs = costNs;
    const isSlow = disk.faults.slowness > 1 || disk.faults.stalls > 0;
    if (isSlow && lateNs > MS) this.pause((scheduler.nowNs[0] as number) + Math.min(lateNs, PAUSE_NS_MAX));
  }

  #tidy(): void {
    for (const gateway of this.gateways) gateway.tidy();
    if (this.#parts.retires) this.#opened.journal.retire(Number.MAX_SAFE_INTEGER);
  }

  /** Asks for a whole book, unless it came meanwhile. */
  #askBook(station: number): void {
    if (this.feeds[station]?.isWhole === false) this.#venue(station).venue.snapshotFeed(station);
  }

  /** The venue's answer to what reconciliation asked. */
  #answer(v: number, isThere: boolean): void {
    const desk = this.desks[v] as ReconDesk;
    const now = this.#now();
    if (!isThere) {
      desk.failed(now);
      return;
    }
    const asked = this.#questions[v] as Question;
    const snapshot = answerOf((this.#parts.venues[v] as EngineVenue).venue, asked);
    desk.take(snapshot, now);
    this.killSwitch.onOpenOrders(
      (this.#parts.venues[v] as EngineVenue).name,
      0,
      (snapshot.orders ?? [])
        .filter(({ state }) => state === "open")
        .map(({ clientOrderId }) => Number(clientOrderId?.split("-")[1])),
      now,
    );
    this.session.commit();
  }

  #tellUnsent(): void {
    const unsent = this.#unsent.splice(0, this.#unsent.length);
    for (const { gateway, station, terms, isCancel } of unsent) {
      this.gateways[gateway]?.tellUnsent(station, terms, isCancel, this.#now());
    }
  }

  /** The last time the session knows. */
  #now(): number {
    return this.session.kernel.nowNs[0] as number;
  }

  #at(delayNs: number, kind: number, a = 0, b = 0): void {
    const { scheduler } = this.#parts;
    scheduler.at((scheduler.nowNs[0] as number) + delayNs, this.#self, kind, a, b);
  }

  #venue(station: number): EngineVenue {
    return this.#parts.venues[this.#venueOf[station] as number] as EngineVenue;
  }

  #makeGateway(stations: readonly number[], v: number): TortureGateway {
    return new TortureGateway(this.session, stations, {
      atSend: this.#parts.atSend,
      sentNs: () => this.#parts.scheduler.nowNs[0] as number,
      unsent: (station, terms, isCancel) => {
        this.#unsent.push({ gateway: v, station, terms, isCancel });
        if (this.#unsent.length === 1) this.#at(0, EVENT.unsent);
      },
      stray: () => {
        this.#parts.found("unknownId");
        this.desks[v]?.dropCopied(this.#now());
      },
      coverage: this.coverage,
    });
  }

  #dial(v: number, resume: SavedSession | undefined): void {
    const { scheduler, rng, venues } = this.#parts;
    const { connection } = venues[v] as EngineVenue;
    const client = new ClientSession({
      scheduler,
      rng: rng.fork(`client ${v}`),
      connection,
      onMessage: (cells, offset) => this.#message(v, cells, offset),
      onUp: () => {
        this.desks[v]?.connected(this.#now());
        this.killSwitch.onVenueUp((venues[v] as EngineVenue).name, this.#now());
      },
      onDown: () => this.#down(v),
      onReset: () => this.desks[v]?.promoted(this.#now()),
      ...(resume === undefined || resume.generation === 0 ? {} : { resume }),
    });
    client.epoch = this.session.recorder.journal.epoch;
    this.#clients[v] = client;
    (this.gateways[v] as TortureGateway).client = client;
    client.connect();
  }

  #message(v: number, cells: Float64Array, offset: number): void {
    if (!this.isAlive) return;
    try {
      (this.gateways[v] as TortureGateway).take(cells, offset, this.nowNs());
      const { estate, venues } = this.#parts;
      if (estate.killRecord !== undefined) {
        const { name } = venues[v] as EngineVenue;
        tellKillSwitch(this.killSwitch, name, cells, offset, this.#now());
      }
      this.session.commit();
    } catch (error) {
      this.die(error);
    }
  }

  #down(v: number): void {
    if (!this.isAlive) return;
    try {
      const { name, stations } = this.#parts.venues[v] as EngineVenue;
      this.coverage?.disconnecting(stations);
      for (const station of stations) this.session.disconnected(station, this.nowNs());
      this.coverage?.lookAtAll();
      this.#parts.disconnected(stations);
      this.desks[v]?.disconnected(this.#now());
      this.killSwitch.onVenueDown(name, this.#now());
    } catch (error) {
      this.die(error);
    }
  }
}

function endOfDay(nowNs: number): number {
  return (Math.floor(nowNs / DAY_NS) + 1) * DAY_NS;
}
