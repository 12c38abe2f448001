import { type Refusal, refuse } from "../base/index.ts";
import type { ClockReading } from "./clock-readings.ts";
import type { ClockRefusalCode } from "./clock-refusals.ts";

/**
 * What a field of a reading has to be: `size` is a number of at least 0, `count` a whole one, `instant` a bigint of
 * at least 0. A list names the words that are allowed.
 */
type FieldKind = "bigint" | "instant" | "number" | "size" | "count" | "boolean" | "text" | readonly string[];

const EXPECTED: Readonly<Record<Exclude<FieldKind, readonly string[]>, string>> = {
  bigint: "a bigint of nanoseconds",
  instant: "a bigint of at least 0",
  number: "a finite number",
  size: "a finite number of at least 0",
  count: "an integer of at least 0",
  boolean: "true or false",
  text: "a string that is not empty",
};

const LEAPS = ["none", "insert", "delete", "unknown"] as const;

const STAMPS: Readonly<Record<string, FieldKind>> = {
  sysRealtimeNs: "instant",
  monotonicRawNs: "instant",
  monotonic: ["raw", "slewed"],
  realtimeResolutionNs: "size",
  pairUncertaintyNs: "size",
};

const PARTS: Readonly<Record<string, Readonly<Record<string, FieldKind>>>> = {
  phc: {
    device: "text",
    offsetNs: "bigint",
    uncertaintyNs: "size",
    method: ["precise", "extended", "basic"],
  },
  kernel: {
    status: "count",
    synchronised: "boolean",
    maxErrorUs: "size",
    estErrorUs: "size",
    taiOffset: "number",
    freqPpm: "number",
  },
  ntp: {
    synchronised: "boolean",
    reference: "text",
    stratum: "count",
    offsetNs: "number",
    rootDelayNs: "size",
    rootDispersionNs: "size",
    frequencyPpm: "number",
    skewPpm: "size",
    leap: LEAPS,
    referenceTimeNs: "instant",
  },
  ptp: {
    clockIdentity: "text",
    grandmasterIdentity: "text",
    grandmasterPresent: "boolean",
    stepsRemoved: "count",
    masterOffsetNs: "number",
    meanPathDelayNs: "size",
    ingressTimeNs: "bigint",
    grandmasterClass: "count",
    grandmasterAccuracy: "count",
    currentUtcOffset: "number",
    utcOffsetValid: "boolean",
    ptpTimescale: "boolean",
    timeTraceable: "boolean",
    frequencyTraceable: "boolean",
    timeSource: "count",
    leap: LEAPS,
  },
};

/**
 * Looks at every field of a reading before anything is computed from it: types, and what may not be below 0.
 *
 * @refuses `CLOCK_READING_SHAPE` a field of another type, `CLOCK_READING_RANGE` one that is negative, or not finite
 */
export function checkClockReading(reading: ClockReading): Refusal<ClockRefusalCode> | undefined {
  const record = objectOf(reading);
  if (record === undefined) return refuse("CLOCK_READING_SHAPE", "reading", reading, "an object");
  const stamps = objectOf(record["stamps"]);
  if (stamps === undefined) {
    return refuse("CLOCK_READING_SHAPE", "stamps", record["stamps"], "the stamps of this machine");
  }
  const wrong = checkFields("stamps", stamps, STAMPS);
  if (wrong !== undefined) return wrong;
  if (stamps["taiNs"] !== undefined) {
    const refusal = checkFields("stamps", stamps, { taiNs: "instant" });
    if (refusal !== undefined) return refusal;
  }
  for (const [part, fields] of Object.entries(PARTS)) {
    const refusal = checkPart(part, record[part], fields);
    if (refusal !== undefined) return refusal;
  }
  const states = reading.ptp?.portStates;
  if (
    reading.ptp !== undefined &&
    !(Array.isArray(states) && states.every((item) => typeof item === "string"))
  ) {
    return refuse("CLOCK_READING_SHAPE", "ptp.portStates", states, "an array of names");
  }
  return undefined;
}

function checkPart(
  part: string,
  value: unknown,
  fields: Readonly<Record<string, FieldKind>>,
): Refusal<ClockRefusalCode> | undefined {
  if (value === undefined) return undefined;
  const record = objectOf(value);
  if (record === undefined) return refuse("CLOCK_READING_SHAPE", part, value, "an object or nothing");
  return checkFields(part, record, fields);
}

function checkFields(
  part: string,
  record: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, FieldKind>>,
): Refusal<ClockRefusalCode> | undefined {
  for (const [field, kind] of Object.entries(fields)) {
    const value = record[field];
    const code = codeOf(value, kind);
    if (code === undefined) continue;
    const expected = typeof kind === "string" ? EXPECTED[kind] : `one of ${kind.join(", ")}`;
    return refuse(code, `${part}.${field}`, value, expected);
  }
  return undefined;
}

function codeOf(value: unknown, kind: FieldKind): ClockRefusalCode | undefined {
  if (typeof kind !== "string") {
    return typeof value === "string" && kind.includes(value) ? undefined : "CLOCK_READING_SHAPE";
  }
  if (kind === "text") return typeof value === "string" && value !== "" ? undefined : "CLOCK_READING_SHAPE";
  if (kind === "boolean") return typeof value === "boolean" ? undefined : "CLOCK_READING_SHAPE";
  if (kind === "bigint" || kind === "instant") {
    if (typeof value !== "bigint") return "CLOCK_READING_SHAPE";
    return kind === "instant" && value < 0n ? "CLOCK_READING_RANGE" : undefined;
  }
  if (typeof value !== "number") return "CLOCK_READING_SHAPE";
  if (!Number.isFinite(value)) return "CLOCK_READING_RANGE";
  if (kind !== "number" && value < 0) return "CLOCK_READING_RANGE";
  return kind === "count" && !Number.isSafeInteger(value) ? "CLOCK_READING_RANGE" : undefined;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
