import { checkArray, checkBoolean, checkChoice, checkKeys, Fault } from "../base/index.ts";
import { checkIdentifier, type KillScope, type KillScopes } from "./kill-scopes.ts";

/** Who may do what; a `machine` is a dead man's watch, a hardware input or an agent. */
export const KILL_ROLES = ["trader", "riskManager", "seniorManagement", "machine"] as const;

/** What somebody is to the kill switch. */
export type KillRole = (typeof KILL_ROLES)[number];

/** Somebody, or some machine, that the kill switch knows. */
export interface KillPerson {
  readonly who: string;
  readonly role: KillRole;
  /** What a trader or a machine may kill; the firm (`null`) only for a machine. The other roles have none. */
  readonly scopes?: readonly (KillScope | null)[];
  /** Whether somebody beside a risk manager may run a drill. */
  readonly mayDrill?: boolean;
}

interface Standing {
  readonly role: KillRole;
  readonly own: ReadonlySet<number>;
  readonly mayDrill: boolean;
}

/**
 * Who may kill, lift and drill: a trader the own scopes, a risk manager any scope, senior management the firm, a
 * machine its scopes. Lifting takes two different persons, one of them a risk manager; a machine never lifts.
 *
 * @invariant Somebody who is not listed may do nothing.
 * @throws `FAULT_CONFIG` for an empty list, a name that is blank, padded or given twice, an unknown role, a
 * trader or machine without scopes, a trader with the firm, scopes for another role, or a scope that is not configured.
 * @source Commission Delegated Regulation (EU) 2017/589, articles 12 and 18
 * @example
 * ```ts
 * import { KillAuthority, KillScopes } from "tickwright/risk";
 * const scopes = new KillScopes({ desk: ["rates"] });
 * const authority = new KillAuthority(scopes, [
 *   { who: "ann", role: "trader", scopes: [{ kind: "desk", name: "rates" }] },
 *   { who: "rob", role: "riskManager" },
 * ]);
 * [authority.mayActivate("ann", 1), authority.mayActivate("ann", 0), authority.hasRisk("ann", "rob")]; // => [true, false, true]
 * ```
 */
export class KillAuthority {
  readonly #standings = new Map<string, Standing>();

  constructor(scopes: KillScopes, people: readonly KillPerson[]) {
    for (const [at, person] of checkArray("killAuthority.people", people).entries()) {
      const path = `killAuthority.people[${at}]`;
      checkKeys(path, person, ["who", "role", "scopes", "mayDrill"]);
      checkIdentifier("FAULT_CONFIG", `${path}.who`, person.who);
      if (this.#standings.has(person.who)) {
        throw new Fault("FAULT_CONFIG", {
          path: `${path}.who`,
          value: person.who,
          expected: "a name that is new",
        });
      }
      this.#standings.set(person.who, standingOf(path, scopes, person));
    }
  }

  /** The role of somebody, `null` for a stranger. */
  roleOf(who: string): KillRole | null {
    return this.#standings.get(who)?.role ?? null;
  }

  /** Whether somebody may latch the scope at an index. */
  mayActivate(who: string, scope: number): boolean {
    const standing = this.#standings.get(who);
    if (standing === undefined) return false;
    if (standing.role === "riskManager") return true;
    return standing.role === "seniorManagement" ? scope === 0 : standing.own.has(scope);
  }

  /** Whether somebody may be one of the two that lift the scope at an index. */
  mayReenable(who: string, scope: number): boolean {
    return this.mayActivate(who, scope) && this.roleOf(who) !== "machine";
  }

  /** Whether one of the two is from risk. */
  hasRisk(first: string, second: string): boolean {
    return this.roleOf(first) === "riskManager" || this.roleOf(second) === "riskManager";
  }

  /** Whether somebody may run a drill. */
  mayDrill(who: string): boolean {
    return this.#standings.get(who)?.mayDrill ?? false;
  }
}

function standingOf(path: string, scopes: KillScopes, person: KillPerson): Standing {
  const role = checkChoice(`${path}.role`, person.role, KILL_ROLES);
  const mayDrill = checkBoolean(`${path}.mayDrill`, person.mayDrill ?? role === "riskManager");
  const named = role === "trader" || role === "machine";
  const { scopes: own = [] } = person;
  if (named) checkArray(`${path}.scopes`, own);
  else if (own.length > 0) {
    const expected = "no scopes: the role says which";
    throw new Fault("FAULT_CONFIG", { path: `${path}.scopes`, value: own, expected });
  }
  const least = role === "machine" ? 0 : 1;
  return { role, mayDrill, own: new Set(own.map((scope) => ownScope(path, scopes, scope, least))) };
}

function ownScope(path: string, scopes: KillScopes, scope: KillScope | null, least: number): number {
  const index = scopes.indexOf(scope);
  if (index >= least) return index;
  const expected = "a scope that is configured, the firm only for a machine";
  throw new Fault("FAULT_CONFIG", { path: `${path}.scopes`, value: scope, expected });
}
