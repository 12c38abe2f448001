import type { Refusal } from "../base/index.ts";

/** Every code with which the processor's devices refuse, in order of precedence. */
export const CPU_REFUSALS = ["CPU_NOT_DEDICATED", "CPU_NOT_PINNED", "CPU_NOT_PERMITTED"] as const;

/** A refusal code of the processor's devices. */
export type CpuRefusalCode = (typeof CPU_REFUSALS)[number];

/** A refusal of the processor's devices. */
export type CpuRefusal = Refusal<CpuRefusalCode>;
