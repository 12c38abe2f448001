import { checkFlowWindow, FlowWindow, type FlowWindowOptions } from "./flow-window.ts";
import { checkSample, checkSizeSample, Indicator, type StateReader } from "./indicator.ts";

/**
 * What one change of the best quotes adds to order flow imbalance: the size that came to the bid or left
 * the ask, minus the size that left the bid or came to the ask.
 *
 * @units the unit of the sizes
 * @source Cont, Kukanov and Stoikov, The Price Impact of Order Book Events, 2014, eq. 3
 * @example
 * ```ts
 * import { quoteFlow } from "tickwright/signal";
 * const before = { bid: 99, bidSize: 5, ask: 101, askSize: 4 };
 * quoteFlow(before, { bid: 100, bidSize: 3, ask: 101, askSize: 6 }); // => 1
 * ```
 */
export function quoteFlow(before: BestQuotes, after: BestQuotes): number {
  return flowOf(
    before.bid,
    before.bidSize,
    before.ask,
    before.askSize,
    after.bid,
    after.bidSize,
    after.ask,
    after.askSize,
  );
}

/** Best bid and ask with their sizes, in any one unit of price and of size. */
export interface BestQuotes {
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/**
 * Order flow imbalance: the sum of {@link quoteFlow} over the last events or the last span of time.
 *
 * @units the unit of the sizes; prices in ticks or any one unit
 * @invariant A crossed quote (bid above ask) is counted in `skipped` and changes nothing else.
 * @throws `FAULT_CONFIG` unless exactly one of `events` and `windowNs` is given; `FAULT_INPUT` on a price
 * that is not finite, a size below 0, or a time that falls (or is missing) where the window is a span of
 * time.
 * @cost O(1), no allocation.
 * @source Cont, Kukanov and Stoikov, The Price Impact of Order Book Events, 2014
 * @example
 * ```ts
 * import { OrderFlowImbalance } from "tickwright/signal";
 * const imbalance = new OrderFlowImbalance({ events: 2 });
 * imbalance.update(99, 5, 101, 4);
 * imbalance.update(99, 7, 101, 4);
 * imbalance.last; // => 2
 * imbalance.update(99, 7, 101, 1); // => 5
 * ```
 */
export class OrderFlowImbalance extends Indicator {
  #skipped = 0;
  readonly #window: FlowWindow;
  #last = 0;
  #bid = 0;
  #bidSize = 0;
  #ask = 0;
  #askSize = 0;

  constructor(options: FlowWindowOptions) {
    const terms = checkFlowWindow("OrderFlowImbalance", options);
    super("OrderFlowImbalance", { ...terms });
    this.#window = new FlowWindow(terms);
  }

  /** Crossed quotes that were left out. */
  get skipped(): number {
    return this.#skipped;
  }

  get ready(): boolean {
    return this.#window.full;
  }

  get value(): number {
    return this.#window.full ? this.#window.sum : Number.NaN;
  }

  /** What the newest quote added; 0 for the first, which has none before it. */
  get last(): number {
    return this.#last;
  }

  update(bid: number, bidSize: number, ask: number, askSize: number, ns: number = Number.NaN): number {
    checkSample("OrderFlowImbalance.update.bid", bid);
    checkSample("OrderFlowImbalance.update.ask", ask);
    checkSizeSample("OrderFlowImbalance.update.bidSize", bidSize);
    checkSizeSample("OrderFlowImbalance.update.askSize", askSize);
    if (bid > ask) {
      this.#skipped += 1;
      return this.value;
    }
    if (this.samples > 0) {
      const flow = flowOf(this.#bid, this.#bidSize, this.#ask, this.#askSize, bid, bidSize, ask, askSize);
      this.#window.add("OrderFlowImbalance.update.ns", flow, ns);
      this.#last = flow;
    }
    this.samples += 1;
    this.#bid = bid;
    this.#bidSize = bidSize;
    this.#ask = ask;
    this.#askSize = askSize;
    return this.value;
  }

  /** Lets a span of time pass without an event. */
  advance(ns: number): number {
    this.#window.advance("OrderFlowImbalance.advance", ns);
    return this.value;
  }

  reset(): void {
    this.samples = 0;
    this.#skipped = 0;
    this.#last = 0;
    this.#bid = 0;
    this.#bidSize = 0;
    this.#ask = 0;
    this.#askSize = 0;
    this.#window.reset();
  }

  writeState(out: number[]): void {
    out.push(this.samples, this.#skipped, this.#last, this.#bid, this.#bidSize, this.#ask, this.#askSize);
    this.#window.writeState(out);
  }

  readState(from: StateReader): void {
    this.samples = from.index();
    this.#skipped = from.index();
    this.#last = from.next();
    this.#bid = from.next();
    this.#bidSize = from.next();
    this.#ask = from.next();
    this.#askSize = from.next();
    this.#window.readState(from);
  }
}

function flowOf(
  bidBefore: number,
  bidSizeBefore: number,
  askBefore: number,
  askSizeBefore: number,
  bid: number,
  bidSize: number,
  ask: number,
  askSize: number,
): number {
  let flow = 0;
  if (bid >= bidBefore) flow += bidSize;
  if (bid <= bidBefore) flow -= bidSizeBefore;
  if (ask <= askBefore) flow -= askSize;
  if (ask >= askBefore) flow += askSizeBefore;
  return flow;
}
