import { ROW } from "../model/index.ts";
import { FEED, FEED_ROW_STRIDE, FeedPacket } from "./feed-record.ts";
import { VENUE_FAULT, type VenueFaults } from "./venue-faults.ts";

/** Takes one feed packet; `cells` is reused after the call. */
export type FeedSink = (cells: Float64Array, length: number) => void;

const NO_TICK = -0x80000000;

/** Where the market is, for faults that are wrong about it. @units ticks, book lots */
export interface FeedMarket {
  bestTick(local: number, side: number): number;
  levelBookLots(local: number, side: number, tick: number): number;
}

/**
 * The way out of a venue's feed packets: numbers them, and loses, repeats, holds up or spoils what the faults
 * say.
 *
 * @invariant Packet numbers of an instrument rise by 1 from 1 over what was made, whatever became of it. A
 * level that a fault invented is put right by the instrument's next packet.
 */
export class FeedOutlet {
  /** Packets made, by instrument. */
  readonly packetSeq: Float64Array;
  /** Rows sent on channel A. */
  rowsSent = 0;
  readonly #faults: VenueFaults;
  readonly #nowNs: Float64Array;
  readonly #onA: FeedSink;
  readonly #onB: FeedSink | undefined;
  readonly #engineIndex: Int32Array;
  readonly #staleUntilNs: Float64Array;
  readonly #held: (FeedPacket | undefined)[];
  readonly #isHeld: Uint8Array;
  /** A tick that a fault put into the book of the feed, by instrument, and its side. */
  readonly #wrongTick: Int32Array;
  readonly #wrongSide: Uint8Array;
  readonly #other: FeedPacket = new FeedPacket();

  constructor(
    engineIndex: Int32Array,
    faults: VenueFaults,
    nowNs: Float64Array,
    onA: FeedSink,
    onB: FeedSink | undefined,
  ) {
    const instruments = engineIndex.length;
    this.packetSeq = new Float64Array(instruments);
    this.#engineIndex = engineIndex;
    this.#faults = faults;
    this.#nowNs = nowNs;
    this.#onA = onA;
    this.#onB = onB;
    this.#staleUntilNs = new Float64Array(instruments);
    this.#held = new Array<FeedPacket | undefined>(instruments).fill(undefined);
    this.#isHeld = new Uint8Array(instruments);
    this.#wrongTick = new Int32Array(instruments).fill(NO_TICK);
    this.#wrongSide = new Uint8Array(instruments);
  }

  /** Closes a packet, sends it and clears it. A packet without rows is none. */
  send(packet: FeedPacket, local: number, exchNs: number, market: FeedMarket): void {
    if (packet.count === 0) return;
    const { packetSeq } = this;
    this.#spoil(packet, local, market);
    const seq = (packetSeq[local] as number) + 1;
    packetSeq[local] = seq;
    packet.close(this.#engineIndex[local] as number, seq, exchNs);
    if (!this.#withholds(packet, local)) {
      this.#deliver(packet);
      if (this.#faults.strikes(VENUE_FAULT.feedDuplicate)) this.#deliver(packet);
      this.#release(local);
    }
    packet.clear();
  }

  /** Whether the packet does not go out now. */
  #withholds(packet: FeedPacket, local: number): boolean {
    const faults = this.#faults;
    const now = this.#nowNs[0] as number;
    if (now < (this.#staleUntilNs[local] as number)) return true;
    if (faults.strikes(VENUE_FAULT.feedStale)) {
      this.#staleUntilNs[local] = now + (faults.delayNs[VENUE_FAULT.feedStale] as number);
      return true;
    }
    if (faults.strikes(VENUE_FAULT.feedGap)) return true;
    if (this.#isHeld[local] === 1 || !faults.strikes(VENUE_FAULT.feedReorder)) return false;
    const held = this.#held[local] ?? new FeedPacket();
    this.#held[local] = held;
    held.copy(packet);
    this.#isHeld[local] = 1;
    return true;
  }

  /** Sends what was held back behind the packet that overtook it. */
  #release(local: number): void {
    if (this.#isHeld[local] === 0) return;
    this.#isHeld[local] = 0;
    this.#deliver(this.#held[local] as FeedPacket);
  }

  #deliver(packet: FeedPacket): void {
    this.rowsSent += packet.count;
    const onB = this.#onB;
    if (onB === undefined) {
      this.#onA(packet.cells, packet.length);
      return;
    }
    const faults = this.#faults;
    if (!faults.strikes(VENUE_FAULT.feedDiverge)) {
      this.#onA(packet.cells, packet.length);
      onB(packet.cells, packet.length);
      return;
    }
    const other = this.#other;
    other.copy(packet);
    const row = faults.below(VENUE_FAULT.feedDiverge, other.count);
    const at = FEED.rows + row * FEED_ROW_STRIDE + 2;
    other.cells[at] = (other.cells[at] as number) + 1;
    const isA = faults.below(VENUE_FAULT.feedDiverge, 2) === 0;
    this.#onA(isA ? other.cells : packet.cells, packet.length);
    onB(isA ? packet.cells : other.cells, packet.length);
  }

  /** Adds rows that are not true, and those that put right what earlier ones said. */
  #spoil(packet: FeedPacket, local: number, market: FeedMarket): void {
    const faults = this.#faults;
    const wrong = this.#wrongTick[local] as number;
    if (wrong !== NO_TICK) {
      const side = this.#wrongSide[local] as number;
      packet.row(side === 0 ? ROW.bid : ROW.ask, wrong, market.levelBookLots(local, side, wrong));
      this.#wrongTick[local] = NO_TICK;
      return;
    }
    if (faults.strikes(VENUE_FAULT.feedCrossed)) {
      const side = faults.below(VENUE_FAULT.feedCrossed, 2);
      const beyond = 1 + faults.below(VENUE_FAULT.feedCrossed, 3);
      const tick = market.bestTick(local, 1 - side) + (side === 0 ? beyond : -beyond);
      if (tick > 0) this.#invent(packet, local, side, tick);
    } else if (faults.strikes(VENUE_FAULT.feedLocked)) {
      const side = faults.below(VENUE_FAULT.feedLocked, 2);
      this.#invent(packet, local, side, market.bestTick(local, 1 - side));
    } else if (faults.strikes(VENUE_FAULT.feedFatPrice)) {
      const far = market.bestTick(local, 1) * 10;
      if (faults.below(VENUE_FAULT.feedFatPrice, 2) === 0) packet.row(ROW.buy, far, 1);
      else this.#invent(packet, local, 0, far);
    } else if (faults.strikes(VENUE_FAULT.feedZeroPrice)) {
      const tick = -faults.below(VENUE_FAULT.feedZeroPrice, 2) * market.bestTick(local, 0);
      if (faults.below(VENUE_FAULT.feedZeroPrice, 2) === 0) packet.row(ROW.sell, tick, 1);
      else this.#invent(packet, local, 1, tick);
    }
  }

  #invent(packet: FeedPacket, local: number, side: number, tick: number): void {
    packet.row(side === 0 ? ROW.bid : ROW.ask, tick, 1);
    this.#wrongTick[local] = tick;
    this.#wrongSide[local] = side;
  }
}
