import { Decimal } from "decimal.js";
import { DECISION_STRIDE } from "../../../src/risk/index.ts";
import { RecentOrders } from "../../../src/risk/recent-orders.ts";
import { SeenIds } from "../../../src/risk/seen-ids.ts";
import { TokenBuckets } from "../../../src/risk/token-bucket.ts";
import {
  type BenchLimits,
  BLOCK,
  CAPITAL,
  CLASSES,
  type Flow,
  GAP_NS,
  INSTRUMENTS,
  LIMITS,
  SEATS,
  VOLUME,
} from "./flow.ts";
import type { Decider } from "./our-gate.ts";

const OWNERS = 5;
const ACCOUNT = 2;
const ZERO = new Decimal(0);
const dollars = (cents: number): Decimal => new Decimal(cents).div(100);

/** Every limit as a Decimal, made once; the static ones of seven equal levels are the strictest of them. */
function decimalsOf(limits: BenchLimits) {
  return {
    lots: new Decimal(limits.maxOrderLots),
    value: dollars(limits.maxOrderValueCents),
    volumeLots: new Decimal(limits.maxVolumeShare).mul(VOLUME),
    long: new Decimal(limits.maxLongLots),
    short: new Decimal(limits.maxShortLots),
    gross: dollars(limits.maxGrossValueCents),
    net: dollars(limits.maxNetValueCents),
    openOrders: limits.maxOpenOrders,
    openValue: dollars(limits.maxOpenValueCents),
    collar: new Decimal(limits.priceCollarBps).div(10_000),
    through: new Decimal(limits.maxTicksThrough).div(100),
    concentration: new Decimal(limits.maxConcentration),
    margin: new Decimal(limits.maxMarginShare),
    leverage: new Decimal(limits.maxLeverage),
    loss: dollars(limits.maxDailyLossCents).neg(),
  };
}

/** One owner's positions and orders in one instrument. */
interface Cell {
  position: Decimal;
  buys: Decimal;
  sells: Decimal;
  buyValue: Decimal;
  sellValue: Decimal;
  cash: Decimal;
  gross: Decimal;
  long: Decimal;
  short: Decimal;
  profit: Decimal;
}

/** One node's sums over its instruments. */
interface Sums {
  gross: Decimal;
  long: Decimal;
  short: Decimal;
  profit: Decimal;
  openValue: Decimal;
  openOrders: number;
  minute: number;
}

interface Place {
  /** The numbers of the path's nodes, widest first. */
  readonly nodes: readonly number[];
  /** The cell each of the seven looks at. */
  readonly cells: readonly Cell[];
}

/** An order in decimals, made before the clock starts. */
export interface DecimalOrder {
  readonly place: Place;
  readonly seat: number;
  readonly instrument: number;
  readonly isBuy: boolean;
  readonly lots: Decimal;
  readonly price: Decimal;
}

/**
 * The ten checks at seven levels with decimal.js: the same order of checks, the same worst cases, reservation, ids,
 * repetitions and records. Money and quantities are Decimals; rates, ids and records are plain numbers here too.
 */
export class DecimalGate {
  readonly #cells = new Map<string, Cell>();
  readonly #sums: Sums[] = [];
  readonly #places: Place[];
  readonly #bids: Decimal[] = INSTRUMENTS.map(() => ZERO);
  readonly #asks: Decimal[] = INSTRUMENTS.map(() => ZERO);
  readonly #quoteNs = new Float64Array(INSTRUMENTS.length);
  readonly #perSecond: TokenBuckets;
  readonly #recent = new RecentOrders({ capacity: 8_192 });
  readonly #ids = new SeenIds({ seats: SEATS.length });
  readonly #minutes: { readonly nodes: readonly number[]; readonly at: number }[] = [];
  readonly #equity = new Decimal(CAPITAL);
  readonly #most: ReturnType<typeof decimalsOf>;
  readonly #records = new Float64Array(1_024 * DECISION_STRIDE);
  #oldest = 0;
  #record = 0;
  isKilled = false;
  /** The words of the last refusal by the collar, as our gate's have them. */
  refusal: object | undefined = undefined;
  readonly isHalted: boolean[] = INSTRUMENTS.map(() => false);

  constructor(limits: BenchLimits) {
    this.#most = decimalsOf(limits);
    const names: string[] = [];
    const nodeOf = (name: string): number => {
      if (!names.includes(name)) {
        names.push(name);
        const zero = { gross: ZERO, long: ZERO, short: ZERO, profit: ZERO, openValue: ZERO };
        this.#sums.push({ ...zero, openOrders: 0, minute: 0 });
      }
      return names.indexOf(name);
    };
    this.#places = SEATS.flatMap((seat) =>
      INSTRUMENTS.map(({ key }, i) => {
        const owners = ["firm", seat.desk, seat.account, seat.user, seat.strategy];
        const path = [...owners, `class ${CLASSES[i]}`, key];
        const cells = owners.map((owner) => this.#cell(`${owner} ${key}`));
        return { nodes: path.map(nodeOf), cells: [...cells, cells[0] as Cell, cells[0] as Cell] };
      }),
    );
    this.#perSecond = new TokenBuckets({ size: this.#sums.length });
    const limit = { ratePerSecond: LIMITS.maxOrdersPerSecond, burst: LIMITS.maxOrdersPerSecond };
    for (const node of this.#sums.keys()) this.#perSecond.configure(node, limit, 0);
  }

  #cell(name: string): Cell {
    const zero = { position: ZERO, buys: ZERO, sells: ZERO, buyValue: ZERO, sellValue: ZERO, cash: ZERO };
    const cell = this.#cells.get(name) ?? { ...zero, gross: ZERO, long: ZERO, short: ZERO, profit: ZERO };
    this.#cells.set(name, cell);
    return cell;
  }

  place(seat: number, instrument: number): Place {
    return this.#places[seat * INSTRUMENTS.length + instrument] as Place;
  }

  quote(instrument: number, bid: Decimal, ask: Decimal, nowNs: number): void {
    this.#bids[instrument] = bid;
    this.#asks[instrument] = ask;
    this.#quoteNs[instrument] = nowNs;
    for (let seat = 0; seat < SEATS.length; seat++) {
      const { nodes, cells } = this.place(seat, instrument);
      for (let level = 0; level < OWNERS; level++) {
        this.#settle(cells[level] as Cell, level, nodes, instrument);
      }
    }
  }

  /** Whether an order may be sent; what it may do is then held. `key` tells it from others in words of numbers. */
  decide(order: DecimalOrder, key: Parameters<RecentOrders["check"]>[0], id: number, nowNs: number): boolean {
    const value = this.#judge(order, key, id, nowNs);
    const { place, instrument, isBuy, lots } = order;
    if (value !== undefined) {
      this.#hold(place, instrument, isBuy, lots, value, 1);
      this.#ids.commit(order.seat, id);
      this.#recent.commit(key, nowNs);
      this.#minutes.push({ nodes: place.nodes, at: nowNs });
      for (const node of place.nodes) {
        (this.#sums[node] as Sums).minute += 1;
        this.#perSecond.force(node, nowNs);
      }
    }
    this.#write(order, key, id, nowNs, value === undefined ? 1 : 0);
    return value !== undefined;
  }

  /** What the order is worth; undefined where a rule is broken. */
  #judge(
    order: DecimalOrder,
    key: Parameters<RecentOrders["check"]>[0],
    id: number,
    nowNs: number,
  ): Decimal | undefined {
    const { instrument, isBuy, lots, price } = order;
    const most = this.#most;
    if (this.isKilled || this.isHalted[instrument] === true) return undefined;
    if (!lots.isInteger() || !lots.gt(ZERO) || !price.isFinite()) return undefined;
    const [bid, ask] = [this.#bids[instrument] as Decimal, this.#asks[instrument] as Decimal];
    if (nowNs - (this.#quoteNs[instrument] as number) > 5e9 || !bid.lt(ask)) return undefined;
    const reference = bid.plus(ask).div(2);
    const unit = !isBuy && reference.gt(price) ? reference : price;
    const value = unit.mul(lots);
    if (!lots.lte(most.lots) || !value.lte(most.value) || !lots.lte(most.volumeLots)) return undefined;
    const off = price.minus(reference).abs();
    if (!off.lte(reference.mul(most.collar))) {
      this.refusal = refuseFar(off.div(reference).mul(10_000), most.collar.mul(10_000));
      return undefined;
    }
    const through = isBuy ? price.minus(ask) : bid.minus(price);
    if (!through.lte(most.through)) return undefined;
    if (this.#ids.check(order.seat, id) !== "clear") return undefined;
    if (this.#recent.check(key, nowNs) !== "clear") return undefined;
    this.#leave(nowNs);
    return this.#isWithin(order, value, nowNs) ? value : undefined;
  }

  /** The limits that are measured at each of the seven levels. */
  #isWithin(order: DecimalOrder, value: Decimal, nowNs: number): boolean {
    const { place, isBuy } = order;
    const most = this.#most;
    let gross = ZERO;
    for (let level = 0; level < place.nodes.length; level++) {
      const node = place.nodes[level] as number;
      const cell = place.cells[level] as Cell;
      const sums = this.#sums[node] as Sums;
      if (!this.#perSecond.allows(node, nowNs) || sums.minute >= LIMITS.maxOrdersPerMinute) return false;
      const worst = this.#worst(cell, order);
      if (!worst.lte(isBuy ? most.long : most.short)) return false;
      // Class and symbol look at the firm's cell: its gross is that of the level before them.
      if (level <= OWNERS) {
        const more = isBuy ? cell.long.plus(value) : cell.short.minus(value);
        gross = isBuy ? larger(more, cell.short) : larger(cell.long, more);
      }
      const after = sums.gross.minus(cell.gross).plus(gross);
      const isMore = after.gt(sums.gross);
      if (isMore && !after.lte(most.gross)) return false;
      const net = isBuy ? sums.long.plus(value) : value.minus(sums.short);
      if (!net.lte(most.net)) return false;
      const isOpen = sums.openOrders < most.openOrders && sums.openValue.plus(value).lte(most.openValue);
      if (!isOpen && !this.#worst(place.cells[ACCOUNT] as Cell, order).lte(ZERO)) return false;
      const equity = this.#equity.plus(sums.profit);
      if (isMore && !gross.lte(equity.mul(most.concentration))) return false;
      if (isMore && !after.lte(equity.mul(most.margin))) return false;
      if (isMore && !after.lte(equity.mul(most.leverage))) return false;
      if (!sums.profit.gt(most.loss)) return false;
    }
    return true;
  }

  #worst(cell: Cell, { isBuy, lots }: DecimalOrder): Decimal {
    return isBuy ? cell.position.plus(cell.buys).plus(lots) : cell.sells.minus(cell.position).plus(lots);
  }

  #leave(nowNs: number): void {
    while (this.#oldest < this.#minutes.length) {
      const first = this.#minutes[this.#oldest] as { nodes: readonly number[]; at: number };
      if (nowNs - first.at < 60e9) return;
      for (const node of first.nodes) (this.#sums[node] as Sums).minute -= 1;
      this.#oldest += 1;
    }
  }

  /** Holds an order's worst case, or lets go of it with a sign of -1. */
  #hold(place: Place, instrument: number, isBuy: boolean, lots: Decimal, value: Decimal, sign: 1 | -1): void {
    const [moreLots, moreValue] = sign > 0 ? [lots, value] : [lots.neg(), value.neg()];
    for (let level = 0; level < place.nodes.length; level++) {
      const sums = this.#sums[place.nodes[level] as number] as Sums;
      sums.openOrders += sign;
      sums.openValue = sums.openValue.plus(moreValue);
      if (level >= OWNERS) continue;
      const cell = place.cells[level] as Cell;
      if (isBuy) {
        cell.buys = cell.buys.plus(moreLots);
        cell.buyValue = cell.buyValue.plus(moreValue);
      } else {
        cell.sells = cell.sells.plus(moreLots);
        cell.sellValue = cell.sellValue.plus(moreValue);
      }
      this.#settleRisk(cell, level, place.nodes, instrument);
    }
  }

  /** An order ended: so much of it was filled, nothing more can be. */
  close(order: DecimalOrder, value: Decimal, filled: number): void {
    const { place, instrument, isBuy, lots, price } = order;
    if (filled > 0) {
      const signed = new Decimal(isBuy ? filled : -filled);
      for (let level = 0; level < OWNERS; level++) {
        const cell = place.cells[level] as Cell;
        cell.position = cell.position.plus(signed);
        cell.cash = cell.cash.minus(signed.mul(price));
        this.#settle(cell, level, place.nodes, instrument);
      }
    }
    this.#hold(place, instrument, isBuy, lots, value, -1);
  }

  #settle(cell: Cell, level: number, nodes: readonly number[], instrument: number): void {
    this.#settleRisk(cell, level, nodes, instrument);
    const mark = (cell.position.isNegative() ? this.#asks : this.#bids)[instrument] as Decimal;
    const profit = cell.cash.plus(cell.position.mul(mark));
    const change = profit.minus(cell.profit);
    cell.profit = profit;
    for (const sums of this.#sumsOf(level, nodes)) sums.profit = sums.profit.plus(change);
  }

  #settleRisk(cell: Cell, level: number, nodes: readonly number[], instrument: number): void {
    const held = cell.position.mul(this.#asks[instrument] as Decimal);
    const long = held.plus(cell.buyValue);
    const short = held.minus(cell.sellValue);
    const gross = larger(long, short);
    for (const sums of this.#sumsOf(level, nodes)) {
      sums.gross = sums.gross.plus(gross.minus(cell.gross));
      sums.long = sums.long.plus(long.minus(cell.long));
      sums.short = sums.short.plus(short.minus(cell.short));
    }
    cell.gross = gross;
    cell.long = long;
    cell.short = short;
  }

  /** The firm's cells count for class and symbol too. */
  #sumsOf(level: number, nodes: readonly number[]): Sums[] {
    const own = this.#sums[nodes[level] as number] as Sums;
    if (level > 0) return [own];
    return [
      own,
      this.#sums[nodes[OWNERS] as number] as Sums,
      this.#sums[nodes[OWNERS + 1] as number] as Sums,
    ];
  }

  #write(
    order: DecimalOrder,
    key: Parameters<RecentOrders["check"]>[0],
    id: number,
    nowNs: number,
    code: number,
  ): void {
    const at = (this.#record++ & 1_023) * DECISION_STRIDE;
    const cells = this.#records;
    cells[at] = this.#record;
    cells[at + 1] = nowNs;
    cells[at + 3] = code;
    cells[at + 4] = id;
    cells[at + 5] = order.seat;
    cells[at + 6] = order.instrument;
    cells[at + 7] = key.side;
    cells[at + 8] = key.lots;
    cells[at + 9] = key.priceTicks;
  }
}

function refuseFar(measured: Decimal, bound: Decimal): object {
  const expected = `at most ${bound.toString()} bps (priceCollarBps of firm)`;
  const message = `RISK_PRICE_COLLAR priceCollarBps: found ${measured.toString()}, expected ${expected}`;
  const words = {
    ok: false,
    code: "RISK_PRICE_COLLAR",
    message,
    field: "priceCollarBps",
    value: measured,
    expected,
  };
  return { ...words, level: "firm", name: "", limit: "priceCollarBps", unit: "bps", measured, bound };
}

function larger(long: Decimal, short: Decimal): Decimal {
  const [a, b] = [long.abs(), short.abs()];
  return a.gte(b) ? a : b;
}

/** The gate on decimal.js over a flow; its orders are turned into decimals before the clock starts. */
export class DecimalSide implements Decider {
  readonly gate: DecimalGate;
  readonly approved = new Uint8Array(BLOCK);
  readonly #orders: DecimalOrder[];
  readonly #key = {
    seat: 0,
    instrument: 0,
    side: 1,
    lots: 0,
    priceTicks: 0,
    stopTicks: 0,
    type: 0,
    timeInForce: 0,
    slice: 0,
  };
  now = 1e9;
  #id = 0;

  constructor(flow: Flow, limits: BenchLimits = LIMITS) {
    this.gate = new DecimalGate(limits);
    this.#orders = Array.from({ length: flow.count }, (_, i) => ({
      place: this.gate.place(flow.seat[i] as number, flow.instrument[i] as number),
      seat: flow.seat[i] as number,
      instrument: flow.instrument[i] as number,
      isBuy: (flow.side[i] as number) > 0,
      lots: new Decimal(flow.lots[i] as number),
      price: new Decimal(flow.priceTicks[i] as number).div(100),
    }));
  }

  open(flow: Flow, block: number): void {
    for (let i = 0; i < INSTRUMENTS.length; i++) {
      const bid = flow.bids[block * INSTRUMENTS.length + i] as number;
      this.gate.quote(i, new Decimal(bid).div(100), new Decimal(bid + 2).div(100), this.now);
    }
  }

  decide(flow: Flow, block: number, first: number, last: number): number {
    const from = block * BLOCK;
    const key = this.#key;
    let approvals = 0;
    for (let at = first; at < last; at++) {
      const i = from + at;
      this.now += GAP_NS;
      this.#id += 1;
      key.seat = flow.seat[i] as number;
      key.instrument = flow.instrument[i] as number;
      key.side = flow.side[i] as number;
      key.lots = flow.lots[i] as number;
      key.priceTicks = flow.priceTicks[i] as number;
      key.slice = this.#id;
      const isApproved = this.gate.decide(this.#orders[i] as DecimalOrder, key, this.#id, this.now);
      this.approved[at] = isApproved ? 1 : 0;
      approvals += isApproved ? 1 : 0;
    }
    return approvals;
  }

  close(flow: Flow, block: number): void {
    const from = block * BLOCK;
    for (let at = 0; at < BLOCK; at++) {
      if (this.approved[at] !== 1) continue;
      const i = from + at;
      const order = this.#orders[i] as DecimalOrder;
      const bid = flow.bids[block * INSTRUMENTS.length + order.instrument] as number;
      const unit = order.isBuy ? order.price : Decimal.max(order.price, new Decimal(bid + 1).div(100));
      this.gate.close(order, unit.mul(order.lots), flow.filled[i] as number);
    }
  }
}
