import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { KILL_SCOPE_KINDS, type KillScope, KillScopes } from "../../src/risk/kill-scopes.ts";

function fault(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Fault ? error.message : String(error);
  }
  return "no fault";
}

describe("KillScopes", () => {
  const scopes = new KillScopes({ session: ["s"], venue: ["v", "w"], strategy: ["v"] });

  it("gives the firm 0 and the rest by kind, in the order given", () => {
    expect(scopes.size).toBe(5);
    expect(scopes.indexOf(null)).toBe(0);
    expect(scopes.indexOf({ kind: "venue", name: "v" })).toBe(1);
    expect(scopes.indexOf({ kind: "venue", name: "w" })).toBe(2);
    expect(scopes.indexOf({ kind: "strategy", name: "v" })).toBe(3);
    expect(scopes.indexOf({ kind: "session", name: "s" })).toBe(4);
    for (let index = 0; index < scopes.size; index++)
      expect(scopes.indexOf(scopes.scopeAt(index))).toBe(index);
  });

  it("lists the names of a kind", () => {
    expect(KILL_SCOPE_KINDS.map((kind) => scopes.names(kind))).toEqual([
      ["v", "w"],
      [],
      [],
      [],
      ["v"],
      [],
      ["s"],
    ]);
  });

  it("knows a name that is not configured from a name that cannot be", () => {
    expect(scopes.indexOf({ kind: "venue", name: "x" })).toBe(-1);
    expect(scopes.indexOf({ kind: "desk", name: "v" })).toBe(-1);
    const wrong: [unknown, string][] = [
      [
        undefined,
        "FAULT_INPUT killScope: found undefined, expected null for the firm, or a kind (venue, account, desk, user, strategy, symbol, session) and a name",
      ],
      ["", 'FAULT_INPUT killScope: found "", expected null'],
      [{ kind: "firm", name: "v" }, 'FAULT_INPUT killScope: found {"kind":"firm","name":"v"}, expected null'],
      [
        { kind: "venue", name: "" },
        'FAULT_INPUT killScope.name: found "", expected a name that is neither blank nor padded',
      ],
      [{ kind: "venue", name: " " }, 'FAULT_INPUT killScope.name: found " "'],
      [{ kind: "venue", name: "v " }, 'FAULT_INPUT killScope.name: found "v "'],
      [{ kind: "venue", name: null }, "FAULT_INPUT killScope.name: found null"],
      [{ kind: "venue" }, "FAULT_INPUT killScope.name: found undefined"],
    ];
    for (const [scope, message] of wrong)
      expect(fault(() => scopes.indexOf(scope as KillScope))).toContain(message);
  });

  it("refuses an index that is none", () => {
    for (const index of [-1, 5, 0.5, Number.NaN]) {
      expect(fault(() => scopes.scopeAt(index))).toBe(
        `FAULT_INPUT killScopes.index: found ${index}, expected an index within 0 and 4`,
      );
    }
  });

  it("refuses names that are blank or given twice, and kinds that are none", () => {
    expect(fault(() => new KillScopes({ desk: ["a", ""] }))).toContain(
      'FAULT_CONFIG killScopes.desk[1]: found ""',
    );
    expect(fault(() => new KillScopes({ desk: ["a", "a"] }))).toBe(
      'FAULT_CONFIG killScopes.desk[1]: found "a", expected a name that is new',
    );
    expect(fault(() => new KillScopes({ desks: ["a"] } as never))).toContain("FAULT_CONFIG killScopes.desks");
    expect(new KillScopes({}).size).toBe(1);
  });
});
