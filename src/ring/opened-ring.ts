import type { RingMemory } from "./ring-layout.ts";

/** Memory that is laid out, and the buffer that a ring's views stand over. */
export class OpenedRing {
  readonly memory: RingMemory;
  readonly buffer: ArrayBufferLike;

  constructor(memory: RingMemory, buffer: ArrayBufferLike) {
    this.memory = memory;
    this.buffer = buffer;
  }
}
