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
    ["limits of a fill", { minimum: "1", maximum: "1", maximumRate: "0.01" }],
    ["limits of an order", { order: { minimum: "1", maximum: "30", maximumRate: "0.01" } }],
    [
      "a rebate a share",
      { tiers: [{ maker: "0", taker: "0", makerPerUnit: "-0.002", takerPerUnit: "0.003" }] },
    ],
    ["charges", { charges: [{ name: "TAF", side: "sell", perUnit: "0.000166", maximum: "8.30" }] }],
    ["revisions", { revisions: [{ from: "2025-05-14", perUnit: "1" }, { from: "2025-05-14T04:00:00Z" }] }],
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
    ["a maximum below the minimum", { minimum: "2", maximum: "1.99" }, "fees.maximum"],
    ["a negative maximum", { maximum: "-1" }, "fees.maximum"],
    ["a number for a share", { maximumRate: 0.01 }, "fees.maximumRate"],
    ["limits of fill and order", { minimum: "1", order: { maximum: "5" } }, "fees.minimum"],
    ["an order that is none", { order: 5 }, "fees.order"],
    ["a misspelt limit of an order", { order: { max: "5" } }, "fees.order.max"],
    ["an order's maximum below", { order: { minimum: "2", maximum: "1" } }, "fees.order.maximum"],
    [
      "a word for a rebate",
      { tiers: [{ maker: "0", taker: "0", makerPerUnit: "some" }] },
      "fees.tiers[0].makerPerUnit",
    ],
    ["no charge", { charges: [] }, "fees.charges"],
    ["a charge without a name", { charges: [{ rate: "1" }] }, "fees.charges[0].name"],
    ["a charge of another side", { charges: [{ name: "a", side: "short" }] }, "fees.charges[0].side"],
    ["a negative charge", { charges: [{ name: "a", rate: "-1" }] }, "fees.charges[0].rate"],
    [
      "a charge's share as most",
      { charges: [{ name: "a", maximumRate: "1" }] },
      "fees.charges[0].maximumRate",
    ],
    ["no revision", { revisions: [] }, "fees.revisions"],
    ["a revision without a date", { revisions: [{ perUnit: "1" }] }, "fees.revisions[0].from"],
    ["a day that is none", { revisions: [{ from: "2025-02-30" }] }, "fees.revisions[0].from"],
    [
      "dates that do not rise",
      { revisions: [{ from: "2025-02-02" }, { from: "2025-02-02" }] },
      "fees.revisions[1].from",
    ],
    [
      "a revision of revisions",
      { revisions: [{ from: "2025-02-02", revisions: [] }] },
      "fees.revisions[0].revisions",
    ],
    ["a bad revision", { revisions: [{ from: "2025-02-02", perUnit: "x" }] }, "fees.revisions[0].perUnit"],
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
