import { checkChoice } from "../base/index.ts";
import { checkWhole } from "./inputs.ts";
import { LULD_MAX_PRICE_E4, type LuldBands, roundBandE4 } from "./luld-bands.ts";

/** Up to this reference a step is an amount, above it a share. @units 1e-4 dollars */
const STEP_FROM_E4 = 30_000;
const STEP_AMOUNT_E4 = 1_500;
const STEP_PERCENT = 5;

/** The side of a band that a limit state was at, or of a collar. */
export type LuldSide = "lower" | "upper";

/** Between which prices a reopening auction may trade. @units 1e-4 dollars */
export interface LuldCollars extends LuldBands {
  /** The band of the limit state before the pause. */
  readonly referenceE4: number;
  /** What a collar is moved by at first, and by each extension. */
  readonly stepE4: number;
}

/**
 * The collars of the reopening auction after a trading pause: on the side of the limit state its band and a step
 * beyond it, on the other side that side's band.
 *
 * A step is 5 % of the reference (the band of the limit state), to the nearest increment with halves up; $0.15 where
 * the reference is $3.00 or less. A lower collar is never below 0.
 *
 * @units prices in 1e-4 dollars
 * @param limit where the limit state was that became the pause; `bands` those that held then
 * @param incrementE4 the grid of the step; 100 (a penny) unless given
 * @throws `FAULT_INPUT` for a band or an increment that is none, `FAULT_CONFIG` for a side that is none
 * @cost O(1), one object
 * @example
 * ```ts
 * import { luldCollars, widenLuldCollars } from "tickwright/risk";
 * const collars = luldCollars("lower", { lowerE4: 950_000, upperE4: 1_050_000 });
 * [collars.lowerE4, collars.upperE4]; // => [902500, 1050000]
 * widenLuldCollars(collars, "lower").lowerE4; // => 855000
 * ```
 * @source NYSE Arca Rule 7.35-E(e) and Nasdaq Rule 4120(c)(10), as approved with Amendment 12 of the LULD Plan
 */
export function luldCollars(limit: LuldSide, bands: LuldBands, incrementE4 = 100): LuldCollars {
  checkChoice("luld.limit", limit, ["lower", "upper"]);
  const upperE4 = checkWhole("luld.upperE4", bands.upperE4, 1, LULD_MAX_PRICE_E4);
  const lowerE4 = checkWhole("luld.lowerE4", bands.lowerE4, 0, upperE4);
  checkWhole("luld.incrementE4", incrementE4, 1, 10_000);
  const referenceE4 = limit === "lower" ? lowerE4 : upperE4;
  const stepE4 =
    referenceE4 > STEP_FROM_E4 ? roundBandE4(referenceE4 * STEP_PERCENT * 100, incrementE4) : STEP_AMOUNT_E4;
  return widenLuldCollars({ lowerE4, upperE4, referenceE4, stepE4 }, limit);
}

/**
 * The collars after an extension of the pause: a step further where the auction found no price, as before on the
 * other side.
 *
 * @units prices in 1e-4 dollars
 * @cost O(1), one object
 */
export function widenLuldCollars(collars: LuldCollars, side: LuldSide): LuldCollars {
  const { lowerE4, upperE4, stepE4 } = collars;
  return side === "lower"
    ? { ...collars, lowerE4: Math.max(0, lowerE4 - stepE4) }
    : { ...collars, upperE4: upperE4 + stepE4 };
}
