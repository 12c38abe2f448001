import { Fault } from "../base/index.ts";
import { type Instrument, NANOS_PER_HOUR } from "../model/index.ts";
import { StepGrid } from "./capture-grid.ts";
import { readJsonLine } from "./capture-json.ts";
import { CAPTURE, type CaptureMarket, CaptureMessage, NUMBER, SEEN } from "./capture-message.ts";
import type { CaptureTally } from "./capture-policy.ts";
import { CaptureScanner } from "./capture-scanner.ts";

/** Bytes one line may have. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const LINE_FEED = 10;
const SECONDS_PER_DAY = 86_400;

/** Receives what a {@link CaptureReader} read; the message is reused for the next line. */
export interface MessageSink {
  message(message: CaptureMessage): void;
  /** A line was left out under policy `resync`. */
  resync(): void;
}

/**
 * Cuts a capture that comes in chunks into lines and reads each into a message with its times.
 *
 * Times count from the UTC midnight before the first line. The exchange time of a row is `E` for a spot diff,
 * `T` (transaction time) for everything on futures and for trades; spot quotes and snapshots have none.
 *
 * @invariant Where the chunks are cut changes nothing.
 * @throws `FAULT_INPUT` naming input and line, by the policies of the tally.
 * @cost One line in memory beside the chunk.
 */
export class CaptureReader {
  /** The UTC midnight that times count from; 0 before the first line. @units epoch s */
  baseSeconds = 0;
  /** The least of local minus exchange time over diffs, quotes and trades. @units ns */
  leastLatencyNs = Number.POSITIVE_INFINITY;
  readonly #tally: CaptureTally;
  readonly #instrument: Instrument;
  readonly #scanner: CaptureScanner;
  readonly #sink: MessageSink;
  readonly #message: CaptureMessage;
  readonly #isSpot: boolean;
  /** What is on the grid, in words. */
  readonly #grid: string;
  readonly #lastLocal = new Float64Array([Number.NEGATIVE_INFINITY]);
  #carry = new Uint8Array(65_536);
  #carried = 0;

  constructor(market: CaptureMarket, instrument: Instrument, tally: CaptureTally, sink: MessageSink) {
    const { tickSize, lotSize, bookLotSize } = instrument.describe();
    const size = new StepGrid("instrument.bookLotSize", bookLotSize ?? lotSize);
    this.#grid = `prices in steps of ${tickSize}, sizes of ${size.step}`;
    this.#scanner = new CaptureScanner(
      market,
      new StepGrid("instrument.tickSize", tickSize),
      size,
      instrument.symbol,
    );
    this.#instrument = instrument;
    this.#tally = tally;
    this.#sink = sink;
    this.#message = new CaptureMessage(market);
    this.#isSpot = market === "spot";
  }

  /** Takes in the next piece of the capture. */
  push(chunk: Uint8Array): void {
    let start = 0;
    if (this.#carried > 0) {
      const feed = chunk.indexOf(LINE_FEED);
      this.#keep(feed < 0 ? chunk : chunk.subarray(0, feed + 1));
      if (feed < 0) return;
      this.#lines(this.#carry, 0, this.#carried);
      this.#carried = 0;
      start = feed + 1;
    }
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end > start) this.#lines(chunk, start, end);
    this.#keep(chunk.subarray(end));
  }

  /**
   * Takes in whole lines where they stand: `bytes` has a line feed before `end`.
   *
   * @throws by policy, as `push`
   */
  take(bytes: Uint8Array, start: number, end: number): void {
    this.#lines(bytes, start, end);
  }

  /**
   * Ends the capture: the last line need not have a line feed.
   *
   * @throws `FAULT_INPUT` where there was no line at all, or the last one is cut short (policy `truncated`).
   */
  end(): void {
    if (this.#carried > 0) this.#lastLine();
    if (this.#tally.line > 0) return;
    throw new Fault("FAULT_INPUT", {
      path: this.#tally.name,
      value: "an empty capture",
      expected: "at least one line",
    });
  }

  #lastLine(): void {
    this.#keep(Uint8Array.of(LINE_FEED));
    const text = decode(this.#carry.subarray(0, this.#carried - 1));
    if (readJsonLine(text, this.#instrument, this.#message) === undefined) {
      this.#lines(this.#carry, 0, this.#carried);
      return;
    }
    this.#tally.line += 1;
    this.#tally.meet("truncated", text.slice(-60), "a last line that is whole");
  }

  #keep(bytes: Uint8Array): void {
    const size = this.#carried + bytes.length;
    if (size > this.#carry.length) {
      if (size > LINE_BYTES_MAX) throw this.#tally.fault(size, `lines of at most ${LINE_BYTES_MAX} bytes`);
      const wider = new Uint8Array(Math.max(size, this.#carry.length * 2));
      wider.set(this.#carry.subarray(0, this.#carried));
      this.#carry = wider;
    }
    this.#carry.set(bytes, this.#carried);
    this.#carried = size;
  }

  #lines(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#message;
    const scanner = this.#scanner;
    let p = start;
    while (p < end) {
      this.#tally.line += 1;
      const next = scanner.scan(bytes, p, message);
      if (next > 0) {
        p = next;
        if (message.otherSymbol === 0) this.#timed(message);
        else this.#oddLine(message);
        continue;
      }
      const feed = bytes.indexOf(LINE_FEED, p);
      this.#slowLine(decode(bytes.subarray(p, feed)));
      p = feed + 1;
    }
  }

  #slowLine(text: string): void {
    const message = this.#message;
    const expected = readJsonLine(text, this.#instrument, message);
    if (expected === undefined) {
      this.#oddLine(message);
      return;
    }
    if (this.#tally.meet("malformed", text, expected) === "resync") this.#sink.resync();
  }

  /** A line that was read but may be of no use: unknown, of another symbol, off the grid. */
  #oddLine(message: CaptureMessage): void {
    const tally = this.#tally;
    if (message.kind === CAPTURE.unknown) {
      tally.meet("unknown", message.name, "depthUpdate, bookTicker, trade or a snapshot");
      tally.count(`unknown.${message.name.slice(0, 40)}`);
      return;
    }
    if (message.otherSymbol !== 0) {
      tally.meet("wrongSymbol", "another symbol", `events of ${this.#instrument.symbol}`);
      return;
    }
    if (message.offGrid > 0) {
      if (tally.meet("offGrid", message.offGridText, this.#grid) === "resync") {
        this.#sink.resync();
        return;
      }
      if (message.kind !== CAPTURE.diff && message.kind !== CAPTURE.snapshot) return;
      tally.count("offGridLevels", message.offGrid);
    }
    this.#timed(message);
  }

  #timed(message: CaptureMessage): void {
    if (this.baseSeconds === 0) {
      this.baseSeconds = message.localSeconds - (message.localSeconds % SECONDS_PER_DAY);
    }
    const local = (message.localSeconds - this.baseSeconds) * 1e9 + message.localNanos;
    const last = this.#lastLocal[0] as number;
    if (!(local >= last)) {
      this.#tally.meet("timeBackwards", local - last, "local times that never fall");
      return;
    }
    if (local > Number.MAX_SAFE_INTEGER) throw this.#tally.fault(local, "a capture of at most 104 days");
    const exch = this.#exchange(message);
    if (Math.abs(local - exch) > NANOS_PER_HOUR) {
      this.#tally.meet("timeApart", (local - exch) / 1e9, "exchange and local time within an hour");
      return;
    }
    this.#lastLocal[0] = local;
    if (message.kind !== CAPTURE.snapshot && local - exch < this.leastLatencyNs)
      this.leastLatencyNs = local - exch;
    message.numbers[NUMBER.local] = local;
    message.numbers[NUMBER.exch] = exch;
    this.#sink.message(message);
  }

  #exchange(message: CaptureMessage): number {
    const { seen, kind } = message;
    const isSpotDiff = this.#isSpot && kind === CAPTURE.diff;
    const has = seen & (isSpotDiff ? SEEN.eventTime : SEEN.transactTime);
    if (has === 0 || (this.#isSpot && kind !== CAPTURE.diff && kind !== CAPTURE.trade)) return Number.NaN;
    const ms = isSpotDiff ? message.eventMs : message.transactMs;
    return (ms - this.baseSeconds * 1_000) * 1e6;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
