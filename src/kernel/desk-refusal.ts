import { type Refusal, refuse } from "../base/index.ts";
import type { Instrument, OrderRequest } from "../model/index.ts";
import { OUTCOME } from "../order/index.ts";
import type { KernelRefusalCode } from "./refusals.ts";
import type { Slot } from "./slot.ts";
import type { Station } from "./station.ts";
import type { Ticket } from "./ticket.ts";

/** No such instrument. */
export function badInstrument(
  request: OrderRequest,
  known: readonly Instrument[],
): Refusal<KernelRefusalCode> {
  const expected = `one of ${known.map((instrument) => instrument.key).join(", ")}`;
  return refuse("ORDER_INSTRUMENT_UNKNOWN", "instrument", request.instrument, expected);
}

/** The strategy was stopped. */
export function stopped({ fault }: Slot): Refusal<KernelRefusalCode> {
  return refuse("ORDER_STRATEGY_STOPPED", "strategy", fault?.callback, "a strategy that was not stopped");
}

/** Whether a strategy may send orders in an instrument now. */
export function checkReady(slot: Slot, station: Station): Refusal<KernelRefusalCode> | undefined {
  if (!slot.isWarm) {
    return refuse("ORDER_NOT_WARM", "warmup", false, "the strategy's warm-up to have passed");
  }
  if (station.door === undefined || station.isDoorless) {
    return refuse("ORDER_NO_VENUE", "instrument", station.instrument.key, "a connected venue");
  }
  return checkHeld(station);
}

/** Whether nobody holds an instrument. */
export function checkHeld({ isHeld, instrument }: Station): Refusal<KernelRefusalCode> | undefined {
  if (!isHeld) return undefined;
  return refuse("ORDER_INSTRUMENT_HELD", "instrument", instrument.key, "an instrument that nobody stopped");
}

/** Why a request of an order was not taken. */
export function requestRefusal(outcome: number, ticket: Ticket): Refusal<KernelRefusalCode> {
  if (outcome === OUTCOME.requestPending || outcome === OUTCOME.requestsFull) {
    return refuse("ORDER_REQUEST_PENDING", "ticket", ticket.id, "no earlier request on its way");
  }
  return refuse("ORDER_NOT_OPEN", "ticket", ticket.id, `an open order, not ${ticket.status}`);
}
