import { checkArray, checkBoolean, checkChoice, checkKeys, checkText, Fault } from "../base/index.ts";
import type { RiskGateOptions } from "./gate-options.ts";
import { SELF_MATCH, type SelfMatchMode } from "./self-match.ts";

const KEYS = [
  "currency",
  "instruments",
  "seats",
  "limits",
  "capital",
  "hours",
  "status",
  "classes",
  "rates",
  "marginBps",
  "dailyVolumeLots",
  "ages",
  "duplicates",
  "selfMatch",
  "lossWindowNs",
  "drawdownWindowNs",
  "valueAtRiskAgeNs",
  "rules",
  "protectsMarketOrders",
  "replacesByCancel",
  "capacity",
  "records",
  "warnEveryNs",
  "kill",
  "onChange",
] as const satisfies readonly (keyof RiskGateOptions)[];

const RULES = [
  "permissions",
  "restricted",
  "drift",
  "bands",
  "shortSale",
  "locates",
  "repeats",
  "selfMatch",
  "orderToTrade",
  "breakers",
] as const satisfies readonly (keyof NonNullable<RiskGateOptions["rules"]>)[];

/**
 * Checks what of a gate's options is not checked where it is used: names that are known, and tables whose keys are
 * instruments of the gate.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function checkOptions(options: RiskGateOptions): void {
  checkKeys("riskGate", options, KEYS);
  const { currency, instruments, hours, kill } = options;
  if (typeof currency === "string") checkText("riskGate.currency", currency);
  const keys = checkArray("riskGate.instruments", instruments).map((instrument) => instrument.key);
  if (new Set(keys).size < keys.length) {
    throw new Fault("FAULT_CONFIG", {
      path: "riskGate.instruments",
      value: keys,
      expected: "each instrument once",
    });
  }
  checkKeys("riskGate.classes", options.classes ?? {}, keys);
  if (hours !== "always") checkKeys("riskGate.hours", hours, keys);
  checkKeys("riskGate.ages", options.ages ?? {}, ["quoteNs", "tradeNs", "closeNs"]);
  checkKeys("riskGate.rules", options.rules ?? {}, RULES);
  checkChoice("riskGate.selfMatch", options.selfMatch ?? "none", Object.keys(SELF_MATCH) as SelfMatchMode[]);
  checkBoolean("riskGate.protectsMarketOrders", options.protectsMarketOrders ?? true);
  for (const venue of options.replacesByCancel ?? []) {
    if (instruments.some((instrument) => instrument.venue === venue)) continue;
    const expected = "a venue that lists an instrument of the gate";
    throw new Fault("FAULT_CONFIG", { path: "riskGate.replacesByCancel", value: venue, expected });
  }
  if (kill === undefined || kill.latch.scopes >= kill.scopes.size) return;
  const expected = `a latch of at least ${kill.scopes.size} scopes`;
  throw new Fault("FAULT_CONFIG", { path: "riskGate.kill.latch", value: kill.latch.scopes, expected });
}
