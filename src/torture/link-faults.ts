/**
 * What is wrong with a link at the moment: a fault plan sets the fields at any time, and they hold from the
 * next message on. All 0 is a TCP connection: nothing lost, everything in order.
 *
 * @units probabilities are per message, within 0 and 1; times in ns
 */
export interface LinkFaults {
  /** The message is lost and nobody is told. */
  drop: number;
  /** The message comes twice, the second up to `reorderNs` later. */
  duplicate: number;
  /** The message is held for up to `reorderNs` while later ones overtake it. */
  reorder: number;
  reorderNs: number;
  /** The message, and so all behind it, is held for up to `delayNs`. */
  delay: number;
  delayNs: number;
  /** One random bit of the record is flipped. */
  corrupt: number;
  /** The receiver reads no more than so many messages a second, at least 1; 0 does not limit it. */
  readPerSecond: number;
}

/** A link's faults with nothing wrong. */
export function noLinkFaults(): LinkFaults {
  return {
    drop: 0,
    duplicate: 0,
    reorder: 0,
    reorderNs: 0,
    delay: 0,
    delayNs: 0,
    corrupt: 0,
    readPerSecond: 0,
  };
}

/** What a link counted since it was made. */
export interface LinkCounts {
  sent: number;
  delivered: number;
  dropped: number;
  duplicated: number;
  reordered: number;
  delayed: number;
  corrupted: number;
  /** Messages that found the link closed, half-open, or cut while they were on the way. */
  lost: number;
  /** Times the link broke because the receiver was too slow for its bounded queue. */
  overflows: number;
  cuts: number;
}
