import { availableParallelism } from "node:os";
import { Prng } from "../../../src/base/index.ts";
import { ExchangeServer } from "../../../src/exchange/index.ts";
import { pinThread } from "../../../src/host/native.ts";
import { ACCOUNT, INSTRUMENT, type ServedAt } from "./terms.ts";

const LEVELS = 200;
const TICK = 0.01;
const EVERY_MS = 2;

/**
 * A process of its own: the loopback exchange and a generated market, a tick each two milliseconds as far as timers
 * keep up: a new best price or size, or a trade, and a level behind; its diffs go out each 100 ms.
 */
class Market {
  readonly #server: ExchangeServer;
  readonly #rng = new Prng(5);
  #bid = 60_000;
  #count = 0;

  constructor(server: ExchangeServer) {
    this.#server = server;
    const levels = (from: number, step: number): [string, string][] =>
      Array.from({ length: LEVELS }, (_, i) => [(from + step * i).toFixed(2), this.#lots()]);
    server.market("BTCUSDT").setBook(levels(this.#bid, -TICK), levels(this.#bid + TICK, TICK));
  }

  tick(): void {
    const market = this.#server.market("BTCUSDT");
    this.#count += 1;
    const side = this.#rng.below(2) === 0 ? "bid" : "ask";
    const best = side === "bid" ? this.#bid : this.#bid + TICK;
    if (this.#count % 3 === 0) {
      market.trade(side === "bid" ? "sell" : "buy", best.toFixed(2), "0.00010");
      return;
    }
    const away = (3 + this.#rng.below(LEVELS - 10)) * (side === "bid" ? -TICK : TICK);
    market.setLevel(side, (best + away).toFixed(2), this.#lots());
    if (this.#count % 30 === 0) this.#move(this.#rng.below(2) === 0 ? 1 : -1);
    else market.setLevel(side, best.toFixed(2), this.#lots());
  }

  /** The market goes up or down by a tick. */
  #move(by: number): void {
    const market = this.#server.market("BTCUSDT");
    const [gone, come, from] = by > 0 ? ["ask", "bid", this.#bid + TICK] : ["bid", "ask", this.#bid];
    market.setLevel(gone as "bid", (from as number).toFixed(2), "0");
    market.setLevel(come as "bid", (from as number).toFixed(2), this.#lots());
    this.#bid += by * TICK;
  }

  #lots(): string {
    return (1 + this.#rng.below(90) / 10).toFixed(5);
  }
}

try {
  if (availableParallelism() > 1) pinThread([1]);
} catch {
  // Where threads cannot be pinned, the cores are shared: the bench says so.
}
const server = new ExchangeServer({
  markets: [{ instrument: INSTRUMENT }],
  accounts: [ACCOUNT],
  everyMs: 1,
  rateLimits: { requestWeight: 1_000_000_000, ordersPer10s: 1_000_000, ordersPerDay: 1_000_000_000 },
});
const urls = await server.start();
const market = new Market(server);
setInterval(() => market.tick(), EVERY_MS);
const served: ServedAt = { ...urls, ccxt: server.ccxtUrls() };
process.send?.(served);
process.on("disconnect", () => process.exit(0));
