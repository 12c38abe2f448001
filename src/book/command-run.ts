import { Fault } from "../base/index.ts";
import type { OrderBookL3 } from "./order-book-l3.ts";
import {
  COMMAND_OUTCOME,
  type CommandOutcome,
  checkBatch,
  ORDER_COMMAND,
  type OrderCommands,
} from "./order-commands.ts";

const { bySlot } = ORDER_COMMAND;

/** Runs a batch over a book, row by row through its own calls; returns how many commands were not done. */
export function runCommands(book: OrderBookL3, commands: OrderCommands): number {
  const count = checkBatch(commands);
  const { rows, results } = commands;
  let undone = 0;
  for (let i = 0; i < count; i++) {
    const at = i * 4;
    const code = rows[at] as number;
    const id = rows[at + 1] as number;
    // A slot is known before the command; what a command removes has left it after.
    results[at + 1] = takesOrder(code) ? (code > bySlot ? slotOf(book, id) : book.slotOf(id)) : 0;
    const outcome = runOne(book, code, id, rows[at + 2] as number, rows[at + 3] as number, results, at + 1);
    if (outcome !== COMMAND_OUTCOME.done) undone++;
    results[at] = outcome;
    results[at + 2] = book.bestBid;
    results[at + 3] = book.bestAsk;
  }
  commands.count = 0;
  commands.processed = count;
  return undone;
}

function runOne(
  book: OrderBookL3,
  code: number,
  id: number,
  tick: number,
  lots: number,
  slots: Int32Array,
  at: number,
): CommandOutcome {
  try {
    switch (code) {
      case ORDER_COMMAND.addBid:
      case ORDER_COMMAND.addAsk: {
        const outcome = book.add(id, code, tick, lots);
        slots[at] = book.slotOf(id);
        return outcome;
      }
      case ORDER_COMMAND.addElse:
        slots[at] = book.slotOf(id);
        return elseOf(book, id);
      case ORDER_COMMAND.addBid + bySlot:
        slots[at] = book.addSlot(1, tick, lots);
        return COMMAND_OUTCOME.done;
      case ORDER_COMMAND.addAsk + bySlot:
        slots[at] = book.addSlot(-1, tick, lots);
        return COMMAND_OUTCOME.done;
      case ORDER_COMMAND.addElse + bySlot:
        return COMMAND_OUTCOME.wrongSide;
      case ORDER_COMMAND.tradeHidden:
        book.tradeHidden(tick, lots);
        return COMMAND_OUTCOME.done;
      case ORDER_COMMAND.clear:
        book.clear();
        return COMMAND_OUTCOME.done;
      default:
        return code > bySlot
          ? bySlotOf(book, code - bySlot, id, tick, lots)
          : byIdOf(book, code, id, tick, lots);
    }
  } catch (fault) {
    return outcomeOf(fault);
  }
}

/** An addition of no side: what `add` says of its id comes first. */
function elseOf(book: OrderBookL3, id: number): CommandOutcome {
  if (Number.isNaN(id)) return COMMAND_OUTCOME.wrongId;
  return book.slotOf(id) === 0 ? COMMAND_OUTCOME.wrongSide : book.add(id, 1, 0, 1);
}

function byIdOf(book: OrderBookL3, code: number, id: number, tick: number, lots: number): CommandOutcome {
  switch (code) {
    case ORDER_COMMAND.cancel:
      return book.cancel(id);
    case ORDER_COMMAND.reduce:
      return book.reduce(id, lots);
    case ORDER_COMMAND.modify:
      return book.modify(id, tick, lots);
    case ORDER_COMMAND.execute:
      return book.execute(id, lots);
    default:
      return COMMAND_OUTCOME.wrongCommand;
  }
}

function bySlotOf(book: OrderBookL3, code: number, slot: number, tick: number, lots: number): CommandOutcome {
  switch (code) {
    case ORDER_COMMAND.cancel:
      return book.cancelSlot(slot);
    case ORDER_COMMAND.reduce:
      return book.reduceSlot(slot, lots);
    case ORDER_COMMAND.modify:
      return book.modifySlot(slot, tick, lots);
    case ORDER_COMMAND.execute:
      return book.executeSlot(slot, lots);
    default:
      return COMMAND_OUTCOME.wrongCommand;
  }
}

function takesOrder(code: number): boolean {
  const { cancel, execute } = ORDER_COMMAND;
  const plain = code > bySlot ? code - bySlot : code;
  return Number.isInteger(plain) && plain >= cancel && plain <= execute;
}

function slotOf(book: OrderBookL3, slot: number): number {
  return book.lotsAt(slot) > 0 ? slot : 0;
}

/** The outcome that stands for a fault of a single call; what is none of those is thrown again. */
function outcomeOf(fault: unknown): CommandOutcome {
  if (!(fault instanceof Fault)) throw fault;
  const { code, path = "" } = fault;
  if (code === "FAULT_ARITHMETIC") return COMMAND_OUTCOME.levelFull;
  if (code === "FAULT_CAPACITY") {
    return path === "book.orders" ? COMMAND_OUTCOME.ordersFull : COMMAND_OUTCOME.pagesFull;
  }
  if (code !== "FAULT_INPUT") throw fault;
  if (path.endsWith(".id")) return COMMAND_OUTCOME.wrongId;
  if (path.endsWith(".side")) return COMMAND_OUTCOME.wrongSide;
  if (path.endsWith(".lots")) return COMMAND_OUTCOME.wrongLots;
  return /^book\.(bids|asks)\./.test(path) ? COMMAND_OUTCOME.tickOutOfRange : COMMAND_OUTCOME.wrongTick;
}
