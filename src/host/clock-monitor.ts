import { type Refusal, refuse } from "../base/index.ts";
import { type ClockReason, pathBounds } from "./clock-bound.ts";
import { ClockChanges } from "./clock-changes.ts";
import { ClockDrift } from "./clock-drift.ts";
import { ClockDay, type ClockDayEvidence, clockDay } from "./clock-evidence.ts";
import type { ClockEvent, ClockFinding, ClockState } from "./clock-finding.ts";
import { type AgedPath, boundsMeet, ClockHoldover } from "./clock-holdover.ts";
import { type ClockMonitorOptions, type ClockSettings, clockSettings } from "./clock-options.ts";
import { judgeClock } from "./clock-profiles.ts";
import { checkClockReading } from "./clock-reading-check.ts";
import type { ClockReading, ClockStamps, LeapNotice } from "./clock-readings.ts";
import type { ClockRefusalCode } from "./clock-refusals.ts";
import { type ClockJump, clockJump, leapOf } from "./clock-steps.ts";

/** What one sample gave. */
export interface ClockSampled {
  readonly ok: true;
  readonly finding: ClockFinding;
  readonly events: readonly ClockEvent[];
  /** The evidence of the day before, with the first sample of a new UTC day. */
  readonly day?: ClockDayEvidence;
}

/** Which path counts, and what speaks against it. */
interface Chosen {
  readonly path?: AgedPath;
  readonly reasons: readonly ClockReason[];
}

/**
 * Watches the clock of this machine: per sample how far it can be from UTC, in which state that puts it, and what
 * changed.
 *
 * It has no clock and no timer of its own: time comes with the readings, so the same readings give the same
 * findings. It claims nothing without a source, and with NTP a bound, no proof.
 *
 * @invariant A bound is never below its largest term; in holdover it never shrinks.
 * @example
 * ```ts
 * import { ClockMonitor } from "tickwright/host";
 * const monitor = new ClockMonitor();
 * const stamps = {
 *   sysRealtimeNs: 1_772_442_000_000_000_000n,
 *   monotonicRawNs: 1n,
 *   monotonic: "raw",
 *   realtimeResolutionNs: 1,
 *   pairUncertaintyNs: 20,
 * } as const;
 * const sampled = monitor.sample({ stamps });
 * sampled.ok && sampled.finding.state; // => "unsynchronized"
 * ```
 */
export class ClockMonitor {
  readonly settings: ClockSettings;
  readonly #drift: ClockDrift;
  readonly #holdover: ClockHoldover;
  readonly #changes: ClockChanges;
  #day: ClockDay | undefined;
  #before: ClockStamps | undefined;
  #state: ClockState = "unsynchronized";
  #announced: LeapNotice = "unknown";
  #driftSource = "";
  #driftPpm: number | undefined;
  /** The sum of steps that no source has confirmed. @units ns */
  #unsettledNs = 0;
  /** Good samples that are still to come before a step is settled. */
  #settling = 0;
  #finding: ClockFinding | undefined;

  constructor(options: ClockMonitorOptions = {}) {
    this.settings = clockSettings(options);
    this.#drift = new ClockDrift(this.settings.driftWindow);
    this.#holdover = new ClockHoldover(this.settings);
    this.#changes = new ClockChanges(this.settings);
  }

  /** What the last sample gave; undefined before the first. */
  get finding(): ClockFinding | undefined {
    return this.#finding;
  }

  /** The evidence of the running UTC day; undefined before the first sample. */
  evidence(): ClockDayEvidence | undefined {
    return this.#day?.evidence();
  }

  /**
   * Takes one reading.
   *
   * @refuses `CLOCK_READING_SHAPE`, `CLOCK_READING_RANGE` a field that cannot be; `CLOCK_READING_ORDER` one that is
   * not later than the one before. A refused reading changes nothing but a count of the day's evidence.
   */
  sample(reading: ClockReading): ClockSampled | Refusal<ClockRefusalCode> {
    const refusal = checkClockReading(reading) ?? this.#outOfOrder(reading.stamps);
    if (refusal !== undefined) {
      this.#day?.refused();
      return refusal;
    }
    const { stamps } = reading;
    const jump =
      this.#before === undefined
        ? undefined
        : clockJump(this.#before, stamps, this.#announced, this.settings);
    if (jump?.kind === "step") this.#step(jump);
    const { paths, reasons } = pathBounds(reading, this.settings);
    const { live, fresh } = this.#holdover.observe(reading, paths);
    this.#settle(jump, fresh);
    const aged = this.#holdover.aged(stamps.monotonicRawNs, live, this.#driftPpm ?? 0, this.#unsettledNs);
    const stale = paths.some(({ path }) => !live.has(path)) ? (["ptpStale"] as const) : [];
    const chosen = choose(aged, [...reasons, ...stale], this.settings);
    this.#estimateDrift(chosen.path, stamps.monotonicRawNs, fresh);
    const finding = this.#find(reading, chosen);
    const events = this.#changes.between(this.#finding, finding, jump);
    const day = this.#count(finding, jump);
    this.#before = stamps;
    this.#announced = finding.leap;
    this.#state = finding.state;
    this.#finding = finding;
    return { ok: true, finding, events, ...(day !== undefined && { day }) };
  }

  #outOfOrder(stamps: ClockStamps): Refusal<ClockRefusalCode> | undefined {
    const before = this.#before;
    if (before === undefined) return undefined;
    if (stamps.monotonic !== before.monotonic) {
      return refuse(
        "CLOCK_READING_ORDER",
        "stamps.monotonic",
        stamps.monotonic,
        `${before.monotonic}, as before`,
      );
    }
    if (stamps.monotonicRawNs > before.monotonicRawNs) return undefined;
    const expected = `above ${before.monotonicRawNs}, the reading before`;
    return refuse("CLOCK_READING_ORDER", "stamps.monotonicRawNs", stamps.monotonicRawNs, expected);
  }

  #step(jump: ClockJump): void {
    this.#unsettledNs += Math.abs(jump.jumpNs);
    this.#settling = this.settings.settleSamples;
    this.#drift.clear();
    this.#driftPpm = undefined;
  }

  /** A step is settled when sources have sent something new at so many samples after it. */
  #settle(jump: ClockJump | undefined, fresh: ReadonlySet<"ptp" | "ntp" | "kernel">): void {
    if (this.#settling === 0 || jump?.kind === "step" || fresh.size === 0) return;
    this.#settling -= 1;
    if (this.#settling > 0) return;
    this.#unsettledNs = 0;
    this.#holdover.forgetExcept(fresh);
  }

  #estimateDrift(path: AgedPath | undefined, atNs: bigint, fresh: ReadonlySet<string>): void {
    if (path === undefined || path.lost || !fresh.has(path.bound.path)) return;
    if (path.bound.source !== this.#driftSource) {
      this.#drift.clear();
      this.#driftSource = path.bound.source;
    }
    this.#drift.add(atNs, path.bound.offsetNs);
    this.#driftPpm = this.#drift.ppm() ?? this.#driftPpm;
  }

  #find(reading: ClockReading, chosen: Chosen): ClockFinding {
    const { stamps, ptp, kernel } = reading;
    const path = chosen.path;
    const boundNs = path?.boundNs;
    const grandmaster = path?.bound.path === "ptp" ? path.bound.source.slice("ptp ".length) : undefined;
    const utcOffset = ptp?.currentUtcOffset ?? kernel?.taiOffset;
    const traceable = path?.bound.traceable ?? false;
    const proof = path?.bound.proof ?? "none";
    const judged = {
      stepped: this.#settling > 0,
      measured: proof === "measured",
      traceable,
      resolutionNs: stamps.realtimeResolutionNs,
      ...(boundNs !== undefined && { boundNs }),
    };
    return {
      state: this.#stateOf(path),
      atRealtimeNs: stamps.sysRealtimeNs,
      atMonotonicRawNs: stamps.monotonicRawNs,
      path: path?.bound.path ?? "none",
      holdover: path?.lost ?? false,
      proof,
      hardware: reading.phc === undefined ? "absent" : "present",
      source: path?.bound.source ?? "none",
      ...(path !== undefined && { offsetNs: path.bound.offsetNs, terms: path.bound.terms }),
      ...(this.#driftPpm !== undefined && path !== undefined && { driftPpm: this.#driftPpm }),
      ...(boundNs !== undefined && { boundNs }),
      traceable,
      ...(grandmaster !== undefined && { grandmaster }),
      ...(utcOffset !== undefined && { utcOffset }),
      leap: leapOf(reading),
      resolutionNs: stamps.realtimeResolutionNs,
      reasons: chosen.reasons,
      missing: reading.missing ?? [],
      verdicts: this.settings.profiles.map(([profile, policy]) => judgeClock(profile, policy, judged)),
    };
  }

  #stateOf(path: AgedPath | undefined): ClockState {
    if (path === undefined) return "unsynchronized";
    if (this.#settling > 0) return "stepped";
    if (path.boundNs > this.settings.toleranceNs) return "outOfTolerance";
    if (path.lost) return "holdover";
    return path.boundNs > this.settings.degradedNs ? "degraded" : "locked";
  }

  #count(finding: ClockFinding, jump: ClockJump | undefined): ClockDayEvidence | undefined {
    const name = clockDay(finding.atRealtimeNs);
    let closed: ClockDayEvidence | undefined;
    if (this.#day?.day !== name) {
      closed = this.#day?.evidence();
      this.#day = new ClockDay(name, this.settings.configurationHash);
    }
    if (jump !== undefined) {
      const observed = jump.elapsedNs <= (this.settings.gapSamples + 0.5) * this.settings.sampleNs;
      this.#day.passed(this.#state, jump.elapsedNs, observed);
      if (jump.kind === "step") this.#day.stepped();
    }
    this.#day.add(finding);
    return closed;
  }
}

/**
 * The path that counts. What the kernel says it has from a daemon, so it counts where no daemon does. Of those that
 * answer, and the one that disciplines, the one with the smallest bound; where that leaves no room for what a live
 * path says, the one with the greatest: somebody is wrong, and it is not known who. Where all are lost, the one
 * that disciplines, or the greatest: it is not known which of them moved the clock last.
 */
function choose(all: readonly AgedPath[], reasons: readonly ClockReason[], settings: ClockSettings): Chosen {
  const daemons = all.filter(({ bound }) => bound.path !== "kernel");
  const aged = daemons.length > 0 ? daemons : all;
  const live = aged.filter((path) => !path.lost);
  const leading = aged.find(({ bound }) => bound.path === settings.discipline);
  if (live.length === 0) {
    const path = leading ?? aged.at(-1);
    return path === undefined ? { reasons } : { path, reasons };
  }
  const best = aged.find((path) => !path.lost || path === leading) as AgedPath;
  const meets = live.every((path) => boundsMeet(best.bound, path.bound, best.boundNs, path.boundNs));
  if (meets) return { path: best, reasons };
  return { path: live.at(-1) as AgedPath, reasons: [...reasons, "sourcesDisagree"] };
}
