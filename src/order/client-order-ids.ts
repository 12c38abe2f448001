import { checkInteger, checkKeys, type Refusal, refuse } from "../base/index.ts";
import type { OrderRefusalCode } from "./refusals.ts";

/** The venue's answer to the request an id was sent with. */
export const ID_ANSWER = { none: 0, accepted: 1, rejected: 2 } as const;

/** Options of {@link ClientOrderIds}. */
export interface ClientOrderIdsOptions {
  /** The rows of the order store: its `capacity`. */
  readonly rows: number;
  /** The most ids remembered at one time, those of finished orders included. */
  readonly capacity: number;
}

/**
 * The texts a venue knows orders and requests by (FIX ClOrdID, a venue's `clientOrderId`), each with the order's
 * row and the number of its request, in both directions, and the chain each order's ids form: the first for the
 * order itself (request 0), one more for every cancel and replace.
 *
 * @invariant A text is taken once until `forgetFinished`; a second use is refused and the first keeps its meaning.
 * @invariant Ids are dense: 0, 1, 2, ... up to `capacity`; `forgetFinished` gives those of finished orders back.
 * @cost One Map look-up a text; everything else reads typed arrays. Chain queries are O(requests of the order).
 * @source FIX 5.0 SP2, Order State Changes: OrigClOrdID of requests and of rejects
 * @example
 * ```ts
 * import { ClientOrderIds } from "tickwright/order";
 * const ids = new ClientOrderIds({ rows: 16, capacity: 64 });
 * ids.open("x", 3);
 * ids.answer("x", true);
 * ids.request("y", 3, 1);
 * ids.lastSent(3); // => "y"
 * ids.lastAccepted(3); // => "x"
 * ids.answer("y", false);
 * ids.lastSent(3); // => "x"
 * ```
 */
export class ClientOrderIds {
  readonly capacity: number;
  readonly #ids = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #row: Int32Array;
  readonly #requestId: Float64Array;
  readonly #answer: Uint8Array;
  /** The id sent before in the same chain, -1 for the first. */
  readonly #previous: Int32Array;
  readonly #free: Int32Array;
  #freeCount = 0;
  readonly #youngest: Int32Array;
  readonly #finished: number[] = [];

  constructor(options: ClientOrderIdsOptions) {
    checkKeys("clientOrderIds", options, ["rows", "capacity"]);
    const rows = checkInteger("clientOrderIds.rows", options.rows, 1, 1 << 24);
    const capacity = checkInteger("clientOrderIds.capacity", options.capacity, 1, 1 << 24);
    this.capacity = capacity;
    this.#row = new Int32Array(capacity);
    this.#requestId = new Float64Array(capacity);
    this.#answer = new Uint8Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#free = new Int32Array(capacity);
    this.#youngest = new Int32Array(rows).fill(-1);
  }

  /** Ids remembered now. */
  get size(): number {
    return this.#ids.size;
  }

  /**
   * Starts the chain of the order in `row`; an earlier order's chain there is finished by that.
   *
   * @refuses `ORDER_ID_MALFORMED`, `ORDER_ID_TAKEN`, `ORDER_ID_CHAIN` (no such row), `ORDER_IDS_FULL`
   */
  open(text: string, row: number): number | Refusal<OrderRefusalCode> {
    if (!(row >= 0 && row < this.#youngest.length && Number.isInteger(row))) {
      return refuse("ORDER_ID_CHAIN", "row", row, `a row within 0 and ${this.#youngest.length - 1}`);
    }
    const refusal = this.#check(text);
    if (refusal !== undefined) return refusal;
    this.finish(row);
    return this.#add(text, row, 0, -1);
  }

  /**
   * Puts a cancel or replace into the chain of the order in `row`; its number must rise.
   *
   * @refuses `ORDER_ID_MALFORMED`, `ORDER_ID_TAKEN`, `ORDER_ID_CHAIN` (no open chain, or a number that does not
   * rise), `ORDER_IDS_FULL`
   */
  request(text: string, row: number, requestId: number): number | Refusal<OrderRefusalCode> {
    const before = this.#youngest[row] ?? -1;
    if (before < 0) return refuse("ORDER_ID_CHAIN", "row", row, "a row whose first id was opened");
    if (!(requestId > (this.#requestId[before] as number) && Number.isSafeInteger(requestId))) {
      const expected = `a whole number above ${this.#requestId[before]}`;
      return refuse("ORDER_ID_CHAIN", "requestId", requestId, expected);
    }
    return this.#check(text) ?? this.#add(text, row, requestId, before);
  }

  /** The id of a text, -1 where it was never sent. Read `rowOf` and `requestIdOf` with it. */
  find(text: string): number {
    return this.#ids.get(text) ?? -1;
  }

  /** The row an id belongs to. An order that finished keeps it until `forgetFinished`: compare the order's id. */
  rowOf(id: number): number {
    return this.#row[id] as number;
  }

  /** The number of the request an id was sent with, 0 for the order itself. */
  requestIdOf(id: number): number {
    return this.#requestId[id] as number;
  }

  /** The text of an id. */
  textOf(id: number): string {
    return this.#texts[id] as string;
  }

  /** The venue's answer to an id's request: a code of {@link ID_ANSWER}. */
  answerOf(id: number): number {
    return this.#answer[id] as number;
  }

  /** The text a request of the order in `row` was sent with; undefined where there is none. */
  textOfRequest(row: number, requestId: number): string | undefined {
    let id = this.#youngest[row] ?? -1;
    while (id >= 0 && this.#requestId[id] !== requestId) id = this.#previous[id] as number;
    return this.#texts[id];
  }

  /** Notes the venue's answer and returns the id, -1 for a text that was never sent. The last answer counts. */
  answer(text: string, accepted: boolean): number {
    const id = this.find(text);
    if (id >= 0) this.#answer[id] = accepted ? ID_ANSWER.accepted : ID_ANSWER.rejected;
    return id;
  }

  /** The last id sent that was not rejected: the OrigClOrdID of the next request; the order's own id at least. */
  lastSent(row: number): string | undefined {
    return this.#last(row, (answer) => answer !== ID_ANSWER.rejected);
  }

  /** The last id the venue accepted: the OrigClOrdID of a reject; the order's own id before the first. */
  lastAccepted(row: number): string | undefined {
    return this.#last(row, (answer) => answer === ID_ANSWER.accepted);
  }

  /** The ids of the order in `row`, oldest first. */
  chain(row: number): readonly string[] {
    const texts: string[] = [];
    for (let id = this.#youngest[row] ?? -1; id >= 0; id = this.#previous[id] as number) {
      texts.push(this.#texts[id] as string);
    }
    return texts.reverse();
  }

  /** Ends the chain of a row. Its texts stay taken, and late reports still find them. */
  finish(row: number): void {
    const youngest = this.#youngest[row] ?? -1;
    if (youngest < 0) return;
    this.#finished.push(youngest);
    this.#youngest[row] = -1;
  }

  /** Forgets the ids of finished orders, as when a venue's day ends: their texts may be used again. */
  forgetFinished(): void {
    for (const youngest of this.#finished) {
      for (let id = youngest; id >= 0; id = this.#previous[id] as number) {
        this.#ids.delete(this.#texts[id] as string);
        this.#free[this.#freeCount++] = id;
      }
    }
    this.#finished.length = 0;
  }

  #check(text: string): Refusal<OrderRefusalCode> | undefined {
    if (typeof text !== "string" || text === "") {
      return refuse("ORDER_ID_MALFORMED", "clientOrderId", text, "a text that is not empty");
    }
    if (this.#ids.has(text)) {
      return refuse("ORDER_ID_TAKEN", "clientOrderId", text, "a text that was never sent before");
    }
    if (this.#ids.size < this.capacity) return undefined;
    return refuse("ORDER_IDS_FULL", "clientOrderIds", this.#ids.size, `fewer than ${this.capacity} ids`);
  }

  #add(text: string, row: number, requestId: number, previous: number): number {
    const id = this.#freeCount > 0 ? (this.#free[--this.#freeCount] as number) : this.#texts.length;
    this.#texts[id] = text;
    this.#row[id] = row;
    this.#requestId[id] = requestId;
    this.#answer[id] = ID_ANSWER.none;
    this.#previous[id] = previous;
    this.#youngest[row] = id;
    this.#ids.set(text, id);
    return id;
  }

  #last(row: number, wanted: (answer: number) => boolean): string | undefined {
    let id = this.#youngest[row] ?? -1;
    while (id >= 0 && !wanted(this.#answer[id] as number)) {
      const previous = this.#previous[id] as number;
      if (previous < 0) break;
      id = previous;
    }
    return this.#texts[id];
  }
}
