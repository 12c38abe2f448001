import process from "node:process";
import { exchangeUrls } from "tickwright/exchange";
import { checkMoney, flatFees, Instrument } from "tickwright/model";
import { NO_LIMITS } from "tickwright/risk";
import { sessionTime, type TraderSetup } from "tickwright/run";
import { BinanceFeed, binanceInstruments } from "tickwright/venue/binance";
import { strategy } from "./strategy.ts";

const SECOND = 1_000_000_000;

/**
 * What trades on paper, for `npm run paper` and `npx tickwright paper --config src/desk.ts`: market data of Binance
 * spot, or of the exchange at EXCHANGE_URL; fills by the simulator's models. Neither needs a key.
 */
export default async function desk(): Promise<TraderSetup> {
  const url = process.env["EXCHANGE_URL"];
  const symbol = process.env["SYMBOL"] ?? (url === undefined ? "BTCUSDT" : "SIMUSDT");
  const { rest, stream } = url === undefined ? {} : exchangeUrls(url);
  const folder = `out/paper-${new Date().toISOString().replace(/[^0-9T]/g, "")}`;
  const journal = { policy: "sync", create: true } as const;
  const time = sessionTime(folder, journal);
  const listed = await binanceInstruments({ symbols: [symbol], ...(rest && { restUrl: rest }) });
  const feed = new BinanceFeed({
    clock: time,
    ...(rest && { restUrl: rest }),
    ...(stream && { streamUrl: stream }),
  });
  const instruments = listed.map(
    (each) => new Instrument({ ...each.describe(), fees: flatFees("0.0001", "0.0004") }),
  );
  return {
    name: "paper",
    instruments,
    strategies: [strategy()],
    cash: [checkMoney("cash", "10000", "USDT")],
    reporting: "USDT",
    seed: 1,
    time,
    folder,
    journal,
    feeds: [{ client: feed }],
    // A market that says nothing for so long is traded no further.
    stale: [{ afterNs: 10 * SECOND, does: "cancel" }],
    // Every order passes these. What is not set has no limit.
    risk: {
      currency: "USDT",
      capital: [],
      hours: "always",
      status: "trusted",
      limits: [
        { level: "firm", limits: { ...NO_LIMITS, maxLongLots: 100, maxShortLots: 0, maxDailyLoss: "500" } },
      ],
    },
    paper: {},
  };
}
