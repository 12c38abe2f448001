/** How one distribution lies to another, over a grid of points. */
export interface StochasticDominance {
  /** At every point the chosen are at least as likely to be above it. */
  readonly first: boolean;
  /** Up to every point, so they are on the whole: whoever shuns risk prefers them. First order implies it. */
  readonly second: boolean;
  /** The points: evenly spaced from the smallest figure of all to the largest. */
  readonly points: Float64Array;
  /** The shares of chosen, and of all figures, at or below each point. */
  readonly chosen: Float64Array;
  readonly all: Float64Array;
}

/** Points of the grid. */
const POINTS = 401;

/**
 * Compares chosen figures with all figures, of which there are too many to hold: `visit` calls back with each lot
 * of them. Shares are exact at the points; between them nothing is compared.
 *
 * @source Hadar and Russell, Rules for Ordering Uncertain Prospects, 1969
 */
export function dominanceOver(
  chosen: Float64Array,
  low: number,
  high: number,
  visit: (count: (figures: Float64Array) => void) => void,
): StochasticDominance {
  const width = (high - low) / (POINTS - 1);
  const points = Float64Array.from({ length: POINTS }, (_, i) => (i === POINTS - 1 ? high : low + i * width));
  const mine = new Counts(points, width);
  const theirs = new Counts(points, width);
  mine.add(chosen);
  visit((figures) => theirs.add(figures));
  let [first, second, lead] = [true, true, 0];
  const [a, b] = [mine.shares(), theirs.shares()];
  for (let i = 0; i < POINTS; i++) {
    const ahead = (b[i] as number) - (a[i] as number);
    lead += ahead;
    if (ahead < -1e-12) first = false;
    if (lead < -1e-9) second = false;
  }
  return { first, second, points, chosen: a, all: b };
}

/** How many figures are at or below each point. */
class Counts {
  readonly #points: Float64Array;
  readonly #width: number;
  readonly #counts: Float64Array;
  #total = 0;

  constructor(points: Float64Array, width: number) {
    this.#points = points;
    this.#width = width;
    this.#counts = new Float64Array(points.length);
  }

  add(figures: Float64Array): void {
    const points = this.#points;
    const low = points[0] as number;
    const last = points.length - 1;
    for (let i = 0; i < figures.length; i++) {
      const value = figures[i] as number;
      let at = this.#width > 0 ? Math.min(Math.ceil((value - low) / this.#width), last) : 0;
      // The quotient is rounded: the point itself decides.
      if (at > 0 && value <= (points[at - 1] as number)) at -= 1;
      else if (at < last && value > (points[at] as number)) at += 1;
      this.#counts[at] = (this.#counts[at] as number) + 1;
    }
    this.#total += figures.length;
  }

  shares(): Float64Array {
    let below = 0;
    return this.#counts.map((count) => {
      below += count;
      return below / this.#total;
    });
  }
}
