import { Prng } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { readCcxtError } from "./ccxt-errors.ts";
import type { CcxtOrder, CcxtTrade } from "./ccxt-exchange.ts";
import { type CcxtStreamParts, nameInside, versionOf } from "./ccxt-stream.ts";
import { execIdOf } from "./ccxt-words.ts";
import { RecentTexts } from "./recent-texts.ts";
import type { VenueTrouble } from "./venue-client.ts";

const BACK_OFF_MS_MAX = 60_000;
const NS_PER_MS = 1_000_000;
const PAGE = 500;
const PAGES_MAX = 40;
/** How far back executions are asked for again: what a venue lists late. @units ms */
const OVERLAP_MS = 60_000;

/** What polling needs beyond what a stream does. */
export interface CcxtPollParts extends CcxtStreamParts {
  readonly instruments: readonly Instrument[];
  readonly symbolOf: (instrument: Instrument) => string;
  /** The venue's clock now, from the session's base. @units ns */
  readonly venueNowNs: () => number;
}

/** What is known of one market. */
interface Looked {
  readonly instrument: Instrument;
  /** Orders that were open, or sent, and of which no end was told. */
  readonly open: Set<string>;
  sinceMs: number;
}

/**
 * The account's stream where an exchange class has no `watchOrders`: open orders and executions are asked for again and
 * again, market by market, and what is gone from the list is asked for by its id.
 *
 * Open orders are asked for before executions: an order that is gone has told its executions before its end.
 *
 * @invariant `connected` is told once a question was answered, `disconnected` when one is not, before the next `connected`.
 * @cost Requests a round: 2 an instrument, and 1 for each order that ended. They draw on the venue's budget, unseen by
 * the link's.
 */
export class CcxtPoll {
  readonly #parts: CcxtPollParts;
  readonly #prng: Prng;
  readonly #seenTrades: RecentTexts;
  readonly #seenOrders: RecentTexts;
  readonly #markets: readonly Looked[];
  #isOpen = false;
  #isConnected = false;
  #attempt = 0;
  #takeBack: (() => void) | undefined = undefined;

  constructor(parts: CcxtPollParts) {
    this.#parts = parts;
    const { idsKept } = parts.plan;
    this.#seenTrades = new RecentTexts(idsKept);
    this.#seenOrders = new RecentTexts(idsKept);
    this.#prng = new Prng(parts.plan.seed);
    const sinceMs = parts.words.ms(parts.venueNowNs());
    this.#markets = parts.instruments.map((instrument) => ({ instrument, open: new Set(), sinceMs }));
  }

  open(): void {
    this.#isOpen = true;
    void this.#round();
  }

  close(): void {
    this.#isOpen = false;
    this.#isConnected = false;
    this.#takeBack?.();
  }

  /** An order was taken: its end is looked for though no list may ever show it open. */
  sent(instrument: Instrument, orderId: string): void {
    this.#markets.find((each) => each.instrument.key === instrument.key)?.open.add(orderId);
  }

  async #round(): Promise<void> {
    try {
      if (!this.#isConnected) await this.#knock();
      for (const market of this.#markets) await this.#look(market);
      if (!this.#isOpen) return;
      this.#attempt = 0;
      this.#after(this.#parts.plan.pollMs);
    } catch (error) {
      this.#lost(error);
    }
  }

  /** Asks something, before anything is told: whether the venue answers. */
  async #knock(): Promise<void> {
    const { exchange, instruments, symbolOf, listener } = this.#parts;
    await exchange.fetchOpenOrders(symbolOf(instruments[0] as Instrument));
    if (!this.#isOpen) return;
    this.#isConnected = true;
    listener.connected();
  }

  async #look(market: Looked): Promise<void> {
    const { exchange, symbolOf } = this.#parts;
    const { instrument, open } = market;
    const symbol = symbolOf(instrument);
    // Those alone that were there before the question: what is sent while it is answered is in no list yet.
    const before = [...open];
    const listed = await exchange.fetchOpenOrders(symbol);
    await this.#executions(market, symbol);
    for (const order of listed) {
      this.#tell(instrument, order);
      if (order.id) open.add(String(order.id));
    }
    const there = new Set(listed.map(({ id }) => String(id)));
    for (const id of before.filter((each) => !there.has(each))) {
      const order = await exchange.fetchOrder(id, symbol, {});
      if (order.status === "open") continue;
      // It may have been executed after the executions were asked for.
      await this.#executions(market, symbol);
      this.#tell(instrument, order);
      open.delete(id);
    }
  }

  async #executions(market: Looked, symbol: string): Promise<void> {
    const { exchange, listener } = this.#parts;
    let fromMs = market.sinceMs - OVERLAP_MS;
    for (let page = 0; page < PAGES_MAX && this.#isOpen; page++) {
      const trades = await exchange.fetchMyTrades(symbol, fromMs, PAGE);
      for (const trade of trades) {
        market.sinceMs = Math.max(market.sinceMs, Number(trade.timestamp ?? 0));
        await this.#tellTrade(market.instrument, trade, symbol);
      }
      if (trades.length < PAGE) return;
      // A whole page of one moment: the next moment is all that can be asked for.
      fromMs = Math.max(fromMs + 1, market.sinceMs);
    }
    if (!this.#isOpen) return;
    const words = `more than ${PAGES_MAX * PAGE} executions of ${symbol} at once: comparing finds the others`;
    listener.trouble({ code: "VENUE_TOO_LARGE", words });
  }

  #tell(instrument: Instrument, order: CcxtOrder): void {
    const { words, listener, named } = this.#parts;
    if (!this.#isOpen || this.#seenOrders.has(versionOf(order))) return;
    this.#seenOrders.add(versionOf(order));
    named(order.id, order.clientOrderId);
    this.#careful("an order", () => {
      const report = words.orderReport(instrument, order);
      if (report !== undefined) listener.report(report);
    });
  }

  async #tellTrade(instrument: Instrument, trade: CcxtTrade, symbol: string): Promise<void> {
    const { words, listener } = this.#parts;
    const execId = execIdOf(instrument, trade);
    if (this.#seenTrades.has(execId)) return;
    const name = await this.#nameOf(trade, symbol);
    if (!this.#isOpen) return;
    this.#seenTrades.add(execId);
    this.#careful(execId, () => listener.report(words.tradeReport(instrument, trade, name)));
  }

  /** The client order id of an execution's order: of one whose answer was lost the venue alone knows it. */
  async #nameOf(trade: CcxtTrade, symbol: string): Promise<string | undefined> {
    const { exchange, nameOf, named } = this.#parts;
    const known = trade.clientOrderId ?? nameOf(trade.order) ?? nameInside(trade);
    if (known !== undefined || !trade.order) return known;
    const order = await exchange.fetchOrder(trade.order, symbol, {});
    named(order.id, order.clientOrderId);
    return order.clientOrderId ?? undefined;
  }

  /** What cannot be read is told, and ends nothing. */
  #careful(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      const { trouble } = readCcxtError(error, this.#parts.secrets);
      this.#parts.listener.trouble({ code: "VENUE_MALFORMED", words: `${what}: ${trouble.words}` });
    }
  }

  #lost(error: unknown): void {
    if (!this.#isOpen) return;
    const { listener, plan, secrets } = this.#parts;
    const { trouble } = readCcxtError(error, secrets);
    const code = trouble.code === "VENUE_UNREACHABLE" ? "VENUE_DISCONNECTED" : trouble.code;
    const cause: VenueTrouble = { ...trouble, code };
    if (this.#isConnected) listener.disconnected(cause);
    else listener.trouble(cause);
    this.#isConnected = false;
    const most = Math.min(BACK_OFF_MS_MAX, plan.backOffMs * 2 ** Math.min(this.#attempt, 16));
    this.#attempt += 1;
    this.#after(most / 2 + (most / 2) * this.#prng.float());
  }

  #after(ms: number): void {
    this.#takeBack = this.#parts.plan.clock.after(Math.ceil(ms * NS_PER_MS), () => {
      if (this.#isOpen) void this.#round();
    });
  }
}
