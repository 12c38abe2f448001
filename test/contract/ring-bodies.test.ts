import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { nativeDoor, nativeReport } from "../../src/base/native.ts";
import { RingBuffer, type RingOptions } from "../../src/ring/index.ts";
import { ProcessRing } from "../../src/ring/native.ts";
import { describeNative } from "../fixtures/native-here.ts";

// Every body of a ring through the same random commands: what each answers is compared after every command, and so is a
// hash of the whole memory, header, counters, runs and slots. A queue that keeps everything says what is right.

/** The C++ body behind the native door: by batches. */
interface NativeDoor {
  readonly RingProducer: new (memory: object, takeOver: boolean, batch: number, look: number) => Producer;
  readonly RingConsumer: new (memory: object, index?: number, takeOver?: boolean) => NativeConsumer;
  retireConsumer(memory: object, index: number): boolean;
}

interface NativeConsumer {
  index(): number;
  available(): number;
  receive(cells: Float64Array, most: number): number;
  close(): void;
  leave(): void;
}

interface Producer {
  /** All of them, or none. */
  send(cells: Float64Array, count: number): number;
  flush(): void;
  close(): void;
}

interface Consumer {
  readonly index: number;
  receive(most: number): number[];
  close(): void;
  leave(): void;
}

interface Setup {
  readonly options: Omit<RingOptions, "threads">;
  readonly batch: number;
  readonly look: number;
}

/** A ring's memory, and who opens its ends. */
interface Body {
  readonly memory: Uint8Array;
  producer(takeOver: boolean): Producer;
  consumer(index: number, takeOver: boolean): Consumer;
  join(): Consumer | undefined;
  remove(index: number): boolean;
}

const CELLS = 3;

function typescriptProducer(ring: RingBuffer, { batch, look }: Setup, takeOver: boolean): Producer {
  const producer = ring.producer(ring.isMulti ? {} : { batch, look, takeOver });
  return {
    send: (cells, count) => {
      const slot = producer.claim(count);
      if (slot < 0) return 0;
      for (let k = 0; k < count; k++) {
        const message = cells.subarray(k * CELLS, (k + 1) * CELLS);
        ring.f64.set(message, ((slot + k) & ring.mask) * CELLS);
      }
      producer.commit();
      return count;
    },
    flush: () => producer.flush(),
    close: () => producer.close(),
  };
}

function typescriptConsumer(ring: RingBuffer, opened: ReturnType<RingBuffer["consumer"]>): Consumer {
  return {
    index: opened.index,
    receive: (most) => {
      const count = Math.min(opened.available(), most);
      const cells = Array.from({ length: count * CELLS }, (_, cell) => {
        return ring.f64[opened.slot(Math.floor(cell / CELLS)) * CELLS + (cell % CELLS)] as number;
      });
      opened.release(count);
      return cells;
    },
    close: () => opened.close(),
    leave: () => opened.leave(),
  };
}

function typescriptBody(ring: RingBuffer, setup: Setup): Body {
  return {
    memory: new Uint8Array(ring.bytes.buffer),
    producer: (takeOver) => typescriptProducer(ring, setup, takeOver),
    consumer: (index, takeOver) => typescriptConsumer(ring, ring.consumer(index, { takeOver })),
    join: () => {
      const joined = ring.addConsumer();
      return "ok" in joined ? undefined : typescriptConsumer(ring, joined);
    },
    remove: (index) => ring.removeConsumer(index),
  };
}

function nativeBody(ring: RingBuffer, { options, batch, look }: Setup): Body {
  const door = nativeDoor("ring") as NativeDoor;
  const memory = new Uint8Array(ring.bytes.buffer);
  const room = new Float64Array(options.capacity * CELLS);
  const reader = (consumer: NativeConsumer): Consumer => ({
    index: consumer.index(),
    receive: (most) => [...room.subarray(0, CELLS * consumer.receive(room, most))],
    close: () => consumer.close(),
    leave: () => consumer.leave(),
  });
  return {
    memory,
    producer: (takeOver) => new door.RingProducer(memory, takeOver, batch, look),
    consumer: (index, takeOver) => reader(new door.RingConsumer(memory, index, takeOver)),
    join: () => {
      const joined = new door.RingConsumer(memory);
      return joined.index() < 0 ? undefined : reader(joined);
    },
    remove: (index) => door.retireConsumer(memory, index),
  };
}

function bodiesOf(setup: Setup): Readonly<Record<string, Body>> {
  const cross = (): RingBuffer => new RingBuffer({ ...setup.options, threads: "cross" });
  const half = cross();
  const other = cross();
  const bodies = {
    "TypeScript, one thread": typescriptBody(new RingBuffer(setup.options), setup),
    "TypeScript, across threads": typescriptBody(cross(), setup),
    "C++": nativeBody(cross(), setup),
    "C++ sends, TypeScript reads": {
      ...typescriptBody(half, setup),
      producer: nativeBody(half, setup).producer,
    },
    "TypeScript sends, C++ reads": {
      ...nativeBody(other, setup),
      producer: typescriptBody(other, setup).producer,
    },
  };
  if (!nativeReport().platform.startsWith("linux")) return bodies;
  const shared = ProcessRing.create(setup.options);
  const away = ProcessRing.attach({ fd: shared.fd });
  shared.close();
  away.close();
  const between = {
    ...typescriptBody(shared.ring, setup),
    producer: typescriptBody(away.ring, setup).producer,
  };
  return { ...bodies, "between processes": between };
}

type Command =
  | { readonly do: "send"; readonly producer: number; readonly count: number }
  | { readonly do: "flush"; readonly producer: number }
  | { readonly do: "read"; readonly consumer: number; readonly most: number }
  | { readonly do: "reopen"; readonly consumer: number; readonly isKilled: boolean }
  | { readonly do: "join" }
  | { readonly do: "leave"; readonly consumer: number; readonly isRemoved: boolean }
  | { readonly do: "reopenProducer"; readonly isKilled: boolean };

const which = fc.nat(4);
const COMMANDS: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    {
      weight: 16,
      arbitrary: fc.record({
        do: fc.constant("send" as const),
        producer: which,
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("flush" as const), producer: which }) },
    {
      weight: 12,
      arbitrary: fc.record({ do: fc.constant("read" as const), consumer: which, most: fc.nat(9) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("reopen" as const),
        consumer: which,
        isKilled: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: "join" as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("leave" as const),
        consumer: which,
        isRemoved: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("reopenProducer" as const), isKilled: fc.boolean() }),
    },
  ),
  { minLength: 30, maxLength: 80, size: "max" },
);

const SETUP: fc.Arbitrary<Setup> = fc.record({
  options: fc.record({
    capacity: fc.constantFrom(2, 4, 8),
    slotBytes: fc.constant(8 * CELLS),
    producers: fc.constantFrom("single" as const, "multi" as const),
    consumers: fc.constantFrom([{}], [{}, {}], [{}, { after: [0] }]),
    consumersMax: fc.constant(3),
    firstSequence: fc.constantFrom(0, 2 ** 31 - 3, -5),
  }),
  batch: fc.constantFrom(1, 3, 64),
  look: fc.constantFrom(1, 2, 8),
});

/** One body under way: the ends that are open, and what they answer. */
class Driven {
  readonly body: Body;
  readonly #producers: Producer[];
  readonly #consumers: Consumer[];

  constructor(body: Body, { options }: Setup) {
    this.body = body;
    const producers = options.producers === "multi" ? 2 : 1;
    this.#producers = Array.from({ length: producers }, () => body.producer(false));
    this.#consumers = (options.consumers ?? []).map((_, index) => body.consumer(index, false));
  }

  /** The places of the consumers that are open, in the order in which commands name them. */
  get places(): number[] {
    return this.#consumers.map(({ index }) => index);
  }

  do(command: Command, cells: Float64Array): unknown {
    try {
      return this.#answer(command, cells);
    } catch (fault) {
      return (fault as { readonly code?: string }).code ?? fault;
    }
  }

  #answer(command: Command, cells: Float64Array): unknown {
    if (command.do === "join") {
      const joined = this.body.join();
      if (joined !== undefined) this.#consumers.push(joined);
      return joined?.index;
    }
    if (command.do === "reopenProducer") return this.#reopenProducer(command.isKilled);
    if (command.do === "send" || command.do === "flush") {
      const producer = this.#producers[command.producer % this.#producers.length] as Producer;
      return command.do === "send" ? producer.send(cells, command.count) : producer.flush();
    }
    const at = command.consumer % this.#consumers.length;
    const consumer = this.#consumers[at] as Consumer;
    if (command.do === "read") return consumer.receive(command.most);
    if (command.do === "reopen") {
      if (!command.isKilled) consumer.close();
      this.#consumers[at] = this.body.consumer(consumer.index, command.isKilled);
      return codeOf(() => consumer.receive(1));
    }
    this.#consumers.splice(at, 1);
    if (!command.isRemoved) return consumer.leave();
    return [this.body.remove(consumer.index), this.body.remove(consumer.index)];
  }

  #reopenProducer(isKilled: boolean): unknown {
    if (this.#producers.length > 1) return "several";
    const held = codeOf(() => this.body.producer(false));
    if (!isKilled) this.#producers[0]?.close();
    this.#producers[0] = this.body.producer(isKilled);
    return held;
  }
}

function codeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (fault) {
    return (fault as { readonly code?: string }).code ?? fault;
  }
}

const HEAD = 32;

/** Everything that was sent and not lost, and where each consumer is. */
class Queue {
  readonly #setup: Setup;
  readonly #sent: number[][] = [];
  readonly #readers: { readonly index: number; position: number; after: readonly number[] }[];

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#readers = (setup.options.consumers ?? []).map(({ after = [] }, index) => {
      return { index, position: 0, after };
    });
  }

  /** Holds what the first body answered against the queue; `head` is how many messages are published. */
  check(command: Command, answer: unknown, cells: Float64Array, head: number): void {
    if (command.do === "send") this.#send(command.count, answer, cells);
    else if (command.do === "join") this.#join(answer, head);
    else if (command.do === "reopenProducer" && command.isKilled && answer !== "several")
      this.#sent.length = head;
    else if (command.do === "read" || command.do === "leave") this.#consume(command, answer);
  }

  #send(count: number, answer: unknown, cells: Float64Array): void {
    const { capacity } = this.#setup.options;
    if (count > capacity) {
      expect(answer).toBe("FAULT_INPUT");
      return;
    }
    const slowest = Math.min(...this.#readers.map(({ position }) => position));
    expect(answer).toBe(this.#sent.length + count - slowest <= capacity ? count : 0);
    if (answer === 0) return;
    for (let k = 0; k < count; k++) this.#sent.push([...cells.subarray(k * CELLS, (k + 1) * CELLS)]);
  }

  #join(answer: unknown, head: number): void {
    if (typeof answer === "number") this.#readers.push({ index: answer, position: head, after: [] });
  }

  #consume(command: Command & { readonly consumer: number }, answer: unknown): void {
    const at = command.consumer % this.#readers.length;
    const reader = this.#readers[at];
    if (reader === undefined) return;
    if (command.do === "read") {
      const cells = answer as number[];
      const to = reader.position + cells.length / CELLS;
      const limits = this.#readers.filter(({ index }) => reader.after.includes(index));
      expect(to).toBeLessThanOrEqual(Math.min(this.#sent.length, ...limits.map(({ position }) => position)));
      expect(cells).toEqual(this.#sent.slice(reader.position, to).flat());
      reader.position = to;
      return;
    }
    this.#readers.splice(at, 1);
    for (const each of this.#readers) each.after = each.after.filter((index) => index !== reader.index);
  }
}

function hashOf({ memory }: Body): string {
  return createHash("sha256").update(memory).digest("hex");
}

describeNative("the bodies of a ring", () => {
  it("answer alike, and leave the same memory after every command", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(SETUP, COMMANDS, (setup, commands) => {
        const driven = Object.entries(bodiesOf(setup)).map(
          ([name, body]) => [name, new Driven(body, setup)] as const,
        );
        const queue = new Queue(setup);
        const [, first] = driven[0] as (typeof driven)[0];
        const words = new Int32Array(first.body.memory.buffer);
        let message = 0;
        for (const command of commands) {
          if (first.places.length === 0) return;
          const cells = Float64Array.from({ length: 8 * CELLS }, () => ++message / 4);
          const answers = driven.map(([name, each]) => [name, each.do(command, cells), hashOf(each.body)]);
          const [, answer, hash] = answers[0] as unknown[];
          expect(answers).toEqual(driven.map(([name]) => [name, answer, hash]));
          const head = ((words[HEAD] as number) - (setup.options.firstSequence ?? 0)) | 0;
          queue.check(command, answer, cells, head);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Stands where tests are only listed. */
const NOT_HERE = {} as NativeDoor;

describeNative("the native door of a ring", () => {
  const door = nativeReport().isAvailable ? (nativeDoor("ring") as NativeDoor) : NOT_HERE;
  const ring = new RingBuffer({ capacity: 4, threads: "cross" });
  const memory = new Uint8Array(ring.bytes.buffer);
  const producerOf = (...args: unknown[]) => Reflect.construct(door.RingProducer, args) as Producer;
  const consumerOf = (...args: unknown[]) => Reflect.construct(door.RingConsumer, args) as NativeConsumer;

  const sendOf = (object: object) => Reflect.apply(door.RingProducer.prototype.send, object, []);

  it.each<[string, () => unknown]>([
    ["no memory", () => producerOf()],
    ["memory that can be detached", () => producerOf(new Uint8Array(4096))],
    ["memory that is no ring's", () => producerOf(new Uint8Array(new SharedArrayBuffer(4096)))],
    ["a part of a ring's memory", () => producerOf(memory.subarray(0, 800))],
    ["memory that does not begin at a multiple of 8", () => producerOf(memory.subarray(4))],
    ["another object", () => consumerOf({ memory })],
    ["a place that there is not", () => consumerOf(memory, 7)],
    ["a place below 0", () => consumerOf(memory, -1)],
    ["a batch of none", () => producerOf(memory, true, 0, 1)],
    ["a method without its object", () => sendOf({})],
    ["a method of another object", () => sendOf(new Date(0))],
    ["a place of no ring to retire", () => door.retireConsumer({}, 0)],
  ])("refuses %s", (_what, run) => {
    expect(run).toThrow();
  });

  it("refuses cells that are none, too few, or too many messages", () => {
    const producer = producerOf(memory, true, 1, 1);
    const consumer = consumerOf(memory, 0, true);
    const cells = new Float64Array(8);
    for (const [given, count] of [
      [undefined, 1],
      [cells, 2],
      [cells, 0],
      [cells, -1],
      [cells, 1.5],
      [cells, Number.NaN],
      [new Float64Array(8 * 64), 5],
    ] as const) {
      expect(() => producer.send(given as Float64Array, count)).toThrow();
    }
    expect(producer.send(cells, 1)).toBe(1);
    expect(consumer.receive(new Float64Array(7), 1)).toBe(0);
    expect(() => consumer.receive(cells, -1)).toThrow();
    expect(consumer.receive(cells, 9)).toBe(1);
    consumer.close();
    expect(() => consumer.available()).toThrow();
  });
});
