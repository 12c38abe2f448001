import { EventEmitter } from "eventemitter3";
import { Fault } from "../base/index.ts";
import type { DepthBlock } from "../model/index.ts";
import type { ControlAnswer, ControlRequest } from "../risk/index.ts";
import type { FeedStageWord } from "./feed-stage.ts";
import { type OpenedSession, openSession, resumeSession } from "./session-recovery.ts";
import { TraderAgenda } from "./trader-agenda.ts";
import { TraderAlerts, type TraderEvents, type TraderState } from "./trader-alerts.ts";
import {
  abandon,
  planStop,
  TraderEnding,
  type TraderStopOptions,
  type TraderStopped,
} from "./trader-ending.ts";
import { TraderFeeds } from "./trader-feeds.ts";
import { type HoldReason, TraderHolds } from "./trader-holds.ts";
import { TraderIdler } from "./trader-idle.ts";
import type { TraderPlan } from "./trader-options.ts";
import { TraderPolicies } from "./trader-policies.ts";
import { TraderRows } from "./trader-rows.ts";
import { StaleWatch, saysMarket } from "./trader-stale.ts";
import { openOrdersIn, type TraderStatus, traderStatus } from "./trader-status.ts";
import type { TraderVenue, VenueWatch } from "./trader-venue.ts";
import type { TradingSession } from "./trading-session.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * A session that trades by itself: market data in through feeds, orders out through the doors of its venues, timers,
 * all on one thread and by one clock. What comes is brought to the session at the time it came; whatever was due before
 * it happens before it.
 *
 * Paper and live traders differ in their venues, and in what they ask for before they start.
 *
 * @invariant A message's rows have a time of their own, above every input before them, by the trader's clock.
 * @invariant An instrument that is held for a reason is held in the session, durably: no order leaves there.
 */
export class Trader extends EventEmitter<TraderEvents> {
  readonly plan: TraderPlan;
  readonly #venues: readonly TraderVenue[];
  readonly #venueOf: readonly (TraderVenue | undefined)[];
  readonly #feeds: TraderFeeds;
  readonly #stale: StaleWatch;
  /** @internal */
  protected readonly holds: TraderHolds;
  /** @internal */
  protected readonly alerts: TraderAlerts;
  readonly #agenda: TraderAgenda;
  readonly #rows: TraderRows;
  readonly #policies: TraderPolicies;
  readonly #ending: TraderEnding;
  readonly #idler: TraderIdler;
  #opened: OpenedSession | undefined = undefined;
  #state: TraderState = "made";
  #armedNs = NEVER;
  #takeBack: () => void = () => {};
  #isBusy = false;
  #fills = 0;
  #failure: unknown = undefined;
  #stopped: Promise<TraderStopped> | undefined = undefined;
  #abandoned: Promise<void> | undefined = undefined;

  protected constructor(plan: TraderPlan, venues: readonly TraderVenue[]) {
    super();
    this.plan = plan;
    this.#venues = venues;
    const { instruments } = plan.session;
    this.#venueOf = instruments.map((_, i) => venues.find(({ stations }) => stations.includes(i)));
    this.holds = new TraderHolds(instruments.length);
    this.alerts = new TraderAlerts(plan.logger, (alert) => this.emit("alert", alert));
    this.#stale = new StaleWatch(plan.stale, instruments.length);
    this.#agenda = new TraderAgenda(venues);
    this.#rows = new TraderRows(this.#agenda, this.alerts, (exch, local) => this.exchangeNs(exch, local));
    const shared = { venues, holds: this.holds, inputNs: (): number => this.inputNs() };
    this.#policies = new TraderPolicies({ ...shared, plan, stale: this.#stale, alerts: this.alerts });
    this.#ending = new TraderEnding({
      ...{ ...shared, time: plan.time, idleNs: plan.idleNs, turn: (work) => this.#turn(work) },
      ...{ arm: (ns) => this.#arm(ns), hasFailed: () => this.#failure !== undefined },
    });
    this.#idler = new TraderIdler(plan, venues, this.alerts);
    this.#feeds = new TraderFeeds(plan, this.alerts, {
      rows: (station, block, from, to) => this.#heard(station, block, from, to),
      alive: (station) => this.#alive(station),
      word: (word) => this.#told(word),
      due: () => this.#lookAtFeeds(),
    });
  }

  /** The session, once the trader was started. @throws `FAULT_INPUT` before */
  get session(): TradingSession {
    if (this.#opened !== undefined) return this.#opened.session;
    throw this.#wrong("session", "a trader that was started");
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
   * @throws what `openSession` and `resumeSession` throw, `FAULT_IO` where a venue or feed cannot be had; everything
   * that was opened is closed then
   */
  async start(): Promise<void> {
    if (this.#state !== "made") throw this.#wrong("start", "a trader that was not started");
    this.#become("opening");
    try {
      await this.permit();
      const { folder, session, journal } = this.plan;
      this.#opened = openSession(folder, session, journal, (made) => this.#prepare(made));
      for (const venue of this.#venues) venue.connect(this.#watch);
      this.#begin(this.#opened);
      await Promise.all(this.#venues.map((venue) => venue.open()));
      await this.#idler.begin(this.session);
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
        sources: this.#feeds.stageFigures(),
        venues: this.#venues,
        fills: this.#fills,
        rowsRefused: this.#rows.refused,
      },
      nowNs: this.plan.time.nowNs(),
    });
  }

  /**
   * Stops: no new orders, cancels what is open, waits until the venues say it is over, compares everything with them
   * once more, ends the session, closes. A second call is told what the first is. @throws `FAULT_CONFIG` naming the option
   */
  async stop(options: TraderStopOptions = {}): Promise<TraderStopped> {
    this.#stopped ??= this.#stop(planStop(options));
    return this.#stopped;
  }

  /** The time of the next input. @units ns from the session's base */
  protected inputNs(): number {
    const last = this.#opened?.session.kernel.nowNs[0] ?? 0;
    return Math.max(this.plan.time.nowNs(), last);
  }

  #prepare(session: TradingSession): void {
    this.attach(session);
    for (const venue of this.#venues) venue.prepare(session, this.plan.time);
    session.onStrategyFault = (fault) => {
      if (this.#state !== "opening") this.alerts.strategyFaulted(fault);
    };
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
    this.#policies.begin(session);
    const held = this.holds.held();
    const now = this.inputNs();
    if (recovery.isNew) session.start(now, held);
    else resumeSession(opened, now, { held });
    for (const venue of this.#venues) venue.begun?.(recovery.isNew, this.inputNs());
    this.#stale.begin(now);
    this.#become("running");
    this.#feeds.vouch(session);
    this.alerts.began(session.making.name, recovery);
    this.#arm(0);
  }

  async #stop({ deadlineNs, ends, cancels }: Required<TraderStopOptions>): Promise<TraderStopped> {
    if (this.#opened === undefined || this.#state !== "running")
      throw this.#wrong("stop", "a trader that runs");
    const { session } = this.#opened;
    this.#become("stopping");
    const isClean = await this.#ending.run(session, this.plan.time.nowNs() + deadlineNs, cancels);
    let runHash: string | undefined;
    if (this.#failure === undefined) {
      this.#turn(() => {
        this.#agenda.advance(session, this.inputNs(), true);
        if (ends) runHash = session.stop(this.inputNs());
        else session.commit();
      });
    }
    const openOrders = openOrdersIn(this.#opened?.session);
    if (this.#failure === undefined) {
      this.alerts.stopped(session.making.name, isClean, { openOrders, runHash });
      this.#become("ended");
    }
    await this.#close();
    return { runHash, isClean: isClean && this.#failure === undefined, openOrders };
  }

  #wrong(call: string, expected: string): Fault {
    return new Fault("FAULT_INPUT", { path: `trader.${call}`, value: this.#state, expected });
  }

  async #close(): Promise<void> {
    this.#idler.end();
    this.#takeBack();
    await this.#abandoned;
    await Promise.allSettled([this.#feeds.close(), ...this.#venues.map((venue) => venue.close())]);
    try {
      this.#opened?.journal.close();
    } catch (error) {
      this.alerts.failed("error", error);
    }
  }

  #become(state: TraderState): void {
    this.#state = state;
    this.alerts.careful("state", () => this.emit("state", state));
  }

  readonly #watch: VenueWatch = {
    nowNs: (): number => this.inputNs(),
    changed: (): void => {
      if (this.#takes) this.#arm(0);
    },
    trouble: (venue, trouble) => this.alerts.venueTrouble(venue, trouble),
    halt: (station, isHalted) => this.#hold(station, "reconciliation", isHalted),
    alert: (venue, words) => this.alerts.reconciliation(venue, words),
    failed: (cause) => this.fail(cause),
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
      const now = this.plan.time.nowNs();
      this.#rows.take(this.session, this.#venueOf[station], station, block, from, to, now);
      if (saysMarket(block, from, to) && this.#stale.heard(station, now)) this.#fresh(station);
      this.#policies.judged(this.session, station);
    });
  }

  /** What a stage says of its sources: for the records of the session, and for whoever listens. */
  #told(word: FeedStageWord): void {
    if (!this.#takes) return;
    this.alerts.stageSaid(word);
    this.#turn(() => this.#rows.remark(this.session, word.saying));
  }

  /** The stage may be due sooner than was thought. */
  #lookAtFeeds(): void {
    if (this.#takes && !this.#isBusy && this.#feeds.nextNs() < this.#armedNs) this.#arm(this.#feeds.nextNs());
  }

  readonly #wake = (): void => {
    this.#armedNs = NEVER;
    if (!this.#takes) return;
    this.#turn(() => {
      const now = this.plan.time.nowNs();
      if (this.#feeds.nextNs() <= now) this.#feeds.idle();
      this.#agenda.advance(this.session, now, true);
      // Timers have fired: this makes durable what came, and lets the trail write.
      this.session.idle(this.session.kernel.nowNs[0] as number);
      this.#policies.look(this.session, now);
      this.look(now);
    });
    this.#ending.look();
    if (this.#takes) this.#arm(this.plan.time.nowNs() + this.plan.idleNs);
  };

  /** A venue said something: what a strategy has set since is due at its time. */
  #lookSoon(): void {
    if (this.#takes && !this.#isBusy) this.#arm(0);
  }

  /** Looks again at that time at the latest. */
  #arm(atNs: number): void {
    const session = this.#opened?.session;
    const next = Math.min(
      atNs,
      session === undefined ? NEVER : this.#agenda.nextNs(session),
      this.#stale.nextNs(),
      this.#feeds.nextNs(),
    );
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
    const { session } = this;
    if (!this.#takes || !session.isRunning) return;
    for (const venue of this.#venues) {
      for (const station of venue.stations) this.holds.set(station, "venue", !venue.isReady(station));
    }
    this.alerts.holding(session, this.holds);
    this.holds.settle(session, this.inputNs());
  }

  /** Trading cannot go on: what is open is canceled beside the session, and everything closed. */
  protected fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#become("failed");
    this.alerts.failed("fatal", error);
    this.#ending.look();
    this.#abandoned = abandon(this.#venues, this.plan.time);
    this.#stopped ??= this.#close().then(() => {
      return { runHash: undefined, isClean: false, openOrders: openOrdersIn(this.#opened?.session) };
    });
  }

  #fresh(station: number): void {
    this.holds.set(station, "stale", false);
    this.#arm(0);
  }
}
