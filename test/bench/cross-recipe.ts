import type { TapeSource } from "tickwright/port";
import type { BacktestOptions } from "tickwright/run";
import type { BarView, Strategy, StrategyContext } from "tickwright/strategy";
import type { Params } from "tickwright/sweep";

/** The sum of the last `n` values: whole ticks, so that no rounding decides a cross. */
class WindowSum {
  readonly #window: Float64Array;
  #at = 0;
  #sum = 0;

  constructor(n: number) {
    this.#window = new Float64Array(n);
  }

  push(value: number): number {
    this.#sum += value - (this.#window[this.#at] as number);
    this.#window[this.#at] = value;
    this.#at = this.#at + 1 === this.#window.length ? 0 : this.#at + 1;
    return this.#sum;
  }
}

/** Holds one lot while the mean of `fast` closes is above that of `slow`, from one cross to the next. */
class Cross implements Strategy {
  readonly name = "cross";
  readonly #fast: number;
  readonly #slow: number;
  readonly #fastSum: WindowSum;
  readonly #slowSum: WindowSum;
  #gap = 0;
  #held = false;
  #bars = 0;

  constructor(fast: number, slow: number) {
    this.#fast = fast;
    this.#slow = slow;
    this.#fastSum = new WindowSum(fast);
    this.#slowSum = new WindowSum(slow);
  }

  onBar(bar: BarView, ctx: StrategyContext): void {
    const before = this.#gap;
    const { closeTicks } = bar;
    this.#gap = this.#fastSum.push(closeTicks) * this.#slow - this.#slowSum.push(closeTicks) * this.#fast;
    this.#bars += 1;
    if (this.#bars <= this.#slow) return;
    const instrument = bar.instrument.key;
    if (before < 0 && this.#gap > 0 && !this.#held) {
      this.#held = ctx.submit({ instrument, side: "buy", lots: 1, type: "market" }).ok;
    } else if (before > 0 && this.#gap < 0 && this.#held) {
      this.#held = !ctx.submit({ instrument, side: "sell", lots: 1, type: "market" }).ok;
    }
  }
}

/** The recipe: an average cross over one tape of bars. */
export function cross(): (params: Params, tapes: readonly TapeSource[]) => BacktestOptions {
  return ({ fast, slow }, [tape]) => ({
    markets: [{ tape: tape as TapeSource, bars: { participation: 1 } }],
    cash: { USD: "1000000" },
    strategies: [new Cross(fast as number, slow as number)],
  });
}
