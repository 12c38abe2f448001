import { parentPort, workerData } from "node:worker_threads";
import { checkedSeed, encodePlan, newCoverage, type SeedResult, shrinkSeed } from "../torture/index.ts";
import {
  optionsOf,
  type RunOptions,
  reportOf,
  type SeedMessage,
  type SimulateOrder,
} from "./simulate-order.ts";

/** A thread of `tickwright simulate`: runs the seeds it is sent, one after another. */
const order = workerData as SimulateOrder;
const options = await optionsOf(order);

parentPort?.on("message", (seed: number) => {
  for (const message of runSeed(seed, options)) tell(message);
  tell({ kind: "ready" });
});
tell({ kind: "ready" });

function* runSeed(seed: number, run: RunOptions): Generator<SeedMessage, void, void> {
  let result: SeedResult;
  try {
    const coverage = newCoverage();
    result = checkedSeed(seed, run, coverage);
    yield { kind: "ran", report: reportOf(result), coverage: coverage.toJson() };
  } catch (error) {
    const trouble = error instanceof Error ? (error.stack ?? error.message) : String(error);
    yield { kind: "failed", seed, trouble };
    return;
  }
  if (order.shrinkRuns === 0 || result.violations.length === 0) return;
  if (result.violations[0]?.oracle === "sameTrace") return;
  const shrunk = shrinkSeed(result, run, { runsMax: order.shrinkRuns });
  yield { kind: "shrunk", seed, plan: encodePlan(shrunk.plan), isMinimal: shrunk.isMinimal };
}

function tell(message: SeedMessage): void {
  parentPort?.postMessage(message);
}
