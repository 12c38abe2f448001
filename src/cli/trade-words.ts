import { formatMoney, type Instrument, money, toCurrency } from "../model/index.ts";
import { PaperTrader, type Trader, type TraderStatus, type TraderStopped } from "../run/index.ts";

type Row = readonly string[];

/** How a trader ended and where it stands, in lines. Secrets of what others said are still in them. */
export function stoppedLines(trader: Trader, stopped: TraderStopped): string[] {
  const status = trader.status();
  const { instruments, reporting } = trader.plan.session;
  const { equityMinor, journal, strategies, feeds, venues } = status;
  const worth =
    equityMinor === null
      ? "unknown"
      : formatMoney(money(BigInt(equityMinor), toCurrency("reporting", reporting)));
  return [
    `${status.name}: ${ending(trader, stopped)}`,
    ...table("  ", [
      ["equity", worth],
      ["fills", count(status.fills)],
      ["open", openWords(trader, status.openOrders)],
      ...(journal === null
        ? []
        : [["journal", `${count(journal.lastSeq)} records, ${count(journal.durableSeq)} durable`]]),
      ...(stopped.runHash === undefined ? [] : [["run hash", stopped.runHash]]),
      ...(status.rowsRefused === 0 ? [] : [["refused", `${count(status.rowsRefused)} rows`]]),
      ...strategies.map(({ name, fault }) => [
        "strategy",
        fault === null ? name : `${name}, stopped: ${fault}`,
      ]),
      ...feeds.map(({ source, messages, troubles }) => {
        return ["feed", `${source}: ${count(messages)} messages, ${count(troubles)} troubles`];
      }),
      ...venues.map((venue) => ["venue", venueWords(venue)]),
    ]),
    "",
    ...table("  ", [
      ["instrument", "position", "bid", "ask", "open", "held"],
      ...status.instruments.map((each, i) => instrumentRow(each, instruments[i] as Instrument)),
    ]),
  ];
}

function ending({ failure }: Trader, { runHash, isClean }: TraderStopped): string {
  if (failure !== undefined)
    return `failed: ${failure instanceof Error ? failure.message : "no error was thrown"}`;
  const how = runHash === undefined ? "suspended, the next start goes on" : "ended";
  return isClean ? `${how}, clean` : `${how}, NOT clean: what is open is not known to be over`;
}

function openWords(trader: Trader, orders: number): string {
  const words = `${count(orders)} ${orders === 1 ? "order" : "orders"}`;
  return orders > 0 && trader instanceof PaperTrader ? `${words}, simulated: gone with this process` : words;
}

function instrumentRow(
  { instrument, positionLots, bidTicks, askTicks, openOrders, held }: TraderStatus["instruments"][number],
  terms: Instrument,
): Row {
  const price = (ticks: number | null): string => (ticks === null ? "-" : terms.formatPrice(ticks));
  return [
    ...[instrument, terms.formatQuantity(positionLots), price(bidTicks), price(askTicks)],
    ...[count(openOrders), held.join(" ") || "-"],
  ];
}

/** Its name, its state, and every count that is not 0. */
function venueWords({ venue, state, ...figures }: Readonly<Record<string, unknown>>): string {
  const counts = Object.entries(figures).flatMap(([name, value]) => {
    return typeof value === "number" && value !== 0 ? [`${name} ${count(value)}`] : [];
  });
  const words = [...(typeof state === "string" ? [state] : []), ...counts];
  return `${String(venue)}: ${words.join(", ") || "nothing sent"}`;
}

function table(indent: string, rows: readonly Row[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: Row): string => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return rows.map((row) => `${indent}${line(row)}`.trimEnd());
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
