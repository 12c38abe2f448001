/**
 * The research loop: parameters searched by a Sobol sequence, what the best of them is worth given how many were tried, and
 * whether it knows the future. The prices are a random walk, so nothing can be earned; one strategy looks at tomorrow's.
 */
import { generateBarTape } from "tickwright/sim";
import { SerialExecutor, Sweep, sweepStudy } from "tickwright/sweep";
import { findLookAhead } from "tickwright/trial";
import { backtestOf } from "./research-strategy.ts";

const tape = generateBarTape({
  instrument: { symbol: "ABC", venue: "simulated", tickSize: "0.01", lotSize: "1", quote: "USD" },
  seed: 5, // of seeds 3, 5, 7, 11, 18 and 21 one where the best point looks like something
  bars: 1_000,
});
const percent = (share = Number.NaN): string => `${(100 * share).toFixed(1)} %`;

for (const isPeeking of [false, true]) {
  const sweep = new Sweep({
    tapes: [tape],
    space: { window: { from: 5, to: 100, integer: true }, abovePercent: { from: -1, to: 1 } },
    search: { method: "sobol", points: 32 },
    recipe: {
      module: new URL("./research-strategy.ts", import.meta.url).href,
      name: "recipe",
      args: { isPeeking },
    },
    executor: new SerialExecutor(), // ThreadExecutor, which is the default, takes all cores
  });
  const result = await sweep.run();
  const { trials, best, moments, periodsPerYear, deflated, overfitting, reality } = sweepStudy(result);
  const params = result.points.find(({ index }) => index === best)?.params ?? {};
  const yearly = Math.sqrt(periodsPerYear);
  console.log(isPeeking ? "a strategy that looks at the next bar" : "a strategy that does not");
  console.log(`  best of ${trials} points       ${JSON.stringify(params)}`);
  console.log(`  its Sharpe a year       ${((moments?.sharpe ?? 0) * yearly).toFixed(2)}`);
  console.log(`  what luck alone shows   ${((deflated?.benchmark ?? 0) * yearly).toFixed(2)}`);
  console.log(`  deflated Sharpe         ${percent(deflated?.probability)}`);
  console.log(`  overfitting (PBO)       ${percent(overfitting?.probability)}`);
  console.log(`  reality check           p ${reality?.pValue.toFixed(3)}`);
  const { leaks, compared } = findLookAhead({
    tapes: [tape],
    make: (tapes) => backtestOf({ ...params, isPeeking }, tapes),
    cuts: 4,
  });
  const [leak] = leaks;
  console.log(`  look-ahead              ${leak ? `in ${leak.callback}` : `none in ${compared} decisions`}`);
}
