import { Fault } from "../base/index.ts";
import type { S3Call } from "./s3-api.ts";
import { isPassing, readS3Error, s3Fault } from "./s3-trouble.ts";

/** Longest pause between two attempts. @units ms */
const PAUSE_MS_MAX = 20_000;

/** How calls are made, and made again. */
export interface S3Patience {
  /** Attempts of each call, the first included. */
  readonly attempts: number;
  /** The pause before the second attempt is up to this long, and up to twice as long before each next one. @units ms */
  readonly backoffMs: number;
  /** An attempt ends after this long, and one of a segment's bytes 1 s later for each MB. @units ms */
  readonly timeoutMs: number;
  readonly pause: (ms: number) => Promise<void>;
  /** Within 0 and 1: where in its range a pause lies. */
  readonly random: () => number;
}

/** What is known of a call. */
export interface S3Expected<Value> {
  /** Errors that are answers too, by name. */
  readonly hears?: ReadonlyMap<string, Value>;
  /** What it carries. */
  readonly byteLength?: number;
}

/**
 * Makes a call until it succeeds, up to so many times: again after failed connections, timeouts, throttling, a
 * server's own errors and bytes damaged on their way, never after a refusal.
 *
 * @throws The fault of the last error; nothing of it carries a secret.
 */
export async function callS3<Value>(
  place: string,
  patience: S3Patience,
  work: (call: S3Call) => Promise<Value>,
  { hears = new Map(), byteLength = 0 }: S3Expected<Value> = {},
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      const timeoutMs = patience.timeoutMs + Math.ceil(byteLength / 1000);
      return await work({ abortSignal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      if (error instanceof Fault) throw error;
      const said = readS3Error(error);
      const heard = hears.get(said.name);
      if (heard !== undefined) return heard;
      if (!isPassing(said) || attempt >= patience.attempts) throw s3Fault(place, said, attempt);
    }
    const longest = Math.min(PAUSE_MS_MAX, patience.backoffMs * 2 ** (attempt - 1));
    await patience.pause(longest * (0.5 + patience.random() / 2));
  }
}
