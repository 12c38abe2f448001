import {
  equityOf,
  type PointResult,
  type SweepCrossValidation,
  type SweepResult,
  type SweepStudy,
  type SweepWalk,
} from "../sweep/index.ts";
import { DASH, formatCount, formatNumber, formatPercent } from "./figures.ts";
import { formatMs } from "./instants.ts";
import { html, type Markup } from "./markup.ts";
import { ratiosSvg, walkSvg } from "./svg-choosing.ts";
import { nothing, section, table } from "./table.ts";

const WINDOWS_SHOWN = 60;

/** What came of choosing a point in one part of the time and trading it in another. */
export function choosingSection(result: SweepResult, study: SweepStudy): Markup {
  const { walkForward, crossValidation } = study;
  const short = (what: string): Markup =>
    nothing(
      `Too few points or periods for ${what}: ${formatCount(study.trials)} points over ${formatCount(
        study.periods,
      )} periods.`,
    );
  return section("choosing", "Chosen in one part of the time, traded in another", [
    limits(),
    walkForward === null ? short("a walk forward") : walkOf(walkForward, result),
    crossValidation === null ? short("a cross-validation") : crossingOf(crossValidation),
  ]);
}

function limits(): Markup {
  return html`<p class="note">Points are chosen among runs over the whole time, none is run again over a test alone: a return in a test
may come from a position opened before it. Periods left out beside the tests bound that.</p>
`;
}

function walkOf(walk: SweepWalk, result: SweepResult): (Markup | null)[] {
  return [walkTable(walk), walkFigure(walk, result), windowsTable(walk, result)];
}

function walkTable(walk: SweepWalk): Markup {
  const left = Math.max(walk.purge, walk.embargo);
  return table({
    caption: "Walk forward",
    note: `${formatCount(walk.windows.length)} tests in a row, each traded by the point with the best ${nameOf(
      walk.metric,
    )} in the time before it, ${periodsText(left)} left out between. Ratios and returns are per year.`,
    columns: [{ label: "Figure" }, { label: "Value", number: true }, { label: "What it says" }],
    rows: [
      [
        "Sharpe ratio out of sample",
        formatNumber(walk.sharpe, 2),
        `Of all tests in a row; the chance that the true one is above 0 is ${formatPercent(
          walk.probabilisticSharpe,
          1,
        )}.`,
      ],
      [
        "Return out of sample",
        formatPercent(walk.outOfSampleReturn, 1),
        `In the mean; ${formatPercent(walk.inSampleReturn, 1)} where the points were chosen.`,
      ],
      [
        "Walk-forward efficiency",
        formatPercent(walk.efficiency, 1),
        "The one over the other; none where the points earned nothing where they were chosen.",
      ],
      [
        `Loss of ${nameOf(walk.metric)}`,
        formatNumber(walk.degradation, 3),
        `${formatNumber(walk.inSample, 3)} where the points were chosen, ${formatNumber(walk.outOfSample, 3)} behind it.`,
      ],
      [
        "Changes of choice",
        formatCount(walk.changes),
        `Of ${formatCount(Math.max(0, walk.windows.length - 1))} that there could have been.`,
      ],
    ],
  });
}

function walkFigure(walk: SweepWalk, { points }: SweepResult): Markup {
  const { boundariesMs, windows, hindsight } = walk;
  const first = windows[0]?.test.first ?? 0;
  const best = points.find(({ index }) => index === hindsight)?.returns;
  const equity = [...equityOf(walk.returns)];
  const known = best === undefined ? [] : [...equityOf(best.subarray(first, first + walk.returns.length))];
  const [made, could] = [
    100 * (equity.at(-1) ?? 1),
    known.length === 0 ? null : 100 * (known.at(-1) as number),
  ];
  const digits = digitsOfGain(made, could ?? made);
  const ends = `${formatNumber(made, digits)} out of sample, ${formatNumber(
    could,
    digits,
  )} of the point that is best over all periods`;
  return html`<figure class="plain"><figcaption><span class="title">What the tests made of 100, one after another</span>
<span class="unit">upright lines: a new choice is traded</span></figcaption>
${walkSvg({ boundariesMs, equity, known, starts: windows.map(({ test }) => test.fromMs) }, ends)}
<p class="note">At the end ${ends}: nobody knew that point at the time.</p></figure>
`;
}

/** Digits behind the point that show what was made of 100, also where that is little: at least one, at most six. */
function digitsOfGain(...made: readonly number[]): number {
  const gains = made.map((value) => Math.abs(value - 100)).filter((gain) => gain > 0);
  const least = Math.min(...gains, 1);
  return Math.min(6, Math.max(1, 1 - Math.floor(Math.log10(least))));
}

function windowsTable({ windows, metric }: SweepWalk, { plan, points }: SweepResult): Markup {
  const rest = windows.length - WINDOWS_SHOWN;
  return table({
    caption: "Windows of the walk forward",
    ...(rest > 0 ? { note: `And ${formatCount(rest)} more: results.json holds all.` } : {}),
    columns: [
      { label: "Test from" },
      { label: "to" },
      { label: "Trained from" },
      { label: "to" },
      { label: "Chosen" },
      ...[`${nameOf(metric)} there`, "In the test", "Return there", "In the test"].map((label) => ({
        label,
        number: true,
      })),
    ],
    rows: windows.slice(0, WINDOWS_SHOWN).map((each) => [
      ...[each.test.fromMs, each.test.toMs, each.train.fromMs, each.train.toMs].map(formatMs),
      chosenText(
        plan.axes.map(({ name }) => name),
        points.find(({ index }) => index === each.point),
      ),
      ...[formatNumber(each.inSample, 3), formatNumber(each.outOfSample, 3)],
      ...[formatPercent(each.inSampleReturn, 1), formatPercent(each.outOfSampleReturn, 1)],
    ]),
  });
}

function chosenText(names: readonly string[], point: PointResult | undefined): string {
  return point === undefined ? DASH : names.map((name) => `${name} ${String(point.params[name])}`).join(", ");
}

function crossingOf(crossing: SweepCrossValidation): Markup {
  const { groups, testGroups, splits, paths, purge, embargo, quantiles, metric, sharpes } = crossing;
  const at = (share: number): string =>
    formatNumber(quantiles.find((each) => each.share === share)?.sharpe, 2);
  const middle = `the median of ${formatCount(paths.length)} paths has a Sharpe ratio of ${at(0.5)} a year`;
  const spread = `nine of ten lie between ${at(0.05)} and ${at(0.95)}, ${formatPercent(crossing.belowZero, 1)} below 0`;
  const cut = `Of ${groups} groups of periods every ${testGroups} are tested by the point with the best ${nameOf(metric)}`;
  const left = `${periodsText(purge)} left out on both sides of a test and ${formatCount(embargo)} more behind it`;
  const shared = "Each path takes every period from one split; paths share the market and most trainings";
  const made = `${cut} in the others: ${formatCount(splits)} splits, ${left}. ${shared}.`;
  return html`<figure class="plain"><figcaption><span class="title">Combinatorial purged cross-validation</span>
<span class="unit">paths by Sharpe ratio a year</span></figcaption>
${ratiosSvg(sharpes, `${middle}; ${spread}`)}
<p class="note">Out of sample ${middle}; ${spread}. ${made}</p></figure>
`;
}

function periodsText(count: number): string {
  return count === 1 ? "1 period" : `${formatCount(count)} periods`;
}

function nameOf(metric: string): string {
  return metric.startsWith("-") ? `${metric.slice(1)} (low is good)` : metric;
}
