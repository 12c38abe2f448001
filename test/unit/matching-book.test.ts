import { describe, expect, it } from "vitest";
import { ExpiryHeap } from "../../src/match/expiry-heap.ts";
import { MatchingBook, type MatchingOptions, type MatchOrder } from "../../src/match/index.ts";

type Terms = Partial<MatchOrder> & { id: number | string };

/** A book, and short words for what is done with it. */
function desk(options: MatchingOptions = {}) {
  const book = new MatchingBook(options);
  const put = (side: "buy" | "sell", priceTicks: number, lots: number, more: Terms) => {
    expect(book.submit({ side, lots, priceTicks, ...more })).toBeUndefined();
    return told();
  };
  const send = (order: Omit<MatchOrder, "side"> & { side: "buy" | "sell" }) => {
    expect(book.submit(order)).toBeUndefined();
    return told();
  };
  /** Events as words: kind, order, price, lots, why. */
  const told = () =>
    book.events.list().map(({ kind, id, otherId, priceTicks, lots, reason }) => {
      const who = otherId === undefined ? id : `${id}/${otherId}`;
      return [kind, who, priceTicks, lots, reason]
        .filter((word) => word !== undefined && word !== "")
        .join(" ");
    });
  return { book, put, send, told };
}

describe("the phases of a peg", () => {
  it("follows once trading begins though quotes stand as they stood", () => {
    const { book, put, send, told } = desk();
    put("buy", 100, 1, { id: "a" });
    send({ id: "p", side: "buy", lots: 1, peg: { to: "primary" } });
    book.cancel("p");
    book.turn("opening");
    send({ id: "q", side: "buy", lots: 1, peg: { to: "primary" } });
    book.turn("continuous");
    expect(told()).toEqual(["phase 0 0", "restated q 100 1 pegged"]);
  });

  it("stops following when one of them interrupts", () => {
    const { put, send } = desk({ interruption: { dynamicBps: 100 } });
    put("sell", 100, 1, { id: "s" });
    put("buy", 100, 1, { id: "b" });
    put("sell", 105, 5, { id: "h", hidden: true, minLots: 5 });
    send({ id: "p", side: "buy", lots: 5, peg: { to: "primary" } });
    send({ id: "q", side: "buy", lots: 5, peg: { to: "primary" } });
    expect(put("buy", 106, 1, { id: "c" })).toEqual([
      ...["accepted c 106 1", "restated p 106 5 pegged", "phase 3 0"],
    ]);
  });

  it("may grow, and goes behind", () => {
    const { book, put, send, told } = desk();
    put("buy", 100, 1, { id: "a" });
    send({ id: "p", side: "buy", lots: 1, peg: { to: "primary" } });
    send({ id: "q", side: "buy", lots: 1, peg: { to: "primary" } });
    book.replace("p", { lots: 3 });
    put("sell", 100, 5, { id: "s" });
    expect(told()).toEqual(["accepted s 100 5", "traded s/a 100 1", "traded s/q 100 1", "traded s/p 100 3"]);
  });
});

describe("a list behind a parent", () => {
  it("lets its stop wait for its price", () => {
    const { book, put, told } = desk();
    put("sell", 100, 2, { id: "s" });
    const parent = { id: "p", side: "buy", lots: 2, priceTicks: 100 } as const;
    const target = { id: "t", side: "sell", lots: 2, priceTicks: 105 } as const;
    const loss = { id: "l", side: "sell", lots: 2, type: "stop", stopTicks: 95 } as const;
    expect(book.submitList({ parent, orders: [target, loss] })).toBeUndefined();
    expect(told().slice(3)).toEqual(["traded p/s 100 2", "released t 105 2", `released l ${-33_546_240} 2`]);
    expect([book.order("t")?.place, book.order("l")?.place]).toEqual(["shown", "waiting"]);
    put("buy", 105, 1, { id: "b" });
    expect(told().at(-1)).toBe(`canceled l ${-33_546_240} 2 oneCancelsOther`);
  });

  it("a trigger of one ends the rest when it enters, not while another order trades", () => {
    const { book, put, told } = desk();
    const target = { id: "t", side: "sell", lots: 3, priceTicks: 105 } as const;
    const touched = {
      id: "m",
      side: "sell",
      lots: 3,
      type: "limitIfTouched",
      stopTicks: 103,
      priceTicks: 120,
    } as const;
    expect(book.submitList({ orders: [target, touched] })).toBeUndefined();
    put("sell", 103, 2, { id: "s" });
    put("buy", 105, 5, { id: "b", timeInForce: "FOK" });
    expect(told()).toEqual([
      ...["accepted b 105 5", "traded b/s 103 2", "triggered m 103 3", "traded b/t 105 3"],
      "canceled m 120 3 oneCancelsOther",
    ]);
  });
});

describe("what stays equal", () => {
  it("a row taken again keeps nothing of the order before", () => {
    const [one, than] = [desk(), desk()];
    one.put("sell", 100, 9, { id: 1, displayLots: 3, displayJitterLots: 0, timeInForce: "GTD", expireNs: 5 });
    than.put("sell", 100, 9, { id: 1 });
    for (const { book } of [one, than]) {
      book.cancel(1);
      book.submitLimit(2, 1, 90, 1);
    }
    expect(one.book.stateHash()).toBe(than.book.stateHash());
  });

  it("orders of the day end in the order of acceptance, restored or not", () => {
    const { book, put } = desk();
    for (const id of ["a", "b", "c"]) put("buy", 100, 2, { id, timeInForce: "DAY" });
    book.replace("a", { lots: 5 });
    const again = MatchingBook.restore(book.save());
    book.turn("closed");
    again.turn("closed");
    expect(again.events.list()).toEqual(book.events.list());
    expect(book.events.list().map(({ id }) => id)).toEqual([undefined, "b", "c", "a"]);
  });

  it("of one time the earlier accepted expires first, replaced or restored", () => {
    const { book, put } = desk();
    for (const id of ["a", "b"]) put("buy", 100, 2, { id, timeInForce: "GTD", expireNs: 5 });
    book.replace("a", { lots: 5 });
    const again = MatchingBook.restore(book.save());
    for (const each of [book, again]) {
      each.advance(5);
      expect(each.events.list().map(({ id }) => id)).toEqual(["b", "a"]);
    }
  });

  it("what has ended does not stay among those that end at a time", () => {
    const heap = new ExpiryHeap();
    for (let i = 1; i <= 100; i++) heap.add(100 - i, i, i);
    heap.keep((_seq, row) => row % 10 === 0);
    expect(heap.size).toBe(10);
    expect(heap.due(0)).toEqual([0, 100, 100]);
    expect(heap.due(9)).toBeUndefined();
    expect(heap.due(10)).toEqual([10, 90, 90]);
  });
});

describe("bands and interruptions", () => {
  it("never put a bid up to the lower band", () => {
    const { book, put } = desk();
    book.setBands({ lowerTicks: 95, upperTicks: 105 });
    put("buy", 90, 1, { id: "a" });
    expect(book.order("a")?.priceTicks).toBe(90);
  });

  it("hold for what is hidden", () => {
    const { book, put, told } = desk();
    put("buy", 110, 1, { id: "a", hidden: true });
    book.setBands({ lowerTicks: 95, upperTicks: 105 });
    expect(told()).toEqual(["restated a 105 1 band"]);
  });

  it("interrupt at either side of the last price", () => {
    const { book, put } = desk({ interruption: { dynamicBps: 500 } });
    put("sell", 100, 1, { id: "a" });
    put("buy", 100, 1, { id: "b" });
    put("buy", 110, 1, { id: "c" });
    put("sell", 90, 1, { id: "d" });
    expect([book.phase, book.lastTicks]).toEqual(["volatility", 100]);
  });

  it("hold for what gathers in an auction, and for its price", () => {
    const { book, put, send, told } = desk();
    book.setBands({ lowerTicks: 95, upperTicks: 105 });
    book.turn("opening");
    expect(put("buy", 110, 1, { id: "a" })).toEqual(["accepted a 110 1", "restated a 105 1 band"]);
    send({ id: "m", side: "sell", lots: 1, type: "market" });
    book.turn("continuous");
    expect(told()).toContain("priced 105 1");
  });
});

describe("orders that stand crossed", () => {
  it("trade when the all-or-none order between them is canceled", () => {
    const { book, put, told } = desk();
    put("sell", 100, 10, { id: "x", allOrNone: true });
    put("buy", 100, 7, { id: "y", allOrNone: true });
    put("buy", 100, 2, { id: "b" });
    put("sell", 100, 4, { id: "s" });
    book.cancel("x");
    book.cancel("y");
    expect(told()).toEqual(["canceled y 100 7 asked", "traded s/b 100 2"]);
  });

  it("do not trade with their own", () => {
    const { book, put, told } = desk();
    put("sell", 100, 10, { id: "x", allOrNone: true });
    put("buy", 100, 7, { id: "y", allOrNone: true });
    put("buy", 100, 2, { id: "b", owner: 1 });
    put("sell", 100, 4, { id: "s", owner: 1, selfMatch: "cancelOldest" });
    book.cancel("x");
    book.cancel("y");
    expect(told().at(-1)).toBe("canceled b 100 2 selfMatch");
  });

  it("an auction that was halted trades when trading goes on", () => {
    const { book, put, send, told } = desk();
    book.turn("opening");
    put("buy", 102, 1, { id: "b" });
    put("sell", 100, 1, { id: "s" });
    send({ id: "m", side: "buy", lots: 1, type: "market" });
    book.turn("halted");
    book.turn("continuous");
    expect(told()).toEqual(["priced 102 1", "traded m/s 102 1", "phase 0 0"]);
    expect(book.order("b")?.place).toBe("shown");
  });

  it("a reduce-only order that an auction left crossed enters anew", () => {
    const { book, put, told } = desk();
    put("sell", 100, 2, { id: "s" });
    put("buy", 100, 2, { id: "b", owner: 1 });
    book.turn("volatility");
    put("sell", 99, 2, { id: "r", owner: 1, reduceOnly: true });
    put("buy", 101, 1, { id: "c" });
    book.turn("continuous");
    expect(told()).toEqual(["phase 0 0", "traded r/c 101 1"]);
  });
});

describe("an auction", () => {
  it("trades nobody beyond his limit though an order of a list was counted twice", () => {
    const { book, put } = desk();
    book.turn("opening");
    const one = { id: "l", side: "buy", lots: 5, priceTicks: 101 } as const;
    expect(book.submitList({ orders: [one, { ...one, id: "m" }] })).toBeUndefined();
    put("buy", 90, 5, { id: "low" });
    put("sell", 100, 10, { id: "s" });
    book.turn("continuous");
    const trades = book.events.list().filter(({ kind }) => kind === "traded");
    expect(trades.map(({ otherId }) => otherId)).toEqual(["l"]);
    expect(book.order("low")?.leavesLots).toBe(5);
  });

  it("a market order that gathers may grow", () => {
    const { book, put, send, told } = desk();
    book.turn("opening");
    send({ id: "m", side: "buy", lots: 1, type: "market" });
    expect(book.replace("m", { lots: 4 })).toBeUndefined();
    put("sell", 100, 4, { id: "s" });
    book.turn("continuous");
    expect(told()).toEqual(["priced 100 4", "traded s/m 100 4", "phase 0 0"]);
  });
});

describe("quantities", () => {
  it("a reduce-only order passes a hidden one that wants more than it may", () => {
    const { put } = desk();
    put("sell", 100, 2, { id: "s" });
    put("buy", 100, 2, { id: "b", owner: 1 });
    put("buy", 100, 9, { id: "h", hidden: true, minLots: 5 });
    const told = put("sell", 100, 9, { id: "r", owner: 1, reduceOnly: true });
    expect(told).toEqual(["accepted r 100 9"]);
  });

  it("a reduce-only order that trades with its own owner's keeps its room", () => {
    const { put } = desk();
    put("buy", 100, 1, { id: "b", owner: 1 });
    put("sell", 100, 1, { id: "s" });
    put("buy", 99, 5, { id: "c", owner: 1 });
    const told = put("sell", 99, 2, { id: "r", owner: 1, reduceOnly: true, timeInForce: "FOK" });
    expect(told).toEqual(["accepted r 99 2", "traded r/c 99 1", "traded r/c 99 1"]);
  });

  it("a hidden order's least quantity holds for each trade that its room divides", () => {
    const { put } = desk();
    put("buy", 100, 3, { id: "b", owner: 1 });
    put("sell", 100, 3, { id: "s" });
    put("sell", 105, 1, { id: "t" });
    put("buy", 90, 1, { id: "u" });
    put("sell", 98, 6, { id: "h", owner: 1, hidden: true, minLots: 4, reduceOnly: true });
    const told = put("buy", 98, 5, { id: "i", owner: 1, timeInForce: "IOC", minLots: 4 });
    expect(told.at(-1)).toBe("expired i 98 5 minLots");
  });

  it("whoever shares a level meets his own at it first, so that fill or kill stays so", () => {
    const { put } = desk({ allocation: "proRata" });
    put("buy", 99, 6, { id: "x", allOrNone: true });
    put("buy", 99, 5, { id: "b" });
    put("buy", 99, 1, { id: "own", owner: 1 });
    const told = put("sell", 99, 8, { id: "s", owner: 1, timeInForce: "FOK", selfMatch: "cancelNewest" });
    expect(told).toEqual(["accepted s 99 8", "expired s 99 8 fokNotFillable"]);
  });

  it("a fill-or-kill order passes what passes it by, though that may not trade", () => {
    const { put } = desk({ interruption: { dynamicBps: 200 } });
    put("buy", 102, 1, { id: "b" });
    put("sell", 102, 1, { id: "s" });
    put("sell", 99, 5, { id: "h", hidden: true, minLots: 5 });
    put("sell", 103, 5, { id: "t" });
    const told = put("buy", 103, 3, { id: "f", timeInForce: "FOK" });
    expect(told.at(-1)).toBe("traded f/t 103 3");
  });

  it("least quantities count what is left after a decrement", () => {
    const { put } = desk();
    put("sell", 100, 2, { id: "own", owner: 1 });
    put("sell", 100, 3, { id: "s" });
    const told = put("buy", 100, 5, {
      ...{ id: "b", owner: 1, timeInForce: "IOC", minLots: 2, selfMatch: "decrement" },
    });
    expect(told.at(-1)).toBe("traded b/s 100 3");
  });

  it("a trailing stop without a trigger may be given one", () => {
    const { book, send } = desk();
    send({ id: "t", side: "sell", lots: 1, type: "trailingStop", trailTicks: 3, trigger: "mark" });
    expect(book.replace("t", { stopTicks: 90 })).toBeUndefined();
    expect(book.order("t")?.place).toBe("waiting");
    book.tell("mark", 100);
    expect(book.order("t")?.stopTicks).toBe(97);
    expect(book.replace("t", { lots: 2 })).toBeUndefined();
  });

  it("an own order that a trade on the way ends is not met", () => {
    const { book, put } = desk();
    book.submitList({
      orders: [
        { id: "a", side: "sell", lots: 2, priceTicks: 97 },
        { id: "own", side: "sell", lots: 3, priceTicks: 97, owner: 1 },
      ],
    });
    put("sell", 97, 5, { id: "c" });
    const told = put("buy", 98, 3, { id: "b", owner: 1, timeInForce: "FOK", selfMatch: "cancelBoth" });
    expect(told.filter((each) => each.startsWith("traded"))).toEqual(["traded b/a 97 2", "traded b/c 97 1"]);
  });
});
