import {
  checkFunction,
  checkInteger,
  Fault,
  type Prng,
  type PrngState,
  type Refusal,
} from "../base/index.ts";
import type { Instrument, OrderRequest, ReplaceRequest } from "../model/index.ts";
import type {
  BarView,
  BookView,
  FillView,
  OrderTicket,
  OrderView,
  PortfolioView,
  PositionView,
  QuoteView,
  Strategy,
  StrategyClock,
  StrategyContext,
  TradeView,
} from "../strategy/index.ts";
import type { TradingKernel } from "./trading-kernel.ts";
import type { ViewGuard } from "./view-guard.ts";

const CALLBACKS = [
  "onStart",
  "onStop",
  "onQuote",
  "onTrade",
  "onBook",
  "onBar",
  "onOrder",
  "onFill",
  "onPosition",
  "onTimer",
  "onRefusal",
  "onSave",
  "onLoad",
  "onDisconnect",
] as const;

/** A place's state and its strategy's, JSON-safe. */
export interface SavedSlot {
  readonly warmLeft: number;
  readonly rng: PrngState;
  readonly saved: { readonly version: number; readonly state: unknown };
}

/**
 * One strategy's place in the kernel: its context, its warm-up, and the calls into it.
 *
 * @invariant Orders are refused until `warmup` market events were seen.
 */
export class Slot implements StrategyContext {
  readonly index: number;
  readonly name: string;
  readonly strategy: Strategy;
  readonly clock: StrategyClock;
  readonly rng: Prng;
  readonly messages: string[] = [];
  #warmLeft: number;
  readonly #kernel: TradingKernel;
  readonly #guard: ViewGuard | undefined;

  constructor(kernel: TradingKernel, index: number, strategy: Strategy, rng: Prng, guard?: ViewGuard) {
    checkStrategy(strategy, `strategies[${index}]`);
    this.#kernel = kernel;
    this.index = index;
    this.strategy = strategy;
    this.name = strategy.name ?? strategy.constructor?.name ?? `strategy-${index}`;
    this.rng = rng;
    this.#warmLeft = checkInteger(`strategies[${index}].warmup`, strategy.warmup ?? 0, 0);
    this.#guard = guard;
    this.clock = kernel.clockOf(index);
  }

  get isWarm(): boolean {
    return this.#warmLeft === 0;
  }

  get portfolio(): PortfolioView {
    return this.#kernel.portfolio;
  }

  get instruments(): readonly Instrument[] {
    return this.#kernel.instruments;
  }

  instrument(name: string): Instrument {
    return this.#kernel.stationOf(name).instrument;
  }

  book(instrument: string): BookView {
    return this.#kernel.stationOf(instrument).bookView;
  }

  position(instrument: string): PositionView {
    // At the marks of now: those of the last look would depend on who looked.
    return this.#kernel.portfolio.position(instrument);
  }

  submit(request: OrderRequest): OrderTicket | Refusal {
    return this.#kernel.desk.submit(this, request);
  }

  cancel(ticket: OrderTicket): { readonly ok: true } | Refusal {
    return this.#kernel.desk.cancel(this, ticket);
  }

  replace(ticket: OrderTicket, terms: ReplaceRequest): { readonly ok: true } | Refusal {
    return this.#kernel.desk.replace(this, ticket, terms);
  }

  openOrders(instrument?: string): readonly OrderTicket[] {
    return this.#kernel.desk.openOrders(this, instrument);
  }

  log(message: string): void {
    if (this.messages.length < 10_000) this.messages.push(message);
  }

  /** Whether the strategy's state can be saved and loaded. */
  get canSave(): boolean {
    return this.strategy.onSave !== undefined && this.strategy.onLoad !== undefined;
  }

  /** The place's state and the strategy's own. @throws `FAULT_CALLBACK` where the strategy cannot save its own */
  save(): SavedSlot {
    const saved = this.strategy.onSave?.();
    if (saved === undefined || !Number.isSafeInteger(saved.version)) {
      const expected = "a strategy with onSave and onLoad that returns a version and a state";
      throw new Fault("FAULT_CALLBACK", { path: `strategies.${this.name}.onSave`, value: saved, expected });
    }
    return { warmLeft: this.#warmLeft, rng: this.rng.state(), saved };
  }

  /** Whether a state was given to the strategy: it is of no use for another one's history then. */
  isTouched = false;

  load({ warmLeft, rng, saved }: SavedSlot): void {
    this.isTouched = true;
    this.#warmLeft = warmLeft;
    this.rng.restore(rng);
    this.strategy.onLoad?.(saved, this);
  }

  // --- calls into the strategy ---

  onBook(view: BookView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.#guard === undefined) this.strategy.onBook?.(view, this);
    else this.#guard.during(view, (guarded) => this.strategy.onBook?.(guarded, this));
  }

  onTrade(view: TradeView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.#guard === undefined) this.strategy.onTrade?.(view, this);
    else this.#guard.during(view, (guarded) => this.strategy.onTrade?.(guarded, this));
  }

  onQuote(view: QuoteView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.#guard === undefined) this.strategy.onQuote?.(view, this);
    else this.#guard.during(view, (guarded) => this.strategy.onQuote?.(guarded, this));
  }

  onBar(view: BarView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.#guard === undefined) this.strategy.onBar?.(view, this);
    else this.#guard.during(view, (guarded) => this.strategy.onBar?.(guarded, this));
  }

  onOrder(view: OrderView): void {
    if (this.strategy.onOrder === undefined) return;
    if (this.#guard === undefined) this.strategy.onOrder(view, this);
    else this.#guard.during(view, (guarded) => this.strategy.onOrder?.(guarded, this));
  }

  onFill(view: FillView): void {
    if (this.strategy.onFill === undefined) return;
    if (this.#guard === undefined) this.strategy.onFill(view, this);
    else this.#guard.during(view, (guarded) => this.strategy.onFill?.(guarded, this));
  }
}

function checkStrategy(strategy: Strategy, path: string): void {
  if (typeof strategy !== "object" || strategy === null) {
    throw new Fault("FAULT_CONFIG", {
      path,
      value: strategy,
      expected: "a strategy: an object with callbacks",
    });
  }
  let found = 0;
  for (const name of CALLBACKS) {
    const callback = strategy[name];
    if (callback === undefined) continue;
    checkFunction(`${path}.${name}`, callback);
    checkSynchronous(`${path}.${name}`, callback);
    found += 1;
  }
  for (const name of callbackNames(strategy)) {
    if ((CALLBACKS as readonly string[]).includes(name)) continue;
    throw new Fault("FAULT_CONFIG", {
      path: `${path}.${name}`,
      expected: `one of the callbacks ${CALLBACKS.join(", ")}`,
    });
  }
  if (found > 0) return;
  throw new Fault("FAULT_CONFIG", { path, value: strategy, expected: `one of ${CALLBACKS.join(", ")}` });
}

/** An async callback would act after its moment; a generator's body would never run. */
function checkSynchronous(path: string, callback: unknown): void {
  const kind = Object.prototype.toString.call(callback);
  if (kind === "[object Function]") return;
  throw new Fault("FAULT_CONFIG", { path, value: kind, expected: "a synchronous function" });
}

/** Every property that is named like a callback (`onX`), inherited ones too: a misspelt one is never called. */
function callbackNames(strategy: object): string[] {
  const names: string[] = [];
  for (
    let at: object | null = strategy;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    names.push(...Object.getOwnPropertyNames(at).filter((name) => /^on[A-Z]/.test(name)));
  }
  return names;
}
