import { vi } from "vitest";

/** The most runs a property gets while mutants are tried. */
// One seed for every mutant: a mutant that one seed kills must not live by another.
process.env.FUZZ_SEED ??= "20261121";
const RUNS_MAX = Number(process.env.MUTATION_RUNS ?? 1000);
const SEED = 20_261_121;

// Every property test starts from one seed, so that a mutant lives or dies the same way each time; what fails
// is not shrunk, since nobody reads it.
vi.mock("fast-check", async (importOriginal) => {
  const actual = await importOriginal<typeof import("fast-check")>();
  const assert = actual.assert as (...args: unknown[]) => unknown;
  const calm = (property: unknown, given: { numRuns?: number; seed?: number } = {}): unknown =>
    assert(property, {
      ...given,
      numRuns: Math.min(given.numRuns ?? 100, RUNS_MAX),
      seed: given.seed ?? SEED,
      endOnFailure: true,
    });
  return { ...actual, assert: calm, default: { ...actual.default, assert: calm } };
});
