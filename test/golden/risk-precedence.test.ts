import { describe, expect, it } from "vitest";
import { PhaseCursor, tradingCalendar } from "../../src/calendar/index.ts";
import { ORDER_TYPE } from "../../src/model/index.ts";
import { AdverseWindow } from "../../src/risk/adverse-window.ts";
import { CircuitBreaker } from "../../src/risk/circuit-breaker.ts";
import {
  ApprovedOrder,
  FIRM_SCOPE,
  GATE_FLAG,
  type GateOrder,
  gateOrder,
  RISK_REFUSALS,
  type RiskGate,
  type RiskLimits,
  type RiskRefusalCode,
} from "../../src/risk/index.ts";
import { Locates } from "../../src/risk/locates.ts";
import { luldTerms } from "../../src/risk/luld-bands.ts";
import { LuldState } from "../../src/risk/luld-state.ts";
import { MARKET_STATUS, type MarketStatus } from "../../src/risk/market-status.ts";
import { OrderToTrade } from "../../src/risk/order-to-trade.ts";
import { ProductPermissions } from "../../src/risk/product-permissions.ts";
import { RepeatThrottle } from "../../src/risk/repeat-throttle.ts";
import { RestrictedList } from "../../src/risk/restricted-list.ts";
import { SelfMatch } from "../../src/risk/self-match.ts";
import { ShortSale } from "../../src/risk/short-sale.ts";
import { ABC, at, codeOf, makeGate, RISK, worth, XYZ } from "../fixtures/gate-setup.ts";

const HOUR = 3_600e9;
const DAY = 24 * HOUR;
/** 2024-07-05T06:00Z, 02:00 in New York: NYSE opens 7.5 hours later. */
const BASE = 1_720_159_200_000_000_000n;
const EARLY = HOUR;
const TRADING = 9 * HOUR;
const ACCOUNT_NODE = 3;

/** What breaks, all at once; `mend` takes one rule after another away. */
class World {
  readonly drift = new AdverseWindow({ instruments: 2 });
  readonly bands = new LuldState({
    instruments: 2,
    trades: 10,
    terms: luldTerms("2024-07-05"),
    openNs: 0,
    sessionNs: 4 * DAY,
  });
  readonly permissions = new ProductPermissions({ nodes: 16 });
  readonly restricted = new RestrictedList({ instruments: 2, entries: 4 });
  readonly shortSale = new ShortSale({ instruments: 2 });
  readonly locates = new Locates({ accounts: 16, instruments: 2, orders: 64 });
  readonly repeats = new RepeatThrottle({ strategies: 3, capacity: 16, windowNsMax: DAY });
  readonly selfMatch = new SelfMatch({ groups: 16, instruments: 2, orders: 64 });
  readonly orderToTrade = new OrderToTrade({ instruments: 2 });
  readonly breaker = new CircuitBreaker({ name: "all", onTransition: () => {} });
  readonly gate: RiskGate;
  readonly order: GateOrder;
  readonly #slot: number;
  readonly #entry: number;
  nowNs = EARLY;

  constructor() {
    const { drift, bands, permissions, restricted, shortSale, locates } = this;
    const { repeats, selfMatch, orderToTrade, breaker } = this;
    const cursor = new PhaseCursor({ calendar: tradingCalendar("NYSE"), baseNs: BASE, uncertaintyNs: 1e6 });
    this.gate = makeGate({
      firm: {},
      limits: [
        at("desk", { maxDrawdown: "5" }),
        at("account", { maxWindowLoss: "5" }),
        at("user", { maxLeverage: 1e9 }),
      ],
      capital: [worth("desk", "1000"), worth("account", "1000")],
      hours: { [ABC.key]: cursor, [XYZ.key]: cursor },
      status: { staleNs: DAY },
      dailyVolumeLots: { [ABC.key]: 1_000 },
      duplicates: { windowNs: DAY, count: 2 },
      lossWindowNs: DAY,
      drawdownWindowNs: DAY,
      capacity: 1,
      records: 2,
      book: null,
      rules: {
        ...{ drift, bands, permissions, restricted, shortSale },
        ...{ locates, repeats, selfMatch, orderToTrade, breakers: [breaker] },
      },
    });
    const { gate } = this;
    this.order = {
      ...gateOrder(),
      ...{ id: 7, side: -1, type: ORDER_TYPE.stopLimit, lots: 10, priceTicks: 9_000, stopTicks: 10_500 },
      ...{ displayLots: 0, slice: 0 },
    };
    gate.settlement.book(0, 0, 1, 10, 9_000, EARLY);
    // The same order while it only reduces: it takes the only place, its id and its look.
    expect(codeOf(gate.check({ ...this.order }, EARLY))).toBe("approved");
    this.#slot = gate.lastSlot;
    gate.settlement.book(0, 0, -1, 10, 9_000, EARLY);
    gate.settlement.charge(0, 0, 500);
    this.#entry = this.#breakRules();
    this.limit({
      ...{ maxOrderLots: 9, maxOrderValue: "0", maxVolumeShare: 0, maxLongLots: 0, maxShortLots: 0 },
      ...{ maxGrossValue: "0", maxNetValue: "0", maxOpenOrders: 0, maxOpenValue: "0", maxConcentration: 0 },
      ...{ maxDailyLoss: "5", maxOrdersPerSecond: 0, maxOrdersPerMinute: 0, priceCollarBps: 500 },
      ...{ maxTicksThrough: 5, maxLeverage: 0, maxValueAtRisk: "0" },
    });
    Object.assign(this.order, { seat: 9, instrument: 9, lots: Number.NaN, flags: GATE_FLAG.reduceOnly });
  }

  #breakRules(): number {
    const { gate } = this;
    gate.parts.latch.set(FIRM_SCOPE, 2);
    (gate.parts.status as MarketStatus).set(0, MARKET_STATUS.halted, EARLY);
    this.drift.configure(0, { windowNs: DAY, limitTicks: 10 });
    this.bands.list(0, 1, 1_000_000);
    this.bands.open(0, 1_000_000, EARLY);
    this.shortSale.setPriorClose(0, 10_000, 0);
    this.shortSale.trigger(0, 0);
    this.repeats.configure(0, { count: 1, windowNs: HOUR });
    this.repeats.executed(0, 0, 1, 1, EARLY);
    this.selfMatch.add(50, ACCOUNT_NODE, 0, 1, 9_500, 5);
    this.orderToTrade.configure(0, { byNumber: 0, minOrders: 0 });
    this.breaker.trip("manual", EARLY);
    gate.control.setValueAtRisk("account", "A1", 0, [-1, 0], EARLY);
    return this.restricted.restrict({ instrument: 0, restriction: "noTrade", reason: "research" });
  }

  limit(limits: RiskLimits): void {
    this.gate.control.change([at("account", limits)], RISK, "table", this.nowNs);
  }

  /** How each rule is mended. */
  readonly mends: Readonly<Record<RiskRefusalCode, () => unknown>> = {
    RISK_KILLED: () => this.gate.parts.latch.clear(FIRM_SCOPE),
    RISK_SEAT_UNKNOWN: () => (this.order.seat = 0),
    RISK_INSTRUMENT_UNKNOWN: () => (this.order.instrument = 0),
    RISK_ORDER_INVALID: () => (this.order.lots = 10),
    RISK_ORDER_NOT_OPEN: () => {},
    RISK_NOT_PERMITTED: () => this.permissions.allow(ACCOUNT_NODE, 0),
    RISK_LIMIT_MISSING: () => this.limit({ maxMarginShare: 0 }),
    RISK_SESSION_CLOSED: () => (this.nowNs = TRADING),
    RISK_HALTED: () => (this.gate.parts.status as MarketStatus).set(0, MARKET_STATUS.trading, TRADING),
    RISK_QUANTITY_EXCEEDED: () => this.limit({ maxOrderLots: 100 }),
    RISK_NOTIONAL_EXCEEDED: () => this.limit({ maxOrderValue: "unlimited" }),
    RISK_VOLUME_SHARE_EXCEEDED: () => this.limit({ maxVolumeShare: "unlimited" }),
    RISK_REFERENCE_UNAVAILABLE: () => this.gate.quote(0, 9_999, 10_001, TRADING),
    RISK_PRICE_COLLAR: () => this.limit({ priceCollarBps: "unlimited" }),
    RISK_PRICE_THROUGH: () => this.limit({ maxTicksThrough: "unlimited" }),
    RISK_STOP_SIDE: () => this.gate.quote(0, 10_599, 10_601, TRADING),
    RISK_PRICE_DRIFT: () => this.drift.configure(0, undefined),
    RISK_PRICE_BAND: () => this.bands.open(0, 900_000, TRADING),
    RISK_DUPLICATE_ID: () => (this.order.id = 8),
    RISK_DUPLICATE_ORDER: () => Object.assign(this.order, { type: ORDER_TYPE.limit, stopTicks: 0 }),
    RISK_RATE_SECOND: () => this.limit({ maxOrdersPerSecond: 100 }),
    RISK_RATE_MINUTE: () => this.limit({ maxOrdersPerMinute: 100 }),
    RISK_REDUCE_ONLY: () => (this.order.flags = 0),
    RISK_POSITION_EXCEEDED: () => this.limit({ maxShortLots: 100 }),
    RISK_GROSS_EXCEEDED: () => this.limit({ maxGrossValue: "unlimited" }),
    RISK_NET_EXCEEDED: () => this.limit({ maxNetValue: "unlimited" }),
    RISK_OPEN_ORDERS_EXCEEDED: () => this.limit({ maxOpenOrders: 100 }),
    RISK_OPEN_VALUE_EXCEEDED: () => this.limit({ maxOpenValue: "unlimited" }),
    RISK_EQUITY_UNKNOWN: () => this.gate.control.setCapital(worth("user", "1000"), RISK, "word", this.nowNs),
    RISK_CONCENTRATION_EXCEEDED: () => this.limit({ maxConcentration: "unlimited" }),
    RISK_MARGIN_EXCEEDED: () => this.limit({ maxMarginShare: "unlimited" }),
    RISK_LEVERAGE_EXCEEDED: () => this.limit({ maxLeverage: "unlimited" }),
    RISK_VALUE_AT_RISK_EXCEEDED: () => this.limit({ maxValueAtRisk: "unlimited" }),
    RISK_DAILY_LOSS: () => this.gate.control.newDay(this.nowNs, 0),
    RISK_WINDOW_LOSS: () => this.gate.control.resetLosses("account", "A1", RISK, "table", this.nowNs),
    RISK_DRAWDOWN: () => this.gate.control.resetLosses("desk", "equities", RISK, "table", this.nowNs),
    RISK_BREAKER_OPEN: () => [1, 2].map(() => this.breaker.reset("R. Isk", this.nowNs)),
    RISK_REPEATED_EXECUTIONS: () => this.repeats.enable(0, "R. Isk"),
    RISK_RESTRICTED: () => this.restricted.lift(this.#entry),
    RISK_SHORT_SALE: () => {
      this.shortSale.setPriorClose(0, 10_000, 2);
      this.gate.control.newDay(this.nowNs, 2);
    },
    RISK_LOCATE_MISSING: () => this.locates.grant(ACCOUNT_NODE, 0, 10, DAY),
    RISK_SELF_MATCH: () => this.selfMatch.remove(50),
    RISK_ORDER_TO_TRADE: () => this.orderToTrade.configure(0, undefined),
    RISK_CAPACITY: () => this.gate.settlement.forget(this.#slot),
    RISK_RECORDS_FULL: () => this.gate.drain(() => {}),
  };
}

/** Rules that cannot be asked while one before them is broken. */
const HIDDEN: Partial<Record<RiskRefusalCode, readonly RiskRefusalCode[]>> = {
  RISK_REFERENCE_UNAVAILABLE: ["RISK_PRICE_COLLAR", "RISK_PRICE_THROUGH", "RISK_STOP_SIDE"],
  // That limit is the missing one.
  RISK_LIMIT_MISSING: ["RISK_MARGIN_EXCEEDED"],
  // A stop rests at the venue: whom it meets is not known yet.
  RISK_DUPLICATE_ORDER: ["RISK_SELF_MATCH"],
};

/** Only replaces are refused with it: see below. */
const RULES: readonly RiskRefusalCode[] = RISK_REFUSALS.filter((code) => code !== "RISK_ORDER_NOT_OPEN");
/** Nothing more can be worked out while one of these is broken. */
const ENDS = RULES.slice(0, RULES.indexOf("RISK_ORDER_INVALID") + 1);

function toldBy(broken: readonly RiskRefusalCode[]): RiskRefusalCode[] {
  const first = broken[0] as RiskRefusalCode;
  if (ENDS.includes(first)) {
    const unplaced = broken.filter((code) => ENDS.slice(0, 3).includes(code));
    return unplaced.length > 0 ? unplaced : [first];
  }
  const hidden = broken.flatMap((code) => HIDDEN[code] ?? []);
  return broken.filter((code) => !hidden.includes(code));
}

function told({ gate, order, nowNs }: World): RiskRefusalCode[] {
  return gate.explain(order, nowNs).map((refusal) => refusal.code);
}

function inOrder(codes: readonly RiskRefusalCode[]): RiskRefusalCode[] {
  return RISK_REFUSALS.filter((code) => codes.includes(code));
}

describe("an order that breaks every rule", () => {
  const world = new World();

  it.each(RULES.map((code, i) => [i === 0 ? "nothing" : RULES[i - 1], code, i] as const))(
    "%s mended: %s comes first, explain tells the rest",
    (mended, code, i) => {
      if (mended !== "nothing") world.mends[mended as RiskRefusalCode]();
      expect(inOrder(told(world))).toEqual(toldBy(RULES.slice(i)));
      expect(codeOf(world.gate.check(world.order, world.nowNs))).toBe(code);
    },
  );

  it("is approved once the last is mended", () => {
    world.mends.RISK_RECORDS_FULL();
    expect(world.gate.explain(world.order, world.nowNs)).toEqual([]);
    expect(world.gate.check(world.order, world.nowNs)).toBeInstanceOf(ApprovedOrder);
  });
});

describe("precedence", () => {
  it("is the order in which explain tells what is broken", () => {
    const world = new World();
    for (const code of RULES.slice(0, RULES.indexOf("RISK_REFERENCE_UNAVAILABLE") + 1)) world.mends[code]();
    const codes = [...new Set(told(world))];
    expect(codes).toEqual(inOrder(codes));
  });

  it("is that of the rules before that of the levels", () => {
    const wide = { maxOrderValue: "0", maxOpenValue: "0", maxLeverage: 0, maxMarginShare: 0 };
    const narrow = { maxOrderLots: 9, maxOpenOrders: 0, maxConcentration: 0 };
    const pairs = [
      ["maxOrderLots", "RISK_QUANTITY_EXCEEDED", "RISK_NOTIONAL_EXCEEDED"],
      ["maxOpenOrders", "RISK_OPEN_ORDERS_EXCEEDED", "RISK_OPEN_VALUE_EXCEEDED"],
      ["maxConcentration", "RISK_CONCENTRATION_EXCEEDED", "RISK_MARGIN_EXCEEDED"],
    ] as const;
    const wides = {
      maxOrderLots: "maxOrderValue",
      maxOpenOrders: "maxOpenValue",
      maxConcentration: "maxMarginShare",
    } as const;
    const seen = pairs.map(([name]) => {
      const gate = makeGate({
        limits: [at("desk", { [wides[name]]: wide[wides[name]] }), at("strategy", { [name]: narrow[name] })],
        capital: [worth("desk", "1000"), worth("strategy", "1000")],
      });
      const asked = { ...gateOrder(), id: 1, lots: 10, priceTicks: 10_000, displayLots: 0, slice: 0 };
      return gate.explain(asked, 1e9).map((refusal) => refusal.code);
    });
    expect(seen).toEqual(pairs.map(([, ...codes]) => codes));
  });

  it("puts a replace of no open order before all but the latch", () => {
    const gate = makeGate({ firm: {} });
    expect(codeOf(gate.checkReplace(0, 1, 1, 5, 10_000, 1e9))).toBe("RISK_ORDER_NOT_OPEN");
  });
});
