import { Fault } from "../base/index.ts";
import type { RingRefusal } from "./refusals.ts";
import type { RingWaitOptions } from "./ring-wait.ts";

/** How a producer publishes and waits. */
export interface RingProducerOptions extends RingWaitOptions {
  /** Committed messages that are published together at the latest; 64 unless given. Rings of one producer only. */
  readonly batch?: number;
  /** Batches, at most, from one look at consumers that are behind to the next; 16 unless given. One producer only. */
  readonly look?: number;
  /** Takes the place of a holder whose thread has ended; false unless given. Rings of one producer only. */
  readonly takeOver?: boolean;
}

/** What a producer has done and seen since it was opened. */
export interface RingProducerStats {
  /** Messages committed. */
  readonly committed: number;
  /** Claims that found no room. */
  readonly refusals: number;
  /** Waits that found no room at first, and the times they went to sleep. */
  readonly waits: number;
  readonly parks: number;
  /** The most unreleased messages, pending ones included, that a look at the consumers has seen. */
  readonly highWater: number;
}

/**
 * Writes messages into a ring: claim slots, fill them through the ring's views, commit.
 *
 * @invariant A slot that is claimed is one that every gating consumer has released.
 */
export interface RingProducer {
  /**
   * Claims the next `count` slots and returns the first, or -1 where the ring has no room for all of them. The others
   * are `(first + k) & ring.mask`. What was committed before is published when there is no room. Of what is claimed and
   * not committed an only producer claims the same slots anew, without a look; one of several refuses.
   *
   * @cost A comparison where the last look at the consumers still allows it; with several producers 3 atomic
   * operations.
   * @throws `FAULT_INPUT` for a count that no ring of this size has, and by one of several producers over an open claim;
   * `FAULT_VIEW_EXPIRED` after `close`; `FAULT_INVARIANT` where the memory was damaged.
   */
  claim(count?: number): number;
  /**
   * Says that the claimed slots are filled. One of several producers publishes with it; an only one at once where the
   * consumers have read what was published before, else when `batch` are pending, with `flush` or a refused claim. In a
   * stream, and after a ring that was full, it looks seldom: a turn ends with `flush`.
   *
   * @cost An addition and two comparisons while a batch fills; a look or a publish is about as much as ten messages.
   * @throws `FAULT_INPUT` where nothing is claimed.
   */
  commit(): void;
  /**
   * Commits what is claimed, claims one more and returns its slot, or -1 where the ring is full: a stream in one call a
   * message. The last one is committed with `publish`.
   *
   * @cost Half of a claim and a commit: an addition and a comparison.
   * @throws `FAULT_VIEW_EXPIRED` after `close`.
   */
  next(): number;
  /** Publishes what is committed: call it at the end of each turn. */
  flush(): void;
  /** `commit`, then `flush`. */
  publish(): void;
  /**
   * Waits until there is room for `count`, beside what is claimed and not committed, and says whether there is: false
   * after `timeoutMs`, see {@link RingWaitOptions}.
   */
  wait(count: number, timeoutMs: number): boolean;
  /** As `wait`, for a thread that must not block. */
  waitAsync(count: number, timeoutMs: number): boolean | PromiseLike<boolean>;
  /**
   * Why a claim of `count` slots is refused now; undefined where it is not.
   *
   * @refuses `RING_NO_CONSUMER`, `RING_FULL`
   */
  refusal(count?: number): RingRefusal | undefined;
  stats(): RingProducerStats;
  /**
   * Whether it is open, and nobody took its place: no other call of an only producer looks.
   *
   * @cost An atomic load.
   */
  holds(): boolean;
  /**
   * Publishes what is committed and lets go of the ring. Consumers go on.
   *
   * @throws `FAULT_INPUT` where slots are claimed and not committed: they would be lost, or with several producers hold
   * up every consumer for ever.
   */
  close(): void;
}

/** The names of all {@link RingProducerOptions}. */
export const PRODUCER_OPTIONS = [
  "wait",
  "spins",
  "batch",
  "look",
  "takeOver",
] as const satisfies readonly (keyof RingProducerOptions)[];

/** Throws unless `count` slots can be claimed at once in a ring of `capacity`. */
export function checkCount(count: number, capacity: number): void {
  if ((count | 0) === count && count >= 1 && count <= capacity) return;
  const expected = `an integer within 1 and ${capacity}`;
  throw new Fault("FAULT_INPUT", { path: "ring.claim.count", value: count, expected });
}

/** The fault of a commit without a claim. */
export function nothingClaimed(): Fault {
  return new Fault("FAULT_INPUT", {
    path: "ring.commit",
    value: "nothing claimed",
    expected: "a claim before it",
  });
}

/** The fault of a `close` over an open claim. */
export function openClaim(claimed: number): Fault {
  const expected = "a commit of what was claimed";
  return new Fault("FAULT_INPUT", { path: "ring.close", value: `${claimed} claimed`, expected });
}

/** The fault of a claim by a producer that was closed. */
export function producerClosed(): Fault {
  const expected = "a producer that was not closed";
  return new Fault("FAULT_VIEW_EXPIRED", { path: "ring.producer", value: "closed", expected });
}
