import { checkBoolean, checkInteger, checkKeys, Fault, refuse } from "../base/index.ts";
import type { RingRefusal } from "./refusals.ts";
import { DATA, HEAD, OWNER, type RingMemory, SPACE } from "./ring-layout.ts";
import { hasConsumer, leastPosition } from "./ring-membership.ts";
import {
  checkCount,
  nothingClaimed,
  PRODUCER_OPTIONS,
  producerClosed,
  type RingProducer,
  type RingProducerOptions,
  type RingProducerStats,
} from "./ring-producer.ts";
import { RingWait, wake } from "./ring-wait.ts";

const PATH = "ring.producer";
const EVERY = -1;

/** The only producer of a ring. */
export class SingleProducer implements RingProducer {
  readonly #memory: RingMemory;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #batch: number;
  readonly #look: number;
  readonly #token: number;
  readonly #wait: RingWait;
  /** Sequences, modulo 2^32: the next to claim, the next to publish, the least unreleased when last looked at. */
  #next: number;
  #published: number;
  #gate: number;
  #claimed = 0;
  #untilLook: number;
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
    this.#look = checkInteger(`${PATH}.look`, options.look ?? 8, 1, 65_536);
    this.#untilLook = this.#look;
    this.#wait = new RingWait(words, SPACE, () => this.#hasRoom(this.#wanted), PATH, options);
    this.#token = own(memory, checkBoolean(`${PATH}.takeOver`, options.takeOver ?? false));
    this.#next = words.load(HEAD);
    this.#published = this.#next;
    this.#gate = leastPosition(memory, EVERY, this.#next);
  }

  claim(count = 1): number {
    if (count > 0 && (count | 0) === count && ((this.#next + count - this.#gate) | 0) <= this.#capacity) {
      this.#claimed = count;
      return this.#next & this.#mask;
    }
    return this.#claimSlowly(count);
  }

  commit(): void {
    const count = this.#claimed;
    if (count === 0) throw nothingClaimed();
    this.#claimed = 0;
    this.#next = (this.#next + count) | 0;
    this.#committed += count;
    if (((this.#next - this.#published) | 0) >= this.#batch) this.flush();
    else if (--this.#untilLook <= 0) this.#lookAtConsumers();
  }

  flush(): void {
    if (this.#next === this.#published) return;
    this.#memory.words.store(HEAD, this.#next);
    this.#published = this.#next;
    this.#untilLook = this.#look;
    wake(this.#memory.words, DATA);
  }

  publish(): void {
    this.commit();
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
    const free = this.#capacity - ((this.#next - this.#gate) | 0);
    if (hasConsumer(this.#memory))
      return refuse("RING_FULL", "count", count, `at most ${free}, the room there is`);
    return refuse("RING_NO_CONSUMER", "count", count, "a consumer that gates the ring");
  }

  stats(): RingProducerStats {
    const { waits, parks } = this.#wait;
    const [committed, refusals, highWater] = [this.#committed, this.#refusals, this.#highWater];
    return { committed, refusals, waits, parks, highWater };
  }

  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.#isClosed = true;
    this.#gate = (this.#next - this.#capacity) | 0;
    this.#claimed = 0;
    this.#memory.words.compareExchange(OWNER, this.#token, this.#token & ~1);
  }

  #claimSlowly(count: number): number {
    if (this.#isClosed) throw producerClosed();
    checkCount(count, this.#capacity);
    if (this.#hasRoom(count)) {
      this.#claimed = count;
      return this.#next & this.#mask;
    }
    // What is pending may be all that the consumers wait for.
    this.flush();
    this.#refusals++;
    return -1;
  }

  #hasRoom(count: number): boolean {
    if (((this.#next + count - this.#gate) | 0) <= this.#capacity) return true;
    if (this.#isClosed) throw producerClosed();
    this.#refreshGate();
    return ((this.#next + count - this.#gate) | 0) <= this.#capacity;
  }

  #refreshGate(): void {
    this.#gate = leastPosition(this.#memory, EVERY, this.#gate);
    const depth = (this.#next - this.#gate) | 0;
    if (depth > this.#highWater) this.#highWater = depth;
  }

  #lookAtConsumers(): void {
    this.#untilLook = this.#look;
    this.#refreshGate();
    if (this.#gate === this.#published) this.flush();
  }

  #want(count: number): void {
    if (this.#isClosed) throw producerClosed();
    checkCount(count, this.#capacity);
    this.flush();
    this.#wanted = count;
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
