import { mergeConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import config from "./vitest.config.ts";

/** Files that take milliseconds find most mutants out, so those with property tests come last. */
class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => (moduleId.includes("/test/property/") ? 1 : 0);
    return Promise.resolve(files.toSorted((a, b) => rank(a) - rank(b)));
  }
}

/**
 * As the tests always run, but with one seed for all property tests, fewer runs of each, and only the files
 * that MUTATION_TESTS names. Stryker's own list of test files will not do: with one, it switches mutants of
 * code that runs at import on too late, and all of them survive.
 */
export default mergeConfig(
  {
    ...config,
    test: { ...config.test, globalSetup: [], include: process.env.MUTATION_TESTS?.split(",") ?? [] },
  },
  { test: { setupFiles: ["test/mutation/calm-fuzzing.ts"], sequence: { sequencer: QuickFirst } } },
);
