import { KIND_MASK, LAST, ROW, SNAPSHOT } from "../../src/model/index.ts";
import { START_MS } from "../fixtures/capture-lines.ts";

/** The rows of a capture by JSON.parse, bigints and Maps: slow, and plain enough to be seen right. */
export interface OracleRows {
  readonly rows: number[][];
  readonly counts: Record<string, number>;
}

interface Event {
  readonly e?: string;
  readonly E?: number;
  readonly T?: number;
  readonly U?: number;
  readonly u?: number;
  readonly pu?: number;
  readonly lastUpdateId?: number;
  readonly t?: number;
  readonly p?: string;
  readonly q?: string;
  readonly m?: boolean;
  readonly b?: string | [string, string][];
  readonly a?: string | [string, string][];
  readonly B?: string;
  readonly A?: string;
  readonly bids?: [string, string][];
  readonly asks?: [string, string][];
}

type Levels = readonly [string, string][];

const BASE = BigInt(START_MS - (START_MS % 86_400_000)) * 1_000_000n;

/** Reads a capture whose lines are all sound; `market` decides the grid, the ids and the exchange times. */
export function oracleRows(market: "spot" | "usdm", lines: readonly string[]): OracleRows {
  return new Oracle(market).read(lines);
}

class Oracle {
  readonly rows: number[][] = [];
  readonly counts: Record<string, number> = {};
  readonly isSpot: boolean;
  bids = new Map<number, number>();
  asks = new Map<number, number>();
  held: Event[] = [];
  last: Event | undefined;
  lastId = -1;
  isSynced = false;
  isFresh = false;
  lastQuote = 0;
  lastTrade = 0;
  latest = Number.NEGATIVE_INFINITY;
  local = 0;

  constructor(market: "spot" | "usdm") {
    this.isSpot = market === "spot";
  }

  read(lines: readonly string[]): OracleRows {
    for (const text of lines) {
      const [ns, ...json] = text.split(" ");
      const parsed = JSON.parse(json.join(" ")) as Event & { readonly data?: Event };
      this.#event(parsed.data ?? parsed, Number(BigInt(ns as string) - BASE));
    }
    let exch = Number.NEGATIVE_INFINITY;
    for (const row of this.rows) {
      exch = Math.max(exch, row[0] as number);
      row[0] = exch;
    }
    return { rows: this.rows, counts: this.counts };
  }

  #event(event: Event, local: number): void {
    const exch = this.#exchange(event);
    if (exch !== undefined) this.latest = Math.max(this.latest, exch);
    if (event.lastUpdateId !== undefined) this.#snapshot(event, local);
    else if (event.e === "depthUpdate") this.#diff(event, local);
    else if (event.e === "trade") this.#trade(event, local);
    else if (event.B !== undefined) this.#quote(event, local);
    else this.#count("unknown");
  }

  #exchange(event: Event): number | undefined {
    const isDiff = event.e === "depthUpdate";
    const ms = this.isSpot && isDiff ? event.E : this.isSpot && event.e !== "trade" ? undefined : event.T;
    return ms === undefined ? undefined : Number(BigInt(ms) * 1_000_000n - BASE);
  }

  #put(event: Event, local: number, kind: number, tick: number, lots: number): void {
    this.local = local;
    const known = this.#exchange(event) ?? this.latest;
    this.rows.push([Number.isFinite(known) ? known : local - 1e6, local, kind, tick, lots]);
  }

  #levels(event: Event, local: number, bids: Levels, asks: Levels, flags: number): void {
    for (const [side, book, kind] of [
      [bids, this.bids, ROW.bid],
      [asks, this.asks, ROW.ask],
    ] as const) {
      for (const [price, size] of side) {
        book.set(this.#tick(price), this.#lots(size));
        if (this.#lots(size) === 0) book.delete(this.#tick(price));
        this.#put(event, local, kind | flags, this.#tick(price), this.#lots(size));
      }
    }
    const end = this.rows.at(-1);
    if (end !== undefined && bids.length + asks.length > 0) end[2] = (end[2] as number) | LAST;
  }

  #snapshot(event: Event, local: number): undefined {
    const id = event.lastUpdateId as number;
    if (this.isSynced && id <= this.lastId) return this.#count("snapshotsRedundant");
    const held = this.held.filter((each) => !this.#isOld(each, id));
    const first = held[0];
    if (first !== undefined && this.#before(first) > id) return this.#count("snapshotsStale");
    this.#count("diffsBeforeSnapshot", this.held.length - held.length);
    this.#count("snapshots");
    this.bids.clear();
    this.asks.clear();
    this.#put(event, local, ROW.clear | SNAPSHOT, 0, 0);
    this.#levels(event, local, event.bids ?? [], event.asks ?? [], SNAPSHOT);
    const end = this.rows.at(-1) as number[];
    if (((end[2] as number) & KIND_MASK) === ROW.clear) end[2] = (end[2] as number) | LAST;
    this.held = [];
    this.lastId = id;
    this.isSynced = true;
    this.isFresh = true;
    for (const each of held) this.#diff(each, local);
    return undefined;
  }

  #diff(event: Event, local: number): undefined {
    if (!this.isSynced) {
      this.held.push(event);
      return undefined;
    }
    const u = event.u as number;
    if (this.isFresh && this.#isOld(event, this.lastId)) return this.#count("diffsBeforeSnapshot");
    if (!this.isFresh && u <= this.lastId) {
      return this.#count(u === this.lastId && event.U === this.last?.U ? "duplicate" : "outOfOrder");
    }
    const before = this.#before(event);
    if (this.isFresh ? before > this.lastId : before !== this.lastId) {
      this.#count("gap");
      this.isSynced = false;
      this.held.push(event);
      this.#put(event, local, ROW.gap | LAST, 0, 0);
      return undefined;
    }
    this.lastId = u;
    this.last = event;
    this.isFresh = false;
    this.#count("diffs");
    this.#levels(event, local, event.b as Levels, event.a as Levels, 0);
    return undefined;
  }

  #quote(event: Event, local: number): undefined {
    const u = event.u as number;
    if (u <= this.lastQuote) return this.#count(u === this.lastQuote ? "duplicate" : "outOfOrder");
    this.lastQuote = u;
    if (!this.isSynced) return this.#count("quotesUnsynced");
    this.#put(event, local, ROW.quoteBid, this.#tick(event.b as string), this.#lots(event.B as string));
    this.#put(
      event,
      local,
      ROW.quoteAsk | LAST,
      this.#tick(event.a as string),
      this.#lots(event.A as string),
    );
    return this.#count("quotes");
  }

  #trade(event: Event, local: number): undefined {
    const t = event.t as number;
    if (this.lastTrade > 0 && t > this.lastTrade + 1) this.#count("tradeIdsMissing", t - this.lastTrade - 1);
    this.lastTrade = t;
    const lots = this.#lots(event.q as string);
    if (!this.isSynced) return this.#count("tradesUnsynced");
    if (lots === 0) return this.#count("tradesEmpty");
    this.#put(
      event,
      local,
      (event.m === true ? ROW.sell : ROW.buy) | LAST,
      this.#tick(event.p as string),
      lots,
    );
    return this.#count("trades");
  }

  #isOld(event: Event, id: number): boolean {
    return this.isSpot ? (event.u as number) <= id : (event.u as number) < id;
  }

  #before(event: Event): number {
    return this.isSpot ? (event.U as number) - 1 : (event.pu as number);
  }

  #tick(price: string): number {
    return whole(price, this.isSpot ? 2 : 1);
  }

  #lots(size: string): number {
    return whole(size, this.isSpot ? 8 : 3);
  }

  #count(name: string, by = 1): undefined {
    if (by > 0) this.counts[name] = (this.counts[name] ?? 0) + by;
    return undefined;
  }
}

function whole(text: string, scale: number): number {
  const [units = "", part = ""] = text.split(".");
  return Number(BigInt(units + part.padEnd(12, "0").slice(0, 12)) / 10n ** BigInt(12 - scale));
}
