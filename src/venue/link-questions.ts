import { Fault } from "../base/index.ts";
import type { Instrument, VenueOrder, VenueSnapshot } from "../model/index.ts";
import type { LinkOrders } from "./link-orders.ts";
import type { RequestBudget } from "./request-budget.ts";
import type { VenueQuery, VenueSection } from "./venue-client.ts";
import type { VenueLinkPlan } from "./venue-link-options.ts";
import type { VenueOrderIds } from "./venue-order-ids.ts";

/** What a venue is asked in one go. */
export interface VenueQuestion {
  readonly sections: readonly VenueSection[];
  /** Executions from then on; `null`: all. @units ns of the venue's clock */
  readonly fillsFromNs?: number | null;
  /** Orders to be told of by name, ended or not. */
  readonly clientOrderIds?: readonly string[];
  /** Executions of one instrument alone, by its station; other sections are of all. */
  readonly station?: number | null;
}

/** What questions are asked with. */
export interface LinkQuestionParts {
  readonly plan: VenueLinkPlan;
  readonly ids: VenueOrderIds;
  readonly orders: LinkOrders;
  readonly budget: () => RequestBudget;
  readonly stationOfId: (id: number) => number | undefined;
}

/**
 * Asks the venue and makes one snapshot of its answers.
 *
 * @invariant Names are asked first, lists after: what a name's answer and the list contradict is left out, to be asked
 * again. Of a chain of names at most one order is told.
 */
export class LinkQuestions {
  readonly #parts: LinkQuestionParts;

  constructor(parts: LinkQuestionParts) {
    this.#parts = parts;
  }

  /** @throws `FAULT_IO` where the venue did not answer, or no budget is left to ask it. */
  async ask(question: VenueQuestion): Promise<VenueSnapshot> {
    const { client } = this.#parts.plan;
    const { clientOrderIds = [] } = question;
    const named = await this.#named(clientOrderIds);
    this.#draw("query");
    const query = this.#queryOf(question);
    const answer = await client.query(query);
    const { fillsThroughNs: _, ...part } = answer;
    // A list of one instrument's executions vouches for no other's.
    const snapshot = (query.instruments?.length ?? 0) < this.#parts.plan.instruments.length ? part : answer;
    const joined = this.#joined(snapshot, named, clientOrderIds);
    this.#learn(joined.orders ?? []);
    return joined;
  }

  /** A replace that was given up may be in force after all: what comes next names the order as the venue does. */
  #learn(rows: readonly VenueOrder[]): void {
    const { ids, orders, stationOfId } = this.#parts;
    for (const { state, clientOrderId, orderId } of rows) {
      const name = state === "open" ? ids.parse(clientOrderId) : undefined;
      const station = name === undefined ? undefined : stationOfId(name.id);
      if (name === undefined || station === undefined) continue;
      const order = orders.open(name.id, station);
      if (name.requestId <= order.replacedId) continue;
      order.replacedId = name.requestId;
      orders.name(order, orderId);
    }
  }

  #queryOf({ sections, clientOrderIds = [], fillsFromNs, station }: VenueQuestion): VenueQuery {
    const { plan } = this.#parts;
    const isFrom = fillsFromNs !== null && fillsFromNs !== undefined;
    // Orders by name stand in a list that tells of every open one.
    const wanted = new Set(clientOrderIds.length > 0 ? [...sections, "orders" as const] : sections);
    const isPart = station !== null && station !== undefined && [...wanted].every((each) => each === "fills");
    const place = isPart ? plan.stations.indexOf(station) : -1;
    const instruments = place < 0 ? plan.instruments : [plan.instruments[place] as Instrument];
    return { sections: [...wanted], instruments, ...(isFrom ? { fillsFromNs } : {}) };
  }

  #joined(
    snapshot: VenueSnapshot,
    { rows, notFound }: { readonly rows: readonly VenueOrder[]; readonly notFound: readonly string[] },
    clientOrderIds: readonly string[],
  ): VenueSnapshot {
    if (snapshot.orders === undefined) return snapshot;
    const open = this.#onePerOrder(snapshot.orders);
    const listed = new Set(open.map(({ orderId }) => orderId));
    const over = rows.filter(({ orderId, state, updatedNs }) => {
      const isYoung = (updatedNs ?? snapshot.asOfNs) > snapshot.asOfNs;
      return !isYoung && !listed.has(orderId) && state !== "open";
    });
    const orders = this.#onePerOrder([...open, ...over]);
    if (clientOrderIds.length === 0) return { ...snapshot, orders };
    const found = new Set(orders.flatMap((each) => [each.clientOrderId, each.originalClientOrderId]));
    const missing = notFound.filter((each) => !found.has(each));
    return { ...snapshot, orders, ...(missing.length > 0 ? { notFound: missing } : {}) };
  }

  async #named(
    names: readonly string[],
  ): Promise<{ readonly rows: VenueOrder[]; readonly notFound: string[] }> {
    const { client, instruments, stations } = this.#parts.plan;
    const rows: VenueOrder[] = [];
    const notFound: string[] = [];
    for (const clientOrderId of names) {
      const id = this.#parts.ids.parse(clientOrderId)?.id;
      const order = id === undefined ? undefined : this.#parts.orders.get(id);
      const station = order?.station ?? (id === undefined ? undefined : this.#parts.stationOfId(id));
      const instrument = station === undefined ? undefined : instruments[stations.indexOf(station)];
      if (instrument === undefined) continue;
      this.#draw("queryOrder");
      const row = await client.queryOrder({ instrument, clientOrderId });
      if (row === null) notFound.push(clientOrderId);
      else rows.push(row);
    }
    return { rows: this.#onePerOrder(rows), notFound };
  }

  /** Of several orders that are one here, made by replaces, the one that bears the youngest name. */
  #onePerOrder(rows: readonly VenueOrder[]): VenueOrder[] {
    const best = new Map<number | string, VenueOrder>();
    for (const row of rows) {
      const name = this.#parts.ids.parse(row.clientOrderId);
      const key = name?.id ?? row.orderId;
      const other = best.get(key);
      const otherName = this.#parts.ids.parse(other?.clientOrderId);
      if (other === undefined || (name?.requestId ?? 0) >= (otherName?.requestId ?? 0)) best.set(key, row);
    }
    return [...best.values()];
  }

  #draw(kind: "query" | "queryOrder"): void {
    if (this.#parts.budget().take(kind, this.#parts.plan.clock.nowNs())) return;
    throw new Fault("FAULT_IO", {
      path: "venueLink.ask",
      value: "VENUE_RATE_LIMITED",
      expected: "a budget to ask the venue with: ask later",
    });
  }
}
