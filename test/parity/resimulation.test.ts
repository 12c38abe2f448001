import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, Prng } from "../../src/base/index.ts";
import { flatFees, Instrument, LAST, ROW } from "../../src/model/index.ts";
import { FIRM_SCOPE, KillLatch, KillScopes } from "../../src/risk/index.ts";
import {
  Backtester,
  type BacktestMarket,
  type DiffCause,
  readStory,
  recordedLatency,
  replaySession,
  resimulate,
  SESSION,
  type SessionRecord,
  type SimulatedMarket,
  TradingSession,
  tapesOf,
} from "../../src/run/index.ts";
import { ConstantLatency, FeedMultipleLatency, SimVenue } from "../../src/sim/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { fuzz } from "../fixtures/fuzz.ts";
import { MemoryJournal } from "../fixtures/memory-journal.ts";
import { depthTape, wanderingRows, wanderingTape } from "../fixtures/run-tapes.ts";
import { sessionOptions } from "../fixtures/session-desk.ts";
import { PaperDesk } from "./paper-desk.ts";
import { randomMarket, randomSession } from "./random-session.ts";
import { onPaper, type Venues } from "./session-ways.ts";
import { smallBarOptions, smallDepthOptions } from "./small-run.ts";

const latency = new ConstantLatency({ entryNs: 300_000, responseNs: 200_000 });
const AS_TRADED: SimulatedMarket = { venue: { latency, queue: { model: "log" } } };
const strategies = (): readonly Strategy[] => [new BusyStrategy(4_000_000)];

/** Trades a made-up market on paper, with a session that begins before it and ends after it. */
function paper(market: SimulatedMarket = AS_TRADED, tape = wanderingTape(21, 2_500, { symbol: "A" })) {
  const fees = flatFees("0.0001", "0.0004");
  const begin = new MemoryJournal();
  const [markets, cash] = [[{ tape, fees }], { USD: "1000000" }];
  new Backtester({ markets, strategies: strategies(), cash, seed: 5, journal: begin, toNs: 1 }).runToEnd();
  const made = { ...tapesOf(begin.records).begin, lingerNs: 60_000_000_000 };
  const span = { fromNs: 700, toNs: 1_300_000_000, tapes: [tape], cutRows: 0 };
  return onPaper({ begin: made, ...span }, [market] as Venues, strategies()).records;
}

const OTHERS: readonly [DiffCause, SimulatedMarket][] = [
  [
    "latency",
    { venue: { ...AS_TRADED.venue, latency: new ConstantLatency({ entryNs: 9e5, responseNs: 2e5 }) } },
  ],
  [
    "latency",
    { venue: { ...AS_TRADED.venue, latency: new FeedMultipleLatency({ entry: 1e4, response: 1e4 }) } },
  ],
  ["queue", { venue: { latency, queue: { model: "riskAverse" } } }],
  ["queue", { venue: { latency, queue: { model: "log" }, fills: "noPartial" } }],
  ["fee", { ...AS_TRADED, fees: flatFees("0.0002", "0.0004") }],
];

describe("a session on paper, traded again from its market data alone", () => {
  const records = paper();

  it("is the same session: every order, report and fill, and the hash of its kernel", () => {
    const { diff, recorded, simulated } = resimulate(records, {
      strategies: strategies(),
      market: () => AS_TRADED,
    });
    expect(diff.lines).toEqual([]);
    expect(recorded.orders.length).toBeGreaterThan(100);
    expect(simulated.orders).toEqual(recorded.orders);
    expect(recorded.orders.reduce((sum, { fills }) => sum + fills.length, 0)).toBeGreaterThan(50);
  });

  it("is the same with the latency its orders had, where that was constant", () => {
    const market = (_: unknown, recorded: SimulatedMarket): SimulatedMarket => ({
      venue: { ...recorded.venue, queue: { model: "log" } },
    });
    expect(resimulate(records, { strategies: strategies(), market }).diff.lines).toEqual([]);
  });

  it.each(OTHERS)("differs first by what is simulated otherwise: %s", (cause, market) => {
    const { diff } = resimulate(records, { strategies: strategies(), market: () => market });
    expect(diff.lines.length).toBeGreaterThan(0);
    expect([diff.lines[0]?.cause, diff.causes.unexplained, diff.causes.code]).toEqual([cause, 0, 0]);
  });

  it("names the code that was changed since", () => {
    const other = [new BusyStrategy(3_000_001)];
    const { diff } = resimulate(records, { strategies: other, market: () => AS_TRADED });
    expect(diff.lines[0]).toMatchObject({ cause: "code", nth: 0 });
    expect(diff.causes.unexplained).toBe(0);
  });

  it("keeps rows whose exchange time falls, at the latest before", () => {
    const rows = wanderingRows(43, 1_000);
    const tape = depthTape(rows, { symbol: "A" });
    const session = paper(AS_TRADED, tape).map((record, i) => {
      if (record.type !== SESSION.row || i % 7 !== 0) return record;
      const payload = record.payload.slice();
      new DataView(payload.buffer).setFloat64(16, 1, true);
      return { ...record, payload };
    });
    const { diff } = resimulate(session, { strategies: strategies(), market: () => AS_TRADED });
    expect(tapesOf(session).tapes[0]?.meta.counts["exchClamped"]).toBeGreaterThan(50);
    expect([diff.causes.data, diff.causes.unexplained]).toEqual([0, 0]);
  });

  it("ends where it was cut off, and says so", () => {
    for (const part of [0.3, 0.71, 0.999]) {
      const cut = records.slice(0, Math.floor(records.length * part));
      const { diff } = resimulate(cut, { strategies: strategies(), market: () => AS_TRADED });
      expect(diff.lines[0]).toMatchObject({ nth: 0, cause: "setup", what: "cut off, nothing" });
      const others = Object.entries(diff.causes).filter(([name, count]) => count > 0 && name !== "setup");
      expect(others.filter(([name]) => name !== "consequence")).toEqual([]);
    }
  });
});

describe("a recorded backtest, traded again from its market data alone", () => {
  it.each([smallDepthOptions, smallBarOptions])("is the same with the models its record names", (make) => {
    const journal = new MemoryJournal();
    new Backtester({ ...make(), journal }).runToEnd();
    const { venue } = make().markets[0] as BacktestMarket;
    // The first book's latency was a table that no record holds: it is given again.
    const market = ({ symbol }: Instrument, recorded: SimulatedMarket): SimulatedMarket =>
      symbol === "A" && venue !== undefined ? { venue } : recorded;
    const again = new MemoryJournal();
    const { diff, result } = resimulate(journal.records, {
      ...{ strategies: make().strategies, market, journal: again },
    });
    expect(diff.lines).toEqual([]);
    expect(result.fills.count).toBeGreaterThan(10);
    expect(replaySession(again.records, { strategies: make().strategies }).runHash).toBe(result.runHash);
  });

  it("is the same for random markets, venues and strategies; with other venues every difference has a cause", () => {
    fc.assert(
      fc.property(fc.nat(1 << 28), (seed) => {
        const session = randomSession(seed);
        const { instruments } = tapesOf(session.records).begin;
        const market = ({ key }: Instrument): SimulatedMarket =>
          session.markets[instruments.findIndex((each) => each.key === key)] as SimulatedMarket;
        const same = resimulate(session.records, { strategies: session.strategies(), market });
        expect(same.diff.lines).toEqual([]);
        const rng = new Prng(seed);
        const other = (instrument: Instrument): SimulatedMarket => {
          const { bars } = market(instrument);
          return bars === undefined ? randomMarket(rng) : { bars: { participation: 0.5, slippageTicks: 1 } };
        };
        const { diff } = resimulate(session.records, { strategies: session.strategies(), market: other });
        const { unexplained, code, setup, data } = diff.causes;
        expect({ unexplained, code, setup, data }).toEqual({ unexplained: 0, code: 0, setup: 0, data: 0 });
      }),
      fuzz(8),
    );
  });
});

/** A session with a kill latch, or whose connection fails for a while, on paper. */
function disturbed(disturb: (session: TradingSession, step: number, latch: KillLatch) => void) {
  const scopes = new KillScopes({});
  const latch = new KillLatch(scopes.size);
  const made = sessionOptions();
  const risk = { ...made.risk, kill: { latch, scopes } } as NonNullable<typeof made.risk>;
  const instrument = new Instrument({
    symbol: "A",
    venue: "test",
    tickSize: "0.01",
    lotSize: "1",
    quote: "USD",
  });
  const options = { ...made, instruments: [instrument], strategies: strategies(), orderCapacity: 4096, risk };
  const journal = new MemoryJournal();
  const session = new TradingSession({ ...options, snapshotEveryNs: 0 }, journal);
  const venue = new SimVenue({ ...AS_TRADED.venue, instrument, baseNs: made.baseNs }, session.kernel.nowNs);
  const tape = wanderingTape(47, 2_000, { symbol: "A" });
  const row = session.row.bind(session);
  let step = 0;
  session.row = (...args: Parameters<typeof row>) => {
    step += 1;
    disturb(session, step, latch);
    row(...args);
  };
  new PaperDesk(session, [tape], [venue]).run(700, 1_100_000_000);
  return resimulate(journal.records, { strategies: strategies(), risk, market: () => AS_TRADED });
}

describe("what was done to a session", () => {
  it("is nothing where nothing was", () => {
    const { diff, recorded } = disturbed(() => {});
    expect(recorded.orders.length).toBeGreaterThan(50);
    expect(diff.lines).toEqual([]);
  });

  it("is named where the kill latch was pulled and lifted", () => {
    const { diff } = disturbed((_, step, latch) => {
      if (step === 800) latch.set(FIRM_SCOPE, 2);
      if (step === 1_000) latch.clear(FIRM_SCOPE);
    });
    const { setup, consequence, unexplained, code } = diff.causes;
    expect(diff.lines[0]).toMatchObject({
      cause: "setup",
      nth: 0,
      what: expect.stringContaining("kill latch"),
    });
    expect([setup > 1, consequence > 0, unexplained, code]).toEqual([true, true, 0, 0]);
  });

  it("is named where a connection was lost", () => {
    const { diff } = disturbed((session, step) => {
      if (step === 900) session.disconnected(0, session.kernel.nowNs[0] as number);
    });
    expect(diff.lines[0]).toMatchObject({
      cause: "setup",
      nth: 0,
      what: "connection of A@test lost, nothing",
    });
    expect([diff.causes.unexplained, diff.causes.code]).toEqual([0, 0]);
  });
});

describe("the last moment of a run", () => {
  it("has its timers, whether the last row or the option ends it", () => {
    for (const toNs of [undefined, 3_000]) {
      let fired = 0;
      const tape = depthTape(
        [
          [1_000, "bid", 10, 1],
          [2_000, "bid", 10, 2],
          [3_000, "bid", 10, 3],
        ],
        {},
        0n,
      );
      const strategy: Strategy = { onStart: (ctx) => ctx.clock.every(1_000), onTimer: () => (fired += 1) };
      const journal = new MemoryJournal();
      const span = toNs === undefined ? {} : { toNs };
      new Backtester({
        ...{ markets: [{ tape }], strategies: [strategy], cash: { USD: "1" }, fromNs: 0, journal },
        ...span,
      }).runToEnd();
      expect(fired).toBe(3);
      expect(resimulate(journal.records, { strategies: [strategy] }).diff.lines).toEqual([]);
      expect(fired).toBe(6);
    }
  });
});

describe("the market of a session", () => {
  const rows = wanderingRows(51, 600);
  const journal = new MemoryJournal();
  const tape = depthTape(rows, { symbol: "A" });
  const quiet = depthTape([[1_500, "bid", 10, 1]], { symbol: "Q" }, 3_600_000_000_000n);
  const market = { venue: { latency } };
  new Backtester({
    markets: [{ tape, ...market }, { tape: quiet }],
    strategies: strategies(),
    cash: { USD: "1000" },
    journal,
    toNs: 1_000_000_000,
  }).runToEnd();

  it("is its tapes again, row by row", () => {
    const again = tapesOf(journal.records);
    expect([again.fromNs, again.toNs, again.cutRows]).toEqual([990, 1_000_000_000, 0]);
    expect(again.tapes[0]?.meta.contentSha256).toBe(tape.meta.contentSha256);
    expect(again.tapes.map(({ meta }) => meta.rows)).toEqual([600, 0]);
    expect(again.tapes[1]?.meta.instrument).toEqual(quiet.meta.instrument);
  });

  it("trades again though nothing was heard of an instrument", () => {
    const { diff, result } = resimulate(journal.records, { strategies: strategies() });
    expect([diff.lines, result.events]).toEqual([[], 600]);
  });

  it("leaves out a message that was cut off, and counts it", () => {
    const first = journal.records.findIndex(({ type }) => type === SESSION.row);
    const cut = journal.records.slice(0, first + 40).map((record, i): SessionRecord => {
      if (i < first + 37 || record.type !== SESSION.row) return record;
      const payload = record.payload.slice();
      new DataView(payload.buffer).setUint16(2, ROW.bid & ~LAST, true);
      return { ...record, payload };
    });
    const { tapes, cutRows } = tapesOf(cut);
    expect([tapes[0]?.meta.rows, cutRows > 0]).toEqual([
      cut.filter(({ type }) => type === SESSION.row).length - cutRows,
      true,
    ]);
  });

  it("is refused where it is none, or of two kinds", () => {
    expect(() => tapesOf([])).toThrow("FAULT_JOURNAL_FORMAT session");
    expect(() => tapesOf(journal.records.slice(1))).toThrow("FAULT_JOURNAL_FORMAT session");
    const bar = { seq: 2, type: SESSION.bar, payload: new Uint8Array(64) };
    expect(() => tapesOf([...journal.records, bar])).toThrow("FAULT_INPUT session");
    const far = { ...bar, payload: Uint8Array.of(9, ...new Uint8Array(63)) };
    expect(() => tapesOf([...journal.records, far])).toThrow("FAULT_JOURNAL_FORMAT session.station");
  });

  it("tells how long its orders took", () => {
    const story = readStory(journal.records);
    const model = recordedLatency(story, 0);
    expect([model.entryNs(5e6, 0), model.responseNs(5e6, 0)]).toEqual([300_000, 200_000]);
    expect(recordedLatency(story, 1).describe()).toMatchObject({ model: "constant" });
    expect(canonicalJson(story.begin.cash)).toContain("USD");
  });
});
