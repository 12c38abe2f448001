import { Fault } from "../base/index.ts";
import { isSynchronised } from "./clock-chrony-packet.ts";
import type { LeapNotice, NtpReading } from "./clock-readings.ts";

const FIELDS = [
  "reference",
  "address",
  "stratum",
  "referenceTime",
  "correction",
  "lastOffset",
  "rmsOffset",
  "frequency",
  "residualFrequency",
  "skew",
  "rootDelay",
  "rootDispersion",
  "updateInterval",
  "leapStatus",
] as const;

const LEAPS: Readonly<Record<string, LeapNotice>> = {
  Normal: "none",
  "Insert second": "insert",
  "Delete second": "delete",
  "Not synchronised": "unknown",
};

/**
 * Reads the line of `chronyc -n -c tracking`: for where the daemon's UDP port is closed.
 *
 * @throws `FAULT_INPUT` naming the field: missing, no number, a delay, dispersion or skew below 0, an unknown leap
 * status
 */
export function readChronyCsv(text: string): NtpReading {
  const cells = text.trimEnd().split(",");
  if (text.trim().includes("\n") || cells.length < FIELDS.length) {
    bad("line", text.slice(0, 120), `one line of ${FIELDS.length} fields`);
  }
  const cell = (field: (typeof FIELDS)[number]): string => cells[FIELDS.indexOf(field)] as string;
  const number = (field: (typeof FIELDS)[number], min: number): number => {
    const value = cell(field);
    const found = /^[-+]?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    return found >= min ? found : bad(field, value, min === 0 ? "a number of at least 0" : "a number");
  };
  const any = Number.NEGATIVE_INFINITY;
  const reference = /^[0-9A-F]{8}$/.test(cell("reference"))
    ? cell("reference")
    : bad("reference", cell("reference"), "8 hex digits");
  const leap =
    LEAPS[cell("leapStatus")] ?? bad("leapStatus", cell("leapStatus"), Object.keys(LEAPS).join(", "));
  const stratum = number("stratum", 0);
  const address = cell("address");
  return {
    synchronised: isSynchronised(reference, stratum, leap),
    reference,
    ...(address !== "" && { address }),
    stratum,
    offsetNs: 0 - number("correction", any) * 1e9,
    rootDelayNs: number("rootDelay", 0) * 1e9,
    rootDispersionNs: number("rootDispersion", 0) * 1e9,
    frequencyPpm: number("frequency", any),
    skewPpm: number("skew", 0),
    leap,
    referenceTimeNs: epochNs(cell("referenceTime")),
  };
}

function epochNs(text: string): bigint {
  const match = /^(\d+)\.(\d{1,9})$/.exec(text);
  if (match === null) return bad("referenceTime", text, "seconds with a fraction");
  return BigInt(match[1] as string) * 1_000_000_000n + BigInt((match[2] as string).padEnd(9, "0"));
}

function bad(field: string, value: unknown, expected: string): never {
  throw new Fault("FAULT_INPUT", { path: `chronyc.${field}`, value, expected });
}
