import { Fault } from "../base/index.ts";
import type { StrategyClock } from "../strategy/index.ts";
import type { TradingKernel } from "./trading-kernel.ts";

/** The clock of one strategy: the kernel's time and its own timers. */
export class KernelClock implements StrategyClock {
  readonly #kernel: TradingKernel;
  readonly #owner: number;

  constructor(kernel: TradingKernel, owner: number) {
    this.#kernel = kernel;
    this.#owner = owner;
  }

  get ns(): number {
    return this.#kernel.nowNs[0] as number;
  }

  epochNs(): bigint {
    return this.#kernel.baseNs + BigInt(this.ns);
  }

  /** @throws `FAULT_INPUT` unless `ns` is a whole number of nanoseconds above 0; once the strategy is stopped. */
  every(ns: number): number {
    this.#checkRuns("every");
    if (!Number.isSafeInteger(ns) || ns <= 0 || this.ns + ns === this.ns) {
      throw new Fault("FAULT_INPUT", {
        path: "clock.every",
        value: ns,
        expected: "whole nanoseconds above 0",
      });
    }
    this.#kernel.activity.count += 1;
    return this.#kernel.timers.add(this.#owner, this.ns + ns, ns);
  }

  /** @throws `FAULT_INPUT` unless `ns` is a whole number of nanoseconds, not before now; once the strategy is stopped. */
  at(ns: number): number {
    this.#checkRuns("at");
    if (!Number.isSafeInteger(ns) || ns < this.ns) {
      throw new Fault("FAULT_INPUT", {
        path: "clock.at",
        value: ns,
        expected: `a time of at least ${this.ns}`,
      });
    }
    this.#kernel.activity.count += 1;
    return this.#kernel.timers.add(this.#owner, ns, Number.POSITIVE_INFINITY);
  }

  stop(timer: number): void {
    this.#kernel.timers.stop(this.#owner, timer);
  }

  #checkRuns(call: string): void {
    if (this.#kernel.slots[this.#owner]?.fault === undefined) return;
    const expected = "a strategy that was not stopped";
    throw new Fault("FAULT_INPUT", { path: `clock.${call}`, value: "stopped", expected });
  }
}
