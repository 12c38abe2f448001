import { canonicalJson, checkInteger, checkKeys, checkNumber, Fault } from "../base/index.ts";
import { NANOS_PER_MINUTE, NANOS_PER_SECOND } from "../model/index.ts";
import { checkIndex, checkMoment, checkWhole } from "./inputs.ts";
import {
  LULD_MAX_LEVERAGE,
  type LuldTerms,
  luldFactor,
  luldOffsetE8,
  REGULAR_SESSION_NS,
  roundBandE4,
} from "./luld-bands.ts";
import { readColumn, type SavedColumn, saveColumn } from "./saved-column.ts";
import type { StateColumn, StatePart, StateReader, StateWriter } from "./state-bytes.ts";
import { type SavedTradeWindow, TradeWindow } from "./trade-window.ts";

/** Trades count for the reference price for five minutes. */
export const LULD_WINDOW_NS: number = 5 * NANOS_PER_MINUTE;
/** A reference price stays for at least 30 seconds. */
export const LULD_HOLD_NS: number = 30 * NANOS_PER_SECOND;

/** A trading day under the plan. */
export interface LuldDay {
  readonly terms: LuldTerms;
  /** When the day opens (9:30 ET), in ns from the session's base. */
  readonly openNs: number;
  /** The length of the day; {@link REGULAR_SESSION_NS} unless it closes early. */
  readonly sessionNs?: number;
}

/** Options of a {@link LuldReference}. */
export interface LuldReferenceOptions extends LuldDay {
  readonly instruments: number;
  /** The most trades remembered of one instrument: those of five minutes. */
  readonly trades: number;
  /** The highest price, in 1e-4 dollars; $10,000 unless given. Times `trades` it may not pass 8e13. */
  readonly maxPriceE4?: number;
}

/** What {@link LuldReference.save} writes, JSON-safe. */
export interface SavedLuldReference {
  readonly columns: { readonly [name: string]: SavedColumn };
  readonly window: SavedTradeWindow;
}

const OPTIONS = ["instruments", "trades", "maxPriceE4", "terms", "openNs", "sessionNs"] as const;
const MOST = Number.MAX_SAFE_INTEGER;
/** The columns, with the most each may hold. */
const COLUMNS = [
  ["tier", 2],
  ["priorCloseE4", MOST],
  ["leveragePercent", LULD_MAX_LEVERAGE],
  ["referenceE4", MOST],
  ["lowerE4", Number.POSITIVE_INFINITY],
  ["upperE4", MOST],
] as const;

type Columns = { [name in (typeof COLUMNS)[number][0]]: Float64Array };

/**
 * The LULD reference price and price bands of each security, from the opening price and the eligible
 * trades.
 *
 * The reference price is the mean of the trades of the last five minutes, rounded to 1e-4 dollars; it
 * changes when that mean is at least 1 % away and the old one stood for 30 seconds. Without trades it
 * stays.
 *
 * @units prices in 1e-4 dollars; times in ns from the session's base, never falling
 * @invariant An instrument that has no reference price has a lower band of Infinity and an upper band of 0.
 * @cost `update` O(trades that leave the window), the rest O(1), nothing allocated.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` for an index, a price or a moment that is none,
 * and for the opening of an instrument that is not listed.
 * @example
 * ```ts
 * import { LuldReference, luldTerms } from "tickwright/risk";
 * const terms = luldTerms("2024-05-01");
 * const luld = new LuldReference({ instruments: 1, trades: 1_000, terms, openNs: 0 });
 * luld.list(0, 1, 1_000_000);
 * luld.open(0, 1_000_000, 0);
 * luld.trade(0, 1_010_000, 30e9);
 * luld.update(0, 30e9);
 * [luld.referenceE4(0), luld.lowerE4(0), luld.upperE4(0)]; // => [1010000, 959500, 1060500]
 * ```
 * @source LULD Plan (SEC File 4-631), Section V
 */
export class LuldReference implements StatePart {
  readonly instruments: number;
  readonly #columns: Columns;
  readonly #referenceNs: Float64Array;
  readonly #window: TradeWindow;
  #terms: LuldTerms;
  #openNs = 0;
  #sessionNs = 0;

  constructor(options: LuldReferenceOptions) {
    checkKeys("luld", options, OPTIONS);
    const { instruments, trades, maxPriceE4 } = options;
    this.instruments = checkInteger("luld.instruments", instruments, 1, 1 << 20);
    checkInteger("luld.trades", trades, 1, 1 << 20);
    const maxPrice = checkInteger("luld.maxPriceE4", maxPriceE4 ?? 100_000_000, 1);
    this.#window = new TradeWindow({ instruments, trades, maxPrice, windowNs: LULD_WINDOW_NS });
    const columns = COLUMNS.map(([name]) => [name, new Float64Array(instruments)]);
    this.#columns = Object.fromEntries(columns) as Columns;
    this.#referenceNs = new Float64Array(instruments);
    this.#terms = options.terms;
    this.startDay(options);
  }

  /** Trades that left a window early because it was full. */
  get droppedTrades(): number {
    return this.#window.dropped;
  }

  /** Begins a trading day: every instrument is to be listed and opened again. */
  startDay(day: LuldDay): void {
    this.#openNs = checkNumber("luld.openNs", day.openNs);
    this.#sessionNs = checkNumber("luld.sessionNs", day.sessionNs ?? REGULAR_SESSION_NS, 1);
    this.#terms = day.terms;
    for (const [name] of COLUMNS) this.#columns[name].fill(0);
    this.#columns.lowerE4.fill(Number.POSITIVE_INFINITY);
  }

  /** Says the tier, the prior close and the leverage (in percent, without its sign) of an instrument. */
  list(instrument: number, tier: 1 | 2, priorCloseE4: number, leveragePercent = 100): void {
    const at = checkIndex("luld.instrument", instrument, this.instruments);
    checkWhole("luld.tier", tier, 1, 2);
    checkWhole("luld.priorCloseE4", priorCloseE4, 1, this.#window.maxPrice);
    checkWhole("luld.leveragePercent", leveragePercent, 1, LULD_MAX_LEVERAGE);
    const c = this.#columns;
    c.tier[at] = tier;
    c.priorCloseE4[at] = priorCloseE4;
    c.leveragePercent[at] = leveragePercent;
  }

  /** Takes the opening or reopening price of the listing market: the new reference, and an empty window. */
  open(instrument: number, referenceE4: number, nowNs: number): void {
    const at = checkIndex("luld.instrument", instrument, this.instruments);
    const c = this.#columns;
    if (c.tier[at] === 0) {
      throw new Fault("FAULT_INPUT", { path: "luld.instrument", value: at, expected: "one that is listed" });
    }
    c.referenceE4[at] = checkWhole("luld.referenceE4", referenceE4, 1, this.#window.maxPrice);
    this.#referenceNs[at] = checkMoment("luld.nowNs", nowNs);
    this.#window.clear(at);
    this.update(at, nowNs);
  }

  /** Takes an eligible trade; `update` makes it count. */
  trade(instrument: number, priceE4: number, nowNs: number): void {
    const at = checkIndex("luld.instrument", instrument, this.instruments);
    checkWhole("luld.priceE4", priceE4, 1, this.#window.maxPrice);
    this.#window.push(at, priceE4, checkMoment("luld.nowNs", nowNs));
  }

  /** Brings the reference price and the bands of an instrument up to date; before its open there are none. */
  update(instrument: number, nowNs: number): void {
    if (!(this.referenceE4(instrument) > 0)) return;
    this.#refer(instrument, nowNs);
    const c = this.#columns;
    const [tier, closeE4] = [c.tier[instrument] as number, c.priorCloseE4[instrument] as number];
    const [referenceE4, leverage] = [this.referenceE4(instrument), c.leveragePercent[instrument] as number];
    const factor = luldFactor(this.#terms, tier, closeE4, nowNs - this.#openNs, this.#sessionNs);
    const offsetE8 = luldOffsetE8(this.#terms, tier, closeE4, referenceE4, factor, leverage);
    c.lowerE4[instrument] = roundBandE4(referenceE4 * 10_000 - offsetE8, 100);
    c.upperE4[instrument] = roundBandE4(referenceE4 * 10_000 + offsetE8, 100);
  }

  /** The reference price, 0 before the open. */
  referenceE4(instrument: number): number {
    return this.#columns.referenceE4[instrument] as number;
  }

  /** The lower price band, Infinity before the open. */
  lowerE4(instrument: number): number {
    return this.#columns.lowerE4[instrument] as number;
  }

  /** The upper price band, 0 before the open. */
  upperE4(instrument: number): number {
    return this.#columns.upperE4[instrument] as number;
  }

  /** The whole state but the day, JSON-safe. */
  save(): SavedLuldReference {
    const columns: { [name: string]: SavedColumn } = { referenceNs: saveColumn(this.#referenceNs) };
    for (const [name] of COLUMNS) columns[name] = saveColumn(this.#columns[name]);
    return { columns, window: this.#window.save() };
  }

  /**
   * Takes the state that `save` wrote, of the day that this was made or started with.
   *
   * @throws `FAULT_INPUT` naming the column; the state is then not to be used.
   */
  load(saved: SavedLuldReference): void {
    const count = this.instruments;
    for (const [name, most] of COLUMNS) {
      const values = saved.columns[name] as SavedColumn;
      this.#columns[name].set(readColumn(`luld.${name}`, values, count, 0, most));
    }
    const far = Number.MAX_VALUE;
    const referenceNs = saved.columns.referenceNs as SavedColumn;
    this.#referenceNs.set(readColumn("luld.referenceNs", referenceNs, count, -far, far, false));
    this.#window.load(saved.window);
  }

  /** The whole state and the day, for the snapshot of a gate. */
  saveInto(to: StateWriter): void {
    to.text(canonicalJson(this.#terms));
    to.number(this.#openNs);
    to.number(this.#sessionNs);
    to.columns(this.#saved());
    this.#window.saveInto(to);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    const terms = termsOf(from);
    const [openNs, sessionNs] = [from.number(), from.number()];
    const [apply, applyWindow] = [from.columns(this.#saved()), this.#window.loadFrom(from)];
    return () => {
      this.#terms = terms;
      this.#openNs = openNs;
      this.#sessionNs = sessionNs;
      apply();
      applyWindow();
    };
  }

  /** Moves the reference price where it is due: sums are compared, so that 1 % is exact. */
  #refer(at: number, nowNs: number): void {
    const window = this.#window;
    window.expire(at, nowNs);
    const count = window.count(at);
    const sum = window.sum(at) * 100;
    const even = this.referenceE4(at) * count;
    const heldNs = nowNs - (this.#referenceNs[at] as number);
    if (count === 0 || heldNs < LULD_HOLD_NS || (sum > 99 * even && sum < 101 * even)) return;
    this.#columns.referenceE4[at] = window.mean(at);
    this.#referenceNs[at] = nowNs;
  }

  #saved(): readonly StateColumn[] {
    const columns = COLUMNS.map(([name]): StateColumn => [name, this.#columns[name], 0]);
    return [...columns, ["referenceNs", this.#referenceNs, 0]];
  }
}

function termsOf(from: StateReader): LuldTerms {
  const text = from.text("terms");
  try {
    return JSON.parse(text) as LuldTerms;
  } catch {
    return from.fail("terms", text, "terms as JSON");
  }
}
