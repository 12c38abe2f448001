import { type ColumnPool, checkArray, checkInteger, divideBig, Fault, Prng, roundTo } from "../base/index.ts";
import { Ledger } from "../ledger/index.ts";
import type { Currency, Instrument, Money } from "../model/index.ts";
import { OrderStore } from "../order/index.ts";
import type { VenueDoor } from "../port/index.ts";
import {
  type ApprovedOrder,
  type ControlAnswer,
  type ControlRequest,
  type RiskGate,
  readControlRequest,
} from "../risk/index.ts";
import type { PositionView, Strategy, StrategyClock } from "../strategy/index.ts";
import { KernelClock } from "./clock.ts";
import { EFFECT, EffectLog } from "./effect-log.ts";
import { INPUT, type InputTap, TappedStation } from "./input-tap.ts";
import type { KernelRisk } from "./kernel-gate.ts";
import type { KernelObserver } from "./observer.ts";
import { OrderDesk } from "./order-desk.ts";
import { PortfolioFlyweight } from "./portfolio.ts";
import { type AdjustTerms, currencyCode, type ReportFee } from "./report-fee.ts";
import { PositionFlyweight } from "./report-views.ts";
import { ReserveDesk } from "./reserve-desk.ts";
import { RiskDesk } from "./risk-desk.ts";
import { Settlement } from "./settlement.ts";
import { Slot } from "./slot.ts";
import { Station } from "./station.ts";
import {
  CALLBACKS,
  type CallbackName,
  describeThrown,
  isAmbient,
  type StrategyFault,
} from "./strategy-fault.ts";
import { Timers } from "./timers.ts";
import { ViewGuard } from "./view-guard.ts";

/** How often a stopped strategy's orders are asked for again. @units ns */
const RETRY_NS = 1_000_000_000;

/** What a {@link TradingKernel} is made from. */
export interface KernelOptions {
  readonly instruments: readonly Instrument[];
  readonly strategies: readonly Strategy[];
  /** Cash at the start, one amount a currency. */
  readonly cash: readonly Money[];
  /** The currency everything is valued in. */
  readonly reporting: Currency;
  readonly seed: number;
  /** Epoch ns that all times of the run count from. */
  readonly baseNs: bigint;
  /** Orders open at one time over all strategies; 4,096 unless given. */
  readonly orderCapacity?: number;
  /**
   * How long an order that is over keeps its place, so that late and repeated reports of it are recognised; 0 unless
   * given. @units ns
   */
  readonly lingerNs?: number;
  /** The limits orders must keep; none unless given. */
  readonly risk?: KernelRisk;
  /** Poisons views after their callback. */
  readonly debug?: boolean;
  /** Told every input before it is settled. */
  readonly tap?: InputTap;
  /** Whether a strategy that throws is stopped and the others go on; what it throws ends the run unless given. */
  readonly isolates?: boolean;
}

/**
 * The deterministic core: takes one input at a time (a row of the feed, a report, a timer), settles it into
 * books, orders and ledger, lets the strategies decide, and hands their orders to the venues' doors. It knows
 * neither where inputs come from nor what time it is beyond `nowNs`.
 *
 * @units `nowNs[0]`: ns from the session's base; the caller sets it before every input
 * @invariant Equal inputs in equal order give equal effects: `effects.hex()` tells.
 */
export class TradingKernel {
  readonly instruments: readonly Instrument[];
  readonly stations: readonly Station[];
  readonly slots: readonly Slot[];
  readonly orders: OrderStore;
  readonly ledger: Ledger;
  readonly timers: Timers = new Timers();
  readonly effects: EffectLog = new EffectLog();
  readonly portfolio: PortfolioFlyweight;
  readonly desk: OrderDesk;
  readonly reserves: ReserveDesk;
  /** What every order passes before it can leave. */
  readonly gate: RiskGate;
  readonly risk: RiskDesk;
  readonly settlement: Settlement;
  readonly nowNs: Float64Array = new Float64Array(1);
  readonly baseNs: bigint;
  /** How often a strategy sent something or set a timer: who holds times of the future looks again. */
  readonly activity: { count: number } = { count: 0 };
  observer: KernelObserver | undefined = undefined;
  /** Told of each strategy that is stopped because it threw, within the turn: it may call nothing of the kernel. */
  onStrategyFault: ((fault: StrategyFault) => void) | undefined = undefined;
  /** The callback of a strategy that ended the run. */
  thrower: { readonly strategy: string; readonly callback: string } | undefined = undefined;
  /** What broke beneath a strategy's call, as a journal that cannot be written: nothing is decided any more. */
  broken: { readonly error: unknown } | undefined = undefined;
  readonly #byName: Map<string, Station | "ambiguous"> = new Map();
  readonly #tap: InputTap | undefined;
  readonly #isolates: boolean;

  /** `columns` are what its orders are held in, where they are handed on. */
  constructor(options: KernelOptions, columns?: ColumnPool) {
    const { instruments, strategies } = options;
    this.instruments = checkArray("kernel.instruments", instruments);
    this.baseNs = options.baseNs;
    const { tap } = options;
    this.#tap = tap;
    this.#isolates = options.isolates === true;
    const capacity = checkInteger("kernel.orderCapacity", options.orderCapacity ?? 4096, 1, 1 << 20);
    this.orders = new OrderStore({ capacity }, columns);
    this.ledger = new Ledger({ instruments, cash: options.cash, reporting: options.reporting });
    this.stations = instruments.map((instrument, i) => {
      const position = new PositionFlyweight(instrument, this.ledger, i);
      if (tap !== undefined) return new TappedStation(i, instrument, position, this.nowNs, tap);
      return new Station(i, instrument, position, this.nowNs);
    });
    for (const station of this.stations) station.onFunding = (rate) => this.funding(station, rate);
    for (const station of this.stations) this.#register(station);
    this.portfolio = new PortfolioFlyweight(this.ledger, this.stations, options.reporting, (name) =>
      this.stationOf(name),
    );
    const names = checkArray("kernel.strategies", strategies).map(nameOf);
    const { code } = options.reporting;
    this.risk = new RiskDesk(this.orders, this.stations, names, code, options.baseNs, options.risk, columns);
    this.gate = this.risk.gate;
    if (tap !== undefined) this.risk.reserve("`control` of the session, or of its kernel");
    const lingerNs = checkInteger("kernel.lingerNs", options.lingerNs ?? 0, 0);
    this.desk = new OrderDesk(this, this.orders, this.risk, lingerNs);
    this.reserves = new ReserveDesk(this);
    this.settlement = new Settlement(this, this.orders, this.desk, this.risk);
    const rng = new Prng(options.seed);
    const guard = options.debug === true ? new ViewGuard() : undefined;
    this.slots = checkArray("kernel.strategies", strategies).map(
      (strategy, i) => new Slot(this, i, strategy, rng.fork(`strategy ${i}`), guard),
    );
    for (const station of this.stations) this.#subscribe(station);
  }

  /** Ties an instrument to the venue that takes its orders. */
  connect(index: number, door: VenueDoor<ApprovedOrder>): void {
    door.bind(this.gate);
    (this.stations[index] as Station).connect(door);
  }

  clockOf(owner: number): StrategyClock {
    return new KernelClock(this, owner);
  }

  /** The station of an instrument. @throws `FAULT_INPUT` when the name is unknown or stands for several. */
  stationOf(name: string): Station {
    const station = this.#byName.get(name);
    if (station instanceof Station) return station;
    const known = this.instruments.map((instrument) => instrument.key).join(", ");
    const expected = station === "ambiguous" ? `a full key, one of ${known}` : `one of ${known}`;
    throw new Fault("FAULT_INPUT", { path: "instrument", value: name, expected });
  }

  /** Cancel requests sent. */
  get cancelsSent(): number {
    return this.desk.cancelsSent;
  }

  /** Reports that were not legal where they came: accounted for, nothing overwritten. */
  get anomalies(): number {
    return this.settlement.anomalies;
  }

  // --- inputs ---

  start(): void {
    this.#tap?.event(INPUT.start, -1, 0, 0, this.nowNs[0] as number);
    for (const slot of this.slots) slot.onStart();
  }

  stop(): void {
    this.#tap?.event(INPUT.stop, -1, 0, 0, this.nowNs[0] as number);
    for (const slot of this.slots) slot.onStop();
  }

  /** Fires the next timer. Where `toNs` is above 0, a repeating one leaves out its times before that. */
  timer(toNs = 0): void {
    this.#tap?.event(INPUT.timer, -1, toNs, 0, this.nowNs[0] as number);
    const { owner, id } = this.timers.take(toNs);
    (this.slots[owner] as Slot).onTimer(id);
  }

  /** One report of a venue: a record of `MESSAGE_FIELD` at `offset`. A `fee` is booked in place of the scheduled one. */
  report(station: Station, cells: Float64Array, offset: number, fee?: ReportFee): void {
    this.#tap?.report(station.index, cells, offset, this.nowNs[0] as number, fee);
    this.settlement.report(station, cells, offset, fee);
  }

  /** A cash dividend of `minorPerLot` minor units a lot. */
  dividend(station: Station, minorPerLot: number): void {
    this.#tap?.event(INPUT.dividend, station.index, minorPerLot, 0, this.nowNs[0] as number);
    this.ledger.dividend(station.index, BigInt(minorPerLot));
    this.risk.chargeHolders(station.index, (lots) => BigInt(-lots * minorPerLot));
    this.effects.put(EFFECT.dividend, this.nowNs[0] as number, 0, station.index, minorPerLot, 0, 0, 0);
    this.tellPosition(station);
  }

  /**
   * A funding payment at `rate` (in units of 1e-12) on the position at the venue's mark, else at what it is
   * worth here: at a positive rate longs pay. Halves of a minor unit round to even.
   */
  funding(station: Station, rate: number): void {
    const lots = this.ledger.positionLots[station.index] as number;
    const settle = station.settleTicks[0] as number;
    const mark = Number.isNaN(settle) ? station.markTicks() : settle;
    if (lots === 0 || Number.isNaN(mark)) return;
    const paid = (held: number): bigint => {
      const worth = station.instrument.notionalMinor(roundTo(mark * 1024, "halfEven"), held);
      return divideBig(worth * BigInt(rate), 1024n * 1_000_000_000_000n, "halfEven");
    };
    const minor = -paid(lots);
    this.risk.chargeHolders(station.index, paid);
    this.ledger.funding(station.index, minor);
    this.effects.put(EFFECT.funding, this.nowNs[0] as number, 0, station.index, Number(minor), rate, 0, 0);
    this.tellPosition(station);
  }

  /** `numerator` new units stand for `denominator` old ones. */
  split(station: Station, numerator: number, denominator: number): void {
    this.#tap?.event(INPUT.split, station.index, numerator, denominator, this.nowNs[0] as number);
    // A fraction of a lot is paid at what it is worth now, whenever somebody last looked at the equity.
    const ticks = station.worthTicks();
    if (!Number.isNaN(ticks)) this.ledger.mark(station.index, ticks);
    this.ledger.split(station.index, BigInt(numerator), BigInt(denominator));
    station.splitAt = station.messages;
    this.risk.split(station.index, numerator, denominator);
    this.effects.put(EFFECT.split, this.nowNs[0] as number, 0, station.index, numerator, denominator, 0, 0);
    this.tellPosition(station);
  }

  /** The connection to an instrument's venue is lost. */
  disconnected(station: Station): void {
    this.#tap?.event(INPUT.disconnected, station.index, 0, 0, this.nowNs[0] as number);
    this.settlement.disconnected(station);
  }

  /**
   * Changes limits, overrides, capital, lists, or another rule of the gate; from no callback.
   * @refuses what the gate refuses; `RISK_CONTROL_INVALID` naming what is not there. A refusal is an input, too: it may
   * have ended overrides whose time was up, and who asked for what was refused is worth a record.
   * @throws `FAULT_CONFIG`, `FAULT_INPUT` for what is no request: nobody is told of it then.
   */
  control(request: ControlRequest): ControlAnswer {
    const said = readControlRequest(request);
    const now = this.nowNs[0] as number;
    this.#tap?.control(said, now);
    const answer = this.risk.control(said, now);
    this.#tap?.controlled(said, answer, now);
    return answer;
  }

  /**
   * Books cash that came (above 0) or went, and that no report told of: what reconciliation, or a human, corrects.
   * @units minor units of the instrument's quote currency, or of the one that `terms` name
   */
  adjust(station: Station, minor: bigint, terms: AdjustTerms = {}): void {
    const { currency = station.instrument.quote.code, isFee = false } = terms;
    const now = this.nowNs[0] as number;
    this.#tap?.adjust(station.index, minor, now, terms);
    if (isFee) this.ledger.charge(station.index, currency, -minor);
    else this.ledger.transfer(currency, minor);
    const code = currencyCode(this.ledger, station, currency);
    this.effects.put(EFFECT.adjusted, now, 0, station.index, Number(minor), code, isFee ? 1 : 0, 0);
  }

  /** Refuses new orders and replaces in an instrument from now on, or no longer. Cancels leave as ever. */
  hold(station: Station, isHeld: boolean): void {
    const now = this.nowNs[0] as number;
    this.#tap?.event(INPUT.hold, station.index, isHeld ? 1 : 0, 0, now);
    station.isHeld = isHeld;
    this.effects.put(EFFECT.held, now, 0, station.index, isHeld ? 1 : 0, 0, 0, 0);
  }

  /** Leaves out the next ids of orders. */
  skipIds(count: number): void {
    this.#tap?.event(INPUT.skipIds, -1, count, 0, this.nowNs[0] as number);
    this.orders.skipIds(count);
  }

  /** Leaves out the next numbers of cancel and replace requests. */
  skipRequests(count: number): void {
    this.#tap?.event(INPUT.skipRequests, -1, count, 0, this.nowNs[0] as number);
    this.desk.skipRequests(count);
  }

  /** Why strategies were stopped, in the order of registration. */
  get faulted(): readonly StrategyFault[] {
    return this.slots.flatMap(({ fault }) => fault ?? []);
  }

  /** @throws what broke beneath a call of a strategy: also where the strategy caught it. @internal */
  checkWhole(): void {
    if (this.broken !== undefined) throw this.broken.error;
  }

  /** Keeps what broke beneath a call of a strategy, which is not to blame; gives it back. @internal */
  broke(error: unknown): unknown {
    this.broken ??= { error };
    return error;
  }

  /**
   * A callback threw. What broke beneath it goes on up, and so does everything where strategies are not isolated; else
   * the strategy is stopped: its timers are dropped, its orders asked to be canceled. @internal
   */
  threw(slot: Slot, callback: CallbackName, error: unknown): void {
    this.checkWhole();
    if (!this.#isolates || isAmbient(error)) {
      this.thrower = { strategy: slot.name, callback };
      throw error;
    }
    const ns = this.nowNs[0] as number;
    const openOrders = this.desk.openOrders(slot, undefined).length;
    const { name: strategy, index } = slot;
    slot.fault = { strategy, index, callback, ns, openOrders, ...describeThrown(error), error };
    this.timers.stopAll(index);
    const code = CALLBACKS.indexOf(callback) + 1;
    this.effects.put(EFFECT.strategyFaulted, ns, 0, index, code, openOrders, 0, 0);
    this.reserves.releaseAll(slot);
    this.onStrategyFault?.(slot.fault);
    this.windDown(slot, true);
  }

  /** Asks for a stopped strategy's orders, now or within a second, and again until none is open. @internal */
  windDown(slot: Slot, asksNow: boolean): void {
    const open = this.desk.wantBack(slot, asksNow);
    if (open > 0 && slot.retry === 0) {
      slot.retry = this.timers.add(slot.index, (this.nowNs[0] as number) + RETRY_NS, RETRY_NS);
      this.activity.count += 1;
    } else if (open === 0 && slot.retry !== 0) {
      this.timers.stop(slot.index, slot.retry);
      slot.retry = 0;
    }
  }

  /** What is left at the end, canonical: part of the run hash. */
  finalState(): Readonly<Record<string, unknown>> {
    const { equityMinor } = this.portfolio;
    return {
      positions: Array.from(this.ledger.positionLots),
      equityMinor,
      openOrders: this.orders.size,
      nextOrderId: this.orders.nextId,
      effects: this.effects.count,
      staleReports: this.settlement.staleReports,
      anomalies: this.settlement.anomalies,
      decisions: this.risk.hex(),
    };
  }

  /** Tells every strategy that a position changed. */
  tellPosition(station: Station): void {
    const view: PositionView = station.position;
    for (const slot of this.slots) slot.onPosition(view);
  }

  /** The station of an instrument; undefined when the name is unknown or stands for several. */
  findStation(name: string): Station | undefined {
    const station = this.#byName.get(name);
    return station instanceof Station ? station : undefined;
  }

  #register(station: Station): void {
    const { key, symbol } = station.instrument;
    if (this.#byName.has(key)) {
      throw new Fault("FAULT_CONFIG", {
        path: "kernel.instruments",
        value: key,
        expected: "each instrument once",
      });
    }
    this.#byName.set(key, station);
    this.#byName.set(symbol, this.#byName.has(symbol) ? "ambiguous" : station);
  }

  #subscribe(station: Station): void {
    const warming = this.slots.filter((slot) => !slot.isWarm);
    const listening = (has: (strategy: Strategy) => boolean): Slot[] =>
      this.slots.filter((slot) => has(slot.strategy) || warming.includes(slot));
    station.bookSlots = listening((strategy) => strategy.onBook !== undefined);
    station.tradeSlots = listening((strategy) => strategy.onTrade !== undefined);
    station.quoteSlots = listening((strategy) => strategy.onQuote !== undefined);
    station.barSlots = listening((strategy) => strategy.onBar !== undefined);
  }
}

function nameOf(strategy: Strategy, i: number): string {
  const name: unknown = strategy?.name ?? strategy?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : `strategy-${i}`;
}
