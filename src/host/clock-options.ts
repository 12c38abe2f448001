import {
  canonicalJson,
  checkChoice,
  checkInteger,
  checkKeys,
  checkNumber,
  Fault,
  sha256Hex,
} from "../base/index.ts";
import { CLOCK_PROFILES, type ClockPolicy, type ClockProfileName } from "./clock-profiles.ts";

/** How a clock is watched; everything has a default. */
export interface ClockMonitorOptions {
  /** The time between two samples. 1 s unless given. @units ns */
  readonly sampleNs?: number;
  /** Above it the clock is degraded: an engineering threshold, no legal figure. 1 µs unless given. @units ns */
  readonly degradedNs?: number;
  /** Above it the clock is out of tolerance. 100 µs, the limit for high frequency trading, unless given. @units ns */
  readonly toleranceNs?: number;
  /** A jump of CLOCK_REALTIME against CLOCK_MONOTONIC_RAW above it is a step. 100 µs unless given. @units ns */
  readonly stepNs?: number;
  /** How fast a daemon may slew without that being a step. 500 unless given. @units ppm */
  readonly slewPpmMax?: number;
  /** How fast an undisciplined clock drifts at least. 1 unless given; a greater measured drift counts. @units ppm */
  readonly holdoverPpm?: number;
  /** After so long without a source nothing is claimed any more. 1 h unless given. @units ns */
  readonly holdoverNsMax?: number;
  /** PTP messages that have not come for so long are a loss. 3 samples unless given. @units ns */
  readonly staleNs?: number;
  /** So many good samples end the state `stepped`. 3 unless given. */
  readonly settleSamples?: number;
  /** A gap of more samples than this is reported. 2 unless given. */
  readonly gapSamples?: number;
  /**
   * The greatest asymmetry of the network path. Unless given the whole mean path delay, which is what can be proved
   * without knowing the path. @units ns
   */
  readonly asymmetryNs?: number;
  /**
   * The grandmaster's own error. Unless given what its clockAccuracy says; where that is unknown, no bound. @units
   * ns
   */
  readonly grandmasterUncertaintyNs?: number;
  /** What PTP disciplines: a hardware clock, or with software stamps the system clock itself. `phc` unless given. */
  readonly ptpDisciplines?: "phc" | "system";
  /**
   * Whose daemon sets this machine's clock, where PTP and NTP are both watched. The one that is named is counted on
   * in holdover while the other, a witness, answers. With `either`, which it is unless given, a source that is lost
   * while another answers is not: that one may be moving the clock.
   */
  readonly discipline?: "ptp" | "ntp" | "either";
  /** How many samples the drift is estimated from. 64 unless given. */
  readonly driftWindow?: number;
  /** Which profiles are judged, and what follows where one does not hold. `rts25-hft: "flag"` unless given. */
  readonly profiles?: Readonly<Partial<Record<ClockProfileName, ClockPolicy>>>;
}

/** {@link ClockMonitorOptions} with everything said. */
export interface ClockSettings
  extends Required<Omit<ClockMonitorOptions, "asymmetryNs" | "grandmasterUncertaintyNs" | "profiles">> {
  readonly asymmetryNs?: number;
  readonly grandmasterUncertaintyNs?: number;
  readonly profiles: readonly (readonly [ClockProfileName, ClockPolicy])[];
  /** SHA-256 of the settings as canonical JSON, for the evidence. */
  readonly configurationHash: string;
}

const KEYS = [
  "sampleNs",
  "degradedNs",
  "toleranceNs",
  "stepNs",
  "slewPpmMax",
  "holdoverPpm",
  "holdoverNsMax",
  "staleNs",
  "settleSamples",
  "gapSamples",
  "asymmetryNs",
  "grandmasterUncertaintyNs",
  "ptpDisciplines",
  "discipline",
  "driftWindow",
  "profiles",
];

const MS = 1_000_000;
const DAY_NS = 86_400_000 * MS;

/** Checks the options of a monitor and fills in what was left out. @throws `FAULT_CONFIG` naming the option */
export function clockSettings(options: ClockMonitorOptions): ClockSettings {
  checkKeys("options", options, KEYS);
  const { asymmetryNs, grandmasterUncertaintyNs } = options;
  const sampleNs = checkInteger("options.sampleNs", options.sampleNs ?? 1_000 * MS, 10 * MS, 60_000 * MS);
  const degradedNs = checkNumber("options.degradedNs", options.degradedNs ?? 1_000, 1, DAY_NS);
  const settings = {
    sampleNs,
    degradedNs,
    toleranceNs: checkNumber("options.toleranceNs", options.toleranceNs ?? 100_000, degradedNs, DAY_NS),
    stepNs: checkNumber("options.stepNs", options.stepNs ?? 100_000, 1, DAY_NS),
    slewPpmMax: checkNumber("options.slewPpmMax", options.slewPpmMax ?? 500, 0, 100_000),
    holdoverPpm: checkNumber("options.holdoverPpm", options.holdoverPpm ?? 1, 0, 1_000),
    holdoverNsMax: checkInteger(
      "options.holdoverNsMax",
      options.holdoverNsMax ?? 3_600_000 * MS,
      0,
      30 * DAY_NS,
    ),
    staleNs: checkInteger("options.staleNs", options.staleNs ?? 3 * sampleNs, sampleNs, DAY_NS),
    settleSamples: checkInteger("options.settleSamples", options.settleSamples ?? 3, 1, 3_600),
    gapSamples: checkInteger("options.gapSamples", options.gapSamples ?? 2, 1, 3_600),
    ptpDisciplines: checkChoice("options.ptpDisciplines", options.ptpDisciplines ?? "phc", ["phc", "system"]),
    discipline: checkChoice("options.discipline", options.discipline ?? "either", ["ptp", "ntp", "either"]),
    driftWindow: checkInteger("options.driftWindow", options.driftWindow ?? 64, 8, 512),
    ...(asymmetryNs !== undefined && {
      asymmetryNs: checkNumber("options.asymmetryNs", asymmetryNs, 0, DAY_NS),
    }),
    ...(grandmasterUncertaintyNs !== undefined && {
      grandmasterUncertaintyNs: checkNumber(
        "options.grandmasterUncertaintyNs",
        grandmasterUncertaintyNs,
        0,
        DAY_NS,
      ),
    }),
    profiles: checkProfiles(options.profiles ?? { "rts25-hft": "flag" }),
  };
  return { ...settings, configurationHash: sha256Hex(canonicalJson(settings)) };
}

function checkProfiles(
  profiles: Readonly<Partial<Record<ClockProfileName, ClockPolicy>>>,
): readonly (readonly [ClockProfileName, ClockPolicy])[] {
  const names = Object.keys(CLOCK_PROFILES);
  checkKeys("options.profiles", profiles, names);
  const chosen: (readonly [ClockProfileName, ClockPolicy])[] = [];
  for (const name of names as ClockProfileName[]) {
    const policy = profiles[name];
    if (policy === undefined) continue;
    chosen.push([name, checkChoice(`options.profiles.${name}`, policy, ["flag", "warn", "block"])]);
  }
  if (chosen.length > 0) return chosen;
  throw new Fault("FAULT_CONFIG", {
    path: "options.profiles",
    value: profiles,
    expected: "at least one profile",
  });
}
