import { Fault } from "../base/index.ts";
import { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { SENDING, type SentItem } from "./session-record.ts";
import type { SessionRecorder } from "./session-recorder.ts";

/** Something on its way out: an order or replace with its terms, or a cancel (`approved` is undefined). */
interface OutboxItem {
  station: number;
  approved: ApprovedOrder | undefined;
  readonly terms: OutboundOrder;
  isTaken: boolean;
  /** The disk is full: it is recorded in the space that is kept back, and does not leave. */
  isLate: boolean;
}

/** Who is told what waits in an {@link Outbox}, that it is durable, and that it has left. */
export interface OutboxWatch {
  sending(item: SentItem, terms: OutboundOrder): void;
  committed(): void;
  left(): void;
}

/**
 * What a turn of the kernel wants to send, until the turn is over and the journal has it.
 *
 * An order's approval is used up when it comes here, its record is appended; at the turn's end all of them become
 * durable at once, and then they leave in their order.
 *
 * @invariant Nothing leaves before its record is durable; what was handed over once is never handed over again.
 * @invariant What may have been sent is what has a `sending` record: after a crash nobody else's may be at a venue.
 * @invariant On a full disk orders and replaces do not leave; cancels do.
 * @cost One commit for each turn that sends anything.
 */
export class Outbox {
  readonly #recorder: SessionRecorder;
  readonly #nowNs: Float64Array;
  readonly #doors: VenueDoor<ApprovedOrder>[] = [];
  readonly #items: OutboxItem[] = [];
  #count = 0;
  #gate: ApprovalTaker<ApprovedOrder> | undefined = undefined;
  #leaving: OutboxItem | undefined = undefined;

  readonly #watch: OutboxWatch;

  constructor(recorder: SessionRecorder, nowNs: Float64Array, watch: OutboxWatch) {
    this.#recorder = recorder;
    this.#nowNs = nowNs;
    this.#watch = watch;
  }

  /** Items that wait for the turn's end. */
  get length(): number {
    return this.#count;
  }

  /** Whether the venue of a station has orders for an auction alone. */
  takesAuctionOrders(station: number): boolean {
    return this.#doors[station]?.takesAuctionOrders === true;
  }

  /** The door that a kernel is connected to in place of the venue's own. */
  doorFor(station: number, door: VenueDoor<ApprovedOrder>): VenueDoor<ApprovedOrder> {
    this.#doors[station] = door;
    door.bind({ take: (approved, into) => this.#handOver(approved, into) });
    return {
      bind: (gate) => {
        this.#gate = gate;
      },
      send: (approved) => this.#order(station, approved),
      cancel: (row, id, requestId) => this.#cancel(station, row, id, requestId),
    };
  }

  /**
   * Makes what waits durable and hands it to its doors. `stopped` is asked for each order and replace, last of all: one
   * that it is true for does not leave, and `late` is told.
   */
  flush(
    stopped: (terms: OutboundOrder) => boolean,
    late: (station: number, terms: OutboundOrder) => void,
  ): void {
    if (this.#count === 0) return;
    this.#recorder.journal.commit();
    this.#watch.committed();
    const count = this.#count;
    // Whatever a door throws, nothing is handed over a second time.
    this.#count = 0;
    for (let i = 0; i < count; i++) {
      const item = this.#items[i] as OutboxItem;
      const { station, approved, terms } = item;
      const door = this.#doors[station] as VenueDoor<ApprovedOrder>;
      if (approved === undefined) door.cancel(terms.row, terms.id, terms.requestId);
      else if (item.isLate || stopped(terms)) late(station, terms);
      else {
        this.#leaving = item;
        door.send(approved);
        this.#leaving = undefined;
      }
      item.approved = undefined;
    }
    this.#watch.left();
  }

  #order(station: number, approved: ApprovedOrder): void {
    const item = this.#next(station, approved);
    this.#gate?.take(approved, item.terms);
    const { id, requestId } = item.terms;
    const ns = this.#nowNs[0] as number;
    item.isLate = this.#recorder.prepareOrder(station, id, requestId, ns);
    this.#count += 1;
    this.#watch.sending({ kind: "order", station, id, requestId, ns }, item.terms);
  }

  #cancel(station: number, row: number, id: number, requestId: number): void {
    const { terms } = this.#next(station, undefined);
    terms.row = row;
    terms.id = id;
    terms.requestId = requestId;
    const ns = this.#nowNs[0] as number;
    this.#recorder.prepare(SENDING.cancel, station, id, requestId, ns);
    this.#count += 1;
    this.#watch.sending({ kind: "cancel", station, id, requestId, ns }, terms);
  }

  /** Gives the terms of the order that leaves right now, once. */
  #handOver(approved: ApprovedOrder, into: OutboundOrder): void {
    const item = this.#leaving;
    if (item === undefined || item.approved !== approved || item.isTaken) {
      const expected = "the approval that is leaving, once";
      throw new Fault("FAULT_APPROVAL", { path: "outbox.take", value: "another approval", expected });
    }
    item.isTaken = true;
    Object.assign(into, item.terms);
  }

  #next(station: number, approved: ApprovedOrder | undefined): OutboxItem {
    const made = this.#items[this.#count] ?? {
      ...{ station, approved, terms: outboundOrder(), isTaken: false, isLate: false },
    };
    this.#items[this.#count] = made;
    made.station = station;
    made.approved = approved;
    made.isTaken = false;
    made.isLate = false;
    return made;
  }
}
