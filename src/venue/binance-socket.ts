import type { RawData, WebSocket } from "ws";
import type { BinanceTerms } from "./binance-options.ts";
import type { RetryWait } from "./retry-wait.ts";
import type { VenueTrouble } from "./venue-client.ts";
import type { WebSocketClass } from "./ws-peer.ts";

/** `WebSocket.OPEN`. */
const OPEN = 1;
const AS_TEXT = { binary: false };
/** A socket that holds more takes nothing more: its peer does not read. @units bytes */
const BACKLOG_MAX = 1 << 20;

/** What a {@link BinanceSocket} is made from. @units ms, bytes */
export interface SocketTerms
  extends Pick<
    BinanceTerms,
    "streamUrl" | "heartbeatMs" | "silenceMs" | "renewMs" | "timeoutMs" | "frameBytesMax"
  > {
  /** How long a connection that was replaced is still heard: nothing unless given. */
  readonly lingerMs?: number;
}

/** Who hears a {@link BinanceSocket}. */
export interface SocketListener {
  connected(): void;
  disconnected(cause: VenueTrouble): void;
  message(bytes: Uint8Array): void;
  alive(): void;
  trouble(trouble: VenueTrouble): void;
  /** Makes another connection fit to take the place of this one; resolves with why it cannot. */
  renew(send: (text: string) => boolean): Promise<VenueTrouble | undefined>;
}

/**
 * One connection that is kept up: connected again with growing waits, watched by pings, given up when it is silent,
 * replaced before it is too old by one that is opened beside it.
 *
 * @invariant `connected` and `disconnected` come in turns; after `close` nothing comes.
 */
export class BinanceSocket {
  readonly #terms: SocketTerms;
  readonly #wait: RetryWait;
  readonly #make: WebSocketClass;
  readonly #listener: SocketListener;
  #socket: WebSocket | undefined;
  #isOpen = false;
  #isClosed = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** The connection that is about to take the place of the one there is. */
  #beside: WebSocket | undefined;
  #renewal: NodeJS.Timeout | undefined;
  /** The connection that was replaced, while it is still heard. */
  #old: WebSocket | undefined;
  /** When something was last heard, by the process's own steady clock. @units ms */
  #heardMs = 0;
  /** Why the connection will have ended, where we know better than its closing. */
  #cause: VenueTrouble | undefined;
  #first: { readonly resolve: () => void; readonly reject: (cause: VenueTrouble) => void } | undefined;

  constructor(make: WebSocketClass, terms: SocketTerms, wait: RetryWait, listener: SocketListener) {
    this.#make = make;
    this.#terms = terms;
    this.#wait = wait;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Connects; a first connection that fails is not tried again. */
  async open(): Promise<VenueTrouble | undefined> {
    return await new Promise((resolve) => {
      this.#first = { resolve: () => resolve(undefined), reject: resolve };
      this.#connect();
    });
  }

  /** Connects, and goes on trying. */
  start(): void {
    this.#connect();
  }

  /** Sends; false, and nothing was written, where there is no connection, or one that takes nothing more. */
  send(text: string): boolean {
    const socket = this.#socket;
    if (!this.#isOpen || socket === undefined || socket.readyState !== OPEN) return false;
    if (socket.bufferedAmount > BACKLOG_MAX) return false;
    // Of bytes the frame is one piece, and one call of the system; of a text it is two.
    socket.send(Buffer.from(text), AS_TEXT, ignoreError);
    return true;
  }

  /** Has another connection take the place of this one soon, unless one is about to. */
  renew(): void {
    if (this.#isOpen && this.#beside === undefined) this.#renewLater(this.#wait.next());
  }

  /** Ends the connection and stays closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
    this.#giveUpBeside();
    this.#old?.terminate();
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === socket.CLOSED) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => socket.terminate(), 500);
      socket.once("close", () => {
        clearTimeout(late);
        resolve();
      });
      if (this.#isOpen) socket.close(1000);
      else socket.terminate();
    });
  }

  #connect(): void {
    if (this.#isClosed) return;
    this.#socket = this.#openSocket();
    this.#cause = undefined;
  }

  #openSocket(): WebSocket {
    const { streamUrl, frameBytesMax, timeoutMs } = this.#terms;
    const socket = new this.#make(streamUrl, {
      maxPayload: frameBytesMax,
      handshakeTimeout: timeoutMs,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    socket.on("open", () => {
      if (socket === this.#socket) this.#opened();
      else void this.#prepare(socket);
    });
    socket.on("message", (data: RawData, isBinary: boolean) => this.#message(data, isBinary));
    socket.on("ping", () => this.#alive());
    socket.on("pong", () => this.#alive());
    socket.on("error", (error) => {
      if (socket === this.#socket) this.#failed(error);
    });
    socket.on("close", (code) => {
      if (socket === this.#socket) this.#closed(code);
      else if (socket === this.#beside) this.#renewLater(this.#wait.next());
    });
    return socket;
  }

  // --- a connection that grows old ---

  #renewLater(ms: number): void {
    this.#giveUpBeside();
    if (this.#isClosed) return;
    this.#renewal = setTimeout(() => {
      this.#beside = this.#openSocket();
    }, ms);
    this.#renewal.unref();
  }

  #giveUpBeside(): void {
    clearTimeout(this.#renewal);
    const beside = this.#beside;
    this.#beside = undefined;
    beside?.terminate();
  }

  /** Has a connection subscribed, then puts it in the place of the one there is. */
  async #prepare(socket: WebSocket): Promise<void> {
    const cause = await this.#listener.renew((text) => {
      socket.send(text, ignoreError);
      return true;
    });
    if (socket !== this.#beside) return;
    const old = this.#socket;
    if (cause !== undefined || old === undefined) {
      if (cause !== undefined) this.#listener.trouble(cause);
      this.#renewLater(this.#wait.next());
      return;
    }
    this.#socket = socket;
    this.#beside = undefined;
    this.#leave(old);
    this.#renewInTime();
  }

  #leave(old: WebSocket): void {
    this.#old?.terminate();
    this.#old = old;
    const end = (): void => {
      old.close(1000);
      setTimeout(() => old.terminate(), 500).unref();
    };
    const { lingerMs = 0 } = this.#terms;
    if (lingerMs === 0) end();
    else setTimeout(end, lingerMs).unref();
  }

  /** Before the venue ends the connection. */
  #renewInTime(): void {
    if (this.#terms.renewMs === 0) this.#giveUpBeside();
    else this.#renewLater(this.#terms.renewMs);
  }

  #opened(): void {
    if (this.#isClosed) return;
    this.#isOpen = true;
    this.#heardMs = performance.now();
    this.#heartbeat = setInterval(() => this.#beat(), this.#terms.heartbeatMs);
    this.#renewInTime();
    this.#listener.connected();
    this.#first?.resolve();
    this.#first = undefined;
  }

  #message(data: RawData, isBinary: boolean): void {
    if (this.#isClosed) return;
    this.#heardMs = performance.now();
    this.#wait.reset();
    if (isBinary || !(data instanceof Uint8Array)) {
      this.#listener.trouble({
        code: "VENUE_MALFORMED",
        words: "a binary frame where only text is expected",
      });
    } else this.#listener.message(data);
  }

  #alive(): void {
    if (this.#isClosed) return;
    this.#heardMs = performance.now();
    this.#listener.alive();
  }

  #beat(): void {
    const socket = this.#socket;
    if (socket === undefined || !this.#isOpen) return;
    const silentMs = performance.now() - this.#heardMs;
    if (silentMs < this.#terms.silenceMs) {
      socket.ping(undefined, undefined, ignoreError);
      return;
    }
    this.#cause = { code: "VENUE_TIMEOUT", words: `nothing was heard for ${Math.round(silentMs)} ms` };
    socket.terminate();
  }

  #failed(error: Error): void {
    const code = "code" in error ? error.code : undefined;
    const isTooLarge = code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
    const isClosed = !this.#isOpen && error.message.endsWith("response: 503");
    if (isClosed) this.#cause ??= { code: "VENUE_MAINTENANCE", words: error.message };
    this.#cause ??= isTooLarge
      ? { code: "VENUE_TOO_LARGE", words: `a message of more than ${this.#terms.frameBytesMax} bytes` }
      : { code: this.#isOpen ? "VENUE_MALFORMED" : "VENUE_UNREACHABLE", words: error.message };
    if (this.#isOpen && !this.#isClosed) this.#listener.trouble(this.#cause);
  }

  #closed(code: number): void {
    clearInterval(this.#heartbeat);
    this.#giveUpBeside();
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (this.#isClosed) return;
    const cause = this.#cause ?? { code: "VENUE_DISCONNECTED" as const, words: `closed with ${code}` };
    if (this.#first !== undefined) {
      this.#first.reject(cause);
      this.#first = undefined;
      this.#isClosed = true;
      return;
    }
    if (wasOpen) this.#listener.disconnected(cause);
    this.#retry = setTimeout(() => this.#connect(), this.#wait.next());
  }
}

function ignoreError(): void {}
