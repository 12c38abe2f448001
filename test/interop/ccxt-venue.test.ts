import { afterEach, describe, expect, it } from "vitest";
import { ExchangeServer, type FaultRule } from "../../src/exchange/index.ts";
import { DepthBlock, flatFees, Instrument, LAST, money, ROW } from "../../src/model/index.ts";
import { type OpenedSession, openSession, resumeSession, VenueDesk } from "../../src/run/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import { CcxtClient, type CcxtOptions, ccxtVenue } from "../../src/venue/ccxt.ts";
import { systemVenueClock, type VenueLink, venueIdPrefix } from "../../src/venue/index.ts";
import { ACT, ToldStrategy } from "../fixtures/venue-world.ts";

const MS = 1_000_000;
const BTC = {
  symbol: "BTCUSDT",
  venue: "binance",
  tickSize: "0.01",
  lotSize: "0.01",
  base: "BTC",
  quote: "USDT",
};
const KEY = { apiKey: "A".repeat(64), secret: "s".repeat(64) };
const JOURNAL = {
  ...({ policy: "sync", create: true, segmentBytes: 1 << 16, bufferBytes: 1 << 15 } as const),
  ...{ reserveBytes: 0, freeBytesMin: 0, nowNs: () => 0n },
} as const;

/** A session that trades on the loopback exchange through ccxt's own `binance`. */
class Desk {
  readonly baseNs = BigInt(Date.now()) * 1_000_000n;
  readonly clock = systemVenueClock(this.baseNs);
  readonly instrument = new Instrument({ ...BTC, fees: flatFees("0.001", "0.001") });
  readonly server = new ExchangeServer({
    markets: [{ instrument: BTC }],
    accounts: [{ name: "alice", balances: { USDT: "10000000", BTC: "1000" }, keys: [KEY], payIn: "quote" }],
    ...{ everyMs: 1, rateLimits: { requestWeight: 1_000_000, ordersPer10s: 10_000 } },
  });
  strategy = new ToldStrategy();
  readonly troubles: string[] = [];
  readonly failures: unknown[] = [];
  #disk = new TortureDisk({});
  link!: VenueLink;
  desk!: VenueDesk;
  opened!: OpenedSession;
  keepAliveMs = 200;
  #starts = 0;
  readonly #block = new DepthBlock(1);

  async start(): Promise<this> {
    if (this.#starts === 0) {
      await this.server.start();
      const book = (from: number, step: number): [string, string][] =>
        Array.from({ length: 5 }, (_, i) => [(from + step * i).toFixed(2), "50"]);
      this.server.market("BTCUSDT").setBook(book(100, -1), book(101, 1));
    }
    const { baseNs, clock } = this;
    this.strategy = new ToldStrategy();
    this.link = ccxtVenue({
      ...this.clientOptions(),
      prefix: venueIdPrefix("interop", baseNs),
      capabilities: { rateLimits: [{ name: "requests", weight: 100_000, perNs: 60_000 * MS }] },
      link: { requestTimeoutNs: 300 * MS },
    });
    const cash = [money(1_000_000_00_000_000n, "USDT")];
    this.opened = openSession(
      "/journal",
      {
        ...{ name: "interop", instruments: [this.instrument], strategies: [this.strategy], cash },
        ...{ reporting: "USDT", seed: 1, baseNs, snapshotEveryNs: 0, orderCapacity: 256 },
      },
      { ...JOURNAL, disk: this.#disk },
      (session) => {
        this.desk = new VenueDesk(session, {
          ...{ link: this.link, clock, schedule: { startNs: 0, retryNs: 30 * MS, timeoutNs: 400 * MS } },
          rules: {
            ackTimeoutNs: 150 * MS,
            graceNs: 5_000 * MS,
            orphans: "cancel",
            clockErrorNs: 5 * MS,
            cashToleranceMinor: 1000n,
          },
          hands: { alert: () => {}, halt: () => {} },
          watch: {
            trouble: ({ code }) => void this.troubles.push(code),
            failed: (cause) => void this.failures.push(cause),
          },
        });
      },
    );
    this.desk.connect();
    if (this.#starts++ === 0) this.opened.session.start(this.#now());
    else resumeSession(this.opened, this.#now());
    await this.desk.open();
    await this.until(() => this.link.state === "live", "live");
    return this;
  }

  clientOptions(): CcxtOptions {
    const { baseNs, clock } = this;
    return {
      ...{ exchange: "binance", instruments: [this.instrument], baseNs, clock, credentials: () => KEY },
      ...{ isSandbox: false, seed: 1, urls: this.server.ccxtUrls() },
      ...{ timeoutMs: 750, keepAliveMs: this.keepAliveMs, backOffMs: 10 },
      options: { fetchMarkets: { types: ["spot"] }, fetchCurrencies: false },
    };
  }

  async kill(): Promise<void> {
    await this.desk.close();
    this.#disk = this.#disk.afterProcessLoss();
  }

  async close(): Promise<void> {
    await this.desk?.close();
    await this.server.close();
  }

  act(act: number, argument: number, tick: number): void {
    const block = this.#block;
    const now = this.#now();
    block.kind[0] = ROW.trade | LAST;
    block.tick[0] = tick;
    block.lots[0] = argument * 10 + act;
    block.exch[0] = now;
    block.local[0] = now;
    this.opened.session.row(0, block, 0, now);
  }

  /** Waits until both sides hold the same, and nothing is in doubt. */
  async settle(): Promise<void> {
    this.desk.compare();
    await this.until(
      () =>
        this.link.state === "live" &&
        this.desk.desk.breaks().length === 0 &&
        this.link.counts.inFlight === 0 &&
        JSON.stringify(this.ours()) === JSON.stringify(this.theirs()),
      "settled",
    );
  }

  ours(): unknown {
    const { orders, ledger } = this.opened.session.kernel;
    const open: string[] = [];
    orders.id.forEach((id, row) => {
      if (!(id > 0) || !orders.isOpen(row)) return;
      const side = (orders.side[row] as number) > 0 ? "BUY" : "SELL";
      open.push(`${side} ${orders.priceTicks[row]} ${orders.lots[row]} ${orders.cumLots[row]}`);
    });
    return { open: open.sort(), position: ledger.positionLots[0] };
  }

  theirs(): unknown {
    const { openOrders, fills } = this.server.truth("alice");
    const { instrument } = this;
    const open = openOrders.map((each) => {
      const [price, lots, cum] = [
        instrument.price(each.price),
        instrument.quantity(each.origQty),
        instrument.quantity(each.executedQty),
      ];
      return `${each.side} ${price} ${lots} ${cum}`;
    });
    const position = fills.reduce(
      (sum, { qty, isBuyer }) => sum + (isBuyer ? 1 : -1) * instrument.quantity(qty),
      0,
    );
    return { open: open.sort(), position };
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    for (let i = 0; i < 1500; i++) {
      if (condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { breaks } = { breaks: this.desk.desk.breaks().map(({ kind, key }) => `${kind} ${key}`) };
    throw new Error(
      `not ${what}: ${JSON.stringify({ state: this.link.state, breaks, ours: this.ours(), theirs: this.theirs(), troubles: this.troubles.slice(-5), counts: this.link.counts, failures: this.failures.map(String) })}`,
    );
  }

  #now(): number {
    return Math.max(this.clock.nowNs(), this.opened?.session.kernel.nowNs[0] ?? 0);
  }
}

const desks: Desk[] = [];

async function desk(keepAliveMs = 200): Promise<Desk> {
  const made = new Desk();
  made.keepAliveMs = keepAliveMs;
  desks.push(made);
  return made.start();
}

afterEach(async () => {
  for (const each of desks.splice(0)) await each.close();
});

describe("a session on the loopback exchange through ccxt's binance", () => {
  it("trades, replaces, cancels, and ends in the exchange's truth", async () => {
    const world = await desk();
    world.act(ACT.buy, 30, 9_950);
    world.act(ACT.sell, 20, 10_500);
    world.act(ACT.market, 10, 0);
    await world.until(() => world.strategy.heard.length >= 4, "answered");
    world.server.market("BTCUSDT").trade("sell", "99.50", "0.10");
    await world.settle();
    world.act(ACT.replace, 2, 10_450);
    await world.settle();
    world.act(ACT.cancel, 0, 9_950);
    await world.settle();
    expect(world.failures).toEqual([]);
    expect(world.strategy.heard.some((each) => each.includes("filled"))).toBe(true);
  }, 30_000);

  it("connects anew where the exchange ends the account's stream and keeps its socket", async () => {
    // No silence of the socket's is noticed in this time.
    const world = await desk(60_000);
    world.server.faults.loseListenKeys();
    await world.until(() => world.link.state !== "live", "lost");
    await world.until(() => world.link.state === "live", "live again");
    world.act(ACT.buy, 30, 9_900);
    await world.until(() => world.strategy.heard.some((each) => each.includes("accepted")), "accepted");
    world.server.market("BTCUSDT").trade("sell", "98.00", "0.05");
    await world.until(() => world.strategy.heard.some((each) => each.includes("illed")), "filled");
    await world.settle();
  }, 30_000);

  it("is closed while its stream connects: nothing is thrown that nobody hears", async () => {
    const world = await desk();
    const unheard: unknown[] = [];
    const hear = (cause: unknown): void => void unheard.push(cause);
    process.on("unhandledRejection", hear);
    const silent = { report: () => {}, connected: () => {}, disconnected: () => {}, trouble: () => {} };
    for (const waitMs of [0, 1, 3, 10]) {
      const client = new CcxtClient(world.clientOptions());
      await client.open(silent);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await client.close();
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  }, 30_000);

  const requests = [
    "dropRequest",
    "hangRequest",
    "dropAck",
    "hangAck",
    "errorBefore",
    "errorAfter",
    "timeoutBefore",
    "timeoutAfter",
    "internalAfter",
    "tooManyRequests",
    "malformedAnswer",
  ] as const;
  const streams = [
    "dropMessage",
    "duplicateMessage",
    "reorderMessage",
    "malformedFrame",
    "halfOpen",
    "disconnect",
    "terminate",
  ] as const;
  const rules: FaultRule[] = [
    ...requests.flatMap((kind) =>
      (["submit", "cancel", "replace"] as const).map((on) => ({ kind, on }) as FaultRule),
    ),
    ...streams.map((kind) => ({ kind, on: "executionReport", delayMs: 30 }) as FaultRule),
  ];

  it("resolves every request in doubt by asking, and sends nothing twice", async () => {
    const world = await desk();
    const slow: string[] = [];
    for (const [i, rule] of rules.entries()) {
      world.server.faults.add(rule);
      const from = Date.now();
      world.act(ACT.buy, 5, 9_900 - (i % 7));
      world.act(ACT.sell, 5, 10_600 + (i % 7));
      await new Promise((resolve) => setTimeout(resolve, 20));
      world.act(ACT.replace, 3, 9_800 - (i % 5));
      world.act(ACT.cancel, 1, 9_900);
      world.server.market("BTCUSDT").trade("sell", "98.00", "0.03");
      try {
        await world.settle();
      } catch (cause) {
        throw new Error(`${rule.kind} on ${rule.on}: ${(cause as Error).message}`);
      }
      world.server.faults.clear();
      slow.push(`${rule.kind} ${rule.on} ${Date.now() - from}`);
    }
    const names = world.server.truth("alice").orders.map(({ clientOrderId }) => clientOrderId);
    expect(new Set(names).size).toBe(names.length);
    expect(world.failures).toEqual([]);
    if (process.env["SHOW"]) console.log(slow.join("\n"), world.link.counts);
  }, 120_000);

  it("goes on after its process died, with the same ids, before anything new leaves", async () => {
    const world = await desk();
    world.act(ACT.buy, 30, 9_950);
    await world.settle();
    world.server.faults.add({ kind: "hangAck", on: "submit" } as FaultRule);
    world.act(ACT.buy, 10, 9_940);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await world.kill();
    world.server.market("BTCUSDT").trade("sell", "99.40", "0.35");
    await world.start();
    await world.settle();
    expect(world.failures).toEqual([]);
    expect(world.ours()).toEqual(world.theirs());
  }, 30_000);
});
