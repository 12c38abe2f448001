/** What a line of a capture holds. */
export const CAPTURE = { diff: 1, quote: 2, trade: 3, snapshot: 4, unknown: 5 } as const;

/** One of the values of {@link CAPTURE}. */
export type CaptureKind = (typeof CAPTURE)[keyof typeof CAPTURE];

/** Bits of {@link CaptureMessage.seen}: which fields a line had. */
export const SEEN = {
  event: 1,
  eventTime: 2,
  transactTime: 4,
  symbol: 8,
  firstId: 16,
  lastId: 32,
  previousId: 64,
  bidLevels: 128,
  askLevels: 256,
  bidPrice: 512,
  bidLots: 1_024,
  askPrice: 2_048,
  askLots: 4_096,
  tradeId: 8_192,
  price: 16_384,
  quantity: 32_768,
  maker: 65_536,
  snapshotId: 131_072,
} as const;

/** Names of the event types that a capture reader understands, by the code the scanner gives them. */
export const EVENTS = ["", "depthUpdate", "bookTicker", "trade", "other"] as const;

/** The code of an event that is none of the three. */
export const EVENT_OTHER = 4;

const QUOTE_SEEN = SEEN.lastId | SEEN.bidPrice | SEEN.bidLots | SEEN.askPrice | SEEN.askLots;
const SNAPSHOT_SEEN = SEEN.snapshotId | SEEN.bidLevels | SEEN.askLevels;
const DIFF_SEEN = SEEN.eventTime | SEEN.firstId | SEEN.lastId | SEEN.bidLevels | SEEN.askLevels;
const TRADE_SEEN = SEEN.tradeId | SEEN.price | SEEN.quantity | SEEN.maker | SEEN.transactTime;

/**
 * One message of a capture, decoded: a struct that the scanner fills again and again.
 *
 * Levels stand in `tick` and `lots`: `bids` bid levels first, then the asks, `levels` in all. A quote has one of
 * each; a trade has its price and quantity in slot 0. Where a value is off the grid, `lots` holds NaN.
 *
 * @units `tick`: ticks; `lots`: book lots; `localNanos`: ns of the second
 */
export class CaptureMessage {
  kind: CaptureKind = CAPTURE.unknown;
  seen = 0;
  event = 0;
  /** 0 where the symbol was absent or the expected one, 1 where it was another. */
  otherSymbol = 0;
  /** 1 where the trade's buyer was the maker: the aggressor sold. */
  buyerIsMaker = 0;
  bids = 0;
  levels = 0;
  offGrid = 0;
  localSeconds = 0;
  localNanos = 0;
  tick: Int32Array = new Int32Array(2_048);
  lots: Float64Array = new Float64Array(2_048);
  /** See the getters: ids and times as doubles, outside of the object's own fields so that they stay unboxed. */
  readonly numbers: Float64Array = new Float64Array(NUMBER.count);
  /** The event's name, for unknown messages only. */
  name = "";

  /** The exchange's event time. @units epoch ms */
  get eventMs(): number {
    return this.numbers[NUMBER.event] as number;
  }

  /** The exchange's transaction (or trade) time. @units epoch ms */
  get transactMs(): number {
    return this.numbers[NUMBER.transact] as number;
  }

  /** `U`: the first update id of a diff. */
  get firstId(): number {
    return this.numbers[NUMBER.first] as number;
  }

  /** `u`: the last update id of a diff, the update id of a quote, `lastUpdateId` of a snapshot. */
  get lastId(): number {
    return this.numbers[NUMBER.last] as number;
  }

  /** `pu`: the last update id of the diff before, on futures. */
  get previousId(): number {
    return this.numbers[NUMBER.previous] as number;
  }

  /** `t`: the trade's id. */
  get tradeId(): number {
    return this.numbers[NUMBER.trade] as number;
  }

  /** Empties the struct for the next line. */
  reset(): void {
    this.seen = 0;
    this.event = 0;
    this.otherSymbol = 0;
    this.buyerIsMaker = 0;
    this.bids = 0;
    this.levels = 0;
    this.offGrid = 0;
  }

  /** Doubles the room for levels. */
  grow(): void {
    const tick = new Int32Array(this.tick.length * 2);
    const lots = new Float64Array(this.lots.length * 2);
    tick.set(this.tick);
    lots.set(this.lots);
    this.tick = tick;
    this.lots = lots;
  }

  /** A copy with columns of its own, just as long as needed. */
  copy(): CaptureMessage {
    const copy = new CaptureMessage();
    copy.numbers.set(this.numbers);
    const { kind, seen, event, otherSymbol, buyerIsMaker, bids, levels, offGrid, name } = this;
    const { localSeconds, localNanos } = this;
    Object.assign(copy, { kind, seen, event, otherSymbol, buyerIsMaker, bids, levels, offGrid, name });
    Object.assign(copy, { localSeconds, localNanos });
    copy.tick = this.tick.slice(0, levels);
    copy.lots = this.lots.slice(0, levels);
    return copy;
  }

  /**
   * Decides from the fields seen which kind this is; empty where a known event lacks a field, in which case
   * `missing()` says so.
   */
  classify(): boolean {
    const { seen, event } = this;
    if (event === 1) {
      this.kind = CAPTURE.diff;
      return (seen & DIFF_SEEN) === DIFF_SEEN;
    }
    if (event === 3) {
      this.kind = CAPTURE.trade;
      return (seen & TRADE_SEEN) === TRADE_SEEN;
    }
    if (event === 2 || (event === 0 && (seen & QUOTE_SEEN) === QUOTE_SEEN)) {
      this.kind = CAPTURE.quote;
      return (seen & QUOTE_SEEN) === QUOTE_SEEN;
    }
    if (event === 0 && (seen & SEEN.snapshotId) !== 0) {
      this.kind = CAPTURE.snapshot;
      return (seen & SNAPSHOT_SEEN) === SNAPSHOT_SEEN;
    }
    this.kind = CAPTURE.unknown;
    return true;
  }
}

/** Slots of {@link CaptureMessage.numbers}. */
export const NUMBER = { event: 0, transact: 1, first: 2, last: 3, previous: 4, trade: 5, scratch: 6, count: 7 } as const;
