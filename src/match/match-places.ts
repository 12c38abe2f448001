import { Prng } from "../base/index.ts";
import type { SideSign } from "../model/index.ts";
import { IdIndex } from "./id-index.ts";
import { MATCH_EVENT, MATCH_REASON, MatchEvents } from "./match-events.ts";
import { MatchQueue } from "./match-queue.ts";
import { MATCH_FLAG, MatchRows, PLACE } from "./match-rows.ts";
import type { MatchingSettings } from "./matching-options.ts";

/** The orders of a book, the queues they stand in, and how they come and go there. */
export class MatchPlaces {
  readonly settings: MatchingSettings;
  /** What the last command did. */
  readonly events: MatchEvents;
  protected readonly rows: MatchRows;
  protected readonly byId: IdIndex;
  protected readonly shown: MatchQueue;
  protected readonly hidden: MatchQueue;
  /** What takes part in an auction alone. */
  protected readonly kept: MatchQueue;
  protected readonly draws: Prng;
  /** All-or-none orders that rest. */
  protected allOrNone = 0;
  /** Icebergs, reduce-only and listed orders in the queues: a level's lots do not say what they would trade. */
  protected unusual = 0;

  constructor(settings: MatchingSettings) {
    this.settings = settings;
    const { ordersMax, seed } = settings;
    this.rows = new MatchRows(ordersMax);
    this.events = new MatchEvents(this.rows);
    this.byId = new IdIndex(this.rows);
    this.shown = new MatchQueue(this.rows);
    this.hidden = new MatchQueue(this.rows);
    this.kept = new MatchQueue(this.rows);
    this.draws = new Prng(seed);
  }

  /** Puts an order into its queue, behind what stands there at its price. */
  protected rest(row: number): void {
    const { rows } = this;
    const flags = rows.flags[row] as number;
    if (flags === 0) {
      const lots = rows.leaves[row >> 1] as number;
      this.shown.add(row, rows.side[row] as SideSign, rows.tick[row] as number, lots);
      rows.place[row] = PLACE.shown;
      if (rows.list[row] !== 0) this.unusual++;
      return;
    }
    const isHidden = (flags & MATCH_FLAG.hidden) !== 0;
    const isIceberg = (flags & MATCH_FLAG.iceberg) !== 0;
    const lots = isIceberg ? this.#partOf(row) : (rows.leaves[row >> 1] as number);
    if (isIceberg) rows.shown[row >> 3] = lots;
    const queue = isHidden ? this.hidden : this.shown;
    queue.add(row, rows.side[row] as SideSign, rows.tick[row] as number, lots);
    rows.place[row] = isHidden ? PLACE.hidden : PLACE.shown;
    this.#came(row);
  }

  #came(row: number): void {
    if (((this.rows.flags[row] as number) & MATCH_FLAG.allOrNone) !== 0) this.allOrNone++;
    if (this.#isUnusual(row)) this.unusual++;
  }

  /** The queue of the market that an order stands in. */
  protected queueOf(row: number): MatchQueue {
    const place = this.rows.place[row];
    return place === PLACE.shown ? this.shown : place === PLACE.hidden ? this.hidden : this.kept;
  }

  /** Takes an order out of its queue; it stays an order, in no place. */
  protected unrest(row: number): void {
    const { rows } = this;
    this.queueOf(row).remove(row, rows.side[row] as SideSign, rows.standing(row));
    this.left(row);
    rows.place[row] = PLACE.parked;
  }

  /** Counts an order that has left its queue. */
  protected left(row: number): void {
    if (this.rows.place[row] === PLACE.auction) return;
    if (((this.rows.flags[row] as number) & MATCH_FLAG.allOrNone) !== 0) this.allOrNone--;
    if (this.#isUnusual(row)) this.unusual--;
  }

  #isUnusual(row: number): boolean {
    const flags = this.rows.flags[row] as number;
    return (flags & APART) !== 0 || this.rows.list[row] !== 0;
  }

  /** Counts an order that was restored. */
  protected remember(row: number): void {
    const place = this.rows.place[row];
    if (place === PLACE.shown || place === PLACE.hidden) this.#came(row);
  }

  /** Makes an order smaller in its place: what is not shown goes first. */
  protected shrink(row: number, by: number): void {
    const { rows } = this;
    const standing = rows.standing(row);
    rows.lots[row >> 1] = (rows.lots[row >> 1] as number) - by;
    const leaves = (rows.leaves[row >> 1] as number) - by;
    rows.leaves[row >> 1] = leaves;
    if (!isQueued(rows.place[row] as number) || standing <= leaves) return;
    this.queueOf(row).shrink(row, rows.side[row] as SideSign, standing - leaves);
    if (((rows.flags[row] as number) & MATCH_FLAG.iceberg) !== 0) rows.shown[row >> 3] = leaves;
  }

  /** Makes an order larger that stands in no queue of the market. */
  protected enlarge(row: number, by: number): void {
    const { rows } = this;
    rows.lots[row >> 1] = (rows.lots[row >> 1] as number) + by;
    rows.leaves[row >> 1] = (rows.leaves[row >> 1] as number) + by;
  }

  /** What a resting order trades next: an iceberg its shown part, any other all it has. */
  protected availableOf(row: number): number {
    return this.rows.standing(row);
  }

  /** Shows the next part of an iceberg, at the end of its price's queue. */
  protected showNext(row: number): void {
    const { rows, shown } = this;
    const lots = this.#partOf(row);
    rows.shown[row >> 3] = lots;
    shown.add(row, rows.side[row] as SideSign, rows.tick[row] as number, lots);
    this.events.write(
      MATCH_EVENT.refreshed,
      row,
      rows.tick[row] as number,
      lots,
      rows.leaves[row >> 1] as number,
      MATCH_REASON.refreshed,
    );
  }

  #partOf(row: number): number {
    const { rows } = this;
    const display = rows.display[row >> 1] as number;
    const jitter = rows.jitter[row >> 1] as number;
    const lots = jitter === 0 ? display : display - jitter + this.draws.below(2 * jitter + 1);
    return Math.min(lots, rows.leaves[row >> 1] as number);
  }

  protected note(kind: number, row: number, lots: number, reason: number): void {
    const { rows } = this;
    this.events.write(kind, row, rows.tick[row] as number, lots, rows.leaves[row >> 1] as number, reason);
  }
}

/** Flags of orders of which a level's lots do not say what they would trade. */
const APART = MATCH_FLAG.reduceOnly | MATCH_FLAG.allOrNone | MATCH_FLAG.iceberg;

/** Whether a place is a queue of the market or of an auction. */
export function isQueued(place: number): boolean {
  return place === PLACE.shown || place === PLACE.hidden || place === PLACE.auction;
}
