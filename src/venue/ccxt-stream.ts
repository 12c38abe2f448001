import { Prng } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { readCcxtError } from "./ccxt-errors.ts";
import type { CcxtExchange, CcxtOrder, CcxtSocket, CcxtTrade } from "./ccxt-exchange.ts";
import type { CcxtPlan } from "./ccxt-options.ts";
import { type CcxtWords, execIdOf } from "./ccxt-words.ts";
import { RecentTexts } from "./recent-texts.ts";
import type { VenueListener, VenueTrouble } from "./venue-client.ts";

const BACK_OFF_MS_MAX = 60_000;
const NS_PER_MS = 1_000_000;
const LOOK_MS = 5;
const SEEN_MAX = 16;
const STREAM_ENDS: readonly unknown[] = ["eventStreamTerminated", "listenKeyExpired"];
const WATCHES = /order|trade|execution|fill/i;

/** What a stream is read with. */
export interface CcxtStreamParts {
  readonly plan: CcxtPlan;
  readonly exchange: CcxtExchange;
  readonly words: CcxtWords;
  readonly listener: VenueListener;
  readonly secrets: readonly string[];
  readonly instrumentOf: (symbol: string | null | undefined) => Instrument | undefined;
  /** The client order id of an order, where an answer or an update named both. */
  readonly nameOf: (orderId: string | null | undefined) => string | undefined;
  readonly named: (orderId: string | null | undefined, clientOrderId: string | null | undefined) => void;
}

/**
 * The account's stream through `watchOrders` and `watchMyTrades`: connects, and connects again with pauses that double.
 *
 * What a socket says is read out of the class's caches behind each message: its promises are told of the last update
 * alone, and of nothing while nobody waits.
 *
 * @invariant `connected` is told once the class waits on an open socket, `disconnected` before the next one; and again
 * behind each message that cannot be read: what it said may be missed.
 */
export class CcxtStream {
  readonly #parts: CcxtStreamParts;
  readonly #prng: Prng;
  readonly #seenTrades: RecentTexts;
  readonly #seenOrders: RecentTexts;
  #isOpen = false;
  #isConnected = false;
  #attempt = 0;
  #takeBack: (() => void) | undefined = undefined;

  constructor(parts: CcxtStreamParts) {
    this.#parts = parts;
    const { idsKept } = parts.plan;
    this.#seenTrades = new RecentTexts(idsKept);
    this.#seenOrders = new RecentTexts(idsKept);
    this.#prng = new Prng(parts.plan.seed);
    const { exchange } = parts;
    hearRejections(exchange);
    const handle = exchange.handleMessage.bind(exchange);
    exchange.handleMessage = (socket, message) => {
      if (!isReadable(message))
        return this.#missed(`a message that is no JSON: ${String(message).slice(0, 60)}`);
      const result = handle(socket, message);
      this.#read();
      // The class keeps such a socket, and would wait on it for ever.
      if (isOver(message)) (socket as CcxtSocket).connection?.terminate?.();
      return result;
    };
  }

  open(): void {
    this.#isOpen = true;
    this.#connect();
  }

  close(): void {
    this.#isOpen = false;
    this.#isConnected = false;
    this.#takeBack?.();
  }

  /** Watches; each promise is asked for again until one fails. */
  #connect(): void {
    const { exchange } = this.#parts;
    let hasFailed = false;
    const fail = (error: unknown): void => {
      if (hasFailed) return;
      hasFailed = true;
      this.#lost(error);
    };
    const watch = async (again: () => Promise<unknown>): Promise<void> => {
      try {
        while (this.#isOpen && !hasFailed) {
          await again();
          this.#read();
        }
      } catch (error) {
        fail(error);
      }
    };
    void watch(() => exchange.watchOrders());
    // Several classes subscribe once for both, and not twice at a time.
    this.#whenHeard(
      () => hasFailed,
      () => {
        void watch(() => exchange.watchMyTrades());
        this.#isConnected = true;
        this.#attempt = 0;
        this.#parts.listener.connected();
      },
    );
  }

  /** Calls when the class waits for updates on an open socket. */
  #whenHeard(hasFailed: () => boolean, call: () => void): void {
    if (!this.#isOpen || hasFailed()) return;
    const sockets = Object.values(this.#parts.exchange.clients ?? {});
    const isHeard = sockets.some(
      ({ connection, futures }) =>
        connection?.readyState === 1 && Object.keys(futures ?? {}).some((key) => WATCHES.test(key)),
    );
    if (isHeard) call();
    else this.#after(LOOK_MS, () => this.#whenHeard(hasFailed, call));
  }

  #lost(error: unknown): void {
    if (!this.#isOpen) return;
    const { listener, plan, secrets } = this.#parts;
    const { trouble } = readCcxtError(error, secrets);
    const cause: VenueTrouble = {
      ...trouble,
      code: trouble.code === "VENUE_UNREACHABLE" ? "VENUE_DISCONNECTED" : trouble.code,
    };
    if (this.#isConnected) listener.disconnected(cause);
    else listener.trouble(cause);
    this.#isConnected = false;
    const most = Math.min(BACK_OFF_MS_MAX, plan.backOffMs * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    // Half of it for certain, half by chance: many clients that lost one venue do not come back in one moment.
    this.#after(most / 2 + (most / 2) * this.#prng.float(), () => this.#connect());
  }

  #after(ms: number, call: () => void): void {
    this.#takeBack = this.#parts.plan.clock.after(Math.ceil(ms * NS_PER_MS), () => {
      if (this.#isOpen) call();
    });
  }

  /** Tells what is new in the caches, oldest first. */
  #read(): void {
    if (!this.#isOpen) return;
    const { exchange } = this.#parts;
    for (const order of news(exchange.orders ?? [], (each) => this.#seenOrders.has(versionOf(each)))) {
      this.#seenOrders.add(versionOf(order));
      this.#tellOrder(order);
    }
    const isSeen = (trade: CcxtTrade): boolean => this.#seenTrades.has(`${trade.symbol} ${trade.id}`);
    for (const trade of news(exchange.myTrades ?? [], isSeen)) {
      this.#seenTrades.add(`${trade.symbol} ${trade.id}`);
      this.#tellTrade(trade);
    }
  }

  #tellOrder(order: CcxtOrder): void {
    const { words, listener, instrumentOf, named } = this.#parts;
    const instrument = instrumentOf(order.symbol);
    if (instrument === undefined) return;
    named(order.id, order.clientOrderId);
    this.#careful(() => {
      const report = words.orderReport(instrument, order);
      if (report !== undefined) listener.report(report);
    });
  }

  #tellTrade(trade: CcxtTrade): void {
    const { words, listener, instrumentOf, nameOf } = this.#parts;
    const instrument = instrumentOf(trade.symbol);
    if (instrument === undefined) return;
    const name = trade.clientOrderId ?? nameOf(trade.order) ?? nameInside(trade);
    this.#careful(
      () => listener.report(words.tradeReport(instrument, trade, name)),
      execIdOf(instrument, trade),
    );
  }

  /** What cannot be read is told, and ends nothing. */
  #careful(work: () => void, what: string = "an order"): void {
    try {
      work();
    } catch (error) {
      const { trouble } = readCcxtError(error, this.#parts.secrets);
      this.#missed(`${what}: ${trouble.words}`);
    }
  }

  /** Something was said that cannot be read: that is told, and that it may be missed. */
  #missed(words: string): void {
    const { listener } = this.#parts;
    listener.trouble({ code: "VENUE_MALFORMED", words });
    if (this.#isConnected) listener.connected();
  }
}

/** What a class makes of a message: an object, or the text of a heartbeat. */
function isReadable(message: unknown): boolean {
  if (typeof message === "string") return /^"?(ping|pong|hb)\b/i.test(message);
  return typeof message === "object" && message !== null;
}

/** Whether a message says that an account's stream is over, in the words of the Binance family. */
function isOver(message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const event = Reflect.get(message, "event") ?? message;
  return typeof event === "object" && event !== null && STREAM_ENDS.includes(Reflect.get(event, "e"));
}

/**
 * Has someone hear every promise that the class keeps for a message: it makes some that nobody waits for, such as those
 * of a subscription under way, and rejects all of them when a socket ends. One that nobody hears would end the process.
 */
function hearRejections(exchange: CcxtExchange): void {
  const socketOf = exchange.client?.bind(exchange);
  if (socketOf === undefined) return;
  const known = new WeakSet<object>();
  exchange.client = (url) => {
    const socket = socketOf(url);
    if (known.has(socket) || socket.future === undefined) return socket;
    known.add(socket);
    const future = socket.future.bind(socket);
    socket.future = (messageHash) => {
      const promise = future(messageHash);
      if (!known.has(promise)) promise.catch(() => {});
      known.add(promise);
      return promise;
    };
    return socket;
  };
}

/**
 * What is new in a cache, oldest first. Caches move what changes to their end, and what is repeated too: a few that
 * were seen are passed over.
 */
function news<Row>(cache: readonly Row[], isSeen: (row: Row) => boolean): Row[] {
  const fresh: Row[] = [];
  let seen = 0;
  for (let i = cache.length - 1; i >= 0 && seen < SEEN_MAX; i--) {
    const row = cache[i] as Row;
    if (isSeen(row)) seen += 1;
    else fresh.push(row);
  }
  return fresh.reverse();
}

/** What tells one state of an order from another. */
export function versionOf(order: CcxtOrder): string {
  const { id, status, filled, amount, price, clientOrderId, lastUpdateTimestamp } = order;
  return [id, clientOrderId, status, filled, amount, price, lastUpdateTimestamp].join(" ");
}

/** The client order id inside a raw execution report of the Binance family, whose trades carry none. */
export function nameInside({ info }: CcxtTrade): string | undefined {
  const text = (key: string): string | undefined => {
    const value = info?.[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return text("clientOrderId") ?? text("C") ?? text("c");
}
