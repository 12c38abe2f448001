import type { Account } from "./account.ts";
import type { AssetSums } from "./bank.ts";
import type { Exchange } from "./exchange.ts";
import { formatUnits } from "./units.ts";
import { wireFill, wireOrder } from "./wire-orders.ts";

/** What is true of an order, as decimal text. */
export interface TrueOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: "BUY" | "SELL";
  readonly type: string;
  readonly status: string;
  readonly price: string;
  readonly origQty: string;
  readonly executedQty: string;
  readonly cummulativeQuoteQty: string;
}

/** What is true of an execution, as decimal text. */
export interface TrueFill {
  readonly symbol: string;
  /** The trade's number. */
  readonly id: number;
  readonly orderId: number;
  readonly price: string;
  readonly qty: string;
  readonly quoteQty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly time: number;
  readonly isBuyer: boolean;
  readonly isMaker: boolean;
}

/** What is true of an account. */
export interface AccountTruth {
  /** All orders that are kept, oldest first. */
  readonly orders: readonly TrueOrder[];
  readonly openOrders: readonly TrueOrder[];
  readonly fills: readonly TrueFill[];
  readonly balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
}

/** What is true of an account now. */
export function accountTruth(exchange: Exchange, account: Account): AccountTruth {
  const mine = [...exchange.listings.values()].flatMap(({ desk }) =>
    [...desk.orders.all.values()].filter((order) => order.account === account),
  );
  const told = mine.map((order) => ({ order, told: wireOrder(order) as TrueOrder }));
  const fills = mine.flatMap((order) => order.fills.map((fill) => wireFill(order, fill) as TrueFill));
  const balances: Record<string, { free: string; locked: string }> = {};
  for (const [asset, { free, locked }] of account.balances) {
    balances[asset] = { free: formatUnits(free), locked: formatUnits(locked) };
  }
  return {
    orders: told.map((each) => each.told),
    openOrders: told.filter(({ order }) => order.isOpen).map((each) => each.told),
    fills: fills.sort((left, right) => left.id - right.id),
    balances,
  };
}

/** What is wrong with the exchange's money; nothing where all of it is there. */
export function conservationTroubles(exchange: Exchange): string[] {
  const troubles: string[] = [];
  for (const sums of exchange.bank.sums())
    if (!isWhole(sums)) troubles.push(`${sums.asset}: ${describe(sums)}`);
  for (const account of exchange.bank.accounts.values()) {
    const held = heldByOrders(exchange, account);
    for (const [asset, { free, locked }] of account.balances) {
      if (free < 0n || locked < 0n) troubles.push(`${account.name}: ${asset} below nothing`);
      if (locked !== (held.get(asset) ?? 0n)) troubles.push(`${account.name}: ${asset} locked by no order`);
    }
  }
  return troubles;
}

function isWhole({ deposited, free, locked, market, commission }: AssetSums): boolean {
  return deposited === free + locked + market + commission;
}

function describe({ deposited, free, locked, market, commission }: AssetSums): string {
  return `${deposited} paid in, ${free} free, ${locked} locked, ${market} with the market, ${commission} commission`;
}

function heldByOrders(exchange: Exchange, account: Account): Map<string, bigint> {
  const held = new Map<string, bigint>();
  for (const { desk } of exchange.listings.values()) {
    for (const order of desk.orders.open(account)) {
      held.set(order.lockedAsset, (held.get(order.lockedAsset) ?? 0n) + order.locked);
    }
  }
  return held;
}
