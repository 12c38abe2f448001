import { describe, expect, it } from "vitest";
import type { InstrumentOptions } from "../../src/model/index.ts";
import { type CostOptions, CostWatch } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { testInstrument } from "../fixtures/sim-venue-driver.ts";

/** A kernel at two venues, its orders sent to the first; `play` moves both books between decision and fill. */
function costsOf(
  play: (to: KernelDriver) => void,
  costs: CostOptions = {},
  second: Partial<InstrumentOptions> = {},
) {
  const idle: Strategy = { name: "idle", onBook() {} };
  const instruments = [testInstrument({ venue: "one" }), testInstrument({ venue: "two", ...second })];
  const to = new KernelDriver([idle], { instruments, lingerNs: 1_000 });
  const watch = new CostWatch(to.kernel, { laterNs: 10, ...costs });
  to.kernel.observer = watch;
  const [{ key }] = instruments as [(typeof instruments)[number]];
  to.at(10).row("bid", 96, 50).row("ask", 104, 50);
  to.at(11).row("bid", 98, 50, 1).row("ask", 100, 50, 1);
  expect(to.ctx().submit({ instrument: key, side: "buy", lots: 10, priceTicks: 104 }).ok).toBe(true);
  play(to);
  to.at(50).report("accepted", 0, { exchNs: 35 });
  to.at(51).report("trade", 0, { lots: 10, tick: 103, exchNs: 40 });
  to.at(90).row("bid", 97, 50);
  const [tca] = watch.finish(100);
  if (tca === undefined) throw new Error("no analysis");
  return tca;
}

const quiet = (): void => {};

describe("a symbol that trades at two venues", () => {
  it("is compared with the best of both: arrival, fill and improvement", () => {
    const { total, improvement } = costsOf(quiet);
    // Decided at 100 where it was sent to; the best bid and ask are 98 and 100.
    expect(total.items).toMatchObject({ slippage: -10n, impact: 0n, spreadCrossing: 40n });
    expect(improvement.improved).toBe(0);
  });

  it("is compared with its own venue where that is asked for", () => {
    const { total, improvement } = costsOf(quiet, { reference: "own" });
    expect(total.items).toMatchObject({ slippage: 0n, impact: 0n, spreadCrossing: 30n });
    expect(improvement).toMatchObject({ improved: 1, meanTicks: 1 });
  });

  it("takes each side where it is best", () => {
    const { total } = costsOf((to) => to.at(20).row("bid", 99, 5));
    // 99 at the first, 100 at the second.
    expect(total.items).toMatchObject({ slippage: -5n, spreadCrossing: 35n });
  });

  it("leaves out the earlier of two quotes that cross: a venue that fell silent", () => {
    const { total } = costsOf((to) => to.at(20).row("bid", 102, 5));
    expect(total.items).toMatchObject({ slippage: 30n, spreadCrossing: 0n });
  });

  it.each([
    ["ticks", { tickSize: "0.05" }],
    ["lots", { lotSize: "10" }],
    ["symbols", { symbol: "XYZ" }],
    ["values", { multiplier: "10" }],
  ])("is its own reference where %s differ", (_, second) => {
    expect(costsOf(quiet, {}, second).total.items).toMatchObject({ slippage: 0n, spreadCrossing: 30n });
  });
});
