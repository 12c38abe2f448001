import { describe, expect, it } from "vitest";
import { checkFeeSchedule, type FeeSchedule, flatFees, NO_FEES } from "../../src/model/index.ts";

const check = (schedule: unknown): FeeSchedule => checkFeeSchedule("fees", schedule as FeeSchedule);

describe("checkFeeSchedule", () => {
  it.each([
    ["no fees", NO_FEES],
    ["one rate", flatFees("-0.00005", "0.0007")],
    ["nothing at all", {}],
    ["an amount per unit", { perUnit: "0.005", minimum: "1.00" }],
    ["a rate on sells", { sellRate: "0.0000278" }],
    [
      "rising tiers",
      {
        tiers: [
          { maker: "0.001", taker: "0.002" },
          { fromVolume: "1000000", maker: "0", taker: "0.001" },
          { fromVolume: "1e7", maker: "-0.0001", taker: "0.0005" },
        ],
      },
    ],
    ["a first tier that says 0", { tiers: [{ fromVolume: "0", maker: "0", taker: "0" }] }],
  ])("takes %s", (_what, schedule) => {
    expect(check(schedule)).toBe(schedule);
  });

  const tier = { maker: "0.001", taker: "0.002" };

  it.each([
    ["null", null, "fees:"],
    ["a number", 5, "fees:"],
    ["an array", [], "fees:"],
    ["a misspelt field", { makerRate: "0" }, "fees.makerRate"],
    ["a number per unit", { perUnit: 0.005 }, "fees.perUnit"],
    ["a negative amount per unit", { perUnit: "-1" }, "fees.perUnit"],
    ["a negative minimum", { minimum: "-1" }, "fees.minimum"],
    ["a word for a rate", { sellRate: "free" }, "fees.sellRate"],
    ["no tier", { tiers: [] }, "fees.tiers"],
    ["a tier that is none", { tiers: [null] }, "fees.tiers[0]"],
    ["a misspelt tier", { tiers: [{ ...tier, from: "0" }] }, "fees.tiers[0].from"],
    ["a tier without a taker rate", { tiers: [{ maker: "0" }] }, "fees.tiers[0].taker"],
    ["a tier with a number", { tiers: [{ maker: 0, taker: "0" }] }, "fees.tiers[0].maker"],
    ["a negative volume", { tiers: [tier, { ...tier, fromVolume: "-5" }] }, "fees.tiers[1].fromVolume"],
    ["a first tier above 0", { tiers: [{ ...tier, fromVolume: "100" }] }, "fees.tiers[0].fromVolume"],
    ["two tiers from 0", { tiers: [tier, tier] }, "fees.tiers[1].fromVolume"],
    [
      "falling tiers",
      { tiers: [tier, { ...tier, fromVolume: "20" }, { ...tier, fromVolume: "10" }] },
      "fees.tiers[2].fromVolume",
    ],
  ])("refuses %s by its path", (_what, schedule, path) => {
    expect(() => check(schedule)).toThrow(`FAULT_CONFIG ${path}`);
  });
});
