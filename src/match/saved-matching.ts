import type { PrngState } from "../base/index.ts";
import type { MatchPhase } from "./match-auction.ts";
import type { MatchOrderId } from "./match-order.ts";

/** A queue's orders by id, front of the best price first, and the lots each stands there with. */
export interface SavedQueue {
  readonly bids: readonly (readonly [id: MatchOrderId, lots: number])[];
  readonly asks: readonly (readonly [id: MatchOrderId, lots: number])[];
}

/** The state of a {@link MatchingBook}, JSON-safe. */
export interface SavedMatchingBook {
  readonly version: number;
  readonly nowNs: number;
  readonly sequence: number;
  readonly phase: MatchPhase;
  readonly lastTicks: number | null;
  readonly auctionTicks: number | null;
  readonly told: readonly (number | null)[];
  readonly bands: readonly [lowest: number, highest: number];
  /** The best shown bid and ask that pegs have looked at last. */
  readonly followed: readonly [bid: number, ask: number];
  readonly draws: PrngState;
  readonly positions: readonly (readonly [owner: number, lots: number])[];
  readonly lastList: number;
  readonly lists: readonly {
    readonly list: number;
    readonly parent: MatchOrderId | null;
    readonly others: readonly MatchOrderId[];
    readonly reduces: boolean;
  }[];
  readonly orders: readonly { readonly id: MatchOrderId; readonly terms: readonly number[] }[];
  readonly shown: SavedQueue;
  readonly hidden: SavedQueue;
  readonly kept: SavedQueue;
  /** By source: orders that want a fall as bids, a rise as asks. */
  readonly waiting: readonly SavedQueue[];
  readonly trailing: readonly (readonly MatchOrderId[])[];
  readonly pegged: readonly MatchOrderId[];
  readonly ready: readonly MatchOrderId[];
}

/** The columns of an order that are saved, in their order. Never reordered: what was saved is read by it. */
export const SAVED_COLUMNS = [
  ...([
    "place",
    "side",
    "flags",
    "timeInForce",
    "selfMatch",
    "owner",
    "tick",
    "limit",
    "lots",
    "leaves",
  ] as const),
  ...(["type", "trigger", "peg", "offset", "stop", "trail", "step", "guard", "display", "jitter"] as const),
  ...(["minLots", "expireNs", "list", "seq"] as const),
] as const;
