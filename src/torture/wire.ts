import { crc32cOfCells } from "../base/index.ts";

/**
 * Where the fields of a message between the engine and a simulated venue stand in its record of doubles.
 *
 * `seq` and `check` are written by the session; `flags` holds the order's flags and, above them, the bits of
 * {@link WIRE_FLAG}. `id` is the client order id's number, `requestId` numbers a cancel or a replace of that
 * order and is 0 for the new order. A field that a kind does not use is 0.
 *
 * @units prices in ticks, quantities in lots, times in ns from the session's base
 */
export const WIRE = {
  /** A kind of {@link WIRE_KIND}, or a report: {@link WIRE_REPORT} + its code of `REPORT`. */
  kind: 0,
  /** Sequence number of the sender's stream, from 1. */
  seq: 1,
  /** The fencing epoch of the engine that sent it. */
  epoch: 2,
  /** The engine's instrument index. */
  instrument: 3,
  id: 4,
  requestId: 5,
  /** 1 buys, -1 sells. */
  sideSign: 6,
  /** A code of `ORDER_TYPE`. */
  type: 7,
  /** A code of `TIME_IN_FORCE`. */
  timeInForce: 8,
  flags: 9,
  priceTicks: 10,
  lots: 11,
  expireNs: 12,
  /** When it happened at the venue, by the venue's clock. */
  exchNs: 13,
  execId: 14,
  /** The execution that a bust or a correction is about. */
  refExecId: 15,
  /** A code of `REASON`. */
  reason: 16,
  leavesLots: 17,
  cumLots: 18,
  /** CRC-32C of the 19 fields before it. */
  check: 19,
} as const;

/** Doubles in one message's record. */
export const WIRE_STRIDE = 20;

/** Added to a code of `REPORT` to make the message's kind. */
export const WIRE_REPORT = 100;

/**
 * The kinds of message that are not reports. 1 to 4 are the engine's requests; 20 to 26 belong to the session
 * and never reach an application.
 *
 * `resendRequest`: `lots` holds the first number that is missing. `gapFill`: the numbers from `seq` to below
 * `lots` carried nothing for an application. `sequenceReset`: the numbers from `seq` to below `lots` will
 * never come, whatever they carried.
 */
export const WIRE_KIND = {
  newOrder: 1,
  cancel: 2,
  replace: 3,
  massCancel: 4,
  logon: 20,
  logonAck: 21,
  heartbeat: 22,
  resendRequest: 23,
  gapFill: 24,
  sequenceReset: 25,
  logout: 26,
} as const;

/** Bits of `flags` that belong to the session: `possDup` marks a resent message, `reset` a new numbering. */
export const WIRE_FLAG = { possDup: 1 << 20, reset: 1 << 21 } as const;

/** Whether a kind belongs to the session, and so never reaches an application. */
export function isSessionKind(kind: number): boolean {
  return kind >= WIRE_KIND.logon && kind <= WIRE_KIND.logout;
}

/**
 * Writes the checksum into the last cell of a record.
 *
 * @param length - cells in the record, the check included.
 * @cost O(length); 3 ns to 5 ns a cell, allocates nothing.
 */
export function seal(cells: Float64Array, offset: number, length: number = WIRE_STRIDE): void {
  cells[offset + length - 1] = crc32cOfCells(cells, offset, length - 1);
}

/**
 * Whether the last cell of a record holds the checksum of the cells before it.
 *
 * @param length - cells in the record, the check included.
 * @invariant False after one flipped bit, and after any burst of up to 32 bits.
 * @cost As {@link seal}.
 */
export function isSound(cells: Float64Array, offset: number, length: number = WIRE_STRIDE): boolean {
  return cells[offset + length - 1] === crc32cOfCells(cells, offset, length - 1);
}
