import type { BarBlock, DepthBlock, Instrument } from "../model/index.ts";
import type { ControlAnswer, ControlRequest } from "../risk/index.ts";
import type { AdjustTerms, ReportFee } from "./report-fee.ts";
import type { PositionFlyweight } from "./report-views.ts";
import { Station } from "./station.ts";

/**
 * Inputs of a kernel that are neither rows of a feed nor reports; `latch`: a scope of the kill latch (`a`) has another
 * level (`b`); `skipIds`: the next `a` ids of orders are left out; `skipRequests`: the next `a` numbers of cancels and
 * replaces are; `hold`: new orders in the instrument are refused (`a` 1), or no longer (0); `doorless`: no venue is
 * connected to it (`a` 1), or one is (0), that has orders for an auction alone (`b` 1) or none (0); `timer`: a repeating one that is behind leaves out what is before `a`, where
 * that is above 0. Codes stand in journals: never renumbered.
 */
export const INPUT = {
  start: 1,
  stop: 2,
  timer: 3,
  dividend: 4,
  split: 5,
  disconnected: 6,
  latch: 7,
  skipIds: 8,
  hold: 9,
  doorless: 10,
  skipRequests: 11,
} as const;

/**
 * Someone who is told every input of a kernel before it is settled: what a session is recorded from.
 *
 * @units `nowNs`: ns from the session's base
 * @invariant Inputs come in the order in which the kernel settles them; the same inputs in the same order make the
 * same decisions.
 */
export interface InputTap {
  /** A row of a depth feed. */
  row(station: number, block: DepthBlock, i: number, nowNs: number): void;
  /** A bar, at its close. */
  bar(station: number, block: BarBlock, i: number, nowNs: number): void;
  /** A venue's report: a record of `MESSAGE_FIELD` at `offset`; `fee` where the venue told what it charged. */
  report(station: number, cells: Float64Array, offset: number, nowNs: number, fee?: ReportFee): void;
  /** An input of {@link INPUT}; `a` and `b` as its kind has them, `station` -1 where it is of none. */
  event(kind: number, station: number, a: number, b: number, nowNs: number): void;
  /** Cash came (above 0) or went, and no report told of it: in the instrument's quote currency unless `terms` say. */
  adjust(station: number, minor: bigint, nowNs: number, terms: AdjustTerms): void;
  /** The gate is to be changed. */
  control(request: ControlRequest, nowNs: number): void;
  /** What became of that. No input of its own. */
  controlled(request: ControlRequest, answer: ControlAnswer, nowNs: number): void;
}

/** A station whose rows and bars are told first. */
export class TappedStation extends Station {
  readonly #tap: InputTap;
  readonly #clock: Float64Array;

  constructor(
    index: number,
    instrument: Instrument,
    position: PositionFlyweight,
    nowNs: Float64Array,
    tap: InputTap,
  ) {
    super(index, instrument, position, nowNs);
    this.#tap = tap;
    this.#clock = nowNs;
  }

  override row(block: DepthBlock, i: number): void {
    this.#tap.row(this.index, block, i, this.#clock[0] as number);
    super.row(block, i);
  }

  override bar(block: BarBlock, i: number): void {
    this.#tap.bar(this.index, block, i, this.#clock[0] as number);
    super.bar(block, i);
  }
}
