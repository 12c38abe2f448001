import type { BacktestOptions } from "../run/index.ts";

/** The limits of a run of the demo. */
type Limits = NonNullable<BacktestOptions["risk"]>;

/** What both kinds of run share: markets that the run's own tape opens and closes. */
const ALWAYS = { hours: "always", status: "trusted" } as const;

/**
 * Wide limits for a strategy that puts its whole equity into one index by daily bars: twice the equity, a tenth from
 * the last price, a fall by half within 90 days. A daily loss has no bound here: nobody tells the gate of new days,
 * so that it would be one over twenty years.
 */
export function dailyLimits(cash: string): Limits {
  return {
    ...ALWAYS,
    currency: "USD",
    capital: [{ level: "firm", amount: cash }],
    // The slippage of these bars is for market orders: they stay what they are.
    protectsMarketOrders: false,
    drawdownWindowNs: 90 * 86_400 * 1_000_000_000,
    limits: [
      {
        level: "firm",
        limits: {
          maxOrderLots: 20_000,
          maxOrderValue: "20000000",
          maxLongLots: 10_000,
          maxShortLots: 10_000,
          maxGrossValue: "10000000",
          maxConcentration: 2,
          maxLeverage: 2,
          maxMarginShare: 2,
          maxDailyLoss: "unlimited",
          maxDrawdownShare: 0.5,
          maxOrdersPerSecond: 10,
          maxOrdersPerMinute: 60,
          priceCollarBps: 1_000,
        },
      },
    ],
  };
}

/** Wide limits for a market maker in one contract: twice its largest position, 2 % from the mid, 5 % of its cash. */
export function makerLimits(cash: string): Limits {
  return {
    ...ALWAYS,
    currency: "USDT",
    capital: [{ level: "firm", amount: cash }],
    // A maker sends the same quote again when the price comes back: more than 20 within 100 ms is a fault of its own.
    duplicates: { windowNs: 100_000_000, count: 20 },
    limits: [
      {
        level: "firm",
        limits: {
          maxOrderLots: 100,
          maxOrderValue: "20000",
          maxLongLots: 200,
          maxShortLots: 200,
          maxGrossValue: "50000",
          maxNetValue: "50000",
          maxOpenOrders: 20,
          maxOpenValue: "100000",
          maxConcentration: 0.5,
          maxMarginShare: 0.5,
          maxDailyLoss: "5000",
          maxOrdersPerSecond: { rate: 100, burst: 200 },
          maxOrdersPerMinute: 3_000,
          priceCollarBps: 200,
          maxTicksThrough: 100,
        },
      },
    ],
  };
}
