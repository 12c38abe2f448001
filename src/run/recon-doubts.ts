import { isRefusal, type Refusal } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import { REPORT } from "../model/index.ts";
import { REQUEST, ROW_FLAG } from "../order/index.ts";
import {
  DoubtBook,
  type DoubtBookOptions,
  type DoubtfulOrder,
  type DoubtOutcome,
  type DoubtState,
  type VenueSnapshot,
} from "../recon/index.ts";
import type { ReconCard } from "./recon-orders.ts";
import type { LocalBook } from "./recon-view.ts";

/** What a {@link ReconDoubts} is made from. */
export interface ReconDoubtsParts {
  readonly kernel: TradingKernel;
  readonly options: DoubtBookOptions;
  readonly cancelsOnDisconnect: boolean;
  readonly maxPositionLots: ((station: number) => number) | undefined;
  /** The name of an order of the store. */
  readonly nameOf: (id: number) => string;
  /** Told what contradicts, or does not fit. */
  readonly trouble: (refusal: Refusal) => void;
}

const FATES: ReadonlyMap<number, DoubtOutcome> = new Map([
  [REPORT.accepted, "live"],
  [REPORT.replaced, "live"],
  [REPORT.rejected, "rejected"],
  [REPORT.canceled, "canceled"],
  [REPORT.expired, "canceled"],
]);

/**
 * The orders of a kernel that were on their way or working when the connection went, until the venue told their fate.
 *
 * @cost Reports and executions O(1), and nothing where no order is in doubt.
 */
export class ReconDoubts {
  readonly #parts: ReconDoubtsParts;
  readonly #book: DoubtBook;

  constructor(parts: ReconDoubtsParts) {
    this.#parts = parts;
    this.#book = new DoubtBook(parts.options);
  }

  get size(): number {
    return this.#book.size;
  }

  /** What may have become of an order; empty where it is not in doubt. */
  outcomesOf(clientOrderId: string): readonly DoubtOutcome[] {
    return this.#book.outcomesOf(clientOrderId);
  }

  /** The connection went: every order that may still fill is in doubt. Returns their ids. */
  open(local: LocalBook): readonly number[] {
    const store = this.#parts.kernel.orders;
    const opened: number[] = [];
    for (const [id, row] of local.rows) {
      const order = local.orders.get(id);
      const isLive = order?.state === "open" || order?.state === "pendingNew";
      if (order === undefined || !(isLive || store.worstLeavesLots(row) > 0)) continue;
      opened.push(id);
      if (this.outcomesOf(order.clientOrderIds[0] as string).length > 0) continue;
      const { clientOrderIds, instrument, side, cumLots, sentNs, orderId } = order;
      const doubtful: DoubtfulOrder = {
        clientOrderIds,
        ...(orderId === undefined ? {} : { orderId }),
        instrument,
        side,
        lots: Math.max(order.lots, cumLots + store.worstLeavesLots(row)),
        cumLots,
        sentNs,
        isAcknowledged: ((store.flags[row] as number) & ROW_FLAG.acknowledged) !== 0,
        mayBeCanceled: this.#parts.cancelsOnDisconnect || this.#isCanceling(row),
      };
      this.#tell(this.#book.open(doubtful));
    }
    return opened;
  }

  /** A report told what became of an order. */
  reported(card: ReconCard, kind: number, cumLots: number): void {
    const fate = FATES.get(kind);
    if (fate === undefined || this.outcomesOf(card.clientOrderId).length === 0) return;
    this.#tell(this.#book.answer(card.clientOrderId, fate, cumLots));
  }

  /** So much of an order is booked. */
  booked(card: ReconCard, cumLots: number, isOpen: boolean): void {
    if (this.outcomesOf(card.clientOrderId).length === 0) return;
    this.#tell(this.#book.booked(card.clientOrderId, cumLots));
    if (!isOpen) this.#tell(this.#book.answer(card.clientOrderId, "filled", cumLots));
  }

  /** A snapshot, or the answer to a query, narrows what may be. */
  observe(venue: VenueSnapshot): void {
    if (this.#book.size > 0) this.#tell(this.#book.observe(venue));
  }

  /** Ends the doubts about orders that are over here, with nothing left to settle: `isOver` of their names. */
  settle(isOver: (clientOrderId: string) => boolean): void {
    const left = this.#book.save().filter((state) => !isOver(state.clientOrderIds[0] as string));
    if (left.length < this.#book.size) this.#book.load(left);
  }

  /** Whether a new order could break the largest position, at the worst that what is in doubt may do. */
  blocks(station: number, instrument: string, sideSign: number, lots: number): boolean {
    const { kernel, maxPositionLots } = this.#parts;
    if (this.#book.size === 0) return false;
    if (!this.#book.worstCase().some((each) => each.instrument === instrument)) return false;
    if (maxPositionLots === undefined) return true;
    const signs = sideSign === 0 ? [1, -1] : [Math.sign(sideSign)];
    return signs.some((sign) => {
      const positionLots =
        (kernel.ledger.positionLots[station] as number) + sign * this.#otherLots(station, sign);
      const side = sign > 0 ? "buy" : "sell";
      const order = {
        instrument,
        side,
        lots,
        positionLots,
        maxPositionLots: maxPositionLots(station),
      } as const;
      return this.#book.blocks(order) !== undefined;
    });
  }

  save(): readonly DoubtState[] {
    return this.#book.save();
  }

  /** Takes what `save` wrote. @throws `FAULT_INPUT` for anything else. */
  load(saved: readonly DoubtState[]): void {
    this.#book.load(saved);
  }

  /** What orders of one side that are not in doubt may still fill. */
  #otherLots(station: number, sign: number): number {
    const store = this.#parts.kernel.orders;
    const { nameOf } = this.#parts;
    let lots = 0;
    for (let row = store.firstOfInstrument(station); row >= 0; row = store.nextOfInstrument(row)) {
      if (store.side[row] !== sign || this.outcomesOf(nameOf(store.id[row] as number)).length > 0) continue;
      lots += store.worstLeavesLots(row);
    }
    return lots;
  }

  #isCanceling(row: number): boolean {
    const store = this.#parts.kernel.orders;
    const from = row * store.requestSlots;
    for (let slot = from; slot < from + (store.pendingCount[row] as number); slot++) {
      if (store.pendingKind[slot] === REQUEST.cancel) return true;
    }
    return false;
  }

  #tell(answer: unknown): void {
    if (isRefusal(answer)) this.#parts.trouble(answer);
  }
}
