import type { RunResult } from "../run/index.ts";
import { cagr, type Drawdown, hitRate, maxDrawdown, profitFactor } from "../stat/index.ts";
import {
  DASH,
  formatCount,
  formatDecimal,
  formatNumber,
  formatPercent,
  formatUnit,
  moneyDecimals,
  signed,
} from "./figures.ts";
import { formatDuration, readNanos, YEAR_NS } from "./instants.ts";
import { statOf } from "./stat-names.ts";

/** One key figure: what it is called, what it is with its unit, and what it rests on. */
export interface KeyFigure {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/**
 * The key figures of a run in the order a desk reads them, printed with their units; the tear sheet's strip
 * and the terminal's summary are made from this one list.
 */
export function keyFigures(result: RunResult): KeyFigure[] {
  return [...moneyFigures(result), ...ratioFigures(result), ...tradeFigures(result), ...orderFigures(result)];
}

/** Final over initial equity, minus 1; null when the run began with nothing. */
export function totalReturn(result: RunResult): number | null {
  const initial = Number(result.money.initialEquity);
  return initial > 0 ? Number(result.money.finalEquity) / initial - 1 : null;
}

/**
 * The unit of an instrument's own prices, fees and results: the reporting currency when it is the only one the
 * run knows, else the words `quote currency`.
 */
export function quoteUnit(result: RunResult): string {
  const others = Object.keys(result.manifest.cash).filter((currency) => currency !== result.currency);
  return others.length === 0 ? result.currency : "quote currency";
}

/** The length of a run in nanoseconds. */
export function runLengthNs(result: RunResult): number {
  return Number(readNanos("toNs", result.toNs) - readNanos("fromNs", result.fromNs));
}

function moneyFigures(result: RunResult): KeyFigure[] {
  const { currency, money } = result;
  const decimals = moneyDecimals(Number(money.initialEquity) || Number(money.finalEquity));
  const gain = totalReturn(result);
  const years = runLengthNs(result) / YEAR_NS;
  const yearly = gain !== null && years >= 1 ? cagr(gain, years) : null;
  return [
    {
      id: "finalEquity",
      label: "Final equity",
      value: withUnit(formatDecimal(money.finalEquity, decimals), currency),
      note: `from ${formatDecimal(money.initialEquity, decimals)}`,
    },
    {
      id: "return",
      label: "Return",
      value: signed(formatPercent(gain, returnDecimals(gain))),
      note: yearly === null ? "over the run" : `${signed(formatPercent(yearly))} a year, compounded`,
    },
  ];
}

function ratioFigures(result: RunResult): KeyFigure[] {
  const probability = statOf(result.stats, "probabilisticSharpe");
  const { equity, ms } = result.samples;
  const fall = equity.length < 2 ? null : maxDrawdown(ms, equity);
  return [
    {
      id: "sharpe",
      label: "Sharpe (annual)",
      value: formatNumber(statOf(result.stats, "sharpe")),
      note: `P(true Sharpe > 0) ${formatPercent(probability, 1)}`,
    },
    {
      id: "sortino",
      label: "Sortino (annual)",
      value: formatNumber(statOf(result.stats, "sortino")),
      note: "over downside deviation",
    },
    {
      id: "maxDrawdown",
      label: "Max drawdown",
      value: formatPercent(fall === null ? null : -fall.relative, returnDecimals(fall?.relative ?? null)),
      note: fall === null ? "fewer than two samples" : drawdownNote(fall),
    },
  ];
}

function drawdownNote(fall: Drawdown): string {
  if (fall.relative === 0) return "never below a peak";
  const span = formatDuration(fall.durationMs * 1e6);
  return fall.recoveryIndex === null ? `${span}, not recovered` : `${span}, peak to recovery`;
}

function tradeFigures(result: RunResult): KeyFigure[] {
  const { trades } = result;
  const none = trades.count === 0;
  const factor = none ? null : profitFactor(trades);
  return [
    {
      id: "hitRate",
      label: "Hit rate",
      value: formatPercent(none ? null : hitRate(trades), 1),
      note: none
        ? "no closed trades"
        : `${formatCount(trades.wins)} of ${formatCount(trades.count)} closed trades`,
    },
    {
      id: "profitFactor",
      label: "Profit factor",
      value: formatNumber(factor),
      note: factor !== null ? "gross profit / gross loss" : none ? "no closed trades" : "no losing trade",
    },
  ];
}

function orderFigures(result: RunResult): KeyFigure[] {
  const { currency, fills, money, orders } = result;
  const initial = Number(money.initialEquity);
  const decimals = moneyDecimals(initial || Number(money.finalEquity));
  const feeBp = fills.turnover > 0 ? (Number(money.fees) / fills.turnover) * 1e4 : null;
  const times = initial > 0 ? fills.turnover / initial : null;
  return [
    {
      id: "fees",
      label: "Fees",
      value: withUnit(formatDecimal(money.fees, decimals), currency),
      note: feeBp === null ? "no turnover" : `${formatUnit(feeBp, "bp")} of turnover`,
    },
    {
      id: "fillRate",
      label: "Fill rate",
      value: formatPercent(orders.accepted === 0 ? null : orders.fillRate, 1),
      note: orders.accepted === 0 ? "no orders accepted" : "quantity filled / ordered",
    },
    {
      id: "turnover",
      label: "Turnover",
      value: withUnit(formatNumber(fills.turnover, fills.turnover >= 1_000 ? 0 : 2), currency),
      note: times === null ? `${formatCount(fills.count)} fills` : `${formatNumber(times)}× initial equity`,
    },
  ];
}

/** Two decimals of a percent, more for the small returns of a short run. */
export function returnDecimals(ratio: number | null): number {
  const size = Math.abs(ratio ?? 0);
  if (size === 0 || size >= 0.001) return 2;
  return size >= 0.0001 ? 3 : 4;
}

function withUnit(printed: string, unit: string): string {
  return printed === DASH ? printed : `${printed}\u00a0${unit}`;
}
