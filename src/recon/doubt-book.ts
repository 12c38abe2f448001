import { checkInteger, checkKeys, checkText, Fault, type Refusal, refuse } from "../base/index.ts";
import type { Side } from "../model/index.ts";
import { checkRow, list, type RowShape, RULE, row } from "./check-rows.ts";
import { checkSnapshot, type ViewScope } from "./check-views.ts";
import {
  DOUBT_OUTCOMES,
  type DoubtfulOrder,
  type DoubtOutcome,
  type DoubtState,
  firstOutcomes,
  isExposed,
  narrow,
} from "./doubt.ts";
import type { ReconRefusalCode } from "./refusals.ts";
import type { VenueSnapshot } from "./view.ts";

export { DOUBT_OUTCOMES, type DoubtfulOrder, type DoubtOutcome, type DoubtState } from "./doubt.ts";

/** Options of a {@link DoubtBook}. @units ns */
export interface DoubtBookOptions {
  readonly venue: string;
  readonly account: string;
  /** A snapshot says nothing about an order that was sent less than this before it. */
  readonly ackTimeoutNs: number;
  /** How far the venue's clock and ours may be apart; 0 unless given. */
  readonly clockErrorNs?: number;
  /** The most orders in doubt at once; 4,096 unless given. */
  readonly ordersMax?: number;
  /** The most rows of each section of a snapshot; 100,000 unless given. */
  readonly rowsMax?: number;
}

/** A doubt that is over: one outcome is left, or none that could still execute. */
export interface DoubtResolution {
  readonly clientOrderId: string;
  readonly outcomes: readonly DoubtOutcome[];
  /** What is filled, as far as the venue says: what is not booked of it is booked by reconciliation. */
  readonly toldLots: number;
}

/** The most that orders in doubt may yet execute in an instrument. @units lots */
export interface WorstCase {
  readonly instrument: string;
  readonly buyLots: number;
  readonly sellLots: number;
}

/**
 * A new order and the position it meets. @units lots; `positionLots` signed, with the worst case of the orders that are
 * not in doubt where it counts
 */
export interface NewOrderRisk {
  readonly instrument: string;
  readonly side: Side;
  readonly lots: number;
  readonly positionLots: number;
  /** The largest position, long or short. */
  readonly maxPositionLots: number;
}

const ORDER: RowShape = {
  required: {
    clientOrderIds: list(RULE.text, 1, 1024),
    instrument: RULE.text,
    side: RULE.side,
    lots: RULE.lots,
    cumLots: RULE.cumLots,
    sentNs: RULE.ns,
    isAcknowledged: RULE.flag,
    mayBeCanceled: RULE.flag,
  },
  optional: { orderId: RULE.text },
};
const OUTCOMES = list(
  (path, value) => {
    if ((DOUBT_OUTCOMES as readonly unknown[]).includes(value)) return undefined;
    return { code: "RECON_FIELD_MALFORMED", path, value, expected: "an outcome" };
  },
  1,
  DOUBT_OUTCOMES.length,
);
const STATE: RowShape = {
  ...ORDER,
  required: { ...ORDER.required, outcomes: OUTCOMES, toldLots: RULE.cumLots },
};

/**
 * Orders whose fate is not known after a lost connection: what may have become of each, narrowed by what the venue
 * answers, and the worst that may follow.
 *
 * @invariant What an answer excludes is never possible again; an answer that excludes everything is refused and
 * changes nothing.
 * @refuses `RECON_FIELD_UNKNOWN`, `RECON_FIELD_MALFORMED`, `RECON_ROWS_EXCEEDED`, `RECON_KEY_REPEATED`,
 * `RECON_ACCOUNT_WRONG`, `RECON_AS_OF_CROSSED`, `RECON_DOUBT_UNKNOWN`, `RECON_DOUBT_REPEATED`, `RECON_DOUBT_FULL`,
 * `RECON_ANSWER_CONTRADICTS`, `RECON_WORST_CASE`
 * @throws `FAULT_CONFIG` naming the option.
 * @cost `observe` O(orders in doubt times rows); the others O(orders in doubt).
 * @example
 * ```ts
 * import { DoubtBook } from "tickwright/recon";
 * const scope = { venue: "x", account: "main" };
 * const doubt = new DoubtBook({ ...scope, ackTimeoutNs: 1e9 });
 * doubt.open({
 *   clientOrderIds: ["c1"], instrument: "ABC", side: "buy", lots: 10, cumLots: 0, sentNs: 0,
 *   isAcknowledged: false, mayBeCanceled: false,
 * });
 * doubt.outcomesOf("c1"); // => ["notReceived", "live", "filled", "rejected"]
 * const order = { instrument: "ABC", side: "buy", lots: 1, positionLots: 0, maxPositionLots: 10 } as const;
 * doubt.blocks(order)?.code; // => "RECON_WORST_CASE"
 * doubt.observe({ ...scope, asOfNs: 1e9, orders: [] });
 * doubt.outcomesOf("c1"); // => ["notReceived", "filled", "rejected"]
 * doubt.observe({ ...scope, asOfNs: 2e9, orders: [], fills: [], fillsThroughNs: 2e9 });
 * doubt.size; // => 0
 * doubt.blocks(order); // => undefined
 * ```
 */
export class DoubtBook {
  readonly #scope: ViewScope;
  readonly #dueNs: number;
  readonly #ordersMax: number;
  #states = new Map<string, DoubtState>();

  constructor(options: DoubtBookOptions) {
    checkKeys("doubt", options, ["venue", "account", "ackTimeoutNs", "clockErrorNs", "ordersMax", "rowsMax"]);
    this.#scope = {
      venue: checkText("doubt.venue", options.venue),
      account: checkText("doubt.account", options.account),
      rowsMax: checkInteger("doubt.rowsMax", options.rowsMax ?? 100_000, 1, 1_000_000),
    };
    const timeoutNs = checkInteger("doubt.ackTimeoutNs", options.ackTimeoutNs, 1);
    this.#dueNs = timeoutNs + checkInteger("doubt.clockErrorNs", options.clockErrorNs ?? 0, 0);
    this.#ordersMax = checkInteger("doubt.ordersMax", options.ordersMax ?? 4096, 1, 1 << 20);
  }

  /** Orders in doubt now. */
  get size(): number {
    return this.#states.size;
  }

  /** The connection went: nobody knows what becomes of this order. */
  open(order: DoubtfulOrder): Refusal<ReconRefusalCode> | undefined {
    const fault = checkRow("order", order, ORDER);
    if (fault !== undefined) return refuse(fault.code, fault.path, fault.value, fault.expected);
    const key = order.clientOrderIds[0] as string;
    if (this.#states.has(key)) {
      return refuse("RECON_DOUBT_REPEATED", "clientOrderIds", key, "an order that is not in doubt yet");
    }
    if (this.#states.size === this.#ordersMax) {
      return refuse("RECON_DOUBT_FULL", "orders", this.#states.size, `fewer than ${this.#ordersMax}`);
    }
    this.#states.set(key, { ...order, outcomes: firstOutcomes(order), toldLots: order.cumLots });
    return undefined;
  }

  /** What may have become of an order; empty where it is not in doubt. */
  outcomesOf(clientOrderId: string): readonly DoubtOutcome[] {
    return this.#states.get(clientOrderId)?.outcomes ?? [];
  }

  /**
   * Narrows every doubt by a snapshot or the answer to a query, and returns those that are over.
   *
   * @refuses as a snapshot of `reconcile`; `RECON_ANSWER_CONTRADICTS`
   */
  observe(venue: VenueSnapshot): readonly DoubtResolution[] | Refusal<ReconRefusalCode> {
    const refusal = checkSnapshot(venue, this.#scope);
    if (refusal !== undefined) return refusal;
    const states = new Map<string, DoubtState>();
    for (const [key, state] of this.#states) {
      const { outcomes, toldLots } = narrow(state, venue, venue.asOfNs - state.sentNs >= this.#dueNs);
      if (outcomes.length === 0) return contradiction(key, state);
      states.set(key, { ...state, outcomes, toldLots });
    }
    return this.#settle(states);
  }

  /**
   * A report told one order's fate: a drop copy, or a message of the old session that was sent again.
   *
   * @refuses `RECON_DOUBT_UNKNOWN`, `RECON_FIELD_MALFORMED`, `RECON_ANSWER_CONTRADICTS`
   */
  answer(
    clientOrderId: string,
    outcome: DoubtOutcome,
    cumLots: number,
  ): readonly DoubtResolution[] | Refusal<ReconRefusalCode> {
    const state = this.#states.get(clientOrderId);
    if (state === undefined) {
      return refuse("RECON_DOUBT_UNKNOWN", "clientOrderId", clientOrderId, "an order in doubt");
    }
    const fault = OUTCOMES("outcome", [outcome]) ?? RULE.cumLots("cumLots", cumLots);
    if (fault !== undefined) return refuse(fault.code, fault.path, fault.value, fault.expected);
    const isLate = outcome === "canceled" && isExposed(state);
    if (!isLate && !state.outcomes.includes(outcome)) return contradiction(clientOrderId, state);
    const next = { ...state, outcomes: [outcome], toldLots: Math.max(state.toldLots, cumLots) };
    return this.#settle(new Map([...this.#states, [clientOrderId, next]]));
  }

  /**
   * Everything the venue sent up to `throughNs` was replayed: an order of that time without an answer never arrived,
   * and one it had acknowledged is live.
   */
  resynced(throughNs: number): readonly DoubtResolution[] | Refusal<ReconRefusalCode> {
    const fault = RULE.ns("throughNs", throughNs);
    if (fault !== undefined) return refuse(fault.code, fault.path, fault.value, fault.expected);
    const states = new Map<string, DoubtState>();
    for (const [key, state] of this.#states) {
      const isDue = throughNs - state.sentNs >= this.#dueNs;
      const fate: DoubtOutcome = state.isAcknowledged || state.cumLots > 0 ? "live" : "notReceived";
      const outcomes = isDue ? state.outcomes.filter((outcome) => outcome === fate) : state.outcomes;
      if (outcomes.length === 0) return contradiction(key, state);
      states.set(key, { ...state, outcomes });
    }
    return this.#settle(states);
  }

  /**
   * So much of an order is booked by now: it counts in the position, and no longer in the worst case.
   *
   * @refuses `RECON_DOUBT_UNKNOWN`, `RECON_FIELD_MALFORMED`
   */
  booked(clientOrderId: string, cumLots: number): Refusal<ReconRefusalCode> | undefined {
    const state = this.#states.get(clientOrderId);
    if (state === undefined) {
      return refuse("RECON_DOUBT_UNKNOWN", "clientOrderId", clientOrderId, "an order in doubt");
    }
    const fault = RULE.cumLots("cumLots", cumLots);
    if (fault !== undefined) return refuse(fault.code, fault.path, fault.value, fault.expected);
    this.#states.set(clientOrderId, { ...state, cumLots, toldLots: Math.max(state.toldLots, cumLots) });
    return undefined;
  }

  /**
   * The worst that may follow, by instrument: what is not booked of the orders in doubt, whatever the venue said of it.
   * Only instruments with something in doubt, sorted by name.
   */
  worstCase(): readonly WorstCase[] {
    const sums = new Map<string, { instrument: string; buyLots: number; sellLots: number }>();
    for (const state of this.#states.values()) {
      const { instrument } = state;
      const sum = sums.get(instrument) ?? { instrument, buyLots: 0, sellLots: 0 };
      const lots = Math.max(0, state.lots - state.cumLots);
      if (state.side === "buy") sum.buyLots += lots;
      else sum.sellLots += lots;
      sums.set(instrument, sum);
    }
    return [...sums.values()].sort((left, right) => (left.instrument < right.instrument ? -1 : 1));
  }

  /**
   * Refuses a new order that, with the worst case of what is in doubt, would break the position limit; without doubt in
   * its instrument it refuses nothing.
   *
   * @refuses `RECON_FIELD_UNKNOWN`, `RECON_FIELD_MALFORMED`, `RECON_WORST_CASE`
   */
  blocks(order: NewOrderRisk): Refusal<ReconRefusalCode> | undefined {
    const fault = checkRow("order", order, NEW_ORDER);
    if (fault !== undefined) return refuse(fault.code, fault.path, fault.value, fault.expected);
    const worst = this.worstCase().find((each) => each.instrument === order.instrument);
    if (worst === undefined) return undefined;
    const isBuy = order.side === "buy";
    const held = isBuy ? order.positionLots : -order.positionLots;
    const lots = held + order.lots + (isBuy ? worst.buyLots : worst.sellLots);
    if (lots <= order.maxPositionLots) return undefined;
    return refuse("RECON_WORST_CASE", "lots", lots, `at most ${order.maxPositionLots} in the worst case`);
  }

  /** The whole state, JSON-safe, oldest doubt first. */
  save(): readonly DoubtState[] {
    return [...this.#states.values()];
  }

  /** Takes the state that `save` wrote. @throws `FAULT_INPUT` for anything else, and nothing changes. */
  load(saved: readonly DoubtState[]): void {
    const fault = list(row(STATE), 0, this.#ordersMax)("saved", saved);
    if (fault !== undefined) {
      throw new Fault("FAULT_INPUT", { path: fault.path, value: fault.value, expected: fault.expected });
    }
    const states = new Map(saved.map((state) => [state.clientOrderIds[0] as string, state]));
    if (states.size < saved.length) {
      throw new Fault("FAULT_INPUT", { path: "saved", expected: "each order once" });
    }
    this.#states = states;
  }

  /** Keeps what is still in doubt, and returns the rest. */
  #settle(states: Map<string, DoubtState>): readonly DoubtResolution[] {
    const resolved: DoubtResolution[] = [];
    for (const [clientOrderId, state] of states) {
      if (state.outcomes.length > 1 && isExposed(state)) continue;
      const { outcomes, toldLots } = state;
      resolved.push({ clientOrderId, outcomes, toldLots });
      states.delete(clientOrderId);
    }
    this.#states = states;
    return resolved;
  }
}

const NEW_ORDER: RowShape = {
  required: {
    instrument: RULE.text,
    side: RULE.side,
    lots: RULE.lots,
    positionLots: RULE.signedLots,
    maxPositionLots: RULE.cumLots,
  },
  optional: {},
};

function contradiction(key: string, state: DoubtState): Refusal<ReconRefusalCode> {
  return refuse("RECON_ANSWER_CONTRADICTS", "clientOrderId", key, `one of ${state.outcomes.join(", ")}`);
}
