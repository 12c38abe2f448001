import { describe, expect, it } from "vitest";
import {
  DepthBlock,
  Instrument,
  LAST,
  money,
  ROW,
  VALIDATION_CODE,
  VALIDITY,
} from "../../src/model/index.ts";
import {
  MarketDataStage,
  OPEN_STAGE,
  PaperTrader,
  type PaperTraderOptions,
  type TraderAlert,
  VirtualTime,
} from "../../src/run/index.ts";
import type { Strategy } from "../../src/strategy/index.ts";
import { TortureDisk } from "../../src/torture/index.ts";
import type { FeedClient, FeedListener } from "../../src/venue/index.ts";

const MS = 1_000_000;
const ABC = new Instrument({ symbol: "ABC", venue: "x", tickSize: "0.01", lotSize: "1", quote: "USD" });
const { FEED_SILENT } = VALIDATION_CODE;

/** Keeps one far bid open. */
const bidder = (): Strategy => ({
  name: "bidder",
  onStart: (ctx) => void ctx.clock.every(5 * MS),
  onTimer: (_, ctx) => {
    if (ctx.openOrders().length === 0 && ctx.book("ABC").hasBid)
      ctx.submit({ instrument: "ABC", side: "buy", lots: 1, priceTicks: 90 });
  },
  onSave: () => ({ version: 1, state: null }),
  onLoad: () => {},
});

class Desk {
  readonly time = new VirtualTime(0n);
  readonly alerts: TraderAlert[] = [];
  readonly disk: TortureDisk;
  trader!: PaperTrader;
  #listener!: FeedListener;

  constructor(disk: TortureDisk = new TortureDisk(), startNs = 0) {
    this.disk = disk;
    if (startNs > 0) this.time = new VirtualTime(0n, startNs);
  }

  async start(more: Partial<PaperTraderOptions> = {}): Promise<this> {
    const client: FeedClient = {
      source: "a",
      open: async (listener) => {
        this.#listener = listener;
        listener.connected("a");
      },
      subscribe: async () => {},
      requestSnapshot: async () => {},
      close: async () => {},
    };
    this.trader = new PaperTrader({
      ...{ name: "desk", instruments: [ABC], strategies: [bidder()], time: this.time },
      ...{ cash: [money(1_000_000n, "USD")], reporting: "USD", seed: 1, folder: "/j", feeds: [{ client }] },
      journal: { policy: "sync", create: true, disk: this.disk, reserveBytes: 0, freeBytesMin: 0 },
      ...more,
    });
    this.trader.on("alert", (alert) => this.alerts.push(alert));
    await this.trader.start();
    return this;
  }

  say(...rows: readonly (readonly [kind: number, tick: number, lots: number])[]): void {
    const block = new DepthBlock(rows.length);
    for (const [i, [kind, tick, lots]] of rows.entries()) {
      [block.kind[i], block.tick[i], block.lots[i]] = [kind, tick, lots];
      [block.exch[i], block.local[i]] = [this.time.nowNs(), this.time.nowNs()];
    }
    block.seal(rows.length);
    const numbers = { firstSequence: -1, lastSequence: -1, previousSequence: -1 };
    const message = { instrument: ABC, channel: "depth", isSnapshot: false, ...numbers, block } as const;
    this.#listener.message("a", { ...message, from: 0, to: rows.length });
  }

  market(): void {
    this.say([ROW.bid, 100, 5], [ROW.ask | LAST, 102, 5]);
  }

  validity(state: number, reason = 0): void {
    this.say([ROW.validity | LAST, state, reason]);
  }

  async pass(ms: number): Promise<void> {
    await this.time.runTo(this.time.nowNs() + ms * MS);
  }

  get held(): readonly string[] {
    return this.trader.status().instruments[0]?.held ?? [];
  }

  get open(): number {
    return this.trader.status().openOrders;
  }
}

async function trading(more: Partial<PaperTraderOptions> = {}): Promise<Desk> {
  const desk = await new Desk().start(more);
  await desk.pass(10);
  desk.market();
  await desk.pass(50);
  expect([desk.open, desk.held]).toEqual([1, []]);
  return desk;
}

describe("an instrument whose data a validator halts", () => {
  it("is held, its orders canceled, until the data is valid: suspect is not enough", async () => {
    const desk = await trading();
    desk.validity(VALIDITY.halted, FEED_SILENT);
    await desk.pass(50);
    expect([desk.open, desk.held]).toEqual([0, ["data"]]);
    expect(desk.alerts.find(({ code }) => code === "TRADER_DATA_HALTED")?.fields).toEqual({
      instrument: ABC.key,
      reason: "FEED_SILENT",
    });
    desk.validity(VALIDITY.suspect, FEED_SILENT);
    await desk.pass(50);
    expect([desk.open, desk.held]).toEqual([0, ["data"]]);
    desk.validity(VALIDITY.valid);
    await desk.pass(50);
    expect([desk.open, desk.held]).toEqual([1, []]);
    expect((await desk.trader.stop()).isClean).toBe(true);
  });

  it.each([
    [[{ does: "tell" }], 1],
    [[], 1],
    [[{ does: "cancel", strategy: "bidder" }], 0],
  ] as const)("is treated as is asked for: %j", async (halted, open) => {
    const desk = await trading({ halted });
    let canceled = 0;
    desk.trader.session.watch({ reported: () => (canceled += 1) });
    desk.validity(VALIDITY.halted, FEED_SILENT);
    await desk.pass(2);
    expect(desk.held).toEqual([]);
    await desk.pass(50);
    // Who is not held may order again.
    expect(canceled > 0).toBe(open === 0);
  });

  it.each([true, false])(
    "is held again by the next process, where a validator stands: %s",
    async (judges) => {
      const desk = await trading();
      desk.validity(VALIDITY.halted, FEED_SILENT);
      await desk.pass(50);
      await desk.trader.stop({ ends: false });
      const stage = judges ? new MarketDataStage() : OPEN_STAGE;
      const next = await new Desk(desk.disk, desk.time.nowNs() + MS).start({ stage });
      await next.pass(10);
      next.market();
      await next.pass(50);
      // Who has no validator any more is not bound by its last word.
      const state = next.trader.session.kernel.stations[0]?.bookView.validity;
      expect([next.held, next.open, state]).toEqual(judges ? [["data"], 0, "suspect"] : [[], 1, "valid"]);
    },
  );

  it("is stale all the same: the word of a validator is no life of the market", async () => {
    const desk = await trading({ stale: [{ afterNs: 100 * MS, does: "tell" }] });
    for (let i = 0; i < 12; i++) {
      desk.validity(i % 2 === 0 ? VALIDITY.suspect : VALIDITY.valid, FEED_SILENT);
      await desk.pass(10);
    }
    expect(desk.alerts.map(({ code }) => code)).toContain("TRADER_MARKET_STALE");
  });

  it.each([
    ["trader.halted[0].does", [{ does: "wait" }]],
    ["trader.halted[0].strategy", [{ does: "hold", strategy: "nobody" }]],
    ["trader.halted[0].afterNs", [{ does: "hold", afterNs: 1 }]],
  ])("has a policy that is checked: %s", async (path, halted) => {
    await expect(async () => await new Desk().start({ halted: halted as never })).rejects.toThrow(path);
  });
});
