import { Fault } from "../base/index.ts";
import type { OrderStore } from "../order/index.ts";
import type { ReconState } from "../recon/index.ts";
import type { ReconNames } from "./recon-hands.ts";

/** Requests remembered of an order: the venue may name it by any of them. */
const REQUESTS_MAX = 16;

/**
 * What is known of one order beside its row in the store. JSON-safe. @units ns of our clock, `updatedNs` of the
 * venue's
 */
export interface ReconCard {
  readonly id: number;
  /** The id it was sent under first: what names it in breaks. */
  clientOrderId: string;
  sentNs: number;
  /** The venue's id, once it is known. */
  orderId: string | null;
  /** Whether the venue told its id since the last request left. */
  isNamed?: boolean;
  /** When the venue last reported on its state or terms. */
  updatedNs: number | null;
  /** Nobody knows what the venue holds: the connection went. */
  isUnknown: boolean;
  /** How the venue says that it ended, where the kernel has no such word. */
  endState: ReconState | null;
  /** Executions up to this number are not kept any more. */
  forgottenExec: number;
  /** The last requests: number and time of sending. */
  requests: (readonly [requestId: number, sentNs: number])[];
}

/**
 * The cards of the orders that the store holds: when they and their requests were sent, and what the venue calls them.
 *
 * @invariant An id of the venue names one card.
 * @cost Every call O(1); where more than twice the store's capacity gathered, one pass over the store.
 */
export class ReconOrders {
  readonly #store: OrderStore;
  readonly #names: ReconNames;
  readonly #cards = new Map<number, ReconCard>();
  readonly #byOrderId = new Map<string, number>();

  constructor(store: OrderStore, names: ReconNames) {
    this.#store = store;
    this.#names = names;
  }

  get(id: number): ReconCard | undefined {
    return this.#cards.get(id);
  }

  /** The order the venue calls so. */
  byOrderId(orderId: string): ReconCard | undefined {
    const id = this.#byOrderId.get(orderId);
    return id === undefined ? undefined : this.#cards.get(id);
  }

  /** The card of an order, made now where there is none. */
  open(id: number, sentNs: number): ReconCard {
    const known = this.#cards.get(id);
    if (known !== undefined) return known;
    return this.adopt(id, sentNs, this.#names.clientOrderId(id, 0));
  }

  /** A new card for an order that the venue knows by another name. */
  adopt(id: number, sentNs: number, clientOrderId: string): ReconCard {
    if (this.#cards.size >= 2 * this.#store.capacity) this.#sweep();
    const card: ReconCard = {
      id,
      clientOrderId,
      sentNs: Math.floor(sentNs),
      orderId: null,
      updatedNs: null,
      isUnknown: false,
      endState: null,
      forgottenExec: 0,
      requests: [],
    };
    this.#cards.set(id, card);
    return card;
  }

  /** A cancel or replace left. */
  requested(id: number, requestId: number, nowNs: number): void {
    const card = this.open(id, nowNs);
    const { requests } = card;
    card.isNamed = false;
    if (requests.length >= REQUESTS_MAX) requests.shift();
    requests.push([requestId, Math.floor(nowNs)]);
  }

  /** The venue reported on state or terms of an order. */
  reported(id: number, exchNs: number): void {
    const card = this.#cards.get(id);
    if (card !== undefined) card.updatedNs = Math.max(Math.floor(exchNs), card.updatedNs ?? -Infinity);
  }

  /**
   * A replace is in force: the venue may call the order otherwise now, and what it said is not known after a restart.
   */
  replaced(id: number): void {
    const card = this.#cards.get(id);
    if (card === undefined || card.isNamed === true || card.orderId === null) return;
    this.#byOrderId.delete(card.orderId);
    card.orderId = null;
  }

  /** The venue's id of an order; false where it names another one. */
  name(id: number, orderId: string): boolean {
    const card = this.#cards.get(id);
    const owner = this.#byOrderId.get(orderId);
    if (card === undefined || (owner !== undefined && owner !== id)) return false;
    card.isNamed = true;
    if (card.orderId !== null) this.#byOrderId.delete(card.orderId);
    card.orderId = orderId;
    this.#byOrderId.set(orderId, id);
    return true;
  }

  /** An order that is over gives its names to another one. */
  unname(id: number): void {
    const card = this.#cards.get(id);
    if (card === undefined) return;
    card.clientOrderId = `${card.clientOrderId} over ${id}`;
    if (card.orderId !== null) this.#byOrderId.delete(card.orderId);
    card.orderId = null;
  }

  /** Lets go of every card whose order is not held. */
  retain(isHeld: (id: number) => boolean): void {
    for (const card of this.#cards.values()) {
      if (isHeld(card.id)) continue;
      this.#cards.delete(card.id);
      if (card.orderId !== null) this.#byOrderId.delete(card.orderId);
    }
  }

  save(): readonly ReconCard[] {
    return [...this.#cards.values()].map((card) => ({ ...card, requests: [...card.requests] }));
  }

  /** Takes what `save` wrote, into an empty register. @throws `FAULT_INPUT` for anything else. */
  load(saved: readonly ReconCard[]): void {
    for (const card of saved) {
      const isCard =
        Number.isSafeInteger(card?.id) && Number.isSafeInteger(card.sentNs) && Array.isArray(card.requests);
      if (!isCard || typeof card.clientOrderId !== "string" || this.#cards.has(card.id)) {
        throw new Fault("FAULT_INPUT", { path: "saved.orders", value: card, expected: "what save wrote" });
      }
      this.#cards.set(card.id, { ...card, requests: [...card.requests] });
      if (card.orderId !== null) this.#byOrderId.set(card.orderId, card.id);
    }
  }

  #sweep(): void {
    const held = new Set<number>(this.#store.id);
    this.retain((id) => held.has(id));
  }
}
