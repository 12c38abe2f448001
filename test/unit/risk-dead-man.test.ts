import { describe, expect, it } from "vitest";
import { DeadMan } from "../../src/risk/dead-man.ts";

describe("DeadMan", () => {
  it("loses nothing before the first beat", () => {
    const heart = new DeadMan({ timeoutNs: 100 });
    expect([heart.armed, heart.isLost(1e9), heart.isLost(Number.NaN)]).toEqual([false, false, false]);
  });

  it("is alive at the timeout and lost one past it, once", () => {
    const heart = new DeadMan({ timeoutNs: 100 });
    heart.beat(50);
    expect([
      heart.armed,
      heart.isLost(150),
      heart.armed,
      heart.isLost(151),
      heart.armed,
      heart.isLost(152),
    ]).toEqual([true, false, true, true, false, false]);
  });

  it("is armed again by the next beat", () => {
    const heart = new DeadMan({ timeoutNs: 1 });
    heart.beat(1);
    heart.isLost(3);
    heart.beat(4);
    expect([heart.isLost(5), heart.isLost(6)]).toEqual([false, true]);
  });

  it("can be armed without a beat, and disarmed", () => {
    const heart = new DeadMan({ timeoutNs: 10 });
    heart.arm(5);
    expect([heart.isLost(15), heart.armed]).toEqual([false, true]);
    heart.disarm();
    expect([heart.isLost(16), heart.armed]).toEqual([false, false]);
    heart.arm(20);
    expect([heart.isLost(30), heart.isLost(31)]).toEqual([false, true]);
  });

  it("does not hear a beat that is no number, endless, or older than the last", () => {
    const heart = new DeadMan({ timeoutNs: 10 });
    heart.beat(Number.NaN);
    heart.beat(Number.POSITIVE_INFINITY);
    expect(heart.armed).toBe(false);
    heart.beat(100);
    heart.beat(99);
    heart.beat(Number.POSITIVE_INFINITY);
    expect([heart.isLost(110), heart.isLost(111)]).toEqual([false, true]);
    heart.beat(99);
    expect(heart.armed).toBe(false);
    heart.beat(100);
    expect(heart.armed).toBe(true);
  });

  it("is lost in a present that is no number, or armed at one", () => {
    const heart = new DeadMan({ timeoutNs: 10 });
    heart.beat(100);
    expect(heart.isLost(Number.NaN)).toBe(true);
    const blind = new DeadMan({ timeoutNs: 10 });
    blind.arm(Number.NaN);
    expect([blind.armed, blind.isLost(0)]).toEqual([true, true]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5", undefined])(
    "refuses the timeout %s",
    (timeoutNs) => {
      expect(() => new DeadMan({ timeoutNs } as never)).toThrow("FAULT_CONFIG deadMan.timeoutNs");
    },
  );

  it("refuses options that are none", () => {
    expect(() => new DeadMan({ timeoutNs: 1, timeout: 1 } as never)).toThrow("FAULT_CONFIG deadMan.timeout");
    expect(new DeadMan({ timeoutNs: 1 }).timeoutNs).toBe(1);
  });
});
