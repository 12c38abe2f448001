export { AlgoDesk, PairQuoter } from "./algo/index.ts";
export { Fault, type FaultCode, isRefusal, Prng, type Refusal } from "./base/index.ts";
export { OrderBook, OrderBookL3 } from "./book/index.ts";
export { PhaseCursor, TradingCalendar, tradingCalendar } from "./calendar/index.ts";
export { BarTapeBuilder, checkCapture, DepthTapeBuilder, importCapture, MemoryTape } from "./feed/index.ts";
export { openTape, writeTape } from "./host/index.ts";
export { TradingKernel } from "./kernel/index.ts";
export { Ledger } from "./ledger/index.ts";
export { MatchingBook, MatchingEngine } from "./match/index.ts";
export {
  addTicks,
  type Currency,
  currency,
  type FeeSchedule,
  flatFees,
  formatMoney,
  formatNanos,
  Instrument,
  type InstrumentOptions,
  type Lots,
  type Money,
  money,
  NO_FEES,
  type OrderRequest,
  parseMoney,
  parseNanos,
  type ReplaceRequest,
  type Side,
  type Ticks,
  type TimeInForce,
} from "./model/index.ts";
export { OrderStateMachine, OrderStore } from "./order/index.ts";
export type { TapeSource, VenueDoor } from "./port/index.ts";
export { renderSummary, renderTearSheet } from "./report/index.ts";
export { RingBuffer } from "./ring/index.ts";
export {
  ApprovedOrder,
  CircuitBreaker,
  DeadMan,
  KillAuthority,
  KillLatch,
  KillScopes,
  KillSwitch,
  NO_LIMITS,
  OpenOrderBoard,
  RiskGate,
  type RiskGateOptions,
  type RiskLimits,
  type RiskRefusal,
  type RiskRequest,
} from "./risk/index.ts";
export { SmartOrderRouter } from "./route/index.ts";
export {
  Backtester,
  type BacktestOptions,
  KillAgent,
  KillTrigger,
  type RunResult,
  VERSION,
} from "./run/index.ts";
export { ConstantLatency, InterpolatedLatency, QueueModel, SimBarVenue, SimVenue } from "./sim/index.ts";
export { performance } from "./stat/index.ts";
export { GridMaker } from "./strategies/index.ts";
export type {
  BarView,
  BookView,
  FillView,
  OrderTicket,
  OrderView,
  PositionView,
  QuoteView,
  Strategy,
  StrategyContext,
  TradeView,
} from "./strategy/index.ts";
