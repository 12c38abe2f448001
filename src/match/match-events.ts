import type { MatchOrderId } from "./match-order.ts";

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
 * @shape every column holds `count` events; they stand until the book's next command
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
  readonly ids: (MatchOrderId | undefined)[] = [];
  readonly otherIds: (MatchOrderId | undefined)[] = [];

  /** Writes an event about one order. For the book alone. */
  write(
    kind: number,
    id: MatchOrderId | undefined,
    tick: number,
    lots: number,
    leaves: number,
    reason: number,
  ): void {
    const at = this.count;
    if (at === this.kind.length) this.#grow();
    this.kind[at] = kind;
    this.reason[at] = reason;
    this.tick[at] = tick;
    this.lots[at] = lots;
    this.leaves[at] = leaves;
    this.ids[at] = id;
    this.count = at + 1;
  }

  /** Writes a trade. For the book alone. */
  writeTrade(
    taker: MatchOrderId | undefined,
    maker: MatchOrderId | undefined,
    tick: number,
    lots: number,
    takerLeaves: number,
    makerLeaves: number,
  ): void {
    const at = this.count;
    this.write(MATCH_EVENT.traded, taker, tick, lots, takerLeaves, 0);
    this.otherIds[at] = maker;
    this.otherLeaves[at] = makerLeaves;
  }

  /** An event as a value. Allocates. */
  at(i: number): MatchEvent {
    const kind = KINDS[this.kind[i] as number] as keyof typeof MATCH_EVENT;
    const isTrade = kind === "traded";
    const id = this.ids[i];
    const otherId = isTrade ? this.otherIds[i] : undefined;
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
  }
}

function widened<Column extends Uint8Array | Int32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
