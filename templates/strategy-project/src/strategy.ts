import { Ema, type SignalState } from "tickwright/signal";
import { defineStrategy } from "tickwright/strategy";
import { z } from "zod";

/**
 * Units. Prices are whole ticks, quantities whole lots: what a tick and a lot are worth stands in the instrument
 * (`book.instrument`), for the sample in `market.ts`. Prices and quantities of orders are integers; averages and
 * other signals are floats and may have any value. Time comes from `ctx.clock` alone, in nanoseconds; `Date.now()`
 * and `Math.random()` in a callback are faults, because a run that reads them cannot be repeated.
 */
const params = z.strictObject({
  /** How many messages of the book the average is taken over; the strategy waits as long before its first order. */
  window: z.int().min(2).max(100_000).default(50),
  /** How far below the average the market has to be, in ticks. */
  edgeTicks: z.number().positive().default(3),
  /** The most that is held, in lots. */
  lots: z.int().positive().default(5),
});

/**
 * Buys at the best bid while the market is below its average, and offers what it holds at the best ask once the market
 * is back. It is here to be replaced: nothing is known of any market in which it earns money.
 */
export const strategy = defineStrategy({
  name: "reversion",
  params,
  create({ window, edgeTicks, lots }) {
    const average = new Ema({ period: window });
    return {
      warmup: window,
      onBook(book, ctx) {
        if (book.validity !== "valid" || !book.hasBid || !book.hasAsk) return;
        const away = book.midTicks - average.update(book.midTicks);
        if (!ctx.isWarm || !average.ready) return;

        const instrument = book.instrument.key;
        const held = ctx.position(instrument).lots;
        const wanted =
          held > 0 && away >= 0
            ? { side: "sell" as const, lots: held, priceTicks: book.bestAsk }
            : held < lots && away < -edgeTicks
              ? { side: "buy" as const, lots: lots - held, priceTicks: book.bestBid }
              : undefined;

        const [open] = ctx.openOrders(instrument);
        if (open !== undefined) {
          const isStillWanted = open.side === wanted?.side && open.priceTicks === wanted.priceTicks;
          if (!isStillWanted) ctx.cancel(open);
        } else if (wanted !== undefined) {
          const order = ctx.submit({ instrument, ...wanted, type: "limit", postOnly: true });
          if (!order.ok) ctx.log(order.message); // a refusal: the rule, the value and what was expected
        }
      },
      // What the next decision depends on, so that a session can go on after a restart.
      onSave: () => ({ version: 1, state: average.save() }),
      onLoad: ({ state }) => average.load(state as SignalState),
    };
  },
});
