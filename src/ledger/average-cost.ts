import { divideBig } from "../base/index.ts";

/**
 * Cost and realised profit by average cost, one of each per instrument.
 *
 * @units minor units of each instrument's quote currency; costs are signed as positions are
 * @invariant Realised profit less the cost that is left is exactly what was received less what was paid: what
 * rounding takes from one it gives to the other.
 * @cost Opening is one bigint addition; closing a part one multiplication and one division.
 */
export class AverageCost {
  readonly cost: bigint[];
  readonly realized: bigint[];

  constructor(count: number) {
    this.cost = new Array<bigint>(count).fill(0n);
    this.realized = new Array<bigint>(count).fill(0n);
  }

  /** A position opened or grew by a signed notional. */
  open(index: number, signedMinor: bigint): void {
    this.cost[index] = (this.cost[index] as bigint) + signedMinor;
  }

  /** The part `numerator / denominator` of a position was closed, for `paidMinor` (received above 0). */
  close(index: number, numerator: bigint, denominator: bigint, paidMinor: bigint): void {
    const cost = this.cost[index] as bigint;
    const share = numerator === denominator ? cost : divideBig(cost * numerator, denominator, "halfEven");
    this.cost[index] = cost - share;
    this.realized[index] = (this.realized[index] as bigint) + paidMinor - share;
  }
}
