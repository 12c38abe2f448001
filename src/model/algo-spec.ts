import type { Side } from "./side.ts";

/** What becomes of a short-fall when a slice ends: spread over the rest, wanted at once, or given up. */
export type CatchUp = "spread" | "aggressive" | "drop";

/**
 * What becomes of what is left at the end: `cancel` ends with it undone; `cross` takes it within the last `cleanupNs`;
 * `carry` sends nothing more and leaves what rests where it rests.
 */
export type Residual = "cancel" | "cross" | "carry";

/**
 * What every parent order has.
 *
 * @units `lots`, `...Lots` lots; `...Ticks` ticks; `...Ns` nanoseconds, `startNs` and `endNs` from the session's base
 */
export interface ParentTerms {
  /** Key or symbol of the instrument. */
  readonly instrument: string;
  readonly side: Side;
  /** The whole quantity. */
  readonly lots: number;
  /** No child is sent beyond it; without limit unless given. */
  readonly limitTicks?: number;
  /** When the first child may be sent; at once unless given. */
  readonly startNs?: number;
  /** No child is sent at or after it, and what works then is canceled. */
  readonly endNs?: number;
  /** Written on every child; `algo-` and the parent's number unless given. */
  readonly tag?: string;
  /** Of all that is drawn; a draw of the strategy's own generator unless given. */
  readonly seed?: number;
  /**
   * Which share of each slice is spent crossing: 1 takes at once, 0 never; 0.2 unless given. Before that the child
   * joins its own side, then stands in the middle.
   */
  readonly urgency?: number;
  /** How far beyond the best price of the other side a crossing child may trade; 0 unless given. */
  readonly throughTicks?: number;
  /** A resting child this far from where it should be is moved; 1 unless given. */
  readonly requoteTicks?: number;
  /** A resting child stands at least so long before it is moved to follow the market; 1 s unless given. */
  readonly requoteNs?: number;
  /** After a refusal, a rejection or a crossing child that found too little, nothing is sent for so long; 0.5 s. */
  readonly retryNs?: number;
  /** So many refusals and rejections in a row end the parent; 10 unless given. */
  readonly refusalsMax?: number;
  /** The least of a child; the instrument's least unless given. */
  readonly minChildLots?: number;
  /** The most of a child; the instrument's most unless given. */
  readonly maxChildLots?: number;
  /** The least worth of a child, in the quote currency, as a decimal: `"5"`. */
  readonly minNotional?: string;
  /** What was sent stays within this share of all volume since the start, own executions in it; 0 to 1. */
  readonly maxParticipation?: number;
  /** Whether own executions are among the prints of the feed: so live; not over a tape. True unless given. */
  readonly ownPrints?: boolean;
  /** Prints of at least so many lots are blocks and count for nothing. */
  readonly blockLots?: number;
  /** The volume expected between start and end. A parent larger than it is refused. */
  readonly marketLots?: number;
  /** `cancel` unless given. */
  readonly residual?: Residual;
  /** The time before the end that `cross` has; a twentieth of the whole unless given. */
  readonly cleanupNs?: number;
}

/** Of parents that are worked in slices. */
export interface SliceTerms {
  readonly endNs: number;
  /** `spread` unless given. */
  readonly catchUp?: CatchUp;
  /** A slice wants at most so many times what was planned for it; 2 unless given. */
  readonly maxCatchUp?: number;
  /** Moments are drawn within this share of their slice, up and down; TWAP 0.1, others 0 unless given; at most 0.5. */
  readonly timeJitter?: number;
  /** Quantities are drawn within this share of the plan's, up and down; TWAP 0.1, others 0 unless given; below 1. */
  readonly sizeJitter?: number;
}

/** Equal quantities at equal distances. */
export interface TwapSpec extends ParentTerms, SliceTerms {
  readonly algo: "twap";
  readonly endNs: number;
  /** 10 unless given. */
  readonly slices?: number;
}

/** Quantities that follow a curve of volume. */
export interface VwapSpec extends ParentTerms, SliceTerms {
  readonly algo: "vwap";
  readonly endNs: number;
  /** How much of the volume is expected in each of so many equal parts of the time: weights, of any sum. */
  readonly curve: readonly number[];
  /** Moves the target by how much volume really came, against `marketLots`; false unless given. */
  readonly rescales?: boolean;
  /** With `rescales`: what is still expected is measured by the volume of so long a time before now; of all unless given. */
  readonly lookbackNs?: number;
  /** At most so far ahead of the curve, as a share of the whole; a slice's quantity at its beginning unless given. */
  readonly lead?: number;
  /** Further behind the curve than this, as a share of the whole, children cross; never unless given. */
  readonly lag?: number;
  /** What goes into the auctions that begin and end the time; `curve` is for what is between them. */
  readonly auctions?: AuctionTerms;
}

/**
 * The shares of a parent that auctions get: one child each, resting at `limitTicks`, whatever the book looks like then.
 *
 * @units shares of the whole quantity, 0 to 1 together; ns from the session's base
 */
export interface AuctionTerms {
  /** From the start until the auction is over. What it leaves is worked with the curve. */
  readonly opening?: { readonly share: number; readonly untilNs: number };
  /** From when the auction is called until the end. It gets what the curve left, too, unless `catchUp` is `drop`. */
  readonly closing?: { readonly share: number; readonly fromNs: number };
}

/** A share of the volume, as it comes. */
export interface PovSpec extends ParentTerms {
  readonly algo: "pov";
  readonly endNs: number;
  /** The share of all volume, own executions in it: above 0, below 1. */
  readonly participation: number;
  /** The ladder of urgency begins anew after each; 10 s unless given. */
  readonly intervalNs?: number;
  /** The most of one interval. */
  readonly maxSliceLots?: number;
  /**
   * What becomes of what an interval missed: `aggressive` wants all of it in the next; `spread` at most `maxCatchUp`
   * times what the interval's own volume allows; `drop` gives it up. `aggressive` unless given.
   */
  readonly catchUp?: CatchUp;
  /** 2 unless given. */
  readonly maxCatchUp?: number;
}

/**
 * What Almgren and Chriss's schedule depends on.
 *
 * @units ticks, lots and seconds: `sigma` ticks per square root of a second, `eta` ticks per lot a second, `gamma`
 * ticks per lot, `epsilon` ticks, `riskAversion` per (tick times lot)
 */
export interface ImpactTerms {
  /** 0 gives equal slices. Not with `urgency`. */
  readonly riskAversion?: number;
  /**
   * In place of a risk aversion, 0 to below 1: the one at which holdings fall by e in `(1 - urgency) / urgency` of the
   * whole time.
   */
  readonly urgency?: number;
  readonly sigma: number;
  /** Temporary impact; above `gamma` times half a slice. */
  readonly eta: number;
  /** Permanent impact; 0 unless given. */
  readonly gamma?: number;
  /** Half of the spread and fees; 0 unless given. */
  readonly epsilon?: number;
}

/** Implementation shortfall: Almgren and Chriss's balance of impact and risk. */
export interface ShortfallSpec extends ParentTerms, SliceTerms {
  readonly algo: "shortfall";
  readonly endNs: number;
  readonly impact: ImpactTerms;
  /** 10 unless given. */
  readonly slices?: number;
  /** When what is left is planned anew while it works; never unless given. */
  readonly replan?: ReplanTerms;
}

/**
 * When an implementation shortfall is planned anew: at the begin of a slice, where what was measured since the last
 * plan is this many times what was planned with, or less than that part of it.
 */
export interface ReplanTerms {
  /** Of `sigma`, by the mids at the begin of each slice; above 1. */
  readonly volatility?: number;
  /** Of the volume that `marketLots` spreads evenly over the time; `eta` moves against it; above 1. */
  readonly volume?: number;
  /** Slices measured before it is planned anew; 3 unless given. */
  readonly slices?: number;
}

/** Shows a part at its limit; the next part when that is done. */
export interface IcebergSpec extends ParentTerms {
  readonly algo: "iceberg";
  readonly limitTicks: number;
  readonly displayLots: number;
  /** Each part is drawn from `displayLots` up and down by this; 0 unless given. */
  readonly displayJitterLots?: number;
  /** The next part waits for a time drawn below this; 0 unless given. */
  readonly refreshNs?: number;
}

/** Takes what the book shows, up to a limit, at once. */
export interface SweepSpec extends ParentTerms {
  readonly algo: "sweep";
  readonly limitTicks: number;
  /** Levels taken at most; 20 unless given. */
  readonly levels?: number;
  /** Refused where less is shown up to the limit; 1 unless given. */
  readonly minLots?: number;
}

/** What an execution algorithm is asked to do. */
export type AlgoSpec = TwapSpec | VwapSpec | PovSpec | ShortfallSpec | IcebergSpec | SweepSpec;

/** The word for each algorithm. */
export type AlgoKind = AlgoSpec["algo"];
