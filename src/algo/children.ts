import type { ChildTicket } from "./algo-port.ts";
import type { Rung } from "./child-price.ts";

/** A child that may still fill. */
export interface Child {
  readonly ticket: ChildTicket;
  readonly sentNs: number;
  readonly rung: Rung;
  /** When it was asked back; -1 where it was not. */
  askedNs: number;
}

/** What `Children` hold, JSON-safe. */
export interface SavedChildren {
  readonly count: number;
  /** Id, moment it was sent, rung, moment it was asked back. */
  readonly open: readonly (readonly [number, number, Rung, number])[];
  /** Id, lots and worth of those that ended. */
  readonly ended: readonly (readonly [number, number, number])[];
  /** Lots and worth of all that ended. */
  readonly total: readonly [number, number];
}

/** The most children of a parent: each is known until its parent is let go, for what is still told of it. */
export const CHILDREN_MAX = 100_000;

/** Whether an order may still fill: it is open, whatever was asked of it, or rests until another day. */
export function mayFill(ticket: ChildTicket): boolean {
  return ticket.isOpen || ticket.status === "doneForDay";
}

/**
 * A parent's orders: what they filled, and what they could still fill.
 *
 * @units lots; worth in ticks times lots
 * @invariant A child counts as able to fill until its end is confirmed: in flight, live, asked back.
 */
export class Children {
  readonly #open: Map<number, Child> = new Map();
  readonly #ended: Map<number, readonly [number, number]> = new Map();
  /** Of all that ended. */
  #lots = 0;
  #worth = 0;
  #count = 0;

  /** Children ever sent. */
  get count(): number {
    return this.#count;
  }

  /** Those that may still fill, oldest first. */
  get open(): Iterable<Child> {
    return this.#open.values();
  }

  get openCount(): number {
    return this.#open.size;
  }

  get filledLots(): number {
    let lots = this.#lots;
    for (const { ticket } of this.#open.values()) lots += ticket.cumLots;
    return lots;
  }

  /** What could still fill. */
  get workingLots(): number {
    let lots = 0;
    for (const { ticket } of this.#open.values()) if (mayFill(ticket)) lots += ticket.lots - ticket.cumLots;
    return lots;
  }

  /** What was paid or got: ticks times lots. */
  get worth(): number {
    let worth = this.#worth;
    for (const { ticket } of this.#open.values()) worth += worthOf(ticket);
    return worth;
  }

  knows(id: number): boolean {
    return this.#open.has(id) || this.#ended.has(id);
  }

  add(ticket: ChildTicket, nowNs: number, rung: Rung): void {
    this.#count += 1;
    this.#open.set(ticket.id, { ticket, sentNs: nowNs, rung, askedNs: -1 });
  }

  /**
   * Takes an order as it is now.
   *
   * @returns what it filled after its end was told, less what was taken back
   */
  settle(ticket: ChildTicket): number {
    const { id } = ticket;
    const ended = this.#ended.get(id);
    const child = this.#open.get(id);
    if (ended === undefined && child === undefined) return 0;
    const late = ended === undefined ? 0 : ticket.cumLots - ended[0];
    if (ended !== undefined) this.#forget(id, ended);
    if (mayFill(ticket)) {
      // A bust may bring an order back to life.
      if (child === undefined) this.#open.set(id, { ticket, sentNs: 0, rung: "limit", askedNs: -1 });
      return late;
    }
    this.#open.delete(id);
    const worth = worthOf(ticket);
    this.#ended.set(id, [ticket.cumLots, worth]);
    this.#lots += ticket.cumLots;
    this.#worth += worth;
    return late;
  }

  #forget(id: number, [lots, worth]: readonly [number, number]): void {
    this.#ended.delete(id);
    this.#lots -= lots;
    this.#worth -= worth;
  }

  save(): SavedChildren {
    return {
      count: this.#count,
      open: [...this.#open].map(([id, child]) => [id, child.sentNs, child.rung, child.askedNs]),
      ended: [...this.#ended].map(([id, [lots, worth]]) => [id, lots, worth]),
      total: [this.#lots, this.#worth],
    };
  }

  /** Goes on from what `save` gave; `find` knows open orders by their ids, and faults where there is none. */
  load(saved: SavedChildren, find: (id: number) => ChildTicket): void {
    this.#count = saved.count;
    [this.#lots, this.#worth] = saved.total;
    for (const [id, sentNs, rung, askedNs] of saved.open)
      this.#open.set(id, { ticket: find(id), sentNs, rung, askedNs });
    for (const [id, lots, worth] of saved.ended) this.#ended.set(id, [lots, worth]);
  }
}

function worthOf(ticket: ChildTicket): number {
  return ticket.cumLots === 0 ? 0 : ticket.cumLots * ticket.averageTicks;
}
