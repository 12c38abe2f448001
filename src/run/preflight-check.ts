import type { PreflightCheck, PreflightState } from "./preflight.ts";

/** One thing that was looked at; what to change is left out where it is ok. */
export function check(
  name: string,
  state: PreflightState,
  measured: string,
  expected: string,
  change = "",
): PreflightCheck {
  return { name, state, measured, expected, change: state === "ok" ? "" : change };
}

/** What throws is a check that fails: nothing starts on what could not be looked at. */
export async function guarded(
  name: string,
  work: () => Promise<readonly PreflightCheck[]>,
): Promise<readonly PreflightCheck[]> {
  try {
    return await work();
  } catch (error) {
    const measured = error instanceof Error ? error.message : String(error);
    return [check(`${name}.look`, "fail", measured, "to be looked at", "see what was measured")];
  }
}
