import { readFileSync } from "node:fs";

/** The columns of a step dump: the state at each call of the strategy, before it acts; "end" is the last label. */
export const STEP_COLUMNS = [
  "timeNs",
  "position",
  "balance",
  "trades",
  "volume",
  "openOrders",
  "bidTickSum",
  "askTickSum",
  "bestBidTick",
  "bestAskTick",
  "submitted",
  "cancelRequests",
] as const;

/** How far two step dumps agree. */
export interface StepMatch {
  readonly equal: boolean;
  /** Lines equal from the start. */
  readonly equalSteps: number;
  readonly steps: number;
  /** The first difference, in words. */
  readonly difference?: string;
  /** The columns that differ anywhere, with the number of lines. */
  readonly columns?: string;
}

/** Columns that a comparison leaves out. */
export interface StepMatchOptions {
  readonly ignore?: readonly (typeof STEP_COLUMNS)[number][];
}

/** Compares two step dumps line by line, every column exactly. */
export function matchSteps(oursPath: string, theirsPath: string, options: StepMatchOptions = {}): StepMatch {
  const ours = lines(oursPath);
  const theirs = lines(theirsPath);
  const compared = STEP_COLUMNS.map((name) => !(options.ignore ?? []).includes(name));
  const steps = Math.max(ours.length, theirs.length);
  for (let i = 0; i < steps; i++) {
    const difference = matchLine(ours[i], theirs[i], compared);
    if (difference === undefined) continue;
    const columns = differingColumns(ours, theirs, compared);
    return { equal: false, equalSteps: i, steps, difference: `step ${i + 1}, ${difference}`, columns };
  }
  return { equal: steps > 0, equalSteps: steps, steps };
}

function matchLine(
  ours: string | undefined,
  theirs: string | undefined,
  compared: readonly boolean[],
): string | undefined {
  if (ours === undefined) return `the first ended, the second has ${theirs}`;
  if (theirs === undefined) return `the second ended, the first has ${ours}`;
  if (ours === theirs) return undefined;
  const a = ours.split(" ");
  const b = theirs.split(" ");
  if (a[0] !== b[0]) return `time ${a[0]} and ${b[0]}`;
  for (let i = 1; i < STEP_COLUMNS.length; i++) {
    if (compared[i] === true && Number(a[i]) !== Number(b[i])) {
      return `${STEP_COLUMNS[i]} ${a[i]} and ${b[i]} (positions ${a[1]} and ${b[1]})`;
    }
  }
  return undefined;
}

function differingColumns(
  ours: readonly string[],
  theirs: readonly string[],
  compared: readonly boolean[],
): string {
  const counts = STEP_COLUMNS.map(() => 0);
  for (let i = 0; i < Math.min(ours.length, theirs.length); i++) {
    if (ours[i] === theirs[i]) continue;
    const a = (ours[i] as string).split(" ");
    const b = (theirs[i] as string).split(" ");
    STEP_COLUMNS.forEach((_, column) => {
      const same = column === 0 ? a[0] === b[0] : Number(a[column]) === Number(b[column]);
      if (compared[column] === true && !same) counts[column] = (counts[column] as number) + 1;
    });
  }
  const named = STEP_COLUMNS.map((name, column) => ({ name, lines: counts[column] as number }));
  const differing = named.filter(({ lines: n }) => n > 0).map(({ name, lines: n }) => `${name} at ${n}`);
  return differing.length === 0 ? "none" : differing.join(", ");
}

function lines(path: string): string[] {
  const text = readFileSync(path, "utf8").trimEnd();
  return text === "" ? [] : text.split("\n");
}
