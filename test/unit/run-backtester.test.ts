import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { Fault } from "../../src/base/index.ts";
import { BarTapeBuilder, DepthTapeBuilder } from "../../src/feed/index.ts";
import { BAR_ROW, LAST, ROW } from "../../src/model/index.ts";
import { Backtester, type BacktestMarket, type BacktestOptions, VERSION } from "../../src/run/index.ts";
import { ConstantLatency, FeedMultipleLatency, type SimVenue } from "../../src/sim/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { DAY, dayTape, depthTape, faultOf, runOver, wanderingTape } from "../fixtures/run-tapes.ts";

const FLAT = [1000, 1010, 990, 1000, 1_000] as const;
const SECOND = 1_000_000_000;
const latency = new ConstantLatency({ entryNs: 100, responseNs: 40 });

/** Writes down what is seen, with its time. */
function watcher(seen: string[]): Strategy {
  const note = (ctx: StrategyContext, what: string): void => {
    seen.push(`${ctx.clock.ns} ${what}`);
  };
  return {
    onBook: (book, ctx) => note(ctx, `book ${book.instrument.symbol}`),
    onTrade: (trade, ctx) => note(ctx, `trade ${trade.instrument.symbol}`),
    onBar: (bar, ctx) => note(ctx, `bar ${bar.instrument.symbol}`),
    onTimer: (timer, ctx) => note(ctx, `timer ${timer}`),
  };
}

describe("the merged order of events", () => {
  it("of depth tapes is that of local times; at one moment, that of the markets", () => {
    const seen: string[] = [];
    const a = depthTape(
      [
        [100, "bid", 5, 1],
        [300, "bid", 6, 1],
        [500, "bid", 7, 1],
      ],
      { symbol: "A" },
    );
    const b = depthTape(
      [
        [200, "ask", 9, 1],
        [300, "ask", 8, 1],
        [400, "buy", 8, 1],
      ],
      { symbol: "B" },
    );
    runOver([{ tape: a }, { tape: b }], watcher(seen));
    expect(seen).toEqual([
      "100 book A",
      "200 book B",
      "300 book A",
      "300 book B",
      "400 trade B",
      "500 book A",
    ]);
  });

  it("at one moment is that of the markets, whichever came first before", () => {
    const seen: string[] = [];
    const a = depthTape([[300, "bid", 6, 1]], { symbol: "A" });
    const b = depthTape(
      [
        [100, "bid", 5, 1],
        [300, "bid", 6, 1],
      ],
      { symbol: "B" },
    );
    runOver([{ tape: a }, { tape: b }], watcher(seen));
    expect(seen).toEqual(["100 book B", "300 book A", "300 book B"]);
  });

  it("counts from the earliest base of the tapes", () => {
    const seen: string[] = [];
    const a = depthTape(
      [
        [100, "bid", 5, 1],
        [300, "bid", 6, 1],
      ],
      { symbol: "A" },
      5_000n,
    );
    const b = depthTape(
      [
        [4_950, "bid", 5, 1],
        [5_250, "bid", 6, 1],
      ],
      { symbol: "B" },
      50n,
    );
    const { backtester, result } = runOver([{ tape: a }, { tape: b }], watcher(seen));
    expect(seen).toEqual(["4950 book B", "5050 book A", "5250 book A", "5250 book B"]);
    expect(backtester.kernel.baseNs).toBe(50n);
    expect(result.toNs).toBe("5300");
  });

  it("of bars: every close before every open of the same moment, and no open is missed", () => {
    const bars = (symbol: string): BacktestMarket => ({
      tape: dayTape([FLAT, FLAT, FLAT], { symbol }),
      bars: { participation: 1 },
    });
    const seen: string[] = [];
    const strategy: Strategy = {
      onBar: (bar, ctx) => {
        const day = Math.floor(ctx.clock.ns / DAY) + 1;
        seen.push(`${day} bar ${bar.instrument.symbol}`);
        if (day === 1 && bar.instrument.symbol === "B")
          for (const instrument of ["A", "B", "C"])
            ctx.submit({ instrument, side: "buy", lots: 1, type: "market" });
      },
      onFill: (fill, ctx) =>
        void seen.push(`${Math.floor(ctx.clock.ns / DAY) + 1} fill ${fill.instrument.symbol}`),
    };
    runOver([bars("A"), bars("B"), bars("C")], strategy);
    const fills = seen.filter((line) => line.includes("fill"));
    expect(seen.slice(0, 3)).toEqual(["1 bar A", "1 bar B", "1 bar C"]);
    expect(fills).toEqual(["2 fill A", "2 fill B", "2 fill C"]);
    expect(seen.filter((line) => line.startsWith("2 bar"))).toEqual(["2 bar A", "2 bar B", "2 bar C"]);
  });

  it("of bars that follow each other: an order made at a close meets the other's open of that moment", () => {
    const hours = (symbol: string): BacktestMarket => {
      const builder = new BarTapeBuilder({
        instrument: { symbol, venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
        baseNs: 0n,
        source: "by hand",
      });
      for (let i = 0; i < 4; i++) {
        const price = 100 + i;
        const flat = { open: price, high: price, low: price, close: price, volume: 9 };
        builder.push({ openNs: i * 100, closeNs: (i + 1) * 100, ...flat });
      }
      return { tape: builder.build(), bars: { participation: 1 } };
    };
    for (const [seen, traded] of [
      ["A", "B"],
      ["B", "A"],
    ] as const) {
      const { fills } = runOver([hours("A"), hours("B")], {
        onBar: (bar, ctx) => {
          if (bar.instrument.symbol !== seen || bar.closeNs !== 200) return;
          ctx.submit({ instrument: traded, side: "buy", lots: 1, type: "market" });
        },
      });
      expect(fills.map(({ ns, priceTicks }) => [ns, priceTicks])).toEqual([[200, 102]]);
    }
  });

  it("of bars and depth: a bar is seen at its close", () => {
    const seen: string[] = [];
    const noon = 12 * 3600 * SECOND;
    const close = 21 * 3600 * SECOND;
    const depth = depthTape(
      [
        [noon, "bid", 5, 1],
        [close, "bid", 6, 1],
        [close + 1, "bid", 7, 1],
      ],
      { symbol: "D" },
    );
    runOver([{ tape: dayTape([FLAT], { symbol: "B" }) }, { tape: depth }], watcher(seen));
    expect(seen).toEqual([`${noon} book D`, `${close} bar B`, `${close} book D`, `${close + 1} book D`]);
  });

  it("timers fire after the events of their moment, and not beyond the last event", () => {
    const seen: string[] = [];
    const tape = depthTape([
      [100, "bid", 5, 1, 0],
      [200, "bid", 6, 1, 0],
      [300, "bid", 7, 1, 0],
    ]);
    runOver([{ tape }], {
      ...watcher(seen),
      onStart: (ctx) => {
        ctx.clock.at(200);
        ctx.clock.at(150);
        ctx.clock.at(301);
      },
    });
    expect(seen).toEqual(["100 book ABC", "150 timer 2", "200 book ABC", "200 timer 1", "300 book ABC"]);
  });

  it("a message of several rows is one event, seen with its last row", () => {
    const builder = new DepthTapeBuilder({
      instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
      baseNs: 0n,
      source: "by hand",
    });
    builder.push(90, 100, ROW.bid, 99, 5);
    builder.push(90, 100, ROW.bid, 98, 5);
    builder.push(90, 100, ROW.ask | LAST, 101, 5);
    const seen: unknown[] = [];
    runOver([{ tape: builder.build() }], { onBook: (book) => seen.push(book.copy()) });
    expect(seen).toEqual([
      {
        bids: [
          { priceTicks: 99, lots: 5 },
          { priceTicks: 98, lots: 5 },
        ],
        asks: [{ priceTicks: 101, lots: 5 }],
      },
    ]);
  });
});

describe("the two clocks of a depth tape", () => {
  const rows = [
    [1_000, "bid", 99, 5],
    [1_000, "ask", 101, 5],
    [2_000, "ask", 101, 9],
    [3_000, "bid", 98, 1],
    [9_000, "bid", 97, 1],
  ] as const;

  it("an order meets the venue's book when it arrives, its report comes later", () => {
    const times: number[][] = [];
    runOver([{ tape: depthTape(rows), venue: { latency } }], {
      onBook: (book, ctx) => {
        if (ctx.clock.ns === 1_000 && book.hasAsk)
          ctx.submit({ instrument: "ABC", side: "buy", lots: 2, priceTicks: 101 });
      },
      onFill: (fill) => times.push([fill.exchNs, fill.ns]),
    });
    expect(times).toEqual([[1_100, 1_140]]);
  });

  it("what the venue lived before the order came is behind it, though we had not heard of it yet", () => {
    // At 1,000 we see an ask at 101; the venue removed it at 1,050, we hear at 2,000.
    const tape = depthTape([
      [1_000, "bid", 99, 5],
      [1_000, "ask", 101, 5],
      [2_000, "ask", 101, 0, 950],
      [3_000, "ask", 103, 4, 1_500],
    ]);
    const lines: string[] = [];
    const { backtester } = runOver([{ tape, venue: { latency } }], {
      onBook: (book, ctx) => {
        if (ctx.clock.ns === 1_000 && book.hasAsk)
          ctx.submit({ instrument: "ABC", side: "buy", lots: 2, priceTicks: 102 });
      },
      onOrder: (order) => void lines.push(`${order.ns} ${order.kind}`),
    });
    expect(lines).toEqual(["1140 accepted"]);
    expect((backtester.venues[0] as SimVenue).orders.resting).toBe(1);
  });

  it("latency may follow the feed's own", () => {
    const times: number[] = [];
    const venue = { latency: new FeedMultipleLatency({ entry: 3, response: 2 }) };
    runOver(
      [
        {
          tape: depthTape([
            [1_000, "ask", 101, 5, 20],
            [9_000, "ask", 102, 5],
          ]),
          venue,
        },
      ],
      {
        onBook: (_book, ctx) => {
          if (ctx.clock.ns === 1_000) ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" });
        },
        onFill: (fill) => times.push(fill.exchNs, fill.ns),
      },
    );
    expect(times).toEqual([1_060, 1_100]);
  });

  it("a run does not wait for orders to expire when the tape is over", () => {
    const far = 90 * DAY;
    const { result } = runOver([{ tape: depthTape(rows), venue: { latency } }], {
      onBook: (_book, ctx) => {
        if (ctx.openOrders().length > 0) return;
        ctx.submit({
          instrument: "ABC",
          side: "buy",
          lots: 1,
          priceTicks: 5,
          timeInForce: "GTD",
          expireNs: far,
        });
        ctx.submit({ instrument: "ABC", side: "buy", lots: 1, priceTicks: 5, timeInForce: "DAY" });
      },
    });
    expect(result.toNs).toBe("9000");
    expect(result.orders).toMatchObject({ accepted: 2, expired: 0 });
  });

  it("a run waits for what is on its way when the tape is over", () => {
    const lines: string[] = [];
    runOver([{ tape: depthTape(rows), venue: { latency } }], {
      onBook: (_book, ctx) => {
        if (ctx.clock.ns === 9_000) ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" });
      },
      onFill: (fill) => void lines.push(`${fill.exchNs} ${fill.ns}`),
    });
    expect(lines).toEqual(["9100 9140"]);
  });

  it("orders expire on time while it runs", () => {
    const lines: string[] = [];
    runOver([{ tape: depthTape(rows), venue: { latency } }], {
      onBook: (_book, ctx) => {
        if (ctx.clock.ns === 1_000 && ctx.openOrders().length === 0) {
          ctx.submit({
            instrument: "ABC",
            side: "buy",
            lots: 1,
            priceTicks: 5,
            timeInForce: "GTD",
            expireNs: 2_500,
          });
        }
      },
      onOrder: (order) => void lines.push(`${order.ns} ${order.kind} ${order.reason}`.trim()),
    });
    expect(lines).toEqual(["1140 accepted", "2540 expired gtdReached"]);
  });
});

describe("progress", () => {
  it("is yielded about every 65,536 rows, and rises to the total", () => {
    const rows = Array.from(
      { length: 200_000 },
      (_, i) => [10 + i * 10, "bid", 100 + (i % 7), 1 + (i % 3)] as const,
    );
    const backtester = new Backtester({
      markets: [{ tape: depthTape(rows) }],
      strategies: [{ onBook() {} }],
      cash: { USD: "1" },
    });
    const run = backtester.run();
    const events: number[] = [];
    let next = run.next();
    for (; next.done !== true; next = run.next()) {
      expect(next.value.totalEvents).toBe(200_000);
      expect(next.value.epochNs).toBeGreaterThan(0n);
      events.push(next.value.events);
    }
    expect(events.length).toBeGreaterThanOrEqual(2);
    expect(events).toEqual([...events].sort((a, b) => a - b));
    expect(next.value.events).toBe(200_000);
  });

  it("of bars counts splits and dividends too", () => {
    const builder = new BarTapeBuilder({
      instrument: { symbol: "ABC", venue: "test", tickSize: "0.01", lotSize: "1", quote: "USD" },
      baseNs: 0n,
      source: "by hand",
    });
    for (let i = 0; i < 150_000; i++) {
      const minute = {
        openNs: i * 60 * SECOND,
        closeNs: i * 60 * SECOND,
        open: 9,
        high: 9,
        low: 9,
        close: 9,
        volume: 1,
      };
      builder.push(i % 50_000 === 9 ? { ...minute, kind: BAR_ROW.dividend } : minute);
    }
    const backtester = new Backtester({
      markets: [{ tape: builder.build() }],
      strategies: [{ onBar() {} }],
      cash: { USD: "1" },
    });
    const seen: number[] = [];
    const result = backtester.runToEnd(({ events }) => seen.push(events));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(result.events).toBe(150_000);
  });

  it("may be left: nothing stays trapped", () => {
    const backtester = new Backtester({
      markets: [{ tape: wanderingTape(1, 200_000) }],
      strategies: [{ onBook() {} }],
      cash: { USD: "1" },
    });
    for (const progress of backtester.run()) {
      expect(progress.events).toBeGreaterThan(0);
      expect(Date.now()).toBeGreaterThan(0);
      break;
    }
    expect(Math.random()).toBeLessThan(1);
  });

  it("a backtester runs once", () => {
    const backtester = new Backtester({
      markets: [{ tape: dayTape([FLAT]) }],
      strategies: [{ onBar() {} }],
      cash: { USD: "1" },
    });
    backtester.runToEnd();
    expect(() => backtester.runToEnd()).toThrow(
      expect.objectContaining({ code: "FAULT_INPUT", path: "backtester.run" }),
    );
  });
});

describe("one run is like the other", () => {
  const options = (change: Partial<BacktestOptions> = {}): BacktestOptions => ({
    markets: [
      { tape: wanderingTape(1, 3_000, { symbol: "A" }), venue: { latency } },
      { tape: wanderingTape(2, 3_000, { symbol: "B" }), venue: { latency, fills: "noPartial" } },
    ],
    strategies: [new BusyStrategy(3_000_000), new BusyStrategy(5_000_000)],
    cash: { USD: "1000000" },
    ...change,
  });
  const hashOf = (change: Partial<BacktestOptions> = {}): string =>
    new Backtester(options(change)).runToEnd().runHash;

  it("twice the same gives one hash and one result", () => {
    const [a, b] = [new Backtester(options()).runToEnd(), new Backtester(options()).runToEnd()];
    expect(a.fills.count).toBeGreaterThan(50);
    expect({ ...a, environment: 0 }).toEqual({ ...b, environment: 0 });
    expect(a.warnings).toEqual([]);
  });

  it("whatever is only watched does not change the hash", () => {
    const base = hashOf();
    const listened = new Backtester(options());
    listened.on("fill", () => {});
    expect(listened.runToEnd().runHash).toBe(base);
    expect(hashOf({ debug: true })).toBe(base);
    expect(hashOf({ markouts: false })).toBe(base);
    expect(hashOf({ sampleNs: 1_000_000 })).toBe(base);
    expect(hashOf({ name: "another name" })).toBe(base);
  });

  it("everything that matters does", () => {
    const slower = new ConstantLatency({ entryNs: 101, responseNs: 40 });
    const other = (venue: BacktestMarket["venue"]): Partial<BacktestOptions> => ({
      markets: options().markets.map((market, i) =>
        i === 0 ? { ...market, venue: { latency, ...venue } } : market,
      ),
    });
    const hashes = [
      hashOf(),
      hashOf({ seed: 2 }),
      hashOf({ cash: { USD: "1000001" } }),
      hashOf({ strategies: [new BusyStrategy(3_000_000), new BusyStrategy(5_000_001)] }),
      hashOf({ markets: [...options().markets].reverse() }),
      hashOf(other({ latency: slower })),
      hashOf(other({ queue: { model: "riskAverse" } })),
      hashOf(other({ fills: "noPartial" })),
      hashOf(other({ rememberConsumed: false })),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("the manifest says all of it", () => {
    const { manifest } = new Backtester(options()).runToEnd();
    expect(manifest.version).toBe(VERSION);
    expect(VERSION).toBe(packageJson.version);
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    expect(manifest.inputs.map(({ instrument, rows }) => [instrument, rows])).toEqual([
      ["A@test", 3_000],
      ["B@test", 3_000],
    ]);
  });
});

describe("a callback that throws", () => {
  const tape = wanderingTape(3, 500);
  const runs = (strategy: Strategy): unknown =>
    faultOf(() =>
      new Backtester({ markets: [{ tape }], strategies: [strategy], cash: { USD: "1" } }).runToEnd(),
    );

  it.each(["onStart", "onBook", "onTrade", "onTimer", "onStop"])(
    "in %s fails the run with the moment and the stack",
    (name) => {
      const bug = new Error("my bug");
      const strategy = {
        onStart: (ctx: StrategyContext) => void ctx.clock.every(1_000_000),
        [name]: (first: unknown, second?: StrategyContext) => {
          const ctx = (second ?? first) as StrategyContext;
          if (name === "onStart" || name === "onStop" || ctx.clock.ns > 2_000_000) throw bug;
        },
      };
      const fault = runs(strategy) as Fault;
      expect(fault).toBeInstanceOf(Fault);
      expect(fault.code).toBe("FAULT_CALLBACK");
      expect(fault.path).toMatch(new RegExp(`^strategies\\.Object\\.${name} at \\d+ ns, event \\d+$`));
      expect(fault.cause).toBe(bug);
      expect(fault.value).toContain("my bug");
      expect(fault.value).toContain("run-backtester.test.ts");
      expect(Date.now()).toBeGreaterThan(0);
    },
  );

  it("with something that is no error is told too", () => {
    const thrown = (): never => {
      throw "a word";
    };
    expect(runs({ onBook: thrown })).toMatchObject({ code: "FAULT_CALLBACK", value: "a word" });
  });

  it("because it was wrong about an instrument says so", () => {
    expect(runs({ onBook: (_book, ctx) => void ctx.position("XYZ") })).toMatchObject({
      code: "FAULT_INPUT",
      value: "XYZ",
    });
  });

  it("cannot reach the engine's other strategies first: it ends the run", () => {
    let seen = 0;
    const bad: Strategy = {
      onBook() {
        throw new Error("no");
      },
    };
    const good: Strategy = {
      onBook() {
        seen += 1;
      },
    };
    faultOf(() =>
      new Backtester({ markets: [{ tape }], strategies: [bad, good], cash: { USD: "1" } }).runToEnd(),
    );
    expect(seen).toBe(0);
  });
});

describe("ambient state in a callback", () => {
  const tape = wanderingTape(4, 300);
  const uses: readonly [string, () => unknown][] = [
    ["Date.now()", () => Date.now()],
    ["new Date()", () => new Date()],
    ["Date()", () => Date()],
    ["performance.now()", () => performance.now()],
    ["process.hrtime()", () => process.hrtime()],
    ["process.hrtime()", () => process.hrtime.bigint()],
    ["Math.random()", () => Math.random()],
    ["crypto.randomUUID()", () => crypto.randomUUID()],
    ["crypto.getRandomValues()", () => crypto.getRandomValues(new Uint8Array(1))],
    ["setTimeout()", () => setTimeout(() => {}, 1)],
    ["setInterval()", () => setInterval(() => {}, 1)],
    ["setImmediate()", () => setImmediate(() => {})],
    ["queueMicrotask()", () => queueMicrotask(() => {})],
    ["Promise", () => Promise.resolve(1)],
    ["Promise", () => new Promise<void>((resolve) => resolve())],
    ["Promise", () => (async () => 5)()],
    ["Promise", () => Promise.all([])],
  ];

  it.each(uses)("%s raises FAULT_AMBIENT (%#)", (where, use) => {
    for (const name of ["onStart", "onBook", "onStop"] as const) {
      const fault = faultOf(() =>
        new Backtester({
          markets: [{ tape }],
          strategies: [{ [name]: () => void use() }],
          cash: { USD: "1" },
        }).runToEnd(),
      );
      expect(fault).toMatchObject({ code: "FAULT_AMBIENT", path: where });
      const { cause, stack } = fault as Fault;
      expect(cause instanceof Error ? cause.stack : stack).toContain("run-backtester.test.ts");
    }
  });

  it("is there again after the run, and between two words of progress", () => {
    const before = [Date, Math.random, setTimeout, queueMicrotask, process.hrtime, crypto.randomUUID];
    faultOf(() =>
      new Backtester({
        markets: [{ tape }],
        strategies: [{ onBook: () => void Date.now() }],
        cash: { USD: "1" },
      }).runToEnd(),
    );
    expect([Date, Math.random, setTimeout, queueMicrotask, process.hrtime, crypto.randomUUID]).toEqual(
      before,
    );
    expect(Object.hasOwn(performance, "now")).toBe(false);
    expect(new Date()).toBeInstanceOf(Date);
  });

  it("does not forbid dates that are given", () => {
    const years: number[] = [];
    const strategy: Strategy = {
      onStart: (ctx) => {
        years.push(
          new Date(0).getUTCFullYear(),
          Date.UTC(2020, 1),
          new Date(Number(ctx.clock.epochNs() / 1_000_000n)).getTime(),
        );
        if (new Date(5) instanceof Date) years.push(1);
      },
    };
    runOver([{ tape }], strategy);
    expect(years).toEqual([1970, 1_580_515_200_000, 0, 1]);
  });
});

describe("the options of a backtest", () => {
  const tape = dayTape([FLAT]);
  const good: BacktestOptions = { markets: [{ tape }], strategies: [{ onBar() {} }], cash: { USD: "5" } };
  const empty = { ...tape, meta: { ...tape.meta, rows: 0 }, read() {}, blockCount: 0, close() {} };

  const wrong: readonly [string, unknown, string][] = [
    ["nothing", undefined, "backtest"],
    ["an array", [], "backtest"],
    ["a misspelt option", { ...good, strategy: [] }, "backtest.strategy"],
    ["no markets", { ...good, markets: [] }, "backtest.markets"],
    ["one market that is no array", { ...good, markets: good.markets[0] }, "backtest.markets"],
    ["a market that is a tape", { ...good, markets: [tape] }, "backtest.markets[0].meta"],
    ["a tape that is a path", { ...good, markets: [{ tape: "bars.tape" }] }, "backtest.markets[0].tape"],
    ["a tape without rows", { ...good, markets: [{ tape: empty }] }, "backtest.markets[0].tape"],
    ["a misspelt market option", { ...good, markets: [{ tape, fee: {} }] }, "backtest.markets[0].fee"],
    ["a depth venue for bars", { ...good, markets: [{ tape, venue: {} }] }, "backtest.markets[0].venue"],
    [
      "bar options for depth",
      { ...good, markets: [{ tape: wanderingTape(1, 50), bars: {} }] },
      "backtest.markets[0].bars",
    ],
    ["fees that are none", { ...good, markets: [{ tape, fees: { maker: "0" } }] }, "instrument.fees.maker"],
    ["one instrument twice", { ...good, markets: [{ tape }, { tape }] }, "kernel.instruments"],
    ["no strategies", { ...good, strategies: [] }, "backtest.strategies"],
    ["one strategy that is no array", { ...good, strategies: { onBar() {} } }, "backtest.strategies"],
    ["a strategy without callbacks", { ...good, strategies: [{}] }, "strategies[0]"],
    ["no cash", { ...good, cash: {} }, "backtest.cash"],
    ["cash that is an amount", { ...good, cash: "5" }, "backtest.cash"],
    ["cash as a number", { ...good, cash: { USD: 5 } }, "backtest.cash.USD"],
    ["cash that is no number", { ...good, cash: { USD: "a lot" } }, "backtest.cash.USD"],
    ["cash too fine", { ...good, cash: { USD: "0.001" } }, "backtest.cash.USD"],
    ["a reporting currency without cash", { ...good, reporting: "EUR" }, "backtest.reporting"],
    ["an empty name", { ...good, name: "" }, "backtest.name"],
    ["a seed that is a fraction", { ...good, seed: 0.5 }, "backtest.seed"],
    ["a seed as text", { ...good, seed: "1" }, "backtest.seed"],
    ["a sample period of 0", { ...good, sampleNs: 0 }, "backtest.sampleNs"],
    ["a sample period below 0", { ...good, sampleNs: -1 }, "backtest.sampleNs"],
    ["markouts as a number", { ...good, markouts: 1 }, "backtest.markouts"],
    ["an order capacity of 0", { ...good, orderCapacity: 0 }, "backtest.orderCapacity"],
    ["debug as text", { ...good, debug: "yes" }, "backtest.debug"],
  ];

  it.each(wrong)("%s: refused by name", (_name, options, path) => {
    expect(() => new Backtester(options as BacktestOptions)).toThrow(
      expect.objectContaining({ code: "FAULT_CONFIG", path }),
    );
  });

  it("every one of them is accepted", () => {
    const options: BacktestOptions = {
      ...good,
      name: "all",
      markets: [
        {
          tape,
          fees: { tiers: [{ maker: "0", taker: "0.001" }] },
          bars: { participation: 0.5, slippageTicks: 1, path: "OHLC" },
        },
      ],
      cash: { USD: "5", EUR: "0" },
      reporting: "USD",
      seed: -3,
      sampleNs: 1_000_000,
      markouts: true,
      orderCapacity: 1,
      debug: true,
    };
    expect(new Backtester(options).runToEnd()).toMatchObject({ name: "all", currency: "USD" });
  });
});

describe("fees", () => {
  it("of a market replace those of its tape, and are charged by maker and taker", () => {
    const strategy: Strategy = {
      onBar: (bar, ctx) => {
        if (bar.openNs > DAY) return;
        ctx.submit({ instrument: "ABC", side: "buy", lots: 100, type: "market" });
        ctx.submit({ instrument: "ABC", side: "sell", lots: 100, priceTicks: 1005 });
      },
    };
    const tape = dayTape([FLAT, FLAT], { fees: { perUnit: "9" }, quote: { code: "USD", decimals: 6 } });
    const fees = { tiers: [{ maker: "-0.0001", taker: "0.001" }] };
    const { result } = runOver([{ tape, fees, bars: { participation: 1 } }], strategy);
    // 100 x 10.00 at 0.1 %, 100 x 10.05 at -0.01 %
    expect(result.money.fees).toBe("0.899500");
    expect(result.fills).toMatchObject({ count: 2, makerCount: 1, reasons: { barOpen: 1, barTraded: 1 } });
  });
});

it("the ticket of an order survives the run", () => {
  let ticket: OrderTicket | undefined;
  runOver([{ tape: dayTape([FLAT, FLAT]), bars: { participation: 1 } }], {
    onBar: (_bar, ctx) => {
      const answer = ctx.submit({ instrument: "ABC", side: "buy", lots: 1, type: "market" });
      if (answer.ok) ticket ??= answer;
    },
  });
  expect(ticket).toMatchObject({ status: "filled", cumLots: 1, averageTicks: 1000 });
});
