export { type AuctionLevel, type AuctionResult, auctionPrice } from "./auction-price.ts";
export { MATCH_PHASE, type MatchPhase } from "./match-auction.ts";
export {
  MATCH_EVENT,
  MATCH_REASON,
  MATCH_REASONS,
  type MatchEvent,
  MatchEvents,
  type MatchReason,
} from "./match-events.ts";
export type {
  MatchOrder,
  MatchOrderId,
  MatchOrderList,
  MatchOrderType,
  MatchReplace,
  MatchTimeInForce,
  MatchTrigger,
  PegTo,
  SelfMatch,
} from "./match-order.ts";
export { MatchingBook } from "./matching-book.ts";
export {
  type EngineEvent,
  MatchingEngine,
  type MatchingEngineOptions,
  type SavedMatchingEngine,
} from "./matching-engine.ts";
export type { Allocation, MatchingOptions } from "./matching-options.ts";
export type { MatchOrderView } from "./order-view.ts";
export { MATCH_REFUSALS, type MatchRefusalCode } from "./refusals.ts";
export type { SavedMatchingBook, SavedQueue } from "./saved-matching.ts";
