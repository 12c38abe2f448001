/**
 * Where the bytes of one segment go: a file, an object store that only appends.
 *
 * @invariant `append` takes the bytes before it returns: the array is used again.
 * @throws Whatever it throws stops the chain for good: what cannot be recorded must not happen.
 */
export interface AuditSink {
  /** Takes the next bytes of the segment. */
  append(bytes: Uint8Array): void;
  /** The segment is complete; no more bytes follow. */
  seal(): void;
}

/** A checkpoint on its way to an anchor. */
export interface AnchoredCheckpoint {
  /** The signed note. */
  readonly note: string;
  /** Leaves of the tree. */
  readonly treeSize: number;
  /** Of the note's text. @shape 64 hex digits */
  readonly checkpointHash: string;
}

/**
 * A place outside of the firm's reach where checkpoints are kept: a time-stamping authority, a transparency log, a
 * second administrative domain. Without one, whoever holds the key can write another past.
 */
export interface AuditAnchor {
  /** Its name, as it stands in the records of its receipts. */
  readonly name: string;
  /**
   * Publishes a checkpoint. What it returns is recorded as the receipt; `null` where the receipt comes later, as an
   * `anchorReceipt` that the caller appends.
   *
   * @throws What it throws is recorded as `anchorFailed`; the chain goes on.
   */
  publish(checkpoint: AnchoredCheckpoint): Uint8Array | null;
}
