import { MATCH_TYPE, type MatchOrderId, type MatchOrderType } from "./match-order.ts";
import { type MatchRows, NOT_WAITING, PLACE } from "./match-rows.ts";
import { NOT_SET } from "./match-triggers.ts";

/** An order that has not ended. @units ticks, lots */
export interface MatchOrderView {
  readonly id: MatchOrderId;
  readonly side: "buy" | "sell";
  readonly type: MatchOrderType;
  /** `parked`: a peg or a trailing stop without a price, or an order whose parent lives. */
  readonly place: "parked" | "shown" | "hidden" | "waiting" | "auction";
  readonly owner: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly leavesLots: number;
  /** What others can see of it. */
  readonly shownLots: number;
  readonly stopTicks?: number;
}

const TYPES = Object.keys(MATCH_TYPE) as MatchOrderType[];
const PLACES = ["parked", "parked", "shown", "hidden", "waiting", "auction"] as const;

/** An order's columns as a value. */
export function viewOf(rows: MatchRows, row: number, available: number): MatchOrderView {
  const place = rows.place[row] as number;
  const stop = rows.stop[row] as number;
  return {
    id: rows.idOf(row) as MatchOrderId,
    side: (rows.side[row] as number) > 0 ? "buy" : "sell",
    type: TYPES[rows.type[row] as number] as MatchOrderType,
    place: PLACES[place] ?? "parked",
    owner: rows.owner[row] as number,
    priceTicks: rows.tick[row] as number,
    lots: rows.lots[row >> 1] as number,
    leavesLots: rows.leaves[row >> 1] as number,
    shownLots: place === PLACE.shown ? available : 0,
    ...(stop === NOT_WAITING || stop === NOT_SET ? {} : { stopTicks: stop }),
  };
}
