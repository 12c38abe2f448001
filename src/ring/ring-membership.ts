import { Fault } from "../base/index.ts";
import { DATA, HEAD, type RingMemory, SPACE } from "./ring-layout.ts";
import { wake } from "./ring-wait.ts";

// A consumer's state: bits 0 and 1 say what it is, bit 2 whether somebody holds it, the others count its holders.
const STATUS = 3;
const FREE = 0;
const GATING = 1;
const JOINING = 2;
const RETIRED = 3;
const HELD = 4;
const HOLDER_STEP = 8;

/** What a consumer's place is, and how far behind it is. */
export interface RingConsumerState {
  readonly index: number;
  readonly status: "free" | "gating" | "joining" | "retired";
  /** Whether a thread holds it; a thread that died still does. */
  readonly isHeld: boolean;
  /** Messages published or claimed that it has not released; 0 where it does not gate. */
  readonly lag: number;
}

const STATUS_NAMES = ["free", "gating", "joining", "retired"] as const;

/** The least position over the consumers of a mask that gate; `none` where none does. */
export function leastPosition({ words, layout }: RingMemory, mask: number, none: number): number {
  let least = none;
  let isFirst = true;
  for (let consumer = 0; consumer < layout.shape.consumersMax; consumer++) {
    if (((mask >>> consumer) & 1) === 0 || (words.load(layout.state(consumer)) & STATUS) !== GATING) continue;
    const position = words.load(layout.position(consumer));
    if (isFirst || ((position - least) | 0) < 0) least = position;
    isFirst = false;
  }
  return least;
}

/** Whether any consumer gates. */
export function hasConsumer({ words, layout }: RingMemory): boolean {
  for (let consumer = 0; consumer < layout.shape.consumersMax; consumer++) {
    if ((words.load(layout.state(consumer)) & STATUS) === GATING) return true;
  }
  return false;
}

/** Whether any consumer reads behind another one: fixed when the ring is made. */
export function hasStages({ words, layout }: RingMemory): boolean {
  for (let consumer = 0; consumer < layout.shape.declared; consumer++) {
    if (words.get(layout.after(consumer)) !== 0) return true;
  }
  return false;
}

/**
 * Takes hold of a consumer and returns its state as the holder's token.
 *
 * @throws `FAULT_INPUT` for a place that does not gate, or that somebody holds unless `takeOver`.
 */
export function hold({ words, layout }: RingMemory, consumer: number, takeOver: boolean): number {
  for (;;) {
    const state = words.load(layout.state(consumer));
    const path = `ring.consumer(${consumer})`;
    if ((state & STATUS) !== GATING) {
      const expected = "a consumer of the ring";
      throw new Fault("FAULT_INPUT", { path, value: STATUS_NAMES[state & STATUS], expected });
    }
    if ((state & HELD) !== 0 && !takeOver) {
      const expected = "a consumer that nobody holds, or takeOver where its thread has ended";
      throw new Fault("FAULT_INPUT", { path, value: "held", expected });
    }
    const token = ((state & ~7) + HOLDER_STEP) | HELD | GATING | 0;
    if (words.compareExchange(layout.state(consumer), state, token) === state) return token;
  }
}

/** Registers one more consumer that reads what is published from now on; undefined where no place is free. */
export function join({ words, layout }: RingMemory): { consumer: number; token: number } | undefined {
  for (let consumer = layout.shape.declared; consumer < layout.shape.consumersMax; consumer++) {
    const at = layout.state(consumer);
    const state = words.load(at);
    if ((state & STATUS) !== FREE) continue;
    const holder = ((state & ~7) + HOLDER_STEP) | 0;
    if (words.compareExchange(at, state, holder | JOINING) !== state) continue;
    words.store(layout.position(consumer), words.load(HEAD));
    const token = holder | HELD | GATING;
    if (words.compareExchange(at, holder | JOINING, token) !== (holder | JOINING)) continue;
    // Only from here on does it gate: a producer may have gone on from what was the head before.
    words.store(layout.position(consumer), words.load(HEAD));
    return { consumer, token };
  }
  return undefined;
}

/** Lets go of a consumer that goes on gating: the next holder reads on from its position. */
export function letGo({ words, layout }: RingMemory, consumer: number, token: number): void {
  words.compareExchange(layout.state(consumer), token, token & ~HELD);
}

/** Ends a consumer's gating by its holder; the place of one that joined later can be taken again. */
export function leave(memory: RingMemory, consumer: number, token: number): void {
  const { words, layout } = memory;
  const status = consumer < layout.shape.declared ? RETIRED : FREE;
  words.compareExchange(layout.state(consumer), token, (token & ~7) | status);
  wake(words, DATA);
  wake(words, SPACE);
}

/** Ends a consumer's gating by anybody, for ever. Says whether it gated. */
export function retire(memory: RingMemory, consumer: number): boolean {
  const { words, layout } = memory;
  for (;;) {
    const state = words.load(layout.state(consumer));
    if ((state & STATUS) === FREE || (state & STATUS) === RETIRED) return false;
    if (words.compareExchange(layout.state(consumer), state, (state & ~7) | RETIRED) !== state) continue;
    wake(words, DATA);
    wake(words, SPACE);
    return true;
  }
}

/** What each place is now. */
export function consumerStates({ words, layout }: RingMemory): RingConsumerState[] {
  return Array.from({ length: layout.shape.consumersMax }, (_, index) => {
    const state = words.load(layout.state(index));
    const status = STATUS_NAMES[state & STATUS] ?? "free";
    const lag = status === "gating" ? behind(words.load(layout.position(index)), words.load(HEAD)) : 0;
    return { index, status, isHeld: (state & HELD) !== 0, lag };
  });
}

function behind(position: number, head: number): number {
  return Math.max(0, (head - position) | 0);
}
