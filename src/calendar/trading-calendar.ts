import { Fault } from "../base/index.ts";
import { type EpochNanos, NANOS_PER_SECOND } from "../model/index.ts";
import {
  type CalendarOptions,
  type CalendarWindow,
  type ReadOptions,
  readOptions,
} from "./calendar-options.ts";
import { type CivilDate, DAY_SECONDS, dateText, dayOf, weekdayOf, yearOf } from "./civil-date.ts";
import { planSeconds, type ReadHours, type ReadPlan } from "./day-plan.ts";
import { type HolidayRule, onDates } from "./holiday-rule.ts";
import { ordersAllowed } from "./order-phases.ts";
import { PHASE } from "./phase.ts";
import { PhaseSpans, PhaseTimeline } from "./phase-timeline.ts";
import { yearSeconds } from "./zone.ts";

/** A trading day's regular session. */
export interface Session {
  /** The trading day, in days since 1970-01-01. */
  readonly day: number;
  /** The trading day as `YYYY-MM-DD`. */
  readonly date: string;
  /** When the regular session begins; with holiday trading that counts for this day, when that begins. */
  readonly openNs: EpochNanos;
  /** When the regular session ends. */
  readonly closeNs: EpochNanos;
  /** Whether the day has other hours than a regular one. */
  readonly isHalfDay: boolean;
  /** The holiday that changes the hours, if any. */
  readonly holiday?: string;
}

/** When a phase ends, and what comes then. */
export interface PhaseChange {
  readonly atNs: EpochNanos;
  /** A code of `PHASE`. */
  readonly phase: number;
}

/** Farther than this from a moment no change and no trading day is looked for. */
const HORIZON_DAYS = 400;
/** Days around a year whose phases may reach into it. */
const MARGIN_DAYS = 9;

/**
 * The trading days of a market and the phase it is in at each moment, by rules.
 *
 * A moment counts for the trading day whose phases hold it; after the last phase of a day, for the next trading
 * day. So the evening session of a futures market and all of a holiday count for the day that follows.
 *
 * @invariant Phases tile time without gaps; `nextChange` is the first moment at which `phaseAt` differs.
 * @throws `FAULT_CONFIG` on an option that is misspelt, missing or wrong; `FAULT_TIME` on a moment or date outside
 * of `firstDay` to `lastDay`.
 * @cost The first look at a year lays out its phases (about 1 ms, 20 kB); later ones are a binary search.
 * @example
 * ```ts
 * import { dateText, PHASES, tradingCalendar } from "tickwright/calendar";
 * import { parseNanos } from "tickwright/model";
 * const cme = tradingCalendar("CME");
 * const sundayEvening = parseNanos("2024-03-10T22:30:00Z");
 * if (typeof sundayEvening !== "bigint") throw new Error(sundayEvening.message);
 * PHASES[cme.phaseAt(sundayEvening)]; // => "continuous"
 * dateText(cme.tradingDayOf(sundayEvening)); // => "2024-03-11"
 * ```
 */
export class TradingCalendar {
  readonly name: string;
  /** The first and the last date covered, in days since 1970-01-01. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly #options: CalendarOptions;
  readonly #read: ReadOptions;
  readonly #timelines = new Map<number, PhaseTimeline>();
  readonly #rules = new Map<number, Map<number, HolidayRule>>();

  constructor(options: CalendarOptions) {
    this.#options = options;
    this.#read = readOptions(options);
    this.name = this.#read.name;
    this.firstDay = this.#read.firstDay;
    this.lastDay = this.#read.lastDay;
  }

  /** The phase at a moment, as a code of `PHASE`. */
  phaseAt(ns: EpochNanos): number {
    return this.phaseAtSeconds(secondsOf(ns));
  }

  /** The phase at a moment in seconds since 1970; a fraction belongs to its second. */
  phaseAtSeconds(seconds: number): number {
    const timeline = this.timelineAt(seconds);
    return timeline.phases[timeline.spanAt(seconds)] as number;
  }

  /** The trading day that a moment counts for, in days since 1970-01-01. */
  tradingDayOf(ns: EpochNanos): number {
    const seconds = secondsOf(ns);
    const timeline = this.timelineAt(seconds);
    return timeline.days[timeline.spanAt(seconds)] as number;
  }

  /** When the phase of a moment ends; undefined where none begins in the next 400 days, or within the calendar. */
  nextChange(ns: EpochNanos): PhaseChange | undefined {
    const seconds = secondsOf(ns);
    const end = Math.min(seconds + HORIZON_DAYS * DAY_SECONDS, this.#endSeconds);
    const phase = this.phaseAtSeconds(seconds);
    let at = seconds;
    while (at < end) {
      const timeline = this.timelineAt(at);
      const span = timeline.spanAt(at);
      const found = timeline.phases[span] as number;
      if (found !== phase) return { atNs: nanosOf(at), phase: found };
      at = timeline.starts[span + 1] as number;
    }
    return undefined;
  }

  /** Whether orders of a type and time in force may be sent in a phase; all three are codes. */
  allows(phase: number, type: number, timeInForce: number): boolean {
    return ordersAllowed(this.orderMask(phase), type, timeInForce);
  }

  /** The orders that a phase takes, as a mask for `ordersAllowed`; none in a phase that does not exist. */
  orderMask(phase: number): number {
    return this.#read.masks[phase] ?? 0;
  }

  /** Whether a date is a trading day: a day that trades are booked on. */
  isTradingDay(date: CivilDate): boolean {
    return this.#isTrading(this.#covered(date));
  }

  /** Whether a trading day has other hours than a regular one. */
  isHalfDay(date: CivilDate): boolean {
    const day = this.#covered(date);
    return this.#isTrading(day) && this.#isIrregular(day);
  }

  /** The holiday or closure of a date, also where it falls on a weekend. */
  holidayName(date: CivilDate): string | undefined {
    return this.#ruleOn(this.#covered(date))?.name;
  }

  /** The session of a trading day; undefined on other days. */
  sessionOf(date: CivilDate): Session | undefined {
    const day = this.#covered(date);
    return this.#isTrading(day) ? this.#session(day) : undefined;
  }

  /** The first session after a date; undefined where the calendar ends. */
  nextSession(date: CivilDate): Session | undefined {
    return this.#sessionFrom(this.#covered(date), 1);
  }

  /** The last session before a date; undefined where the calendar begins. */
  previousSession(date: CivilDate): Session | undefined {
    return this.#sessionFrom(this.#covered(date), -1);
  }

  /** The sessions of the trading days from one date to another, both included. */
  sessionsBetween(from: CivilDate, until: CivilDate): Session[] {
    const last = this.#covered(until);
    const found: Session[] = [];
    for (let day = this.#covered(from); day <= last; day += 1) {
      if (this.#isTrading(day)) found.push(this.#session(day));
    }
    return found;
  }

  /**
   * This calendar with one more day closed, or with the hours of one of its plans on that day.
   *
   * Phases that count for the day go with it, those of the evening before included; use `withWindow` to stop
   * trading in the middle of a session.
   */
  withClosure(date: CivilDate, reason: string, plan?: string): TradingCalendar {
    const rule: HolidayRule = {
      name: reason,
      days: onDates(this.#covered(date)),
      ...(plan === undefined ? {} : { plan }),
    };
    return new TradingCalendar({
      ...this.#options,
      holidays: [rule, ...(this.#options.holidays ?? [])],
    });
  }

  /** This calendar with another phase for some time: an outage, maintenance, an extra session. */
  withWindow(window: CalendarWindow): TradingCalendar {
    return new TradingCalendar({
      ...this.#options,
      windows: [...(this.#options.windows ?? []), window],
    });
  }

  /** The phases of the year (UTC) that holds a moment in seconds since 1970. */
  timelineAt(seconds: number): PhaseTimeline {
    if (!(seconds >= this.firstDay * DAY_SECONDS && seconds < this.#endSeconds)) {
      throw this.#outside("time", seconds);
    }
    const year = yearOf(Math.floor(seconds / DAY_SECONDS));
    let timeline = this.#timelines.get(year);
    if (timeline === undefined) {
      timeline = this.#layOut(year);
      this.#timelines.set(year, timeline);
    }
    return timeline;
  }

  get #endSeconds(): number {
    return (this.lastDay + 1) * DAY_SECONDS;
  }

  #layOut(year: number): PhaseTimeline {
    const [from, until] = [yearSeconds(year), yearSeconds(year + 1)];
    const first = from / DAY_SECONDS - MARGIN_DAYS;
    const day = this.#tradingDayAfter(first - 1);
    const spans = new PhaseSpans({ seconds: Number.NEGATIVE_INFINITY, phase: PHASE.closed, day });
    for (let date = first; date < until / DAY_SECONDS + MARGIN_DAYS; date += 1) this.#addDay(spans, date);
    for (const window of this.#read.windows) spans.lay(window);
    return new PhaseTimeline(from, until, spans.spans);
  }

  #addDay(spans: PhaseSpans, date: number): void {
    const plan = this.#planOn(date);
    if (plan === undefined) return;
    const next = this.#tradingDayAfter(date);
    const day = this.#isTrading(date) ? date : next;
    for (const [i, [from, phase]] of plan.phases.entries()) {
      const seconds = planSeconds(this.#read.zone, date, from);
      spans.add({ seconds, phase, day: i === plan.phases.length - 1 ? next : day });
    }
  }

  /** The hours of a date; undefined where it has none. */
  #planOn(day: number): ReadPlan | undefined {
    const hours = this.#read.hours.findLast((each) => day >= each.fromDay);
    const rule = this.#ruleOn(day);
    const isOpen =
      rule === undefined ? this.#read.weekdays.includes(weekdayOf(day)) : rule.plan !== undefined;
    return isOpen ? planOf(hours, rule?.plan ?? "regular", day) : undefined;
  }

  #isTrading(day: number): boolean {
    return this.#planOn(day) !== undefined && this.#ruleOn(day)?.countsForNext !== true;
  }

  #isIrregular(day: number): boolean {
    return (this.#ruleOn(day)?.plan ?? "regular") !== "regular";
  }

  #ruleOn(day: number): HolidayRule | undefined {
    const year = yearOf(day);
    let rules = this.#rules.get(year);
    if (rules === undefined) {
      rules = new Map();
      for (const rule of this.#read.holidays) {
        // A holiday may be moved over the turn of the year.
        for (const near of [year - 1, year, year + 1]) {
          for (const each of rule.days(near)) if (!rules.has(each)) rules.set(each, rule);
        }
      }
      this.#rules.set(year, rules);
    }
    return rules.get(day);
  }

  #tradingDayAfter(day: number): number {
    for (let next = day + 1; next <= day + HORIZON_DAYS; next += 1) {
      if (this.#isTrading(next)) return next;
    }
    throw new Fault("FAULT_CONFIG", {
      path: "calendar.holidays",
      value: dateText(day),
      expected: `a trading day within ${HORIZON_DAYS} days after that date`,
    });
  }

  #session(day: number): Session {
    const plan = this.#planOn(day) as ReadPlan;
    const rule = this.#ruleOn(day);
    return {
      day,
      date: dateText(day),
      openNs: nanosOf(this.#opening(day, plan)),
      closeNs: nanosOf(planSeconds(this.#read.zone, day, plan.close)),
      isHalfDay: this.#isIrregular(day),
      ...(rule === undefined ? {} : { holiday: rule.name }),
    };
  }

  /** The opening of a trading day, or of the first day before it that counts for it. */
  #opening(day: number, plan: ReadPlan): number {
    let opening = planSeconds(this.#read.zone, day, plan.open);
    for (let before = day - 1; before >= this.firstDay && !this.#isTrading(before); before -= 1) {
      const open = this.#planOn(before)?.open;
      if (open !== undefined) opening = planSeconds(this.#read.zone, before, open);
    }
    return opening;
  }

  #sessionFrom(day: number, step: number): Session | undefined {
    for (let near = day + step; near >= this.firstDay && near <= this.lastDay; near += step) {
      if (this.#isTrading(near)) return this.#session(near);
    }
    return undefined;
  }

  #covered(date: CivilDate): number {
    const day = dayOf(date);
    if (day >= this.firstDay && day <= this.lastDay) return day;
    throw this.#outside("date", date);
  }

  #outside(path: string, value: unknown): Fault {
    const expected = `one from ${dateText(this.firstDay)} to ${dateText(this.lastDay)}`;
    return new Fault("FAULT_TIME", { path: `${this.name}: ${path}`, value, expected });
  }
}

function planOf(hours: ReadHours | undefined, name: string, day: number): ReadPlan | undefined {
  return hours?.plans.get(name)?.[weekdayOf(day)];
}

function secondsOf(ns: EpochNanos): number {
  if (typeof ns === "bigint") return Number(ns / BigInt(NANOS_PER_SECOND));
  throw new Fault("FAULT_INPUT", { path: "ns", value: ns, expected: "a bigint, in nanoseconds since 1970" });
}

function nanosOf(seconds: number): EpochNanos {
  return BigInt(seconds) * BigInt(NANOS_PER_SECOND);
}
