import type { Prng, Refusal } from "../base/index.ts";
import type { Instrument, OrderRequest, ReplaceRequest, ReserveRequest } from "../model/index.ts";
import type { LogLevel } from "../port/index.ts";
import type {
  BarView,
  BookView,
  FillView,
  OrderTicket,
  OrderView,
  ParentView,
  PositionView,
  QuoteView,
  ReserveTicket,
  TradeView,
} from "./views.ts";

/** The only time a strategy knows. */
export interface StrategyClock {
  /** Nanoseconds from the session's base. */
  readonly ns: number;
  /** Nanoseconds since 1970. */
  epochNs(): bigint;
  /** Calls `onTimer` every `ns` nanoseconds from now on; returns the timer's id. */
  every(ns: number): number;
  /** Calls `onTimer` once at `ns` from the session's base; returns the timer's id. */
  at(ns: number): number;
  stop(timer: number): void;
}

/** Money over all positions of the run, in the reporting currency. */
export interface PortfolioView {
  /** Cash of one currency, in its minor units. */
  cashMinor(currency: string): bigint;
  /** Cash plus positions at their marks, in minor units of the reporting currency. */
  readonly equityMinor: bigint;
  /** The same as a double in major units, for sizing. */
  readonly equity: number;
  position(instrument: string): PositionView;
}

/** What a strategy may ask and do. Every call is synchronous; orders return a ticket or a refusal. */
export interface StrategyContext {
  readonly clock: StrategyClock;
  readonly portfolio: PortfolioView;
  readonly rng: Prng;
  /** False until the warm-up asked for has passed; orders are refused until then. */
  readonly isWarm: boolean;
  /** All instruments of the run, in the order of its tapes. */
  readonly instruments: readonly Instrument[];
  /** An instrument by key or by symbol. @throws `FAULT_INPUT` when there is none, or more than one. */
  instrument(name: string): Instrument;
  book(instrument: string): BookView;
  position(instrument: string): PositionView;
  submit(request: OrderRequest): OrderTicket | Refusal;
  /**
   * Every rule that would refuse an order now; empty where it would be sent. Nothing is sent, held or recorded. Of
   * faults of the request itself only the first.
   */
  explain(request: OrderRequest): readonly Refusal[];
  cancel(ticket: OrderTicket): { readonly ok: true } | Refusal;
  replace(ticket: OrderTicket, terms: ReplaceRequest): { readonly ok: true } | Refusal;
  /**
   * Holds room in the gate's limits for a parent order before any child of it is sent: its quantity at the worst price
   * that its limit and the gate's collar leave now. Children name it (`parent`, `slice`); what is held moves to each and
   * back. The gate's total is what the parent may still do, each lot counted once.
   *
   * Refused where a rule about totals says no, and where nothing values the parent (`RISK_REFERENCE_UNAVAILABLE`); what
   * judges one order alone is asked of each child. Of a strategy that was stopped everything is let go.
   */
  reserve(request: ReserveRequest): ReserveTicket | Refusal;
  /** Holds another whole quantity for a parent, what is filled in it; only more than is held is asked of the limits. */
  changeReserve(
    id: number,
    change: Pick<ReserveRequest, "lots" | "priceTicks">,
  ): { readonly ok: true } | Refusal;
  /** Lets a parent go: no child may name it any more, and those that are open are held by themselves. */
  release(id: number): { readonly ok: true } | Refusal;
  /** The strategy's own open orders, oldest first. */
  openOrders(instrument?: string): readonly OrderTicket[];
  /**
   * Tells of a parent that the strategy works by orders: when it is decided, when orders were sent for it, when its
   * quantity changed, and when it is over. Who watches the run groups those orders; nothing else comes of it.
   */
  tellParent(parent: ParentView): void;
  /**
   * Writes a line for people, `info` unless a level is given, at most 2,000 characters. That it was written is an
   * effect of the run, by its checksum: a replay writes the same lines. Who watches the run is told it and hands it
   * to a logger, which takes secrets out. In `onSave` and `onLoad` it does nothing.
   *
   * @throws `FAULT_INPUT` for a level that is none
   */
  log(message: string, level?: LogLevel): void;
}

/**
 * A trading strategy: any object with some of these callbacks. The same object runs in backtest, paper and
 * live. Callbacks are synchronous and never nest.
 *
 * @example
 * ```ts
 * import type { Strategy } from "tickwright/strategy";
 * const buyOnce: Strategy = {
 *   name: "buy-once",
 *   onBar(bar, ctx) {
 *     if (ctx.position(bar.instrument.key).lots === 0) {
 *       ctx.submit({ instrument: bar.instrument.key, side: "buy", lots: 1, type: "market" });
 *     }
 *   },
 * };
 * buyOnce.name; // => "buy-once"
 * ```
 */
export interface Strategy {
  readonly name?: string;
  /** JSON-safe parameters, recorded in the run's manifest and hash. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Market events (bars or feed messages) to see before the first order is allowed. */
  readonly warmup?: number;
  onStart?(ctx: StrategyContext): void;
  onStop?(ctx: StrategyContext): void;
  onQuote?(quote: QuoteView, ctx: StrategyContext): void;
  onTrade?(trade: TradeView, ctx: StrategyContext): void;
  /** Once per feed message that changed the book, and where the validity of the instrument's data changed. */
  onBook?(book: BookView, ctx: StrategyContext): void;
  onBar?(bar: BarView, ctx: StrategyContext): void;
  onOrder?(order: OrderView, ctx: StrategyContext): void;
  onFill?(fill: FillView, ctx: StrategyContext): void;
  /** After a fill, dividend or split changed a position. */
  onPosition?(position: PositionView, ctx: StrategyContext): void;
  onTimer?(timer: number, ctx: StrategyContext): void;
  /** A refusal that no call returned. */
  onRefusal?(refusal: Refusal, ctx: StrategyContext): void;
  /**
   * The strategy's whole state, JSON-safe: everything its next decisions depend on that the context does not tell.
   * Taken between two inputs.
   */
  onSave?(): { readonly version: number; readonly state: unknown };
  /**
   * Takes what `onSave` gave, in place of `onStart`: timers, orders and positions are there already, under the ids they
   * had. What the strategy decides from here on must be what the one that was saved would have decided.
   */
  onLoad?(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void;
  onDisconnect?(venue: string, ctx: StrategyContext): void;
}
