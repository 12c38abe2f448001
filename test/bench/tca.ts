import { AlgoDesk } from "../../src/algo/index.ts";
import type { BookView, Strategy, StrategyContext } from "../../src/strategy/index.ts";
import { capturedMarket, gridMaker, measurePair } from "./backtest-pair.ts";
import type { BenchResult, BenchRow } from "./bench-row.ts";

/** Buys by one TWAP parent after another, ten a minute. */
class Buyer implements Strategy {
  readonly name = "buyer";
  readonly #desk = new AlgoDesk();
  #nextNs = 0;

  onBook(book: BookView, ctx: StrategyContext): void {
    if (ctx.clock.ns >= this.#nextNs && book.hasBid && book.hasAsk) {
      this.#nextNs = ctx.clock.ns + 6e9;
      const endNs = ctx.clock.ns + 30e9;
      const side = ctx.position(book.instrument.key).lots > 0 ? "sell" : "buy";
      this.#desk.start(
        { ...{ algo: "twap", instrument: book.instrument.key, side, lots: 50, slices: 10, seed: 1, endNs } },
        ctx,
      );
    }
    this.#desk.onBook(book, ctx);
  }
  onTrade(trade: Parameters<NonNullable<Strategy["onTrade"]>>[0], ctx: StrategyContext): void {
    this.#desk.onTrade(trade, ctx);
  }
  onOrder(order: Parameters<NonNullable<Strategy["onOrder"]>>[0], ctx: StrategyContext): void {
    this.#desk.onOrder(order, ctx);
  }
  onFill(fill: Parameters<NonNullable<Strategy["onFill"]>>[0], ctx: StrategyContext): void {
    this.#desk.onFill(fill, ctx);
  }
  onTimer(timer: number, ctx: StrategyContext): void {
    this.#desk.onTimer(timer, ctx);
  }
}

/** Hears every book and does nothing: the market's rows alone. */
const idle = (): Strategy => ({ name: "idle", onBook() {} });
const grid = (): Strategy => gridMaker(5e-5, 5e-6);

/** A backtest with the analysis of its costs beside the same without: what collecting costs. */
export async function bench(): Promise<BenchResult> {
  const tape = await capturedMarket(4);
  const rows: BenchRow[] = [];
  const notes: string[] = [];
  for (const [name, make] of [
    ["nobody trades", idle],
    ["TWAP parents", () => new Buyer()],
    ["grid maker", grid],
  ] as const) {
    const { row, result } = await measurePair({
      ...{ name, tape, make, what: "costs", with: { tca: true }, without: { tca: false } },
    });
    notes.push(`${name}: ${result.orders.submitted} orders, ${result.fills.count} fills, equal hashes`);
    rows.push(row);
  }
  return { rows, notes };
}
