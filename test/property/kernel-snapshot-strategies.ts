import type { Refusal } from "../../src/base/index.ts";
import {
  AvellanedaStoikovMaker,
  CrossVenueArbitrage,
  GridMaker,
  MeanReversion,
  MovingAverageMomentum,
} from "../../src/strategies/index.ts";
import type {
  BarView,
  BookView,
  FillView,
  OrderTicket,
  OrderView,
  PositionView,
  QuoteView,
  Strategy,
  StrategyContext,
  TradeView,
} from "../../src/strategy/index.ts";

const MS = 1_000_000;
const bits = new DataView(new ArrayBuffer(8));

interface State {
  readonly sum: number;
  readonly orders: readonly number[];
  readonly timers: readonly number[];
  readonly calls: number;
}

/**
 * Does everything a strategy can, by a running sum of all it ever saw and by draws: what differs anywhere in what it
 * sees is another order soon after.
 */
export class NastyStrategy implements Strategy {
  readonly name: string;
  readonly warmup = 9;
  readonly #instrument: string;
  /** Its open orders, in an order of its own. */
  #orders: OrderTicket[] = [];
  #timers: number[] = [];
  #sum = 7;
  #calls = 0;

  constructor(instrument: string) {
    this.#instrument = instrument;
    this.name = `nasty-${instrument}`;
  }

  onStart(ctx: StrategyContext): void {
    this.#timers = [ctx.clock.every(3 * MS), ctx.clock.every(40 * MS), ctx.clock.at(ctx.clock.ns + 5 * MS)];
  }

  onStop(ctx: StrategyContext): void {
    for (const ticket of this.#orders) if (!ticket.isPending) ctx.cancel(ticket);
  }

  onQuote(quote: QuoteView, ctx: StrategyContext): void {
    this.#add(1, quote.ns, quote.bidTicks, quote.bidLots, quote.askTicks, quote.askLots);
    this.#act(ctx, 9);
  }

  onTrade(trade: TradeView, ctx: StrategyContext): void {
    this.#add(2, trade.ns, trade.priceTicks, trade.lots, trade.aggressor === "buy" ? 1 : 0);
    this.#act(ctx, 9);
  }

  onBook(book: BookView, ctx: StrategyContext): void {
    this.#add(3, book.bestBid, book.bestAsk, book.bestBidLots, book.bestAskLots, book.midTicks);
    if (book.hasBid) this.#add(book.nextBid(book.bestBid), book.bidLots(book.bestBid + 1));
    if (book.hasAsk) this.#add(book.nextAsk(book.bestAsk), book.askLots(book.bestAsk - 1));
    this.#act(ctx, 3);
  }

  onBar(bar: BarView, ctx: StrategyContext): void {
    this.#add(4, bar.closeNs, bar.closeTicks, bar.volumeLots, bar.adjustedClose);
    this.#act(ctx, 4);
  }

  onOrder(order: OrderView, ctx: StrategyContext): void {
    const { ticket } = order;
    this.#add(
      5,
      ticket.id,
      order.ns,
      order.kind.length,
      order.reason.length,
      ticket.cumLots,
      ticket.leavesLots,
    );
    this.#add(
      ticket.averageTicks,
      ticket.lots,
      ticket.priceTicks,
      ticket.status.length,
      ticket.isPending ? 1 : 0,
    );
    for (const char of ticket.tag) this.#add(char.codePointAt(0) as number);
    if (!ticket.isOpen) this.#orders = this.#orders.filter((own) => own !== ticket);
    this.#act(ctx, 4);
  }

  onFill(fill: FillView, ctx: StrategyContext): void {
    this.#add(
      6,
      fill.ticket.id,
      fill.priceTicks,
      fill.lots,
      Number(fill.feeMinor),
      fill.exchNs,
      fill.maker ? 1 : 0,
    );
    this.#act(ctx, 6);
  }

  onPosition(position: PositionView): void {
    const { lots, averageTicks, markTicks } = position;
    this.#add(
      7,
      lots,
      averageTicks,
      Number(position.realizedMinor),
      Number(position.unrealizedMinor),
      markTicks,
    );
  }

  onTimer(timer: number, ctx: StrategyContext): void {
    this.#add(8, timer, ctx.clock.ns, this.#timers.indexOf(timer), Number(ctx.clock.epochNs() % 1_000_003n));
    const { clock, rng } = ctx;
    const draw = rng.below(8);
    if (draw === 0) this.#timers.push(clock.at(clock.ns + rng.below(9 * MS)));
    else if (draw === 1 && this.#timers.length < 9) this.#timers.push(clock.every(1 + rng.below(400 * MS)));
    else if (draw < 4 && this.#timers.length > 2)
      clock.stop(this.#timers.splice(rng.below(3), 1)[0] as number);
    this.#act(ctx, 2);
  }

  onRefusal(refusal: Refusal): void {
    this.#add(9, refusal.code.length);
  }

  onDisconnect(venue: string, ctx: StrategyContext): void {
    this.#add(10, venue.length);
    this.#act(ctx, 1);
  }

  onSave(): { readonly version: number; readonly state: State } {
    const { length } = this.#orders;
    const orders = this.#orders.map((ticket) => ticket.id);
    if (new Set(orders).size !== length) throw new Error("an order is held twice");
    return { version: 3, state: { sum: this.#sum, orders, timers: this.#timers, calls: this.#calls } };
  }

  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const { sum, orders, timers, calls } = saved.state as State;
    const open = new Map(ctx.openOrders().map((ticket) => [ticket.id, ticket]));
    this.#orders = orders.map((id) => open.get(id) as OrderTicket);
    this.#timers = [...timers];
    this.#sum = sum;
    this.#calls = calls;
  }

  /** One time in `odds`, something is sent; what is looked at first enters the sum. */
  #act(ctx: StrategyContext, odds: number): void {
    const { rng, portfolio } = ctx;
    this.#calls += 1;
    if (rng.below(odds) > 0) return;
    const { key } = ctx.instrument(this.#instrument);
    const book = ctx.book(key);
    const open = ctx.openOrders();
    this.#add(Number(portfolio.equityMinor), Number(portfolio.cashMinor("USD")), ctx.position(key).lots);
    this.#add(open.length, open[open.length - 1]?.id ?? 0, ctx.isWarm ? 1 : 0, this.#sum % 97);
    const own = this.#orders[Math.abs(this.#sum) % Math.max(1, this.#orders.length)];
    const draw = rng.below(10);
    if (own !== undefined && draw < 2) return this.#hear(ctx.cancel(own));
    if (own !== undefined && draw < 4) {
      const terms = { lots: own.lots + rng.below(4), priceTicks: own.priceTicks + rng.below(5) - 2 };
      return this.#hear(ctx.replace(own, terms));
    }
    const side = ((this.#sum >> 3) + draw) % 2 === 0 ? "buy" : "sell";
    const lots = 1 + (Math.abs(this.#sum) % 7);
    const tag = ["", "a", "ä € 😀", `${this.#calls}`][rng.below(4)] as string;
    const near = book.hasBid ? book.bestBid : 8_990;
    const limit = { priceTicks: near + rng.below(5) - 2, postOnly: draw === 9 };
    const order = draw < 6 ? ({ type: "market" } as const) : limit;
    const sent = ctx.submit({ instrument: key, side, lots, tag, ...order });
    this.#hear(sent);
    if (!sent.ok) return;
    if (draw % 2 === 0) this.#orders.push(sent);
    else this.#orders.unshift(sent);
  }

  #hear(answer: { readonly ok: true } | Refusal): void {
    if (answer.ok) this.#add(11);
    else for (const char of answer.code) this.#add(char.charCodeAt(0));
  }

  #add(...values: readonly number[]): void {
    for (const value of values) {
      bits.setFloat64(0, value);
      this.#sum = (Math.imul(this.#sum, 31) + bits.getInt32(0)) | 0;
      this.#sum = (Math.imul(this.#sum, 17) + bits.getInt32(4)) | 0;
    }
  }
}

const grid = () =>
  new GridMaker({
    instrument: "AAA",
    halfSpread: 1e-4,
    gridInterval: 1e-4,
    levels: 3,
    skew: 1e-5,
    orderLots: 2,
    maxPositionLots: 8,
    periodNs: 4 * MS,
  });

/** Sets of strategies, each made anew. */
export const CASTS: Readonly<Record<string, () => readonly Strategy[]>> = {
  GridMaker: () => [grid()],
  AvellanedaStoikovMaker: () => [
    new AvellanedaStoikovMaker({
      instrument: "AAA",
      gamma: 0.01,
      k: 100,
      orderLots: 2,
      maxPositionLots: 10,
      horizonNs: 1e9,
      sampleNs: 3 * MS,
      halfLifeNs: 50 * MS,
      samples: 3,
      maxSpread: 1,
    }),
  ],
  CrossVenueArbitrage: () => [
    new CrossVenueArbitrage({
      first: "AAA",
      second: "BBB",
      thresholdBp: 0,
      orderLots: 6,
      maxPositionLots: 20,
      cooldownNs: 30 * MS,
      feeRates: [0, 0],
    }),
  ],
  MeanReversion: () => [
    new MeanReversion({ instrument: "AAA", period: 5, entry: 1.1, exit: 0.1, weight: 0.02 }),
    new MeanReversion({
      instrument: "BBB",
      period: 4,
      entry: 1.1,
      exit: 0.1,
      weight: 0.01,
      mode: "longFlat",
    }),
  ],
  MovingAverageMomentum: () => [
    new MovingAverageMomentum({
      instrument: "AAA",
      fast: 2,
      slow: 5,
      band: 0.0008,
      mode: "longShort",
      weight: 0.02,
    }),
    new MovingAverageMomentum({ instrument: "BBB", fast: 2, slow: 3, average: "ema", weight: 0.01 }),
  ],
  NastyStrategy: () => [new NastyStrategy("AAA"), new NastyStrategy("BBB")],
  "all of them": () =>
    [...Object.entries(CASTS)].flatMap(([name, make]) => (name.startsWith("all") ? [] : make())),
};
