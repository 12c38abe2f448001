import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { checkChoice, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import type { PhcReading } from "./clock-readings.ts";
import { SystemFiles } from "./cpu-files.ts";
import { attempt } from "./file-bytes.ts";
import { answered } from "./native-calls.ts";

interface PtpBinding {
  ptpCapabilities(fd: number, into: Int32Array): number;
  ptpOffset(fd: number, method: number, samples: number, into: BigInt64Array): number;
}

const METHODS = ["best", "precise", "extended", "basic"] as const;
const IS_CLOCK = "a PTP hardware clock that answers";

/** What a PTP hardware clock can do. */
export interface PtpCapabilities {
  /** How fast it can be made to run. @units ppb */
  readonly maxAdjustmentPpb: number;
  readonly alarms: number;
  readonly externalStamps: number;
  readonly periodicOutputs: number;
  readonly hasPps: boolean;
  readonly pins: number;
  /** It can be latched together with the system's clock by hardware: the method `precise`. */
  readonly hasCrossStamps: boolean;
}

/** How to compare with CLOCK_REALTIME. */
export interface PtpOffsetOptions {
  /** `best` unless given: the first of `precise`, `extended` and `basic` that the device offers. */
  readonly method?: (typeof METHODS)[number];
  /** Reads, of which the narrowest counts: 1 to 25; 5 unless given. */
  readonly samples?: number;
}

/** A PTP hardware clock that is listed. */
export interface PtpDevice {
  /** Such as `/dev/ptp0`. */
  readonly device: string;
  /** What its driver calls it; undefined where it says nothing. */
  readonly name: string | undefined;
}

/** What there is of PTP hardware clocks. `absent` is the usual answer of a virtual machine. */
export interface PtpSupport {
  readonly status: "present" | "absent";
  readonly devices: readonly PtpDevice[];
}

/**
 * Lists the PTP hardware clocks: devices in /dev, with their names from /sys. Opens none.
 *
 * @throws `FAULT_CONFIG` for options.
 */
export function ptpSupport(options: { readonly root?: string } = {}): PtpSupport {
  checkKeys("ptpSupport", options, ["root"]);
  const files = new SystemFiles(checkText("ptpSupport.root", options.root ?? "/"));
  const devices = files.numbered("dev", "ptp").map((at) => ({
    device: join("/dev", `ptp${at}`),
    name: files.text(`sys/class/ptp/ptp${at}/clock_name`),
  }));
  return { status: devices.length === 0 ? "absent" : "present", devices };
}

/**
 * A PTP hardware clock, opened for reading.
 *
 * @throws `FAULT_IO` naming the device where it cannot be opened, is no clock or gives a time that is none.
 */
export class PtpClock {
  readonly device: string;
  #fd: number;

  constructor(device: string) {
    this.device = checkText("ptpClock.device", device);
    this.#fd = attempt(device, () => openSync(device, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
    try {
      this.capabilities();
    } catch (cause) {
      this.close();
      throw cause;
    }
  }

  /** What it can do. @throws `FAULT_IO` with the errno: ENOTTY for a file that is no clock */
  capabilities(): PtpCapabilities {
    const into = new Int32Array(7);
    answered(this.device, this.#binding().ptpCapabilities(this.#fd, into), IS_CLOCK);
    const [maxAdjustmentPpb = 0, alarms = 0, externalStamps = 0, periodicOutputs = 0, pps, pins = 0, cross] =
      into;
    const [hasPps, hasCrossStamps] = [pps === 1, cross === 1];
    return { maxAdjustmentPpb, alarms, externalStamps, periodicOutputs, hasPps, pins, hasCrossStamps };
  }

  /**
   * Compares it with CLOCK_REALTIME.
   *
   * @invariant The uncertainty is of this read alone: half the time between the two reads of the system's clock around
   * the hardware's, 0 for `precise`, where hardware latched both. What makes the hardware's clock right is not in it.
   * @throws `FAULT_IO` with the errno: EOPNOTSUPP where the method is not offered, EAGAIN where the system's clock was
   * set back during each read, EBADMSG for a time that is none; `FAULT_CONFIG` for options.
   */
  offset(options: PtpOffsetOptions = {}): PhcReading {
    checkKeys("ptpClock.offset", options, ["method", "samples"]);
    const wanted = METHODS.indexOf(checkChoice("ptpClock.offset.method", options.method ?? "best", METHODS));
    const samples = checkInteger("ptpClock.offset.samples", options.samples ?? 5, 1, 25);
    const into = new BigInt64Array(6);
    const code = this.#binding().ptpOffset(this.#fd, wanted, samples, into);
    const method = METHODS[answered(this.device, code, IS_CLOCK)];
    if (method === undefined || method === "best") throw new Fault("FAULT_INVARIANT", { path: this.device });
    const [offsetNs = 0n, width = 0n] = into;
    return { device: this.device, offsetNs, uncertaintyNs: Number(width) / 2, method };
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #binding(): PtpBinding {
    if (this.#fd >= 0) return nativeDoor("clock") as PtpBinding;
    throw new Fault("FAULT_IO", { path: this.device, value: "a closed clock", expected: "one that is open" });
  }
}
