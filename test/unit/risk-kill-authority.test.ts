import { describe, expect, it } from "vitest";
import { KillAuthority, type KillPerson } from "../../src/risk/kill-authority.ts";
import { KillScopes } from "../../src/risk/kill-scopes.ts";

const scopes = new KillScopes({ desk: ["rates", "credit"], strategy: ["grid"] });
const [firm, rates, credit, grid] = [0, 1, 2, 3];

describe("KillAuthority", () => {
  const authority = new KillAuthority(scopes, [
    {
      who: "tom",
      role: "trader",
      scopes: [
        { kind: "desk", name: "rates" },
        { kind: "strategy", name: "grid" },
      ],
    },
    { who: "tia", role: "trader", scopes: [{ kind: "strategy", name: "grid" }], mayDrill: true },
    { who: "rob", role: "riskManager" },
    { who: "ria", role: "riskManager", mayDrill: false },
    { who: "sue", role: "seniorManagement" },
    { who: "watch", role: "machine", scopes: [null, { kind: "desk", name: "credit" }] },
  ]);

  it.each([
    ["tom", "trader", [false, true, false, true], [false, true, false, true], false],
    ["tia", "trader", [false, false, false, true], [false, false, false, true], true],
    ["rob", "riskManager", [true, true, true, true], [true, true, true, true], true],
    ["ria", "riskManager", [true, true, true, true], [true, true, true, true], false],
    ["sue", "seniorManagement", [true, false, false, false], [true, false, false, false], false],
    ["watch", "machine", [true, false, true, false], [false, false, false, false], false],
    ["Rob", null, [false, false, false, false], [false, false, false, false], false],
  ])("says what %s may do", (who, role, activates, lifts, drills) => {
    const all = [firm, rates, credit, grid] as number[];
    expect(authority.roleOf(who)).toBe(role);
    expect(all.map((scope) => authority.mayActivate(who, scope))).toEqual(activates);
    expect(all.map((scope) => authority.mayReenable(who, scope))).toEqual(lifts);
    expect(authority.mayDrill(who)).toBe(drills);
  });

  it("finds the one from risk in either place", () => {
    expect(authority.hasRisk("rob", "tom")).toBe(true);
    expect(authority.hasRisk("tom", "ria")).toBe(true);
    expect(authority.hasRisk("tom", "sue")).toBe(false);
    expect(authority.hasRisk("ghost", "watch")).toBe(false);
  });

  it.each<[unknown, string]>([
    [[], "killAuthority.people:"],
    [[{ who: "", role: "riskManager" }], "people[0].who"],
    [
      [
        { who: "a", role: "riskManager" },
        { who: "a", role: "riskManager" },
      ],
      'people[1].who: found "a", expected a name that is new',
    ],
    [[{ who: "a", role: "boss" }], "people[0].role"],
    [[{ who: "a", role: "riskManager", drill: true }], "people[0].drill"],
    [[{ who: "a", role: "riskManager", mayDrill: 1 }], "people[0].mayDrill"],
    [
      [{ who: "a", role: "riskManager", scopes: [null] }],
      "people[0].scopes: found [null], expected no scopes: the role says which",
    ],
    [[{ who: "a", role: "trader" }], "people[0].scopes: found [], expected an array of at least 1"],
    [
      [{ who: "a", role: "trader", scopes: [] }],
      "people[0].scopes: found [], expected an array of at least 1",
    ],
    [[{ who: "a", role: "machine", scopes: [] }], "people[0].scopes"],
    [
      [{ who: "a", role: "trader", scopes: [null] }],
      "people[0].scopes: found null, expected a scope that is configured, the firm only for a machine",
    ],
    [[{ who: "a", role: "trader", scopes: [{ kind: "desk", name: "x" }] }], "people[0].scopes"],
    [[{ who: "a", role: "machine", scopes: [{ kind: "desk", name: "x" }] }], "people[0].scopes"],
  ])("refuses the people %j", (people, message) => {
    expect(() => new KillAuthority(scopes, people as KillPerson[])).toThrow(message);
    expect(() => new KillAuthority(scopes, people as KillPerson[])).toThrow("FAULT_CONFIG");
  });
});
