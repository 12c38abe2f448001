/** Your strategy under faults: this one adds up its fills itself, and forgets that a venue can take one back. */
import type { FillView, Strategy, StrategyContext } from "tickwright/strategy";
import { type SimulateOptions, shrinkSeed, simulate } from "tickwright/torture";

class Counter implements Strategy {
  readonly name = "counter";
  #held = 0;

  onStart(ctx: StrategyContext): void {
    ctx.clock.every(100_000_000);
  }

  onTimer(_timer: number, ctx: StrategyContext): void {
    const key = ctx.instruments[0]?.key ?? "";
    const { lots } = ctx.position(key);
    if (lots !== this.#held) throw new Error(`I counted ${this.#held} lots, and hold ${lots}`);
    const { hasAsk, bestAsk } = ctx.book(key);
    if (hasAsk && lots < 50) ctx.submit({ instrument: key, side: "buy", lots: 1, priceTicks: bestAsk });
  }

  onFill({ side, lots }: FillView): void {
    this.#held += (side === "buy" ? 1 : -1) * lots;
  }
}

const strategies = () => [new Counter()];
const faults = ["bust", "feedGap", "messageDelay", "clockSkew"] as const;
const options: SimulateOptions = { seeds: 20, durationNs: 8e9, venues: 1, force: 0.5, strategies, faults };
for (const result of simulate(options)) {
  const [violation] = result.violations;
  if (violation === undefined) continue;
  console.log(`seed ${result.seed} broke ${violation.oracle}: ${violation.detail.split("\n")[0]}`);
  const { plan, runs } = shrinkSeed(result, options, { runsMax: 200 });
  const needed = plan.faults.map(({ fault }) => fault).join(", ");
  console.log(`of ${result.plan.faults.length} faults it needs: ${needed} (${runs} runs)`);
  break;
}
