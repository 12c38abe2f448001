import { checkArray, checkChoice, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import { FAULT_CODE, FAULT_NAMES, type FaultName, faultKind } from "./fault-kinds.ts";

/** One fault of a plan. */
export interface PlannedFault {
  /** When it begins, or happens. @units ns from the begin of the run */
  readonly ns: number;
  /** When it ends; `ns` where it happens at once. @units ns from the begin of the run */
  readonly untilNs: number;
  readonly fault: FaultName;
  /** Which venue, link, feed or disk it befalls, from 0. */
  readonly target: number;
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * What goes wrong in a run, and when.
 *
 * @invariant Sorted by time, class and target; faults of one class and target do not overlap; all end by
 * `safetyUntilNs`, after which the system has to come to rest.
 */
export interface FaultPlan {
  /** How long the run is. @units ns */
  readonly durationNs: number;
  /** When the phase with faults ends. @units ns from the begin of the run */
  readonly safetyUntilNs: number;
  /** How strongly each class that was drawn is present, within 0 and 1. */
  readonly intensities: Readonly<Partial<Record<FaultName, number>>>;
  readonly faults: readonly PlannedFault[];
}

/** A plan begins or ends a fault. */
export interface FaultEdge {
  readonly ns: number;
  /** The fault's place in the plan. */
  readonly index: number;
  readonly isOn: boolean;
}

const VERSION = 1;
const TARGETS_MAX = 1_024;
const DURATION_NS_MAX = 9_007_199_254_740_991;

/** The order of faults in a plan. */
export function compareFaults(a: PlannedFault, b: PlannedFault): number {
  return a.ns - b.ns || FAULT_CODE[a.fault] - FAULT_CODE[b.fault] || a.target - b.target;
}

/**
 * Checks a plan, from wherever it came; returns it.
 *
 * @throws `FAULT_CONFIG` naming the field, such as `plan.faults[3].parameters.delayNs`
 */
export function checkPlan(plan: FaultPlan, path = "plan"): FaultPlan {
  checkKeys(path, plan, ["durationNs", "safetyUntilNs", "intensities", "faults"]);
  const durationNs = checkInteger(`${path}.durationNs`, plan.durationNs, 1, DURATION_NS_MAX);
  const safetyUntilNs = checkInteger(`${path}.safetyUntilNs`, plan.safetyUntilNs, 0, durationNs);
  checkKeys(`${path}.intensities`, plan.intensities, FAULT_NAMES);
  for (const [name, value] of Object.entries(plan.intensities)) {
    checkNumber(`${path}.intensities.${name}`, value, 0, 1);
  }
  checkArray(`${path}.faults`, plan.faults, 0);
  for (const [i, fault] of plan.faults.entries()) checkFault(fault, `${path}.faults[${i}]`, safetyUntilNs);
  checkOrder(plan.faults, `${path}.faults`);
  return plan;
}

/** Prints a plan as JSON; {@link decodePlan} reads it. */
export function encodePlan(plan: FaultPlan): string {
  return `${JSON.stringify({ version: VERSION, ...checkPlan(plan) }, null, 1)}\n`;
}

/**
 * Reads a plan from JSON.
 *
 * @throws `FAULT_CONFIG` naming the field that is wrong, unknown or missing
 */
export function decodePlan(text: string, path = "plan"): FaultPlan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault("FAULT_CONFIG", { path, value: text, expected: "a plan in JSON", cause });
  }
  checkKeys(path, value, ["version", "durationNs", "safetyUntilNs", "intensities", "faults"]);
  const { version, ...plan } = value as FaultPlan & { readonly version: unknown };
  checkInteger(`${path}.version`, version, VERSION, VERSION);
  return checkPlan(plan, path);
}

/** When faults begin and end, in order; at one time ends come first. An instant begins and does not end. */
export function faultEdges(plan: FaultPlan): FaultEdge[] {
  const edges: FaultEdge[] = [];
  for (const [index, { ns, untilNs, fault }] of plan.faults.entries()) {
    edges.push({ ns, index, isOn: true });
    if (faultKind(fault).timing === "window") edges.push({ ns: untilNs, index, isOn: false });
  }
  // A window of no length still begins before it ends.
  const rank = ({ index, isOn }: FaultEdge): number => {
    if (isOn) return 1;
    const fault = plan.faults[index] as PlannedFault;
    return fault.ns === fault.untilNs ? 2 : 0;
  };
  return edges.sort((a, b) => a.ns - b.ns || rank(a) - rank(b) || a.index - b.index);
}

/** Whether exposure may exceed limits under a plan: it has a class that makes no oracle complain. */
export function allowsExcess(plan: FaultPlan): boolean {
  return plan.faults.some(({ fault }) => faultKind(fault).allowsExcess);
}

function checkFault(fault: PlannedFault, path: string, safetyUntilNs: number): void {
  checkKeys(path, fault, ["ns", "untilNs", "fault", "target", "parameters"]);
  checkInteger(`${path}.ns`, fault.ns, 0, safetyUntilNs);
  const kind = faultKind(checkChoice(`${path}.fault`, fault.fault, FAULT_NAMES));
  const last = kind.timing === "instant" ? fault.ns : safetyUntilNs;
  checkInteger(`${path}.untilNs`, fault.untilNs, fault.ns, last);
  checkInteger(`${path}.target`, fault.target, 0, TARGETS_MAX - 1);
  const names = Object.keys(kind.parameters);
  checkKeys(`${path}.parameters`, fault.parameters, names);
  for (const [name, { least, most, isWhole }] of Object.entries(kind.parameters)) {
    const value = fault.parameters[name];
    if (isWhole) checkInteger(`${path}.parameters.${name}`, value, least, most);
    else checkNumber(`${path}.parameters.${name}`, value, least, most);
  }
}

function checkOrder(faults: readonly PlannedFault[], path: string): void {
  const ends = new Map<number, number>();
  for (const [i, fault] of faults.entries()) {
    const previous = faults[i - 1];
    if (previous !== undefined && compareFaults(previous, fault) > 0) {
      const expected = "faults in the order of time, class and target";
      throw new Fault("FAULT_CONFIG", { path: `${path}[${i}].ns`, value: fault.ns, expected });
    }
    const key = faultKey(fault);
    const end = ends.get(key) ?? -1;
    if (fault.ns < end || (fault.ns === end && previous !== undefined && isTwice(faults, i))) {
      const expected = `at least ${end}, where the fault before it of this class and target ends`;
      throw new Fault("FAULT_CONFIG", { path: `${path}[${i}].ns`, value: fault.ns, expected });
    }
    ends.set(key, fault.untilNs);
  }
}

/** Whether the same class and target begins twice at one time. */
function isTwice(faults: readonly PlannedFault[], index: number): boolean {
  const { ns, fault, target } = faults[index] as PlannedFault;
  const before = faults[index - 1];
  return before?.ns === ns && before.fault === fault && before.target === target;
}

/** A number for each class and target. */
export function faultKey(fault: PlannedFault): number {
  return FAULT_CODE[fault.fault] * TARGETS_MAX + fault.target;
}
