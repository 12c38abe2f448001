import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type RouteBook,
  type RouteDecision,
  type RouteOrder,
  type RouteVenue,
  SmartOrderRouter,
} from "../../src/route/index.ts";
import { costOf, type SlowVenue, slowRoute, slowVenue, tradesThrough } from "./route-oracle.ts";

/** How many cases of each kind: more find more. */
const CASES = Number(process.env.ROUTE_CASES ?? 250);
const SEED = process.env.ROUTE_SEED === undefined ? {} : { seed: Number(process.env.ROUTE_SEED) };

const levels = (sign: 1 | -1, from: number) =>
  fc
    .array(fc.record({ gap: fc.integer({ min: 1, max: 2 }), lots: fc.integer({ min: 1, max: 5 }) }), {
      maxLength: 3,
    })
    .map((rows) => {
      let ticks = from;
      return rows.map(({ gap, lots }) => {
        ticks += sign * gap;
        return { priceTicks: ticks, lots };
      });
    });
const book = fc
  .integer({ min: -2, max: 3 })
  .chain((mid) => fc.record({ asks: levels(1, mid), bids: levels(-1, mid) }));
/** Fees of up to two ticks, mostly round, so that all-in prices tie. */
const fee = fc.oneof(
  fc.constantFrom(0, 100_000_000, -100_000_000, 50_000_000),
  fc.integer({ min: -200_000_000, max: 200_000_000 }),
);
const plain = fc.record({
  fees: fc.tuple(fc.record({ takerPerLot: fee, takerRate: fc.constantFrom(0, 30_000, -3_333_333) })),
  latencyNs: fc.integer({ min: 0, max: 1_000_000 }),
  isProtected: fc.boolean(),
});
const stepped = fc.record({
  lotStep: fc.integer({ min: 1, max: 3 }),
  minLots: fc.integer({ min: 1, max: 5 }),
});
const venues = (withSteps: boolean) =>
  fc
    .array(fc.tuple(plain, withSteps ? stepped : fc.constant({}), book), { minLength: 1, maxLength: 4 })
    .map((rows) =>
      rows.map(([first, steps, shown], i) => ({
        venue: { id: `V${i}`, ...first, ...steps } as RouteVenue,
        book: shown as RouteBook,
      })),
    );
const order: fc.Arbitrary<RouteOrder> = fc
  .record({
    side: fc.constantFrom("buy" as const, "sell" as const),
    lots: fc.integer({ min: 1, max: 14 }),
    limitTicks: fc.option(fc.integer({ min: -6, max: 8 }), { nil: undefined }),
    policy: fc.constantFrom("sweep" as const, "cost" as const),
    isProtecting: fc.boolean(),
    nowNs: fc.constant(5),
  })
  .map(({ limitTicks, ...rest }) => (limitTicks === undefined ? rest : { ...rest, limitTicks }));

type Shown = { readonly venue: RouteVenue; readonly book: RouteBook }[];

function routerOf(shown: Shown, more: { readonly seed?: number } = {}): SmartOrderRouter {
  const router = new SmartOrderRouter({
    venues: shown.map(({ venue }) => venue),
    searchMax: 65_536,
    ...more,
  });
  for (const [v, { book: each }] of shown.entries()) expect(router.setBook(v, each, v)).toBeUndefined();
  return router;
}

function slowVenues(shown: Shown, router: SmartOrderRouter, { side, limitTicks }: RouteOrder): SlowVenue[] {
  const sign = side === "buy" ? 1 : -1;
  return shown.map((each, v) =>
    slowVenue(each.venue, each.book, sign, limitTicks, router.claimedLots(v, sign === 1 ? "asks" : "bids")),
  );
}

function isMarketCrossed(shown: Shown): boolean {
  const bound = shown.filter(({ venue }) => venue.isProtected);
  const bid = Math.max(...bound.map((each) => each.book.bids[0]?.priceTicks ?? -Infinity));
  return bid > Math.min(...bound.map((each) => each.book.asks[0]?.priceTicks ?? Infinity));
}

function takenOf(decision: RouteDecision, count: number): number[] {
  const taken = Array.from({ length: count }, () => 0);
  for (const { venue, lots, kind } of decision.slices())
    if (kind === "take") taken[venue] = (taken[venue] ?? 0) + lots;
  return taken;
}

/** One parent against every division there is. */
function checkBest(shown: Shown, router: SmartOrderRouter, each: RouteOrder): void {
  const slow = slowVenues(shown, router, each);
  const isProtecting = each.isProtecting === true && !isMarketCrossed(shown);
  const by = each.policy === "sweep" ? "price" : "cost";
  const before = router.stateHash();
  const decision = router.route(each);
  if (!decision.ok) {
    expect(decision.code).toBe("ROUTE_SIDE_MISSING");
    expect(router.stateHash()).toBe(before);
    return;
  }
  const best = slowRoute(slow, each.lots, by, isProtecting);
  const taken = takenOf(decision, shown.length);
  expect({ unfilled: decision.unfilledLots, cost: costOf(slow, taken, by) }).toEqual(best);
  expect([decision.isOptimal, decision.gapUnits]).toEqual([true, 0]);
  expect(decision.allInUnits()).toBe(costOf(slow, taken, "cost"));
  expect(decision.takenLots + decision.unfilledLots).toBe(each.lots);
  for (const [v, { lots }] of slow.entries()) {
    expect(decision.availableLots[v]).toBe(lots.length);
    expect(taken[v]).toBeLessThanOrEqual(lots.length);
  }
}

describe("against every division there is", () => {
  it("takes the most, then the cheapest: whole lots of 1", () => {
    fc.assert(
      fc.property(venues(false), order, (shown, each) => checkBest(shown, routerOf(shown), each)),
      { numRuns: CASES, ...SEED },
    );
  });

  it("takes the most, then the cheapest: lot steps and least orders", () => {
    fc.assert(
      fc.property(venues(true), order, (shown, each) => checkBest(shown, routerOf(shown), each)),
      { numRuns: CASES, ...SEED },
    );
  });

  it("a second parent takes what the first has left", () => {
    fc.assert(
      fc.property(venues(true), fc.array(order, { minLength: 2, maxLength: 4 }), (shown, orders) => {
        const router = routerOf(shown);
        for (const each of orders) checkBest(shown, router, each);
      }),
      { numRuns: Math.ceil(CASES / 3), ...SEED },
    );
  });

  it("where the search is cut short, the best is no further away than the gap says", () => {
    fc.assert(
      fc.property(venues(true), order, fc.integer({ min: 1, max: 3 }), (shown, each, searchMax) => {
        const router = new SmartOrderRouter({ venues: shown.map(({ venue }) => venue), searchMax });
        for (const [v, { book: one }] of shown.entries()) router.setBook(v, one, v);
        const slow = slowVenues(shown, router, each);
        const decision = router.route(each);
        if (!decision.ok) return;
        const by = each.policy === "sweep" ? "price" : "cost";
        const best = slowRoute(slow, each.lots, by, each.isProtecting === true && !isMarketCrossed(shown));
        const cost = costOf(slow, takenOf(decision, shown.length), by);
        if (decision.isOptimal) expect([decision.unfilledLots, cost]).toEqual([best.unfilled, best.cost]);
        else if (Number.isNaN(decision.gapUnits))
          expect(decision.unfilledLots).toBeGreaterThanOrEqual(best.unfilled);
        else {
          expect(decision.unfilledLots).toBe(best.unfilled);
          expect(Number(cost - best.cost)).toBeLessThanOrEqual(decision.gapUnits);
        }
      }),
      { numRuns: CASES, ...SEED },
    );
  });
});

describe("random sizes", () => {
  it("keep the sum, the steps, the limit, the depth and protected quotes; a seed gives one answer", () => {
    fc.assert(
      fc.property(
        venues(true),
        order,
        fc.nat(1e6),
        fc.integer({ min: 1, max: 10_000 }),
        (shown, one, seed, jitterBps) => {
          const each = { ...one, jitterBps };
          const router = routerOf(shown, { seed });
          const slow = slowVenues(shown, router, each);
          const best = routerOf(shown).route(one);
          const decision = router.route(each);
          if (!decision.ok || !best.ok) return;
          const taken = takenOf(decision, shown.length);
          expect(decision.unfilledLots).toBe(best.unfilledLots);
          expect(decision.takenLots).toBe(taken.reduce((a, b) => a + b, 0));
          for (const [v, { lots, step, min }] of slow.entries()) {
            const x = taken[v] ?? 0;
            expect(x <= lots.length && x % step === 0 && (x === 0 || x >= min)).toBe(true);
          }
          if (one.isProtecting && !isMarketCrossed(shown)) expect(tradesThrough(slow, taken)).toBe(false);
          const by = one.policy === "sweep" ? "price" : "cost";
          const above = costOf(slow, taken, by) - costOf(slow, takenOf(best, shown.length), by);
          expect(decision.gapUnits).toBe(Number(above));
          const again = routerOf(shown, { seed }).route(each);
          expect(again.ok && again.slices()).toEqual(decision.slices());
        },
      ),
      { numRuns: CASES, ...SEED },
    );
  });
});

type Step =
  | { readonly kind: "route"; readonly order: RouteOrder }
  | { readonly kind: "book"; readonly venue: number; readonly book: RouteBook }
  | {
      readonly kind: "fill" | "end" | "acknowledge" | "markout";
      readonly pick: number;
      readonly lots: number;
    };

const passive = order.map(
  (each): RouteOrder => ({
    ...each,
    policy: "passive",
    horizonNs: 1_000_000_000,
    fillProbabilityMin: 0.1,
    jitterBps: 3_000,
  }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("route" as const), order: fc.oneof(order, passive) }),
  fc.record({ kind: fc.constant("book" as const), venue: fc.nat(3), book }),
  fc.record({
    kind: fc.constantFrom("fill" as const, "end" as const, "acknowledge" as const, "markout" as const),
    pick: fc.nat(100),
    lots: fc.integer({ min: 0, max: 6 }),
  }),
);

interface Sent {
  readonly id: number;
  readonly venue: number;
  readonly side: "buy" | "sell";
  readonly kind: "take" | "post";
  readonly limitTicks: number;
  leaves: number;
}

/** Does a step and keeps, slowly, what is in flight; returns what the router said. */
function apply(router: SmartOrderRouter, each: Step, sent: Sent[], ns: number): unknown {
  if (each.kind === "book") return router.setBook(each.venue, each.book, ns);
  if (each.kind === "route") {
    const decision = router.route({ ...each.order, nowNs: ns });
    if (!decision.ok) return decision;
    const slices = decision.slices();
    const total = slices.reduce((sum, { lots }) => sum + lots, 0);
    expect(total + decision.unfilledLots).toBe(each.order.lots);
    for (const { delayNs, limitTicks } of slices) {
      expect(delayNs).toBeGreaterThanOrEqual(0);
      const { side, limitTicks: limit } = each.order;
      if (limit !== undefined)
        expect(side === "buy" ? limit - limitTicks : limitTicks - limit).toBeGreaterThanOrEqual(0);
    }
    for (const { id, venue, kind, lots, limitTicks } of slices)
      sent.push({ id, venue, side: each.order.side, kind, limitTicks, leaves: lots });
    return [slices, decision.expectedLots, [...decision.why]];
  }
  const at = sent.length === 0 ? -1 : each.pick % sent.length;
  const slice = sent[at];
  const id = slice?.id ?? 7;
  if (each.kind === "markout") return router.markout(each.pick % 4, each.lots - 3);
  if (each.kind === "acknowledge") return router.acknowledge(id, each.lots * 1000);
  if (each.kind === "end") {
    if (at >= 0) sent.splice(at, 1);
    return router.end(id, (["done", "rejected", "notSent"] as const)[each.lots % 3]);
  }
  const refused = router.fill(id, each.lots, slice?.limitTicks ?? 0);
  if (slice !== undefined && refused === undefined) slice.leaves -= each.lots;
  return refused;
}

describe("sequences of calls", () => {
  const four = venues(true).filter((shown) => shown.length === 4);

  it("claim what is in flight, and change nothing where refused", () => {
    fc.assert(
      fc.property(four, fc.array(step, { maxLength: 40 }), (shown, steps) => {
        const router = new SmartOrderRouter({
          venues: shown.map(({ venue }) => ({ ...venue, flowLotsPerS: 20 })),
          slicesMax: 24,
          scorecard: { alpha: 0.3, weights: { markout: 0.5, reject: 1e7, miss: 1e6, latency: 2 } },
        });
        const sent: Sent[] = [];
        for (const [i, each] of steps.entries()) {
          const before = router.stateHash();
          const said = apply(router, each, sent, i);
          if ((said as { ok?: boolean } | undefined)?.ok === false) expect(router.stateHash()).toBe(before);
          expect(router.slicesInFlight).toBe(sent.length);
          for (let v = 0; v < 4; v++) {
            for (const [side, name] of [["buy", "asks"] as const, ["sell", "bids"] as const]) {
              const claims = sent.filter(
                (one) => one.kind === "take" && one.venue === v && one.side === side,
              );
              expect(router.claimedLots(v, name)).toBe(claims.reduce((sum, { leaves }) => sum + leaves, 0));
            }
          }
        }
      }),
      { numRuns: Math.ceil(CASES / 8), ...SEED },
    );
  });

  it("go on from what was saved as if nothing had been", () => {
    fc.assert(
      fc.property(four, fc.array(step, { maxLength: 30 }), (shown, steps) => {
        const options = {
          venues: shown.map(({ venue }) => ({ ...venue, flowLotsPerS: 20 })),
          scorecard: { alpha: 0.3, weights: { markout: 0.5, improvement: 1, latency: 2 } },
        };
        const router = new SmartOrderRouter(options);
        let other = new SmartOrderRouter(options);
        const [sent, sentByOther]: [Sent[], Sent[]] = [[], []];
        for (const [i, each] of steps.entries()) {
          expect(apply(other, each, sentByOther, i)).toEqual(apply(router, each, sent, i));
          other = SmartOrderRouter.restore(JSON.parse(JSON.stringify(other.save())), options);
          expect(other.stateHash()).toBe(router.stateHash());
        }
      }),
      { numRuns: Math.ceil(CASES / 8), ...SEED },
    );
  });
});
