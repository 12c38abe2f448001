import { canonicalJson, Fault, sha256Hex } from "../base/index.ts";
import type { QueueLevel } from "../book/index.ts";
import { TIME_IN_FORCE } from "../model/index.ts";
import { MatchCommands } from "./match-commands.ts";
import type { MatchOrderId } from "./match-order.ts";
import { MATCH_FLAG, PLACE } from "./match-rows.ts";
import { type MatchingOptions, matchingSettings } from "./matching-options.ts";
import { type MatchOrderView, viewOf } from "./order-view.ts";
import { SAVED_COLUMNS, type SavedMatchingBook, type SavedQueue } from "./saved-matching.ts";

/**
 * The matching of one instrument: orders come, meet in price and time, and what happened stands in `events`.
 *
 * Deterministic: equal commands give equal events and equal hashes; it knows no clock (`advance` tells the time) and draws
 * only from its seed. A command returns undefined, or the refusal that changed nothing.
 *
 * @units prices in ticks, quantities in lots
 * @invariant Lots bought are lots sold; no order trades beyond its limit or its quantity.
 * @cost O(1) for an order that rests or is canceled, O(trades) for one that takes, whatever rests
 * @example
 * ```ts
 * import { MatchingBook } from "tickwright/match";
 * const book = new MatchingBook();
 * book.submit({ id: "a", side: "sell", lots: 5, priceTicks: 101 });
 * book.submit({ id: "b", side: "buy", lots: 3, priceTicks: 102 });
 * book.events.at(1); // => { kind: "traded", id: "b", otherId: "a", priceTicks: 101, lots: 3, leavesLots: 0, otherLeavesLots: 2, reason: "" }
 * book.bestAsk; // => 101
 * book.cancel("c")?.code; // => "MATCH_UNKNOWN_ORDER"
 * ```
 */
export class MatchingBook extends MatchCommands {
  /** @throws `FAULT_CONFIG` for an unknown option or one out of its range. */
  constructor(options: MatchingOptions = {}) {
    super(matchingSettings(options));
  }

  /** The best shown bid, or `NO_BID`. @units ticks */
  get bestBid(): number {
    return this.shown.bestBid;
  }

  /** The best shown ask, or `NO_ASK`. @units ticks */
  get bestAsk(): number {
    return this.shown.bestAsk;
  }

  /** Orders that have not ended. */
  get orderCount(): number {
    return this.rows.live;
  }

  /** The time it was told last. @units ns */
  get nowNs(): number {
    return this.now;
  }

  /** Shown lots at a price of a side. @units ticks, lots */
  shownLots(side: "buy" | "sell", ticks: number): number {
    if ((ticks | 0) !== ticks) {
      throw new Fault("FAULT_INPUT", { path: "match.shownLots", value: ticks, expected: "an integer" });
    }
    return side === "buy" ? this.shown.bidLots(ticks) : this.shown.askLots(ticks);
  }

  /** Up to `depth` shown levels a side, best first; all of them unless said. Allocates. */
  depth(depth: number = Number.MAX_SAFE_INTEGER): {
    readonly bids: QueueLevel[];
    readonly asks: QueueLevel[];
  } {
    if (!(Number.isSafeInteger(depth) && depth >= 1)) {
      const expected = "an integer of at least 1";
      throw new Fault("FAULT_INPUT", { path: "match.depth", value: depth, expected });
    }
    return this.shown.copy(depth);
  }

  /** An order that has not ended, as a value. Allocates. */
  order(id: MatchOrderId): MatchOrderView | undefined {
    const row = this.byId.get(id);
    return row === undefined ? undefined : viewOf(this.rows, row, this.availableOf(row));
  }

  /** SHA-256 of the whole state: equal for books that will answer alike to everything. O(orders). */
  stateHash(): string {
    return sha256Hex(canonicalJson(this.save()));
  }

  /** The whole state as JSON-safe values. O(orders), allocates. */
  save(): SavedMatchingBook {
    const { rows } = this;
    const idOf = (row: number): MatchOrderId => rows.idOf(row) as MatchOrderId;
    const live = this.inSequence();
    const standing = (row: number): number => (rows.place[row] === PLACE.waiting ? 1 : rows.standing(row));
    const queue = (of: typeof this.shown): SavedQueue => ({
      bids: of.rows(1).map((row) => [idOf(row), standing(row)]),
      asks: of.rows(-1).map((row) => [idOf(row), standing(row)]),
    });
    const positions: [number, number][] = [];
    for (const [owner, lots] of this.positions.entries()) if (lots !== 0) positions.push([owner, lots]);
    return {
      ...{ version: 1, nowNs: this.now, sequence: this.sequence, phase: this.phase },
      lastTicks: orNull(this.lastTicks),
      auctionTicks: orNull(this.auctionTicks),
      told: [...this.told].map(orNull),
      bands: [this.lowestRest, this.highestRest],
      followed: this.followed,
      draws: this.draws.state(),
      positions,
      lastList: this.lastList,
      lists: [...this.lists].map(([list, { parent, others, reduces }]) => ({
        ...{ list, parent: parent === 0 ? null : idOf(parent), others: others.map(idOf), reduces },
      })),
      orders: live.map((row) => ({
        id: idOf(row),
        terms: SAVED_COLUMNS.map((column) => rows.term(column, row)),
      })),
      ...{ shown: queue(this.shown), hidden: queue(this.hidden), kept: queue(this.kept) },
      waiting: this.waitingQueues.map(queue),
      trailing: this.trailingRows.map((each) => each.map(idOf)),
      ...{ pegged: this.pegged.map(idOf), ready: this.ready.map(idOf) },
    };
  }

  /**
   * A book that goes on from what was saved, with the options of the book that saved it.
   *
   * @throws `FAULT_INPUT` for what no book has saved
   */
  static restore(saved: SavedMatchingBook, options: MatchingOptions = {}): MatchingBook {
    if (saved?.version !== 1) {
      throw new Fault("FAULT_INPUT", { path: "match.saved.version", value: saved?.version, expected: "1" });
    }
    const book = new MatchingBook(options);
    book.#restore(saved);
    return book;
  }

  #restore(saved: SavedMatchingBook): void {
    const { rows } = this;
    this.now = saved.nowNs;
    this.sequence = saved.sequence;
    this.setPhase(saved.phase);
    this.lastTicks = saved.lastTicks ?? Number.NaN;
    this.auctionTicks = saved.auctionTicks ?? Number.NaN;
    for (const [source, ticks] of saved.told.entries()) this.told[source] = ticks ?? Number.NaN;
    [this.lowestRest, this.highestRest] = saved.bands;
    this.followed = saved.followed;
    this.draws.restore(saved.draws);
    for (const [owner, lots] of saved.positions) this.positions[owner] = lots;
    for (const { id, terms } of saved.orders) {
      const row = rows.take();
      rows.name(row, id);
      for (const [at, column] of SAVED_COLUMNS.entries()) rows.setTerm(column, row, terms[at] as number);
      if (((rows.flags[row] as number) & MATCH_FLAG.pegged) === 0) rows.limit[row] = 0;
      this.byId.set(id, row);
      this.remember(row);
      if (rows.timeInForce[row] === TIME_IN_FORCE.GTD) this.expire(row);
    }
    const rowOf = (id: MatchOrderId): number => this.#rowOf(id);
    this.lastList = saved.lastList;
    rows.hasLists = saved.lastList > 0;
    for (const { list, parent, others, reduces } of saved.lists) {
      this.lists.set(list, {
        parent: parent === null ? 0 : rowOf(parent),
        others: others.map(rowOf),
        reduces,
      });
    }
    const fill = (
      queue: typeof this.shown,
      { bids, asks }: SavedQueue,
      tickOf: (row: number) => number,
    ): void => {
      for (const [side, entries] of [[1, bids] as const, [-1, asks] as const]) {
        for (const [id, lots] of entries) {
          const row = rowOf(id);
          queue.add(row, side, tickOf(row), lots);
          const isIceberg = ((rows.flags[row] as number) & MATCH_FLAG.iceberg) !== 0;
          if (isIceberg && rows.place[row] === PLACE.shown) rows.shown[row >> 3] = lots;
        }
      }
    };
    const tickOf = (row: number): number => rows.tick[row] as number;
    fill(this.shown, saved.shown, tickOf);
    fill(this.hidden, saved.hidden, tickOf);
    fill(this.kept, saved.kept, (row) => this.auctionTick(row));
    for (const [source, queue] of saved.waiting.entries()) {
      fill(this.waitingQueues[source] as typeof this.shown, queue, (row) => rows.stop[row] as number);
    }
    for (const [source, ids] of saved.trailing.entries()) this.trailingRows[source]?.push(...ids.map(rowOf));
    this.pegged.push(...saved.pegged.map(rowOf));
    this.ready.push(...saved.ready.map(rowOf));
    this.isAttentive = true;
  }

  #rowOf(id: MatchOrderId): number {
    const row = this.byId.get(id);
    if (row !== undefined) return row;
    throw new Fault("FAULT_INPUT", {
      path: "match.saved.orders",
      value: id,
      expected: "an order that was saved",
    });
  }
}

function orNull(ticks: number): number | null {
  return Number.isNaN(ticks) ? null : ticks;
}
