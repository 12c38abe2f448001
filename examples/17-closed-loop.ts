/** A market that reacts: what a market order costs by its size, and where the price is afterwards (means of four seeds). Simulated. */
import { Backtester } from "tickwright/run";
import { ConstantLatency } from "tickwright/sim";
import type { FillView, Strategy, StrategyContext } from "tickwright/strategy";

const SECOND = 1_000_000_000;
const instrument = { symbol: "ABC", venue: "sim", tickSize: "0.01", lotSize: "1", quote: "USD" };

class Buyer implements Strategy {
  readonly name = "buyer";
  readonly lots: number;
  readonly mids: number[] = [];
  paid = 0;
  constructor(lots: number) {
    this.lots = lots;
  }
  onStart(ctx: StrategyContext) {
    ctx.clock.every(SECOND);
  }
  onTimer(_timer: number, ctx: StrategyContext) {
    this.mids.push(ctx.book("ABC").midTicks);
    if (this.mids.length === 1)
      ctx.submit({ instrument: "ABC", side: "buy", lots: this.lots, type: "market" });
  }
  onFill(fill: FillView) {
    this.paid += fill.priceTicks * fill.lots;
  }
}

const none = { ratePerSecond: 0 };
const quiet = { instrument, durationNs: 30 * SECOND, volatilityTicks: 0, noise: none, excited: none };
const crowds = {
  // Nobody knows what it is worth; makers learn from what trades.
  "nobody knows": { informed: none, makers: { flowTicksPerLot: 0.05, lagNs: 1e13 } },
  "makers know": {},
};
for (const [who, crowd] of Object.entries(crowds)) {
  for (const lots of [10, 40, 160]) {
    let [cost, after] = [0, 0];
    for (const seed of [1, 2, 3, 4]) {
      const buyer = new Buyer(lots);
      const venue = { latency: new ConstantLatency({ entryNs: 1_000_000, responseNs: 1_000_000 }) };
      const markets = [{ closed: { ...quiet, ...crowd, seed }, venue }];
      new Backtester({ markets, strategies: [buyer], cash: { USD: "1000000" } }).runToEnd();
      const [before = 0] = buyer.mids;
      cost += (buyer.paid / lots - before) / 4;
      after += ((buyer.mids[20] ?? 0) - before) / 4;
    }
    console.log(
      `${who}: ${lots} lots cost ${cost.toFixed(2)} ticks each, 20 s later ${after.toFixed(2)} ticks`,
    );
  }
}
