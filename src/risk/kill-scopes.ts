import { checkKeys, Fault, type FaultCode } from "../base/index.ts";
import { FIRM_SCOPE } from "./kill-latch.ts";

/** The kinds of scope beside the firm. */
export const KILL_SCOPE_KINDS = [
  "venue",
  "account",
  "desk",
  "user",
  "strategy",
  "symbol",
  "session",
] as const;

/** The kind of a scope that is not the firm. */
export type KillScopeKind = (typeof KILL_SCOPE_KINDS)[number];

/** A part of the firm that can be killed alone. The firm itself is `null`, always written out. */
export interface KillScope {
  readonly kind: KillScopeKind;
  readonly name: string;
}

/** The names of every scope there is, by kind. */
export type KillScopeNames = { readonly [Kind in KillScopeKind]?: readonly string[] };

/**
 * The dense index of every scope that can be latched: 0 is the firm, the others follow by kind and then in the
 * order given.
 *
 * @invariant An index means the same scope for ever; `size` words fit a {@link KillLatch}.
 * @throws `FAULT_CONFIG` for an unknown kind, a name that is blank, padded or given twice. `FAULT_INPUT` for a
 * scope that is neither `null` nor a kind with a name: nothing stands for the firm but `null`.
 * @cost `indexOf` one Map look-up.
 * @example
 * ```ts
 * import { KillScopes } from "tickwright/risk";
 * const scopes = new KillScopes({ venue: ["XNAS"], strategy: ["grid", "pairs"] });
 * scopes.indexOf(null); // => 0
 * scopes.indexOf({ kind: "strategy", name: "pairs" }); // => 3
 * scopes.indexOf({ kind: "strategy", name: "pair" }); // => -1
 * ```
 */
export class KillScopes {
  /** Scopes with the firm. */
  readonly size: number;
  readonly #byKind = new Map<KillScopeKind, Map<string, number>>();
  readonly #scopes: (KillScope | null)[] = [null];

  constructor(names: KillScopeNames) {
    checkKeys("killScopes", names, KILL_SCOPE_KINDS);
    for (const kind of KILL_SCOPE_KINDS) {
      const indices = new Map<string, number>();
      this.#byKind.set(kind, indices);
      for (const [at, name] of (names[kind] ?? []).entries()) {
        const path = `killScopes.${kind}[${at}]`;
        checkIdentifier("FAULT_CONFIG", path, name);
        if (indices.has(name)) {
          throw new Fault("FAULT_CONFIG", { path, value: name, expected: "a name that is new" });
        }
        indices.set(name, this.#scopes.length);
        this.#scopes.push({ kind, name });
      }
    }
    this.size = this.#scopes.length;
  }

  /** The index of a scope, -1 for a name that is not configured. */
  indexOf(scope: KillScope | null): number {
    if (scope === null) return FIRM_SCOPE;
    const indices = typeof scope === "object" ? this.#byKind.get(scope.kind) : undefined;
    if (indices === undefined) {
      const expected = `null for the firm, or a kind (${KILL_SCOPE_KINDS.join(", ")}) and a name`;
      throw new Fault("FAULT_INPUT", { path: "killScope", value: scope, expected });
    }
    checkIdentifier("FAULT_INPUT", "killScope.name", scope.name);
    return indices.get(scope.name) ?? -1;
  }

  /** The names of one kind, in the order of their indices. */
  names(kind: KillScopeKind): readonly string[] {
    return [...(this.#byKind.get(kind) as Map<string, number>).keys()];
  }

  /** The scope at an index: `null` for the firm. */
  scopeAt(index: number): KillScope | null {
    const scope = this.#scopes[index];
    if (scope !== undefined) return scope;
    const expected = `an index within 0 and ${this.size - 1}`;
    throw new Fault("FAULT_INPUT", { path: "killScopes.index", value: index, expected });
  }
}

/** Throws unless `value` names something: text that is neither blank nor padded. */
export function checkIdentifier(code: FaultCode, path: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && value.trim() === value) return value;
  throw new Fault(code, { path, value, expected: "a name that is neither blank nor padded" });
}
