import { EventEmitter } from "eventemitter3";
import { Fault, isRefusal } from "../base/index.ts";
import type { StrategyFault } from "../kernel/index.ts";
import { DepthBlock } from "../model/index.ts";
import type { ControlAnswer, ControlRequest } from "../risk/index.ts";
import type { VenueTrouble } from "../venue/index.ts";
import { type OpenedSession, openSession, resumeSession } from "./session-recovery.ts";
import { TraderAlerts, type TraderEvents, type TraderState } from "./trader-alerts.ts";
import { TraderFeeds } from "./trader-feeds.ts";
import { type HoldReason, TraderHolds } from "./trader-holds.ts";
import type { TraderPlan } from "./trader-options.ts";
import { StaleWatch } from "./trader-stale.ts";
import { openOrdersOf, type TraderStatus, traderStatus } from "./trader-status.ts";
import type { TraderVenue, VenueWatch } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

const NEVER = Number.POSITIVE_INFINITY;
/** Before what is still open at the end is asked to be canceled again. @units ns */
const AGAIN_NS = 1_000_000_000;

/** How a trader stops. */
export interface TraderStopOptions {
  /** How long cancels are waited for, and then the last comparison with the venue; 10 s unless given. @units ns */
  readonly deadlineNs?: number;
  /** Whether the session ends; else it goes on when a trader is started over its folder. True unless given. */
  readonly ends?: boolean;
}

/** How a trader stopped. */
export interface TraderStopped {
  /** The session's hash; undefined where it was not ended. */
  readonly runHash: string | undefined;
  /** Whether everything was over at its venues, and the last comparison clean, before the deadline. */
  readonly isClean: boolean;
  readonly openOrders: number;
}

/**
 * A session that trades by itself: market data in through feeds, orders out through the doors of its venues, timers, all
 * on one thread and by one clock. What comes is brought to the session at the time it came; whatever was due before it
 * happens before it.
 *
 * Paper and live traders differ in their venues, and in what they ask for before they start.
 *
 * @invariant Every input has a time of its own, above the one before it, by the trader's clock.
 * @invariant An instrument that is held for a reason is held in the session, durably: no order leaves there.
 */
export class Trader extends EventEmitter<TraderEvents> {
  readonly plan: TraderPlan;
  readonly #venues: readonly TraderVenue[];
  readonly #venueOf: readonly (TraderVenue | undefined)[];
  readonly #feeds: TraderFeeds;
  readonly #stale: StaleWatch;
  protected readonly holds: TraderHolds;
  protected readonly alerts: TraderAlerts;
  readonly #row = new DepthBlock(1);
  #opened: OpenedSession | undefined = undefined;
  #state: TraderState = "made";
  #armedNs = NEVER;
  #takeBack: () => void = () => {};
  #isBusy = false;
  #fills = 0;
  #rowsRefused = 0;
  #killed = false;
  #failure: unknown = undefined;
  #ending: Promise<TraderStopped> | undefined = undefined;

  protected constructor(plan: TraderPlan, venues: readonly TraderVenue[]) {
    super();
    this.plan = plan;
    this.#venues = venues;
    const { instruments } = plan.session;
    this.#venueOf = instruments.map((_, i) => venues.find(({ stations }) => stations.includes(i)));
    this.holds = new TraderHolds(instruments.length);
    this.alerts = new TraderAlerts(plan.logger, (alert) => this.emit("alert", alert));
    this.#stale = new StaleWatch(plan.stale, instruments.length);
    this.#feeds = new TraderFeeds(plan, {
      rows: (station, block, from, to) => this.#heard(station, block, from, to),
      alive: (station) => this.#alive(station),
      feed: (source, isUp, cause) => {
        if (isUp) this.alerts.alert("info", "TRADER_FEED_UP", `${source} is connected`, { source });
        else {
          const words = `${source} is lost: ${cause?.words ?? ""}`;
          this.alerts.alert("warn", "TRADER_FEED_DOWN", words, { source, cause: cause?.code });
        }
      },
      trouble: (source, { code, words }) =>
        this.alerts.alert("warn", "TRADER_FEED_TROUBLE", `${source}: ${words}`, { source, cause: code }),
    });
  }

  /** The session, once the trader was started. @throws `FAULT_INPUT` before */
  get session(): TradingSession {
    if (this.#opened !== undefined) return this.#opened.session;
    throw new Fault("FAULT_INPUT", {
      path: "trader.session",
      value: this.#state,
      expected: "a trader that was started",
    });
  }

  get state(): TraderState {
    return this.#state;
  }

  /** What ended the trader though nobody stopped it; undefined where nothing did. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Opens the journal and the doors, begins the session or goes on with the one that is there, then opens the feeds.
   *
   * @throws what `openSession` and `resumeSession` throw, `FAULT_IO` where a venue or feed cannot be had; everything that
   * was opened is closed then
   */
  async start(): Promise<void> {
    if (this.#state !== "made") {
      throw new Fault("FAULT_INPUT", {
        path: "trader.start",
        value: this.#state,
        expected: "a trader that was not started",
      });
    }
    this.#become("opening");
    try {
      await this.permit();
      const { folder, session, journal } = this.plan;
      this.#opened = openSession(folder, session, journal, (made) => this.#prepare(made));
      for (const venue of this.#venues) venue.connect(this.#watch);
      this.#begin(this.#opened);
      await Promise.all(this.#venues.map((venue) => venue.open()));
      await this.#feeds.open();
      this.#turn(() => {});
    } catch (error) {
      this.#failure ??= error;
      this.#become("failed");
      await this.#close();
      throw error;
    }
  }

  /** Refuses to start where something lacks: what paper does not ask for. */
  protected async permit(): Promise<void> {}

  /** Everything of the trader's that is no kernel's, and is saved with the session. */
  protected attach(_session: TradingSession): void {}

  /** An instrument was held or let go for a reason that outlives the process. */
  protected heldOrFreed(): void {}

  /** Called when the trader looks after itself, at least each `idleNs`. */
  protected look(_nowNs: number): void {}

  /** What a row's exchange time is taken to be. @units ns from the session's base */
  protected exchangeNs(exchNs: number, _localNs: number): number {
    return exchNs;
  }

  /** Changes the gate: {@link TradingSession.control} at the time it is. */
  control(request: ControlRequest): ControlAnswer {
    return this.session.control(request, this.inputNs());
  }

  /** Lets no new order out in an instrument, or lets them out again; it outlives the process. */
  hold(station: number, isHeld: boolean): void {
    this.#hold(station, "operator", isHeld);
  }

  #hold(station: number, reason: HoldReason, isHeld: boolean): void {
    this.holds.set(station, reason, isHeld);
    this.holds.settle(this.session, this.inputNs());
    this.heldOrFreed();
  }

  /** What a dashboard shows: plain values, JSON-safe. */
  status(): TraderStatus {
    return traderStatus({
      ...{ plan: this.plan, state: this.#state, opened: this.#opened, holds: this.holds, stale: this.#stale },
      ...{
        feeds: this.#feeds.figures(),
        venues: this.#venues,
        fills: this.#fills,
        rowsRefused: this.#rowsRefused,
      },
      nowNs: this.plan.time.nowNs(),
    });
  }

  /**
   * Stops: no new orders, cancels what is open, waits until the venues say it is over, compares everything with them
   * once more, ends the session, closes. A second call is told what the first is.
   */
  stop(options: TraderStopOptions = {}): Promise<TraderStopped> {
    this.#ending ??= this.#stop(options);
    return this.#ending;
  }

  /** The time of the next input. @units ns from the session's base */
  protected inputNs(): number {
    const last = this.#opened?.session.kernel.nowNs[0] ?? 0;
    return Math.max(this.plan.time.nowNs(), last);
  }

  // --- begin and end ---

  #prepare(session: TradingSession): void {
    this.attach(session);
    for (const venue of this.#venues) venue.prepare(session, this.plan.time);
    session.onStrategyFault = (fault) => this.#strategyFaulted(fault);
    session.watch({
      reported: () => this.#lookSoon(),
      filled: (fill) => {
        if (this.#state === "opening") return;
        this.#fills += 1;
        this.#lookSoon();
        if (this.listenerCount("fill") > 0) this.alerts.careful("fill", () => this.emit("fill", fill.copy()));
      },
      refused: (refusal) => {
        if (this.#state !== "opening") this.alerts.careful("refused", () => this.emit("refused", refusal));
      },
    });
    this.plan.prepare(session);
  }

  #begin(opened: OpenedSession): void {
    const { session, recovery } = opened;
    for (const venue of this.#venues) {
      for (const each of venue.stations) this.holds.set(each, "venue", !venue.isReady(each));
    }
    const held = this.holds.held();
    const now = this.inputNs();
    if (recovery.isNew) session.start(now, held);
    else resumeSession(opened, now, { held });
    for (const venue of this.#venues) venue.begun?.(recovery.isNew, this.inputNs());
    this.#stale.begin(now);
    this.#become("running");
    const { snapshotSeq, inputs, unsent } = recovery;
    if (recovery.isNew) this.alerts.alert("info", "TRADER_STARTED", `${session.making.name} begins`);
    else {
      const words = `${session.making.name} goes on: ${inputs} inputs behind record ${snapshotSeq}`;
      this.alerts.alert("info", "TRADER_RECOVERED", words, { snapshotSeq, inputs, unsent: unsent.length });
    }
    this.#arm(0);
  }

  async #stop({ deadlineNs = 10_000_000_000, ends = true }: TraderStopOptions): Promise<TraderStopped> {
    if (this.#opened === undefined || this.#state !== "running") {
      throw new Fault("FAULT_INPUT", {
        path: "trader.stop",
        value: this.#state,
        expected: "a trader that runs",
      });
    }
    const { session } = this.#opened;
    this.#become("stopping");
    const isClean = await this.#windDown(session, this.plan.time.nowNs() + deadlineNs);
    let runHash: string | undefined;
    const openOrders = this.#openOrders();
    this.#turn(() => {
      this.#advance(this.inputNs(), true);
      if (ends) runHash = session.stop(this.inputNs());
      else session.commit();
    });
    const code = isClean ? "TRADER_STOPPED" : "TRADER_STOP_LATE";
    const words = `${session.making.name} ${ends ? "ended" : "waits to go on"}, ${openOrders} orders open`;
    this.alerts.alert(isClean ? "info" : "error", code, words, { openOrders, runHash });
    if (this.#failure === undefined) this.#become("ended");
    await this.#close();
    return { runHash, isClean, openOrders };
  }

  /** Has everything of ours ended at venues that are real; a simulated one ends with its session. */
  async #windDown(session: TradingSession, untilNs: number): Promise<boolean> {
    const real = this.#venues.filter(({ settle }) => settle !== undefined);
    if (real.length === 0) return true;
    this.#turn(() => {
      for (const { index } of session.kernel.stations) this.holds.set(index, "stopping", true);
      this.holds.settle(session, this.inputNs());
      for (const venue of real) venue.cancelOpen(this.inputNs());
    });
    let askedNs = this.plan.time.nowNs();
    const isOver = (): boolean => {
      const now = this.plan.time.nowNs();
      const loud = real.filter((venue) => !venue.isQuiet());
      // A cancel may be lost as anything may: it does no harm twice.
      if (loud.length > 0 && now - askedNs >= AGAIN_NS) {
        askedNs = now;
        for (const venue of loud) venue.cancelOpen(this.inputNs());
      }
      return loud.length === 0;
    };
    if (!(await this.#until(isOver, untilNs))) return false;
    const settled: boolean[] = [];
    void Promise.all(real.map((venue) => venue.settle?.() ?? true)).then(
      (all) => settled.push(all.every(Boolean)),
      () => settled.push(false),
    );
    await this.#until(() => settled.length > 0, untilNs);
    return settled[0] === true;
  }

  #waiting: (() => void) | undefined = undefined;

  /** Resolves when something holds, or the time has come: whether it holds. */
  #until(holds: () => boolean, untilNs: number): Promise<boolean> {
    return new Promise((done) => {
      this.#waiting = () => {
        const isOver = this.#state === "failed" || this.plan.time.nowNs() >= untilNs;
        if (!isOver && !holds()) return;
        this.#waiting = undefined;
        done(holds());
      };
      this.#waiting();
      this.#arm(Math.min(untilNs, this.plan.time.nowNs() + this.plan.idleNs));
    });
  }

  async #close(): Promise<void> {
    this.#takeBack();
    await Promise.allSettled([this.#feeds.close(), ...this.#venues.map((venue) => venue.close())]);
    try {
      this.#opened?.journal.close();
    } catch (error) {
      this.alerts.alert("error", "TRADER_FAILED", `the journal: ${textOf(error)}`);
    }
  }

  #openOrders(): number {
    const { instruments } = this.plan.session;
    return instruments.reduce((sum, _, i) => sum + openOrdersOf(this.#opened?.session, i), 0);
  }

  #become(state: TraderState): void {
    this.#state = state;
    this.alerts.careful("state", () => this.emit("state", state));
  }

  // --- what comes ---

  readonly #watch: VenueWatch = {
    nowNs: (): number => this.inputNs(),
    changed: (): void => {
      if (this.#takes) this.#arm(0);
    },
    trouble: (venue: string, { code, words }: VenueTrouble): void =>
      this.alerts.alert("warn", "TRADER_VENUE_TROUBLE", `${venue}: ${words}`, { venue, cause: code }),
    halt: (station: number, isHalted: boolean): void => this.#hold(station, "reconciliation", isHalted),
    alert: (venue: string, words: string): void =>
      this.alerts.alert("error", "TRADER_RECONCILIATION", `${venue}: ${words}`, { venue }),
    failed: (cause: unknown): void => this.fail(cause),
  };

  /** Whether inputs are taken. */
  get #takes(): boolean {
    return this.#state === "running" || this.#state === "stopping";
  }

  #alive(station: number): void {
    if (this.#takes && this.#stale.heard(station, this.plan.time.nowNs())) this.#fresh(station);
  }

  #heard(station: number, block: DepthBlock, from: number, to: number): void {
    if (!this.#takes) return;
    this.#turn(() => {
      const { session } = this;
      const venue = this.#venueOf[station];
      let ns = this.#rowNs(session, block.local[from] as number);
      for (this.#advance(ns, false); this.#dueNs(session) === ns; this.#advance(ns, false)) ns += 1;
      const row = this.#row;
      if (venue?.lived !== undefined) {
        for (let i = from; i < to; i++) {
          this.#copy(block, i, ns);
          venue.lived(station, row, 0, 1, ns);
        }
        this.#advance(ns, false);
      }
      for (let i = from; i < to; i++) {
        this.#copy(block, i, ns);
        venue?.hearing?.(station, row.exch[0] as number, ns);
        this.#tellRow(session, station, ns);
      }
      if (this.#stale.heard(station, this.plan.time.nowNs())) this.#fresh(station);
    });
  }

  /** Our time of a row: when it came, but above every input before it. */
  #rowNs(session: TradingSession, localNs: number): number {
    const now = this.plan.time.nowNs();
    const came = localNs <= now ? Math.floor(localNs) : now;
    return Math.max(came, (session.kernel.nowNs[0] as number) + 1);
  }

  #copy(block: DepthBlock, i: number, ns: number): void {
    const row = this.#row;
    row.kind[0] = block.kind[i] as number;
    row.tick[0] = block.tick[i] as number;
    row.lots[0] = block.lots[i] as number;
    row.exch[0] = this.exchangeNs(block.exch[i] as number, ns);
    row.local[0] = ns;
  }

  #tellRow(session: TradingSession, station: number, ns: number): void {
    try {
      session.row(station, this.#row, 0, ns);
    } catch (error) {
      if (!(error instanceof Fault) || !session.isRunning) throw error;
      this.#rowsRefused += 1;
      const isFull = error.code === "FAULT_DISK_FULL";
      const code = isFull ? "TRADER_DISK_FULL" : "TRADER_ROW_REFUSED";
      if (this.#rowsRefused === 1 || isFull) this.alerts.alert("error", code, error.message, { station });
    }
  }

  // --- time ---

  /** What is due first, of timers and venues. */
  #dueNs(session: TradingSession): number {
    let due = session.kernel.timers.nextNs[0] as number;
    for (const venue of this.#venues) due = Math.min(due, venue.nextNs());
    return due;
  }

  /** Everything that is due before `toNs`, or at it where `isOver`, each at its time: of one moment venues first. */
  #advance(toNs: number, isOver: boolean): void {
    const { session } = this;
    const timers = session.kernel.timers.nextNs;
    for (;;) {
      let next = NEVER;
      let first: TraderVenue | undefined;
      for (const venue of this.#venues) {
        const ns = venue.nextNs();
        if (ns >= next) continue;
        next = ns;
        first = venue;
      }
      const timer = timers[0] as number;
      const due = Math.min(next, timer);
      if (due > toNs || (due === toNs && !isOver) || due === NEVER) return;
      if (first !== undefined && next <= timer) first.step();
      else session.idle(Math.max(timer, session.kernel.nowNs[0] as number));
    }
  }

  readonly #wake = (): void => {
    this.#armedNs = NEVER;
    if (!this.#takes) return;
    this.#turn(() => {
      const now = this.plan.time.nowNs();
      if (this.#feeds.nextNs() <= now) this.#feeds.idle();
      this.#advance(now, true);
      // Timers have fired: this makes durable what came, and lets the trail write.
      this.session.idle(this.session.kernel.nowNs[0] as number);
      this.#actOnStale(now);
      this.#lookAtLatch();
      this.look(now);
    });
    this.#waiting?.();
    if (this.#takes) this.#arm(this.plan.time.nowNs() + this.plan.idleNs);
  };

  /** A venue said something: what a strategy has set since is due at its time. */
  #lookSoon(): void {
    if (this.#takes && !this.#isBusy) this.#arm(0);
  }

  /** Looks again at that time at the latest. */
  #arm(atNs: number): void {
    const session = this.#opened?.session;
    const due = session === undefined ? NEVER : this.#dueNs(session);
    const next = Math.min(atNs, due, this.#stale.nextNs(), this.#feeds.nextNs());
    if (next >= this.#armedNs) return;
    this.#armedNs = next;
    this.#takeBack();
    this.#takeBack = this.plan.time.after(Math.max(0, next - this.plan.time.nowNs()), this.#wake);
  }

  /** One thing that the trader does: what it made due is looked at again, and what it throws ends the trading. */
  #turn(work: () => void): void {
    if (this.#isBusy || this.#failure !== undefined) return work();
    this.#isBusy = true;
    try {
      work();
      this.#review();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isBusy = false;
    }
    if (this.#takes) this.#arm(this.plan.time.nowNs() + this.plan.idleNs);
  }

  /** Holds what is to be held, and lets go what nothing speaks against any more. */
  #review(): void {
    if (!this.#takes) return;
    for (const venue of this.#venues) {
      for (const station of venue.stations) this.holds.set(station, "venue", !venue.isReady(station));
    }
    const { session } = this;
    for (const { index, isHeld, instrument } of session.kernel.stations) {
      const reasons = this.holds.of(index);
      if (isHeld === reasons.length > 0) continue;
      const [code, words] = isHeld
        ? (["TRADER_FREED", "trades"] as const)
        : (["TRADER_HELD", "is held"] as const);
      this.alerts.alert("info", code, `${instrument.key} ${words}`, { reasons: reasons.join(" ") });
    }
    this.holds.settle(session, this.inputNs());
  }

  /** Trading cannot go on: what is open is canceled beside the session, and everything closed. */
  protected fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#become("failed");
    this.alerts.alert("fatal", "TRADER_FAILED", textOf(error));
    for (const venue of this.#venues) {
      this.alerts.careful("failure", () => {
        if (venue.settle !== undefined) venue.cancelOpen(this.inputNs());
      });
    }
    this.#waiting?.();
    this.#ending ??= this.#close().then(() => {
      return {
        runHash: undefined,
        isClean: false,
        openOrders: this.#opened?.session.kernel.orders.size ?? 0,
      };
    });
  }

  // --- policies ---

  #actOnStale(now: number): void {
    for (const { station, policy, ageNs } of this.#stale.due(now)) {
      const { key } = this.plan.session.instruments[station] as { readonly key: string };
      const words = `${key} was last heard of ${Math.round(ageNs / 1e6)} ms ago: ${policy.does}`;
      this.alerts.alert("warn", "TRADER_MARKET_STALE", words, { instrument: key, ageNs, does: policy.does });
      if (policy.does === "tell") continue;
      if (policy.does === "hold") {
        this.holds.set(station, "stale", true);
        this.holds.settle(this.session, this.inputNs());
      }
      const { strategies } = this.plan.session;
      const strategy = strategies.findIndex(({ name }) => name !== undefined && name === policy.strategy);
      this.#venueOf[station]?.cancelOpen(this.inputNs(), [station], strategy < 0 ? undefined : strategy);
    }
  }

  #fresh(station: number): void {
    this.holds.set(station, "stale", false);
    this.#arm(0);
  }

  #lookAtLatch(): void {
    const latch = this.plan.session.risk?.kill?.latch;
    if (latch === undefined) return;
    const isKilled =
      latch.read() !== 0 &&
      Array.from({ length: latch.scopes }, (_, i) => latch.levelOf(i)).some((level) => level > 1);
    if (isKilled === this.#killed) return;
    this.#killed = isKilled;
    if (!isKilled) return;
    this.alerts.alert("fatal", "TRADER_KILLED", "the kill latch is closed: everything open is canceled");
    for (const venue of this.#venues) venue.cancelOpen(this.inputNs());
  }

  #strategyFaulted({ strategy, callback, message }: StrategyFault): void {
    if (this.#state === "opening") return;
    const words = `${strategy} threw in ${callback} and was stopped: ${message}`;
    this.alerts.alert("error", "TRADER_STRATEGY_FAULTED", words, { strategy, callback });
  }
}

function textOf(error: unknown): string {
  if (isRefusal(error as never)) return (error as { readonly message: string }).message;
  return error instanceof Error ? error.message : String(error);
}
