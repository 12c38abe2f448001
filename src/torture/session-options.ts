import { checkFunction, checkInteger, checkKeys, Fault, type Prng } from "../base/index.ts";
import type { Connection } from "./connection.ts";
import type { Scheduler } from "./scheduler.ts";

/** Which of a session's two streams a reset is about, seen from the end that reports it. */
export const STREAM = { incoming: 0, outgoing: 1 } as const;

/** What a session is doing: nothing, agreeing on numbers over a new connection, or carrying messages. */
export const SESSION_STATE = { down: 0, logon: 1, up: 2 } as const;

/** Kinds of a session's events: of both ends, and the client's. */
export const SESSION_TIMER = { tick: 1, pump: 2, dial: 3 } as const;

/** What one end of a session remembers over a crash. JSON-safe. */
export interface SavedSession {
  /** Counts the numberings that the two ends agreed on; 0 before the first. */
  readonly generation: number;
  /** The number that the next sent message gets. */
  readonly nextOut: number;
  /** The number of the next message that is expected. */
  readonly nextIn: number;
}

/** The options of both ends of a session. */
export interface SessionOptions {
  readonly scheduler: Scheduler;
  /** Only forked. */
  readonly rng: Prng;
  readonly connection: Connection;
  /** A message is sent at least so often. 1 s unless told. */
  readonly heartbeatNs?: number;
  /** After so long without a sound message the connection is given up. 2.5 s unless told. */
  readonly timeoutNs?: number;
  /** After so long without progress missing messages are asked for again. 0.2 s unless told. */
  readonly retryNs?: number;
  /** Sent messages that are kept for sending again; a power of two. 1,024 unless told. */
  readonly keep?: number;
  /** Messages sent again in one go, and the time between two goes. 32 each 1 ms unless told. */
  readonly resendBatch?: number;
  readonly resendPaceNs?: number;
  /**
   * Whether {@link WireSession.send} takes messages while the session is down, to send them when it is up.
   * True at the venue and false at the client unless told.
   */
  readonly storesWhileDown?: boolean;
  /** A message of the other application: once, in order; the cells hold only during the call. */
  readonly onMessage: (cells: Float64Array, offset: number) => void;
  readonly onUp?: () => void;
  readonly onDown?: () => void;
  /**
   * Some messages will never come: of a stream (a code of {@link STREAM}) in a generation, the numbers from
   * `fromSeq` to below `toSeq`, Infinity where the numbering ended. For an outgoing stream some of them may
   * have arrived.
   */
  readonly onReset?: (stream: number, generation: number, fromSeq: number, toSeq: number) => void;
}

/** The options of the client's end. */
export interface ClientSessionOptions extends SessionOptions {
  /** Time to the first dial after a connection was lost; doubles with each failure. 50 ms unless told. */
  readonly redialNs?: number;
  /** Longest time to the next dial, before up to as much again is added at random. 2 s unless told. */
  readonly maxRedialNs?: number;
  /** What an earlier process saved; without it the session begins with an agreed new numbering. */
  readonly resume?: SavedSession;
}

/** What one end of a session counted since it was made. */
export interface SessionCounts {
  /** Messages of the application that were taken. */
  sent: number;
  /** Messages that were handed to the application. */
  received: number;
  resent: number;
  /** Messages that had come before. */
  duplicates: number;
  /** Messages whose checksum was wrong. */
  unsound: number;
  /** Gaps that were asked about, askings again included. */
  gaps: number;
  gapFills: number;
  /** Sequence resets, either way. */
  resets: number;
  logons: number;
  timeouts: number;
  /** Connections given up because an old number came with a new message. */
  sequenceErrors: number;
}

/** A session's counts, all 0. */
export function noSessionCounts(): SessionCounts {
  return {
    sent: 0,
    received: 0,
    resent: 0,
    duplicates: 0,
    unsound: 0,
    gaps: 0,
    gapFills: 0,
    resets: 0,
    logons: 0,
    timeouts: 0,
    sequenceErrors: 0,
  };
}

const SHARED = [
  "scheduler",
  "rng",
  "connection",
  "heartbeatNs",
  "timeoutNs",
  "retryNs",
  "keep",
  "resendBatch",
  "resendPaceNs",
  "storesWhileDown",
  "onMessage",
  "onUp",
  "onDown",
  "onReset",
] as const;

/** The options with everything said. */
export type SessionSettings = Required<
  Omit<SessionOptions, "storesWhileDown" | "onUp" | "onDown" | "onReset">
> &
  Pick<SessionOptions, "onUp" | "onDown" | "onReset">;

/**
 * Checks the shared options and fills in what was not told.
 *
 * @throws `FAULT_CONFIG` naming the option.
 */
export function checkedSessionOptions(
  options: SessionOptions,
  more: readonly string[] = [],
): SessionSettings {
  checkKeys("session", options, [...SHARED, ...more]);
  const { heartbeatNs = 1e9, timeoutNs = 2.5e9, retryNs = 2e8 } = options;
  const { keep = 1024, resendBatch = 32, resendPaceNs = 1e6 } = options;
  checkInteger("session.heartbeatNs", heartbeatNs, 1000);
  checkInteger("session.timeoutNs", timeoutNs, heartbeatNs + 1);
  checkInteger("session.retryNs", retryNs, 1);
  checkInteger("session.resendBatch", resendBatch, 1);
  checkInteger("session.resendPaceNs", resendPaceNs, 1);
  checkFunction("session.onMessage", options.onMessage);
  return { ...options, heartbeatNs, timeoutNs, retryNs, keep, resendBatch, resendPaceNs };
}

/**
 * Checks what an earlier process saved.
 *
 * @throws `FAULT_CONFIG` naming the field.
 */
export function checkedSavedSession(saved: SavedSession): SavedSession {
  checkKeys("session.resume", saved, ["generation", "nextOut", "nextIn"]);
  checkInteger("session.resume.generation", saved.generation, 0);
  checkInteger("session.resume.nextOut", saved.nextOut, 1);
  checkInteger("session.resume.nextIn", saved.nextIn, 1);
  if (saved.generation === 0 && saved.nextOut + saved.nextIn > 2) {
    throw new Fault("FAULT_CONFIG", {
      path: "session.resume.generation",
      value: 0,
      expected: "above 0 where numbers were used",
    });
  }
  return saved;
}
