import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asLots, asTicks, Instrument, MAX_TICKS } from "../../src/model/index.ts";

const Wide = Decimal.clone({ precision: 400, toExpNeg: -9e15, toExpPos: 9e15 });

/** Sizes venues use: 1, 2, 5 or 25 times a power of ten, written in several ways. */
const size = fc
  .tuple(fc.constantFrom(1, 2, 5, 25), fc.integer({ min: -6, max: 2 }), fc.integer({ min: 0, max: 3 }))
  .map(([digit, exponent, zeros]) => {
    const text = new Wide(digit).times(new Wide(10).pow(exponent)).toFixed();
    return text.includes(".") ? `${text}${"0".repeat(zeros)}` : text;
  });
const instrument = fc.tuple(size, size, fc.constantFrom(1, 10, 1000)).map(([tickSize, lotSize, finer]) => {
  const bookLotSize = new Wide(lotSize).div(finer).toFixed();
  const quote = { code: "Q", decimals: 18 };
  return new Instrument({ symbol: "X", venue: "v", tickSize, lotSize, bookLotSize, quote });
});
const ticks = fc.integer({ min: -MAX_TICKS, max: MAX_TICKS });
const lots = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const decimal = fc
  .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 }))
  .map(([count, places]) => new Wide(count).div(new Wide(10).pow(places)).toFixed());

describe("prices and quantities", () => {
  it("are written and read without loss, both ways", () => {
    fc.assert(
      fc.property(instrument, ticks, lots, (x, price, quantity) => {
        expect(x.parsePrice(x.formatPrice(price))).toEqual({ ok: true, value: price });
        expect(x.parseQuantity(x.formatQuantity(quantity))).toEqual({ ok: true, value: quantity });
        expect(x.parseBookQuantity(x.formatBookQuantity(quantity))).toEqual({ ok: true, value: quantity });
      }),
      { numRuns: 500 },
    );
  });

  it("are the decimals they stand for", () => {
    fc.assert(
      fc.property(instrument, ticks, lots, (x, price, quantity) => {
        const { tickSize, lotSize, bookLotSize = lotSize } = x.describe();
        expect(new Wide(x.formatPrice(price)).eq(new Wide(tickSize).times(price))).toBe(true);
        expect(new Wide(x.formatQuantity(quantity)).eq(new Wide(lotSize).times(quantity))).toBe(true);
        expect(new Wide(x.formatBookQuantity(quantity)).eq(new Wide(bookLotSize).times(quantity))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("are refused off the grid and accepted on it, as decimal.js divides", () => {
    fc.assert(
      fc.property(instrument, decimal, (x, text) => {
        const { tickSize, lotSize } = x.describe();
        const price = x.parsePrice(text);
        const steps = new Wide(text).div(tickSize);
        const isOnGrid = new Wide(text).mod(tickSize).isZero();
        const inRange = steps.abs().lte(MAX_TICKS);
        expect(price.ok ? "ok" : price.code).toBe(
          isOnGrid ? (inRange ? "ok" : "PRICE_OUT_OF_RANGE") : "PRICE_OFF_GRID",
        );
        if (price.ok) expect(steps.eq(price.value)).toBe(true);
        const quantity = x.parseQuantity(text);
        const isLots = new Wide(text).mod(lotSize).isZero();
        const fits = !text.startsWith("-") && new Wide(text).div(lotSize).lte(Number.MAX_SAFE_INTEGER);
        expect(quantity.ok ? "ok" : quantity.code).toBe(
          isLots ? (fits ? "ok" : "QUANTITY_OUT_OF_RANGE") : "QUANTITY_OFF_GRID",
        );
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("notionals", () => {
  it("are exact, below 2^53 and above", () => {
    fc.assert(
      fc.property(instrument, ticks, lots, (x, price, quantity) => {
        const { tickSize, lotSize } = x.describe();
        const exact = new Wide(tickSize)
          .times(price)
          .times(lotSize)
          .times(quantity)
          .times(new Wide(10).pow(18));
        const { minor, currency } = x.notional(asTicks(price), asLots(quantity));
        expect(exact.eq(minor.toString())).toBe(true);
        expect(currency).toBe(x.quote);
      }),
      { numRuns: 500 },
    );
  });
});

describe("doubles back to the grid", () => {
  const steps = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  /** What a double may lose on the way, in steps. */
  const slack = (count: number): number => 1e-9 + Math.abs(count) * 4e-15;

  it("priceDown is the highest price not above, priceUp the lowest not below", () => {
    fc.assert(
      fc.property(instrument, steps, (x, count) => {
        const price = count * x.tickSize;
        const at = price / x.tickSize;
        const [down, up, nearest] = [x.priceDown(price), x.priceUp(price), x.priceNearest(price)];
        expect([down, up, nearest].every(Number.isSafeInteger)).toBe(true);
        expect(down <= at + slack(at) && down > at - 1 - slack(at)).toBe(true);
        expect(up >= at - slack(at) && up < at + 1 + slack(at)).toBe(true);
        expect(Math.abs(nearest - at)).toBeLessThanOrEqual(0.5);
        expect(down <= up && up - down <= 1).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("every price on the grid comes back as itself", () => {
    fc.assert(
      fc.property(instrument, ticks, (x, price) => {
        const double = x.priceToNumber(price);
        expect([x.priceDown(double), x.priceUp(double), x.priceNearest(double)]).toEqual([
          price,
          price,
          price,
        ]);
        const written = Number(x.formatPrice(price));
        expect([x.priceDown(written), x.priceUp(written)]).toEqual([price, price]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("lotsDown never gives more than there is, nor a whole lot less", () => {
    fc.assert(
      fc.property(instrument, steps, (x, count) => {
        const at = (count * x.lotSize) / x.lotSize;
        const down = x.lotsDown(count * x.lotSize);
        expect(Number.isSafeInteger(down)).toBe(true);
        expect(Math.abs(down) <= Math.abs(at) + slack(at)).toBe(true);
        expect(Math.abs(down) > Math.abs(at) - 1 - slack(at)).toBe(true);
        expect(x.lotsDown(x.quantityToNumber(down))).toBe(down);
      }),
      { numRuns: 1_000 },
    );
  });
});
