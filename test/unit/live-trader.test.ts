import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/base/index.ts";
import { Instrument, money } from "../../src/model/index.ts";
import { KillLatch, KillScopes, NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import {
  type KillReadiness,
  LIVE_REFUSALS,
  LiveTrader,
  type LiveTraderOptions,
  preflight,
  shareOf,
  type TraderVenue,
  VirtualTime,
} from "../../src/run/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import { TapeFeed } from "../fixtures/tape-feed.ts";

const check = { name: "all", state: "ok", measured: "", expected: "", change: "" } as const;
const GREEN = preflight([check]);
const LIMITS: RiskLimits = {
  ...NO_LIMITS,
  ...{ maxOrderLots: 10, maxLongLots: 100, maxShortLots: 100, maxDailyLoss: "1000.50" },
  ...{ maxOrdersPerSecond: 100, priceCollarBps: 100 },
};
const latch = new KillLatch(new KillScopes({}).size);
const kill: KillReadiness = {
  ready: async () => {},
  status: {
    ...{ state: "armed", kills: 0, troubles: 0 },
    venues: [{ venue: "x", isHealthy: true, requested: 0, handed: 0, confirmed: 0 }],
  },
  trigger: { latch: latch.buffer, control: new SharedArrayBuffer(8) },
  beat: () => {},
};
const risk = (limits: RiskLimits, of: KillLatch | undefined = latch) => ({
  ...({ currency: "USD", capital: [], hours: "always", status: "trusted" } as const),
  limits: [{ level: "firm", limits }] as const,
  ...(of === undefined ? {} : { kill: { latch: of, scopes: new KillScopes({}) } }),
});
const venue: TraderVenue = {
  ...{ name: "none", stations: [0], prepare() {}, connect() {}, step() {}, cancelOpen() {} },
  ...{ open: async () => {}, close: async () => {}, nextNs: () => Number.POSITIVE_INFINITY },
  ...{ isReady: () => true, isQuiet: () => true, figures: () => ({}), settle: async () => true },
};

function options(more: Partial<LiveTraderOptions> = {}): LiveTraderOptions {
  const time = new VirtualTime(0n);
  const instrument = new Instrument({
    symbol: "ABC",
    venue: "x",
    tickSize: "0.01",
    lotSize: "1",
    quote: "USD",
  });
  return {
    ...{ name: "desk", instruments: [instrument], strategies: [{ name: "quiet", onStart() {} }] },
    ...{ cash: [money(1_000n, "USD")], reporting: "USD", seed: 1, time, folder: "/j", risk: risk(LIMITS) },
    journal: { policy: "sync", create: true, disk: new TortureDisk(), reserveBytes: 0, freeBytesMin: 0 },
    ...{ feeds: [{ client: new TapeFeed("none", [], time) }], stale: [{ afterNs: 1e9, does: "hold" }] },
    ...{ venues: [venue], kill, preflight: () => GREEN },
    ...more,
  };
}

async function refusedWith(more: Partial<LiveTraderOptions>): Promise<readonly string[]> {
  const trader = new LiveTrader(options(more));
  const codes = (await trader.lacking()).map(({ code }) => code);
  if (codes.length > 0) {
    const fault = (await trader.start().catch((error: unknown) => error)) as Fault;
    expect(fault.code).toBe("FAULT_CONFIG");
    expect(fault.message).toContain(codes[0]);
    expect(trader.state).toBe("failed");
  }
  return codes;
}

describe("a live trader", () => {
  it("starts where nothing lacks", async () => {
    const trader = new LiveTrader(options());
    expect(await trader.lacking()).toEqual([]);
    await trader.start();
    expect([trader.state, trader.share]).toEqual(["running", 1]);
    expect(await trader.stop()).toMatchObject({ isClean: true, openOrders: 0 });
  });

  const other = new KillLatch(new KillScopes({}).size);
  const dead = {
    ...kill,
    status: { ...kill.status, venues: [{ ...kill.status.venues[0], isHealthy: false }] },
  };
  const { maxDailyLoss: _loss, ...withoutLoss } = LIMITS;
  const { risk: _risk, ...withoutRisk } = options();
  it.each([
    ["LIVE_LIMITS_MISSING", { risk: risk(withoutLoss) }],
    ["LIVE_LIMITS_UNBOUNDED", { risk: risk(NO_LIMITS) }],
    ["LIVE_LIMITS_UNBOUNDED", { risk: risk({ ...LIMITS, maxDailyLoss: "unlimited" }) }],
    ["LIVE_JOURNAL_WEAK", { journal: { policy: "async", create: true } }],
    ["LIVE_STALE_POLICY_MISSING", { stale: [] }],
    ["LIVE_VENUE_MISSING", { venues: [] }],
    ["LIVE_VENUE_MISSING", { venues: [venue, venue] }],
    ["LIVE_KILL_MISSING", { kill: undefined }],
    ["LIVE_KILL_MISSING", { risk: risk(LIMITS, other) }],
    ["LIVE_KILL_NOT_READY", { kill: { ...kill, status: { ...kill.status, state: "failed" } } }],
    ["LIVE_KILL_NOT_READY", { kill: dead }],
    ["LIVE_KILL_NOT_READY", { kill: { ...kill, ready: async () => Promise.reject(new Error("no thread")) } }],
    ["LIVE_KILL_NOT_READY", { kill: { ...kill, status: { ...kill.status, venues: [] } } }],
    ["LIVE_PREFLIGHT_MISSING", { preflight: undefined }],
    ["LIVE_PREFLIGHT_RED", { preflight: () => preflight([{ ...check, state: "fail" }]) }],
  ] as const)("refuses to start: %s", async (code, more) => {
    expect(LIVE_REFUSALS).toContain(code);
    expect(await refusedWith(more as unknown as Partial<LiveTraderOptions>)).toEqual([code]);
  });

  it("refuses without any limits, and names all that lacks in order", async () => {
    const trader = new LiveTrader({ ...withoutRisk, journal: { policy: "async" }, stale: [], venues: [] });
    expect((await trader.lacking()).map(({ code }) => code)).toEqual([
      ...["LIVE_LIMITS_MISSING", "LIVE_JOURNAL_WEAK", "LIVE_STALE_POLICY_MISSING"],
      ...["LIVE_VENUE_MISSING", "LIVE_KILL_MISSING"],
    ]);
  });

  it.each([
    ["trader.stale[0].does", { stale: [{ afterNs: 1, does: "hope" }] }],
    ["trader.stale[0].strategy", { stale: [{ afterNs: 1, does: "tell", strategy: "nobody" }] }],
    ["trader.feeds", { feeds: [] }],
    ["trader.folder", { folder: "" }],
    ["trader.stagez", { stagez: 1 }],
    [
      "live.stages.steps[1].share",
      {
        stages: {
          by: { name: "Ines", role: "risk" },
          reason: "new",
          steps: [{ share: 0.5 }, { share: 0.5, afterNs: 1 }],
        },
      },
    ],
    [
      "live.stages.steps[1]",
      {
        stages: {
          by: { name: "Ines", role: "risk" },
          reason: "new",
          steps: [{ share: 0.1 }, { share: 0.5 }],
        },
      },
    ],
  ])("faults by name: %s", (path, more) => {
    expect(() => new LiveTrader(options(more as unknown as Partial<LiveTraderOptions>))).toThrow(path);
  });

  it("raises limits step by step, by time and by approval, and keeps to them after a recovery", async () => {
    const disk = new TortureDisk();
    const stages = {
      ...{ by: { name: "Ines", role: "risk" as const }, reason: "a graduated start" },
      steps: [{ share: 0.1 }, { share: 0.5, afterNs: 1e9 }, { share: 1, needsApproval: true }],
    } as const;
    const journal = { policy: "sync", create: true, disk, reserveBytes: 0, freeBytesMin: 0 } as const;
    const time = new VirtualTime(0n);
    const feeds = [{ client: new TapeFeed("none", [], time) }];
    const trader = new LiveTrader(options({ stages, journal, time, feeds }));
    await trader.start();
    const shares = [trader.share];
    await time.runTo(2e9);
    shares.push(trader.share);
    expect(trader.approveStage({ name: "Mara", role: "risk" }, "a good week")).toBe(true);
    await time.runTo(3e9);
    expect([...shares, trader.share]).toEqual([0.1, 0.5, 1]);
    await trader.stop({ ends: false });
    const again = new LiveTrader(options({ stages, journal, time, feeds }));
    await again.start();
    expect(again.share).toBe(1);
    await again.stop();
  });

  it("takes shares of size and loss, never of collars, and rounds down", () => {
    const [node] = shareOf([{ level: "firm", limits: LIMITS }], 0.25);
    expect(node?.limits).toMatchObject({
      ...{ maxOrderLots: 2, maxLongLots: 25, maxDailyLoss: "250.12", priceCollarBps: 100 },
      maxOrderValue: "unlimited",
    });
    expect(shareOf([{ level: "firm", limits: { maxOrderLots: 3 } }], 0.1)[0]?.limits.maxOrderLots).toBe(1);
  });
});
