import type { RunInput, RunResult } from "../run/index.ts";
import type { sharedCurves } from "./comparison-curves.ts";
import { formatCount, formatNumber } from "./figures.ts";
import { period } from "./masthead.ts";

/** Something to know before reading a comparison: `refused` says what is therefore left out. */
export interface ComparisonNotice {
  readonly kind: "refused" | "caution";
  readonly text: string;
}

/** What of runs may be compared. */
export interface Comparable {
  /** Amounts: one currency. */
  readonly money: boolean;
  /** Figures of whole runs can be ranked: one market, one span, one currency. */
  readonly ranked: boolean;
  /** Figures over the common span can be ranked: one market, one currency. */
  readonly commonRanked: boolean;
  /** Returns have a difference: one currency, and periods that are the same periods of a world. */
  readonly returns: boolean;
}

/** Judges what of runs may be compared. */
export function comparable(results: readonly RunResult[]): Comparable {
  const money = isOne(results.map(({ currency }) => currency));
  const tapes = isOne(results.map(marketOf));
  const spans = isOne(results.map(({ fromNs, toNs }) => `${fromNs} ${toNs}`));
  const isGenerated = results.some(({ simulated }) => simulated);
  return {
    money,
    ranked: money && tapes && spans,
    commonRanked: money && tapes,
    returns: results.length > 1 && money && (tapes || !isGenerated),
  };
}

/** What must be said before any figure. */
export function comparisonNotices(
  results: readonly RunResult[],
  labels: readonly string[],
  alike: Comparable,
  common: ReturnType<typeof sharedCurves>,
): readonly ComparisonNotice[] {
  if (results.length < 2) return [];
  return [
    ...refusals(results, labels, alike, common),
    ...cautions(results, labels, common).map((text) => ({ kind: "caution", text }) as const),
  ];
}

function refusals(
  results: readonly RunResult[],
  labels: readonly string[],
  alike: Comparable,
  common: ReturnType<typeof sharedCurves>,
): ComparisonNotice[] {
  const found: string[] = [];
  const names = (texts: readonly string[]): string => grouped(texts, labels);
  if (!alike.money) {
    const which = names(results.map(({ currency }) => currency));
    found.push(`Currencies differ (${which}): no figure has a best, returns have no difference.`);
  }
  if (!isOne(results.map(marketOf))) {
    const which = names(results.map((result) => marketName(result)));
    found.push(`The markets differ (${which}): no figure has a best.`);
    if (results.some(({ simulated }) => simulated))
      found.push("One of them was generated: its periods are no other market's, returns have no difference.");
  }
  if (!isOne(results.map(({ fromNs, toNs }) => `${fromNs} ${toNs}`))) {
    const which = names(results.map(period));
    const then =
      alike.commonRanked && common !== null ? ": only figures over the common span have a best" : "";
    found.push(`Spans differ (${which})${then}.`);
  }
  if (common === null) {
    found.push("The runs have no two samples of one moment: there are no common curves and no differences.");
  } else if (common.equity.some((values) => values.some((value) => value <= 0))) {
    found.push("Equity was not above 0 throughout: returns have no difference.");
  } else if (common.span.samples < 21) {
    const count = formatCount(common.span.samples);
    found.push(`Only ${count} samples are of common moments: too few for an interval of a difference.`);
  }
  return found.map((text) => ({ kind: "refused", text }));
}

function cautions(
  results: readonly RunResult[],
  labels: readonly string[],
  common: ReturnType<typeof sharedCurves>,
): string[] {
  const found: string[] = [];
  const differing = (what: string, texts: readonly string[], then: string): void => {
    if (!isOne(texts)) found.push(`${what} (${grouped(texts, labels)})${then}`);
  };
  if (!isOne(results.map(({ runHash }) => runHash))) {
    for (const [hash, same] of groups(
      results.map(({ runHash }) => runHash),
      labels,
    ))
      if (same.length > 1)
        found.push(`${same.join(" and ")} are one run, by its hash ${hash.slice(0, 12)}….`);
  } else {
    found.push("All are one run, by its hash.");
  }
  differing(
    "Versions of the package differ",
    results.map(({ manifest }) => manifest.version),
    ": what differs may be the package's doing.",
  );
  differing(
    "They began with different equity",
    results.map(({ money, currency }) => `${formatNumber(Number(money.initialEquity), 2)}\u00a0${currency}`),
    ": impact and limits weigh differently, and amounts have no best.",
  );
  const most = Math.max(...results.map(({ samples }) => samples.ms.length));
  if (common !== null && common.span.samples < most)
    found.push(
      `Curves and differences are of ${formatCount(common.span.samples)} common moments; the longest run has ${formatCount(most)} samples.`,
    );
  const years = common === null ? 0 : (common.span.toMs - common.span.fromMs) / 31_557_600_000;
  if (common !== null && years < 30 / 365.25)
    found.push("The common span is shorter than 30 days: ratios scaled to a year carry little information.");
  return found;
}

/** What was traded on: a tape by its content, a market that reacts by what it was made from. */
function marketOf({ manifest }: RunResult): string {
  const one = ({ instrument, schema, source, contentSha256 }: RunInput): string =>
    `${instrument} ${schema} ${schema === "closed" ? source : contentSha256}`;
  return manifest.inputs.map(one).sort().join("\n");
}

function marketName({ manifest }: RunResult): string {
  const names = manifest.inputs.map(
    ({ instrument, schema, contentSha256 }) => `${instrument} ${schema} ${contentSha256.slice(0, 8)}`,
  );
  return names.length <= 3
    ? names.join(" + ")
    : `${names.slice(0, 3).join(" + ")} + ${names.length - 3} more`;
}

function isOne(texts: readonly string[]): boolean {
  return new Set(texts).size <= 1;
}

function groups(texts: readonly string[], labels: readonly string[]): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const [i, text] of texts.entries()) found.set(text, [...(found.get(text) ?? []), labels[i] as string]);
  return [...found];
}

/** `USD: a, b; EUR: c`. */
function grouped(texts: readonly string[], labels: readonly string[]): string {
  return groups(texts, labels)
    .map(([text, same]) => `${text}: ${same.join(", ")}`)
    .join("; ");
}
