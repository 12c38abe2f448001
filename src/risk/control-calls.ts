import type { CircuitCause } from "./circuit-breaker.ts";
import type { NodeCapital } from "./gate-options.ts";
import type { Level } from "./levels.ts";
import type { LimitOverride, Person } from "./limit-change.ts";
import type { NodeLimits } from "./limits.ts";
import type { BorrowName } from "./locates.ts";
import type { LuldDay } from "./luld-reference.ts";
import type { UnknownIs } from "./market-status.ts";
import type { Restriction } from "./restricted-list.ts";

/**
 * What can be asked of a gate while it runs, by name, with the arguments of the method that it names: one of
 * `gate.control`, or of a rule of `rules`, or of `status`. The moment is the session's. A name that may be left out is
 * `""`; a breaker is told by its place.
 *
 * Limits given to a rule by its `configure` are not here: no snapshot holds them. Nor are days: they are the kernel's.
 */
export interface ControlCalls {
  change: readonly [limits: readonly NodeLimits[], by: Person, reason: string];
  override: readonly [override: LimitOverride];
  setCapital: readonly [capital: NodeCapital, by: Person, reason: string];
  resetLosses: readonly [level: Level, name: string, by: Person, reason: string];
  setValueAtRisk: readonly [level: Level, name: string, value: number, marginals: readonly number[]];
  /** The price of a close or an auction, as `gate.settlement.close`. */
  close: readonly [instrument: number, ticks: number];
  "status.set": readonly [instrument: number, status: number];
  "status.confirm": readonly [instrument: number];
  "status.confirmAll": readonly [];
  "status.forgetAll": readonly [];
  "status.setUnknownIs": readonly [instrument: number, unknownIs: UnknownIs];
  "permissions.allow": readonly [node: number, productClass: number];
  "permissions.deny": readonly [node: number, productClass: number];
  "restricted.restrict": readonly [restriction: Restriction];
  "restricted.lift": readonly [number: number];
  "locates.setBorrow": readonly [instrument: number, borrow: BorrowName];
  "locates.grant": readonly [account: number, instrument: number, lots: number, untilNs: number];
  "bands.startDay": readonly [day: LuldDay];
  "bands.list": readonly [instrument: number, tier: 1 | 2, priorCloseE4: number, leveragePercent: number];
  "bands.open": readonly [instrument: number, referenceE4: number];
  "bands.trade": readonly [instrument: number, priceE4: number];
  /** `null` where nobody offers. */
  "bands.quote": readonly [instrument: number, bidE4: number, askE4: number | null];
  "bands.pause": readonly [instrument: number];
  "shortSale.setPriorClose": readonly [instrument: number, ticks: number, day: number];
  "shortSale.trade": readonly [instrument: number, ticks: number, day: number];
  "shortSale.trigger": readonly [instrument: number, day: number];
  "repeats.executed": readonly [strategy: number, instrument: number, side: number, signal: number];
  "repeats.enable": readonly [strategy: number, by: string];
  "breakers.trip": readonly [breaker: number, cause: CircuitCause];
  "breakers.reset": readonly [breaker: number, by: string];
  "breakers.succeeded": readonly [breaker: number];
  "breakers.failed": readonly [breaker: number];
}

/** The name of something that can be asked of a gate. */
export type ControlCall = keyof ControlCalls;

/** What an argument is: `list` holds objects, `numbers` numbers, `maybe` is a number or null. */
export type ControlArgument = "text" | "number" | "maybe" | "object" | "list" | "numbers";

/** How a call is taken. */
export interface CallTerms {
  readonly takes: readonly ControlArgument[];
  /** Whether it is word from a market or a venue, not somebody's decision: then it is durable with what it lets out. */
  readonly isFeed: boolean;
  /** The section of the gate's snapshot that it changes. */
  readonly section: string;
}

/** How each call is taken. */
export const CONTROL_TERMS: Readonly<Record<ControlCall, CallTerms>> = {
  change: decided("limits", "list", "object", "text"),
  override: decided("limits", "object"),
  setCapital: decided("nodes", "object", "object", "text"),
  resetLosses: decided("nodes", "text", "text", "object", "text"),
  setValueAtRisk: fed("valueAtRisk", "text", "text", "number", "numbers"),
  close: fed("references", "number", "number"),
  "status.set": fed("status", "number", "number"),
  "status.confirm": fed("status", "number"),
  "status.confirmAll": fed("status"),
  "status.forgetAll": fed("status"),
  "status.setUnknownIs": decided("status", "number", "text"),
  "permissions.allow": decided("permissions", "number", "number"),
  "permissions.deny": decided("permissions", "number", "number"),
  "restricted.restrict": decided("restricted", "object"),
  "restricted.lift": decided("restricted", "number"),
  "locates.setBorrow": decided("locates", "number", "text"),
  "locates.grant": decided("locates", "number", "number", "number", "number"),
  "bands.startDay": fed("bands", "object"),
  "bands.list": fed("bands", "number", "number", "number", "number"),
  "bands.open": fed("bands", "number", "number"),
  "bands.trade": fed("bands", "number", "number"),
  "bands.quote": fed("bands", "number", "number", "maybe"),
  "bands.pause": fed("bands", "number"),
  "shortSale.setPriorClose": fed("shortSale", "number", "number", "number"),
  "shortSale.trade": fed("shortSale", "number", "number", "number"),
  "shortSale.trigger": fed("shortSale", "number", "number"),
  "repeats.executed": fed("repeats", "number", "number", "number", "number"),
  "repeats.enable": decided("repeats", "number", "text"),
  "breakers.trip": decided("breakers", "number", "text"),
  "breakers.reset": decided("breakers", "number", "text"),
  "breakers.succeeded": fed("breakers", "number"),
  "breakers.failed": fed("breakers", "number"),
};

function decided(section: string, ...takes: readonly ControlArgument[]): CallTerms {
  return { takes, isFeed: false, section };
}

function fed(section: string, ...takes: readonly ControlArgument[]): CallTerms {
  return { takes, isFeed: true, section };
}
