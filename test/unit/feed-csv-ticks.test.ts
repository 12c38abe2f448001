import { describe, expect, test } from "vitest";
import { type CsvTickOptions, CsvTickReader, type MemoryTape, readCsvTicks } from "../../src/feed/index.ts";
import { DepthBlock, LAST, ROW } from "../../src/model/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const instrument = {
  symbol: "ABC",
  venue: "t",
  tickSize: "0.05",
  lotSize: "1",
  bookLotSize: "0.5",
  quote: { code: "USD", decimals: 4 },
} as const;
function ticks(text: string, more: object = {}): MemoryTape<DepthBlock> {
  return readCsvTicks(bytes(text), { name: "t.csv", instrument, holds: "trades", ...more } as CsvTickOptions);
}

function rows(tape: MemoryTape<DepthBlock>): number[][] {
  const block = new DepthBlock();
  tape.read(0, block);
  return [...Array(block.n).keys()].map((i) =>
    [block.local, block.kind, block.tick, block.lots].map((column) => column[i] as number),
  );
}

const QUOTES = "time,bid,bidSize,ask,askSize\n";
const LEVELS = "time,side,price,quantity\n";

describe("CSV ticks", () => {
  test("of trades, with and without sides", () => {
    const text = "time,price,quantity,side\n1704153600,10,1,BUY\n1704153600.000000001,10.05,0.5,sell\n";
    expect(rows(ticks(text, { columns: { side: "side" } }))).toEqual([
      [0, ROW.buy | LAST, 200, 2],
      [1, ROW.sell | LAST, 201, 1],
    ]);
    expect(rows(ticks(text)).map(([, kind]) => kind)).toEqual([ROW.trade | LAST, ROW.trade | LAST]);
  });

  test("of quotes: a book of one level a side, never crossed on the way", () => {
    const text = [
      "1704153600,10,1,10.05,2",
      "1704153600,10,1,10.05,2",
      "1704153601,10.05,1,10.1,2",
      "1704153602,10.05,3,,0",
      "1704153603,,,10.1,1",
    ].join("\n");
    const tape = ticks(QUOTES + text, { holds: "quotes" });
    expect(rows(tape).map(([ns, ...row]) => [(ns as number) / 1e9, ...row])).toEqual([
      [0, ROW.clear, 0, 0],
      [0, ROW.bid, 200, 2],
      [0, ROW.ask | LAST, 201, 4],
      [1, ROW.bid, 200, 0],
      [1, ROW.ask, 201, 0],
      [1, ROW.bid, 201, 2],
      [1, ROW.ask | LAST, 202, 4],
      [2, ROW.ask, 202, 0],
      [2, ROW.bid | LAST, 201, 6],
      [3, ROW.bid, 201, 0],
      [3, ROW.ask | LAST, 202, 2],
    ]);
    expect(tape.meta.counts).toEqual({ quotesUnchanged: 1 });
  });

  test("of both, where each line says which it is", () => {
    const text = `time,price,quantity,bid,bidSize,ask,askSize
1704153600,,,10,1,10.1,1
1704153601,10.1,1,,,,
1704153602,10.1,1,10,1,10.15,1\n`;
    expect(rows(ticks(text, { holds: "both" })).map(([, kind]) => kind)).toEqual([
      ROW.clear,
      ROW.bid,
      ROW.ask | LAST,
      ROW.trade | LAST,
      ROW.trade,
      ROW.ask,
      ROW.ask | LAST,
    ]);
  });

  test("of levels, one message a line or a time", () => {
    const text = `${LEVELS}1704153600,bid,10,1\n1704153600,sell,10.1,2\n1704153601,bid,10,0\n`;
    const kinds = (more: object): unknown =>
      rows(ticks(text, { holds: "levels", ...more })).map(([, kind]) => kind);
    expect(kinds({})).toEqual([ROW.clear, ROW.bid | LAST, ROW.ask | LAST, ROW.bid | LAST]);
    expect(kinds({ groupByTime: true })).toEqual([ROW.clear, ROW.bid, ROW.ask | LAST, ROW.bid | LAST]);
  });

  test("by two clocks: sorted by the local one, the other made not to fall", () => {
    const text = "time,here,price,quantity\n1704153602,1704153603,10,1\n1704153601,1704153604,10,1\n";
    const tape = ticks(text, { columns: { localTime: "here" } });
    const block = new DepthBlock();
    tape.read(0, block);
    expect([...block.exch.subarray(0, 2)]).toEqual([2e9, 2e9]);
    expect(tape.meta.counts).toEqual({ exchClamped: 1 });
  });

  const TRADES = "time,price,quantity\n";
  test.each([
    ["nothing", "", {}, 'FAULT_INPUT t.csv: found "0 ticks"'],
    ["a header alone", TRADES, {}, 't.csv: found "0 ticks"'],
    ["no header", "1704153600,10,1\n", {}, 't.csv:1: found "1704153600,10,1", expected a column time'],
    ["a column too few", "time,price\n", {}, "expected a column quantity"],
    ["a side asked for", TRADES, { columns: { side: "side" } }, "expected a column side"],
    ["a field too many", `${TRADES}1704153600,10,1,1\n`, {}, "t.csv:2: found"],
    ["a time that is none", `${TRADES}now,10,1\n`, {}, 't.csv:2: found "now", expected a time'],
    ["a time of 11 digits", `${TRADES}17041536000,10,1\n`, {}, 't.csv:2: found "17041536000"'],
    ["times that fall", `${TRADES}1704153601,10,1\n1704153600,10,1\n`, {}, 't.csv:3: found "1704153600"'],
    [
      "a price off the grid",
      `${TRADES}1704153600,10.01,1\n`,
      {},
      'found "10.01", expected a multiple of 0.05',
    ],
    ["a quantity off the grid", `${TRADES}1704153600,10,0.3\n`, {}, "expected a quantity: a multiple of 0.5"],
    ["a trade of nothing", `${TRADES}1704153600,10,0\n`, {}, "expected a quantity above 0"],
    ["a quantity below 0", `${TRADES}1704153600,10,-1\n`, {}, 'found "-1"'],
    ["no price", `${TRADES}1704153600,,1\n`, {}, 't.csv:2: found ""'],
    [
      "a side that is none",
      `${LEVELS}1704153600,up,10,1\n`,
      { columns: { side: "side" } },
      'found "up", expected buy',
    ],
    [
      "a level without a side",
      `${LEVELS}1704153600,,10,1\n`,
      { holds: "levels" },
      'found "", expected bid or ask',
    ],
    [
      "a bid above its ask",
      `${QUOTES}1704153600,10.1,1,10,1\n`,
      { holds: "quotes" },
      'found "10.1 10", expected a bid',
    ],
    [
      "a locked quote",
      `${QUOTES}1704153600,10,1,10,1\n`,
      { holds: "quotes" },
      "expected a bid below its ask",
    ],
    ["a size without a price", `${QUOTES}1704153600,,1,10,1\n`, { holds: "quotes" }, 't.csv:2: found ""'],
    [
      "a price without a size",
      `${QUOTES}1704153600,10,,10.1,1\n`,
      { holds: "quotes" },
      "expected a quantity",
    ],
    [
      "another symbol",
      "sym,time,price,quantity\nABD,1704153600,10,1\n",
      { columns: { symbol: "sym" } },
      't.csv:2: found "ABD", expected the symbol ABC',
    ],
  ])("are refused by file and line: %s", (_what, text, more, message) => {
    expect(() => ticks(text, more)).toThrow(message);
  });

  test("are dropped and counted where the policy says so", () => {
    const policies = {
      malformed: "drop",
      offGrid: "drop",
      timeFalls: "drop",
      badQuote: "drop",
      otherSymbol: "drop",
    };
    const text = `s,${QUOTES}ABC,1704153600,10,1,10.1,1
ABD,1704153600,10,1,10.1,1
ABC,1704153600,10.01,1,10.1,1
ABC,1704153600,10.1,1,10.1,1
ABC,1704153500,10,1,10.1,1
ABC,x,10,1,10.1,1
ABC,1704153600,10,2,10.1,1\n`;
    const tape = ticks(text, { holds: "quotes", columns: { symbol: "s" }, policies });
    expect(tape.meta.counts).toEqual({
      badQuoteDropped: 1,
      malformedDropped: 1,
      offGridDropped: 1,
      otherSymbolDropped: 1,
      timeFallsDropped: 1,
    });
    expect(rows(tape).at(-1)).toEqual([0, ROW.bid | LAST, 200, 4]);
  });

  test.each([
    ["csv.holds", { holds: "ticks" }],
    ["csv.holds", { holds: undefined }],
    ["csv.kind", { kind: "trades" }],
    ["csv.groupByTime", { groupByTime: "yes" }],
    ["csv.separator", { separator: "" }],
    ["csv.columns.bid", { columns: { bid: "b" } }],
    ["csv.columns.side", { holds: "quotes", columns: { side: "s" } }],
    ["csv.columns.price", { columns: { price: "" } }],
    ["csv.policies.crossed", { policies: { crossed: "drop" } }],
  ])("refuse the option %s", (path, more) => {
    const options = { name: "t.csv", instrument, holds: "trades", ...more } as never;
    expect(() => new CsvTickReader(options, () => {})).toThrow(`FAULT_CONFIG ${path}: `);
  });
});
