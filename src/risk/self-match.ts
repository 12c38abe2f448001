import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { checkIndex, checkWhole } from "./inputs.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** What is done about an order that would trade with one's own resting order. */
export const SELF_MATCH = {
  none: 0,
  cancelNewest: 1,
  cancelOldest: 2,
  cancelBoth: 3,
  decrementAndCancel: 4,
} as const;

/** The name of a mode of self-match prevention. */
export type SelfMatchMode = keyof typeof SELF_MATCH;

/** What {@link SelfMatch.check} says of an incoming order: send it, send it after the cancels, or never. */
export const SELF_MATCH_OUTCOME = { pass: 0, wait: 1, refuse: 2 } as const;

/** Options of a {@link SelfMatch}. */
export interface SelfMatchOptions {
  /** Groups whose orders must not trade with one another: an account, or accounts of one owner. */
  readonly groups: number;
  readonly instruments: number;
  /** The rows of orders; a slot is below it. */
  readonly orders: number;
}

/**
 * What {@link SelfMatch.save} writes, JSON-safe: [slot, group, instrument, side, ticks, lots], by priority.
 */
export type SavedSelfMatch = readonly (readonly [number, number, number, number, number, number])[];

const NO_SLOT = -1;

/**
 * One's own resting orders by group, instrument, side and price, to find before sending whether an order
 * would trade with one of them, and what the mode of the incoming order (it decides) makes of that.
 *
 * `cancelNewest` refuses the incoming order; `cancelOldest` wants every own order it crosses canceled
 * first; `cancelBoth` refuses it and wants the first one it crosses canceled; `decrementAndCancel` takes
 * the lots both have in common off both, best price first, without a trade, and the rest of the incoming
 * order waits for that. The check is advisory (a resting order may fill first): the venue's own prevention
 * decides.
 *
 * @units ticks and lots; sides +1 buys, -1 sells; a market order buys at Infinity and sells at -Infinity
 * @shape two intrusive lists a pair of group and instrument, best price first, then longest resting
 * @invariant After `check` the first `count` of `slots` are the orders to cancel (`leaves` 0) or to reduce
 * to `leaves`; `incomingLots` is what may be sent of the incoming order, now or after that.
 * @cost `wouldMatch`, `bestTicks`, `remove` O(1); `add`, `change` O(own orders at better prices); `check`
 * O(orders it lists); nothing allocated. 40 bytes an order, 8 a pair.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for an index, a price or a quantity that is none,
 * a slot used twice, and a slot without an order.
 * @example
 * ```ts
 * import { SELF_MATCH, SELF_MATCH_OUTCOME, SelfMatch } from "tickwright/risk";
 * const own = new SelfMatch({ groups: 1, instruments: 1, orders: 8 });
 * own.add(3, 0, 0, -1, 105, 10); // our offer of 10 at 105
 * own.wouldMatch(0, 0, 1, 104); // => false
 * own.check(0, 0, 1, 105, 4, SELF_MATCH.decrementAndCancel) === SELF_MATCH_OUTCOME.refuse; // => true
 * [own.count, own.slots[0], own.leaves[0], own.incomingLots]; // => [1, 3, 6, 0]
 * ```
 * @source FIX 5.0 SP2 tag 2964; Binance spot API, self-trade prevention; FINRA Rule 5210.02
 */
export class SelfMatch implements StatePart {
  readonly groups: number;
  readonly instruments: number;
  readonly orders: number;
  /** The resting orders that the last `check` lists, and what each is to have left. */
  readonly slots: Int32Array;
  readonly leaves: Float64Array;
  #count = 0;
  #incomingLots = 0;
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** The list a slot is in, `NO_SLOT` for a slot without an order. */
  readonly #list: Int32Array;
  readonly #ticks: Float64Array;
  readonly #lots: Float64Array;

  constructor(options: SelfMatchOptions) {
    checkKeys("selfMatch", options, ["groups", "instruments", "orders"]);
    this.groups = checkInteger("selfMatch.groups", options.groups, 1, 1 << 16);
    this.instruments = checkInteger("selfMatch.instruments", options.instruments, 1, 1 << 24);
    this.orders = checkInteger("selfMatch.orders", options.orders, 1, 1 << 24);
    const pairs = this.groups * this.instruments;
    checkInteger("selfMatch.groups * instruments", pairs, 1, 1 << 26);
    this.#head = new Int32Array(2 * pairs).fill(NO_SLOT);
    this.#next = new Int32Array(this.orders);
    this.#previous = new Int32Array(this.orders);
    this.#list = new Int32Array(this.orders).fill(NO_SLOT);
    this.#ticks = new Float64Array(this.orders);
    this.#lots = new Float64Array(this.orders);
    this.slots = new Int32Array(this.orders);
    this.leaves = new Float64Array(this.orders);
  }

  /** How many orders the last `check` lists. */
  get count(): number {
    return this.#count;
  }

  /** The lots of the incoming order that the last `check` leaves. */
  get incomingLots(): number {
    return this.#incomingLots;
  }

  /** Takes an order that rests, or will when it arrives. */
  add(slot: number, group: number, instrument: number, side: number, ticks: number, lots: number): void {
    const row = checkIndex("selfMatch.slot", slot, this.orders);
    if (this.#list[row] !== NO_SLOT) throw badSlot(slot, "one without an order");
    const list = this.#listOf(group, instrument, side);
    this.#ticks[row] = checkWhole("selfMatch.ticks", ticks, Number.MIN_SAFE_INTEGER);
    this.#lots[row] = checkWhole("selfMatch.lots", lots, 1);
    this.#link(row, list);
  }

  /** Takes a new price or a new rest of an order; a new price and more lots cost it its place in time. */
  change(slot: number, ticks: number, lots: number): void {
    const list = this.#listAt(slot);
    checkWhole("selfMatch.ticks", ticks, Number.MIN_SAFE_INTEGER);
    checkWhole("selfMatch.lots", lots, 1);
    const keepsPlace = ticks === this.#ticks[slot] && lots <= (this.#lots[slot] as number);
    if (!keepsPlace) this.#unlink(slot, list);
    this.#ticks[slot] = ticks;
    this.#lots[slot] = lots;
    if (!keepsPlace) this.#link(slot, list);
  }

  /** Takes an order out: it is filled, canceled, expired or rejected. */
  remove(slot: number): void {
    this.#unlink(slot, this.#listAt(slot));
    this.#list[slot] = NO_SLOT;
  }

  /** Whether a slot has an order. */
  holds(slot: number): boolean {
    return (this.#list[slot] ?? NO_SLOT) !== NO_SLOT;
  }

  /** The best price of one's own orders on a side, NaN for none. */
  bestTicks(group: number, instrument: number, side: number): number {
    return this.#ticks[this.#head[this.#listOf(group, instrument, side)] as number] ?? Number.NaN;
  }

  /** Whether an order at a price would trade with one's own. */
  wouldMatch(group: number, instrument: number, side: number, ticks: number): boolean {
    const best = this.bestTicks(group, instrument, -side);
    return side > 0 ? best <= ticks : best >= ticks;
  }

  /**
   * What the mode makes of an incoming order: a code of {@link SELF_MATCH_OUTCOME}, and the list beside it.
   */
  check(group: number, instrument: number, side: number, ticks: number, lots: number, mode: number): number {
    checkWhole("selfMatch.lots", lots, 1);
    checkWhole("selfMatch.mode", mode, SELF_MATCH.none, SELF_MATCH.decrementAndCancel);
    this.#count = 0;
    this.#incomingLots = lots;
    if (mode === SELF_MATCH.none || !this.wouldMatch(group, instrument, side, ticks))
      return SELF_MATCH_OUTCOME.pass;
    if (mode === SELF_MATCH.cancelNewest || mode === SELF_MATCH.cancelBoth) this.#incomingLots = 0;
    if (mode === SELF_MATCH.cancelNewest) return SELF_MATCH_OUTCOME.refuse;
    let slot = this.#head[this.#listOf(group, instrument, -side)] as number;
    do {
      const restingLots = this.#lots[slot] as number;
      const takenLots =
        mode === SELF_MATCH.decrementAndCancel ? Math.min(restingLots, this.#incomingLots) : 0;
      this.#incomingLots -= takenLots;
      this.slots[this.#count] = slot;
      this.leaves[this.#count] = takenLots > 0 ? restingLots - takenLots : 0;
      this.#count++;
      slot = this.#next[slot] as number;
    } while (this.#incomingLots > 0 && slot !== NO_SLOT && this.#crosses(slot, side, ticks));
    return this.#incomingLots > 0 ? SELF_MATCH_OUTCOME.wait : SELF_MATCH_OUTCOME.refuse;
  }

  /** Every order by list and priority, JSON-safe. */
  save(): SavedSelfMatch {
    const saved: [number, number, number, number, number, number][] = [];
    for (const [list, head] of this.#head.entries()) {
      const pair = list >> 1;
      const [group, instrument] = [Math.floor(pair / this.instruments), pair % this.instruments];
      for (let slot = head; slot !== NO_SLOT; slot = this.#next[slot] as number) {
        const [ticks, lots] = [this.#ticks[slot] as number, this.#lots[slot] as number];
        saved.push([slot, group, instrument, list % 2 === 0 ? 1 : -1, ticks, lots]);
      }
    }
    return saved;
  }

  /**
   * Takes the orders that `save` wrote, in place of those held.
   *
   * @throws as `add`; only the orders before the fault are then held.
   */
  load(saved: SavedSelfMatch): void {
    this.#head.fill(NO_SLOT);
    this.#list.fill(NO_SLOT);
    for (const [slot, group, instrument, side, ticks, lots] of saved) {
      this.add(slot, group, instrument, side, ticks, lots);
    }
  }

  /** Every order by list and priority, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    for (let first = 0; first < this.orders; first++) {
      const list = this.#list[first] as number;
      if (list === NO_SLOT || this.#head[list] !== first) continue;
      to.number(list + 1);
      for (let slot = first; slot !== NO_SLOT; slot = this.#next[slot] as number) {
        to.number(slot + 1);
        to.number(this.#ticks[slot] as number);
        to.number(this.#lots[slot] as number);
      }
      to.number(0);
    }
    to.number(0);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const rows: (readonly [list: number, slot: number, ticks: number, lots: number])[] = [];
    const seen = new Uint8Array(this.orders);
    for (;;) {
      const list = from.whole("list", 0, this.#head.length) - 1;
      if (list < 0) break;
      for (;;) {
        const slot = from.whole("slot", 0, this.orders) - 1;
        if (slot < 0) break;
        from.check("slot", slot, seen[slot] === 0, "a slot of one order");
        seen[slot] = 1;
        rows.push([list, slot, from.number(), from.number()]);
      }
    }
    return () => {
      this.#head.fill(NO_SLOT);
      this.#list.fill(NO_SLOT);
      for (const [list, slot, ticks, lots] of rows) {
        this.#ticks[slot] = ticks;
        this.#lots[slot] = lots;
        this.#link(slot, list);
      }
    };
  }

  #crosses(slot: number, side: number, ticks: number): boolean {
    const resting = this.#ticks[slot] as number;
    return side > 0 ? resting <= ticks : resting >= ticks;
  }

  #listOf(group: number, instrument: number, side: number): number {
    const row = checkIndex("selfMatch.group", group, this.groups);
    const pair = row * this.instruments + checkIndex("selfMatch.instrument", instrument, this.instruments);
    if (side === 1) return 2 * pair;
    if (side === -1) return 2 * pair + 1;
    throw new Fault("FAULT_INPUT", { path: "selfMatch.side", value: side, expected: "1 or -1" });
  }

  #listAt(slot: number): number {
    const list = this.#list[checkIndex("selfMatch.slot", slot, this.orders)] as number;
    if (list === NO_SLOT) throw badSlot(slot, "one with an order");
    return list;
  }

  /** Puts an order behind the last one that is not worse. */
  #link(slot: number, list: number): void {
    const sign = list % 2 === 0 ? -1 : 1;
    const rank = (this.#ticks[slot] as number) * sign;
    let before = NO_SLOT;
    let after = this.#head[list] as number;
    while (after !== NO_SLOT && (this.#ticks[after] as number) * sign <= rank) {
      before = after;
      after = this.#next[after] as number;
    }
    this.#list[slot] = list;
    this.#previous[slot] = before;
    this.#next[slot] = after;
    if (before === NO_SLOT) this.#head[list] = slot;
    else this.#next[before] = slot;
    if (after !== NO_SLOT) this.#previous[after] = slot;
  }

  #unlink(slot: number, list: number): void {
    const [before, after] = [this.#previous[slot] as number, this.#next[slot] as number];
    if (before === NO_SLOT) this.#head[list] = after;
    else this.#next[before] = after;
    if (after !== NO_SLOT) this.#previous[after] = before;
  }
}

function badSlot(slot: number, expected: string): Fault {
  return new Fault("FAULT_INPUT", { path: "selfMatch.slot", value: slot, expected });
}
