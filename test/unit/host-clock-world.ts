import { expect } from "vitest";
import { isRefusal } from "../../src/base/index.ts";
import type {
  ClockEvent,
  ClockFinding,
  ClockMonitor,
  ClockReading,
  ClockSampled,
  KernelClockReading,
  NtpReading,
  PhcReading,
  PtpReading,
} from "../../src/host/index.ts";

export const SECOND = 1_000_000_000n;
/** Noon of 2 March 2026. */
export const NOON = 1_772_452_800n * SECOND;
export const GRANDMASTER = "00aabbfffe010203";

export const PTP: PtpReading = {
  clockIdentity: "00ccddfffe040506",
  grandmasterIdentity: GRANDMASTER,
  grandmasterPresent: true,
  portStates: ["SLAVE"],
  stepsRemoved: 1,
  masterOffsetNs: 40,
  meanPathDelayNs: 300,
  ingressTimeNs: 0n,
  grandmasterClass: 6,
  grandmasterAccuracy: 0x20,
  currentUtcOffset: 37,
  utcOffsetValid: true,
  ptpTimescale: true,
  timeTraceable: true,
  frequencyTraceable: true,
  timeSource: 0x20,
  leap: "none",
};

export const PHC: PhcReading = {
  device: "/dev/ptp0",
  offsetNs: 37n * SECOND - 60n,
  uncertaintyNs: 125,
  method: "extended",
};

export const NTP: NtpReading = {
  synchronised: true,
  reference: "0A000001",
  address: "10.0.0.1",
  stratum: 2,
  offsetNs: -20_000,
  rootDelayNs: 400_000,
  rootDispersionNs: 50_000,
  frequencyPpm: -3,
  skewPpm: 0.02,
  leap: "none",
  referenceTimeNs: NOON,
};

export const KERNEL: KernelClockReading = {
  status: 0x2001,
  synchronised: true,
  maxErrorUs: 900,
  estErrorUs: 20,
  taiOffset: 37,
  freqPpm: -3,
};

/** What a test changes of a sample; `null` takes a part away. */
export interface Sampled {
  readonly ptp?: Partial<PtpReading> | null;
  readonly phc?: Partial<PhcReading> | null;
  readonly ntp?: Partial<NtpReading> | null;
  readonly kernel?: Partial<KernelClockReading> | null;
  /** Keeps PTP's last message. */
  readonly stale?: boolean;
  readonly missing?: ClockReading["missing"];
}

/** A machine whose clocks move when they are told to, with a PTP clock unless a test takes it away. */
export class ClockWorld {
  realNs: bigint;
  rawNs = 5n * SECOND;
  /** PTP stamps its messages by the hardware clock. */
  hardware = true;
  #message = 0n;

  constructor(realNs: bigint = NOON) {
    this.realNs = realNs;
  }

  /** Lets time pass; `jumpNs` is what CLOCK_REALTIME goes farther. */
  pass(ns: bigint = SECOND, jumpNs = 0n): void {
    this.rawNs += ns;
    this.realNs += ns + jumpNs;
  }

  reading(change: Sampled = {}): ClockReading {
    const scaleNs = this.hardware ? (change.phc?.offsetNs ?? PHC.offsetNs) : 0n;
    if (change.stale !== true) this.#message = this.realNs + scaleNs;
    const part = <T>(base: T | undefined, over: Partial<T> | null | undefined): T | undefined =>
      over === null || (base === undefined && over === undefined) ? undefined : ({ ...base, ...over } as T);
    const ptp = part<PtpReading>({ ...PTP, ingressTimeNs: this.#message }, change.ptp);
    const phc = part(PHC, change.phc);
    const ntp = change.ntp === undefined ? undefined : part(NTP, change.ntp);
    const kernel = change.kernel === undefined ? undefined : part(KERNEL, change.kernel);
    return {
      stamps: {
        sysRealtimeNs: this.realNs,
        monotonicRawNs: this.rawNs,
        monotonic: "raw",
        realtimeResolutionNs: 1,
        pairUncertaintyNs: 25,
      },
      ...(ptp && { ptp }),
      ...(phc && { phc }),
      ...(ntp && { ntp }),
      ...(kernel && { kernel }),
      ...(change.missing && { missing: change.missing }),
    };
  }

  /** A second passes and a sample is taken. */
  next(monitor: ClockMonitor, change: Sampled = {}, jumpNs = 0n): ClockSampled {
    this.pass(SECOND, jumpNs);
    return taken(monitor.sample(this.reading(change)));
  }
}

/** The sample that was taken; a refusal fails the test. */
export function taken(sampled: ReturnType<ClockMonitor["sample"]>): ClockSampled {
  if (isRefusal(sampled)) throw new Error(sampled.message);
  return sampled;
}

/** The finding of a sample whose state a test expects. */
export function inState(sampled: ClockSampled, state: ClockFinding["state"]): ClockFinding {
  expect(sampled.finding).toMatchObject({ state });
  return sampled.finding;
}

/** Events without their time: type, severity, what before and what after. */
export function told(events: readonly ClockEvent[]): readonly string[] {
  return events.map(({ type, severity, subject, before, after }) =>
    [type, severity, subject, before, after].filter((item) => item !== undefined).join(" "),
  );
}
