import type { Currency, Instrument } from "../model/index.ts";
import type { GateRules } from "./gate-rules.ts";
import type { Seat } from "./hierarchy.ts";
import type { KillLatch } from "./kill-latch.ts";
import type { KillScopes } from "./kill-scopes.ts";
import type { Level } from "./levels.ts";
import type { NodeLimits } from "./limits.ts";
import type { UnknownIs } from "./market-status.ts";
import type { RecentOrdersOptions } from "./recent-orders.ts";
import type { ReferenceAges } from "./reference-prices.ts";
import type { SelfMatchMode } from "./self-match.ts";

/** When orders of each type and time in force may be sent, for one instrument. */
export interface TradingHours {
  /** Whether the venue takes such an order now. @units `nowNs` ns from the session's base */
  allows(nowNs: number, type: number, timeInForce: number): boolean;
}

/** What a node of the hierarchy is worth at the start: equity is this and what was made or lost since. */
export interface NodeCapital {
  readonly level: Level;
  readonly name?: string;
  /** Decimal text in the gate's currency. */
  readonly amount: string;
}

/** A change of limits or an exception to one, told to whoever keeps the records. */
export interface GateChange {
  readonly kind: "limits" | "override" | "overrideEnded" | "capital" | "day" | "reset";
  readonly atNs: number;
  readonly version: number;
  readonly by: readonly string[];
  readonly reason: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a `RiskGate` is made from. Nothing that costs money has a default that permits it. */
export interface RiskGateOptions {
  /** The currency of all money limits; two decimals unless it says otherwise. */
  readonly currency: Currency | string;
  readonly instruments: readonly Instrument[];
  /** Who may send orders, each under its strategy's name. */
  readonly seats: readonly Seat[];
  readonly limits: readonly NodeLimits[];
  /** Equity at the start of day of the nodes that have limits by it. */
  readonly capital: readonly NodeCapital[];
  /** When each instrument trades, by its key; `"always"` for markets that never close. */
  readonly hours: "always" | Readonly<Record<string, TradingHours | "always">>;
  /**
   * Trading status: how old it may be, and what an unknown one is. `"trusted"` asks for none: where the venue itself
   * turns orders away.
   */
  readonly status: { readonly staleNs: number; readonly unknownIs?: UnknownIs } | "trusted";
  /** The class of each instrument, by its key; `"all"` where it is left out. */
  readonly classes?: Readonly<Record<string, string>>;
  /** What one unit of another quote currency is worth, as decimal text. */
  readonly rates?: Readonly<Record<string, string>>;
  /** Initial margin by instrument key, in basis points of the worst-case value; 10,000 where it is left out. */
  readonly marginBps?: Readonly<Record<string, number>>;
  /** Average daily volume in lots, by instrument key; unknown where it is left out. */
  readonly dailyVolumeLots?: Readonly<Record<string, number>>;
  readonly ages?: ReferenceAges;
  /** Orders alike within a window; 2 in 500 ms refuse the second unless given. */
  readonly duplicates?: Partial<RecentOrdersOptions>;
  /** The stop-loss window and the lookback of the drawdown, in ns; a minute and a day unless given. */
  readonly lossWindowNs?: number;
  readonly drawdownWindowNs?: number;
  /** How old a value at risk may be, in ns; a day unless given. */
  readonly valueAtRiskAgeNs?: number;
  /** What is done about an order that would meet one of its own account; refused unless given. */
  readonly selfMatch?: SelfMatchMode;
  /** Further rules, each built and fed by the caller, asked where it is given. */
  readonly rules?: GateRules;
  /** Whether market orders become immediate limit orders at the collar's bound; true unless given. */
  readonly protectsMarketOrders?: boolean;
  /** Venues that cancel and send anew when they replace. */
  readonly replacesByCancel?: readonly string[];
  /** Orders that may be open or unknown at once; 4,096 unless given. */
  readonly capacity?: number;
  /** Decisions that may wait to be recorded, a power of two; 4,096 unless given. */
  readonly records?: number;
  /** How often the same limit warns; every 60 s unless given. */
  readonly warnEveryNs?: number;
  /** The kill latch and its scopes, where a kill switch or another thread shares them. */
  readonly kill?: { readonly latch: KillLatch; readonly scopes: KillScopes };
  /** Told of every change of limits. */
  readonly onChange?: (change: GateChange) => void;
}

/** The options that decide, as plain data: what is an object of the caller's is named only. */
export function describeOptions(options: RiskGateOptions): Readonly<Record<string, unknown>> {
  const { currency, seats, limits, capital, hours, status } = options;
  const { classes, rates, marginBps, dailyVolumeLots, ages, duplicates, selfMatch } = options;
  const { lossWindowNs, drawdownWindowNs, protectsMarketOrders, replacesByCancel } = options;
  const plain = {
    currency: typeof currency === "string" ? { code: currency, decimals: 2 } : currency,
    seats,
    limits,
    capital,
    hours: hours === "always" ? hours : Object.keys(hours),
    status,
    rules: Object.keys(options.rules ?? {}),
    classes,
    rates,
    marginBps,
    dailyVolumeLots,
    ages,
    duplicates,
    selfMatch,
    lossWindowNs,
    drawdownWindowNs,
    protectsMarketOrders,
    replacesByCancel,
  };
  return Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
}
