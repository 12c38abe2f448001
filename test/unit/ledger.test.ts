import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { FeeModel, Ledger, type LedgerOptions } from "../../src/ledger/index.ts";
import { currency, type FeeSchedule, flatFees, Instrument, money } from "../../src/model/index.ts";

const ABC = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
const NIK = new Instrument({ symbol: "NIK", venue: "x", tickSize: "1", lotSize: "1", quote: "JPY" });

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.path}`;
    throw error;
  }
  return "no fault";
}

function usd(): Ledger {
  return new Ledger({ instruments: [ABC], cash: [money(100_000n, "USD")], reporting: "USD" });
}

function feesOf(fees: FeeSchedule): FeeModel {
  const { symbol, venue, tickSize, lotSize, quote } = ABC.describe();
  return new FeeModel({ instrument: new Instrument({ symbol, venue, tickSize, lotSize, quote, fees }) });
}

describe("Ledger", () => {
  it("refuses wrong options by name", () => {
    const right: LedgerOptions = { instruments: [ABC], cash: [money(0n, "USD")], reporting: "USD" };
    const cases: readonly (readonly [object, string])[] = [
      [{ ...right, instruments: [] }, "ledger.instruments"],
      [{ ...right, cash: [] }, "ledger.cash"],
      [{ ...right, cash: [money(0n, "EUR")] }, "ledger.cash"],
      [{ ...right, cash: [money(0n, currency("USD", 4))] }, "ledger.cash"],
      [{ ...right, cash: [money(0n, "USD"), money(0n, currency("USD", 4))] }, "ledger.cash.USD"],
      [{ ...right, reporting: 7 }, "ledger.reporting"],
      [{ ...right, currency: "USD" }, "ledger.currency"],
    ];
    for (const [options, path] of cases) {
      expect(faultOf(() => new Ledger(options as LedgerOptions))).toBe(`FAULT_CONFIG ${path}`);
    }
  });

  it("books a round trip, a flip through zero and what is left, by average cost", () => {
    const ledger = usd();
    ledger.fill(0, 1, 1000, 3, 0n);
    ledger.fill(0, 1, 1001, 4, 0n);
    expect([ledger.costMinor(0), ledger.averageTicks(0)]).toEqual([7004n, 7004 / 7]);
    ledger.fill(0, -1, 1010, 2, 0n);
    // Two sevenths of 7004 are 2001.14..., so 2001: realised 2020 - 2001.
    expect([ledger.realizedMinor(0), ledger.costMinor(0)]).toEqual([19n, 5003n]);
    ledger.fill(0, -1, 1010, 8, 0n);
    expect([ledger.positionLots[0], ledger.realizedMinor(0), ledger.costMinor(0)]).toEqual([-3, 66n, -3030n]);
    ledger.mark(0, 1000.5);
    expect([ledger.valueMinor(0), ledger.unrealizedMinor(0)]).toEqual([-3002n, 28n]);
    ledger.fill(0, 1, 1000, 3, 5n);
    expect([ledger.equityMinor(), ledger.realizedMinor(0), ledger.feesMinor(0)]).toEqual([100_091n, 96n, 5n]);
    expect(ledger.averageTicks(0)).toBeNaN();
  });

  it("undoes a fill by its mirror", () => {
    const ledger = usd();
    const before = ledger.cashMinor("USD");
    ledger.fill(0, 1, 1000, 3, 7n);
    ledger.fill(0, -1, 1000, 3, -7n);
    expect([ledger.cashMinor("USD"), ledger.realizedMinor(0), ledger.feesMinor(0)]).toEqual([before, 0n, 0n]);
  });

  it("books funding, dividends and transfers", () => {
    const ledger = usd();
    ledger.fill(0, -1, 1000, 10, 0n);
    ledger.funding(0, 12n);
    expect(ledger.dividend(0, 3n)).toBe(-30n);
    ledger.transfer("USD", 500n);
    expect([ledger.fundingMinor(0), ledger.dividendsMinor(0)]).toEqual([12n, -30n]);
    expect(ledger.cashMinor("USD")).toBe(100_000n + 10_000n + 12n - 30n + 500n);
  });

  it("splits lots, cost and mark; a fraction is paid at the new mark, halves rounded as named", () => {
    const ledger = usd();
    ledger.fill(0, 1, 1000, 5, 0n);
    ledger.split(0, 2n, 1n);
    expect([ledger.positionLots[0], ledger.markTicks[0], ledger.costMinor(0), ledger.valueMinor(0)]).toEqual([
      10,
      500,
      5000n,
      5000n,
    ]);
    ledger.split(0, 1n, 4n);
    expect([ledger.positionLots[0], ledger.markTicks[0], ledger.costMinor(0)]).toEqual([2, 2000, 4000n]);
    expect([ledger.cashMinor("USD"), ledger.realizedMinor(0)]).toEqual([96_000n, 0n]);
    for (const [how, paid] of [
      ["down", 2n],
      ["up", 3n],
      ["halfEven", 2n],
      ["halfUp", 3n],
    ] as const) {
      const one = usd();
      one.fill(0, 1, 5, 2, 0n);
      // 4/3 lots at 7.5 ticks: a third of a lot is worth 2.5, a quarter of the cost of 10.
      one.split(0, 2n, 3n, how);
      expect([how, one.positionLots[0], one.cashMinor("USD") - 99_990n]).toEqual([how, 1, paid]);
      expect([one.costMinor(0), one.realizedMinor(0)]).toEqual([8n, paid - 2n]);
    }
    expect(faultOf(() => usd().split(0, 1n, 2n))).toBe("no fault");
  });

  it("needs a rate for a second currency, and names it", () => {
    const cash = [money(100_000n, "USD"), money(0n, "JPY")];
    const ledger = new Ledger({ instruments: [ABC, NIK], cash, reporting: "USD" });
    expect(ledger.equityMinor()).toBe(100_000n);
    ledger.transfer("JPY", 15_000n);
    expect(faultOf(() => ledger.equityMinor())).toBe("FAULT_INPUT rate.JPY");
    ledger.conversion.setRate("JPY", 1n, 150n);
    expect(ledger.equityMinor()).toBe(110_000n);
    expect(faultOf(() => ledger.conversion.setRate("JPY", 0n, 1n))).toBe("FAULT_INPUT rate.JPY");
    expect(faultOf(() => ledger.conversion.setRate("GBP", 1n, 1n))).toBe("FAULT_INPUT rate");
    expect(faultOf(() => ledger.conversion.setRate("USD", 2n, 1n))).toBe("FAULT_INPUT rate");
    const again = new Ledger({ instruments: [ABC, NIK], cash, reporting: "USD" });
    again.restore(JSON.parse(JSON.stringify(ledger.snapshot())));
    expect(again.equityMinor()).toBe(110_000n);
  });

  it("faults on what cannot be booked, and changes nothing", () => {
    const ledger = usd();
    ledger.fill(0, 1, 1000, 1, 0n);
    const before = ledger.snapshot();
    const cases: readonly (readonly [() => unknown, string])[] = [
      [() => ledger.fill(0, 0, 1000, 1, 0n), "FAULT_INPUT ledger.fill"],
      [() => ledger.fill(0, 1, 1000, 0, 0n), "FAULT_INPUT ledger.fill"],
      [() => ledger.fill(0, 1, 1000, 1.5, 0n), "FAULT_INPUT ledger.fill"],
      [() => ledger.fill(0, 1, Number.NaN, 1, 0n), "FAULT_INPUT ledger.fill"],
      [() => ledger.fill(1, 1, 1000, 1, 0n), "FAULT_INPUT ledger.index"],
      [() => ledger.fill(0, 1, 1, Number.MAX_SAFE_INTEGER, 0n), "FAULT_ARITHMETIC ledger.positionLots"],
      [() => ledger.mark(0, Number.NaN), "FAULT_INPUT ledger.mark"],
      [() => ledger.mark(-1, 1), "FAULT_INPUT ledger.index"],
      [() => ledger.funding(3, 1n), "FAULT_INPUT ledger.index"],
      [() => ledger.dividend(3, 1n), "FAULT_INPUT ledger.index"],
      [() => ledger.transfer("EUR", 1n), "FAULT_INPUT ledger.cash"],
      [() => ledger.cashMinor("EUR"), "FAULT_INPUT ledger.cash"],
      [() => ledger.split(0, 0n, 1n), "FAULT_INPUT ledger.split"],
      [() => ledger.split(0, 2n ** 60n, 1n), "FAULT_ARITHMETIC ledger.positionLots"],
      [() => ledger.restore({ ...before, cash: { EUR: "1" } }), "FAULT_INPUT snapshot"],
      [() => ledger.restore({ ...before, positions: [] }), "FAULT_INPUT snapshot"],
    ];
    for (const [run, fault] of cases) expect(faultOf(run)).toBe(fault);
    expect(ledger.snapshot()).toEqual(before);
  });
});

describe("FeeModel", () => {
  it("adds the parts of a fee exactly and rounds once", () => {
    // 0.4 + 0.4 minor units: rounded apart they would be 0, together they are 1.
    const fees = feesOf({ tiers: [{ maker: "0", taker: "0.0004" }], sellRate: "0.0004" });
    expect([fees.feeMinor(1000, 1, 1, false), fees.feeMinor(1000, 1, -1, false)]).toEqual([0n, 1n]);
  });

  it("rounds halves to even unless told otherwise", () => {
    const fees = feesOf(flatFees("-0.0005", "0.0005"));
    expect([1000, 3000, 5000].map((ticks) => fees.feeMinor(ticks, 1, 1, false))).toEqual([0n, 2n, 2n]);
    expect([1000, 3000, 5000].map((ticks) => fees.feeMinor(ticks, 1, 1, true))).toEqual([0n, -2n, -2n]);
  });

  it("charges per unit, at least the minimum, never on a rebate", () => {
    const fees = feesOf({ perUnit: "0.005", minimum: "1.00" });
    expect([fees.feeMinor(1000, 100, 1, false), fees.feeMinor(1000, 1000, 1, true)]).toEqual([100n, 500n]);
    const rebate = feesOf({ tiers: [{ maker: "-0.001", taker: "0" }], minimum: "1.00" });
    expect([rebate.feeMinor(1000, 100, 1, true), rebate.feeMinor(1000, 100, 1, false)]).toEqual([
      -100n,
      100n,
    ]);
  });

  it("counts what was traded before the first day on the first day", () => {
    const fees = feesOf({
      tiers: [
        { maker: "0", taker: "0.01" },
        { fromVolume: "10", maker: "0", taker: "0" },
      ],
    });
    expect(fees.feeMinor(1000, 1, 1, false)).toBe(10n);
    fees.advance(86_400_000_000_000 * 17);
    expect([fees.feeMinor(1000, 1, 1, false), fees.volumeMinor]).toEqual([0n, 2000n]);
    fees.advance(86_400_000_000_000 * 46);
    expect(fees.volumeMinor).toBe(2000n);
    fees.advance(86_400_000_000_000 * 47);
    expect(fees.volumeMinor).toBe(0n);
  });

  it("faults on numbers that are no fill, and on wrong options", () => {
    const fees = feesOf(flatFees("0", "0"));
    expect(faultOf(() => fees.feeMinor(0.5, 1, 1, true))).toBe("FAULT_INPUT feeModel.fill");
    expect(faultOf(() => fees.feeMinor(1, 0, 1, true))).toBe("FAULT_INPUT feeModel.fill");
    expect(faultOf(() => fees.advance(Number.NaN))).toBe("FAULT_INPUT feeModel.advance");
    expect(faultOf(() => new FeeModel({ instrument: ABC, rounding: "nearest" as "up" }))).toBe(
      "FAULT_CONFIG feeModel.rounding",
    );
    expect(faultOf(() => new FeeModel({ instrument: ABC, round: "up" } as never))).toBe(
      "FAULT_CONFIG feeModel.round",
    );
  });
});
