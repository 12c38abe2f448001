import { Fault } from "../base/index.ts";
import { errnoText } from "../base/native.ts";

/** The fault of a call that answered an errno. */
export function callFault(path: string, code: number, expected: string): Fault {
  return new Fault("FAULT_IO", { path, value: errnoText(code), expected });
}

/** What a native call answered; below 0 it is a `FAULT_IO` that names the errno. */
export function answered(path: string, code: number, expected: string): number {
  if (code < 0) throw callFault(path, code, expected);
  return code;
}
