import { describe, expect, it } from "vitest";
import type { OrderRequest } from "../../src/model/index.ts";
import { Backtester, type BacktestMarket } from "../../src/run/index.ts";
import { SimBarVenue, type SimBarVenueOptions } from "../../src/sim/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { DAY, type Day, dayTape, type Ran, runOver } from "../fixtures/run-tapes.ts";
import { testInstrument } from "../fixtures/sim-venue-driver.ts";

const HOUR = DAY / 24;
const CALM: Day = [1000, 1010, 990, 1000, 1_000_000];

/** What happened to the orders of a run: `day what lots@price reason`. */
interface Story extends Ran {
  readonly lines: readonly string[];
}

type Act = (ctx: StrategyContext, bar: number, tickets: OrderTicket[]) => void;

/** Acts at the close of each bar and writes down what it is told. */
function tell(
  days: readonly Day[],
  act: Act,
  bars: BacktestMarket["bars"] = {},
  extra: Strategy = {},
): Story {
  const lines: string[] = [];
  const tickets: OrderTicket[] = [];
  let closes = 0;
  const strategy: Strategy = {
    onBar(_bar, ctx) {
      closes += 1;
      act(ctx, closes, tickets);
    },
    onOrder({ kind, ns, reason }) {
      if (kind === "accepted" || kind === "filled" || kind === "partiallyFilled") return;
      lines.push(`${at(ns)} ${kind}${reason === "" ? "" : ` ${reason}`}`);
    },
    onFill({ ns, lots, priceTicks, reason, maker }) {
      lines.push(`${at(ns)} ${lots}@${priceTicks} ${reason}${maker ? " maker" : ""}`);
    },
    ...extra,
  };
  const ran = runOver([{ tape: dayTape(days), bars: { participation: 1, ...bars } }], strategy);
  return { ...ran, lines };
}

function at(ns: number): string {
  const hour = (ns % DAY) / HOUR;
  return `day ${Math.floor(ns / DAY) + 1} ${hour === 14.5 ? "open" : hour === 21 ? "close" : `${hour} h`}`;
}

/** Sends one order at the first close. */
function once(order: Omit<OrderRequest, "instrument">): Act {
  return (ctx, bar) => {
    if (bar === 1) expect(ctx.submit({ instrument: "ABC", ...order })).toMatchObject({ ok: true });
  };
}

describe("an order made at a bar's close", () => {
  const second: Day = [1005, 1020, 980, 1010, 1_000_000];
  const cases: readonly [string, Omit<OrderRequest, "instrument">, readonly string[]][] = [
    ["market: the next open", { side: "buy", lots: 7, type: "market" }, ["day 2 open 7@1005 barOpen"]],
    [
      "market FOK too",
      { side: "sell", lots: 7, type: "market", timeInForce: "FOK" },
      ["day 2 open 7@1005 barOpen"],
    ],
    [
      "a limit beyond the open: the open",
      { side: "buy", lots: 7, priceTicks: 1006 },
      ["day 2 open 7@1005 barOpen"],
    ],
    [
      "a limit at the open: the open",
      { side: "sell", lots: 7, priceTicks: 1005 },
      ["day 2 open 7@1005 barOpen"],
    ],
    [
      "a limit inside the bar: its own price",
      { side: "buy", lots: 7, priceTicks: 990 },
      ["day 2 close 7@990 barTraded maker"],
    ],
    [
      "a sell inside the bar",
      { side: "sell", lots: 7, priceTicks: 1019 },
      ["day 2 close 7@1019 barTraded maker"],
    ],
    ["a limit that is touched only: nothing", { side: "buy", lots: 7, priceTicks: 980 }, []],
    ["a sell that is touched only: nothing", { side: "sell", lots: 7, priceTicks: 1020 }, []],
    [
      "IOC that the open meets",
      { side: "buy", lots: 7, priceTicks: 1005, timeInForce: "IOC" },
      ["day 2 open 7@1005 barOpen"],
    ],
    [
      "IOC that only the inside would meet",
      { side: "buy", lots: 7, priceTicks: 1000, timeInForce: "IOC" },
      ["day 2 open expired iocRemainder"],
    ],
    [
      "FOK that only the inside would meet",
      { side: "buy", lots: 7, priceTicks: 1000, timeInForce: "FOK" },
      ["day 2 open expired fokNotFillable"],
    ],
    [
      "post-only that would take",
      { side: "buy", lots: 7, priceTicks: 1005, postOnly: true },
      ["day 2 open canceled postOnlyWouldTake"],
    ],
    [
      "post-only that rests",
      { side: "buy", lots: 7, priceTicks: 1004, postOnly: true },
      ["day 2 close 7@1004 barTraded maker"],
    ],
    [
      "reduce-only without a position",
      { side: "sell", lots: 7, type: "market", reduceOnly: true },
      ["day 2 open canceled reduceOnlyWouldOpen"],
    ],
  ];

  it.each(cases)("%s", (_name, order, expected) => {
    expect(tell([CALM, second], once(order)).lines).toEqual(expected);
  });

  it("pays the slippage on market orders only, and only against itself", () => {
    const market = tell([CALM, second], once({ side: "buy", lots: 1, type: "market" }), { slippageTicks: 3 });
    expect(market.lines).toEqual(["day 2 open 1@1008 barOpen"]);
    const sold = tell([CALM, second], once({ side: "sell", lots: 1, type: "market" }), { slippageTicks: 3 });
    expect(sold.lines).toEqual(["day 2 open 1@1002 barOpen"]);
    const limit = tell([CALM, second], once({ side: "buy", lots: 1, priceTicks: 1005 }), {
      slippageTicks: 3,
    });
    expect(limit.lines).toEqual(["day 2 open 1@1005 barOpen"]);
  });

  it("that rests meets later opens: beyond its price it fills there, at its price it waits", () => {
    const rest: Omit<OrderRequest, "instrument"> = { side: "buy", lots: 1, priceTicks: 950 };
    expect(tell([CALM, CALM, [940, 960, 930, 950, 9]], once(rest)).lines).toEqual([
      "day 3 open 1@940 barOpen maker",
    ]);
    expect(tell([CALM, CALM, [950, 960, 950, 955, 9]], once(rest)).lines).toEqual([]);
    expect(tell([CALM, CALM, [950, 960, 949, 955, 9]], once(rest)).lines).toEqual([
      "day 3 close 1@950 barTraded maker",
    ]);
  });
});

describe("what an order cannot do", () => {
  it("never meets the bar at whose close it was made", () => {
    const { fills } = tell(
      [
        [1000, 1100, 900, 1000, 100],
        [1000, 1001, 999, 1000, 100],
      ],
      once({ side: "buy", lots: 1, priceTicks: 950 }),
    );
    expect(fills).toEqual([]);
  });

  it("made while a bar is open, waits for the next bar", () => {
    const days: readonly Day[] = [CALM, [1000, 1100, 900, 1000, 99], [1001, 1002, 940, 1000, 99]];
    const story = tell(
      days,
      once({ side: "buy", lots: 1, priceTicks: 5 }),
      {},
      {
        onStart: (ctx) => ctx.clock.at(DAY + 18 * HOUR),
        onTimer: (_timer, ctx) => {
          ctx.submit({ instrument: "ABC", side: "buy", lots: 1, priceTicks: 950 });
          ctx.submit({ instrument: "ABC", side: "sell", lots: 1, type: "market" });
        },
      },
    );
    expect(story.lines).toEqual(["day 3 open 1@1001 barOpen", "day 3 close 1@950 barTraded maker"]);
  });

  it("made by the fill at an open, does not meet the inside of that bar", () => {
    const days: readonly Day[] = [CALM, [1000, 1100, 900, 1000, 99], [1000, 1060, 940, 1000, 99]];
    const story = tell(
      days,
      once({ side: "buy", lots: 1, type: "market" }),
      {},
      {
        onOrder() {},
        onPosition: (position, ctx) => {
          if (position.lots === 1) ctx.submit({ instrument: "ABC", side: "sell", lots: 1, priceTicks: 1050 });
        },
      },
    );
    expect(story.lines).toEqual(["day 2 open 1@1000 barOpen", "day 3 close 1@1050 barTraded maker"]);
  });

  it("replaced while a bar is open, does not meet that bar at its new price", () => {
    const days: readonly Day[] = [CALM, [1000, 1100, 900, 1000, 99], [1000, 1001, 940, 1000, 99]];
    const story = tell(
      days,
      (ctx, bar, tickets) => {
        if (bar === 1)
          tickets.push(
            ctx.submit({ instrument: "ABC", side: "buy", lots: 1, priceTicks: 800 }) as OrderTicket,
          );
      },
      {},
      {
        onStart: (ctx) => ctx.clock.at(DAY + 18 * HOUR),
        onTimer: (_timer, ctx) => {
          const [order] = ctx.openOrders();
          expect(ctx.replace(order as OrderTicket, { priceTicks: 950 })).toEqual({ ok: true });
        },
      },
    );
    expect(story.lines).toEqual(["day 2 18 h replaced", "day 3 close 1@950 barTraded maker"]);
  });

  it("of another instrument whose bar closes at the same moment does not meet that bar", () => {
    const tape = (symbol: string): BacktestMarket => ({
      tape: dayTape([CALM, [1000, 1100, 900, 1000, 99], [1001, 1002, 999, 1000, 99]], { symbol }),
      bars: { participation: 1 },
    });
    for (const [seen, traded] of [
      ["A", "B"],
      ["B", "A"],
    ] as const) {
      const strategy: Strategy = {
        onBar(bar, ctx) {
          if (bar.closeNs < DAY) ctx.submit({ instrument: traded, side: "buy", lots: 1, priceTicks: 5 });
          if (bar.instrument.symbol !== seen || bar.closeNs < DAY || bar.closeNs > 2 * DAY) return;
          ctx.submit({ instrument: traded, side: "buy", lots: 1, priceTicks: 950 });
          ctx.submit({ instrument: traded, side: "sell", lots: 1, type: "market" });
        },
      };
      const { fills } = runOver([tape("A"), tape("B")], strategy);
      expect(fills.map(({ priceTicks, ns }) => [priceTicks, at(ns)])).toEqual([[1001, "day 3 open"]]);
    }
  });
});

describe("volume", () => {
  const busy: Day = [1000, 1010, 990, 1000, 100];

  it("caps what we can be: a tenth unless said", () => {
    const story = tell([busy, busy], once({ side: "buy", lots: 50, type: "market" }), { participation: 0.1 });
    expect(story.lines).toEqual(["day 2 open 10@1000 barOpen", "day 2 open expired volumeCap"]);
    expect(new SimBarVenue({ instrument: testInstrument() }).describe()).toMatchObject({
      participation: 0.1,
    });
  });

  it("is shared by all orders of a bar, first come first served", () => {
    const story = tell(
      [busy, busy, busy],
      (ctx, bar) => {
        if (bar > 1) return;
        ctx.submit({ instrument: "ABC", side: "buy", lots: 6, priceTicks: 1000 });
        ctx.submit({ instrument: "ABC", side: "buy", lots: 6, priceTicks: 1000 });
        ctx.submit({ instrument: "ABC", side: "sell", lots: 3, priceTicks: 1005 });
      },
      { participation: 0.1 },
    );
    expect(story.lines).toEqual([
      "day 2 open 6@1000 barOpen",
      "day 2 open 4@1000 barOpen",
      "day 3 close 2@1000 barTraded maker",
      "day 3 close 3@1005 barTraded maker",
    ]);
  });

  it("ends IOC and FOK orders that it does not hold", () => {
    const ioc = tell([busy, busy], once({ side: "buy", lots: 11, priceTicks: 1001, timeInForce: "IOC" }), {
      participation: 0.1,
    });
    expect(ioc.lines).toEqual(["day 2 open 10@1000 barOpen", "day 2 open expired iocRemainder"]);
    const fok = tell([busy, busy], once({ side: "buy", lots: 11, priceTicks: 1001, timeInForce: "FOK" }), {
      participation: 0.1,
    });
    expect(fok.lines).toEqual(["day 2 open expired fokNotFillable"]);
    const market = tell([busy, busy], once({ side: "buy", lots: 11, type: "market", timeInForce: "FOK" }), {
      participation: 0.1,
    });
    expect(market.lines).toEqual(["day 2 open expired fokNotFillable"]);
  });

  it("of 0 in the data caps nothing; a cap of 0 lots fills nothing", () => {
    const none: Day = [1000, 1010, 990, 1000, 0];
    expect(tell([none, none], once({ side: "buy", lots: 5000, type: "market" })).lines).toEqual([
      "day 2 open 5000@1000 barOpen",
    ]);
    const thin: Day = [1000, 1010, 990, 1000, 9];
    expect(
      tell([thin, thin], once({ side: "buy", lots: 1, priceTicks: 1000 }), { participation: 0.1 }).lines,
    ).toEqual([]);
  });

  it("is in lots of orders where bars count finer ones", () => {
    const options = { bookLotSize: "0.1", tickSize: "0.1" };
    const tape = dayTape([busy, busy], options);
    const strategy: Strategy = {
      onBar: (bar, ctx) => {
        if (bar.closeNs < DAY) ctx.submit({ instrument: "ABC", side: "buy", lots: 50, type: "market" });
      },
    };
    expect(runOver([{ tape, bars: { participation: 1 } }], strategy).fills[0]?.lots).toBe(10);
  });
});

describe("the way through a bar", () => {
  const wild: Day = [1000, 1020, 980, 990, 10];
  const both: Act = (ctx, bar) => {
    if (bar > 1) return;
    ctx.submit({ instrument: "ABC", side: "buy", lots: 10, priceTicks: 985 });
    ctx.submit({ instrument: "ABC", side: "sell", lots: 10, priceTicks: 1015 });
  };

  it.each([
    ["OHLC", "1015"],
    ["OLHC", "985"],
  ] as const)("%s meets %s first, and the volume goes there", (path, price) => {
    expect(tell([CALM, wild], both, { path }).lines).toEqual([`day 2 close 10@${price} barTraded maker`]);
  });

  it("worse: a long position is added to before it is reduced, a short one too", () => {
    const held =
      (side: "buy" | "sell"): Act =>
      (ctx, bar) => {
        if (bar === 1) ctx.submit({ instrument: "ABC", side, lots: 10, type: "market" });
        if (bar === 2) both(ctx, 1, []);
      };
    expect(tell([CALM, CALM, wild], held("buy")).lines[1]).toBe("day 3 close 10@985 barTraded maker");
    expect(tell([CALM, CALM, wild], held("sell")).lines[1]).toBe("day 3 close 10@1015 barTraded maker");
  });

  it("worse, when flat: the side the bar then moves against", () => {
    expect(tell([CALM, wild], both).lines).toEqual(["day 2 close 10@985 barTraded maker"]);
    expect(tell([CALM, [1000, 1020, 980, 1010, 10]], both).lines).toEqual([
      "day 2 close 10@1015 barTraded maker",
    ]);
  });
});

describe("reduce-only in bars", () => {
  it("fills up to a flat position and gives the rest back", () => {
    const story = tell([CALM, CALM, CALM], (ctx, bar) => {
      if (bar === 1) ctx.submit({ instrument: "ABC", side: "buy", lots: 5, type: "market" });
      if (bar === 2)
        ctx.submit({ instrument: "ABC", side: "sell", lots: 9, priceTicks: 1005, reduceOnly: true });
    });
    expect(story.lines).toEqual([
      "day 2 open 5@1000 barOpen",
      "day 3 close 5@1005 barTraded maker",
      "day 3 close canceled reduceOnlyWouldOpen",
    ]);
    expect(story.result.positions[0]?.quantity).toBe("0");
  });

  it("as fill-or-kill is not fillable beyond the position", () => {
    const story = tell([CALM, CALM, CALM], (ctx, bar) => {
      if (bar === 1) ctx.submit({ instrument: "ABC", side: "buy", lots: 5, type: "market" });
      if (bar === 2)
        ctx.submit({
          instrument: "ABC",
          side: "sell",
          lots: 6,
          priceTicks: 1000,
          timeInForce: "FOK",
          reduceOnly: true,
        });
    });
    expect(story.lines[1]).toBe("day 3 open expired fokNotFillable");
  });
});

describe("orders that end by themselves", () => {
  const deep: Day = [1000, 1010, 900, 1000, 99];

  it("DAY: after the first day it met", () => {
    const day = { side: "buy", lots: 1, priceTicks: 950, timeInForce: "DAY" } as const;
    expect(tell([CALM, CALM, deep], once(day)).lines).toEqual(["day 3 open expired dayEnded"]);
    expect(tell([CALM, deep, deep], once(day)).lines).toEqual(["day 2 close 1@950 barTraded maker"]);
  });

  it("DAY: days are those of the calendar, wherever the session's base is", () => {
    const lines: string[] = [];
    const strategy: Strategy = {
      onBar: (bar, ctx) => {
        if (bar.openNs < DAY)
          ctx.submit({ instrument: "ABC", side: "buy", lots: 1, priceTicks: 950, timeInForce: "DAY" });
      },
      onOrder: (order) => {
        if (order.kind !== "accepted") lines.push(`${at(order.ns)} ${order.kind}`);
      },
    };
    // The base is 20 h into a day: closes at 21 h from it are on the next day, as all of them are.
    runOver(
      [{ tape: dayTape([CALM, CALM, deep], {}, BigInt(20 * HOUR)), bars: { participation: 1 } }],
      strategy,
    );
    expect(lines).toEqual(["day 3 open expired"]);
  });

  it.each([
    ["before the next open", DAY + 14 * HOUR, ["day 2 open expired gtdReached"]],
    [
      "inside a bar: the inside is not met, for nobody knows when its low was",
      DAY + 20 * HOUR,
      ["day 2 close expired gtdReached"],
    ],
    ["at a close: the inside is met", DAY + 21 * HOUR, ["day 2 close 1@950 barTraded maker"]],
    ["later", 9 * DAY, ["day 2 close 1@950 barTraded maker"]],
  ])("GTD that ends %s", (_name, expireNs, expected) => {
    const order = { side: "buy", lots: 1, priceTicks: 950, timeInForce: "GTD", expireNs } as const;
    expect(tell([CALM, deep], once(order)).lines).toEqual(expected);
  });

  it("GTD that nothing met ends at the close it was to see", () => {
    const order = {
      side: "buy",
      lots: 1,
      priceTicks: 5,
      timeInForce: "GTD",
      expireNs: DAY + 21 * HOUR,
    } as const;
    expect(tell([CALM, deep], once(order)).lines).toEqual(["day 2 close expired gtdReached"]);
  });
});

describe("cancel and replace in bars", () => {
  it("act at once", () => {
    const story = tell([CALM, CALM, [1000, 1010, 900, 1000, 99]], (ctx, bar, tickets) => {
      if (bar === 1)
        tickets.push(ctx.submit({ instrument: "ABC", side: "buy", lots: 4, priceTicks: 950 }) as OrderTicket);
      if (bar === 2) ctx.cancel(tickets[0] as OrderTicket);
    });
    expect(story.lines).toEqual(["day 2 close canceled"]);
  });

  it("a replace to what is filled ends the order", () => {
    const story = tell([CALM, [1000, 1010, 900, 1000, 3], CALM], (ctx, bar, tickets) => {
      if (bar === 1)
        tickets.push(ctx.submit({ instrument: "ABC", side: "buy", lots: 5, priceTicks: 950 }) as OrderTicket);
      if (bar === 2) ctx.replace(tickets[0] as OrderTicket, { lots: 2 });
      if (bar === 3)
        expect(tickets[0]).toMatchObject({ status: "filled", lots: 3, cumLots: 3, isOpen: false });
    });
    expect(story.lines).toEqual(["day 2 close 3@950 barTraded maker", "day 2 close replaced"]);
  });

  it("a replace to a price beyond the open takes it", () => {
    const story = tell([CALM, CALM, CALM], (ctx, bar, tickets) => {
      if (bar === 1)
        tickets.push(ctx.submit({ instrument: "ABC", side: "buy", lots: 4, priceTicks: 950 }) as OrderTicket);
      if (bar === 2) ctx.replace(tickets[0] as OrderTicket, { priceTicks: 1003 });
    });
    expect(story.lines).toEqual(["day 2 close replaced", "day 3 open 4@1000 barOpen"]);
  });
});

describe("corporate actions", () => {
  it("a dividend moves cash by what is held, and pays nothing for what is resting", () => {
    const days: readonly Day[] = [CALM, CALM, { dividend: 25 }, CALM];
    const story = tell(days, once({ side: "buy", lots: 8, type: "market" }));
    expect(story.result.money).toMatchObject({
      dividends: "2.00",
      realized: "0.00",
      finalEquity: "1000002.00",
    });
    const short = tell(days, once({ side: "sell", lots: 8, type: "market" }));
    expect(short.result.money).toMatchObject({ dividends: "-2.00", finalEquity: "999998.00" });
    const flat = tell(days, once({ side: "buy", lots: 8, priceTicks: 5 }));
    expect(flat.result.money.dividends).toBe("0.00");
  });

  it("a split changes lots and prices, not the worth, and ends resting orders", () => {
    const days: readonly Day[] = [CALM, CALM, { split: [4, 1] }, [250, 252, 247, 250, 1_000_000]];
    const story = tell(days, (ctx, bar) => {
      if (bar === 1) {
        ctx.submit({ instrument: "ABC", side: "buy", lots: 10, type: "market" });
        ctx.submit({ instrument: "ABC", side: "sell", lots: 10, priceTicks: 1100 });
      }
      if (bar === 3) expect(ctx.position("ABC")).toMatchObject({ lots: 40, averageTicks: 250 });
    });
    expect(story.lines).toEqual(["day 2 open 10@1000 barOpen", "day 3 14 h canceled corporateAction"]);
    expect(story.result.positions[0]?.quantity).toBe("40");
    expect(story.result.money.finalEquity).toBe("1000000.00");
    expect(story.backtester.venues[0]?.position[0]).toBe(40);
  });

  it("a reverse split pays the fraction of a lot in cash", () => {
    const days: readonly Day[] = [CALM, CALM, { split: [1, 3] }, [3000, 3000, 3000, 3000, 9]];
    const story = tell(days, once({ side: "buy", lots: 10, type: "market" }));
    expect(story.result.positions[0]?.quantity).toBe("3");
    expect(story.backtester.venues[0]?.position[0]).toBe(3);
    expect(story.result.money.finalEquity).toBe("1000000.00");
  });

  it("tell the strategy that its position changed", () => {
    const seen: number[] = [];
    const days: readonly Day[] = [CALM, CALM, { split: [2, 1] }, { dividend: 10 }, CALM];
    tell(
      days,
      once({ side: "buy", lots: 3, type: "market" }),
      {},
      { onPosition: ({ lots }) => seen.push(lots) },
    );
    expect(seen).toEqual([3, 6, 6]);
  });

  it("an adjusted series is for indicators: fills are at raw prices", () => {
    const story = tell([CALM, CALM], once({ side: "buy", lots: 1, type: "market" }));
    expect(story.fills[0]?.priceTicks).toBe(1000);
  });
});

describe("the options of a bar venue", () => {
  const instrument = testInstrument();
  it.each([
    ["no instrument", { instrument: undefined }, "venue.instrument"],
    ["a misspelt option", { slippage: 1 }, "venue.slippage"],
    ["a capacity of 0", { capacity: 0 }, "venue.capacity"],
    ["a participation below 0", { participation: -0.1 }, "venue.participation"],
    ["a participation above 1", { participation: 1.1 }, "venue.participation"],
    ["a participation that is no number", { participation: Number.NaN }, "venue.participation"],
    ["slippage below 0", { slippageTicks: -1 }, "venue.slippageTicks"],
    ["slippage of a fraction", { slippageTicks: 0.5 }, "venue.slippageTicks"],
    ["an unknown path", { path: "better" }, "venue.path"],
    ["a base that is a number", { baseNs: 1 }, "venue.baseNs"],
  ])("%s: refused by name", (_name, options, path) => {
    expect(() => new SimBarVenue({ instrument, ...options } as unknown as SimBarVenueOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("reach it through a backtest", () => {
    const strategy: Strategy = { onBar() {} };
    const make = (): Backtester =>
      new Backtester({
        markets: [{ tape: dayTape([CALM]), bars: { path: "best" as "OHLC" } }],
        strategies: [strategy],
        cash: { USD: "1" },
      });
    expect(make).toThrow(expect.objectContaining({ code: "FAULT_CONFIG", path: "venue.path" }));
  });
});
