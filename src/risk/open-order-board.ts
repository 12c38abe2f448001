import { checkInteger, Fault } from "../base/index.ts";

const MAGIC = 0x74_77_6f_62;
const HEAD_WORDS = 16;
const SLOT_WORDS = 32;
const MAX_SLOTS = 1_048_576;
const WORD = 4_294_967_296;

/** Words of the head. */
const HEAD = { magic: 0, slots: 1, highWater: 2, changes: 3, open: 4 } as const;

/** Words of a slot; the text takes ten words, the scopes eight. */
const AT = {
  sequence: 0,
  state: 1,
  venue: 2,
  instrument: 3,
  side: 4,
  priceTicks: 5,
  numberLow: 6,
  numberHigh: 7,
  textLength: 8,
  text: 9,
  scopes: 19,
} as const;

/** Words of a slot that an order fills. */
const FILLED_WORDS = AT.scopes + 8;

/** Most characters of an order's id on an {@link OpenOrderBoard}. */
export const BOARD_ID_CHARACTERS = 40;

/** Scopes an order on an {@link OpenOrderBoard} may belong to beside the firm. */
export const BOARD_SCOPES = 8;

/** States of an order on an {@link OpenOrderBoard}; `empty` is a slot without one. */
export const BOARD_STATE = { empty: 0, sent: 1, live: 2, canceling: 3, unknown: 4 } as const;

/** What `read` of an {@link OpenOrderBoard} found; `busy` is a slot that is being written at this moment. */
export const BOARD_READ = { empty: 0, open: 1, busy: 2 } as const;

/**
 * One open order as it stands on an {@link OpenOrderBoard}: written from and read into, one object for all.
 *
 * @shape `scopes`: 8 indices of the kill latch; 0, the firm, where there are fewer
 * @units `priceTicks` ticks; `side` +1 buys, -1 sells; `number` rises with the order's age
 */
export class OpenOrderEntry {
  /** The dense id within the session: a smaller one is older. */
  number = 0;
  state: number = BOARD_STATE.sent;
  venue = 0;
  instrument = 0;
  side = 1;
  priceTicks = 0;
  /** The text that cancels the order at its venue: printable ASCII, 1 to 40 characters. */
  id = "";
  readonly scopes: Int32Array = new Int32Array(BOARD_SCOPES);
  /** Set by `read`: which publication of the slot this is. Two reads with one value show one order. */
  sequence = 0;
}

/**
 * The open orders in shared memory: the kernel's thread publishes, any other thread reads while it does, also
 * when the kernel's thread hangs.
 *
 * Publish an order before it is sent and remove it when it is known to be over: what is on no board is canceled
 * by nobody.
 *
 * @shape 16 words of head, then 32 words (128 bytes) a slot: sequence, state, venue, instrument, side, price,
 * number (two words), text length, text (ten words, four characters each, the first lowest), eight scopes
 * @invariant One thread writes. The sequence of a slot is odd while an order is written into it, and every word
 * is loaded and stored atomically: no read ever mixes two orders.
 * @invariant `changes` moves after every change: a reader that scanned and finds it unmoved has missed nothing.
 * @cost `publish` about 30 atomic stores, `setState` and `remove` 2 or 3, `read` about 60 loads; nothing is
 * allocated but the id's text in `read`. A scan is O(`highWater`).
 * @throws `FAULT_CONFIG` for a number of slots that is no integer within 1 and 1,048,576, or a buffer that is no
 * board's; `FAULT_INPUT` for a slot, a venue, a state or an id that cannot be.
 * @example
 * ```ts
 * import { BOARD_READ, OpenOrderBoard, OpenOrderEntry } from "tickwright/risk";
 * const board = new OpenOrderBoard(16_384);
 * const entry = new OpenOrderEntry();
 * entry.id = "T-17";
 * entry.venue = 3;
 * board.publish(5, entry);
 * const elsewhere = new OpenOrderBoard(board.buffer); // in another thread
 * const seen = new OpenOrderEntry();
 * [elsewhere.highWater, elsewhere.read(5, seen) === BOARD_READ.open, seen.id, seen.venue]; // => [6, true, "T-17", 3]
 * board.remove(5);
 * elsewhere.read(5, seen) === BOARD_READ.empty; // => true
 * ```
 */
export class OpenOrderBoard {
  readonly buffer: SharedArrayBuffer;
  /** Slots there are: the most orders that can be open at once. */
  readonly slots: number;
  readonly #words: Int32Array;
  readonly #copy: Int32Array = new Int32Array(FILLED_WORDS);

  constructor(slots: number | SharedArrayBuffer) {
    if (typeof slots === "number") {
      checkInteger("openOrderBoard.slots", slots, 1, MAX_SLOTS);
      this.buffer = new SharedArrayBuffer(4 * (HEAD_WORDS + slots * SLOT_WORDS));
      this.#words = new Int32Array(this.buffer);
      this.#words[HEAD.magic] = MAGIC;
      this.#words[HEAD.slots] = slots;
    } else {
      this.buffer = slots;
      this.#words = wordsOf(slots);
    }
    this.slots = this.#words[HEAD.slots] as number;
  }

  /** No slot at or above this one was ever used. */
  get highWater(): number {
    return Atomics.load(this.#words, HEAD.highWater);
  }

  /** Counts the changes of the board, modulo 2^32. */
  get changes(): number {
    return Atomics.load(this.#words, HEAD.changes);
  }

  /** Orders on the board. */
  get open(): number {
    return Atomics.load(this.#words, HEAD.open);
  }

  /** Puts an order into a slot, in place of the one that was there. The writer's thread only. */
  publish(slot: number, entry: OpenOrderEntry): void {
    const at = this.#place(slot);
    checkEntry(entry);
    const words = this.#words;
    if (Atomics.load(words, at + AT.state) === BOARD_STATE.empty) Atomics.add(words, HEAD.open, 1);
    if (slot >= Atomics.load(words, HEAD.highWater)) Atomics.store(words, HEAD.highWater, slot + 1);
    Atomics.add(words, at, 1);
    Atomics.store(words, at + AT.state, entry.state);
    Atomics.store(words, at + AT.venue, entry.venue);
    Atomics.store(words, at + AT.instrument, entry.instrument);
    Atomics.store(words, at + AT.side, entry.side);
    Atomics.store(words, at + AT.priceTicks, entry.priceTicks);
    Atomics.store(words, at + AT.numberLow, entry.number | 0);
    Atomics.store(words, at + AT.numberHigh, Math.floor(entry.number / WORD));
    this.#writeText(at, entry.id);
    for (let i = 0; i < BOARD_SCOPES; i++) {
      Atomics.store(words, at + AT.scopes + i, entry.scopes[i] as number);
    }
    Atomics.add(words, at, 1);
    Atomics.add(words, HEAD.changes, 1);
  }

  /** Says what became of an order that stays open. The writer's thread only. */
  setState(slot: number, state: number): void {
    const at = this.#place(slot);
    checkState(state);
    if (Atomics.load(this.#words, at + AT.state) === BOARD_STATE.empty) {
      throw new Fault("FAULT_INPUT", {
        path: "openOrderBoard.slot",
        value: slot,
        expected: "a slot with an order",
      });
    }
    Atomics.store(this.#words, at + AT.state, state);
    Atomics.add(this.#words, HEAD.changes, 1);
  }

  /** Takes an order off; says whether there was one. The writer's thread only. */
  remove(slot: number): boolean {
    const at = this.#place(slot);
    if (Atomics.exchange(this.#words, at + AT.state, BOARD_STATE.empty) === BOARD_STATE.empty) return false;
    Atomics.sub(this.#words, HEAD.open, 1);
    Atomics.add(this.#words, HEAD.changes, 1);
    return true;
  }

  /**
   * Reads a slot in any thread: one of `BOARD_READ`. `into` holds the order where it says `open`, and is not
   * touched otherwise. A slot that is `busy` is worth another look in a moment.
   */
  read(slot: number, into: OpenOrderEntry): number {
    const at = this.#place(slot);
    const words = this.#words;
    const sequence = Atomics.load(words, at);
    if (Atomics.load(words, at + AT.state) === BOARD_STATE.empty) return BOARD_READ.empty;
    if ((sequence & 1) !== 0) return BOARD_READ.busy;
    for (let i = 0; i < FILLED_WORDS; i++) this.#copy[i] = Atomics.load(words, at + i);
    if (Atomics.load(words, at) !== sequence) return BOARD_READ.busy;
    const state = this.#copy[AT.state] as number;
    if (state === BOARD_STATE.empty) return BOARD_READ.empty;
    fill(into, this.#copy);
    return BOARD_READ.open;
  }

  #writeText(at: number, id: string): void {
    Atomics.store(this.#words, at + AT.textLength, id.length);
    for (let i = 0; i < id.length; i += 4) {
      let word = 0;
      for (let k = Math.min(id.length - 1, i + 3); k >= i; k--) word = (word << 8) | id.charCodeAt(k);
      Atomics.store(this.#words, at + AT.text + i / 4, word);
    }
  }

  #place(slot: number): number {
    if (Number.isInteger(slot) && slot >= 0 && slot < this.slots) return HEAD_WORDS + slot * SLOT_WORDS;
    const expected = `a slot within 0 and ${this.slots - 1}`;
    throw new Fault("FAULT_INPUT", { path: "openOrderBoard.slot", value: slot, expected });
  }
}

function fill(into: OpenOrderEntry, words: Int32Array): void {
  into.sequence = words[AT.sequence] as number;
  into.state = words[AT.state] as number;
  into.venue = words[AT.venue] as number;
  into.instrument = words[AT.instrument] as number;
  into.side = words[AT.side] as number;
  into.priceTicks = words[AT.priceTicks] as number;
  into.number = (words[AT.numberHigh] as number) * WORD + ((words[AT.numberLow] as number) >>> 0);
  let id = "";
  const length = words[AT.textLength] as number;
  for (let i = 0; i < length; i += 4) {
    const word = words[AT.text + i / 4] as number;
    id += String.fromCharCode(word & 127, (word >> 8) & 127, (word >> 16) & 127, (word >> 24) & 127);
  }
  into.id = id.slice(0, length);
  for (let i = 0; i < BOARD_SCOPES; i++) into.scopes[i] = words[AT.scopes + i] as number;
}

function checkEntry(entry: OpenOrderEntry): void {
  checkState(entry.state);
  if ((entry.venue | 0) !== entry.venue || entry.venue < 0) {
    throw new Fault("FAULT_INPUT", {
      path: "entry.venue",
      value: entry.venue,
      expected: "an index of at least 0",
    });
  }
  if (!isId(entry.id)) {
    const expected = `1 to ${BOARD_ID_CHARACTERS} printable ASCII characters`;
    throw new Fault("FAULT_INPUT", { path: "entry.id", value: entry.id, expected });
  }
}

function checkState(state: number): void {
  if (state === BOARD_STATE.sent || state === BOARD_STATE.live) return;
  if (state === BOARD_STATE.canceling || state === BOARD_STATE.unknown) return;
  throw new Fault("FAULT_INPUT", { path: "entry.state", value: state, expected: "a state of an open order" });
}

function isId(id: string): boolean {
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code < 32 || code > 126) return false;
  }
  return id.length >= 1 && id.length <= BOARD_ID_CHARACTERS;
}

function wordsOf(buffer: SharedArrayBuffer): Int32Array {
  if (buffer instanceof SharedArrayBuffer && buffer.byteLength % 128 === 64) {
    const words = new Int32Array(buffer);
    const bytes = 4 * (HEAD_WORDS + (words[HEAD.slots] as number) * SLOT_WORDS);
    if (words[HEAD.magic] === MAGIC && buffer.byteLength === bytes) return words;
  }
  throw new Fault("FAULT_CONFIG", {
    path: "openOrderBoard.buffer",
    value: buffer,
    expected: "the buffer of a board",
  });
}
