import type { BreakKind, Difference, InFlight } from "./break.ts";
import type { ReconRules } from "./options.ts";
import { Pairing } from "./pairing.ts";
import type { FillRow, LocalOrder, LocalView, VenueOrder, VenueSnapshot } from "./view.ts";

/** One comparison under way: both views, who is who, and what was found so far. */
export class Comparison {
  readonly local: LocalView;
  readonly venue: VenueSnapshot;
  readonly rules: ReconRules;
  readonly pairing: Pairing;
  readonly differences: Difference[] = [];
  readonly inFlight: InFlight[] = [];
  /** First client order ids of orders in doubt that agree. */
  readonly agreed: string[] = [];

  constructor(local: LocalView, venue: VenueSnapshot, rules: ReconRules) {
    this.local = local;
    this.venue = venue;
    this.rules = rules;
    this.pairing = new Pairing(local, venue);
  }

  /** Whether the venue had said something by the time of the snapshot: by sequence where both have one. */
  isWithin(venueNs: number, venueSeq: number | undefined): boolean {
    const { asOfNs, asOfSeq } = this.venue;
    if (venueSeq !== undefined && asOfSeq !== undefined) return venueSeq <= asOfSeq;
    return venueNs <= asOfNs;
  }

  /**
   * Whether the venue ought to have had, at the snapshot, what we sent then: by our clock alone where we know when we
   * asked, since the venue's may be off by any amount.
   */
  isDue(sentNs: number): boolean {
    const { ackTimeoutNs, clockErrorNs } = this.rules;
    const { askedNs } = this.local;
    if (askedNs !== undefined) return askedNs - sentNs >= ackTimeoutNs;
    return this.venue.asOfNs - sentNs >= ackTimeoutNs + clockErrorNs;
  }

  /** Whether we ought to have, by now, what the venue did then: by its own clock, or by ours. */
  isTold(venueNs: number): boolean {
    const { ackTimeoutNs, clockErrorNs } = this.rules;
    const isOld = this.venue.asOfNs - venueNs >= ackTimeoutNs;
    return isOld || this.local.nowNs - venueNs >= ackTimeoutNs + clockErrorNs;
  }

  /** Records a difference of this account. */
  differ(difference: Omit<Difference, "account">): void {
    this.differences.push({ account: this.rules.account, ...difference });
  }

  /** Records what may yet agree. */
  wait(kind: BreakKind, key: string, why: InFlight["why"]): void {
    this.inFlight.push({ kind, key, why });
  }
}

/** What the fills say about everything that is made of fills. */
export class FillSums {
  /** Lots the venue's fills have beyond ours, by order. */
  readonly byOrder = new Map<LocalOrder | VenueOrder, number>();
  /** Lots of all our fills, by order. */
  readonly ownByOrder = new Map<LocalOrder | VenueOrder, number>();
  /** Lots of our fills after the snapshot, by order. */
  readonly laterByOrder = new Map<LocalOrder | VenueOrder, number>();
  /** Signed lots the venue's fills have beyond ours, by instrument. */
  readonly byInstrument = new Map<string, number>();
  readonly laterByInstrument = new Map<string, number>();
  /** What the venue's fills moved beyond ours, by currency. */
  readonly byCurrency = new Map<string, bigint>();
  readonly laterByCurrency = new Map<string, bigint>();
  /** Instruments with fills that differ. */
  readonly open = new Set<string>();
  /** A fill that differs or came later does not say what it moved: cash can't be compared. */
  isCashOpen = false;
}

/** Signed lots of a fill: above 0 bought. */
export function signedLots(fill: FillRow): number {
  return fill.side === "buy" ? fill.lots : -fill.lots;
}

/** Adds to the sum of a key. */
export function addLotsTo<Key>(sums: Map<Key, number>, key: Key, lots: number): void {
  sums.set(key, (sums.get(key) ?? 0) + lots);
}
