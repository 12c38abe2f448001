import type { WebSocket } from "ws";
import { frameText, type MessageId, readMessage } from "./client-message.ts";
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
const NAMES_WRONG = "Invalid request: expected a list of names of streams";

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
    const request = readMessage(text);
    if (request === undefined) {
      this.outlet.answer(JSON.stringify({ error: { code: 3, msg: "Invalid JSON: expected value" } }));
      return;
    }
    const { id, isIdValid, method, params } = request;
    if (!isIdValid) return this.#wrong(2, "Invalid request: request ID must be an unsigned integer", null);
    const names = namesOf(params);
    const done = (result: unknown): void => this.outlet.answer(JSON.stringify({ result, id }));
    switch (method) {
      case "SUBSCRIBE":
        if (names === undefined) return this.#wrong(2, NAMES_WRONG, id);
        // As the exchange does, a name that stands for nothing is taken without a word: nothing ever comes of it.
        for (const name of names) this.subscribe(name);
        done(null);
        return;
      case "UNSUBSCRIBE":
        if (names === undefined) return this.#wrong(2, NAMES_WRONG, id);
        for (const name of names) this.#unsubscribe(name);
        done(null);
        return;
      case "LIST_SUBSCRIPTIONS":
        done([...this.#names]);
        return;
      case "SET_PROPERTY":
        if (!Array.isArray(params) || params[0] !== "combined") return this.#wrong(0, "Unknown property", id);
        if (typeof params[1] !== "boolean") return this.#wrong(1, "Invalid value type: expected Boolean", id);
        this.#isCombined = params[1];
        done(null);
        return;
      case "GET_PROPERTY":
        done(this.#isCombined);
        return;
      default:
        if (typeof method === "string")
          return this.#wrong(2, `Invalid request: unknown variant \`${method.slice(0, 64)}\``, id);
        this.#wrong(2, "Invalid request: missing field `method`", id);
    }
  }

  #wrong(code: number, msg: string, id: MessageId): void {
    this.outlet.answer(JSON.stringify({ error: { code, msg }, id }));
  }
}

/** Names of streams; undefined where they are none, or other things stand among them. */
function namesOf(params: unknown): readonly string[] | undefined {
  return Array.isArray(params) && params.every((each) => typeof each === "string") ? params : undefined;
}

function split(name: string): [string, string | undefined] {
  const at = name.indexOf("@");
  return at < 0 ? [name, undefined] : [name.slice(0, at), name.slice(at + 1)];
}
