import { Prng } from "../base/index.ts";
import { REASON, REPORT } from "../model/index.ts";
import type { DrillQuestion, DrillRequest, DrillWord } from "./drill-message.ts";

interface VenueOrder {
  readonly instrument: number;
  readonly sideSign: number;
  priceTicks: number;
  lots: number;
  filledLots: number;
  state: "open" | "filled" | "canceled";
  readonly fills: DrillWord[];
}

type WordParts = Partial<DrillWord> & { readonly instrument: number; readonly id: number };

/** Every so many requests the venue trades some of its open orders. */
const TRADE_EVERY = 3;

/** A drill's venue: it outlives the sessions that trade there, fills at random, and knows what it was sent. */
export class DrillVenue {
  readonly positions: number[];
  /** Requests that came a second time: nothing may be sent twice. */
  duplicates = 0;
  requests = 0;
  orders = 0;
  executions = 0;
  readonly #rng: Prng;
  readonly #orders = new Map<number, VenueOrder>();
  readonly #open = new Set<number>();
  readonly #seen = new Set<string>();
  #out: DrillWord[] = [];

  constructor(seed: number, instruments: number) {
    this.#rng = new Prng(seed);
    this.positions = new Array<number>(instruments).fill(0);
  }

  take(request: DrillRequest): void {
    const { what, id, requestId } = request;
    const name = `${what} ${id} ${requestId}`;
    if (this.#seen.has(name)) this.duplicates += 1;
    this.#seen.add(name);
    this.requests += 1;
    if (what === "order") this.#order(request);
    else if (what === "cancel") this.#cancel(request);
    else this.#replace(request);
    if (this.requests % TRADE_EVERY === 0) this.#trade();
  }

  /** The next word, now and then out of its order or a second time; undefined where there is none. */
  next(): DrillWord | undefined {
    const rng = this.#rng;
    const at = rng.float() < 0.1 ? rng.below(Math.max(1, Math.min(3, this.#out.length))) : 0;
    const word = this.#out[at];
    if (word !== undefined && rng.float() > 0.05) this.#out.splice(at, 1);
    return word;
  }

  /** The connection is gone, and with it what was on the way. */
  disconnect(): void {
    this.#out = [];
  }

  /** Says where an order stands, its executions included. */
  answer({ instrument, id, lots }: DrillQuestion): void {
    const order = this.#orders.get(id);
    if (order === undefined) {
      this.#say(REPORT.rejected, { instrument, id, lots, reason: REASON.unknownOrder });
      return;
    }
    const { priceTicks } = order;
    this.#say(REPORT.accepted, { instrument, id, priceTicks, lots: order.lots });
    this.#say(REPORT.replaced, { instrument, id, priceTicks, lots: order.lots });
    this.#out.push(...order.fills);
    if (order.state === "canceled") this.#say(REPORT.canceled, { instrument, id });
  }

  #order({ id, instrument, sideSign, priceTicks, lots }: DrillRequest): void {
    const fills: DrillWord[] = [];
    this.#orders.set(id, { instrument, sideSign, priceTicks, lots, filledLots: 0, state: "open", fills });
    this.#open.add(id);
    this.orders += 1;
    this.#say(REPORT.accepted, { instrument, id, priceTicks, lots, leavesLots: lots });
  }

  #cancel({ id, requestId, instrument }: DrillRequest): void {
    const order = this.#orders.get(id);
    if (order?.state !== "open") {
      const reason = order === undefined ? REASON.unknownOrder : REASON.tooLate;
      this.#say(REPORT.cancelRejected, { instrument, id, requestId, reason });
      return;
    }
    order.state = "canceled";
    this.#open.delete(id);
    this.#say(REPORT.canceled, { instrument, id, requestId });
  }

  #replace({ id, requestId, instrument, priceTicks, lots }: DrillRequest): void {
    const order = this.#orders.get(id);
    if (order?.state !== "open" || lots <= order.filledLots) {
      this.#say(REPORT.replaceRejected, { instrument, id, requestId, reason: REASON.tooLate });
      return;
    }
    order.priceTicks = priceTicks;
    order.lots = lots;
    this.#say(REPORT.replaced, { instrument, id, requestId, priceTicks, lots });
  }

  #trade(): void {
    for (const id of this.#open) {
      const order = this.#orders.get(id);
      if (order === undefined || this.#rng.float() > 0.1) continue;
      this.#fill(id, order, 1 + this.#rng.below(order.lots - order.filledLots));
    }
  }

  #fill(id: number, order: VenueOrder, lots: number): void {
    const { instrument, priceTicks, sideSign } = order;
    order.filledLots += lots;
    this.positions[instrument] = (this.positions[instrument] as number) + sideSign * lots;
    if (order.filledLots === order.lots) {
      order.state = "filled";
      this.#open.delete(id);
    }
    this.executions += 1;
    const parts = { instrument, id, priceTicks, lots, execId: this.executions, reason: REASON.reported };
    order.fills.push(this.#say(REPORT.trade, { ...parts, leavesLots: order.lots - order.filledLots }));
  }

  #say(kind: number, parts: WordParts): DrillWord {
    const rest = { requestId: 0, priceTicks: 0, lots: 0, execId: 0, reason: 0, leavesLots: 0 };
    const word: DrillWord = { ...rest, ...parts, kind };
    this.#out.push(word);
    return word;
  }
}
