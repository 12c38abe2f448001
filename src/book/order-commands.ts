import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { SideSign } from "../model/index.ts";
import { BOOK_OUTCOME } from "./order-entry.ts";

/** The first cell of a command's row. A command by slot has the number of the one by id, plus 16. */
export const ORDER_COMMAND = {
  addAsk: -1,
  addBid: 1,
  cancel: 2,
  reduce: 3,
  modify: 4,
  execute: 5,
  tradeHidden: 6,
  clear: 7,
  addElse: 8,
  bySlot: 16,
} as const;

/**
 * What became of a command of a batch: those of `BOOK_OUTCOME`, and below 0 what a single call throws as a fault.
 * None of them has changed the book.
 *
 * `wrongCommand`: no command has that number. `wrongId`, `wrongSide`, `wrongTick`, `wrongLots`: a value of the
 * wrong kind (`FAULT_INPUT`). `tickOutOfRange`: `FAULT_INPUT`. `pagesFull`, `ordersFull`, `noMemory`:
 * `FAULT_CAPACITY`. `levelFull`: `FAULT_ARITHMETIC`.
 */
export const COMMAND_OUTCOME = {
  ...BOOK_OUTCOME,
  wrongCommand: -1,
  wrongId: -2,
  wrongSide: -3,
  wrongTick: -4,
  wrongLots: -5,
  tickOutOfRange: -6,
  pagesFull: -7,
  ordersFull: -8,
  levelFull: -9,
  noMemory: -10,
} as const;

/** A value of {@link COMMAND_OUTCOME}. */
export type CommandOutcome = (typeof COMMAND_OUTCOME)[keyof typeof COMMAND_OUTCOME];

/** How many commands an {@link OrderCommands} holds, and where. */
export interface OrderCommandsOptions {
  /** Commands of one batch; 1,024 unless said. */
  readonly capacity?: number;
  /**
   * At least 48 bytes a command, in memory that does not resize; made unless given. Other threads can write shared
   * memory.
   */
  readonly memory?: ArrayBuffer | SharedArrayBuffer;
}

const { bySlot } = ORDER_COMMAND;
const BYTES = 48;

/**
 * A batch of commands to a book by order, written into memory that a book reads in one call, and what became of each.
 *
 * @units prices in ticks, quantities in book lots
 * @shape `rows`: code, id or slot, tick, lots; four doubles a command, the columns that a command has no use for
 * are not read. `results`: outcome, slot (0 where there is none), best bid and best ask after the command; four
 * words a command.
 * @invariant A value is stored as it was given, a value that is no number as NaN: the book judges it, not the batch.
 * @throws `FAULT_CAPACITY` for a command more than `capacity`; those before stay.
 * @cost A command is four stores or fewer.
 * @example
 * ```ts
 * import { COMMAND_OUTCOME, OrderBookL3, OrderCommands } from "tickwright/book";
 * const commands = new OrderCommands({ capacity: 4 });
 * const book = new OrderBookL3();
 * commands.add(71, 1, 100, 5);
 * commands.execute(71, 6);
 * commands.cancel(72);
 * book.process(commands); // => 2
 * commands.outcomeAt(1) === COMMAND_OUTCOME.exceedsOrder; // => true
 * commands.outcomeAt(2) === COMMAND_OUTCOME.unknownOrder; // => true
 * commands.bestBidAt(2); // => 100
 * ```
 */
export class OrderCommands {
  readonly rows: Float64Array;
  readonly results: Int32Array;
  readonly capacity: number;
  /** Commands written and not processed yet; a thread that writes rows itself sets it. */
  count = 0;
  /** Commands of the batch that was processed last: so many results can be read. */
  processed = 0;

  /** @throws `FAULT_CONFIG` for an unknown option or memory that is too small or resizes. */
  constructor(options: OrderCommandsOptions = {}) {
    checkKeys("commands", options, ["capacity", "memory"]);
    const capacity = checkInteger("commands.capacity", options.capacity ?? 1024, 1, 16_777_216);
    const memory = options.memory ?? new ArrayBuffer(capacity * BYTES);
    if (!isSteady(memory) || memory.byteLength < capacity * BYTES) {
      const expected = `at least ${capacity * BYTES} bytes of memory that does not resize`;
      throw new Fault("FAULT_CONFIG", { path: "commands.memory", value: sizeOf(memory), expected });
    }
    this.capacity = capacity;
    this.rows = new Float64Array(memory, 0, capacity * 4);
    this.results = new Int32Array(memory, capacity * 32, capacity * 4);
  }

  /** As `OrderBookL3.add`, for a number as id. */
  add(id: number, side: SideSign, tick: number, lots: number): void {
    if (side === 1 || side === -1) this.put(side, id, tick, lots);
    else this.put(ORDER_COMMAND.addElse, id, side, lots);
  }

  /** As `OrderBookL3.cancel`. */
  cancel(id: number): void {
    this.put(ORDER_COMMAND.cancel, id, 0, 0);
  }

  /** As `OrderBookL3.reduce`. */
  reduce(id: number, lots: number): void {
    this.put(ORDER_COMMAND.reduce, id, 0, lots);
  }

  /** As `OrderBookL3.modify`. */
  modify(id: number, tick: number, lots: number): void {
    this.put(ORDER_COMMAND.modify, id, tick, lots);
  }

  /** As `OrderBookL3.execute`. */
  execute(id: number, lots: number): void {
    this.put(ORDER_COMMAND.execute, id, 0, lots);
  }

  /** As `OrderBookL3.tradeHidden`. */
  tradeHidden(tick: number, lots: number): void {
    this.put(ORDER_COMMAND.tradeHidden, 0, tick, lots);
  }

  /** As `OrderBookL3.clear`: removes every order. {@link OrderCommands.reset} empties the batch. */
  clear(): void {
    this.put(ORDER_COMMAND.clear, 0, 0, 0);
  }

  /** As `OrderBookL3.addSlot`; its slot is in the results. */
  addSlot(side: SideSign, tick: number, lots: number): void {
    if (side === 1 || side === -1) this.put(side + bySlot, 0, tick, lots);
    else this.put(ORDER_COMMAND.addElse + bySlot, 0, side, lots);
  }

  /** As `OrderBookL3.cancelSlot`. */
  cancelSlot(slot: number): void {
    this.put(ORDER_COMMAND.cancel + bySlot, slot, 0, 0);
  }

  /** As `OrderBookL3.reduceSlot`. */
  reduceSlot(slot: number, lots: number): void {
    this.put(ORDER_COMMAND.reduce + bySlot, slot, 0, lots);
  }

  /** As `OrderBookL3.modifySlot`. */
  modifySlot(slot: number, tick: number, lots: number): void {
    this.put(ORDER_COMMAND.modify + bySlot, slot, tick, lots);
  }

  /** As `OrderBookL3.executeSlot`. */
  executeSlot(slot: number, lots: number): void {
    this.put(ORDER_COMMAND.execute + bySlot, slot, 0, lots);
  }

  /** Forgets the commands that were not processed. */
  reset(): void {
    this.count = 0;
  }

  /** What became of a command of the batch that was processed last. */
  outcomeAt(command: number): CommandOutcome {
    return this.result(command, 0) as CommandOutcome;
  }

  /** The slot of the order that a command added or named; 0 where there is none. It may have left it since. */
  slotAt(command: number): number {
    return this.result(command, 1);
  }

  /** The best bid after a command, or `NO_BID`. */
  bestBidAt(command: number): number {
    return this.result(command, 2);
  }

  /** The best ask after a command, or `NO_ASK`. */
  bestAskAt(command: number): number {
    return this.result(command, 3);
  }

  /**
   * Writes any command by its number in {@link ORDER_COMMAND}, for who has them in columns: without a choice to
   * make, this costs half of a call of the methods above. An addition of neither side has its side for a price.
   */
  put(code: number, id: number, tick: number, lots: number): void {
    const command = this.count;
    if (command >= this.capacity) faultFull(this.capacity);
    const { rows } = this;
    const at = command * 4;
    rows[at] = typeof code === "number" ? code : Number.NaN;
    rows[at + 1] = typeof id === "number" ? id : Number.NaN;
    rows[at + 2] = typeof tick === "number" ? tick : Number.NaN;
    rows[at + 3] = typeof lots === "number" ? lots : Number.NaN;
    this.count = command + 1;
  }

  private result(command: number, column: number): number {
    if (command >>> 0 !== command || command >= this.processed) {
      const expected = `one of the ${this.processed} commands processed last`;
      throw new Fault("FAULT_INPUT", { path: "commands.result", value: command, expected });
    }
    return this.results[command * 4 + column] as number;
  }
}

/**
 * The commands that a batch says it holds.
 *
 * @throws `FAULT_INPUT` for a count beyond its capacity, or memory that was detached: nothing has been processed.
 */
export function checkBatch(commands: OrderCommands): number {
  const { rows, results, capacity, count } = commands;
  if (rows.length !== capacity * 4 || results.length !== capacity * 4) {
    throw new Fault("FAULT_INPUT", {
      path: "commands.memory",
      value: rows.byteLength,
      expected: `the ${capacity * BYTES} bytes it was made with: it was detached`,
    });
  }
  if (count >>> 0 === count && count <= capacity) return count;
  const expected = `an integer within 0 and ${capacity}`;
  throw new Fault("FAULT_INPUT", { path: "commands.count", value: count, expected });
}

function isSteady(memory: unknown): boolean {
  if (memory instanceof SharedArrayBuffer) return !memory.growable;
  return memory instanceof ArrayBuffer && !memory.resizable;
}

function sizeOf(memory: unknown): unknown {
  return memory instanceof ArrayBuffer || memory instanceof SharedArrayBuffer ? memory.byteLength : memory;
}

function faultFull(capacity: number): never {
  throw new Fault("FAULT_CAPACITY", {
    path: "commands.count",
    value: capacity + 1,
    expected: `at most ${capacity} commands before they are processed`,
  });
}
