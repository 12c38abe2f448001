import { describe, expect, it } from "vitest";
import { Fault, Prng } from "../../src/base/index.ts";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import { outboundOrder } from "../../src/port/index.ts";
import {
  ApprovedOrder,
  type GateOrder,
  gateOrder,
  type RiskGate,
  type RiskRequest,
} from "../../src/risk/index.ts";
import { at, figures, makeGate, NOW } from "../fixtures/gate-setup.ts";

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const SCALE = Number(process.env.FUZZ_SCALE ?? 1);
/** Orders with one poisoned field, of each door. */
const ORDERS = 850_000 * SCALE;
const REQUESTS = 250_000 * SCALE;
const REPLACES = 60_000 * SCALE;
/** One order of so many is left whole, and must be approved. */
const CONTROL = 16;

const POISONS: readonly (readonly [string, unknown])[] = [
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
  ["2^53", 2 ** 53],
  ["2^53 + 2", 2 ** 53 + 2],
  ["-2^53", -(2 ** 53)],
  ["0.5", 0.5],
  ["5e-324", 5e-324],
  ["1e300", 1e300],
  ["negative", -7],
  ["empty text", ""],
  ["a number as text", "10"],
  ["an unknown symbol", "NONE@NOWHERE"],
  ["{}", {}],
  ["[]", []],
  ["[10]", [10]],
  ["an object worth 10", { valueOf: () => 10 }],
  ["an object without a prototype", Object.create(null)],
  [
    "an object that throws",
    {
      valueOf: () =>
        (() => {
          throw new RangeError("no");
        })(),
    },
  ],
  ["a function", () => 10],
  ["a symbol", Symbol("10")],
  ["10n", 10n],
  ["0n", 0n],
  ["true", true],
  ["undefined", undefined],
];

/** Things that are worth what the field was, and are no number of it. */
const DISGUISES: readonly (readonly [string, (truth: unknown) => unknown])[] = [
  ["the truth as text", (truth) => String(truth)],
  ["the truth in a list", (truth) => [truth]],
  ["an object worth the truth", (truth) => ({ valueOf: () => truth })],
  ["the truth and a half", (truth) => (truth as number) + 0.5],
  ["the truth as a bigint", (truth) => (Number.isSafeInteger(truth) ? BigInt(truth as number) : 1n)],
  ["the truth as an object", (truth) => Object(truth)],
];

/** What a field may be after all. */
const FINE: Readonly<Record<string, readonly string[]>> = {
  expireNs: ["Infinity", "the truth and a half"],
  slot: ["-0"],
  "words.strategy": ["the truth as text"],
  "words.instrument": ["the truth as text"],
  "words.side": ["the truth as text"],
  // A moment is any finite number.
  nowNs: ["the truth and a half"],
  "words.expireNs": ["Infinity", "undefined"],
  "words.stopTicks": ["undefined"],
  "words.type": ["undefined", "the truth as text"],
  "words.timeInForce": ["undefined", "the truth as text"],
  "words.postOnly": ["undefined", "true"],
  "words.reduceOnly": ["undefined"],
  "words.flatten": ["undefined", "true"],
  "words.displayLots": ["undefined"],
  "words.slice": ["undefined"],
  "words.id": ["undefined"],
};

const limits = {
  ...{ maxOrderLots: 1_000, maxOrderValue: "1000000", maxLongLots: 10_000, maxShortLots: 10_000 },
  ...{ maxConcentration: 1_000, maxDailyLoss: "1000", maxOrdersPerSecond: 1_000_000, maxMarginShare: 1_000 },
  ...{ maxOrdersPerMinute: 1_000_000, priceCollarBps: 500, maxTicksThrough: 1_000 },
} as const;

/** A gate with every required limit; the second has somebody else killed, so that flags are read early. */
function gates(): RiskGate[] {
  return [false, true].map((isKilled) => {
    const gate = makeGate({
      firm: {},
      limits: [at("account", limits), at("symbol", { maxOrderLots: 500 })],
      capital: [{ level: "account", name: "A1", amount: "1000000" }],
      records: 1_024,
      capacity: 1 << 16,
    });
    const { latch, scopes } = gate.parts;
    if (isKilled) latch.set(scopes.indexOf({ kind: "strategy", name: "carry" }), 2);
    return gate;
  });
}

const KINDS = [
  {},
  { displayLots: 0 },
  { displayLots: 0, flags: 1, side: -1 },
  { timeInForce: TIME_IN_FORCE.GTD, expireNs: 4e12 },
  { type: ORDER_TYPE.market, timeInForce: TIME_IN_FORCE.IOC, priceTicks: 0 },
  { type: ORDER_TYPE.stopLimit, stopTicks: 10_050, priceTicks: 10_060 },
  { type: ORDER_TYPE.stop, stopTicks: 10_050, priceTicks: 0 },
] as const;

const WORDS: readonly Partial<RiskRequest>[] = [
  {},
  { timeInForce: "GTD", expireNs: 4e12 },
  { type: "stopLimit", stopTicks: 10_050, priceTicks: 10_060, postOnly: false, reduceOnly: false },
];
const WORD_FIELDS = [
  ...(["strategy", "instrument", "side", "lots", "priceTicks", "stopTicks", "type", "timeInForce"] as const),
  ...(["postOnly", "reduceOnly", "flatten", "displayLots", "expireNs", "slice", "id"] as const),
];

/** The poisons that did something else than be refused, by what they did. */
const failures = new Map<string, Set<string>>();

function failed(): string[] {
  return [...failures].map(([what, names]) => `${what}: ${[...names].sort().join(", ")}`).sort();
}

/** What became of a decision: `approved`, `refused`, or the name of what was thrown. */
function outcome(decide: () => unknown): string {
  try {
    const decision = decide();
    if (ApprovedOrder.is(decision)) return "approved";
    return (decision as { ok?: unknown }).ok === false ? "refused" : "neither";
  } catch (error) {
    return error instanceof Fault ? error.code : `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** A number that is no whole one, or beyond 2^53. */
function wildNumber(random: Prng): number {
  const whole = random.below(1_000_000) + 1;
  return random.below(2) === 0 ? whole + random.float() / 2 + 1e-9 : whole * 2 ** (53 + random.below(900));
}

function poisonOf(random: Prng, truth: unknown): readonly [string, unknown] {
  const i = random.below(POISONS.length + DISGUISES.length + 2);
  const disguise = DISGUISES[i - POISONS.length];
  if (disguise !== undefined) return [disguise[0], disguise[1](truth)];
  return POISONS[i] ?? ["a wild number", wildNumber(random)];
}

class Fuzzer {
  readonly random = new Prng(SEED);
  readonly gates = gates();
  now = NOW;
  tried = 0;
  approvals = 0;

  gate(): RiskGate {
    return this.gates[this.random.below(2)] as RiskGate;
  }

  /** A whole order must pass, and is given up. */
  control(gate: RiskGate, decide: (nowNs: number) => unknown): void {
    this.now += 1_000_000;
    for (const each of this.gates) {
      each.quote(0, 9_999, 10_001, this.now);
      each.drain(() => {});
    }
    const decision = decide(this.now);
    if (!ApprovedOrder.is(decision)) throw new Error((decision as { message: string }).message);
    gate.abandon(decision);
    this.approvals += 1;
  }

  /** Says whether the poison may be told from the truth at all. */
  tell(field: string, name: string, result: string, isFine: boolean): void {
    this.tried += 1;
    if (isFine || result === "refused" || result.startsWith("FAULT_")) return;
    const what = `${field} ${result === "approved" ? result : `throws ${result.split(":")[0]}`}`;
    failures.set(what, (failures.get(what) ?? new Set()).add(name));
  }
}

function order(fuzzer: Fuzzer, i: number): GateOrder {
  const kind = KINDS[fuzzer.random.below(KINDS.length)];
  return { ...gateOrder(), id: i + 1, slice: i + 1, lots: 10, displayLots: 5, priceTicks: 10_000, ...kind };
}

const ORDER_FIELDS = [...(Object.keys(gateOrder()) as (keyof GateOrder)[]), "nowNs"] as const;

function oneOrder(fuzzer: Fuzzer, i: number): void {
  const gate = fuzzer.gate();
  const whole = order(fuzzer, i);
  if (i % CONTROL === 0) {
    fuzzer.control(gate, (nowNs) => gate.check(whole, nowNs));
    return;
  }
  const field = ORDER_FIELDS[fuzzer.random.below(ORDER_FIELDS.length)] as (typeof ORDER_FIELDS)[number];
  const isTime = field === "nowNs";
  const [name, poison] = poisonOf(fuzzer.random, isTime ? fuzzer.now : whole[field]);
  const asked = isTime ? whole : { ...whole, [field]: poison };
  const nowNs = isTime ? poison : fuzzer.now;
  const result = outcome(() => gate.check(asked, nowNs as number));
  const isFine = (FINE[field] ?? []).includes(name) && (isTime || whole.timeInForce !== TIME_IN_FORCE.GTD);
  if (result === "approved") gate.settlement.forget(gate.lastSlot);
  fuzzer.tell(field, name, result, isFine);
}

function oneRequest(fuzzer: Fuzzer, i: number): void {
  const gate = fuzzer.gate();
  const kind = WORDS[fuzzer.random.below(WORDS.length)] as Partial<RiskRequest>;
  const whole: RiskRequest = {
    ...{ strategy: "pairs", instrument: "ABC@XNAS", side: "buy", lots: 10, priceTicks: 10_000, slice: i + 1 },
    ...kind,
  };
  if (i % CONTROL === 0) {
    fuzzer.control(gate, (nowNs) => gate.decide(whole, nowNs));
    return;
  }
  const field = WORD_FIELDS[fuzzer.random.below(WORD_FIELDS.length)] as keyof RiskRequest;
  const [name, poison] = poisonOf(fuzzer.random, whole[field]);
  const asked = { ...whole, [field]: poison } as RiskRequest;
  const result = outcome(() => gate.decide(asked, fuzzer.now));
  // What is left out of the words has its usual value, where the kind of order has one.
  const isFine = (FINE[`words.${field}`] ?? []).includes(name);
  if (result === "approved") gate.settlement.forget(gate.lastSlot);
  fuzzer.tell(`words.${field}`, name, result, isFine);
}

describe("a poisoned order", () => {
  it("never gets an approval, and never throws but a Fault", { timeout: 120_000 }, () => {
    const fuzzer = new Fuzzer();
    for (let i = 0; i < ORDERS; i++) oneOrder(fuzzer, i);
    for (let i = 0; i < REQUESTS; i++) oneRequest(fuzzer, ORDERS + i);
    expect(failed()).toEqual([]);
    for (const gate of fuzzer.gates) {
      const { buyLots, buyTickLots, sellLots, openOrders, openValue } = figures(gate);
      expect([gate.parts.orders.room, buyLots, buyTickLots, sellLots, openOrders, openValue]).toEqual([
        1 << 16,
        0,
        0,
        0,
        0,
        0,
      ]);
    }
    expect(fuzzer.approvals).toBe(Math.ceil(ORDERS / CONTROL) + Math.ceil(REQUESTS / CONTROL));
    expect(fuzzer.tried).toBe(ORDERS + REQUESTS - fuzzer.approvals);
    console.log(`seed ${SEED}: ${fuzzer.tried} poisoned orders, ${fuzzer.approvals} whole ones approved`);
  });

  it("is as little approved as a replace", { timeout: 60_000 }, () => {
    failures.clear();
    const fuzzer = new Fuzzer();
    const [gate] = fuzzer.gates as [RiskGate];
    const open = { ...gateOrder(), id: 5, slice: 5, lots: 10, displayLots: 0, priceTicks: 10_000 };
    const approval = gate.check(open, NOW);
    expect(ApprovedOrder.is(approval)).toBe(true);
    gate.take(approval as ApprovedOrder, outboundOrder());
    const slot = gate.lastSlot;
    const names = ["slot", "id", "requestId", "lots", "priceTicks", "nowNs"];
    let request = 0;
    for (let i = 0; i < REPLACES; i++) {
      request += 1;
      const terms: unknown[] = [slot, 5, request, 11, 10_001, fuzzer.now];
      const replace = (...given: unknown[]) =>
        gate.checkReplace(...(given as [number, number, number, number, number, number]));
      if (i % CONTROL === 0) {
        fuzzer.control(gate, (nowNs) => replace(...terms.slice(0, 5), nowNs));
        continue;
      }
      const at = fuzzer.random.below(names.length);
      const [name, poison] = poisonOf(fuzzer.random, terms[at]);
      terms[at] = poison;
      const result = outcome(() => replace(...terms));
      fuzzer.tell(names[at] as string, name, result, (FINE[names[at] as string] ?? []).includes(name));
      if (result === "approved")
        gate.settlement.replaceRejected(slot, gate.parts.orders.requestId[slot] as number);
    }
    expect(failed()).toEqual([]);
    expect(figures(gate).buyLots).toBe(10);
  });

  it("in words is no order at all, whatever it is", () => {
    const [gate] = gates() as [RiskGate];
    for (const [name, poison] of POISONS) {
      const result = outcome(() => gate.decide(poison as RiskRequest, NOW));
      expect([name, result]).toEqual([name, "refused"]);
    }
  });
});
