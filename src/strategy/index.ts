export {
  defineStrategy,
  type ParamSchema,
  type StrategyDefinition,
  type StrategyMaker,
} from "./define-strategy.ts";
export type { PortfolioView, Strategy, StrategyClock, StrategyContext } from "./strategy.ts";
export type {
  BarCopy,
  BarView,
  BookCopy,
  BookView,
  FillCopy,
  FillReason,
  FillView,
  OrderEventKind,
  OrderStatus,
  OrderTicket,
  OrderView,
  ParentView,
  PositionView,
  QuoteCopy,
  QuoteView,
  ReserveTicket,
  TradeCopy,
  TradeView,
  ValidityView,
} from "./views.ts";
