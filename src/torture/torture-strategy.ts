import type { OrderTicket, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";

/** How a {@link TortureStrategy} trades. */
export interface TortureStrategyOptions {
  /** It acts once in each instrument every so often; 100 ms unless given. @units ns */
  readonly periodNs?: number;
  /** Orders open at one time in each instrument; 8 unless given. */
  readonly openMax?: number;
  /** The largest order; 10 unless given. @units lots */
  readonly lotsMax?: number;
  /**
   * How often it takes back what it has open and in the same turn orders as much again, within 0 and 1, 0 unless given:
   * whoever thinks lots free before the venue has said so lets it through its limits.
   */
  readonly press?: number;
}

/** Orders in one turn at most when it presses. */
const PRESSES_MAX = 6;

/** What a {@link TortureStrategy} saves. */
export interface SavedTorture {
  readonly timer: number;
  readonly acts: number;
}

/**
 * Trades at random and without sense, near and through the market, with every kind of request: what a torture run has
 * unless it is given a strategy. It presses against every limit it is given.
 */
export class TortureStrategy implements Strategy {
  readonly name = "torture";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #periodNs: number;
  readonly #openMax: number;
  readonly #lotsMax: number;
  readonly #press: number;
  #timer = 0;
  #acts = 0;

  constructor(options: TortureStrategyOptions = {}) {
    const { periodNs = 100_000_000, openMax = 8, lotsMax = 10, press = 0 } = options;
    this.#periodNs = periodNs;
    this.#openMax = openMax;
    this.#lotsMax = lotsMax;
    this.#press = press;
    this.params = { periodNs, openMax, lotsMax, ...(press > 0 ? { press } : {}) };
  }

  onStart(ctx: StrategyContext): void {
    this.#timer = ctx.clock.every(this.#periodNs);
  }

  onTimer(timer: number, ctx: StrategyContext): void {
    if (timer !== this.#timer) return;
    for (const { key } of ctx.instruments) this.#act(key, ctx);
  }

  /** An order that is done for the day is in no list: now or never. */
  onOrder({ kind, ticket }: OrderView, ctx: StrategyContext): void {
    if (kind !== "doneForDay") return;
    const dice = ctx.rng.float();
    if (dice < 0.2) ctx.cancel(ticket);
    else if (dice < 0.4) this.#replace(ticket, ctx);
  }

  onSave(): { readonly version: number; readonly state: SavedTorture } {
    return { version: 1, state: { timer: this.#timer, acts: this.#acts } };
  }

  onLoad(saved: { readonly version: number; readonly state: unknown }): void {
    const { timer, acts } = saved.state as SavedTorture;
    this.#timer = timer;
    this.#acts = acts;
  }

  #act(instrument: string, ctx: StrategyContext): void {
    const book = ctx.book(instrument);
    if (!book.hasBid || !book.hasAsk) return;
    this.#acts += 1;
    const { rng } = ctx;
    if (this.#press > 0 && rng.float() < this.#press) {
      this.#pressOn(instrument, ctx);
      return;
    }
    const open = ctx.openOrders(instrument);
    const pick = open.length === 0 ? undefined : open[rng.below(open.length)];
    const dice = rng.float();
    if (pick !== undefined && (open.length >= this.#openMax || dice < 0.2)) ctx.cancel(pick);
    else if (pick !== undefined && dice < 0.35) this.#replace(pick, ctx);
    else this.#submit(instrument, dice, ctx);
  }

  #pressOn(instrument: string, ctx: StrategyContext): void {
    const { rng } = ctx;
    const side = rng.below(2) === 0 ? "buy" : "sell";
    const book = ctx.book(instrument);
    const near = side === "buy" ? book.bestBid : book.bestAsk;
    const through = side === "buy" ? book.bestAsk : book.bestBid;
    for (const ticket of ctx.openOrders(instrument)) {
      if (ticket.side !== side) continue;
      if (rng.float() < 0.5) ctx.cancel(ticket);
      else ctx.replace(ticket, { lots: ticket.cumLots + 1 });
    }
    for (let i = rng.below(PRESSES_MAX); i >= 0; i--) {
      const priceTicks = rng.float() < 0.4 ? through : near;
      ctx.submit({ instrument, side, lots: this.#lotsMax, priceTicks });
    }
  }

  #replace(ticket: OrderTicket, ctx: StrategyContext): void {
    const { rng } = ctx;
    const priceTicks = ticket.priceTicks + rng.below(5) - 2;
    ctx.replace(ticket, { priceTicks, lots: Math.max(ticket.cumLots + 1, ticket.lots + rng.below(7) - 3) });
  }

  #submit(instrument: string, dice: number, ctx: StrategyContext): void {
    const { rng } = ctx;
    const book = ctx.book(instrument);
    const side = rng.below(2) === 0 ? "buy" : "sell";
    const lots = 1 + rng.below(this.#lotsMax);
    const near = side === "buy" ? book.bestBid : book.bestAsk;
    const away = rng.below(5) - 1;
    const priceTicks = side === "buy" ? near - away : near + away;
    const base = { instrument, side, lots } as const;
    if (dice < 0.4) ctx.submit({ ...base, type: "market" });
    else if (dice < 0.5)
      ctx.submit({ ...base, priceTicks: side === "buy" ? book.bestAsk : book.bestBid, timeInForce: "IOC" });
    else if (dice < 0.55)
      ctx.submit({ ...base, priceTicks: side === "buy" ? book.bestAsk : book.bestBid, timeInForce: "FOK" });
    else if (dice < 0.65) ctx.submit({ ...base, priceTicks, postOnly: true });
    else ctx.submit({ ...base, priceTicks, tag: `act ${this.#acts}` });
  }
}
