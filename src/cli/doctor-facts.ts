import { readdirSync } from "node:fs";
import { isRefusal } from "../base/index.ts";
import { nativeReport } from "../base/native.ts";
import {
  type ClockSource,
  type ClockSurvey,
  cpuReport,
  defaultClockSources,
  type MachineFacts,
  networkReport,
  processReport,
  surveyClock,
} from "../host/index.ts";
import { interfaceStamps, NativeClockSource, ptpSupport } from "../host/native.ts";

/** What was found of this machine, and how the clock's sources answered. */
export interface Examined {
  readonly facts: MachineFacts;
  readonly survey: ClockSurvey;
}

/** Looks at everything once; nothing is changed. */
export async function examineMachine(): Promise<Examined> {
  const native = nativeReport();
  const sources = [...(native.isAvailable ? [nativeSource()] : []), ...defaultClockSources()];
  const survey = await surveyClock(sources);
  const network = networkReport();
  const clock = {
    ...clockOf(survey),
    stampingInterfaces: native.isAvailable ? stamping(network.interfaces) : undefined,
  };
  return { facts: { cpu: cpuReport(), network, process: processReport(), clock, native }, survey };
}

/** The kernel's clocks, and the first PTP hardware clock that this process may open. */
function nativeSource(): ClockSource {
  for (const { device } of ptpSupport().devices) {
    try {
      return new NativeClockSource({ phc: device });
    } catch {
      // Not for this user: the survey still names the device.
    }
  }
  return new NativeClockSource();
}

/** Nobody says that the clock is synchronised where nobody was there to ask. */
function clockOf({
  finding,
  hardwareClocks,
  reading,
}: ClockSurvey): Omit<MachineFacts["clock"], "stampingInterfaces"> {
  const { kernel, ntp, ptp } = reading;
  const followed = [kernel?.synchronised, ntp?.synchronised, ptp?.grandmasterPresent].filter(
    (each) => each !== undefined,
  );
  return {
    isSynchronised: followed.length === 0 ? undefined : followed.includes(true),
    boundNs: isRefusal(finding) ? undefined : finding.boundNs,
    isMeasured: isRefusal(finding) ? undefined : finding.proof === "measured",
    devices: isThere("/dev") ? hardwareClocks : undefined,
  };
}

function isThere(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

/** Interfaces that stamp in hardware; undefined where no driver would say. */
function stamping(interfaces: MachineFacts["network"]["interfaces"]): readonly string[] | undefined {
  const asked = interfaces.map(({ name }) => {
    try {
      return { name, stamps: interfaceStamps(name).hasHardwareReceive };
    } catch {
      return { name, stamps: undefined };
    }
  });
  if (asked.every(({ stamps }) => stamps === undefined)) return undefined;
  return asked.filter(({ stamps }) => stamps === true).map(({ name }) => name);
}
