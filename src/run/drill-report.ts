/** Of all recoveries of a drill: the middle one, the one that 95 in 100 do not exceed, the worst. */
export interface DrillQuantiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** What a recovery's time went into. @units ms */
export interface DrillParts {
  /** Until the killed process was gone. */
  readonly exitMs: number;
  /** The new process, until it opened the journal. */
  readonly startMs: number;
  /** The journal was read and checked, its torn tail cut off. */
  readonly openMs: number;
  /** The newest whole snapshot was loaded. */
  readonly loadMs: number;
  /** The records behind it were settled again. */
  readonly replayMs: number;
  /** The venue was asked about every order, up to the first new order. */
  readonly resumeMs: number;
  /** Recoveries that were killed before they were done. */
  readonly retriedMs: number;
}

/** One outage of a drill: from a kill to the first new order that the venue has taken. */
export interface DrillOutage {
  /** Recovery time: from the kill to that order. @units ms */
  readonly rtoMs: number;
  /** Its parts; they sum up to it. */
  readonly parts: DrillParts;
  /** How often it was killed again before it had recovered. */
  readonly again: number;
  /** Requests at the venue, and executions the session had acknowledged, that no record has: must be 0. */
  readonly requestsLost: number;
  readonly executionsLost: number;
  /** Records appended that no commit had covered, and that are gone. */
  readonly recordsLost: number;
  /** How far before the kill the recovered state ends. @units ms */
  readonly stateAgeMs: number;
  /** The record the snapshot was taken after; 0 where all was replayed from the first record. */
  readonly snapshotSeq: number;
  readonly recordsReplayed: number;
  /** Decided and never sent. */
  readonly unsent: number;
  /** Snapshots that could not be used. */
  readonly unusable: number;
  /** Whether a replayed effect came out differently. */
  readonly isDifferent: boolean;
}

/** A figure each outage has. */
export type DrillFigure = "rtoMs" | keyof DrillParts | "stateAgeMs" | "recordsLost" | "recordsReplayed";

const FIGURES: readonly DrillFigure[] = [
  "rtoMs",
  "exitMs",
  "startMs",
  "openMs",
  "loadMs",
  "replayMs",
  "resumeMs",
  "retriedMs",
  "stateAgeMs",
  "recordsLost",
  "recordsReplayed",
];

/** What a disaster-recovery drill found. */
export interface DrillReport {
  readonly seed: number;
  /** Kills, those in the middle of a recovery included. */
  readonly kills: number;
  /** Outages, of one kill or more. */
  readonly recoveries: number;
  readonly requests: number;
  readonly orders: number;
  readonly executions: number;
  readonly requestsLost: number;
  readonly executionsLost: number;
  /** Requests the venue got a second time: must be 0. */
  readonly duplicates: number;
  /** Recoveries that began with a snapshot. */
  readonly withSnapshot: number;
  readonly unsent: number;
  /** Records of the whole session, and whether they give the same decisions and state when replayed from the first. */
  readonly records: number;
  readonly isReplayIdentical: boolean;
  /** Whether session and venue end with equal positions. */
  readonly isPositionEqual: boolean;
  readonly rtoMaxMs: number;
  readonly figures: Readonly<Record<DrillFigure, DrillQuantiles>>;
  readonly outages: readonly DrillOutage[];
  /** Why the drill is failed; empty where it is passed. */
  readonly failures: readonly string[];
}

/** What only the drill itself knows. */
export type DrillEnd = Omit<DrillReport, "figures" | "failures" | "recoveries" | "withSnapshot" | "unsent">;

/** Sums up the outages of a drill. */
export function drillReport(end: DrillEnd): DrillReport {
  const { outages } = end;
  const rows = outages.map(({ rtoMs, parts, stateAgeMs, recordsLost, recordsReplayed }) => {
    return { rtoMs, ...parts, stateAgeMs, recordsLost, recordsReplayed };
  });
  const figures = Object.fromEntries(FIGURES.map((name) => [name, quantiles(rows.map((row) => row[name]))]));
  return {
    ...end,
    recoveries: outages.length,
    withSnapshot: outages.filter(({ snapshotSeq }) => snapshotSeq > 0).length,
    unsent: outages.reduce((sum, each) => sum + each.unsent, 0),
    figures: figures as Record<DrillFigure, DrillQuantiles>,
    failures: failuresOf(end),
  };
}

function failuresOf(end: DrillEnd): string[] {
  const { outages, rtoMaxMs } = end;
  const slow = outages.filter(({ rtoMs }) => rtoMs > rtoMaxMs).length;
  const different = outages.filter(({ isDifferent }) => isDifferent).length;
  const unusable = outages.reduce((sum, each) => sum + each.unusable, 0);
  const found: readonly (readonly [boolean, string])[] = [
    [end.requestsLost > 0, `${end.requestsLost} requests at the venue are in no record`],
    [end.executionsLost > 0, `${end.executionsLost} acknowledged executions are in no record`],
    [end.duplicates > 0, `${end.duplicates} requests were sent twice`],
    [slow > 0, `${slow} recoveries took longer than ${rtoMaxMs} ms`],
    [different > 0, `${different} replays came out differently`],
    [unusable > 0, `${unusable} snapshots could not be used`],
    [!end.isReplayIdentical, "a replay from the first record is not identical"],
    [!end.isPositionEqual, "the venue has other positions than the session"],
  ];
  return found.flatMap(([isFound, what]) => (isFound ? [what] : []));
}

function quantiles(values: readonly number[]): DrillQuantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
    return Math.round(value * 1000) / 1000;
  };
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}
