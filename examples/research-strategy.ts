/** The strategy of example 18, and the recipe of its sweep: a module of its own, because every thread loads it. */
import { BarBlock } from "tickwright/model";
import type { TapeSource } from "tickwright/port";
import type { BacktestOptions } from "tickwright/run";
import { Sma } from "tickwright/signal";
import { defineStrategy, type Strategy } from "tickwright/strategy";
import type { MakeBacktest } from "tickwright/sweep";
import { z } from "zod";

/** Holds 100 lots while the close is so far above its average, in percent of the average. */
const params = z.strictObject({ window: z.int().min(2), abovePercent: z.number(), isPeeking: z.boolean() });

export const trend = (closes: readonly number[]) =>
  defineStrategy({
    name: "trend",
    params,
    create({ window, abovePercent, isPeeking }): Strategy {
      const average = new Sma({ period: window });
      let bars = 0;
      return {
        warmup: window,
        onBar(bar, ctx) {
          bars += 1;
          const mean = average.update(bar.closeTicks);
          if (!ctx.isWarm) return;
          // The mistake: `bars` counts this one already, so this is the next close.
          const close = isPeeking ? (closes[bars] ?? bar.closeTicks) : bar.closeTicks;
          const base = isPeeking ? bar.closeTicks : mean;
          const wanted = close > base * (1 + abovePercent / 100) ? 100 : 0;
          const change = wanted - ctx.position("ABC").lots;
          if (change === 0 || ctx.openOrders().length > 0) return;
          const side = change > 0 ? "buy" : "sell";
          ctx.submit({ instrument: "ABC", side, lots: Math.abs(change), type: "market" });
        },
      };
    },
  });

/** The backtest of one point. What is computed ahead comes from the tapes that are given, so that it can be found out. */
export function backtestOf(
  point: Readonly<Record<string, unknown>>,
  [tape]: readonly TapeSource[],
): BacktestOptions {
  const block = new BarBlock();
  if (tape === undefined) throw new Error("no tape");
  tape.read(0, block);
  const closes = [...block.close.subarray(0, block.n)];
  return { markets: [{ tape }], cash: { USD: "20000" }, strategies: [trend(closes)(point)] };
}

export const recipe =
  ({ isPeeking }: { readonly isPeeking: boolean }): MakeBacktest =>
  (point, tapes) =>
    backtestOf({ ...point, isPeeking }, tapes);
