import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outboundOrder } from "../../src/port/index.ts";
import { ApprovedOrder, NO_LIMITS, type RiskGate } from "../../src/risk/index.ts";
import { codeOf, makeGate, NOW, order, SEATS } from "../fixtures/gate-setup.ts";
import { gateSums, type OracleOrder, type OracleParent, ReservesOracle } from "./risk-reserves-oracle.ts";

const RUNS = Number(process.env.RESERVE_RUNS ?? 150);
const MOST_LOTS = 300;
/** Every seat trades for one account, so that the firm, its account and the sum of strategies are one. */
const OWN = SEATS.slice(0, 2);
const NAMES = OWN.map(({ strategy }) => strategy);

const step = fc.tuple(fc.nat(14), fc.nat(1_000), fc.nat(1_000), fc.nat(1_000));
type Step = readonly [number, number, number, number];

/** The worst price of a parent in the one market there is. */
function unitAt(side: number, limit: number): number {
  if (Number.isNaN(limit)) return side > 0 ? 10_001 : 10_000;
  return side > 0 ? Math.min(10_001, limit) : Math.max(10_000, limit);
}

/** A gate under random events, and the oracle beside it. */
class Played {
  readonly oracle = new ReservesOracle();
  gate: RiskGate = this.#gate();
  now = NOW;
  #ids = 0;
  /** What came to pass, for a test that has to see each of it. */
  readonly seen: Set<string>;

  constructor(seen: Set<string>) {
    this.seen = seen;
    this.#quote();
  }

  #gate(): RiskGate {
    return makeGate({
      ...{ seats: OWN, warnEveryNs: 1e15, book: null },
      firm: { ...NO_LIMITS, maxLongLots: MOST_LOTS, maxShortLots: MOST_LOTS },
    });
  }

  #quote(): void {
    for (const i of [0, 1]) this.gate.quote(i, 9_999, 10_001, this.now);
  }

  step([what, a, b, c]: Step): void {
    // Beyond the window of equal orders: what draws on no parent would be one of them.
    this.now += 1_000_000_000;
    this.#quote();
    const { parents, orders } = this.oracle;
    const parent = parents[a % Math.max(1, parents.length)];
    const held = orders[a % Math.max(1, orders.length)];
    if (what <= 2) this.#open(a, b, c);
    else if (what <= 6) this.#send(parent, b, c);
    else if (what === 7) this.#send(undefined, b, c);
    else if (what <= 9 && held !== undefined) this.#fill(held, b);
    else if (what === 10 && held !== undefined) this.#end(held);
    else if (what === 11 && parent !== undefined) this.#change(parent, b, c);
    else if (what === 12 && parent !== undefined) this.#release(parent, b);
    else if (what === 13 && held !== undefined) this.#replace(held, b);
    else if (what === 14) this.#restore(b);
    this.gate.drain(() => undefined);
    expect(gateSums(this.gate, NAMES)).toBe(this.oracle.expected(OWN.length));
  }

  #open(a: number, b: number, c: number): void {
    const [seat, instrument, side] = [a % 2, b % 2, c % 2 === 0 ? 1 : -1];
    const lots = 1 + (b % 150);
    const priceTicks = c % 3 === 0 ? Number.NaN : 10_000 + (a % 11) - 5;
    const unit = unitAt(side, priceTicks);
    const isKilled = b % 17 === 0;
    const { latch } = this.gate.parts;
    if (isKilled) latch.set(0, 2);
    const answer = this.gate.reserves.open({ seat, instrument, side, lots, priceTicks }, this.now);
    if (isKilled) latch.clear(0);
    const fits = this.#fits(instrument, side, lots);
    if (isKilled) expect(typeof answer === "number" ? "" : answer.code).toBe("RISK_KILLED");
    else expect(typeof answer === "number").toBe(fits);
    this.seen.add(isKilled ? "killed" : fits ? "opened" : "parent refused");
    if (typeof answer !== "number") return;
    const rest = { filled: 0, lastSlice: 0, isOpen: true };
    this.oracle.parents.push({ id: answer, seat, instrument, side, lots, limit: priceTicks, unit, ...rest });
  }

  /** Whether the worst case stays within the limit, or the order only reduces. */
  #fits(instrument: number, side: number, addLots: number): boolean {
    const isWithin = this.oracle.worst(instrument, side) + addLots <= MOST_LOTS;
    return isWithin || this.oracle.isReducing(instrument, side, addLots);
  }

  #send(parent: OracleParent | undefined, b: number, c: number): void {
    const isOther = parent !== undefined && b % 19 === 0;
    const isRepeated = parent !== undefined && parent.lastSlice > 0 && c % 7 === 0;
    const seat = isOther ? 1 - parent.seat : (parent?.seat ?? b % 2);
    const instrument = parent?.instrument ?? c % 2;
    const side = parent?.side ?? (b % 2 === 0 ? 1 : -1);
    const lots = 1 + (c % 60);
    const priceTicks = 10_000 + (b % 7) - 3;
    const slice = parent === undefined ? 0 : isRepeated ? parent.lastSlice : parent.lastSlice + 1;
    this.#ids += 1;
    const asked = order({ seat, instrument, side, lots, priceTicks, slice, parent: parent?.id ?? 0 });
    asked.id = this.#ids;
    // Plain orders of a moment that look the same are told apart here: repetition is not what is tested.
    if (parent === undefined) asked.slice = this.#ids;
    const unit = side > 0 ? priceTicks : Math.max(10_000, priceTicks);
    const explained = this.gate.explain(asked, this.now);
    expect(gateSums(this.gate, NAMES)).toBe(this.oracle.expected(OWN.length));
    const code = codeOf(this.#decide(asked));
    expect(explained[0]?.code ?? "approved").toBe(code);
    const rest = parent === undefined ? 0 : this.oracle.rest(parent);
    const fits = this.#fits(instrument, side, lots - Math.min(rest, lots));
    if (isOther || parent?.isOpen === false) expect(code).toBe("RISK_ORDER_INVALID");
    else if (isRepeated) expect(code).toBe("RISK_DUPLICATE_ORDER");
    else expect(code).toBe(fits ? "approved" : "RISK_POSITION_EXCEEDED");
    if (parent !== undefined) this.seen.add(`child ${code}`);
    if (code !== "approved") return;
    if (parent !== undefined && lots > rest) this.seen.add("child beyond its parent");
    if (parent !== undefined) parent.lastSlice = asked.slice;
    const slot = this.gate.lastSlot;
    const more = { filled: 0, isOpen: true, requests: 0 };
    const terms = {
      slot,
      id: asked.id,
      seat,
      instrument,
      side,
      priceTicks,
      parent: asked.parent,
      lots,
      unit,
    };
    this.oracle.orders.push({ ...terms, ...more });
  }

  /** What is approved leaves, but for one in so many, whose approval is given up. */
  #decide(asked: ReturnType<typeof order>): ReturnType<RiskGate["check"]> {
    const before = gateSums(this.gate, NAMES);
    const answer = this.gate.check(asked, this.now);
    if (!(answer instanceof ApprovedOrder)) return answer;
    if (asked.id % 5 === 0 && asked.parent > 0) {
      this.gate.abandon(answer);
      expect(gateSums(this.gate, NAMES)).toBe(before);
      this.#ids += 1;
      asked.id = this.#ids;
      asked.slice += 1;
      this.now += 1_000_000_000;
      this.#quote();
      const again = this.gate.check(asked, this.now);
      if (again instanceof ApprovedOrder) this.gate.take(again, outboundOrder());
      return again;
    }
    this.gate.take(answer, outboundOrder());
    return answer;
  }

  #fill(held: OracleOrder, b: number): void {
    const lots = 1 + (b % 30);
    const isBust = b % 5 === 0 && held.filled >= lots;
    const parent = this.oracle.parents.find(({ id, isOpen }) => id === held.parent && isOpen);
    const left = held.isOpen ? held.lots - held.filled : lots;
    const signed = isBust ? -lots : Math.min(lots, left);
    if (signed === 0) return;
    const { settlement } = this.gate;
    if (!held.isOpen) {
      this.seen.add("late");
      settlement.executed(held.slot, signed, held.priceTicks, this.now);
    } else if (isBust) settlement.busted(held.slot, lots, held.priceTicks, this.now);
    else settlement.filled(held.slot, signed, held.priceTicks, this.now);
    held.filled += signed;
    // An order that is filled whole is over; a bust finds it open again, as its terms say.
    this.oracle.position[held.instrument] =
      (this.oracle.position[held.instrument] as number) + held.side * signed;
    if (parent !== undefined) parent.filled += signed;
    if (held.isOpen && held.filled >= held.lots) this.#end(held);
  }

  #end(held: OracleOrder): void {
    this.gate.settlement.closed(held.slot);
    held.isOpen = false;
  }

  #change(parent: OracleParent, b: number, c: number): void {
    const lots = 1 + (b % 200);
    const priceTicks = 10_000 + (c % 9) - 4;
    const rest = this.oracle.rest(parent);
    const sent =
      parent.filled +
      this.oracle.orders
        .filter((each) => each.parent === parent.id)
        .reduce((sum, each) => sum + this.oracle.held(each), 0);
    const answer = this.gate.reserves.change(parent.seat, parent.id, lots, priceTicks, this.now);
    if (!parent.isOpen) {
      expect(answer?.code).toBe("RISK_ORDER_INVALID");
      return;
    }
    const { unit, limit, side } = parent;
    const isWorse = Number.isNaN(limit) ? side < 0 : priceTicks > limit;
    const newUnit = isWorse ? Math.max(unit, unitAt(side, priceTicks)) : unit;
    const isDearer = newUnit > unit && this.oracle.worth(parent, lots, newUnit) > this.oracle.worth(parent);
    const isAsked = lots > parent.lots || isDearer;
    const addLots = Math.max(0, lots - sent);
    const fits = !isAsked || addLots === 0 || this.#fits(parent.instrument, side, addLots - rest);
    expect(answer?.code ?? "ok").toBe(fits ? "ok" : "RISK_POSITION_EXCEEDED");
    this.seen.add(fits ? (isAsked ? "grown" : "shrunk") : "growth refused");
    if (!fits) return;
    Object.assign(parent, { lots, limit: priceTicks });
    parent.unit = isAsked ? unitAt(side, priceTicks) : newUnit;
  }

  #release(parent: OracleParent, b: number): void {
    const isOther = b % 5 === 0;
    const seat = isOther ? 1 - parent.seat : parent.seat;
    if (b % 7 === 0 && !isOther) {
      const ids = this.gate.reserves.releaseAll(seat);
      const own = this.oracle.parents.filter((each) => each.seat === seat && each.isOpen);
      expect(ids).toEqual(own.map(({ id }) => id));
      for (const each of own) each.isOpen = false;
      return;
    }
    const answer = this.gate.reserves.release(seat, parent.id, this.now);
    expect(answer === undefined).toBe(parent.isOpen && !isOther);
    if (!isOther) parent.isOpen = false;
    this.seen.add("released");
  }

  #replace(held: OracleOrder, b: number): void {
    if (!held.isOpen || held.filled >= held.lots) return;
    const lots = held.filled + 1 + (b % 60);
    const parent = this.oracle.parents.find(({ id, isOpen }) => id === held.parent && isOpen);
    const rest = parent === undefined ? 0 : this.oracle.rest(parent);
    const more = Math.max(0, lots - held.lots);
    const fits = more === 0 || this.#fits(held.instrument, held.side, more - Math.min(rest, more));
    held.requests += 1;
    const { gate } = this;
    const answer = gate.checkReplace(held.slot, held.id, held.requests, lots, held.priceTicks, this.now);
    expect(codeOf(answer)).toBe(fits ? "approved" : "RISK_POSITION_EXCEEDED");
    if (!(answer instanceof ApprovedOrder)) return;
    if (more > 0 && parent !== undefined) this.seen.add("child replaced");
    gate.take(answer, outboundOrder());
    gate.settlement.replaced(held.slot, held.requests);
    held.lots = lots;
  }

  #restore(b: number): void {
    if (b % 3 !== 0) return;
    const bytes = this.gate.save();
    this.gate = this.#gate();
    this.gate.load(bytes);
    expect(Buffer.from(this.gate.save()).equals(bytes)).toBe(true);
    this.seen.add("restored");
  }
}

describe("parents that the gate holds", () => {
  it("count each lot once, whatever becomes of them and their children", { timeout: 120_000 }, () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 120 }), (steps) => {
        const played = new Played(seen);
        for (const each of steps) played.step(each);
      }),
      { numRuns: RUNS },
    );
    expect([...seen].sort()).toEqual([
      ...["child RISK_DUPLICATE_ORDER", "child RISK_ORDER_INVALID", "child RISK_POSITION_EXCEEDED"],
      ...["child approved", "child beyond its parent", "child replaced", "grown", "growth refused", "killed"],
      ...["late", "opened", "parent refused", "released", "restored", "shrunk"],
    ]);
  });
});
