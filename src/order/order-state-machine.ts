import { checkBoolean, checkChoice, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import {
  asLots,
  asTicks,
  type Lots,
  MAX_TICKS,
  ORDER_FLAG,
  ORDER_TYPE,
  type OrderType,
  type Side,
  sideSign,
  TIME_IN_FORCE,
  type Ticks,
  type TimeInForce,
} from "../model/index.ts";
import { apply } from "./apply.ts";
import { type EventId, IdNumbers } from "./id-numbers.ts";
import { REQUEST, ROW_FLAG } from "./order-columns.ts";
import { ORDER_EVENT, OrderEvent } from "./order-event.ts";
import type { OrderMachineEvent } from "./order-machine-event.ts";
import { OrderStore } from "./order-store.ts";
import { OUTCOMES, type OutcomeName } from "./outcome.ts";
import { ORDER_STATUS, ORDER_STATUSES, type OrderStatus } from "./status.ts";
import { TRIGGER, type TriggerSource } from "./stop-trigger.ts";

/**
 * The terms of the one order of an {@link OrderStateMachine}.
 *
 * @units `priceTicks` ticks; `lots` lots; `expireNs` ns from the session's base
 */
export interface OrderStateMachineOptions {
  readonly side: Side;
  readonly lots: Lots | number;
  /** 0 unless given: market orders have none. */
  readonly priceTicks?: Ticks | number;
  /** `limit` unless given. */
  readonly type?: OrderType;
  /** `GTC` unless given. */
  readonly timeInForce?: TimeInForce;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly expireNs?: number;
  /** The trigger price; stops have one, other types none. */
  readonly stopTicks?: Ticks | number;
  /** `last` unless given. */
  readonly trigger?: TriggerSource;
  readonly hidden?: boolean;
  /** 2 unless given. */
  readonly maxPendingRequests?: number;
}

/** A request that the venue has not answered. */
export interface PendingRequest {
  readonly kind: "cancel" | "replace";
  readonly requestId: EventId;
  /** What a replace asks for; 0 for a cancel. */
  readonly priceTicks: Ticks;
  readonly lots: Lots;
}

const OPTIONS = [
  "side",
  "lots",
  "priceTicks",
  "type",
  "timeInForce",
  "postOnly",
  "reduceOnly",
  "expireNs",
  "stopTicks",
  "trigger",
  "hidden",
  "maxPendingRequests",
] as const;

const ORDER_TYPES = Object.keys(ORDER_TYPE) as OrderType[];
const TERMS = Object.keys(TIME_IN_FORCE) as TimeInForce[];
const TRIGGERS = Object.keys(TRIGGER) as TriggerSource[];

/**
 * The life of one order, with every race of acknowledgement, fill, cancel and replace: base state and pending
 * requests on two axes, quantities always the sum of executions.
 *
 * @invariant As `apply`: no sequence of events throws, executions count once each.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for an event of an unknown type.
 * @cost Its own store of one row; events allocate. Many orders belong into one {@link OrderStore}.
 * @example
 * ```ts
 * import { OrderStateMachine } from "tickwright/order";
 * const order = new OrderStateMachine({ side: "buy", lots: 100, priceTicks: 5000 });
 * order.apply({ type: "submit" });
 * order.apply({ type: "ack" });
 * order.apply({ type: "trade", execId: "e1", lots: 40, priceTicks: 5000 });
 * order.apply({ type: "cancelRequest" });
 * order.status; // => "pendingCancel"
 * order.apply({ type: "trade", execId: "e2", lots: 10, priceTicks: 4999 });
 * order.apply({ type: "trade", execId: "e2", lots: 10, priceTicks: 4999 }); // => "duplicate"
 * order.apply({ type: "cancelReject", reason: 0 });
 * order.status; // => "partiallyFilled"
 * [order.cumLots, order.leavesLots, order.averageTicks]; // => [50, 50, 4999.8]
 * ```
 */
export class OrderStateMachine {
  readonly #store: OrderStore;
  readonly #row: number;
  readonly #event = new OrderEvent();
  readonly #execIds = new IdNumbers();
  readonly #requestIds = new IdNumbers();

  constructor(options: OrderStateMachineOptions) {
    checkKeys("order", options, OPTIONS);
    const { maxPendingRequests = 2, type = "limit", timeInForce = "GTC", expireNs = Infinity } = options;
    checkChoice("order.type", type, ORDER_TYPES);
    checkChoice("order.timeInForce", timeInForce, TERMS);
    this.#store = new OrderStore({ capacity: 1, maxPendingRequests });
    this.#row = this.#store.open({
      instrument: 0,
      strategy: 0,
      side: sideSign(checkChoice("order.side", options.side, ["buy", "sell"])),
      type: ORDER_TYPE[type],
      timeInForce: TIME_IN_FORCE[timeInForce],
      flags: flagsOf(options),
      priceTicks: checkInteger("order.priceTicks", options.priceTicks ?? 0, -MAX_TICKS, MAX_TICKS),
      lots: checkInteger("order.lots", options.lots, 1),
      expireNs: expireNs === Infinity ? Infinity : checkNumber("order.expireNs", expireNs),
      createdNs: 0,
      stopTicks: checkStopTicks(type, options.stopTicks),
      trigger: TRIGGER[checkChoice("order.trigger", options.trigger ?? "last", TRIGGERS)],
    });
  }

  /** Lets one event happen and says what was made of it: see `OUTCOME`. */
  apply(event: OrderMachineEvent): OutcomeName {
    return OUTCOMES[apply(this.#store, this.#row, this.#translate(event))] as OutcomeName;
  }

  get status(): OrderStatus {
    return ORDER_STATUSES[this.#store.status[this.#row] as number] as OrderStatus;
  }

  /** The state without regard to pending requests. */
  get baseStatus(): OrderStatus {
    return ORDER_STATUSES[this.#store.base[this.#row] as number] as OrderStatus;
  }

  get lots(): Lots {
    return asLots(this.#store.lots[this.#row] as number);
  }

  get priceTicks(): Ticks {
    return asTicks(this.#store.priceTicks[this.#row] as number);
  }

  get cumLots(): Lots {
    return asLots(this.#store.cumLots[this.#row] as number);
  }

  get leavesLots(): Lots {
    return asLots(this.#store.leavesLots(this.#row));
  }

  /** The mean fill price in ticks; NaN before the first fill. */
  get averageTicks(): number {
    return this.#store.averageTicks(this.#row);
  }

  /** Whether it can still fill, whether or not the venue has answered. */
  get isOpen(): boolean {
    return this.#store.isOpen(this.#row);
  }

  /** Whether the venue's state is not known: after a timeout, a lost connection, or "unknown order". */
  get isUnknown(): boolean {
    return this.#has(ROW_FLAG.unknown);
  }

  get isOverfilled(): boolean {
    return this.#has(ROW_FLAG.overfilled);
  }

  /** Whether an execution came when the order was no longer open. */
  get hasLateFill(): boolean {
    return this.#has(ROW_FLAG.lateFill);
  }

  /** Whether something came that asks for a comparison with the venue; a `status` that agrees ends it. */
  get needsReconciliation(): boolean {
    return this.#has(ROW_FLAG.reconcile);
  }

  /** What a cancel or an expiry took away. */
  get canceledLots(): Lots {
    return asLots(this.#store.canceledLots(this.#row));
  }

  /** The total less what was filled on earlier days. */
  get dayLots(): Lots {
    return asLots(this.#store.dayLots(this.#row));
  }

  /** What was filled since the last `newDay`. */
  get dayCumLots(): Lots {
    return asLots(this.#store.dayCumLots(this.#row));
  }

  /** The mean price in ticks of what was filled since the last `newDay`; NaN before the first. */
  get dayAverageTicks(): number {
    return this.#store.dayAverageTicks(this.#row);
  }

  /** Requests the venue has not answered, oldest first. */
  get pending(): readonly PendingRequest[] {
    const store = this.#store;
    const count = store.pendingCount[this.#row] as number;
    return Array.from({ length: count }, (_, i) => {
      const slot = this.#row * store.requestSlots + i;
      return {
        kind: store.pendingKind[slot] === REQUEST.cancel ? "cancel" : "replace",
        requestId: this.#requestIds.idOf(store.pendingId[slot] as number),
        priceTicks: asTicks(store.pendingTicks[slot] as number),
        lots: asLots(store.pendingLots[slot] as number),
      };
    });
  }

  #has(flag: number): boolean {
    return ((this.#store.flags[this.#row] as number) & flag) !== 0;
  }

  #translate(event: OrderMachineEvent): OrderEvent {
    const code = ORDER_EVENT[event?.type];
    if (code === undefined) {
      throw new Fault("FAULT_INPUT", {
        path: "event.type",
        value: event?.type,
        expected: "a type of OrderMachineEvent",
      });
    }
    const out = this.#event.set(code);
    out.sequence = event.sequence ?? 0;
    out.repeated = event.repeated === true ? 1 : 0;
    if ("reason" in event) out.reason = event.reason ?? 0;
    if ("status" in event && event.status !== undefined) out.statusCode = ORDER_STATUS[event.status];
    if ("execId" in event) {
      out.execId = this.#execIds.numberOf(event.execId);
      out.venue = event.venue ?? -1;
    }
    if ("refExecId" in event) out.refExecId = this.#execIds.numberOf(event.refExecId);
    if ("requestId" in event && event.requestId !== undefined) {
      out.requestId = this.#requestIds.numberOf(event.requestId);
    }
    this.#writeNumbers(out, event);
    return out;
  }

  #writeNumbers(out: OrderEvent, event: OrderMachineEvent): void {
    switch (event.type) {
      case "trade":
      case "correct":
        out.lastLots = event.lots;
        out.lastTicks = event.priceTicks;
        break;
      case "stop":
        out.lastLots = event.lots ?? 0;
        break;
      case "cancelRequest":
        if (event.requestId === undefined) out.requestId = this.#requestIds.nextNumber();
        break;
      case "replaceRequest":
        if (event.requestId === undefined) out.requestId = this.#requestIds.nextNumber();
        this.#fillTerms(out, event.lots, event.priceTicks);
        break;
      case "restated":
        [out.ratioTo, out.ratioFrom] = event.ratio ?? [1, 1];
        out.newLots = event.lots ?? (this.lots * out.ratioTo) / out.ratioFrom;
        out.newTicks = event.priceTicks ?? (this.priceTicks * out.ratioFrom) / out.ratioTo;
        break;
      case "replaceAck":
        if (event.lots !== undefined || event.priceTicks !== undefined) {
          this.#fillTerms(out, event.lots, event.priceTicks);
        }
        break;
      case "status":
        out.cumLots = event.cumLots ?? -1;
        out.leavesLots = event.leavesLots ?? -1;
        break;
      case "newDay":
        out.day = event.day;
        break;
      default:
    }
  }

  #fillTerms(out: OrderEvent, lots: number | undefined, priceTicks: number | undefined): void {
    const last = this.#lastReplace(out);
    out.newLots = lots ?? last?.lots ?? this.lots;
    out.newTicks = priceTicks ?? last?.priceTicks ?? this.priceTicks;
  }

  /** For a request the youngest replace; for its answer the replace that is answered. */
  #lastReplace(out: OrderEvent): PendingRequest | undefined {
    const replaces = this.pending.filter((request) => request.kind === "replace");
    if (out.type === ORDER_EVENT.replaceRequest) return replaces.at(-1);
    return replaces.find(
      (request) => out.requestId === 0 || this.#requestIds.numberOf(request.requestId) === out.requestId,
    );
  }
}

function flagsOf(options: OrderStateMachineOptions): number {
  const { postOnly = false, reduceOnly = false, hidden = false } = options;
  return (
    (checkBoolean("order.postOnly", postOnly) ? ORDER_FLAG.postOnly : 0) |
    (checkBoolean("order.reduceOnly", reduceOnly) ? ORDER_FLAG.reduceOnly : 0) |
    (checkBoolean("order.hidden", hidden) ? ORDER_FLAG.hidden : 0)
  );
}

function checkStopTicks(type: OrderType, stopTicks: number | undefined): number {
  if (ORDER_TYPE[type] >= ORDER_TYPE.stop) {
    return checkInteger("order.stopTicks", stopTicks, -MAX_TICKS, MAX_TICKS);
  }
  if (stopTicks === undefined) return 0;
  throw new Fault("FAULT_CONFIG", {
    path: "order.stopTicks",
    value: stopTicks,
    expected: "none for this type",
  });
}
