import type { Hierarchy } from "./hierarchy.ts";
import { CLASS, OWNER_LEVELS, PATH_LENGTH, STRATEGY, SYMBOL } from "./levels.ts";
import type { Worth } from "./worth.ts";

const WHOLE_BPS = 10_000;

/**
 * Where the figures of a cell (a node that owns positions, and an instrument) stand in its row.
 *
 * @units lots; tick-lots (lots times ticks); money in whole minor units of the gate's currency
 */
export const CELL = {
  positionLots: 0,
  /** What could still be bought and sold, and what that would pay or get at the worst prices. */
  buyLots: 1,
  sellLots: 2,
  buyTickLots: 3,
  sellTickLots: 4,
  /** What executions brought in, minus what they paid. */
  cashTickLots: 5,
  /** What the cell adds to its node: worst gross, long (rounded up) and short (rounded down), margin, profit. */
  gross: 6,
  long: 7,
  short: 8,
  margin: 9,
  profit: 10,
} as const;

/** Doubles in a cell's row. */
export const CELL_STRIDE = 16;

/** Where the figures of a node stand in its row: sums over its cells, and what belongs to it alone. */
export const NODE = {
  gross: 0,
  long: 1,
  short: 2,
  margin: 3,
  /** What it made or lost since its day began, charges taken off. */
  today: 4,
  openOrders: 5,
  openValue: 6,
  /** Its equity when the day began; NaN where that is not known. */
  capital: 7,
  /** 1 where the daily loss was reached: until the next day. */
  isLossLatched: 8,
  /** Messages within the last minute. */
  sent: 9,
  /** 1 where a limit is measured against equity. */
  hasShares: 10,
  /** What it made or lost before its day began. */
  before: 11,
} as const;

/** Doubles in a node's row. */
export const NODE_STRIDE = 16;

/** Where the planned figures of one level stand: worst gross, the worst of the order's side, margin. */
export const PLAN = { gross: 0, side: 1, margin: 2 } as const;

/** Doubles in a level's plan. */
export const PLAN_STRIDE = 4;

/**
 * Positions, everything that could still be bought or sold, and what that is worth, for every cell, with sums over
 * instruments for every node.
 *
 * @shape `cells` at `(node * instruments + instrument) * CELL_STRIDE`, `nodes` at `node * NODE_STRIDE`
 * @invariant Each node's sum is the sum of its cells' contributions, exactly.
 * @invariant Both sides are never netted: worst long is position + buys, worst short is position - sells.
 * @cost `commit`, `hold` and `execute` touch five cells and seven nodes; `mark` the cells of owners with a position.
 */
export class Exposure {
  readonly instruments: number;
  readonly cells: Float64Array;
  readonly nodes: Float64Array;
  /** What a change would make of the five cells of a path: see {@link Exposure.plan}. */
  readonly planned: Float64Array = new Float64Array(OWNER_LEVELS * PLAN_STRIDE);
  /** Prices positions are valued at: the higher one for exposure, the far touch of each side for profit. */
  readonly markTicks: Float64Array;
  readonly longMarkTicks: Float64Array;
  readonly shortMarkTicks: Float64Array;
  readonly marginBps: Float64Array;
  readonly #worth: Worth;
  readonly #owners: number;
  /** The five nodes of each seat. */
  readonly #strategies: readonly (readonly number[])[];
  readonly #classOf: Int32Array;
  readonly #symbolOf: Int32Array;

  constructor(hierarchy: Hierarchy, instruments: number, worth: Worth) {
    this.instruments = instruments;
    this.#worth = worth;
    this.#owners = hierarchy.owners;
    this.cells = new Float64Array(hierarchy.owners * instruments * CELL_STRIDE);
    this.nodes = new Float64Array(hierarchy.nodes * NODE_STRIDE);
    for (let node = 0; node < hierarchy.nodes; node++)
      this.nodes[node * NODE_STRIDE + NODE.capital] = Number.NaN;
    const prices = (): Float64Array => new Float64Array(instruments).fill(Number.NaN);
    this.markTicks = prices();
    this.longMarkTicks = prices();
    this.shortMarkTicks = prices();
    this.marginBps = new Float64Array(instruments).fill(WHOLE_BPS);
    this.#strategies = hierarchy.seats.map((_, seat) => {
      const from = seat * instruments * PATH_LENGTH;
      return [...hierarchy.paths.subarray(from, from + OWNER_LEVELS)];
    });
    this.#classOf = hierarchy.paths.filter((_, at) => at % PATH_LENGTH === CLASS).slice(0, instruments);
    this.#symbolOf = hierarchy.paths.filter((_, at) => at % PATH_LENGTH === SYMBOL).slice(0, instruments);
  }

  /** A figure of a cell, by its node and instrument. */
  cell(node: number, i: number, figure: number): number {
    return this.cells[(node * this.instruments + i) * CELL_STRIDE + figure] as number;
  }

  /** A figure of a node. */
  node(node: number, figure: number): number {
    return this.nodes[node * NODE_STRIDE + figure] as number;
  }

  /** Sets a figure of a node. */
  setNode(node: number, figure: number, value: number): void {
    this.nodes[node * NODE_STRIDE + figure] = value;
  }

  /**
   * Works out what holding `tickLots` more on one side would make of the five cells of a path, into `planned`; nothing
   * else changes.
   */
  plan(paths: Int32Array, from: number, i: number, side: number, tickLots: number): void {
    const { cells, planned, instruments } = this;
    const worth = this.#worth;
    for (let level = 0; level < OWNER_LEVELS; level++) {
      const cell = ((paths[from + level] as number) * instruments + i) * CELL_STRIDE;
      const held = this.#heldTickLots(cell, i);
      const buys = held + (cells[cell + CELL.buyTickLots] as number);
      const sells = held - (cells[cell + CELL.sellTickLots] as number);
      const long = side > 0 ? buys + tickLots : buys;
      const short = side > 0 ? sells : sells - tickLots;
      const gross = worth.up(i, Math.max(Math.abs(long), Math.abs(short)));
      const at = level * PLAN_STRIDE;
      planned[at + PLAN.gross] = gross;
      planned[at + PLAN.side] = side > 0 ? worth.up(i, long) : worth.down(i, short);
      planned[at + PLAN.margin] = this.marginOf(i, gross);
    }
  }

  /**
   * Puts the last {@link Exposure.plan} in force: one more order on the seven nodes of the path, with what it holds.
   * Columns stand here as numbers, as in `QuickCheck`.
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
    const { cells, nodes, planned, instruments } = this;
    const sideSum = side > 0 ? 1 : 2;
    const sideCell = side > 0 ? 7 : 8;
    for (let level = 0; level < 7; level++) {
      const at = level < 5 ? level << 2 : 0;
      const path = paths[from + level] as number;
      const node = path << 4;
      const cell = (Math.imul(level < 5 ? path : 0, instruments) + i) << 4;
      nodes[node] = (nodes[node] as number) + (planned[at] as number) - (cells[cell + 6] as number);
      nodes[node + sideSum] =
        (nodes[node + sideSum] as number) + (planned[at + 1] as number) - (cells[cell + sideCell] as number);
      nodes[node + 3] =
        (nodes[node + 3] as number) + (planned[at + 2] as number) - (cells[cell + 9] as number);
      nodes[node + 5] = (nodes[node + 5] as number) + 1;
      nodes[node + 6] = (nodes[node + 6] as number) + value;
    }
    const heldLots = side > 0 ? 1 : 2;
    for (let level = 0; level < 5; level++) {
      const cell = (Math.imul(paths[from + level] as number, instruments) + i) << 4;
      const at = level << 2;
      cells[cell + heldLots] = (cells[cell + heldLots] as number) + lots;
      cells[cell + heldLots + 2] = (cells[cell + heldLots + 2] as number) + tickLots;
      cells[cell + 6] = planned[at] as number;
      cells[cell + sideCell] = planned[at + 1] as number;
      cells[cell + 9] = planned[at + 2] as number;
    }
  }

  /** Changes what open orders of a path hold on one side, by lots and tick-lots above or below 0. */
  hold(paths: Int32Array, from: number, i: number, side: number, lots: number, tickLots: number): void {
    const { cells, instruments } = this;
    const heldLots = side > 0 ? 1 : 2;
    for (let level = 0; level < 5; level++) {
      const node = paths[from + level] as number;
      const cell = (Math.imul(node, instruments) + i) << 4;
      cells[cell + heldLots] = (cells[cell + heldLots] as number) + lots;
      // Without lots nothing is held: what sums past 2^53 lost to rounding goes with the last order.
      cells[cell + heldLots + 2] =
        cells[cell + heldLots] === 0 ? 0 : (cells[cell + heldLots + 2] as number) + tickLots;
      this.#settleRisk(node, cell, i);
    }
  }

  /** Books an execution in the five cells of a path; a bust is one with lots below 0. */
  execute(paths: Int32Array, from: number, i: number, side: number, lots: number, ticks: number): void {
    const { cells, instruments } = this;
    if (Number.isNaN(this.markTicks[i] as number)) this.#setMarks(i, ticks, ticks, ticks);
    const bought = side * lots;
    const paid = bought * ticks;
    for (let level = 0; level < 5; level++) {
      const node = paths[from + level] as number;
      const cell = (Math.imul(node, instruments) + i) << 4;
      cells[cell] = (cells[cell] as number) + bought;
      cells[cell + 5] = (cells[cell + 5] as number) - paid;
      this.#settleRisk(node, cell, i);
      this.#settleProfit(node, cell, i);
    }
  }

  /** Counts an order in or out of the seven nodes of a path, with the money it holds. */
  count(paths: Int32Array, from: number, orders: number, value: number): void {
    const { nodes } = this;
    for (let level = 0; level < PATH_LENGTH; level++) {
      const node = (paths[from + level] as number) * NODE_STRIDE;
      nodes[node + NODE.openOrders] = (nodes[node + NODE.openOrders] as number) + orders;
      nodes[node + NODE.openValue] = (nodes[node + NODE.openValue] as number) + value;
    }
  }

  /**
   * Values positions in an instrument at a bid and an ask (equal where only a last price is known). Says whether any
   * position was worth something else before.
   */
  mark(i: number, bidTicks: number, askTicks: number): boolean {
    const value = Math.max(Math.abs(bidTicks), Math.abs(askTicks));
    const { markTicks, longMarkTicks, shortMarkTicks } = this;
    if (markTicks[i] === value && longMarkTicks[i] === bidTicks && shortMarkTicks[i] === askTicks)
      return false;
    this.#setMarks(i, value, bidTicks, askTicks);
    let isMoved = false;
    for (let node = 0; node < this.#owners; node++) {
      const cell = (node * this.instruments + i) * CELL_STRIDE;
      if (this.cells[cell + CELL.positionLots] === 0) continue;
      this.#settleRisk(node, cell, i);
      this.#settleProfit(node, cell, i);
      isMoved = true;
    }
    return isMoved;
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
    const { cells, instruments } = this;
    const seats = this.#strategies.map((path) => {
      const own = this.cell(path[STRATEGY] as number, i, CELL.positionLots);
      return { path, lots: Math.trunc((own * numerator) / denominator) };
    });
    for (let node = 0; node < this.#owners; node++) cells[(node * instruments + i) * CELL_STRIDE] = 0;
    for (const { path, lots } of seats) {
      for (const node of path) {
        const at = (node * instruments + i) * CELL_STRIDE;
        cells[at] = (cells[at] as number) + lots;
      }
    }
    this.resettle(i);
  }

  /** Works out every contribution of an instrument anew: after its rate or its margin changed. */
  resettle(i: number): void {
    for (let node = 0; node < this.#owners; node++) {
      const cell = (node * this.instruments + i) * CELL_STRIDE;
      this.#settleRisk(node, cell, i);
      this.#settleProfit(node, cell, i);
    }
  }

  /** Initial margin of a worst-case worth. */
  marginOf(i: number, gross: number): number {
    const bps = this.marginBps[i] as number;
    return bps === WHOLE_BPS ? gross : Math.ceil((gross * bps) / WHOLE_BPS);
  }

  #setMarks(i: number, value: number, long: number, short: number): void {
    this.markTicks[i] = Math.abs(value);
    this.longMarkTicks[i] = long;
    this.shortMarkTicks[i] = short;
  }

  #heldTickLots(cell: number, i: number): number {
    const lots = this.cells[cell] as number;
    return lots === 0 ? 0 : lots * (this.markTicks[i] as number);
  }

  /** Columns stand here as numbers, as in `QuickCheck`. */
  #settleRisk(node: number, cell: number, i: number): void {
    const { cells } = this;
    const held = this.#heldTickLots(cell, i);
    const longTickLots = held + (cells[cell + 3] as number);
    const shortTickLots = held - (cells[cell + 4] as number);
    const gross = this.#worth.up(i, Math.max(Math.abs(longTickLots), Math.abs(shortTickLots)));
    this.#put(node, i, 0, cell + 6, gross);
    this.#put(node, i, 1, cell + 7, this.#worth.up(i, longTickLots));
    this.#put(node, i, 2, cell + 8, this.#worth.down(i, shortTickLots));
    this.#put(node, i, 3, cell + 9, this.marginOf(i, gross));
  }

  #settleProfit(node: number, cell: number, i: number): void {
    const lots = this.cells[cell] as number;
    const mark = (lots > 0 ? this.longMarkTicks : this.shortMarkTicks)[i] as number;
    const worth = lots === 0 ? 0 : lots * mark;
    const profit = this.#worth.down(i, (this.cells[cell + 5] as number) + worth);
    this.#put(node, i, 4, cell + 10, profit);
  }

  /** Sets a contribution and the sums it is part of: the firm's counts for the instrument's class and symbol too. */
  #put(node: number, i: number, figure: number, at: number, value: number): void {
    const { nodes, cells } = this;
    const change = value - (cells[at] as number);
    if (change === 0) return;
    cells[at] = value;
    const own = (node << 4) + figure;
    nodes[own] = (nodes[own] as number) + change;
    if (node !== 0) return;
    const byClass = ((this.#classOf[i] as number) << 4) + figure;
    const bySymbol = ((this.#symbolOf[i] as number) << 4) + figure;
    nodes[byClass] = (nodes[byClass] as number) + change;
    nodes[bySymbol] = (nodes[bySymbol] as number) + change;
  }
}
