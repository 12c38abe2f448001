import { formatScaled } from "../base/index.ts";
import { COST_ITEMS, type TcaReport } from "../stat/index.ts";
import { COST_LABELS } from "./cost-words.ts";
import { formatDecimal, moneyDecimals } from "./figures.ts";
import { visibleText } from "./markup.ts";
import { executionFigures, formatInterval, leftOutWords } from "./section-execution.ts";

/** Names listed of each table; the others are counted. */
const MOST = 8;

/**
 * Writes what orders cost as plain text: six items in all, by strategy and by venue, slippages with their intervals,
 * and how orders were executed. Nothing in a name can move the terminal's cursor.
 *
 * @cost A few dozen lines for each report.
 * @example
 * ```ts
 * import { renderCosts } from "tickwright/report";
 * renderCosts([]); // => ""
 * ```
 */
export function renderCosts(reports: readonly TcaReport[]): string {
  return reports
    .filter(({ counts }) => counts.orders > 0)
    .map((tca) => [...costTable(tca), "", ...slippageLines(tca), "", ...executionLines(tca)].join("\n"))
    .map((text) => `${text}\n`)
    .join("\n");
}

function costTable(tca: TcaReport): string[] {
  const shown = Math.min(tca.decimals, moneyDecimals(Number(formatScaled(tca.total.total, tca.decimals))));
  const amount = (minor: bigint): string => formatDecimal(formatScaled(minor, tca.decimals), shown);
  const head = [`Costs in ${tca.currency}`, ...COST_ITEMS.map((item) => COST_LABELS[item]), "Total"];
  const rows = [
    ...tca.byStrategy.slice(0, MOST),
    ...(tca.byVenue.length > 1 ? tca.byVenue.slice(0, MOST) : []),
    { ...tca.total, name: "All" },
  ].map(({ name, items, total }) => [
    plainText(name),
    ...COST_ITEMS.map((item) => amount(items[item])),
    amount(total),
  ]);
  const hidden = tca.byStrategy.length - MOST;
  const lines = layOut([head, ...rows]);
  return hidden > 0 ? [...lines, `${hidden} more strategies are not listed.`] : lines;
}

function slippageLines({ slippages, spread, markouts, counts }: TcaReport): string[] {
  const lines = layOut([
    ["Slippage, bp", "mean [95 %]", `${counts.clusteredBy}s`],
    ...(["decision", "arrival", "intervalVwap", "twap", "pwp"] as const).map((name) => [
      name,
      formatInterval(slippages[name]),
      `${slippages[name]?.clusters ?? 0}`,
    ]),
    ...markouts.map((one) => [`markout ${one.horizonNs / 1e9} s`, formatInterval(one), `${one.clusters}`]),
  ]);
  if (spread === null) return lines;
  const { quoted, effective, realised, impact } = spread;
  const of = (ticks: number): string => ticks.toFixed(3);
  const sum = `effective ${of(effective)} = realised ${of(realised)} + impact ${of(impact)}, quoted ${of(quoted)}`;
  const { bp } = spread;
  const points = `effective ${of(bp.effective)} = realised ${of(bp.realised)} + impact ${of(bp.impact)}, quoted ${of(bp.quoted)}`;
  return [...lines, `spread in ticks: ${sum}`, `spread in bp: ${points}`];
}

function executionLines(tca: TcaReport): string[] {
  const lines = layOut(executionFigures(tca).map(([label, value]) => [label, plainText(value)]));
  const left = leftOutWords(tca);
  return left === "" ? lines : [...lines, `Left out: ${left}`];
}

/** Columns as wide as what they hold: the first set left, the others right. */
function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join("  ")
      .trimEnd(),
  );
}

function plainText(text: string): string {
  return visibleText(text)
    .replace(/[\t\n]/g, " ")
    .replace(/\u00a0/g, " ");
}
