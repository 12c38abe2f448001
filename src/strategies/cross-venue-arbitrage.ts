import { checkInteger, checkKeys, checkNumber, checkText, Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import type { BookView, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import { ArbitrageLeg, type SavedLeg } from "./arbitrage-leg.ts";
import { checkSaved, SAVED_VERSION, savedInteger } from "./saved-state.ts";

/** What a {@link CrossVenueArbitrage} is made from. */
export interface CrossVenueArbitrageOptions {
  /** Key or symbol of the first instrument. */
  readonly first: string;
  /** Key or symbol of the second: the same thing on another venue, quoted in the same currency. */
  readonly second: string;
  /** What must be left after both fees, in basis points of the price paid. */
  readonly thresholdBp: number;
  /** The largest order of an attack, in lots of the coarser of the two instruments. */
  readonly orderLots: number;
  /** The largest position on either venue, in the same lots. */
  readonly maxPositionLots: number;
  /** The time to wait after an attack, in ns, until the books show it; 0 unless given. */
  readonly cooldownNs?: number;
  /** What a taker pays, as a share of the worth; the first tier of the instruments' fees unless given. */
  readonly feeRates?: readonly [first: number, second: number];
}

const KEYS = [
  "first",
  "second",
  "thresholdBp",
  "orderLots",
  "maxPositionLots",
  "cooldownNs",
  "feeRates",
] as const;

const NAME = "crossVenueArbitrage";

/**
 * Buys on one venue and sells on the other when the bid there is above the ask here by more than both fees
 * and a threshold. Both legs are sent together, immediate or cancel, for what stands at both touches.
 *
 * When both orders are over and one leg traded more than the other, the surplus is traded back at the
 * market on the leg that has it, again and again until both are even; no attack starts before.
 *
 * @units `thresholdBp` basis points, lots of the coarser instrument, `cooldownNs` ns
 * @invariant An attack never takes a position past `maxPositionLots`. At most one order a leg is open.
 * Apart from surplus on its way back, what is held on one venue is short on the other.
 * @throws `FAULT_CONFIG` naming the option; from `onStart` where the instruments have other currencies, or
 * lots of which neither is a multiple of the other.
 * @example
 * ```ts
 * import { CrossVenueArbitrage } from "tickwright/strategies";
 * const arbitrage = new CrossVenueArbitrage({
 *   first: "BTCUSDT@one",
 *   second: "BTCUSDT@two",
 *   thresholdBp: 1,
 *   orderLots: 10,
 *   maxPositionLots: 100,
 * });
 * arbitrage.params.cooldownNs; // => 0
 * ```
 */
export class CrossVenueArbitrage implements Strategy {
  readonly name = "cross-venue-arbitrage";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #options: CrossVenueArbitrageOptions;
  readonly #edge: number;
  readonly #cooldownNs: number;
  #first: ArbitrageLeg | undefined = undefined;
  #second: ArbitrageLeg | undefined = undefined;
  /** The coarser lot, in shared units. */
  #step = 1;
  #restUntilNs = 0;
  #attacks = 0;
  #unwinds = 0;

  constructor(options: CrossVenueArbitrageOptions) {
    checkKeys(NAME, options, KEYS);
    checkText(`${NAME}.first`, options.first);
    checkText(`${NAME}.second`, options.second);
    this.#edge = checkNumber(`${NAME}.thresholdBp`, options.thresholdBp, 0, 10_000) / 10_000;
    checkInteger(`${NAME}.orderLots`, options.orderLots, 1);
    checkInteger(`${NAME}.maxPositionLots`, options.maxPositionLots, options.orderLots);
    this.#cooldownNs = checkInteger(`${NAME}.cooldownNs`, options.cooldownNs ?? 0, 0);
    checkRates(options.feeRates);
    this.#options = options;
    this.params = { ...options, cooldownNs: this.#cooldownNs };
  }

  /** Attacks begun, and orders sent to trade a surplus back. */
  get counts(): { readonly attacks: number; readonly unwinds: number } {
    return { attacks: this.#attacks, unwinds: this.#unwinds };
  }

  onStart(ctx: StrategyContext): void {
    this.#bind(ctx);
  }

  onBook(_book: BookView, ctx: StrategyContext): void {
    const first = this.#first;
    const second = this.#second;
    if (first === undefined || second === undefined || !ctx.isWarm) return;
    if (!this.#isEven(ctx, first, second)) return;
    if (ctx.clock.ns < this.#restUntilNs) return;
    if (!this.#attack(ctx, first, second)) this.#attack(ctx, second, first);
  }

  /**
   * Looks at once when an attack's order is over: a surplus should not wait for the next book. An unwinding
   * order that did not trade does wait for it.
   */
  onOrder(order: OrderView, ctx: StrategyContext): void {
    const { ticket } = order;
    if (this.#first === undefined || this.#second === undefined) return;
    this.#first.count(ticket);
    this.#second.count(ticket);
    if (ticket.isOpen || ticket.tag !== "attack") return;
    this.#isEven(ctx, this.#first, this.#second);
  }

  /** What each leg traded and has out (null before the start), and the counts. */
  onSave(): { readonly version: number; readonly state: unknown } {
    const [first, second] = [this.#first?.save() ?? null, this.#second?.save() ?? null];
    const [attacks, unwinds, restUntilNs] = [this.#attacks, this.#unwinds, this.#restUntilNs];
    return { version: SAVED_VERSION, state: { first, second, attacks, unwinds, restUntilNs } };
  }

  /** @throws `FAULT_INPUT` on a state of another version or shape, or of an order that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const state = checkSaved(NAME, saved, ["first", "second", "attacks", "unwinds", "restUntilNs"]);
    this.#attacks = savedInteger(`${NAME}.load.attacks`, state.attacks, 0);
    this.#unwinds = savedInteger(`${NAME}.load.unwinds`, state.unwinds, 0);
    this.#restUntilNs = savedInteger(`${NAME}.load.restUntilNs`, state.restUntilNs);
    if (state.first === null && state.second === null) return;
    const legs = this.#bind(ctx);
    for (const [i, name] of (["first", "second"] as const).entries()) {
      const leg = legs[i] as ArbitrageLeg;
      leg.load(`${NAME}.load.${name}`, state[name] as SavedLeg, ctx.openOrders(leg.instrument.key));
    }
  }

  /** Makes the legs. */
  #bind(ctx: StrategyContext): readonly [ArbitrageLeg, ArbitrageLeg] {
    const first = ctx.instrument(this.#options.first);
    const second = ctx.instrument(this.#options.second);
    checkPair(first, second);
    const [coarse, fine] = [lotWorth(first), lotWorth(second)].sort((a, b) => b - a) as [number, number];
    const ratio = wholeRatio(coarse, fine);
    const [rateFirst, rateSecond] = this.#options.feeRates ?? [takerRate(first), takerRate(second)];
    this.#step = ratio;
    const unitsFirst = lotWorth(first) === coarse ? ratio : 1;
    const unitsSecond = lotWorth(second) === coarse ? ratio : 1;
    this.#first = new ArbitrageLeg(first, ctx.book(first.key), rateFirst, unitsFirst);
    this.#second = new ArbitrageLeg(second, ctx.book(second.key), rateSecond, unitsSecond);
    return [this.#first, this.#second];
  }

  /** Buys on one leg and sells on the other where that pays; true where an order was sent. */
  #attack(ctx: StrategyContext, buy: ArbitrageLeg, sell: ArbitrageLeg): boolean {
    if (!buy.book.hasAsk || !sell.book.hasBid) return false;
    if (buy.book.validity !== "valid" || sell.book.validity !== "valid") return false;
    const paid = buy.ask * (1 + buy.feeRate);
    const got = sell.bid * (1 - sell.feeRate);
    if (!(got - paid > this.#edge * buy.ask)) return false;
    const units = this.#units(ctx, buy, sell);
    if (units <= 0 || !buy.take(ctx, "buy", units, "attack")) return false;
    this.#attacks += 1;
    this.#restUntilNs = Math.min(ctx.clock.ns + this.#cooldownNs, Number.MAX_SAFE_INTEGER);
    // A refused second leg leaves the first alone: the surplus is traded back when that order is over.
    sell.take(ctx, "sell", units, "attack");
    return true;
  }

  /** Whole coarse lots that stand at both touches and fit under both limits. */
  #units(ctx: StrategyContext, buy: ArbitrageLeg, sell: ArbitrageLeg): number {
    const step = this.#step;
    const limit = this.#options.maxPositionLots * step;
    const room = Math.min(limit - buy.positionUnits(ctx), limit + sell.positionUnits(ctx));
    const standing = Math.min(buy.askUnits, sell.bidUnits);
    const least = Math.max(
      buy.instrument.minLots * buy.unitsPerLot,
      sell.instrument.minLots * sell.unitsPerLot,
    );
    const units = Math.floor(Math.min(room, standing, this.#options.orderLots * step) / step) * step;
    return units < least ? 0 : units;
  }

  /** True where no order is out and both legs traded the same; sends the surplus back otherwise. */
  #isEven(ctx: StrategyContext, first: ArbitrageLeg, second: ArbitrageLeg): boolean {
    if (first.isOpen || second.isOpen) return false;
    const surplus = first.net + second.net;
    if (surplus === 0) {
      first.net = 0;
      second.net = 0;
      return true;
    }
    const [over, other] = Math.sign(first.net) === Math.sign(surplus) ? [first, second] : [second, first];
    // What is less than a lot of the leg that has it can only be evened out on the other.
    if (over.trade(ctx, -surplus, "unwind") !== 0 || other.trade(ctx, -surplus, "unwind") !== 0) {
      this.#unwinds += 1;
    }
    return false;
  }
}

function lotWorth(instrument: Instrument): number {
  return instrument.lotSize * instrument.multiplier;
}

/** What a taker of the first tier pays. */
function takerRate(instrument: Instrument): number {
  return Number(instrument.fees.tiers?.[0]?.taker ?? "0");
}

function checkPair(first: Instrument, second: Instrument): void {
  if (first.key === second.key) {
    throw new Fault("FAULT_CONFIG", {
      path: `${NAME}.second`,
      value: second.key,
      expected: "another instrument",
    });
  }
  if (first.quote.code === second.quote.code) return;
  throw new Fault("FAULT_CONFIG", {
    path: `${NAME}.second`,
    value: second.key,
    expected: `an instrument quoted in ${first.quote.code}, as ${first.key} is`,
  });
}

function wholeRatio(coarse: number, fine: number): number {
  const ratio = Math.round(coarse / fine);
  if (Math.abs(ratio * fine - coarse) <= 1e-9 * coarse) return ratio;
  throw new Fault("FAULT_CONFIG", {
    path: `${NAME}.second`,
    value: [coarse, fine],
    expected: "lots of which one is a multiple of the other",
  });
}

function checkRates(rates: readonly number[] | undefined): void {
  if (rates === undefined) return;
  if (!Array.isArray(rates) || rates.length !== 2) {
    throw new Fault("FAULT_CONFIG", { path: `${NAME}.feeRates`, value: rates, expected: "two shares" });
  }
  for (const [i, rate] of rates.entries()) checkNumber(`${NAME}.feeRates[${i}]`, rate, -0.1, 0.1);
}
