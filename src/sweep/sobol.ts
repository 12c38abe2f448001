import { checkInteger } from "../base/index.ts";

const BITS = 32;

/**
 * By dimension from the second on: the degree of its primitive polynomial, that polynomial's inner coefficients as
 * bits, and the first direction numbers.
 */
const DIRECTIONS: readonly (readonly [degree: number, inner: number, ...first: readonly number[]])[] = [
  [1, 0, 1],
  [2, 1, 1, 3],
  [3, 1, 1, 3, 1],
  [3, 2, 1, 1, 1],
  [4, 1, 1, 1, 3, 3],
  [4, 4, 1, 3, 5, 13],
  [5, 2, 1, 1, 5, 5, 17],
  [5, 4, 1, 1, 5, 5, 5],
  [5, 7, 1, 1, 7, 11, 19],
  [5, 11, 1, 1, 5, 1, 1],
  [5, 13, 1, 1, 1, 3, 11],
  [5, 14, 1, 3, 5, 5, 31],
  [6, 1, 1, 3, 3, 9, 7, 49],
  [6, 13, 1, 1, 1, 15, 21, 21],
  [6, 16, 1, 3, 1, 13, 27, 49],
  [6, 19, 1, 1, 1, 15, 7, 5],
  [6, 22, 1, 3, 1, 15, 13, 25],
  [6, 25, 1, 1, 5, 5, 19, 61],
  [7, 1, 1, 3, 7, 11, 23, 15, 103],
];

/** Parameters a Sobol search can have. */
export const SOBOL_AXES_MAX: number = DIRECTIONS.length + 1;

/**
 * The Sobol sequence: points that fill a cube more evenly than random ones do.
 *
 * @shape up to 20 dimensions; the first point is the corner at 0, the first 2^k fill every dyadic box of 2^-k once
 * @cost O(dimensions * bits of the index) a point, in any order
 * @throws `FAULT_CONFIG` where there are more dimensions
 * @example
 * ```ts
 * import { Sobol } from "tickwright/sweep";
 * const sobol = new Sobol(2);
 * sobol.point(1); // => [0.5, 0.5]
 * sobol.point(2); // => [0.75, 0.25]
 * ```
 * @source I. M. Sobol, 1967, in the order of Antonov and Saleev, 1979; direction numbers of S. Joe and F. Y. Kuo,
 * Constructing Sobol Sequences with Better Two-Dimensional Projections, 2008 (new-joe-kuo-6)
 */
export class Sobol {
  readonly #directions: readonly Uint32Array[];

  constructor(dimensions: number) {
    checkInteger("sobol.dimensions", dimensions, 1, SOBOL_AXES_MAX);
    this.#directions = Array.from({ length: dimensions }, (_, i) => directionsOf(i));
  }

  /** Point `index` from 0 on. @units each coordinate within 0 and 1, 1 excluded */
  point(index: number): number[] {
    checkInteger("sobol.index", index, 0, 2 ** BITS - 1);
    const gray = (index ^ (index >>> 1)) >>> 0;
    return this.#directions.map((directions) => {
      let bits = 0;
      for (let i = 0, rest = gray; rest !== 0; i++, rest >>>= 1) {
        if ((rest & 1) === 1) bits ^= directions[i] as number;
      }
      return (bits >>> 0) / 2 ** BITS;
    });
  }
}

function directionsOf(dimension: number): Uint32Array {
  const directions = new Uint32Array(BITS);
  const row = DIRECTIONS[dimension - 1];
  if (row === undefined) return directions.map((_, i) => 2 ** (BITS - 1 - i));
  const [degree, inner, ...first] = row;
  for (let i = 0; i < BITS; i++) {
    if (i < degree) {
      directions[i] = (first[i] as number) * 2 ** (BITS - 1 - i);
      continue;
    }
    const back = directions[i - degree] as number;
    let bits = back ^ (back >>> degree);
    for (let k = 1; k < degree; k++) {
      if (((inner >>> (degree - 1 - k)) & 1) === 1) bits ^= directions[i - k] as number;
    }
    directions[i] = bits;
  }
  return directions;
}
