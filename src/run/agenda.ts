import type { Lane } from "./lane.ts";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Which lane is next: by time, then closes before opens, then by the order of the lanes.
 *
 * @invariant Equal lanes give equal turns: nothing but times, ranks and places decides.
 * @invariant Where only expiries of resting orders are left in every lane, none is next.
 * @cost O(lanes) for each change of lane.
 */
export class Agenda {
  readonly #lanes: readonly Lane[];
  readonly #nextNs: Float64Array;
  readonly #rank: Uint8Array;
  /** Whether a lane's stream goes on or something is on its way there. */
  readonly #isAlive: Uint8Array;
  /** The lane that is next, -1 at the end. */
  lane = -1;
  /** When its next event is. */
  readonly firstNs: Float64Array = new Float64Array([NEVER]);
  /** When another lane's is. */
  readonly secondNs: Float64Array = new Float64Array([NEVER]);

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
    this.#nextNs = new Float64Array(lanes.length);
    this.#rank = new Uint8Array(lanes.length);
    this.#isAlive = new Uint8Array(lanes.length);
    this.lookAll();
  }

  /** Asks every lane anew: after a strategy acted. */
  lookAll(): void {
    for (let i = 0; i < this.#lanes.length; i++) this.look(i);
  }

  /** Asks one lane anew: after it advanced. */
  look(i: number): void {
    const lane = this.#lanes[i] as Lane;
    const ns = lane.nextNs();
    this.#isAlive[i] = ns < NEVER ? 1 : 0;
    this.#nextNs[i] = ns < NEVER ? ns : lane.restNs();
    this.#rank[i] = lane.nextRank();
  }

  /** Finds the next lane and the one after it. */
  choose(): void {
    let first = -1;
    let second = -1;
    if (!this.#isAlive.includes(1)) return this.#end();
    for (let i = 0; i < this.#lanes.length; i++) {
      if (this.#nextNs[i] === NEVER) continue;
      if (first < 0 || this.#isBefore(i, first)) {
        second = first;
        first = i;
      } else if (second < 0 || this.#isBefore(i, second)) second = i;
    }
    this.lane = first;
    this.firstNs[0] = first < 0 ? NEVER : (this.#nextNs[first] as number);
    this.secondNs[0] = second < 0 ? NEVER : (this.#nextNs[second] as number);
  }

  #end(): void {
    this.lane = -1;
    this.firstNs[0] = NEVER;
    this.secondNs[0] = NEVER;
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.#nextNs[i] as number;
    const b = this.#nextNs[j] as number;
    if (a !== b) return a < b;
    const ranks = (this.#rank[i] as number) - (this.#rank[j] as number);
    return ranks !== 0 ? ranks < 0 : i < j;
  }
}
