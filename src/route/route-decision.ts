import { FEE_UNITS } from "./route-venue.ts";
import { SLICE_KIND } from "./slices-in-flight.ts";

/** Why a venue got what it got. The numbers are for ever. */
export const ROUTE_WHY = {
  /** Its levels were the cheapest, or posting there saved most. */
  used: 0,
  /** What it shows was protected, and a worse price was taken elsewhere. */
  protectedQuote: 1,
  /** Others were cheaper. */
  dearer: 2,
  /** Its best price is beyond the limit. */
  beyondLimit: 3,
  /** It shows nothing on that side. */
  noSide: 4,
  /** Slices in flight claim all it shows. */
  claimed: 5,
  /** What could be had is below its least order, or no whole steps fit. */
  wholeLots: 6,
  stale: 7,
  halted: 8,
  closed: 9,
  disconnected: 10,
  /** Its learned fill rate is below what the order asks for. */
  unreliable: 11,
  /** Random sizes moved lots to it. */
  jitter: 12,
} as const;

/** A word of {@link ROUTE_WHY}. */
export type RouteWhy = keyof typeof ROUTE_WHY;

const WORDS = Object.keys(ROUTE_WHY) as readonly RouteWhy[];

/** One order to send, as a value. */
export interface RouteSlice {
  readonly id: number;
  readonly venue: number;
  readonly kind: keyof typeof SLICE_KIND;
  readonly lots: number;
  /** The worst price it trades at (take), or where it stands (post). @units ticks */
  readonly limitTicks: number;
  /** How long to wait before it is sent. @units ns */
  readonly delayNs: number;
}

/**
 * What a router has decided, in columns that its next decision writes anew: {@link RouteDecision.slices} copies.
 *
 * @invariant The slices' lots and `unfilledLots` sum to the parent's lots; no slice is beyond the limit.
 */
export class RouteDecision {
  readonly ok = true;
  sliceCount = 0;
  /** The slices: the first `sliceCount` of each column. */
  readonly id: Float64Array;
  readonly venue: Int32Array;
  /** A number of {@link SLICE_KIND}. */
  readonly kind: Uint8Array;
  readonly lots: Float64Array;
  readonly limitTicks: Float64Array;
  readonly delayNs: Float64Array;
  /** By venue: a number of {@link ROUTE_WHY}, and what could be had within the limit. */
  readonly why: Uint8Array;
  readonly availableLots: Float64Array;
  takenLots = 0;
  postedLots = 0;
  /** What the venues in play could not give within the limit. */
  unfilledLots = 0;
  /** Of `postedLots`, what is expected to be filled before the clean-up. */
  expectedLots = 0;
  /** When to cancel what was posted and route what is left; NaN where nothing is posted. */
  cleanUpNs = Number.NaN;
  /** Whether no cheaper division of what is taken exists, score counted (policy sweep: by price). */
  isOptimal = true;
  /**
   * How much cheaper the best division might be, at most; 0 where `isOptimal`, NaN where it might have more lots.
   *
   * @units lots times 1e-8 ticks (sweep: ticks); exact below 2^53
   */
  gapUnits = 0;
  /** Whether the protected best bid is above, or at, the protected best ask. A crossed market binds nobody. */
  isCrossed = false;
  isLocked = false;
  /** What is taken, level by level: the first `fillCount` of each. */
  fillCount = 0;
  readonly fillVenue: Int32Array;
  readonly fillTicks: Float64Array;
  readonly fillLots: Float64Array;
  readonly rate: Float64Array;
  readonly perLot: Float64Array;
  sign = 1;

  constructor(venues: number, levels: number) {
    const slices = venues * 2;
    this.id = new Float64Array(slices);
    this.venue = new Int32Array(slices);
    this.kind = new Uint8Array(slices);
    this.lots = new Float64Array(slices);
    this.limitTicks = new Float64Array(slices);
    this.delayNs = new Float64Array(slices);
    this.why = new Uint8Array(venues);
    this.availableLots = new Float64Array(venues);
    this.fillVenue = new Int32Array(venues * levels);
    this.fillTicks = new Float64Array(venues * levels);
    this.fillLots = new Float64Array(venues * levels);
    this.rate = new Float64Array(venues);
    this.perLot = new Float64Array(venues);
  }

  /** Forgets the decision before. */
  begin(sign: number): void {
    this.sign = sign;
    this.sliceCount = 0;
    this.fillCount = 0;
    this.takenLots = 0;
    this.postedLots = 0;
    this.unfilledLots = 0;
    this.expectedLots = 0;
    this.cleanUpNs = Number.NaN;
    this.isOptimal = true;
    this.gapUnits = 0;
    this.isCrossed = false;
    this.isLocked = false;
    for (let v = 0; v < this.why.length; v++) {
      this.why[v] = ROUTE_WHY.dearer;
      this.availableLots[v] = 0;
    }
  }

  /** Why a venue got what it got. */
  whyOf(venue: number): RouteWhy {
    return WORDS[this.why[venue] as number] as RouteWhy;
  }

  /** The slices as values, which keep. */
  slices(): RouteSlice[] {
    return Array.from({ length: this.sliceCount }, (_, i) => ({
      id: this.id[i] as number,
      venue: this.venue[i] as number,
      kind: this.kind[i] === SLICE_KIND.take ? "take" : "post",
      lots: this.lots[i] as number,
      limitTicks: this.limitTicks[i] as number,
      delayNs: this.delayNs[i] as number,
    }));
  }

  /**
   * What the lots that are taken cost with fees, if the books are as they show: positive is paid, for a sell what is
   * received counts below 0. Exact.
   *
   * @units lots times 1e-8 ticks
   */
  allInUnits(): bigint {
    let sum = 0n;
    for (let i = 0; i < this.fillCount; i++) {
      const venue = this.fillVenue[i] as number;
      const ticks = this.fillTicks[i] as number;
      const fee = Math.abs(ticks) * (this.rate[venue] as number) + (this.perLot[venue] as number);
      const price = BigInt(this.sign * ticks) * BigInt(FEE_UNITS) + BigInt(fee);
      sum += price * BigInt(this.fillLots[i] as number);
    }
    return sum;
  }
}
