import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addMoney,
  formatMoney,
  type Money,
  money,
  parseMoney,
  scaleMoney,
  subtractMoney,
} from "../../src/model/index.ts";

const Wide = Decimal.clone({ precision: 400, toExpNeg: -9e15, toExpPos: 9e15 });
const unit = fc.integer({ min: 0, max: 18 }).map((decimals) => ({ code: "Q", decimals }));
const minor = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

describe("money", () => {
  it("is written and read without loss", () => {
    fc.assert(
      fc.property(unit, minor, (of, count) => {
        const text = formatMoney(money(count, of)).replace(" Q", "");
        expect(parseMoney(text, of)).toEqual({ minor: count, currency: of });
        expect(new Wide(text).times(new Wide(10).pow(of.decimals)).eq(`${count}`)).toBe(true);
      }),
    );
  });

  it("is refused where decimal.js counts more decimals than the currency has", () => {
    fc.assert(
      fc.property(unit, minor, fc.integer({ min: 0, max: 25 }), (of, count, places) => {
        const exact = new Wide(`${count}`).div(new Wide(10).pow(places));
        const amount = parseMoney(exact.toFixed(), of);
        expect(amount.ok === false ? amount.code : "ok").toBe(
          exact.decimalPlaces() > of.decimals ? "MONEY_TOO_FINE" : "ok",
        );
      }),
    );
  });

  it("adding and taking away again changes nothing; parts add up to the whole", () => {
    fc.assert(
      fc.property(unit, minor, minor, (of, left, right) => {
        const [a, b] = [money(left, of), money(right, of)];
        expect(subtractMoney(addMoney(a, b), b)).toEqual(a);
        expect(addMoney(a, b)).toEqual(addMoney(b, a));
      }),
    );
  });

  it("rounds as decimal.js does", () => {
    const modes = [
      ["down", Decimal.ROUND_DOWN],
      ["ceil", Decimal.ROUND_CEIL],
      ["halfEven", Decimal.ROUND_HALF_EVEN],
    ] as const;
    const factor = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    fc.assert(
      fc.property(
        minor,
        factor,
        factor,
        fc.constantFrom(...modes),
        (count, top, bottom, [rounding, mode]) => {
          fc.pre(bottom !== 0n);
          const scaled: Money = scaleMoney(money(count, "USD"), top, bottom, rounding);
          const exact = new Wide(`${count}`).times(`${top}`).div(`${bottom}`).toDecimalPlaces(0, mode);
          expect(scaled.minor).toBe(BigInt(exact.toFixed(0)));
        },
      ),
    );
  });
});
