import { checkBoolean, checkChoice, checkInteger, checkKeys, checkNumber, type Prng } from "../base/index.ts";

/**
 * What a simulated venue can do wrong, in the order of their codes.
 *
 * Orders: `ackLost` (an acceptance, cancel or replace is not told), `fillLost` (an execution is not told),
 * `fillBeforeAck`, `lateFill` (an execution told after the cancel it came before), `duplicateExec` (told
 * twice, up to `delayNs` later), `bust`, `correct` (up to `delayNs` after the fill), `overfill` (by up to
 * `count` lots), `unsolicitedCancel` (up to `delayNs` after acceptance), `cancelRace` (the order fills before
 * its cancel), `replaceRace` (it fills, whole or in part, before its replace), `partialMassCancel` (each order
 * stays with this probability), `rejectStorm` (each request is rejected with this probability), `unknownId`,
 * `wrongId` (a report names an id of nobody, or of another order), `throttle` (`count` requests a second).
 *
 * Unasked, each time for an order that was accepted (up to `delayNs` later) or before a request for it is decided on:
 * `restate` (a smaller quantity, or a tick more or less), `suspendOrder` (out of the matching for up to `delayNs`; a
 * halt suspends every order then), `stopOrder` (lots are guaranteed, filled up to `delayNs` later), `expireOrder`,
 * `rejectLate` (an accepted order without fills is rejected after all), `reinstate` (a canceled or expired order is
 * back up to `delayNs` later), `cancelAfterAll` (a cancel is rejected and carried out up to `delayNs` later). `dayEnds` is a night: while it is on, open orders are done for the day, with this
 * probability each, and those that end are calculated; in the morning, up to `delayNs` after it, they go on or expire.
 *
 * Happen at once: `disconnect`, `clockSkew` (the clock is `delayNs` off, either way), `clockDrift` (`ppm`),
 * `leapSecond`, `failoverSilent` (the book is lost, nobody is told; with `forgets` the venue does not know the
 * unfilled orders any more), `failoverCancels` (lost, every order canceled), `failoverRollback` (the last `count`
 * accepted orders and executions are undone; the busts are told up to `delayNs` later), `halt`, `resume`.
 *
 * Feed: `feedGap`, `feedDuplicate`, `feedReorder`, `feedStale` (silent for `delayNs`, numbers go on),
 * `feedCrossed`, `feedLocked`, `feedFatPrice`, `feedZeroPrice`, `feedDiverge` (the channels differ),
 * `feedSnapshot` (a snapshot that is wrong).
 */
export const VENUE_FAULTS = [
  "ackLost",
  "fillLost",
  "fillBeforeAck",
  "lateFill",
  "duplicateExec",
  "bust",
  "correct",
  "overfill",
  "unsolicitedCancel",
  "cancelRace",
  "replaceRace",
  "partialMassCancel",
  "rejectStorm",
  "unknownId",
  "wrongId",
  "throttle",
  "disconnect",
  "clockSkew",
  "clockDrift",
  "leapSecond",
  "failoverSilent",
  "failoverCancels",
  "failoverRollback",
  "halt",
  "resume",
  "feedGap",
  "feedDuplicate",
  "feedReorder",
  "feedStale",
  "feedCrossed",
  "feedLocked",
  "feedFatPrice",
  "feedZeroPrice",
  "feedDiverge",
  "feedSnapshot",
  "restate",
  "suspendOrder",
  "stopOrder",
  "expireOrder",
  "rejectLate",
  "reinstate",
  "cancelAfterAll",
  "dayEnds",
] as const;

/** A word of {@link VENUE_FAULTS}. */
export type VenueFaultKind = (typeof VENUE_FAULTS)[number];

/** The code of a fault: its place in {@link VENUE_FAULTS}. */
export const VENUE_FAULT = Object.freeze(
  Object.fromEntries(VENUE_FAULTS.map((kind, code) => [kind, code])),
) as Readonly<Record<VenueFaultKind, number>>;

/** The faults that happen when they are set; the others go on until their probability is 0 again. */
export const INSTANT_FAULTS: readonly VenueFaultKind[] = [
  "disconnect",
  "clockSkew",
  "clockDrift",
  "leapSecond",
  "failoverSilent",
  "failoverCancels",
  "failoverRollback",
  "halt",
  "resume",
];

/**
 * One switch of a fault; what is left out has its default.
 *
 * @units `delayNs` ns, `ppm` parts per million, `instrument` the engine's index
 */
export interface VenueFaultSetting {
  readonly kind: VenueFaultKind;
  /** Each time it could happen, within 0 and 1; 0 switches it off. 1 unless told. */
  readonly probability?: number;
  /** How much later at most, or how far off. A second unless told; `clockSkew` takes negative ones. */
  readonly delayNs?: number;
  /** How many. 1 unless told. */
  readonly count?: number;
  readonly ppm?: number;
  /** Only this instrument: `halt`, `resume`. All unless told. */
  readonly instrument?: number;
  /** Whether orders that a failover lost are unknown to the venue afterwards; false unless told. */
  readonly forgets?: boolean;
}

const SECOND_NS = 1e9;
const DELAY_MAX_NS = 1e15;
const KEYS = ["kind", "probability", "delayNs", "count", "ppm", "instrument", "forgets"];

/**
 * Which faults are on, how often each was injected, and the draws that decide.
 *
 * @invariant Every fault draws from its own generator, and only while it is on: switching one changes no
 * draw of another.
 * @cost A question about a fault that is off is one read.
 */
export class VenueFaults {
  /** How often each fault was injected, by code. */
  readonly injected: Int32Array = new Int32Array(VENUE_FAULTS.length);
  /** By code. @units `delayNs` ns */
  readonly probability: Float64Array = new Float64Array(VENUE_FAULTS.length);
  readonly delayNs: Float64Array = new Float64Array(VENUE_FAULTS.length).fill(SECOND_NS);
  readonly count: Int32Array = new Int32Array(VENUE_FAULTS.length).fill(1);
  readonly #rngs: readonly Prng[];

  constructor(rng: Prng) {
    this.#rngs = VENUE_FAULTS.map((kind) => rng.fork(`fault ${kind}`));
  }

  /**
   * Takes a setting in.
   *
   * @returns the fault's code.
   * @throws `FAULT_CONFIG` naming what is wrong with it.
   */
  set(setting: VenueFaultSetting): number {
    checkKeys("fault", setting, KEYS);
    const code = VENUE_FAULT[checkChoice("fault.kind", setting.kind, VENUE_FAULTS)];
    const { probability = 1, delayNs = SECOND_NS, count = 1 } = setting;
    this.probability[code] = checkNumber("fault.probability", probability, 0, 1);
    const least = setting.kind === "clockSkew" ? -DELAY_MAX_NS : 1;
    this.delayNs[code] = checkInteger("fault.delayNs", delayNs, least, DELAY_MAX_NS);
    this.count[code] = checkInteger("fault.count", count, 1, 1e6);
    if (setting.forgets !== undefined) checkBoolean("fault.forgets", setting.forgets);
    if (setting.ppm !== undefined) checkNumber("fault.ppm", setting.ppm);
    if (setting.instrument !== undefined) checkInteger("fault.instrument", setting.instrument, 0);
    return code;
  }

  /** Switches everything off. */
  clear(): void {
    this.probability.fill(0);
  }

  isOn(code: number): boolean {
    return (this.probability[code] as number) > 0;
  }

  /** Whether the fault happens now; nothing is counted yet. */
  draws(code: number): boolean {
    const probability = this.probability[code] as number;
    return probability > 0 && (this.#rngs[code] as Prng).float() < probability;
  }

  /** Whether the fault happens now; counts it where it does. */
  strikes(code: number): boolean {
    if ((this.probability[code] as number) === 0 || !this.draws(code)) return false;
    this.hit(code);
    return true;
  }

  /** Counts a fault that was injected. */
  hit(code: number): void {
    this.injected[code] = (this.injected[code] as number) + 1;
  }

  /** A whole number in [0, bound) from the fault's own generator. */
  below(code: number, bound: number): number {
    return (this.#rngs[code] as Prng).below(bound);
  }

  /** A delay within 1 and the fault's `delayNs`. */
  delay(code: number): number {
    return 1 + Math.floor((this.#rngs[code] as Prng).float() * (this.delayNs[code] as number));
  }

  /** 1 to the fault's `count`. */
  amount(code: number): number {
    return 1 + (this.#rngs[code] as Prng).below(this.count[code] as number);
  }
}

/**
 * Why a simulated venue rejects, beside the codes of `REASON`: their codes begin where no code of `REASON`
 * will be.
 */
export const VENUE_REASONS = [
  "unknownInstrument",
  "duplicateId",
  "badPrice",
  "badLots",
  "badSide",
  "unsupported",
  "halted",
  "throttled",
  "storm",
  "selfMatch",
  "failover",
  "connectionLost",
  "stale",
] as const;

/** A word of {@link VENUE_REASONS}. */
export type VenueReason = (typeof VENUE_REASONS)[number];

/** The code of each reason of {@link VENUE_REASONS}: 64 and up. */
export const VENUE_REASON = Object.freeze(
  Object.fromEntries(VENUE_REASONS.map((word, i) => [word, 64 + i])),
) as Readonly<Record<VenueReason, number>>;
