/** What one process of the bench measured, in ns. */
export interface GateProcess {
  /** A decision of each side: the median batch. */
  readonly ns: Readonly<Record<string, number>>;
  /** Calls one by one at 50, 99 and 99.9 %, the clock's cost included, and empty pairs of readings. */
  readonly calls: {
    readonly clock: number;
    readonly raw: readonly number[];
    readonly empty: readonly number[];
    readonly max: number;
  };
  /** Allocated by a decision. */
  readonly bytes: { readonly check: number; readonly take: number };
}
