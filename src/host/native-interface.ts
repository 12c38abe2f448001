import { checkText } from "../base/index.ts";
import { nativeDoor } from "../base/native.ts";
import { answered } from "./native-calls.ts";

/** Which times an interface can put on packets. */
export interface InterfaceStamps {
  readonly hasSoftwareReceive: boolean;
  readonly hasHardwareReceive: boolean;
  readonly hasHardwareSend: boolean;
  /** Whether the card stamps what comes in now. Switching it is for the clock's daemon, or `hwstamp_ctl`. */
  readonly isHardwareReceiveOn: boolean;
  /** The card's clock, such as `/dev/ptp0`; undefined without one. */
  readonly phc: string | undefined;
}

/**
 * Asks an interface which time stamps it offers. It changes nothing.
 *
 * @throws `FAULT_IO` with the errno: ENODEV where there is no such interface; `FAULT_NATIVE_UNAVAILABLE`.
 */
export function interfaceStamps(name: string): InterfaceStamps {
  const door = nativeDoor("net") as { interfaceStamps(name: string, into: Int32Array): number };
  const into = new Int32Array(5);
  const code = door.interfaceStamps(checkText("interfaceStamps.name", name), into);
  answered(`interfaceStamps ${name}`, code, "an interface of this machine");
  const [
    hasSoftwareReceive = false,
    hasHardwareReceive = false,
    hasHardwareSend = false,
    isHardwareReceiveOn = false,
  ] = Array.from(into.subarray(0, 4), (each) => each === 1);
  const phc = into[4] as number;
  const flags = { hasSoftwareReceive, hasHardwareReceive, hasHardwareSend, isHardwareReceiveOn };
  return { ...flags, phc: phc < 0 ? undefined : `/dev/ptp${phc}` };
}
