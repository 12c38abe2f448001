import { type ColumnPool, checkInteger, checkKeys } from "../base/index.ts";
import { KeyRing, type SavedKeyRing } from "./key-ring.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const WINDOW_NS = 500_000_000;
/** Above every instrument, time in force and side: what is packed into one number stays apart. */
const [PLACES, CODES, SIDES, PARENTS] = [16_777_216, 256, 4, 1_048_576];

/**
 * What makes two orders the same: a `GateOrder` is one.
 *
 * @units prices in ticks, `lots` lots
 */
export interface Fingerprint {
  readonly seat: number;
  readonly instrument: number;
  readonly side: number;
  readonly lots: number;
  readonly priceTicks: number;
  readonly stopTicks: number;
  readonly type: number;
  readonly timeInForce: number;
  /** Tells the slices of one parent from repetitions. */
  readonly slice: number;
  /** Tells the children of different parents apart; none unless given. */
  readonly parent?: number;
}

/**
 * What a check of a repetition says: `duplicate` is one too many, `full` that there is no place to remember the
 * order, `invalid` that something is no finite number. Only `clear` may go on.
 */
export type DuplicateVerdict = "clear" | "duplicate" | "full" | "invalid";

/** Options of {@link RecentOrders}. */
export interface RecentOrdersOptions {
  /** Orders remembered, a power of two: at least the most that may be sent within the window. */
  readonly capacity: number;
  /** 500,000,000 unless given. */
  readonly windowNs?: number;
  /** So many equal orders within the window are too many: 2 unless given, which refuses the first repetition. */
  readonly count?: number;
}

/**
 * Orders sent within a short window, to find repetitions: the count of equal fingerprints, this order included,
 * stays below `count`. Two calls: `check` changes nothing, `commit` remembers what was approved.
 *
 * @units times in ns from the session's base
 * @invariant An order that is forgotten is at least `windowNs` old: the memory refuses (`full`), it never drops.
 * @cost `check` and `commit` O(1) unless many orders share a chain, nothing allocated; 96 bytes an order.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { RecentOrders } from "tickwright/risk";
 * const recent = new RecentOrders({ capacity: 1024 });
 * const order = {
 *   seat: 0, instrument: 0, side: 1, lots: 5, priceTicks: 1000, stopTicks: 0, type: 0, timeInForce: 0, slice: 0,
 * };
 * const first = recent.check(order, 0);
 * recent.commit(order, 0);
 * [first, recent.check(order, 499_999_999), recent.check({ ...order, slice: 1 }, 1)]; // => ["clear", "duplicate", "clear"]
 * recent.check(order, 500_000_000); // => "clear"
 * ```
 */
export class RecentOrders implements StatePart {
  readonly #ring: KeyRing;
  readonly #windowNs: number;
  readonly #count: number;

  /** `columns` are what they are held in, where those are handed on. */
  constructor(options: RecentOrdersOptions, columns?: ColumnPool) {
    checkKeys("recentOrders", options, ["capacity", "windowNs", "count"]);
    const { capacity, windowNs = WINDOW_NS, count = 2 } = options;
    this.#windowNs = checkInteger("recentOrders.windowNs", windowNs, 1);
    this.#count = checkInteger("recentOrders.count", count, 2);
    this.#ring = new KeyRing({ width: 6, capacity, keepNs: windowNs }, columns);
  }

  /** What to say to this order now. Changes nothing. */
  check(order: Fingerprint, nowNs: number): DuplicateVerdict {
    const {
      seat,
      instrument,
      side,
      lots,
      priceTicks,
      stopTicks,
      type,
      timeInForce,
      slice,
      parent = 0,
    } = order;
    const prices = priceTicks + stopTicks + parent;
    const sum = seat + instrument + (side + lots) + prices + (type + timeInForce) + (slice + nowNs);
    return Number.isFinite(sum) ? this.checkWhole(order, nowNs) : "invalid";
  }

  /** {@link RecentOrders.check} of an order whose fields are known to be finite. */
  checkWhole(order: Fingerprint, nowNs: number): DuplicateVerdict {
    this.#fill(order);
    if (this.#ring.count(this.#windowNs, nowNs) + 1 >= this.#count) return "duplicate";
    return this.#ring.isFull(nowNs) ? "full" : "clear";
  }

  /**
   * Remembers an approved order.
   *
   * @throws `FAULT_CAPACITY` for one that `check` said `full` to.
   */
  commit(order: Fingerprint, nowNs: number): void {
    this.#fill(order);
    this.#ring.add(nowNs);
  }

  /** Remembers the order that `check` was asked about last. @throws `FAULT_CAPACITY` as `commit` */
  commitChecked(nowNs: number): void {
    this.#ring.addCounted(nowNs);
  }

  /** The state; the window and the count are configuration and are not in it. */
  save(): SavedKeyRing {
    return this.#ring.save();
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    this.#ring.load(data);
  }

  /** The state, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    this.#ring.saveInto(to);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    return this.#ring.loadFrom(from);
  }

  #fill(order: Fingerprint): void {
    const { key } = this.#ring;
    key[0] = order.seat * PLACES + order.instrument;
    key[1] = (order.parent ?? 0) * PARENTS + (order.type * CODES + order.timeInForce) * SIDES + order.side;
    key[2] = order.lots;
    key[3] = order.priceTicks;
    key[4] = order.stopTicks;
    key[5] = order.slice;
  }
}
