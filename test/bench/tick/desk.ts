import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRefusal } from "../../../src/base/index.ts";
import { MarketDataValidator, verdictOf } from "../../../src/feed/index.ts";
import { flatFees, Instrument, money } from "../../../src/model/index.ts";
import { KillLatch, KillScopes, NO_LIMITS } from "../../../src/risk/index.ts";
import {
  Backtester,
  type FeedStage,
  type KillReadiness,
  LinkedVenue,
  LiveTrader,
  preflight,
  SystemTime,
  type TraderIdle,
} from "../../../src/run/index.ts";
import { generateDepthTape } from "../../../src/sim/index.ts";
import type { OrderTicket, Strategy, StrategyContext } from "../../../src/strategy/index.ts";
import { BinanceFeed } from "../../../src/venue/binance.ts";
import { CcxtClient } from "../../../src/venue/ccxt.ts";
import type { VenueClient } from "../../../src/venue/index.ts";
import { MemoryJournal } from "../../fixtures/memory-journal.ts";
import { hookCcxt, hookClient, hookDisk } from "./hooks.ts";
import { Stamps, type TickKind } from "./stamps.ts";
import { INSTRUMENT, KEY, type ServedAt } from "./terms.ts";

const MS = 1_000_000;
/** So far below the best bid is each order: it never trades. @units ticks */
const AWAY = 50_000;
const LIMITS = {
  ...NO_LIMITS,
  ...{ maxOrderLots: 1_000, maxLongLots: 100_000, maxShortLots: 100_000, maxDailyLoss: "1000000" },
  ...{ maxOrdersPerSecond: 1_000, priceCollarBps: 500 },
};

const RISK = {
  ...({ currency: "USDT", capital: [], hours: "always", status: "trusted" } as const),
  limits: [{ level: "firm", limits: LIMITS }],
} as const;

/**
 * Kernel, gate and a journal in memory make some thousand orders of the same strategy, back to back: what the gate
 * takes where nobody waits for a socket. The first live order then finds compiled code. @units ns
 */
export function gatesBackToBack(rows = 100_000): readonly number[] {
  const stamps = new Stamps(false);
  const latch = new KillLatch(new KillScopes({}).size);
  const instrument = new Instrument(INSTRUMENT);
  new Backtester({
    ...{
      markets: [
        { tape: generateDepthTape({ instrument: INSTRUMENT, seed: 3, rows, priceTicks: 6_000_000 }) },
      ],
      seed: 1,
    },
    ...{ strategies: [new OrderEvery(instrument.key, 2, stamps)], cash: { USDT: "10000000" } },
    ...{ risk: { ...RISK, kill: { latch, scopes: new KillScopes({}) } }, journal: new MemoryJournal() },
  }).runToEnd();
  return stamps.gates.slice(stamps.gates.length >> 1);
}

/** What clients of a desk are made from. */
export interface DeskTerms {
  readonly instruments: readonly Instrument[];
  readonly baseNs: bigint;
  readonly clock: SystemTime;
}

/** What a run is made of. */
export interface DeskOptions {
  readonly stamps: Stamps;
  readonly served: ServedAt;
  /** Where the journal's folder is made. */
  readonly place: string;
  readonly idle: TraderIdle;
  /** Every so many callbacks of each kind become an order. */
  readonly every: number;
  /** What sends orders, given ccxt's client and what that was made from; that client itself unless given. */
  readonly around?: (client: CcxtClient, terms: DeskTerms) => VenueClient;
}

/** A live trader, whole and real, whose strategy makes an order of every so many ticks. */
export class TickDesk {
  readonly trader: LiveTrader;
  readonly validator: MarketDataValidator;
  readonly #folder: string;

  constructor({ stamps, served, place, idle, every, around = (client) => client }: DeskOptions) {
    const baseNs = BigInt(Math.floor(Date.now() / 1000)) * 1_000_000_000n;
    const time = new SystemTime(baseNs);
    const instrument = new Instrument({ ...INSTRUMENT, fees: flatFees("0.001", "0.001") });
    const latch = new KillLatch(new KillScopes({}).size);
    this.validator = new MarketDataValidator({ tier: "major", hasQuoteTimes: false });
    this.#folder = mkdtempSync(join(place, "tickwright-ticks-"));
    const terms: DeskTerms = { instruments: [instrument], baseNs, clock: time };
    const client = new CcxtClient({
      ...{ ...terms, exchange: "binance", credentials: () => KEY },
      ...{ isSandbox: false, seed: 1, urls: served.ccxt, make: hookCcxt(stamps) },
      options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
      capabilities: { rateLimits: [{ name: "requests", weight: 1_000_000, perNs: 60_000 * MS }] },
    });
    const feed = new BinanceFeed({ clock: time, streamUrl: served.stream, restUrl: served.rest });
    this.trader = new LiveTrader({
      ...{
        name: "ticks",
        instruments: [instrument],
        strategies: [new OrderEvery(instrument.key, every, stamps)],
      },
      ...{
        cash: [money(1_000_000_000_000n, "USDT")],
        reporting: "USDT",
        seed: 1,
        time,
        orderCapacity: 4_096,
      },
      risk: { ...RISK, kill: { latch, scopes: new KillScopes({}) } },
      folder: join(this.#folder, "journal"),
      journal: { policy: "sync", create: true, disk: hookDisk(stamps) },
      feeds: [{ client: feed, channels: ["depth", "trades", "quotes"] }],
      ...{ stage: stageOf(this.validator, stamps), idle },
      stale: [{ afterNs: 60_000 * MS, does: "tell" }],
      venues: [
        new LinkedVenue({
          ...{
            client: hookClient(around(client, terms), stamps),
            stations: [0],
          },
          rules: {
            ackTimeoutNs: 2_000 * MS,
            graceNs: 60_000 * MS,
            orphans: "cancel",
            clockErrorNs: 100 * MS,
          },
          schedule: { startNs: 0, intervalNs: 600_000 * MS, retryNs: 100 * MS },
        }),
      ],
      kill: standingBy(latch),
      preflight: () => preflight([{ name: "bench", state: "ok", measured: "", expected: "", change: "" }]),
    });
  }

  /** Opens everything. */
  async open(): Promise<this> {
    this.trader.on("alert", ({ level, code, words }) => {
      if (level === "error" || level === "fatal") throw new Error(`${code}: ${words}`);
    });
    await this.trader.start();
    return this;
  }

  /** Stops, and removes the journal. */
  async close(): Promise<void> {
    await this.trader.stop({ deadlineNs: 5_000 * MS });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Judges each message before it goes on. */
function stageOf(validator: MarketDataValidator, stamps: Stamps): FeedStage {
  return {
    message: (source, message, _nowNs, out) => {
      stamps.tick("decoded");
      const result = validator.take(message);
      stamps.tick("validated");
      if (result < 2 || verdictOf(result) === "flag") out(message, source);
    },
  };
}

/** Buys far below the market, immediate or cancel, on every so many ticks of a kind. */
class OrderEvery implements Strategy {
  readonly name = "order-every";
  readonly #key: string;
  readonly #every: number;
  readonly #stamps: Stamps;
  readonly #seen = { quote: 0, trade: 0, depth: 0 };
  /** The last order: the next one waits until it is over. */
  #last: OrderTicket | undefined;
  #orders = 0;

  constructor(key: string, every: number, stamps: Stamps) {
    this.#key = key;
    this.#every = every;
    this.#stamps = stamps;
  }

  onQuote(_: unknown, ctx: StrategyContext): void {
    this.#tick("quote", ctx);
  }

  onTrade(_: unknown, ctx: StrategyContext): void {
    this.#tick("trade", ctx);
  }

  onBook(_: unknown, ctx: StrategyContext): void {
    this.#tick("depth", ctx);
  }

  onSave(): { readonly version: number; readonly state: unknown } {
    return { version: 1, state: { ...this.#seen } };
  }

  onLoad({ state }: { readonly version: number; readonly state: unknown }): void {
    Object.assign(this.#seen, state);
  }

  #tick(kind: TickKind, ctx: StrategyContext): void {
    const stamps = this.#stamps;
    stamps.tick("strategy");
    this.#seen[kind] += 1;
    if (stamps.isOpen || this.#seen[kind] % this.#every !== 0 || this.#last?.isOpen === true) return;
    const { bestBid, hasBid } = ctx.book(this.#key);
    if (!hasBid) return;
    // No two of a second are the same: the gate refuses duplicates.
    const lots = 20 + (this.#orders % 900);
    const priceTicks = bestBid - AWAY;
    stamps.tick("decided");
    const said = ctx.submit({ instrument: this.#key, side: "buy", timeInForce: "IOC", lots, priceTicks });
    stamps.tick("gated");
    if (isRefusal(said)) return;
    this.#last = said;
    this.#orders += 1;
    stamps.open(kind);
  }
}

/** A kill agent that stands by without a thread: what is measured here is the way of an order. */
function standingBy(latch: KillLatch): KillReadiness {
  const venues = [{ venue: "binance", isHealthy: true, requested: 0, handed: 0, confirmed: 0 }];
  return {
    ready: async () => {},
    status: { state: "armed", kills: 0, troubles: 0, venues },
    trigger: { latch: latch.buffer, control: new SharedArrayBuffer(8) },
    beat: () => {},
  };
}
