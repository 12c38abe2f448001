/**
 * A desk for `tickwright paper`, `tickwright preflight` and `tickwright live`, at Binance spot, or at the rehearsal
 * exchange (`tickwright exchange --env rehearsal.env`) where EXCHANGE_URL says where that is.
 *
 * Keys stand in EXCHANGE_API_KEY and EXCHANGE_SECRET, nowhere else. Everything that may trade has a limit here.
 */
import process from "node:process";
import { exchangeCcxtUrls, exchangeUrls } from "tickwright/exchange";
import { flatFees, Instrument, money } from "tickwright/model";
import { KillLatch, KillScopes, NO_LIMITS, OpenOrderBoard, type RiskLimits } from "tickwright/risk";
import { KillAgent, LinkedVenue, sessionTime, type TraderSetup } from "tickwright/run";
import type { Strategy } from "tickwright/strategy";
import { BinanceFeed, binanceInstruments } from "tickwright/venue/binance";
import { CcxtClient } from "tickwright/venue/ccxt";

const S = 1_000_000_000;
const ORDERS = 256;
const LIMITS: RiskLimits = {
  ...NO_LIMITS,
  ...{ maxOrderLots: 1_000, maxLongLots: 5_000, maxShortLots: 0, maxDailyLoss: "500" },
  ...{ maxOrdersPerSecond: 8, priceCollarBps: 200 },
};

const WAIVED = (["paper.gate", "paper.code"] as const).map((check) => ({
  ...{ check, by: "you", reason: "a rehearsal: no money is real" },
}));

/** Keeps one bid a little below the market, and offers what it has got a little above. Replaces what is out of place. */
export class Quoter implements Strategy {
  readonly name = "quoter";
  readonly #awayTicks: number;

  constructor({ awayTicks = 2 }: { readonly awayTicks?: number } = {}) {
    this.#awayTicks = awayTicks;
  }

  onStart(ctx: Parameters<NonNullable<Strategy["onStart"]>>[0]): void {
    ctx.clock.every(S / 2);
  }

  onTimer(_timer: number, ctx: Parameters<NonNullable<Strategy["onTimer"]>>[1]): void {
    const [instrument] = ctx.instruments;
    if (instrument === undefined) return;
    const { key } = instrument;
    const book = ctx.book(key);
    if (!book.hasBid || !book.hasAsk || !ctx.isWarm) return;
    const held = ctx.position(key).lots;
    const wanted =
      held > 0
        ? ({ side: "sell", lots: held, priceTicks: book.bestAsk + this.#awayTicks } as const)
        : ({ side: "buy", lots: 100, priceTicks: book.bestBid - this.#awayTicks } as const);
    const [open, ...others] = ctx.openOrders(key);
    for (const other of others) ctx.cancel(other);
    if (open === undefined) ctx.submit({ instrument: key, postOnly: true, ...wanted });
    else if (open.side !== wanted.side) ctx.cancel(open);
    else if (Math.abs(open.priceTicks - wanted.priceTicks) > this.#awayTicks / 2 + 2) {
      ctx.replace(open, { priceTicks: wanted.priceTicks });
    }
  }
}

/** Made anew for each start: `mode` is `paper`, `live` or `preflight`. */
export default async function desk(
  mode: "paper" | "live" | "preflight",
  folder = `out/desk-${mode === "paper" ? "paper" : "live"}`,
): Promise<TraderSetup> {
  const origin = process.env["EXCHANGE_URL"];
  const rehearsal =
    origin === undefined ? undefined : { ...exchangeUrls(origin), ccxt: exchangeCcxtUrls(origin) };
  const journal = { policy: "sync", create: true } as const;
  const time = sessionTime(folder, journal);

  const listed = await binanceInstruments({
    symbols: ["BTCUSDT"],
    ...(rehearsal === undefined ? {} : { restUrl: rehearsal.rest }),
  });
  const instruments = listed.map(
    (each) => new Instrument({ ...each.describe(), fees: flatFees("0.001", "0.001") }),
  );
  const feed = () =>
    new BinanceFeed({
      clock: time,
      ...(rehearsal === undefined ? {} : { streamUrl: rehearsal.stream, restUrl: rehearsal.rest }),
    });
  const client = () =>
    new CcxtClient({
      ...{
        exchange: "binance",
        instruments,
        baseNs: time.baseNs,
        clock: time,
        seed: 1,
        credentials: "EXCHANGE",
      },
      ...{ isSandbox: false, options: { fetchMarkets: { types: ["spot"] } } },
      ...(rehearsal === undefined ? {} : { urls: rehearsal.ccxt }),
    });

  const scopes = new KillScopes({});
  const latch = new KillLatch(scopes.size);
  const setup: TraderSetup = {
    ...{ name: "desk", instruments, strategies: [new Quoter()], time, folder, journal },
    ...{ cash: [money(100_000n * 10n ** 8n, "USDT")], reporting: "USDT", seed: 1, orderCapacity: ORDERS },
    risk: {
      ...{ currency: "USDT", capital: [], hours: "always", status: "trusted" },
      ...{ limits: [{ level: "firm", limits: LIMITS }], kill: { latch, scopes } },
    },
    feeds: [{ client: feed() }],
    stale: [{ afterNs: 10 * S, does: "hold" }],
    paper: {},
  };
  if (mode === "paper") return setup;

  // Cancels from a thread of its own, over a connection of its own, whatever this one does.
  const board = new OpenOrderBoard(2 * ORDERS);
  const kill = new KillAgent({
    ...{ latch, board },
    sessions: [
      {
        ...{
          venue: "binance",
          module: import.meta.resolve("tickwright/venue/binance-cancel"),
          ratePerSecond: 20,
        },
        options: {
          ...{ symbols: instruments.map(({ symbol }) => symbol), keys: "EXCHANGE" },
          ...(rehearsal === undefined ? {} : { url: rehearsal.wsApi }),
        },
      },
    ],
  });
  return {
    ...setup,
    live: {
      venues: [
        new LinkedVenue({
          ...{ client: client(), stations: [0], killBoard: { board, venue: 0, scopes } },
          rules: { ackTimeoutNs: 5 * S, graceNs: 20 * S, orphans: "cancel", clockErrorNs: S / 10 },
        }),
      ],
      ...{ kill, credentials: ["EXCHANGE_API_KEY", "EXCHANGE_SECRET"] },
    },
    preflight: {
      ...{ venues: [{ client: client() }], kill },
      // Real money asks for days on paper (`paperGate`): on the rehearsal exchange you answer for it yourself.
      waivers: rehearsal === undefined ? [] : WAIVED,
    },
    close: () => kill.close(),
  };
}
