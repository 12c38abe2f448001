import {
  GapRecovery,
  type JudgedMessage,
  MarketDataValidator,
  type Numbering,
  reasonCodeOf,
  type SequencedRows,
  type SourceBoard,
  VALIDATION_RULES,
  VERDICT,
} from "../feed/index.ts";
import { KIND_MASK, ROW, VALIDATION_CODE } from "../model/index.ts";
import type { FeedChannel } from "../venue/index.ts";
import type { StageMarketTerms, StageTerms } from "./market-data-options.ts";

const { FEED_SEQUENCE_DUPLICATE: DUPLICATE, FEED_SEQUENCE_GAP: GAP, FEED_DEAD: DEAD } = VALIDATION_CODE;
const NEVER = Number.POSITIVE_INFINITY;
const DROP_BITS = 3;

/** Reasons by number that, where they halt, were found before the book took the message: it was left out. */
const LEAVES_OUT = new Uint8Array(VALIDATION_RULES.length + 1);
for (const { reason, may } of VALIDATION_RULES) {
  const isEarly = ["FEED_SEQUENCE_GAP", "FEED_SEQUENCE_MISSING", "FEED_DROPS_IN_A_ROW"].includes(reason);
  if (may.includes("drop") || isEarly) LEAVES_OUT[VALIDATION_CODE[reason]] = 1;
}

/** Who owns a {@link StageSource}; called within the call that caused it. */
export interface StageSourceOwner {
  /** The validator thinks otherwise of the source: told before the message that changed it. */
  changed(source: StageSource, nowNs: number): void;
  /** A message, and whether it is to be left out. */
  judged(
    source: StageSource,
    rows: JudgedMessage,
    channel: FeedChannel,
    isLeftOut: boolean,
    nowNs: number,
  ): void;
  /** The source says itself that rows are missing. */
  gap(source: StageSource, rows: JudgedMessage, nowNs: number): void;
  requestSnapshot(source: StageSource): void;
}

/** What a {@link StageSource} is made from. */
export interface StageSourceParts {
  readonly index: number;
  readonly name: string;
  readonly numbering: Numbering | "none";
  readonly hasBook: boolean;
  readonly board: SourceBoard | undefined;
  readonly terms: StageTerms;
  readonly market: StageMarketTerms;
  readonly owner: StageSourceOwner;
}

/**
 * One source of one instrument on its way to the strategies: its book's numbers made whole, where its client does not
 * do that, then judged. A book that can no longer be trusted is asked for until it comes.
 *
 * @invariant What is not left out is in the validator's book, and nothing else is.
 */
export class StageSource {
  readonly index: number;
  readonly name: string;
  readonly validator: MarketDataValidator;
  isUp = false;
  /** Whether the arbiter was told to leave it. */
  isDistrusted = false;
  dropped = 0;
  duplicates = 0;
  messages = 0;
  readonly #owner: StageSourceOwner;
  readonly #recovery: GapRecovery | undefined;
  readonly #snapshotNs: number;
  /** When a snapshot is asked for again; never where none is wanted. */
  readonly #askNs = new Float64Array([NEVER]);
  #changes: number;
  /** The book is replaced though no number is missing: a message was left out. */
  #isMending = false;

  constructor(parts: StageSourceParts) {
    const { index, name, numbering, hasBook, board, terms, market, owner } = parts;
    this.index = index;
    this.name = name;
    this.#owner = owner;
    this.#snapshotNs = terms.snapshotNs;
    this.validator = new MarketDataValidator({
      ...market.validation,
      hasBook: market.validation.hasBook ?? hasBook,
      ...(board === undefined ? {} : { board, source: index }),
    });
    this.#changes = this.validator.validity.changes;
    const isJoined = numbering === "none" || !hasBook;
    this.#recovery = isJoined ? undefined : this.#makeRecovery(numbering, terms);
  }

  message(rows: SequencedRows, channel: FeedChannel, nowNs: number): void {
    if (!this.isUp) this.connected(nowNs);
    this.messages += 1;
    const isGap = rows.to > rows.from && ((rows.block.kind[rows.from] as number) & KIND_MASK) === ROW.gap;
    if (isGap) this.#gapRow(rows, nowNs);
    else if (channel === "depth" && this.#recovery !== undefined) this.#recovery.message(rows, nowNs);
    else this.#judge(rows, channel, nowNs);
  }

  connected(nowNs: number): void {
    if (this.isUp) return;
    this.isUp = true;
    this.#recovery?.start(nowNs);
  }

  disconnected(nowNs: number): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#askNs[0] = NEVER;
    this.#recovery?.disconnected(nowNs);
    this.#lose(nowNs, DEAD);
  }

  alive(nowNs: number): void {
    this.validator.alive(nowNs);
    this.#tellChange(nowNs);
  }

  /** Its book is not to be believed: two lines of it differ. */
  distrust(nowNs: number): void {
    this.#lose(nowNs, GAP);
    this.want(nowNs);
  }

  /** Lets time pass for whoever waits for something; `isLook` where silence is to be judged, too. */
  advance(nowNs: number, isLook: boolean): void {
    this.#recovery?.advance(nowNs);
    if (nowNs >= (this.#askNs[0] as number)) {
      this.#askNs[0] = nowNs + this.#snapshotNs;
      this.#owner.requestSnapshot(this);
    }
    if (!isLook || !this.isUp) return;
    this.validator.idle(nowNs);
    this.#tellChange(nowNs);
  }

  get nextNs(): number {
    return Math.min(this.#recovery?.nextNs ?? NEVER, this.#askNs[0] as number);
  }

  #judge(rows: SequencedRows, channel: FeedChannel, nowNs: number): void {
    const result = this.validator.take(rows);
    const verdict = result & DROP_BITS;
    const reason = reasonCodeOf(result);
    const isLeftOut = verdict === VERDICT.drop || (verdict === VERDICT.halt && LEAVES_OUT[reason] === 1);
    if (isLeftOut && reason === DUPLICATE) this.duplicates += 1;
    else if (isLeftOut) this.dropped += 1;
    this.#tellChange(nowNs);
    this.#owner.judged(this, rows, channel, isLeftOut, nowNs);
    if (channel !== "depth") return;
    if (isLeftOut) {
      if (reason !== DUPLICATE) this.#mend(nowNs);
    } else if (rows.isSnapshot) this.#askNs[0] = NEVER;
    else if (verdict === VERDICT.halt) this.#mend(nowNs);
  }

  /** A message of the book was left out, or the book is wrong: it is to be replaced. */
  #mend(nowNs: number): void {
    if (this.#recovery === undefined) {
      this.want(nowNs);
      return;
    }
    if (this.#recovery.state !== "live") return;
    this.#isMending = true;
    this.#recovery.distrust(nowNs);
  }

  #gapRow(rows: SequencedRows, nowNs: number): void {
    this.#recovery?.distrust(nowNs);
    if (this.#recovery === undefined) {
      this.#lose(nowNs, GAP);
      this.want(nowNs);
    }
    this.#owner.gap(this, rows, nowNs);
  }

  /** Asks for a snapshot, now and until it comes. */
  want(nowNs: number): void {
    if (this.#recovery !== undefined) {
      this.#recovery.distrust(nowNs);
      return;
    }
    if (!this.isUp || this.#askNs[0] !== NEVER) return;
    this.#askNs[0] = nowNs + this.#snapshotNs;
    this.#owner.requestSnapshot(this);
  }

  #lose(nowNs: number, reason: number): void {
    this.validator.lose(nowNs, reason);
    this.#tellChange(nowNs);
  }

  #tellChange(nowNs: number): void {
    const { changes } = this.validator.validity;
    if (changes === this.#changes) return;
    this.#changes = changes;
    this.#owner.changed(this, nowNs);
  }

  #makeRecovery(numbering: Numbering, terms: StageTerms): GapRecovery {
    const { gapNs, snapshotNs, messagesMax, rowsMax } = terms;
    return new GapRecovery({
      ...{ numbering, gapNs, snapshotNs, messagesMax, rowsMax },
      listener: {
        apply: (rows, nowNs) => this.#judge(rows, "depth", nowNs),
        snapshot: (rows, nowNs) => this.#judge(rows, "depth", nowNs),
        retransmit: () => {},
        requestSnapshot: () => this.#owner.requestSnapshot(this),
        state: (state, _before, nowNs) => {
          if (state === "live") this.#isMending = false;
          else if (!this.#isMending || state === "invalid") this.#recovering(nowNs);
        },
      },
    });
  }

  /** Numbers are missing. Before the first snapshot there is nothing to lose. */
  #recovering(nowNs: number): void {
    if (Number.isNaN(this.#recovery?.position ?? Number.NaN) || !this.isUp) return;
    this.#lose(nowNs, GAP);
  }
}
