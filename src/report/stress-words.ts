import type { StressReport, StressRun } from "../trial/index.ts";
import { DASH, formatCount, formatNumber, formatPercent, moneyDecimals, signed } from "./figures.ts";

/** The columns of a stress table behind the world's name. */
export const STRESS_COLUMNS = [
  ...(["Profit", "Against base", "Return", "Sharpe", "Drawdown"] as const),
  ...(["Orders", "Fills", "Fees", "Slippage, bp"] as const),
];

/** The runs of a report in the order they are told. */
export function stressRuns({ base, worlds, all }: StressReport): readonly StressRun[] {
  return [base, ...worlds, ...(all === null ? [] : [all])];
}

/** A run's figures in words, one for each of {@link STRESS_COLUMNS}. */
export function stressCells({ base }: StressReport, { figures, decay }: StressRun): readonly string[] {
  if (figures === null) return STRESS_COLUMNS.map(() => DASH);
  const decimals = moneyDecimals(
    Math.max(...[base.figures?.profit, figures.profit].map((x) => Math.abs(x ?? 0))),
  );
  const money = (amount: number | null): string => formatNumber(amount, decimals);
  return [
    money(figures.profit),
    decay === null ? "" : signed(money(decay.profit.difference)),
    formatPercent(figures.totalReturn, 4),
    formatNumber(figures.sharpe),
    formatPercent(figures.maxDrawdown, 4),
    formatCount(figures.orders),
    formatCount(figures.fills),
    money(figures.fees),
    formatNumber(figures.slippageBp, 3),
  ];
}

/** What failed, a line each. */
export function stressFailures(report: StressReport): readonly string[] {
  return stressRuns(report).flatMap(({ name, failed }) =>
    failed === null ? [] : [`${name} failed, ${failed.code}: ${failed.message.split("\n")[0]}`],
  );
}
