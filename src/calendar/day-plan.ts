import { checkArray, checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import { type CivilDate, DAY_SECONDS, dayOf, WEEKDAYS } from "./civil-date.ts";
import { PHASE, PHASES, type PhaseName } from "./phase.ts";
import { epochSecondsOf, type ZoneRule } from "./zone.ts";

/**
 * The hours of one day.
 *
 * A time is `HH:MM` or `HH:MM:SS` of the wall clock, up to `24:00`; `-1d 17:00` is the evening before; `00:10Z`
 * is UTC whatever the wall clock shows.
 */
export interface DayPlan {
  /** When the regular session begins. */
  readonly open: string;
  /** When the regular session ends. */
  readonly close: string;
  /** When each phase begins, in order; the last one is `closed`. */
  readonly phases: readonly (readonly [from: string, phase: PhaseName])[];
}

/** The hours of a calendar from a date on, until those of a later one. */
export interface HoursRule {
  /** The first date with these hours. */
  readonly from: CivilDate;
  /**
   * The plans by name. `regular` must be there; the others are named by holidays. A plan `half@mon` stands in for
   * `half` on Mondays.
   */
  readonly plans: Readonly<Record<string, DayPlan>>;
}

/** A time of a plan, read. */
interface PlanTime {
  readonly seconds: number;
  readonly isUtc: boolean;
}

/** A {@link DayPlan}, read. */
export interface ReadPlan {
  readonly open: PlanTime;
  readonly close: PlanTime;
  readonly phases: readonly (readonly [from: PlanTime, phase: number])[];
}

/** A {@link HoursRule}, read: by name, the plans of the seven weekdays from Sunday. */
export interface ReadHours {
  readonly fromDay: number;
  readonly plans: ReadonlyMap<string, readonly ReadPlan[]>;
}

const TIME = /^(?:-([1-7])d )?(\d{2}):([0-5]\d)(?::([0-5]\d))?(Z?)$/;

/** Reads hours, in order of their dates. */
export function readHours(path: string, rules: readonly HoursRule[]): ReadHours[] {
  const hours = checkArray(path, rules).map((rule, i) => readRule(`${path}[${i}]`, rule));
  for (const [i, { fromDay }] of hours.entries()) {
    if (i === 0 || fromDay > (hours[i - 1] as ReadHours).fromDay) continue;
    throw new Fault("FAULT_CONFIG", {
      path: `${path}[${i}].from`,
      value: rules[i]?.from,
      expected: "a date after the one before",
    });
  }
  return hours;
}

/** The moment of a plan's time on a day, in seconds since 1970. */
export function planSeconds(zone: ZoneRule, day: number, time: PlanTime): number {
  if (time.isUtc) return day * DAY_SECONDS + time.seconds;
  const before = Math.floor(time.seconds / DAY_SECONDS);
  return epochSecondsOf(zone, day + before, time.seconds - before * DAY_SECONDS);
}

function readRule(path: string, rule: HoursRule): ReadHours {
  checkKeys(path, rule, ["from", "plans"]);
  checkKeys(`${path}.plans`, rule.plans, Object.keys(rule.plans ?? {}));
  const read = new Map(
    Object.entries(rule.plans).map(([name, plan]) => [name, readPlan(`${path}.plans.${name}`, plan)]),
  );
  const plans = new Map<string, ReadPlan[]>();
  for (const [name, plan] of read) {
    if (name.includes("@")) continue;
    plans.set(
      name,
      WEEKDAYS.map((weekday) => read.get(`${name}@${weekday}`) ?? plan),
    );
  }
  for (const name of read.keys()) {
    const [base, weekday] = name.split("@");
    if (weekday === undefined) continue;
    checkChoice(`${path}.plans.${name}: the weekday`, weekday, WEEKDAYS);
    checkChoice(`${path}.plans.${name}: the plan`, base, [...plans.keys()]);
  }
  checkChoice(`${path}.plans`, "regular", [...plans.keys()]);
  return { fromDay: dayOf(rule.from), plans };
}

function readPlan(path: string, plan: DayPlan): ReadPlan {
  checkKeys(path, plan, ["open", "close", "phases"]);
  const phases = checkArray(`${path}.phases`, plan.phases, 2).map(
    ([from, phase], i): readonly [PlanTime, number] => [
      readTime(`${path}.phases[${i}]`, from),
      PHASE[checkChoice(`${path}.phases[${i}]`, phase, PHASES)],
    ],
  );
  if (phases[phases.length - 1]?.[1] !== PHASE.closed) {
    throw new Fault("FAULT_CONFIG", { path: `${path}.phases`, expected: "closed as the last phase" });
  }
  return {
    open: readTime(`${path}.open`, plan.open),
    close: readTime(`${path}.close`, plan.close),
    phases,
  };
}

function readTime(path: string, text: string): PlanTime {
  const match = TIME.exec(checkText(path, text));
  const [days, hour, minute, second] = [1, 2, 3, 4].map((part) => Number(match?.[part] ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const seconds = hour * 3_600 + minute * 60 + second;
  if (match === null || seconds > DAY_SECONDS) {
    throw new Fault("FAULT_CONFIG", {
      path,
      value: text,
      expected: "a time such as 09:30, -1d 17:00 or 00:10Z",
    });
  }
  return { seconds: seconds - days * DAY_SECONDS, isUtc: match[5] === "Z" };
}
