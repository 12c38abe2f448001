import { Fault } from "../base/index.ts";

/** One execution that was booked. @units ticks, lots, ns of the venue's clock, minor units of the fee's currency */
export interface KeptExecution {
  readonly execId: string;
  /** The kernel's order, 0 where none explains it; and the number of the execution there. */
  readonly id: number;
  readonly number: number;
  readonly station: number;
  readonly sign: number;
  readonly priceTicks: number;
  readonly lots: number;
  readonly venueNs: number;
  /** The latest time the venue may count it from: where it was corrected, that of the correction. */
  readonly latestNs: number;
  readonly isMaker: boolean;
  readonly feeMinor: bigint | null;
  readonly orderId: string | null;
  readonly clientOrderId: string | null;
  /** What the fee was charged in, where that is not the instrument's quote currency. */
  readonly feeCurrency?: string | undefined;
}

/** A {@link KeptExecution} as it is saved: its fields in their order, short, since many are written each second. */
export type SavedExecution = readonly [
  execId: string,
  id: number,
  number: number,
  station: number,
  sign: number,
  priceTicks: number,
  lots: number,
  venueNs: number,
  latestNs: number,
  isMaker: 0 | 1,
  feeMinor: string | null,
  orderId: string | null,
  clientOrderId: string | null,
  feeCurrency?: string,
];

/** The state of `ReconFills`, JSON-safe. */
export interface SavedReconFills {
  readonly rows: readonly SavedExecution[];
  readonly forgottenNs: number | null;
  readonly otherNames: readonly (readonly [id: number, number: number, execId: string])[];
}

/**
 * The executions booked last, by the venue's ids of them.
 *
 * @invariant At most `most` are kept. What was let go happened at `forgottenNs` or before: nothing may be concluded
 * from executions up to there.
 * @cost `put` O(1)
 */
export class ReconFills {
  readonly #most: number;
  readonly #rows = new Map<string, KeptExecution>();
  /** Executions the venue calls otherwise than their number says, by order and number. */
  readonly #otherNames = new Map<string, readonly [number, number, string]>();
  #forgottenNs: number | null;

  constructor(most: number, forgottenNs: number | null) {
    this.#most = most;
    this.#forgottenNs = forgottenNs;
  }

  /** Executions up to this time of the venue may have been let go; `null`: none. */
  get forgottenNs(): number | null {
    return this.#forgottenNs;
  }

  get(execId: string): KeptExecution | undefined {
    return this.#rows.get(execId);
  }

  all(): Iterable<KeptExecution> {
    return this.#rows.values();
  }

  /** Keeps an execution, in the place of the one of that id; returns the one that was let go for it. */
  put(row: KeptExecution): KeptExecution | undefined {
    this.#rows.set(row.execId, row);
    if (this.#rows.size <= this.#most) return undefined;
    const oldest = this.#rows.values().next().value as KeptExecution;
    this.#rows.delete(oldest.execId);
    this.#forgottenNs = Math.max(oldest.latestNs, this.#forgottenNs ?? -Infinity);
    return oldest;
  }

  /** It was taken back. */
  drop(execId: string): void {
    this.#rows.delete(execId);
  }

  /** The venue's id of an execution: from now on `execId`. */
  rename(id: number, number: number, execId: string): void {
    this.#otherNames.set(`${id} ${number}`, [id, number, execId]);
  }

  /** The venue's id of an execution, where it was renamed. */
  otherName(id: number, number: number): string | undefined {
    if (this.#otherNames.size === 0) return undefined;
    return this.#otherNames.get(`${id} ${number}`)?.[2];
  }

  /** Lets go of the other names of orders that are not held. */
  retain(isHeld: (id: number) => boolean): void {
    for (const [key, [id]] of this.#otherNames) if (!isHeld(id)) this.#otherNames.delete(key);
  }

  save(): SavedReconFills {
    return {
      rows: Array.from(this.#rows.values(), tupleOf),
      forgottenNs: this.#forgottenNs,
      otherNames: [...this.#otherNames.values()],
    };
  }

  /** Takes what `save` wrote, into an empty one. @throws `FAULT_INPUT` for anything else. */
  load(saved: SavedReconFills): void {
    for (const row of saved.rows) {
      const kept = executionOf(row);
      if (kept === undefined || this.#rows.has(kept.execId)) {
        throw new Fault("FAULT_INPUT", { path: "saved.fills", value: row, expected: "what save wrote" });
      }
      this.put(kept);
    }
    const { forgottenNs } = saved;
    if (forgottenNs !== null) this.#forgottenNs = Math.max(forgottenNs, this.#forgottenNs ?? -Infinity);
    for (const [id, number, execId] of saved.otherNames) this.rename(id, number, execId);
  }
}

function tupleOf(row: KeptExecution): SavedExecution {
  const { execId, id, number, station, sign, priceTicks, lots, venueNs, latestNs, feeMinor } = row;
  const fee = feeMinor === null ? null : String(feeMinor);
  const saved = [
    ...([execId, id, number, station, sign, priceTicks, lots, venueNs, latestNs] as const),
    ...([row.isMaker ? 1 : 0, fee, row.orderId, row.clientOrderId] as const),
  ] as const;
  return row.feeCurrency === undefined ? saved : [...saved, row.feeCurrency];
}

/** The execution of a saved row; undefined for anything else. */
function executionOf(row: SavedExecution): KeptExecution | undefined {
  if (!Array.isArray(row) || typeof row[0] !== "string") return undefined;
  const [execId, id, number, station, sign, priceTicks, lots, venueNs, latestNs, maker, fee, ...names] = row;
  const numbers = [id, number, station, sign, priceTicks, lots, venueNs, latestNs];
  if (!numbers.every(Number.isSafeInteger) || !(fee === null || /^-?\d{1,38}$/.test(fee))) return undefined;
  const [orderId, clientOrderId, feeCurrency] = names;
  if (feeCurrency !== undefined && typeof feeCurrency !== "string") return undefined;
  const feeMinor = fee === null ? null : BigInt(fee);
  const terms = { station, sign, priceTicks, lots, venueNs, latestNs, isMaker: maker === 1, feeMinor };
  const kept = { execId, id, number, ...terms, orderId, clientOrderId };
  return feeCurrency === undefined ? kept : { ...kept, feeCurrency };
}
