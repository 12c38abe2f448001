import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkKeys,
  checkPositive,
  Fault,
} from "../base/index.ts";
import type { DeadMan } from "./dead-man.ts";
import type { KillAuthority } from "./kill-authority.ts";
import type { FlattenOptions } from "./kill-flatten.ts";
import type { KillLatch, KillLevel } from "./kill-latch.ts";
import type { KillControls, KillOrders, KillPace, KillVenue, LatchStore } from "./kill-port.ts";
import type { KillRecord } from "./kill-record.ts";
import { checkIdentifier, type KillScope, type KillScopeKind, type KillScopes } from "./kill-scopes.ts";

/** A heart whose loss kills. */
export interface DeadManWatch {
  readonly heart: DeadMan;
  /** Somebody, better some machine, of the authority. */
  readonly who: string;
  readonly scope: KillScope | null;
  readonly level: KillLevel;
}

/** What a kill switch is built of. */
export interface KillSwitchOptions {
  readonly latch: KillLatch;
  readonly scopes: KillScopes;
  readonly authority: KillAuthority;
  readonly store: LatchStore;
  readonly venues: readonly KillVenue[];
  readonly orders: KillOrders;
  readonly pace: KillPace;
  /** Takes every audit record; one that throws is counted and stops nothing. */
  readonly onRecord: (record: KillRecord) => void;
  readonly controls?: KillControls;
  readonly flatten?: FlattenOptions;
  readonly deadMan?: DeadManWatch;
  /** Marks every record and report as one of a drill. */
  readonly drill?: boolean;
}

const OPTION_KEYS = [
  "latch",
  "scopes",
  "authority",
  "store",
  "venues",
  "orders",
  "pace",
  "onRecord",
  "controls",
  "flatten",
  "deadMan",
  "drill",
];
const CONTROL_KEYS = ["stopStrategies", "closeEgress", "openEgress"] as const;
const PACE_KEYS = [
  "cancelsPerStep",
  "retryNs",
  "queryNs",
  "inFlightNs",
  "roundsMax",
  "escalateNs",
  "requestNs",
] as const;

/** Throws `FAULT_CONFIG` unless a kill switch can be built of the options. */
export function checkOptions(options: KillSwitchOptions): void {
  checkKeys("killSwitch", options, OPTION_KEYS);
  checkFunction("killSwitch.onRecord", options.onRecord);
  checkMethods("killSwitch.store", options.store, ["save"]);
  checkMethods("killSwitch.orders", options.orders, ["open", "includes"]);
  checkInteger("killSwitch.latch.scopes", options.latch.scopes, options.scopes.size);
  checkBoolean("killSwitch.drill", options.drill ?? false);
  checkKeys("killSwitch.pace", options.pace, PACE_KEYS);
  for (const key of PACE_KEYS) checkInteger(`killSwitch.pace.${key}`, options.pace[key], 1);
  checkKeys("killSwitch.controls", options.controls ?? {}, CONTROL_KEYS);
  checkMethods("killSwitch.controls", options.controls ?? {}, [], CONTROL_KEYS);
  checkVenues(options.venues);
  checkReach(options.scopes, "venue", new Set(options.venues.map((venue) => venue.name)));
  checkReach(options.scopes, "session", new Set(options.venues.flatMap((venue) => venue.sessions ?? [])));
  if (options.flatten !== undefined) checkFlatten(options.flatten);
  if (options.deadMan !== undefined) checkDeadMan(options, options.deadMan);
}

function checkMethods<Target extends object>(
  path: string,
  target: Target,
  needed: readonly (keyof Target & string)[],
  optional: readonly (keyof Target & string)[] = [],
): void {
  for (const key of needed) checkFunction(`${path}.${key}`, target[key]);
  for (const key of optional) if (target[key] !== undefined) checkFunction(`${path}.${key}`, target[key]);
}

function checkFlatten(options: FlattenOptions): void {
  checkKeys("killSwitch.flatten", options, ["plan", "referenceAgeNsMax"]);
  checkPositive("killSwitch.flatten.referenceAgeNsMax", options.referenceAgeNsMax);
  checkMethods("killSwitch.flatten.plan", options.plan, ["referenceAgeNs", "start", "owns"]);
}

function checkVenues(venues: readonly KillVenue[]): void {
  const names = new Set<string>();
  for (const [at, venue] of checkArray("killSwitch.venues", venues).entries()) {
    const path = `killSwitch.venues[${at}]`;
    const name = checkIdentifier("FAULT_CONFIG", `${path}.name`, venue.name);
    if (names.has(name)) {
      throw new Fault("FAULT_CONFIG", { path: `${path}.name`, value: name, expected: "a name that is new" });
    }
    names.add(name);
    checkMethods(path, venue, ["cancel", "queryOpenOrders"], ["massCancel", "logout"]);
    for (const session of venue.sessions ?? []) checkIdentifier("FAULT_CONFIG", `${path}.sessions`, session);
  }
}

/** A scope that no venue answers for could never be shown to be clean. */
function checkReach(scopes: KillScopes, kind: KillScopeKind, reached: ReadonlySet<string>): void {
  for (const name of scopes.names(kind)) {
    checkChoice(`killSwitch.scopes.${kind}`, name, [...reached]);
  }
}

function checkDeadMan({ scopes, authority }: KillSwitchOptions, watch: DeadManWatch): void {
  checkKeys("killSwitch.deadMan", watch, ["heart", "who", "scope", "level"]);
  checkInteger("killSwitch.deadMan.level", watch.level, 1, 4);
  const index = scopes.indexOf(watch.scope);
  if (index >= 0 && authority.mayActivate(watch.who, index)) return;
  const expected = "somebody who may kill the scope";
  throw new Fault("FAULT_CONFIG", { path: "killSwitch.deadMan.who", value: watch.who, expected });
}
