import type { Account } from "./account.ts";
import type { ClientOrder } from "./client-order.ts";

interface AccountOrders {
  readonly open: Set<ClientOrder>;
  /** The newest order of each client id, ended ones too. */
  readonly byClientId: Map<string, ClientOrder>;
}

/** The orders of one symbol: open ones, and ended ones until there are too many. */
export class OrderIndex {
  /** By number, oldest first. */
  readonly all: Map<number, ClientOrder> = new Map();
  readonly #kept: number;
  readonly #accounts: Map<string, AccountOrders> = new Map();
  readonly #ended: ClientOrder[] = [];
  #endedFirst = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  #of(account: Account): AccountOrders {
    let orders = this.#accounts.get(account.name);
    if (orders === undefined) {
      orders = { open: new Set(), byClientId: new Map() };
      this.#accounts.set(account.name, orders);
    }
    return orders;
  }

  add(order: ClientOrder): void {
    this.all.set(order.orderId, order);
    const orders = this.#of(order.account);
    orders.open.add(order);
    orders.byClientId.set(order.clientOrderId, order);
  }

  /** The order goes by another id from now on. */
  rename(order: ClientOrder, clientOrderId: string): void {
    order.clientOrderId = clientOrderId;
    this.#of(order.account).byClientId.set(clientOrderId, order);
  }

  /** The order is open no more. The oldest ended ones are forgotten past what is kept. */
  end(order: ClientOrder): void {
    this.#of(order.account).open.delete(order);
    this.#ended.push(order);
    while (this.#ended.length - this.#endedFirst > this.#kept) {
      this.#forget(this.#ended[this.#endedFirst] as ClientOrder);
      this.#endedFirst += 1;
    }
    if (this.#endedFirst > 1024 && this.#endedFirst * 2 > this.#ended.length) {
      this.#ended.splice(0, this.#endedFirst);
      this.#endedFirst = 0;
    }
  }

  /** As if it had never been: an order that was rejected. */
  drop(order: ClientOrder): void {
    this.#of(order.account).open.delete(order);
    this.#forget(order);
  }

  #forget(order: ClientOrder): void {
    this.all.delete(order.orderId);
    const ids = this.#of(order.account).byClientId;
    for (const id of [order.clientOrderId, order.terms.clientOrderId]) {
      if (ids.get(id) === order) ids.delete(id);
    }
  }

  /** The open orders of an account, oldest first. */
  open(account: Account): ReadonlySet<ClientOrder> {
    return this.#of(account).open;
  }

  byId(account: Account, orderId: number): ClientOrder | undefined {
    const order = this.all.get(orderId);
    return order?.account === account ? order : undefined;
  }

  byClientId(account: Account, clientOrderId: string): ClientOrder | undefined {
    return this.#of(account).byClientId.get(clientOrderId);
  }
}
