import { checkInteger, checkKeys, Fault } from "../base/index.ts";
import { floorBps } from "./basis-points.ts";
import { ExtremeWindow, type SavedExtremes } from "./extreme-window.ts";
import { savedFields } from "./saved-state.ts";
import type { StatePart, StateReader, StateWriter } from "./state-bytes.ts";

const INSTRUMENTS_MAX = 65_536;
const DEPTH_MAX = 65_536;
const BPS_MAX = 10_000;
/** Stands for a limit in ticks. */
const NO_BPS = -1;

/** How far own orders may move a price within a window: in basis points of the reference, or in ticks. */
export type DriftLimit =
  | { readonly windowNs: number; readonly limitBps: number }
  | { readonly windowNs: number; readonly limitTicks: number };

/**
 * What the price collar over a period says: `breached` is too far, `full` that the reference could not be remembered,
 * `invalid` that the time is no finite number. Only `clear` may go on.
 */
export type DriftVerdict = "clear" | "breached" | "full" | "invalid";

/** Options of an {@link AdverseWindow}. */
export interface AdverseWindowOptions {
  /** Instruments there are, within 1 and 65,536. */
  readonly instruments: number;
  /** References remembered per instrument and side, 64 unless given, at most 65,536. */
  readonly depth?: number;
}

/** What an {@link AdverseWindow} keeps over a restart: per instrument the buys and the sells. */
export interface SavedAdverseWindow {
  readonly lanes: readonly SavedExtremes[];
}

/**
 * The price collar over a period: how far own orders of one side have driven an instrument's price within a window.
 *
 * For a buy at price p with the reference R of now: let L be the lowest of R and of the references at which own
 * buys of the last `windowNs` were committed. The adverse move is p - L, and it must not pass the limit: `limitTicks`, or
 * `limitBps` basis points of |L|. For a sell: L is the highest, and the move is L - p. So ten small steps upwards,
 * each within the collar of a single order, together stay within this one. Without own orders in the window it is a
 * collar of the single order. Commit each order that may take: resting orders drive nothing.
 *
 * @units prices in ticks, times in ns from the session's base
 * @invariant The move is never understated: a reference is remembered exactly, or the verdict is `full`.
 * @invariant NaN in a price, a reference or a time is never clear; an order at the limit is.
 * @cost `check` and `commit` O(1) amortised, nothing allocated; 32 x depth bytes an instrument.
 * @throws `FAULT_CONFIG` naming the option.
 * @example
 * ```ts
 * import { AdverseWindow } from "tickwright/risk";
 * const drift = new AdverseWindow({ instruments: 1 });
 * drift.configure(0, { windowNs: 1_000, limitBps: 100 });
 * drift.commit(0, 1, 10_000, 0); // bought while the reference was 10,000
 * [drift.check(0, 1, 10_100, 10_090, 999), drift.check(0, 1, 10_101, 10_090, 999)]; // => ["clear", "breached"]
 * [drift.check(0, 1, 10_101, 10_090, 1_000), drift.check(0, -1, 10_000, 10_090, 999)]; // => ["clear", "clear"]
 * ```
 * @source Delegated Regulation (EU) 2017/589 (RTS 6), Article 15(1)(a): order by order and over a specified period
 */
export class AdverseWindow implements StatePart {
  readonly instruments: number;
  readonly #window: ExtremeWindow;
  readonly #bps: Float64Array;
  readonly #ticks: Float64Array;

  constructor(options: AdverseWindowOptions) {
    checkKeys("adverseWindow", options, ["instruments", "depth"]);
    const { instruments, depth = 64 } = options;
    this.instruments = checkInteger("adverseWindow.instruments", instruments, 1, INSTRUMENTS_MAX);
    checkInteger("adverseWindow.depth", depth, 1, DEPTH_MAX);
    this.#window = new ExtremeWindow({ lanes: 2 * instruments, depth });
    this.#bps = new Float64Array(instruments).fill(NO_BPS);
    this.#ticks = new Float64Array(instruments).fill(Number.POSITIVE_INFINITY);
  }

  /** Gives an instrument a limit, or none, and forgets its references. @throws `FAULT_CONFIG` naming the field */
  configure(instrument: number, limit: DriftLimit | undefined): void {
    checkInteger("adverseWindow.instrument", instrument, 0, this.instruments - 1);
    const { windowNs, bps, ticks } = driftOf(limit);
    this.#window.configure(2 * instrument, windowNs, 1);
    this.#window.configure(2 * instrument + 1, windowNs, 1);
    this.#bps[instrument] = bps;
    this.#ticks[instrument] = ticks;
  }

  /**
   * What to say to an order now; a market order's price is its bound. Changes nothing.
   *
   * @param side +1 buys, -1 sells
   */
  check(
    instrument: number,
    side: number,
    priceTicks: number,
    referenceTicks: number,
    nowNs: number,
  ): DriftVerdict {
    const ticks = this.#ticks[instrument];
    if (ticks === Number.POSITIVE_INFINITY) return "clear";
    if (!Number.isFinite(nowNs)) return "invalid";
    const lane = laneOf(instrument, side);
    const base = Math.max(this.#window.highest(lane, nowNs), -side * referenceTicks);
    const bps = this.#bps[instrument] as number;
    const limit = bps === NO_BPS ? (ticks as number) : floorBps(Math.abs(base), bps);
    if (!(side * priceTicks + base <= limit)) return "breached";
    return this.#window.isFull(lane, nowNs) ? "full" : "clear";
  }

  /**
   * Remembers the reference at which an approved order was sent. Without a limit nothing is remembered.
   *
   * @throws `FAULT_INPUT` when it cannot be remembered: ask `check` first.
   */
  commit(instrument: number, side: number, referenceTicks: number, nowNs: number): void {
    if (this.#ticks[instrument] === Number.POSITIVE_INFINITY) return;
    const hasNumbers = Number.isFinite(referenceTicks) && Number.isFinite(nowNs);
    if (hasNumbers && this.#window.push(laneOf(instrument, side), -side * referenceTicks, nowNs)) return;
    const expected = "an order that is clear";
    throw new Fault("FAULT_INPUT", { path: "adverseWindow.commit", value: instrument, expected });
  }

  /** The state; limits are configuration and are not in it. */
  save(): SavedAdverseWindow {
    return { lanes: this.#window.save() };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` for anything else; nothing has changed then. */
  load(data: unknown): void {
    const { lanes } = savedFields<SavedAdverseWindow>("adverseWindow", data, ["lanes"]);
    this.#window.load("adverseWindow.lanes", lanes);
  }

  /** The state, for the snapshot of a gate; limits are configuration and are not in it. */
  saveInto(to: StateWriter): void {
    this.#window.saveInto(to);
  }

  /** Reads what `saveInto` wrote. @throws `FAULT_INPUT` naming the field */
  loadFrom(from: StateReader): () => void {
    return this.#window.loadFrom(from);
  }
}

function laneOf(instrument: number, side: number): number {
  return side === 1 ? 2 * instrument : 2 * instrument + 1;
}

/** With a limit in basis points `ticks` is 0, which is never read: it only says that there is a limit. */
function driftOf(limit: DriftLimit | undefined): { windowNs: number; bps: number; ticks: number } {
  if (limit === undefined) return { windowNs: 1, bps: NO_BPS, ticks: Number.POSITIVE_INFINITY };
  const windowNs = checkInteger("adverseWindow.windowNs", limit.windowNs, 1);
  if ("limitBps" in limit) {
    checkKeys("adverseWindow.limit", limit, ["windowNs", "limitBps"]);
    return { windowNs, bps: checkInteger("adverseWindow.limitBps", limit.limitBps, 0, BPS_MAX), ticks: 0 };
  }
  checkKeys("adverseWindow.limit", limit, ["windowNs", "limitTicks"]);
  return { windowNs, bps: NO_BPS, ticks: checkInteger("adverseWindow.limitTicks", limit.limitTicks, 0) };
}
