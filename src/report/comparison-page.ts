import { VERSION } from "../run/index.ts";
import type { DifferenceInterval } from "../stat/index.ts";
import type { ComparedPair, ComparedReturns, RunComparison } from "./comparison.ts";
import { type ComparedFigure, figureText } from "./comparison-figures.ts";
import { checkComparison } from "./comparison-text.ts";
import { DASH, formatCount, formatNumber, formatPercent, signed } from "./figures.ts";
import { formatInstant, formatMs, readNanos } from "./instants.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { stillPage } from "./still-page.ts";
import { comparisonSvg, runSwatch } from "./svg-comparison.ts";
import { nothing, section, table } from "./table.ts";

const MANIFEST_SHOWN = 100;
const VALUE_SHOWN = 160;

/**
 * Writes a comparison as one page without scripts: what may not be compared first, then figures side by side, equity
 * over what the runs have in common, differences with their intervals, costs, orders, and how the runs were made.
 *
 * @invariant Equal comparisons give equal bytes; no text of a run can become markup or style.
 * @throws `FAULT_INPUT` when it is no `tickwright.comparison/1`
 * @cost The page stays below 1 MB.
 */
export function renderComparison(comparison: RunComparison): string {
  checkComparison(comparison);
  const { runs, figures } = comparison;
  const ofGroup = (group: ComparedFigure["group"]): ComparedFigure[] =>
    figures.filter((figure) => figure.group === group);
  const title = runs.length === 1 ? "1 run" : `${runs.length} runs side by side`;
  return stillPage(
    `${runs.map(({ label }) => label).join(", ")} – comparison`,
    html`<header class="masthead">
<p class="eyebrow">Comparison</p>
<h1>${title}</h1>
${runs.some(({ simulated }) => simulated) ? simulatedLabel(comparison) : null}${notices(comparison)}</header>
${section("runs", "Runs", runsTable(comparison))}${section("figures", "Figures", [
  figureTable(comparison, "Of each run", BEST_WORDS, ofGroup("run")),
  commonTable(comparison, ofGroup("common")),
])}${section("equity", "Equity", curvesFigure(comparison))}${section(
  "differences",
  "Differences",
  differencesOf(comparison),
)}${section(
  "costs",
  "Costs",
  figureTable(comparison, "What trading cost", BEST_WORDS, ofGroup("costs")),
)}${section(
  "orders",
  "Orders and fills",
  figureTable(
    comparison,
    "What became of orders",
    "Counts of orders and fills; latencies as simulated.",
    ofGroup("orders"),
  ),
)}${section("manifest", "What they were made from", manifestTable(comparison))}`,
    html`<footer><p>Made by tickwright ${VERSION}. Times are UTC. ${DASH} stands for a figure that does not exist.</p></footer>
`,
  );
}

const BEST_WORDS =
  "“best” stands only where better is beyond dispute: one market, one span, one currency, a figure that has a better way; of a Sharpe ratio, where its intervals say so.";

function simulatedLabel({ runs }: RunComparison): Markup {
  const which = runs.filter(({ simulated }) => simulated).map(({ label }) => label);
  const whose = which.length === runs.length ? "these runs" : which.join(", ");
  return html`<p class="simulated" role="note"><b>SIMULATED DATA</b> <span>The market of ${whose} was generated, in
whole or in part. Such figures say nothing about a real market.</span></p>
`;
}

function notices({ notices: all }: RunComparison): Markup | null {
  if (all.length === 0) return null;
  const refused = all.filter(({ kind }) => kind === "refused");
  const cautions = all.filter(({ kind }) => kind === "caution");
  const list = (items: typeof all): Markup =>
    html`<ul class="cautions">${items.map(({ text }) => html`<li>${text}</li>\n`)}</ul>\n`;
  return html`${
    refused.length === 0
      ? null
      : html`<p class="verdict caution" id="not-comparable">Not comparable in full</p>\n${list(refused)}`
  }${cautions.length === 0 ? null : list(cautions)}`;
}

/** A run's number and label, as all tables head it. */
function headOf({ runs }: RunComparison, run: number): string {
  return runs.length === 1 ? (runs[run]?.label ?? "") : `${run + 1} · ${runs[run]?.label ?? ""}`;
}

function runsTable(comparison: RunComparison): Markup {
  const moment = (text: string): string => formatInstant(readNanos("runs", text));
  return table({
    caption: "Runs",
    columns: ["Run", "Strategies", "Instruments", "From", "To", "Currency", "Run hash"].map((label) => ({
      label,
    })),
    rows: comparison.runs.map((run, i) => [
      html`${comparison.curves === null ? null : runSwatch(i)}${headOf(comparison, i)}`,
      run.strategies.join(", "),
      run.instruments.length <= 6
        ? run.instruments.join(", ")
        : `${run.instruments.slice(0, 6).join(", ")} and ${run.instruments.length - 6} more`,
      moment(run.fromNs),
      moment(run.toNs),
      run.currency,
      html`<code>${run.runHash.slice(0, 16)}</code>`,
    ]),
  });
}

function figureTable(
  comparison: RunComparison,
  caption: string,
  note: string,
  figures: readonly ComparedFigure[],
): Markup {
  if (figures.length === 0) return nothing("No run has such figures.");
  const { runs } = comparison;
  return table({
    caption,
    ...(runs.length > 1 ? { note } : {}),
    columns: [{ label: "Figure" }, ...runs.map((_, i) => ({ label: headOf(comparison, i), number: true }))],
    rows: figures.map((figure) => [
      figure.label,
      ...runs.map(({ currency }, i): Content => {
        const text = figureText(figure, i, currency);
        return figure.best.includes(i) ? html`<span class="best">best</span> <b>${text}</b>` : text;
      }),
    ]),
    className: "compared",
  });
}

function commonTable(comparison: RunComparison, figures: readonly ComparedFigure[]): Markup | null {
  const { common } = comparison;
  if (common === null || figures.length === 0) return null;
  const span = `${formatMs(common.fromMs)} to ${formatMs(common.toMs)}`;
  return figureTable(
    comparison,
    "Over what all have in common",
    `${span}: ${formatCount(common.samples)} moments at which every run has a sample.`,
    figures,
  );
}

function curvesFigure(comparison: RunComparison): Markup {
  const { curves, common, runs } = comparison;
  if (curves === null || common === null)
    return nothing("The runs have no two moments in common: no curves.");
  const labels = runs.map((_, i) => headOf(comparison, i));
  const keys = labels.map((label, i) => html`<li>${runSwatch(i)}${label}</li>\n`);
  const least = Math.min(...curves.index.map((values) => values.filter((value) => value !== null).length));
  const absent = least === 0 ? " A run that began without equity has no line." : "";
  const thinned = common.samples > curves.ms.length ? " Lines keep the peaks of equal stretches." : "";
  return html`<figure class="plain"><figcaption><span class="title">Equity and, below, drawdown</span><span
class="unit">100 at ${formatMs(common.fromMs)}; drawdown in %</span></figcaption>
<ul class="legend">${keys}</ul>
${comparisonSvg(curves, labels)}
<p class="note">${formatCount(common.samples)} common moments, ${formatMs(common.fromMs)} to ${formatMs(
    common.toMs,
  )}. Numbers at the ends of lines are those of the runs.${thinned}${absent}</p></figure>
`;
}

function differencesOf(comparison: RunComparison): (Markup | null)[] | Markup {
  const { differences, runs } = comparison;
  if (runs.length === 1) return nothing("One run: nothing to compare it with.");
  if (differences === null)
    return nothing(
      comparison.notices.some(({ kind }) => kind === "refused")
        ? "Refused: the reasons stand at the top of the page."
        : "There are no returns to compare.",
    );
  return [
    differenceTable(comparison, differences),
    runs.length > 2 ? correlations(comparison, differences) : null,
  ];
}

function differenceTable(comparison: RunComparison, differences: ComparedReturns): Markup {
  const { periods, blockLength, resamples, confidence, pairs } = differences;
  const level = formatPercent(confidence, 0);
  const blocks = `${formatCount(resamples)} resamples of ${formatCount(periods)} common periods in blocks of ${formatNumber(blockLength, 1)} in the mean, the same of both`;
  const percent = ({ difference, low, high }: DifferenceInterval): string =>
    `${signed(formatPercent(difference))} [${signed(formatPercent(low))} .. ${signed(formatPercent(high))}]`;
  const plain = ({ difference, low, high }: DifferenceInterval): string =>
    `${signed(formatNumber(difference))} [${signed(formatNumber(low))} .. ${signed(formatNumber(high))}]`;
  const row = ({ first, second, returns, sharpe, correlation }: ComparedPair): Content[] => [
    `${headOf(comparison, second)} less ${headOf(comparison, first)}`,
    percent(returns),
    sharpe === null ? DASH : plain(sharpe),
    sharpe === null ? DASH : wordOf(sharpe),
    formatNumber(correlation, 3),
  ];
  return table({
    caption: "One run less another, over the periods they have in common",
    note: `In brackets ${level} of a paired stationary bootstrap: ${blocks}. An interval that holds 0 says that luck may explain the difference.`,
    columns: [
      { label: "Runs" },
      ...["Sum of returns", "Sharpe ratio a year", "Says", "Correlation of returns"].map((label) => ({
        label,
        number: true,
      })),
    ],
    rows: pairs.map(row),
  });
}

function wordOf({ low, high }: DifferenceInterval): string {
  if (low > 0) return "higher";
  return high < 0 ? "lower" : "may be luck";
}

function correlations(comparison: RunComparison, { pairs }: ComparedReturns): Markup {
  const { runs } = comparison;
  const of = (a: number, b: number): Content => {
    if (a === b) return "1";
    const pair = pairs.find(({ first, second }) => first === Math.min(a, b) && second === Math.max(a, b));
    return formatNumber(pair?.correlation, 3);
  };
  return table({
    caption: "Correlation of returns",
    note: "Pearson's, over the common periods.",
    columns: [{ label: "Run" }, ...runs.map((_, i) => ({ label: headOf(comparison, i), number: true }))],
    rows: runs.map((_, a) => [headOf(comparison, a), ...runs.map((__, b) => of(a, b))]),
  });
}

function manifestTable(comparison: RunComparison): Markup {
  const { manifest, runs } = comparison;
  if (runs.length === 1) return nothing("One run: its tear sheet holds its manifest.");
  if (manifest.length === 0)
    return nothing("Nothing differs: strategies, parameters, inputs, models, limits, seed, version.");
  const rest = manifest.length - MANIFEST_SHOWN;
  const more = rest > 0 ? ` ${formatCount(rest)} more are in the JSON.` : "";
  return table({
    caption: "What differs in their manifests",
    note: `Everything else is equal.${more}`,
    columns: [{ label: "Item" }, ...runs.map((_, i) => ({ label: headOf(comparison, i) }))],
    rows: manifest
      .slice(0, MANIFEST_SHOWN)
      .map(({ path, values }) => [path, ...values.map((value) => html`<code>${clipped(value)}</code>`)]),
  });
}

function clipped(value: string | null): string {
  if (value === null) return DASH;
  return value.length <= VALUE_SHOWN ? value : `${value.slice(0, VALUE_SHOWN - 1)}…`;
}
