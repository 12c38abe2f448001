import { VALIDATION_CODE, VALIDITY } from "../model/index.ts";
import type { FeedValidity, Findings } from "./validation-findings.ts";
import type { ValidationParameters } from "./validation-options.ts";
import { VERDICT } from "./validation-rules.ts";

const DUPLICATE = VALIDATION_CODE.FEED_SEQUENCE_DUPLICATE;
const BOOK_LOST = VALIDATION_CODE.FEED_BOOK_LOST;
const DROPS = VALIDATION_CODE.FEED_DROPS_IN_A_ROW;
const UNSYNCED = VALIDATION_CODE.FEED_UNSYNCED;

/** What it keeps over a restart. */
export interface SavedHysteresis {
  readonly validity: readonly [state: number, reason: number, sinceNs: number, changes: number];
  readonly inARow: readonly [sound: number, flags: number, drops: number];
}

/**
 * How findings move the state of a source: soon worse, later better.
 *
 * A duplicate is no fault of the data, and what is left out while there is no book says nothing new.
 */
export class ValidityHysteresis {
  readonly #validity: FeedValidity;
  readonly #findings: Findings;
  readonly #parameters: ValidationParameters;
  readonly #nowNs: Float64Array;
  #sound = 0;
  #flags = 0;
  #drops = 0;

  constructor(
    validity: FeedValidity,
    findings: Findings,
    parameters: ValidationParameters,
    nowNs: Float64Array,
  ) {
    this.#validity = validity;
    this.#findings = findings;
    this.#parameters = parameters;
    this.#nowNs = nowNs;
    validity.reason = UNSYNCED;
  }

  /** The end of a message: its result. `isWhole`: the book has had all that came since its snapshot. */
  conclude(isWhole: boolean): number {
    const worst = this.#findings.worst;
    if (worst === 0) {
      this.#flags = 0;
      this.#drops = 0;
      if (this.#validity.state !== VALIDITY.valid) this.#recover(isWhole);
      return 0;
    }
    const reason = worst >> 2;
    if (reason === DUPLICATE || reason === BOOK_LOST) return worst;
    this.#sound = 0;
    switch (worst & 3) {
      case VERDICT.flag:
        this.#drops = 0;
        this.#flags += 1;
        if (this.#flags >= this.#parameters.enterCount) this.#suspect(reason);
        break;
      case VERDICT.drop:
        this.#drops += 1;
        if (this.#drops >= this.#parameters.dropsInARow) {
          this.#findings.raise(DROPS);
          this.#set(VALIDITY.halted, DROPS);
        } else this.#suspect(reason);
        break;
      default:
        this.#set(VALIDITY.halted, reason);
    }
    return this.#findings.worst;
  }

  /** Somebody else found a reason to stop. */
  halt(reason: number): void {
    this.#sound = 0;
    this.#set(VALIDITY.halted, reason);
  }

  save(): SavedHysteresis {
    const { state, reason, sinceNs, changes } = this.#validity;
    return { validity: [state, reason, sinceNs, changes], inARow: [this.#sound, this.#flags, this.#drops] };
  }

  load(saved: SavedHysteresis): void {
    this.#validity.load(...saved.validity);
    [this.#sound, this.#flags, this.#drops] = saved.inARow;
  }

  #recover(isWhole: boolean): void {
    const { leaveCount, haltLeaveCount } = this.#parameters;
    const needed = this.#validity.state === VALIDITY.halted ? haltLeaveCount : leaveCount;
    if (!isWhole) return;
    this.#sound += 1;
    if (this.#sound < needed) return;
    this.#sound = 0;
    this.#set(VALIDITY.valid, 0);
  }

  #suspect(reason: number): void {
    if (this.#validity.state !== VALIDITY.halted) this.#set(VALIDITY.suspect, reason);
  }

  #set(state: number, reason: number): void {
    this.#validity.set(state, reason, this.#nowNs[0] as number);
  }
}
