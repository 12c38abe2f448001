import { ColumnPool, checkChoice, checkKeys, checkPositive, powReal } from "../base/index.ts";

/**
 * How a resting order's place in its queue is estimated from level quantities.
 *
 * `riskAverse`: only trades at its price bring it forward. The others give a fall of the level's quantity to
 * the part behind the order with a probability from the quantities before (front) and behind (back) it:
 * `power`: f(back) / (f(back) + f(front)) with f(x) = x^n; `power2`: f(back) / f(back + front); `power3`:
 * 1 - f(front / (front + back)); `log`, `log2`: as the first two with f(x) = log(1 + x).
 */
export type QueueModelOptions =
  | { readonly model: "riskAverse" }
  | { readonly model: "power" | "power2" | "power3"; readonly n: number }
  | { readonly model: "log" | "log2" };

const MODELS = ["riskAverse", "power", "power2", "power3", "log", "log2"] as const;

/**
 * The places of resting orders in their queues, by order row.
 *
 * @units quantities in book lots
 * @invariant An order's place never falls back; only trades bring quantity up to the order itself.
 * @cost O(1) for each event of the order's own level; no allocation.
 * @source hftbacktest, queue position models; E. Rigtorp, Estimating order queue position, 2013
 */
export class QueueModel {
  /** Quantity before the order; below 0 is quantity that trades brought up to it. */
  readonly front: Float64Array;
  readonly #traded: Float64Array;
  readonly #model: number;
  readonly #n: number;
  readonly #options: QueueModelOptions;

  constructor(options: QueueModelOptions, capacity: number, columns: ColumnPool = new ColumnPool()) {
    checkKeys("queue", options, ["model", "n"]);
    this.#model = MODELS.indexOf(checkChoice("queue.model", options.model, MODELS));
    if (options.model.startsWith("power")) {
      this.#n = checkPositive("queue.n", (options as { readonly n?: unknown }).n);
    } else {
      checkKeys("queue", options, ["model"]);
      this.#n = 1;
    }
    this.#options = options;
    this.front = columns.float64(capacity);
    this.#traded = columns.float64(capacity);
  }

  describe(): QueueModelOptions {
    return this.#options;
  }

  /** The order joins the end of a level that shows `levelLots`. */
  join(row: number, levelLots: number): void {
    this.front[row] = levelLots;
    this.#traded[row] = 0;
  }

  /** Trades of `lots` printed at the order's price. */
  trade(row: number, lots: number): void {
    this.front[row] = (this.front[row] as number) - lots;
    this.#traded[row] = (this.#traded[row] as number) + lots;
  }

  /** The order's level went from `before` to `now`. */
  level(row: number, before: number, now: number): void {
    const front = this.front[row] as number;
    if (this.#model === 0) {
      if (now < front) this.front[row] = now;
      return;
    }
    const fall = before - now - (this.#traded[row] as number);
    this.#traded[row] = 0;
    if (fall < 0) {
      if (now < front) this.front[row] = now;
      return;
    }
    const back = before - front;
    let behind = this.#behind(front, back);
    if (behind === Number.POSITIVE_INFINITY || behind === Number.NEGATIVE_INFINITY) behind = 1;
    const estimate = front - (1 - behind) * fall + Math.min(back - behind * fall, 0);
    const least = front < 0 ? front : 0; // only trades reach an order, whatever a formula says
    const place = estimate < now ? estimate : now; // an estimate of 0 / 0 is no estimate
    this.front[row] = place > least ? place : least;
  }

  /** The quantity that has reached the order since it was last asked, in book lots: 0 or more. */
  reached(row: number): number {
    const front = this.front[row] as number;
    return front < 0 ? -front : 0;
  }

  /** Takes `lots` of what has reached the order; what is left counts when the next trade comes. */
  take(row: number, lots: number): void {
    this.front[row] = (this.front[row] as number) + lots;
  }

  /** The probability that a fall of the level happened behind the order. */
  #behind(front: number, back: number): number {
    switch (this.#model) {
      case 1:
        return this.#power(back) / (this.#power(back) + this.#power(front));
      case 2:
        return this.#power(back) / this.#power(back + front);
      case 3:
        return 1 - this.#power(front / (front + back));
      case 4:
        return Math.log(1 + back) / (Math.log(1 + back) + Math.log(1 + front));
      default:
        return Math.log(1 + back) / Math.log(1 + back + front);
    }
  }

  #power(x: number): number {
    if (this.#n === 3) return x * x * x;
    if (this.#n === 1) return x;
    if (this.#n === 2) return x * x;
    return powReal(x, this.#n);
  }
}
