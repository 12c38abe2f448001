import { type BookOrder, type BookOrderId, NO_ASK, NO_BID, orderStateHash } from "../../src/book/index.ts";

type Order = { id: BookOrderId; side: 1 | -1; tick: number; lots: number };

/** The slow, obvious book by order: one array in order of priority in time, every question a filter or a sort. */
export class SlowBookL3 {
  orders: Order[] = [];
  unknown = 0;
  duplicate = 0;
  exceeding = 0;
  outOfTurn = 0;

  add(id: BookOrderId, side: 1 | -1, tick: number, lots: number): number {
    if (this.find(id) !== undefined) {
      this.duplicate++;
      return 2;
    }
    this.orders.push({ id, side, tick, lots });
    return 0;
  }

  cancel(id: BookOrderId): number {
    const order = this.find(id);
    if (order === undefined) return this.refused();
    this.orders.splice(this.orders.indexOf(order), 1);
    return 0;
  }

  take(id: BookOrderId, lots: number, executed: boolean): number {
    const order = this.find(id);
    if (order === undefined) return this.refused();
    if (order.lots < lots) {
      this.exceeding++;
      return 3;
    }
    if (executed && this.queue(order.side)[0] !== order) this.outOfTurn++;
    order.lots -= lots;
    if (order.lots === 0) this.cancel(id);
    return 0;
  }

  modify(id: BookOrderId, tick: number, lots: number): number {
    const order = this.find(id);
    if (order === undefined) return this.refused();
    const keeps = tick === order.tick && lots <= order.lots;
    if (!keeps) {
      this.cancel(id);
      this.orders.push(order);
    }
    order.tick = tick;
    order.lots = lots;
    return 0;
  }

  /** A side in order of execution. */
  queue(side: 1 | -1): Order[] {
    const stable = this.orders.filter((order) => order.side === side);
    return stable.sort((a, b) => side * (b.tick - a.tick));
  }

  /** [tick, lots, orders] of each level, best first. */
  levels(side: 1 | -1): [number, number, number][] {
    const levels = new Map<number, [number, number, number]>();
    for (const { tick, lots } of this.queue(side)) {
      const level = levels.get(tick) ?? [tick, 0, 0];
      levels.set(tick, [tick, level[1] + lots, level[2] + 1]);
    }
    return [...levels.values()];
  }

  best(side: 1 | -1): number {
    return this.queue(side)[0]?.tick ?? (side > 0 ? NO_BID : NO_ASK);
  }

  aheadOf(id: BookOrderId): number {
    const order = this.find(id);
    if (order === undefined) return -1;
    const level = this.queue(order.side).filter((each) => each.tick === order.tick);
    return level.slice(0, level.indexOf(order)).reduce((sum, each) => sum + each.lots, 0);
  }

  find(id: BookOrderId): Order | undefined {
    return this.orders.find((order) => order.id === id);
  }

  stateHash(): string {
    const listed = [...this.queue(1), ...this.queue(-1)];
    return orderStateHash(
      listed.map(({ id, side, tick, lots }) => ({ id, side, priceTicks: tick, lots }) as BookOrder),
    );
  }

  private refused(): number {
    this.unknown++;
    return 1;
  }
}
