import { NANOS_PER_MINUTE, NANOS_PER_SECOND } from "../model/index.ts";
import { checkIndex, checkMoment, checkWhole } from "./inputs.ts";
import { LULD_PHASE, luldPhase } from "./luld-phase.ts";
import {
  type LuldDay,
  LuldReference,
  type LuldReferenceOptions,
  type SavedLuldReference,
} from "./luld-reference.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";

/** A limit state of 15 seconds becomes a trading pause. */
export const LULD_LIMIT_NS: number = 15 * NANOS_PER_SECOND;
/** A trading pause lasts five minutes at least. */
export const LULD_PAUSE_NS: number = 5 * NANOS_PER_MINUTE;

/** What {@link LuldState.save} writes, JSON-safe. */
export interface SavedLuldState {
  readonly phase: SavedColumn;
  readonly sinceNs: SavedColumn;
  readonly bidE4: SavedColumn;
  readonly askE4: SavedColumn;
  readonly reference: SavedLuldReference;
}

const { unopened, normal, limitDown, limitUp, paused } = LULD_PHASE;
const NONE = Number.POSITIVE_INFINITY;

/**
 * The limit-up limit-down state of each security: bands, limit state and trading pause, from the opening
 * price, the eligible trades and the national best quotes the caller feeds in.
 *
 * A limit state begins when the best offer touches the lower band, or the best bid the upper one, and the
 * quotes do not cross (see `luldPhase`); it ends when that is so no more, or after 15 seconds in a pause.
 * Only `open` ends a pause. The reference price stays as it is within a limit state. Which trades are
 * eligible, the reopening auction, and that there are no bands outside of regular hours, are the caller's.
 *
 * @units prices in 1e-4 dollars; times in ns from the session's base, never falling; no bid is 0, no offer
 * Infinity
 * @invariant An instrument that is unopened or paused allows nothing.
 * @cost `quote`, `trade`, `advance` O(trades that leave the window), nothing allocated; `allows` O(1).
 * @throws as `LuldReference`; `FAULT_INPUT` for a quote that is none.
 * @example
 * ```ts
 * import { LULD_PHASE, LuldState, luldTerms } from "tickwright/risk";
 * const terms = luldTerms("2024-05-01");
 * const luld = new LuldState({ instruments: 1, trades: 1_000, terms, openNs: 0 });
 * luld.list(0, 1, 1_000_000);
 * luld.open(0, 1_000_000, 0);
 * luld.quote(0, 949_000, 950_000, 1e9) === LULD_PHASE.limitDown; // => true
 * luld.advance(0, 16e9) === LULD_PHASE.paused; // => true
 * luld.allows(0, 1, 1_000_000); // => false
 * ```
 * @source LULD Plan (SEC File 4-631), Sections V, VI and VII
 */
export class LuldState implements StatePart {
  readonly instruments: number;
  readonly #reference: LuldReference;
  readonly #phase: Uint8Array;
  readonly #sinceNs: Float64Array;
  readonly #bidE4: Float64Array;
  readonly #askE4: Float64Array;

  constructor(options: LuldReferenceOptions) {
    this.#reference = new LuldReference(options);
    this.instruments = this.#reference.instruments;
    this.#phase = new Uint8Array(this.instruments);
    this.#sinceNs = new Float64Array(this.instruments);
    this.#bidE4 = new Float64Array(this.instruments);
    this.#askE4 = new Float64Array(this.instruments);
  }

  /** Trades that left a window early because it was full. */
  get droppedTrades(): number {
    return this.#reference.droppedTrades;
  }

  /** Begins a trading day: every instrument is to be listed and opened again. */
  startDay(day: LuldDay): void {
    this.#reference.startDay(day);
    this.#phase.fill(unopened);
  }

  /** Says the tier, the prior close and the leverage (in percent, without its sign) of an instrument. */
  list(instrument: number, tier: 1 | 2, priorCloseE4: number, leveragePercent = 100): void {
    this.#reference.list(instrument, tier, priorCloseE4, leveragePercent);
  }

  /** Takes the opening or reopening price of the listing market: the new reference, and no quotes yet. */
  open(instrument: number, referenceE4: number, nowNs: number): void {
    this.#reference.open(instrument, referenceE4, nowNs);
    this.#enter(instrument, normal, nowNs);
  }

  /**
   * Takes an eligible trade and returns the phase; before the open and in a pause it counts for nothing.
   */
  trade(instrument: number, priceE4: number, nowNs: number): number {
    this.#reference.trade(instrument, priceE4, nowNs);
    return this.#settle(instrument, nowNs);
  }

  /**
   * Takes the national best quotes and returns the phase; before the open and in a pause they count for
   * nothing.
   */
  quote(instrument: number, bidE4: number, askE4: number, nowNs: number): number {
    checkWhole("luld.bidE4", bidE4, 0);
    if (askE4 !== NONE) checkWhole("luld.askE4", askE4, 1);
    const phase = this.advance(instrument, nowNs);
    if (phase === unopened || phase === paused) return phase;
    this.#bidE4[instrument] = bidE4;
    this.#askE4[instrument] = askE4;
    return this.#judge(instrument, nowNs);
  }

  /** Lets time pass for an instrument and returns the phase: a code of {@link LULD_PHASE}. */
  advance(instrument: number, nowNs: number): number {
    const at = checkIndex("luld.instrument", instrument, this.instruments);
    return this.#settle(at, checkMoment("luld.nowNs", nowNs));
  }

  /** Takes the message of the listing market that a trading pause began. */
  pause(instrument: number, nowNs: number): void {
    const at = checkIndex("luld.instrument", instrument, this.instruments);
    this.#enter(at, paused, checkMoment("luld.nowNs", nowNs));
  }

  /** The phase after the last call, a code of {@link LULD_PHASE}. */
  phaseOf(instrument: number): number {
    return this.#phase[instrument] ?? unopened;
  }

  /** The earliest moment a pause can end; NaN outside of a pause. */
  reopensNs(instrument: number): number {
    if (this.phaseOf(instrument) !== paused) return Number.NaN;
    return (this.#sinceNs[instrument] as number) + LULD_PAUSE_NS;
  }

  /** The reference price, 0 before the open. */
  referenceE4(instrument: number): number {
    return this.#reference.referenceE4(instrument);
  }

  /** The lower price band, Infinity before the open. */
  lowerE4(instrument: number): number {
    return this.#reference.lowerE4(instrument);
  }

  /** The upper price band, 0 before the open. */
  upperE4(instrument: number): number {
    return this.#reference.upperE4(instrument);
  }

  /**
   * Whether an order may execute at a price: a buy (+1) up to the upper band, a sell (-1) down to the
   * lower.
   */
  allows(instrument: number, side: number, priceE4: number): boolean {
    const phase = this.phaseOf(instrument);
    if (phase === unopened || phase === paused) return false;
    return side > 0 ? priceE4 <= this.upperE4(instrument) : priceE4 >= this.lowerE4(instrument);
  }

  /** The whole state but the day, JSON-safe. */
  save(): SavedLuldState {
    return {
      phase: saveColumn(this.#phase),
      sinceNs: saveColumn(this.#sinceNs),
      bidE4: saveColumn(this.#bidE4),
      askE4: saveColumn(this.#askE4),
      reference: this.#reference.save(),
    };
  }

  /**
   * Takes the state that `save` wrote, of the day that this was made or started with.
   *
   * @throws `FAULT_INPUT` naming the column; the state is then not to be used.
   */
  load(saved: SavedLuldState): void {
    const [count, far] = [this.instruments, Number.MAX_VALUE];
    this.#phase.set(readColumn("luld.phase", saved.phase, count, unopened, paused));
    this.#sinceNs.set(readColumn("luld.sinceNs", saved.sinceNs, count, -far, far, false));
    this.#bidE4.set(readColumn("luld.bidE4", saved.bidE4, count, 0, Number.MAX_SAFE_INTEGER));
    this.#askE4.set(readColumn("luld.askE4", saved.askE4, count, 0, NONE));
    this.#reference.load(saved.reference);
  }

  /** The whole state and the day, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.columns(this.#saved());
    this.#reference.saveInto(to);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const [apply, applyReference] = [from.columns(this.#saved()), this.#reference.loadFrom(from)];
    return () => {
      apply();
      applyReference();
    };
  }

  /** Enters a phase without quotes. */
  #enter(at: number, phase: number, sinceNs: number): void {
    this.#phase[at] = phase;
    this.#sinceNs[at] = sinceNs;
    this.#bidE4[at] = 0;
    this.#askE4[at] = NONE;
  }

  /** Does what time alone brings: the end of a limit state, a new reference price, wider bands. */
  #settle(at: number, nowNs: number): number {
    const phase = this.#phase[at] as number;
    if (phase === unopened || phase === paused) return phase;
    if (phase === limitDown || phase === limitUp) {
      const endsNs = (this.#sinceNs[at] as number) + LULD_LIMIT_NS;
      if (nowNs < endsNs) return phase;
      this.#enter(at, paused, endsNs);
      return paused;
    }
    this.#reference.update(at, nowNs);
    return this.#judge(at, nowNs);
  }

  #judge(at: number, nowNs: number): number {
    const [bid, ask] = [this.#bidE4[at] as number, this.#askE4[at] as number];
    const phase = luldPhase(bid, ask, this.lowerE4(at), this.upperE4(at));
    if (phase !== this.#phase[at]) this.#sinceNs[at] = nowNs;
    this.#phase[at] = phase;
    return phase;
  }

  #saved(): readonly StateColumn[] {
    return [
      ["phase", this.#phase, unopened, unopened, paused],
      ["sinceNs", this.#sinceNs, 0],
      ["bidE4", this.#bidE4, 0],
      ["askE4", this.#askE4, 0],
    ];
  }
}
