import type { MatchOrderId } from "./match-order.ts";
import type { RowNames } from "./text-index.ts";

/**
 * What happened, as small numbers. `accepted` precedes everything else of an order; `canceled`, `expired` and a `traded`
 * with nothing left end one. `restated` is another price or quantity that nobody asked for: a peg that follows, a band,
 * a self match. `priced` is an auction's price and volume. Codes stand in journals: never renumbered.
 */
export const MATCH_EVENT = {
  accepted: 0,
  traded: 1,
  canceled: 2,
  expired: 3,
  replaced: 4,
  restated: 5,
  triggered: 6,
  refreshed: 7,
  released: 8,
  phase: 9,
  priced: 10,
} as const;

/** Why, by code: the place in this list. Never renumbered. */
export const MATCH_REASONS = [
  "",
  "asked",
  "iocRemainder",
  "fokNotFillable",
  "noLiquidity",
  "minLots",
  "selfMatch",
  "oneCancelsOther",
  "parentEnded",
  "reduceOnlyWouldOpen",
  "dayEnded",
  "gtdReached",
  "auctionEnded",
  "postOnlyWouldTake",
  "pegged",
  "band",
  "refreshed",
  "massCancel",
  "trailed",
  "interrupted",
  "unpegged",
] as const;

/** A word of {@link MATCH_REASONS}. */
export type MatchReason = (typeof MATCH_REASONS)[number];

/** The code of a reason. */
export const MATCH_REASON = Object.freeze(
  Object.fromEntries(MATCH_REASONS.map((word, code) => [word === "" ? "none" : word, code])),
) as Readonly<Record<Exclude<MatchReason, ""> | "none", number>>;

/** One event as a value. @units `priceTicks` ticks; `lots`, `leavesLots`, `otherLeavesLots` lots */
export interface MatchEvent {
  readonly kind: keyof typeof MATCH_EVENT;
  /** The order it is about; of a trade the one that took. Absent in events of the book. */
  readonly id?: MatchOrderId;
  /** A trade's resting order. */
  readonly otherId?: MatchOrderId;
  readonly priceTicks: number;
  readonly lots: number;
  readonly leavesLots: number;
  readonly otherLeavesLots: number;
  readonly reason: MatchReason;
}

const KINDS = Object.keys(MATCH_EVENT) as (keyof typeof MATCH_EVENT)[];
const FIRST_ROOM = 256;

/**
 * The events of the last command, in columns: no object is made before one is asked for.
 *
 * @shape every column holds `count` events; they, and what `idAt` says, stand until the book's next command
 * @units `tick` ticks; `lots`, `leaves`, `otherLeaves` lots
 * @cost writing one O(1), no allocation once the columns have grown to the largest command
 */
export class MatchEvents {
  count = 0;
  kind: Uint8Array = new Uint8Array(FIRST_ROOM);
  reason: Uint8Array = new Uint8Array(FIRST_ROOM);
  tick: Int32Array = new Int32Array(FIRST_ROOM);
  lots: Float64Array = new Float64Array(FIRST_ROOM);
  leaves: Float64Array = new Float64Array(FIRST_ROOM);
  otherLeaves: Float64Array = new Float64Array(FIRST_ROOM);
  #rows: Int32Array = new Int32Array(FIRST_ROOM);
  #otherRows: Int32Array = new Int32Array(FIRST_ROOM);
  readonly #names: RowNames;

  /** A row tells its order's id until the next command, also of an order that has ended. */
  constructor(names: RowNames) {
    this.#names = names;
  }

  /** The order that an event is about; of a trade the one that took. Undefined in events of the book. */
  idAt(i: number): MatchOrderId | undefined {
    return i < this.count ? this.#names.idOf(this.#rows[i] as number) : undefined;
  }

  /** A trade's resting order. */
  otherIdAt(i: number): MatchOrderId | undefined {
    const isTrade = i < this.count && this.kind[i] === MATCH_EVENT.traded;
    return isTrade ? this.#names.idOf(this.#otherRows[i] as number) : undefined;
  }

  /** Writes an event about one order, or with row 0 about the book. For the book alone. */
  write(kind: number, row: number, tick: number, lots: number, leaves: number, reason: number): void {
    const at = this.count;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = kind;
    this.reason[at] = reason;
    this.tick[at] = tick;
    this.lots[at] = lots;
    this.leaves[at] = leaves;
    this.#rows[at] = row;
    this.count = at + 1;
  }

  /** Writes a trade. For the book alone. */
  writeTrade(
    taker: number,
    maker: number,
    tick: number,
    lots: number,
    takerLeaves: number,
    makerLeaves: number,
  ): void {
    const at = this.count;
    this.write(MATCH_EVENT.traded, taker, tick, lots, takerLeaves, 0);
    this.#otherRows[at] = maker;
    this.otherLeaves[at] = makerLeaves;
  }

  /** An event as a value. Allocates. */
  at(i: number): MatchEvent {
    const kind = KINDS[this.kind[i] as number] as keyof typeof MATCH_EVENT;
    const isTrade = kind === "traded";
    const id = this.idAt(i);
    const otherId = this.otherIdAt(i);
    return {
      kind,
      ...(id === undefined ? {} : { id }),
      ...(otherId === undefined ? {} : { otherId }),
      priceTicks: this.tick[i] as number,
      lots: this.lots[i] as number,
      leavesLots: this.leaves[i] as number,
      otherLeavesLots: isTrade ? (this.otherLeaves[i] as number) : 0,
      reason: MATCH_REASONS[this.reason[i] as number] as MatchReason,
    };
  }

  /** All of them as values, in their order. Allocates. */
  list(): MatchEvent[] {
    const all: MatchEvent[] = [];
    for (let i = 0; i < this.count; i++) all.push(this.at(i));
    return all;
  }

  #grow(): void {
    const room = this.kind.length * 2;
    this.kind = widened(this.kind, new Uint8Array(room));
    this.reason = widened(this.reason, new Uint8Array(room));
    this.tick = widened(this.tick, new Int32Array(room));
    this.lots = widened(this.lots, new Float64Array(room));
    this.leaves = widened(this.leaves, new Float64Array(room));
    this.otherLeaves = widened(this.otherLeaves, new Float64Array(room));
    this.#rows = widened(this.#rows, new Int32Array(room));
    this.#otherRows = widened(this.#otherRows, new Int32Array(room));
  }
}

function widened<Column extends Uint8Array | Int32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
