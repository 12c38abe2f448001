import { type NativeRingMemory, systemFault } from "./native-door.ts";
import { type AsyncWait, SharedWords, type WaitEnd } from "./ring-words.ts";

const ENDS = ["ok", "not-equal", "timed-out"] as const;
/** How late a thread that is to end leaves a wait: the time in native code is cut into pieces. */
const SLICE_MS = 250;

/**
 * Words that several processes share: `Atomics` over memory that each of them maps, and sleeps that the system ends.
 * `Atomics.wait` would sleep alone: its wake-ups do not leave a process.
 */
export class NativeWords extends SharedWords {
  readonly #memory: NativeRingMemory;

  constructor(words: Int32Array, memory: NativeRingMemory) {
    super(words);
    this.#memory = memory;
  }

  override wait(at: number, expected: number, timeoutMs: number): WaitEnd {
    for (let left = timeoutMs; ; left -= SLICE_MS) {
      const end = endOf(this.#memory.wait(at, expected, Math.min(left, SLICE_MS)));
      if (end !== "timed-out" || left <= SLICE_MS) return end;
    }
  }

  override waitAsync(at: number, expected: number, timeoutMs: number): AsyncWait {
    if (this.load(at) !== expected) return { async: false, value: "not-equal" };
    if (timeoutMs === 0) return { async: false, value: "timed-out" };
    const settled = this.#memory.waitAsync(at, expected, timeoutMs);
    if (typeof settled === "number") throw systemFault("ring.waitAsync", "one more wait", settled);
    return { async: true, value: settled.then(endOf) };
  }

  override notify(at: number): void {
    this.#memory.notify(at);
  }
}

function endOf(end: number): WaitEnd {
  return ENDS[end] ?? "ok";
}
