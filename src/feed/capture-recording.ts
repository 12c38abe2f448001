import { checkFunction } from "../base/index.ts";
import {
  type DepthBlock,
  formatNanos,
  type Instrument,
  NANOS_PER_DAY,
  type TapeCounts,
} from "../model/index.ts";
import { BarLadder, type BarLadderOptions } from "./bars-ladder.ts";
import { CaptureJudge } from "./capture-judge.ts";
import { CAPTURE, type CaptureMessage } from "./capture-message.ts";
import { type CaptureOptions, captureProfile } from "./capture-options.ts";
import { CaptureTally, LIVE_POLICIES } from "./capture-policy.ts";
import { CaptureQuality } from "./capture-quality.ts";
import { CaptureReader } from "./capture-reader.ts";
import { CaptureRows } from "./capture-rows.ts";
import { CaptureSequencer } from "./capture-sequencer.ts";
import type { QualityReport } from "./quality-report.ts";
import { DepthRows } from "./tape-rows.ts";
import type { TapeHead } from "./tape-tally.ts";
import { TimeBase } from "./tape-time.ts";
import type { ValidatorOptions } from "./validation-options.ts";

/** What a {@link CaptureRecording} is made from; policies are {@link LIVE_POLICIES} unless given. */
export interface CaptureRecordingOptions extends Omit<CaptureOptions, "clockShiftNs"> {
  /** The UTC midnight of the day, epoch ns: all its lines are of that day. */
  readonly baseNs: bigint;
  readonly onBlock: (block: DepthBlock) => void;
  /**
   * Bars out of its trades, by the exchange's time of each, also of trades while there was no book. A trade of the day
   * before that comes after midnight is in no bar, and counted (`barsOfAnotherDay`).
   */
  readonly bars?: BarLadderOptions;
  /** A validator's verdict on a message: the reason it is flagged for, or nothing. */
  readonly judge?: (message: CaptureMessage) => string | undefined;
  /** A `MarketDataValidator` over the joined messages: its findings are flags of the report, too. */
  readonly validation?: ValidatorOptions;
}

/**
 * Reads a day's capture of one symbol once, as it is recorded or afterwards: rows for a tape, bars, what is missing.
 *
 * @invariant Where the bytes are cut into chunks changes nothing; rows and counts are those of `importCapture` over the
 * same lines with the same policies, the same name and `clockShiftNs: 0`.
 * @throws by policy `FAULT_INPUT` naming input and line
 * @cost About 1 us a line; one block, one line and the gaps in memory.
 */
export class CaptureRecording {
  readonly instrument: Instrument;
  readonly head: TapeHead;
  readonly #judge: CaptureRecordingOptions["judge"];
  readonly #tally: CaptureTally;
  readonly #depth: DepthRows;
  readonly #sequencer: CaptureSequencer;
  readonly #reader: CaptureReader;
  readonly #quality: CaptureQuality;
  readonly #bars: BarLadder | undefined;
  #lastTrade = -1;
  #barsOfAnotherDay = 0;

  constructor(options: CaptureRecordingOptions) {
    const { baseNs, onBlock, bars, judge, validation, ...rest } = options;
    this.#judge = judge;
    const profile = captureProfile(
      { ...rest, policies: { ...LIVE_POLICIES, ...rest.policies } },
      "recording",
    );
    const base = new TimeBase(baseNs);
    this.instrument = profile.instrument;
    this.#tally = new CaptureTally(profile.name, profile.policies);
    this.#depth = new DepthRows({ onBlock: checkFunction("recording.onBlock", onBlock) });
    this.#quality = new CaptureQuality(profile.market === "spot", (ns) => base.epochText(ns));
    this.#bars = bars === undefined ? undefined : new BarLadder(bars);
    const rows = new CaptureRows(this.#depth, { shiftNs: 0, floorNs: profile.latencyFloorNs });
    const joined =
      validation === undefined
        ? undefined
        : new CaptureJudge(validation, profile.latencyFloorNs, (reason) => this.#quality.flag(reason));
    this.#sequencer = new CaptureSequencer(profile.market, this.#tally, {
      snapshot: (message) => {
        this.#quality.book(true);
        rows.snapshot(message);
        joined?.snapshot(message);
      },
      diff: (message) => {
        rows.diff(message);
        joined?.diff(message);
      },
      quote: (message) => {
        rows.quote(message);
        joined?.quote(message);
      },
      trade: (message) => {
        rows.trade(message);
        joined?.trade(message);
      },
      gap: (message) => {
        this.#quality.book(false);
        rows.gap(message);
        joined?.gap(message);
      },
    });
    this.#reader = new CaptureReader(profile.market, profile.instrument, this.#tally, {
      message: (message) => {
        this.#watch(message);
        rows.note(message);
        joined?.note(message);
        this.#sequencer.message(message);
      },
      resync: () => this.#sequencer.resync(),
    });
    this.#reader.baseSeconds = Number(baseNs / 1_000_000_000n);
    this.head = {
      instrument: profile.instrument.describe(),
      baseNs,
      source: `binance ${profile.market} capture ${profile.name}`,
      simulated: false,
    };
  }

  /** Whether there are rows for a tape. */
  get rows(): number {
    return this.#depth.rows;
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#tally.line;
  }

  /** A count so far, by name. */
  count(name: string): number {
    return this.#tally.of(name);
  }

  /** Whether the book is the exchange's; without one nothing gets on the tape. */
  get isSynced(): boolean {
    return this.#sequencer.isSynced;
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** Hands over the last block and the last bars. @returns everything counted, for the tape's meta */
  end(): TapeCounts {
    if (this.#tally.line > 0) this.#reader.end();
    this.#sequencer.end();
    this.#depth.end();
    this.#bars?.end();
    const { exchClamped } = this.#depth;
    const { leastLatencyNs } = this.#reader;
    return {
      ...this.#tally.counts(),
      lines: this.#tally.line,
      leastLatencyNs: Number.isFinite(leastLatencyNs) ? leastLatencyNs : 0,
      ...(exchClamped === 0 ? {} : { exchClamped }),
    };
  }

  /** What is there so far and what is missing; after `end` of the whole. */
  report(tornSegments = 0): QualityReport {
    const { baseNs } = this.head;
    const { symbol, venue } = this.instrument;
    const date = formatNanos(baseNs).slice(0, 10);
    const who = { symbol, venue, date, baseNs, tornSegments };
    const report = this.#quality.report(this.#tally, who);
    const { lateDropped = 0, lateCarried = 0 } = this.#bars?.counts ?? {};
    const bars = {
      barsOfAnotherDay: this.#barsOfAnotherDay,
      barsLateDropped: lateDropped,
      barsLateCarried: lateCarried,
    };
    const counts = Object.fromEntries(
      Object.entries({ ...report.counts, ...bars }).filter(([, each]) => each !== 0),
    );
    return { ...report, counts };
  }

  #watch(message: CaptureMessage): void {
    this.#quality.message(message);
    const reason = this.#judge?.(message);
    if (reason !== undefined) this.#quality.flag(reason);
    if (this.#bars === undefined || message.kind !== CAPTURE.trade) return;
    const { exchNs, tradeId } = message;
    const lots = message.lots[0] as number;
    if (!(lots > 0) || tradeId <= this.#lastTrade) return;
    this.#lastTrade = tradeId;
    if (exchNs < 0 || exchNs >= NANOS_PER_DAY) this.#barsOfAnotherDay += 1;
    else this.#bars.add(exchNs, message.tick[0] as number, lots);
  }
}
