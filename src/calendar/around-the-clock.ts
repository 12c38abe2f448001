import type { CalendarOptions } from "./calendar-options.ts";
import { fixedDate } from "./holiday-rule.ts";
import { FUTURES_ORDER_PHASES } from "./order-phases.ts";

/**
 * Spot foreign exchange: from Sunday 17:00 to Friday 17:00 in New York, where the trading day changes at 17:00.
 * Christmas and New Year's Day are no trading days: from 17:00 of the evening before to 17:00 it is closed.
 */
export const FX_OPTIONS: CalendarOptions = {
  name: "FX",
  zone: "America/New_York",
  hours: [
    {
      from: "2007-01-01",
      plans: {
        regular: {
          open: "-1d 17:00",
          close: "17:00",
          phases: [
            ["-1d 17:00", "continuous"],
            ["17:00", "closed"],
          ],
        },
      },
    },
  ],
  holidays: [
    { name: "New Year's Day", days: fixedDate(1, 1) },
    { name: "Christmas", days: fixedDate(12, 25) },
  ],
  orderPhases: FUTURES_ORDER_PHASES,
};

/** Crypto currencies: always open, trading days of UTC. Lay maintenance over it by `withWindow`. */
export const CRYPTO_OPTIONS: CalendarOptions = {
  name: "CRYPTO",
  zone: "UTC",
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  hours: [
    {
      from: "2007-01-01",
      plans: {
        regular: {
          open: "00:00",
          close: "24:00",
          phases: [
            ["00:00", "continuous"],
            ["24:00", "closed"],
          ],
        },
      },
    },
  ],
  orderPhases: FUTURES_ORDER_PHASES,
};
