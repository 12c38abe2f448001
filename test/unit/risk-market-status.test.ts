import { describe, expect, it } from "vitest";
import { MARKET_STATUS, MARKET_STATUSES, MarketStatus } from "../../src/risk/market-status.ts";
import { readColumn, saveColumn } from "../../src/risk/saved-column.ts";

const { auction, closed, halted, paused, preOpen, trading, unknown } = MARKET_STATUS;
const make = (unknownIs?: "halted" | "trading") =>
  new MarketStatus({ instruments: 3, staleNs: 100, ...(unknownIs && { unknownIs }) });

describe("MarketStatus", () => {
  it("numbers its statuses", () => {
    expect(MARKET_STATUS).toEqual({
      unknown: 0,
      preOpen: 1,
      trading: 2,
      auction: 3,
      halted: 4,
      paused: 5,
      closed: 6,
    });
    expect(MARKET_STATUSES).toEqual([
      "unknown",
      "preOpen",
      "trading",
      "auction",
      "halted",
      "paused",
      "closed",
    ]);
  });

  it("trades only while the status is known, trading and fresh", () => {
    const status = make();
    expect([status.isTrading(0, 0), status.isFresh(0, 0), status.statusOf(0)]).toEqual([
      false,
      false,
      unknown,
    ]);
    for (const code of [unknown, preOpen, trading, auction, halted, paused, closed]) {
      status.set(0, code, 10);
      expect([code, status.isTrading(0, 10), status.isFresh(0, 10)]).toEqual([
        code,
        code === trading,
        code !== unknown,
      ]);
      expect(status.statusOf(0)).toBe(code);
    }
    expect(status.isTrading(1, 10)).toBe(false);
  });

  it.each([
    [10, true],
    [110, true],
    [111, false],
    [9, false],
    [Number.NaN, false],
  ])("a status of 10 is fresh at %s: %s", (nowNs, fresh) => {
    const status = make();
    status.set(1, trading, 10);
    expect([status.isFresh(1, nowNs), status.isTrading(1, nowNs)]).toEqual([fresh, fresh]);
  });

  it("confirms one status or all of them", () => {
    const status = make();
    status.set(0, trading, 0);
    status.set(1, trading, 0);
    status.confirm(0, 150);
    expect([status.isTrading(0, 200), status.isTrading(1, 200)]).toEqual([true, false]);
    status.confirmAll(200);
    expect([0, 1, 2].map((i) => status.isTrading(i, 300))).toEqual([true, true, false]);
  });

  it("is open again only after an explicit message", () => {
    const status = make("trading");
    expect(status.isTrading(0, 0)).toBe(true);
    status.set(0, trading, 0);
    expect(status.isTrading(0, 1_000)).toBe(true);
    for (const code of [preOpen, auction, halted, paused, closed]) {
      status.set(0, code, 0);
      expect(status.isTrading(0, 0)).toBe(false);
      expect(status.isTrading(0, 1_000)).toBe(false);
      status.set(0, unknown, 0);
      expect(status.isTrading(0, 0)).toBe(false);
      status.forgetAll();
      expect(status.isTrading(0, 0)).toBe(false);
      status.set(0, trading, 0);
      expect(status.isTrading(0, 0)).toBe(true);
    }
  });

  it("is lost with its feed", () => {
    const status = make();
    status.set(0, trading, 0);
    status.forgetAll();
    expect([status.statusOf(0), status.isFresh(0, 0), status.isTrading(0, 0)]).toEqual([
      unknown,
      false,
      false,
    ]);
    status.setUnknownIs(0, "trading");
    expect([status.isTrading(0, 0), status.isTrading(1, 0)]).toEqual([true, false]);
    status.setUnknownIs(0, "halted");
    expect(status.isTrading(0, 0)).toBe(false);
  });

  it.each([-1, 3, 0.5, Number.NaN])("answers no for instrument %s and takes nothing for it", (instrument) => {
    const status = make("trading");
    expect(status.isTrading(instrument, 0)).toBe(false);
    expect(status.isFresh(instrument, 0)).toBe(false);
    expect(status.statusOf(instrument)).toBe(unknown);
    expect(() => status.set(instrument, trading, 0)).toThrow("FAULT_INPUT marketStatus.instrument");
    expect(() => status.confirm(instrument, 0)).toThrow("FAULT_INPUT marketStatus.instrument");
    expect(() => status.setUnknownIs(instrument, "halted")).toThrow("FAULT_INPUT marketStatus.instrument");
  });

  it("refuses what is no status, moment or option by its name", () => {
    const status = make();
    expect(() => status.set(0, 7, 0)).toThrow(
      "FAULT_INPUT marketStatus.status: found 7, expected an integer within 0 and 6",
    );
    expect(() => status.set(0, -1, 0)).toThrow("marketStatus.status");
    expect(() => status.set(0, trading, Number.NaN)).toThrow(
      "FAULT_INPUT marketStatus.nowNs: found NaN, expected a finite number of ns",
    );
    expect(() => status.confirm(0, Infinity)).toThrow("FAULT_INPUT marketStatus.nowNs");
    expect(() => status.confirmAll(Number.NaN)).toThrow("FAULT_INPUT marketStatus.nowNs");
    expect(() => status.setUnknownIs(0, "open" as "halted")).toThrow("marketStatus.unknownIs");
    expect(status.statusOf(0)).toBe(unknown);
    expect(() => new MarketStatus({ instruments: 0, staleNs: 1 })).toThrow("marketStatus.instruments");
    expect(() => new MarketStatus({ instruments: 2 ** 24 + 1, staleNs: 1 })).toThrow(
      "marketStatus.instruments",
    );
    expect(() => new MarketStatus({ instruments: 1, staleNs: -1 })).toThrow("marketStatus.staleNs");
    expect(() => new MarketStatus({ instruments: 1, staleNs: 0, stale: 1 } as never)).toThrow(
      "marketStatus.stale",
    );
    expect(() => new MarketStatus({ instruments: 1, staleNs: 0, unknownIs: "open" as never })).toThrow(
      "marketStatus.unknownIs",
    );
    const strict = new MarketStatus({ instruments: 1, staleNs: 0 });
    strict.set(0, trading, 5);
    expect([strict.isTrading(0, 5), strict.isTrading(0, 6)]).toEqual([true, false]);
  });

  it("comes back from JSON", () => {
    const status = make();
    status.set(0, trading, 1.5);
    status.set(1, halted, 7);
    status.set(1, unknown, 8);
    status.setUnknownIs(1, "trading");
    status.setUnknownIs(2, "trading");
    const copy = make();
    copy.load(JSON.parse(JSON.stringify(status.save())));
    expect(copy.save()).toEqual(status.save());
    expect([0, 1, 2].map((i) => copy.isTrading(i, 101))).toEqual([true, false, true]);
    expect(copy.isTrading(0, 102)).toBe(false);
  });

  it.each([
    ["status", [2, 7, 0]],
    ["lastKnown", [2, 0]],
    ["confirmedNs", [0, null, 0]],
    ["lenient", [0, 2, 0]],
  ])("takes no state whose %s does not fit", (name, column) => {
    const status = make();
    status.set(0, trading, 0);
    const before = status.save();
    expect(() => status.load({ ...make("trading").save(), [name]: column })).toThrow(
      `FAULT_INPUT marketStatus.${name}`,
    );
    expect(status.save()).toEqual(before);
  });
});

describe("a saved column", () => {
  it("writes Infinity as null", () => {
    expect(saveColumn(new Float64Array([1, Infinity, -0.5]))).toEqual([1, null, -0.5]);
    expect(readColumn("x", [1, null, -0.5], 3, -1, Infinity, false)).toEqual(
      new Float64Array([1, Infinity, -0.5]),
    );
    expect(readColumn("x", [null, 0, 5], 3, 0, Infinity)).toEqual(new Float64Array([Infinity, 0, 5]));
  });

  it.each([
    ["no array", "12", 'x: found "12", expected an array of 2 numbers'],
    ["nothing", undefined, "x: found undefined, expected an array of 2 numbers"],
    ["too short", [1], "x: found [1], expected an array of 2 numbers"],
    ["too long", [1, 2, 3], "x: found [1,2,3], expected an array of 2 numbers"],
    ["a text", [1, "2"], 'x[1]: found "2", expected a whole number within 1 and 9'],
    ["a hole", [1, undefined], "x[1]: found undefined"],
    ["too low", [0, 1], "x[0]: found 0"],
    ["too high", [1, 10], "x[1]: found 10"],
    ["null", [1, null], "x[1]: found null"],
    ["NaN", [1, Number.NaN], "x[1]: found NaN"],
    ["a fraction", [1, 1.5], "x[1]: found 1.5"],
  ])("refuses %s", (_what, column, message) => {
    expect(() => readColumn("x", column as number[], 2, 1, 9)).toThrow(`FAULT_INPUT ${message}`);
  });

  it("names a range of numbers that need not be whole", () => {
    expect(() => readColumn("x", ["1.5" as never], 1, 0, 2, false)).toThrow('x[0]: found "1.5"');
    expect(() => readColumn("x", [3], 1, 0, 2, false)).toThrow(
      "x[0]: found 3, expected a number within 0 and 2",
    );
    expect(readColumn("x", [1, 9], 2, 1, 9)).toEqual(new Float64Array([1, 9]));
  });
});
