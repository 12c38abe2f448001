import { checkNumber } from "../base/index.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/**
 * The value at risk of each node, as somebody else worked it out, and what one lot more of each instrument adds to
 * it. The gate decides by the sum of both; the exact figure comes with the next calculation.
 *
 * @units money in whole minor units of the gate's currency, positive for losses
 * @invariant A figure that is too old, from the future or never given is NaN, which no limit lets through.
 */
export class ValueAtRisk implements StatePart {
  readonly #instruments: number;
  readonly #maxAgeNs: number;
  readonly #value: Float64Array;
  readonly #atNs: Float64Array;
  readonly #marginal: Float64Array;

  constructor(nodes: number, instruments: number, maxAgeNs: number) {
    this.#instruments = instruments;
    this.#maxAgeNs = maxAgeNs;
    this.#value = new Float64Array(nodes).fill(Number.NaN);
    this.#atNs = new Float64Array(nodes).fill(Number.NaN);
    this.#marginal = new Float64Array(nodes * instruments).fill(Number.NaN);
  }

  /**
   * Takes a calculation of one node: its value, and what one lot bought of each instrument adds.
   *
   * @throws `FAULT_CONFIG` unless all are finite numbers, one for each instrument.
   */
  set(node: number, value: number, marginals: ArrayLike<number>, nowNs: number): void {
    checkNumber("valueAtRisk.value", value, 0);
    checkNumber("valueAtRisk.marginals.length", marginals.length, this.#instruments, this.#instruments);
    for (let i = 0; i < marginals.length; i++) checkNumber(`valueAtRisk.marginals[${i}]`, marginals[i]);
    this.#value[node] = value;
    this.#atNs[node] = nowNs;
    this.#marginal.set(marginals, node * this.#instruments);
  }

  /** A node's figure; NaN where there is none that is fresh. */
  valueAt(node: number, nowNs: number): number {
    const age = nowNs - (this.#atNs[node] as number);
    return age >= 0 && age <= this.#maxAgeNs ? (this.#value[node] as number) : Number.NaN;
  }

  /** What buying so many lots adds, selling below 0. */
  growth(node: number, instrument: number, lots: number): number {
    return lots * (this.#marginal[node * this.#instruments + instrument] as number);
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    let last = -1;
    for (const [node, atNs] of this.#atNs.entries()) {
      if (Number.isNaN(atNs)) continue;
      to.number(node - last);
      to.number(atNs);
      to.number(this.#value[node] as number);
      for (const marginal of this.#row(this.#marginal, node)) to.number(marginal);
      last = node;
    }
    to.number(0);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const rows: { node: number; atNs: number; value: number; marginals: number[] }[] = [];
    from.places("node", this.#value.length, (node) => {
      const [atNs, value] = [from.number(), from.number()];
      const marginals = Array.from({ length: this.#instruments }, () => from.number());
      rows.push({ node, atNs, value, marginals });
    });
    return () => {
      for (const column of [this.#value, this.#atNs, this.#marginal]) column.fill(Number.NaN);
      for (const { node, atNs, value, marginals } of rows) {
        this.#atNs[node] = atNs;
        this.#value[node] = value;
        this.#row(this.#marginal, node).set(marginals);
      }
    };
  }

  #row(column: Float64Array, node: number): Float64Array {
    return column.subarray(node * this.#instruments, (node + 1) * this.#instruments);
  }
}
