import type { Account } from "./account.ts";
import type { ClientOrder } from "./client-order.ts";
import type { ExchangeSymbol } from "./exchange-symbol.ts";

/** What kind of list it is, on the wire. */
export type Contingency = "OCO" | "OTO";

/** What a list's orders are to one another. */
export interface OrderList {
  readonly id: number;
  readonly clientId: string;
  readonly account: Account;
  readonly symbol: ExchangeSymbol;
  readonly contingency: Contingency;
  /** Whether what the working order brings is the others' quantity. */
  readonly isPaid: boolean;
  /** Of an OCO above and below; of the others the working order first. */
  readonly orders: readonly ClientOrder[];
  /** The order whose execution sends the others; undefined once it has, and in an OCO. */
  working: ClientOrder | undefined;
  /** Whether no order of it waits for another any more. */
  isDone: boolean;
  readonly timeMs: number;
}

/** The lists of one symbol: by number, and the newest of each name of an account. */
export class OrderLists {
  readonly all: Map<number, OrderList> = new Map();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** Adds a list. The oldest that are done are forgotten past what is kept. */
  add(list: OrderList): void {
    this.all.set(list.id, list);
    if (this.all.size <= this.#kept) return;
    for (const [id, { isDone }] of this.all) {
      if (isDone) this.all.delete(id);
      if (this.all.size <= this.#kept) return;
    }
  }

  byId(account: Account, id: number): OrderList | undefined {
    const list = this.all.get(id);
    return list?.account === account ? list : undefined;
  }

  /** The newest list of that name. O(lists) */
  byClientId(account: Account, clientId: string): OrderList | undefined {
    let found: OrderList | undefined;
    for (const list of this.all.values())
      if (list.account === account && list.clientId === clientId) found = list;
    return found;
  }

  /** An account's lists, oldest first. */
  of(account: Account): OrderList[] {
    return [...this.all.values()].filter((list) => list.account === account);
  }
}
