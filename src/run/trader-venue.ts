import type { DepthBlock } from "../model/index.ts";
import type { VenueOrderTerms, VenueTrouble } from "../venue/index.ts";
import type { TraderTime } from "./trader-time.ts";
import type { TradingSession } from "./trading-session.ts";

/** What a trader's venue tells its trader. */
export interface VenueWatch {
  /** What the venue says is an input now: called before `session.report` and the like. @units ns from the base */
  nowNs(): number;
  /** Whether instruments may trade may have changed, or `nextNs` is earlier than it was. */
  changed(): void;
  /** Somebody should know. */
  trouble(venue: string, trouble: VenueTrouble): void;
  /** Reconciliation stops an instrument, or a human lets it go on: durable when it returns. */
  halt(station: number, isHalted: boolean): void;
  /** Reconciliation calls a human. */
  alert(venue: string, words: string): void;
  /** The session threw at what the venue said: no trading goes on after that. */
  failed(cause: unknown): void;
}

/**
 * The doors of a trader, for the instruments of one venue. Paper and live trading differ in these and in nothing else.
 *
 * @units ns from the session's base
 */
export interface TraderVenue {
  readonly name: string;
  /** The places of its instruments. */
  readonly stations: readonly number[];
  /** Ties it to a session before anything is loaded or replayed; again where a snapshot could not be used. */
  prepare(session: TradingSession, time: TraderTime): void;
  /** Connects the session's doors, before it begins or goes on: nothing leaves through them yet. */
  connect(watch: VenueWatch): void;
  /** The session has begun, or goes on. */
  begun?(isNew: boolean, nowNs: number): void;
  /** Connects to the venue, once the session runs. */
  open(): Promise<void>;
  /** When something is due here next. */
  nextNs(): number;
  /** Does the first thing that is due at `nextNs()`. */
  step(): void;
  /** Whether new orders in an instrument may leave: what the venue holds to be true is known. */
  isReady(station: number): boolean;
  /** Whether anything of ours is open there, or not known to be over. */
  isQuiet(): boolean;
  /** Asks that everything of ours be canceled, in these instruments or in all; `strategy`: of one only. */
  cancelOpen(nowNs: number, stations?: readonly number[], strategy?: number): void;
  /** Has everything of ours canceled beside a session that failed; resolves when the venue has answered, or cannot. */
  abandon?(): Promise<void>;
  /** Rows that were received, before the session hears them: what a simulated venue lives of. */
  lived?(station: number, block: DepthBlock, from: number, to: number, nowNs: number): void;
  /** A row is about to be heard. */
  hearing?(station: number, exchNs: number, nowNs: number): void;
  /** Compares everything with the venue once more; resolves when that was done, or can't be. */
  settle?(): Promise<boolean>;
  /** Does with an order all that is done before its bytes leave, and sends nothing: see `VenueClient.rehearse`. */
  rehearse?(order: VenueOrderTerms): void;
  /** JSON-safe figures, for a dashboard. */
  figures(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}
