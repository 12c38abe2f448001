/**
 * The rules of the published grid example, with maps and decimals as it has them: what to cancel and what to
 * send for one look at the market.
 */
export interface GridTerms {
  readonly tickSize: number;
  readonly halfSpread: number;
  readonly gridInterval: number;
  readonly levels: number;
  readonly skew: number;
  readonly orderLots: number;
  readonly maxPositionLots: number;
  readonly minStepTicks: number;
}

export interface OwnOrder {
  readonly ticks: number;
  readonly side: "buy" | "sell";
  readonly cancellable: boolean;
}

export function gridActions(
  terms: GridTerms,
  bestBid: number,
  bestAsk: number,
  position: number,
  own: readonly OwnOrder[],
): string[] {
  const { tickSize, halfSpread, gridInterval, levels, skew, orderLots, maxPositionLots } = terms;
  const minGridStep = terms.minStepTicks * tickSize;
  const mid = (bestBid * tickSize + bestAsk * tickSize) / 2.0;
  const normalized = position / orderLots;
  const relativeBid = halfSpread + skew * normalized;
  const relativeAsk = halfSpread - skew * normalized;
  let bidPrice = Math.min(mid * (1.0 - relativeBid), bestBid * tickSize);
  let askPrice = Math.max(mid * (1.0 + relativeAsk), bestAsk * tickSize);
  const interval = Math.max(Math.round((mid * gridInterval) / minGridStep) * minGridStep, minGridStep);
  bidPrice = Math.floor(bidPrice / interval) * interval;
  askPrice = Math.ceil(askPrice / interval) * interval;
  const orders = new Map(own.map((order) => [order.ticks, order]));
  const actions: string[] = [];
  const side = (name: "buy" | "sell", open: boolean, first: number, step: number): void => {
    const grid = new Map<number, number>();
    let price = first;
    if (open && Number.isFinite(first)) {
      for (let i = 0; i < levels; i++) {
        grid.set(Math.round(price / tickSize), price);
        price += step;
      }
    }
    for (const order of orders.values()) {
      if (order.side === name && order.cancellable && !grid.has(order.ticks)) {
        actions.push(`- ${name} @ ${order.ticks}`);
      }
    }
    for (const ticks of grid.keys()) {
      if (orders.has(ticks)) continue;
      orders.set(ticks, { ticks, side: name, cancellable: false });
      actions.push(`+ ${name} ${orderLots} @ ${ticks}`);
    }
  };
  side("buy", position < maxPositionLots, bidPrice, -interval);
  side("sell", position > -maxPositionLots, askPrice, interval);
  return actions;
}
