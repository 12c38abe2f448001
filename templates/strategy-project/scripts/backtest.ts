/** npm run backtest [-- FILE.tape ...]: one run; prints its key figures and writes out/backtest/report.html. */
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { renderSummary, renderTearSheet } from "tickwright/report";
import { Backtester } from "tickwright/run";
import { backtestOf, openTapes } from "../src/market.ts";
import { strategy } from "../src/strategy.ts";

const tapes = openTapes(process.argv.slice(2));
const result = new Backtester({ name: "backtest", ...backtestOf(tapes, strategy()) }).runToEnd();
mkdirSync("out/backtest", { recursive: true });
writeFileSync("out/backtest/report.html", renderTearSheet(result));
writeFileSync("out/backtest/result.json", JSON.stringify(result));
console.log(renderSummary([result]));
if (result.orders.submitted === 0) {
  console.log("No orders: bars call onBar, depth calls onBook, and orders wait for the warm-up to end.\n");
}
console.log("out/backtest/report.html");
