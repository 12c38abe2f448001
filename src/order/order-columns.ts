import type { ColumnPool } from "../base/index.ts";
import { ExecutionPool } from "./execution-pool.ts";

/**
 * What an order is opened with; `open` copies it, so one object can be used again and again.
 *
 * @units `priceTicks` ticks (0 for orders without a limit); `lots` lots; `expireNs`, `createdNs` ns from the
 * session's base
 */
export interface OrderTerms {
  instrument: number;
  strategy: number;
  /** +1 buys, -1 sells. */
  side: number;
  /** Codes `ORDER_TYPE` and `TIME_IN_FORCE` of the room `model`. */
  type: number;
  timeInForce: number;
  /** Bits of `ORDER_FLAG` of the room `model`. */
  flags: number;
  priceTicks: number;
  lots: number;
  expireNs: number;
  createdNs: number;
  /** The venue the order goes to, 0 unless given. */
  venue?: number;
  /** The trigger price of a stop, 0 unless given. */
  stopTicks?: number;
  /** A code of `TRIGGER`, 0 unless given. */
  trigger?: number;
  /** How many ticks beyond its trigger price a triggered stop may trade; Infinity unless given. */
  guardTicks?: number;
  /** What is shown at one time; 0, all of it, unless given. */
  displayLots?: number;
  /** The least one execution may fill, 0 unless given. */
  minLots?: number;
}

/**
 * Bits of the column `flags`. `postOnly`, `reduceOnly` and `hidden` are `ORDER_FLAG` of the room `model`; the others
 * are set by events.
 */
export const ROW_FLAG = {
  postOnly: 1,
  reduceOnly: 2,
  /** The venue said that it has the order. */
  acknowledged: 4,
  /** The venue's state is not known: a timeout, a lost connection, or reports that contradict each other. */
  unknown: 8,
  /** More was filled than ordered. */
  overfilled: 16,
  /** An execution was busted when the order was no longer open. */
  bustedAfterTerminal: 32,
  /** An execution came when the order was no longer open. */
  lateFill: 64,
  /** An execution came for an order that was rejected or never sent. */
  critical: 128,
  /** A report marked as a repetition changed the order. */
  staleReplay: 256,
  hidden: 512,
  /** A stop that was activated, or that filled. */
  triggered: 1024,
  /** Something came that asks for a comparison with the venue: see `OUTCOME`. */
  reconcile: 2048,
} as const;

/** Kinds of pending requests, as the column `pendingKind` holds them. */
export const REQUEST = { cancel: 1, replace: 2 } as const;

/** The columns of an `OrderStore`. Read them directly; only `open`, `free` and `apply` write them. */
export class OrderColumns {
  readonly capacity: number;
  /** Request slots per row: `maxPendingRequests` and one for a cancel. */
  readonly requestSlots: number;
  /** 0 where the row holds no order; ids rise from 1 in the order of `open`. */
  readonly id: Float64Array;
  /** What the venue's words made of the order, before quantities are looked at; codes of `ORDER_STATUS`. */
  readonly phase: Uint8Array;
  /** The base state: phase and quantities together. */
  readonly base: Uint8Array;
  /** The reported status: base and pending requests together. */
  readonly status: Uint8Array;
  /** Bits of {@link ROW_FLAG}. */
  readonly flags: Uint16Array;
  readonly side: Int8Array;
  readonly instrument: Int32Array;
  readonly strategy: Int32Array;
  readonly venue: Uint16Array;
  readonly type: Uint8Array;
  readonly timeInForce: Uint8Array;
  readonly priceTicks: Int32Array;
  readonly stopTicks: Int32Array;
  /** A code of `TRIGGER`. */
  readonly trigger: Uint8Array;
  readonly guardTicks: Float64Array;
  readonly displayLots: Float64Array;
  readonly minLots: Float64Array;
  readonly lots: Float64Array;
  readonly cumLots: Float64Array;
  /** The sum of lots times ticks of the live executions. */
  readonly notionalTicks: Float64Array;
  /** The trading day the order is in, as `newDay` said; and what was filled on earlier days. */
  readonly day: Int32Array;
  readonly priorLots: Float64Array;
  readonly priorNotionalTicks: Float64Array;
  /** What the venue guaranteed when it stopped the order. */
  readonly stoppedLots: Float64Array;
  readonly expireNs: Float64Array;
  readonly createdNs: Float64Array;
  /** The reason code of the last event that gave one. */
  readonly reason: Int32Array;
  /** Pending requests of a row stand at `row * requestSlots`, oldest first. */
  readonly pendingCount: Uint8Array;
  readonly pendingKind: Uint8Array;
  readonly pendingId: Float64Array;
  readonly pendingTicks: Int32Array;
  readonly pendingLots: Float64Array;
  /** The highest request id sent, and the highest whose terms the venue accepted. */
  readonly lastRequestId: Float64Array;
  readonly termsRequestId: Float64Array;
  /** The highest venue sequence seen, that of the last word on the phase, and that of the terms in force. */
  readonly sequence: Float64Array;
  readonly phaseSequence: Float64Array;
  readonly termsSequence: Float64Array;
  /** The executions of a row start at this node of `executions`, newest first; -1 for none. */
  readonly firstExecution: Int32Array;
  readonly lastExecId: Float64Array;
  /** Busts and corrections that wait for their execution. */
  readonly heldCount: Int32Array;
  readonly executions: ExecutionPool;

  constructor(capacity: number, requestSlots: number, maxExecutions: number, columns: ColumnPool) {
    this.capacity = capacity;
    this.requestSlots = requestSlots;
    this.id = columns.float64(capacity);
    this.phase = columns.uint8(capacity);
    this.base = columns.uint8(capacity);
    this.status = columns.uint8(capacity);
    this.flags = columns.uint16(capacity);
    this.side = columns.int8(capacity);
    this.instrument = columns.int32(capacity);
    this.strategy = columns.int32(capacity);
    this.venue = columns.uint16(capacity);
    this.type = columns.uint8(capacity);
    this.timeInForce = columns.uint8(capacity);
    this.priceTicks = columns.int32(capacity);
    this.stopTicks = columns.int32(capacity);
    this.trigger = columns.uint8(capacity);
    this.guardTicks = columns.float64(capacity).fill(Infinity);
    this.displayLots = columns.float64(capacity);
    this.minLots = columns.float64(capacity);
    this.lots = columns.float64(capacity);
    this.cumLots = columns.float64(capacity);
    this.notionalTicks = columns.float64(capacity);
    this.day = columns.int32(capacity);
    this.priorLots = columns.float64(capacity);
    this.priorNotionalTicks = columns.float64(capacity);
    this.stoppedLots = columns.float64(capacity);
    this.expireNs = columns.float64(capacity);
    this.createdNs = columns.float64(capacity);
    this.reason = columns.int32(capacity);
    this.pendingCount = columns.uint8(capacity);
    this.pendingKind = columns.uint8(capacity * requestSlots);
    this.pendingId = columns.float64(capacity * requestSlots);
    this.pendingTicks = columns.int32(capacity * requestSlots);
    this.pendingLots = columns.float64(capacity * requestSlots);
    this.lastRequestId = columns.float64(capacity);
    this.termsRequestId = columns.float64(capacity);
    this.sequence = columns.float64(capacity);
    this.phaseSequence = columns.float64(capacity);
    this.termsSequence = columns.float64(capacity);
    this.firstExecution = columns.int32(capacity).fill(-1);
    this.lastExecId = columns.float64(capacity);
    this.heldCount = columns.int32(capacity);
    this.executions = new ExecutionPool(
      Math.min(maxExecutions, Math.max(16, capacity)),
      maxExecutions,
      columns,
    );
  }
}
