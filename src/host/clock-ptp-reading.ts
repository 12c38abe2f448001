import { Fault } from "../base/index.ts";
import { PTP_PORT_STATES, PTP_TIME_FLAGS, type PtpDataSet } from "./clock-ptp-sets.ts";
import type { PtpReading } from "./clock-readings.ts";

/** The data sets of one clock that a reading is made of. */
export interface PtpClockSets {
  readonly defaults: PtpDataSet<"DEFAULT_DATA_SET">;
  readonly current: PtpDataSet<"CURRENT_DATA_SET">;
  readonly parent: PtpDataSet<"PARENT_DATA_SET">;
  readonly time: PtpDataSet<"TIME_PROPERTIES_DATA_SET">;
  readonly status: PtpDataSet<"TIME_STATUS_NP">;
  readonly ports: readonly PtpDataSet<"PORT_DATA_SET">[];
}

/**
 * Puts data sets together, which a clock answers one after the other.
 *
 * @throws `FAULT_INPUT` where they are of two grandmasters, a path delay is below 0 (a reading cannot take it), or
 * a port is in no known state
 */
export function ptpReading(sets: PtpClockSets): PtpReading {
  const { defaults, current, parent, time, status, ports } = sets;
  // Where its grandmaster is lost ptp4l says so by its parent at once, and by gmPresent with the next sync message
  // alone.
  const follows = status.gmPresent !== 0 && parent.grandmasterIdentity !== defaults.clockIdentity;
  if (follows && status.gmIdentity !== parent.grandmasterIdentity) {
    bad("grandmasterIdentity", parent.grandmasterIdentity, `${status.gmIdentity}, as in TIME_STATUS_NP`);
  }
  if (current.meanPathDelay < 0) bad("meanPathDelay", current.meanPathDelay, "at least 0");
  const has = (flag: keyof typeof PTP_TIME_FLAGS): boolean => (time.timeFlags & PTP_TIME_FLAGS[flag]) !== 0;
  return {
    clockIdentity: defaults.clockIdentity,
    grandmasterIdentity: parent.grandmasterIdentity,
    grandmasterPresent: follows,
    portStates: ports.map(
      ({ portState }) => PTP_PORT_STATES[portState - 1] ?? bad("portState", portState, "1 to 10"),
    ),
    stepsRemoved: current.stepsRemoved,
    masterOffsetNs: Number(status.masterOffset),
    meanPathDelayNs: current.meanPathDelay,
    ingressTimeNs: status.ingressTime,
    grandmasterClass: parent.clockClass,
    grandmasterAccuracy: parent.clockAccuracy,
    currentUtcOffset: time.currentUtcOffset,
    utcOffsetValid: has("currentUtcOffsetValid"),
    ptpTimescale: has("ptpTimescale"),
    timeTraceable: has("timeTraceable"),
    frequencyTraceable: has("frequencyTraceable"),
    timeSource: time.timeSource,
    leap: has("leap61") ? "insert" : has("leap59") ? "delete" : "none",
  };
}

function bad(field: string, value: unknown, expected: string): never {
  throw new Fault("FAULT_INPUT", { path: `ptp.${field}`, value, expected });
}
