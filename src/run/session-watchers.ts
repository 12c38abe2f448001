import type { Refusal } from "../base/index.ts";
import type { KernelObserver, Station, StrategyLine, Ticket, TradingKernel } from "../kernel/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import type { FillView, ParentView } from "../strategy/index.ts";
import type { SentItem } from "./session-record.ts";

/**
 * Someone who is told what a session does, also while a recovery replays it. It may change nothing.
 *
 * @units times in ns from the session's base
 */
export interface SessionWatcher extends Partial<KernelObserver> {
  /** An order, a replace or a cancel is to leave, with these terms: reused, and of a cancel row and numbers only. */
  sending?(item: SentItem, terms: OutboundOrder): void;
  /** The words a report was recorded with, while it is replayed: before it is settled, and again after it. */
  noted?(station: number, note: string, isSettled: boolean): void;
}

/** The watchers of a session, in the order in which they came. */
export class SessionWatchers implements KernelObserver {
  readonly #kernel: TradingKernel;
  readonly #watchers: SessionWatcher[] = [];

  constructor(kernel: TradingKernel) {
    this.#kernel = kernel;
  }

  /** From now on it is told. Whoever observed the kernel before still is. */
  add(watcher: SessionWatcher): void {
    const { observer } = this.#kernel;
    if (observer !== undefined && observer !== this) this.#watchers.push(observer);
    this.#kernel.observer = this;
    this.#watchers.push(watcher);
  }

  sending(item: SentItem, terms: OutboundOrder): void {
    for (const watcher of this.#watchers) watcher.sending?.(item, terms);
  }

  noted(station: number, note: string, isSettled: boolean): void {
    for (const watcher of this.#watchers) watcher.noted?.(station, note, isSettled);
  }

  submitted(ticket: Ticket, station: Station, nowNs: number): void {
    for (const watcher of this.#watchers) watcher.submitted?.(ticket, station, nowNs);
  }

  refused(refusal: Refusal): void {
    for (const watcher of this.#watchers) watcher.refused?.(refusal);
  }

  reported(kind: number, ticket: Ticket, reason: string, nowNs: number, exchNs: number): void {
    for (const watcher of this.#watchers) watcher.reported?.(kind, ticket, reason, nowNs, exchNs);
  }

  filled(fill: FillView, ticket: Ticket, station: Station): void {
    for (const watcher of this.#watchers) watcher.filled?.(fill, ticket, station);
  }

  canceling(ticket: Ticket, nowNs: number): void {
    for (const watcher of this.#watchers) watcher.canceling?.(ticket, nowNs);
  }

  amended(ticket: Ticket, station: Station, exchNs: number): void {
    for (const watcher of this.#watchers) watcher.amended?.(ticket, station, exchNs);
  }

  parented(parent: ParentView, strategy: string, nowNs: number): void {
    for (const watcher of this.#watchers) watcher.parented?.(parent, strategy, nowNs);
  }

  logged(line: StrategyLine): void {
    for (const watcher of this.#watchers) watcher.logged?.(line);
  }
}
