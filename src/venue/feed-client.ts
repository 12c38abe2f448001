import type { Numbering } from "../feed/index.ts";
import type { DepthBlock, Instrument } from "../model/index.ts";
import type { VenueTrouble } from "./venue-client.ts";

/** What a message of a source is about. */
export type FeedChannel = "depth" | "trades" | "quotes";

/**
 * One message of a source, as rows: `from` up to, and without, `to` in `block`. One reused object, and reused rows: who
 * keeps them copies them.
 *
 * @units times of the rows in ns from the session's base: `localNs` ours at its arrival, `exchNs` the source's
 */
export interface FeedMessage {
  instrument: Instrument;
  channel: FeedChannel;
  /** Whether the rows replace the book, rather than change it. */
  isSnapshot: boolean;
  /** The first and last number of what the source numbers, both -1 where it numbers nothing. */
  firstSequence: number;
  lastSequence: number;
  /** The last number of the message before, where the source says it; else -1. */
  previousSequence: number;
  block: DepthBlock;
  from: number;
  to: number;
}

/** Who hears a source. */
export interface FeedListener {
  /** A message; `source` is the client's name. */
  message(source: string, message: FeedMessage): void;
  /** The source lives, though no message came: a heartbeat, a pong. @units ns from the session's base */
  alive(source: string, nowNs: number): void;
  connected(source: string): void;
  disconnected(source: string, cause: VenueTrouble): void;
  /** Something is wrong that ends nothing, such as a malformed message. */
  trouble(source: string, trouble: VenueTrouble): void;
}

/** Market data of one source, as an adapter offers it: it connects, says what it receives, and connects again. */
export interface FeedClient {
  readonly source: string;
  /**
   * How messages of the book are numbered where they are handed on as they come, for somebody who joins them; absent
   * where they come joined, or are not numbered.
   */
  readonly numbering?: Numbering | undefined;
  /** Connects, and keeps connected until `close`. @throws `FAULT_IO` naming a code of `VenueTroubleCode` */
  open(listener: FeedListener): Promise<void>;
  subscribe(instrument: Instrument, channels: readonly FeedChannel[]): Promise<void>;
  /** Asks for the book as it stands: it comes as a message whose `isSnapshot` is true. */
  requestSnapshot(instrument: Instrument): Promise<void>;
  close(): Promise<void>;
}
