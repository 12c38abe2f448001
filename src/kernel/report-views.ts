import { Fault } from "../base/index.ts";
import type { Ledger } from "../ledger/index.ts";
import type { Instrument, Lots, Side, Ticks } from "../model/index.ts";
import type {
  FillCopy,
  FillReason,
  FillView,
  OrderEventKind,
  OrderTicket,
  OrderView,
  PositionView,
} from "../strategy/index.ts";

/** The change of an order that a callback is being told of. */
export class OrderFlyweight implements OrderView {
  kind: OrderEventKind = "accepted";
  reason = "";
  readonly #nowNs: Float64Array;
  #ticket: OrderTicket | undefined = undefined;

  constructor(nowNs: Float64Array) {
    this.#nowNs = nowNs;
  }

  get ticket(): OrderTicket {
    return present(this.#ticket);
  }
  set ticket(value: OrderTicket) {
    this.#ticket = value;
  }
  get instrument(): Instrument {
    return this.ticket.instrument;
  }
  get ns(): number {
    return this.#nowNs[0] as number;
  }
}

/** The fill that a callback is being told of. */
export class FillFlyweight implements FillView {
  priceTicks: Ticks = 0 as Ticks;
  lots: Lots = 0 as Lots;
  maker = false;
  reason: FillReason = "reported";
  feeMinor = 0n;
  feeCurrency = "";
  readonly #cells: Float64Array = new Float64Array(1);
  readonly #nowNs: Float64Array;
  #ticket: OrderTicket | undefined = undefined;

  constructor(nowNs: Float64Array) {
    this.#nowNs = nowNs;
  }

  get ticket(): OrderTicket {
    return present(this.#ticket);
  }
  set ticket(value: OrderTicket) {
    this.#ticket = value;
  }
  get instrument(): Instrument {
    return this.ticket.instrument;
  }
  get side(): Side {
    return this.ticket.side;
  }
  get ns(): number {
    return this.#nowNs[0] as number;
  }
  get exchNs(): number {
    return this.#cells[0] as number;
  }
  set exchNs(value: number) {
    this.#cells[0] = value;
  }
  copy(): FillCopy {
    const { instrument, side, priceTicks, lots, maker, reason, ns, exchNs, feeMinor, feeCurrency } = this;
    return {
      instrument,
      side,
      priceTicks,
      lots,
      maker,
      reason,
      ns,
      exchNs,
      feeMinor,
      feeCurrency,
      orderId: this.ticket.id,
    };
  }
}

/** One instrument's position, read from the ledger and valued at what it is worth now, whoever looked before. */
export class PositionFlyweight implements PositionView {
  readonly instrument: Instrument;
  /** Tells what a lot is worth now, in ticks; NaN where only the ledger knows. */
  market: { worthTicks(): number } | undefined = undefined;
  readonly #ledger: Ledger;
  readonly #index: number;

  constructor(instrument: Instrument, ledger: Ledger, index: number) {
    this.instrument = instrument;
    this.#ledger = ledger;
    this.#index = index;
  }

  get lots(): Lots {
    return this.#ledger.positionLots[this.#index] as Lots;
  }
  get deliverableLots(): Lots {
    return this.#ledger.deliverableLots(this.#index) as Lots;
  }
  get averageTicks(): number {
    return this.#ledger.averageTicks(this.#index);
  }
  get realizedMinor(): bigint {
    return this.#ledger.realizedMinor(this.#index);
  }
  get unrealizedMinor(): bigint {
    const ledger = this.#ledger;
    const kept = ledger.markTicks[this.#index] as number;
    const now = this.markTicks;
    try {
      if (!Number.isNaN(now)) ledger.mark(this.#index, now);
      return ledger.unrealizedMinor(this.#index);
    } finally {
      ledger.markTicks[this.#index] = kept;
    }
  }
  get markTicks(): number {
    const now = this.market?.worthTicks() ?? Number.NaN;
    return Number.isNaN(now) ? (this.#ledger.markTicks[this.#index] as number) : now;
  }
}

function present(ticket: OrderTicket | undefined): OrderTicket {
  if (ticket !== undefined) return ticket;
  throw new Fault("FAULT_VIEW_EXPIRED", { path: "view.ticket", expected: "a view used inside its callback" });
}
