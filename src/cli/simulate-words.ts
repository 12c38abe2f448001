import { type Coverage, coverageCounts, coverageTables, type FaultPlan } from "../torture/index.ts";
import { commandOf, type SeedReport, type SimulateOrder } from "./simulate-order.ts";

const DETAIL = 160;

/** A seed that broke a rule. */
export interface FailedSeed {
  readonly seed: number;
  /** The run itself could not go on. */
  readonly trouble?: string;
  readonly report?: SeedReport;
  readonly command: string;
}

/** A plan that was made smaller. */
export interface SmallPlan {
  readonly seed: number;
  readonly plan: FaultPlan;
  readonly isMinimal: boolean;
  readonly path: string;
  readonly command: string;
}

/** Everything found by runs over many seeds. */
export interface SimulateFindings {
  readonly order: SimulateOrder;
  readonly from: number;
  readonly seeds: number;
  readonly ran: number;
  /** Orders that were sent, by all runs together. */
  readonly orders: number;
  readonly wallSeconds: number;
  readonly isInterrupted: boolean;
  readonly failed: readonly FailedSeed[];
  readonly shrunk: readonly SmallPlan[];
  /** Runs that ended because a process found damage that it must not go on from. */
  readonly halted: number;
  readonly coverage: Coverage;
}

/** A failed seed in a few lines, with the command that runs it again. */
export function failureText({ seed, trouble, report, command }: FailedSeed): string {
  const lines = [trouble === undefined ? `seed ${seed} failed` : `seed ${seed} could not be run`];
  if (trouble !== undefined) lines.push(...trouble.split("\n").slice(0, 6));
  for (const line of violationLines(report?.violations ?? [])) lines.push(line);
  lines.push(`  ${command}`);
  return `${lines.join("\n")}\n`;
}

/** Violations, one a line: when, which rule, and what was seen. */
export function violationLines(violations: SeedReport["violations"]): string[] {
  return violations.map(({ oracle, ns, detail }) => {
    const at = `${(ns / 1e9).toFixed(3)} s`.padStart(12);
    const text = detail.replaceAll("\n", " ");
    return `${at}  ${oracle.padEnd(12)}  ${text.length > DETAIL ? `${text.slice(0, DETAIL)}…` : text}`;
  });
}

/** The faults of a plan, one a line. */
export function planText({ durationNs, safetyUntilNs, faults }: FaultPlan): string {
  const seconds = (ns: number): string => (ns / 1e9).toFixed(3);
  const lines = [`${faults.length} faults until ${seconds(safetyUntilNs)} s of ${seconds(durationNs)} s`];
  for (const { ns, untilNs, fault, target, parameters } of faults) {
    const window = `${seconds(ns).padStart(9)} to ${seconds(untilNs)}`;
    const given = Object.entries(parameters).map(
      ([name, value]) => `${name} ${Number(value.toPrecision(6))}`,
    );
    lines.push(`${window.padEnd(24)}${fault.padEnd(20)}at ${target}  ${given.join(", ")}`.trimEnd());
  }
  return `${lines.join("\n")}\n`;
}

/** A small plan in words, with the command that runs it. */
export function shrunkText({ seed, plan, isMinimal, path, command }: SmallPlan): string {
  const state = isMinimal ? "needs each of these" : "needs at most these";
  return `seed ${seed} ${state}, in ${path}\n${planText(plan)}  ${command}\n`;
}

/** The end of runs over many seeds, for people. */
export function findingsText(found: SimulateFindings): string {
  const { ran, seeds, orders, failed, halted, coverage, isInterrupted } = found;
  const lines = [
    coverage.report(),
    coverageTables(coverage),
    `${ran} of ${seeds} seeds${isInterrupted ? ", interrupted" : ""}: ${failed.length} failed, ` +
      `${halted} ended at damage that was noticed; ${speedOf(found)}`,
  ];
  lines.push(`${orders.toLocaleString("en-US")} orders`);
  if (orders === 0 && ran > 0)
    lines.push("nothing was tried: no order was sent. There are books, trades and timers, no bars");
  if (failed.length > 0) lines.push(`failed: ${failed.map(({ seed }) => seed).join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** The end of runs over many seeds, for programs. */
export function findingsJson(found: SimulateFindings): string {
  const { order, from, seeds, ran, orders, wallSeconds, isInterrupted, failed, shrunk, halted, coverage } =
    found;
  const virtualSeconds = ran * order.seconds;
  return `${JSON.stringify({
    from,
    seeds,
    ran,
    orders,
    isInterrupted,
    order,
    virtualSeconds,
    wallSeconds,
    timesRealTime: wallSeconds > 0 ? virtualSeconds / wallSeconds : 0,
    halted,
    failed: failed.map(({ report, ...rest }) => ({ ...rest, ...report })),
    shrunk,
    coverage: coverageCounts(coverage),
  })}\n`;
}

/** Virtual time by real time. */
export function speedOf({ ran, order, wallSeconds }: SimulateFindings): string {
  const times = wallSeconds > 0 ? (ran * order.seconds) / wallSeconds : 0;
  return `${(ran * order.seconds).toLocaleString("en-US")} virtual s at ${Math.round(times)} x real time`;
}

/** What `--seed` prints of one run. */
export function replayText(
  report: SeedReport,
  plan: FaultPlan,
  again: string,
  order: SimulateOrder,
  planPath?: string,
): string {
  const isSame = again === report.traceHash;
  const lines = [
    `seed ${report.seed}: trace ${report.traceHash}, ${isSame ? "the same twice" : `then ${again}`}`,
    `${report.events} events, ${report.orders} orders, ${report.lives} lives of the process`,
  ];
  if (report.halted !== undefined) lines.push(`ended at damage that was noticed: ${report.halted}`);
  lines.push(planText(plan));
  if (report.violations.length === 0) lines.push("no violation");
  else lines.push(...violationLines(report.violations), `  ${commandOf(report.seed, order, planPath)}`);
  return `${lines.join("\n")}\n`;
}
