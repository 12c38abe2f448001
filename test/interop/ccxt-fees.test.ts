import { afterEach, describe, expect, it } from "vitest";
import { type ExchangeAccountOptions, ExchangeServer } from "../../src/exchange/index.ts";
import { DepthBlock, flatFees, Instrument, LAST, money, ROW } from "../../src/model/index.ts";
import {
  type OpenedSession,
  openSession,
  type ReconAlert,
  replaySession,
  VenueDesk,
} from "../../src/run/index.ts";
import type { FillView, Strategy, StrategyContext, TradeView } from "../../src/strategy/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import { ccxtVenue } from "../../src/venue/ccxt.ts";
import { systemVenueClock, type VenueLink, venueIdPrefix } from "../../src/venue/index.ts";
import { recordsOf } from "../fixtures/session-records.ts";

const MS = 1_000_000;
const KEY = { apiKey: "A".repeat(64), secret: "s".repeat(64) };
const LISTED = ["BTC", "BNB"].map((base) => ({
  ...{ symbol: `${base}USDT`, venue: "binance", tickSize: "0.01", lotSize: "0.00001" },
  ...{ base, quote: "USDT" },
}));
const JOURNAL = {
  ...({ policy: "sync", create: true, segmentBytes: 1 << 16, bufferBytes: 1 << 15 } as const),
  ...{ reserveBytes: 0, freeBytesMin: 0, nowNs: () => 0n },
} as const;
const BUY = 1;
const SELL_ALL = 2;

/** Buys 1,234 lots at a print, or sells what it can deliver. */
class Flattener implements Strategy {
  readonly name = "flattener";
  readonly fills: FillView["feeCurrency"][] = [];
  rejected = 0;

  onStart(): void {}

  onTrade(view: TradeView, ctx: StrategyContext): void {
    const { key } = view.instrument;
    const isBuy = view.lots === BUY;
    const lots = isBuy ? 1_234 : ctx.position(key).deliverableLots;
    ctx.submit({ instrument: key, side: isBuy ? "buy" : "sell", lots, type: "market" });
  }

  onFill(fill: FillView): void {
    this.fills.push(fill.feeCurrency);
  }

  onOrder({ kind }: { readonly kind: string }): void {
    if (kind === "rejected") this.rejected += 1;
  }
}

/** A session on an account of the loopback exchange that pays its commissions as it was set up. */
class FeeDesk {
  readonly baseNs = BigInt(Date.now()) * 1_000_000n;
  readonly clock = systemVenueClock(this.baseNs);
  readonly instruments: readonly Instrument[];
  readonly alerts: ReconAlert[] = [];
  readonly failures: unknown[] = [];
  readonly strategy = new Flattener();
  readonly server: ExchangeServer;
  readonly disk = new TortureDisk({});
  link!: VenueLink;
  desk!: VenueDesk;
  opened!: OpenedSession;
  readonly #cash: Readonly<Record<string, string>>;
  readonly #block = new DepthBlock(1);

  constructor(
    account: Omit<ExchangeAccountOptions, "name" | "keys">,
    cash: Readonly<Record<string, string>>,
    traded: number = LISTED.length,
  ) {
    const fees = flatFees("0.001", "0.001");
    this.instruments = LISTED.slice(0, traded).map((each) => new Instrument({ ...each, fees }));
    this.#cash = cash;
    this.server = new ExchangeServer({
      markets: LISTED.map((instrument) => ({ instrument })),
      accounts: [{ name: "alice", keys: [KEY], ...account }],
      ...{ bnbPrices: { USDT: "600" }, everyMs: 1 },
    });
  }

  async start(): Promise<this> {
    await this.server.start();
    this.server.market("BTCUSDT").setBook([["61837.63", "5"]], [["61837.71", "5"]]);
    this.server.market("BNBUSDT").setBook([["599.99", "50"]], [["600.01", "50"]]);
    const { baseNs, clock, instruments } = this;
    this.link = ccxtVenue({
      ...{ exchange: "binance", instruments, baseNs, clock, credentials: () => KEY },
      ...{ isSandbox: false, seed: 1, urls: this.server.ccxtUrls(), timeoutMs: 2_000, keepAliveMs: 1_000 },
      options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
      prefix: venueIdPrefix("fees", baseNs),
    });
    const cash = Object.entries(this.#cash).map(([code, text]) => money(units(text), code));
    const made = { name: "fees", instruments, strategies: [this.strategy], cash, reporting: "USDT" } as const;
    this.opened = openSession(
      "/session",
      { ...made, seed: 1, baseNs, snapshotEveryNs: 0 },
      { ...JOURNAL, disk: this.disk },
      (session) => {
        this.desk = new VenueDesk(session, {
          ...{ link: this.link, clock, schedule: { startNs: 0, retryNs: 30 * MS }, comparesCash: true },
          rules: { ackTimeoutNs: 150 * MS, graceNs: 5_000 * MS, orphans: "cancel", clockErrorNs: 5 * MS },
          hands: { alert: (alert) => void this.alerts.push(alert), halt: () => {} },
          watch: { failed: (cause) => void this.failures.push(cause) },
        });
      },
    );
    this.desk.connect();
    this.opened.session.start(this.now());
    await this.desk.open();
    await this.until(() => this.link.state === "live", "live");
    return this;
  }

  /** A print tells the strategy what to do. */
  async act(act: number): Promise<void> {
    const block = this.#block;
    block.kind[0] = ROW.trade | LAST;
    block.tick[0] = 6_183_767;
    block.lots[0] = act;
    block.exch[0] = this.now();
    const before = this.strategy.fills.length + this.strategy.rejected;
    this.opened.session.row(0, block, 0, this.now());
    await this.until(() => this.strategy.fills.length + this.strategy.rejected > before, "answered");
  }

  /** What the ledger says that the account has of each currency, and what the exchange does. */
  balances(): { readonly ours: Record<string, bigint>; readonly theirs: Record<string, bigint> } {
    const { ledger } = this.opened.session.kernel;
    const { balances } = this.server.truth("alice");
    const ours: Record<string, bigint> = {};
    const theirs: Record<string, bigint> = {};
    for (const code of ledger.currencies) {
      const at = this.instruments.findIndex(({ base }) => base?.code === code);
      const lots = at < 0 ? 0 : (ledger.positionLots[at] as number);
      ours[code] = ledger.cashMinor(code) + BigInt(lots) * 1_000n;
      theirs[code] = units(balances[code]?.free ?? "0") + units(balances[code]?.locked ?? "0");
    }
    return { ours, theirs };
  }

  /** Compares everything, cash included, until nothing is left to do. */
  async settle(): Promise<void> {
    this.desk.desk.promoted(this.now());
    this.desk.compare();
    await this.until(() => {
      const { ours, theirs } = this.balances();
      const isSame = Object.keys(ours).every((code) => ours[code] === theirs[code]);
      return isSame && this.desk.desk.breaks().length === 0 && this.link.counts.inFlight === 0;
    }, "settled");
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    for (let i = 0; i < 2_000; i++) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { ours, theirs } = this.balances();
    const told = [ours, theirs].map((each) =>
      Object.entries(each).map(([code, minor]) => `${code} ${minor}`),
    );
    const breaks = this.desk.desk.breaks().map(({ kind, key, action }) => `${kind} ${key} ${action.type}`);
    throw new Error(`not ${what}: ${JSON.stringify({ told, breaks, failures: this.failures.map(String) })}`);
  }

  now(): number {
    return Math.max(this.clock.nowNs(), this.opened?.session.kernel.nowNs[0] ?? 0);
  }

  async close(): Promise<void> {
    await this.desk?.close();
    await this.server.close();
  }
}

/** Eight decimals as minor units. */
function units(text: string): bigint {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(8, "0"));
}

const desks: FeeDesk[] = [];

async function desk(...made: ConstructorParameters<typeof FeeDesk>): Promise<FeeDesk> {
  const world = new FeeDesk(...made);
  desks.push(world);
  return world.start();
}

afterEach(async () => {
  for (const each of desks.splice(0)) await each.close();
});

describe("commissions of the loopback exchange, through ccxt's binance", () => {
  it("in the base asset, as accounts have it by default: balances agree, and all that is held can be sold", async () => {
    const world = await desk({ balances: { USDT: "100000" } }, { USDT: "100000" });
    const { kernel } = world.opened.session;
    await world.act(BUY);
    expect(kernel.ledger.cashMinor("BTC")).toBe(-1_234n);
    expect(kernel.portfolio.position("BTCUSDT").deliverableLots).toBe(1_232);
    await world.settle();
    await world.act(SELL_ALL);
    expect(world.strategy.rejected).toBe(0);
    await world.settle();
    expect(world.strategy.fills).toEqual(["BTC", "USDT"]);
    const { ours, theirs } = world.balances();
    expect(ours).toEqual(theirs);
    expect(ours["BTC"]).toBe(766n);
    expect(kernel.portfolio.position("BTCUSDT").deliverableLots).toBe(0);
    expect([world.alerts, world.failures]).toEqual([[], []]);
    const hash = world.opened.session.stop(world.now());
    const replay = replaySession(recordsOf(world.disk), { strategies: [new Flattener()] });
    expect(replay.runHash).toBe(hash);
    expect(replay.kernel.ledger.snapshot()).toEqual(kernel.ledger.snapshot());
  }, 30_000);

  it("in the base asset, beside what the account owned before: cash is compared in that, too", async () => {
    const world = await desk({ balances: { USDT: "100000", BTC: "0.5" } }, { USDT: "100000", BTC: "0.5" });
    const { kernel } = world.opened.session;
    await world.act(BUY);
    expect(kernel.portfolio.position("BTCUSDT").deliverableLots).toBe(50_000 + 1_232);
    await world.settle();
    await world.act(SELL_ALL);
    await world.settle();
    expect(world.strategy.rejected).toBe(0);
    expect([world.alerts, world.failures]).toEqual([[], []]);
  }, 30_000);

  it("in a third asset that the session's cash lists", async () => {
    const balances = { USDT: "100000", BNB: "2" };
    const world = await desk({ balances, payIn: "BNB" }, balances);
    await world.act(BUY);
    expect(world.opened.session.kernel.portfolio.position("BTCUSDT").deliverableLots).toBe(1_234);
    await world.act(SELL_ALL);
    await world.settle();
    expect(world.strategy.fills).toEqual(["BNB", "BNB"]);
    expect([world.alerts, world.failures]).toEqual([[], []]);
  }, 30_000);

  it("in a third asset that it does not list: told once, charged as scheduled", async () => {
    const balances = { USDT: "100000", BNB: "2" };
    const world = await desk({ balances, payIn: "BNB" }, { USDT: "100000" }, 1);
    await world.act(BUY);
    await world.act(SELL_ALL);
    world.desk.compare();
    await world.until(() => world.link.state === "live" && world.desk.desk.breaks().length === 0, "compared");
    expect(world.strategy.fills).toEqual(["USDT", "USDT"]);
    expect(world.alerts.map(({ reason, detail }) => `${reason} ${detail.slice(0, 3)}`)).toEqual([
      "feeCurrency BNB",
    ]);
    expect(world.opened.session.kernel.ledger.feesMinor(0)).toBeGreaterThan(0n);
    expect(world.failures).toEqual([]);
  }, 30_000);
});
