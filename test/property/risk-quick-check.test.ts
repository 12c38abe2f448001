import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Instrument } from "../../src/model/index.ts";
import { judge } from "../../src/risk/checks.ts";
import { Decision } from "../../src/risk/decision.ts";
import {
  CELL,
  CELL_STRIDE,
  NODE,
  NODE_STRIDE,
  PLAN,
  PLAN_STRIDE,
  PLANNED,
} from "../../src/risk/exposure-rows.ts";
import { type GateOrder, type NodeLimits, RiskGate, type RiskLimits } from "../../src/risk/index.ts";
import { QuickCheck } from "../../src/risk/quick-check.ts";
import { BUCKET } from "../../src/risk/token-bucket.ts";

const INSTRUMENTS = ["0.01", "0.1"].map(
  (tickSize, i) =>
    new Instrument({
      symbol: `S${i}`,
      venue: "X",
      tickSize,
      lotSize: i === 0 ? "1" : "0.001",
      quote: "USDT",
    }),
);
const SEATS = [
  { desk: "d", account: "a", user: "u", strategy: "s0" },
  { desk: "d", account: "b", user: "u", strategy: "s1" },
];
const PLACES: readonly Pick<NodeLimits, "level" | "name">[] = [
  { level: "firm" },
  { level: "desk", name: "d" },
  { level: "account", name: "a" },
  { level: "account", name: "b" },
  { level: "user", name: "u" },
  { level: "strategy", name: "s0" },
  { level: "strategy", name: "s1" },
  { level: "class", name: "all" },
  { level: "symbol", name: "S0@X" },
  { level: "symbol", name: "S1@X" },
];

/** Mostly none or wide: ten tight levels would let nothing pass. */
const wide = (max: number) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant(max) },
    { weight: 6, arbitrary: fc.integer({ min: Math.ceil(max / 2), max }) },
    { weight: 1, arbitrary: fc.nat({ max }) },
  );
const bound = (max: number) =>
  fc.oneof({ weight: 1, arbitrary: fc.constant("unlimited" as const) }, { weight: 2, arbitrary: wide(max) });
const money = (max: number) => bound(max).map((each) => (each === "unlimited" ? each : String(each)));
const limits: fc.Arbitrary<RiskLimits> = fc.record({
  maxOrderLots: bound(120),
  maxOrderValue: money(15_000),
  maxVolumeShare: fc.oneof(fc.constant("unlimited" as const), fc.double({ min: 0.1, max: 0.5, noNaN: true })),
  maxLongLots: bound(600),
  maxShortLots: bound(600),
  maxGrossValue: money(90_000),
  maxNetValue: money(90_000),
  maxOpenOrders: bound(40),
  maxOpenValue: money(90_000),
  maxConcentration: bound(6),
  maxDailyLoss: money(5_000),
  maxOrdersPerSecond: bound(40),
  maxOrdersPerMinute: bound(60),
  priceCollarBps: bound(500),
  maxTicksThrough: bound(400),
  maxMarginShare: bound(6),
  maxLeverage: bound(8),
});

type Step =
  | { readonly what: "order"; readonly order: Partial<GateOrder> }
  | { readonly what: "fill" | "close"; readonly nth: number; readonly lots: number }
  | { readonly what: "quote"; readonly i: number; readonly bid: number; readonly spread: number };

const order = fc.record({
  seat: fc.nat({ max: 1 }),
  instrument: fc.nat({ max: 1 }),
  side: fc.constantFrom(1, -1),
  type: fc.constantFrom(0, 0, 0, 1),
  timeInForce: fc.constantFrom(0, 0, 1),
  flags: fc.constantFrom(0, 0, 1, 2),
  priceTicks: fc.integer({ min: 9_700, max: 10_300 }),
  lots: fc.integer({ min: 1, max: 80 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: order.map((each): Step => ({ what: "order", order: each })) },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constantFrom("fill" as const, "close" as const),
      nth: fc.nat({ max: 20 }),
      lots: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant("quote" as const),
      i: fc.nat({ max: 1 }),
      bid: fc.integer({ min: 9_800, max: 10_200 }),
      spread: fc.integer({ min: -1, max: 20 }),
    }),
  },
);

function makeGate(all: readonly RiskLimits[]): RiskGate {
  return new RiskGate({
    currency: "USDT",
    instruments: INSTRUMENTS,
    seats: SEATS,
    limits: PLACES.map((place, i) => ({ ...place, limits: all[i] as RiskLimits })),
    capital: PLACES.map((place) => ({ ...place, amount: "20000" })),
    hours: "always",
    status: "trusted",
    dailyVolumeLots: { "S0@X": 1_000, "S1@X": 500 },
    marginBps: { "S1@X": 2_550 },
    capacity: 64,
    warnEveryNs: 0,
  });
}

/** Runs steps; calls `decided` with each order before the gate decides on it. */
function play(
  gate: RiskGate,
  steps: readonly Step[],
  decided: (order: GateOrder, nowNs: number) => void,
): void {
  const open: { readonly slot: number; left: number; readonly ticks: number }[] = [];
  let [now, id] = [1, 0];
  for (const i of [0, 1]) gate.quote(i, 9_999, 10_001, now);
  for (const each of steps) {
    now += 7_000_000;
    if (each.what === "quote") gate.quote(each.i, each.bid, each.bid + each.spread, now);
    else if (each.what === "order") {
      id += 1;
      const blank = {
        stopTicks: 0,
        parent: 0,
        displayLots: 0,
        expireNs: Number.POSITIVE_INFINITY,
        slice: id,
        row: 0,
        id,
      };
      const full = { ...blank, ...each.order } as GateOrder;
      if (full.type === 1) full.priceTicks = 0;
      decided(full, now);
      const approved = gate.check(full, now).ok;
      if (approved) open.push({ slot: gate.lastSlot, left: full.lots, ticks: full.priceTicks || 10_000 });
      gate.drain(() => undefined);
    } else if (open.length > 0) {
      const at = each.nth % open.length;
      const held = open[at] as (typeof open)[number];
      const lots = Math.min(each.lots, held.left);
      if (each.what === "fill") gate.settlement.filled(held.slot, lots, held.ticks, now);
      held.left -= lots;
      if (each.what === "close" || held.left === 0) {
        gate.settlement.forget(held.slot);
        open.splice(at, 1);
      }
    }
  }
}

describe("the gate's quick path", () => {
  it("lets no order through that the checks refuse or warn of", () => {
    let [clear, all] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(limits, { minLength: 10, maxLength: 10 }),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        (each, steps) => {
          const gate = makeGate(each);
          const quick = new QuickCheck(gate.parts);
          const decision = new Decision(gate.parts);
          play(gate, steps, (asked, now) => {
            all += 1;
            decision.take(asked, now, 0, -1, asked.lots);
            if (!quick.isClear(asked, now, decision)) return;
            clear += 1;
            const planned = [...gate.parts.exposure.planned.subarray(PLANNED.lots)];
            const held = [decision.unitTicks, decision.addTickLots, decision.orderValue];
            const records = gate.recordsWaiting;
            decision.begin(false);
            expect(judge(gate.parts, decision), decision.refusal?.message).toBe(false);
            expect(gate.recordsWaiting).toBe(records);
            expect([...gate.parts.exposure.planned.subarray(PLANNED.lots)]).toEqual(planned);
            expect([decision.unitTicks, decision.addTickLots, decision.orderValue]).toEqual(held);
          });
        },
      ),
      { numRuns: Number(process.env.FC_RUNS ?? 300) },
    );
    expect(clear).toBeGreaterThan(all / 100);
    expect(clear).toBeLessThan(all);
  });

  it("knows the columns it holds as numbers", () => {
    expect([CELL_STRIDE, NODE_STRIDE, PLAN_STRIDE]).toEqual([1 << 4, 1 << 5, 1 << 2]);
    expect(CELL).toEqual({
      ...{ positionLots: 0, cashTickLots: 1, gross: 2, margin: 3, profit: 12 },
      ...{ buyLots: 4, buyTickLots: 4 | 1, long: 4 | 2, longTickLots: 4 | 3 },
      ...{ sellLots: 8, sellTickLots: 8 | 1, short: 8 | 2, shortTickLots: 8 | 3 },
    });
    expect(NODE).toEqual({
      ...{ gross: 0, long: 1, short: 2, margin: 3, today: 4, openOrders: 5, openValue: 6, capital: 7 },
      ...{ isLossLatched: 8, sent: 9, hasShares: 10, before: 11, bucket: 12 },
      ...{ mostLongLots: 16, mostShortLots: 17, mostGross: 18, mostNet: 19, mostOpenOrders: 20 },
      ...{
        mostOpenValue: 21,
        mostLoss: 22,
        mostSent: 23,
        mostConcentration: 24,
        mostMargin: 25,
        mostLeverage: 26,
      },
    });
    expect(BUCKET).toEqual({ dueNs: 0, toleranceNs: 1, intervalNs: 2, burst: 3 });
    expect(PLAN).toEqual({ gross: 0, side: 1, margin: 2 });
    expect(PLANNED).toEqual({ lots: 24, tickLots: 25, value: 26, nowNs: 27, messages: 28 });
  });
});
