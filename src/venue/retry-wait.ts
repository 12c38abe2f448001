import type { Prng } from "../base/index.ts";

/**
 * How long to wait before trying again: doubled at each failure up to the most, half of it at random so that many
 * clients do not come back at once.
 *
 * @units ms
 */
export class RetryWait {
  readonly #rng: Prng;
  readonly #least: number;
  readonly #most: number;
  #failures = 0;

  constructor(rng: Prng, least: number, most: number) {
    this.#rng = rng;
    this.#least = least;
    this.#most = most;
  }

  /** The next wait. */
  next(): number {
    let whole = this.#least;
    for (let i = 0; i < this.#failures && whole < this.#most; i++) whole *= 2;
    this.#failures += 1;
    whole = Math.min(whole, this.#most);
    return Math.max(1, Math.round(whole / 2 + (whole / 2) * this.#rng.float()));
  }

  /** It worked: the next wait is the least again. */
  reset(): void {
    this.#failures = 0;
  }
}
