import { checkKeys, Fault, refuse } from "../base/index.ts";
import type { RingRefusal } from "./refusals.ts";
import { DATA, GATE, HEAD, type RingMemory, SPACE } from "./ring-layout.ts";
import { hasConsumer, leastPosition } from "./ring-membership.ts";
import {
  checkCount,
  nothingClaimed,
  openClaim,
  producerClosed,
  type RingProducer,
  type RingProducerOptions,
  type RingProducerStats,
} from "./ring-producer.ts";
import { RingWait, wake } from "./ring-wait.ts";

const PATH = "ring.producer";
const EVERY = -1;

/**
 * One of several producers. A claim takes a run of slots for good; its commit publishes the run with one store, and
 * consumers read runs in the order of the claims.
 *
 * @invariant The shared gate is never more than a capacity behind the claims, so that it cannot be taken for one that
 * is 2^32 ahead, however long a producer was idle.
 */
export class MultiProducer implements RingProducer {
  readonly #memory: RingMemory;
  readonly #capacity: number;
  readonly #wait: RingWait;
  #first = 0;
  #claimed = 0;
  #wanted = 1;
  #isClosed = false;
  #committed = 0;
  #refusals = 0;
  #highWater = 0;

  constructor(memory: RingMemory, options: RingProducerOptions = {}) {
    checkKeys(PATH, options, ["wait", "spins"]);
    this.#memory = memory;
    this.#capacity = memory.layout.shape.capacity;
    this.#wait = new RingWait(
      memory.words,
      SPACE,
      () => this.#roomFor(this.#wanted) !== undefined,
      PATH,
      options,
    );
  }

  claim(count = 1): number {
    if (this.#isClosed) throw producerClosed();
    checkCount(count, this.#capacity);
    if (this.#claimed !== 0) {
      const expected = "a commit of what was claimed before: those slots hold up every consumer";
      throw new Fault("FAULT_INPUT", { path: "ring.claim", value: `${this.#claimed} claimed`, expected });
    }
    const { words, layout } = this.#memory;
    for (;;) {
      const first = this.#roomFor(count);
      if (first === undefined) {
        this.#refusals++;
        return -1;
      }
      if (words.compareExchange(HEAD, first, (first + count) | 0) !== first) continue;
      this.#first = first;
      this.#claimed = count;
      return first & layout.mask;
    }
  }

  next(): number {
    if (this.#claimed !== 0) this.commit();
    return this.claim();
  }

  commit(): void {
    const count = this.#claimed;
    if (count === 0) throw nothingClaimed();
    const { words, layout } = this.#memory;
    // A consumer that is opened in the midst of a run reads on from there: every slot says how much of it is left.
    for (let at = count - 1; at > 0; at--) {
      const sequence = (this.#first + at) | 0;
      const run = layout.run(sequence);
      words.put(run, sequence);
      words.put(run + 1, count - at);
    }
    const run = layout.run(this.#first);
    words.put(run + 1, count);
    words.store(run, this.#first);
    this.#claimed = 0;
    this.#committed += count;
    wake(words, DATA);
  }

  /** Nothing is ever pending: a commit publishes. */
  flush(): void {}

  publish(): void {
    this.commit();
  }

  wait(count: number, timeoutMs: number): boolean {
    this.#want(count);
    return this.#wait.until(timeoutMs);
  }

  waitAsync(count: number, timeoutMs: number): boolean | PromiseLike<boolean> {
    this.#want(count);
    return this.#wait.untilAsync(timeoutMs);
  }

  refusal(count = 1): RingRefusal | undefined {
    checkCount(count, this.#capacity);
    if (this.#roomFor(count) !== undefined) return undefined;
    if (hasConsumer(this.#memory))
      return refuse("RING_FULL", "count", count, `at most ${this.#room()}, the room there is`);
    return refuse("RING_NO_CONSUMER", "count", count, "a consumer that gates the ring");
  }

  stats(): RingProducerStats {
    const { waits, parks } = this.#wait;
    const [committed, refusals, highWater] = [this.#committed, this.#refusals, this.#highWater];
    return { committed, refusals, waits, parks, highWater };
  }

  holds(): boolean {
    return !this.#isClosed;
  }

  close(): void {
    if (this.#claimed !== 0) throw openClaim(this.#claimed);
    this.#isClosed = true;
  }

  /** The sequence that a claim of `count` would begin at; undefined where there is no room. */
  #roomFor(count: number): number | undefined {
    const { words } = this.#memory;
    // The gate is read first: then it cannot have passed the head that is read after it.
    const known = words.load(GATE);
    const first = words.load(HEAD);
    if (((first + count - known) | 0) <= this.#capacity) return first;
    const gate = leastPosition(this.#memory, EVERY, known);
    const depth = (first - gate) | 0;
    if (depth > this.#highWater) this.#highWater = depth;
    if (depth + count > this.#capacity) return undefined;
    words.store(GATE, gate);
    return first;
  }

  #room(): number {
    const { words } = this.#memory;
    const known = words.load(GATE);
    const first = words.load(HEAD);
    return this.#capacity - ((first - leastPosition(this.#memory, EVERY, known)) | 0);
  }

  #want(count: number): void {
    if (this.#isClosed) throw producerClosed();
    checkCount(count, this.#capacity);
    this.#wanted = count;
  }
}
