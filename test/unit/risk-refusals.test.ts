import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RISK_README, refusalTable, withRefusalTable } from "../../scripts/risk-refusals.ts";
import { RISK_CODE, RISK_REFUSALS } from "../../src/risk/index.ts";

describe("the table of refusals", () => {
  it("in the README is the one of today: run `node scripts/risk-refusals.ts`", () => {
    const readme = readFileSync(RISK_README, "utf8");
    expect(withRefusalTable(readme)).toBe(readme);
  });

  it("names every code once, in order of precedence", () => {
    expect(refusalTable().match(/RISK_\w+/g)).toEqual([...RISK_REFUSALS]);
  });

  it("needs its marks", () => {
    expect(() => withRefusalTable("# risk")).toThrow("no marks");
  });
});

it("numbers the codes from 1, for records", () => {
  expect(Object.values(RISK_CODE)).toEqual(RISK_REFUSALS.map((_, i) => i + 1));
});
