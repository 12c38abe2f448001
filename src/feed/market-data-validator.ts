import { Fault } from "../base/index.ts";
import { NO_ASK, NO_BID, OrderBook } from "../book/index.ts";
import { type DepthBlock, KIND_MASK, ROW, VALIDATION_CODE, VALIDATION_REASONS } from "../model/index.ts";
import { applyLevels, differsFrom } from "./book-audit.ts";
import type { JudgedMessage, ValidatorCounts } from "./judged-message.ts";
import { CHANNEL, channelOf, RowCheck } from "./row-check.ts";
import { SequenceCheck } from "./sequence-check.ts";
import { TimeCheck, UNTIMED } from "./time-check.ts";
import { highestBid, lowestAsk, TOUCH, TouchCheck } from "./touch-check.ts";
import { FeedValidity, Findings } from "./validation-findings.ts";
import {
  checkValidatorParts,
  type ValidationParameters,
  type ValidatorOptions,
  validationParameters,
} from "./validation-options.ts";
import { VERDICT, verdictColumn } from "./validation-rules.ts";
import { readValidator, type SavedValidator } from "./validator-state.ts";
import { ValidityHysteresis } from "./validity-hysteresis.ts";

const UNKNOWN = VALIDATION_CODE.FEED_ROW_UNKNOWN;
const GAP = VALIDATION_CODE.FEED_SEQUENCE_GAP;
const OUTLIER = VALIDATION_CODE.FEED_PRICE_OUTLIER;
const ABSURD = VALIDATION_CODE.FEED_PRICE_ABSURD;
const GROWN = VALIDATION_CODE.FEED_DEPTH_GROWN;
const CAPACITY = VALIDATION_CODE.FEED_BOOK_CAPACITY;
const CHECKSUM = VALIDATION_CODE.FEED_CHECKSUM;
const MISMATCH = VALIDATION_CODE.FEED_SNAPSHOT_MISMATCH;
const INCOMPLETE = VALIDATION_CODE.FEED_BOOK_INCOMPLETE;
const BOOK_LOST = VALIDATION_CODE.FEED_BOOK_LOST;
const VOLUME_FALLS = VALIDATION_CODE.FEED_VOLUME_FALLS;
const SILENT = VALIDATION_CODE.FEED_SILENT;
const DEAD = VALIDATION_CODE.FEED_DEAD;

/** Messages of the book between two looks at how many levels it has. */
const LEVELS_EVERY = 256;

/**
 * Judges the market data of one instrument from one source, message by message: seven checks and the integrity of the
 * book, a verdict for each message and a state between messages.
 *
 * `take` judges the rows, applies them to `book` unless they are left out, judges the book, and returns verdict plus
 * four times the reason's number: 0 is pass. What it thinks of the source as a whole is `validity`, with hysteresis:
 * a finding makes it suspect or halted, `leaveCount` sound messages in a row make it valid again. It buffers nothing:
 * recovery of gaps stands before it.
 *
 * @units ticks, book lots, ns from the session's base
 * @invariant A message that is left out changes nothing in `book`. No data throws; rows are never written.
 * @invariant After a gap, a wrong checksum or an overflow the book takes nothing but a snapshot.
 * @cost O(1) a row, nothing allocated; 1 to 2 us a message at worst (sorted windows of 9 and 31), O(levels) an audit.
 * @throws `FAULT_CONFIG` naming the option, `FAULT_INPUT` for rows that are not in the block.
 * @example
 * ```ts
 * import { MarketDataValidator, verdictOf } from "tickwright/feed";
 * import { DepthBlock, LAST, ROW, reasonOf } from "tickwright/model";
 *
 * const block = new DepthBlock(4);
 * const put = (i: number, kind: number, tick: number, lots: number): void => {
 *   [block.kind[i], block.tick[i], block.lots[i], block.exch[i], block.local[i]] = [kind, tick, lots, 0, 0];
 * };
 * put(0, ROW.clear, 0, 0);
 * put(1, ROW.bid, 9_999, 5);
 * put(2, ROW.ask | LAST, 10_001, 7);
 * put(3, ROW.bid | LAST, 9_998, -3);
 * block.seal(4);
 *
 * const validator = new MarketDataValidator({ tier: "major" });
 * const numbers = { isSnapshot: false, firstSequence: -1, lastSequence: -1, previousSequence: -1 };
 * validator.take({ block, from: 0, to: 3, ...numbers }); // => 0
 * const poisoned = validator.take({ block, from: 3, to: 4, ...numbers });
 * [verdictOf(poisoned), reasonOf(poisoned >> 2)]; // => ["drop", "FEED_VOLUME_INVALID"]
 * [validator.validity.isValid, validator.book.bestBid]; // => [false, 9999]
 * ```
 * @source Own rules: the table of this room's README
 */
export class MarketDataValidator {
  /** What is accepted is applied to it. */
  readonly book: OrderBook;
  /** What is thought of the source now. */
  readonly validity: FeedValidity = new FeedValidity();
  readonly parameters: ValidationParameters;
  readonly #findings: Findings;
  readonly #rows: RowCheck;
  readonly #times: TimeCheck;
  readonly #sequence: SequenceCheck;
  readonly #touch: TouchCheck;
  readonly #hysteresis: ValidityHysteresis;
  readonly #checksum: ((book: OrderBook) => number) | undefined;
  readonly #nowNs = new Float64Array(1);
  /** Volume of the day as last told; rows. */
  readonly #volume = new Float64Array([-1]);
  readonly #verdicts = new Float64Array(4);
  readonly #taken = new Float64Array(2);
  /** The book may be wrong: nothing but a snapshot mends it. */
  #isLost: boolean;
  /** A message of the book was left out since the last snapshot. */
  #isIncomplete = false;
  /** Sides of the book have met and levels are hidden since. */
  #isCrossed = false;
  #crossings = 0;
  #untilLevels = LEVELS_EVERY;

  constructor(options: ValidatorOptions = {}) {
    const parameters = validationParameters(options);
    checkValidatorParts(options);
    this.parameters = parameters;
    this.book = options.book ?? new OrderBook({ pagesMax: 16_384 });
    this.#checksum = options.checksum;
    this.#findings = new Findings(verdictColumn(options.verdicts ?? {}));
    this.#times = new TimeCheck(this.#findings, parameters);
    this.#sequence = new SequenceCheck(this.#findings, parameters);
    this.#touch = new TouchCheck(this.#findings, parameters, this.#nowNs, options.board, options.source);
    this.#rows = new RowCheck(this.#findings, this.#touch, parameters);
    this.#hysteresis = new ValidityHysteresis(this.validity, this.#findings, parameters, this.#nowNs);
    this.#isLost = parameters.hasBook;
  }

  /** Judges a message and applies it unless it is left out. Returns verdict plus four times the reason's number. */
  take(message: JudgedMessage): number {
    const { block, from, to } = message;
    if (!(from >= 0 && from < to && to <= block.n)) return this.#noRows(message);
    const findings = this.#findings;
    findings.begin();
    const now = block.local[from] as number;
    if (Number.isFinite(now)) this.#nowNs[0] = now;
    this.#taken[0] = (this.#taken[0] as number) + 1;
    this.#taken[1] = (this.#taken[1] as number) + (to - from);
    const kind = block.kind[from] as number;
    const channel = channelOf(kind);
    if (channel === CHANNEL.depth) this.#takeDepth(message, (kind & KIND_MASK) === ROW.clear);
    else if (channel === CHANNEL.quotes) this.#takeQuotes(message);
    else if (channel === CHANNEL.trades) this.#takeTrades(message);
    else this.#takeOther(message, channel);
    if (findings.isDirty && (findings.isRaised(OUTLIER) || findings.isRaised(ABSURD)))
      this.#touch.settleOutlier();
    const result = this.#hysteresis.conclude(!this.#isLost && !this.#isIncomplete);
    if (result !== 0) this.#verdicts[result & 3] = (this.#verdicts[result & 3] as number) + 1;
    return result;
  }

  /** The source says that it lives, and perhaps which number of a channel comes next. Returns as `take`. */
  alive(nowNs: number, nextSequence = -1, channel: number = CHANNEL.depth): number {
    this.#findings.begin();
    this.#nowNs[0] = nowNs;
    this.#times.alive(nowNs);
    if (nextSequence >= 0 && this.#sequence.next(nextSequence, channel)) this.#gap();
    return this.#findings.worst === 0 ? 0 : this.#hysteresis.conclude(!this.#isLost);
  }

  /** Nothing came until now: what that means. Call it from a timer. Returns as `take`. */
  idle(nowNs: number): number {
    this.#findings.begin();
    this.#nowNs[0] = nowNs;
    this.#times.idle(nowNs, SILENT, DEAD);
    return this.#findings.worst === 0 ? 0 : this.#hysteresis.conclude(!this.#isLost);
  }

  /** The volume of the day as the venue tells it: it never falls. @units book lots */
  volume(lots: number, nowNs: number): number {
    this.#findings.begin();
    this.#nowNs[0] = nowNs;
    if (!(lots >= (this.#volume[0] as number))) this.#findings.raise(VOLUME_FALLS);
    else this.#volume[0] = lots;
    return this.#findings.worst === 0 ? 0 : this.#hysteresis.conclude(!this.#isLost);
  }

  /** A split, a roll, an auction, a new day: prices, spreads and volume begin anew, at a reference if one is known. */
  reset(referenceTicks: number = Number.NaN): void {
    this.#touch.reset(2 * referenceTicks);
    this.#volume[0] = -1;
  }

  /** The venue began to number a channel anew; what comes next is `nextSequence`, or anything. */
  resetSequence(channel: number = CHANNEL.depth, nextSequence = -1): void {
    this.#sequence.reset(channel, nextSequence);
  }

  /** The book can no longer be trusted, somebody else found: a disconnection, a failed recovery. */
  lose(nowNs: number, reason: number = GAP): void {
    this.#isLost = this.parameters.hasBook;
    this.#nowNs[0] = nowNs;
    this.#hysteresis.halt(reason);
  }

  /** What the phase of trading allows: in an auction books cross; before the open they may have one side. */
  setPhase(phase: { readonly mayCross: boolean; readonly mayBeOneSided: boolean }): void {
    this.#touch.setPhase(phase.mayCross, phase.mayBeOneSided);
  }

  /** Limit down and limit up, or a static band. @units ticks */
  setBand(lowTicks: number, highTicks: number): void {
    this.#touch.reference.setBand(lowTicks, highTicks);
  }

  /** When exchange times are plausible. @units ns from the session's base */
  setSession(fromNs: number, toNs: number): void {
    this.#times.setSession(fromNs, toNs);
  }

  /** The least latency seen of late, in which the clocks' difference is: NaN before any. @units ns */
  get skewNs(): number {
    return this.#times.skewNs;
  }

  /** The reference price; NaN before any. @units ticks */
  get referenceTicks(): number {
    return this.#touch.reference.twice / 2;
  }

  /** The median spread; NaN before any. @units ticks */
  get spreadMedianTicks(): number {
    return this.#touch.spreadMedian;
  }

  counts(): ValidatorCounts {
    const [messages = 0, rows = 0] = this.#taken;
    const [, flag = 0, drop = 0, halt = 0] = this.#verdicts;
    const pass = messages - flag - drop - halt;
    const found = VALIDATION_REASONS.map(
      (reason, i) => [reason, this.#findings.counts[i + 1] as number] as const,
    );
    const reasons = Object.fromEntries(found.filter(([, count]) => count > 0));
    return { messages, rows, verdicts: { pass, flag, drop, halt }, reasons };
  }

  /** Everything but the configuration, JSON-safe; the book with it. */
  save(): SavedValidator {
    return {
      hysteresis: this.#hysteresis.save(),
      numbers: [this.#untilLevels, this.#crossings],
      states: [this.#isLost, this.#isIncomplete, this.#isCrossed],
      cells: [this.#nowNs[0] as number, this.#volume[0] as number],
      taken: [...this.#taken],
      verdicts: [...this.#verdicts],
      reasons: [...this.#findings.counts],
      times: this.#times.save(),
      sequence: this.#sequence.save(),
      touch: this.#touch.save(),
      book: [...this.book.save()],
    };
  }

  /** Continues from saved state. @throws `FAULT_INPUT` naming the part for anything else; nothing has changed then */
  load(data: unknown): void {
    const saved = readValidator(data, this.save(), this.parameters);
    this.book.load(Float64Array.from(saved.book));
    this.#hysteresis.load(saved.hysteresis);
    [this.#untilLevels, this.#crossings] = saved.numbers as [number, number];
    [this.#isLost, this.#isIncomplete, this.#isCrossed] = saved.states;
    [this.#nowNs[0], this.#volume[0]] = saved.cells as [number, number];
    this.#taken.set(saved.taken);
    this.#verdicts.set(saved.verdicts);
    this.#findings.counts.set(saved.reasons);
    this.#times.load(saved.times);
    this.#sequence.load(saved.sequence);
    this.#touch.load(saved.touch);
  }

  #takeDepth(message: JudgedMessage, isClear: boolean): void {
    const { block, from, to } = message;
    const findings = this.#findings;
    const isSnapshot = isClear || message.isSnapshot;
    if (isSnapshot) this.#sequence.snapshot(message, CHANNEL.depth, this.#isLost);
    else if (this.#isLost) findings.raise(BOOK_LOST);
    else this.#sequence.change(message, CHANNEL.depth);
    if (findings.isRaised(GAP)) this.#gap();
    if (findings.isRefused) return;
    this.#times.judge(block, from, CHANNEL.depth);
    if (isClear) this.#rows.head(block, from, to);
    this.#rows.levels(block, from, to, isClear ? from + 1 : from);
    if (isSnapshot) this.#rows.order(block, from, to);
    if (findings.isRefused) {
      if (!isSnapshot) this.#isIncomplete = true;
      return;
    }
    if (isSnapshot) this.#restate(message);
    this.#times.accept(block, from, CHANNEL.depth);
    if (this.#apply(block, from, to)) this.#judgeBook(message);
  }

  #takeQuotes(message: JudgedMessage): void {
    const { block, from, to } = message;
    const findings = this.#findings;
    const timed = this.parameters.hasQuoteTimes ? CHANNEL.quotes : UNTIMED;
    this.#sequence.change(message, CHANNEL.quotes);
    const isPlain = !findings.isDirty && this.#rows.isPlainQuote(block, from, to);
    if (isPlain && this.#times.passes(block, from, timed)) {
      this.#touch.judge(TOUCH.quotes, block.tick[from] as number, block.tick[from + 1] as number);
      return;
    }
    if (findings.isRefused) return;
    this.#times.judge(block, from, timed);
    this.#rows.quotes(block, from, to);
    if (findings.isRefused) return;
    this.#times.accept(block, from, timed);
    let bid = this.#touch.bid(TOUCH.quotes);
    let ask = this.#touch.ask(TOUCH.quotes);
    for (let i = from; i < to; i++) {
      const isSome = block.lots[i] !== 0;
      const tick = block.tick[i] as number;
      if (((block.kind[i] as number) & 1) === 0) bid = isSome ? tick : NO_BID;
      else ask = isSome ? tick : NO_ASK;
    }
    this.#touch.judge(TOUCH.quotes, bid, ask);
  }

  #takeTrades(message: JudgedMessage): void {
    const { block, from, to } = message;
    const isBlock = message.isBlockTrade === true;
    const findings = this.#findings;
    this.#sequence.change(message, CHANNEL.trades);
    const isPlain = !findings.isDirty && !isBlock && this.#rows.isPlainTrade(block, from, to);
    if (isPlain && this.#times.passes(block, from, CHANNEL.trades)) {
      this.#touch.accepted(2 * (block.tick[from] as number));
      return;
    }
    if (findings.isRefused) return;
    this.#times.judge(block, from, CHANNEL.trades);
    this.#rows.trades(block, from, to, isBlock);
    if (findings.isRefused) return;
    this.#times.accept(block, from, CHANNEL.trades);
    if (isBlock) return;
    for (let i = from; i < to; i++) this.#touch.accepted(2 * (block.tick[i] as number));
  }

  #takeOther(message: JudgedMessage, channel: number): void {
    const { block, from, to } = message;
    if (channel === CHANNEL.none) {
      this.#findings.raise(UNKNOWN);
      return;
    }
    this.#times.judge(block, from, channel);
    this.#rows.others(block, from, to);
    if (channel === CHANNEL.gap && this.#findings.raise(GAP)) this.#gap();
    if (!this.#findings.isRefused) this.#times.accept(block, from, channel);
  }

  /** Messages are missing: the book is wrong, unless a gap is configured to be lived with. */
  #gap(): void {
    if (this.#findings.verdictOf(GAP) === VERDICT.halt) this.#isLost = this.parameters.hasBook;
  }

  #restate(message: JudgedMessage): void {
    const { block, from, to, lastSequence } = message;
    const isSame = lastSequence !== -1 && lastSequence === this.#sequence.lastOf(CHANNEL.depth);
    const isKnown = isSame && !this.#isLost && !this.#isIncomplete;
    if (isKnown && differsFrom(this.book, block, from, to)) this.#findings.raise(MISMATCH);
    this.book.clear();
    this.#sequence.restart(message, CHANNEL.depth);
    this.#isLost = false;
    this.#isIncomplete = false;
  }

  /** False where the book overflowed. */
  #apply(block: DepthBlock, from: number, to: number): boolean {
    if (applyLevels(this.book, block, from, to)) return true;
    this.#isLost = true;
    this.#findings.raise(CAPACITY);
    return false;
  }

  #judgeBook(message: JudgedMessage): void {
    const book = this.book;
    const findings = this.#findings;
    if (this.#isIncomplete) findings.raise(INCOMPLETE);
    if (this.#isCrossed || book.crossings !== this.#crossings) {
      // The book hides levels that the other side has met: what counts is what the feed has told.
      this.#crossings = book.crossings;
      this.#isCrossed = book.isCrossed;
      this.#touch.judge(TOUCH.book, highestBid(book), lowestAsk(book));
    } else this.#touch.judge(TOUCH.book, book.bestBid, book.bestAsk);
    if (--this.#untilLevels === 0) {
      this.#untilLevels = LEVELS_EVERY;
      if (Math.max(book.bidLevels, book.askLevels) > this.parameters.depthMax) findings.raise(GROWN);
    }
    const { checksum } = message;
    if (checksum === undefined || this.#checksum === undefined) return;
    if ((this.#checksum(book) | 0) === (checksum | 0)) return;
    this.#isLost = true;
    findings.raise(CHECKSUM);
  }

  /** A change of the book that changes nothing: its numbers count. */
  #noRows(message: JudgedMessage): number {
    const { from, to, firstSequence, lastSequence } = message;
    const rows = message.block.n;
    if (from === to && from >= 0 && to <= rows) {
      if (this.#isLost || (firstSequence === -1 && lastSequence === -1)) return 0;
      this.#findings.begin();
      this.#sequence.change(message, CHANNEL.depth);
      if (this.#findings.isRaised(GAP)) this.#gap();
      return this.#findings.worst === 0 ? 0 : this.#hysteresis.conclude(!this.#isLost);
    }
    const expected = `rows within 0 and ${rows}`;
    throw new Fault("FAULT_INPUT", { path: "validator.message", value: { from, to }, expected });
  }
}
