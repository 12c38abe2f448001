import { NO_ASK, NO_BID } from "../book/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import { VenueIntake } from "./venue-intake.ts";

/** Hears what stands on one level of a book; false ends the walk. @units ticks, order lots */
export type LevelVisit = (tick: number, lots: number) => boolean;

/**
 * A simulated venue from the exchange's side: orders come off a wire, from clients that have gates of their own, and
 * are taken as they are. The rest is {@link SimVenue}'s: book, queues, fills, reports. A trader's door is `SimVenue`, which
 * takes approvals only.
 *
 * @invariant As `SimVenue`: no fill before the order arrived, none beyond its quantity.
 * @cost As `SimVenue`.
 * @example
 * ```ts
 * import { Instrument, MESSAGE_FIELD, REPORT } from "tickwright/model";
 * import { outboundOrder } from "tickwright/port";
 * import { SimExchange } from "tickwright/sim";
 * const instrument = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
 * const exchange = new SimExchange({ instrument });
 * exchange.book.setAsk(10_001, 5);
 * exchange.place({ ...outboundOrder(), priceTicks: 10_001, lots: 3 });
 * exchange.arrive();
 * const { cells, first } = exchange.reports.ring;
 * cells[first + MESSAGE_FIELD.kind] === REPORT.accepted; // => true
 * exchange.position[0]; // => 3
 * ```
 */
export class SimExchange extends VenueIntake {
  /** Sends an order of a client: it arrives after the latency model's time. */
  place(order: OutboundOrder): void {
    this.submit(order);
  }

  /** Sends new terms of an order: a price and a whole quantity. @units ticks, lots */
  replace(row: number, id: number, requestId: number, priceTicks: number, lots: number): void {
    this.change(row, id, requestId, priceTicks, lots);
  }

  /** Walks what an order of a side (+1 buys) could take now, from the best price on, whole lots of each level. */
  takeable(sideSign: number, visit: LevelVisit): void {
    const { book, consumed, bookLotsPerLot } = this;
    const buys = sideSign > 0;
    const end = buys ? NO_ASK : NO_BID;
    for (let tick = buys ? book.bestAsk : book.bestBid; tick !== end; ) {
      const shown = buys ? book.askLots(tick) : book.bidLots(tick);
      const lots = Math.floor((shown - consumed.at(buys ? -1 : 1, tick)) / bookLotsPerLot);
      if (lots > 0 && !visit(tick, lots)) return;
      tick = buys ? book.nextAsk(tick) : book.nextBid(tick);
    }
  }
}
