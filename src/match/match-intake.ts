import { type Refusal, refuse } from "../base/index.ts";
import { type SideSign, sideSign, TIME_IN_FORCE } from "../model/index.ts";
import { ExpiryHeap } from "./expiry-heap.ts";
import { MatchAuction } from "./match-auction.ts";
import { checkOrder, isAtMarket } from "./match-check.ts";
import { MATCH_EVENT, MATCH_REASON } from "./match-events.ts";
import { MATCH_TYPE, type MatchOrder, type MatchOrderId, PEG, SELF_MATCH } from "./match-order.ts";
import { MATCH_FLAG, NOT_WAITING, PLACE } from "./match-rows.ts";
import { NOT_SET, SOURCE } from "./match-triggers.ts";
import type { MatchRefusalCode } from "./refusals.ts";

type Refused = Refusal<MatchRefusalCode> | undefined;

/** Types whose trigger a falling price reaches for a buy. */
const TOUCHED = new Set<number>([MATCH_TYPE.marketIfTouched, MATCH_TYPE.limitIfTouched]);

/** What an order has to be like to be taken, and its way to where it begins. */
export class MatchIntake extends MatchAuction {
  protected readonly expiries: ExpiryHeap = new ExpiryHeap();
  protected now = 0;
  protected sequence = 0;

  protected mayEnter(
    order: MatchOrder,
    isLater: boolean,
    more = 1,
    others?: ReadonlySet<MatchOrderId>,
  ): Refused {
    const refused = checkOrder(order, this.settings, this.now);
    if (refused !== undefined) return refused;
    if (this.byId.has(order.id) || others?.has(order.id) === true)
      return refuse("MATCH_DUPLICATE_ID", "id", order.id, "an id of no order that lives");
    const { ownersMax, ordersMax } = this.settings;
    const { owner = 0 } = order;
    if (!(Number.isSafeInteger(owner) && owner >= 0 && owner < ownersMax)) {
      return refuse("MATCH_OWNER_UNKNOWN", "owner", owner, `an integer within 0 to ${ownersMax - 1}`);
    }
    const kept = this.#mayTrade(order, isLater);
    if (kept !== undefined || this.rows.live + more <= ordersMax) return kept;
    return refuse("MATCH_CAPACITY", "orders", this.rows.live, `at most ${ordersMax} orders`);
  }

  #mayTrade(order: MatchOrder, isLater: boolean): Refused {
    const { phase } = this;
    const { type = "limit", timeInForce = isAtMarket(order) ? "IOC" : "GTC" } = order;
    if (phase === "halted" || phase === "closed")
      return refuse("MATCH_PHASE", "phase", phase, "cancels only");
    const isWaiting = type !== "limit" && type !== "market";
    if (
      this.isAuction &&
      !isWaiting &&
      (timeInForce === "FOK" || (timeInForce === "IOC" && type === "limit"))
    ) {
      return refuse(
        "MATCH_PHASE",
        "timeInForce",
        timeInForce,
        `an order that can wait for the ${phase} auction`,
      );
    }
    const ended = timeInForce === "atOpen" && phase !== "opening";
    if (ended) return refuse("MATCH_PHASE", "timeInForce", timeInForce, "an opening auction to come");
    if (isWaiting || isLater || !this.isContinuous) return undefined;
    const side = sideSign(order.side);
    if (
      order.postOnly === true &&
      order.peg === undefined &&
      this.crosses(side, order.priceTicks as number)
    ) {
      return refuse(
        "MATCH_POST_ONLY_WOULD_TAKE",
        "priceTicks",
        order.priceTicks,
        "a price that takes nothing",
      );
    }
    if (order.reduceOnly === true) {
      const position = this.positions[order.owner ?? 0] as number;
      if (position * side >= 0) {
        return refuse("MATCH_REDUCE_ONLY_WOULD_OPEN", "reduceOnly", position, "a position on the other side");
      }
    }
    return undefined;
  }

  protected admit(id: MatchOrderId, side: SideSign, tick: number, lots: number, owner: number): number {
    const row = this.rows.admit(id, side, tick, lots, owner, ++this.sequence);
    this.byId.set(id, row);
    return row;
  }

  protected accept(order: MatchOrder): number {
    this.isAttentive = true;
    const { rows, settings } = this;
    const side = sideSign(order.side);
    const type = MATCH_TYPE[order.type ?? "limit"];
    const isMarket = isAtMarket(order);
    const tick = order.priceTicks ?? (side > 0 ? settings.highestTicks : settings.lowestTicks);
    const row = this.admit(order.id, side, tick, order.lots, order.owner ?? 0);
    const {
      displayLots,
      displayJitterLots = 0,
      postOnly = false,
      peg,
      minLots = 0,
      trigger = "last",
    } = order;
    const isIceberg = displayLots !== undefined && (displayLots < order.lots || displayJitterLots > 0);
    let flags = isMarket ? MATCH_FLAG.market : 0;
    if (postOnly !== false) flags |= MATCH_FLAG.postOnly;
    if (postOnly === "reprice") flags |= MATCH_FLAG.reprice;
    if (order.reduceOnly === true) flags |= MATCH_FLAG.reduceOnly;
    if (order.hidden === true || peg !== undefined) flags |= MATCH_FLAG.hidden;
    if (order.allOrNone === true) flags |= MATCH_FLAG.allOrNone;
    if (isIceberg) flags |= MATCH_FLAG.iceberg;
    if (peg !== undefined) flags |= MATCH_FLAG.pegged;
    if (type === MATCH_TYPE.trailingStop) flags |= MATCH_FLAG.trailing;
    if (TOUCHED.has(type)) flags |= MATCH_FLAG.touched;
    rows.flags[row] = flags;
    rows.type[row] = type;
    rows.timeInForce[row] = TIME_IN_FORCE[order.timeInForce ?? (isMarket ? "IOC" : "GTC")];
    rows.selfMatch[row] = SELF_MATCH[order.selfMatch ?? "none"];
    rows.stop[row] = order.stopTicks ?? (type === MATCH_TYPE.trailingStop ? NOT_SET : NOT_WAITING);
    const isWaiting = rows.stop[row] !== NOT_WAITING;
    const source = trigger === "bidAsk" ? (side > 0 ? SOURCE.ask : SOURCE.bid) : SOURCE[trigger];
    rows.trigger[row] = isWaiting ? source : 0;
    rows.trail[row] = order.trailTicks ?? 0;
    rows.step[row] = order.trailStepTicks ?? (order.trailTicks === undefined ? 0 : 1);
    rows.guard[row] = order.guardTicks ?? (isMarket ? -1 : 0);
    rows.peg[row] = peg === undefined ? 0 : PEG[peg.to];
    rows.limit[row] = peg === undefined ? 0 : tick;
    rows.offset[row] = peg?.offsetTicks ?? 0;
    rows.display[row >> 1] = isIceberg ? (displayLots ?? 0) : 0;
    rows.jitter[row >> 1] = isIceberg ? displayJitterLots : 0;
    rows.minLots[row >> 3] = minLots;
    rows.expireNs[row >> 1] = order.expireNs ?? 0;
    if (order.expireNs !== undefined) this.expire(row);
    this.note(MATCH_EVENT.accepted, row, order.lots, MATCH_REASON.none);
    return row;
  }

  /** Puts an order among those that end at a time. */
  protected expire(row: number): void {
    const { rows, expiries } = this;
    expiries.add(rows.expireNs[row >> 1] as number, rows.seq[row >> 1] as number, row);
    if (expiries.size > 2 * rows.live + 64)
      expiries.keep((seq, of) => rows.place[of] !== PLACE.none && rows.seq[of >> 1] === seq);
  }

  /** An accepted order goes to where it begins. */
  protected override start(row: number): void {
    const isTriggered = ((this.rows.flags[row] as number) & MATCH_FLAG.triggered) !== 0;
    const isWaiting = this.rows.stop[row] !== NOT_WAITING && !isTriggered;
    const isPegged = ((this.rows.flags[row] as number) & MATCH_FLAG.pegged) !== 0;
    const isKept = this.rows.timeInForce[row] === TIME_IN_FORCE.atClose && this.isContinuous;
    if (!isWaiting && !isPegged && (this.isAuction || isKept)) this.gather(row);
    else this.begin(row);
  }
}
