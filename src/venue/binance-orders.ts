import { Fault } from "../base/index.ts";
import type { Instrument, VenueOrder, VenueSnapshot } from "../model/index.ts";
import type { BinanceRequest } from "./binance-order-answers.ts";
import { NO_FRAME, type NoFrame } from "./binance-order-frames.ts";
import { BinanceOrderLane } from "./binance-order-lane.ts";
import { type BinanceOrdersOptions, type BinanceOrdersPlan, planOrders } from "./binance-orders-options.ts";
import type {
  VenueCapabilities,
  VenueClient,
  VenueFilters,
  VenueListener,
  VenueOrderName,
  VenueOrderTerms,
  VenueOutcome,
  VenuePermissions,
  VenueQuery,
} from "./venue-client.ts";
import { loadWebSocket } from "./ws-peer.ts";

/** Orders of a {@link BinanceOrders}, by the way they went. */
export interface BinanceOrderCounts {
  /** Requests written to the websocket. */
  readonly direct: number;
  /** Requests handed to the inner client. */
  readonly inner: number;
}

/**
 * An account at Binance spot whose orders, cancels and replaces are single frames over Binance's websocket API; all
 * else is another client's, such as a `CcxtClient` of the same account: its stream tells of executions, its questions
 * find out what became of a request. Needs the optional peer `ws`.
 *
 * While the websocket is down, requests go over the inner client, unless `fallback` is false: then new orders and
 * replaces are `notSent`. Cancels always go. Reduce-only orders and instruments that were not named are the inner
 * client's as well.
 *
 * @invariant A request goes one way, once: over the inner client only where nothing of it was written.
 * @invariant No key stands in an option, an error, a word of trouble, or in anything that can be printed of the client.
 * @throws `FAULT_CONFIG` naming the option; `open`: `FAULT_PEER_MISSING`, and `FAULT_IO` where the keys are refused, or
 * where there is no connection and no `fallback`
 * @cost A request is one signature (HMAC-SHA256), one text and one message
 * @source Binance spot WebSocket API: order.place, order.cancel, order.cancelReplace
 */
export class BinanceOrders implements VenueClient {
  readonly venue: string;
  readonly account: string;
  readonly #plan: BinanceOrdersPlan;
  readonly #client: VenueClient;
  readonly #counts = { direct: 0, inner: 0 };
  #lane: BinanceOrderLane | undefined = undefined;

  constructor(options: BinanceOrdersOptions) {
    this.#plan = planOrders(options);
    this.#client = options.client;
    this.venue = this.#client.venue;
    this.account = this.#client.account;
  }

  get capabilities(): VenueCapabilities {
    return this.#client.capabilities;
  }

  /** Requests so far, by their ways. */
  get counts(): BinanceOrderCounts {
    return { ...this.#counts };
  }

  async open(listener: VenueListener): Promise<void> {
    const make = await loadWebSocket();
    const { apiKey, secret } = await this.#plan.credentials();
    const keys = { apiKey: checkKey("apiKey", apiKey), secret: checkKey("secret", secret) };
    await this.#client.open(listener);
    const lane = new BinanceOrderLane({
      ...{ plan: this.#plan, make, keys },
      tell: (trouble) => listener.trouble(trouble),
    });
    try {
      await lane.open();
    } catch (error) {
      await lane.close();
      await this.#client.close();
      throw error;
    }
    this.#lane = lane;
  }

  submit(order: VenueOrderTerms): Promise<VenueOutcome> {
    const lane = this.#lane;
    if (lane === undefined) return CLOSED;
    const id = lane.takeId();
    const frame = lane.frames.place(id, order, lane.nowMs());
    return (
      this.#send(lane, id, frame, { kind: "submit", terms: order }) ??
      this.#around(frame, () => this.#client.submit(order))
    );
  }

  /** Writes and signs an order's frame, and lets it go. */
  rehearse(order: VenueOrderTerms): void {
    const lane = this.#lane;
    if (lane === undefined) this.#client.rehearse?.(order);
    else lane.frames.place(0, order, lane.nowMs());
  }

  cancel(order: VenueOrderName, clientRequestId: string): Promise<VenueOutcome> {
    const lane = this.#lane;
    if (lane === undefined) return CLOSED;
    const id = lane.takeId();
    const frame = lane.frames.cancel(id, order, lane.nowMs());
    return (
      this.#send(lane, id, frame, { kind: "cancel", order, requestId: clientRequestId }) ??
      this.#inner(() => this.#client.cancel(order, clientRequestId))
    );
  }

  replace(order: VenueOrderName, terms: VenueOrderTerms): Promise<VenueOutcome> {
    const lane = this.#lane;
    if (lane === undefined) return CLOSED;
    const id = lane.takeId();
    const frame = lane.frames.replace(id, order, terms, lane.nowMs());
    return (
      this.#send(lane, id, frame, { kind: "replace", order, terms }) ??
      this.#around(frame, () => this.#client.replace(order, terms))
    );
  }

  cancelAll(instrument: Instrument | null): Promise<VenueOutcome> {
    return this.#client.cancelAll(instrument);
  }

  queryOrder(name: VenueOrderName): Promise<VenueOrder | null> {
    return this.#client.queryOrder(name);
  }

  query(query: VenueQuery): Promise<VenueSnapshot> {
    return this.#client.query(query);
  }

  permissions(): Promise<VenuePermissions> {
    return this.#client.permissions();
  }

  filters(instrument: Instrument): Promise<VenueFilters> {
    return this.#client.filters(instrument);
  }

  async close(): Promise<void> {
    const lane = this.#lane;
    this.#lane = undefined;
    await lane?.close();
    await this.#client.close();
  }

  /** Writes a frame; undefined where there is none, or where nothing of it was written. */
  #send(
    lane: BinanceOrderLane,
    id: number,
    frame: string | NoFrame,
    request: BinanceRequest,
  ): Promise<VenueOutcome> | undefined {
    if (frame === NO_FRAME.notOurs) return undefined;
    if (frame === NO_FRAME.offGrid)
      return notSent("VENUE_MALFORMED", "a price or a quantity that is off the grid");
    if (frame === NO_FRAME.unsupported)
      return notSent("VENUE_UNSUPPORTED", "no post-only orders but limit orders");
    if (lane.inFlight >= this.#plan.requestsMax && request.kind !== "cancel") {
      return notSent("VENUE_BUSY", `${lane.inFlight} requests wait for their answer`);
    }
    const sent = lane.send(id, frame, request);
    if (sent !== undefined) this.#counts.direct += 1;
    return sent;
  }

  /** There is no frame, or no connection. */
  #around(frame: string | NoFrame, go: () => Promise<VenueOutcome>): Promise<VenueOutcome> {
    if (this.#plan.fallback || frame === NO_FRAME.notOurs) return this.#inner(go);
    return notSent("VENUE_DISCONNECTED", "orders' websocket is not connected");
  }

  #inner(go: () => Promise<VenueOutcome>): Promise<VenueOutcome> {
    this.#counts.inner += 1;
    return go();
  }
}

const CLOSED = notSent("VENUE_DISCONNECTED", "the client is closed");
/** What stands in a frame as it is. */
const KEY = /^[!-~]{1,512}$/;
const QUOTES = /["\\&=]/;

function checkKey(name: "apiKey" | "secret", key: unknown): string {
  const isText = typeof key === "string" && key !== "";
  if (isText && (name === "secret" || (KEY.test(key) && !QUOTES.test(key)))) return key;
  const expected = name === "secret" ? "a secret" : "a key of printable characters without quotes";
  throw new Fault("FAULT_CONFIG", { path: `orders.credentials.${name}`, value: undefined, expected });
}

async function notSent(
  code: "VENUE_DISCONNECTED" | "VENUE_MALFORMED" | "VENUE_UNSUPPORTED" | "VENUE_BUSY",
  words: string,
): Promise<VenueOutcome> {
  return { outcome: "notSent", cause: { code, words } };
}
