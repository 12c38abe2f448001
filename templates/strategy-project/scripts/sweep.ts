/**
 * npm run sweep [-- FILE.tape ...]: backtests over a space of parameters, in threads. What the best of them is worth,
 * given how many were tried, comes first. Interrupted, it goes on where it was; of other code it is another sweep.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { renderSweep } from "tickwright/report";
import { Sweep, type SweepOptions, sweepCsv, sweepStudy } from "tickwright/sweep";
import { openTapes } from "../src/market.ts";

const code = createHash("sha256");
for (const name of ["strategy", "market", "recipe"]) {
  code.update(readFileSync(new URL(`../src/${name}.ts`, import.meta.url)));
}
const options: SweepOptions = {
  name: "sweep",
  tapes: openTapes(process.argv.slice(2)),
  recipe: {
    module: new URL("../src/recipe.ts", import.meta.url).href,
    name: "recipe",
    args: { code: code.digest("hex") },
  },
  space: { window: { from: 10, to: 500, integer: true }, edgeTicks: { from: 1, to: 10 } },
  search: { method: "sobol", points: 24 },
};
const { id, tapes } = new Sweep(options).plan;
const folder = `out/sweep-${id.slice(0, 8)}`;
const result = await new Sweep({ ...options, tapes, folder }).run({
  onProgress: ({ done, total }) => void process.stderr.write(`\r${done} of ${total} points`),
});
process.stderr.write("\n");

const study = sweepStudy(result);
const best = result.points.find(({ index }) => index === study.best);
writeFileSync(`${folder}/results.csv`, sweepCsv(result));
writeFileSync(`${folder}/report.html`, renderSweep(result, study));
const percent = (share: number | undefined): string =>
  share === undefined ? "not known" : `${(100 * share).toFixed(1)} %`;
console.log(`points tried            ${study.trials}, ${result.failures.length} failed`);
console.log(`best by Sharpe ratio    ${JSON.stringify(best?.params)}`);
console.log(
  `deflated Sharpe         ${percent(study.deflated?.probability)} chance of more than luck in so many`,
);
console.log(
  `overfitting             ${percent(study.overfitting?.probability)} of splits: best in sample, worse half out of it`,
);
console.log(`reality check           p ${study.reality?.pValue.toFixed(3) ?? "not known"}`);
console.log(`${folder}/report.html ${folder}/results.csv`);
