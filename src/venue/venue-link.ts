import { Fault } from "../base/index.ts";
import type { Instrument, VenueSnapshot } from "../model/index.ts";
import type { OutboundOrder, VenueDoor } from "../port/index.ts";
import type { ApprovedOrder } from "../risk/index.ts";
import { ExecutionNumbers } from "./execution-numbers.ts";
import { type DoorExit, LinkDoor, unsupported, venueTerms } from "./link-door.ts";
import { type LinkOrder, LinkOrders } from "./link-orders.ts";
import { LinkQuestions, type VenueQuestion } from "./link-questions.ts";
import { type LinkCounts, LinkReports } from "./link-reports.ts";
import { LinkRequests, type RequestCounts } from "./link-requests.ts";
import { RequestBudget } from "./request-budget.ts";
import type { VenueCapabilities, VenueListener, VenueOutcome, VenueTrouble } from "./venue-client.ts";
import {
  planVenueLink,
  type VenueLinkHost,
  type VenueLinkOptions,
  type VenueLinkPlan,
  type VenueLinkState,
} from "./venue-link-options.ts";
import { VenueOrderIds } from "./venue-order-ids.ts";

/** What a link has done, and what is on its way. */
export interface VenueLinkCounts extends LinkCounts, RequestCounts {
  readonly inFlight: number;
  readonly cancelsWaiting: number;
}

/**
 * What a trader holds of an account at a venue: doors that take approvals and cancels, questions, and reports to one
 * host. The client behind it can't be reached: nothing is submitted that no gate let through.
 *
 * @invariant Everything is sent at most once; what has no answer is `unknown` to the host, and is asked, not sent again.
 * @invariant New orders and replaces leave in the state `live` alone: after every connection somebody who compared says
 * `resynced`. Cancels leave in every state but `closed` and `opening`.
 * @invariant An execution is told once, however often and in whatever order the venue tells it, also after a reconnect.
 * @invariant What waits is bounded: requests in flight, cancels, orders and executions remembered.
 * @throws `FAULT_CONFIG` naming the option; `open` also where the venue does not take the session's client order ids.
 */
export class VenueLink {
  /** The ids of orders and requests at the venue. */
  readonly ids: VenueOrderIds;
  /** The numbers of executions. */
  readonly executions: ExecutionNumbers;
  readonly stations: readonly number[];
  readonly #plan: VenueLinkPlan;
  readonly #orders: LinkOrders;
  readonly #reports: LinkReports;
  readonly #requests: LinkRequests;
  readonly #questions: LinkQuestions;
  readonly #places: ReadonlyMap<string, number>;
  readonly #doors = new Map<number, LinkDoor>();
  /** Whether what the venue can do is known. */
  #isOpened = false;
  #budget: RequestBudget;
  #host: VenueLinkHost | undefined = undefined;
  #state: VenueLinkState = "closed";
  #depth = 0;
  readonly #waiting: (() => void)[] = [];
  #isPlanned = false;
  #hasFailed = false;

  constructor(options: VenueLinkOptions) {
    const plan = planVenueLink(options);
    this.#plan = plan;
    this.stations = plan.stations;
    this.ids = new VenueOrderIds(options.prefix, plan.ids);
    const scopes = plan.instruments.map(({ symbol }) => symbol);
    const { learned } = options;
    this.executions = new ExecutionNumbers({ scopes, ...(learned === undefined ? {} : { learned }) });
    this.#orders = new LinkOrders(plan.ordersKept, (id) => this.#host?.order(id)?.isOpen === true);
    this.#budget = new RequestBudget([], plan.cancelShare);
    this.#places = new Map(plan.instruments.map(({ key }, i) => [key, plan.stations[i] as number]));
    const host = (): VenueLinkHost => this.#hostOrThrow();
    const tell = (work: () => void): void => this.#tell(work);
    const budget = (): RequestBudget => this.#budget;
    this.#requests = new LinkRequests({ plan, host, tell, budget, reports: () => this.#reports });
    this.#reports = new LinkReports({
      ...{ ids: this.ids, executions: this.executions, orders: this.#orders, host },
      stationOf: (instrument) => this.#places.get(instrument),
      nowNs: () => plan.clock.nowNs(),
      answered: (order, requestId) => this.#requests.answered(order, requestId),
      splitsReplaces: () => plan.client.capabilities.replace === "cancelNew",
      fillsKept: plan.fillsKept,
    });
    this.#questions = new LinkQuestions({
      ...{ plan, ids: this.ids, orders: this.#orders, budget },
      stationOfId: (id) => this.#host?.order(id)?.station,
    });
    for (const station of plan.stations) this.#doors.set(station, new LinkDoor(station, this.#exit()));
  }

  get venue(): string {
    return this.#plan.client.venue;
  }

  get account(): string {
    return this.#plan.client.account;
  }

  get state(): VenueLinkState {
    return this.#state;
  }

  /** What the venue can do. Once `open` has resolved. */
  get capabilities(): VenueCapabilities {
    return this.#plan.client.capabilities;
  }

  get counts(): VenueLinkCounts {
    const { inFlight, queued } = this.#requests;
    return { ...this.#reports.counts, ...this.#requests.counts, inFlight, cancelsWaiting: queued };
  }

  /** The instrument of a station. */
  instrument(station: number): Instrument {
    const instrument = this.#plan.instruments[this.#plan.stations.indexOf(station)];
    if (instrument !== undefined) return instrument;
    const expected = "a station of this link";
    throw new Fault("FAULT_INPUT", { path: "venueLink.station", value: station, expected });
  }

  /** The door of an instrument, by its station. */
  door(station: number): VenueDoor<ApprovedOrder> {
    this.instrument(station);
    return this.#doors.get(station) as LinkDoor;
  }

  /** Connects, and keeps connected until `close`. @throws `FAULT_CONFIG`, `FAULT_INPUT`, and what the client throws */
  async open(host: VenueLinkHost): Promise<void> {
    if (this.#state !== "closed" || this.#host !== undefined) {
      const expected = "a link that was not opened before";
      throw new Fault("FAULT_INPUT", { path: "venueLink.open", value: this.#state, expected });
    }
    this.#host = host;
    this.#change("opening", undefined);
    const { client, cancelShare } = this.#plan;
    try {
      await client.open(this.#listener());
      this.#checkIds(client.capabilities);
      this.#isOpened = true;
      this.#budget = new RequestBudget(client.capabilities.rateLimits, cancelShare);
    } catch (cause) {
      this.#state = "closed";
      this.#host = undefined;
      await client.close().catch(() => {});
      throw cause;
    }
  }

  /** What was missed is compared: new orders may leave. Without effect in any state but `resyncing`. */
  resynced(): void {
    if (this.#state === "resyncing") this.#change("live", undefined);
  }

  /** Asks the venue; the answer is for the host's comparison. @throws `FAULT_IO` where it did not answer */
  ask(question: VenueQuestion): Promise<VenueSnapshot> {
    return this.#questions.ask(question);
  }

  /**
   * Cancels everything that is open: of one instrument, or of the account where the station is `null`. Passes no gate;
   * where the venue has no such request, each order that is known here is canceled by itself.
   */
  async cancelAll(station: number | null): Promise<readonly VenueOutcome[]> {
    const { client, instruments, clock } = this.#plan;
    const { massCancel } = client.capabilities;
    const chosen = station === null ? instruments : [this.instrument(station)];
    const targets = massCancel === "account" && station === null ? [null] : chosen;
    const outcomes: VenueOutcome[] = [];
    if (massCancel === "none") {
      for (const order of this.#orders.all()) {
        if (station === null || order.station === station) outcomes.push(await this.#cancelAlone(order));
      }
      return outcomes;
    }
    for (const target of targets) {
      this.#budget.take("cancelAll", clock.nowNs());
      outcomes.push(await this.#settled(() => client.cancelAll(target)));
    }
    return outcomes;
  }

  /**
   * Cancels an order by the venue's id of it, whoever sent it. Passes no gate. Its name of ours is not sent beside:
   * where a replace gave it another, the venue would know no such order.
   */
  cancelOrder(station: number, orderId: string): Promise<VenueOutcome> {
    const name = { instrument: this.instrument(station), orderId, clientOrderId: "" };
    this.#budget.take("cancel", this.#plan.clock.nowNs());
    return this.#settled(() => this.#plan.client.cancel(name, ""));
  }

  /**
   * Cancels an order that the host holds, by the names it has: by its client order id where the venue's own is not
   * known. Passes no gate. @throws `FAULT_INPUT` for an order that is not held
   */
  async cancelHeld(id: number): Promise<VenueOutcome> {
    const held = this.#host?.order(id);
    if (held !== undefined) return this.#cancelAlone(this.#orders.open(id, held.station));
    throw new Fault("FAULT_INPUT", {
      path: "venueLink.cancelHeld",
      value: id,
      expected: "an order that is held",
    });
  }

  /** Nothing leaves and nothing is heard any more. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#requests.close();
    this.#drain();
    this.#change("closed", undefined);
    await this.#plan.client.close();
  }

  #cancelAlone(order: LinkOrder): Promise<VenueOutcome> {
    const { client, clock } = this.#plan;
    this.#budget.take("cancel", clock.nowNs());
    return this.#settled(() => client.cancel(this.#nameOf(order), this.ids.text(order.id, 0)));
  }

  /** An outcome whose reports the host has heard. */
  async #settled(go: () => Promise<VenueOutcome>): Promise<VenueOutcome> {
    const outcome = await go();
    if (outcome.outcome === "answered") {
      this.#tell(() => {
        for (const report of outcome.reports) this.#reports.hear(report);
      });
    }
    return outcome;
  }

  #exit(): DoorExit {
    return {
      takes: (time) => this.#isOpened && this.#plan.client.capabilities.timesInForce.includes(time),
      order: (station, terms) => this.#inside(() => this.#order(station, terms)),
      cancel: (station, id, requestId) => this.#inside(() => this.#cancel(station, id, requestId)),
    };
  }

  #order(station: number, terms: OutboundOrder): void {
    const { client } = this.#plan;
    const { id, requestId } = terms;
    const isReplace = requestId > 0;
    const kind = isReplace ? "replace" : "submit";
    const order = this.#orders.open(id, station);
    const said = venueTerms(this.instrument(station), terms, this.ids.text(id, requestId));
    const cause = this.#whyNot(station, terms, said);
    if (cause !== undefined) {
      this.#requests.refuse(order, requestId, kind, cause);
    } else if (isReplace) {
      const name = this.#nameOf(order);
      this.#requests.send(order, requestId, kind, () => client.replace(name, said));
    } else this.#requests.send(order, 0, kind, () => client.submit(said));
  }

  #whyNot(
    station: number,
    terms: OutboundOrder,
    said: ReturnType<typeof venueTerms>,
  ): VenueTrouble | undefined {
    const { client, clock, inFlightMax } = this.#plan;
    if (this.#state !== "live") {
      return { code: "VENUE_DISCONNECTED", words: `the link is ${this.#state}` };
    }
    const isReplace = terms.requestId > 0;
    const cumLots = isReplace ? (this.#host?.order(terms.id)?.cumLots ?? 0) : 0;
    const cannot = unsupported(client.capabilities, said, isReplace, cumLots);
    if (cannot !== undefined) return cannot;
    const side = terms.sideSign < 0 ? -1 : 1;
    if (this.#host?.isBlocked?.(station, side, terms.lots) === true) {
      return { code: "VENUE_IN_DOUBT", words: "orders in doubt could break a limit with this one" };
    }
    if (this.#requests.inFlight >= inFlightMax) {
      return { code: "VENUE_BUSY", words: `${inFlightMax} requests wait for their answer` };
    }
    if (!this.#budget.take(isReplace ? "replace" : "submit", clock.nowNs())) {
      return { code: "VENUE_RATE_LIMITED", words: "the venue's budget for new orders is used up" };
    }
    return undefined;
  }

  #cancel(station: number, id: number, requestId: number): void {
    const { client } = this.#plan;
    const order = this.#orders.open(id, station);
    if (this.#state === "closed" || this.#state === "opening") {
      const cause = { code: "VENUE_DISCONNECTED", words: `the link is ${this.#state}` } as const;
      this.#requests.refuse(order, requestId, "cancel", cause);
      return;
    }
    const text = this.ids.text(id, requestId);
    this.#requests.cancel(order, requestId, () => client.cancel(this.#nameOf(order), text));
  }

  #nameOf(order: LinkOrder): { instrument: Instrument; clientOrderId: string; orderId?: string } {
    const terms = this.#host?.order(order.id)?.termsRequestId ?? 0;
    const clientOrderId = this.ids.text(order.id, Math.max(order.replacedId, terms));
    const instrument = this.instrument(order.station);
    return { instrument, clientOrderId, ...(order.orderId === undefined ? {} : { orderId: order.orderId }) };
  }

  #listener(): VenueListener {
    return {
      report: (report) => this.#tell(() => this.#reports.hear(report)),
      connected: () => this.#tell(() => this.#change("resyncing", undefined)),
      disconnected: (cause) => this.#tell(() => this.#lost(cause)),
      trouble: (cause) => this.#tell(() => this.#hostOrThrow().trouble(cause)),
    };
  }

  #lost(cause: VenueTrouble): void {
    if (this.#state === "lost" || this.#state === "closed") return;
    this.#change("lost", cause);
    for (const station of this.stations) this.#hostOrThrow().disconnected(station);
  }

  #change(state: VenueLinkState, cause: VenueTrouble | undefined): void {
    if (this.#state === state || (this.#state === "closed" && state !== "opening")) return;
    this.#state = state;
    this.#host?.changed(state, cause);
  }

  /** Runs what a door asks for: what it leads to is told when the door's caller has gone on. */
  #inside(work: () => void): void {
    this.#depth += 1;
    try {
      work();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Tells the host something: now, or behind what waits. */
  #tell(work: () => void): void {
    this.#waiting.push(work);
    if (this.#depth === 0) this.#drain();
    else if (!this.#isPlanned) {
      this.#isPlanned = true;
      this.#plan.clock.after(0, () => {
        this.#isPlanned = false;
        this.#drain();
      });
    }
  }

  #drain(): void {
    if (this.#depth > 0) return;
    this.#depth += 1;
    try {
      while (this.#waiting.length > 0) this.#careful(this.#waiting.shift() as () => void);
    } finally {
      this.#depth -= 1;
    }
  }

  /** A host that throws takes no more: the link lets nothing new out, and who made the host decides. */
  #careful(work: () => void): void {
    if (this.#hasFailed || this.#state === "closed") return;
    try {
      work();
    } catch (cause) {
      this.#hasFailed = true;
      this.#state = "lost";
      this.#host?.failed(cause);
    }
  }

  #checkIds({ clientOrderIds }: VenueCapabilities): void {
    const { lengthMax, characters } = clientOrderIds;
    const text = this.ids.text(2 ** 40 - 1, 2 ** 40 - 1);
    const takes = new RegExp(`^(?:${characters})+$`);
    if (this.ids.lengthMax <= lengthMax && takes.test(text)) return;
    if (text.length <= lengthMax && takes.test(text)) return;
    const expected = `client order ids of at most ${lengthMax} characters ${characters}`;
    throw new Fault("FAULT_CONFIG", { path: "venueLink.ids", value: text, expected });
  }

  #hostOrThrow(): VenueLinkHost {
    if (this.#host !== undefined) return this.#host;
    throw new Fault("FAULT_INPUT", {
      path: "venueLink.host",
      value: undefined,
      expected: "a link that is open",
    });
  }
}
