import type { SideSign } from "../model/index.ts";
import { MatchCore } from "./match-core.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { MatchQueue } from "./match-queue.ts";
import { MATCH_FLAG, PLACE } from "./match-rows.ts";
import type { MatchingSettings } from "./matching-options.ts";

/** What waiting orders look at: those on bid and ask look at the price they would trade at. */
export const SOURCE = { last: 0, ask: 1, mark: 2, index: 3, bid: 4 } as const;

const SOURCES = 5;

/**
 * Orders that wait for a price. Per source two queues by trigger price: buy stops and sells if touched want a price at
 * or above theirs, sell stops and buys if touched at or below.
 *
 * @invariant An order becomes active once, in the order of trigger prices as the price reaches them, then of time.
 * @cost a price that triggers nothing O(1), and O(trailing orders of its source) where it is a new extreme
 */
export class MatchTriggers extends MatchCore {
  /** By source: orders at -1 (asks) want the price to rise to them, at +1 (bids) to fall. */
  protected readonly waitingQueues: readonly MatchQueue[];
  readonly #onQuotes: { readonly ask: MatchQueue; readonly bid: MatchQueue };
  protected readonly trailingRows: number[][] = Array.from({ length: SOURCES }, () => []);
  readonly #trailsAsk: readonly number[];
  readonly #trailsBid: readonly number[];
  /** Whether there may be an order that is ready, follows quotes or waits on them. */
  protected isAttentive = false;
  /** Orders that enter the market next, in their turn. */
  protected readonly ready: number[] = [];
  /** Mark and index as they were told. */
  protected readonly told: Float64Array = new Float64Array(SOURCES).fill(Number.NaN);

  constructor(settings: MatchingSettings) {
    super(settings);
    this.waitingQueues = Array.from({ length: SOURCES }, () => new MatchQueue(this.rows));
    const queueOf = (source: number): MatchQueue => this.waitingQueues[source] as MatchQueue;
    this.#onQuotes = { ask: queueOf(SOURCE.ask), bid: queueOf(SOURCE.bid) };
    this.#trailsAsk = this.trailingRows[SOURCE.ask] as number[];
    this.#trailsBid = this.trailingRows[SOURCE.bid] as number[];
  }

  /** What a source says; NaN where it says nothing. */
  protected reference(source: number): number {
    const { shown } = this;
    if (source === SOURCE.last) return this.lastTicks;
    if (source === SOURCE.ask) return shown.hasAsk ? shown.bestAsk : Number.NaN;
    if (source === SOURCE.bid) return shown.hasBid ? shown.bestBid : Number.NaN;
    return this.told[source] as number;
  }

  /** Puts an order among those that wait; one whose price is there already is ready at once. */
  protected wait(row: number): void {
    const { rows } = this;
    const source = rows.trigger[row] as number;
    const now = this.reference(source);
    if (((rows.flags[row] as number) & MATCH_FLAG.trailing) !== 0) {
      (this.trailingRows[source] as number[]).push(row);
      if (rows.stop[row] === NOT_SET && !Number.isNaN(now)) rows.stop[row] = this.#trailed(row, now);
      if (rows.stop[row] === NOT_SET) return;
    }
    this.#enqueue(row);
    if (!Number.isNaN(now) && this.#isReached(row, now)) this.#trigger(row);
  }

  #enqueue(row: number): void {
    const { rows } = this;
    const queue = this.waitingQueues[rows.trigger[row] as number] as MatchQueue;
    queue.add(row, this.#waitsOn(row), rows.stop[row] as number, 1);
    rows.place[row] = PLACE.waiting;
  }

  /** Takes an order out of the queue in which it waits. */
  #leave(row: number): void {
    const queue = this.waitingQueues[this.rows.trigger[row] as number] as MatchQueue;
    queue.remove(row, this.#waitsOn(row), 1);
  }

  /** Which side of its source's queues an order waits on. */
  #waitsOn(row: number): SideSign {
    const isTouched = ((this.rows.flags[row] as number) & MATCH_FLAG.touched) !== 0;
    const wantsRise = (this.rows.side[row] as number) > 0 !== isTouched;
    return wantsRise ? -1 : 1;
  }

  #isReached(row: number, now: number): boolean {
    const stop = this.rows.stop[row] as number;
    return this.#waitsOn(row) < 0 ? now >= stop : now <= stop;
  }

  protected override priceMoved(tick: number): void {
    this.sourceMoved(SOURCE.last, tick);
  }

  /** A source's price is another: trailing triggers follow it, and those it has reached are ready. */
  protected sourceMoved(source: number, now: number): void {
    const trailing = this.trailingRows[source] as number[];
    if (trailing.length > 0) this.#trail(trailing, now);
    const queue = this.waitingQueues[source] as MatchQueue;
    if (queue.orderCount === 0) return;
    while (queue.bestAsk <= now) this.#trigger(queue.front(-1));
    while (queue.bestBid >= now) this.#trigger(queue.front(1));
  }

  /** Whether no order waits on bid or ask. */
  protected get isQuoteless(): boolean {
    const { ask, bid } = this.#onQuotes;
    return (
      ask.orderCount === 0 &&
      bid.orderCount === 0 &&
      this.#trailsAsk.length === 0 &&
      this.#trailsBid.length === 0
    );
  }

  /** Lets orders that wait on bid and ask look at them. */
  protected quotesMoved(): void {
    const { shown } = this;
    if (shown.hasAsk) this.sourceMoved(SOURCE.ask, shown.bestAsk);
    if (shown.hasBid) this.sourceMoved(SOURCE.bid, shown.bestBid);
  }

  /** Moves trailing triggers behind a price. */
  #trail(trailing: readonly number[], now: number): void {
    const { rows } = this;
    for (const row of trailing) {
      const side = rows.side[row] as number;
      const stop = rows.stop[row] as number;
      const to = this.#trailed(row, now);
      if (stop === NOT_SET) {
        rows.stop[row] = to;
        this.#enqueue(row);
      } else if ((stop - to) * side >= (rows.step[row] as number)) {
        this.#leave(row);
        rows.stop[row] = to;
        this.#enqueue(row);
      } else continue;
      this.#tell(MATCH_EVENT.restated, row, MATCH_REASON.trailed);
    }
  }

  /** Where a trailing trigger stands behind a price. */
  #trailed(row: number, now: number): number {
    const { rows } = this;
    const to = now + (rows.side[row] as number) * (rows.trail[row] as number);
    return Math.max(this.settings.lowestTicks, Math.min(this.settings.highestTicks, to));
  }

  #trigger(row: number): void {
    const { rows } = this;
    this.unqueue(row);
    rows.place[row] = PLACE.parked;
    rows.flags[row] = (rows.flags[row] as number) | MATCH_FLAG.triggered;
    this.#tell(MATCH_EVENT.triggered, row, MATCH_REASON.none);
    this.makeReady(row);
  }

  /** An order enters the market in its turn. */
  protected makeReady(row: number): void {
    this.ready.push(row);
    this.isAttentive = true;
  }

  #tell(kind: number, row: number, reason: number): void {
    const { rows } = this;
    const [lots, leaves] = [rows.lots[row >> 1] as number, rows.leaves[row >> 1] as number];
    this.events.write(kind, row, rows.stop[row] as number, lots, leaves, reason);
  }

  protected override unqueue(row: number): void {
    const { rows } = this;
    if (rows.place[row] === PLACE.waiting) {
      this.#leave(row);
    } else drop(this.ready, row);
    if (((rows.flags[row] as number) & MATCH_FLAG.trailing) !== 0) {
      drop(this.trailingRows[rows.trigger[row] as number] as number[], row);
    }
  }

  /** Whether an order waits for its price, be it without a trigger yet. */
  protected isWaiting(row: number): boolean {
    const { rows } = this;
    if (rows.place[row] === PLACE.waiting) return true;
    return this.trailingRows[rows.trigger[row] as number]?.includes(row) === true;
  }

  /** Gives a waiting order another trigger price. */
  protected moveTrigger(row: number, stop: number): void {
    const { rows } = this;
    const isWaiting = rows.place[row] === PLACE.waiting;
    if (!isWaiting || stop !== rows.stop[row]) {
      if (isWaiting) this.#leave(row);
      rows.stop[row] = stop;
      this.#enqueue(row);
    }
    const now = this.reference(rows.trigger[row] as number);
    if (!Number.isNaN(now) && this.#isReached(row, now)) this.#trigger(row);
  }
}

/** A trailing trigger without a price to stand behind. */
export const NOT_SET = -0x80000000;

function drop(rows: number[], row: number): void {
  const at = rows.indexOf(row);
  if (at >= 0) rows.splice(at, 1);
}
