import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkText,
  Fault,
} from "../base/index.ts";
import { type EpochNanos, NANOS_PER_SECOND } from "../model/index.ts";
import { type CivilDate, DAY_SECONDS, dateText, dayOf } from "./civil-date.ts";
import { type HoursRule, type ReadHours, readHours } from "./day-plan.ts";
import type { HolidayRule } from "./holiday-rule.ts";
import { orderMasks, type PhaseOrders } from "./order-phases.ts";
import { PHASE, PHASES, type PhaseName } from "./phase.ts";
import type { PhaseWindow } from "./phase-timeline.ts";
import { yearSeconds, ZONE_YEARS, type ZoneName, type ZoneRule, zoneRule } from "./zone.ts";

/** A stretch of time with a phase of its own, whatever the hours say: maintenance, an outage, an extra session. */
export interface CalendarWindow {
  readonly fromNs: EpochNanos;
  /** The end, not included. */
  readonly untilNs: EpochNanos;
  readonly phase: PhaseName;
  readonly reason: string;
}

/** What a trading calendar is made of. */
export interface CalendarOptions {
  readonly name: string;
  /** The wall clock of the hours: a name, or a rule of one's own. */
  readonly zone: ZoneName | ZoneRule;
  /** The hours by date, the oldest first; the calendar covers time from there on. */
  readonly hours: readonly HoursRule[];
  /** The weekdays with hours, 0 is Sunday; Monday to Friday unless given. */
  readonly weekdays?: readonly number[];
  /** Of several rules for one day the first one holds. A rule with a plan opens the day on any weekday. */
  readonly holidays?: readonly HolidayRule[];
  /** Laid over the hours in order, to the whole second outwards. */
  readonly windows?: readonly CalendarWindow[];
  /** What differs from `ORDER_PHASES`, by phase. */
  readonly orderPhases?: Readonly<Partial<Record<PhaseName, PhaseOrders>>>;
  /** Whether orders that outlive the day may be sent while the market is closed; false unless given. */
  readonly queuesWhenClosed?: boolean;
  /** The last date covered; 2099-12-31 unless given. */
  readonly until?: CivilDate;
}

/** {@link CalendarOptions}, read. */
export interface ReadOptions {
  readonly name: string;
  readonly zone: ZoneRule;
  readonly hours: readonly ReadHours[];
  readonly weekdays: readonly number[];
  readonly holidays: readonly HolidayRule[];
  readonly windows: readonly PhaseWindow[];
  readonly masks: Int32Array;
  readonly firstDay: number;
  readonly lastDay: number;
}

const KEYS = [
  "name",
  "zone",
  "hours",
  "weekdays",
  "holidays",
  "windows",
  "orderPhases",
  "queuesWhenClosed",
  "until",
];

/** Checks and reads a calendar's options. */
export function readOptions(options: CalendarOptions): ReadOptions {
  checkKeys("calendar", options, KEYS);
  const hours = readHours("calendar.hours", options.hours);
  const firstDay = (hours[0] as ReadHours).fromDay;
  const lastDay = dayOf(options.until ?? "2099-12-31");
  checkCoverage(firstDay, lastDay);
  const plans = hours.map((each) => [...each.plans.keys()]);
  const weekdays = checkArray("calendar.weekdays", options.weekdays ?? [1, 2, 3, 4, 5]);
  return {
    name: checkText("calendar.name", options.name),
    zone: zoneRule("calendar.zone", options.zone),
    hours,
    weekdays: weekdays.map((each, i) => checkInteger(`calendar.weekdays[${i}]`, each, 0, 6)),
    holidays: checkArray("calendar.holidays", options.holidays ?? [], 0).map((rule, i) =>
      checkHoliday(`calendar.holidays[${i}]`, rule, plans),
    ),
    windows: checkArray("calendar.windows", options.windows ?? [], 0).map((window, i) =>
      readWindow(`calendar.windows[${i}]`, window),
    ),
    masks: orderMasks(
      options.orderPhases,
      checkBoolean("calendar.queuesWhenClosed", options.queuesWhenClosed ?? false),
    ),
    firstDay,
    lastDay,
  };
}

function checkCoverage(firstDay: number, lastDay: number): void {
  const first = yearSeconds(ZONE_YEARS.first) / DAY_SECONDS;
  const last = yearSeconds(ZONE_YEARS.last + 1) / DAY_SECONDS - 1;
  if (firstDay < first) {
    const path = "calendar.hours[0].from";
    throw new Fault("FAULT_CONFIG", { path, value: dateText(firstDay), expected: "2007-01-01 or later" });
  }
  checkInteger("calendar.until: its days since 1970-01-01", lastDay, firstDay, last);
}

function checkHoliday(path: string, rule: HolidayRule, plans: readonly (readonly string[])[]): HolidayRule {
  checkKeys(path, rule, ["name", "days", "plan", "countsForNext"]);
  checkText(`${path}.name`, rule.name);
  checkFunction(`${path}.days`, rule.days);
  if (rule.plan !== undefined) for (const known of plans) checkChoice(`${path}.plan`, rule.plan, known);
  if (rule.countsForNext !== undefined) checkBoolean(`${path}.countsForNext`, rule.countsForNext);
  return rule;
}

function readWindow(path: string, window: CalendarWindow): PhaseWindow {
  checkKeys(path, window, ["fromNs", "untilNs", "phase", "reason"]);
  const { fromNs, untilNs } = window;
  if (!(typeof fromNs === "bigint" && typeof untilNs === "bigint" && fromNs >= 0n && fromNs < untilNs)) {
    const expected = "fromNs before untilNs, both as bigint nanoseconds since 1970";
    throw new Fault("FAULT_CONFIG", { path, value: [fromNs, untilNs], expected });
  }
  const second = BigInt(NANOS_PER_SECOND);
  checkText(`${path}.reason`, window.reason);
  return {
    fromSeconds: Number(fromNs / second),
    untilSeconds: Number((untilNs + second - 1n) / second),
    phase: PHASE[checkChoice(`${path}.phase`, window.phase, PHASES)],
  };
}
