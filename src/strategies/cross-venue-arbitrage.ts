import { checkArray, checkInteger, checkKeys, checkNumber, checkText, Fault } from "../base/index.ts";
import type { Instrument, Side } from "../model/index.ts";
import type { BookView, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import { type LegLevel, type LegSlice, RoutedLeg, type SavedLeg } from "./routed-leg.ts";
import { checkSaved, savedInteger } from "./saved-state.ts";

/** What a {@link CrossVenueArbitrage} is made from. */
export interface CrossVenueArbitrageOptions {
  /** Key or symbol of the first instrument; of several venues that trade it on one grid, all of them. */
  readonly first: string | readonly string[];
  /** The same thing on another venue or venues, quoted in the same currency; the grid may be another. */
  readonly second: string | readonly string[];
  /** What must be left after both fees, in basis points of the price paid. */
  readonly thresholdBp: number;
  /** The largest order of an attack, in lots of the coarser of the two instruments. */
  readonly orderLots: number;
  /** The largest position on either side, over its venues, in the same lots. */
  readonly maxPositionLots: number;
  /** The time to wait after an attack, in ns, until the books show it; 0 unless given. */
  readonly cooldownNs?: number;
  /** What a taker pays, as a share of the worth; the first tier of each instrument's fees unless given. */
  readonly feeRates?: readonly [first: number, second: number];
  /** From our sending to a venue's having it, by instrument's key: orders arrive together. 0 unless given. */
  readonly latencyNs?: Readonly<Record<string, number>>;
  /** Levels of a book that an attack may take; 5 unless given. */
  readonly levels?: number;
}

const KEYS = [
  "first",
  "second",
  "thresholdBp",
  "orderLots",
  "maxPositionLots",
  "cooldownNs",
  "feeRates",
  "latencyNs",
  "levels",
] as const;

const NAME = "crossVenueArbitrage";

/** Of its saved state: 2 held one order a leg and no router. */
const ARBITRAGE_VERSION = 3;

/** An order that waits, so that all of an attack arrive together. */
interface Pending {
  readonly leg: 0 | 1;
  readonly slice: LegSlice;
  readonly side: Side;
  readonly timer: number;
}

/**
 * Buys on one side and sells on the other as long as the next unit bought, and sold, leaves more than both fees and a
 * threshold. A router divides each side among its venues by price and fees, to the depth that pays; all orders are sent
 * so as to arrive together, immediate or cancel.
 *
 * When all orders are over and one side traded more than the other, the surplus is traded back at the
 * market on the side that has it, again and again until both are even; no attack starts before.
 *
 * @units `thresholdBp` basis points, lots of the coarser instrument, `cooldownNs` ns
 * @invariant An attack never takes a position past `maxPositionLots`. At most one order a venue is open.
 * Apart from surplus on its way back, what is held on one side is short on the other.
 * @throws `FAULT_CONFIG` naming the option; from `onStart` where the instruments have other currencies, venues of one
 * side other grids, or the sides lots of which neither is a multiple of the other.
 * @example
 * ```ts
 * import { CrossVenueArbitrage } from "tickwright/strategies";
 * const arbitrage = new CrossVenueArbitrage({
 *   first: ["BTCUSDT@one", "BTCUSDT@three"],
 *   second: "BTCUSDT@two",
 *   thresholdBp: 1,
 *   orderLots: 10,
 *   maxPositionLots: 100,
 * });
 * arbitrage.params.levels; // => 5
 * ```
 */
export class CrossVenueArbitrage implements Strategy {
  readonly name = "cross-venue-arbitrage";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #options: CrossVenueArbitrageOptions;
  readonly #edge: number;
  readonly #cooldownNs: number;
  readonly #levels: number;
  #legs: readonly [RoutedLeg, RoutedLeg] | undefined = undefined;
  #pending: Pending[] = [];
  /** The coarser lot, in shared units. */
  #step = 1;
  #restUntilNs = 0;
  #attacks = 0;
  #unwinds = 0;

  constructor(options: CrossVenueArbitrageOptions) {
    checkKeys(NAME, options, KEYS);
    checkNames(`${NAME}.first`, options.first);
    checkNames(`${NAME}.second`, options.second);
    this.#edge = checkNumber(`${NAME}.thresholdBp`, options.thresholdBp, 0, 10_000) / 10_000;
    checkInteger(`${NAME}.orderLots`, options.orderLots, 1);
    checkInteger(`${NAME}.maxPositionLots`, options.maxPositionLots, options.orderLots);
    this.#cooldownNs = checkInteger(`${NAME}.cooldownNs`, options.cooldownNs ?? 0, 0);
    this.#levels = checkInteger(`${NAME}.levels`, options.levels ?? 5, 1, 128);
    checkRates(options.feeRates);
    const latencies = options.latencyNs ?? {};
    checkKeys(`${NAME}.latencyNs`, latencies, Object.keys(latencies));
    for (const [key, ns] of Object.entries(latencies))
      checkInteger(`${NAME}.latencyNs.${key}`, ns, 0, 60_000_000_000);
    this.#options = options;
    this.params = { ...options, cooldownNs: this.#cooldownNs, levels: this.#levels };
  }

  /** Attacks begun, and orders sent to trade a surplus back. */
  get counts(): { readonly attacks: number; readonly unwinds: number } {
    return { attacks: this.#attacks, unwinds: this.#unwinds };
  }

  onStart(ctx: StrategyContext): void {
    this.#bind(ctx);
  }

  onBook(_book: BookView, ctx: StrategyContext): void {
    const legs = this.#legs;
    if (legs === undefined || !ctx.isWarm) return;
    if (!this.#isEven(ctx, legs)) return;
    if (ctx.clock.ns < this.#restUntilNs) return;
    if (!this.#attack(ctx, 0)) this.#attack(ctx, 1);
  }

  /** Sends what waited for its moment. */
  onTimer(timer: number, ctx: StrategyContext): void {
    const due = this.#pending.filter((one) => one.timer === timer);
    if (due.length === 0 || this.#legs === undefined) return;
    this.#pending = this.#pending.filter((one) => one.timer !== timer);
    for (const { leg, side, slice } of due) this.#legs[leg].send(ctx, side, slice, "attack");
  }

  /**
   * Looks at once when an attack's order is over: a surplus should not wait for the next book. An unwinding
   * order that did not trade does wait for it.
   */
  onOrder(order: OrderView, ctx: StrategyContext): void {
    const { ticket, kind } = order;
    if (this.#legs === undefined) return;
    for (const leg of this.#legs) leg.count(ticket, kind);
    if (ticket.isOpen || ticket.tag !== "attack") return;
    this.#isEven(ctx, this.#legs);
  }

  /** What each leg traded and has out, and its router (null before the start), what waits, and the counts. */
  onSave(): { readonly version: number; readonly state: unknown } {
    const [first, second] = this.#legs?.map((leg) => leg.save()) ?? [null, null];
    const [attacks, unwinds, restUntilNs] = [this.#attacks, this.#unwinds, this.#restUntilNs];
    const pending = this.#pending.map(({ leg, side, slice, timer }) => [
      ...[leg, side === "buy" ? 1 : -1, timer],
      ...[slice.venue, slice.slice, slice.lots, slice.priceTicks, slice.latencyNs],
    ]);
    return { version: ARBITRAGE_VERSION, state: { first, second, pending, attacks, unwinds, restUntilNs } };
  }

  /** @throws `FAULT_INPUT` on a state of another version or shape, or of an order that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const fields = ["first", "second", "pending", "attacks", "unwinds", "restUntilNs"];
    const state = checkSaved(NAME, saved, fields, ARBITRAGE_VERSION);
    this.#attacks = savedInteger(`${NAME}.load.attacks`, state.attacks, 0);
    this.#unwinds = savedInteger(`${NAME}.load.unwinds`, state.unwinds, 0);
    this.#restUntilNs = savedInteger(`${NAME}.load.restUntilNs`, state.restUntilNs);
    if (state.first === null && state.second === null) return;
    const [first, second] = this.#bind(ctx);
    this.#pending = loadPending(`${NAME}.load.pending`, state.pending);
    first.load(`${NAME}.load.first`, state.first as SavedLeg, ctx);
    second.load(`${NAME}.load.second`, state.second as SavedLeg, ctx);
  }

  /** Makes the legs. */
  #bind(ctx: StrategyContext): readonly [RoutedLeg, RoutedLeg] {
    const sides = [this.#options.first, this.#options.second].map((names) =>
      (typeof names === "string" ? [names] : names).map((name) => ctx.instrument(name)),
    );
    const [first, second] = sides as [Instrument[], Instrument[]];
    checkSides(first, second);
    const worths = [lotWorth(first[0] as Instrument), lotWorth(second[0] as Instrument)] as const;
    const coarse = Math.max(...worths);
    this.#step = wholeRatio(coarse, Math.min(...worths));
    const leg = (instruments: readonly Instrument[], i: 0 | 1): RoutedLeg =>
      new RoutedLeg({
        instruments,
        books: instruments.map(({ key }) => ctx.book(key)),
        feeRates: instruments.map((one) => this.#options.feeRates?.[i] ?? takerRate(one)),
        latencyNs: instruments.map(({ key }) => this.#options.latencyNs?.[key] ?? 0),
        unitsPerLot: worths[i] === coarse ? this.#step : 1,
        levels: this.#levels,
      });
    this.#legs = [leg(first, 0), leg(second, 1)];
    return this.#legs;
  }

  /** Buys on one side and sells on the other where that pays; true where an order was sent. */
  #attack(ctx: StrategyContext, buyer: 0 | 1): boolean {
    const legs = this.#legs as readonly [RoutedLeg, RoutedLeg];
    const seller = buyer === 0 ? 1 : 0;
    const [buy, sell] = [legs[buyer], legs[seller]];
    if (!(sell.touch("sell") > buy.touch("buy"))) return false;
    const limit = this.#options.maxPositionLots * this.#step;
    const room = Math.min(limit - buy.positionUnits(ctx), limit + sell.positionUnits(ctx));
    const most = Math.min(room, this.#options.orderLots * this.#step);
    const found = payingUnits(buy.levels("buy"), sell.levels("sell"), this.#edge, most, this.#step);
    if (found.units < Math.max(buy.leastUnits, sell.leastUnits, 1)) return false;
    buy.begin();
    sell.begin();
    const buys = buy.route(ctx, "buy", found.units, found.buyTicks);
    const sells = sell.route(ctx, "sell", found.units, found.sellTicks);
    const slowest = Math.max(...[...buys, ...sells].map(({ latencyNs }) => latencyNs), 0);
    if (!this.#send(ctx, buyer, "buy", buys, slowest)) {
      for (const slice of sells) sell.drop(slice);
      return false;
    }
    this.#attacks += 1;
    this.#restUntilNs = Math.min(ctx.clock.ns + this.#cooldownNs, Number.MAX_SAFE_INTEGER);
    // Sells that are refused leave the buys alone: the surplus is traded back when those are over.
    this.#send(ctx, seller, "sell", sells, slowest);
    return true;
  }

  /** Sends slices, each so much later as the slowest takes longer; whether any was sent or waits. */
  #send(
    ctx: StrategyContext,
    leg: 0 | 1,
    side: Side,
    slices: readonly LegSlice[],
    slowestNs: number,
  ): boolean {
    const one = (this.#legs as readonly [RoutedLeg, RoutedLeg])[leg];
    let any = false;
    for (const slice of slices) {
      const waits = slowestNs - slice.latencyNs;
      if (waits > 0) this.#pending.push({ leg, side, slice, timer: ctx.clock.at(ctx.clock.ns + waits) });
      any = waits > 0 || one.send(ctx, side, slice, "attack") || any;
    }
    return any;
  }

  /** True where nothing is out or waits and both legs traded the same; sends the surplus back otherwise. */
  #isEven(ctx: StrategyContext, [first, second]: readonly [RoutedLeg, RoutedLeg]): boolean {
    if (first.isOpen || second.isOpen || this.#pending.length > 0) return false;
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

/** Whole steps of which the last, bought and sold at the worst levels it takes, still pays; and those levels. */
function payingUnits(
  buys: readonly LegLevel[],
  sells: readonly LegLevel[],
  edge: number,
  most: number,
  step: number,
): { readonly units: number; readonly buyTicks: number; readonly sellTicks: number } {
  let [i, j, units, bought, sold] = [0, 0, 0, 0, 0];
  let [buyTicks, sellTicks] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  while (i < buys.length && j < sells.length && units < most) {
    const [buy, sell] = [buys[i] as LegLevel, sells[j] as LegLevel];
    if (!(sell.worth - buy.worth > edge * buy.price)) break;
    const more = Math.min(buy.units - bought, sell.units - sold, most - units);
    units += more;
    bought += more;
    sold += more;
    buyTicks = Math.max(buyTicks, buy.ticks);
    sellTicks = Math.min(sellTicks, sell.ticks);
    if (bought >= buy.units) [i, bought] = [i + 1, 0];
    if (sold >= sell.units) [j, sold] = [j + 1, 0];
  }
  return { units: Math.floor(units / step) * step, buyTicks, sellTicks };
}

function loadPending(path: string, saved: unknown): Pending[] {
  const list: readonly unknown[] = Array.isArray(saved) ? saved : [saved];
  return list.map((each, i) => {
    const field = (k: number): number => savedInteger(`${path}[${i}]`, Array.isArray(each) ? each[k] : null);
    const [leg, sign, timer, venue, slice, lots, priceTicks, latencyNs] = [0, 1, 2, 3, 4, 5, 6, 7].map(field);
    return {
      leg: leg === 0 ? 0 : 1,
      side: sign === 1 ? "buy" : "sell",
      slice: { venue, slice, lots, priceTicks, latencyNs } as LegSlice,
      timer: timer as number,
    };
  });
}

function lotWorth(instrument: Instrument): number {
  return instrument.lotSize * instrument.multiplier;
}

/** What a taker of the first tier pays. */
function takerRate(instrument: Instrument): number {
  return Number(instrument.fees.tiers?.[0]?.taker ?? "0");
}

/** All instruments are others, in one currency; those of one side on one grid. */
function checkSides(first: readonly Instrument[], second: readonly Instrument[]): void {
  const wrong = (option: string, value: unknown, expected: string): Fault =>
    new Fault("FAULT_CONFIG", { path: `${NAME}.${option}`, value, expected });
  const all = [...first, ...second];
  const [one] = first as readonly [Instrument];
  for (const [i, instrument] of all.entries()) {
    const option = i < first.length ? "first" : "second";
    const { key, quote } = instrument;
    if (all.findIndex((other) => other.key === key) !== i) throw wrong(option, key, "another instrument");
    if (quote.code !== one.quote.code) {
      throw wrong(option, key, `an instrument quoted in ${one.quote.code}, as ${one.key} is`);
    }
    const head = (i < first.length ? first : second)[0] as Instrument;
    const isSame = head.tickSize === instrument.tickSize && head.lotSize === instrument.lotSize;
    if (isSame && head.multiplier === instrument.multiplier) continue;
    throw wrong(option, key, `the ticks, lots and multiplier of ${head.key}`);
  }
}

function checkNames(path: string, names: string | readonly string[]): void {
  if (typeof names === "string") checkText(path, names);
  else for (const [i, name] of checkArray(path, names).entries()) checkText(`${path}[${i}]`, name);
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
