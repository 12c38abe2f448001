import { Fault } from "../base/index.ts";
import type { TradingKernel } from "../kernel/index.ts";
import type { KeptExecution, ReconFills } from "./recon-fills.ts";

/**
 * What one of our own reports changes in the executions that are kept, beside what the kernel makes of it: recorded
 * with the report, so that a replay keeps the same. JSON-safe.
 */
export interface ReconChange {
  /** The venue's id of an execution that bears a number of ours: before the report. */
  readonly rename?: readonly [id: number, number: number, execId: string];
  /** The number the report took for itself. */
  readonly own?: number;
  /** An execution that is kept no more: after the report. */
  readonly drop?: string;
  /**
   * One that is kept from then on; what the input charged in the quote currency is added to its fee, `null`: not known. A
   * fee in another currency stands there whole.
   */
  readonly put?: Omit<KeptExecution, "feeMinor"> & { readonly feeMinor: string | null };
}

/** Numbers of the busts and corrections that we make ourselves begin here: no venue's numbers reach so far. */
export const OWN_EXECUTIONS: number = 2 ** 52;

/**
 * Carries out changes around the reports they came with, the same way when a report is made and when it is replayed.
 *
 * @invariant A change is a function of its words and of the kernel: nothing else of a reconciliation desk is read.
 */
export class ReconChanges {
  /** The number of the next bust or correction that we make. */
  nextOwn: number = OWN_EXECUTIONS;
  readonly #kernel: TradingKernel;
  readonly #fills: ReconFills;
  readonly #forgot: (row: KeptExecution | undefined) => void;
  #feesBefore = 0n;

  constructor(kernel: TradingKernel, fills: ReconFills, forgot: (row: KeptExecution | undefined) => void) {
    this.#kernel = kernel;
    this.#fills = fills;
    this.#forgot = forgot;
  }

  /** Before the report is settled. */
  begin(station: number, { rename, own }: ReconChange): void {
    this.#feesBefore = this.#kernel.ledger.feesMinor(station);
    if (rename !== undefined) this.#fills.rename(...rename);
    if (own !== undefined) this.nextOwn = Math.max(this.nextOwn, own + 1);
  }

  /** After it; returns what the report was charged. @units minor units of the quote currency */
  end(station: number, { drop, put }: ReconChange): bigint {
    const charged = this.#kernel.ledger.feesMinor(station) - this.#feesBefore;
    if (drop !== undefined) this.#fills.drop(drop);
    if (put !== undefined) {
      const feeMinor = put.feeMinor === null ? null : BigInt(put.feeMinor) + charged;
      this.#forgot(this.#fills.put({ ...put, feeMinor }));
    }
    return charged;
  }
}

/** Reads the words of a change. @throws `FAULT_JOURNAL_FORMAT` for anything else */
export function readChange(note: string): ReconChange {
  try {
    const change: unknown = JSON.parse(note);
    if (typeof change === "object" && change !== null && !Array.isArray(change)) return change;
  } catch {
    // Told below.
  }
  const expected = "a change of a reconciliation desk";
  throw new Fault("FAULT_JOURNAL_FORMAT", { path: "recon.change", value: note, expected });
}
