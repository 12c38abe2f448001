import { crc32c, Fault } from "../base/index.ts";
import { ByteReader, ByteWriter, type Column } from "./byte-cursor.ts";
import { EXECUTION, type ExecutionPool } from "./execution-pool.ts";
import { type OrderColumns, REQUEST } from "./order-columns.ts";
import { OrderStore } from "./order-store.ts";
import { settle } from "./settle.ts";
import { ORDER_STATUS } from "./status.ts";

/** "TWOS" read as a number. */
const MAGIC = 0x534f5754;
const VERSION = 1;
const TRAILER_BYTES = 4;

type Columns<Of> = { [Name in keyof Of]: Of[Name] extends Column ? Name : never }[keyof Of];

/** What the venue and we said. What follows from it (base, status, sums, lists) is computed anew. */
const ROW_COLUMNS: readonly Columns<OrderColumns>[] = [
  "id",
  "phase",
  "flags",
  "side",
  "instrument",
  "strategy",
  "venue",
  "type",
  "timeInForce",
  "priceTicks",
  "stopTicks",
  "trigger",
  "guardTicks",
  "displayLots",
  "minLots",
  "lots",
  "day",
  "stoppedLots",
  "expireNs",
  "createdNs",
  "reason",
  "lastRequestId",
  "termsRequestId",
  "sequence",
  "phaseSequence",
  "termsSequence",
  "pendingCount",
];
const REQUEST_COLUMNS: readonly Columns<OrderColumns>[] = [
  "pendingKind",
  "pendingId",
  "pendingTicks",
  "pendingLots",
];
const EXECUTION_COLUMNS: readonly Columns<ExecutionPool>[] = [
  "execId",
  "refExecId",
  "venue",
  "lots",
  "ticks",
  "kind",
  "prior",
  "splitLots",
];

/** Columns by name, and how wide the items of each are. */
class ColumnSet {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];

  constructor(columns: readonly Column[]) {
    this.columns = columns;
    this.widths = columns.map((column) => column.BYTES_PER_ELEMENT);
  }
}

const rowColumns = (store: OrderStore): ColumnSet => new ColumnSet(ROW_COLUMNS.map((name) => store[name]));
const requestColumns = (store: OrderStore): ColumnSet =>
  new ColumnSet(REQUEST_COLUMNS.map((name) => store[name]));
/** Good as long as the pool does not grow: `known` where it did not. */
function executionColumns({ executions }: OrderStore, known?: ColumnSet): ColumnSet {
  if (known !== undefined && known.columns[0] === executions.execId) return known;
  return new ColumnSet(EXECUTION_COLUMNS.map((name) => executions[name]));
}

/**
 * Writes everything an order store holds into bytes: version, orders by id, their requests and executions, the free
 * rows in the order they will be used in, and a CRC-32C of it all.
 *
 * @invariant Canonical: equal histories give equal bytes, and so does the store that `restoreOrders` makes of them;
 * from there on it behaves as this one.
 * @cost O(orders + executions): 146 bytes an order, 21 an unanswered request, 44 an execution.
 * @example
 * ```ts
 * import { OrderStore, restoreOrders, snapshotOrders } from "tickwright/order";
 * const store = new OrderStore({ capacity: 16 });
 * const row = store.open({
 *   instrument: 0, strategy: 0, side: 1, type: 0, timeInForce: 0, flags: 0,
 *   priceTicks: 1000, lots: 5, expireNs: Infinity, createdNs: 0,
 * });
 * const again = restoreOrders(snapshotOrders(store));
 * [again.size, again.lots[row], again.nextId]; // => [1, 5, 2]
 * ```
 */
export function snapshotOrders(store: OrderStore): Uint8Array {
  const writer = new ByteWriter();
  const rows = rowsById(store);
  writer.u32(MAGIC);
  writer.u32(VERSION);
  writer.u32(store.capacity);
  writer.u32(store.requestSlots);
  writer.u32(store.executions.limit);
  writer.f64(store.nextId);
  writer.u32(rows.length);
  writeFreeRows(writer, store);
  const [ofRow, ofRequest, ofExecution] = [rowColumns(store), requestColumns(store), executionColumns(store)];
  for (const row of rows) {
    writer.u32(row);
    writer.items(ofRow.columns, ofRow.widths, row);
    const from = row * store.requestSlots;
    for (let slot = from; slot < from + (store.pendingCount[row] as number); slot++) {
      writer.items(ofRequest.columns, ofRequest.widths, slot);
    }
    writeExecutions(writer, store, row, ofExecution);
  }
  writer.u32(crc32c(writer.bytes));
  return writer.bytes.slice();
}

/**
 * Makes the store again that a snapshot was taken of, in a new store of the same sizes where one is given.
 *
 * @throws `FAULT_INPUT` naming what is wrong: `orderSnapshot.length`, `.checksum`, `.magic`, `.version`, `.freeRows`,
 * or the column and the row; `FAULT_CONFIG` for sizes no store can have.
 */
export function restoreOrders(bytes: Uint8Array, into?: OrderStore): OrderStore {
  const reader = new ByteReader(checkSealed(bytes));
  expectNumber("magic", reader.u32(), MAGIC);
  expectNumber("version", reader.u32(), VERSION);
  const capacity = reader.u32();
  const maxPendingRequests = reader.u32() - 1;
  const maxExecutions = reader.u32();
  const store = into ?? new OrderStore({ capacity, maxPendingRequests, maxExecutions });
  expectNumber("capacity", capacity, store.capacity);
  expectNumber("requestSlots", maxPendingRequests + 1, store.requestSlots);
  expectNumber("maxExecutions", maxExecutions, store.executions.limit);
  check("into", store.nextId, store.nextId === 1, "a store that never held an order");
  const nextId = reader.f64();
  const count = reader.u32();
  const freeRows = readFreeRows(reader, capacity, count);
  const taken = new Uint8Array(capacity);
  for (const row of freeRows) taken[row] = 1;
  const [ofRow, ofRequest] = [rowColumns(store), requestColumns(store)];
  let ofExecution = executionColumns(store);
  let lastId = 0;
  for (let i = 0; i < count; i++) {
    const row = reader.u32();
    check("row", row, row < capacity && taken[row] === 0, "a row held once");
    taken[row] = 1;
    reader.items(ofRow.columns, ofRow.widths, row);
    checkRow(store, row, lastId, nextId);
    lastId = store.id[row] as number;
    readRequests(reader, store, row, ofRequest);
    ofExecution = readExecutions(reader, store, row, ofExecution);
    store.reserve(row);
    store.base[row] = ORDER_STATUS.created;
    store.link(row);
    settle(store, row);
  }
  check("length", bytes.length, reader.rest === 0, `${reader.rest} bytes less`);
  store.resume(nextId, freeRows);
  return store;
}

function rowsById(store: OrderStore): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < store.capacity; row++) if ((store.id[row] as number) > 0) rows.push(row);
  return rows.sort((a, b) => (store.id[a] as number) - (store.id[b] as number));
}

/** Rows never used yet lie at the bottom in falling order: only their number is written. */
function writeFreeRows(writer: ByteWriter, store: OrderStore): void {
  const rows = store.freeRows();
  let untouched = 0;
  while (untouched < rows.length && rows[untouched] === store.capacity - 1 - untouched) untouched += 1;
  writer.u32(untouched);
  for (let i = untouched; i < rows.length; i++) writer.u32(rows[i] as number);
}

function readFreeRows(reader: ByteReader, capacity: number, count: number): Int32Array {
  check("orders", count, count <= capacity, `at most ${capacity}`);
  const untouched = reader.u32();
  check("freeRows", untouched, untouched <= capacity - count, `at most ${capacity - count}`);
  const rows = new Int32Array(capacity - count);
  const seen = new Uint8Array(capacity);
  for (let i = 0; i < rows.length; i++) {
    const row = i < untouched ? capacity - 1 - i : reader.u32();
    check("freeRows", row, row < capacity && seen[row] === 0, "rows that are free once");
    seen[row] = 1;
    rows[i] = row;
  }
  return rows;
}

function writeExecutions(
  writer: ByteWriter,
  store: OrderStore,
  row: number,
  { columns, widths }: ColumnSet,
): void {
  const pool = store.executions;
  const nodes: number[] = [];
  for (let node = store.firstExecution[row] as number; node >= 0; node = pool.next[node] as number) {
    nodes.push(node);
  }
  if (nodes.length === 0) {
    writer.u32(0);
    return;
  }
  nodes.reverse();
  const places = new Map(nodes.map((node, i) => [node, i + 1]));
  writer.u32(nodes.length);
  for (const node of nodes) {
    writer.items(columns, widths, node);
    writer.u32(places.get(pool.successor[node] as number) ?? 0);
  }
}

/** Returns the columns as they are afterwards. */
function readExecutions(reader: ByteReader, store: OrderStore, row: number, known: ColumnSet): ColumnSet {
  const pool = store.executions;
  pool.isMarked = true;
  const count = reader.u32();
  const nodes: number[] = [];
  const successors: number[] = [];
  let head = -1;
  store.lastExecId[row] = 0;
  store.firstExecution[row] = -1;
  if (count === 0) return known;
  let set = known;
  for (let i = 0; i < count; i++) {
    head = pool.take(head);
    set = executionColumns(store, set);
    reader.items(set.columns, set.widths, head);
    const kind = pool.kind[head] as number;
    check("kind", kind, kind >= EXECUTION.live && kind <= EXECUTION.bustRecord, "a code of EXECUTION");
    nodes.push(head);
    successors.push(reader.u32());
    addExecution(store, row, head);
  }
  for (const [i, node] of nodes.entries()) {
    const place = successors[i] as number;
    const isRight = place <= count && place > 0 === (pool.kind[node] === EXECUTION.superseded);
    check("successor", place, isRight, "the place of the execution that counts instead");
    pool.successor[node] = nodes[place - 1] ?? -1;
  }
  store.firstExecution[row] = head;
  return set;
}

function addExecution(store: OrderStore, row: number, node: number): void {
  const pool = store.executions;
  const kind = pool.kind[node] as number;
  store.lastExecId[row] = Math.max(store.lastExecId[row] as number, pool.execId[node] as number);
  if (kind === EXECUTION.heldCorrect || kind === EXECUTION.heldBust) {
    store.heldCount[row] = (store.heldCount[row] as number) + 1;
  }
  if (kind !== EXECUTION.live) return;
  const lots = pool.countedLots(node);
  const notional = (pool.lots[node] as number) * (pool.ticks[node] as number);
  store.cumLots[row] = (store.cumLots[row] as number) + lots;
  store.notionalTicks[row] = (store.notionalTicks[row] as number) + notional;
  const sum = Math.abs(store.notionalTicks[row] as number) + (store.cumLots[row] as number);
  const isWhole = lots > 0 && Number.isSafeInteger(lots) && Number.isSafeInteger(sum);
  check("executions", sum, isWhole, "whole lots above 0, and sums within 2^53");
  if (pool.prior[node] === 0) return;
  store.priorLots[row] = (store.priorLots[row] as number) + lots;
  store.priorNotionalTicks[row] = (store.priorNotionalTicks[row] as number) + notional;
}

function readRequests(
  reader: ByteReader,
  store: OrderStore,
  row: number,
  { columns, widths }: ColumnSet,
): void {
  const count = store.pendingCount[row] as number;
  check("pendingCount", count, count <= store.requestSlots, `at most ${store.requestSlots}`);
  let cancels = 0;
  for (let slot = row * store.requestSlots; slot < row * store.requestSlots + count; slot++) {
    reader.items(columns, widths, slot);
    const kind = store.pendingKind[slot] as number;
    check("pendingKind", kind, kind === REQUEST.cancel || kind === REQUEST.replace, "a code of REQUEST");
    if (kind === REQUEST.cancel) cancels += 1;
  }
  const replaces = count - cancels;
  const isRight = cancels <= 1 && replaces < store.requestSlots;
  check("pendingCount", count, isRight, "one cancel, and room for one beside the replaces");
}

function checkRow(store: OrderStore, row: number, lastId: number, nextId: number): void {
  const id = store.id[row] as number;
  const lots = store.lots[row] as number;
  const side = store.side[row] as number;
  const phase = store.phase[row] as number;
  check("id", id, Number.isSafeInteger(id) && id > lastId && id < nextId, `above ${lastId}, below ${nextId}`);
  check("lots", lots, Number.isSafeInteger(lots) && lots >= 1, "whole lots of at least 1");
  check("side", side, side * side === 1, "1 or -1");
  const isFill = phase === ORDER_STATUS.partiallyFilled || phase === ORDER_STATUS.filled;
  check("phase", phase, phase < ORDER_STATUS.pendingCancel && !isFill, "the code of a phase");
}

function checkSealed(bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, Math.max(0, bytes.length - TRAILER_BYTES));
  const sum = new ByteReader(bytes.subarray(body.length)).u32();
  expectNumber("checksum", sum, crc32c(body));
  return body;
}

function expectNumber(part: string, found: number, expected: number): void {
  check(part, found, found === expected, `${expected}`);
}

function check(part: string, value: unknown, isRight: boolean, expected: string): void {
  if (!isRight) throw new Fault("FAULT_INPUT", { path: `orderSnapshot.${part}`, value, expected });
}
