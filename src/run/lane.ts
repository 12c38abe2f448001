/**
 * One instrument's stream of events in a backtest: its tape, its simulated venue, its station in the kernel.
 * The loop runs the lane whose next event is first, until another lane or a timer is due.
 *
 * @units ns from the session's base
 */
export interface Lane {
  /** When this lane's next event is, Infinity at the end. */
  nextNs(): number;
  /**
   * When the first resting order expires of a lane whose stream is over and where nothing is on its way, Infinity else.
   * Such an expiry comes at its time while another lane goes on; it does not keep a run alive.
   */
  restNs(): number;
  /** 0 for events that come before others of the same moment, 1 for those that come after (bars that open). */
  nextRank(): number;
  /**
   * Handles its events up to `limitNs` (that moment's included where `inclusive`; one bar event only where
   * `once`), and returns early at the
   * end of a block, or after a strategy acted: another lane or a timer may be due sooner.
   */
  advance(limitNs: number, inclusive: boolean, once: boolean): void;
  /** Feed rows handled so far. */
  readonly rows: number;
  readonly totalRows: number;
}
