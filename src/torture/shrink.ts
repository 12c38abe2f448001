import { checkFunction, checkInteger, checkKeys, Fault, sha256Hex } from "../base/index.ts";
import { faultKind } from "./fault-kinds.ts";
import { checkPlan, compareFaults, type FaultPlan, type PlannedFault } from "./fault-plan.ts";

/** Whether a run under the plan still fails in the way that is looked for; the same answer each time. */
export type PlanFails = (plan: FaultPlan) => boolean;

/** Options of {@link shrinkPlan}. */
export interface ShrinkOptions {
  /** So many runs at most; 2,000 unless given. */
  readonly runsMax?: number;
}

/** One run of a shrinking. */
export interface ShrinkStep {
  /** From 1. */
  readonly run: number;
  /** What was tried, such as `without 4 of 16` or `diskSlow times 1`. */
  readonly what: string;
  /** Faults in the plan that was tried. */
  readonly faults: number;
  /** Whether it still failed, and so is the plan from here on. */
  readonly isKept: boolean;
}

/** What is left of a plan. */
export interface ShrunkPlan {
  readonly plan: FaultPlan;
  readonly runs: number;
  /** Whether no single fault can be left out; false where the runs were used up before that was known. */
  readonly isMinimal: boolean;
  readonly history: readonly ShrinkStep[];
}

/** A narrower window than this is as good as none. @units ns */
const WINDOW_NS_MIN = 1_000;
/** How often a parameter is brought half-way to harmless. */
const HALVINGS = 6;
const RUNS_MAX = 2_000;

/**
 * Makes a failing plan smaller: fewer faults first, by halves and then one by one; then shorter windows and weaker
 * parameters; then a shorter run; and again from the beginning until nothing changes.
 *
 * @invariant The plan returned fails. Where `isMinimal`, it does not fail without any one of its faults, whatever kind
 * of predicate `fails` is.
 * @throws `FAULT_INPUT` where the plan does not fail to begin with
 * @cost O(n log n) runs for few necessary faults, O(n^2) at worst; the same plan is never run twice.
 * @source Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002
 * @example
 * ```ts
 * import { Prng } from "tickwright/base";
 * import { shrinkPlan, swarmPlan } from "tickwright/torture";
 * const swarm = { durationNs: 60e9, safetyUntilNs: 40e9, targets: { venue: 1 }, classes: ["bust", "halt"] } as const;
 * const plan = Array.from({ length: 50 }, (_, seed) => swarmPlan(new Prng(seed), swarm)).find(
 *   ({ faults }) => faults.some(({ fault }) => fault === "bust") && faults.length > 3,
 * );
 * if (plan === undefined) throw new Error("no such plan");
 * const shrunk = shrinkPlan(plan, ({ faults }) => faults.some(({ fault }) => fault === "bust"));
 * shrunk.plan.faults.map(({ fault }) => fault); // => ["bust"]
 * ```
 */
export function shrinkPlan(plan: FaultPlan, fails: PlanFails, options: ShrinkOptions = {}): ShrunkPlan {
  checkPlan(plan);
  checkFunction("fails", fails);
  checkKeys("options", options, ["runsMax"]);
  const runsMax = checkInteger("options.runsMax", options.runsMax ?? RUNS_MAX, 1);
  const shrinker = new Shrinker(plan, fails, runsMax);
  for (let isChanged = true; isChanged && !shrinker.isSpent; ) {
    const before = shrinker.plan;
    shrinker.dropFaults();
    shrinker.narrowWindows();
    shrinker.weakenParameters();
    shrinker.shorten();
    isChanged = shrinker.plan !== before;
  }
  const { history, isSpent } = shrinker;
  return { plan: shrinker.plan, runs: history.length, isMinimal: !isSpent, history };
}

/** The smallest plan so far, and what was tried. */
class Shrinker {
  plan: FaultPlan;
  readonly history: ShrinkStep[] = [];
  /** A run was wanted that is not allowed any more. */
  isSpent = false;
  readonly #fails: PlanFails;
  readonly #runsMax: number;
  /** Hashes of plans that did not fail. */
  readonly #passed = new Set<string>();

  constructor(plan: FaultPlan, fails: PlanFails, runsMax: number) {
    this.plan = plan;
    this.#fails = fails;
    this.#runsMax = runsMax;
    if (this.#try(plan, "the whole plan")) return;
    throw new Fault("FAULT_INPUT", { path: "plan", value: "a plan that passes", expected: "one that fails" });
  }

  /** Leaves out halves, quarters and so on, at last each fault alone, until each one left is needed. */
  dropFaults(): void {
    let size = Math.ceil(this.plan.faults.length / 2);
    while (size >= 1) {
      const before = this.plan.faults.length;
      for (let from = 0; from < this.plan.faults.length; ) {
        if (!this.#try(this.#without(from, size), `without ${size} of ${this.plan.faults.length}`))
          from += size;
      }
      // Without a fault, one that was needed before may not be any more.
      if (size > 1) size = Math.ceil(size / 2);
      else if (this.plan.faults.length === before) return;
    }
  }

  /** Ends faults earlier, or lets them begin later. */
  narrowWindows(): void {
    for (let i = 0; i < this.plan.faults.length; i++) {
      while (this.#narrow(i));
    }
  }

  /** Makes parameters harmless, or half-way so. */
  weakenParameters(): void {
    for (let i = 0; i < this.plan.faults.length; i++) {
      const { fault } = this.plan.faults[i] as PlannedFault;
      for (const name of Object.keys(faultKind(fault).parameters)) this.#weaken(i, name);
    }
  }

  /** Ends the phase with faults after the last one, and halves what comes after. */
  shorten(): void {
    const { durationNs, safetyUntilNs, faults } = this.plan;
    const last = faults.reduce((most, { untilNs }) => Math.max(most, untilNs), 0);
    const rest = durationNs - safetyUntilNs;
    if (last < safetyUntilNs) this.#tryLength(last + rest, last);
    for (;;) {
      const { durationNs: now, safetyUntilNs: until } = this.plan;
      const half = until + Math.floor((now - until) / 2);
      if (half < 1 || half === now || !this.#tryLength(half, until)) return;
    }
  }

  #narrow(index: number): boolean {
    const { ns, untilNs, fault } = this.plan.faults[index] as PlannedFault;
    if (untilNs - ns < WINDOW_NS_MIN) return false;
    const middle = ns + Math.floor((untilNs - ns) / 2);
    if (this.#tryFault(index, { untilNs: middle }, `${fault} until ${middle}`)) return true;
    return this.#try(this.#moved(index, middle), `${fault} from ${middle}`);
  }

  /** The plan with a fault that begins later, and so may have another place. */
  #moved(index: number, ns: number): FaultPlan {
    const moved = this.#with(index, { ns });
    return { ...moved, faults: [...moved.faults].sort(compareFaults) };
  }

  #weaken(index: number, name: string): void {
    const { fault } = this.plan.faults[index] as PlannedFault;
    const parameter = faultKind(fault).parameters[name];
    if (parameter === undefined) return;
    const { weak, isWhole } = parameter;
    const now = (): number => (this.plan.faults[index] as PlannedFault).parameters[name] as number;
    const to = (value: number): boolean => {
      if (value === now()) return false;
      const { parameters } = this.plan.faults[index] as PlannedFault;
      return this.#tryFault(
        index,
        { parameters: { ...parameters, [name]: value } },
        `${fault} ${name} ${value}`,
      );
    };
    if (to(weak)) return;
    for (let i = 0; i < HALVINGS; i++) {
      const half = weak + (now() - weak) / 2;
      if (!to(isWhole ? Math.round(half) : half)) return;
    }
  }

  #without(from: number, count: number): FaultPlan {
    const faults = this.plan.faults.filter((_, i) => i < from || i >= from + count);
    const names = new Set(faults.map(({ fault }) => fault));
    const known = Object.entries(this.plan.intensities).filter(([name]) => names.has(name as never));
    return { ...this.plan, faults, intensities: Object.fromEntries(known) };
  }

  #with(index: number, change: Partial<PlannedFault>): FaultPlan {
    const faults = this.plan.faults.map((fault, i) => (i === index ? { ...fault, ...change } : fault));
    return { ...this.plan, faults };
  }

  #tryFault(index: number, change: Partial<PlannedFault>, what: string): boolean {
    return this.#try(this.#with(index, change), what);
  }

  #tryLength(durationNs: number, safetyUntilNs: number): boolean {
    if (durationNs < 1) return false;
    return this.#try({ ...this.plan, durationNs, safetyUntilNs }, `${durationNs} ns long`);
  }

  /** Runs a plan; one that fails is the plan from here on. */
  #try(plan: FaultPlan, what: string): boolean {
    const key = sha256Hex(JSON.stringify(plan));
    if (this.#passed.has(key)) return false;
    if (this.history.length >= this.#runsMax) this.isSpent = true;
    if (this.isSpent) return false;
    const isKept = this.#fails(plan);
    this.history.push({ run: this.history.length + 1, what, faults: plan.faults.length, isKept });
    if (isKept) this.plan = plan;
    else this.#passed.add(key);
    return isKept;
  }
}
