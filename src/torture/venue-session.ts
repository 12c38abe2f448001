import type { Prng } from "../base/index.ts";
import { END } from "./connection.ts";
import { checkedSessionOptions, type SessionOptions, STREAM } from "./session-options.ts";
import { WIRE, WIRE_KIND } from "./wire.ts";
import { WireSession } from "./wire-session.ts";

/**
 * The venue's end of a sequenced session: it waits for the client's logon and decides which numbering holds.
 *
 * The numbering goes on where both ends mean the same generation. Otherwise a new one begins; messages that
 * were stored for a generation that no client took go over into it, so that an answer lost on the way costs
 * none.
 *
 * @invariant As {@link WireSession}.
 */
export class VenueSession extends WireSession {
  readonly #rng: Prng;
  /** Whether the client is known to have taken this generation. */
  #isTaken = false;

  /** @throws `FAULT_CONFIG` naming the option. */
  constructor(options: SessionOptions) {
    super(END.venue, checkedSessionOptions(options), options.storesWhileDown ?? true);
    this.#rng = options.rng.fork("generation");
  }

  /**
   * Loses all numbers and all stored messages, as a failover to a standby without them does. The connection
   * is closed; the next logon begins a new numbering.
   */
  forgetSequence(): void {
    this.disconnect();
    this.restart(0, this.peerNextIn);
    this.peerNextIn = 1;
    this.#isTaken = false;
  }

  protected override onConnected(): void {
    // the client speaks first
  }

  protected override onLogonMessage(kind: number, cells: Float64Array, offset: number): void {
    if (kind !== WIRE_KIND.logon) return;
    const generation = cells[offset + WIRE.id] as number;
    const clientNextIn = cells[offset + WIRE.lots] as number;
    const isSame = generation !== 0 && generation === this.generation && clientNextIn <= this.store.nextSeq;
    const round = this.round;
    if (isSame) this.#isTaken = true;
    else this.#renumber(generation, clientNextIn);
    if (round !== this.round) return;
    this.sendLogon(WIRE_KIND.logonAck, !isSame);
    this.goUp(isSame ? clientNextIn : 1);
  }

  protected override onHeard(kind: number): void {
    // A logon that came twice proves nothing: the client may still wait for the answer.
    if (kind !== WIRE_KIND.logon) this.#isTaken = true;
  }

  /**
   * Begins a new generation. The stored messages go over into it where the client took nothing of the last
   * one; otherwise they are named as lost.
   */
  #renumber(clientGeneration: number, clientNextIn: number): void {
    const { generation } = this;
    const next = Math.max(generation, clientGeneration) + 1 + this.#rng.below(1 << 16);
    if (generation !== 0 && this.#isTaken) {
      const received = clientGeneration === generation ? clientNextIn : this.peerNextIn;
      this.restart(next, received);
    } else {
      this.beginIncoming(next);
      if (generation !== 0) this.settings.onReset?.(STREAM.incoming, generation, 1, Number.POSITIVE_INFINITY);
    }
    this.#isTaken = false;
  }
}
