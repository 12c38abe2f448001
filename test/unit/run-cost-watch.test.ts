import { describe, expect, it } from "vitest";
import { CostWatch } from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

/** A kernel whose orders are watched, with a market at 99 to 101 since 5 ns. */
function watched(lingerNs = 1_000_000) {
  const idle: Strategy = { name: "idle", onBook() {} };
  const to = new KernelDriver([idle], { lingerNs, orderCapacity: 16_384 });
  const watch = new CostWatch(to.kernel, { laterNs: 10 });
  to.kernel.observer = watch;
  to.at(10).row("bid", 99, 50).row("ask", 101, 50);
  const buy = (lots: number) => to.ctx().submit({ instrument: "ABC", side: "buy", lots, priceTicks: 101 });
  return { to, watch, buy };
}

describe("an execution that is reported after its order was", () => {
  it("canceled is in the costs", () => {
    const { to, watch, buy } = watched();
    expect(buy(10).ok).toBe(true);
    to.at(30).report("accepted", 0, { exchNs: 20 });
    to.at(40).report("canceled", 0, { exchNs: 35 });
    to.at(60).row("bid", 100, 50);
    to.at(80).report("trade", 0, { lots: 4, exchNs: 33 });
    to.at(90).row("bid", 99, 50);
    const [tca] = watch.finish(100);
    expect(tca?.counts).toMatchObject({ orders: 1, fills: 1, filledLots: 4, afterEnd: 1, late: 0 });
    expect(tca?.total.items.spreadCrossing).toBe(4n);
    expect(tca?.rates).toMatchObject({ sent: 1, canceled: 1, filled: 0, partlyFilled: 1 });
  });

  it("canceled and fills all of it counts as filled, too", () => {
    const { to, watch, buy } = watched();
    buy(10);
    to.at(30).report("accepted", 0, { exchNs: 20 });
    to.at(31).report("trade", 0, { lots: 3, exchNs: 25 });
    to.at(40).report("canceled", 0, { exchNs: 35 });
    to.at(80).report("trade", 0, { lots: 7, exchNs: 33 });
    const [tca] = watch.finish(100);
    expect(tca?.counts).toMatchObject({ fills: 2, filledLots: 10, fillRate: 1, afterEnd: 1 });
    expect(tca?.rates).toMatchObject({ canceled: 1, partlyFilled: 1, filled: 1 });
  });

  it("canceled, after 8,192 others that have ended since, is left out and counted", () => {
    const { to, watch, buy } = watched(1e15);
    buy(10);
    to.at(20).report("canceled", 0, { exchNs: 15 });
    for (let nth = 1; nth <= 8_192; nth++) {
      expect(buy(1).ok).toBe(true);
      to.report("canceled", nth, { exchNs: 16 });
    }
    to.at(80).report("trade", 0, { lots: 4, exchNs: 14 });
    const [tca] = watch.finish(100);
    expect(tca?.counts).toMatchObject({ orders: 8_193, fills: 0, afterEnd: 0, late: 1 });
  }, 60_000);
});
