import type { SweepStudy } from "../sweep/index.ts";

/** A study as lines to read: what the best point is worth, given how many were tried. */
export function studyLines(study: SweepStudy): string {
  const { deflated, overfitting, reality, stability, moments, periodsPerYear, trials, pruned } = study;
  if (deflated === null || moments === null) return "too few points or returns to judge the best of them\n";
  const yearly = Math.sqrt(periodsPerYear);
  const percent = (share: number | null | undefined): string =>
    share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;
  const years = (periods: number | null): string =>
    periods === null ? "–" : (periods / periodsPerYear).toFixed(1);
  const rows: readonly (readonly [string, string])[] = [
    [
      "best Sharpe a year",
      `${(moments.sharpe * yearly).toFixed(2)}; the best of ${trials} without skill shows ${(
        deflated.benchmark * yearly
      ).toFixed(2)}`,
    ],
    ["deflated Sharpe", `${percent(deflated.probability)} chance that it is more than that`],
    [
      "overfitting",
      `${percent(overfitting?.probability)} of splits put the best in sample below the median out of it`,
    ],
    [
      "reality check",
      `p ${reality?.pValue.toFixed(3) ?? "–"} (White), ${reality?.superior.pValue.toFixed(3) ?? "–"} (Hansen)`,
    ],
    ["length", `${years(study.periods)} years; ${years(study.minimumLength)} needed for so many points`],
    ...(pruned === 0
      ? []
      : [["ended early", `${pruned} of the ${trials} trials; from there on they count as cash`] as const]),
    ["neighbours", `${percent(stability?.meanOverBest)} of the best in the mean`],
    ...chosenRows(study, percent),
  ];
  return `${rows.map(([name, text]) => `${name.padEnd(20)}${text}`).join("\n")}\n`;
}

/** What came of choosing in one part of the time and trading in another. */
function chosenRows(
  { walkForward, crossValidation }: SweepStudy,
  percent: (share: number | null | undefined) => string,
): readonly (readonly [string, string])[] {
  const few = "too few points or periods";
  const ratio = (value: number | null | undefined): string => value?.toFixed(2) ?? "–";
  const at = (share: number): string =>
    ratio(crossValidation?.quantiles.find((each) => each.share === share)?.sharpe);
  return [
    [
      "walk forward",
      walkForward === null
        ? few
        : `Sharpe ${ratio(walkForward.sharpe)} a year out of sample, ${percent(
            walkForward.probabilisticSharpe,
          )} chance that it is above 0; efficiency ${percent(walkForward.efficiency)}; ${
            walkForward.changes
          } changes of choice in ${walkForward.windows.length} windows`,
    ],
    [
      "cross-validation",
      crossValidation === null
        ? few
        : `Sharpe ${at(0.5)} a year in the median of ${crossValidation.paths.length} paths, ${at(0.05)} to ${at(
            0.95,
          )} in nine of ten; ${percent(crossValidation.belowZero)} below 0`,
    ],
  ];
}

/** A study without its columns, JSON-safe. */
export function studyJson(study: SweepStudy): unknown {
  const { overfitting, shuffled, resampled, stability, walkForward, crossValidation, ...rest } = study;
  return {
    ...rest,
    walkForward:
      walkForward === null ? null : { ...walkForward, returns: undefined, boundariesMs: undefined },
    crossValidation:
      crossValidation === null
        ? null
        : { ...crossValidation, paths: undefined, sharpes: [...crossValidation.sharpes] },
    overfitting:
      overfitting === null
        ? null
        : {
            ...{ probability: overfitting.probability, probabilityOfLoss: overfitting.probabilityOfLoss },
            ...{
              splits: overfitting.splits,
              periods: overfitting.periods,
              degradation: overfitting.degradation,
            },
          },
    shuffled: shuffled?.quantiles ?? null,
    resampled: resampled?.quantiles ?? null,
    stability: stability === null ? null : { ...stability, neighbours: [...stability.neighbours] },
  };
}
