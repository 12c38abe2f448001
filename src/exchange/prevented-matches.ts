import type { ClientOrder } from "./client-order.ts";
import type { SelfTradeMode } from "./order-terms.ts";

/** A trade of an account with itself that did not happen. @units ticks, lots, epoch ms */
export interface PreventedMatch {
  readonly id: number;
  readonly taker: ClientOrder;
  readonly maker: ClientOrder;
  readonly mode: SelfTradeMode;
  readonly ticks: number;
  /** What it took off each of them; 0 of one that it left alone. */
  takerLots: number;
  makerLots: number;
  readonly timeMs: number;
}
