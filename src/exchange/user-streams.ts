import type { Account } from "./account.ts";
import { API_ERRORS } from "./api-error.ts";
import { generateApiKey } from "./api-keys.ts";
import type { ClientFill, ClientOrder } from "./client-order.ts";
import type { AccountListener, Exchange } from "./exchange.ts";
import type { StreamClass } from "./fault-rules.ts";
import type { OrderList } from "./order-list.ts";
import type { Request, Route } from "./route.ts";
import type { ExecutionType, ListStatusType } from "./trading-desk.ts";
import type { Units } from "./units.ts";
import { listStatusEvent } from "./wire-lists.ts";
import { accountPosition, balanceUpdate, executionReport } from "./wire-orders.ts";

/** Who hears an account. */
export interface UserHearer {
  event(about: StreamClass, event: object): void;
  /** The key it came by is no more; empty where it came by none. */
  expired(listenKey: string): void;
}

interface ListenKey {
  readonly account: Account;
  expiresMs: number;
  readonly hearers: Set<UserHearer>;
}

const LISTEN_KEY_MS = 60 * 60_000;

/** What accounts are told: executions and balances, by listen keys and by subscriptions of the websocket API. */
export class UserStreams implements AccountListener {
  readonly #exchange: Exchange;
  readonly #keys: Map<string, ListenKey> = new Map();
  readonly #hearers: Map<Account, Set<UserHearer>> = new Map();
  #executions = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    exchange.listener = this;
    exchange.recurring.push({ dueNs: () => this.#nextExpiryNs(), run: () => this.#expire() });
  }

  #nextExpiryNs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { expiresMs } of this.#keys.values()) nextMs = Math.min(nextMs, expiresMs);
    return this.#exchange.time.nowNs + (nextMs - this.#exchange.time.wireMs) * 1e6;
  }

  #expire(): void {
    for (const [key, { expiresMs }] of [...this.#keys]) {
      if (expiresMs <= this.#exchange.time.wireMs) this.#end(key);
    }
  }

  /** The account's key; the one it has, where there is one, lives longer. */
  openKey(account: Account): string {
    for (const [key, held] of this.#keys) {
      if (held.account !== account) continue;
      held.expiresMs = this.#exchange.time.wireMs + LISTEN_KEY_MS;
      return key;
    }
    const key = generateApiKey().apiKey;
    this.#keys.set(key, {
      account,
      expiresMs: this.#exchange.time.wireMs + LISTEN_KEY_MS,
      hearers: new Set(),
    });
    return key;
  }

  /** Lengthens a key's life; false where it is none of the account's. */
  keepKey(account: Account, key: string): boolean {
    const held = this.#keys.get(key);
    if (held?.account !== account) return false;
    held.expiresMs = this.#exchange.time.wireMs + LISTEN_KEY_MS;
    return true;
  }

  closeKey(account: Account, key: string): boolean {
    const held = this.#keys.get(key);
    if (held?.account !== account) return false;
    this.#keys.delete(key);
    for (const hearer of held.hearers) this.#forget(account, hearer);
    return true;
  }

  /** Ends every key, and every subscription without one; those who listen are told. */
  loseKeys(): void {
    for (const key of [...this.#keys.keys()]) this.#end(key);
    for (const [account, hearers] of this.#hearers) {
      for (const hearer of [...hearers]) {
        this.#forget(account, hearer);
        hearer.expired("");
      }
    }
  }

  #end(key: string): void {
    const held = this.#keys.get(key);
    if (held === undefined) return;
    this.#keys.delete(key);
    for (const hearer of held.hearers) {
      this.#forget(held.account, hearer);
      hearer.expired(key);
    }
  }

  /** Listens by a key; false where there is none such. */
  listen(key: string, hearer: UserHearer): boolean {
    const held = this.#keys.get(key);
    if (held === undefined) return false;
    held.hearers.add(hearer);
    this.subscribe(held.account, hearer);
    return true;
  }

  subscribe(account: Account, hearer: UserHearer): void {
    const hearers = this.#hearers.get(account) ?? new Set();
    this.#hearers.set(account, hearers.add(hearer));
  }

  /** Ends a hearer wherever it listens. */
  unsubscribe(hearer: UserHearer): void {
    for (const account of this.#hearers.keys()) this.#forget(account, hearer);
    for (const { hearers } of this.#keys.values()) hearers.delete(hearer);
  }

  #forget(account: Account, hearer: UserHearer): void {
    this.#hearers.get(account)?.delete(hearer);
  }

  #tell(account: Account, about: StreamClass, event: object): void {
    for (const hearer of this.#hearers.get(account) ?? []) hearer.event(about, event);
  }

  // --- what happens ---

  executed(
    order: ClientOrder,
    type: ExecutionType,
    fill: ClientFill | undefined,
    requestId: string | undefined,
  ): void {
    this.#executions += 1;
    const more = { eventMs: this.#exchange.time.wireMs, executionId: this.#executions };
    this.#tell(order.account, "executionReport", executionReport(order, type, fill, requestId, more));
  }

  listChanged(list: OrderList, type: ListStatusType): void {
    const event = listStatusEvent(list, type, this.#exchange.time.wireMs);
    this.#tell(list.account, "listStatus", event);
  }

  balancesChanged(account: Account): void {
    this.#tell(account, "accountPosition", accountPosition(account, this.#exchange.time.wireMs));
  }

  deposited(account: Account, asset: string, delta: Units): void {
    this.#tell(account, "balanceUpdate", balanceUpdate(asset, delta, this.#exchange.time.wireMs));
  }

  /** Endpoints of listen keys. */
  routes(): Readonly<Record<string, Route>> {
    const terms = { about: "listenKey", weight: 2, security: "key" } as const;
    const withKey = (work: (account: Account, key: string) => boolean) => (request: Request) => {
      const key = request.parameters.needed("listenKey");
      if (request.key === undefined || request.parameters.trouble !== undefined)
        return request.parameters.trouble;
      return work(request.key.account, key) ? {} : API_ERRORS.badListenKey;
    };
    return {
      "POST /api/v3/userDataStream": {
        ...terms,
        run: ({ key }: Request) =>
          key === undefined ? API_ERRORS.badKey : { listenKey: this.openKey(key.account) },
      },
      "PUT /api/v3/userDataStream": { ...terms, run: withKey((account, key) => this.keepKey(account, key)) },
      "DELETE /api/v3/userDataStream": {
        ...terms,
        run: withKey((account, key) => this.closeKey(account, key)),
      },
    };
  }
}
