import { checkArray, checkChoice, Fault, Prng } from "../base/index.ts";
import type { OrderBook } from "../book/index.ts";
import type { Numbering } from "../feed/index.ts";
import type { Instrument, TapeCounts } from "../model/index.ts";
import { type BinanceFeedOptions, type BinanceTerms, binanceTerms } from "./binance-options.ts";
import { BinanceRequests } from "./binance-requests.ts";
import { StreamRoute } from "./binance-route.ts";
import { BinanceSnapshots } from "./binance-snapshots.ts";
import { BinanceSocket } from "./binance-socket.ts";
import { BinanceSubscription } from "./binance-subscription.ts";
import type { FeedChannel, FeedClient, FeedListener } from "./feed-client.ts";
import { RetryWait } from "./retry-wait.ts";
import type { VenueTrouble } from "./venue-client.ts";
import { loadWebSocket } from "./ws-peer.ts";

const CHANNELS: readonly FeedChannel[] = ["depth", "trades", "quotes"];
/** Streams of one connection, as the exchange bounds them. */
const STREAMS_MAX = 1_024;

/**
 * Market data of Binance spot over `ws`: diffs every 100 ms joined to snapshots, trades, best bid and ask. Messages are
 * read where they stand, without strings or JSON.parse; what is not of the exchange's plain shape takes the slow path.
 *
 * Needs no account. Connected again after growing waits until `close`, subscribed again, and the book taken anew where
 * numbers are missing: a `gap` row is told at once, rows follow from the snapshot on. Messages that cannot be read are
 * trouble with a code; the connection goes on.
 *
 * @invariant The rows of an instrument are those of an import of the lines it told (`onLine`), where it was asked for
 * no snapshot by hand.
 * @throws `FAULT_PEER_MISSING` without `ws`; `FAULT_CONFIG` naming the option; `FAULT_IO` naming a `VenueTroubleCode`
 * @cost About 1 us a message and 60 ns a level, its book and the joining included; nothing is allocated for it but what
 * `ws` allocates. Held back are at most 20,000 diffs a book.
 * @source Binance spot API: WebSocket streams; "How to manage a local order book correctly"
 */
export class BinanceFeed implements FeedClient {
  readonly source: string;
  readonly numbering: Numbering | undefined;
  readonly #terms: BinanceTerms;
  readonly #subscriptions = new Map<string, BinanceSubscription>();
  readonly #route = new StreamRoute<BinanceSubscription>();
  readonly #requests: BinanceRequests;
  #listener: FeedListener | undefined;
  #socket: BinanceSocket | undefined;
  #snapshots: BinanceSnapshots | undefined;
  #lastNs = 0;

  constructor(options: BinanceFeedOptions) {
    this.#terms = binanceTerms(options);
    this.source = this.#terms.source;
    this.numbering = this.#terms.joins ? undefined : "range";
    this.#requests = new BinanceRequests(this.#terms.timeoutMs);
  }

  async open(listener: FeedListener): Promise<void> {
    if (this.#listener !== undefined) throw state("open", "a feed that was not opened before");
    this.#listener = listener;
    const make = await loadWebSocket();
    const { source } = this;
    const { seed, retryMsMin, retryMsMax } = this.#terms;
    this.#snapshots = new BinanceSnapshots(this.#terms, {
      snapshot: (of, bytes) => this.#snapshot(of, bytes),
      trouble: (trouble) => listener.trouble(source, trouble),
    });
    const wait = new RetryWait(new Prng(seed).fork("connection"), retryMsMin, retryMsMax);
    this.#socket = new BinanceSocket(make, this.#terms, wait, {
      connected: () => this.#connected(),
      disconnected: (cause) => {
        this.#requests.fail(cause);
        listener.disconnected(source, cause);
      },
      message: (bytes) => this.#message(bytes),
      alive: () => listener.alive(source, this.#nowNs()),
      trouble: (trouble) => listener.trouble(source, trouble),
      renew: (send) => this.#renew(send),
    });
    const cause = await this.#socket.open();
    if (cause !== undefined) throw io(this.#terms.streamUrl, cause);
  }

  /**
   * Subscribes; resolves when the exchange has said yes. Where the connection ends meanwhile the subscription stands,
   * and is asked for again with the next one.
   */
  async subscribe(instrument: Instrument, channels: readonly FeedChannel[]): Promise<void> {
    const listener = this.#opened();
    for (const channel of checkArray("feed.channels", channels)) {
      checkChoice("feed.channels", channel, CHANNELS);
    }
    const streams = [...this.#subscriptions.values()].reduce((sum, each) => sum + each.channels.size, 0);
    if (streams + channels.length > STREAMS_MAX) {
      throw new Fault("FAULT_CAPACITY", {
        path: "feed.channels",
        value: streams + channels.length,
        expected: `at most ${STREAMS_MAX} streams`,
      });
    }
    let found = this.#subscriptions.get(instrument.symbol);
    if (found === undefined) {
      const joins = this.#terms.joins && channels.includes("depth");
      found = new BinanceSubscription(instrument, joins, this.#terms, listener);
      this.#subscriptions.set(instrument.symbol, found);
      this.#route.add(instrument.symbol.toLowerCase(), found);
    }
    const before = new Set(found.names);
    for (const channel of channels) found.channels.add(channel);
    const names = found.names.filter((name) => !before.has(name));
    const socket = this.#socket;
    if (names.length === 0 || socket === undefined) return;
    const cause = await this.#requests.ask("SUBSCRIBE", names, (text) => socket.send(text));
    if (cause !== undefined) throw io(names.join(" "), cause);
  }

  /** Fetches the book by REST; where the stream is already past it, the book as it stands is told in its place. */
  async requestSnapshot(instrument: Instrument): Promise<void> {
    this.#opened();
    const found = this.#of(instrument);
    const cause = await this.#snapshots?.force(found);
    if (cause !== undefined) throw io(`snapshot ${instrument.symbol}`, cause);
  }

  async close(): Promise<void> {
    this.#snapshots?.close();
    this.#requests.fail({ code: "VENUE_DISCONNECTED", words: "the feed was closed" });
    await this.#socket?.close();
  }

  /** The book of an instrument as its messages made it; only looked at. @throws `FAULT_CONFIG` without a subscription */
  book(instrument: Instrument): OrderBook {
    return this.#of(instrument).stream.book;
  }

  /** Whether the book of an instrument is the exchange's, as far as messages have come. */
  isSynced(instrument: Instrument): boolean {
    return this.#of(instrument).stream.isSynced;
  }

  /** Everything counted of an instrument's messages, by the names of an import's counts. */
  counts(instrument: Instrument): TapeCounts {
    return this.#of(instrument).stream.counts();
  }

  #of(instrument: Instrument): BinanceSubscription {
    const found = this.#subscriptions.get(instrument.symbol);
    if (found !== undefined) return found;
    throw new Fault("FAULT_CONFIG", {
      path: "feed.instrument",
      value: instrument.symbol,
      expected: "an instrument that was subscribed to",
    });
  }

  #opened(): FeedListener {
    if (this.#listener === undefined) throw state("not open", "a feed that is open");
    return this.#listener;
  }

  #names(): readonly string[] {
    return [...this.#subscriptions.values()].flatMap((each) => each.names);
  }

  /** Subscribes on a connection that is to take the place of the one there is, to all that is asked for by then. */
  async #renew(send: (text: string) => boolean): Promise<VenueTrouble | undefined> {
    for (let asked = 0; asked !== this.#names().length; ) {
      const names = this.#names();
      asked = names.length;
      const cause = await this.#requests.ask("SUBSCRIBE", names, send);
      if (cause !== undefined) return cause;
    }
    return undefined;
  }

  #connected(): void {
    const socket = this.#socket;
    const names = this.#names();
    this.#listener?.connected(this.source);
    if (names.length === 0 || socket === undefined) return;
    void this.#requests
      .ask("SUBSCRIBE", names, (text) => socket.send(text))
      .then((cause) => {
        if (cause !== undefined) this.#listener?.trouble(this.source, cause);
      });
  }

  #message(bytes: Uint8Array): void {
    const found = this.#route.find(bytes);
    if (found === undefined) {
      this.#other(bytes);
      return;
    }
    found.take(bytes, this.#nowNs());
    if (found.wantsSnapshot) this.#snapshots?.want(found);
  }

  /** What does not begin as messages of streams do: an answer, a message of another shape, or nothing we know. */
  #other(bytes: Uint8Array): void {
    const said = this.#requests.answer(bytes);
    if (said === "answer") return;
    const symbol = said === "malformed" ? undefined : said.stream.split("@")[0]?.toUpperCase();
    const found = symbol === undefined ? undefined : this.#subscriptions.get(symbol);
    if (found !== undefined) {
      found.take(bytes, this.#nowNs());
      if (found.wantsSnapshot) this.#snapshots?.want(found);
      return;
    }
    const words = `a message of no subscription: ${new TextDecoder().decode(bytes.subarray(0, 80))}`;
    this.#listener?.trouble(this.source, { code: "VENUE_MALFORMED", words });
  }

  #snapshot(of: BinanceSubscription, bytes: Uint8Array): void {
    const { stream } = of;
    const taken = stream.count("snapshots");
    of.take(bytes, this.#nowNs());
    if (stream.isSynced && stream.count("snapshots") === taken) stream.restate(this.#nowNs());
  }

  /** Our clock, never falling. */
  #nowNs(): number {
    const now = Math.floor(this.#terms.clock.nowNs());
    if (now > this.#lastNs) this.#lastNs = now;
    return this.#lastNs;
  }
}

function io(path: string, cause: VenueTrouble): Fault {
  return new Fault("FAULT_IO", {
    path,
    value: `${cause.code}: ${cause.words}`,
    expected: "a source of market data that answers",
  });
}

function state(value: string, expected: string): Fault {
  return new Fault("FAULT_CONFIG", { path: "feed", value, expected });
}
