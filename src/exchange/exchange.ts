import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { Account } from "./account.ts";
import { type ApiKey, generateApiKey, type HeldKey } from "./api-keys.ts";
import { Bank } from "./bank.ts";
import type { ClientFill, ClientOrder } from "./client-order.ts";
import {
  checkAmount,
  checkExchangeOptions,
  commissionOf,
  EXCHANGE_KEYS,
  type ExchangeAccountOptions,
  type ExchangeKeyOptions,
  type ExchangeMarketOptions,
  type ExchangeOptions,
  instrumentOf,
} from "./exchange-options.ts";
import { ExchangeSymbol } from "./exchange-symbol.ts";
import { ExchangeTime } from "./exchange-time.ts";
import { ListDesk } from "./list-desk.ts";
import { type MarketRows, SeededRows, TapeRows } from "./market-rows.ts";
import { MatchingMarket } from "./matching-market.ts";
import type { OrderList } from "./order-list.ts";
import { RateLimits } from "./rate-limits.ts";
import type { SymbolMarket, SymbolMarketOptions } from "./symbol-market.ts";
import { TapeMarket } from "./tape-market.ts";
import type { DeskSurroundings, ExecutionType, ListStatusType, TradingDesk } from "./trading-desk.ts";
import type { Units } from "./units.ts";
import { VenueDesk } from "./venue-desk.ts";

/** Who hears what happens to accounts. */
export interface AccountListener {
  executed(
    order: ClientOrder,
    type: ExecutionType,
    fill: ClientFill | undefined,
    requestId: string | undefined,
  ): void;
  listChanged(list: OrderList, type: ListStatusType): void;
  /** Balances named in `account.changed` are others now. */
  balancesChanged(account: Account): void;
  deposited(account: Account, asset: string, delta: Units): void;
}

/** What wants to happen at certain times of the exchange, such as a stream that is told every 100 ms. */
export interface Recurring {
  /** @units ns from the exchange's base */
  dueNs(): number;
  run(): void;
}

/** A market and the desk that trades in it. */
export interface Listing {
  readonly market: SymbolMarket;
  readonly desk: TradingDesk;
  /** The same desk where lists of orders are taken: on a matching market. */
  readonly lists: ListDesk | undefined;
}

/** Rows of one market that are lived in one call at most: what is behind catches up over several. */
const STEPS_AT_ONCE = 200_000;

/**
 * The exchange without its sockets: symbols, markets, desks, accounts, keys, limits. It stands still until `advance`
 * brings it up to its clock.
 *
 * @invariant Rows and requests are lived in the order of their times.
 */
export class Exchange {
  readonly time: ExchangeTime;
  readonly bank: Bank = new Bank();
  readonly limits: RateLimits;
  readonly listings: Map<string, Listing> = new Map();
  readonly keys: Map<string, HeldKey> = new Map();
  readonly recurring: Recurring[] = [];
  listener: AccountListener | undefined;
  isInMaintenance = false;
  #orders = 0;
  #lists = 0;
  #fresh = 0;
  readonly #bnb: Map<string, Units> = new Map();
  readonly #touched: Set<Account> = new Set();

  constructor(options: ExchangeOptions) {
    checkKeys("exchange", options, EXCHANGE_KEYS);
    checkExchangeOptions(options);
    this.time = new ExchangeTime(options.clock ?? systemClock);
    this.limits = new RateLimits(options.rateLimits ?? {});
    for (const [asset, price] of Object.entries(options.bnbPrices ?? {})) {
      this.#bnb.set(asset, checkAmount(`exchange.bnbPrices.${asset}`, price));
    }
    for (const [i, market] of options.markets.entries())
      this.#list(market, options, `exchange.markets[${i}]`);
    // What happened before the exchange opened happened at times before its base.
    this.time.nowNs = 0 - Math.max(...options.markets.map(({ headStartNs }) => headStartNs ?? 0));
    while (!this.advance()) {}
    for (const [i, account] of options.accounts.entries()) this.open(account, `exchange.accounts[${i}]`);
  }

  #list(options: ExchangeMarketOptions, all: ExchangeOptions, path: string): void {
    const symbol = new ExchangeSymbol(
      instrumentOf(options, `${path}.instrument`),
      options.rules,
      options.matching,
    );
    if (this.listings.has(symbol.name)) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.instrument`,
        value: symbol.name,
        expected: "a symbol once",
      });
    }
    const terms: SymbolMarketOptions = {
      rows: rowsOf(options),
      speed: options.speed ?? 1,
      headStartNs: options.headStartNs ?? 0,
      tradesKept: checkInteger("exchange.tradesKept", all.tradesKept ?? 10_000, 1),
      capacity: checkInteger("exchange.openOrdersMax", all.openOrdersMax ?? 4_096, 1, 1 << 20),
    };
    const kept = checkInteger("exchange.ordersKept", all.ordersKept ?? 100_000, 0);
    this.listings.set(
      symbol.name,
      options.matching === true ? this.#matching(symbol, terms, kept) : this.#fromTape(symbol, terms, kept),
    );
  }

  #fromTape(symbol: ExchangeSymbol, terms: SymbolMarketOptions, kept: number): Listing {
    const market = new TapeMarket(symbol, this.time, terms);
    const desk = new VenueDesk(market, this.#around(market), kept);
    market.desk = desk;
    return { market, desk, lists: undefined };
  }

  #matching(symbol: ExchangeSymbol, terms: SymbolMarketOptions, kept: number): Listing {
    const market = new MatchingMarket(symbol, this.time, terms);
    const desk = new ListDesk(market, this.#around(market), kept, terms.capacity);
    market.desk = desk;
    return { market, desk, lists: desk };
  }

  /** What a desk sees of the exchange around it. */
  #around(market: SymbolMarket): DeskSurroundings {
    return {
      time: this.time,
      bank: this.bank,
      bnb: this.#bnb,
      nextOrderId: () => {
        this.#orders += 1;
        return this.#orders;
      },
      nextListId: () => {
        this.#lists += 1;
        return this.#lists;
      },
      averageTicks: () => market.trades.averageTicks(this.time.wireMs),
      lastTicks: () => market.trades.lastTicks,
      executed: (order, type, fill, requestId) => this.#executed(order, type, fill, requestId),
      listChanged: (list, type) => this.listener?.listChanged(list, type),
    };
  }

  /** Opens an account with its money and keys; gives its first key. */
  open(options: ExchangeAccountOptions, path: string = "account"): ApiKey {
    const commission = commissionOf(options, path);
    if (this.bank.accounts.has(options.name)) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.name`,
        value: options.name,
        expected: "a name of its own",
      });
    }
    const account = this.bank.open(options.name, commission, options.tradeGroupId);
    for (const [asset, text] of Object.entries(options.balances)) {
      this.bank.deposit(account, asset, checkAmount(`${path}.balances.${asset}`, text));
    }
    account.changed.clear();
    account.updateTimeMs = this.time.wireMs;
    const keys: readonly ExchangeKeyOptions[] = options.keys ?? [generateApiKey()];
    for (const [i, key] of keys.entries()) {
      checkKeys(`${path}.keys[${i}]`, key, ["apiKey", "secret", "canTrade", "canWithdraw", "isIpRestricted"]);
      const { apiKey, secret, canTrade = true, canWithdraw = false, isIpRestricted = true } = key;
      this.keys.set(apiKey, { apiKey, secret, account, canTrade, canWithdraw, isIpRestricted });
    }
    const first = keys[0] ?? generateApiKey();
    return { apiKey: first.apiKey, secret: first.secret };
  }

  /** An id of an order or a request that its client did not name. */
  nextFreshId(): string {
    this.#fresh += 1;
    return `tw${this.time.wireMs.toString(36)}${this.#fresh.toString(36)}`;
  }

  /** Lives everything that is due by the clock; false where there is more, for the next call. */
  advance(): boolean {
    const now = this.time.read();
    for (let steps = 0; steps < STEPS_AT_ONCE; steps++) {
      let due = now;
      let next: { step(): void } | { run(): void } | undefined;
      for (const { market } of this.listings.values()) {
        if (market.dueNs <= due && (next === undefined || market.dueNs < due)) {
          due = market.dueNs;
          next = market;
        }
      }
      for (const each of this.recurring) {
        const at = each.dueNs();
        if (at <= now && (next === undefined || at <= due)) {
          due = at;
          next = each;
        }
      }
      if (next === undefined) {
        this.time.nowNs = now;
        return true;
      }
      this.time.nowNs = Math.max(due, this.time.nowNs);
      if ("step" in next) next.step();
      else next.run();
      this.tellBalances();
    }
    return false;
  }

  #executed(
    order: ClientOrder,
    type: ExecutionType,
    fill: ClientFill | undefined,
    requestId: string | undefined,
  ): void {
    this.#touched.add(order.account);
    this.listener?.executed(order, type, fill, requestId);
  }

  /** Tells whose balances changed: after each row and each request. */
  tellBalances(): void {
    if (this.#touched.size === 0) return;
    for (const account of this.#touched) {
      if (account.changed.size === 0) continue;
      account.updateTimeMs = this.time.wireMs;
      this.listener?.balancesChanged(account);
      account.changed.clear();
    }
    this.#touched.clear();
  }

  /** Pays in from outside; below 0 pays out. */
  deposit(account: Account, asset: string, delta: Units): void {
    this.bank.deposit(account, asset, delta);
    account.updateTimeMs = this.time.wireMs;
    this.listener?.deposited(account, asset, delta);
    this.#touched.add(account);
    this.tellBalances();
  }
}

function rowsOf(options: ExchangeMarketOptions): MarketRows | undefined {
  if (options.tape !== undefined) return new TapeRows(options.tape, options.repeat ?? false);
  return options.seeded === undefined ? undefined : new SeededRows(options.seeded);
}

function systemClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
