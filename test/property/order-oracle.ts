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
  /** Who numbered the execution; -1 for the order's own venue, {@link OWN_VENUE}. */
  readonly venue: number;
  /** 0 where the report has none. */
  readonly sequence: number;
  readonly repeated: boolean;
  readonly day: number;
  readonly ratio: readonly [to: number, from: number];
  /** What a status report claims: nothing, what the oracle holds, or that with one lot more. */
  readonly claim: "none" | "status" | "right" | "wrong";
}

/** The venue of the oracle's order. */
export const OWN_VENUE = 3;

interface Message {
  readonly kind: "trade" | "bust" | "correct";
  readonly id: string;
  readonly ref: string;
  readonly lots: number;
  readonly ticks: number;
  /** The trading day it came on. */
  readonly day: number;
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
const REPORTED = (type: OrderEventName) =>
  !["submit", "cancelRequest", "replaceRequest", "timeout", "disconnect", "newDay"].includes(type);
const RECONCILE: readonly OutcomeName[] = [
  "lateFill",
  "overfill",
  "criticalFill",
  "anomaly",
  "conflict",
  "quarantined",
  "mismatch",
  "malformed",
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
  reconcile = false;
  triggered = false;
  pending: Request[] = [];
  readonly #maxReplaces: number;
  readonly #isStop: boolean;
  readonly #goesOn: boolean;
  #messages: Message[] = [];
  #lastRequest = 0;
  #termsRequest = 0;
  #sequence = 0;
  #phaseSequence = 0;
  #termsSequence = 0;
  #day = 0;
  /** What executions count for since a split. */
  readonly #scaled = new Map<string, number>();

  constructor(lots: number, ticks: number, maxReplaces: number, isStop = false, goesOn = true) {
    this.lots = lots;
    this.ticks = ticks;
    this.#maxReplaces = maxReplaces;
    this.#isStop = isStop;
    this.#goesOn = goesOn;
  }

  /** Live executions: replays every message from the first, holding amendments until they find their place. */
  get live(): readonly Message[] {
    const fate = new Map<string, { message: Message; busted: boolean; replacedBy: string | undefined }>();
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
    return this.live.reduce((sum, message) => sum + this.#counted(message), 0);
  }

  get notional(): number {
    return this.live.reduce((sum, message) => sum + message.lots * message.ticks, 0);
  }

  /** What was filled by trades of earlier days, corrections of today included. */
  get prior(): number {
    const old = this.live.filter((message) => this.#dayOfTrade(message) < this.#day);
    return old.reduce((sum, message) => sum + this.#counted(message), 0);
  }

  get priorNotional(): number {
    const old = this.live.filter((message) => this.#dayOfTrade(message) < this.#day);
    return old.reduce((sum, message) => sum + message.lots * message.ticks, 0);
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

  /** Every state that holds at once; requests are moot where the order was ended. */
  get holding(): readonly OrderStatus[] {
    const { phase, cum } = this;
    const dead = DEAD.includes(phase);
    const fills = phase === "rejected" || cum === 0 ? [] : [cum < this.lots ? "partiallyFilled" : "filled"];
    const requests = dead
      ? []
      : this.pending.map((r) => (r.kind === "cancel" ? "pendingCancel" : "pendingReplace"));
    return [phase, ...fills, ...requests] as OrderStatus[];
  }

  get leaves(): number {
    return OPEN.includes(this.base) ? this.lots - this.cum : 0;
  }

  /** The most that could still fill under the order's own terms or those of any unanswered replace. */
  get worst(): number {
    if (!OPEN.includes(this.phase) && this.phase !== "doneForDay" && !this.unknown) return 0;
    const totals = [this.lots, ...this.pending.filter((r) => r.kind === "replace").map((r) => r.lots)];
    return Math.max(0, ...totals.map((total) => total - this.cum));
  }

  apply(event: OracleEvent): OutcomeName {
    this.#sequence = Math.max(this.#sequence, event.sequence);
    const outcome = this.#dispatch(event);
    if (RECONCILE.includes(outcome)) this.reconcile = true;
    if ((outcome === "anomaly" || outcome === "mismatch") && REPORTED(event.type)) this.unknown = true;
    return outcome;
  }

  #dispatch(event: OracleEvent): OutcomeName {
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
        return this.#evidence(event);
      case "timeout":
      case "disconnect":
        if (legal) this.unknown = true;
        return legal ? "applied" : "anomaly";
      case "restated":
        return this.#restated(event, both);
      case "newDay":
        return this.#newDay(event.day, both);
      case "submit":
        if (this.phase !== "created") return "duplicate";
        this.phase = "pendingNew";
        return "applied";
      case "ack":
        if (this.acknowledged) return "duplicate";
        if (!legal) return "anomaly";
        this.acknowledged = true;
        this.#clearUnknown(event);
        if (this.phase === "pendingNew") this.phase = this.#resting;
        return "applied";
      default:
        return this.#lifecycle(event, both);
    }
  }

  get #resting(): OrderStatus {
    return this.#isStop && !this.triggered ? "suspended" : "new";
  }

  #clearUnknown(event: OracleEvent): void {
    const isNewest = event.sequence === 0 || event.sequence === this.#sequence;
    if (isNewest && !this.reconcile) this.unknown = false;
  }

  #evidence(event: OracleEvent): OutcomeName {
    if (event.sequence > 0 && event.sequence < this.#sequence) return "outdated";
    if (event.claim === "wrong") return "mismatch";
    if (event.claim !== "none") this.unknown = false;
    if (event.claim === "right") this.reconcile = false;
    return "applied";
  }

  #restated(event: OracleEvent, legal: boolean): OutcomeName {
    const age = this.#age(event, this.#termsSequence);
    if (age !== "applied") return age;
    if (!legal) return "anomaly";
    const [to, from] = event.ratio;
    const scaled = this.live.map((message) => [message.id, (this.#counted(message) * to) / from] as const);
    if (scaled.some(([, lots]) => !Number.isInteger(lots))) return "malformed";
    for (const [id, lots] of scaled) this.#scaled.set(id, lots);
    this.#terms(event, event.lots, event.ticks);
    return event.lots < this.cum ? "mismatch" : "applied";
  }

  #newDay(day: number, legal: boolean): OutcomeName {
    if (day <= this.#day) return "duplicate";
    if (!legal) return "anomaly";
    this.#day = day;
    if (this.phase === "doneForDay" && this.#goesOn) this.phase = this.#resting;
    return "applied";
  }

  #age(event: OracleEvent, last: number): OutcomeName {
    if (event.sequence === 0 || event.sequence > last) return "applied";
    return event.sequence === last ? "duplicate" : "outdated";
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
    const wasFilled = this.base === "filled";
    if (phase === "canceled") this.#pop("cancel", event.requestId);
    const age = this.#age(event, this.#phaseSequence);
    if (age !== "applied") return age;
    const isNews = event.sequence === 0 && !event.repeated;
    if (event.type === "activate" && this.phase === "new" && isNews && !this.#isStop) return "anomaly";
    if (event.type === "activate" && legal) {
      this.acknowledged = true;
      this.triggered = true;
      if (DEAD.includes(this.phase)) this.pending = [];
    }
    const repeats = this.phase === phase;
    const isLegal = legal && !(phase === "rejected" && this.cum > 0);
    const ends = phase === "canceled" || phase === "expired";
    const kept = ends && wasFilled && OPEN.includes(this.phase);
    if (repeats && phase === "rejected" && this.cum > 0) return "duplicate";
    if (repeats || isLegal || kept) this.#phaseSequence = Math.max(this.#phaseSequence, event.sequence);
    if (repeats) return "duplicate";
    if (isLegal || kept) {
      this.phase = phase;
      this.#clearUnknown(event);
    }
    return isLegal ? "applied" : "anomaly";
  }

  #execute(event: OracleEvent, kind: Message["kind"]): OutcomeName {
    const keyOf = (number: number) => `${event.venue < 0 ? OWN_VENUE : event.venue}:${number}`;
    const id = keyOf(event.execId);
    const ref = kind === "trade" ? "" : keyOf(event.refExecId);
    const lots = kind === "bust" ? 0 : event.lots;
    const ticks = kind === "bust" ? 0 : event.ticks;
    const seen = this.#messages.find((message) => message.id === id);
    if (seen !== undefined) {
      return seen.ref === ref && seen.lots === lots && seen.ticks === ticks ? "duplicate" : "conflict";
    }
    const before = this.base;
    const liveBefore = this.live;
    this.#messages.push({ kind, id, ref, lots, ticks, day: this.#day });
    const liveAfter = this.live;
    const booked = liveAfter.filter((message) => !liveBefore.includes(message));
    const undone = liveBefore.filter((message) => !liveAfter.includes(message));
    if (booked.length === 0 && undone.length === 0) {
      if (kind === "trade") return "applied";
      return this.#tradeOf(ref) === undefined ? "quarantined" : "duplicate";
    }
    if (this.phase === "created" || this.phase === "pendingNew") {
      this.phase = "new";
      this.triggered = true;
    }
    if (this.phase === "suspended" && this.#isStop && !this.triggered) {
      this.phase = "new";
      this.triggered = true;
    }
    const over = this.cum > this.lots;
    if (undone.length > 0) return over ? "overfill" : "applied";
    if (before === "rejected" || before === "created") return "criticalFill";
    if (over) return "overfill";
    return OPEN.includes(before) || before === "filled" ? "applied" : "lateFill";
  }

  /** The trade at the end of a chain of references, where it came. */
  #tradeOf(ref: string): Message | undefined {
    const seen = new Set<string>();
    for (let id = ref; !seen.has(id); ) {
      seen.add(id);
      const message = this.#messages.find((each) => each.id === id);
      if (message === undefined || message.kind === "bust") return undefined;
      if (message.kind === "trade") return message;
      id = message.ref;
    }
    return undefined;
  }

  #dayOfTrade(message: Message): number {
    return (message.kind === "trade" ? message : this.#tradeOf(message.ref))?.day ?? 0;
  }

  #counted(message: Message): number {
    return this.#scaled.get(message.id) ?? message.lots;
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
    if (this.#pop(kind, event.requestId) === undefined) {
      return event.requestId > 0 && event.requestId <= this.#lastRequest ? "duplicate" : "anomaly";
    }
    this.#clearUnknown(event);
    if (event.reason === 1 && OPEN.includes(this.base)) this.unknown = true;
    return "applied";
  }

  #replaced(event: OracleEvent, legal: boolean): OutcomeName {
    const request = this.#pop("replace", event.requestId);
    if (request === undefined) {
      return event.requestId > 0 && event.requestId <= this.#termsRequest ? "duplicate" : "anomaly";
    }
    const age = this.#age(event, this.#termsSequence);
    if (legal && age === "applied" && request.id > this.#termsRequest) {
      this.#termsRequest = request.id;
      this.#terms(event, request.lots, request.ticks);
    }
    this.#clearUnknown(event);
    return legal ? age : "anomaly";
  }

  #terms(event: OracleEvent, lots: number, ticks: number): void {
    this.lots = Math.max(lots, this.cum);
    this.ticks = ticks;
    this.#termsSequence = Math.max(this.#termsSequence, event.sequence);
    if (this.phase === "pendingNew") this.phase = this.#resting;
  }

  #pop(kind: Request["kind"], id: number): Request | undefined {
    const at = this.pending.findIndex((request) => request.kind === kind && (id === 0 || request.id === id));
    return at < 0 ? undefined : this.pending.splice(at, 1)[0];
  }
}
