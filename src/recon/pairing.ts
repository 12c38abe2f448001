import type { LocalOrder, LocalView, VenueOrder, VenueSnapshot } from "./view.ts";

/** What names an order in a fill or a row of the venue. */
interface OrderIds {
  readonly orderId?: string;
  readonly clientOrderId?: string;
  readonly originalClientOrderId?: string;
}

/**
 * Which orders of both sides are the same one: by the venue's id first, then by any id of the client's chain.
 *
 * @invariant A local order has one partner at most: of several the open one, then the one with its venue id.
 */
export class Pairing {
  /** Rows of the venue that no order of ours explains. */
  readonly unpaired: readonly VenueOrder[];
  readonly #byVenueId = new Map<string, LocalOrder>();
  readonly #byClientId = new Map<string, LocalOrder>();
  readonly #partners = new Map<LocalOrder, VenueOrder>();
  /** The unpaired rows, by the venue's id and by the client's. */
  readonly #strangers = new Map<string, VenueOrder>();
  readonly #strangersByClientId = new Map<string, VenueOrder>();
  readonly #pairedIds = new Map<string, LocalOrder>();

  constructor(local: LocalView, venue: VenueSnapshot) {
    for (const order of local.orders) this.#learn(order);
    const rows = venue.orders ?? [];
    // Which row comes first says something only where two of them want one place: usually none do.
    this.unpaired = this.#pair(rows, true) ?? this.#pair([...rows].sort(this.#rank), false) ?? [];
  }

  /** The venue's row of a local order. */
  partnerOf(order: LocalOrder): VenueOrder | undefined {
    return this.#partners.get(order);
  }

  /** The local order that a fill belongs to. */
  localOf(ids: OrderIds): LocalOrder | undefined {
    if (ids.orderId !== undefined) {
      const order = this.#byVenueId.get(ids.orderId) ?? this.#pairedIds.get(ids.orderId);
      if (order !== undefined) return order;
      if (this.#strangers.has(ids.orderId)) return undefined;
    }
    return ids.clientOrderId === undefined ? undefined : this.#byClientId.get(ids.clientOrderId);
  }

  /** The order a fill belongs to: ours, else the venue's row. */
  groupOf(ids: OrderIds): LocalOrder | VenueOrder | undefined {
    const order = this.localOf(ids);
    if (order !== undefined) return order;
    const byId = ids.orderId === undefined ? undefined : this.#strangers.get(ids.orderId);
    if (byId !== undefined || ids.clientOrderId === undefined) return byId;
    return this.#strangersByClientId.get(ids.clientOrderId);
  }

  /** Pairs rows in their order; undefined, and nothing paired, where the order matters and `isAnyOrder`. */
  #pair(rows: readonly VenueOrder[], isAnyOrder: boolean): readonly VenueOrder[] | undefined {
    const unpaired: VenueOrder[] = [];
    for (const row of rows) {
      const order = this.#find(row);
      const isTaken = order !== undefined && this.#partners.has(order);
      const isNamed = order === undefined && row.clientOrderId !== undefined;
      if (isAnyOrder && (isTaken || (isNamed && this.#strangersByClientId.has(row.clientOrderId ?? "")))) {
        for (const each of [this.#partners, this.#pairedIds, this.#strangers, this.#strangersByClientId])
          each.clear();
        return undefined;
      }
      if (order === undefined || isTaken) {
        unpaired.push(row);
        this.#strangers.set(row.orderId, row);
        if (row.clientOrderId !== undefined) this.#strangersByClientId.set(row.clientOrderId, row);
      } else {
        this.#partners.set(order, row);
        this.#pairedIds.set(row.orderId, order);
      }
    }
    return unpaired;
  }

  #learn(order: LocalOrder): void {
    if (order.orderId !== undefined) this.#byVenueId.set(order.orderId, order);
    for (const id of order.clientOrderIds) this.#byClientId.set(id, order);
    for (const request of order.requests) {
      if (!this.#byClientId.has(request.clientOrderId)) this.#byClientId.set(request.clientOrderId, order);
    }
  }

  #find(row: VenueOrder): LocalOrder | undefined {
    const order = this.#byVenueId.get(row.orderId) ?? this.#byClientId.get(row.clientOrderId ?? "");
    return order ?? this.#byClientId.get(row.originalClientOrderId ?? "");
  }

  readonly #rank = (left: VenueOrder, right: VenueOrder): number => {
    const open = Number(right.state === "open") - Number(left.state === "open");
    if (open !== 0) return open;
    const exact = Number(this.#byVenueId.has(right.orderId)) - Number(this.#byVenueId.has(left.orderId));
    if (exact !== 0) return exact;
    return left.orderId < right.orderId ? -1 : 1;
  };
}
