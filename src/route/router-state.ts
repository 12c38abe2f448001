import {
  checkArray,
  checkInteger,
  checkKeys,
  Prng,
  type PrngState,
  type Refusal,
  refuse,
} from "../base/index.ts";
import type { OrderBook } from "../book/index.ts";
import type { RouteRefusalCode } from "./refusals.ts";
import { type RouteVenue, setVolume, type VenueTable, venueTable } from "./route-venue.ts";
import { Scorecard, type ScorecardOptions, type VenueScore } from "./scorecard.ts";
import { type SavedSlices, SLICE_KIND, SlicesInFlight } from "./slices-in-flight.ts";
import { type RouteBook, VenueBooks } from "./venue-books.ts";

/** What a router is made with. */
export interface RouterOptions {
  readonly venues: readonly RouteVenue[];
  /** Levels of a side that are looked at; 20 unless given. */
  readonly levelsMax?: number;
  /** Slices in flight at one time; 1,024 unless given. */
  readonly slicesMax?: number;
  /** Merges that the search for whole lots may make; 512 unless given. */
  readonly searchMax?: number;
  /** Of random sizes; 1 unless given. */
  readonly seed?: number;
  readonly scorecard?: ScorecardOptions;
}

/** How a venue is. */
export const VENUE_STATUS = ["trading", "halted", "closed", "disconnected"] as const;

/** A word of {@link VENUE_STATUS}. */
export type VenueStatus = (typeof VENUE_STATUS)[number];

/** How a slice ended: whatever it traded, refused by the venue, or never sent. */
export type SliceEnd = "done" | "rejected" | "notSent";

/** The state of a router, JSON-safe. */
export interface SavedRouter {
  readonly version: 1;
  readonly venues: readonly {
    readonly id: string;
    readonly status: VenueStatus;
    readonly volumeLots: number;
    readonly flowLotsPerS: number;
    readonly ns: number;
    readonly asks: readonly (readonly [priceTicks: number, lots: number])[];
    readonly bids: readonly (readonly [priceTicks: number, lots: number])[];
    readonly claimed: readonly [asks: number, bids: number];
    readonly score: VenueScore;
  }[];
  readonly inFlight: SavedSlices;
  readonly draws: PrngState;
}

type Refused = Refusal<RouteRefusalCode> | undefined;

const KEYS = ["venues", "levelsMax", "slicesMax", "searchMax", "seed", "scorecard"];

/** What a router knows of its venues, and the reports that change it. */
export class RouterState {
  protected readonly table: VenueTable;
  protected readonly books: VenueBooks;
  protected readonly scorecard: Scorecard;
  protected readonly inFlight: SlicesInFlight;
  protected readonly draws: Prng;
  protected readonly statuses: Uint8Array;
  protected readonly searchMax: number;

  constructor(options: RouterOptions) {
    checkKeys("route", options, KEYS);
    this.table = venueTable(checkArray("route.venues", options.venues));
    const venues = this.table.ids.length;
    this.books = new VenueBooks(venues, checkInteger("route.levelsMax", options.levelsMax ?? 20, 1, 128));
    this.scorecard = new Scorecard(this.table.latencyNs, options.scorecard);
    this.inFlight = new SlicesInFlight(
      checkInteger("route.slicesMax", options.slicesMax ?? 1024, 1, 1_048_576),
    );
    this.searchMax = checkInteger("route.searchMax", options.searchMax ?? 512, 1, 65_536);
    this.draws = new Prng(checkInteger("route.seed", options.seed ?? 1, 0, 0xffffffff));
    this.statuses = new Uint8Array(venues);
  }

  /** The venues' ids; a venue's number is its place here. */
  get venues(): readonly string[] {
    return this.table.ids;
  }

  /** Slices that have not ended. */
  get slicesInFlight(): number {
    return this.inFlight.live;
  }

  /** What was learned of a venue; undefined for an unknown one. */
  score(venue: number): VenueScore | undefined {
    return this.#isVenue(venue) ? this.scorecard.of(venue) : undefined;
  }

  /** What slices in flight claim of a side. @units lots */
  claimedLots(venue: number, side: "asks" | "bids"): number {
    return this.books.claimed[venue * 2 + (side === "asks" ? 0 : 1)] ?? 0;
  }

  /**
   * Replaces what a venue shows; a side may be empty. Levels beyond `levelsMax` are left out.
   *
   * @refuses `ROUTE_VENUE_UNKNOWN`, `ROUTE_BOOK_INVALID`, `ROUTE_TIME`, `ROUTE_BOOK_CROSSED`
   * @cost O(levels)
   */
  setBook(venue: number, book: RouteBook, ns: number): Refused {
    return this.#venueFault(venue) ?? this.books.set(venue, book, ns);
  }

  /** As {@link RouterState.setBook}, from a book of the room `book`. @cost O(levelsMax), no allocation */
  readBook(venue: number, book: OrderBook, ns: number): Refused {
    return this.#venueFault(venue) ?? this.books.read(venue, book, ns);
  }

  /** Says how a venue is. @refuses `ROUTE_VENUE_UNKNOWN`, `ROUTE_REPORT_INVALID` */
  setStatus(venue: number, status: VenueStatus): Refused {
    const code = VENUE_STATUS.indexOf(status);
    if (code < 0) return refuse("ROUTE_REPORT_INVALID", "status", status, VENUE_STATUS.join(", "));
    return this.#change(venue, () => {
      this.statuses[venue] = code;
    });
  }

  /** Says what was traded at a venue over its fee window: its tier holds from now. @refuses as `setStatus` */
  setVolume(venue: number, lots: number): Refused {
    if (!(Number.isSafeInteger(lots) && lots >= 0)) return invalid("lots", lots, "whole lots of at least 0");
    return this.#change(venue, () => setVolume(this.table, venue, lots));
  }

  /** Says how much takers trade there in a second at the best price of one side. @refuses as `setStatus` */
  setFlow(venue: number, lotsPerS: number): Refused {
    if (!(lotsPerS >= 0 && lotsPerS <= 1e15)) return invalid("lotsPerS", lotsPerS, "0 to 1e15");
    return this.#change(venue, () => {
      this.table.flowLotsPerS[venue] = lotsPerS;
    });
  }

  /** A slice reached its venue after so long. @refuses `ROUTE_SLICE_UNKNOWN`, `ROUTE_REPORT_INVALID` */
  acknowledge(slice: number, latencyNs: number): Refused {
    const row = this.inFlight.rowOf(slice);
    if (row < 0) return unknownSlice(slice);
    if (!(Number.isSafeInteger(latencyNs) && latencyNs >= 0 && latencyNs <= 60_000_000_000)) {
      return invalid("latencyNs", latencyNs, "whole ns up to a minute");
    }
    this.scorecard.acknowledged(this.inFlight.venue[row] as number, latencyNs);
    return undefined;
  }

  /**
   * A slice has traded. Its claim becomes smaller, and what it traded is taken off the level it traded at.
   *
   * @refuses `ROUTE_SLICE_UNKNOWN`, `ROUTE_REPORT_INVALID`, `ROUTE_OVERFILL`
   */
  fill(slice: number, lots: number, priceTicks: number): Refused {
    const { inFlight, books } = this;
    const row = inFlight.rowOf(slice);
    if (row < 0) return unknownSlice(slice);
    if (!(Number.isSafeInteger(lots) && lots > 0)) return invalid("lots", lots, "whole lots above 0");
    const side = inFlight.side[row] as number;
    const limit = inFlight.limitTicks[row] as number;
    const better = side === 0 ? limit - priceTicks : priceTicks - limit;
    if (!(Number.isSafeInteger(priceTicks) && better >= 0)) {
      return invalid("priceTicks", priceTicks, `a price within the slice's ${limit}`);
    }
    const leaves = inFlight.leaves[row] as number;
    if (lots > leaves) return refuse("ROUTE_OVERFILL", "lots", lots, `at most ${leaves}`);
    inFlight.leaves[row] = leaves - lots;
    if (inFlight.kind[row] !== SLICE_KIND.take) return undefined;
    const venue = inFlight.venue[row] as number;
    this.#release(venue, side, lots);
    books.consume(venue, side, priceTicks, lots);
    const best = inFlight.bestTicks[row] as number;
    this.scorecard.improved(venue, Math.max(0, side === 0 ? best - priceTicks : priceTicks - best));
    return undefined;
  }

  /** A slice has ended: what it claimed is free. @refuses `ROUTE_SLICE_UNKNOWN`, `ROUTE_REPORT_INVALID` */
  end(slice: number, how: SliceEnd = "done"): Refused {
    const { inFlight } = this;
    const row = inFlight.rowOf(slice);
    if (row < 0) return unknownSlice(slice);
    if (how !== "done" && how !== "rejected" && how !== "notSent") {
      return invalid("how", how, "done, rejected or notSent");
    }
    const venue = inFlight.venue[row] as number;
    const [lots, leaves] = [inFlight.lots[row] as number, inFlight.leaves[row] as number];
    const isTaking = inFlight.kind[row] === SLICE_KIND.take;
    if (isTaking) this.#release(venue, inFlight.side[row] as number, leaves);
    const expected = inFlight.expected[row] as number;
    inFlight.release(row);
    if (how === "notSent") return undefined;
    const wasRejected = how === "rejected";
    if (isTaking) this.scorecard.taken(venue, lots - leaves, lots, wasRejected);
    else this.scorecard.posted(venue, lots - leaves, expected, wasRejected);
    return undefined;
  }

  /** How far the mid had moved our way some time after a fill. @units ticks @refuses as `setStatus` */
  markout(venue: number, ticks: number): Refused {
    if (!(Math.abs(ticks) <= 1e9)) return invalid("ticks", ticks, "a number of ticks");
    return this.#change(venue, () => this.scorecard.markedOut(venue, ticks));
  }

  /** The whole state, JSON-safe. @cost O(venues * levels + slices), allocates */
  save(): SavedRouter {
    const { table, books } = this;
    return {
      version: 1,
      venues: table.ids.map((id, v) => ({
        id,
        status: VENUE_STATUS[this.statuses[v] as number] as VenueStatus,
        volumeLots: table.volumeLots[v] as number,
        flowLotsPerS: table.flowLotsPerS[v] as number,
        ns: books.ns[v] as number,
        asks: books.pairs(v, 0),
        bids: books.pairs(v, 1),
        claimed: [books.claimed[v * 2] as number, books.claimed[v * 2 + 1] as number],
        score: this.scorecard.of(v),
      })),
      inFlight: this.inFlight.save(),
      draws: this.draws.state(),
    };
  }

  #release(venue: number, side: number, lots: number): void {
    const at = venue * 2 + side;
    this.books.claimed[at] = (this.books.claimed[at] as number) - lots;
  }

  #change(venue: number, change: () => void): Refused {
    const wrong = this.#venueFault(venue);
    if (wrong === undefined) change();
    return wrong;
  }

  #isVenue(venue: number): boolean {
    return Number.isSafeInteger(venue) && venue >= 0 && venue < this.table.ids.length;
  }

  #venueFault(venue: number): Refused {
    if (this.#isVenue(venue)) return undefined;
    return refuse(
      "ROUTE_VENUE_UNKNOWN",
      "venue",
      venue,
      `a number within 0 and ${this.table.ids.length - 1}`,
    );
  }
}

function unknownSlice(slice: number): Refusal<RouteRefusalCode> {
  return refuse("ROUTE_SLICE_UNKNOWN", "slice", slice, "a slice in flight");
}

function invalid(field: string, value: unknown, expected: string): Refusal<RouteRefusalCode> {
  return refuse("ROUTE_REPORT_INVALID", field, value, expected);
}
