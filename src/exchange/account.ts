import type { Units } from "./units.ts";

/** What an account has of one asset. @units 1e-8 of the asset */
export interface AssetBalance {
  free: Units;
  /** What open orders hold. */
  locked: Units;
}

/** What a commission is taken from: the asset a fill brings (`received`), `quote`, or `BNB` while there is enough. */
export type FeeAsset = "received" | "quote" | "BNB";

/** What an account pays on fills. @units parts of 1e-8: 100,000 is 0.1 % */
export interface Commission {
  readonly makerRate: Units;
  readonly takerRate: Units;
  readonly payIn: FeeAsset;
}

/** One client's money. */
export class Account {
  readonly name: string;
  /** The account's number on the wire. */
  readonly uid: number;
  readonly commission: Commission;
  /** Accounts of one group do not trade with one another where self-trade prevention is asked for; -1 for none. */
  readonly tradeGroupId: number;
  readonly balances: Map<string, AssetBalance> = new Map();
  /** Assets that changed since the last report to the client. */
  readonly changed: Set<string> = new Set();
  updateTimeMs = 0;

  constructor(name: string, uid: number, commission: Commission, tradeGroupId = -1) {
    this.name = name;
    this.uid = uid;
    this.commission = commission;
    this.tradeGroupId = tradeGroupId;
  }

  /** Whether a trade with the other account would be one with itself. */
  isOneWith(other: Account): boolean {
    return other === this || (this.tradeGroupId > 0 && other.tradeGroupId === this.tradeGroupId);
  }

  /** The balance of an asset; nothing where there never was any. */
  of(asset: string): AssetBalance {
    let balance = this.balances.get(asset);
    if (balance === undefined) {
      balance = { free: 0n, locked: 0n };
      this.balances.set(asset, balance);
    }
    return balance;
  }

  free(asset: string): Units {
    return this.balances.get(asset)?.free ?? 0n;
  }

  /** Sets money aside for an order; false, and nothing done, where there is too little. */
  lock(asset: string, amount: Units): boolean {
    const balance = this.of(asset);
    if (balance.free < amount) return false;
    if (amount === 0n) return true;
    balance.free -= amount;
    balance.locked += amount;
    this.changed.add(asset);
    return true;
  }

  /** Gives back what an order held. */
  unlock(asset: string, amount: Units): void {
    if (amount === 0n) return;
    const balance = this.of(asset);
    balance.locked -= amount;
    balance.free += amount;
    this.changed.add(asset);
  }

  /** Pays out of what is locked. */
  spend(asset: string, amount: Units): void {
    this.of(asset).locked -= amount;
    this.changed.add(asset);
  }

  /** Adds to, or takes from, what is free. */
  credit(asset: string, amount: Units): void {
    this.of(asset).free += amount;
    this.changed.add(asset);
  }
}
