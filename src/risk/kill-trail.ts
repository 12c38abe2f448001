import type { KillRole } from "./kill-authority.ts";
import { KillLatch, type KillLevel } from "./kill-latch.ts";
import type { KillChannel, KillRecord, KillStep } from "./kill-record.ts";
import type { KillScope } from "./kill-scopes.ts";

/** Who did something, and to what. */
export interface KillActor {
  /** 0 for what belongs to no run. */
  readonly run: number;
  readonly who: string;
  readonly role: KillRole | null;
  readonly channel: KillChannel;
  readonly scope: KillScope | null;
  readonly level: KillLevel | 0;
  readonly reason: string;
}

/** Writes the audit records of one switch. @invariant A reader that throws never stops a kill: it is counted. */
export class KillTrail {
  readonly drill: boolean;
  /** Records that the reader threw on. */
  lost = 0;
  readonly #latch: KillLatch;
  readonly #onRecord: (record: KillRecord) => void;

  constructor(latch: KillLatch, onRecord: (record: KillRecord) => void, drill: boolean) {
    this.#latch = latch;
    this.#onRecord = onRecord;
    this.drill = drill;
  }

  /** The epoch of the latch. */
  get epoch(): number {
    return KillLatch.epochOf(this.#latch.read());
  }

  write(
    actor: KillActor,
    atNs: number,
    step: KillStep,
    detail: KillRecord["detail"] = {},
    venue: string | null = null,
  ): void {
    const { run, who, role, channel, scope, level, reason } = actor;
    const { drill, epoch } = this;
    try {
      this.#onRecord({
        version: 1,
        atNs,
        step,
        run,
        drill,
        who,
        role,
        channel,
        scope,
        level,
        reason,
        epoch,
        venue,
        detail,
      });
    } catch {
      this.lost += 1;
    }
  }
}
