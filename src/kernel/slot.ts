import {
  checkFunction,
  checkInteger,
  Fault,
  type Prng,
  type PrngState,
  type Refusal,
  storedJson,
} from "../base/index.ts";
import type { Instrument, OrderRequest, ReplaceRequest, ReserveRequest } from "../model/index.ts";
import type { LogLevel } from "../port/index.ts";
import type {
  BarView,
  BookView,
  FillView,
  OrderTicket,
  OrderView,
  ParentView,
  PortfolioView,
  PositionView,
  QuoteView,
  ReserveTicket,
  Strategy,
  StrategyClock,
  StrategyContext,
  TradeView,
} from "../strategy/index.ts";
import { EFFECT } from "./effect-log.ts";
import type { ReserveChange } from "./reserve-desk.ts";
import {
  CALLBACKS,
  type CallbackName,
  describeThrown,
  type SavedStrategyFault,
  type StrategyFault,
} from "./strategy-fault.ts";
import { lineRecord } from "./strategy-line.ts";
import type { TradingKernel } from "./trading-kernel.ts";
import type { ViewGuard } from "./view-guard.ts";

/** A place's state and its strategy's, JSON-safe. */
export interface SavedSlot {
  readonly warmLeft: number;
  readonly rng: PrngState;
  /** What `onSave` gave; absent where the strategy was stopped. */
  readonly saved?: { readonly version: number; readonly state: unknown };
  /** Why it was stopped, and the timer by which its orders are asked for again, 0 where there is none. */
  readonly fault?: SavedStrategyFault & { readonly retry: number };
}

/**
 * One strategy's place in the kernel: its context, its warm-up, and the calls into it.
 *
 * @invariant Orders are refused until `warmup` market events were seen.
 * @invariant A strategy that was stopped is called no more.
 */
export class Slot implements StrategyContext {
  readonly index: number;
  readonly name: string;
  readonly strategy: Strategy;
  readonly clock: StrategyClock;
  readonly rng: Prng;
  /** Why the strategy was stopped; undefined while it runs. */
  fault: StrategyFault | undefined = undefined;
  /** The timer by which a stopped strategy's orders are asked for again; 0 where there is none. */
  retry = 0;
  #warmLeft: number;
  /** In `onSave` or `onLoad`, which no input calls: a replay would not make the lines of those again. */
  #isSaving = false;
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
    return this.#kernel.portfolio.position(instrument);
  }

  submit(request: OrderRequest): OrderTicket | Refusal {
    return this.#kernel.desk.submit(this, request);
  }

  explain(request: OrderRequest): readonly Refusal[] {
    return this.#kernel.desk.explain(this, request);
  }

  cancel(ticket: OrderTicket): { readonly ok: true } | Refusal {
    return this.#kernel.desk.cancel(this, ticket);
  }

  replace(ticket: OrderTicket, terms: ReplaceRequest): { readonly ok: true } | Refusal {
    return this.#kernel.desk.replace(this, ticket, terms);
  }

  reserve(request: ReserveRequest): ReserveTicket | Refusal {
    return this.#kernel.reserves.open(this, request);
  }

  changeReserve(id: number, change: ReserveChange): { readonly ok: true } | Refusal {
    return this.#kernel.reserves.change(this, id, change);
  }

  release(id: number): { readonly ok: true } | Refusal {
    return this.#kernel.reserves.release(this, id);
  }

  openOrders(instrument?: string): readonly OrderTicket[] {
    return this.#kernel.desk.openOrders(this, instrument);
  }

  tellParent(parent: ParentView): void {
    const { observer, nowNs } = this.#kernel;
    observer?.parented?.(parent, this.name, nowNs[0] as number);
  }

  log(message: string, level: LogLevel = "info"): void {
    if (this.fault !== undefined || this.#isSaving) return;
    const { words, level: code, bytes, checksum } = lineRecord(message, level);
    const { effects, nowNs, observer } = this.#kernel;
    const ns = nowNs[0] as number;
    effects.put(EFFECT.logged, ns, 0, this.index, code, bytes, checksum, 0);
    observer?.logged?.({ strategy: this.name, level, words, ns });
  }

  /** Whether the strategy's state can be saved and loaded. */
  get canSave(): boolean {
    return this.strategy.onSave !== undefined && this.strategy.onLoad !== undefined;
  }

  /**
   * The place's state and the strategy's own.
   *
   * @throws `FAULT_CALLBACK` naming the strategy where it has no `onSave` or that throws; `FAULT_INPUT` naming the
   * place in its state of what JSON cannot bring back
   */
  save(): SavedSlot {
    const place = { warmLeft: this.#warmLeft, rng: this.rng.state() };
    if (this.fault !== undefined) {
      const { callback, ns, openOrders, code, message } = this.fault;
      return { ...place, fault: { callback, ns, openOrders, code, message, retry: this.retry } };
    }
    const path = `strategies.${this.name}.onSave`;
    const saved = this.#own(path, () => this.strategy.onSave?.());
    if (saved === undefined || saved === null || !Number.isSafeInteger(saved.version)) {
      const expected = "a strategy with onSave and onLoad that returns a version and a state";
      throw new Fault("FAULT_CALLBACK", { path, value: saved, expected });
    }
    const { version } = saved;
    const state = this.#own(path, () => saved.state);
    storedJson(state, `${path}.state`);
    return { ...place, saved: { version, state } };
  }

  /** Whether a state was given to the strategy: it is of no use for another one's history then. */
  isTouched = false;

  /** @throws `FAULT_CALLBACK` naming the strategy where its `onLoad` throws */
  load({ warmLeft, rng, saved, fault }: SavedSlot): void {
    this.#warmLeft = warmLeft;
    this.rng.restore(rng);
    if (fault !== undefined) {
      const { retry, ...why } = fault;
      this.retry = retry;
      this.fault = { strategy: this.name, index: this.index, ...why };
      return;
    }
    if (saved === undefined) return;
    this.isTouched = true;
    this.#own(`strategies.${this.name}.onLoad`, () => this.strategy.onLoad?.(saved, this));
  }

  /** Code of the strategy that no input calls: what it throws is told with its name. */
  #own<Value>(path: string, call: () => Value): Value {
    this.#isSaving = true;
    try {
      return call();
    } catch (cause) {
      const { message } = describeThrown(cause);
      throw new Fault("FAULT_CALLBACK", { path, value: message, expected: "a callback that returns", cause });
    } finally {
      this.#isSaving = false;
    }
  }

  // --- calls into the strategy ---

  onBook(view: BookView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.fault !== undefined) return;
    try {
      if (this.#guard === undefined) this.strategy.onBook?.(view, this);
      else this.#guard.during(view, (guarded) => this.strategy.onBook?.(guarded, this));
      this.#kernel.checkWhole();
    } catch (error) {
      this.#kernel.threw(this, "onBook", error);
    }
  }

  onTrade(view: TradeView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.fault !== undefined) return;
    try {
      if (this.#guard === undefined) this.strategy.onTrade?.(view, this);
      else this.#guard.during(view, (guarded) => this.strategy.onTrade?.(guarded, this));
      this.#kernel.checkWhole();
    } catch (error) {
      this.#kernel.threw(this, "onTrade", error);
    }
  }

  onQuote(view: QuoteView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.fault !== undefined) return;
    try {
      if (this.#guard === undefined) this.strategy.onQuote?.(view, this);
      else this.#guard.during(view, (guarded) => this.strategy.onQuote?.(guarded, this));
      this.#kernel.checkWhole();
    } catch (error) {
      this.#kernel.threw(this, "onQuote", error);
    }
  }

  onBar(view: BarView): void {
    if (this.#warmLeft > 0) this.#warmLeft -= 1;
    if (this.fault !== undefined) return;
    try {
      if (this.#guard === undefined) this.strategy.onBar?.(view, this);
      else this.#guard.during(view, (guarded) => this.strategy.onBar?.(guarded, this));
      this.#kernel.checkWhole();
    } catch (error) {
      this.#kernel.threw(this, "onBar", error);
    }
  }

  /** What became of an order; one that a stopped strategy still has open is asked for again. */
  onOrder(view: OrderView): void {
    if (this.fault !== undefined) this.#kernel.windDown(this, false);
    else if (this.strategy.onOrder !== undefined)
      this.#call("onOrder", () => this.#shown(view, (shown) => this.strategy.onOrder?.(shown, this)));
  }

  onFill(view: FillView): void {
    if (this.strategy.onFill !== undefined)
      this.#call("onFill", () => this.#shown(view, (shown) => this.strategy.onFill?.(shown, this)));
  }

  onPosition(view: PositionView): void {
    if (this.strategy.onPosition !== undefined)
      this.#call("onPosition", () => this.strategy.onPosition?.(view, this));
  }

  onStart(): void {
    this.#call("onStart", () => this.strategy.onStart?.(this));
  }

  onStop(): void {
    this.#call("onStop", () => this.strategy.onStop?.(this));
  }

  /** A timer of it fires; of a stopped strategy the one by which its orders are asked for again. */
  onTimer(id: number): void {
    if (this.fault !== undefined) this.#kernel.windDown(this, true);
    else this.#call("onTimer", () => this.strategy.onTimer?.(id, this));
  }

  onDisconnect(venue: string): void {
    if (this.strategy.onDisconnect !== undefined)
      this.#call("onDisconnect", () => this.strategy.onDisconnect?.(venue, this));
  }

  /** The view, good until the callback is over where views are guarded. */
  #shown<View extends object>(view: View, call: (shown: View) => void): void {
    if (this.#guard === undefined) call(view);
    else this.#guard.during(view, call);
  }

  #call(name: CallbackName, call: () => void): void {
    if (this.fault !== undefined) return;
    try {
      call();
      this.#kernel.checkWhole();
    } catch (error) {
      this.#kernel.threw(this, name, error);
    }
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
