import { describe, expect, it } from "vitest";
import { NO_ASK, NO_BID } from "../../src/book/index.ts";
import type { Station } from "../../src/kernel/index.ts";
import { BarBlock } from "../../src/model/index.ts";
import type {
  BarView,
  BookView,
  FillView,
  OrderTicket,
  OrderView,
  PositionView,
  QuoteView,
  Strategy,
  StrategyContext,
  TradeView,
} from "../../src/strategy/index.ts";
import { KernelDriver } from "../fixtures/kernel-driver.ts";
import { testInstrument } from "../fixtures/sim-venue-driver.ts";

/** Writes down every callback, with the name of the strategy before it. */
function scribe(name: string, said: string[]): Strategy {
  const say = (what: string): void => {
    said.push(`${name} ${what}`);
  };
  return {
    name,
    onStart: () => say("start"),
    onStop: () => say("stop"),
    onBook: (book) => say(`book ${book.bestBid}`),
    onTrade: (trade) => say(`trade ${trade.lots}@${trade.priceTicks} ${trade.aggressor}`),
    onQuote: (quote) => say(`quote ${quote.bidTicks}/${quote.askTicks}`),
    onBar: (bar) => say(`bar ${bar.closeTicks}`),
    onOrder: (order) => say(`order ${order.kind} ${order.reason}`.trim()),
    onFill: (fill) => say(`fill ${fill.lots}@${fill.priceTicks}`),
    onPosition: (position) => say(`position ${position.lots}`),
    onTimer: (timer) => say(`timer ${timer}`),
  };
}

function send(ctx: StrategyContext, lots = 4): OrderTicket {
  return ctx.submit({ instrument: "ABC", side: "buy", lots, priceTicks: 100 }) as OrderTicket;
}

describe("callbacks", () => {
  it("come in the order of registration, each with settled state", () => {
    const said: string[] = [];
    const to = new KernelDriver([scribe("a", said), scribe("b", said)]);
    to.kernel.start();
    to.row("bid", 99, 5).row("buy", 101, 2).row("sell", 98, 3).row("trade", 97, 1);
    to.row("quoteBid", 98, 1).row("quoteAsk", 102, 1);
    to.kernel.stop();
    const both = (text: string): string[] => [`a ${text}`, `b ${text}`];
    expect(said).toEqual([
      ...both("start"),
      ...both("book 99"),
      ...both("trade 2@101 buy"),
      ...both("trade 3@98 sell"),
      ...both("trade 1@97 undefined"),
      ...both(`quote 98/${NO_ASK}`),
      ...both("quote 98/102"),
      ...both("stop"),
    ]);
  });

  it("tell what a venue does unasked, and the gate holds what is in force", () => {
    const said: string[] = [];
    const to = new KernelDriver([scribe("a", said)]);
    const ticket = send(to.ctx(0), 6);
    to.report("accepted").report("suspended").report("triggered");
    expect(ticket.status).toBe("new");
    to.report("restated", 0, { lots: 5, tick: 102 });
    expect([ticket.lots, ticket.priceTicks]).toEqual([5, 102]);
    to.report("stopped", 0, { lots: 2 });
    expect(ticket.status).toBe("stopped");
    to.report("trade", 0, { lots: 5 });
    const other = send(to.ctx(0));
    to.report("accepted", 1).report("doneForDay", 1);
    expect([ticket.status, other.status]).toEqual(["filled", "doneForDay"]);
    to.report("triggered", 1);
    expect(other.status).toBe("new");
    expect(said.filter((word) => word.startsWith("a order"))).toEqual(
      [
        ...["accepted", "suspended", "triggered", "restated", "stopped", "filled"],
        ...["accepted", "doneForDay", "triggered"],
      ].map((word) => `a order ${word}`),
    );
  });

  it("of a fill: the order, the fill, the position; the position to everyone", () => {
    const said: string[] = [];
    const to = new KernelDriver([scribe("a", said), scribe("b", said)]);
    send(to.ctx(1));
    to.report("accepted").report("trade", 0, { lots: 1 }).report("trade", 0, { lots: 3 });
    expect(said).toEqual([
      "b order accepted",
      "b order partiallyFilled",
      "b fill 1@100",
      "a position 1",
      "b position 1",
      "b order filled",
      "b fill 3@100",
      "a position 4",
      "b position 4",
    ]);
  });

  it("of reports name the venue's reason", () => {
    const said: string[] = [];
    const to = new KernelDriver([scribe("a", said)]);
    for (let i = 0; i < 4; i++) send(to.ctx());
    to.report("rejected", 0, { reason: "postOnlyWouldTake" });
    to.report("accepted", 1).report("expired", 1, { reason: "gtdReached" });
    to.report("accepted", 2).report("canceled", 2, { reason: "corporateAction" });
    to.ctx().replace(to.ctx().openOrders()[0] as OrderTicket, { lots: 9 });
    to.report("accepted", 3).report("replaceRejected", 3, { requestId: 1, reason: "tooLate" });
    expect(said.filter((line) => !line.endsWith("accepted"))).toEqual([
      "a order rejected postOnlyWouldTake",
      "a order expired gtdReached",
      "a order canceled corporateAction",
      "a order replaceRejected tooLate",
    ]);
  });

  it("see the book after each message", () => {
    const seen: [number, number][] = [];
    const to = new KernelDriver([{ onBook: (book) => seen.push([book.bestBid, book.bestAsk]) }]);
    to.row("clear", 0, 0).row("bid", 99, 1).row("ask", 101, 1);
    expect(seen).toEqual([
      [NO_BID, NO_ASK],
      [99, NO_ASK],
      [99, 101],
    ]);
  });

  it("of a fill may send the next order at once", () => {
    const to = new KernelDriver([
      {
        onFill: (fill, ctx) => {
          if (fill.lots === 4) send(ctx, 1);
        },
      },
    ]);
    send(to.ctx());
    to.report("accepted").report("trade", 0, { lots: 4 });
    expect(to.door.sent.map((each) => each.what)).toEqual(["submit", "submit"]);
    expect(to.kernel.orders.size).toBe(1);
  });

  it("count the feed's gaps", () => {
    const to = new KernelDriver([{ onBook() {} }]);
    to.row("gap", 0, 0).row("gap", 0, 0);
    expect(to.kernel.stations[0]?.gaps).toBe(2);
  });
});

describe("what a context tells", () => {
  it("time from the session's base and from 1970", () => {
    const to = new KernelDriver([{ onBook() {} }]).at(500);
    expect(to.ctx().clock.ns).toBe(500);
    expect(to.ctx().clock.epochNs()).toBe(1_500n);
  });

  it("books that are there before anything was said", () => {
    const book = new KernelDriver([{ onBook() {} }]).ctx().book("ABC");
    expect([book.hasBid, book.hasAsk, book.bestBid, book.bestAsk]).toEqual([false, false, NO_BID, NO_ASK]);
    expect(book.midTicks).toBeNaN();
    expect(book.copy()).toEqual({ bids: [], asks: [] });
  });

  it("levels one by one", () => {
    const to = new KernelDriver([{ onBook() {} }]).row("bid", 99, 3).row("bid", 97, 4).row("ask", 101, 5);
    const book = to.ctx().book("ABC");
    expect([book.bestBidLots, book.bestAskLots, book.bidLots(97), book.askLots(101)]).toEqual([3, 5, 4, 5]);
    expect([book.nextBid(99), book.nextBid(97), book.nextAsk(101)]).toEqual([97, NO_BID, NO_ASK]);
    expect(book.copy(1)).toEqual({
      bids: [{ priceTicks: 99, lots: 3 }],
      asks: [{ priceTicks: 101, lots: 5 }],
    });
  });

  it("money at the marks of this moment", () => {
    const to = new KernelDriver([{ onBook() {} }]);
    const { portfolio } = to.ctx();
    expect(portfolio.equityMinor).toBe(10_000_000n);
    send(to.ctx());
    to.report("accepted").report("trade", 0, { lots: 4 });
    to.row("bid", 109, 1).row("ask", 111, 1);
    expect(portfolio.cashMinor("USD")).toBe(10_000_000n - 400n);
    expect(portfolio.equity).toBe(100_000 + 0.4);
    expect(portfolio.position("ABC").unrealizedMinor).toBe(40n);
    expect(() => portfolio.position("nowhere")).toThrow(expect.objectContaining({ code: "FAULT_INPUT" }));
    expect(() => portfolio.cashMinor("EUR")).toThrow(expect.objectContaining({ code: "FAULT_INPUT" }));
  });

  it("random numbers of its own: the same for the same seed, others for another strategy", () => {
    const draw = (seed: number, slot: number): number[] => {
      const to = new KernelDriver([{ onBook() {} }, { onBook() {} }], { seed });
      return Array.from({ length: 4 }, () => to.ctx(slot).rng.float());
    };
    expect(draw(7, 0)).toEqual(draw(7, 0));
    expect(draw(7, 0)).not.toEqual(draw(7, 1));
    expect(draw(7, 0)).not.toEqual(draw(8, 0));
  });
});

describe("timers", () => {
  const fired = (to: KernelDriver, untilNs: number): void => {
    while ((to.kernel.timers.nextNs[0] as number) <= untilNs) {
      to.at(to.kernel.timers.nextNs[0] as number);
      to.kernel.timer();
    }
  };

  it("fire by time, then in the order they were made, whoever made them", () => {
    const said: string[] = [];
    const note = (name: string): Strategy => ({
      onTimer: (timer, ctx) => {
        said.push(`${name}${timer} ${ctx.clock.ns}`);
      },
    });
    const to = new KernelDriver([note("a"), note("b")]);
    to.ctx(1).clock.at(30);
    to.ctx(0).clock.at(30);
    to.ctx(0).clock.at(10);
    to.ctx(1).clock.every(10);
    fired(to, 30);
    expect(said).toEqual(["a3 10", "b4 10", "b4 20", "b1 30", "a2 30", "b4 30"]);
  });

  it("can be stopped by their owner only, also from their own callback", () => {
    const said: number[] = [];
    const to = new KernelDriver([
      {
        onTimer: (timer, ctx) => {
          said.push(ctx.clock.ns);
          if (said.length === 3) ctx.clock.stop(timer);
        },
      },
      { onTimer() {} },
    ]);
    const timer = to.ctx().clock.every(5);
    to.ctx(1).clock.stop(timer);
    fired(to, 1_000);
    expect(said).toEqual([5, 10, 15]);
    expect(to.kernel.timers.nextNs[0]).toBe(Number.POSITIVE_INFINITY);
    to.ctx().clock.stop(timer);
    to.ctx().clock.stop(99);
  });

  it("may be set for this very moment", () => {
    const to = new KernelDriver([{ onTimer() {} }]).at(77);
    to.ctx().clock.at(77);
    expect(to.kernel.timers.nextNs[0]).toBe(77);
  });

  it.each([0, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "5", 5n])(
    "every %s is refused by name",
    (ns) => {
      const { clock } = new KernelDriver([{ onTimer() {} }]).ctx();
      expect(() => clock.every(ns as number)).toThrow(
        expect.objectContaining({ code: "FAULT_INPUT", path: "clock.every" }),
      );
    },
  );

  it.each([9, -1, 10.5, Number.NaN, "12"])("at %s, when it is 10, is refused by name", (ns) => {
    const { clock } = new KernelDriver([{ onTimer() {} }]).at(10).ctx();
    expect(() => clock.at(ns as number)).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", path: "clock.at" }),
    );
  });

  it("are bounded by those that live: stopped ones make room", () => {
    const { clock } = new KernelDriver([{ onTimer() {} }]).ctx();
    for (let i = 0; i < 250_000; i++) clock.stop(clock.at(1_000_000 + i));
    for (let i = 0; i < 100_000; i++) clock.at(1_000 + i);
    expect(() => clock.at(5)).toThrow(expect.objectContaining({ code: "FAULT_CAPACITY", path: "clock" }));
  });
});

describe("a strategy", () => {
  const wrong: readonly [string, unknown, string][] = [
    ["none", undefined, "strategies[0]"],
    ["null", null, "strategies[0]"],
    ["a function", () => {}, "strategies[0]"],
    ["no callbacks", { name: "idle" }, "strategies[0]"],
    ["a callback that is no function", { onBar: 5 }, "strategies[0].onBar"],
    ["a misspelt callback", { onBar() {}, onBars() {} }, "strategies[0].onBars"],
    ["an async callback", { onBar: async () => {} }, "strategies[0].onBar"],
    ["a generator", { *onBook() {} }, "strategies[0].onBook"],
  ];

  it.each(wrong)("of %s is refused by name", (_name, strategy, path) => {
    expect(() => new KernelDriver([strategy as Strategy])).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("may be of a class; inherited callbacks count, misspelt ones are found there too", () => {
    class Base implements Strategy {
      seen = 0;
      onBook(): void {
        this.seen += 1;
      }
    }
    class Child extends Base {}
    const child = new Child();
    const to = new KernelDriver([child]).row("bid", 5, 1);
    expect(child.seen).toBe(1);
    expect(to.kernel.slots[0]?.name).toBe("Child");
    class Wrong extends Base {
      onboard(): void {}
      onQoute(): void {}
    }
    expect(() => new KernelDriver([new Wrong()])).toThrow(
      expect.objectContaining({ path: "strategies[0].onQoute" }),
    );
  });

  it("and instruments are needed, each instrument once", () => {
    expect(() => new KernelDriver([])).toThrow(expect.objectContaining({ path: "kernel.strategies" }));
    expect(() => new KernelDriver([{ onBook() {} }], { instruments: [] })).toThrow(
      expect.objectContaining({ path: "kernel.instruments" }),
    );
    const twice = [testInstrument(), testInstrument()];
    expect(() => new KernelDriver([{ onBook() {} }], { instruments: twice })).toThrow(
      expect.objectContaining({ path: "kernel.instruments", value: "ABC@test" }),
    );
    expect(() => new KernelDriver([{ onBook() {} }], { orderCapacity: 0 })).toThrow(
      expect.objectContaining({ path: "kernel.orderCapacity" }),
    );
  });
});

describe("views", () => {
  interface Kept {
    book?: BookView;
    trade?: TradeView;
    quote?: QuoteView;
    bar?: BarView;
    order?: OrderView;
    fill?: FillView;
    position?: PositionView;
  }

  function collect(debug: boolean): { readonly kept: Kept; readonly to: KernelDriver } {
    const kept: Kept = {};
    const to = new KernelDriver(
      [
        {
          onBook: (view) => void (kept.book = view),
          onTrade: (view) => void (kept.trade = view),
          onQuote: (view) => void (kept.quote = view),
          onBar: (view) => void (kept.bar = view),
          onOrder: (view) => void (kept.order = view),
          onFill: (view) => void (kept.fill = view),
          onPosition: (view) => void (kept.position = view),
        },
      ],
      { debug },
    );
    to.row("bid", 99, 5).row("buy", 100, 1).row("quoteBid", 9, 9);
    send(to.ctx());
    to.report("accepted").report("trade", 0, { lots: 4 });
    const block = new BarBlock(1);
    block.close[0] = 55;
    block.seal(1);
    (to.kernel.stations[0] as Station).bar(block, 0);
    return { kept, to };
  }

  it("are poisoned after their callback in debug mode", () => {
    const { kept } = collect(true);
    const uses: readonly (() => unknown)[] = [
      () => kept.book?.bestBid,
      () => kept.book?.copy(),
      () => kept.trade?.lots,
      () => kept.quote?.bidTicks,
      () => kept.bar?.close,
      () => kept.order?.kind,
      () => kept.fill?.priceTicks,
    ];
    for (const use of uses) expect(use).toThrow(expect.objectContaining({ code: "FAULT_VIEW_EXPIRED" }));
  });

  it("are the same objects again and again otherwise", () => {
    const { kept, to } = collect(false);
    expect(kept.book).toBe(to.ctx().book("ABC"));
    expect(kept.position).toBe(to.ctx().position("ABC"));
    expect(kept.book?.bestBid).toBe(99);
  });

  it("give copies that stay", () => {
    const copies: unknown[] = [];
    const to = new KernelDriver(
      [
        {
          onTrade: (trade) => void copies.push(trade.copy()),
          onQuote: (quote) => void copies.push(quote.copy()),
          onBook: (book) => void copies.push(book.copy()),
          onFill: (fill) => void copies.push(fill.copy()),
        },
      ],
      { debug: true },
    ).at(40);
    to.row("buy", 100, 1).row("quoteBid", 98, 2).row("bid", 97, 3);
    send(to.ctx());
    to.at(60).report("accepted").report("trade", 0, { lots: 4 });
    to.row("sell", 1, 9).row("bid", 96, 9);
    const instrument = to.kernel.instruments[0];
    const sound = { validity: "valid", validityReason: "" };
    expect(copies.slice(0, 4)).toEqual([
      { instrument, ns: 40, exchNs: 35, priceTicks: 100, lots: 1, aggressor: "buy", ...sound },
      { instrument, ns: 40, bidTicks: 98, bidLots: 2, askTicks: NO_ASK, askLots: 0, ...sound },
      { bids: [{ priceTicks: 97, lots: 3 }], asks: [] },
      {
        instrument,
        side: "buy",
        priceTicks: 100,
        lots: 4,
        maker: false,
        reason: "",
        ns: 60,
        exchNs: 0,
        feeMinor: 0n,
        feeCurrency: "USD",
        orderId: 1,
      },
    ]);
  });
});

describe("the effects", () => {
  const play = (change: (to: KernelDriver) => void): string => {
    const to = new KernelDriver([{ onBook() {} }]).at(10);
    const ticket = send(to.ctx());
    to.report("accepted");
    change(to);
    to.at(20).ctx().cancel(ticket);
    to.report("canceled", 0, { requestId: 1 });
    return to.kernel.effects.hex();
  };

  it("are equal for equal inputs and decisions, and tell every difference", () => {
    const base = play(() => {});
    expect(play(() => {})).toBe(base);
    const others = [
      play((to) => to.at(11).report("trade", 0, { lots: 1 })),
      play((to) => to.at(12).report("trade", 0, { lots: 1 })),
      play((to) => to.at(11).report("trade", 0, { lots: 2 })),
      play((to) => to.at(11).report("trade", 0, { lots: 1, tick: 99 })),
      play((to) => void to.ctx().submit({ instrument: "ABC", side: "buy", lots: 0, priceTicks: 1 })),
      play((to) => void send(to.ctx(), 5)),
      play((to) => to.kernel.dividend(to.kernel.stations[0] as Station, 5)),
      play((to) => to.kernel.split(to.kernel.stations[0] as Station, 2, 1)),
    ];
    expect(new Set([base, ...others]).size).toBe(9);
  });

  it("do not tell what was only looked at", () => {
    const base = play(() => {});
    expect(play((to) => void [to.ctx().portfolio.equity, to.ctx().openOrders()])).toBe(base);
  });
});
