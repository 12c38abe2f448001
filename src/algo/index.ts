export { AlgoDesk, type AlgoDeskOptions, type ParentAnswer, type SavedAlgoDesk } from "./algo-desk.ts";
export type { AlgoBook, AlgoPort, AlgoTrade, ChildEvent, ChildTicket, ToldParent } from "./algo-port.ts";
export {
  type AlmgrenChrissOptions,
  type AlmgrenChrissSchedule,
  almgrenChriss,
  efficientFrontier,
  type FrontierPoint,
  riskAversionOf,
  type ScheduleCost,
  scheduleCost,
} from "./almgren-chriss.ts";
export { apportion } from "./apportion.ts";
export type { Rung } from "./child-price.ts";
export type { SavedWork } from "./child-work.ts";
export type { SavedChildren } from "./children.ts";
export { volumeCurve } from "./curves.ts";
export {
  PairQuoter,
  type PairReference,
  type SavedPairQuoter,
} from "./pair-quoter.ts";
export type { SavedPairReserve } from "./pair-reserve.ts";
export type { PairQuoterOptions } from "./pair-terms.ts";
export type { ParentChange } from "./parent-change.ts";
export { ParentOrder, type ParentStatus, type SavedParent } from "./parent-order.ts";
export type {
  AuctionShares,
  BaseTerms,
  ImpactModel,
  ProgramTerms,
  SlicedTerms,
  Terms,
  VwapTerms,
} from "./parent-terms.ts";
export { ALGO_REFUSALS, type AlgoRefusalCode } from "./refusals.ts";
export {
  type VolumeDay,
  type VolumeProfile,
  type VolumeProfileOptions,
  volumeProfile,
} from "./volume-profile.ts";
