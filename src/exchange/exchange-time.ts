/** Where the exchange's time comes from: epoch nanoseconds, never falling. @units epoch ns */
export type ExchangeClock = () => bigint;

const NS_PER_MS = 1_000_000n;

/**
 * The exchange's time: what its clock said last, as offsets from the millisecond it was started in.
 *
 * @units `nowNs` ns from `baseNs`; `wireMs` epoch ms
 * @invariant `nowNs` never falls, whatever the clock does.
 */
export class ExchangeTime {
  readonly baseNs: bigint;
  /** What the venue lives in: set row by row while the market is brought up to the clock. */
  nowNs = 0;
  /** What the wire's times are off by, on command. */
  offsetMs = 0;
  readonly #baseMs: number;
  readonly #clock: ExchangeClock;

  constructor(clock: ExchangeClock) {
    this.#clock = clock;
    const now = clock();
    this.baseNs = now - (now % NS_PER_MS);
    this.#baseMs = Number(this.baseNs / NS_PER_MS);
  }

  /** The clock's time now, not before what it was. */
  read(): number {
    return Math.max(this.nowNs, Number(this.#clock() - this.baseNs));
  }

  /** The time the venue is at, as the wire writes it. */
  get wireMs(): number {
    return this.msAt(this.nowNs);
  }

  /** A time of the venue as the wire writes it. */
  msAt(ns: number): number {
    return this.#baseMs + Math.floor(ns / 1e6) + this.offsetMs;
  }
}
