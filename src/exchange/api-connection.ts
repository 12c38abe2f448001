import type { WebSocket } from "ws";
import type { Account } from "./account.ts";
import { ApiError } from "./api-error.ts";
import { frameText, readMessage } from "./client-message.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangeFaults } from "./exchange-faults.ts";
import type { StreamClass } from "./fault-rules.ts";
import { type RawRequest, runRequest } from "./request-desk.ts";
import type { Request, Route } from "./route.ts";
import { StreamOutlet } from "./stream-outlet.ts";
import type { UserHearer, UserStreams } from "./user-streams.ts";

/** Which endpoint each method of the websocket API is. */
const METHODS: Readonly<Record<string, string>> = {
  ping: "GET /api/v3/ping",
  time: "GET /api/v3/time",
  exchangeInfo: "GET /api/v3/exchangeInfo",
  depth: "GET /api/v3/depth",
  "trades.recent": "GET /api/v3/trades",
  "trades.historical": "GET /api/v3/historicalTrades",
  "trades.aggregate": "GET /api/v3/aggTrades",
  klines: "GET /api/v3/klines",
  uiKlines: "GET /api/v3/uiKlines",
  avgPrice: "GET /api/v3/avgPrice",
  "ticker.24hr": "GET /api/v3/ticker/24hr",
  "ticker.price": "GET /api/v3/ticker/price",
  "ticker.book": "GET /api/v3/ticker/bookTicker",
  "order.place": "POST /api/v3/order",
  "order.test": "POST /api/v3/order/test",
  "order.status": "GET /api/v3/order",
  "order.cancel": "DELETE /api/v3/order",
  "order.cancelReplace": "POST /api/v3/order/cancelReplace",
  "order.amend.keepPriority": "PUT /api/v3/order/amend/keepPriority",
  "openOrders.status": "GET /api/v3/openOrders",
  "openOrders.cancelAll": "DELETE /api/v3/openOrders",
  "orderList.place.oco": "POST /api/v3/orderList/oco",
  "orderList.place.oto": "POST /api/v3/orderList/oto",
  "orderList.place.otoco": "POST /api/v3/orderList/otoco",
  "orderList.place.opo": "POST /api/v3/orderList/opo",
  "orderList.place.opoco": "POST /api/v3/orderList/opoco",
  "orderList.status": "GET /api/v3/orderList",
  "orderList.cancel": "DELETE /api/v3/orderList",
  "openOrderLists.status": "GET /api/v3/openOrderList",
  allOrderLists: "GET /api/v3/allOrderList",
  myPreventedMatches: "GET /api/v3/myPreventedMatches",
  allOrders: "GET /api/v3/allOrders",
  myTrades: "GET /api/v3/myTrades",
  "account.status": "GET /api/v3/account",
  "account.commission": "GET /api/v3/account/commission",
  "account.rateLimits.orders": "GET /api/v3/rateLimit/order",
  "userDataStream.start": "POST /api/v3/userDataStream",
  "userDataStream.ping": "PUT /api/v3/userDataStream",
  "userDataStream.stop": "DELETE /api/v3/userDataStream",
};

/** One subscription to an account on a websocket of the API. */
class Subscription implements UserHearer {
  readonly #id: number;
  readonly #outlet: StreamOutlet;

  constructor(id: number, outlet: StreamOutlet) {
    this.#id = id;
    this.#outlet = outlet;
  }

  event(about: StreamClass, event: object): void {
    this.#outlet.tell(about, JSON.stringify({ subscriptionId: this.#id, event }));
  }

  /** Nothing comes any more, and the websocket stays. */
  expired(): void {
    const event = { e: "eventStreamTerminated", E: Date.now() };
    this.#outlet.answer(JSON.stringify({ subscriptionId: this.#id, event }));
  }
}

/** What a request on this websocket goes through before it is run: the faults of requests. */
export type Around = (
  about: Route["about"],
  run: () => string | undefined,
  send: (text: string | undefined) => void,
  refuse: (error: ApiError) => string,
) => void;

/** One websocket of the websocket API: requests, and user-data subscriptions. */
export class ApiConnection {
  readonly outlet: StreamOutlet;
  readonly #exchange: Exchange;
  readonly #routes: Readonly<Record<string, Route>>;
  readonly #users: UserStreams;
  readonly #around: Around;
  readonly #subscriptions: Map<number, Subscription> = new Map();
  #nextId = 0;

  constructor(
    socket: WebSocket,
    faults: ExchangeFaults,
    parts: {
      exchange: Exchange;
      routes: Readonly<Record<string, Route>>;
      users: UserStreams;
      around: Around;
    },
  ) {
    this.outlet = new StreamOutlet(socket, faults);
    this.#exchange = parts.exchange;
    this.#routes = parts.routes;
    this.#users = parts.users;
    this.#around = parts.around;
    socket.on("message", (data) => this.#message(frameText(data)));
    socket.on("close", () => this.end());
    socket.on("error", () => socket.terminate());
  }

  end(): void {
    for (const subscription of this.#subscriptions.values()) this.#users.unsubscribe(subscription);
    this.#subscriptions.clear();
    this.outlet.end();
  }

  #message(text: string): void {
    const request = readMessage(text);
    const id = request?.id ?? null;
    const no = (error: ApiError): void => this.outlet.answer(this.#wrap(id, error, undefined));
    if (request === undefined) return no(new ApiError(-1135, "Invalid JSON Request"));
    if (!request.isIdValid) return no(wrongPart("id", "an integer, a string, or null"));
    const { method } = request;
    if (typeof method !== "string") return no(wrongPart("method", "a string"));
    const route = this.#route(method);
    if (route === undefined) return no(new ApiError(-1000, `Unknown method: ${method.slice(0, 64)}.`));
    const values = valuesOf(request.params);
    if (values instanceof ApiError) return no(values);
    const raw: RawRequest = { route, values, apiKey: values.get("apiKey"), payload: payloadOf(values) };
    this.#around(
      route.about,
      () => {
        const { result, account } = runRequest(this.#exchange, raw);
        return this.#wrap(id, result, account);
      },
      (answer) => {
        if (answer !== undefined) this.outlet.answer(answer);
      },
      (error) => this.#wrap(id, error, undefined),
    );
  }

  #route(method: string): Route | undefined {
    const name = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (name !== undefined) return this.#routes[name];
    const terms = { about: "listenKey", weight: 2 } as const;
    switch (method) {
      case "userDataStream.subscribe.signature":
        return { ...terms, security: "signed", run: ({ account }) => this.#subscribe(account) };
      case "userDataStream.unsubscribe":
        return { ...terms, security: "open", run: (request: Request) => this.#unsubscribe(request) };
      case "session.subscriptions":
        return {
          ...terms,
          security: "open",
          run: () => [...this.#subscriptions.keys()].map((subscriptionId) => ({ subscriptionId })),
        };
      default:
        return undefined;
    }
  }

  #subscribe(account: Account): object {
    const subscriptionId = this.#nextId++;
    const subscription = new Subscription(subscriptionId, this.outlet);
    this.#subscriptions.set(subscriptionId, subscription);
    this.#users.subscribe(account, subscription);
    return { subscriptionId };
  }

  #unsubscribe(request: Request): unknown {
    const only = request.parameters.integer("subscriptionId", undefined, 0, Number.MAX_SAFE_INTEGER);
    if (request.parameters.trouble !== undefined) return request.parameters.trouble;
    for (const [id, subscription] of [...this.#subscriptions]) {
      if (only !== undefined && only !== id) continue;
      this.#users.unsubscribe(subscription);
      this.#subscriptions.delete(id);
    }
    return {};
  }

  #wrap(id: unknown, result: unknown, account: Account | undefined): string {
    const rateLimits = this.#exchange.limits.used(this.#exchange.time.wireMs, account?.name);
    if (!(result instanceof ApiError)) return JSON.stringify({ id, status: 200, result, rateLimits });
    return JSON.stringify({ id, status: result.status, error: this.#error(result), rateLimits });
  }

  /** There are no headers here: until when nothing is taken stands with the error. */
  #error(error: ApiError): object {
    if (error.retryAfterS === undefined) return error.body();
    const serverTime = this.#exchange.time.wireMs;
    return { ...error.body(), data: { serverTime, retryAfter: serverTime + error.retryAfterS * 1_000 } };
  }
}

/** The parameters of a request as text: numbers, texts, truths, and lists of texts. */
function valuesOf(params: unknown): Map<string, string> | ApiError {
  const values = new Map<string, string>();
  if (params === undefined || params === null) return values;
  if (typeof params !== "object" || Array.isArray(params)) return wrongPart("params", "an object");
  for (const [name, value] of Object.entries(params)) {
    if (value === null) continue;
    if (typeof value !== "object") values.set(name, String(value));
    else if (Array.isArray(value) && value.every((each) => typeof each === "string"))
      values.set(name, JSON.stringify(value));
    else return new ApiError(-1135, `JSON sent for parameter '${name.slice(0, 64)}' is not valid`);
  }
  return values;
}

function wrongPart(name: string, expected: string): ApiError {
  return new ApiError(-1135, `Invalid '${name}' in JSON request; expected ${expected}.`);
}

/** What a signature here is over: every parameter but itself, by name. */
function payloadOf(values: ReadonlyMap<string, string>): string {
  return [...values]
    .filter(([name]) => name !== "signature")
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}
