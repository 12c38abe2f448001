import { checkInteger, type Prng } from "../base/index.ts";
import { WIRE, WIRE_STRIDE } from "./wire.ts";

/**
 * Messages that wait for a venue's decision, in the order they came: a ring that doubles when it is full.
 *
 * @invariant First in, first out, whichever time was drawn for which.
 * @cost One copy of 20 doubles in; nothing is allocated while as many wait as once did.
 */
export class VenueInbox {
  /** The ring; {@link VenueInbox.take} says where a message stands. The checksum's cell holds its arrival. */
  cells: Float64Array = new Float64Array(64 * WIRE_STRIDE);
  /** Messages that wait. */
  size = 0;
  readonly #rng: Prng;
  readonly #leastNs: number;
  readonly #spanNs: number;
  #first = 0;

  /** @throws `FAULT_CONFIG` unless 0 <= least <= most. @units ns */
  constructor(rng: Prng, leastNs: number, mostNs: number) {
    this.#rng = rng;
    this.#leastNs = checkInteger("venue.decisionNsMin", leastNs, 0);
    this.#spanNs = checkInteger("venue.decisionNsMax", mostNs, leastNs) - leastNs;
  }

  /** Takes a message in; returns when one more decision is due. */
  put(cells: Float64Array, offset: number, nowNs: number): number {
    const room = this.cells.length / WIRE_STRIDE;
    if (this.size === room) this.#grow(room);
    const slots = this.cells.length / WIRE_STRIDE;
    const at = ((this.#first + this.size) % slots) * WIRE_STRIDE;
    for (let i = 0; i < WIRE_STRIDE; i++) this.cells[at + i] = cells[offset + i] as number;
    this.cells[at + WIRE.check] = nowNs;
    this.size += 1;
    return nowNs + this.#leastNs + Math.floor(this.#rng.float() * (this.#spanNs + 1));
  }

  /** Takes the oldest message out; returns where it stands in `cells` until the next `put`. */
  take(): number {
    const at = this.#first * WIRE_STRIDE;
    this.#first = (this.#first + 1) % (this.cells.length / WIRE_STRIDE);
    this.size -= 1;
    return at;
  }

  #grow(room: number): void {
    const grown = new Float64Array(this.cells.length * 2);
    const from = this.#first * WIRE_STRIDE;
    grown.set(this.cells.subarray(from));
    grown.set(this.cells.subarray(0, from), room * WIRE_STRIDE - from);
    this.cells = grown;
    this.#first = 0;
  }
}
