import { canonicalJson, Fault, type Refusal, refuse, roundTo, sha256Hex } from "../base/index.ts";
import { type SideSign, sideSign } from "../model/index.ts";
import { LevelMerge } from "./level-merge.ts";
import { Placement } from "./placement.ts";
import type { RouteRefusalCode } from "./refusals.ts";
import { ROUTE_WHY, RouteDecision } from "./route-decision.ts";
import { orderFault, type RouteOrder } from "./route-order.ts";
import { FEE_UNITS, setVolume } from "./route-venue.ts";
import { type RouterOptions, RouterState, type SavedRouter, VENUE_STATUS } from "./router-state.ts";
import { checkSavedRouter } from "./saved-router.ts";
import { jitterSizes } from "./size-jitter.ts";
import { SLICE_KIND } from "./slices-in-flight.ts";
import { TakeSolver } from "./take-solver.ts";

const SECOND = 1_000_000_000;

/**
 * Divides an order for one instrument among venues: what to take where, up to which price, what to post, and when to
 * send each slice. It sends nothing and knows no clock; the caller reports what became of the slices.
 *
 * @units prices in ticks of one grid, quantities in lots, fees in 1e-8 ticks, times in ns
 * @invariant The slices of a decision and its `unfilledLots` sum to the parent's lots.
 * @invariant No slice is beyond the limit; no venue gets more than it shows less what slices in flight claim.
 * @invariant Equal calls in equal order give equal decisions; a refused call leaves `stateHash()` as it was.
 * @cost O(levels taken * venues) at most; over 10 venues with 20 levels 4 to 21 us at p50 (`npm run bench -- route`)
 * @source 17 CFR 242.611 (protected quotes); Cont and Kukanov 2017 (placement)
 * @example
 * ```ts
 * import { SmartOrderRouter } from "tickwright/route";
 * const router = new SmartOrderRouter({
 *   venues: [
 *     { id: "NEAR", fees: [{ takerPerLot: 30_000_000 }], latencyNs: 50_000 },
 *     { id: "FAR", fees: [{ takerPerLot: -20_000_000 }], latencyNs: 200_000 },
 *   ],
 * });
 * router.setBook(0, { bids: [], asks: [{ priceTicks: 100, lots: 5 }] }, 0);
 * router.setBook(1, { bids: [], asks: [{ priceTicks: 100, lots: 3 }] }, 0);
 * const decision = router.route({ side: "buy", lots: 4, nowNs: 1, policy: "cost" });
 * if (!decision.ok) throw new Error(decision.message);
 * decision.slices().map(({ venue, lots, delayNs }) => [venue, lots, delayNs]); // => [[0, 1, 150000], [1, 3, 0]]
 * decision.allInUnits(); // => 39970000000n
 * ```
 */
export class SmartOrderRouter extends RouterState {
  readonly #decision: RouteDecision;
  readonly #merge: LevelMerge;
  readonly #solver: TakeSolver;
  readonly #placement: Placement;
  readonly #before: Float64Array;
  /** The price of what is posted. */
  #postedAt = 0;

  /** @throws `FAULT_CONFIG` naming the option */
  constructor(options: RouterOptions) {
    super(options);
    const venues = this.table.ids.length;
    this.#decision = new RouteDecision(venues, this.books.levels);
    this.#merge = new LevelMerge(this.books, venues);
    this.#solver = new TakeSolver(this.#merge, this.table, this.books, this.searchMax);
    this.#placement = new Placement(this.table.lotStep, this.table.minLots);
    this.#before = new Float64Array(venues);
  }

  /**
   * Decides where an order goes, and counts its slices as in flight: report what becomes of each by `fill` and
   * `end`. The decision is written anew by the next call.
   *
   * @refuses `ROUTE_ORDER_INVALID`, `ROUTE_CAPACITY`, `ROUTE_SIDE_MISSING`, `ROUTE_LIQUIDITY_SHORT`
   */
  route(order: RouteOrder): RouteDecision | Refusal<RouteRefusalCode> {
    const wrong = orderFault(order) ?? this.#capacityFault() ?? this.#sideFault(order);
    if (wrong !== undefined) return wrong;
    const decision = this.#decision;
    const sign = sideSign(order.side);
    decision.begin(sign);
    const limit = order.limitTicks === undefined ? Infinity : sign * order.limitTicks;
    this.#lookAtQuotes(order);
    this.#bringIn(order, sign, order.lots, limit);
    const isProtecting = order.isProtecting !== false && !decision.isCrossed;
    if (order.policy === "passive") {
      this.#place(order, sign, limit);
      this.#bringIn(order, sign, order.lots - decision.postedLots, limit);
    }
    this.#solver.run(sign, isProtecting);
    decision.unfilledLots = this.#solver.unfilled;
    if (order.isWhole === true && decision.unfilledLots > 0) {
      const { unfilledLots } = decision;
      return refuse("ROUTE_LIQUIDITY_SHORT", "lots", order.lots, `at most ${order.lots - unfilledLots} lots`);
    }
    this.#explain();
    this.#jitter(order, isProtecting);
    this.#write(order, sign);
    return decision;
  }

  /** A hash of the whole state. @cost as `save` */
  stateHash(): string {
    return sha256Hex(canonicalJson(this.save()));
  }

  /**
   * A router that goes on from what was saved, with the options of the one that saved it.
   *
   * @throws `FAULT_INPUT` for what no router with these options has saved
   */
  static restore(saved: SavedRouter, options: RouterOptions): SmartOrderRouter {
    const router = new SmartOrderRouter(options);
    router.#restore(saved);
    return router;
  }

  #capacityFault(): Refusal<RouteRefusalCode> | undefined {
    const { live, rowsMax } = this.inFlight;
    if (live + 2 * this.table.ids.length <= rowsMax) return undefined;
    const expected = `at most ${rowsMax}, with two for each venue`;
    return refuse("ROUTE_CAPACITY", "slicesInFlight", live, expected);
  }

  #sideFault({ side, policy }: RouteOrder): Refusal<RouteRefusalCode> | undefined {
    const { count } = this.books;
    const wanted = side === "buy" ? 0 : 1;
    for (let at = wanted; at < count.length; at += 2) if ((count[at] as number) > 0) return undefined;
    if (policy === "passive") for (const levels of count) if (levels > 0) return undefined;
    const name = side === "buy" ? "asks" : "bids";
    return refuse("ROUTE_SIDE_MISSING", name, 0, `a venue that shows ${name}`);
  }

  /** Why a venue is not to be used now, or -1. */
  #absence(venue: number, order: RouteOrder): number {
    const status = this.statuses[venue] as number;
    if (status !== 0) return ROUTE_WHY[VENUE_STATUS[status] as "halted"];
    const ns = this.books.ns[venue] as number;
    if (ns < 0) return ROUTE_WHY.noSide;
    if (order.nowNs - ns > (this.table.staleNs[venue] as number)) return ROUTE_WHY.stale;
    const isBound = order.isProtecting !== false && this.table.isProtected[venue] === 1;
    const isPoor = (this.scorecard.fillRate[venue] as number) < (order.fillRateMin ?? 0);
    return isPoor && !isBound ? ROUTE_WHY.unreliable : -1;
  }

  /** Whether the protected market is crossed or locked. */
  #lookAtQuotes(order: RouteOrder): void {
    let [bid, ask] = [-Infinity, Infinity];
    for (let v = 0; v < this.table.ids.length; v++) {
      if (this.table.isProtected[v] === 0 || this.#absence(v, order) >= 0) continue;
      if ((this.books.count[v * 2] as number) > 0) ask = Math.min(ask, this.books.best(v, 0));
      if ((this.books.count[v * 2 + 1] as number) > 0) bid = Math.max(bid, this.books.best(v, 1));
    }
    this.#decision.isCrossed = bid > ask;
    this.#decision.isLocked = bid === ask;
  }

  /** Brings every venue that can be used into the merge. */
  #bringIn(order: RouteOrder, sign: SideSign, lots: number, limit: number): void {
    const { table, books } = this;
    const merge = this.#merge;
    const decision = this.#decision;
    const side = sign === 1 ? 0 : 1;
    merge.begin(sign, order.policy === "sweep" ? "price" : "allIn", lots);
    merge.cap = limit;
    for (let v = 0; v < table.ids.length; v++) {
      const absence = this.#absence(v, order);
      if (absence >= 0) {
        decision.why[v] = absence;
        continue;
      }
      merge.rate[v] = table.takerRate[v] as number;
      merge.perLot[v] = (table.takerPerLot[v] as number) + (this.scorecard.penalty[v] as number);
      decision.rate[v] = table.takerRate[v] as number;
      decision.perLot[v] = table.takerPerLot[v] as number;
      const available = merge.add(v, limit);
      decision.availableLots[v] = available;
      const step = table.lotStep[v] as number;
      const whole = step === 1 ? available : Math.floor(available / step) * step;
      merge.most[v] = whole < (table.minLots[v] as number) ? 0 : whole;
      if (available > 0) decision.why[v] = merge.most[v] === 0 ? ROUTE_WHY.wholeLots : ROUTE_WHY.dearer;
      else if (books.count[v * 2 + side] === 0) decision.why[v] = ROUTE_WHY.noSide;
      else decision.why[v] = sign * books.best(v, side) > limit ? ROUTE_WHY.beyondLimit : ROUTE_WHY.claimed;
    }
  }

  /** Where a passive order stands: at the best own-side price, and so that it neither locks nor crosses anybody. */
  #postTicks(order: RouteOrder, sign: SideSign, limit: number): number {
    const [take, own] = sign === 1 ? [0, 1] : [1, 0];
    let best = -Infinity;
    let other = Infinity;
    for (let v = 0; v < this.table.ids.length; v++) {
      if (this.#absence(v, order) >= 0) continue;
      if ((this.books.count[v * 2 + own] as number) > 0)
        best = Math.max(best, sign * this.books.best(v, own));
      if ((this.books.count[v * 2 + take] as number) > 0)
        other = Math.min(other, sign * this.books.best(v, take));
    }
    const wanted =
      order.postTicks === undefined ? (best === -Infinity ? limit : best) : sign * order.postTicks;
    return Math.min(wanted, limit, other - 1);
  }

  /** Posts what is worth it. */
  #place(order: RouteOrder, sign: SideSign, limit: number): void {
    const price = this.#postTicks(order, sign, limit);
    const { table, scorecard } = this;
    const placement = this.#placement;
    const { ahead, flow, saving, most } = placement.columns;
    placement.lots.fill(0);
    if (!Number.isFinite(price)) return;
    this.#merge.run();
    const now = this.#merge.average;
    const seconds = (order.horizonNs ?? SECOND) / SECOND;
    for (let v = 0; v < table.ids.length; v++) {
      most[v] = this.#absence(v, order) >= 0 ? 0 : (order.postLotsMax ?? order.lots);
      flow[v] = (table.flowLotsPerS[v] as number) * seconds * (scorecard.postRatio[v] as number);
      ahead[v] = this.#queueAhead(v, sign, price);
      const fee = Math.abs(price) * (table.makerRate[v] as number) + (table.makerPerLot[v] as number);
      const posted = price * FEE_UNITS + fee + (scorecard.penalty[v] as number);
      saving[v] = Number.isNaN(now) ? FEE_UNITS - fee : now - posted;
    }
    this.#decision.postedLots = placement.run(order.lots, order.fillProbabilityMin ?? 0.5);
    if (this.#decision.postedLots === 0) return;
    this.#postedAt = sign * price + 0;
    this.#decision.cleanUpNs = order.nowNs + (order.horizonNs ?? SECOND);
  }

  /** What stands at a price or better on our own side of a venue. */
  #queueAhead(venue: number, sign: SideSign, price: number): number {
    const at = venue * 2 + (sign === 1 ? 1 : 0);
    const row = at * this.books.levels;
    let lots = 0;
    for (let i = 0; i < (this.books.count[at] as number); i++) {
      if (sign * (this.books.ticks[row + i] as number) < price) break;
      lots += this.books.lots[row + i] as number;
    }
    return lots;
  }

  #explain(): void {
    const solver = this.#solver;
    const merge = this.#merge;
    const decision = this.#decision;
    decision.isOptimal = solver.isOptimal;
    decision.gapUnits = solver.gap;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      if ((solver.lots[venue] as number) > 0) {
        decision.why[venue] = solver.forced[venue] === 1 ? ROUTE_WHY.protectedQuote : ROUTE_WHY.used;
      } else if (solver.unfilled > 0 && decision.why[venue] === ROUTE_WHY.dearer) {
        decision.why[venue] = ROUTE_WHY.wholeLots;
      }
    }
  }

  /** Moves what is posted and taken at random; what would trade through a protected quote is put back. */
  #jitter(order: RouteOrder, isProtecting: boolean): void {
    const bps = order.jitterBps ?? 0;
    if (bps === 0) return;
    const { lots } = this.#solver;
    const merge = this.#merge;
    const most = merge.most;
    if (this.#decision.postedLots > 0) {
      const { columns, lots: posted } = this.#placement;
      jitterSizes({ ...columns, lots: posted }, bps, this.draws);
    }
    this.#before.set(lots);
    for (let v = 0; v < lots.length; v++) if (!this.#isInPlay(v)) most[v] = 0;
    const bounds = { lots, most, step: this.table.lotStep, min: this.table.minLots };
    if (!jitterSizes(bounds, bps, this.draws)) return;
    if (isProtecting && this.#solver.tradesThrough()) {
      lots.set(this.#before);
      return;
    }
    let cost = 0;
    for (let i = 0; i < merge.venueCount; i++) {
      const venue = merge.venues[i] as number;
      cost += merge.costOf(venue, lots[venue] as number);
      if ((lots[venue] as number) > (this.#before[venue] as number)) {
        if (this.#before[venue] === 0) this.#decision.why[venue] = ROUTE_WHY.jitter;
      }
    }
    this.#decision.gapUnits += cost - this.#solver.cost;
    this.#decision.isOptimal = this.#decision.gapUnits === 0;
  }

  #isInPlay(venue: number): boolean {
    for (let i = 0; i < this.#merge.venueCount; i++) if (this.#merge.venues[i] === venue) return true;
    return false;
  }

  /** Writes the slices, counts them as in flight, and what they take as claimed. */
  #write(order: RouteOrder, sign: SideSign): void {
    const decision = this.#decision;
    const { lots } = this.#solver;
    const side = sign === 1 ? 0 : 1;
    let slowest = 0;
    for (let v = 0; v < lots.length; v++) {
      const taken = lots[v] as number;
      if (taken === 0) continue;
      decision.fillCount = this.#merge.offered.writeFills(v, taken, decision, decision.fillCount);
      const worst = decision.fillTicks[decision.fillCount - 1] as number;
      this.#slice(v, side, SLICE_KIND.take, taken, worst, 0);
      this.books.claimed[v * 2 + side] = (this.books.claimed[v * 2 + side] as number) + taken;
      decision.takenLots += taken;
      slowest = Math.max(slowest, this.scorecard.latencyNs[v] as number);
    }
    if (order.arrivesTogether !== false) {
      for (let i = 0; i < decision.sliceCount; i++) {
        const latency = this.scorecard.latencyNs[decision.venue[i] as number] as number;
        decision.delayNs[i] = roundTo(slowest - latency, "halfEven");
      }
    }
    if (decision.postedLots === 0) return;
    const { columns } = this.#placement;
    for (let v = 0; v < lots.length; v++) {
      const posted = this.#placement.lots[v] as number;
      if (posted === 0) continue;
      const [flow, ahead] = [columns.flow[v] as number, columns.ahead[v] as number];
      const expected = flow <= 0 ? 0 : flow * Math.exp(-ahead / flow) * (1 - Math.exp(-posted / flow));
      this.#slice(v, side, SLICE_KIND.post, posted, this.#postedAt, expected);
      decision.expectedLots += expected;
      if (lots[v] === 0) decision.why[v] = ROUTE_WHY.used;
    }
  }

  #slice(venue: number, side: number, kind: number, lots: number, ticks: number, expected: number): void {
    const { inFlight } = this;
    const decision = this.#decision;
    const row = inFlight.take();
    inFlight.venue[row] = venue;
    inFlight.side[row] = side;
    inFlight.kind[row] = kind;
    inFlight.lots[row] = lots;
    inFlight.leaves[row] = lots;
    inFlight.limitTicks[row] = ticks;
    inFlight.expected[row] = expected;
    inFlight.bestTicks[row] = kind === SLICE_KIND.take ? this.books.best(venue, side) : 0;
    const at = decision.sliceCount++;
    decision.id[at] = inFlight.id[row] as number;
    decision.venue[at] = venue;
    decision.kind[at] = kind;
    decision.lots[at] = lots;
    decision.limitTicks[at] = ticks;
    decision.delayNs[at] = 0;
  }

  #restore(saved: SavedRouter): void {
    const { table, books } = this;
    const wrong = (path: string, value: unknown, expected: string): Fault =>
      new Fault("FAULT_INPUT", { path: `route.saved.${path}`, value, expected });
    checkSavedRouter(saved, {
      ...{ ids: table.ids, statuses: VENUE_STATUS, levels: books.levels },
      rowsMax: this.inFlight.rowsMax,
    });
    for (const [v, venue] of saved.venues.entries()) {
      const levels = (side: SavedRouter["venues"][number]["asks"]) =>
        side.map(([priceTicks, lots]) => ({ priceTicks, lots }));
      if (venue.ns >= 0) {
        const refused = books.set(v, { asks: levels(venue.asks), bids: levels(venue.bids) }, venue.ns);
        if (refused !== undefined)
          throw wrong(`venues[${v}].${refused.field}`, refused.value, `${refused.expected}`);
      }
      this.statuses[v] = VENUE_STATUS.indexOf(venue.status);
      setVolume(table, v, venue.volumeLots);
      table.flowLotsPerS[v] = venue.flowLotsPerS;
      books.claimed.set(venue.claimed, v * 2);
      this.scorecard.restore(v, venue.score);
    }
    this.inFlight.restore(saved.inFlight);
    this.draws.restore(saved.draws);
  }
}
