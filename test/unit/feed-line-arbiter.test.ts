import { describe, expect, it } from "vitest";
import { LineArbiter, type LineArbiterOptions } from "../../src/feed/index.ts";
import { type Message, messageOf } from "../fixtures/feed-world.ts";

type Call = readonly [atNs: number, line: number, message: number | Message];

function run(calls: readonly Call[], options: Partial<LineArbiterOptions> = {}) {
  const said: string[] = [];
  const made = new LineArbiter({
    lines: ["A", "B"],
    numbering: "single",
    windowNs: 100,
    ...options,
    listener: {
      release: (rows) => said.push(String(rows.lastSequence)),
      gap: (first, last) => said.push(`gap ${first}-${last}`),
      divergent: (sequence, line, winner) => said.push(`${sequence}: ${line} against ${winner}`),
    },
  });
  for (const [atNs, line, message] of calls) {
    made.advance(atNs);
    made.message(line, typeof message === "number" ? messageOf(message) : message, atNs);
  }
  return { made, said: () => said.join(" ") };
}

const A = 0;
const B = 1;

describe("a line arbiter", () => {
  it.each<[string, readonly Call[], string, Partial<LineArbiterOptions>?]>([
    [
      "takes the first of each",
      [
        [0, A, 1],
        [1, B, 1],
        [2, B, 2],
        [3, A, 2],
      ],
      "1 2",
    ],
    [
      "fills one line's hole from the other",
      [
        [0, A, 1],
        [1, A, 3],
        [2, B, 2],
        [3, B, 3],
      ],
      "1 2 3",
    ],
    [
      "declares a gap after the window",
      [
        [0, A, 1],
        [1, A, 3],
        [100, B, 4],
        [101, B, 5],
      ],
      "1 gap 2-2 3 4 5",
    ],
    [
      "declares a gap when too many wait",
      [
        [0, A, 1],
        [1, A, 3],
        [2, A, 4],
        [3, A, 6],
      ],
      "1 gap 2-2 3 4",
      { windowMessages: 2 },
    ],
    [
      "does not wait at all",
      [
        [0, A, 1],
        [1, A, 3],
        [2, B, 2],
      ],
      "1 gap 2-2 3 2",
      { windowNs: 0 },
    ],
    [
      "lets late ones through once",
      [
        [0, A, 1],
        [1, A, 4],
        [101, A, 5],
        [102, B, 2],
        [103, A, 2],
        [104, B, 3],
      ],
      "1 gap 2-3 4 5 2 3",
    ],
    [
      "waits for each hole of its own",
      [
        [0, A, 1],
        [1, A, 3],
        [50, A, 5],
        [101, A, 6],
        [149, A, 7],
        [150, A, 8],
      ],
      "1 gap 2-2 3 gap 4-4 5 6 7 8",
    ],
    [
      "takes ranges",
      [
        [0, A, messageOf({ first: 1, last: 4 })],
        [1, B, messageOf({ first: 5, last: 9 })],
        [2, A, messageOf({ first: 5, last: 9 })],
      ],
      "4 9",
      { numbering: "range" },
    ],
    [
      "takes u and pu",
      [
        [0, A, messageOf({ first: 3, last: 4, previous: 1 })],
        [1, B, messageOf({ first: 11, last: 12, previous: 9 })],
        [2, A, messageOf({ first: 8, last: 9, previous: 4 })],
      ],
      "4 9 12",
      { numbering: "previous" },
    ],
    [
      "takes a wrap",
      [
        [0, A, 15],
        [1, A, 1],
        [2, B, 0],
        [3, B, 15],
      ],
      "15 0 1",
      { wrap: 16 },
    ],
    [
      "passes snapshots on",
      [
        [0, A, 1],
        [1, B, messageOf(9, [], { isSnapshot: true })],
        [2, A, 2],
      ],
      "1 9 2",
    ],
    [
      "passes on what no block can hold",
      [
        [0, A, 1],
        [
          1,
          A,
          messageOf(3, [
            { side: "bid", tick: 1, lots: 1 },
            { side: "bid", tick: 2, lots: 1 },
          ]),
        ],
        [2, A, 4],
      ],
      "1 gap 2-2 3 4",
      { rowsMax: 1 },
    ],
  ])("%s", (_name, calls, expected, options) => {
    expect(run(calls, options).said()).toBe(expected);
  });

  it("counts wins and how far a line is behind", () => {
    const { made } = run([
      [0, A, 1],
      [7, B, 1],
      [10, B, 2],
      [13, A, 2],
      [20, A, 3],
      [29, B, 3],
    ]);
    expect(made.counts(A)).toEqual({
      name: "A",
      received: 3,
      wins: 2,
      losses: 1,
      unverified: 0,
      divergent: 0,
      lagNs: 3,
      lagNsMax: 3,
    });
    expect(made.counts(B)).toEqual({
      name: "B",
      received: 3,
      wins: 1,
      losses: 2,
      unverified: 0,
      divergent: 0,
      lagNs: 16,
      lagNsMax: 9,
    });
    expect(made.totals).toEqual({ released: 3, numbersReleased: 3, gaps: 0, lost: 0, late: 0, resets: 0 });
  });

  it("tells of two lines that differ, and does not let the second through", () => {
    const level = (lots: number) => messageOf(2, [{ side: "bid", tick: 5, lots }]);
    const { made, said } = run([
      [0, A, 1],
      [1, B, level(3)],
      [2, A, level(4)],
    ]);
    expect(said()).toBe("1 2 2: 0 against 1");
    expect(made.counts(A).divergent).toBe(1);
  });

  it("a copy that is no longer remembered is dropped and counted as not verified", () => {
    const { made, said } = run(
      [
        [0, A, 1],
        [1, A, 2],
        [2, A, 3],
        [3, B, 1],
        [4, B, 3],
      ],
      { memory: 2 },
    );
    expect([said(), made.counts(B).unverified, made.counts(B).losses]).toEqual(["1 2 3", 1, 1]);
  });

  it("begins anew at a reset; what waits goes on first", () => {
    const { made, said } = run([
      [0, A, 7],
      [1, A, 9],
    ]);
    made.reset(5);
    made.message(B, messageOf(1), 6);
    made.message(A, messageOf(1), 7);
    expect([said(), made.position, made.nextNs, made.held]).toEqual(["7 gap 8-8 9 1", 1, Infinity, 0]);
  });

  it.each([
    [{ lines: [] }, "lineArbiter.lines"],
    [{ lines: ["A", "A"] }, "lineArbiter.lines[1]"],
    [{ lines: Array.from({ length: 17 }, (_, i) => `L${i}`) }, "lineArbiter.lines[16]"],
    [{ memory: 3 }, "lineArbiter.memory"],
    [{ windowMs: 1 }, "lineArbiter.windowMs"],
    [{ windowMessages: 0 }, "lineArbiter.windowMessages"],
    [{ numbering: "none" }, "lineArbiter.numbering"],
    [{ wrap: 3 }, "lineArbiter.wrap"],
    [{ listener: {} }, "lineArbiter.listener.release"],
  ])("refuses %j by name", (options, path) => {
    const whole = {
      lines: ["A"],
      numbering: "single",
      listener: { release() {}, gap() {}, divergent() {} },
      ...options,
    };
    expect(() => new LineArbiter(whole as unknown as LineArbiterOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });
});
