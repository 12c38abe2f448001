import { describe, expect, it } from "vitest";
import { AdverseWindow, type DriftLimit } from "../../src/risk/adverse-window.ts";

function drift(limit: DriftLimit, depth?: number): AdverseWindow {
  const made = new AdverseWindow({ instruments: 2, ...(depth === undefined ? {} : { depth }) });
  made.configure(1, limit);
  return made;
}

const bps = { windowNs: 100, limitBps: 100 };

describe("a collar over a period", () => {
  it("is one of the single order at first", () => {
    const made = drift(bps);
    expect([10_100, 10_101].map((price) => made.check(1, 1, price, 10_000, 0))).toEqual([
      "clear",
      "breached",
    ]);
    expect([9_900, 9_899].map((price) => made.check(1, -1, price, 10_000, 0))).toEqual(["clear", "breached"]);
    expect([made.check(1, 1, 1, 10_000, 0), made.check(1, -1, 99_999, 10_000, 0)]).toEqual([
      "clear",
      "clear",
    ]);
  });

  it("holds buys to the lowest reference of the window", () => {
    const made = drift(bps);
    made.commit(1, 1, 10_000, 0);
    made.commit(1, 1, 10_050, 50);
    expect([10_100, 10_101].map((price) => made.check(1, 1, price, 10_090, 99))).toEqual([
      "clear",
      "breached",
    ]);
    expect([10_150, 10_151].map((price) => made.check(1, 1, price, 10_090, 100))).toEqual([
      "clear",
      "breached",
    ]);
    expect(made.check(1, 1, 9_999, 9_900, 99)).toBe("clear");
    expect(made.check(1, 1, 10_000, 9_900, 99)).toBe("breached");
  });

  it("holds sells to the highest reference of the window", () => {
    const made = drift({ windowNs: 100, limitTicks: 7 });
    made.commit(1, -1, 500, 0);
    made.commit(1, -1, 495, 50);
    expect([493, 492].map((price) => made.check(1, -1, price, 494, 99))).toEqual(["clear", "breached"]);
    expect([488, 487].map((price) => made.check(1, -1, price, 494, 100))).toEqual(["clear", "breached"]);
    expect(made.check(1, 1, 501, 494, 99)).toBe("clear");
  });

  it("works below 0 and at 0", () => {
    const made = drift({ windowNs: 100, limitTicks: 2 });
    expect([-3, -2].map((price) => made.check(1, 1, price, -5, 0))).toEqual(["clear", "breached"]);
    const share = drift(bps);
    expect([-99, -98].map((price) => share.check(1, 1, price, -100, 0))).toEqual(["clear", "breached"]);
    expect([0, 1].map((price) => share.check(1, 1, price, 0, 0))).toEqual(["clear", "breached"]);
  });

  it("is full rather than forget", () => {
    const made = drift({ windowNs: 100, limitTicks: 50 }, 2);
    made.commit(1, 1, 500, 0);
    made.commit(1, 1, 501, 1);
    expect([made.check(1, 1, 505, 502, 99), made.check(1, 1, 600, 502, 99)]).toEqual(["full", "breached"]);
    expect(() => made.commit(1, 1, 502, 99)).toThrow(
      "FAULT_INPUT adverseWindow.commit: found 1, expected an order that is clear",
    );
    expect([made.check(1, -1, 505, 502, 99), made.check(1, 1, 505, 502, 100)]).toEqual(["clear", "clear"]);
  });

  it("remembers 64 references unless told", () => {
    const made = drift({ windowNs: 100, limitTicks: 500 });
    for (let i = 0; i < 64; i++) {
      expect(made.check(1, 1, 500, 500, i)).toBe("clear");
      made.commit(1, 1, 500 + i, i);
    }
    expect(made.check(1, 1, 500, 500, 64)).toBe("full");
  });

  it.each([
    [Number.NaN, 100, 0, "breached"],
    [100, Number.NaN, 0, "breached"],
    [Number.POSITIVE_INFINITY, 100, 0, "breached"],
    [100, Number.POSITIVE_INFINITY, 0, "breached"],
    [100, 100, Number.NaN, "invalid"],
    [100, 100, Number.POSITIVE_INFINITY, "invalid"],
  ])("says to price %d, reference %d at %d: %s", (price, reference, nowNs, verdict) => {
    for (const limit of [bps, { windowNs: 100, limitTicks: 5 }]) {
      expect(
        drift(limit).check(1, -1, price === Number.POSITIVE_INFINITY ? -price : price, reference, nowNs),
      ).toBe(verdict);
    }
  });

  it("remembers no NaN", () => {
    const made = drift(bps);
    expect(() => made.commit(1, 1, Number.NaN, 0)).toThrow("FAULT_INPUT");
    expect(() => made.commit(1, 1, 1, Number.NaN)).toThrow("FAULT_INPUT");
    expect(made.check(1, 1, 100, 100, 0)).toBe("clear");
  });

  it("does not hold an instrument without a limit, nor remember it", () => {
    const made = drift(bps);
    expect(made.check(0, 1, 1e9, 1, 0)).toBe("clear");
    made.commit(0, 1, 1, 0);
    made.commit(1, 1, 9_000, 0);
    expect(made.save().lanes.map((lane) => lane.values)).toEqual([[], [], [-9_000], []]);
    made.configure(1, undefined);
    expect(made.check(1, 1, 1e9, 1, 0)).toBe("clear");
    made.configure(1, bps);
    expect(made.check(1, 1, 10_100, 10_000, 0)).toBe("clear");
  });

  it("says nothing without a limit, whatever the numbers", () => {
    const made = drift(bps);
    expect([made.check(0, 1, Number.NaN, 1, 0), made.check(0, 1, 1, 1, Number.NaN)]).toEqual([
      "clear",
      "clear",
    ]);
  });

  it("keeps instruments and sides apart", () => {
    const made = new AdverseWindow({ instruments: 4 });
    for (let i = 0; i < 4; i++) made.configure(i, { windowNs: 100 + i, limitTicks: 5 });
    made.commit(2, 1, 100, 0);
    made.commit(3, -1, 300, 0);
    const says = (nowNs: number) => [
      made.check(1, 1, 110, 110, nowNs),
      made.check(2, 1, 110, 110, nowNs),
      made.check(2, -1, 110, 110, nowNs),
      made.check(3, 1, 290, 290, nowNs),
      made.check(3, -1, 290, 290, nowNs),
    ];
    expect(says(101)).toEqual(["clear", "breached", "clear", "clear", "breached"]);
    expect(says(102)).toEqual(["clear", "clear", "clear", "clear", "breached"]);
    expect(says(103)).toEqual(["clear", "clear", "clear", "clear", "clear"]);
    made.commit(2, -1, 300, 200);
    expect([made.check(2, -1, 290, 290, 301), made.check(2, -1, 290, 290, 302)]).toEqual([
      "breached",
      "clear",
    ]);
  });

  it("breaches for an instrument that is not there", () => {
    expect(drift(bps).check(2, 1, 100, 100, 0)).toBe("breached");
  });

  it("continues from saved state", () => {
    const made = drift(bps);
    made.commit(1, 1, 10_000, 5);
    made.commit(1, -1, 10_000, 6);
    const saved = JSON.parse(JSON.stringify(made.save()));
    const again = drift(bps);
    again.load(saved);
    expect([
      again.save(),
      again.check(1, 1, 10_101, 10_090, 104),
      again.check(1, 1, 10_101, 10_090, 105),
    ]).toEqual([saved, "breached", "clear"]);
    expect(() => again.load({})).toThrow("FAULT_INPUT adverseWindow:");
    expect(() => again.load({ lanes: [] })).toThrow("FAULT_INPUT adverseWindow.lanes:");
  });

  it.each([
    [{ instruments: 0 }, "adverseWindow.instruments"],
    [{ instruments: 65_537 }, "adverseWindow.instruments"],
    [{ instruments: 1, depth: 0 }, "adverseWindow.depth"],
    [{ instruments: 1, depth: 65_537 }, "adverseWindow.depth"],
    [{ instruments: 1, size: 1 }, "adverseWindow.size"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new AdverseWindow(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [1, { windowNs: 0, limitBps: 1 }, "windowNs"],
    [1, { windowNs: 1, limitBps: -1 }, "limitBps"],
    [1, { windowNs: 1, limitBps: 10_001 }, "limitBps"],
    [1, { windowNs: 1, limitBps: 1, limitTicks: 1 }, "limit.limitTicks"],
    [1, { windowNs: 1, limitTicks: -1 }, "limitTicks"],
    [1, { windowNs: 1, limitTicks: 0.5 }, "limitTicks"],
    [1, { windowNs: 1 } as DriftLimit, "limitTicks"],
    [1, { windowNs: 1, limitTicks: 1, more: 1 }, "limit.more"],
    [-1, bps, "instrument"],
    [2, bps, "instrument"],
  ])("refuses for instrument %d the limit %j", (instrument, limit, path) => {
    const made = drift(bps);
    expect(() => made.configure(instrument, limit)).toThrow(`FAULT_CONFIG adverseWindow.${path}`);
    expect(made.check(1, 1, 10_101, 10_000, 0)).toBe("breached");
  });

  it("takes limits of 0", () => {
    expect(drift({ windowNs: 1, limitBps: 0 }).check(1, 1, 100, 100, 0)).toBe("clear");
    expect(drift({ windowNs: 1, limitBps: 0 }).check(1, 1, 101, 100, 0)).toBe("breached");
    expect(drift({ windowNs: 1, limitTicks: 0 }).check(1, 1, 101, 100, 0)).toBe("breached");
  });
});

describe("a limit of one basis point", () => {
  it("is one of the reference, not of ticks", () => {
    const made = new AdverseWindow({ instruments: 1 });
    made.configure(0, { windowNs: 100, limitBps: 1 });
    made.commit(0, 1, 100_000, 0);
    expect([10, 11].map((drift) => made.check(0, 1, 100_000 + drift, 100_000, 1))).toEqual([
      "clear",
      "breached",
    ]);
    made.commit(0, -1, 100_000, 0);
    expect([10, 11].map((drift) => made.check(0, -1, 100_000 - drift, 100_000, 1))).toEqual([
      "clear",
      "breached",
    ]);
  });
});
