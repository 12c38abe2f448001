import { checkInteger, checkKeys, checkNumber, Fault, type Prng } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { type FeedMarket, FeedOutlet, type FeedSink } from "./feed-outlet.ts";
import { FEED, FEED_ROW_STRIDE, FeedPacket } from "./feed-record.ts";
import { VenueBook } from "./venue-book.ts";
import type { VenueClock } from "./venue-clock.ts";
import { VENUE_FAULT, type VenueFaults } from "./venue-faults.ts";

/** An instrument of a simulated venue. */
export interface TortureInstrument {
  /** The engine's index of it, as messages and packets carry it. */
  readonly index: number;
  readonly instrument: Instrument;
  /** Where its market begins. @units ticks */
  readonly startTicks: number;
  /** What reconciliation calls it; the instrument's key unless told. */
  readonly name?: string;
}

/** How lively a market is. @units rates per second of virtual time over all instruments of the venue */
export interface TortureMarketOptions {
  /** L2 rows. 200 unless told. */
  readonly rowsPerSecond?: number;
  /** Trades among others. 10 unless told. */
  readonly tradesPerSecond?: number;
  /** Rows of a packet on average. 2 unless told. */
  readonly rowsPerPacket?: number;
  /** Levels of each side, a power of two. 16 unless told. */
  readonly depth?: number;
  /** The most a level is given. 100 unless told. @units lots */
  readonly levelLotsMax?: number;
}

/** Who rests in the market without being part of its L2 book: our own orders. Sides are of the resting orders. */
export interface MarketGuest {
  /** The best key of our resting orders, or -Infinity. */
  bestKey(local: number, side: number): number;
  /**
   * Others trade `lots` against a side down to `key`; returns what our orders take of it.
   *
   * @param levelLots - what others have at `key`.
   */
  traded(local: number, side: number, key: number, lots: number, levelLots: number): number;
}

const KEYS = ["rowsPerSecond", "tradesPerSecond", "rowsPerPacket", "depth", "levelLotsMax"];
const WORD = 4294967296;
const SECOND_NS = 1e9;
/** Of 256 changes: how many drop the best, and how many offer a better one. */
const DROPS = 22;
const IMPROVES = 34;

/**
 * The other participants of one simulated venue: random walks of L2 books, trades, and the feed of both.
 *
 * @invariant Applying the rows of all packets from the first gives the books, as long as no feed fault is on.
 * @cost 60 to 100 ns a row, measured; nothing is allocated.
 */
export class TortureMarket implements FeedMarket {
  readonly outlet: FeedOutlet;
  /** 1 where an instrument is halted. */
  readonly halted: Uint8Array;
  readonly books: readonly VenueBook[];
  /** The mean time between two packets. @units ns */
  readonly packetGapNs: number;
  /** Trades among others so far. */
  trades = 0;
  readonly #packet: FeedPacket = new FeedPacket();
  readonly #rng: Prng;
  readonly #clock: VenueClock;
  readonly #faults: VenueFaults;
  readonly #perLot: Float64Array;
  readonly #levelLotsMax: number;
  readonly #rowsDrawn: number;
  readonly #tradeWord: number;
  #guest: MarketGuest | undefined;

  /** @throws `FAULT_CONFIG` naming the option. */
  constructor(
    instruments: readonly TortureInstrument[],
    options: TortureMarketOptions,
    parts: {
      readonly rng: Prng;
      readonly clock: VenueClock;
      readonly nowNs: Float64Array;
      readonly faults: VenueFaults;
      readonly onFeedA: FeedSink;
      readonly onFeedB: FeedSink | undefined;
    },
  ) {
    checkKeys("market", options, KEYS);
    const { rowsPerSecond = 200, tradesPerSecond = 10, rowsPerPacket = 2 } = options;
    const { depth = 16, levelLotsMax = 100 } = options;
    checkNumber("market.rowsPerSecond", rowsPerSecond, 1e-6, 1e9);
    checkNumber("market.tradesPerSecond", tradesPerSecond, 0, 1e9);
    checkInteger("market.rowsPerPacket", rowsPerPacket, 1, 64);
    checkDepth(depth);
    this.#levelLotsMax = checkInteger("market.levelLotsMax", levelLotsMax, 1, 1e6);
    this.packetGapNs = (rowsPerPacket / rowsPerSecond) * SECOND_NS;
    this.#rowsDrawn = 2 * rowsPerPacket - 1;
    this.#tradeWord = Math.min(WORD, ((tradesPerSecond * this.packetGapNs) / SECOND_NS) * WORD);
    this.#rng = parts.rng;
    this.#clock = parts.clock;
    this.#faults = parts.faults;
    this.halted = new Uint8Array(instruments.length);
    this.#perLot = Float64Array.from(instruments, (each) => each.instrument.bookLotsPerLot);
    this.books = instruments.map((each, i) => {
      const { bookLotsPerLot } = each.instrument;
      const rng = parts.rng.fork(`book ${i}`);
      return new VenueBook(
        { startTicks: each.startTicks, depth, levelLotsMax, bookLotsPerLot, rng },
        this.#packet,
      );
    });
    const engineIndex = Int32Array.from(instruments, (each) => each.index);
    this.outlet = new FeedOutlet(engineIndex, parts.faults, parts.nowNs, parts.onFeedA, parts.onFeedB);
  }

  /** Sets whose resting orders trades meet. */
  admit(guest: MarketGuest): void {
    this.#guest = guest;
  }

  /** Who was admitted. */
  get guest(): MarketGuest | undefined {
    return this.#guest;
  }

  bestTick(local: number, side: number): number {
    return (this.books[local] as VenueBook).bestTick(side);
  }

  levelBookLots(local: number, side: number, tick: number): number {
    const lots = (this.books[local] as VenueBook).lotsAt(side, side === 0 ? tick : -tick);
    return lots * (this.#perLot[local] as number);
  }

  /** The time from one packet to the next. @units ns */
  drawGapNs(): number {
    return 1 + Math.floor((this.#rng.uint32() / WORD) * 2 * this.packetGapNs);
  }

  /** One packet of one instrument: a few changes of its book and, now and then, a trade. */
  step(): void {
    const rng = this.#rng;
    const word = rng.uint32();
    const local = ((word >>> 16) * this.books.length) >>> 16;
    let rows = 1 + (((word & 0xffff) * this.#rowsDrawn) >>> 16);
    const isTrade = rng.uint32() < this.#tradeWord;
    if (this.halted[local] === 1) return;
    const book = this.books[local] as VenueBook;
    for (; rows > 0; rows--) this.#change(local, book);
    if (isTrade) this.#trade(local, book);
    this.flush(local);
  }

  /** Sends the rows that have gathered as one packet. */
  flush(local: number): void {
    this.outlet.send(this.#packet, local, this.#clock.read(), this);
  }

  /** Sends what there is where the packet has no room for much more. */
  flushIfFull(local: number): void {
    if (this.#packet.isFull) this.flush(local);
  }

  /** Sends the whole book as one packet: emptied, then every level. */
  snapshotFeed(local: number): void {
    const packet = this.#packet;
    (this.books[local] as VenueBook).snapshot(packet);
    if (this.#faults.strikes(VENUE_FAULT.feedSnapshot)) this.#falsify(packet);
    this.flush(local);
  }

  #change(local: number, book: VenueBook): void {
    const word = this.#rng.uint32();
    const side = word & 1;
    const what = (word >>> 1) & 255;
    if (what < DROPS) {
      book.dropBest(side);
      return;
    }
    const lots = 1 + (((word >>> 18) * this.#levelLotsMax) >>> 14);
    if (what < DROPS + IMPROVES && book.canImprove(side)) {
      this.#improve(local, book, side, lots);
      return;
    }
    const level = Math.clz32(((word >>> 9) & 511) << 23) & (book.depth - 1);
    book.set(side, (book.best[side] as number) - level, lots);
  }

  /** A better level comes; where ours rests on the other side at its price, it trades with ours first. */
  #improve(local: number, book: VenueBook, side: number, lots: number): void {
    const guest = this.#guest;
    const key = (book.best[side] as number) + 1;
    const other = 1 - side;
    let left = lots;
    if (guest !== undefined && guest.bestKey(local, other) >= -key) {
      left -= guest.traded(local, other, -key, lots, 0);
    }
    if (left > 0) book.improve(side, left);
  }

  /** Others trade against the best of a side; ours at better prices come first, at the same one in turn. */
  #trade(local: number, book: VenueBook): void {
    const word = this.#rng.uint32();
    const side = word & 1;
    const lots = 1 + (((word >>> 16) * this.#levelLotsMax) >>> 17);
    const guest = this.#guest;
    const key = book.best[side] as number;
    let left = lots;
    this.trades += 1;
    if (guest !== undefined && guest.bestKey(local, side) >= key) {
      left -= guest.traded(local, side, key, lots, book.lotsAt(side, key));
    }
    if (left > 0) book.takeBest(side, left);
  }

  /** A snapshot that is wrong: a level is missing, has another quantity, or crosses the other side. */
  #falsify(packet: FeedPacket): void {
    const code = VENUE_FAULT.feedSnapshot;
    const row = 1 + this.#faults.below(code, packet.count - 1);
    const at = FEED.rows + row * FEED_ROW_STRIDE;
    const { cells } = packet;
    const how = this.#faults.below(code, 3);
    if (how === 0) cells[at + 2] = 0;
    else if (how === 1) cells[at + 2] = (cells[at + 2] as number) + 1 + this.#faults.below(code, 9);
    else {
      const bid = FEED.rows + FEED_ROW_STRIDE;
      cells[bid + 1] = cells[bid + 1 + FEED_ROW_STRIDE] as number;
    }
  }
}

function checkDepth(depth: number): void {
  checkInteger("market.depth", depth, 4, 128);
  if ((depth & (depth - 1)) === 0) return;
  throw new Fault("FAULT_CONFIG", { path: "market.depth", value: depth, expected: "a power of two" });
}
