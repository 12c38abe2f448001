import { Fault } from "../base/index.ts";
import { type JournalOptions, readJournal, SnapshotFolder } from "../host/index.ts";
import type { SessionJournal, SessionOptions } from "./session-options.ts";
import { SESSION, type SessionRecord } from "./session-record.ts";
import { TradingSession } from "./trading-session.ts";

/** A session that nothing is brought to: what options would make, to be compared with what is recorded. */
export function blankSession(options: SessionOptions): TradingSession {
  return new TradingSession(options, BLANK);
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

/** A journal of which nothing is asked. */
const BLANK: SessionJournal = {
  ...{ policy: "async", lastSeq: 0, durableSeq: 0, epoch: 0 },
  append: refuse,
  appendClosing: refuse,
  commit: refuse,
  close() {},
};

function refuse(): never {
  throw new Fault("FAULT_INVARIANT", {
    path: "session",
    value: "an input",
    expected: "a session to look at",
  });
}
