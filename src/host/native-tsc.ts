import { checkKeys, checkNumber, Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import { answered } from "./native-calls.ts";

interface TscBinding {
  tscTraits(into: Float64Array): number;
  tscCalibrate(ns: number, figures: Float64Array, base: BigInt64Array): number;
  tscTicks(): bigint;
  tscToNs(ticks: bigint, hz: number, baseTicks: bigint, baseNs: bigint): bigint;
}

/** What the processor says of its time-stamp counter. */
export interface TscReading {
  /** Whether there is one that can be read: on x86-64. */
  readonly isPresent: boolean;
  /** It runs at one rate in every power state (CPUID leaf 0x80000007). */
  readonly isInvariant: boolean;
  readonly hasRdtscp: boolean;
  /** A hypervisor is below, which may scale the counter or move the machine to another processor. */
  readonly isVirtual: boolean;
  /** The rate that the processor states (CPUID leaf 0x15); undefined where it states none. @units Hz */
  readonly statedHz: number | undefined;
}

/** The rate of the time-stamp counter against CLOCK_MONOTONIC_RAW. */
export interface TscRate {
  readonly hz: number;
  /** How far `hz` may be off: the reads' widths by the time between them. @units ppm */
  readonly errorPpm: number;
  /** Half the width of the wider one of the two reads. @units ns */
  readonly uncertaintyNs: number;
  /** Over which it was measured. @units ns */
  readonly intervalNs: number;
  /** The counter's ticks at an instant of CLOCK_MONOTONIC_RAW. */
  readonly baseTicks: bigint;
  /** @units ns */
  readonly baseNs: bigint;
}

/** How to calibrate. */
export interface TscOptions {
  /** How long, 1 to 10,000; 100 unless given. @units ms */
  readonly ms?: number;
}

const binding = (): TscBinding => nativeDoor("clock") as TscBinding;

/** What the processor says of its time-stamp counter. @throws `FAULT_NATIVE_UNAVAILABLE` */
export function tscReading(): TscReading {
  const into = new Float64Array(5);
  binding().tscTraits(into);
  const [present, invariant, rdtscp, virtual] = [...into].map((each) => each !== 0);
  return {
    isPresent: present === true,
    isInvariant: invariant === true,
    hasRdtscp: rdtscp === true,
    isVirtual: virtual === true,
    statedHz: into[4] === 0 ? undefined : into[4],
  };
}

/**
 * Measures the rate of the time-stamp counter against CLOCK_MONOTONIC_RAW: two narrow reads of both, `ms` apart.
 *
 * The rate holds for this machine while it is not moved or suspended; calibrate again from time to time.
 *
 * @cost Blocks the calling thread for `ms`, asleep.
 * @throws `FAULT_IO` where the counter is not there or not invariant: such ticks are no time; `FAULT_CONFIG` for options.
 */
export function calibrateTsc(options: TscOptions = {}): TscRate {
  checkKeys("calibrateTsc", options, ["ms"]);
  const ms = checkNumber("calibrateTsc.ms", options.ms ?? 100, 1, 10_000);
  const { isPresent, isInvariant } = tscReading();
  if (!isPresent || !isInvariant) {
    const value = isPresent ? "a counter that is not invariant" : "no counter";
    throw new Fault("FAULT_IO", { path: "calibrateTsc", value, expected: "an invariant time-stamp counter" });
  }
  const figures = new Float64Array(4);
  const base = new BigInt64Array(2);
  answered(
    "calibrateTsc",
    binding().tscCalibrate(ms * 1e6, figures, base),
    "a counter and a clock that move",
  );
  const [hz = 0, error = 0, uncertaintyNs = 0, intervalNs = 0] = figures;
  const [baseTicks = 0n, baseNs = 0n] = base;
  return { hz, errorPpm: error * 1e6, uncertaintyNs, intervalNs, baseTicks, baseNs };
}

/** The time-stamp counter now. @throws `FAULT_IO` where there is none; `FAULT_NATIVE_UNAVAILABLE` */
export function tscTicks(): bigint {
  const ticks = binding().tscTicks();
  if (ticks > 0n) return ticks;
  throw new Fault("FAULT_IO", { path: "tscTicks", value: "no counter", expected: "a processor with one" });
}

/**
 * The instant of CLOCK_MONOTONIC_RAW at which the counter stood at `ticks`, before the base too.
 *
 * @units ns
 * @invariant Off by the base's uncertainty, and by `errorPpm` of the time from the base.
 * @throws `FAULT_INPUT` for ticks below 0 or over 2^63.
 */
export function tscToNs(rate: TscRate, ticks: bigint): bigint {
  if (typeof ticks !== "bigint" || ticks < 0n || ticks >= 2n ** 63n) {
    throw new Fault("FAULT_INPUT", {
      path: "tscToNs.ticks",
      value: ticks,
      expected: "a bigint within 0 and 2^63",
    });
  }
  const hz = checkNumber("tscToNs.rate.hz", rate.hz, 1e6, 1e11);
  return binding().tscToNs(ticks, hz, rate.baseTicks, rate.baseNs);
}
