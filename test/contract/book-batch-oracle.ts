import { COMMAND_OUTCOME, LOTS_MAX, ORDER_COMMAND, TICK_MAX, TICK_MIN } from "../../src/book/index.ts";
import { SlowBookL3 } from "../property/book-l3-oracle.ts";

/** One row of a batch. */
export interface Row {
  readonly code: number;
  readonly id: number;
  readonly tick: number;
  readonly lots: number;
}

type SlowOrder = SlowBookL3["orders"][number];

const PAGE = 4096;
const { bySlot } = ORDER_COMMAND;

/** The slow book with bounds and slots: what a row of a batch must answer, written from the contract alone. */
export class SlowBatchBook extends SlowBookL3 {
  private readonly slots = new Map<SlowOrder, number>();
  private free: number[] = [];
  private used = 1;
  private readonly ordersMax: number;
  private readonly pagesMax: number;

  constructor(bounds: { readonly ordersMax: number; readonly pagesMax: number }) {
    super();
    this.ordersMax = bounds.ordersMax;
    this.pagesMax = bounds.pagesMax;
  }

  /** Outcome, slot, best bid, best ask: what stands in the results. */
  run(row: Row): number[] {
    const [outcome, slot] = this.apply(row);
    return [outcome, slot, this.best(1), this.best(-1)];
  }

  private apply({ code, id, tick, lots }: Row): [outcome: number, slot: number] {
    const isBySlot = code > bySlot - 2;
    switch (isBySlot ? code - bySlot : code) {
      case ORDER_COMMAND.addBid:
        return this.put(isBySlot ? undefined : id, 1, tick, lots);
      case ORDER_COMMAND.addAsk:
        return this.put(isBySlot ? undefined : id, -1, tick, lots);
      case ORDER_COMMAND.addElse:
        return this.put(isBySlot ? undefined : id, 0, tick, lots);
      case ORDER_COMMAND.cancel:
      case ORDER_COMMAND.reduce:
      case ORDER_COMMAND.modify:
      case ORDER_COMMAND.execute: {
        const order = isBySlot ? this.inSlot(id) : this.orders.find((each) => each.id === id);
        const slot = order === undefined ? 0 : (this.slots.get(order) as number);
        return [this.change(isBySlot ? code - bySlot : code, order, tick, lots), slot];
      }
      case ORDER_COMMAND.tradeHidden:
        if (isBySlot) return [COMMAND_OUTCOME.wrongCommand, 0];
        if (!isTick(tick)) return [COMMAND_OUTCOME.wrongTick, 0];
        return [isLots(lots) ? COMMAND_OUTCOME.done : COMMAND_OUTCOME.wrongLots, 0];
      case ORDER_COMMAND.clear:
        if (isBySlot) return [COMMAND_OUTCOME.wrongCommand, 0];
        this.orders = [];
        this.slots.clear();
        this.free = [];
        this.used = 1;
        return [COMMAND_OUTCOME.done, 0];
      default:
        return [COMMAND_OUTCOME.wrongCommand, 0];
    }
  }

  private put(id: number | undefined, side: 1 | -1 | 0, tick: number, lots: number): [number, number] {
    if (Number.isNaN(id)) return [COMMAND_OUTCOME.wrongId, 0];
    const known = id === undefined ? undefined : this.orders.find((each) => each.id === id);
    if (known !== undefined) {
      this.duplicate++;
      return [COMMAND_OUTCOME.duplicateOrder, this.slots.get(known) as number];
    }
    if (side === 0) return [COMMAND_OUTCOME.wrongSide, 0];
    if (!isTick(tick)) return [COMMAND_OUTCOME.wrongTick, 0];
    if (!isLots(lots)) return [COMMAND_OUTCOME.wrongLots, 0];
    const refused = this.hold(side, tick, lots);
    if (refused !== 0) return [refused, 0];
    if (this.orders.length === this.ordersMax) return [COMMAND_OUTCOME.ordersFull, 0];
    const slot = this.free.pop() ?? this.used++;
    const order = { id: id as number, side, tick, lots };
    this.orders.push(order);
    this.slots.set(order, slot);
    return [COMMAND_OUTCOME.done, slot];
  }

  private change(code: number, order: SlowOrder | undefined, tick: number, lots: number): number {
    if (code === ORDER_COMMAND.modify && !isTick(tick)) return COMMAND_OUTCOME.wrongTick;
    if (code !== ORDER_COMMAND.cancel && !isLots(lots)) return COMMAND_OUTCOME.wrongLots;
    if (order === undefined) {
      this.unknown++;
      return COMMAND_OUTCOME.unknownOrder;
    }
    if (code === ORDER_COMMAND.cancel) return this.leave(order);
    if (code === ORDER_COMMAND.modify) {
      const isMoved = tick !== order.tick;
      if (isMoved || lots > order.lots) {
        const refused = this.hold(order.side, tick, isMoved ? lots : lots - order.lots);
        if (refused !== 0) return refused;
        this.orders.splice(this.orders.indexOf(order), 1);
        this.orders.push(order);
      }
      order.tick = tick;
      order.lots = lots;
      return COMMAND_OUTCOME.done;
    }
    if (lots > order.lots) {
      this.exceeding++;
      return COMMAND_OUTCOME.exceedsOrder;
    }
    if (code === ORDER_COMMAND.execute && this.queue(order.side)[0] !== order) this.outOfTurn++;
    order.lots -= lots;
    return order.lots === 0 ? this.leave(order) : COMMAND_OUTCOME.done;
  }

  private leave(order: SlowOrder): number {
    this.orders.splice(this.orders.indexOf(order), 1);
    this.free.push(this.slots.get(order) as number);
    this.slots.delete(order);
    return COMMAND_OUTCOME.done;
  }

  private hold(side: 1 | -1, tick: number, more: number): number {
    if (tick < TICK_MIN || tick > TICK_MAX) return COMMAND_OUTCOME.tickOutOfRange;
    const own = this.orders.filter((each) => each.side === side);
    const pages = new Set(own.map((each) => Math.floor(each.tick / PAGE)));
    if (!pages.has(Math.floor(tick / PAGE)) && pages.size === this.pagesMax) return COMMAND_OUTCOME.pagesFull;
    const lots = own.filter((each) => each.tick === tick).reduce((sum, each) => sum + each.lots, 0);
    return lots + more > LOTS_MAX ? COMMAND_OUTCOME.levelFull : COMMAND_OUTCOME.done;
  }

  private inSlot(slot: number): SlowOrder | undefined {
    return this.orders.find((each) => this.slots.get(each) === slot);
  }
}

function isTick(tick: number): boolean {
  return Number.isInteger(tick) && tick >= -(2 ** 31) && tick < 2 ** 31;
}

function isLots(lots: number): boolean {
  return Number.isSafeInteger(lots) && lots >= 1;
}
