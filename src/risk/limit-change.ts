import { checkKeys, checkText, Fault } from "../base/index.ts";
import type { Level } from "./levels.ts";
import type { LimitName, RiskLimits } from "./limits.ts";

/** Somebody who may do something to a gate. */
export interface Person {
  readonly name: string;
  readonly role: "trader" | "risk" | "management";
}

/** An exception to one limit, for a while: asked for by one person, granted by another of the risk function. */
export interface LimitOverride {
  readonly level: Level;
  readonly name?: string;
  /** One limit and the value it has until then. */
  readonly limits: RiskLimits;
  readonly reason: string;
  readonly requestedBy: Person;
  readonly approvedBy: Person;
  /** When it ends. @units ns from the session's base */
  readonly untilNs: number;
}

/** A limit got another value. Infinity is unlimited. */
export interface LimitChange {
  readonly kind: "limits" | "override" | "overrideEnded";
  /** The node, such as `user mara`. */
  readonly where: string;
  readonly limit: LimitName;
  /** As the gate counts: money in whole minor units. */
  readonly before: number;
  readonly after: number;
  readonly atNs: number;
  readonly version: number;
  readonly by: readonly string[];
  readonly reason: string;
  /** When an override ends. @units ns from the session's base */
  readonly untilNs?: number;
}

/** The name of somebody who may do something. @throws `FAULT_CONFIG` naming the field */
export function checkPerson(path: string, person: Person): string {
  checkKeys(path, person, ["name", "role"]);
  const roles = ["trader", "risk", "management"];
  if (!roles.includes(person.role)) {
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.role`,
      value: person.role,
      expected: `one of ${roles.join(", ")}`,
    });
  }
  return checkText(`${path}.name`, person.name);
}
