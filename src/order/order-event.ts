/**
 * What can happen to an order, as codes. `submit`, `cancelRequest`, `replaceRequest`, `timeout`, `disconnect` and
 * `newDay` are our own, the rest is what a venue reports.
 */
export const ORDER_EVENT = {
  submit: 0,
  ack: 1,
  reject: 2,
  trade: 3,
  cancelRequest: 4,
  cancelAck: 5,
  cancelReject: 6,
  replaceRequest: 7,
  replaceAck: 8,
  replaceReject: 9,
  restated: 10,
  unsolicitedCancel: 11,
  expire: 12,
  doneForDay: 13,
  suspend: 14,
  activate: 15,
  stop: 16,
  calculate: 17,
  bust: 18,
  correct: 19,
  status: 20,
  timeout: 21,
  disconnect: 22,
  newDay: 23,
} as const;

/** The name of an event. */
export type OrderEventName = keyof typeof ORDER_EVENT;

/** The name of each event code. */
export const ORDER_EVENTS = Object.freeze(Object.keys(ORDER_EVENT)) as readonly OrderEventName[];

const OWN: ReadonlySet<OrderEventName> = new Set([
  "submit",
  "cancelRequest",
  "replaceRequest",
  "timeout",
  "disconnect",
  "newDay",
]);

/** 1 for each event code that a venue reports, 0 for our own. */
export const REPORTED_BY_CODE: Readonly<Uint8Array> = Uint8Array.from(ORDER_EVENTS, (event) =>
  OWN.has(event) ? 0 : 1,
);

/**
 * The answers of a cancel or replace reject that mean something to the state.
 *
 * @source FIX CxlRejReason (102)
 */
export const REQUEST_REJECT = {
  tooLate: 0,
  unknownOrder: 1,
  brokerOption: 2,
  alreadyPending: 3,
  duplicateId: 6,
  other: 99,
} as const;

/**
 * Why a venue changed or ended an order unasked: the `reason` of `restated` and `unsolicitedCancel`, kept in the
 * column `reason`.
 *
 * @source FIX ExecRestatementReason (378)
 */
export const RESTATEMENT = {
  corporateAction: 0,
  renewal: 1,
  verbalChange: 2,
  repricing: 3,
  brokerOption: 4,
  partialDecline: 5,
  tradingHalt: 6,
  systemFailure: 7,
  marketOption: 8,
  notBest: 9,
  warehouseRecap: 10,
  pegRefresh: 11,
  connectionLoss: 12,
  logout: 13,
  timePriority: 14,
  priceViolation: 15,
  crossImbalance: 16,
  other: 99,
} as const;

/**
 * One event of one order as plain numbers: one object, made once and used for every event. Call `set(type)`,
 * fill in the fields the event needs, pass it to `apply`, then read what was booked.
 *
 * | Event | Fields it reads |
 * |---|---|
 * | trade | execId, lastTicks, lastLots |
 * | bust | execId, refExecId |
 * | correct | execId, refExecId, lastTicks, lastLots (of the execution as corrected) |
 * | cancelRequest | requestId |
 * | replaceRequest | requestId, newTicks, newLots (both: what stays is repeated) |
 * | cancelAck | requestId (0: whichever cancel is pending) |
 * | cancelReject, replaceReject | requestId (0: the oldest of its kind), reason, statusCode |
 * | replaceAck | requestId; newTicks and newLots where the venue repeats them (newLots above 0) |
 * | restated | newTicks, newLots (total quantity, above 0), reason; ratioTo, ratioFrom of a split |
 * | stop | lastLots (the quantity guaranteed) |
 * | status | statusCode, cumLots, leavesLots (evidence) |
 * | newDay | day |
 * | every report | sequence, repeated; trade, bust, correct: venue |
 *
 * @units `*Ticks` ticks, `*Lots` lots
 * @invariant After `apply`, `bookedLots` at `bookedTicks` was added to the order's executions and
 * `undoneLots` at `undoneTicks` taken out of them: the change of position is `side * (bookedLots - undoneLots)`.
 * What is undone after a split counts in the new lots; `undoneTicks` may be a fraction then, `undoneNotionalTicks`
 * (lots times ticks, where `undoneLots` is above 0) is exact always.
 * @cost Fields never change their kind: setting them allocates nothing.
 */
export class OrderEvent {
  type = 0;
  /** The execution's number, above 0, unique per order and venue. */
  execId = NaN;
  /** The execution that is busted or corrected. */
  refExecId = NaN;
  /** The venue that numbered the execution, 0 to 65,535; -1 for the order's own. */
  venue = -1;
  lastTicks = 0;
  lastLots = NaN;
  /** Our request's number, above 0 and rising per order; 0 where the report does not say. */
  requestId = NaN;
  newTicks = 0;
  newLots = NaN;
  /** Why: a code of {@link REQUEST_REJECT} for request rejects, else the caller's own. */
  reason = 0;
  /** The status the report claims, a code of `ORDER_STATUS`; -1 where it does not say. */
  statusCode = -1;
  /** The quantities the report claims; -1 where it does not say. */
  cumLots = NaN;
  leavesLots = NaN;
  /** 1 where the report is marked as a repetition (possible duplicate or resend). */
  repeated = 0;
  /** The report's place in what the venue said about the order, above 0 and rising; 0 where it does not say. */
  sequence = NaN;
  /** The trading day that begins: a whole number of 32 bits above that of every day before. */
  day = 0;
  /** A split of the instrument: `ratioTo` lots now for `ratioFrom` before, whole numbers above 0. */
  ratioTo = 1;
  ratioFrom = 1;
  /** Out: what was added to the order's executions. */
  bookedLots = NaN;
  bookedTicks = 0;
  /** Out: what was taken out of the order's executions. */
  undoneLots = NaN;
  undoneTicks = NaN;
  undoneNotionalTicks = NaN;

  // The doubles start as NaN so that the engine gives them room for doubles once and for all.
  constructor() {
    this.set(ORDER_EVENT.submit);
  }

  /** Clears every field and sets the type. Fields that only one event reads are cleared for that event. */
  set(type: number): this {
    this.type = type;
    this.execId = 0;
    this.refExecId = 0;
    this.venue = -1;
    this.lastTicks = 0;
    this.lastLots = 0;
    this.requestId = 0;
    this.newTicks = 0;
    this.newLots = 0;
    this.reason = 0;
    this.statusCode = -1;
    this.cumLots = -1;
    this.leavesLots = -1;
    this.repeated = 0;
    this.sequence = 0;
    this.bookedLots = 0;
    this.bookedTicks = 0;
    this.undoneLots = 0;
    this.undoneTicks = 0;
    if (type === ORDER_EVENT.restated) {
      this.ratioTo = 1;
      this.ratioFrom = 1;
    }
    if (type === ORDER_EVENT.newDay) this.day = 0;
    return this;
  }
}
