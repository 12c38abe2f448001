// A venue, an audit and an order book for the kill switch, each as slow and as obvious as can be.
import type { KillOrder, KillVenue, OrderRef } from "../../src/risk/kill-port.ts";
import type { KillSwitch } from "../../src/risk/kill-switch.ts";

/** What may go wrong at a venue, in one call in so many; 0 never. */
export interface Trouble {
  readonly throwing: number;
  readonly losing: number;
  readonly rejecting: number;
  readonly filling: number;
  readonly delayStepsMax: number;
}

interface Message {
  readonly atStep: number;
  readonly send: () => void;
}

/** A venue that loses, delays, reorders, rejects and fills; the truth about its orders is the set `open`. */
export class UnreliableVenue implements KillVenue {
  readonly name: string;
  readonly open = new Set<OrderRef>();
  /** Every cancel that this venue was handed, taken or lost. */
  readonly handed = new Set<OrderRef>();
  trouble: Trouble;
  dead = false;
  /** Orders on the way here. */
  readonly coming: { readonly ref: OrderRef; readonly atStep: number }[] = [];
  massCancel?: (requestId: number) => void;
  readonly #random: () => number;
  readonly #wire: Message[] = [];
  #step = 0;
  #kill: KillSwitch | null = null;
  #now: () => number = () => 0;

  constructor(name: string, trouble: Trouble, hasMass: boolean, random: () => number) {
    this.name = name;
    this.trouble = trouble;
    this.#random = random;
    if (hasMass) this.massCancel = () => this.#take(() => this.#post(() => this.#endAll()));
  }

  connect(kill: KillSwitch, now: () => number): void {
    this.#kill = kill;
    this.#now = now;
  }

  cancel(ref: OrderRef): void {
    this.#take(() => {
      this.handed.add(ref);
      this.#post(() => {
        if (!this.open.has(ref) || this.#chance(this.trouble.rejecting)) {
          this.#post(() => this.#kill?.onCancelRejected(this.name, ref, this.#now()));
        } else this.#end(ref);
      });
    });
  }

  queryOpenOrders(requestId: number): void {
    this.#take(() =>
      this.#post(() => {
        const refs = [...this.open];
        this.#post(() => this.#kill?.onOpenOrders(this.name, requestId, refs, this.#now()));
      }),
    );
  }

  /** Lets one step of time pass at the venue. */
  tick(): void {
    this.#step += 1;
    for (const order of this.coming.splice(0)) {
      if (order.atStep > this.#step) this.coming.push(order);
      else this.#arrive(order.ref);
    }
    for (const ref of this.open) if (this.#chance(this.trouble.filling)) this.#fill(ref);
    for (const message of this.#wire.splice(0)) {
      if (message.atStep > this.#step) this.#wire.push(message);
      else message.send();
    }
  }

  /** An order leaves for the venue and is `flightSteps` on the wire. */
  send(ref: OrderRef, flightSteps: number): void {
    this.coming.push({ ref, atStep: this.#step + flightSteps });
  }

  #arrive(ref: OrderRef): void {
    this.open.add(ref);
    this.#post(() => this.#kill?.onAck(this.name, ref, this.#now()));
  }

  #end(ref: OrderRef): void {
    this.open.delete(ref);
    this.#post(() => this.#kill?.onCancelConfirmed(this.name, ref, this.#now()));
  }

  #endAll(): void {
    for (const ref of this.open) this.#end(ref);
  }

  #fill(ref: OrderRef): void {
    this.open.delete(ref);
    this.#post(() => this.#kill?.onFilled(this.name, ref, this.#now()));
  }

  #take(act: () => void): void {
    if (this.dead || this.#chance(this.trouble.throwing)) throw new Error(`${this.name} does not answer`);
    act();
  }

  /** Puts a message on the wire, where it may be lost or late; delays differ, so messages overtake one another. */
  #post(send: () => void): void {
    if (this.#chance(this.trouble.losing)) return;
    this.#wire.push({
      atStep: this.#step + Math.floor(this.#random() * (this.trouble.delayStepsMax + 1)),
      send,
    });
  }

  #chance(oneIn: number): boolean {
    return oneIn > 0 && this.#random() * oneIn < 1;
  }
}

/** The list that a kill begins with: what was sent, whether it has arrived or not. */
export function ordersOf(venues: readonly UnreliableVenue[]): KillOrder[] {
  return venues.flatMap((venue) =>
    [...venue.open, ...venue.coming.map(({ ref }) => ref)].map((ref, at) => ({
      venue: venue.name,
      ref,
      aggressiveness: at % 3,
      openedNs: at,
    })),
  );
}
