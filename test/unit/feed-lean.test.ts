import { describe, expect, test } from "vitest";
import {
  LeanBarReader,
  LeanFactors,
  LeanMap,
  leanDay,
  leanInstrument,
  newYorkNanos,
  ZipArchive,
} from "../../src/feed/index.ts";
import { BarBlock, civilFromDays, daysFromCivil, formatNanos } from "../../src/model/index.ts";
import { zipOf } from "../fixtures/zip-bytes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const part = { name: "a.csv", text: "hello hello hello" };
const DAILY = { name: "t", market: "equity", resolution: "daily" } as const;
const SPY = leanInstrument("equity", "spy");

describe("a zip archive", () => {
  test("gives its entries back, stored and deflated, with a comment and with wide sizes", () => {
    const zip = zipOf([part, { ...part, name: "b", stored: true }, { ...part, name: "c", wide: true }], "hi");
    const { entries } = new ZipArchive("x.zip", zip);
    expect(entries.map((entry) => [entry.name, entry.length])).toEqual([
      ["a.csv", 17],
      ["b", 17],
      ["c", 17],
    ]);
    for (const entry of entries) expect(new TextDecoder().decode(entry.unpack())).toBe(part.text);
  });

  test.each([
    ["nothing", new Uint8Array(0), 'FAULT_INPUT x.zip: found "0 bytes", expected a zip archive'],
    ["something else", bytes("time,open\n1,2\n".repeat(9)), 'x.zip: found "something else"'],
    ["a file cut short", zipOf([part]).subarray(0, 60), 'x.zip: found "an archive cut short at byte 60"'],
    ["bytes behind the end", new Uint8Array([...zipOf([part]), 1]), 'x.zip: found "an archive cut short'],
    ["a wrong checksum", zipOf([{ ...part, crc: 1 }]), 'x.zip/a.csv: found "CRC-32 '],
    ["a wrong length", zipOf([{ ...part, length: 18 }]), 'x.zip/a.csv: found "17 bytes", expected 18 bytes'],
    ["more than it says", zipOf([{ ...part, length: 3 }]), 'x.zip/a.csv: found "Cannot create a Buffer'],
    ["a bomb's size", zipOf([{ ...part, length: 0xfffffff0 }]), 'x.zip/a.csv: found "4294967280 bytes"'],
    ["encryption", zipOf([{ ...part, flags: 1 }]), 'x.zip/a.csv: found "an encrypted entry"'],
    ["another method", zipOf([{ ...part, method: 12 }]), 'x.zip/a.csv: found "method 12"'],
    ["a stream that is none", zipOf([{ ...part, stored: true, method: 8 }]), "x.zip/a.csv: found"],
    ["a place outside", zipOf([{ ...part, at: 9_999 }]), 'x.zip/a.csv: found "an archive cut short'],
    ["a place inside", zipOf([{ ...part, at: 1 }]), 'x.zip/a.csv: found "no entry at byte 1"'],
  ])("refuses %s", (_what, zip, message) => {
    expect(() => {
      for (const entry of new ZipArchive("x.zip", zip).entries) entry.unpack();
    }).toThrow(message);
  });
});

describe("New York time", () => {
  test.each([
    ["1967-04-30T01:59", "1967-04-30T06:59"],
    ["1967-04-30T03:00", "1967-04-30T07:00"],
    ["1974-01-07T09:30", "1974-01-07T13:30"],
    ["1975-02-21T09:30", "1975-02-21T14:30"],
    ["1975-02-24T09:30", "1975-02-24T13:30"],
    ["1986-04-25T09:30", "1986-04-25T14:30"],
    ["1987-04-06T09:30", "1987-04-06T13:30"],
    ["2006-03-31T09:30", "2006-03-31T14:30"],
    ["2006-04-03T09:30", "2006-04-03T13:30"],
    ["2006-10-27T16:00", "2006-10-27T20:00"],
    ["2006-10-30T16:00", "2006-10-30T21:00"],
    ["2007-03-12T09:30", "2007-03-12T13:30"],
    ["2007-11-02T16:00", "2007-11-02T20:00"],
    ["2007-11-05T16:00", "2007-11-05T21:00"],
    ["2024-03-10T02:30", "2024-03-10T07:30"],
    ["2024-11-03T01:30", "2024-11-03T05:30"],
    ["2024-11-03T02:00", "2024-11-03T07:00"],
  ])("%s is %s UTC", (local, utc) => {
    const [year, month, date, hour, minute] = local.split(/[-T:]/).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const ns = newYorkNanos(daysFromCivil(year, month, date), hour * 3_600 + minute * 60);
    expect(formatNanos(ns).slice(0, 16)).toBe(utc);
  });

  test("agrees with the system's own tables every six hours from 1967 to 2037", () => {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: "America/New_York",
      hourCycle: "h23",
      day: "numeric",
      hour: "numeric",
    });
    const [first, last] = [daysFromCivil(1967, 1, 1), daysFromCivil(2037, 12, 31)];
    const wrong: string[] = [];
    for (let day = first; day <= last; day++) {
      for (const hour of [0, 6, 12, 18]) {
        const ns = newYorkNanos(day, hour * 3_600);
        const [date, shown] = format.format(new Date(Number(ns / 1_000_000n))).split(", ");
        if (Number(shown) !== hour || Number(date) !== civilFromDays(day)[2]) wrong.push(formatNanos(ns));
      }
    }
    expect(wrong).toEqual([]);
  });

  test("has no rule before 1967", () => {
    expect(() => newYorkNanos(daysFromCivil(1966, 12, 31), 0)).toThrow(
      "FAULT_TIME New York time: found 1966",
    );
  });
});

describe("a factor file", () => {
  test("tells splits as fractions and dividends as decimals", () => {
    const text =
      "19980102,0.9,0.0178571,1\n20140606,0.9,0.0357143,645.57\n20200828,0.96,0.5,100\n20501231,1,1,0";
    const { actions } = new LeanFactors("f.csv", bytes(text));
    expect(actions).toEqual([
      { afterDay: leanDay("19980102"), split: { numerator: 2, denominator: 1 }, dividend: undefined },
      {
        afterDay: leanDay("20140606"),
        split: { numerator: 14, denominator: 1 },
        dividend: { digits: 403481n, scale: 4 },
      },
      {
        afterDay: leanDay("20200828"),
        split: { numerator: 2, denominator: 1 },
        dividend: { digits: 4n, scale: 0 },
      },
    ]);
  });

  test("knows reverse and odd splits", () => {
    const { actions } = new LeanFactors(
      "f.csv",
      bytes("20000103,1,1.5,9\n20010102,1,0.1,9\n20501231,1,1,0\n"),
    );
    expect(actions.map(({ split }) => split)).toEqual([
      { numerator: 1, denominator: 15 },
      { numerator: 10, denominator: 1 },
    ]);
  });

  test("gives the factor of a day: a row holds up to its day", () => {
    const factors = new LeanFactors("f.csv", bytes("20000103,0.5,0.5,9\n20010102,0.5,1,9\n20501231,1,1,0\n"));
    const of = (date: string): number => factors.factorOf(leanDay(date) as number);
    expect([of("19990101"), of("20000103"), of("20000104"), of("20010103")]).toEqual([0.25, 0.25, 0.5, 1]);
    expect(() => of("20510101")).toThrow('f.csv: found "day 29585", expected factors up to that day');
  });

  test.each([
    ["no rows", "", 'f.csv: found "0 rows"'],
    ["two columns", "20000103,1\n", 'f.csv:1: found "20000103,1", expected date,price factor,split factor'],
    ["no date", "20001303,1,1,1\n", 'f.csv:1: found "20001303", expected a date yyyyMMdd'],
    ["the 30th of February", "20000230,1,1,1\n", 'f.csv:1: found "20000230"'],
    ["a factor of 0", "20000103,0,1,1\n", 'f.csv:1: found "0", expected a factor above 0'],
    ["a factor below 0", "20000103,1,-1,1\n", 'f.csv:1: found "-1"'],
    ["no number", "20000103,x,1,1\n", 'f.csv:1: found "x"'],
    ["no reference price", "20000103,0.9,1,x\n", 'f.csv:1: found "x", expected a reference price'],
    ["dates that fall", "20000103,1,1,1\n20000103,1,1,1\n", 'f.csv:2: found "20000103", expected a later'],
    ["price factors that fall", "20000103,1,1,1\n20010103,0.9,1,1\n", "expected price factors that do not"],
    ["a dividend of unknown size", "20000103,0.9,1\n20010103,1,1\n", "expected a reference price beside"],
    ["a split too fine", "20000103,1,0.00000001,1\n20010103,1,1,1\n", "expected split factors of more than"],
  ])("refuses %s", (_what, text, message) => {
    expect(() => new LeanFactors("f.csv", bytes(text))).toThrow(message);
  });
});

describe("a map file", () => {
  test("says under which ticker a day was traded", () => {
    const map = new LeanMap("m.csv", bytes("20040819,GOOCV,Q\n20140402,goocv,Q\n20501231,goog,Q"));
    const on = (date: string): string | undefined => map.tickerOn(leanDay(date) as number);
    expect([on("20040818"), on("20040819"), on("20140402"), on("20140403"), on("20510101")]).toEqual([
      undefined,
      "goocv",
      "goocv",
      "goog",
      undefined,
    ]);
  });

  test.each([
    ["no rows", "", 'm.csv: found "0 rows"'],
    ["no date", "x,spy\n", 'm.csv:1: found "x,spy", expected date,ticker'],
    ["no ticker", "20000103,\n", 'm.csv:1: found "20000103,"'],
    [
      "dates that fall",
      "20010103,a\n20000103,b\n",
      'm.csv:2: found "20000103,b", expected date,ticker after',
    ],
  ])("refuses %s", (_what, text, message) => {
    expect(() => new LeanMap("m.csv", bytes(text))).toThrow(message);
  });
});

describe("bars", () => {
  const LINE = "20140606 00:00,6000000,6010000,5990000,6005000,100\n";
  const NEXT = "20140609 00:00,860000,870000,850000,865000,700\n";
  const factors = new LeanFactors(
    "f.csv",
    bytes("20140101,0.5,0.01,9\n20140606,0.99,0.1428571,600.5\n20150105,1,1,9\n20501231,1,2,0\n"),
  );

  function read(text: string, more: object = {}, name = "t.csv"): BarBlock {
    const reader = new LeanBarReader({ ...DAILY, instrument: SPY, ...more });
    reader.pushText(name, bytes(text));
    const tape = reader.end();
    const block = new BarBlock();
    tape.read(0, block);
    return block;
  }

  test("carry a dividend, then a split, before the first bar of their day", () => {
    const block = read(LINE + NEXT, { factors });
    const rows = [...Array(block.n).keys()].map((i) => [
      block.kind[i],
      block.open[i],
      block.high[i],
      block.volume[i],
      block.openNs[i] === block.openNs[3],
      block.factor[i],
    ]);
    expect(rows).toEqual([
      [0, 6_000_000, 6_010_000, 100, false, 0.99 * 0.1428571],
      [2, 0, 0, 6_005_000, true, 1],
      [1, 7, 1, 0, true, 1],
      [0, 860_000, 870_000, 700, true, 1],
    ]);
  });

  test("count the actions that lie outside", () => {
    const reader = new LeanBarReader({ ...DAILY, instrument: SPY, factors });
    reader.pushText("t.csv", bytes(LINE + NEXT));
    expect(reader.end().meta.counts).toEqual({
      actionsAfterEnd: 1,
      actionsBeforeStart: 1,
      dividends: 1,
      splits: 1,
    });
  });

  test("adjust forward from the first bar", () => {
    const block = read(LINE + NEXT, { factors, adjusted: "forward" });
    expect([block.factor[0], block.factor[3]]).toEqual([1, 1 / (0.99 * 0.1428571)]);
  });

  test("of minutes stand at their day, and within the session asked for", () => {
    const text = "34140000,1,1,1,1,5\n34200000,1,2,1,2,5\n57540000,2,2,2,2,5\n57600000,3,3,3,3,5\n";
    const file = "20131007_spy_minute_trade.csv";
    const minute = { resolution: "minute", session: { openAt: "09:30", closeAt: "16:00" } };
    const block = read(text, minute, file);
    expect([...block.close.subarray(0, block.n)]).toEqual([2, 2]);
    expect((block.closeNs[1] as number) - (block.openNs[0] as number)).toBe(6.5 * 3_600e9);
    expect(read(text, { resolution: "minute" }, file).n).toBe(4);
  });

  test("of quotes give bids, asks or mids", () => {
    const text = "20140606 00:00,1.00000,1.2,1,1.1,0,1.00002,1.20002,1.00002,1.10002,0\n";
    const forex = { market: "forex", instrument: leanInstrument("forex", "eurusd") };
    const open = (quotes: string): number | undefined => read(text, { ...forex, quotes }).open[0];
    expect([open("bid"), open("ask"), open("mid")]).toEqual([100_000, 100_002, 100_001]);
  });

  const quote = { market: "crypto", instrument: leanInstrument("crypto", "btcusd"), quotes: "mid" } as const;
  test.each([
    ["0 bars", "", {}, 't: found "0 bars"'],
    ["no date", "2014-06-06,1,1,1,1,1\n", {}, 't.csv:1: found "2014-06-06", expected a time yyyyMMdd HH:mm'],
    ["a day that is none", "20140631 00:00,1,1,1,1,1\n", {}, 't.csv:1: found "20140631 00:00"'],
    ["a time in a daily file", "20140606 09:30,1,1,1,1,1\n", {}, "expected a day at 00:00"],
    ["five fields", "20140606 00:00,1,1,1,1\n", {}, 't.csv:1: found "20140606 00:00,1,1,1,1", expected 6'],
    ["quotes for trades", `20140606 00:00${",1".repeat(10)}\n`, {}, "expected 6 fields, of trades"],
    ["a price that is none", "20140606 00:00,x,1,1,1,1\n", {}, 't.csv:1: found "x", expected a price'],
    ["no price", "20140606 00:00,,1,1,1,1\n", {}, 't.csv:1: found "", expected a price'],
    [
      "a price off the grid",
      "20140606 00:00,1.5,2,1,1,1\n",
      {},
      'found "1.5", expected a multiple of 0.0001',
    ],
    ["a price too large", "20140606 00:00,9e9,9e9,9e9,9e9,1\n", {}, "expected at most 1000000000 ticks"],
    ["a volume below 0", "20140606 00:00,1,1,1,1,-1\n", {}, "expected a volume: within 0 and"],
    ["a volume in parts", "20140606 00:00,1,1,1,1,0.5\n", {}, "expected a volume: a multiple of 1"],
    ["a bar inside out", "20140606 00:00,1,2,3,1,1\n", {}, "expected low <= open, close <= high"],
    ["a day twice", LINE + LINE, {}, 't.csv:2: found "20140606 00:00", expected a bar from 2014-06-06T20:00'],
    ["days that fall", NEXT + LINE, {}, 't.csv:2: found "20140606 00:00"'],
    ["one side of a quote", "20140606 00:00,,,,,,1,1,1,1,1\n", quote, "expected a quote with both sides"],
    ["a mid off the grid", "20140606 00:00,1,1,1,1,1,1.01,1.01,1.01,1.01,1\n", quote, 'found "201/2 ticks"'],
    [
      "too coarse a currency",
      LINE + NEXT,
      { factors, instrument: coarse() },
      "FAULT_CONFIG lean.instrument.quote",
    ],
  ])("are refused by name: %s", (_what, text, more, message) => {
    expect(() => read(text, more)).toThrow(message);
  });

  test.each([
    [
      "a file without a day",
      "spy.csv",
      "0,1,1,1,1,1\n",
      'spy.csv: found "spy.csv", expected a name that begins',
    ],
    [
      "a time past midnight",
      "20131007_x.csv",
      "86400000,1,1,1,1,1\n",
      "expected milliseconds after midnight",
    ],
    ["a time below 0", "20131007_x.csv", "-1,1,1,1,1,1\n", '20131007_x.csv:1: found "-1"'],
  ])("of minutes: %s", (_what, name, text, message) => {
    expect(() => read(text, { resolution: "minute" }, name)).toThrow(message);
  });

  test("are dropped and counted where the policy says so", () => {
    const policies = { malformed: "drop", badBar: "drop", timeFalls: "drop", offGrid: "drop" } as const;
    const reader = new LeanBarReader({ ...DAILY, instrument: SPY, policies });
    const bad = "20140606 00:00,x,1,1,1,1\n20140606 00:00,1,2,3,1,1\n20140606 00:00,1.5,2,1,1,1\n";
    reader.pushText("t.csv", bytes(`${bad}${LINE}${LINE}`));
    expect(reader.end().meta.counts).toEqual({
      badBarDropped: 1,
      malformedDropped: 1,
      offGridDropped: 1,
      timeFallsDropped: 1,
    });
  });

  test.each([
    ["lean.factor", { factor: 1 }],
    ["lean.market", { market: "options" }],
    ["lean.resolution", { resolution: "tick" }],
    ["lean.name", { name: "" }],
    ["lean.quotes", { quotes: "last" }],
    ["lean.adjusted", { adjusted: "sideways" }],
    ["lean.session.openAt", { session: { openAt: "9:30", closeAt: "16:00" } }],
    ["lean.session.closeAt", { session: { openAt: "16:00", closeAt: "09:30" } }],
    ["lean.session.open", { session: { open: "09:30", openAt: "09:30", closeAt: "16:00" } }],
    ["lean.session", { market: "crypto", session: { openAt: "09:30", closeAt: "16:00" } }],
    ["lean.factors", { market: "forex", factors }],
    ["lean.policies.malformd", { policies: { malformd: "drop" } }],
    ["lean.policies.malformed", { policies: { malformed: "skip" } }],
    ["instrument.tickSize", { instrument: { ...SPY, tickSize: "0" } }],
  ])("refuse the option %s", (path, more) => {
    expect(() => new LeanBarReader({ ...DAILY, instrument: SPY, ...more } as never)).toThrow(
      `FAULT_CONFIG ${path}:`,
    );
  });

  test("name zip and entry", () => {
    const reader = new LeanBarReader({ ...DAILY, instrument: SPY });
    expect(() => reader.push("spy.zip", zipOf([]))).toThrow('spy.zip: found "0 entries"');
    expect(() => reader.push("spy.zip", zipOf([{ name: "spy.csv", text: "1,2\n" }]))).toThrow(
      "spy.zip/spy.csv:1:",
    );
  });
});

function coarse(): object {
  return { ...SPY, tickSize: "0.01", quote: { code: "USD", decimals: 2 } };
}
