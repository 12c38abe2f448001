import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { EFFECT, KERNEL_REFUSALS, loadKernel, saveKernel } from "../../src/kernel/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";

const bug = new TypeError("my bug");
const thrown = (): never => {
  throw bug;
};
const buy = (ctx: StrategyContext, priceTicks = 90): OrderTicket =>
  ctx.submit({ instrument: "ABC", side: "buy", lots: 4, priceTicks }) as OrderTicket;
const cancels = ({ door }: KernelDriver): number => door.sent.filter(({ what }) => what === "cancel").length;

/** A kernel that isolates: the first strategy is given, the second notes what it is called for. */
function isolated(strategy: Strategy, seen: string[] = []): KernelDriver {
  const other: Strategy = {
    name: "other",
    onTrade: () => void seen.push("trade"),
    onTimer: () => void seen.push("timer"),
    onStart: () => void seen.push("start"),
    onDisconnect: () => void seen.push("disconnect"),
    onPosition: () => void seen.push("position"),
    onStop: () => void seen.push("stop"),
  };
  return new KernelDriver([{ name: "faulty", ...strategy }, other], { isolates: true });
}

describe("a strategy that throws, isolated", () => {
  const moments: readonly (readonly [string, (to: KernelDriver) => void])[] = [
    ["onStart", (to) => to.kernel.start()],
    ["onBook", (to) => void to.row("bid", 99, 5)],
    ["onTrade", (to) => void to.row("buy", 99, 5)],
    ["onQuote", (to) => void to.row("quoteBid", 99, 5)],
    ["onDisconnect", (to) => to.kernel.disconnected(to.kernel.stations[0]!)],
    ["onPosition", (to) => to.kernel.dividend(to.kernel.stations[0]!, 1)],
    ["onStop", (to) => to.kernel.stop()],
  ];

  it.each(moments)("in %s is stopped, its orders are canceled, and the others go on", (callback, make) => {
    const seen: string[] = [];
    const to = isolated({ [callback]: thrown }, seen);
    const [first, second] = [buy(to.ctx(0)), buy(to.ctx(0), 91)];
    buy(to.ctx(1));
    to.ctx(0).clock.every(10);
    make(to);
    const [fault] = to.kernel.faulted;
    expect(fault).toMatchObject({ strategy: "faulty", index: 0, callback, openOrders: 2 });
    expect(fault).toMatchObject({ code: "TypeError", message: "my bug", error: bug });
    expect([first.status, second.status]).toEqual(["pendingCancel", "pendingCancel"]);
    expect(cancels(to)).toBe(2);
    expect(seen.length).toBe(["onBook", "onQuote"].includes(callback) ? 0 : 1);
    // No callback after, no timer of its own.
    to.row("trade", 97, 1);
    expect(to.kernel.faulted).toEqual([fault]);
    expect(to.kernel.timers.nextNs[0]).toBe((to.kernel.nowNs[0] as number) + 1e9);
    expect(seen.at(-1)).toBe("trade");
  });

  it("in onOrder and in onFill: the execution is booked before", () => {
    for (const callback of ["onOrder", "onFill"]) {
      const seen: string[] = [];
      const to = isolated({ [callback]: thrown }, seen);
      buy(to.ctx(0));
      to.report("trade", 0, { lots: 1 });
      expect(to.kernel.faulted).toMatchObject([{ callback }]);
      expect(to.kernel.ledger.positionLots[0]).toBe(1);
      expect(seen).toEqual(["position"]);
      expect(cancels(to)).toBe(1);
    }
  });

  it("can neither submit, nor cancel, nor replace, nor set a timer: the code comes before all others", () => {
    const to = isolated({ onTrade: thrown });
    const ticket = buy(to.ctx(0));
    to.row("trade", 97, 1);
    const refusals = [
      to.ctx(0).submit({ instrument: "nowhere" } as never),
      to.ctx(0).cancel(ticket),
      to.ctx(0).replace(ticket, { lots: 2 }),
    ];
    expect(refusals.map((each) => (each as { code?: string }).code)).toEqual(
      Array(3).fill("ORDER_STRATEGY_STOPPED"),
    );
    expect(KERNEL_REFUSALS[0]).toBe("ORDER_STRATEGY_STOPPED");
    expect(() => to.ctx(0).clock.every(5)).toThrow(/FAULT_INPUT clock\.every/);
    expect(() => to.ctx(0).clock.at(1e9)).toThrow(/FAULT_INPUT clock\.at/);
  });

  it("is asked about its orders each second until none is open", () => {
    const to = isolated({ onTrade: thrown });
    const ticket = buy(to.ctx(0));
    to.report("accepted").row("trade", 97, 1);
    const tick = (): void => {
      to.at(to.kernel.timers.nextNs[0] as number);
      to.kernel.timer();
    };
    tick();
    expect(cancels(to)).toBe(1);
    to.report("cancelRejected", 0, { requestId: 1 });
    expect([cancels(to), ticket.status]).toEqual([1, "new"]);
    tick();
    expect(cancels(to)).toBe(2);
    to.report("canceled", 0, { requestId: 2 });
    expect(to.kernel.timers.nextNs[0]).toBe(Number.POSITIVE_INFINITY);
    to.row("trade", 97, 1);
    expect(cancels(to)).toBe(2);
  });

  it("enters the effect log with its place, the callback and its orders", () => {
    const to = isolated({ onTrade: thrown });
    const rows: number[][] = [];
    to.kernel.effects.sink = (bytes) => rows.push([...new Float64Array(bytes.slice().buffer)]);
    to.at(50).row("trade", 97, 1);
    to.kernel.effects.flush();
    expect(EFFECT.strategyFaulted).toBe(13);
    expect(rows.flat()).toEqual([13, 50, 0, 0, 4, 0, 0, 0]);
    const calm = isolated({ onTrade: () => {} });
    calm.at(50).row("trade", 97, 1);
    expect(calm.kernel.effects.hex()).not.toBe(to.kernel.effects.hex());
  });

  it.each([
    ["a word", "string", "a word"],
    [undefined, "undefined", "undefined"],
    [new Fault("FAULT_CONFIG", { path: "x" }), "FAULT_CONFIG", "FAULT_CONFIG x"],
    [{ toString: thrown }, "object", "something that has no text"],
    [new Error("\ud800".repeat(2000)), "Error", "\ufffd".repeat(1000)],
  ])("is described whatever it throws: %#", (value, code, message) => {
    const to = isolated({
      onTrade: () => {
        throw value;
      },
    });
    to.row("trade", 97, 1);
    expect(to.kernel.faulted).toMatchObject([{ code, message }]);
  });

  it("is stopped for what it asked the context wrongly", () => {
    const to = isolated({ onTrade: (_, ctx) => void ctx.book("XYZ") });
    to.row("trade", 97, 1);
    expect(to.kernel.faulted).toMatchObject([{ code: "FAULT_INPUT" }]);
    const weird = isolated({
      onTrade: (_, ctx) =>
        void ctx.submit({
          instrument: "ABC",
          get side(): never {
            throw bug;
          },
        } as never),
    });
    weird.row("trade", 97, 1);
    expect(weird.kernel.faulted).toMatchObject([{ code: "TypeError" }]);
    expect(weird.kernel.broken).toBeUndefined();
  });

  it("is stopped in a snapshot as well, and neither saved nor loaded", () => {
    const calls: string[] = [];
    const savable = (): Strategy => ({
      onTrade: thrown,
      onSave: () => {
        calls.push("save");
        return { version: 1, state: 0 };
      },
      onLoad: () => void calls.push("load"),
    });
    const make = (): KernelDriver => new KernelDriver([{ name: "faulty", ...savable() }], { isolates: true });
    const to = make();
    buy(to.ctx(0));
    to.row("trade", 97, 1);
    const sections = saveKernel(to.kernel);
    const again = make();
    loadKernel(again.kernel, sections);
    expect(calls).toEqual([]);
    const { error: _, ...kept } = to.kernel.faulted[0]!;
    expect(again.kernel.faulted).toEqual([kept]);
    expect(saveKernel(again.kernel)).toEqual(sections);
    again.door.sent.push(...to.door.sent);
    for (const each of [to, again]) {
      each.report("canceled", 0, { requestId: 1 });
      each.row("trade", 97, 1);
    }
    expect(again.kernel.finalState()).toEqual(to.kernel.finalState());
    expect(again.kernel.timers.nextNs[0]).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what breaks beneath a strategy's call", () => {
  const io = new Fault("FAULT_IO", { path: "journal" });
  const failing = (strategy: Strategy): KernelDriver => {
    const to = isolated(strategy);
    to.door.send = () => {
      throw io;
    };
    return to;
  };

  it("is not its fault, and goes on up", () => {
    const to = failing({ onTrade: (_, ctx) => void buy(ctx) });
    expect(() => to.row("trade", 97, 1)).toThrow(io);
    expect(to.kernel.faulted).toEqual([]);
  });

  it("also where it is caught, or something else is thrown in its place", () => {
    for (const then of [() => {}, thrown]) {
      const seen: string[] = [];
      const to = failing({
        onTrade: (_, ctx) => {
          try {
            buy(ctx);
          } catch {
            then();
          }
        },
      });
      expect(() => to.row("trade", 97, 1)).toThrow(io);
      expect(() => buy(to.ctx(1))).toThrow(io);
      expect([to.kernel.faulted, seen]).toEqual([[], []]);
    }
  });

  it("ends a run that isolates nothing, too", () => {
    const to = new KernelDriver([
      {
        onTrade: (_, ctx) => {
          try {
            buy(ctx);
          } catch {}
        },
      },
    ]);
    to.door.send = () => {
      throw io;
    };
    expect(() => to.row("trade", 97, 1)).toThrow(io);
  });

  it("and a clock of its own are no reason to stop a strategy", () => {
    const ambient = new Fault("FAULT_AMBIENT", { path: "Date.now()" });
    const to = isolated({
      onTrade: () => {
        throw ambient;
      },
    });
    expect(() => to.row("trade", 97, 1)).toThrow(ambient);
  });
});
