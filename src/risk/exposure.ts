import type { Hierarchy } from "./hierarchy.ts";
import { CLASS, FIRM_NODE, OWNER_LEVELS, PATH_LENGTH, SYMBOL } from "./levels.ts";
import type { Worth } from "./worth.ts";

const WHOLE_BPS = 10_000;

/**
 * Positions, everything that could still be bought or sold, and what that is worth, for every node that owns
 * positions and instrument (a cell), with sums over instruments for every node.
 *
 * @units lots; tick-lots (lots times ticks); money in whole minor units of the gate's currency
 * @shape cells at `node * instruments + instrument`
 * @invariant Each node's sum is the sum of its cells' contributions, exactly.
 * @invariant Both sides are never netted: worst long is position + buys, worst short is position - sells.
 * @cost `hold` and `execute` touch five cells and seven sums; `mark` the cells of owners with a position.
 */
export class Exposure {
  readonly instruments: number;
  /** Lots held, lots that could still be bought and sold. */
  readonly positionLots: Float64Array;
  readonly buyLots: Float64Array;
  readonly sellLots: Float64Array;
  /** What open orders would pay or get at their worst prices. */
  readonly buyTickLots: Float64Array;
  readonly sellTickLots: Float64Array;
  /** What executions brought in, minus what they paid. */
  readonly cashTickLots: Float64Array;
  /** Contributions of each cell: worst gross, worst long (rounded up), worst short (rounded down), profit. */
  readonly cellGross: Float64Array;
  readonly cellLong: Float64Array;
  readonly cellShort: Float64Array;
  readonly cellProfit: Float64Array;
  readonly cellMargin: Float64Array;
  /** Sums of each node. */
  readonly gross: Float64Array;
  readonly long: Float64Array;
  readonly short: Float64Array;
  readonly margin: Float64Array;
  /** What each node made or lost since its day began, charges taken off. */
  readonly today: Float64Array;
  readonly openOrders: Float64Array;
  readonly openValue: Float64Array;
  /** Prices positions are valued at: the higher one for exposure, the far touch of each side for profit. */
  readonly markTicks: Float64Array;
  readonly longMarkTicks: Float64Array;
  readonly shortMarkTicks: Float64Array;
  readonly marginBps: Float64Array;
  /** What a change would make of the five cells of a path: see {@link Exposure.plan}. */
  readonly planGross: Float64Array = new Float64Array(OWNER_LEVELS);
  /** Worst long of a buy, worst short of a sell. */
  readonly planSide: Float64Array = new Float64Array(OWNER_LEVELS);
  readonly planMargin: Float64Array = new Float64Array(OWNER_LEVELS);
  readonly #worth: Worth;
  readonly #owners: number;
  readonly #classOf: Int32Array;
  readonly #symbolOf: Int32Array;

  constructor(hierarchy: Hierarchy, instruments: number, worth: Worth) {
    this.instruments = instruments;
    this.#worth = worth;
    this.#owners = hierarchy.owners;
    const cells = (): Float64Array => new Float64Array(hierarchy.owners * instruments);
    const nodes = (): Float64Array => new Float64Array(hierarchy.nodes);
    const prices = (): Float64Array => new Float64Array(instruments).fill(Number.NaN);
    this.positionLots = cells();
    this.buyLots = cells();
    this.sellLots = cells();
    this.buyTickLots = cells();
    this.sellTickLots = cells();
    this.cashTickLots = cells();
    this.cellGross = cells();
    this.cellLong = cells();
    this.cellShort = cells();
    this.cellProfit = cells();
    this.cellMargin = cells();
    this.gross = nodes();
    this.long = nodes();
    this.short = nodes();
    this.margin = nodes();
    this.today = nodes();
    this.openOrders = nodes();
    this.openValue = nodes();
    this.markTicks = prices();
    this.longMarkTicks = prices();
    this.shortMarkTicks = prices();
    this.marginBps = new Float64Array(instruments).fill(WHOLE_BPS);
    this.#classOf = hierarchy.paths.filter((_, at) => at % PATH_LENGTH === CLASS).slice(0, instruments);
    this.#symbolOf = hierarchy.paths.filter((_, at) => at % PATH_LENGTH === SYMBOL).slice(0, instruments);
  }
  /**
   * Works out what holding `lots` and `tickLots` more on one side would make of the five cells of a path, into the
   * columns `plan…`; nothing else changes.
   */
  plan(paths: Int32Array, from: number, i: number, side: number, tickLots: number): void {
    const { buyTickLots, sellTickLots, planGross, planSide, planMargin, instruments } = this;
    const worth = this.#worth;
    for (let level = 0; level < OWNER_LEVELS; level++) {
      const cell = (paths[from + level] as number) * instruments + i;
      const held = this.#heldTickLots(cell, i);
      const buys = held + (buyTickLots[cell] as number);
      const sells = held - (sellTickLots[cell] as number);
      const long = side > 0 ? buys + tickLots : buys;
      const short = side > 0 ? sells : sells - tickLots;
      const gross = worth.up(i, Math.max(Math.abs(long), Math.abs(short)));
      planGross[level] = gross;
      planSide[level] = side > 0 ? worth.up(i, long) : worth.down(i, short);
      planMargin[level] = this.#marginOf(i, gross);
    }
  }

  /**
   * Puts the last {@link Exposure.plan} in force: one more order on the seven nodes of the path, with what it holds.
   */
  commit(
    paths: Int32Array,
    from: number,
    i: number,
    side: number,
    lots: number,
    tickLots: number,
    value: number,
  ): void {
    const { cellGross, cellMargin, planGross, planSide, planMargin } = this;
    const { gross, margin, openOrders, openValue, instruments } = this;
    const sums = side > 0 ? this.long : this.short;
    const cells = side > 0 ? this.cellLong : this.cellShort;
    for (let level = 0; level < PATH_LENGTH; level++) {
      const node = paths[from + level] as number;
      const owner = level < OWNER_LEVELS ? level : 0;
      const cell = (level < OWNER_LEVELS ? node : FIRM_NODE) * instruments + i;
      openOrders[node] = (openOrders[node] as number) + 1;
      openValue[node] = (openValue[node] as number) + value;
      gross[node] = (gross[node] as number) + (planGross[owner] as number) - (cellGross[cell] as number);
      sums[node] = (sums[node] as number) + (planSide[owner] as number) - (cells[cell] as number);
      margin[node] = (margin[node] as number) + (planMargin[owner] as number) - (cellMargin[cell] as number);
    }
    const heldLots = side > 0 ? this.buyLots : this.sellLots;
    const heldTickLots = side > 0 ? this.buyTickLots : this.sellTickLots;
    for (let level = 0; level < OWNER_LEVELS; level++) {
      const cell = (paths[from + level] as number) * instruments + i;
      heldLots[cell] = (heldLots[cell] as number) + lots;
      heldTickLots[cell] = (heldTickLots[cell] as number) + tickLots;
      cellGross[cell] = planGross[level] as number;
      cells[cell] = planSide[level] as number;
      cellMargin[cell] = planMargin[level] as number;
    }
  }

  /** Changes what open orders of a path hold on one side, by lots and tick-lots above or below 0. */
  hold(paths: Int32Array, from: number, i: number, side: number, lots: number, tickLots: number): void {
    const heldLots = side > 0 ? this.buyLots : this.sellLots;
    const heldTickLots = side > 0 ? this.buyTickLots : this.sellTickLots;
    for (let level = 0; level < OWNER_LEVELS; level++) {
      const node = paths[from + level] as number;
      const cell = node * this.instruments + i;
      heldLots[cell] = (heldLots[cell] as number) + lots;
      heldTickLots[cell] = (heldTickLots[cell] as number) + tickLots;
      this.#settleRisk(node, cell, i);
    }
  }

  /** Books an execution in the five cells of a path; a bust is one with lots below 0. */
  execute(paths: Int32Array, from: number, i: number, side: number, lots: number, ticks: number): void {
    if (Number.isNaN(this.markTicks[i] as number)) this.#setMarks(i, ticks, ticks, ticks);
    for (let level = 0; level < OWNER_LEVELS; level++) {
      const node = paths[from + level] as number;
      const cell = node * this.instruments + i;
      this.positionLots[cell] = (this.positionLots[cell] as number) + side * lots;
      this.cashTickLots[cell] = (this.cashTickLots[cell] as number) - side * lots * ticks;
      this.#settleRisk(node, cell, i);
      this.#settleProfit(node, cell, i);
    }
  }

  /** Counts an order in or out of the seven nodes of a path, with the money it holds. */
  count(paths: Int32Array, from: number, orders: number, value: number): void {
    for (let level = 0; level <= SYMBOL; level++) {
      const node = paths[from + level] as number;
      this.openOrders[node] = (this.openOrders[node] as number) + orders;
      this.openValue[node] = (this.openValue[node] as number) + value;
    }
  }

  /** Values positions in an instrument at a bid and an ask (equal where only a last price is known). */
  mark(i: number, bidTicks: number, askTicks: number): void {
    const value = Math.max(Math.abs(bidTicks), Math.abs(askTicks));
    if (
      this.markTicks[i] === value &&
      this.longMarkTicks[i] === bidTicks &&
      this.shortMarkTicks[i] === askTicks
    ) {
      return;
    }
    this.#setMarks(i, value, bidTicks, askTicks);
    for (let node = 0; node < this.#owners; node++) {
      const cell = node * this.instruments + i;
      if (this.positionLots[cell] === 0) continue;
      this.#settleRisk(node, cell, i);
      this.#settleProfit(node, cell, i);
    }
  }

  /** Scales positions in an instrument: `numerator` new lots stand for `denominator` old ones, rests towards 0. */
  split(i: number, numerator: number, denominator: number): void {
    const scaled = (ticks: number): number => Math.round((ticks * denominator) / numerator);
    this.#setMarks(
      i,
      scaled(this.markTicks[i] as number),
      scaled(this.longMarkTicks[i] as number),
      scaled(this.shortMarkTicks[i] as number),
    );
    for (let node = 0; node < this.#owners; node++) {
      const cell = node * this.instruments + i;
      this.positionLots[cell] = Math.trunc(((this.positionLots[cell] as number) * numerator) / denominator);
    }
    this.resettle(i);
  }

  /** Works out every contribution of an instrument anew: after its rate or its margin changed. */
  resettle(i: number): void {
    for (let node = 0; node < this.#owners; node++) {
      const cell = node * this.instruments + i;
      this.#settleRisk(node, cell, i);
      this.#settleProfit(node, cell, i);
    }
  }

  #setMarks(i: number, value: number, long: number, short: number): void {
    this.markTicks[i] = Math.abs(value);
    this.longMarkTicks[i] = long;
    this.shortMarkTicks[i] = short;
  }

  #heldTickLots(cell: number, i: number): number {
    const lots = this.positionLots[cell] as number;
    return lots === 0 ? 0 : lots * (this.markTicks[i] as number);
  }

  #marginOf(i: number, gross: number): number {
    const bps = this.marginBps[i] as number;
    return bps === WHOLE_BPS ? gross : Math.ceil((gross * bps) / WHOLE_BPS);
  }

  #settleRisk(node: number, cell: number, i: number): void {
    const held = this.#heldTickLots(cell, i);
    const longTickLots = held + (this.buyTickLots[cell] as number);
    const shortTickLots = held - (this.sellTickLots[cell] as number);
    const gross = this.#worth.up(i, Math.max(Math.abs(longTickLots), Math.abs(shortTickLots)));
    const long = this.#worth.up(i, longTickLots);
    const short = this.#worth.down(i, shortTickLots);
    const margin = this.#marginOf(i, gross);
    this.#add(node, i, this.gross, gross - (this.cellGross[cell] as number));
    this.#add(node, i, this.long, long - (this.cellLong[cell] as number));
    this.#add(node, i, this.short, short - (this.cellShort[cell] as number));
    this.#add(node, i, this.margin, margin - (this.cellMargin[cell] as number));
    this.cellGross[cell] = gross;
    this.cellLong[cell] = long;
    this.cellShort[cell] = short;
    this.cellMargin[cell] = margin;
  }

  #settleProfit(node: number, cell: number, i: number): void {
    const lots = this.positionLots[cell] as number;
    const mark = (lots > 0 ? this.longMarkTicks : this.shortMarkTicks)[i] as number;
    const worth = lots === 0 ? 0 : lots * mark;
    const profit = this.#worth.down(i, (this.cashTickLots[cell] as number) + worth);
    this.#add(node, i, this.today, profit - (this.cellProfit[cell] as number));
    this.cellProfit[cell] = profit;
  }

  /** The firm's cell counts for the instrument's class and symbol too. */
  #add(node: number, i: number, sums: Float64Array, change: number): void {
    sums[node] = (sums[node] as number) + change;
    if (node !== FIRM_NODE) return;
    const byClass = this.#classOf[i] as number;
    const bySymbol = this.#symbolOf[i] as number;
    sums[byClass] = (sums[byClass] as number) + change;
    sums[bySymbol] = (sums[bySymbol] as number) + change;
  }
}
