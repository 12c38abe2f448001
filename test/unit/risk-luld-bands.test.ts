import { describe, expect, it } from "vitest";
import {
  LULD_MAX_LEVERAGE,
  LULD_MAX_PRICE_E4,
  LULD_TERMS,
  type LuldInput,
  luldBands,
  luldFactor,
  luldTerms,
  REGULAR_SESSION_NS,
  roundBandE4,
} from "../../src/risk/luld-bands.ts";

const MINUTE = 60e9;
const now = luldTerms("2024-05-01");
const old = luldTerms("2019-05-01");

function bands(input: Partial<LuldInput>): readonly (number | undefined)[] {
  const base = {
    tier: 1,
    referenceE4: 1_000_000,
    priorCloseE4: 1_000_000,
    sinceOpenNs: 60 * MINUTE,
  } as const;
  const found = luldBands({ ...base, terms: now, ...input });
  return [found?.lowerE4, found?.upperE4];
}

describe("the LULD Plan by date", () => {
  it.each([
    ["2013-04-08", "original plan"],
    ["2016-04-20", "original plan"],
    ["2016-04-21", "Amendment 10"],
    ["2020-02-23", "Amendment 10"],
    ["2020-02-24", "Amendment 18"],
    ["2030-01-01", "Amendment 18"],
  ])("on %s it is %s", (date, amendment) => {
    expect(luldTerms(date).amendment).toBe(amendment);
  });

  it.each(["2013-04-07", "2013-4-8", "20200224", "x2020-02-24", "2020-02-24T00:00", ""])(
    "faults on %s",
    (date) => {
      expect(() => luldTerms(date)).toThrow(`FAULT_INPUT luld.date: found "${date}"`);
    },
  );

  it("says what it expected", () => {
    expect(() => luldTerms("2001-01-01")).toThrow("expected a day on which the plan held");
    expect(() => luldTerms("May")).toThrow("expected a date as YYYY-MM-DD");
    expect(luldTerms("2001-01-01", [{ ...now, from: "2000-01-01" }]).from).toBe("2000-01-01");
  });

  it("holds the rows it was written with", () => {
    expect(LULD_TERMS).toEqual([
      {
        from: "2013-04-08",
        amendment: "original plan",
        tier1Percent: 5,
        tier2Percent: 10,
        midPercent: 20,
        lowPercent: 75,
        lowAmountE4: 1_500,
        lowerFromE4: 7_500,
        upperFromE4: 30_000,
        openDoubleNs: 900e9,
        closeDoubleNs: 1500e9,
        closeDoublesAll: true,
        noOpeningTrade: "midpoint",
      },
      { ...LULD_TERMS[0], from: "2016-04-21", amendment: "Amendment 10", noOpeningTrade: "priorClose" },
      {
        ...LULD_TERMS[1],
        from: "2020-02-24",
        amendment: "Amendment 18",
        openDoubleNs: 0,
        closeDoublesAll: false,
      },
    ]);
    expect(REGULAR_SESSION_NS).toBe(6.5 * 3600e9);
  });
});

describe("luldBands", () => {
  it.each<[string, Partial<LuldInput>, number, number]>([
    ["tier 1 at $100, 5 %", {}, 950_000, 1_050_000],
    ["tier 2 at $100, 10 %", { tier: 2 }, 900_000, 1_100_000],
    ["tier 2 at $58, 10 %", { tier: 2, referenceE4: 580_000 }, 522_000, 638_000],
    ["tier 1, prior close $3.01", { priorCloseE4: 30_100 }, 950_000, 1_050_000],
    ["tier 1, prior close $3.0001", { priorCloseE4: 30_001 }, 950_000, 1_050_000],
    ["tier 1, prior close $3.00, 20 %", { priorCloseE4: 30_000 }, 800_000, 1_200_000],
    ["tier 2, prior close $3.00, 20 %", { tier: 2, priorCloseE4: 30_000 }, 800_000, 1_200_000],
    ["prior close $0.75, 20 %", { priorCloseE4: 7_500, referenceE4: 7_500 }, 6_000, 9_000],
    ["prior close $0.7499, $0.15", { priorCloseE4: 7_499, referenceE4: 7_500 }, 6_000, 9_000],
    ["prior close $0.70 at $0.70, $0.15", { priorCloseE4: 7_000, referenceE4: 7_000 }, 5_500, 8_500],
    ["prior close $0.10 at $0.20: both alike", { priorCloseE4: 1_000, referenceE4: 2_000 }, 500, 3_500],
    ["prior close $0.10 at $0.16, 75 %", { priorCloseE4: 1_000, referenceE4: 1_600 }, 400, 2_800],
    ["a step that ends in a half", { referenceE4: 10_100 }, 9_600, 10_600],
    ["a half goes up", { referenceE4: 11_000 }, 10_500, 11_600],
    ["under the half goes down", { referenceE4: 10_900 }, 10_400, 11_400],
    ["a grid of its own", { referenceE4: 10_100, incrementE4: 5 }, 9_595, 10_605],
    ["three times leveraged", { leveragePercent: 300 }, 850_000, 1_150_000],
    ["one and a half times", { leveragePercent: 150, tier: 2 }, 850_000, 1_150_000],
    ["one per cent leveraged", { leveragePercent: 1 }, 999_500, 1_000_500],
    [
      "leveraged below $0.75",
      { priorCloseE4: 7_000, referenceE4: 7_000, leveragePercent: 200 },
      4_000,
      10_000,
    ],
  ])("%s", (_what, input, lower, upper) => {
    expect(bands(input)).toEqual([lower, upper]);
  });

  it.each<[string, Partial<LuldInput>, number]>([
    ["the open since Amendment 18", { sinceOpenNs: 0 }, 5],
    ["the open before", { sinceOpenNs: 0, terms: old }, 10],
    ["9:44:59.9 before", { sinceOpenNs: 15 * MINUTE - 1, terms: old }, 10],
    ["9:45 before", { sinceOpenNs: 15 * MINUTE, terms: old }, 5],
    ["15:34:59.9", { sinceOpenNs: 365 * MINUTE - 1 }, 5],
    ["15:35", { sinceOpenNs: 365 * MINUTE }, 10],
    ["16:00", { sinceOpenNs: 390 * MINUTE }, 10],
    ["15:35 of tier 2 above $3", { sinceOpenNs: 365 * MINUTE, tier: 2 }, 10],
    ["15:35 of tier 2 above $3 before", { sinceOpenNs: 365 * MINUTE, tier: 2, terms: old }, 20],
    ["15:35 of tier 2 at $3", { sinceOpenNs: 365 * MINUTE, tier: 2, priorCloseE4: 30_000 }, 40],
    ["15:35 of tier 2 at $3.0001", { sinceOpenNs: 365 * MINUTE, tier: 2, priorCloseE4: 30_001 }, 10],
    ["12:34 of a day to 13:00", { sinceOpenNs: 184 * MINUTE, sessionNs: 210 * MINUTE }, 5],
    ["12:35 of a day to 13:00", { sinceOpenNs: 185 * MINUTE, sessionNs: 210 * MINUTE }, 10],
  ])("doubles or not at %s", (_what, input, percent) => {
    expect(bands(input)).toEqual([1_000_000 - percent * 10_000, 1_000_000 + percent * 10_000]);
  });

  it("has no lower band below 0", () => {
    const late = { sinceOpenNs: 370 * MINUTE, priorCloseE4: 1_000, referenceE4: 1_000 };
    expect(bands(late)).toEqual([0, 2_500]);
    expect(bands({ ...late, referenceE4: 7_000 })).toEqual([4_000, 10_000]);
  });

  it("has bands within the day only", () => {
    expect(bands({ sinceOpenNs: -1 })).toEqual([undefined, undefined]);
    expect(bands({ sinceOpenNs: 390 * MINUTE + 1e4 })).toEqual([undefined, undefined]);
    expect(bands({ sinceOpenNs: 211 * MINUTE, sessionNs: 210 * MINUTE })).toEqual([undefined, undefined]);
    expect(bands({ sinceOpenNs: Number.NaN })).toEqual([undefined, undefined]);
  });

  it.each<[string, Partial<LuldInput>]>([
    ["tier", { tier: 0 as never }],
    ["tier", { tier: 3 as never }],
    ["referenceE4", { referenceE4: 0 }],
    ["referenceE4", { referenceE4: LULD_MAX_PRICE_E4 + 1 }],
    ["referenceE4", { referenceE4: 1.5 }],
    ["priorCloseE4", { priorCloseE4: 0 }],
    ["priorCloseE4", { priorCloseE4: LULD_MAX_PRICE_E4 + 1 }],
    ["leveragePercent", { leveragePercent: 0 }],
    ["leveragePercent", { leveragePercent: LULD_MAX_LEVERAGE + 1 }],
    ["incrementE4", { incrementE4: 0 }],
    ["incrementE4", { incrementE4: 10_001 }],
  ])("faults on %s %j", (name, input) => {
    expect(() => bands(input)).toThrow(`FAULT_INPUT luld.${name}`);
  });

  it("is exact at the largest inputs", () => {
    const input = {
      referenceE4: LULD_MAX_PRICE_E4,
      leveragePercent: 999,
      tier: 2,
      priorCloseE4: 30_000,
    } as const;
    expect(bands({ ...input, sinceOpenNs: 380 * MINUTE, incrementE4: 1 })).toEqual([0, 49_960_000_000]);
    expect(bands({ referenceE4: 9_999_999_999, incrementE4: 10_000 })).toEqual([
      9_500_000_000, 10_500_000_000,
    ]);
    expect(bands({ leveragePercent: LULD_MAX_LEVERAGE })).toEqual([500_000, 1_500_000]);
  });

  it("is the same by fractions of integers", () => {
    for (let reference = 1; reference < 400_000; reference += 997) {
      for (const priorCloseE4 of [1, 7_499, 7_500, 30_000, 30_001]) {
        for (const tier of [1, 2] as const) {
          const [r, at] = [BigInt(reference), 380 * MINUTE];
          const factor = BigInt(luldFactor(now, tier, priorCloseE4, at, REGULAR_SESSION_NS));
          const percent = priorCloseE4 > 30_000 ? (tier === 1 ? 5n : 10n) : priorCloseE4 < 7_500 ? 75n : 20n;
          const byPercent = r * percent;
          const offset = (priorCloseE4 < 7_500 && byPercent > 150_000n ? 150_000n : byPercent) * factor;
          const round = (e6: bigint): number => Number(e6 <= 0n ? 0n : ((e6 + 5_000n) / 10_000n) * 100n);
          expect(bands({ tier, referenceE4: reference, priorCloseE4, sinceOpenNs: at })).toEqual([
            round(r * 100n - offset),
            round(r * 100n + offset),
          ]);
        }
      }
    }
  });

  it("rounds halves up and nothing below 0", () => {
    expect([49_9999, 50_0000, 149_9999, 150_0000, -1, -1e9].map((e8) => roundBandE4(e8, 100))).toEqual([
      0, 100, 100, 200, 0, 0,
    ]);
  });
});
