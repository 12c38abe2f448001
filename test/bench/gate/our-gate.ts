import { outboundOrder } from "../../../src/port/index.ts";
import { ApprovedOrder, type GateOrder, gateOrder, RiskGate } from "../../../src/risk/index.ts";
import { MARKET_STATUS } from "../../../src/risk/market-status.ts";
import {
  type BenchLimits,
  BLOCK,
  CAPITAL,
  CLASSES,
  type Flow,
  GAP_NS,
  gateLimits,
  INSTRUMENTS,
  LIMITS,
  nodes,
  SEATS,
  VOLUME,
} from "./flow.ts";

/** Decides the orders of a flow, block by block; what a block leaves open is settled after it. */
export interface Decider {
  /** Brings prices and the clock to a block of the flow. */
  open(flow: Flow, block: number): void;
  /**
   * Decides orders of the block from `first` up to `last`, which is left out, and hands their records on. Returns how
   * many were approved.
   */
  decide(flow: Flow, block: number, first: number, last: number): number;
  /** Fills and cancels what the block left open. */
  close(flow: Flow, block: number): void;
  /** Whether each order of the last block was approved. */
  readonly approved: Uint8Array;
}

const byKey = <Value>(values: readonly Value[]) =>
  Object.fromEntries(INSTRUMENTS.map(({ key }, i) => [key, values[i] as Value]));
const open = { allows: () => true };
/** Orders that may come within the window of repetitions, half a second: twice what the flow sends. */
const WITHIN_WINDOW = 1_024;

/** The gate with all ten checks, limits at all seven levels, trading hours, status, ids, repetitions and rates. */
export function ourGate(limits: BenchLimits): RiskGate {
  const gate = new RiskGate({
    ...{ currency: "USD", instruments: INSTRUMENTS, seats: SEATS, limits: gateLimits(limits) },
    capital: nodes().map((node) => ({ ...node, amount: `${CAPITAL}` })),
    hours: byKey(INSTRUMENTS.map(() => open)),
    status: { staleNs: 1e15 },
    classes: byKey(CLASSES),
    dailyVolumeLots: byKey(INSTRUMENTS.map(() => VOLUME)),
    duplicates: { capacity: WITHIN_WINDOW },
    records: 2 * BLOCK,
    capacity: 4 * BLOCK,
  });
  for (const i of INSTRUMENTS.keys()) gate.parts.status?.set(i, MARKET_STATUS.trading, 0);
  return gate;
}

/** Takes records as bytes, one or two blocks of them at a time. */
export interface AuditTrail {
  update(bytes: Uint8Array): unknown;
}

/** Copies records into memory that another thread or a file would read. */
class CopyTrail implements AuditTrail {
  readonly #memory = new Uint8Array(1 << 20);

  update(bytes: Uint8Array): void {
    this.#memory.set(bytes);
  }
}

/** What is done with an approval beside getting it. */
export type Take = "check" | "take";

/** Our gate over a flow. Every block ends with its records handed on, as an audit trail takes them. */
export class OurSide implements Decider {
  readonly gate: RiskGate;
  readonly approved = new Uint8Array(BLOCK);
  readonly order: GateOrder = { ...gateOrder(), displayLots: 0, slice: 0 };
  now = 1e9;
  readonly #slots = new Int32Array(BLOCK);
  /** The block's orders side by side: six figures each, as a strategy that just decided has them at hand. */
  readonly #block = new Int32Array(BLOCK * 8);
  readonly #into = outboundOrder();
  readonly #take: Take;
  readonly #trail: AuditTrail;
  #id = 0;

  constructor(take: Take, limits: BenchLimits = LIMITS, trail: AuditTrail = new CopyTrail()) {
    this.gate = ourGate(limits);
    this.#take = take;
    this.#trail = trail;
  }

  open(flow: Flow, block: number): void {
    for (let i = 0; i < INSTRUMENTS.length; i++) {
      const bid = flow.bids[block * INSTRUMENTS.length + i] as number;
      this.gate.quote(i, bid, bid + 2, this.now);
    }
    for (let at = 0; at < BLOCK; at++) {
      const i = block * BLOCK + at;
      const { seat, instrument, side, lots, priceTicks, displayLots } = flow;
      for (const [k, column] of [seat, instrument, side, lots, priceTicks, displayLots].entries())
        this.#block[at * 8 + k] = column[i] as number;
    }
  }

  /** Writes an order of the block into the one that is handed to the gate. */
  read(at: number): void {
    const order = this.order;
    const block = this.#block;
    const from = at << 3;
    this.now += GAP_NS;
    this.#id += 1;
    order.id = this.#id;
    order.slice = this.#id;
    order.seat = block[from] as number;
    order.instrument = block[from + 1] as number;
    order.side = block[from + 2] as number;
    order.lots = block[from + 3] as number;
    order.priceTicks = block[from + 4] as number;
    order.displayLots = block[from + 5] as number;
  }

  /** Remembers what became of an order of the block. */
  note(at: number, decision: unknown): number {
    const isApproved = decision instanceof ApprovedOrder;
    this.approved[at] = isApproved ? 1 : 0;
    this.#slots[at] = isApproved ? this.gate.lastSlot : -1;
    return isApproved ? 1 : 0;
  }

  decide(_: Flow, __: number, first: number, last: number): number {
    const { gate, order } = this;
    let approvals = 0;
    for (let at = first; at < last; at++) {
      this.read(at);
      const decision = gate.check(order, this.now);
      approvals += this.note(at, decision);
      if (this.#take === "take" && decision instanceof ApprovedOrder) gate.take(decision, this.#into);
    }
    this.handOff();
    return approvals;
  }

  /** Hands the records that wait to the audit trail. */
  handOff(): void {
    this.gate.sealInto(this.#trail as never);
  }

  close(flow: Flow, block: number): void {
    const { settlement } = this.gate;
    const from = block * BLOCK;
    for (let at = 0; at < BLOCK; at++) {
      const slot = this.#slots[at] as number;
      if (slot < 0) continue;
      const lots = flow.filled[from + at] as number;
      if (lots > 0) settlement.filled(slot, lots, flow.priceTicks[from + at] as number, this.now);
      settlement.forget(slot);
    }
  }
}
