import { checkInteger, type Prng } from "../base/index.ts";
import { MAX_TICKS, ROW, SNAPSHOT } from "../model/index.ts";
import type { FeedPacket } from "./feed-record.ts";

/** What a {@link VenueBook} is made from. */
export interface VenueBookOptions {
  /** Where the middle of the book begins. @units ticks */
  readonly startTicks: number;
  /** Levels of each side, without holes. A power of two. */
  readonly depth: number;
  /** The most that a level is given. @units lots */
  readonly levelLotsMax: number;
  readonly bookLotsPerLot: number;
  readonly rng: Prng;
}

/**
 * The other participants' book of one instrument: on each side `depth` levels side by side, so that a move of
 * the best is one level more in front and one less behind, or the other way round.
 *
 * A side is counted in keys, `tick` for bids and `-tick` for asks: a higher key is a better price on both.
 *
 * @units keys in ticks, quantities in lots; rows of the packet in book lots
 * @invariant Never crossed or locked; every level of the window holds at least one lot; every change is a row
 * of the packet.
 * @cost O(1) a change; nothing is allocated.
 */
export class VenueBook {
  /** The best key of each side. */
  readonly best: Int32Array = new Int32Array(2);
  readonly depth: number;
  readonly #mask: number;
  readonly #lots: Int32Array;
  readonly #levelLotsMax: number;
  readonly #perLot: number;
  readonly #rng: Prng;
  readonly #packet: FeedPacket;

  constructor(options: VenueBookOptions, packet: FeedPacket) {
    const { startTicks, depth, levelLotsMax, bookLotsPerLot, rng } = options;
    checkInteger("market.startTicks", startTicks, depth + 2, Math.floor(MAX_TICKS / 16));
    this.depth = depth;
    this.#mask = depth - 1;
    this.#lots = new Int32Array(2 * depth);
    this.#levelLotsMax = levelLotsMax;
    this.#perLot = bookLotsPerLot;
    this.#rng = rng;
    this.#packet = packet;
    this.best[0] = startTicks;
    this.best[1] = -(startTicks + 1);
    for (let i = 0; i < 2 * depth; i++) this.#lots[i] = this.draw();
  }

  /** The price of a key. */
  tick(side: number, key: number): number {
    return side === 0 ? key : -key;
  }

  /** The best price of a side. @units ticks */
  bestTick(side: number): number {
    return side === 0 ? (this.best[0] as number) : -(this.best[1] as number);
  }

  /** The lots of a level; 0 outside of the window. */
  lotsAt(side: number, key: number): number {
    const best = this.best[side] as number;
    if (key > best || key <= best - this.depth) return 0;
    return this.#lots[side * this.depth + (key & this.#mask)] as number;
  }

  /** Gives a level of the window its lots: 1 or more. */
  set(side: number, key: number, lots: number): void {
    this.#lots[side * this.depth + (key & this.#mask)] = lots;
    this.#row(side, key, lots);
  }

  /** Takes the best level away; another begins behind the last. At the end of the scale it is renewed instead. */
  dropBest(side: number): void {
    const best = this.best[side] as number;
    const behind = best - this.depth;
    if (behind < (side === 0 ? 1 : -MAX_TICKS)) {
      this.set(side, best, this.draw());
      return;
    }
    this.#row(side, best, 0);
    this.best[side] = best - 1;
    this.set(side, behind, this.draw());
  }

  /** Whether there is room between the sides for a better level. */
  canImprove(side: number): boolean {
    return (this.best[side] as number) + (this.best[1 - side] as number) < -1;
  }

  /** Adds a level in front of the best; the last one leaves. Ask {@link VenueBook.canImprove} first. */
  improve(side: number, lots: number): void {
    const key = (this.best[side] as number) + 1;
    this.#row(side, key - this.depth, 0);
    this.best[side] = key;
    this.set(side, key, lots);
  }

  /** Takes up to `lots` off the best level and says so as a trade; returns what was taken. */
  takeBest(side: number, lots: number): number {
    const best = this.best[side] as number;
    const has = this.lotsAt(side, best);
    const taken = lots < has ? lots : has;
    this.printTrade(side, best, taken);
    if (taken < has) this.set(side, best, has - taken);
    else this.dropBest(side);
    return taken;
  }

  /** A trade against a side's resting quantity. */
  printTrade(side: number, key: number, lots: number): void {
    this.#packet.row(side === 0 ? ROW.sell : ROW.buy, this.tick(side, key), lots * this.#perLot);
  }

  /** Lots from the best down to `limitKey`, as far as `most`. */
  available(side: number, limitKey: number, most: number): number {
    const best = this.best[side] as number;
    const last = Math.max(limitKey, best - this.depth + 1);
    let lots = 0;
    for (let key = best; key >= last && lots < most; key--) lots += this.lotsAt(side, key);
    return lots < most ? lots : most;
  }

  /** Restates the whole book: both sides emptied, then every level, best first. */
  snapshot(packet: FeedPacket): void {
    packet.row(ROW.clear | SNAPSHOT, 0, 0);
    for (let level = 0; level < this.depth; level++) {
      for (let side = 0; side < 2; side++) {
        const key = (this.best[side] as number) - level;
        const kind = side === 0 ? ROW.bid : ROW.ask;
        packet.row(kind | SNAPSHOT, this.tick(side, key), this.lotsAt(side, key) * this.#perLot);
      }
    }
  }

  /** The lots of a new level. */
  draw(): number {
    return 1 + Math.floor((this.#rng.uint32() * this.#levelLotsMax) / 4294967296);
  }

  #row(side: number, key: number, lots: number): void {
    this.#packet.row(side === 0 ? ROW.bid : ROW.ask, side === 0 ? key : -key, lots * this.#perLot);
  }
}
