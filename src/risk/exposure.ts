import {
  CELL,
  CELL_STRIDE,
  NODE,
  NODE_STRIDE,
  PLACES,
  PLAN,
  PLAN_STRIDE,
  PLANNED,
  PLANS,
  placesOf,
  SOFT_LIMIT,
} from "./exposure-rows.ts";
import type { Hierarchy } from "./hierarchy.ts";
import { CLASS, OWNER_LEVELS, PATH_LENGTH, STRATEGY, SYMBOL } from "./levels.ts";
import type { Worth } from "./worth.ts";

const WHOLE_BPS = 10_000;
/** From a side's lots to its worst worth, and to that in tick-lots. */
const [LOTS_TO_WORTH, LOTS_TO_WORST] = [2, 3];

/**
 * Positions, everything that could still be bought or sold, and what that is worth, for every cell, with sums over
 * instruments for every node.
 *
 * @shape `rows`: the plan, then a row for every node, then one for every cell. `planned`, `nodes` and `cells` are views
 * of the three: nodes at `node * NODE_STRIDE`, cells at `(node * instruments + instrument) * CELL_STRIDE`. `places`: 16
 * integers a path, where in `rows` its five cells (0 to 4) and seven nodes (8 to 14) begin: the strategy's first, the
 * firm's, the class's and the symbol's last
 * @invariant Each node's sum is the sum of its cells' contributions, exactly.
 * @invariant Both sides are never netted: worst long is position + buys, worst short is sells - position.
 * @cost `commit`, `hold` and `execute` touch five cells and seven nodes; `mark` the cells of owners with a position.
 */
export class Exposure {
  readonly instruments: number;
  readonly rows: Float64Array;
  readonly places: Int32Array;
  readonly cells: Float64Array;
  readonly nodes: Float64Array;
  /** What a change would make of the five cells of a path: see {@link Exposure.plan}. */
  readonly planned: Float64Array;
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
    const cellsAt = PLANS + hierarchy.nodes * NODE_STRIDE;
    this.rows = new Float64Array(cellsAt + hierarchy.owners * instruments * CELL_STRIDE);
    this.planned = this.rows.subarray(0, PLANS);
    this.nodes = this.rows.subarray(PLANS, cellsAt);
    this.cells = this.rows.subarray(cellsAt);
    this.places = placesOf(hierarchy.paths, instruments, cellsAt);
    for (let node = 0; node < hierarchy.nodes; node++) {
      this.setNode(node, NODE.capital, Number.NaN);
      for (const figure of Object.values(SOFT_LIMIT)) this.setNode(node, figure, Number.POSITIVE_INFINITY);
    }
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
   * Works out what an order, or so much more of one, would make of the five cells of a path, into `planned`; nothing
   * else changes.
   */
  plan(
    path: number,
    i: number,
    isBuy: boolean,
    lots: number,
    tickLots: number,
    value: number,
    nowNs: number,
  ): void {
    const { rows, places } = this;
    const [own, other] = isBuy ? [CELL.buyLots, CELL.sellLots] : [CELL.sellLots, CELL.buyLots];
    rows[PLANNED.lots] = lots;
    rows[PLANNED.tickLots] = tickLots;
    rows[PLANNED.value] = value;
    rows[PLANNED.nowNs] = nowNs;
    for (let place = 0; place < OWNER_LEVELS; place++) {
      const cell = places[path * PLACES + place] as number;
      const worst = (rows[cell + own + LOTS_TO_WORST] as number) + tickLots;
      const worth = this.#worth.up(i, worst);
      const gross = Math.max(worth, rows[cell + other + LOTS_TO_WORTH] as number);
      const at = place * PLAN_STRIDE;
      rows[at + PLAN.gross] = gross;
      rows[at + PLAN.side] = worth;
      rows[at + PLAN.margin] = this.marginOf(i, gross);
    }
  }

  /** A figure that is planned for a level: for the firm's of a class and a symbol. */
  plannedAt(level: number, figure: number): number {
    const place = level < OWNER_LEVELS ? OWNER_LEVELS - 1 - level : OWNER_LEVELS - 1;
    return this.rows[place * PLAN_STRIDE + figure] as number;
  }

  /**
   * Puts one more order and its message on the seven nodes of a path, with what it holds: `PLANNED` of `rows` says how
   * much. Columns stand here as numbers, as in `QuickCheck`.
   */
  commit(path: number, i: number, isBuy: boolean): void {
    const { rows, places } = this;
    const above = this.#worth.numerator[i] as number;
    const below = this.#worth.denominator[i] as number;
    const bps = this.marginBps[i] as number;
    const lots = rows[24] as number;
    const tickLots = rows[25] as number;
    const value = rows[26] as number;
    const nowNs = rows[27] as number;
    const messages = rows[28] as number;
    const first = path << 4;
    const sum = isBuy ? 1 : 2;
    const own = isBuy ? 4 : 8;
    const other = 14 - own;
    let gross = 0;
    let side = 0;
    let margin = 0;
    for (let place = 0; place < 7; place++) {
      // What the firm's cell adds counts for the instrument's class and symbol too.
      if (place < 5) {
        const cell = places[first | place] as number;
        const worst = (rows[cell | own | 3] as number) + tickLots;
        let worth = worst * above;
        if (!(Math.abs(worth) <= 9_007_199_254_740_991)) worth = this.#worth.up(i, worst);
        else if (below !== 1) worth = Math.ceil(worth / below);
        const less = rows[cell | other] as number;
        // This way round a worth that is not known stays unknown.
        const most = less > worth ? less : worth;
        const held = bps === 10_000 ? most : Math.ceil((most * bps) / 10_000);
        gross = most - (rows[cell | 2] as number);
        side = worth - (rows[cell | own | 2] as number);
        margin = held - (rows[cell | 3] as number);
        rows[cell | 2] = most;
        rows[cell | 3] = held;
        rows[cell | own] = (rows[cell | own] as number) + lots;
        rows[cell | own | 1] = (rows[cell | own | 1] as number) + tickLots;
        rows[cell | own | 2] = worth;
        rows[cell | own | 3] = worst;
      }
      const node = places[first | 8 | place] as number;
      rows[node] = (rows[node] as number) + gross;
      rows[node | sum] = (rows[node | sum] as number) + side;
      rows[node | 3] = (rows[node | 3] as number) + margin;
      rows[node | 5] = (rows[node | 5] as number) + 1;
      rows[node | 6] = (rows[node | 6] as number) + value;
      rows[node | 9] = (rows[node | 9] as number) + messages;
      const due = rows[node | 12] as number;
      rows[node | 12] = (due > nowNs ? due : nowNs) + (rows[node | 14] as number);
    }
  }

  /**
   * Changes what open orders of a path hold on one side, by lots and tick-lots above or below 0. Where no lots are left
   * then, `left` tick-lots are: a parent's whose child is on its way.
   */
  hold(
    paths: Int32Array,
    from: number,
    i: number,
    side: number,
    lots: number,
    tickLots: number,
    left = 0,
  ): void {
    const { cells, instruments } = this;
    const own = side > 0 ? 4 : 8;
    for (let level = 0; level < 5; level++) {
      const node = paths[from + level] as number;
      const cell = (Math.imul(node, instruments) + i) << 4;
      const held = (cells[cell + own] as number) + lots;
      cells[cell + own] = held;
      // Without lots nothing is held: what sums past 2^53 lost to rounding goes with the last order.
      cells[cell + own + 1] = held === 0 ? left : (cells[cell + own + 1] as number) + tickLots;
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
      cells[cell + 1] = (cells[cell + 1] as number) - paid;
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

  /** Columns stand here as numbers, as in `QuickCheck`. */
  #settleRisk(node: number, cell: number, i: number): void {
    const { cells } = this;
    const lots = cells[cell] as number;
    const held = lots === 0 ? 0 : lots * (this.markTicks[i] as number);
    const longTickLots = held + (cells[cell + 5] as number);
    const shortTickLots = (cells[cell + 9] as number) - held;
    const long = this.#worth.up(i, longTickLots);
    const short = this.#worth.up(i, shortTickLots);
    const gross = Math.max(long, short);
    cells[cell + 7] = longTickLots;
    cells[cell + 11] = shortTickLots;
    this.#put(node, i, 0, cell + 2, gross);
    this.#put(node, i, 1, cell + 6, long);
    this.#put(node, i, 2, cell + 10, short);
    this.#put(node, i, 3, cell + 3, this.marginOf(i, gross));
  }

  #settleProfit(node: number, cell: number, i: number): void {
    const lots = this.cells[cell] as number;
    const mark = (lots > 0 ? this.longMarkTicks : this.shortMarkTicks)[i] as number;
    const worth = lots === 0 ? 0 : lots * mark;
    const profit = this.#worth.down(i, (this.cells[cell + 1] as number) + worth);
    this.#put(node, i, 4, cell + 12, profit);
  }

  /** Sets a contribution and the sums it is part of: the firm's counts for the instrument's class and symbol too. */
  #put(node: number, i: number, figure: number, at: number, value: number): void {
    const { nodes, cells } = this;
    const change = value - (cells[at] as number);
    if (change === 0) return;
    cells[at] = value;
    const own = (node << 5) + figure;
    nodes[own] = (nodes[own] as number) + change;
    if (node !== 0) return;
    const byClass = ((this.#classOf[i] as number) << 5) + figure;
    const bySymbol = ((this.#symbolOf[i] as number) << 5) + figure;
    nodes[byClass] = (nodes[byClass] as number) + change;
    nodes[bySymbol] = (nodes[bySymbol] as number) + change;
  }
}
