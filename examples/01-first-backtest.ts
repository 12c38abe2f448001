/** A strategy is an object with callbacks: buy when the close is above its average, sell when it is below. */
import { readFileSync } from "node:fs";
import { readCsvBars } from "tickwright/feed";
import { renderSummary } from "tickwright/report";
import { Backtester } from "tickwright/run";
import { Sma } from "tickwright/signal";
import type { Strategy } from "tickwright/strategy";

const csv = new URL("../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url);
const tape = readCsvBars(readFileSync(csv), {
  name: "S&P 500 days",
  instrument: { symbol: "SPX", venue: "index", tickSize: "0.01", lotSize: "1", quote: "USD" },
  columns: { time: "date", adjustedClose: "adjclose" },
  snapWithin: "0.0005", // the file went through 32-bit floats
});

const average = new Sma({ period: 200 });
const strategy: Strategy = {
  name: "above-average",
  warmup: 200,
  onBar(bar, ctx) {
    const mean = average.update(bar.adjustedClose);
    const held = ctx.position("SPX").lots;
    if (!ctx.isWarm || ctx.openOrders().length > 0) return;
    if (bar.close > mean && held === 0) {
      const lots = Math.floor(ctx.portfolio.equity / bar.close);
      ctx.submit({ instrument: "SPX", side: "buy", lots, type: "market" });
    } else if (bar.close < mean && held > 0) {
      ctx.submit({ instrument: "SPX", side: "sell", lots: held, type: "market" });
    }
  },
};

const backtester = new Backtester({ markets: [{ tape }], strategies: [strategy], cash: { USD: "100000" } });
console.log(renderSummary([backtester.runToEnd()]));
