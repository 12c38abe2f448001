import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import { Fault } from "../base/index.ts";

/** The errno of a call's answer below 0: `EPERM`. */
export function errorName(code: number): string {
  return getSystemErrorName(code);
}

/** The fault of a call that answered an errno. */
export function callFault(path: string, code: number, expected: string): Fault {
  const value = `${getSystemErrorName(code)}: ${getSystemErrorMessage(code)}`;
  return new Fault("FAULT_IO", { path, value, expected });
}

/** What a native call answered; below 0 it is a `FAULT_IO` that names the errno. */
export function answered(path: string, code: number, expected: string): number {
  if (code < 0) throw callFault(path, code, expected);
  return code;
}
