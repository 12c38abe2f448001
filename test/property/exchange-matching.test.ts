import fc from "fast-check";
import { expect, test } from "vitest";
import { ApiError } from "../../src/exchange/api-error.ts";
import type { ClientOrder } from "../../src/exchange/client-order.ts";
import { Exchange } from "../../src/exchange/exchange.ts";
import { conservationTroubles } from "../../src/exchange/exchange-truth.ts";
import type { ListDesk } from "../../src/exchange/list-desk.ts";
import { type ListKind, readListTerms } from "../../src/exchange/list-terms.ts";
import type { MatchingMarket } from "../../src/exchange/matching-market.ts";
import { readTerms } from "../../src/exchange/order-terms.ts";
import { Parameters } from "../../src/exchange/parameters.ts";
import { SymbolStreams } from "../../src/exchange/symbol-streams.ts";
import { formatUnits, parseUnits } from "../../src/exchange/units.ts";
import { wireDepth } from "../../src/exchange/wire-market.ts";
import { BTCUSDT, HandClock, type Json } from "../fixtures/exchange.ts";
import { SlowExchange } from "../fixtures/slow-exchange.ts";

const RUNS = Number(process.env["TICKWRIGHT_EXCHANGE_RUNS"] ?? 25);
/** Ten book lots are a lot: what a source says beyond whole lots is left out. */
const SMALL = { ...BTCUSDT, tickSize: "0.5", lotSize: "0.01", bookLotSize: "0.001" };
const RULES = {
  ...{ minNotional: "0", bidMultiplierUp: "100", askMultiplierDown: "0" },
  ...{ maxNumAlgoOrders: 50, maxNumIcebergOrders: 50, icebergParts: 1_000, minTrailingDelta: 1 },
};
const MODES = ["NONE", "NONE", "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"];

class World {
  readonly clock: HandClock = new HandClock();
  readonly exchange: Exchange;
  readonly market: MatchingMarket;
  readonly desk: ListDesk;

  constructor(payIn: "received" | "quote" | "BNB", usdt: string, btc: string) {
    const accounts = ["a", "b", "c"].map((name) => ({
      ...{ name, balances: { USDT: usdt, BTC: btc, BNB: "0.01" }, payIn },
      ...{ makerRate: "0.00075", takerRate: "0.0013" },
    }));
    const markets = [{ instrument: SMALL, rules: RULES, matching: true }];
    this.exchange = new Exchange({ markets, accounts, bnbPrices: { USDT: "3" }, clock: this.clock.read });
    const listing = this.exchange.listings.get("BTCUSDT")!;
    this.market = listing.market as MatchingMarket;
    this.desk = listing.lists!;
  }

  get open(): ClientOrder[] {
    const accounts = [...this.exchange.bank.accounts.values()];
    return accounts.flatMap((account) => [...this.desk.orders.open(account)]);
  }

  /** Sends an order as it comes off the wire; what refused it. */
  place(account: string, values: Readonly<Record<string, string>>): ClientOrder | ApiError {
    const parameters = new Parameters(new Map(Object.entries(values)));
    const terms = readTerms(parameters, this.market.symbol, () => this.exchange.nextFreshId());
    if (terms instanceof ApiError) return terms;
    const placed = this.desk.place(this.exchange.bank.accounts.get(account)!, terms);
    this.desk.trigger();
    return placed;
  }

  list(account: string, kind: ListKind, values: Readonly<Record<string, string>>): void {
    const parameters = new Parameters(new Map(Object.entries(values)));
    const terms = readListTerms(kind, parameters, this.market.symbol, () => this.exchange.nextFreshId());
    if (terms instanceof ApiError) throw new Error(terms.msg);
    this.desk.placeList(this.exchange.bank.accounts.get(account)!, terms);
  }
}

const price = (ticks: number): string => formatUnits(BigInt(ticks) * 50_000_000n);
const quantity = (lots: number): string => formatUnits(BigInt(lots) * 1_000_000n);
const bookQuantity = (lots: number): string => formatUnits(BigInt(lots) * 100_000n);

/** Few prices: queues grow at each of them. */
const ticks = fc.integer({ min: 198, max: 202 });
/** Book lots. */
const bookLots = fc.integer({ min: 0, max: 400 });
const lots = fc.integer({ min: 1, max: 40 });
const account = fc.constantFrom("a", "b", "c");
/** A source's levels seldom cross: what stands on one side lives long enough to have somebody behind it. */
const level = fc
  .record({ buys: fc.boolean(), away: fc.integer({ min: -1, max: 2 }), bookLots })
  .map(({ buys, away, bookLots: size }) => ({
    ...{ do: "level" as const, buys, ticks: buys ? 200 - away : 200 + away, bookLots: size },
  }));
const side = (min: number, max: number) =>
  fc.uniqueArray(fc.tuple(fc.integer({ min, max }), bookLots), { selector: ([at]) => at });
const source = fc.oneof(
  level,
  level,
  fc.record({ do: fc.constant("trade" as const), buys: fc.boolean(), ticks, bookLots }),
  fc.record({ do: fc.constant("book" as const), bids: side(197, 200), asks: side(201, 203) }),
);
const orderTerms = {
  ...{ do: fc.constant("order" as const), account, buys: fc.boolean(), ticks, lots },
  type: fc.constantFrom("LIMIT", "LIMIT", "LIMIT", "LIMIT_MAKER", "MARKET"),
  time: fc.constantFrom("GTC" as const, "GTC" as const, "GTC" as const, "IOC" as const, "FOK" as const),
  ...{ display: fc.integer({ min: 0, max: 12 }), mode: fc.constantFrom(...MODES) },
};
/** An order that mostly rests: one that takes is seldom, or the book is always empty. */
const order = fc.oneof(
  { weight: 1, arbitrary: fc.record(orderTerms) },
  {
    weight: 3,
    arbitrary: fc
      .record({ ...orderTerms, away: fc.integer({ min: 0, max: 2 }) })
      .map(({ away, ...given }) => ({
        ...{ ...given, type: "LIMIT", time: "GTC" as const },
        ticks: given.buys ? 200 - away : 200 + away,
      })),
  },
);
const change = fc.oneof(
  fc.record({ do: fc.constant("cancel" as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant("amend" as const), which: fc.nat(20), lots }),
);
const plain = fc.oneof(source, source, order, order, change);
type Plain = typeof plain extends fc.Arbitrary<infer Value> ? Value : never;
type PlainOrder = Extract<Plain, { do: "order" }>;

/** An order's parameters on the wire, and what of them makes sense together. */
function wireOf(given: PlainOrder): Record<string, string> {
  const { type, time, display } = given;
  const values: Record<string, string> = {
    ...{ side: given.buys ? "BUY" : "SELL", type, quantity: quantity(given.lots) },
    selfTradePreventionMode: given.mode,
  };
  if (type === "MARKET") return values;
  values["price"] = price(given.ticks);
  if (type === "LIMIT") values["timeInForce"] = time;
  if (display > 0 && display <= given.lots && (type === "LIMIT_MAKER" || time === "GTC"))
    values["icebergQty"] = quantity(display);
  return values;
}

function feed({ market }: World, given: Exclude<Plain, { do: "order" | "cancel" | "amend" }>): void {
  if (given.do === "level")
    market.setLevel(given.buys ? "bid" : "ask", price(given.ticks), bookQuantity(given.bookLots));
  else if (given.do === "book") {
    const text = ([at, size]: [number, number]): [string, string] => [price(at), bookQuantity(size)];
    market.setBook(given.bids.map(text), given.asks.map(text));
  } else if (given.bookLots > 0) {
    market.trade(given.buys ? "buy" : "sell", price(given.ticks), bookQuantity(given.bookLots));
  }
}

const whole = (size: number): number => Math.floor(size / 10);

/** The same to the slow exchange; `placed` is what the exchange made of an order. */
function slowly(slow: SlowExchange, given: Plain, order: ClientOrder | ApiError | undefined): void {
  if (given.do === "level") slow.level(given.buys, given.ticks, whole(given.bookLots));
  else if (given.do === "trade") slow.strangers(given.buys, given.ticks, whole(given.bookLots));
  else if (given.do === "book") {
    const short = ([at, size]: [number, number]): [number, number] => [at, whole(size)];
    slow.book(given.bids.map(short), given.asks.map(short));
  } else if (given.do === "order") {
    const wanted = given.type === "LIMIT_MAKER";
    const { buys } = given;
    const other = slow.best(!buys);
    if (wanted && (buys ? other <= given.ticks : other >= given.ticks)) {
      expect(order).toMatchObject({ msg: "Order would immediately match and take." });
      return;
    }
    if (order instanceof ApiError || order === undefined) throw new Error("refused");
    const isMarket = given.type === "MARKET";
    const isIceberg = wireOf(given)["icebergQty"] !== undefined;
    slow.enter({
      ...{ name: `${order.orderId}`, owner: given.account, buys, lots: given.lots, mode: given.mode },
      ...{ price: isMarket ? undefined : given.ticks, display: isIceberg ? given.display : 0 },
      time: isMarket ? "IOC" : given.type === "LIMIT_MAKER" ? "GTC" : given.time,
    });
  }
}

function shownBook(world: World): { bids: [number, number][]; asks: [number, number][] } {
  const { bids, asks } = wireDepth(world.market, 5_000) as Json;
  const level = ([at, size]: [string, string]): [number, number] => [
    Number((parseUnits(at) as bigint) / 50_000_000n),
    Number((parseUnits(size) as bigint) / 1_000_000n),
  ];
  return { bids: bids.map(level), asks: asks.map(level) };
}

/** Executions: price, lots, whether they stood there. */
type Row = [price: number, lots: number, isMaker: boolean];

/** One after another at one price as one: of how many orders a level of the market's own consists is its own affair. */
function merged(rows: readonly Row[]): Row[] {
  const all: Row[] = [];
  for (const [at, size, isMaker] of rows) {
    const last = all.at(-1);
    if (last?.[0] === at && last[2] === isMaker) last[1] += size;
    else all.push([at, size, isMaker]);
  }
  return all;
}

/** Who stands where: price, order (empty for the market's own), shown lots. */
type Place = [price: number, name: string, lots: number];

/** Those of the market that stand one behind another as one. */
function inLine(places: readonly Place[]): Place[] {
  const all: Place[] = [];
  for (const [at, name, size] of places) {
    const last = all.at(-1);
    if (last?.[0] === at && last[1] === "" && name === "") last[2] += size;
    else all.push([at, name, size]);
  }
  return all;
}

/** A side of the book, best price first and front first. */
function queue({ market: { book } }: World, buys: boolean): Place[] {
  const { shown } = book.save();
  return inLine(
    (buys ? shown.bids : shown.asks).map(
      ([id, size]): Place => [
        ...([book.order(id)?.priceTicks ?? 0, Number(id) < 0 ? "" : `${id}`, size] as const),
      ],
    ),
  );
}

test("orders meet as in a slow exchange of one list: fills, trades, published book", () => {
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 60 }), (commands) => {
      const world = new World("received", "1000000", "1000");
      const slow = new SlowExchange();
      const { market, desk } = world;
      for (const given of commands) {
        // A fill-or-kill that would meet its own account is another matter: nothing of it is promised here.
        if (given.do === "order" && given.time === "FOK" && given.mode !== "NONE") continue;
        if (given.do === "order") slowly(slow, given, world.place(given.account, wireOf(given)));
        else if (given.do === "cancel" || given.do === "amend") {
          const one = world.open[given.which % Math.max(world.open.length, 1)];
          if (one === undefined) continue;
          const before = one.lots;
          if (given.do === "cancel") desk.cancel(one);
          else if (desk.amend(one, given.lots, undefined) !== undefined) continue;
          slow.lower(`${one.orderId}`, given.do === "cancel" ? one.lots : before - given.lots);
        } else {
          feed(world, given);
          slowly(slow, given, undefined);
        }
        expect(shownBook(world)).toEqual({ bids: slow.levels(true), asks: slow.levels(false) });
        for (const buys of [true, false]) expect(queue(world, buys)).toEqual(inLine(slow.queue(buys)));
        expect(conservationTroubles(world.exchange)).toEqual([]);
      }
      const trades = market.trades.trades.map((trade): Row => [trade.ticks, trade.lots / 10, false]);
      expect(merged(trades)).toEqual(merged(slow.trades.map(([at, size]): Row => [at, size, false])));
      for (const order of desk.orders.all.values()) {
        const told = slow.fills.filter(({ name }) => name === `${order.orderId}`);
        expect(merged(order.fills.map((fill): Row => [fill.ticks, fill.lots, fill.isMaker]))).toEqual(
          merged(told.map((fill): Row => [fill.price, fill.lots, fill.isMaker])),
        );
      }
    }),
    { numRuns: RUNS * 2 },
  );
});

const stop = fc.record({
  ...{ do: fc.constant("stop" as const), account, buys: fc.boolean(), ticks, stop: ticks, lots },
  type: fc.constantFrom("STOP_LOSS", "TAKE_PROFIT", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"),
  ...{ trailing: fc.constantFrom(0, 0, 30, 100), mode: fc.constantFrom(...MODES), isPegged: fc.boolean() },
});
const list = fc.record({
  ...{ do: fc.constant("list" as const), account, buys: fc.boolean(), ticks, lots },
  ...{
    width: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom("oco" as const, "oto" as const, "otoco" as const),
  },
});
const any = fc.oneof(plain, plain, stop, list, list);
type Any = typeof any extends fc.Arbitrary<infer Value> ? Value : never;

function send(world: World, given: Any): void {
  if (given.do === "stop") {
    const values: Record<string, string> = {
      ...{ side: given.buys ? "BUY" : "SELL", type: given.type, quantity: quantity(given.lots) },
      selfTradePreventionMode: given.mode,
    };
    if (given.trailing > 0) values["trailingDelta"] = `${given.trailing}`;
    if (given.trailing < 100) values["stopPrice"] = price(given.stop);
    if (given.type.endsWith("LIMIT")) {
      values["timeInForce"] = "GTC";
      if (given.isPegged) values["pegPriceType"] = "PRIMARY_PEG";
      else values["price"] = price(given.ticks);
    }
    world.place(given.account, values);
  } else if (given.do === "list") sendList(world, given);
  else if (given.do === "order") world.place(given.account, wireOf(given));
  else if (given.do === "cancel" || given.do === "amend") {
    const one = world.open[given.which % Math.max(world.open.length, 1)];
    if (one !== undefined && given.do === "cancel") world.desk.cancel(one);
    else if (one !== undefined && given.do === "amend") world.desk.amend(one, given.lots, undefined);
  } else feed(world, given);
  world.desk.trigger();
}

function sendList(
  world: World,
  { account: name, buys, ticks: at, lots: size, width, kind }: Extract<Any, { do: "list" }>,
): void {
  const pair = (prefix: (word: string) => string, sells: boolean): Record<string, string> => {
    const [gains, stops] = sells ? ["above", "below"] : ["below", "above"];
    const away = sells ? width : -width;
    return {
      [prefix(`${gains}Type`)]: "LIMIT_MAKER",
      [prefix(`${gains}Price`)]: price(at + away),
      [prefix(`${stops}Type`)]: "STOP_LOSS",
      [prefix(`${stops}StopPrice`)]: price(at - away),
    };
  };
  const side = buys ? "BUY" : "SELL";
  if (kind === "oco") {
    world.list(name, kind, { side, quantity: quantity(size), ...pair((word) => word, !buys) });
    return;
  }
  const working = {
    workingType: "LIMIT",
    workingSide: side,
    workingPrice: price(at),
    workingTimeInForce: "GTC",
  };
  const pending = { pendingSide: buys ? "SELL" : "BUY", pendingQuantity: quantity(size) };
  const capital = (word: string): string => `pending${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const behind =
    kind === "otoco"
      ? pair(capital, buys)
      : { pendingType: "LIMIT", pendingPrice: price(at + width), pendingTimeInForce: "GTC" };
  world.list(name, kind, { ...working, workingQuantity: quantity(size), ...pending, ...behind });
}

/** What is true of a matching market whatever was asked of it. */
function check(world: World): void {
  const { market, desk, exchange } = world;
  expect(conservationTroubles(exchange)).toEqual([]);
  const { bids, asks } = market.book.depth();
  const levels = (of: typeof bids): [number, number][] =>
    of.map(({ priceTicks, lots: size }) => [priceTicks, size]);
  expect(shownBook(world)).toEqual({ bids: levels(bids), asks: levels(asks) });
  expect(market.bestBid).toBeLessThan(market.bestAsk);
  for (const order of desk.orders.all.values()) {
    const filled = order.fills.reduce((sum, fill) => sum + fill.lots, 0);
    expect(order.filledLots).toBe(filled);
    expect(order.leavesLots).toBeGreaterThanOrEqual(0);
    const { buys, type } = order.terms;
    if (type.includes("LIMIT")) {
      for (const fill of order.fills)
        expect(buys ? fill.ticks <= order.ticks : fill.ticks >= order.ticks).toBe(true);
    }
    if (!order.isOpen) expect(order.locked).toBe(0n);
    expect(order.isOpen ? (market.book.order(order.orderId)?.leavesLots ?? order.leavesLots) : 0).toBe(
      order.isOpen ? order.leavesLots : 0,
    );
    if (!order.isOpen) expect(market.book.order(order.orderId)).toBeUndefined();
  }
  for (const each of desk.lists.all.values()) {
    const open = each.orders.filter(({ isOpen }) => isOpen);
    if (open.length === 0) expect(each.isDone).toBe(true);
    if (each.contingency === "OCO" && each.isDone) expect(open.length).toBeLessThan(2);
  }
}

test("whatever is asked: money is conserved, the published book is the book, nobody trades beyond his limit", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("received" as const, "quote" as const, "BNB" as const),
      fc.array(any, { minLength: 1, maxLength: 60 }),
      (payIn, commands) => {
        const world = new World(payIn, "600", "6");
        for (const given of commands) {
          send(world, given);
          check(world);
        }
      },
    ),
    { numRuns: RUNS * 3 },
  );
});

test("the diffs of the websocket rebuild the book, with clients' orders in it", () => {
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 60 }), fc.nat(59), (commands, from) => {
      const world = new World("received", "600", "6");
      const { market, clock, exchange } = world;
      const streams = new SymbolStreams(market, exchange);
      const diffs: Json[] = [];
      streams.subscribe("depth@100ms", (_stream, _about, data) => diffs.push(JSON.parse(data)));
      let snapshot: Json;
      for (const [i, given] of commands.entries()) {
        if (i === from % commands.length) snapshot = wireDepth(market, 5_000);
        send(world, given);
        clock.move(40);
        exchange.advance();
      }
      clock.move(200);
      exchange.advance();
      const sides = [new Map<string, string>(snapshot.bids), new Map<string, string>(snapshot.asks)] as const;
      for (const { u, b, a } of diffs) {
        if (u <= snapshot.lastUpdateId) continue;
        for (const [side, changes] of [b, a].entries()) {
          for (const [at, size] of changes) {
            if (parseUnits(size) === 0n) sides[side as 0 | 1].delete(at);
            else sides[side as 0 | 1].set(at, size);
          }
        }
      }
      const now = wireDepth(market, 5_000) as Json;
      expect([...sides[0]].sort()).toEqual([...now.bids].sort());
      expect([...sides[1]].sort()).toEqual([...now.asks].sort());
    }),
    { numRuns: RUNS },
  );
});

test("without clients a matching market is the source: every level, and what is traded", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), (seed) => {
      const instrument = { ...SMALL, bookLotSize: SMALL.lotSize, venue: "sim" };
      const seeded = { instrument, seed, durationNs: 4_000_000_000 };
      const clock = new HandClock();
      const both = [false, true].map((matching) => {
        const exchange = new Exchange({ markets: [{ seeded, matching }], accounts: [], clock: clock.read });
        return { exchange, market: exchange.listings.get("BTCUSDT")!.market };
      });
      const volume = both.map(() => 0);
      for (let i = 0; i < 8; i++) {
        clock.move(500);
        for (const { exchange } of both) while (!exchange.advance()) {}
        const [tape, matching] = both.map(({ market }) => wireDepth(market, 5_000) as Json);
        expect([matching.bids, matching.asks]).toEqual([tape.bids, tape.asks]);
        for (const [at, { market }] of both.entries())
          volume[at] = market.trades.trades.reduce((sum, trade) => sum + trade.lots, 0);
        expect(volume[1]).toBe(volume[0]);
      }
    }),
    { numRuns: 8 },
  );
});
