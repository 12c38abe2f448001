import { CaptureLine, CaptureStream, type StreamMessage, type Trouble } from "../feed/index.ts";
import type { Instrument } from "../model/index.ts";
import type { BinanceTerms } from "./binance-options.ts";
import type { FeedChannel, FeedListener, FeedMessage } from "./feed-client.ts";
import type { VenueTroubleCode } from "./venue-client.ts";

const STREAMS = { depth: "depth@100ms", trades: "trade", quotes: "bookTicker" } as const;
const CODES: Partial<Record<Trouble, VenueTroubleCode>> = {
  malformed: "VENUE_MALFORMED",
  offGrid: "VENUE_MALFORMED",
  crossed: "VENUE_MALFORMED",
  unknown: "VENUE_UNSUPPORTED",
  wrongSymbol: "VENUE_UNKNOWN_INSTRUMENT",
  timeApart: "VENUE_CLOCK",
  timeBackwards: "VENUE_CLOCK",
};

/** One instrument's channels: its messages become rows, and it knows when its book wants a snapshot. */
export class BinanceSubscription {
  readonly instrument: Instrument;
  readonly stream: CaptureStream;
  readonly channels: Set<FeedChannel> = new Set<FeedChannel>();
  readonly #terms: BinanceTerms;
  readonly #listener: FeedListener;
  readonly #line: CaptureLine;
  readonly #message: FeedMessage;

  constructor(instrument: Instrument, joins: boolean, terms: BinanceTerms, listener: FeedListener) {
    this.instrument = instrument;
    this.#terms = terms;
    this.#listener = listener;
    this.#line = new CaptureLine(terms.clock.baseNs);
    this.stream = new CaptureStream({
      market: "spot",
      instrument: instrument.describe(),
      baseNs: terms.clock.baseNs,
      joins,
      name: terms.source,
      onMessage: (message) => this.#tell(message),
      onTrouble: (kind, found, expected) => this.#trouble(kind, found, expected),
    });
    this.#message = {
      instrument,
      channel: "depth",
      isSnapshot: false,
      firstSequence: -1,
      lastSequence: -1,
      previousSequence: -1,
      block: { n: 0 } as FeedMessage["block"],
      from: 0,
      to: 0,
    };
  }

  /** The names of its streams. */
  get names(): string[] {
    const symbol = this.instrument.symbol.toLowerCase();
    return [...this.channels].map((channel) => `${symbol}@${STREAMS[channel]}`);
  }

  /** Whether diffs wait for a snapshot. */
  get wantsSnapshot(): boolean {
    return this.stream.held > 0 && !this.stream.isSynced;
  }

  /** A message as it came, or a snapshot as it was answered. */
  take(bytes: Uint8Array, localNs: number): void {
    const line = this.#line;
    if (!line.write(bytes, 0, bytes.length, localNs)) {
      this.#trouble("malformed", "a line feed", "a message in one line");
      return;
    }
    this.#terms.onLine?.(this.instrument, localNs, line.bytes, 0, line.length);
    this.stream.take(line.bytes, 0, line.length);
  }

  #tell({ kind, firstId, lastId, previousId, block }: StreamMessage): void {
    const message = this.#message;
    message.channel = kind === "trade" ? "trades" : kind === "quote" ? "quotes" : "depth";
    message.isSnapshot = kind === "snapshot";
    message.firstSequence = firstId;
    message.lastSequence = lastId;
    message.previousSequence = previousId;
    message.block = block;
    message.from = 0;
    message.to = block.n;
    this.#listener.message(this.#terms.source, message);
  }

  #trouble(kind: Trouble, found: unknown, expected: string): void {
    const code = CODES[kind];
    if (code === undefined) return;
    const words = `${this.instrument.symbol}: ${kind}: ${String(found).slice(0, 80)}; expected ${expected}`;
    this.#listener.trouble(this.#terms.source, { code, words });
  }
}
