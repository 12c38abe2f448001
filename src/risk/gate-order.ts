/**
 * An order as the gate reads it: plain numbers, one object used again and again.
 *
 * @units `priceTicks`, `stopTicks` ticks (0 where there is none); `lots` lots; `expireNs` ns from the session's base
 */
export interface GateOrder {
  /** Places in the gate's options: who sends it, and what it trades. */
  seat: number;
  instrument: number;
  /** The client's own number of the order: above every earlier one of the seat. */
  id: number;
  /** +1 buys, -1 sells. */
  side: number;
  /** Codes `ORDER_TYPE` and `TIME_IN_FORCE` of the room `model`. */
  type: number;
  timeInForce: number;
  /** Bits of {@link GATE_FLAG}. */
  flags: number;
  priceTicks: number;
  stopTicks: number;
  lots: number;
  /** Lots shown in the book; 0 shows all. */
  displayLots: number;
  /** Infinity unless good till a time. */
  expireNs: number;
  /** The caller's own mark of the order, handed back when it is sent: its row in a store, say. */
  row: number;
  /** Tells slices of one parent from repetitions: 0 for orders that are no slice. Above every earlier one of `parent`. */
  slice: number;
  /** The seat's own parent that it is a child of, as `gate.reserves.open` returned it; 0 for none. */
  parent: number;
}

/** Bits of `flags`; the first two are `ORDER_FLAG` of the room `model`. */
export const GATE_FLAG = {
  postOnly: 1,
  reduceOnly: 2,
  /** Closes a position while a kill of level 3 is latched: passes the latch if it only reduces. */
  flatten: 4,
} as const;

/** A limit order to buy one lot, to be filled in. */
export function gateOrder(): GateOrder {
  return {
    seat: 0,
    instrument: 0,
    id: 0.5,
    side: 1,
    type: 0,
    timeInForce: 0,
    flags: 0,
    priceTicks: 0,
    stopTicks: 0,
    lots: 0.5,
    displayLots: 0.5,
    row: 0,
    expireNs: Number.POSITIVE_INFINITY,
    slice: 0.5,
    parent: 0,
  };
}
