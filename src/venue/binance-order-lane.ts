import { Fault, Prng } from "../base/index.ts";
import type { BinanceKeys } from "./binance-keys.ts";
import {
  type BinanceAnswer,
  BinanceOrderAnswers,
  type BinanceRequest,
  unknown,
} from "./binance-order-answers.ts";
import { type BinanceError, meaningOf, wordsOf } from "./binance-order-errors.ts";
import { BinanceOrderFrames } from "./binance-order-frames.ts";
import type { BinanceOrdersPlan } from "./binance-orders-options.ts";
import { BinanceSigner } from "./binance-signer.ts";
import { BinanceSocket } from "./binance-socket.ts";
import { RetryWait } from "./retry-wait.ts";
import type { VenueOutcome, VenueTrouble } from "./venue-client.ts";
import type { WebSocketClass } from "./ws-peer.ts";

interface Pending {
  readonly request: BinanceRequest;
  readonly resolve: (outcome: VenueOutcome) => void;
  readonly sentNs: number;
}

type Heard = (answer: BinanceAnswer | undefined) => void;

const NS_PER_MS = 1_000_000;
/** A reading of the venue's clock that took longer says too little. */
const READING_NS_MAX = 1_000 * NS_PER_MS;
const FIRST_ID = /^\s*\{\s*"id"\s*:\s*(\d{1,15})\b/;
const HEAD_BYTES = 64;
const WORDS = new TextDecoder();

/** What a lane is made from. */
export interface LaneParts {
  readonly plan: BinanceOrdersPlan;
  readonly make: WebSocketClass;
  readonly keys: BinanceKeys;
  readonly tell: (trouble: VenueTrouble) => void;
}

/**
 * The websocket that carries orders: frames out, answers in, each request with one outcome.
 *
 * @invariant A request that was written and has no answer is `unknown`: after a time, or when its connection ends.
 */
export class BinanceOrderLane {
  readonly frames: BinanceOrderFrames;
  readonly #plan: BinanceOrdersPlan;
  readonly #parts: LaneParts;
  readonly #signer: BinanceSigner;
  readonly #answers: BinanceOrderAnswers;
  readonly #wait: RetryWait;
  readonly #pending = new Map<number, Pending>();
  readonly #asked = new Map<number, Heard>();
  readonly #baseMs: number;
  readonly #baseRestNs: number;
  #socket: BinanceSocket;
  #lastId = 0;
  /** How far the venue's clock is ahead of ours. @units ns */
  #aheadNs = 0;
  #hasClock = false;
  #isOpening = true;
  #isClosed = false;
  #told: VenueTrouble | undefined;
  #takeBackTimeout: (() => void) | undefined;
  #takeBackClock: (() => void) | undefined;

  constructor(parts: LaneParts) {
    const { plan, keys } = parts;
    this.#parts = parts;
    this.#plan = plan;
    this.#signer = new BinanceSigner(keys);
    this.frames = new BinanceOrderFrames(plan.instruments, this.#signer, plan.recvWindowMs);
    this.#answers = new BinanceOrderAnswers({
      baseNs: plan.baseNs,
      venueNowNs: () => Math.floor((plan.clock.nowNs() + this.#aheadNs) / NS_PER_MS) * NS_PER_MS,
      secrets: this.#signer.secrets,
    });
    this.#wait = new RetryWait(new Prng(plan.seed), plan.retryMsMin, plan.retryMsMax);
    this.#baseMs = Number(plan.baseNs / BigInt(NS_PER_MS));
    this.#baseRestNs = Number(plan.baseNs % BigInt(NS_PER_MS));
    this.#socket = this.#newSocket();
  }

  /** A number for the next frame. */
  takeId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The venue's time. @units epoch ms */
  nowMs(): number {
    const ns = this.#plan.clock.nowNs() + this.#aheadNs + this.#baseRestNs;
    return this.#baseMs + Math.floor(ns / NS_PER_MS);
  }

  /** Connects, reads the clock, and asks something that only these keys may ask. @throws `FAULT_IO` */
  async open(): Promise<void> {
    const cause = (await this.#socket.open()) ?? (await this.#begin());
    this.#isOpening = false;
    if (cause === undefined) return;
    const isRefused = cause.code === "VENUE_AUTHENTICATION" || cause.code === "VENUE_PERMISSION";
    if (isRefused || !this.#plan.fallback) {
      throw new Fault("FAULT_IO", {
        path: "orders.open",
        value: cause.code,
        expected: `an answer; ${cause.words}`,
      });
    }
    this.#tell(cause);
    if (this.#socket.isOpen) return this.#socket.renew();
    this.#socket = this.#newSocket();
    this.#socket.start();
  }

  /** Writes a request; undefined, and nothing was written, where there is no connection that takes it. */
  send(id: number, frame: string, request: BinanceRequest): Promise<VenueOutcome> | undefined {
    if (!this.#hasClock || !this.#socket.send(frame)) return undefined;
    const sentNs = this.#plan.clock.nowNs();
    return new Promise((resolve) => {
      this.#pending.set(id, { request, resolve, sentNs });
      if (this.#takeBackTimeout === undefined) this.#expireAfter(this.#plan.timeoutMs * NS_PER_MS);
    });
  }

  /** Requests without an answer. */
  get inFlight(): number {
    return this.#pending.size;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#takeBackTimeout?.();
    this.#takeBackClock?.();
    this.#fail({ code: "VENUE_DISCONNECTED", words: "the client was closed" });
    await this.#socket.close();
  }

  #newSocket(): BinanceSocket {
    const { url, heartbeatMs, silenceMs, renewMs, timeoutMs, frameBytesMax } = this.#plan;
    const terms = {
      ...{ streamUrl: url, heartbeatMs, silenceMs, renewMs, timeoutMs, frameBytesMax },
      lingerMs: timeoutMs,
    };
    return new BinanceSocket(this.#parts.make, terms, this.#wait, {
      connected: () => {
        if (!this.#isOpening) void this.#readClock((text) => this.#socket.send(text));
      },
      disconnected: (cause) => {
        this.#fail(cause);
        this.#tell(cause);
      },
      message: (bytes) => this.#message(bytes),
      alive: () => {},
      trouble: (trouble) => this.#tell(trouble),
      renew: (send) => this.#readClock(send),
    });
  }

  async #begin(): Promise<VenueTrouble | undefined> {
    const send = (text: string): boolean => this.#socket.send(text);
    const cause = await this.#readClock(send);
    if (cause !== undefined) return cause;
    const [first] = this.#plan.instruments;
    if (first === undefined) return undefined;
    const id = this.takeId();
    const answer = await this.#ask(id, this.frames.question(id, first.symbol, this.nowMs()), send);
    if (answer === undefined) return { code: "VENUE_TIMEOUT", words: "no answer to a question" };
    if (answer.status === 200) {
      this.#answers.hasProven = true;
      return undefined;
    }
    const error = (answer.error ?? {}) as BinanceError;
    const { code } = meaningOf(Number(answer.status), error, false);
    return { code, words: wordsOf(error, this.#signer.secrets) };
  }

  // --- the venue's clock ---

  async #readClock(send: (text: string) => boolean): Promise<VenueTrouble | undefined> {
    const { clock, clockEveryMs, baseNs } = this.#plan;
    this.#takeBackClock?.();
    this.#takeBackClock = clock.after(clockEveryMs * NS_PER_MS, () => {
      this.#takeBackClock = undefined;
      if (!this.#isClosed) void this.#readClock((text) => this.#socket.send(text));
    });
    const sentNs = clock.nowNs();
    const id = this.takeId();
    const answer = await this.#ask(id, `{"id":${id},"method":"time"}`, send);
    const heardNs = clock.nowNs();
    const ms = (answer?.result as { readonly serverTime?: unknown } | undefined)?.serverTime;
    if (answer?.status !== 200 || typeof ms !== "number" || !Number.isSafeInteger(ms)) {
      // Nothing leaves without it.
      if (!this.#hasClock && !this.#isOpening) this.#socket.renew();
      return { code: "VENUE_TIMEOUT", words: "the venue did not tell its time" };
    }
    if (heardNs - sentNs <= READING_NS_MAX || !this.#hasClock) {
      const venueNs = Number(BigInt(ms) * BigInt(NS_PER_MS) - baseNs);
      this.#aheadNs = Math.round(venueNs - (sentNs + heardNs) / 2);
      this.#hasClock = true;
    }
    return undefined;
  }

  async #ask(id: number, frame: string, send: (text: string) => boolean): Promise<BinanceAnswer | undefined> {
    return await new Promise((resolve) => {
      const takeBack = this.#plan.clock.after(this.#plan.timeoutMs * NS_PER_MS, () =>
        this.#heard(id, undefined),
      );
      this.#asked.set(id, (answer) => {
        takeBack();
        resolve(answer);
      });
      if (!send(frame)) this.#heard(id, undefined);
    });
  }

  #heard(id: number, answer: BinanceAnswer | undefined): boolean {
    const heard = this.#asked.get(id);
    this.#asked.delete(id);
    heard?.(answer);
    return heard !== undefined;
  }

  // --- what comes ---

  #message(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    let said: unknown;
    try {
      said = JSON.parse(WORDS.decode(bytes));
    } catch {
      return this.#unreadable(bytes);
    }
    const answer = (typeof said === "object" && said !== null ? said : {}) as BinanceAnswer & {
      readonly event?: { readonly e?: unknown };
      readonly e?: unknown;
    };
    const { id } = answer;
    if (typeof id === "number") {
      if (this.#settle(id, answer) || this.#heard(id, answer)) return;
      // Its time was over: what became of it is asked.
      if (id <= this.#lastId) return;
    }
    if ((answer.event?.e ?? answer.e) === "serverShutdown") return this.#socket.renew();
    this.#tell({ code: "VENUE_MALFORMED", words: "a message that answers nothing" });
  }

  #settle(id: number, answer: BinanceAnswer): boolean {
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    this.#pending.delete(id);
    const outcome = this.#answers.outcome(pending.request, answer);
    if (outcome.outcome === "notSent" && outcome.cause.code === "VENUE_CLOCK") {
      void this.#readClock((text) => this.#socket.send(text));
    }
    pending.resolve(outcome);
    return true;
  }

  /** A message that is no JSON: whose answer it was, its first bytes may say. */
  #unreadable(bytes: Uint8Array): void {
    const trouble: VenueTrouble = { code: "VENUE_MALFORMED", words: "an answer that is no JSON" };
    const id = Number(FIRST_ID.exec(WORDS.decode(bytes.subarray(0, HEAD_BYTES)))?.[1]);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.resolve({ outcome: "unknown", cause: trouble });
    this.#heard(id, undefined);
    this.#tell(trouble);
  }

  // --- what does not come ---

  #expireAfter(delayNs: number): void {
    this.#takeBackTimeout = this.#plan.clock.after(delayNs, () => {
      this.#takeBackTimeout = undefined;
      this.#expire();
    });
  }

  /** Ends what has waited too long: the oldest are the first. */
  #expire(): void {
    const { clock, timeoutMs } = this.#plan;
    const nowNs = clock.nowNs();
    const timeoutNs = timeoutMs * NS_PER_MS;
    for (const [id, { resolve, sentNs }] of this.#pending) {
      const leftNs = sentNs + timeoutNs - nowNs;
      if (leftNs > 0) return this.#expireAfter(leftNs);
      this.#pending.delete(id);
      resolve(unknown("VENUE_TIMEOUT", `no answer within ${timeoutMs} ms`));
      // It may answer no more though it is open.
      this.#socket.renew();
    }
  }

  #fail(cause: VenueTrouble): void {
    for (const { resolve } of this.#pending.values()) resolve({ outcome: "unknown", cause });
    this.#pending.clear();
    for (const id of [...this.#asked.keys()]) this.#heard(id, undefined);
  }

  #tell(cause: VenueTrouble): void {
    if (this.#isClosed || cause === this.#told) return;
    this.#told = cause;
    this.#parts.tell({ code: cause.code, words: `orders' websocket: ${cause.words}` });
  }
}
