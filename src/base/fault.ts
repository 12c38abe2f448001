/** Every code a {@link Fault} of the core can carry. Codes are for ever; messages may change. */
export type FaultCode =
  | "FAULT_AMBIENT"
  | "FAULT_APPROVAL"
  | "FAULT_ARITHMETIC"
  | "FAULT_CALLBACK"
  | "FAULT_CAPACITY"
  | "FAULT_CONFIG"
  | "FAULT_DISK_FULL"
  | "FAULT_INPUT"
  | "FAULT_INVARIANT"
  | "FAULT_IO"
  | "FAULT_JOURNAL_CORRUPT"
  | "FAULT_JOURNAL_FORMAT"
  | "FAULT_NATIVE_UNAVAILABLE"
  | "FAULT_PEER_MISSING"
  | "FAULT_TAPE_CORRUPT"
  | "FAULT_TIME"
  | "FAULT_VIEW_EXPIRED";

/** What a {@link Fault} knows beside its code. */
export interface FaultDetail {
  /** Where the wrong value stood: an option path such as `instrument.tickSize`, or a file and line. */
  readonly path?: string;
  /** The value that was found. */
  readonly value?: unknown;
  /** What was expected in its place. */
  readonly expected?: string;
  readonly cause?: unknown;
}

/**
 * Thrown when the program or its configuration is wrong; a rule that says no returns a refusal instead.
 *
 * @example
 * ```ts
 * import { Fault } from "tickwright/base";
 * const fault = new Fault("FAULT_CONFIG", { path: "depth", value: -1, expected: "an integer above 0" });
 * fault.message; // => "FAULT_CONFIG depth: found -1, expected an integer above 0"
 * ```
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly path: string | undefined;
  readonly value: unknown;
  readonly expected: string | undefined;

  constructor(code: FaultCode, detail: FaultDetail = {}) {
    super(faultMessage(code, detail), detail.cause === undefined ? {} : { cause: detail.cause });
    this.name = "Fault";
    this.code = code;
    this.path = detail.path;
    this.value = detail.value;
    this.expected = detail.expected;
  }
}

function faultMessage(code: FaultCode, detail: FaultDetail): string {
  const found = "value" in detail ? `found ${printValue(detail.value)}` : "";
  const expected = detail.expected === undefined ? "" : `expected ${detail.expected}`;
  const facts = [found, expected].filter((part) => part !== "").join(", ");
  const where = detail.path === undefined ? "" : ` ${detail.path}`;
  return facts === "" ? `${code}${where}` : `${code}${where}: ${facts}`;
}

/**
 * Prints any value on one short line, for messages.
 *
 * @cost Allocates; cold paths only.
 */
export function printValue(value: unknown): string {
  if (typeof value === "string") return isVerbatim(value) ? `"${value}"` : JSON.stringify(clip(value));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (value === null || typeof value !== "object") return String(value);
  try {
    return clip(JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? `${item}n` : item)));
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Whether a text is short, and nothing in it needs to be written otherwise: so are ids, which refusals name often. */
function isVerbatim(text: string): boolean {
  if (text.length > 40) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false;
  }
  return true;
}

function clip(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
