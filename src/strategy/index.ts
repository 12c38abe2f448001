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
  PositionView,
  QuoteCopy,
  QuoteView,
  TradeCopy,
  TradeView,
} from "./views.ts";
