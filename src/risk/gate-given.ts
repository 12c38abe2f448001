import { checkNumber, Fault } from "../base/index.ts";
import type { RiskGateOptions, TradingHours } from "./gate-options.ts";
import { MarketStatus } from "./market-status.ts";

/** What is known of status; undefined where it is taken for granted. */
export function statusOf(status: RiskGateOptions["status"], instruments: number): MarketStatus | undefined {
  return status === "trusted" ? undefined : new MarketStatus({ instruments, ...status });
}

/** The hours of an instrument; undefined for always. @throws `FAULT_CONFIG` where they are missing */
export function hoursOf(hours: RiskGateOptions["hours"], key: string): TradingHours | undefined {
  if (hours === "always") return undefined;
  const own = hours?.[key];
  if (own === "always") return undefined;
  if (typeof own?.allows === "function") return own;
  throw new Fault("FAULT_CONFIG", {
    path: `riskGate.hours.${key}`,
    value: own,
    expected: `trading hours or "always"`,
  });
}

/** A number for each instrument. @throws `FAULT_CONFIG` for an unknown instrument, and a number outside its bounds */
export function numbersOf(
  path: string,
  keys: readonly string[],
  given: Readonly<Record<string, number>> | undefined,
  otherwise: number,
): Float64Array {
  for (const [key, value] of Object.entries(given ?? {})) {
    if (!keys.includes(key)) {
      throw new Fault("FAULT_CONFIG", { path, value: key, expected: `one of ${keys.join(", ")}` });
    }
    checkNumber(`${path}.${key}`, value, 0, 1_000_000_000_000);
  }
  return Float64Array.from(keys, (key) => given?.[key] ?? otherwise);
}
