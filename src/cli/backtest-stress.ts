import type { BacktestOptions } from "../run/index.ts";
import {
  parseStress,
  type StressOptions,
  type StressReport,
  type StressWorld,
  stressBacktest,
} from "../trial/index.ts";
import { ProgressBar } from "./progress-bar.ts";
import { Usage, usageOf } from "./usage.ts";

const PATHS = { stress: "--stress" };

/** The worlds of `--stress`. */
export async function worldsOf(text: string): Promise<readonly StressWorld[]> {
  return await usageOf(PATHS, () => parseStress(text));
}

/** Refuses worlds that would change nothing of a backtest, and markets that live once, before anything runs. */
export async function checkWorlds(worlds: readonly StressWorld[], options: BacktestOptions): Promise<void> {
  for (const market of options.markets) {
    if (!("closed" in market) || (market.venue?.participants ?? []).length === 0) continue;
    throw new Usage("--stress: a closed market's participants live once; each run would need its own");
  }
  await usageOf(PATHS, () => {
    for (const world of worlds) world.apply(options);
  });
}

/** Stresses a backtest with a bar that counts its runs. */
export function stressWithProgress(label: string, options: Omit<StressOptions, "onProgress">): StressReport {
  const bar = new ProgressBar(`${label}, stressed`, "runs");
  let runs = 0;
  const report = stressBacktest({
    ...options,
    onProgress: (done, total) => {
      runs = done;
      bar.update(done, total);
    },
  });
  bar.finish(runs);
  return report;
}
