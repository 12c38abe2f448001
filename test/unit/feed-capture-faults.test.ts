import { describe, expect, test } from "vitest";
import { type CapturePolicies, checkCapture } from "../../src/feed/index.ts";
import { capture, diff, line, quote, snapshot, trade } from "../fixtures/capture-lines.ts";
import { joined, run, SPOT_START } from "../fixtures/capture-run.ts";

const spot = { market: "spot" } as const;
const usdm = { market: "usdm" } as const;

describe("lines that look plain but are not", () => {
  test("of a field that comes twice the last one counts, as JSON has it", () => {
    const twice =
      '{"e":"depthUpdate","E":1704164645009,"s":"BTCUSDT","U":1,"U":103,"u":104,"b":[["98.00","1"]],';
    const { rows } = run([...SPOT_START, line(9, `${twice}"b":[["99.00","1"]],"a":[]}`)], spot);
    expect(rows.slice(6)).toEqual(["9 9 bid+L 9900 100000000"]);
  });

  test("numbers past 32 bits and past the fast path's digits are exact", () => {
    const levels = [
      ["1.0", "4294967297"],
      ["2.0", "1234567890.123"],
      ["3.0", "0.1230000000000"],
    ] as const;
    const { rows } = run([line(1, snapshot(1, levels, []))], usdm);
    expect(rows.slice(1)).toEqual([
      "1 0 bid+S 10 4294967297000",
      "1 0 bid+S 20 1234567890123",
      "1 0 bid+SL 30 123",
    ]);
  });

  test.each([
    ["a colon in the local time", (text: string) => text.replace("1704164645", "17041646:5")],
    ["a colon in an id", (text: string) => text.replace('"u":104', '"u":10000:04')],
    ["an id that starts with 0", (text: string) => text.replace('"u":104', '"u":00104')],
    ["a stream that is no text", (text: string) => text.replace('"btcusdt@depth"', "btcusdt")],
    ["a brace too many", (text: string) => `${text}}`],
  ])("%s is malformed", (_name, change) => {
    expect(() => checkCapture(spot, [capture([...SPOT_START, change(joined)])])).toThrow(
      "(policy malformed)",
    );
  });
});

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
  [
    "offGrid",
    "a price past 32 bits",
    [line(9, diff(spot, 9, { U: 103, u: 104 }, [["4294967301.00", "1"]], []))],
  ],
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
