import { addSafe, multiplySafe } from "../base/index.ts";
import { FeeModel } from "../ledger/index.ts";
import type { TortureInstrument } from "./torture-market.ts";
import { EXECUTION_STATE, TruthExecutions } from "./truth-executions.ts";
import { TruthLog } from "./truth-log.ts";
import { TRUTH_STATE, TruthOrders } from "./truth-orders.ts";
import type { VenueClock } from "./venue-clock.ts";

/** Counts of one venue; none of them falls. */
export interface VenueCounts {
  /** Messages taken in, also those refused. */
  messages: number;
  /** Refused for an epoch below the highest seen. */
  staleEpochs: number;
  /** New orders whose id had come before. */
  repeatedOrders: number;
  /** Cancels and replaces whose request number had come before. */
  repeatedRequests: number;
  /** Requests rejected, whatever the reason. */
  rejected: number;
  /** Reports handed out, and those that faults kept back for good. */
  reports: number;
  reportsLost: number;
}

/**
 * What really happened at a simulated venue: orders, executions, positions and cash, whatever was told of it.
 *
 * @units lots, ticks; cash in minor units of the quote currency, below 0: paid
 * @invariant Position and cash are the sums over live executions; `worstLeaves` is the sum of what open orders
 * may still fill.
 */
export class VenueTruth {
  readonly orders: TruthOrders;
  readonly executions: TruthExecutions = new TruthExecutions();
  readonly log: TruthLog = new TruthLog();
  readonly counts: VenueCounts = {
    messages: 0,
    staleEpochs: 0,
    repeatedOrders: 0,
    repeatedRequests: 0,
    rejected: 0,
    reports: 0,
    reportsLost: 0,
  };
  /** The highest epoch any message carried. */
  highestEpoch = 0;
  /** Numbers of events given out so far. */
  venueSeq = 0;
  openOrders = 0;
  /** Lots filled beyond their order's, over all executions that overfilled. */
  overfilledLots = 0;
  readonly instruments: readonly TortureInstrument[];
  readonly position: Float64Array;
  readonly #notionalTicks: Float64Array;
  readonly #feesMinor: bigint[];
  readonly #leaves: Float64Array;
  readonly #fees: readonly FeeModel[];
  readonly #nowNs: Float64Array;
  readonly #clock: VenueClock;

  constructor(instruments: readonly TortureInstrument[], nowNs: Float64Array, clock: VenueClock) {
    this.instruments = instruments;
    this.orders = new TruthOrders(instruments.length);
    this.position = new Float64Array(instruments.length);
    this.#notionalTicks = new Float64Array(instruments.length);
    this.#feesMinor = instruments.map(() => 0n);
    this.#leaves = new Float64Array(2 * instruments.length);
    this.#fees = instruments.map(({ instrument }) => new FeeModel({ instrument }));
    this.#nowNs = nowNs;
    this.#clock = clock;
  }

  /** The most that open orders of an instrument can still fill on a side (0 buys, 1 sells). @units lots */
  worstLeaves(local: number, side: number): number {
    return this.#leaves[2 * local + side] as number;
  }

  /** What all live executions of an instrument moved, fees included. @units minor units */
  cashMinor(local: number): bigint {
    const { quantumMinor } = (this.instruments[local] as TortureInstrument).instrument;
    const notional = BigInt(this.#notionalTicks[local] as number) * quantumMinor;
    return -notional - (this.#feesMinor[local] as bigint);
  }

  /** What one execution moved without its fee. @units minor units, below 0: paid */
  executionCash(exec: number): bigint {
    const { executions, orders } = this;
    const order = executions.order[exec] as number;
    const { quantumMinor } = (this.instruments[orders.local[order] as number] as TortureInstrument)
      .instrument;
    const size = multiplySafe(executions.priceTicks[exec] as number, executions.lots[exec] as number);
    return BigInt(-size * (orders.sideSign[order] as number)) * quantumMinor;
  }

  /** Puts an order into a state, by the true time and the venue's clock; whoever calls keeps the lists. */
  setState(row: number, state: number): void {
    const { orders } = this;
    const before = orders.leaves(row);
    const was = orders.isOpen(row);
    orders.state[row] = state;
    if (state !== TRUTH_STATE.open) orders.bringBack(row);
    this.#settleLeaves(row, before);
    if (was !== (state === TRUTH_STATE.open)) this.openOrders += was ? -1 : 1;
    orders.touch(row, this.#nowNs[0] as number, this.#clock.read());
  }

  /** Changes an open order's terms. */
  setTerms(row: number, priceTicks: number, lots: number): void {
    const { orders } = this;
    const before = orders.leaves(row);
    orders.priceTicks[row] = priceTicks;
    orders.lots[row] = lots;
    this.#settleLeaves(row, before);
    orders.touch(row, this.#nowNs[0] as number, this.#clock.read());
  }

  /**
   * Books an execution; an open order without leaves is filled then.
   *
   * @param refExecId - the execution that this one replaces, or 0.
   * @returns its row.
   */
  execute(
    order: number,
    priceTicks: number,
    lots: number,
    maker: boolean,
    reason: number,
    refExecId = 0,
  ): number {
    const { orders, executions } = this;
    const exec = executions.add(order, priceTicks, lots, refExecId);
    executions.maker[exec] = maker ? 1 : 0;
    executions.reason[exec] = reason;
    executions.exchNs[exec] = this.#clock.read();
    executions.venueSeq[exec] = ++this.venueSeq;
    const local = orders.local[order] as number;
    const sign = orders.sideSign[order] as number;
    const fees = this.#fees[local] as FeeModel;
    fees.advance(this.#nowNs[0] as number);
    executions.feeMinor[exec] = fees.feeMinor(priceTicks, lots, sign, maker, order);
    this.#book(exec, 1);
    if (orders.isOpen(order) && orders.leaves(order) === 0) this.setState(order, TRUTH_STATE.filled);
    orders.touch(order, this.#nowNs[0] as number, executions.exchNs[exec] as number);
    executions.leavesLots[exec] = orders.leaves(order);
    executions.cumLots[exec] = orders.cumLots[order] as number;
    return exec;
  }

  /** Undoes a live execution. @param state - of {@link EXECUTION_STATE}: busted, or corrected. */
  undo(exec: number, state: number = EXECUTION_STATE.busted): void {
    this.executions.state[exec] = state;
    this.venueSeq += 1;
    this.#book(exec, -1);
    const order = this.executions.order[exec] as number;
    this.orders.touch(order, this.#nowNs[0] as number, this.#clock.read());
  }

  #book(exec: number, sign: number): void {
    const { orders, executions } = this;
    const order = executions.order[exec] as number;
    const local = orders.local[order] as number;
    const lots = sign * (executions.lots[exec] as number);
    const signed = lots * (orders.sideSign[order] as number);
    const before = orders.leaves(order);
    orders.cumLots[order] = (orders.cumLots[order] as number) + lots;
    this.#settleLeaves(order, before);
    this.position[local] = addSafe(this.position[local] as number, signed);
    const notional = multiplySafe(executions.priceTicks[exec] as number, signed);
    this.#notionalTicks[local] = addSafe(this.#notionalTicks[local] as number, notional);
    const fee = executions.feeMinor[exec] as bigint;
    this.#feesMinor[local] = (this.#feesMinor[local] as bigint) + (sign > 0 ? fee : -fee);
  }

  #settleLeaves(row: number, before: number): void {
    const now = this.orders.leaves(row);
    if (now === before) return;
    const slot = 2 * (this.orders.local[row] as number) + this.orders.sideIndex(row);
    this.#leaves[slot] = (this.#leaves[slot] as number) + now - before;
  }
}
