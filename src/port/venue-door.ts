/**
 * An order on its way out, as plain numbers. The object is reused: a door copies what it keeps.
 *
 * @units `priceTicks` ticks; `lots` lots; `expireNs` ns from the session's base, Infinity unless GTD
 */
export interface OutboundOrder {
  /** The order's row in the kernel's store, and its id there: a row is used again, an id never. */
  row: number;
  id: number;
  /** +1 buys, -1 sells. */
  sideSign: number;
  /** Codes `ORDER_TYPE`, `TIME_IN_FORCE` and bits `ORDER_FLAG` of the room `model`. */
  type: number;
  timeInForce: number;
  flags: number;
  priceTicks: number;
  lots: number;
  expireNs: number;
}

/**
 * The way out to a venue, for the instruments it lists. Calls return at once; what the venue says comes back
 * as reports, later.
 */
export interface VenueDoor {
  submit(order: OutboundOrder): void;
  cancel(row: number, id: number, requestId: number): void;
  replace(row: number, id: number, requestId: number, priceTicks: number, lots: number): void;
}
