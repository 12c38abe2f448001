import { checkFunction, checkInteger, checkKeys, Fault, freePlaces, type Prng } from "../base/index.ts";
import { type LinkCounts, type LinkFaults, noLinkFaults } from "./link-faults.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { WIRE_STRIDE } from "./wire.ts";

/** The options of a {@link Link}. */
export interface LinkOptions {
  readonly scheduler: Scheduler;
  /** Only forked: each kind of fault draws from a sequence of its own. */
  readonly rng: Prng;
  /** Shortest time on the way. */
  readonly latencyNs: number;
  /** Up to so much is added, uniformly. 0 unless told. */
  readonly jitterNs?: number;
  /** Messages on the way and unread that the link holds at most. 256 unless told. */
  readonly capacity?: number;
  /** Cells of the longest record. {@link WIRE_STRIDE} unless told. */
  readonly stride?: number;
  /** Nothing wrong unless told; kept, so that its owner may change it. */
  readonly faults?: LinkFaults;
  /** Called with each message that arrives; the cells are the link's own and hold only during the call. */
  readonly deliver: (cells: Float64Array, offset: number) => void;
  /** Called once when the receiver learns that the link is closed: after the last message. */
  readonly closed?: () => void;
}

const OPTIONS = [
  "scheduler",
  "rng",
  "latencyNs",
  "jitterNs",
  "capacity",
  "stride",
  "faults",
  "deliver",
  "closed",
] as const;

/** What a slot of the pool is: nobody's, on the way, read next, or in the receiver's hands. */
const SLOT = { free: 0, flying: 1, unread: 2, held: 3 } as const;
const EVENT = { arrive: 1, read: 2, close: 3 } as const;

/**
 * One direction of a connection in virtual time: in order and without loss, until its faults say otherwise.
 *
 * It is up when made. A receiver that reads too slowly fills the bounded queue, and what overflows breaks the
 * link. What is sent after {@link Link.open} never meets what was sent before it.
 *
 * @units times in ns from the session's base
 * @invariant Without faults every message arrives once, in order, unchanged, at different times; with any
 * faults it holds at most `capacity` messages.
 * @cost `send` and arrival are one event each, and one copy; no objects are made, a time may be boxed.
 */
export class Link implements Actor {
  /** What is wrong now; the fields may be set at any time. */
  readonly faults: LinkFaults;
  readonly counts: LinkCounts = {
    sent: 0,
    delivered: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    delayed: 0,
    corrupted: 0,
    lost: 0,
    overflows: 0,
    cuts: 0,
  };
  /** While true what is sent vanishes and the sender sees no error; {@link Link.open} ends it. */
  isHalfOpen = false;
  readonly capacity: number;
  readonly stride: number;
  readonly #scheduler: Scheduler;
  readonly #self: number;
  readonly #latencyNs: number;
  readonly #jitterNs: number;
  readonly #deliver: (cells: Float64Array, offset: number) => void;
  readonly #closed: (() => void) | undefined;
  readonly #draws: Draws;
  readonly #cells: Float64Array;
  readonly #words: Int32Array;
  readonly #lengths: Int32Array;
  readonly #dueNs: Float64Array;
  readonly #states: Uint8Array;
  readonly #free: Int32Array;
  #freeCount: number;
  /** The unread, as a ring of slots. */
  readonly #unread: Int32Array;
  #unreadFrom = 0;
  #unreadCount = 0;
  #isUp = true;
  /** Counts openings and silent ends: an event of an older one is void. */
  #round = 0;
  #lastDueNs = 0;
  #nextReadNs = 0;
  #pausedUntilNs = 0;
  #isReading = false;
  #isClosing = false;

  /** @throws `FAULT_CONFIG` naming the option. */
  constructor(options: LinkOptions) {
    checkKeys("link", options, OPTIONS);
    const { scheduler, rng, latencyNs, jitterNs = 0, capacity = 256, stride = WIRE_STRIDE } = options;
    this.#latencyNs = checkInteger("link.latencyNs", latencyNs, 0);
    this.#jitterNs = checkInteger("link.jitterNs", jitterNs, 0);
    this.capacity = checkInteger("link.capacity", capacity, 1, 1 << 20);
    this.stride = checkInteger("link.stride", stride, 1, 1 << 16);
    this.#deliver = checkFunction("link.deliver", options.deliver);
    this.#closed = options.closed;
    this.faults = options.faults ?? noLinkFaults();
    this.#draws = makeDraws(rng);
    this.#scheduler = scheduler;
    this.#self = scheduler.actor(this);
    this.#cells = new Float64Array(capacity * stride);
    this.#words = new Int32Array(this.#cells.buffer);
    this.#lengths = new Int32Array(capacity);
    this.#dueNs = new Float64Array(capacity);
    this.#states = new Uint8Array(capacity);
    this.#free = freePlaces(capacity);
    this.#freeCount = capacity;
    this.#unread = new Int32Array(capacity);
  }

  /** Whether what is sent now goes on its way. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Messages on the way and unread. */
  get queueLength(): number {
    return this.capacity - this.#freeCount;
  }

  /** Messages that there is room for before the link overflows. */
  get room(): number {
    return this.#freeCount;
  }

  /**
   * Sends a copy of a record.
   *
   * @param length - cells to send; the rest of the receiver's record is whatever it was.
   * @returns false where the link is down, or breaks because its queue is full.
   * @throws `FAULT_INPUT` for a record longer than `stride`.
   */
  send(cells: Float64Array, offset: number, length: number = this.stride): boolean {
    if (length > this.stride) this.#refuseLength(length);
    this.counts.sent += 1;
    if (!this.#isUp || this.isHalfOpen) {
      this.counts.lost += 1;
      return this.#isUp;
    }
    const { faults, counts } = this;
    const draws = this.#draws;
    if (faults.drop > 0 && isDrawn(draws.drop, faults.drop)) {
      counts.dropped += 1;
      return true;
    }
    const nowNs = this.#scheduler.nowNs[0] as number;
    let dueNs = nowNs + this.#latencyNs;
    if (this.#jitterNs > 0) dueNs += upTo(draws.jitter, this.#jitterNs);
    if (faults.delay > 0 && isDrawn(draws.delay, faults.delay)) {
      dueNs += upTo(draws.delay, faults.delayNs);
      counts.delayed += 1;
    }
    if (faults.reorder > 0 && isDrawn(draws.reorder, faults.reorder)) {
      dueNs += 1 + upTo(draws.reorder, faults.reorderNs);
      counts.reordered += 1;
    } else {
      if (dueNs <= this.#lastDueNs) dueNs = this.#lastDueNs + 1;
      this.#lastDueNs = dueNs;
    }
    if (!this.#post(cells, offset, length, dueNs)) return false;
    if (faults.duplicate > 0 && isDrawn(draws.duplicate, faults.duplicate)) {
      counts.duplicated += 1;
      return this.#post(cells, offset, length, dueNs + 1 + upTo(draws.duplicate, faults.reorderNs));
    }
    return true;
  }

  /** Begins anew, up: what was on the way is lost, and nobody is told of an earlier end. */
  open(): void {
    this.drop();
    this.#isUp = true;
  }

  /** Ends in order: what was sent still arrives, then the receiver is told. */
  close(): void {
    if (!this.#isUp) return;
    this.#end(Number.POSITIVE_INFINITY);
  }

  /** Breaks: of what is on the way a random first part still arrives, then the receiver is told. */
  cut(): void {
    if (!this.#isUp) return;
    this.counts.cuts += 1;
    const nowNs = this.#scheduler.nowNs[0] as number;
    this.#end(nowNs + upTo(this.#draws.cut, Math.max(0, this.#lastDueNs - nowNs) + 2));
  }

  /** Ends at once: everything on the way is lost, and the receiver is not told. */
  drop(): void {
    this.#isUp = false;
    this.isHalfOpen = false;
    this.#isClosing = false;
    this.#isReading = false;
    this.#round += 1;
    this.#unreadCount = 0;
    this.#nextReadNs = 0;
    this.#forget(Number.NEGATIVE_INFINITY);
  }

  /**
   * The receiver reads nothing until `untilNs`: a stalled process. What arrives meanwhile waits for it, also
   * over an end of the link.
   */
  pauseReader(untilNs: number): void {
    this.#pausedUntilNs = Math.max(this.#pausedUntilNs, untilNs);
  }

  /** @throws never; for the {@link Scheduler} alone. */
  fire(kind: number, slot: number, round: number): void {
    if (round !== this.#round) return;
    if (kind === EVENT.arrive) this.#arrive(slot);
    else if (kind === EVENT.read) this.#read();
    else this.#tell();
  }

  #post(cells: Float64Array, offset: number, length: number, dueNs: number): boolean {
    if (this.#freeCount === 0) {
      this.counts.overflows += 1;
      this.counts.lost += 1;
      this.cut();
      return false;
    }
    const slot = this.#free[--this.#freeCount] as number;
    const own = this.#cells;
    const start = slot * this.stride;
    for (let i = 0; i < length; i++) own[start + i] = cells[offset + i] as number;
    this.#lengths[slot] = length;
    this.#dueNs[slot] = dueNs;
    this.#states[slot] = SLOT.flying;
    if (this.faults.corrupt > 0 && isDrawn(this.#draws.corrupt, this.faults.corrupt)) this.#flip(slot);
    this.#scheduler.at(dueNs, this.#self, EVENT.arrive, slot, this.#round);
    return true;
  }

  #flip(slot: number): void {
    this.counts.corrupted += 1;
    const bit = this.#draws.corrupt.below((this.#lengths[slot] as number) * 64);
    const word = slot * this.stride * 2 + (bit >>> 5);
    this.#words[word] = (this.#words[word] as number) ^ (1 << (bit & 31));
  }

  #arrive(slot: number): void {
    if (this.#states[slot] !== SLOT.flying) return;
    const nowNs = this.#scheduler.nowNs[0] as number;
    if (this.#unreadCount === 0 && nowNs >= this.#readableNs()) {
      this.#hand(slot, nowNs);
      return;
    }
    this.#states[slot] = SLOT.unread;
    this.#unread[(this.#unreadFrom + this.#unreadCount) % this.capacity] = slot;
    this.#unreadCount += 1;
    this.#wakeReader(nowNs);
  }

  /** When the receiver reads the next message. */
  #readableNs(): number {
    return this.#nextReadNs > this.#pausedUntilNs ? this.#nextReadNs : this.#pausedUntilNs;
  }

  #wakeReader(nowNs: number): void {
    if (this.#isReading) return;
    this.#isReading = true;
    const readNs = Math.max(nowNs, this.#readableNs());
    this.#scheduler.at(readNs, this.#self, EVENT.read, 0, this.#round);
  }

  /** Reads what the receiver may read now, and comes back for the rest. */
  #read(): void {
    this.#isReading = false;
    const nowNs = this.#scheduler.nowNs[0] as number;
    while (this.#unreadCount > 0) {
      if (nowNs < this.#readableNs()) {
        this.#wakeReader(nowNs);
        return;
      }
      const slot = this.#unread[this.#unreadFrom] as number;
      this.#unreadFrom = (this.#unreadFrom + 1) % this.capacity;
      this.#unreadCount -= 1;
      this.#hand(slot, nowNs);
    }
    if (this.#isClosing) this.#tell();
  }

  #hand(slot: number, nowNs: number): void {
    const { readPerSecond } = this.faults;
    if (readPerSecond > 0) this.#nextReadNs = nowNs + Math.ceil(1e9 / Math.max(1, readPerSecond));
    this.#states[slot] = SLOT.held;
    this.counts.delivered += 1;
    this.#deliver(this.#cells, slot * this.stride);
    this.#states[slot] = SLOT.free;
    this.#free[this.#freeCount++] = slot;
  }

  /** Down from now on; what is due before `keepBeforeNs` still comes, and behind it, unless half-open, the notice. */
  #end(keepBeforeNs: number): void {
    this.#isUp = false;
    this.#forget(keepBeforeNs);
    if (this.isHalfOpen) return;
    let noticeNs = (this.#scheduler.nowNs[0] as number) + this.#latencyNs;
    for (let slot = 0; slot < this.capacity; slot++) {
      const isFlying = this.#states[slot] === SLOT.flying;
      if (isFlying) noticeNs = Math.max(noticeNs, (this.#dueNs[slot] as number) + 1);
    }
    this.#scheduler.at(noticeNs, this.#self, EVENT.close, 0, this.#round);
  }

  /** Loses what is on the way and due at `fromNs` or later; with all of it, also what is unread. */
  #forget(fromNs: number): void {
    const isAll = fromNs === Number.NEGATIVE_INFINITY;
    for (let slot = 0; slot < this.capacity && this.queueLength > 0; slot++) {
      const state = this.#states[slot];
      const isLost = state === SLOT.flying ? (this.#dueNs[slot] as number) >= fromNs : state === SLOT.unread;
      if (!isLost || (state === SLOT.unread && !isAll)) continue;
      this.#states[slot] = SLOT.free;
      this.#free[this.#freeCount++] = slot;
      this.counts.lost += 1;
    }
    if (isAll) this.#lastDueNs = 0;
  }

  #refuseLength(length: number): never {
    throw new Fault("FAULT_INPUT", {
      path: "link.length",
      value: length,
      expected: `at most ${this.stride} cells`,
    });
  }

  /** Tells the receiver of the end, after everything that it has still to read. */
  #tell(): void {
    this.#isClosing = this.#unreadCount > 0;
    if (this.#isClosing) return;
    if (this.#pausedUntilNs > (this.#scheduler.nowNs[0] as number)) {
      this.#scheduler.at(this.#pausedUntilNs, this.#self, EVENT.close, 0, this.#round);
      return;
    }
    this.drop();
    this.#closed?.();
  }
}

/** One sequence for each kind of fault: turning one off does not change the others' draws. */
type Draws = Readonly<
  Record<"jitter" | "drop" | "duplicate" | "reorder" | "delay" | "corrupt" | "cut", Prng>
>;

function makeDraws(rng: Prng): Draws {
  return {
    jitter: rng.fork("jitter"),
    drop: rng.fork("drop"),
    duplicate: rng.fork("duplicate"),
    reorder: rng.fork("reorder"),
    delay: rng.fork("delay"),
    corrupt: rng.fork("corrupt"),
    cut: rng.fork("cut"),
  };
}

function isDrawn(rng: Prng, probability: number): boolean {
  return rng.uint32() < probability * 4294967296;
}

/** A whole number within 0 and below `bound`; 0 where there is no room. */
function upTo(rng: Prng, bound: number): number {
  return bound < 1 ? 0 : Math.floor((rng.uint32() / 4294967296) * bound);
}
