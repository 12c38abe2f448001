import { AuditBuffer, type AuditChain } from "../audit/index.ts";
import type { TrailMatch } from "./session-audit-trail.ts";
import type { SessionRecorder } from "./session-recorder.ts";

/**
 * Records of a session that wait for its journal: durable there, they enter the chain.
 *
 * @invariant While a recovery replays, a record that the trail has already is passed over.
 */
export class SessionAuditQueue {
  readonly buffer: AuditBuffer;
  /** Records that were written and were not in the trail. */
  made = 0;
  readonly #chain: AuditChain;
  readonly #match: TrailMatch;
  readonly #recorder: SessionRecorder;

  constructor(chain: AuditChain, match: TrailMatch, recorder: SessionRecorder, bytes: number) {
    this.buffer = new AuditBuffer(bytes);
    this.#chain = chain;
    this.#match = match;
    this.#recorder = recorder;
  }

  /** Makes room for a record of so many bytes at most; where it begins. */
  begin(bytes: number): number {
    if (this.buffer.capacity - this.buffer.length < bytes) this.admit();
    return this.buffer.length;
  }

  /** Keeps the record that was just written, unless it is in the trail already. */
  end(from: number): void {
    const { buffer } = this;
    if (this.#recorder.isPaused && this.#match.has(buffer.bytes.subarray(from, buffer.length)))
      buffer.length = from;
    else this.made += 1;
  }

  /** Brings what waits into the chain, the journal first. */
  admit(): void {
    const { journal } = this.#recorder;
    const { length, bytes } = this.buffer;
    if (length === 0) return;
    if (journal.durableSeq < journal.lastSeq) journal.commit();
    this.buffer.length = 0;
    this.#chain.admitBytes(bytes, 0, length);
  }
}
