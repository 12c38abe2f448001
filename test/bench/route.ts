import process from "node:process";
import { Prng } from "../../src/base/index.ts";
import { type RouteBook, type RouteOrder, type RouteVenue, SmartOrderRouter } from "../../src/route/index.ts";
import { type FlatLevel, sortingRoute } from "./alternatives/sorting-router.ts";
import { type BenchResult, type BenchRow, ratioFields } from "./bench-row.ts";
import { interleave, type Measured, quantile, ratioOf, spreadOf } from "./rounds.ts";

const VENUES = 10;
const LEVELS = 20;
const DECISIONS = 20_000;

/** Ten venues with twenty levels a side, and parents that take a share of what is shown. */
interface World {
  readonly venues: readonly RouteVenue[];
  readonly books: readonly RouteBook[];
  readonly levels: readonly FlatLevel[];
  readonly shown: number;
}

function world(isProtected: boolean): World {
  const rng = new Prng(20261122);
  const venues = Array.from({ length: VENUES }, (_, v) => ({
    id: `V${v}`,
    fees: [{ takerRate: rng.below(60_000) - 20_000 }],
    latencyNs: 20_000 + rng.below(400_000),
    isProtected,
  }));
  const books = venues.map(() => {
    const side = (sign: number) => {
      let ticks = 10_000 + sign * rng.below(4);
      return Array.from({ length: LEVELS }, () => {
        ticks += sign * (1 + rng.below(2));
        return { priceTicks: ticks, lots: 1 + rng.below(500) };
      });
    };
    return { asks: side(1), bids: side(-1) };
  });
  const levels = books.flatMap(({ asks }, v) =>
    asks.map((level) => ({ ...level, venue: `V${v}`, takerRate: venues[v]?.fees[0]?.takerRate ?? 0 })),
  );
  return { venues, books, levels, shown: levels.reduce((sum, { lots }) => sum + lots, 0) };
}

function routerOf({ venues, books }: World, searchMax = 512): SmartOrderRouter {
  const router = new SmartOrderRouter({ venues, levelsMax: LEVELS, searchMax });
  for (const [v, book] of books.entries()) router.setBook(v, book, 0);
  return router;
}

/** One decision with what follows of it: its slices end without having been sent, so that the next finds the same. */
function decide(router: SmartOrderRouter, order: RouteOrder): void {
  const decision = router.route(order);
  if (!decision.ok) throw new Error(decision.message);
  for (let i = 0; i < decision.sliceCount; i++) router.end(decision.id[i] as number, "notSent");
}

/** The router beside one that sorts all levels anew for each parent: small, middle and large parents. */
export async function bench(): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const share of [0.02, 0.25, 0.9]) {
    const free = world(false);
    const lots = Math.floor(free.shown * share);
    checkEqual(free, lots);
    const order: RouteOrder = { side: "buy", lots, nowNs: 1, policy: "cost" };
    const ours = routerOf(free);
    const measured = await interleave(
      [
        { name: "ours", run: () => repeat(() => decide(ours, order)) },
        { name: "peer", run: () => repeat(() => sortingRoute(free.levels, lots)) },
      ],
      { rounds: 5, warmUps: 2 },
    );
    const of = (name: string): Measured => measured.get(name) as Measured;
    rows.push({
      name: `cost, ${VENUES} venues x ${LEVELS} levels, ${share * 100} % of what is shown`,
      ours: spreadOf(of("ours").nsPerUnit).median,
      unit: "ns/decision",
      peer: "sorting router (alternative)",
      peerValue: spreadOf(of("peer").nsPerUnit).median,
      ...ratioFields(ratioOf(of("peer"), of("ours"))),
      ...latency(() => decide(ours, order)),
    });
    const collections = (name: string): number => spreadOf(of(name).collections).median;
    notes.push(
      `${share * 100} %: collections a run (median): ours ${collections("ours")}, peer ${collections("peer")}`,
    );
    notes.push(`${share * 100} %: ${others(lots)}`);
  }
  rows.push(...(await stepRows(notes)));
  return { rows, notes: ["equal lots at every venue before anything was timed", ...notes] };
}

/** Whole lots: the search where steps and least orders bind, beside the same venues without any. */
async function stepRows(notes: string[]): Promise<BenchRow[]> {
  const free = world(false);
  const stepped = {
    ...free,
    venues: free.venues.map((venue, v) => ({ ...venue, lotStep: 10 + (v % 4) * 10, minLots: 100 })),
  };
  const rows: BenchRow[] = [];
  for (const [share, searchMax] of [
    [0.02, 512],
    [0.25, 64],
    [0.25, 512],
  ] as const) {
    const lots = Math.floor(free.shown * share);
    const order: RouteOrder = { side: "buy", lots, nowNs: 1, policy: "cost" };
    const [bound, plain] = [routerOf(stepped, searchMax), routerOf(free)];
    const once = (router: SmartOrderRouter) => () => repeat(() => decide(router, order), DECISIONS / 20);
    const measured = await interleave(
      [
        { name: "ours", run: once(bound) },
        { name: "peer", run: once(plain) },
      ],
      { rounds: 5, warmUps: 1 },
    );
    const of = (name: string): Measured => measured.get(name) as Measured;
    rows.push({
      name: `whole lots, steps of 10 to 40, least 100, ${share * 100} %, at most ${searchMax} merges`,
      ours: spreadOf(of("ours").nsPerUnit).median,
      unit: "ns/decision",
      peer: "the same venues without steps",
      peerValue: spreadOf(of("peer").nsPerUnit).median,
      ...ratioFields(ratioOf(of("peer"), of("ours"))),
      ...latency(() => decide(bound, order), DECISIONS / 20),
    });
    const decision = routerOf(stepped, searchMax).route(order);
    if (!decision.ok) throw new Error(decision.message);
    const { isOptimal, gapUnits, takenLots, unfilledLots } = decision;
    const gap = (gapUnits / 1e8 / takenLots).toFixed(6);
    notes.push(
      `${share * 100} % in ${searchMax} merges: ${unfilledLots} lots left, optimal ${isOptimal}, gap ${gap} ticks a lot`,
    );
  }
  return rows;
}

/** The other policies, on their own: the sorting router has none of them. */
function others(lots: number): string {
  const bound = routerOf(world(true));
  const of = (name: string, order: RouteOrder): string => {
    const { p50Ns, p99Ns } = latency(() => decide(bound, order));
    return `${name} p50 ${p50Ns} p99 ${p99Ns} ns`;
  };
  return [
    of("sweep", { side: "buy", lots, nowNs: 1, policy: "sweep" }),
    of("cost with 10 protected quotes", { side: "buy", lots, nowNs: 1, policy: "cost" }),
  ].join("; ");
}

/** Processor time: other work on the machine is not counted. */
function repeat(once: () => unknown, units = DECISIONS): { units: number; elapsedNs: number } {
  const before = process.cpuUsage();
  for (let i = 0; i < units; i++) once();
  const { user, system } = process.cpuUsage(before);
  return { units, elapsedNs: (user + system) * 1_000 };
}

function latency(once: () => void, count = DECISIONS): { p50Ns: number; p99Ns: number; p999Ns: number } {
  const ns = new Float64Array(count);
  for (let i = 0; i < count; i++) once();
  let last = performance.now();
  for (let i = 0; i < count; i++) {
    once();
    const now = performance.now();
    ns[i] = (now - last) * 1e6;
    last = now;
  }
  const at = (share: number): number => Math.round(quantile(ns, share));
  return { p50Ns: at(0.5), p99Ns: at(0.99), p999Ns: at(0.999) };
}

function checkEqual(free: World, lots: number): void {
  const decision = routerOf(free).route({ side: "buy", lots, nowNs: 1, policy: "cost" });
  if (!decision.ok) throw new Error(decision.message);
  const naive = sortingRoute(free.levels, lots);
  const sum = (slices: Iterable<{ lots: number }>): number =>
    [...slices].reduce((total, one) => total + one.lots, 0);
  const isEqual = decision.slices().every((slice) => naive.get(`V${slice.venue}`)?.lots === slice.lots);
  if (!isEqual || sum(naive.values()) !== decision.takenLots) throw new Error("the routers differ");
}
