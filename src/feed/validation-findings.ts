import { VALIDATION_REASONS, VALIDITY } from "../model/index.ts";
import { VERDICT } from "./validation-rules.ts";

const REASONS = VALIDATION_REASONS.length + 1;

/** What is found about one message: each reason once, the gravest verdict of all. */
export class Findings {
  /** Verdict and four times the reason's number of the gravest finding, the first of equals; 0 where all is well. */
  worst = 0;
  /** Findings by number of reason, over all messages. */
  readonly counts: Float64Array = new Float64Array(REASONS);
  readonly #verdicts: Uint8Array;
  readonly #isRaised = new Uint8Array(REASONS);
  /** Whether anything was found, even where its verdict is pass. */
  isDirty = false;

  constructor(verdicts: Uint8Array) {
    this.#verdicts = verdicts;
  }

  /** The next message. */
  begin(): void {
    if (!this.isDirty) return;
    this.worst = 0;
    this.#isRaised.fill(0);
    this.isDirty = false;
  }

  /** Whether the message is to be left out. */
  get isRefused(): boolean {
    return (this.worst & 3) >= VERDICT.drop;
  }

  isRaised(reason: number): boolean {
    return this.#isRaised[reason] === 1;
  }

  /** Takes note of a reason; says whether it is new to this message. */
  raise(reason: number): boolean {
    if (this.#isRaised[reason] === 1) return false;
    this.#isRaised[reason] = 1;
    this.isDirty = true;
    this.counts[reason] = (this.counts[reason] as number) + 1;
    const verdict = this.#verdicts[reason] as number;
    if (verdict > (this.worst & 3)) this.worst = verdict | (reason << 2);
    return true;
  }

  /** The verdict of a reason, as configured. */
  verdictOf(reason: number): number {
    return this.#verdicts[reason] as number;
  }
}

/**
 * How far the data of one instrument from one source can be trusted, kept up to date by its validator: read it in
 * O(1) with each event.
 */
export class FeedValidity {
  /** A number of `VALIDITY`. */
  state: number = VALIDITY.suspect;
  /** The number of the reason in `VALIDATION_CODE`; 0 where data is valid. */
  reason = 0;
  /** How often state or reason changed: who sees another number than before has something to record. */
  changes = 0;
  readonly #sinceNs = new Float64Array([0]);

  /** Quote only where this is true. */
  get isValid(): boolean {
    return this.state === VALIDITY.valid;
  }

  /** When the state began. @units ns from the session's base */
  get sinceNs(): number {
    return this.#sinceNs[0] as number;
  }

  /** Sets both; a state that stays keeps its beginning. */
  set(state: number, reason: number, nowNs: number): void {
    if (state === this.state && reason === this.reason) return;
    if (state !== this.state) this.#sinceNs[0] = nowNs;
    this.state = state;
    this.reason = reason;
    this.changes += 1;
  }

  /** What was saved of it. */
  load(state: number, reason: number, sinceNs: number, changes: number): void {
    this.state = state;
    this.reason = reason;
    this.#sinceNs[0] = sinceNs;
    this.changes = changes;
  }
}
