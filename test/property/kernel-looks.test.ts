import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelStateHash, saveKernel } from "../../src/kernel/index.ts";
import type { PositionView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

type Step = readonly ["bid" | "ask" | "buy", number] | readonly ["fill" | "split" | "dividend", number];

/** Sees what positions are worth whenever it is told of one, or of a trade through one that it kept. */
function witness(seen: unknown[]): Strategy {
  const note = ({ markTicks, unrealizedMinor, lots }: PositionView): void =>
    void seen.push([markTicks, unrealizedMinor, lots]);
  let kept: PositionView | undefined;
  return {
    name: "witness",
    onStart: (ctx) => {
      kept = ctx.position("ABC");
    },
    onTrade: () => note(kept as PositionView),
    onPosition: note,
    onSave: () => ({ version: 1, state: null }),
    onLoad: () => {},
  };
}

/** Buys at once, and looks at the equity at every chance where `looks`. */
function looker(looks: boolean): Strategy {
  const look = (_: unknown, ctx: StrategyContext): void => {
    if (looks) void [ctx.portfolio.equity, ctx.portfolio.equityMinor, ctx.position("ABC").unrealizedMinor];
  };
  return {
    name: "looker",
    onStart: (ctx) => void ctx.submit({ instrument: "ABC", side: "buy", lots: 1000, priceTicks: 100 }),
    onBook: look,
    onTrade: look,
    onFill: look,
    onPosition: look,
    onSave: () => ({ version: 1, state: null }),
    onLoad: () => {},
  };
}

function run(steps: readonly Step[], looks: boolean, ownerLooks: boolean): unknown {
  const seen: unknown[] = [];
  const to = new KernelDriver([looker(looks), witness(seen)]);
  to.kernel.start();
  to.report("accepted");
  for (const [what, n] of steps) {
    if (what === "fill") to.report("trade", 0, { lots: n, tick: 100 });
    else if (what === "split") to.kernel.split(to.kernel.stations[0]!, n, 2);
    else if (what === "dividend") to.kernel.dividend(to.kernel.stations[0]!, n);
    else to.row(what, what === "ask" ? 110 + n : 100 - n, 5);
    if (ownerLooks) void to.kernel.portfolio.equity;
  }
  return { seen, state: kernelStateHash(saveKernel(to.kernel)), final: to.kernel.finalState() };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constantFrom("bid" as const, "ask" as const, "buy" as const), fc.integer({ min: 1, max: 9 })),
  fc.tuple(
    fc.constantFrom("fill" as const, "split" as const, "dividend" as const),
    fc.integer({ min: 1, max: 6 }),
  ),
);

describe("a look at what positions are worth", () => {
  it("changes neither what others see, nor what is saved, nor what is hashed", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const unseen = run(steps, false, false);
        expect(run(steps, true, false)).toEqual(unseen);
        expect(run(steps, false, true)).toEqual(unseen);
      }),
      { numRuns: 200 },
    );
  });

  it("finds the mid, else the last price, else that of the fill; after a split that of the split", () => {
    const seen: unknown[] = [];
    const to = new KernelDriver([looker(false), witness(seen)]);
    to.kernel.start();
    const { position } = to.kernel.stations[0]!;
    expect(position.markTicks).toBeNaN();
    to.report("accepted").report("trade", 0, { lots: 2, tick: 100 });
    expect(position.markTicks).toBe(100);
    to.row("buy", 104, 1);
    expect(position.markTicks).toBe(104);
    to.kernel.split(to.kernel.stations[0]!, 2, 1);
    to.kernel.split(to.kernel.stations[0]!, 2, 1);
    const { equityMinor } = to.kernel.portfolio;
    expect([position.markTicks, position.lots]).toEqual([26, 8]);
    expect(seen.at(-1)).toEqual([26, position.unrealizedMinor, 8]);
    to.row("buy", 26, 1);
    expect(to.kernel.portfolio.equityMinor).toBe(equityMinor);
    to.row("bid", 28, 1).row("ask", 30, 1);
    expect(position.markTicks).toBe(29);
  });
});
