import { type ExchangeBar, emptyBar } from "./bar-series.ts";

/** A length of bars as the wire names it. */
export interface BarInterval {
  readonly name: string;
  /** Whether it is made from bars of seconds, rather than minutes. */
  readonly isSeconds: boolean;
  /** When the bar of a moment opens. @units epoch ms */
  readonly startOf: (ms: number) => number;
  /** When the bar that opens then is over. @units epoch ms */
  readonly endOf: (openMs: number) => number;
  /** The bars with empty ones where nothing traded, up to `endMs`. */
  filled(bars: readonly ExchangeBar[], endMs: number): ExchangeBar[];
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Monday: the first of 1970 was a Thursday. */
const MONDAY = 4 * DAY;
const FILLED_MAX = 20_000;

const FIXED: Readonly<Record<string, number>> = {
  "1s": 1_000,
  "1m": MINUTE,
  "3m": 3 * MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "30m": 30 * MINUTE,
  "1h": 60 * MINUTE,
  "2h": 120 * MINUTE,
  "4h": 240 * MINUTE,
  "6h": 360 * MINUTE,
  "8h": 480 * MINUTE,
  "12h": 720 * MINUTE,
  "1d": DAY,
  "3d": 3 * DAY,
};

/** The interval of a name; undefined where there is none. */
export function barInterval(name: string): BarInterval | undefined {
  const length = Object.hasOwn(FIXED, name) ? FIXED[name] : undefined;
  if (length !== undefined) return fixed(name, length, 0);
  if (name === "1w") return fixed(name, 7 * DAY, MONDAY);
  if (name !== "1M") return undefined;
  const startOf = (ms: number): number => {
    const date = new Date(ms);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  };
  return interval(name, startOf, (openMs) => startOf(openMs + 32 * DAY));
}

function fixed(name: string, lengthMs: number, originMs: number): BarInterval {
  const startOf = (ms: number): number => ms - ((ms - originMs) % lengthMs);
  return interval(name, startOf, (openMs) => openMs + lengthMs);
}

function interval(
  name: string,
  startOf: (ms: number) => number,
  endOf: (openMs: number) => number,
): BarInterval {
  const filled = (bars: readonly ExchangeBar[], endMs: number): ExchangeBar[] => {
    const all: ExchangeBar[] = [];
    const fill = (untilMs: number): void => {
      for (let last = all.at(-1); last !== undefined && all.length < FILLED_MAX; last = all.at(-1)) {
        const openMs = endOf(last.openMs);
        if (openMs >= untilMs) return;
        all.push({ ...emptyBar(openMs, last.close, -1) });
      }
    };
    for (const bar of bars) {
      fill(bar.openMs);
      all.push(bar);
    }
    fill(endMs + 1);
    return all;
  };
  return { name, isSeconds: name === "1s", startOf, endOf, filled };
}
