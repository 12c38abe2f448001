import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDER_COUNT, type OrderCountKind, OrderToTrade } from "../../src/risk/order-to-trade.ts";
import { RepeatThrottle } from "../../src/risk/repeat-throttle.ts";

const few = fc.integer({ min: 0, max: 1 });
const step = fc.record({
  strategy: few,
  instrument: few,
  side: fc.constantFrom(1, -1),
  signal: few,
  by: fc.integer({ min: 0, max: 15 }),
  after: fc.constantFrom("nothing", "nothing", "enable", "restart"),
});

describe("the throttle of repeated executions", () => {
  it("disables as a list of all executions says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 100 }), (count, steps) => {
        const make = () => {
          const made = new RepeatThrottle({ strategies: 2, capacity: 128, windowNsMax: 60 });
          made.configure(0, { count, windowNs: 60 });
          made.configure(1, { count: count + 1, windowNs: 30 });
          return made;
        };
        let made = make();
        let executions: { readonly name: string; readonly strategy: number; readonly atNs: number }[] = [];
        const isOff = [false, false];
        let nowNs = 0;
        for (const { strategy, instrument, side, signal, by, after } of steps) {
          nowNs += by;
          const name = `${strategy} ${instrument} ${side} ${signal}`;
          if (!isOff[strategy]) {
            executions.push({ name, strategy, atNs: nowNs });
            const windowNs = strategy === 0 ? 60 : 30;
            const alike = executions.filter(
              (each) => each.name === name && nowNs - each.atNs < windowNs,
            ).length;
            isOff[strategy] = alike >= count + strategy;
            expect(made.executed(strategy, instrument, side, signal, nowNs)).toBe(isOff[strategy]);
          } else {
            expect(made.executed(strategy, instrument, side, signal, nowNs)).toBe(false);
          }
          if (after === "restart") {
            const again = make();
            again.load(JSON.parse(JSON.stringify(made.save())));
            made = again;
          }
          if (after === "enable") {
            expect(made.enable(strategy, "R. Okafor")).toBe(isOff[strategy]);
            if (isOff[strategy]) executions = executions.filter((each) => each.strategy !== strategy);
            isOff[strategy] = false;
          }
          expect([made.isEnabled(0), made.isEnabled(1)]).toEqual(isOff.map((each) => !each));
        }
      }),
    );
  });
});

describe("the ratio of unexecuted orders to transactions", () => {
  it("is that of a list of all messages", () => {
    const message = fc.record({
      kind: fc.constantFrom<OrderCountKind>("single", "quote", "pair"),
      what: fc.constantFrom("submit", "modify", "cancel", "execute", "execute"),
      lots: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 60 }),
        fc.nat(5),
        fc.nat(5),
        fc.nat(8),
        (messages, byNumber, byVolume, minOrders) => {
          const made = new OrderToTrade({ instruments: 1 });
          made.configure(0, { byNumber, byVolume, minOrders });
          let [orders, orderLots, trades, tradeLots] = [0, 0, 0, 0];
          for (const { kind, what, lots } of messages) {
            const next = orders + ORDER_COUNT[kind].submit;
            const passes =
              next <= minOrders ||
              (trades > 0 && next / trades - 1 <= byNumber && (orderLots + lots) / tradeLots - 1 <= byVolume);
            expect(made.allows(0, kind, lots)).toBe(passes);
            if (what === "execute") {
              made.executed(0, lots);
              trades += 1;
              tradeLots += lots;
              continue;
            }
            orders += ORDER_COUNT[kind][what as "submit" | "modify" | "cancel"];
            orderLots += what === "modify" ? 2 * lots + 1 : lots;
            if (what === "submit") made.submitted(0, kind, lots);
            if (what === "modify") made.modified(0, kind, lots, lots + 1);
            if (what === "cancel") made.canceled(0, kind, lots);
            expect([made.byNumber(0), made.byVolume(0)]).toEqual([
              orders / trades - 1,
              orderLots / tradeLots - 1,
            ]);
          }
        },
      ),
    );
  });
});
