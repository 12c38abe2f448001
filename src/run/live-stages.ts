import {
  checkArray,
  checkBoolean,
  checkInteger,
  checkKeys,
  checkNumber,
  checkText,
  Fault,
  formatScaled,
  parseScaled,
} from "../base/index.ts";
import { LIMIT_UNITS, type LimitName, type NodeLimits, type Person } from "../risk/index.ts";

/** One step of a graduated start: the share of the limits that is in force, and when it comes after the one before. */
export interface LiveStage {
  /** Of every limit of size and loss: 0.1 is a tenth. */
  readonly share: number;
  /** Since the step before. @units ns */
  readonly afterNs?: number;
  /** Executions since the step before. */
  readonly afterFills?: number;
  /** Whether somebody has to say so by `approveStage`; false unless given. */
  readonly needsApproval?: boolean;
}

/** A graduated start: limits begin at a share, and are raised step by step. */
export interface LiveStages {
  /** Who answers for the steps that nobody approves one by one. */
  readonly by: Person;
  readonly reason: string;
  /** The first is where trading begins; shares rise. */
  readonly steps: readonly LiveStage[];
}

/** How far a graduated start is: saved with the session. */
export interface SavedStages {
  readonly step: number;
  readonly sinceNs: number;
  readonly fills: number;
  readonly approval: StageApproval | null;
}

/** Who lets limits be raised, and why. */
export interface StageApproval {
  readonly by: Person;
  readonly reason: string;
}

/** Limits that a share is taken of; others (collars, rates, ratios of equity) are what they are at every step. */
const SCALED: readonly LimitName[] = [
  ...([
    "maxOrderLots",
    "maxOrderValue",
    "maxLongLots",
    "maxShortLots",
    "maxGrossValue",
    "maxNetValue",
  ] as const),
  ...(["maxOpenValue", "maxDailyLoss", "maxWindowLoss", "maxDrawdown", "maxValueAtRisk"] as const),
];
/** Shares are counted in millionths. */
const MILLION = 1_000_000;

/** Checks a graduated start. @throws `FAULT_CONFIG` naming the option */
export function checkStages(stages: LiveStages): LiveStages {
  checkKeys("live.stages", stages, ["by", "reason", "steps"]);
  checkText("live.stages.reason", stages.reason);
  checkKeys("live.stages.by", stages.by, ["name", "role"]);
  checkText("live.stages.by.name", stages.by.name);
  let last = 0;
  for (const [i, step] of checkArray("live.stages.steps", stages.steps).entries()) {
    const path = `live.stages.steps[${i}]`;
    checkKeys(path, step, ["share", "afterNs", "afterFills", "needsApproval"]);
    checkNumber(`${path}.share`, step.share, 1 / MILLION, 1);
    if (step.share <= last) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.share`,
        value: step.share,
        expected: `above ${last}`,
      });
    }
    last = step.share;
    if (step.afterNs !== undefined) checkInteger(`${path}.afterNs`, step.afterNs, 0);
    if (step.afterFills !== undefined) checkInteger(`${path}.afterFills`, step.afterFills, 0);
    checkBoolean(`${path}.needsApproval`, step.needsApproval ?? false);
    const hasWhen =
      step.afterNs !== undefined || step.afterFills !== undefined || step.needsApproval === true;
    if (i === 0 || hasWhen) continue;
    const expected = "`afterNs`, `afterFills` or `needsApproval`";
    throw new Fault("FAULT_CONFIG", { path, value: step, expected });
  }
  return stages;
}

/**
 * A share of limits: lots are rounded down, but not below 1, money down in its own decimals.
 *
 * @invariant No limit is above its own, and none that was bounded is not.
 */
export function shareOf(limits: readonly NodeLimits[], share: number): readonly NodeLimits[] {
  return limits.map((node) => {
    const scaled = Object.entries(node.limits).map(([name, value]) => [
      name,
      scale(name as LimitName, value, share),
    ]);
    return { ...node, limits: Object.fromEntries(scaled) as NodeLimits["limits"] };
  });
}

function scale(name: LimitName, value: unknown, share: number): unknown {
  if (!SCALED.includes(name) || value === "unlimited") return value;
  if (LIMIT_UNITS[name] === "lots") return Math.max(1, Math.floor(Number(value) * share));
  const parsed = typeof value === "string" ? parseScaled(value) : undefined;
  if (parsed === undefined) return value;
  const part = (parsed.digits * BigInt(Math.floor(share * MILLION))) / BigInt(MILLION);
  return formatScaled(part, parsed.scale);
}

/** Where a graduated start is, and when its next step may come. */
export class StageClock {
  step = 0;
  sinceNs = 0;
  fills = 0;
  approval: StageApproval | undefined = undefined;
  readonly #stages: LiveStages;

  constructor(stages: LiveStages) {
    this.#stages = stages;
  }

  get share(): number {
    return this.#stages.steps[this.step]?.share ?? 1;
  }

  get isLast(): boolean {
    return this.step + 1 >= this.#stages.steps.length;
  }

  /** The next step, where all it waits for has come. */
  due(nowNs: number): LiveStage | undefined {
    const next = this.#stages.steps[this.step + 1];
    if (
      next === undefined ||
      nowNs - this.sinceNs < (next.afterNs ?? 0) ||
      this.fills < (next.afterFills ?? 0)
    )
      return undefined;
    return next.needsApproval === true && this.approval === undefined ? undefined : next;
  }

  /** Who answers for the next step. */
  get signed(): StageApproval {
    return this.approval ?? { by: this.#stages.by, reason: this.#stages.reason };
  }

  enter(step: number, nowNs: number): void {
    this.step = step;
    this.sinceNs = nowNs;
    this.fills = 0;
    this.approval = undefined;
  }

  save(): SavedStages {
    return { step: this.step, sinceNs: this.sinceNs, fills: this.fills, approval: this.approval ?? null };
  }

  load({ step, sinceNs, fills, approval }: SavedStages): void {
    Object.assign(this, { step, sinceNs, fills, approval: approval ?? undefined });
  }
}
