import type { ValidationParameters, Verdict } from "../../src/feed/index.ts";
import { VALIDATION_RULES } from "../../src/feed/index.ts";
import type { ValidationReason } from "../../src/model/index.ts";

/** A row as plain numbers. */
export interface PlainRow {
  readonly exch: number;
  readonly local: number;
  readonly kind: number;
  readonly tick: number;
  readonly lots: number;
}

/** A message as plain values. */
export interface PlainMessage {
  readonly rows: readonly PlainRow[];
  readonly isSnapshot: boolean;
  readonly first: number;
  readonly last: number;
  readonly previous: number;
  readonly isBlockTrade?: boolean;
}

const RANK: Readonly<Record<Verdict, number>> = { pass: 0, flag: 1, drop: 2, halt: 3 };
const GRAVITY = { valid: 0, suspect: 1, halted: 2 } as const;
const TICK_MAX = 0x3fffefff;
const TICK_MIN = -0x3ffff000;
const kinds = "bid ask buy sell trade clear quoteBid quoteAsk mark funding gap validity".split(" ");
const channels: Readonly<Record<string, string>> = {
  ...{ bid: "depth", ask: "depth", clear: "depth", buy: "trades", sell: "trades", trade: "trades" },
  ...{
    quoteBid: "quotes",
    quoteAsk: "quotes",
    mark: "other",
    funding: "other",
    validity: "other",
    gap: "gap",
  },
};

type Touch = { bid: number | undefined; ask: number | undefined; isBad: boolean; isWide: boolean };

const nameOf = (kind: number): string => ((kind & 0x20) === 0 ? (kinds[kind & 0x1f] ?? "") : "");
const isWhole = (value: number): boolean => Number.isSafeInteger(value);
const lowerMedian = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] as number;

/**
 * The validator as its rules read, with lists that are sorted anew and a book of two Maps: slow, and easy to believe.
 * One source, no board, no checksum.
 */
export class SlowValidator {
  state: keyof typeof GRAVITY = "suspect";
  reason: ValidationReason | "" = "FEED_UNSYNCED";
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  readonly counts = new Map<ValidationReason, number>();
  readonly #p: ValidationParameters;
  readonly #verdicts: Map<ValidationReason, Verdict>;
  #found: ValidationReason[] = [];
  #isLost: boolean;
  #isIncomplete = false;
  #inARow = { sound: 0, drops: 0, flags: 0 };
  readonly #last = new Map<string, number>();
  #needed: number | undefined = undefined;
  #lastLocal = Number.NEGATIVE_INFINITY;
  readonly #lastExch = new Map<string, number>();
  #isLate = false;
  #floors = { now: [] as number[], before: [] as number[], since: Number.NEGATIVE_INFINITY };
  #gapMean = 0;
  #prices: number[] = [];
  #lastPrice = 0;
  #variance = 0;
  #out = { is: false, count: 0, price: 0, first: undefined as number | undefined };
  #spreads: number[] = [];
  readonly #touches: Record<"book" | "quotes", Touch> = {
    book: { bid: undefined, ask: undefined, isBad: false, isWide: false },
    quotes: { bid: undefined, ask: undefined, isBad: false, isWide: false },
  };

  constructor(parameters: ValidationParameters, verdicts: Partial<Record<ValidationReason, Verdict>> = {}) {
    this.#p = parameters;
    this.#isLost = parameters.hasBook;
    this.#verdicts = new Map(
      VALIDATION_RULES.map(({ reason, verdict }) => [reason, verdicts[reason] ?? verdict]),
    );
  }

  take(message: PlainMessage): { readonly verdict: Verdict; readonly reason: ValidationReason | "" } {
    this.#found = [];
    this.#out.first = undefined;
    const head = message.rows[0] as PlainRow;
    const channel = channels[nameOf(head.kind)];
    if (channel === "depth") this.#depth(message, head);
    else if (channel === "quotes" || channel === "trades") this.#prints(message, channel);
    else this.#others(message, channel);
    if (this.#out.first !== undefined) this.#learnOutlier(this.#out.first);
    return this.#conclude();
  }

  idle(nowNs: number): { readonly verdict: Verdict; readonly reason: ValidationReason | "" } {
    this.#found = [];
    const limit = Math.max(this.#p.idleNsMin, this.#p.idleGaps * this.#gapMean);
    if (this.#lastLocal > Number.NEGATIVE_INFINITY && nowNs - this.#lastLocal > limit)
      this.#find("FEED_SILENT");
    return this.#found.length === 0 ? { verdict: "pass", reason: "" } : this.#conclude();
  }

  // --- channels ---

  #depth(message: PlainMessage, head: PlainRow): void {
    const isSnapshot = message.isSnapshot || nameOf(head.kind) === "clear";
    const before = this.#last.get("depth");
    if (isSnapshot) this.#snapshotNumber(message);
    else if (this.#isLost) this.#find("FEED_BOOK_LOST");
    else this.#number(message, "depth");
    if (this.#isRefused()) return;
    this.#times(head, "depth");
    this.#rows(message, "depth");
    if (isSnapshot) this.#order(message);
    if (this.#isRefused()) {
      if (!isSnapshot) this.#isIncomplete = true;
      return;
    }
    if (isSnapshot) this.#restate(message, before);
    this.#accept(head, "depth");
    for (const { kind, tick, lots } of message.rows) {
      const side = nameOf(kind) === "bid" ? this.bids : nameOf(kind) === "ask" ? this.asks : undefined;
      if (lots === 0) side?.delete(tick);
      else side?.set(tick, lots);
    }
    if (this.#isIncomplete) this.#find("FEED_BOOK_INCOMPLETE");
    const bid = this.bids.size === 0 ? undefined : Math.max(...this.bids.keys());
    const ask = this.asks.size === 0 ? undefined : Math.min(...this.asks.keys());
    this.#touch("book", bid, ask);
  }

  #prints(message: PlainMessage, channel: "quotes" | "trades"): void {
    const head = message.rows[0] as PlainRow;
    this.#number(message, channel);
    if (this.#isRefused()) return;
    this.#times(head, channel);
    this.#rows(message, channel);
    if (this.#isRefused()) return;
    this.#accept(head, channel);
    if (channel === "trades") {
      for (const { tick } of message.rows) if (message.isBlockTrade !== true) this.#acceptPrice(2 * tick);
      return;
    }
    let { bid, ask } = this.#touches.quotes;
    for (const { kind, tick, lots } of message.rows) {
      const price = lots === 0 ? undefined : tick;
      if (nameOf(kind) === "quoteBid") bid = price;
      else ask = price;
    }
    this.#touch("quotes", bid, ask);
  }

  #others(message: PlainMessage, channel: string | undefined): void {
    const head = message.rows[0] as PlainRow;
    if (channel === undefined) {
      this.#find("FEED_ROW_UNKNOWN");
      return;
    }
    this.#times(head, channel);
    this.#rows(message, channel);
    if (channel === "gap") {
      this.#find("FEED_SEQUENCE_GAP");
      this.#gap();
    }
    if (!this.#isRefused()) this.#accept(head, channel);
  }

  // --- numbers ---

  #number(message: PlainMessage, channel: string): void {
    const { first, previous } = message;
    const last = message.last === -1 ? first : message.last;
    if (last === -1) return;
    if (!this.#isNumbered(message)) {
      this.#find("FEED_SEQUENCE_INVALID");
      return;
    }
    const known = this.#last.get(channel);
    if (known === undefined) {
      this.#last.set(channel, last);
      return;
    }
    if (this.#ahead(last, known) <= 0) {
      this.#find("FEED_SEQUENCE_DUPLICATE");
      return;
    }
    this.#last.set(channel, last);
    const isExact =
      channel === "depth" || (channel === "trades" ? this.#p.isContiguousTrades : this.#p.isContiguousQuotes);
    const start = first === -1 ? last : first;
    const joins = previous === -1 ? this.#ahead(start, known) <= 1 : this.#ahead(previous, known) <= 0;
    if (!isExact || joins) return;
    if (channel !== "depth") {
      this.#find("FEED_SEQUENCE_MISSING");
      return;
    }
    this.#needed = known;
    this.#find("FEED_SEQUENCE_GAP");
    this.#gap();
  }

  #snapshotNumber(message: PlainMessage): void {
    const last = message.last === -1 ? message.first : message.last;
    if (last === -1) return;
    if (!this.#isNumbered(message)) {
      this.#find("FEED_SEQUENCE_INVALID");
      return;
    }
    const least = this.#isLost ? this.#needed : this.#last.get("depth");
    if (least !== undefined && this.#ahead(last, least) < 0) this.#find("FEED_SEQUENCE_DUPLICATE");
  }

  #isNumbered({ first, last, previous }: PlainMessage): boolean {
    const { sequenceModulus } = this.#p;
    const fits = (n: number): boolean =>
      n === -1 || (isWhole(n) && n >= 0 && (sequenceModulus === 0 || n < sequenceModulus));
    if (![first, last, previous].every(fits)) return false;
    return first === -1 || last === -1 || this.#ahead(last, first) >= 0;
  }

  #ahead(left: number, right: number): number {
    const m = this.#p.sequenceModulus;
    if (m === 0) return left - right;
    const ways = [left - right, left - right + m, left - right - m];
    return ways.sort((a, b) => Math.abs(a) - Math.abs(b) || b - a)[0] as number;
  }

  #gap(): void {
    if (this.#verdicts.get("FEED_SEQUENCE_GAP") === "halt") this.#isLost = this.#p.hasBook;
  }

  // --- times ---

  #times({ exch, local }: PlainRow, channel: string): void {
    const p = this.#p;
    if (!Number.isFinite(exch) || !Number.isFinite(local)) {
      this.#find("FEED_TIME_INVALID");
      this.#isLate = false;
      return;
    }
    const behind = local - exch;
    const ahead = -behind;
    const allowed = p.clockErrorNs + 1_000_000;
    if (Math.abs(behind) > p.apartNsMax) this.#find("FEED_TIME_IMPLAUSIBLE");
    if (ahead > allowed) this.#find(ahead > p.futureNsMax ? "FEED_TIME_FAR_FUTURE" : "FEED_TIME_FUTURE");
    if (behind > p.ageNsMax) this.#find("FEED_TIME_STALE");
    if (local < this.#lastLocal) this.#find("FEED_CLOCK_FALLS");
    if (exch < (this.#lastExch.get(channel) ?? Number.NEGATIVE_INFINITY)) this.#find("FEED_TIME_FALLS");
    const floors = [...this.#floors.now, ...this.#floors.before];
    const limit = this.#isLate ? p.latencyNsMax * p.leaveShare : p.latencyNsMax;
    this.#isLate = floors.length > 0 && ahead <= allowed && behind - Math.min(...floors) >= limit;
    if (this.#isLate) this.#find("FEED_LATENCY");
  }

  #accept({ exch, local }: PlainRow, channel: string): void {
    if (this.#lastLocal > Number.NEGATIVE_INFINITY && local > this.#lastLocal) {
      this.#gapMean += (local - this.#lastLocal - this.#gapMean) / 64;
    }
    this.#lastLocal = local;
    this.#lastExch.set(channel, exch);
    if (local - exch < -(this.#p.clockErrorNs + 1_000_000)) return;
    const elapsed = local - this.#floors.since;
    if (elapsed >= this.#p.skewWindowNs) {
      this.#floors = {
        now: [],
        before: elapsed >= 2 * this.#p.skewWindowNs ? [] : this.#floors.now,
        since: local,
      };
    }
    this.#floors.now.push(local - exch);
  }

  // --- rows ---

  #rows(message: PlainMessage, channel: string): void {
    const { rows } = message;
    const head = rows[0] as PlainRow;
    for (const [i, row] of rows.entries()) {
      const name = nameOf(row.kind);
      if (name === "") {
        this.#find("FEED_ROW_UNKNOWN");
        continue;
      }
      if (channels[name] !== channel || (name === "clear" && i > 0)) this.#find("FEED_ROW_MIXED");
      if (((row.kind & 0x80) !== 0) !== (i === rows.length - 1)) this.#find("FEED_MESSAGE_UNFINISHED");
      if (row.exch !== head.exch || row.local !== head.local) this.#find("FEED_TIME_INVALID");
      if (name === "clear") continue;
      this.#row(row, name, message.isBlockTrade === true && channel === "trades");
    }
  }

  #row({ tick, lots }: PlainRow, name: string, isBlock: boolean): void {
    const p = this.#p;
    const channel = channels[name];
    const least = p.isSigned ? TICK_MIN : 1;
    if (channel === "other" || channel === "gap") {
      if (name === "mark" && (tick < least || tick > TICK_MAX)) this.#find("FEED_PRICE_RANGE");
      if (name === "funding" && !isWhole(lots)) this.#find("FEED_VOLUME_INVALID");
      return;
    }
    const isTrade = channel === "trades";
    if (!isWhole(lots) || lots < (isTrade ? 1 : 0)) this.#find("FEED_VOLUME_INVALID");
    else {
      if (lots % p.lotMultiple !== 0) this.#find("FEED_VOLUME_OFF_LOT");
      if (!isTrade && lots > p.levelLotsMax) this.#find("FEED_VOLUME_LEVEL");
      if (isTrade && !isBlock && lots > p.tradeLotsMax) this.#find("FEED_VOLUME_LARGE");
      if (isTrade && !isBlock && lots > p.dayLots * p.dayShareMax) this.#find("FEED_VOLUME_DAY_SHARE");
    }
    if (lots !== 0 || channel !== "quotes") this.#price(tick, lots, name, isBlock);
    if (isTrade && !isBlock) this.#outside(tick);
  }

  #price(tick: number, lots: number, name: string, isBlock: boolean): void {
    const p = this.#p;
    if (tick < TICK_MIN || tick > TICK_MAX) return this.#find("FEED_PRICE_RANGE");
    if (!p.isSigned && tick <= 0) return this.#find("FEED_PRICE_NOT_POSITIVE");
    if (tick % p.tickMultiple !== 0) this.#find("FEED_PRICE_OFF_GRID");
    if (lots === 0 || isBlock) return;
    const { low, high, hardLow, hardHigh } = this.#bounds();
    const isBelow = (bound: number): boolean => name !== "bid" && tick < bound;
    const isAbove = (bound: number): boolean => name !== "ask" && tick > bound;
    if (isBelow(hardLow) || isAbove(hardHigh)) this.#outlier(2 * tick, "FEED_PRICE_ABSURD");
    else if (isBelow(low) || isAbove(high)) this.#outlier(2 * tick, "FEED_PRICE_OUTLIER");
  }

  #outside(tick: number): void {
    const { book, quotes } = this.#touches;
    const { bid, ask } = quotes.bid === undefined || quotes.ask === undefined ? book : quotes;
    if (bid === undefined || ask === undefined || bid >= ask) return;
    const room = (Math.abs(bid + ask) * this.#p.tradeOutsideBpsMax) / 20_000;
    if (tick < bid - room || tick > ask + room) this.#find("FEED_TRADE_OUTSIDE");
  }

  #order({ rows }: PlainMessage): void {
    const side = (name: string): number[] =>
      rows.filter(({ kind }) => nameOf(kind) === name).map(({ tick }) => tick);
    const bids = side("bid");
    const asks = side("ask");
    const falls = bids.every((tick, i) => i === 0 || tick < (bids[i - 1] as number));
    const rises = asks.every((tick, i) => i === 0 || tick > (asks[i - 1] as number));
    if (!falls || !rises) this.#find("FEED_LEVEL_ORDER");
    if (Math.max(bids.length, asks.length) > this.#p.depthMax) this.#find("FEED_DEPTH_EXCEEDED");
  }

  #restate(message: PlainMessage, before: number | undefined): void {
    if (message.last !== -1 && message.last === before && !this.#isLost && !this.#isIncomplete) {
      const told = (name: string): [number, number][] =>
        message.rows.flatMap(({ kind, tick, lots }) =>
          nameOf(kind) === name && lots > 0 ? [[tick, lots]] : [],
        );
      const bids = told("bid");
      const asks = told("ask");
      const worstBid = Math.min(...bids.map(([tick]) => tick));
      const worstAsk = Math.max(...asks.map(([tick]) => tick));
      const ours = [
        ...[...this.bids].filter(([tick]) => tick >= worstBid).sort(([a], [b]) => b - a),
        ...[...this.asks].filter(([tick]) => tick <= worstAsk).sort(([a], [b]) => a - b),
      ];
      if (JSON.stringify(ours) !== JSON.stringify([...bids, ...asks])) this.#find("FEED_SNAPSHOT_MISMATCH");
    }
    this.bids.clear();
    this.asks.clear();
    const last = message.last === -1 ? message.first : message.last;
    if (last === -1) this.#last.delete("depth");
    else this.#last.set("depth", last);
    this.#needed = undefined;
    this.#isLost = false;
    this.#isIncomplete = false;
  }

  // --- prices ---

  #bounds(): { low: number; high: number; hardLow: number; hardHigh: number } {
    const p = this.#p;
    const none = { low: TICK_MIN, high: TICK_MAX, hardLow: TICK_MIN, hardHigh: TICK_MAX };
    if (this.#prices.length < 3) return none;
    const middle = lowerMedian(this.#prices) / 2;
    const share = this.#out.is ? p.leaveShare : 1;
    const deviation = (p.priceSigmas * Math.sqrt(this.#variance)) / 2;
    if (p.isSigned) {
      const width = Math.max(deviation, p.priceBandTicks) * share;
      return { ...none, low: middle - width, high: middle + width };
    }
    const factor = 1 + Math.max(deviation / middle, p.priceBand) * share;
    const [hardLow, hardHigh] = [middle / p.priceRatioMax, middle * p.priceRatioMax];
    return { low: middle / factor, high: middle * factor, hardLow, hardHigh };
  }

  #outlier(twice: number, reason: ValidationReason): void {
    this.#out.first ??= twice;
    this.#find(reason);
  }

  #learnOutlier(twice: number): void {
    const { band, near } = { band: this.#p.priceBand, near: this.#out.price };
    const isNear = this.#p.isSigned
      ? Math.abs(near - twice) <= 2 * this.#p.priceBandTicks
      : twice <= near * (1 + band) && near <= twice * (1 + band);
    this.#out.is = true;
    this.#out.count = this.#out.count > 0 && isNear ? this.#out.count + 1 : 1;
    this.#out.price = twice;
    if (this.#p.reanchorAlone === 0 || this.#out.count < this.#p.reanchorAlone) return;
    this.#prices = [twice, twice, twice];
    this.#lastPrice = twice;
    this.#variance = 0;
    this.#spreads = [];
    this.#out.is = false;
    this.#out.count = 0;
  }

  #acceptPrice(twice: number): void {
    if (this.#out.first !== undefined) return;
    this.#out.count = 0;
    if (this.#prices.length > 0) {
      const change = twice - this.#lastPrice;
      if (change === 0 && !this.#out.is) return;
      this.#variance += (change * change - this.#variance) / 64;
    }
    this.#lastPrice = twice;
    this.#prices = [...this.#prices, twice].slice(-this.#p.priceSamples);
    this.#out.is = false;
  }

  #touch(which: "book" | "quotes", bid: number | undefined, ask: number | undefined): void {
    const p = this.#p;
    const touch = this.#touches[which];
    if (touch.bid === bid && touch.ask === ask && !touch.isBad) return;
    touch.bid = bid;
    touch.ask = ask;
    touch.isBad = false;
    const bad = (reason: ValidationReason): void => {
      touch.isBad = true;
      this.#find(reason);
    };
    if (bid === undefined || ask === undefined) return bad("FEED_SPREAD_ONE_SIDED");
    if (bid > ask) return bad("FEED_SPREAD_CROSSED");
    if (bid === ask) return bad("FEED_SPREAD_LOCKED");
    const share = touch.isWide ? p.leaveShare : 1;
    const limit = Math.max(
      this.#spreads.length < 8 ? Number.POSITIVE_INFINITY : p.spreadMedians * lowerMedian(this.#spreads),
      (Math.abs(bid + ask) * p.spreadBpsMax) / 20_000,
    );
    touch.isWide = ask - bid > limit * share;
    if (touch.isWide) bad("FEED_SPREAD_WIDE");
    this.#spreads = [...this.#spreads, ask - bid].slice(-p.spreadSamples);
    const { low, high } = this.#bounds();
    if (bid + ask >= 2 * low && bid + ask <= 2 * high) return this.#acceptPrice(bid + ask);
    touch.isBad = true;
    this.#outlier(bid + ask, "FEED_PRICE_OUTLIER");
  }

  // --- findings ---

  #find(reason: ValidationReason): void {
    if (this.#found.includes(reason)) return;
    this.#found.push(reason);
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  #worst(): { verdict: Verdict; reason: ValidationReason | "" } {
    let worst: { verdict: Verdict; reason: ValidationReason | "" } = { verdict: "pass", reason: "" };
    for (const reason of this.#found) {
      const verdict = this.#verdicts.get(reason) as Verdict;
      if (RANK[verdict] > RANK[worst.verdict]) worst = { verdict, reason };
    }
    return worst;
  }

  #isRefused(): boolean {
    return RANK[this.#worst().verdict] >= RANK.drop;
  }

  #conclude(): { verdict: Verdict; reason: ValidationReason | "" } {
    const p = this.#p;
    const worst = this.#worst();
    const run = this.#inARow;
    if (worst.verdict === "pass") {
      this.#inARow = { ...run, flags: 0, drops: 0 };
      if (this.state === "valid" || this.#isLost || this.#isIncomplete) return worst;
      this.#inARow.sound += 1;
      if (this.#inARow.sound >= (this.state === "halted" ? p.haltLeaveCount : p.leaveCount)) {
        this.#inARow.sound = 0;
        this.state = "valid";
        this.reason = "";
      }
      return worst;
    }
    if (worst.reason === "FEED_SEQUENCE_DUPLICATE" || worst.reason === "FEED_BOOK_LOST") return worst;
    run.sound = 0;
    if (worst.verdict === "flag") {
      run.drops = 0;
      run.flags += 1;
      if (run.flags >= p.enterCount && this.state !== "halted") this.#set("suspect", worst.reason);
      return worst;
    }
    if (worst.verdict === "drop") {
      run.drops += 1;
      if (run.drops >= p.dropsInARow) {
        this.#find("FEED_DROPS_IN_A_ROW");
        this.#set("halted", "FEED_DROPS_IN_A_ROW");
        return { verdict: "halt", reason: "FEED_DROPS_IN_A_ROW" };
      }
      if (this.state !== "halted") this.#set("suspect", worst.reason);
      return worst;
    }
    this.#set("halted", worst.reason);
    return worst;
  }

  #set(state: keyof typeof GRAVITY, reason: ValidationReason | ""): void {
    this.state = state;
    this.reason = reason;
  }
}
