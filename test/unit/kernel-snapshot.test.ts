import { describe, expect, it } from "vitest";
import { type KernelSection, loadKernel, saveKernel } from "../../src/kernel/index.ts";
import { Timers } from "../../src/kernel/timers.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { testInstrument } from "../fixtures/sim-venue-driver.ts";

/** Writes down what it is called with, and saves nothing but a number. */
class Scribe implements Strategy {
  readonly name: string = "scribe";
  readonly said: unknown[] = [];
  number = 5;

  onStart(ctx: StrategyContext): void {
    this.said.push("start");
    ctx.clock.every(10);
  }

  onTimer(timer: number, ctx: StrategyContext): void {
    this.said.push(`timer ${timer} at ${ctx.clock.ns}`);
  }

  onSave(): { readonly version: number; readonly state: unknown } {
    return { version: 1, state: { number: this.number } };
  }

  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const open = ctx.openOrders().map(({ id, tag, side, lots }) => ({ id, tag, side, lots }));
    this.said.push({ ...saved, now: ctx.clock.ns, open, held: ctx.position("ABC").lots });
  }
}

const submit = (to: KernelDriver, more: object = {}): OrderTicket =>
  to.ctx().submit({ instrument: "ABC", side: "buy", lots: 3, priceTicks: 100, ...more }) as OrderTicket;

function saved(): { readonly to: KernelDriver; readonly sections: readonly KernelSection[] } {
  const to = new KernelDriver([new Scribe()], { lingerNs: 100 }).at(20);
  to.kernel.start();
  to.ctx().clock.stop(to.ctx().clock.every(3));
  to.ctx().clock.at(33);
  submit(to, { tag: "first" });
  submit(to, { side: "sell", lots: 2, priceTicks: 105, tag: "ä 😀" });
  submit(to);
  to.report("accepted").report("trade", 0, { lots: 3 });
  to.report("accepted", 1);
  return { to, sections: saveKernel(to.kernel) };
}

const again = (
  sections: readonly KernelSection[],
  strategy: Strategy = new Scribe(),
  options = {},
): KernelDriver => {
  const to = new KernelDriver([strategy], { lingerNs: 100, ...options });
  loadKernel(to.kernel, sections);
  return to;
};

const without = (
  sections: readonly KernelSection[],
  name: string,
  bytes?: Uint8Array,
): readonly KernelSection[] =>
  sections.flatMap((each) => (each.name !== name ? [each] : bytes === undefined ? [] : [{ name, bytes }]));

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe("a loaded kernel", () => {
  it("tells its strategy onLoad in place of onStart, with orders, positions and time already there", () => {
    const scribe = new Scribe();
    again(saved().sections, scribe);
    const open = [
      { id: 2, tag: "ä 😀", side: "sell", lots: 2 },
      { id: 3, tag: "", side: "buy", lots: 3 },
    ];
    expect(scribe.said).toEqual([{ version: 1, state: { number: 5 }, now: 20, open, held: 3 }]);
  });

  it("has the timers under the ids they had, without those that were stopped", () => {
    const scribe = new Scribe();
    const to = again(saved().sections, scribe);
    while ((to.kernel.timers.nextNs[0] as number) <= 40) {
      to.at(to.kernel.timers.nextNs[0] as number);
      to.kernel.timer();
    }
    expect(scribe.said.slice(1)).toEqual(["timer 1 at 30", "timer 3 at 33", "timer 1 at 40"]);
    expect(to.ctx().clock.every(7)).toBe(4);
  });

  it("knows late reports of an order that lingers, and gives the next order the next id", () => {
    const { to, sections } = saved();
    const late = again(sections);
    late.door.sent.push(...to.door.sent);
    // The first trade again: known, so nothing is booked.
    late.report("trade", 0, { lots: 3 });
    expect([late.kernel.settlement.staleReports, late.kernel.anomalies]).toEqual([0, 1]);
    expect(late.ctx().position("ABC").lots).toBe(3);
    expect(submit(late)).toMatchObject({ ok: true, id: 4, clientOrderId: "tw-4" });
  });

  it("cancels and replaces what it found, by its tickets", () => {
    const to = again(saved().sections);
    const [ticket] = to.ctx().openOrders();
    expect(to.ctx().cancel(ticket as OrderTicket)).toEqual({ ok: true });
    expect(to.door.sent).toEqual([{ what: "cancel", row: 1, id: 2, requestId: 1 }]);
  });

  it("needs strategies that can both save and load", () => {
    const { sections } = saved();
    const onSave = () => ({ version: 1, state: 7 });
    const onLoad = () => {};
    const onBook = () => {};
    for (const [missing, half] of [
      ["onSave", { name: "half", onBook }],
      ["onSave", { name: "half", onLoad }],
      ["onLoad", { name: "half", onSave }],
    ] as const) {
      const path = `FAULT_CALLBACK strategies.half.${missing}`;
      expect(() => saveKernel(new KernelDriver([half]).kernel)).toThrow(path);
      expect(() => again(sections, half)).toThrow(path);
    }
    for (const answer of [undefined, { state: 1 }, { version: 0.5, state: 1 }]) {
      const wrong = { name: "half", onLoad, onSave: () => answer } as Strategy;
      const path = "FAULT_CALLBACK strategies.half.onSave";
      expect(() => saveKernel(new KernelDriver([wrong]).kernel)).toThrow(path);
    }
  });

  it("refuses a state that is not JSON by its place", () => {
    const states = [Number.NaN, { deep: [1n, new Map()] }, { at: Number.POSITIVE_INFINITY }];
    for (const state of states) {
      const strategy: Strategy = { onSave: () => ({ version: 1, state }), onLoad: () => {} };
      expect(() => saveKernel(new KernelDriver([strategy]).kernel)).toThrow(
        "FAULT_INPUT strategies.Object.onSave.state",
      );
    }
  });

  it.each(["kernel", "orders", "ledger", "gate", "strategies", "book 0"])("needs the part %s", (name) => {
    const { sections } = saved();
    expect(sections.map((each) => each.name)).toContain(name);
    expect(() => again(without(sections, name))).toThrow("FAULT_INPUT kernelSnapshot");
    expect(() => again(without(sections, name))).toThrow(`a part named ${name}`);
  });

  it.each([
    ["kernel", text("{"), "kernelSnapshot.kernel"],
    ["ledger", Uint8Array.of(0xff), "kernelSnapshot.ledger"],
    ["strategies", text(""), "kernelSnapshot.strategies"],
    ["strategies", text("[]"), "kernelSnapshot.strategies"],
    ["orders", text("12345"), "orderSnapshot.checksum"],
    ["book 0", new Uint8Array(60), "kernelSnapshot.book 0"],
    ["book 0", new Uint8Array(56), "book.load.bestBid"],
  ])("refuses a damaged part %s", (name, bytes, path) => {
    expect(() => again(without(saved().sections, name, bytes))).toThrow(`FAULT_INPUT ${path}`);
  });

  it("must be of the same options", () => {
    const { sections } = saved();
    const two = { instruments: [testInstrument(), testInstrument({ symbol: "XYZ" })] };
    expect(() => again(sections, new Scribe(), two)).toThrow("FAULT_INPUT kernelSnapshot.stations");
    expect(() => again(sections, new Scribe(), { orderCapacity: 7 })).toThrow(
      "FAULT_INPUT orderSnapshot.capacity",
    );
    const pair = new KernelDriver([new Scribe(), new Scribe()]);
    expect(() => loadKernel(pair.kernel, sections)).toThrow("FAULT_INPUT kernelSnapshot.strategies");
  });

  it("must have sent nothing yet", () => {
    const to = new KernelDriver([new Scribe()], { lingerNs: 100 }).at(5);
    submit(to);
    expect(() => loadKernel(to.kernel, saved().sections)).toThrow("FAULT_INPUT orderSnapshot.into");
  });
});

describe("saved timers", () => {
  const fire = (timers: Timers, count: number): unknown[] =>
    Array.from({ length: count }, () => [timers.nextNs[0], { ...timers.take() }.id]);

  it("fire as those they were taken of, those of one moment in the order they were made", () => {
    const timers = new Timers();
    for (const [ns, period] of [
      [50, 10],
      [50, Number.POSITIVE_INFINITY],
      [20, 30],
      [10, Number.POSITIVE_INFINITY],
      [50, 7],
    ] as const) {
      timers.add(0, ns, period);
    }
    fire(timers, 2);
    timers.stop(0, 5);
    timers.stop(1, 1);
    const loaded = new Timers();
    loaded.add(3, 1, 1);
    loaded.load(JSON.parse(JSON.stringify(timers.save())));
    expect(loaded.save()).toEqual(timers.save());
    expect(loaded.save().timers.map(({ id, ns, periodNs }) => [id, ns, periodNs])).toEqual([
      [1, 50, 10],
      [2, 50, null],
      [3, 50, 30],
    ]);
    loaded.stop(0, 3);
    timers.stop(0, 3);
    expect(fire(loaded, 6)).toEqual(fire(timers, 6));
    expect(loaded.add(0, 99, 1)).toBe(timers.add(0, 99, 1));
  });

  it("are none where there were none", () => {
    const timers = new Timers();
    timers.stop(0, timers.add(0, 5, 1));
    const loaded = new Timers();
    loaded.add(0, 1, 1);
    loaded.load(timers.save());
    expect([loaded.nextNs[0], loaded.save()]).toEqual([Number.POSITIVE_INFINITY, { ids: 1, timers: [] }]);
  });
});
