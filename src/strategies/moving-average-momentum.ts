import { checkChoice, checkInteger, checkKeys, checkNumber, checkText } from "../base/index.ts";
import type { Instrument } from "../model/index.ts";
import { Ema, type SignalState, Sma } from "../signal/index.ts";
import type { BarView, OrderView, Strategy, StrategyContext } from "../strategy/index.ts";
import {
  checkDirection,
  checkWeight,
  type Direction,
  type PositionMode,
  PositionTarget,
} from "./position-target.ts";
import { checkSaved, SAVED_VERSION } from "./saved-state.ts";

/** What a {@link MovingAverageMomentum} is made from. */
export interface MovingAverageMomentumOptions {
  /** Key or symbol of the instrument it trades. */
  readonly instrument: string;
  /** Bars of the fast average, below `slow`. */
  readonly fast: number;
  /** Bars of the slow average. */
  readonly slow: number;
  /** `sma` unless given. */
  readonly average?: "sma" | "ema";
  /** `longFlat` unless given. */
  readonly mode?: PositionMode;
  /** The share of the equity a position is worth when it is opened; 1 unless given. */
  readonly weight?: number;
  /** How far, as a share of the slow average, the fast one must be past it to turn; 0 unless given. */
  readonly band?: number;
}

const KEYS = ["instrument", "fast", "slow", "average", "mode", "weight", "band"] as const;

/**
 * Holds an instrument while its fast moving average is above the slow one, and is flat or short while it is
 * below. Averages are of adjusted closes; sizes are from raw closes and the equity of the moment of the
 * cross.
 *
 * The equity is read in the reporting currency, so the instrument must be quoted in it.
 *
 * @units `fast` and `slow` bars, `weight` and `band` shares
 * @invariant Nothing is sent before both averages are ready, nor while an order is open.
 * @throws `FAULT_CONFIG` naming the option: a fast period not below the slow one, a weight of 0, a misspelt
 * key.
 * @example
 * ```ts
 * import { MovingAverageMomentum } from "tickwright/strategies";
 * const momentum = new MovingAverageMomentum({ instrument: "SPY", fast: 50, slow: 200 });
 * momentum.params.mode; // => "longFlat"
 * ```
 */
export class MovingAverageMomentum implements Strategy {
  readonly name = "moving-average-momentum";
  readonly params: Readonly<Record<string, unknown>>;
  readonly #weight: number;
  readonly #band: number;
  readonly #below: Direction;
  readonly #name: string;
  readonly #fast: Sma | Ema;
  readonly #slow: Sma | Ema;
  readonly #target = new PositionTarget();
  #instrument: Instrument | undefined = undefined;
  #wanted: Direction = 0;

  constructor(options: MovingAverageMomentumOptions) {
    const path = "movingAverageMomentum";
    checkKeys(path, options, KEYS);
    this.#name = checkText(`${path}.instrument`, options.instrument);
    const fast = checkInteger(`${path}.fast`, options.fast, 1);
    const slow = checkInteger(`${path}.slow`, options.slow, fast + 1);
    const average = checkChoice(`${path}.average`, options.average ?? "sma", ["sma", "ema"]);
    const mode = checkChoice(`${path}.mode`, options.mode ?? "longFlat", ["longFlat", "longShort"]);
    this.#weight = checkWeight(`${path}.weight`, options.weight ?? 1);
    this.#band = checkNumber(`${path}.band`, options.band ?? 0, 0, 1);
    this.#below = mode === "longShort" ? -1 : 0;
    this.#fast = average === "sma" ? new Sma({ period: fast }) : new Ema({ period: fast });
    this.#slow = average === "sma" ? new Sma({ period: slow }) : new Ema({ period: slow });
    const { instrument } = options;
    this.params = { instrument, fast, slow, average, mode, weight: this.#weight, band: this.#band };
  }

  onStart(ctx: StrategyContext): void {
    this.#instrument = ctx.instrument(this.#name);
  }

  onBar(bar: BarView, ctx: StrategyContext): void {
    const instrument = this.#instrument;
    if (instrument === undefined || bar.instrument.key !== instrument.key) return;
    const fast = this.#fast.update(bar.adjustedClose);
    const slow = this.#slow.update(bar.adjustedClose);
    if (!this.#slow.ready) return;
    const margin = this.#band * Math.abs(slow);
    if (fast > slow + margin) this.#wanted = 1;
    else if (fast < slow - margin) this.#wanted = this.#below;
    this.#target.moveTo(ctx, instrument, this.#wanted, this.#weight, bar.close);
  }

  onOrder(order: OrderView): void {
    this.#target.settle(order.ticket);
  }

  onSave(): { readonly version: number; readonly state: unknown } {
    const [fast, slow] = [this.#fast.save(), this.#slow.save()];
    return {
      version: SAVED_VERSION,
      state: { fast, slow, wanted: this.#wanted, order: this.#target.save() },
    };
  }

  /** @throws `FAULT_INPUT` on a state of another version or of other options, or an order that is not open. */
  onLoad(saved: { readonly version: number; readonly state: unknown }, ctx: StrategyContext): void {
    const state = checkSaved("movingAverageMomentum", saved, ["fast", "slow", "wanted", "order"]);
    this.#fast.load(state.fast as SignalState);
    this.#slow.load(state.slow as SignalState);
    this.#wanted = checkDirection("movingAverageMomentum", state.wanted);
    this.#instrument = ctx.instrument(this.#name);
    this.#target.load("movingAverageMomentum", state.order, ctx.openOrders(this.#instrument.key));
  }
}
