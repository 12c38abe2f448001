import { Fault } from "../base/index.ts";
import {
  type CashRow,
  type Instrument,
  type PositionRow,
  sideSign,
  type VenueFill,
  type VenueSnapshot,
} from "../model/index.ts";
import { cashOf } from "./cash-rows.ts";
import type { CcxtExchange, CcxtMarket, CcxtText, CcxtTrade } from "./ccxt-exchange.ts";
import { textOf } from "./ccxt-instrument.ts";
import { type CcxtWords, lotsOf } from "./ccxt-words.ts";
import type { VenueQuery } from "./venue-client.ts";

/** Executions of one page, and pages of one question: more is a fault, never a list with a hole. */
const PAGE = 500;
const PAGES_MAX = 400;
/** How far back executions are asked for again: what a venue lists late. @units ns */
const OVERLAP_NS = 60_000_000_000;

/** What a snapshot is asked with. */
export interface CcxtSnapshotParts {
  readonly exchange: CcxtExchange;
  readonly words: CcxtWords;
  readonly venue: string;
  readonly account: string;
  readonly instruments: readonly Instrument[];
  /** Executions of each market that are kept; those of the last minute always are. */
  readonly fillsKept: number;
  readonly marketOf: (instrument: Instrument) => CcxtMarket;
  /** The venue's clock now, from the session's base. @units ns */
  readonly venueNowNs: () => number;
  /** How far the venue's clock is ahead of ours. @units ns */
  readonly aheadNs: () => number;
}

/** Executions of one market that were listed before. */
interface Listed {
  readonly fills: Map<string, VenueFill>;
  /** The sum of those that are kept no more. @units lots, signed */
  droppedLots: number;
  latestNs: number;
  /** From when on all were listed; Infinity before the first question. */
  fromNs: number;
  /** From when on all that were listed are kept. */
  keptNs: number;
}

/**
 * Asks an exchange what it holds to be true, section by section, and cuts the sections to one time.
 *
 * @invariant The as-of is no later than any section's question: what happened after it is left out.
 * @cost Requests: open orders one an instrument, executions one a page and instrument, from a minute before the last
 * that was listed.
 */
export class CcxtSnapshots {
  readonly #parts: CcxtSnapshotParts;
  readonly #listed = new Map<string, Listed>();

  constructor(parts: CcxtSnapshotParts) {
    this.#parts = parts;
  }

  async take({ sections, instruments, fillsFromNs }: VenueQuery): Promise<VenueSnapshot> {
    const { venue, account, words, exchange, marketOf, venueNowNs, aheadNs } = this.#parts;
    const chosen = instruments ?? this.#parts.instruments;
    let asOfNs = Math.floor(venueNowNs());
    const orders = [];
    if (sections.includes("orders")) {
      for (const instrument of chosen) {
        for (const order of await exchange.fetchOpenOrders(marketOf(instrument).symbol)) {
          const row = words.order(instrument, order);
          // What a slower clock of the venue's wrote must not be younger than the whole.
          asOfNs = Math.max(asOfNs, row.updatedNs ?? asOfNs);
          orders.push(row);
        }
      }
    }
    let fromNs = fillsFromNs ?? 0;
    const fills: VenueFill[] = [];
    const positions: PositionRow[] = [];
    const held = new Map<Instrument, number>();
    const needsFills = sections.includes("fills") || sections.includes("positions");
    // What is beside the positions is known where those of all instruments are.
    const summed = sections.includes("cash") ? this.#parts.instruments : needsFills ? chosen : [];
    for (const instrument of summed) {
      const isContract = marketOf(instrument).contract === true;
      // By a clock that is behind ours the session began before its base.
      const list = await this.#executions(instrument, isContract ? fromNs : Math.min(0, fromNs, aheadNs()));
      const known = [...list.fills.values()].filter(({ venueNs }) => venueNs <= asOfNs);
      const isChosen = needsFills && chosen.includes(instrument);
      if (isChosen) {
        fills.push(...known);
        fromNs = Math.max(fromNs, list.keptNs);
      }
      // On a spot market what the session bought and sold, not what the account owns.
      const sum = known.reduce((lots, fill) => lots + sideSign(fill.side) * fill.lots, list.droppedLots);
      if (isContract) continue;
      if (isChosen) positions.push({ instrument: instrument.key, lots: sum });
      const later = [...list.fills.values()].filter(({ venueNs }) => venueNs > asOfNs);
      held.set(
        instrument,
        later.reduce((lots, fill) => lots + sideSign(fill.side) * fill.lots, sum),
      );
    }
    if (sections.includes("positions")) positions.push(...(await this.#positions(chosen)));
    return {
      ...{ venue, account, asOfNs },
      ...(sections.includes("orders") ? { orders } : {}),
      ...(sections.includes("fills")
        ? {
            fills: fills.filter(({ venueNs }) => venueNs >= fromNs),
            fillsFromNs: fromNs,
            fillsThroughNs: asOfNs,
          }
        : {}),
      ...(sections.includes("positions") ? { positions } : {}),
      ...(sections.includes("cash") ? { cash: await this.#cash(held) } : {}),
    };
  }

  /** All executions of a market from a time on, those that were listed before and the new ones. */
  async #executions(instrument: Instrument, fromNs: number): Promise<Listed> {
    const { key } = instrument;
    const list = this.#listed.get(key) ?? {
      fills: new Map(),
      droppedLots: 0,
      latestNs: 0,
      fromNs: Number.POSITIVE_INFINITY,
      keptNs: Number.NEGATIVE_INFINITY,
    };
    this.#listed.set(key, list);
    const isWhole = fromNs >= list.fromNs;
    if (!isWhole) {
      // All of it anew: what is kept no more would be counted twice.
      list.fills.clear();
      list.droppedLots = 0;
      list.keptNs = Number.NEGATIVE_INFINITY;
    }
    let sinceNs = isWhole ? Math.max(fromNs, list.latestNs - OVERLAP_NS) : fromNs;
    for (let page = 0; ; page++) {
      if (page === PAGES_MAX) {
        const expected = `at most ${PAGES_MAX * PAGE} executions since the last question`;
        throw new Fault("FAULT_IO", { path: "ccxt.fills", value: "VENUE_TOO_LARGE", expected });
      }
      const { news, latestNs, isLast } = await this.#page(instrument, sinceNs, list);
      if (isLast) break;
      // A whole page of one moment: the next moment is all that can be asked for.
      sinceNs = news > 0 || latestNs > sinceNs ? latestNs : sinceNs + 1_000_000;
    }
    list.fromNs = Math.min(list.fromNs, fromNs);
    this.#drop(list);
    return list;
  }

  async #page(
    instrument: Instrument,
    sinceNs: number,
    list: Listed,
  ): Promise<{ readonly news: number; readonly latestNs: number; readonly isLast: boolean }> {
    const { exchange, marketOf, words } = this.#parts;
    const trades = await exchange.fetchMyTrades(marketOf(instrument).symbol, words.ms(sinceNs), PAGE);
    let news = 0;
    let latestNs = sinceNs;
    for (const trade of trades as readonly CcxtTrade[]) {
      const fill = words.fill(instrument, trade);
      latestNs = Math.max(latestNs, fill.venueNs);
      if (list.fills.has(fill.execId)) continue;
      news += 1;
      list.fills.set(fill.execId, fill);
    }
    list.latestNs = Math.max(list.latestNs, latestNs);
    return { news, latestNs, isLast: trades.length < PAGE };
  }

  /** Keeps the youngest: what is older is a sum. */
  #drop(list: Listed): void {
    for (const [execId, fill] of list.fills) {
      if (list.fills.size <= this.#parts.fillsKept || fill.venueNs >= list.latestNs - OVERLAP_NS) return;
      list.droppedLots += sideSign(fill.side) * fill.lots;
      list.keptNs = Math.max(list.keptNs, fill.venueNs + 1);
      list.fills.delete(execId);
    }
  }

  async #positions(instruments: readonly Instrument[]): Promise<PositionRow[]> {
    const { exchange, marketOf } = this.#parts;
    const contracts = instruments.filter((each) => marketOf(each).contract === true);
    if (contracts.length === 0) return [];
    const told = await exchange.fetchPositions(contracts.map((each) => marketOf(each).symbol));
    return contracts.map((instrument) => {
      const { symbol } = marketOf(instrument);
      const rows = told.filter((each) => each["symbol"] === symbol);
      const lots = rows.reduce((sum, row) => {
        const size = lotsOf(instrument, (row["contracts"] ?? "0") as CcxtText);
        return sum + (row["side"] === "short" ? -size : size);
      }, 0);
      return { instrument: instrument.key, lots };
    });
  }

  /**
   * Totals of the currencies that are paid in and for; of what is bought on spot markets, what is beside the
   * positions.
   */
  async #cash(held: ReadonlyMap<Instrument, number>): Promise<CashRow[]> {
    const { exchange, instruments } = this.#parts;
    const balance = await exchange.fetchBalance();
    const total = (balance["total"] ?? {}) as Readonly<Record<string, CcxtText>>;
    const rows: CashRow[] = [];
    const bases = [...held.keys()].map(({ base }) => base?.code);
    for (const code of new Set([...instruments.map(({ quote }) => quote.code), ...bases])) {
      if (code === undefined) continue;
      const known = instruments.find(({ quote, base }) => quote.code === code || base?.code === code);
      const { minor } = cashOf(code, textOf(total[code]) ?? "0", known);
      let beside = BigInt(minor);
      for (const [instrument, lots] of held) {
        if (instrument.base?.code !== code) continue;
        const quantity = instrument.formatQuantity(Math.abs(lots));
        beside -= BigInt(Math.sign(lots)) * BigInt(cashOf(code, quantity, known).minor);
      }
      rows.push({ currency: code, minor: beside });
    }
    return rows;
  }
}
