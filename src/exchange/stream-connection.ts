import type { RawData, WebSocket } from "ws";
import type { ExchangeFaults } from "./exchange-faults.ts";
import type { StreamClass } from "./fault-rules.ts";
import { StreamOutlet } from "./stream-outlet.ts";
import { type StreamHearer, SymbolStreams } from "./symbol-streams.ts";
import type { UserHearer, UserStreams } from "./user-streams.ts";

/** What a connection listens to: public streams by symbol (in lower case), and accounts. */
export interface StreamSources {
  readonly symbols: ReadonlyMap<string, SymbolStreams>;
  readonly users: UserStreams;
}

const STREAMS_MAX = 1_024;

/** One websocket of streams: raw (`/ws`) or combined (`/stream`), with subscriptions that may change. */
export class StreamConnection implements UserHearer {
  readonly outlet: StreamOutlet;
  readonly #sources: StreamSources;
  readonly #names: Set<string> = new Set();
  #isCombined: boolean;
  #userKey = "";
  readonly #hearer: StreamHearer;

  constructor(socket: WebSocket, faults: ExchangeFaults, sources: StreamSources, isCombined: boolean) {
    this.outlet = new StreamOutlet(socket, faults);
    this.#sources = sources;
    this.#isCombined = isCombined;
    this.#hearer = (stream, about, data) => this.outlet.tell(about, this.#wrap(stream, data));
    socket.on("message", (data) => this.#message(frameText(data)));
    socket.on("close", () => this.end());
    socket.on("error", () => socket.terminate());
  }

  #wrap(stream: string, data: string): string {
    return this.#isCombined ? `{"stream":${JSON.stringify(stream)},"data":${data}}` : data;
  }

  event(about: StreamClass, event: object): void {
    this.outlet.tell(about, this.#wrap(this.#userKey, JSON.stringify(event)));
  }

  expired(listenKey: string): void {
    this.#names.delete(listenKey);
    const event = { e: "listenKeyExpired", E: Date.now(), listenKey };
    this.outlet.answer(this.#wrap(listenKey, JSON.stringify(event)));
  }

  /** Ends every subscription. */
  end(): void {
    for (const name of [...this.#names]) this.#unsubscribe(name);
    this.#sources.users.unsubscribe(this);
    this.outlet.end();
  }

  /** Adds a stream by its name, or a user's by its listen key; false where there is none such. */
  subscribe(name: string): boolean {
    if (this.#names.has(name)) return true;
    if (this.#names.size >= STREAMS_MAX) return false;
    const [symbol, stream] = split(name);
    if (stream === undefined) {
      if (!this.#sources.users.listen(name, this)) return false;
      this.#userKey = name;
      this.#names.add(name);
      return true;
    }
    const streams = this.#sources.symbols.get(symbol);
    if (streams === undefined || !SymbolStreams.isStream(stream)) return false;
    streams.subscribe(stream, this.#hearer);
    this.#names.add(name);
    return true;
  }

  #unsubscribe(name: string): void {
    if (!this.#names.delete(name)) return;
    const [symbol, stream] = split(name);
    if (stream === undefined) this.#sources.users.unsubscribe(this);
    else this.#sources.symbols.get(symbol)?.unsubscribe(stream, this.#hearer);
  }

  #message(text: string): void {
    const request = parse(text);
    if (request === undefined) {
      this.outlet.answer(JSON.stringify({ error: { code: 3, msg: "Invalid JSON: expected value" } }));
      return;
    }
    const { id = null, method, params } = request;
    const names = Array.isArray(params) ? params.filter((each) => typeof each === "string") : [];
    const done = (result: unknown): void => this.outlet.answer(JSON.stringify({ result, id }));
    switch (method) {
      case "SUBSCRIBE":
        // As the exchange does, a name that stands for nothing is taken without a word: nothing ever comes of it.
        for (const name of names) this.subscribe(name);
        done(null);
        return;
      case "UNSUBSCRIBE":
        for (const name of names) this.#unsubscribe(name);
        done(null);
        return;
      case "LIST_SUBSCRIPTIONS":
        done([...this.#names]);
        return;
      case "SET_PROPERTY":
        this.#isCombined = Array.isArray(params) && params[0] === "combined" && params[1] === true;
        done(null);
        return;
      case "GET_PROPERTY":
        done(this.#isCombined);
        return;
      default: {
        const msg = `Invalid request: unknown variant \`${String(method)}\``;
        this.outlet.answer(JSON.stringify({ error: { code: 2, msg }, id }));
      }
    }
  }
}

function split(name: string): [string, string | undefined] {
  const at = name.indexOf("@");
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}

/** A message of a client as an object; undefined where it is none. */
export function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What a client sent, as text. */
export function frameText(data: RawData): string {
  const bytes = Array.isArray(data)
    ? Buffer.concat(data)
    : data instanceof ArrayBuffer
      ? Buffer.from(data)
      : data;
  return bytes.toString("utf8");
}
