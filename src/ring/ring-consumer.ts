import { checkKeys, Fault } from "../base/index.ts";
import { DATA, HEAD, type RingMemory, SPACE } from "./ring-layout.ts";
import { hasStages, leastPosition, leave, letGo } from "./ring-membership.ts";
import { RingWait, type RingWaitOptions, waitOptions, wake } from "./ring-wait.ts";

/** Messages at once that make a burst, and the pauses, about a microsecond, before the look after one. */
const BURST = 8;
const EASE = 32;

/** How a consumer is opened, and how it waits. */
export interface RingConsumerOptions extends RingWaitOptions {
  /** Takes the place of a holder whose thread has ended, at its last release; false unless given. */
  readonly takeOver?: boolean;
}

/** What a consumer has done since it was opened. */
export interface RingConsumerStats {
  /** Messages released. */
  readonly released: number;
  /** Waits that found no message at first, and the times they went to sleep. */
  readonly waits: number;
  readonly parks: number;
}

/** Throws for options that are none, before a place is taken: one that nobody holds would gate for ever. */
export function checkConsumer(options: RingConsumerOptions, names: readonly string[]): void {
  checkKeys("ring.consumer", options, names);
  waitOptions("ring.consumer", options);
}

/** Which place a consumer holds, as `hold` and `join` of the membership gave it. */
export interface HeldConsumer {
  readonly consumer: number;
  readonly token: number;
}

/**
 * Reads a ring's messages in order, each once: ask how many there are, read their slots through the ring's views,
 * release them. Until it releases them, no producer writes there.
 *
 * @invariant It reads what is published, and what every consumer before it has released.
 * @cost `available` and `release` a few atomic operations for a whole batch; nothing is allocated.
 * @example
 * ```ts
 * import { RingBuffer } from "tickwright/ring";
 * const ring = new RingBuffer({ capacity: 8 });
 * const [producer, consumer] = [ring.producer(), ring.consumer()];
 * for (const price of [101, 102, 103]) {
 *   ring.f64[ring.f64PerSlot * producer.claim()] = price;
 *   producer.commit();
 * }
 * producer.flush();
 * const prices: number[] = [];
 * const count = consumer.available();
 * for (let k = 0; k < count; k++) prices.push(ring.f64[ring.f64PerSlot * consumer.slot(k)] as number);
 * consumer.release(count);
 * prices; // => [101, 102, 103]
 * ```
 */
export class RingConsumer {
  /** Its place in the ring. */
  readonly index: number;
  readonly #memory: RingMemory;
  readonly #token: number = 0;
  readonly #mask: number = 0;
  readonly #after: number = 0;
  readonly #hasStages: boolean;
  readonly #wait: RingWait;
  /** Sequences, modulo 2^32: the next to release, and where what is known to be readable ends. */
  #next = 0;
  #limit = 0;
  #isClosed = false;
  #released = 0;
  /** Whether the last release was of a burst: then more are on their way. */
  #isBurst = false;

  /** @internal Opened by `RingBuffer`. */
  constructor(memory: RingMemory, held: HeldConsumer, options: RingConsumerOptions = {}) {
    const { words, layout } = memory;
    this.index = held.consumer;
    this.#memory = memory;
    this.#token = held.token;
    this.#mask = layout.mask;
    this.#after = words.get(layout.after(held.consumer));
    this.#hasStages = hasStages(memory);
    this.#wait = new RingWait(words, DATA, () => this.available() > 0, "ring.consumer", options);
    this.#next = words.load(layout.position(held.consumer));
    this.#limit = this.#next;
  }

  /**
   * How many messages can be read now: more may come with the next call, once these are released.
   *
   * @throws `FAULT_VIEW_EXPIRED` where it was closed, removed or taken over; `FAULT_INVARIANT` where the memory was
   * damaged.
   */
  available(): number {
    const known = (this.#limit - this.#next) | 0;
    return known > 0 ? known : this.#refresh();
  }

  /** The slot of the message that is `ahead` of the next one; any below `available()` may be read. */
  slot(ahead = 0): number {
    return (this.#next + ahead) & this.#mask;
  }

  /**
   * Says that the next `count` messages are read; producers may write there again.
   *
   * @throws `FAULT_INPUT` for more than were available; `FAULT_VIEW_EXPIRED` where it was closed, removed or taken
   * over: then what was read may be torn and is not to be used.
   */
  release(count: number): void {
    if (count === 0) return;
    if ((count | 0) !== count || count < 0 || count > ((this.#limit - this.#next) | 0))
      throw this.#tooMany(count);
    const { words, layout } = this.#memory;
    if (words.load(layout.state(this.index)) !== this.#token) throw this.#expired();
    const next = (this.#next + count) | 0;
    const before = words.compareExchange(layout.position(this.index), this.#next, next);
    // Again, after the write: a removal that is not seen here comes after everything that was read.
    if (words.load(layout.state(this.index)) !== this.#token || before !== this.#next) throw this.#expired();
    this.#next = next;
    this.#released += count;
    this.#isBurst = count >= BURST;
    if (this.#hasStages) wake(words, DATA);
    wake(words, SPACE);
  }

  /**
   * Calls `read` with the slot of each message there is, at most `most` of them, and releases them at the end. Where
   * `read` throws, those before are released.
   *
   * @cost A call for each message: a loop over `slot` is faster.
   */
  drain(read: (slot: number) => void, most: number = this.#mask + 1): number {
    const count = Math.min(this.available(), most);
    let done = 0;
    try {
      for (; done < count; done++) read(this.slot(done));
    } finally {
      this.release(done);
    }
    return done;
  }

  /** Waits for a message and says how many there are: 0 after `timeoutMs`, see {@link RingWaitOptions}. */
  wait(timeoutMs: number): number {
    if (this.#isBurst && this.#limit === this.#next) this.#ease();
    return this.#wait.until(timeoutMs) ? this.available() : 0;
  }

  /** Whether there is a message before `timeoutMs` are over, for a thread that must not block. */
  waitAsync(timeoutMs: number): boolean | PromiseLike<boolean> {
    return this.#wait.untilAsync(timeoutMs);
  }

  stats(): RingConsumerStats {
    const { waits, parks } = this.#wait;
    return { released: this.#released, waits, parks };
  }

  /** Lets go: it goes on gating, and the next to open it reads on from its last release. */
  close(): void {
    if (this.#end()) letGo(this.#memory, this.index, this.#token);
  }

  /** Ends for good: it gates no longer. */
  leave(): void {
    if (this.#end()) leave(this.#memory, this.index, this.#token);
  }

  /** A look takes the head's line away from a producer that writes as fast as it can: let it get ahead first. */
  #ease(): void {
    this.#isBurst = false;
    const { words } = this.#memory;
    for (let n = 0; n < EASE; n++) words.pause();
  }

  #end(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    this.#limit = this.#next;
    return true;
  }

  #refresh(): number {
    const { words, layout } = this.#memory;
    if (this.#isClosed) throw this.#expired();
    this.#limit = this.#readable();
    const count = (this.#limit - this.#next) | 0;
    if (count > 0 && count <= layout.shape.capacity) return count;
    // One that joined late stands before the consumers it will read behind.
    this.#limit = this.#next;
    if (words.load(layout.state(this.index)) !== this.#token) throw this.#expired();
    if (count > 0) throw this.#damaged();
    return 0;
  }

  /** Where what may be read ends: at the least of those before it, else at what is published. */
  #readable(): number {
    const { words, layout } = this.#memory;
    if (this.#after !== 0) {
      // No message is further ahead than a capacity: this stands for "none of them gates any longer".
      const none = (this.#next + 0x7fff_ffff) | 0;
      const least = leastPosition(this.#memory, this.#after, none);
      if (least !== none) return least;
    }
    if (!layout.shape.isMulti) return words.load(HEAD);
    const { capacity } = layout.shape;
    for (let total = 0; ; ) {
      const end = (this.#next + total) | 0;
      const run = layout.run(end);
      if (words.load(run) !== end) return end;
      const length = words.get(run + 1);
      // A run that is empty would be hopped over for ever, one that is too long leads to slots nobody published.
      if (length < 1 || length > capacity - total) return (this.#next + capacity + 1) | 0;
      total += length;
    }
  }

  #tooMany(count: number): Fault {
    if (this.#isClosed) return this.#expired();
    const expected = `an integer within 0 and the ${(this.#limit - this.#next) | 0} that are available`;
    return new Fault("FAULT_INPUT", { path: "ring.release.count", value: count, expected });
  }

  #damaged(): Fault {
    this.#isClosed = true;
    const expected = "memory that no other process damaged";
    const value = "messages that no ring of this capacity has";
    return new Fault("FAULT_INVARIANT", { path: `ring.consumer(${this.index})`, value, expected });
  }

  #expired(): Fault {
    this.#isClosed = true;
    this.#limit = this.#next;
    const expected = "a consumer that was not closed, removed or taken over";
    return new Fault("FAULT_VIEW_EXPIRED", { path: `ring.consumer(${this.index})`, expected });
  }
}
