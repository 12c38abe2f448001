import { describe, expect, test } from "vitest";
import {
  type CaptureOptions,
  type CapturePolicies,
  checkCapture,
  importCapture,
  type MemoryTape,
} from "../../src/feed/index.ts";
import { DepthBlock, KIND_MASK, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";
import { capture, diff, line, quote, START_MS, snapshot, trade } from "../fixtures/capture-lines.ts";

const spot = { market: "spot" } as const;
const usdm = { market: "usdm" } as const;
const NAMES = Object.fromEntries(Object.entries(ROW).map(([name, code]) => [code, name]));

/** Rows as short texts: local ms, exchange ms, kind, flags, tick, lots. */
function rowsOf(tape: MemoryTape<DepthBlock>, shiftNs = 0): string[] {
  const day = (START_MS - (START_MS % 86_400_000)) * 1e6;
  const block = new DepthBlock();
  const rows: string[] = [];
  for (let b = 0; b < tape.blockCount; b++) {
    tape.read(b, block);
    for (let i = 0; i < block.n; i++) {
      const kind = block.kind[i] as number;
      const flags = `${kind & SNAPSHOT ? "S" : ""}${kind & LAST ? "L" : ""}`;
      const ms = (ns: number): number => (ns - (START_MS * 1e6 - day)) / 1e6;
      const local = ms((block.local[i] as number) - shiftNs);
      const name = `${NAMES[kind & KIND_MASK]}${flags === "" ? "" : `+${flags}`}`;
      rows.push(`${local} ${ms(block.exch[i] as number)} ${name} ${block.tick[i]} ${block.lots[i]}`);
    }
  }
  return rows;
}

function run(
  lines: readonly string[],
  options: CaptureOptions,
): { readonly rows: string[]; readonly counts: Record<string, number> } {
  const { tape, report } = importCapture({ clockShiftNs: 0, ...options }, () => [capture(lines)]);
  const { lines: _lines, clockShiftNs: _shift, leastLatencyNs: _least, ...counts } = tape.meta.counts;
  expect(counts).toMatchObject(report.counts);
  return { rows: rowsOf(tape), counts };
}

const SPOT_START = [
  line(5, diff(spot, 1, { U: 90, u: 95 }, [["100.00", "9.00000000"]], [])),
  line(6, quote(spot, 2, 96, ["99.90", "9.00000000"], ["100.20", "9.00000000"])),
  line(7, diff(spot, 3, { U: 96, u: 102 }, [["100.00", "2.00000000"]], [["100.30", "0.50000000"]])),
  line(
    8,
    snapshot(
      100,
      [
        ["100.00", "1.00000000"],
        ["99.50", "0.00000001"],
      ],
      [["100.10", "3.00000000"]],
    ),
  ),
];

describe("a spot capture", () => {
  test("snapshot, held diff, diffs, trades and quotes become rows in order", () => {
    const { rows, counts } = run(
      [
        ...SPOT_START,
        line(9, quote(spot, 4, 102, ["100.00", "2.00000000"], ["100.10", "3.00000000"])),
        line(10, trade(spot, 6, 7, "100.10", "0.25000000", false)),
        line(11, diff(spot, 5, { U: 103, u: 104 }, [], [["100.10", "2.75000000"]])),
        line(12, trade(spot, 8, 8, "100.00", "0.10000000", true)),
      ],
      spot,
    );
    expect(rows).toEqual([
      "8 3 clear+S 0 0",
      "8 3 bid+S 10000 100000000",
      "8 3 bid+S 9950 1",
      "8 3 ask+SL 10010 300000000",
      "8 3 bid 10000 200000000",
      "8 3 ask+L 10030 50000000",
      "9 3 quoteBid 10000 200000000",
      "9 3 quoteAsk+L 10010 300000000",
      "10 6 buy+L 10010 25000000",
      "11 6 ask+L 10010 275000000",
      "12 8 sell+L 10000 10000000",
    ]);
    expect(counts).toEqual({
      diffs: 2,
      diffsBeforeSnapshot: 1,
      exchClamped: 1,
      levels: 6,
      quotes: 1,
      quotesUnsynced: 1,
      snapshots: 1,
      trades: 2,
    });
  });

  test("the clock: local times are raised until the least latency is the floor, never lowered", () => {
    const late = SPOT_START.map((text) =>
      text.replace(/^\d+/, (ns) => (BigInt(ns) - 1_000_000_000n).toString()),
    );
    const { tape, report } = importCapture(spot, () => [capture(late)]);
    expect(report.leastLatencyNs).toBe(-996_000_000);
    expect(report.clockShiftNs).toBe(997_000_000);
    expect(tape.meta.counts).toMatchObject({ clockShiftNs: 997_000_000, leastLatencyNs: -996_000_000 });
    expect(rowsOf(tape)[0]).toBe("5 3 clear+S 0 0");
    const floor = importCapture({ ...spot, latencyFloorNs: 5_000_000 }, () => [capture(late)]);
    expect(floor.report.clockShiftNs).toBe(1_001_000_000);
    expect(checkCapture(spot, [capture(SPOT_START)]).clockShiftNs).toBe(0);
  });

  test("book against quotes: the latest quote at or below the diff's id, whichever came first", () => {
    const lines = [
      ...SPOT_START,
      line(9, diff(spot, 4, { U: 103, u: 105 }, [["100.05", "1.00000000"]], [])),
      line(9, quote(spot, 4, 104, ["100.05", "1.00000000"], ["100.10", "3.00000000"])),
      line(10, quote(spot, 5, 106, ["100.06", "1.00000000"], ["100.10", "3.00000000"])),
      line(11, diff(spot, 5, { U: 106, u: 107 }, [["100.06", "2.00000000"]], [])),
    ];
    const report = checkCapture(spot, [capture(lines)]);
    expect(report).toMatchObject({ bboCompared: 2, bboEqual: 1, bboWithout: 1 });
    expect(report.firstMismatch).toEqual({
      line: 8,
      updateId: 107,
      quoteId: 106,
      book: [10_006, 200_000_000, 10_010, 300_000_000],
      quote: [10_006, 100_000_000, 10_010, 300_000_000],
    });
  });
});

describe("a futures capture", () => {
  const start = [
    line(1, diff(usdm, 1, { U: 80, u: 89, pu: 79 }, [["100.0", "9"]], [])),
    line(2, diff(usdm, 2, { U: 92, u: 100, pu: 89 }, [["99.0", "1.5"]], [])),
    line(3, snapshot(95, [["100.0", "1"]], [["100.1", "0.001"]])),
  ];

  test("a diff that straddles by pu is applied, later ones must name the last as pu", () => {
    const { rows, counts } = run(
      [...start, line(4, diff(usdm, 4, { U: 120, u: 130, pu: 100 }, [], [["100.2", "2.000"]]))],
      usdm,
    );
    expect(rows.slice(-2)).toEqual(["3 1 bid+L 990 1500", "4 3 ask+L 1002 2000"]);
    expect(counts).toMatchObject({ diffs: 2, diffsBeforeSnapshot: 1 });
  });

  test("a gap: a gap row, then nothing until the next snapshot", () => {
    const { rows, counts } = run(
      [
        ...start,
        line(4, diff(usdm, 4, { U: 150, u: 160, pu: 140 }, [["96.0", "1"]], [])),
        line(5, trade(usdm, 5, 1, "100.0", "1", true)),
        line(6, snapshot(155, [["97.0", "4"]], [["97.5", "5"]])),
        line(7, diff(usdm, 7, { U: 161, u: 162, pu: 160 }, [["97.1", "1"]], [])),
      ],
      usdm,
    );
    expect(rows.slice(3)).toEqual([
      "3 1 bid+L 990 1500",
      "4 3 gap+L 0 0",
      "6 5 clear+S 0 0",
      "6 5 bid+S 970 4000",
      "6 5 ask+SL 975 5000",
      "6 5 bid+L 960 1000",
      "7 6 bid+L 971 1000",
    ]);
    expect(counts).toMatchObject({ gap: 1, snapshots: 2, tradesUnsynced: 1 });
  });

  test("a snapshot older than the diffs held is stale, one older than the book is redundant", () => {
    const early = [line(0, diff(usdm, 1, { U: 10, u: 11, pu: 9 }, [], [])), line(0, snapshot(5, [], []))];
    const stale = run([...early, ...start], usdm);
    expect(stale.counts).toMatchObject({ snapshotsStale: 1, snapshots: 1, diffsBeforeSnapshot: 2 });
    const redundant = run([...start, line(4, snapshot(99, [["1.0", "1"]], []))], usdm);
    expect(redundant.counts).toMatchObject({ snapshotsRedundant: 1, snapshots: 1 });
  });

  test("empty trades are left out and counted, missing trade ids are counted", () => {
    const { counts } = run(
      [
        ...start,
        line(4, trade(usdm, 4, 5, "100.0", "0", true)),
        line(5, trade(usdm, 5, 9, "100.0", "1", true)),
      ],
      usdm,
    );
    expect(counts).toMatchObject({ tradesEmpty: 1, tradeIdsMissing: 3, trades: 1 });
  });
});

const joined = line(9, diff(spot, 9, { U: 103, u: 104 }, [["99.00", "1.00000000"]], []));
const BAD: readonly (readonly [keyof CapturePolicies, string, readonly string[]])[] = [
  ["malformed", "not JSON", [line(9, "{]"), joined]],
  ["malformed", "no local time", ["abc {}", joined]],
  ["malformed", "an array", [line(9, "[]"), joined]],
  ["malformed", "a blank line", ["", joined]],
  ["malformed", "a field missing", [line(9, '{"e":"trade","s":"BTCUSDT","p":"1.00","q":"1"}'), joined]],
  ["malformed", "a price with an exponent", [line(9, trade(spot, 9, 1, "1e2", "1", true)), joined]],
  ["malformed", "a negative price", [line(9, trade(spot, 9, 1, "-1.00", "1", true)), joined]],
  ["malformed", "an id past 2^53", [line(9, quote(spot, 9, 2 ** 54, ["1.00", "1"], ["2.00", "1"])), joined]],
  [
    "malformed",
    "a level of three",
    [line(9, '{"lastUpdateId":500,"bids":[["1.00","1","x"]],"asks":[]}'), joined],
  ],
  ["truncated", "a line cut short", [joined, line(10, '{"e":"tra')]],
  ["gap", "ids that do not join", [line(9, diff(spot, 9, { U: 104, u: 105 }, [], [])), joined]],
  ["duplicate", "a diff twice", [joined, joined]],
  ["outOfOrder", "an older diff", [joined, line(9, diff(spot, 9, { U: 101, u: 103 }, [], []))]],
  [
    "duplicate",
    "a trade twice",
    [line(9, trade(spot, 9, 4, "1.00", "1", true)), line(9, trade(spot, 9, 4, "1.00", "1", true))],
  ],
  [
    "outOfOrder",
    "an older trade",
    [line(9, trade(spot, 9, 4, "1.00", "1", true)), line(9, trade(spot, 9, 3, "1.00", "1", true))],
  ],
  ["outOfOrder", "an older quote", [line(9, quote(spot, 9, 90, ["1.00", "1"], ["2.00", "1"]))]],
  [
    "crossed",
    "a bid at the ask",
    [line(9, diff(spot, 9, { U: 103, u: 104 }, [["100.10", "1.00000000"]], []))],
  ],
  [
    "offGrid",
    "a price off the grid",
    [line(9, diff(spot, 9, { U: 103, u: 104 }, [["99.001", "1.00000000"]], []))],
  ],
  [
    "offGrid",
    "a size off the grid",
    [line(9, diff(spot, 9, { U: 103, u: 104 }, [["99.00", "1.000000001"]], []))],
  ],
  ["offGrid", "a price past 1e9 ticks", [line(9, trade(spot, 9, 1, "10000000.01", "1", true))]],
  ["timeBackwards", "an earlier local time", [line(7, diff(spot, 9, { U: 103, u: 104 }, [], []))]],
  ["timeApart", "an exchange time of tomorrow", [line(9, diff(spot, 9e7, { U: 103, u: 104 }, [], []))]],
  [
    "wrongSymbol",
    "another symbol",
    [line(9, trade({ market: "spot", symbol: "ETHUSDT" }, 9, 1, "1.00", "1", true))],
  ],
  ["unknown", "another event", [line(9, '{"e":"aggTrade","p":"1.00"}'), line(9, '{"result":null,"id":1}')]],
];

describe("bad input", () => {
  test.each(BAD)("%s: %s is a fault that names the line under policy fail", (kind, _name, lines) => {
    const text = [...SPOT_START, ...lines];
    const bytes = kind === "truncated" ? capture(text).slice(0, -1) : capture(text);
    const read = (): unknown =>
      checkCapture({ ...spot, name: "x.gz", policies: { [kind]: "fail" } }, [bytes]);
    expect(read).toThrow(/FAULT_INPUT x\.gz:[56]: found .*, expected .*/);
    expect(read).toThrow(`(policy ${kind})`);
  });

  test.each(BAD)("%s: %s is counted under the lenient policies", (kind, _name, lines) => {
    const text = [...SPOT_START, ...lines];
    const bytes = kind === "truncated" ? capture(text).slice(0, -1) : capture(text);
    const lenient: Partial<CapturePolicies> = {
      ...{
        malformed: "drop",
        truncated: "drop",
        offGrid: "drop",
        timeBackwards: "drop",
        wrongSymbol: "drop",
      },
      ...{ crossed: "keep", timeApart: "drop" },
    } as const;
    const report = checkCapture({ ...spot, policies: lenient }, [bytes]);
    expect(report.counts[kind]).toBeGreaterThan(0);
    expect(report.events).toBe(text.length);
  });

  test.each([
    ["malformed", "8 3", [line(9, "{]"), joined], { malformed: 1, diffsUnsynced: 1 }],
    [
      "crossed",
      "9 9",
      [line(9, diff(spot, 9, { U: 103, u: 104 }, [["100.10", "1"]], []))],
      { crossedDropped: 1 },
    ],
    [
      "offGrid",
      "8 3",
      [line(9, diff(spot, 9, { U: 103, u: 104 }, [["1.001", "1"]], [])), joined],
      { diffsUnsynced: 1 },
    ],
  ] as const)("%s under resync: a gap row, and the book is given up", (kind, times, lines, counts) => {
    const result = run([...SPOT_START, ...lines], { ...spot, policies: { [kind]: "resync" } });
    expect(result.rows.at(-1)).toBe(`${times} gap+L 0 0`);
    expect(result.counts).toMatchObject(counts);
  });

  test("offGrid under drop leaves the level out, not the diff", () => {
    const message = diff(
      spot,
      9,
      { U: 103, u: 104 },
      [
        ["99.00", "1"],
        ["99.001", "2"],
      ],
      [],
    );
    const { rows, counts } = run([...SPOT_START, line(9, message)], {
      ...spot,
      policies: { offGrid: "drop" },
    });
    expect(rows.at(-1)).toBe("9 9 bid+L 9900 100000000");
    expect(counts).toMatchObject({ offGrid: 1, offGridLevels: 1 });
  });

  test("an empty capture and one without a snapshot are always faults", () => {
    expect(() => checkCapture(spot, [])).toThrow("an empty capture");
    expect(() => checkCapture(spot, [capture(SPOT_START.slice(0, 3))])).toThrow("a snapshot");
  });

  test("unknown events are counted by name", () => {
    const report = checkCapture(spot, [capture([...SPOT_START, ...(BAD.at(-1)?.[2] ?? [])])]);
    expect(report.counts).toMatchObject({ unknown: 2, "unknown.aggTrade": 1, "unknown.result": 1 });
  });

  test("the last line may lack its line feed", () => {
    const bytes = capture([...SPOT_START, joined]);
    expect(checkCapture(spot, [bytes.subarray(0, -1)]).diffs).toBe(2);
  });

  test("spaces, escapes, other key orders and Windows line ends take the slow path to the same rows", () => {
    const odd = line(
      9,
      '{ "u": 104, "s":"BTC\\u0055SDT", "U":103, "a":[ ], "b":[["99.00" ,"1.0"]], ' +
        '"E":1704164645009, "e":"depthUpdate"}\r',
    );
    const plain = run([...SPOT_START, joined], spot);
    expect(run([...SPOT_START, odd], spot)).toEqual(plain);
  });

  test("an instrument with other steps, and options that are wrong", () => {
    const steps = {
      symbol: "XYZ",
      venue: "binance",
      tickSize: "0.25",
      lotSize: "5",
      quote: { code: "USD", decimals: 2 },
    };
    const lines = [line(1, snapshot(1, [["10.25", "15"]], [["10.50", "20.0"]]))];
    expect(run(lines, { ...spot, instrument: steps }).rows.slice(1)).toEqual([
      "1 0 bid+S 41 3",
      "1 0 ask+SL 42 4",
    ]);
    expect(() => checkCapture({ ...spot, symbol: "ETHUSDT" }, [])).toThrow("FAULT_CONFIG capture.instrument");
    expect(() => checkCapture({ ...spot, symbol: "A", instrument: steps }, [])).toThrow(
      "FAULT_CONFIG capture.symbol",
    );
    expect(() => checkCapture({ market: "coin" as "spot" }, [])).toThrow("FAULT_CONFIG capture.market");
    expect(() => checkCapture({ ...spot, policies: { gaps: "fail" } as never }, [])).toThrow("policies.gaps");
    expect(() => checkCapture({ ...spot, policies: { gap: "drop" as "fail" } }, [])).toThrow("policies.gap");
  });
});
