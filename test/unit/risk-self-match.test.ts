import { describe, expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { SELF_MATCH, SELF_MATCH_OUTCOME, SelfMatch } from "../../src/risk/self-match.ts";
import { SELF_MATCH_NAMES } from "../../src/risk/self-match-names.ts";

const { cancelBoth, cancelNewest, cancelOldest, decrementAndCancel, none } = SELF_MATCH;
const { pass, refuse, wait } = SELF_MATCH_OUTCOME;
const make = () => new SelfMatch({ groups: 2, instruments: 3, orders: 8 });

/** Own offers: 10 at 105 in slot 3, 20 at 105 in slot 1, 5 at 103 in slot 6, 7 at 110 in slot 2; a bid of 9 at 99. */
function filled(): SelfMatch {
  const own = make();
  own.add(3, 1, 2, -1, 105, 10);
  own.add(1, 1, 2, -1, 105, 20);
  own.add(6, 1, 2, -1, 103, 5);
  own.add(2, 1, 2, -1, 110, 7);
  own.add(0, 1, 2, 1, 99, 9);
  return own;
}

function check(own: SelfMatch, side: number, ticks: number, lots: number, mode: number) {
  const outcome = own.check(1, 2, side, ticks, lots, mode);
  const listed = [...own.slots.subarray(0, own.count)].map((slot, i) => [slot, own.leaves[i]]);
  return [outcome, own.incomingLots, listed];
}

describe("SelfMatch", () => {
  it("finds the best own price", () => {
    const own = filled();
    expect([own.bestTicks(1, 2, -1), own.bestTicks(1, 2, 1), own.bestTicks(0, 2, 1)]).toEqual([103, 99, NaN]);
    expect([102, 103, Infinity, NaN].map((ticks) => own.wouldMatch(1, 2, 1, ticks))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([100, 99, -Infinity, NaN].map((ticks) => own.wouldMatch(1, 2, -1, ticks))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([own.wouldMatch(0, 2, 1, Infinity), own.wouldMatch(1, 1, -1, -Infinity)]).toEqual([false, false]);
    expect([own.holds(3), own.holds(4), own.holds(8), own.holds(-1)]).toEqual([true, false, false, false]);
  });

  it("takes prices at and below 0", () => {
    const own = make();
    own.add(0, 0, 0, -1, 0, 1);
    expect([own.wouldMatch(0, 0, 1, -1), own.wouldMatch(0, 0, 1, 0)]).toEqual([false, true]);
    own.add(1, 0, 0, -1, -3, 1);
    expect(own.bestTicks(0, 0, -1)).toBe(-3);
  });

  it.each([
    ["none", none, 105, 10, [pass, 10, []]],
    ["cancelNewest", cancelNewest, 105, 10, [refuse, 0, []]],
    ["cancelNewest, apart", cancelNewest, 102, 10, [pass, 10, []]],
    [
      "cancelOldest",
      cancelOldest,
      105,
      10,
      [
        wait,
        10,
        [
          [6, 0],
          [3, 0],
          [1, 0],
        ],
      ],
    ],
    ["cancelOldest at the touch", cancelOldest, 103, 10, [wait, 10, [[6, 0]]]],
    [
      "cancelOldest of a market order",
      cancelOldest,
      Infinity,
      1,
      [
        wait,
        1,
        [
          [6, 0],
          [3, 0],
          [1, 0],
          [2, 0],
        ],
      ],
    ],
    ["cancelOldest, apart", cancelOldest, 102, 10, [pass, 10, []]],
    ["cancelBoth", cancelBoth, 105, 10, [refuse, 0, [[6, 0]]]],
    ["cancelBoth, apart", cancelBoth, 102, 10, [pass, 10, []]],
    ["decrement, smaller than the first", decrementAndCancel, 105, 4, [refuse, 0, [[6, 1]]]],
    ["decrement, as large as the first", decrementAndCancel, 105, 5, [refuse, 0, [[6, 0]]]],
    [
      "decrement into the second",
      decrementAndCancel,
      105,
      6,
      [
        refuse,
        0,
        [
          [6, 0],
          [3, 9],
        ],
      ],
    ],
    [
      "decrement through two",
      decrementAndCancel,
      105,
      15,
      [
        refuse,
        0,
        [
          [6, 0],
          [3, 0],
        ],
      ],
    ],
    [
      "decrement through all it crosses",
      decrementAndCancel,
      105,
      36,
      [
        wait,
        1,
        [
          [6, 0],
          [3, 0],
          [1, 0],
        ],
      ],
    ],
    ["decrement, apart", decrementAndCancel, 102, 6, [pass, 6, []]],
  ])("%s", (_what, mode, ticks, lots, expected) => {
    const own = filled();
    expect(check(own, 1, ticks, lots, mode)).toEqual(expected);
    expect(check(own, 1, ticks, lots, mode)).toEqual(expected);
    expect(check(own, 1, 1, 3, mode)).toEqual([pass, 3, []]);
  });

  it("mirrors for sells", () => {
    const own = filled();
    own.add(7, 1, 2, 1, 101, 2);
    own.add(5, 1, 2, 1, 99, 4);
    expect(check(own, -1, 99, 4, cancelOldest)).toEqual([
      wait,
      4,
      [
        [7, 0],
        [0, 0],
        [5, 0],
      ],
    ]);
    expect(check(own, -1, 100, 4, decrementAndCancel)).toEqual([wait, 2, [[7, 0]]]);
    expect(check(own, -1, 102, 4, cancelNewest)).toEqual([pass, 4, []]);
  });

  it("follows the orders", () => {
    const own = filled();
    const offers = () => check(own, 1, Infinity, 1, cancelOldest)[2];
    own.change(3, 105, 8);
    expect(offers()).toEqual([
      [6, 0],
      [3, 0],
      [1, 0],
      [2, 0],
    ]);
    own.change(3, 105, 8);
    expect(offers()).toEqual([
      [6, 0],
      [3, 0],
      [1, 0],
      [2, 0],
    ]);
    own.change(3, 105, 9);
    expect(offers()).toEqual([
      [6, 0],
      [1, 0],
      [3, 0],
      [2, 0],
    ]);
    own.change(6, 110, 5);
    expect(offers()).toEqual([
      [1, 0],
      [3, 0],
      [2, 0],
      [6, 0],
    ]);
    own.change(2, 104, 6);
    expect(offers()).toEqual([
      [2, 0],
      [1, 0],
      [3, 0],
      [6, 0],
    ]);
    own.remove(1);
    expect(offers()).toEqual([
      [2, 0],
      [3, 0],
      [6, 0],
    ]);
    own.remove(2);
    own.remove(6);
    expect(offers()).toEqual([[3, 0]]);
    expect(check(own, 1, 105, 4, decrementAndCancel)).toEqual([refuse, 0, [[3, 5]]]);
    own.remove(3);
    expect([own.wouldMatch(1, 2, 1, Infinity), own.bestTicks(1, 2, -1), own.holds(3)]).toEqual([
      false,
      NaN,
      false,
    ]);
    own.add(3, 0, 0, 1, 1, 1);
    expect([own.bestTicks(0, 0, 1), own.bestTicks(1, 2, 1)]).toEqual([1, 99]);
  });

  it("knows the modes by the names of the venues", () => {
    expect(SELF_MATCH_NAMES.map((row) => row.mode)).toEqual(Object.keys(SELF_MATCH));
    expect(SELF_MATCH_NAMES.map((row) => [row.binance, row.fix2964])).toEqual([
      ["NONE", undefined],
      ["EXPIRE_TAKER", 1],
      ["EXPIRE_MAKER", 2],
      ["EXPIRE_BOTH", 3],
      ["DECREMENT", undefined],
    ]);
    expect(Object.values(SELF_MATCH)).toEqual([0, 1, 2, 3, 4]);
    expect(SELF_MATCH_OUTCOME).toEqual({ pass: 0, wait: 1, refuse: 2 });
  });

  it("comes back from JSON with the priorities", () => {
    const own = filled();
    const saved = own.save();
    expect(saved).toEqual([
      [0, 1, 2, 1, 99, 9],
      [6, 1, 2, -1, 103, 5],
      [3, 1, 2, -1, 105, 10],
      [1, 1, 2, -1, 105, 20],
      [2, 1, 2, -1, 110, 7],
    ]);
    const copy = make();
    copy.add(4, 0, 1, 1, 5, 5);
    copy.add(0, 0, 1, 1, 5, 5);
    copy.load(JSON.parse(JSON.stringify(saved)));
    expect(copy.save()).toEqual(saved);
    expect([copy.holds(4), copy.bestTicks(0, 1, 1)]).toEqual([false, NaN]);
    expect(check(copy, 1, 105, 10, cancelOldest)).toEqual(check(own, 1, 105, 10, cancelOldest));
    const other = make();
    other.add(2, 0, 1, -1, 5, 5);
    expect(other.save()).toEqual([[2, 0, 1, -1, 5, 5]]);
    expect(() => copy.load([[9, 0, 0, 1, 1, 1]])).toThrow("FAULT_INPUT selfMatch.slot");
  });

  it.each<[string, (own: SelfMatch) => unknown]>([
    ["slot: found 8", (own) => own.add(8, 0, 0, 1, 1, 1)],
    ["slot: found 3, expected one without an order", (own) => own.add(3, 0, 0, 1, 1, 1)],
    ["group", (own) => own.add(4, 2, 0, 1, 1, 1)],
    ["instrument", (own) => own.add(4, 0, 3, 1, 1, 1)],
    ["side: found 0, expected 1 or -1", (own) => own.add(4, 0, 0, 0, 1, 1)],
    ["side", (own) => own.add(4, 0, 0, Number.NaN, 1, 1)],
    ["ticks", (own) => own.add(4, 0, 0, 1, 1.5, 1)],
    ["ticks", (own) => own.add(4, 0, 0, 1, Infinity, 1)],
    ["lots", (own) => own.add(4, 0, 0, 1, 1, 0)],
    ["slot: found 4, expected one with an order", (own) => own.change(4, 1, 1)],
    ["slot: found 9", (own) => own.change(9, 1, 1)],
    ["ticks", (own) => own.change(3, Number.NaN, 1)],
    ["lots", (own) => own.change(3, 100, 0)],
    ["slot", (own) => own.remove(4)],
    ["slot", (own) => own.remove(-1)],
    ["group", (own) => own.bestTicks(-1, 0, 1)],
    ["instrument", (own) => own.wouldMatch(0, 3, 1, 1)],
    ["side", (own) => own.wouldMatch(0, 0, 2, 1)],
    ["lots", (own) => own.check(1, 2, 1, 105, 0, cancelBoth)],
    ["mode", (own) => own.check(1, 2, 1, 105, 1, 5)],
    ["mode", (own) => own.check(1, 2, 1, 105, 1, -1)],
  ])("faults on a wrong %s and keeps what it holds", (message, call) => {
    const own = filled();
    expect(() => call(own)).toThrow(`FAULT_INPUT selfMatch.${message}`);
    expect(own.save()).toEqual(filled().save());
    expect(own.holds(4)).toBe(false);
  });

  it("throws faults", () => {
    const faultOf = (call: () => void): unknown => {
      try {
        call();
      } catch (fault) {
        return fault;
      }
      return "none";
    };
    expect(faultOf(() => make().remove(0))).toBeInstanceOf(Fault);
    expect(faultOf(() => filled().add(3, 0, 0, 1, 1, 1))).toBeInstanceOf(Fault);
  });

  it.each([
    ["groups", { groups: 0 }],
    ["groups", { groups: 2 ** 16 + 1 }],
    ["instruments", { instruments: 0 }],
    ["instruments", { instruments: 2 ** 24 + 1 }],
    ["orders", { orders: 0 }],
    ["orders", { orders: 2 ** 24 + 1 }],
    ["groups * instruments", { groups: 2 ** 16, instruments: 1_025 }],
    ["order", { order: 1 }],
  ])("refuses the option %s: %j", (name, options) => {
    const all = { groups: 1, instruments: 1, orders: 1, ...options };
    expect(() => new SelfMatch(all)).toThrow(`FAULT_CONFIG selfMatch.${name}:`);
  });
});
