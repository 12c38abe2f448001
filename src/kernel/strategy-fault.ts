import { Fault } from "../base/index.ts";

/** What a strategy can be called for. The place of a name is in the effect log: names are only added, at the end. */
export const CALLBACKS = [
  "onStart",
  "onStop",
  "onQuote",
  "onTrade",
  "onBook",
  "onBar",
  "onOrder",
  "onFill",
  "onPosition",
  "onTimer",
  "onRefusal",
  "onSave",
  "onLoad",
  "onDisconnect",
] as const;

/** A name of {@link CALLBACKS}. */
export type CallbackName = (typeof CALLBACKS)[number];

/** Characters of a message that are kept. */
const MESSAGE_MOST = 1000;

/** Why a strategy was stopped: the callback that threw, and what. JSON-safe but for `error`. */
export interface StrategyFault {
  readonly strategy: string;
  /** Its place among the strategies. */
  readonly index: number;
  /** The callback that threw, such as `onBook`. */
  readonly callback: string;
  /** When. @units ns from the session's base */
  readonly ns: number;
  /** Orders it had open, all of which it is asked to have canceled. */
  readonly openOrders: number;
  /** The code of a `Fault`, else the name of the error. */
  readonly code: string;
  readonly message: string;
  /** What was thrown; absent where a snapshot told of it. */
  readonly error?: unknown;
}

/** What a snapshot keeps of a stopped strategy. */
export type SavedStrategyFault = Pick<StrategyFault, "callback" | "ns" | "openOrders" | "code" | "message">;

/** Code and message of whatever was thrown, however odd. */
export function describeThrown(error: unknown): Pick<StrategyFault, "code" | "message"> {
  try {
    const code = error instanceof Fault ? error.code : error instanceof Error ? error.name : typeof error;
    const message = error instanceof Error ? error.message : String(error);
    return { code: kept(code), message: kept(message) };
  } catch {
    return { code: typeof error, message: "something that has no text" };
  }
}

/** Whether what was thrown came from a clock, a timer or a promise that a callback may not use. */
export function isAmbient(error: unknown): boolean {
  try {
    return error instanceof Fault && error.code === "FAULT_AMBIENT";
  } catch {
    return false;
  }
}

function kept(text: unknown): string {
  return String(text).slice(0, MESSAGE_MOST).toWellFormed();
}
