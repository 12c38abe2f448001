import { type Refusal, refuse } from "../base/index.ts";
import type { OrderRequest, ReserveRequest } from "../model/index.ts";
import type { ReserveTicket } from "../strategy/index.ts";
import { badInstrument, stopped } from "./desk-refusal.ts";
import { EFFECT } from "./effect-log.ts";
import { isPrice } from "./order-check.ts";
import type { KernelRefusalCode } from "./refusals.ts";
import type { Slot } from "./slot.ts";
import type { Station } from "./station.ts";
import type { TradingKernel } from "./trading-kernel.ts";

const OK = Object.freeze({ ok: true as const });
const FIELDS = ["instrument", "side", "lots", "priceTicks"];
const CHANGES = ["lots", "priceTicks"];

/** What a strategy wants to hold for a parent from now on; without limit unless `priceTicks` is given. */
export type ReserveChange = Pick<ReserveRequest, "lots" | "priceTicks">;

/**
 * Where strategies hold room in the gate's limits for parent orders.
 *
 * @invariant A strategy's parents are its own: another's number is as unknown as none. What is refused changes nothing
 * but the record of refusals.
 */
export class ReserveDesk {
  readonly #kernel: TradingKernel;

  constructor(kernel: TradingKernel) {
    this.#kernel = kernel;
  }

  /** Holds a parent. @refuses `ORDER_MALFORMED` to `ORDER_PRICE`, then as the gate's `reserves.open` */
  open(slot: Slot, request: ReserveRequest): ReserveTicket | Refusal {
    const kernel = this.#kernel;
    kernel.checkWhole();
    const wrong = slot.fault === undefined ? checkShape(request, FIELDS) : stopped(slot);
    if (wrong !== undefined) return this.#refused(slot, wrong);
    // Read once, and before anything of ours is under way: a getter of the strategy's may throw.
    const { side, lots, priceTicks } = request;
    const station = kernel.findStation(request.instrument);
    if (station === undefined) {
      return this.#refused(slot, badInstrument(request as OrderRequest, kernel.instruments));
    }
    const bad =
      side === "buy" || side === "sell"
        ? checkTerms(lots, priceTicks)
        : refuse("ORDER_SIDE", "side", side, "buy or sell");
    if (bad !== undefined) return this.#refused(slot, bad);
    try {
      return this.#open(slot, station, side === "buy" ? 1 : -1, lots, priceTicks);
    } catch (error) {
      throw kernel.broke(error);
    }
  }

  /** Holds another quantity. @refuses `ORDER_MALFORMED` to `ORDER_PRICE`, then as the gate's `reserves.change` */
  change(slot: Slot, id: number, change: ReserveChange): { readonly ok: true } | Refusal {
    const kernel = this.#kernel;
    kernel.checkWhole();
    const wrong = slot.fault === undefined ? checkShape(change, CHANGES) : stopped(slot);
    if (wrong !== undefined) return this.#refused(slot, wrong);
    const { lots, priceTicks } = change;
    const refusal = checkTerms(lots, priceTicks);
    if (refusal !== undefined) return this.#refused(slot, refusal);
    try {
      const now = kernel.nowNs[0] as number;
      const no = kernel.risk.changeParent(slot.index, id, lots, priceTicks, now);
      if (no !== undefined) return this.#refused(slot, no);
      kernel.effects.put(EFFECT.reserveChanged, now, id, 0, 0, priceTicks ?? 0, lots, slot.index);
      return OK;
    } catch (error) {
      throw kernel.broke(error);
    }
  }

  /** Lets a parent go: its open children stay held by their own orders. */
  release(slot: Slot, id: number): { readonly ok: true } | Refusal {
    const kernel = this.#kernel;
    kernel.checkWhole();
    if (slot.fault !== undefined) return this.#refused(slot, stopped(slot));
    try {
      const now = kernel.nowNs[0] as number;
      const no = kernel.risk.releaseParent(slot.index, id, now);
      if (no !== undefined) return this.#refused(slot, no);
      this.#released(slot, id);
      return OK;
    } catch (error) {
      throw kernel.broke(error);
    }
  }

  /** Lets every parent of a strategy go that was stopped. */
  releaseAll(slot: Slot): void {
    for (const id of this.#kernel.gate.reserves.releaseAll(slot.index)) this.#released(slot, id);
  }

  #open(
    slot: Slot,
    station: Station,
    side: number,
    lots: number,
    priceTicks: number | undefined,
  ): ReserveTicket | Refusal {
    const kernel = this.#kernel;
    const now = kernel.nowNs[0] as number;
    const id = kernel.risk.holdParent(slot.index, station.index, side, lots, priceTicks, now);
    if (typeof id !== "number") return this.#refused(slot, id);
    kernel.effects.put(EFFECT.reserved, now, id, station.index, side, priceTicks ?? 0, lots, slot.index);
    return { ok: true, id };
  }

  #released(slot: Slot, id: number): void {
    const { effects, nowNs } = this.#kernel;
    effects.put(EFFECT.released, nowNs[0] as number, id, 0, 0, 0, 0, slot.index);
  }

  #refused(slot: Slot, refusal: Refusal): Refusal {
    return this.#kernel.desk.refused(slot, refusal);
  }
}

function checkShape(value: object, fields: readonly string[]): Refusal<KernelRefusalCode> | undefined {
  const expected = `an object of ${fields.join(", ")}`;
  if (typeof value !== "object" || value === null) {
    return refuse("ORDER_MALFORMED", "request", value, expected);
  }
  const unknown = Object.keys(value).find((key) => !fields.includes(key));
  if (unknown === undefined) return undefined;
  return refuse("ORDER_MALFORMED", unknown, Reflect.get(value, unknown), expected);
}

function checkTerms(lots: unknown, priceTicks: unknown): Refusal<KernelRefusalCode> | undefined {
  if (!(Number.isSafeInteger(lots) && (lots as number) >= 1)) {
    return refuse("ORDER_QUANTITY", "lots", lots, "a whole number of lots of at least 1");
  }
  if (priceTicks === undefined || isPrice(priceTicks)) return undefined;
  return refuse("ORDER_PRICE", "priceTicks", priceTicks, "a whole number of ticks, or none");
}
