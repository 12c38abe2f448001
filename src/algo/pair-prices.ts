/** What a pair of quotes is made from. @units ticks; `lean` -1 to 1: the position over the most of it */
export interface PairTerms {
  readonly referenceTicks: number;
  readonly lean: number;
  readonly spreadTicks: number;
  readonly maxSpreadTicks: number;
  readonly skewTicks: number;
  readonly bestBid: number;
  readonly bestAsk: number;
}

/** Where both quotes go. @units ticks */
export interface PairPrices {
  readonly bidTicks: number;
  readonly askTicks: number;
}

/**
 * Both quotes around a reference that leans against the position, rounded away from it, within the widest spread, and
 * such that neither takes.
 *
 * @units ticks
 * @invariant `spreadTicks <= ask - bid <= maxSpreadTicks`, `bid < bestAsk`, `ask > bestBid`, for whole spreads and
 * `bestBid < bestAsk`.
 * @source Avellaneda and Stoikov, 2008: the reservation price falls with inventory
 */
export function pairPrices(terms: PairTerms): PairPrices {
  const { referenceTicks, lean, spreadTicks, maxSpreadTicks, skewTicks, bestBid, bestAsk } = terms;
  const centre = referenceTicks - skewTicks * Math.max(-1, Math.min(1, lean));
  let bidTicks = Math.floor(centre - spreadTicks / 2);
  let askTicks = Math.ceil(centre + spreadTicks / 2);
  // Rounding may have widened it by a tick: the side that would bring the position back keeps its price.
  if (askTicks - bidTicks > maxSpreadTicks && lean > 0) bidTicks = askTicks - maxSpreadTicks;
  else askTicks = Math.min(askTicks, bidTicks + maxSpreadTicks);
  if (bidTicks >= bestAsk) {
    bidTicks = bestAsk - 1;
    askTicks = Math.min(askTicks, bidTicks + maxSpreadTicks);
  } else if (askTicks <= bestBid) {
    askTicks = bestBid + 1;
    bidTicks = Math.max(bidTicks, askTicks - maxSpreadTicks);
  }
  return { bidTicks, askTicks };
}
