export { EFFECT, EffectLog } from "./effect-log.ts";
export { INPUT, type InputTap } from "./input-tap.ts";
export type { KernelObserver } from "./observer.ts";
export { KERNEL_REFUSALS, type KernelRefusalCode } from "./refusals.ts";
export type { KernelRisk } from "./risk-desk.ts";
export { Station } from "./station.ts";
export { Ticket } from "./ticket.ts";
export { type KernelOptions, TradingKernel } from "./trading-kernel.ts";
