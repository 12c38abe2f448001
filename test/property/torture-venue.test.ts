import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Prng } from "../../src/base/index.ts";
import type { VenueFill, VenueSnapshot } from "../../src/recon/index.ts";
import { reconcile } from "../../src/recon/index.ts";
import { TRUTH_STATE, VENUE_FAULT, VENUE_FAULTS, type VenueFaultKind } from "../../src/torture/index.ts";
import { type Report, Rig } from "../unit/torture-venue-rig.ts";

const INSTRUMENTS = [
  { index: 3, local: 0, name: "ABC@x" },
  { index: 5, local: 1, name: "DEF@x" },
];
/** Faults after which reports alone do not tell where orders stand. */
const SILENT: readonly VenueFaultKind[] = [
  "ackLost",
  "fillLost",
  "unknownId",
  "wrongId",
  "failoverSilent",
  "failoverRollback",
];
/** Words after which an order is over. */
const LAST_WORDS: readonly string[] = ["canceled", "expired", "rejected", "calculated"];
const TYPES = ["limit", "limit", "limit", "market"] as const;
const TIFS = ["GTC", "GTC", "IOC", "FOK", "DAY", "GTD"] as const;

/** A run of random requests under the given faults; everything is drawn from the seed. */
function drive(seed: number, kinds: readonly VenueFaultKind[], steps: number): Rig {
  const rng = new Prng(seed).fork("driver");
  const rig = new Rig(
    {
      market: { rowsPerSecond: 20_000, tradesPerSecond: 4_000 },
      cancelDelayNs: 2e6,
      dayEndsNs: [40e6],
      requestsPerSecond: 5_000,
    },
    seed,
  );
  rig.keepsPackets = false;
  rig.venue.start();
  rig.venue.sessionUp();
  const requests = new Map<number, number>();
  let ids = 0;
  for (let step = 0; step < steps; step++) {
    if (kinds.length > 0 && rng.below(8) === 0) switchFault(rig, rng, kinds);
    const side = rng.below(2) === 0 ? 1 : -1;
    const { index, local } = INSTRUMENTS[rng.below(2)]!;
    const tick = rig.best(side > 0 ? 0 : 1, local) + rng.below(9) - 4;
    const id = Math.max(1, ids - rng.below(6));
    const requestId = (requests.get(id) ?? 0) + 1;
    const what = rng.below(20);
    if (what < 9) {
      const type = TYPES[rng.below(TYPES.length)]!;
      const tif = TIFS[rng.below(TIFS.length)]!;
      const expireNs = rig.nowNs + rng.below(30e6);
      const flags = rng.below(6) === 0 ? 1 + rng.below(2) : 0;
      ids += 1;
      rig.order({
        id: ids,
        side,
        tick,
        lots: 1 + rng.below(60),
        type,
        tif,
        expireNs,
        flags,
        instrument: index,
      });
    } else if (what < 13) {
      requests.set(id, requestId);
      rig.cancel(id, requestId);
    } else if (what < 17) {
      requests.set(id, requestId);
      rig.replace(id, requestId, tick, 1 + rng.below(60));
    } else if (what === 17 && rng.below(5) === 0)
      rig.massCancel(rng.below(2) === 0 ? -1 : index, rng.below(3) - 1);
    else if (what === 18 && rng.below(5) === 0) {
      rig.venue.sessionDown();
      rig.run(rng.below(4));
      rig.venue.sessionUp();
    } else rig.venue.snapshotFeed(index);
    rig.run(rng.below(100) / 100);
    expectSums(rig);
  }
  rig.venue.heal();
  rig.venue.stop();
  rig.run(60);
  return rig;
}

function switchFault(rig: Rig, rng: Prng, kinds: readonly VenueFaultKind[]): void {
  const kind = kinds[rng.below(kinds.length)]!;
  rig.venue.setFault({
    kind,
    probability: rng.below(3) / 2,
    delayNs: 1 + rng.below(10e6),
    count: 1 + rng.below(kind === "throttle" ? 100 : 4),
    ppm: rng.below(1000) - 500,
    forgets: rng.below(2) === 0,
    ...(kind === "halt" || kind === "resume" ? { instrument: 3 } : {}),
  });
}

/** Positions are sums of live executions, exposure the sum of leaves. Cheap enough for every step. */
function expectSums(rig: Rig): void {
  const { truth } = rig.venue;
  const { orders, executions } = truth;
  const position = [0, 0];
  const cum = new Float64Array(orders.count);
  for (let exec = 0; exec < executions.count; exec++) {
    if (!executions.isLive(exec)) continue;
    const order = executions.order[exec]!;
    position[orders.local[order]!]! += executions.lots[exec]! * orders.sideSign[order]!;
    cum[order]! += executions.lots[exec]!;
  }
  const leaves = [0, 0, 0, 0];
  let open = 0;
  for (let row = 0; row < orders.count; row++) {
    if (cum[row] !== orders.cumLots[row])
      throw new Error(`order ${row}: ${cum[row]} of ${orders.cumLots[row]}`);
    if (orders.isAway(row) !== orders.away.includes(row)) throw new Error(`order ${row} is away and is not`);
    if (orders.isOpen(row) !== (orders.resting[row] === 1 || orders.isAway(row)))
      throw new Error(`order ${row} rests and does not`);
    const isFull = orders.cumLots[row]! >= orders.lots[row]!;
    if (orders.state[row] === TRUTH_STATE.filled && !isFull) throw new Error(`order ${row} is not full`);
    if (!orders.isOpen(row)) continue;
    const others = rig.venue.market.books[orders.local[row]!]!.best[1 - orders.sideIndex(row)]!;
    if (!orders.isAway(row) && orders.key(row) + others >= 0)
      throw new Error(`order ${row} rests across the others' best`);
    open += 1;
    if (orders.leaves(row) <= 0) throw new Error(`order ${row} is open with nothing left`);
    leaves[2 * orders.local[row]! + orders.sideIndex(row)]! += orders.leaves(row);
  }
  expect([...truth.position]).toEqual(position);
  expect(truth.openOrders).toBe(open);
  expect(leaves).toEqual([0, 1, 2, 3].map((slot) => truth.worstLeaves(slot >> 1, slot & 1)));
}

interface Seen {
  readonly instrument: string;
  readonly side: "buy" | "sell";
  readonly priceTicks: number;
  readonly lots: number;
  readonly id: number;
}

/** One who knows reports only: every execution once, without those that were undone. */
function observe(reports: readonly Report[]): Map<string, Seen> {
  const live = new Map<string, Seen>();
  const undone = new Set<string>();
  for (const report of reports) {
    if (report.kind === "busted" || report.kind === "corrected") {
      undone.add(String(report.refExecId));
      live.delete(String(report.refExecId));
    }
    if (report.kind !== "trade" && report.kind !== "corrected") continue;
    if (undone.has(String(report.execId))) continue;
    const name = INSTRUMENTS.find((each) => each.index === report.instrument)!.name;
    const side = report.sideSign > 0 ? "buy" : "sell";
    live.set(String(report.execId), {
      instrument: name,
      side,
      priceTicks: report.priceTicks,
      lots: report.lots,
      id: report.id,
    });
  }
  return live;
}

function positionsOf(fills: Iterable<Seen>): Record<string, number> {
  const sums: Record<string, number> = { "ABC@x": 0, "DEF@x": 0 };
  for (const fill of fills) sums[fill.instrument]! += fill.side === "buy" ? fill.lots : -fill.lots;
  return sums;
}

/** Which orders are open, for one who knows reports only: by the last word on each and by quantities. */
function openByReports(reports: readonly Report[]): string[] {
  const live = observe(reports);
  const orders = new Map<number, { lots: number; ended: boolean }>();
  for (const report of reports) {
    const order = orders.get(report.id);
    if (order === undefined) {
      // A fill and a guarantee do not say how large the order is.
      const isSilent = report.kind === "trade" || report.kind === "stopped";
      const ended = LAST_WORDS.includes(report.kind);
      orders.set(report.id, { lots: isSilent ? -1 : report.lots, ended });
      continue;
    }
    if (report.kind === "accepted" && order.lots < 0) order.lots = report.lots;
    else if (report.kind === "replaced" || report.kind === "restated") order.lots = report.lots;
    else if (LAST_WORDS.includes(report.kind)) order.ended = true;
    // Only this word brings an order back.
    else if (report.kind === "triggered") order.ended = false;
  }
  const cum = new Map<number, number>();
  for (const fill of live.values()) cum.set(fill.id, (cum.get(fill.id) ?? 0) + fill.lots);
  const open = [...orders].filter(([id, order]) => !order.ended && (cum.get(id) ?? 0) < order.lots);
  return open.map(([id]) => `tw-${id}`).sort();
}

/** The observer again, after it has read a snapshot: what it missed is added, what was undone goes. */
function informed(live: ReadonlyMap<string, Seen>, snapshot: VenueSnapshot): Map<string, Seen> {
  const all = new Map(live);
  for (const fill of snapshot.fills as readonly VenueFill[]) {
    if (fill.isBusted === true) all.delete(fill.execId);
    else if (!all.has(fill.execId)) {
      const { instrument, side, priceTicks, lots, clientOrderId = "" } = fill;
      all.set(fill.execId, { instrument, side, priceTicks, lots, id: Number(clientOrderId.slice(3)) });
    }
  }
  return all;
}

function truePositions(snapshot: VenueSnapshot): Record<string, number> {
  return Object.fromEntries(snapshot.positions!.map((each) => [each.instrument, each.lots]));
}

const arbitraryKinds = fc.oneof(
  fc.subarray([...VENUE_FAULTS]),
  fc.constant([...VENUE_FAULTS]),
  fc.subarray(VENUE_FAULTS.filter((kind) => !SILENT.includes(kind))),
);

describe("whatever goes wrong at the venue", () => {
  test("its own books agree, and reports with a snapshot are enough to know the truth", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), arbitraryKinds, (seed, kinds) => {
        const rig = drive(seed, kinds, 150);
        const { truth } = rig.venue;
        const ids = Array.from({ length: truth.orders.count }, (_, row) => truth.orders.id[row]!);
        const snapshot = rig.venue.snapshot({ ids });
        const live = observe(rig.reports);
        const { injected } = rig.venue;
        // Reports of executions are complete unless they were lost.
        if (injected[VENUE_FAULT.fillLost] === 0) {
          expect(positionsOf(live.values())).toEqual(truePositions(snapshot));
        }
        expect(positionsOf(informed(live, snapshot).values())).toEqual(truePositions(snapshot));
        // Cash is what the live executions moved.
        const moved = snapshot.fills!.filter((fill) => fill.isBusted !== true);
        const cash = moved.reduce(
          (sum, fill) => sum + BigInt(fill.cash!.minor) - BigInt(fill.fee!.minor),
          0n,
        );
        expect(snapshot.cash).toEqual([{ currency: "USD", minor: cash }]);
        // No order fills beyond its lots.
        for (const order of snapshot.orders!) {
          if (injected[VENUE_FAULT.overfill] === 0) expect(order.cumLots).toBeLessThanOrEqual(order.lots);
        }
        // Reports alone tell which orders are open, where none is kept back or names another order.
        if (SILENT.every((kind) => injected[VENUE_FAULT[kind]] === 0)) {
          const open = snapshot.orders!.filter((order) => order.state === "open");
          expect(openByReports(rig.reports)).toEqual(open.map((order) => order.clientOrderId).sort());
        }
        // Reconciliation takes the snapshot.
        const scope = { venue: "x", account: "main" };
        const empty = { ...scope, nowNs: snapshot.asOfNs, orders: [], fills: [], positions: [], cash: [] };
        const compared = reconcile(empty, snapshot, {
          ...scope,
          ackTimeoutNs: 1e9,
          graceNs: 1e9,
          orphans: "cancel",
        });
        if ("ok" in compared) throw new Error(JSON.stringify(compared));
      }),
      { numRuns: 60 },
    );
  });

  test("one seed gives one output, bit by bit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), arbitraryKinds, (seed, kinds) => {
        const first = drive(seed, kinds, 60);
        const second = drive(seed, kinds, 60);
        expect(second.digest.hex()).toBe(first.digest.hex());
        expect(second.scheduler.traceHash()).toBe(first.scheduler.traceHash());
        expect([...second.venue.injected]).toEqual([...first.venue.injected]);
        expect(drive(seed + 1, kinds, 60).digest.hex()).not.toBe(first.digest.hex());
      }),
      { numRuns: 10 },
    );
  });

  test("all faults can be injected", () => {
    const sums = new Int32Array(VENUE_FAULTS.length);
    for (let seed = 1; seed <= 12; seed++) {
      const rig = drive(seed, VENUE_FAULTS, 300);
      for (const [code, count] of rig.venue.injected.entries()) sums[code]! += count;
    }
    const never = VENUE_FAULTS.filter((_, code) => sums[code] === 0);
    expect(never).toEqual(["feedDiverge"]); // there is no second channel in these runs
  });
});
