import { Fault } from "../base/index.ts";
import { type JournalOptions, readJournal, SnapshotFolder } from "../host/index.ts";
import type { Snapshot } from "../journal/index.ts";
import type { DurabilityPolicy } from "../port/index.ts";
import type { SessionJournal } from "./session-options.ts";
import { SESSION, type SessionRecord } from "./session-record.ts";

/**
 * A journal that is opened after the session that writes it was made: what options make is compared with what is
 * recorded before anything in a folder is touched. Until then nothing may be asked of it.
 */
export class LateJournal implements SessionJournal {
  #journal: SessionJournal | undefined = undefined;

  /** The journal is there. */
  open(journal: SessionJournal): void {
    this.#journal = journal;
  }

  get policy(): DurabilityPolicy {
    return this.#opened().policy;
  }

  get lastSeq(): number {
    return this.#opened().lastSeq;
  }

  get durableSeq(): number {
    return this.#opened().durableSeq;
  }

  get epoch(): number {
    return this.#opened().epoch;
  }

  append(type: number, payload: Uint8Array, tsNs: number): number {
    return this.#opened().append(type, payload, tsNs);
  }

  appendClosing(type: number, payload: Uint8Array, tsNs: number): number {
    return this.#opened().appendClosing(type, payload, tsNs);
  }

  commit(): number {
    return this.#opened().commit();
  }

  close(): void {
    this.#journal?.close();
  }

  saveSnapshot(snapshot: Snapshot): void {
    this.#opened().saveSnapshot?.(snapshot);
  }

  #opened(): SessionJournal {
    if (this.#journal !== undefined) return this.#journal;
    const expected = "a session whose journal is open";
    throw new Fault("FAULT_INVARIANT", { path: "session", value: "an input", expected });
  }
}

/**
 * How the session of a folder began: by its newest whole snapshot, else by the first record; undefined where neither
 * can be read, which opening the journal tells better. Takes no lock and changes nothing.
 */
export function peekBegin(
  path: string,
  { disk, shard }: Pick<JournalOptions, "disk" | "shard">,
): SessionRecord | undefined {
  try {
    const { snapshot } = new SnapshotFolder(path, undefined, disk).newest();
    const payload = snapshot?.sections.find(({ name }) => name === "begin")?.bytes;
    if (payload !== undefined) return { seq: 1, type: SESSION.begin, payload };
  } catch {
    // Told when the journal is opened.
  }
  return firstRecord(path, {
    ...(disk === undefined ? {} : { disk }),
    ...(shard === undefined ? {} : { shard }),
  });
}

function firstRecord(
  path: string,
  options: Pick<JournalOptions, "disk" | "shard">,
): SessionRecord | undefined {
  let first: SessionRecord | undefined;
  try {
    readJournal(
      path,
      ({ seq, type, payload }) => {
        if (seq === 1) first = { seq, type, payload: payload.slice() };
        throw ENOUGH;
      },
      options,
    );
  } catch {
    // It was enough, or it is told when the journal is opened.
  }
  return first;
}

/** Ends the reading of a journal behind its first record. */
const ENOUGH = new Error("enough");
