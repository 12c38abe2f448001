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
  /** The last replace that the venue put in force. */
  replacedId: number;
  readonly requests: Map<number, LinkRequest>;
  /** An end that may be one half of a replace that cancels and submits anew. */
  held: VenueReport | undefined;
  isOver: boolean;
}

/**
 * Orders by their numbers and by the venue's ids; those that are over are forgotten first when there are too many.
 *
 * @cost O(1).
 */
export class LinkOrders {
  readonly #kept: number;
  readonly #orders = new Map<number, LinkOrder>();
  readonly #byOrderId = new Map<string, LinkOrder>();
  readonly #over: number[] = [];
  #firstOver = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  get size(): number {
    return this.#orders.size;
  }

  /** The order of a number, which is new where it was not known. */
  open(id: number, station: number): LinkOrder {
    const known = this.#orders.get(id);
    if (known !== undefined) return known;
    const order: LinkOrder = {
      ...{ id, station, orderId: undefined, replacedId: 0 },
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
    this.#byOrderId.set(orderId, order);
    return true;
  }

  /** No report about it is awaited any more. */
  end(order: LinkOrder): void {
    if (order.isOver) return;
    order.isOver = true;
    this.#over.push(order.id);
    this.#forget();
  }

  /** Orders that may be open. */
  *all(): Generator<LinkOrder> {
    for (const order of this.#orders.values()) if (!order.isOver) yield order;
  }

  #forget(): void {
    while (this.#orders.size > this.#kept && this.#firstOver < this.#over.length) {
      const id = this.#over[this.#firstOver++] as number;
      const order = this.#orders.get(id);
      this.#orders.delete(id);
      if (order === undefined) continue;
      for (const [orderId, each] of this.#idsOf(order)) if (each === order) this.#byOrderId.delete(orderId);
    }
    if (this.#firstOver < 1024) return;
    this.#over.splice(0, this.#firstOver);
    this.#firstOver = 0;
  }

  #idsOf(order: LinkOrder): readonly (readonly [string, LinkOrder | undefined])[] {
    return order.orderId === undefined ? [] : [[order.orderId, this.#byOrderId.get(order.orderId)]];
  }
}
