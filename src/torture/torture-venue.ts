import {
  checkArray,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
  type Prng,
} from "../base/index.ts";
import { REASON, TIME_IN_FORCE } from "../model/index.ts";
import type { VenueSnapshot } from "../recon/index.ts";
import type { FeedSink } from "./feed-outlet.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { type TortureInstrument, TortureMarket, type TortureMarketOptions } from "./torture-market.ts";
import { TRUTH_STATE } from "./truth-orders.ts";
import { VenueClock } from "./venue-clock.ts";
import { DESK_EVENT, VenueDesk } from "./venue-desk.ts";
import { dropBook, endDay, rollBack } from "./venue-failover.ts";
import {
  INSTANT_FAULTS,
  VENUE_FAULT,
  VENUE_REASON,
  type VenueFaultSetting,
  VenueFaults,
} from "./venue-faults.ts";
import { FILL_EVENT, VenueFills } from "./venue-fills.ts";
import { VenueInbox } from "./venue-inbox.ts";
import { REPORT_EVENT, type ReportSink, VenueReports } from "./venue-reports.ts";
import { type SnapshotQuestion, snapshotOf } from "./venue-snapshot.ts";
import { VenueTruth } from "./venue-truth.ts";
import { UNASKED_EVENT, VenueUnasked } from "./venue-unasked.ts";

/** The options of a {@link TortureVenue}. @units times in ns */
export interface TortureVenueOptions {
  readonly scheduler: Scheduler;
  /** Its own from then on. */
  readonly rng: Prng;
  /** As reconciliation calls them. */
  readonly venue: string;
  readonly account: string;
  readonly instruments: readonly TortureInstrument[];
  readonly market?: TortureMarketOptions;
  /** Takes each report; it is called from the scheduler's events only. */
  readonly onReport: ReportSink;
  /** Takes each feed packet. */
  readonly onFeedA: FeedSink;
  /** Takes it from the second channel, where there is one. */
  readonly onFeedB?: FeedSink;
  /** The fault `disconnect`: the venue drops the connection. */
  readonly onDisconnect?: () => void;
  /** From a message's arrival to the decision on it, at least and at most. 20,000 and 50,000 unless told. */
  readonly decisionNsMin?: number;
  readonly decisionNsMax?: number;
  /** Requests a second that are taken; any number unless told. */
  readonly requestsPerSecond?: number;
  /** New orders and replaces that were sent longer ago are rejected as `stale`; 0, for never, unless given. @units ns */
  readonly recvWindowNs?: number;
  /** Whether a lost connection cancels the open orders. True unless told. */
  readonly cancelsOnDisconnect?: boolean;
  /** How long the venue waits with that. A second unless told. */
  readonly cancelDelayNs?: number;
  /** When DAY orders expire; never unless told. */
  readonly dayEndsNs?: readonly number[];
}

const EVENT = { market: 5, decide: 6, dayEnd: 7, connectionLost: 8 } as const;
const NONE = -1;
const OPTIONS = [
  "scheduler",
  "rng",
  "venue",
  "account",
  "instruments",
  "market",
  "onReport",
  "onFeedA",
  "onFeedB",
  "onDisconnect",
  "decisionNsMin",
  "decisionNsMax",
  "requestsPerSecond",
  "recvWindowNs",
  "cancelsOnDisconnect",
  "cancelDelayNs",
  "dayEndsNs",
];

/**
 * One simulated exchange: a market of its own, our orders, what became of them, and everything that can go wrong
 * with telling us. What it holds is the truth that an engine is judged by.
 *
 * Client order ids are `tw-` and the id; a mass cancel names an instrument or -1 for all, and a side or 0 for both.
 *
 * @units prices in ticks, quantities in lots, times in ns from the session's base
 * @invariant Equal seeds and equal calls give equal reports and packets, bit by bit. Positions and cash are the sums
 * of live executions. No order fills beyond its lots, but by the fault `overfill`.
 * @throws `FAULT_CONFIG` naming the option.
 * @cost Measured figures stand in the room's README.
 * @example
 * ```ts
 * import { Prng } from "tickwright/base";
 * import { Instrument, REPORT } from "tickwright/model";
 * import { Scheduler, TortureVenue, WIRE, WIRE_KIND, WIRE_REPORT, WIRE_STRIDE } from "tickwright/torture";
 *
 * const rng = new Prng(7);
 * const scheduler = new Scheduler({ rng: rng.fork("scheduler") });
 * const instrument = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
 * const heard: number[] = [];
 * const venue = new TortureVenue({
 *   scheduler, rng: rng.fork("venue"), venue: "x", account: "main",
 *   instruments: [{ index: 0, instrument, startTicks: 1000 }],
 *   onReport: (cells, offset) => heard.push((cells[offset + WIRE.kind] ?? 0) - WIRE_REPORT),
 *   onFeedA: () => {},
 * });
 * venue.setFault({ kind: "fillLost" });
 * const order = new Float64Array(WIRE_STRIDE);
 * order[WIRE.kind] = WIRE_KIND.newOrder;
 * order[WIRE.id] = 1;
 * order[WIRE.sideSign] = 1;
 * order[WIRE.priceTicks] = 1001;
 * order[WIRE.lots] = 1;
 * venue.receive(order, 0);
 * scheduler.run(1e6);
 * heard[0] === REPORT.accepted; // => true
 * heard.length; // => 1
 * venue.positionLots(0); // => 1
 * venue.snapshot().fills?.length; // => 1
 * ```
 */
export class TortureVenue implements Actor {
  readonly truth: VenueTruth;
  readonly clock: VenueClock;
  readonly market: TortureMarket;
  /** Which faults are on; {@link TortureVenue.setFault} switches them. */
  readonly faults: VenueFaults;
  /** Whether the engine's session is up, as {@link TortureVenue.sessionUp} and `sessionDown` said. */
  isConnected = false;
  /** Whether a lost connection cancels the open orders. */
  cancelsOnDisconnect: boolean;
  readonly #scheduler: Scheduler;
  readonly #scope: { readonly venue: string; readonly account: string };
  readonly #actor: number;
  readonly #localOf: Int32Array;
  readonly #reports: VenueReports;
  readonly #fills: VenueFills;
  readonly #desk: VenueDesk;
  readonly #unasked: VenueUnasked;
  readonly #inbox: VenueInbox;
  readonly #onDisconnect: (() => void) | undefined;
  readonly #cancelDelayNs: number;
  #sessions = 0;
  #runs = false;
  #starts = 0;

  constructor(options: TortureVenueOptions) {
    checkKeys("venue", options, OPTIONS);
    const { scheduler, rng, instruments, market = {}, onFeedA, onFeedB, dayEndsNs = [] } = options;
    const {
      decisionNsMin = 20_000,
      decisionNsMax = 50_000,
      requestsPerSecond = 0,
      recvWindowNs = 0,
    } = options;
    const { nowNs } = scheduler;
    this.#scheduler = scheduler;
    this.#scope = {
      venue: checkText("venue.venue", options.venue),
      account: checkText("venue.account", options.account),
    };
    this.#localOf = localIndex(instruments);
    this.cancelsOnDisconnect = checkBoolean("venue.cancelsOnDisconnect", options.cancelsOnDisconnect ?? true);
    this.#cancelDelayNs = checkInteger("venue.cancelDelayNs", options.cancelDelayNs ?? 1e9, 0);
    this.#onDisconnect = options.onDisconnect;
    checkInteger("venue.requestsPerSecond", requestsPerSecond, 0);
    checkInteger("venue.recvWindowNs", recvWindowNs, 0);
    checkFunction("venue.onFeedA", onFeedA);
    const onReport = checkFunction("venue.onReport", options.onReport);
    const faults = new VenueFaults(rng.fork("faults"));
    const clock = new VenueClock(nowNs);
    const truth = new VenueTruth(instruments, nowNs, clock);
    const reports = new VenueReports(truth, faults, scheduler, clock, onReport);
    const parts = { rng: rng.fork("market"), clock, nowNs, faults, onFeedA, onFeedB };
    this.market = new TortureMarket(instruments, market, parts);
    const fills = new VenueFills(truth, this.market, reports, faults, scheduler);
    const localOf = this.#localOf;
    const unaskedParts = { truth, fills, reports, market: this.market, faults, scheduler };
    const unasked = new VenueUnasked(unaskedParts);
    const deskParts = { ...unaskedParts, unasked, clock, localOf };
    this.#desk = new VenueDesk({ ...deskParts, requestsPerSecond, recvWindowNs });
    this.#unasked = unasked;
    this.#inbox = new VenueInbox(rng.fork("decision"), decisionNsMin, decisionNsMax);
    this.faults = faults;
    this.clock = clock;
    this.truth = truth;
    this.#reports = reports;
    this.#fills = fills;
    this.#actor = scheduler.actor(this);
    for (const part of [reports, fills, this.#desk, unasked]) part.bind(this.#actor);
    for (const ns of dayEndsNs) scheduler.at(ns, this.#actor, EVENT.dayEnd);
  }

  /** How often each fault was injected, by code of `VENUE_FAULT`. */
  get injected(): Int32Array {
    return this.faults.injected;
  }

  /** The highest fencing epoch that a message carried. */
  get highestEpoch(): number {
    return this.truth.highestEpoch;
  }

  /** Opens the market: a snapshot of every book, then packets until {@link TortureVenue.stop}. */
  start(): void {
    if (this.#runs) return;
    this.#runs = true;
    this.#starts += 1;
    for (let local = 0; local < this.truth.instruments.length; local++) this.market.snapshotFeed(local);
    this.#putMarket();
  }

  /** Lets the market stand still, orders and reports go on. */
  stop(): void {
    this.#runs = false;
  }

  /** The session with the engine is up. */
  sessionUp(): void {
    this.isConnected = true;
    this.#sessions += 1;
  }

  /** The session is down: the open orders are canceled after the delay, where the venue does that. */
  sessionDown(): void {
    if (!this.isConnected) return;
    this.isConnected = false;
    if (this.cancelsOnDisconnect) this.#at(this.#cancelDelayNs, EVENT.connectionLost, this.#sessions);
  }

  /** Takes a message of the engine in; the decision on it comes later, in the order of arrival. */
  receive(cells: Float64Array, offset: number): void {
    const now = this.#scheduler.nowNs[0] as number;
    this.#scheduler.at(this.#inbox.put(cells, offset, now), this.#actor, EVENT.decide);
  }

  /** Sends the whole book of an instrument (the engine's index) over the feed. */
  snapshotFeed(instrument: number): void {
    this.market.snapshotFeed(this.#local(instrument));
  }

  /**
   * Switches a fault on or off, or lets it happen: those of `INSTANT_FAULTS` happen now, whatever the probability.
   *
   * @throws `FAULT_CONFIG` naming what is wrong with the setting.
   */
  setFault(setting: VenueFaultSetting): void {
    const code = this.faults.set(setting);
    this.#unasked.turn();
    if (!INSTANT_FAULTS.includes(setting.kind)) return;
    this.faults.probability[code] = 0;
    this.faults.hit(code);
    this.#inject(setting, code);
  }

  /** Switches all faults off, resumes what is halted and puts the clock right: what has been put goes on. */
  heal(): void {
    this.faults.clear();
    this.#unasked.turn();
    this.clock.heal();
    this.market.halted.fill(0);
  }

  fire(kind: number, a: number, b: number): void {
    if (kind === EVENT.market) {
      if (!this.#runs || a !== this.#starts) return;
      this.market.step();
      this.#putMarket();
    } else if (kind === EVENT.decide) {
      const at = this.#inbox.take();
      this.#desk.decide(this.#inbox.cells, at);
    } else if (kind >= REPORT_EVENT.delayed) this.#reports.fire(kind, a);
    else if (kind >= UNASKED_EVENT.happen) this.#unasked.fire(kind, a, b);
    else this.#fireOrder(kind, a);
  }

  /** The signed position in an instrument (the engine's index). @units lots */
  positionLots(instrument: number): number {
    return this.truth.position[this.#local(instrument)] as number;
  }

  /** What live executions of an instrument moved, fees included. @units minor units of its quote currency */
  cashMinor(instrument: number): bigint {
    return this.truth.cashMinor(this.#local(instrument));
  }

  /** The most that open orders of an instrument can still fill on a side (1 buys, -1 sells). @units lots */
  worstLeaves(instrument: number, sideSign: number): number {
    return this.truth.worstLeaves(this.#local(instrument), sideSign > 0 ? 0 : 1);
  }

  /** How often a new order with this id came: above 1 is a duplicate send. */
  receivedCount(id: number): number {
    const row = this.truth.orders.rowOf(id);
    return row === NONE ? 0 : (this.truth.orders.received[row] as number);
  }

  /** What the venue says when it is asked, for reconciliation. */
  snapshot(question?: SnapshotQuestion): VenueSnapshot {
    this.clock.read();
    const now = this.#scheduler.nowNs[0] as number;
    return snapshotOf(this.truth, this.#scope, now, this.clock.told, question);
  }

  #inject(setting: VenueFaultSetting, code: number): void {
    const { kind, forgets = false } = setting;
    const { truth } = this;
    const fills = this.#fills;
    if (kind === "disconnect") this.#onDisconnect?.();
    else if (kind === "clockSkew") this.clock.skew(this.faults.delayNs[code] as number);
    else if (kind === "clockDrift") this.clock.drift(setting.ppm ?? 100);
    else if (kind === "leapSecond") this.clock.leap();
    else if (kind === "failoverSilent") dropBook(truth, fills, false, forgets, VENUE_REASON.failover);
    else if (kind === "failoverCancels") dropBook(truth, fills, true, forgets, VENUE_REASON.failover);
    else if (kind === "failoverRollback") {
      rollBack(truth, fills, this.#reports, this.faults, this.faults.count[code] as number, forgets);
    } else this.#halt(kind === "halt" ? 1 : 0, setting.instrument);
  }

  #halt(value: number, instrument: number | undefined): void {
    const only = instrument === undefined ? NONE : this.#local(instrument);
    for (let local = 0; local < this.market.halted.length; local++) {
      if (only !== NONE && local !== only) continue;
      this.market.halted[local] = value;
      if (value === 1) this.#unasked.halted(local);
    }
  }

  #fireOrder(kind: number, a: number): void {
    const { truth } = this;
    const { orders } = truth;
    const fills = this.#fills;
    if (kind === FILL_EVENT.bust) fills.bust(a);
    else if (kind === FILL_EVENT.correct) fills.correct(a);
    else if (kind === DESK_EVENT.unsolicitedCancel) {
      if (!orders.isOpen(a)) return;
      this.faults.hit(VENUE_FAULT.unsolicitedCancel);
      fills.end(a, TRUTH_STATE.canceled, 0, REASON.none);
    } else if (kind === DESK_EVENT.expiry) {
      if (orders.isOpen(a)) fills.end(a, TRUTH_STATE.expired, 0, REASON.gtdReached);
    } else if (kind === EVENT.dayEnd) {
      endDay(truth, fills, (row) => orders.timeInForce[row] === TIME_IN_FORCE.DAY);
    } else if (kind === EVENT.connectionLost && !this.isConnected && a === this.#sessions) {
      dropBook(truth, fills, true, false, VENUE_REASON.connectionLost);
    }
  }

  #putMarket(): void {
    this.#at(this.market.drawGapNs(), EVENT.market, this.#starts);
  }

  #at(delayNs: number, kind: number, a: number): void {
    this.#scheduler.at((this.#scheduler.nowNs[0] as number) + delayNs, this.#actor, kind, a);
  }

  #local(instrument: number): number {
    const local = this.#localOf[instrument] ?? NONE;
    if (local !== NONE) return local;
    throw new Fault("FAULT_INPUT", { path: "instrument", value: instrument, expected: "one of this venue" });
  }
}

/** The venue's index of each instrument by the engine's, -1 for those of other venues. */
function localIndex(instruments: readonly TortureInstrument[]): Int32Array {
  checkArray("venue.instruments", instruments);
  let highest = 0;
  for (const [i, each] of instruments.entries()) {
    const path = `venue.instruments[${i}]`;
    checkKeys(path, each, ["index", "instrument", "startTicks", "name"]);
    highest = Math.max(highest, checkInteger(`${path}.index`, each.index, 0, 65_535));
  }
  const localOf = new Int32Array(highest + 1).fill(NONE);
  for (const [i, { index }] of instruments.entries()) {
    if (localOf[index] !== NONE) {
      const path = `venue.instruments[${i}].index`;
      throw new Fault("FAULT_CONFIG", { path, value: index, expected: "an index that no other has" });
    }
    localOf[index] = i;
  }
  return localOf;
}
