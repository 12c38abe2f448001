/** What an order was charged so far. */
interface OrderFee {
  /** Its commission without limits, at the schedule's scale. */
  sum: bigint;
  sizeMinor: bigint;
  lots: number;
  chargedMinor: bigint;
}

/** What an order was charged so far, as a snapshot holds it. @units sum at the schedule's scale; minor units, lots */
export type SavedOrderFee = readonly [
  order: number | string,
  sum: string,
  size: string,
  lots: number,
  charged: string,
];

/** What a commission comes to: of its exact sum, for what was traded. @units minor units */
type Settle = (sum: bigint, sizeMinor: bigint) => bigint;

/** Orders that are known; the one that traded longest ago is let go. */
const KNOWN = 16_384;

/**
 * Commissions whose limits are of an order, not of a fill: each fill is charged what the order's commission grew by.
 *
 * @invariant What an order was charged is its commission within the limits, after each of its fills.
 * @cost O(1) a fill.
 */
export class OrderFees {
  readonly #orders: Map<number | string, OrderFee> = new Map();

  /** What a fill is charged; with lots below 0, what one that is taken back gives back. */
  charge(order: number | string, sum: bigint, sizeMinor: bigint, lots: number, settle: Settle): bigint {
    const known = this.#orders.get(order);
    if (known === undefined && lots < 0) return -settle(-sum, -sizeMinor);
    const fee = known ?? { sum: 0n, sizeMinor: 0n, lots: 0, chargedMinor: 0n };
    fee.sum += sum;
    fee.sizeMinor += sizeMinor;
    fee.lots += lots;
    const charged = fee.lots > 0 ? settle(fee.sum, fee.sizeMinor) : 0n;
    const more = charged - fee.chargedMinor;
    fee.chargedMinor = charged;
    this.#orders.delete(order);
    this.#orders.set(order, fee);
    if (this.#orders.size > KNOWN) {
      for (const oldest of this.#orders.keys()) {
        this.#orders.delete(oldest);
        break;
      }
    }
    return more;
  }

  save(): readonly SavedOrderFee[] {
    return [...this.#orders].map(([order, { sum, sizeMinor, lots, chargedMinor }]) => [
      order,
      String(sum),
      String(sizeMinor),
      lots,
      String(chargedMinor),
    ]);
  }

  load(saved: readonly SavedOrderFee[]): void {
    this.#orders.clear();
    for (const [order, sum, size, lots, charged] of saved) {
      const amounts = { sum: BigInt(sum), sizeMinor: BigInt(size), chargedMinor: BigInt(charged) };
      this.#orders.set(order, { ...amounts, lots });
    }
  }
}
