import { Fault } from "../base/index.ts";
import type { Instrument, VenueOrder, VenueSnapshot } from "../model/index.ts";
import { ccxtFilters, ccxtPermissions } from "./ccxt-account.ts";
import { ccxtCapabilities } from "./ccxt-capabilities.ts";
import { BadResponse, type CcxtTrouble, readCcxtError } from "./ccxt-errors.ts";
import {
  type CcxtExchange,
  type CcxtMaker,
  type CcxtMarket,
  type CcxtOrder,
  makeCcxt,
} from "./ccxt-exchange.ts";
import { keepFutures } from "./ccxt-futures.ts";
import { guardAnswers, NOT_CARRIED, wouldChange } from "./ccxt-guard.ts";
import {
  type CcxtCredentials,
  type CcxtOptions,
  type CcxtPlan,
  ccxtConfig,
  planCcxt,
} from "./ccxt-options.ts";
import { CcxtPoll } from "./ccxt-poll.ts";
import { CcxtSnapshots } from "./ccxt-snapshot.ts";
import { CcxtStream } from "./ccxt-stream.ts";
import { mergedUrls } from "./ccxt-urls.ts";
import { CcxtWords } from "./ccxt-words.ts";
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
  VenueReport,
} from "./venue-client.ts";

const NS_PER_MS = 1_000_000;
const NOT_OURS = "ccxt.instrument";

/**
 * An account at an exchange that the optional peer ccxt knows, over REST and its websockets.
 *
 * What an error proves decides: refused by the exchange, not sent, or unknown. Numbers pass as text, none is ever
 * a double.
 *
 * @invariant A request is sent once: the class's own retries are off.
 * @invariant No key stands in an option, an error, a word of trouble, or in anything that can be printed of the client.
 * @throws `FAULT_CONFIG` naming the option
 */
export class CcxtClient implements VenueClient {
  readonly venue: string;
  readonly account: string;
  readonly #plan: CcxtPlan;
  readonly #make: CcxtMaker;
  readonly #words: CcxtWords;
  readonly #names = new Map<string, string>();
  readonly #instruments = new Map<string, Instrument>();
  readonly #markets = new Map<string, CcxtMarket>();
  #secrets: readonly string[] = [];
  #exchange: CcxtExchange | undefined = undefined;
  #capabilities: VenueCapabilities | undefined = undefined;
  #stream: CcxtStream | undefined = undefined;
  #poll: CcxtPoll | undefined = undefined;
  #snapshots: CcxtSnapshots | undefined = undefined;
  /** The venue's clock against ours. @units ns */
  #aheadNs = 0;

  constructor(options: CcxtOptions) {
    this.#plan = planCcxt(options);
    this.#make = options.make ?? makeCcxt;
    this.venue = this.#plan.exchange;
    this.account = this.#plan.account;
    this.#words = new CcxtWords(this.#plan.baseNs);
  }

  get capabilities(): VenueCapabilities {
    if (this.#capabilities !== undefined) return this.#capabilities;
    throw new Fault("FAULT_INPUT", {
      path: "ccxt.capabilities",
      value: "closed",
      expected: "a client that is open",
    });
  }

  async open(listener: VenueListener): Promise<void> {
    const plan = this.#plan;
    const exchange = await this.#made(await plan.credentials());
    this.#exchange = exchange;
    try {
      await exchange.loadMarkets();
      await this.#measureClock(exchange);
    } catch (error) {
      await this.close();
      throw this.#fault("ccxt.open", error);
    }
    for (const instrument of plan.instruments) this.#know(exchange, instrument);
    this.#capabilities = { ...ccxtCapabilities(exchange), ...plan.capabilities };
    this.#snapshots = new CcxtSnapshots({
      ...{ exchange, words: this.#words, venue: this.venue, account: this.account },
      ...{ instruments: plan.instruments, fillsKept: plan.fillsKept },
      marketOf: (instrument) => this.#marketOf(instrument),
      venueNowNs: () => plan.clock.nowNs() + this.#aheadNs,
      aheadNs: () => this.#aheadNs,
    });
    this.#listen(exchange, listener);
  }

  /** Hears of orders and executions: by websocket where the class has them, else by asking again and again. */
  #listen(exchange: CcxtExchange, listener: VenueListener): void {
    const plan = this.#plan;
    const parts = {
      ...{ plan, exchange, words: this.#words, listener, secrets: this.#secrets },
      instrumentOf: (symbol: string | null | undefined) => this.#instruments.get(symbol ?? ""),
      nameOf: (orderId: string | null | undefined) => this.#names.get(orderId ?? ""),
      named: (orderId: string | null | undefined, name: string | null | undefined) =>
        this.#name(orderId, name),
    };
    if (exchange.has["watchOrders"] === true && exchange.has["watchMyTrades"] === true) {
      this.#stream = new CcxtStream(parts);
      return this.#stream.open();
    }
    this.#poll = new CcxtPoll({
      ...{ ...parts, instruments: plan.instruments },
      symbolOf: (instrument) => this.#marketOf(instrument).symbol,
      venueNowNs: () => plan.clock.nowNs() + this.#aheadNs,
    });
    this.#poll.open();
  }

  async close(): Promise<void> {
    this.#stream?.close();
    this.#poll?.close();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    await exchange?.close().catch(() => {});
  }

  submit(order: VenueOrderTerms): Promise<VenueOutcome> {
    if (wouldChange(order)) return NOT_CARRIED;
    const { instrument, clientOrderId } = order;
    const rejected = (words: string): VenueReport => ({
      ...{ kind: "rejected", instrument: instrument.key, clientOrderId, venueNs: this.#venueNowNs(), words },
    });
    return this.#request(rejected, async (exchange) => {
      const { type, price, params } = this.#terms(order);
      const { symbol } = this.#marketOf(instrument);
      const amount = instrument.formatQuantity(order.lots);
      const made = await exchange.createOrder(symbol, type, order.side, amount, price, {
        ...params,
        clientOrderId,
      });
      return this.#answers(instrument, made, "accepted", clientOrderId);
    });
  }

  cancel(order: VenueOrderName, clientRequestId: string): Promise<VenueOutcome> {
    const { instrument, clientOrderId, orderId } = order;
    const names = { clientOrderId: clientRequestId || clientOrderId, originalClientOrderId: clientOrderId };
    const rejected = (words: string): VenueReport => ({
      ...{ kind: "cancelRejected", instrument: instrument.key, ...names, venueNs: this.#venueNowNs(), words },
    });
    return this.#request(rejected, async (exchange) => {
      const { symbol } = this.#marketOf(instrument);
      const made = await exchange.cancelOrder(orderId, symbol, clientOrderId === "" ? {} : { clientOrderId });
      return this.#answers(instrument, made, "canceled", clientOrderId);
    });
  }

  replace(order: VenueOrderName, terms: VenueOrderTerms): Promise<VenueOutcome> {
    if (wouldChange(terms)) return NOT_CARRIED;
    const { instrument } = order;
    const names = { clientOrderId: terms.clientOrderId, originalClientOrderId: order.clientOrderId };
    const rejected = (words: string): VenueReport => ({
      ...{
        kind: "replaceRejected",
        instrument: instrument.key,
        ...names,
        venueNs: this.#venueNowNs(),
        words,
      },
    });
    return this.#request(rejected, async (exchange) => {
      const orderId = order.orderId ?? (await this.#idOf(order));
      const { type, price, params } = this.#terms(terms);
      const { symbol } = this.#marketOf(instrument);
      const amount = instrument.formatQuantity(terms.lots);
      const all = { ...params, ...this.#plan.replaceParams, clientOrderId: terms.clientOrderId };
      const made = await exchange.editOrder(orderId, symbol, type, terms.side, amount, price, all);
      return this.#answers(instrument, made, "replaced", terms.clientOrderId).map((report) =>
        report.kind === "replaced" ? { ...report, originalClientOrderId: order.clientOrderId } : report,
      );
    });
  }

  async cancelAll(instrument: Instrument | null): Promise<VenueOutcome> {
    const chosen = instrument === null ? this.#plan.instruments : [instrument];
    for (const each of chosen) {
      const outcome = await this.#request(undefined, async (exchange) => {
        await exchange.cancelAllOrders(this.#marketOf(each).symbol, {});
        return [];
      });
      if (outcome.outcome !== "answered") return outcome;
    }
    return { outcome: "answered", reports: [] };
  }

  async queryOrder(name: VenueOrderName): Promise<VenueOrder | null> {
    const { instrument, clientOrderId, orderId } = name;
    try {
      const params = clientOrderId === "" ? {} : { clientOrderId };
      const order = await this.#open().fetchOrder(orderId, this.#marketOf(instrument).symbol, params);
      this.#name(order.id, order.clientOrderId);
      return this.#words.order(instrument, order);
    } catch (error) {
      if (this.#read(error).isNotFound) return null;
      throw this.#fault("ccxt.queryOrder", error);
    }
  }

  async query(query: VenueQuery): Promise<VenueSnapshot> {
    try {
      this.#open();
      return await (this.#snapshots as CcxtSnapshots).take(query);
    } catch (error) {
      throw this.#fault("ccxt.query", error);
    }
  }

  async permissions(): Promise<VenuePermissions> {
    try {
      return await ccxtPermissions(this.#open(), this.#plan.isSandbox);
    } catch (error) {
      throw this.#fault("ccxt.permissions", error);
    }
  }

  async filters(instrument: Instrument): Promise<VenueFilters> {
    return ccxtFilters(this.#marketOf(instrument), this.#open().precisionMode);
  }

  async #made(credentials: CcxtCredentials): Promise<CcxtExchange> {
    const plan = this.#plan;
    this.#secrets = Object.values(credentials).filter(
      (each): each is string => typeof each === "string" && each !== "",
    );
    const exchange = await this.#make(plan.exchange, ccxtConfig(plan));
    guardAnswers(exchange, plan.clock, plan.timeoutMs);
    keepFutures(exchange);
    if (plan.isSandbox) exchange.setSandboxMode(true);
    if (plan.urls !== undefined) exchange.urls = mergedUrls(exchange.urls, plan.urls);
    Object.assign(exchange, credentials);
    if (JSON.stringify(exchange.urls).includes('"ws://')) await exchange.loadHttpProxyAgent?.();
    return exchange;
  }

  /** How far the venue's clock is ahead of ours, by its own word where it gives one. */
  async #measureClock(exchange: CcxtExchange): Promise<void> {
    if (!exchange.has["fetchTime"] || exchange.fetchTime === undefined) return;
    const { clock } = this.#plan;
    const sentNs = clock.nowNs();
    const ms = await exchange.fetchTime();
    // The least that can be: what we ask about is then never younger than we say.
    this.#aheadNs = Math.floor(this.#words.ns(ms) - clock.nowNs());
    if (!Number.isFinite(this.#aheadNs)) this.#aheadNs = 0;
    const adjusts = exchange.options["adjustForTimeDifference"] === true && sentNs > Number.NEGATIVE_INFINITY;
    if (adjusts) await exchange.loadTimeDifference?.();
  }

  #know(exchange: CcxtExchange, instrument: Instrument): void {
    const { symbol, key } = instrument;
    const market = exchange.markets?.[symbol] ?? exchange.markets_by_id?.[symbol]?.[0];
    if (market === undefined) {
      const expected = `a market of ${exchange.id} (VENUE_UNKNOWN_INSTRUMENT)`;
      throw new Fault("FAULT_CONFIG", { path: "ccxt.instruments", value: symbol, expected });
    }
    this.#markets.set(key, market);
    this.#instruments.set(market.symbol, instrument);
  }

  #terms(order: VenueOrderTerms): {
    readonly type: string;
    readonly price: string | undefined;
    readonly params: Readonly<Record<string, unknown>>;
  } {
    const { instrument, type, timeInForce, postOnly, reduceOnly, stopTicks, priceTicks } = order;
    const isMarket = type === "market" || type === "stop";
    const isStop = type === "stop" || type === "stopLimit";
    return {
      type: isMarket ? "market" : "limit",
      price: isMarket ? undefined : instrument.formatPrice(priceTicks),
      params: {
        ...(isMarket ? {} : postOnly ? { postOnly: true } : { timeInForce }),
        ...(reduceOnly ? { reduceOnly: true } : {}),
        ...(isStop ? { triggerPrice: instrument.formatPrice(stopTicks) } : {}),
      },
    };
  }

  /** What an answer says: that the request is in force, and where the order stands. */
  #answers(
    instrument: Instrument,
    order: CcxtOrder,
    kind: "accepted" | "canceled" | "replaced",
    clientOrderId: string,
  ): VenueReport[] {
    if (!order.id || (kind === "accepted" && (order.clientOrderId ?? clientOrderId) !== clientOrderId)) {
      // Whatever it is about, it proves nothing of this order.
      throw new BadResponse(`an answer about order ${order.clientOrderId ?? order.id ?? "none"}`);
    }
    this.#name(order.id, clientOrderId);
    const orderId = { orderId: String(order.id) };
    if (kind !== "canceled") this.#poll?.sent(instrument, String(order.id));
    const at = order.lastUpdateTimestamp ?? order.timestamp;
    const venueNs = at === undefined || at === null ? this.#venueNowNs() : this.#words.ns(at);
    const first: VenueReport = { kind, instrument: instrument.key, clientOrderId, ...orderId, venueNs };
    if (kind === "canceled") return [{ ...first, leavesLots: 0 }];
    const ended = order.status === "canceled" || order.status === "expired" || order.status === "rejected";
    if (!ended) return [first];
    return [first, { ...first, kind: order.status as "canceled" | "expired" | "rejected", leavesLots: 0 }];
  }

  /** The venue's id of an order that is known by its name alone. */
  async #idOf(name: VenueOrderName): Promise<string> {
    const order = await this.queryOrder(name);
    if (order !== null) return order.orderId;
    throw new Fault("FAULT_IO", {
      path: "ccxt.replace",
      value: name.clientOrderId,
      expected: "an order of the venue",
    });
  }

  async #request(
    rejected: ((words: string) => VenueReport) | undefined,
    go: (exchange: CcxtExchange) => Promise<readonly VenueReport[]>,
  ): Promise<VenueOutcome> {
    if (this.#exchange === undefined) {
      return { outcome: "notSent", cause: { code: "VENUE_DISCONNECTED", words: "the client is closed" } };
    }
    try {
      return { outcome: "answered", reports: await go(this.#exchange) };
    } catch (error) {
      const { proof, trouble } = this.#read(error);
      if (proof === "refused" && rejected !== undefined) {
        return { outcome: "answered", reports: [rejected(trouble.words)] };
      }
      return { outcome: proof === "unknown" ? "unknown" : "notSent", cause: trouble };
    }
  }

  #name(orderId: string | null | undefined, clientOrderId: string | null | undefined): void {
    if (!orderId || !clientOrderId) return;
    this.#names.set(String(orderId), clientOrderId);
    if (this.#names.size <= this.#plan.idsKept) return;
    for (const first of this.#names.keys()) {
      this.#names.delete(first);
      return;
    }
  }

  #marketOf({ key, symbol }: Instrument): CcxtMarket {
    const market = this.#markets.get(key);
    if (market !== undefined) return market;
    const expected = "an instrument of this client";
    throw new Fault("FAULT_INPUT", { path: NOT_OURS, value: symbol, expected });
  }

  #venueNowNs(): number {
    return Math.floor((this.#plan.clock.nowNs() + this.#aheadNs) / NS_PER_MS) * NS_PER_MS;
  }

  #open(): CcxtExchange {
    if (this.#exchange !== undefined) return this.#exchange;
    throw new Fault("FAULT_IO", {
      path: "ccxt",
      value: "VENUE_DISCONNECTED",
      expected: "a client that is open",
    });
  }

  #read(error: unknown): CcxtTrouble {
    return readCcxtError(error, this.#secrets);
  }

  /** A fault that says no more than the trouble: what ccxt threw may hold addresses with signatures. */
  #fault(path: string, error: unknown): Fault {
    const isAnswers = error instanceof Fault && error.code === "FAULT_INPUT" && error.path !== NOT_OURS;
    if (error instanceof Fault && !isAnswers) return error;
    const { trouble } = this.#read(error);
    const value = isAnswers ? "VENUE_MALFORMED" : trouble.code;
    return new Fault("FAULT_IO", { path, value, expected: `an answer; ${trouble.words}` });
  }
}
