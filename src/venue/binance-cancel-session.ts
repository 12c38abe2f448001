import { createHmac } from "node:crypto";
import type { RawData, WebSocket } from "ws";
import { checkArray, checkInteger, checkKeys, checkText, Fault } from "../base/index.ts";
import type { CancelSession, CancelSessionEvents, CancelTarget } from "../port/index.ts";
import { type BinanceKeySource, type BinanceKeys, readBinanceKeys } from "./binance-keys.ts";
import { checkUrl } from "./binance-options.ts";
import { cleanWords } from "./ccxt-errors.ts";
import { loadWebSocket } from "./ws-peer.ts";

/** What a cancel session at Binance is made from: plain data, which a `KillAgent` copies into its thread. */
export interface BinanceCancelOptions {
  /** Symbols at Binance by the places of their instruments on the board; a mass cancel takes all of them. */
  readonly symbols: readonly string[];
  /** Where the keys are read from, in the agent's thread: keys that may trade and not withdraw. */
  readonly keys: BinanceKeySource;
  /** The websocket API; Binance's own unless given. */
  readonly url?: string;
  /** Until a connection or its first answers are given up; 5,000 unless given. @units ms */
  readonly timeoutMs?: number;
}

const KEYS = [
  "symbols",
  "keys",
  "url",
  "timeoutMs",
] as const satisfies readonly (keyof BinanceCancelOptions)[];
const LIVE_URL = "wss://ws-api.binance.com:443/ws-api/v3";
/** The order is not open, or not there yet. */
const UNKNOWN_ORDER = -2011;
/** More than that waits in the socket: what else is to leave comes again in a moment. @units bytes */
const BACKLOG_MAX = 1 << 20;
const FRAME_BYTES_MAX = 16 << 20;
/** What a list of all symbols weighs, and a list of one. */
const WEIGHT = { all: 80, one: 6 } as const;
const RECV_WINDOW_MS = 10_000;

/** An answer of the websocket API, as far as it is read. */
interface Answer {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code?: unknown; readonly msg?: unknown } | undefined;
}

type Heard = (answer: Answer) => void;

/**
 * A cancel-only session at Binance spot, for a `KillAgent`: its `module` is
 * `import.meta.resolve("tickwright/venue/binance-cancel")`. One websocket carries all cancels at once: nothing waits for
 * an answer. Needs the optional peer `ws`.
 *
 * A mass cancel is one message a symbol. Open orders are asked for symbol by symbol, or all at once where that weighs
 * less.
 *
 * @invariant It can send cancels and questions, and nothing else. No key stands in what it says or throws.
 * @throws `FAULT_CONFIG` naming the option, `FAULT_PEER_MISSING`, `FAULT_IO` where Binance does not answer or refuses
 * the keys
 * @cost A cancel is one signature (HMAC-SHA256) and one message
 * @source Binance spot WebSocket API: order.cancel, openOrders.cancelAll, openOrders.status
 */
export async function openCancelSession(
  options: unknown,
  events: CancelSessionEvents,
): Promise<CancelSession> {
  const path = "binanceCancel";
  const said = options as BinanceCancelOptions;
  checkKeys(path, said, KEYS);
  const symbols = checkArray(`${path}.symbols`, said.symbols);
  for (const [i, symbol] of symbols.entries()) checkText(`${path}.symbols[${i}]`, symbol);
  const url = checkUrl(`${path}.url`, said.url ?? LIVE_URL, ["ws:", "wss:"]);
  const timeoutMs = checkInteger(`${path}.timeoutMs`, said.timeoutMs ?? 5_000, 1);
  const keys = readBinanceKeys(`${path}.keys`, said.keys);
  const Socket = await loadWebSocket();
  const socket = new Socket(url, {
    ...{ maxPayload: FRAME_BYTES_MAX, handshakeTimeout: timeoutMs, perMessageDeflate: false },
  });
  const session = new BinanceCancelSession(socket, symbols, keys, events);
  try {
    await session.begin(timeoutMs);
  } catch (cause) {
    session.close();
    throw cause;
  }
  return session;
}

/** The session on one socket. */
class BinanceCancelSession implements CancelSession {
  readonly #socket: WebSocket;
  readonly #symbols: readonly string[];
  readonly #keys: BinanceKeys;
  readonly #events: CancelSessionEvents;
  readonly #waiting = new Map<number, Heard>();
  /** Symbols of orders that stand on no board and were found by a question. */
  #found = new Map<string, string>();
  #lastId = 0;
  /** How far Binance's clock is ahead of ours. @units ms */
  #aheadMs = 0;
  #isClosed = false;

  constructor(socket: WebSocket, symbols: readonly string[], keys: BinanceKeys, events: CancelSessionEvents) {
    this.#socket = socket;
    this.#symbols = symbols;
    this.#keys = keys;
    this.#events = events;
    socket.on("message", (data) => this.#message(data));
    socket.on("pong", () => this.#alive());
    // What went wrong is told behind it, by `close`.
    socket.on("error", () => undefined);
    socket.on("close", (code) => this.#closed(code));
  }

  /** Connects, sets the clock, and asks something that only these keys may ask. */
  async begin(timeoutMs: number): Promise<void> {
    const late = setTimeout(() => this.#socket.terminate(), timeoutMs);
    try {
      await new Promise<void>((done, fail) => {
        this.#socket.once("open", done);
        this.#socket.once("error", () => fail(this.#fault("a connection")));
      });
      const { serverTime } = (await this.#ask("time", {})) as { readonly serverTime: number };
      this.#aheadMs = Number(serverTime) - Date.now();
      await this.#ask("openOrders.status", this.#signed({ symbol: this.#symbols[0] as string }));
    } finally {
      clearTimeout(late);
    }
  }

  cancel(targets: readonly CancelTarget[]): number {
    let given = 0;
    for (const { id, instrument, side } of targets) {
      if (this.#socket.bufferedAmount > BACKLOG_MAX) break;
      given += 1;
      const symbol = side === 0 ? this.#found.get(id) : this.#symbols[instrument];
      if (symbol === undefined) this.#events.rejected(id, "no symbol is known of it");
      else this.#cancel(symbol, id);
    }
    return given;
  }

  queryOpen(): void {
    const { length } = this.#symbols;
    const isEach = length * WEIGHT.one <= WEIGHT.all;
    const questions = isEach ? this.#symbols.map((symbol) => ({ symbol })) : [{}];
    const found = new Map<string, string>();
    let left = questions.length;
    for (const question of questions) {
      this.#send("openOrders.status", this.#signed(question), ({ result, error }) => {
        // Without one of the lists nothing is known of any: the agent asks again.
        if (error !== undefined || !Array.isArray(result)) return this.#alive();
        for (const each of result) found.set(textOf(each, "clientOrderId"), textOf(each, "symbol"));
        left -= 1;
        if (left > 0) return;
        this.#found = found;
        this.#events.open([...found.keys()]);
      });
    }
  }

  heartbeat(): void {
    this.#socket.ping();
  }

  massCancel(): void {
    for (const symbol of this.#symbols) {
      this.#send("openOrders.cancelAll", this.#signed({ symbol }), ({ result }) => {
        this.#alive();
        if (!Array.isArray(result)) return;
        for (const each of result) this.#events.canceled(textOf(each, "origClientOrderId"));
      });
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#socket.terminate();
  }

  #cancel(symbol: string, id: string): void {
    this.#send("order.cancel", this.#signed({ symbol, origClientOrderId: id }), ({ status, error }) => {
      if (status === 200) return this.#events.canceled(id);
      const isUnknown = error?.code === UNKNOWN_ORDER;
      this.#events.rejected(id, isUnknown ? "not open, or not there yet" : this.#words(error));
    });
  }

  #alive(): void {
    this.#events.alive();
  }

  /** What Binance answers to the first questions. @throws `FAULT_IO` */
  async #ask(method: string, parameters: object): Promise<unknown> {
    const answer = await new Promise<Answer>((done, fail) => {
      this.#socket.once("close", () => fail(this.#fault("an answer")));
      this.#send(method, parameters, done);
    });
    if (answer.status === 200) return answer.result;
    throw this.#fault(`an answer to ${method}; ${this.#words(answer.error)}`);
  }

  #send(method: string, parameters: object, heard: Heard): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#waiting.set(id, heard);
    this.#socket.send(JSON.stringify({ id, method, params: parameters }));
  }

  #signed(parameters: Readonly<Record<string, string>>): object {
    const { apiKey, secret } = this.#keys;
    const timestamp = Date.now() + this.#aheadMs;
    const all: Record<string, string | number> = {
      ...{ ...parameters, apiKey, timestamp, recvWindow: RECV_WINDOW_MS },
    };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join("&");
    return { ...all, signature: createHmac("sha256", secret).update(payload).digest("hex") };
  }

  #message(data: RawData): void {
    if (this.#isClosed) return;
    let answer: Answer;
    try {
      answer = JSON.parse((data as Buffer).toString("utf8")) as Answer;
    } catch {
      // Whatever it is, something lives there.
      return this.#alive();
    }
    const id = Number(answer?.id);
    const heard = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (heard === undefined) this.#alive();
    else heard(answer);
  }

  #closed(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.clear();
    this.#events.down(`the connection was closed (${code})`);
  }

  /** The venue's words without the keys. */
  #words(error: Answer["error"]): string {
    const { apiKey, secret } = this.#keys;
    const words = error === undefined ? "no reason" : `${textOf(error, "code")} ${textOf(error, "msg")}`;
    return cleanWords(words, [apiKey, secret]);
  }

  #fault(expected: string): Fault {
    return new Fault("FAULT_IO", { path: "binanceCancel", value: "VENUE_UNREACHABLE", expected });
  }
}

function textOf(row: unknown, name: string): string {
  const value = (row as Readonly<Record<string, unknown>> | null)?.[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
