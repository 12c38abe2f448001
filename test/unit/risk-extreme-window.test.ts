import { describe, expect, it } from "vitest";
import { ExtremeWindow } from "../../src/risk/extreme-window.ts";

const NONE = Number.NEGATIVE_INFINITY;

function lanes(windowNs = 100, gridNs = 1, depth = 3): ExtremeWindow {
  const made = new ExtremeWindow({ lanes: 2, depth });
  made.configure(0, windowNs, gridNs);
  made.configure(1, windowNs, gridNs);
  return made;
}

describe("an extreme window", () => {
  it("has the highest of what is younger than the window", () => {
    const made = lanes();
    expect(made.highest(1, 0)).toBe(NONE);
    expect([made.push(1, 5, 0), made.push(1, 3, 10), made.push(1, 4, 20)]).toEqual([true, true, true]);
    expect([20, 99, 100, 119, 120].map((nowNs) => made.highest(1, nowNs))).toEqual([5, 5, 4, 4, NONE]);
    expect(made.save()).toEqual([
      { timesNs: [], values: [] },
      { timesNs: [], values: [] },
    ]);
  });

  it("keeps only what can still become the highest", () => {
    const made = lanes();
    for (const [nowNs, value] of [
      [0, 5],
      [1, 3],
      [2, 3],
      [3, 4],
      [4, 2],
    ] as const)
      made.push(0, value, nowNs);
    expect(made.save()[0]).toEqual({ timesNs: [0, 3, 4], values: [5, 4, 2] });
    made.push(0, 5, 5);
    expect(made.save()[0]).toEqual({ timesNs: [5], values: [5] });
  });

  it("keeps the higher of one time", () => {
    const made = lanes();
    made.push(0, 5, 7);
    made.push(0, 4, 7);
    expect(made.save()[0]).toEqual({ timesNs: [7], values: [5] });
    made.push(0, 6, 7);
    expect(made.save()[0]).toEqual({ timesNs: [7], values: [6] });
  });

  it("says that it is full, and then takes what needs no room", () => {
    const made = lanes();
    for (const value of [9, 8, 7]) made.push(0, value, 10 - value);
    expect([made.isFull(0, 3), made.isFull(1, 3), made.push(0, 6, 4), made.highest(0, 4)]).toEqual([
      true,
      false,
      false,
      9,
    ]);
    expect([made.push(0, 5, 3), made.push(0, 7, 4), made.isFull(0, 100), made.isFull(0, 101)]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(made.push(0, 6, 101)).toBe(true);
    expect(made.save()[0]).toEqual({ timesNs: [2, 4, 101], values: [8, 7, 6] });
  });

  it("continues with a sample whose time was rounded up", () => {
    const made = lanes(18, 6, 4);
    made.push(0, 1, -100);
    made.push(0, 0, -83);
    const again = lanes(18, 6, 4);
    again.load("x", made.save());
    expect([again.highest(0, -79), again.highest(0, -78)]).toEqual([1, 0]);
  });

  it("goes round in its lane", () => {
    const made = lanes(100, 1, 2);
    made.push(1, 1, 0);
    for (let i = 0; i < 9; i++) {
      expect(made.push(0, 9 - i, i * 60)).toBe(true);
      expect(made.highest(0, i * 60)).toBe(Math.min(9, 10 - i));
    }
    expect(made.highest(1, 0)).toBe(1);
  });

  it("rounds times up to the grid", () => {
    const made = lanes(100, 50);
    made.push(0, 5, 1);
    made.push(0, 4, 50);
    made.push(0, 3, 51);
    expect(made.save()[0]).toEqual({ timesNs: [50, 100], values: [5, 3] });
    expect([149, 150, 199, 200].map((nowNs) => made.highest(0, nowNs))).toEqual([5, 3, 3, NONE]);
    made.push(0, 3, -49);
    expect(made.save()[0]?.timesNs[0]).toBe(0);
  });

  it("takes a time before the newest as the newest", () => {
    const made = lanes();
    made.push(0, 5, 50);
    made.push(0, 6, 10);
    expect(made.save()[0]).toEqual({ timesNs: [50], values: [6] });
  });

  it("clears and configures one lane", () => {
    const made = lanes();
    made.push(0, 1, 0);
    made.push(1, 2, 0);
    made.clear(0);
    expect([made.highest(0, 0), made.highest(1, 0)]).toEqual([NONE, 2]);
    made.configure(1, 10, 1);
    expect(made.highest(1, 0)).toBe(NONE);
    made.push(1, 2, 0);
    expect([made.highest(1, 9), made.highest(1, 10)]).toEqual([2, NONE]);
  });

  it("continues from saved state", () => {
    const made = lanes();
    for (let i = 0; i < 5; i++) made.push(1, 9 - i, i * 50);
    const saved = JSON.parse(JSON.stringify(made.save()));
    expect(saved[1]).toEqual({ timesNs: [150, 200], values: [6, 5] });
    const again = lanes();
    again.push(0, 1, 0);
    again.push(1, 1, 500);
    again.load("x", saved);
    expect(again.save()).toEqual(saved);
    expect(again.highest(1, 249)).toBe(6);
    made.push(0, 1, 0);
    made.load("x", saved);
    expect(made.save()).toEqual(saved);
  });

  it.each([
    [undefined, "x:"],
    [[{ timesNs: [], values: [] }], "x:"],
    [[{ timesNs: [], values: [] }, { timesNs: [] }], "x[1]:"],
    [
      [
        { timesNs: [], values: [] },
        { timesNs: [1], values: [] },
      ],
      "x[1].values:",
    ],
    [
      [
        { timesNs: [], values: [] },
        { timesNs: [], values: [1] },
      ],
      "x[1].values:",
    ],
    [
      [
        { timesNs: [2, 1], values: [2, 1] },
        { timesNs: [], values: [] },
      ],
      "x[0].timesNs[1]:",
    ],
    [
      [
        { timesNs: [1], values: [null] },
        { timesNs: [], values: [] },
      ],
      "x[0].values[0]:",
    ],
    [
      [
        { timesNs: [1, 2, 3, 4], values: [4, 3, 2, 1] },
        { timesNs: [], values: [] },
      ],
      "x[0].timesNs:",
    ],
    [
      [
        { timesNs: [1, 1], values: [2, 1] },
        { timesNs: [], values: [] },
      ],
      "x[0][1]: expected times that rise, values that fall",
    ],
    [
      [
        { timesNs: [], values: [] },
        { timesNs: [1, 2, 3], values: [3, 2, 2] },
      ],
      "x[1][2]: expected times that rise, values that fall",
    ],
  ])("refuses to continue from %j", (data, path) => {
    const made = lanes();
    made.push(0, 1, 1);
    expect(() => made.load("x", data)).toThrow(`FAULT_INPUT ${path}`);
    expect(made.save()[0]).toEqual({ timesNs: [1], values: [1] });
  });

  it.each([
    [{ lanes: 0, depth: 1 }, "extremeWindow.lanes"],
    [{ lanes: 131_073, depth: 1 }, "extremeWindow.lanes"],
    [{ lanes: 1, depth: 0 }, "extremeWindow.depth"],
    [{ lanes: 1, depth: 65_537 }, "extremeWindow.depth"],
    [{ lanes: 1, depth: 1, size: 1 }, "extremeWindow.size"],
  ])("refuses the options %j", (options, path) => {
    expect(() => new ExtremeWindow(options)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([
    [-1, 1, 1, "lane"],
    [2, 1, 1, "lane"],
    [0, 0, 1, "windowNs"],
    [0, 1, 0, "gridNs"],
    [0, 1, 2, "gridNs"],
  ])("refuses for lane %d the window %d of steps %d", (lane, windowNs, gridNs, path) => {
    expect(() => lanes().configure(lane, windowNs, gridNs)).toThrow(`FAULT_CONFIG extremeWindow.${path}`);
  });

  it("has a window of 1 ns before it is configured", () => {
    const made = new ExtremeWindow({ lanes: 1, depth: 1 });
    made.push(0, 1, 0);
    expect([made.highest(0, 0), made.highest(0, 1)]).toEqual([1, NONE]);
  });
});
