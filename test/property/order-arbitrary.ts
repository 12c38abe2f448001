import fc from "fast-check";
import { ORDER_TYPE, TIME_IN_FORCE } from "../../src/model/index.ts";
import {
  ORDER_EVENT,
  ORDER_EVENTS,
  ORDER_STATUSES,
  type OrderEvent,
  type OrderEventName,
  type OrderStore,
  type OrderTerms,
  ROW_FLAG,
} from "../../src/order/index.ts";
import { type OracleEvent, OWN_VENUE } from "./order-oracle.ts";

/** Unanswered replaces the stores of these tests allow. */
export const MAX_REPLACES = 2;

/** Terms of a buy; each strategy has its own instrument and venue. */
export function terms(lots: number, ticks: number, strategy = 0): OrderTerms {
  return {
    instrument: strategy * 20,
    strategy,
    venue: OWN_VENUE + strategy,
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
export const anyEvent: fc.Arbitrary<OracleEvent> = fc.record({
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
  venue: fc.constantFrom(-1, -1, -1, OWN_VENUE, 1),
  sequence: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 20 })),
  repeated: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  day: fc.integer({ min: 0, max: 6 }),
  ratio: fc.constantFrom<readonly [number, number]>([1, 1], [1, 1], [2, 1], [1, 2], [3, 2]),
  claim: fc.constantFrom("none", "status", "right", "wrong"),
});

/** Writes an event of the generators into an `OrderEvent`; a status claims what the store holds, or not. */
export function write(event: OrderEvent, from: OracleEvent, store: OrderStore, row: number): OrderEvent {
  event.set(ORDER_EVENT[from.type]);
  event.venue = from.venue;
  event.sequence = from.sequence;
  event.repeated = from.repeated ? 1 : 0;
  event.day = from.day;
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
    [event.ratioTo, event.ratioFrom] = from.ratio;
  }
  if (from.type === "status" && from.claim !== "none") {
    event.statusCode = store.status[row] as number;
    if (from.claim === "right") event.cumLots = store.cumLots[row] as number;
    if (from.claim === "wrong") event.cumLots = (store.cumLots[row] as number) + 1;
  }
  return event;
}

/** What the oracle knows too. */
export function stateOf(store: OrderStore, row: number) {
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
    prior: store.priorLots[row],
    priorNotional: (store.priorNotionalTicks[row] as number) + 0,
    unknown: ((store.flags[row] as number) & ROW_FLAG.unknown) !== 0,
    reconcile: ((store.flags[row] as number) & ROW_FLAG.reconcile) !== 0,
    pending: [...store.pendingId.subarray(at, at + (store.pendingCount[row] as number))],
  };
}

/** An ack. */
export const NOTHING: OracleEvent = {
  type: "ack",
  execId: 0,
  refExecId: 0,
  lots: 1,
  ticks: 0,
  requestId: 0,
  reason: 0,
  venue: -1,
  sequence: 0,
  repeated: false,
  day: 0,
  ratio: [1, 1],
  claim: "none",
};

/** A sent order whose ids, references, days and sequences mostly make sense: deep states, few refusals. */
export const likelyEvents = fc
  .array(
    fc.record({
      event: anyEvent,
      type: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom<OrderEventName>("trade", "trade", "trade", "correct", "bust"),
        },
        {
          weight: 2,
          arbitrary: fc.constantFrom<OrderEventName>("newDay", "restated", "doneForDay", "activate"),
        },
        {
          weight: 2,
          arbitrary: fc.constantFrom<OrderEventName>("cancelRequest", "replaceRequest", "replaceAck"),
        },
        { weight: 1, arbitrary: fc.constantFrom<OrderEventName>(...ORDER_EVENTS) },
      ),
      back: fc.integer({ min: 1, max: 6 }),
      isSequenced: fc.boolean(),
      jitter: fc.integer({ min: 0, max: 8 }),
      isFresh: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    }),
    { minLength: 4, maxLength: 30 },
  )
  .map((steps): OracleEvent[] => {
    const events = steps.map(({ event, type, back, isSequenced, jitter, isFresh }, i): OracleEvent => {
      const execId = isFresh ? i + 1 : Math.max(1, i - back);
      const sequence = isSequenced ? 3 * i + jitter : 0;
      const isRequest = type === "cancelRequest" || type === "replaceRequest";
      const requestId = isRequest ? i + 1 : isFresh ? 0 : Math.max(1, i - back);
      const day = isFresh ? i + 1 : event.day;
      return { ...event, type, execId, refExecId: Math.max(1, i + 1 - back), sequence, requestId, day };
    });
    return [{ ...NOTHING, type: "submit" }, NOTHING, ...events];
  });

/** Kinds of orders that behave differently. */
export const anyKind = fc.record({
  type: fc.constantFrom(ORDER_TYPE.limit, ORDER_TYPE.limit, ORDER_TYPE.stop, ORDER_TYPE.stopLimit),
  timeInForce: fc.constantFrom(TIME_IN_FORCE.GTC, TIME_IN_FORCE.DAY, TIME_IN_FORCE.GTD),
});
