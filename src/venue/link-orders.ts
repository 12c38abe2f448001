import type { VenueReport } from "./venue-client.ts";

/** A request that waits for the venue's answer. */
export interface LinkRequest {
  readonly kind: "submit" | "cancel" | "replace";
  /** Nobody knows whether it arrived. */
  isUnknown: boolean;
}

/** What a link knows of one order. */
export interface LinkOrder {
  readonly id: number;
  readonly station: number;
  /** The venue's own id, where it was told. */
  orderId: string | undefined;
  /** All ids that the venue gave it: a replace may bring another one. */
  readonly orderIds: string[];
  /** The last replace that the venue put in force. */
  replacedId: number;
  readonly requests: Map<number, LinkRequest>;
  /** An end that may be one half of a replace that cancels and submits anew. */
  held: VenueReport | undefined;
  isOver: boolean;
}

/** Old orders that are looked at for each new one, where there are too many. */
const LOOKS = 4;

/**
 * Orders by their numbers and by the venue's ids. Where there are too many, the oldest that are over here, or that the
 * host does not hold open, are forgotten.
 *
 * @cost O(1), and a few calls of `isHeld` for a new order beyond `kept`.
 */
export class LinkOrders {
  readonly #kept: number;
  /** Whether the host holds an order that may still fill: many an end is told to it past the link. */
  readonly #isHeld: (id: number) => boolean;
  readonly #orders = new Map<number, LinkOrder>();
  readonly #byOrderId = new Map<string, LinkOrder>();

  constructor(kept: number, isHeld: (id: number) => boolean) {
    this.#kept = kept;
    this.#isHeld = isHeld;
  }

  get size(): number {
    return this.#orders.size;
  }

  /** The order of a number, which is new where it was not known. */
  open(id: number, station: number): LinkOrder {
    const known = this.#orders.get(id);
    if (known !== undefined) return known;
    const order: LinkOrder = {
      ...{ id, station, orderId: undefined, orderIds: [], replacedId: 0 },
      ...{ requests: new Map(), held: undefined, isOver: false },
    };
    this.#orders.set(id, order);
    this.#forget();
    return order;
  }

  get(id: number): LinkOrder | undefined {
    return this.#orders.get(id);
  }

  ofOrderId(orderId: string | undefined): LinkOrder | undefined {
    return orderId === undefined ? undefined : this.#byOrderId.get(orderId);
  }

  /** Notes the venue's id; whether that is news. A replace may bring another one. */
  name(order: LinkOrder, orderId: string): boolean {
    if (this.#byOrderId.get(orderId) === order && order.orderId !== undefined) return false;
    order.orderId = orderId;
    if (!order.orderIds.includes(orderId)) order.orderIds.push(orderId);
    this.#byOrderId.set(orderId, order);
    return true;
  }

  /** No report about it is awaited any more. */
  end(order: LinkOrder): void {
    order.isOver = true;
  }

  /** Orders that may be open. */
  *all(): Generator<LinkOrder> {
    for (const order of this.#orders.values()) if (!order.isOver) yield order;
  }

  #forget(): void {
    for (let looks = 0; looks < LOOKS && this.#orders.size > this.#kept; looks++) {
      const oldest = this.#orders.values().next().value as LinkOrder;
      this.#orders.delete(oldest.id);
      // What is open is looked at again when its turn comes.
      if (!oldest.isOver && this.#isHeld(oldest.id)) this.#orders.set(oldest.id, oldest);
      else this.#unname(oldest);
    }
  }

  #unname(order: LinkOrder): void {
    for (const orderId of order.orderIds) {
      if (this.#byOrderId.get(orderId) === order) this.#byOrderId.delete(orderId);
    }
  }
}
