import { type Refusal, refuse } from "../base/index.ts";
import { type ImpactTerms, type Instrument, MAX_TICKS } from "../model/index.ts";
import { PARENT_LOTS_MAX } from "./apportion.ts";
import { NEVER } from "./never.ts";
import type { Terms } from "./parent-terms.ts";
import { readImpact } from "./program-terms.ts";
import type { AlgoRefusalCode } from "./refusals.ts";
import { TermsReader } from "./terms-reader.ts";

/** New terms of a parent; what is left out stays. */
export interface ParentChange {
  readonly lots?: number;
  readonly limitTicks?: number;
  readonly endNs?: number;
  /** Of an implementation shortfall: the schedule of what is left is made anew. */
  readonly impact?: ImpactTerms;
}

const FIELDS = ["lots", "limitTicks", "endNs", "impact"];

/**
 * A parent's terms with a change.
 *
 * @refuses `ALGO_MALFORMED`, `ALGO_QUANTITY`, `ALGO_LIMIT`, `ALGO_TIME`, `ALGO_PARAMETER`, `ALGO_LARGER_THAN_MARKET`,
 * `ALGO_QUANTITY_AT_WORK`
 */
export function amendedTerms(
  terms: Terms,
  change: ParentChange,
  instrument: Instrument,
  nowNs: number,
  atWorkLots: number,
): Terms | Refusal<AlgoRefusalCode> {
  const isObject = typeof change === "object" && change !== null;
  const keys = isObject ? Object.keys(change) : [];
  const unknown = keys.find((key) => !FIELDS.includes(key));
  if (keys.length === 0 || unknown !== undefined) {
    return refuse("ALGO_MALFORMED", unknown ?? "change", change, `one of ${FIELDS.join(", ")}`);
  }
  const reader = new TermsReader(change);
  const least = Math.max(terms.minChildLots, instrument.minLots);
  const lots = reader.integer("ALGO_QUANTITY", "lots", terms.lots, least, PARENT_LOTS_MAX);
  const limitTicks = reader.integer("ALGO_LIMIT", "limitTicks", terms.limitTicks, -MAX_TICKS, MAX_TICKS);
  const soonest = Math.max(nowNs, terms.startNs) + 1;
  const endNs = reader.integer("ALGO_TIME", "endNs", terms.endNs, Math.min(soonest, terms.endNs), NEVER);
  if (endNs < soonest) reader.refuse("ALGO_TIME", "endNs", endNs, `a time after ${soonest - 1}`);
  const cleanupNs = Math.min(terms.cleanupNs, endNs - terms.startNs);
  const base = { ...terms, lots, limitTicks, endNs, cleanupNs };
  const program = amendedProgram(reader, base, change.impact);
  if (reader.refusal !== undefined) return reader.refusal;
  if (lots > terms.marketLots) {
    return refuse(
      "ALGO_LARGER_THAN_MARKET",
      "lots",
      lots,
      `at most the ${terms.marketLots} lots of marketLots`,
    );
  }
  if (lots < atWorkLots) {
    const expected = `at least the ${atWorkLots} lots that are filled or could still be`;
    return refuse("ALGO_QUANTITY_AT_WORK", "lots", lots, expected);
  }
  return { ...base, program };
}

function amendedProgram(
  reader: TermsReader,
  terms: Terms,
  impact: ImpactTerms | undefined,
): Terms["program"] {
  const { program } = terms;
  if (impact === undefined) return program;
  if (program.algo === "shortfall")
    return { ...program, impact: readImpact(reader, impact, terms, program.slices) };
  reader.refuse("ALGO_PARAMETER", "impact", impact, "nothing, but for an implementation shortfall");
  return program;
}
