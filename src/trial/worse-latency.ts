import { Prng } from "../base/index.ts";
import { ConstantLatency, type LatencyModel } from "../sim/index.ts";

/** What a venue's latency is where its options do not say. */
export const NO_LATENCY: LatencyModel = new ConstantLatency({ entryNs: 0, responseNs: 0 });

/**
 * Another latency, there and back, so many times as long and so much longer. Orders that are lost stay lost, and are
 * heard of when they were.
 *
 * @units `addNs` in ns, for each way
 */
export class LongerLatency implements LatencyModel {
  readonly usesFeedLatency: boolean;
  readonly #of: LatencyModel;
  readonly #factor: number;
  readonly #addNs: number;

  constructor(of: LatencyModel, factor: number, addNs: number) {
    this.usesFeedLatency = of.usesFeedLatency;
    this.#of = of;
    this.#factor = factor;
    this.#addNs = addNs;
  }

  entryNs(nowNs: number, feedLatencyNs: number): number {
    const ns = this.#of.entryNs(nowNs, feedLatencyNs);
    return ns < 0 ? ns : this.#longer(ns);
  }

  responseNs(nowNs: number, feedLatencyNs: number): number {
    return this.#longer(this.#of.responseNs(nowNs, feedLatencyNs));
  }

  describe(): Readonly<Record<string, unknown>> {
    return { model: "longer", factor: this.#factor, addNs: this.#addNs, of: this.#of.describe() };
  }

  #longer(ns: number): number {
    return Math.round(ns * this.#factor + this.#addNs);
  }
}

/**
 * Another latency on whose way to the venue a share of what is sent is lost: orders, cancels and replaces alike. The
 * sender hears of that when the answer was due.
 *
 * @invariant One seed loses the same requests of the same run.
 */
export class LossyLatency implements LatencyModel {
  readonly usesFeedLatency: boolean;
  readonly #of: LatencyModel;
  readonly #share: number;
  readonly #seed: number;
  readonly #draws: Prng;

  constructor(of: LatencyModel, share: number, seed: number) {
    this.usesFeedLatency = of.usesFeedLatency;
    this.#of = of;
    this.#share = share;
    this.#seed = seed;
    this.#draws = new Prng(seed);
  }

  entryNs(nowNs: number, feedLatencyNs: number): number {
    const ns = this.#of.entryNs(nowNs, feedLatencyNs);
    if (this.#draws.float() >= this.#share || ns < 0) return ns;
    return -Math.max(1, ns + this.#of.responseNs(nowNs + ns, feedLatencyNs));
  }

  responseNs(nowNs: number, feedLatencyNs: number): number {
    return this.#of.responseNs(nowNs, feedLatencyNs);
  }

  describe(): Readonly<Record<string, unknown>> {
    return { model: "lossy", share: this.#share, seed: this.#seed, of: this.#of.describe() };
  }
}

/** Whether a latency is known to be none at all. */
export function isNoLatency(latency: LatencyModel): boolean {
  return latency instanceof ConstantLatency && latency.entryNs() === 0 && latency.responseNs() === 0;
}
