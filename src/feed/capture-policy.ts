import { checkChoice, checkKeys, Fault } from "../base/index.ts";
import type { TapeCounts } from "../model/index.ts";

/** What can be wrong with a capture, and what may be done about it. */
export const TROUBLES = {
  /** A line that is no local time and JSON, or a known event without a field it must have. */
  malformed: ["fail", "drop", "resync"],
  /** The capture ends within a line, or its gzip stream is cut short. */
  truncated: ["fail", "drop"],
  /** Update ids do not join: messages are missing. */
  gap: ["fail", "resync"],
  /** A message that came before: the same update or trade id. */
  duplicate: ["fail", "drop"],
  /** A message older than the one before it. */
  outOfOrder: ["fail", "drop"],
  /** After a diff the best bid is at or above the best ask. */
  crossed: ["fail", "keep", "resync"],
  /** A price or size that is no multiple of the instrument's steps. */
  offGrid: ["fail", "drop", "resync"],
  /** A local time before the one of the line before. */
  timeBackwards: ["fail", "drop"],
  /**
   * An exchange time more than an hour off the local time: it would hold back all exchange times after it.
   */
  timeApart: ["fail", "drop"],
  /** An event of another symbol. */
  wrongSymbol: ["fail", "drop"],
  /** An event of a type that no row kind stands for; counted by its name. */
  unknown: ["fail", "drop"],
} as const;

/** One kind of trouble. */
export type Trouble = keyof typeof TROUBLES;

/**
 * What to do about each kind of trouble. `fail` throws, naming file and line; `drop` leaves the message (for
 * `offGrid`: the level) out; `resync` writes a gap row, forgets the book and waits for the next snapshot;
 * `keep` delivers it as it is. Whatever is not thrown is counted.
 */
export type CapturePolicies = { readonly [Kind in Trouble]: (typeof TROUBLES)[Kind][number] };

/** The policies of a Binance capture unless others are given. */
export const BINANCE_POLICIES: CapturePolicies = {
  malformed: "fail",
  truncated: "fail",
  gap: "resync",
  duplicate: "drop",
  outOfOrder: "drop",
  crossed: "resync",
  offGrid: "fail",
  timeBackwards: "fail",
  timeApart: "fail",
  wrongSymbol: "fail",
  unknown: "drop",
};

/**
 * The policies of a stream that goes on whatever comes: nothing is thrown, everything is counted. A level off the grid
 * gives up the book, since the instrument's steps are no longer the exchange's.
 */
export const LIVE_POLICIES: CapturePolicies = {
  ...BINANCE_POLICIES,
  malformed: "drop",
  truncated: "drop",
  offGrid: "resync",
  timeBackwards: "drop",
  timeApart: "drop",
  wrongSymbol: "drop",
};

/** Fills up policies with {@link BINANCE_POLICIES}. @throws `FAULT_CONFIG` on an unknown kind or policy */
export function capturePolicies(given: Partial<CapturePolicies> = {}): CapturePolicies {
  const kinds = Object.keys(TROUBLES) as Trouble[];
  checkKeys("policies", given, kinds);
  const entries = kinds.map((kind) => {
    const choices: readonly string[] = TROUBLES[kind];
    return [kind, checkChoice(`policies.${kind}`, given[kind] ?? BINANCE_POLICIES[kind], choices)];
  });
  return Object.fromEntries(entries) as CapturePolicies;
}

/** Hears of each trouble that is not thrown: what was found, what was expected. */
export type TroubleListener = (kind: Trouble, found: unknown, expected: string) => void;

/** Where a capture reader is: the name of its input, the line, and everything counted so far. */
export class CaptureTally {
  readonly name: string;
  readonly policies: CapturePolicies;
  /** The line being read, from 1. */
  line = 0;
  readonly #counts = new Map<string, number>();
  readonly #onTrouble: TroubleListener | undefined;

  constructor(name: string, policies: CapturePolicies, onTrouble?: TroubleListener) {
    this.name = name;
    this.policies = policies;
    this.#onTrouble = onTrouble;
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** A count so far. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** All counts that are not 0, by name. */
  counts(): TapeCounts {
    return Object.fromEntries([...this.#counts].filter(([, value]) => value !== 0).sort(byName));
  }

  /**
   * Meets trouble: counts it under its kind and returns the policy, unless that is `fail`.
   *
   * @throws `FAULT_INPUT` naming the input and its line, under policy `fail`.
   */
  meet(kind: Trouble, value: unknown, expected: string): string {
    this.count(kind);
    const policy = this.policies[kind];
    if (policy !== "fail") {
      this.#onTrouble?.(kind, value, expected);
      return policy;
    }
    throw this.fault(value, `${expected} (policy ${kind})`);
  }

  /** A `FAULT_INPUT` at the present line. */
  fault(value: unknown, expected: string): Fault {
    return new Fault("FAULT_INPUT", { path: `${this.name}:${this.line}`, value, expected });
  }
}

function byName(left: readonly [string, number], right: readonly [string, number]): number {
  return left[0] < right[0] ? -1 : 1;
}
