import { parentPort, workerData } from "node:worker_threads";
import { SharedTape } from "../feed/index.ts";
import { outcomeLine, type SweepPoint } from "./point-result.ts";
import { PointRunner } from "./point-run.ts";
import type { SweepWork } from "./sweep-executor.ts";
import { loadRecipe } from "./sweep-recipe.ts";

/** A thread of a sweep: runs the points it is sent, one after another, over tapes it shares with the others. */
const { recipe, tapes, series, prune } = workerData as SweepWork;
const make = await loadRecipe(recipe);
const shared = tapes.map((handle) => new SharedTape(handle));
const runner = new PointRunner(make, shared, series, prune);

parentPort?.on("message", (point: SweepPoint) => {
  parentPort?.postMessage(outcomeLine(runner.run(point)));
});
parentPort?.postMessage("");
