import type { RawData, WebSocket } from "ws";
import type { BinanceTerms } from "./binance-options.ts";
import type { RetryWait } from "./retry-wait.ts";
import type { VenueTrouble } from "./venue-client.ts";
import type { WebSocketClass } from "./ws-peer.ts";

/** Who hears a {@link BinanceSocket}. */
export interface SocketListener {
  connected(): void;
  disconnected(cause: VenueTrouble): void;
  message(bytes: Uint8Array): void;
  alive(): void;
  trouble(trouble: VenueTrouble): void;
}

/**
 * One connection that is kept up: connected again with growing waits, watched by pings, given up when it is silent.
 *
 * @invariant `connected` and `disconnected` come in turns; after `close` nothing comes.
 */
export class BinanceSocket {
  readonly #terms: BinanceTerms;
  readonly #wait: RetryWait;
  readonly #make: WebSocketClass;
  readonly #listener: SocketListener;
  #socket: WebSocket | undefined;
  #isOpen = false;
  #isClosed = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** When something was last heard, by the process's own steady clock. @units ms */
  #heardMs = 0;
  /** Why the connection will have ended, where we know better than its closing. */
  #cause: VenueTrouble | undefined;
  #first: { readonly resolve: () => void; readonly reject: (cause: VenueTrouble) => void } | undefined;

  constructor(make: WebSocketClass, terms: BinanceTerms, wait: RetryWait, listener: SocketListener) {
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

  /** Sends; false where there is no connection. */
  send(text: string): boolean {
    if (!this.#isOpen || this.#socket === undefined) return false;
    this.#socket.send(text, ignoreError);
    return true;
  }

  /** Ends the connection and stays closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#heartbeat);
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
    const { streamUrl, frameBytesMax, timeoutMs } = this.#terms;
    const socket = new this.#make(streamUrl, {
      maxPayload: frameBytesMax,
      handshakeTimeout: timeoutMs,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    this.#socket = socket;
    this.#cause = undefined;
    socket.on("open", () => this.#opened());
    socket.on("message", (data: RawData, isBinary: boolean) => this.#message(data, isBinary));
    socket.on("ping", () => this.#alive());
    socket.on("pong", () => this.#alive());
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", (code) => this.#closed(code));
  }

  #opened(): void {
    if (this.#isClosed) return;
    this.#isOpen = true;
    this.#heardMs = performance.now();
    this.#heartbeat = setInterval(() => this.#beat(), this.#terms.heartbeatMs);
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
    this.#cause ??= isTooLarge
      ? { code: "VENUE_TOO_LARGE", words: `a message of more than ${this.#terms.frameBytesMax} bytes` }
      : { code: this.#isOpen ? "VENUE_MALFORMED" : "VENUE_UNREACHABLE", words: error.message };
    if (this.#isOpen && !this.#isClosed) this.#listener.trouble(this.#cause);
  }

  #closed(code: number): void {
    clearInterval(this.#heartbeat);
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
