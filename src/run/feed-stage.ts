import type { FeedMessage, VenueTrouble } from "../venue/index.ts";

/** What a {@link FeedStage} makes of a source's message: none, one or several that go on. */
export type FeedOut = (message: FeedMessage, source: string) => void;

/**
 * What stands between the sources of market data and the strategies: a validator, an arbiter between sources, the
 * repair of gaps. It answers at once, and what it drops or changes is what strategies see.
 *
 * @units `nowNs` ns from the session's base
 */
export interface FeedStage {
  message(source: string, message: FeedMessage, nowNs: number, out: FeedOut): void;
  connected?(source: string, nowNs: number, out: FeedOut): void;
  disconnected?(source: string, cause: VenueTrouble, nowNs: number, out: FeedOut): void;
  alive?(source: string, nowNs: number, out: FeedOut): void;
  /** Time went on: for watchdogs and deadlines. */
  idle?(nowNs: number, out: FeedOut): void;
  /** When `idle` is wanted next; never unless given. */
  nextNs?(): number;
}

/** A stage that lets all of it through. */
export const OPEN_STAGE: FeedStage = Object.freeze({
  message: (source: string, message: FeedMessage, _nowNs: number, out: FeedOut) => out(message, source),
});
