import { VERSION } from "../run/index.ts";
import {
  type Axis,
  isFailure,
  type PointPruned,
  type PointResult,
  type SweepResult,
  type SweepStudy,
  sweepStudy,
} from "../sweep/index.ts";
import { DASH, formatCount, formatNumber, formatPercent } from "./figures.ts";
import { formatDuration, YEAR_NS } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { choosingSection } from "./section-choosing.ts";
import { stillPage } from "./still-page.ts";
import { heatMapSvg, type JudgedPoint, parallelSvg } from "./svg-sweep.ts";
import { nothing, section, table } from "./table.ts";

const POINTS_SHOWN = 50;
const FAILURES_SHOWN = 50;
const PRUNED_SHOWN = 50;

/**
 * Draws a sweep as one page without scripts: first what its best point is worth, given how many were tried; then where
 * the space is good, every parameter beside the figure, the best points, those that ended early and those that failed.
 *
 * @param study - by `sweepStudy` of `sweep`; made here unless given
 * @invariant Equal results give equal bytes; no text of a parameter can become markup or style.
 * @cost As `sweepStudy`, and linear in the points; the page stays below 1 MB.
 */
export function renderSweep(result: SweepResult, study: SweepStudy = sweepStudy(result)): string {
  const { plan, points, failures, pruned } = result;
  const judged = judgedOf(result);
  const names = plan.axes.map(({ name }) => name).join(", ");
  const [ran, planned] = [formatCount(points.length), formatCount(plan.points.length)];
  return stillPage(
    `${plan.name} – sweep`,
    html`<header class="masthead">
<p class="eyebrow">Sweep</p>
<h1>${plan.name}</h1>
<p>${ran} of ${planned} points over ${names}; ${
      plan.prune === undefined && pruned.length === 0
        ? null
        : html`${formatCount(pruned.length)} ended early, `
    }${formatCount(failures.length)} failed. ${SAYS[result.end]}</p>
</header>
${section("worth", "What the best point is worth", [verdict(study), worthTable(study)])}${choosingSection(
  result,
  study,
)}${section(
  "space",
  "The space",
  spaceOf(judged, plan.axes, study, labelOf(result)),
)}${section("points", "Best points", pointsTable(result, judged))}${
  pruned.length === 0 ? null : section("pruned", "Points that ended early", prunedTable(result))
}${failures.length === 0 ? null : section("failures", "Points that failed", failuresTable(result))}`,
    html`<footer><p>Made by tickwright ${VERSION}. ${DASH} stands for a figure that does not exist.</p></footer>
`,
  );
}

const SAYS = {
  complete: "Every point has been tried.",
  patience: "Patience ended it: points behind the last one count for nothing.",
  stopped: "It was stopped: figures are of the points that ran.",
} as const;

function labelOf({ plan }: SweepResult): string {
  return plan.sign < 0 ? `${plan.objective} (low is good)` : plan.objective;
}

function judgedOf({ plan, points }: SweepResult): JudgedPoint[] {
  const judged: JudgedPoint[] = [];
  for (const point of points) {
    const figure = point.stats[plan.objective] ?? null;
    if (figure !== null) judged.push({ point, figure: plan.sign * figure });
  }
  return judged;
}

/** One sentence before all figures. */
function verdict({ deflated, overfitting, trials }: SweepStudy): Markup {
  if (deflated === null) return nothing("Too few points or returns to judge the best of them.");
  const isLikely = deflated.probability > 0.95 && (overfitting === null || overfitting.probability < 0.5);
  const chance = formatPercent(deflated.probability, 1);
  return html`<p class="${isLikely ? "verdict" : "verdict caution"}">${
    isLikely ? "Above" : "Not above"
  } what luck explains: the chance that the best Sharpe ratio is more than what the best of ${formatCount(
    trials,
  )} points without skill shows is ${chance}.</p>
`;
}

function worthTable(study: SweepStudy): Markup {
  const { periods, periodsPerYear, pruned } = study;
  const cash = `${formatCount(pruned)} points that ended early are trials, too, as cash from there on.`;
  return table({
    caption: "Figures that allow for the search",
    note: `Over ${formatCount(periods)} periods of the sweep, ${lengthOf(
      periods,
      periodsPerYear,
    )}. Ratios are per year.${pruned === 0 ? "" : ` ${cash}`}`,
    columns: [{ label: "Figure" }, { label: "Value", number: true }, { label: "What it says" }],
    rows: [...luckRows(study), ...testRows(study), ...robustRows(study)],
  });
}

type Rows = readonly (readonly [string, string, string])[];

const share = (value: number | null | undefined): string => formatPercent(value ?? null, 1);

function luckRows({ moments, deflated, periodsPerYear, trials, effectiveTrials }: SweepStudy): Rows {
  const yearly = Math.sqrt(periodsPerYear);
  const ratio = (value: number | undefined): string =>
    formatNumber(value === undefined ? null : value * yearly, 2);
  const worth = `(they are worth about ${formatNumber(effectiveTrials, 1)} independent ones)`;
  return [
    ["Best Sharpe ratio", ratio(moments?.sharpe), "Of all points, before anything is allowed for."],
    [
      "Expected of luck",
      ratio(deflated?.benchmark),
      `What the best of ${formatCount(trials)} points without skill shows ${worth}.`,
    ],
    ["Deflated Sharpe ratio", share(deflated?.probability), "The chance that the true ratio is above that."],
  ];
}

function testRows({ overfitting, reality }: SweepStudy): Rows {
  const splits = `(${formatCount(overfitting?.splits)} splits)`;
  return [
    [
      "Probability of overfitting",
      share(overfitting?.probability),
      `How often the best in half of the time is below the median in the other ${splits}.`,
    ],
    ["Probability of loss", share(overfitting?.probabilityOfLoss), "How often it then has a ratio below 0."],
    ["Reality check", formatNumber(reality?.pValue, 3), "White's p-value that no point beats holding cash."],
    [
      "Superior ability",
      formatNumber(reality?.superior.pValue, 3),
      "Hansen's, in which poor points weigh less.",
    ],
  ];
}

/** How long periods are together, in the unit that is read. */
function lengthOf(periods: number | null, periodsPerYear: number): string {
  return formatDuration(periods === null ? null : (periods / periodsPerYear) * YEAR_NS);
}

function robustRows(study: SweepStudy): Rows {
  const { minimumLength, periodsPerYear, stability } = study;
  const fall = (from: SweepStudy["shuffled"]): string =>
    share(from?.quantiles.find((each) => each.share === 0.95)?.maxDrawdown);
  return [
    [
      "Length needed",
      lengthOf(minimumLength, periodsPerYear),
      "So that a ratio like the best is not expected of as many points by chance.",
    ],
    ["Points these periods bear", formatCount(study.mostTrials), "Before it is."],
    [
      "Neighbours of the best",
      share(stability?.meanOverBest),
      `The mean of points next to it over the best; ${share(stability?.plateau)} of all points are on its plateau.`,
    ],
    [
      "Drawdown in another order",
      fall(study.shuffled),
      "19 of 20 shuffles of the best point's periods fall less.",
    ],
    ["Drawdown of other periods", fall(study.resampled), "The same of periods drawn anew in blocks of ten."],
  ];
}

function spaceOf(
  judged: readonly JudgedPoint[],
  axes: readonly Axis[],
  { stability }: SweepStudy,
  label: string,
): (Markup | null)[] {
  if (judged.length < 2) return [nothing("Too few points for a picture.")];
  // The two parameters that explain most.
  const shares = new Map(
    (stability?.sensitivity ?? []).map(({ parameter, share }) => [parameter, share ?? 0]),
  );
  const order = axes.map((_, i) => i).sort((a, b) => (shares.get(b) ?? 0) - (shares.get(a) ?? 0) || a - b);
  const [first, second] = order.map((i) => axes[i]);
  const map =
    first === undefined || second === undefined
      ? null
      : html`<figure class="plain"><figcaption><span class="title">${label} by ${first.name} and ${second.name}</span>
<span class="unit">mean of all points of a cell</span></figcaption>
${heatMapSvg(judged, first, second, label)}</figure>
`;
  return [
    map,
    html`<figure class="plain"><figcaption><span class="title">Every point over its parameters</span>
<span class="unit">the best tenth set apart</span></figcaption>
${parallelSvg(judged, axes, label)}</figure>
`,
    table({
      caption: "What each parameter explains",
      note: "The share of the figure's variance between its values; what would be so by chance beside it.",
      columns: [
        { label: "Parameter" },
        { label: "Explains", number: true },
        { label: "By chance", number: true },
      ],
      rows: (stability?.sensitivity ?? []).map(({ parameter, share, byChance }) => [
        axes[parameter]?.name,
        formatPercent(share, 1),
        formatPercent(byChance, 1),
      ]),
    }),
  ];
}

function pointsTable({ plan, points }: SweepResult, judged: readonly JudgedPoint[]): Markup {
  if (points.length === 0) return nothing("No point has run.");
  const best = [...judged].sort((a, b) => b.figure - a.figure || a.point.index - b.point.index);
  const names = plan.axes.map(({ name }) => name);
  const row = ({ params, stats, trades, runHash }: PointResult): (string | Markup)[] => [
    ...names.map((name) => String(params[name])),
    formatNumber(stats[plan.objective], 3),
    formatPercent(stats["totalReturn"], 1),
    formatPercent(stats["maxDrawdown"], 1),
    formatCount(trades),
    html`<code>${runHash.slice(0, 12)}</code>`,
  ];
  return table({
    caption: `The best ${Math.min(POINTS_SHOWN, best.length)} of ${points.length} points`,
    note: "None of these figures allows for the search; results.csv holds all points and figures.",
    columns: [
      ...names.map((label) => ({ label })),
      ...[plan.objective, "Return", "Drawdown", "Trades"].map((label) => ({ label, number: true })),
      { label: "Run hash" },
    ],
    rows: best.slice(0, POINTS_SHOWN).map(({ point }) => row(point)),
  });
}

function prunedTable({ plan, pruned }: SweepResult): Markup {
  const names = plan.axes.map(({ name }) => name);
  const rest = pruned.length - PRUNED_SHOWN;
  const word = { loss: "loss", maxDrawdown: "drawdown" } as const;
  const row = ({ params, pruned, trades, runHash }: PointPruned): (string | Markup)[] => [
    ...names.map((name) => String(params[name])),
    word[pruned.cause],
    formatPercent(pruned.share, 1),
    new Date(pruned.ms).toISOString().slice(0, 19),
    formatCount(trades),
    html`<code>${runHash.slice(0, 12)}</code>`,
  ];
  return table({
    caption: "Points that ended early",
    note: `Hopeless by the sweep's rule: trials without a result. What they would have made is not known; no picture of the space shows them.${
      rest > 0 ? ` And ${formatCount(rest)} more: results.csv holds all.` : ""
    }`,
    columns: [
      ...names.map((label) => ({ label })),
      { label: "Why" },
      { label: "Lost", number: true },
      { label: "When" },
      { label: "Trades", number: true },
      { label: "Run hash" },
    ],
    rows: pruned.slice(0, PRUNED_SHOWN).map(row),
  });
}

function failuresTable({ plan, failures }: SweepResult): Markup {
  const names = plan.axes.map(({ name }) => name);
  const rest = failures.length - FAILURES_SHOWN;
  return table({
    caption: "Points that failed",
    ...(rest > 0 ? { note: `And ${formatCount(rest)} more: results.json holds all.` } : {}),
    columns: [...names.map((label) => ({ label })), { label: "Why" }],
    rows: failures
      .slice(0, FAILURES_SHOWN)
      .map((each) => [
        ...names.map((name) => String(each.params[name])),
        isFailure(each) ? each.failed.message : "",
      ]),
  });
}
