import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readJournal } from "../../src/host/index.ts";
import { flatFees, money } from "../../src/model/index.ts";
import {
  diffSessions,
  PaperTrader,
  type PaperTraderOptions,
  readStory,
  replaySession,
  resimulate,
  type SessionRecord,
  sessionHash,
  tapesOf,
  VirtualTime,
} from "../../src/run/index.ts";
import { ConstantLatency } from "../../src/sim/index.ts";
import { AlgoBusyStrategy } from "../fixtures/algo-busy-strategy.ts";
import { BusyStrategy } from "../fixtures/busy-strategy.ts";
import { depthTape, wanderingRows } from "../fixtures/run-tapes.ts";
import { TapeFeed } from "../fixtures/tape-feed.ts";
import { inBacktest } from "./session-ways.ts";

const latency = (): ConstantLatency => new ConstantLatency({ entryNs: 3_000_000, responseNs: 5_000_000 });
const VENUES = [
  { venue: { latency: latency(), queue: { model: "log" } } },
  { venue: { latency: latency(), queue: { model: "riskAverse" }, fills: "noPartial" } },
] as const;
const strategies = (): BusyStrategy[] => [new BusyStrategy(3_000_000), new BusyStrategy(4_000_003)];

/** A market whose rows are between 1 and `ageNs` ns old when they come. */
function aged(seed: number, rows: number, symbol: string, ageNs: number, fees: readonly [string, string]) {
  const made = wanderingRows(seed, rows).map(([ns, kind, tick, lots], i) => {
    return [ns + 20_000_000, kind, tick, lots, 1 + ((i * 7_919) % ageNs)] as const;
  });
  return depthTape(made, { symbol, fees: flatFees(...fees) });
}

async function onPaper(ageNs: number, more: Partial<PaperTraderOptions> = {}) {
  const tapes = [
    aged(31, 1_500, "A", ageNs, ["0.0001", "0.0004"]),
    aged(32, 2_000, "B", ageNs, ["-0.0001", "0.0003"]),
  ];
  const time = new VirtualTime(0n);
  const feed = new TapeFeed("tapes", tapes, time);
  const folder = join(mkdtempSync(join(tmpdir(), "paper-")), "journal");
  const trader = new PaperTrader({
    ...{
      name: "desk",
      instruments: feed.instruments,
      strategies: strategies(),
      cash: [money(1_000_000n, "USD")],
    },
    ...{
      reporting: "USD",
      seed: 1,
      snapshotEveryNs: 0,
      folder,
      journal: { policy: "async", create: true },
      time,
    },
    feeds: [{ client: feed }],
    venues: VENUES.map(({ venue }) => venue),
    ...more,
  });
  await trader.start();
  await time.runTo(1_200_000_000);
  const figures = trader.status().venues[0] as { readonly lateRows: number; readonly lateReports: number };
  const { runHash } = await trader.stop();
  const records: SessionRecord[] = [];
  readJournal(folder, ({ seq, type, payload }) => records.push({ seq, type, payload: payload.slice() }));
  return { trader, records, runHash, figures };
}

describe("a paper trader on live market data", () => {
  it("comes out as its replay, and as a backtest of its market", async () => {
    const { records, runHash, figures, trader } = await onPaper(4_000_000);
    expect(figures).toMatchObject({ lateRows: 0, lateReports: 0 });
    expect(readStory(records).orders.filter(({ fills }) => fills.length > 0).length).toBeGreaterThan(20);
    const replay = replaySession(records, { strategies: strategies() });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, runHash]);
    const backtest = inBacktest(tapesOf(records), VENUES, strategies());
    expect(diffSessions(readStory(records), readStory(backtest.records)).lines).toEqual([]);
    expect(backtest.runHash).toBe(runHash);
    expect(sessionHash(null, trader.session.kernel)).toBe(runHash);
  });

  it("comes out so for parents of every algorithm, too", async () => {
    const algos = (): AlgoBusyStrategy[] => [new AlgoBusyStrategy(30_000_000)];
    const own = algos();
    const { records, runHash } = await onPaper(4_000_000, { strategies: own });
    expect(own[0]?.ended.filter((each) => each.includes(" filled ")).length).toBeGreaterThan(5);
    const replay = replaySession(records, { strategies: algos() });
    expect([replay.isIdentical, replay.runHash]).toEqual([true, runHash]);
    const backtest = inBacktest(tapesOf(records), VENUES, algos());
    expect(diffSessions(readStory(records), readStory(backtest.records)).lines).toEqual([]);
    expect(backtest.runHash).toBe(runHash);
  });

  it("counts what came too late to be simulated as a backtest does, and that is all that differs", async () => {
    const { records, figures } = await onPaper(9_000_000);
    expect(figures.lateRows + figures.lateReports).toBeGreaterThan(0);
    const { diff } = resimulate(records, { strategies: strategies(), market: (_, told) => ({ ...told }) });
    expect(diff.causes.unexplained).toBe(0);
  });

  it("is equal again where rows happen when they arrive", async () => {
    const { records, runHash, figures } = await onPaper(9_000_000, { exchangeTimes: "arrival" });
    expect(figures).toMatchObject({ lateRows: 0, lateReports: 0 });
    expect(inBacktest(tapesOf(records), VENUES, strategies()).runHash).toBe(runHash);
  });
});
