import type { CcxtExchange, CcxtMarket, CcxtText } from "./ccxt-exchange.ts";
import { PRECISION, textOf } from "./ccxt-instrument.ts";
import type { VenueFilters, VenuePermissions } from "./venue-client.ts";

type Said = Readonly<Record<string, unknown>>;

const NOT_SAID: VenuePermissions = {
  ...{ canTrade: null, canWithdraw: null, isIpRestricted: null, accountTypes: null },
};

/** How single exchanges are asked what a key may do: ccxt has no one way for all. */
const ASKED: Readonly<
  Record<string, (exchange: CcxtExchange, isSandbox: boolean) => Promise<VenuePermissions>>
> = {
  binance: async (exchange, isSandbox) => {
    const account = await exchange.privateGetAccount?.({ omitZeroBalances: true });
    // The sandbox has no such question.
    const key = isSandbox ? undefined : await exchange.sapiGetAccountApiRestrictions?.();
    const isOpen = flag(account, "canTrade");
    const isAllowed = flag(key, "enableSpotAndMarginTrading");
    const types = account?.["permissions"];
    return {
      canTrade: isOpen === false || isAllowed === false ? false : (isAllowed ?? isOpen),
      // What the account may says nothing of the key, unless it may not.
      canWithdraw: flag(key, "enableWithdrawals") ?? (flag(account, "canWithdraw") === false ? false : null),
      isIpRestricted: flag(key, "ipRestrict"),
      accountTypes: Array.isArray(types) ? types.map(String) : null,
    };
  },
};

/** What a key may do, as far as it is known how to ask; nothing is guessed from what a class offers. */
export async function ccxtPermissions(exchange: CcxtExchange, isSandbox: boolean): Promise<VenuePermissions> {
  return (await ASKED[exchange.id]?.(exchange, isSandbox)) ?? NOT_SAID;
}

/** What a market takes, as the exchange class read it when it was opened. */
export function ccxtFilters(market: CcxtMarket, precisionMode: number): VenueFilters {
  const { precision, limits, active } = market;
  const isSteps = precisionMode === PRECISION.tick;
  const said = (value: CcxtText): string | null => textOf(value) ?? null;
  return {
    isTrading: active ?? null,
    tickSize: isSteps ? said(precision.price) : null,
    lotSize: isSteps ? said(precision.amount) : null,
    ...{ minQuantity: said(limits.amount?.min), maxQuantity: said(limits.amount?.max) },
    ...{ minNotional: said(limits.cost?.min), maxNotional: said(limits.cost?.max) },
    maxOpenOrders: openOrdersOf(market.info),
  };
}

/** The Binance family's bound of open orders: ccxt has none for all. */
function openOrdersOf(info: Said | undefined): number | null {
  const filters = info?.["filters"];
  if (!Array.isArray(filters)) return null;
  for (const each of filters as readonly Said[]) {
    if (each["filterType"] !== "MAX_NUM_ORDERS") continue;
    const most = Number(each["maxNumOrders"] ?? each["limit"]);
    if (Number.isSafeInteger(most) && most > 0) return most;
  }
  return null;
}

function flag(said: Said | undefined, name: string): boolean | null {
  const value = said?.[name];
  return typeof value === "boolean" ? value : null;
}
