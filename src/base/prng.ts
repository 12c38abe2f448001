import { checkNumber } from "./check.ts";
import { Fault } from "./fault.ts";

/** The whole state of a {@link Prng}: four 32-bit words, JSON-safe. */
export type PrngState = readonly [number, number, number, number];

/**
 * A seeded generator of uniform numbers (xoshiro128**): the only randomness the core knows.
 *
 * @invariant Two generators with one seed or one state give one sequence, on every platform.
 * @cost A draw is a handful of 32-bit operations and allocates nothing.
 * @source Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators, 2021
 * @example
 * ```ts
 * import { Prng } from "tickwright/base";
 * const rng = new Prng(7);
 * const again = new Prng(7);
 * rng.uint32() === again.uint32(); // => true
 * ```
 */
export class Prng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @throws `FAULT_CONFIG` when the seed is not an integer within 2^53. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new Fault("FAULT_CONFIG", { path: "seed", value: seed, expected: "an integer within 2^53" });
    }
    const words = splitMix(seed);
    [this.#a, this.#b, this.#c, this.#d] = words;
  }

  /** Continues from a state taken by {@link Prng.state}. */
  static fromState(state: PrngState): Prng {
    const rng = new Prng(0);
    rng.restore(state);
    return rng;
  }

  /** The state now: {@link Prng.fromState} goes on from there. */
  state(): PrngState {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  /** @throws `FAULT_CONFIG` when the state is not four 32-bit integers, or all zero. */
  restore(state: PrngState): void {
    const words: readonly number[] = Array.isArray(state) ? state : [];
    const valid = words.length === 4 && words.every((word) => (word | 0) === word);
    if (!valid || words.every((word) => word === 0)) {
      throw new Fault("FAULT_CONFIG", {
        path: "state",
        value: state,
        expected: "four 32-bit integers, not all 0",
      });
    }
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const b = this.#b;
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = b << 9;
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A uniform double in [0, 1) with 53 random bits. */
  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * A uniform integer in [0, bound), without bias.
   *
   * @throws `FAULT_CONFIG` unless bound is an integer within 1 and 2^32.
   */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 4294967296) {
      throw new Fault("FAULT_CONFIG", {
        path: "bound",
        value: bound,
        expected: "an integer within 1 and 2^32",
      });
    }
    const limit = 4294967296 - (4294967296 % bound);
    let draw = this.uint32();
    while (draw >= limit) draw = this.uint32();
    return draw % bound;
  }

  /** A normal draw with mean 0 and standard deviation 1 (Marsaglia's polar method, one draw kept nowhere). */
  normal(): number {
    for (;;) {
      const x = 2 * this.float() - 1;
      const y = 2 * this.float() - 1;
      const size = x * x + y * y;
      if (size > 0 && size < 1) return x * Math.sqrt((-2 * Math.log(size)) / size);
    }
  }

  /**
   * An exponential draw with the given mean.
   *
   * @throws `FAULT_CONFIG` when the mean is negative or not finite.
   */
  exponential(mean: number): number {
    checkNumber("mean", mean, 0);
    return -mean * Math.log(1 - this.float());
  }

  /**
   * A Poisson draw, by multiplication.
   *
   * @throws `FAULT_CONFIG` when the mean is not within 0 and 500, where the product would run out of digits.
   * @cost O(mean) draws.
   */
  poisson(mean: number): number {
    checkNumber("mean", mean, 0, 500);
    const floor = Math.exp(-mean);
    let count = 0;
    let product = this.float();
    while (product > floor) {
      count += 1;
      product *= this.float();
    }
    return count;
  }

  /** A new generator for a named purpose: its sequence depends on this state and the label alone. */
  fork(label: string): Prng {
    let hash = 2166136261;
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 16777619);
    const child = new Prng(hash >>> 0);
    child.restore(mix(child.state(), this.state()));
    for (let i = 0; i < 8; i++) child.uint32();
    return child;
  }
}

function mix(left: PrngState, right: PrngState): PrngState {
  const words: PrngState = [left[0] ^ right[0], left[1] ^ right[1], left[2] ^ right[2], left[3] ^ right[3]];
  return words.every((word) => word === 0) ? [1, 2, 3, 4] : words;
}

/** A bijection of 32-bit words in which each bit of the result depends on every bit of the word. */
function scramble(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  const second = Math.imul(first ^ (first >>> 15), 0x735a2d97);
  return (second ^ (second >>> 15)) | 0;
}

function splitMix(seed: number): [number, number, number, number] {
  let low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  const next = (): number => {
    low = (low + 0x9e3779b9) >>> 0;
    const word = scramble(low);
    return high === 0 ? word : scramble(word ^ high);
  };
  const words: [number, number, number, number] = [next(), next(), next(), next()];
  if (words.every((word) => word === 0)) words[0] = 1;
  return words;
}
