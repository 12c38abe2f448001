import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FeeModel } from "../../src/ledger/index.ts";
import { Instrument, NANOS_PER_DAY } from "../../src/model/index.ts";

const instrument = new Instrument({
  symbol: "ABC",
  venue: "x",
  tickSize: "0.01",
  lotSize: "1",
  quote: "USD",
  fees: {
    tiers: [
      { maker: "0.001", taker: "0.003" },
      { fromVolume: "300", maker: "0", taker: "0.001" },
      { fromVolume: "900", maker: "-0.0005", taker: "0.0004" },
    ],
  },
});

const step = fc.oneof(
  fc.record({ days: fc.integer({ min: 0, max: 35 }) }),
  fc.record({ lots: fc.integer({ min: 1, max: 40 }), maker: fc.boolean() }),
);

describe("a saved fee model", () => {
  it("charges as the one it was taken of, wherever it was saved", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.nat(25), (steps, cut) => {
        const fees = new FeeModel({ instrument });
        let loaded: FeeModel | undefined;
        let day = -3;
        const run = (model: FeeModel, each: (typeof steps)[number]): unknown => {
          if ("days" in each) return model.advance(day * NANOS_PER_DAY + 7);
          return model.feeMinor(1_000, each.lots, 1, each.maker);
        };
        for (const [i, each] of steps.entries()) {
          if (i === cut) {
            loaded = new FeeModel({ instrument });
            loaded.load(JSON.parse(JSON.stringify(fees.save())));
          }
          if ("days" in each) day += each.days;
          const wanted = run(fees, each);
          if (loaded === undefined) continue;
          expect(run(loaded, each)).toEqual(wanted);
          expect([loaded.save(), loaded.volumeMinor]).toEqual([fees.save(), fees.volumeMinor]);
        }
      }),
    );
  });

  it("of another window is refused", () => {
    const fees = new FeeModel({ instrument });
    const saved = fees.save();
    expect(saved).toEqual({ day: null, volume: "0", days: new Array(30).fill("0") });
    const path = "FAULT_INPUT feeModel.days";
    expect(() => fees.load({ ...saved, days: saved.days.slice(1) })).toThrow(path);
  });
});
