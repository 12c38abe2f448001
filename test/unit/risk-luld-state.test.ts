import { describe, expect, it } from "vitest";
import { luldTerms } from "../../src/risk/luld-bands.ts";
import { LULD_PHASE, luldPhase } from "../../src/risk/luld-phase.ts";
import { LULD_HOLD_NS, LULD_WINDOW_NS, LuldReference } from "../../src/risk/luld-reference.ts";
import { LULD_LIMIT_NS, LULD_PAUSE_NS, LuldState, type SavedLuldState } from "../../src/risk/luld-state.ts";
import type { SavedColumn } from "../../src/risk/saved-column.ts";

const SECOND = 1e9;
const MINUTE = 60e9;
const { limitDown, limitUp, normal, paused, straddle, unopened } = LULD_PHASE;
const terms = luldTerms("2024-05-01");
const make = (more = {}) => new LuldState({ instruments: 2, trades: 100, terms, openNs: 0, ...more });

/** An open tier 1 stock of $100, bands of $95 and $105. */
function opened(more = {}): LuldState {
  const luld = make(more);
  luld.list(1, 1, 1_000_000);
  luld.open(1, 1_000_000, 0);
  return luld;
}
/** The state of an open stock, with one column in place of its own. */
function savedWith(name: string, column: SavedColumn): SavedLuldState {
  const saved = opened().save();
  if (name in saved) return { ...saved, [name]: column };
  const columns = { ...saved.reference.columns, [name]: column };
  return { ...saved, reference: { ...saved.reference, columns } };
}
const bands = (luld: LuldState) => [luld.lowerE4(1), luld.upperE4(1)];

describe("luldPhase", () => {
  it("numbers the phases", () => {
    expect(LULD_PHASE).toEqual({ unopened: 0, normal: 1, straddle: 2, limitDown: 3, limitUp: 4, paused: 5 });
    expect([LULD_WINDOW_NS, LULD_HOLD_NS, LULD_LIMIT_NS, LULD_PAUSE_NS]).toEqual([300e9, 30e9, 15e9, 300e9]);
  });

  it.each([
    ["inside", 99, 101, normal],
    ["at the bands' inner side", 96, 104, normal],
    ["no quotes", 0, Infinity, normal],
    ["only a bid", 100, Infinity, normal],
    ["only an offer", 0, 100, normal],
    ["the offer at the lower band", 94, 95, limitDown],
    ["the offer at the lower band, no bid", 0, 95, limitDown],
    ["the offer below the lower band", 90, 94, limitDown],
    ["locked at the lower band", 95, 95, limitDown],
    ["crossed at the lower band", 96, 95, normal],
    ["the bid at the upper band", 105, 106, limitUp],
    ["the bid at the upper band, no offer", 105, Infinity, limitUp],
    ["the bid above the upper band", 107, 108, limitUp],
    ["locked at the upper band", 105, 105, limitUp],
    ["crossed at the upper band", 105, 104, normal],
    ["the bid below the lower band", 94, 100, straddle],
    ["the bid at the lower band", 95, 100, normal],
    ["the offer above the upper band", 100, 106, straddle],
    ["the offer at the upper band", 100, 105, normal],
    ["both outside", 94, 106, straddle],
  ])("%s: %i and %i", (_what, bid, ask, phase) => {
    expect(luldPhase(bid, ask, 95, 105)).toBe(phase);
  });
});

describe("LuldReference", () => {
  it("has bands from the open on", () => {
    const luld = new LuldReference({ instruments: 2, trades: 10, terms, openNs: 0 });
    luld.list(1, 1, 1_000_000);
    luld.trade(1, 500_000, 0);
    for (const instrument of [0, 1, 2]) luld.update(instrument, 0);
    expect([luld.referenceE4(1), luld.lowerE4(1), luld.upperE4(1), luld.instruments]).toEqual([
      0,
      Infinity,
      0,
      2,
    ]);
    luld.open(1, 1_000_000, 0);
    luld.update(1, 60 * SECOND);
    expect([luld.referenceE4(1), luld.lowerE4(1), luld.upperE4(1)]).toEqual([1_000_000, 950_000, 1_050_000]);
    luld.trade(1, 1_100_000, 60 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_000_000);
    luld.update(1, 60 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_100_000);
    expect(() => luld.trade(2, 1, 0)).toThrow("FAULT_INPUT luld.instrument");
    expect(() => luld.trade(1, 1.5, 0)).toThrow("FAULT_INPUT luld.priceE4");
  });
});

describe("LuldState", () => {
  it("allows nothing before it is listed and opened", () => {
    const luld = make();
    expect([luld.phaseOf(1), ...bands(luld), luld.referenceE4(1)]).toEqual([unopened, Infinity, 0, 0]);
    expect([luld.allows(1, 1, 0), luld.allows(1, -1, Infinity), luld.reopensNs(1)]).toEqual([
      false,
      false,
      NaN,
    ]);
    expect(() => luld.open(1, 100, 0)).toThrow(
      "FAULT_INPUT luld.instrument: found 1, expected one that is listed",
    );
    luld.list(1, 1, 1_000_000);
    expect(luld.quote(1, 1, 1, 0)).toBe(unopened);
    expect(luld.trade(1, 500_000, 0)).toBe(unopened);
    expect(luld.advance(1, 0)).toBe(unopened);
    luld.open(1, 1_000_000, 0);
    expect([luld.phaseOf(1), ...bands(luld), luld.referenceE4(1)]).toEqual([
      normal,
      950_000,
      1_050_000,
      1_000_000,
    ]);
    expect(luld.advance(1, 40 * SECOND)).toBe(normal);
    expect(luld.referenceE4(1)).toBe(1_000_000);
    expect(luld.phaseOf(0)).toBe(unopened);
  });

  it("allows prices within the bands", () => {
    const luld = opened();
    const asks = (side: number, prices: number[]) => prices.map((price) => luld.allows(1, side, price));
    expect(asks(1, [940_000, 1_050_000, 1_050_001, NaN])).toEqual([true, true, false, false]);
    expect(asks(-1, [1_060_000, 950_000, 949_999, NaN])).toEqual([true, true, false, false]);
    luld.quote(1, 940_000, 950_000, 0);
    expect([luld.phaseOf(1), ...asks(1, [950_000])]).toEqual([limitDown, true]);
    luld.pause(1, 0);
    expect([...asks(1, [1_000_000]), ...asks(-1, [1_000_000])]).toEqual([false, false]);
    expect(luld.allows(7, 1, 1)).toBe(false);
  });

  it("applies tier, prior close and leverage", () => {
    const luld = make();
    luld.list(1, 2, 30_000);
    luld.open(1, 40_000, 0);
    expect(bands(luld)).toEqual([32_000, 48_000]);
    luld.list(1, 2, 30_001, 200);
    luld.advance(1, 0);
    expect(bands(luld)).toEqual([32_000, 48_000]);
    luld.list(1, 1, 30_001, 300);
    luld.advance(1, 0);
    expect(bands(luld)).toEqual([34_000, 46_000]);
  });

  it("changes the reference when the mean is 1 % away", () => {
    for (const [price, reference] of [
      [1_009_999, 1_000_000],
      [1_010_000, 1_010_000],
      [990_001, 1_000_000],
      [990_000, 990_000],
    ] as const) {
      const luld = opened();
      luld.trade(1, price, 30 * SECOND);
      expect([price, luld.referenceE4(1)]).toEqual([price, reference]);
    }
  });

  it("changes the reference by the mean, rounded, and the bands with it", () => {
    const luld = opened();
    luld.trade(1, 1_020_000, 1 * SECOND);
    luld.trade(1, 1_020_001, 2 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_000_000);
    luld.advance(1, 30 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_020_001);
    expect(bands(luld)).toEqual([969_000, 1_071_000]);
  });

  it("holds a reference for 30 seconds", () => {
    const luld = opened();
    luld.trade(1, 1_020_000, 30 * SECOND - 1);
    expect(luld.referenceE4(1)).toBe(1_000_000);
    luld.advance(1, 30 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_020_000);
    luld.trade(1, 1_100_000, 31 * SECOND);
    luld.advance(1, 60 * SECOND - 1);
    expect(luld.referenceE4(1)).toBe(1_020_000);
    luld.advance(1, 60 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_060_000);
  });

  it("forgets trades after five minutes and keeps the reference without any", () => {
    const luld = opened();
    luld.trade(1, 1_000_000, 10 * SECOND);
    luld.trade(1, 1_018_000, 11 * SECOND);
    luld.advance(1, 310 * SECOND - 1);
    expect(luld.referenceE4(1)).toBe(1_000_000);
    luld.advance(1, 310 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_018_000);
    luld.advance(1, 20 * MINUTE);
    expect(luld.referenceE4(1)).toBe(1_018_000);
  });

  it("pauses after a limit state of 15 seconds", () => {
    const luld = opened();
    expect(luld.quote(1, 940_000, 950_000, 5 * SECOND)).toBe(limitDown);
    expect(luld.quote(1, 930_000, 950_000, 10 * SECOND)).toBe(limitDown);
    expect(luld.advance(1, 20 * SECOND - 1)).toBe(limitDown);
    expect(luld.advance(1, 20 * SECOND)).toBe(paused);
    expect(luld.reopensNs(1)).toBe(320 * SECOND);
    expect(luld.quote(1, 990_000, 1_010_000, 21 * SECOND)).toBe(paused);
    expect(luld.trade(1, 990_000, 400 * SECOND)).toBe(paused);
    expect(luld.advance(1, 900 * SECOND)).toBe(paused);
    luld.open(1, 900_000, 901 * SECOND);
    expect([luld.phaseOf(1), ...bands(luld), luld.reopensNs(1)]).toEqual([normal, 855_000, 945_000, NaN]);
    luld.advance(1, 940 * SECOND);
    expect(luld.referenceE4(1)).toBe(900_000);
  });

  it("pauses from the moment it fell due, however late it is asked", () => {
    const luld = opened();
    luld.quote(1, 1_050_000, 1_060_000, 0);
    expect(luld.quote(1, 1_000_000, 1_010_000, 100 * SECOND)).toBe(paused);
    expect(luld.reopensNs(1)).toBe(315 * SECOND);
  });

  it("leaves a limit state when the quotes do, and times the next one afresh", () => {
    const luld = opened();
    expect(luld.quote(1, 1_050_000, 1_060_000, 0)).toBe(limitUp);
    expect(luld.quote(1, 1_040_000, 1_060_000, 14 * SECOND)).toBe(straddle);
    expect(luld.quote(1, 1_050_000, 1_060_000, 15 * SECOND)).toBe(limitUp);
    expect(luld.advance(1, 29 * SECOND)).toBe(limitUp);
    expect(luld.quote(1, 940_000, 950_000, 29 * SECOND)).toBe(limitDown);
    expect(luld.advance(1, 44 * SECOND - 1)).toBe(limitDown);
    expect(luld.quote(1, 990_000, 1_010_000, 44 * SECOND - 1)).toBe(normal);
    expect(luld.advance(1, 100 * SECOND)).toBe(normal);
  });

  it("changes no reference within a limit state", () => {
    const luld = opened();
    luld.quote(1, 940_000, 950_000, 40 * SECOND);
    expect(luld.trade(1, 950_000, 41 * SECOND)).toBe(limitDown);
    expect(luld.referenceE4(1)).toBe(1_000_000);
    luld.quote(1, 940_000, 960_000, 42 * SECOND);
    luld.advance(1, 43 * SECOND);
    expect(luld.referenceE4(1)).toBe(950_000);
  });

  it("enters a limit state when the bands come to the quotes", () => {
    const luld = opened();
    luld.quote(1, 1_040_000, 1_045_000, 0);
    luld.trade(1, 980_000, 29 * SECOND);
    expect(luld.advance(1, 31 * SECOND)).toBe(limitUp);
    expect(bands(luld)).toEqual([931_000, 1_029_000]);
    expect(luld.advance(1, 46 * SECOND - 1)).toBe(limitUp);
    expect(luld.advance(1, 46 * SECOND)).toBe(paused);
  });

  it("widens the bands before the close", () => {
    const luld = opened();
    luld.advance(1, 365 * MINUTE - 1);
    expect(bands(luld)).toEqual([950_000, 1_050_000]);
    luld.advance(1, 365 * MINUTE);
    expect(bands(luld)).toEqual([900_000, 1_100_000]);
    const short = opened({ openNs: 10 * MINUTE, sessionNs: 210 * MINUTE });
    short.advance(1, 195 * MINUTE - 1);
    expect(bands(short)).toEqual([950_000, 1_050_000]);
    short.advance(1, 195 * MINUTE);
    expect(bands(short)).toEqual([900_000, 1_100_000]);
    const early = opened({ terms: luldTerms("2019-01-02") });
    expect(bands(early)).toEqual([900_000, 1_100_000]);
  });

  it("takes the message of a pause, and starts each day closed", () => {
    const luld = opened();
    luld.trade(1, 1_100_000, 0);
    luld.pause(1, 7);
    expect([luld.phaseOf(1), luld.reopensNs(1)]).toEqual([paused, 300 * SECOND + 7]);
    luld.startDay({ terms: luldTerms("2019-01-02"), openNs: 24 * 60 * MINUTE });
    expect([luld.phaseOf(1), ...bands(luld), luld.referenceE4(1)]).toEqual([unopened, Infinity, 0, 0]);
    expect(() => luld.open(1, 1_000_000, 0)).toThrow("luld.instrument");
    luld.list(1, 2, 1_000_000);
    luld.open(1, 1_000_000, 24 * 60 * MINUTE);
    expect(bands(luld)).toEqual([800_000, 1_200_000]);
    luld.advance(1, 25 * 60 * MINUTE);
    expect([luld.referenceE4(1), ...bands(luld)]).toEqual([1_000_000, 900_000, 1_100_000]);
  });

  it("drops what a full window cannot hold", () => {
    const luld = opened({ trades: 2 });
    for (const price of [1_000_000, 1_020_000, 1_020_000]) luld.trade(1, price, 30 * SECOND);
    expect([luld.droppedTrades, luld.referenceE4(1)]).toEqual([1, 1_010_000]);
    luld.advance(1, 60 * SECOND);
    expect(luld.referenceE4(1)).toBe(1_010_000);
  });

  it("comes back from JSON in the middle of a limit state", () => {
    const luld = opened();
    luld.trade(1, 990_001, 1 * SECOND);
    luld.quote(1, 940_000, 950_000, 5 * SECOND);
    const copy = make();
    copy.load(JSON.parse(JSON.stringify(luld.save())));
    expect(copy.save()).toEqual(luld.save());
    expect([copy.phaseOf(1), copy.advance(1, 20 * SECOND - 1), ...bands(copy)]).toEqual([
      limitDown,
      limitDown,
      950_000,
      1_050_000,
    ]);
    expect([copy.advance(1, 20 * SECOND), copy.phaseOf(0), copy.lowerE4(0)]).toEqual([
      paused,
      unopened,
      Infinity,
    ]);
  });

  it.each([
    ["phase", [0, 6]],
    ["phase", [-1, 0]],
    ["sinceNs", [0, null]],
    ["tier", [0, 3]],
    ["tier", [-1, 0]],
    ["priorCloseE4", [-1, 0]],
    ["priorCloseE4", [0.5, 0]],
    ["leveragePercent", [0, 1_001]],
    ["leveragePercent", [-1, 0]],
    ["referenceE4", [-1, 0]],
    ["referenceE4", [0, null]],
    ["referenceNs", [0, null]],
    ["lowerE4", [-1, 0]],
    ["upperE4", [0, null]],
    ["upperE4", [-1, 0]],
    ["bidE4", [0, null]],
    ["bidE4", [-1, 0]],
    ["askE4", [-1, 0]],
    ["askE4", [0.5, 0]],
  ])("takes no state whose %s is %j", (name, column) => {
    expect(() => make().load(savedWith(name, column))).toThrow(`FAULT_INPUT luld.${name}`);
  });

  it("keeps moments that are no whole numbers, and fractions of none else", () => {
    for (const name of ["sinceNs", "referenceNs"]) {
      const luld = make();
      luld.load(savedWith(name, [0.5, -1.5]));
      expect(luld.save()).toEqual(savedWith(name, [0.5, -1.5]));
    }
    for (const name of ["phase", "tier", "leveragePercent", "referenceE4", "lowerE4", "upperE4", "bidE4"]) {
      expect(() => make().load(savedWith(name, [0.5, 0]))).toThrow(`luld.${name}[0]`);
    }
  });

  it("takes no state without a column", () => {
    for (const name of ["tier", "referenceNs"]) {
      expect(() => make().load(savedWith(name, undefined as never))).toThrow(`FAULT_INPUT luld.${name}`);
    }
    const saved = opened().save();
    const window = { ...saved.reference.window, count: [0] };
    expect(() => make().load({ ...saved, reference: { ...saved.reference, window } })).toThrow(
      "tradeWindow.count",
    );
  });

  it.each<[string, (luld: LuldState) => void]>([
    ["instrument", (luld) => luld.list(2, 1, 1)],
    ["instrument", (luld) => luld.open(-1, 1, 0)],
    ["instrument", (luld) => luld.quote(2, 1, 2, 0)],
    ["instrument", (luld) => luld.trade(0.5, 1, 0)],
    ["instrument", (luld) => luld.advance(2, 0)],
    ["instrument", (luld) => luld.pause(2, 0)],
    ["tier", (luld) => luld.list(1, 3 as 1, 1)],
    ["tier", (luld) => luld.list(1, 0 as 1, 1)],
    ["priorCloseE4", (luld) => luld.list(1, 1, 0)],
    ["priorCloseE4", (luld) => luld.list(1, 1, 100_000_001)],
    ["leveragePercent", (luld) => luld.list(1, 1, 1, 0)],
    ["leveragePercent", (luld) => luld.list(1, 1, 1, 1_001)],
    ["referenceE4", (luld) => luld.open(1, 0, 0)],
    ["referenceE4", (luld) => luld.open(1, 100_000_001, 0)],
    ["nowNs", (luld) => luld.open(1, 1, Number.NaN)],
    ["nowNs", (luld) => luld.advance(1, Number.NaN)],
    ["nowNs", (luld) => luld.pause(1, Infinity)],
    ["nowNs", (luld) => luld.trade(1, 1, Number.NaN)],
    ["priceE4", (luld) => luld.trade(1, 0, 0)],
    ["priceE4", (luld) => luld.trade(1, 100_000_001, 0)],
    ["bidE4", (luld) => luld.quote(1, -1, 1, 0)],
    ["bidE4", (luld) => luld.quote(1, Infinity, 1, 0)],
    ["askE4", (luld) => luld.quote(1, 0, 0, 0)],
    ["askE4", (luld) => luld.quote(1, 0, Number.NaN, 0)],
  ])("faults on a wrong %s", (name, call) => {
    expect(() => call(opened())).toThrow(`FAULT_INPUT luld.${name}`);
  });

  it("takes no bid and no offer", () => {
    expect(opened().quote(1, 0, Infinity, 0)).toBe(normal);
  });

  it.each([
    ["instruments", { instruments: 0 }],
    ["instruments", { instruments: 2 ** 20 + 1 }],
    ["trades", { trades: 0 }],
    ["trades", { trades: 2 ** 20 + 1, maxPriceE4: 1 }],
    ["maxPriceE4", { maxPriceE4: 0 }],
    ["openNs", { openNs: Number.NaN }],
    ["sessionNs", { sessionNs: 0 }],
    ["session", { session: 1 }],
  ])("refuses the option %s: %j", (name, options) => {
    expect(() => make(options)).toThrow(`FAULT_CONFIG luld.${name}`);
  });

  it("refuses a window whose sums would not stay exact", () => {
    expect(() => make({ instruments: 1, trades: 8_000, maxPriceE4: 10_000_000_001 })).toThrow("maxPrice");
    expect(make({ instruments: 1, trades: 8_000, maxPriceE4: 10_000_000_000 }).instruments).toBe(1);
    expect(make({ instruments: 1, trades: 800_000 }).droppedTrades).toBe(0);
    expect(() => make({ instruments: 1, trades: 800_001 })).toThrow("maxPrice");
  });
});
