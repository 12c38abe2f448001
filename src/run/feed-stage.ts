import type { Numbering } from "../feed/index.ts";
import type { Instrument, ValidationReason } from "../model/index.ts";
import type { LogLevel } from "../port/index.ts";
import type { FeedChannel, FeedMessage, VenueTrouble } from "../venue/index.ts";
import type { RemarkSaying } from "./session-remark.ts";

/** What a {@link FeedStage} makes of a source's message: none, one or several that go on. */
export type FeedOut = (message: FeedMessage, source: string) => void;

/** A source that a {@link FeedStage} is going to hear. */
export interface FeedStageSource {
  readonly source: string;
  readonly instruments: readonly Instrument[];
  readonly channels: readonly FeedChannel[];
  /** How its messages of the book are numbered where nobody has joined them yet; `none` where they come joined. */
  readonly numbering: Numbering | "none";
}

/** What a {@link FeedStage} has to say beside rows: for the audit trail, and for whoever listens to alerts. */
export interface FeedStageWord {
  readonly level: LogLevel;
  readonly words: string;
  /** A `marketDataQuality` or a `marketDataFailover`. */
  readonly saying: RemarkSaying;
}

/** What a {@link FeedStage} may ask of its owner. */
export interface FeedStageHands {
  /** Asks a source for an instrument's book: it comes as a message, not within this call, or not at all. */
  requestSnapshot(source: string, instrument: Instrument): void;
  tell(word: FeedStageWord): void;
}

/** How a source of an instrument stands, as its {@link FeedStage} sees it: plain values, JSON-safe. */
export interface FeedStageFigures {
  readonly instrument: string;
  readonly source: string;
  /** Whether strategies see this source's rows now. */
  readonly isCurrent: boolean;
  /** Whether nothing speaks against taking it. */
  readonly isReady: boolean;
  readonly validity: "valid" | "suspect" | "halted";
  readonly reason: ValidationReason | "";
  readonly messages: number;
  /** Messages that were left out, copies of what had come aside. */
  readonly dropped: number;
  readonly duplicates: number;
  /** Changes of the instrument's source so far. */
  readonly switches: number;
  /** How long a silence of it lasts at most before it is noticed; `null` where there is no other source. @units ns */
  readonly silenceBoundNs: number | null;
}

/**
 * What stands between the sources of market data and the strategies: a validator, an arbiter between sources, the
 * repair of gaps. It answers at once, and what it drops or changes is what strategies see.
 *
 * @units `nowNs` ns from the session's base
 */
export interface FeedStage {
  /**
   * Before anything else: what is going to come, and what may be asked for. A stage that keeps anything is attached
   * once.
   */
  attach?(hands: FeedStageHands, sources: readonly FeedStageSource[]): void;
  message(source: string, message: FeedMessage, nowNs: number, out: FeedOut): void;
  connected?(source: string, nowNs: number, out: FeedOut): void;
  disconnected?(source: string, cause: VenueTrouble, nowNs: number, out: FeedOut): void;
  alive?(source: string, nowNs: number, out: FeedOut): void;
  /** Time went on: for watchdogs and deadlines. */
  idle?(nowNs: number, out: FeedOut): void;
  /** When `idle` is wanted next; never unless given. */
  nextNs?(): number;
  figures?(): readonly FeedStageFigures[];
}

/** A stage that lets all of it through. */
export const OPEN_STAGE: FeedStage = Object.freeze({
  message: (source: string, message: FeedMessage, _nowNs: number, out: FeedOut) => out(message, source),
});
