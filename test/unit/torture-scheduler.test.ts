import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prng } from "../../src/base/index.ts";
import { Scheduler } from "../../src/torture/index.ts";

function make(seed = 1, capacity = 4): Scheduler {
  return new Scheduler({ rng: new Prng(seed), capacity });
}

/** Fires `times` in a scheduler; returns the order that they fired in, as their places in `times`. */
function order(seed: number, times: readonly number[]): { places: number[]; hash: string } {
  const scheduler = make(seed);
  const places: number[] = [];
  const actor = scheduler.actor({ fire: (_kind, place) => places.push(place) });
  times.forEach((ns, place) => {
    scheduler.at(ns, actor, 1, place);
  });
  scheduler.run(1e9);
  return { places, hash: scheduler.traceHash() };
}

describe("Scheduler", () => {
  it("fires by time, with the arguments that were put, and ends at the time asked for", () => {
    const scheduler = make();
    const seen: number[][] = [];
    const actor = scheduler.actor({ fire: (kind, a, b) => seen.push([scheduler.nowNs[0]!, kind, a, b]) });
    scheduler.at(30, actor, -3, 0.5, 2 ** 53);
    scheduler.at(10, actor, 1);
    scheduler.at(20, actor, 2, -1, 7);
    expect(scheduler.nextNs).toBe(10);
    expect(scheduler.step(9)).toBe(false);
    expect(scheduler.nowNs[0]).toBe(0);
    expect(scheduler.step(10)).toBe(true);
    scheduler.run(100);
    expect(seen).toEqual([
      [10, 1, 0, 0],
      [20, 2, -1, 7],
      [30, -3, 0.5, 2 ** 53],
    ]);
    expect(scheduler.nowNs[0]).toBe(100);
    expect([scheduler.size, scheduler.fired, scheduler.nextNs]).toEqual([0, 3, Number.POSITIVE_INFINITY]);
  });

  it("equals a sorted list, events put while it runs included", () => {
    const put = fc.record({
      ns: fc.integer({ min: 0, max: 20 }),
      later: fc.array(fc.integer({ min: 0, max: 9 })),
    });
    fc.assert(
      fc.property(fc.array(put, { maxLength: 60 }), fc.integer(), (puts, seed) => {
        const scheduler = make(seed, 1);
        const waiting: { ns: number; id: number }[] = [];
        let ids = 0;
        const wait = (ns: number): void => {
          scheduler.at(ns, actor, 0, ids);
          waiting.push({ ns, id: ids });
          ids += 1;
        };
        const actor = scheduler.actor({
          fire: (_kind, id) => {
            const least = Math.min(...waiting.map((event) => event.ns));
            const place = waiting.findIndex((event) => event.id === id);
            expect(waiting[place]?.ns).toBe(least);
            expect(scheduler.nowNs[0]).toBe(least);
            waiting.splice(place, 1);
            for (const later of puts[id]?.later ?? []) wait(least + later);
          },
        });
        for (const { ns } of puts) wait(ns);
        scheduler.run(1000);
        expect(waiting).toEqual([]);
        expect(scheduler.fired).toBe(ids);
      }),
    );
  });

  it("permutes equal times by the seed, and only those", () => {
    const times = [5, 5, 5, 5, 5, 5, 5, 5, 1, 9];
    const orders = [1, 2, 3, 4].map((seed) => order(seed, times));
    for (const { places } of orders) expect([places[0], places.at(-1)]).toEqual([8, 9]);
    expect(new Set(orders.map(({ places }) => places.join())).size).toBe(4);
    expect(new Set(orders.map(({ hash }) => hash)).size).toBe(4);
    expect(order(3, times)).toEqual(orders[2]);
  });

  it("permutes two equal events evenly", () => {
    let swapped = 0;
    for (let seed = 0; seed < 400; seed++) if (order(seed, [5, 5]).places[0] === 1) swapped += 1;
    expect(swapped).toBeGreaterThan(150);
    expect(swapped).toBeLessThan(250);
  });

  it("hashes time, actor, kind, arguments and notes", () => {
    const hash = (ns: number, kind: number, a: number, b: number, note: number, extra = 0): string => {
      const scheduler = make();
      for (let i = 0; i < extra; i++) scheduler.actor({ fire: () => undefined });
      const actor = scheduler.actor({ fire: () => scheduler.note(note, 1, 2) });
      scheduler.at(ns, actor, kind, a, b);
      scheduler.run(100);
      return scheduler.traceHash();
    };
    const base = hash(1, 2, 3, 4, 5);
    expect(hash(1, 2, 3, 4, 5)).toBe(base);
    const others = [
      hash(2, 2, 3, 4, 5),
      hash(1, 3, 3, 4, 5),
      hash(1, 2, 4, 4, 5),
      hash(1, 2, 3, 5, 5),
      hash(1, 2, 3, 4, 6),
      hash(1, 2, 3, 4, 5, 1),
    ];
    expect(new Set([base, ...others]).size).toBe(7);
  });

  it("has one hash however often it is asked for, over many rounds of its buffer", () => {
    const hash = (asking: boolean): string => {
      const scheduler = make();
      const actor = scheduler.actor({ fire: () => undefined });
      for (let i = 0; i < 5000; i++) {
        scheduler.at(i, actor, i);
        scheduler.run(i);
        if (asking && i % 7 === 0) scheduler.traceHash();
      }
      return scheduler.traceHash();
    };
    expect(hash(true)).toBe(hash(false));
  });

  it("shows the last lines of the trace", () => {
    const scheduler = make();
    const first = scheduler.actor({ fire: () => scheduler.note(9, 8, 7) });
    const second = scheduler.actor({ fire: () => undefined });
    for (let i = 0; i < 3000; i++) scheduler.at(i, second, 4, i, -i);
    scheduler.at(3000, first, -6, 1, 2);
    scheduler.run(4000);
    expect(scheduler.tail(3)).toEqual([
      { ns: 2999, actor: second, kind: 4, a: 2999, b: -2999 },
      { ns: 3000, actor: first, kind: -6, a: 1, b: 2 },
      { ns: 3000, actor: -1, kind: 9, a: 8, b: 7 },
    ]);
    expect(scheduler.tail(1e6)).toHaveLength(2048);
    expect(make().tail(5)).toEqual([]);
  });

  it("drops the events of a stopped actor and keeps the others", () => {
    const scheduler = make();
    const seen: number[] = [];
    const crashed = scheduler.actor({ fire: () => seen.push(1) });
    const other = scheduler.actor({ fire: () => seen.push(2) });
    for (const actor of [crashed, other, crashed]) scheduler.at(5, actor, 0);
    scheduler.stopActor(crashed);
    scheduler.at(6, crashed, 0);
    expect(scheduler.step(10)).toBe(true);
    expect(scheduler.step(10)).toBe(false);
    expect([seen, scheduler.size]).toEqual([[2], 0]);
  });

  it("holds the events of a paused actor up, in their order", () => {
    const scheduler = make();
    const seen: string[] = [];
    const stalled = scheduler.actor({ fire: (_kind, a) => seen.push(`${a}@${scheduler.nowNs[0]}`) });
    const other = scheduler.actor({ fire: () => seen.push(`other@${scheduler.nowNs[0]}`) });
    for (let i = 0; i < 6; i++) scheduler.at(10 + i, stalled, 0, i);
    scheduler.at(12, other, 0);
    scheduler.at(99, stalled, 0, 6);
    scheduler.pauseActor(stalled, 50);
    scheduler.run(100);
    expect(seen).toEqual(["other@12", "0@50", "1@50", "2@50", "3@50", "4@50", "5@50", "6@99"]);
  });

  it.each([4, Number.NaN, Number.POSITIVE_INFINITY])("refuses an event at %s when it is 5", (ns) => {
    const scheduler = make();
    const actor = scheduler.actor({ fire: () => undefined });
    scheduler.run(5);
    const fault = expect.objectContaining({ code: "FAULT_INPUT", path: "scheduler.ns" });
    expect(() => scheduler.at(ns, actor, 0)).toThrow(fault);
    expect(() => scheduler.run(ns)).toThrow(fault);
  });

  it("refuses an actor that it does not know, by name", () => {
    const fault = expect.objectContaining({ code: "FAULT_INPUT", path: "scheduler.actor" });
    for (const index of [0, -1, 7]) expect(() => make().at(1, index, 0)).toThrow(fault);
    expect(() => make().stopActor(0)).toThrow(fault);
    expect(() => make().pauseActor(0, 1)).toThrow(fault);
  });

  it("holds no more events than told", () => {
    const scheduler = new Scheduler({ rng: new Prng(1), capacity: 2, maxCapacity: 5 });
    const actor = scheduler.actor({ fire: () => undefined });
    for (let i = 0; i < 5; i++) scheduler.at(i, actor, 0);
    expect(() => scheduler.at(9, actor, 0)).toThrow(expect.objectContaining({ code: "FAULT_CAPACITY" }));
    scheduler.step(9);
    scheduler.at(9, actor, 0);
    expect(scheduler.size).toBe(5);
  });

  it.each([
    [{ capacity: 0 }, "scheduler.capacity"],
    [{ capacity: 9, maxCapacity: 8 }, "scheduler.capacity"],
    [{ maxCapacity: 0.5 }, "scheduler.maxCapacity"],
    [{ capcity: 8 }, "scheduler.capcity"],
  ])("refuses %j by name", (options, path) => {
    const all = { rng: new Prng(1), ...options };
    expect(() => new Scheduler(all)).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path }));
  });
});
