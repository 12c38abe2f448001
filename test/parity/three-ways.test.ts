import { describe, expect, it } from "vitest";
import { type FeeSchedule, flatFees } from "../../src/model/index.ts";
import {
  Backtester,
  type BacktestOptions,
  diffSessions,
  readStory,
  replaySession,
  SESSION,
  type SessionRecord,
  tapesOf,
} from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { AlgoBusyStrategy } from "../fixtures/algo-busy-strategy.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { wanderingTape } from "../fixtures/run-tapes.ts";
import { inBacktest, live, onPaper, sentOf, type Venues } from "./session-ways.ts";
import { smallBarOptions, smallDepthOptions } from "./small-run.ts";

interface Recorded {
  readonly records: readonly SessionRecord[];
  readonly venues: Venues;
  readonly strategies: () => readonly Strategy[];
}

function byBacktest(make: () => BacktestOptions): Recorded {
  const journal = new MemoryJournal();
  new Backtester({ ...make(), journal }).runToEnd();
  // Latency models remember how far they were: each session has its own.
  return { records: journal.records, venues: make().markets, strategies: () => make().strategies };
}

/** Limits of an order, charges, and other terms halfway through the session. */
const DATED_FEES: FeeSchedule = {
  tiers: [{ maker: "-0.0001", taker: "0.0003", takerPerUnit: "0.001" }],
  order: { minimum: "0.05", maximumRate: "0.002" },
  charges: [{ name: "tax", side: "sell", rate: "0.0001", maximum: "0.02" }],
  revisions: [{ from: "1970-01-01T00:00:00.5Z", perUnit: "0.004", order: { minimum: "0.07" } }],
};

const latency = new ConstantLatency({ entryNs: 300_000, responseNs: 200_000 });

/** A session on paper that begins before its market and goes on after it, its orders keeping their places. */
function byPaper(): Recorded {
  const instruments = [
    { symbol: "A", fees: flatFees("0.0001", "0.0004") },
    { symbol: "B", fees: DATED_FEES },
  ];
  const [a, b] = instruments.map((each, i) => wanderingTape(31 + i, 1_500 + 500 * i, each)) as [
    ReturnType<typeof wanderingTape>,
    ReturnType<typeof wanderingTape>,
  ];
  const base = byBacktest(() => ({
    markets: [{ tape: a }, { tape: b }],
    strategies: [new BusyStrategy(1)],
    cash: { USD: "1000" },
    toNs: 10,
  }));
  const { begin } = tapesOf(base.records);
  const venues = [
    { venue: { latency, queue: { model: "log" } } },
    { venue: { latency, queue: { model: "riskAverse" }, fills: "noPartial" } },
  ] as const;
  const strategies = (): readonly Strategy[] => [new BusyStrategy(3_000_000), new BusyStrategy(4_000_003)];
  const market = {
    begin: { ...begin, lingerNs: 40_000_000 },
    fromNs: 501,
    toNs: 1_200_000_000,
    tapes: [a, b],
    cutRows: 0,
  };
  const { records } = onPaper(market, venues, strategies());
  return { records, venues, strategies };
}

const SESSIONS: Readonly<Record<string, () => Recorded>> = {
  "backtest of two books": () => byBacktest(smallDepthOptions),
  "backtest of bars": () => byBacktest(smallBarOptions),
  "paper session of two books": byPaper,
  "backtest of every algorithm": () =>
    byBacktest(() => ({ ...smallDepthOptions(), strategies: [new AlgoBusyStrategy(40_000_000)] })),
};

describe.each(Object.entries(SESSIONS))("a recorded %s", (_, record) => {
  const { records, venues, strategies } = record();
  const end = JSON.parse(new TextDecoder().decode(records.at(-1)?.payload)) as {
    readonly manifest: unknown;
    readonly runHash: string;
  };
  const market = tapesOf(records);
  const sent = sentOf(records);

  it("sends, fills and ends", () => {
    expect(records.at(-1)?.type).toBe(SESSION.end);
    expect(sent.length).toBeGreaterThan(60);
    expect(readStory(records).orders.filter(({ fills }) => fills.length > 0).length).toBeGreaterThan(20);
  });

  it("has one hash in a replay, in a backtest, on paper and live", () => {
    const replay = replaySession(records, { strategies: strategies() });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, end.runHash]);
    const backtest = inBacktest(market, venues, strategies(), end.manifest);
    expect(diffSessions(readStory(records), readStory(backtest.records)).lines).toEqual([]);
    expect([backtest.runHash, backtest.sent]).toEqual([end.runHash, sent]);
    const paper = onPaper(market, record().venues, strategies(), end.manifest);
    expect(diffSessions(readStory(records), readStory(paper.records)).lines).toEqual([]);
    expect([paper.runHash, paper.sent]).toEqual([end.runHash, sent]);
    const lived = live(records, market.begin, strategies(), end.manifest);
    expect([lived.runHash, lived.sent, lived.noted]).toEqual([end.runHash, sent, sent.length]);
  });

  it("has the same inputs, in the same order, in a replay's record, a backtest's and a live one's", () => {
    const inputs = (each: readonly SessionRecord[]): string[] =>
      each
        .filter(({ type }) => type >= SESSION.row && type <= SESSION.event)
        .map(({ type, payload }) => `${type} ${Buffer.from(payload).toString("hex")}`);
    const expected = inputs(records);
    expect(inputs(inBacktest(market, record().venues, strategies()).records)).toEqual(expected);
    expect(inputs(live(records, market.begin, strategies()).records).sort()).toEqual(expected.sort());
  });
});
