import { checkChoice, checkInteger, checkKeys, Fault } from "../base/index.ts";
import { NANOS_PER_DAY, NANOS_PER_MILLI } from "../model/index.ts";

/** What ends a bar: exactly one of the three. */
export interface BarRule {
  /** Bars of a length of time, ns: a millisecond to 7 days. */
  readonly periodNs?: number;
  /** Bars of a number of trades (or prices). */
  readonly tradesPerBar?: number;
  /** Bars of at least a quantity, book lots; the trade that reaches it is the bar's last, and is not split. */
  readonly lotsPerBar?: number;
  /**
   * Where periods begin: at whole multiples of the period from here, ns from the base of the times; 0 unless
   * given.
   */
  readonly alignNs?: number;
  /** What to do with a period without a price: `skip` it unless given, or `repeat` the close before. */
  readonly empty?: "skip" | "repeat";
}

/** The keys of a {@link BarRule}, for checks of option objects that extend it. */
export const BAR_RULE_KEYS = ["periodNs", "tradesPerBar", "lotsPerBar", "alignNs", "empty"] as const;

/** The rule with its defaults filled in; of the three lengths two are Infinity. */
export interface BarTerms {
  readonly periodNs: number;
  readonly trades: number;
  readonly lots: number;
  readonly alignNs: number;
  readonly repeats: boolean;
}

/** Checks a {@link BarRule}. @throws `FAULT_CONFIG` naming the option */
export function checkBarRule(path: string, rule: BarRule): BarTerms {
  const lengths = [rule.periodNs, rule.tradesPerBar, rule.lotsPerBar].filter((each) => each !== undefined);
  if (lengths.length !== 1) {
    throw new Fault("FAULT_CONFIG", {
      path,
      value: rule,
      expected: "exactly one of periodNs, tradesPerBar, lotsPerBar",
    });
  }
  const never = Number.POSITIVE_INFINITY;
  const { periodNs, tradesPerBar, lotsPerBar } = rule;
  if (periodNs === undefined) {
    for (const name of ["alignNs", "empty"] as const) {
      if (rule[name] === undefined) continue;
      const expected = "nothing: only bars of a period are aligned and can be empty";
      throw new Fault("FAULT_CONFIG", { path: `${path}.${name}`, value: rule[name], expected });
    }
  } else checkInteger(`${path}.periodNs`, periodNs, NANOS_PER_MILLI, 7 * NANOS_PER_DAY);
  if (tradesPerBar !== undefined) checkInteger(`${path}.tradesPerBar`, tradesPerBar, 1);
  if (lotsPerBar !== undefined) checkInteger(`${path}.lotsPerBar`, lotsPerBar, 1);
  return {
    periodNs: periodNs ?? never,
    trades: tradesPerBar ?? never,
    lots: lotsPerBar ?? never,
    alignNs: checkInteger(`${path}.alignNs`, rule.alignNs ?? 0),
    repeats: checkChoice(`${path}.empty`, rule.empty ?? "skip", ["skip", "repeat"]) === "repeat",
  };
}

/** What a `BarBuilder` is made from. */
export interface BarBuilderOptions extends BarRule {
  /** Receives each bar when it is finished, in order. */
  readonly onBar: (bar: FinishedBar) => void;
  /**
   * How long after its end a period is kept open for trades that come late, by the trades' own times; 0 unless
   * given. Bars are finished that much later.
   */
  readonly latenessNs?: number;
  /**
   * What to do with a trade whose bar is finished: `fail` unless given; `drop` leaves it out; `carry` counts it
   * at the earliest moment still open. The last two are counted.
   */
  readonly late?: "fail" | "drop" | "carry";
}

/** A bar that will not change. Prices in ticks, volume in book lots, times in ns from the base. */
export interface FinishedBar {
  readonly openNs: number;
  readonly closeNs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Checks the options of a `BarBuilder` beside its rule. @throws `FAULT_CONFIG` naming the option */
export function checkLateness(options: BarBuilderOptions): number {
  checkKeys("bars", options, [...BAR_RULE_KEYS, "onBar", "latenessNs", "late"]);
  checkChoice("bars.late", options.late ?? "fail", ["fail", "drop", "carry"]);
  const latenessNs = checkInteger("bars.latenessNs", options.latenessNs ?? 0, 0, 7 * NANOS_PER_DAY);
  if (latenessNs === 0 || options.periodNs !== undefined) return latenessNs;
  throw new Fault("FAULT_CONFIG", {
    path: "bars.latenessNs",
    value: latenessNs,
    expected: "0: a bar of trades or lots is finished by its last trade",
  });
}
