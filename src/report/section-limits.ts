import { LIMIT_NAMES, LIMIT_UNITS, type LimitName } from "../risk/index.ts";
import type { RunResult } from "../run/index.ts";
import {
  formatCount,
  formatDecimal,
  formatNumber,
  formatPercent,
  formatUnit,
  moneyDecimals,
} from "./figures.ts";
import { formatDuration } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { plain } from "./plain-value.ts";
import { nothing, table } from "./table.ts";

const LABELS: Readonly<Record<LimitName, string>> = {
  maxOrderLots: "Quantity of an order",
  maxOrderValue: "Value of an order",
  maxVolumeShare: "Order, of the daily volume",
  maxLongLots: "Long in an instrument",
  maxShortLots: "Short in an instrument",
  maxGrossValue: "Gross value",
  maxNetValue: "Net value",
  maxOpenOrders: "Open orders",
  maxOpenValue: "Value of open orders",
  maxConcentration: "One instrument, of equity",
  maxDailyLoss: "Loss in a day",
  maxOrdersPerSecond: "Messages a second",
  maxOrdersPerMinute: "Messages a minute",
  priceCollarBps: "Price from its reference",
  priceCollarTicks: "Price from its reference, always allowed",
  maxTicksThrough: "Price beyond the other side",
  maxMarginShare: "Margin, of equity",
  maxLeverage: "Leverage",
  maxValueAtRisk: "Value at risk",
  maxWindowLoss: "Loss within the window",
  maxDrawdown: "Fall from the highest equity",
  maxDrawdownShare: "Fall from the highest equity, of it",
};

/** Parts of the gate's description that have a place of their own. */
const SHOWN: ReadonlySet<string> = new Set(["limits", "capital", "currency", "seats"]);

/** The risk limits every order of a run had to keep: one row for each node of the hierarchy that has any. */
export function limitsTable(result: RunResult): Markup {
  const { risk } = result.manifest;
  // A result of a version without a gate has none.
  if (risk === null || risk === undefined) return nothing("The run had no risk limits.");
  const code = currencyOf(risk["currency"]);
  return table({
    caption: "Risk limits",
    note: "Kept by every order, with all that could still execute: what breaks one stands under refusals.",
    columns: [{ label: "Of" }, { label: "At most" }],
    rows: [
      ...listOf(risk["limits"]).map((node) => [nodeName(node), limitsOf(node["limits"], code)]),
      ["The gate", settings(risk, code)],
    ],
    className: "facts limits",
  });
}

type Loose = Readonly<Record<string, unknown>>;

function isLoose(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.filter(isLoose) : [];
}

function nodeName(node: Loose): string {
  const name = node["name"];
  return name === undefined ? plain(node["level"]) : `${plain(node["level"])} ${plain(name)}`;
}

function currencyOf(currency: unknown): string {
  return plain(isLoose(currency) ? currency["code"] : currency);
}

function limitsOf(limits: unknown, code: string): Markup {
  const given = isLoose(limits) ? limits : {};
  const names = LIMIT_NAMES.filter((name) => given[name] !== undefined);
  return definitions(names.map((name) => [LABELS[name], limitText(name, given[name], code)]));
}

/** What else the gate was made from, as it was given; limits have their own rows. */
function settings(risk: Loose, code: string): Markup {
  const capital = listOf(risk["capital"]).map((node): [string, string] => [
    `Capital of ${nodeName(node)}`,
    money(node["amount"], code),
  ]);
  const seats = listOf(risk["seats"]).map((seat): [string, string] => [
    "Seat",
    Object.values(seat).map(plain).join(" / "),
  ]);
  const rest = Object.entries(risk).filter(([key]) => !SHOWN.has(key));
  return definitions([
    ["Currency", code],
    ...capital,
    ...seats,
    ...rest.map(([key, value]): [string, string] => [wordsOf(key), settingText(key, value)]),
  ]);
}

/** `drawdownWindowNs` as `Drawdown window`. */
function wordsOf(key: string): string {
  const words = key.replace(/Ns$/, "").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function settingText(key: string, value: unknown): string {
  if (typeof value === "number" && key.endsWith("Ns")) return formatDuration(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(plain).join(", ");
  if (!isLoose(value)) return plain(value);
  return Object.entries(value)
    .map(([name, part]) => `${wordsOf(name).toLowerCase()} ${settingText(name, part)}`)
    .join(", ");
}

function definitions(items: readonly (readonly [string, string])[]): Markup {
  const parts = items.map(([name, text]) => html`<div><dt>${name}</dt><dd><code>${text}</code></dd></div>`);
  return html`<dl class="model">${parts}</dl>`;
}

function limitText(name: LimitName, value: unknown, code: string): string {
  if (value === "unlimited") return "no limit";
  const unit = LIMIT_UNITS[name];
  if (unit === "money") return money(value, code);
  if (isLoose(value)) return `${plain(value["rate"])}, ${plain(value["burst"])} at once`;
  if (typeof value !== "number") return plain(value);
  switch (unit) {
    case "share":
      return formatPercent(value);
    case "bps":
      return formatPercent(value / 10_000);
    case "ratio":
      return `${formatNumber(value)}\u00a0×`;
    case "count":
      return formatCount(value);
    default:
      return formatUnit(value, unit, 0);
  }
}

function money(value: unknown, code: string): string {
  if (typeof value !== "string") return plain(value);
  return `${formatDecimal(value, moneyDecimals(Number(value)))}\u00a0${code}`;
}
