import { checkInteger, Fault } from "../base/index.ts";
import { KillLatch, type KillLevel } from "../risk/index.ts";

const MAGIC = 0x74_77_6b_61;
const MAX_VENUES = 256;
const HEAD_STAMPS = 4;
const HEAD_WORDS = 16;
const VENUE_WORDS = 8;

/** Stamps of the control block, in ns of the machine's monotonic clock. */
export const STAMP = { magic: 0, activated: 1, closed: 2, beat: 3 } as const;

/** Words of the control block behind its stamps. */
export const CONTROL = { venues: 0, state: 1, reports: 2, troubles: 3, pulls: 4, kills: 5 } as const;

/** Words of each venue in the control block. */
export const FIGURE = { healthy: 0, requested: 1, handed: 2, confirmed: 3 } as const;

/** Where a kill agent is: `complete` and `escalated` are kills that came to an end, `escalated` one with doubts. */
export const AGENT_STATES = [
  "starting",
  "armed",
  "killing",
  "complete",
  "escalated",
  "stopped",
  "failed",
] as const;

/** One of {@link AGENT_STATES}. */
export type KillAgentState = (typeof AGENT_STATES)[number];

const { hrtime } = process;

/** The clock all threads of the process share, in ns; a strategy that hangs in its callback can be killed by it. */
export function monotonicNs(): bigint {
  // Taken when this module was loaded: while strategies run, `process.hrtime` is a trap.
  return hrtime.bigint();
}

/**
 * The shared memory between a kill agent, its maker and everyone who may pull its trigger.
 *
 * @shape 4 stamps of 64 bits, 16 words, then 8 words a venue
 */
export class KillControl {
  readonly buffer: SharedArrayBuffer;
  readonly stamps: BigInt64Array;
  readonly words: Int32Array;
  readonly #figures: Int32Array;

  constructor(venues: number | SharedArrayBuffer) {
    const isNew = typeof venues === "number";
    this.buffer = isNew ? new SharedArrayBuffer(bytesOf(venues)) : checkBuffer(venues);
    this.stamps = new BigInt64Array(this.buffer, 0, HEAD_STAMPS);
    this.words = new Int32Array(this.buffer, 8 * HEAD_STAMPS, HEAD_WORDS);
    this.#figures = new Int32Array(this.buffer, 8 * HEAD_STAMPS + 4 * HEAD_WORDS);
    if (!isNew) return;
    this.stamps[STAMP.magic] = BigInt(MAGIC);
    this.words[CONTROL.venues] = venues;
  }

  get venues(): number {
    return this.words[CONTROL.venues] as number;
  }

  get state(): KillAgentState {
    return AGENT_STATES[Atomics.load(this.words, CONTROL.state)] as KillAgentState;
  }

  set state(state: KillAgentState) {
    Atomics.store(this.words, CONTROL.state, AGENT_STATES.indexOf(state));
    Atomics.notify(this.words, CONTROL.state);
  }

  figure(venue: number, which: keyof typeof FIGURE): number {
    return Atomics.load(this.#figures, venue * VENUE_WORDS + FIGURE[which]);
  }

  setFigure(venue: number, which: keyof typeof FIGURE, value: number): void {
    Atomics.store(this.#figures, venue * VENUE_WORDS + FIGURE[which], value);
  }
}

/** What a {@link KillTrigger} is made of; it can be posted to any thread. */
export interface KillTriggerParts {
  readonly latch: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

/**
 * Pulls the kill from any thread: closes the latch at once, stamps when, and wakes the agent.
 *
 * Nothing is waited for and no message is sent, so it works while every other thread hangs.
 *
 * @invariant The gate is closed when `pull` returns, whether or not an agent lives.
 * @throws `FAULT_CONFIG` for buffers that are no latch's or no agent's; `FAULT_INPUT` for a scope or a level that
 * the latch does not know.
 * @example
 * ```ts
 * import { FIRM_SCOPE, KillLatch } from "tickwright/risk";
 * import { KillControl, KillTrigger } from "tickwright/run";
 * const latch = new KillLatch(4);
 * const trigger = new KillTrigger({ latch: latch.buffer, control: new KillControl(1).buffer });
 * trigger.pull(FIRM_SCOPE, 2); // => true
 * KillLatch.isOpen(latch.read()); // => false
 * ```
 */
export class KillTrigger {
  readonly #latch: KillLatch;
  readonly #control: KillControl;
  readonly #latchWords: Int32Array;

  constructor(parts: KillTriggerParts) {
    this.#latch = new KillLatch(parts.latch);
    this.#latchWords = new Int32Array(parts.latch);
    this.#control = new KillControl(parts.control);
  }

  /** Latches a scope; says whether that changed anything. Pulling again is harmless. */
  pull(scope: number, level: KillLevel): boolean {
    return this.pullAt(scope, level, monotonicNs());
  }

  /** As `pull`, for a kill that was asked for at an earlier moment of {@link monotonicNs}. */
  pullAt(scope: number, level: KillLevel, askedNs: bigint): boolean {
    const { stamps, words } = this.#control;
    const isFirst = Atomics.compareExchange(stamps, STAMP.activated, 0n, askedNs) === 0n;
    let isChanged = false;
    try {
      isChanged = this.#latch.set(scope, level);
    } finally {
      // A pull that changes nothing begins no kill: it must not leave its moment to the next one.
      if (isFirst) {
        if (isChanged) Atomics.store(stamps, STAMP.closed, monotonicNs());
        else Atomics.store(stamps, STAMP.activated, 0n);
      }
    }
    Atomics.add(words, CONTROL.pulls, 1);
    Atomics.notify(this.#latchWords, 0);
    return isChanged;
  }
}

function bytesOf(venues: number): number {
  checkInteger("killControl.venues", venues, 1, MAX_VENUES);
  return 8 * HEAD_STAMPS + 4 * (HEAD_WORDS + VENUE_WORDS * venues);
}

function checkBuffer(buffer: SharedArrayBuffer): SharedArrayBuffer {
  const least = bytesOf(1);
  if (buffer instanceof SharedArrayBuffer && buffer.byteLength >= least && buffer.byteLength % 32 === 0) {
    if (new BigInt64Array(buffer, 0, 1)[0] === BigInt(MAGIC)) return buffer;
  }
  const expected = "the control block of a kill agent";
  throw new Fault("FAULT_CONFIG", { path: "killControl.buffer", value: buffer, expected });
}
