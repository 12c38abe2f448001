import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { Instrument, ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import {
  ApprovedOrder,
  DECISION,
  DECISION_FIELD,
  GATE_FLAG,
  type GateOrder,
  gateOrder,
  type Level,
  NO_LIMITS,
  REQUIRED_LIMITS,
  RISK_REFUSALS,
  RiskGate,
  type RiskLimits,
  type RiskRefusal,
  type RiskRefusalCode,
} from "../../src/risk/index.ts";
import { MARKET_STATUS } from "../../src/risk/market-status.ts";
import { fuzz } from "../fixtures/fuzz.ts";
import { figures } from "../fixtures/gate-setup.ts";
import { type Asked, COMPARED, fraction, GateOracle, type OracleSeat } from "./risk-gate-oracle.ts";

const ABC = new Instrument({ symbol: "ABC", venue: "XNAS", tickSize: "0.01", lotSize: "1", quote: "USD" });
const FUT = new Instrument({
  ...{ symbol: "FUT", venue: "XCME", tickSize: "0.25", lotSize: "1", multiplier: "0.1" },
  quote: { code: "USD", decimals: 3 },
});
const SAP = new Instrument({
  ...{ symbol: "SAP", venue: "XETR", tickSize: "0.005", lotSize: "1" },
  quote: { code: "EUR", decimals: 3 },
});
const INSTRUMENTS = [ABC, FUT, SAP];
const PRICES = [10_000, 20_000, 16_000];
const MARGINS = [10_000, 333, 2_500];
const VOLUMES = [1_000, 400, 700];
const CLASSES = ["stocks", "futures", "stocks"];
const AGES = { quoteNs: 5e9, tradeNs: 30e9, repeatNs: 500_000_000 };
const STEPS_NS = [0, 0, 1_000_000, 1_000_000, 200_000_000, 200_000_000, 1_000_000_000];

const cents = (most: number) =>
  fc
    .oneof(fc.nat({ max: most }), fc.integer({ min: most >> 1, max: most }))
    .map((minor) => `${Math.floor(minor / 100)}.${`${minor % 100}`.padStart(2, "0")}`);
const share = fc.integer({ min: 0, max: 400 }).map((percent) => percent / 100);
const EVERY_LIMIT = fc.record({
  maxOrderLots: fc.integer({ min: 3, max: 40 }),
  maxOrderValue: cents(2_000_000),
  maxVolumeShare: fc.integer({ min: 1, max: 10 }).map((percent) => percent / 100),
  maxLongLots: fc.nat({ max: 80 }),
  maxShortLots: fc.nat({ max: 80 }),
  maxGrossValue: cents(4_000_000),
  maxNetValue: cents(3_000_000),
  maxOpenOrders: fc.nat({ max: 8 }),
  maxOpenValue: cents(3_000_000),
  maxConcentration: share,
  maxMarginShare: share,
  maxLeverage: share,
  maxDailyLoss: cents(50_000),
  maxOrdersPerSecond: fc.nat({ max: 5 }),
  maxOrdersPerMinute: fc.nat({ max: 20 }),
  priceCollarBps: fc.integer({ min: 2, max: 40 }),
  priceCollarTicks: fc.nat({ max: 12 }),
  maxTicksThrough: fc.nat({ max: 12 }),
});
const NAMES = ["maxOrderLots", "maxOrderValue", "maxVolumeShare", "maxLongLots", "maxShortLots"].concat(
  ["maxGrossValue", "maxNetValue", "maxOpenOrders", "maxOpenValue", "maxConcentration", "maxMarginShare"],
  ["maxLeverage", "maxDailyLoss", "maxOrdersPerSecond", "maxOrdersPerMinute", "priceCollarBps"],
  ["priceCollarTicks", "maxTicksThrough"],
);
/** A few limits of one node. */
const LIMITS = fc
  .tuple(EVERY_LIMIT, fc.subarray(NAMES, { minLength: 1, maxLength: 4 }))
  .map(([all, names]): Partial<typeof all> => {
    return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
  });

const SEATS = fc
  .array(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 1 }), fc.nat({ max: 1 })), { minLength: 1, maxLength: 4 })
  .map((rows) =>
    rows.map(([desk, account, user], i): OracleSeat => {
      return { desk: `d${desk}`, account: `d${desk}a${account}`, user: `u${user}`, strategy: `s${i}` };
    }),
  );

const KINDS = [
  ...([
    "order",
    "order",
    "order",
    "order",
    "order",
    "market",
    "reduce",
    "fill",
    "fill",
    "fill",
    "bust",
  ] as const),
  ...([
    "replace",
    "replace",
    "answer",
    "answer",
    "cancel",
    "close",
    "forget",
    "quote",
    "quote",
    "quote",
    "trade",
  ] as const),
  ...(["day", "charge", "book", "kill", "halt", "hours", "limit"] as const),
];
const STEP = fc.record({
  kind: fc.constantFrom(...KINDS),
  seat: fc.nat({ max: 3 }),
  instrument: fc.nat({ max: 2 }),
  side: fc.constantFrom(1, -1),
  lots: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 })),
  off: fc.integer({ min: -40, max: 40 }),
  pick: fc.nat(),
  isYes: fc.boolean(),
  waitNs: fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...STEPS_NS) }, fc.constant(20_000_000_000)),
  limits: LIMITS,
});
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

const WORLD = fc.record({
  seats: SEATS,
  /** Which level of the path of a seat and instrument, and its limits. */
  limits: fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 }), fc.nat({ max: 6 }), LIMITS), {
    maxLength: 7,
  }),
  capital: fc.array(
    fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 }), fc.nat({ max: 6 }), fc.nat({ max: 4_000_000 })),
    {
      maxLength: 7,
    },
  ),
  /** What every node is worth that is not in `capital`: 0 for unknown. */
  rich: fc.constantFrom(0, 2_000_000, 5_000_000, 20_000_000),
  forgets: fc.oneof({ weight: 19, arbitrary: fc.constant(-1) }, fc.nat({ max: REQUIRED_LIMITS.length - 1 })),
});

const seen = new Map<string, number>();
const count = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);

function amountOf(key: string, minor: number) {
  const [level, ...name] = key.split(" ") as [Level, ...string[]];
  const amount = `${Math.floor(minor / 100)}.${`${minor % 100}`.padStart(2, "0")}`;
  return name.join(" ") === "" ? { level, amount } : { level, name: name.join(" "), amount };
}

interface Held {
  readonly lots: number;
  readonly tickLots: bigint;
}

/** The gate and the oracle side by side. */
class Pair {
  readonly gate: RiskGate;
  readonly oracle: GateOracle;
  /** Places of orders that were not forgotten; their types, flags, ids and last requests. */
  readonly slots = new Map<number, { id: number; isMarket: boolean; reduceOnly: boolean; request: number }>();
  readonly isStrict: boolean;
  now = 1e9;
  #id = 1;
  #decisions = 0;
  #isClosed = false;

  constructor(world: typeof WORLD extends fc.Arbitrary<infer T> ? T : never, isStrict: boolean) {
    this.isStrict = isStrict;
    const { seats } = world;
    const instruments = INSTRUMENTS.map(({ key }, i) => ({
      ...{ key, class: CLASSES[i] as string, marginBps: MARGINS[i] as number, volumeLots: VOLUMES[i] },
      ...{ isAtomic: i !== 1, cents: fraction(["1", "2.5", "0.54185"][i] as string) },
      minorCents: fraction(["1", "0.1", "0.10837"][i] as string),
    }));
    this.oracle = new GateOracle(seats, instruments, REQUIRED_LIMITS, AGES);
    const firm = Object.fromEntries(
      Object.entries(NO_LIMITS).filter(([name]) => name !== REQUIRED_LIMITS[world.forgets]),
    ) as RiskLimits;
    const hours = { allows: () => !this.#isClosed };
    const byKey = <T>(values: readonly T[]) =>
      Object.fromEntries(INSTRUMENTS.map(({ key }, i) => [key, values[i] as T]));
    const limits = world.limits.map(([seat, i, level, each]) => this.#at(seat, i, level, each as RiskLimits));
    const all = world.rich === 0 ? [] : this.oracle.keys();
    for (const key of all) this.oracle.capital.set(key, world.rich);
    const own = world.capital.map(([seat, i, level, minor]) => {
      const { level: name, name: who = "" } = this.#at(seat, i, level, {});
      this.oracle.capital.set(`${name} ${who}`, minor);
      return amountOf(`${name} ${who}`, minor);
    });
    const capital = [...all.map((key) => amountOf(key, world.rich)), ...own];
    this.gate = new RiskGate({
      ...{ currency: "USD", instruments: INSTRUMENTS, seats, capital, status: { staleNs: 1e15 } },
      ...{ hours: byKey([hours, hours, hours]), classes: byKey(CLASSES), rates: { EUR: "1.0837" } },
      ...{ marginBps: byKey(MARGINS), dailyVolumeLots: byKey(VOLUMES), replacesByCancel: ["XCME"] },
      ages: { quoteNs: AGES.quoteNs, tradeNs: AGES.tradeNs },
      limits: [{ level: "firm", limits: firm }, ...limits],
    });
    this.oracle.said.set("firm ", new Set([...Object.keys(firm), ...(this.oracle.said.get("firm ") ?? [])]));
    for (const i of INSTRUMENTS.keys()) {
      this.gate.parts.status?.set(i, MARKET_STATUS.trading, this.now);
      this.#quote(i, 0, 2);
    }
  }

  /** The limits of a level of a path, told to the oracle on the way. */
  #at(seat: number, i: number, level: number, limits: RiskLimits) {
    const { oracle } = this;
    const place = oracle.path(seat % oracle.seats.length, i)[level] as { key: string };
    const [name, ...who] = place.key.split(" ") as [Level, ...string[]];
    const known = { ...oracle.limits.get(place.key) };
    for (const [limit, value] of Object.entries(limits)) {
      // The oracle counts money in cents.
      known[limit] = typeof value === "string" ? value.replace(".", "") : `${value}`;
    }
    oracle.limits.set(place.key, known);
    oracle.said.set(place.key, new Set([...(oracle.said.get(place.key) ?? []), ...Object.keys(limits)]));
    const text = who.join(" ");
    return { level: name, ...(text === "" ? {} : { name: text }), limits };
  }

  #quote(i: number, off: number, width: number): void {
    const bid = (PRICES[i] as number) + off;
    this.gate.quote(i, bid, bid + width, this.now);
    this.oracle.quote(i, bid, bid + width, this.now);
  }

  step(step: Step): void {
    const { gate, oracle } = this;
    const { settlement, parts } = gate;
    this.now += step.waitNs;
    const seat = step.seat % oracle.seats.length;
    const { instrument, side, lots } = step;
    const ticks = (PRICES[instrument] as number) + Math.trunc(step.off / 4);
    const all = [...this.slots.keys()];
    const slot = all[step.pick % all.length] ?? -1;
    if (["order", "market", "reduce"].includes(step.kind)) this.#order(step, seat, ticks);
    else if (step.kind === "quote")
      this.#quote(instrument, Math.trunc(step.off / 4), step.isYes ? 2 : 1 - (step.lots % 3));
    else if (step.kind === "trade") {
      gate.trade(instrument, ticks, this.now);
      oracle.trade(instrument, ticks, this.now);
    } else if (step.kind === "day") {
      gate.control.newDay(this.now, 1);
      oracle.newDay();
    } else if (step.kind === "charge") {
      settlement.charge(seat, instrument, step.off * 25);
      oracle.charges.push({ seat, instrument, minor: step.off * 25 });
    } else if (step.kind === "book") {
      settlement.book(seat, instrument, side, lots, ticks, this.now);
      oracle.execute({ seat, instrument, side, lots, ticks });
    } else if (step.kind === "kill") this.#kill(step, seat);
    else if (step.kind === "halt") {
      const isHalt = !step.isYes && lots > 20;
      parts.status?.set(instrument, isHalt ? MARKET_STATUS.halted : MARKET_STATUS.trading, this.now);
      if (!isHalt) oracle.halted.delete(instrument);
      else oracle.halted.add(instrument);
    } else if (step.kind === "hours") this.#isClosed = oracle.isClosed = !step.isYes && step.lots > 30;
    else if (step.kind === "limit") {
      // What was lost and sent before the change would count under it: those limits stay.
      const { maxDailyLoss: _, maxOrdersPerSecond: __, maxOrdersPerMinute: ___, ...changed } = step.limits;
      const list = [this.#at(seat, instrument, step.pick % 7, changed as RiskLimits)];
      gate.control.change(list, { name: "R. Isk", role: "risk" }, "model", this.now);
    } else if (slot >= 0) this.#told(step, slot, ticks);
    oracle.watch();
    this.compare();
  }

  #kill({ isYes, lots }: Step, seat: number): void {
    const { latch, scopes } = this.gate.parts;
    const name = (this.oracle.seats[seat] as OracleSeat).strategy;
    const isFirm = lots % 4 === 0;
    const scope = scopes.indexOf(isFirm ? null : { kind: "strategy", name });
    const key = isFirm ? "firm " : `strategy ${name}`;
    if (isYes) {
      latch.clear(scope);
      this.oracle.killed.delete(key);
    } else if (lots > 30) {
      latch.set(scope, 2);
      this.oracle.killed.add(key);
    }
  }

  #order(step: Step, seat: number, ticks: number): void {
    const { instrument, side, lots, kind } = step;
    const isMarket = kind === "market";
    const isRepeated = step.pick % 11 === 0;
    this.#id += isRepeated && step.isYes ? 0 : 1;
    const slice = isRepeated ? 0 : this.#id;
    const asked: Asked = {
      ...{ seat, instrument, side, lots, isMarket, id: this.#id, reduceOnly: kind === "reduce" },
      ...{
        ticks: isMarket ? 0 : ticks,
        look: [seat, instrument, side, lots, isMarket ? "m" : ticks, slice].join(),
      },
    };
    const order: GateOrder = {
      ...gateOrder(),
      ...{
        seat,
        instrument,
        side,
        lots,
        id: this.#id,
        slice,
        priceTicks: asked.ticks,
        displayLots: step.pick % 4 === 0 ? lots >> 1 : 0,
      },
      type: isMarket ? ORDER_TYPE.market : ORDER_TYPE.limit,
      timeInForce: isMarket ? TIME_IN_FORCE.IOC : TIME_IN_FORCE.GTC,
      flags: asked.reduceOnly ? GATE_FLAG.reduceOnly : 0,
    };
    const judged = this.oracle.judge(asked, this.now);
    if (judged === undefined) return;
    const told = new Set(this.gate.explain(order, this.now).map(({ code }) => code));
    if (judged.unit > 0) expect([...told].sort()).toEqual([...judged.codes].sort());
    const decision = this.gate.check(order, this.now);
    if (decision.ok) this.gate.take(decision, outboundOrder());
    this.#agree(decision, judged.codes);
    if (!(decision instanceof ApprovedOrder)) return;
    const slot = this.gate.lastSlot;
    this.slots.set(slot, { id: this.#id, isMarket, reduceOnly: asked.reduceOnly, request: 0 });
    this.oracle.accept(asked, judged.unit, slot, 0, this.now);
  }

  #agree(decision: ApprovedOrder | RiskRefusal, codes: ReadonlySet<RiskRefusalCode>): void {
    this.#decisions += 1;
    const first = RISK_REFUSALS.find((code) => codes.has(code)) ?? "approved";
    const code = decision instanceof ApprovedOrder ? "approved" : decision.code;
    count(code);
    if (this.isStrict) expect(code).toBe(first);
    else if (first === "approved" || code === "approved") expect(code).toBe(first);
    else expect([...codes]).toContain(code);
    if (
      decision instanceof ApprovedOrder ||
      decision.limit === undefined ||
      decision.code === "RISK_DAILY_LOSS"
    )
      return;
    // What is refused by a limit is past it.
    expect(decision.measured).toBeGreaterThan(decision.bound as number);
  }

  #told(step: Step, slot: number, ticks: number): void {
    const { gate, oracle } = this;
    const { settlement } = gate;
    const order = oracle.orders.get(slot) as {
      seat: number;
      instrument: number;
      cum: number;
      replaces: unknown[];
    };
    const meta = this.slots.get(slot) as { request: number };
    if (step.kind === "fill") {
      settlement.filled(slot, step.lots, ticks, this.now);
      oracle.fill(slot, step.lots, ticks);
    } else if (step.kind === "bust" && order.cum > 0) {
      const lots = Math.min(order.cum, step.lots);
      settlement.busted(slot, lots, ticks, this.now);
      oracle.fill(slot, -lots, ticks);
    } else if (step.kind === "cancel") {
      settlement.canceling(slot, this.now);
      oracle.message(order.seat, order.instrument, this.now);
    } else if (step.kind === "close" || step.kind === "forget") {
      settlement[step.kind === "close" ? "closed" : "forget"](slot);
      oracle.close(slot);
      if (step.kind === "close") return;
      oracle.orders.delete(slot);
      this.slots.delete(slot);
    } else if (step.kind === "replace") this.#replace(step, slot, ticks);
    else if (step.kind === "answer" && order.replaces.length > 0) {
      const { requestId } = order.replaces[step.lots % order.replaces.length] as { requestId: number };
      settlement[step.isYes ? "replaced" : "replaceRejected"](slot, requestId);
      oracle.answer(slot, requestId, step.isYes);
      meta.request = Math.max(meta.request, requestId);
    }
  }

  #replace(step: Step, slot: number, ticks: number): void {
    const { gate, oracle } = this;
    const order = oracle.orders.get(slot);
    const meta = this.slots.get(slot);
    if (order === undefined || meta === undefined || meta.isMarket) return;
    if (!order.open || order.replaces.length >= 4) return;
    const { seat, instrument, side } = order;
    const price = step.isYes ? order.ticks : ticks;
    const asked: Asked = {
      ...{ seat, instrument, side, isMarket: false, lots: step.lots, ticks: price, id: 0, look: "" },
      ...{ reduceOnly: meta.reduceOnly, slot },
    };
    const judged = oracle.judge(asked, this.now);
    if (judged === undefined) return;
    meta.request += 1;
    const decision = gate.checkReplace(slot, meta.id, meta.request, step.lots, price, this.now);
    if (decision.ok) gate.take(decision, outboundOrder());
    this.#agree(decision, judged.codes);
    if (decision instanceof ApprovedOrder) oracle.accept(asked, judged.unit, slot, meta.request, this.now);
  }

  /** Every sum of the gate is what the lists add up to. */
  compare(): void {
    const { parts } = this.gate;
    for (const key of this.oracle.keys()) {
      const [level, ...name] = key.split(" ") as [Level, ...string[]];
      const node = parts.hierarchy.find(level, name.join(" ")) as number;
      const { gross, long, short, margin, openOrders, openValue } = figures(this.gate, node);
      const found = [gross, long, short, margin, openOrders, openValue];
      const sums = this.oracle.node(key);
      const money = [this.oracle.dayProfit(key), this.oracle.equity(key) ?? Number.NaN];
      const added = [
        sums.gross,
        sums.long,
        0n - sums.short,
        sums.margin,
        sums.openOrders,
        sums.openValue,
        ...money,
      ];
      expect([key, ...found, parts.dayProfitOf(node), parts.equityOf(node)]).toEqual([
        key,
        ...added.map(Number),
      ]);
      if (level === "class" || level === "symbol") continue;
      for (const i of INSTRUMENTS.keys()) {
        const [buys, sells] = [1, -1].map((side) => this.oracle.open(key, i, side)) as [Held, Held];
        const { positionLots, buyLots, sellLots, buyTickLots, sellTickLots } = figures(this.gate, node, i);
        const held = [positionLots, buyLots, sellLots, buyTickLots, sellTickLots];
        const sum = [this.oracle.position(key, i), buys.lots, sells.lots, buys.tickLots, sells.tickLots];
        expect([key, i, ...held]).toEqual([key, i, ...sum.map(Number)]);
      }
    }
  }

  /** Everything ends: nothing is held any more, and each decision left one record. */
  end(): void {
    for (const slot of this.slots.keys()) {
      this.gate.settlement.forget(slot);
      this.oracle.close(slot);
      this.oracle.orders.delete(slot);
    }
    this.compare();
    const { orders, hierarchy } = this.gate.parts;
    for (let node = 0; node < hierarchy.owners; node++) {
      for (const i of INSTRUMENTS.keys()) {
        const { buyLots, sellLots, buyTickLots, sellTickLots, openOrders, openValue } = figures(
          this.gate,
          node,
          i,
        );
        const held = [buyLots, sellLots, buyTickLots, sellTickLots, openOrders, openValue];
        expect(held).toEqual([0, 0, 0, 0, 0, 0]);
      }
    }
    expect([orders.room, orders.heldLots.every((lots) => lots === 0)]).toEqual([orders.capacity, true]);
    let decisions = 0;
    this.gate.drain((cells, from) => {
      const kind = cells[from + DECISION_FIELD.kind];
      decisions += kind === DECISION.order || kind === DECISION.replace ? 1 : 0;
    });
    expect(decisions).toBe(this.#decisions);
  }
}

function live(isStrict: boolean, runs: number): void {
  const steps = fc.array(STEP, { minLength: 1, maxLength: 80, size: "max" });
  fc.assert(
    fc.property(WORLD, steps, (world, list) => {
      const pair = new Pair(world, isStrict);
      for (const step of list) pair.step(step);
      pair.end();
    }),
    fuzz(runs),
  );
}

describe("a gate under random lives", () => {
  afterAll(() => {
    console.log(`compared with the oracle: ${COMPARED.join(", ")}`);
    console.log(`decisions: ${[...seen].map(([code, n]) => `${code} ${n}`).join(", ")}`);
  });

  it("approves, refuses and sums as lists do", () => live(false, 120), 120_000);

  it("tells the first broken rule of all", () => live(true, 60), 120_000);
});
