import { checkSimulate, type FaultName, type SeedResult, type SimulateOptions } from "../torture/index.ts";
import { loadStrategyMaker } from "./load-strategy.ts";

/** What runs are made from, as it goes to a thread: plain values only. */
export interface SimulateOrder {
  /** The user's strategy; the built-in one unless given. */
  readonly strategy?: { readonly path: string; readonly params: Readonly<Record<string, unknown>> };
  readonly seconds: number;
  /** The last part of it is without faults. */
  readonly rest?: number;
  readonly faults?: readonly FaultName[];
  readonly force?: number;
  readonly venues?: number;
  readonly rows?: number;
  readonly position?: number;
  /** Seconds between two snapshots of the session. */
  readonly snapshot?: number;
  /** Runs to spend on making the plan of a seed that fails smaller; 0 for none. */
  readonly shrinkRuns: number;
}

/** Options of one seed's run. */
export type RunOptions = Omit<SimulateOptions, "seeds">;

/**
 * Loads the strategy and makes options of it.
 *
 * @throws `FAULT_CONFIG` naming the option, `FAULT_IO` where the strategy cannot be loaded
 */
export async function optionsOf(order: SimulateOrder): Promise<RunOptions> {
  const { strategy, seconds, rest, faults, force, venues, rows, position, snapshot } = order;
  const make = strategy === undefined ? undefined : await loadStrategyMaker(strategy.path);
  const options: RunOptions = {
    durationNs: seconds * 1e9,
    ...(rest === undefined ? {} : { restNs: rest * 1e9 }),
    ...(make === undefined ? {} : { strategies: () => [make(strategy?.params ?? {})] }),
    ...(faults === undefined ? {} : { faults }),
    ...(force === undefined ? {} : { force }),
    ...(venues === undefined ? {} : { venues }),
    ...(rows === undefined ? {} : { rowsPerSecond: rows }),
    ...(position === undefined ? {} : { positionLotsMax: position }),
    ...(snapshot === undefined ? {} : { snapshotEveryNs: Math.round(snapshot * 1e9) }),
  };
  checkSimulate(options);
  return options;
}

/** The command line that runs a seed of an order again. */
export function commandOf(seed: number, order: SimulateOrder, planPath?: string): string {
  const { strategy, seconds, rest, faults, force, venues, rows, position, snapshot } = order;
  const words = ["tickwright", "simulate", "--seed", String(seed), "--seconds", String(seconds)];
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) words.push(name, quoted(String(value)));
  };
  add("--rest", rest);
  add("--strategy", strategy?.path);
  for (const [name, value] of Object.entries(strategy?.params ?? {}))
    add("--param", `${name}=${String(value)}`);
  add("--faults", faults?.join(","));
  add("--force", force);
  add("--venues", venues);
  add("--rows", rows);
  add("--position", position);
  add("--snapshot-every", snapshot);
  add("--plan", planPath);
  return words.join(" ");
}

/** One seed's run, as a thread tells it. */
export interface SeedReport {
  readonly seed: number;
  readonly violations: SeedResult["violations"];
  readonly traceHash: string;
  readonly events: number;
  readonly orders: number;
  readonly lives: number;
  readonly halted: string | undefined;
  /** Faults in its plan. */
  readonly faults: number;
}

/** A result without its plan. */
export function reportOf({ seed, plan, violations, traceHash, ...rest }: SeedResult): SeedReport {
  const { events, orders, lives, halted } = rest;
  return { seed, violations, traceHash, events, orders, lives, halted, faults: plan.faults.length };
}

/** What a main thread and its threads say to each other. */
export type SeedMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "ran"; readonly report: SeedReport; readonly coverage: string }
  | { readonly kind: "shrunk"; readonly seed: number; readonly plan: string; readonly isMinimal: boolean }
  | { readonly kind: "failed"; readonly seed: number; readonly trouble: string };

function quoted(text: string): string {
  return /^[\w./,=:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
