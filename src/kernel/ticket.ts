import type { Instrument, Lots, Side, Ticks } from "../model/index.ts";
import { OPEN_BY_CODE, ORDER_STATUSES, type OrderStatus, type OrderStore } from "../order/index.ts";
import type { OrderTicket } from "../strategy/index.ts";

/**
 * The receipt of one order: reads the store while the order is held there, and its own last copy after.
 *
 * @invariant A ticket never tells of another order, though its row is used again.
 */
export class Ticket implements OrderTicket {
  readonly ok = true;
  readonly id: number;
  readonly row: number;
  readonly instrument: Instrument;
  readonly side: Side;
  readonly tag: string;
  /** The strategy it was given to. */
  readonly strategy: number;
  readonly #store: OrderStore;
  #finished: Finished | undefined = undefined;

  constructor(store: OrderStore, row: number, instrument: Instrument, side: Side, tag: string) {
    this.#store = store;
    this.row = row;
    this.id = store.id[row] as number;
    this.strategy = store.strategy[row] as number;
    this.instrument = instrument;
    this.side = side;
    this.tag = tag;
  }

  get clientOrderId(): string {
    return `tw-${this.id}`;
  }

  get status(): OrderStatus {
    return ORDER_STATUSES[this.#finished?.status ?? (this.#store.status[this.row] as number)] as OrderStatus;
  }

  get priceTicks(): Ticks {
    return (this.#finished?.priceTicks ?? this.#store.priceTicks[this.row]) as Ticks;
  }

  get lots(): Lots {
    return (this.#finished?.lots ?? this.#store.lots[this.row]) as Lots;
  }

  get cumLots(): Lots {
    return (this.#finished?.cumLots ?? this.#store.cumLots[this.row]) as Lots;
  }

  get leavesLots(): Lots {
    return (this.#finished === undefined ? this.#store.leavesLots(this.row) : 0) as Lots;
  }

  get averageTicks(): number {
    return this.#finished?.averageTicks ?? this.#store.averageTicks(this.row);
  }

  get isOpen(): boolean {
    return this.#finished === undefined && OPEN_BY_CODE[this.#store.base[this.row] as number] === 1;
  }

  get isPending(): boolean {
    return this.#finished === undefined && (this.#store.pendingCount[this.row] as number) > 0;
  }

  /** Whether this is an order of that store. */
  isOf(store: OrderStore): boolean {
    return this.#store === store;
  }

  /** Whether the store still holds this order. */
  get isHeld(): boolean {
    return this.#finished === undefined;
  }

  /** Copies what is worth keeping; the row may be used again after. */
  finish(): void {
    const { row } = this;
    const store = this.#store;
    this.#finished = {
      status: store.status[row] as number,
      priceTicks: store.priceTicks[row] as number,
      lots: store.lots[row] as number,
      cumLots: store.cumLots[row] as number,
      averageTicks: store.averageTicks(row),
    };
  }
}

interface Finished {
  readonly status: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly cumLots: number;
  readonly averageTicks: number;
}
