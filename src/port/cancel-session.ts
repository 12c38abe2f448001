/** One order a {@link CancelSession} is to cancel. */
export interface CancelTarget {
  /** The text that cancels the order at its venue. */
  readonly id: string;
  readonly instrument: number;
  /** +1 buys, -1 sells; 0 for an order that stood on no board and was found by a query. */
  readonly side: number;
}

/** What a {@link CancelSession} tells the kill agent; any of it may be said at any time, in any order. */
export interface CancelSessionEvents {
  /** The venue gave a sign of life. Every other event but `down` is one too. */
  alive(): void;
  /** An order is no longer open: canceled now, or over before. */
  canceled(id: string): void;
  /** The venue refused to cancel an order that may be open still, or that it does not know yet. */
  rejected(id: string, reason: string): void;
  /** The answer to `queryOpen`: every order of this account that is open at the venue. */
  open(ids: readonly string[]): void;
  /** The session is gone; the agent closes it and opens another. */
  down(reason: string): void;
}

/**
 * A connection of the kill agent's own to one venue, with credentials that can cancel and nothing else.
 *
 * Every method writes to the wire and returns: answers come as events. None may wait, or the other venues wait too.
 */
export interface CancelSession {
  /** Gives cancels to the wire, in order; says how many were given: the others come again in a moment. */
  cancel(targets: readonly CancelTarget[]): number;
  /** Asks which orders are open; the venue's answer is the event `open`. */
  queryOpen(): void;
  /** Asks for a sign of life. */
  heartbeat(): void;
  /** Cancels everything of the account in one message, where the venue can; sent beside the single cancels. */
  massCancel?(): void;
  close(): void;
}
