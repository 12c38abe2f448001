import { checkInteger, type Prng } from "../base/index.ts";
import { END } from "./connection.ts";
import {
  type ClientSessionOptions,
  checkedSavedSession,
  checkedSessionOptions,
  SESSION_STATE,
  SESSION_TIMER,
} from "./session-options.ts";
import { WIRE, WIRE_FLAG, WIRE_KIND } from "./wire.ts";
import { WireSession } from "./wire-session.ts";

const OWN_OPTIONS = ["redialNs", "maxRedialNs", "resume"] as const;

/**
 * The client's end of a sequenced session: it dials, says which numbers it knows, and dials again after every
 * loss with growing, drawn waits.
 *
 * A process that crashed goes on in one of two ways: with `resume`, where the venue sends again what this end
 * is not known to have received, or without, where both ends agree on a new numbering and the venue reports
 * what is lost with the old one. Numbers saved too early are no harm: messages come again, and the outgoing
 * numbers go on where the venue says.
 *
 * @invariant As {@link WireSession}; what the application saved with {@link WireSession.saved} after a
 * message's effect was durable is never asked for again.
 */
export class ClientSession extends WireSession {
  readonly #rng: Prng;
  readonly #redialNs: number;
  readonly #maxRedialNs: number;
  #isWanted = false;
  #isDialing = false;
  #failures = 0;

  /** @throws `FAULT_CONFIG` naming the option. */
  constructor(options: ClientSessionOptions) {
    const settings = checkedSessionOptions(options, OWN_OPTIONS);
    const { redialNs = 5e7, maxRedialNs = 2e9, resume, storesWhileDown = false } = options;
    super(END.client, settings, storesWhileDown);
    this.#rng = options.rng.fork("redial");
    this.#redialNs = checkInteger("session.redialNs", redialNs, 1);
    this.#maxRedialNs = checkInteger("session.maxRedialNs", maxRedialNs, redialNs);
    if (resume === undefined) return;
    const { generation, nextIn, nextOut } = checkedSavedSession(resume);
    this.beginIncoming(generation);
    this.incoming.restart(nextIn);
    this.store.startAt(nextOut);
    this.isUnsure = true;
  }

  /** Dials, and dials again after every loss until {@link ClientSession.logout}. */
  connect(): void {
    this.#isWanted = true;
    if (this.state === SESSION_STATE.down && !this.#isDialing) this.#dial();
  }

  override logout(): void {
    this.#isWanted = false;
    super.logout();
  }

  protected override onConnected(): void {
    this.#isDialing = false;
    this.sendLogon(WIRE_KIND.logon, this.generation === 0);
  }

  protected override onLogonMessage(kind: number, cells: Float64Array, offset: number): void {
    if (kind !== WIRE_KIND.logonAck) return;
    const isReset = ((cells[offset + WIRE.flags] as number) & WIRE_FLAG.reset) !== 0;
    const generation = cells[offset + WIRE.id] as number;
    const venueNextIn = cells[offset + WIRE.lots] as number;
    const round = this.round;
    if (isReset && this.generation === 0) this.beginIncoming(generation);
    else if (isReset) this.restart(generation, this.peerNextIn);
    else if (venueNextIn > this.store.nextSeq) this.store.startAt(venueNextIn);
    if (round !== this.round) return;
    this.#failures = 0;
    this.goUp(venueNextIn);
  }

  protected override onGone(): void {
    this.#isDialing = false;
    if (!this.#isWanted) return;
    const waitNs = Math.min(this.#redialNs * (1 << Math.min(this.#failures, 20)), this.#maxRedialNs);
    this.#failures += 1;
    const drawnNs = Math.floor(this.#rng.float() * waitNs);
    const ns = (this.scheduler.nowNs[0] as number) + waitNs + drawnNs;
    this.#isDialing = true;
    this.scheduler.at(ns, this.self, SESSION_TIMER.dial, this.round);
  }

  protected override onTimer(): void {
    if (this.#isWanted) this.#dial();
    else this.#isDialing = false;
  }

  #dial(): void {
    this.#isDialing = true;
    this.connection.dial();
  }
}
