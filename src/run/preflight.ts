import { checkArray, checkChoice, checkKeys, checkText } from "../base/index.ts";

/** `warn`: somebody should look; `fail`: nothing starts. */
export type PreflightState = "ok" | "warn" | "fail";

/** One thing that was looked at before a start. */
export interface PreflightCheck {
  /** Such as `clock.bound`; for ever. */
  readonly name: string;
  readonly state: PreflightState;
  /** What was measured. */
  readonly measured: string;
  readonly expected: string;
  /** What to do about it; empty where it is ok. */
  readonly change: string;
}

/** What was looked at before a start, and what it says. */
export interface PreflightReport {
  /** Whether nothing fails. */
  readonly isGreen: boolean;
  readonly checks: readonly PreflightCheck[];
  readonly failed: number;
  readonly warned: number;
}

/**
 * What checks come to: green where there are some and none fails. The same checks give the same report.
 *
 * @throws `FAULT_CONFIG` naming a check that is none, or a name that is there twice
 * @example
 * ```ts
 * import { preflight } from "tickwright/run";
 * const clock = { name: "clock.bound", measured: "5 s off", expected: "at most 50 ms", change: "run chronyd" };
 * preflight([{ ...clock, state: "fail" }]).isGreen; // => false
 * ```
 */
export function preflight(checks: readonly PreflightCheck[]): PreflightReport {
  for (const [i, check] of checkArray("preflight.checks", checks).entries()) {
    const path = `preflight.checks[${i}]`;
    checkKeys(path, check, ["name", "state", "measured", "expected", "change"]);
    checkText(`${path}.name`, check.name);
    checkChoice(`${path}.state`, check.state, ["ok", "warn", "fail"]);
    const names = checks.slice(0, i).map(({ name }) => name);
    if (names.includes(check.name)) checkChoice(`${path}.name`, check.name, ["a name of its own"]);
  }
  const failed = checks.filter(({ state }) => state === "fail").length;
  const warned = checks.filter(({ state }) => state === "warn").length;
  return { isGreen: failed === 0, checks, failed, warned };
}
