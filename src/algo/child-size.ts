/** What bounds a child's quantity. @units lots */
export interface SizeBounds {
  /** What is wanted now. */
  readonly dueLots: number;
  /** What is neither filled nor at work. */
  readonly leftLots: number;
  /** What may be sent at all: at least what is due. */
  readonly allowedLots: number;
  readonly leastLots: number;
  readonly mostLots: number;
}

/**
 * A child's quantity: what is due, such that what stays behind is nothing, or enough for another child: the last one
 * takes the remainder.
 *
 * @units lots
 * @returns 0 where what is due has to wait
 */
export function childLots({ dueLots, leftLots, allowedLots, leastLots, mostLots }: SizeBounds): number {
  let lots = Math.min(dueLots, mostLots);
  const rest = leftLots - lots;
  if (rest > 0 && rest < leastLots) {
    lots = leftLots <= Math.min(mostLots, allowedLots) ? leftLots : leftLots - leastLots;
  }
  return lots < leastLots ? 0 : lots;
}

/** The fewest lots of a child at a price, by its least quantity and its least worth. */
export function leastChildLots(
  minLots: number,
  minNotionalMinor: number,
  priceTicks: number,
  quantumMinor: bigint,
): number {
  const worth = Math.abs(priceTicks) * Number(quantumMinor);
  if (minNotionalMinor === 0 || worth === 0) return minLots;
  return Math.max(minLots, Math.ceil(minNotionalMinor / worth));
}
