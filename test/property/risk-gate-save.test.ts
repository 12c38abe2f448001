import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { fuzz } from "../fixtures/fuzz.ts";
import { GateFlow } from "../fixtures/gate-flow.ts";

const seen = new Map<string, number>();

/** Steps before the first fork, and behind each. */
const LENGTHS = fc.array(fc.integer({ min: 0, max: 220 }), { minLength: 2, maxLength: 4 });

describe("a gate that was loaded from another", () => {
  it("decides, records and saves as that one", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.nat(), LENGTHS, (seed, lengths) => {
        const flow = new GateFlow(new Prng(seed));
        for (const [i, length] of lengths.entries()) {
          for (let step = 0; step < length; step++) flow.step();
          if (i === lengths.length - 1) break;
          const bytes = flow.fork();
          expect(flow.gates.at(-1)?.save()).toEqual(bytes);
        }
        flow.settle();
        const [first, ...others] = flow.gates.map((gate) => gate.save());
        for (const bytes of others) expect(bytes).toEqual(first);
        for (const [code, count] of flow.seen) seen.set(code, (seen.get(code) ?? 0) + count);
      }),
      fuzz(120),
    );
    expect(seen.get("approved")).toBeGreaterThan(500);
    expect(seen.size).toBeGreaterThan(25);
    if (process.env.FUZZ_RUNS !== undefined) console.log([...seen].sort());
  });
});
