import {
  checkArray,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkKeys,
  checkPositive,
  checkText,
  Fault,
} from "../base/index.ts";
import type { DepthBlock, InstrumentOptions } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import type { DepthMarketOptions } from "../sim/index.ts";
import type { Commission, FeeAsset } from "./account.ts";
import type { ApiKey } from "./api-keys.ts";
import type { SymbolRules } from "./exchange-symbol.ts";
import type { ExchangeClock } from "./exchange-time.ts";
import type { RateLimitOptions } from "./rate-limits.ts";
import { parseUnits, type Units } from "./units.ts";

/** One symbol, and where its market comes from: a tape, a seeded market, or a driver's calls alone. */
export interface ExchangeMarketOptions {
  /** Needed unless a tape or a seeded market names it. */
  readonly instrument?: InstrumentOptions;
  readonly rules?: SymbolRules;
  /**
   * Whether clients' orders stand in the one public book, and meet one another and the market's. False: the book is the
   * source's own, row for row, and clients are filled beside it.
   */
  readonly matching?: boolean;
  readonly tape?: TapeSource<DepthBlock>;
  readonly seeded?: DepthMarketOptions;
  /** How many times faster than it was recorded the market goes; 1. */
  readonly speed?: number;
  /** Whether a tape begins anew at its end; otherwise the market stands still there. False. */
  readonly repeat?: boolean;
  /** How much of the market has happened when the exchange opens: history to ask for. 0. @units ns */
  readonly headStartNs?: number;
}

/** A key of an account. */
export interface ExchangeKeyOptions extends ApiKey {
  /** False for a key that may only read. True. */
  readonly canTrade?: boolean;
  /** What `apiRestrictions` says of it; nothing can be withdrawn here. False. */
  readonly canWithdraw?: boolean;
  /** What `apiRestrictions` says of it; only 127.0.0.1 reaches it anyhow. True. */
  readonly isIpRestricted?: boolean;
}

/** One client. Amounts and rates are decimal text. */
export interface ExchangeAccountOptions {
  readonly name: string;
  readonly balances: Readonly<Record<string, string>>;
  /** Keys; one is generated unless given. */
  readonly keys?: readonly ExchangeKeyOptions[];
  /** What a fill as maker and as taker costs, as a share: 0.001 each. */
  readonly makerRate?: string;
  readonly takerRate?: string;
  readonly payIn?: FeeAsset;
  /** Accounts of one group are one for self-trade prevention; in none unless given. From 1. */
  readonly tradeGroupId?: number;
}

/** What an exchange is made from. */
export interface ExchangeOptions {
  readonly markets: readonly ExchangeMarketOptions[];
  readonly accounts: readonly ExchangeAccountOptions[];
  /** What one BNB is worth in each quote asset, for commissions paid in it. */
  readonly bnbPrices?: Readonly<Record<string, string>>;
  readonly rateLimits?: RateLimitOptions;
  /** The system's clock unless given. */
  readonly clock?: ExchangeClock;
  /** Ended orders, and their fills, kept for each symbol; 100,000. */
  readonly ordersKept?: number;
  /** Public trades kept for each symbol; 10,000. */
  readonly tradesKept?: number;
  /** Orders all clients may have open in one symbol; 4,096. */
  readonly openOrdersMax?: number;
  /** Where the randomness of faults comes from; 1. */
  readonly seed?: number;
}

/** The names of {@link ExchangeOptions}. */
export const EXCHANGE_KEYS = [
  "markets",
  "accounts",
  "bnbPrices",
  "rateLimits",
  "clock",
  "ordersKept",
  "tradesKept",
  "openOrdersMax",
  "seed",
] as const;

const MARKET_KEYS = [
  "instrument",
  "rules",
  "matching",
  "tape",
  "seeded",
  "speed",
  "repeat",
  "headStartNs",
] as const;

/** Checks what stands on the first level, and in each market. */
export function checkExchangeOptions(options: ExchangeOptions): void {
  checkArray("exchange.markets", options.markets);
  checkArray("exchange.accounts", options.accounts, 0);
  for (const [i, market] of options.markets.entries()) {
    const path = `exchange.markets[${i}]`;
    checkKeys(path, market, MARKET_KEYS);
    if (market.tape !== undefined && market.seeded !== undefined) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.tape`,
        value: "a tape",
        expected: "a tape or a seeded market",
      });
    }
    checkPositive(`${path}.speed`, market.speed ?? 1);
    checkBoolean(`${path}.matching`, market.matching ?? false);
    checkBoolean(`${path}.repeat`, market.repeat ?? false);
    checkInteger(`${path}.headStartNs`, market.headStartNs ?? 0, 0);
  }
  const limits = options.rateLimits ?? {};
  const names = ["requestWeight", "ordersPer10s", "ordersPerDay", "refusalsBeforeBan", "banS"] as const;
  checkKeys("exchange.rateLimits", limits, names);
  for (const name of names) checkInteger(`exchange.rateLimits.${name}`, limits[name] ?? 1, 0);
}

/** The instrument of a market. */
export function instrumentOf(market: ExchangeMarketOptions, path: string): InstrumentOptions {
  const found = market.instrument ?? market.tape?.meta.instrument ?? market.seeded?.instrument;
  if (found !== undefined) return found;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: market,
    expected: "an instrument, a tape or a seeded market",
  });
}

/** An account's commission. */
export function commissionOf(account: ExchangeAccountOptions, path: string): Commission {
  checkKeys(path, account, ["name", "balances", "keys", "makerRate", "takerRate", "payIn", "tradeGroupId"]);
  if (account.tradeGroupId !== undefined) checkInteger(`${path}.tradeGroupId`, account.tradeGroupId, 1);
  checkText(`${path}.name`, account.name);
  return {
    makerRate: checkAmount(`${path}.makerRate`, account.makerRate ?? "0.001"),
    takerRate: checkAmount(`${path}.takerRate`, account.takerRate ?? "0.001"),
    payIn: checkChoice(`${path}.payIn`, account.payIn ?? "received", ["received", "quote", "BNB"]),
  };
}

/** An amount written as decimal text. @throws `FAULT_CONFIG` */
export function checkAmount(path: string, text: string): Units {
  const units = typeof text === "string" ? parseUnits(text) : "malformed";
  if (typeof units === "bigint") return units;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: text,
    expected: "a decimal as text, with at most eight decimals",
  });
}
