import type { TradingKernel } from "../kernel/index.ts";
import type { BarBlock, DepthBlock, Instrument } from "../model/index.ts";
import type { TapeSource } from "../port/index.ts";
import { isClosed, type PlannedMarket } from "./backtest-options.ts";
import { barsAround } from "./trade-bars.ts";
import { TradeBooks } from "./trade-books.ts";
import type {
  DrilledFill,
  DrilledMarket,
  DrilledOrder,
  DrilledTrade,
  TradeDrill,
  TradeDrillPlan,
} from "./trade-drill.ts";
import { evenly, groupTrades, type TradeGroup } from "./trade-groups.ts";
import type { LivedFill, OrderLife, TradeLives } from "./trade-lives.ts";
import { type QueuedOrder, queueFigures, queueLook } from "./trade-queue.ts";
import { orderTimings } from "./trade-timings.ts";

const TRADES_MOST = 200;
const FILLS_MOST = 1_000;

/** What a drill is built from. */
export interface DrillParts {
  readonly plan: TradeDrillPlan;
  readonly markets: readonly PlannedMarket[];
  readonly kernel: TradingKernel;
  readonly lives: TradeLives;
}

/**
 * Single trades of a finished run: at most 200, evenly over the run, with at most 1,000 fills, of which the first and
 * the last of each trade stay; and the market around `fillsMax` of those, evenly again.
 *
 * @cost A second walk over each tape with a fill whose market is kept.
 */
export function buildDrill(parts: DrillParts): TradeDrill {
  const { plan, lives, kernel } = parts;
  const groups = groupTrades(lives.fills);
  const listed = evenly(groups.length, TRADES_MOST);
  const each = Math.max(2, Math.floor(FILLS_MOST / Math.max(1, listed.length)));
  const places = new Map<number, number>();
  const trades = listed.map((number): DrilledTrade => {
    const group = groups[number] as TradeGroup;
    const shown = endsOf(group.fills, each);
    for (const place of shown) if (!places.has(place)) places.set(place, places.size);
    return tradeOf(
      parts,
      group,
      number + 1,
      shown.map((place) => places.get(place) as number),
    );
  });
  const fills = [...places.keys()].map((place) => lives.fills[place] as LivedFill);
  const queued: QueuedOrder[] = [];
  const markets = marketsOf(parts, fills, queued);
  const orders = [...new Set(fills.map(({ orderId }) => orderId))].flatMap(
    (id) => lives.orders.get(id) ?? [],
  );
  const { levels, beforeNs, afterNs } = plan;
  return {
    schema: "tickwright.drill/1",
    ...{ levels, beforeNs, afterNs, trades },
    fills: fills.map((fill, i) => fillOf(kernel, fill, markets[i] ?? null)),
    orders: orders.map((life) => orderOf(kernel, life)),
    timings: orderTimings(lives.orders.values()),
    queue: queueFigures(queued),
    counts: {
      fills: lives.fillCount,
      trades: groups.length,
      keptFills: lives.fills.length,
      ...ordersOf(lives),
    },
  };
}

/** The first and the last of a list, `most` of them. */
function endsOf(places: readonly number[], most: number): readonly number[] {
  if (places.length <= most) return places;
  const first = Math.ceil(most / 2);
  return [...places.slice(0, first), ...places.slice(places.length - (most - first))];
}

/** The market around some of the fills, one tape after another; what is seen of queues comes with the same walks. */
function marketsOf(
  { plan, markets, kernel, lives }: DrillParts,
  fills: readonly LivedFill[],
  queued: QueuedOrder[],
): (DrilledMarket | undefined)[] {
  const found: (DrilledMarket | undefined)[] = [];
  const chosen = evenly(fills.length, plan.fillsMax);
  for (const [station, market] of markets.entries()) {
    // What a closed market told is kept nowhere.
    if (isClosed(market)) continue;
    const own = chosen.filter((place) => (fills[place] as LivedFill).station === station);
    const wanted = own.map((place) => fills[place] as LivedFill);
    const { tape, shiftNs, instrument } = market;
    const isBars = tape.meta.schema === "bars";
    const waiting = isBars ? [] : waitingOf(lives, station, instrument);
    queued.push(...waiting);
    const looks = waiting.flatMap(({ atArrival, atFill }) =>
      atFill === undefined ? atArrival : [atArrival, atFill],
    );
    if (own.length + looks.length === 0) continue;
    const seen = isBars
      ? barsAround(tape as TapeSource<BarBlock>, shiftNs, instrument, wanted)
      : new TradeBooks(instrument, wanted, plan, kernel.baseNs, looks).walk(
          tape as TapeSource<DepthBlock>,
          shiftNs,
        );
    for (const [i, place] of own.entries()) found[place] = seen[i];
  }
  return found;
}

/** Limit orders that reached the exchange, with the looks that are to be taken at their queues. */
function waitingOf(lives: TradeLives, station: number, { bookLotsPerLot }: Instrument): QueuedOrder[] {
  const found: QueuedOrder[] = [];
  for (const life of lives.orders.values()) {
    const { arrivedNs, arrivedTicks, firstFillExchNs, isFirstMaker } = life;
    if (life.station !== station || Number.isNaN(arrivedNs) || !isPrice(arrivedTicks)) continue;
    const sign = life.ticket.side === "buy" ? 1 : -1;
    found.push({
      ...{ life, bookLotsPerLot, atArrival: queueLook(arrivedNs, false, sign, arrivedTicks) },
      atFill: isFirstMaker ? queueLook(firstFillExchNs, true, sign, arrivedTicks) : undefined,
    });
  }
  return found;
}

/** Market orders have none. */
function isPrice(ticks: number): boolean {
  return Number.isFinite(ticks) && ticks !== 0;
}

function ordersOf({ orders, orderCount }: TradeLives): Pick<TradeDrill["counts"], "orders" | "keptOrders"> {
  return { orders: orderCount, keptOrders: orders.size };
}

function tradeOf(
  { kernel, lives }: DrillParts,
  group: TradeGroup,
  number: number,
  fills: readonly number[],
): DrilledTrade {
  const { instrument } = kernel.stations[group.station] as (typeof kernel.stations)[number];
  const first = lives.fills[group.fills[0] as number] as LivedFill;
  const last = lives.fills[group.fills.at(-1) as number] as LivedFill;
  return {
    ...{ number, instrument: instrument.key, side: sideOf(group.sign) },
    openedNs: epochOf(kernel, first.exchNs),
    closedNs: group.isClosed ? epochOf(kernel, last.exchNs) : null,
    quantity: quantityOf(instrument, group.mostLots),
    ...{ realized: group.realized, fees: group.fees, fillCount: group.fills.length, fills },
  };
}

function fillOf(kernel: TradingKernel, fill: LivedFill, market: DrilledMarket | null): DrilledFill {
  const { instrument } = kernel.stations[fill.station] as (typeof kernel.stations)[number];
  const { orderId, maker, reason, fee } = fill;
  return {
    ...{ orderId, exchNs: epochOf(kernel, fill.exchNs), ns: epochOf(kernel, fill.ns) },
    ...{ instrument: instrument.key, side: sideOf(fill.sign) },
    price: Number(instrument.formatPrice(fill.priceTicks)),
    quantity: quantityOf(instrument, fill.lots),
    ...{ maker, reason, fee, market },
  };
}

function orderOf(kernel: TradingKernel, life: OrderLife): DrilledOrder {
  const { ticket } = life;
  const { instrument } = ticket;
  const epoch = (ns: number): string | null => (Number.isNaN(ns) ? null : epochOf(kernel, ns));
  return {
    ...{ id: ticket.id, strategy: kernel.slots[ticket.strategy]?.name ?? "", instrument: instrument.key },
    ...{ side: ticket.side, quantity: quantityOf(instrument, life.lots) },
    filled: quantityOf(instrument, life.cumLots),
    price: isPrice(life.priceTicks) ? Number(instrument.formatPrice(life.priceTicks)) : null,
    submittedNs: epochOf(kernel, life.createdNs),
    ...{ arrivedNs: epoch(life.arrivedNs), ackNs: epoch(life.ackNs), firstFillNs: epoch(life.firstFillNs) },
    ...{ cancelNs: epoch(life.cancelNs), endNs: epoch(life.endNs), end: life.end, replaced: life.replaced },
  };
}

function sideOf(sign: number): "buy" | "sell" {
  return sign > 0 ? "buy" : "sell";
}

function epochOf(kernel: TradingKernel, ns: number): string {
  return (kernel.baseNs + BigInt(Math.trunc(ns))).toString();
}

function quantityOf(instrument: Instrument, lots: number): number {
  return Number(instrument.formatQuantity(lots));
}
