import fc from "fast-check";
import { expect, test } from "vitest";
import {
  RingBuffer,
  type RingConsumer,
  type RingConsumerPlan,
  type RingProducer,
} from "../../src/ring/index.ts";

// Both bodies of a ring, one or several producers, driven from one thread against a queue that keeps everything.

type Op =
  | { readonly op: "send"; readonly producer: number; readonly count: number }
  | { readonly op: "stream"; readonly producer: number; readonly count: number }
  | { readonly op: "flush"; readonly producer: number }
  | { readonly op: "read"; readonly consumer: number; readonly most: number }
  | { readonly op: "reopen"; readonly consumer: number; readonly isKilled: boolean }
  | { readonly op: "join" }
  | { readonly op: "leave"; readonly consumer: number; readonly isRemoved: boolean }
  | { readonly op: "reopenProducer" };

const at = fc.nat(5);
const OPS: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant("send" as const),
      producer: at,
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("stream" as const),
      producer: at,
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("flush" as const), producer: at }) },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant("read" as const),
      consumer: at,
      most: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant("reopen" as const), consumer: at, isKilled: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ op: "join" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant("leave" as const), consumer: at, isRemoved: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ op: "reopenProducer" as const }) },
);

const SETUP = fc.record({
  capacity: fc.constantFrom(2, 4, 8),
  threads: fc.constantFrom("same" as const, "cross" as const),
  producers: fc.constantFrom("single" as const, "multi" as const),
  consumers: fc.constantFrom([{}], [{}, {}], [{}, { after: [0] }], [{}, { after: [0] }, { after: [1] }]),
  firstSequence: fc.constantFrom(0, 2 ** 31 - 3, -5, -(2 ** 31)),
  batch: fc.constantFrom(1, 3, 64),
  look: fc.constantFrom(1, 2, 8),
});

interface Reader {
  ring: RingConsumer;
  readonly index: number;
  readonly after: readonly number[];
  /** How many messages of all that were ever sent it has released. */
  position: number;
}

/** A slow queue beside the ring: everything that was ever sent, and how far each consumer is. */
class Twin {
  readonly ring: RingBuffer;
  readonly other: RingBuffer;
  readonly producers: RingProducer[] = [];
  readonly readers: Reader[] = [];
  readonly sent: number[] = [];
  readonly #setup: { readonly producers: "single" | "multi"; readonly batch: number; readonly look: number };
  /** Messages that are published at least. */
  #published = 0;

  constructor(setup: typeof SETUP extends fc.Arbitrary<infer Setup> ? Setup : never) {
    const { batch, look, ...options } = setup;
    this.#setup = setup;
    this.ring = new RingBuffer({ ...options, consumersMax: options.consumers.length + 1 });
    this.other =
      options.threads === "cross" ? RingBuffer.attach(structuredClone(this.ring.handle())) : this.ring;
    const plans: readonly RingConsumerPlan[] = options.consumers;
    const count = setup.producers === "multi" ? 3 : 1;
    for (let n = 0; n < count; n++) this.producers.push(this.#producer());
    for (const [index, { after = [] }] of plans.entries()) {
      this.readers.push({ ring: this.other.consumer(index), index, after, position: 0 });
    }
  }

  do(op: Op): void {
    const producer =
      "producer" in op ? (this.producers[op.producer % this.producers.length] as RingProducer) : undefined;
    const reader = "consumer" in op ? this.readers[op.consumer % this.readers.length] : undefined;
    if (op.op === "send") this.#send(producer as RingProducer, op.count);
    else if (op.op === "stream") this.#stream(producer as RingProducer, op.count);
    else if (op.op === "flush") this.#flush(producer as RingProducer);
    else if (op.op === "join") this.#join();
    else if (op.op === "reopenProducer") this.#reopenProducer();
    else if (reader !== undefined && op.op === "read") this.#read(reader, op.most);
    else if (reader !== undefined && op.op === "reopen") this.#reopen(reader, op.isKilled);
    else if (reader !== undefined && op.op === "leave") this.#leave(reader, op.isRemoved);
  }

  finish(): void {
    for (const producer of this.producers) this.#flush(producer);
    for (const reader of this.readers) {
      this.#read(reader, 99);
      expect(reader.position).toBe(this.sent.length);
    }
    if (this.readers.length > 0) expect(this.ring.stats().depth).toBe(0);
  }

  #producer(): RingProducer {
    const { producers, batch, look } = this.#setup;
    return this.ring.producer(producers === "multi" ? {} : { batch, look });
  }

  #free(): number {
    const slowest = Math.min(...this.readers.map(({ position }) => position));
    return this.ring.capacity - (this.sent.length - slowest);
  }

  #send(producer: RingProducer, count: number): void {
    if (count > this.ring.capacity) {
      expect(() => producer.claim(count)).toThrow("ring.claim.count");
      return;
    }
    const why = producer.refusal(count);
    const slot = producer.claim(count);
    if (this.readers.length > 0) expect(slot >= 0).toBe(count <= this.#free());
    if (slot < 0) {
      expect(why?.code).toBe(this.readers.length > 0 ? "RING_FULL" : "RING_NO_CONSUMER");
      this.#published = this.sent.length;
      return;
    }
    expect(why).toBeUndefined();
    for (let k = 0; k < count; k++) this.#write((slot + k) & this.ring.mask);
    producer.commit();
    if (this.ring.isMulti) this.#published = this.sent.length;
  }

  #write(slot: number): void {
    const from = slot * this.ring.f64PerSlot;
    this.sent.push(this.sent.length + 0.5);
    this.ring.f64.fill(this.sent.at(-1) as number, from, from + this.ring.f64PerSlot);
  }

  /** One after the other by `next`; the last that found room is committed. */
  #stream(producer: RingProducer, count: number): void {
    for (let k = 0; k < count; k++) {
      const free = this.#free();
      const slot = producer.next();
      if (this.readers.length > 0) expect(slot >= 0).toBe(free > 0);
      if (slot < 0) {
        expect(() => producer.commit()).toThrow("nothing claimed");
        this.#published = this.sent.length;
        return;
      }
      this.#write(slot);
    }
    producer.commit();
    if (this.ring.isMulti) this.#published = this.sent.length;
  }

  #flush(producer: RingProducer): void {
    producer.flush();
    this.#published = this.sent.length;
  }

  #read(reader: Reader, most: number): void {
    const there = reader.ring.available();
    const limits = reader.after.flatMap((index) => this.readers.filter((each) => each.index === index));
    const furthest = Math.min(this.sent.length, ...limits.map(({ position }) => position));
    expect(reader.position + there).toBeLessThanOrEqual(furthest);
    const least = Math.min(this.#published, furthest);
    // What is known of a look before stays until it is used up.
    if (there === 0) expect(least).toBeLessThanOrEqual(reader.position);
    const count = Math.min(there, most);
    for (let k = 0; k < count; k++) {
      const from = reader.ring.slot(k) * this.other.f64PerSlot;
      const cells = new Set(this.other.f64.subarray(from, from + this.other.f64PerSlot));
      expect([...cells]).toEqual([this.sent[reader.position + k]]);
    }
    expect(() => reader.ring.release(there + 1)).toThrow("ring.release.count");
    reader.ring.release(count);
    reader.position += count;
    if (most > there && reader.ring.available() > 0) this.#read(reader, most - there);
  }

  #reopen(reader: Reader, isKilled: boolean): void {
    const before = reader.ring;
    expect(() => this.other.consumer(reader.index)).toThrow("takeOver");
    if (!isKilled) before.close();
    reader.ring = this.other.consumer(reader.index, { takeOver: isKilled });
    expect(() => before.release(before.available() || 1)).toThrow("FAULT_VIEW_EXPIRED");
  }

  #join(): void {
    const joined = this.other.addConsumer();
    const isFull = this.readers.some(({ index }) => index === this.ring.stats().consumers.length - 1);
    if ("ok" in joined) {
      expect([isFull || this.#retired, joined.code]).toEqual([true, "RING_CONSUMERS_FULL"]);
      return;
    }
    for (const producer of this.producers) this.#flush(producer);
    // It begins at what was published, which a flush before it would have made everything.
    const pending = this.#pendingAtJoin(joined);
    this.readers.push({ ring: joined, index: joined.index, after: [], position: this.sent.length - pending });
  }

  #retired = false;

  #pendingAtJoin(joined: RingConsumer): number {
    return joined.available();
  }

  #leave(reader: Reader, isRemoved: boolean): void {
    if (isRemoved) {
      expect(this.ring.removeConsumer(reader.index)).toBe(true);
      expect(this.ring.removeConsumer(reader.index)).toBe(false);
      expect(() => reader.ring.release(reader.ring.available() || 1)).toThrow("FAULT_VIEW_EXPIRED");
      if (reader.index === this.ring.stats().consumers.length - 1) this.#retired = true;
    } else reader.ring.leave();
    this.readers.splice(this.readers.indexOf(reader), 1);
    // Those behind it go on behind those that it was behind.
    for (const [at, each] of this.readers.entries()) {
      if (!each.after.includes(reader.index)) continue;
      const after = [...each.after.filter((index) => index !== reader.index), ...reader.after];
      this.readers[at] = { ...each, after };
    }
  }

  #reopenProducer(): void {
    if (this.ring.isMulti) return;
    expect(() => this.ring.producer()).toThrow("takeOver");
    const [before] = this.producers as [RingProducer];
    before.close();
    this.#published = this.sent.length;
    expect(() => before.claim()).toThrow("FAULT_VIEW_EXPIRED");
    this.producers[0] = this.#producer();
  }
}

test("a ring and a queue that keeps everything agree", () => {
  fc.assert(
    fc.property(SETUP, fc.array(OPS, { maxLength: 80 }), (setup, ops) => {
      const twin = new Twin(setup);
      for (const op of ops) {
        twin.do(op);
        if (twin.readers.length === 0) return;
      }
      twin.finish();
    }),
    { numRuns: 600 },
  );
});

test("slots of every size keep their neighbours apart", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(8, 16, 24, 64, 136),
      fc.constantFrom("single" as const, "multi" as const),
      (slotBytes, producers) => {
        const ring = new RingBuffer({
          capacity: 4,
          slotBytes,
          producers,
          threads: "cross",
          firstSequence: 2 ** 31 - 2,
        });
        const [producer, consumer] = [ring.producer(), ring.consumer()];
        for (let n = 0; n < 12; n++) {
          const slot = producer.claim();
          ring.bytes.fill(n + 1, slot * slotBytes, (slot + 1) * slotBytes);
          producer.publish();
          if (n % 3 !== 2) continue;
          const seen = Array.from({ length: consumer.available() }, (_, k) => {
            const from = consumer.slot(k) * slotBytes;
            return [...new Set(ring.bytes.subarray(from, from + slotBytes))];
          });
          expect(seen).toEqual([[n - 1], [n], [n + 1]]);
          consumer.release(3);
        }
      },
    ),
  );
});
