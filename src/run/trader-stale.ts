import { type DepthBlock, KIND_MASK, ROW } from "../model/index.ts";
import type { StalePolicy } from "./trader-options.ts";

/** A policy whose time has come for an instrument. */
export interface StaleMarket {
  readonly station: number;
  readonly policy: StalePolicy;
  /** Since the last word. @units ns */
  readonly ageNs: number;
}

/** How long ago the market of each instrument was heard of, and which policy that is too long for. */
export class StaleWatch {
  readonly #policies: readonly StalePolicy[];
  /** The last word of each instrument. */
  readonly #heardNs: Float64Array;
  /** Policies that were acted on since. */
  readonly #done: readonly Set<StalePolicy>[];

  constructor(policies: readonly StalePolicy[], instruments: number) {
    this.#policies = policies;
    this.#heardNs = new Float64Array(instruments);
    this.#done = Array.from({ length: instruments }, () => new Set<StalePolicy>());
  }

  /** Counts from now on. */
  begin(nowNs: number): void {
    this.#heardNs.fill(nowNs);
    for (const done of this.#done) done.clear();
  }

  /** The market was heard of; whether a policy had been acted on. */
  heard(station: number, nowNs: number): boolean {
    this.#heardNs[station] = nowNs;
    const done = this.#done[station];
    if (done === undefined || done.size === 0) return false;
    done.clear();
    return true;
  }

  ageNs(station: number, nowNs: number): number {
    return nowNs - (this.#heardNs[station] as number);
  }

  /** When the next policy's time comes. */
  nextNs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const policy of this.#policies) {
      for (let i = 0; i < this.#heardNs.length; i++) {
        if (this.#done[i]?.has(policy) === true) continue;
        const at = (this.#heardNs[i] as number) + policy.afterNs;
        if (at < next) next = at;
      }
    }
    return next;
  }

  /** Policies whose time has come; each once, until the market is heard of again. */
  due(nowNs: number): readonly StaleMarket[] {
    if (this.nextNs() > nowNs) return [];
    const due: StaleMarket[] = [];
    for (const policy of this.#policies) {
      for (const [station, done] of this.#done.entries()) {
        const ageNs = this.ageNs(station, nowNs);
        if (ageNs < policy.afterNs || done.has(policy)) continue;
        done.add(policy);
        due.push({ station, policy, ageNs });
      }
    }
    return due;
  }
}

/** Whether rows say something of a market: not those alone that tell of what is missing or not to be trusted. */
export function saysMarket(block: DepthBlock, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const kind = (block.kind[i] as number) & KIND_MASK;
    if (kind !== ROW.gap && kind !== ROW.validity) return true;
  }
  return false;
}
