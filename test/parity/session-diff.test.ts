import { describe, expect, it } from "vitest";
import { flatFees } from "../../src/model/index.ts";
import { NO_LIMITS } from "../../src/risk/index.ts";
import {
  Backtester,
  type BacktestMarket,
  type BacktestOptions,
  type DiffCause,
  diffSessions,
  readStory,
  type SessionStory,
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

function story(
  { rows = ROWS, market = {}, options = {} }: Session,
  strategy = new BusyStrategy(PERIOD),
): SessionStory {
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
  return readStory(journal.records);
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
const PLANTED: readonly [DiffCause, Session, Session][] = [
  ["latency", {}, { market: { venue: { latency: slower, queue: { model: "log" } } } }],
  ["queue", {}, { market: { venue: { latency, queue: { model: "riskAverse" } } } }],
  ["fee", {}, { market: { fees: flatFees("0.0002", "0.0004") } }],
  ["data", {}, { rows: later }],
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
});
