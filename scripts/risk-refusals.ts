import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RISK_REFUSALS, type RiskRefusalCode } from "../src/risk/index.ts";
import { ROOT } from "./rooms.ts";

/** The README that holds the table. */
export const RISK_README = join(ROOT, "src/risk/README.md");
const BEGIN = "<!-- refusals: begin, written by scripts/risk-refusals.ts -->";
const END = "<!-- refusals: end -->";

/** Of each code: the check it belongs to, when it is returned, and whether an order that only reduces passes. */
const MEANINGS: Readonly<Record<RiskRefusalCode, readonly [string, string, "yes" | "no" | "–"]>> = {
  RISK_KILLED: ["kill latch", "the firm, the venue or a level of the path is latched", "no"],
  RISK_SEAT_UNKNOWN: ["who and what", "no such seat", "–"],
  RISK_INSTRUMENT_UNKNOWN: ["who and what", "no such instrument", "–"],
  RISK_ORDER_INVALID: ["who and what", "a field of the order is none, NaN and -0 included", "no"],
  RISK_ORDER_NOT_OPEN: ["who and what", "a replace of no open order, or a fifth unanswered one", "–"],
  RISK_NOT_PERMITTED: ["who and what", "a class the account may not trade", "yes"],
  RISK_LIMIT_MISSING: ["who and what", "a required limit is said at no level of the path", "yes"],
  RISK_SESSION_CLOSED: ["8 hours", "the phase takes no such order type or time in force", "yes"],
  RISK_HALTED: ["9 halt", "not known to trade, or not confirmed of late", "yes"],
  RISK_QUANTITY_EXCEEDED: ["1 order size", "lots of the order, hidden ones too", "no"],
  RISK_NOTIONAL_EXCEEDED: ["1 order size", "its worth at the worst price it can trade at", "no"],
  RISK_VOLUME_SHARE_EXCEEDED: ["1 order size", "its share of the daily volume", "no"],
  RISK_REFERENCE_UNAVAILABLE: ["6 fat finger", "no fresh price to judge or value the order by", "yes"],
  RISK_PRICE_COLLAR: ["6 fat finger", "a price or stop too far from the reference", "no"],
  RISK_PRICE_THROUGH: ["6 fat finger", "a price too many ticks through the other side", "no"],
  RISK_STOP_SIDE: ["6 fat finger", "a stop that has been reached already", "no"],
  RISK_PRICE_DRIFT: ["6 fat finger", "own orders moved the price too far within a window", "yes"],
  RISK_PRICE_BAND: ["6 fat finger", "outside of the limit-up limit-down bands", "yes"],
  RISK_DUPLICATE_ID: ["7 duplicate", "an id not above every earlier one of its seat", "no"],
  RISK_DUPLICATE_ORDER: ["7 duplicate", "the same order again within the window", "no"],
  RISK_RATE_SECOND: ["5 rate", "messages in a second: token bucket", "no"],
  RISK_RATE_MINUTE: ["5 rate", "messages in the last 60 s, exactly", "no"],
  RISK_REDUCE_ONLY: ["2 position", "marked reduce-only and does not only reduce", "–"],
  RISK_POSITION_EXCEEDED: ["2 position", "worst-case lots of an instrument", "yes"],
  RISK_GROSS_EXCEEDED: ["2 position", "worst-case gross worth", "yes"],
  RISK_NET_EXCEEDED: ["2 position", "worst-case worth of one side", "yes"],
  RISK_OPEN_ORDERS_EXCEEDED: ["2 position", "orders that are open", "yes"],
  RISK_OPEN_VALUE_EXCEEDED: ["2 position", "what open orders could pay or get", "yes"],
  RISK_EQUITY_UNKNOWN: ["3, 10 equity", "a limit by equity, and no capital given", "yes"],
  RISK_CONCENTRATION_EXCEEDED: ["3 concentration", "one instrument's worst case over equity", "yes"],
  RISK_MARGIN_EXCEEDED: ["10 credit, margin", "margin of the worst case over equity", "yes"],
  RISK_LEVERAGE_EXCEEDED: ["10 credit, margin", "gross worth over equity", "yes"],
  RISK_VALUE_AT_RISK_EXCEEDED: ["10 credit, margin", "value at risk by its marginal figure", "yes"],
  RISK_DAILY_LOSS: ["4 daily loss", "since the start of the day; latches", "yes"],
  RISK_WINDOW_LOSS: ["4 daily loss", "within the stop-loss window; latches", "yes"],
  RISK_DRAWDOWN: ["4 daily loss", "from the highest equity; latches", "yes"],
  RISK_BREAKER_OPEN: ["rules", "a circuit breaker is open", "yes"],
  RISK_REPEATED_EXECUTIONS: ["rules", "the strategy repeats itself and was disabled", "yes"],
  RISK_ORDER_TO_TRADE: ["rules", "too many messages for each trade", "yes"],
  RISK_RESTRICTED: ["compliance", "on the restricted list", "yes"],
  RISK_SHORT_SALE: ["compliance", "a short sale at or below the bid under a price test", "–"],
  RISK_LOCATE_MISSING: ["compliance", "a short sale without located shares", "–"],
  RISK_SELF_MATCH: ["compliance", "would meet an own resting order", "no"],
  RISK_CAPACITY: ["room", "the places for orders are used up", "no"],
  RISK_RECORDS_FULL: ["room", "decisions wait that nobody has recorded", "no"],
};

/** The refusals in their order of precedence, as a Markdown table. */
export function refusalTable(): string {
  const rows = RISK_REFUSALS.map(
    (code) => `| ${MEANINGS[code][0]} | \`${code}\` | ${MEANINGS[code].slice(1).join(" | ")} |`,
  );
  return ["| check | code | refused where | reducing passes |", "|---|---|---|---|", ...rows].join("\n");
}

/** A README with the table of today between its marks. */
export function withRefusalTable(readme: string): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${RISK_README}: no marks ${BEGIN} ... ${END}`);
  return `${readme.slice(0, from)}${BEGIN}\n${refusalTable()}\n${readme.slice(to)}`;
}

if (import.meta.main) writeFileSync(RISK_README, withRefusalTable(readFileSync(RISK_README, "utf8")));
