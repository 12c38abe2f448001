import type { KillFlatten } from "./kill-flatten.ts";
import type { KillLevel } from "./kill-latch.ts";
import { KillLine, type RequestCount } from "./kill-line.ts";
import { KillPart, spareNone } from "./kill-part.ts";
import type { KillControls, KillOrder, KillOrders, KillPace, KillVenue } from "./kill-port.ts";
import type { KillRecord, KillStep } from "./kill-record.ts";
import type { KillReach, KillRun } from "./kill-run.ts";
import type { KillScope } from "./kill-scopes.ts";
import type { KillTrail } from "./kill-trail.ts";

/** What a sequence works with. */
export interface SequenceParts {
  readonly venues: readonly KillVenue[];
  readonly orders: KillOrders;
  readonly pace: KillPace;
  readonly controls: KillControls;
  readonly flatten: KillFlatten;
  readonly trail: KillTrail;
}

/**
 * Carries every kill through its steps: strategies, egress, listing, cancels, questions, flatten, logout.
 *
 * @invariant What fails is tried again at the next step, and holds up nothing else.
 */
export class KillSequence {
  /** By scope index. */
  readonly runs = new Map<number, KillRun>();
  readonly lines = new Map<string, KillLine>();
  readonly #with: SequenceParts;
  readonly #count: RequestCount = { last: 0 };

  constructor(parts: SequenceParts) {
    this.#with = parts;
    for (const venue of parts.venues) {
      this.lines.set(venue.name, new KillLine(venue, parts.pace, this.#count, parts.trail));
    }
  }

  /** Sets a kill to work, or on at a higher level; the first that cancels sets T0. */
  begin(run: KillRun, level: KillLevel, t0Ns: number, nowNs: number): void {
    this.runs.set(run.index, run);
    if (run.level === 1) {
      run.t0Ns = t0Ns;
      run.t1Ns = null;
    }
    run.level = level;
    run.stopped = false;
    run.egressClosed = false;
    run.complete = false;
    if (run.flatten !== "handed") run.flatten = level === 3 ? "waiting" : "notAsked";
    if (level === 1) return;
    for (const line of this.lines.values()) {
      if (!run.reaches.has(line.venue.name)) this.#reach(run, line, nowNs);
    }
    for (const reach of run.reaches.values()) {
      const { part } = reach;
      part.spares = level === 3 ? (ref) => this.#with.flatten.owns(part.venue, ref) : spareNone;
      if (level === 4) part.logout = logoutOf(reach);
    }
  }

  /** Forgets a kill that was lifted. */
  end(run: KillRun, nowNs: number): void {
    for (const { line, part } of run.reaches.values()) line.leave(part);
    this.runs.delete(run.index);
    if (run.level > 1) this.#control(run, nowNs, "egressOpened", (to) => to.openEgress?.(run.scope));
  }

  step(nowNs: number): void {
    for (const run of this.runs.values()) this.#close(run, nowNs);
    for (const line of this.lines.values()) line.work(nowNs);
    for (const run of this.runs.values()) this.#conclude(run, nowNs);
  }

  #reach(run: KillRun, line: KillLine, nowNs: number): void {
    const { scope } = run;
    const { name, sessions = [] } = line.venue;
    const { orders } = this.#with;
    let wide = scope === null;
    if (scope?.kind === "venue") {
      if (scope.name !== name) return;
      wide = true;
    }
    if (scope?.kind === "session") {
      if (!sessions.includes(scope.name)) return;
      wide = sessions.length === 1;
    }
    const belongs = wide ? null : (ref: string | number) => orders.includes(scope as KillScope, name, ref);
    const part = new KillPart(run, name, belongs, nowNs);
    run.reaches.set(name, { line, part });
    line.join(part, nowNs);
  }

  /** T1, then the doors, T2, and the list of what to cancel. */
  #close(run: KillRun, nowNs: number): void {
    if (run.t1Ns === null) {
      run.t1Ns = nowNs;
      this.#say(run, nowNs, "gateClosed", { t1Ns: nowNs - run.t0Ns });
    }
    const { scope, level } = run;
    run.stopped ||= this.#control(run, nowNs, "strategiesStopped", (to) => to.stopStrategies?.(scope, level));
    if (level === 1) return;
    run.egressClosed ||= this.#control(run, nowNs, "egressClosed", (to) => to.closeEgress?.(scope, level));
    for (const { part } of run.reaches.values()) {
      if (part.t2Ns === null && part.listed && part.unhanded === 0 && part.massHanded) part.t2Ns = nowNs;
    }
    if (!run.listed) this.#list(run, nowNs);
  }

  #control(run: KillRun, nowNs: number, step: KillStep, act: (to: KillControls) => void): boolean {
    try {
      act(this.#with.controls);
    } catch (error) {
      if (!run.failing.has(step)) this.#say(run, nowNs, "controlFailed", { step, error: String(error) });
      run.failing.add(step);
      return false;
    }
    run.failing.delete(step);
    this.#say(run, nowNs, step);
    return true;
  }

  #list(run: KillRun, nowNs: number): void {
    let orders: KillOrder[];
    try {
      orders = Array.from(this.#with.orders.open(run.scope)).sort(firstToGo);
    } catch (error) {
      if (!run.failing.has("listingFailed")) this.#say(run, nowNs, "listingFailed", { error: String(error) });
      run.failing.add("listingFailed");
      return;
    }
    for (const { venue, ref } of orders) {
      const reach = run.reaches.get(venue);
      if (reach === undefined) run.unroutable += 1;
      else reach.line.want(ref, reach.part, nowNs);
    }
    run.listed = true;
    for (const { part } of run.reaches.values()) part.listed = true;
    this.#say(run, nowNs, "ordersListed", { orders: orders.length, unroutable: run.unroutable });
  }

  /** What waits for the orders to be gone: flatten, logout, the end. */
  #conclude(run: KillRun, nowNs: number): void {
    for (const reach of run.reaches.values()) this.#logOut(run, reach, nowNs);
    const flattening = run.flatten === "waiting" || run.flatten === "refused";
    if (flattening && run.settled) this.#flatten(run, nowNs);
    const { done } = run;
    if (done && !run.complete) {
      this.#say(run, nowNs, "completed", { sinceT0Ns: nowNs - run.t0Ns });
    }
    run.complete = done;
  }

  #logOut(run: KillRun, { line, part }: KillReach, nowNs: number): void {
    if (part.logout !== "waiting" || !(part.verified || part.escalated)) return;
    if (!line.hand("logout", nowNs, () => line.venue.logout?.())) return;
    part.logout = "handed";
    this.#say(run, nowNs, "loggedOut", { unknown: part.open }, part.venue);
  }

  #flatten(run: KillRun, nowNs: number): void {
    this.#count.last += 1;
    const requestId = this.#count.last;
    const refusal = this.#with.flatten.attempt(run.scope, requestId, nowNs);
    if (refusal === null) {
      run.flatten = "handed";
      this.#say(run, nowNs, "flattenHanded", { requestId });
      return;
    }
    run.flatten = "refused";
    if (run.flattenRefusal === refusal.code) return;
    run.flattenRefusal = refusal.code;
    this.#say(run, nowNs, "flattenRefused", { code: refusal.code, message: refusal.message });
  }

  #say(run: KillRun, nowNs: number, step: KillStep, detail?: KillRecord["detail"], venue?: string): void {
    this.#with.trail.write(run, nowNs, step, detail, venue);
  }
}

function logoutOf({ line, part }: KillReach): "waiting" | "unsupported" {
  return part.wide && line.venue.logout !== undefined ? "waiting" : "unsupported";
}

/** The most aggressive first, then the oldest. */
function firstToGo(a: KillOrder, b: KillOrder): number {
  return b.aggressiveness - a.aggressiveness || a.openedNs - b.openedNs;
}
