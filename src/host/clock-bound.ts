import type { ClockSettings } from "./clock-options.ts";
import type { ClockReading, PtpReading } from "./clock-readings.ts";

/** The parts of a divergence bound, each of at least 0. Their sum is the bound. @units ns */
export interface ClockTerms {
  /** How far the disciplined clock is from its reference. */
  readonly referenceOffsetNs: number;
  /** How far the system clock is from the hardware clock that PTP disciplines. */
  readonly hostOffsetNs: number;
  /** What reading the hardware clock cannot tell. */
  readonly readNs: number;
  /** What the path may be longer one way than the other. */
  readonly asymmetryNs: number;
  /** The reference's own error: of the grandmaster, or the root dispersion of NTP. */
  readonly referenceUncertaintyNs: number;
  /** Drift since the last message of the source. */
  readonly holdoverNs: number;
  /** Steps that no source has confirmed yet. */
  readonly stepNs: number;
}

/** By what way the system clock is compared with UTC. */
export type ClockPath = "ptp" | "ntp" | "kernel";

/** `measured` is PTP with a hardware clock; `bound` is what a daemon guarantees, no proof; `none` is nothing. */
export type ClockProof = "measured" | "bound" | "none";

/** Why a path gives no bound, or one that proves less. */
export type ClockReason =
  | "noSource"
  | "ptpNoGrandmaster"
  | "ptpNotSlave"
  | "ptpNoHardwareClock"
  | "ptpUtcOffsetInvalid"
  | "ptpGrandmasterAccuracyUnknown"
  | "ptpStale"
  | "ntpUnsynchronized"
  | "ntpLocalReference"
  | "kernelUnsynchronized"
  | "sourcesDisagree";

/** What one path says at one sample. */
export interface PathBound {
  readonly path: ClockPath;
  readonly proof: ClockProof;
  readonly source: string;
  /** The system clock minus its reference: above 0 it is ahead. @units ns */
  readonly offsetNs: number;
  readonly terms: ClockTerms;
  readonly traceable: boolean;
  /**
   * How old the last message is, by the clock that stamped it; left out where the source accounts for it. @units ns
   */
  readonly messageAgeNs?: number;
  /** How far the hardware clock's time scale is ahead of UTC, where one is compared with. @units ns */
  readonly scaleNs?: bigint;
}

/** The sum of the terms. @units ns */
export function boundOf(terms: ClockTerms): number {
  return (
    terms.referenceOffsetNs +
    terms.hostOffsetNs +
    terms.readNs +
    terms.asymmetryNs +
    terms.referenceUncertaintyNs +
    terms.holdoverNs +
    terms.stepNs
  );
}

/** What every path of a reading says, and why the others say nothing. */
export function pathBounds(
  reading: ClockReading,
  settings: ClockSettings,
): { readonly paths: readonly PathBound[]; readonly reasons: readonly ClockReason[] } {
  const paths: PathBound[] = [];
  const reasons: ClockReason[] = [];
  for (const found of [ptpBound(reading, settings), ntpBound(reading), kernelBound(reading)]) {
    if (typeof found === "string") reasons.push(found);
    else if (found !== undefined) paths.push(found);
  }
  if (paths.length === 0 && reasons.length === 0) reasons.push("noSource");
  return { paths, reasons };
}

const NO_TERMS: ClockTerms = {
  referenceOffsetNs: 0,
  hostOffsetNs: 0,
  readNs: 0,
  asymmetryNs: 0,
  referenceUncertaintyNs: 0,
  holdoverNs: 0,
  stepNs: 0,
};

function ptpBound(reading: ClockReading, settings: ClockSettings): PathBound | ClockReason | undefined {
  const { ptp, phc, stamps } = reading;
  if (ptp === undefined) return undefined;
  if (!ptp.grandmasterPresent) return "ptpNoGrandmaster";
  if (!ptp.portStates.includes("SLAVE")) return "ptpNotSlave";
  const hardware = settings.ptpDisciplines === "phc";
  if (hardware && phc === undefined) return "ptpNoHardwareClock";
  if (ptp.ptpTimescale && !ptp.utcOffsetValid) return "ptpUtcOffsetInvalid";
  const referenceUncertaintyNs = settings.grandmasterUncertaintyNs ?? accuracyNs(ptp.grandmasterAccuracy);
  if (referenceUncertaintyNs === undefined) return "ptpGrandmasterAccuracyUnknown";
  const hostNs = hardware && phc !== undefined ? Number(phc.offsetNs - scaleNs(ptp)) : 0;
  const terms: ClockTerms = {
    ...NO_TERMS,
    referenceOffsetNs: Math.abs(ptp.masterOffsetNs),
    hostOffsetNs: Math.abs(hostNs),
    readNs: hardware && phc !== undefined ? phc.uncertaintyNs : 0,
    asymmetryNs: settings.asymmetryNs ?? ptp.meanPathDelayNs,
    referenceUncertaintyNs,
  };
  return {
    path: "ptp",
    proof: hardware ? "measured" : "bound",
    source: `ptp ${ptp.grandmasterIdentity}`,
    offsetNs: ptp.masterOffsetNs - hostNs,
    terms,
    traceable: ptp.timeTraceable,
    messageAgeNs: Number(stamps.sysRealtimeNs + (hardware ? (phc?.offsetNs ?? 0n) : 0n) - ptp.ingressTimeNs),
    ...(hardware && { scaleNs: scaleNs(ptp) }),
  };
}

/** How far the hardware clock's time scale is ahead of UTC. @units ns */
function scaleNs(ptp: PtpReading): bigint {
  return ptp.ptpTimescale ? BigInt(Math.round(ptp.currentUtcOffset)) * 1_000_000_000n : 0n;
}

function ntpBound(reading: ClockReading): PathBound | ClockReason | undefined {
  const { ntp } = reading;
  if (ntp === undefined) return undefined;
  if (!ntp.synchronised || ntp.leap === "unknown") return "ntpUnsynchronized";
  if (ntp.reference.toUpperCase() === NTP_LOCAL) return "ntpLocalReference";
  return {
    path: "ntp",
    proof: "bound",
    source: `ntp ${ntp.reference}`,
    offsetNs: ntp.offsetNs,
    terms: {
      ...NO_TERMS,
      referenceOffsetNs: Math.abs(ntp.offsetNs),
      asymmetryNs: ntp.rootDelayNs / 2,
      referenceUncertaintyNs: ntp.rootDispersionNs,
    },
    traceable: true,
  };
}

/** The reference id of a daemon that follows itself. @source RFC 5905, figure 12 (LOCL), as chronyd writes it */
const NTP_LOCAL = "7F7F0101";

function kernelBound(reading: ClockReading): PathBound | ClockReason | undefined {
  const { kernel } = reading;
  if (kernel === undefined) return undefined;
  if (!kernel.synchronised) return "kernelUnsynchronized";
  return {
    path: "kernel",
    proof: "bound",
    source: "kernel",
    offsetNs: 0,
    terms: { ...NO_TERMS, referenceUncertaintyNs: kernel.maxErrorUs * 1_000 },
    traceable: false,
  };
}

/**
 * What a clockAccuracy claims: the time is accurate to within so much; undefined where it claims nothing.
 *
 * @units ns
 * @source IEEE 1588-2008, table 6, and the values below 0x20 of IEEE 1588-2019, table 5
 */
export function accuracyNs(accuracy: number): number | undefined {
  return ACCURACY_NS[accuracy - 0x17];
}

/** From 0x17, 1 ps, to 0x30, 10 s. @units ns */
const ACCURACY_NS: readonly number[] = [
  ...[0.001, 0.0025, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10],
  ...[25, 100, 250, 1e3, 2.5e3, 1e4, 2.5e4, 1e5, 2.5e5],
  ...[1e6, 2.5e6, 1e7, 2.5e7, 1e8, 2.5e8, 1e9, 1e10],
];
