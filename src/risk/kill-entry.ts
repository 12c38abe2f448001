import type { KillEnd, KillPart } from "./kill-part.ts";
import type { OrderRef } from "./kill-port.ts";

/** One order that has to go: a link of the list it waits in. */
export class KillEntry {
  readonly ref: OrderRef;
  /** The kills that want it gone. */
  readonly owners = new Set<KillPart>();
  /** `null` while it may be open. */
  end: KillEnd | null = null;
  /** A cancel of it has left. */
  handed = false;
  /** When its cancel is sent again. */
  dueNs = 0;
  /** The last request there was when it was last heard of, but for answers: only a later question can prove it gone. */
  sinceId = 0;
  /** The last question whose answer listed it. */
  listedId = 0;
  prev: KillEntry = this;
  next: KillEntry = this;

  constructor(ref: OrderRef) {
    this.ref = ref;
  }

  /** Takes it out of the list it is in. */
  unlink(): void {
    this.prev.next = this.next;
    this.next.prev = this.prev;
    this.prev = this;
    this.next = this;
  }

  /** Its cancel has left, or is no more needed. */
  hand(): void {
    if (this.handed) return;
    this.handed = true;
    for (const part of this.owners) part.unhanded -= 1;
  }
}

/** A queue of entries; each entry is in one queue at most. @cost O(1) each, nothing allocated */
export class KillQueue {
  readonly #end = new KillEntry("");

  /** The first entry, `null` for none. */
  get first(): KillEntry | null {
    return this.#end.next === this.#end ? null : this.#end.next;
  }

  /** Puts an entry at the end, out of the queue it was in. */
  append(entry: KillEntry): void {
    entry.unlink();
    entry.prev = this.#end.prev;
    entry.next = this.#end;
    entry.prev.next = entry;
    this.#end.prev = entry;
  }
}
