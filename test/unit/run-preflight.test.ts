import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, it } from "vitest";
import { Fault } from "../../src/base/index.ts";
import { DepthBlock, Instrument, LAST, money, ROW } from "../../src/model/index.ts";
import { KillLatch, KillScopes, NO_LIMITS, type RiskLimits } from "../../src/risk/index.ts";
import {
  type PaperGate,
  type PreflightParts,
  type PreflightReport,
  type PreflightVenue,
  planTrader,
  runPreflight,
  type TraderOptions,
  VirtualTime,
} from "../../src/run/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import type { FeedClient, FeedListener } from "../../src/venue/index.ts";
import { MemoryVenue, MemoryVenueClient, type MemoryVenueClientOptions } from "../../src/venue/testing.ts";
import { standingBy } from "../fixtures/live-world.ts";

const MS = 1_000_000;
const DAY = 86_400_000_000_000n;
const BASE = 1_700_000_000_000_000_000n;
const ABC = new Instrument({ symbol: "ABC", venue: "mem", tickSize: "0.01", lotSize: "1", quote: "USD" });
const LIMITS: RiskLimits = {
  ...NO_LIMITS,
  ...{ maxOrderLots: 10, maxOrderValue: "500", maxLongLots: 100, maxShortLots: 100, maxDailyLoss: "1000" },
  ...{ maxOrdersPerSecond: 5, priceCollarBps: 100, maxOpenOrders: 20 },
};
const GATE: PaperGate = {
  ...{ isPassed: true, days: 91, orders: 5, fills: 5, unexplained: 0, codeHash: "c0de", failures: [] },
  causes: {} as PaperGate["causes"],
};

type Row = readonly [kind: number, tick: number, lots: number];

/** Says one message as soon as it is asked for the book. */
class Saying implements FeedClient {
  readonly source = "saying";
  readonly #rows: readonly Row[];
  #listener: FeedListener | undefined = undefined;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  async open(listener: FeedListener): Promise<void> {
    this.#listener = listener;
  }
  async subscribe(): Promise<void> {}
  async close(): Promise<void> {}
  async requestSnapshot(): Promise<void> {
    const block = new DepthBlock(4);
    for (const [i, [kind, tick, lots]] of this.#rows.entries()) {
      [block.kind[i], block.tick[i], block.lots[i]] = [
        i + 1 === this.#rows.length ? kind | LAST : kind,
        tick,
        lots,
      ];
    }
    const numbers = { firstSequence: -1, lastSequence: -1, previousSequence: -1 };
    const of = { instrument: ABC, channel: "depth", isSnapshot: true, ...numbers, block } as const;
    if (this.#rows.length > 0)
      this.#listener?.message(this.source, { ...of, from: 0, to: this.#rows.length });
  }
}

interface World {
  readonly limits?: RiskLimits | undefined;
  readonly rows?: readonly Row[];
  readonly client?: Partial<MemoryVenueClientOptions>;
  readonly venue?: Partial<PreflightVenue>;
  readonly parts?: Partial<PreflightParts>;
  readonly options?: Partial<TraderOptions>;
  /** The venue's clock before ours. @units ns */
  readonly aheadNs?: number;
  /** What the venue answers when it is asked. */
  readonly refused?: Fault;
  readonly arrange?: (venue: MemoryVenue, latch: KillLatch) => void;
}

/** A start that nothing speaks against, but for what is given. */
async function look(world: World = {}): Promise<PreflightReport> {
  const time = new VirtualTime(BASE, 5_000 * MS);
  const latch = new KillLatch(new KillScopes({}).size);
  const {
    rows = [
      [ROW.bid, 999, 5],
      [ROW.ask, 1001, 5],
    ],
    limits = LIMITS,
    aheadNs = 0,
  } = world;
  const clock = { nowNs: () => time.nowNs() + aheadNs, after: time.after.bind(time), baseNs: BASE };
  const venue = new MemoryVenue({ venue: "mem", account: "main", clock, instruments: [ABC] });
  const client = new MemoryVenueClient({ venue, clock: time, ...world.client });
  const cash = [{ currency: "USD", minor: "100000" }];
  const query = client.query.bind(client);
  client.query = async (asked) => {
    if (world.refused !== undefined) throw world.refused;
    return { ...(await query(asked)), cash };
  };
  world.arrange?.(venue, latch);
  const plan = planTrader(
    {
      ...{ name: "desk", instruments: [ABC], strategies: [{ name: "quiet", onStart() {} }], seed: 1, time },
      ...{ cash: [money(100_000n, "USD")], reporting: "USD", folder: "/journal" },
      journal: { policy: "sync", disk: new TortureDisk() },
      feeds: [{ client: new Saying(rows) }],
      risk: {
        ...{ currency: "USD", capital: [], hours: "always", status: "trusted" },
        ...{ limits: [{ level: "firm", limits }], kill: { latch, scopes: new KillScopes({}) } },
      },
      ...world.options,
    },
    [],
  );
  const report = runPreflight(plan, {
    ...{ venues: [{ client, ...world.venue }], kill: standingBy(latch), codeHash: "c0de", gate: GATE },
    ...{
      drillKills: 0,
      backtestedNs: BASE - DAY,
      rules: { diskBytesMin: 1, feedWaitNs: 50 * MS, syncNsMax: 1e15 },
    },
    clock: async () => ({ boundNs: 5 * MS, state: "synchronized", source: "ntp" }) as never,
    ...world.parts,
  });
  let isDone = false;
  const over = report.finally(() => {
    isDone = true;
  });
  over.catch(() => {});
  for (let turns = 0; !isDone; turns++) {
    await time.runTo(time.nowNs() + MS);
    // A drill takes its time, and the processor.
    if (turns > 1_000) await wait(10);
  }
  return await over;
}

function states({ checks }: PreflightReport): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, state }) => [name, state]));
}

it("is green where nothing speaks against a start, and only the drill was left out", async () => {
  const report = await look();
  const bad = report.checks.filter(({ state }) => state !== "ok");
  expect(bad.map(({ name, state, measured }) => [name, state, measured])).toEqual([
    ["recovery.drill", "warn", "left out"],
  ]);
  expect(report).toMatchObject({ isGreen: true, failed: 0, warned: 1 });
  expect(report.checks.map(({ name }) => name)).toEqual([
    ...["clock.bound", "feed.saying.ABC@mem"],
    ...["clock", "lookUp", "orders", "cash.USD", "canTrade", "canWithdraw", "ipRestricted"].map(venue),
    ...["limits", "disk.free", "disk.sync", "journal.lock", "kill.agent", "kill.latch"],
    ...["paper.gate", "paper.code", "backtest.age", venue("rate")],
    ...["trading", "grid", "least", "most", "openOrders"].map((each) => venue(`ABC@mem.${each}`)),
    "recovery.drill",
  ]);
});

function venue(check: string): string {
  return `venue.mem.main.${check}`;
}

const order = (of: MemoryVenue): void =>
  void of.submit({
    ...{ instrument: ABC, clientOrderId: "old", side: "buy", type: "limit", timeInForce: "GTC" },
    ...{ postOnly: false, reduceOnly: false, priceTicks: 900, stopTicks: 0, lots: 1, displayLots: 0 },
    expireNs: Number.POSITIVE_INFINITY,
  });
const clockOf = (boundNs: number | undefined, state = "synchronized"): World => ({
  parts: { clock: async () => ({ boundNs, state, source: "ntp" }) as never },
});
const filters = (of: MemoryVenueClientOptions["filters"]): World => ({ client: { filters: of ?? {} } });
const permissions = (of: MemoryVenueClientOptions["permissions"]): World => ({
  client: { permissions: of ?? {} },
});
const gate = (of: Partial<PaperGate>): World => ({ parts: { gate: { ...GATE, ...of } } });
const key = (check: string): string => venue(`ABC@mem.${check}`);

it.each<[name: string, state: string, world: World]>([
  ["clock.bound", "fail", clockOf(60 * MS)],
  ["clock.bound", "fail", clockOf(1 * MS, "stepped")],
  ["clock.bound", "fail", clockOf(1 * MS, "outOfTolerance")],
  ["clock.bound", "warn", clockOf(undefined)],
  ["clock.look", "fail", { parts: { clock: async () => Promise.reject(new Error("no daemon")) } }],
  ["feed.saying.ABC@mem", "fail", { rows: [] }],
  [
    "feed.saying.ABC@mem",
    "fail",
    {
      rows: [
        [ROW.bid, 1001, 5],
        [ROW.ask, 1001, 5],
      ],
    },
  ],
  ["feed.saying.ABC@mem", "fail", { rows: [[ROW.bid, 999, -5]] }],
  [venue("clock"), "fail", { aheadNs: 1_010 * MS }],
  [venue("clock"), "fail", { aheadNs: -1_010 * MS }],
  [venue("clock"), "ok", { aheadNs: 990 * MS }],
  [
    venue("lookUp"),
    "fail",
    {
      client: {
        capabilities: {
          clientOrderIds: {
            lengthMax: 36,
            characters: "[0-9a-z]",
            uniqueAmong: "open",
            canBeQueried: false,
          },
        },
      },
    },
  ],
  [venue("orders"), "warn", { arrange: order }],
  [venue("cash.USD"), "fail", { venue: { cashMin: { USD: "100001" } } }],
  [venue("cash.USD"), "ok", { venue: { cashMin: { USD: "100000" } } }],
  [venue("cash.EUR"), "fail", { venue: { cashMin: { EUR: "1" } } }],
  [venue("cash.USD"), "warn", { options: { cash: [money(100_001n, "USD")] } }],
  [venue("canTrade"), "fail", permissions({ canTrade: false })],
  [venue("canTrade"), "warn", permissions({ canTrade: null })],
  [venue("canWithdraw"), "fail", permissions({ canWithdraw: true })],
  [venue("canWithdraw"), "warn", permissions({ canWithdraw: null })],
  [venue("ipRestricted"), "warn", permissions({ isIpRestricted: false })],
  [venue("ipRestricted"), "warn", permissions({ isIpRestricted: null })],
  [venue("accountType"), "ok", { venue: { accountType: "MEMORY" } }],
  [venue("accountType"), "fail", { venue: { accountType: "SPOT" } }],
  [venue("accountType"), "warn", { ...permissions({ accountTypes: null }), venue: { accountType: "SPOT" } }],
  [
    venue("rate"),
    "warn",
    { client: { capabilities: { rateLimits: [{ name: "o", weight: 40, perNs: 10e9 }] } } },
  ],
  [
    venue("rate"),
    "ok",
    { client: { capabilities: { rateLimits: [{ name: "o", weight: 50, perNs: 10e9 }] } } },
  ],
  ["limits", "fail", { limits: NO_LIMITS }],
  [key("trading"), "fail", filters({ isTrading: false })],
  [key("trading"), "warn", filters({ isTrading: null })],
  [key("grid"), "fail", filters({ tickSize: "0.05" })],
  [key("grid"), "fail", filters({ lotSize: "10" })],
  [key("grid"), "ok", filters({ tickSize: "0.005", lotSize: "0.001" })],
  [key("least"), "fail", filters({ minQuantity: "11" })],
  [key("least"), "ok", filters({ minQuantity: "10" })],
  // 10 lots at 9.99 are worth 99.90.
  [key("least"), "fail", filters({ minNotional: "99.901" })],
  [key("least"), "ok", filters({ minNotional: "99.9" })],
  [
    key("least"),
    "fail",
    { ...filters({ minNotional: "60" }), limits: { ...LIMITS, maxOrderValue: "59.99" } },
  ],
  [key("most"), "warn", filters({ maxQuantity: "9" })],
  [key("most"), "warn", filters({ maxNotional: "499" })],
  [key("most"), "ok", filters({ maxQuantity: "10", maxNotional: "500" })],
  [key("openOrders"), "warn", filters({ maxOpenOrders: 19 })],
  [key("openOrders"), "ok", filters({ maxOpenOrders: 20 })],
  [
    "disk.free",
    "fail",
    {
      options: { journal: { policy: "sync", disk: new TortureDisk({ faults: { capacityBytes: 2 ** 20 } }) } },
      parts: { rules: { diskBytesMin: 2 ** 20 + 1, feedWaitNs: MS } },
    },
  ],
  ["disk.sync", "fail", { parts: { rules: { diskBytesMin: 1, feedWaitNs: MS, syncNsMax: 1 } } }],
  ["kill.agent", "fail", { parts: { kill: undefined as never } }],
  ["kill.latch", "fail", { arrange: (_, latch) => void latch.set(0, 2) }],
  ["paper.gate", "fail", { parts: { gate: undefined as never } }],
  ["paper.gate", "fail", gate({ isPassed: false })],
  ["paper.code", "fail", gate({ codeHash: "other" })],
  ["paper.code", "fail", { parts: { codeHash: undefined as never } }],
  ["backtest.age", "warn", { parts: { backtestedNs: BASE - 32n * DAY } }],
  ["backtest.age", "warn", { parts: { backtestedNs: undefined as never } }],
])("%s is told: %s", async (name, state, world) => {
  const report = await look(world);
  expect(states(report)[name]).toBe(state);
  if (state === "fail") expect(report.isGreen).toBe(false);
  const { change } = report.checks.find((each) => each.name === name) ?? { change: "" };
  expect(change === "").toBe(state === "ok");
});

it("says that our clock is off where the venue answers nothing for it", async () => {
  const no = new Fault("FAULT_IO", { path: "x", value: "VENUE_CLOCK", expected: "an answer" });
  const told = await look({ refused: no });
  expect(states(told)[venue("clock")]).toBe("fail");
});

it("fails where a venue cannot be looked at, and names the trouble", async () => {
  const refused = async () => Promise.reject(new Error("VENUE_AUTHENTICATION"));
  const report = await look({ venue: { permissions: refused } });
  const found = report.checks.find(({ name }) => name === "venue.0.look");
  expect([found?.state, found?.measured]).toEqual(["fail", "VENUE_AUTHENTICATION"]);
});

it("another process holds the journal: it cannot be looked at", async () => {
  const disk = new TortureDisk();
  disk.makeFolder("/journal");
  disk.lock("/journal/journal.lock");
  const report = await look({ options: { journal: { policy: "sync", disk } } });
  expect(states(report)["disk.look"]).toBe("fail");
});

it("kills a process and sees it come back, or tells that it took too long", async () => {
  const folder = mkdtempSync(join(tmpdir(), "preflight-"));
  const drilled = async (name: string, rtoMaxMs: number): Promise<Record<string, string>> => {
    const rules = { diskBytesMin: 1, feedWaitNs: MS, rtoMaxMs };
    return states(await look({ parts: { drillKills: 1, drillFolder: join(folder, name), rules } }));
  };
  try {
    expect((await drilled("good", 60_000))["recovery.drill"]).toBe("ok");
    expect(existsSync(join(folder, "good")) && readdirSync(join(folder, "good")).length).toBeGreaterThan(0);
    const late = await drilled("late", 1);
    expect(late["recovery.drill"] ?? late["recovery.look"]).toBe("fail");
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 90_000);
