import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ParentOrder } from "../../src/algo/index.ts";
import type { AlgoSpec } from "../../src/model/index.ts";
import { parentOf, playScript, type ScriptStep } from "../fixtures/algo-script.ts";
import type { AlgoWorld, WorldTicket } from "../fixtures/algo-world.ts";

const RUNS = Number(process.env.ALGO_RUNS ?? 150);
const SECOND = 1_000_000_000;

const step = fc.tuple(fc.nat(11), fc.nat(10_000), fc.nat(10_000));
const script: fc.Arbitrary<readonly ScriptStep[]> = fc.array(step, { minLength: 20, maxLength: 160 });

const common = fc.record({
  side: fc.constantFrom("buy", "sell"),
  lots: fc.integer({ min: 10, max: 400 }),
  away: fc.integer({ min: -2, max: 12 }),
  startNs: fc.constantFrom(0, 3 * SECOND),
  lasts: fc.integer({ min: 5, max: 120 }),
  urgency: fc.constantFrom(0, 0.2, 0.5, 1),
  minChildLots: fc.integer({ min: 1, max: 9 }),
  minNotional: fc.constantFrom(undefined, "400", "700"),
  maxParticipation: fc.constantFrom(1, 1, 0.3),
  ownPrints: fc.boolean(),
  residual: fc.constantFrom("cancel", "cross", "carry"),
  seed: fc.nat(1000),
  refusalsMax: fc.constantFrom(2, 100),
  maxChildLots: fc.constantFrom(undefined, 20, 50),
});

const sliced = {
  catchUp: fc.constantFrom("spread", "aggressive", "drop"),
  maxCatchUp: fc.constantFrom(1, 2, 3),
  timeJitter: fc.constantFrom(0, 0.1, 0.5),
  sizeJitter: fc.constantFrom(0, 0.3),
};

const program = fc.oneof(
  fc.record({ algo: fc.constant("twap"), slices: fc.integer({ min: 1, max: 12 }), ...sliced }),
  fc.record({
    algo: fc.constant("vwap"),
    curve: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
    ...sliced,
    rescales: fc.boolean(),
    marketLots: fc.constant(10_000),
    lookbackNs: fc.constantFrom(SECOND, 20 * SECOND),
    lead: fc.constantFrom(1, 0.2, 0.01),
    lag: fc.constantFrom(1, 0.3, 0.01),
  }),
  fc.record({
    algo: fc.constant("shortfall"),
    slices: fc.integer({ min: 1, max: 12 }),
    ...sliced,
    impact: fc.record({
      riskAversion: fc.constantFrom(0, 1e-3, 1),
      sigma: fc.constant(2),
      eta: fc.constant(0.5),
    }),
    marketLots: fc.constant(1_000),
    replan: fc.record({
      volatility: fc.constantFrom(1.2, 3),
      volume: fc.constantFrom(1.5, 4),
      slices: fc.integer({ min: 1, max: 3 }),
    }),
  }),
  fc.record({
    algo: fc.constant("pov"),
    participation: fc.constantFrom(0.1, 0.5),
    intervalNs: fc.constantFrom(SECOND, 7 * SECOND),
    maxSliceLots: fc.constantFrom(7, 1_000),
    catchUp: fc.constantFrom("spread", "aggressive", "drop"),
  }),
  fc.record({
    algo: fc.constant("iceberg"),
    displayLots: fc.constant(10),
    displayJitterLots: fc.constantFrom(0, 1),
    refreshNs: fc.constantFrom(0, SECOND),
  }),
  fc.record({ algo: fc.constant("sweep"), levels: fc.integer({ min: 1, max: 5 }) }),
);

const specs: fc.Arbitrary<AlgoSpec> = fc.tuple(common, program).map(([base, more]) => {
  const { away, lasts, ...rest } = base;
  const limitTicks = base.side === "buy" ? 10_001 + away : 9_999 - away;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const endNs = base.startNs + lasts * SECOND;
  const whole = more.algo === "sweep" ? { maxParticipation: 1 } : {};
  return { instrument: "ABC", ...given, limitTicks, endNs, ...more, ...whole } as AlgoSpec;
});

/** What a child may do, from the venue's side alone: its own list of orders, with nothing of the parent's figures. */
class SlowRules {
  readonly #spec: AlgoSpec;
  #printed = 0;

  constructor(spec: AlgoSpec) {
    this.#spec = spec;
  }

  printed(lots: number): void {
    this.#printed += lots;
  }

  sent(ticket: WorldTicket, world: AlgoWorld, parent: ParentOrder | undefined): void {
    const spec = this.#spec;
    const { lots, priceTicks } = ticket;
    expect(world.nowNs).toBeGreaterThanOrEqual(spec.startNs ?? 0);
    expect(world.nowNs).toBeLessThan(spec.endNs ?? Number.POSITIVE_INFINITY);
    const limit = spec.limitTicks as number;
    expect(spec.side === "buy" ? priceTicks <= limit : priceTicks >= limit).toBe(true);
    expect(Number.isSafeInteger(lots) && lots >= (spec.minChildLots as number)).toBe(true);
    expect(lots).toBeLessThanOrEqual(spec.maxChildLots ?? lots);
    expect(lots * priceTicks).toBeGreaterThanOrEqual(Number(spec.minNotional ?? 0) * 100);
    expect(["paused", "canceled", "ending"]).not.toContain(parent?.status);
    const book = world.book();
    expect(book.hasBid && book.hasAsk && book.bestBid < book.bestAsk && book.validity === "valid").toBe(true);
    if (ticket.request.postOnly === true) {
      expect(spec.side === "buy" ? priceTicks < book.bestAsk : priceTicks > book.bestBid).toBe(true);
    }
    const possible = possibleLots(world);
    expect(possible).toBeLessThanOrEqual(spec.lots);
    this.#volume(possible, spec.maxParticipation ?? 1);
    if (spec.algo === "pov") this.#volume(possible, spec.participation);
  }

  #volume(possible: number, share: number): void {
    if (share === 1) return;
    const bound =
      this.#spec.ownPrints === false ? (this.#printed * share) / (1 - share) : this.#printed * share;
    expect(possible).toBeLessThanOrEqual(bound + 1e-9);
  }
}

/** What all orders of a world filled, and could still fill. */
function possibleLots(world: AlgoWorld): number {
  return world.tickets.reduce((total, ticket) => total + ticket.filled + ticket.leaves, 0);
}

function checkFigures(world: AlgoWorld, parent: ParentOrder): void {
  const filled = world.tickets.reduce((total, ticket) => total + ticket.filled, 0);
  const working = world.tickets.reduce((total, ticket) => total + ticket.leaves, 0);
  expect(parent.filledLots).toBe(filled);
  expect(parent.workingLots).toBe(working);
  expect(filled + working + parent.remainingLots).toBe(parent.terms.lots);
  expect(parent.remainingLots).toBeGreaterThanOrEqual(0);
  if (parent.isOver) expect(working).toBe(0);
  if (parent.isOver) expect(world.timers).toEqual([]);
  expect(world.timers.length).toBeLessThanOrEqual(1);
  if (filled > 0) {
    const worth = world.tickets.reduce((total, ticket) => total + ticket.worth, 0);
    expect(parent.averageTicks).toBeCloseTo(worth / filled, 6);
  }
}

/** Answers everything until the parent's time is over and nothing is open. */
function settle(world: AlgoWorld): void {
  for (let i = 0; i < 60 && !parentOf(world).isOver; i++) {
    for (const ticket of world.open()) {
      if (ticket.isPending) world.finish(ticket, "canceled");
      else if (ticket.request.timeInForce === "IOC") world.finish(ticket, "expired");
      else if (ticket.status === "pendingNew") world.accept(ticket);
    }
    world.advance(10 * SECOND);
    if (parentOf(world).status === "finishing") world.desk.cancel(parentOf(world).id, world);
  }
}

function isStartable(spec: AlgoSpec): boolean {
  if (spec.lots < (spec.minChildLots ?? 1)) return false;
  if (spec.maxChildLots !== undefined && spec.maxChildLots < (spec.minChildLots ?? 1)) return false;
  const isThin =
    spec.algo === "sweep" && (spec.side === "buy" ? spec.limitTicks < 10_001 : spec.limitTicks > 9_999);
  return !isThin && !(spec.algo === "iceberg" && spec.lots < 20);
}

describe("a parent order among random events", () => {
  it("keeps its sum, its limit, its time, its least child, its share of the volume, and ends", () => {
    let children = 0;
    let fills = 0;
    fc.assert(
      fc.property(specs.filter(isStartable), script, (spec, events) => {
        const rules = new SlowRules(spec);
        const world = playScript(spec, events, {
          sent: (ticket, now, parent) => rules.sent(ticket, now, parent),
          after: checkFigures,
          printed: (lots) => rules.printed(lots),
        });
        settle(world);
        checkFigures(world, parentOf(world));
        expect(parentOf(world).isOver).toBe(true);
        children += world.tickets.length;
        fills += parentOf(world).filledLots;
      }),
      { numRuns: RUNS },
    );
    expect(children).toBeGreaterThan(RUNS);
    expect(fills).toBeGreaterThan(RUNS);
  });

  it("sends the same children when it is saved and loaded after every event", () => {
    fc.assert(
      fc.property(specs.filter(isStartable), script, (spec, events) => {
        const [plain, restored] = [playScript(spec, events), playScript(spec, events, {}, true)];
        expect(restored.notes).toEqual(plain.notes);
        expect(restored.desk.onSave()).toEqual(plain.desk.onSave());
      }),
      { numRuns: RUNS },
    );
  });

  it("says the same to the same events", () => {
    fc.assert(
      fc.property(specs.filter(isStartable), script, (spec, events) => {
        expect(playScript(spec, events).notes).toEqual(playScript(spec, events).notes);
      }),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });
});
