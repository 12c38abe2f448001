import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  apply,
  checkInvariants,
  ORDER_EVENT,
  ORDER_EVENTS,
  ORDER_STATUSES,
  OrderEvent,
  type OrderEventName,
  OrderStore,
  type OrderTerms,
  OUTCOME,
  OUTCOMES,
  ROW_FLAG,
  STATUS_CHANGES,
} from "../../src/order/index.ts";
import { type OracleEvent, OrderOracle } from "./order-oracle.ts";

const MAX_REPLACES = 2;
const RUNS = 3000;

function terms(lots: number, ticks: number, strategy = 0): OrderTerms {
  return {
    instrument: strategy * 20,
    strategy,
    side: 1,
    type: 0,
    timeInForce: 0,
    flags: 0,
    priceTicks: ticks,
    lots,
    expireNs: Infinity,
    createdNs: 0,
  };
}

/** Small numbers, so that ids repeat, chains meet and orders fill. */
const anyEvent: fc.Arbitrary<OracleEvent> = fc.record({
  type: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom<OrderEventName>("submit", "ack", "trade", "trade", "bust", "correct"),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom<OrderEventName>("cancelRequest", "replaceRequest", "replaceAck"),
    },
    { weight: 2, arbitrary: fc.constantFrom<OrderEventName>(...ORDER_EVENTS) },
  ),
  execId: fc.integer({ min: 1, max: 9 }),
  refExecId: fc.integer({ min: 1, max: 9 }),
  lots: fc.integer({ min: 1, max: 6 }),
  ticks: fc.integer({ min: -3, max: 3 }),
  requestId: fc.integer({ min: 0, max: 12 }),
  reason: fc.integer({ min: 0, max: 2 }),
});

function write(event: OrderEvent, from: OracleEvent): OrderEvent {
  event.set(ORDER_EVENT[from.type]);
  event.execId = from.execId;
  event.requestId = from.requestId;
  event.reason = from.reason;
  if (from.type !== "trade") event.refExecId = from.refExecId;
  if (from.type !== "bust") {
    event.lastLots = from.lots;
    event.lastTicks = from.ticks;
  }
  if (from.type === "replaceRequest" || from.type === "restated") {
    event.newLots = from.lots;
    event.newTicks = from.ticks;
  }
  return event;
}

function stateOf(store: OrderStore, row: number) {
  const at = row * store.requestSlots;
  return {
    status: ORDER_STATUSES[store.status[row] as number],
    base: ORDER_STATUSES[store.base[row] as number],
    lots: store.lots[row],
    ticks: store.priceTicks[row],
    cum: store.cumLots[row],
    leaves: store.leavesLots(row),
    worst: store.worstLeavesLots(row),
    notional: (store.notionalTicks[row] as number) + 0,
    unknown: ((store.flags[row] as number) & ROW_FLAG.unknown) !== 0,
    pending: [...store.pendingId.subarray(at, at + (store.pendingCount[row] as number))],
  };
}

function oracleState(oracle: OrderOracle): ReturnType<typeof stateOf> {
  const { status, base, lots, ticks, cum, leaves, worst, notional, unknown } = oracle;
  const pending = oracle.pending.map((request) => request.id);
  return { status, base, lots, ticks, cum, leaves, worst, notional, unknown, pending };
}

const NOTHING: OracleEvent = {
  type: "ack",
  execId: 0,
  refExecId: 0,
  lots: 1,
  ticks: 0,
  requestId: 0,
  reason: 0,
};

describe("order store", () => {
  it("equals an obvious oracle after every event, on any sequence", () => {
    const event = new OrderEvent();
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), (events) => {
        const store = new OrderStore({ capacity: 1, maxPendingRequests: MAX_REPLACES, maxExecutions: 64 });
        const row = store.open(terms(10, 1));
        const oracle = new OrderOracle(10, 1, MAX_REPLACES);
        let position = 0;
        let notional = 0;
        for (const each of events) {
          const before = ORDER_STATUSES[store.status[row] as number]!;
          const phase = ORDER_STATUSES[store.phase[row] as number]!;
          const outcome = OUTCOMES[apply(store, row, write(event, each))]!;
          outcomes.add(outcome);
          position += event.bookedLots - event.undoneLots;
          notional += event.bookedLots * event.bookedTicks - event.undoneLots * event.undoneTicks;
          expect([outcome, each]).toEqual([oracle.apply(each), each]);
          expect([stateOf(store, row), each]).toEqual([oracleState(oracle), each]);
          expect(checkInvariants(store, row)).toEqual([]);
          expect([position, notional + 0]).toEqual([oracle.cum, oracle.notional + 0]);
          const after = ORDER_STATUSES[store.status[row] as number]!;
          // An order that was ended while it was filled falls back to that end when a bust comes.
          if (outcome === "applied" && after !== before && !(before === "filled" && phase !== "new")) {
            expect([
              before,
              after,
              (STATUS_CHANGES[before] as Record<string, string>)[after],
              each.type,
            ]).not.toEqual([before, after, "x", each.type]);
          }
        }
      }),
      { numRuns: RUNS },
    );
    const rare = ["mismatch", "stale", "requestsFull", "requestPending", "criticalFill"];
    expect(OUTCOMES.filter((name) => !outcomes.has(name) && !rare.includes(name))).toEqual([]);
  });

  it("ends the same for every order and repetition of a finished order's reports", () => {
    const event = new OrderEvent();
    const report = fc.record({
      lots: fc.integer({ min: 1, max: 9 }),
      ticks: fc.integer({ min: 90, max: 110 }),
      fate: fc.constantFrom("stands", "busted", "corrected", "correctedThenBusted"),
    });
    const life = fc
      .record({
        reports: fc.array(report, { minLength: 1, maxLength: 6 }),
        end: fc.constantFrom("cancelAck", "expire", "none"),
      })
      .chain(({ reports, end }) => {
        const base = { requestId: 0, reason: 0 };
        const events: OracleEvent[] = [{ ...base, type: "ack", execId: 0, refExecId: 0, lots: 1, ticks: 0 }];
        let id = 0;
        for (const { lots, ticks, fate } of reports) {
          const first = ++id;
          events.push({ ...base, type: "trade", execId: first, refExecId: 0, lots, ticks });
          let last = first;
          if (fate.startsWith("corrected")) {
            last = ++id;
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
            events.push({ ...base, type: "bust", execId: ++id, refExecId: last, lots: 1, ticks: 0 });
          }
        }
        if (end !== "none")
          events.push({ ...base, type: end as OrderEventName, execId: 0, refExecId: 0, lots: 1, ticks: 0 });
        const twice = fc.subarray(events).map((again) => [...events, ...again]);
        return fc.tuple(
          fc.constant(events),
          twice.chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
        );
      });
    fc.assert(
      fc.property(life, ([inOrder, shuffled]) => {
        const run = (events: readonly OracleEvent[]) => {
          const store = new OrderStore({ capacity: 1 });
          const row = store.open(terms(40, 100));
          apply(store, row, event.set(ORDER_EVENT.submit));
          for (const each of events) apply(store, row, write(event, each));
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
            const row = store.open(terms(8, 1, each.strategy));
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
            expect(apply(store, picked, write(event, NOTHING))).toBe(OUTCOME.stale);
            rows.delete(picked);
          } else if (picked !== undefined && each.op === "event") {
            apply(store, picked, write(event, each.event));
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
          }
        }
        expect(store.size).toBe(rows.size);
      }),
      { numRuns: 300 },
    );
  });
});

function walk(store: OrderStore, key: number, by: "strategy" | "instrument"): readonly number[] {
  const rows: number[] = [];
  let row = by === "strategy" ? store.firstOfStrategy(key) : store.firstOfInstrument(key);
  while (row >= 0) {
    rows.push(row);
    row = by === "strategy" ? store.nextOfStrategy(row) : store.nextOfInstrument(row);
  }
  return rows;
}
