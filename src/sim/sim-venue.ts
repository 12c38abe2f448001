import { type ApprovalTaker, type OutboundOrder, outboundOrder, type VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { NO_GATE } from "./no-gate.ts";
import { VenueIntake } from "./venue-intake.ts";

/**
 * A simulated venue for one instrument, driven by a depth tape in exchange time: it keeps the venue's book,
 * holds our orders with their places in the queue, and answers after the latency model's times. The market
 * does not react to our orders; what a tape cannot know is said in the room's README.
 *
 * @units `nowNs`: ns from the session's base
 * @invariant A fill never happens before its order arrived; fills of an order never exceed its quantity.
 * @cost A row of the feed costs a book update, one bucket look-up and two comparisons; no allocation.
 * @source hftbacktest 0.9, exchange models; its NoPartialFillExchange gives equal fills
 */
export class SimVenue extends VenueIntake implements VenueDoor<ApprovedOrder> {
  readonly #outbound: OutboundOrder = outboundOrder();
  #gate: ApprovalTaker<ApprovedOrder> = NO_GATE;

  bind(gate: ApprovalTaker<ApprovedOrder>): void {
    this.#gate = gate;
  }

  send(approved: ApprovedOrder): void {
    const order = this.#outbound;
    this.#gate.take(approved, order);
    if (order.requestId === 0) this.submit(order);
    else this.change(order.row, order.id, order.requestId, order.priceTicks, order.lots);
  }
}
