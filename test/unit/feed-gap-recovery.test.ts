import { describe, expect, it } from "vitest";
import {
  GapRecovery,
  type GapRecoveryListener,
  type GapRecoveryOptions,
  SuspectSymbols,
} from "../../src/feed/index.ts";
import { messageOf } from "../fixtures/feed-world.ts";

type Step = (made: GapRecovery, nowNs: number) => void;

const m =
  (...numbers: number[]): Step =>
  (made, nowNs) => {
    for (const n of numbers) made.message(messageOf(n), nowNs);
  };
/** A range `U..u`. */
const range =
  (first: number, last: number): Step =>
  (made, nowNs) =>
    made.message(messageOf({ first, last }), nowNs);
/** A futures diff: `u` and `pu`. */
const diff =
  (last: number, previous: number): Step =>
  (made, nowNs) =>
    made.message(messageOf({ first: last, last, previous }), nowNs);
const snap =
  (n: number): Step =>
  (made, nowNs) =>
    made.message(messageOf(n, [], { isSnapshot: true }), nowNs);
const beat =
  (next: number): Step =>
  (made, nowNs) =>
    made.heartbeat(next, nowNs);
const start: Step = (made, nowNs) => made.start(nowNs);
const time: Step = (made, nowNs) => made.advance(nowNs);
const distrust: Step = (made, nowNs) => made.distrust(nowNs);
const cut: Step = (made, nowNs) => made.disconnected(nowNs);
const epoch =
  (n: number): Step =>
  (made, nowNs) =>
    made.reset(n, nowNs);
const epochMessage =
  (n: number, of: number): Step =>
  (made, nowNs) =>
    made.message(messageOf(n), nowNs, of);

/** Runs steps, each at its time, and returns what was said. */
function run(
  steps: readonly (readonly [atNs: number, step: Step])[],
  options: Partial<GapRecoveryOptions> = {},
  also: Partial<GapRecoveryListener> = {},
): { readonly said: string; readonly made: GapRecovery } {
  const said: string[] = [];
  const listener = {
    apply: (rows) => said.push(String(rows.lastSequence)),
    snapshot: (rows) => said.push(`S${rows.lastSequence}`),
    retransmit: (first, last) => said.push(`ask ${first}-${last}`),
    requestSnapshot: () => said.push("ask S"),
    state: (state) => said.push(state),
    clear: () => said.push("clear"),
    isRefreshed: () => false,
    ...also,
  } satisfies GapRecoveryListener;
  const times = { gapNs: 10, snapshotNs: 100, attempts: 2, retryNs: 1_000 };
  const made = new GapRecovery({ numbering: "single", ...times, ...options, listener });
  for (const [atNs, step] of steps) step(made, atNs);
  return { said: said.join(" "), made };
}

const live = [
  [0, start],
  [1, snap(10)],
] as const;
const LIVE = "recovering ask S S10 live";

describe("gap recovery, every transition", () => {
  type Row = [string, readonly (readonly [number, Step])[], string, Partial<GapRecoveryOptions>?];
  const table: Row[] = [
    [
      "invalid: messages and snapshots are left",
      [
        [0, m(1)],
        [0, snap(3)],
        [5, time],
      ],
      "",
    ],
    [
      "invalid to recovering: start",
      [
        [0, start],
        [1, start],
      ],
      "recovering ask S",
    ],
    ["recovering to live: the snapshot", [...live], LIVE],
    [
      "recovering to live: held messages behind the snapshot",
      [
        [0, start],
        [1, m(9, 10, 11, 12)],
        [2, snap(10)],
      ],
      "recovering ask S S10 11 12 live",
    ],
    [
      "recovering to gap: a hole behind the snapshot",
      [
        [0, start],
        [1, m(12)],
        [2, snap(10)],
      ],
      "recovering ask S S10 gap ask 11-11",
    ],
    [
      "recovering: asked again, then invalid, then anew",
      [
        [0, start],
        [99, time],
        [100, time],
        [200, time],
        [1_199, time],
        [1_200, time],
      ],
      "recovering ask S ask S invalid recovering ask S",
    ],
    ["live: in order, and again", [...live, [2, m(11, 11, 10, 12)]], `${LIVE} 11 12`],
    [
      "live to gap to live: filled",
      [...live, [2, m(13)], [3, m(11)], [4, m(12)]],
      `${LIVE} gap ask 11-12 11 12 13 live`,
    ],
    [
      "gap: a second hole is asked for as well",
      [...live, [2, m(12)], [3, m(15)]],
      `${LIVE} gap ask 11-11 ask 13-14`,
    ],
    [
      "gap: every step ahead renews the time",
      [...live, [2, m(12, 14)], [11, m(11)], [20, time], [21, time]],
      `${LIVE} gap ask 11-11 ask 13-13 11 12 recovering ask S`,
    ],
    [
      "gap to recovering: time",
      [...live, [2, m(12)], [11, time], [12, time]],
      `${LIVE} gap ask 11-11 recovering ask S`,
    ],
    [
      "gap to recovering at once, without waiting",
      [...live, [2, m(12)]],
      `${LIVE} gap ask 11-11 recovering ask S`,
      { gapNs: 0 },
    ],
    [
      "recovering to live: what was missing comes after all",
      [...live, [2, m(12)], [12, time], [13, m(11)]],
      `${LIVE} gap ask 11-11 recovering ask S 11 12 live`,
    ],
    [
      "recovering: a snapshot just before what is missing",
      [...live, [2, m(12)], [12, time], [13, snap(10)]],
      `${LIVE} gap ask 11-11 recovering ask S S10 gap ask 11-11`,
    ],
    [
      "recovering: a snapshot behind the book is left",
      [...live, [2, m(12)], [12, time], [13, snap(9)]],
      `${LIVE} gap ask 11-11 recovering ask S`,
    ],
    [
      "gap to live: a snapshot beyond what is held",
      [...live, [2, m(12)], [3, snap(20)], [4, m(21)]],
      `${LIVE} gap ask 11-11 S20 live 21`,
    ],
    [
      "gap to recovering: overflow; nothing joins but a snapshot",
      [...live, [2, m(12, 13, 14)], [3, m(11)], [4, snap(14)]],
      `${LIVE} gap ask 11-11 recovering ask S S14 live`,
      { messagesMax: 2 },
    ],
    [
      "live to recovering: distrust; what joins is held",
      [...live, [2, distrust], [3, m(11)], [4, snap(10)]],
      `${LIVE} recovering ask S S10 11 live`,
    ],
    [
      "live to invalid: disconnected",
      [...live, [2, cut], [3, m(11)], [4, start], [5, snap(12)]],
      `${LIVE} invalid recovering ask S S12 live`,
    ],
    ["live: a snapshot that says nothing new is left", [...live, [2, snap(10)], [3, snap(9)]], LIVE],
    [
      "live: a snapshot ahead is taken, what it holds is dropped",
      [...live, [2, snap(12)], [3, m(11, 12, 13)]],
      `${LIVE} S12 13`,
    ],
    [
      "a reset: numbers begin anew",
      [...live, [2, epoch(1)], [3, m(2)], [4, snap(1)]],
      `${LIVE} recovering ask S S1 2 live`,
    ],
    [
      "an epoch in a message: older ones are left",
      [...live, [2, epochMessage(1, 3)], [3, epochMessage(11, 2)]],
      `${LIVE} recovering ask S`,
    ],
    [
      "a heartbeat shows what is missing",
      [...live, [2, beat(11)], [3, beat(13)], [4, m(11)], [5, m(12)]],
      `${LIVE} gap ask 11-12 11 12 live`,
    ],
    [
      "a wrap: 2^32 - 1, 0, 1",
      [
        [0, start],
        [1, snap(2 ** 32 - 2)],
        [2, m(2 ** 32 - 1, 0, 1, 3, 2)],
      ],
      "recovering ask S S4294967294 live 4294967295 0 1 gap ask 4294967298-4294967298 2 3 live",
      { wrap: 2 ** 32 },
    ],
    [
      "U..u: U <= last + 1 <= u joins",
      [...live, [2, range(9, 11)], [3, range(12, 15)], [4, range(14, 15)], [5, range(17, 18)]],
      `${LIVE} 11 15 gap ask 16-16`,
      { numbering: "range" },
    ],
    [
      "u, pu: pu <= last < u joins",
      [...live, [2, diff(14, 8)], [3, diff(20, 14)], [4, diff(30, 25)]],
      `${LIVE} 14 20 gap ask 21-25`,
      { numbering: "previous" },
    ],
    [
      "no refresh: passes over what does not come",
      [
        [0, start],
        [1, m(5, 6)],
        [2, m(9)],
        [12, time],
        [13, m(10)],
      ],
      "live 5 6 gap ask 7-8 9 live 10",
      { refresh: "none" },
    ],
    [
      "no refresh: full, passes over",
      [
        [0, start],
        [1, m(5, 7, 9, 11)],
      ],
      "live 5 gap ask 6-6 ask 8-8 7 ask 8-8 ask 10-10",
      { refresh: "none", messagesMax: 2 },
    ],
  ];
  it.each<Row>(table)("%s", (_name, steps, expected, options = {}) => {
    expect(run(steps, options).said).toBe(expected);
  });

  it("builds the book from changes by natural refresh, and says when it is whole", () => {
    let applied = 0;
    const also = { isRefreshed: () => applied >= 3, apply: () => (applied += 1) };
    const steps = [
      [0, start],
      [1, m(5, 6)],
      [2, m(8)],
      [3, m(9)],
    ] as const;
    const { said } = run(steps, { refresh: "natural", gapNs: 0 }, also as Partial<GapRecoveryListener>);
    expect(said).toBe("recovering clear clear live");
  });
});

describe("gap recovery counts", () => {
  it("gaps, what was recovered, how long it took, what was lost", () => {
    const { made } = run([
      ...live,
      [2, m(13)],
      [7, m(11, 12)],
      [20, m(16, 16)],
      [30, time],
      [50, snap(17)],
      [60, m(17, 18)],
    ]);
    expect(made.counts).toEqual({
      received: 9,
      applied: 4,
      snapshots: 2,
      snapshotsLeft: 0,
      duplicates: 2,
      superseded: 1,
      discarded: 0,
      staleEpochs: 0,
      numbers: 8,
      numbersApplied: 4,
      numbersSuperseded: 1,
      lost: 3,
      gaps: 2,
      recovered: 2,
      overflows: 0,
      resets: 0,
      recoverNs: 35,
      recoverNsMax: 30,
      recoverNsLast: 30,
    });
    expect([made.state, made.position, made.isSuspect, made.nextNs, made.suspectSinceNs]).toEqual([
      "live",
      18,
      false,
      Infinity,
      Infinity,
    ]);
  });

  it("what is missing and held, while it is", () => {
    const { made } = run([...live, [2, m(13, 15)]]);
    expect([made.missing, made.held, made.isSuspect, made.nextNs, made.suspectSinceNs]).toEqual([
      2,
      2,
      true,
      12,
      2,
    ]);
  });

  it("a listener that distrusts a message stops what follows it", () => {
    let recovery: GapRecovery | undefined;
    const said: number[] = [];
    const apply: GapRecoveryListener["apply"] = (rows, nowNs) => {
      said.push(rows.lastSequence);
      if (rows.lastSequence === 12) recovery?.distrust(nowNs);
    };
    const { made } = run(
      [...live, [2, m(12, 13)], [3, (it) => (recovery = it)], [4, m(11)], [5, snap(12)]],
      {},
      { apply },
    );
    expect([said, made.state]).toEqual([[11, 12, 13], "live"]);
  });

  it("held rows come out with the time they could be applied at, and their own levels", () => {
    const times: [number, number, number][] = [];
    const listener = {
      apply: ({ block, from }) =>
        times.push([block.local[from] ?? 0, block.tick[from] ?? 0, block.exch[from] ?? 0]),
      snapshot: () => undefined,
      retransmit: () => undefined,
      requestSnapshot: () => undefined,
      state: () => undefined,
    } satisfies GapRecoveryListener;
    const made = new GapRecovery({ numbering: "single", listener, rowsMax: 4, messagesMax: 4 });
    made.start(0);
    made.message(messageOf(10, [], { isSnapshot: true }), 0);
    const say = (n: number, atNs: number): void =>
      made.message(messageOf(n, [{ side: "bid", tick: n * 7, lots: 1 }], { exchNs: n, localNs: atNs }), atNs);
    // Twice the room in all, so that what was let go is used again.
    for (const base of [10, 14, 18, 22])
      for (const [i, n] of [3, 2, 4, 1].entries()) say(base + n, base * 100 + i);
    expect(times.map(([, tick]) => tick / 7)).toEqual(Array.from({ length: 16 }, (_, i) => 11 + i));
    expect(times.map(([local]) => local)).toEqual(
      [10, 14, 18, 22].flatMap((base) => Array(4).fill(base * 100 + 3)),
    );
    expect(times.map(([, , exch]) => exch)).toEqual(Array.from({ length: 16 }, (_, i) => 11 + i));
  });
});

describe("gap recovery options", () => {
  const listener = { apply() {}, snapshot() {}, retransmit() {}, requestSnapshot() {}, state() {} };
  it.each([
    [{ numbering: "double", listener }, "gapRecovery.numbering"],
    [{ numbering: "single", listener, gapMs: 5 }, "gapRecovery.gapMs"],
    [{ numbering: "single", listener: { ...listener, apply: 1 } }, "gapRecovery.listener.apply"],
    [{ numbering: "single", listener: null }, "gapRecovery.listener"],
    [{ numbering: "single", listener, refresh: "natural" }, "gapRecovery.listener.clear"],
    [{ numbering: "single", listener, wrap: 7 }, "gapRecovery.wrap"],
    [{ numbering: "single", listener, gapNs: -1 }, "gapRecovery.gapNs"],
    [{ numbering: "single", listener, snapshotNs: 0 }, "gapRecovery.snapshotNs"],
    [{ numbering: "single", listener, attempts: 0 }, "gapRecovery.attempts"],
    [{ numbering: "single", listener, messagesMax: 0 }, "gapRecovery.messagesMax"],
    [{ numbering: "single", listener, rowsMax: 0.5 }, "gapRecovery.rowsMax"],
  ])("refuses %j by name", (options, path) => {
    expect(() => new GapRecovery(options as unknown as GapRecoveryOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("refuses an epoch that is not above the last", () => {
    const made = new GapRecovery({ numbering: "single", listener });
    expect(() => made.reset(0, 0)).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", path: "gapRecovery.epoch" }),
    );
  });
});

describe("suspect symbols", () => {
  it("are all, after a gap of the channel, until their own numbers join", () => {
    const made = new SuspectSymbols({ symbols: 3 });
    expect([made.count, made.message(0, 1)]).toEqual([3, false]);
    for (const symbol of [0, 1, 2]) made.restated(symbol, 10);
    expect([made.count, made.message(0, 11), made.message(0, 11)]).toEqual([0, true, true]);
    made.channelGap();
    expect([made.count, made.message(0, 11), made.message(0, 12), made.message(1, 12)]).toEqual([
      3,
      false,
      true,
      false,
    ]);
    expect([made.count, [0, 1, 2].map((symbol) => made.isSuspect(symbol))]).toEqual([2, [false, true, true]]);
    made.channelRecovered();
    expect([made.count, [0, 1, 2].map((symbol) => made.isSuspect(symbol))]).toEqual([
      1,
      [false, true, false],
    ]);
    expect([made.message(1, 13), made.message(2, 11)]).toEqual([false, true]);
    made.restated(1, 13);
    expect([made.count, made.message(1, 14)]).toEqual([0, true]);
  });

  it("are refused where there are none", () => {
    expect(() => new SuspectSymbols({ symbols: 0 })).toThrow(
      expect.objectContaining({ path: "suspectSymbols.symbols" }),
    );
    const made = new SuspectSymbols({ symbols: 1 });
    expect(() => made.isSuspect(1)).toThrow(expect.objectContaining({ path: "suspectSymbols.symbol" }));
  });
});
