import { Fault, type Refusal, refuse } from "../base/index.ts";
import { KillFlatten } from "./kill-flatten.ts";
import { KillLatch, type KillLevel } from "./kill-latch.ts";
import type { KillLine } from "./kill-line.ts";
import { checkOptions, type KillSwitchOptions } from "./kill-options.ts";
import type { OrderRef } from "./kill-port.ts";
import { checkLatchRecord, type LatchRecord } from "./kill-record.ts";
import type { KillRefusalCode } from "./kill-refusal.ts";
import type { KillReport } from "./kill-report.ts";
import {
  checkDrill,
  checkKillRequest,
  checkReenable,
  type DrillRequest,
  type KillActivation,
  type KillLifted,
  type KillRequest,
  type ReenableConfirmation,
  type ReenablePending,
  type ReenableRequest,
} from "./kill-request.ts";
import { KillRun, type PendingReenable } from "./kill-run.ts";
import type { KillScope } from "./kill-scopes.ts";
import { KillSequence } from "./kill-sequence.ts";
import { type KillActor, KillTrail } from "./kill-trail.ts";

type Asker = Pick<ReenableConfirmation, "who" | "channel" | "scope" | "reason">;
type Asked = Asker & Pick<KillRequest, "level" | "pressedNs">;

/**
 * The kill switch: latches a scope, saves that, and carries out the kill step by step until every venue says
 * that nothing is open. No threads, no I/O, no clock: it works inside any thread that calls `step`.
 *
 * @invariant The latch is set even if it cannot be saved, and nothing that a venue does lifts it: only two different
 * persons do, one from risk. No cancel is lost: an order is confirmed gone, or counted as unknown and tried again.
 * A moment that is earlier than the one before, or no finite number, counts as the one before.
 * @refuses RISK_KILL_UNKNOWN_SCOPE, RISK_KILL_FORBIDDEN, RISK_KILL_NOT_ACTIVE, RISK_KILL_NOT_REQUESTED,
 * RISK_KILL_EXPIRED, RISK_KILL_SAME_PERSON, RISK_KILL_NO_RISK_MANAGER, RISK_KILL_UNKNOWN_ORDERS,
 * RISK_KILL_NOT_PERSISTED
 * @throws `FAULT_CONFIG` for wrong options, `FAULT_INPUT` for a request that names nobody or nothing, a saved record that
 * cannot be, or a venue that is not configured.
 * @cost `activate` O(scopes) and the store's `save`; the first `step` O(orders · log orders) for the list; then O(1)
 * a cancel and a confirmation, O(open orders) the answer to a query.
 * @source Commission Delegated Regulation (EU) 2017/589, articles 12, 14 and 18
 * @example
 * ```ts
 * import { KillAuthority, KillLatch, KillScopes, KillSwitch } from "tickwright/risk";
 * const scopes = new KillScopes({ venue: ["XNAS"] });
 * const open = new Set(["a1"]);
 * const kill = new KillSwitch({
 *   latch: new KillLatch(scopes.size),
 *   scopes,
 *   authority: new KillAuthority(scopes, [{ who: "rob", role: "riskManager" }]),
 *   store: { save() {} },
 *   venues: [{
 *     name: "XNAS",
 *     cancel: (ref) => { open.delete(String(ref)); kill.onCancelConfirmed("XNAS", ref, 20); },
 *     queryOpenOrders: (id) => kill.onOpenOrders("XNAS", id, open, 30),
 *   }],
 *   orders: {
 *     open: () => [{ venue: "XNAS", ref: "a1", aggressiveness: 0, openedNs: 1 }],
 *     includes: () => true,
 *   },
 *   pace: { cancelsPerStep: 50, retryNs: 5, queryNs: 5, inFlightNs: 5, roundsMax: 9, escalateNs: 99, requestNs: 99 },
 *   onRecord: () => {},
 * });
 * kill.activate({ who: "rob", channel: "gui", scope: null, level: 2, reason: "runaway" }, 10);
 * for (const nowNs of [11, 21, 31]) kill.step(nowNs);
 * const report = kill.report(null);
 * [report?.confirmed, report?.unknown, report?.complete, report?.t1Ns]; // => [1, 0, true, 1]
 * ```
 */
export class KillSwitch {
  readonly #options: KillSwitchOptions;
  readonly #trail: KillTrail;
  readonly #sequence: KillSequence;
  #lastRun = 0;
  #nowNs = 0;
  /** The run since whose change the store is behind. */
  #unsaved: KillRun | null = null;

  constructor(options: KillSwitchOptions) {
    checkOptions(options);
    this.#options = options;
    this.#trail = new KillTrail(options.latch, options.onRecord, options.drill ?? false);
    this.#sequence = new KillSequence({
      venues: options.venues,
      orders: options.orders,
      pace: options.pace,
      controls: options.controls ?? {},
      flatten: new KillFlatten(options.flatten),
      trail: this.#trail,
    });
  }

  /**
   * Latches a scope, in memory and then in the store; call `step` at once, it cancels. A second call for the scope
   * finds the same run, a higher level raises it. Either way a request to lift that waits is void.
   */
  activate(request: KillRequest, nowNs: number): KillActivation | Refusal<KillRefusalCode> {
    checkKillRequest(request);
    const now = this.#present(nowNs);
    const { who, level } = request;
    const index = this.#options.scopes.indexOf(request.scope);
    const refusal = this.#admit(request, index, this.#options.authority.mayActivate(who, index));
    if (refusal !== null) return this.#refused(request, level, now, refusal);
    const known = this.#sequence.runs.get(index);
    const run = known ?? this.#newRun(index, request, now);
    const fresh = known === undefined || known.level < level;
    this.#options.latch.set(index, fresh ? level : run.level);
    run.pending = null;
    if (fresh) {
      this.#sequence.begin(run, level, pressedAt(request, now), now);
      this.#save(run, now);
    }
    const step = known === undefined ? "activated" : fresh ? "raised" : "repeated";
    this.#trail.write(this.#actor(request, level, run.run), now, step, { fresh });
    const persisted = this.#unsaved === null;
    return { ok: true, run: run.run, level: run.level, fresh, persisted, epoch: this.#trail.epoch };
  }

  /**
   * One tick of the sequence: the heart, a save that failed, T1, strategies, egress, the list of orders, mass cancels,
   * as many cancels a venue as the budget allows, questions, escalation, flatten and logout.
   */
  step(nowNs: number): void {
    const now = this.#present(nowNs);
    const { deadMan } = this.#options;
    if (deadMan?.heart.isLost(nowNs)) {
      const { heart, who, scope, level } = deadMan;
      const reason = `no heartbeat for more than ${heart.timeoutNs} ns`;
      this.activate({ who, channel: "deadMan", scope, level, reason }, now);
    }
    if (this.#unsaved !== null) this.#save(this.#unsaved, now);
    this.#sequence.step(now);
  }

  /** The venue said that an order is canceled. */
  onCancelConfirmed(venue: string, ref: OrderRef, nowNs: number): void {
    this.#line(venue).onEnded(ref, "canceled", this.#present(nowNs));
  }

  /** The venue rejected a cancel; the order stays unknown until it is confirmed gone. */
  onCancelRejected(venue: string, ref: OrderRef, nowNs: number): void {
    this.#line(venue).onRejected(ref, this.#present(nowNs));
  }

  /** An order is filled completely; a partial fill is no matter here. */
  onFilled(venue: string, ref: OrderRef, nowNs: number): void {
    this.#line(venue).onEnded(ref, "filled", this.#present(nowNs));
  }

  /** The venue acknowledged an order: chased, if its scope is killed. */
  onAck(venue: string, ref: OrderRef, nowNs: number): void {
    this.#line(venue).onAck(ref, this.#present(nowNs));
  }

  /** All that a venue has open, in answer to a query; `requestId` 0 for a list that nobody asked for. */
  onOpenOrders(venue: string, requestId: number, refs: Iterable<OrderRef>, nowNs: number): void {
    this.#line(venue).onOpenOrders(requestId, refs, this.#present(nowNs));
  }

  /** Nothing reaches the venue until `onVenueUp`, or any other answer of it. */
  onVenueDown(venue: string, nowNs: number): void {
    this.#line(venue).onDown(this.#present(nowNs));
  }

  /** The venue is back: whatever is not confirmed is sent again. */
  onVenueUp(venue: string, nowNs: number): void {
    this.#line(venue).onUp(this.#present(nowNs));
  }

  /** The first of two persons asks to lift a scope. A newer request takes the place of an older one. */
  requestReenable(request: ReenableRequest, nowNs: number): ReenablePending | Refusal<KillRefusalCode> {
    checkReenable("reenableRequest", request);
    const now = this.#present(nowNs);
    const run = this.#latched(request);
    if (!(run instanceof KillRun)) return this.#refused(request, 0, now, run);
    const { who, override } = request;
    const refusal = unknownOrders(run, override);
    if (refusal !== null) return this.#refused(request, run.level, now, refusal);
    run.pending = { who, atNs: now, override };
    const detail = { override: override ?? null, unknown: run.unknown };
    this.#trail.write(this.#actor(request, run.level, run.run), now, "reenableRequested", detail);
    return { ok: true, expiresNs: now + this.#options.pace.requestNs };
  }

  /** The second person confirms; the store is told before the latch opens, and the scope alone is lifted. */
  confirmReenable(request: ReenableConfirmation, nowNs: number): KillLifted | Refusal<KillRefusalCode> {
    checkReenable("reenableConfirmation", request);
    const now = this.#present(nowNs);
    const run = this.#latched(request);
    if (!(run instanceof KillRun)) return this.#refused(request, 0, now, run);
    const refusal = this.#unconfirmed(run, request.who, now);
    if (refusal !== null) return this.#refused(request, run.level, now, refusal);
    return this.#lift(run, request, now);
  }

  /** The report of a latched scope, `null` where it is not latched. */
  report(scope: KillScope | null): KillReport | null {
    const run = this.#sequence.runs.get(this.#options.scopes.indexOf(scope));
    return run === undefined ? null : this.#report(run);
  }

  /** The reports of every latched scope, the oldest first. */
  reports(): KillReport[] {
    return [...this.#sequence.runs.values()].map((run) => this.#report(run));
  }

  /** All that is latched: what the store was given, or should have been. */
  snapshot(): LatchRecord {
    return this.#snapshot(null);
  }

  /** Latches what the store held when the program ended, with an epoch above its own, and begins the cancels again. */
  restore(record: LatchRecord, nowNs: number): void {
    const { scopes, latch } = this.#options;
    checkLatchRecord(record, scopes);
    const now = this.#present(nowNs);
    latch.advance(record.epoch);
    for (const latched of record.latched) {
      const index = scopes.indexOf(latched.scope);
      latch.set(index, latched.level);
      const known = this.#sequence.runs.get(index);
      if (known !== undefined && known.level >= latched.level) continue;
      const run = known ?? this.#newRun(index, latched, now, latched.role);
      this.#sequence.begin(run, latched.level, now, now);
      this.#trail.write(run, now, "restored", { savedAtNs: latched.atNs });
    }
  }

  /**
   * A second switch for a drill: it has a latch of its own, saves nothing and knows shadow venues only, so that nothing
   * real is latched or sent; its records and reports say so.
   */
  drill(request: DrillRequest, nowNs: number): KillSwitch | Refusal<KillRefusalCode> {
    const { latch, scopes, authority, pace, onRecord, venues } = this.#options;
    checkDrill(request, venues);
    const now = this.#present(nowNs);
    const asker = { ...request, scope: null };
    const refusal = this.#admit(asker, 0, authority.mayDrill(request.who));
    if (refusal !== null) return this.#refused(asker, 0, now, refusal);
    this.#trail.write(this.#actor(asker, 0, 0), now, "drillBegun");
    return new KillSwitch({
      ...request.shadow,
      latch: new KillLatch(latch.scopes),
      store: { save: () => undefined },
      scopes,
      authority,
      pace,
      onRecord,
      drill: true,
    });
  }

  #newRun(
    index: number,
    asked: Asked,
    now: number,
    role = this.#options.authority.roleOf(asked.who),
  ): KillRun {
    const { scope, level, who, channel, reason } = asked;
    const atNs = pressedAt(asked, now);
    this.#lastRun += 1;
    return new KillRun(this.#lastRun, index, { scope, level, atNs, who, role, channel, reason });
  }

  #admit(asker: Asker, index: number, allowed: boolean): Refusal<KillRefusalCode> | null {
    if (index < 0)
      return refuse("RISK_KILL_UNKNOWN_SCOPE", "scope", asker.scope, "a scope that is configured");
    if (allowed) return null;
    return refuse("RISK_KILL_FORBIDDEN", "who", asker.who, "somebody with authority over the scope");
  }

  /** The run of a scope that somebody may lift. */
  #latched(asker: Asker): KillRun | Refusal<KillRefusalCode> {
    const index = this.#options.scopes.indexOf(asker.scope);
    const refusal = this.#admit(asker, index, this.#options.authority.mayReenable(asker.who, index));
    if (refusal !== null) return refusal;
    const run = this.#sequence.runs.get(index);
    return run ?? refuse("RISK_KILL_NOT_ACTIVE", "scope", asker.scope, "a scope that is latched");
  }

  #unconfirmed(run: KillRun, who: string, now: number): Refusal<KillRefusalCode> | null {
    const { pending } = run;
    const { pace, authority } = this.#options;
    if (pending === null)
      return refuse("RISK_KILL_NOT_REQUESTED", "scope", run.scope, "a request to lift it");
    const ageNs = now - pending.atNs;
    if (ageNs > pace.requestNs) {
      return refuse("RISK_KILL_EXPIRED", "requestAgeNs", ageNs, `at most ${pace.requestNs} ns`);
    }
    if (pending.who === who) return refuse("RISK_KILL_SAME_PERSON", "who", who, "a second person");
    if (!authority.hasRisk(pending.who, who)) {
      return refuse("RISK_KILL_NO_RISK_MANAGER", "who", who, "one of the two from risk");
    }
    return unknownOrders(run, pending.override);
  }

  #lift(run: KillRun, asker: Asker, now: number): KillLifted | Refusal<KillRefusalCode> {
    try {
      this.#options.store.save(this.#snapshot(run));
    } catch (error) {
      this.#unsaved = run;
      const refusal = refuse(
        "RISK_KILL_NOT_PERSISTED" as const,
        "store",
        String(error),
        "a store that saves",
      );
      return this.#refused(asker, run.level, now, refusal);
    }
    this.#unsaved = null;
    const report = this.#report(run);
    const { who: requestedBy, override = null } = run.pending as PendingReenable;
    this.#options.latch.clear(run.index);
    this.#sequence.end(run, now);
    const detail = { requestedBy, override, unknown: report.unknown };
    this.#trail.write(this.#actor(asker, run.level, run.run), now, "reenabled", detail);
    return { ok: true, epoch: this.#trail.epoch, report };
  }

  #save(run: KillRun, now: number): void {
    try {
      this.#options.store.save(this.snapshot());
    } catch (error) {
      if (this.#unsaved !== run) this.#trail.write(run, now, "notPersisted", { error: String(error) });
      this.#unsaved = run;
      return;
    }
    this.#unsaved = null;
    this.#trail.write(run, now, "persisted");
  }

  #snapshot(without: KillRun | null): LatchRecord {
    const runs = [...this.#sequence.runs.values()].filter((run) => run !== without);
    return { version: 1, epoch: this.#trail.epoch, latched: runs.map((run) => run.latched()) };
  }

  #report(run: KillRun): KillReport {
    return run.report(this.#trail, this.#unsaved === null);
  }

  #refused<Code extends string>(
    asker: Asker,
    level: KillLevel | 0,
    now: number,
    refusal: Refusal<Code>,
  ): Refusal<Code> {
    this.#trail.write(this.#actor(asker, level, 0), now, "refused", { code: refusal.code });
    return refusal;
  }

  #actor({ who, channel, scope, reason }: Asker, level: KillLevel | 0, run: number): KillActor {
    return { run, who, role: this.#options.authority.roleOf(who), channel, scope, level, reason };
  }

  /** The latest moment that was given: a clock that breaks stops no kill. */
  #present(nowNs: number): number {
    if (nowNs > this.#nowNs && nowNs < Number.POSITIVE_INFINITY) this.#nowNs = nowNs;
    return this.#nowNs;
  }

  #line(venue: string): KillLine {
    const line = this.#sequence.lines.get(venue);
    if (line !== undefined) return line;
    const expected = `one of ${[...this.#sequence.lines.keys()].join(", ")}`;
    throw new Fault("FAULT_INPUT", { path: "killSwitch.venue", value: venue, expected });
  }
}

/** T0: never after the present, and a moment of the session. */
function pressedAt(asked: Asked, now: number): number {
  const { pressedNs = now } = asked;
  return pressedNs >= 0 && pressedNs <= now ? pressedNs : now;
}

function unknownOrders(run: KillRun, override: string | undefined): Refusal<KillRefusalCode> | null {
  if (override !== undefined || run.settled) return null;
  return refuse(
    "RISK_KILL_UNKNOWN_ORDERS",
    "unknown",
    run.unknown,
    "every venue verified empty, or an override",
  );
}
