/** The exchange of example 15, in a process of its own, as a real one is: what it is asked there goes over `/control/`. */
import process from "node:process";
import { ExchangeServer } from "tickwright/exchange";

const instrument = {
  ...{
    symbol: "BTCUSDT",
    venue: "binance",
    tickSize: "0.01",
    lotSize: "0.00001",
    base: "BTC",
    quote: "USDT",
  },
};
const server = new ExchangeServer({
  markets: [
    {
      seeded: {
        ...{ instrument, seed: 1, durationNs: 3_600_000_000_000, priceTicks: 6_000_000 },
        ...{
          orders: { lots: 2_000 },
          makers: { lots: 5_000 },
          noise: { lots: 2_000 },
          informed: { lots: 3_000 },
        },
      },
    },
  ],
  accounts: [{ name: "rehearsal", balances: { USDT: "100000", BTC: "0" }, payIn: "quote" }],
  control: true,
});
const { rest } = await server.start();
const [key] = server.keys("rehearsal");
process.send?.({ rest, apiKey: key?.apiKey, secret: key?.secret });
process.once("disconnect", () => void server.close());
