import { describe, expect, it } from "vitest";
import { Instrument, type InstrumentOptions, MAX_TICKS } from "../../src/model/index.ts";

const BTC: InstrumentOptions = {
  symbol: "BTCUSDT",
  venue: "binance",
  tickSize: "0.10",
  lotSize: "0.001",
  bookLotSize: "0.00000100",
  quote: "USDT",
};
const btc = new Instrument(BTC);

/** What a text, a size, a bound and so on is not. */
const NOT_TEXT = [undefined, null, 1, 1n, true, "", {}, ["a"], Symbol("s")];
const NOT_SIZE = [...NOT_TEXT, "0", "-1", "0.0", "abc", "1/3", "1,5", " 1", "NaN", "Infinity", ".5"];
const NOT_COUNT = [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "5", null, 5n];
const NOT_CURRENCY = [null, 5, "", true, { code: "" }, { code: 5 }, { code: "USD", decimals: -1 }];
const NOT_FEES = [null, 5, "0.1", [], { maker: "0" }, { tiers: [] }, { tiers: [{ maker: "0" }] }];

describe("the options of an Instrument", () => {
  const wrong: readonly (readonly [keyof InstrumentOptions, readonly unknown[]])[] = [
    ["symbol", NOT_TEXT],
    ["venue", NOT_TEXT],
    ["tickSize", NOT_SIZE],
    ["lotSize", NOT_SIZE],
    ["bookLotSize", NOT_SIZE.slice(2)],
    ["multiplier", NOT_SIZE.slice(2)],
    ["quote", [undefined, ...NOT_CURRENCY, { code: "USD", decimal: 2 }, { code: "USD", decimals: 19 }]],
    ["base", NOT_CURRENCY],
    ["fees", NOT_FEES.slice(1)],
    ["minLots", NOT_COUNT.filter((each) => each !== null)],
    ["maxLots", NOT_COUNT.filter((each) => each !== null)],
  ];

  it.each(wrong)("refuses a wrong %s by its name", (option, values) => {
    for (const value of values) {
      expect(() => new Instrument({ ...BTC, [option]: value } as InstrumentOptions)).toThrow(
        new RegExp(`^FAULT_CONFIG instrument\\.${option}`),
      );
    }
  });

  it.each([
    ["a misspelt option", { ticksize: "0.1" }, "instrument.ticksize"],
    ["a book lot that does not divide the lot", { bookLotSize: "0.0003" }, "instrument.bookLotSize"],
    ["a book lot above the lot", { bookLotSize: "0.01" }, "instrument.bookLotSize"],
    [
      "book lots past 2^53 in a lot",
      { lotSize: "1", bookLotSize: "1e-16", quote: { code: "X", decimals: 18 } },
      "instrument.bookLotSize",
    ],
    ["a currency too coarse for the grid", { quote: "USD" }, "instrument.quote"],
    ["a most below the least", { minLots: 5, maxLots: 4 }, "instrument.maxLots"],
    ["fees in numbers", { fees: { tiers: [{ maker: 0, taker: "0" }] } }, "instrument.fees.tiers[0].maker"],
    ["a misspelt part of the quote", { quote: { code: "USD", decimls: 6 } }, "instrument.quote.decimls"],
  ])("refuses %s", (_what, options, path) => {
    expect(() => new Instrument({ ...BTC, ...options } as InstrumentOptions)).toThrow(`FAULT_CONFIG ${path}`);
  });

  it.each([[undefined], [null], [5], ["x"], [[]]])("refuses %s in place of options", (options) => {
    expect(() => new Instrument(options as unknown as InstrumentOptions)).toThrow("FAULT_CONFIG instrument");
  });

  it.each([
    ["a currency of its own", { quote: { code: "USD", decimals: 6 } }],
    ["exponents", { tickSize: "1e-1", lotSize: "1E-3" }],
    ["a multiplier", { multiplier: "0.0001" }],
    ["a base", { base: { code: "BTC", decimals: 8 } }],
    ["bounds", { minLots: 1, maxLots: 1 }],
    ["fees", { fees: { perUnit: "0.005", minimum: "1", sellRate: "0.0000278" } }],
  ])("takes %s", (_what, options) => {
    expect(new Instrument({ ...BTC, ...options }).key).toBe("BTCUSDT@binance");
  });

  it("are told again, and stay what they were", () => {
    const options = { ...BTC, symbol: "ETHUSDT" };
    const eth = new Instrument(options);
    options.symbol = "changed";
    expect(eth.describe().symbol).toBe("ETHUSDT");
    expect(new Instrument(JSON.parse(JSON.stringify(eth.describe()))).key).toBe("ETHUSDT@binance");
  });
});

describe("what an Instrument knows", () => {
  it("its sizes as doubles", () => {
    expect(btc).toMatchObject({
      tickSize: 0.1,
      lotSize: 0.001,
      bookLotSize: 0.000001,
      bookLotsPerLot: 1000,
      multiplier: 1,
      minLots: 1,
      maxLots: Number.MAX_SAFE_INTEGER,
    });
  });

  it.each([
    // tick, lot, multiplier, decimals, quantum
    ["0.10", "0.001", undefined, 8, 10000n],
    ["0.01", "1", undefined, 2, 1n],
    ["0.25", "1", "50", 2, 1250n],
    ["0.01", "0.0001", undefined, 6, 1n],
    ["0.00001", "1000", "1", 2, 1n],
    ["5", "10", undefined, 0, 50n],
  ])(
    "the worth of one tick of one lot: %s x %s x %s",
    (tickSize, lotSize, multiplier, decimals, expected) => {
      const options = { symbol: "X", venue: "v", tickSize, lotSize, quote: { code: "Q", decimals } };
      const instrument = new Instrument(multiplier === undefined ? options : { ...options, multiplier });
      expect(instrument.quantumMinor).toBe(expected);
      expect(instrument.notionalMinor(3, 7)).toBe(expected * 21n);
    },
  );

  it("refuses a grid that the quote currency cannot express, and says how many decimals it needs", () => {
    const options = { symbol: "X", venue: "v", tickSize: "0.001", lotSize: "0.01", quote: "USD" };
    expect(() => new Instrument(options)).toThrow("a currency with at least 5 decimals");
  });
});

describe("prices and quantities at the door", () => {
  it.each([
    ["61800.20", 618002],
    ["61800.2", 618002],
    ["61800.2000000", 618002],
    ["6.18002e4", 618002],
    ["0", 0],
    ["-0", 0],
    ["-0.1", -1],
    ["100000000", MAX_TICKS],
  ])("reads the price %s", (text, ticks) => {
    expect(btc.parsePrice(text)).toEqual({ ok: true, value: ticks });
    expect(btc.price(text)).toBe(ticks);
  });

  it.each([
    ["", "PRICE_NOT_A_NUMBER"],
    ["abc", "PRICE_NOT_A_NUMBER"],
    ["1,5", "PRICE_NOT_A_NUMBER"],
    [61800.2, "PRICE_NOT_A_NUMBER"],
    [undefined, "PRICE_NOT_A_NUMBER"],
    [null, "PRICE_NOT_A_NUMBER"],
    ["61800.25", "PRICE_OFF_GRID"],
    ["0.01", "PRICE_OFF_GRID"],
    ["1e-300", "PRICE_OFF_GRID"],
    ["100000000.1", "PRICE_OUT_OF_RANGE"],
    ["-100000000.1", "PRICE_OUT_OF_RANGE"],
    ["1e300", "PRICE_OUT_OF_RANGE"],
  ])("refuses the price %s", (text, code) => {
    expect(btc.parsePrice(text as string)).toMatchObject({ ok: false, code, field: "price", value: text });
    expect(() => btc.price(text as string)).toThrow("FAULT_INPUT price");
  });

  it.each([
    ["0.025", 25, 25000],
    ["25.426", 25426, 25426000],
    ["0", 0, 0],
  ])("reads the quantity %s", (text, lots, bookLots) => {
    expect(btc.quantity(text)).toBe(lots);
    expect(btc.parseBookQuantity(text)).toEqual({ ok: true, value: bookLots });
  });

  it("reads a quantity that is finer than an order may be, in the book alone", () => {
    expect(btc.parseBookQuantity("25.42618900")).toEqual({ ok: true, value: 25426189 });
    expect(btc.parseQuantity("25.42618900")).toMatchObject({ code: "QUANTITY_OFF_GRID" });
  });

  it.each([
    ["x", "QUANTITY_NOT_A_NUMBER"],
    [5, "QUANTITY_NOT_A_NUMBER"],
    ["0.0001", "QUANTITY_OFF_GRID"],
    ["-0.001", "QUANTITY_OUT_OF_RANGE"],
    ["9007199254740.992", "QUANTITY_OUT_OF_RANGE"],
  ])("refuses the quantity %s", (text, code) => {
    expect(btc.parseQuantity(text as string)).toMatchObject({ ok: false, code, field: "quantity" });
    expect(() => btc.quantity(text as string)).toThrow("FAULT_INPUT quantity");
  });

  it("writes with the decimals of the grid", () => {
    expect(btc.formatPrice(618002)).toBe("61800.2");
    expect(btc.formatPrice(-1)).toBe("-0.1");
    expect(btc.formatPrice(0)).toBe("0.0");
    expect(btc.formatQuantity(25)).toBe("0.025");
    expect(btc.formatBookQuantity(25426189)).toBe("25.426189");
  });

  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("does not write %d steps", (count) => {
    expect(() => btc.formatPrice(count)).toThrow("FAULT_INPUT price");
    expect(() => btc.formatQuantity(count)).toThrow("FAULT_INPUT quantity");
    expect(() => btc.formatBookQuantity(count)).toThrow("FAULT_INPUT quantity");
  });
});

describe("doubles back to the grid", () => {
  it.each([
    // price, down, up, nearest
    [100.07, 1000, 1001, 1001],
    [100.05, 1000, 1001, 1000],
    [100.1, 1001, 1001, 1001],
    [0.1 * 3, 3, 3, 3],
    [-100.07, -1001, -1000, -1001],
    [0, 0, 0, 0],
    [0.04, 0, 1, 0],
    [61800.2, 618002, 618002, 618002],
  ])("%d", (price, down, up, nearest) => {
    expect([btc.priceDown(price), btc.priceUp(price), btc.priceNearest(price)]).toEqual([down, up, nearest]);
  });

  it("does not forgive a tenth of a tick, however large the price", () => {
    for (const ticks of [1e6, 1e8, 9e8]) {
      expect(btc.priceDown((ticks - 0.1) * 0.1)).toBe(ticks - 1);
      expect(btc.priceUp((ticks + 0.1) * 0.1)).toBe(ticks + 1);
    }
  });

  it.each([
    [0.0259, 25],
    [0.3 * 0.1, 30],
    [-0.0259, -25],
    [0.0009, 0],
  ])("lotsDown(%d)", (quantity, lots) => {
    expect(btc.lotsDown(quantity)).toBe(lots);
  });

  it("never gives a negative zero", () => {
    for (const value of [-0, -0.0000001]) {
      for (const rounded of [btc.priceUp(value), btc.priceNearest(value), btc.lotsDown(value)]) {
        expect(Object.is(rounded, 0)).toBe(true);
      }
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300])(
    "%d is a fault",
    (value) => {
      for (const round of ["priceDown", "priceUp", "priceNearest", "lotsDown"] as const) {
        expect(() => btc[round](value), round).toThrow("FAULT_ARITHMETIC");
      }
    },
  );
});
