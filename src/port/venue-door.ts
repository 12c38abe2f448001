/**
 * An order on its way out, as plain numbers, or a replace of one. The object is reused: a door copies what it keeps.
 *
 * @units `priceTicks`, `stopTicks` ticks; `lots`, `displayLots` lots; `expireNs` ns from the session's base, Infinity
 * unless GTD
 */
export interface OutboundOrder {
  /** The order's row in the kernel's store, and its id there: a row is used again, an id never. */
  row: number;
  id: number;
  /** 0 for a new order; else the number of the replace, whose new terms `priceTicks` and `lots` are. */
  requestId: number;
  /** +1 buys, -1 sells. */
  sideSign: number;
  /** Codes `ORDER_TYPE`, `TIME_IN_FORCE` and bits `ORDER_FLAG` of the room `model`. */
  type: number;
  timeInForce: number;
  flags: number;
  priceTicks: number;
  stopTicks: number;
  lots: number;
  displayLots: number;
  expireNs: number;
}

/** An outbound order to be filled in. */
export function outboundOrder(): OutboundOrder {
  return {
    row: 0,
    id: 0,
    requestId: 0,
    sideSign: 1,
    type: 0,
    timeInForce: 0,
    flags: 0,
    priceTicks: 0,
    stopTicks: 0,
    lots: 1,
    displayLots: 0,
    expireNs: Number.POSITIVE_INFINITY,
  };
}

/**
 * Who turns approvals into the orders they stand for: a risk gate.
 *
 * @throws `FAULT_APPROVAL` from `take` on everything that is not this gate's own good approval: one that was used,
 * one that is older than a change of limits or of the kill latch, a copy, another gate's.
 */
export interface ApprovalTaker<Approved> {
  take(approved: Approved, into: OutboundOrder): void;
}

/**
 * The way out to a venue, for the instruments it lists. It takes an order or a replace only as an approval, and gets
 * its terms from the gate it is bound to, once. Calls return at once; what the venue says comes back as reports,
 * later.
 */
export interface VenueDoor<Approved> {
  /** Whether its venue has limit orders for an auction alone, `atOpen` and `atClose`; it has none unless given. */
  readonly takesAuctionOrders?: boolean;
  /** Binds the gate whose approvals this door takes; before that it takes none. */
  bind(gate: ApprovalTaker<Approved>): void;
  /** Sends a new order or a replace. @throws `FAULT_APPROVAL` as {@link ApprovalTaker.take} */
  send(approved: Approved): void;
  /** Sends a cancel: no gate holds one up. */
  cancel(row: number, id: number, requestId: number): void;
}
