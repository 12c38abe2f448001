import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  LocalOrder,
  LocalView,
  ReconBookOptions,
  ReconReport,
  VenueOrder,
  VenueSnapshot,
} from "../../src/recon/index.ts";
import { ReconBook, reconcile } from "../../src/recon/index.ts";
import { END_NS, fate, Host, S, SCOPE, World } from "./recon-world.ts";

const ALL = ["orders", "fills", "positions", "cash"] as const;
const options: ReconBookOptions = { ...SCOPE, ackTimeoutNs: 3 * S, graceNs: 60 * S, orphans: "adopt" };
const fates = fc.array(fate, { minLength: 1, maxLength: 5 });
const round = fc.record({
  gap: fc.integer({ min: 1, max: 20 }),
  lag: fc.integer({ min: 0, max: 4 }),
  sections: fc.subarray([...ALL]),
  isComplete: fc.boolean(),
});
/** What goes wrong beside lost reports. */
const damage = fc.record({
  at: fc.integer({ min: 0, max: 6 }),
  kind: fc.constantFrom(
    "lots",
    "price",
    "side",
    "cum",
    "position",
    "cash",
    "fee",
    "fill",
    "conflict",
    "order",
    "end",
    "reopen",
    "twice",
  ),
  which: fc.nat(9),
  by: fc.integer({ min: 1, max: 5 }),
});

/** The number of an order: c1, r1 and v1 are the same one. */
function numberOf(order: LocalOrder | VenueOrder): string {
  return ("clientOrderIds" in order ? (order.clientOrderIds[0] as string) : order.orderId).slice(1);
}

function must(report: ReturnType<ReconBook["update"]>): ReconReport {
  if ("ok" in report) throw new Error(report.message);
  return report;
}

function spoil(host: Host, { kind, which, by }: { kind: string; which: number; by: number }): void {
  const order = [...host.orders.values()][which % Math.max(1, host.orders.size)];
  const fill = [...host.fills.values()][which % Math.max(1, host.fills.size)];
  if (kind === "position") host.positions.set("AAA", (host.positions.get("AAA") ?? 0) + by);
  if (kind === "cash") host.cash.set("USD", (host.cash.get("USD") ?? 0n) - BigInt(by));
  if (kind === "fill") {
    const cash = { currency: "USD", minor: -1n };
    const fee = { currency: "FEE", minor: 1n };
    const ids = order?.orderId === undefined ? {} : { orderId: order.orderId };
    host.book({
      execId: "x",
      ...ids,
      instrument: "BBB",
      side: "buy",
      priceTicks: 1,
      lots: by,
      venueNs: 0,
      cash,
      fee,
    });
  }
  if (fill !== undefined) {
    if (kind === "fee") {
      host.cash.set("FEE", (host.cash.get("FEE") ?? 0n) - BigInt(by));
      fill.fee = { currency: "FEE", minor: BigInt(fill.fee?.minor ?? 0n) + BigInt(by) };
    }
    if (kind === "conflict") {
      host.book(fill, -1);
      host.book({ ...fill, lots: fill.lots + by });
    }
    if (kind === "twice")
      host.positions.set(fill.instrument, (host.positions.get(fill.instrument) ?? 0) + fill.lots);
  }
  if (order === undefined) return;
  if (kind === "lots") order.lots += by;
  if (kind === "price") order.priceTicks += by;
  if (kind === "side") order.side = order.side === "buy" ? "sell" : "buy";
  if (kind === "cum") order.cumLots += by;
  if (kind === "order") host.orders.delete(order.clientOrderIds[0] as string);
  if (kind === "end" || kind === "reopen") {
    order.state = kind === "end" ? "canceled" : "open";
    order.requests = [];
  }
}

/** What both sides must agree on in the end, as rows in order. */
function summary(view: LocalView | VenueSnapshot): unknown {
  const text = (rows: readonly unknown[]) => rows.map((each) => JSON.stringify(each)).sort();
  const isOpen = (state: string) => state === "open" || state === "pendingNew";
  return {
    orders: text(
      (view.orders ?? [])
        .filter((order) => isOpen(order.state))
        .map((order) => [
          numberOf(order),
          order.side,
          order.instrument,
          order.priceTicks,
          order.lots,
          order.cumLots,
        ]),
    ),
    fills: text(
      (view.fills ?? []).map((fill) => [
        fill.execId,
        fill.side,
        fill.priceTicks,
        fill.lots,
        String(fill.fee?.minor),
      ]),
    ),
    positions: text(
      (view.positions ?? []).filter((each) => each.lots !== 0).map((each) => [each.instrument, each.lots]),
    ),
    cash: text(
      (view.cash ?? [])
        .filter((each) => BigInt(each.minor) !== 0n)
        .map((each) => [each.currency, String(each.minor)]),
    ),
  };
}

describe("a reconciliation", () => {
  it("ends, by its own actions, with no breaks and what the venue holds", () => {
    fc.assert(
      fc.property(
        fates,
        fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 3 }), { maxLength: 7 }),
        fc.array(round, { maxLength: 8 }),
        fc.array(damage, { maxLength: 3 }),
        fc.constantFrom("adopt", "cancel"),
        (all, delays, rounds, damages, orphans) => {
          const world = new World(all);
          const host = new Host(world, delays);
          let book = new ReconBook({ ...options, orphans });
          let nowNs = 30 * S;
          for (const [i, { gap, lag, sections, isComplete }] of rounds.entries()) {
            nowNs += gap * S;
            host.view(nowNs);
            for (const each of damages) if (each.at === i) spoil(host, each);
            const report = book.update(
              host.view(nowNs),
              world.snapshot(nowNs - lag * S, sections, isComplete),
            );
            if ("ok" in report) expect(report.code).toBe("RECON_SNAPSHOT_STALE");
            else for (const each of report.due) host.apply(each.action, nowNs);
            const again = new ReconBook({ ...options, orphans });
            again.load(JSON.parse(JSON.stringify(book.save())));
            book = again;
          }
          nowNs = Math.max(nowNs, END_NS) + 100 * S;
          world.askAll();
          for (let i = 0; i < 12; i++) {
            nowNs += 20 * S;
            const report = must(book.update(host.view(nowNs), world.snapshot(nowNs - S, ALL, true)));
            for (const each of report.due) host.apply(each.action, nowNs);
          }
          nowNs += 20 * S;
          const last = must(book.update(host.view(nowNs), world.snapshot(nowNs - S, ALL, true)));
          expect([last.open, last.inFlight, book.breaks()]).toEqual([0, [], []]);
          expect(summary(host.view(nowNs))).toEqual(summary(world.snapshot(nowNs, ALL, true)));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("invents nothing where we know all that the snapshot knows, and more", () => {
    fc.assert(
      fc.property(
        fates,
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 5 }),
        fc.array(fc.record({ gap: fc.integer({ min: 1, max: 20 }), lag: fc.integer({ min: 2, max: 9 }) }), {
          maxLength: 8,
        }),
        (all, delays, rounds) => {
          const world = new World(all.map((each) => ({ ...each, travel: 1, replace: null })));
          const host = new Host(world, delays);
          let nowNs = 10 * S;
          for (const { gap, lag } of rounds) {
            nowNs += gap * S;
            const report = must(
              new ReconBook(options).update(host.view(nowNs), world.snapshot(nowNs - lag * S, ALL, true)),
            );
            expect(report.opened).toEqual([]);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("confirms nothing where reports come within the timeout", () => {
    fc.assert(
      fc.property(
        fates,
        fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 5 }),
        fc.array(fc.record({ gap: fc.integer({ min: 5, max: 20 }), lag: fc.integer({ min: 0, max: 4 }) }), {
          maxLength: 8,
        }),
        (all, delays, rounds) => {
          const world = new World(all.map((each) => ({ ...each, travel: 1, replace: null })));
          const host = new Host(world, delays);
          const book = new ReconBook(options);
          let nowNs = 10 * S;
          for (const { gap, lag } of rounds) {
            nowNs += gap * S;
            const report = must(book.update(host.view(nowNs), world.snapshot(nowNs - lag * S, ALL, true)));
            expect(report.confirmed).toEqual([]);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it("does not depend on the order of rows", () => {
    fc.assert(
      fc.property(
        fates,
        fc.array(damage, { maxLength: 3 }),
        fc.infiniteStream(fc.nat(9)),
        (all, damages, numbers) => {
          const world = new World(all);
          const host = new Host(world, [0, null, 5]);
          host.view(60 * S);
          for (const each of damages) spoil(host, each);
          const shuffled = <View extends object>(view: View): View =>
            Object.fromEntries(
              Object.entries(view).map(([name, rows]) => [
                name,
                Array.isArray(rows) ? shuffle(rows, numbers) : rows,
              ]),
            ) as View;
          const [local, venue] = [host.view(60 * S), world.snapshot(58 * S, ALL, true)];
          expect(new ReconBook(options).update(shuffled(local), shuffled(venue))).toEqual(
            new ReconBook(options).update(local, venue),
          );
        },
      ),
    );
  });
});

function shuffle<Row>(rows: readonly Row[], numbers: Iterator<number>): Row[] {
  const keyed = rows.map((row) => [numbers.next().value as number, row] as const);
  return keyed.sort((left, right) => left[0] - right[0]).map(([, row]) => row);
}

describe("against the obvious comparison of old rows", () => {
  const small = (name: string) => fc.constantFrom(...[1, 2, 3, 4].map((n) => `${name}${n}`));
  const fill = fc.record({
    execId: small("e"),
    instrument: fc.constantFrom("AAA", "BBB"),
    side: fc.constantFrom("buy" as const, "sell" as const),
    priceTicks: fc.integer({ min: 1, max: 2 }),
    lots: fc.integer({ min: 1, max: 2 }),
    venueNs: fc.integer({ min: 1, max: 3 }),
  });
  const fills = fc.uniqueArray(fill, { selector: (each) => each.execId, maxLength: 4 });
  const position = fc.record({
    instrument: fc.constantFrom("AAA", "BBB"),
    lots: fc.integer({ min: -2, max: 2 }),
  });
  const positions = fc.uniqueArray(position, { selector: (each) => each.instrument });
  const names = (breaks: ReturnType<typeof reconcile>) => {
    if ("ok" in breaks) throw new Error(breaks.message);
    return breaks.map((each) => `${each.kind} ${each.key}`).sort();
  };
  const nowNs = 99 * S;

  it("finds the fills and positions that differ", () => {
    fc.assert(
      fc.property(fills, fills, positions, positions, (ours, theirs, mine, yours) => {
        const expected: string[] = [];
        const drift = new Map([
          ["AAA", 0],
          ["BBB", 0],
        ]);
        const add = (instrument: string, lots: number) =>
          drift.set(instrument, (drift.get(instrument) ?? 0) + lots);
        const signed = (each: (typeof ours)[number]) => (each.side === "buy" ? each.lots : -each.lots);
        for (const each of mine) add(each.instrument, -each.lots);
        for (const each of yours) add(each.instrument, each.lots);
        for (const id of ["e1", "e2", "e3", "e4"]) {
          const [a, b] = [ours.find((each) => each.execId === id), theirs.find((each) => each.execId === id)];
          const isSame = JSON.stringify({ ...a, venueNs: 0 }) === JSON.stringify({ ...b, venueNs: 0 });
          if (a !== undefined && b !== undefined && isSame) continue;
          if (a !== undefined) add(a.instrument, signed(a));
          if (b !== undefined) add(b.instrument, -signed(b));
          if (a !== undefined && b !== undefined) expected.push(`conflictingFill ${id}`);
          else if (a !== undefined) expected.push(`missingFill ${id}`);
          else if (b !== undefined) expected.push(`unknownFill ${id}`);
        }
        for (const [instrument, lots] of drift) if (lots !== 0) expected.push(`positionDrift ${instrument}`);
        const local = { ...SCOPE, nowNs, orders: [], fills: ours, positions: mine, cash: [] };
        const venue = { ...SCOPE, asOfNs: nowNs, fills: theirs, fillsThroughNs: nowNs, positions: yours };
        expect(names(reconcile(local, venue, options))).toEqual(expected.sort());
      }),
    );
  });

  it("finds the orders that differ", () => {
    const terms = {
      priceTicks: fc.integer({ min: 1, max: 2 }),
      lots: fc.integer({ min: 5, max: 6 }),
      id: small("c"),
    };
    const row = fc.record({
      ...terms,
      state: fc.constantFrom("open" as const, "canceled" as const, "expired" as const),
    });
    const rows = fc.uniqueArray(row, { selector: (each) => each.id, maxLength: 4 });
    fc.assert(
      fc.property(rows, rows, (ours, theirs) => {
        const expected: string[] = [];
        for (const id of ["c1", "c2", "c3", "c4"]) {
          const [a, b] = [ours.find((each) => each.id === id), theirs.find((each) => each.id === id)];
          if (a?.state === "open" && b?.state === "open") {
            if (a.priceTicks !== b.priceTicks || a.lots !== b.lots) expected.push(`orderMismatch ${id}`);
          } else if (a?.state === "open") expected.push(`ghostOrder ${id}`);
          else if (b?.state === "open") expected.push(`orphanOrder v${id}`);
          else if (a !== undefined && b !== undefined && a.state !== b.state)
            expected.push(`orderMismatch ${id}`);
        }
        const same = { instrument: "AAA", side: "buy", cumLots: 0 } as const;
        const orders = ours.map(({ id, ...each }) => {
          return { clientOrderIds: [id], ...same, ...each, sentNs: 0, updatedNs: 1, requests: [] };
        });
        const local = { ...SCOPE, nowNs, orders, fills: [], positions: [], cash: [] };
        const told = theirs.map(({ id, ...each }) => ({
          orderId: `v${id}`,
          clientOrderId: id,
          ...same,
          ...each,
        }));
        expect(names(reconcile(local, { ...SCOPE, asOfNs: nowNs, orders: told }, options))).toEqual(
          expected.sort(),
        );
      }),
    );
  });
});
