import type { OrderTicket, Strategy, StrategyContext } from "../strategy/index.ts";

interface Saved {
  readonly turns: number;
  readonly timer: number;
  readonly told: number;
}

/** Session time between two turns. @units ns */
const PERIOD_NS = 1_000_000;
/** Open orders an instrument at most. */
const OPEN_MAX = 8;

/** Sends, replaces and cancels orders by the session's dice, so that a drill has something to lose; saves its state. */
export class DrillStrategy implements Strategy {
  readonly name = "drill";
  readonly params: Readonly<Record<string, unknown>> = { periodNs: PERIOD_NS, openMax: OPEN_MAX };
  #turns = 0;
  #timer = 0;
  #told = 0;

  onStart(ctx: StrategyContext): void {
    this.#timer = ctx.clock.every(PERIOD_NS);
  }

  onOrder(): void {
    this.#told += 1;
  }

  onTimer(timer: number, ctx: StrategyContext): void {
    if (timer !== this.#timer) return;
    this.#turns += 1;
    for (const { key } of ctx.instruments) this.#act(key, ctx);
  }

  onSave(): { readonly version: number; readonly state: Saved } {
    return { version: 1, state: { turns: this.#turns, timer: this.#timer, told: this.#told } };
  }

  onLoad(saved: { readonly version: number; readonly state: unknown }): void {
    const { turns, timer, told } = saved.state as Saved;
    this.#turns = turns;
    this.#timer = timer;
    this.#told = told;
  }

  #act(instrument: string, ctx: StrategyContext): void {
    const { rng } = ctx;
    const book = ctx.book(instrument);
    if (!book.hasBid || !book.hasAsk) return;
    const open = ctx.openOrders(instrument).filter((ticket) => !ticket.isPending);
    const pick: OrderTicket | undefined = open[rng.below(Math.max(1, open.length))];
    const dice = rng.float();
    if (pick !== undefined && (open.length >= OPEN_MAX || dice < 0.2)) ctx.cancel(pick);
    else if (pick !== undefined && dice < 0.3) {
      const step = pick.side === "buy" ? -1 : 1;
      ctx.replace(pick, { priceTicks: pick.priceTicks + step, lots: pick.lots + 1 });
    } else {
      const side = rng.below(2) === 0 ? "buy" : "sell";
      const away = rng.below(6);
      const priceTicks = side === "buy" ? book.bestBid - away : book.bestAsk + away;
      ctx.submit({ instrument, side, lots: 1 + rng.below(5), priceTicks, tag: `t${this.#turns}` });
    }
  }
}
