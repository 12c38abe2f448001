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

/** Checks that somebody may answer for; no other failure is ever waived. */
const WAIVABLE = ["paper.gate", "paper.code"] as const;

/**
 * Somebody who lets a start go ahead without the days on paper: on a rehearsal exchange, or because they answer for
 * it.
 */
export interface PreflightWaiver {
  readonly check: (typeof WAIVABLE)[number];
  readonly by: string;
  readonly reason: string;
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
 * What checks come to: green where there are some and none fails. The same checks give the same report. One that fails
 * and is waived warns, and says by whom.
 *
 * @throws `FAULT_CONFIG` naming a check that is none, a name that is there twice, or a waiver of anything but the days
 * on paper or without name or reason
 * @example
 * ```ts
 * import { preflight } from "tickwright/run";
 * const clock = { name: "clock.bound", measured: "5 s off", expected: "at most 50 ms", change: "run chronyd" };
 * preflight([{ ...clock, state: "fail" }]).isGreen; // => false
 * ```
 */
export function preflight(
  checks: readonly PreflightCheck[],
  waivers: readonly PreflightWaiver[] = [],
): PreflightReport {
  for (const [i, check] of checkArray("preflight.checks", checks).entries()) {
    const path = `preflight.checks[${i}]`;
    checkKeys(path, check, ["name", "state", "measured", "expected", "change"]);
    checkText(`${path}.name`, check.name);
    checkChoice(`${path}.state`, check.state, ["ok", "warn", "fail"]);
    const names = checks.slice(0, i).map(({ name }) => name);
    if (names.includes(check.name)) checkChoice(`${path}.name`, check.name, ["a name of its own"]);
  }
  for (const [i, waiver] of checkArray("preflight.waivers", waivers, 0).entries()) {
    const path = `preflight.waivers[${i}]`;
    checkKeys(path, waiver, ["check", "by", "reason"]);
    checkChoice(`${path}.check`, waiver.check, WAIVABLE);
    checkText(`${path}.by`, waiver.by);
    checkText(`${path}.reason`, waiver.reason);
  }
  const judged = checks.map((check) => waived(check, waivers));
  const failed = judged.filter(({ state }) => state === "fail").length;
  const warned = judged.filter(({ state }) => state === "warn").length;
  return { isGreen: failed === 0, checks: judged, failed, warned };
}

function waived(check: PreflightCheck, waivers: readonly PreflightWaiver[]): PreflightCheck {
  const waiver = waivers.find(({ check: name }) => name === check.name);
  if (check.state !== "fail" || waiver === undefined) return check;
  return { ...check, state: "warn", measured: `${check.measured}; waived by ${waiver.by}: ${waiver.reason}` };
}
