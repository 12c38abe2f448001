import type { VenueTrouble } from "./venue-client.ts";

const NAMES_MAX = 200;
/** Answers are short; longer messages are none. */
const ANSWER_BYTES_MAX = 4_096;

/** What a message that is no plain message of a stream turned out to be. */
export type OtherMessage = "answer" | "malformed" | { readonly stream: string };

interface Pending {
  readonly resolve: (cause: VenueTrouble | undefined) => void;
  readonly late: NodeJS.Timeout;
}

/** Requests over a connection and their answers, by number. */
export class BinanceRequests {
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  #next = 1;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Asks in portions; resolves with the first trouble, or nothing when all were answered. */
  async ask(
    method: string,
    names: readonly string[],
    send: (text: string) => boolean,
  ): Promise<VenueTrouble | undefined> {
    const asked: Promise<VenueTrouble | undefined>[] = [];
    for (let i = 0; i < names.length; i += NAMES_MAX) {
      asked.push(this.#one(method, names.slice(i, i + NAMES_MAX), send));
    }
    return (await Promise.all(asked)).find((cause) => cause !== undefined);
  }

  /** Reads a message as JSON: an answer to a request is told to who waits for it. */
  answer(bytes: Uint8Array): OtherMessage {
    let said: unknown;
    try {
      said = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return "malformed";
    }
    if (typeof said !== "object" || said === null) return "malformed";
    if ("stream" in said && typeof said.stream === "string") return { stream: said.stream };
    if (bytes.length > ANSWER_BYTES_MAX || !("id" in said) || typeof said.id !== "number") return "malformed";
    const pending = this.#pending.get(said.id);
    if (pending === undefined) return "answer";
    this.#pending.delete(said.id);
    clearTimeout(pending.late);
    pending.resolve("error" in said ? refused(said.error) : undefined);
    return "answer";
  }

  /** Nothing will be answered any more. */
  fail(cause: VenueTrouble): void {
    for (const { resolve, late } of this.#pending.values()) {
      clearTimeout(late);
      resolve(cause);
    }
    this.#pending.clear();
  }

  async #one(
    method: string,
    params: readonly string[],
    send: (text: string) => boolean,
  ): Promise<VenueTrouble | undefined> {
    const id = this.#next++;
    return await new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#pending.delete(id);
        resolve({ code: "VENUE_TIMEOUT", words: `${method} was not answered within ${this.#timeoutMs} ms` });
      }, this.#timeoutMs);
      this.#pending.set(id, { resolve, late });
      if (send(JSON.stringify({ method, params, id }))) return;
      clearTimeout(late);
      this.#pending.delete(id);
      resolve({ code: "VENUE_DISCONNECTED", words: "there is no connection" });
    });
  }
}

function refused(error: unknown): VenueTrouble {
  const words = JSON.stringify(error).slice(0, 200);
  return { code: "VENUE_UNKNOWN_INSTRUMENT", words };
}
