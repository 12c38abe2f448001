import { describe, expect, it } from "vitest";
import { OrderBook } from "../../src/book/index.ts";
import {
  expectedFill,
  type RouteDecision,
  type RouteOrder,
  type RouterOptions,
  type RouteVenue,
  SmartOrderRouter,
} from "../../src/route/index.ts";

const FREE: RouteVenue["fees"] = [{}];

function levels(...pairs: readonly (readonly [number, number])[]): { priceTicks: number; lots: number }[] {
  return pairs.map(([priceTicks, lots]) => ({ priceTicks, lots }));
}

/** Venues A, B, ... with these asks and no bids. */
function routerOf(
  asks: readonly (readonly (readonly [number, number])[])[],
  more: readonly Partial<RouteVenue>[] = [],
  options: Partial<RouterOptions> = {},
): SmartOrderRouter {
  const venues = asks.map((_, v) => ({ id: "ABCDE"[v] as string, fees: FREE, latencyNs: 0, ...more[v] }));
  const router = new SmartOrderRouter({ venues, ...options });
  for (const [v, side] of asks.entries()) router.setBook(v, { bids: [], asks: levels(...side) }, v);
  return router;
}

function routed(router: SmartOrderRouter, order: Partial<RouteOrder> = {}): RouteDecision {
  const decision = router.route({ side: "buy", lots: 10, nowNs: 10, policy: "cost", ...order });
  if (!decision.ok) throw new Error(decision.message);
  return decision;
}

/** [venue, lots, limit] of each slice. */
function slices(decision: RouteDecision): number[][] {
  return decision.slices().map(({ venue, lots, limitTicks }) => [venue, lots, limitTicks]);
}

describe("leaps over levels", () => {
  it("end where a protected quote may not be traded through", () => {
    const router = routerOf(
      [
        [
          [100, 5],
          [101, 5],
          [102, 5],
          [110, 100],
        ],
        [[101, 50]],
      ],
      [{}, { isProtected: true, fees: [{ takerRate: 4_000_000 }] }],
    );
    expect(slices(routed(router, { lots: 30 }))).toEqual([
      [0, 10, 101],
      [1, 20, 101],
    ]);
  });

  it("know what a fill has taken off a venue's levels", () => {
    const router = routerOf([
      [
        [100, 4],
        [105, 6],
      ],
      [[200, 5]],
    ]);
    const first = routed(router, { lots: 3 });
    router.fill(first.slices()[0]?.id ?? 0, 3, 100);
    const next = routed(router, { lots: 20 });
    expect([...next.availableLots]).toEqual([7, 5]);
    expect([next.takenLots, next.unfilledLots]).toEqual([12, 8]);
  });

  it("take the levels of ten venues as one merge by price does", () => {
    const asks = Array.from({ length: 5 }, (_, v) =>
      Array.from({ length: 20 }, (_, i) => [1_000 + 37 * i + v * 11, 3 + ((v * 7 + i * 5) % 9)] as const),
    );
    const sorted = asks
      .flatMap((side, v) => side.map(([tick, lots]) => ({ tick, lots, v })))
      .sort((a, b) => a.tick - b.tick || a.v - b.v);
    for (let lots = 1; lots < 700; lots += 13) {
      const wanted = [0, 0, 0, 0, 0];
      let left = lots;
      for (const level of sorted) {
        const taken = Math.min(left, level.lots);
        wanted[level.v] = (wanted[level.v] as number) + taken;
        left -= taken;
      }
      const decision = routed(routerOf(asks), { lots });
      const taken = [0, 0, 0, 0, 0];
      for (const { venue, lots: some } of decision.slices()) taken[venue] = some;
      expect([...taken, decision.unfilledLots]).toEqual([...wanted, left]);
    }
  });
});

describe("sweep", () => {
  it("goes by price, then by the age of the book", () => {
    const router = routerOf([
      [
        [100, 4],
        [101, 9],
      ],
      [[100, 4]],
      [[99, 1]],
    ]);
    router.setBook(0, { bids: [], asks: levels([100, 4], [101, 9]) }, 9);
    expect(slices(routed(router, { policy: "sweep", lots: 7 }))).toEqual([
      [0, 2, 100],
      [1, 4, 100],
      [2, 1, 99],
    ]);
  });

  it("stops at the limit and says what is left, and why", () => {
    const router = routerOf([
      [
        [100, 4],
        [103, 9],
      ],
      [[104, 4]],
    ]);
    const decision = routed(router, { policy: "sweep", limitTicks: 102 });
    expect([slices(decision), decision.unfilledLots]).toEqual([[[0, 4, 100]], 6]);
    expect([decision.whyOf(0), decision.whyOf(1)]).toEqual(["used", "beyondLimit"]);
  });
});

describe("cost", () => {
  it("counts fees of the tier that holds, per lot and by rate, and for sells", () => {
    const tiers = [{ takerRate: 2_000_000 }, { fromLots: 100, takerRate: -1_000_000 }];
    const router = routerOf(
      [[[100, 10]], [[101, 10]]],
      [{ fees: [{ takerPerLot: 50_000_000 }] }, { fees: tiers }],
    );
    expect(slices(routed(router))).toEqual([[0, 10, 100]]);
    router.setVolume(1, 100);
    // 101 less 1 % is 99.99, 100 with half a tick is 100.5
    const decision = routed(router, { lots: 8 });
    expect(slices(decision)).toEqual([[1, 8, 101]]);
    expect(decision.allInUnits()).toBe(8n * 9_999_000_000n);
    const sells = routerOf([[], []], [{ fees: [{ takerPerLot: 200_000_000 }] }, { fees: [{}] }]);
    sells.setBook(0, { asks: [], bids: levels([100, 10]) }, 1);
    sells.setBook(1, { asks: [], bids: levels([99, 10]) }, 1);
    expect(slices(routed(sells, { side: "sell", lots: 3 }))).toEqual([[1, 3, 99]]);
  });

  it("keeps to steps and least orders, exactly", () => {
    const router = routerOf([[[100, 10]], [[101, 10]]], [{ lotStep: 3, minLots: 4 }, { minLots: 5 }]);
    // 10 of A alone are no multiple of 3; 9 of A leave 1, below the least order of B.
    expect(slices(routed(router))).toEqual([[1, 10, 101]]);
    expect(slices(routed(routerOf([[[100, 10]], [[101, 10]]], [{ lotStep: 3, minLots: 4 }, {}])))).toEqual([
      [0, 9, 100],
      [1, 1, 101],
    ]);
  });

  it("leaves out what is stale, halted, closed, disconnected, unreliable or without that side, and says so", () => {
    const one = [[100, 1]] as const;
    const router = routerOf([one, one, one, one, []], [{ staleNs: 5 }, {}, {}, {}]);
    router.setStatus(1, "halted");
    router.setStatus(2, "closed");
    router.setStatus(3, "disconnected");
    const decision = routed(router);
    expect(decision.sliceCount).toBe(0);
    expect(decision.unfilledLots).toBe(10);
    expect([0, 1, 2, 3, 4].map((v) => decision.whyOf(v))).toEqual([
      "stale",
      "halted",
      "closed",
      "disconnected",
      "noSide",
    ]);
    const poor = routerOf([one, [[101, 1]]], [], { scorecard: { alpha: 1 } });
    poor.end(routed(poor, { lots: 1 }).id[0] as number, "rejected");
    const later = routed(poor, { lots: 1, fillRateMin: 0.5 });
    expect([slices(later), later.whyOf(0)]).toEqual([[[1, 1, 101]], "unreliable"]);
  });
});

describe("slices in flight", () => {
  it("claim what they are to take until they have ended", () => {
    const router = routerOf([[[100, 10]], [[101, 5]]]);
    const first = routed(router, { lots: 10 }).slices()[0];
    const second = routed(router, { lots: 6 });
    expect([slices(second), second.unfilledLots, second.whyOf(0)]).toEqual([[[1, 5, 101]], 1, "claimed"]);
    router.fill(first?.id ?? 0, 4, 100);
    expect(router.claimedLots(0, "asks")).toBe(6);
    router.end(first?.id ?? 0);
    // The four that traded are gone from the book too.
    expect(slices(routed(router, { lots: 10 }))).toEqual([[0, 6, 100]]);
  });
});

describe("protected quotes", () => {
  const bound = { isProtected: true };

  it("are taken whole before a worse price is taken elsewhere, or no worse price is taken", () => {
    // B is dearer by fee, though its price is better: whole it costs 3 * 102, A alone 10 * 101 and a rebate.
    const fees = [
      { fees: [{ takerPerLot: -300_000_000 }] },
      { ...bound, fees: [{ takerPerLot: 200_000_000 }] },
    ];
    const book = [[[101, 20]], [[100, 3]]] as const;
    const free = routed(routerOf(book, fees), { isProtecting: false });
    expect(slices(free)).toEqual([[0, 10, 101]]);
    const decision = routed(routerOf(book, fees));
    expect(slices(decision)).toEqual([
      [0, 7, 101],
      [1, 3, 100],
    ]);
    expect([decision.whyOf(0), decision.whyOf(1)]).toEqual(["used", "protectedQuote"]);
  });

  it("bind nobody where the market is crossed, and are known where it is locked", () => {
    const router = routerOf(
      [[[101, 20]], [[100, 3]]],
      [{ ...bound, fees: [{ takerPerLot: -300_000_000 }] }, bound],
    );
    router.setBook(0, { asks: levels([101, 20]), bids: levels([100, 1]) }, 9);
    expect(routed(router, { lots: 1 })).toMatchObject({ isLocked: true, isCrossed: false });
    router.setBook(1, { asks: levels([99, 3]), bids: [] }, 9);
    const decision = routed(router, { lots: 5 });
    expect([decision.isCrossed, slices(decision)]).toEqual([true, [[0, 5, 101]]]);
  });
});

describe("passive", () => {
  const venues: readonly Partial<RouteVenue>[] = [
    { flowLotsPerS: 100, fees: [{ makerPerLot: -20_000_000 }] },
    { flowLotsPerS: 100 },
  ];

  it("posts where a fill is likely, at the best own-side price, and takes the rest", () => {
    const router = routerOf([[], []], venues);
    router.setBook(0, { asks: levels([103, 50]), bids: levels([100, 400]) }, 9);
    router.setBook(1, { asks: levels([102, 50]), bids: levels([100, 5], [99, 90]) }, 9);
    const decision = routed(router, { policy: "passive", lots: 64, horizonNs: 1_000_000_000 });
    const posts = decision.slices().filter(({ kind }) => kind === "post");
    // The queue of 400 at A is hardly ever reached within a flow of 100; at B the last piece mostly is.
    expect(posts.map(({ venue, limitTicks }) => [venue, limitTicks])).toEqual([[1, 100]]);
    expect(posts[0]?.lots).toBe(64);
    expect(decision.cleanUpNs).toBe(1_000_000_010);
    expect(decision.expectedLots).toBeCloseTo(expectedFill({ ahead: 5, flow: 100 }, 64), 9);
    const surer = routed(router, { policy: "passive", lots: 64, fillProbabilityMin: 0.8 }).slices();
    const sum = (kind: string): number =>
      surer.reduce((all, one) => all + (one.kind === kind ? one.lots : 0), 0);
    // exp(-(5 + L) / 100) is 0.8 at L = 17.3
    expect([sum("post"), sum("take")]).toEqual([17, 47]);
  });

  it("stands one tick off the other side at most, and after the horizon what is left is taken", () => {
    const router = routerOf([[], []], venues);
    router.setBook(0, { asks: levels([101, 50]), bids: levels([100, 1]) }, 9);
    router.setBook(1, { asks: levels([100, 9]), bids: [] }, 9);
    const order = { policy: "passive", lots: 10, postTicks: 105 } as const;
    const [post] = routed(router, order).slices();
    expect(post).toMatchObject({ kind: "post", limitTicks: 99, lots: 10 });
    router.fill(post?.id ?? 0, 4, 99);
    router.end(post?.id ?? 0);
    expect(slices(routed(router, { lots: 6 }))).toEqual([[1, 6, 100]]);
  });
});

it("slices are sent so as to arrive together, by what was learned of the venues", () => {
  const router = routerOf([[[100, 5]], [[100, 5]]], [{ latencyNs: 40 }, { latencyNs: 100 }], {
    scorecard: { alpha: 0.5 },
  });
  const delays = (order: Partial<RouteOrder> = {}): number[] =>
    routed(router, order)
      .slices()
      .map(({ id, delayNs }) => {
        router.end(id, "notSent");
        return delayNs;
      });
  expect(delays()).toEqual([60, 0]);
  expect(delays({ arrivesTogether: false })).toEqual([0, 0]);
  router.acknowledge(routed(router, { lots: 1 }).id[0] as number, 240);
  expect(delays({ lots: 9 })).toEqual([0, 40]);
});

it("a venue whose fills are followed by adverse moves becomes dearer, and others are used", () => {
  const options = { scorecard: { alpha: 0.5, weights: { markout: 1, improvement: 1 } } };
  const router = routerOf([[[100, 5]], [[101, 5]]], [], options);
  router.markout(0, -4);
  expect(router.score(0)).toMatchObject({ markoutTicks: -2, penaltyUnits: 200_000_000 });
  const [slice] = routed(router, { lots: 2 }).slices();
  expect(slice).toMatchObject({ venue: 1, lots: 2 });
  router.fill(slice?.id ?? 0, 2, 99);
  expect(router.score(1)).toMatchObject({ improvementTicks: 1, penaltyUnits: -100_000_000 });
});

it("a book of the room book is read as it stands", () => {
  const book = new OrderBook();
  for (const [tick, lots] of [
    [101, 4],
    [100, 3],
    [105, 1],
  ] as const)
    book.setAsk(tick, lots);
  book.setBid(90, 7);
  const router = routerOf([[]], [], { levelsMax: 2 });
  expect(router.readBook(0, book, 5)).toBeUndefined();
  expect(router.save().venues[0]).toMatchObject({
    asks: [
      [100, 3],
      [101, 4],
    ],
    bids: [[90, 7]],
    ns: 5,
  });
});
