import { checkBoolean, checkInteger, checkKeys, Fault, refuse } from "../base/index.ts";
import type { RingRefusal } from "./refusals.ts";
import { DATA, HEAD, OWNER, type RingMemory, SPACE } from "./ring-layout.ts";
import { hasConsumer, leastPosition } from "./ring-membership.ts";
import {
  checkCount,
  nothingClaimed,
  openClaim,
  PRODUCER_OPTIONS,
  producerClosed,
  type RingProducer,
  type RingProducerOptions,
  type RingProducerStats,
} from "./ring-producer.ts";
import { RingWait, wake } from "./ring-wait.ts";

const PATH = "ring.producer";
const EVERY = -1;

/** Pending messages at the second look, which comes where the first one found the consumers behind. */
const SECOND_LOOK = 8;

/**
 * The only producer of a ring. Its numbers are fields that begin as 0: so the compiler knows them for small integers.
 *
 * @invariant `due` is at most `batch` ahead of what is published: after a commit fewer than that are pending.
 */
export class SingleProducer implements RingProducer {
  readonly #memory: RingMemory;
  readonly #capacity: number = 0;
  readonly #mask: number = 0;
  readonly #batch: number = 0;
  readonly #second: number = 0;
  readonly #look: number = 0;
  readonly #token: number;
  readonly #wait: RingWait;
  /**
   * Sequences, modulo 2^32: the next to claim, the end of the room that was there at the last look, the next to
   * publish, and the one whose commit looks or publishes.
   */
  #next = 0;
  #limit = 0;
  #published = 0;
  #due = 0;
  #claimed = 0;
  /** The earlier of `limit` and `due`: below it a message needs no more than a slot. */
  #ready = 0;
  /** Batches to publish before the next look, and how many it will be when that one finds the consumers behind. */
  #unwatched = 0;
  #patience = 1;
  #wanted = 1;
  #isClosed = false;
  #committed = 0;
  #refusals = 0;
  #highWater = 0;

  constructor(memory: RingMemory, options: RingProducerOptions = {}) {
    checkKeys(PATH, options, PRODUCER_OPTIONS);
    const { words, layout } = memory;
    this.#memory = memory;
    this.#capacity = layout.shape.capacity;
    this.#mask = layout.mask;
    this.#batch = checkInteger(`${PATH}.batch`, options.batch ?? 64, 1, 65_536);
    this.#second = Math.min(SECOND_LOOK, this.#batch);
    this.#look = checkInteger(`${PATH}.look`, options.look ?? 16, 1, 65_536);
    this.#wait = new RingWait(words, SPACE, () => this.#hasRoom(this.#wanted), PATH, options);
    this.#token = own(memory, checkBoolean(`${PATH}.takeOver`, options.takeOver ?? false));
    const head = words.load(HEAD);
    this.#next = head;
    this.#published = head;
    this.#due = (head + 1) | 0;
    this.#limit = (head + this.#capacity) | 0;
    this.#refreshLimit();
    this.#highWater = 0;
  }

  claim(count = 1): number {
    const next = this.#next;
    if (count > 0 && (count | 0) === count && count <= ((this.#limit - next) | 0)) {
      this.#claimed = count;
      return next & this.#mask;
    }
    return this.#claimSlowly(count) | 0;
  }

  commit(): void {
    const count = this.#claimed;
    if (count === 0) throw nothingClaimed();
    this.#claimed = 0;
    const next = (this.#next + count) | 0;
    this.#next = next;
    if (((next - this.#due) | 0) >= 0) this.#atDue();
  }

  next(): number {
    const next = (this.#next + this.#claimed) | 0;
    if (((this.#ready - next) | 0) > 0) {
      this.#next = next;
      this.#claimed = 1;
      return next & this.#mask;
    }
    return this.#nextSlowly() | 0;
  }

  flush(): void {
    this.#unwatched = 0;
    this.#patience = 1;
    this.#publishPending(1);
    this.#due = (this.#next + 1) | 0;
    this.#aim();
  }

  publish(): void {
    const count = this.#claimed;
    if (count === 0) throw nothingClaimed();
    this.#claimed = 0;
    this.#next = (this.#next + count) | 0;
    this.flush();
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
    if (this.#hasRoom(count)) return undefined;
    const free = (this.#limit - this.#next) | 0;
    if (hasConsumer(this.#memory))
      return refuse("RING_FULL", "count", count, `at most ${free}, the room there is`);
    return refuse("RING_NO_CONSUMER", "count", count, "a consumer that gates the ring");
  }

  stats(): RingProducerStats {
    const { waits, parks } = this.#wait;
    const [refusals, highWater] = [this.#refusals, this.#highWater];
    const committed = this.#committed + ((this.#next - this.#published) | 0);
    return { committed, refusals, waits, parks, highWater };
  }

  holds(): boolean {
    return !this.#isClosed && this.#memory.words.load(OWNER) === this.#token;
  }

  close(): void {
    if (this.#isClosed) return;
    if (this.#claimed !== 0) throw openClaim(this.#claimed);
    // One that was taken over has nothing to publish: another one writes those slots.
    if (this.holds()) this.flush();
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#limit = this.#next;
    this.#claimed = 0;
    this.#aim();
    this.#memory.words.compareExchange(OWNER, this.#token, this.#token & ~1);
  }

  #nextSlowly(): number {
    if (this.#claimed !== 0) this.commit();
    return this.claim();
  }

  #aim(): void {
    this.#ready = ((this.#limit - this.#due) | 0) < 0 ? this.#limit : this.#due;
  }

  #claimSlowly(count: number): number {
    if (this.#isClosed) throw producerClosed();
    checkCount(count, this.#capacity);
    if (this.#hasRoom(count)) {
      this.#claimed = count;
      return this.#next & this.#mask;
    }
    // What is pending may be all that the consumers wait for.
    this.#publishPending(this.#batch);
    this.#refusals++;
    return -1;
  }

  #hasRoom(count: number): boolean {
    if (count <= ((this.#limit - this.#next) | 0)) return true;
    if (this.#isClosed) throw producerClosed();
    this.#refreshLimit();
    return count <= ((this.#limit - this.#next) | 0);
  }

  #refreshLimit(): number {
    const gate = leastPosition(this.#memory, EVERY, (this.#limit - this.#capacity) | 0);
    const depth = (this.#next - gate) | 0;
    if (depth < 0) throw this.#damaged(-depth);
    this.#limit = (gate + this.#capacity) | 0;
    this.#aim();
    if (depth > this.#highWater) this.#highWater = depth;
    return gate;
  }

  /** A gate ahead of what is claimed would let slots be written that nobody has read. */
  #damaged(ahead: number): Fault {
    this.#end();
    const expected = "memory that no other process damaged";
    const value = `consumers ${ahead} ahead of what was claimed`;
    return new Fault("FAULT_INVARIANT", { path: PATH, value, expected });
  }

  /** Publishes; `until` more commits are due to look or to publish. */
  #publishPending(until: number): void {
    const next = this.#next;
    const pending = (next - this.#published) | 0;
    if (pending === 0) return;
    this.#committed += pending;
    this.#memory.words.store(HEAD, next);
    this.#published = next;
    this.#due = (next + until) | 0;
    this.#aim();
    wake(this.#memory.words, DATA);
  }

  /**
   * Publishes a batch that is full; else looks whether the consumers have caught up. Where they have with the first
   * message after a publish, messages come more slowly than they are read, and each goes out at once. Where they have
   * not, it looks once more, and again after twice as many whole batches each time: a look costs as much as ten
   * messages.
   */
  #atDue(): void {
    const pending = (this.#next - this.#published) | 0;
    if (pending >= this.#batch) {
      if (this.#unwatched > 0) this.#unwatched--;
      this.#publishPending(this.#unwatched > 0 ? this.#batch : this.#second);
    } else if (this.#refreshLimit() === this.#published) {
      if (pending < this.#second) this.#patience = 1;
      this.#publishPending(1);
    } else {
      this.#unwatched = this.#patience - 1;
      this.#patience = Math.min(2 * this.#patience, this.#look);
      const isWatched = this.#unwatched === 0 && pending < this.#second;
      this.#due = (this.#published + (isWatched ? this.#second : this.#batch)) | 0;
      this.#aim();
    }
  }

  #want(count: number): void {
    if (this.#isClosed) throw producerClosed();
    checkCount(count, this.#capacity);
    this.#publishPending(this.#batch);
    this.#wanted = this.#claimed + count;
  }
}

function own({ words }: RingMemory, takeOver: boolean): number {
  for (;;) {
    const before = words.load(OWNER);
    if ((before & 1) === 1 && !takeOver) {
      const expected = "one producer, or takeOver where its thread has ended, or a ring of producers: multi";
      throw new Fault("FAULT_INPUT", { path: PATH, value: "held", expected });
    }
    const token = ((before & ~1) + 2) | 1;
    if (words.compareExchange(OWNER, before, token) === before) return token;
  }
}
