import type { RunResult } from "../run/index.ts";
import { formatDecimal, formatExact, formatNumber, moneyDecimals } from "./figures.ts";
import { quoteUnit } from "./headline.ts";
import { html, type Markup } from "./markup.ts";
import { nothing, section, table } from "./table.ts";

/** How initial equity became final equity, and what each instrument contributed. */
export function moneySection(result: RunResult): Markup {
  return section(
    "money",
    "Money and positions",
    html`<div class="pair">${moneyTable(result)}${closedTrades(result)}</div>${positionsTable(result)}`,
  );
}

function decimalsOf(result: RunResult): number {
  return moneyDecimals(Number(result.money.initialEquity) || Number(result.money.finalEquity));
}

function moneyTable(result: RunResult): Markup {
  const { currency, money } = result;
  const decimals = decimalsOf(result);
  const amount = (text: string): Markup => exact(text, decimals);
  return table({
    caption: "Money",
    note: `Rounded to ${decimals} decimals. Final = initial + realised + unrealised − fees + funding + dividends.`,
    columns: [{ label: "Item" }, { label: `Amount, ${currency}`, number: true }],
    rows: [
      ["Initial equity", amount(money.initialEquity)],
      ["Realised", amount(money.realized)],
      ["Unrealised", amount(money.unrealized)],
      ["Fees paid", amount(money.fees)],
      ["Funding", amount(money.funding)],
      ["Dividends", amount(money.dividends)],
      ...residualRow(result, decimals),
    ],
    foot: [["Final equity", amount(money.finalEquity)]],
  });
}

/** What the items leave unexplained: transfers and the rounding of conversions; absent when it prints as 0. */
function residualRow(result: RunResult, decimals: number): string[][] {
  const { dividends, fees, finalEquity, funding, initialEquity, realized, unrealized } = result.money;
  const parts = [initialEquity, realized, unrealized, funding, dividends].map(Number);
  const sum = parts.reduce((total, part) => total + part, -Number(fees));
  const printed = formatNumber(Number(finalEquity) - sum, decimals);
  return /[1-9]/.test(printed) ? [["Transfers and conversions", printed]] : [];
}

function closedTrades(result: RunResult): Markup {
  const { currency, trades } = result;
  const decimals = decimalsOf(result);
  const mean = (total: number, count: number): string =>
    formatNumber(count === 0 ? null : total / count, decimals);
  const net = trades.grossProfit - Math.abs(trades.grossLoss);
  const flat = trades.count - trades.wins - trades.losses;
  return table({
    caption: "Closed trades",
    note: "From flat to flat.",
    columns: [
      { label: "Outcome" },
      { label: "Trades", number: true },
      { label: `Sum, ${currency}`, number: true },
      { label: `Mean, ${currency}`, number: true },
    ],
    rows: [
      [
        "Won",
        formatNumber(trades.wins, 0),
        formatNumber(trades.grossProfit, decimals),
        mean(trades.grossProfit, trades.wins),
      ],
      [
        "Lost",
        formatNumber(trades.losses, 0),
        formatNumber(-Math.abs(trades.grossLoss), decimals),
        mean(-Math.abs(trades.grossLoss), trades.losses),
      ],
      ["Even", formatNumber(flat, 0), formatNumber(0, decimals), mean(0, flat)],
    ],
    foot: [["All", formatNumber(trades.count, 0), formatNumber(net, decimals), mean(net, trades.count)]],
  });
}

function positionsTable(result: RunResult): Markup {
  if (result.positions.length === 0) return nothing("No positions were ever held.");
  const decimals = decimalsOf(result);
  const unit = quoteUnit(result);
  return table({
    caption: "Positions at the end",
    columns: [
      { label: "Instrument" },
      { label: "Quantity, units", number: true },
      { label: `Realised, ${unit}`, number: true },
      { label: `Unrealised, ${unit}`, number: true },
      { label: `Fees, ${unit}`, number: true },
    ],
    rows: result.positions.map((position) => [
      position.instrument,
      formatExact(position.quantity.trim() === "" ? null : Number(position.quantity)),
      exact(position.realized, decimals),
      exact(position.unrealized, decimals),
      exact(position.fees, decimals),
    ]),
  });
}

/** An amount rounded for reading; the exact one is in its title. */
function exact(text: string, decimals: number): Markup {
  return html`<data value="${text}" title="${text}">${formatDecimal(text, decimals)}</data>`;
}
