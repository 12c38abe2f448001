import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { smallBarRun, smallDepthRun } from "./small-run.ts";

/**
 * The hashes of two small runs, frozen. A change of them is a change of what runs come to: it is meant to be
 * seen in review. (`runHash` covers the package's version too; `effects` does not.)
 * `UPDATE_RUN_HASH=1 npm test -- test/parity` writes them anew.
 */
const GOLDEN = new URL("run-hash.json", import.meta.url);

describe("a small run", () => {
  const runs = { depth: smallDepthRun(), bars: smallBarRun() };

  it("comes to the hash on record", () => {
    if (process.env.UPDATE_RUN_HASH === "1") writeFileSync(GOLDEN, `${JSON.stringify(runs, null, 2)}\n`);
    expect(existsSync(GOLDEN), "run with UPDATE_RUN_HASH=1 first").toBe(true);
    expect(runs).toEqual(JSON.parse(readFileSync(GOLDEN, "utf8")));
  });

  it("does enough to tell versions apart", () => {
    expect(runs.depth.fills).toBeGreaterThan(100);
    expect(runs.bars.fills).toBeGreaterThan(20);
  });
});
