import type { Draws, Interval } from "./bootstrap.ts";

const MOST = 256;

/**
 * Weighted sums of several figures by cluster: what bootstrap intervals of their means are drawn from, in bounded
 * memory. Members are numbered in order; where they are more than 256, neighbours share a cluster.
 *
 * @invariant A mean is the same whatever the clusters.
 */
export class ClusterSums {
  readonly #columns: number;
  /** Members that share a cluster: a power of two. */
  #span = 1;
  #clusters = 0;
  /** A cluster's sums of value times weight, and of weight, figure by figure. */
  #cells: Float64Array;
  readonly #counts: Float64Array;

  constructor(columns: number) {
    this.#columns = columns;
    this.#cells = new Float64Array(16 * 2 * columns);
    this.#counts = new Float64Array(columns);
  }

  add(member: number, column: number, value: number, weight: number): void {
    while (member >= this.#span * MOST) this.#merge();
    const cluster = Math.floor(member / this.#span);
    this.#clusters = Math.max(this.#clusters, cluster + 1);
    const at = 2 * (cluster * this.#columns + column);
    while ((cluster + 1) * this.#columns * 2 > this.#cells.length) {
      const cells = new Float64Array(2 * this.#cells.length);
      cells.set(this.#cells);
      this.#cells = cells;
    }
    this.#cells[at] = (this.#cells[at] as number) + value * weight;
    this.#cells[at + 1] = (this.#cells[at + 1] as number) + weight;
    this.#counts[column] = (this.#counts[column] as number) + 1;
  }

  /** The mean of a figure; null without any weight. */
  mean(column: number): number | null {
    let [sum, weight] = [0, 0];
    for (let cluster = 0; cluster < this.#clusters; cluster++) {
      const at = 2 * (cluster * this.#columns + column);
      sum += this.#cells[at] as number;
      weight += this.#cells[at + 1] as number;
    }
    return weight > 0 && Number.isFinite(sum / weight) ? sum / weight : null;
  }

  /** How often a figure was added. */
  count(column: number): number {
    return this.#counts[column] as number;
  }

  /** The mean of a figure and the interval that drawing whole clusters gives it; null below two clusters. */
  interval(column: number, draws: Draws): Interval | null {
    const { values, weights } = this.#means(column);
    return draws.interval(values, weights, this.count(column));
  }

  #means(column: number): { readonly values: number[]; readonly weights: number[] } {
    const [values, weights]: [number[], number[]] = [[], []];
    for (let cluster = 0; cluster < this.#clusters; cluster++) {
      const at = 2 * (cluster * this.#columns + column);
      const weight = this.#cells[at + 1] as number;
      if (!(weight > 0)) continue;
      values.push((this.#cells[at] as number) / weight);
      weights.push(weight);
    }
    return { values, weights };
  }

  /** Puts each two neighbours into one. */
  #merge(): void {
    const width = 2 * this.#columns;
    const cells = this.#cells;
    for (let i = 0; i < this.#clusters * width; i++) {
      const cluster = Math.floor(i / width);
      const to = (cluster >> 1) * width + (i % width);
      const value = cells[i] as number;
      if (to === i) continue;
      cells[i] = 0;
      cells[to] = (cells[to] as number) + value;
    }
    this.#clusters = (this.#clusters + 1) >> 1;
    this.#span *= 2;
  }
}
