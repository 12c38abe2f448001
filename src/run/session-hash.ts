import { canonicalJson, Digest } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";

/** SHA-256 over a run's manifest, the kernel's effects and its final state: the `runHash`. */
export function sessionHash(manifest: unknown, kernel: TradingKernel): string {
  return new Digest()
    .update(canonicalJson(manifest ?? null))
    .update(kernel.effects.hex())
    .update(canonicalJson(kernel.finalState()))
    .hex();
}
