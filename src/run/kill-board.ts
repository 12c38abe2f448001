import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import type { Ticket } from "../kernel/index.ts";
import { REQUEST, ROW_FLAG } from "../order/index.ts";
import type { OutboundOrder } from "../port/index.ts";
import {
  BOARD_READ,
  BOARD_SCOPES,
  BOARD_STATE,
  type KillScopes,
  OpenOrderBoard,
  OpenOrderEntry,
} from "../risk/index.ts";
import { orderScopes } from "./kill-orders.ts";
import type { SentItem } from "./session-record.ts";
import type { TradingSession } from "./trading-session.ts";

/** Where a venue's open orders are published for a `KillAgent`. */
export interface KillBoardOptions {
  /** The agent's. Two slots for each of the session's `orderCapacity`: an order, and what replaces it. */
  readonly board: OpenOrderBoard;
  /** The place of this venue among the agent's sessions. */
  readonly venue: number;
  /**
   * The latch's scopes: an order belongs to those of its venue, account, strategy and symbol (by symbol or key) that
   * are named there. A kill of the firm or of the agent's whole venue takes all orders either way; nothing less is told
   * apart unless this is given.
   */
  readonly scopes?: KillScopes;
}

/** What a {@link KillBoardFeed} is made from. */
export interface KillBoardParts extends KillBoardOptions {
  readonly session: TradingSession;
  readonly account: string;
  readonly stations: readonly number[];
  /** An order's id at the venue, by its number and that of its request. */
  readonly idOf: (id: number, requestId: number) => string;
}

/** Checks options. @throws `FAULT_CONFIG` naming the option */
export function checkKillBoard(path: string, options: KillBoardOptions): KillBoardOptions {
  checkKeys(path, options, ["board", "venue", "scopes"]);
  checkInteger(`${path}.venue`, options.venue, 0);
  if (options.board instanceof OpenOrderBoard) return options;
  throw new Fault("FAULT_CONFIG", {
    path: `${path}.board`,
    value: options.board,
    expected: "an OpenOrderBoard",
  });
}

/**
 * Publishes the open orders of one venue of a session, by the ids that cancel them there.
 *
 * @invariant An order is on the board before it leaves, and until it is known to be over; what replaces it too.
 * @cost Some 30 atomic stores for an order, 3 for a report.
 */
export class KillBoardFeed {
  readonly #parts: KillBoardParts;
  readonly #entry = new OpenOrderEntry();
  /** The order that stands in a slot; 0 for none. */
  readonly #orders: Float64Array;
  /** The request whose id stands there. */
  readonly #requests: Float64Array;
  readonly #mine: ReadonlySet<number>;
  /** The latch's scopes of a strategy's orders in an instrument. */
  readonly #scopes = new Map<number, Int32Array>();

  constructor(parts: KillBoardParts) {
    const { board, session, stations } = parts;
    const { capacity } = session.kernel.orders;
    if (board.slots < 2 * capacity) {
      const expected = `at least ${2 * capacity} slots: two for each of the session's orders`;
      throw new Fault("FAULT_CONFIG", { path: "linkedVenue.killBoard.board", value: board.slots, expected });
    }
    this.#parts = parts;
    this.#orders = new Float64Array(2 * capacity);
    this.#requests = new Float64Array(2 * capacity);
    this.#mine = new Set(stations);
    this.#clear();
    const about = (ticket: Ticket): void => this.#look(ticket.row, ticket.id);
    session.watch({
      sending: (item, terms) => this.#sending(item, terms),
      reported: (_kind, ticket) => about(ticket),
      filled: (_fill, ticket) => about(ticket),
      amended: (ticket) => about(ticket),
    });
  }

  /** Publishes what is open now: after a recovery, which loads orders that nobody hears of. */
  sync(): void {
    const { orders } = this.#parts.session.kernel;
    for (let row = 0; row < orders.capacity; row++) this.#look(row, orders.id[row] as number);
  }

  #sending({ kind, station, id, requestId }: SentItem, terms: OutboundOrder): void {
    if (!this.#mine.has(station)) return;
    const { row } = terms;
    if (kind === "cancel") this.#setState(row, id, BOARD_STATE.canceling);
    else this.#publish(requestId === 0 ? row : this.#second(row), row, requestId, BOARD_STATE.sent);
  }

  /** Brings the board in line with what is held of an order. */
  #look(row: number, id: number): void {
    const { orders } = this.#parts.session.kernel;
    if (!(id > 0) || !orders.isCurrent(row, id)) return this.#forget(row, id);
    if (!this.#mine.has(orders.instrument[row] as number)) return;
    if (!orders.isOpen(row) && !orders.restsOvernight(row)) return this.#forget(row, id);
    const terms = orders.termsRequestId[row] as number;
    const isOther = this.#orders[row] !== id || this.#requests[row] !== terms;
    const state = this.#stateOf(row);
    if (isOther) this.#publish(row, row, terms, state);
    else this.#parts.board.setState(row, state);
    const replace = this.#pendingReplace(row);
    const second = this.#second(row);
    if (replace === 0) this.#remove(second);
    else if (this.#orders[second] !== id || this.#requests[second] !== replace)
      this.#publish(second, row, replace, BOARD_STATE.sent);
  }

  #stateOf(row: number): number {
    const { orders } = this.#parts.session.kernel;
    const flags = orders.flags[row] as number;
    if ((flags & ROW_FLAG.acknowledged) === 0) {
      return (flags & ROW_FLAG.unknown) === 0 ? BOARD_STATE.sent : BOARD_STATE.unknown;
    }
    return this.#pending(row, REQUEST.cancel) === 0 ? BOARD_STATE.live : BOARD_STATE.canceling;
  }

  #pendingReplace(row: number): number {
    return this.#pending(row, REQUEST.replace);
  }

  /** The youngest request of a kind that waits for its answer; 0 where none does. */
  #pending(row: number, kind: number): number {
    const { orders } = this.#parts.session.kernel;
    const from = row * orders.requestSlots;
    let youngest = 0;
    for (let i = 0; i < (orders.pendingCount[row] as number); i++) {
      if (orders.pendingKind[from + i] === kind)
        youngest = Math.max(youngest, orders.pendingId[from + i] as number);
    }
    return youngest;
  }

  #publish(slot: number, row: number, requestId: number, state: number): void {
    const { session, board, venue, idOf } = this.#parts;
    const { orders } = session.kernel;
    const entry = this.#entry;
    const id = orders.id[row] as number;
    entry.number = id;
    entry.state = state;
    entry.venue = venue;
    entry.instrument = this.#parts.stations.indexOf(orders.instrument[row] as number);
    entry.side = orders.side[row] as number;
    entry.priceTicks = orders.priceTicks[row] as number;
    entry.id = idOf(id, requestId);
    this.#scope(entry.scopes, orders.instrument[row] as number, orders.strategy[row] as number);
    this.#orders[slot] = id;
    this.#requests[slot] = requestId;
    board.publish(slot, entry);
  }

  #scope(into: Int32Array, station: number, strategy: number): void {
    const { scopes, session, account } = this.#parts;
    if (scopes === undefined) return;
    const key = station * session.kernel.slots.length + strategy;
    let known = this.#scopes.get(key);
    if (known === undefined) {
      const named = orderScopes(session, account, station, strategy).map((scope) => scopes.indexOf(scope));
      known = new Int32Array(BOARD_SCOPES);
      known.set(named.filter((index) => index > 0).slice(0, BOARD_SCOPES));
      this.#scopes.set(key, known);
    }
    into.set(known);
  }

  #setState(slot: number, id: number, state: number): void {
    if (this.#orders[slot] === id) this.#parts.board.setState(slot, state);
  }

  #forget(row: number, id: number): void {
    for (const slot of [row, this.#second(row)]) if (this.#orders[slot] === id) this.#remove(slot);
  }

  #remove(slot: number): void {
    if (this.#orders[slot] === 0) return;
    this.#orders[slot] = 0;
    this.#parts.board.remove(slot);
  }

  /** Takes off what another session of this venue left there. */
  #clear(): void {
    const { board, venue } = this.#parts;
    for (let slot = 0; slot < board.highWater; slot++) {
      if (board.read(slot, this.#entry) === BOARD_READ.open && this.#entry.venue === venue)
        board.remove(slot);
    }
  }

  /** The slot of what replaces the order of a row. */
  #second(row: number): number {
    return this.#parts.session.kernel.orders.capacity + row;
  }
}
