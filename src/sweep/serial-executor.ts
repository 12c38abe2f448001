import { setImmediate } from "node:timers/promises";
import { SharedTape } from "../feed/index.ts";
import { outcomeLine } from "./point-result.ts";
import { PointRunner } from "./point-run.ts";
import type { SweepDesk, SweepExecutor, SweepWork } from "./sweep-executor.ts";
import { loadRecipe } from "./sweep-recipe.ts";

/** Runs points one after another in this thread: what every other executor is compared with. */
export class SerialExecutor implements SweepExecutor {
  #isStopped = false;

  async run({ recipe, tapes, series, prune }: SweepWork, desk: SweepDesk): Promise<void> {
    const make = await loadRecipe(recipe);
    const shared = tapes.map((handle) => new SharedTape(handle));
    const runner = new PointRunner(make, shared, series, prune);
    while (!this.#isStopped) {
      const point = await desk.next();
      if (point === undefined) return;
      desk.done(outcomeLine(runner.run(point)));
      // Lets a pause or a stop be heard.
      await setImmediate();
    }
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return Promise.resolve();
  }
}
