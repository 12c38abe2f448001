import { describe, expect, it } from "vitest";
import { ALGO_REFUSALS, AlgoDesk } from "../../src/algo/index.ts";
import { refuse } from "../../src/base/index.ts";
import type { AlgoSpec } from "../../src/model/index.ts";
import { AlgoWorld } from "../fixtures/algo-world.ts";

const SECOND = 1_000_000_000;
const TWAP = {
  algo: "twap",
  instrument: "ABC",
  side: "buy",
  lots: 100,
  endNs: 100 * SECOND,
  urgency: 1,
} as const;
const EVEN = { timeJitter: 0, sizeJitter: 0 } as const;
const SWEEP = { algo: "sweep", instrument: "ABC", side: "buy", lots: 10, limitTicks: 10_005 } as const;
const ICEBERG = { ...SWEEP, algo: "iceberg", displayLots: 5, lots: 20, limitTicks: 9_999 } as const;
const IMPACT = { riskAversion: 0, sigma: 1, eta: 1 };

function started(spec: AlgoSpec, world = new AlgoWorld()) {
  return { world, parent: world.start(spec) };
}

describe("what a desk refuses", () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ["ALGO_MALFORMED", null],
    ["ALGO_MALFORMED", [TWAP]],
    ["ALGO_MALFORMED", { ...TWAP, sices: 3 }],
    ["ALGO_MALFORMED", { ...TWAP, displayLots: 3 }],
    ["ALGO_MALFORMED", { ...TWAP, algo: "shortfall", impact: { ...IMPACT, kappa: 1 } }],
    ["ALGO_KIND", { ...TWAP, algo: "toString" }],
    ["ALGO_INSTRUMENT_UNKNOWN", { ...TWAP, instrument: "XYZ" }],
    ["ALGO_SIDE", { ...TWAP, side: "Buy" }],
    ["ALGO_QUANTITY", { ...TWAP, lots: 0 }],
    ["ALGO_QUANTITY", { ...TWAP, lots: -5 }],
    ["ALGO_QUANTITY", { ...TWAP, lots: 1.5 }],
    ["ALGO_QUANTITY", { ...TWAP, lots: Number.NaN }],
    ["ALGO_QUANTITY", { ...TWAP, lots: "100" }],
    ["ALGO_QUANTITY", { ...TWAP, lots: 2 ** 51 }],
    ["ALGO_QUANTITY", { ...TWAP, lots: 4, minChildLots: 5 }],
    ["ALGO_QUANTITY", { ...TWAP, maxChildLots: 0 }],
    ["ALGO_LIMIT", { ...TWAP, limitTicks: 10_000.5 }],
    ["ALGO_LIMIT", { ...TWAP, limitTicks: 2e9 }],
    ["ALGO_LIMIT", { ...SWEEP, limitTicks: undefined }],
    ["ALGO_TIME", { ...TWAP, endNs: 0 }],
    ["ALGO_TIME", { ...TWAP, startNs: 50, endNs: 50 }],
    ["ALGO_TIME", { ...TWAP, startNs: -1 }],
    ["ALGO_TIME", { ...TWAP, endNs: undefined }],
    ["ALGO_PARAMETER", { ...TWAP, slices: 0 }],
    ["ALGO_PARAMETER", { ...TWAP, urgency: 1.1 }],
    ["ALGO_PARAMETER", { ...TWAP, seed: 0.5 }],
    ["ALGO_PARAMETER", { ...TWAP, minNotional: "0.001" }],
    ["ALGO_PARAMETER", { ...TWAP, minNotional: 5 }],
    ["ALGO_PARAMETER", { ...TWAP, timeJitter: 0.6 }],
    ["ALGO_PARAMETER", { ...TWAP, catchUp: "never" }],
    ["ALGO_PARAMETER", { ...TWAP, tag: 7 }],
    ["ALGO_PARAMETER", { ...TWAP, ownPrints: 1 }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "vwap", curve: [] }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "vwap", curve: [1, Number.NaN] }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "vwap", curve: [1], rescales: true }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "pov", participation: 0 }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "pov", participation: 1 }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "shortfall", impact: 3 }],
    ["ALGO_PARAMETER", { ...TWAP, algo: "shortfall", impact: { ...IMPACT, gamma: 1 } }],
    ["ALGO_PARAMETER", { ...ICEBERG, displayLots: 0 }],
    ["ALGO_PARAMETER", { ...ICEBERG, displayLots: 21 }],
    ["ALGO_PARAMETER", { ...ICEBERG, displayJitterLots: 5 }],
    ["ALGO_PARAMETER", { ...SWEEP, maxParticipation: 0.5 }],
    ["ALGO_LARGER_THAN_MARKET", { ...TWAP, marketLots: 99 }],
    ["ALGO_BOOK_TOO_THIN", { ...SWEEP, limitTicks: 10_000 }],
    ["ALGO_BOOK_TOO_THIN", { ...SWEEP, lots: 200, minLots: 101 }],
  ];

  it.each(wrong)("%s: %j, and nothing has changed", (code, spec) => {
    const { world } = started({ ...TWAP, startNs: SECOND });
    world.take();
    const before = JSON.stringify([world.desk.onSave(), world.rng.state(), world.timers]);
    const answer = world.desk.start(spec as AlgoSpec, world);
    expect(answer.ok ? "" : answer.code).toBe(code);
    expect(world.take()).toEqual([]);
    expect(JSON.stringify([world.desk.onSave(), world.rng.state(), world.timers])).toBe(before);
  });

  it("a start on a book that is no market, unless it is later", () => {
    const on = (change: (world: AlgoWorld) => void): string => {
      const world = new AlgoWorld();
      change(world);
      const answer = world.desk.start(TWAP, world);
      expect(world.desk.parents).toEqual([]);
      return answer.ok ? "" : answer.code;
    };
    expect(on((world) => world.quote(9_999, undefined))).toBe("ALGO_BOOK_SIDE_MISSING");
    expect(on((world) => world.quote(undefined, undefined))).toBe("ALGO_BOOK_SIDE_MISSING");
    expect(on((world) => world.quote(10_001, 10_001))).toBe("ALGO_BOOK_CROSSED");
    expect(on((world) => world.quote(10_002, 10_001))).toBe("ALGO_BOOK_CROSSED");
    expect(on((world) => void (world.validity = "halted"))).toBe("ALGO_DATA_INVALID");
    const world = new AlgoWorld().quote(undefined, undefined);
    expect(world.desk.start({ ...TWAP, ...EVEN, startNs: SECOND }, world).ok).toBe(true);
    world.advance(2 * SECOND);
    expect(world.tickets).toEqual([]);
    world.quote(9_999, 10_001).told();
    expect(world.tickets.length).toBe(1);
  });

  it("a parent that a limit has no room for, but not for what judges one order alone", () => {
    const world = new AlgoWorld();
    const said = (code: string) => refuse(code, "lots", 100, "less");
    world.explains = [said("RISK_QUANTITY_EXCEEDED"), said("RISK_PRICE_COLLAR"), said("RISK_RATE_SECOND")];
    expect(world.desk.start(TWAP, world).ok).toBe(true);
    world.explains = [said("RISK_QUANTITY_EXCEEDED"), said("RISK_POSITION_EXCEEDED")];
    const answer = world.desk.start(TWAP, world);
    expect(answer.ok ? "" : [answer.code, answer.expected]).toEqual([
      "ALGO_RISK",
      expect.stringContaining("RISK_POSITION_EXCEEDED"),
    ]);
    const amended = world.desk.amend(1, { lots: 200 }, world);
    expect(amended.ok ? "" : amended.code).toBe("ALGO_RISK");
    expect(world.desk.amend(1, { lots: 90 }, world).ok).toBe(true);
  });

  it("more parents than it has room for, and those it does not know", () => {
    const world = new AlgoWorld();
    world.desk = new AlgoDesk({ parentsMax: 1 });
    world.start(TWAP);
    const second = world.desk.start(TWAP, world);
    expect(second.ok ? "" : second.code).toBe("ALGO_CAPACITY");
    for (const call of ["pause", "resume", "cancel"] as const) {
      const answer = world.desk[call](2, world);
      expect(answer.ok ? "" : answer.code).toBe("ALGO_PARENT_UNKNOWN");
    }
    const amended = world.desk.amend(2, { lots: 5 }, world);
    expect(amended.ok ? "" : amended.code).toBe("ALGO_PARENT_UNKNOWN");
    expect(world.desk.onTimer(99, world)).toBe(false);
  });

  it("with every code of its list, each in its place", () => {
    const seen = new Set(wrong.map(([code]) => code));
    const elsewhere = ["ALGO_DATA_INVALID", "ALGO_BOOK_SIDE_MISSING", "ALGO_BOOK_CROSSED", "ALGO_RISK"];
    const later = ["ALGO_CAPACITY", "ALGO_PARENT_UNKNOWN", "ALGO_PARENT_OVER", "ALGO_QUANTITY_AT_WORK"];
    expect(ALGO_REFUSALS.filter((code) => !seen.has(code))).toEqual([...elsewhere, ...later]);
    const { world } = started({ ...TWAP, startNs: SECOND });
    const answer = world.desk.start({ ...TWAP, side: "Buy", lots: 0, endNs: -1 } as never, world);
    expect(answer.ok ? "" : answer.code).toBe("ALGO_SIDE");
  });
});

describe("a parent in the hands of an operator", () => {
  it("pauses, asks its children back, and goes on", () => {
    const { world, parent } = started({ ...TWAP, ...EVEN, urgency: 0, slices: 2 });
    world.answer();
    world.desk.pause(parent.id, world);
    expect(world.take().at(-1)).toBe("0 - 1");
    expect(world.desk.pause(parent.id, world).ok).toBe(true);
    world.answer();
    world.advance(10 * SECOND);
    expect([parent.status, parent.remainingLots, world.take()]).toEqual(["paused", 100, []]);
    world.desk.resume(parent.id, world);
    expect(world.take()).toEqual([`${10 * SECOND} + buy 50 @ 9999 postOnly`]);
  });

  it("is canceled when no child can fill any more, and takes what came before", () => {
    const { world, parent } = started({ ...TWAP, ...EVEN });
    const [child] = world.open();
    expect(world.desk.cancel(parent.id, world).ok).toBe(true);
    expect([parent.status, parent.isOver]).toEqual(["ending", false]);
    expect(world.desk.cancel(parent.id, world).ok).toBe(true);
    expect(world.take().filter((note) => note.includes("-")).length).toBe(1);
    if (child !== undefined) world.fill(child, 3);
    if (child !== undefined) world.finish(child, "canceled");
    expect([parent.status, parent.filledLots, parent.reason]).toEqual(["canceled", 3, "asked"]);
    expect(world.desk.cancel(parent.id, world).ok).toBe(true);
    const paused = world.desk.pause(parent.id, world);
    expect(paused.ok ? "" : paused.code).toBe("ALGO_PARENT_OVER");
    const amended = world.desk.amend(parent.id, { lots: 5 }, world);
    expect(amended.ok ? "" : amended.code).toBe("ALGO_PARENT_OVER");
  });

  it("counts a fill that came after the end was told, and sends nothing past its quantity", () => {
    const { world, parent } = started({ ...TWAP, ...EVEN, slices: 1, urgency: 0, retryNs: 1 });
    const [first] = world.open();
    if (first === undefined) throw new Error("no child");
    world.accept(first);
    world.finish(first, "canceled");
    expect(parent.workingLots).toBe(100);
    world.fill(first, 40);
    expect([parent.filledLots, parent.lateLots, parent.remainingLots]).toEqual([40, 40, -40]);
    expect(world.take().at(-1)).toBe("0 - 2");
    world.answer();
    expect(parent.remainingLots + parent.workingLots).toBe(60);
    expect(parent.workingLots).toBeLessThanOrEqual(60);
  });

  it("changes its quantity, limit and end, and nothing that would break its sum", () => {
    const { world, parent } = started({ ...TWAP, ...EVEN, urgency: 0, slices: 2, limitTicks: 10_000 });
    world.answer();
    const code = (change: object): string => {
      const answer = world.desk.amend(parent.id, change, world);
      return answer.ok ? "" : answer.code;
    };
    const before = JSON.stringify(world.desk.onSave());
    expect(code({})).toBe("ALGO_MALFORMED");
    expect(code({ slices: 3 })).toBe("ALGO_MALFORMED");
    expect(code({ lots: 0 })).toBe("ALGO_QUANTITY");
    expect(code({ lots: 60.5 })).toBe("ALGO_QUANTITY");
    expect(code({ limitTicks: Number.NaN })).toBe("ALGO_LIMIT");
    expect(code({ endNs: 0 })).toBe("ALGO_TIME");
    expect(code({ impact: IMPACT })).toBe("ALGO_PARAMETER");
    expect(code({ lots: 49 })).toBe("ALGO_QUANTITY_AT_WORK");
    expect(JSON.stringify(world.desk.onSave())).toBe(before);
    world.take();
    expect(code({ limitTicks: 9_990 })).toBe("");
    expect(world.take()).toEqual(["0 - 1"]);
    world.answer();
    expect(world.tickets.every((ticket, i) => i === 0 || ticket.priceTicks <= 9_990)).toBe(true);
    expect(code({ endNs: 5 * SECOND })).toBe("");
    world.advance(5 * SECOND);
    world.answer();
    expect(parent.status).toBe("expired");
  });

  it("waits longer after each refusal and ends after so many, or at once where none can help", () => {
    const { world, parent } = started({ ...TWAP, ...EVEN, slices: 1, refusalsMax: 4, startNs: 1 });
    world.refuses = () => "RISK_RATE_SECOND";
    world.advance(20 * SECOND);
    expect(world.take().map((note) => Number(note.split(" ")[0]) / SECOND)).toEqual([
      1e-9, 0.500000001, 1.500000001, 3.500000001,
    ]);
    expect([parent.status, parent.reason]).toEqual(["stopped", "RISK_RATE_SECOND"]);
    const killed = started({ ...TWAP, startNs: 1 });
    killed.world.refuses = () => "RISK_KILLED";
    killed.world.advance(30 * SECOND);
    expect([killed.parent.status, killed.world.take().length]).toEqual(["stopped", 1]);
  });

  it("tells when its status changes", () => {
    const seen: string[] = [];
    const world = new AlgoWorld();
    world.desk = new AlgoDesk({ onStatus: (parent) => seen.push(parent.status) });
    world.start({ ...TWAP, ...EVEN, slices: 1, startNs: SECOND });
    world.advance(SECOND);
    world.answer();
    expect(seen).toEqual(["working", "filled"]);
  });
});

describe("the ladder of a slice", () => {
  it("joins, stands in the middle, then crosses; each time the last child has to end first", () => {
    const { world } = started({ ...TWAP, ...EVEN, slices: 1, urgency: 0.2, throughTicks: 2 });
    world.answer();
    for (const seconds of [40, 40]) {
      world.advance(seconds * SECOND);
      world.answer();
    }
    world.answer();
    expect(world.take()).toEqual([
      "0 + buy 100 @ 9999 postOnly",
      `${40 * SECOND} - 1`,
      `${40 * SECOND} + buy 100 @ 10000 postOnly`,
      `${80 * SECOND} - 2`,
      `${80 * SECOND} + buy 100 @ 10003 IOC`,
    ]);
  });

  it("crosses what is left at the end where that is asked for, and leaves what rests where that is", () => {
    const cross = started({ ...TWAP, ...EVEN, slices: 2, urgency: 0, residual: "cross" });
    cross.world.answer();
    cross.world.advance(95 * SECOND);
    cross.world.answer();
    cross.world.answer();
    cross.world.answer();
    expect(cross.parent.status).toBe("filled");
    const carry = started({ ...TWAP, ...EVEN, slices: 1, urgency: 0, residual: "carry" });
    carry.world.answer();
    carry.world.advance(200 * SECOND);
    expect([carry.parent.status, carry.parent.workingLots]).toEqual(["finishing", 100]);
    const [child] = carry.world.open();
    if (child !== undefined) carry.world.fill(child);
    expect(carry.parent.status).toBe("filled");
  });
});

describe("an iceberg", () => {
  it("shows a part at its limit, and the next when that is done", () => {
    const { world, parent } = started(ICEBERG);
    for (let i = 0; i < 4; i++) {
      const [child] = world.open();
      expect([parent.workingLots, child?.priceTicks, world.open().length]).toEqual([5, 9_999, 1]);
      if (child !== undefined) world.fill(child, 2);
      expect(world.open().length).toBe(1);
      if (child !== undefined) world.fill(child, 3);
    }
    expect(parent.status).toBe("filled");
  });

  it("draws its parts and the time between them", () => {
    const spec = { ...ICEBERG, lots: 400, displayLots: 20, displayJitterLots: 8, refreshNs: SECOND, seed: 3 };
    const { world, parent } = started(spec);
    for (let i = 0; i < 100 && !parent.isOver; i++) {
      const [child] = world.open();
      if (child === undefined) world.advance(SECOND / 10);
      else world.fill(child);
    }
    const parts = world.tickets.map((ticket) => ticket.lots as number);
    expect(new Set(parts.slice(0, -1)).size).toBeGreaterThan(5);
    expect(Math.min(...parts.slice(0, -1))).toBeGreaterThanOrEqual(12);
    expect(Math.max(...parts)).toBeLessThanOrEqual(29);
    const gaps = world.tickets.slice(1).map((ticket, i) => ticket.sentNs - (world.tickets[i]?.sentNs ?? 0));
    expect(new Set(gaps).size).toBeGreaterThan(3);
  });
});

describe("a sweep", () => {
  it("takes each level up to its limit in one turn, and ends with what it got", () => {
    const world = new AlgoWorld();
    world.asks.clear();
    for (const [price, lots] of [
      [10_001, 3],
      [10_002, 4],
      [10_004, 50],
      [10_006, 50],
    ] as const)
      world.asks.set(price, lots);
    const parent = world.start({ ...SWEEP, lots: 100 });
    expect(world.take()).toEqual([
      "0 + buy 3 @ 10001 IOC",
      "0 + buy 4 @ 10002 IOC",
      "0 + buy 50 @ 10004 IOC",
    ]);
    expect(parent.status).toBe("finishing");
    for (const ticket of world.open()) {
      world.fill(ticket, 2);
      world.finish(ticket, "expired");
    }
    expect([parent.status, parent.reason, parent.filledLots]).toEqual(["expired", "swept", 6]);
  });

  it("takes no more than its quantity, pools parts of a lot, and stops at a refusal", () => {
    const world = new AlgoWorld({ bookLotSize: "0.25" });
    world.bids.clear();
    for (const [price, lots] of [
      [9_999, 6],
      [9_998, 6],
      [9_997, 400],
    ] as const)
      world.bids.set(price, lots);
    const spec = { ...SWEEP, side: "sell", limitTicks: 9_990, lots: 8 } as const;
    world.start(spec);
    expect(world.take()).toEqual(["0 + sell 1 @ 9999 IOC", "0 + sell 2 @ 9998 IOC", "0 + sell 5 @ 9997 IOC"]);
    world.refuses = ({ priceTicks }) => (priceTicks === 9_998 ? "RISK_PRICE_COLLAR" : "");
    const parent = world.start(spec);
    expect(world.take().length).toBe(2);
    world.answer();
    expect([parent.status, parent.filledLots]).toEqual(["expired", 1]);
  });
});

describe("saving", () => {
  it("faults on another version, another shape and an order that is not there", () => {
    const { world } = started({ ...TWAP, ...EVEN });
    const saved = world.desk.onSave();
    const load = (state: unknown, version = 2): void => new AlgoDesk().onLoad({ version, state }, world);
    expect(() => load(saved.state, 1)).toThrow(/FAULT_INPUT algo.load.version/);
    expect(() => load([])).toThrow(/FAULT_INPUT algo.load.state/);
    expect(() => load(null)).toThrow(/FAULT_INPUT algo.load.state/);
    const [child] = world.open();
    if (child !== undefined) child.status = "canceled";
    expect(() => load(saved.state)).toThrow(/FAULT_INPUT algo.load.children/);
  });
});
