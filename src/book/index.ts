export { type BookLevel, type BookLevels, type BookSnapshot, bookStateHash } from "./book-level.ts";
export { type BookMemory, OrderBook, type OrderBookOptions } from "./order-book.ts";
export { OrderBookL3, type OrderBookL3Options } from "./order-book-l3.ts";
export {
  COMMAND_OUTCOME,
  type CommandOutcome,
  ORDER_COMMAND,
  OrderCommands,
  type OrderCommandsOptions,
} from "./order-commands.ts";
export {
  BOOK_OUTCOME,
  type BookOrder,
  type BookOrderEntry,
  type BookOrderId,
  type BookOutcome,
  orderStateHash,
  type QueueLevel,
} from "./order-entry.ts";
export { LOTS_MAX, NO_ASK, NO_BID, TICK_MAX, TICK_MIN } from "./price-range.ts";
export { QueueBook } from "./queue-book.ts";
export { type PageMemory, TickPages } from "./tick-pages.ts";
