import type { FinishedBar } from "../../src/feed/index.ts";

/** A trade as the tests make them. */
export interface Trade {
  readonly ns: number;
  readonly tick: number;
  readonly lots: number;
}

/** Bars of a period by filtering and sorting the whole, the slow way. Late trades are left out. */
export function slowPeriods(
  trades: readonly Trade[],
  periodNs: number,
  latenessNs: number,
): { readonly bars: FinishedBar[]; readonly late: number } {
  let latest = Number.NEGATIVE_INFINITY;
  const taken = trades.filter(({ ns }) => {
    const isLate = ns < Math.floor((latest - latenessNs) / periodNs) * periodNs;
    if (!isLate) latest = Math.max(latest, ns);
    return !isLate;
  });
  const starts = [...new Set(taken.map(({ ns }) => Math.floor(ns / periodNs) * periodNs))].sort(
    (left, right) => left - right,
  );
  const bars = starts.map((openNs) => {
    const within = taken.filter(({ ns }) => ns >= openNs && ns < openNs + periodNs);
    return summary(within, openNs, openNs + periodNs);
  });
  return { bars, late: trades.length - taken.length };
}

/** Bars that end once `isFull` says so of their trades; the trades' times must not fall. */
export function slowCounts(
  trades: readonly Trade[],
  isFull: (within: readonly Trade[]) => boolean,
): FinishedBar[] {
  const bars: FinishedBar[] = [];
  let within: Trade[] = [];
  for (const [i, trade] of trades.entries()) {
    within.push(trade);
    if (!isFull(within) && i < trades.length - 1) continue;
    bars.push(summary(within, (within[0] as Trade).ns, trade.ns));
    within = [];
  }
  return bars;
}

/** Flat bars put between bars that do not touch. */
export function filled(bars: readonly FinishedBar[], periodNs: number): FinishedBar[] {
  return bars.flatMap((bar, i) => {
    const before = bars[i - 1];
    if (before === undefined) return [bar];
    const count = (bar.openNs - before.closeNs) / periodNs;
    const flat = {
      open: before.close,
      high: before.close,
      low: before.close,
      close: before.close,
      volume: 0,
    };
    const gap = Array.from({ length: count }, (_, k) => {
      const openNs = before.closeNs + k * periodNs;
      return { openNs, closeNs: openNs + periodNs, ...flat };
    });
    return [...gap, bar];
  });
}

function summary(within: readonly Trade[], openNs: number, closeNs: number): FinishedBar {
  const sorted = [...within].sort((left, right) => left.ns - right.ns);
  const ticks = within.map(({ tick }) => tick);
  return {
    openNs,
    closeNs,
    open: (sorted[0] as Trade).tick,
    high: Math.max(...ticks),
    low: Math.min(...ticks),
    close: (sorted.at(-1) as Trade).tick,
    volume: within.reduce((sum, { lots }) => sum + lots, 0),
  };
}
