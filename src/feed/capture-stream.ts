import { checkBoolean, checkFunction, Fault } from "../base/index.ts";
import type { OrderBook } from "../book/index.ts";
import type { DepthBlock, Instrument, TapeCounts } from "../model/index.ts";
import { wholeSeconds } from "./capture-line.ts";
import { CAPTURE, type CaptureMarket, CaptureMessage, NUMBER } from "./capture-message.ts";
import { type CaptureOptions, captureProfile } from "./capture-options.ts";
import { CaptureTally, LIVE_POLICIES, type TroubleListener } from "./capture-policy.ts";
import { CaptureReader, type MessageSink } from "./capture-reader.ts";
import { CaptureRows } from "./capture-rows.ts";
import { CaptureSequencer, type CaptureSink } from "./capture-sequencer.ts";
import { MessageRows } from "./message-rows.ts";

/** What a message of a {@link CaptureStream} is. */
export type StreamKind = "snapshot" | "diff" | "quote" | "trade" | "gap";

/** One message as rows `0` up to `block.n`. One reused object over reused rows: who keeps them copies them. */
export interface StreamMessage {
  kind: StreamKind;
  /** `U` and `u` of a diff, `lastUpdateId` of a snapshot (twice), `t` of a trade (twice), `u` of a quote; else -1. */
  firstId: number;
  lastId: number;
  /** `pu` of a futures diff; else -1. */
  previousId: number;
  block: DepthBlock;
}

/** What a {@link CaptureStream} is made from; policies are {@link LIVE_POLICIES} unless given. */
export interface CaptureStreamOptions extends Omit<CaptureOptions, "clockShiftNs"> {
  /** The epoch ns that times of rows count from, whole seconds. */
  readonly baseNs: bigint;
  /**
   * Whether diffs are joined to snapshots by the exchange's rule, and held while there is none: true unless given.
   * False hands on every message as it came, for somebody who joins them.
   */
  readonly joins?: boolean;
  readonly onMessage: (message: StreamMessage) => void;
  readonly onTrouble?: TroubleListener;
}

/**
 * One symbol's messages as they come, line by line, as rows: the live end of what reads a capture.
 *
 * @invariant The rows of a stream are those that {@link importCapture} makes of the same lines without a clock shift,
 * where base and policies are the same.
 * @units times in ns from the base, ticks, book lots
 * @cost About 0.5 us a line and 50 ns a level; no allocation but for messages held back and lines on the slow path.
 * @example
 * ```ts
 * import { CaptureLine, CaptureStream } from "tickwright/feed";
 * const baseNs = 1_723_161_600_000_000_000n;
 * const kinds: string[] = [];
 * const stream = new CaptureStream({ market: "spot", baseNs, onMessage: ({ kind }) => kinds.push(kind) });
 * const line = new CaptureLine(baseNs);
 * const message = new TextEncoder().encode('{"lastUpdateId":7,"bids":[["9.99","1"]],"asks":[["10.01","2"]]}');
 * line.write(message, 0, message.length, 0);
 * stream.take(line.bytes, 0, line.length);
 * kinds; // => ["snapshot"]
 * stream.book.bestBid; // => 999
 * ```
 */
export class CaptureStream {
  readonly instrument: Instrument;
  readonly market: CaptureMarket;
  readonly #tally: CaptureTally;
  readonly #rows: CaptureRows;
  readonly #gathered = new MessageRows();
  readonly #sequencer: CaptureSequencer;
  readonly #reader: CaptureReader;
  readonly #onMessage: (message: StreamMessage) => void;
  readonly #onTrouble: TroubleListener | undefined;
  readonly #message: StreamMessage;
  readonly #restated: CaptureMessage;
  /** True while somebody else's code runs: what it throws is not the stream's. */
  #isTelling = false;

  constructor(options: CaptureStreamOptions) {
    const { baseNs, joins = true, onMessage, onTrouble, ...rest } = options;
    const profile = captureProfile({ ...rest, policies: { ...LIVE_POLICIES, ...rest.policies } }, "stream");
    this.instrument = profile.instrument;
    this.market = profile.market;
    this.#onMessage = checkFunction("stream.onMessage", onMessage);
    this.#onTrouble = onTrouble;
    this.#tally = new CaptureTally(profile.name, profile.policies, onTrouble);
    this.#rows = new CaptureRows(this.#gathered, { shiftNs: 0, floorNs: profile.latencyFloorNs });
    this.#message = { kind: "gap", firstId: -1, lastId: -1, previousId: -1, block: this.#gathered.block };
    this.#restated = new CaptureMessage(profile.market);
    const sink = this.#sink();
    this.#sequencer = new CaptureSequencer(profile.market, this.#tally, sink);
    const taker = checkBoolean("stream.joins", joins) ? this.#joined() : passed(sink, this.#rows);
    this.#reader = new CaptureReader(profile.market, profile.instrument, this.#tally, taker);
    this.#reader.baseSeconds = wholeSeconds(baseNs);
  }

  /** The book of the diffs joined so far; empty where nothing is joined. */
  get book(): OrderBook {
    return this.#sequencer.book;
  }

  /** Whether the book is the exchange's, as far as messages have come. */
  get isSynced(): boolean {
    return this.#sequencer.isSynced;
  }

  /** Diffs that wait for a snapshot. */
  get held(): number {
    return this.#sequencer.held;
  }

  /** A count so far, by its name: as in the counts of an imported tape. */
  count(name: string): number {
    return this.#tally.of(name);
  }

  /** Everything counted so far. */
  counts(): TapeCounts {
    return this.#tally.counts();
  }

  /**
   * Takes in whole lines, as {@link CaptureLine} makes them. What no policy foresees, such as a price so far away that
   * no book holds it, gives up the book and is trouble of kind `malformed`.
   */
  take(bytes: Uint8Array, start: number, end: number): void {
    this.#isTelling = false;
    try {
      this.#reader.take(bytes, start, end);
    } catch (error) {
      if (!(error instanceof Fault) || this.#isTelling) throw error;
      this.#tally.count("beyondBook");
      this.#gathered.n = 0;
      this.#sequencer.resync();
      this.#onTrouble?.("malformed", error.message, "a message that a book can hold");
    }
  }

  /** Gives up the book: diffs are held until the next snapshot. */
  resync(): void {
    this.#sequencer.resync();
  }

  /** Tells the book as it stands, as a snapshot of now; nothing where it is not synced. @units ns from the base */
  restate(localNs: number): void {
    if (!this.isSynced) return;
    const m = this.#restated;
    m.reset();
    m.kind = CAPTURE.snapshot;
    const { bids, asks } = this.book.copy();
    while (m.tick.length < bids.length + asks.length) m.grow();
    for (const { priceTicks, lots } of [...bids, ...asks]) {
      m.tick[m.levels] = priceTicks;
      m.lots[m.levels] = lots;
      m.levels += 1;
    }
    m.bids = bids.length;
    m.numbers[NUMBER.last] = this.#sequencer.lastId;
    m.numbers[NUMBER.local] = localNs;
    m.numbers[NUMBER.exch] = Number.NaN;
    this.#rows.snapshot(m);
    this.#tell("snapshot", m.lastId, m.lastId, -1);
  }

  #joined(): MessageSink {
    return {
      message: (message) => {
        this.#rows.note(message);
        this.#sequencer.message(message);
      },
      resync: () => this.#sequencer.resync(),
    };
  }

  #sink(): CaptureSink {
    const rows = this.#rows;
    const isSpot = this.market === "spot";
    return {
      snapshot: (message) => {
        rows.snapshot(message);
        this.#tell("snapshot", message.lastId, message.lastId, -1);
      },
      diff: (message) => {
        rows.diff(message);
        this.#tell("diff", message.firstId, message.lastId, isSpot ? -1 : message.previousId);
      },
      quote: (message) => {
        rows.quote(message);
        this.#tell("quote", -1, message.lastId, -1);
      },
      trade: (message) => {
        rows.trade(message);
        this.#tell("trade", message.tradeId, message.tradeId, -1);
      },
      gap: (message) => {
        rows.gap(message);
        this.#tell("gap", -1, -1, -1);
      },
    };
  }

  #tell(kind: StreamKind, firstId: number, lastId: number, previousId: number): void {
    const said = this.#message;
    this.#gathered.seal();
    said.kind = kind;
    said.firstId = firstId;
    said.lastId = lastId;
    said.previousId = previousId;
    said.block = this.#gathered.block;
    this.#isTelling = true;
    this.#onMessage(said);
    this.#isTelling = false;
  }
}

/** Every message as it came. */
function passed(sink: CaptureSink, rows: CaptureRows): MessageSink {
  return {
    message: (message) => {
      rows.note(message);
      if (message.kind === CAPTURE.diff) sink.diff(message);
      else if (message.kind === CAPTURE.quote) sink.quote(message);
      else if (message.kind === CAPTURE.snapshot) sink.snapshot(message);
      else if (message.lots[0] !== 0) sink.trade(message);
    },
    resync: () => sink.gap(),
  };
}
