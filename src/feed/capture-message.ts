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

const LEVELS = SEEN.bidLevels | SEEN.askLevels;
const TOUCH = SEEN.bidPrice | SEEN.bidLots | SEEN.askPrice | SEEN.askLots;
const PRINT = SEEN.price | SEEN.quantity;

/** Which exchange a capture was taken from: Binance spot, or its USD-margined futures. */
export type CaptureMarket = "spot" | "usdm";

/** Fields a kind must have, and fields that would overwrite its columns: those lines take the slow path. */
interface Shape {
  readonly must: number;
  readonly mustNot: number;
}

const SPOT_SHAPES: readonly Shape[] = [
  {
    must: SEEN.eventTime | SEEN.firstId | SEEN.lastId | SEEN.symbol | LEVELS,
    mustNot: TOUCH | PRINT | SEEN.snapshotId,
  },
  { must: SEEN.lastId | SEEN.symbol | TOUCH, mustNot: LEVELS | PRINT | SEEN.snapshotId },
  { must: SEEN.tradeId | SEEN.maker | SEEN.transactTime | SEEN.symbol | PRINT, mustNot: LEVELS | TOUCH },
  { must: SEEN.snapshotId | LEVELS, mustNot: TOUCH | PRINT | SEEN.lastId },
];
const USDM_MUST = [SEEN.previousId | SEEN.transactTime, SEEN.transactTime, 0, 0];
const USDM_SHAPES = SPOT_SHAPES.map((shape, i) => ({ ...shape, must: shape.must | (USDM_MUST[i] ?? 0) }));

/**
 * One message of a capture, decoded: a struct that the scanner fills again and again.
 *
 * Levels stand in `tick` and `lots`: `bids` bid levels first, then the asks, `levels` in all. A quote has one
 * of each; a trade has its price and quantity in slot 0. Where a value is off the grid, `lots` holds NaN.
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
  /**
   * See the getters: ids and times as doubles, outside of the object's own fields so that they stay unboxed.
   */
  readonly numbers: Float64Array = new Float64Array(NUMBER.count);
  /** The event's name, for unknown messages only. */
  name = "";
  /** The first text that was off the grid. */
  offGridText = "";
  readonly market: CaptureMarket;
  readonly #shapes: readonly Shape[];

  constructor(market: CaptureMarket) {
    this.market = market;
    this.#shapes = market === "usdm" ? USDM_SHAPES : SPOT_SHAPES;
  }

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

  /** Local receive time. @units ns from the reader's base */
  get localNs(): number {
    return this.numbers[NUMBER.local] as number;
  }

  /** Exchange time of the row, NaN where the event has none. @units ns from the reader's base */
  get exchNs(): number {
    return this.numbers[NUMBER.exch] as number;
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
    const copy = new CaptureMessage(this.market);
    copy.numbers.set(this.numbers);
    const { kind, seen, event, otherSymbol, buyerIsMaker, bids, levels, offGrid, name } = this;
    const { localSeconds, localNanos } = this;
    Object.assign(copy, { kind, seen, event, otherSymbol, buyerIsMaker, bids, levels, offGrid, name });
    Object.assign(copy, { localSeconds, localNanos });
    copy.tick = this.tick.slice(0, levels);
    copy.lots = this.lots.slice(0, levels);
    return copy;
  }

  /** Decides from the event's code and the fields seen which kind this is; `event` 0 is none. */
  classify(): CaptureKind {
    const { seen, event } = this;
    if (event === EVENT_OTHER) this.kind = CAPTURE.unknown;
    else if (event !== 0) this.kind = event as CaptureKind;
    else if ((seen & SEEN.snapshotId) !== 0) this.kind = CAPTURE.snapshot;
    else if ((seen & TOUCH) === TOUCH && (seen & SEEN.lastId) !== 0) this.kind = CAPTURE.quote;
    else this.kind = CAPTURE.unknown;
    return this.kind;
  }

  /** Whether a known kind has just the fields that the fast path can take. */
  get isPlain(): boolean {
    const shape = this.#shapes[this.kind - 1];
    return shape !== undefined && (this.seen & (shape.must | shape.mustNot)) === shape.must;
  }

  /** The first field a known kind lacks, or none. */
  get missing(): string | undefined {
    const absent = (this.#shapes[this.kind - 1]?.must ?? 0) & ~this.seen;
    return Object.entries(SEEN).find(([, bit]) => (bit & absent) !== 0)?.[0];
  }
}

/** Slots of {@link CaptureMessage.numbers}. */
export const NUMBER = {
  event: 0,
  transact: 1,
  first: 2,
  last: 3,
  previous: 4,
  trade: 5,
  local: 6,
  exch: 7,
  count: 8,
} as const;
