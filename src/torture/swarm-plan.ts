import { checkArray, checkChoice, checkInteger, checkKeys, checkNumber, type Prng } from "../base/index.ts";
import type { FaultDomain, FaultParameter } from "./fault-kind.ts";
import { FAULT_NAMES, type FaultName, faultKind } from "./fault-kinds.ts";
import { checkPlan, compareFaults, type FaultPlan, faultKey, type PlannedFault } from "./fault-plan.ts";

/** What {@link swarmPlan} has to know. */
export interface SwarmOptions {
  /** How long the run is. @units ns */
  readonly durationNs: number;
  /** When the faults end and the run has to come to rest. @units ns */
  readonly safetyUntilNs: number;
  /** How many there are of each: links, venues, feeds, processes and so on; a domain left out has no faults. */
  readonly targets: Readonly<Partial<Record<FaultDomain, number>>>;
  /** The classes to draw from; all unless given. */
  readonly classes?: readonly FaultName[];
  /** So many faults at most; 200 unless given. */
  readonly faultsMax?: number;
  /**
   * How many of the faults are long and strong beyond their class's intensity, within 0 and 1, 0 unless given: most
   * windows are shorter than the time between two messages, and most probabilities near their least.
   */
  readonly force?: number;
}

const DOMAINS: readonly FaultDomain[] = [
  "network",
  "venue",
  "feed",
  "process",
  "disk",
  "clock",
  "store",
  "operator",
  "limits",
  "calendar",
];
const FAULTS_MAX = 200;
/** A class at full intensity comes so often in a run. */
const OCCURRENCES = 8;
const WINDOW_NS_MIN = 1_000_000;

/**
 * Draws a plan for one run: a random part of the classes, each with a random intensity, at random times.
 *
 * Runs with few classes find what runs with all of them hide: a feature that is never used together with another.
 *
 * @invariant Equal generators and options give equal plans; the plan passes {@link checkPlan}.
 * @throws `FAULT_CONFIG` on a wrong option
 * @source Groce et al., Swarm Testing, ISSTA 2012
 * @example
 * ```ts
 * import { Prng } from "tickwright/base";
 * import { swarmPlan } from "tickwright/torture";
 * const targets = { venue: 2, disk: 1 };
 * const plan = swarmPlan(new Prng(7), { durationNs: 60e9, safetyUntilNs: 40e9, targets });
 * plan.faults.every(({ untilNs }) => untilNs <= 40e9); // => true
 * ```
 */
export function swarmPlan(rng: Prng, options: SwarmOptions): FaultPlan {
  checkKeys("options", options, ["durationNs", "safetyUntilNs", "targets", "classes", "faultsMax", "force"]);
  const durationNs = checkInteger("options.durationNs", options.durationNs, 1);
  const safetyUntilNs = checkInteger("options.safetyUntilNs", options.safetyUntilNs, 0, durationNs);
  checkKeys("options.targets", options.targets, DOMAINS);
  for (const domain of DOMAINS)
    checkInteger(`options.targets.${domain}`, options.targets[domain] ?? 0, 0, 1024);
  const classes = checkArray("options.classes", options.classes ?? FAULT_NAMES, 1);
  for (const [i, name] of classes.entries()) checkChoice(`options.classes[${i}]`, name, FAULT_NAMES);
  const faultsMax = checkInteger("options.faultsMax", options.faultsMax ?? FAULTS_MAX, 0);
  const force = checkNumber("options.force", options.force ?? 0, 0, 1);
  const share = 0.05 + 0.55 * rng.float();
  const intensities: Partial<Record<FaultName, number>> = {};
  const drawn: PlannedFault[] = [];
  for (const name of FAULT_NAMES) {
    // Every class takes its draws from its own generator: leaving one out changes no other.
    const own = rng.fork(name);
    const targets = options.targets[faultKind(name).domain] ?? 0;
    if (own.float() >= share || targets === 0 || !classes.includes(name)) continue;
    const intensity = Math.exp(Math.log(0.02) * own.float());
    intensities[name] = intensity;
    drawn.push(...drawFaults(own, { fault: name, targets, intensity, untilNs: safetyUntilNs, force }));
  }
  const faults = thinned(rng, drawn, faultsMax);
  return checkPlan({ durationNs, safetyUntilNs, intensities, faults: untangled(faults) });
}

/** What faults of a class are drawn from. */
interface ClassDraw {
  readonly fault: FaultName;
  readonly targets: number;
  readonly intensity: number;
  readonly untilNs: number;
  readonly force: number;
}

function drawFaults(rng: Prng, { fault, targets, intensity, untilNs, force }: ClassDraw): PlannedFault[] {
  const kind = faultKind(fault);
  const count = 1 + rng.poisson(intensity * OCCURRENCES);
  return Array.from({ length: count }, () => {
    const ns = Math.floor(rng.float() * untilNs);
    const target = rng.below(targets);
    const room = untilNs - ns;
    const least = Math.min(WINDOW_NS_MIN, room);
    const isForced = force > 0 && rng.float() < force;
    const drawn = least === 0 ? 0 : Math.floor(least * Math.exp(Math.log(room / least) * rng.float()));
    const length = isForced ? Math.floor(room * rng.float()) : drawn;
    const strength = isForced ? 1 : intensity;
    const parameters = Object.fromEntries(
      Object.entries(kind.parameters).map(([name, each]) => [
        name,
        drawParameter(rng, each, strength, isForced),
      ]),
    );
    return { ns, untilNs: kind.timing === "instant" ? ns : ns + length, fault, target, parameters };
  });
}

/**
 * Away from the weak end towards one of the others, the farther the more intense; wide ranges by their logarithm, but
 * for half of what is forced.
 */
function drawParameter(rng: Prng, parameter: FaultParameter, intensity: number, isForced: boolean): number {
  const { least, most, weak, isWhole } = parameter;
  const isUp = weak === least || (weak !== most && rng.float() < 0.5);
  const strong = isUp ? most : least;
  // A few faults of a mild run are as strong as they get.
  const part = rng.float() < 0.1 ? rng.float() : rng.float() * intensity;
  const isWide = least > 0 && most / least >= 100 && !(isForced && rng.float() < 0.5);
  const value = isWide ? weak * Math.exp(Math.log(strong / weak) * part) : weak + (strong - weak) * part;
  const rounded = isWhole ? Math.round(value) : value;
  return Math.min(most, Math.max(least, rounded));
}

function thinned(rng: Prng, faults: readonly PlannedFault[], most: number): PlannedFault[] {
  const left = [...faults];
  while (left.length > most) left.splice(rng.below(left.length), 1);
  return left;
}

/** Sorted, and each fault ended where the next one of its class and target begins. */
function untangled(faults: readonly PlannedFault[]): PlannedFault[] {
  const next = new Map<number, number>();
  const kept: PlannedFault[] = [];
  for (const fault of [...faults].sort(compareFaults).reverse()) {
    const end = next.get(faultKey(fault)) ?? Number.POSITIVE_INFINITY;
    if (end === fault.ns) continue;
    next.set(faultKey(fault), fault.ns);
    kept.push({ ...fault, untilNs: Math.min(fault.untilNs, end) });
  }
  return kept.reverse();
}
