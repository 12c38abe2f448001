import {
  type OrderEventName,
  type OrderStatus,
  type OutcomeName,
  STATUS_PRECEDENCE,
  TRANSITIONS,
} from "../../src/order/index.ts";

/** One event as the generator makes it: everything named, nothing encoded. */
export interface OracleEvent {
  readonly type: OrderEventName;
  readonly execId: number;
  readonly refExecId: number;
  readonly lots: number;
  readonly ticks: number;
  readonly requestId: number;
  readonly reason: number;
}

interface Message {
  readonly kind: "trade" | "bust" | "correct";
  readonly id: number;
  readonly ref: number;
  readonly lots: number;
  readonly ticks: number;
}

interface Request {
  readonly kind: "cancel" | "replace";
  readonly id: number;
  readonly lots: number;
  readonly ticks: number;
}

const OPEN: readonly OrderStatus[] = [
  "created",
  "pendingNew",
  "new",
  "partiallyFilled",
  "stopped",
  "suspended",
];
const DEAD: readonly OrderStatus[] = ["canceled", "rejected", "expired", "calculated"];

/**
 * The order as a plain object: slow and obvious. Quantities are recomputed from the list of all execution
 * messages after every event; nothing is kept up to date by adding.
 */
export class OrderOracle {
  phase: OrderStatus = "created";
  lots: number;
  ticks: number;
  acknowledged = false;
  unknown = false;
  pending: Request[] = [];
  readonly #maxReplaces: number;
  #messages: Message[] = [];
  #lastRequest = 0;
  #termsRequest = 0;

  constructor(lots: number, ticks: number, maxReplaces: number) {
    this.lots = lots;
    this.ticks = ticks;
    this.#maxReplaces = maxReplaces;
  }

  /** Live executions: replays every message from the first, holding amendments until they find their place. */
  get live(): readonly Message[] {
    const fate = new Map<number, { message: Message; busted: boolean; replacedBy: number | undefined }>();
    const waiting: Message[] = [];
    const place = (message: Message): boolean => {
      let target = fate.get(message.ref);
      while (target?.replacedBy !== undefined) target = fate.get(target.replacedBy);
      if (target === undefined) return false;
      if (message.kind === "bust") target.busted = true;
      else {
        fate.set(message.id, { message, busted: target.busted, replacedBy: undefined });
        if (!target.busted) target.replacedBy = message.id;
      }
      return true;
    };
    for (const message of this.#messages) {
      if (message.kind === "trade") fate.set(message.id, { message, busted: false, replacedBy: undefined });
      else waiting.unshift(message);
      for (let again = true; again; ) {
        again = false;
        for (const held of [...waiting]) {
          if (!place(held)) continue;
          waiting.splice(waiting.indexOf(held), 1);
          again = true;
        }
      }
    }
    return [...fate.values()].filter((f) => !f.busted && f.replacedBy === undefined).map((f) => f.message);
  }

  get cum(): number {
    return this.live.reduce((sum, message) => sum + message.lots, 0);
  }

  get notional(): number {
    return this.live.reduce((sum, message) => sum + message.lots * message.ticks, 0);
  }

  get base(): OrderStatus {
    const { phase, cum } = this;
    if (phase === "rejected" || cum === 0) return phase;
    const byQuantity = cum >= this.lots ? "filled" : "partiallyFilled";
    return STATUS_PRECEDENCE[byQuantity] > STATUS_PRECEDENCE[phase] ? byQuantity : phase;
  }

  get status(): OrderStatus {
    const { base } = this;
    if (DEAD.includes(this.phase)) return base;
    if (this.pending.some((request) => request.kind === "cancel")) return "pendingCancel";
    return this.pending.length > 0 ? "pendingReplace" : base;
  }

  get leaves(): number {
    return OPEN.includes(this.base) ? this.lots - this.cum : 0;
  }

  /** The most that could still fill under the order's own terms or those of any unanswered replace. */
  get worst(): number {
    if (!OPEN.includes(this.phase)) return 0;
    const totals = [this.lots, ...this.pending.filter((r) => r.kind === "replace").map((r) => r.lots)];
    return Math.max(0, ...totals.map((total) => total - this.cum));
  }

  apply(event: OracleEvent): OutcomeName {
    const legal = TRANSITIONS[this.status][event.type] !== "x";
    const both = legal && TRANSITIONS[this.base][event.type] !== "x";
    switch (event.type) {
      case "trade":
      case "bust":
      case "correct":
        return this.#execute(event, event.type);
      case "cancelRequest":
      case "replaceRequest":
        return this.#request(event);
      case "cancelReject":
        return this.#requestRejected(event, "cancel");
      case "replaceReject":
        return this.#requestRejected(event, "replace");
      case "replaceAck":
        return this.#replaced(event, legal);
      case "status":
        return "applied";
      case "timeout":
      case "disconnect":
        if (legal) this.unknown = true;
        return legal ? "applied" : "anomaly";
      case "restated":
        if (!both) return "anomaly";
        this.#terms(event.lots, event.ticks);
        return "applied";
      case "submit":
        if (this.phase !== "created") return "duplicate";
        this.phase = "pendingNew";
        return "applied";
      case "ack":
        if (this.acknowledged) return "duplicate";
        if (!legal) return "anomaly";
        this.acknowledged = true;
        this.unknown = false;
        if (this.phase === "pendingNew") this.phase = "new";
        return "applied";
      default:
        return this.#lifecycle(event, both);
    }
  }

  #lifecycle(event: OracleEvent, legal: boolean): OutcomeName {
    const target: Partial<Record<OrderEventName, OrderStatus>> = {
      reject: "rejected",
      cancelAck: "canceled",
      unsolicitedCancel: "canceled",
      expire: "expired",
      doneForDay: "doneForDay",
      suspend: "suspended",
      activate: "new",
      stop: "stopped",
      calculate: "calculated",
    };
    const phase = target[event.type] as OrderStatus;
    const ends = phase === "canceled" || phase === "expired";
    const wasFilled = this.base === "filled";
    if (phase === "canceled") this.#pop("cancel", event.requestId);
    if (event.type === "activate" && legal) {
      this.acknowledged = true;
      if (DEAD.includes(this.phase)) this.pending = [];
    }
    if (this.phase === phase) return "duplicate";
    if (legal && !(phase === "rejected" && this.cum > 0)) {
      this.phase = phase;
      this.unknown = false;
      return "applied";
    }
    if (phase === "rejected" && OPEN.includes(this.base)) this.unknown = true;
    if (ends && wasFilled && OPEN.includes(this.phase)) {
      this.phase = phase;
      this.unknown = false;
    }
    return "anomaly";
  }

  #execute(event: OracleEvent, kind: Message["kind"]): OutcomeName {
    const ref = kind === "trade" ? 0 : event.refExecId;
    const lots = kind === "bust" ? 0 : event.lots;
    const ticks = kind === "bust" ? 0 : event.ticks;
    const seen = this.#messages.find((message) => message.id === event.execId);
    if (seen !== undefined) {
      return seen.ref === ref && seen.lots === lots && seen.ticks === ticks ? "duplicate" : "conflict";
    }
    const before = this.base;
    const liveBefore = this.live;
    this.#messages.push({ kind, id: event.execId, ref, lots, ticks });
    const liveAfter = this.live;
    const booked = liveAfter.filter((message) => !liveBefore.includes(message));
    const undone = liveBefore.filter((message) => !liveAfter.includes(message));
    if (booked.length === 0 && undone.length === 0) {
      if (kind === "trade") return "applied";
      return this.#isPlaced(event.refExecId) ? "duplicate" : "quarantined";
    }
    if (this.phase === "created" || this.phase === "pendingNew") this.phase = "new";
    const over = this.cum > this.lots;
    if (undone.length > 0) return over ? "overfill" : "applied";
    if (before === "rejected" || before === "created") return "criticalFill";
    if (over) return "overfill";
    return OPEN.includes(before) || before === "filled" ? "applied" : "lateFill";
  }

  /** Whether the chain of references ends in a trade that came. */
  #isPlaced(ref: number): boolean {
    const seen = new Set<number>();
    for (let id = ref; !seen.has(id); ) {
      seen.add(id);
      const message = this.#messages.find((each) => each.id === id);
      if (message === undefined || message.kind === "bust") return false;
      if (message.kind === "trade") return true;
      id = message.ref;
    }
    return false;
  }

  #request(event: OracleEvent): OutcomeName {
    if (event.requestId <= 0) return "malformed";
    if (event.requestId <= this.#lastRequest) return "duplicate";
    const { base } = this;
    const open = OPEN.includes(base) && base !== "created";
    const replaces = this.pending.filter((request) => request.kind === "replace").length;
    const cancels = this.pending.length - replaces;
    if (event.type === "cancelRequest") {
      if (
        !open &&
        base !== "doneForDay" &&
        !(base === "filled" && OPEN.includes(this.phase) && this.pending.length > 0)
      )
        return "notOpen";
      if (cancels > 0) return "requestPending";
      this.pending.push({ kind: "cancel", id: event.requestId, lots: 0, ticks: 0 });
    } else {
      const larger = base === "filled" && this.phase === "new" && event.lots > Math.max(this.lots, this.cum);
      if (!open && base !== "doneForDay" && !larger) return "notOpen";
      if (replaces >= this.#maxReplaces) return "requestsFull";
      this.pending.push({ kind: "replace", id: event.requestId, lots: event.lots, ticks: event.ticks });
    }
    this.#lastRequest = event.requestId;
    return "applied";
  }

  #requestRejected(event: OracleEvent, kind: Request["kind"]): OutcomeName {
    if (this.#pop(kind, event.requestId) === undefined) return "anomaly";
    this.unknown = event.reason === 1 && OPEN.includes(this.base);
    return "applied";
  }

  #replaced(event: OracleEvent, legal: boolean): OutcomeName {
    const request = this.#pop("replace", event.requestId);
    if (request === undefined) return "anomaly";
    this.unknown = false;
    if (!legal) return "anomaly";
    if (request.id > this.#termsRequest) {
      this.#termsRequest = request.id;
      this.#terms(request.lots, request.ticks);
    }
    return "applied";
  }

  #terms(lots: number, ticks: number): void {
    this.lots = Math.max(lots, this.cum);
    this.ticks = ticks;
    if (this.phase === "pendingNew") this.phase = "new";
  }

  #pop(kind: Request["kind"], id: number): Request | undefined {
    const at = this.pending.findIndex((request) => request.kind === kind && (id === 0 || request.id === id));
    return at < 0 ? undefined : this.pending.splice(at, 1)[0];
  }
}
