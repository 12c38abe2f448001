import { canonicalJson, Fault } from "../base/index.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { checkRemark, remarkBytes, type SessionRemark } from "./session-remark.ts";

/** What one record of a remark holds, where it says several things. @units bytes */
const RECORD_BYTES = 16_384;

/**
 * Remarks of a session on their way into its journal.
 *
 * A remark of a callback is made again when the callback is replayed: it is held against its record, and recorded when
 * the session goes on where it has none, since the process died before it had.
 *
 * @invariant Each remark is recorded once, in parts where it says much; one that no journal takes is refused.
 */
export class SessionRemarks {
  /** Whether callbacks that are replayed make the remarks. */
  isReplaying = false;
  readonly #recorder: SessionRecorder;
  readonly #nowNs: Float64Array;
  readonly #waiting: SessionRemark[] = [];
  /** What callbacks that were replayed said, and no record did yet. */
  readonly #again: SessionRemark[] = [];

  constructor(recorder: SessionRecorder, nowNs: Float64Array) {
    this.#recorder = recorder;
    this.#nowNs = nowNs;
  }

  /**
   * Takes a remark, to be recorded; `bytesMax` is what a record may be long.
   *
   * @throws `FAULT_CONFIG`, `FAULT_INPUT`, `FAULT_CAPACITY` for what is no remark, or too long for a record
   */
  add(remark: SessionRemark, bytesMax: number = Number.POSITIVE_INFINITY): void {
    const parts = partsOf(checkRemark(remark));
    for (const part of parts) {
      const { length } = remarkBytes(part, Number.MAX_SAFE_INTEGER);
      if (length <= bytesMax) continue;
      const expected = `at most ${bytesMax} bytes in one saying, and in the note`;
      throw new Fault("FAULT_CAPACITY", { path: "session.remark", value: length, expected });
    }
    (this.isReplaying ? this.#again : this.#waiting).push(...parts);
  }

  /** Records what waits. @throws what the journal throws */
  record(): void {
    const waiting = this.#waiting;
    while (waiting[0] !== undefined) this.#recorder.remark(waiting.shift() as SessionRemark, this.#now);
  }

  /** A record of a remark is replayed; false where a callback that was replayed has said it. */
  replay(remark: SessionRemark, ns: number): boolean {
    this.#recorder.remark(remark, ns);
    const text = canonicalJson(remark);
    const at = this.#again.findIndex((each) => canonicalJson(each) === text);
    if (at >= 0) this.#again.splice(at, 1);
    return at < 0;
  }

  /** The session goes on after a recovery: what was said and never recorded is recorded next. */
  goOn(): void {
    this.#waiting.push(...this.#again.splice(0));
  }

  get #now(): number {
    return this.#nowNs[0] as number;
  }
}

/** A remark in records that are not long, the note with the last. */
function partsOf({ says, ...rest }: SessionRemark): readonly SessionRemark[] {
  const parts: SessionRemark["says"][number][][] = [[]];
  let bytes = 0;
  for (const saying of says) {
    const { length } = canonicalJson(saying);
    if (bytes > 0 && bytes + length > RECORD_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    (parts.at(-1) as SessionRemark["says"][number][]).push(saying);
    bytes += length;
  }
  return parts.map((part, i) => (i === parts.length - 1 ? { says: part, ...rest } : { says: part }));
}
