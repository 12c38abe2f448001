import { checkFlowWindow, FlowWindow, type FlowWindowOptions } from "./flow-window.ts";
import { checkSizeSample, Indicator, inputFault, type StateReader } from "./indicator.ts";

/**
 * Bought minus sold volume over their sum; 0 where nothing traded. This is not order flow imbalance, which
 * counts quotes: see {@link OrderFlowImbalance}.
 *
 * @units within -1 and 1
 * @throws `FAULT_INPUT` on a volume that is below 0 or not finite.
 * @example
 * ```ts
 * import { tradeImbalance } from "tickwright/signal";
 * tradeImbalance(30, 10); // => 0.5
 * tradeImbalance(0, 0); // => 0
 * ```
 */
export function tradeImbalance(bought: number, sold: number): number {
  checkSizeSample("tradeImbalance.bought", bought);
  checkSizeSample("tradeImbalance.sold", sold);
  const total = bought + sold;
  return total === 0 ? 0 : (bought - sold) / total;
}

/**
 * {@link tradeImbalance} over the last trades or the last span of time, by the aggressor's side.
 *
 * @invariant Within -1 and 1.
 * @throws `FAULT_CONFIG` unless exactly one of `events` and `windowNs` is given; `FAULT_INPUT` on a side
 * other than 1 and -1, a volume below 0, or a time that falls.
 * @cost O(1), no allocation.
 * @example
 * ```ts
 * import { TradeImbalance } from "tickwright/signal";
 * const imbalance = new TradeImbalance({ events: 2 });
 * imbalance.update(1, 30);
 * imbalance.update(-1, 10); // => 0.5
 * ```
 */
export class TradeImbalance extends Indicator {
  readonly #bought: FlowWindow;
  readonly #sold: FlowWindow;

  constructor(options: FlowWindowOptions) {
    const terms = checkFlowWindow("TradeImbalance", options);
    super("TradeImbalance", { ...terms });
    this.#bought = new FlowWindow(terms);
    this.#sold = new FlowWindow(terms);
  }

  get ready(): boolean {
    return this.#bought.full;
  }

  get value(): number {
    return this.#bought.full ? tradeImbalance(this.#bought.sum, this.#sold.sum) : Number.NaN;
  }

  /** Takes a trade: `side` is +1 where the aggressor bought, -1 where it sold. */
  update(side: number, volume: number, ns: number = Number.NaN): number {
    if (side !== 1 && side !== -1) throw inputFault("TradeImbalance.update.side", side, "1 or -1");
    checkSizeSample("TradeImbalance.update.volume", volume);
    this.#bought.add("TradeImbalance.update.ns", side > 0 ? volume : 0, ns);
    this.#sold.add("TradeImbalance.update.ns", side > 0 ? 0 : volume, ns);
    this.samples += 1;
    return this.value;
  }

  /** Lets a span of time pass without an event. */
  advance(ns: number): number {
    this.#bought.advance("TradeImbalance.advance", ns);
    this.#sold.advance("TradeImbalance.advance", ns);
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#bought.reset();
    this.#sold.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples);
    this.#bought.writeState(out);
    this.#sold.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#bought.readState(from);
    this.#sold.readState(from);
  }
}
