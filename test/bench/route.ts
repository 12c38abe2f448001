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

function routerOf({ venues, books }: World): SmartOrderRouter {
  const router = new SmartOrderRouter({ venues, levelsMax: LEVELS });
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
  return { rows, notes: ["equal lots at every venue before anything was timed", ...notes] };
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

function repeat(once: () => unknown): { units: number } {
  for (let i = 0; i < DECISIONS; i++) once();
  return { units: DECISIONS };
}

function latency(once: () => void): { p50Ns: number; p99Ns: number; p999Ns: number } {
  const ns = new Float64Array(DECISIONS);
  for (let i = 0; i < DECISIONS; i++) once();
  let last = performance.now();
  for (let i = 0; i < DECISIONS; i++) {
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
