import { boundOf, type ClockPath, type PathBound } from "./clock-bound.ts";
import type { ClockSettings } from "./clock-options.ts";
import type { ClockReading, PhcReading } from "./clock-readings.ts";

/** A path with its age: what it said last, and how the bound has grown since. */
export interface AgedPath {
  readonly bound: PathBound;
  /** @units ns */
  readonly boundNs: number;
  /** It says nothing now: only the drift is added to what it said last. */
  readonly lost: boolean;
}

const DAEMONS = ["ptp", "ntp"] as const satisfies readonly ClockPath[];

interface Anchor {
  bound: PathBound;
  /** When its last message came, at the earliest. @units ns, raw */
  freshNs: bigint;
  /** How fast it may drift, as it was when the path was last live. @units ppm */
  ratePpm: number;
}

/** The last message of PTP, as its number tells. */
interface Message {
  readonly mark: bigint;
  /** When it was the last one at a look. @units ns, raw */
  seenNs: bigint;
  /** When it came, at the earliest; undefined where that is not known. @units ns, raw */
  freshNs: bigint | undefined;
}

/** A message may be so much younger than the stamps that were read before it. @units ns */
const AHEAD_MAX = 2e9;

/**
 * What each path said last, and when: between two messages, and after the last one, a bound grows with the drift.
 *
 * @invariant While a path is lost its bound never shrinks.
 */
export class ClockHoldover {
  readonly #settings: ClockSettings;
  readonly #anchors = new Map<ClockPath, Anchor>();
  #message: Message | undefined;

  constructor(settings: ClockSettings) {
    this.#settings = settings;
  }

  /**
   * Takes what the paths say now. A path whose messages have not come for too long is not live though its daemon
   * answers.
   *
   * @returns the paths that can be counted on, and those that sent something new
   */
  observe(
    reading: ClockReading,
    paths: readonly PathBound[],
  ): { readonly live: ReadonlySet<ClockPath>; readonly fresh: ReadonlySet<ClockPath> } {
    const live = new Set<ClockPath>();
    const fresh = new Set<ClockPath>();
    const { phc, stamps } = reading;
    const atNs = stamps.monotonicRawNs;
    const isNew = this.#hear(reading, paths.find(({ path }) => path === "ptp")?.messageAgeNs);
    for (const bound of paths) {
      const hasMessages = bound.messageAgeNs !== undefined;
      const freshNs = hasMessages ? this.#message?.freshNs : atNs;
      if (freshNs === undefined || atNs - freshNs >= BigInt(this.#settings.staleNs)) continue;
      live.add(bound.path);
      if (isNew || !hasMessages) fresh.add(bound.path);
      this.#anchors.set(bound.path, { bound, freshNs, ratePpm: this.#settings.holdoverPpm });
    }
    this.#forgetMoved(live);
    for (const [path, anchor] of this.#anchors) {
      if (!live.has(path) && phc !== undefined) anchor.bound = withHostOffset(anchor.bound, phc);
    }
    return { live, fresh };
  }

  /**
   * Dates PTP's last message: it is as old as its stamp says, and where there was another one at an earlier look it
   * came after that. The first one of all may be of any age.
   */
  #hear({ ptp, stamps }: ClockReading, ageNs: number | undefined): boolean {
    if (ptp === undefined) return false;
    const atNs = stamps.monotonicRawNs;
    const byAge =
      ageNs === undefined || ageNs < -AHEAD_MAX ? undefined : atNs - BigInt(Math.ceil(Math.max(ageNs, 0)));
    const last = this.#message;
    if (last?.mark === ptp.ingressTimeNs) {
      last.seenNs = atNs;
      last.freshNs ??= byAge;
      return false;
    }
    const after = last?.seenNs;
    const freshNs = after === undefined || (byAge !== undefined && byAge > after) ? byAge : after;
    this.#message = { mark: ptp.ingressTimeNs, seenNs: atNs, freshNs };
    return true;
  }

  /** Every path that has said something and is not too old, by its bound: the smallest first. */
  aged(atNs: bigint, live: ReadonlySet<ClockPath>, driftPpm: number, stepNs: number): readonly AgedPath[] {
    const found: AgedPath[] = [];
    for (const [path, anchor] of this.#anchors) {
      const { bound, freshNs } = anchor;
      if (live.has(path)) anchor.ratePpm = Math.max(this.#settings.holdoverPpm, Math.abs(driftPpm));
      const age = atNs - freshNs;
      if (age > BigInt(this.#settings.holdoverNsMax)) continue;
      const holdoverNs = (Number(age) * anchor.ratePpm) / 1e6;
      const terms = { ...bound.terms, holdoverNs, stepNs };
      found.push({ bound: { ...bound, terms }, boundNs: boundOf(terms), lost: !live.has(path) });
    }
    return found.sort((left, right) => left.boundNs - right.boundNs);
  }

  /**
   * A source that is lost while another one answers: that one may move the clock from where the first has left it.
   */
  #forgetMoved(live: ReadonlySet<ClockPath>): void {
    for (const path of DAEMONS) {
      const other = path === "ptp" ? "ntp" : "ptp";
      if (!live.has(path) && live.has(other) && this.#settings.discipline !== path)
        this.#anchors.delete(path);
    }
  }

  /** Forgets what was said before a step and not since. */
  forgetExcept(fresh: ReadonlySet<ClockPath>): void {
    for (const path of [...this.#anchors.keys()]) if (!fresh.has(path)) this.#anchors.delete(path);
  }
}

/** Whether two bounds leave room for one true time. */
export function boundsMeet(left: PathBound, right: PathBound, leftNs: number, rightNs: number): boolean {
  const leftRoom = leftNs - Math.abs(left.offsetNs);
  const rightRoom = rightNs - Math.abs(right.offsetNs);
  return Math.abs(left.offsetNs - right.offsetNs) <= leftRoom + rightRoom;
}

/** A hardware clock can be read when its grandmaster is lost: the system clock may leave it. */
function withHostOffset(bound: PathBound, phc: PhcReading): PathBound {
  if (bound.scaleNs === undefined) return bound;
  const hostOffsetNs = Math.max(bound.terms.hostOffsetNs, Math.abs(Number(phc.offsetNs - bound.scaleNs)));
  const readNs = Math.max(bound.terms.readNs, phc.uncertaintyNs);
  return { ...bound, terms: { ...bound.terms, hostOffsetNs, readNs } };
}
