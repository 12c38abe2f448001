import { checkChoice, checkInteger, checkKeys, checkMethods } from "../base/index.ts";
import { NUMBERINGS, type Numbering, type SequencedRows } from "./sequenced-rows.ts";

/**
 * Where a numbered channel stands. `live`: every number came. `gap`: numbers are missing, what came after them is held.
 * `recovering`: the missing ones are given up, a snapshot is asked for. `invalid`: nothing is known, nothing asked.
 */
export const GAP_STATES = ["live", "gap", "recovering", "invalid"] as const;

/** One of {@link GAP_STATES}. */
export type GapState = (typeof GAP_STATES)[number];

/**
 * What ends a gap that was not filled in time. `snapshot`: one that is asked for. `natural`: the book is emptied and
 * built again from changes, until `isRefreshed` says that it is whole. `none`: nothing, the missing numbers are counted
 * and the channel goes on (trades, which keep no book).
 */
export const GAP_REFRESHES = ["snapshot", "natural", "none"] as const;

/** One of {@link GAP_REFRESHES}. */
export type GapRefresh = (typeof GAP_REFRESHES)[number];

/** What a {@link GapRecovery} gives and asks for, called within the call that caused it. */
export interface GapRecoveryListener {
  /** The next message in order: each number once. Rows that were held carry the time of this call. */
  apply(rows: SequencedRows, nowNs: number): void;
  /** The book is these rows now. */
  snapshot(rows: SequencedRows, nowNs: number): void;
  /** Numbers that are missing, both included: send them again, or wait for another line. */
  retransmit(first: number, last: number, nowNs: number): void;
  /** A snapshot is needed; it comes through `message`, not within this call. */
  requestSnapshot(nowNs: number): void;
  state(state: GapState, before: GapState, nowNs: number): void;
  /** The book is empty now: with `natural` only, which needs it. */
  clear?(nowNs: number): void;
  /** Whether a book that is built again from changes is whole: with `natural` only, which needs it. */
  isRefreshed?(): boolean;
}

/** Options of a {@link GapRecovery}. @units ns; numbers of a source */
export interface GapRecoveryOptions {
  readonly numbering: Numbering;
  readonly listener: GapRecoveryListener;
  /** `snapshot` unless given. */
  readonly refresh?: GapRefresh;
  /** How long missing numbers are waited for before the refresh; 20 ms unless given, 0 for not at all. */
  readonly gapNs?: number;
  /** How long a snapshot is waited for before it is asked for again; 2 s unless given. */
  readonly snapshotNs?: number;
  /** Snapshots asked for before the channel is invalid; 5 unless given. */
  readonly attempts?: number;
  /** How long an invalid channel waits before it begins anew; 10 s unless given. */
  readonly retryNs?: number;
  /** Messages and rows held at most, 4,096 and 65,536 unless given: the memory is made at once, 60 bytes a row. */
  readonly messagesMax?: number;
  readonly rowsMax?: number;
  /** The number after the highest, where numbers begin again at 0: 2^32, say; 0, for never, unless given. */
  readonly wrap?: number;
}

/** All of {@link GapRecoveryOptions}, checked. */
export type GapSettings = Required<GapRecoveryOptions>;

/** Numbers wrap at 2^52 at most. */
const WRAP_MAX = 4_503_599_627_370_496;
const KEYS = [
  "numbering",
  "listener",
  "refresh",
  "gapNs",
  "snapshotNs",
  "attempts",
  "retryNs",
  "messagesMax",
  "rowsMax",
  "wrap",
];
const CALLS = ["apply", "snapshot", "retransmit", "requestSnapshot", "state"] as const;

/** Checks the options and fills in the rest. @throws `FAULT_CONFIG` naming the option. */
export function checkGapOptions(path: string, options: GapRecoveryOptions): GapSettings {
  checkKeys(path, options, KEYS);
  const { listener } = options;
  const refresh = checkChoice(`${path}.refresh`, options.refresh ?? "snapshot", GAP_REFRESHES);
  checkListener(`${path}.listener`, listener);
  if (refresh === "natural") {
    checkMethods(`${path}.listener`, listener, ["clear", "isRefreshed"]);
  }
  return {
    numbering: checkChoice(`${path}.numbering`, options.numbering, NUMBERINGS),
    listener,
    refresh,
    gapNs: checkInteger(`${path}.gapNs`, options.gapNs ?? 20e6, 0),
    snapshotNs: checkInteger(`${path}.snapshotNs`, options.snapshotNs ?? 2e9, 1),
    attempts: checkInteger(`${path}.attempts`, options.attempts ?? 5, 1),
    retryNs: checkInteger(`${path}.retryNs`, options.retryNs ?? 10e9, 1),
    messagesMax: checkInteger(`${path}.messagesMax`, options.messagesMax ?? 4_096, 1, 1_048_576),
    rowsMax: checkInteger(`${path}.rowsMax`, options.rowsMax ?? 65_536, 1, 16_777_216),
    wrap: checkWrap(`${path}.wrap`, options.wrap),
  };
}

/** A wrap is 0 or an even number: half of it is the farthest that numbers may lie apart. */
export function checkWrap(path: string, wrap: number | undefined): number {
  const checked = checkInteger(path, wrap ?? 0, 0, WRAP_MAX);
  return checked === 0 ? 0 : 2 * checkInteger(path, checked / 2, 1);
}

function checkListener(path: string, listener: GapRecoveryListener): void {
  if (typeof listener !== "object" || listener === null) checkKeys(path, listener, CALLS);
  checkMethods(path, listener, CALLS);
}

/**
 * What a {@link GapRecovery} counted. Messages: `received` is the sum of `applied`, `snapshots`, `snapshotsLeft`,
 * `duplicates`, `superseded`, `discarded`, `staleEpochs` and those held. Numbers: `numbers` that the channel moved on
 * are the sum of `numbersApplied`, `numbersSuperseded` and `lost`.
 */
export interface GapCounts {
  readonly received: number;
  readonly applied: number;
  /** Snapshots that became the book, and those that were behind it or came while invalid. */
  readonly snapshots: number;
  readonly snapshotsLeft: number;
  /** Messages whose numbers had been passed. */
  readonly duplicates: number;
  /** Held messages that a snapshot contained. */
  readonly superseded: number;
  /** Held messages let go by an overflow, a reset or a disconnection, and those that came while invalid. */
  readonly discarded: number;
  /** Messages of an epoch that is over. */
  readonly staleEpochs: number;
  readonly numbers: number;
  readonly numbersApplied: number;
  readonly numbersSuperseded: number;
  /** Numbers that were passed over without their message: what a snapshot stood in for, or nothing did. */
  readonly lost: number;
  /** Times that the channel left `live`, and came back. */
  readonly gaps: number;
  readonly recovered: number;
  readonly overflows: number;
  readonly resets: number;
  /** Time from leaving `live` to being live again: the sum, and the longest. @units ns */
  readonly recoverNs: number;
  readonly recoverNsMax: number;
  /** The last one. */
  readonly recoverNsLast: number;
}

/** Counts that stand at 0, to be counted up. */
export function newGapCounts(): { -readonly [Name in keyof GapCounts]: number } {
  return {
    received: 0,
    applied: 0,
    snapshots: 0,
    snapshotsLeft: 0,
    duplicates: 0,
    superseded: 0,
    discarded: 0,
    staleEpochs: 0,
    numbers: 0,
    numbersApplied: 0,
    numbersSuperseded: 0,
    lost: 0,
    gaps: 0,
    recovered: 0,
    overflows: 0,
    resets: 0,
    recoverNs: 0,
    recoverNsMax: 0,
    recoverNsLast: 0,
  };
}
