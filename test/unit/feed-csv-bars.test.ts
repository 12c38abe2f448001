import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CsvBarOptions, CsvBarReader, type MemoryTape, readCsvBars } from "../../src/feed/index.ts";
import { BarBlock, NANOS_PER_MINUTE } from "../../src/model/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const instrument = {
  symbol: "ABC",
  venue: "t",
  tickSize: "0.05",
  lotSize: "1",
  bookLotSize: "0.5",
  quote: { code: "USD", decimals: 4 },
} as const;
const HEADER = "time,open,high,low,close,volume\n";
const DAY = "2024-01-02,10,10.5,9.75,10.25,100\n";
const NEXT = "2024-01-03,10,10.5,9.75,10.25,100\n";

function bars(text: string, more: object = {}): MemoryTape<BarBlock> {
  return readCsvBars(bytes(text), { name: "a.csv", instrument, ...more } as CsvBarOptions);
}

function bar(tape: MemoryTape<BarBlock>, i = 0): number[] {
  const block = new BarBlock();
  tape.read(0, block);
  const columns = [block.openNs, block.closeNs, block.open, block.high, block.low, block.close, block.volume];
  return [...columns, block.factor].map((column) => column[i] as number);
}

describe("CSV bars", () => {
  test("are read by their header, wherever its columns stand", () => {
    const day = 86_340_000_000_000;
    expect(bar(bars(HEADER + DAY))).toEqual([0, day, 200, 210, 195, 205, 200, 1]);
    const other = "Vol;Adj;C;L;H;O; Date \n100;5.125;10.25;9.75;10.5;10;2024-01-02\n";
    const columns = {
      time: "Date",
      open: "O",
      high: "H",
      low: "L",
      close: "C",
      volume: "Vol",
      adjustedClose: "Adj",
    };
    expect(bar(bars(other, { separator: ";", columns }))).toEqual([0, day, 200, 210, 195, 205, 200, 0.5]);
  });

  test("may end their lines in any way, be quoted, and begin with a byte order mark", () => {
    const plain = bars(HEADER + DAY + NEXT).meta.contentSha256;
    for (const text of [
      (HEADER + DAY + NEXT).replaceAll("\n", "\r\n"),
      (HEADER + DAY + NEXT).trimEnd(),
      `\ufeff${HEADER}\n${DAY}\n\n${NEXT}\n`,
      HEADER + DAY.replaceAll(/[^,\n]+/g, '"$&"') + NEXT.replaceAll(",", ", "),
    ]) {
      expect(bars(text).meta.contentSha256).toBe(plain);
    }
  });

  test.each([
    ["a date", "2024-01-02", {}, "1704153600000000000", "1704239940000000000"],
    ["a session", "2024-01-02", { session: { openAt: "14:30", closeAt: "21:00" } }, 14.5, 21],
    [
      "the open of a minute",
      "2024-01-02T14:30:00Z",
      { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" } },
      14.5,
    ],
    [
      "the close of a minute",
      "2024-01-02 14:31",
      { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "close" } },
      14.5,
    ],
    ["seconds since 1970", "1704205800", { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" } }, 14.5],
    ["milliseconds", "1704205800000", { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" } }, 14.5],
    ["microseconds", "1704205800000000", { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" } }, 14.5],
    ["nanoseconds", "1704205800000000000", { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" } }, 14.5],
  ])("are timed by %s", (_what, time, more, opens, closes?: string | number) => {
    const tape = bars(HEADER + DAY.replace("2024-01-02", time), more);
    const [openNs, closeNs] = bar(tape) as [number, number];
    const epoch = (at: string | number): string =>
      typeof at === "string" ? at : String(1_704_153_600_000_000_000n + BigInt(at * 3_600e9));
    expect(String(BigInt(tape.meta.baseNs) + BigInt(openNs))).toBe(epoch(opens));
    const end = closes === undefined ? BigInt(epoch(opens)) + 60_000_000_000n : BigInt(epoch(closes));
    expect(BigInt(tape.meta.baseNs) + BigInt(closeNs)).toBe(end);
  });

  test("may touch, and may not overlap", () => {
    const minutes = (second: string): string =>
      `${HEADER}${DAY}${NEXT}`.replace("01-02", "01-02T10:00").replace("01-03", second);
    const more = { bar: { lengthNs: NANOS_PER_MINUTE, timeIs: "open" } };
    expect(bars(minutes("01-02T10:01"), more).meta.rows).toBe(2);
    expect(() => bars(minutes("01-02T10:00:59.999999999"), more)).toThrow("a.csv:3: found");
  });

  test("without volume, and with prices from 32-bit floats", () => {
    const text = "time,open,high,low,close\n2024-01-02,10.050000190734863,10.05,10,10.0\n";
    const tape = bars(text, { columns: { volume: null }, snapWithin: "0.00001" });
    expect(bar(tape).slice(2)).toEqual([201, 201, 200, 200, 0, 1]);
    expect(tape.meta.counts).toEqual({ pricesSnapped: 1 });
  });

  test.each([
    ["nothing", "", 'FAULT_INPUT a.csv: found "0 bars"'],
    ["a header alone", HEADER, 'a.csv: found "0 bars"'],
    ["no header", DAY, 'a.csv:1: found "2024-01-02,10,10.5,9.75,10.25,100", expected a column time'],
    ["a column too few", "time,open,high,low,volume\n", "expected a column close"],
    ["a column twice", "time,open,high,low,close,volume,close\n", "expected one column close"],
    ["a field too few", `${HEADER}2024-01-02,10,10.5,9.75,10.25\n`, "a.csv:2: found"],
    ["a decimal comma", `${HEADER}2024-01-02,10,5,11,9,10,100\n`, "expected 6 fields, as the header has"],
    ["a quote that is open", `${HEADER}"2024-01-02,10,10,10,10,1\n`, "expected quotes that are closed"],
    ["a date that is none", HEADER + DAY.replace("01-02", "02-30"), 'a.csv:2: found "2024-02-30"'],
    ["an American date", HEADER + DAY.replace("2024-01-02", "01/02/2024"), 'a.csv:2: found "01/02/2024"'],
    ["a date in digits", HEADER + DAY.replace("2024-01-02", "20240102093000"), 'found "20240102093000"'],
    ["a date before 1970", HEADER + DAY.replace("2024", "1969"), "from 1970 on"],
    ["a time of day", HEADER + DAY.replace("2024-01-02", "2024-01-02T14:30"), "need the option csv.bar"],
    ["no price", HEADER + DAY.replace("10.5", ""), 'a.csv:2: found ""'],
    ["a price that is none", HEADER + DAY.replace("10.5", "NaN"), 'a.csv:2: found "NaN"'],
    [
      "a price off the grid",
      HEADER + DAY.replace("10.5", "10.51"),
      'found "10.51", expected a multiple of 0.05',
    ],
    [
      "a volume off the grid",
      HEADER + DAY.replace(",100", ",100.25"),
      "expected a volume: a multiple of 0.5",
    ],
    ["a volume below 0", HEADER + DAY.replace(",100", ",-100"), 'found "-100"'],
    ["a bar inside out", HEADER + DAY.replace("10.5", "9.9"), "expected low <= open, close <= high"],
    ["a day twice", HEADER + DAY + DAY, 'a.csv:3: found "2024-01-02", expected a bar that opens after'],
    ["days that fall", HEADER + NEXT + DAY, 'a.csv:3: found "2024-01-02"'],
    ["a line without end", HEADER + "1".repeat(1_100_000), "expected a line below 1 MiB"],
  ])("are refused by file and line: %s", (_what, text, message) => {
    expect(() => bars(text)).toThrow(message);
  });

  test("are dropped and counted where the policy says so, also the first", () => {
    const policies = { malformed: "drop", offGrid: "drop", timeFalls: "drop", badBar: "drop" };
    const bad = [
      "2999-01-01,x,1,1,1,1",
      "2999-01-01,10.01,11,10,11,1",
      "2999-01-01,10,9,8,9,1",
      DAY.trim(),
      DAY,
    ];
    const tape = bars(HEADER + bad.join("\n") + NEXT, { policies });
    expect(tape.meta.rows).toBe(2);
    expect(tape.meta.baseNs).toBe("1704153600000000000");
    expect(tape.meta.counts).toEqual({
      badBarDropped: 1,
      malformedDropped: 1,
      offGridDropped: 1,
      timeFallsDropped: 1,
    });
  });

  test.each([
    ["csv.snap", { snap: "1" }],
    ["csv.name", { name: "" }],
    ["csv.separator", { separator: ", " }],
    ["csv.separator", { separator: '"' }],
    ["csv.columns.date", { columns: { date: "d" } }],
    ["csv.policies.badbar", { policies: { badbar: "drop" } }],
    ["csv.policies.badBar", { policies: { badBar: "ignore" } }],
    ["csv.session.openAt", { session: { openAt: "25:00", closeAt: "26:00" } }],
    ["csv.session.closeAt", { session: { openAt: "10:00", closeAt: "09:00" } }],
    ["csv.session.open", { session: { open: "10:00", openAt: "09:00", closeAt: "10:00" } }],
    ["csv.session", { session: { openAt: "09:00", closeAt: "10:00" }, bar: { lengthNs: 1, timeIs: "open" } }],
    ["csv.bar.lengthNs", { bar: { lengthNs: 0, timeIs: "open" } }],
    ["csv.bar.timeIs", { bar: { lengthNs: 1, timeIs: "start" } }],
    ["csv.bar.length", { bar: { length: 1, lengthNs: 1, timeIs: "open" } }],
    ["csv.snapWithin", { snapWithin: "-1" }],
    ["csv.snapWithin", { snapWithin: "a bit" }],
    ["csv.snapWithin", { snapWithin: 0.1 }],
    ["instrument.lotSize", { instrument: { ...instrument, lotSize: "0" } }],
  ])("refuse the option %s", (path, more) => {
    expect(() => new CsvBarReader({ name: "a.csv", instrument, ...more } as never)).toThrow(
      `FAULT_CONFIG ${path}: `,
    );
  });

  test("are 5,105 days of the S&P 500, from prices that were 32-bit floats", () => {
    const path = new URL("../../node_modules/vega-datasets/data/sp500-2000.csv", import.meta.url);
    const tape = readCsvBars(readFileSync(path), {
      name: "sp500-2000.csv",
      instrument: { symbol: "SPX", venue: "index", tickSize: "0.01", lotSize: "1", quote: "USD" },
      columns: { time: "date", adjustedClose: "adjclose" },
      snapWithin: "0.001",
    });
    expect([tape.meta.rows, tape.meta.fromNs]).toEqual([5_105, "946943940000000000"]);
    expect(tape.meta.counts.pricesSnapped).toBeGreaterThan(0);
  });
});
