import type { Prng } from "../base/index.ts";
import type { Rung } from "./child-price.ts";

/** What a program may look at: figures of its parent, in lots. */
export interface ProgramView {
  readonly nowNs: number;
  readonly filledLots: number;
  /** What its children may still fill. */
  readonly workingLots: number;
  /** Volume printed since the start, as far as it counts. */
  readonly volumeLots: number;
  /** The mid of a sound book now; NaN where it is not. */
  readonly midTicks: number;
  readonly rng: Prng;
}

/**
 * What an algorithm decides: how many lots may be filled or at work now, and how children are placed. All else, the
 * limit, the whole quantity, the end, is its parent's.
 */
export interface Program {
  /** Whether nothing may pass the target, not even a last child that takes what would be too little for another. */
  readonly isStrict: boolean;
  /** Draws and plans what is left: at the start, and after each change of terms. */
  plan(view: ProgramView, leftLots: number): void;
  /** What may be filled or at work now; asked after `plan`, at every event. */
  targetLots(view: ProgramView): number;
  rung(nowNs: number): Rung;
  /**
   * The auction that is called, as a time in force: children rest at the limit, whatever the book looks like. None
   * unless given.
   */
  auction?(nowNs: number): "atOpen" | "atClose" | undefined;
  /** When it would say something else without an event; Infinity where never. */
  nextNs(nowNs: number): number;
  /** JSON-safe. */
  save(): readonly (number | readonly number[])[];
  load(saved: readonly (number | readonly number[])[]): void;
}
