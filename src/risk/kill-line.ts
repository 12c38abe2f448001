import { KillEntry, KillQueue } from "./kill-entry.ts";
import type { KillEnd, KillPart } from "./kill-part.ts";
import type { KillPace, KillVenue, OrderRef } from "./kill-port.ts";
import type { KillRecord, KillStep } from "./kill-record.ts";
import type { KillTrail } from "./kill-trail.ts";

/** Counts the requests of one switch. */
export interface RequestCount {
  last: number;
}

/**
 * The way out to one venue during a kill: queues of cancels, retries, questions, and what the venue answered.
 *
 * @invariant An order that may be open is in exactly one queue: nothing is lost, nothing is scanned to find it.
 * @cost O(1) an order for each cancel, confirmation and retry; O(open orders) for each answer to a query.
 */
export class KillLine {
  readonly venue: KillVenue;
  readonly parts: KillPart[] = [];
  down = false;
  readonly #pace: KillPace;
  readonly #count: RequestCount;
  readonly #trail: KillTrail;
  readonly #open = new Map<OrderRef, KillEntry>();
  readonly #ended = new Map<OrderRef, KillEntry>();
  readonly #urgent = new KillQueue();
  readonly #ready = new KillQueue();
  readonly #waiting = new KillQueue();
  readonly #failing = new Set<string>();
  #closedNs = 0;
  #queryDueNs = 0;
  #lastQueryId = 0;
  /** The first question that was asked when nothing could be on the wire any more. */
  #proofId = Number.POSITIVE_INFINITY;

  constructor(venue: KillVenue, pace: KillPace, count: RequestCount, trail: KillTrail) {
    this.venue = venue;
    this.#pace = pace;
    this.#count = count;
    this.#trail = trail;
  }

  /** One more kill has work here. */
  join(part: KillPart, nowNs: number): void {
    this.parts.push(part);
    this.#closedNs = nowNs;
    this.#queryDueNs = nowNs;
    this.#proofId = Number.POSITIVE_INFINITY;
  }

  /** A kill is over; orders that no other kill wants are forgotten. */
  leave(part: KillPart): void {
    this.parts.splice(this.parts.indexOf(part), 1);
    for (const entries of [this.#open, this.#ended]) {
      for (const [ref, entry] of entries) {
        entry.owners.delete(part);
        if (entry.owners.size > 0) continue;
        entry.unlink();
        entries.delete(ref);
      }
    }
  }

  /** An order of the listing of a kill. */
  want(ref: OrderRef, part: KillPart, nowNs: number): void {
    const entry = this.#find(ref) ?? this.#create(ref);
    if (!entry.owners.has(part)) this.#own(entry, part, nowNs);
  }

  /** Hands over what is due: the mass cancel, then single cancels up to the budget, then a question. */
  work(nowNs: number): void {
    const isKilled = this.parts.length > 0;
    if (isKilled) this.#massCancel(nowNs);
    this.#cancel(nowNs);
    if (!isKilled) return;
    this.#escalate(nowNs);
    this.#ask(nowNs);
  }

  /** Hands one command to the venue; says whether it took it. A failure is noted once until it works again. */
  hand(what: string, nowNs: number, command: () => void): boolean {
    try {
      command();
    } catch (error) {
      if (!this.#failing.has(what)) this.#tell(nowNs, "venueFailed", { what, error: String(error) });
      this.#failing.add(what);
      return false;
    }
    this.#failing.delete(what);
    return true;
  }

  /** The venue said that an order is gone. */
  onEnded(ref: OrderRef, end: KillEnd, nowNs: number): void {
    this.onUp(nowNs);
    const entry = this.#open.get(ref);
    if (entry !== undefined) this.#finish(entry, end, nowNs);
  }

  /** The venue rejected a cancel: it is sent again when it would have been, had nothing come. */
  onRejected(ref: OrderRef, nowNs: number): void {
    this.onUp(nowNs);
    for (const part of this.#open.get(ref)?.owners ?? []) part.rejected += 1;
  }

  /**
   * The venue acknowledged an order: chased, unless it has already said that the order is gone. A first cancel goes
   * before the others, a repeated one behind them: acknowledgements hold up no order that was not canceled yet.
   */
  onAck(ref: OrderRef, nowNs: number): void {
    this.onUp(nowNs);
    const end = this.#find(ref)?.end;
    if (end === "canceled" || end === "filled") return;
    const entry = this.#claim(ref, nowNs);
    if (entry === undefined) return;
    entry.sinceId = this.#count.last;
    (entry.handed ? this.#ready : this.#urgent).append(entry);
  }

  /** The venue listed its open orders in answer to a question, or unasked. */
  onOpenOrders(requestId: number, refs: Iterable<OrderRef>, nowNs: number): void {
    this.onUp(nowNs);
    const askedId = requestId <= this.#lastQueryId ? requestId : 0;
    let listed = 0;
    for (const ref of refs) {
      listed += 1;
      if (this.#isOld(ref, askedId)) continue;
      const entry = this.#claim(ref, nowNs);
      if (entry === undefined) continue;
      entry.listedId = askedId;
      if (askedId === 0) entry.sinceId = this.#count.last;
    }
    this.#tell(nowNs, "openOrdersAnswered", { requestId, listed });
    if (askedId >= this.#proofId) this.#prove(askedId, nowNs);
    for (const part of this.parts) if (part.open > 0) part.massDue = part.wide;
  }

  onDown(nowNs: number): void {
    if (this.down) return;
    this.down = true;
    this.#tell(nowNs, "venueDown", {});
  }

  /** The venue lives: whatever was not confirmed is sent again. */
  onUp(nowNs: number): void {
    if (!this.down) return;
    this.down = false;
    this.#queryDueNs = nowNs;
    for (let entry = this.#waiting.first; entry !== null; entry = this.#waiting.first) {
      this.#ready.append(entry);
    }
    for (const part of this.parts) part.massDue = part.wide;
    this.#tell(nowNs, "venueUp", {});
  }

  #massCancel(nowNs: number): void {
    const due = this.parts.filter((part) => part.massDue);
    if (this.down || due.length === 0) return;
    for (const part of due) part.massDue = false;
    this.#count.last += 1;
    const requestId = this.#count.last;
    if (!this.hand("massCancel", nowNs, () => this.venue.massCancel?.(requestId))) {
      for (const part of due) part.massDue = true;
      return;
    }
    for (const part of due) part.massHanded = true;
    if (this.venue.massCancel !== undefined) this.#tell(nowNs, "massCancelHanded", { requestId });
  }

  #cancel(nowNs: number): void {
    for (
      let entry = this.#waiting.first;
      entry !== null && entry.dueNs <= nowNs;
      entry = this.#waiting.first
    ) {
      this.#ready.append(entry);
    }
    let handed = 0;
    while (handed < this.#pace.cancelsPerStep && !this.down) {
      const entry = this.#urgent.first ?? this.#ready.first;
      if (entry === null) break;
      entry.dueNs = nowNs + this.#pace.retryNs;
      this.#waiting.append(entry);
      this.#count.last += 1;
      const requestId = this.#count.last;
      if (!this.hand("cancel", nowNs, () => this.venue.cancel(entry.ref, requestId))) break;
      entry.hand();
      handed += 1;
    }
    if (handed > 0) this.#tell(nowNs, "cancelsHanded", { handed, lastRequestId: this.#count.last });
  }

  #escalate(nowNs: number): void {
    for (const part of this.parts) {
      if (part.verified || part.escalated) continue;
      const roundsOver = part.rounds - part.sinceRounds >= this.#pace.roundsMax && nowNs >= this.#queryDueNs;
      if (!roundsOver && nowNs - part.sinceNs < this.#pace.escalateNs) continue;
      part.escalated = true;
      this.#note(part, nowNs, "venueEscalated", { unknown: part.open, rounds: part.rounds, down: this.down });
    }
  }

  #ask(nowNs: number): void {
    const asking = this.parts.filter((part) => !part.verified);
    if (this.down || asking.length === 0 || nowNs < this.#queryDueNs) return;
    for (const part of asking) part.rounds += 1;
    this.#count.last += 1;
    const requestId = this.#count.last;
    this.#lastQueryId = requestId;
    this.#queryDueNs = nowNs + this.#pace.queryNs;
    if (nowNs - this.#closedNs >= this.#pace.inFlightNs) this.#proofId = Math.min(this.#proofId, requestId);
    if (this.hand("queryOpenOrders", nowNs, () => this.venue.queryOpenOrders(requestId))) {
      this.#tell(nowNs, "openOrdersAsked", { requestId });
    }
  }

  /** The answer to a question that misses an order proves that it is gone, if it was open before the question. */
  #prove(askedId: number, nowNs: number): void {
    for (const entry of this.#open.values()) {
      if (entry.listedId !== askedId && askedId > entry.sinceId) this.#finish(entry, "absent", nowNs);
    }
    for (const part of this.parts) {
      if (part.verified || !part.listed || part.open > 0) continue;
      part.verify();
      this.#note(part, nowNs, "venueVerified", { requested: part.requested, rounds: part.rounds });
    }
  }

  /** Whether an answer was asked for before an order ended, so that it may still list it. */
  #isOld(ref: OrderRef, askedId: number): boolean {
    const entry = this.#ended.get(ref);
    return entry !== undefined && askedId > 0 && askedId <= entry.sinceId;
  }

  #find(ref: OrderRef): KillEntry | undefined {
    return this.#open.get(ref) ?? this.#ended.get(ref);
  }

  #create(ref: OrderRef): KillEntry {
    const entry = new KillEntry(ref);
    this.#open.set(ref, entry);
    this.#ready.append(entry);
    return entry;
  }

  #own(entry: KillEntry, part: KillPart, nowNs: number): void {
    entry.owners.add(part);
    part.add(entry.handed, nowNs);
    if (entry.end !== null) part.ended(entry.end, nowNs);
  }

  /** The entry of an order that the venue says is open, open again and owned by every kill it belongs to. */
  #claim(ref: OrderRef, nowNs: number): KillEntry | undefined {
    let entry = this.#find(ref);
    if (entry !== undefined) this.#reopen(entry, nowNs);
    for (const part of this.parts) {
      if (entry?.owners.has(part) || !part.includes(ref)) continue;
      entry ??= this.#create(ref);
      this.#own(entry, part, nowNs);
      if (part.listed) this.#note(part, nowNs, "chased", { ref });
    }
    return entry;
  }

  #reopen(entry: KillEntry, nowNs: number): void {
    const end = entry.end;
    if (end === null) return;
    entry.end = null;
    this.#ended.delete(entry.ref);
    this.#open.set(entry.ref, entry);
    this.#ready.append(entry);
    for (const part of entry.owners) {
      part.reopened(end, nowNs);
      this.#note(part, nowNs, "chased", { ref: entry.ref });
    }
  }

  #finish(entry: KillEntry, end: KillEnd, nowNs: number): void {
    entry.unlink();
    entry.hand();
    entry.end = end;
    entry.sinceId = this.#count.last;
    this.#open.delete(entry.ref);
    this.#ended.set(entry.ref, entry);
    for (const part of entry.owners) part.ended(end, nowNs);
  }

  #note(part: KillPart, nowNs: number, step: KillStep, detail: KillRecord["detail"]): void {
    this.#trail.write(part.actor, nowNs, step, detail, part.venue);
  }

  /** Says something for the oldest kill at work here; silent without one. */
  #tell(nowNs: number, step: KillStep, detail: KillRecord["detail"]): void {
    const part = this.parts[0];
    if (part !== undefined) this.#note(part, nowNs, step, detail);
  }
}
