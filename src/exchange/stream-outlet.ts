import type { WebSocket } from "ws";
import type { ExchangeFaults } from "./exchange-faults.ts";
import type { FaultRule, StreamClass } from "./fault-rules.ts";

/** Bytes that may wait in a socket before a client that does not read is cut off. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
const OVERSIZED_BYTES = 40 * 1024 * 1024;

/**
 * The way out to one websocket: messages of streams pass the faults, answers to requests on it do not.
 */
export class StreamOutlet {
  readonly socket: WebSocket;
  readonly #faults: ExchangeFaults;
  /** Whether nothing is sent any more, though the connection stands. */
  isFrozen = false;
  /** What waits for the next message of its sort. */
  readonly #held: Map<StreamClass, string> = new Map();
  readonly #timers: Set<NodeJS.Timeout> = new Set();

  constructor(socket: WebSocket, faults: ExchangeFaults) {
    this.socket = socket;
    this.#faults = faults;
  }

  /** From now on nothing is sent, pongs neither. */
  freeze(): void {
    this.isFrozen = true;
    this.socket.pause();
  }

  /** Ends what waits for its time. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Sends without faults. */
  answer(text: string): void {
    if (this.isFrozen || this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > WAITING_BYTES_MAX) this.socket.terminate();
    else this.socket.send(text);
  }

  /** Sends without faults, followed by very much of nothing. */
  bloat(text: string): void {
    this.answer(text + " ".repeat(OVERSIZED_BYTES));
  }

  /** Sends a message of a stream. */
  tell(about: StreamClass, text: string): void {
    if (this.isFrozen) return;
    const rule = this.#faults.forMessage(about);
    if (rule !== undefined) {
      this.#strike(rule, about, text);
      return;
    }
    this.answer(text);
    this.#release(about);
  }

  #release(about: StreamClass): void {
    const held = this.#held.get(about);
    this.#held.delete(about);
    if (held !== undefined) this.answer(held);
  }

  #later(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    this.#timers.add(timer);
  }

  #strike(rule: FaultRule, about: StreamClass, text: string): void {
    const delayMs = rule.delayMs ?? 50;
    switch (rule.kind) {
      case "duplicateMessage":
        this.answer(text);
        this.answer(text);
        return;
      case "reorderMessage":
        this.#release(about);
        this.#held.set(about, text);
        this.#later(delayMs, () => this.#release(about));
        return;
      case "delayMessage":
        this.#later(delayMs, () => this.answer(text));
        return;
      case "malformedFrame":
        this.answer(text.slice(0, Math.floor(text.length / 2)));
        return;
      case "oversizedFrame":
        this.bloat(text);
        return;
      case "halfOpen":
        this.freeze();
        return;
      case "disconnect":
        this.answer(text);
        this.socket.close(1001);
        return;
      case "terminate":
        this.socket.terminate();
        return;
      default: // dropMessage
    }
  }
}
