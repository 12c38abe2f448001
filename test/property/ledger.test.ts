import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideBig, type Rounding } from "../../src/base/index.ts";
import { FeeModel, Ledger } from "../../src/ledger/index.ts";
import { type FeeSchedule, Instrument, money, NANOS_PER_DAY } from "../../src/model/index.ts";
import { type Booking, exact, LedgerOracle } from "./ledger-oracle.ts";

const START = 5_000_000n;

const GRIDS = [
  { tickSize: "0.01", lotSize: "1", quote: "USD" },
  { tickSize: "0.10", lotSize: "0.001", quote: "USDT" },
  { tickSize: "0.25", lotSize: "1", multiplier: "50", quote: "USD" },
  { tickSize: "1", lotSize: "1", quote: "JPY" },
] as const;

function instrument(grid: number, fees?: FeeSchedule): Instrument {
  return new Instrument({
    symbol: `S${grid}`,
    venue: "x",
    ...(GRIDS[grid] as (typeof GRIDS)[0]),
    ...(fees && { fees }),
  });
}

const anyTicks = fc.oneof(
  fc.integer({ min: 95, max: 105 }),
  fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
);
const anyLots = fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 1_000_000_000 }));
const anyMinor = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });

const anyBooking: fc.Arbitrary<Booking> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("fill" as const),
      sign: fc.constantFrom(1, -1),
      ticks: anyTicks,
      lots: anyLots,
      fee: anyMinor,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("mark" as const), ticks: anyTicks }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("funding" as const, "dividend" as const, "transfer" as const),
      minor: anyMinor,
    }),
  },
);

function book(ledger: Ledger, booking: Booking, index = 0): void {
  const code = ledger.instruments[index]?.quote.code ?? "";
  if (booking.kind === "fill") ledger.fill(index, booking.sign, booking.ticks, booking.lots, booking.fee);
  else if (booking.kind === "mark") ledger.mark(index, booking.ticks);
  else if (booking.kind === "funding") ledger.funding(index, booking.minor);
  else if (booking.kind === "dividend") ledger.dividend(index, booking.minor);
  else ledger.transfer(code, booking.minor);
}

describe("ledger", () => {
  it("equals exact decimals after every booking, and reconciles to the minor unit", () => {
    const run = fc.tuple(fc.nat(GRIDS.length - 1), fc.array(anyBooking, { minLength: 1, maxLength: 25 }));
    fc.assert(
      fc.property(run, ([grid, bookings]) => {
        const abc = instrument(grid);
        const code = abc.quote.code;
        const unit = exact(10).pow(abc.quote.decimals);
        let ledger = new Ledger({ instruments: [abc], cash: [money(START, code)], reporting: code });
        const oracle = new LedgerOracle(abc, START);
        let transfers = 0n;
        for (const booking of bookings) {
          book(ledger, booking);
          oracle.bookings.push(booking);
          if (booking.kind === "transfer") transfers += booking.minor;
          expect(ledger.positionLots[0]).toBe(oracle.position + 0);
          expect(ledger.cashMinor(code).toString()).toBe(oracle.cash.times(unit).toFixed());
          expect(ledger.valueMinor(0).toString()).toBe(oracle.value.times(unit).toFixed());
          expect(ledger.equityMinor()).toBe(ledger.cashMinor(code) + ledger.valueMinor(0));
          const { realizedMinor, unrealizedMinor, feesMinor, fundingMinor, dividendsMinor } = ledger.totals();
          expect(ledger.equityMinor() - START).toBe(
            realizedMinor + unrealizedMinor - feesMinor + fundingMinor + dividendsMinor + transfers,
          );
          const { profit, closings } = oracle.realized;
          const off = profit.times(unit).minus(exact(realizedMinor)).abs();
          expect(off.lte(closings / 2)).toBe(true);
          if (ledger.positionLots[0] === 0) expect(ledger.costMinor(0)).toBe(0n);
          const kept = JSON.parse(JSON.stringify(ledger.snapshot())) as ReturnType<Ledger["snapshot"]>;
          const again = new Ledger({ instruments: [abc], cash: [money(0n, code)], reporting: code });
          again.restore(kept);
          expect(again.snapshot()).toEqual(ledger.snapshot());
          ledger = again;
        }
      }),
      { numRuns: 400 },
    );
  });

  it("does not care about the order of fills at one price", () => {
    const fills = fc.array(fc.record({ sign: fc.constantFrom(1, -1), lots: anyLots, fee: anyMinor }), {
      minLength: 2,
      maxLength: 12,
    });
    const shuffled = fills.chain((each) =>
      fc.tuple(
        fc.constant(each),
        fc.shuffledSubarray(each, { minLength: each.length, maxLength: each.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, anyTicks, ([one, other], ticks) => {
        const [first, second] = [one, other].map((order) => {
          const ledger = new Ledger({
            instruments: [instrument(1)],
            cash: [money(START, "USDT")],
            reporting: "USDT",
          });
          for (const { sign, lots, fee } of order) ledger.fill(0, sign, ticks, lots, fee);
          return ledger.snapshot();
        });
        expect(first).toEqual(second);
      }),
    );
  });

  it("keeps its totals through splits: what the position loses in lots it gets in cash", () => {
    const ratio = fc.bigInt({ min: 1n, max: 12n });
    const steps = fc.array(fc.tuple(anyBooking, ratio, ratio, fc.boolean()), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(steps, (each) => {
        const ledger = new Ledger({
          instruments: [instrument(0)],
          cash: [money(START, "USD")],
          reporting: "USD",
        });
        let transfers = 0n;
        for (const [booking, numerator, denominator, isSplit] of each) {
          const lots = BigInt(ledger.positionLots[0] as number);
          if (isSplit && lots !== 0n && lots * numerator < 10n ** 14n) {
            const before = ledger.snapshot();
            ledger.split(0, numerator, denominator);
            expect(BigInt(ledger.positionLots[0] as number)).toBe((lots * numerator) / denominator);
            const [was, is] = [before.positions[0]!, ledger.snapshot().positions[0]!];
            const paid = ledger.cashMinor("USD") - BigInt(before.cash["USD"] ?? 0);
            expect(BigInt(is.realized) - BigInt(is.cost)).toBe(
              BigInt(was.realized) - BigInt(was.cost) + paid,
            );
            if ((lots * numerator) % denominator === 0n) expect(paid).toBe(0n);
            if (ledger.positionLots[0] === 0) expect(is.cost).toBe("0");
          } else {
            book(ledger, booking);
            if (booking.kind === "transfer") transfers += booking.minor;
          }
          const totals = ledger.totals();
          expect(ledger.equityMinor() - START).toBe(
            totals.realizedMinor +
              totals.unrealizedMinor -
              totals.feesMinor +
              totals.fundingMinor +
              totals.dividendsMinor +
              transfers,
          );
        }
      }),
      { numRuns: 400 },
    );
  });

  it("reports several currencies as the exact sum of each currency converted once", () => {
    const run = fc.tuple(
      fc.array(fc.tuple(fc.nat(1), anyBooking), { minLength: 1, maxLength: 15 }),
      fc.bigInt({ min: 1n, max: 10n ** 6n }),
      fc.bigInt({ min: 1n, max: 10n ** 6n }),
    );
    fc.assert(
      fc.property(run, ([bookings, numerator, denominator]) => {
        const instruments = [instrument(0), instrument(3)];
        const cash = [money(START, "USD"), money(START, "JPY")];
        const ledger = new Ledger({ instruments, cash, reporting: "USD" });
        ledger.conversion.setRate("JPY", numerator, denominator);
        for (const [index, booking] of bookings) book(ledger, booking, index);
        const usd = ledger.cashMinor("USD") + ledger.valueMinor(0);
        const jpy = ledger.cashMinor("JPY") + ledger.valueMinor(1);
        expect(ledger.equityMinor()).toBe(usd + divideBig(jpy * numerator * 100n, denominator, "halfEven"));
      }),
      { numRuns: 200 },
    );
  });
});

const DECIMAL_ROUNDINGS: Readonly<Record<Rounding, Decimal.Rounding>> = {
  down: Decimal.ROUND_DOWN,
  up: Decimal.ROUND_UP,
  floor: Decimal.ROUND_FLOOR,
  ceil: Decimal.ROUND_CEIL,
  halfEven: Decimal.ROUND_HALF_EVEN,
  halfUp: Decimal.ROUND_HALF_UP,
};

const ROUNDINGS = Object.keys(DECIMAL_ROUNDINGS) as readonly Rounding[];

describe("fee model", () => {
  it("equals exact decimals rounded once, for every schedule and rounding", () => {
    const rate = fc
      .tuple(fc.integer({ min: -99, max: 999 }), fc.integer({ min: 2, max: 7 }))
      .map(([n, s]) => `${n}e-${s}`);
    const schedule = fc.record(
      {
        tiers: fc.tuple(rate, rate).map(([maker, taker]) => [{ maker, taker }]),
        perUnit: fc.integer({ min: 0, max: 99 }).map((n) => `${n}e-4`),
        minimum: fc.integer({ min: 0, max: 300 }).map((n) => `${n}e-3`),
        sellRate: fc.integer({ min: 0, max: 300 }).map((n) => `${n}e-7`),
      },
      { requiredKeys: [] },
    );
    const fill = fc.record({
      ticks: anyTicks,
      lots: anyLots,
      sign: fc.constantFrom(1, -1),
      maker: fc.boolean(),
    });
    const rounding = fc.constantFrom<Rounding>(...ROUNDINGS);
    const run = fc.tuple(
      fc.nat(GRIDS.length - 1),
      schedule,
      rounding,
      fc.array(fill, { minLength: 1, maxLength: 8 }),
    );
    fc.assert(
      fc.property(run, ([grid, fees, how, fills]) => {
        const abc = instrument(grid, fees as FeeSchedule);
        const unit = exact(10).pow(abc.quote.decimals);
        const model = new FeeModel({ instrument: abc, rounding: how });
        for (const { ticks, lots, sign, maker } of fills) {
          const tier = fees.tiers?.[0] ?? { maker: "0", taker: "0" };
          const size = exact(abc.notionalMinor(ticks, lots)).abs();
          const quantity = exact(abc.formatQuantity(1)).times(lots);
          let sum = size
            .times(maker ? tier.maker : tier.taker)
            .plus(quantity.times(fees.perUnit ?? "0").times(unit));
          if (sign < 0) sum = sum.plus(size.times(fees.sellRate ?? "0"));
          const rounded = sum.toDecimalPlaces(0, DECIMAL_ROUNDINGS[how]);
          const minimum = exact(fees.minimum ?? "0")
            .times(unit)
            .toDecimalPlaces(0, Decimal.ROUND_CEIL);
          const expected = rounded.gte(0) && rounded.lt(minimum) ? minimum : rounded;
          const found = model.feeMinor(ticks, lots, sign, maker);
          expect([found.toString(), ticks, lots]).toEqual([
            expected.plus(0).toFixed().replace(/^-0$/, "0"),
            ticks,
            lots,
          ]);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("takes the tier of the last 30 days' volume", () => {
    const fees: FeeSchedule = {
      tiers: [
        { maker: "0.001", taker: "0.001" },
        { fromVolume: "100", maker: "0.0005", taker: "0.0005" },
        { fromVolume: "1000.50", maker: "0", taker: "0.0001" },
      ],
    };
    const step = fc.record({
      days: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(40)),
      lots: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), fc.boolean(), (steps, early) => {
        const abc = instrument(0, fees);
        const model = new FeeModel({ instrument: abc });
        const traded: { day: number; minor: bigint }[] = [];
        let day = early ? -7 : 19_000;
        for (const { days, lots } of steps) {
          day += days;
          model.advance(day * NANOS_PER_DAY + 5);
          const volume = traded
            .filter((each) => each.day > day - 30)
            .reduce((sum, { minor }) => sum + minor, 0n);
          expect(model.volumeMinor).toBe(volume);
          const rate = volume >= 100_050n ? 1n : volume >= 10_000n ? 5n : 10n;
          const minor = BigInt(lots) * 500n;
          expect(model.feeMinor(500, lots, 1, false)).toBe(divideBig(minor * rate, 10_000n, "halfEven"));
          traded.push({ day, minor });
        }
      }),
      { numRuns: 300 },
    );
  });
});
