import { Fault } from "../base/index.ts";

/** Whether an error is what a machine or a disk does, not what a program does wrong. */
export function isDiskTrouble(error: unknown): boolean {
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    if ((each as { readonly code?: unknown }).code === "SIMULATED") return true;
    if (each instanceof Fault && ["FAULT_IO", "FAULT_DISK_FULL"].includes(each.code)) return true;
  }
  return false;
}
