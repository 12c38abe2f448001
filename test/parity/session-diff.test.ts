import { describe, expect, it } from "vitest";
import { flatFees, REPORT } from "../../src/model/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import {
  Backtester,
  type BacktestMarket,
  type BacktestOptions,
  type DiffCause,
  diffSessions,
  type OrderStory,
  readStory,
  SESSION,
  type SessionStory,
  type StoryFill,
  VERSION,
} from "../../src/run/index.ts";
import { ConstantLatency, InterpolatedLatency } from "../../src/sim/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { type DepthRow, depthTape, wanderingRows } from "../fixtures/run-tapes.ts";

const PERIOD = 4_000_000;
const ROWS = wanderingRows(21, 2_500);
const latency = new ConstantLatency({ entryNs: 300_000, responseNs: 200_000 });

interface Session {
  readonly rows?: readonly DepthRow[];
  readonly market?: Partial<BacktestMarket>;
  readonly options?: Partial<BacktestOptions>;
}

/** Quotes now and then whatever happens to it: what its orders meet never changes what it does. */
class Steady extends BusyStrategy {
  override onTimer(...[, ctx]: Parameters<BusyStrategy["onTimer"]>): void {
    const [instrument] = ctx.instruments;
    if (instrument === undefined) return;
    const book = ctx.book(instrument.key);
    if (!book.hasBid || !book.hasAsk) return;
    const isBuy = ctx.rng.below(2) === 0;
    const away = ctx.rng.below(3);
    ctx.submit({
      instrument: instrument.key,
      side: isBuy ? "buy" : "sell",
      lots: 1 + ctx.rng.below(4),
      type: "limit",
      priceTicks: isBuy ? book.bestBid - away : book.bestAsk + away,
      timeInForce: "GTD",
      expireNs: ctx.clock.ns + 50_000_000,
    } as Parameters<typeof ctx.submit>[0]);
  }
}

function story(session: Session, strategy = new BusyStrategy(PERIOD)): SessionStory {
  return readStory(record(session, strategy).records);
}

function record(
  { rows = ROWS, market = {}, options = {} }: Session,
  strategy = new BusyStrategy(PERIOD),
): MemoryJournal {
  const journal = new MemoryJournal();
  const tape = depthTape(rows, { symbol: "A" });
  new Backtester({
    markets: [
      { tape, venue: { latency, queue: { model: "log" } }, fees: flatFees("0.0001", "0.0004"), ...market },
    ],
    strategies: [strategy],
    cash: { USD: "1000000" },
    seed: 5,
    journal,
    ...options,
  }).runToEnd();
  return journal;
}

/** The fifth time it is asked, it looks away. */
class Forgetful extends BusyStrategy {
  #asked = 0;

  override onTimer(...args: Parameters<BusyStrategy["onTimer"]>): void {
    this.#asked += 1;
    if (this.#asked !== 5) super.onTimer(...args);
  }
}

function losing(lost: number): InterpolatedLatency {
  const records = Array.from({ length: 400 }, (_, i) => {
    const sentNs = i * 4_000_000;
    return { sentNs, exchNs: i === lost ? 0 : sentNs + 300_000, reportNs: sentNs + 500_000 };
  });
  return new InterpolatedLatency({ records });
}

const slower = new ConstantLatency({ entryNs: 900_000, responseNs: 200_000 });
const later = ROWS.map(
  (row, i): DepthRow =>
    i === 1_800 && row[1] !== "clear" ? [row[0], row[1], row[2], row[3] + 1, row[4] ?? 10] : row,
);
/** The same market, heard of a little later from some row on. */
const lateFeed = ROWS.map(
  ([ns, kind, tick, lots, age = 10], i): DepthRow =>
    i < 1_500 ? [ns, kind, tick, lots, age] : [ns + 7_000, kind, tick, lots, age + 7_000],
);
const PLANTED: readonly [DiffCause, Session, Session][] = [
  ["latency", {}, { market: { venue: { latency: slower, queue: { model: "log" } } } }],
  ["queue", {}, { market: { venue: { latency, queue: { model: "riskAverse" } } } }],
  ["fee", {}, { market: { fees: flatFees("0.0002", "0.0004") } }],
  ["data", {}, { rows: later }],
  ["latency", {}, { rows: lateFeed }],
  [
    "rejection",
    { market: { venue: { latency: losing(-1) } } },
    { market: { venue: { latency: losing(40) } } },
  ],
  ["setup", {}, { options: { seed: 6 } }],
];

describe("two recorded sessions", () => {
  it("are equal to themselves", () => {
    const one = story({});
    expect(one.orders.length).toBeGreaterThan(100);
    expect(diffSessions(one, story({}))).toMatchObject({
      isEqual: true,
      equalOrders: one.orders.length,
      lines: [],
    });
  });

  it.each(PLANTED)("differ first by the one thing that was planted: %s", (cause, left, right) => {
    const [a, b] = [story(left), story(right)];
    const diff = diffSessions(a, b);
    expect(diff.lines.length).toBeGreaterThan(0);
    expect(diff.causes.unexplained).toBe(0);
    const first = [...diff.lines].sort((x, y) => x.ns - y.ns)[0];
    expect(first?.cause).toBe(cause);
    expect(
      diff.lines.filter((line) => line.cause !== cause && line.cause !== "consequence").length,
    ).toBeLessThan(diff.lines.length);
    const mirrored = diffSessions(b, a);
    expect(mirrored.causes).toEqual(diff.causes);
  });

  it.each(PLANTED.slice(0, 3))(
    "whose strategy heeds nothing differ by that alone: %s",
    (cause, left, right) => {
      const [a, b] = [left, right].map((each) => story(each, new Steady(PERIOD))) as [
        SessionStory,
        SessionStory,
      ];
      const { causes, lines } = diffSessions(a, b);
      expect(lines.length).toBeGreaterThan(0);
      const others = Object.entries(causes).filter(([name, count]) => name !== cause && count > 0);
      expect(cause === "latency" ? others.filter(([name]) => name !== "queue") : others).toEqual([]);
    },
  );

  it("name the code where the same inputs led to another decision", () => {
    const diff = diffSessions(story({}), story({}, new Forgetful(PERIOD)));
    const [first] = [...diff.lines].sort((x, y) => x.ns - y.ns);
    expect([first?.cause, diff.causes.unexplained]).toEqual(["code", 0]);
    expect(diffSessions(story({}), story({}, new BusyStrategy(PERIOD + 1))).lines[0]).toMatchObject({
      cause: "code",
      nth: 0,
    });
  });

  it("name limits, cash and instruments as the setup", () => {
    const cash = diffSessions(story({}), story({ options: { cash: { USD: "1" } } }));
    expect(cash.lines.filter(({ nth }) => nth === 0)).toMatchObject([{ cause: "setup" }]);
    const limits = [{ level: "firm", limits: { ...NO_LIMITS, maxOrderLots: 1 } }] as const;
    const risk = { currency: "USD", limits, capital: [], hours: "always", status: "trusted" } as const;
    expect(diffSessions(story({}), story({ options: { risk } })).causes.setup).toBeGreaterThan(0);
  });

  it("tell where a market began to differ, within 256 rows", () => {
    const { lines } = diffSessions(story({}), story({ rows: later }));
    const data = lines.find(({ nth }) => nth === 0);
    const from = (later[1_800] as DepthRow)[0];
    expect(data).toMatchObject({ cause: "data" });
    expect(data?.ns).toBeLessThanOrEqual(from);
    expect(data?.ns).toBeGreaterThan((later[1_800 - 300] as DepthRow)[0]);
  });

  it("name the version of the package that recorded them", () => {
    const journal = record({});
    const other = journal.records.map((each) => {
      if (each.type !== SESSION.begin) return each;
      const begin = JSON.parse(new TextDecoder().decode(each.payload)) as object;
      return { ...each, payload: new TextEncoder().encode(JSON.stringify({ ...begin, version: "0.0.1" })) };
    });
    const { lines, causes } = diffSessions(readStory(journal.records), readStory(other));
    expect(lines).toMatchObject([{ cause: "code", nth: 0, what: `version ${VERSION}, 0.0.1` }]);
    // What another version decides or answers otherwise is its code's, too.
    const [a, b] = [
      readStory(other),
      story({ market: { venue: { latency, queue: { model: "riskAverse" } } } }),
    ];
    const diff = diffSessions(a, b);
    expect([causes.code, diff.causes.code, diff.causes.unexplained]).toEqual([1, 1, 0]);
  });

  it("name strategies and instruments, of the longer side where one has more, and of what was done to them", () => {
    const one = story({});
    const more = { name: "second", params: {} };
    const lost = { ns: 5, what: "connection of instrument 0 lost" };
    const strategies = [...(one.begin.strategies as readonly object[]), more];
    const two = { ...one, begin: { ...one.begin, strategies }, events: [lost] };
    const [left, right] = [diffSessions(one, two), diffSessions(two, one)];
    const keys = one.begin.instruments.map(({ key }) => key);
    expect([left.strategies.length, left.strategies[1], left.instruments]).toEqual([2, "second", keys]);
    expect(right.strategies).toEqual(left.strategies);
    expect(left.lines.at(-1)?.what).toBe(`nothing, connection of ${keys[0]} lost`);
  });

  it("tell from when on a market was heard of at other times", () => {
    const { lines } = diffSessions(story({}), story({ rows: lateFeed }));
    expect(lines[0]).toMatchObject({
      cause: "latency",
      nth: 0,
      what: "market data were heard of at other times",
    });
    expect(lines[0]?.ns).toBeLessThanOrEqual((lateFeed[1_500] as DepthRow)[0]);
    expect(lines[0]?.ns).toBeGreaterThan((lateFeed[1_500 - 300] as DepthRow)[0]);
  });

  it("call an answer that is not there yet when the session ends late, and one that never came unexplained", () => {
    const { begin, ...rest } = story({}, new Steady(PERIOD));
    const order = rest.orders.find(({ reports }) => reports.length > 0) as OrderStory;
    const one = { begin, ...rest, orders: [order] };
    const silent = (endNs: number): SessionStory => ({
      ...one,
      endNs,
      orders: [{ ...order, reports: [], fills: [] }],
    });
    const heardNs = order.reports[0]?.ns as number;
    const causeAt = (endNs: number) =>
      diffSessions({ ...one, endNs }, silent(endNs)).lines.map(({ cause }) => cause);
    expect(causeAt(heardNs)).toEqual(["latency"]);
    expect(causeAt(heardNs + 1_000_000_000)).toEqual(["latency"]);
    expect(causeAt(heardNs + 60_000_000_000)).toEqual(["unexplained"]);
  });

  it("call what a strategy did on hearing something else a consequence, though its order was older", () => {
    const { begin, ...rest } = story({}, new Steady(PERIOD));
    const [order] = rest.orders as [OrderStory, ...OrderStory[]];
    const word = { kind: REPORT.accepted, requestId: 0, reason: "", ns: 200, exchNs: 150 };
    const older = { ...order, id: 1, ns: 100, reports: [word], fills: [], changes: [] };
    const younger = {
      ...order,
      id: 2,
      ns: 110,
      station: 0,
      strategy: 1,
      reports: [{ ...word, ns: 210 }],
      fills: [],
    };
    const left = {
      ...rest,
      begin,
      orders: [{ ...older, changes: [{ ns: 300, priceTicks: 1, lots: 1 }] }, younger],
    };
    const late = { ...younger, reports: [{ ...word, ns: 250 }] };
    const right = { ...rest, begin, orders: [older, late] };
    expect(diffSessions(left, right).lines.map(({ cause }) => cause)).toEqual(["latency", "consequence"]);
    // At one moment the word comes before what is done about it.
    const quick = { ...left, orders: [{ ...older, changes: [{ ns: 200, priceTicks: 1, lots: 1 }] }] };
    const slow = { ...right, orders: [{ ...older, reports: [{ ...word, ns: 205 }], changes: [] }] };
    expect(diffSessions(quick, slow).lines.map(({ cause }) => cause)).toEqual(["latency"]);
  });

  it("tell a fill that was heard of later from one that happened later", () => {
    const { begin, ...rest } = story({}, new Steady(PERIOD));
    const order = rest.orders.find(({ fills }) => fills.length > 0) as OrderStory;
    const [fill, ...more] = order.fills as [StoryFill, ...StoryFill[]];
    const withFill = (change: Partial<StoryFill>): SessionStory => ({
      ...{ begin, ...rest },
      orders: [{ ...order, fills: [{ ...fill, ...change }, ...more] }],
    });
    const causeOf = (change: Partial<StoryFill>) =>
      diffSessions(withFill({}), withFill(change)).lines[0]?.cause;
    expect(fill.exchNs).toBeLessThan(fill.ns);
    expect(causeOf({ ns: fill.ns + 1 })).toBe("latency");
    expect(causeOf({ exchNs: fill.exchNs + 1 })).toBe("queue");
    expect(causeOf({ feeMinor: fill.feeMinor + 1 })).toBe("fee");
  });
});
