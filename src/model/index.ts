export type {
  AlgoKind,
  AlgoSpec,
  AuctionTerms,
  CatchUp,
  IcebergSpec,
  ImpactTerms,
  ParentTerms,
  PovSpec,
  ReplanTerms,
  Residual,
  ShortfallSpec,
  SliceTerms,
  SweepSpec,
  TwapSpec,
  VwapSpec,
} from "./algo-spec.ts";
export { type Currency, currency, toCurrency } from "./currency.ts";
export {
  checkFeeSchedule,
  type FeeCharge,
  type FeeLimits,
  type FeeRevision,
  type FeeSchedule,
  type FeeTerms,
  type FeeTier,
  flatFees,
  NO_FEES,
} from "./fees.ts";
export { type Grid, Instrument, type InstrumentOptions, MAX_TICKS } from "./instrument.ts";
export {
  addMoney,
  checkMoney,
  formatMoney,
  type Money,
  money,
  moneyToNumber,
  parseMoney,
  scaleMoney,
  subtractMoney,
} from "./money.ts";
export {
  civilFromDays,
  daysFromCivil,
  type EpochNanos,
  formatNanos,
  NANOS_PER_DAY,
  NANOS_PER_HOUR,
  NANOS_PER_MICRO,
  NANOS_PER_MILLI,
  NANOS_PER_MINUTE,
  NANOS_PER_SECOND,
  parseNanos,
} from "./nanos.ts";
export type {
  OrderRequest,
  OrderType,
  ReplaceRequest,
  ReserveRequest,
  TimeInForce,
} from "./order-request.ts";
export { MODEL_REFUSALS, type ModelRefusalCode } from "./refusals.ts";
export {
  MESSAGE_FIELD,
  MESSAGE_STRIDE,
  ORDER_FLAG,
  ORDER_TYPE,
  REASON,
  REASONS,
  REPORT,
  type Reason,
  TIME_IN_FORCE,
} from "./report.ts";
export {
  BAR_ROW,
  BarBlock,
  type BarColumns,
  BLOCK_ROWS,
  DepthBlock,
  type DepthColumns,
  KIND_MASK,
  LAST,
  ROW,
  SNAPSHOT,
  type TapeCounts,
  type TapeMeta,
  type TapeSchema,
} from "./rows.ts";
export { opposite, type Side, type SideSign, sideOf, sideSign } from "./side.ts";
export {
  addLots,
  addTicks,
  asBookLots,
  asLots,
  asTicks,
  type BookLots,
  type Lots,
  type Ticks,
} from "./units.ts";
export {
  DATA_VALIDITIES,
  type DataValidity,
  reasonOf,
  VALIDATION_CODE,
  VALIDATION_REASONS,
  VALIDITY,
  type ValidationReason,
} from "./validity.ts";
export type {
  CashRow,
  FillRow,
  Minor,
  PositionRow,
  ReconState,
  VenueFill,
  VenueOrder,
  VenueSnapshot,
} from "./venue-view.ts";
