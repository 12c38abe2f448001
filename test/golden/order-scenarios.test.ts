import { describe, expect, it } from "vitest";
import { OrderStateMachine, type OrderStateMachineOptions } from "../../src/order/index.ts";
import { BOOK_SCENARIOS } from "./order-scenario-books.ts";
import { DAY_SCENARIOS } from "./order-scenario-days.ts";
import { SCENARIOS } from "./order-scenario-steps.ts";

/** Every scenario of the catalogue: the published ones by their letters, the races beyond them as Z. */
const REFS = [
  ..."A1a A1b B1a B1b B1c B1d B1e B1f C1a C1b C1c C2a C3a C3b C3c D1a D1b D1c D2a D2b D2c".split(" "),
  ..."E1b E1c E1d E2a F1a F1b G1a G1b G1c H1a H1b H1c H1d I1a I1b J1a J1b K1a K1b L1a".split(" "),
  ..."Z1 Z2 Z3 Z4 Z5 Z6 Z7 Z8".split(" "),
];

function optionsOf(name: string): OrderStateMachineOptions {
  const terms = { side: "buy", lots: 10000, priceTicks: 0 } as const;
  return name.startsWith("a stop") ? { ...terms, type: "stop", stopTicks: 10 } : terms;
}

describe("order scenarios", () => {
  it("are all there", () => {
    const names = [SCENARIOS, DAY_SCENARIOS, BOOK_SCENARIOS].flatMap((table) => Object.keys(table));
    expect(REFS.filter((ref) => !names.some((name) => name.startsWith(`${ref} `)))).toEqual([]);
  });

  it.each(Object.entries(SCENARIOS))("%s", (name, steps) => {
    const order = new OrderStateMachine(optionsOf(name));
    for (const [event, expected, outcome = "applied"] of steps) {
      const got = order.apply(event);
      const flags = `${order.isUnknown ? " unknown" : ""}${order.needsReconciliation ? " reconcile" : ""}`;
      // Scenarios that say nothing about flags are about quantities only.
      const shown = /unknown|reconcile/.test(steps.map((step) => step[1]).join()) ? flags : "";
      const state = `${order.status} ${order.lots}/${order.cumLots}/${order.leavesLots}${shown}`;
      expect([event, got, state]).toEqual([event, outcome, expected]);
    }
  });

  it.each(Object.entries(DAY_SCENARIOS))("%s", (_name, steps) => {
    const order = new OrderStateMachine({ side: "buy", lots: 10000, priceTicks: 100 });
    for (const [event, expected, outcome = "applied"] of steps) {
      const got = order.apply(event);
      const total = `${order.lots}/${order.cumLots}/${order.leavesLots} at ${order.averageTicks}`;
      const day = `day ${order.dayLots}/${order.dayCumLots} at ${order.dayAverageTicks}`;
      expect([event, got, `${order.status} ${total}, ${day}`]).toEqual([event, outcome, expected]);
    }
  });

  it.each(Object.entries(BOOK_SCENARIOS))("%s", (_name, scenario) => {
    scenario();
  });
});
