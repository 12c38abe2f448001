import { checkBoolean, checkInteger, checkKeys, Fault, refuse } from "../base/index.ts";
import { MultiProducer } from "./multi-producer.ts";
import { OpenedRing } from "./opened-ring.ts";
import type { RingRefusal } from "./refusals.ts";
import { checkConsumer, RingConsumer, type RingConsumerOptions } from "./ring-consumer.ts";
import { HEAD, layOut, RING_VERSION, RingLayout, type RingMemory, readLayout } from "./ring-layout.ts";
import {
  consumerStates,
  hold,
  join,
  leastPosition,
  type RingConsumerState,
  retire,
} from "./ring-membership.ts";
import { checkRingOptions, type RingOptions } from "./ring-options.ts";
import type { RingProducer, RingProducerOptions } from "./ring-producer.ts";
import type { RingWaitOptions } from "./ring-wait.ts";
import { PlainWords, SharedWords } from "./ring-words.ts";
import { SingleProducer } from "./single-producer.ts";

/** What travels to another thread, by `workerData` or `postMessage`, and is opened there with `RingBuffer.attach`. */
export interface RingHandle {
  readonly kind: "tickwright.ring";
  /** The version of the memory layout. */
  readonly version: number;
  readonly buffer: SharedArrayBuffer;
}

/** What a ring looks like at one moment; others may change it meanwhile. */
export interface RingStats {
  /** Messages that the slowest consumer has not released: published ones, with several producers claimed ones. */
  readonly depth: number;
  readonly consumers: readonly RingConsumerState[];
}

/**
 * A ring of fixed slots between producers and consumers, in one thread or across threads.
 *
 * @shape `capacity` slots of `slotBytes`: `f64`, `i32`, `u32`, `i64` and `bytes` are views of all slots, slot n
 * begins at element `n * f64PerSlot` of `f64` and `i64`, `n * i32PerSlot` of `i32` and `u32`
 * @invariant Each message is read once, whole and in order by every consumer that gates. A slot is written again only
 * when all of them have released it: a full ring refuses, it never overwrites. Numbers of messages wrap at 2^32.
 * @cost Nothing is allocated after construction; slots and 128 bytes for each counter.
 * @throws `FAULT_CONFIG` for options, named by path.
 * @example
 * ```ts
 * import { RingBuffer } from "tickwright/ring";
 * const ring = new RingBuffer({ capacity: 1024, threads: "cross" });
 * const { buffer, ...words } = ring.handle(); // for the other thread's RingBuffer.attach(handle)
 * words; // => { kind: "tickwright.ring", version: 1 }
 * const elsewhere = RingBuffer.attach({ ...words, buffer });
 * const producer = ring.producer();
 * ring.i32[ring.i32PerSlot * producer.claim()] = 7;
 * producer.publish();
 * const consumer = elsewhere.consumer();
 * consumer.wait(100); // => 1
 * elsewhere.i32[elsewhere.i32PerSlot * consumer.slot()]; // => 7
 * consumer.release(1);
 * ring.stats().depth; // => 0
 * ```
 */
export class RingBuffer {
  readonly capacity: number;
  readonly slotBytes: number;
  /** `(slot + 1) & mask` is the slot behind a slot. */
  readonly mask: number;
  readonly isShared: boolean;
  readonly isMulti: boolean;
  readonly f64PerSlot: number;
  readonly i32PerSlot: number;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly bytes: Uint8Array;
  readonly #memory: RingMemory;
  readonly #buffer: ArrayBufferLike;

  /** Makes a ring from options, or opens another thread's by its handle, as `attach` does. */
  constructor(options: RingOptions | RingHandle);
  /** @internal Over memory of another kind, for `tickwright/ring/native`. */
  constructor(opened: OpenedRing);
  constructor(options: RingOptions | RingHandle | OpenedRing) {
    const { memory, buffer } = openedBy(options);
    const { layout, words } = memory;
    const { capacity, slotBytes, isMulti } = layout.shape;
    this.capacity = capacity;
    this.slotBytes = slotBytes;
    this.mask = layout.mask;
    this.isShared = words.isShared;
    this.isMulti = isMulti;
    this.f64PerSlot = slotBytes / 8;
    this.i32PerSlot = slotBytes / 4;
    const from = layout.slotsAtBytes;
    this.f64 = new Float64Array(buffer, from);
    this.i32 = new Int32Array(buffer, from);
    this.u32 = new Uint32Array(buffer, from);
    this.i64 = new BigInt64Array(buffer, from);
    this.bytes = new Uint8Array(buffer, from);
    this.#memory = memory;
    this.#buffer = buffer;
  }

  /**
   * Opens a ring that another thread made.
   *
   * @throws `FAULT_CONFIG` for what is no handle, another version, memory that is no ring's or of another size.
   */
  static attach(handle: RingHandle): RingBuffer {
    return new RingBuffer(checkHandle(handle));
  }

  /**
   * What another thread needs to open this ring.
   *
   * @throws `FAULT_CONFIG` for a ring of one thread, and for one between processes.
   */
  handle(): RingHandle {
    if (this.#buffer instanceof SharedArrayBuffer) {
      return { kind: "tickwright.ring", version: RING_VERSION, buffer: this.#buffer };
    }
    throw new Fault("FAULT_CONFIG", {
      path: "ring.threads",
      value: this.isShared ? "a ring between processes" : "same",
      expected: this.isShared ? "ProcessRing.attach in the other thread" : "cross, to have a handle",
    });
  }

  /**
   * Opens a producer: the only one, or one of several.
   *
   * @throws `FAULT_INPUT` where the ring has one producer and somebody holds it, unless `takeOver`; `FAULT_CONFIG` for
   * options.
   */
  producer(options: RingProducerOptions = {}): RingProducer {
    return this.isMulti
      ? new MultiProducer(this.#memory, options)
      : new SingleProducer(this.#memory, options);
  }

  /**
   * Opens a consumer where it stands, the first unless an index is given.
   *
   * @throws `FAULT_INPUT` where it is held, unless `takeOver`, or gates no longer; `FAULT_CONFIG` for options.
   */
  consumer(index = 0, options: RingConsumerOptions = {}): RingConsumer {
    checkConsumer(options, ["wait", "spins", "takeOver"]);
    const last = this.#memory.layout.shape.consumersMax - 1;
    const consumer = checkInteger("ring.consumer.index", index, 0, last);
    const takeOver = checkBoolean("ring.consumer.takeOver", options.takeOver ?? false);
    return new RingConsumer(
      this.#memory,
      { consumer, token: hold(this.#memory, consumer, takeOver) },
      options,
    );
  }

  /**
   * Registers one more consumer, which reads what is published (with several producers: claimed) from now on and
   * gates.
   *
   * @refuses `RING_CONSUMERS_FULL`
   * @throws `FAULT_CONFIG` for options.
   */
  addConsumer(options: RingWaitOptions = {}): RingConsumer | RingRefusal {
    checkConsumer(options, ["wait", "spins"]);
    const joined = join(this.#memory);
    if (joined !== undefined) return new RingConsumer(this.#memory, joined, options);
    const { consumersMax } = this.#memory.layout.shape;
    return refuse("RING_CONSUMERS_FULL", "consumersMax", consumersMax, "a place that is free");
  }

  /**
   * Stops a consumer whose thread has died from gating, for ever, and wakes who waited for it. Says whether it gated.
   * Should it live after all, its next call is `FAULT_VIEW_EXPIRED`. Consumers that read behind it go on behind those
   * that it read behind.
   */
  removeConsumer(index: number): boolean {
    const last = this.#memory.layout.shape.consumersMax - 1;
    return retire(this.#memory, checkInteger("ring.removeConsumer.index", index, 0, last));
  }

  /** What the ring looks like now. */
  stats(): RingStats {
    const head = this.#memory.words.load(HEAD);
    const depth = (head - leastPosition(this.#memory, -1, head)) | 0;
    return { depth: Math.max(0, depth), consumers: consumerStates(this.#memory) };
  }
}

function openedBy(options: RingOptions | RingHandle | OpenedRing): OpenedRing {
  if (options instanceof OpenedRing) return options;
  return isHandle(options) ? opened(options) : made(options);
}

function isHandle(options: RingOptions | RingHandle): options is RingHandle {
  return typeof options === "object" && options !== null && "kind" in options;
}

function made(options: RingOptions): OpenedRing {
  const { shape, isShared, firstSequence, after } = checkRingOptions(options);
  const layout = new RingLayout(shape);
  const buffer = isShared ? new SharedArrayBuffer(layout.bytes) : new ArrayBuffer(layout.bytes);
  const cells = new Int32Array(buffer);
  const memory = { words: isShared ? new SharedWords(cells) : new PlainWords(cells), layout };
  layOut(memory, after, firstSequence);
  return new OpenedRing(memory, buffer);
}

function opened(handle: RingHandle): OpenedRing {
  const { buffer } = checkHandle(handle);
  const words = new Int32Array(buffer);
  return new OpenedRing({ words: new SharedWords(words), layout: readLayout(words) }, buffer);
}

function checkHandle(handle: RingHandle): RingHandle {
  checkKeys("ring.handle", handle, ["kind", "version", "buffer"]);
  const { kind, version, buffer } = handle;
  if (kind !== "tickwright.ring") {
    throw new Fault("FAULT_CONFIG", { path: "ring.handle.kind", value: kind, expected: "tickwright.ring" });
  }
  if (version !== RING_VERSION) {
    const expected = `version ${RING_VERSION} of a ring's memory`;
    throw new Fault("FAULT_CONFIG", { path: "ring.handle.version", value: version, expected });
  }
  if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength % 8 !== 0 || buffer.growable) {
    const expected = "the SharedArrayBuffer of a ring";
    throw new Fault("FAULT_CONFIG", { path: "ring.handle.buffer", value: typeof buffer, expected });
  }
  return handle;
}
