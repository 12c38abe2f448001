import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_STATUSES,
  OrderEvent,
  type OrderEventName,
  OrderStore,
  OUTCOME,
  OUTCOMES,
  STATUS_CHANGES,
  STATUS_PRECEDENCE,
} from "../../src/order/index.ts";
import {
  anyEvent,
  anyKind,
  likelyEvents,
  MAX_REPLACES,
  NOTHING,
  stateOf,
  terms,
  write,
} from "./order-arbitrary.ts";
import { type OracleEvent, OrderOracle, OWN_VENUE } from "./order-oracle.ts";

const RUNS = 3000;

function oracleState(oracle: OrderOracle): ReturnType<typeof stateOf> {
  const { status, base, lots, ticks, cum, leaves, worst, prior, unknown, reconcile } = oracle;
  return {
    status,
    base,
    lots,
    ticks,
    cum,
    leaves,
    worst,
    notional: oracle.notional + 0,
    prior,
    priorNotional: oracle.priorNotional + 0,
    unknown,
    reconcile,
    pending: oracle.pending.map((request) => request.id),
  };
}

describe("order store", () => {
  it.each([
    ["any sequence", fc.array(anyEvent, { minLength: 1, maxLength: 40 }), 10],
    ["a likely life", likelyEvents, 24],
  ])("equals an obvious oracle after every event of %s", (_name, anyEvents, lots) => {
    const event = new OrderEvent();
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(anyEvents, anyKind, (events, kind) => {
        const store = new OrderStore({ capacity: 1, maxPendingRequests: MAX_REPLACES, maxExecutions: 64 });
        const row = store.open({ ...terms(lots, 1), ...kind });
        const goesOn = kind.timeInForce !== TIME_IN_FORCE.DAY;
        const oracle = new OrderOracle(lots, 1, MAX_REPLACES, kind.type >= ORDER_TYPE.stop, goesOn);
        let position = 0;
        let notional = 0;
        for (const each of events) {
          const before = ORDER_STATUSES[store.status[row] as number]!;
          const phase = ORDER_STATUSES[store.phase[row] as number]!;
          const outcome = OUTCOMES[apply(store, row, write(event, each, store, row))]!;
          outcomes.add(outcome);
          position += event.bookedLots - event.undoneLots;
          notional += event.bookedLots * event.bookedTicks;
          if (event.undoneLots > 0) {
            notional -= event.undoneNotionalTicks;
            expect(event.undoneTicks).toBe(event.undoneNotionalTicks / event.undoneLots);
          }
          expect([outcome, each]).toEqual([oracle.apply(each), each]);
          expect([stateOf(store, row), each]).toEqual([oracleState(oracle), each]);
          expect(checkInvariants(store, row)).toEqual([]);
          if (each.type === "restated") position = oracle.cum;
          expect([position, notional + 0]).toEqual([oracle.cum, oracle.notional + 0]);
          // The reported status is never lower in precedence than any state that holds (domain property 3).
          const after = ORDER_STATUSES[store.status[row] as number]!;
          for (const held of oracle.holding) {
            expect(STATUS_PRECEDENCE[after]).toBeGreaterThanOrEqual(STATUS_PRECEDENCE[held]);
          }
          // An order that was ended while it was filled falls back to that end when a bust comes.
          if (outcome !== "applied" || after === before || (before === "filled" && phase !== "new")) continue;
          const mark = (STATUS_CHANGES[before] as Record<string, string>)[after];
          expect([before, after, mark, each.type]).not.toEqual([before, after, "x", each.type]);
        }
      }),
      { numRuns: RUNS },
    );
    const rare = ["stale", "requestsFull", "requestPending", "criticalFill", "lateFill", "malformed"];
    expect(OUTCOMES.filter((name) => !outcomes.has(name) && !rare.includes(name))).toEqual([]);
  });

  it("ends the same for every order and repetition of a finished order's reports", () => {
    const event = new OrderEvent();
    const report = fc.record({
      lots: fc.integer({ min: 1, max: 9 }),
      ticks: fc.integer({ min: 90, max: 110 }),
      fate: fc.constantFrom("stands", "busted", "corrected", "correctedThenBusted"),
      venue: fc.constantFrom(-1, 9),
    });
    const life = fc
      .record({
        reports: fc.array(report, { minLength: 1, maxLength: 6 }),
        end: fc.constantFrom("cancelAck", "expire", "none"),
        isStop: fc.boolean(),
      })
      .chain(({ reports, end, isStop }) => {
        const activate = { ...NOTHING, type: "activate" as const, sequence: 1 };
        const events: OracleEvent[] = isStop ? [NOTHING, activate] : [NOTHING];
        const ids = new Map([
          [-1, 0],
          [9, 0],
        ]);
        // The ids of the venues are the same numbers: only together with the venue are they unique.
        const nextId = (venue: number) => {
          const id = (ids.get(venue) ?? 0) + 1;
          ids.set(venue, id);
          return id;
        };
        for (const { lots, ticks, fate, venue } of reports) {
          const base = { ...NOTHING, venue };
          const first = nextId(venue);
          events.push({ ...base, type: "trade", execId: first, refExecId: 0, lots, ticks });
          let last = first;
          if (fate.startsWith("corrected")) {
            last = nextId(venue);
            events.push({
              ...base,
              type: "correct",
              execId: last,
              refExecId: first,
              lots: lots + 1,
              ticks: ticks + 1,
            });
          }
          if (fate === "busted" || fate === "correctedThenBusted") {
            events.push({ ...base, type: "bust", execId: nextId(venue), refExecId: last, lots: 1, ticks: 0 });
          }
        }
        if (end !== "none") events.push({ ...NOTHING, type: end as OrderEventName, sequence: 2 });
        const twice = fc.subarray(events).map((again) => [...events, ...again]);
        return fc.tuple(
          fc.constant(isStop),
          fc.constant(events),
          twice.chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
        );
      });
    fc.assert(
      fc.property(life, ([isStop, inOrder, shuffled]) => {
        const run = (events: readonly OracleEvent[]) => {
          const store = new OrderStore({ capacity: 1 });
          const row = store.open({ ...terms(40, 100), type: isStop ? ORDER_TYPE.stop : ORDER_TYPE.limit });
          apply(store, row, event.set(ORDER_EVENT.submit));
          for (const each of events) apply(store, row, write(event, each, store, row));
          const { status, base, cum, notional, leaves } = stateOf(store, row);
          return { status, base, cum, notional, leaves, held: store.heldCount[row] };
        };
        expect(run(shuffled)).toEqual(run(inOrder));
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps rows, ids and lists right while orders come and go", () => {
    const command = fc.oneof(
      {
        weight: 2,
        arbitrary: fc.record({ op: fc.constant("open" as const), strategy: fc.integer({ min: 0, max: 2 }) }),
      },
      fc.record({ op: fc.constant("free" as const), pick: fc.nat(7) }),
      fc.record({ op: fc.constant("event" as const), pick: fc.nat(7), event: anyEvent }),
      fc.record({ op: fc.constant("close" as const), pick: fc.nat(5) }),
      fc.record({ op: fc.constant("revive" as const), pick: fc.nat(5) }),
    );
    const event = new OrderEvent();
    fc.assert(
      fc.property(fc.array(command, { minLength: 40, maxLength: 80 }), (commands) => {
        const store = new OrderStore({ capacity: 6, maxExecutions: 4096 });
        const rows = new Map<number, { id: number; strategy: number }>();
        let lastId = 0;
        for (const each of commands) {
          const picked = each.op === "open" ? undefined : [...rows.keys()][each.pick];
          if (each.op === "open") {
            const expectedRow = store.nextRow;
            const row = store.open(terms(8, 1, each.strategy));
            expect(row).toBe(expectedRow);
            if (rows.size === 6) expect(row).toBe(-1);
            else {
              const id = store.id[row] as number;
              expect([rows.has(row), id]).toEqual([false, lastId + 1]);
              lastId = id;
              rows.set(row, { id, strategy: each.strategy });
            }
          } else if (picked !== undefined && each.op === "free") {
            store.free(picked);
            const id = rows.get(picked)?.id ?? 0;
            expect(store.isCurrent(picked, id)).toBe(false);
            expect(apply(store, picked, write(event, NOTHING, store, picked))).toBe(OUTCOME.stale);
            rows.delete(picked);
          } else if (picked !== undefined && each.op === "event") {
            apply(store, picked, write(event, each.event, store, picked));
          } else if (picked !== undefined && each.op === "close") {
            apply(store, picked, event.set(ORDER_EVENT.submit));
            apply(store, picked, event.set(ORDER_EVENT.unsolicitedCancel));
          } else if (picked !== undefined && each.op === "revive") {
            apply(store, picked, event.set(ORDER_EVENT.activate));
          }
          for (const row of rows.keys()) expect(checkInvariants(store, row)).toEqual([]);
          for (let strategy = 0; strategy < 3; strategy++) {
            const open = [...rows].filter(([row, order]) => order.strategy === strategy && store.isOpen(row));
            const expected = open.sort((a, b) => a[1].id - b[1].id).map(([row]) => row);
            expect(walk(store, strategy, "strategy")).toEqual(expected);
            expect(walk(store, strategy * 20, "instrument")).toEqual(expected);
            expect(walk(store, OWN_VENUE + strategy, "venue")).toEqual(expected);
          }
        }
        expect(store.size).toBe(rows.size);
      }),
      { numRuns: 300 },
    );
  });
});

const LISTS = {
  strategy: ["firstOfStrategy", "nextOfStrategy"],
  instrument: ["firstOfInstrument", "nextOfInstrument"],
  venue: ["firstOfVenue", "nextOfVenue"],
} as const;

function walk(store: OrderStore, key: number, by: keyof typeof LISTS): readonly number[] {
  const [first, next] = LISTS[by];
  const rows: number[] = [];
  for (let row = store[first](key); row >= 0; row = store[next](row)) rows.push(row);
  return rows;
}
