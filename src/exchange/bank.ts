import { Account, type Commission } from "./account.ts";
import type { Units } from "./units.ts";

/** One asset's sums over the whole exchange. @units 1e-8 of the asset */
export interface AssetSums {
  readonly asset: string;
  /** What was paid in, less what was paid out. */
  readonly deposited: Units;
  readonly free: Units;
  readonly locked: Units;
  /** What the simulated market has gained from the clients; below 0 what it paid. */
  readonly market: Units;
  readonly commission: Units;
}

/**
 * All the money there is: clients, the market on the other side of their fills, commissions.
 *
 * @invariant For each asset: deposited = free + locked + market + commission; no client has less than
 * nothing free or locked.
 */
export class Bank {
  readonly accounts: Map<string, Account> = new Map();
  readonly #deposited: Map<string, Units> = new Map();
  readonly #market: Map<string, Units> = new Map();
  readonly #commission: Map<string, Units> = new Map();

  open(name: string, commission: Commission, tradeGroupId?: number): Account {
    const account = new Account(name, 1_000_000 + this.accounts.size, commission, tradeGroupId);
    this.accounts.set(name, account);
    return account;
  }

  /** Pays in; below 0 pays out. */
  deposit(account: Account, asset: string, amount: Units): void {
    account.credit(asset, amount);
    add(this.#deposited, asset, amount);
  }

  /** The market on the other side of a fill gains this; below 0 it pays. */
  toMarket(asset: string, amount: Units): void {
    add(this.#market, asset, amount);
  }

  toCommission(asset: string, amount: Units): void {
    add(this.#commission, asset, amount);
  }

  /** The sums of every asset there is. */
  sums(): AssetSums[] {
    const assets = new Set([...this.#deposited.keys(), ...this.#market.keys(), ...this.#commission.keys()]);
    for (const account of this.accounts.values())
      for (const asset of account.balances.keys()) assets.add(asset);
    return [...assets].sort().map((asset) => {
      let free = 0n;
      let locked = 0n;
      for (const account of this.accounts.values()) {
        const balance = account.balances.get(asset);
        free += balance?.free ?? 0n;
        locked += balance?.locked ?? 0n;
      }
      const of = (sums: Map<string, Units>): Units => sums.get(asset) ?? 0n;
      return {
        asset,
        deposited: of(this.#deposited),
        free,
        locked,
        market: of(this.#market),
        commission: of(this.#commission),
      };
    });
  }
}

function add(sums: Map<string, Units>, asset: string, amount: Units): void {
  sums.set(asset, (sums.get(asset) ?? 0n) + amount);
}
