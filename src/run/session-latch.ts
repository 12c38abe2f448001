import { INPUT } from "../kernel/index.ts";
import { isKillLevel, type KillLatch } from "../risk/index.ts";
import { setLatch } from "./session-player.ts";
import type { SessionRecorder } from "./session-recorder.ts";

/**
 * The kill latch of a session: decisions read one that only the session changes, what leaves is stopped by the one that
 * others share.
 *
 * @invariant Each change that decisions see is recorded before it is seen.
 */
export class SessionLatch {
  /** What decisions read; undefined where the session has no kill. */
  readonly own: KillLatch | undefined;
  readonly #shared: KillLatch | undefined;
  readonly #recorder: SessionRecorder;
  readonly #nowNs: Float64Array;
  #seen = 0;

  constructor(
    shared: KillLatch | undefined,
    own: KillLatch | undefined,
    recorder: SessionRecorder,
    nowNs: Float64Array,
  ) {
    this.#shared = shared;
    this.own = own;
    this.#recorder = recorder;
    this.#nowNs = nowNs;
  }

  /** The last look: any change since the turn began stops what it would let out. */
  readonly isStopped = (): boolean => this.#shared !== undefined && this.#shared.read() !== this.#seen;

  /** A kill outlives the process: what was latched when it ended is latched, until somebody lifts it. */
  keep(): void {
    const { own } = this;
    const shared = this.#shared;
    if (shared === undefined || own === undefined) return;
    for (let scope = 0; scope < shared.scopes; scope++) {
      const level = own.levelOf(scope);
      if (isKillLevel(level)) shared.set(scope, level);
    }
  }

  /** Takes over what changed in the shared latch, and records it. */
  sync(always: boolean): void {
    const { own } = this;
    const shared = this.#shared;
    if (shared === undefined || own === undefined) return;
    let isFirst = always;
    for (let word = shared.read(); isFirst || word !== this.#seen; word = shared.read()) {
      this.#seen = word;
      isFirst = false;
      for (let scope = 0; scope < shared.scopes; scope++) {
        const level = shared.levelOf(scope);
        if (level === own.levelOf(scope)) continue;
        this.#recorder.event(INPUT.latch, -1, scope, level, this.#nowNs[0] as number);
        setLatch(own, scope, level);
      }
    }
  }
}
