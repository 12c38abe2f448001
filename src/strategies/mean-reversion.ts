import { checkChoice, checkInteger, checkKeys, checkNumber, checkText, Fault } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { type SignalState, ZScore } from "../signal/index.ts";
import type { BarView, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import {
  checkDirection,
  checkWeight,
  type Direction,
  type PositionMode,
  PositionTarget,
} from "./position-target.ts";
import { checkSaved, SAVED_VERSION } from "./saved-state.ts";

/** What a {@link MeanReversion} is made from. */
export interface MeanReversionOptions {
  /** Key or symbol of the instrument it trades. */
  readonly instrument: string;
  /** Bars of the mean and the deviation, the newest included. */
  readonly period: number;
  /** How many deviations away from the mean a position is opened; 2 unless given. */
  readonly entry?: number;
  /** How near to the mean, in deviations, it is closed; below `entry`; 0.5 unless given. */
  readonly exit?: number;
  /** `longShort` unless given. */
  readonly mode?: PositionMode;
  /** The share of the equity a position is worth when it is opened; 1 unless given. */
  readonly weight?: number;
}

const KEYS = ["instrument", "period", "entry", "exit", "mode", "weight"] as const;

/**
 * Buys an instrument far below its mean and sells it far above, until it is back near the mean. The score
 * is of adjusted closes; sizes are from raw closes and the equity of the moment of the entry.
 *
 * The equity is read in the reporting currency, so the instrument must be quoted in it.
 *
 * @units `period` bars, `entry` and `exit` standard deviations (population), `weight` a share
 * @invariant Nothing is sent before the score is ready, nor while an order is open. A long position is
 * never turned short without having been past the exit.
 * @throws `FAULT_CONFIG` naming the option: an exit not below the entry, an entry that `period` samples
 * cannot reach, a misspelt key.
 * @example
 * ```ts
 * import { MeanReversion } from "tickwright/strategies";
 * const reversion = new MeanReversion({ instrument: "SPY", period: 20 });
 * [reversion.params.entry, reversion.params.exit]; // => [2, 0.5]
 * ```
 */
export class MeanReversion implements Strategy {
  readonly name = "mean-reversion";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #name: string;
  readonly #entry: number;
  readonly #exit: number;
  readonly #weight: number;
  readonly #above: Direction;
  readonly #score: ZScore;
  readonly #target = new PositionTarget();
  #instrument: Instrument | undefined = undefined;
  #wanted: Direction = 0;

  constructor(options: MeanReversionOptions) {
    const path = "meanReversion";
    checkKeys(path, options, KEYS);
    this.#name = checkText(`${path}.instrument`, options.instrument);
    const period = checkInteger(`${path}.period`, options.period, 2);
    this.#entry = checkEntry(`${path}.entry`, options.entry ?? 2, period);
    this.#exit = checkNumber(`${path}.exit`, options.exit ?? 0.5, 0, this.#entry);
    if (this.#exit === this.#entry) {
      throw new Fault("FAULT_CONFIG", {
        path: `${path}.exit`,
        value: this.#exit,
        expected: "less than the entry",
      });
    }
    const mode = checkChoice(`${path}.mode`, options.mode ?? "longShort", ["longFlat", "longShort"]);
    this.#weight = checkWeight(`${path}.weight`, options.weight ?? 1);
    this.#above = mode === "longShort" ? -1 : 0;
    this.#score = new ZScore({ period });
    const { instrument } = options;
    this.params = { instrument, period, entry: this.#entry, exit: this.#exit, mode, weight: this.#weight };
  }

  onStart(ctx: StrategyContext): void {
    this.#instrument = ctx.instrument(this.#name);
  }

  onBar(bar: BarView, ctx: StrategyContext): void {
    const instrument = this.#instrument;
    if (instrument === undefined || bar.instrument.key !== instrument.key) return;
    const score = this.#score.update(bar.adjustedClose);
    if (!this.#score.ready) return;
    if (this.#wanted > 0 && score >= -this.#exit) this.#wanted = 0;
    else if (this.#wanted < 0 && score <= this.#exit) this.#wanted = 0;
    if (this.#wanted === 0 && score <= -this.#entry) this.#wanted = 1;
    else if (this.#wanted === 0 && score >= this.#entry) this.#wanted = this.#above;
    this.#target.moveTo(ctx, instrument, this.#wanted, this.#weight, bar.close);
  }

  onOrder(order: OrderView): void {
    this.#target.settle(order.ticket);
  }

  onSave(): { readonly version: number; readonly state: unknown } {
    const state = { score: this.#score.save(), wanted: this.#wanted, order: this.#target.save() };
    return { version: SAVED_VERSION, state };
  }

  /** @throws `FAULT_INPUT` on a state of another version or of other options, or an order that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const state = checkSaved("meanReversion", saved, ["score", "wanted", "order"]);
    this.#score.load(state.score as SignalState);
    this.#wanted = checkDirection("meanReversion", state.wanted);
    this.#instrument = ctx.instrument(this.#name);
    this.#target.load("meanReversion", state.order, ctx.openOrders(this.#instrument.key));
  }
}

/** The newest sample is part of its own window, so a score cannot pass `sqrt(period - 1)`. */
function checkEntry(path: string, entry: number, period: number): number {
  const most = Math.sqrt(period - 1);
  if (checkNumber(path, entry, 0) > 0 && entry < most) return entry;
  throw new Fault("FAULT_CONFIG", {
    path,
    value: entry,
    expected: `above 0 and below ${most.toFixed(3)}, the largest score of ${period} samples`,
  });
}
