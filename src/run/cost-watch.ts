import {
  checkBoolean,
  checkChoice,
  checkInteger,
  checkKeys,
  Fault,
  parseScaled,
  type Refusal,
  rescale,
} from "../base/index.ts";
import type { Station, Ticket, TradingKernel } from "../kernel/index.ts";
import { ORDER_FLAG, REPORT } from "../model/index.ts";
import { type CostMarket, type OrderCosts, TcaCollector, type TcaReport } from "../stat/index.ts";
import type { FillView, ParentView } from "../strategy/index.ts";
import { CostReference, referenceKey } from "./cost-reference.ts";
import type { SessionWatcher } from "./session-watchers.ts";

/** How the costs of a run's orders are analysed. */
export interface CostOptions {
  /** Orders that are listed, the dearest; 1,000 unless given. */
  readonly ordersMax?: number;
  /** When realised spread and reversion look; 1 min unless given. @units ns */
  readonly laterNs?: number;
  /** Of the bootstrap intervals; 1 and 500 unless given. */
  readonly seed?: number;
  readonly resamples?: number;
  /** Whether own executions are among the market's prints: false unless given, as over a recorded tape. */
  readonly ownPrints?: boolean;
  /**
   * What arrival, fills and markouts are compared with: the best of all venues that trade an instrument's symbol in the
   * same ticks and lots of one currency, or the order's own venue. `best` unless given.
   */
  readonly reference?: "best" | "own";
  /** What feeds and servers cost a day with orders, a decimal by currency; shared out by orders unless given. */
  readonly infrastructure?: {
    readonly perDay: Readonly<Record<string, string>>;
    readonly basis?: "orders" | "notional";
  };
}

/** An order that was sent, and no parent claimed yet. */
interface Fresh {
  readonly ticket: Ticket;
  readonly station: Station;
  readonly ns: number;
  readonly markTicks: number;
}

/** Orders that are over and of which a late fill is still known to be one. */
const ENDED_KEPT = 8_192;

/**
 * Watches a kernel and has what its orders cost analysed: one report for each currency that instruments are quoted in.
 * Orders that a strategy told to belong to a parent are analysed as that parent.
 *
 * Decisions are priced by what the strategy knew; arrival, fills and what came after by the market in exchange time.
 *
 * @units ns from the session's base
 * @invariant Changes nothing: a run with and without it has one hash.
 */
export class CostWatch implements SessionWatcher {
  readonly #kernel: TradingKernel;
  readonly #collectors: Map<string, TcaCollector> = new Map();
  readonly #markets: CostMarket[] = [];
  /** By order's id: what it belongs to. */
  readonly #orders: Map<number, OrderCosts> = new Map();
  /** Ids of orders that are over, in the order in which they ended. */
  readonly #ended: Set<number> = new Set();
  readonly #parents: Map<ParentView, OrderCosts> = new Map();
  #fresh: Fresh[] = [];
  #amended = 0;
  #parentCount = 0;

  /** @throws `FAULT_CONFIG` naming the option */
  constructor(kernel: TradingKernel, options: CostOptions = {}) {
    this.#kernel = kernel;
    const { infrastructure, ownPrints = false, reference = "best", ...rest } = options;
    const references = new Map<string, CostReference>();
    for (const station of kernel.stations) {
      const { quote, quantumMinor, key } = station.instrument;
      let collector = this.#collectors.get(quote.code);
      if (collector === undefined) {
        const perDay = infrastructure?.perDay[quote.code];
        collector = new TcaCollector({
          ...{ resamples: 500, ...rest, ownPrints, currency: quote.code, decimals: quote.decimals },
          baseMs: Number(kernel.baseNs / 1_000_000n),
          ...(perDay === undefined
            ? {}
            : {
                infrastructure: {
                  minorPerDay: minorOf(`tca.infrastructure.perDay.${quote.code}`, perDay, quote.decimals),
                  basis: infrastructure?.basis ?? "orders",
                },
              }),
        });
        this.#collectors.set(quote.code, collector);
      }
      const name = reference === "best" ? referenceKey(station) : key;
      const shared = references.get(name) ?? new CostReference(collector.market([quantumMinor, 1n]));
      references.set(name, shared);
      this.#markets.push(shared.market);
      station.ear = shared.ear(station);
    }
    for (const code of Object.keys(infrastructure?.perDay ?? {})) {
      if (this.#collectors.has(code)) continue;
      const expected = `one of ${[...this.#collectors.keys()].join(", ")}`;
      throw new Fault("FAULT_CONFIG", { path: "tca.infrastructure.perDay", value: code, expected });
    }
  }

  /** Executions that were taken back or corrected: what they first were is what is analysed. */
  get amendedCount(): number {
    return this.#amended;
  }

  submitted(ticket: Ticket, station: Station, nowNs: number): void {
    this.#rates(station).sent += 1;
    if (this.#fresh.length > 0 && (this.#fresh[0] as Fresh).ns !== nowNs) this.#settleFresh();
    this.#fresh.push({ ticket, station, ns: nowNs, markTicks: station.markTicks() });
  }

  refused(_refusal: Refusal): void {
    const [first] = this.#collectors.values();
    if (first !== undefined) first.rates.refused += 1;
  }

  reported(kind: number, ticket: Ticket, _reason: string, _nowNs: number, exchNs: number): void {
    this.#settleFresh();
    const costs = this.#orders.get(ticket.id);
    if (costs === undefined) return;
    const station = this.#kernel.findStation(ticket.instrument.key) as Station;
    const rates = this.#rates(station);
    if (kind === REPORT.accepted) costs.arrive(exchNs);
    else if (kind === REPORT.rejected) rates.rejected += 1;
    else if (kind === REPORT.canceled) rates.canceled += 1;
    else if (kind === REPORT.expired) rates.expired += 1;
    else if (kind === REPORT.replaced && costs.children === 0) costs.resize(ticket.lots);
    const isEnd = kind === REPORT.canceled || kind === REPORT.expired || kind === REPORT.rejected;
    if (!isEnd || ticket.isOpen || this.#ended.has(ticket.id)) return;
    if (ticket.cumLots > 0) rates.partlyFilled += 1;
    this.#end(ticket, costs, exchNs);
  }

  filled(fill: FillView, ticket: Ticket, station: Station): void {
    this.#settleFresh();
    const costs = this.#orders.get(ticket.id);
    if (costs === undefined) {
      this.#collector(station).miss();
      return;
    }
    const { instrument, index } = station;
    const { feeCurrency, feeMinor: charged, exchNs: ns, priceTicks, lots, maker } = fill;
    const feeMinor =
      feeCurrency === instrument.quote.code
        ? charged
        : this.#kernel.ledger.inQuoteMinor(index, feeCurrency, charged, priceTicks);
    costs.fill({ venue: instrument.venue, ns, lots, priceTicks, feeMinor, maker });
    const rates = this.#rates(station);
    const isWhole = ticket.cumLots >= ticket.lots;
    if (this.#ended.has(ticket.id)) {
      if (isWhole && ticket.cumLots - lots < ticket.lots) rates.filled += 1;
      else if (ticket.cumLots === lots) rates.partlyFilled += 1;
      return;
    }
    if (ticket.isOpen) return;
    rates.filled += 1;
    this.#end(ticket, costs, ns);
  }

  amended(): void {
    this.#amended += 1;
  }

  parented(parent: ParentView, strategy: string, nowNs: number): void {
    let costs = this.#parents.get(parent);
    if (costs === undefined) {
      if (parent.isOver) return;
      const station = this.#kernel.findStation(parent.instrument.key);
      if (station === undefined) return;
      this.#parentCount += 1;
      costs = this.#open(station, {
        ...{
          id: `parent ${this.#parentCount}`,
          strategy,
          side: parent.side,
          lots: parent.lots,
          startNs: nowNs,
        },
        decisionHalfTicks: halves(station.markTicks()),
      });
      this.#parents.set(parent, costs);
    }
    if (parent.lots > 0) costs.resize(parent.lots);
    for (const { ticket } of this.#fresh) {
      if (!parent.knows(ticket.id)) continue;
      this.#orders.set(ticket.id, costs);
      costs.children += 1;
    }
    this.#fresh = this.#fresh.filter(({ ticket }) => !this.#orders.has(ticket.id));
    if (!parent.isOver) return;
    this.#parents.delete(parent);
    costs.finish(nowNs);
  }

  /** The run is over. One report for each currency in which anything was ordered. */
  finish(nowNs: number): readonly TcaReport[] {
    this.#settleFresh();
    for (const station of this.#kernel.stations) station.ear = undefined;
    return [...this.#collectors.values()]
      .map((collector) => collector.finish(nowNs))
      .filter(({ counts, rates }) => counts.orders > 0 || rates !== null);
  }

  /** Orders that no parent claimed in the call that sent them are their own. */
  #settleFresh(): void {
    if (this.#fresh.length === 0) return;
    for (const { ticket, station, ns, markTicks } of this.#fresh) {
      const strategy = this.#kernel.slots[ticket.strategy]?.name ?? "";
      const { flags } = this.#kernel.orders;
      const costs = this.#open(station, {
        ...{ id: ticket.clientOrderId, strategy, side: ticket.side, lots: ticket.lots, startNs: ns },
        decisionHalfTicks: halves(markTicks),
        isQuote: ((flags[ticket.row] as number) & ORDER_FLAG.postOnly) !== 0,
      });
      this.#orders.set(ticket.id, costs);
    }
    this.#fresh.length = 0;
  }

  #open(station: Station, opening: Parameters<TcaCollector["open"]>[0]): OrderCosts {
    return this.#collector(station).open(opening, this.#markets[station.index] as CostMarket);
  }

  #end(ticket: Ticket, costs: OrderCosts, ns: number): void {
    if (costs.children === 0) costs.finish(ns);
    this.#ended.add(ticket.id);
    if (this.#ended.size <= ENDED_KEPT) return;
    const [oldest = 0] = this.#ended;
    this.#ended.delete(oldest);
    this.#orders.delete(oldest);
  }

  #collector({ instrument }: Station): TcaCollector {
    return this.#collectors.get(instrument.quote.code) as TcaCollector;
  }

  #rates(station: Station): TcaCollector["rates"] {
    return this.#collector(station).rates;
  }
}

/** Checks the options of an analysis. @throws `FAULT_CONFIG` naming the option */
export function checkCosts(
  path: string,
  options: CostOptions | boolean | undefined,
): CostOptions | undefined {
  if (options === undefined || options === true) return {};
  if (options === false) return undefined;
  checkKeys(path, options, [
    "ordersMax",
    "laterNs",
    "seed",
    "resamples",
    "ownPrints",
    "reference",
    "infrastructure",
  ]);
  checkInteger(`${path}.ordersMax`, options.ordersMax ?? 1, 1, 1_000_000);
  checkInteger(`${path}.laterNs`, options.laterNs ?? 0, 0);
  checkInteger(`${path}.seed`, options.seed ?? 1, 0, 0xffffffff);
  checkInteger(`${path}.resamples`, options.resamples ?? 10, 10, 100_000);
  checkBoolean(`${path}.ownPrints`, options.ownPrints ?? false);
  checkChoice(`${path}.reference`, options.reference ?? "best", ["best", "own"]);
  if (options.infrastructure === undefined) return options;
  checkKeys(`${path}.infrastructure`, options.infrastructure, ["perDay", "basis"]);
  checkChoice(`${path}.infrastructure.basis`, options.infrastructure.basis ?? "orders", [
    "orders",
    "notional",
  ]);
  const { perDay } = options.infrastructure;
  checkKeys(`${path}.infrastructure.perDay`, perDay, Object.keys(perDay ?? {}));
  for (const [code, text] of Object.entries(perDay))
    minorOf(`${path}.infrastructure.perDay.${code}`, text, 18, AMOUNT_MAX << 64n);
  return options;
}

/** A price to the half tick; NaN where there is none. */
function halves(ticks: number): number {
  const half = Math.round(2 * ticks);
  return Number.isSafeInteger(half) ? half : Number.NaN;
}

const AMOUNT_MAX = 1n << 63n;

function minorOf(path: string, text: string, decimals: number, below = AMOUNT_MAX): bigint {
  const scaled = typeof text === "string" ? parseScaled(text) : undefined;
  const minor = scaled === undefined ? undefined : rescale(scaled, decimals);
  if (minor !== undefined && minor >= 0n && minor < below) return minor;
  const expected = `a decimal of at least 0 with ${decimals} places at most, below 2^63 minor units, as text`;
  throw new Fault("FAULT_CONFIG", { path, value: text, expected });
}
