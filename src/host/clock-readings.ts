/** One moment on the clocks of this machine, read as close together as the reader can. */
export interface ClockStamps {
  /** CLOCK_REALTIME. @units epoch ns, UTC as this machine has it */
  readonly sysRealtimeNs: bigint;
  /** CLOCK_MONOTONIC_RAW; CLOCK_MONOTONIC where `monotonic` says so. @units ns since an arbitrary moment */
  readonly monotonicRawNs: bigint;
  /** CLOCK_TAI. @units epoch ns, TAI as the kernel has it */
  readonly taiNs?: bigint;
  /** `raw` is no discipline at all; `slewed` is CLOCK_MONOTONIC, which follows the kernel's frequency. */
  readonly monotonic: "raw" | "slewed";
  /** The step in which `sysRealtimeNs` moves: 1 for clock_gettime, 1e6 for `Date.now`. @units ns */
  readonly realtimeResolutionNs: number;
  /** How far the two reads may lie apart: half of the reads around. 0 where it was not measured. @units ns */
  readonly pairUncertaintyNs: number;
}

/** What one comparison of a PTP hardware clock with CLOCK_REALTIME found. */
export interface PhcReading {
  /** Such as `/dev/ptp0`. */
  readonly device: string;
  /** PHC minus CLOCK_REALTIME, as read: a PHC on TAI shows the 37 seconds. @units ns */
  readonly offsetNs: bigint;
  /** Half the width of the narrowest read, never below 0. @units ns */
  readonly uncertaintyNs: number;
  /** Which ioctl gave it: PTP_SYS_OFFSET_PRECISE, _EXTENDED or PTP_SYS_OFFSET. */
  readonly method: "precise" | "extended" | "basic";
}

/** What adjtimex() says with no mode set. */
export interface KernelClockReading {
  /** The status word, STA_UNSYNC and its neighbours. */
  readonly status: number;
  /** What the call returned is not TIME_ERROR and STA_UNSYNC is not set. */
  readonly synchronised: boolean;
  /** @units µs */
  readonly maxErrorUs: number;
  /** @units µs */
  readonly estErrorUs: number;
  /** TAI minus UTC as the kernel has it, 0 where nobody set it. @units s */
  readonly taiOffset: number;
  /** The kernel's frequency correction. @units ppm */
  readonly freqPpm: number;
}

/** What is announced for the end of this UTC day or month. */
export type LeapNotice = "none" | "insert" | "delete" | "unknown";

/** What an NTP daemon says of the system clock. */
export interface NtpReading {
  /** `false` where the daemon follows no source, or only itself. */
  readonly synchronised: boolean;
  /** Whom it follows: the reference id, 8 hex digits. */
  readonly reference: string;
  /** The address or the name of the server, where it follows one. */
  readonly address?: string;
  readonly stratum: number;
  /** The system clock minus NTP time: above 0 it is ahead. @units ns */
  readonly offsetNs: number;
  /** @units ns */
  readonly rootDelayNs: number;
  /** @units ns */
  readonly rootDispersionNs: number;
  /** @units ppm */
  readonly frequencyPpm: number;
  /** Estimated error of the frequency. @units ppm */
  readonly skewPpm: number;
  readonly leap: LeapNotice;
  /** When the clock was last updated. @units epoch ns */
  readonly referenceTimeNs: bigint;
}

/** What a PTP daemon says of its clock: the fields of its data sets that a bound needs. */
export interface PtpReading {
  /** This clock's own identity, 16 hex digits. */
  readonly clockIdentity: string;
  /** 16 hex digits; its own where it follows nobody. */
  readonly grandmasterIdentity: string;
  /** `false` where this clock is its own grandmaster. */
  readonly grandmasterPresent: boolean;
  /** Names of the ports' states, such as `SLAVE`. A clock follows a grandmaster where one is `SLAVE`. */
  readonly portStates: readonly string[];
  readonly stepsRemoved: number;
  /** The clock that PTP disciplines minus the grandmaster. @units ns */
  readonly masterOffsetNs: number;
  /** @units ns */
  readonly meanPathDelayNs: number;
  /** When the last sync message came in: it moves with every one. @units ns on the clock that stamped it */
  readonly ingressTimeNs: bigint;
  /** IEEE 1588 clockClass and clockAccuracy of the grandmaster (0xfe: unknown). */
  readonly grandmasterClass: number;
  readonly grandmasterAccuracy: number;
  /** TAI minus UTC as announced. @units s */
  readonly currentUtcOffset: number;
  readonly utcOffsetValid: boolean;
  readonly ptpTimescale: boolean;
  readonly timeTraceable: boolean;
  readonly frequencyTraceable: boolean;
  readonly timeSource: number;
  readonly leap: LeapNotice;
}

/** What one source has to say at one sample; it leaves out what it does not know. */
export interface ClockPart {
  readonly stamps?: ClockStamps;
  readonly phc?: PhcReading;
  readonly kernel?: KernelClockReading;
  readonly ntp?: NtpReading;
  readonly ptp?: PtpReading;
}

/** One sample: the parts of all sources, put together. Time comes with it, so a monitor has no clock. */
export interface ClockReading extends ClockPart {
  readonly stamps: ClockStamps;
  /** Sources that gave nothing this time, with the reason. */
  readonly missing?: readonly ClockSourceTrouble[];
}

/** Why a source gave nothing. */
export interface ClockSourceTrouble {
  readonly source: string;
  /** The fault's code and its sentence. */
  readonly code: string;
  readonly message: string;
}

/**
 * Something that can be asked about the clock once a sample: the system calls of a native addon, chronyd, ptp4l.
 *
 * A native one gives `stamps` by clock_gettime (CLOCK_REALTIME between two reads of CLOCK_MONOTONIC_RAW: the middle
 * and half the width), `phc` by the best ioctl the device has, `kernel` by adjtimex with modes 0. It leaves out
 * what this machine has not, and throws `FAULT_IO` with path, value and expectation when a call that should work
 * does not.
 *
 * @invariant It reads only: no source sets a clock.
 */
export interface ClockSource {
  /** Such as `native`, `chrony 127.0.0.1:323`, `ptp4l /var/run/ptp4lro`. */
  readonly name: string;
  /** @throws `FAULT_IO` where it cannot be asked, `FAULT_INPUT` where the answer cannot be read */
  sample(): Promise<ClockPart> | ClockPart;
  /** Lets go of sockets. */
  close?(): void;
}

/**
 * One request and its answer over a daemon's socket.
 *
 * ptp4l and chronyd listen on Unix datagram sockets, which Node cannot open. A native transport needs four calls: a
 * socket AF_UNIX/SOCK_DGRAM bound to a path of its own that is removed on `close` (the daemon answers to that path:
 * mode 0666 for chronyd, which has given up root), connect or sendto the daemon's path, send one datagram, and
 * receive one with a time-out. A datagram that comes late belongs to an earlier request: `exchange` empties the
 * socket before it sends.
 */
export interface ClockTransport {
  readonly name: string;
  /** Resolves to the first datagram that comes back. @throws `FAULT_IO` at a time-out or a closed socket */
  exchange(request: Uint8Array): Promise<Uint8Array>;
  close?(): void;
}
