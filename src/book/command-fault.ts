import { Fault, type FaultCode } from "../base/index.ts";
import { COMMAND_OUTCOME, ORDER_COMMAND, type OrderCommands } from "./order-commands.ts";
import { LOTS_MAX, TICK_MAX, TICK_MIN } from "./price-range.ts";

/** The bounds of a book that a fault names. */
export interface BookBounds {
  readonly ordersMax: number;
  readonly pagesMax: number;
}

const NAMES = new Map<number, string>([
  [ORDER_COMMAND.addAsk, "add"],
  [ORDER_COMMAND.addBid, "add"],
  [ORDER_COMMAND.addElse, "add"],
  [ORDER_COMMAND.cancel, "cancel"],
  [ORDER_COMMAND.reduce, "reduce"],
  [ORDER_COMMAND.modify, "modify"],
  [ORDER_COMMAND.execute, "execute"],
  [ORDER_COMMAND.tradeHidden, "tradeHidden"],
  [ORDER_COMMAND.clear, "clear"],
]);

/** The fault that a command of the batch processed last would have thrown as a single call; undefined where none. */
export function commandFault(
  commands: OrderCommands,
  command: number,
  bounds: BookBounds,
): Fault | undefined {
  const outcome = commands.outcomeAt(command);
  const [code = 0, id = 0, tick = 0, lots = 0] = commands.rows.subarray(command * 4, command * 4 + 4);
  const plain = code > ORDER_COMMAND.bySlot - 2 ? code - ORDER_COMMAND.bySlot : code;
  const path = `book.${NAMES.get(plain) ?? "process"}`;
  const wrong = (column: string, value: number, expected: string, kind: FaultCode = "FAULT_INPUT"): Fault =>
    new Fault(kind, { path: `${path}.${column}`, value, expected });
  switch (outcome) {
    case COMMAND_OUTCOME.wrongCommand:
      return wrong("command", code, "a number of ORDER_COMMAND");
    case COMMAND_OUTCOME.wrongId:
      return wrong("id", id, "a number");
    case COMMAND_OUTCOME.wrongSide:
      return wrong("side", tick, "+1 (bid) or -1 (ask)");
    case COMMAND_OUTCOME.wrongTick:
      return wrong("tick", tick, "a 32-bit integer");
    case COMMAND_OUTCOME.wrongLots:
      return wrong("lots", lots, `an integer within 1 and ${LOTS_MAX}`);
    case COMMAND_OUTCOME.tickOutOfRange:
      return wrong("tick", tick, `a price within ${TICK_MIN} and ${TICK_MAX} ticks`);
    case COMMAND_OUTCOME.pagesFull:
      return wrong(
        "tick",
        tick,
        `levels on at most ${bounds.pagesMax} pages of 4096 ticks`,
        "FAULT_CAPACITY",
      );
    case COMMAND_OUTCOME.levelFull:
      return wrong("lots", lots, `a level of at most ${LOTS_MAX} lots`, "FAULT_ARITHMETIC");
    case COMMAND_OUTCOME.ordersFull:
    case COMMAND_OUTCOME.noMemory: {
      const isFull = outcome === COMMAND_OUTCOME.ordersFull;
      const expected = isFull
        ? `at most ${bounds.ordersMax} orders in the book`
        : "memory for one more order";
      return new Fault("FAULT_CAPACITY", { path: "book.orders", value: bounds.ordersMax + 1, expected });
    }
    default:
      return undefined;
  }
}
