import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT } from "../../scripts/rooms.ts";
import { HUNT, MutantHunt, mutated } from "../../scripts/standing-mutant-hunt.ts";
import { STANDING_MUTANTS, type StandingMutant } from "../../scripts/standing-mutants-list.ts";
import { ORACLES } from "../../src/torture/index.ts";

const FOUND = STANDING_MUTANTS.filter(({ unseen }) => unseen === undefined);

describe("standing mutants", () => {
  const hunt = new MutantHunt();
  afterAll(() => hunt.close());

  it("are at least ten, each with a name, a place in the source as it is, and a rule that is there for it", () => {
    expect(FOUND.length).toBeGreaterThanOrEqual(10);
    expect(new Set(STANDING_MUTANTS.map(({ name }) => name)).size).toBe(STANDING_MUTANTS.length);
    for (const mutant of STANDING_MUTANTS) {
      const source = readFileSync(join(ROOT, mutant.file), "utf8");
      expect(mutated(mutant, source)).not.toBe(source);
      expect(mutant.oracles.length).toBeGreaterThan(0);
      expect(mutant.oracles.every((oracle) => ORACLES.includes(oracle))).toBe(true);
    }
  });

  it.each(FOUND)(
    "$name is found: $wrong",
    async (mutant) => {
      const { seed } = mutant;
      // The seed that found it first; where the code has changed since, any of the 500.
      const found = await hunt.find(mutant, [
        [seed, HUNT.seedsMax],
        [1, seed - 1],
      ]);
      expect(
        found,
        `${mutant.name} within ${HUNT.seedsMax} seeds; then tell another one in the list`,
      ).toBeDefined();
      expect(mutant.oracles).toContain(found?.oracle);
    },
    120_000,
  );

  it.each<[string, Partial<StandingMutant>]>([
    ["0 times", { old: "this text stands nowhere" }],
    ["0 times", { old: "" }],
    ["2 times", { old: "twice" }],
    ["by itself", { old: "once", new: "once" }],
  ])("a text that stands %s is refused", (said, change) => {
    const mutant = { ...(FOUND[0] as StandingMutant), ...change };
    expect(() => mutated(mutant, "once and twice and twice")).toThrow(said);
  });

  it("a text is put in as it is, dollars too", () => {
    const mutant = { ...(FOUND[0] as StandingMutant), old: "b", new: "$& $1" };
    expect(mutated(mutant, "abc")).toBe("a$& $1c");
  });
});
