import { Fault } from "../base/index.ts";
import type { RingWords } from "./ring-words.ts";

/** The version of the memory layout; threads that share a ring must run the same one. */
export const RING_VERSION = 1;

const MAGIC = 0x54_57_52_42;

/** Words of a line of 128 bytes: two cache lines, since processors fetch neighbours in pairs. */
const LINE = 32;

/** The word of the producer: what is published, or with several producers what is claimed. */
export const HEAD = LINE;
/** With several producers: the least position of the consumers when one of them last looked. */
export const GATE = LINE + 1;
/** Who is the only producer. */
export const OWNER = 2 * LINE;
/** Two words, how many are parked and a signal: consumers that wait for messages. */
export const DATA = 3 * LINE;
/** Two words, how many are parked and a signal: producers that wait for room. */
export const SPACE = 4 * LINE;

const CONSUMERS = 5 * LINE;

/** Consumers a ring can have. */
export const CONSUMERS_MAX = 16;

/** What a ring's memory looks like. */
export interface RingShape {
  readonly capacity: number;
  readonly slotBytes: number;
  readonly isMulti: boolean;
  /** Consumers it was made with. */
  readonly declared: number;
  /** Consumers it has places for. */
  readonly consumersMax: number;
}

/**
 * Where everything stands: header, producer, event counts, one line for each consumer, with several producers two
 * words for each slot, then the slots.
 *
 * @units words of 4 bytes, unless a name says bytes
 * @invariant Words that different threads write stand 128 bytes apart, but for the runs of several producers.
 */
export class RingLayout {
  readonly shape: RingShape;
  readonly mask: number;
  /** Words before the slots. */
  readonly words: number;
  readonly slotsAtBytes: number;
  readonly bytes: number;
  readonly #runs: number;

  constructor(shape: RingShape) {
    this.shape = shape;
    this.mask = shape.capacity - 1;
    this.#runs = CONSUMERS + shape.consumersMax * LINE;
    const end = this.#runs + (shape.isMulti ? 2 * shape.capacity : 0);
    this.words = Math.ceil(end / LINE) * LINE;
    this.slotsAtBytes = 4 * this.words;
    this.bytes = this.slotsAtBytes + shape.capacity * shape.slotBytes;
  }

  /** The next sequence that a consumer has not released. */
  position(consumer: number): number {
    return CONSUMERS + consumer * LINE;
  }

  /** How many holders a consumer has had, whether somebody holds it, and whether it gates. */
  state(consumer: number): number {
    return CONSUMERS + consumer * LINE + 1;
  }

  /** The consumers before it, as bits; none for one that reads behind producers only. */
  after(consumer: number): number {
    return CONSUMERS + consumer * LINE + 2;
  }

  /** The sequence last published in a slot by one of several producers; the word behind it is its run's length. */
  run(sequence: number): number {
    return this.#runs + 2 * (sequence & this.mask);
  }
}

/** A ring's words and where they stand. */
export interface RingMemory {
  readonly words: RingWords;
  readonly layout: RingLayout;
}

/** Writes the header and the first state of everything: `after` holds a mask for each declared consumer. */
export function layOut(memory: RingMemory, after: readonly number[], firstSequence: number): void {
  const { words, layout } = memory;
  const { capacity, slotBytes, isMulti, declared, consumersMax } = layout.shape;
  const header = [0, RING_VERSION, capacity, slotBytes, isMulti ? 2 : 1, declared, consumersMax];
  for (const [at, value] of header.entries()) words.put(at, value);
  words.put(HEAD, firstSequence);
  words.put(GATE, firstSequence);
  for (const [consumer, mask] of after.entries()) {
    words.put(layout.position(consumer), firstSequence);
    words.put(layout.state(consumer), 1);
    words.put(layout.after(consumer), mask);
  }
  if (isMulti) {
    for (let at = 0; at < capacity; at++) {
      const sequence = (firstSequence + at) | 0;
      words.put(layout.run(sequence), (sequence - capacity) | 0);
    }
  }
  words.store(0, MAGIC);
}

/**
 * Reads the layout of a buffer that another thread laid out.
 *
 * @throws `FAULT_CONFIG` for memory that is no ring's, of another version, with a header that no ring has, or of
 * another size than it says.
 */
export function readLayout(words: Int32Array): RingLayout {
  const path = "ring.handle.buffer";
  if (words.length < CONSUMERS || Atomics.load(words, 0) !== MAGIC) {
    throw new Fault("FAULT_CONFIG", {
      path,
      value: `${words.byteLength} bytes`,
      expected: "the memory of a ring",
    });
  }
  const [, version, capacity = 0, slotBytes = 0, producers, declared = 0, consumersMax = 0] = words;
  if (version !== RING_VERSION) {
    const expected = `version ${RING_VERSION} of a ring's memory`;
    throw new Fault("FAULT_CONFIG", { path: "ring.handle.version", value: version, expected });
  }
  const fields = [
    ["capacity", capacity, isPowerOfTwo(capacity), "a power of two from 2 on"],
    ["slotBytes", slotBytes, slotBytes >= 8 && slotBytes % 8 === 0, "a multiple of 8 from 8 on"],
    ["producers", producers, producers === 1 || producers === 2, "1 or 2"],
    ["consumersMax", consumersMax, consumersMax >= 1 && consumersMax <= CONSUMERS_MAX, "1 to 16"],
    ["consumers", declared, declared >= 1 && declared <= consumersMax, `1 to ${consumersMax}`],
  ] as const;
  for (const [name, value, isRight, expected] of fields) {
    if (!isRight) throw new Fault("FAULT_CONFIG", { path: `${path}.${name}`, value, expected });
  }
  const layout = new RingLayout({ capacity, slotBytes, isMulti: producers === 2, declared, consumersMax });
  if (words.byteLength !== layout.bytes) {
    const expected = `${layout.bytes} bytes, as its header says`;
    throw new Fault("FAULT_CONFIG", { path, value: `${words.byteLength} bytes`, expected });
  }
  return layout;
}

function isPowerOfTwo(value: number): boolean {
  return value >= 2 && (value & (value - 1)) === 0;
}
