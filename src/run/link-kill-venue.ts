import { checkArray, checkKeys, checkText, Fault } from "../base/index.ts";
import type { Ticket } from "../kernel/index.ts";
import { REPORT } from "../model/index.ts";
import type { KillOrder, KillOrders, KillScope, KillSwitch, KillVenue, OrderRef } from "../risk/index.ts";
import type { VenueLink, VenueOutcome } from "../venue/index.ts";
import { orderScopes } from "./kill-orders.ts";
import type { TraderTime } from "./trader-time.ts";
import type { TradingSession } from "./trading-session.ts";

/** What a {@link LinkKillVenue} is made from. */
export interface LinkKillVenueOptions {
  /** The name that the switch's venue scope gives. */
  readonly name: string;
  readonly sessions?: readonly string[];
}

/** Who a {@link LinkKillVenue} tells: a {@link KillSwitch}. */
type Switch = Pick<
  KillSwitch,
  "onAck" | "onCancelConfirmed" | "onCancelRejected" | "onFilled" | "onOpenOrders"
>;

/** An order of the account that is none of the session's. */
interface Stranger {
  readonly station: number;
  readonly orderId: string;
}

const ENDS: readonly number[] = [REPORT.canceled, REPORT.expired, REPORT.rejected];

/**
 * The way of a `KillSwitch` to the venue of a `LinkedVenue`: cancels leave through its link, past the gate, and what the
 * venue says comes back to the switch. Also the switch's list of this venue's orders (`KillOrders`).
 *
 * Make it first, give it to `LinkedVenue` as `kill` and to the switch in `venues`, then `tie` the two.
 *
 * An order's reference is its number in the session; one that is none of the session's is named `venue:` and the venue's id.
 *
 * @invariant It hands over and returns: nothing waits for the venue.
 * @throws `FAULT_CONFIG` naming the option; `FAULT_INPUT` where its venue was not prepared, which a switch tries again
 * @example
 * ```ts
 * import { LinkKillVenue } from "tickwright/run";
 * const venue = new LinkKillVenue({ name: "binance" }); // new LinkedVenue({ ..., kill: venue })
 * [...venue.open(null)]; // => []
 * ```
 */
export class LinkKillVenue implements KillVenue, KillOrders {
  readonly name: string;
  readonly sessions: readonly string[];
  #session: TradingSession | undefined = undefined;
  #link: VenueLink | undefined = undefined;
  #time: TraderTime | undefined = undefined;
  #kill: Switch | undefined = undefined;
  readonly #strangers = new Map<OrderRef, Stranger>();

  constructor(options: LinkKillVenueOptions) {
    checkKeys("linkKillVenue", options, ["name", "sessions"]);
    this.name = checkText("linkKillVenue.name", options.name);
    this.sessions = checkArray("linkKillVenue.sessions", options.sessions ?? [], 0);
  }

  /** The switch that is told what the venue says. */
  tie(kill: KillSwitch): void {
    this.#kill = kill;
  }

  /** Called by `LinkedVenue`, before its session is loaded or begun. @internal */
  prepare(session: TradingSession, link: VenueLink, time: TraderTime): void {
    this.#session = session;
    this.#link = link;
    this.#time = time;
    session.watch({
      reported: (kind, ticket) => this.#reported(kind, ticket),
      filled: (_fill, ticket) => {
        if (!ticket.isOpen) this.#tell(ticket, (kill, ref, now) => kill.onFilled(this.name, ref, now));
      },
    });
  }

  // --- the way out ---

  massCancel(): void {
    void this.#ready.cancelAll(null).catch(ignore);
  }

  cancel(ref: OrderRef): void {
    const link = this.#ready;
    const stranger = this.#strangers.get(ref);
    if (stranger !== undefined) {
      const { station, orderId } = stranger;
      void this.#asked(ref, link.cancelOrder(station, orderId));
    } else void this.#asked(ref, link.cancelHeld(Number(ref)));
  }

  queryOpenOrders(requestId: number): void {
    void this.#ready.ask({ sections: ["orders"] }).then(({ orders = [] }) => {
      const refs = orders.filter(({ state }) => state === "open").map((order) => this.#refOf(order));
      this.#kill?.onOpenOrders(this.name, requestId, refs, this.#nowNs);
    }, ignore);
  }

  // --- the orders of a scope ---

  *open(scope: KillScope | null): Generator<KillOrder> {
    const session = this.#session;
    if (session === undefined) return;
    const { orders } = session.kernel;
    for (const station of this.#ready.stations) {
      for (let row = orders.firstOfInstrument(station); row >= 0; row = orders.nextOfInstrument(row)) {
        if (!this.#isOf(scope, station, orders.strategy[row] as number)) continue;
        const [ref, openedNs] = [orders.id[row] as number, orders.createdNs[row] as number];
        yield { venue: this.name, ref, aggressiveness: 0, openedNs };
      }
    }
  }

  includes(scope: KillScope, venue: string, ref: OrderRef): boolean {
    const session = this.#session;
    if (venue !== this.name || session === undefined) return false;
    const { orders } = session.kernel;
    const row = orders.rowOf(Number(ref));
    // Whose it is nobody knows: better one too many.
    if (row < 0) return true;
    return this.#isOf(scope, orders.instrument[row] as number, orders.strategy[row] as number);
  }

  #isOf(scope: KillScope | null, station: number, strategy: number): boolean {
    if (scope === null) return true;
    if (scope.kind === "session") return this.sessions.includes(scope.name);
    if (scope.kind === "venue" && scope.name === this.name) return true;
    const scopes = orderScopes(this.#session as TradingSession, this.#ready.account, station, strategy);
    return scopes.some(({ kind, name }) => kind === scope.kind && name === scope.name);
  }

  /** A cancel that the venue has no order for is no rejection that a report tells of. */
  async #asked(ref: OrderRef, request: Promise<VenueOutcome>): Promise<void> {
    try {
      const { outcome } = await request;
      if (outcome === "answered" && this.#strangers.delete(ref))
        this.#kill?.onCancelConfirmed(this.name, ref, this.#nowNs);
    } catch {
      // The switch sends it again.
    }
  }

  #reported(kind: number, ticket: Ticket): void {
    if (ENDS.includes(kind)) {
      if (!ticket.isOpen) this.#tell(ticket, (kill, ref, now) => kill.onCancelConfirmed(this.name, ref, now));
    } else if (kind === REPORT.cancelRejected) {
      this.#tell(ticket, (kill, ref, now) => kill.onCancelRejected(this.name, ref, now));
    } else if (kind === REPORT.accepted)
      this.#tell(ticket, (kill, ref, now) => kill.onAck(this.name, ref, now));
  }

  #tell(ticket: Ticket, say: (kill: Switch, ref: OrderRef, nowNs: number) => void): void {
    const session = this.#session;
    const kill = this.#kill;
    // A recovery tells again what was told before.
    if (kill === undefined || session?.isRunning !== true) return;
    const { orders, instruments } = session.kernel;
    const station = orders.isCurrent(ticket.row, ticket.id)
      ? (orders.instrument[ticket.row] as number)
      : instruments.indexOf(ticket.instrument);
    if (this.#link?.stations.includes(station) === true) say(kill, ticket.id, this.#nowNs);
  }

  #refOf(order: {
    readonly instrument: string;
    readonly orderId: string;
    readonly clientOrderId?: string | null;
  }): OrderRef {
    const link = this.#ready;
    const { orderId, clientOrderId = null } = order;
    const name = clientOrderId === null ? undefined : link.ids.parse(clientOrderId);
    if (name !== undefined) return name.id;
    const ref = `venue:${orderId}`;
    const station = link.stations.find((each) => link.instrument(each).key === order.instrument);
    if (station !== undefined) this.#strangers.set(ref, { station, orderId });
    return ref;
  }

  get #nowNs(): number {
    return Math.max(this.#time?.nowNs() ?? 0, this.#session?.kernel.nowNs[0] ?? 0);
  }

  get #ready(): VenueLink {
    if (this.#link !== undefined) return this.#link;
    const expected = "a LinkedVenue that it was given to, prepared";
    throw new Fault("FAULT_INPUT", { path: "linkKillVenue", value: this.name, expected });
  }
}

function ignore(): void {}
