import { afterEach, describe, expect, it, vi } from "vitest";
import {
  BOARD_ID_CHARACTERS,
  BOARD_READ,
  BOARD_SCOPES,
  BOARD_STATE,
  OpenOrderBoard,
  OpenOrderEntry,
} from "../../src/risk/open-order-board.ts";
import { faultOf } from "../fixtures/run-tapes.ts";

function entryOf(fields: Partial<OpenOrderEntry>): OpenOrderEntry {
  return Object.assign(new OpenOrderEntry(), { id: "A-1" }, fields);
}

/** The words of a slot, as the docstring lays them out. */
function wordsOf(board: OpenOrderBoard, slot: number): Int32Array {
  return new Int32Array(board.buffer, 64 + 128 * slot, 32);
}

describe("an entry", () => {
  it("begins as an order that was sent, with no name", () => {
    const { scopes, ...fields } = new OpenOrderEntry();
    expect([...scopes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(fields).toEqual({
      number: 0,
      state: BOARD_STATE.sent,
      venue: 0,
      instrument: 0,
      side: 1,
      priceTicks: 0,
      id: "",
      sequence: 0,
    });
  });
});

describe("a slot", () => {
  it("is laid out as documented", () => {
    const board = new OpenOrderBoard(2);
    const entry = entryOf({ state: BOARD_STATE.live, venue: 3, instrument: 9, side: -1, priceTicks: -70 });
    entry.number = 5 * 4_294_967_296 + 4_000_000_000;
    entry.id = "ABCDE";
    entry.scopes.set([1, 2, 3, 4, 5, 6, 7, 8]);
    board.publish(1, entry);
    const words = [...wordsOf(board, 1)];
    expect(words.slice(0, 11)).toEqual([2, 2, 3, 9, -1, -70, 4_000_000_000 | 0, 5, 5, 0x44434241, 0x45]);
    expect(words.slice(11, 19)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(words.slice(19, 27)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...wordsOf(board, 0)].every((word) => word === 0)).toBe(true);
    expect(board.buffer.byteLength).toBe(64 + 2 * 128);
  });

  it("gives back what was put in, ids of every length included", () => {
    const board = new OpenOrderBoard(1);
    const found = new OpenOrderEntry();
    const text = "~ !ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789z";
    expect(text.length).toBe(BOARD_ID_CHARACTERS);
    for (let length = BOARD_ID_CHARACTERS; length >= 1; length--) {
      const entry = entryOf({ id: text.slice(0, length), number: 4_294_967_295, state: BOARD_STATE.unknown });
      board.publish(0, entry);
      expect(board.read(0, found)).toBe(BOARD_READ.open);
      entry.sequence = found.sequence;
      expect(found).toEqual(entry);
    }
    expect(found.sequence).toBe(2 * BOARD_ID_CHARACTERS);
    expect(found.scopes.length).toBe(BOARD_SCOPES);
  });

  it("that is being written is busy, and the entry is left alone", () => {
    const board = new OpenOrderBoard(1);
    board.publish(0, entryOf({ id: "A-1" }));
    const words = wordsOf(board, 0);
    words[0] = 3;
    const found = entryOf({ id: "before" });
    expect(board.read(0, found)).toBe(BOARD_READ.busy);
    expect(found.id).toBe("before");
    words[1] = BOARD_STATE.empty;
    expect(board.read(0, found)).toBe(BOARD_READ.empty);
  });

  it("that was used before shows the new order, with another sequence", () => {
    const board = new OpenOrderBoard(4);
    const found = new OpenOrderEntry();
    board.publish(2, entryOf({ id: "A-1" }));
    board.read(2, found);
    const first = found.sequence;
    expect(board.remove(2)).toBe(true);
    expect(board.remove(2)).toBe(false);
    expect([board.open, board.changes, board.highWater]).toEqual([0, 2, 3]);
    board.publish(2, entryOf({ id: "A-2" }));
    board.read(2, found);
    expect([found.id, found.sequence - first, board.open]).toEqual(["A-2", 2, 1]);
    board.publish(2, entryOf({ id: "A-3" }));
    expect([board.open, board.changes, board.highWater]).toEqual([1, 4, 3]);
    board.publish(0, entryOf({ id: "A-4" }));
    expect([board.open, board.changes, board.highWater]).toEqual([2, 5, 3]);
  });

  it("changes its state alone, and counts the change", () => {
    const board = new OpenOrderBoard(1);
    const found = new OpenOrderEntry();
    board.publish(0, entryOf({ state: BOARD_STATE.sent }));
    board.setState(0, BOARD_STATE.live);
    board.read(0, found);
    expect([found.state, found.sequence, board.changes]).toEqual([BOARD_STATE.live, 2, 2]);
    board.remove(0);
    const fault = {
      code: "FAULT_INPUT",
      path: "openOrderBoard.slot",
      value: 0,
      expected: "a slot with an order",
    };
    expect(faultOf(() => board.setState(0, BOARD_STATE.live))).toMatchObject(fault);
  });
});

describe("faults", () => {
  it.each([0, 1.5, -1, Number.NaN, 1_048_577])("%s slots", (slots) => {
    const expected = "an integer within 1 and 1048576";
    const fault = { code: "FAULT_CONFIG", path: "openOrderBoard.slots", value: slots, expected };
    expect(faultOf(() => new OpenOrderBoard(slots))).toMatchObject(fault);
  });

  it("the bounds themselves are fine", () => {
    expect([new OpenOrderBoard(1).slots, new OpenOrderBoard(1_048_576).slots]).toEqual([1, 1_048_576]);
  });

  it.each([
    ["none", new SharedArrayBuffer(0)],
    ["of a length that holds no words", new SharedArrayBuffer(67)],
    ["of zeros", new SharedArrayBuffer(64 + 128)],
    ["that is not shared", new ArrayBuffer(64 + 128) as unknown as SharedArrayBuffer],
    ["cut short", cut()],
    ["of another kind", unmarked()],
  ])("a buffer %s", (_what, buffer) => {
    const expected = "the buffer of a board";
    const fault = { code: "FAULT_CONFIG", path: "openOrderBoard.buffer", value: buffer, expected };
    expect(faultOf(() => new OpenOrderBoard(buffer))).toMatchObject(fault);
  });

  it.each([-1, 2, 0.5, Number.NaN])("slot %s of 2", (slot) => {
    const board = new OpenOrderBoard(2);
    const fault = {
      code: "FAULT_INPUT",
      path: "openOrderBoard.slot",
      value: slot,
      expected: "a slot within 0 and 1",
    };
    expect(faultOf(() => board.publish(slot, entryOf({})))).toMatchObject(fault);
    expect(faultOf(() => board.remove(slot))).toMatchObject(fault);
    expect(faultOf(() => board.setState(slot, 1))).toMatchObject(fault);
    expect(faultOf(() => board.read(slot, new OpenOrderEntry()))).toMatchObject(fault);
  });

  const text = "1 to 40 printable ASCII characters";
  it.each([
    ["id", "", text],
    ["id", "x".repeat(41), text],
    ["id", "a\n", text],
    ["id", "a\u001f", text],
    ["id", "a\u007f", text],
    ["id", "é", text],
    ["state", 0, "a state of an open order"],
    ["state", 5, "a state of an open order"],
    ["state", Number.NaN, "a state of an open order"],
    ["venue", -1, "an index of at least 0"],
    ["venue", 0.5, "an index of at least 0"],
    ["venue", Number.NaN, "an index of at least 0"],
  ])("%s %j changes nothing", (field, value, expected) => {
    const board = new OpenOrderBoard(1);
    const fault = faultOf(() => board.publish(0, entryOf({ [field]: value })));
    expect(fault).toMatchObject({ code: "FAULT_INPUT", path: `entry.${field}`, value, expected });
    expect([board.open, board.changes, board.highWater, wordsOf(board, 0)[0]]).toEqual([0, 0, 0, 0]);
  });

  it("a state that is none, of an order that is there", () => {
    const board = new OpenOrderBoard(1);
    board.publish(0, entryOf({}));
    expect(faultOf(() => board.setState(0, 0))).toMatchObject({ path: "entry.state", value: 0 });
  });
});

/** A board in all but its first word. */
function unmarked(): SharedArrayBuffer {
  const { buffer } = new OpenOrderBoard(2);
  const words = new Int32Array(buffer);
  words[0] = (words[0] as number) + 1;
  return buffer;
}

function cut(): SharedArrayBuffer {
  const whole = new OpenOrderBoard(2).buffer;
  const shorter = new SharedArrayBuffer(64 + 128);
  new Uint8Array(shorter).set(new Uint8Array(whole, 0, shorter.byteLength));
  return shorter;
}

/** Runs `act` just before a word is loaded for the nth time, as if the writer's thread did it there. */
function beforeLoad(word: number, nth: number, act: () => void): void {
  const load = Atomics.load.bind(Atomics) as (words: Int32Array, at: number) => number;
  let loads = 0;
  const spied = (words: Int32Array, at: number): number => {
    if (at === word && ++loads === nth) {
      vi.restoreAllMocks();
      act();
    }
    return load(words, at);
  };
  vi.spyOn(Atomics, "load").mockImplementation(spied as typeof Atomics.load);
}

describe("a read that the writer comes between", () => {
  const SEQUENCE = 16 + 32;
  const STATE = SEQUENCE + 1;
  const PRICE = SEQUENCE + 5;

  function between(
    word: number,
    nth: number,
    act: (board: OpenOrderBoard) => void,
  ): [number, string, number] {
    const board = new OpenOrderBoard(2);
    board.publish(1, entryOf({ id: "A-1", state: BOARD_STATE.live }));
    const found = entryOf({ id: "before" });
    beforeLoad(word, nth, () => act(board));
    const said = board.read(1, found);
    return [said, found.id, found.state];
  }

  afterEach(() => vi.restoreAllMocks());

  it.each([
    ["the sequence is loaded", SEQUENCE, 1],
    ["the state is loaded", STATE, 1],
    ["the sequence is copied", SEQUENCE, 2],
    ["the state is copied", STATE, 2],
  ])("finds no order that goes before %s", (_when, word, nth) => {
    const [said, id] = between(word, nth, (board) => board.remove(1));
    expect([said, id]).toEqual([BOARD_READ.empty, "before"]);
  });

  it("finds an order that goes once its state is copied", () => {
    const read = between(PRICE, 1, (board) => board.remove(1));
    expect(read).toEqual([BOARD_READ.open, "A-1", BOARD_STATE.live]);
  });

  it("finds the new state or the old one", () => {
    const change = (board: OpenOrderBoard): void => board.setState(1, BOARD_STATE.canceling);
    expect(between(STATE, 2, change)).toEqual([BOARD_READ.open, "A-1", BOARD_STATE.canceling]);
    expect(between(PRICE, 1, change)).toEqual([BOARD_READ.open, "A-1", BOARD_STATE.live]);
  });

  it.each([
    ["the sequence is copied", SEQUENCE, 2],
    ["the price is copied", PRICE, 1],
    ["the sequence is loaded again", SEQUENCE, 3],
  ])("is busy when another order comes before %s", (_when, word, nth) => {
    const [said, id] = between(word, nth, (board) => board.publish(1, entryOf({ id: "A-2" })));
    expect([said, id]).toEqual([BOARD_READ.busy, "before"]);
  });
});
