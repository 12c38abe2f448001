import { checkInteger, checkKeys, Fault, type Refusal, refuse } from "../base/index.ts";
import { type Break, breakName, compareBreaks, type Difference } from "./break.ts";
import { isCovered } from "./break-coverage.ts";
import { checkLocalView, checkSnapshot } from "./check-views.ts";
import { checkReconOptions, RECON_OPTIONS, type ReconOptions, type ReconRules } from "./options.ts";
import { compareViews, type Reconciliation } from "./reconcile.ts";
import type { ReconRefusalCode } from "./refusals.ts";
import { checkSavedBook } from "./saved-book.ts";
import type { LocalView, VenueSnapshot } from "./view.ts";

/** Options of a {@link ReconBook}. */
export interface ReconBookOptions extends ReconOptions {
  /** The most breaks open at once; 4,096 unless given. */
  readonly breaksMax?: number;
}

/** What a comparison changed. Every list is in the order in which actions are applied. JSON-safe. */
export interface ReconReport extends Omit<Reconciliation, "differences"> {
  /** Breaks seen for the first time. */
  readonly opened: readonly Break[];
  /** Breaks confirmed now. */
  readonly confirmed: readonly Break[];
  /** Breaks that are gone, as they were seen last. */
  readonly resolved: readonly Break[];
  /** Confirmed breaks that this comparison saw: their actions are to be taken, now and from this data. */
  readonly due: readonly Break[];
  /** Breaks open after this comparison, unconfirmed ones and those it could not see included. */
  readonly open: number;
}

/** The state of a {@link ReconBook}, JSON-safe. */
export interface SavedReconBook {
  readonly last: { readonly asOfNs: number; readonly asOfSeq: number | null; readonly nowNs: number } | null;
  readonly breaks: readonly Break[];
}

/**
 * Breaks over successive snapshots of one account at one venue: what is new, what is confirmed, what is gone.
 *
 * A break is confirmed after `confirmations` consecutive mismatches with the same difference, or once it is older than
 * `graceNs`. A comparison that does not cover it (the section was not asked for, the order is in flight) neither
 * counts nor resolves.
 *
 * @units ns from the session's base
 * @invariant A refused snapshot changes nothing. Applying the actions of `due` to the local view, and answering its
 * queries, ends in no breaks and in what the venue holds.
 * @refuses as `reconcile`, then `RECON_AS_OF_CROSSED` (time and sequence in different directions),
 * `RECON_SNAPSHOT_STALE` (not later than the last one), `RECON_CLOCK_BACKWARDS`, `RECON_BREAKS_FULL`
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` naming a row of our own view.
 * @cost `update` O(rows + breaks); at most `breaksMax` breaks are held.
 * @example
 * ```ts
 * import { ReconBook } from "tickwright/recon";
 * const scope = { venue: "x", account: "main" };
 * const book = new ReconBook({ ...scope, ackTimeoutNs: 1e9, graceNs: 60e9, orphans: "cancel" });
 * const view = { ...scope, orders: [], fills: [], positions: [{ instrument: "ABC", lots: 3 }], cash: [] };
 * const positions = [{ instrument: "ABC", lots: 5 }];
 * const fills = { fills: [], fillsThroughNs: 2e9 };
 * const first = book.update({ ...view, nowNs: 1e9 }, { ...scope, asOfNs: 1e9, positions });
 * "ok" in first ? first.code : first.due.length; // => 0
 * const second = book.update({ ...view, nowNs: 2e9 }, { ...scope, asOfNs: 2e9, positions, ...fills });
 * "ok" in second ? second.code : second.due[0]?.action; // => { type: "haltSymbol", instrument: "ABC", lots: 2 }
 * ```
 */
export class ReconBook {
  readonly rules: ReconRules;
  readonly #breaksMax: number;
  #breaks = new Map<string, Break>();
  #last: SavedReconBook["last"] = null;

  constructor(options: ReconBookOptions) {
    checkKeys("recon", options, [...RECON_OPTIONS, "breaksMax"]);
    const { breaksMax, ...rest } = options;
    this.#breaksMax = checkInteger("recon.breaksMax", breaksMax ?? 4096, 1, 1 << 20);
    this.rules = checkReconOptions(rest);
  }

  /** Every open break, in the order in which actions are applied. */
  breaks(): readonly Break[] {
    return [...this.#breaks.values()].sort(compareBreaks);
  }

  /** Compares what we hold with a snapshot that is later than the last one. */
  update(local: LocalView, venue: VenueSnapshot): ReconReport | Refusal<ReconRefusalCode> {
    const refusal = checkSnapshot(venue, this.rules);
    if (refusal !== undefined) return refusal;
    checkLocalView(local, this.rules);
    const late = this.#checkTime(local, venue);
    if (late !== undefined) return late;
    const found = compareViews(local, venue, this.rules);
    const { nowNs } = local;
    const seen = found.differences.map((difference) => this.#seenAgain(difference, nowNs));
    const names = new Set([...seen, ...found.inFlight].map(breakName));
    const others = this.breaks().filter((each) => !names.has(breakName(each)));
    const resolved = others.filter((each) => isCovered(each, local, venue));
    const kept = this.#kept(seen, resolved, nowNs);
    if (kept.size > this.#breaksMax) {
      return refuse("RECON_BREAKS_FULL", "breaks", kept.size, `at most ${this.#breaksMax} breaks`);
    }
    const opened = seen.filter((each) => !this.#breaks.has(breakName(each)));
    const confirmed = [...kept.values()].filter((each) => this.#isNewlyConfirmed(each)).sort(compareBreaks);
    this.#breaks = kept;
    this.#last = { asOfNs: venue.asOfNs, asOfSeq: venue.asOfSeq ?? this.#last?.asOfSeq ?? null, nowNs };
    return {
      asOfNs: found.asOfNs,
      nowNs,
      opened,
      confirmed,
      resolved,
      due: seen.filter((each) => each.isConfirmed),
      open: kept.size,
      inFlight: found.inFlight,
      agreed: found.agreed,
    };
  }

  /**
   * Confirms the breaks that are older than `graceNs`, without a snapshot, and returns them: a human may be called.
   * Their actions wait for the next comparison, which must see them with fresh data.
   *
   * @refuses `RECON_CLOCK_BACKWARDS`
   */
  expire(nowNs: number): readonly Break[] | Refusal<ReconRefusalCode> {
    const lastNs = this.#last?.nowNs ?? nowNs;
    if (!(Number.isSafeInteger(nowNs) && nowNs >= lastNs)) {
      return refuse("RECON_CLOCK_BACKWARDS", "nowNs", nowNs, `a whole number of ns of at least ${lastNs}`);
    }
    const kept = this.#kept([], [], nowNs);
    const confirmed = [...kept.values()].filter((each) => this.#isNewlyConfirmed(each)).sort(compareBreaks);
    this.#breaks = kept;
    if (this.#last !== null) this.#last = { ...this.#last, nowNs };
    return confirmed;
  }

  /** The whole state, JSON-safe. */
  save(): SavedReconBook {
    return { last: this.#last, breaks: this.breaks() };
  }

  /**
   * Takes the state that `save` wrote, in place of what is held.
   *
   * @throws `FAULT_INPUT` for anything else, and nothing changes.
   */
  load(saved: SavedReconBook): void {
    checkSavedBook(saved, this.rules.account, this.#breaksMax);
    const breaks = new Map(saved.breaks.map((each) => [breakName(each), each]));
    if (breaks.size < saved.breaks.length) {
      throw new Fault("FAULT_INPUT", { path: "saved.breaks", expected: "each break once" });
    }
    this.#breaks = breaks;
    this.#last = saved.last;
  }

  #checkTime(local: LocalView, venue: VenueSnapshot): Refusal<ReconRefusalCode> | undefined {
    const last = this.#last;
    if (last === null) return undefined;
    const time = Math.sign(venue.asOfNs - last.asOfNs);
    const isCounted = venue.asOfSeq !== undefined && last.asOfSeq !== null;
    const sequence = isCounted ? Math.sign((venue.asOfSeq as number) - (last.asOfSeq as number)) : 0;
    if (time * sequence < 0) {
      const value = `${venue.asOfNs} ns, sequence ${venue.asOfSeq}`;
      const expected = `time and sequence on one side of ${last.asOfNs} ns, ${last.asOfSeq}`;
      return refuse("RECON_AS_OF_CROSSED", "venue.asOfNs", value, expected);
    }
    if (time + sequence <= 0) {
      return refuse("RECON_SNAPSHOT_STALE", "venue.asOfNs", venue.asOfNs, `later than ${last.asOfNs}`);
    }
    if (local.nowNs >= last.nowNs) return undefined;
    return refuse("RECON_CLOCK_BACKWARDS", "local.nowNs", local.nowNs, `at least ${last.nowNs}`);
  }

  /** A difference with what is known of it. */
  #seenAgain(difference: Difference, nowNs: number): Break {
    const before = this.#breaks.get(breakName(difference));
    const firstSeenNs = before?.firstSeenNs ?? nowNs;
    const mismatches = before !== undefined && before.mark === difference.mark ? before.mismatches + 1 : 1;
    const ageNs = nowNs - firstSeenNs;
    const isConfirmed = mismatches >= this.rules.confirmations || ageNs > this.rules.graceNs;
    return { ...difference, firstSeenNs, lastSeenNs: nowNs, ageNs, mismatches, isConfirmed };
  }

  /** The breaks that stay open: those seen now, and the others, grown older, that are not resolved. */
  #kept(seen: readonly Break[], resolved: readonly Break[], nowNs: number): Map<string, Break> {
    const kept = new Map<string, Break>();
    for (const [name, each] of this.#breaks) {
      const ageNs = nowNs - each.firstSeenNs;
      kept.set(name, { ...each, ageNs, isConfirmed: each.isConfirmed || ageNs > this.rules.graceNs });
    }
    for (const each of resolved) kept.delete(breakName(each));
    for (const each of seen) kept.set(breakName(each), each);
    return kept;
  }

  #isNewlyConfirmed(each: Break): boolean {
    return each.isConfirmed && this.#breaks.get(breakName(each))?.isConfirmed !== true;
  }
}
