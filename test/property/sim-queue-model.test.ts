import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QueueModel, type QueueModelOptions } from "../../src/sim/index.ts";

/** The formulas as published, written out for one order, with the powers of the language. */
class SlowQueue {
  front: number;
  traded = 0;
  readonly options: QueueModelOptions;

  constructor(options: QueueModelOptions, level: number) {
    this.options = options;
    this.front = level;
  }

  trade(lots: number): void {
    this.front -= lots;
    this.traded += lots;
  }

  level(before: number, now: number): void {
    if (this.options.model === "riskAverse") {
      this.front = Math.min(this.front, now);
      return;
    }
    const change = before - now - this.traded;
    this.traded = 0;
    if (change < 0) {
      this.front = Math.min(this.front, now);
      return;
    }
    const back = before - this.front;
    const behind = this.probability(this.front, back);
    const p = Number.isFinite(behind) || Number.isNaN(behind) ? behind : 1;
    const estimate = this.front - (1 - p) * change + Math.min(back - p * change, 0);
    const place = Number.isNaN(estimate) ? now : Math.min(estimate, now);
    this.front = Math.max(place, Math.min(this.front, 0)); // ours: a formula brings nothing up to the order
  }

  probability(front: number, back: number): number {
    const { options } = this;
    const n = "n" in options ? options.n : 1;
    const f = (x: number): number => (options.model.startsWith("log") ? Math.log(1 + x) : x ** n);
    if (options.model === "power3") return 1 - f(front / (front + back));
    if (options.model.endsWith("2")) return f(back) / f(back + front);
    return f(back) / (f(back) + f(front));
  }
}

const model = fc.oneof(
  fc.constant<QueueModelOptions>({ model: "riskAverse" }),
  fc.record({ model: fc.constantFrom("power", "power2", "power3"), n: fc.constantFrom(1, 2, 3, 4) }),
  fc.constantFrom<QueueModelOptions>({ model: "log" }, { model: "log2" }),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant("trade" as const), lots: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant("level" as const), lots: fc.integer({ min: 0, max: 120 }) }),
);

describe("a place in a queue", () => {
  it("is what the published formulas give", () => {
    fc.assert(
      fc.property(
        model,
        fc.integer({ min: 0, max: 100 }),
        fc.array(step, { maxLength: 30, size: "max" }),
        (options, at, steps) => {
          const queue = new QueueModel(options, 1);
          const slow = new SlowQueue(options, at);
          queue.join(0, at);
          let shown = at;
          for (const { kind, lots } of steps) {
            if (kind === "trade") {
              queue.trade(0, lots);
              slow.trade(lots);
              if (queue.reached(0) > 0) {
                queue.take(0, queue.reached(0));
                slow.front = 0;
              }
            } else {
              queue.level(0, shown, lots);
              slow.level(shown, lots);
              shown = lots;
            }
            expect(queue.front[0]).toBeCloseTo(slow.front, 6);
          }
        },
      ),
    );
  });

  it("never falls back, and never lies behind the end of its level", () => {
    fc.assert(
      fc.property(
        model,
        fc.integer({ min: 0, max: 100 }),
        fc.array(step, { maxLength: 30, size: "max" }),
        (options, at, steps) => {
          const queue = new QueueModel(options, 1);
          queue.join(0, at);
          let shown = at;
          let front = at;
          for (const { kind, lots } of steps) {
            if (kind === "trade") {
              queue.trade(0, lots);
              queue.take(0, queue.reached(0));
            } else {
              queue.level(0, shown, lots);
              shown = lots;
              expect(queue.front[0]).toBeLessThanOrEqual(lots);
            }
            expect(queue.front[0]).toBeLessThanOrEqual(Math.max(front, 0) + 1e-9);
            front = queue.front[0] as number;
          }
        },
      ),
    );
  });

  it("of one row is no other row's", () => {
    fc.assert(
      fc.property(model, fc.array(step, { maxLength: 20 }), (options, steps) => {
        const queue = new QueueModel(options, 2);
        queue.join(0, 10);
        queue.join(1, 77);
        let shown = 10;
        for (const { kind, lots } of steps) {
          if (kind === "trade") queue.trade(0, lots);
          else {
            queue.level(0, shown, lots);
            shown = lots;
          }
        }
        expect(queue.front[1]).toBe(77);
      }),
    );
  });
});
