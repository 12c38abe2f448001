import { Fault } from "../base/index.ts";
import {
  type Instrument,
  ORDER_FLAG,
  ORDER_TYPE,
  type OrderType,
  type SideSign,
  sideOf,
  TIME_IN_FORCE,
  type TimeInForce,
} from "../model/index.ts";
import { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import type { VenueCapabilities, VenueOrderTerms, VenueTrouble } from "./venue-client.ts";

const TYPES = Object.keys(ORDER_TYPE) as OrderType[];
const TIMES = Object.keys(TIME_IN_FORCE) as TimeInForce[];

/** Where a door's orders go. */
export interface DoorExit {
  /** Whether the venue has this time in force, as far as is known. */
  takes(timeInForce: TimeInForce): boolean;
  order(station: number, terms: OutboundOrder): void;
  cancel(station: number, id: number, requestId: number): void;
}

/** The door of one instrument: it takes approvals of the gate it is bound to, and cancels. */
export class LinkDoor implements VenueDoor<ApprovedOrder> {
  readonly #station: number;
  readonly #exit: DoorExit;
  readonly #terms = outboundOrder();
  #gate: ApprovalTaker<ApprovedOrder> | undefined = undefined;

  constructor(station: number, exit: DoorExit) {
    this.#station = station;
    this.#exit = exit;
  }

  get takesAuctionOrders(): boolean {
    return this.#exit.takes("atOpen") && this.#exit.takes("atClose");
  }

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }

  send(approved: ApprovedOrder): void {
    if (this.#gate === undefined) {
      const expected = "a door that is bound to a gate";
      throw new Fault("FAULT_APPROVAL", { path: "venueLink.door", value: "no gate", expected });
    }
    this.#gate.take(approved, this.#terms);
    this.#exit.order(this.#station, this.#terms);
  }

  cancel(_row: number, id: number, requestId: number): void {
    this.#exit.cancel(this.#station, id, requestId);
  }
}

/** The terms of an order as its venue is told them, under a client order id. */
export function venueTerms(
  instrument: Instrument,
  terms: OutboundOrder,
  clientOrderId: string,
): VenueOrderTerms {
  const { sideSign, type, timeInForce, flags, priceTicks, stopTicks, lots, displayLots, expireNs } = terms;
  return {
    ...{ instrument, clientOrderId },
    side: sideOf(sideSign as SideSign),
    type: TYPES[type] as OrderType,
    timeInForce: TIMES[timeInForce] as TimeInForce,
    postOnly: (flags & ORDER_FLAG.postOnly) !== 0,
    reduceOnly: (flags & ORDER_FLAG.reduceOnly) !== 0,
    ...{ priceTicks, stopTicks, lots, displayLots, expireNs },
  };
}

/** Why a venue cannot take an order or a replace; undefined where it can. */
export function unsupported(
  can: VenueCapabilities,
  order: VenueOrderTerms,
  isReplace: boolean,
  cumLots: number,
): VenueTrouble | undefined {
  const no = (words: string): VenueTrouble => ({ code: "VENUE_UNSUPPORTED", words });
  if (isReplace && can.replace === "none") return no("no replaces: cancel, then submit anew");
  if (isReplace && can.replace === "cancelNew" && cumLots > 0) {
    return no("a replace is a cancel and a new order here, which is safe only while nothing is executed");
  }
  if (!can.types.includes(order.type)) return no(`no orders of type ${order.type}`);
  if (!can.timesInForce.includes(order.timeInForce)) return no(`no time in force ${order.timeInForce}`);
  if (order.postOnly && !can.postOnly) return no("no post-only orders");
  if (order.reduceOnly && !can.reduceOnly) return no("no reduce-only orders");
  if (order.displayLots > 0 && order.displayLots < order.lots && !can.displayLots) {
    return no("no orders of which only a part is shown");
  }
  return undefined;
}
