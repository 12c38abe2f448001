import { canonicalJson, Prng } from "../base/index.ts";
import { NO_ASK, NO_BID } from "../book/index.ts";
import type { SideSign, TapeCounts } from "../model/index.ts";
import { BookLevels } from "./book-levels.ts";
import { type BookWatch, ClosedBook, OWNER } from "./closed-book.ts";
import { BOOK_MAX, type MatchingVenueSettings } from "./closed-market-options.ts";
import { CrowdBook } from "./crowd-book.ts";
import { FeedRows } from "./feed-rows.ts";
import { LuldGuard, type TickBands } from "./luld-guard.ts";
import { MarketFlow } from "./market-flow.ts";
import { MARKET_CAUSES } from "./market-generator-book.ts";
import { MarketFeed } from "./market-generator-feed.ts";
import { ParticipantDesk } from "./participant.ts";

const NEVER = Number.POSITIVE_INFINITY;
const OWNERS_MAX = 1_024;
/** Rounds of bands and quotes after one command: bands move orders, orders move quotes. */
const ROUNDS = 8;

interface Acting {
  readonly name: string;
  readonly desk: ParticipantDesk;
  readonly act: (desk: ParticipantDesk) => number;
  nextNs: number;
}

/**
 * A market with everybody in one matching book: a seeded crowd, participants, and us. It goes on by itself from event
 * to event; whoever commands its book from outside calls `settle` after it.
 *
 * @units ns from the session's base, ticks, lots
 * @invariant Equal options and equal commands at equal times give equal rows and events.
 * @cost One event of the crowd is some commands to a `MatchingBook`; memory for the orders that stand.
 */
export class ClosedMarket implements BookWatch {
  readonly floor: ClosedBook;
  readonly rows: FeedRows = new FeedRows();
  /** When the market itself does something next, Infinity when it is over. */
  readonly nextNs: Float64Array;
  readonly desks: ReadonlyMap<string, ParticipantDesk>;
  readonly luld: LuldGuard | undefined;
  readonly #settings: MatchingVenueSettings;
  readonly #crowd: CrowdBook;
  readonly #flow: MarketFlow;
  readonly #feed: MarketFeed;
  readonly #acting: readonly Acting[];
  #diffNs = NEVER;
  #phaseAt = 0;
  #bands: TickBands | undefined;
  #isLive = false;
  #isOver = false;

  constructor(settings: MatchingVenueSettings) {
    const { crowd, startNs, luld, instrument, participants } = settings;
    const rng = new Prng(crowd.seed);
    this.#settings = settings;
    this.floor = new ClosedBook({
      allocation: settings.allocation,
      ...{ lowestTicks: 1, highestTicks: BOOK_MAX, ownersMax: OWNERS_MAX, seed: crowd.seed >>> 0 },
    });
    const { floor } = this;
    const [bids, asks] = [new BookLevels(floor.book, 1), new BookLevels(floor.book, -1)];
    this.#feed = new MarketFeed(crowd, bids, asks, rng.fork("latency"), (exchNs, localNs, kind, tick, lots) =>
      this.rows.push(exchNs, localNs, kind, tick, lots),
    );
    const limits = { reachTicks: crowd.reachTicks, highestTicks: BOOK_MAX };
    this.#crowd = new CrowdBook(floor, limits, rng.fork("cancel"), crowd.priceTicks);
    const from = startNs - crowd.warmUpNs;
    this.#flow = new MarketFlow(crowd, this.#crowd, rng, from);
    floor.advance(from);
    this.#flow.begin();
    this.#flow.draw();
    while ((this.#flow.nextNs[0] as number) < startNs) this.#flow.event();
    floor.advance(startNs);
    this.#crowd.counts.fill(0);
    this.#flow.fundamental.jumps = 0;
    this.luld = luld === undefined ? undefined : new LuldGuard(luld, instrument, startNs);
    this.#acting = participants.map(({ name, act }, i) => {
      const desk = new ParticipantDesk(floor, OWNER.first + i, startNs, () => this.settle());
      return { name, desk, act, nextNs: startNs };
    });
    this.desks = new Map(this.#acting.map(({ name, desk }) => [name, desk]));
    floor.watch = this;
    floor.feed = this.#feed;
    floor.trades = 0;
    this.nextNs = new Float64Array([startNs]);
  }

  /** The price that informed traders know. @units ticks, not rounded */
  get fundamentalTicks(): number {
    return this.#flow.fundamental.ticks;
  }

  /** Half the sum of best bid and best ask; NaN where one is missing. */
  get midTicks(): number {
    const { bestBid, bestAsk } = this.floor.book;
    return bestBid === NO_BID || bestAsk === NO_ASK ? Number.NaN : (bestBid + bestAsk) / 2;
  }

  /** The share of its time that has passed. */
  get passed(): number {
    const { startNs, endNs } = this.#settings;
    return this.#isOver ? 1 : Math.max(0, this.floor.nowNs - startNs) / (endNs - startNs);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What makes it, as JSON-safe words and numbers; latencies and fees are the venue's. */
  describe(): Readonly<Record<string, unknown>> {
    const { luld, phases, participants, allocation, crowd, permanentTicksPerLot } = this.#settings;
    const { instrument: _instrument, startNs: _startNs, witness: _witness, rows: _rows, ...flows } = crowd;
    return {
      crowd: JSON.parse(canonicalJson(flows)) as unknown,
      ...(permanentTicksPerLot > 0 ? { permanentTicksPerLot } : {}),
      ...{ phases, allocation, luld: luld ?? null, participants: participants.map(({ name }) => name) },
    };
  }

  /** How often each cause changed the book since the start, trades, messages, pauses. */
  get counts(): TapeCounts {
    const counts: Record<string, number> = {
      ...{ messages: this.#feed.messages, trades: this.floor.trades, jumps: this.#flow.fundamental.jumps },
      ...(this.luld === undefined ? {} : this.#luldCounts(this.luld)),
    };
    for (const [i, cause] of MARKET_CAUSES.entries())
      counts[`${cause}Events`] = this.#crowd.counts[i] as number;
    return counts;
  }

  #luldCounts({ limits, pauses, extensions }: LuldGuard): TapeCounts {
    return { limitStates: limits, pauses, extensions };
  }

  /** Does what is next. `nextNs` says when that is. */
  live(): void {
    const now = this.nextNs[0] as number;
    this.floor.advance(now);
    if (!this.#isLive) this.#begin();
    else if (now >= this.#settings.endNs) this.#end();
    else if (now === this.#luldNs()) this.#reopen(now);
    else if (now === this.#phaseNs()) this.#turn();
    else if (now === this.#diffNs) this.#tell();
    else if (now === Math.floor(this.#flow.nextNs[0] as number)) this.#flow.event();
    else this.#act(now);
    this.settle();
  }

  /** After a command to the book: bands and pauses follow, and what is to be told. */
  settle(): void {
    const now = this.floor.nowNs;
    for (let i = 0; i < ROUNDS && this.#guard(now); i++);
    const { crowd, endNs } = this.#settings;
    if (this.#isLive && this.floor.isContinuous) this.#feed.quote(now);
    if (this.#feed.pending && this.#diffNs === NEVER && this.#isLive) {
      const { diffIntervalNs } = crowd.feed;
      if (diffIntervalNs === 0 || this.#isOver) this.#tell();
      else this.#diffNs = Math.min(endNs, now + diffIntervalNs - (now % diffIntervalNs));
    }
    this.#next();
  }

  // --- what the book tells ---

  traded(tick: number, lots: number, side: SideSign | 0, taker: number): void {
    this.luld?.traded(tick, this.floor.nowNs);
    const isOurs = taker === OWNER.own || taker >= OWNER.first;
    if (side === 0 || !isOurs) return;
    this.#flow.makers.saw(side, lots);
    const { permanentTicksPerLot } = this.#settings;
    if (permanentTicksPerLot > 0) this.#flow.fundamental.shift(side * lots * permanentTicksPerLot);
  }

  reopened(priceTicks: number): void {
    const price = Number.isNaN(priceTicks) ? this.midTicks : priceTicks;
    const { luld } = this;
    const now = this.floor.nowNs;
    if (luld === undefined || !luld.isOpen(now)) return;
    luld.opened(Number.isNaN(price) ? this.#flow.fundamental.ticks : price, now);
  }

  // --- events ---

  #begin(): void {
    this.#isLive = true;
    if (this.#phaseNs() === this.floor.nowNs) this.#turn();
    this.floor.begin();
  }

  /** The market is over: the book stays as it is for what is still on its way. */
  #end(): void {
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    this.#diffNs = NEVER;
    if (this.floor.isContinuous) this.#feed.diff(this.floor.nowNs);
  }

  #turn(): void {
    const { startNs, phases } = this.#settings;
    const now = this.floor.nowNs;
    for (let at = phases[this.#phaseAt]; at !== undefined && startNs + at.atNs <= now; ) {
      this.floor.turn(at.phase);
      this.#phaseAt += 1;
      at = phases[this.#phaseAt];
    }
  }

  #act(now: number): void {
    const acting = this.#acting.find(({ nextNs }) => nextNs === now);
    if (acting === undefined) return;
    acting.nextNs = NEVER;
    const at = acting.act(acting.desk) + this.#settings.startNs;
    acting.nextNs = at > now ? at : NEVER;
  }

  // --- price bands ---

  /** Tells the plan where the quotes are and the book where its bands are; whether to look again. */
  #guard(now: number): boolean {
    const { luld, floor } = this;
    if (luld === undefined || !floor.isContinuous || !this.#isLive) return false;
    if (luld.isOpen(now)) {
      const { bestBid, bestAsk } = floor.book;
      if (luld.bands(now) === undefined) this.reopened(Number.NaN);
      const [bid, ask] = [
        bestBid === NO_BID ? Number.NaN : bestBid,
        bestAsk === NO_ASK ? Number.NaN : bestAsk,
      ];
      luld.quoted(bid, ask, now);
      if (luld.isPaused) {
        this.#bands = undefined;
        floor.setBands();
        floor.turn("volatility");
        return false;
      }
    }
    const bands = luld.bands(now);
    const isSame =
      bands?.lowerTicks === this.#bands?.lowerTicks && bands?.upperTicks === this.#bands?.upperTicks;
    if (isSame) return false;
    this.#bands = bands;
    floor.setBands(bands);
    return true;
  }

  /** The end of a pause: its auction, where collars let it. Else time alone has changed something: `settle` sees it. */
  #reopen(now: number): void {
    const { luld, floor } = this;
    const { book } = floor;
    if (luld?.isPaused !== true || now < luld.nextNs(now) || book.phase !== "volatility") return;
    const price = book.indicative()?.priceTicks ?? Number.NaN;
    if (luld.mayReopen(price, book.marketSurplusLots(), now)) floor.turn("continuous");
  }

  #luldNs(): number {
    const { luld, floor } = this;
    if (luld === undefined) return NEVER;
    if (luld.isPaused && floor.book.phase !== "volatility") return NEVER;
    const next = luld.nextNs(floor.nowNs);
    return next > floor.nowNs || luld.isPaused ? next : NEVER;
  }

  #phaseNs(): number {
    const at = this.#settings.phases[this.#phaseAt];
    return at === undefined ? NEVER : this.#settings.startNs + at.atNs;
  }

  #next(): void {
    let next = NEVER;
    if (!this.#isOver) {
      next = Math.min(
        ...[this.#settings.endNs, this.#luldNs(), this.#phaseNs(), this.#diffNs],
        Math.floor(this.#flow.nextNs[0] as number),
      );
      for (const { nextNs } of this.#acting) if (nextNs < next) next = nextNs;
    }
    this.nextNs[0] = this.#isLive ? next : this.#settings.startNs;
  }
}
