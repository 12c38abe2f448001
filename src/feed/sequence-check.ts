import { VALIDATION_CODE } from "../model/index.ts";
import type { Findings } from "./validation-findings.ts";
import type { ValidationParameters } from "./validation-options.ts";

const INVALID = VALIDATION_CODE.FEED_SEQUENCE_INVALID;
const DUPLICATE = VALIDATION_CODE.FEED_SEQUENCE_DUPLICATE;
const GAP = VALIDATION_CODE.FEED_SEQUENCE_GAP;
const MISSING = VALIDATION_CODE.FEED_SEQUENCE_MISSING;
const DEPTH = 1;
const NONE = -1;
const CHANNELS = 4;
const NEEDED = 4;

/** How a message is numbered; -1 where it is not. */
export interface Numbered {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly previousSequence: number;
}

/**
 * Whether the messages of a channel join: the number after the last one, or `previous` naming the last one. What
 * overlaps with the past and says something new joins.
 *
 * @source Binance, "How to manage a local order book correctly"
 */
export class SequenceCheck {
  readonly #findings: Findings;
  readonly #modulus: number;
  readonly #isContiguous: readonly boolean[];
  /** The last number by channel; then what a snapshot must hold after a gap. */
  readonly #last = new Float64Array(CHANNELS + 1).fill(NONE);

  constructor(findings: Findings, parameters: ValidationParameters) {
    this.#findings = findings;
    this.#modulus = parameters.sequenceModulus;
    this.#isContiguous = [true, true, parameters.isContiguousTrades, parameters.isContiguousQuotes];
  }

  /** The last number of a channel; -1 before any. */
  lastOf(channel: number): number {
    return this.#last[channel] as number;
  }

  /** Judges a change; a gap is raised once and goes on from there. */
  change(message: Numbered, channel: number): void {
    const { lastSequence, firstSequence, previousSequence } = message;
    if (lastSequence === NONE && firstSequence === NONE) return;
    const known = this.#last[channel] as number;
    if (this.#joinsPlainly(message, known)) {
      this.#last[channel] = lastSequence;
      return;
    }
    if (!this.#isNumbered(message)) {
      this.#findings.raise(INVALID);
      return;
    }
    const last = lastSequence === NONE ? firstSequence : lastSequence;
    if (known === NONE) {
      this.#last[channel] = last;
      return;
    }
    if (this.#distance(last, known) <= 0) {
      this.#findings.raise(DUPLICATE);
      return;
    }
    this.#last[channel] = last;
    if (this.#isContiguous[channel] !== true) return;
    if (previousSequence !== NONE) {
      if (this.#distance(previousSequence, known) <= 0) return;
    } else if (this.#distance(firstSequence === NONE ? last : firstSequence, known) <= 1) return;
    this.#missing(channel, known);
  }

  /** Judges a snapshot of the book: older ones say nothing, after a gap it must reach what is missing. */
  snapshot(message: Numbered, channel: number, isLost: boolean): void {
    const { lastSequence, firstSequence } = message;
    if (lastSequence === NONE && firstSequence === NONE) return;
    if (!this.#isNumbered(message)) {
      this.#findings.raise(INVALID);
      return;
    }
    const last = lastSequence === NONE ? firstSequence : lastSequence;
    const least = this.#last[isLost ? NEEDED : channel] as number;
    if (least !== NONE && this.#distance(last, least) < 0) this.#findings.raise(DUPLICATE);
  }

  /** A snapshot was applied. */
  restart(message: Numbered, channel: number): void {
    const { lastSequence, firstSequence } = message;
    this.#last[channel] = lastSequence === NONE ? firstSequence : lastSequence;
    this.#last[NEEDED] = NONE;
  }

  /** The channel said which number is next: true where messages are missing. */
  next(nextSequence: number, channel: number): boolean {
    const known = this.#last[channel] as number;
    if (known === NONE || this.#isContiguous[channel] !== true || !this.#isNumber(nextSequence)) return false;
    if (this.#distance(nextSequence, known) <= 1) return false;
    this.#last[channel] = nextSequence > 0 ? nextSequence - 1 : this.#modulus - 1;
    this.#missing(channel, known);
    return true;
  }

  /** A new epoch of the channel: what comes next is the first. */
  reset(channel: number, nextSequence: number): void {
    this.#last[channel] = this.#isNumber(nextSequence) && nextSequence > 0 ? nextSequence - 1 : NONE;
    if (channel === DEPTH) this.#last[NEEDED] = NONE;
  }

  save(): number[] {
    return [...this.#last];
  }

  load(saved: readonly number[]): void {
    this.#last.set(saved);
  }

  #missing(channel: number, known: number): void {
    if (channel === DEPTH) this.#last[NEEDED] = known;
    this.#findings.raise(channel === DEPTH ? GAP : MISSING);
  }

  /** The usual case, at a glance: whole numbers that follow the last one and do not wrap. */
  #joinsPlainly(message: Numbered, known: number): boolean {
    const { lastSequence, firstSequence, previousSequence } = message;
    if (this.#modulus !== 0 || known < 0 || !(firstSequence > known && firstSequence <= lastSequence))
      return false;
    const follows = previousSequence === NONE ? firstSequence === known + 1 : previousSequence === known;
    const isWhole = Math.floor(firstSequence) === firstSequence && Math.floor(lastSequence) === lastSequence;
    return follows && isWhole && lastSequence <= Number.MAX_SAFE_INTEGER;
  }

  #isNumbered(message: Numbered): boolean {
    const { lastSequence, firstSequence, previousSequence } = message;
    if (lastSequence !== NONE && !this.#isNumber(lastSequence)) return false;
    if (firstSequence !== NONE && !this.#isNumber(firstSequence)) return false;
    if (previousSequence !== NONE && !this.#isNumber(previousSequence)) return false;
    if (lastSequence === NONE || firstSequence === NONE) return true;
    return this.#distance(lastSequence, firstSequence) >= 0;
  }

  #isNumber(value: number): boolean {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value)) return false;
    return this.#modulus === 0 || value < this.#modulus;
  }

  /** How far `left` is ahead of `right`, the shorter way round where numbers wrap; half of it is ahead. */
  #distance(left: number, right: number): number {
    const straight = left - right;
    const modulus = this.#modulus;
    if (modulus === 0) return straight;
    if (straight > modulus / 2) return straight - modulus;
    return straight <= -modulus / 2 ? straight + modulus : straight;
  }
}
