import type { BarView, Strategy, StrategyContext } from "../../src/strategy/index.ts";

/** The mean of the last `n` values, as whole ticks summed: exact, so that no rounding decides a cross. */
class Mean {
  readonly #window: Float64Array;
  #at = 0;
  #sum = 0;
  count = 0;

  constructor(n: number) {
    this.#window = new Float64Array(n);
  }

  push(value: number): number {
    this.#sum += value - (this.#window[this.#at] as number);
    this.#window[this.#at] = value;
    this.#at = this.#at + 1 === this.#window.length ? 0 : this.#at + 1;
    this.count += 1;
    return this.#sum / this.#window.length;
  }
}

/** Buys one lot when the fast average crosses above the slow one, sells it when it crosses below. */
export class AverageCross implements Strategy {
  readonly name = "average-cross";
  readonly #fast = new Mean(10);
  readonly #slow = new Mean(30);
  #gap = 0;
  #held = 0;
  bars = 0;
  closed = 0;

  onBar(bar: BarView, ctx: StrategyContext): void {
    this.bars += 1;
    const before = this.#gap;
    this.#gap = this.#fast.push(bar.closeTicks) - this.#slow.push(bar.closeTicks);
    if (this.#slow.count <= 30) return;
    const instrument = bar.instrument.key;
    if (before < 0 && this.#gap > 0 && this.#held === 0) {
      if (ctx.submit({ instrument, side: "buy", lots: 1, type: "market" }).ok) this.#held = 1;
    } else if (before > 0 && this.#gap < 0 && this.#held === 1) {
      if (ctx.submit({ instrument, side: "sell", lots: 1, type: "market" }).ok) this.#held = 0;
    }
  }

  onFill(): void {
    this.closed += 0.5;
  }
}
