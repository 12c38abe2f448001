import { DIFF_CAUSES, type DiffCause, type SessionDiff } from "../run/index.ts";
import { formatCount } from "./figures.ts";
import { formatInstant } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { stillPage } from "./still-page.ts";
import { section, table } from "./table.ts";

/** Lines on the page; the rest is counted. */
const MOST = 2_000;

const SAYS: Readonly<Record<DiffCause, string>> = {
  setup: "limits, cash, seed or instruments differ, or a kill, a lost connection or a restart in one only",
  code: "another version, other parameters, or another decision on the same inputs",
  data: "the market data before it differ",
  latency: "the same request, report or row took another time",
  rejection: "taken in one session, rejected in the other",
  queue: "filled at another time, price or quantity, though it arrived at the same time",
  fee: "the same fill at another fee",
  consequence: "decided after an earlier difference",
  unexplained: "none of these",
};

/**
 * Draws the comparison of two recorded sessions as one page without scripts: causes, then every difference.
 *
 * @example
 * ```ts
 * import { renderSessionDiff } from "tickwright/report";
 * const causes = {
 *   setup: 0, code: 0, data: 0, latency: 0, rejection: 0, queue: 0, fee: 0, consequence: 0, unexplained: 0,
 * };
 * const names = { strategies: ["quotes"], instruments: ["ABC@x"] };
 * const diff = { isEqual: true, baseNs: "0", ...names, leftOrders: 3, rightOrders: 3, equalOrders: 3, lines: [], causes };
 * renderSessionDiff(diff, ["live", "backtest"]).includes("The sessions are equal"); // => true
 * ```
 */
export function renderSessionDiff(diff: SessionDiff, names: readonly [string, string]): string {
  return stillPage(
    `${names[0]} and ${names[1]} – order diff`,
    html`<header class="masthead">
<h1>Order diff</h1>
<p>${names[0]} (left) and ${names[1]} (right)</p>
<p>${diff.isEqual ? "The sessions are equal" : "The sessions differ"}: ${formatCount(diff.leftOrders)} orders and
${formatCount(diff.rightOrders)}, ${formatCount(diff.equalOrders)} pairs without a difference.</p>
</header>
${section("causes", "Causes", causesTable(diff))}${section("lines", "Differences", linesTable(diff))}`,
  );
}

function causesTable({ causes }: SessionDiff): Markup {
  return table({
    caption: "Differences by cause",
    columns: [{ label: "Cause" }, { label: "Differences", number: true }, { label: "Which means" }],
    rows: DIFF_CAUSES.map((cause) => [cause, formatCount(causes[cause]), SAYS[cause]]),
  });
}

function linesTable({ lines, baseNs, strategies, instruments }: SessionDiff): Markup {
  const shown = lines.slice(0, MOST);
  const rest = lines.length - shown.length;
  return table({
    caption: "Order by order",
    note: `Times are UTC.${rest > 0 ? ` ${formatCount(rest)} more are not shown.` : ""}`,
    columns: [
      { label: "Order" },
      { label: "Cause" },
      { label: "At" },
      { label: "What differs: left, right" },
    ],
    rows: shown.map(({ nth, strategy, station, cause, ns, what }) => [
      nth === 0 ? "session" : `${strategies[strategy]}, ${instruments[station]}, order ${nth}`,
      cause,
      formatInstant(BigInt(baseNs) + BigInt(Math.floor(ns))),
      what,
    ]),
  });
}
