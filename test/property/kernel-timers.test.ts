import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

describe("timers", () => {
  it("fire as a sorted list would have them", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("at" as const), ns: fc.nat(60) }),
      fc.record({ do: fc.constant("every" as const), ns: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ do: fc.constant("stop" as const), ns: fc.nat(20) }),
      fc.record({ do: fc.constant("run" as const), ns: fc.nat(15) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const fired: [number, number][] = [];
        const expected: [number, number][] = [];
        const to = new KernelDriver([{ onTimer: (timer, ctx) => void fired.push([ctx.clock.ns, timer]) }]);
        const { clock } = to.ctx();
        const slow: { id: number; ns: number; period: number }[] = [];
        let now = 0;
        for (const each of steps) {
          if (each.do === "at") slow.push({ id: clock.at(now + each.ns), ns: now + each.ns, period: 0 });
          else if (each.do === "every")
            slow.push({ id: clock.every(each.ns), ns: now + each.ns, period: each.ns });
          else if (each.do === "stop") {
            clock.stop(each.ns);
            const at = slow.findIndex(({ id }) => id === each.ns);
            if (at >= 0) slow.splice(at, 1);
          } else {
            now += each.ns;
            while ((to.kernel.timers.nextNs[0] as number) <= now) {
              to.at(to.kernel.timers.nextNs[0] as number);
              to.kernel.timer();
            }
            for (;;) {
              slow.sort((a, b) => a.ns - b.ns || a.id - b.id);
              const next = slow[0];
              if (next === undefined || next.ns > now) break;
              expected.push([next.ns, next.id]);
              if (next.period === 0) slow.shift();
              else next.ns += next.period;
            }
            to.at(now);
          }
        }
        expect(fired).toEqual(expected);
      }),
    );
  });
});
