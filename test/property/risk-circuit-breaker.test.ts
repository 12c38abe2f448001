import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CIRCUIT_TRANSITIONS, CircuitBreaker, type CircuitRecord } from "../../src/risk/circuit-breaker.ts";
import { LatencyWatch } from "../../src/risk/latency-watch.ts";
import { RejectShare } from "../../src/risk/reject-share.ts";
import { VolatilityWatch } from "../../src/risk/volatility-watch.ts";

/** What the breaker must be like, told in rules rather than in a table. */
interface Model {
  state: "closed" | "open" | "halfOpen";
  openedNs: number;
  sent: number;
  passed: number;
  changes: number;
}

interface Real {
  breaker: CircuitBreaker;
  told: CircuitRecord[];
}

const PROBES = 2;
const COOL_NS = 50;
let nowNs = 0;

function move(model: Model, state: Model["state"]): void {
  Object.assign(model, { state, sent: 0, passed: 0, changes: model.changes + 1 });
  if (state === "open") model.openedNs = nowNs;
}

class Step implements fc.Command<Model, Real> {
  readonly name: string;
  readonly by: number;

  constructor(name: string, by: number) {
    this.name = name;
    this.by = by;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    nowNs += this.by;
    const { state } = model;
    if (this.name === "allows") {
      if (state === "open" && nowNs - model.openedNs >= COOL_NS) move(model, "halfOpen");
      const passes = model.state === "closed" || (model.state === "halfOpen" && model.sent < PROBES);
      expect(real.breaker.allows(nowNs)).toBe(passes);
    } else if (this.name === "trip") {
      if (state !== "open") move(model, "open");
      expect(real.breaker.trip("volatility", nowNs)).toBe(state !== "open");
    } else if (this.name === "sent") {
      if (state === "halfOpen") model.sent++;
      real.breaker.sent();
    } else if (this.name === "succeeded") {
      if (state === "halfOpen" && model.passed < model.sent) model.passed++;
      if (state === "halfOpen" && model.passed === PROBES) move(model, "closed");
      real.breaker.succeeded(nowNs);
    } else if (this.name === "failed") {
      if (state === "halfOpen") move(model, "open");
      real.breaker.failed(nowNs);
    } else if (this.name === "reset") {
      if (state !== "closed") move(model, state === "open" ? "halfOpen" : "closed");
      expect(real.breaker.reset("R. Okafor", nowNs)).toBe(state !== "closed");
    } else {
      const again = breakerThatTells(real.told);
      again.load(JSON.parse(JSON.stringify(real.breaker.save())));
      real.breaker = again;
    }
    expect([real.breaker.state, real.told.length]).toEqual([model.state, model.changes]);
    for (const [i, each] of real.told.entries()) {
      expect(CIRCUIT_TRANSITIONS).toContainEqual({ from: each.from, on: each.on, to: each.to });
      expect(each.from).toBe(real.told[i - 1]?.to ?? "closed");
    }
  }

  toString(): string {
    return `${this.name} +${this.by}`;
  }
}

function breakerThatTells(told: CircuitRecord[]): CircuitBreaker {
  return new CircuitBreaker({
    name: "a",
    coolDownNs: COOL_NS,
    probes: PROBES,
    onTransition: (each) => told.push(each),
  });
}

describe("a circuit breaker", () => {
  it("does as the rules say, in any order", () => {
    const names = ["allows", "allows", "trip", "sent", "succeeded", "failed", "reset", "restart"];
    const commands = names.map((name) => fc.integer({ min: -5, max: 40 }).map((by) => new Step(name, by)));
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60 }), (steps) => {
        nowNs = 0;
        const told: CircuitRecord[] = [];
        fc.modelRun(
          () => ({
            model: { state: "closed", openedNs: 0, sent: 0, passed: 0, changes: 0 } as Model,
            real: { breaker: breakerThatTells(told), told },
          }),
          steps,
        );
      }),
    );
  });
});

describe("what trips a breaker", () => {
  it("is the share of the last outcomes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 9999 }),
        fc.array(fc.boolean(), { maxLength: 50 }),
        (samples, limitBps, outcomes) => {
          const minSamples = Math.ceil(samples / 2);
          const made = new RejectShare({ limitBps, samples, minSamples });
          for (const [i, rejected] of outcomes.entries()) {
            const last = outcomes.slice(Math.max(0, i + 1 - samples), i + 1);
            const share = last.filter(Boolean).length / last.length;
            expect(made.add(rejected)).toBe(last.length >= minSamples && share > limitBps / 10_000);
          }
        },
      ),
    );
  });

  it("is the mean or the sorted quantile of the last latencies", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 50 }),
        (samples, quantileBps, latencies) => {
          const mean = new LatencyWatch({ limitNs: 20, samples });
          const quantile = new LatencyWatch({ limitNs: 20, samples, quantileBps });
          for (const [i, ns] of latencies.entries()) {
            const last = latencies.slice(Math.max(0, i + 1 - samples), i + 1);
            const isFull = last.length === samples;
            const sum = last.reduce((a, b) => a + b, 0);
            expect(mean.add(ns)).toBe(isFull && sum > 20 * samples);
            const sorted = [...last].sort((a, b) => a - b);
            const rank = Math.ceil((quantileBps * samples) / 10_000);
            expect(quantile.add(ns)).toBe(isFull && (sorted[rank - 1] as number) > 20);
          }
        },
      ),
    );
  });

  it("is the largest move of the window", () => {
    const sample = fc.record({
      price: fc.integer({ min: 50, max: 150 }),
      by: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
        const made = new VolatilityWatch({ windowNs: 100, sigmas: 2, buckets: 100 });
        const all: { readonly price: number; readonly atNs: number }[] = [];
        let now = 0;
        for (const { price, by } of samples) {
          now += by;
          all.push({ price, atNs: now });
          const inside = all.filter((each) => now - each.atNs < 100).map((each) => each.price);
          const up = price / Math.min(...inside) - 1;
          const down = 1 - price / Math.max(...inside);
          expect(made.add(price, 0.1875, now)).toBe(up > 0.375 || down > 0.375);
        }
      }),
    );
  });
});
