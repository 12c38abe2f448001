/**
 * When a record counts as durable: `sync`, once the local disk has it; `replicated`, once enough replicas hold it in
 * memory, the disk following behind; `async`, once the operating system has it, which survives the end of the process
 * and not the loss of power (paper trading only).
 */
export type DurabilityPolicy = "sync" | "replicated" | "async";

/**
 * The log that everything else is rebuilt from: records go in one by one and become durable together.
 *
 * @invariant Sequence numbers go up by one without a gap; they outlive the process.
 * @invariant `durableSeq` never claims more than would be found again, and only grows. An effect of a record (an
 * order sent) may leave when `durableSeq` has reached the record.
 */
export interface Journal {
  /** What counts as durable here. */
  readonly policy: DurabilityPolicy;
  /** The sequence number of the last record that was appended; 0 where there is none. */
  readonly lastSeq: number;
  /** The highest record that is durable according to the policy. */
  readonly durableSeq: number;
  /** Which owner of the journal writes now; every opening gets a higher one. */
  readonly epoch: number;
  /**
   * Takes a record and gives it the next sequence number. It is durable after the next {@link Journal.commit}.
   *
   * @units `tsNs` ns from the session's base
   * @throws `FAULT_INPUT` on a type or time that cannot be written, `FAULT_CAPACITY` on a payload that is too long,
   * `FAULT_DISK_FULL` where only closing records are taken, `FAULT_IO` after a failure of the disk.
   */
  append(type: number, payload: Uint8Array, tsNs: number): number;
  /**
   * As {@link Journal.append}, for what ends trading (a cancel, a kill, a stop): it may use the space that is kept
   * back for a full disk.
   */
  appendClosing(type: number, payload: Uint8Array, tsNs: number): number;
  /**
   * Makes everything that was appended durable according to the policy; returns `durableSeq`.
   *
   * @throws `FAULT_IO` where disk or replicas failed. Nothing may be sent after that: the journal takes no more calls.
   */
  commit(): number;
  /** Commits and ends; later calls are faults. */
  close(): void;
}

/** Another machine that holds a copy of the log: the far end of the policy `replicated`. */
export interface Replica {
  readonly name: string;
  /** Hands over whole records, in order; returns at once. The bytes are reused afterwards. */
  send(records: Uint8Array, firstSeq: number, lastSeq: number): void;
  /**
   * The highest sequence number this replica has acknowledged to hold; waits for `seq`, but not for ever: how long is
   * the replica's own option.
   */
  heldSeq(seq: number): number;
}
