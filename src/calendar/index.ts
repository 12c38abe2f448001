export type { CalendarOptions, CalendarWindow } from "./calendar-options.ts";
export {
  type CivilDate,
  dateText,
  dayOf,
  easterSunday,
  nthWeekday,
  WEEKDAYS,
  type Weekday,
  weekdayOf,
} from "./civil-date.ts";
export type { DayPlan, HoursRule } from "./day-plan.ts";
export {
  EXCHANGE_ALIASES,
  EXCHANGES,
  type ExchangeAlias,
  type ExchangeName,
  tradingCalendar,
} from "./exchanges.ts";
export {
  type DaysOfYear,
  except,
  fixedDate,
  fromEaster,
  type HolidayRule,
  inYears,
  type Observed,
  onDates,
  onWeekdays,
  weekdayOfMonth,
} from "./holiday-rule.ts";
export { japaneseHolidays, type NationalHoliday } from "./japan-holidays.ts";
export {
  FUTURES_ORDER_PHASES,
  ORDER_PHASES,
  orderMasks,
  ordersAllowed,
  PHASE_ORDER_TYPES,
  PHASE_TIMES_IN_FORCE,
  type PhaseOrders,
  type PhaseOrderType,
  type PhaseTimeInForce,
  phaseAllows,
} from "./order-phases.ts";
export { PHASE, PHASES, type PhaseName } from "./phase.ts";
export { PhaseCursor, type PhaseCursorOptions } from "./phase-cursor.ts";
export type { PhaseTimeline } from "./phase-timeline.ts";
export { type PhaseChange, type Session, TradingCalendar } from "./trading-calendar.ts";
export { type ClockChange, ZONES, type ZoneName, type ZoneRule, zoneOffsetSeconds } from "./zone.ts";
