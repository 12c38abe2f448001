import { expect, it } from "vitest";
import { type RouteOrder, type RouterOptions, SmartOrderRouter } from "../../src/route/index.ts";

const OPTIONS: RouterOptions = {
  venues: [
    { id: "A", fees: [{}], latencyNs: 0 },
    { id: "B", fees: [{}], latencyNs: 0 },
  ],
  slicesMax: 6,
};
const ORDER: RouteOrder = { side: "buy", lots: 5, nowNs: 10, policy: "cost" };
const LEVEL = { priceTicks: 100, lots: 5 };

function standing(): SmartOrderRouter {
  const router = new SmartOrderRouter(OPTIONS);
  router.setBook(0, { bids: [{ priceTicks: 99, lots: 5 }], asks: [LEVEL] }, 5);
  router.setBook(1, { bids: [], asks: [{ priceTicks: 101, lots: 5 }] }, 5);
  return router;
}

/** Calls, expects this code and field, and that nothing has changed. */
function refused(call: (router: SmartOrderRouter) => unknown, code: string, field: string): void {
  const router = standing();
  router.route({ ...ORDER, lots: 1 });
  const before = router.stateHash();
  expect(call(router)).toMatchObject({ ok: false, code, field });
  expect(router.stateHash()).toBe(before);
}

it.each([
  ["side", { side: "by" }],
  ["lots", { lots: 0 }],
  ["lots", { lots: -1 }],
  ["lots", { lots: 0.5 }],
  ["lots", { lots: Number.NaN }],
  ["lots", { lots: 2 ** 53 }],
  ["lots", { lots: "5" }],
  ["limitTicks", { limitTicks: 100.5 }],
  ["limitTicks", { limitTicks: 2 ** 40 }],
  ["limitTicks", { limitTicks: Number.POSITIVE_INFINITY }],
  ["nowNs", { nowNs: -1 }],
  ["policy", { policy: "best" }],
  ["isProtecting", { isProtecting: 1 }],
  ["arrivesTogether", { arrivesTogether: "no" }],
  ["isWhole", { isWhole: null }],
  ["jitterBps", { jitterBps: 10_001 }],
  ["fillRateMin", { fillRateMin: Number.NaN }],
  ["postTicks", { postTicks: 5 }],
  ["horizonNs", { horizonNs: 5 }],
  ["horizonNs", { policy: "passive", horizonNs: 0 }],
  ["postTicks", { policy: "passive", postTicks: 0.1 }],
  ["fillProbabilityMin", { policy: "passive", fillProbabilityMin: 2 }],
  ["postLotsMax", { policy: "passive", postLotsMax: -1 }],
  ["limit", { limit: 5 }],
])("an order with a wrong %s is refused: %o", (field, more) => {
  refused((router) => router.route({ ...ORDER, ...more } as RouteOrder), "ROUTE_ORDER_INVALID", field);
});

it.each([
  ["asks[0].lots", { bids: [], asks: [{ priceTicks: 100, lots: 0 }] }],
  ["asks[0].lots", { bids: [], asks: [{ priceTicks: 100, lots: -3 }] }],
  ["asks[0].lots", { bids: [], asks: [{ priceTicks: 100, lots: 1.5 }] }],
  ["asks[0].lots", { bids: [], asks: [{ priceTicks: 100, lots: 2 ** 53 }] }],
  ["asks[1].lots", { bids: [], asks: [LEVEL, { priceTicks: 101, lots: 2 ** 46 }] }],
  ["asks[0].priceTicks", { bids: [], asks: [{ priceTicks: 0.25, lots: 1 }] }],
  ["asks[0].priceTicks", { bids: [], asks: [{ priceTicks: 2 ** 31, lots: 1 }] }],
  ["asks[1].priceTicks", { bids: [], asks: [LEVEL, LEVEL] }],
  ["bids[1].priceTicks", { bids: [LEVEL, { priceTicks: 101, lots: 1 }], asks: [] }],
  ["bids", { asks: [LEVEL] }],
  ["asks", undefined],
])("a book with wrong %s is refused", (field, book) => {
  refused((router) => router.setBook(0, book as never, 9), "ROUTE_BOOK_INVALID", field);
});

const CALLS: readonly [string, string, (router: SmartOrderRouter) => unknown][] = [
  ["ROUTE_BOOK_CROSSED", "bids[0].priceTicks", (r) => r.setBook(0, { bids: [LEVEL], asks: [LEVEL] }, 9)],
  ["ROUTE_TIME", "ns", (r) => r.setBook(0, { bids: [], asks: [] }, 4)],
  ["ROUTE_TIME", "ns", (r) => r.setBook(0, { bids: [], asks: [] }, Number.NaN)],
  ["ROUTE_VENUE_UNKNOWN", "venue", (r) => r.setBook(2, { bids: [], asks: [] }, 9)],
  ["ROUTE_VENUE_UNKNOWN", "venue", (r) => r.setStatus(-1, "halted")],
  ["ROUTE_VENUE_UNKNOWN", "venue", (r) => r.setVolume(0.5, 1)],
  ["ROUTE_VENUE_UNKNOWN", "venue", (r) => r.markout(7, 1)],
  ["ROUTE_REPORT_INVALID", "status", (r) => r.setStatus(0, "open" as never)],
  ["ROUTE_REPORT_INVALID", "lots", (r) => r.setVolume(0, -1)],
  ["ROUTE_REPORT_INVALID", "lotsPerS", (r) => r.setFlow(0, Number.NaN)],
  ["ROUTE_REPORT_INVALID", "ticks", (r) => r.markout(0, Number.NaN)],
  ["ROUTE_SLICE_UNKNOWN", "slice", (r) => r.end(1)],
  ["ROUTE_SLICE_UNKNOWN", "slice", (r) => r.fill(6.5, 1, 100)],
  ["ROUTE_SLICE_UNKNOWN", "slice", (r) => r.acknowledge(Number.NaN, 1)],
  ["ROUTE_REPORT_INVALID", "how", (r) => r.end(6, "gone" as never)],
  ["ROUTE_REPORT_INVALID", "latencyNs", (r) => r.acknowledge(6, -1)],
  ["ROUTE_REPORT_INVALID", "lots", (r) => r.fill(6, 0, 100)],
  ["ROUTE_REPORT_INVALID", "priceTicks", (r) => r.fill(6, 1, 101)],
  ["ROUTE_OVERFILL", "lots", (r) => r.fill(6, 2, 100)],
  ["ROUTE_SIDE_MISSING", "bids", () => new SmartOrderRouter(OPTIONS).route({ ...ORDER, side: "sell" })],
  ["ROUTE_LIQUIDITY_SHORT", "lots", (r) => r.route({ ...ORDER, lots: 10, isWhole: true })],
  ["ROUTE_LIQUIDITY_SHORT", "lots", (r) => r.route({ ...ORDER, lots: 10, isWhole: true, jitterBps: 5_000 })],
];

it.each(CALLS)("%s names %s and changes nothing", (code, field, call) => {
  refused(call, code, field);
});

it("slices beyond the bound are refused", () => {
  const router = standing();
  for (let i = 0; i < 3; i++) router.route({ ...ORDER, lots: 1 });
  const before = router.stateHash();
  expect(router.route({ ...ORDER, lots: 1 })).toMatchObject({ code: "ROUTE_CAPACITY" });
  expect(router.stateHash()).toBe(before);
});

it.each([
  ["route.venues", { venues: [] }],
  ["route.venues[0].fees", { venues: [{ id: "A", latencyNs: 0 }] }],
  ["route.venues[0].fees[0].takerRate", { venues: [{ id: "A", latencyNs: 0, fees: [{ takerRate: 0.5 }] }] }],
  ["route.venues[0].fees[1].fromLots", { venues: [{ id: "A", latencyNs: 0, fees: [{}, {}] }] }],
  ["route.venues[0].latencyNs", { venues: [{ id: "A", fees: [{}] }] }],
  ["route.venues[0].lotStep", { venues: [{ id: "A", fees: [{}], latencyNs: 0, lotStep: 0 }] }],
  ["route.venues[1].id", { venues: [OPTIONS.venues[0], OPTIONS.venues[0]] }],
  ["route.venues[0].rebate", { venues: [{ id: "A", fees: [{}], latencyNs: 0, rebate: 1 }] }],
  ["route.levelsMax", { levelsMax: 0 }],
  ["route.slicesMax", { slicesMax: 0.5 }],
  ["route.searchMax", { searchMax: 0 }],
  ["route.seed", { seed: -1 }],
  ["route.scorecard.alpha", { scorecard: { alpha: 0 } }],
  ["route.scorecard.weights.markout", { scorecard: { weights: { markout: -1 } } }],
  ["route.depth", { depth: 5 }],
])("a router with wrong %s is a fault", (path, more) => {
  expect(() => new SmartOrderRouter({ ...OPTIONS, ...more } as RouterOptions)).toThrow(path);
});

it("what no router has saved is a fault", () => {
  const saved = standing().save();
  expect(() => SmartOrderRouter.restore({ ...saved, version: 2 as never }, OPTIONS)).toThrow(
    "route.saved.version",
  );
  expect(() => SmartOrderRouter.restore({ ...saved, venues: [] }, OPTIONS)).toThrow("route.saved.venues");
});

/** A state with a book, a slice in flight that claims, one that has traded a part, and a venue that is halted. */
function busy(): ReturnType<SmartOrderRouter["save"]> {
  const router = standing();
  router.route({ ...ORDER, lots: 7 });
  router.fill(6, 2, 100);
  router.setStatus(1, "halted");
  return JSON.parse(JSON.stringify(router.save()));
}

it.each([
  ["version", (s) => Object.assign(s, { version: undefined })],
  ["venues", (s) => s.venues.reverse()],
  ["venues[0].status", (s) => Object.assign(s.venues[0], { status: "open" })],
  ["venues[1].volumeLots", (s) => Object.assign(s.venues[1], { volumeLots: -1 })],
  ["venues[0].flowLotsPerS", (s) => Object.assign(s.venues[0], { flowLotsPerS: null })],
  ["venues[0].ns", (s) => Object.assign(s.venues[0], { ns: 0.5 })],
  ["venues[0].asks", (s) => Object.assign(s.venues[0], { ns: -1 })],
  ["venues[0].asks[0]", (s) => Object.assign(s.venues[0], { asks: [[1]] })],
  ["venues[0].asks[0].lots", (s) => Object.assign(s.venues[0], { asks: [[100, 0]] })],
  ["venues[0].bids[0].priceTicks", (s) => Object.assign(s.venues[0], { bids: [[100, 5]] })],
  ["venues[0].claimed", (s) => Object.assign(s.venues[0], { claimed: [3] })],
  ["venues[0].claimed[0]", (s) => Object.assign(s.venues[0], { claimed: [4, 0] })],
  ["venues[0].claimed[1]", (s) => Object.assign(s.venues[0], { claimed: [3, -1] })],
  ["venues[1].score.fillRate", (s) => Object.assign(s.venues[1].score, { fillRate: 1.5 })],
  ["venues[1].score.markoutTicks", (s) => Object.assign(s.venues[1].score, { markoutTicks: "0" })],
  ["inFlight", (s) => Object.assign(s, { inFlight: null })],
  ["inFlight.nextId", (s) => Object.assign(s.inFlight, { nextId: 0 })],
  ["inFlight.slices[0]", (s) => s.inFlight.slices[0].pop()],
  ["inFlight.slices[0][0]", (s) => Object.assign(s.inFlight.slices[0], { 0: 5 })],
  ["inFlight.slices[1][0]", (s) => Object.assign(s.inFlight.slices[1], { 0: s.inFlight.slices[0][0] })],
  ["inFlight.slices[0][1]", (s) => Object.assign(s.inFlight.slices[0], { 1: 2 })],
  ["inFlight.slices[0][5]", (s) => Object.assign(s.inFlight.slices[0], { 5: 6 })],
  ["inFlight.slices[1][6]", (s) => Object.assign(s.inFlight.slices[1], { 6: 1e12 })],
  ["inFlight.free", (s) => s.inFlight.free.pop()],
  ["inFlight.free[0]", (s) => Object.assign(s.inFlight.free, { 0: 0 })],
  ["inFlight.free[1]", (s) => Object.assign(s.inFlight.free, { 1: s.inFlight.free[0] })],
  ["draws", (s) => Object.assign(s, { draws: [0, 0, 0, 0] })],
  ["draws", (s) => Object.assign(s, { draws: [1, 2, 3] })],
  // biome-ignore lint/suspicious/noExplicitAny: a state is damaged anywhere.
] satisfies [string, (saved: any) => unknown][])(
  "a state with a damaged %s is a fault that names it",
  (path, damage) => {
    const saved = busy();
    expect(SmartOrderRouter.restore(saved, OPTIONS).save()).toEqual(saved);
    damage(saved);
    expect(() => SmartOrderRouter.restore(saved, OPTIONS)).toThrow(`FAULT_INPUT route.saved.${path}:`);
  },
);

it("a state of a router with other bounds is a fault", () => {
  expect(() => SmartOrderRouter.restore(busy(), { ...OPTIONS, slicesMax: 8 })).toThrow(
    "route.saved.inFlight",
  );
  const deep = standing();
  deep.setBook(0, { bids: [], asks: [LEVEL, { priceTicks: 101, lots: 1 }] }, 9);
  expect(() => SmartOrderRouter.restore(deep.save(), { ...OPTIONS, levelsMax: 1 })).toThrow("venues[0].asks");
});

it.each([
  ["a parent larger than the market", { lots: 2 ** 46 }, 10, 2 ** 46 - 10],
  ["a limit that nobody reaches", { limitTicks: 99 }, 0, 5],
  ["a price below 0", { limitTicks: -(2 ** 29) }, 0, 5],
])("%s leaves the rest unfilled", (_name, more, taken, unfilled) => {
  const decision = standing().route({ ...ORDER, ...more });
  expect(decision).toMatchObject({ ok: true, takenLots: taken, unfilledLots: unfilled });
});
