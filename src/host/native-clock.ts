import { checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import type { ClockPart, ClockSource, ClockStamps, KernelClockReading } from "./clock-readings.ts";
import { answered } from "./native-calls.ts";
import { PtpClock } from "./native-ptp.ts";

interface ClockBinding {
  now(clock: number): bigint;
  nowMany(clock: number, into: BigInt64Array): number;
  bindPage(cells: BigInt64Array): () => void;
  pair(tries: number, into: BigInt64Array): number;
  resolution(clock: number): number;
  kernel(into: Float64Array): number;
}

/** The clocks of the kernel. `monotonic` follows the kernel's frequency, `monotonicRaw` follows nothing. */
export const NATIVE_CLOCKS = ["realtime", "tai", "monotonic", "monotonicRaw"] as const;

/** The name of one of {@link NATIVE_CLOCKS}. */
export type NativeClockName = (typeof NATIVE_CLOCKS)[number];

const COUNT = NATIVE_CLOCKS.length;
const WORD = 8;
/** The narrowest of so many reads is taken: one that was interrupted is wide. */
const TRIES = 8;

const binding = (): ClockBinding => nativeDoor("clock") as ClockBinding;
const isLinux = process.platform === "linux";

function indexOf(path: string, clock: NativeClockName): number {
  return NATIVE_CLOCKS.indexOf(checkChoice(path, clock, NATIVE_CLOCKS));
}

/**
 * One clock now. Elsewhere than on Linux `tai` is `realtime`, and `monotonicRaw` is `monotonic`.
 *
 * @units ns: since 1970 for `realtime` and `tai`, since an arbitrary moment for the others
 * @cost One call and one bigint; {@link NativeClocks} makes no garbage.
 * @throws `FAULT_CONFIG` for another name; `FAULT_NATIVE_UNAVAILABLE`.
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * import { nativeNowNs } from "tickwright/host/native";
 * const { isAvailable } = nativeReport();
 * const [before, after] = isAvailable ? [nativeNowNs("tai"), nativeNowNs("tai")] : [0n, 0n];
 * after >= before; // => true
 * ```
 */
export function nativeNowNs(clock: NativeClockName): bigint {
  return binding().now(indexOf("nativeNowNs.clock", clock));
}

/**
 * Fills an array with successive reads of one clock, and returns how many there are.
 *
 * @units ns
 * @throws as {@link nativeNowNs}; `FAULT_CONFIG` for another array.
 */
export function readNativeClock(clock: NativeClockName, into: BigInt64Array): number {
  if (!(into instanceof BigInt64Array)) {
    throw new Fault("FAULT_CONFIG", {
      path: "readNativeClock.into",
      value: into,
      expected: "a BigInt64Array",
    });
  }
  return binding().nowMany(indexOf("readNativeClock.clock", clock), into);
}

/** The step in which a clock moves, as the kernel says. @units ns @throws as {@link nativeNowNs} */
export function nativeResolutionNs(clock: NativeClockName): number {
  return binding().resolution(indexOf("nativeResolutionNs.clock", clock));
}

/**
 * All four clocks by one call, into arrays that stay: read `sinceNs` and nothing is allocated.
 *
 * @shape every array has one cell for each of {@link NATIVE_CLOCKS}, in their order
 * @invariant `sinceNs[n]` is `ns[n] - baseNs[n]`, exactly for 104 days from the base (2^53 ns).
 * @cost `read` is one call without arguments and four reads of the kernel's page.
 * @throws `FAULT_NATIVE_UNAVAILABLE`
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * import { NATIVE_CLOCKS, NativeClocks } from "tickwright/host/native";
 * const clocks = nativeReport().isAvailable ? new NativeClocks() : undefined;
 * const raw = NATIVE_CLOCKS.indexOf("monotonicRaw");
 * clocks?.read();
 * const before = clocks?.sinceNs[raw] ?? 0;
 * clocks?.read();
 * (clocks?.sinceNs[raw] ?? 0) >= before; // => true
 * ```
 */
export class NativeClocks {
  /** What the last `read` found. @units ns */
  readonly ns: BigInt64Array;
  /** The same from the base, as numbers. @units ns */
  readonly sinceNs: Float64Array;
  /** What the clocks said when this was made. @units ns */
  readonly baseNs: BigInt64Array;
  /** Reads all clocks into the arrays. */
  readonly read: () => void;

  constructor() {
    const buffer = new SharedArrayBuffer(3 * COUNT * WORD);
    this.ns = new BigInt64Array(buffer, 0, COUNT);
    this.sinceNs = new Float64Array(buffer, COUNT * WORD, COUNT);
    this.baseNs = new BigInt64Array(buffer, 2 * COUNT * WORD, COUNT);
    this.read = binding().bindPage(new BigInt64Array(buffer));
    this.read();
    this.baseNs.set(this.ns);
    this.sinceNs.fill(0);
  }
}

/**
 * One moment on the kernel's clocks: CLOCK_REALTIME between two reads of CLOCK_MONOTONIC_RAW, the narrowest of eight.
 *
 * @throws `FAULT_IO` where the raw clock went back in each of them; `FAULT_NATIVE_UNAVAILABLE`.
 */
export function nativeClockStamps(): ClockStamps {
  const into = new BigInt64Array(4);
  answered("nativeClockStamps", binding().pair(TRIES, into), "a monotonic clock that does not go back");
  const [sysRealtimeNs = 0n, monotonicRawNs = 0n, taiNs = 0n, width = 0n] = into;
  return {
    sysRealtimeNs,
    monotonicRawNs,
    ...(isLinux && { taiNs }),
    monotonic: isLinux ? "raw" : "slewed",
    realtimeResolutionNs: nativeResolutionNs("realtime"),
    pairUncertaintyNs: Number(width) / 2,
  };
}

/** What adjtimex() says with no mode set. @throws `FAULT_IO` with its errno: ENOSYS elsewhere than on Linux */
export function kernelClock(): KernelClockReading {
  const into = new Float64Array(7);
  answered("kernelClock", binding().kernel(into), "adjtimex() of Linux");
  const [status = 0, synchronised = 0, maxErrorUs = 0, estErrorUs = 0, taiOffset = 0, freqPpm = 0] = into;
  return { status, synchronised: synchronised === 1, maxErrorUs, estErrorUs, taiOffset, freqPpm };
}

/** What a {@link NativeClockSource} reads besides the kernel. */
export interface NativeClockSourceOptions {
  /** A PTP hardware clock such as `/dev/ptp0`, the one that disciplines CLOCK_REALTIME; none unless given. */
  readonly phc?: string;
}

/**
 * A source for a clock monitor: the kernel's clocks, what the kernel says of them, and one PTP hardware clock where
 * it is named.
 *
 * @invariant It reads only. Without `phc` it says nothing of hardware.
 * @throws `FAULT_CONFIG` for options; `FAULT_IO` for a device that is not there or is no clock.
 * @example
 * ```ts
 * import { nativeReport } from "tickwright/base/native";
 * import { NativeClockSource } from "tickwright/host/native";
 * const source = nativeReport().isAvailable ? new NativeClockSource() : undefined;
 * source?.sample().phc; // => undefined
 * source?.close();
 * ```
 */
export class NativeClockSource implements ClockSource {
  readonly name: string;
  readonly #phc: PtpClock | undefined;

  constructor(options: NativeClockSourceOptions = {}) {
    checkKeys("nativeClockSource", options, ["phc"]);
    const { phc } = options;
    this.#phc = phc === undefined ? undefined : new PtpClock(checkText("nativeClockSource.phc", phc));
    this.name = phc === undefined ? "native" : `native ${phc}`;
  }

  /** @throws `FAULT_IO` with the errno where a clock cannot be read */
  sample(): ClockPart & { readonly stamps: ClockStamps } {
    return {
      stamps: nativeClockStamps(),
      ...(isLinux && { kernel: kernelClock() }),
      ...(this.#phc && { phc: this.#phc.offset() }),
    };
  }

  close(): void {
    this.#phc?.close();
  }
}
